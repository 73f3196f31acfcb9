"""Smooth and learnable operators: log-mean-exp, softmax weights, power means, mixtures, gates and trees."""

import numpy as np

from . import _arguments
from ._factory import publish
from ._operator import Example, operator
from ._panels import Task

_REALS = {
    "dtypes": "Any floating-point dtype, float16 and bfloat16 included; bool and integers with `dtype`.",
    "nan": 'With "propagate" a window that holds a NaN gives NaN.',
    "default dtype": "that of `x`; needed for bool and integers",
    "result dtype": "`dtype`, by default the dtype of `x`",
}


def _per_channel(problem, value, name, accepts):
    """A parameter of which all channels, or each of them, have one."""
    return _arguments.as_numbers(value, name, ((), (problem.channels,)), accepts)


def _by_place(problem, value, name, rows=()):
    """Weights for every place of the window, for all channels or for each: (channels, rows, taps)."""
    shape = (*rows, *problem.kernel)
    value = _arguments.as_numbers(value, name, (shape, (problem.channels, *shape)), "finite")
    return value.reshape(*value.shape[: value.ndim - len(shape)], rows[0] if rows else 1, -1)


# ---- softmax weights ----


@operator(
    learned={"r": 0},
    integers="refuse",
    words=_REALS,
    example=Example(
        "array([3.05389534])",
        "array([0.32058603, 0.87144319, 6.4391426 , 2.36882818])",
        "array([3.49265273])",
    ),
)
def lse_pool(problem, *, r=1.0):
    """Take the log-mean-exp, a smooth maximum, {over}.

    Parameters
    ----------
    r : float or array_like of shape (C,), default 1.0
        How sharp the maximum is, for all channels or for each: any number but
        NaN. Towards inf the result goes to the maximum, which inf itself gives,
        towards -inf to the minimum; 0 gives the average.

    Notes
    -----
    The result is ``log(mean(exp(r * x))) / r`` over the elements that take part
    [1]_. Exponents are taken of differences from the largest of ``r * x``, so
    that nothing overflows: 1e30 and -1e30 are numbers like others. An infinite
    element that the maximum (for r < 0 the minimum) would take is the result;
    infinities of the other sign have no weight. With r = 0 they have none
    either.

    With `axis=`, the channels are the last of the other axes. A window without
    any element that takes part gives -inf.

    Gradient
    --------
    The derivative with respect to an element is its share of the sum of
    ``exp(r * x)``, that with respect to `r` is never negative: the mean of
    ``w * log(w) - w + 1``, with w the number of elements times these shares,
    over ``r ** 2``; half the variance for r = 0.

    References
    ----------
    .. [1] P. O. Pinheiro and R. Collobert, "From image-level to pixel-level
       labeling with convolutional networks", CVPR 2015.

    Examples
    --------
    >>> import numpy as np
    >>> import cpool
    >>> x = np.array([1.0, 2.0, 1e30, -1e30])
    >>> cpool.lse_pool1d(x, 2)
    array([1.62011451e+00, 1.00000000e+30])
    >>> cpool.lse_pool1d(x[:2], 2, r=np.inf)
    array([2.])
    """
    return Task("lse", (_per_channel(problem, r, "r", "any"),))


@operator(
    integers="refuse",
    words=_REALS,
    example=Example(
        "array([3.49265273])",
        "array([-0.47852362, -0.42931887,  9.70602399,  1.2018185 ])",
        "array([4.10923901])",
    ),
)
def soft_pool(problem):
    """Take the sum of all elements, each weighted by its softmax, {over}.

    Notes
    -----
    SoftPool [1]_: the result is ``sum(exp(x) * x) / sum(exp(x))`` over the
    elements that take part, which is between their average and their maximum.
    `softmax_pool` has the same with a temperature to set or learn. Exponents
    are taken of differences from the largest element, so that nothing
    overflows.

    An infinite element is the result if it is the largest, else it has no
    weight. A window without any element that takes part gives NaN.

    Gradient
    --------
    The derivative with respect to an element v of weight w in a window of
    result y is ``w * (1 + v - y)``.

    References
    ----------
    .. [1] A. Stergiou, R. Poppe and G. Kalliatakis, "Refining activation
       downsampling with SoftPool", ICCV 2021.

    Examples
    --------
    >>> import cpool
    >>> cpool.soft_pool1d([0.0, 0.0, 1.0, 3.0], 2)
    array([0.        , 2.76159416])
    """
    return Task("soft", (1.0,))


