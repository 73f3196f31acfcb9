"""Pooling of tokens, frames and ragged rows: sentence vectors, statistics over time, attention.

The last axis is the width, which stays; the axis before it holds the tokens or frames, which are pooled. All
of them are reductions of segments of rows, which `_pool_segments` carries out.
"""

from . import _pool_segments as _run
from . import _texts

_TEXT = {
    "any tokens": """x : array_like of shape (..., tokens, width)
    Any bool, integer or floating-point dtype, float16 and bfloat16 included. Any number of leading
    axes. Read in place if it is C-contiguous, else copied once; never changed.""",
    "tokens": """x : array_like of shape (..., tokens, width)
    Any floating-point dtype; integers and bool with `dtype`. Any number of leading axes. Read in place
    if it is C-contiguous, else copied once; never changed.""",
    "pooled": """x : array_like of shape (..., tokens, width)
    The floating-point array that was pooled.""",
    "mask": """mask : array_like of shape (..., tokens), optional
    True (or 1) for tokens that take part, False (or 0) for padding, which may be anywhere. What does not
    take part is not there: it has no influence on values, on counts or on positions. Broadcast to x.""",
    "lengths": """lengths : array_like of int of shape (...), optional
    In place of `mask`: how many tokens at the start of each sequence take part.""",
    "scores": """scores : array_like of shape (..., tokens) or (..., tokens, heads), optional
    How much each token counts, before the softmax over the tokens; or one score for each of `heads` equal
    parts of the width. -inf leaves a token out.""",
    "query": """query : array_like of shape (width,) or (heads, width / heads), optional
    In place of `scores`: the score of a token is its product with this vector, times `scale`.
scale : number, default 1
    Factor of the scores that come from a query; often ``(width / heads) ** -0.5``.""",
    "return_weights": """return_weights : bool, default False
    Return the weights of the tokens, too.""",
    "index_dtype": """index_dtype : {int64, int32}, optional
    dtype of the indices, int64 by default.""",
    "dtype": """dtype : dtype, optional
    float32 or float64, to have the result in it rather than in the dtype of `x`.""",
    "empty": """empty : number, optional
    The result of a sequence without tokens; NaN by default. It passes no gradient.""",
    "empty or refused": """empty : number, optional
    The result of a sequence without tokens. By default NaN; for integers and bool there is no default,
    and such a sequence is a ValueError. It passes no gradient.""",
    "out": """out : ndarray, optional
    Array for the result: of exactly its shape and dtype, writeable, and apart from the inputs in
    memory. It is returned.""",
    "outs": """out : ndarray, or (values, indices) pair, optional
    Array for the result, or with `return_indices` two: of exactly its shape and dtype, writeable, and
    apart from the inputs in memory. Returned in place of new ones.""",
    "grad_x": """out : ndarray, optional
    Array for the gradient of `x`: of exactly its shape and dtype, writeable, and apart from the other
    arrays in memory. It is returned.""",
    "no indices": """return_indices, index_dtype
    Ignored; they are here so that one dict of arguments serves both functions.""",
    "no weights": """return_weights : bool
    Ignored; it is here so that one dict of arguments serves both functions.""",
    "tangent": """tangent : array_like
    Change of `x`, of its shape and dtype.""",
    "weights_tangent": """weights_tangent : array_like, optional
    Change of `weights`, of their shape; none by default.""",
    "scores_tangent": """scores_tangent, query_tangent : array_like, optional
    Change of `scores` or `query`, of its shape; none by default.""",
    "gradient": """Returns
-------
ndarray
    Gradient of the shape and dtype of `x` (the dtype of `grad_output` if `x` is a shape).""",
    "and of weights": """grad_weights : ndarray
    Only with `weights`, then both come as a tuple: float64, of the shape of `weights`.""",
    "and of scores": """Returns
-------
grad_x : ndarray
    Of the shape and dtype of `x`.
grad_scores, or grad_query : ndarray
    Of the shape and dtype of `scores` or `query` (float64 if these are integers).""",
    "softmax": """weights : ndarray of shape (..., tokens) or (..., tokens, heads)
    Only with ``return_weights=True``: the softmax of the scores, 0 for tokens that take no part.""",
    "attention raises": """Raises
------
TypeError
    If an argument is of the wrong kind, or a dtype is not accepted.
ValueError
    If an argument has a value that is not accepted: a mask of another shape or with other numbers than 0
    and 1, lengths beyond the tokens, scores and a query both
    or neither.
MemoryError
    If the result cannot fit the memory of this machine.""",
    "raises": """Raises
------
TypeError
    If `x` or the gradient is not floating, or an argument is of the wrong kind.
ValueError
    If an array has the wrong shape, or an argument a value that is not accepted.""",
    "wrong kind": """Raises
------
TypeError
    If an argument is of the wrong kind, or a dtype is not accepted.""",
    "no memory": """MemoryError
    If the result cannot fit the memory of this machine.""",
}
_documented = _texts.filled(_TEXT)


