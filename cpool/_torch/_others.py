"""The functions of cpool that torch.nn has no counterpart of, made from cpool's own."""

import re
from functools import partial
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor

import cpool

from .. import _texts
from .._factory import compiled, named
from .._geometry import grid_strips
from .._numbered import listed
from . import _general
from ._arguments import RAISES, checked, overridable, spatial_axes
from ._names import parameters, parsed
from ._operators import _each
from ._tensors import check, is_channels_last

# of cpool's arguments those that PyTorch has other habits for
LEFT_OUT = ("out", "data_format", "axis", "dtype", "index_dtype", "rng", "return_samples", "return_positions")
ARRAYS = (
    "mask", "logits", "gate", "gates", "leaves", "rank_weights", "p", "c", "alpha", "lam", "bias", "r",
    "temperature", "filter", "scores", "query", "lengths", "offsets", "weights", "boxes", "batch_indices",
    "random_samples", "indices",
)
RENAMED = {"random_samples": "_random_samples"}      # as in PyTorch, which has it by position
_THERE = re.compile(r"(adaptive_)?(max|min|avg|sum|lp)_(un)?pool\dd|global_(max|min|avg|sum|lp)_pool")
_NOT_POOLING = ("block_reduce", "dynamic_k", "convert_indices", "from_keras", "from_onnx", "from_torch",
                "output_shape", "windows", "num_threads", "get_num_threads", "set_num_threads", "show_config")


def _renamed(name, parameter):
    """A parameter as PyTorch would call it, or None."""
    if name == "kmax_pool" and parameter.name == "axis":
        return parameter.replace(name="dim")
    if parameter.name in LEFT_OUT:
        return None
    if parameter.name == "x":
        return parameter.replace(name="input")
    if name.startswith("fractional") and parameter.name in RENAMED:
        return parameter.replace(name=RENAMED[parameter.name], kind=parameter.POSITIONAL_OR_KEYWORD)
    return parameter


def signature(name):
    """The parameters of the function for tensors."""
    found = [_renamed(name, p) for p in parameters(name).values()]
    found = [p for p in found if p is not None]
    return sorted(found, key=lambda p: p.kind)


# ---- calls ----


def _called(name, stem, nd, defaults, *values):
    given = dict(zip(defaults, values, strict=True))
    x = given.pop("input")
    if nd:
        last = checked(x, nd)
    else:
        check(x, "input")
        last = False
    if "dim" in given:
        given["axis"] = given.pop("dim")
    if "spatial_ndim" in given:
        given["spatial_ndim"] = spatial_axes(x, given["spatial_ndim"])
    if "boxes" in given:
        given["boxes"] = _boxes(given["boxes"])
        last = x.dim() > 2 and is_channels_last(x, 2)
        nd = 2
    if stem == "stochastic" and given["training"] and given["indices"] is None:
        given["random_samples"] = _samples(name, given, x)
    if "_random_samples" in given:
        given["random_samples"] = _fractions(given.pop("_random_samples"), given["boundaries"], x, nd)
    if stem == "s3" and given["training"]:
        given["positions"] = _positions(given, x.shape[-nd:])
    tensors, rest = {"x": x}, []
    for key, value in given.items():
        if value is None or (key != "spatial_ndim" and value is defaults.get(key, _general)):
            continue
        if key in ARRAYS and isinstance(value, (np.ndarray, Tensor)):
            tensors[key] = check(torch.as_tensor(value), key)
        elif key == "positions":
            tensors |= {f"positions.{i}": check(torch.as_tensor(each), key) for i, each in enumerate(value)}
        else:
            rest.append((key, _exact(value)))
    last = nd if last and all(
        t.dim() in (0, x.dim()) for n, t in tensors.items() if n in _general.SPATIAL or stem == "stochastic"
    ) else 0
    results = _general.apply(_general.Call(name, "", tuple(tensors), tuple(rest), last), *tensors.values())
    if name in _general.SEVERAL:
        return list(results)
    return results if len(results) > 1 else results[0]