@operator(
    learned={"temperature": 0},
    integers="refuse",
    words=_REALS,
    example=Example(
        "array([3.84482466])",
        "array([-0.10054649, -0.42609966, 11.33394214, -0.80729599])",
        "array([4.19611348])",
        options=", temperature=0.5",
    ),
)
def softmax_pool(problem, *, temperature=1.0):
    """Take the sum of all elements, weighted by the softmax at a temperature,
    {over}.

    Parameters
    ----------
    temperature : float or array_like of shape (C,), default 1.0
        What elements are divided by before the softmax, for all channels or for
        each: any number but NaN. From 0, which gives the maximum (the average
        of several), to inf, which gives the average; negative temperatures lean
        towards the minimum.

    Notes
    -----
    The result is ``sum(w * x) / sum(w)`` with ``w = exp(x / temperature)`` over
    the elements that take part [1]_, whose parameter alpha is
    ``1 / temperature``. Exponents are taken of differences from the largest
    (negative temperature: smallest) element, so that nothing overflows; an
    infinite element is the result if it is that, else it has no weight.

    With `axis=`, the channels are the last of the other axes. A window without
    any element that takes part gives NaN.

    Gradient
    --------
    The derivative with respect to an element v of weight w in a window of
    result y is ``w * (1 + (v - y) / temperature)``; that with respect to the
    temperature is the variance under these weights over ``-temperature ** 2``,
    and 0 for temperatures of 0 and inf.

    References
    ----------
    .. [1] B. McFee, J. Salamon and J. P. Bello, "Adaptive pooling operators for
       weakly labeled sound event detection", IEEE/ACM Transactions on Audio,
       Speech, and Language Processing 26, 2018.

    Examples
    --------
    >>> import cpool
    >>> for t in (0.0, 1.0, 10.0):
    ...     print(cpool.softmax_pool1d([0.0, 1.0, 3.0], 3,
    ...     temperature=t).round(4))
    [3.]
    [2.6456]
    [1.492]
    """
    return Task("softmax", (_per_channel(problem, temperature, "temperature", "any") + 0.0,))


@operator(
    second="logits",
    integers="refuse",
    words=_REALS,
    example=Example(
        "array([3.49265273])",
        "array([0.32058603, 0.87144319, 6.4391426 , 2.36882818])",
        "array([3.49265273])",
        lead="x, ",
    ),
)
def lip_pool(problem, logits):
    """Take the sum of all elements, weighted by the softmax of logits, {over}.

    Parameters
    ----------
    logits : array_like
        How much each element counts: floating-point, and of a shape that
        broadcasts to `x`, so that one map of importance may serve all channels.

    Notes
    -----
    Local importance pooling [1]_: the result is
    ``sum(exp(logits) * x) / sum(exp(logits))`` over the elements that take
    part; there `logits` come from a small network on `x`. Over all spatial axes
    it is attention pooling. Exponents are taken of differences from the
    window's largest logit, so that nothing overflows.

    Elements with equal logits count equally, infinite ones included; -inf next
    to other logits is no weight at all. A NaN among the logits of elements that
    take part gives NaN, whatever `nan_policy` says of `x`. A window without any
    element that takes part gives NaN.

    Gradient
    --------
    The derivative with respect to an element is its weight w, that with respect
    to its logit is ``w * (v - y)`` for an element v in a window of result y.

    References
    ----------
    .. [1] Z. Gao, L. Wang and G. Wu, "LIP: Local importance-based pooling",
       ICCV 2019.

    Examples
    --------
    >>> import cpool
    >>> cpool.lip_pool1d([1.0, 2.0, 3.0, 4.0], [0.0, 0.0, 9.0, -9.0], 2)
    array([1.5       , 3.00000002])
    """
    logits = _arguments.as_array(logits, "logits", _arguments.FLOATS)
    return Task("lip", (), _arguments.check_broadcast(logits, problem.shape, "logits"))


