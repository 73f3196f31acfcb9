"""One call from user arguments to result: check, plan, lay out, allocate, run.

This is the complete path. `_call` sits in front of it and answers the calls it has seen before; whatever it
does not recognise arrives here with the same positional arguments and a list, `note`, that receives what
repeats the call: so the two cannot disagree.

How arrays meet the kernels
---------------------------
a) A kernel sees C-contiguous, aligned, native 5-D arrays ``(outer, D, H, W, inner)``. An array can be handed
   over as it lies in memory when, with its axes sorted by stride, the spatial axes come in window order with
   nothing in between: what is before them is ``outer``, what is behind them ``inner``. That covers both data
   formats, `axis=` over neighbouring middle axes, and a channels-last buffer seen through a channels-first
   view.
b) All arrays of one call share one order of axes. Candidates are the orders in which the arrays lie in
   memory and the plain order of the data format; the one that copies the fewest bytes wins, and the input's
   own order wins a tie. What does not fit is copied once: an input before the kernel, an output after it.
c) Nothing is written before every check has passed, and the memory of the result is asked for last.
"""

from math import prod

import numpy as np

from . import _arguments, _dispatch, _geometry, _masks
from ._omp import threads_for

# The default of every `data_format`. It equals "channels_first" and is an object of its own, so that `axis`
# beside a data_format that the caller wrote down can be told from `axis` alone.
DEFAULT_FORMAT = "_".join(("channels", "first"))

SELECTS = ("max", "min")  # the reducers that return an element, and so keep the dtype and can have indices


# ---- forward ----


def windowed(
    op, nd, x, kernel_size, stride, padding, dilation, ceil_mode, return_indices, data_format, axis,
    index_dtype, nan_policy, mask, out, count_include_pad, divisor_override, dtype, weights, norm_type,
    normalize, note=None,
):
    """Pool windows of a given size."""
    x = _arguments.as_array(x)
    spatial, shape, channels_last = _spatial(x.shape, nd, data_format, axis)
    plan = _geometry.window_plan(
        shape, nd, kernel_size, stride, padding, dilation, ceil_mode, count_include_pad, divisor_override,
        channels_last,
    )
    return _forward(
        op, x, plan, spatial, True, return_indices, index_dtype, out, dtype, norm_type, normalize,
        (nan_policy, mask, weights), note,
    )


def adaptive(
    op, nd, x, output_size, return_indices, data_format, axis, index_dtype, nan_policy, mask, out, dtype,
    weights, norm_type, normalize, note=None,
):
    """Pool windows that follow from the size of the output."""
    x = _arguments.as_array(x)
    spatial, shape, channels_last = _spatial(x.shape, nd, data_format, axis)
    plan = _geometry.adaptive_plan(shape, nd, output_size, channels_last)
    return _forward(
        op, x, plan, spatial, True, return_indices, index_dtype, out, dtype, norm_type, normalize,
        (nan_policy, mask, weights), note,
    )


def global_(
    op, x, spatial_ndim, data_format, axis, keepdims, return_indices, index_dtype, dtype, nan_policy,
    mask, out, weights, norm_type, normalize, note=None,
):
    """Pool one window that holds every spatial axis."""
    x = _arguments.as_array(x)
    keepdims = _arguments.flag(keepdims, "keepdims")
    spatial, shape, channels_last = _global_spatial(x.shape, spatial_ndim, data_format, axis)
    plan = _geometry.global_plan(shape, len(spatial), channels_last, keepdims)
    return _forward(
        op, x, plan, spatial, keepdims, return_indices, index_dtype, out, dtype, norm_type, normalize,
        (nan_policy, mask, weights), note,
    )


