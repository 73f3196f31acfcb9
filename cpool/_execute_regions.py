"""Regions of interest: from user arguments to the kernels of `_kernels.regions`.

`_Call` holds what forward, backward and tangent of one call share: the sizes, the boxes, how they are cut
into bins, and where the channels lie (`lanes`). Everything is checked before anything is written.
"""

from math import prod

import numpy as np

from . import _arguments, _dispatch
from ._execute import in_one_piece
from ._omp import threads_for

# how a box is cut and what is done with it, as the kernels count
_SAMPLES, _AREA, _WINDOWS, _CELLS = range(4)
_COPY, _SUMS, _LARGEST, _BEST_SAMPLES, _AT_SAMPLES, _SPREAD, _CORNERS, _MOVED = range(8)
_LANES = {
    np.dtype(t): np.dtype(lane)
    for t, lane in {
        "?": "i4",
        "u1": "i4",
        "i1": "i4",
        "u2": "i4",
        "i2": "i4",
        "i4": "i4",
        "u4": "i8",
        "i8": "i8",
        "u8": "u8",
        "f2": "f4",
        "f4": "f4",
        "f8": "f8",
    }.items()
}


class _Call:
    """The arguments of one call.

    Parameters
    ----------
    kind : int
        How a box is cut, as the kernels count.
    shape : tuple of int
        Shape of x.
    own : bool
        Whether every bin reads channels of its own.
    offset : float
        Distance from the edge of a pixel to where its value is.
    least_one : bool
        Whether no box is smaller than a pixel.
    """

    def __init__(
        self,
        kind,
        shape,
        boxes,
        output_size,
        spatial_scale,
        batch_indices,
        data_format,
        *,
        own=False,
        sampling=0,
        offset=0.0,
        least_one=False,
    ):
        self.channels_last = _arguments.parse_data_format(data_format, 2)
        images, channels, height, width = _arguments.check_images(shape, self.channels_last)
        bins = _arguments.int_tuple(output_size, 2, "output_size", 1)
        scale = _arguments.parse_scale(spatial_scale)
        self.boxes, self.batch, self.given = _arguments.parse_boxes(boxes, batch_indices, images)
        self.shape, self.plane, self.bins = shape, height * width, bins
        self.channels = _arguments.split_channels(channels, bins) if own else channels
        count = len(self.batch)
        self.out_shape = (
            (count, *bins, self.channels) if self.channels_last else (count, self.channels, *bins)
        )
        self.empty = 0 in (images, *self.out_shape)
        self.sizes = images, self.channels, prod(bins) if own else 1, height, width
        self.how = kind, scale, offset, sampling, least_one
        self.work = prod(self.out_shape) * 64
        self._task = None

    @property
    def task(self):
        """The kernels' view of the call."""
        if self._task is None:
            kind, scale, offset, sampling, least_one = self.how
            order = np.argsort(self.batch, kind="stable")
            first = np.searchsorted(self.batch[order], np.arange(self.sizes[0] + 1))
            sizes = [*self.sizes, *self.bins, len(order), kind, sampling, least_one, self.channels_last]
            self._task = _dispatch.regions.Task(
                np.array(sizes, np.int64), np.array([scale, offset]), self.boxes, self.batch,
                order.astype(np.int64), first.astype(np.int64))
        return self._task

    def by_channel(self, x):
        """An array of x's shape as (image, channel, row, column)."""
        x = x if x.ndim == 4 else x[None]
        return np.moveaxis(x, -1, 1) if self.channels_last else x

    def lanes(self, x):
        """x as the kernels read it, and the code of its dtype: as it lies, or a copy of what boxes need."""
        x = _readable(x)
        planes, code = self.by_channel(x), _dispatch.code(x)
        lane = _LANES.get(x.dtype, np.dtype(np.float32))
        lane_code = _dispatch.code(np.empty(0, lane))
        pixels = planes.transpose(0, 2, 3, 1)
        if self.sizes[2] == 1 and code == lane_code and pixels.flags.c_contiguous:
            self.task.in_place()
            return pixels, code
        size = self.task.copied()
        _arguments.check_memory(
            (self.task.pixels, self.sizes[1] * self.sizes[2]), lane.itemsize, "the copy of x"
        )
        lanes = np.empty(size, lane)
        strides = [stride // x.itemsize for stride in planes.strides]
        threads = threads_for(self.task.pixels * self.sizes[1] * self.sizes[2] * (x.itemsize + lane.itemsize))
        self.task.run(_COPY, planes, code, lanes, lane_code, None, strides, threads)
        return lanes, lane_code

    def spread(self, g, code, winners, grad_x):
        """Write the gradient of x, as `_result` has made room for it."""
        planes = self.by_channel(grad_x)
        strides = [stride // grad_x.itemsize for stride in planes.strides]
        threads = threads_for(self.work + grad_x.nbytes)
        self.task.run(_SPREAD, _arguments.kernel_array(g), code, planes, code, winners, strides, threads)


def _fits(array):
    return array.flags.aligned and array.dtype.isnative and not any(s % array.itemsize for s in array.strides)


def _readable(x):
    return x if _fits(x) else in_one_piece(x)


def _result(out, shape, dtype, others, name="out"):
    """What to return, checked, and the C-contiguous array that a kernel can write."""
    if out is None:
        _arguments.check_memory(shape, dtype.itemsize)
        return None, np.empty(shape, dtype)
    others = [each for each in others if isinstance(each, np.ndarray)]      # not a shape in place of x
    checked = _arguments.check_out(out, shape, dtype, others, name)
    ready = checked.flags.c_contiguous and checked.flags.aligned
    return checked, checked if ready else np.empty(shape, dtype)


def _give(out, checked, written):
    if checked is None:
        return written
    if written is not checked:
        checked[...] = written
    return out


def _float_array(x, name="x"):
    return _arguments.as_array(x, name, _arguments.FLOATS)


def _native(dtype):
    return dtype.newbyteorder("=")


# ---- sums: averages of samples, exact integrals, means of pixels ----


def sums(call, x, out, others=()):
    """The weighted sum of every bin."""
    dtype = _native(x.dtype)
    checked, written = _result(out, call.out_shape, dtype, [x, *call.given, *others])
    if call.empty:
        written[...] = 0
    else:
        lanes, code = call.lanes(x)
        call.task.run(
            _SUMS, lanes, code, written, _dispatch.code(written), None, None, threads_for(call.work)
        )
    return _give(out, checked, written)


def sums_backward(call, grad_output, x_dtype, out, others=()):
    """The gradient of `sums` with respect to x."""
    _arguments.check_gradient(grad_output, call.out_shape, x_dtype)
    checked, written = _result(out, call.shape, x_dtype, [grad_output, *call.given, *others])
    if call.empty:
        written[...] = 0
    else:
        call.spread(grad_output, _dispatch.code(grad_output), None, written)
    return _give(out, checked, written)


def operands(grad_output, x, need=None):
    """grad_output and x as arrays, x's shape and dtype; x is None if its shape was given and will do."""
    grad_output = _float_array(grad_output, "grad_output")
    shape = _arguments.as_shape(x)
    if shape is not None:
        if need is not None:
            _arguments.refuse_shape(need, shape)
        return grad_output, None, shape, _native(grad_output.dtype)
    x = _float_array(x)
    return grad_output, x, x.shape, _native(x.dtype)


def tangents(tangent, x, need=None):
    """The tangent and x as arrays, and x's shape; x is None if only its shape was given and will do."""
    tangent = _float_array(tangent, "tangent")
    shape = _arguments.as_shape(x)
    if shape is not None:
        if need is not None:
            _arguments.refuse_shape(need, shape)
        x = None
    else:
        x = _float_array(x)
        shape = x.shape
    _arguments.check_like(tangent, "tangent", shape, tangent.dtype if x is None else x.dtype)
    return tangent, x, shape


# ---- the largest pixel ----


def largest(call, x, return_indices, index_dtype, out):
    """The largest pixel of every bin and, if asked for, where it is."""
    return_indices = _arguments.flag(return_indices, "return_indices")
    index_dtype = _arguments.parse_index_dtype(index_dtype, call.plane)
    first, second = _arguments.split_out(out, return_indices)
    named = return_indices and isinstance(out, (tuple, list))
    dtype = _native(x.dtype)
    checked, written = _result(first, call.out_shape, dtype, [x, *call.given], "out[0]" if named else "out")
    if not return_indices:
        _fill_largest(call, x, written, None)
        return _give(first, checked, written)
    others = [x, *call.given, *([] if first is None else [checked])]
    checked_at, written_at = _result(second, call.out_shape, index_dtype, others, "out[1]")
    at = written_at if index_dtype == np.int64 else np.empty(call.out_shape, np.int64)
    _fill_largest(call, x, written, at)
    if at is not written_at:
        written_at[...] = at
    return _give(first, checked, written), _give(second, checked_at, written_at)


def _fill_largest(call, x, written, at):
    if call.empty:
        written[...] = 0
        if at is not None:
            at[...] = -1
        return
    lanes, code = call.lanes(x)
    values = written if written.dtype == lanes.dtype else np.empty(written.shape, lanes.dtype)
    call.task.run(_LARGEST, lanes, code, values, code, at, None, threads_for(call.work))
    if values is not written:
        written[...] = values.astype(written.dtype)


def _positions(call, x, indices):
    """Indices given or found, int64 and contiguous."""
    if indices is None:
        at = np.empty(call.out_shape, np.int64)
        _fill_largest(call, x, np.empty(call.out_shape, _native(x.dtype)), at)
        return at
    indices = _arguments.as_indices(indices, "indices", call.out_shape)
    _arguments.check_range(indices, call.plane)
    return _arguments.kernel_array(indices, np.int64)


def largest_backward(call, grad_output, x, x_dtype, indices, out):
    """The gradient of `largest` with respect to x."""
    _arguments.check_gradient(grad_output, call.out_shape, x_dtype)
    others = [a for a in (x, indices) if isinstance(a, np.ndarray)]
    checked, written = _result(out, call.shape, x_dtype, [grad_output, *others, *call.given])
    at = _positions(call, x, indices)
    if call.empty:
        written[...] = 0
    else:
        call.spread(grad_output, _dispatch.code(grad_output), at, written)
    return _give(out, checked, written)


def largest_jvp(call, tangent, x, indices, out):
    """The tangent at the pixels that `largest` takes."""
    dtype = _native(tangent.dtype)
    checked, written = _result(out, call.out_shape, dtype, [tangent, x, indices, *call.given])
    at = _positions(call, x, indices)
    if call.empty:
        written[...] = 0
        return _give(out, checked, written)
    flat = call.by_channel(tangent).reshape(*call.by_channel(tangent).shape[:2], -1)
    shape = [len(call.batch), 1, 1]
    image, channel = call.batch.reshape(shape), np.arange(call.channels).reshape(1, -1, 1)
    by_bin = np.moveaxis(at, -1, 1) if call.channels_last else at
    by_bin = by_bin.reshape(len(call.batch), call.channels, -1)
    values = flat[image, channel, np.maximum(by_bin, 0)]
    values[by_bin < 0] = 0
    values = values.reshape(len(call.batch), call.channels, *call.bins)
    written[...] = np.moveaxis(values, 1, -1) if call.channels_last else values
    return _give(out, checked, written)


# ---- the largest of bilinear samples ----


def largest_samples(call, x, out):
    """The largest sample of every bin."""
    checked, written = _result(out, call.out_shape, _native(x.dtype), [x, *call.given])
    if call.empty:
        written[...] = 0
    else:
        _fill_samples(call, x, written, False)
    return _give(out, checked, written)


def _fill_samples(call, x, written, winners):
    """Fill `written`, unless it is None; return which samples won if `winners`."""
    at = np.empty(call.out_shape, np.int64) if winners else None
    lanes, code = call.lanes(x)
    same = written is not None and written.dtype == lanes.dtype
    values = written if same else np.empty(call.out_shape, lanes.dtype)
    call.task.run(_BEST_SAMPLES, lanes, code, values, code, at, None, threads_for(4 * call.work))
    if written is not None and not same:
        written[...] = values.astype(written.dtype)
    return at


def largest_samples_backward(call, grad_output, x, out):
    """The gradient of `largest_samples` with respect to x."""
    dtype = _native(x.dtype)
    _arguments.check_gradient(grad_output, call.out_shape, dtype)
    checked, written = _result(out, call.shape, dtype, [grad_output, x, *call.given])
    if call.empty:
        written[...] = 0
    else:
        call.spread(grad_output, _dispatch.code(grad_output), _fill_samples(call, x, None, True), written)
    return _give(out, checked, written)


def largest_samples_jvp(call, tangent, x, out):
    """The tangent at the samples that `largest_samples` takes."""
    checked, written = _result(out, call.out_shape, _native(x.dtype), [tangent, x, *call.given])
    if call.empty:
        written[...] = 0
        return _give(out, checked, written)
    winners = _fill_samples(call, x, None, True)
    lanes, code = call.lanes(tangent)
    values = np.empty(call.out_shape, lanes.dtype)
    call.task.run(_AT_SAMPLES, lanes, code, values, code, winners, None, 1)
    written[...] = values.astype(written.dtype)
    return _give(out, checked, written)


# ---- what moving a box does ----


def corners_backward(call, grad_output, x):
    """The gradient of the exact integral with respect to the boxes, in the form in which they were given."""
    grad = np.zeros((len(call.batch), 4))
    if not call.empty:
        lanes, code = call.lanes(x)
        g = _arguments.kernel_array(grad_output)
        call.task.run(_CORNERS, lanes, code, grad, _dispatch.code(g), g, None, threads_for(4 * call.work))
    found, start = [], 0
    for given in call.given:
        dtype = (
            _native(given.dtype)
            if _arguments.dtype_name(given.dtype) in _arguments.FLOATS
            else np.dtype(np.float64)
        )
        each = np.zeros(given.shape, dtype)
        each[:, given.shape[1] - 4 :] = grad[start : start + len(given)]
        found.append(each)
        start += len(given)
    return found


def moved(call, x, tangent, boxes_tangent):
    """The tangent of the exact integral as x and the boxes move, in float64."""
    given = (
        boxes_tangent if isinstance(boxes_tangent, (list, tuple)) and len(call.given) > 1 else [boxes_tangent]
    )
    if len(given) != len(call.given):
        raise ValueError(f"boxes_tangent must be a list of {len(call.given)}, as boxes is; got {len(given)}")
    moves = []
    for each, boxes in zip(given, call.given, strict=True):
        each = _arguments.as_array(each, "boxes_tangent", _arguments.INTEGERS + _arguments.FLOATS)
        _arguments.check_like(each, "boxes_tangent", boxes.shape, each.dtype)
        moves.append(each[:, boxes.shape[1] - 4 :].astype(np.float64))
    total = np.zeros(call.out_shape)
    if not call.empty:
        lanes, code = call.lanes(x)
        by = np.ascontiguousarray(np.concatenate(moves))
        call.task.run(_MOVED, lanes, code, total, _dispatch.code(total), by, None, 1)
        total += sums(call, tangent.astype(np.float64), None)
    return total