def _exact(value):
    """A value that can be written down: exact numbers, tuples, text."""
    if isinstance(value, (Tensor, np.ndarray, np.generic)):
        value = value.tolist()
    if isinstance(value, (list, tuple)):
        return tuple(map(_exact, value))
    return value


def _boxes(boxes):
    """One tensor of (image, x1, y1, x2, y2) rows from a list of corners for each image."""
    if isinstance(boxes, (list, tuple)) and boxes and all(isinstance(b, Tensor) for b in boxes):
        rows = [torch.cat([b.new_full((len(b), 1), i), b], 1) for i, b in enumerate(boxes)]
        return torch.cat(rows)
    return boxes


# ---- what is drawn: by PyTorch's generator ----


def _samples(name, given, x):
    if given["random_samples"] is not None:
        return given["random_samples"]
    with torch.no_grad():
        shape = _general.shapes(name, {n: v for n, v in given.items() if v is not None}, x)[0][0]
    return torch.rand(shape, dtype=torch.float64)


def _fractions(samples, boundaries, x, nd):
    """One number for each plane and axis, as PyTorch draws them."""
    if boundaries is not None:
        return None
    leading = x.shape[:-nd]
    if samples is None:
        leading = leading if len(leading) > 1 else (1, *leading)
        kind = x.dtype if x.is_floating_point() else torch.float64
        samples = torch.rand((*leading, nd), dtype=kind, device=x.device)
    return samples[0] if isinstance(samples, Tensor) and samples.dim() == 3 and x.dim() == nd + 1 else samples


def _positions(given, sizes):
    """The places that S3Pool keeps of every strip, along each axis."""
    nd, found, kept = len(sizes), [], given["positions"]
    if kept is not None:
        return kept if nd > 1 or (isinstance(kept, (tuple, list)) and torch.is_tensor(kept[0])) else [kept]
    kernel, stride, grid = (given[n] for n in ("kernel_size", "stride", "grid_size"))
    stride = kernel if stride is None else stride
    grid = stride if grid is None else grid
    for n, s, g in zip(sizes, _each(stride, nd), _each(grid, nd), strict=True):
        if not all(isinstance(v, int) and v > 0 for v in (s, g)) or g % s or g > n:
            return None                     # which cpool refuses
        edges, kept = grid_strips(int(n), s, g)
        parts = [torch.randperm(int(stop - start))[:kept].sort().values + int(start)
                 for start, stop in pairwise(edges)]
        found.append(torch.cat(parts))
    return found


# ---- the functions ----


# of functions and layers: arguments behind the input of a call, and those of the layer
_EXAMPLES = {
    "lip": ("torch.zeros(1, 2{sizes})", ""), "gated": ("", "torch.zeros({kernel}), "),
    "tree": ("", "torch.zeros(1, {kernel}), torch.zeros(2, {kernel}), "),
    "ordinal": ("", "torch.ones({count}), "), "lp": ("", "2.0, "),
}
_OTHER_EXAMPLES = {     # sizes of the input, these two, and the shape of the result
    "kmax_pool": ("1, 2, 6", "", "3", (1, 2, 3)), "segment_pool": ("6, 2", "lengths=[2, 4]", "", (2, 2)),
    "token_pool": ("1, 6, 2", "", "", (1, 2)), "max_over_time_pool": ("1, 6, 2", "", "", (1, 2)),
    "stats_pool": ("1, 6, 2", "", "", (1, 4)),
    "attention_pool": ("1, 6, 2", "", "query=torch.ones(2)", (1, 2)),
    "attentive_stats_pool": ("1, 6, 2", "", "query=torch.ones(2)", (1, 4)),
    "pool_pyramid": ("1, 2, 4, 4", "", "2", (1, 2, 2, 2)), "strip_pool": ("1, 2, 4, 4", "", "", (1, 2, 4, 1)),
    "spatial_pyramid_pool": ("1, 2, 4, 4", "", "", (1, 42)),
    **{name: ("1, 4, 4, 4", "torch.tensor([[0., 0., 0., 3., 3.]])", "2", (1, 1 if "ps" in name else 4, 2, 2))
       for name in ("roi_pool", "roi_align", "ps_roi_pool", "ps_roi_align", "prroi_pool")},
}