# ---- power means ----


@operator(
    learned={"p": 0},
    integers="refuse",
    words=_REALS,
    example=Example(
        "array([2.92401774])",
        "array([0.29240177, 1.1696071 , 4.67842838, 2.63161596])",
        "array([2.92401774])",
    ),
)
def gem_pool(problem, *, p=3.0, eps=1e-6):
    """Take the generalised mean {over}.

    Parameters
    ----------
    p : float or array_like of shape (C,), default 3.0
        The exponent, for all channels or for each: any number but NaN. 1 gives
        the average, inf the maximum, -inf the minimum, 0 the geometric mean.
    eps : float, default 1e-6
        What smaller elements are raised to first; finite and not negative.

    Notes
    -----
    GeM pooling [1]_: the result is ``mean(max(x, eps) ** p) ** (1 / p)`` over
    the elements that take part. It neither overflows nor underflows where the
    result does not, and is accurate for exponents next to 0.

    With `axis=`, the channels are the last of the other axes. A window without
    any element that takes part gives NaN.

    Gradient
    --------
    The derivative with respect to an element v of a window of result y is
    ``(v / y) ** (p - 1)`` over the number of elements, and 0 for elements below
    `eps`. That with respect to `p` is never negative.

    References
    ----------
    .. [1] F. Radenovic, G. Tolias and O. Chum, "Fine-tuning CNN image retrieval
       with no human annotation", IEEE Transactions on Pattern Analysis and
       Machine Intelligence 41, 2019.

    Examples
    --------
    >>> import cpool
    >>> cpool.gem_pool1d([1.0, 8.0, -5.0, 2.0], 2)
    array([6.35373538, 1.58740105])
    >>> cpool.gem_pool1d([1.0, 4.0], 2, p=0)
    array([2.])
    """
    p = _per_channel(problem, p, "p", "any")
    return Task("gem", (p, _arguments.as_numbers(eps, "eps", ((),), "not negative")))


@operator(
    learned={"p": 0, "c": 1},
    integers="refuse",
    words=_REALS,
    example=Example(
        "array([2.73861279])",
        "array([0.91287093, 1.82574186, 3.65148372, 2.73861279])",
        "array([2.73861279])",
    ),
)
def learned_norm_pool(problem, *, p=2.0, c=0.0):
    """Take the mean Lp distance from a centre, both of them learnable, {over}.

    Parameters
    ----------
    p : float or array_like of shape (C,), default 2.0
        The exponent, for all channels or for each: above 0, or inf.
    c : float or array_like of shape (C,), default 0.0
        The centre, for all channels or for each.

    Notes
    -----
    The result is ``mean(abs(x - c) ** p) ** (1 / p)`` over the elements that
    take part; for p = inf the largest distance [1]_. There p is kept above 1 as
    ``1 + log(1 + exp(rho))``, with rho to be learned. It neither overflows nor
    underflows where the result does not.

    With `axis=`, the channels are the last of the other axes. A window without
    any element that takes part gives NaN.

    Gradient
    --------
    The derivative with respect to an element v of a window of result y is
    ``sign(v - c) * (abs(v - c) / y) ** (p - 1)`` over the number of elements, 0
    for v = c and where y is 0; that with respect to `c` is less the sum of
    these.

    References
    ----------
    .. [1] C. Gulcehre, K. Cho, R. Pascanu and Y. Bengio, "Learned-norm pooling
       for deep feedforward and recurrent neural networks", ECML PKDD 2014.

    Examples
    --------
    >>> import cpool
    >>> cpool.learned_norm_pool1d([3.0, -4.0, 0.0, 0.0], 4)
    array([2.5])
    >>> cpool.learned_norm_pool1d([3.0, -4.0, 0.0, 0.0], 4, p=float("inf"),
    ...     c=1.0)
    array([5.])
    """
    p = _per_channel(problem, p, "p", "positive")
    return Task("norm", (p, _per_channel(problem, c, "c", "finite")))


