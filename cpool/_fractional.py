"""Fractional pooling and S3Pool: windows that are drawn at random, or listed."""

import numpy as np

from . import _arguments, _listed
from ._execute import DEFAULT_FORMAT
from ._numbered import numbered, template

# ---- fractional pooling ----


@template
def fractional_max_pool(
    nd, x, kernel_size, output_size=None, output_ratio=None, return_indices=False, *, random_samples=None,
    boundaries=None, rng=None, return_samples=False, data_format=DEFAULT_FORMAT, axis=None, index_dtype=None,
    out=None,
):
    """Take the maximum of {n}-D windows that lie at random distances.

    Parameters
    ----------
    {x any}
    {kernel_size}
    {output_size}
    {output_ratio}
    return_indices : bool, default False
        Return where each maximum was found, too.
    {random_samples}
    {boundaries}
    {rng}
    {return_samples}
    {data_format}
    {axis}
    index_dtype : {int64, int32}, optional
        dtype of the indices, int64 by default.
    {out pair}

    Returns
    -------
    values : ndarray of shape (..., {sizes})
        With the dtype of `x`.
    indices : ndarray of int of the same shape
        Only with ``return_indices=True``: {position_of} of the first maximum,
        or of the first NaN, in row-major order.
    {samples returned}

    Raises
    ------
    {raises}

    See Also
    --------
    {forward}_backward, {forward}_jvp, {other},
    adaptive_max_pool{n}d, max_unpool{n}d

    Notes
    -----
    Fractional pooling shrinks an image by less than a half, which leaves room
    for more layers [1]_. {rule}

    Values and indices are those of
    ``torch.nn.functional.fractional_max_pool{torch}d`` for the same samples,
    except that of several NaNs the first is indexed.

    References
    ----------
    .. [1] B. Graham, "Fractional max-pooling", arXiv:1412.6071, 2014.

    Examples
    --------
    >>> import cpool
    >>> x = {row}
    >>> cpool.{name}(x, {two}, {four}, random_samples={u}).ravel()
    array([5., 4., 3., 6.])
    >>> cpool.{name}(x, None, boundaries={edges}).ravel()
    array([5., 6.])

    >>> import numpy as np
    >>> y, samples = cpool.{name}(
    ...     x, {two}, {four}, rng=np.random.default_rng(1), return_samples=True)
    >>> again = cpool.{name}(x, {two}, {four}, random_samples=samples)
    >>> bool((y == again).all())
    True
    """
    x = _arguments.as_array(x)
    drawn = kernel_size, output_size, output_ratio, random_samples, rng, boundaries
    return _drawn_pool(
        "max", nd, x, (data_format, axis), drawn, return_indices, return_samples, index_dtype, None, out)


@template
def fractional_avg_pool(
    nd, x, kernel_size, output_size=None, output_ratio=None, *, random_samples=None, boundaries=None,
    rng=None, return_samples=False, dtype=None, data_format=DEFAULT_FORMAT, axis=None, out=None,
):
    """Take the average of {n}-D windows that lie at random distances.

    Parameters
    ----------
    {x numbers}
    {kernel_size}
    {output_size}
    {output_ratio}
    {random_samples}
    {boundaries}
    {rng}
    {return_samples}
    dtype : {float32, float64}, optional
        dtype of the result, by default that of `x`; bool needs it.
    {data_format}
    {axis}
    {out}

    Returns
    -------
    values : ndarray of shape (..., {sizes})
        With `dtype`, by default the dtype of `x`; integers are rounded to
        nearest, ties to even.
    {samples returned}

    Raises
    ------
    {raises}

    See Also
    --------
    {forward}_backward, {forward}_jvp, {other},
    adaptive_avg_pool{n}d

    Notes
    -----
    The windows of fractional pooling [1]_, averaged.
    {rule}

    References
    ----------
    .. [1] B. Graham, "Fractional max-pooling", arXiv:1412.6071, 2014.

    Examples
    --------
    >>> import cpool
    >>> x = {row}
    >>> cpool.{name}(x, {two}, {four}, random_samples={u}).ravel()
    array([3. , 3. , 1.5, 3. ])
    >>> cpool.{name}(x, None, boundaries={edges}).ravel()
    array([2.66666667, 3.25      ])
    """
    x = _arguments.as_array(x)
    drawn = kernel_size, output_size, output_ratio, random_samples, rng, boundaries
    return _drawn_pool("avg", nd, x, (data_format, axis), drawn, False, return_samples, None, dtype, out)


