"""k-max pooling: the largest elements of every line, in the order in which they stand."""

import numpy as np

from . import _arguments, _dispatch, _execute, _geometry
from ._omp import threads_for

__all__ = ["dynamic_k", "kmax_pool", "kmax_pool_backward", "kmax_pool_jvp"]


def kmax_pool(
    x, k, return_indices=False, *, axis=-1, index_dtype=None, nan_policy="propagate", mask=None, out=None,
):
    """Take the k largest elements of every line, in the order in which they stand.

    Parameters
    ----------
    x : array_like
        Any bool, integer or floating-point dtype, float16 and bfloat16
        included, and any number of axes.
    k : int
        How many elements to take, at least 1; `dynamic_k` computes it for the
        layers of a network.
    return_indices : bool, default False
        Return where each element was found, too.
    axis : int, default -1
        The axis that lines lie along: time, or the words of a text.
    index_dtype : {int64, int32}, optional
        dtype of the indices, int64 by default.
    nan_policy : {"propagate", "omit", "raise"}
        With "propagate" NaN counts as the largest value. With "omit" NaN takes
        no part; with "raise" it is a ValueError, unless `mask` leaves it out.
    mask : array_like of bool, optional
        True where an element takes part; broadcasts to `x`.
    out : ndarray, or (values, indices) pair, optional
        Array for the result, or with `return_indices` two: of exactly its shape
        and dtype, writeable, and apart from the other arrays in memory.
        Returned in place of new ones.

    Returns
    -------
    values : ndarray
        The shape is that of `x` with `k` in the place of `axis`, the dtype that
        of `x`.
    indices : ndarray of int of the same shape
        Only with ``return_indices=True``: positions along `axis`, ascending; -1
        for what is missing.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind: a dtype that is not accepted, a
        float or a bool for an int.
    ValueError
        If an argument has a value that is not accepted.
    MemoryError
        If the result cannot fit the memory of this machine.

    See Also
    --------
    kmax_pool_backward, kmax_pool_jvp, dynamic_k, global_max_pool

    Notes
    -----
    Of equal elements the first are taken. Unlike the maximum over time this
    keeps that a feature occurs several times, and in which order features occur
    [1]_. Where fewer than `k` elements take part, as the line is shorter or
    masked, those come first, and -inf, the smallest integer or False is put
    after them.

    References
    ----------
    .. [1] N. Kalchbrenner, E. Grefenstette and P. Blunsom, "A convolutional
       neural network for modelling sentences", ACL 2014.

    Examples
    --------
    >>> import cpool
    >>> cpool.kmax_pool([3, 9, 1, 7, 9, 2], 3)
    array([9, 7, 9])
    >>> cpool.kmax_pool([[0.5, 0.1, 0.9], [3.0, 2.0, 1.0]], 2,
    ...     return_indices=True)
    (array([[0.5, 0.9],
           [3. , 2. ]]), array([[0, 2],
           [0, 1]]))
    """
    x = _arguments.as_array(x)
    call = _Lines(x.shape, k, axis)
    return_indices = _arguments.flag(return_indices, "return_indices")
    index_dtype = _arguments.parse_index_dtype(index_dtype, call.length)
    policy, mask = _part(x, nan_policy, mask)
    dtype = x.dtype.newbyteorder("=")
    inputs = [x] if mask is None else [x, mask]
    dtypes = [dtype, index_dtype] if return_indices else [dtype]
    written, returned = _execute._results(out, call.shape, dtypes, inputs)
    if written[0].size:
        frame = _execute._Frame(inputs, written, call.spatial)
        x5, *rest = frame.arrays
        mask5 = None if mask is None else rest.pop(0)
        out5, idx5 = (*rest, None)[:2]
        threads = threads_for(8 * x.nbytes)
        _dispatch.kmax(x5, out5, idx5, threads, mask=mask5, omit_nan=policy == "omit")
        frame.finish(None, None, 0)
    return tuple(returned) if return_indices else returned[0]


