"""Strategies of calls of every public function: legal ones, nearly legal ones, and with anything at all.

`calls(name)` draws a `Call` of one name of ``cpool.__all__``. Which group of functions a name belongs to, and
so which arguments it has, is read from the name (`form`); a table of makers holds one function per group.
"""

import functools
import inspect
import itertools
import math
import re
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
import test_smooth
import whole
from compare import DTYPES, FLOATS, OPS, is_float, outcome, values
from fuzz_values import ANYTHING, ARRAYS, WEAR, Dressed
from hypothesis import strategies as st
from strategies import geometries, reducer_options, shapes
from test_drawn import pairs_of
from test_stream import streams

import cpool
from cpool._lazy import layer_called

ACTIONS = ("_backward", "_jvp")
REGIONS = ("roi_pool", "roi_align", "ps_roi_pool", "ps_roi_align", "prroi_pool")
TOKENS = ("token_pool", "max_over_time_pool", "stats_pool", "attention_pool", "attentive_stats_pool")
SCALES = ("pool_pyramid", "spatial_pyramid_pool", "strip_pool")
SIZES = ("output_shape", "windows", "convert_indices", "dynamic_k")
SETTINGS = ("get_num_threads", "set_num_threads", "num_threads", "show_config")
CONVERTERS = ("from_torch", "from_keras", "from_onnx")
FUNCTIONS = [name for name in cpool.__all__ if inspect.isfunction(getattr(cpool, name))]
LEFT_OUT = {"__version__": "a string", "show_config": "takes nothing, and prints"}


class Form(NamedTuple):
    """What the name of a function says."""

    group: str
    op: str
    kind: str = ""
    nd: int | None = None
    action: str = ""


@functools.cache
def form(name):
    """The form of a public name; its group is "" if no rule knows it."""
    if name in SIZES or name in SETTINGS or name in CONVERTERS:
        group = "sizes" if name in SIZES else "settings" if name in SETTINGS else "converters"
        return Form(group, name)
    if name == "Pool1dStream":
        return Form("stream", name)
    if inspect.isclass(getattr(cpool, name, None)):
        return Form("layers", functions_of_layers().get(name, ""))
    action = next((a for a in ACTIONS if name.endswith(a)), "")
    base = name.removesuffix(action)
    if base in REGIONS or base in TOKENS or base in SCALES:
        group = "regions" if base in REGIONS else "tokens" if base in TOKENS else "scales"
        return Form(group, base, action=action)
    if base in ("segment_pool", "kmax_pool", "block_reduce"):
        return Form({"segment_pool": "segments", "kmax_pool": "kmax", "block_reduce": "blocks"}[base], base,
                    action=action)
    found = re.fullmatch(r"(adaptive_|global_)?(\w+?)_?(?:un)?pool(?:([123])d)?", base)
    if not found:
        return Form("", name)
    kind, op, nd = (found[1] or "windowed_")[:-1], found[2], int(found[3] or 0) or None
    special = {"concat": "scales", "blur": "blur", "max_blur": "blur", "fractional_max": "fractional",
               "fractional_avg": "fractional", "s3": "s3", "stochastic": "stochastic"}
    if "unpool" in base:
        return Form("unpool", "max_unpool", kind, nd, action)
    if op in special:
        return Form(special[op], base.rstrip("123d") if special[op] in ("scales", "blur") else op, kind, nd,
                    action)
    group = "linear" if op in OPS else "order" if op in whole.ORDER else "smooth"
    return Form(group if group != "smooth" or op in test_smooth.NAMES else "", op, kind, nd, action)


@functools.cache
def functions_of_layers():
    """The function of every layer, by the name of the class."""
    words = {layer_called(name).lower(): name for name in FUNCTIONS if not name.endswith(ACTIONS)}
    return {
        name: words.get(name.lower(), words.get(name.lower() + "1d", "")) for name in cpool.__all__
        if inspect.isclass(getattr(cpool, name))
    }


