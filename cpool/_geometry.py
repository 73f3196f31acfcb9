"""Which elements each window holds, and how large the output is.

User arguments become a `Plan` once: the canonical problem ``outer x (D, H, W) x inner`` and one `Axis` of
windows for each of D, H and W. 1-D and 2-D problems get leading axes of size 1; channels-first has
``inner = 1``, channels-last ``inner = C``. Below this module nobody asks for the number of dimensions, the
layout or "same".

An axis is a handful of ints, never an array: `axis_bounds` turns them into the taps of window `o`. Windows
are clipped, not padded. Three numbers belong to a window and are three different things: its first real tap,
the number of its real taps, and the number of its divisor taps (those that count in an average with
count_include_pad).

All ints are exact Python ints, so that nothing overflows here and plans can be cached and compared.
"""

from functools import lru_cache
from math import prod
from typing import NamedTuple

import numpy as np

from . import _arguments

_CACHED = 1024  # plans kept; a plan is about 1 kB


class Axis(NamedTuple):
    """The windows along one axis.

    Attributes
    ----------
    n, out : int
        Number of elements and number of windows.
    kernel, stride, dilation : int
        Tap j of window o sits at ``o * stride - lo + j * dilation``.
    lo, hi : int
        Padding before and after: taps in it are not there, but may count in an average.
    adaptive : bool
        Window o spans ``floor(o * n / out)`` to ``ceil((o + 1) * n / out)`` instead; the fields from kernel
        to hi are idle.
    """

    n: int
    out: int
    kernel: int
    stride: int
    dilation: int
    lo: int
    hi: int
    adaptive: bool


def _regular(n, out, kernel, stride, dilation, lo, hi):
    return Axis(n, out, kernel, stride, dilation, lo, hi, False)


def _adaptive(n, out):
    return Axis(n, out, 1, 1, 1, 0, 0, True)


_SINGLE = _regular(1, 1, 1, 1, 1, 0, 0)  # stands for an axis that the user's problem does not have


def _clip(value, low, high):
    return min(max(value, low), high)


