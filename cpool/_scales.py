"""Pooling at several scales at once: pyramids, strips, several reducers side by side. Part of `functional`.

Each is made of windowed and adaptive operators, `_Part` by `_Part`. `pool_pyramid` reads an image once: for
averages a kernel adds up level after level, other levels are made in bands of rows that stay in the cache.
"""

from math import prod
from typing import NamedTuple

import numpy as np

from . import _arguments, _dispatch, _pool_segments, _segments, _sequence_arguments, _texts, functional
from ._execute import DEFAULT_FORMAT
from ._omp import threads_for

_OPS = ("avg", "max", "min", "sum")
_LABELS = tuple(name for name, row in _arguments.DTYPES.items() if row.kind != "float")
_BAND = 1 << 21  # bytes of a band
_AT_ONCE = 6  # levels that are made in one reading
_LONG = 256  # elements of a plane

_TEXT = {
    "spatial": """spatial_ndim : int, optional
    How many axes are spatial, 1 to 3. None: all but the first two (channels first), or all but the first and
    the last (channels last).
data_format : {"channels_first", "channels_last"}, default "channels_first"
    Whether the spatial axes are the last ones, or stand before one last axis of channels.""",
    "floating": """x : array_like, or tuple of int
    The floating-point array that was pooled, or for averages and sums its shape.""",
    "tangent": """tangent : array_like
    Tangent of `x`, of its shape and dtype.""",
    "gradient": """Returns
-------
ndarray
    Gradient of the shape and dtype of `x` (the dtype of `grad_output` if `x` is a shape). Where windows share
    elements, the gradients are added in float64 and rounded once.""",
    "raises": """Raises
------
TypeError
    If an argument is of the wrong kind: a dtype that is not accepted, a float or a bool for an int.
ValueError
    If an argument has a value that is not accepted, or no window fits.
MemoryError
    If the result cannot fit the memory of this machine.""",
}


def _documented(function):
    """Fill the docstring of a function: <key> stands for a text of `_TEXT`."""
    text = _texts.docstring(function)
    for key, part in _TEXT.items():
        text = text.replace(f"<{key}>", part)
    function.__doc__ = _texts.wrapped(text)
    return function


# ---- the operators that these are made of ----


class _Part(NamedTuple):
    """A windowed or an adaptive operator with its arguments."""

    op: str
    nd: int
    data_format: str
    arguments: dict
    kind: str = ""

    def __call__(self, x, **more):
        function = getattr(functional, f"{self.kind}{self.op}_pool{self.nd}d")
        return function(x, **self.arguments, data_format=self.data_format, **more)

    def backward(self, grad_output, x):
        function = getattr(functional, f"{self.kind}{self.op}_pool{self.nd}d_backward")
        return function(grad_output, x, **self.arguments, data_format=self.data_format)

    def jvp(self, tangent, x):
        if self.op in ("avg", "sum"):
            return self(tangent)
        if self.op == "std":
            function = getattr(functional, f"{self.kind}{self.op}_pool{self.nd}d_jvp")
            return function(tangent, x, **self.arguments, data_format=self.data_format)
        _, at = self(x, return_indices=True)
        shape = tangent.shape
        stop = len(shape) - (self.data_format == "channels_last")
        start = stop - self.nd
        outer, inner = prod(shape[:start]), prod(shape[stop:])
        flat = tangent.reshape(outer, prod(shape[start:stop]), inner)
        places = at.reshape(outer, prod(at.shape[start:stop]), inner)
        return np.take_along_axis(flat, places, 1).reshape(at.shape)


def _layout(shape, spatial_ndim, data_format):
    """Number of spatial axes, the canonical data format, and the axis of the first spatial one."""
    nd = _arguments.parse_spatial_ndim(spatial_ndim, len(shape), data_format)
    if nd > 3:
        raise ValueError(f"spatial_ndim must be 1 to 3; got {nd}")
    last = _arguments.parse_data_format(data_format, nd)
    _arguments.split_shape(shape, nd, last)
    return nd, "channels_last" if last else "channels_first", len(shape) - last - nd


def _channel_axis(shape, nd, data_format, start):
    """Where the channels are."""
    if data_format == "channels_last":
        return len(shape) - 1
    if start == 0:
        raise ValueError(f"x must have channels before its {nd} spatial axes; got the shape {shape}")
    return start - 1


def _array(x, ops):
    """x as an array of a dtype that the reducers take."""
    accepted = [name for name in _arguments.DTYPES if "avg" not in ops or name != "bool"]
    if "mode" in ops:
        accepted = _LABELS
    if "std" in ops:
        accepted = _arguments.FLOATS
    return _arguments.as_array(x, "x", accepted)