@_documented
def token_pool(
    x, mask=None, *, lengths=None, mode="mean", dtype=None, empty=None, out=None,
):
    """Pool the tokens of each sequence to one vector, as sentence embeddings do.

    Parameters
    ----------
    {any tokens}
    {mask}
    {lengths}
    mode : str or sequence of str, default "mean"
        "cls" (the first token that takes part), "mean", "max",
        "mean_sqrt_len_tokens" (sum over the root of the number of tokens),
        "weightedmean" (the first token weighs 1, the second 2, ...),
        "lasttoken". Several are put side by side, in the order given.
    {dtype}
        Needed for the mean of bool, and for "mean_sqrt_len_tokens" and
        "weightedmean" of integers.
    {empty or refused}
    {out}

    Returns
    -------
    ndarray of shape (..., width), or (..., len(mode) * width) for several modes
        With the dtype of `x`, or `dtype`. Means of integers are rounded to
        nearest, ties to even.

    {wrong kind}
    ValueError
        If an argument has a value that is not accepted: a mask of another shape
        or with other numbers than 0 and 1, lengths beyond the tokens, an
        unknown mode.
    {no memory}

    See Also
    --------
    token_pool_backward, token_pool_jvp, max_over_time_pool, attention_pool,
    segment_pool, stats_pool

    Notes
    -----
    The modes are those of sentence-transformers [1]_, with the same results for
    tokens padded at the end. Padding at the start, where that library would
    take the padding as first token and count it in the weights of
    "weightedmean" [2]_, gives here what padding at the end gives. Sums are
    formed in float64.

    References
    ----------
    .. [1] N. Reimers and I. Gurevych, "Sentence-BERT: sentence embeddings using
       Siamese BERT-networks", EMNLP 2019.
    .. [2] N. Muennighoff, "SGPT: GPT sentence embeddings for semantic search",
       2022.

    Examples
    --------
    >>> import cpool
    >>> x = [[[1.0, 4.0], [3.0, 0.0], [9.0, 9.0]],
    ...     [[5.0, 6.0], [9.0, 9.0], [9.0, 9.0]]]
    >>> cpool.token_pool(x, [[1, 1, 0], [1, 0, 0]])
    array([[2., 2.],
           [5., 6.]])
    >>> cpool.token_pool(x, lengths=[2, 1], mode=("max", "lasttoken"))
    array([[3., 4., 3., 0.],
           [5., 6., 5., 6.]])
    """
    return _run.token(x, mask, lengths, mode, dtype, empty, out)


@_documented
def token_pool_backward(
    grad_output, x, mask=None, *, lengths=None, mode="mean", dtype=None, empty=None, out=None,
):
    """Gradient of `token_pool` with respect to its input.

    Parameters
    ----------
    grad_output : array_like
        Gradient with respect to the result of `token_pool`, of its shape and
        dtype.
    x : array_like of shape (..., tokens, width), or tuple of int
        The floating-point array that was pooled, or its shape where its values
        do not matter: all modes but "max".
    mask, lengths, mode, dtype, empty
        As in the call of `token_pool`.
    {grad_x}

    {gradient}

    {raises}

    See Also
    --------
    token_pool, token_pool_jvp

    Notes
    -----
    Tokens that take no part get 0. The gradient of "max" goes to the first of
    several equal maxima. What several modes give is added up in float64 and
    rounded once.

    Examples
    --------
    >>> import cpool
    >>> cpool.token_pool_backward([[4.0], [6.0]], (2, 3, 1),
    ...     lengths=[2, 3])[..., 0]
    array([[2., 2., 0.],
           [2., 2., 2.]])
    """
    return _run.token_backward(grad_output, x, mask, lengths, mode, dtype, empty, out)