def _forward(
    op, x, plan, spatial, keepdims, return_indices, index_dtype, out, dtype, norm_type, normalize, leave, note
):
    p, normalize = _norm(op, norm_type, normalize)
    return_indices = _arguments.flag(return_indices, "return_indices")
    index_dtype = _arguments.parse_index_dtype(index_dtype, prod(axis.n for axis in plan.axes))
    dtype = _arguments.parse_dtype(op, dtype, x.dtype)
    shape = _pooled(x.shape, spatial, plan, keepdims)
    dtypes = [dtype, index_dtype] if return_indices else [dtype]
    left = None
    if not _ordinary(*leave):
        left = _masks.understood(op, x, x.shape, dtype, plan.divisor, *leave)
        if leave[0] == "raise":    # not to be repeated without a look at the values
            note = None
    written, returned = _results(out, shape, dtypes, [x, *_given(left)])
    if written[0].size == 0:
        return tuple(returned) if return_indices else returned[0]
    if left is not None and left.weights is not None:
        _weighted(left, x, written, plan, spatial)
        return returned[0]
    frame = _Frame([x], written, spatial)
    plan = plan._replace(outer=frame.outer, inner=frame.inner)
    x5, out5, *idx5 = frame.arrays
    work = _cost(plan, x5, out5) * (2 if return_indices else 1)
    threads = threads_for(work)
    more = []
    if left is not None:
        mask = _masks.aligned(left, frame, x.shape)
        job = _masks.forward(op, x5, out5, *(idx5 or [None]), plan, threads, p, normalize, mask)
        more = _given(left)
        if more and (mask.repeat == 0 or _start(mask.array) != _start(left.mask)):
            job = None             # of a copy
    elif return_indices:
        job = _dispatch.argreduce(op, x5, out5, *idx5, plan, threads)
    else:
        job = _dispatch.reduce(op, x5, out5, plan, threads, p, normalize)
    frame.finish(note, job, work, more)
    return tuple(returned) if return_indices else returned[0]


def _start(array):
    return array.__array_interface__["data"][0]


def _weighted(left, x, written, plan, spatial):
    weights, mask = _masks.broadcast(left, x.shape)
    frame = _Frame([a for a in (x, weights, mask) if a is not None], written, spatial)
    plan = plan._replace(outer=frame.outer, inner=frame.inner)
    x5, weights5, *mask5, out5 = frame.arrays
    _masks.weighted(left, x5, weights5, *(mask5 or [None]), out5, plan, threads_for(_cost(plan, x5, out5)))
    frame.finish(None, None, 0)


def _ordinary(nan_policy, mask, weights):
    return mask is None and weights is None and type(nan_policy) is str and nan_policy == "propagate"


def _given(left):
    """The user's arrays that a result must not share memory with."""
    return [] if left is None else left.arrays


# ---- backward ----


def windowed_backward(
    op, nd, grad_output, x, kernel_size, stride, padding, dilation, ceil_mode, return_indices,
    data_format, axis, index_dtype, nan_policy, mask, out, count_include_pad, divisor_override, dtype,
    weights, norm_type, normalize, indices, note=None,
):
    """Gradient of `windowed` with respect to x; return_indices and index_dtype are ignored."""
    grad_output, x, x_shape = _operands(op, grad_output, x, indices)
    spatial, shape, channels_last = _spatial(x_shape, nd, data_format, axis)
    plan = _geometry.window_plan(
        shape, nd, kernel_size, stride, padding, dilation, ceil_mode, count_include_pad, divisor_override,
        channels_last,
    )
    return _backward(
        op, grad_output, x, x_shape, plan, spatial, True, indices, out, dtype, norm_type, normalize,
        (nan_policy, mask, weights), note,
    )


def adaptive_backward(
    op, nd, grad_output, x, output_size, return_indices, data_format, axis, index_dtype, nan_policy, mask,
    out, dtype, weights, norm_type, normalize, indices, note=None,
):
    """Gradient of `adaptive` with respect to x; return_indices and index_dtype are ignored."""
    grad_output, x, x_shape = _operands(op, grad_output, x, indices)
    spatial, shape, channels_last = _spatial(x_shape, nd, data_format, axis)
    plan = _geometry.adaptive_plan(shape, nd, output_size, channels_last)
    return _backward(
        op, grad_output, x, x_shape, plan, spatial, True, indices, out, dtype, norm_type, normalize,
        (nan_policy, mask, weights), note,
    )