# ---- mixtures of maximum and average ----


@operator(
    learned={"alpha": 0},
    integers="refuse",
    words=_REALS,
    example=Example("array([3.25])", "array([1.25, 1.25, 6.25, 1.25])", "array([3.25])"),
)
def mixed_pool(problem, *, alpha=0.5):
    """Mix the maximum and the average {over}.

    Parameters
    ----------
    alpha : float or array_like of shape (C,), default 0.5
        The share of the maximum, for all channels or for each: any finite
        number. 1 gives the maximum, 0 the average.

    Notes
    -----
    The result is ``alpha * max(x) + (1 - alpha) * mean(x)`` over the elements
    that take part [1]_. With `axis=`, the channels are the last of the other
    axes. A window without any element that takes part gives NaN.

    Gradient
    --------
    The share ``1 - alpha`` is spread over the elements, `alpha` goes to the
    first maximum; the derivative with respect to `alpha` is the maximum less
    the average.

    References
    ----------
    .. [1] C.-Y. Lee, P. W. Gallagher and Z. Tu, "Generalizing pooling functions
       in convolutional neural networks: mixed, gated, and tree", AISTATS 2016.

    Examples
    --------
    >>> import cpool
    >>> cpool.mixed_pool1d([1.0, 3.0, 2.0, 6.0], 2, alpha=0.25)
    array([2.25, 4.5 ])
    >>> cpool.mixed_pool2d([[[1.0, 3.0]], [[2.0, 6.0]]], (1, 2),
    ...     alpha=[0.0, 1.0])
    array([[[2.]],
    <BLANKLINE>
           [[6.]]])
    """
    return Task("mixed", (_per_channel(problem, alpha, "alpha", "finite"),))


@operator(
    learned={"gate": 1, "bias": 0},
    integers="refuse",
    words=_REALS,
    example=Example(
        "array([3.25])",
        "array([1.25, 1.25, 6.25, 1.25])",
        "array([3.25])",
        lead="np.zeros(np.shape(x)), ",
    ),
)
def gated_pool(problem, gate, *, bias=0.0):
    """Mix the maximum and the average, in a proportion that depends on the window,
    {over}.

    Parameters
    ----------
    gate : array_like of shape `kernel_size`, or C of these
        Weights for the places of the window, for all channels or for each;
        finite.
    bias : float or array_like of shape (C,), default 0.0
        Added to the weighted sum, for all channels or for each; finite.

    Notes
    -----
    The result is ``alpha * max(x) + (1 - alpha) * mean(x)`` with the share
    ``alpha = sigmoid(sum(gate * x) + bias)`` [1]_, over the elements that take
    part: the gate sees 0 in place of the others. With `axis=`, the channels are
    the last of the other axes. A window without any element that takes part
    gives NaN.

    Gradient
    --------
    That of the mixture for a fixed alpha, and with
    ``c = alpha * (1 - alpha) * (max(x) - mean(x))`` in addition ``c * gate``
    for the elements, ``c * x`` for `gate` and c for `bias`.

    References
    ----------
    .. [1] C.-Y. Lee, P. W. Gallagher and Z. Tu, "Generalizing pooling functions
       in convolutional neural networks: mixed, gated, and tree", AISTATS 2016.

    Examples
    --------
    >>> import cpool
    >>> cpool.gated_pool1d([1.0, 3.0, -2.0, -6.0], [5.0, 5.0], 2).round(6)
    array([ 3., -4.])
    """
    bias = _per_channel(problem, bias, "bias", "finite")
    return Task("gated", (bias, _by_place(problem, gate, "gate")))


