"""Derivatives along tangents (``..._jvp``) of the operators in `functional`, made from their signatures.

Linear operators do to a tangent what they do to x. Maxima and minima take it from where they were found. Lp
norms have a formula: that of the power mean, times the number of elements to the power 1/p.
"""

import inspect
import re
from functools import partial
from math import prod

import numpy as np

from . import _arguments, _dispatch, _execute, _geometry, _listed, _panels, functional
from ._factory import compiled, named
from ._fractional import given_input, nested, sized
from ._numbered import SHARED, documented, listed
from ._omp import threads_for
from ._texts import heads
from ._texts import words as shape_words

_PLACES = {
    "windowed": ("kernel_size", "stride", "padding", "dilation", "ceil_mode"),
    "adaptive": ("output_size",),
    "global": ("spatial_ndim", "keepdims"),
}


# ---- running ----


def _taken(tangent, x, op=None):
    """The tangent, x (None if only its shape was given) and its shape, all checked."""
    tangent = _arguments.as_array(tangent, "tangent", _arguments.FLOATS)
    x, shape, dtype = given_input(x, tangent, op)
    return _arguments.as_tangent(tangent, "tangent", shape, dtype), x, shape


def _valid(x, shape, nan_policy, mask):
    """What takes part, as a mask or None: the NaN of x decide, not those of the tangent."""
    policy = _arguments.parse_nan_policy(nan_policy)
    mask = None if mask is None else np.broadcast_to(_arguments.as_mask(mask, shape), shape)
    if policy == "propagate":
        return mask
    if x is None:
        raise _arguments.values_needed(nan_policy)
    if policy == "raise":
        _arguments.refuse_nan(x, mask)
        return mask
    return x == x if mask is None else (x == x) & mask


def linear(forward, kind, op, nd, tangent, x, *, out, **arguments):
    """The operator itself, of the tangent."""
    tangent, x, shape = _taken(tangent, x)
    if "nan_policy" in arguments:
        arguments["mask"] = _valid(x, shape, arguments.pop("nan_policy"), arguments["mask"])
    if x is not None:
        _arguments.check_apart(out, [x])
    found = forward(tangent, **arguments, out=out)
    if op == "avg" and (found != found).any():
        # the average of no element is NaN, whatever x is
        spatial, plan, keepdims = _planned(kind, nd, shape, arguments)
        counts = _counts(forward, kind, plan, spatial, keepdims, arguments["mask"], len(shape), arguments)
        found[np.broadcast_to(counts == 0, found.shape)] = 0
    return found


def _planned(kind, nd, shape, arguments):
    """Spatial axes, plan, and whether the spatial axes stay in the result."""
    where = [arguments[name] for name in _PLACES[kind]]
    return _panels._planned(kind, nd, shape, where, arguments["data_format"], arguments["axis"])


def selected(forward, kind, op, nd, tangent, x, *, indices, return_indices, index_dtype, out, **arguments):
    """The tangent at each maximum or minimum."""
    tangent, x, shape = _taken(tangent, x, op if indices is None else None)
    _arguments.flag(return_indices, "return_indices")
    spatial, plan, keepdims = _planned(kind, nd, shape, arguments)
    _arguments.parse_index_dtype(index_dtype, prod(axis.n for axis in plan.axes))
    _arguments.parse_nan_policy(arguments["nan_policy"])
    if indices is None:
        indices = forward(x, **arguments, return_indices=True)[1]
    windows = _listed.Listed(spatial, plan, [], keepdims)
    beside = _execute._beside(out, x, arguments["mask"])
    return _listed.gather(tangent, indices, windows, out, beside)


