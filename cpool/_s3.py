"""S3Pool: maxima at stride 1, of which a random choice of rows and columns stays."""

from . import _arguments, _execute, _listed
from ._execute import DEFAULT_FORMAT
from ._fractional import TEXTS, given_input, nested, sized
from ._numbered import numbered, template


@template
def s3_pool(
    nd, x, kernel_size, stride=None, grid_size=None, return_indices=False, *, training=True, positions=None,
    rng=None, return_positions=False, data_format=DEFAULT_FORMAT, axis=None, index_dtype=None, out=None,
):
    """Take {n}-D maxima at stride 1 and keep a random choice of their rows and
    columns.

    Parameters
    ----------
    {x any}
    kernel_size : int or {ints}
        Size of the windows, one int for all axes or one for each; the same
        holds for the other sizes.
    stride : int or {ints}, optional
        How much smaller each axis gets; `kernel_size` by default.
    grid_size : int or {ints}, optional
        Size of the strips from which positions are drawn: a multiple of
        `stride`, which is the default. The larger, the more random; the last
        strip takes what is left over.
    return_indices : bool, default False
        Return where each maximum was found, too.
    training : bool, default True
        False for the form to test with: all maxima, averaged where one of them
        would have been drawn.
    positions : {arrays} of int, optional
        The positions to keep along each axis, in place of `rng`.
    {rng}
    return_positions : bool, default False
        Return the positions, too: as `positions` they repeat the call.
    {data_format}
    {axis}
    index_dtype : {int64, int32}, optional
        dtype of the indices, int64 by default.
    {out pair}

    Returns
    -------
    values : ndarray of shape (..., {sizes})
        With the dtype of `x`. An axis of n elements keeps
        ``n // grid_size * (grid_size // stride)``.
    indices : ndarray of int of the same shape
        Only with ``return_indices=True``: {position_of} of the first maximum,
        or of the first NaN, in row-major order.
    positions : tuple of {n} ndarray of int
        Only with ``return_positions=True``.

    Raises
    ------
    {raises}

    See Also
    --------
    {forward}_backward, {forward}_jvp, max_pool{n}d, fractional_max_pool{n}d

    Notes
    -----
    Max pooling with stride 1 and "same" padding keeps all the places; of each
    strip of `grid_size` of them, ``grid_size // stride`` are drawn without
    replacement, in order, the same ones in all planes: a distortion of the
    image that is another one in every step [1]_. Only the maxima that stay are
    computed.

    With ``training=False`` the strips are cut into as many cells as they would
    keep positions, and the maxima of each cell averaged, which is average
    pooling by `stride` if no strip is longer than the others. There are no
    indices then, integers are rounded to nearest, ties to even, and bool is
    refused.

    References
    ----------
    .. [1] S. Zhai, H. Wu, A. Kumar, Y. Cheng, Y. Lu, Z. Zhang and R. Feris,
       "S3Pool: Pooling with stochastic spatial sampling", CVPR 2017.

    Examples
    --------
    >>> import cpool
    >>> x = {row}
    >>> cpool.{name}(x, {two}, grid_size={four}, positions={positions}).ravel()
    array([5., 5.])
    >>> cpool.{name}(x, {two}, grid_size={four}, training=False).ravel()
    array([5., 3.])

    >>> import numpy as np
    >>> y, kept = cpool.{name}(
    ...     x, {two}, grid_size={four}, rng=np.random.default_rng(2),
    ...     return_positions=True)
    >>> again = cpool.{name}(x, {two}, grid_size={four}, positions=kept)
    >>> bool((y == again).all())
    True
    """
    x = _arguments.as_array(x)
    where = data_format, axis
    return_positions = _arguments.flag(return_positions, "return_positions")
    if not _arguments.flag(training, "training"):
        _arguments.refuse_set(return_indices, "return_indices", "training is False")
        _arguments.refuse_set(return_positions, "return_positions", "training is False")
        listed = _listed.cells(nd, x.shape, *where, kernel_size, stride, grid_size)
        maxima = _maxima(nd, x, kernel_size, *where)
        return _listed.pool("avg", maxima, listed, False, None, None, out, [x])[0]
    listed, positions = _listed.sampled(
        nd, x.shape, *where, kernel_size, stride, grid_size, positions, rng)
    found = _listed.pool("max", x, listed, return_indices, index_dtype, None, out)
    if return_positions:
        found.append(positions)
    return tuple(found) if len(found) > 1 else found[0]


def _maxima(nd, x, kernel_size, data_format, axis, return_indices=False):
    return _execute.windowed(
        "max", nd, x, kernel_size, 1, "same", 1, False, return_indices, data_format, axis, None, "propagate",
        None, None, None, None, None, None, 2, False)