def _drawn_pool(op, nd, x, where, drawn, return_indices, return_samples, index_dtype, dtype, out):
    return_samples = _arguments.flag(return_samples, "return_samples")
    if return_samples and drawn[-1] is not None:
        raise _arguments.no_samples()
    listed, samples = _listed.fractional(nd, x.shape, *where, *drawn)
    found = _listed.pool(op, x, listed, return_indices, index_dtype, dtype, out)
    if return_samples:
        rest = [n for i, n in enumerate(x.shape) if i not in listed.spatial]
        found.append(np.array(np.broadcast_to(samples, (*rest, nd))))
    return tuple(found) if len(found) > 1 else found[0]


@template
def fractional_max_pool_backward(
    nd, grad_output, x, kernel_size, output_size=None, output_ratio=None, return_indices=False, *,
    indices=None, random_samples=None, boundaries=None, rng=None, return_samples=False,
    data_format=DEFAULT_FORMAT, axis=None, index_dtype=None, out=None,
):
    """Gradient of `{forward}` with respect to its input.

    Parameters
    ----------
    {grad_output}
    x : array_like of shape (..., {spatial}), or tuple of int
        The floating-point array that was pooled, or its shape if `indices` is
        given.
    kernel_size, output_size, output_ratio, random_samples, boundaries,
    data_format, axis
        As in the call of `{forward}`. Without `indices`, one of
        `random_samples`, `boundaries` and `rng` must say which windows that
        call had.
    return_indices, return_samples, index_dtype
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
    Each element of `grad_output` is added to the place of its maximum.

    Examples
    --------
    >>> import cpool
    >>> x = {row}
    >>> g = {gradient}
    >>> cpool.{name}(g, x, {two}, {four}, random_samples={u}).ravel()
    array([0., 1., 0., 2., 3., 0., 4.])
    """
    grad_output = _arguments.as_array(grad_output, "grad_output", _arguments.FLOATS)
    x, shape, dtype = given_input(x, grad_output, "max" if indices is None else None)
    drawn = kernel_size, output_size, output_ratio, random_samples, rng, boundaries
    listed, _ = _listed.fractional(
        nd, shape, data_format, axis, *drawn, needed=indices is None, fixed=True)
    _arguments.check_gradient(grad_output, listed.pooled(shape), dtype)
    inputs = [] if x is None else [x]
    if indices is None:
        indices = _listed.pool("max", x, listed, True, None, None, None)[1]
    return _listed.scatter(grad_output, indices, shape, dtype, listed, out, inputs)


@template
def fractional_avg_pool_backward(
    nd, grad_output, x, kernel_size, output_size=None, output_ratio=None, *, random_samples=None,
    boundaries=None, rng=None, return_samples=False, dtype=None, data_format=DEFAULT_FORMAT, axis=None,
    out=None,
):
    """Gradient of `{forward}` with respect to its input.

    Parameters
    ----------
    {grad_output}
    x : array_like of shape (..., {spatial}), or tuple of int
        The floating-point array that was pooled, or its shape.
    kernel_size, output_size, output_ratio, random_samples, boundaries, dtype,
    data_format, axis
        As in the call of `{forward}`; `random_samples`, `boundaries` or `rng`
        must say which windows that call had.
    rng : numpy.random.Generator, optional
        One in the state that the generator of the forward call had before it.
    return_samples
        Ignored; it is here so that one dict of arguments serves both functions.
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
    Each element of `grad_output`, divided by the number of elements of its
    window, is added to all of these.

    Examples
    --------
    >>> import cpool
    >>> x = {row}
    >>> g = {gradient}
    >>> cpool.{name}(g, x, {two}, {four}, random_samples={u}).ravel()
    array([0.5, 0.5, 1. , 1. , 1.5, 3.5, 2. ])
    """
    grad_output = _arguments.as_array(grad_output, "grad_output", _arguments.FLOATS)
    x, shape, x_dtype = given_input(x, grad_output)
    drawn = kernel_size, output_size, output_ratio, random_samples, rng, boundaries
    listed, _ = _listed.fractional(nd, shape, data_format, axis, *drawn, fixed=True)
    return _listed.spread(grad_output, shape, x_dtype, dtype, listed, out, [] if x is None else [x])