@_documented
def token_pool_jvp(
    tangent, x, mask=None, *, lengths=None, mode="mean", dtype=None, empty=None, out=None,
):
    """Change of the result of `token_pool` for a change of its input.

    Parameters
    ----------
    {tangent}
    {pooled}
    mask, lengths, mode, dtype, empty
        As in the call of `token_pool`.
    {out}

    Returns
    -------
    ndarray
        Of the shape and dtype of the result of `token_pool`; 0 for a sequence
        without tokens.

    {raises}

    See Also
    --------
    token_pool, token_pool_backward

    Notes
    -----
    The product of the Jacobian with a vector, "forward mode". "max" follows the
    element that it selects.

    Examples
    --------
    >>> import cpool
    >>> cpool.token_pool_jvp([[1.0], [3.0]], [[5.0], [4.0]],
    ...     mode=("mean", "max"))
    array([2., 1.])
    """
    return _run.token_jvp(tangent, x, mask, lengths, mode, dtype, empty, out)


@_documented
def max_over_time_pool(
    x, mask=None, *, lengths=None, return_indices=False, index_dtype=None, empty=None, out=None,
):
    """Take the largest value of each feature over all tokens.

    Parameters
    ----------
    {any tokens}
    {mask}
    {lengths}
    return_indices : bool, default False
        Return the token at which each maximum was found, too.
    {index_dtype}
    {empty or refused}
    {outs}

    Returns
    -------
    values : ndarray of shape (..., width)
        With the dtype of `x`.
    indices : ndarray of int of the same shape
        Only with ``return_indices=True``: the first token with the maximum, or
        the first NaN; -1 for none.

    {wrong kind}
    ValueError
        If an argument has a value that is not accepted: a mask of another shape
        or with other numbers than 0 and 1, lengths beyond the tokens, a
        sequence of integers without tokens.
    {no memory}

    See Also
    --------
    max_over_time_pool_backward, max_over_time_pool_jvp, token_pool,
    global_max_pool

    Notes
    -----
    The pooling of Kim's networks for sentences [1]_: one number for each
    filter, however long the sentence. NaN propagates.

    References
    ----------
    .. [1] Y. Kim, "Convolutional neural networks for sentence classification",
       EMNLP 2014.

    Examples
    --------
    >>> import cpool
    >>> x = [[1.0, 8.0], [7.0, 2.0], [9.0, 9.0]]
    >>> cpool.max_over_time_pool(x, lengths=2, return_indices=True)
    (array([7., 8.]), array([1, 0]))
    """
    return _run.over_time(x, mask, lengths, return_indices, index_dtype, empty, out)


@_documented
def max_over_time_pool_backward(
    grad_output, x, mask=None, *, indices=None, lengths=None, return_indices=False, index_dtype=None,
    empty=None, out=None,
):
    """Gradient of `max_over_time_pool` with respect to its input.

    Parameters
    ----------
    grad_output : array_like
        Gradient with respect to the values of `max_over_time_pool`, of its
        shape and dtype.
    x : array_like of shape (..., tokens, width), or tuple of int
        The floating-point array that was pooled, or its shape where its values
        do not matter: if `indices` is given.
    mask, lengths, empty
        As in the call of `max_over_time_pool`.
    indices : array_like of int, optional
        What `max_over_time_pool` returned with ``return_indices=True``; without
        it, `x` is searched again.
    {no indices}
    {grad_x}

    {gradient}

    {raises}

    See Also
    --------
    max_over_time_pool, max_over_time_pool_jvp

    Notes
    -----
    One token of each feature gets the whole gradient, the first of several
    equal maxima.

    Examples
    --------
    >>> import cpool
    >>> cpool.max_over_time_pool_backward([5.0, 6.0], (3, 2), indices=[1, 0])
    array([[0., 6.],
           [5., 0.],
           [0., 0.]])
    """
    return _run.over_time_backward(
        grad_output, x, mask, lengths, return_indices, index_dtype, empty, out, indices)