def norm(forward, kind, op, nd, tangent, x, norm_type, *, normalize, dtype, out, **arguments):
    """The derivative of a norm: the sum of sign(x) (|x| / y)**(p - 1) t."""
    p = _arguments.parse_norm_type(norm_type)
    normalize = _arguments.flag(normalize, "normalize")
    tangent, x, shape = _taken(tangent, x, op)
    _arguments.refuse(arguments.pop("weights", None), "weights")
    mask = arguments.pop("mask")
    valid = _valid(x, shape, arguments.pop("nan_policy"), mask)
    spatial, plan, keepdims = _planned(kind, nd, shape, arguments)
    dtype = _arguments.parse_dtype("lp", dtype, x.dtype)
    pooled = _execute._pooled(shape, spatial, plan, keepdims)
    inputs = [tangent, x, *_execute._beside(out, mask)]
    (result,), (returned,) = _execute._results(out, pooled, [dtype], inputs)
    if result.size and p == np.inf:
        at = _alike(forward, "max")(abs(x), **arguments, mask=valid, return_indices=True)[1]
        signed = np.where(x == 0, x, np.sign(x) * tangent)
        result[...] = _listed.gather(signed, at, _listed.Listed(spatial, plan, [], keepdims), None, [])
    elif result.size:
        counts = _counts(forward, kind, plan, spatial, keepdims, valid, x.ndim, arguments)
        slope = _mean_slope(x, tangent, valid, plan, spatial, pooled, p)
        with np.errstate(all="ignore"):
            # the mean of n powers is their sum divided by n
            result[...] = np.where(counts == 0, 0, slope if normalize else slope * counts ** (1 / p))
        lost = x != x
        if lost.any():
            result[_alike(forward, "max")(lost, **arguments, mask=valid)] = np.nan
    return returned


def _mean_slope(x, tangent, valid, plan, spatial, pooled, p):
    """The derivative of (mean |x|**p)**(1/p), in float64."""
    slope = np.empty(pooled)
    arrays = [x, tangent] if valid is None else [x, tangent, valid]
    frame = _execute._Frame(arrays, [slope], spatial)
    plan = plan._replace(outer=frame.outer, inner=frame.inner)
    x5, t5, *mask5, slope5 = frame.arrays
    taps = prod(_panels._most_taps(axis) for axis in plan.axes)
    threads = threads_for(4 * (x.nbytes + slope.nbytes + 8 * slope.size * taps))
    given = {"params": (p, 0.0), "mask": mask5[0] if mask5 else None}
    _dispatch.panel_jvp("norm", t5, x5, slope5, plan, threads, **given)
    frame.finish(None, None, 0)
    return slope


def _alike(forward, op):
    """The operator of another reducer over the same kind of windows."""
    return getattr(functional, re.sub("(max|min|avg|sum|lp)_pool", f"{op}_pool", forward.__name__))


def _counts(forward, kind, plan, spatial, keepdims, valid, ndim, arguments):
    """How many elements take part in each window, as an array that broadcasts to the result."""
    if valid is not None:
        where = {name: arguments[name] for name in (*_PLACES[kind], "data_format", "axis")}
        return _alike(forward, "sum")(valid.astype(np.float64), **where)
    counts = np.ones((1,) * (ndim if keepdims else 0))
    axes = plan.axes[3 - plan.nd:]  # more than three are merged, into one window
    for axis, i in zip(axes, spatial, strict=False):
        real = _geometry.axis_bounds(axis, np.arange(axis.out), np.clip)[1]
        counts = counts * (real.reshape([-1 if j == i else 1 for j in range(ndim)]) if keepdims else real[0])
    return counts


# ---- functions ----


def _derived(forward, kind, op, nd):
    """The derivative of one function."""
    name = f"{forward.__name__}_jvp"
    parameters = list(inspect.signature(forward).parameters.values())
    parameters.insert(0, parameters[0].replace(name="tangent"))
    if op in _execute.SELECTS:
        star = next(i for i, p in enumerate(parameters) if p.kind is p.KEYWORD_ONLY)
        default = inspect.Parameter("indices", inspect.Parameter.KEYWORD_ONLY, default=None)
        parameters.insert(star, default)
    names = [p.name for p in parameters]
    lead = 3 if op == "lp" else 2
    call = ", ".join(names[:lead] + [f"{n}={n}" for n in names[lead:]])
    run = selected if op in _execute.SELECTS else norm if op == "lp" else linear
    made = compiled(listed(parameters), call)(partial(run, forward, kind, op, nd))
    return named(made, name, _document(forward.__name__, kind, op, nd, names))