def axis_bounds(axis, o, clip=_clip):
    """The taps of window `o`.

    Parameters
    ----------
    axis : Axis
        The windows.
    o : int or int64 array
        Which window, ``0 <= o < axis.out``.
    clip : callable, optional
        ``numpy.clip`` if `o` is an array.

    Returns
    -------
    first : int or array
        Position of the first real tap; 0 if there is none.
    real : int or array
        Number of real taps; they are `axis.dilation` apart.
    divisor : int or array
        Number of taps within the explicitly padded extent.
    """
    n, out, kernel, stride, dilation, lo, hi, adaptive = axis
    if adaptive:
        # o * n / out in parts, as o * n may not fit 64 bits
        whole, rest = divmod(n, out)
        first = o * whole + o * rest // out
        real = (o + 1) * whole - (-(o + 1) * rest // out) - first
        return first, real, real
    start = o * stride - lo
    skipped = clip(-(start // dilation), 0, kernel)
    real = clip(-((start - n) // dilation), skipped, kernel) - skipped
    divisor = clip(-((start - n - hi) // dilation), 0, kernel)
    return (start + skipped * dilation) * (real > 0), real, divisor


class Plan(NamedTuple):
    """A pooling problem in canonical form.

    Attributes
    ----------
    nd : int
        Number of spatial axes, 1 to 3 (global pooling over more merges the last ones).
    shape, out_shape : tuple of int
        Shapes of x and of the output as the user sees them.
    channels_last : bool
        Whether the last axis holds channels.
    outer, inner : int
        Number of elements before and behind the spatial axes.
    axes : tuple of Axis
        The windows along D, H and W.
    include_pad : bool
        Averages: whether the divisor counts the divisor taps rather than the real ones.
    divisor : int or None
        Averages: the divisor, whatever the taps.
    """

    nd: int
    shape: tuple
    channels_last: bool
    outer: int
    axes: tuple
    inner: int
    out_shape: tuple
    include_pad: bool
    divisor: int | None

    @property
    def canonical_shape(self):
        """(outer, D, H, W, inner) of x."""
        return (self.outer, *(axis.n for axis in self.axes), self.inner)

    @property
    def canonical_out(self):
        """(outer, D, H, W, inner) of the output."""
        return (self.outer, *(axis.out for axis in self.axes), self.inner)


class UnpoolPlan(NamedTuple):
    """An unpooling problem in canonical form.

    Attributes
    ----------
    nd : int
        Number of spatial axes, 1 to 3.
    shape, out_shape : tuple of int
        Shapes of x (and its indices) and of the output as the user sees them.
    channels_last : bool
        Whether the last axis holds channels.
    outer, inner : int
        Number of elements before and behind the spatial axes.
    sizes, out_sizes : tuple of int
        (D, H, W) of x and of the output.
    """

    nd: int
    shape: tuple
    channels_last: bool
    outer: int
    sizes: tuple
    out_sizes: tuple
    inner: int
    out_shape: tuple
    include_pad = False
    divisor = None

    @property
    def axes(self):
        """The axes of the pooling that this undoes, as far as an unpooling needs them: the sizes."""
        sizes = zip(self.out_sizes, self.sizes, strict=True)
        return tuple(_regular(n, out, 1, 1, 1, 0, 0) for n, out in sizes)

    @property
    def canonical_shape(self):
        """(outer, D, H, W, inner) of x."""
        return (self.outer, *self.sizes, self.inner)

    @property
    def canonical_out(self):
        """(outer, D, H, W, inner) of the output."""
        return (self.outer, *self.out_sizes, self.inner)


# ---- plans ----


def window_plan(
    shape, nd, kernel_size, stride, padding, dilation, ceil_mode, count_include_pad, divisor_override,
    channels_last, name="x",
):
    """The plan of windows of a given size.

    Parameters
    ----------
    shape : tuple of int
        Shape of x: exact ints.
    nd : int
        Number of spatial axes.
    kernel_size, stride, padding, dilation, ceil_mode, count_include_pad, divisor_override : object
        As the user gave them.
    channels_last : bool
        Whether the last axis holds channels.
    name : str, optional
        The argument that `shape` came from, for messages.

    Returns
    -------
    Plan
    """
    kernel = _arguments.int_tuple(kernel_size, nd, "kernel_size", 1)
    stride = kernel if stride is None else _arguments.int_tuple(stride, nd, "stride", 1)
    padding = _arguments.parse_padding(padding, nd)
    dilation = _arguments.int_tuple(dilation, nd, "dilation", 1)
    ceil_mode = _arguments.flag(ceil_mode, "ceil_mode")
    if count_include_pad is None:
        count_include_pad = not isinstance(padding, str)
    else:
        count_include_pad = _arguments.flag(count_include_pad, "count_include_pad")
    divisor = _arguments.parse_divisor(divisor_override)
    _arguments.split_shape(shape, nd, channels_last, name)
    return _window_plan(
        shape, nd, kernel, stride, padding, dilation, ceil_mode, count_include_pad, divisor, channels_last
    )


@lru_cache(maxsize=_CACHED)
def _window_plan(shape, nd, kernel, stride, padding, dilation, ceil_mode, include_pad, divisor, last):
    """The rest of `window_plan`, by arguments that only have one form each: a sound key for a cache."""
    leading, sizes, channels = _arguments.split_shape(shape, nd, last)
    padding = (padding,) * nd if isinstance(padding, str) else padding
    ceil_modes = (ceil_mode,) * nd
    axes = tuple(map(_window_axis, range(nd), sizes, kernel, stride, padding, dilation, ceil_modes))
    return _plan(nd, shape, last, leading, axes, channels, include_pad, divisor)


def _window_axis(i, n, kernel, stride, padding, dilation, ceil_mode):
    """Output size and padding of spatial axis `i`: the only place where they are computed."""
    span = dilation * (kernel - 1) + 1
    if isinstance(padding, str):
        out = -(-n // stride)
        total = max((out - 1) * stride + span - n, 0)
        lo = (total + (padding == "same_lower")) // 2
        return _regular(n, out, kernel, stride, dilation, lo, total - lo)
    lo, hi = padding
    room = n + lo + hi - span
    if ceil_mode:
        out = max(-(-room // stride) + 1, 1)
        if (out - 1) * stride >= n + lo:
            out -= 1
    else:
        out = room // stride + 1
        if out < 1:
            raise _arguments.window_too_large(i, n, kernel, dilation, lo, hi)
    return _regular(n, out, kernel, stride, dilation, lo, hi)


def adaptive_plan(shape, nd, output_size, channels_last, name="x"):
    """The plan of windows that follow from the size of the output.

    Parameters
    ----------
    shape : tuple of int
        Shape of x: exact ints.
    nd : int
        Number of spatial axes.
    output_size : object
        As the user gave it: an int, None (the input's size) or one of these per axis.
    channels_last : bool
        Whether the last axis holds channels.
    name : str, optional
        The argument that `shape` came from, for messages.

    Returns
    -------
    Plan
    """
    leading, sizes, channels = _arguments.split_shape(shape, nd, channels_last, name)
    out_sizes = _arguments.parse_output_size(output_size, sizes)
    axes = tuple(map(_adaptive, sizes, out_sizes))
    return _plan(nd, shape, channels_last, leading, axes, channels)


def global_plan(shape, spatial_ndim, channels_last, keepdims, name="x"):
    """The plan of one window that holds every spatial axis.

    Parameters
    ----------
    shape : tuple of int
        Shape of x: exact ints.
    spatial_ndim : int
        Number of spatial axes, at least 1. Beyond three, the last ones are merged: one window holds them all,
        in the same order.
    channels_last : bool
        Whether the last axis holds channels.
    keepdims : bool
        Whether the spatial axes stay in the output's shape, with size 1.
    name : str, optional
        The argument that `shape` came from, for messages.

    Returns
    -------
    Plan
    """
    leading, sizes, channels = _arguments.split_shape(shape, spatial_ndim, channels_last, name)
    kept = (1,) * spatial_ndim if _arguments.flag(keepdims, "keepdims") else ()
    axes = tuple(_adaptive(n, 1) for n in (*sizes[:2], prod(sizes[2:])) [: min(spatial_ndim, 3)])
    plan = _plan(len(axes), shape, channels_last, leading, axes, channels)
    return plan._replace(out_shape=leading + kept + channels)


def _plan(nd, shape, channels_last, leading, axes, channels, include_pad=False, divisor=None):
    out_shape = leading + tuple(axis.out for axis in axes) + channels
    outer, inner = prod(leading), prod(channels)
    axes = (_SINGLE,) * (3 - nd) + axes
    return Plan(nd, shape, channels_last, outer, axes, inner, out_shape, include_pad, divisor)


def unpool_plan(shape, nd, kernel_size, stride, padding, output_size, channels_last, name="x"):
    """The plan of putting pooled elements back where they came from.

    Parameters
    ----------
    shape : tuple of int
        Shape of x, the pooled array: exact ints.
    nd : int
        Number of spatial axes.
    kernel_size, stride, padding : object
        As the user gave them to the pooling.
    output_size : object
        As the user gave it: None for ``(n - 1) * stride - lo - hi + kernel``, or spatial sizes or a full
        shape that differ from this by less than one stride.
    channels_last : bool
        Whether the last axis holds channels.
    name : str, optional
        The argument that `shape` came from, for messages.

    Returns
    -------
    UnpoolPlan
    """
    kernel = _arguments.int_tuple(kernel_size, nd, "kernel_size", 1)
    stride = kernel if stride is None else _arguments.int_tuple(stride, nd, "stride", 1)
    padding = _arguments.parse_padding(padding, nd, words=("valid",))
    leading, sizes, channels = _arguments.split_shape(shape, nd, channels_last, name)
    default = tuple(
        (n - 1) * s - lo - hi + k for n, k, s, (lo, hi) in zip(sizes, kernel, stride, padding, strict=True)
    )
    out_sizes = _arguments.parse_unpool_size(output_size, default, stride, leading, channels)
    ones = (1,) * (3 - nd)
    return UnpoolPlan(
        nd, shape, channels_last, prod(leading), ones + sizes, ones + out_sizes, prod(channels),
        leading + out_sizes + channels,
    )


# ---- windows whose bounds are listed ----


def listed_plan(shape, nd, kernels, outs, channels_last, name="x"):
    """The plan of windows that only a list describes: of an `Axis` the number counts, and a size for all.

    Parameters
    ----------
    shape : tuple of int
        Shape of x: exact ints.
    nd : int
        Number of spatial axes.
    kernels : sequence of int
        Size of the windows of each axis, 0 where they are not all of one size.
    outs : sequence of int
        Number of windows of each axis.
    channels_last : bool
        Whether the last axis holds channels.
    name : str, optional
        The argument that `shape` came from, for messages.

    Returns
    -------
    Plan
    """
    leading, sizes, channels = _arguments.split_shape(shape, nd, channels_last, name)
    counts = zip(sizes, outs, kernels, strict=True)
    axes = tuple(_regular(n, out, kernel, 1, 1, 0, 0) for n, out, kernel in counts)
    return _plan(nd, shape, channels_last, leading, axes, channels)


def fractional_starts(samples, n, kernel, out):
    """Where the windows of fractional pooling start, by PyTorch's rule.

    Parameters
    ----------
    samples : ndarray of floats from 0 to 1
        One number for each plane. All arithmetic is in its dtype.
    n, kernel, out : int
        Size of the axis and of the windows, and number of windows, with ``out + kernel - 1 <= n``.

    Returns
    -------
    ndarray of int64
        One more axis than `samples`: ``trunc((i + u) a) - trunc(u a)`` for window i and sample u with
        ``a = (n - kernel) / (out - 1)``, but for the last window, which ends where the axis ends. What a
        short dtype rounds beyond the last window is held there.
    """
    starts = np.empty((*samples.shape, out), np.int64)
    if out > 1:
        kind = samples.dtype.type
        alpha = kind(n - kernel) / kind(out - 1)
        u = samples[..., None]
        steps = (np.arange(out - 1).astype(samples.dtype) + u) * alpha
        starts[..., :-1] = steps.astype(np.int64) - (u * alpha).astype(np.int64)
        np.minimum(starts, n - kernel, out=starts)
    starts[..., -1:] = n - kernel
    return starts


def grid_strips(n, stride, grid):
    """The strips of S3Pool along one axis: `grid` elements each, the last one with what is left over.

    Parameters
    ----------
    n, stride, grid : int
        Size of the axis, reduction, and size of a strip: a multiple of `stride` and at most n.

    Returns
    -------
    edges : ndarray of int64
        Where the strips begin, and n.
    kept : int
        How many positions stay of each.
    """
    edges = np.arange(0, n // grid * grid + 1, grid, dtype=np.int64)
    edges[-1] = n
    return edges, grid // stride


def strip_cells(edges, kept):
    """Each strip cut into as many cells as it keeps positions: as adaptive pooling cuts an axis.

    Parameters
    ----------
    edges : ndarray of int64
        Where the strips begin, and where the last ends.
    kept : int
        Cells of a strip.

    Returns
    -------
    start, stop : ndarray of int64
    """
    size = np.diff(edges)[:, None]
    i = np.arange(kept)
    start = edges[:-1, None] + i * size // kept
    stop = edges[:-1, None] - (-(i + 1) * size // kept)
    return start.ravel(), stop.ravel()


def same_windows(positions, n, kernel):
    """The windows of pooling with stride 1 and "same" padding at these positions.

    Parameters
    ----------
    positions : ndarray of int64
        Which windows.
    n, kernel : int
        Size of the axis and of the windows.

    Returns
    -------
    start, stop : ndarray of int64
    """
    start = positions - (kernel - 1) // 2
    return np.maximum(start, 0), np.minimum(start + kernel, n)


# ---- public functions ----


def output_shape(
    input_shape, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, *,
    data_format="channels_first",
):
    """Shape of the output of windowed pooling.

    Parameters
    ----------
    input_shape : sequence of int
        Shape of x.
    kernel_size : int or sequence of int
        Size of the window.
    stride : int or sequence of int, optional
        Distance between windows; the kernel size by default.
    padding : int, sequence of int or of (before, after) pairs, or str, optional
        Room for windows beyond the edges; "valid", "same" or "same_lower".
    dilation : int or sequence of int, optional
        Distance between the elements of a window; 1 is dense.
    ceil_mode : bool, optional
        Whether a last window that is not complete counts. One that would start
        past the last element never does.
    data_format : str, optional
        "channels_first" or "channels_last", or an alias such as "NCHW".

    Returns
    -------
    tuple of int

    See Also
    --------
    windows : which elements each window holds.

    Notes
    -----
    An alias such as "NCHW" says how many axes are spatial, else the first
    sequence among the other arguments. With ints alone these are all axes but
    two (batch and channels), and all of a shape with fewer than three
    (channels-last: all but the channels).

    An axis of n elements, padded by lo and hi, holds
    ``(n + lo + hi - span) / stride + 1`` windows that span
    ``dilation * (kernel - 1) + 1`` each, rounded down, or up in ceil_mode; with
    "same" and "same_lower" it is ``ceil(n / stride)``, whatever ceil_mode says.

    Examples
    --------
    >>> from cpool import output_shape
    >>> output_shape((1, 64, 224, 224), 2)
    (1, 64, 112, 112)
    >>> # a fourth would start past the end
    >>> output_shape((5,), 2, padding=1, ceil_mode=True)
    (3,)
    >>> output_shape((8, 56, 56, 32), 3, 2, "same", data_format="NHWC")
    (8, 28, 28, 32)
    """
    return _public_plan(input_shape, kernel_size, stride, padding, dilation, ceil_mode, data_format).out_shape


class AxisWindows(NamedTuple):
    """The windows along one axis, as `windows` returns them.

    Attributes
    ----------
    first : ndarray of int64
        Position of each window's first real tap; 0 if it has none.
    taps : ndarray of int64
        Number of its real taps: elements ``first + step * [0, 1, ... taps - 1]``.
    step : int
        Distance between taps, the dilation.
    divisor : ndarray of int64
        Number of taps that count in an average with ``count_include_pad=True``.
    """

    first: np.ndarray
    taps: np.ndarray
    step: int
    divisor: np.ndarray


def windows(
    input_shape, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, *,
    data_format="channels_first",
):
    """Which elements each window of windowed pooling holds, axis by axis.

    Parameters
    ----------
    input_shape, kernel_size, stride, padding, dilation, ceil_mode, data_format
        As in `output_shape`.

    Returns
    -------
    tuple of AxisWindows
        One for each spatial axis: (first, taps, step, divisor), arrays of one
        number per window but for `step`, an int.

    See Also
    --------
    output_shape : how many windows there are.

    Examples
    --------
    >>> from cpool import windows
    >>> (axis,) = windows((5,), 3, 2, padding=1)
    >>> axis.first, axis.taps, axis.divisor
    (array([0, 1, 3]), array([2, 3, 2]), array([3, 3, 3]))
    """
    plan = _public_plan(input_shape, kernel_size, stride, padding, dilation, ceil_mode, data_format)
    found = []
    for axis in plan.axes[3 - plan.nd :]:
        _arguments.check_memory((3, axis.out), 8, "the windows' bounds")
        first, taps, divisor = axis_bounds(axis, np.arange(axis.out, dtype=np.int64), np.clip)
        found.append(AxisWindows(first, taps, axis.dilation, divisor))
    return tuple(found)


def _public_plan(input_shape, kernel_size, stride, padding, dilation, ceil_mode, data_format):
    channels_last = _arguments.parse_data_format(data_format)
    shape = _arguments.parse_shape(input_shape)
    nd = _arguments.infer_nd(
        shape, data_format, kernel_size=kernel_size, stride=stride, padding=padding, dilation=dilation
    )
    return window_plan(
        shape, nd, kernel_size, stride, padding, dilation, ceil_mode, None, None, channels_last, "input_shape"
    )


_CONVENTIONS = ("torch", "onnx", "tensorflow")


def convert_indices(indices, input_shape, *, source="torch", target="onnx", data_format="channels_first"):
    """Indices of max or min pooling, as another library counts them.

    Parameters
    ----------
    indices : array_like of integers
        Indices in the layout of the pooled output.
    input_shape : sequence of int
        Shape of the array that was pooled.
    source, target : {"torch", "onnx", "tensorflow"}, optional
        "torch" (and cpool): position in the spatial plane. "onnx"
        (storage_order 0): position in the whole array in channels-first order,
        whatever the layout. "tensorflow": position in one image in
        channels-last order, the batch not included.
    data_format : str, optional
        Layout of `indices` and `input_shape`.

    Returns
    -------
    ndarray of int64
        A new array of the same shape and layout; -1 (no element) stays -1.

    Notes
    -----
    The spatial axes are those that an alias such as "NCHW" names; else all axes
    but two (batch and channels).

    Examples
    --------
    >>> import numpy as np
    >>> from cpool import convert_indices
    >>> indices = np.array([[[[5]], [[15]]]])  # two channels of a 4 x 4 image
    >>> convert_indices(indices, (1, 2, 4, 4), target="onnx").ravel()
    array([ 5, 31])
    >>> convert_indices(indices, (1, 2, 4, 4), target="tensorflow").ravel()
    array([10, 31])
    """
    source = _arguments.parse_choice(source, _CONVENTIONS, "source")
    target = _arguments.parse_choice(target, _CONVENTIONS, "target")
    channels_last = _arguments.parse_data_format(data_format)
    shape = _arguments.parse_shape(input_shape)
    nd = _arguments.infer_nd(shape, data_format)
    leading, sizes, channels = _arguments.split_shape(shape, nd, channels_last, "input_shape")
    indices = _arguments.as_indices(indices, "indices", None)
    _arguments.check_index_layout(indices.shape, leading, nd, channels, shape)

    # the number of each element's plane among all planes, and of its channel among all channels
    c = channels[0] if channels_last else leading[-1] if leading else 1
    plane = np.arange(prod(leading + channels), dtype=np.int64).reshape(leading + (1,) * nd + channels)
    channel = plane % max(c, 1)

    size = prod(sizes)
    given = indices.astype(np.int64)
    if source == "onnx":
        flat = given - plane * size
        own = (flat >= 0) & (flat < size)
    else:
        flat = given // max(c, 1) if source == "tensorflow" else given
        own = (flat >= 0) & (flat < size)
        if source == "tensorflow":
            own &= given % max(c, 1) == channel
    none = given == -1
    _arguments.check_index_range(given, ~(none | ((given >= 0) & own)), source, shape)
    if target == "onnx":
        flat = flat + plane * size
    elif target == "tensorflow":
        flat = flat * c + channel
    return np.where(none, np.int64(-1), flat)
