"""Sequence pooling as layers: what is learned is an attribute; `backward` leaves its gradient beside it."""

import numpy as np

from . import _arguments, _sequence
from ._layer import Keeping as _Keeping


class _Sequence(_Keeping):
    """A layer whose call takes more arrays than x, and that keeps them all until the next call."""

    def _call(self, x, **arrays):
        if type(x) is not np.ndarray:
            x = _arguments.as_array(x)
        arrays = {name: value for name, value in arrays.items() if value is not None}
        positional, keywords = (self._bound or self._bind())[0]
        result = self.forward_function(x, *positional, **keywords, **arrays)
        self.__dict__["_last"] = x, (), arrays
        return result

    def backward(self, grad_output):
        found = super().backward(grad_output)
        if not isinstance(found, tuple):
            return found
        self.__dict__[self._learned(self._last[2])] = found[1]
        return found[0]

    def _learned(self, arrays):
        """The attribute that receives the second gradient."""
        return "grad_weights"


class TokenPool(_Sequence):
    """Pool the tokens of each sequence to one vector, as sentence embeddings do.

    Parameters
    ----------
    mode, dtype, empty
        The arguments of `token_pool`.

    Notes
    -----
    The call takes `x`, `mask` and `lengths`; until the next one the layer keeps
    them.

    Examples
    --------
    >>> from cpool import TokenPool
    >>> layer = TokenPool(("mean", "max"))
    >>> layer
    TokenPool(mode=('mean', 'max'))
    >>> layer([[1.0], [3.0], [9.0]], [1, 1, 0])
    array([2., 3.])
    >>> layer.backward([4.0, 1.0])
    array([[2.],
           [3.],
           [0.]])
    """

    forward_function = staticmethod(_sequence.token_pool)
    backward_function = staticmethod(_sequence.token_pool_backward)

    def __init__(self, mode="mean", *, dtype=None, empty=None):
        super().__init__(mode=mode, dtype=dtype, empty=empty)

    def __call__(self, x, mask=None, *, lengths=None):
        """Pool `x` and keep what `backward` needs."""
        return self._call(x, mask=mask, lengths=lengths)


class MaxOverTimePool(_Sequence):
    """Take the largest value of each feature over all tokens.

    Parameters
    ----------
    return_indices, index_dtype, empty
        The arguments of `max_over_time_pool`.

    Notes
    -----
    The call takes `x`, `mask` and `lengths`; until the next one the layer keeps
    them.

    Examples
    --------
    >>> from cpool import MaxOverTimePool
    >>> layer = MaxOverTimePool()
    >>> layer([[1.0], [3.0], [9.0]], lengths=2)
    array([3.])
    >>> layer.backward([5.0])
    array([[0.],
           [5.],
           [0.]])
    """

    forward_function = staticmethod(_sequence.max_over_time_pool)
    backward_function = staticmethod(_sequence.max_over_time_pool_backward)

    def __init__(self, *, return_indices=False, index_dtype=None, empty=None):
        super().__init__(return_indices=return_indices, index_dtype=index_dtype, empty=empty)

    def __call__(self, x, mask=None, *, lengths=None):
        """Pool `x` and keep what `backward` needs."""
        return self._call(x, mask=mask, lengths=lengths)


class SegmentPool(_Sequence):
    """Pool ragged rows: each segment of neighbouring rows to one.

    Parameters
    ----------
    op, k, correction, return_indices, index_dtype, dtype, empty
        The arguments of `segment_pool`.

    Attributes
    ----------
    grad_weights : ndarray or None
        Gradient of the weights of the last call, once `backward` has found it.

    Notes
    -----
    The call takes `x`, `offsets`, `lengths` and `weights`; until the next one
    the layer keeps them.

    Examples
    --------
    >>> from cpool import SegmentPool
    >>> layer = SegmentPool("max")
    >>> layer([3.0, 1.0, 2.0, 8.0], [0, 3, 4])
    array([3., 8.])
    >>> layer.backward([5.0, 6.0])
    array([5., 0., 0., 6.])
    """

    forward_function = staticmethod(_sequence.segment_pool)
    backward_function = staticmethod(_sequence.segment_pool_backward)
    grad_weights = None

    def __init__(
        self,
        op="sum",
        *,
        k=None,
        correction=0,
        return_indices=False,
        index_dtype=None,
        dtype=None,
        empty=None,
    ):
        super().__init__(
            op=op,
            k=k,
            correction=correction,
            return_indices=return_indices,
            index_dtype=index_dtype,
            dtype=dtype,
            empty=empty,
        )

    def __call__(self, x, offsets=None, *, lengths=None, weights=None):
        """Pool `x` and keep what `backward` needs."""
        return self._call(x, offsets=offsets, lengths=lengths, weights=weights)


