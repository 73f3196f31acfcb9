"""Order statistics and spreads of windows: median, rank and quantile, mode, range, variance, deviation."""

from . import _arguments
from ._factory import publish
from ._operator import Example, operator
from ._panels import Task

_LABELS = tuple(name for name, row in _arguments.DTYPES.items() if row.kind != "float")
_ANY = "Any bool, integer or floating-point dtype, float16 and bfloat16 included."
_PROPAGATES = 'With "propagate" a window that holds a NaN gives NaN.'


@operator(
    prepared=True,
    flag="return_indices",
    words={
        "dtypes": _ANY,
        "nan": _PROPAGATES,
        "found": "value, or the lower of the two that it is the mean of",
        "default dtype": "that of `x`",
        "result dtype": "`dtype`, by default the dtype of `x`",
    },
    example=Example("array([2.5])", "array([0., 5., 0., 5.])", "array([2.5])"),
)
def median_pool(problem):
    """Take the median {over}.

    Notes
    -----
    Half the elements of a window are no larger than its median, half no
    smaller: a single outlier, and any number up to half of them, does not move
    it beyond the others [1]_. Of an even number of elements it is the mean of
    the two in the middle, rounded to nearest, ties to even, if the result is an
    integer.

    A window without any element that takes part gives NaN, or 0 in integers,
    and index -1.

    Gradient
    --------
    The gradient of a window goes to the first element that holds its median, or
    in halves to the first that hold the two values in the middle; where the
    median is NaN, to the first NaN.

    References
    ----------
    .. [1] T. S. Huang, G. J. Yang and G. Y. Tang, "A fast two-dimensional
       median filtering algorithm", IEEE Transactions on Acoustics, Speech, and
       Signal Processing 27, 1979.

    Examples
    --------
    >>> import cpool
    >>> cpool.median_pool1d([1, 2, 250, 3, 2, 4], 3)
    array([2, 3])

    >>> import numpy as np
    >>> import cpool
    >>> photo = np.array([[10, 11, 12, 13], [11, 255, 13, 0], [12, 13, 14, 15],
    ...     [13, 14, 15, 16]], np.uint8)
    >>> cpool.median_pool2d(photo, 3, 1)
    array([[12, 13],
           [13, 14]], dtype=uint8)
    """
    return Task("median")


@operator(
    prepared=True,
    flag="return_indices",
    words={
        "dtypes": _ANY,
        "nan": 'With "propagate" a window with a NaN gives NaN for `q`; for `rank` NaN is the largest value.',
        "found": "value, or the lower of the two that it lies between",
        "default dtype": "that of `x`",
        "result dtype": "`dtype`, by default the dtype of `x`",
    },
    example=Example("array([1.75])", "array([2.5, 7.5, 0. , 0. ])", "array([1.75])", options=", q=0.25"),
)
def rank_pool(problem, *, rank=None, q=None, method="linear"):
    """Take the element of a given rank, or a quantile, {over}.

    Parameters
    ----------
    rank : int, optional
        Which element in ascending order: 0 is the smallest, 1 the next, -1 the
        largest. A window with too few elements gives its last, or its first.
    q : float, optional
        The quantile in place of `rank`, from 0, the minimum, to 1, the maximum;
        percentiles divided by 100.
    method : str, default "linear"
        What becomes of a quantile between two elements, as in
        ``numpy.quantile``: "linear" interpolates, "lower", "higher" and
        "nearest" take one of them, the even one of equally near ones,
        "midpoint" their mean.

    Notes
    -----
    Quantile q of n elements in ascending order is at place ``q * (n - 1)``,
    counted from 0: method 7 of Hyndman and Fan [1]_, the default of NumPy,
    whose other methods that interpolate differently are not supported. Integers
    are rounded to nearest, ties to even.

    A window without any element that takes part gives NaN, or 0 in integers,
    and index -1.

    Gradient
    --------
    The gradient of a window goes to the first element that holds its value, or
    in the shares of the interpolation to the first that hold the two values;
    where the value is NaN, to the first NaN.

    References
    ----------
    .. [1] R. J. Hyndman and Y. Fan, "Sample quantiles in statistical packages",
       The American Statistician 50, 1996.

    Examples
    --------
    >>> import cpool
    >>> cpool.rank_pool1d([7, 1, 5, 3, 9, 4], 3, rank=1)
    array([5, 4])
    >>> cpool.rank_pool1d([7.0, 1.0, 5.0, 3.0, 9.0, 4.0], 3, q=0.75)
    array([6. , 6.5])

    >>> import numpy as np
    >>> import cpool
    >>> x = np.arange(16).reshape(4, 4)
    >>> cpool.rank_pool2d(x, 2, q=0.9, method="lower")
    array([[ 4,  6],
           [12, 14]])
    """
    rank, q, method = _arguments.parse_rank(rank, q, method)
    return Task("rank", (rank,)) if q is None else Task("quantile", (q, method))