def global_backward(
    op, grad_output, x, spatial_ndim, data_format, axis, keepdims, return_indices, index_dtype, dtype,
    nan_policy, mask, out, weights, norm_type, normalize, indices, note=None,
):
    """Gradient of `global_` with respect to x; return_indices and index_dtype are ignored."""
    keepdims = _arguments.flag(keepdims, "keepdims")
    grad_output, x, x_shape = _operands(op, grad_output, x, indices)
    spatial, shape, channels_last = _global_spatial(x_shape, spatial_ndim, data_format, axis)
    plan = _geometry.global_plan(shape, len(spatial), channels_last, keepdims)
    return _backward(
        op, grad_output, x, x_shape, plan, spatial, keepdims, indices, out, dtype, norm_type, normalize,
        (nan_policy, mask, weights), note,
    )


def _backward(
    op, grad_output, x, x_shape, plan, spatial, keepdims, indices, out, dtype, norm_type, normalize, leave,
    note,
):
    p, normalize = _norm(op, norm_type, normalize)
    x_dtype = (grad_output if x is None else x).dtype.newbyteorder("=")
    shape = _pooled(x_shape, spatial, plan, keepdims)
    dtype = _arguments.parse_dtype(op, dtype, x_dtype)
    _arguments.check_gradient(grad_output, shape, dtype)
    left = None
    if not _ordinary(*leave):      # not to be repeated without a look at the values
        left, note = _masks.understood(op, x, x_shape, dtype, plan.divisor, *leave), None
    beside = _given(left)
    if indices is not None:
        indices = _arguments.as_indices(indices, "indices", shape)
        left = None                                 # they have been found among what takes part
    inputs = [a for a in (grad_output, x, indices, *beside) if a is not None]
    looked_at = left is not None and (left.omit or left.weights is not None)
    if not (looked_at or _needs_values(op, indices)):
        x = None
    (grad_x,), (returned,) = _results(out, x_shape, [x_dtype], inputs)
    if left is not None and left.weights is not None:
        return returned, _weighted_backward(left, grad_output, x, grad_x, plan, spatial)
    if grad_output.size == 0:
        grad_x[...] = 0
        return returned
    pooled = [a for a in (grad_output, x, indices) if a is not None]
    frame = _Frame(pooled, [grad_x], spatial, first=grad_x if x is None else x)
    plan = plan._replace(outer=frame.outer, inner=frame.inner)
    g5, *rest5, gx5 = frame.arrays
    work = _cost(plan, gx5, g5) * (4 if op == "lp" else 2 if op in SELECTS else 1)
    threads = threads_for(work)
    if left is not None:
        mask = _masks.aligned(left, frame, x_shape)
        job = None
        _masks.backward(op, g5, *(rest5 or [None]), gx5, plan, threads, p, normalize, mask)
    elif op in SELECTS:
        x5, indices5 = (rest5[0], None) if indices is None else (None, rest5[0])
        job = _dispatch.select_backward(op, g5, x5, indices5, gx5, plan, threads, fresh=out is None)
    elif op == "lp":
        job = _dispatch.lp_backward(g5, *rest5, gx5, plan, threads, p, normalize)
    else:
        job = _dispatch.spread(op, g5, gx5, plan, threads)
    frame.finish(note, job, work)
    return returned


