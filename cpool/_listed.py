"""One call with windows that are listed: fractional pooling and S3Pool, from user arguments to result.

The steps are those of `_execute`. What is drawn at random is drawn here, from the generator that the caller
gave, and can be given back to repeat the call.

If every plane has windows of its own, the kernel takes one plane after the other: an array that does not lie
so (channels last) is copied once.
"""

from math import prod
from typing import NamedTuple

import numpy as np

from . import _arguments, _dispatch, _execute, _geometry
from ._omp import threads_for


class Listed(NamedTuple):
    """The windows of one call.

    Attributes
    ----------
    spatial : tuple of int
        The spatial axes in window order.
    plan : _geometry.Plan
        Sizes and numbers of windows.
    bounds : list of numpy.ndarray
        For each axis of the plan the starts, and the stops if the windows are
        not of one size; arrays of one axis, or with the planes in front.
    keepdims : bool
        Whether the spatial axes stay in the result.
    """

    spatial: tuple
    plan: _geometry.Plan
    bounds: list
    keepdims: bool = True

    @property
    def each(self):
        """Whether every plane has windows of its own."""
        return any(b.ndim > 1 for b in self.bounds)

    def pooled(self, shape):
        """The shape of the result for an x of this shape."""
        return _execute._pooled(shape, self.spatial, self.plan, self.keepdims)


# ---- which windows ----


def fractional(
    nd, shape, data_format, axis, kernel_size, output_size, output_ratio, random_samples, rng, boundaries, *,
    needed=True, fixed=False,
):
    """The windows of fractional pooling over an x of this shape, and the samples
    they come from (or None).

    needed: False if the numbers of windows will do. fixed: the windows must be
    those of another call, so something must say which.
    """
    spatial, moved, last = _execute._spatial(shape, nd, data_format, axis)
    leading, sizes, channels = _arguments.split_shape(moved, nd, last)
    planes = leading + channels
    if boundaries is not None:
        for name, value in (("output_size", output_size), ("output_ratio", output_ratio),
                            ("random_samples", random_samples), ("rng", rng)):
            _arguments.refuse_beside(value, name, "boundaries")
        if kernel_size is not None:
            _arguments.int_tuple(kernel_size, nd, "kernel_size", 1)
        edges = _arguments.parse_boundaries(boundaries, planes, sizes)
        return _from_edges(spatial, moved, nd, last, edges), None
    kernel = _arguments.int_tuple(kernel_size, nd, "kernel_size", 1)
    outs = _arguments.parse_fraction(output_size, output_ratio, sizes, kernel)
    if random_samples is not None:
        _arguments.refuse_beside(rng, "rng", "random_samples")
        samples = _arguments.parse_samples(random_samples, planes, nd, max(sizes))
    elif fixed and rng is None and needed:
        raise _arguments.windows_unknown("random_samples, boundaries, indices")
    else:
        generator = _arguments.parse_rng(rng)
        samples = generator.random((*planes, nd)) if needed else None
    plan = _geometry.listed_plan(moved, nd, kernel, outs, last)
    bounds = []
    if needed:
        # PyTorch's order of samples: (W, H) in 2-D, but (D, H, W) in 3-D
        order = (1, 0) if nd == 2 else range(nd)
        for i, n, k, out in zip(order, sizes, kernel, outs, strict=True):
            bounds.append(_geometry.fractional_starts(samples[..., i], n, k, out))
    return Listed(spatial, plan, bounds), samples


def sampled(nd, shape, data_format, axis, kernel_size, stride, grid_size, positions, rng, *, fixed=False):
    """The windows of S3Pool at positions given or drawn, and these positions."""
    spatial, moved, last = _execute._spatial(shape, nd, data_format, axis)
    sizes = _arguments.split_shape(moved, nd, last)[1]
    kernel = _arguments.int_tuple(kernel_size, nd, "kernel_size", 1)
    stride, grid = _arguments.parse_grid(stride, grid_size, kernel, sizes)
    if positions is not None:
        _arguments.refuse_beside(rng, "rng", "positions")
        positions = _arguments.parse_positions(positions, sizes)
    elif fixed and rng is None:
        raise _arguments.windows_unknown("positions")
    else:
        positions = _draw(_arguments.parse_rng(rng), sizes, stride, grid)
    edges = [_geometry.same_windows(*axis) for axis in zip(positions, sizes, kernel, strict=True)]
    return _from_edges(spatial, moved, nd, last, edges), positions