def given_input(x, grad_output, op=None):
    """x (None if only its shape was given), its shape and native dtype; `op` is
    what needs its values.
    """
    shape = _arguments.as_shape(x)
    if shape is None:
        x = _arguments.as_array(x, "x", _arguments.FLOATS)
        return x, x.shape, x.dtype.newbyteorder("=")
    if op is not None:
        _arguments.refuse_shape(op, shape)
    return None, shape, grad_output.dtype.newbyteorder("=")


@template
def fractional_max_pool_jvp(
    nd, tangent, x, kernel_size, output_size=None, output_ratio=None, return_indices=False, *,
    indices=None, random_samples=None, boundaries=None, rng=None, return_samples=False,
    data_format=DEFAULT_FORMAT, axis=None, index_dtype=None, out=None,
):
    """Derivative of `{forward}` along a tangent.

    Parameters
    ----------
    {tangent}
    x : array_like of shape (..., {spatial}), or tuple of int
        The floating-point array that is pooled, or its shape if `indices` is
        given.
    kernel_size, output_size, output_ratio, random_samples, boundaries, rng,
    data_format, axis
        As in the call of `{forward}`. Without `indices`, one of
        `random_samples`, `boundaries` and `rng` must say which windows that
        call had.
    return_indices, return_samples, index_dtype
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
        each maximum.

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
    >>> cpool.{name}(t, x, {two}, {four}, random_samples={u}).ravel()
    array([1., 3., 4., 6.])
    """
    tangent = _arguments.as_array(tangent, "tangent", _arguments.FLOATS)
    x, shape, dtype = given_input(x, tangent, "max" if indices is None else None)
    tangent = _arguments.as_tangent(tangent, "tangent", shape, dtype)
    drawn = kernel_size, output_size, output_ratio, random_samples, rng, boundaries
    listed, _ = _listed.fractional(
        nd, shape, data_format, axis, *drawn, needed=indices is None, fixed=True)
    if indices is None:
        indices = _listed.pool("max", x, listed, True, None, None, None)[1]
    return _listed.gather(tangent, indices, listed, out, [] if x is None else [x])


@template
def fractional_avg_pool_jvp(
    nd, tangent, x, kernel_size, output_size=None, output_ratio=None, *, random_samples=None, boundaries=None,
    rng=None, return_samples=False, dtype=None, data_format=DEFAULT_FORMAT, axis=None, out=None,
):
    """Derivative of `{forward}` along a tangent.

    Parameters
    ----------
    {tangent}
    x : array_like of shape (..., {spatial}), or tuple of int
        The floating-point array that is pooled, or its shape.
    kernel_size, output_size, output_ratio, random_samples, boundaries, rng,
    dtype, data_format, axis
        As in the call of `{forward}`; `random_samples`, `boundaries` or `rng`
        must say which windows that call had.
    return_samples
        Ignored; it is here so that one dict of arguments serves both functions.
    {out}

    Returns
    -------
    ndarray
        What `{forward}` changes by: the average of the tangent, as averages are
        linear.

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
    >>> cpool.{name}(t, x, {two}, {four}, random_samples={u}).ravel()
    array([0.5, 2.5, 4.5, 5.5])
    """
    tangent = _arguments.as_array(tangent, "tangent", _arguments.FLOATS)
    x, shape, x_dtype = given_input(x, tangent)
    tangent = _arguments.as_tangent(tangent, "tangent", shape, x_dtype)
    drawn = kernel_size, output_size, output_ratio, random_samples, rng, boundaries
    listed, _ = _listed.fractional(nd, shape, data_format, axis, *drawn, fixed=True)
    return _listed.pool("avg", tangent, listed, False, None, dtype, out, [] if x is None else [x])[0]