def _weighted_backward(left, grad_output, x, grad_x, plan, spatial):
    """Write the gradient of x into grad_x; return that of the weights, in their shape and dtype."""
    dtype, own = left.weights.dtype.newbyteorder("="), left.weights.shape
    # weights that are broadcast get sums over many windows: in double, rounded once
    left = left._replace(weights=left.weights.astype(dtype if own == x.shape else np.float64, copy=False))
    weights, mask = _masks.broadcast(left, x.shape)
    grad_weights = np.zeros(x.shape, weights.dtype)
    if grad_output.size == 0:
        grad_x[...] = 0
    else:
        inputs = [a for a in (x, grad_output, weights, mask) if a is not None]
        frame = _Frame(inputs, [grad_x, grad_weights], spatial)
        plan = plan._replace(outer=frame.outer, inner=frame.inner)
        x5, g5, weights5, *mask5, gx5, gw5 = frame.arrays
        threads = threads_for(4 * _cost(plan, x5, g5))
        _masks.weighted_backward(left, g5, x5, weights5, *(mask5 or [None]), gx5, gw5, plan, threads)
        frame.finish(None, None, 0)
    lead = tuple(range(x.ndim - len(own)))
    ones = tuple(i for i, n in enumerate(own, x.ndim - len(own)) if n == 1 and x.shape[i] != 1)
    with np.errstate(all="ignore"):
        return grad_weights.sum(axis=(*lead, *ones)).reshape(own).astype(dtype, copy=False)


# ---- unpooling ----


def unpool(
    nd, x, indices, kernel_size, stride, padding, output_size, data_format, mode, out, note=None
):
    """Put every element of x at the place that its index names."""
    x = _arguments.as_array(x)
    mode = _arguments.parse_mode(mode)
    spatial, shape, channels_last = _spatial(x.shape, nd, data_format, None)
    plan = _geometry.unpool_plan(shape, nd, kernel_size, stride, padding, output_size, channels_last)
    indices = _arguments.as_indices(indices, "indices", x.shape)
    dtype = x.dtype.newbyteorder("=")
    (result,), (returned,) = _results(out, plan.out_shape, [dtype], [x, indices])
    if x.size == 0:
        result[...] = 0
    else:
        frame = _Frame([x, indices], [result], spatial)
        plan = plan._replace(outer=frame.outer, inner=frame.inner)
        job = _dispatch.unpool(*frame.arrays, mode, plan, threads_for(2 * result.nbytes))
        frame.finish(note, job, 2 * result.nbytes)
    return returned


def unpool_backward(
    nd, grad_output, x, indices, kernel_size, stride, padding, output_size, data_format, mode, out,
    note=None,
):
    """Gather the gradient at every index; x may be a shape, and mode does not matter."""
    grad_output, x, x_shape = _operands("unpool", grad_output, x, indices)
    _arguments.parse_mode(mode)
    spatial, shape, channels_last = _spatial(x_shape, nd, data_format, None)
    plan = _geometry.unpool_plan(shape, nd, kernel_size, stride, padding, output_size, channels_last)
    dtype = (grad_output if x is None else x).dtype.newbyteorder("=")
    _arguments.check_gradient(grad_output, plan.out_shape, dtype)
    indices = _arguments.as_indices(indices, "indices", x_shape)
    inputs = [a for a in (grad_output, x, indices) if a is not None]
    (grad_x,), (returned,) = _results(out, x_shape, [dtype], inputs)
    if grad_x.size:
        frame = _Frame([grad_output, indices], [grad_x], spatial)
        plan = plan._replace(outer=frame.outer, inner=frame.inner)
        job = _dispatch.unpool_backward(*frame.arrays, plan, threads_for(grad_x.nbytes))
        frame.finish(note, job, grad_x.nbytes)
    return returned


# ---- which axes are spatial ----


def _spatial(shape, nd, data_format, axis):
    """Spatial axes in window order, the shape with these in the format's place, whether channels are last."""
    if axis is None:
        channels_last = _arguments.parse_data_format(data_format, nd)
        stop = len(shape) - channels_last
        _arguments.split_shape(shape, nd, channels_last)
        return tuple(range(stop - nd, stop)), shape, channels_last
    _arguments.check_axis_alone(data_format is DEFAULT_FORMAT, data_format)
    spatial = _arguments.check_axis(axis, len(shape), nd)
    moved = (*(n for i, n in enumerate(shape) if i not in spatial), *(shape[i] for i in spatial))
    return spatial, moved, False