def _draw(rng, sizes, stride, grid):
    """Positions that stay: as many of every strip as the stride leaves, no one twice, in order."""
    found = []
    for n, s, g in zip(sizes, stride, grid, strict=True):
        edges, kept = _geometry.grid_strips(n, s, g)
        order = rng.random(n)
        # all strips but the last are of one size
        strips = [order[: edges[-2]].reshape(-1, g), order[None, edges[-2] :]]
        drawn = np.concatenate([np.sort(strip.argsort(axis=1)[:, :kept], axis=1) for strip in strips])
        found.append((edges[:-1, None] + drawn).ravel())
    return tuple(found)


def cells(nd, shape, data_format, axis, kernel_size, stride, grid_size):
    """The test form of S3Pool: each position that would stay as the mean of its
    share of the strip.
    """
    spatial, moved, last = _execute._spatial(shape, nd, data_format, axis)
    sizes = _arguments.split_shape(moved, nd, last)[1]
    kernel = _arguments.int_tuple(kernel_size, nd, "kernel_size", 1)
    stride, grid = _arguments.parse_grid(stride, grid_size, kernel, sizes)
    strips = [_geometry.grid_strips(*axis) for axis in zip(sizes, stride, grid, strict=True)]
    edges = [_geometry.strip_cells(*strip) for strip in strips]
    return _from_edges(spatial, moved, nd, last, edges)


def _from_edges(spatial, shape, nd, last, edges):
    kernels, bounds = [], []
    for start, stop in edges:
        sizes = stop - start
        kernel = int(sizes.flat[0]) if sizes.size and (sizes == sizes.flat[0]).all() else 0
        kernels.append(kernel)
        bounds += [start] if kernel else [start, stop]
    outs = [start.shape[-1] for start, _ in edges]
    return Listed(spatial, _geometry.listed_plan(shape, nd, kernels, outs, last), bounds)


# ---- running ----


def pool(op, x, listed, return_indices, index_dtype, dtype, out, inputs=()):
    """Max, min or average of the windows; a list of the values and, if asked for,
    the indices.

    inputs: other arrays of the call, with which `out` must not share memory.
    """
    plan, spatial = listed.plan, listed.spatial
    return_indices = _arguments.flag(return_indices, "return_indices")
    index_dtype = _arguments.parse_index_dtype(index_dtype, prod(axis.n for axis in plan.axes))
    dtype = _arguments.parse_dtype(op, dtype, x.dtype)
    shape = listed.pooled(x.shape)
    dtypes = [dtype, index_dtype] if return_indices else [dtype]
    written, returned = _execute._results(out, shape, dtypes, [x, *inputs])
    if written[0].size:
        frame = _Planes([x], written, spatial) if listed.each else _execute._Frame([x], written, spatial)
        plan = plan._replace(outer=frame.outer, inner=frame.inner)
        x5, out5, *idx5 = frame.arrays
        threads = threads_for(_work(plan, x5, out5) * (1 + return_indices))
        _dispatch.irregular(op, x5, _table(listed), out5, idx5[0] if idx5 else None, plan, threads)
        frame.finish(None, None, 0)
    return returned