@_documented
def max_over_time_pool_jvp(
    tangent, x, mask=None, *, lengths=None, return_indices=False, index_dtype=None, empty=None, out=None,
):
    """Change of the values of `max_over_time_pool` for a change of its input.

    Parameters
    ----------
    {tangent}
    {pooled}
    mask, lengths, return_indices, index_dtype, empty
        As in the call of `max_over_time_pool`; indices are not returned.
    {out}

    Returns
    -------
    ndarray
        The tangent at the first maximum of each feature; 0 for a sequence
        without tokens.

    {raises}

    See Also
    --------
    max_over_time_pool, max_over_time_pool_backward

    Notes
    -----
    The product of the Jacobian with a vector, "forward mode".

    Examples
    --------
    >>> import cpool
    >>> cpool.max_over_time_pool_jvp([[1.0], [3.0]], [[5.0], [4.0]])
    array([1.])
    """
    return _run.over_time_jvp(tangent, x, mask, lengths, return_indices, index_dtype, empty, out)


@_documented
def segment_pool(
    x, offsets=None, op="sum", *, lengths=None, weights=None, k=None, correction=0, return_indices=False,
    index_dtype=None, dtype=None, empty=None, out=None,
):
    """Pool ragged rows: each segment of neighbouring rows to one.

    Parameters
    ----------
    x : array_like of shape (rows, ...)
        The rows of all segments, one behind the other, with any number of axes
        behind the first. Any bool, integer or floating-point dtype, float16 and
        bfloat16 included.
    offsets : array_like of int of shape (segments + 1,), optional
        Where each segment starts: from 0 to the number of rows, never less than
        the one before. Equal neighbours are an empty segment.
    op : str, default "sum"
        "sum", "mean", "max", "min", "std", "lse" (logarithm of the sum of
        exponentials), "first", "last", or "kmax" (the k largest of each column,
        in their order).
    lengths : array_like of int of shape (segments,), optional
        In place of `offsets`: the rows of each segment, which add up to all.
    weights : array_like of shape (rows,) or (rows, heads), optional
        Finite weights >= 0 for "sum", "mean" and "std": one for each row, or
        one for each of `heads` equal parts of its columns. A segment whose
        weights are all 0 is empty for "mean" and "std".
    k : int, optional
        For "kmax": how many. A shorter segment leaves the last places empty.
    correction : number, default 0
        For "std": the squares are divided by the number of rows (or the sum of
        the weights) less this.
    return_indices : bool, default False
        For "max", "min" and "kmax": return the rows of `x` as well.
    {index_dtype}
    dtype : dtype, optional
        For what is computed, not selected: float32 or float64, to have the
        result in it rather than in the dtype of `x`; for sums of integers also
        an integer dtype. Integers need it for "std", "lse" and weights.
    empty : number, optional
        The result of an empty segment. By default 0 for "sum" and NaN for the
        others; integers have no such default, and there an empty segment is a
        ValueError. It passes no gradient.
    {outs}

    Returns
    -------
    values : ndarray of shape (segments, ...), or (segments, k, ...) for "kmax"
        With the dtype of `x`, or `dtype`; sums of integers are int64 or uint64.
        Means of integers are exact, rounded to nearest, ties to even.
    indices : ndarray of int of the same shape
        Only with ``return_indices=True``: the row of `x`, the first of several
        equals and the first NaN; -1 where there is none.

    {wrong kind}
    ValueError
        If offsets or lengths do not cover the rows of `x` from the first to the
        last, or an argument has a value that is not accepted or that does not
        go with `op`.
    {no memory}

    See Also
    --------
    segment_pool_backward, segment_pool_jvp, token_pool, global_sum_pool

    Notes
    -----
    What ``np.add.reduceat`` does for offsets without empty segments, with more
    operators, and thinc's reductions of ragged arrays. Sums are formed in
    float64, sums of integers exactly; a standard deviation takes two passes.
    The k largest in order are the k-max pooling of Kalchbrenner et al. [1]_;
    NaN counts as the largest. A segment of one row has the standard deviation
    0, whatever `correction` is.

    References
    ----------
    .. [1] N. Kalchbrenner, E. Grefenstette and P. Blunsom, "A convolutional
       neural network for modelling sentences", ACL 2014.

    Examples
    --------
    >>> import cpool
    >>> x = [3.0, 1.0, 2.0, 8.0, 5.0, 9.0]
    >>> cpool.segment_pool(x, [0, 3, 3, 6], "max")
    array([ 3., nan,  9.])
    >>> cpool.segment_pool(x, op="mean", lengths=[3, 0, 3], empty=-1)
    array([ 2.        , -1.        ,  7.33333333])
    >>> cpool.segment_pool(x, [0, 3, 6], "kmax", k=2, return_indices=True)
    (array([[3., 2.],
           [8., 9.]]), array([[0, 2],
           [3, 5]]))
    """
    return _run.segment(
        x, offsets, op, lengths, weights, k, correction, return_indices, index_dtype, dtype, empty, out)