def _reducers(value, name):
    """A list of reducers."""
    if not isinstance(value, (list, tuple)) or not value:
        kind = ValueError if isinstance(value, (list, tuple)) else TypeError
        raise _arguments.convert_error(kind, name, "a list of reducers, 'avg', 'max', 'min' or 'std'", value)
    return [_arguments.parse_choice(op, ("avg", "max", "min", "std"), name) for op in value]


def _given(x, ops):
    """x as an array, its shape, and its dtype or None; a shape stands for x if no reducer needs its
    values."""
    shape = _arguments.as_shape(x)
    if shape is None:
        x = _arguments.as_array(x, "x", _arguments.FLOATS)
        return x, x.shape, x.dtype.newbyteorder("=")
    for op in ops:
        if op in ("max", "min", "std"):
            _arguments.refuse_shape("lp", shape)
    return x, shape, None


def _tangent(tangent, x, ops):
    """The tangent and x as arrays."""
    tangent = _arguments.as_array(tangent, "tangent", _arguments.FLOATS)
    x, shape, dtype = _given(x, ops)
    _arguments.check_like(tangent, "tangent", shape, dtype or tangent.dtype)
    return _arguments.kernel_array(tangent), x


def _collect(parts, grads, x, dtype):
    """The gradients of several operators on one x, added up."""
    if len(parts) == 1:
        return parts[0].backward(grads[0], x)
    kind = grads[0].dtype if dtype is None else dtype
    if kind.itemsize == 2 and all(g.dtype == kind for g in grads):     # rounded once, at the end
        dtype, grads = kind, [g.astype(np.float32) for g in grads]
        x = x if isinstance(x, tuple) else x.astype(np.float32)
    found = [part.backward(g, x) for part, g in zip(parts, grads, strict=True)]
    total = found[0].astype(np.float64)
    for each in found[1:]:
        total += each
    return total.astype(found[0].dtype if dtype is None else dtype)


def _several(value, count, name):
    """A list of arrays of the right number."""
    if not isinstance(value, (list, tuple)) or len(value) != count:
        raise _arguments.convert_error(ValueError, name, f"a list of {count} arrays", value)
    return [_arguments.as_array(each, name, _arguments.FLOATS) for each in value]


def _split(grad_output, shapes, axis):
    """A gradient cut along an axis, a part for each shape."""
    grad_output = _arguments.as_array(grad_output, "grad_output", _arguments.FLOATS)
    whole = list(shapes[0])
    whole[axis] = sum(shape[axis] for shape in shapes)
    _arguments.check_like(grad_output, "grad_output", tuple(whole), grad_output.dtype)
    ends = np.cumsum([shape[axis] for shape in shapes])[:-1]
    return np.split(grad_output, ends, axis)


# ---- pyramids ----


def _pyramid(shape, levels, factor, op, spatial_ndim, data_format):
    """The operators of the levels, and what the bands need to know."""
    nd, data_format, start = _layout(shape, spatial_ndim, data_format)
    levels = _arguments.int_value(levels, "levels", 1, 63)
    factor = _arguments.int_tuple(factor, nd, "factor", 1)
    sizes = [tuple(f**level for f in factor) for level in range(1, levels + 1)]
    spatial = shape[start : start + nd]
    if any(k > n for k, n in zip(sizes[-1], spatial, strict=True)):
        raise ValueError(
            f"levels must leave a window along every axis; got {levels}, which with the factor {factor} need "
            f"{sizes[-1]} of {spatial} elements"
        )
    return [_Part(op, nd, data_format, {"kernel_size": size}) for size in sizes], factor, start