def _global_spatial(shape, spatial_ndim, data_format, axis):
    if axis is None:
        nd = _arguments.parse_spatial_ndim(spatial_ndim, len(shape), data_format)
        return _spatial(shape, nd, data_format, None)
    return _spatial(shape, _arguments.count_axes(axis, spatial_ndim), data_format, axis)


def _pooled(shape, spatial, plan, keepdims):
    """The shape of the output as the user sees it."""
    if not keepdims:
        return tuple(n for i, n in enumerate(shape) if i not in spatial)
    nd = len(spatial)
    sizes = [axis.out for axis in plan.axes[3 - nd:]] if nd <= 3 else [1] * nd
    shape = list(shape)
    for i, n in zip(spatial, sizes, strict=True):
        shape[i] = n
    return tuple(shape)


# ---- arguments ----


def _norm(op, norm_type, normalize):
    if op != "lp":
        return 2.0, False
    return _arguments.parse_norm_type(norm_type), _arguments.flag(normalize, "normalize")


def _needs_values(op, indices):
    return op == "lp" or (op in SELECTS and indices is None)


def _operands(op, grad_output, x, indices):
    """grad_output and x as arrays, and the shape of x; x is None where only its shape was given."""
    grad_output = _arguments.as_array(grad_output, "grad_output", _arguments.FLOATS)
    shape = _arguments.as_shape(x)
    if shape is None:
        x = _arguments.as_array(x, "x", _arguments.FLOATS)
        return grad_output, x, x.shape
    if _needs_values(op, indices):
        _arguments.refuse_shape(op, shape)
    return grad_output, None, shape


# ---- results ----


def _beside(out, *given):
    """Other arrays of a call, which have been checked, as they are to be told apart from `out`."""
    return [] if out is None else [np.asarray(one) for one in given if one is not None]


def _results(out, shape, dtypes, inputs):
    """The arrays to write and, one for one, what to return: those that `out` holds, new ones for the rest.

    Two dtypes ask for values and indices. All checks come before the first allocation.
    """
    if out is None:
        _arguments.check_memory(shape, sum([dtype.itemsize for dtype in dtypes]))
        written = [np.empty(shape, dtype) for dtype in dtypes]
        return written, written
    pair = len(dtypes) == 2
    given = _arguments.split_out(out, pair)[:len(dtypes)]
    named = pair and isinstance(out, (tuple, list))
    written = []
    for i, (one, dtype) in enumerate(zip(given, dtypes, strict=True)):
        if one is not None:
            others = inputs + [a for a in written if a is not None]
            one = _arguments.check_out(one, shape, dtype, others, f"out[{i}]" if named else "out")
        written.append(one)
    missing = sum(dtype.itemsize for a, dtype in zip(written, dtypes, strict=True) if a is None)
    _arguments.check_memory(shape, missing)
    written = [np.empty(shape, dtype) if a is None else a for a, dtype in zip(written, dtypes, strict=True)]
    return written, [a if one is None else one for a, one in zip(written, given, strict=True)]


def _cost(plan, large, pooled):
    """Bytes that a pass moves and steps that it takes: a window costs its extents, not their product.

    (8, 16, 14, 14) in float32, 2 x 2, took 5.4 us on one warm thread and 4.4 on two for the maximum, 43 and
    23 with indices, 16 and 10 for their gradient: hence the factors of the callers.
    """
    d, h, w = plan.axes
    return large.nbytes + pooled.nbytes + pooled.size * (d.kernel + h.kernel + w.kernel)


