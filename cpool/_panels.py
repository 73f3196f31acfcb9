"""One call of an operator that needs its whole window at once, from user arguments to result.

The same steps for all of them: check, plan, lay out, allocate, run; `_call` keeps what repeats the call of an
operator whose kernel is prepared. An operator (`_operator.Operator`) adds
one thing, a function from its own arguments to a `Task`: the name of a kernel and its parameters.

Parameters with one entry for each channel need an order of axes in which channels can be told apart: then the
axes stay in the order in which they are given, and an array that does not lie so is copied.
"""

from math import prod
from typing import NamedTuple

import numpy as np

from . import _arguments, _dispatch, _execute, _geometry
from ._omp import threads_for


class Problem(NamedTuple):
    """What the meaning of an operator's own arguments may depend on.

    Attributes
    ----------
    dtype : numpy.dtype
        That of x, in native byte order.
    channels : int
        Length of the last axis that is not spatial, 1 if all are.
    taps : tuple of int
        Number of taps of the largest window along each spatial axis.
    kernel : tuple of int
        Size of the windows along each spatial axis, whatever the edges cut off.
    shape, out_shape : tuple of int
        Of x and of the result.
    forward : bool
        Whether the result itself is asked for, not a derivative.
    """

    dtype: np.dtype
    channels: int
    taps: tuple
    kernel: tuple
    shape: tuple
    out_shape: tuple
    forward: bool


class Task(NamedTuple):
    """A kernel and what it is given.

    Attributes
    ----------
    kernel : str
        A key of `_dispatch.ORDERED` or `_dispatch.REDUCERS`.
    params : tuple
        Its parameters: numbers and arrays of float64.
    second : numpy.ndarray or None
        Its second input, an array that broadcasts to x (or to the result if the operator says so).
    """

    kernel: str
    params: tuple = ()
    second: np.ndarray | None = None


class _Call:
    """What forward, backward and jvp have in common: arguments checked and understood, nothing allocated."""

    def __init__(
        self, op, kind, nd, x, own, where, data_format, axis, nan_policy, mask, dtype, accepted,
        forward=False,
    ):
        self.op = op
        self.x = x = _arguments.as_array(x, "x", accepted)
        policy = _arguments.parse_nan_policy(nan_policy)
        self.omit, self.raises = policy == "omit", policy == "raise"
        self.spatial, self.plan, self.keepdims = _planned(kind, nd, x.shape, where, data_format, axis)
        self.x_dtype = x.dtype.newbyteorder("=")
        self.dtype = _arguments.result_dtype(op.name, dtype, x.dtype, op.integers)
        self.mask = None if mask is None else _arguments.as_mask(mask, x.shape)
        self.shape = _execute._pooled(x.shape, self.spatial, self.plan, self.keepdims)
        nd = len(self.spatial)
        self.taps = tuple(_most_taps(a) for a in self.plan.axes)
        rest = [n for i, n in enumerate(x.shape) if i not in self.spatial]
        self.channels = rest[-1] if rest else 1
        first = max(3 - nd, 0)
        kernel = tuple(a.kernel for a in self.plan.axes[first:])
        problem = Problem(
            self.x_dtype, self.channels, self.taps[first:], kernel, x.shape, self.shape, forward)
        self.task = op.understood(problem, own)
        self.second = self.task.second
        if self.raises:
            _arguments.refuse_nan(x, self.mask)

    @property
    def inputs(self):
        """The arrays that are read whatever is computed."""
        return [a for a in (self.x, self.second, self.mask) if a is not None]

    def frame(self, more, outputs):
        """Lay out x, the second input, the mask and `more`, and the outputs; return the frame and these."""
        x_like = self.x.shape if self.op.second_like == "x" else self.shape
        second = None if self.second is None else np.broadcast_to(self.second, x_like)
        mask = self.mask
        if mask is not None and mask.shape != self.x.shape:
            mask = np.broadcast_to(mask, self.x.shape)
        given = [self.x, second, mask, *more]
        present = [a for a in given if a is not None]
        self.params = self.task.params
        plain = any(np.size(p) > 1 for p in self.params)
        frame = _execute._Frame(present, outputs, self.spatial, plain=plain)
        self.plan = self.plan._replace(outer=frame.outer, inner=frame.inner)
        if plain and frame.inner > 1:
            self.params = tuple(_tiled(p, self.channels, frame.inner) for p in self.params)
        arrays = iter(frame.arrays)
        return frame, [None if a is None else next(arrays) for a in (*given, *outputs)]

    def repeated(self, note):
        """The note, if the call may be repeated without a look at the values."""
        return None if self.raises else note

    def work(self, pooled, factor=1):
        return factor * (self.x.nbytes + pooled.nbytes + 4 * pooled.size * prod(self.taps))


