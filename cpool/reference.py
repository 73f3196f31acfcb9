"""Every operator once more in plain NumPy: slow, short and meant to be read.

This module is the oracle of the tests and the plainest statement of what
each operator computes. It shares no code with the rest of the package, on
purpose. One function serves 1, 2 and 3 dimensions (``nd=``) and takes the
arguments of the public function of the same name; it checks only what makes
a call legal or not.

All of it works the same way. `_split` views an array as
``(outer, plane, inner)``: leading axes, one flattened spatial plane,
channels if they come last. An axis of windows is a list with one pair per
output position, the positions of its real taps and the number of taps an
average divides by. `_windows` combines the axes into flat positions in the
plane, and the loops in `_forward` and `_backward` visit one window after
the other.

Sums are formed exactly for integers and in long double for floating-point
numbers, and rounded once. Every loop carries a validity array beside the
values (``mask=``): taps that are not valid take no part and do not count.
"""

import fractions
import itertools
import math
import operator

import numpy as np

_WIDE = np.longdouble
_quiet = np.errstate(all="ignore")  # NaN and infinity are ordinary values here


# --- arguments ------------------------------------------------------------------------------------

def _ints(value, n, low):
    """`value` as `n` ints that are at least `low`; one int stands for all."""
    values = (value,) * n if np.ndim(value) == 0 else tuple(value)
    if any(isinstance(v, (bool, np.bool_)) for v in values):
        raise TypeError(f"expected ints, got {value!r}")
    values = tuple(operator.index(v) for v in values)
    if len(values) != n or not all(low <= v < 2**31 - 1 for v in values):
        raise ValueError(f"expected {n} ints of at least {low}, got {value!r}")
    return values


def _pads(padding, n):
    """`padding` as one entry per axis: a (before, after) pair, or "same" / "same_lower"."""
    if isinstance(padding, str):
        if padding not in ("valid", "same", "same_lower"):
            raise ValueError(f"unknown padding {padding!r}")
        return [(0, 0) if padding == "valid" else padding] * n
    if np.ndim(padding) == 2:
        if len(padding) != n:
            raise ValueError(f"expected {n} pairs, got {padding!r}")
        return [_ints(pair, 2, 0) for pair in padding]
    return [(p, p) for p in _ints(padding, n, 0)]


def _is_float(dtype):
    return dtype.kind == "f" or dtype.name == "bfloat16"


def _out_dtype(op, x_dtype, dtype):
    """dtype of the result of `op`; `dtype` is what the user asked for."""
    if dtype is not None:
        dtype = np.dtype(dtype)
        integer_sum = op == "sum" and not _is_float(x_dtype) and dtype.kind in "iu"
        if dtype not in (np.float32, np.float64) and not integer_sum:
            raise TypeError(f"dtype {dtype} is not available here")
        return dtype
    if x_dtype.kind == "b" and op in ("avg", "lp"):
        raise TypeError("bool needs dtype=")
    if op == "sum" and not _is_float(x_dtype):
        return np.dtype(np.uint64 if x_dtype.kind == "u" else np.int64)
    return x_dtype


def _index_dtype(index_dtype, spatial):
    dtype = np.dtype(np.int64 if index_dtype is None else index_dtype)
    if dtype not in (np.int32, np.int64) or math.prod(spatial) - 1 > np.iinfo(dtype).max:
        raise ValueError(f"index_dtype {dtype} does not fit")
    return dtype


# --- windows --------------------------------------------------------------------------------------

class _Taps(tuple):
    """A window along one axis: (positions of its real taps, number of divisor taps).

    `places` tells which of the `most` taps of a window the real ones are.
    """

    def __new__(cls, positions, divisor_taps, places, most):
        self = super().__new__(cls, (positions, divisor_taps))
        self.places, self.most = places, most
        return self