class StatsPool(_Sequence):
    """Take mean and standard deviation of each feature over time.

    Parameters
    ----------
    correction, dtype, empty
        The arguments of `stats_pool`.

    Attributes
    ----------
    grad_weights : ndarray or None
        Gradient of the weights of the last call, once `backward` has found it.

    Notes
    -----
    The call takes `x`, `mask`, `lengths` and `weights`; until the next one the
    layer keeps them.

    Examples
    --------
    >>> from cpool import StatsPool
    >>> layer = StatsPool()
    >>> layer([[1.0], [3.0], [9.0]], lengths=2)
    array([2., 1.])
    >>> layer.backward([0.0, 1.0])
    array([[-0.5],
           [ 0.5],
           [ 0. ]])
    """

    forward_function = staticmethod(_sequence.stats_pool)
    backward_function = staticmethod(_sequence.stats_pool_backward)
    grad_weights = None

    def __init__(self, *, correction=0, dtype=None, empty=None):
        super().__init__(correction=correction, dtype=dtype, empty=empty)

    def __call__(self, x, mask=None, *, lengths=None, weights=None):
        """Pool `x` and keep what `backward` needs."""
        return self._call(x, mask=mask, lengths=lengths, weights=weights)


class _Attention(_Sequence):
    grad_query = grad_scores = None

    def __init__(self, query=None, *, scale=1.0, return_weights=False, dtype=None, empty=None):
        super().__init__(query=query, scale=scale, return_weights=return_weights, dtype=dtype, empty=empty)

    def __call__(self, x, scores=None, mask=None, *, lengths=None):
        """Pool `x` by the scores given, or by those that the query finds."""
        return self._call(x, scores=scores, mask=mask, lengths=lengths)

    def _learned(self, arrays):
        return "grad_scores" if "scores" in arrays else "grad_query"


class AttentionPool(_Attention):
    """Take the mean of the tokens, weighted by the softmax of their scores.

    Parameters
    ----------
    query : array_like, optional
        The learnable query of `attention_pool`; without it each call needs
        scores.
    scale, return_weights, dtype, empty
        The arguments of `attention_pool`.

    Attributes
    ----------
    query : array_like or None
        What an optimiser changes.
    grad_query, grad_scores : ndarray or None
        Gradient of the query, or of the scores of the last call, once
        `backward` has found it.

    Notes
    -----
    The call takes `x`, `scores`, `mask` and `lengths`; until the next one the
    layer keeps them.

    Examples
    --------
    >>> from cpool import AttentionPool
    >>> layer = AttentionPool([0.0])
    >>> layer([[1.0], [3.0], [9.0]], lengths=2)
    array([2.])
    >>> layer.backward([4.0])
    array([[2.],
           [2.],
           [0.]])
    >>> layer.grad_query
    array([4.])
    """

    forward_function = staticmethod(_sequence.attention_pool)
    backward_function = staticmethod(_sequence.attention_pool_backward)


class AttentiveStatsPool(_Attention):
    """Take mean and standard deviation over time, weighted by the softmax of
    scores.

    Parameters
    ----------
    query : array_like, optional
        The learnable query of `attentive_stats_pool`; without it each call
        needs scores.
    scale, return_weights, dtype, empty
        The arguments of `attentive_stats_pool`.

    Attributes
    ----------
    query : array_like or None
        What an optimiser changes.
    grad_query, grad_scores : ndarray or None
        Gradient of the query, or of the scores of the last call, once
        `backward` has found it.

    Notes
    -----
    The call takes `x`, `scores`, `mask` and `lengths`; until the next one the
    layer keeps them.

    Examples
    --------
    >>> from cpool import AttentiveStatsPool
    >>> layer = AttentiveStatsPool()
    >>> layer([[1.0], [3.0]], [0.0, 0.0])
    array([2., 1.])
    >>> layer.backward([0.0, 1.0])
    array([[-0.5],
           [ 0.5]])
    >>> layer.grad_scores
    array([0., 0.])
    """

    forward_function = staticmethod(_sequence.attentive_stats_pool)
    backward_function = staticmethod(_sequence.attentive_stats_pool_backward)