@_documented
def segment_pool_backward(
    grad_output, x, offsets=None, op="sum", *, indices=None, lengths=None, weights=None, k=None, correction=0,
    return_indices=False, index_dtype=None, dtype=None, empty=None, out=None,
):
    """Gradient of `segment_pool` with respect to its input, and to its weights.

    Parameters
    ----------
    grad_output : array_like
        Gradient with respect to the values of `segment_pool`, of its shape and
        dtype.
    x : array_like of shape (rows, ...), or tuple of int
        The floating-point array that was pooled, or its shape where its values
        do not matter: "sum", "mean", "first" and "last" without weights, and
        what `indices` is given for.
    offsets, op, lengths, weights, k, correction, dtype, empty
        As in the call of `segment_pool`.
    indices : array_like of int, optional
        What `segment_pool` returned with ``return_indices=True``; without it,
        `x` is searched again.
    {no indices}
    {grad_x}

    Returns
    -------
    grad_x : ndarray
        Of the shape and dtype of `x` (the dtype of `grad_output` if `x` is a
        shape).
    {and of weights}

    {raises}

    See Also
    --------
    segment_pool, segment_pool_jvp

    Notes
    -----
    Selections pass the gradient to the rows they selected. A standard
    deviation of 0 has the gradient 0. With y the result, the gradient of "lse"
    is exp(x - y) times the given one.

    Examples
    --------
    >>> import cpool
    >>> cpool.segment_pool_backward([6.0, 4.0], (5,), [0, 3, 5], "mean")
    array([2., 2., 2., 2., 2.])
    >>> cpool.segment_pool_backward([1.0], [5.0, 7.0], [0, 2], "mean",
    ...     weights=[3.0, 1.0])
    (array([0.75, 0.25]), array([-0.125,  0.375]))
    """
    return _run.segment_backward(
        grad_output, x, offsets, op, lengths, weights, k, correction, return_indices, index_dtype, dtype,
        empty, out, indices)


@_documented
def segment_pool_jvp(
    tangent, x, offsets=None, op="sum", *, lengths=None, weights=None, weights_tangent=None, k=None,
    correction=0,
    return_indices=False, index_dtype=None, dtype=None, empty=None, out=None,
):
    """Change of the values of `segment_pool` for a change of its input or weights.

    Parameters
    ----------
    {tangent}
    x : array_like of shape (rows, ...)
        The floating-point array that was pooled.
    offsets, op, lengths, weights, k, correction, return_indices, index_dtype,
    dtype, empty
        As in the call of `segment_pool`; indices are not returned.
    {weights_tangent}
    {out}

    Returns
    -------
    ndarray
        Of the shape and dtype of the values of `segment_pool`; 0 for empty
        segments.

    {raises}

    See Also
    --------
    segment_pool, segment_pool_backward

    Notes
    -----
    The product of the Jacobian with a vector, "forward mode".

    Examples
    --------
    >>> import cpool
    >>> cpool.segment_pool_jvp([1.0, 2.0, 3.0], [5.0, 4.0, 6.0], [0, 2, 3],
    ...     "max")
    array([1., 3.])
    """
    return _run.segment_jvp(
        tangent, x, offsets, op, lengths, weights, k, correction, return_indices, index_dtype, dtype, empty,
        weights_tangent, out)