def _regular_axis(n, kernel, stride, pad, dilation, ceil_mode):
    """Windows of an axis of `n` elements: a list of (positions of the real taps, number of divisor taps)."""
    span = dilation * (kernel - 1) + 1
    if n == 0:
        raise ValueError("a spatial axis has no elements")
    if isinstance(pad, str):
        out = -(-n // stride)
        total = max((out - 1) * stride + span - n, 0)
        lo = total // 2 if pad == "same" else total - total // 2
        hi = total - lo
    else:
        lo, hi = pad
        room = n + lo + hi - span
        if ceil_mode:
            out = max(-(-room // stride) + 1, 1)
            if (out - 1) * stride >= n + lo:
                out -= 1
        elif room < 0:
            raise ValueError(f"no window of extent {span} fits into {n} elements padded by {lo} and {hi}")
        else:
            out = room // stride + 1
    windows = []
    for o in range(out):
        taps = o * stride - lo + dilation * np.arange(kernel)
        real = (taps >= 0) & (taps < n)
        windows.append(_Taps(taps[real], np.count_nonzero(taps < n + hi), np.flatnonzero(real), kernel))
    return windows


def _adaptive_axis(n, out):
    if n == 0:
        raise ValueError("a spatial axis has no elements")
    bounds = [(i * n // out, -(-(i + 1) * n // out)) for i in range(out)]
    most = max((stop - start for start, stop in bounds), default=0)
    return [_Taps(np.arange(start, stop), stop - start, np.arange(stop - start), most)
            for start, stop in bounds]


def _regular(spatial, kernel_size, stride, padding, dilation, ceil_mode):
    n = len(spatial)
    kernel = _ints(kernel_size, n, 1)
    stride = kernel if stride is None else _ints(stride, n, 1)
    dilation = _ints(dilation, n, 1)
    return [_regular_axis(*axis, bool(ceil_mode))
            for axis in zip(spatial, kernel, stride, _pads(padding, n), dilation, strict=True)]


def _adaptive(spatial, output_size):
    sizes = (output_size,) * len(spatial) if np.ndim(output_size) == 0 else tuple(output_size)
    sizes = [n if size is None else size for n, size in zip(spatial, sizes, strict=True)]
    return [_adaptive_axis(n, size) for n, size in zip(spatial, _ints(sizes, len(spatial), 0), strict=True)]


def _windows(axes, spatial):
    """Yield (flat positions of the real taps, number of divisor taps) for every window in row-major order."""
    for window in itertools.product(*axes):
        flat = np.zeros(1, int)
        for (positions, _), n in zip(window, spatial, strict=True):
            flat = (flat[:, None] * n + positions).ravel()
        yield flat, math.prod(count for _, count in window)


def _split(x, nd, data_format="channels_first", axis=None):
    """View `x` as (outer, plane, inner); also return its spatial shape and the way back to its layout."""
    if axis is not None:
        axis = _ints(axis, nd, -x.ndim)
        x = np.moveaxis(x, axis, range(-nd, 0))
    inner = 1 if data_format in ("channels_last", "NWC", "NHWC", "NDHWC") else 0
    if x.ndim < nd + inner:
        raise ValueError(f"{nd} spatial axes asked of shape {x.shape}")
    first, last = x.ndim - nd - inner, x.ndim - inner
    outer, spatial, channels = x.shape[:first], x.shape[first:last], x.shape[last:]

    def join(y3, out_spatial):
        y = y3.reshape(outer + tuple(out_spatial) + channels)
        return y if axis is None else np.ascontiguousarray(np.moveaxis(y, range(-nd, 0), axis))

    return x.reshape(math.prod(outer), math.prod(spatial), math.prod(channels)), spatial, join


# --- one window: `values` and `valid` have the shape (outer, taps, inner) -------------------------

def _identity(op, dtype):
    if dtype.kind == "b":
        return op == "min"
    if _is_float(dtype):
        return -np.inf if op == "max" else np.inf
    return np.iinfo(dtype).min if op == "max" else np.iinfo(dtype).max


def _select(op, values, valid):
    """Tap number of the first maximum (minimum), a NaN before all others; -1 where there is none."""
    worst = _identity(op, values.dtype)
    values = np.where(valid, values, np.asarray(worst, values.dtype))
    best = values.max(axis=1, keepdims=True) if op == "max" else values.min(axis=1, keepdims=True)
    nan = valid & (values != values)
    hit = np.where(nan.any(axis=1, keepdims=True), nan, valid & (values == best))
    return np.where(hit.any(axis=1), hit.argmax(axis=1), -1)


def _total(values, valid):
    """Sum of the valid taps: exact for integers, in long double for floating point."""
    if _is_float(values.dtype):
        return np.where(valid, values.astype(_WIDE), 0).sum(axis=1)
    wide = object if values.dtype.itemsize == 8 else np.int64
    return np.where(valid, values.astype(wide), 0).sum(axis=1)


def _divide_to_even(total, divisor):
    """Integers `total / divisor`, rounded to the nearest integer, ties to the even one."""
    if divisor.dtype == object:
        total = total.astype(object)
    total, divisor = np.where(divisor < 0, -total, total), abs(divisor)
    quotient = total // divisor
    rest = 2 * (total - quotient * divisor)
    return quotient + ((rest > divisor) | ((rest == divisor) & (quotient % 2 == 1)))


def _wrap(integers, dtype):
    """Integers of any size in `dtype`, modulo its range as NumPy's sums."""
    if integers.dtype == object:
        integers = (integers & (2**64 - 1)).astype(np.uint64)
    return integers.astype(dtype)


def _norm(values, valid, p, normalize):
    """(sum |x|**p) ** (1/p) of the valid taps, scaled by the largest so that nothing overflows."""
    size = np.where(valid, abs(values.astype(_WIDE)), 0)
    largest = size.max(axis=1)
    if p == np.inf:
        return largest
    scale = np.where((largest > 0) & (largest < np.inf), largest, 1)
    total = ((size / scale[:, None]) ** _WIDE(p)).sum(axis=1)
    if normalize:
        total = total / np.maximum(valid.sum(axis=1), 1)
    return scale * total ** (1 / _WIDE(p))


def _norm_slope(values, valid, p, normalize):
    """Slope of `_norm` with respect to each tap: sign(x) * (|x| / norm) ** (p - 1), and 0 at every kink."""
    wide = values.astype(_WIDE)
    if p == np.inf:
        slope = np.zeros_like(wide)
        first = np.maximum(_select("max", abs(wide), valid), 0)[:, None]
        np.put_along_axis(slope, first, np.sign(np.take_along_axis(wide, first, axis=1)), axis=1)
        return np.where(valid, slope, 0)
    norm = _norm(values, valid, p, normalize)[:, None]
    flat = (norm == 0) | (wide == 0) | ~valid
    slope = np.sign(wide) * (abs(np.where(flat, 1, wide)) / np.where(norm == 0, 1, norm)) ** (_WIDE(p) - 1)
    return np.where(flat, 0, slope / np.maximum(valid.sum(axis=1), 1)[:, None] if normalize else slope)


def _divisor(valid, divisor_taps, include_pad, override):
    """What an average of this window divides by."""
    if override is not None:
        return np.asarray(operator.index(override), object if abs(override) >= 2**31 else np.int64)
    real = valid.sum(axis=1)
    return real + (divisor_taps - valid.shape[1]) if include_pad else real


# --- the two loops --------------------------------------------------------------------------------

def _prepare(op, x, where, mask, p):
    if op == "lp" and not p > 0:
        raise ValueError(f"norm_type must be positive, got {p!r}")
    x3, spatial, join = _split(x, **where)
    valid = np.ones(x.shape, bool) if mask is None else np.broadcast_to(mask, x.shape)
    return x3, _split(valid, **where)[0], spatial, join


@_quiet
def _forward(op, x, where, geometry, *, mask=None, dtype=None, include_pad=False, override=None, p=2,
             normalize=False):
    """Reduce every window of `x`; return the values and the flat index of the selected tap (max and min)."""
    x = np.asarray(x)
    dtype = _out_dtype(op, x.dtype, dtype)
    if override is not None and operator.index(override) == 0:
        raise ValueError("divisor_override must not be 0")
    if x.dtype.itemsize == 2 and _is_float(x.dtype):
        x = x.astype(np.float32)
    x3, valid3, spatial, join = _prepare(op, x, where, mask, p)
    axes = geometry(spatial)
    out_spatial = [len(axis) for axis in axes]
    shape = (x3.shape[0], math.prod(out_spatial), x3.shape[2])
    nothing = _identity(op, x.dtype) if op in ("max", "min") else 0
    if op == "avg" and not include_pad and override is None and _is_float(dtype):
        nothing = np.nan
    out, indices = np.full(shape, nothing, dtype), np.full(shape, -1, np.int64)
    for o, (flat, divisor_taps) in enumerate(_windows(axes, spatial)):
        values, valid = x3[:, flat], valid3[:, flat]
        some = valid.any(axis=1)
        if not some.any():
            continue
        if op in ("max", "min"):
            tap = _select(op, values, valid)
            chosen = np.take_along_axis(values, np.maximum(tap, 0)[:, None], axis=1)[:, 0]
            indices[:, o] = np.where(some, flat[tap], -1)
        elif op == "lp":
            chosen = _norm(values, valid, p, normalize)
            if not _is_float(dtype):
                limits = np.iinfo(dtype)
                chosen = np.clip(np.rint(chosen), limits.min, limits.max)
        else:
            chosen = _total(values, valid)
            divisor = _divisor(valid, divisor_taps, include_pad, override)
            divisor = np.where(divisor == 0, 1, divisor) if op == "avg" else np.asarray(1)
            if _is_float(dtype):
                chosen = chosen.astype(_WIDE) / divisor.astype(_WIDE)
            else:
                chosen = _wrap(_divide_to_even(chosen, divisor), dtype)
        out[:, o] = np.where(some, chosen.astype(dtype), out[:, o])
    return join(out, out_spatial), join(indices, out_spatial)


@_quiet
def _backward(op, grad_output, x, where, geometry, *, indices=None, mask=None, dtype=None, include_pad=False,
              override=None, p=2, normalize=False):
    """Gradient with respect to `x` (an array, or a shape where only that matters)."""
    g = np.asarray(grad_output)
    shape_only = isinstance(x, tuple) and all(isinstance(n, (int, np.integer)) for n in x)
    x = np.zeros(x, g.dtype) if shape_only else np.asarray(x)
    if not (_is_float(g.dtype) and _is_float(x.dtype)):
        raise TypeError(f"gradients are floating point, got {g.dtype} for {x.dtype}")
    if shape_only and (op == "lp" or (op in ("max", "min") and indices is None)):
        raise TypeError("the values of x are needed")
    if not shape_only and g.dtype != _out_dtype(op, x.dtype, dtype):
        raise TypeError(f"grad_output of dtype {g.dtype} for x of dtype {x.dtype}")
    work = x.astype(np.float32) if x.dtype.itemsize == 2 else x
    x3, valid3, spatial, join = _prepare(op, work, where, mask, p)
    axes = geometry(spatial)
    g3 = _split(g, **where)[0]
    out_spatial = [len(axis) for axis in axes]
    if g.shape != join(np.empty((x3.shape[0], math.prod(out_spatial), x3.shape[2])), out_spatial).shape:
        raise ValueError(f"grad_output has the wrong shape {g.shape}")
    grad = np.zeros(x3.shape, _WIDE)
    if indices is not None:
        chosen = _split(np.asarray(indices), **where)[0]
        _check_indices(chosen, g3.shape, x3.shape[1])
    rows, columns = np.ogrid[:x3.shape[0], :x3.shape[2]]
    for o, (flat, divisor_taps) in enumerate(_windows(axes, spatial)):
        go, valid = g3[:, o].astype(_WIDE), valid3[:, flat]
        if op in ("max", "min"):
            if indices is not None:
                index = chosen[:, o]
            elif flat.size:
                tap = _select(op, x3[:, flat], valid)
                index = np.where(tap < 0, -1, flat[tap])
            else:
                continue
            grad[rows, np.maximum(index, 0), columns] += np.where(index < 0, 0, go)
        elif flat.size:
            if op == "lp":
                grad[:, flat] += go[:, None] * _norm_slope(x3[:, flat], valid, p, normalize)
                continue
            if op == "avg":
                divisor = _divisor(valid, divisor_taps, include_pad, override)
                go = go / np.where(divisor == 0, 1, divisor).astype(_WIDE)
            grad[:, flat] += np.where(valid, go[:, None], 0)
    return join(grad.astype(x.dtype), spatial)


def _check_indices(indices, shape, plane):
    if indices.dtype not in (np.int32, np.int64):
        raise TypeError(f"indices have dtype {indices.dtype}")
    if indices.shape != shape:
        raise ValueError(f"indices of {indices.shape} values for {shape}")
    if indices.size and (indices.min() < -1 or indices.max() >= plane):
        raise ValueError("indices out of range")


# --- the public functions -------------------------------------------------------------------------

def _interpret(kind, op, ndim, *, nd=None, data_format="channels_first", axis=None, kernel_size=None,
               stride=None, padding=0, dilation=1, ceil_mode=False, count_include_pad=None, output_size=None,
               spatial_ndim=None, keepdims=False, divisor_override=None, norm_type=2, normalize=False,
               dtype=None, mask=None):
    """Return what `_forward` and `_backward` need, and the axes that disappear from the output."""
    options = {"mask": mask, "dtype": dtype, "override": divisor_override, "p": norm_type,
               "normalize": normalize}
    dropped = ()
    if kind == "pool":
        def geometry(spatial):
            return _regular(spatial, kernel_size, stride, padding, dilation, ceil_mode)
        if count_include_pad is None:
            count_include_pad = padding not in ("same", "same_lower")
        options["include_pad"] = op == "avg" and bool(count_include_pad)
    elif kind == "adaptive":
        def geometry(spatial):
            return _adaptive(spatial, output_size)
    else:
        def geometry(spatial):
            return _adaptive(spatial, 1)
        if axis is not None:
            axis = (axis,) if np.ndim(axis) == 0 else tuple(axis)
            nd = len(axis)
        else:
            nd = ndim - 2 if spatial_ndim is None else spatial_ndim
        if nd < 1:
            raise ValueError(f"spatial_ndim: no spatial axis is left of {ndim}")
        if not keepdims:
            dropped = axis or tuple(range(ndim - nd, ndim))
            if data_format in ("channels_last", "NWC", "NHWC", "NDHWC"):
                dropped = tuple(range(ndim - nd - 1, ndim - 1))
    return {"nd": nd, "data_format": data_format, "axis": axis}, geometry, dropped, options


def _make(kind, op, positional):
    """The forward and the backward function of one operator, given the names of its positional arguments."""

    def forward(x, *args, return_indices=False, index_dtype=None, **keywords):
        keywords = dict(zip(positional, args, strict=False), **keywords)
        return_indices = keywords.pop("return_indices", return_indices)
        x = np.asarray(x)
        where, geometry, dropped, options = _interpret(kind, op, x.ndim, **keywords)
        values, indices = (np.squeeze(a, dropped) for a in _forward(op, x, where, geometry, **options))
        if not return_indices:
            return values
        return values, indices.astype(_index_dtype(index_dtype, _split(x, **where)[1]))

    def backward(grad_output, x, *args, indices=None, return_indices=False, index_dtype=None, **keywords):
        keywords = dict(zip(positional, args, strict=False), **keywords)
        keywords.pop("return_indices", None)
        ndim = len(x) if isinstance(x, tuple) else np.ndim(x)
        where, geometry, dropped, options = _interpret(kind, op, ndim, **keywords)
        grad_output = np.expand_dims(grad_output, dropped)
        indices = None if indices is None else np.expand_dims(indices, dropped)
        return _backward(op, grad_output, x, where, geometry, indices=indices, **options)

    prefix = "" if kind == "pool" else kind + "_"
    forward.__name__ = forward.__qualname__ = f"{prefix}{op}_pool"
    backward.__name__ = backward.__qualname__ = f"{prefix}{op}_pool_backward"
    forward.positional = positional
    forward.__doc__ = f"Slow `{prefix}{op}_pool{'' if kind == 'global' else '{n}d'}`, for any `nd`."
    backward.__doc__ = f"Gradient of `{prefix}{op}_pool` with respect to `x`."
    return forward, backward


_SELECT = ("kernel_size", "stride", "padding", "dilation", "ceil_mode", "return_indices")
_ADAPTIVE = ("output_size", "return_indices")

max_pool, max_pool_backward = _make("pool", "max", _SELECT)
min_pool, min_pool_backward = _make("pool", "min", _SELECT)
avg_pool, avg_pool_backward = _make("pool", "avg", (
    "kernel_size", "stride", "padding", "ceil_mode", "count_include_pad", "divisor_override"))
sum_pool, sum_pool_backward = _make("pool", "sum", ("kernel_size", "stride", "padding", "ceil_mode"))
lp_pool, lp_pool_backward = _make("pool", "lp", ("norm_type", "kernel_size", "stride", "ceil_mode"))

adaptive_max_pool, adaptive_max_pool_backward = _make("adaptive", "max", _ADAPTIVE)
adaptive_min_pool, adaptive_min_pool_backward = _make("adaptive", "min", _ADAPTIVE)
adaptive_avg_pool, adaptive_avg_pool_backward = _make("adaptive", "avg", ("output_size",))
adaptive_sum_pool, adaptive_sum_pool_backward = _make("adaptive", "sum", ("output_size",))
adaptive_lp_pool, adaptive_lp_pool_backward = _make("adaptive", "lp", ("norm_type", "output_size"))

global_max_pool, global_max_pool_backward = _make("global", "max", ())
global_min_pool, global_min_pool_backward = _make("global", "min", ())
global_avg_pool, global_avg_pool_backward = _make("global", "avg", ())
global_sum_pool, global_sum_pool_backward = _make("global", "sum", ())
global_lp_pool, global_lp_pool_backward = _make("global", "lp", ("norm_type",))


def _unpool_shape(spatial, kernel_size, stride, padding, output_size):
    n = len(spatial)
    kernel = _ints(kernel_size, n, 1)
    stride = kernel if stride is None else _ints(stride, n, 1)
    default = [(size - 1) * s - 2 * p + k
               for size, k, s, p in zip(spatial, kernel, stride, _ints(padding, n, 0), strict=True)]
    if output_size is None:
        return default
    wanted = list(_ints(output_size, n, 1))
    if any(abs(w - d) >= s for w, d, s in zip(wanted, default, stride, strict=True)):
        raise ValueError(f"output_size {output_size!r} is not within one stride of {default}")
    return wanted


def _unpool_arguments(shape, indices, kernel_size, stride, padding, output_size, nd, data_format):
    """Return the unpooled spatial shape and the indices as (outer, positions, inner)."""
    _, spatial, _ = _split(np.empty(shape, bool), nd, data_format)
    if output_size is not None and np.ndim(output_size) == 1 and len(output_size) == len(shape) > nd:
        output_size = _split(np.empty(output_size, bool), nd, data_format)[1]
    size = _unpool_shape(spatial, kernel_size, stride, padding, output_size)
    if min(size) < 1:
        raise ValueError(f"unpooling gives the shape {size}")
    indices = np.asarray(indices)
    _check_indices(indices, shape, math.prod(size))
    return size, _split(indices, nd, data_format)[0]


@_quiet
def max_unpool(x, indices, kernel_size, stride=None, padding=0, output_size=None, *, nd,
               data_format="channels_first", mode="last"):
    """Write every value where its index says; of several the last wins, or
    ``mode="sum"`` adds them.
    """
    x = np.asarray(x)
    if mode not in ("last", "sum"):
        raise ValueError(f"mode is 'last' or 'sum', got {mode!r}")
    size, index3 = _unpool_arguments(
        x.shape, indices, kernel_size, stride, padding, output_size, nd, data_format)
    x3, _, join = _split(x, nd, data_format)
    wide = _WIDE if _is_float(x.dtype) else x.dtype
    out = np.zeros((x3.shape[0], math.prod(size), x3.shape[2]), wide)
    for n, o, c in np.ndindex(x3.shape):
        at = n, index3[n, o, c], c
        if at[1] >= 0:
            out[at] = x3[n, o, c] if mode == "last" else out[at] + x3[n, o, c].astype(wide)
    return join(out.astype(x.dtype), size)


def max_unpool_backward(grad_output, x, indices, kernel_size, stride=None, padding=0, output_size=None, *, nd,
                        data_format="channels_first", mode="last"):
    """Gradient of `max_unpool` with respect to `x` (an array or a shape): what
    lies at every index.
    """
    g = np.asarray(grad_output)
    shape = x if isinstance(x, tuple) else np.shape(x)
    if not _is_float(g.dtype):
        raise TypeError(f"gradients are floating point, got {g.dtype}")
    size, index3 = _unpool_arguments(
        shape, indices, kernel_size, stride, padding, output_size, nd, data_format)
    g3, spatial, _ = _split(g, nd, data_format)
    if list(spatial) != list(size):
        raise ValueError(f"grad_output has the spatial shape {spatial}, expected {size}")
    taken = np.take_along_axis(g3, np.maximum(index3, 0), axis=1)
    _, spatial, join = _split(np.empty(shape, bool), nd, data_format)
    return join(np.where(index3 < 0, np.zeros((), g.dtype), taken), spatial)


# --- regions --------------------------------------------------------------------------------------
#
# A box is cut into bins, an axis of a box into weights: `_cut` gives a matrix (bins, n) for an axis of n
# pixels. What an average of samples, an exact integral or a mean of pixels makes of an image is
# rows @ image @ columns.T.


def _boxes(boxes, batch_indices, images):
    """Corners and images of boxes in any of the three forms."""
    if isinstance(boxes, list) and boxes and np.ndim(boxes[0]) == 2:
        if len(boxes) != images:
            raise ValueError("one array of boxes for each image")
        batch = np.repeat(np.arange(images), [len(each) for each in boxes])
        return np.concatenate([np.asarray(each, float) for each in boxes]).reshape(-1, 4), batch
    boxes = np.asarray(boxes, float)
    if batch_indices is not None:
        return boxes.reshape(-1, 4), np.asarray(batch_indices, int)
    if boxes.shape[1] == 4:
        return boxes, np.zeros(len(boxes), int)
    return boxes[:, 1:], boxes[:, 0].astype(int)


def _images(x, data_format):
    """x as (image, channel, row, column)."""
    x = x[None] if x.ndim == 3 else x
    return np.moveaxis(x, -1, 1) if data_format in ("channels_last", "NHWC") else x


def _as_given(y, data_format):
    """(box, channel, row, column) in the layout of the data format."""
    return np.ascontiguousarray(np.moveaxis(y, 1, -1) if data_format in ("channels_last", "NHWC") else y)


def _away_from_zero(v):
    return int(math.copysign(math.floor(abs(v) + 0.5), v))


def _whole_pixels(lo, hi, n, bins, own):
    """First pixel and the one after the last of every bin of a box that is rounded."""
    lo, hi, top = _away_from_zero(lo), _away_from_zero(hi), n - 1 if own else n
    size = max(hi - lo + (not own), 1)
    return [
        (min(max(lo + i * size // bins, 0), top), min(max(lo + -(-(i + 1) * size // bins), 0), top))
        for i in range(bins)
    ]


def _samples(lo, hi, n, bins, sampling, aligned):
    """For every bin the samples of an axis: (pixel, weight of the next pixel), None outside the image."""
    lo, hi = lo - 0.5 * aligned, hi - 0.5 * aligned
    size = hi - lo if aligned else max(hi - lo, 1)
    count = sampling if sampling > 0 else max(math.ceil(size / bins), 0)
    found = []
    for i in range(bins):
        places = [lo + i * (size / bins) + (s + 0.5) * (size / bins / count) for s in range(count)]
        inside = [min(max(y, 0), n - 1) if -1 <= y <= n else None for y in places]
        found.append([None if y is None else (int(y), y - int(y)) for y in inside])
    return found


def _hat_integral(v):
    """Integral of max(1 - |t|, 0) from -infinity to v."""
    v = np.clip(v, -1, 1)
    return np.where(v < 0, (1 + v) ** 2 / 2, 1 - (1 - v) ** 2 / 2)


def _edges(lo, hi, bins):
    size = max(hi - lo, 0)
    return [(lo + size * i / bins, lo + size * (i + 1) / bins) for i in range(bins)]


def _cut(kind, lo, hi, n, bins, sampling, aligned):
    """The weights of the pixels of an axis in every bin, (bins, n)."""
    weights, pixels = np.zeros((bins, n), _WIDE), np.arange(n)
    if kind == "samples":
        for row, samples in zip(weights, _samples(lo, hi, n, bins, sampling, aligned), strict=True):
            for at, w in filter(None, samples):
                row[at] += (1 - w) / _WIDE(len(samples))
                if w > 0:
                    row[at + 1] += w / _WIDE(len(samples))
    elif kind == "area":
        for row, (a, b) in zip(weights, _edges(lo, hi, bins), strict=True):
            if b > a:
                row[:] = (_hat_integral(_WIDE(b) - pixels) - _hat_integral(_WIDE(a) - pixels)) / (b - a)
    else:
        for row, (a, b) in zip(weights, _whole_pixels(lo, hi, n, bins, True), strict=True):
            row[a:b] = _WIDE(1) / max(b - a, 1)
    return weights


def _each_box(shape, boxes, output_size, spatial_scale, batch_indices, kind, sampling=-1, aligned=False):
    """Yield the number of each box, its image, and the weights of the rows and of the columns."""
    corners, batch = _boxes(boxes, batch_indices, shape[0])
    ph, pw = _ints(output_size, 2, 1)
    for k, ((x1, y1, x2, y2), image) in enumerate(zip(corners * spatial_scale, batch, strict=True)):
        yield (
            k,
            image,
            _cut(kind, y1, y2, shape[2], ph, sampling, aligned),
            _cut(kind, x1, x2, shape[3], pw, sampling, aligned),
        )


@_quiet
def _region_sums(x, boxes, output_size, spatial_scale, batch_indices, data_format, own, **how):
    x = np.asarray(x)
    images = _images(x, data_format).astype(_WIDE)
    bins = _ints(output_size, 2, 1)
    found = []
    for _, image, rows, columns in _each_box(
        images.shape, boxes, output_size, spatial_scale, batch_indices, **how
    ):
        plane = images[image]
        # where there is no weight there is no pixel, and NaN is not 0
        values = [
            [
                sum(
                    (
                        rows[i, r] * columns[j, c] * plane[:, r, c]
                        for r in np.flatnonzero(rows[i])
                        for c in np.flatnonzero(columns[j])
                    ),
                    np.zeros(len(plane)),
                )
                for j in range(bins[1])
            ]
            for i in range(bins[0])
        ]
        values = np.moveaxis(np.array(values, _WIDE), 2, 0)
        found.append(_own_channels(values) if own else values)
    channels = images.shape[1] // math.prod(bins) if own else images.shape[1]
    y = np.array(found, _WIDE).reshape(-1, channels, *bins)
    return _as_given(y.astype(x.dtype), data_format)


def _own_channels(values):
    """Of (c * bins, i, j) the channel of each bin: (c, i, j)."""
    _, ph, pw = values.shape
    by_bin = values.reshape(-1, ph, pw, ph, pw)
    return np.stack([[by_bin[:, i, j, i, j] for j in range(pw)] for i in range(ph)]).transpose(2, 0, 1)


def _region_sums_backward(
    grad_output, x, boxes, output_size, spatial_scale, batch_indices, data_format, own, **how
):
    g = np.asarray(grad_output)
    shape, dtype = (x, g.dtype) if isinstance(x, tuple) else (np.shape(x), np.asarray(x).dtype)
    grad_x = np.zeros(shape, _WIDE)
    images = _images(grad_x, data_format)  # a view
    g4 = _images(g, data_format).astype(_WIDE)
    for k, image, rows, columns in _each_box(
        images.shape, boxes, output_size, spatial_scale, batch_indices, **how
    ):
        part = g4[k]
        if own:
            c, ph, pw = part.shape
            spread = np.zeros((c, ph, pw, ph, pw), _WIDE)
            for i, j in itertools.product(range(ph), range(pw)):
                spread[:, i, j, i, j] = part[:, i, j]
            part = spread.reshape(-1, ph, pw)
        images[image] += np.einsum("cij,ih,jw->chw", part, rows, columns)
    return grad_x.astype(dtype)


@_quiet
def roi_pool(
    x,
    boxes,
    output_size,
    spatial_scale=1.0,
    return_indices=False,
    *,
    batch_indices=None,
    data_format="channels_first",
    index_dtype=None,
):
    """Maximum of every bin of boxes of whole pixels; 0 and index -1 where a bin
    has none.
    """
    x = np.asarray(x)
    images = _images(x, data_format)
    corners, batch = _boxes(boxes, batch_indices, len(images))
    bins, (height, width) = _ints(output_size, 2, 1), images.shape[2:]
    y = np.zeros((len(batch), images.shape[1], *bins), x.dtype)
    at = np.full(y.shape, -1, _index_dtype(index_dtype, (height, width)))
    for k, (x1, y1, x2, y2) in enumerate(corners * spatial_scale):
        for i, (r0, r1) in enumerate(_whole_pixels(y1, y2, height, bins[0], False)):
            for j, (c0, c1) in enumerate(_whole_pixels(x1, x2, width, bins[1], False)):
                for channel, plane in enumerate(images[batch[k]]):
                    for r, c in itertools.product(range(r0, r1), range(c0, c1)):
                        v, best = plane[r, c], y[k, channel, i, j]
                        if at[k, channel, i, j] < 0 or v > best or (v != v and best == best):
                            y[k, channel, i, j], at[k, channel, i, j] = v, r * width + c
    y, at = _as_given(y, data_format), _as_given(at, data_format)
    return (y, at) if return_indices else y


def roi_pool_backward(
    grad_output,
    x,
    boxes,
    output_size,
    spatial_scale=1.0,
    return_indices=False,
    *,
    indices=None,
    batch_indices=None,
    data_format="channels_first",
    index_dtype=None,
):
    """Gradient of `roi_pool`: to the pixel that each bin has taken."""
    g = np.asarray(grad_output)
    where = {"batch_indices": batch_indices, "data_format": data_format}
    if indices is None:
        indices = roi_pool(x, boxes, output_size, spatial_scale, True, **where)[1]
    shape, dtype = (x, g.dtype) if isinstance(x, tuple) else (np.shape(x), np.asarray(x).dtype)
    grad_x = np.zeros(shape, _WIDE)
    images = _images(grad_x, data_format)
    _, batch = _boxes(boxes, batch_indices, len(images))
    g4, at = _images(g, data_format), _images(np.asarray(indices), data_format)
    for k, c, i, j in np.argwhere(at >= 0):
        images[batch[k], c][np.unravel_index(at[k, c, i, j], images.shape[2:])] += g4[k, c, i, j]
    return grad_x.astype(dtype)


def roi_pool_jvp(
    tangent,
    x,
    boxes,
    output_size,
    spatial_scale=1.0,
    *,
    indices=None,
    batch_indices=None,
    data_format="channels_first",
):
    """Tangent of `roi_pool`: that of the pixel that each bin has taken."""
    t = _images(np.asarray(tangent), data_format)
    if indices is None:
        indices = roi_pool(
            x, boxes, output_size, spatial_scale, True, batch_indices=batch_indices, data_format=data_format
        )[1]
    _, batch = _boxes(boxes, batch_indices, len(t))
    at = _images(np.asarray(indices), data_format)
    y = np.zeros(at.shape, t.dtype)
    for k, c, i, j in np.argwhere(at >= 0):
        y[k, c, i, j] = t[batch[k], c].flat[at[k, c, i, j]]
    return _as_given(y, data_format)


@_quiet
def _largest_samples(x, boxes, output_size, spatial_scale, sampling, aligned, batch_indices, data_format):
    """The largest sample of every bin, and its four weighted pixels: [(row, column, weight)]."""
    images = _images(np.asarray(x), data_format).astype(_WIDE)
    corners, batch = _boxes(boxes, batch_indices, len(images))
    bins, (height, width) = _ints(output_size, 2, 1), images.shape[2:]
    y = np.zeros((len(batch), images.shape[1], *bins), _WIDE)
    pixels = np.empty(y.shape, object)
    for k, (x1, y1, x2, y2) in enumerate(corners * spatial_scale):
        rows = _samples(y1, y2, height, bins[0], sampling, aligned)
        columns = _samples(x1, x2, width, bins[1], sampling, aligned)
        for i, j, c in itertools.product(*map(range, bins), range(images.shape[1])):
            best, pixels[k, c, i, j] = None, []
            samples = [(a, b) for a, b in itertools.product(rows[i], columns[j])]
            for a, b in filter(all, samples):
                four = [
                    (a[0] + u, b[0] + v, (a[1] if u else 1 - a[1]) * (b[1] if v else 1 - b[1]))
                    for u in (0, 1)
                    for v in (0, 1)
                ]
                four = [each for each in four if each[2] > 0]
                value = sum(images[batch[k], c, r, s] * w for r, s, w in four)
                if best is None or value > best or (value != value and best == best):
                    best, pixels[k, c, i, j] = value, four
            if best is None or (best < 0 and not all(map(all, samples))):
                best, pixels[k, c, i, j] = 0, []
            y[k, c, i, j] = best
    return y, pixels, batch


def _half(aligned, coordinate_transformation_mode):
    return coordinate_transformation_mode == "half_pixel" or aligned


def roi_align(
    x,
    boxes,
    output_size,
    spatial_scale=1.0,
    sampling_ratio=-1,
    aligned=False,
    *,
    mode="avg",
    coordinate_transformation_mode=None,
    batch_indices=None,
    data_format="channels_first",
):
    """Mean or maximum of bilinear samples in every bin; samples outside the image
    are 0.
    """
    aligned = _half(aligned, coordinate_transformation_mode)
    where = batch_indices, data_format
    if mode == "max":
        y = _largest_samples(x, boxes, output_size, spatial_scale, sampling_ratio, aligned, *where)[0]
        return _as_given(y.astype(np.asarray(x).dtype), data_format)
    return _region_sums(
        x,
        boxes,
        output_size,
        spatial_scale,
        *where,
        own=False,
        kind="samples",
        sampling=sampling_ratio,
        aligned=aligned,
    )


def roi_align_backward(
    grad_output,
    x,
    boxes,
    output_size,
    spatial_scale=1.0,
    sampling_ratio=-1,
    aligned=False,
    *,
    mode="avg",
    coordinate_transformation_mode=None,
    batch_indices=None,
    data_format="channels_first",
):
    """Gradient of `roi_align`."""
    aligned = _half(aligned, coordinate_transformation_mode)
    where = batch_indices, data_format
    if mode == "avg":
        return _region_sums_backward(
            grad_output,
            x,
            boxes,
            output_size,
            spatial_scale,
            *where,
            own=False,
            kind="samples",
            sampling=sampling_ratio,
            aligned=aligned,
        )
    _, pixels, batch = _largest_samples(x, boxes, output_size, spatial_scale, sampling_ratio, aligned, *where)
    grad_x, g = np.zeros(np.shape(x), _WIDE), _images(np.asarray(grad_output), data_format)
    images = _images(grad_x, data_format)
    for k, c, i, j in np.ndindex(pixels.shape):
        for r, s, w in pixels[k, c, i, j]:
            images[batch[k], c, r, s] += w * g[k, c, i, j]
    return grad_x.astype(np.asarray(x).dtype)


def roi_align_jvp(
    tangent,
    x,
    boxes,
    output_size,
    spatial_scale=1.0,
    sampling_ratio=-1,
    aligned=False,
    *,
    mode="avg",
    coordinate_transformation_mode=None,
    batch_indices=None,
    data_format="channels_first",
):
    """Tangent of `roi_align`."""
    aligned = _half(aligned, coordinate_transformation_mode)
    where = batch_indices, data_format
    if mode == "avg":
        return roi_align(
            tangent,
            boxes,
            output_size,
            spatial_scale,
            sampling_ratio,
            aligned,
            batch_indices=batch_indices,
            data_format=data_format,
        )
    y, pixels, batch = _largest_samples(x, boxes, output_size, spatial_scale, sampling_ratio, aligned, *where)
    t = _images(np.asarray(tangent), data_format)
    for k, c, i, j in np.ndindex(pixels.shape):
        y[k, c, i, j] = sum(t[batch[k], c, r, s] * _WIDE(w) for r, s, w in pixels[k, c, i, j])
    return _as_given(y.astype(t.dtype), data_format)


def ps_roi_pool(
    x, boxes, output_size, spatial_scale=1.0, *, batch_indices=None, data_format="channels_first"
):
    """Mean of every bin of boxes of whole pixels, in channels of its own; the last
    row and column are out.
    """
    return _region_sums(
        x, boxes, output_size, spatial_scale, batch_indices, data_format, own=True, kind="windows"
    )


def ps_roi_pool_backward(
    grad_output, x, boxes, output_size, spatial_scale=1.0, *, batch_indices=None, data_format="channels_first"
):
    """Gradient of `ps_roi_pool`."""
    return _region_sums_backward(
        grad_output,
        x,
        boxes,
        output_size,
        spatial_scale,
        batch_indices,
        data_format,
        own=True,
        kind="windows",
    )


def ps_roi_pool_jvp(tangent, x, boxes, output_size, spatial_scale=1.0, **where):
    """Tangent of `ps_roi_pool`, which is linear."""
    return ps_roi_pool(tangent, boxes, output_size, spatial_scale, **where)


def ps_roi_align(
    x,
    boxes,
    output_size,
    spatial_scale=1.0,
    sampling_ratio=-1,
    *,
    batch_indices=None,
    data_format="channels_first",
):
    """Mean of bilinear samples, pixel centres at halves, each bin in its own
    channels.
    """
    return _region_sums(
        x,
        boxes,
        output_size,
        spatial_scale,
        batch_indices,
        data_format,
        own=True,
        kind="samples",
        sampling=sampling_ratio,
        aligned=True,
    )


def ps_roi_align_backward(
    grad_output,
    x,
    boxes,
    output_size,
    spatial_scale=1.0,
    sampling_ratio=-1,
    *,
    batch_indices=None,
    data_format="channels_first",
):
    """Gradient of `ps_roi_align`."""
    return _region_sums_backward(
        grad_output,
        x,
        boxes,
        output_size,
        spatial_scale,
        batch_indices,
        data_format,
        own=True,
        kind="samples",
        sampling=sampling_ratio,
        aligned=True,
    )


def ps_roi_align_jvp(tangent, x, boxes, output_size, spatial_scale=1.0, sampling_ratio=-1, **where):
    """Tangent of `ps_roi_align`, which is linear."""
    return ps_roi_align(tangent, boxes, output_size, spatial_scale, sampling_ratio, **where)


def prroi_pool(x, boxes, output_size, spatial_scale=1.0, *, batch_indices=None, data_format="channels_first"):
    """Exact mean of the bilinear surface over every bin; 0 for boxes without area."""
    return _region_sums(
        x, boxes, output_size, spatial_scale, batch_indices, data_format, own=False, kind="area"
    )


def _corner_slopes(x, boxes, output_size, spatial_scale, batch_indices, data_format):
    """d prroi_pool / d (x1, y1, x2, y2): (box, channel, row, column, 4)."""
    images = _images(np.asarray(x), data_format).astype(_WIDE)
    corners, _ = _boxes(boxes, batch_indices, len(images))
    ph, pw = _ints(output_size, 2, 1)
    slopes = np.zeros((len(corners), images.shape[1], ph, pw, 4), _WIDE)
    how = {"kind": "area", "batch_indices": batch_indices}
    for k, image, rows, columns in _each_box(images.shape, boxes, output_size, spatial_scale, **how):
        x1, y1, x2, y2 = corners[k] * spatial_scale
        if not (x2 > x1 and y2 > y1):
            continue
        y = np.einsum("chw,ih,jw->cij", images[image], rows, columns)
        for axis, lo, hi, bins in ((1, y1, y2, ph), (0, x1, x2, pw)):
            for i, (a, b) in enumerate(_edges(lo, hi, bins)):
                n = images.shape[2 if axis else 3]
                for edge, sign, part in ((a, -1, i / bins), (b, 1, (i + 1) / bins)):
                    line = np.maximum(
                        1 - abs(edge - np.arange(n, dtype=_WIDE)), 0
                    )  # the surface along the edge
                    if axis:
                        d = (
                            sign
                            * (np.einsum("chw,h,jw->cj", images[image], line, columns) - y[:, i])
                            / (b - a)
                        )
                        at = slopes[k, :, i]
                    else:
                        d = (
                            sign
                            * (np.einsum("chw,w,ih->ci", images[image], line, rows) - y[:, :, i])
                            / (b - a)
                        )
                        at = slopes[k, :, :, i]
                    at[..., axis] += d * (1 - part) * spatial_scale
                    at[..., axis + 2] += d * part * spatial_scale
    return slopes


def prroi_pool_backward(
    grad_output, x, boxes, output_size, spatial_scale=1.0, *, batch_indices=None, data_format="channels_first"
):
    """Gradients of `prroi_pool`: with respect to x, and to the corners as (boxes,
    4) in long double.
    """
    where = {"batch_indices": batch_indices, "data_format": data_format}
    slopes = _corner_slopes(x, boxes, output_size, spatial_scale, **where)
    g = _images(np.asarray(grad_output), data_format).astype(_WIDE)
    return (
        _region_sums_backward(
            grad_output, x, boxes, output_size, spatial_scale, own=False, kind="area", **where
        ),
        np.einsum("kcij,kcijd->kd", g, slopes),
    )


def prroi_pool_jvp(
    tangent,
    x,
    boxes,
    output_size,
    spatial_scale=1.0,
    *,
    boxes_tangent=None,
    batch_indices=None,
    data_format="channels_first",
):
    """Tangent of `prroi_pool`; `boxes_tangent` is (boxes, 4)."""
    tangent = np.asarray(tangent)
    where = {"batch_indices": batch_indices, "data_format": data_format}
    y = prroi_pool(tangent.astype(_WIDE), boxes, output_size, spatial_scale, **where)
    if boxes_tangent is not None:
        slopes = _corner_slopes(x, boxes, output_size, spatial_scale, **where)
        y = y + _as_given(np.einsum("kcijd,kd->kcij", slopes, np.asarray(boxes_tangent, _WIDE)), data_format)
    return y.astype(tangent.dtype)


# --- several scales -------------------------------------------------------------------------------


def _at(tangent, indices, nd, data_format):
    """The elements of the tangent at the flat positions of a maximum or minimum."""
    t3, _, _ = _split(tangent, nd, data_format)
    at3, spatial, join = _split(indices, nd, data_format)
    return join(np.take_along_axis(t3, at3, axis=1), spatial)


class _Scale:
    """A windowed or an adaptive operator of this module, one of several that share an input."""

    def __init__(self, name, nd, data_format, **arguments):
        self.name, self.arguments = name, arguments | {"nd": nd, "data_format": data_format}

    def forward(self, x, **more):
        return globals()[self.name](x, **self.arguments, **more)

    def backward(self, grad_output, x):
        wide = x if isinstance(x, tuple) else np.asarray(x, _WIDE)
        return globals()[self.name + "_backward"](np.asarray(grad_output, _WIDE), wide, **self.arguments)

    def jvp(self, tangent, x):
        if "max" not in self.name and "min" not in self.name:
            return self.forward(tangent)
        at = self.forward(x, return_indices=True)[1]
        return _at(tangent, at, self.arguments["nd"], self.arguments["data_format"])


def _gradient_of(scales, grads, x):
    dtype = grads[0].dtype if isinstance(x, tuple) else np.asarray(x).dtype
    parts = [scale.backward(g, x) for scale, g in zip(scales, grads, strict=True)]
    return np.sum(parts, axis=0).astype(dtype)


def _cut_at(grad_output, shapes, axis):
    ends = np.cumsum([shape[axis] for shape in shapes])[:-1]
    return np.split(np.asarray(grad_output), ends, axis)


def _pyramid(levels, factor, op, nd, data_format):
    factors = np.array(_ints(factor, nd, 1), object)
    return [
        _Scale(f"{op}_pool", nd, data_format, kernel_size=tuple(factors**level))
        for level in range(1, levels + 1)
    ]


def pool_pyramid(x, levels, factor=2, op="avg", *, nd, data_format="channels_first"):
    """Windows of factor, factor ** 2, ... elements."""
    return [scale.forward(x) for scale in _pyramid(levels, factor, op, nd, data_format)]


def pool_pyramid_backward(grad_output, x, levels, factor=2, op="avg", *, nd, data_format="channels_first"):
    """Gradient of `pool_pyramid`, from those of its levels."""
    return _gradient_of(_pyramid(levels, factor, op, nd, data_format), grad_output, x)


def pool_pyramid_jvp(tangent, x, levels, factor=2, op="avg", *, nd, data_format="channels_first"):
    """Tangents of the levels of `pool_pyramid`."""
    return [scale.jvp(tangent, x) for scale in _pyramid(levels, factor, op, nd, data_format)]


def _cells_of(levels, op, nd, data_format):
    return [_Scale(f"adaptive_{op}_pool", nd, data_format, output_size=level) for level in levels]


def _vectors(arrays, nd):
    """Every array with its channels and spatial axes made one."""
    return [a.reshape(*a.shape[: a.ndim - nd - 1], -1) for a in arrays]


def spatial_pyramid_pool(x, levels=(1, 2, 4), op="max", *, nd, data_format="channels_first"):
    """Adaptive windows of several sizes, one vector after the other."""
    return np.concatenate(_vectors([s.forward(x) for s in _cells_of(levels, op, nd, data_format)], nd), -1)


def spatial_pyramid_pool_backward(
    grad_output, x, levels=(1, 2, 4), op="max", *, nd, data_format="channels_first"
):
    """Gradient of `spatial_pyramid_pool`."""
    scales = _cells_of(levels, op, nd, data_format)
    arrays = [scale.forward(np.zeros(x) if isinstance(x, tuple) else x) for scale in scales]
    grads = _cut_at(grad_output, [v.shape for v in _vectors(arrays, nd)], -1)
    return _gradient_of(scales, [g.reshape(a.shape) for g, a in zip(grads, arrays, strict=True)], x)


def spatial_pyramid_pool_jvp(tangent, x, levels=(1, 2, 4), op="max", *, nd, data_format="channels_first"):
    """Tangent of `spatial_pyramid_pool`."""
    return np.concatenate(
        _vectors([s.jvp(tangent, x) for s in _cells_of(levels, op, nd, data_format)], nd), -1
    )


def _strips(op, nd, data_format):
    return _cells_of(
        [[None if i == kept else 1 for i in range(nd)] for kept in range(nd)], op, nd, data_format
    )


def strip_pool(x, op="avg", *, nd, data_format="channels_first"):
    """For every spatial axis, the others pooled to one."""
    return [strip.forward(x) for strip in _strips(op, nd, data_format)]


def strip_pool_backward(grad_output, x, op="avg", *, nd, data_format="channels_first"):
    """Gradient of `strip_pool`, from those of its results."""
    return _gradient_of(_strips(op, nd, data_format), grad_output, x)


def strip_pool_jvp(tangent, x, op="avg", *, nd, data_format="channels_first"):
    """Tangents of the results of `strip_pool`."""
    return [strip.jvp(tangent, x) for strip in _strips(op, nd, data_format)]


def _reducers(output_size, ops, nd, data_format):
    axis = -1 if data_format == "channels_last" else -nd - 1
    return [_cells_of([output_size], op, nd, data_format)[0] for op in ops], axis


def adaptive_concat_pool(x, output_size=1, ops=("max", "avg"), *, nd, data_format="channels_first"):
    """Adaptive windows by several reducers, side by side along the channels."""
    scales, axis = _reducers(output_size, ops, nd, data_format)
    return np.concatenate([scale.forward(x) for scale in scales], axis)


def adaptive_concat_pool_backward(
    grad_output, x, output_size=1, ops=("max", "avg"), *, nd, data_format="channels_first"
):
    """Gradient of `adaptive_concat_pool`."""
    scales, axis = _reducers(output_size, ops, nd, data_format)
    return _gradient_of(scales, np.split(np.asarray(grad_output), len(ops), axis), x)


def adaptive_concat_pool_jvp(
    tangent, x, output_size=1, ops=("max", "avg"), *, nd, data_format="channels_first"
):
    """Tangent of `adaptive_concat_pool`."""
    scales, axis = _reducers(output_size, ops, nd, data_format)
    return np.concatenate([scale.jvp(tangent, x) for scale in scales], axis)


# --- anti-aliased ---------------------------------------------------------------------------------


def _blur_matrix(n, size, stride, padding):
    """The binomial filter on an axis of n elements and the sampling after it, as a matrix (samples, n)."""
    if not 1 <= operator.index(size) <= 7 or padding not in ("reflect", "replicate", "zero"):
        raise ValueError(f"unknown blur_size {size!r} or padding {padding!r}")
    before = (size - 1) // 2
    if padding == "reflect" and n <= size - 1 - before:
        raise ValueError(f"{n} elements are too few to be mirrored")
    matrix = np.zeros((-(-n // stride), n), _WIDE)
    for o, row in enumerate(matrix):
        for tap in range(size):
            at = o * stride - before + tap
            if padding == "reflect":
                at = abs(at) if at < n else 2 * (n - 1) - at
            elif padding == "replicate":
                at = min(max(at, 0), n - 1)
            if 0 <= at < n:
                row[at] += _WIDE(math.comb(size - 1, tap)) / 2 ** (size - 1)
    return matrix


def _blurred(x, blur_size, stride, padding, nd, data_format, shape=None):
    """Filter and sample every axis in long double; with the `shape` of an input, the transpose of that."""
    whole = x.shape if shape is None else shape
    first = x.ndim - nd - (data_format in ("channels_last", "NWC", "NHWC", "NDHWC"))
    y = x.astype(_WIDE)
    for axis, step in zip(range(first, first + nd), _ints(stride, nd, 1), strict=True):
        matrix = _blur_matrix(whole[axis], blur_size, step, padding)
        y = np.moveaxis(np.tensordot(matrix if shape is None else matrix.T, y, (1, axis)), 0, axis)
    return np.ascontiguousarray(y)


def blur_pool(x, blur_size=4, stride=2, padding="reflect", *, nd, data_format="channels_first"):
    """A binomial filter of `blur_size` taps along every axis, sampled with a
    stride.
    """
    x = np.asarray(x)
    y = _blurred(x, blur_size, stride, padding, nd, data_format)
    return (y if _is_float(x.dtype) else np.rint(y)).astype(x.dtype)


def blur_pool_backward(
    grad_output, x, blur_size=4, stride=2, padding="reflect", *, nd, data_format="channels_first"
):
    """Gradient of `blur_pool`: its transpose."""
    g = np.asarray(grad_output)
    shape, dtype = (x, g.dtype) if isinstance(x, tuple) else (np.shape(x), np.asarray(x).dtype)
    return _blurred(g, blur_size, stride, padding, nd, data_format, shape).astype(dtype)


def blur_pool_jvp(tangent, x, *args, **options):
    """Tangent of `blur_pool`, which is linear."""
    return blur_pool(tangent, *args, **options)


def max_blur_pool(
    x, kernel_size=2, stride=2, blur_size=4, padding="reflect", *, nd, data_format="channels_first"
):
    """The maximum of every window at every place, then `blur_pool`."""
    where = {"nd": nd, "data_format": data_format}
    return blur_pool(max_pool(x, kernel_size, 1, **where), blur_size, stride, padding, **where)


def max_blur_pool_backward(
    grad_output,
    x,
    kernel_size=2,
    stride=2,
    blur_size=4,
    padding="reflect",
    *,
    nd,
    data_format="channels_first",
):
    """Gradient of `max_blur_pool`: through the filter, then to the first maxima."""
    where, wide = {"nd": nd, "data_format": data_format}, np.asarray(x, _WIDE)
    shape = max_pool(wide, kernel_size, 1, **where).shape
    inner = blur_pool_backward(np.asarray(grad_output, _WIDE), shape, blur_size, stride, padding, **where)
    return max_pool_backward(inner, wide, kernel_size, 1, **where).astype(np.asarray(x).dtype)


def max_blur_pool_jvp(
    tangent, x, kernel_size=2, stride=2, blur_size=4, padding="reflect", *, nd, data_format="channels_first"
):
    """Tangent of `max_blur_pool`: that of the first maxima, filtered."""
    where = {"nd": nd, "data_format": data_format}
    at = max_pool(x, kernel_size, 1, return_indices=True, **where)[1]
    return blur_pool(_at(np.asarray(tangent), at, nd, data_format), blur_size, stride, padding, **where)


# --- reducers of whole windows, smooth and learnable ----------------------------------------------
#
# One function per operator: `v` and `on` (outer, taps, inner) hold the taps in long double and which of them
# take part (the others are 0), `z` a second input, `par` its parameters as (outer or 1, inner or 1), `tab`
# weights for every place of the window as (rows, outer or 1, taps, inner or 1). It returns the value and the
# slopes: of every tap, of the second input, of every parameter, of every table. Windows without a tap are
# left to the loops.

def _window_softmax(t, on):
    t = np.where(on, t, -np.inf)
    e = np.exp(t - t.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def _mean(v, on):
    return np.where(on, v, 0).sum(axis=1) / on.sum(axis=1)


def _rate(r):
    """A factor of exponents with the infinities as very large ones."""
    return np.clip(r, -1e300, 1e300)


def _lse(v, on, z, par, tab):
    """(1 / r) log mean exp(r x)"""
    r = _rate(par[0])
    t = np.where(on, r[:, None] * v, -np.inf)
    top = t.max(axis=1)
    y = np.where(par[0] == 0, _mean(v, on), (top + np.log(_mean(np.exp(t - top[:, None]), on))) / r)
    w = _window_softmax(t, on)
    flat = _mean((v - y[:, None]) ** 2, on) / 2
    return y, w, None, [np.where(par[0] == 0, flat, ((w * v).sum(axis=1) - y) / r)], []


def _soft(v, on, z, par, tab):
    """sum softmax(alpha x) x"""
    alpha = _rate(par[0])
    w = _window_softmax(alpha[:, None] * v, on)
    y = (w * v).sum(axis=1)
    off = v - y[:, None]
    return y, w * (1 + alpha[:, None] * off), None, [(w * off**2).sum(axis=1)], []


def _softmax_weighted(v, on, z, par, tab):
    """sum softmax(x / temperature) x"""
    alpha = _rate(1 / par[0])
    y, slope, _, (gain,), _ = _soft(v, on, z, [alpha], tab)
    return y, slope, None, [-gain * alpha**2], []


def _geometric_mean(u, on):
    """What `_power_mean` comes to at p = 0."""
    log = np.log(np.where(on, u, 1))
    mean = _mean(log, on)
    y = np.exp(mean)
    slope = np.where(u > 0, y[:, None] / np.where(u > 0, u, 1) / on.sum(axis=1)[:, None], 0)
    return y, slope, y * np.where(y == 0, 0, _mean((log - mean[:, None]) ** 2, on) / 2)


def _power_mean(u, on, p):
    """(mean u**p) ** (1 / p) for u >= 0, and its slopes with respect to u (0 where u is) and p."""
    limits = _geometric_mean(u, on)
    zero = p == 0
    p = np.where(zero, 1, _rate(p))
    found = _nonzero_power_mean(u, on, p)
    return tuple(np.where(zero[:, None] if a.ndim == 3 else zero, a, b)
                 for a, b in zip(limits, found, strict=True))


def _nonzero_power_mean(u, on, p):
    n = on.sum(axis=1)
    top = np.where(p < 0, np.where(on, u, np.inf).min(axis=1), np.where(on, u, 0).max(axis=1))
    u = u / np.where(top == 0, 1, top)[:, None]
    t = np.where(on & (u > 0), u, 1) ** p[:, None]
    t = np.where(on & ((u > 0) | (p[:, None] < 0)), t, 0)
    total = t.sum(axis=1)
    y = (total / n) ** (1 / p)
    log = np.where(t > 0, np.log(np.where(u > 0, u, 1)), 0)
    slope_p = y / p * ((t * log).sum(axis=1) / total - np.log(total / n) / p)
    slope = np.where(u > 0, y[:, None] * t / (total[:, None] * np.where(u > 0, u, 1)), 0)
    zero = top == 0
    return np.where(zero, 0, y * top), np.where(zero[:, None], 0, slope), np.where(zero, 0, slope_p * top)


def _gem(v, on, z, par, tab):
    """(mean max(x, eps)**p) ** (1 / p)"""
    p, eps = par
    y, slope, slope_p = _power_mean(np.where(v < eps[:, None], eps[:, None], v), on, p)
    return y, np.where(v < eps[:, None], 0, slope), None, [slope_p], []


def _learned_norm(v, on, z, par, tab):
    """(mean |x - c|**p) ** (1 / p)"""
    p, c = par
    y, slope, slope_p = _power_mean(abs(v - c[:, None]), on, p)
    slope = slope * np.sign(v - c[:, None])
    return y, slope, None, [slope_p, -np.where(on, slope, 0).sum(axis=1)], []


def _max_and_mean(v, on):
    first = np.zeros(v.shape, bool)
    np.put_along_axis(first, _select("max", v, on)[:, None], True, axis=1)
    return np.where(first, v, 0).sum(axis=1), _mean(v, on), first


def _mixed(v, on, z, par, tab):
    """alpha max + (1 - alpha) mean"""
    alpha = par[0]
    top, mean, first = _max_and_mean(v, on)
    slope = alpha[:, None] * first + (1 - alpha[:, None]) / on.sum(axis=1)[:, None]
    return alpha * top + (1 - alpha) * mean, slope, None, [top - mean], []


def _gated(v, on, z, par, tab):
    """The same with alpha = sigmoid(weights . window + bias)"""
    bias, weights = par[0], tab[0]
    top, mean, first = _max_and_mean(v, on)
    alpha = 1 / (1 + np.exp(-(weights * v).sum(axis=1) - bias))
    c = (top - mean) * alpha * (1 - alpha)
    slope = alpha[:, None] * first + (1 - alpha[:, None]) / on.sum(axis=1)[:, None] + c[:, None] * weights
    return alpha * top + (1 - alpha) * mean, slope, None, [c], [c[:, None] * v]


def _tree(v, on, z, par, tab):
    """A binary tree: leaves are weighted sums, a gate weights its left branch by
    sigmoid(gate . window).
    """
    dots = [(w * v).sum(axis=1) for w in tab]
    gates = len(tab) // 2
    gate = [1 / (1 + np.exp(-d)) for d in dots[:gates]]
    value = dots[:]
    for i in reversed(range(gates)):
        value[i] = gate[i] * value[2 * i + 1] + (1 - gate[i]) * value[2 * i + 2]
    share = [np.ones_like(dots[0]) for _ in dots]
    coefs = list(share)
    for i in range(gates):
        share[2 * i + 1], share[2 * i + 2] = share[i] * gate[i], share[i] * (1 - gate[i])
        coefs[i] = share[i] * gate[i] * (1 - gate[i]) * (value[2 * i + 1] - value[2 * i + 2])
    coefs[gates:] = share[gates:]
    slope = sum(c[:, None] * w for c, w in zip(coefs, tab, strict=True))
    return value[0], slope, None, [], [c[:, None] * v for c in coefs]


def _lip(v, on, z, par, tab):
    """sum softmax(logits) x"""
    w = _window_softmax(z, on)
    y = (w * v).sum(axis=1)
    return y, w, w * (v - y[:, None]), [], []


def _weighted(v, on, z, par, tab):
    """sum w x / sum w; NaN, with slopes 0, where the weights add up to 0"""
    total = z.sum(axis=1)
    zero = (total == 0)[:, None]
    y = (z * v).sum(axis=1) / total
    w = np.where(zero, 0, z / total[:, None])
    return np.where(zero[:, 0], np.nan, y), w, np.where(zero, 0, (v - y[:, None]) / total[:, None]), [], []


def _detail(v, on, z, par, tab, above=False):
    """sum w x / sum w, w = alpha + (d**2 + eps**2) ** (lambda / 2),
    d = x - filter . window (or - mean)
    """
    alpha, lam, eps = (a[:, None] for a in par)
    n = on.sum(axis=1)[:, None]
    smooth = (tab[0] * v).sum(axis=1)[:, None] if len(tab) else np.where(on, v, 0).sum(axis=1)[:, None] / n
    d = v - smooth
    d = np.maximum(d, 0) if above else d
    q = d**2 + eps**2
    rho = np.where(on, q ** (lam / 2), 0)
    rise = np.where(on & (q > 0), lam * d * np.where(q > 0, q, 1) ** (lam / 2 - 1), 0)
    w = np.where(on, alpha + rho, 0)
    total = w.sum(axis=1)[:, None]
    y = (w * v).sum(axis=1)[:, None] / total
    off = np.where(on, v - y, 0) / total
    back = (off * rise).sum(axis=1)[:, None]
    slope = w / total + off * rise - back * (tab[0] if len(tab) else 1 / n)
    log = np.where(q > 0, np.log(np.where(q > 0, q, 1)), 0) / 2
    slopes = [off.sum(axis=1), (off * rho * log).sum(axis=1)]
    return y[:, 0], slope, None, slopes, [-back * v] if len(tab) else []


def _detail_above(v, on, z, par, tab):
    """The same with d = max(d, 0)"""
    return _detail(v, on, z, par, tab, True)


def _ordinal(v, on, z, par, tab):
    """sum w[rank] x, ranks from the largest tap on, equal taps in their order"""
    weights = tab[0]
    larger = np.where(on, -v, np.inf)
    order = np.argsort(larger, axis=1, kind="stable")
    rank = np.argsort(order, axis=1, kind="stable")
    places = np.broadcast_to(weights, (v.shape[0], weights.shape[1], v.shape[2]))
    w = np.where(on, np.take_along_axis(places, rank, axis=1), 0)
    by_rank = np.zeros(places.shape, _WIDE)
    np.put_along_axis(by_rank, rank, np.where(on, v, 0), axis=1)
    nan = (on & (v != v)).any(axis=1)
    return np.where(nan, np.nan, np.where(w == 0, 0, w * v).sum(axis=1)), w, None, [], [by_rank]


def _variance(v, on, z, par, tab):
    """sum (x - mean)**2 / (n - correction); 0 for equal taps, NaN where the
    divisor is not positive
    """
    off = np.where(on, v - _mean(v, on)[:, None], 0)
    low = np.where(on, v, np.inf).min(axis=1)
    high = np.where(on, v, -np.inf).max(axis=1)
    flat = (low == high) & np.isfinite(low)
    total, divisor = (off**2).sum(axis=1), on.sum(axis=1) - par[0]
    y = np.where(flat, 0, np.where(divisor > 0, total / np.where(divisor > 0, divisor, 1), np.nan))
    divisor = np.where(divisor > 0, divisor, np.nan)
    return y, np.where(flat[:, None], 0, 2 * off / divisor[:, None]), None, [], []


def _deviation(v, on, z, par, tab):
    y, slope, *rest = _variance(v, on, z, par, tab)
    y = np.sqrt(y)
    return y, np.where(y[:, None] == 0, 0, slope / np.where(y == 0, 1, 2 * y)[:, None]), *rest


def _chosen(v, on, sample):
    """Number of the tap drawn with the probability max(x, 0) / sum by a sample in [0, 1); -1 for none."""
    q = np.where(on, np.where(v < 0, 0, v), 0)
    total = np.zeros_like(q[:, 0])
    sums = []
    for t in range(q.shape[1]):
        total = total + q[:, t]
        sums.append(total)
    sums = np.stack(sums, axis=1)
    hit = (sums > (sample * total)[:, None]) & (q > 0)
    hit = np.where((total == np.inf)[:, None], q == np.inf, hit)
    hit = np.where((total != total)[:, None], q != q, hit)
    return np.where(hit.any(axis=1), hit.argmax(axis=1), -1)


def _expected(v, on, z, par, tab):
    """sum p x with p = max(x, 0) / sum, the test form of stochastic pooling; 0
    where nothing is positive
    """
    q = np.where(v < 0, 0, v)
    total = q.sum(axis=1)
    zero = total == 0
    y = np.where(zero, 0, (q**2).sum(axis=1) / np.where(zero, 1, total))
    y = np.where(total == np.inf, np.inf, y)
    slope = (2 * q - y[:, None]) / np.where(zero, 1, total)[:, None]
    return y, np.where((q > 0) & ~zero[:, None], slope, 0), None, [], []


# operator: function, names of its parameters and of those among them that are learned, of its tables, value
# of an empty window
_WHOLE = {
    "lse": (_lse, {"r": 1.0}, ("r",), (), -np.inf),
    "soft": (_soft, {"alpha": 1.0}, ("alpha",), (), np.nan),
    "softmax": (_softmax_weighted, {"temperature": 1.0}, ("temperature",), (), np.nan),
    "gem": (_gem, {"p": 3.0, "eps": 1e-6}, ("p",), (), np.nan),
    "learned_norm": (_learned_norm, {"p": 2.0, "c": 0.0}, ("p", "c"), (), np.nan),
    "mixed": (_mixed, {"alpha": 0.5}, ("alpha",), (), np.nan),
    "gated": (_gated, {"bias": 0.0}, ("bias",), ("weights",), np.nan),
    "tree": (_tree, {}, (), ("gates", "leaves"), np.nan),
    "lip": (_lip, {}, (), (), np.nan),
    "weighted": (_weighted, {}, (), (), np.nan),
    "detail": (_detail, {"alpha": 0.0, "lam": 1.0, "eps": 1e-3}, ("alpha", "lam"), ("filter",), np.nan),
    "detail_above": (
        _detail_above, {"alpha": 0.0, "lam": 1.0, "eps": 1e-3}, ("alpha", "lam"), ("filter",), np.nan),
    "ordinal": (_ordinal, {}, (), ("weights",), np.nan),
    "var": (_variance, {"correction": 0.0}, (), (), np.nan),
    "std": (_deviation, {"correction": 0.0}, (), (), np.nan),
    "expected": (_expected, {}, (), (), 0.0),
}


def _by_lane(value, outer, inner):
    """A parameter as (outer or 1, inner or 1); one for each channel goes to the channels, last or leading."""
    value = np.asarray(value, _WIDE).reshape(-1)
    if value.size == 1 or inner > 1:
        return value.reshape(1, -1)
    return np.tile(value, outer // value.size)[:, None]


def _rows(tables, outer, inner):
    """Tables as one array (rows, outer or 1, places, inner or 1)."""
    rows = []
    for table in tables:
        table = np.asarray(table, _WIDE)
        table = table[None] if table.ndim == 1 else table       # (rows, places) or (channels, rows, places)
        if table.ndim == 2:
            rows.extend(row[None, :, None] for row in table)
        elif inner > 1:
            rows.extend(np.moveaxis(table, 0, -1)[:, None])
        else:
            rows.extend(np.moveaxis(np.tile(table, (outer // len(table), 1, 1)), 1, 0)[..., None])
    return rows


def _whole_windows(op, x, where, geometry, *, second=None, mask=None, omit_nan=False, tables=(), sample=None,
                   **params):
    """Yield for every window: its number, positions, places, which taps are there, what `op` gives."""
    x = np.asarray(x)
    x3, spatial, _ = _split(x, **where)
    on3 = _split(np.ones(x.shape, bool) if mask is None else np.broadcast_to(mask, x.shape), **where)[0]
    wide = x3.astype(_WIDE)
    if omit_nan:
        on3 = on3 & (wide == wide)
    z3 = None if second is None else _split(np.asarray(second), **where)[0].astype(_WIDE)
    outer, _, inner = x3.shape
    function, defaults, _, _, empty = _WHOLE[op]
    par = [_by_lane(params.get(name, default), outer, inner) for name, default in defaults.items()]
    rows = _rows(tables, outer, inner)
    axes = geometry(spatial)
    for o, window in enumerate(itertools.product(*axes)):
        flat, place = np.zeros(1, int), np.zeros(1, int)
        for taps, n in zip(window, spatial, strict=True):
            flat = (flat[:, None] * n + taps[0]).ravel()
            place = (place[:, None] * taps.most + taps.places).ravel()
        on = on3[:, flat]
        none = ~on.any(axis=1)
        if flat.size == 0:
            yield o, flat, place, on, none, (np.full(none.shape, empty, _WIDE), None, None, [], [])
            continue
        v = np.where(on, wide[:, flat], 0)
        z = None if z3 is None else np.where(on, z3[:, flat], 0)
        tab = rows if op == "ordinal" else [row[:, place] for row in rows]
        y, *slopes = function(v, on, z, par, tab)
        yield o, flat, place, on, none, (np.where(none, empty, y), *slopes)


def _whole_spatial(x, where, geometry):
    x3, spatial, join = _split(np.asarray(x), **where)
    out = [len(axis) for axis in geometry(spatial)]
    return x3.shape, (x3.shape[0], math.prod(out), x3.shape[2]), out, spatial, join


@_quiet
def _whole_forward(op, x, where, geometry, *, dtype=None, **options):
    _, shape, out_spatial, _, join = _whole_spatial(x, where, geometry)
    out = np.empty(shape, _WIDE)
    for o, *_, (y, *_) in _whole_windows(op, x, where, geometry, **options):
        out[:, o] = y
    return join(out.astype(dtype or np.asarray(x).dtype), out_spatial)


def _lane_sum(lanes, like, outer, inner):
    """Gradient of a parameter from that of every lane."""
    like = np.asarray(like)
    if like.size == 1:
        return lanes.sum().reshape(like.shape)
    summed = lanes.sum(axis=0) if inner > 1 else lanes.reshape(-1, like.size).sum(axis=0)
    return summed.reshape(like.shape)


@_quiet
def _whole_backward(op, grad_output, x, where, geometry, *, dtype=None, tables=(), second=None, **options):
    """Gradients of x, of the second input (if there is one), of the learned parameters, of the tables."""
    x = np.asarray(x)
    x_shape, _, _, spatial, join = _whole_spatial(x, where, geometry)
    g3 = _split(np.asarray(grad_output), **where)[0].astype(_WIDE)
    outer, _, inner = x_shape
    grad, grad_second = np.zeros(x_shape, _WIDE), np.zeros(x_shape, _WIDE)
    _, defaults, learned, _, _ = _WHOLE[op]
    lanes = [np.zeros((outer, inner), _WIDE) for _ in learned]
    rows = [np.zeros((outer, row.shape[1], inner), _WIDE) for row in _rows(tables, outer, inner)]
    for o, flat, place, on, none, (_, slope, slope_second, slopes, table_slopes) in _whole_windows(
            op, x, where, geometry, tables=tables, second=second, **options):
        if flat.size == 0:
            continue
        go = np.where(none, 0, g3[:, o])
        grad[:, flat] += np.where(on, go[:, None] * slope, 0)
        if second is not None:
            grad_second[:, flat] += np.where(on, go[:, None] * slope_second, 0)
        for lane, each in zip(lanes, slopes, strict=True):
            lane += np.where(none, 0, go * each)
        for row, each in zip(rows, table_slopes, strict=True):
            if op == "ordinal":
                row += np.where(none[:, None], 0, go[:, None] * each)
            else:
                row[:, place] += np.where(on, go[:, None] * each, 0)
    found = [join(grad.astype(x.dtype), spatial)]
    if second is not None:
        found.append(join(grad_second.astype(np.asarray(second).dtype), spatial))
    for name, lane in zip(learned, lanes, strict=True):
        found.append(_lane_sum(lane, options.get(name, defaults[name]), outer, inner).astype(float))
    at = 0
    for table in tables:
        table = np.asarray(table)
        count = 1 if table.ndim == 1 else table.shape[-2]
        one = np.stack(rows[at:at + count], axis=1)                # (outer, rows, places, inner)
        at += count
        if table.ndim < 3:
            found.append(one.sum(axis=(0, 3)).reshape(table.shape).astype(float))
        elif inner > 1:
            found.append(np.moveaxis(one.sum(axis=0), -1, 0).astype(float))
        else:
            found.append(one[..., 0].reshape(-1, *table.shape).sum(axis=0).astype(float))
    return tuple(found)


@_quiet
def _whole_jvp(op, tangent, x, where, geometry, *, dtype=None, tangents=None, tangent_second=None, tables=(),
               tangent_tables=None, second=None, **options):
    """The derivative along tangents of x, of the second input, of parameters (by name) and of tables."""
    x = np.asarray(x)
    x_shape, shape, out_spatial, _, join = _whole_spatial(x, where, geometry)
    outer, _, inner = x_shape
    out = np.zeros(shape, _WIDE)

    def wide(array):
        if array is None:
            return np.zeros(x_shape, _WIDE)
        return _split(np.asarray(array), **where)[0].astype(_WIDE)

    t3, s3 = wide(tangent), wide(tangent_second)
    rows = _rows(tables if tangent_tables is None else tangent_tables, outer, inner)
    for o, flat, place, on, none, (_, slope, slope_second, slopes, table_slopes) in _whole_windows(
            op, x, where, geometry, tables=tables, second=second, **options):
        if flat.size == 0:
            continue
        total = np.where(on, slope * t3[:, flat], 0).sum(axis=1)
        if second is not None:
            total += np.where(on, slope_second * s3[:, flat], 0).sum(axis=1)
        for name, each in zip(_WHOLE[op][2], slopes, strict=True):
            total += each * _by_lane((tangents or {}).get(name, 0), outer, inner)
        if tangent_tables is not None:
            for row, each in zip(rows, table_slopes, strict=True):
                total += (each * row).sum(axis=1) if op == "ordinal" else np.where(
                    on, each * row[:, place], 0).sum(axis=1)
        out[:, o] = np.where(none, 0, total)
    return join(out.astype(dtype or x.dtype), out_spatial)


@_quiet
def _stochastic(x, sample, where, geometry, *, mask=None, omit_nan=False):
    """The taps that the samples draw and their positions; 0 and -1 where nothing is positive."""
    x = np.asarray(x)
    x3, spatial, join = _split(x, **where)
    on3 = _split(np.ones(x.shape, bool) if mask is None else np.broadcast_to(mask, x.shape), **where)[0]
    wide = x3.astype(float)
    if omit_nan:
        on3 = on3 & (wide == wide)
    axes = geometry(spatial)
    out_spatial = [len(axis) for axis in axes]
    u3 = _split(np.asarray(sample), **where)[0].astype(float)
    out, indices = np.zeros(u3.shape, x.dtype), np.full(u3.shape, -1, np.int64)
    for o, (flat, _) in enumerate(_windows(axes, spatial)):
        if flat.size == 0:
            continue
        tap = _chosen(wide[:, flat], on3[:, flat], u3[:, o])
        indices[:, o] = np.where(tap < 0, -1, flat[tap])
        taken = np.take_along_axis(x3[:, flat], np.maximum(tap, 0)[:, None], axis=1)[:, 0]
        out[:, o] = np.where(tap < 0, 0, taken)
    return join(out, out_spatial), join(indices, out_spatial)


def _make_whole(kind, op, positional):
    """Forward, backward and jvp of an operator of whole windows; its parameters by name."""
    names = {"kernel_size", "stride", "padding", "dilation", "ceil_mode", "output_size", "nd", "data_format",
             "axis", "spatial_ndim", "keepdims"}

    def interpreted(ndim, args, keywords):
        keywords = dict(zip(positional, args, strict=False), **keywords)
        options = {name: keywords.pop(name) for name in set(keywords) - names}
        where, geometry, dropped, _ = _interpret(kind, op, ndim, **keywords)
        return where, geometry, dropped, options

    def forward(x, *args, **keywords):
        where, geometry, dropped, options = interpreted(np.ndim(x), args, keywords)
        return np.squeeze(_whole_forward(op, x, where, geometry, **options), dropped)

    def backward(grad_output, x, *args, **keywords):
        where, geometry, dropped, options = interpreted(np.ndim(x), args, keywords)
        return _whole_backward(op, np.expand_dims(grad_output, dropped), x, where, geometry, **options)

    def jvp(tangent, x, *args, **keywords):
        where, geometry, dropped, options = interpreted(np.ndim(x), args, keywords)
        return np.squeeze(_whole_jvp(op, tangent, x, where, geometry, **options), dropped)

    prefix = "" if kind == "pool" else kind + "_"
    name = f"{prefix}{op}_pool"
    forward.__doc__ = _WHOLE[op][0].__doc__
    return {name: forward, name + "_backward": backward, name + "_jvp": jvp}


_WINDOWED = ("kernel_size", "stride", "padding", "dilation", "ceil_mode")
for _op in _WHOLE:
    globals().update(_make_whole("pool", _op, _WINDOWED))
    globals().update(_make_whole("adaptive", _op, ("output_size",)))
    globals().update(_make_whole("global", _op, ()))


def stochastic_pool(x, sample, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, *, nd,
                    data_format="channels_first", axis=None, mask=None, omit_nan=False):
    """Draw one tap per window, x being its probability up to a factor; return
    values and positions.
    """
    where = {"nd": nd, "data_format": data_format, "axis": axis}
    return _stochastic(x, sample, where, lambda spatial: _regular(
        spatial, kernel_size, stride, padding, dilation, ceil_mode), mask=mask, omit_nan=omit_nan)


# --- order statistics of windows ------------------------------------------------------------------
#
# Plain loops over single windows: the positions of the taps that take part, sorted by value, equal ones in
# row-major order, NaN last. The value is (1 - t) * a + t * b of the taps at two ranks (range: b - a); an
# index and a gradient belong to the first tap that equals a or b. A NaN decides median, quantile and range
# (the first NaN is both a and b); for a rank it is the largest value. A window without a tap is NaN
# (integers: 0).

def _ranks(op, n, *, q=0.5, method="linear", k=0):
    """Two ranks among n > 0 taps and the weight of the second."""
    if op == "range":
        return 0, n - 1, None
    if op == "rank":
        k = min(max(k + n if k < 0 else k, 0), n - 1)
        return k, k, 0
    if op == "median":
        return (n - 1) // 2, n // 2, 0 if n % 2 else 0.5
    place = q * (n - 1)
    if method in ("lower", "higher", "nearest"):
        k = int({"lower": np.floor, "higher": np.ceil, "nearest": np.rint}[method](place))
        return k, k, 0
    k = int(place)
    if place == k:
        return k, k, 0
    return k, k + 1, 0.5 if method == "midpoint" else place - k


def _order_windows(x, where, geometry, mask=None, omit_nan=False):
    """Yield (plane, window, channel, positions of the taps that take part, their values as numbers)."""
    x3, spatial, _ = _split(x, **where)
    valid3 = _split(np.ones(x.shape, bool) if mask is None else np.broadcast_to(mask, x.shape), **where)[0]
    real = _is_float(x.dtype)
    for o, (flat, _) in enumerate(_windows(geometry(spatial), spatial)):
        for n in range(x3.shape[0]):
            for c in range(x3.shape[2]):
                here = [int(p) for p in flat if valid3[n, p, c]]
                values = [float(x3[n, p, c]) if real else int(x3[n, p, c]) for p in here]
                if omit_nan:
                    here = [p for p, v in zip(here, values, strict=True) if v == v]
                    values = [v for v in values if v == v]
                yield n, o, c, here, values


def _order_pair(op, here, values, **options):
    """(a, position of a, b, position of b, t) of one window."""
    nan = [v != v for v in values]
    if any(nan) and op != "rank":
        first = here[nan.index(True)]
        return math.nan, first, math.nan, first, None if op == "range" else 0
    low, high, t = _ranks(op, len(values), **options)
    ordered = sorted(v for v in values if v == v) + [math.nan] * sum(nan)

    def first_of(v):
        return here[values.index(v) if v == v else nan.index(True)]

    a, b = ordered[low], ordered[high]
    return a, first_of(a), b, first_of(b), t


def _order_value(a, b, t, real):
    if t is None:
        return b - a
    if t == 0 or a == b:
        return a
    if real:
        return (1 - t) * a + t * b
    return round(fractions.Fraction(a) + (b - a) * fractions.Fraction(t))


@_quiet
def _order_forward(op, x, where, geometry, *, mask=None, omit_nan=False, dtype=None, **options):
    x = np.asarray(x)
    x3, spatial, join = _split(x, **where)
    out_spatial = [len(axis) for axis in geometry(spatial)]
    shape = x3.shape[0], math.prod(out_spatial), x3.shape[2]
    if dtype is None:
        dtype = np.dtype(f"u{x.dtype.itemsize}") if op == "range" and x.dtype.kind == "i" else x.dtype
    empty = np.nan if _is_float(np.dtype(dtype)) else 0
    out, indices = np.full(shape, empty, dtype), np.full(shape, -1, np.int64)
    real = _is_float(np.dtype(dtype))
    for n, o, c, here, values in _order_windows(x, where, geometry, mask, omit_nan):
        if here:
            a, at, b, _, t = _order_pair(op, here, values, **options)
            out[n, o, c], indices[n, o, c] = _order_value(a, b, t, real), at
    return join(out, out_spatial), join(indices, out_spatial)


@_quiet
def _order_backward(op, grad_output, x, where, geometry, *, mask=None, omit_nan=False, dtype=None, **options):
    x = np.asarray(x)
    x3, spatial, join = _split(x, **where)
    g3 = _split(np.asarray(grad_output), **where)[0].astype(_WIDE)
    grad = np.zeros(x3.shape, _WIDE)
    for n, o, c, here, values in _order_windows(x, where, geometry, mask, omit_nan):
        if here:
            _, at, _, at2, t = _order_pair(op, here, values, **options)
            first, second = (-1, 1) if t is None else (1 - t, t)
            grad[n, at, c] += first * g3[n, o, c]
            if second:
                grad[n, at2, c] += second * g3[n, o, c]
    return join(grad.astype(x.dtype), spatial)


@_quiet
def _order_jvp(op, tangent, x, where, geometry, *, mask=None, omit_nan=False, dtype=None, **options):
    x = np.asarray(x)
    x3, spatial, join = _split(x, **where)
    t3 = _split(np.asarray(tangent), **where)[0].astype(_WIDE)
    out_spatial = [len(axis) for axis in geometry(spatial)]
    out = np.zeros((x3.shape[0], math.prod(out_spatial), x3.shape[2]), _WIDE)
    for n, o, c, here, values in _order_windows(x, where, geometry, mask, omit_nan):
        if here:
            _, at, _, at2, t = _order_pair(op, here, values, **options)
            first, second = (-1, 1) if t is None else (1 - t, t)
            out[n, o, c] = first * t3[n, at, c] + (second * t3[n, at2, c] if second else 0)
    return join(out.astype(dtype or x.dtype), out_spatial)


def _mode(x, where, geometry, *, mask=None, ignore_label=None):
    """The most frequent label, the smallest of several, and its count; nothing: ignore_label, or 0."""
    x = np.asarray(x)
    x3, spatial, join = _split(x, **where)
    out_spatial = [len(axis) for axis in geometry(spatial)]
    shape = x3.shape[0], math.prod(out_spatial), x3.shape[2]
    out = np.full(shape, 0 if ignore_label is None else ignore_label, x.dtype)
    counts = np.zeros(shape, np.int64)
    for n, o, c, _, values in _order_windows(x, where, geometry, mask):
        labels = [v for v in values if v != ignore_label]
        if labels:
            most = max(map(labels.count, labels))
            out[n, o, c] = min(v for v in labels if labels.count(v) == most)
            counts[n, o, c] = most
    return join(out, out_spatial), join(counts, out_spatial)


def _make_order(kind, op, positional):
    """The functions of one order statistic: forward returns (values, indices), mode (labels, counts)."""
    names = {"kernel_size", "stride", "padding", "dilation", "ceil_mode", "output_size", "nd", "data_format",
             "axis", "spatial_ndim", "keepdims"}

    def interpreted(ndim, args, keywords):
        keywords = dict(zip(positional, args, strict=False), **keywords)
        options = {name: keywords.pop(name) for name in set(keywords) - names}
        where, geometry, dropped, _ = _interpret(kind, op, ndim, **keywords)
        return where, geometry, dropped, options

    def forward(x, *args, **keywords):
        where, geometry, dropped, options = interpreted(np.ndim(x), args, keywords)
        if op == "mode":
            found = _mode(x, where, geometry, **options)
        else:
            found = _order_forward(op, x, where, geometry, **options)
        return tuple(np.squeeze(a, dropped) for a in found)

    def backward(grad_output, x, *args, **keywords):
        where, geometry, dropped, options = interpreted(np.ndim(x), args, keywords)
        return _order_backward(op, np.expand_dims(grad_output, dropped), x, where, geometry, **options)

    def jvp(tangent, x, *args, **keywords):
        where, geometry, dropped, options = interpreted(np.ndim(x), args, keywords)
        return np.squeeze(_order_jvp(op, tangent, x, where, geometry, **options), dropped)

    name = f"{'' if kind == 'pool' else kind + '_'}{op}_pool"
    if op == "mode":
        return {name: forward}
    return {name: forward, name + "_backward": backward, name + "_jvp": jvp}


for _op in ("median", "quantile", "rank", "range", "mode"):
    globals().update(_make_order("pool", _op, ("kernel_size", "stride", "padding", "dilation", "ceil_mode")))
    globals().update(_make_order("adaptive", _op, ("output_size",)))
    globals().update(_make_order("global", _op, ()))


def kmax_pool(x, k, *, axis=-1, mask=None, omit_nan=False):
    """The k largest of every line, in the order in which they stand, and their
    positions.

    Of equal ones the first; NaN is the largest. Missing ones are the lowest
    value, position -1.
    """
    x = np.asarray(x)
    lines = np.moveaxis(x, axis, -1)
    on = np.moveaxis(np.ones(x.shape, bool) if mask is None else np.broadcast_to(mask, x.shape), axis, -1)
    values = np.full((*lines.shape[:-1], k), _identity("max", x.dtype), x.dtype)
    indices = np.full(values.shape, -1, np.int64)
    for at in np.ndindex(lines.shape[:-1]):
        line = [float(v) if _is_float(x.dtype) else int(v) for v in lines[at]]
        here = [i for i, v in enumerate(line) if on[at][i] and not (omit_nan and v != v)]
        here.sort(key=lambda i, line=line: (line[i] == line[i], 0 if line[i] != line[i] else -line[i], i))
        for j, i in enumerate(sorted(here[:k])):
            values[*at, j], indices[*at, j] = lines[at][i], i
    return np.moveaxis(values, -1, axis), np.moveaxis(indices, -1, axis)


def dynamic_k(k_top, layer, layers, length):
    """k of dynamic k-max pooling: max(k_top, ceil((layers - layer) / layers *
    length)).
    """
    return max(k_top, -(-(layers - layer) * length // layers))


# --- derivatives along tangents -------------------------------------------------------------------

@_quiet
def _jvp(op, tangent, x, where, geometry, *, indices=None, mask=None, dtype=None, p=2, normalize=False,
         **rest):
    """What one window's result changes by: the slopes of its taps times the tangent."""
    if op not in ("max", "min", "lp"):
        still, moved = (_forward(op, t, where, geometry, mask=mask, dtype=dtype, **rest)[0]
                        for t in (np.zeros_like(tangent), tangent))
        return np.where(still == 0, moved, still.dtype.type(0))     # the average of nothing is NaN for good
    if indices is None and op != "lp":
        indices = _forward(op, x, where, geometry, mask=mask)[1]
    t3 = _split(np.asarray(tangent), **where)[0].astype(_WIDE)
    if op != "lp":
        _, spatial, _ = _split(np.empty(np.shape(tangent), bool), **where)
        index3 = _split(indices, **where)[0]
        _check_indices(index3, index3.shape, math.prod(spatial))
        taken = np.where(index3 < 0, 0, np.take_along_axis(t3, np.maximum(index3, 0), axis=1))
        out_spatial = [len(axis) for axis in geometry(spatial)]
        return _split(np.asarray(tangent), **where)[2](taken.astype(tangent.dtype), out_spatial)
    x3, valid3, spatial, join = _prepare(op, np.asarray(x), where, mask, p)
    axes = geometry(spatial)
    out = np.zeros((x3.shape[0], math.prod(map(len, axes)), x3.shape[2]), _WIDE)
    for o, (flat, _) in enumerate(_windows(axes, spatial)):
        if flat.size:
            slope = _norm_slope(x3[:, flat], valid3[:, flat], p, normalize)
            out[:, o] = (slope * t3[:, flat]).sum(axis=1, where=valid3[:, flat] & (x3[:, flat] != 0))
    out = out.astype(_out_dtype(op, x.dtype, dtype))
    return join(out, [len(axis) for axis in axes])


def _make_jvp(kind, op):
    prefix = "" if kind == "pool" else kind + "_"
    forward = globals()[f"{prefix}{op}_pool"]

    def jvp(tangent, x, *args, indices=None, return_indices=False, index_dtype=None, **keywords):
        keywords = dict(zip(forward.positional, args, strict=False), **keywords)
        keywords.pop("return_indices", None)
        where, geometry, dropped, options = _interpret(kind, op, np.ndim(tangent), **keywords)
        indices = None if indices is None else np.expand_dims(indices, dropped)
        return np.squeeze(_jvp(op, tangent, x, where, geometry, indices=indices, **options), dropped)

    jvp.__name__ = jvp.__qualname__ = f"{prefix}{op}_pool_jvp"
    jvp.__doc__ = f"Derivative of `{prefix}{op}_pool` along a tangent of `x`."
    return jvp.__name__, jvp


globals().update(
    _make_jvp(kind, op) for kind in ("pool", "adaptive", "global")
    for op in ("max", "min", "avg", "sum", "lp"))


def max_unpool_jvp(tangent, x, *args, **keywords):
    """Derivative of `max_unpool` along a tangent of `x`: the tangent, unpooled."""
    return max_unpool(tangent, *args, **keywords)


# --- windows that are drawn or listed -------------------------------------------------------------

def _fractional_axis(n, kernel, out, u):
    """Windows of PyTorch's rule for the sample u, in the arithmetic of its dtype."""
    if not 1 <= out <= n - kernel + 1:
        raise ValueError(f"{out} windows of {kernel} in {n} elements")
    number = type(u)
    starts = [n - kernel] * out
    for i in range(out - 1):
        alpha = number(n - kernel) / number(out - 1)
        starts[i] = min(int((number(i) + u) * alpha) - int(u * alpha), n - kernel)
    return [(np.arange(start, start + kernel), kernel) for start in starts]


def _edge_axis(n, edges):
    """Windows between neighbouring edges, or of (start, stop) pairs."""
    bounds = edges if edges.ndim == 2 else itertools.pairwise(edges)
    windows = [(np.arange(start, stop), stop - start) for start, stop in bounds]
    if not all(len(taps) and taps[0] >= 0 and taps[-1] < n for taps, _ in windows):
        raise ValueError(f"windows {edges} for {n} elements")
    return windows


def _of_planes(x, nd, data_format, axis, kernel_size, output_size, output_ratio, random_samples, boundaries):
    """The windows of fractional pooling for each plane of x: {(n, c): axes}."""
    x3, spatial, _ = _split(np.empty(np.shape(x), bool), nd, data_format, axis)
    planes = np.shape(np.moveaxis(x, axis, range(-nd, 0)) if axis is not None else x)
    planes = planes[:-nd] if data_format == "channels_first" else (*planes[:-nd - 1], planes[-1])
    if boundaries is not None:
        entries = [np.asarray(entry) for entry in boundaries]
        cores = [2 if e.ndim in (2, len(planes) + 2) and e.shape[-1] == 2 else 1 for e in entries]
        ends = [e.shape[e.ndim - core:] for e, core in zip(entries, cores, strict=True)]
        spread = [np.broadcast_to(e, (*planes, *end)).reshape(-1, *end)
                  for e, end in zip(entries, ends, strict=True)]

        def axes(plane):
            return [_edge_axis(n, e[plane]) for n, e in zip(spatial, spread, strict=True)]
    else:
        kernel = _ints(kernel_size, nd, 1)
        if output_size is None:
            ratios = np.broadcast_to(output_ratio, nd)
            output_size = [int(n * r) for n, r in zip(spatial, ratios, strict=True)]
        outs = _ints(output_size, nd, 1)
        samples = np.broadcast_to(random_samples, (*planes, nd)).reshape(-1, nd)

        def axes(plane):
            u = samples[plane][::-1] if nd == 2 else samples[plane]
            return [_fractional_axis(*axis) for axis in zip(spatial, kernel, outs, u, strict=True)]
    return {(o, c): axes(o * x3.shape[2] + c) for o in range(x3.shape[0]) for c in range(x3.shape[2])}


def _plane_by_plane(run, windows, arrays, nd, data_format, axis):
    """`run` on each plane of the arrays with windows of its own, put together again."""
    split = [_split(np.asarray(a), nd, data_format, axis) for a in arrays]
    found = {}
    for (o, c), axes in windows.items():
        planes = [a3[o, :, c].reshape(spatial) for a3, spatial, _ in split]
        found[o, c] = run(*planes, lambda _, axes=axes: axes)
    first, _, join = split[0]
    results = []
    for each in zip(*found.values(), strict=True):
        flat = np.stack([a.ravel() for a in each]).reshape(first.shape[0], first.shape[2], -1).swapaxes(1, 2)
        results.append(join(flat, each[0].shape))
    return results


def _make_fractional(op):
    def windows(x, kernel_size=None, output_size=None, output_ratio=None, return_indices=False, *, nd,
                random_samples=None, boundaries=None, data_format="channels_first", axis=None, dtype=None):
        given = kernel_size, output_size, output_ratio, random_samples, boundaries
        found = _of_planes(x, nd, data_format, axis, *given)
        return found, return_indices, (nd, data_format, axis), {"dtype": dtype} if op == "avg" else {}

    def forward(x, *args, **keywords):
        found, return_indices, layout, options = windows(x, *args, **keywords)
        values, indices = _plane_by_plane(
            lambda plane, axes: _forward(op, plane, {"nd": layout[0]}, axes, **options), found, [x], *layout)
        return (values, indices) if return_indices else values

    def backward(grad_output, x, *args, **keywords):
        found, _, layout, options = windows(x, *args, **keywords)
        return _plane_by_plane(
            lambda g, plane, axes: [_backward(op, g, plane, {"nd": layout[0]}, axes, **options)], found,
            [grad_output, x], *layout)[0]

    def jvp(tangent, x, *args, **keywords):
        found, _, layout, options = windows(x, *args, **keywords)
        return _plane_by_plane(
            lambda t, plane, axes: [_jvp(op, t, plane, {"nd": layout[0]}, axes, **options)], found,
            [tangent, x], *layout)[0]

    name = f"fractional_{op}_pool"
    for suffix, function in (("", forward), ("_backward", backward), ("_jvp", jvp)):
        function.__name__ = function.__qualname__ = name + suffix
        function.__doc__ = f"Slow `{name}{{n}}d{suffix}`; samples or boundaries are given."
        yield name + suffix, function


globals().update(_make_fractional("max"))
globals().update(_make_fractional("avg"))


def _s3_steps(spatial, kernel_size, stride, grid_size, positions):
    """All windows at stride 1, which of them stay, and the cells that the test form averages."""
    nd = len(spatial)
    kernel = _ints(kernel_size, nd, 1)
    stride = kernel if stride is None else _ints(stride, nd, 1)
    grid = stride if grid_size is None else _ints(grid_size, nd, 1)
    cells = []
    for n, s, g in zip(spatial, stride, grid, strict=True):
        if g % s or g > n:
            raise ValueError(f"strips of {g} with stride {s} in {n} elements")
        edges = [*range(0, n - n % g, g), n]
        cells.append([(a + taps, count) for a, b in itertools.pairwise(edges)
                      for taps, count in _adaptive_axis(b - a, g // s)])
    every = _regular(spatial, kernel, 1, "same", 1, False)
    kept = [[axis[i] for i in at] for axis, at in zip(every, positions or every, strict=True) if positions]
    return every, kept, cells


def s3_pool(x, kernel_size, stride=None, grid_size=None, return_indices=False, *, nd, positions=None,
            training=True, data_format="channels_first", axis=None):
    """Slow `s3_pool{n}d`, for any `nd`; the positions that stay are given."""
    where = {"nd": nd, "data_format": data_format, "axis": axis}
    spatial = _split(np.asarray(x), **where)[1]
    every, kept, cells = _s3_steps(spatial, kernel_size, stride, grid_size, positions)
    if not training:
        return _forward("avg", _forward("max", x, where, lambda _: every)[0], where, lambda _: cells)[0]
    found = _forward("max", x, where, lambda _: kept)
    return found if return_indices else found[0]


def s3_pool_backward(grad_output, x, kernel_size, stride=None, grid_size=None, *, nd, positions=None,
                     training=True, data_format="channels_first", axis=None):
    """Gradient of `s3_pool` with respect to `x`."""
    where = {"nd": nd, "data_format": data_format, "axis": axis}
    spatial = _split(np.asarray(x), **where)[1]
    every, kept, cells = _s3_steps(spatial, kernel_size, stride, grid_size, positions)
    if training:
        return _backward("max", grad_output, x, where, lambda _: kept)
    between = _backward("avg", grad_output, x, where, lambda _: cells)
    return _backward("max", between, x, where, lambda _: every)


def s3_pool_jvp(tangent, x, kernel_size, stride=None, grid_size=None, *, nd, positions=None, training=True,
                data_format="channels_first", axis=None):
    """Derivative of `s3_pool` along a tangent of `x`."""
    where = {"nd": nd, "data_format": data_format, "axis": axis}
    spatial = _split(np.asarray(x), **where)[1]
    every, kept, cells = _s3_steps(spatial, kernel_size, stride, grid_size, positions)
    if training:
        return _jvp("max", tangent, x, where, lambda _: kept)
    return _forward("avg", _jvp("max", tangent, x, where, lambda _: every), where, lambda _: cells)[0]


# --- sequences ------------------------------------------------------------------------------------
#
# A list of row numbers for each segment; everything is done one segment after the other, in long double.

def _token_rows(shape, mask, lengths):
    """Row numbers of each sequence in an array of (..., tokens, width) seen as (rows, width)."""
    tokens = shape[-2]
    taken = np.ones(shape[:-1], bool) if mask is None else np.broadcast_to(np.asarray(mask) != 0, shape[:-1])
    if lengths is not None:
        taken = np.arange(tokens) < np.asarray(lengths)[..., None]
    return [np.flatnonzero(row) + i * tokens for i, row in enumerate(taken.reshape(-1, tokens))]


def _ragged_rows(n, offsets, lengths):
    """Row numbers of each segment of n rows."""
    offsets = np.cumsum([0, *lengths]) if offsets is None else np.asarray(offsets)
    if offsets[0] != 0 or offsets[-1] != n or np.any(np.diff(offsets) < 0):
        raise ValueError(f"segments {offsets!r} do not cover {n} rows")
    return [np.arange(a, b) for a, b in itertools.pairwise(offsets)]


def _columns(weights, rows, width):
    """Weights of shape (rows,) or (rows, heads) as one number for each element; ones by default."""
    if weights is None:
        return np.ones((rows, width), _WIDE)
    weights = np.asarray(weights, _WIDE).reshape(rows, -1)
    return np.repeat(weights, width // weights.shape[1], axis=1)


def _best(x, k, smallest=False):
    """Positions of the k largest (smallest) of each column, in order; NaN counts as the best."""
    keys = np.where(np.isnan(x), -np.inf, x if smallest else -x)     # long double: exact for every dtype
    return np.sort(np.lexsort((keys, ~np.isnan(x)), axis=0)[:k], axis=0)


@_quiet
def _reduce_rows(op, x, w, correction=0):
    """One value for each column of the rows x with weights w."""
    total = w.sum(0)
    if op == "sum":
        return (w * x).sum(0)
    if op == "mean":
        return (w * x).sum(0) / total
    if op == "mean_sqrt_len_tokens":
        return x.sum(0) / np.sqrt(_WIDE(len(x)))
    if op == "std":
        mean = x[0] + (w * (x - x[0])).sum(0) / total
        squares = (w * (x - mean) ** 2).sum(0)
        return np.where(squares == 0, 0, np.sqrt(squares / np.maximum(total - correction, 0)))
    if op == "lse":
        top = x.max(0)
        shift = np.where(np.isfinite(top), top, 0)
        return np.log(np.exp(x - shift).sum(0)) + shift
    if op in ("first", "last"):
        return x[0 if op == "first" else -1]
    return np.take_along_axis(x, _best(x, 1, op == "min"), 0)[0]


@_quiet
def _slope_rows(op, x, w, g, correction=0):
    """Gradients with respect to the rows x and the weights w of their elements; g: one for each column."""
    y, total = _reduce_rows(op, x, w, correction), w.sum(0)
    if op == "sum":
        return w * g, x * g
    if op == "mean":
        return w * g / total, (x - y) * g / total
    if op == "mean_sqrt_len_tokens":
        return np.broadcast_to(g / np.sqrt(_WIDE(len(x))), x.shape), None
    if op == "std":
        d, second = x - x[0] - (w * (x - x[0])).sum(0) / total, total - correction
        return (np.where(y == 0, 0, g * w * d / (y * second)),
                np.where(y == 0, 0, g * (d * d - y * y) / (2 * y * second)))
    if op == "lse":
        return g * np.exp(x - y), None
    grad = np.zeros(x.shape, _WIDE)
    row = {"first": 0, "last": len(x) - 1}.get(op)
    row = _best(x, 1, op == "min") if row is None else np.full((1, x.shape[1]), row)
    np.put_along_axis(grad, row, np.broadcast_to(g, (1, x.shape[1])), 0)
    return grad, None


_MODES = {"cls": "first", "lasttoken": "last", "weightedmean": "mean"}


def _token_weights(mode, rows, width):
    count = np.arange(1, len(rows) + 1) if mode == "weightedmean" else np.ones(len(rows))
    return np.broadcast_to(count.astype(_WIDE)[:, None], (len(rows), width))


def token_pool(x, mask=None, *, lengths=None, mode="mean", empty=np.nan):
    """Pool the tokens of each sequence by one mode or several; the result is in
    long double.
    """
    x = np.asarray(x)
    modes = (mode,) if isinstance(mode, str) else mode
    flat = x.reshape(-1, x.shape[-1]).astype(_WIDE)
    out = []
    for rows in _token_rows(x.shape, mask, lengths):
        for m in modes:
            w = _token_weights(m, rows, flat.shape[1])
            op, nothing = _MODES.get(m, m), np.full(flat.shape[1], empty)
            out.append(_reduce_rows(op, flat[rows], w) if len(rows) else nothing)
    return np.array(out, _WIDE).reshape(*x.shape[:-2], -1)


def token_pool_backward(grad_output, x, mask=None, *, lengths=None, mode="mean"):
    """Gradient of `token_pool` in long double."""
    x = np.asarray(x)
    modes = (mode,) if isinstance(mode, str) else mode
    flat = x.reshape(-1, x.shape[-1]).astype(_WIDE)
    grad = np.zeros(flat.shape, _WIDE)
    found = _token_rows(x.shape, mask, lengths)
    gradients = np.asarray(grad_output, _WIDE).reshape(len(found), len(modes), -1)
    for rows, g in zip(found, gradients, strict=True):
        for m, one in zip(modes, g, strict=True):
            if len(rows):
                w = _token_weights(m, rows, flat.shape[1])
                grad[rows] += _slope_rows(_MODES.get(m, m), flat[rows], w, one)[0]
    return grad.reshape(x.shape)


def max_over_time_pool(x, mask=None, *, lengths=None, empty=np.nan):
    """The largest value of each feature, in long double, and the token that has it
    (-1: none).
    """
    x = np.asarray(x)
    flat = x.reshape(-1, x.shape[-1]).astype(_WIDE)
    indices = []
    for rows in _token_rows(x.shape, mask, lengths):
        at = rows[_best(flat[rows], 1)[0]] % x.shape[-2] if len(rows) else np.full(flat.shape[1], -1)
        indices.append(at)
    indices = np.array(indices, np.int64).reshape(*x.shape[:-2], -1)
    return token_pool(x, mask, lengths=lengths, mode="max", empty=empty), indices


def segment_pool(x, offsets=None, op="sum", *, lengths=None, weights=None, k=None, correction=0,
                 empty=np.nan):
    """Pool ragged rows, in long double; "kmax" returns values and rows."""
    x = np.asarray(x)
    flat = x.reshape(x.shape[0], math.prod(x.shape[1:])).astype(_WIDE)
    w = _columns(weights, *flat.shape)
    segments = _ragged_rows(len(flat), offsets, lengths)
    if op == "kmax":
        values = np.full((len(segments), k, flat.shape[1]), empty, _WIDE)
        indices = np.full(values.shape, -1)
        for i, rows in enumerate(segments):
            at = _best(flat[rows], k) if len(rows) else np.zeros((0, flat.shape[1]), int)
            values[i, :len(at)], indices[i, :len(at)] = np.take_along_axis(flat[rows], at, 0), rows[at]
        shape = (len(segments), k, *x.shape[1:])
        return values.reshape(shape), indices.reshape(shape)
    out = np.full((len(segments), flat.shape[1]), 0 if op == "sum" else empty, _WIDE)
    for i, rows in enumerate(segments):
        if len(rows):
            out[i] = _reduce_rows(op, flat[rows], w[rows], correction)
    return out.reshape(len(segments), *x.shape[1:])


def segment_pool_backward(grad_output, x, offsets=None, op="sum", *, lengths=None, weights=None, k=None,
                          correction=0):
    """Gradient of `segment_pool` and that of each element's weight (None if there
    are no weights).
    """
    x = np.asarray(x)
    flat = x.reshape(x.shape[0], math.prod(x.shape[1:])).astype(_WIDE)
    w = _columns(weights, *flat.shape)
    segments = _ragged_rows(len(flat), offsets, lengths)
    grad, grad_w = np.zeros(flat.shape, _WIDE), None if weights is None else np.zeros(flat.shape, _WIDE)
    g = np.asarray(grad_output, _WIDE).reshape(len(segments), k or 1, flat.shape[1])
    for i, rows in enumerate(segments):
        if len(rows) == 0:
            continue
        if op == "kmax":
            at = _best(flat[rows], k)
            grad[rows[at], np.arange(flat.shape[1])] = g[i, :len(at)]
        else:
            grad[rows], slope = _slope_rows(op, flat[rows], w[rows], g[i, 0], correction)
            if grad_w is not None:
                grad_w[rows] = slope
    if grad_w is not None:
        heads = np.asarray(weights).reshape(len(flat), -1).shape[1]
        grad_w = grad_w.reshape(len(flat), heads, -1).sum(2)
        grad_w = grad_w.reshape(np.shape(weights))
    return grad.reshape(x.shape), grad_w


def stats_pool(x, mask=None, *, lengths=None, weights=None, correction=0, empty=np.nan):
    """Mean and standard deviation over time, side by side, in long double."""
    x = np.asarray(x)
    flat = x.reshape(-1, x.shape[-1]).astype(_WIDE)
    w = _columns(weights, *flat.shape)
    out = []
    for rows in _token_rows(x.shape, mask, lengths):
        for op in ("mean", "std"):
            nothing = np.full(x.shape[-1], empty)
            out.append(_reduce_rows(op, flat[rows], w[rows], correction) if len(rows) else nothing)
    return np.array(out, _WIDE).reshape(*x.shape[:-2], -1)


def stats_pool_backward(grad_output, x, mask=None, *, lengths=None, weights=None, correction=0):
    """Gradient of `stats_pool` and that of the weights."""
    x = np.asarray(x)
    flat = x.reshape(-1, x.shape[-1]).astype(_WIDE)
    w = _columns(weights, *flat.shape)
    grad, grad_w = np.zeros(flat.shape, _WIDE), np.zeros(flat.shape, _WIDE)
    found = _token_rows(x.shape, mask, lengths)
    for rows, g in zip(found, np.asarray(grad_output, _WIDE).reshape(len(found), 2, -1), strict=True):
        for op, one in zip(("mean", "std"), g, strict=True):
            if len(rows):
                gx, gw = _slope_rows(op, flat[rows], w[rows], one, correction)
                grad[rows] += gx
                grad_w[rows] += gw
    heads = w.shape[1] if weights is None else np.asarray(weights).reshape(len(flat), -1).shape[1]
    grad_w = grad_w.reshape(len(flat), heads, -1).sum(2)
    return grad.reshape(x.shape), grad_w.reshape(np.shape(weights)) if weights is not None else None


def _softmax(x, scores, mask, lengths):
    """Softmax of (rows, heads) scores over the tokens of each sequence."""
    scores = np.asarray(scores, _WIDE).reshape(math.prod(x.shape[:-1]), -1)
    p = np.zeros(scores.shape, _WIDE)
    for rows in _token_rows(x.shape, mask, lengths):
        if len(rows):
            e = np.exp(scores[rows] - scores[rows].max(0))
            p[rows] = e / e.sum(0)
    return p


def _query_scores(x, query, scale):
    query = np.asarray(query, _WIDE)
    heads = 1 if query.ndim == 1 else len(query)
    parts = x.reshape(-1, x.shape[-1]).astype(_WIDE).reshape(-1, heads, x.shape[-1] // heads)
    return scale * (parts * query.reshape(heads, -1)).sum(2)


def attentive_stats_pool(x, scores=None, mask=None, *, query=None, scale=1.0, lengths=None, empty=np.nan):
    """Mean and standard deviation weighted by the softmax of scores, and the
    weights.
    """
    x = np.asarray(x)
    p = _softmax(x, _query_scores(x, query, scale) if scores is None else scores, mask, lengths)
    return stats_pool(x, mask, lengths=lengths, weights=p, empty=empty), p


def attention_pool(x, scores=None, mask=None, *, query=None, scale=1.0, lengths=None, empty=np.nan):
    """Mean weighted by the softmax of scores, and the weights."""
    both, p = attentive_stats_pool(x, scores, mask, query=query, scale=scale, lengths=lengths, empty=empty)
    return both[..., :np.shape(x)[-1]], p


def attentive_stats_pool_backward(grad_output, x, scores=None, mask=None, *, query=None, scale=1.0,
                                  lengths=None):
    """Gradients with respect to x and to scores or query."""
    x = np.asarray(x)
    given = _query_scores(x, query, scale) if scores is None else scores
    p = _softmax(x, given, mask, lengths)
    grad, grad_p = stats_pool_backward(grad_output, x, mask, lengths=lengths, weights=p)
    slope = np.zeros(p.shape, _WIDE)
    for rows in _token_rows(x.shape, mask, lengths):
        slope[rows] = p[rows] * (grad_p[rows] - (p[rows] * grad_p[rows]).sum(0))
    if query is None:
        return grad, slope.reshape(np.shape(scores))
    heads = p.shape[1]
    parts = x.reshape(-1, heads, x.shape[-1] // heads).astype(_WIDE)
    grad_query = scale * (slope[:, :, None] * parts).sum(0)
    grad = grad + (scale * slope[:, :, None] * np.asarray(query, _WIDE).reshape(heads, -1)).reshape(x.shape)
    return grad, grad_query.reshape(np.shape(query))


def attention_pool_backward(grad_output, x, scores=None, mask=None, **options):
    """Gradients with respect to x and to scores or query."""
    g = np.asarray(grad_output, _WIDE)
    return attentive_stats_pool_backward(np.concatenate([g, 0 * g], -1), x, scores, mask, **options)