def _planned(kind, nd, shape, where, data_format, axis):
    """Spatial axes, plan, and whether the spatial axes stay in the result."""
    if kind == "global":
        spatial_ndim, keepdims = where
        keepdims = _arguments.flag(keepdims, "keepdims")
        spatial, moved, last = _execute._global_spatial(shape, spatial_ndim, data_format, axis)
        return spatial, _geometry.global_plan(moved, len(spatial), last, keepdims), keepdims
    spatial, moved, last = _execute._spatial(shape, nd, data_format, axis)
    if kind == "adaptive":
        return spatial, _geometry.adaptive_plan(moved, nd, *where, last), True
    return spatial, _geometry.window_plan(moved, nd, *where, None, None, last), True


def _most_taps(axis):
    if axis.adaptive:
        return min(axis.n, -(-axis.n // max(axis.out, 1)) + (axis.n % max(axis.out, 1) > 0))
    return min(axis.kernel, -(-axis.n // axis.dilation))


def _tiled(param, channels, inner):
    """A parameter by channel, as often as the channels follow one another behind the spatial axes."""
    if np.ndim(param) in (1, 3) and len(param) == channels > 1 and inner > channels:
        return np.tile(param, (inner // channels, *(1,) * (np.ndim(param) - 1)))
    return param


def forward(
    op, kind, nd, x, own, where, data_format, axis, nan_policy, mask, out, more, index_dtype, dtype,
    note=None,
):
    """Pool; with `more`, return positions (or what else the operator has to say) as well."""
    more = _arguments.flag(more, op.flag) if op.flag else False
    call = _Call(op, kind, nd, x, own, where, data_format, axis, nan_policy, mask, dtype, op.accepts, True)
    if more and call.task.kernel == "expected":
        raise _arguments.no_indices()
    index_dtype = _arguments.parse_index_dtype(index_dtype, prod(a.n for a in call.plan.axes))
    dtypes = [call.dtype, index_dtype] if more else [call.dtype]
    written, returned = _execute._results(out, call.shape, dtypes, call.inputs)
    if written[0].size:
        frame, (x5, second5, mask5, out5, *idx5) = call.frame([], written)
        given = {"params": call.params, "mask": mask5, "omit_nan": call.omit}
        given["idx5"] = idx5[0] if idx5 else None
        work, job = call.work(written[0]), None
        threads = threads_for(work)
        if call.task.kernel in _dispatch.ORDERED:
            job = _dispatch.ordered(call.task.kernel, x5, out5, call.plan, threads, **given)
        else:
            _dispatch.panel(call.task.kernel, x5, out5, call.plan, threads, second=second5, **given)
        frame.finish(call.repeated(note), job, work)
    return tuple(returned) if more else returned[0]


def backward(
    op, kind, nd, grad_output, x, own, where, data_format, axis, nan_policy, mask, out, more, index_dtype,
    dtype, note=None,
):
    """Gradient with respect to x, to the second input and to the learned parameters, in this order."""
    grad_output = _arguments.as_array(grad_output, "grad_output", _arguments.FLOATS)
    accepted = _arguments.FLOATS
    call = _Call(op, kind, nd, x, own, where, data_format, axis, nan_policy, mask, dtype, accepted)
    _arguments.check_gradient(grad_output, call.shape, call.dtype)
    (grad_x,), (returned,) = _execute._results(
        out, call.x.shape, [call.x_dtype], [grad_output, *call.inputs])
    second = call.second
    grad_second = None
    if second is not None and op.second_like == "x":
        # broadcast inputs sum over many windows: in double, rounded once
        exact = second.shape == call.x.shape
        call.second = second if exact else second.astype(np.float64)
        grad_second = np.zeros(call.x.shape, call.second.dtype.newbyteorder("="))
    grads = [np.zeros(np.shape(p)) for p in call.task.params]
    if grad_output.size == 0:
        grad_x[...] = 0
    else:
        outputs = [grad_x] if grad_second is None else [grad_x, grad_second]
        frame, (x5, second5, mask5, g5, gx5, *gs5) = call.frame([grad_output], outputs)
        given = {"params": call.params, "mask": mask5, "omit_nan": call.omit}
        work, job = call.work(grad_output, 2), None
        threads = threads_for(work)
        if call.task.kernel in _dispatch.ORDERED:
            job = _dispatch.ordered_backward(call.task.kernel, g5, x5, gx5, call.plan, threads, **given)
        else:
            learned = [np.zeros(np.shape(p)) if i in op.learned.values() and p is not None else None
                       for i, p in enumerate(call.params)]
            _dispatch.panel_backward(
                call.task.kernel, g5, x5, gx5, call.plan, threads, second=second5,
                gsecond5=gs5[0] if gs5 else None, gparams=learned if op.learned else None, **given,
            )
            grads = [_folded(g, p) for g, p in zip(learned, call.task.params, strict=True)]
        frame.finish(call.repeated(note), job, work)
    results = [returned]
    if grad_second is not None:
        results.append(_summed(grad_second, second.shape).astype(second.dtype.newbyteorder("="), copy=False))
    given = op.named(own)
    results += [grads[i].reshape(np.shape(given[name])) if i < len(grads) else None
                for name, i in op.learned.items()]
    return tuple(results) if len(results) > 1 else returned


def _folded(grad, param):
    """The gradient of a parameter from that of its copies that `_tiled` made."""
    if grad is not None and grad.shape != np.shape(param):
        grad = grad.reshape(-1, *np.shape(param)).sum(axis=0)
    return grad


def _summed(grad, shape):
    """The gradient of an array from that of what it was broadcast to."""
    grad = grad.sum(axis=tuple(range(grad.ndim - len(shape))))
    return grad.sum(axis=tuple(i for i, n in enumerate(shape) if n != grad.shape[i]), keepdims=True)


def jvp(
    op, kind, nd, tangent, x, own, tangents, where, data_format, axis, nan_policy, mask, out, more,
    index_dtype, dtype, note=None,
):
    """The derivative of the result along tangents of x, of the second input and of learned parameters."""
    accepted = _arguments.FLOATS
    call = _Call(op, kind, nd, x, own, where, data_format, axis, nan_policy, mask, dtype, accepted)
    tangent = _arguments.as_tangent(tangent, "tangent", call.x.shape, call.x_dtype)
    names = [*([op.second] if op.second and op.second_like == "x" else []), *op.learned]
    tangents = dict(zip(names, tangents, strict=True))
    second_tangent = tangents.pop(op.second, None)
    if second_tangent is not None:
        second_tangent = _arguments.as_tangent(
            second_tangent, f"{op.second}_tangent", call.second.shape, call.second.dtype.newbyteorder("="))
    along = [None] * len(call.task.params)
    given = op.named(own)
    for name, i in op.learned.items():
        if tangents[name] is not None:
            shape = _arguments.tangent_shape(given[name], name)
            tangents[name] = _arguments.as_parameter(tangents[name], f"{name}_tangent", (shape,))
            along[i] = tangents[name].reshape(np.shape(call.task.params[i]))
    inputs = [a for a in (tangent, second_tangent, *call.inputs) if a is not None]
    (result,), (returned,) = _execute._results(out, call.shape, [call.dtype], inputs)
    if result.size:
        if second_tangent is not None:
            second_tangent = np.broadcast_to(second_tangent, call.x.shape)
        frame, (x5, second5, mask5, t5, ts5, out5) = call.frame([tangent, second_tangent], [result])
        given = {"params": call.params, "mask": mask5, "omit_nan": call.omit}
        work, job = call.work(result, 2), None
        threads = threads_for(work)
        if call.task.kernel in _dispatch.ORDERED:
            job = _dispatch.ordered_jvp(call.task.kernel, t5, x5, out5, call.plan, threads, **given)
        else:
            if frame.inner > 1:
                along = [None if a is None else _tiled(a, call.channels, frame.inner) for a in along]
            _dispatch.panel_jvp(
                call.task.kernel, t5, x5, out5, call.plan, threads, second=second5, tsecond5=ts5,
                tparams=along, **given,
            )
        frame.finish(call.repeated(note), job, work)
    return returned
