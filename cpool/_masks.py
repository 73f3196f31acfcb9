"""Pooling without the elements that a mask or `nan_policy` leaves out, and averages by weights.

What is left out becomes the reducer's identity in a copy, a few planes at a time, and the copy is pooled by
the kernels that pool whole arrays (`_kernels/masked.pyx`). The rest is arithmetic on the results:

a) An average divides by the number of elements that take part (and the padding that counts). Float averages
   do that in the kernel, integers here, exactly; `normalize=True` of Lp scales the norm of the sum likewise.
b) A maximum (minimum) that equals the identity may be that of an element or of nothing: only then the
   positions are looked up again, among the elements that take part and are equal to it.
c) Gradients go to all elements of a window, by the number of those that take part, and those that do not are
   cleared. The kernel that averages divides them (with counts and quotients of NumPy 2x2 averages of 8 images
   of 64 channels of 56 x 56 took 6.4 times as long as without a mask, 2.8 so). Those of maxima and minima go
   to the positions, and of Lp to the copy, where 0 gets nothing.
d) Weighted averages are panels: sum(w x) / sum(w), with gradients for both.
"""

from math import prod
from typing import NamedTuple

import numpy as np

from . import _arguments, _dispatch, _geometry

_AT_A_TIME = 512 * 1024  # bytes of x that are copied before they are pooled: well inside a second-level cache
_NAN = {  # the bits of a size, and above which of them a number is NaN
    "float16": (0x7FFF, 0x7C00), "bfloat16": (0x7FFF, 0x7F80), "float32": (0x7FFFFFFF, 0x7F800000),
    "float64": (0x7FFFFFFFFFFFFFFF, 0x7FF0000000000000),
}


class LeftOut(NamedTuple):
    """What takes no part, and what counts how much.

    Attributes
    ----------
    mask : ndarray of bool or None
        As the user gave it: it broadcasts to x.
    omit : bool
        Whether NaN take no part.
    weights : ndarray or None
        Broadcasts to x.
    """

    mask: np.ndarray | None
    omit: bool
    weights: np.ndarray | None

    @property
    def arrays(self):
        return [a for a in (self.mask, self.weights) if a is not None]


class Mask(NamedTuple):
    """A mask as kernels read it.

    Attributes
    ----------
    array : ndarray of bool or None
        (groups, D, H, W, inner or 1), or None: only NaN are left out.
    group : ndarray of int64 or None
        (outer,): which mask each plane has; None: its own.
    omit : bool
        Whether NaN take no part either.
    repeat : int
        Plane i has mask i // repeat % groups; 0 if it is not so simple.
    """

    array: np.ndarray | None
    group: np.ndarray | None
    omit: bool
    repeat: int = 1


def understood(op, x, shape, dtype, divisor, nan_policy, mask, weights):
    """Check the arguments that leave elements out or weigh them.

    Parameters
    ----------
    op : str
    x : numpy.ndarray or None
        None where only its shape is known.
    shape : tuple of int
        That of x.
    dtype : numpy.dtype
        Of the result.
    divisor : int or None
        The divisor_override.
    nan_policy, mask, weights : object
        What the user gave.

    Returns
    -------
    LeftOut or None
        None if it is an ordinary pooling.
    """
    policy = _arguments.parse_nan_policy(nan_policy)
    if mask is not None:
        mask = _arguments.as_mask(mask, shape)
    if weights is not None:
        if x is None:
            _arguments.need_values(shape, "weights")
        weights = _arguments.as_weights(op, weights, shape, dtype, divisor, x.dtype)
    if policy == "raise" and x is not None:
        _arguments.refuse_nan(x, mask)
    if policy == "omit" and x is None:
        _arguments.need_values(shape, "nan_policy 'omit'")
    omit = policy == "omit" and _arguments.dtype_name(x.dtype) in _arguments.FLOATS
    if mask is None and weights is None and not omit:
        return None
    return LeftOut(mask, omit, weights)


