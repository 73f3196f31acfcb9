"""From canonical arrays to kernels: one level of compiled modules, chosen once, and the calls into them.

All arrays are 5-D, (outer, D, H, W, inner), C-contiguous, aligned and of native byte order; nothing here
validates what the user passed. What decides between kernels is the plan and the dtype, never the CPU level or
the threads.

Each function runs a kernel and returns the `Job` that it prepared for it, which `_call` keeps and runs again;
None if the call was more than that one kernel.
"""

from functools import cache
from importlib import import_module
from math import prod

import numpy as np

from ._arguments import kernel_array
from ._cpu import best_level
from ._plan import Job, Windows

LEVEL = best_level()


# Kernels not compiled for the levels above this one (setup.py reads this table), to keep the wheel small:
# norms spends its time in pow; ranks is 1.0 to 1.3 times faster at v4, but for medians, which have that
# (networks.h);
# irregular and scatter gain nothing by v4; sequence 1.2 times (means; maxima 2 times). masked stays: averages
# that leave NaN out are 1.4 times faster at v4.
HIGHEST = {
    "irregular": "v3", "norms": "baseline", "ranks": "v3", "regions": "v3", "scatter": "v3", "sequence": "v3",
}
_LEVELS = ("baseline", "v3", "v4")


def kernel(name):
    """Return the module `name` of the CPU level in use.

    A level that does not import is an error, not a fallback.
    """
    level = min(LEVEL, HIGHEST.get(name, LEVEL), key=_LEVELS.index)
    return import_module(f"cpool._kernels.{name}" + ("" if level == "baseline" else f"_{level}"))


_norms, _reduce, _scatter, _select, _spread, _wholeaxis = map(
    kernel, ("norms", "reduce", "scatter", "select", "spread", "wholeaxis"))
regions = kernel("regions")     # no plan, no job: `_execute_regions` calls it

segments = kernel("sequence")        # rows in segments: called by `_segments` alone

_APIS = {name: api for module in (_norms, _reduce, _scatter, _select, _spread, _wholeaxis)
         for name, api in module.apis.items()}

CODES = {
    "bool": 0, "uint8": 0, "int8": 1, "uint16": 2, "int16": 3, "uint32": 4, "int32": 5, "uint64": 6,
    "int64": 7, "float32": 8, "float64": 9, "float16": 10, "bfloat16": 11,
}
OPS = {"max": 0, "min": 1, "sum": 2, "avg": 3, "lp": 4}
_BY_DTYPE = {np.dtype(name): number for name, number in CODES.items() if name != "bfloat16"}


def code(array):
    """Return the code of an array's dtype."""
    return code_of(array.dtype)


def code_of(dtype):
    """Return the code of a dtype; looking at its name is slow, and needed for bfloat16 alone."""
    found = _BY_DTYPE.get(dtype)
    return CODES[dtype.name] if found is None else found


def _prepare(name, arrays, plan, **task):
    """Return the job of a kernel for arrays like these, the first of which has the dtype."""
    return prepared(name, arrays[0].dtype, [a.nbytes for a in arrays], plan, **task)


def prepared(name, dtype, sizes, plan, **task):
    """Return the job of a kernel for arrays of so many bytes, the first of them of that dtype."""
    return Job(_APIS[name], plan, sizes, code=code_of(dtype), boolean=dtype == np.bool_, **task)


def whole(op, plan):
    """Whether every window is a whole plane, and the reducer one that has a kernel for that."""
    return op != "lp" and all(
        a.out == 1 and (a.adaptive or (a.lo == a.hi == 0 and a.kernel == a.n and a.dilation == 1))
        for a in plan.axes
    )


def forward_name(op, plan):
    """Return the name of the kernel that pools without positions."""
    return "wholeaxis" if whole(op, plan) else "reduce"


def reduce(op, x, out, plan, threads, p=2.0, normalize=False):
    """Write the forward pass of `op` (max, min, sum, avg, lp) over x into out."""
    job = _prepare(forward_name(op, plan), (x, out), plan, op=OPS[op], out_code=code(out), p=p,
                   normalize=normalize)
    job.run((x, out), threads)
    return job