def kmax_pool_backward(
    grad_output, x, k, return_indices=False, *, indices=None, axis=-1, index_dtype=None,
    nan_policy="propagate", mask=None, out=None,
):
    """Gradient of `kmax_pool` with respect to its input.

    Parameters
    ----------
    grad_output : array_like
        Gradient with respect to the result of `kmax_pool`, of its shape and
        dtype.
    x : array_like, or tuple of int
        The floating-point array that was pooled, or its shape if `indices` is
        given.
    k, axis, nan_policy, mask
        As in the call of `kmax_pool`.
    return_indices, index_dtype
        Ignored; they are here so that one dict of arguments serves both
        functions.
    indices : array_like of int, optional
        What `kmax_pool` returned with ``return_indices=True``; without it, `x`
        is searched again.
    out : ndarray, optional
        Array for the gradient: of exactly its shape and dtype, writeable, and
        apart from the other arrays in memory. It is returned.

    Returns
    -------
    ndarray
        Gradient of the shape and dtype of `x` (the dtype of `grad_output` if
        `x` is a shape).

    Raises
    ------
    TypeError
        If the gradient or `x` is not floating, their dtypes differ, or an
        argument is of the wrong kind.
    ValueError
        If `grad_output` or `indices` has the wrong shape, an index lies outside
        its line, or an argument has a value that is not accepted.

    See Also
    --------
    kmax_pool, kmax_pool_jvp

    Notes
    -----
    The gradient of every element that was taken goes to where it was found;
    what was put in the place of missing elements passes none on.

    Examples
    --------
    >>> import cpool
    >>> cpool.kmax_pool_backward([1.0, 2.0], [3.0, 9.0, 1.0, 7.0], 2)
    array([0., 1., 0., 2.])
    """
    grad_output = _arguments.as_array(grad_output, "grad_output", _arguments.FLOATS)
    shape = _arguments.as_shape(x)
    if shape is None:
        x = _arguments.as_array(x, "x", _arguments.FLOATS)
        shape, dtype = x.shape, x.dtype.newbyteorder("=")
    else:
        if indices is None:
            _arguments.refuse_shape("k-max", shape)
        x, dtype = None, grad_output.dtype.newbyteorder("=")
    call = _Lines(shape, k, axis)
    _arguments.check_gradient(grad_output, call.shape, dtype)
    inputs = [a for a in (grad_output, x) if a is not None]
    if indices is None:
        _, indices = kmax_pool(x, k, True, axis=axis, nan_policy=nan_policy, mask=mask)
    else:
        indices = _arguments.as_indices(indices, "indices", call.shape)
        _arguments.parse_nan_policy(nan_policy)
        if mask is not None:
            _arguments.as_mask(mask, shape)
        inputs.append(indices)
    inputs += _execute._beside(out, mask)
    (grad_x,), (returned,) = _execute._results(out, shape, [dtype], inputs)
    if grad_output.size == 0 or grad_x.size == 0:
        grad_x[...] = 0
    else:
        frame = _execute._Frame([grad_output, indices], [grad_x], call.spatial, first=grad_x)
        g5, idx5, gx5 = frame.arrays
        plan = call.scatter(frame)
        _dispatch.unpool(g5, idx5, gx5, "sum", plan, threads_for(2 * grad_x.nbytes))
        frame.finish(None, None, 0)
    return returned