class Call(NamedTuple):
    """A call of a public function.

    Attributes
    ----------
    name : str
    arguments : dict
        By name; arrays may be `Dressed`.
    changed : tuple of str
        Those that were replaced by anything at all.
    plan : object
        What the plain version needs to know besides.
    out : str
        What is passed as `out`, if it has one and the call is good; one of `OUTS`.
    """

    name: str
    arguments: dict
    changed: tuple = ()
    plan: Any = None
    out: str = ""

    def given(self):
        """The arguments as the function gets them."""
        return {k: v.worn() if isinstance(v, Dressed) else v for k, v in self.arguments.items()}

    def plain(self):
        """The arguments with arrays as plain ndarrays."""
        return {k: v.core if isinstance(v, Dressed) else v for k, v in self.arguments.items()}

    def __repr__(self):
        shown = ", ".join(f"{k}={_shown(v)}" for k, v in self.arguments.items())
        return f"{self.name}({shown})" + (
            f" with {', '.join(self.changed)} changed" if self.changed else "") + (
            f", then with out={self.out!r}" if self.out else "")


def _shown(value):
    try:
        text = repr(value)
    except Exception as error:  # arrays that lie cannot be shown
        text = f"<{type(value).__name__} that raises {type(error).__name__}>"
    return text if len(text) < 2000 else f"{text[:1900]}... of {len(text)} characters"


# ---- drawing ----


_CHANCES = {n: st.integers(0, n - 1) for n in range(2, 13)}


def _bool(draw, chance=2):
    return draw(_CHANCES[chance]) == 0


def _dress(draw, core):
    return Dressed(core, draw(st.sampled_from(sorted(WEAR))) if _bool(draw, 4) else "as it is")


def _seed(draw):
    return draw(st.integers(0, 2**32 - 1))


def _contents(draw, shape, dtype, flavours=("plain", "plain", "special", "extreme")):
    flavour = draw(st.sampled_from(flavours))
    return values(shape, dtype, flavour, draw(st.integers(0, 9999)))


def _shape(draw, nd, last, small=False):
    shape = draw(shapes(nd, last, low=0 if _bool(draw, 8) else 1))
    if small and math.prod(shape) > 200:
        first = len(shape) - nd - last
        shape = (*(1 for _ in shape[:first]), *(min(n, 7) for n in shape[first:]))
    elif not small and _bool(draw, 12):
        at = len(shape) - last - 1
        sides = [min(n, 4) if at - nd < i < at else n for i, n in enumerate(shape)]
        shape = (*sides[:at], draw(st.integers(60, 200)), *sides[at + 1:])
    return tuple(shape)


def _formats(nd, last):
    if last:
        return ["channels_last", {1: "NWC", 2: "NHWC", 3: "NDHWC"}[nd]]
    return ["channels_first", {1: "NCW", 2: "NCHW", 3: "NCDHW"}[nd]]


def _where(draw, nd, ndim, last, axes=True):
    """`data_format` or `axis`, or neither."""
    if last:
        return {"data_format": draw(st.sampled_from(_formats(nd, True)))}
    if axes and _bool(draw, 3):
        order = draw(st.permutations(range(ndim)))[:nd]
        return {"axis": tuple(i - ndim * _bool(draw, 4) for i in order)}
    return {"data_format": draw(st.sampled_from(_formats(nd, False)))} if _bool(draw, 4) else {}


# ---- one maker for each group: the arguments of the forward function ----


def _place(draw, f, small=False, flavours=None, dtypes=DTYPES):
    """x and the arguments that say which windows."""
    nd = f.nd or draw(st.integers(1, 3))
    if f.kind == "global":
        shape = tuple(draw(st.lists(st.integers(1, 6), min_size=1, max_size=4 if small else 5)))
        where = {"keepdims": True} if _bool(draw) else {}
        how = draw(st.sampled_from(["default", "count", "axis"]))
        if how == "axis":
            order = draw(st.permutations(range(len(shape))))
            axes = tuple(order[:draw(st.integers(1, len(shape)))])
            where["axis"] = axes[0] if len(axes) == 1 and _bool(draw) else axes
        elif how == "count":
            where["spatial_ndim"] = draw(st.integers(1, len(shape)))
        if how != "axis" and _bool(draw):
            where["data_format"] = "channels_last"
    else:
        last = _bool(draw)
        shape = _shape(draw, nd, last, small)
        where = _where(draw, nd, len(shape), last)
        if f.kind == "windowed":
            where |= draw(geometries(nd))
        else:
            size = st.one_of(st.none(), st.integers(0, 9))
            where["output_size"] = draw(st.one_of(size, st.tuples(*[size] * nd)))
    dtype = draw(st.sampled_from(FLOATS if f.action and not _bool(draw, 8) else dtypes))
    x = _contents(draw, shape, dtype, flavours or ("plain", "plain", "special", "extreme"))
    return x, where