def argreduce(op, x, out, idx, plan, threads):
    """Write max or min over x into out and the positions of the first winners into idx."""
    job = _prepare("argreduce", (x, out, idx), plan, op=OPS[op], index_bytes=idx.itemsize)
    job.run((x, out, idx), threads)
    return job


def select_backward(op, g, x, idx, gx, plan, threads, fresh=False):
    """Write the gradient of max or min: at the indices given or where a search of x finds the winners.

    fresh: gx may be left half-written when an index is out of range, which is a ValueError.
    """
    if idx is None:
        job = _prepare("search_backward", (g, x, gx), plan, op=OPS[op])
        job.run((g, x, gx), threads)
        return job
    job = _prepare("select_backward", (g, idx, gx), plan, index_bytes=idx.itemsize, careful=not fresh)
    if not job.run((g, idx, gx), threads):
        _refuse_indices(idx, gx)
    return job


def spread(op, g, gx, plan, threads):
    """Write the gradient of a sum or an average."""
    return _with_one_dtype(lambda arrays: _prepare("spread", arrays, plan, op=OPS[op]), (g, gx), threads)


def lp_backward(g, x, gx, plan, threads, p, normalize):
    """Write the gradient of an Lp norm."""
    return _with_one_dtype(lambda arrays: _prepare("lp_backward", arrays, plan, p=p, normalize=normalize),
                           (g, x, gx), threads)


def _with_one_dtype(prepare, arrays, threads):
    """Run a backward kernel, which reads and writes one dtype.

    If `dtype=` gave g another than x has, run it in the wider of both and round once.
    """
    g, *between, gx = arrays
    if g.dtype == gx.dtype:
        job = prepare(arrays)
        job.run(arrays, threads)
        return job
    dtype = np.dtype(np.float64 if 8 in (g.itemsize, gx.itemsize) else np.float32)
    wide = (*(a.astype(dtype) for a in (g, *between)), np.empty(gx.shape, dtype))
    prepare(wide).run(wide, threads)
    gx[...] = wide[-1]
    return None


def unpool(x, idx, out, mode, plan, threads):
    """Write zero, and x at the indices, into out."""
    job = _prepare("unpool", (x, idx, out), plan, index_bytes=idx.itemsize, mode=int(mode == "sum"))
    if not job.run((x, idx, out), threads):
        _refuse_indices(idx, out)
    return job


def unpool_backward(g, idx, gx, plan, threads):
    """Write g at the indices into gx."""
    job = _prepare("unpool_backward", (g, idx, gx), plan, index_bytes=idx.itemsize)
    if not job.run((g, idx, gx), threads):
        _refuse_indices(idx, g)
    return job


# ---- windows that are listed ----


@cache
def _load_irregular():
    _APIS.update(kernel("irregular").apis)          # not at import: nobody pays for it before the first use


def irregular(op, x, bounds, out, idx, plan, threads):
    """Write max, min or avg over the windows that `bounds` lists into out, and positions into idx or None.

    bounds: int64, one row for all planes or one for each: for D, H and W the starts, and the stops of an axis
    whose `kernel` is 0.
    """
    _load_irregular()
    arrays = [x, bounds, out] if idx is None else [x, bounds, out, idx]
    name = "irregular_mean" if op == "avg" else "irregular_best"
    _prepare(name, arrays, plan, op=OPS[op], out_code=code(out), mode=int(len(bounds) > 1),
             index_bytes=0 if idx is None else idx.itemsize).run(arrays, threads)


def irregular_spread(g, bounds, gx, plan, threads):
    """Write the gradient of an average over listed windows."""
    _load_irregular()
    given, out = g, gx
    if g.dtype != gx.dtype:
        dtype = np.dtype(np.float64 if 8 in (g.itemsize, gx.itemsize) else np.float32)
        given, out = g.astype(dtype), np.empty(gx.shape, dtype)
    arrays = given, bounds, out
    _prepare("irregular_share", arrays, plan, mode=int(len(bounds) > 1)).run(arrays, threads)
    if out is not gx:
        gx[...] = out


@cache
def masked_kernel():
    """Return the module that pools with elements left out."""
    return kernel("masked")


