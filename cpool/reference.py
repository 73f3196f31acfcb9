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
    """Maximum of every bin of boxes of whole pixels; 0 and index -1 where a bin has none."""
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
    """Mean or maximum of bilinear samples in every bin; samples outside the image are 0."""
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
    """Mean of every bin of boxes of whole pixels, in channels of its own; the last row and column are out."""
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
    """Mean of bilinear samples, pixel centres at halves, each bin in its own channels."""
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
    """Gradients of `prroi_pool`: with respect to x, and to the corners as (boxes, 4) in long double."""
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
    """A binomial filter of `blur_size` taps along every axis, sampled with a stride."""
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
    """Pool the tokens of each sequence by one mode or several; the result is in long double."""
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
    """The largest value of each feature, in long double, and the token that has it (-1: none)."""
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
    """Gradient of `segment_pool` and that of each element's weight (None if there are no weights)."""
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
    """Mean and standard deviation weighted by the softmax of scores, and the weights."""
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
