"""Every operator once more in plain NumPy: slow, short and meant to be read.

This module is the oracle of the tests and the plainest statement of what each operator computes. It shares
no code with the rest of the package, on purpose. One function serves 1, 2 and 3 dimensions (``nd=``) and
takes the arguments of the public function of the same name; it checks only what makes a call legal or not.

All of it works the same way. `_split` views an array as ``(outer, plane, inner)``: leading axes, one
flattened spatial plane, channels if they come last. An axis of windows is a list with one pair per output
position, the positions of its real taps and the number of taps an average divides by. `_windows` combines
the axes into flat positions in the plane, and the loops in `_forward` and `_backward` visit one window after
the other.

Sums are formed exactly for integers and in long double for floating-point numbers, and rounded once. Every
loop carries a validity array beside the values (``mask=``): taps that are not valid take no part and do not
count.
"""

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
        windows.append((taps[(taps >= 0) & (taps < n)], np.count_nonzero(taps < n + hi)))
    return windows


def _adaptive_axis(n, out):
    if n == 0:
        raise ValueError("a spatial axis has no elements")
    bounds = [(i * n // out, -(-(i + 1) * n // out)) for i in range(out)]
    return [(np.arange(start, stop), stop - start) for start, stop in bounds]


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
    """Write every value where its index says; of several the last wins, or ``mode="sum"`` adds them."""
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
    """Gradient of `max_unpool` with respect to `x` (an array or a shape): what lies at every index."""
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
