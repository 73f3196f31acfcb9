"""Shapes and dtypes of results, of sizes that may be symbols where they follow from a few of them."""

from functools import cache

import numpy as np
import torch

import cpool

from .. import _arguments, _order, _smooth, _stochastic
from ._names import parsed
from ._operators import _each, _flat, _out_sizes, _spec, windows

_INDICES = ("return_indices", "return_counts")


def shapes(name, given, x):
    """The (shape, dtype) of each result for a tensor x; a dtype of None is that of x."""
    kind, stem, nd = parsed(name)
    sizes = tuple(x.shape)
    if stem == "s3" and "positions.0" in given:
        found = (*sizes[:-nd], *(len(given[f"positions.{i}"]) for i in range(nd)))
        return [(found, None), (found, torch.int64)][:1 + bool(given.get("return_indices"))]
    if stem in ("fractional_max", "fractional_avg", "s3", "blur", "max_blur") or name in _SEVERAL:
        return _probed(name, given, x, nd or given["spatial_ndim"])
    if name in _OTHERS:
        found = _OTHERS[name](given, sizes)
    elif kind == "global":
        nd = given["spatial_ndim"]
        found = (*sizes[:-nd], *(1,) * (nd * given.get("keepdims", False)))
    elif kind == "adaptive":
        outs = _each(given.get("output_size", 1), nd)
        leading = sizes[:-nd]
        if stem == "concat":
            leading = (*leading[:-1], leading[-1] * len(given.get("ops", ("max", "avg"))))
        found = (*leading, *(n if o is None else o for o, n in zip(outs, sizes[-nd:], strict=True)))
    else:
        names = ("kernel_size", "stride", "padding", "dilation", "ceil_mode")
        spec = windows("max", nd, **{n: given[n] for n in names if n in given})
        found = (*sizes[:-nd], *_out_sizes(sizes[-nd:], _spec(_flat(spec, sizes[-nd:]))))
    values = [(found, None if x.dtype.is_floating_point else _dtype(name, given, x.dtype))]
    if any(given.get(flag) for flag in _INDICES):
        values.append((found, torch.int64))
    if given.get("return_weights"):
        heads = given["scores"].shape if given.get("scores") is not None else (
            sizes[:-1] if len(_shape(given["query"])) == 1 else (*sizes[:-1], _shape(given["query"])[0]))
        values.append((heads, None))
    return values


@cache
def _integers():
    """The rule for integers of each operator that has one."""
    return {op.name: op.integers for family in (_order, _smooth, _stochastic) for op in family.OPERATORS}


def _dtype(name, given, dtype):
    """The dtype that comes of integers."""
    stem = parsed(name)[1]
    numpy = _arguments.parse_dtype("max", None, np.dtype(str(dtype).partition(".")[2]))
    if name == "segment_pool" and given.get("op", "sum") == "sum":
        numpy = _arguments.parse_dtype("sum", None, numpy)
    elif stem in _integers():
        numpy = _arguments.result_dtype(stem, None, numpy, _integers()[stem])
    return getattr(torch, numpy.name)


def _shape(value):
    return tuple(value.shape) if hasattr(value, "shape") else np.shape(value)


def _probed(name, given, x, nd):
    """What cpool makes of no planes at all, with exact sizes."""
    sizes = tuple(map(int, x.shape[-nd - 1:] if x.dim() > nd else (1, *x.shape)))
    dtype = np.dtype(str(x.dtype).partition(".")[2].replace("bfloat16", "float32"))
    keywords = {n: v for n, v in given.items() if n not in ("x", "random_samples")}
    fixed = {n: np.zeros(_shape(v), int) for n, v in keywords.items() if isinstance(v, torch.Tensor)}
    if "random_samples" in given:
        fixed["random_samples"] = np.zeros(nd)
    found = getattr(cpool, name)(np.empty((0, *sizes), dtype), **(keywords | fixed))
    found = found if isinstance(found, (tuple, list)) else (found,)
    kept = x.dim() - nd - 1
    lead = x.shape[:max(kept, 0)]
    return [((*lead, *a.shape[1 + (kept < 0):]), None if a.dtype == dtype else torch.from_numpy(a).dtype)
            for a in found]


def _boxes(given, sizes, channels):
    return (_shape(given["boxes"])[0], channels, *_each(given["output_size"], 2))


def _own_channels(given, sizes):
    oh, ow = _each(given["output_size"], 2)
    return _boxes(given, sizes, sizes[-3] // (oh * ow))


def _segments(given, sizes):
    lengths = given.get("lengths")
    count = _shape(given["offsets"])[0] - 1 if lengths is None else _shape(lengths)[0]
    return (count, *((given["k"],) if given.get("op") == "kmax" else ()), *sizes[1:])


def _along(given, sizes):
    at = given.get("axis", -1) % len(sizes)
    return (*sizes[:at], given["k"], *sizes[at + 1:])


def _tokens(given, sizes):
    mode = given.get("mode", "mean")
    return (*sizes[:-2], sizes[-1] * (1 if isinstance(mode, str) else len(mode)))


def _twice(given, sizes):
    return (*sizes[:-2], 2 * sizes[-1])


_SEVERAL = ("spatial_pyramid_pool", "pool_pyramid", "strip_pool")
_OTHERS = {
    "kmax_pool": _along, "token_pool": _tokens, "max_over_time_pool": _tokens, "attention_pool": _tokens,
    "stats_pool": _twice, "attentive_stats_pool": _twice, "segment_pool": _segments,
    "ps_roi_pool": _own_channels, "ps_roi_align": _own_channels,
    **dict.fromkeys(
        ("roi_pool", "roi_align", "prroi_pool"), lambda given, sizes: _boxes(given, sizes, sizes[-3])),
}