def _mask(draw, shape):
    rng = np.random.default_rng(_seed(draw))
    cut = draw(st.integers(0, len(shape)))
    return rng.random(tuple(1 if _bool(draw, 5) else n for n in shape[cut:])) < draw(
        st.sampled_from([0.0, 0.3, 0.8, 1.0]))


def _left_out(draw, x):
    found = {}
    if _bool(draw, 5):
        found["mask"] = _dress(draw, _mask(draw, x.shape))
    if _bool(draw, 4):
        found["nan_policy"] = draw(st.sampled_from(["omit", "raise", "propagate"]))
    return found


def linear(draw, f):
    x, where = _place(draw, f)
    options = where | reducer_options(draw, f.op, x.dtype) | _left_out(draw, x)
    if f.op == "avg" and f.kind == "windowed":
        options["count_include_pad"] = draw(st.sampled_from([None, True, False]))
        if _bool(draw, 4):
            options["divisor_override"] = draw(st.sampled_from([1, 2, 3, 7, -5, 10**6]))
    if f.op == "avg" and "divisor_override" not in options and _bool(draw, 8):
        rng = np.random.default_rng(_seed(draw))
        weights = rng.integers(0, 5, x.shape[draw(st.integers(0, x.ndim)):]) / 4
        options["weights"] = _dress(draw, weights.astype(x.dtype if is_float(x.dtype) else np.float32))
        options.pop("count_include_pad", None)
        if not is_float(x.dtype):
            options["dtype"] = draw(st.sampled_from(FLOATS[-2:]))
    return {"x": _dress(draw, x)} | options, None


def order(draw, f):
    dtypes = [d for d in DTYPES if not (f.op == "mode" and is_float(d))]
    x, where = _place(draw, f, small=True, dtypes=dtypes)
    options = where | _left_out(draw, x) | draw(st.sampled_from(whole.CASES[f.op]))
    if f.op == "mode":
        options.pop("nan_policy", None)
        if x.dtype == np.bool_:
            options.pop("ignore_label", None)
    elif f.op != "range" and _bool(draw, 3):
        options["dtype"] = draw(st.sampled_from(FLOATS[-2:]))
    flag = whole.FLAGS.get(f.op)
    if flag and _bool(draw):
        options[flag] = True
    return {"x": _dress(draw, x)} | options, None


def smooth(draw, f):
    x, where = _place(draw, f, small=True)
    x = test_smooth.numbers(x.shape, x.dtype, draw(st.integers(0, 99)))
    options = where | _left_out(draw, x)
    if is_float(x.dtype) and _bool(draw, 5) and (not f.action or options.get("nan_policy") == "omit"):
        x[np.random.default_rng(_seed(draw)).random(x.shape) < 0.2] = np.nan
    if _bool(draw, 3) or not is_float(x.dtype):
        options["dtype"] = draw(st.sampled_from(FLOATS[-2:]))
    own = draw(st.sampled_from([test_smooth.PLAIN[f.op], *test_smooth.MORE.get(f.op, [])]))
    plain = {k: v.core if isinstance(v, Dressed) else v for k, v in options.items()}
    twin = test_smooth.Call(f.op, f.kind, f.nd, x, own, **plain)
    lead = dict(zip(twin.op.lead, twin.lead, strict=True))
    return {"x": _dress(draw, x)} | lead | options | twin.own, twin


