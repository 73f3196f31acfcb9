"""Block reduction of arrays of dask."""

from functools import partial

import dask
import dask.array as da
import numpy as np

from .. import _arguments, _chunks, _geometry
from .._block_derivatives import block_reduce_backward as gradient_in_memory
from .._blocks import block_reduce as in_memory
from .._blocks import understood
from .._chunks import Span
from .graphs import Source, array_of, blocks_of, by_chunk, checked, ranges_of, threads


def block_reduce(x, block_size=2, func="sum", cval=0, func_kwargs=None, *, edge="pad"):
    """Reduce every block of an array of dask to one element.

    Parameters
    ----------
    x : dask.array.Array
        Of any number of axes and any dtype that `cpool.block_reduce` takes.
    block_size, func, cval, func_kwargs, edge
        As in `cpool.block_reduce`. A function of your own gets the blocks of a chunk at a time.

    Returns
    -------
    dask.array.Array
        With one element for each block, and the chunks of `x` divided by `block_size`.

    Raises
    ------
    TypeError, ValueError
        As `cpool.block_reduce` does, and for an `x` that is no array of dask or has unknown chunks.

    Examples
    --------
    >>> import dask.array as da
    >>> import cpool.dask
    >>> x = da.arange(20, chunks=7).reshape(4, 5)
    >>> cpool.dask.block_reduce(x, 2, "max").compute()
    array([[ 6,  8,  9],
           [16, 18, 19]])
    """
    x = checked(x)
    options = {"block_size": block_size, "func": func, "cval": cval, "func_kwargs": func_kwargs, "edge": edge}
    if 0 in x.shape:
        return da.asarray(in_memory(np.empty(x.shape, x.dtype), **options))
    block, _, _, kept, _ = understood(x.shape, block_size, func, func_kwargs, edge)
    small = in_memory(np.ones((1,) * x.ndim, x.dtype), **options | {"block_size": 1})
    _arguments.as_element(cval, x.dtype, "cval")
    axes = _axes(x.shape, kept, block)
    token = "block_reduce-" + dask.base.tokenize(x, options)
    source, tasks = Source(x, token), {}
    ranges = [ranges_of(axis, sizes) for axis, sizes in zip(axes, x.chunks, strict=True)]
    reduce = partial(_chunks.reduced, options | {"block_size": block}, threads())
    for index, chosen in blocks_of(x, range(x.ndim), ranges):
        held = [Span(axis, *each, 0, axis.n).elements for axis, each in zip(axes, chosen, strict=True)]
        tasks[(token, *index)] = (reduce, source.pieces(held))
    chunks = tuple(tuple(stop - first for first, stop in each) for each in ranges)
    return array_of(token, tasks | source.tasks, [x], chunks, small.dtype)


def _axes(shape, kept, block):
    """The blocks along each axis."""
    return [
        _geometry.Axis(n, -(-k // b), b, b, 1, 0, 0, False)
        for n, k, b in zip(shape, kept, block, strict=True)
    ]


def block_reduce_backward(
    grad_output,
    x,
    block_size=2,
    func="sum",
    cval=0,
    func_kwargs=None,
    *,
    edge="pad",
):
    """Gradient of `block_reduce` with respect to its input.

    Parameters
    ----------
    grad_output : dask.array.Array
        Gradient with respect to the result of `block_reduce`, of its shape and dtype.
    x : dask.array.Array
        The floating-point array that was reduced; its values are read only if they matter.
    block_size, func, cval, func_kwargs, edge
        As in `cpool.block_reduce_backward`.

    Returns
    -------
    dask.array.Array
        Of the shape, chunks and dtype of `x`.

    Raises
    ------
    TypeError, ValueError
        As `cpool.block_reduce_backward` does, and for an `x` that is no array of dask or has unknown chunks.

    Examples
    --------
    >>> import dask.array as da
    >>> import cpool.dask
    >>> x = da.arange(6.0, chunks=4)
    >>> cpool.dask.block_reduce_backward(da.ones(2), x, 3, "max").compute()
    array([0., 0., 1., 0., 0., 1.])
    """
    x = checked(x)
    g = checked(grad_output, "grad_output") if isinstance(grad_output, da.Array) else da.asarray(grad_output)
    options = {"func": func, "cval": cval, "func_kwargs": func_kwargs, "edge": edge}
    block, name, _, kept, _ = understood(x.shape, block_size, func, func_kwargs, edge)
    ones = (1,) * x.ndim
    gradient_in_memory(np.ones(ones, g.dtype), np.ones(ones, x.dtype), 1, **options)  # dtypes, func, cval
    axes = _axes(x.shape, kept, block)
    _arguments.check_gradient(
        np.broadcast_to(np.empty((), g.dtype), g.shape), tuple(a.out for a in axes), g.dtype
    )
    token = "block_reduce_backward-" + dask.base.tokenize(x, g, options, block)
    values = [] if name in ("sum", "mean") else [x]
    options |= {"block_size": block}
    return by_chunk(
        x,
        range(x.ndim),
        axes,
        token,
        [g],
        values,
        [x.dtype],
        False,
        lambda spans, bounds: partial(_chunks.unreduced, options, threads(), spans, bounds, x.dtype),
    )