def scatter(grad_output, indices, x_shape, x_dtype, listed, out, inputs):
    """The gradient of a selection: what comes to each position."""
    plan, spatial = listed.plan, listed.spatial
    _arguments.check_gradient(grad_output, listed.pooled(x_shape), x_dtype)
    indices = _arguments.as_indices(indices, "indices", grad_output.shape)
    (grad_x,), (returned,) = _execute._results(out, x_shape, [x_dtype], [grad_output, indices, *inputs])
    if grad_output.size == 0:
        grad_x[...] = 0
    else:
        frame = _execute._Frame([grad_output, indices], [grad_x], spatial, first=grad_x)
        plan = plan._replace(outer=frame.outer, inner=frame.inner)
        _dispatch.unpool(*frame.arrays, "sum", plan, threads_for(2 * grad_x.nbytes))
        frame.finish(None, None, 0)
    return returned


def spread(grad_output, x_shape, x_dtype, dtype, listed, out, inputs):
    """The gradient of an average."""
    plan, spatial = listed.plan, listed.spatial
    dtype = _arguments.parse_dtype("avg", dtype, x_dtype)
    _arguments.check_gradient(grad_output, listed.pooled(x_shape), dtype)
    (grad_x,), (returned,) = _execute._results(out, x_shape, [x_dtype], [grad_output, *inputs])
    if grad_output.size == 0:
        grad_x[...] = 0
    else:
        make = _Planes if listed.each else _execute._Frame
        frame = make([grad_output], [grad_x], spatial)
        plan = plan._replace(outer=frame.outer, inner=frame.inner)
        g5, gx5 = frame.arrays
        _dispatch.irregular_spread(g5, _table(listed), gx5, plan, threads_for(2 * _work(plan, gx5, g5)))
        frame.finish(None, None, 0)
    return returned


def gather(tangent, indices, listed, out, inputs):
    """The tangent of a selection: what lies at each position."""
    plan, spatial = listed.plan, listed.spatial
    shape = listed.pooled(tangent.shape)
    indices = _arguments.as_indices(indices, "indices", shape)
    dtype = tangent.dtype.newbyteorder("=")
    (result,), (returned,) = _execute._results(out, shape, [dtype], [tangent, indices, *inputs])
    if result.size:
        frame = _execute._Frame([tangent, indices], [result], spatial)
        plan = plan._replace(outer=frame.outer, inner=frame.inner)
        _dispatch.unpool_backward(*frame.arrays, plan, threads_for(result.nbytes))
        frame.finish(None, None, 0)
    return returned


def _work(plan, large, pooled):
    taps = sum(axis.kernel or axis.n // max(axis.out, 1) + 1 for axis in plan.axes)
    return large.nbytes + pooled.nbytes + pooled.size * taps


def _table(listed):
    """The bounds as the kernel reads them: a row for each plane, or one for all."""
    planes = next((b.shape[:-1] for b in listed.bounds if b.ndim > 1), ())
    sizes = [b.shape[-1] for b in listed.bounds]
    before = 3 - len(listed.spatial)
    table = np.zeros((*planes, before + sum(sizes)), np.int64)
    at = before
    for size, b in zip(sizes, listed.bounds, strict=True):
        table[..., at : at + size] = b
        at += size
    return table.reshape(-1, at)


class _Planes:
    """As `_execute._Frame`, one plane after the other: the spatial axes are the last ones."""

    def __init__(self, inputs, outputs, spatial):
        ndim = inputs[0].ndim
        order = (*(i for i in range(ndim) if i not in spatial), *spatial)
        self.pairs = []
        views = [_execute.in_one_piece(a.transpose(order)) if not _execute._ready(a.transpose(order))
                 else a.transpose(order) for a in inputs]
        for a in outputs:
            view = a.transpose(order)
            if not _execute._ready(view):
                self.pairs.append((view, np.empty(view.shape, view.dtype)))
                view = self.pairs[-1][1]
            views.append(view)
        first = ndim - len(spatial)
        self.outer, self.inner = prod(views[0].shape[:first]), 1
        ones = (1,) * (3 - len(spatial))
        self.arrays = [v.reshape(self.outer, *ones, *v.shape[first:], 1) for v in views]

    def finish(self, note, job, work):
        """Copy the temporaries to where they belong."""
        for view, temporary in self.pairs:
            view[...] = temporary