def example(name):
    """Sizes of an input, other arguments of a call, those of a layer, and the
    shape of the result.
    """
    kind, stem, nd = parsed(name)
    if name in _OTHER_EXAMPLES:
        return _OTHER_EXAMPLES[name]
    nd = int(name[-2]) if "unpool" in name else nd or 2
    if "unpool" in name:
        sizes = f"1, 1{', 2' * nd}"
        return sizes, f"torch.arange({2 ** nd}).reshape({sizes})", "2", (1, 1, *(4,) * nd)
    words = {"sizes": ", 4" * nd, "kernel": ", ".join(["2"] * nd), "count": 2 ** nd}
    forward, init = (text.format(**words) for text in _EXAMPLES.get(stem, ("", "")))
    shape = (1, 2) if kind == "global" else (1, 2 * (1 + (stem == "concat")), *(2,) * nd)
    size = "2, 2" if "fractional" in stem else "" if "blur" in stem or kind == "global" else "2"
    init = f"{init}{size}".removesuffix(", ")
    if stem == "rank":
        init += f"{', ' * bool(init)}q=0.25"
    return f"1, 2{', 4' * nd}", forward, init, shape


def _example(name):
    sizes, forward, init, shape = example(name)
    x = f"torch.ones({sizes}, dtype=torch.int32)" if "mode_pool" in name else f"torch.rand({sizes})"
    call = f"cpool.torch.{name}({', '.join(part for part in ('x', forward, init) if part)})"
    call += "[0]" * (name in _general.SEVERAL)
    return f"""
Examples
--------
>>> import torch
>>> import cpool.torch
>>> x = {x}
>>> {call}.shape
torch.Size({list(shape)})
"""


def _document(name):
    """The docstring of a function, about tensors and without the arguments that are left out."""
    text = _texts.docstring(getattr(cpool, name))
    notes = re.search(r"\nNotes\n-----\n.*?(?=\n\w+\n----|\Z)", text, re.DOTALL)
    text = re.split(r"\nRaises\n------\n", text)[0]
    left = "|".join(n for n in LEFT_OUT if n != "axis" or name != "kmax_pool")
    text = re.sub(rf"^(?:{left})(?:, (?:{left}))* : .*\n(?: .*\n|\n(?= ))*", "", text, flags=re.MULTILINE)
    text = re.sub(r"^(samples|positions) : .*\n(?: .*\n?)*", "", text, flags=re.MULTILINE) \
        if "return_samples" in parameters(name) or "return_positions" in parameters(name) else text
    text = re.sub("array_like|ndarray", "Tensor", text)
    text = re.sub(r"^x : ", "input : ", text, flags=re.MULTILINE).replace("`x`", "`input`")
    text = re.sub(r"^axis : ", "dim : ", text, flags=re.MULTILINE)
    text = re.sub(r"^random_samples : ", "_random_samples : ", text, flags=re.MULTILINE) \
        if name.startswith("fractional") else text
    text = f"{text}\n{RAISES}\n" + (notes.group().rstrip() + "\n" if notes else "") + _example(name)
    return _texts.wrapped(text)


def _made(name):
    original = signature(name)
    defaults = {p.name: p.default for p in original}
    make = compiled(listed(original), ", ".join(defaults))
    _, stem, nd = parsed(name)
    function = named(make(partial(_called, name, stem, nd, defaults)), name, _document(name), "cpool.torch")
    return overridable(function)


def _names():
    for name in sorted(cpool.__all__):
        if name.islower() and not name.startswith("_") and not name.endswith(("_backward", "_jvp")) \
                and not _THERE.fullmatch(name) and name not in _NOT_POOLING:
            yield name


FUNCTIONS = {name: _made(name) for name in _names()}