def stochastic(draw, f):
    x, where = _place(draw, f, small=True)
    x = np.abs(values(x.shape, x.dtype, "plain", draw(st.integers(0, 99)))) if x.dtype.kind != "b" else x
    options = where | _left_out(draw, x)
    how = draw(st.sampled_from(["samples", "rng", "test", "number"]))
    if how == "test":
        options["training"] = False
        if not is_float(x.dtype):
            options["dtype"] = np.float32
    elif how == "rng":
        options["rng"] = draw(st.integers(0, 99))
    else:
        sample = draw(st.sampled_from([0.0, 0.25, 0.9999, 0.5]))
        largest = f"{'' if f.kind == 'windowed' else f.kind + '_'}max_pool{f.nd or ''}{'d' if f.nd else ''}"
        y = outcome(getattr(cpool, largest), x, **where)
        if how == "samples" and not isinstance(y, Exception):
            sample = np.random.default_rng(_seed(draw)).random(y.shape)
        options["random_samples"] = sample
    if how != "test" and _bool(draw, 3):
        options["return_indices"] = True
    return {"x": _dress(draw, x)} | options, None


def unpool(draw, f):
    last = _bool(draw)
    shape = _shape(draw, f.nd, last, small=True)
    first = len(shape) - f.nd - last
    spatial = shape[first:len(shape) - last]
    kernel, stride, padding = (draw(st.integers(low, 4)) for low in (1, 1, 0))
    default = [(n - 1) * stride - 2 * padding + kernel for n in spatial]
    size = [n + draw(st.integers(-4, 4)) for n in default] if _bool(draw, 3) else None
    plane = math.prod(max(n, 0) for n in (default if size is None else size))
    low, beyond = draw(st.sampled_from([(-1, 0), (0, 0), (-1, 1), (-2, 0)]))
    rng = np.random.default_rng(_seed(draw))
    indices = rng.integers(low, max(plane, 1) + beyond, shape).astype(draw(st.sampled_from(["i8", "i4"])))
    dtype = draw(st.sampled_from(FLOATS if f.action and not _bool(draw, 8) else DTYPES))
    found = {
        "x": _dress(draw, _contents(draw, shape, dtype)), "indices": _dress(draw, indices),
        "kernel_size": kernel, "stride": stride, "padding": padding, "output_size": size,
        "mode": draw(st.sampled_from(["last", "sum"])),
    }
    return found | ({"data_format": "channels_last"} if last else {}), None


def fractional(draw, f):
    nd, last = f.nd, _bool(draw)
    shape = tuple(max(n, 1) for n in _shape(draw, nd, last, small=True))
    first = len(shape) - nd - last
    spatial, planes = shape[first:first + nd], (*shape[:first], *shape[first + nd:])
    rng = np.random.default_rng(_seed(draw))
    options = {"data_format": "channels_last"} if last else {}
    each = planes if _bool(draw) else ()
    if _bool(draw, 3):
        options |= {"kernel_size": None, "boundaries": [
            pairs_of(n, draw(st.integers(1, 12)), rng, each) for n in spatial]}
    else:
        kernel = tuple(draw(st.integers(1, n)) for n in spatial)
        options["kernel_size"] = kernel
        if _bool(draw, 4):
            options["output_ratio"] = draw(st.sampled_from([0.3, 0.5, 0.7, 0.99]))
        else:
            options["output_size"] = tuple(
                draw(st.integers(1, n - k + 1 + _bool(draw, 9)))
                for n, k in zip(spatial, kernel, strict=True))
        options["random_samples"] = rng.random((*each, nd))
    dtype = draw(st.sampled_from(FLOATS if f.action and not _bool(draw, 8) else DTYPES))
    if f.op == "fractional_max" and _bool(draw, 3):
        options["return_indices"] = True
    if f.op == "fractional_avg" and (dtype == np.bool_ or _bool(draw, 3)):
        options["dtype"] = draw(st.sampled_from(FLOATS[-2:]))
    return {"x": _dress(draw, _contents(draw, shape, dtype))} | options, None