@_documented
def stats_pool(
    x, mask=None, *, lengths=None, weights=None, correction=0, dtype=None, empty=None, out=None,
):
    """Take mean and standard deviation of each feature over time.

    Parameters
    ----------
    {tokens}
    {mask}
    {lengths}
    weights : array_like, optional
        Of shape (..., tokens) or (..., tokens, heads): finite weights >= 0 of
        the frames, or of each of `heads` equal parts of the width. A sequence
        whose weights are all 0 is empty.
    correction : number, default 0
        The squares are divided by the number of frames (or the sum of the
        weights) less this.
    {dtype}
    {empty}
    {out}

    Returns
    -------
    ndarray of shape (..., 2 * width)
        The means, then the standard deviations, with the dtype of `x` or
        `dtype`.

    {wrong kind}
    ValueError
        If an argument has a value that is not accepted: a mask of another shape
        or with other numbers than 0 and 1, lengths beyond the tokens, negative
        weights.
    {no memory}

    See Also
    --------
    stats_pool_backward, stats_pool_jvp, attentive_stats_pool, segment_pool

    Notes
    -----
    The statistics pooling of speaker recognition [1]_. The variance takes two
    passes in float64, so a constant feature has the deviation 0 exactly, and no
    noise is added. One frame has the deviation 0, whatever `correction` is;
    fewer frames than `correction` otherwise give infinity.

    References
    ----------
    .. [1] D. Snyder, D. Garcia-Romero, D. Povey and S. Khudanpur, "Deep neural
       network embeddings for text-independent speaker verification",
       Interspeech 2017.

    Examples
    --------
    >>> import cpool
    >>> x = [[[1.0], [3.0], [5.0]], [[2.0], [9.0], [9.0]]]
    >>> cpool.stats_pool(x, lengths=[2, 1])
    array([[2., 1.],
           [2., 0.]])
    """
    return _run.stats(x, mask, lengths, weights, correction, dtype, empty, out)


@_documented
def stats_pool_backward(
    grad_output, x, mask=None, *, lengths=None, weights=None, correction=0, dtype=None, empty=None, out=None,
):
    """Gradient of `stats_pool` with respect to its input, and to its weights.

    Parameters
    ----------
    grad_output : array_like
        Gradient with respect to the result of `stats_pool`, of its shape and
        dtype.
    {pooled}
    mask, lengths, weights, correction, dtype, empty
        As in the call of `stats_pool`.
    {grad_x}

    Returns
    -------
    grad_x : ndarray
        Of the shape and dtype of `x`.
    {and of weights}

    {raises}

    See Also
    --------
    stats_pool, stats_pool_jvp

    Notes
    -----
    Where the deviation is 0 (one frame, a constant feature), its gradient is 0.

    Examples
    --------
    >>> import cpool
    >>> cpool.stats_pool_backward([[1.0, 2.0]], [[[1.0], [3.0]]])
    array([[[-0.5],
            [ 1.5]]])
    """
    return _run.stats_backward(grad_output, x, mask, lengths, weights, correction, dtype, empty, out)


@_documented
def stats_pool_jvp(
    tangent, x, mask=None, *, lengths=None, weights=None, weights_tangent=None, correction=0, dtype=None,
    empty=None, out=None,
):
    """Change of the result of `stats_pool` for a change of its input or weights.

    Parameters
    ----------
    {tangent}
    {pooled}
    mask, lengths, weights, correction, dtype, empty
        As in the call of `stats_pool`.
    {weights_tangent}
    {out}

    Returns
    -------
    ndarray
        Of the shape and dtype of the result of `stats_pool`.

    {raises}

    See Also
    --------
    stats_pool, stats_pool_backward

    Notes
    -----
    The product of the Jacobian with a vector, "forward mode". Where a deviation
    is 0, so is its change.

    Examples
    --------
    >>> import cpool
    >>> cpool.stats_pool_jvp([[0.0], [1.0]], [[1.0], [3.0]])
    array([0.5, 0.5])
    """
    return _run.stats_jvp(
        tangent, x, mask, lengths, weights, correction, dtype, empty, weights_tangent, out)