_INDICES = """return_indices, index_dtype
    Refused where `{forward}` refuses them, and otherwise ignored; they are here so
    that one dict of arguments serves both functions.
indices : array_like of int, optional
    What `{forward}` returned with ``return_indices=True``; without it, `x` is searched
    again.
"""
_X = {
    "max": "array that is pooled, or its shape if `indices` is given.",
    "lp": "array that is pooled.",
    "linear": "array that is pooled, or its shape: nothing else matters.",
}
_RETURNS = {
    "max": "the tangent at the place of each {largest}, 0 where a\n    window holds no element.",
    "lp": "the sum of ``sign(x) * (abs(x) / y)**(p - 1)``\n    times the tangent over each window with the "
          "norm y, divided by the number of its elements if\n    `normalize`; 0 where y is 0.",
    "linear": "the same operator of the tangent, as it is linear.",
}
_TEXT = """Derivative of `{forward}` along a tangent.

Parameters
----------
{tangent}
x : array_like, or tuple of int
    The floating-point {what x}
{others}
    As in the call of `{forward}`.
{indices}{out}

Returns
-------
ndarray
    What `{forward}` changes by, to first order: {what}

Raises
------
{tangent raises}

See Also
--------
{forward}, {forward}_backward

Notes
-----
{adjoint}

Examples
--------
>>> import cpool
>>> x = {numbers}
>>> t = {along}
>>> cpool.{forward}_jvp({call}).ravel()
{value}
"""
_VALUES = {"max": "array([40.])", "min": "array([10.])", "avg": "array([25.])", "sum": "array([100.])",
           "lp": "array([44.])", "unpool": "array([0., 1.])"}


def _document(forward, kind, op, nd, names):
    case = "max" if op in _execute.SELECTS else "lp" if op == "lp" else "linear"
    skipped = {"tangent", "x", "return_indices", "index_dtype", "out"}
    skipped |= {"indices"} if case == "max" else set()
    others = [n for n in names if n not in skipped]
    axes = nd or 2
    numbers, along = ("3.0", "1.0") if op == "unpool" else ("0.0, 3.0, 0.0, 4.0", "10.0, 20.0, 30.0, 40.0")
    windows = {"windowed": sized(axes, 4), "adaptive": "1", "global": "spatial_ndim=2"}
    window = windows.get(kind, sized(axes, 2))
    first = {"lp": "t, x, 2, ", "unpool": f"t, x, {nested(axes, '1')}, "}.get(op, "t, x, ")
    words = shape_words("global" if nd is None else "windowed", nd) | {
        "forward": forward, "what x": _X[case], "others": heads(others),
        "indices": _INDICES if case == "max" else "", "what": _RETURNS[case],
        "largest": {"max": "maximum", "min": "minimum"}.get(op, ""), "numbers": nested(axes, numbers),
        "along": nested(axes, along), "call": first + window, "value": _VALUES[op],
    }
    return documented(_TEXT.strip(), SHARED | words)


def _all():
    made = {}
    for op in ("max", "min", "avg", "sum", "lp"):
        cases = [("windowed", nd, f"{op}_pool{nd}d") for nd in (1, 2, 3)]
        cases += [("adaptive", nd, f"adaptive_{op}_pool{nd}d") for nd in (1, 2, 3)]
        for kind, nd, name in [*cases, ("global", None, f"global_{op}_pool")]:
            made[f"{name}_jvp"] = _derived(getattr(functional, name), kind, op, nd)
    for nd in 1, 2, 3:
        name = f"max_unpool{nd}d"
        made[f"{name}_jvp"] = _derived(getattr(functional, name), "unpool", "unpool", nd)
    return made


FUNCTIONS = _all()
globals().update(FUNCTIONS)
__all__ = sorted(FUNCTIONS)
