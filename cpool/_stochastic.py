"""Stochastic pooling: an element drawn by its size, or what that gives on average."""

from . import _arguments
from ._factory import publish
from ._operator import Example, operator
from ._panels import Task


@operator(
    flag="return_indices",
    integers="refuse",
    draws=True,
    second_like="output",
    words={
        "dtypes": "Any floating-point dtype, float16 and bfloat16 included; bool and integers with `dtype`.",
        "nan": 'With "propagate" a window that holds a NaN gives NaN.',
        "default dtype": "that of `x`; needed for bool and integers",
        "result dtype": "`dtype`, by default the dtype of `x`",
        "indices": "indices : ndarray of int of the same shape\n"
                   "    Only with ``return_indices=True``: {position_of} of the element that was drawn;\n"
                   "    -1 where none is above 0.",
    },
    example=Example(
        "array([4.])", "array([ 0.,  0., 10.,  0.])", "array([4.])",
        options=", rng=np.random.default_rng(0)",
    ),
)
def stochastic_pool(problem, *, training=True, rng=None, random_samples=None, indices=None):
    """Draw an element, with a probability in proportion to its value, {over}.

    Parameters
    ----------
    training : bool, default True
        Draw. Otherwise take the average of what would be drawn, which needs no
        randomness; the three arguments that follow are ignored then.
    rng : numpy.random.Generator, optional
        Where samples come from. By default it is a new one, which the operating
        system seeds.
    random_samples : array_like, optional
        One number from 0 to 1 for each window, in place of `rng`; its shape
        broadcasts to that of the result.
    indices : array_like of int, optional
        The positions of elements to take, as `return_indices` gives them, in
        place of drawing.

    Notes
    -----
    The probability of an element is its value over the sum of all that are
    above 0 [1]_; elements of 0 and below have none. With a sample u the first
    element is taken, in row-major order, up to which the sum exceeds ``u``
    times the whole. With `training` False the result is
    ``sum(x ** 2) / sum(x)`` over the elements above 0.

    A window in which no element is above 0 gives 0; so does one without any
    element that takes part. inf is drawn before all that is finite, NaN before
    all else, the first of several.

    The same samples or the same indices give the same result, and so does a
    generator in the same state: one sample is drawn for each window, in the
    order of the result.

    Gradient
    --------
    The gradient of a window goes to the element that was drawn; which one that
    is, `indices`, `random_samples` or `rng` in the state of the forward call
    must say. With `training` False the derivative with respect to an element v
    above 0 is ``(2 * v - y) / s`` in a window of result y and sum s.

    References
    ----------
    .. [1] M. D. Zeiler and R. Fergus, "Stochastic pooling for regularization of
       deep convolutional neural networks", ICLR 2013.

    Examples
    --------
    >>> import numpy as np
    >>> import cpool
    >>> x = np.array([0.0, 1.0, 3.0, 0.0])
    >>> cpool.stochastic_pool1d(x, 4, random_samples=[0.2])
    array([1.])
    >>> cpool.stochastic_pool1d(x, 4, random_samples=[0.3], return_indices=True)
    (array([3.]), array([2]))
    >>> cpool.stochastic_pool1d(x, 4, training=False)
    array([2.5])
    """
    if not _arguments.flag(training, "training"):
        return Task("expected")
    if indices is not None:
        return Task("taken", (), _arguments.as_indices(indices, "indices", problem.out_shape))
    if random_samples is not None:
        return Task("stochastic", (), _arguments.as_samples(random_samples, problem.out_shape))
    if rng is None and not problem.forward:
        raise _arguments.nothing_drawn()
    return Task("stochastic", (), _arguments.draw(_arguments.parse_rng(rng), problem.out_shape))


OPERATORS = (stochastic_pool,)
__all__ = publish(globals(), *OPERATORS)