class _Frame:
    """The order of axes that the arrays of one call share, and the copies that it costs.

    Attributes
    ----------
    arrays : list of ndarray
        Inputs and outputs as a kernel takes them: views, or temporaries.
    outer, inner : int
        Number of elements before and behind the spatial axes.
    """

    __slots__ = ("arrays", "given", "inner", "inputs", "moved", "order", "outer", "pending", "spatial")

    def __init__(self, inputs, outputs, spatial, first=None, plain=False):
        """Lay out the arrays of one call; that of `first` (the first input) wins a tie.

        plain: keep the order of the data format.
        """
        given = [*inputs, *outputs]
        ndim = max(a.ndim for a in given)
        self.given, self.inputs, self.spatial, self.pending = given, len(inputs), spatial, []
        arrays = [whole_rank(a, ndim, spatial) for a in given]
        order = _plain_order(ndim, spatial)
        views = [a.transpose(order) for a in arrays]
        self.moved = [not _ready(view) for view in views]
        if any(self.moved) and not plain:
            both = zip(given, arrays, strict=True)
            leader = next(array for a, array in both if first is None or a is first)
            others = [_memory_order(a, spatial) for a in (leader, *arrays)]
            order = min([*filter(None, others), order], key=lambda order: _copied(arrays, order))
            views = [a.transpose(order) for a in arrays]
            self.moved = [not _ready(view) for view in views]
        self.order = order
        start = order.index(spatial[0])
        stop = start + len(spatial)
        sizes = views[0].shape
        self.outer, self.inner = prod(sizes[:start]), prod(sizes[stop:])
        self.arrays = []
        for i, (view, moved) in enumerate(zip(views, self.moved, strict=True)):
            if moved and i < len(inputs):
                view = in_one_piece(view)
            elif moved:
                temporary = np.empty(view.shape, view.dtype)
                self.pending.append((view, temporary))
                view = temporary
            sizes = view.shape[start:stop]
            if len(sizes) > 3:
                sizes = (*sizes[:2], prod(sizes[2:]))
            self.arrays.append(view.reshape(self.outer, *(1,) * (3 - len(sizes)), *sizes, self.inner))

    def finish(self, note, job, work, more=()):
        """Copy the temporaries to where they belong.

        `note` is None, or a list that gets what repeats this call with other arrays that lie alike; more:
        inputs beside those of the frame, which the kernel takes as they lie.
        """
        for view, temporary in self.pending:
            view[...] = temporary
        if note is not None and job is not None:
            n = self.inputs
            moved = [*self.moved[:n], *[False] * len(more), *self.moved[n:]]
            note += (job, work, [*self.given[:n], *more], self.given[n:], moved, self.order, self.spatial)


def whole_rank(array, ndim, spatial):
    """The array with the spatial axes that keepdims=False dropped."""
    return array if array.ndim == ndim else np.expand_dims(array, spatial)


def in_one_piece(view):
    """A C-contiguous copy in native byte order."""
    return np.array(view, view.dtype.newbyteorder("="), order="C")


def _copied(arrays, order):
    """Bytes of the arrays that a kernel cannot take as they lie, with their axes in this order."""
    return sum(a.nbytes for a in arrays if not _ready(a.transpose(order)))


def _ready(array):
    flags = array.flags
    return flags.c_contiguous and flags.aligned and array.dtype.isnative


def _plain_order(ndim, spatial):
    """The axes as they are if the spatial ones are neighbours in window order, else with these at the end."""
    if spatial == tuple(range(spatial[0], spatial[0] + len(spatial))):
        return tuple(range(ndim))
    return (*(i for i in range(ndim) if i not in spatial), *spatial)


def _memory_order(array, spatial):
    """The axes by falling stride, the spatial ones in one block; None if that is not how the memory lies."""
    large = sorted((i for i in range(array.ndim) if array.shape[i] > 1), key=lambda i: -array.strides[i])
    block = [i for i in spatial if array.shape[i] > 1]
    start = large.index(block[0]) if block else len(large)
    stop = start + len(block)
    if large[start:stop] != block:
        return None
    ones = (i for i in range(array.ndim) if array.shape[i] <= 1 and i not in spatial)
    return (*ones, *large[:start], *spatial, *large[stop:])
