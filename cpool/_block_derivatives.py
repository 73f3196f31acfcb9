"""Derivatives of block reduction: those of the operators that its reducers are."""

from math import prod

import numpy as np

from . import _arguments, _blocks, _execute

__all__ = ["block_reduce_backward", "block_reduce_jvp"]

_NAMES = ("max", "min", "sum", "mean", "median", "std", "var")
_LINEAR = ("sum", "mean")


def block_reduce_backward(
    grad_output, x, block_size=2, func="sum", cval=0, func_kwargs=None, *, edge="pad", out=None,
):
    """Gradient of `block_reduce` with respect to its input.

    Parameters
    ----------
    grad_output : array_like
        Gradient with respect to the result of `block_reduce`, of its shape and
        dtype.
    x : array_like, or tuple of int
        The floating-point array that was reduced; for "sum" and "mean" its
        shape is enough.
    block_size, cval, func_kwargs, edge
        As in the call of `block_reduce`.
    func : str or callable, default "sum"
        The reducer: "sum", "mean", "max", "min", "median", "std" or "var", or
        the NumPy function of that name.
    out : ndarray, optional
        Where to write the result, which is returned.

    Returns
    -------
    ndarray
        Gradient of the shape and dtype of `x`: 0 for what ``edge="trim"``
        leaves out. What goes to the padding is dropped.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind, or `x` or `grad_output` is not
        floating-point, or `func` a function of your own, whose gradient is not
        known.
    ValueError
        If an argument has a value that is not accepted, or `func` is "mode":
        labels have no gradient.

    See Also
    --------
    block_reduce, block_reduce_jvp

    Notes
    -----
    Ties of "max" and "min" go to the first element, the share of a median to
    the first elements that hold it, as in the pooling operators.

    Examples
    --------
    >>> import numpy as np
    >>> import cpool
    >>> x = np.array([[1.0, 2.0, 5.0], [4.0, 3.0, 6.0]])
    >>> cpool.block_reduce_backward(np.array([[1.0, 10.0]]), x, 2, "max")
    array([[ 0.,  0.,  0.],
           [ 1.,  0., 10.]])
    """
    grad_output = _arguments.as_array(grad_output, "grad_output", _arguments.FLOATS)
    x, shape, dtype, name, given = _understood(x, grad_output.dtype, block_size, func, func_kwargs, edge)
    block, kept, after, options = given
    padded = _padded_shape(kept, after)
    _arguments.check_gradient(
        grad_output, _result_shape(padded, block), np.dtype(options.get("dtype", dtype)))
    (found,), (returned,) = _execute._results(
        out, shape, [dtype], [a for a in (grad_output, x) if a is not None])
    x = padded if x is None else _blocks.fitted(x, kept, after, cval)
    inner = np.empty(padded, dtype)
    pool, options = _blocks.as_pooling(name, options)
    for part, blocks, size, axes in _parts(padded, block):
        g = grad_output[blocks]
        backward = _function(pool, len(axes), "backward")
        if axes != (-1,):
            taken = inner[part].shape if isinstance(x, tuple) else x[part]
            inner[part] = backward(g, taken, size, axis=axes, ceil_mode=True, **options)
            continue
        lines = (*g.shape, prod(size)) if isinstance(x, tuple) else _lines(x[part], size)
        taken = backward(g[..., None], lines, prod(size), axis=axes, **options)
        inner[part] = _unlined(taken, size, inner[part].shape)
    rows = tuple(slice(0, n) for n in kept)
    if kept != shape:
        found[...] = 0
    found[rows] = inner[rows]
    return returned