@_documented
def attention_pool(
    x, scores=None, mask=None, *, query=None, scale=1.0, lengths=None, return_weights=False, dtype=None,
    empty=None, out=None,
):
    """Take the mean of the tokens, weighted by the softmax of their scores.

    Parameters
    ----------
    {tokens}
    {scores}
    {mask}
    {query}
    {lengths}
    {return_weights}
    {dtype}
    {empty}
    {out}

    Returns
    -------
    values : ndarray of shape (..., width)
        With the dtype of `x`, or `dtype`.
    {softmax}

    {attention raises}

    See Also
    --------
    attention_pool_backward, attention_pool_jvp, attentive_stats_pool,
    stats_pool, token_pool

    Notes
    -----
    With given scores, attention pooling as in multiple instance learning [1]_;
    with a query, one query that attends to all tokens, as classification heads
    do [2]_. The largest score is subtracted before exponentials are taken, in
    float64: scores of any size work. NaN or +inf among the scores gives NaN.

    References
    ----------
    .. [1] M. Ilse, J. Tomczak and M. Welling, "Attention-based deep multiple
       instance learning", ICML 2018.
    .. [2] B. Psomas et al., "Keep it SimPool: who said supervised transformers
       suffer from attention deficit?", ICCV 2023.

    Examples
    --------
    >>> import numpy as np
    >>> import cpool
    >>> x = np.array([[1.0, 4.0], [3.0, 0.0], [9.0, 9.0]])
    >>> cpool.attention_pool(x, [np.log(3.0), 0.0, 0.0], [1, 1, 0])
    array([1.5, 3. ])
    >>> cpool.attention_pool(x, query=[0.0, 50.0])
    array([9., 9.])
    """
    return _run.attention("mean", x, scores, mask, query, scale, lengths, return_weights, dtype, empty, out)


@_documented
def attention_pool_backward(
    grad_output, x, scores=None, mask=None, *, query=None, scale=1.0, lengths=None, return_weights=False,
    dtype=None,
    empty=None, out=None,
):
    """Gradients of `attention_pool` with respect to its input and to its scores or
    query.

    Parameters
    ----------
    grad_output : array_like
        Gradient with respect to the values of `attention_pool`, of its shape
        and dtype.
    {pooled}
    scores, mask, query, scale, lengths, dtype, empty
        As in the call of `attention_pool`.
    {no weights}
    {grad_x}

    {and of scores}

    {raises}

    See Also
    --------
    attention_pool, attention_pool_jvp

    Notes
    -----
    With p the weights and y the mean, a score of a mean has the gradient p (g .
    (x - y)). Tokens that take no part get 0.

    Examples
    --------
    >>> import cpool
    >>> cpool.attention_pool_backward([4.0], [[1.0], [3.0]], [0.0, 0.0])
    (array([[2.],
           [2.]]), array([-2.,  2.]))
    """
    return _run.attention_backward(
        "mean", grad_output, x, scores, mask, query, scale, lengths, return_weights, dtype, empty, out)


@_documented
def attention_pool_jvp(
    tangent, x, scores=None, mask=None, *, query=None, scores_tangent=None, query_tangent=None, scale=1.0,
    lengths=None, return_weights=False, dtype=None, empty=None, out=None,
):
    """Change of the values of `attention_pool` for a change of its arguments.

    Parameters
    ----------
    {tangent}
    {pooled}
    scores, mask, query, scale, lengths, return_weights, dtype, empty
        As in the call of `attention_pool`; weights are not returned.
    {scores_tangent}
    {out}

    Returns
    -------
    ndarray
        Of the shape and dtype of the values of `attention_pool`; 0 for a
        sequence without tokens.

    {raises}

    See Also
    --------
    attention_pool, attention_pool_backward

    Notes
    -----
    The product of the Jacobian with a vector, "forward mode".

    Examples
    --------
    >>> import cpool
    >>> cpool.attention_pool_jvp([[2.0], [0.0]], [[1.0], [3.0]], [0.0, 0.0],
    ...     scores_tangent=[0.0, 1.0])
    array([1.5])
    """
    return _run.attention_jvp(
        "mean", tangent, x, scores, mask, query, scale, lengths, return_weights, dtype, empty,
        scores_tangent, query_tangent, out)