def s3(draw, f):
    nd, last = f.nd, _bool(draw)
    shape = tuple(max(n, 1) for n in _shape(draw, nd, last, small=True))
    first = len(shape) - nd - last
    kernel, stride = draw(st.integers(1, 4)), draw(st.sampled_from([None, 1, 2, 3]))
    step = stride or kernel
    grid = draw(st.sampled_from([None, step, 2 * step]))
    options = {"kernel_size": kernel, "stride": stride, "grid_size": grid, "training": not _bool(draw, 4)}
    rng, strip = np.random.default_rng(_seed(draw)), grid or step
    positions = []
    for n in shape[first:first + nd]:
        edges = [*range(0, n - n % strip, strip), n]
        kept = [np.sort(rng.choice(np.arange(a, b), min(strip // step, b - a), replace=False))
                for a, b in itertools.pairwise(edges) if b > a]
        positions.append(np.concatenate(kept) if kept else np.zeros(0, int))
    options["positions"] = positions
    if not options["training"]:
        options["positions"] = None
    elif _bool(draw, 3):
        options["return_indices"] = True
    if last:
        options["data_format"] = "channels_last"
    dtype = draw(st.sampled_from(FLOATS if f.action and not _bool(draw, 8) else DTYPES))
    return {"x": _dress(draw, _contents(draw, shape, dtype))} | options, None


def blur(draw, f):
    last = _bool(draw)
    shape = _shape(draw, f.nd, last, small=True)
    options = {"blur_size": draw(st.integers(1, 8)), "stride": draw(st.integers(1, 4)),
               "padding": draw(st.sampled_from(["reflect", "replicate", "zero"]))}
    if f.op == "max_blur_pool":
        options["kernel_size"] = draw(st.integers(1, 4))
    if last:
        options["data_format"] = "channels_last"
    dtype = draw(st.sampled_from(FLOATS if f.action and not _bool(draw, 8) else DTYPES))
    return {"x": _dress(draw, _contents(draw, shape, dtype, ("plain",)))} | options, None


def scales(draw, f):
    nd, last = f.nd or draw(st.integers(1, 3)), _bool(draw)
    shape = _shape(draw, nd, last, small=True)
    if len(shape) == nd:
        shape = (2, *shape)
    options = {"data_format": "channels_last"} if last else {}
    if f.nd is None:
        options["spatial_ndim"] = nd
    if f.op == "pool_pyramid":
        options |= {"levels": draw(st.integers(1, 3)), "factor": draw(st.integers(1, 3))}
    if f.op == "spatial_pyramid_pool":
        options["levels"] = tuple(draw(st.lists(st.integers(1, 4), min_size=1, max_size=3)))
    if "concat" in f.op:
        options |= {"output_size": draw(st.integers(1, 4)),
                    "ops": draw(st.lists(st.sampled_from(["max", "avg", "min"]), min_size=1, max_size=3))}
    else:
        options["op"] = draw(st.sampled_from(["avg", "max", "min"]))
    dtype = draw(st.sampled_from(FLOATS if f.action and not _bool(draw, 8) else DTYPES))
    return {"x": _dress(draw, _contents(draw, shape, dtype, ("plain",)))} | options, None


def regions(draw, f):
    n, height, width = draw(st.integers(1, 2)), draw(st.integers(1, 9)), draw(st.integers(1, 9))
    bins = draw(st.sampled_from([1, 2, (1, 2), (2, 1), (3, 2)]))
    area = bins * bins if isinstance(bins, int) else math.prod(bins)
    channels = draw(st.integers(1, 3)) * (area if f.op.startswith("ps_") else 1)
    last = _bool(draw)
    shape = (n, height, width, channels) if last else (n, channels, height, width)
    number = st.one_of(st.integers(-20, 40).map(lambda i: i / 2), st.floats(-30, 60, width=16))
    boxes = draw(st.lists(st.tuples(st.integers(0, n - 1), *[number] * 4), max_size=4))
    boxes = np.array(boxes, float).reshape(-1, 5)
    options = {"data_format": "channels_last"} if last else {}
    options |= {"output_size": bins, "spatial_scale": draw(st.sampled_from([1.0, 0.5, 0.37, 2]))}
    if _bool(draw, 3):
        options |= {"boxes": boxes[:, 1:], "batch_indices": boxes[:, 0].astype(np.int64)}
    else:
        options["boxes"] = boxes
    if "align" in f.op:
        options["sampling_ratio"] = draw(st.sampled_from([-1, 0, 1, 2, 3]))
    if f.op == "roi_align":
        options |= {"aligned": _bool(draw), "mode": draw(st.sampled_from(["avg", "max"]))}
    if f.op == "roi_pool" and _bool(draw) and f.action != "_jvp":
        options["return_indices"] = True
    dtypes = FLOATS if (f.op != "roi_pool" or f.action) and not _bool(draw, 8) else DTYPES
    x = _contents(draw, shape, draw(st.sampled_from(dtypes)), ("plain",))
    return {"x": _dress(draw, x)} | options, None


def tokens(draw, f):
    lead = tuple(draw(st.lists(st.integers(1, 3), max_size=2)))
    count, width = draw(st.integers(1, 9)), draw(st.sampled_from([1, 2, 4, 6, 17]))
    dtype = draw(st.sampled_from(FLOATS if f.action or _bool(draw) else DTYPES))
    x = _contents(draw, (*lead, count, width), dtype, ("plain",))
    rng = np.random.default_rng(_seed(draw))
    options = {"empty": 7 if dtype != np.bool_ else True}
    how = draw(st.sampled_from(["none", "mask", "lengths"]))
    if how == "mask":
        options["mask"] = _dress(draw, rng.random((*lead, count)) < draw(st.sampled_from([0.2, 0.7])))
    elif how == "lengths":
        options["lengths"] = rng.integers(0, count + 1, lead)
    if f.op == "token_pool":
        modes = ["cls", "mean", "max", "mean_sqrt_len_tokens", "weightedmean", "lasttoken"]
        options["mode"] = draw(st.one_of(
            st.sampled_from(modes), st.lists(st.sampled_from(modes), min_size=1, unique=True)))
    if f.op == "stats_pool":
        options["correction"] = draw(st.sampled_from([0, 1, 0.5]))
        if _bool(draw, 3):
            options["weights"] = rng.integers(0, 4, (*lead, count)) / 2 + 0.5
    if "att" in f.op:
        heads = draw(st.sampled_from([h for h in (1, 2, 3) if width % h == 0]))
        if _bool(draw):
            options |= {"query": rng.standard_normal((heads, width // heads)) / 30, "scale": 0.5}
        else:
            options["scores"] = rng.standard_normal((*lead, count, heads) if _bool(draw) else (*lead, count))
    if f.op == "max_over_time_pool" and _bool(draw) and f.action != "_jvp":
        options["return_indices"] = True
    elif f.op != "max_over_time_pool" and not is_float(dtype):
        options["dtype"] = draw(st.sampled_from(FLOATS[-2:]))
    return {"x": _dress(draw, x)} | options, None


def segments(draw, f):
    counts = np.array(draw(st.lists(st.integers(0, 12), min_size=1, max_size=6)))
    rest = tuple(draw(st.lists(st.sampled_from([1, 2, 3, 8, 17]), max_size=2)))
    dtype = draw(st.sampled_from(FLOATS if f.action or _bool(draw) else DTYPES))
    op = draw(st.sampled_from(["sum", "mean", "max", "min", "std", "lse", "first", "last", "kmax"]))
    flavours = ("plain", "special") if op in ("max", "min", "first", "last", "kmax") else ("plain",)
    x = _contents(draw, (int(counts.sum()), *rest), dtype, flavours)
    options = {"op": op, "empty": 7 if dtype != np.bool_ else True}
    if op == "sum":
        del options["empty"]
    if _bool(draw):
        options["lengths"] = counts
    else:
        options["offsets"] = np.concatenate([[0], np.cumsum(counts)])
    if op == "kmax":
        options["k"] = draw(st.integers(1, 4))
        options["return_indices"] = _bool(draw) and f.action != "_jvp"
    if op == "std":
        options["correction"] = draw(st.sampled_from([0, 1]))
    if op in ("sum", "mean", "std") and _bool(draw, 4):
        options["weights"] = np.random.default_rng(_seed(draw)).integers(1, 5, x.shape[:1]) / 4
    if op in ("mean", "std", "lse", "sum") and not is_float(dtype):
        options["dtype"] = np.float64
    return {"x": _dress(draw, x)} | options, None


def kmax(draw, f):
    shape = tuple(draw(st.lists(st.integers(1, 7), min_size=1, max_size=3)))
    dtype = draw(st.sampled_from(FLOATS if f.action else DTYPES))
    x = _contents(draw, shape, dtype)
    options = {"k": draw(st.integers(1, 9)), "axis": draw(st.integers(-x.ndim, x.ndim - 1))}
    if _bool(draw) and f.action != "_jvp":
        options["return_indices"] = True
    return {"x": _dress(draw, x)} | options | _left_out(draw, x), None


def blocks(draw, f):
    shape = tuple(draw(st.lists(st.integers(1, 7), max_size=5)))
    funcs = ["sum", "mean", "max", "min", "median", "std", "var"] + ["mode"] * (not f.action)
    func = draw(st.sampled_from(funcs))
    names = {"sum": np.sum, "mean": np.mean, "max": np.max, "min": np.min, "std": np.std, "var": np.var}
    dtype = draw(st.sampled_from(FLOATS if f.action else DTYPES))
    if func == "mode" and is_float(dtype):
        dtype = np.dtype(np.uint8)
    block = st.integers(1, 4)
    options = {
        "block_size": draw(st.one_of(block, st.tuples(*[block] * len(shape)))),
        "func": names[func] if func in names and _bool(draw, 3) else func,
        "edge": draw(st.sampled_from(["pad", "trim", "partial", "error"])),
    }
    if dtype != np.bool_:
        options["cval"] = draw(st.sampled_from([0, 3]))
    return {"x": _dress(draw, _contents(draw, shape, dtype, ("plain",)))} | options, None


def sizes(draw, f):
    if f.op == "dynamic_k":
        layers = draw(st.integers(1, 9))
        return {"k_top": draw(st.integers(1, 9)), "layer": draw(st.integers(1, layers)), "layers": layers,
                "length": draw(st.integers(1, 99))}, None
    nd, last = draw(st.integers(1, 3)), _bool(draw)
    shape = _shape(draw, nd, last, small=True)
    layout = draw(st.sampled_from(_formats(nd, last)))
    if f.op == "convert_indices":
        spatial = shape[len(shape) - nd - last:len(shape) - last]
        plane = max(math.prod(spatial), 1)
        indices = np.random.default_rng(_seed(draw)).integers(-1, plane, shape)
        kinds = st.sampled_from(["torch", "onnx", "tensorflow"])
        return {"indices": _dress(draw, indices), "input_shape": shape, "source": draw(kinds),
                "target": draw(kinds), "data_format": layout}, None
    return {"input_shape": shape, "data_format": layout} | draw(geometries(nd)), None


def settings(draw, f):
    takes = inspect.signature(getattr(cpool, f.op)).parameters
    return {"n": draw(st.integers(1, 4))} if "n" in takes else {}, None


def _module(draw, root, names):
    """An object that looks like a layer of another library."""
    cls = type(draw(st.sampled_from(names)), (), {"__module__": f"{root}.nn"})
    thing = cls()
    words = ["kernel_size", "stride", "padding", "dilation", "ceil_mode", "return_indices", "output_size",
             "norm_type", "count_include_pad", "divisor_override", "pool_size", "strides", "data_format",
             "spatial_scale", "sampling_ratio", "aligned", "keepdims"]
    for word in words:
        if not _bool(draw, 6):
            usual = st.sampled_from([1, 2, (2, 2), None, False, "valid"])
            setattr(thing, word, draw(st.one_of(usual, ANYTHING)))
    return thing


def converters(draw, f):
    if f.op == "from_onnx":
        names = ["kernel_shape", "strides", "pads", "auto_pad", "ceil_mode", "dilations", "storage_order",
                 "count_include_pad", "p", "output_height", "mode", "sampling_ratio", "pooled_shape"]
        attributes = [
            SimpleNamespace(name=name, type=draw(st.integers(0, 8)), i=draw(st.integers(-1, 3)),
                            ints=draw(st.one_of(st.lists(st.integers(0, 3), max_size=4), ANYTHING)),
                            s=draw(st.sampled_from([b"SAME_UPPER", b"NOTSET", b"\xff", "x"])),
                            f=draw(st.floats()), floats=[])
            for name in names if _bool(draw, 3)
        ]
        types = ["MaxPool", "AveragePool", "LpPool", "GlobalMaxPool", "MaxRoiPool", "RoiAlign", "Conv"]
        node = SimpleNamespace(op_type=draw(st.sampled_from(types)), attribute=attributes,
                               output=draw(st.lists(st.just("y"), max_size=2)), input=["x"], domain="")
        return {"node": node}, None
    if f.op == "from_torch":
        names = ["MaxPool2d", "AvgPool1d", "LPPool3d", "AdaptiveAvgPool2d", "MaxUnpool2d", "RoIAlign",
                 "Linear"]
        return {"module": _module(draw, "torch", names)}, None
    names = ["MaxPooling2D", "AveragePooling1D", "GlobalMaxPooling3D", "AdaptiveMaxPooling2D", "Dense"]
    return {"layer": _module(draw, "keras", names)}, None


MAKERS = {
    "linear": linear, "order": order, "smooth": smooth, "stochastic": stochastic, "unpool": unpool,
    "fractional": fractional, "s3": s3, "blur": blur, "scales": scales, "regions": regions, "tokens": tokens,
    "segments": segments, "kmax": kmax, "blocks": blocks, "sizes": sizes, "settings": settings,
    "converters": converters,
}


# ---- gradients and tangents ----


def _like(draw, y):
    """A gradient for each result."""
    if isinstance(y, list):
        return [_like(draw, each) for each in y]
    dtype = y.dtype if is_float(y.dtype) else np.dtype(np.float64)
    return values(y.shape, dtype, "plain", draw(st.integers(0, 99)))


def _with_direction(draw, f, name, found):
    """The arguments of a backward function or of a jvp from those of the forward function."""
    forward = getattr(cpool, name.removesuffix(f.action))
    x = found["x"].core
    if f.action == "_jvp":
        t = values(x.shape, x.dtype if is_float(x.dtype) else np.float64, "plain", draw(st.integers(0, 99)))
        found = {"tangent": _dress(draw, t)} | found
    if f.op == "stochastic" and f.action:
        found.pop("rng", None)
        if found.get("training", True) and "random_samples" not in found:
            found["random_samples"] = 0.5
    plain = {k: v.core if isinstance(v, Dressed) else v for k, v in found.items()}
    plain.pop("tangent", None)
    y = outcome(forward, **plain)
    if f.action == "_backward":
        if isinstance(y, Exception):
            g = np.ones((1,) * x.ndim)
        else:
            g = _like(draw, y[0] if isinstance(y, tuple) else y)
        found = {"grad_output": g if isinstance(g, list) else _dress(draw, g)} | found
    wanted = inspect.signature(getattr(cpool, name)).parameters
    selects = {"indices", "return_indices"} <= set(wanted) and found.get("training", True)
    if selects and not isinstance(y, Exception) and _bool(draw, 3):
        again = outcome(forward, **plain | {"return_indices": True})
        if not isinstance(again, Exception):
            found["indices"] = _dress(draw, again[1].astype(draw(st.sampled_from([np.int64, np.int32]))))
    return {k: v for k, v in found.items() if k in wanted}


# ---- a call ----

OUTS = ("right", "strided", "dtype", "shape", "locked", "swapped", "x", "list", "overlap")


@st.composite
def calls(draw, name):
    """A call of the public function or class of this name."""
    f = form(name)
    if f.group == "stream":
        return Call(name, {}, plan=draw(streams())) if _bool(draw) else _loose_stream(draw, name)
    target = f.op if f.group == "layers" else name
    f = form(target)
    found, plan = MAKERS[f.group](draw, f)
    if f.action:
        found = _with_direction(draw, f, target, found)
    changed = ()
    if _bool(draw, 3):
        names = [n for n in inspect.signature(getattr(cpool, target)).parameters if n != "out"]
        if names:
            changed = tuple(draw(st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True)))
        for one in changed:
            if _bool(draw, 12):
                found.pop(one, None)
            else:
                found[one] = draw(ANYTHING)
    has_out = "out" in inspect.signature(getattr(cpool, name)).parameters and not changed
    return Call(name, found, changed, plan, draw(st.sampled_from(OUTS)) if has_out and _bool(draw, 4) else "")


def _loose_stream(draw, name):
    names = list(inspect.signature(cpool.Pool1dStream).parameters)
    found = {"op": draw(st.sampled_from(OPS)), "kernel_size": draw(st.integers(1, 4))}
    changed = tuple(draw(st.lists(st.sampled_from(names), max_size=3, unique=True)))
    found |= {one: draw(ANYTHING) for one in changed}
    pieces = draw(st.lists(st.one_of(st.just(np.arange(5.0)), ARRAYS.map(lambda make: make())), max_size=3))
    return Call(name, found, ("pieces", *changed), pieces)