def kmax_pool_jvp(
    tangent, x, k, return_indices=False, *, axis=-1, index_dtype=None, nan_policy="propagate", mask=None,
    out=None,
):
    """Derivative of `kmax_pool` along a tangent.

    Parameters
    ----------
    tangent : array_like
        Direction in which `x` changes, of its shape and dtype.
    x : array_like
        The floating-point array that is pooled.
    k, axis, nan_policy, mask
        As in the call of `kmax_pool`.
    return_indices, index_dtype
        Ignored; they are here so that one dict of arguments serves both
        functions.
    out : ndarray, optional
        Array for the result: of exactly its shape and dtype, writeable, and
        apart from the other arrays in memory. It is returned.

    Returns
    -------
    ndarray
        First-order change of `kmax_pool`, of the shape and dtype of its result.

    Raises
    ------
    TypeError
        If an array is not floating, `tangent` has another dtype than `x`, or an
        argument is of the wrong kind.
    ValueError
        If `tangent` has the wrong shape, or an argument has a value that is not
        accepted.

    See Also
    --------
    kmax_pool, kmax_pool_backward

    Notes
    -----
    The tangent at the elements that are taken; 0 for missing ones.

    Examples
    --------
    >>> import cpool
    >>> cpool.kmax_pool_jvp([10.0, 20.0, 30.0, 40.0], [3.0, 9.0, 1.0, 7.0], 2)
    array([20., 40.])
    """
    x = _arguments.as_array(x, "x", _arguments.FLOATS)
    dtype = x.dtype.newbyteorder("=")
    tangent = _arguments.as_tangent(tangent, "tangent", x.shape, dtype)
    call = _Lines(x.shape, k, axis)
    _, indices = kmax_pool(x, k, True, axis=axis, nan_policy=nan_policy, mask=mask)
    inputs = [tangent, x, *_execute._beside(out, mask)]
    (result,), (returned,) = _execute._results(out, call.shape, [dtype], inputs)
    if tangent.size == 0:
        result[...] = 0
    else:
        frame = _execute._Frame([tangent, indices], [result], call.spatial)
        t5, idx5, out5 = frame.arrays
        _dispatch.unpool_backward(t5, idx5, out5, call.scatter(frame), threads_for(result.nbytes))
        frame.finish(None, None, 0)
    return returned


def dynamic_k(k_top, layer, layers, length):
    """How many elements dynamic k-max pooling takes in one layer of a network.

    Parameters
    ----------
    k_top : int
        k of the topmost of the pooling layers.
    layer : int
        Which convolutional layer the pooling comes after, from 1, the lowest,
        to `layers`.
    layers : int
        Number of convolutional layers.
    length : int
        Length of the sentence.

    Returns
    -------
    int
        ``max(k_top, ceil((layers - layer) / layers * length))``.

    See Also
    --------
    kmax_pool

    Notes
    -----
    The rule of the Dynamic Convolutional Neural Network [1]_: k falls with the
    layers and grows with the sentence, and the topmost layer has the same for
    all of them.

    References
    ----------
    .. [1] N. Kalchbrenner, E. Grefenstette and P. Blunsom, "A convolutional
       neural network for modelling sentences", ACL 2014.

    Examples
    --------
    >>> import cpool
    >>> [cpool.dynamic_k(3, layer, 3, length=18) for layer in (1, 2, 3)]
    [12, 6, 3]
    """
    k_top = _arguments.int_value(k_top, "k_top", 1)
    layers = _arguments.int_value(layers, "layers", 1)
    layer = _arguments.int_value(layer, "layer", 1, layers + 1)
    length = _arguments.int_value(length, "length", 0)
    return max(k_top, -(-(layers - layer) * length // layers))


def _part(x, nan_policy, mask):
    """The policy, and the mask in the shape of x."""
    policy = _arguments.parse_nan_policy(nan_policy)
    if mask is not None:
        mask = np.broadcast_to(_arguments.as_mask(mask, x.shape), x.shape)
    if policy == "raise":
        _arguments.refuse_nan(x, mask)
    return policy, mask


class _Lines:
    """The lines of an array: the axis, their length, and the shape of what is taken from them."""

    def __init__(self, shape, k, axis):
        k = _arguments.int_value(k, "k", 1)
        self.spatial = _arguments.check_axis(axis, len(shape), 1)
        (at,) = self.spatial
        self.length, self.given, self.k = shape[at], shape, k
        self.shape = (*shape[:at], k, *shape[at + 1:])

    def scatter(self, frame):
        """The plan of putting k elements of every line back where they came from."""
        return _geometry.UnpoolPlan(
            1, self.shape, False, frame.outer, (1, 1, self.k), (1, 1, self.length), frame.inner, self.given,
        )