@operator(
    prepared=True,
    accepts=_LABELS,
    casts=False,
    flag="return_counts",
    words={
        "dtypes": "Labels: any integer dtype or bool.",
        "nan": "Taken as by other operators, though no label is NaN.",
        "result dtype": "the dtype of `x`",
    },
    example=Example("array([2])", x=("1", "2", "2", "3")),
)
def mode_pool(problem, *, ignore_label=None):
    """Take the most frequent label {over}.

    Parameters
    ----------
    ignore_label : int or bool, optional
        A label that takes no part, whatever its number; one that the dtype of
        `x` can hold.

    Notes
    -----
    Of several labels that occur equally often the smallest is taken, as
    ``scipy.stats.mode`` does. A window without any element that takes part
    gives `ignore_label`, or 0 without one, and count 0. Labels are compared,
    never averaged: what comes out is a label of the window, which makes this
    the way to make a segmentation smaller. Any factor and stride will do.

    References
    ----------
    .. [1] W. Silversmith, "Countless: high performance 2x downsampling of
       labeled images using Python and NumPy", 2018.

    Examples
    --------
    >>> import cpool
    >>> cpool.mode_pool1d([3, 3, 7, 7, 7, 0, 0, 0, 0], 3)
    array([3, 7, 0])
    >>> cpool.mode_pool1d([3, 3, 7, 7, 7, 0, 0, 0, 0], 3, ignore_label=0,
    ...     return_counts=True)
    (array([3, 7, 0]), array([2, 2, 0]))

    >>> import numpy as np
    >>> import cpool
    >>> labels = np.array([[5, 5, 9, 9], [5, 9, 9, 9], [5, 2, 0, 0],
    ...     [2, 2, 0, 9]], np.uint64)
    >>> cpool.mode_pool2d(labels, 2)
    array([[5, 9],
           [2, 0]], dtype=uint64)
    """
    return Task("mode", (_arguments.parse_label(ignore_label, problem.dtype),))


@operator(
    prepared=True,
    integers="unsigned",
    casts=False,
    words={
        "dtypes": _ANY,
        "nan": _PROPAGATES,
        "result dtype": "the dtype of `x`; of signed integers the unsigned one of the same size, which\n"
                        "    holds every difference",
    },
    example=Example("array([3.])", "array([-10.,   0.,  10.,   0.])", "array([3.])"),
)
def range_pool(problem):
    """Take the range, the maximum less the minimum, {over}.

    Notes
    -----
    With a stride of 1 this is the morphological gradient by a flat structuring
    element [1]_: large at edges, 0 where nothing changes.

    A window without any element that takes part gives NaN, or 0 in integers.

    Gradient
    --------
    The gradient of a window goes to its first maximum, and with the opposite
    sign to its first minimum. Where the range is NaN, or 0 as all elements are
    equal, both are the first of them, which gets nothing.

    References
    ----------
    .. [1] J.-F. Rivest, P. Soille and S. Beucher, "Morphological gradients",
       Journal of Electronic Imaging 2, 1993.

    Examples
    --------
    >>> import cpool
    >>> cpool.range_pool1d([1, 1, 2, 9, 4, 4], 2)
    array([0, 7, 0], dtype=uint64)

    >>> import numpy as np
    >>> import cpool
    >>> x = np.array([[-128, 0, 1, 1], [0, 127, 1, 1]], np.int8)
    >>> cpool.range_pool2d(x, 2)
    array([[255,   0]], dtype=uint8)
    """
    return Task("range")