@template
def s3_pool_backward(
    nd, grad_output, x, kernel_size, stride=None, grid_size=None, return_indices=False, *, indices=None,
    training=True, positions=None, rng=None, return_positions=False, data_format=DEFAULT_FORMAT, axis=None,
    index_dtype=None, out=None,
):
    """Gradient of `{forward}` with respect to its input.

    Parameters
    ----------
    {grad_output}
    x : array_like of shape (..., {spatial}), or tuple of int
        The floating-point array that was pooled, or its shape if `indices` is
        given.
    kernel_size, stride, grid_size, training, positions, data_format, axis
        As in the call of `{forward}`. Without `indices`, `positions` or `rng`
        must say what was kept.
    return_indices, return_positions, index_dtype
        Ignored; they are here so that one dict of arguments serves both
        functions.
    indices : array_like of int, optional
        What `{forward}` returned with ``return_indices=True``; without it, `x`
        is searched again.
    rng : numpy.random.Generator, optional
        One in the state that the generator of the forward call had before it.
    {out}

    Returns
    -------
    ndarray
        Gradient of the shape and dtype of `x` (the dtype of `grad_output` if
        `x` is a shape).

    Raises
    ------
    {gradient raises}

    See Also
    --------
    {forward}, {forward}_jvp

    Notes
    -----
    Each element of `grad_output` is added to the place of its maximum; with
    ``training=False``, shared out to the maxima of its cell first.

    Examples
    --------
    >>> import cpool
    >>> x = {row}
    >>> g = {two gradients}
    >>> cpool.{name}(g, x, {two}, grid_size={four},
    ...     positions={positions}).ravel()
    array([0., 3., 0., 0.])
    """
    grad_output = _arguments.as_array(grad_output, "grad_output", _arguments.FLOATS)
    training = _arguments.flag(training, "training")
    where = data_format, axis
    x, shape, dtype = given_input(x, grad_output, "max" if indices is None or not training else None)
    inputs = [] if x is None else [x]
    if not training:
        _arguments.refuse_beside(indices, "indices", "training=False")
        listed = _listed.cells(nd, shape, *where, kernel_size, stride, grid_size)
        between = _listed.spread(grad_output, shape, dtype, None, listed, None, [])
        every, _ = _listed.sampled(nd, shape, *where, kernel_size, 1, 1, None, None)
        indices = _maxima(nd, x, kernel_size, *where, True)[1]
        return _listed.scatter(between, indices, shape, dtype, every, out, [grad_output, x])
    if indices is None:
        listed, _ = _listed.sampled(
            nd, shape, *where, kernel_size, stride, grid_size, positions, rng, fixed=True)
        _arguments.check_gradient(grad_output, listed.pooled(shape), dtype)
        indices = _listed.pool("max", x, listed, True, None, None, None)[1]
    else:
        listed, _ = _listed.sampled(nd, shape, *where, kernel_size, stride, grid_size, positions, None)
    return _listed.scatter(grad_output, indices, shape, dtype, listed, out, inputs)


@template
def s3_pool_jvp(
    nd, tangent, x, kernel_size, stride=None, grid_size=None, return_indices=False, *, indices=None,
    training=True, positions=None, rng=None, return_positions=False, data_format=DEFAULT_FORMAT, axis=None,
    index_dtype=None, out=None,
):
    """Derivative of `{forward}` along a tangent.

    Parameters
    ----------
    {tangent}
    x : array_like of shape (..., {spatial}), or tuple of int
        The floating-point array that is pooled, or its shape if `indices` is
        given.
    kernel_size, stride, grid_size, training, positions, rng, data_format, axis
        As in the call of `{forward}`. Without `indices`, `positions` or `rng`
        must say what was kept.
    return_indices, return_positions, index_dtype
        Ignored; they are here so that one dict of arguments serves both
        functions.
    indices : array_like of int, optional
        What `{forward}` returned with ``return_indices=True``; without it, `x`
        is searched again.
    {out}

    Returns
    -------
    ndarray
        What `{forward}` changes by, to first order: the tangent at the place of
        each maximum, averaged over the cells if ``training=False``.

    Raises
    ------
    {tangent raises}

    See Also
    --------
    {forward}, {forward}_backward

    Notes
    -----
    {adjoint}

    Examples
    --------
    >>> import cpool
    >>> x = {row}
    >>> t = {direction}
    >>> cpool.{name}(t, x, {two}, grid_size={four},
    ...     positions={positions}).ravel()
    array([1., 1.])
    """
    tangent = _arguments.as_array(tangent, "tangent", _arguments.FLOATS)
    training = _arguments.flag(training, "training")
    where = data_format, axis
    x, shape, dtype = given_input(x, tangent, "max" if indices is None or not training else None)
    tangent = _arguments.as_tangent(tangent, "tangent", shape, dtype)
    inputs = [] if x is None else [x]
    if not training:
        _arguments.refuse_beside(indices, "indices", "training=False")
        every, _ = _listed.sampled(nd, shape, *where, kernel_size, 1, 1, None, None)
        indices = _maxima(nd, x, kernel_size, *where, True)[1]
        between = _listed.gather(tangent, indices, every, None, [])
        listed = _listed.cells(nd, shape, *where, kernel_size, stride, grid_size)
        return _listed.pool("avg", between, listed, False, None, None, out, [tangent, x])[0]
    if indices is None:
        listed, _ = _listed.sampled(
            nd, shape, *where, kernel_size, stride, grid_size, positions, rng, fixed=True)
        indices = _listed.pool("max", x, listed, True, None, None, None)[1]
    else:
        listed, _ = _listed.sampled(nd, shape, *where, kernel_size, stride, grid_size, positions, None)
    return _listed.gather(tangent, indices, listed, out, inputs)


def _words(nd):
    zeros = "[0], " * (nd - 1)
    return TEXTS | {
        "arrays": "array_like" if nd == 1 else f"{nd} array_like",
        "flag": "return_indices", "more": "indices",
        "row": nested(nd, "1.0, 5.0, 2.0, 3.0"), "two": sized(nd, 2), "four": sized(nd, 4),
        "positions": "[0, 1]" if nd == 1 else f"({zeros}[0, 1])",
        "two gradients": nested(nd, "1.0, 2.0"), "direction": nested(nd, "0.0, 1.0, 2.0, 3.0"),
    }


FUNCTIONS = numbered(s3_pool, s3_pool_backward, s3_pool_jvp, more=_words)
globals().update(FUNCTIONS)
__all__ = sorted(FUNCTIONS)