def block_reduce_jvp(tangent, x, block_size=2, func="sum", cval=0, func_kwargs=None, *, edge="pad", out=None):
    """Derivative of `block_reduce` along a tangent.

    Parameters
    ----------
    tangent : array_like
        Direction in which `x` moves, of its shape and dtype.
    x : array_like, or tuple of int
        The floating-point array that is reduced; for "sum" and "mean" its shape
        is enough.
    block_size, cval, func_kwargs, edge
        As in the call of `block_reduce`.
    func : str or callable, default "sum"
        The reducer: "sum", "mean", "max", "min", "median", "std" or "var", or
        the NumPy function of that name.
    out : ndarray, optional
        Where to write the result, which is returned.

    Returns
    -------
    ndarray
        Of the shape and dtype of the result of `block_reduce`.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind, or `x` or `tangent` is not
        floating-point, or `func` a function of your own.
    ValueError
        If an argument has a value that is not accepted, or `func` is "mode".

    See Also
    --------
    block_reduce, block_reduce_backward

    Examples
    --------
    >>> import numpy as np
    >>> import cpool
    >>> x = np.array([[1.0, 2.0, 5.0], [4.0, 3.0, 6.0]])
    >>> cpool.block_reduce_jvp(x + 10, x, 2, "max")
    array([[14., 16.]])
    """
    tangent = _arguments.as_array(tangent, "tangent", _arguments.FLOATS)
    x, shape, dtype, name, given = _understood(x, tangent.dtype, block_size, func, func_kwargs, edge)
    block, kept, after, options = given
    tangent = _arguments.as_tangent(tangent, "tangent", shape, dtype)
    padded = _padded_shape(kept, after)
    (found,), (returned,) = _execute._results(
        out, _result_shape(padded, block), [np.dtype(options.get("dtype", dtype))],
        [a for a in (tangent, x) if a is not None])
    tangent = _blocks.fitted(tangent, kept, after, 0)
    x = None if x is None else _blocks.fitted(x, kept, after, cval)
    pool, options = _blocks.as_pooling(name, options)
    for part, blocks, size, axes in _parts(padded, block):
        t = tangent[part]
        along = _function(pool, len(axes), "jvp")
        if axes != (-1,):
            taken = t.shape if x is None else x[part]
            found[blocks] = along(t, taken, size, axis=axes, ceil_mode=True, **options)
        else:
            t = _lines(t, size)
            taken = t.shape if x is None else _lines(x[part], size)
            found[blocks] = along(t, taken, prod(size), axis=axes, **options)[..., 0]
    return returned


def _understood(x, dtype, block_size, func, func_kwargs, edge):
    """x (None if only its shape was given), its shape and dtype, the reducer, what `_blocks` makes of it."""
    shape = _arguments.as_shape(x)
    if shape is None:
        x = _arguments.as_array(x, "x", _arguments.FLOATS)
        shape, dtype = x.shape, x.dtype
    block, name, options, kept, after = _blocks.understood(shape, block_size, func, func_kwargs, edge)
    _arguments.parse_choice(func if name is None else name, _NAMES, "func")
    if isinstance(x, tuple):
        if name not in _LINEAR:
            _arguments.need_values(shape, f"func {name!r}")
        x = None
    return x, shape, dtype.newbyteorder("="), name, (block, kept, after, options)


def _function(pool, nd, action):
    import cpool  # not at import: it makes functions when they are asked for

    return getattr(cpool, f"{pool}_pool{nd}d_{action}")


def _padded_shape(kept, after):
    return kept if after is None else tuple(n + a for n, a in zip(kept, after, strict=True))


def _result_shape(shape, block):
    return tuple(-(-n // b) for n, b in zip(shape, block, strict=True))


def _parts(shape, block):
    """Where to apply which operator.

    Yields
    ------
    part, blocks : tuple of slice
        Of the array and of the result.
    size : tuple of int
        Of the blocks, along `axes` or, if that is (-1,), along all of them: then they are lines.
    axes : tuple of int
    """
    axes = tuple(i for i, b in enumerate(block) if b > 1) or ((0,) if shape else ())
    if 1 <= len(axes) <= 3:
        yield (..., ), (..., ), tuple(block[i] for i in axes), axes
        return
    parts = [((), (), ())]
    for n, b in zip(shape, block, strict=True):
        whole = n // b * b
        ends = [(slice(0, whole), slice(0, n // b), b), (slice(whole, n), slice(n // b, None), n - whole)]
        ends = [end for end in ends if end[0].stop > end[0].start]
        parts = [
            tuple((*one, more) for one, more in zip(part, end, strict=True)) for part in parts for end in ends
        ]
    for part, blocks, size in parts:
        yield (*part, ...), (*blocks, ...), size, (-1,)


def _lines(x, size):
    """The elements of every block in a line along a last axis."""
    blocks = x.reshape([k for n, b in zip(x.shape, size, strict=True) for k in (n // b, b)])
    blocks = blocks.transpose((*range(0, 2 * x.ndim, 2), *range(1, 2 * x.ndim, 2)))
    return np.ascontiguousarray(blocks).reshape(*blocks.shape[: x.ndim], prod(size))


def _unlined(lines, size, shape):
    """The array of that shape whose blocks are these lines."""
    n = len(shape)
    blocks = lines.reshape((*lines.shape[:n], *size))
    return blocks.transpose([k for i in range(n) for k in (i, n + i)]).reshape(shape)