def aligned(left, frame, shape):
    """The mask in the order of axes of a frame, whose first array has the shape."""
    mask = left.mask
    if mask is None:
        return Mask(None, None, left.omit)
    order, start = frame.order, frame.order.index(frame.spatial[0])
    stop = start + len(frame.spatial)
    full = tuple(shape[i] for i in order)
    mask = mask.reshape((1,) * (len(shape) - mask.ndim) + mask.shape).transpose(order)
    lead, tail = mask.shape[:start], mask.shape[stop:]
    tail = tail if prod(tail) == 1 else full[stop:]
    sizes = full[start:stop]
    array = np.broadcast_to(mask, (*lead, *sizes, *tail))
    if len(sizes) > 3:
        sizes = (*sizes[:2], prod(sizes[2:]))
    array = np.ascontiguousarray(array).reshape(prod(lead), *(1,) * (3 - len(sizes)), *sizes, prod(tail))
    group, repeat = None, 1
    if lead != full[:start]:
        group = np.arange(prod(lead), dtype=np.int64).reshape(lead)
        group = np.ascontiguousarray(np.broadcast_to(group, full[:start])).reshape(-1)
        inside = [i for i, n in enumerate(lead) if n != 1] or [0]
        repeat = prod(full[inside[-1] + 1:start]) if prod(lead) > 1 else prod(full[:start])
        if lead[inside[0]:inside[-1] + 1] != full[inside[0]:inside[-1] + 1] and prod(lead) > 1:
            repeat = 0
    return Mask(array, group, left.omit, repeat)


# ---- forward ----


def forward(op, x, out, idx, plan, threads, p, normalize, mask):
    """Pool canonical arrays into out (and positions into idx) without what takes no part.

    Returns a job that did all of it, if there is one.
    """
    counted = _counted(op, plan, normalize)
    floating = _floating(x.dtype)
    if not counted:
        masked(op, x, out, idx, plan, threads, mask, p)
        if idx is not None:
            _look_up(op, x, out, idx, plan, threads, mask)
    elif op == "lp":
        norm = np.empty(out.shape, np.float64)
        masked(op, x, norm, None, plan, threads, mask, p)
        norm /= _scale(_counts(x, plan, threads, mask), p)
        _round(norm, out)
    elif not floating:
        _integer_average(x, out, plan, threads, mask)
    else:
        return _float_average(x, out, plan, threads, mask)
    return None


def _counted(op, plan, normalize):
    """Whether the result depends on how many elements take part."""
    return (op == "avg" and plan.divisor is None) or (op == "lp" and normalize)


def _floating(dtype):
    return _arguments.dtype_name(dtype) in _arguments.FLOATS


def _identity(op, dtype):
    """What every element wins against; 0 if there is nothing to win."""
    if op not in ("max", "min"):
        worst = 0
    elif _floating(dtype):
        worst = -np.inf if op == "max" else np.inf
    elif dtype.kind == "b":
        worst = op == "min"
    else:
        worst = np.iinfo(dtype).min if op == "max" else np.iinfo(dtype).max
    return np.array(worst, dtype)


def limits(op, dtype, omit):
    """Bits of what stands for an element that takes no part, and of what is a NaN."""
    size = dtype.itemsize
    bits = int(_identity(op, dtype).view(f"u{size}"))
    every = 2**(8 * size) - 1
    return (bits, *_NAN[_arguments.dtype_name(dtype)]) if omit else (bits, every, every)