@_documented
def attentive_stats_pool(
    x, scores=None, mask=None, *, query=None, scale=1.0, lengths=None, return_weights=False, dtype=None,
    empty=None, out=None,
):
    """Take mean and standard deviation over time, weighted by the softmax of
    scores.

    Parameters
    ----------
    {tokens}
    {scores}
    {mask}
    {query}
    {lengths}
    {return_weights}
    {dtype}
    {empty}
    {out}

    Returns
    -------
    values : ndarray of shape (..., 2 * width)
        The means, then the standard deviations, with the dtype of `x` or
        `dtype`.
    {softmax}

    {attention raises}

    See Also
    --------
    attentive_stats_pool_backward, attentive_stats_pool_jvp, attention_pool,
    stats_pool, token_pool

    Notes
    -----
    Attentive statistics pooling [1]_: `stats_pool` with the softmax of `scores`
    as weights. One score for each element, shape (..., tokens, width), makes
    the attention depend on the feature.

    References
    ----------
    .. [1] K. Okabe, T. Koshinaka and K. Shinoda, "Attentive statistics pooling
       for deep speaker embedding", Interspeech 2018.

    Examples
    --------
    >>> import cpool
    >>> cpool.attentive_stats_pool([[1.0], [3.0], [7.0]], [2.0, 2.0, -1000.0])
    array([2., 1.])
    """
    return _run.attention("stats", x, scores, mask, query, scale, lengths, return_weights, dtype, empty, out)


@_documented
def attentive_stats_pool_backward(
    grad_output, x, scores=None, mask=None, *, query=None, scale=1.0, lengths=None, return_weights=False,
    dtype=None,
    empty=None, out=None,
):
    """Gradients of `attentive_stats_pool` with respect to its input and to its
    scores or query.

    Parameters
    ----------
    grad_output : array_like
        Gradient with respect to the values of `attentive_stats_pool`, of its
        shape and dtype.
    {pooled}
    scores, mask, query, scale, lengths, dtype, empty
        As in the call of `attentive_stats_pool`.
    {no weights}
    {grad_x}

    {and of scores}

    {raises}

    See Also
    --------
    attentive_stats_pool, attentive_stats_pool_jvp

    Notes
    -----
    With p the weights and y the mean, a score of a mean has the gradient p (g .
    (x - y)). Tokens that take no part get 0.

    Examples
    --------
    >>> import cpool
    >>> cpool.attentive_stats_pool_backward([0.0, 4.0], [[1.0], [3.0]],
    ...     [0.0, 0.0])
    (array([[-2.],
           [ 2.]]), array([0., 0.]))
    """
    return _run.attention_backward(
        "stats", grad_output, x, scores, mask, query, scale, lengths, return_weights, dtype, empty, out)


@_documented
def attentive_stats_pool_jvp(
    tangent, x, scores=None, mask=None, *, query=None, scores_tangent=None, query_tangent=None, scale=1.0,
    lengths=None, return_weights=False, dtype=None, empty=None, out=None,
):
    """Change of the values of `attentive_stats_pool` for a change of its
    arguments.

    Parameters
    ----------
    {tangent}
    {pooled}
    scores, mask, query, scale, lengths, return_weights, dtype, empty
        As in the call of `attentive_stats_pool`; weights are not returned.
    {scores_tangent}
    {out}

    Returns
    -------
    ndarray
        Of the shape and dtype of the values of `attentive_stats_pool`; 0 for a
        sequence without tokens.

    {raises}

    See Also
    --------
    attentive_stats_pool, attentive_stats_pool_backward

    Notes
    -----
    The product of the Jacobian with a vector, "forward mode".

    Examples
    --------
    >>> import cpool
    >>> cpool.attentive_stats_pool_jvp([[0.0], [1.0]], [[1.0], [3.0]],
    ...     [0.0, 0.0])
    array([0.5, 0.5])
    """
    return _run.attention_jvp(
        "stats", tangent, x, scores, mask, query, scale, lengths, return_weights, dtype, empty,
        scores_tangent, query_tangent, out)