def masked_averages(x, mask, out, plan, threads, over=None, **task):
    """Write the averages of small windows of what takes part of x; `mask` may be None.

    over: what is divided by the counts, in the shape of the result, if not the sums.
    """
    arrays = [a for a in (x, mask, over, out) if a is not None]
    api = masked_kernel().apis["masked_averages"]
    job = Job(api, plan, [a.nbytes for a in arrays], code=code(x), normalize=over is not None, **task)
    job.run(arrays, threads)
    return job


# ---- reducers that need their whole window ----

# Their numbers in reducers.h. Parameters: one number or one for each channel (planes of channels-first arrays
# take them in turn); tables hold a weight for each place in the window: (rows, taps) or (channels, rows,
# taps), taps in row-major order.
#   lse         r                                   gated       bias; table of 1 row
#   soft        alpha                           tree        tables of 2**depth - 1 gates and of leaves
#   gem         p, eps                              ordinal     table of 1 row, by rank from the largest on
#   norm        p, c (centre)                       var, std    correction
#   mixed       alpha                               lip         second = logits
#   dpp         alpha, lambda, eps [, filter]       weighted    second = weights
#   dpp_above   the same, asymmetric                stochastic  second = a sample in [0, 1) for each output
#   expected    the test form of stochastic         softmax     temperature
#   var_long, std_long      integers in two parts: x + second
REDUCERS = {name: number for number, name in enumerate((
    "lse", "soft", "gem", "norm", "mixed", "gated", "tree", "lip", "weighted", "dpp", "dpp_above", "ordinal",
    "var", "std", "stochastic", "expected", "softmax", "var_long", "std_long",
))}


@cache
def _panels():
    return kernel("panels")             # not at import: nobody pays for it before the first use


def _numbers(params):
    return tuple(kernel_array(p, np.float64).reshape(-1) for p in params)


def _code(array):
    return 0 if array is None else code(array)


def panel(op, x5, out5, plan, threads, *, params=(), second=None, mask=None, omit_nan=False, idx5=None):
    """Write the reducer `op` over x5 into out5, and the positions of taps drawn into idx5 (stochastic).

    "taken" is stochastic after the draw: second holds the positions.
    """
    if op == "taken":
        _take(x5, second, out5, plan, threads)
        if idx5 is not None:
            idx5[...] = second
        return
    params = _numbers(params)
    if op in ("var", "std") and _long(x5):
        low = np.array(2047, x5.dtype)          # bits for which a double has no room
        op, second, x5 = f"{op}_long", (x5 & low).astype(np.uint16), x5 & ~low
    odd = _by_terms()(op, x5, out5, plan, threads, params, second, mask, omit_nan)
    if odd is False:
        _panel(op, x5, out5, plan, threads, params, second, mask, omit_nan, idx5)
        return
    # windows that terms cannot do, in the planes that have some
    for plane in np.flatnonzero(odd):
        some = slice(plane, plane + 1)
        exact = np.empty_like(out5[some])
        own = tuple(p if len(p) == 1 or plan.inner > 1 else p[plane % len(p)][None] for p in params)
        second1, mask1 = (None if a is None else a[some] for a in (second, mask))
        _panel(op, x5[some], exact, plan._replace(outer=1), threads, own, second1, mask1, omit_nan, None)
        np.copyto(out5[some], exact, where=out5[some] != out5[some])


def _long(x5):
    """Whether there are integers that are no doubles."""
    return (x5.dtype.kind in "iu" and x5.itemsize == 8 and x5.size
            and (x5.max() > 2**53 or x5.min() < -(2**53)))


@cache
def _by_terms():
    from ._terms import forward

    return forward


def _panel(op, x5, out5, plan, threads, params, second, mask, omit_nan, idx5):
    _panels().panel(REDUCERS[op], code(x5), x5, code(out5), out5, Windows(plan), threads,
                    params, second, _code(second), mask, omit_nan, idx5,
                    8 if idx5 is None else idx5.itemsize)