_SPREAD = {
    "dtypes": _ANY,
    "nan": _PROPAGATES,
    "default dtype": "that of `x`, float64 for integers and bool",
    "result dtype": "`dtype`, by default the dtype of `x`, or float64 for integers and bool",
}


@operator(
    integers="float64",
    words=_SPREAD,
    example=Example("array([1.25])", "array([-7.5, -2.5,  7.5,  2.5])", "array([2.5])"),
)
def var_pool(problem, *, correction=0):
    """Take the variance {over}.

    Parameters
    ----------
    correction : float, default 0
        What the divisor is less than the number of elements: 0 for the variance
        of just these, 1 for an unbiased estimate, as in ``numpy.var``.

    Notes
    -----
    The mean of a window is found first, and then the mean of the squared
    distances from it, which loses nothing to cancellation however far from 0
    the elements lie [1]_. Elements that are all equal, and finite, have
    variance 0, whatever the divisor. A window without any element that takes
    part gives NaN, and so does one in which they differ but the divisor is not
    positive.

    Gradient
    --------
    The derivative with respect to an element is twice its distance from the
    mean over the divisor; 0 for a window whose elements are all equal.

    References
    ----------
    .. [1] T. F. Chan, G. H. Golub and R. J. LeVeque, "Algorithms for computing
       the sample variance: analysis and recommendations", The American
       Statistician 37, 1983.

    Examples
    --------
    >>> import cpool
    >>> cpool.var_pool1d([1.0, 3.0, 5.0, 5.0], 2)
    array([1., 0.])
    >>> cpool.var_pool1d([1, 3, 5, 5], 2, correction=1)
    array([2., 0.])
    """
    return Task("var", (_arguments.parse_correction(correction),))


@operator(
    integers="float64",
    words=_SPREAD,
    example=Example(
        "array([1.11803399])", "array([-3.35410197, -1.11803399,  3.35410197,  1.11803399])",
        "array([1.11803399])",
    ),
)
def std_pool(problem, *, correction=0):
    """Take the standard deviation {over}.

    Parameters
    ----------
    correction : float, default 0
        What the divisor is less than the number of elements, as in
        ``numpy.std``.

    Notes
    -----
    The square root of the variance: over time, together with the average, this
    is statistics pooling [1]_. Elements that are all equal, and finite, have
    deviation 0, whatever the divisor. A window without any element that takes
    part gives NaN, and so does one in which they differ but the divisor is not
    positive.

    Gradient
    --------
    The derivative with respect to an element is its distance from the mean over
    the divisor and the deviation; 0 for a window whose elements are all equal,
    where the deviation has no derivative.

    References
    ----------
    .. [1] D. Snyder, D. Garcia-Romero, G. Sell, D. Povey and S. Khudanpur,
       "X-vectors: robust DNN embeddings for speaker recognition", ICASSP 2018.

    Examples
    --------
    >>> import cpool
    >>> cpool.std_pool1d([1.0, 3.0, 5.0, 5.0], 2)
    array([1., 0.])
    """
    return Task("std", (_arguments.parse_correction(correction),))


OPERATORS = (median_pool, rank_pool, mode_pool, range_pool, var_pool, std_pool)
__all__ = publish(globals(), *OPERATORS)