@_documented
def pool_pyramid(x, levels, factor=2, op="avg", *, spatial_ndim=None, data_format=DEFAULT_FORMAT):
    """Pool an array at several scales, each a multiple of the one before, reading
    it once.

    Parameters
    ----------
    x : array_like
        Any integer or floating-point dtype, float16 and bfloat16 included, and
        except for averages bool; for "mode" labels, any integer dtype or bool.
        Any number of leading axes. Copied once if it is not C-contiguous.
    levels : int
        How many.
    factor : int or tuple of int, default 2
        Elements that become one, along every axis or each.
    op : {"avg", "max", "min", "sum", "mode"}, default "avg"
        The reducer of every window; "mode" is the most frequent label, of
        several the smallest.
    <spatial>

    Returns
    -------
    list of ndarray
        Level l = 1, 2, ... has windows of ``factor ** l`` elements of `x`,
        those that are whole: along an axis of n elements ``n // factor ** l``.
        The dtype is that of `x`, for sums of integers int64 or uint64.

    <raises>

    See Also
    --------
    pool_pyramid_backward, pool_pyramid_jvp, spatial_pyramid_pool, avg_pool2d,
    mode_pool2d

    Notes
    -----
    Every level is what the windowed operator with that kernel gives: an average
    is made of exact integers or of sums in float64, and rounded once, not level
    by level, as image pyramids often are [1]_. A label is the most frequent one
    of all elements of its window, not of the labels of the level below.

    References
    ----------
    .. [1] E. H. Adelson, C. H. Anderson, J. R. Bergen, P. J. Burt and J. M.
       Ogden, "Pyramid methods in image processing", RCA Engineer 29(6), 1984.

    Examples
    --------
    >>> import numpy as np
    >>> import cpool
    >>> x = np.arange(64).reshape(8, 8)
    >>> cpool.pool_pyramid(x, 2, spatial_ndim=2)
    [array([[ 4,  6,  8, 10],
           [20, 22, 24, 26],
           [36, 38, 40, 42],
           [52, 54, 56, 58]]), array([[14, 18],
           [46, 50]])]
    >>> cpool.pool_pyramid([7, 7, 7, 3, 3, 3, 3, 7], 2, op="mode",
    ...     spatial_ndim=1)
    [array([7, 3, 3, 3]), array([7, 3])]
    """
    op = _arguments.parse_choice(op, (*_OPS, "mode"), "op")
    x = _array(x, [op])
    parts, factor, start = _pyramid(x.shape, levels, factor, op, spatial_ndim, data_format)
    nd = parts[0].nd
    dtype = x.dtype.newbyteorder("=") if op == "mode" else _arguments.parse_dtype(op, None, x.dtype)
    spatial, channels = x.shape[start : start + nd], x.shape[start + nd :]
    outs = []
    for part in parts:
        sizes = [n // k for n, k in zip(spatial, part.arguments["kernel_size"], strict=True)]
        shape = (*x.shape[:start], *sizes, *channels)
        _arguments.check_memory(shape, dtype.itemsize)
        outs.append(np.empty(shape, dtype))
    if 0 in x.shape:
        return outs
    planes = _arguments.kernel_array(x).reshape(-1, *spatial, *channels)
    flat = [out.reshape(-1, *out.shape[start:]) for out in outs]
    if _in_sums(op, x.dtype, factor, len(parts)):
        _from_sums(planes, op, factor, nd, flat)
        return outs
    for first, stop, rows in _bands(planes, factor[0] ** len(parts)):
        _levels(parts, factor, planes[first:stop, rows], [
            out[first:stop, rows.start // k : rows.stop // k]
            for out, k in zip(flat, (part.arguments["kernel_size"][0] for part in parts), strict=True)
        ])
    return outs


def _bands(planes, step):
    """Planes first .. stop - 1 and a slice of their rows, about `_BAND` bytes; it starts at a multiple of
    `step`."""
    size, rows = planes[0].nbytes, planes.shape[1]
    if size <= _BAND or rows < 2 * step:
        count = max(_BAND // size, 1)
        for first in range(0, len(planes), count):
            yield first, min(first + count, len(planes)), slice(0, rows)
        return
    height = max(_BAND // (size // rows) // step, 1) * step
    starts = range(0, rows - step + 1, height)
    for plane in range(len(planes)):
        for row in starts:
            yield plane, plane + 1, slice(row, rows if row + height > rows - step else row + height)


def _levels(parts, factor, x, outs):
    """Write the levels of a band: extremes and sums of integers from the level before, others from x."""
    op, nd, data_format = parts[0][:3]
    step = _Part(op, nd, data_format, {"kernel_size": factor})
    by_steps = op in ("max", "min") or (op == "sum" and x.dtype.kind in "biu")
    for part, out in zip(parts, outs, strict=True):
        if by_steps:
            x = step(x, out=out)
        else:
            part(x, out=out)


def _in_sums(op, dtype, factor, levels):
    """Whether the kernel that adds up level after level has numbers that hold all the sums.

    They are int32 for elements of up to 16 bits, else float64, in which integers are exact.
    """
    if op not in ("avg", "sum") or prod((1, 1, *factor)[-3:-1]) > 16:
        return False
    if dtype.kind not in "biu":
        return True
    size, count = dtype.itemsize, prod(factor)
    bits = 8 * size + (count**levels - 1).bit_length()
    return op == "avg" and size < 8 and count <= 256 and bits <= (30 if size < 4 else 52)


def _from_sums(planes, op, factor, nd, outs):
    """Write the levels from sums: a few in one reading, the next ones from the sums of the last of these.

    Of bytes these are the levels whose sums fit 16 bits; else they are six.
    """
    spatial, inner = planes.shape[1 : 1 + nd], prod(planes.shape[1 + nd :])
    dtype, ones, count = planes.dtype, (1,) * (3 - nd), prod(factor)
    x, code, done = planes, _dispatch.code(planes), 0
    kind = {1: 0, 2: 1}.get(dtype.itemsize, 2) if dtype.kind in "biu" else 2
    threads = threads_for(2 * planes.nbytes)
    while done < len(outs):
        some = outs[done:][:_AT_ONCE]
        if kind == 0:
            some = [out for i, out in enumerate(some, 1) if (count**i - 1).bit_length() <= 8]
        divisors = [count ** (done + i) if op == "avg" else 1 for i in range(1, len(some) + 1)]
        shifts = [by.bit_length() - 1 if by & (by - 1) == 0 else -1 for by in divisors]
        done += len(some)
        sums = np.dtype((f"{dtype.kind}2", np.int32, np.float64)[kind])
        kept = np.empty(some[-1].shape, sums) if done < len(outs) else None
        numbers = [code, _dispatch.code(some[0]), kind, len(planes), inner]
        numbers += [*ones, *spatial, *ones, *factor, *shifts]
        _dispatch.segments.pyramid(
            x, some, kept, np.array(numbers, np.intp), np.array(divisors, np.float64), threads)
        x, code, kind = kept, -1 if kind else _dispatch.CODES[sums.name], kind or 1
        spatial = [n // f ** len(some) for n, f in zip(spatial, factor, strict=True)]


@_documented
def pool_pyramid_backward(
    grad_output, x, levels, factor=2, op="avg", *, spatial_ndim=None, data_format=DEFAULT_FORMAT,
):
    """Gradient of `pool_pyramid` with respect to its input.

    Parameters
    ----------
    grad_output : list of array_like
        Gradients with respect to the levels, each of its shape and dtype.
    <floating>
    levels, factor, op, spatial_ndim, data_format
        As in the call of `pool_pyramid`; labels, "mode", have no derivative.

    <gradient>

    <raises>

    See Also
    --------
    pool_pyramid, pool_pyramid_jvp

    Notes
    -----
    A maximum or minimum passes its gradient to the first of the elements that
    are one.

    Examples
    --------
    >>> import cpool
    >>> cpool.pool_pyramid_backward([[1.0, 3.0], [4.0]], (4,), 2,
    ...     spatial_ndim=1)
    array([1.5, 1.5, 2.5, 2.5])
    """
    op = _arguments.parse_choice(op, _OPS, "op")
    x, shape, dtype = _given(x, [op])
    parts, _, _ = _pyramid(shape, levels, factor, op, spatial_ndim, data_format)
    return _collect(parts, _several(grad_output, len(parts), "grad_output"), x, dtype)


@_documented
def pool_pyramid_jvp(
    tangent, x, levels, factor=2, op="avg", *, spatial_ndim=None, data_format=DEFAULT_FORMAT,
):
    """Tangents of the levels of `pool_pyramid`.

    Parameters
    ----------
    <tangent>
    <floating>
    levels, factor, op, spatial_ndim, data_format
        As in the call of `pool_pyramid`; labels, "mode", have no derivative.

    Returns
    -------
    list of ndarray
        Tangents of the levels, of their shapes and dtypes.

    <raises>

    See Also
    --------
    pool_pyramid, pool_pyramid_backward

    Notes
    -----
    Averages and sums of the tangent, or the tangent at the elements that are
    the maximum or minimum.

    Examples
    --------
    >>> import cpool
    >>> cpool.pool_pyramid_jvp([1.0, 2.0, 5.0, 6.0], [4.0, 3.0, 2.0, 1.0], 2,
    ...     op="max", spatial_ndim=1)
    [array([1., 5.]), array([1.])]
    """
    op = _arguments.parse_choice(op, _OPS, "op")
    tangent, x = _tangent(tangent, x, [op])
    parts, _, _ = _pyramid(tangent.shape, levels, factor, op, spatial_ndim, data_format)
    return [part.jvp(tangent, x) for part in parts]


# ---- spatial pyramid pooling ----


def _cells(shape, levels, op, spatial_ndim, data_format):
    """The operators of the levels, the axis of the channels, and what shape each level is made flat from."""
    nd, data_format, start = _layout(shape, spatial_ndim, data_format)
    if not isinstance(levels, (list, tuple)) or not levels:
        raise _arguments.convert_error(
            TypeError if not isinstance(levels, (list, tuple)) else ValueError, "levels",
            "a list of sizes, an int or one for each spatial axis", levels)
    sizes = [_arguments.int_tuple(level, nd, "levels", 1) for level in levels]
    axis = _channel_axis(shape, nd, data_format, start)
    parts = [_Part(op, nd, data_format, {"output_size": size}, "adaptive_") for size in sizes]
    lead = shape[: start - (axis < start)]
    return parts, axis, [(*lead, prod(size) * shape[axis]) for size in sizes]


@_documented
def spatial_pyramid_pool(x, levels=(1, 2, 4), op="max", *, spatial_ndim=None, data_format=DEFAULT_FORMAT):
    """Pool an array of any size into one vector of a fixed length (spatial pyramid
    pooling).

    Parameters
    ----------
    x : array_like
        Any integer or floating-point dtype, float16 and bfloat16 included, and
        except for averages bool: leading axes, channels and spatial axes, or
        with channels last leading axes, spatial axes and channels.
    levels : sequence of int or of tuples of int, default (1, 2, 4)
        Into how many windows each level cuts every spatial axis.
    op : {"avg", "max", "min"}, default "max"
        The reducer of every window.
    <spatial>

    Returns
    -------
    ndarray of shape (..., M)
        The levels one after the other, each made flat: M is the number of
        channels times the number of windows.

    <raises>

    See Also
    --------
    spatial_pyramid_pool_backward, spatial_pyramid_pool_jvp,
    adaptive_max_pool2d, pool_pyramid

    Notes
    -----
    The layer of SPP-net [1]_, with adaptive windows. Flat means in the order of
    memory: channel by channel, or with channels last window by window.

    References
    ----------
    .. [1] K. He, X. Zhang, S. Ren and J. Sun, "Spatial Pyramid Pooling in Deep
       Convolutional Networks for Visual Recognition", ECCV 2014.

    Examples
    --------
    >>> import numpy as np
    >>> import cpool
    >>> cpool.spatial_pyramid_pool(np.arange(16).reshape(1, 1, 4, 4), (1, 2))
    array([[15,  5,  7, 13, 15]])
    """
    op = _arguments.parse_choice(op, _OPS[:3], "op")
    x = _array(x, [op])
    parts, _, shapes = _cells(x.shape, levels, op, spatial_ndim, data_format)
    return np.concatenate([part(x).reshape(shape) for part, shape in zip(parts, shapes, strict=True)], -1)


@_documented
def spatial_pyramid_pool_backward(
    grad_output, x, levels=(1, 2, 4), op="max", *, spatial_ndim=None, data_format=DEFAULT_FORMAT,
):
    """Gradient of `spatial_pyramid_pool` with respect to its input.

    Parameters
    ----------
    grad_output : array_like
        Gradient with respect to the result of `spatial_pyramid_pool`, of its
        shape and dtype.
    <floating>
    levels, op, spatial_ndim, data_format
        As in the call of `spatial_pyramid_pool`.

    <gradient>

    <raises>

    See Also
    --------
    spatial_pyramid_pool, spatial_pyramid_pool_jvp

    Notes
    -----
    A maximum or minimum passes its gradient to the first of the elements that
    are one.

    Examples
    --------
    >>> import cpool
    >>> cpool.spatial_pyramid_pool_backward([[4.0, 1.0, 2.0]], (1, 1, 4),
    ...     (1, 2), "avg")
    array([[[1.5, 1.5, 2. , 2. ]]])
    """
    op = _arguments.parse_choice(op, _OPS[:3], "op")
    x, shape, dtype = _given(x, [op])
    parts, _, shapes = _cells(shape, levels, op, spatial_ndim, data_format)
    grads = [
        g.reshape(_pooled(part, shape)) for part, g in zip(parts, _split(grad_output, shapes, -1),
        strict=True)
    ]
    return _collect(parts, grads, x, dtype)


def _pooled(part, shape):
    """The shape of what an adaptive operator gives."""
    stop = len(shape) - (part.data_format == "channels_last")
    sizes = part.arguments["output_size"]
    sizes = [n if size is None else size for n, size in zip(shape[stop - part.nd : stop], sizes, strict=True)]
    return (*shape[: stop - part.nd], *sizes, *shape[stop:])


@_documented
def spatial_pyramid_pool_jvp(
    tangent, x, levels=(1, 2, 4), op="max", *, spatial_ndim=None, data_format=DEFAULT_FORMAT,
):
    """Tangent of `spatial_pyramid_pool`.

    Parameters
    ----------
    <tangent>
    <floating>
    levels, op, spatial_ndim, data_format
        As in the call of `spatial_pyramid_pool`.

    Returns
    -------
    ndarray
        Tangent of the result of `spatial_pyramid_pool`, of its shape and dtype.

    <raises>

    See Also
    --------
    spatial_pyramid_pool, spatial_pyramid_pool_backward

    Notes
    -----
    Averages of the tangent, or the tangent at the elements that are the maximum
    or minimum.

    Examples
    --------
    >>> import cpool
    >>> cpool.spatial_pyramid_pool_jvp([[[1.0, 2.0, 5.0, 6.0]]],
    ...     [[[4.0, 3.0, 2.0, 1.0]]], (1, 2))
    array([[1., 1., 5.]])
    """
    op = _arguments.parse_choice(op, _OPS[:3], "op")
    tangent, x = _tangent(tangent, x, [op])
    parts, _, shapes = _cells(tangent.shape, levels, op, spatial_ndim, data_format)
    return np.concatenate(
        [part.jvp(tangent, x).reshape(shape) for part, shape in zip(parts, shapes, strict=True)], -1
    )


# ---- strips ----


def _strips(shape, op, spatial_ndim, data_format):
    """One operator for each spatial axis: it keeps that one."""
    nd, data_format, _ = _layout(shape, spatial_ndim, data_format)
    sizes = [tuple(None if i == kept else 1 for i in range(nd)) for kept in range(nd)]
    return [_Part(op, nd, data_format, {"output_size": size}, "adaptive_") for size in sizes]


@_documented
def strip_pool(x, op="avg", *, spatial_ndim=None, data_format=DEFAULT_FORMAT):
    """Pool every row and every column of an array on its own (strip pooling).

    Parameters
    ----------
    x : array_like
        Any integer or floating-point dtype, float16 and bfloat16 included, and
        except for averages bool.
    op : {"avg", "max", "min"}, default "avg"
        The reducer of every strip.
    <spatial>

    Returns
    -------
    list of ndarray
        One array for each spatial axis: it keeps that axis, and the other
        spatial ones have size 1. Of an image of H rows and W columns, the rows
        as (..., H, 1) and the columns as (..., 1, W).

    <raises>

    See Also
    --------
    strip_pool_backward, strip_pool_jvp, adaptive_avg_pool2d, global_avg_pool

    Notes
    -----
    The pooling of [1]_; the sum of the results has the shape of `x` again, by
    broadcasting.

    References
    ----------
    .. [1] Q. Hou, L. Zhang, M.-M. Cheng and J. Feng, "Strip Pooling: Rethinking
       Spatial Pooling for Scene Parsing", CVPR 2020.

    Examples
    --------
    >>> import cpool
    >>> rows, columns = cpool.strip_pool([[1.0, 2.0], [3.0, 6.0]],
    ...     spatial_ndim=2)
    >>> rows
    array([[1.5],
           [4.5]])
    >>> columns
    array([[2., 4.]])
    """
    op = _arguments.parse_choice(op, _OPS[:3], "op")
    x = _array(x, [op])
    return [part(x) for part in _strips(x.shape, op, spatial_ndim, data_format)]


@_documented
def strip_pool_backward(grad_output, x, op="avg", *, spatial_ndim=None, data_format=DEFAULT_FORMAT):
    """Gradient of `strip_pool` with respect to its input.

    Parameters
    ----------
    grad_output : list of array_like
        Gradients with respect to the results of `strip_pool`, each of its shape
        and dtype.
    <floating>
    op, spatial_ndim, data_format
        As in the call of `strip_pool`.

    <gradient>

    <raises>

    See Also
    --------
    strip_pool, strip_pool_jvp

    Notes
    -----
    A maximum or minimum passes its gradient to the first of the elements that
    are one.

    Examples
    --------
    >>> import cpool
    >>> cpool.strip_pool_backward([[[2.0], [4.0]], [[6.0, 8.0]]], (2, 2),
    ...     spatial_ndim=2)
    array([[4., 5.],
           [5., 6.]])
    """
    op = _arguments.parse_choice(op, _OPS[:3], "op")
    x, shape, dtype = _given(x, [op])
    parts = _strips(shape, op, spatial_ndim, data_format)
    return _collect(parts, _several(grad_output, len(parts), "grad_output"), x, dtype)


@_documented
def strip_pool_jvp(tangent, x, op="avg", *, spatial_ndim=None, data_format=DEFAULT_FORMAT):
    """Tangents of the results of `strip_pool`.

    Parameters
    ----------
    <tangent>
    <floating>
    op, spatial_ndim, data_format
        As in the call of `strip_pool`.

    Returns
    -------
    list of ndarray
        Tangents of the results of `strip_pool`, of their shapes and dtypes.

    <raises>

    See Also
    --------
    strip_pool, strip_pool_backward

    Notes
    -----
    Averages of the tangent, or the tangent at the elements that are the maximum
    or minimum.

    Examples
    --------
    >>> import cpool
    >>> cpool.strip_pool_jvp([[1.0, 2.0], [3.0, 6.0]], (2, 2),
    ...     spatial_ndim=2)[1]
    array([[2., 4.]])
    """
    op = _arguments.parse_choice(op, _OPS[:3], "op")
    tangent, x = _tangent(tangent, x, [op])
    return [part.jvp(tangent, x) for part in _strips(tangent.shape, op, spatial_ndim, data_format)]


# ---- several reducers side by side ----


def _side_by_side(shape, nd, output_size, ops, data_format):
    """The operators and the axis of the channels."""
    last = _arguments.parse_data_format(data_format, nd)
    data_format = "channels_last" if last else "channels_first"
    _, spatial, _ = _arguments.split_shape(shape, nd, last)
    axis = _channel_axis(shape, nd, data_format, len(shape) - last - nd)
    size = _arguments.parse_output_size(output_size, spatial)
    return [_Part(op, nd, data_format, {"output_size": size}, "adaptive_") for op in ops], axis


def _together(parts, x, axis):
    """What several adaptive operators make of x, as channels; x is read once, piece by piece in the cache."""
    last, nd = parts[0].data_format == "channels_last", parts[0].nd
    start, channels = x.ndim - last - nd, x.shape[axis]
    shape = list(_pooled(parts[0], x.shape))
    deviations = any(part.op == "std" for part in parts) and max(shape[start : start + nd]) == 1
    if deviations and (last or prod(x.shape[start:]) >= _LONG):     # for short lines that is too much ado
        return _of_all(parts, x, start, axis)
    band = _BAND * threads_for(2 * x.nbytes)
    if x.nbytes <= band or not x.flags.c_contiguous:
        return np.concatenate([part(x) for part in parts], axis)
    shape[axis] *= len(parts)
    _arguments.check_memory(shape, x.dtype.itemsize)
    out = np.empty(shape, x.dtype.newbyteorder("="))
    images, results = (a.reshape(-1, *a.shape[min(axis, start) :]) for a in (x, out))
    count = max(band // images[0].nbytes, 1)
    planes = channels if last or images[0].nbytes <= band else max(band * channels // images[0].nbytes, 1)
    for first in range(0, len(images), count):
        some = slice(first, first + count)
        for channel in range(0, channels, planes):
            stop = min(channel + planes, channels)
            piece = images[some] if stop - channel == channels else images[some, channel:stop]
            for number, part in enumerate(parts):
                place = slice(number * channels + channel, number * channels + stop)
                results[(some, ..., place) if last else (some, place)] = part(piece)
    return out


def _of_all(parts, x, start, axis):
    """The same of single windows that hold everything, segment by segment."""
    outer, taps = prod(x.shape[:start]), prod(x.shape[start : start + parts[0].nd])
    width = x.shape[-1] if axis > start else 1
    begin = np.arange(outer, dtype=np.intp) * taps
    r = _segments.Ragged(
        x, _sequence_arguments.Segments(begin, np.full(outer, taps, np.intp), None), (outer * taps, width))
    terms = [
        _pool_segments._part(r, {"avg": "mean"}.get(part.op, part.op), number * width)
        for number, part in enumerate(parts)
    ]
    out = np.empty((outer, len(parts) * width), x.dtype.newbyteorder("="))
    _pool_segments._forward(r, terms, out)
    shape = list(_pooled(parts[0], x.shape))
    shape[axis] *= len(parts)
    if axis < start:
        out = out.reshape(-1, x.shape[axis], len(parts)).swapaxes(1, 2)
    return np.ascontiguousarray(out).reshape(shape)


def _adaptive_concat(nd):
    """The functions for `nd` spatial axes."""

    def adaptive_concat_pool(x, output_size=1, ops=("max", "avg"), *, data_format=DEFAULT_FORMAT):
        """Pool adaptive {n}-D windows by several reducers, their results one after the
        other as channels.

        Parameters
        ----------
        x : array_like of shape (..., C, {sizes})
            Any integer or floating-point dtype, float16 and bfloat16 included, and
            without averages bool; with deviations floating-point only. With
            channels last the shape is (..., {sizes}, C).
        output_size : int, None or tuple of these, default 1
            Windows along each axis; None keeps the size.
        ops : sequence of {{"avg", "max", "min", "std"}}, default ("max", "avg")
            The reducers; "std" is the standard deviation.
        data_format : {{"channels_first", "channels_last"}}, default "channels_first"
            Whether the spatial axes are the last ones, or stand before one last
            axis of channels.

        Returns
        -------
        ndarray of shape (..., len(ops) * C, {outs})
            With the dtype of `x`; with channels last they are the last axis.

        <raises>

        See Also
        --------
        adaptive_concat_pool{n}d_backward, adaptive_concat_pool{n}d_jvp,
        adaptive_max_pool{n}d, adaptive_avg_pool{n}d

        Notes
        -----
        AdaptiveConcatPool2d of fast.ai [1]_ and the "catavgmax" pooling of timm, in
        any number of dimensions; ("avg", "std") is statistics pooling, ("min",
        "max") the range. The array is read once.

        References
        ----------
        .. [1] J. Howard and S. Gugger, "fastai: A Layered API for Deep Learning",
           Information 11(2), 2020.

        Examples
        --------
        >>> import numpy as np
        >>> import cpool
        >>> x = np.arange(8.0).reshape({example})
        >>> cpool.adaptive_concat_pool{n}d(x).ravel()
        array([7. , 3.5])
        """
        ops = _reducers(ops, "ops")
        x = _array(x, ops)
        parts, axis = _side_by_side(x.shape, nd, output_size, ops, data_format)
        return _together(parts, x, axis)

    def adaptive_concat_pool_backward(
        grad_output, x, output_size=1, ops=("max", "avg"), *, data_format=DEFAULT_FORMAT
    ):
        """Gradient of `adaptive_concat_pool{n}d` with respect to its input.

        Parameters
        ----------
        grad_output : array_like
            Gradient with respect to the result of `adaptive_concat_pool{n}d`, of
            its shape and dtype.
        <floating>
        output_size, ops, data_format
            As in the call of `adaptive_concat_pool{n}d`.

        <gradient>

        <raises>

        See Also
        --------
        adaptive_concat_pool{n}d, adaptive_concat_pool{n}d_jvp

        Notes
        -----
        A maximum or minimum passes its gradient to the first of the elements that
        are one.

        Examples
        --------
        >>> import numpy as np
        >>> import cpool
        >>> x = np.arange(8.0).reshape({example})
        >>> g = np.array([8.0, 16.0]).reshape({pair})
        >>> cpool.adaptive_concat_pool{n}d_backward(g, x).ravel()
        array([ 2.,  2.,  2.,  2.,  2.,  2.,  2., 10.])
        """
        ops = _reducers(ops, "ops")
        x, shape, dtype = _given(x, ops)
        parts, axis = _side_by_side(shape, nd, output_size, ops, data_format)
        grads = _split(grad_output, [_pooled(part, shape) for part in parts], axis)
        return _collect(parts, grads, x, dtype)

    def adaptive_concat_pool_jvp(
        tangent, x, output_size=1, ops=("max", "avg"), *, data_format=DEFAULT_FORMAT
    ):
        """Tangent of `adaptive_concat_pool{n}d`.

        Parameters
        ----------
        <tangent>
        <floating>
        output_size, ops, data_format
            As in the call of `adaptive_concat_pool{n}d`.

        Returns
        -------
        ndarray
            Tangent of the result of `adaptive_concat_pool{n}d`, of its shape and
            dtype.

        <raises>

        See Also
        --------
        adaptive_concat_pool{n}d, adaptive_concat_pool{n}d_backward

        Notes
        -----
        Averages of the tangent, and the tangent at the elements that are the
        maximum or minimum.

        Examples
        --------
        >>> import numpy as np
        >>> import cpool
        >>> x = np.arange(8.0).reshape({example})
        >>> cpool.adaptive_concat_pool{n}d_jvp(x, -x).ravel()
        array([0. , 3.5])
        """
        ops = _reducers(ops, "ops")
        tangent, x = _tangent(tangent, x, ops)
        parts, axis = _side_by_side(tangent.shape, nd, output_size, ops, data_format)
        return np.concatenate([part.jvp(tangent, x) for part in parts], axis)

    shape = {1: (1, 8), 2: (1, 2, 4), 3: (1, 2, 2, 2)}[nd]
    words = {
        "n": nd, "sizes": ("W", "H, W", "D, H, W")[nd - 1], "outs": ("OW", "OH, OW", "OD, OH, OW")[nd - 1],
        "example": shape, "pair": (2, *(1,) * nd),
    }
    found = {}
    for function in (adaptive_concat_pool, adaptive_concat_pool_backward, adaptive_concat_pool_jvp):
        name = function.__name__.replace("pool", f"pool{nd}d")
        function.__name__ = function.__qualname__ = name
        text = _texts.docstring(function).format(**words)
        function.__doc__ = text
        found[name] = _documented(function)
    return found


for _nd in (1, 2, 3):
    globals().update(_adaptive_concat(_nd))