def panel_backward(op, g5, x5, gx5, plan, threads, *, params=(), second=None, gsecond5=None, gparams=None,
                   mask=None, omit_nan=False):
    """Write the gradient of `panel` into gx5, that of the second input into gsecond5.

    Those of the parameters go into the arrays of gparams, one for each entry of params: None where it is not
    wanted or the parameter is not one that is learned (eps, correction).
    """
    if op in ("stochastic", "taken"):
        idx5 = _drawn(op, x5, g5, plan, threads, second, mask, omit_nan)
        wide = gx5 if g5.dtype == gx5.dtype else np.empty(gx5.shape, g5.dtype)
        select_backward("max", g5, None, idx5, wide, plan, threads)
        if wide is not gx5:
            gx5[...] = wide
        return
    module, params = _panels(), _numbers(params)
    flat = None
    if gparams is not None:
        flat = np.empty(module.learned(REDUCERS[op], params))
    module.panel_backward(REDUCERS[op], code(x5), x5, code(g5), g5, gx5,
                          Windows(plan), threads, params, flat, second, _code(second), gsecond5,
                          mask, omit_nan)
    at = 0
    for i, target in enumerate(gparams or ()):
        size = module.learned(REDUCERS[op], params, i)
        if target is not None:
            target.reshape(-1)[...] = flat[at:at + size]
        at += size


def _drawn(op, x5, like, plan, threads, second, mask, omit_nan):
    """The positions that `panel` took, like an array of the output's shape and dtype."""
    if op == "taken":
        return second
    idx5 = np.empty(like.shape, np.int64)
    panel(op, x5, np.empty_like(like), plan, threads, second=second, mask=mask, omit_nan=omit_nan, idx5=idx5)
    return idx5


def _take(x5, idx5, out5, plan, threads):
    """Write the elements of x5 at the positions into out5, 0 for -1."""
    found = out5 if out5.dtype == x5.dtype else np.empty(out5.shape, x5.dtype)
    unpool_backward(x5, idx5, found, plan, threads)
    if found is not out5:
        out5[...] = found


def panel_jvp(op, t5, x5, out5, plan, threads, *, params=(), second=None, tsecond5=None, tparams=None,
              mask=None, omit_nan=False):
    """Write the derivative of `panel` along tangents of x, second and parameters; None stands for zeros."""
    if op in ("stochastic", "taken"):
        _take(t5, _drawn(op, x5, out5, plan, threads, second, mask, omit_nan), out5, plan, threads)
        return
    tangents = tuple(None if p is None else _numbers([p])[0] for p in tparams or ())
    _panels().panel_jvp(REDUCERS[op], code(x5), x5, t5, code(out5), out5,
                        Windows(plan), threads, _numbers(params), tangents, second, _code(second),
                        tsecond5, mask, omit_nan)


# ---- order statistics of windows ----

# Parameters: quantile (q, method), rank (k,) counted from the smallest, negative from the largest; mode
# (label to ignore or None,). k is held inside a window that has fewer taps. Median, quantile and range are
# NaN where a tap is, rank takes NaN for the largest value. Values are a's and b's (1 - t, t) mixture;
# integers are rounded to the nearest, ties to even.
# range: unsigned integers for signed ones, so that it always fits.
ORDERED = {"median": 0, "quantile": 1, "rank": 2, "range": 3, "mode": 4}
METHODS = {"linear": 0, "lower": 1, "higher": 2, "nearest": 3, "midpoint": 4}


@cache
def _ranks():
    return kernel("ranks")


def _order(op, x5, params):
    """Return (method, q, k, bytes of the ignored label) from the parameters of an order statistic."""
    if op == "quantile":
        return METHODS[params[1]], params[0], 0, None
    if op == "rank":
        return 0, 0.0, max(-2**62, min(params[0], 2**62)), None
    ignored = None
    if op == "mode" and params and params[0] is not None:
        label, low, high = int(params[0]), 0, 1
        if x5.dtype.kind != "b":
            low, high = np.iinfo(x5.dtype).min, np.iinfo(x5.dtype).max
        ignored = np.array([label], x5.dtype).tobytes() if low <= label <= high else None
    return 0, 0.0, 0, ignored