_X = """x : array_like of shape (..., {spatial})
    {accepted}
    Any number of leading axes, zero included. With channels last the shape is (..., {spatial}, C). Read in
    place if its memory is in the order of one of the two formats, else copied once."""

TEXTS = {
    "x any": _X.replace(
        "{accepted}", "Any bool, integer or floating-point dtype, float16 and bfloat16 included."),
    "x numbers": _X.replace("{accepted}", "Any integer or floating-point dtype, or bool with `dtype`."),
    "kernel_size": """kernel_size : int or {ints}
    Size of the windows, one int for all axes or one for each. Not used, and may be None, beside
    `boundaries`.""",
    "output_size": """output_size : int or {ints}, optional
    Number of windows along each axis, from 1 to ``n - kernel_size + 1`` for n elements. Either this or
    `output_ratio` has to be given, unless `boundaries` is.""",
    "output_ratio": """output_ratio : float or {floats}, optional
    Number of windows as a fraction, between 0 and 1, of the size of the input, rounded down.""",
    "random_samples": """random_samples : array_like of float, optional
    Numbers from 0 to 1 that place the windows: of shape ({planes}, {n}), with one axis for each axis of
    `x` that is not spatial, or anything that broadcasts to this; the last axis is in the order
    {order}. Drawn from `rng` by default.""",
    "boundaries": """boundaries : {arrays} of int, optional
    The windows themselves. For each axis edges, of which two neighbours bound a window, or an array of
    (start, stop) pairs, which may overlap; neither starts nor stops may fall from one window to the next.
    With axes in front of these, as many as `x` has that are not spatial, every plane has its own.""",
    "rng": """rng : numpy.random.Generator, optional
    Where random numbers come from; a new generator by default. NumPy's global state is never used.""",
    "return_samples": """return_samples : bool, default False
    Return the samples, too: as `random_samples` they repeat the call.""",
    "samples returned": """samples : ndarray of float, of shape ({planes}, {n})
    Only with ``return_samples=True``.""",
    "rule": """Every plane (a channel of an image) has one sample u for each axis, and its windows start at
``trunc((i + u) * a) - trunc(u * a)`` with ``a = (n - kernel_size) / (output_size - 1)``, the last one at
``n - kernel_size``; all of it is computed in the dtype of the samples.""",
}


def nested(nd, text):
    """A list of numbers as the last axis of an array of `nd` axes."""
    return f"{'[' * nd}{text}{']' * nd}"


def sized(nd, n):
    """The size n along the last axis, 1 along the others."""
    return f"({'1, ' * (nd - 1)}{n})" if nd > 1 else str(n)


def _words(nd):
    return TEXTS | {
        "floats": "(float,)" if nd == 1 else f"({', '.join(['float'] * nd)})", "planes": "...",
        "order": {1: "(W,)", 2: "(W, H), which is PyTorch's", 3: "(D, H, W)"}[nd],
        "arrays": "array_like" if nd == 1 else f"{nd} array_like", "torch": str(max(nd, 2)),
        "row": nested(nd, "1.0, 5.0, 2.0, 4.0, 3.0, 0.0, 6.0"), "two": sized(nd, 2), "four": sized(nd, 4),
        "u": {1: "[0.5]", 2: "[0.5, 0.0]", 3: "[0.0, 0.0, 0.5]"}[nd],
        "edges": {1: "[0, 3, 7]", 2: "([0, 1], [0, 3, 7])", 3: "([0, 1], [0, 1], [0, 3, 7])"}[nd],
        "gradient": nested(nd, "1.0, 2.0, 3.0, 4.0"),
        "direction": nested(nd, "0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0"),
        "flag": "return_indices", "more": "indices"
    }



def _max_words(nd):
    return _words(nd) | {"other": f"fractional_avg_pool{nd}d"}


def _avg_words(nd):
    return _words(nd) | {"other": f"fractional_max_pool{nd}d"}


FUNCTIONS = numbered(
    fractional_max_pool, fractional_max_pool_backward, fractional_max_pool_jvp, more=_max_words,
) | numbered(
    fractional_avg_pool, fractional_avg_pool_backward, fractional_avg_pool_jvp, more=_avg_words,
)
globals().update(FUNCTIONS)
__all__ = sorted(FUNCTIONS)