@operator(
    learned={"gates": 0, "leaves": 1},
    integers="refuse",
    words=_REALS,
    example=Example(
        "array([20.])",
        "array([10., 15., 25., 20.])",
        "array([20.])",
        lead="[np.zeros(np.shape(x))], [x, np.ones(np.shape(x))], ",
    ),
)
def tree_pool(problem, gates, leaves):
    """Blend learned filters by a tree of gates {over}.

    Parameters
    ----------
    gates : array_like of shape (n, *kernel_size), or C of these
        The inner nodes of the tree, n = 1, 3, 7 or 15 weighted sums over the
        window, from the root on, level by level, for all channels or for each;
        finite. The children of node i are 2 i + 1 and 2 i + 2.
    leaves : array_like of shape (n + 1, *kernel_size), or C of these
        The pooling filters at the leaves, from left to right.

    Notes
    -----
    A leaf gives the weighted sum of its window, an inner node
    ``g * left + (1 - g) * right`` with ``g = sigmoid(sum(gate * x))``, and the
    result is that of the root [1]_. Elements that take no part count as 0. With
    `axis=`, the channels are the last of the other axes. A window without any
    element that takes part gives NaN.

    Gradient
    --------
    The chain rule along the tree: a leaf's filter gets the window times the
    product of the gates above it, a gate the window times
    ``g * (1 - g) * (left - right)`` and the product of those above.

    References
    ----------
    .. [1] C.-Y. Lee, P. W. Gallagher and Z. Tu, "Generalizing pooling functions
       in convolutional neural networks: mixed, gated, and tree", AISTATS 2016.

    Examples
    --------
    >>> import cpool
    >>> cpool.tree_pool1d([1.0, 3.0, -2.0, -6.0], [[5.0, 5.0]],
    ...     [[0.5, 0.5], [1.0, 0.0]], 2).round(6)
    array([ 2., -2.])
    """
    n = _arguments.count_gates(gates, len(problem.kernel))
    gates, leaves = _by_place(problem, gates, "gates", (n,)), _by_place(problem, leaves, "leaves", (n + 1,))
    _arguments.check_alike(gates.ndim, leaves.ndim)
    return Task("tree", (gates, leaves))


# ---- weights by deviation and by rank ----


@operator(
    learned={"alpha": 0, "lam": 1, "filter": 3},
    integers="refuse",
    words=_REALS,
    example=Example(
        "array([2.5])",
        "array([3.96295934, 1.03704066, 3.96295934, 1.03704066])",
        "array([2.5])",
        options=", eps=1.0",
    ),
)
def detail_pool(problem, *, alpha=0.0, lam=1.0, eps=1e-3, filter=None, symmetric=True):
    """Take an average in which elements count by how much they stand out {over}.

    Parameters
    ----------
    alpha : float or array_like of shape (C,), default 0.0
        The weight of every element, whatever its value, for all channels or for
        each; finite.
    lam : float or array_like of shape (C,), default 1.0
        How much details count: 0 gives the average; finite.
    eps : float, default 1e-3
        The smallest deviation; above 0.
    filter : array_like of shape `kernel_size`, or C of these, optional
        Weights of the smoothed value from which deviations are taken; by
        default it is the average.
    symmetric : bool, default True
        Whether elements below the smoothed value stand out as well as those
        above.

    Notes
    -----
    Detail-preserving pooling [1]_: the result is ``sum(w * x) / sum(w)`` with
    the weights ``w = alpha + (d ** 2 + eps ** 2) ** (lam / 2)`` over the
    elements that take part, where d is their difference from the smoothed value
    ``sum(filter * x)``, and 0 for those below it if not `symmetric`. A filter
    sees 0 in place of elements that take no part. Equal elements give their
    value.

    With `axis=`, the channels are the last of the other axes. A window without
    any element that takes part gives NaN, and so does one whose weights add up
    to 0, as a negative `alpha` allows.

    Gradient
    --------
    The plain chain rule, by way of the elements, their weights and the smoothed
    value. The gradient of a `filter` that is None is None.

    References
    ----------
    .. [1] F. Saeedan, N. Weber, M. Goesele and S. Roth, "Detail-preserving
       pooling in deep networks", CVPR 2018.

    Examples
    --------
    >>> import cpool
    >>> cpool.detail_pool1d([1.0, 1.0, 1.0, 9.0], 4).round(3)  # average: 3
    array([5.])
    >>> cpool.detail_pool1d([1.0, 1.0, 1.0, 9.0], 4, symmetric=False).round(3)
    array([8.996])
    """
    numbers = [_per_channel(problem, v, n, "finite") for v, n in ((alpha, "alpha"), (lam, "lam"))]
    eps = _arguments.as_numbers(eps, "eps", ((),), "finite and positive")
    numbers.append(np.maximum(eps, 1e-150))  # its square must not vanish
    if filter is not None:
        numbers.append(_by_place(problem, filter, "filter"))
    symmetric = _arguments.flag(symmetric, "symmetric")
    return Task("dpp" if symmetric else "dpp_above", tuple(numbers))