def ordered(op, x5, out5, plan, threads, *, params=(), mask=None, omit_nan=False, idx5=None):
    """Write an order statistic of x5 into out5.

    Into idx5 goes the position of the first tap that holds it (the lower one of two); for mode, how often the
    label occurs.
    """
    if op == "range" and mask is None and not omit_nan and _wide(plan):
        _wide_range(x5, out5, plan, threads)
        return None
    return _ordered("ranks", op, (x5, mask, out5, idx5), x5, out5, plan, threads, params, mask, omit_nan,
                    index_bytes=0 if idx5 is None else idx5.itemsize)


def ordered_backward(op, g5, x5, gx5, plan, threads, *, params=(), mask=None, omit_nan=False):
    """Write the gradient of `ordered` into gx5; every share goes to the first tap that holds the value."""
    _need_gradient(op, x5, g5)
    return _ordered("ranks_backward", op, (x5, mask, g5, gx5), x5, g5, plan, threads, params, mask, omit_nan)


def ordered_jvp(op, t5, x5, out5, plan, threads, *, params=(), mask=None, omit_nan=False):
    """Write the derivative of `ordered` in the direction t5 into out5."""
    _need_gradient(op, x5, out5)
    return _ordered("ranks_jvp", op, (x5, mask, t5, out5), x5, out5, plan, threads, params, mask, omit_nan)


def _need_gradient(op, *arrays):
    if op == "mode" or min(map(code, arrays)) < CODES["float32"]:
        raise TypeError(f"no gradient of {op} in {arrays[0].dtype}")


def _ordered(name, op, arrays, x5, pooled, plan, threads, params, mask, omit_nan, index_bytes=0):
    arrays = [a for a in arrays if a is not None]
    method, q, k, ignored = _order(op, x5, params)
    job = Job(_ranks().apis[name], plan, [a.nbytes for a in arrays], op=ORDERED[op], code=code(x5),
              out_code=code(pooled), index_bytes=index_bytes, mode=int(mask is not None), omit=omit_nan,
              method=method, p=q, rank=k, label=ignored)
    job.run(arrays, threads)
    return job


def most_taps(plan):
    """Return a number of taps that no window has more of."""
    return prod(min(a.n, -(-a.n // max(a.out, 1)) + 1 if a.adaptive else a.kernel) for a in plan.axes)


def _wide(plan):
    """Whether a window has more taps than a network sorts."""
    return most_taps(plan) > 169


def _wide_range(x, out, plan, threads):
    """The range as max - min: the cost of both does not grow with the window."""
    low = np.empty(out.shape, x.dtype)
    if x.dtype.kind in "biu" and out.dtype.kind in "biu":
        high = out.view(x.dtype)
        reduce("max", x, high, plan, threads)
        reduce("min", x, low, plan, threads)
        unsigned = f"u{x.dtype.itemsize}"
        high, low = out.view(unsigned), low.view(unsigned)
        kind = unsigned if x.dtype.kind in "bu" else f"i{x.dtype.itemsize}"
        nothing = out.view(kind) < low.view(kind)
        np.subtract(high, low, out=high)
        high[nothing] = 0
        return
    high = np.empty(out.shape, x.dtype)
    reduce("max", x, high, plan, threads)
    reduce("min", x, low, plan, threads)
    wide = high.astype(np.float64)
    with np.errstate(invalid="ignore"):
        wide -= low
    wide[wide < 0] = np.nan                     # windows with nothing in them
    out[...] = wide


def kmax(x5, out5, idx5, threads, *, mask=None, omit_nan=False):
    """Write the k largest of every line of x5, (outer, 1, 1, n, inner), into out5, (outer, 1, 1, k, inner).

    They keep their order; their positions go into idx5. Its gradient is `unpool`, its derivative
    `unpool_backward`.
    """
    _ranks().kmax(code(x5), x5, out5, idx5, 8 if idx5 is None else idx5.itemsize,
                  mask, x5.shape[3], x5.shape[4], out5.shape[3], threads, omit_nan)


def _refuse_indices(idx, large):
    plane = large.shape[1] * large.shape[2] * large.shape[3]
    bad = idx[(idx < -1) | (idx >= plane)]
    raise ValueError(f"indices must be positions in a plane of {plane} elements, 0 to {plane - 1}, or -1 for "
                     f"none; got {bad.flat[0]}")