def _bands(plan, size, most):
    """Cut planes of more than `most` bytes into bands of windows, with the part of x that each needs.

    Returns
    -------
    list of (first pixel, pixels, first window, windows)
    list of Plan
        Those of the bands, of one plane.
    """
    pixels, windows = prod(a.n for a in plan.axes), prod(a.out for a in plan.axes)
    cut = next((i for i, a in enumerate(plan.axes) if a.n > 1), 2)
    axis, line = plan.axes[cut], pixels // plan.axes[cut].n
    share = line * plan.inner * size        # bytes for each position along the axis
    if axis.adaptive or share * axis.n <= most:
        return [(0, pixels, 0, windows)], [plan]
    extent = (axis.kernel - 1) * axis.dilation + 1
    step = max(1, (most // share - extent) // axis.stride + 1, extent // axis.stride)
    bands, plans = [], []
    for first in range(0, axis.out, step):
        count = min(step, axis.out - first)
        start = first * axis.stride - axis.lo
        low = min(max(start, 0), axis.n - 1)
        high = max(min(start + (count - 1) * axis.stride + extent, axis.n), low + 1)
        bands.append((low * line, (high - low) * line, first * windows // axis.out,
                      count * windows // axis.out))
        part = axis._replace(n=high - low, out=count, lo=low - start, hi=0)
        plans.append(plan._replace(outer=1, axes=(*plan.axes[:cut], part, *plan.axes[cut + 1:])))
    return bands, plans


def pieces(name, plan, planes, at_a_time, most, dtypes, **task):
    """Return the arguments `per`, `bands` and `jobs` of the kernel for x, results and maybe positions.

    Each job is a kernel that was prepared for the pieces of one kind.
    """
    bands, plans = _bands(plan, dtypes[0].itemsize, most)
    if len(bands) == 1:
        plans = [plan._replace(outer=n) for n in (at_a_time, planes % at_a_time) if n]
        kinds = [0]
    else:
        at_a_time = 1
        unique = dict.fromkeys(plans)
        kinds = [list(unique).index(each) for each in plans] if len(unique) < 8 else range(len(plans))
        plans = list(unique) if len(unique) < 8 else plans
    jobs = []
    for each in plans:
        sizes = [each.outer * each.inner * prod(getattr(a, which) for a in each.axes)
                 for which in ("n", "out", "out")]
        sizes = [n * dtype.itemsize for n, dtype in zip(sizes, dtypes, strict=False)]
        jobs.append(_dispatch.prepared(name, dtypes[0], sizes, each, **task))
    table = [(*band, kind) for band, kind in zip(bands, kinds, strict=True)]
    return at_a_time, np.array(table, np.int64), jobs


def masked(op, x, out, idx, plan, threads, mask, p=2.0, average=None):
    """Pool a copy in which the identity stands for what takes no part.

    average: None, or (counts or None, pads or None, dtype of the sums, result where nothing takes part):
    divide the sums by counts, or by what is counted on the way.
    """
    planes, plane = x.shape[0], prod(x.shape[1:])
    most = _AT_A_TIME
    if threads > 1:
        most = min(most, max(x.nbytes // (4 * threads), _AT_A_TIME // 8))
    at_a_time = max(1, min(planes, most // max(plane * x.itemsize, 1)))
    options = {}
    dtypes = [x.dtype, out.dtype]
    if average is not None:
        counts, pads, wide, empty = average
        dtypes[1] = wide
        options = {
            "counts": counts, "counting": counts is None, "pads": pads, "empty": empty,
            "wide": _dispatch.code_of(wide), "out_code": _dispatch.code_of(out.dtype),
            "few": _dispatch.most_taps(plan) < 256,
        }
    if idx is None:
        name = _dispatch.forward_name(op, plan)
        task = {"op": _dispatch.OPS[op], "out_code": _dispatch.code_of(dtypes[1]), "p": p}
    else:
        name, task = "argreduce", {"op": _dispatch.OPS[op], "index_bytes": idx.itemsize}
        dtypes.append(idx.dtype)
    parts = pieces(name, plan, planes, at_a_time, most, dtypes, **task)
    _dispatch.masked_kernel().masked(
        x, mask.array, mask.group, limits(op, x.dtype, mask.omit), *parts, out, idx, threads, **options)


def present(x, mask):
    """Which elements of x take part: bool, of its shape."""
    if mask.array is None:
        return x == x
    found = mask.array if mask.group is None else mask.array[mask.group]
    return found & (x == x) if mask.omit else np.broadcast_to(found, x.shape)


def _counts(x, plan, threads, mask, dtype=np.float64):
    """How many elements of each window take part, in the shape of the result or one that broadcasts to it."""
    array = np.ascontiguousarray(present(x, mask)) if mask.omit else mask.array
    outer, *_, inner = array.shape
    plan = plan._replace(outer=outer, inner=inner, divisor=None)
    found = np.empty((outer, *(a.out for a in plan.axes), inner), dtype)
    _dispatch.reduce("sum", array, found, plan, threads)
    return found if mask.omit or mask.group is None else found[mask.group]


def _pads(plan):
    """What the divisor of each window has beside its elements: taps in the padding. None if it is nothing."""
    if not plan.include_pad:
        return None
    real = counting = np.ones((1, 1, 1), np.int64)
    bounds = [_geometry.axis_bounds(axis, np.arange(axis.out), np.clip) for axis in plan.axes]
    if all((taps == divisor).all() for _, taps, divisor in bounds):
        return None
    for i, (_, taps, divisor) in enumerate(bounds):
        shape = [1, 1, 1]
        shape[i] = len(taps)
        real, counting = real * taps.reshape(shape), counting * divisor.reshape(shape)
    return counting - real


def _empty(plan):
    """The float average of a window without an element that takes part."""
    return 0.0 if plan.include_pad or plan.divisor is not None else np.nan


def _direct(x, out, plan):
    """Whether averages need no copy: windows of up to 3 x 3 x 3, float32 or float64."""
    return (x.dtype == out.dtype and x.itemsize >= 4
            and all(not a.adaptive and a.kernel <= 3 for a in plan.axes))


def _direct_average(x, out, plan, threads, mask, over=None):
    """Write averages straight from x, or what is given for each window divided by its count."""
    array = mask.array
    if mask.repeat == 0:
        array, mask = array[mask.group], mask._replace(repeat=1)
    inner = None if array is None else array.shape[4]
    return _dispatch.masked_averages(
        x, array, out, plan, threads, over, omit=mask.omit, repeat=mask.repeat,
        groups=x.shape[0] if array is None else array.shape[0],
        mode=0 if array is None else 2 if inner == x.shape[4] else 1)


def _float_average(x, out, plan, threads, mask):
    many = _dispatch.most_taps(plan) > 64
    wide = np.dtype(np.float64 if many or 8 in (x.itemsize, out.itemsize) else np.float32)
    if _direct(x, out, plan):
        return _direct_average(x, out, plan, threads, mask)
    pads = _pads(plan)
    pads = None if pads is None else pads.astype(wide).reshape(-1)
    counts = None
    if not mask.omit and (mask.group is not None or mask.array.shape[4] != x.shape[4]):
        groups, *_, inner = mask.array.shape
        small = plan._replace(outer=groups, inner=inner, divisor=None)
        counts = np.empty((groups, *(a.out for a in plan.axes), inner), wide)
        _dispatch.reduce("sum", mask.array, counts, small, threads)
    masked("sum", x, out, None, plan, threads, mask, average=(counts, pads, wide, _empty(plan)))
    return None


def _integer_average(x, out, plan, threads, mask):
    """Exact quotients, rounded once: to the nearest integer, ties to even, or to a float."""
    counts = _counts(x, plan, threads, mask, np.int64)
    pads = _pads(plan)
    divisor = counts if pads is None else counts + pads[None, ..., None]
    divisor = np.maximum(divisor, 1)
    total = np.empty(out.shape, np.int64)
    if x.itemsize < 8:
        masked("sum", x, total, None, plan, threads, mask)
        quotient, rest = np.divmod(total, divisor)
    else:                                           # in two halves, whose sums fit
        high = (x >> np.array(32, x.dtype)).astype(np.int64)
        low = (x & np.array(0xFFFFFFFF, x.dtype)).astype(np.int64)
        masked("sum", high, total, None, plan, threads, mask)
        first, rest = np.divmod(total, divisor)
        masked("sum", low, total, None, plan, threads, mask)
        second, rest = np.divmod((rest << 32) + total, divisor)
        if _floating(out.dtype):
            quotient = first.astype(np.longdouble) * 2**32 + second
        else:
            quotient = (first.astype(np.uint64) << np.uint64(32)) + second.astype(np.uint64)
    if _floating(out.dtype):
        out[...] = quotient + rest / divisor.astype(np.longdouble)
        if np.isnan(_empty(plan)):
            out[np.broadcast_to(counts == 0, out.shape)] = np.nan
    else:
        up = (2 * rest > divisor) | ((2 * rest == divisor) & (quotient & quotient.dtype.type(1)).astype(bool))
        out[...] = (quotient + up.astype(quotient.dtype)).astype(out.dtype)


def _scale(counts, p):
    """What the p-norm of a sum is divided by to be that of a mean."""
    return np.maximum(counts, 1) ** (1 / p)


def _round(values, out):
    """Doubles to the dtype of the result."""
    if not _floating(out.dtype):
        limits = np.iinfo(out.dtype)
        top = np.nextafter(float(limits.max), 0) if limits.max > 2**53 else limits.max
        full = values > top
        values = np.clip(np.rint(values), limits.min, top)
        out[...] = values.astype(out.dtype)
        out[full] = limits.max
    else:
        with np.errstate(over="ignore"):
            out[...] = values.astype(out.dtype)


def _look_up(op, x, out, idx, plan, threads, mask):
    """Correct the positions where the result may be that of nothing, or of an element equal to that."""
    identity = _identity(op, x.dtype)
    nothing = out == identity
    if nothing.any():
        hits = present(x, mask) & (x == identity)
        found, at = np.empty(out.shape, bool), np.empty_like(idx)
        _dispatch.argreduce("max", np.ascontiguousarray(hits), found, at, plan, threads)
        np.copyto(idx, np.where(found, at, -1), where=nothing)


# ---- backward ----


def backward(op, g, x, gx, plan, threads, p, normalize, mask):
    """Write the gradient of `forward` with respect to x into gx; only max, min, lp and omitted NaN need x."""
    if op in ("max", "min"):
        values, idx = np.empty(g.shape, x.dtype), np.empty(g.shape, np.int64)
        forward(op, x, values, idx, plan, threads, p, normalize, mask)
        _dispatch.select_backward(op, g, None, idx, gx, plan, threads, fresh=True)
        return
    wide = np.float64 if 8 in (g.itemsize, gx.itemsize) else np.float32
    if op == "lp":
        copy = np.empty_like(x)
        bits = limits(op, x.dtype, mask.omit)
        _dispatch.masked_kernel().without(x, mask.array, mask.group, bits, copy, threads)
        if normalize:
            g = (g / _scale(_counts(x, plan, threads, mask), p)).astype(wide)
        _dispatch.lp_backward(g, copy, gx, plan, threads, p, False)
        return
    if mask.omit:
        mask = Mask(np.ascontiguousarray(present(x, mask)), None, False)
    if _counted(op, plan, normalize) and _direct(gx, g, plan):
        quotient = np.empty_like(g)
        _direct_average(gx, quotient, plan, threads, mask, g)       # of gx only its shape counts
        g, op = quotient, "sum"
    elif _counted(op, plan, normalize):
        divisor, pads = _counts(gx if x is None else x, plan, threads, mask, wide), _pads(plan)
        if pads is not None:
            divisor = divisor + pads[None, ..., None].astype(wide)
        g, op = np.divide(g, np.maximum(divisor, 1), dtype=wide), "sum"
    _dispatch.spread(op, g, gx, plan, threads)
    _dispatch.masked_kernel().without(
        gx, mask.array, mask.group, limits("sum", gx.dtype, False), gx, threads)


# ---- weights ----


def weighted(left, x, weights, mask, out, plan, threads):
    """Write sum(w x) / sum(w) of every window; weights and mask (or None) have the shape of x."""
    _dispatch.panel("weighted", x, out, plan, threads, second=weights, mask=mask, omit_nan=left.omit)


def weighted_backward(left, g, x, weights, mask, gx, gw, plan, threads):
    """Write the gradients of `weighted` with respect to x and weights."""
    _dispatch.panel_backward("weighted", g, x, gx, plan, threads, second=weights, gsecond5=gw, mask=mask,
                             omit_nan=left.omit)


def broadcast(left, shape):
    """Weights and mask in the shape of x; a mask that is not there is None."""
    return [None if a is None else np.broadcast_to(a, shape) for a in (left.weights, left.mask)]