@operator(
    learned={"rank_weights": 0},
    integers="refuse",
    words=_REALS,
    example=Example(
        "array([3.25])",
        "array([0. , 2.5, 5. , 2.5])",
        "array([3.25])",
        lead="[0.5, 0.25, 0.25, 0.0], ",
    ),
)
def ordinal_pool(problem, rank_weights):
    """Take the sum of all elements, weighted by their rank, {over}.

    Parameters
    ----------
    rank_weights : array_like of shape (K,) or (C, K)
        The weight of the largest element, of the second largest and so on, for
        the K elements of a window, for all channels or for each; finite.

    Notes
    -----
    Ordinal pooling [1]_: the result is ``sum(rank_weights * sort(x)[::-1])``,
    the elements in descending order. With the weights (1, 0, ...) it is the
    maximum, with (1 / K, ...) the average; t times 1 / t and then zeros average
    the t largest, ``a * (1 - a) ** arange(K)`` are the weights of rank-based
    weighted pooling [2]_.

    Of equal elements the first in row-major order ranks first. A window in
    which n elements take part uses the first n weights as they are. A weight of
    0 leaves out even an infinite element. With `axis=`, the channels are the
    last of the other axes. A window without any element that takes part gives
    NaN.

    Gradient
    --------
    The derivative with respect to an element is its weight, that with respect
    to a weight is the element of that rank.

    References
    ----------
    .. [1] A. Deliege, M. Istasse, A. Kumar, C. De Vleeschouwer and M. Van
       Droogenbroeck, "Ordinal pooling", BMVC 2019.
    .. [2] Z. Shi, Y. Ye and Y. Wu, "Rank-based pooling for deep convolutional
       neural networks", Neural Networks 83, 2016.

    Examples
    --------
    >>> import cpool
    >>> cpool.ordinal_pool1d([1.0, 5.0, 3.0, -1.0, 0.0, 4.0], [0.5, 0.5, 0.0],
    ...     3)  # the two largest
    array([4., 2.])
    """
    taps = int(np.prod(problem.kernel))
    shapes = ((taps,), (problem.channels, taps))
    weights = _arguments.as_numbers(rank_weights, "rank_weights", shapes, "finite")
    return Task("ordinal", (weights.reshape(*weights.shape[:-1], 1, taps),))


OPERATORS = (
    lse_pool, soft_pool, softmax_pool, lip_pool, gem_pool, learned_norm_pool, mixed_pool, gated_pool,
    tree_pool, detail_pool, ordinal_pool,
)
__all__ = publish(globals(), *OPERATORS)
