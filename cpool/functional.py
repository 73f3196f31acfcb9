"""The operators: what each takes and gives, and nothing about how.

Every function hands its arguments on in one fixed order, to `_call`, which
is compiled and remembers what it has seen; what is new to it goes to
`_execute`, the complete path behind it.
"""

from . import _call, _kmax
from ._blur import (  # noqa: F401
    blur_pool1d,
    blur_pool1d_backward,
    blur_pool1d_jvp,
    blur_pool2d,
    blur_pool2d_backward,
    blur_pool2d_jvp,
    blur_pool3d,
    blur_pool3d_backward,
    blur_pool3d_jvp,
    max_blur_pool1d,
    max_blur_pool1d_backward,
    max_blur_pool1d_jvp,
    max_blur_pool2d,
    max_blur_pool2d_backward,
    max_blur_pool2d_jvp,
    max_blur_pool3d,
    max_blur_pool3d_backward,
    max_blur_pool3d_jvp,
)
from ._execute import DEFAULT_FORMAT
from ._kmax import *
from ._lazy import FUNCTIONS, attributes
from ._regions import (  # noqa: F401
    prroi_pool,
    prroi_pool_backward,
    prroi_pool_jvp,
    ps_roi_align,
    ps_roi_align_backward,
    ps_roi_align_jvp,
    ps_roi_pool,
    ps_roi_pool_backward,
    ps_roi_pool_jvp,
    roi_align,
    roi_align_backward,
    roi_align_jvp,
    roi_pool,
    roi_pool_backward,
    roi_pool_jvp,
)
from ._scales import (  # noqa: F401
    adaptive_concat_pool1d,
    adaptive_concat_pool1d_backward,
    adaptive_concat_pool1d_jvp,
    adaptive_concat_pool2d,
    adaptive_concat_pool2d_backward,
    adaptive_concat_pool2d_jvp,
    adaptive_concat_pool3d,
    adaptive_concat_pool3d_backward,
    adaptive_concat_pool3d_jvp,
    pool_pyramid,
    pool_pyramid_backward,
    pool_pyramid_jvp,
    spatial_pyramid_pool,
    spatial_pyramid_pool_backward,
    spatial_pyramid_pool_jvp,
    strip_pool,
    strip_pool_backward,
    strip_pool_jvp,
)
from ._sequence import (  # noqa: F401
    attention_pool,
    attention_pool_backward,
    attention_pool_jvp,
    attentive_stats_pool,
    attentive_stats_pool_backward,
    attentive_stats_pool_jvp,
    max_over_time_pool,
    max_over_time_pool_backward,
    max_over_time_pool_jvp,
    segment_pool,
    segment_pool_backward,
    segment_pool_jvp,
    stats_pool,
    stats_pool_backward,
    stats_pool_jvp,
    token_pool,
    token_pool_backward,
    token_pool_jvp,
)

# ---- windows ----


def max_pool1d(
    x, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False, *,
    data_format=DEFAULT_FORMAT, axis=None, index_dtype=None, nan_policy="propagate", mask=None, out=None,
):
    """Take the maximum of every 1-D window.

    Parameters
    ----------
    x : array_like of shape (..., W)
        Any bool, integer or floating-point dtype, float16 and bfloat16
        included. Any number of leading axes, zero included. With channels last
        the shape is (..., W, C). Read in place if its memory is in the order of
        one of the two formats, else copied once.
    kernel_size : int or (int,)
        Size of the window.
    stride : int or (int,), optional
        Distance from one window to the next; `kernel_size` by default.
    padding : int or (int,), a (before, after) pair in a list or str, default 0
        Room for windows beyond the edges; it never wins. "valid" is 0. "same"
        and "same_lower" give ceil(n / stride) windows for n elements; an odd
        place goes to the end, or to the start.
    dilation : int or (int,), default 1
        Distance between the elements of a window; 1 is dense.
    ceil_mode : bool, default False
        Round the number of windows up instead of down. A window that would
        start at or past the end of the input is left out all the same, and
        "same" padding ignores this.
    return_indices : bool, default False
        Return where each maximum was found, too.
    data_format : {"channels_first", "channels_last"}, default "channels_first"
        Whether the spatial axes are the last ones, or stand before one last
        axis of channels. "NCW" and "NWC" are other names for them.
    axis : int or (int,), optional
        The spatial axis in place of `data_format`. The other axes stay where
        they are.
    index_dtype : {int64, int32}, optional
        dtype of the indices, int64 by default.
    nan_policy : {"propagate", "omit", "raise"}, default "propagate"
        What becomes of NaN: its windows are NaN, it takes no part as if it were
        masked, or it is a ValueError.
    mask : array_like of bool, optional
        True where an element takes part; broadcasts to `x`. A window in which
        none does gives -inf, the smallest integer or False, at index -1.
    out : ndarray, or (values, indices) pair, optional
        Array for the result, or with `return_indices` two: of exactly its shape
        and dtype, writeable, and apart from `x` in memory. Returned in place of
        new ones.

    Returns
    -------
    values : ndarray of shape (..., OW)
        With the dtype of `x`. Along an axis of n elements there are
        ``(n + before + after - dilation * (kernel - 1) - 1) / stride + 1``
        windows, rounded down (up in ceil_mode).
    indices : ndarray of int of the same shape
        Only with ``return_indices=True``: position w of the first maximum, or
        of the first NaN, in row-major order; -1 where the window holds no
        element.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind: a dtype that is not accepted, a
        float or a bool for an int.
    ValueError
        If an argument has a value that is not accepted, or no window fits.
    MemoryError
        If the result cannot fit the memory of this machine.

    See Also
    --------
    max_pool1d_backward, adaptive_max_pool1d, global_max_pool, max_unpool1d,
    min_pool1d

    Notes
    -----
    A window without any element, which wide padding or dilation can make, gives
    -inf, the smallest integer or False.

    The rules are those of ``torch.nn.functional.max_pool1d`` and of MaxPool in
    ONNX, with any padding and dtype, except that of several NaNs the first is
    indexed [1]_.

    References
    ----------
    .. [1] D. Scherer, A. Müller and S. Behnke, "Evaluation of pooling
       operations in convolutional architectures for object recognition", ICANN
       2010.

    Examples
    --------
    >>> import cpool
    >>> cpool.max_pool1d([1, 3, 2, 5, 4, 0], 2)
    array([3, 5, 4])
    >>> cpool.max_pool1d([1, 3, 2, 5, 4, 0], 3, 1, return_indices=True)
    (array([3, 5, 5, 5]), array([1, 3, 3, 3]))
    """
    return _call.windowed(
        "max", 1, x, kernel_size, stride, padding, dilation, ceil_mode,
        return_indices, data_format, axis, index_dtype, nan_policy, mask, out, None, None, None, None,
        None, False,
    )


def max_pool2d(
    x, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False, *,
    data_format=DEFAULT_FORMAT, axis=None, index_dtype=None, nan_policy="propagate", mask=None, out=None,
):
    """Take the maximum of every 2-D window.

    Parameters
    ----------
    x : array_like of shape (..., H, W)
        Any bool, integer or floating-point dtype, float16 and bfloat16
        included. Any number of leading axes, zero included. With channels last
        the shape is (..., H, W, C). Read in place if its memory is in the order
        of one of the two formats, else copied once.
    kernel_size : int or (int, int)
        Size of the window, one int for all axes or one for each; the same holds
        for the other sizes.
    stride : int or (int, int), optional
        Distance from one window to the next; `kernel_size` by default.
    padding : int or (int, int), 2 (before, after) pairs or str, default 0
        Room for windows beyond the edges; it never wins. "valid" is 0. "same"
        and "same_lower" give ceil(n / stride) windows for n elements; an odd
        place goes to the end, or to the start.
    dilation : int or (int, int), default 1
        Distance between the elements of a window; 1 is dense.
    ceil_mode : bool, default False
        Round the number of windows up instead of down. A window that would
        start at or past the end of the input is left out all the same, and
        "same" padding ignores this.
    return_indices : bool, default False
        Return where each maximum was found, too.
    data_format : {"channels_first", "channels_last"}, default "channels_first"
        Whether the spatial axes are the last ones, or stand before one last
        axis of channels. "NCHW" and "NHWC" are other names for them.
    axis : (int, int), optional
        The spatial axes in place of `data_format`. The order given is the order
        of the window, and of the first of several equals. The other axes stay
        where they are.
    index_dtype : {int64, int32}, optional
        dtype of the indices, int64 by default.
    nan_policy : {"propagate", "omit", "raise"}, default "propagate"
        What becomes of NaN: its windows are NaN, it takes no part as if it were
        masked, or it is a ValueError.
    mask : array_like of bool, optional
        True where an element takes part; broadcasts to `x`. A window in which
        none does gives -inf, the smallest integer or False, at index -1.
    out : ndarray, or (values, indices) pair, optional
        Array for the result, or with `return_indices` two: of exactly its shape
        and dtype, writeable, and apart from `x` in memory. Returned in place of
        new ones.

    Returns
    -------
    values : ndarray of shape (..., OH, OW)
        With the dtype of `x`. Along an axis of n elements there are
        ``(n + before + after - dilation * (kernel - 1) - 1) / stride + 1``
        windows, rounded down (up in ceil_mode).
    indices : ndarray of int of the same shape
        Only with ``return_indices=True``: position h * W + w of the first
        maximum, or of the first NaN, in row-major order; -1 where the window
        holds no element.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind: a dtype that is not accepted, a
        float or a bool for an int.
    ValueError
        If an argument has a value that is not accepted, or no window fits.
    MemoryError
        If the result cannot fit the memory of this machine.

    See Also
    --------
    max_pool2d_backward, adaptive_max_pool2d, global_max_pool, max_unpool2d,
    min_pool2d

    Notes
    -----
    A window without any element, which wide padding or dilation can make, gives
    -inf, the smallest integer or False.

    The rules are those of ``torch.nn.functional.max_pool2d`` and of MaxPool in
    ONNX, with any padding and dtype, except that of several NaNs the first is
    indexed [1]_.

    References
    ----------
    .. [1] D. Scherer, A. Müller and S. Behnke, "Evaluation of pooling
       operations in convolutional architectures for object recognition", ICANN
       2010.

    Examples
    --------
    >>> import numpy as np
    >>> import cpool
    >>> x = np.arange(1, 17).reshape(4, 4)
    >>> cpool.max_pool2d(x, 2)
    array([[ 6,  8],
           [14, 16]])
    >>> cpool.max_pool2d(x, 3, 2, "same", return_indices=True)[1]
    array([[10, 11],
           [14, 15]])
    """
    return _call.windowed(
        "max", 2, x, kernel_size, stride, padding, dilation, ceil_mode,
        return_indices, data_format, axis, index_dtype, nan_policy, mask, out, None, None, None, None,
        None, False,
    )


def max_pool3d(
    x, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False, *,
    data_format=DEFAULT_FORMAT, axis=None, index_dtype=None, nan_policy="propagate", mask=None, out=None,
):
    """Take the maximum of every 3-D window.

    Parameters
    ----------
    x : array_like of shape (..., D, H, W)
        Any bool, integer or floating-point dtype, float16 and bfloat16
        included. Any number of leading axes, zero included. With channels last
        the shape is (..., D, H, W, C). Read in place if its memory is in the
        order of one of the two formats, else copied once.
    kernel_size : int or (int, int, int)
        Size of the window, one int for all axes or one for each; the same holds
        for the other sizes.
    stride : int or (int, int, int), optional
        Distance from one window to the next; `kernel_size` by default.
    padding : int or (int, int, int), 3 (before, after) pairs or str, default 0
        Room for windows beyond the edges; it never wins. "valid" is 0. "same"
        and "same_lower" give ceil(n / stride) windows for n elements; an odd
        place goes to the end, or to the start.
    dilation : int or (int, int, int), default 1
        Distance between the elements of a window; 1 is dense.
    ceil_mode : bool, default False
        Round the number of windows up instead of down. A window that would
        start at or past the end of the input is left out all the same, and
        "same" padding ignores this.
    return_indices : bool, default False
        Return where each maximum was found, too.
    data_format : {"channels_first", "channels_last"}, default "channels_first"
        Whether the spatial axes are the last ones, or stand before one last
        axis of channels. "NCDHW" and "NDHWC" are other names for them.
    axis : (int, int, int), optional
        The spatial axes in place of `data_format`. The order given is the order
        of the window, and of the first of several equals. The other axes stay
        where they are.
    index_dtype : {int64, int32}, optional
        dtype of the indices, int64 by default.
    nan_policy : {"propagate", "omit", "raise"}, default "propagate"
        What becomes of NaN: its windows are NaN, it takes no part as if it were
        masked, or it is a ValueError.
    mask : array_like of bool, optional
        True where an element takes part; broadcasts to `x`. A window in which
        none does gives -inf, the smallest integer or False, at index -1.
    out : ndarray, or (values, indices) pair, optional
        Array for the result, or with `return_indices` two: of exactly its shape
        and dtype, writeable, and apart from `x` in memory. Returned in place of
        new ones.

    Returns
    -------
    values : ndarray of shape (..., OD, OH, OW)
        With the dtype of `x`. Along an axis of n elements there are
        ``(n + before + after - dilation * (kernel - 1) - 1) / stride + 1``
        windows, rounded down (up in ceil_mode).
    indices : ndarray of int of the same shape
        Only with ``return_indices=True``: position (d * H + h) * W + w of the
        first maximum, or of the first NaN, in row-major order; -1 where the
        window holds no element.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind: a dtype that is not accepted, a
        float or a bool for an int.
    ValueError
        If an argument has a value that is not accepted, or no window fits.
    MemoryError
        If the result cannot fit the memory of this machine.

    See Also
    --------
    max_pool3d_backward, adaptive_max_pool3d, global_max_pool, max_unpool3d,
    min_pool3d

    Notes
    -----
    A window without any element, which wide padding or dilation can make, gives
    -inf, the smallest integer or False.

    The rules are those of ``torch.nn.functional.max_pool3d`` and of MaxPool in
    ONNX, with any padding and dtype, except that of several NaNs the first is
    indexed [1]_.

    References
    ----------
    .. [1] D. Scherer, A. Müller and S. Behnke, "Evaluation of pooling
       operations in convolutional architectures for object recognition", ICANN
       2010.

    Examples
    --------
    >>> import numpy as np
    >>> import cpool
    >>> x = np.arange(16).reshape(2, 2, 4)
    >>> cpool.max_pool3d(x, 2)
    array([[[13, 15]]])
    >>> cpool.max_pool3d(x, (1, 2, 2), return_indices=True)[1]
    array([[[ 5,  7]],
    <BLANKLINE>
           [[13, 15]]])
    """
    return _call.windowed(
        "max", 3, x, kernel_size, stride, padding, dilation, ceil_mode,
        return_indices, data_format, axis, index_dtype, nan_policy, mask, out, None, None, None, None,
        None, False,
    )


def max_pool1d_backward(
    grad_output, x, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False,
    return_indices=False, *, indices=None, data_format=DEFAULT_FORMAT, axis=None, index_dtype=None,
    nan_policy="propagate", mask=None, out=None,
):
    """Gradient of `max_pool1d` with respect to its input.

    Parameters
    ----------
    grad_output : array_like
        Gradient with respect to the result of `max_pool1d`, of its shape and
        dtype.
    x : array_like of shape (..., W), or tuple of int
        The floating-point array that was pooled, or its shape if `indices` is
        given.
    kernel_size, stride, padding, dilation, ceil_mode, data_format, axis,
    nan_policy, mask
        As in the call of `max_pool1d`.
    return_indices, index_dtype
        Ignored; they are here so that one dict of arguments serves both
        functions.
    indices : array_like of int, optional
        What `max_pool1d` returned with ``return_indices=True``; without it, `x`
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
        If the gradient or `x` is not floating, `grad_output` has another dtype
        than the forward result, or an argument is of the wrong kind.
    ValueError
        If `grad_output` or `indices` has the wrong shape, an index lies outside
        its plane, or an argument has a value that is not accepted.

    See Also
    --------
    max_pool1d, max_unpool1d

    Notes
    -----
    The gradient of a window goes to its first maximum, or to its first NaN; a
    window without any element passes none on. Contributions are added in a
    fixed order, whatever the number of threads.

    Examples
    --------
    >>> import cpool
    >>> cpool.max_pool1d_backward([1.0, 1.0], [0.0, 3.0, 2.0, 5.0], 2)
    array([0., 1., 0., 1.])
    """
    return _call.windowed_backward(
        "max", 1, grad_output, x, kernel_size, stride, padding,
        dilation, ceil_mode, return_indices, data_format, axis, index_dtype, nan_policy, mask, out, None,
        None, None, None, None, False, indices,
    )


def max_pool2d_backward(
    grad_output, x, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False,
    return_indices=False, *, indices=None, data_format=DEFAULT_FORMAT, axis=None, index_dtype=None,
    nan_policy="propagate", mask=None, out=None,
):
    """Gradient of `max_pool2d` with respect to its input.

    Parameters
    ----------
    grad_output : array_like
        Gradient with respect to the result of `max_pool2d`, of its shape and
        dtype.
    x : array_like of shape (..., H, W), or tuple of int
        The floating-point array that was pooled, or its shape if `indices` is
        given.
    kernel_size, stride, padding, dilation, ceil_mode, data_format, axis,
    nan_policy, mask
        As in the call of `max_pool2d`.
    return_indices, index_dtype
        Ignored; they are here so that one dict of arguments serves both
        functions.
    indices : array_like of int, optional
        What `max_pool2d` returned with ``return_indices=True``; without it, `x`
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
        If the gradient or `x` is not floating, `grad_output` has another dtype
        than the forward result, or an argument is of the wrong kind.
    ValueError
        If `grad_output` or `indices` has the wrong shape, an index lies outside
        its plane, or an argument has a value that is not accepted.

    See Also
    --------
    max_pool2d, max_unpool2d

    Notes
    -----
    The gradient of a window goes to its first maximum, or to its first NaN; a
    window without any element passes none on. Contributions are added in a
    fixed order, whatever the number of threads.

    Examples
    --------
    >>> import numpy as np
    >>> import cpool
    >>> x = np.array([[1.0, 2.0], [4.0, 3.0]])
    >>> y, indices = cpool.max_pool2d(x, 2, return_indices=True)
    >>> cpool.max_pool2d_backward([[10.0]], x.shape, 2, indices=indices)
    array([[ 0.,  0.],
           [10.,  0.]])
    """
    return _call.windowed_backward(
        "max", 2, grad_output, x, kernel_size, stride, padding,
        dilation, ceil_mode, return_indices, data_format, axis, index_dtype, nan_policy, mask, out, None,
        None, None, None, None, False, indices,
    )


def max_pool3d_backward(
    grad_output, x, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False,
    return_indices=False, *, indices=None, data_format=DEFAULT_FORMAT, axis=None, index_dtype=None,
    nan_policy="propagate", mask=None, out=None,
):
    """Gradient of `max_pool3d` with respect to its input.

    Parameters
    ----------
    grad_output : array_like
        Gradient with respect to the result of `max_pool3d`, of its shape and
        dtype.
    x : array_like of shape (..., D, H, W), or tuple of int
        The floating-point array that was pooled, or its shape if `indices` is
        given.
    kernel_size, stride, padding, dilation, ceil_mode, data_format, axis,
    nan_policy, mask
        As in the call of `max_pool3d`.
    return_indices, index_dtype
        Ignored; they are here so that one dict of arguments serves both
        functions.
    indices : array_like of int, optional
        What `max_pool3d` returned with ``return_indices=True``; without it, `x`
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
        If the gradient or `x` is not floating, `grad_output` has another dtype
        than the forward result, or an argument is of the wrong kind.
    ValueError
        If `grad_output` or `indices` has the wrong shape, an index lies outside
        its plane, or an argument has a value that is not accepted.

    See Also
    --------
    max_pool3d, max_unpool3d

    Notes
    -----
    The gradient of a window goes to its first maximum, or to its first NaN; a
    window without any element passes none on. Contributions are added in a
    fixed order, whatever the number of threads.

    Examples
    --------
    >>> import numpy as np
    >>> import cpool
    >>> x = np.arange(8.0).reshape(2, 2, 2)
    >>> cpool.max_pool3d_backward([[[1.0]]], x, 2)
    array([[[0., 0.],
            [0., 0.]],
    <BLANKLINE>
           [[0., 0.],
            [0., 1.]]])
    """
    return _call.windowed_backward(
        "max", 3, grad_output, x, kernel_size, stride, padding,
        dilation, ceil_mode, return_indices, data_format, axis, index_dtype, nan_policy, mask, out, None,
        None, None, None, None, False, indices,
    )


def min_pool1d(
    x, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False, *,
    data_format=DEFAULT_FORMAT, axis=None, index_dtype=None, nan_policy="propagate", mask=None, out=None,
):
    """Take the minimum of every 1-D window.

    Parameters
    ----------
    x : array_like of shape (..., W)
        Any bool, integer or floating-point dtype, float16 and bfloat16
        included. Any number of leading axes, zero included. With channels last
        the shape is (..., W, C). Read in place if its memory is in the order of
        one of the two formats, else copied once.
    kernel_size : int or (int,)
        Size of the window.
    stride : int or (int,), optional
        Distance from one window to the next; `kernel_size` by default.
    padding : int or (int,), a (before, after) pair in a list or str, default 0
        Room for windows beyond the edges; it never wins. "valid" is 0. "same"
        and "same_lower" give ceil(n / stride) windows for n elements; an odd
        place goes to the end, or to the start.
    dilation : int or (int,), default 1
        Distance between the elements of a window; 1 is dense.
    ceil_mode : bool, default False
        Round the number of windows up instead of down. A window that would
        start at or past the end of the input is left out all the same, and
        "same" padding ignores this.
    return_indices : bool, default False
        Return where each minimum was found, too.
    data_format : {"channels_first", "channels_last"}, default "channels_first"
        Whether the spatial axes are the last ones, or stand before one last
        axis of channels. "NCW" and "NWC" are other names for them.
    axis : int or (int,), optional
        The spatial axis in place of `data_format`. The other axes stay where
        they are.
    index_dtype : {int64, int32}, optional
        dtype of the indices, int64 by default.
    nan_policy : {"propagate", "omit", "raise"}, default "propagate"
        What becomes of NaN: its windows are NaN, it takes no part as if it were
        masked, or it is a ValueError.
    mask : array_like of bool, optional
        True where an element takes part; broadcasts to `x`. A window in which
        none does gives inf, the largest integer or True, at index -1.
    out : ndarray, or (values, indices) pair, optional
        Array for the result, or with `return_indices` two: of exactly its shape
        and dtype, writeable, and apart from `x` in memory. Returned in place of
        new ones.

    Returns
    -------
    values : ndarray of shape (..., OW)
        With the dtype of `x`. Along an axis of n elements there are
        ``(n + before + after - dilation * (kernel - 1) - 1) / stride + 1``
        windows, rounded down (up in ceil_mode).
    indices : ndarray of int of the same shape
        Only with ``return_indices=True``: position w of the first minimum, or
        of the first NaN, in row-major order; -1 where the window holds no
        element.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind: a dtype that is not accepted, a
        float or a bool for an int.
    ValueError
        If an argument has a value that is not accepted, or no window fits.
    MemoryError
        If the result cannot fit the memory of this machine.

    See Also
    --------
    min_pool1d_backward, adaptive_min_pool1d, global_min_pool, max_pool1d

    Notes
    -----
    A window without any element, which wide padding or dilation can make, gives
    inf, the largest integer or True. The result is not computed as a negated
    maximum, which would fail for unsigned and extreme integers. With stride 1
    it is the grey-scale erosion with a box [1]_.

    References
    ----------
    .. [1] J. Serra, "Image Analysis and Mathematical Morphology", Academic
       Press, 1982 (erosion).

    Examples
    --------
    >>> import cpool
    >>> cpool.min_pool1d([1, 3, 2, 5, 4, 0], 2)
    array([1, 2, 0])
    >>> cpool.min_pool1d([1, 3, 2, 5, 4, 0], 3, 1, return_indices=True)
    (array([1, 2, 2, 0]), array([0, 2, 2, 5]))
    """
    return _call.windowed(
        "min", 1, x, kernel_size, stride, padding, dilation, ceil_mode,
        return_indices, data_format, axis, index_dtype, nan_policy, mask, out, None, None, None, None,
        None, False,
    )


def min_pool2d(
    x, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False, *,
    data_format=DEFAULT_FORMAT, axis=None, index_dtype=None, nan_policy="propagate", mask=None, out=None,
):
    """Take the minimum of every 2-D window.

    Parameters
    ----------
    x : array_like of shape (..., H, W)
        Any bool, integer or floating-point dtype, float16 and bfloat16
        included. Any number of leading axes, zero included. With channels last
        the shape is (..., H, W, C). Read in place if its memory is in the order
        of one of the two formats, else copied once.
    kernel_size : int or (int, int)
        Size of the window, one int for all axes or one for each; the same holds
        for the other sizes.
    stride : int or (int, int), optional
        Distance from one window to the next; `kernel_size` by default.
    padding : int or (int, int), 2 (before, after) pairs or str, default 0
        Room for windows beyond the edges; it never wins. "valid" is 0. "same"
        and "same_lower" give ceil(n / stride) windows for n elements; an odd
        place goes to the end, or to the start.
    dilation : int or (int, int), default 1
        Distance between the elements of a window; 1 is dense.
    ceil_mode : bool, default False
        Round the number of windows up instead of down. A window that would
        start at or past the end of the input is left out all the same, and
        "same" padding ignores this.
    return_indices : bool, default False
        Return where each minimum was found, too.
    data_format : {"channels_first", "channels_last"}, default "channels_first"
        Whether the spatial axes are the last ones, or stand before one last
        axis of channels. "NCHW" and "NHWC" are other names for them.
    axis : (int, int), optional
        The spatial axes in place of `data_format`. The order given is the order
        of the window, and of the first of several equals. The other axes stay
        where they are.
    index_dtype : {int64, int32}, optional
        dtype of the indices, int64 by default.
    nan_policy : {"propagate", "omit", "raise"}, default "propagate"
        What becomes of NaN: its windows are NaN, it takes no part as if it were
        masked, or it is a ValueError.
    mask : array_like of bool, optional
        True where an element takes part; broadcasts to `x`. A window in which
        none does gives inf, the largest integer or True, at index -1.
    out : ndarray, or (values, indices) pair, optional
        Array for the result, or with `return_indices` two: of exactly its shape
        and dtype, writeable, and apart from `x` in memory. Returned in place of
        new ones.

    Returns
    -------
    values : ndarray of shape (..., OH, OW)
        With the dtype of `x`. Along an axis of n elements there are
        ``(n + before + after - dilation * (kernel - 1) - 1) / stride + 1``
        windows, rounded down (up in ceil_mode).
    indices : ndarray of int of the same shape
        Only with ``return_indices=True``: position h * W + w of the first
        minimum, or of the first NaN, in row-major order; -1 where the window
        holds no element.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind: a dtype that is not accepted, a
        float or a bool for an int.
    ValueError
        If an argument has a value that is not accepted, or no window fits.
    MemoryError
        If the result cannot fit the memory of this machine.

    See Also
    --------
    min_pool2d_backward, adaptive_min_pool2d, global_min_pool, max_pool2d

    Notes
    -----
    A window without any element, which wide padding or dilation can make, gives
    inf, the largest integer or True. The result is not computed as a negated
    maximum, which would fail for unsigned and extreme integers. With stride 1
    it is the grey-scale erosion with a box [1]_.

    References
    ----------
    .. [1] J. Serra, "Image Analysis and Mathematical Morphology", Academic
       Press, 1982 (erosion).

    Examples
    --------
    >>> import numpy as np
    >>> import cpool
    >>> x = np.arange(1, 17).reshape(4, 4)
    >>> cpool.min_pool2d(x, 2)
    array([[ 1,  3],
           [ 9, 11]])
    >>> cpool.min_pool2d(x, 2, padding=1)
    array([[ 1,  2,  4],
           [ 5,  6,  8],
           [13, 14, 16]])
    """
    return _call.windowed(
        "min", 2, x, kernel_size, stride, padding, dilation, ceil_mode,
        return_indices, data_format, axis, index_dtype, nan_policy, mask, out, None, None, None, None,
        None, False,
    )


def min_pool3d(
    x, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False, *,
    data_format=DEFAULT_FORMAT, axis=None, index_dtype=None, nan_policy="propagate", mask=None, out=None,
):
    """Take the minimum of every 3-D window.

    Parameters
    ----------
    x : array_like of shape (..., D, H, W)
        Any bool, integer or floating-point dtype, float16 and bfloat16
        included. Any number of leading axes, zero included. With channels last
        the shape is (..., D, H, W, C). Read in place if its memory is in the
        order of one of the two formats, else copied once.
    kernel_size : int or (int, int, int)
        Size of the window, one int for all axes or one for each; the same holds
        for the other sizes.
    stride : int or (int, int, int), optional
        Distance from one window to the next; `kernel_size` by default.
    padding : int or (int, int, int), 3 (before, after) pairs or str, default 0
        Room for windows beyond the edges; it never wins. "valid" is 0. "same"
        and "same_lower" give ceil(n / stride) windows for n elements; an odd
        place goes to the end, or to the start.
    dilation : int or (int, int, int), default 1
        Distance between the elements of a window; 1 is dense.
    ceil_mode : bool, default False
        Round the number of windows up instead of down. A window that would
        start at or past the end of the input is left out all the same, and
        "same" padding ignores this.
    return_indices : bool, default False
        Return where each minimum was found, too.
    data_format : {"channels_first", "channels_last"}, default "channels_first"
        Whether the spatial axes are the last ones, or stand before one last
        axis of channels. "NCDHW" and "NDHWC" are other names for them.
    axis : (int, int, int), optional
        The spatial axes in place of `data_format`. The order given is the order
        of the window, and of the first of several equals. The other axes stay
        where they are.
    index_dtype : {int64, int32}, optional
        dtype of the indices, int64 by default.
    nan_policy : {"propagate", "omit", "raise"}, default "propagate"
        What becomes of NaN: its windows are NaN, it takes no part as if it were
        masked, or it is a ValueError.
    mask : array_like of bool, optional
        True where an element takes part; broadcasts to `x`. A window in which
        none does gives inf, the largest integer or True, at index -1.
    out : ndarray, or (values, indices) pair, optional
        Array for the result, or with `return_indices` two: of exactly its shape
        and dtype, writeable, and apart from `x` in memory. Returned in place of
        new ones.

    Returns
    -------
    values : ndarray of shape (..., OD, OH, OW)
        With the dtype of `x`. Along an axis of n elements there are
        ``(n + before + after - dilation * (kernel - 1) - 1) / stride + 1``
        windows, rounded down (up in ceil_mode).
    indices : ndarray of int of the same shape
        Only with ``return_indices=True``: position (d * H + h) * W + w of the
        first minimum, or of the first NaN, in row-major order; -1 where the
        window holds no element.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind: a dtype that is not accepted, a
        float or a bool for an int.
    ValueError
        If an argument has a value that is not accepted, or no window fits.
    MemoryError
        If the result cannot fit the memory of this machine.

    See Also
    --------
    min_pool3d_backward, adaptive_min_pool3d, global_min_pool, max_pool3d

    Notes
    -----
    A window without any element, which wide padding or dilation can make, gives
    inf, the largest integer or True. The result is not computed as a negated
    maximum, which would fail for unsigned and extreme integers. With stride 1
    it is the grey-scale erosion with a box [1]_.

    References
    ----------
    .. [1] J. Serra, "Image Analysis and Mathematical Morphology", Academic
       Press, 1982 (erosion).

    Examples
    --------
    >>> import numpy as np
    >>> import cpool
    >>> x = np.arange(16).reshape(2, 2, 4)
    >>> cpool.min_pool3d(x, 2)
    array([[[0, 2]]])
    >>> cpool.min_pool3d(x, (1, 2, 2), return_indices=True)[1]
    array([[[ 0,  2]],
    <BLANKLINE>
           [[ 8, 10]]])
    """
    return _call.windowed(
        "min", 3, x, kernel_size, stride, padding, dilation, ceil_mode,
        return_indices, data_format, axis, index_dtype, nan_policy, mask, out, None, None, None, None,
        None, False,
    )


def min_pool1d_backward(
    grad_output, x, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False,
    return_indices=False, *, indices=None, data_format=DEFAULT_FORMAT, axis=None, index_dtype=None,
    nan_policy="propagate", mask=None, out=None,
):
    """Gradient of `min_pool1d` with respect to its input.

    Parameters
    ----------
    grad_output : array_like
        Gradient with respect to the result of `min_pool1d`, of its shape and
        dtype.
    x : array_like of shape (..., W), or tuple of int
        The floating-point array that was pooled, or its shape if `indices` is
        given.
    kernel_size, stride, padding, dilation, ceil_mode, data_format, axis,
    nan_policy, mask
        As in the call of `min_pool1d`.
    return_indices, index_dtype
        Ignored; they are here so that one dict of arguments serves both
        functions.
    indices : array_like of int, optional
        What `min_pool1d` returned with ``return_indices=True``; without it, `x`
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
        If the gradient or `x` is not floating, `grad_output` has another dtype
        than the forward result, or an argument is of the wrong kind.
    ValueError
        If `grad_output` or `indices` has the wrong shape, an index lies outside
        its plane, or an argument has a value that is not accepted.

    See Also
    --------
    min_pool1d

    Notes
    -----
    The gradient of a window goes to its first minimum, or to its first NaN; a
    window without any element passes none on. Contributions are added in a
    fixed order, whatever the number of threads.

    Examples
    --------
    >>> import cpool
    >>> cpool.min_pool1d_backward([1.0, 1.0], [0.0, 3.0, 2.0, 5.0], 2)
    array([1., 0., 1., 0.])
    """
    return _call.windowed_backward(
        "min", 1, grad_output, x, kernel_size, stride, padding,
        dilation, ceil_mode, return_indices, data_format, axis, index_dtype, nan_policy, mask, out, None,
        None, None, None, None, False, indices,
    )


def min_pool2d_backward(
    grad_output, x, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False,
    return_indices=False, *, indices=None, data_format=DEFAULT_FORMAT, axis=None, index_dtype=None,
    nan_policy="propagate", mask=None, out=None,
):
    """Gradient of `min_pool2d` with respect to its input.

    Parameters
    ----------
    grad_output : array_like
        Gradient with respect to the result of `min_pool2d`, of its shape and
        dtype.
    x : array_like of shape (..., H, W), or tuple of int
        The floating-point array that was pooled, or its shape if `indices` is
        given.
    kernel_size, stride, padding, dilation, ceil_mode, data_format, axis,
    nan_policy, mask
        As in the call of `min_pool2d`.
    return_indices, index_dtype
        Ignored; they are here so that one dict of arguments serves both
        functions.
    indices : array_like of int, optional
        What `min_pool2d` returned with ``return_indices=True``; without it, `x`
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
        If the gradient or `x` is not floating, `grad_output` has another dtype
        than the forward result, or an argument is of the wrong kind.
    ValueError
        If `grad_output` or `indices` has the wrong shape, an index lies outside
        its plane, or an argument has a value that is not accepted.

    See Also
    --------
    min_pool2d

    Notes
    -----
    The gradient of a window goes to its first minimum, or to its first NaN; a
    window without any element passes none on. Contributions are added in a
    fixed order, whatever the number of threads.

    Examples
    --------
    >>> import numpy as np
    >>> import cpool
    >>> x = np.array([[1.0, 2.0], [4.0, 3.0]])
    >>> y, indices = cpool.min_pool2d(x, 2, return_indices=True)
    >>> cpool.min_pool2d_backward([[10.0]], x.shape, 2, indices=indices)
    array([[10.,  0.],
           [ 0.,  0.]])
    """
    return _call.windowed_backward(
        "min", 2, grad_output, x, kernel_size, stride, padding,
        dilation, ceil_mode, return_indices, data_format, axis, index_dtype, nan_policy, mask, out, None,
        None, None, None, None, False, indices,
    )


def min_pool3d_backward(
    grad_output, x, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False,
    return_indices=False, *, indices=None, data_format=DEFAULT_FORMAT, axis=None, index_dtype=None,
    nan_policy="propagate", mask=None, out=None,
):
    """Gradient of `min_pool3d` with respect to its input.

    Parameters
    ----------
    grad_output : array_like
        Gradient with respect to the result of `min_pool3d`, of its shape and
        dtype.
    x : array_like of shape (..., D, H, W), or tuple of int
        The floating-point array that was pooled, or its shape if `indices` is
        given.
    kernel_size, stride, padding, dilation, ceil_mode, data_format, axis,
    nan_policy, mask
        As in the call of `min_pool3d`.
    return_indices, index_dtype
        Ignored; they are here so that one dict of arguments serves both
        functions.
    indices : array_like of int, optional
        What `min_pool3d` returned with ``return_indices=True``; without it, `x`
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
        If the gradient or `x` is not floating, `grad_output` has another dtype
        than the forward result, or an argument is of the wrong kind.
    ValueError
        If `grad_output` or `indices` has the wrong shape, an index lies outside
        its plane, or an argument has a value that is not accepted.

    See Also
    --------
    min_pool3d

    Notes
    -----
    The gradient of a window goes to its first minimum, or to its first NaN; a
    window without any element passes none on. Contributions are added in a
    fixed order, whatever the number of threads.

    Examples
    --------
    >>> import numpy as np
    >>> import cpool
    >>> x = np.arange(8.0).reshape(2, 2, 2)
    >>> cpool.min_pool3d_backward([[[1.0]]], x, 2)
    array([[[1., 0.],
            [0., 0.]],
    <BLANKLINE>
           [[0., 0.],
            [0., 0.]]])
    """
    return _call.windowed_backward(
        "min", 3, grad_output, x, kernel_size, stride, padding,
        dilation, ceil_mode, return_indices, data_format, axis, index_dtype, nan_policy, mask, out, None,
        None, None, None, None, False, indices,
    )


def avg_pool1d(
    x, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=None,
    divisor_override=None, *, dilation=1, dtype=None, data_format=DEFAULT_FORMAT, axis=None,
    nan_policy="propagate", mask=None, weights=None, out=None,
):
    """Take the average of every 1-D window.

    Parameters
    ----------
    x : array_like of shape (..., W)
        Any bool, integer or floating-point dtype, float16 and bfloat16
        included. Any number of leading axes, zero included. With channels last
        the shape is (..., W, C). Read in place if its memory is in the order of
        one of the two formats, else copied once.
    kernel_size : int or (int,)
        Size of the window.
    stride : int or (int,), optional
        Distance from one window to the next; `kernel_size` by default.
    padding : int or (int,), a (before, after) pair in a list or str, default 0
        Room for windows beyond the edges; it adds nothing. "valid" is 0. "same"
        and "same_lower" give ceil(n / stride) windows for n elements; an odd
        place goes to the end, or to the start.
    ceil_mode : bool, default False
        Round the number of windows up instead of down. A window that would
        start at or past the end of the input is left out all the same, and
        "same" padding ignores this.
    count_include_pad : bool, optional
        Whether places of the padding count in the divisor (what ceil_mode adds
        behind it never does). By default they do, except with "same" and
        "same_lower".
    divisor_override : int, optional
        Divide by this number, any but 0, instead of the number of elements.
    dilation : int or (int,), default 1
        Distance between the elements of a window; 1 is dense.
    dtype : dtype, optional
        float32 or float64, to have the average in it rather than in the dtype
        of `x`. Needed for bool.
    data_format : {"channels_first", "channels_last"}, default "channels_first"
        Whether the spatial axes are the last ones, or stand before one last
        axis of channels. "NCW" and "NWC" are other names for them.
    axis : int or (int,), optional
        The spatial axis in place of `data_format`. The other axes stay where
        they are.
    nan_policy : {"propagate", "omit", "raise"}, default "propagate"
        What becomes of NaN: its windows are NaN, it takes no part as if it were
        masked, or it is a ValueError.
    mask : array_like of bool, optional
        True where an element takes part; broadcasts to `x`. The average is over
        those that do (and the padding, if that counts); where none does it is
        NaN (integers: 0), or 0 if padding counts.
    weights : array_like, optional
        Real numbers that broadcast to `x`: each result is sum(weights * x) /
        sum(weights) over the window's elements, NaN where the weights add up to
        0. Averages of integers need a `dtype` then. Not with a
        `divisor_override`; padding weighs nothing.
    out : ndarray, optional
        Array for the result: of exactly its shape and dtype, writeable, and
        apart from `x` in memory. It is returned.

    Returns
    -------
    ndarray of shape (..., OW)
        With the dtype of `x`, or `dtype`. Integers are averaged exactly and
        rounded to nearest, ties to even. Along an axis of n elements there are
        ``(n + before + after - dilation * (kernel - 1) - 1) / stride + 1``
        windows, rounded down (up in ceil_mode).

    Raises
    ------
    TypeError
        If an argument is of the wrong kind: a dtype that is not accepted, a
        float or a bool for an int.
    ValueError
        If an argument has a value that is not accepted, or no window fits.
    MemoryError
        If the result cannot fit the memory of this machine.

    See Also
    --------
    avg_pool1d_backward, adaptive_avg_pool1d, global_avg_pool, sum_pool1d

    Notes
    -----
    A window without any element gives 0 if places of the padding count, else
    NaN (0 for integers). 16-bit floats are accumulated in float32 and float64
    and rounded once.

    The rules are those of ``torch.nn.functional.avg_pool1d`` and of AveragePool
    in ONNX, with dilation, uneven padding and integers [1]_.

    References
    ----------
    .. [1] Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, "Gradient-based
       learning applied to document recognition", Proceedings of the IEEE
       86(11), 1998.

    Examples
    --------
    >>> import cpool
    >>> cpool.avg_pool1d([1.0, 3.0, 2.0, 6.0], 2)
    array([2., 4.])
    >>> cpool.avg_pool1d([4.0, 4.0, 4.0, 4.0], 2, padding=1)
    array([2., 4., 2.])
    >>> cpool.avg_pool1d([4.0, 4.0, 4.0, 4.0], 2, padding=1,
    ...     count_include_pad=False)
    array([4., 4., 4.])
    """
    return _call.windowed(
        "avg", 1, x, kernel_size, stride, padding, dilation, ceil_mode, False,
        data_format, axis, None, nan_policy, mask, out, count_include_pad, divisor_override, dtype,
        weights, None, False,
    )


def avg_pool2d(
    x, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=None,
    divisor_override=None, *, dilation=1, dtype=None, data_format=DEFAULT_FORMAT, axis=None,
    nan_policy="propagate", mask=None, weights=None, out=None,
):
    """Take the average of every 2-D window.

    Parameters
    ----------
    x : array_like of shape (..., H, W)
        Any bool, integer or floating-point dtype, float16 and bfloat16
        included. Any number of leading axes, zero included. With channels last
        the shape is (..., H, W, C). Read in place if its memory is in the order
        of one of the two formats, else copied once.
    kernel_size : int or (int, int)
        Size of the window, one int for all axes or one for each; the same holds
        for the other sizes.
    stride : int or (int, int), optional
        Distance from one window to the next; `kernel_size` by default.
    padding : int or (int, int), 2 (before, after) pairs or str, default 0
        Room for windows beyond the edges; it adds nothing. "valid" is 0. "same"
        and "same_lower" give ceil(n / stride) windows for n elements; an odd
        place goes to the end, or to the start.
    ceil_mode : bool, default False
        Round the number of windows up instead of down. A window that would
        start at or past the end of the input is left out all the same, and
        "same" padding ignores this.
    count_include_pad : bool, optional
        Whether places of the padding count in the divisor (what ceil_mode adds
        behind it never does). By default they do, except with "same" and
        "same_lower".
    divisor_override : int, optional
        Divide by this number, any but 0, instead of the number of elements.
    dilation : int or (int, int), default 1
        Distance between the elements of a window; 1 is dense.
    dtype : dtype, optional
        float32 or float64, to have the average in it rather than in the dtype
        of `x`. Needed for bool.
    data_format : {"channels_first", "channels_last"}, default "channels_first"
        Whether the spatial axes are the last ones, or stand before one last
        axis of channels. "NCHW" and "NHWC" are other names for them.
    axis : (int, int), optional
        The spatial axes in place of `data_format`. The order given is the order
        of the window, and of the first of several equals. The other axes stay
        where they are.
    nan_policy : {"propagate", "omit", "raise"}, default "propagate"
        What becomes of NaN: its windows are NaN, it takes no part as if it were
        masked, or it is a ValueError.
    mask : array_like of bool, optional
        True where an element takes part; broadcasts to `x`. The average is over
        those that do (and the padding, if that counts); where none does it is
        NaN (integers: 0), or 0 if padding counts.
    weights : array_like, optional
        Real numbers that broadcast to `x`: each result is sum(weights * x) /
        sum(weights) over the window's elements, NaN where the weights add up to
        0. Averages of integers need a `dtype` then. Not with a
        `divisor_override`; padding weighs nothing.
    out : ndarray, optional
        Array for the result: of exactly its shape and dtype, writeable, and
        apart from `x` in memory. It is returned.

    Returns
    -------
    ndarray of shape (..., OH, OW)
        With the dtype of `x`, or `dtype`. Integers are averaged exactly and
        rounded to nearest, ties to even. Along an axis of n elements there are
        ``(n + before + after - dilation * (kernel - 1) - 1) / stride + 1``
        windows, rounded down (up in ceil_mode).

    Raises
    ------
    TypeError
        If an argument is of the wrong kind: a dtype that is not accepted, a
        float or a bool for an int.
    ValueError
        If an argument has a value that is not accepted, or no window fits.
    MemoryError
        If the result cannot fit the memory of this machine.

    See Also
    --------
    avg_pool2d_backward, adaptive_avg_pool2d, global_avg_pool, sum_pool2d

    Notes
    -----
    A window without any element gives 0 if places of the padding count, else
    NaN (0 for integers). 16-bit floats are accumulated in float32 and float64
    and rounded once.

    The rules are those of ``torch.nn.functional.avg_pool2d`` and of AveragePool
    in ONNX, with dilation, uneven padding and integers [1]_.

    References
    ----------
    .. [1] Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, "Gradient-based
       learning applied to document recognition", Proceedings of the IEEE
       86(11), 1998.

    Examples
    --------
    >>> import numpy as np
    >>> import cpool
    >>> x = np.arange(1, 17).reshape(4, 4)
    >>> cpool.avg_pool2d(x, 2, dtype="float64")
    array([[ 3.5,  5.5],
           [11.5, 13.5]])
    >>> cpool.avg_pool2d(x, 2)
    array([[ 4,  6],
           [12, 14]])
    """
    return _call.windowed(
        "avg", 2, x, kernel_size, stride, padding, dilation, ceil_mode, False,
        data_format, axis, None, nan_policy, mask, out, count_include_pad, divisor_override, dtype,
        weights, None, False,
    )


def avg_pool3d(
    x, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=None,
    divisor_override=None, *, dilation=1, dtype=None, data_format=DEFAULT_FORMAT, axis=None,
    nan_policy="propagate", mask=None, weights=None, out=None,
):
    """Take the average of every 3-D window.

    Parameters
    ----------
    x : array_like of shape (..., D, H, W)
        Any bool, integer or floating-point dtype, float16 and bfloat16
        included. Any number of leading axes, zero included. With channels last
        the shape is (..., D, H, W, C). Read in place if its memory is in the
        order of one of the two formats, else copied once.
    kernel_size : int or (int, int, int)
        Size of the window, one int for all axes or one for each; the same holds
        for the other sizes.
    stride : int or (int, int, int), optional
        Distance from one window to the next; `kernel_size` by default.
    padding : int or (int, int, int), 3 (before, after) pairs or str, default 0
        Room for windows beyond the edges; it adds nothing. "valid" is 0. "same"
        and "same_lower" give ceil(n / stride) windows for n elements; an odd
        place goes to the end, or to the start.
    ceil_mode : bool, default False
        Round the number of windows up instead of down. A window that would
        start at or past the end of the input is left out all the same, and
        "same" padding ignores this.
    count_include_pad : bool, optional
        Whether places of the padding count in the divisor (what ceil_mode adds
        behind it never does). By default they do, except with "same" and
        "same_lower".
    divisor_override : int, optional
        Divide by this number, any but 0, instead of the number of elements.
    dilation : int or (int, int, int), default 1
        Distance between the elements of a window; 1 is dense.
    dtype : dtype, optional
        float32 or float64, to have the average in it rather than in the dtype
        of `x`. Needed for bool.
    data_format : {"channels_first", "channels_last"}, default "channels_first"
        Whether the spatial axes are the last ones, or stand before one last
        axis of channels. "NCDHW" and "NDHWC" are other names for them.
    axis : (int, int, int), optional
        The spatial axes in place of `data_format`. The order given is the order
        of the window, and of the first of several equals. The other axes stay
        where they are.
    nan_policy : {"propagate", "omit", "raise"}, default "propagate"
        What becomes of NaN: its windows are NaN, it takes no part as if it were
        masked, or it is a ValueError.
    mask : array_like of bool, optional
        True where an element takes part; broadcasts to `x`. The average is over
        those that do (and the padding, if that counts); where none does it is
        NaN (integers: 0), or 0 if padding counts.
    weights : array_like, optional
        Real numbers that broadcast to `x`: each result is sum(weights * x) /
        sum(weights) over the window's elements, NaN where the weights add up to
        0. Averages of integers need a `dtype` then. Not with a
        `divisor_override`; padding weighs nothing.
    out : ndarray, optional
        Array for the result: of exactly its shape and dtype, writeable, and
        apart from `x` in memory. It is returned.

    Returns
    -------
    ndarray of shape (..., OD, OH, OW)
        With the dtype of `x`, or `dtype`. Integers are averaged exactly and
        rounded to nearest, ties to even. Along an axis of n elements there are
        ``(n + before + after - dilation * (kernel - 1) - 1) / stride + 1``
        windows, rounded down (up in ceil_mode).

    Raises
    ------
    TypeError
        If an argument is of the wrong kind: a dtype that is not accepted, a
        float or a bool for an int.
    ValueError
        If an argument has a value that is not accepted, or no window fits.
    MemoryError
        If the result cannot fit the memory of this machine.

    See Also
    --------
    avg_pool3d_backward, adaptive_avg_pool3d, global_avg_pool, sum_pool3d

    Notes
    -----
    A window without any element gives 0 if places of the padding count, else
    NaN (0 for integers). 16-bit floats are accumulated in float32 and float64
    and rounded once.

    The rules are those of ``torch.nn.functional.avg_pool3d`` and of AveragePool
    in ONNX, with dilation, uneven padding and integers [1]_.

    References
    ----------
    .. [1] Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, "Gradient-based
       learning applied to document recognition", Proceedings of the IEEE
       86(11), 1998.

    Examples
    --------
    >>> import numpy as np
    >>> import cpool
    >>> x = np.arange(16.0).reshape(2, 2, 4)
    >>> cpool.avg_pool3d(x, 2)
    array([[[6.5, 8.5]]])
    >>> cpool.avg_pool3d(x, 2, divisor_override=1)
    array([[[52., 68.]]])
    """
    return _call.windowed(
        "avg", 3, x, kernel_size, stride, padding, dilation, ceil_mode, False,
        data_format, axis, None, nan_policy, mask, out, count_include_pad, divisor_override, dtype,
        weights, None, False,
    )


def avg_pool1d_backward(
    grad_output, x, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=None,
    divisor_override=None, *, dilation=1, dtype=None, data_format=DEFAULT_FORMAT, axis=None,
    nan_policy="propagate", mask=None, weights=None, out=None,
):
    """Gradient of `avg_pool1d` with respect to its input.

    Parameters
    ----------
    grad_output : array_like
        Gradient with respect to the result of `avg_pool1d`, of its shape and
        dtype.
    x : array_like of shape (..., W), or tuple of int
        The floating-point array that was pooled, or its shape: nothing else
        matters.
    kernel_size, stride, padding, ceil_mode, count_include_pad,
    divisor_override, dilation, dtype, data_format, axis, nan_policy, mask,
    weights
        As in the call of `avg_pool1d`.
    out : ndarray, optional
        Array for the gradient: of exactly its shape and dtype, writeable, and
        apart from the other arrays in memory. It is returned.

    Returns
    -------
    ndarray
        Gradient of the shape and dtype of `x` (the dtype of `grad_output` if
        `x` is a shape).
    grad_weights : ndarray
        Only with `weights`, behind the first: the gradient with respect to
        them, of their shape and dtype (floats; that of integers is the gradient
        of the floats that they stand for).

    Raises
    ------
    TypeError
        If the gradient or `x` is not floating, `grad_output` has another dtype
        than the forward result, or an argument is of the wrong kind.
    ValueError
        If `grad_output` has the wrong shape, or an argument has a value that is
        not accepted.

    See Also
    --------
    avg_pool1d

    Notes
    -----
    Every element of a window gets the window's gradient over its divisor.
    Contributions are added in a fixed order, whatever the number of threads.

    Examples
    --------
    >>> import cpool
    >>> cpool.avg_pool1d_backward([1.0, 2.0], (4,), 2)
    array([0.5, 0.5, 1. , 1. ])
    """
    return _call.windowed_backward(
        "avg", 1, grad_output, x, kernel_size, stride, padding,
        dilation, ceil_mode, False, data_format, axis, None, nan_policy, mask, out, count_include_pad,
        divisor_override, dtype, weights, None, False, None,
    )


def avg_pool2d_backward(
    grad_output, x, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=None,
    divisor_override=None, *, dilation=1, dtype=None, data_format=DEFAULT_FORMAT, axis=None,
    nan_policy="propagate", mask=None, weights=None, out=None,
):
    """Gradient of `avg_pool2d` with respect to its input.

    Parameters
    ----------
    grad_output : array_like
        Gradient with respect to the result of `avg_pool2d`, of its shape and
        dtype.
    x : array_like of shape (..., H, W), or tuple of int
        The floating-point array that was pooled, or its shape: nothing else
        matters.
    kernel_size, stride, padding, ceil_mode, count_include_pad,
    divisor_override, dilation, dtype, data_format, axis, nan_policy, mask,
    weights
        As in the call of `avg_pool2d`.
    out : ndarray, optional
        Array for the gradient: of exactly its shape and dtype, writeable, and
        apart from the other arrays in memory. It is returned.

    Returns
    -------
    ndarray
        Gradient of the shape and dtype of `x` (the dtype of `grad_output` if
        `x` is a shape).
    grad_weights : ndarray
        Only with `weights`, behind the first: the gradient with respect to
        them, of their shape and dtype (floats; that of integers is the gradient
        of the floats that they stand for).

    Raises
    ------
    TypeError
        If the gradient or `x` is not floating, `grad_output` has another dtype
        than the forward result, or an argument is of the wrong kind.
    ValueError
        If `grad_output` has the wrong shape, or an argument has a value that is
        not accepted.

    See Also
    --------
    avg_pool2d

    Notes
    -----
    Every element of a window gets the window's gradient over its divisor.
    Contributions are added in a fixed order, whatever the number of threads.

    Examples
    --------
    >>> import cpool
    >>> cpool.avg_pool2d_backward([[4.0, 8.0]], (2, 4), 2)
    array([[1., 1., 2., 2.],
           [1., 1., 2., 2.]])
    """
    return _call.windowed_backward(
        "avg", 2, grad_output, x, kernel_size, stride, padding,
        dilation, ceil_mode, False, data_format, axis, None, nan_policy, mask, out, count_include_pad,
        divisor_override, dtype, weights, None, False, None,
    )


def avg_pool3d_backward(
    grad_output, x, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=None,
    divisor_override=None, *, dilation=1, dtype=None, data_format=DEFAULT_FORMAT, axis=None,
    nan_policy="propagate", mask=None, weights=None, out=None,
):
    """Gradient of `avg_pool3d` with respect to its input.

    Parameters
    ----------
    grad_output : array_like
        Gradient with respect to the result of `avg_pool3d`, of its shape and
        dtype.
    x : array_like of shape (..., D, H, W), or tuple of int
        The floating-point array that was pooled, or its shape: nothing else
        matters.
    kernel_size, stride, padding, ceil_mode, count_include_pad,
    divisor_override, dilation, dtype, data_format, axis, nan_policy, mask,
    weights
        As in the call of `avg_pool3d`.
    out : ndarray, optional
        Array for the gradient: of exactly its shape and dtype, writeable, and
        apart from the other arrays in memory. It is returned.

    Returns
    -------
    ndarray
        Gradient of the shape and dtype of `x` (the dtype of `grad_output` if
        `x` is a shape).
    grad_weights : ndarray
        Only with `weights`, behind the first: the gradient with respect to
        them, of their shape and dtype (floats; that of integers is the gradient
        of the floats that they stand for).

    Raises
    ------
    TypeError
        If the gradient or `x` is not floating, `grad_output` has another dtype
        than the forward result, or an argument is of the wrong kind.
    ValueError
        If `grad_output` has the wrong shape, or an argument has a value that is
        not accepted.

    See Also
    --------
    avg_pool3d

    Notes
    -----
    Every element of a window gets the window's gradient over its divisor.
    Contributions are added in a fixed order, whatever the number of threads.

    Examples
    --------
    >>> import cpool
    >>> cpool.avg_pool3d_backward([[[8.0]]], (2, 2, 2), 2)
    array([[[1., 1.],
            [1., 1.]],
    <BLANKLINE>
           [[1., 1.],
            [1., 1.]]])
    """
    return _call.windowed_backward(
        "avg", 3, grad_output, x, kernel_size, stride, padding,
        dilation, ceil_mode, False, data_format, axis, None, nan_policy, mask, out, count_include_pad,
        divisor_override, dtype, weights, None, False, None,
    )


def sum_pool1d(
    x, kernel_size, stride=None, padding=0, ceil_mode=False, *, dilation=1, dtype=None,
    data_format=DEFAULT_FORMAT, axis=None, nan_policy="propagate", mask=None, weights=None, out=None,
):
    """Take the sum of every 1-D window.

    Parameters
    ----------
    x : array_like of shape (..., W)
        Any bool, integer or floating-point dtype, float16 and bfloat16
        included. Any number of leading axes, zero included. With channels last
        the shape is (..., W, C). Read in place if its memory is in the order of
        one of the two formats, else copied once.
    kernel_size : int or (int,)
        Size of the window.
    stride : int or (int,), optional
        Distance from one window to the next; `kernel_size` by default.
    padding : int or (int,), a (before, after) pair in a list or str, default 0
        Room for windows beyond the edges; it adds nothing. "valid" is 0. "same"
        and "same_lower" give ceil(n / stride) windows for n elements; an odd
        place goes to the end, or to the start.
    ceil_mode : bool, default False
        Round the number of windows up instead of down. A window that would
        start at or past the end of the input is left out all the same, and
        "same" padding ignores this.
    dilation : int or (int,), default 1
        Distance between the elements of a window; 1 is dense.
    dtype : dtype, optional
        float32 or float64, for integers and bool any integer dtype too, to have
        the sum in it.
    data_format : {"channels_first", "channels_last"}, default "channels_first"
        Whether the spatial axes are the last ones, or stand before one last
        axis of channels. "NCW" and "NWC" are other names for them.
    axis : int or (int,), optional
        The spatial axis in place of `data_format`. The other axes stay where
        they are.
    nan_policy : {"propagate", "omit", "raise"}, default "propagate"
        What becomes of NaN: its windows are NaN, it takes no part as if it were
        masked, or it is a ValueError.
    mask : array_like of bool, optional
        True where an element takes part; broadcasts to `x`. A window in which
        none does gives 0.
    weights : None
        Only averages are weighted: pool ``x * weights`` for a weighted sum.
    out : ndarray, optional
        Array for the result: of exactly its shape and dtype, writeable, and
        apart from `x` in memory. It is returned.

    Returns
    -------
    ndarray of shape (..., OW)
        With the dtype of `x`, int64 or uint64 for integers and bool (wrapping
        as NumPy's sum does), or `dtype`. Along an axis of n elements there are
        ``(n + before + after - dilation * (kernel - 1) - 1) / stride + 1``
        windows, rounded down (up in ceil_mode).

    Raises
    ------
    TypeError
        If an argument is of the wrong kind: a dtype that is not accepted, a
        float or a bool for an int.
    ValueError
        If an argument has a value that is not accepted, or no window fits.
    MemoryError
        If the result cannot fit the memory of this machine.

    See Also
    --------
    sum_pool1d_backward, adaptive_sum_pool1d, global_sum_pool, avg_pool1d

    Notes
    -----
    A window without any element gives 0. Each window is summed by itself, so a
    NaN or a large number stays in the windows that hold it [1]_.

    References
    ----------
    .. [1] S. Lazebnik, C. Schmid and J. Ponce, "Beyond bags of features:
       spatial pyramid matching for recognizing natural scene categories", CVPR
       2006 (sum pooling of local features).

    Examples
    --------
    >>> import cpool
    >>> cpool.sum_pool1d([1, 3, 2, 5, 4, 0], 2)
    array([4, 7, 4])
    >>> cpool.sum_pool1d([1, 3, 2, 5, 4, 0], 2, dilation=2)
    array([3, 6])
    """
    return _call.windowed(
        "sum", 1, x, kernel_size, stride, padding, dilation, ceil_mode, False,
        data_format, axis, None, nan_policy, mask, out, None, None, dtype, weights, None, False,
    )


def sum_pool2d(
    x, kernel_size, stride=None, padding=0, ceil_mode=False, *, dilation=1, dtype=None,
    data_format=DEFAULT_FORMAT, axis=None, nan_policy="propagate", mask=None, weights=None, out=None,
):
    """Take the sum of every 2-D window.

    Parameters
    ----------
    x : array_like of shape (..., H, W)
        Any bool, integer or floating-point dtype, float16 and bfloat16
        included. Any number of leading axes, zero included. With channels last
        the shape is (..., H, W, C). Read in place if its memory is in the order
        of one of the two formats, else copied once.
    kernel_size : int or (int, int)
        Size of the window, one int for all axes or one for each; the same holds
        for the other sizes.
    stride : int or (int, int), optional
        Distance from one window to the next; `kernel_size` by default.
    padding : int or (int, int), 2 (before, after) pairs or str, default 0
        Room for windows beyond the edges; it adds nothing. "valid" is 0. "same"
        and "same_lower" give ceil(n / stride) windows for n elements; an odd
        place goes to the end, or to the start.
    ceil_mode : bool, default False
        Round the number of windows up instead of down. A window that would
        start at or past the end of the input is left out all the same, and
        "same" padding ignores this.
    dilation : int or (int, int), default 1
        Distance between the elements of a window; 1 is dense.
    dtype : dtype, optional
        float32 or float64, for integers and bool any integer dtype too, to have
        the sum in it.
    data_format : {"channels_first", "channels_last"}, default "channels_first"
        Whether the spatial axes are the last ones, or stand before one last
        axis of channels. "NCHW" and "NHWC" are other names for them.
    axis : (int, int), optional
        The spatial axes in place of `data_format`. The order given is the order
        of the window, and of the first of several equals. The other axes stay
        where they are.
    nan_policy : {"propagate", "omit", "raise"}, default "propagate"
        What becomes of NaN: its windows are NaN, it takes no part as if it were
        masked, or it is a ValueError.
    mask : array_like of bool, optional
        True where an element takes part; broadcasts to `x`. A window in which
        none does gives 0.
    weights : None
        Only averages are weighted: pool ``x * weights`` for a weighted sum.
    out : ndarray, optional
        Array for the result: of exactly its shape and dtype, writeable, and
        apart from `x` in memory. It is returned.

    Returns
    -------
    ndarray of shape (..., OH, OW)
        With the dtype of `x`, int64 or uint64 for integers and bool (wrapping
        as NumPy's sum does), or `dtype`. Along an axis of n elements there are
        ``(n + before + after - dilation * (kernel - 1) - 1) / stride + 1``
        windows, rounded down (up in ceil_mode).

    Raises
    ------
    TypeError
        If an argument is of the wrong kind: a dtype that is not accepted, a
        float or a bool for an int.
    ValueError
        If an argument has a value that is not accepted, or no window fits.
    MemoryError
        If the result cannot fit the memory of this machine.

    See Also
    --------
    sum_pool2d_backward, adaptive_sum_pool2d, global_sum_pool, avg_pool2d

    Notes
    -----
    A window without any element gives 0. Each window is summed by itself, so a
    NaN or a large number stays in the windows that hold it [1]_.

    References
    ----------
    .. [1] S. Lazebnik, C. Schmid and J. Ponce, "Beyond bags of features:
       spatial pyramid matching for recognizing natural scene categories", CVPR
       2006 (sum pooling of local features).

    Examples
    --------
    >>> import numpy as np
    >>> import cpool
    >>> x = np.arange(1, 17).reshape(4, 4)
    >>> cpool.sum_pool2d(x, 2)
    array([[14, 22],
           [46, 54]])
    >>> cpool.sum_pool2d(x, 2, dtype="float32")
    array([[14., 22.],
           [46., 54.]], dtype=float32)
    """
    return _call.windowed(
        "sum", 2, x, kernel_size, stride, padding, dilation, ceil_mode, False,
        data_format, axis, None, nan_policy, mask, out, None, None, dtype, weights, None, False,
    )


def sum_pool3d(
    x, kernel_size, stride=None, padding=0, ceil_mode=False, *, dilation=1, dtype=None,
    data_format=DEFAULT_FORMAT, axis=None, nan_policy="propagate", mask=None, weights=None, out=None,
):
    """Take the sum of every 3-D window.

    Parameters
    ----------
    x : array_like of shape (..., D, H, W)
        Any bool, integer or floating-point dtype, float16 and bfloat16
        included. Any number of leading axes, zero included. With channels last
        the shape is (..., D, H, W, C). Read in place if its memory is in the
        order of one of the two formats, else copied once.
    kernel_size : int or (int, int, int)
        Size of the window, one int for all axes or one for each; the same holds
        for the other sizes.
    stride : int or (int, int, int), optional
        Distance from one window to the next; `kernel_size` by default.
    padding : int or (int, int, int), 3 (before, after) pairs or str, default 0
        Room for windows beyond the edges; it adds nothing. "valid" is 0. "same"
        and "same_lower" give ceil(n / stride) windows for n elements; an odd
        place goes to the end, or to the start.
    ceil_mode : bool, default False
        Round the number of windows up instead of down. A window that would
        start at or past the end of the input is left out all the same, and
        "same" padding ignores this.
    dilation : int or (int, int, int), default 1
        Distance between the elements of a window; 1 is dense.
    dtype : dtype, optional
        float32 or float64, for integers and bool any integer dtype too, to have
        the sum in it.
    data_format : {"channels_first", "channels_last"}, default "channels_first"
        Whether the spatial axes are the last ones, or stand before one last
        axis of channels. "NCDHW" and "NDHWC" are other names for them.
    axis : (int, int, int), optional
        The spatial axes in place of `data_format`. The order given is the order
        of the window, and of the first of several equals. The other axes stay
        where they are.
    nan_policy : {"propagate", "omit", "raise"}, default "propagate"
        What becomes of NaN: its windows are NaN, it takes no part as if it were
        masked, or it is a ValueError.
    mask : array_like of bool, optional
        True where an element takes part; broadcasts to `x`. A window in which
        none does gives 0.
    weights : None
        Only averages are weighted: pool ``x * weights`` for a weighted sum.
    out : ndarray, optional
        Array for the result: of exactly its shape and dtype, writeable, and
        apart from `x` in memory. It is returned.

    Returns
    -------
    ndarray of shape (..., OD, OH, OW)
        With the dtype of `x`, int64 or uint64 for integers and bool (wrapping
        as NumPy's sum does), or `dtype`. Along an axis of n elements there are
        ``(n + before + after - dilation * (kernel - 1) - 1) / stride + 1``
        windows, rounded down (up in ceil_mode).

    Raises
    ------
    TypeError
        If an argument is of the wrong kind: a dtype that is not accepted, a
        float or a bool for an int.
    ValueError
        If an argument has a value that is not accepted, or no window fits.
    MemoryError
        If the result cannot fit the memory of this machine.

    See Also
    --------
    sum_pool3d_backward, adaptive_sum_pool3d, global_sum_pool, avg_pool3d

    Notes
    -----
    A window without any element gives 0. Each window is summed by itself, so a
    NaN or a large number stays in the windows that hold it [1]_.

    References
    ----------
    .. [1] S. Lazebnik, C. Schmid and J. Ponce, "Beyond bags of features:
       spatial pyramid matching for recognizing natural scene categories", CVPR
       2006 (sum pooling of local features).

    Examples
    --------
    >>> import numpy as np
    >>> import cpool
    >>> x = np.ones((2, 2, 4), bool)
    >>> cpool.sum_pool3d(x, 2)
    array([[[8, 8]]])
    """
    return _call.windowed(
        "sum", 3, x, kernel_size, stride, padding, dilation, ceil_mode, False,
        data_format, axis, None, nan_policy, mask, out, None, None, dtype, weights, None, False,
    )


def sum_pool1d_backward(
    grad_output, x, kernel_size, stride=None, padding=0, ceil_mode=False, *, dilation=1, dtype=None,
    data_format=DEFAULT_FORMAT, axis=None, nan_policy="propagate", mask=None, weights=None, out=None,
):
    """Gradient of `sum_pool1d` with respect to its input.

    Parameters
    ----------
    grad_output : array_like
        Gradient with respect to the result of `sum_pool1d`, of its shape and
        dtype.
    x : array_like of shape (..., W), or tuple of int
        The floating-point array that was pooled, or its shape: nothing else
        matters.
    kernel_size, stride, padding, ceil_mode, dilation, dtype, data_format, axis,
    nan_policy, mask, weights
        As in the call of `sum_pool1d`.
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
        If the gradient or `x` is not floating, `grad_output` has another dtype
        than the forward result, or an argument is of the wrong kind.
    ValueError
        If `grad_output` has the wrong shape, or an argument has a value that is
        not accepted.

    See Also
    --------
    sum_pool1d

    Notes
    -----
    Every element of a window gets the window's gradient. Contributions are
    added in a fixed order, whatever the number of threads.

    Examples
    --------
    >>> import cpool
    >>> cpool.sum_pool1d_backward([1.0, 2.0, 3.0], (4,), 2, 1)
    array([1., 3., 5., 3.])
    """
    return _call.windowed_backward(
        "sum", 1, grad_output, x, kernel_size, stride, padding,
        dilation, ceil_mode, False, data_format, axis, None, nan_policy, mask, out, None, None, dtype,
        weights, None, False, None,
    )


def sum_pool2d_backward(
    grad_output, x, kernel_size, stride=None, padding=0, ceil_mode=False, *, dilation=1, dtype=None,
    data_format=DEFAULT_FORMAT, axis=None, nan_policy="propagate", mask=None, weights=None, out=None,
):
    """Gradient of `sum_pool2d` with respect to its input.

    Parameters
    ----------
    grad_output : array_like
        Gradient with respect to the result of `sum_pool2d`, of its shape and
        dtype.
    x : array_like of shape (..., H, W), or tuple of int
        The floating-point array that was pooled, or its shape: nothing else
        matters.
    kernel_size, stride, padding, ceil_mode, dilation, dtype, data_format, axis,
    nan_policy, mask, weights
        As in the call of `sum_pool2d`.
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
        If the gradient or `x` is not floating, `grad_output` has another dtype
        than the forward result, or an argument is of the wrong kind.
    ValueError
        If `grad_output` has the wrong shape, or an argument has a value that is
        not accepted.

    See Also
    --------
    sum_pool2d

    Notes
    -----
    Every element of a window gets the window's gradient. Contributions are
    added in a fixed order, whatever the number of threads.

    Examples
    --------
    >>> import cpool
    >>> cpool.sum_pool2d_backward([[1.0, 2.0]], (2, 4), 2)
    array([[1., 1., 2., 2.],
           [1., 1., 2., 2.]])
    """
    return _call.windowed_backward(
        "sum", 2, grad_output, x, kernel_size, stride, padding,
        dilation, ceil_mode, False, data_format, axis, None, nan_policy, mask, out, None, None, dtype,
        weights, None, False, None,
    )


def sum_pool3d_backward(
    grad_output, x, kernel_size, stride=None, padding=0, ceil_mode=False, *, dilation=1, dtype=None,
    data_format=DEFAULT_FORMAT, axis=None, nan_policy="propagate", mask=None, weights=None, out=None,
):
    """Gradient of `sum_pool3d` with respect to its input.

    Parameters
    ----------
    grad_output : array_like
        Gradient with respect to the result of `sum_pool3d`, of its shape and
        dtype.
    x : array_like of shape (..., D, H, W), or tuple of int
        The floating-point array that was pooled, or its shape: nothing else
        matters.
    kernel_size, stride, padding, ceil_mode, dilation, dtype, data_format, axis,
    nan_policy, mask, weights
        As in the call of `sum_pool3d`.
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
        If the gradient or `x` is not floating, `grad_output` has another dtype
        than the forward result, or an argument is of the wrong kind.
    ValueError
        If `grad_output` has the wrong shape, or an argument has a value that is
        not accepted.

    See Also
    --------
    sum_pool3d

    Notes
    -----
    Every element of a window gets the window's gradient. Contributions are
    added in a fixed order, whatever the number of threads.

    Examples
    --------
    >>> import cpool
    >>> cpool.sum_pool3d_backward([[[1.0]]], (2, 2, 2), 2)
    array([[[1., 1.],
            [1., 1.]],
    <BLANKLINE>
           [[1., 1.],
            [1., 1.]]])
    """
    return _call.windowed_backward(
        "sum", 3, grad_output, x, kernel_size, stride, padding,
        dilation, ceil_mode, False, data_format, axis, None, nan_policy, mask, out, None, None, dtype,
        weights, None, False, None,
    )


def lp_pool1d(
    x, norm_type, kernel_size, stride=None, ceil_mode=False, *, padding=0, dilation=1, normalize=False,
    dtype=None, data_format=DEFAULT_FORMAT, axis=None, nan_policy="propagate", mask=None, weights=None,
    out=None,
):
    """Take the Lp norm of every 1-D window.

    Parameters
    ----------
    x : array_like of shape (..., W)
        Any bool, integer or floating-point dtype, float16 and bfloat16
        included. Any number of leading axes, zero included. With channels last
        the shape is (..., W, C). Read in place if its memory is in the order of
        one of the two formats, else copied once.
    norm_type : float
        The exponent p, any real number above 0, or inf.
    kernel_size : int or (int,)
        Size of the window.
    stride : int or (int,), optional
        Distance from one window to the next; `kernel_size` by default.
    ceil_mode : bool, default False
        Round the number of windows up instead of down. A window that would
        start at or past the end of the input is left out all the same, and
        "same" padding ignores this.
    padding : int or (int,), a (before, after) pair in a list or str, default 0
        Room for windows beyond the edges; it adds nothing. "valid" is 0. "same"
        and "same_lower" give ceil(n / stride) windows for n elements; an odd
        place goes to the end, or to the start.
    dilation : int or (int,), default 1
        Distance between the elements of a window; 1 is dense.
    normalize : bool, default False
        Divide the sum by the number of elements before the root; with p = 2
        this is the root mean square.
    dtype : dtype, optional
        float32 or float64, to have the norm in it rather than in the dtype of
        `x`. Needed for bool.
    data_format : {"channels_first", "channels_last"}, default "channels_first"
        Whether the spatial axes are the last ones, or stand before one last
        axis of channels. "NCW" and "NWC" are other names for them.
    axis : int or (int,), optional
        The spatial axis in place of `data_format`. The other axes stay where
        they are.
    nan_policy : {"propagate", "omit", "raise"}, default "propagate"
        What becomes of NaN: its windows are NaN, it takes no part as if it were
        masked, or it is a ValueError.
    mask : array_like of bool, optional
        True where an element takes part; broadcasts to `x`. A window in which
        none does gives 0.
    weights : None
        Only averages are weighted.
    out : ndarray, optional
        Array for the result: of exactly its shape and dtype, writeable, and
        apart from `x` in memory. It is returned.

    Returns
    -------
    ndarray of shape (..., OW)
        With the dtype of `x`, or `dtype`. Integers are rounded to nearest, ties
        to even, and end at the limits of their dtype. Along an axis of n
        elements there are
        ``(n + before + after - dilation * (kernel - 1) - 1) / stride + 1``
        windows, rounded down (up in ceil_mode).

    Raises
    ------
    TypeError
        If an argument is of the wrong kind: a dtype that is not accepted, a
        float or a bool for an int.
    ValueError
        If an argument has a value that is not accepted, or no window fits.
    MemoryError
        If the result cannot fit the memory of this machine.

    See Also
    --------
    lp_pool1d_backward, adaptive_lp_pool1d, global_lp_pool, avg_pool1d

    Notes
    -----
    The result is ``(sum(abs(x) ** p)) ** (1 / p)`` over the elements that are
    there, for p = inf the largest absolute value; a window without any gives 0.
    It neither overflows nor underflows where the result does not.

    Unlike ``torch.nn.functional.lp_pool1d`` it takes absolute values, and
    windows that the edge cuts are not rescaled [1]_.

    References
    ----------
    .. [1] P. Sermanet, S. Chintala and Y. LeCun, "Convolutional neural networks
       applied to house numbers digit classification", ICPR 2012.

    Examples
    --------
    >>> import cpool
    >>> cpool.lp_pool1d([3.0, -4.0, 0.0, 2.0], 2, 2)
    array([5., 2.])
    >>> cpool.lp_pool1d([3.0, -4.0, 0.0, 2.0], float("inf"), 2)
    array([4., 2.])
    """
    return _call.windowed(
        "lp", 1, x, kernel_size, stride, padding, dilation, ceil_mode, False,
        data_format, axis, None, nan_policy, mask, out, None, None, dtype, weights, norm_type, normalize,
    )


def lp_pool2d(
    x, norm_type, kernel_size, stride=None, ceil_mode=False, *, padding=0, dilation=1, normalize=False,
    dtype=None, data_format=DEFAULT_FORMAT, axis=None, nan_policy="propagate", mask=None, weights=None,
    out=None,
):
    """Take the Lp norm of every 2-D window.

    Parameters
    ----------
    x : array_like of shape (..., H, W)
        Any bool, integer or floating-point dtype, float16 and bfloat16
        included. Any number of leading axes, zero included. With channels last
        the shape is (..., H, W, C). Read in place if its memory is in the order
        of one of the two formats, else copied once.
    norm_type : float
        The exponent p, any real number above 0, or inf.
    kernel_size : int or (int, int)
        Size of the window, one int for all axes or one for each; the same holds
        for the other sizes.
    stride : int or (int, int), optional
        Distance from one window to the next; `kernel_size` by default.
    ceil_mode : bool, default False
        Round the number of windows up instead of down. A window that would
        start at or past the end of the input is left out all the same, and
        "same" padding ignores this.
    padding : int or (int, int), 2 (before, after) pairs or str, default 0
        Room for windows beyond the edges; it adds nothing. "valid" is 0. "same"
        and "same_lower" give ceil(n / stride) windows for n elements; an odd
        place goes to the end, or to the start.
    dilation : int or (int, int), default 1
        Distance between the elements of a window; 1 is dense.
    normalize : bool, default False
        Divide the sum by the number of elements before the root; with p = 2
        this is the root mean square.
    dtype : dtype, optional
        float32 or float64, to have the norm in it rather than in the dtype of
        `x`. Needed for bool.
    data_format : {"channels_first", "channels_last"}, default "channels_first"
        Whether the spatial axes are the last ones, or stand before one last
        axis of channels. "NCHW" and "NHWC" are other names for them.
    axis : (int, int), optional
        The spatial axes in place of `data_format`. The order given is the order
        of the window, and of the first of several equals. The other axes stay
        where they are.
    nan_policy : {"propagate", "omit", "raise"}, default "propagate"
        What becomes of NaN: its windows are NaN, it takes no part as if it were
        masked, or it is a ValueError.
    mask : array_like of bool, optional
        True where an element takes part; broadcasts to `x`. A window in which
        none does gives 0.
    weights : None
        Only averages are weighted.
    out : ndarray, optional
        Array for the result: of exactly its shape and dtype, writeable, and
        apart from `x` in memory. It is returned.

    Returns
    -------
    ndarray of shape (..., OH, OW)
        With the dtype of `x`, or `dtype`. Integers are rounded to nearest, ties
        to even, and end at the limits of their dtype. Along an axis of n
        elements there are
        ``(n + before + after - dilation * (kernel - 1) - 1) / stride + 1``
        windows, rounded down (up in ceil_mode).

    Raises
    ------
    TypeError
        If an argument is of the wrong kind: a dtype that is not accepted, a
        float or a bool for an int.
    ValueError
        If an argument has a value that is not accepted, or no window fits.
    MemoryError
        If the result cannot fit the memory of this machine.

    See Also
    --------
    lp_pool2d_backward, adaptive_lp_pool2d, global_lp_pool, avg_pool2d

    Notes
    -----
    The result is ``(sum(abs(x) ** p)) ** (1 / p)`` over the elements that are
    there, for p = inf the largest absolute value; a window without any gives 0.
    It neither overflows nor underflows where the result does not.

    Unlike ``torch.nn.functional.lp_pool2d`` it takes absolute values, and
    windows that the edge cuts are not rescaled [1]_.

    References
    ----------
    .. [1] P. Sermanet, S. Chintala and Y. LeCun, "Convolutional neural networks
       applied to house numbers digit classification", ICPR 2012.

    Examples
    --------
    >>> import numpy as np
    >>> import cpool
    >>> x = np.array([[3.0, 4.0], [0.0, 0.0]])
    >>> cpool.lp_pool2d(x, 2, 2)
    array([[5.]])
    >>> cpool.lp_pool2d(x, 2, 2, normalize=True)
    array([[2.5]])
    """
    return _call.windowed(
        "lp", 2, x, kernel_size, stride, padding, dilation, ceil_mode, False,
        data_format, axis, None, nan_policy, mask, out, None, None, dtype, weights, norm_type, normalize,
    )


def lp_pool3d(
    x, norm_type, kernel_size, stride=None, ceil_mode=False, *, padding=0, dilation=1, normalize=False,
    dtype=None, data_format=DEFAULT_FORMAT, axis=None, nan_policy="propagate", mask=None, weights=None,
    out=None,
):
    """Take the Lp norm of every 3-D window.

    Parameters
    ----------
    x : array_like of shape (..., D, H, W)
        Any bool, integer or floating-point dtype, float16 and bfloat16
        included. Any number of leading axes, zero included. With channels last
        the shape is (..., D, H, W, C). Read in place if its memory is in the
        order of one of the two formats, else copied once.
    norm_type : float
        The exponent p, any real number above 0, or inf.
    kernel_size : int or (int, int, int)
        Size of the window, one int for all axes or one for each; the same holds
        for the other sizes.
    stride : int or (int, int, int), optional
        Distance from one window to the next; `kernel_size` by default.
    ceil_mode : bool, default False
        Round the number of windows up instead of down. A window that would
        start at or past the end of the input is left out all the same, and
        "same" padding ignores this.
    padding : int or (int, int, int), 3 (before, after) pairs or str, default 0
        Room for windows beyond the edges; it adds nothing. "valid" is 0. "same"
        and "same_lower" give ceil(n / stride) windows for n elements; an odd
        place goes to the end, or to the start.
    dilation : int or (int, int, int), default 1
        Distance between the elements of a window; 1 is dense.
    normalize : bool, default False
        Divide the sum by the number of elements before the root; with p = 2
        this is the root mean square.
    dtype : dtype, optional
        float32 or float64, to have the norm in it rather than in the dtype of
        `x`. Needed for bool.
    data_format : {"channels_first", "channels_last"}, default "channels_first"
        Whether the spatial axes are the last ones, or stand before one last
        axis of channels. "NCDHW" and "NDHWC" are other names for them.
    axis : (int, int, int), optional
        The spatial axes in place of `data_format`. The order given is the order
        of the window, and of the first of several equals. The other axes stay
        where they are.
    nan_policy : {"propagate", "omit", "raise"}, default "propagate"
        What becomes of NaN: its windows are NaN, it takes no part as if it were
        masked, or it is a ValueError.
    mask : array_like of bool, optional
        True where an element takes part; broadcasts to `x`. A window in which
        none does gives 0.
    weights : None
        Only averages are weighted.
    out : ndarray, optional
        Array for the result: of exactly its shape and dtype, writeable, and
        apart from `x` in memory. It is returned.

    Returns
    -------
    ndarray of shape (..., OD, OH, OW)
        With the dtype of `x`, or `dtype`. Integers are rounded to nearest, ties
        to even, and end at the limits of their dtype. Along an axis of n
        elements there are
        ``(n + before + after - dilation * (kernel - 1) - 1) / stride + 1``
        windows, rounded down (up in ceil_mode).

    Raises
    ------
    TypeError
        If an argument is of the wrong kind: a dtype that is not accepted, a
        float or a bool for an int.
    ValueError
        If an argument has a value that is not accepted, or no window fits.
    MemoryError
        If the result cannot fit the memory of this machine.

    See Also
    --------
    lp_pool3d_backward, adaptive_lp_pool3d, global_lp_pool, avg_pool3d

    Notes
    -----
    The result is ``(sum(abs(x) ** p)) ** (1 / p)`` over the elements that are
    there, for p = inf the largest absolute value; a window without any gives 0.
    It neither overflows nor underflows where the result does not.

    Unlike ``torch.nn.functional.lp_pool3d`` it takes absolute values, and
    windows that the edge cuts are not rescaled [1]_.

    References
    ----------
    .. [1] P. Sermanet, S. Chintala and Y. LeCun, "Convolutional neural networks
       applied to house numbers digit classification", ICPR 2012.

    Examples
    --------
    >>> import numpy as np
    >>> import cpool
    >>> x = np.ones((2, 2, 4))
    >>> cpool.lp_pool3d(x, 1, 2)
    array([[[8., 8.]]])
    >>> cpool.lp_pool3d(x, 1, 2, normalize=True)
    array([[[1., 1.]]])
    """
    return _call.windowed(
        "lp", 3, x, kernel_size, stride, padding, dilation, ceil_mode, False,
        data_format, axis, None, nan_policy, mask, out, None, None, dtype, weights, norm_type, normalize,
    )


def lp_pool1d_backward(
    grad_output, x, norm_type, kernel_size, stride=None, ceil_mode=False, *, padding=0, dilation=1,
    normalize=False, dtype=None, data_format=DEFAULT_FORMAT, axis=None, nan_policy="propagate", mask=None,
    weights=None, out=None,
):
    """Gradient of `lp_pool1d` with respect to its input.

    Parameters
    ----------
    grad_output : array_like
        Gradient with respect to the result of `lp_pool1d`, of its shape and
        dtype.
    x : array_like of shape (..., W)
        The floating-point array that was pooled.
    norm_type, kernel_size, stride, ceil_mode, padding, dilation, normalize,
    dtype, data_format, axis, nan_policy, mask, weights
        As in the call of `lp_pool1d`.
    out : ndarray, optional
        Array for the gradient: of exactly its shape and dtype, writeable, and
        apart from the other arrays in memory. It is returned.

    Returns
    -------
    ndarray
        Gradient of the shape and dtype of `x`.

    Raises
    ------
    TypeError
        If the gradient or `x` is not floating, `grad_output` has another dtype
        than the forward result, or an argument is of the wrong kind.
    ValueError
        If `grad_output` has the wrong shape, or an argument has a value that is
        not accepted.

    See Also
    --------
    lp_pool1d

    Notes
    -----
    An element v of a window of norm y gets
    ``sign(v) * (abs(v) / y) ** (p - 1)`` times the window's gradient (over the
    number of elements with `normalize`), and 0 where y is 0, and at v = 0 for p
    <= 1. For p = inf all of it goes to the first element of largest absolute
    value.

    Examples
    --------
    >>> import cpool
    >>> cpool.lp_pool1d_backward([1.0], [3.0, -4.0], 2, 2)
    array([ 0.6, -0.8])
    """
    return _call.windowed_backward(
        "lp", 1, grad_output, x, kernel_size, stride, padding,
        dilation, ceil_mode, False, data_format, axis, None, nan_policy, mask, out, None, None, dtype,
        weights, norm_type, normalize, None,
    )


def lp_pool2d_backward(
    grad_output, x, norm_type, kernel_size, stride=None, ceil_mode=False, *, padding=0, dilation=1,
    normalize=False, dtype=None, data_format=DEFAULT_FORMAT, axis=None, nan_policy="propagate", mask=None,
    weights=None, out=None,
):
    """Gradient of `lp_pool2d` with respect to its input.

    Parameters
    ----------
    grad_output : array_like
        Gradient with respect to the result of `lp_pool2d`, of its shape and
        dtype.
    x : array_like of shape (..., H, W)
        The floating-point array that was pooled.
    norm_type, kernel_size, stride, ceil_mode, padding, dilation, normalize,
    dtype, data_format, axis, nan_policy, mask, weights
        As in the call of `lp_pool2d`.
    out : ndarray, optional
        Array for the gradient: of exactly its shape and dtype, writeable, and
        apart from the other arrays in memory. It is returned.

    Returns
    -------
    ndarray
        Gradient of the shape and dtype of `x`.

    Raises
    ------
    TypeError
        If the gradient or `x` is not floating, `grad_output` has another dtype
        than the forward result, or an argument is of the wrong kind.
    ValueError
        If `grad_output` has the wrong shape, or an argument has a value that is
        not accepted.

    See Also
    --------
    lp_pool2d

    Notes
    -----
    An element v of a window of norm y gets
    ``sign(v) * (abs(v) / y) ** (p - 1)`` times the window's gradient (over the
    number of elements with `normalize`), and 0 where y is 0, and at v = 0 for p
    <= 1. For p = inf all of it goes to the first element of largest absolute
    value.

    Examples
    --------
    >>> import cpool
    >>> cpool.lp_pool2d_backward([[10.0]], [[3.0, 4.0], [0.0, 0.0]], 2, 2)
    array([[6., 8.],
           [0., 0.]])
    """
    return _call.windowed_backward(
        "lp", 2, grad_output, x, kernel_size, stride, padding,
        dilation, ceil_mode, False, data_format, axis, None, nan_policy, mask, out, None, None, dtype,
        weights, norm_type, normalize, None,
    )


def lp_pool3d_backward(
    grad_output, x, norm_type, kernel_size, stride=None, ceil_mode=False, *, padding=0, dilation=1,
    normalize=False, dtype=None, data_format=DEFAULT_FORMAT, axis=None, nan_policy="propagate", mask=None,
    weights=None, out=None,
):
    """Gradient of `lp_pool3d` with respect to its input.

    Parameters
    ----------
    grad_output : array_like
        Gradient with respect to the result of `lp_pool3d`, of its shape and
        dtype.
    x : array_like of shape (..., D, H, W)
        The floating-point array that was pooled.
    norm_type, kernel_size, stride, ceil_mode, padding, dilation, normalize,
    dtype, data_format, axis, nan_policy, mask, weights
        As in the call of `lp_pool3d`.
    out : ndarray, optional
        Array for the gradient: of exactly its shape and dtype, writeable, and
        apart from the other arrays in memory. It is returned.

    Returns
    -------
    ndarray
        Gradient of the shape and dtype of `x`.

    Raises
    ------
    TypeError
        If the gradient or `x` is not floating, `grad_output` has another dtype
        than the forward result, or an argument is of the wrong kind.
    ValueError
        If `grad_output` has the wrong shape, or an argument has a value that is
        not accepted.

    See Also
    --------
    lp_pool3d

    Notes
    -----
    An element v of a window of norm y gets
    ``sign(v) * (abs(v) / y) ** (p - 1)`` times the window's gradient (over the
    number of elements with `normalize`), and 0 where y is 0, and at v = 0 for p
    <= 1. For p = inf all of it goes to the first element of largest absolute
    value.

    Examples
    --------
    >>> import numpy as np
    >>> import cpool
    >>> cpool.lp_pool3d_backward([[[2.0]]], np.ones((1, 2, 2)), 2, (1, 2, 2))
    array([[[1., 1.],
            [1., 1.]]])
    """
    return _call.windowed_backward(
        "lp", 3, grad_output, x, kernel_size, stride, padding,
        dilation, ceil_mode, False, data_format, axis, None, nan_policy, mask, out, None, None, dtype,
        weights, norm_type, normalize, None,
    )


# ---- windows that follow from the size of the output ----


def adaptive_max_pool1d(
    x, output_size, return_indices=False, *, data_format=DEFAULT_FORMAT, axis=None, index_dtype=None,
    nan_policy="propagate", mask=None, out=None,
):
    """Take the maximum of 1-D windows that follow from the size of the output.

    Parameters
    ----------
    x : array_like of shape (..., W)
        Any bool, integer or floating-point dtype, float16 and bfloat16
        included. Any number of leading axes, zero included. With channels last
        the shape is (..., W, C). Read in place if its memory is in the order of
        one of the two formats, else copied once.
    output_size : int, None or (int,)
        Number of windows along the axis; None keeps the size of the input, 0
        gives an empty result.
    return_indices : bool, default False
        Return where each maximum was found, too.
    data_format : {"channels_first", "channels_last"}, default "channels_first"
        Whether the spatial axes are the last ones, or stand before one last
        axis of channels. "NCW" and "NWC" are other names for them.
    axis : int or (int,), optional
        The spatial axis in place of `data_format`. The other axes stay where
        they are.
    index_dtype : {int64, int32}, optional
        dtype of the indices, int64 by default.
    nan_policy : {"propagate", "omit", "raise"}, default "propagate"
        What becomes of NaN: its windows are NaN, it takes no part as if it were
        masked, or it is a ValueError.
    mask : array_like of bool, optional
        True where an element takes part; broadcasts to `x`. A window in which
        none does gives -inf, the smallest integer or False, at index -1.
    out : ndarray, or (values, indices) pair, optional
        Array for the result, or with `return_indices` two: of exactly its shape
        and dtype, writeable, and apart from `x` in memory. Returned in place of
        new ones.

    Returns
    -------
    values : ndarray of shape (..., OW)
        With the dtype of `x`.
    indices : ndarray of int of the same shape
        Only with ``return_indices=True``: position w of the first maximum, or
        of the first NaN, in row-major order.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind: a dtype that is not accepted, a
        float or a bool for an int.
    ValueError
        If an argument has a value that is not accepted, or no window fits.
    MemoryError
        If the result cannot fit the memory of this machine.

    See Also
    --------
    adaptive_max_pool1d_backward, max_pool1d, global_max_pool

    Notes
    -----
    Window i of o over n elements spans ``floor(i * n / o)`` to
    ``ceil((i + 1) * n / o)``, the end not included, as in PyTorch [1]_. Windows
    overlap where o does not divide n, and o may exceed n.

    References
    ----------
    .. [1] K. He, X. Zhang, S. Ren and J. Sun, "Spatial pyramid pooling in deep
       convolutional networks for visual recognition", ECCV 2014.

    Examples
    --------
    >>> import cpool
    >>> cpool.adaptive_max_pool1d([1.0, 3.0, 2.0, 5.0, 4.0], 2)
    array([3., 5.])
    """
    return _call.adaptive(
        "max", 1, x, output_size, return_indices, data_format, axis,
        index_dtype, nan_policy, mask, out, None, None, None, False,
    )


def adaptive_max_pool2d(
    x, output_size, return_indices=False, *, data_format=DEFAULT_FORMAT, axis=None, index_dtype=None,
    nan_policy="propagate", mask=None, out=None,
):
    """Take the maximum of 2-D windows that follow from the size of the output.

    Parameters
    ----------
    x : array_like of shape (..., H, W)
        Any bool, integer or floating-point dtype, float16 and bfloat16
        included. Any number of leading axes, zero included. With channels last
        the shape is (..., H, W, C). Read in place if its memory is in the order
        of one of the two formats, else copied once.
    output_size : int, None or tuple of 2
        Number of windows along each spatial axis; None keeps the size of the
        input, 0 gives an empty result.
    return_indices : bool, default False
        Return where each maximum was found, too.
    data_format : {"channels_first", "channels_last"}, default "channels_first"
        Whether the spatial axes are the last ones, or stand before one last
        axis of channels. "NCHW" and "NHWC" are other names for them.
    axis : (int, int), optional
        The spatial axes in place of `data_format`. The order given is the order
        of the window, and of the first of several equals. The other axes stay
        where they are.
    index_dtype : {int64, int32}, optional
        dtype of the indices, int64 by default.
    nan_policy : {"propagate", "omit", "raise"}, default "propagate"
        What becomes of NaN: its windows are NaN, it takes no part as if it were
        masked, or it is a ValueError.
    mask : array_like of bool, optional
        True where an element takes part; broadcasts to `x`. A window in which
        none does gives -inf, the smallest integer or False, at index -1.
    out : ndarray, or (values, indices) pair, optional
        Array for the result, or with `return_indices` two: of exactly its shape
        and dtype, writeable, and apart from `x` in memory. Returned in place of
        new ones.

    Returns
    -------
    values : ndarray of shape (..., OH, OW)
        With the dtype of `x`.
    indices : ndarray of int of the same shape
        Only with ``return_indices=True``: position h * W + w of the first
        maximum, or of the first NaN, in row-major order.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind: a dtype that is not accepted, a
        float or a bool for an int.
    ValueError
        If an argument has a value that is not accepted, or no window fits.
    MemoryError
        If the result cannot fit the memory of this machine.

    See Also
    --------
    adaptive_max_pool2d_backward, max_pool2d, global_max_pool

    Notes
    -----
    Window i of o over n elements spans ``floor(i * n / o)`` to
    ``ceil((i + 1) * n / o)``, the end not included, as in PyTorch [1]_. Windows
    overlap where o does not divide n, and o may exceed n.

    References
    ----------
    .. [1] K. He, X. Zhang, S. Ren and J. Sun, "Spatial pyramid pooling in deep
       convolutional networks for visual recognition", ECCV 2014.

    Examples
    --------
    >>> import numpy as np
    >>> import cpool
    >>> x = np.arange(1.0, 17.0).reshape(4, 4)
    >>> cpool.adaptive_max_pool2d(x, (2, 1))
    array([[ 8.],
           [16.]])
    """
    return _call.adaptive(
        "max", 2, x, output_size, return_indices, data_format, axis,
        index_dtype, nan_policy, mask, out, None, None, None, False,
    )


def adaptive_max_pool3d(
    x, output_size, return_indices=False, *, data_format=DEFAULT_FORMAT, axis=None, index_dtype=None,
    nan_policy="propagate", mask=None, out=None,
):
    """Take the maximum of 3-D windows that follow from the size of the output.

    Parameters
    ----------
    x : array_like of shape (..., D, H, W)
        Any bool, integer or floating-point dtype, float16 and bfloat16
        included. Any number of leading axes, zero included. With channels last
        the shape is (..., D, H, W, C). Read in place if its memory is in the
        order of one of the two formats, else copied once.
    output_size : int, None or tuple of 3
        Number of windows along each spatial axis; None keeps the size of the
        input, 0 gives an empty result.
    return_indices : bool, default False
        Return where each maximum was found, too.
    data_format : {"channels_first", "channels_last"}, default "channels_first"
        Whether the spatial axes are the last ones, or stand before one last
        axis of channels. "NCDHW" and "NDHWC" are other names for them.
    axis : (int, int, int), optional
        The spatial axes in place of `data_format`. The order given is the order
        of the window, and of the first of several equals. The other axes stay
        where they are.
    index_dtype : {int64, int32}, optional
        dtype of the indices, int64 by default.
    nan_policy : {"propagate", "omit", "raise"}, default "propagate"
        What becomes of NaN: its windows are NaN, it takes no part as if it were
        masked, or it is a ValueError.
    mask : array_like of bool, optional
        True where an element takes part; broadcasts to `x`. A window in which
        none does gives -inf, the smallest integer or False, at index -1.
    out : ndarray, or (values, indices) pair, optional
        Array for the result, or with `return_indices` two: of exactly its shape
        and dtype, writeable, and apart from `x` in memory. Returned in place of
        new ones.

    Returns
    -------
    values : ndarray of shape (..., OD, OH, OW)
        With the dtype of `x`.
    indices : ndarray of int of the same shape
        Only with ``return_indices=True``: position (d * H + h) * W + w of the
        first maximum, or of the first NaN, in row-major order.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind: a dtype that is not accepted, a
        float or a bool for an int.
    ValueError
        If an argument has a value that is not accepted, or no window fits.
    MemoryError
        If the result cannot fit the memory of this machine.

    See Also
    --------
    adaptive_max_pool3d_backward, max_pool3d, global_max_pool

    Notes
    -----
    Window i of o over n elements spans ``floor(i * n / o)`` to
    ``ceil((i + 1) * n / o)``, the end not included, as in PyTorch [1]_. Windows
    overlap where o does not divide n, and o may exceed n.

    References
    ----------
    .. [1] K. He, X. Zhang, S. Ren and J. Sun, "Spatial pyramid pooling in deep
       convolutional networks for visual recognition", ECCV 2014.

    Examples
    --------
    >>> import numpy as np
    >>> import cpool
    >>> x = np.arange(1.0, 17.0).reshape(2, 2, 4)
    >>> cpool.adaptive_max_pool3d(x, (1, None, 2))
    array([[[10., 12.],
            [14., 16.]]])
    """
    return _call.adaptive(
        "max", 3, x, output_size, return_indices, data_format, axis,
        index_dtype, nan_policy, mask, out, None, None, None, False,
    )


def adaptive_max_pool1d_backward(
    grad_output, x, output_size, return_indices=False, *, indices=None, data_format=DEFAULT_FORMAT,
    axis=None, index_dtype=None, nan_policy="propagate", mask=None, out=None,
):
    """Gradient of `adaptive_max_pool1d` with respect to its input.

    Parameters
    ----------
    grad_output : array_like
        Gradient with respect to the result of `adaptive_max_pool1d`, of its
        shape and dtype.
    x : array_like of shape (..., W), or tuple of int
        The floating-point array that was pooled, or its shape if `indices` is
        given.
    output_size, data_format, axis, nan_policy, mask
        As in the call of `adaptive_max_pool1d`.
    return_indices, index_dtype
        Ignored; they are here so that one dict of arguments serves both
        functions.
    indices : array_like of int, optional
        What `adaptive_max_pool1d` returned with ``return_indices=True``;
        without it, `x` is searched again.
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
        If the gradient or `x` is not floating, `grad_output` has another dtype
        than the forward result, or an argument is of the wrong kind.
    ValueError
        If `grad_output` or `indices` has the wrong shape, an index lies outside
        its plane, or an argument has a value that is not accepted.

    See Also
    --------
    adaptive_max_pool1d

    Notes
    -----
    The gradient of a window goes to its first maximum, or to its first NaN; a
    window without any element passes none on. Contributions are added in a
    fixed order, whatever the number of threads.

    Examples
    --------
    >>> import numpy as np
    >>> import cpool
    >>> x = np.arange(4.0)
    >>> cpool.adaptive_max_pool1d_backward([6.0, 12.0], x, 2)
    array([ 0.,  6.,  0., 12.])
    """
    return _call.adaptive_backward(
        "max", 1, grad_output, x, output_size, return_indices,
        data_format, axis, index_dtype, nan_policy, mask, out, None, None, None, False, indices,
    )


def adaptive_max_pool2d_backward(
    grad_output, x, output_size, return_indices=False, *, indices=None, data_format=DEFAULT_FORMAT,
    axis=None, index_dtype=None, nan_policy="propagate", mask=None, out=None,
):
    """Gradient of `adaptive_max_pool2d` with respect to its input.

    Parameters
    ----------
    grad_output : array_like
        Gradient with respect to the result of `adaptive_max_pool2d`, of its
        shape and dtype.
    x : array_like of shape (..., H, W), or tuple of int
        The floating-point array that was pooled, or its shape if `indices` is
        given.
    output_size, data_format, axis, nan_policy, mask
        As in the call of `adaptive_max_pool2d`.
    return_indices, index_dtype
        Ignored; they are here so that one dict of arguments serves both
        functions.
    indices : array_like of int, optional
        What `adaptive_max_pool2d` returned with ``return_indices=True``;
        without it, `x` is searched again.
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
        If the gradient or `x` is not floating, `grad_output` has another dtype
        than the forward result, or an argument is of the wrong kind.
    ValueError
        If `grad_output` or `indices` has the wrong shape, an index lies outside
        its plane, or an argument has a value that is not accepted.

    See Also
    --------
    adaptive_max_pool2d

    Notes
    -----
    The gradient of a window goes to its first maximum, or to its first NaN; a
    window without any element passes none on. Contributions are added in a
    fixed order, whatever the number of threads.

    Examples
    --------
    >>> import numpy as np
    >>> import cpool
    >>> x = np.arange(8.0).reshape((2, 4))
    >>> cpool.adaptive_max_pool2d_backward([[8.0, 16.0]], x, (1, 2))
    array([[ 0.,  0.,  0.,  0.],
           [ 0.,  8.,  0., 16.]])
    """
    return _call.adaptive_backward(
        "max", 2, grad_output, x, output_size, return_indices,
        data_format, axis, index_dtype, nan_policy, mask, out, None, None, None, False, indices,
    )


def adaptive_max_pool3d_backward(
    grad_output, x, output_size, return_indices=False, *, indices=None, data_format=DEFAULT_FORMAT,
    axis=None, index_dtype=None, nan_policy="propagate", mask=None, out=None,
):
    """Gradient of `adaptive_max_pool3d` with respect to its input.

    Parameters
    ----------
    grad_output : array_like
        Gradient with respect to the result of `adaptive_max_pool3d`, of its
        shape and dtype.
    x : array_like of shape (..., D, H, W), or tuple of int
        The floating-point array that was pooled, or its shape if `indices` is
        given.
    output_size, data_format, axis, nan_policy, mask
        As in the call of `adaptive_max_pool3d`.
    return_indices, index_dtype
        Ignored; they are here so that one dict of arguments serves both
        functions.
    indices : array_like of int, optional
        What `adaptive_max_pool3d` returned with ``return_indices=True``;
        without it, `x` is searched again.
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
        If the gradient or `x` is not floating, `grad_output` has another dtype
        than the forward result, or an argument is of the wrong kind.
    ValueError
        If `grad_output` or `indices` has the wrong shape, an index lies outside
        its plane, or an argument has a value that is not accepted.

    See Also
    --------
    adaptive_max_pool3d

    Notes
    -----
    The gradient of a window goes to its first maximum, or to its first NaN; a
    window without any element passes none on. Contributions are added in a
    fixed order, whatever the number of threads.

    Examples
    --------
    >>> import numpy as np
    >>> import cpool
    >>> x = np.arange(8.0).reshape((1, 2, 4))
    >>> cpool.adaptive_max_pool3d_backward([[[8.0, 16.0]]], x, (1, 1, 2))
    array([[[ 0.,  0.,  0.,  0.],
            [ 0.,  8.,  0., 16.]]])
    """
    return _call.adaptive_backward(
        "max", 3, grad_output, x, output_size, return_indices,
        data_format, axis, index_dtype, nan_policy, mask, out, None, None, None, False, indices,
    )


def adaptive_min_pool1d(
    x, output_size, return_indices=False, *, data_format=DEFAULT_FORMAT, axis=None, index_dtype=None,
    nan_policy="propagate", mask=None, out=None,
):
    """Take the minimum of 1-D windows that follow from the size of the output.

    Parameters
    ----------
    x : array_like of shape (..., W)
        Any bool, integer or floating-point dtype, float16 and bfloat16
        included. Any number of leading axes, zero included. With channels last
        the shape is (..., W, C). Read in place if its memory is in the order of
        one of the two formats, else copied once.
    output_size : int, None or (int,)
        Number of windows along the axis; None keeps the size of the input, 0
        gives an empty result.
    return_indices : bool, default False
        Return where each minimum was found, too.
    data_format : {"channels_first", "channels_last"}, default "channels_first"
        Whether the spatial axes are the last ones, or stand before one last
        axis of channels. "NCW" and "NWC" are other names for them.
    axis : int or (int,), optional
        The spatial axis in place of `data_format`. The other axes stay where
        they are.
    index_dtype : {int64, int32}, optional
        dtype of the indices, int64 by default.
    nan_policy : {"propagate", "omit", "raise"}, default "propagate"
        What becomes of NaN: its windows are NaN, it takes no part as if it were
        masked, or it is a ValueError.
    mask : array_like of bool, optional
        True where an element takes part; broadcasts to `x`. A window in which
        none does gives inf, the largest integer or True, at index -1.
    out : ndarray, or (values, indices) pair, optional
        Array for the result, or with `return_indices` two: of exactly its shape
        and dtype, writeable, and apart from `x` in memory. Returned in place of
        new ones.

    Returns
    -------
    values : ndarray of shape (..., OW)
        With the dtype of `x`.
    indices : ndarray of int of the same shape
        Only with ``return_indices=True``: position w of the first minimum, or
        of the first NaN, in row-major order.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind: a dtype that is not accepted, a
        float or a bool for an int.
    ValueError
        If an argument has a value that is not accepted, or no window fits.
    MemoryError
        If the result cannot fit the memory of this machine.

    See Also
    --------
    adaptive_min_pool1d_backward, min_pool1d, global_min_pool

    Notes
    -----
    Window i of o over n elements spans ``floor(i * n / o)`` to
    ``ceil((i + 1) * n / o)``, the end not included, as in PyTorch [1]_. Windows
    overlap where o does not divide n, and o may exceed n.

    References
    ----------
    .. [1] K. He, X. Zhang, S. Ren and J. Sun, "Spatial pyramid pooling in deep
       convolutional networks for visual recognition", ECCV 2014.

    Examples
    --------
    >>> import cpool
    >>> cpool.adaptive_min_pool1d([1.0, 3.0, 2.0, 5.0, 4.0], 2)
    array([1., 2.])
    """
    return _call.adaptive(
        "min", 1, x, output_size, return_indices, data_format, axis,
        index_dtype, nan_policy, mask, out, None, None, None, False,
    )


def adaptive_min_pool2d(
    x, output_size, return_indices=False, *, data_format=DEFAULT_FORMAT, axis=None, index_dtype=None,
    nan_policy="propagate", mask=None, out=None,
):
    """Take the minimum of 2-D windows that follow from the size of the output.

    Parameters
    ----------
    x : array_like of shape (..., H, W)
        Any bool, integer or floating-point dtype, float16 and bfloat16
        included. Any number of leading axes, zero included. With channels last
        the shape is (..., H, W, C). Read in place if its memory is in the order
        of one of the two formats, else copied once.
    output_size : int, None or tuple of 2
        Number of windows along each spatial axis; None keeps the size of the
        input, 0 gives an empty result.
    return_indices : bool, default False
        Return where each minimum was found, too.
    data_format : {"channels_first", "channels_last"}, default "channels_first"
        Whether the spatial axes are the last ones, or stand before one last
        axis of channels. "NCHW" and "NHWC" are other names for them.
    axis : (int, int), optional
        The spatial axes in place of `data_format`. The order given is the order
        of the window, and of the first of several equals. The other axes stay
        where they are.
    index_dtype : {int64, int32}, optional
        dtype of the indices, int64 by default.
    nan_policy : {"propagate", "omit", "raise"}, default "propagate"
        What becomes of NaN: its windows are NaN, it takes no part as if it were
        masked, or it is a ValueError.
    mask : array_like of bool, optional
        True where an element takes part; broadcasts to `x`. A window in which
        none does gives inf, the largest integer or True, at index -1.
    out : ndarray, or (values, indices) pair, optional
        Array for the result, or with `return_indices` two: of exactly its shape
        and dtype, writeable, and apart from `x` in memory. Returned in place of
        new ones.

    Returns
    -------
    values : ndarray of shape (..., OH, OW)
        With the dtype of `x`.
    indices : ndarray of int of the same shape
        Only with ``return_indices=True``: position h * W + w of the first
        minimum, or of the first NaN, in row-major order.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind: a dtype that is not accepted, a
        float or a bool for an int.
    ValueError
        If an argument has a value that is not accepted, or no window fits.
    MemoryError
        If the result cannot fit the memory of this machine.

    See Also
    --------
    adaptive_min_pool2d_backward, min_pool2d, global_min_pool

    Notes
    -----
    Window i of o over n elements spans ``floor(i * n / o)`` to
    ``ceil((i + 1) * n / o)``, the end not included, as in PyTorch [1]_. Windows
    overlap where o does not divide n, and o may exceed n.

    References
    ----------
    .. [1] K. He, X. Zhang, S. Ren and J. Sun, "Spatial pyramid pooling in deep
       convolutional networks for visual recognition", ECCV 2014.

    Examples
    --------
    >>> import numpy as np
    >>> import cpool
    >>> x = np.arange(1.0, 17.0).reshape(4, 4)
    >>> cpool.adaptive_min_pool2d(x, (2, 1))
    array([[1.],
           [9.]])
    """
    return _call.adaptive(
        "min", 2, x, output_size, return_indices, data_format, axis,
        index_dtype, nan_policy, mask, out, None, None, None, False,
    )


def adaptive_min_pool3d(
    x, output_size, return_indices=False, *, data_format=DEFAULT_FORMAT, axis=None, index_dtype=None,
    nan_policy="propagate", mask=None, out=None,
):
    """Take the minimum of 3-D windows that follow from the size of the output.

    Parameters
    ----------
    x : array_like of shape (..., D, H, W)
        Any bool, integer or floating-point dtype, float16 and bfloat16
        included. Any number of leading axes, zero included. With channels last
        the shape is (..., D, H, W, C). Read in place if its memory is in the
        order of one of the two formats, else copied once.
    output_size : int, None or tuple of 3
        Number of windows along each spatial axis; None keeps the size of the
        input, 0 gives an empty result.
    return_indices : bool, default False
        Return where each minimum was found, too.
    data_format : {"channels_first", "channels_last"}, default "channels_first"
        Whether the spatial axes are the last ones, or stand before one last
        axis of channels. "NCDHW" and "NDHWC" are other names for them.
    axis : (int, int, int), optional
        The spatial axes in place of `data_format`. The order given is the order
        of the window, and of the first of several equals. The other axes stay
        where they are.
    index_dtype : {int64, int32}, optional
        dtype of the indices, int64 by default.
    nan_policy : {"propagate", "omit", "raise"}, default "propagate"
        What becomes of NaN: its windows are NaN, it takes no part as if it were
        masked, or it is a ValueError.
    mask : array_like of bool, optional
        True where an element takes part; broadcasts to `x`. A window in which
        none does gives inf, the largest integer or True, at index -1.
    out : ndarray, or (values, indices) pair, optional
        Array for the result, or with `return_indices` two: of exactly its shape
        and dtype, writeable, and apart from `x` in memory. Returned in place of
        new ones.

    Returns
    -------
    values : ndarray of shape (..., OD, OH, OW)
        With the dtype of `x`.
    indices : ndarray of int of the same shape
        Only with ``return_indices=True``: position (d * H + h) * W + w of the
        first minimum, or of the first NaN, in row-major order.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind: a dtype that is not accepted, a
        float or a bool for an int.
    ValueError
        If an argument has a value that is not accepted, or no window fits.
    MemoryError
        If the result cannot fit the memory of this machine.

    See Also
    --------
    adaptive_min_pool3d_backward, min_pool3d, global_min_pool

    Notes
    -----
    Window i of o over n elements spans ``floor(i * n / o)`` to
    ``ceil((i + 1) * n / o)``, the end not included, as in PyTorch [1]_. Windows
    overlap where o does not divide n, and o may exceed n.

    References
    ----------
    .. [1] K. He, X. Zhang, S. Ren and J. Sun, "Spatial pyramid pooling in deep
       convolutional networks for visual recognition", ECCV 2014.

    Examples
    --------
    >>> import numpy as np
    >>> import cpool
    >>> x = np.arange(1.0, 17.0).reshape(2, 2, 4)
    >>> cpool.adaptive_min_pool3d(x, (1, None, 2))
    array([[[1., 3.],
            [5., 7.]]])
    """
    return _call.adaptive(
        "min", 3, x, output_size, return_indices, data_format, axis,
        index_dtype, nan_policy, mask, out, None, None, None, False,
    )


def adaptive_min_pool1d_backward(
    grad_output, x, output_size, return_indices=False, *, indices=None, data_format=DEFAULT_FORMAT,
    axis=None, index_dtype=None, nan_policy="propagate", mask=None, out=None,
):
    """Gradient of `adaptive_min_pool1d` with respect to its input.

    Parameters
    ----------
    grad_output : array_like
        Gradient with respect to the result of `adaptive_min_pool1d`, of its
        shape and dtype.
    x : array_like of shape (..., W), or tuple of int
        The floating-point array that was pooled, or its shape if `indices` is
        given.
    output_size, data_format, axis, nan_policy, mask
        As in the call of `adaptive_min_pool1d`.
    return_indices, index_dtype
        Ignored; they are here so that one dict of arguments serves both
        functions.
    indices : array_like of int, optional
        What `adaptive_min_pool1d` returned with ``return_indices=True``;
        without it, `x` is searched again.
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
        If the gradient or `x` is not floating, `grad_output` has another dtype
        than the forward result, or an argument is of the wrong kind.
    ValueError
        If `grad_output` or `indices` has the wrong shape, an index lies outside
        its plane, or an argument has a value that is not accepted.

    See Also
    --------
    adaptive_min_pool1d

    Notes
    -----
    The gradient of a window goes to its first minimum, or to its first NaN; a
    window without any element passes none on. Contributions are added in a
    fixed order, whatever the number of threads.

    Examples
    --------
    >>> import numpy as np
    >>> import cpool
    >>> x = np.arange(4.0)
    >>> cpool.adaptive_min_pool1d_backward([6.0, 12.0], x, 2)
    array([ 6.,  0., 12.,  0.])
    """
    return _call.adaptive_backward(
        "min", 1, grad_output, x, output_size, return_indices,
        data_format, axis, index_dtype, nan_policy, mask, out, None, None, None, False, indices,
    )


def adaptive_min_pool2d_backward(
    grad_output, x, output_size, return_indices=False, *, indices=None, data_format=DEFAULT_FORMAT,
    axis=None, index_dtype=None, nan_policy="propagate", mask=None, out=None,
):
    """Gradient of `adaptive_min_pool2d` with respect to its input.

    Parameters
    ----------
    grad_output : array_like
        Gradient with respect to the result of `adaptive_min_pool2d`, of its
        shape and dtype.
    x : array_like of shape (..., H, W), or tuple of int
        The floating-point array that was pooled, or its shape if `indices` is
        given.
    output_size, data_format, axis, nan_policy, mask
        As in the call of `adaptive_min_pool2d`.
    return_indices, index_dtype
        Ignored; they are here so that one dict of arguments serves both
        functions.
    indices : array_like of int, optional
        What `adaptive_min_pool2d` returned with ``return_indices=True``;
        without it, `x` is searched again.
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
        If the gradient or `x` is not floating, `grad_output` has another dtype
        than the forward result, or an argument is of the wrong kind.
    ValueError
        If `grad_output` or `indices` has the wrong shape, an index lies outside
        its plane, or an argument has a value that is not accepted.

    See Also
    --------
    adaptive_min_pool2d

    Notes
    -----
    The gradient of a window goes to its first minimum, or to its first NaN; a
    window without any element passes none on. Contributions are added in a
    fixed order, whatever the number of threads.

    Examples
    --------
    >>> import numpy as np
    >>> import cpool
    >>> x = np.arange(8.0).reshape((2, 4))
    >>> cpool.adaptive_min_pool2d_backward([[8.0, 16.0]], x, (1, 2))
    array([[ 8.,  0., 16.,  0.],
           [ 0.,  0.,  0.,  0.]])
    """
    return _call.adaptive_backward(
        "min", 2, grad_output, x, output_size, return_indices,
        data_format, axis, index_dtype, nan_policy, mask, out, None, None, None, False, indices,
    )


def adaptive_min_pool3d_backward(
    grad_output, x, output_size, return_indices=False, *, indices=None, data_format=DEFAULT_FORMAT,
    axis=None, index_dtype=None, nan_policy="propagate", mask=None, out=None,
):
    """Gradient of `adaptive_min_pool3d` with respect to its input.

    Parameters
    ----------
    grad_output : array_like
        Gradient with respect to the result of `adaptive_min_pool3d`, of its
        shape and dtype.
    x : array_like of shape (..., D, H, W), or tuple of int
        The floating-point array that was pooled, or its shape if `indices` is
        given.
    output_size, data_format, axis, nan_policy, mask
        As in the call of `adaptive_min_pool3d`.
    return_indices, index_dtype
        Ignored; they are here so that one dict of arguments serves both
        functions.
    indices : array_like of int, optional
        What `adaptive_min_pool3d` returned with ``return_indices=True``;
        without it, `x` is searched again.
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
        If the gradient or `x` is not floating, `grad_output` has another dtype
        than the forward result, or an argument is of the wrong kind.
    ValueError
        If `grad_output` or `indices` has the wrong shape, an index lies outside
        its plane, or an argument has a value that is not accepted.

    See Also
    --------
    adaptive_min_pool3d

    Notes
    -----
    The gradient of a window goes to its first minimum, or to its first NaN; a
    window without any element passes none on. Contributions are added in a
    fixed order, whatever the number of threads.

    Examples
    --------
    >>> import numpy as np
    >>> import cpool
    >>> x = np.arange(8.0).reshape((1, 2, 4))
    >>> cpool.adaptive_min_pool3d_backward([[[8.0, 16.0]]], x, (1, 1, 2))
    array([[[ 8.,  0., 16.,  0.],
            [ 0.,  0.,  0.,  0.]]])
    """
    return _call.adaptive_backward(
        "min", 3, grad_output, x, output_size, return_indices,
        data_format, axis, index_dtype, nan_policy, mask, out, None, None, None, False, indices,
    )


def adaptive_avg_pool1d(
    x, output_size, *, dtype=None, data_format=DEFAULT_FORMAT, axis=None, nan_policy="propagate",
    mask=None, weights=None, out=None,
):
    """Take the average of 1-D windows that follow from the size of the output.

    Parameters
    ----------
    x : array_like of shape (..., W)
        Any bool, integer or floating-point dtype, float16 and bfloat16
        included. Any number of leading axes, zero included. With channels last
        the shape is (..., W, C). Read in place if its memory is in the order of
        one of the two formats, else copied once.
    output_size : int, None or (int,)
        Number of windows along the axis; None keeps the size of the input, 0
        gives an empty result.
    dtype : dtype, optional
        float32 or float64, to have the average in it rather than in the dtype
        of `x`. Needed for bool.
    data_format : {"channels_first", "channels_last"}, default "channels_first"
        Whether the spatial axes are the last ones, or stand before one last
        axis of channels. "NCW" and "NWC" are other names for them.
    axis : int or (int,), optional
        The spatial axis in place of `data_format`. The other axes stay where
        they are.
    nan_policy : {"propagate", "omit", "raise"}, default "propagate"
        What becomes of NaN: its windows are NaN, it takes no part as if it were
        masked, or it is a ValueError.
    mask : array_like of bool, optional
        True where an element takes part; broadcasts to `x`. The average is over
        those that do; where none does it is NaN (integers: 0).
    weights : array_like, optional
        Real numbers that broadcast to `x`: each result is sum(weights * x) /
        sum(weights) over the window's elements, NaN where the weights add up to
        0. Averages of integers need a `dtype` then.
    out : ndarray, optional
        Array for the result: of exactly its shape and dtype, writeable, and
        apart from `x` in memory. It is returned.

    Returns
    -------
    ndarray of shape (..., OW)
        With the dtype of `x`, or `dtype`. Integers are averaged exactly and
        rounded to nearest, ties to even.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind: a dtype that is not accepted, a
        float or a bool for an int.
    ValueError
        If an argument has a value that is not accepted, or no window fits.
    MemoryError
        If the result cannot fit the memory of this machine.

    See Also
    --------
    adaptive_avg_pool1d_backward, avg_pool1d, global_avg_pool

    Notes
    -----
    Window i of o over n elements spans ``floor(i * n / o)`` to
    ``ceil((i + 1) * n / o)``, the end not included, as in PyTorch [1]_. Windows
    overlap where o does not divide n, and o may exceed n.

    References
    ----------
    .. [1] K. He, X. Zhang, S. Ren and J. Sun, "Spatial pyramid pooling in deep
       convolutional networks for visual recognition", ECCV 2014.

    Examples
    --------
    >>> import cpool
    >>> cpool.adaptive_avg_pool1d([1.0, 3.0, 2.0, 6.0, 4.0], 2)
    array([2., 4.])
    """
    return _call.adaptive(
        "avg", 1, x, output_size, False, data_format, axis, None, nan_policy,
        mask, out, dtype, weights, None, False,
    )


def adaptive_avg_pool2d(
    x, output_size, *, dtype=None, data_format=DEFAULT_FORMAT, axis=None, nan_policy="propagate",
    mask=None, weights=None, out=None,
):
    """Take the average of 2-D windows that follow from the size of the output.

    Parameters
    ----------
    x : array_like of shape (..., H, W)
        Any bool, integer or floating-point dtype, float16 and bfloat16
        included. Any number of leading axes, zero included. With channels last
        the shape is (..., H, W, C). Read in place if its memory is in the order
        of one of the two formats, else copied once.
    output_size : int, None or tuple of 2
        Number of windows along each spatial axis; None keeps the size of the
        input, 0 gives an empty result.
    dtype : dtype, optional
        float32 or float64, to have the average in it rather than in the dtype
        of `x`. Needed for bool.
    data_format : {"channels_first", "channels_last"}, default "channels_first"
        Whether the spatial axes are the last ones, or stand before one last
        axis of channels. "NCHW" and "NHWC" are other names for them.
    axis : (int, int), optional
        The spatial axes in place of `data_format`. The order given is the order
        of the window, and of the first of several equals. The other axes stay
        where they are.
    nan_policy : {"propagate", "omit", "raise"}, default "propagate"
        What becomes of NaN: its windows are NaN, it takes no part as if it were
        masked, or it is a ValueError.
    mask : array_like of bool, optional
        True where an element takes part; broadcasts to `x`. The average is over
        those that do; where none does it is NaN (integers: 0).
    weights : array_like, optional
        Real numbers that broadcast to `x`: each result is sum(weights * x) /
        sum(weights) over the window's elements, NaN where the weights add up to
        0. Averages of integers need a `dtype` then.
    out : ndarray, optional
        Array for the result: of exactly its shape and dtype, writeable, and
        apart from `x` in memory. It is returned.

    Returns
    -------
    ndarray of shape (..., OH, OW)
        With the dtype of `x`, or `dtype`. Integers are averaged exactly and
        rounded to nearest, ties to even.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind: a dtype that is not accepted, a
        float or a bool for an int.
    ValueError
        If an argument has a value that is not accepted, or no window fits.
    MemoryError
        If the result cannot fit the memory of this machine.

    See Also
    --------
    adaptive_avg_pool2d_backward, avg_pool2d, global_avg_pool

    Notes
    -----
    Window i of o over n elements spans ``floor(i * n / o)`` to
    ``ceil((i + 1) * n / o)``, the end not included, as in PyTorch [1]_. Windows
    overlap where o does not divide n, and o may exceed n.

    References
    ----------
    .. [1] K. He, X. Zhang, S. Ren and J. Sun, "Spatial pyramid pooling in deep
       convolutional networks for visual recognition", ECCV 2014.

    Examples
    --------
    >>> import numpy as np
    >>> import cpool
    >>> x = np.arange(1.0, 17.0).reshape(4, 4)
    >>> cpool.adaptive_avg_pool2d(x, (2, 1))
    array([[ 4.5],
           [12.5]])
    """
    return _call.adaptive(
        "avg", 2, x, output_size, False, data_format, axis, None, nan_policy,
        mask, out, dtype, weights, None, False,
    )


def adaptive_avg_pool3d(
    x, output_size, *, dtype=None, data_format=DEFAULT_FORMAT, axis=None, nan_policy="propagate",
    mask=None, weights=None, out=None,
):
    """Take the average of 3-D windows that follow from the size of the output.

    Parameters
    ----------
    x : array_like of shape (..., D, H, W)
        Any bool, integer or floating-point dtype, float16 and bfloat16
        included. Any number of leading axes, zero included. With channels last
        the shape is (..., D, H, W, C). Read in place if its memory is in the
        order of one of the two formats, else copied once.
    output_size : int, None or tuple of 3
        Number of windows along each spatial axis; None keeps the size of the
        input, 0 gives an empty result.
    dtype : dtype, optional
        float32 or float64, to have the average in it rather than in the dtype
        of `x`. Needed for bool.
    data_format : {"channels_first", "channels_last"}, default "channels_first"
        Whether the spatial axes are the last ones, or stand before one last
        axis of channels. "NCDHW" and "NDHWC" are other names for them.
    axis : (int, int, int), optional
        The spatial axes in place of `data_format`. The order given is the order
        of the window, and of the first of several equals. The other axes stay
        where they are.
    nan_policy : {"propagate", "omit", "raise"}, default "propagate"
        What becomes of NaN: its windows are NaN, it takes no part as if it were
        masked, or it is a ValueError.
    mask : array_like of bool, optional
        True where an element takes part; broadcasts to `x`. The average is over
        those that do; where none does it is NaN (integers: 0).
    weights : array_like, optional
        Real numbers that broadcast to `x`: each result is sum(weights * x) /
        sum(weights) over the window's elements, NaN where the weights add up to
        0. Averages of integers need a `dtype` then.
    out : ndarray, optional
        Array for the result: of exactly its shape and dtype, writeable, and
        apart from `x` in memory. It is returned.

    Returns
    -------
    ndarray of shape (..., OD, OH, OW)
        With the dtype of `x`, or `dtype`. Integers are averaged exactly and
        rounded to nearest, ties to even.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind: a dtype that is not accepted, a
        float or a bool for an int.
    ValueError
        If an argument has a value that is not accepted, or no window fits.
    MemoryError
        If the result cannot fit the memory of this machine.

    See Also
    --------
    adaptive_avg_pool3d_backward, avg_pool3d, global_avg_pool

    Notes
    -----
    Window i of o over n elements spans ``floor(i * n / o)`` to
    ``ceil((i + 1) * n / o)``, the end not included, as in PyTorch [1]_. Windows
    overlap where o does not divide n, and o may exceed n.

    References
    ----------
    .. [1] K. He, X. Zhang, S. Ren and J. Sun, "Spatial pyramid pooling in deep
       convolutional networks for visual recognition", ECCV 2014.

    Examples
    --------
    >>> import numpy as np
    >>> import cpool
    >>> x = np.arange(1.0, 17.0).reshape(2, 2, 4)
    >>> cpool.adaptive_avg_pool3d(x, (1, None, 2))
    array([[[ 5.5,  7.5],
            [ 9.5, 11.5]]])
    """
    return _call.adaptive(
        "avg", 3, x, output_size, False, data_format, axis, None, nan_policy,
        mask, out, dtype, weights, None, False,
    )


def adaptive_avg_pool1d_backward(
    grad_output, x, output_size, *, dtype=None, data_format=DEFAULT_FORMAT, axis=None,
    nan_policy="propagate", mask=None, weights=None, out=None,
):
    """Gradient of `adaptive_avg_pool1d` with respect to its input.

    Parameters
    ----------
    grad_output : array_like
        Gradient with respect to the result of `adaptive_avg_pool1d`, of its
        shape and dtype.
    x : array_like of shape (..., W), or tuple of int
        The floating-point array that was pooled, or its shape: nothing else
        matters.
    output_size, dtype, data_format, axis, nan_policy, mask, weights
        As in the call of `adaptive_avg_pool1d`.
    out : ndarray, optional
        Array for the gradient: of exactly its shape and dtype, writeable, and
        apart from the other arrays in memory. It is returned.

    Returns
    -------
    ndarray
        Gradient of the shape and dtype of `x` (the dtype of `grad_output` if
        `x` is a shape).
    grad_weights : ndarray
        Only with `weights`, behind the first: the gradient with respect to
        them, of their shape and dtype (floats; that of integers is the gradient
        of the floats that they stand for).

    Raises
    ------
    TypeError
        If the gradient or `x` is not floating, `grad_output` has another dtype
        than the forward result, or an argument is of the wrong kind.
    ValueError
        If `grad_output` has the wrong shape, or an argument has a value that is
        not accepted.

    See Also
    --------
    adaptive_avg_pool1d

    Notes
    -----
    Every element of a window gets the window's gradient over its divisor.
    Contributions are added in a fixed order, whatever the number of threads.

    Examples
    --------
    >>> import cpool
    >>> cpool.adaptive_avg_pool1d_backward([6.0, 12.0], (4,), 2)
    array([3., 3., 6., 6.])
    """
    return _call.adaptive_backward(
        "avg", 1, grad_output, x, output_size, False, data_format,
        axis, None, nan_policy, mask, out, dtype, weights, None, False, None,
    )


def adaptive_avg_pool2d_backward(
    grad_output, x, output_size, *, dtype=None, data_format=DEFAULT_FORMAT, axis=None,
    nan_policy="propagate", mask=None, weights=None, out=None,
):
    """Gradient of `adaptive_avg_pool2d` with respect to its input.

    Parameters
    ----------
    grad_output : array_like
        Gradient with respect to the result of `adaptive_avg_pool2d`, of its
        shape and dtype.
    x : array_like of shape (..., H, W), or tuple of int
        The floating-point array that was pooled, or its shape: nothing else
        matters.
    output_size, dtype, data_format, axis, nan_policy, mask, weights
        As in the call of `adaptive_avg_pool2d`.
    out : ndarray, optional
        Array for the gradient: of exactly its shape and dtype, writeable, and
        apart from the other arrays in memory. It is returned.

    Returns
    -------
    ndarray
        Gradient of the shape and dtype of `x` (the dtype of `grad_output` if
        `x` is a shape).
    grad_weights : ndarray
        Only with `weights`, behind the first: the gradient with respect to
        them, of their shape and dtype (floats; that of integers is the gradient
        of the floats that they stand for).

    Raises
    ------
    TypeError
        If the gradient or `x` is not floating, `grad_output` has another dtype
        than the forward result, or an argument is of the wrong kind.
    ValueError
        If `grad_output` has the wrong shape, or an argument has a value that is
        not accepted.

    See Also
    --------
    adaptive_avg_pool2d

    Notes
    -----
    Every element of a window gets the window's gradient over its divisor.
    Contributions are added in a fixed order, whatever the number of threads.

    Examples
    --------
    >>> import cpool
    >>> cpool.adaptive_avg_pool2d_backward([[8.0, 16.0]], (2, 4), (1, 2))
    array([[2., 2., 4., 4.],
           [2., 2., 4., 4.]])
    """
    return _call.adaptive_backward(
        "avg", 2, grad_output, x, output_size, False, data_format,
        axis, None, nan_policy, mask, out, dtype, weights, None, False, None,
    )


def adaptive_avg_pool3d_backward(
    grad_output, x, output_size, *, dtype=None, data_format=DEFAULT_FORMAT, axis=None,
    nan_policy="propagate", mask=None, weights=None, out=None,
):
    """Gradient of `adaptive_avg_pool3d` with respect to its input.

    Parameters
    ----------
    grad_output : array_like
        Gradient with respect to the result of `adaptive_avg_pool3d`, of its
        shape and dtype.
    x : array_like of shape (..., D, H, W), or tuple of int
        The floating-point array that was pooled, or its shape: nothing else
        matters.
    output_size, dtype, data_format, axis, nan_policy, mask, weights
        As in the call of `adaptive_avg_pool3d`.
    out : ndarray, optional
        Array for the gradient: of exactly its shape and dtype, writeable, and
        apart from the other arrays in memory. It is returned.

    Returns
    -------
    ndarray
        Gradient of the shape and dtype of `x` (the dtype of `grad_output` if
        `x` is a shape).
    grad_weights : ndarray
        Only with `weights`, behind the first: the gradient with respect to
        them, of their shape and dtype (floats; that of integers is the gradient
        of the floats that they stand for).

    Raises
    ------
    TypeError
        If the gradient or `x` is not floating, `grad_output` has another dtype
        than the forward result, or an argument is of the wrong kind.
    ValueError
        If `grad_output` has the wrong shape, or an argument has a value that is
        not accepted.

    See Also
    --------
    adaptive_avg_pool3d

    Notes
    -----
    Every element of a window gets the window's gradient over its divisor.
    Contributions are added in a fixed order, whatever the number of threads.

    Examples
    --------
    >>> import cpool
    >>> cpool.adaptive_avg_pool3d_backward([[[8.0, 16.0]]], (1, 2, 4),
    ...     (1, 1, 2))
    array([[[2., 2., 4., 4.],
            [2., 2., 4., 4.]]])
    """
    return _call.adaptive_backward(
        "avg", 3, grad_output, x, output_size, False, data_format,
        axis, None, nan_policy, mask, out, dtype, weights, None, False, None,
    )


def adaptive_sum_pool1d(
    x, output_size, *, dtype=None, data_format=DEFAULT_FORMAT, axis=None, nan_policy="propagate",
    mask=None, weights=None, out=None,
):
    """Take the sum of 1-D windows that follow from the size of the output.

    Parameters
    ----------
    x : array_like of shape (..., W)
        Any bool, integer or floating-point dtype, float16 and bfloat16
        included. Any number of leading axes, zero included. With channels last
        the shape is (..., W, C). Read in place if its memory is in the order of
        one of the two formats, else copied once.
    output_size : int, None or (int,)
        Number of windows along the axis; None keeps the size of the input, 0
        gives an empty result.
    dtype : dtype, optional
        float32 or float64, for integers and bool any integer dtype too, to have
        the sum in it.
    data_format : {"channels_first", "channels_last"}, default "channels_first"
        Whether the spatial axes are the last ones, or stand before one last
        axis of channels. "NCW" and "NWC" are other names for them.
    axis : int or (int,), optional
        The spatial axis in place of `data_format`. The other axes stay where
        they are.
    nan_policy : {"propagate", "omit", "raise"}, default "propagate"
        What becomes of NaN: its windows are NaN, it takes no part as if it were
        masked, or it is a ValueError.
    mask : array_like of bool, optional
        True where an element takes part; broadcasts to `x`. A window in which
        none does gives 0.
    weights : None
        Only averages are weighted: pool ``x * weights`` for a weighted sum.
    out : ndarray, optional
        Array for the result: of exactly its shape and dtype, writeable, and
        apart from `x` in memory. It is returned.

    Returns
    -------
    ndarray of shape (..., OW)
        With the dtype of `x`, int64 or uint64 for integers and bool (wrapping
        as NumPy's sum does), or `dtype`.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind: a dtype that is not accepted, a
        float or a bool for an int.
    ValueError
        If an argument has a value that is not accepted, or no window fits.
    MemoryError
        If the result cannot fit the memory of this machine.

    See Also
    --------
    adaptive_sum_pool1d_backward, sum_pool1d, global_sum_pool

    Notes
    -----
    Window i of o over n elements spans ``floor(i * n / o)`` to
    ``ceil((i + 1) * n / o)``, the end not included, as in PyTorch [1]_. Windows
    overlap where o does not divide n, and o may exceed n.

    References
    ----------
    .. [1] K. He, X. Zhang, S. Ren and J. Sun, "Spatial pyramid pooling in deep
       convolutional networks for visual recognition", ECCV 2014.

    Examples
    --------
    >>> import cpool
    >>> cpool.adaptive_sum_pool1d([1.0, 3.0, 2.0, 5.0, 4.0], 2)
    array([ 6., 11.])
    """
    return _call.adaptive(
        "sum", 1, x, output_size, False, data_format, axis, None, nan_policy,
        mask, out, dtype, weights, None, False,
    )


def adaptive_sum_pool2d(
    x, output_size, *, dtype=None, data_format=DEFAULT_FORMAT, axis=None, nan_policy="propagate",
    mask=None, weights=None, out=None,
):
    """Take the sum of 2-D windows that follow from the size of the output.

    Parameters
    ----------
    x : array_like of shape (..., H, W)
        Any bool, integer or floating-point dtype, float16 and bfloat16
        included. Any number of leading axes, zero included. With channels last
        the shape is (..., H, W, C). Read in place if its memory is in the order
        of one of the two formats, else copied once.
    output_size : int, None or tuple of 2
        Number of windows along each spatial axis; None keeps the size of the
        input, 0 gives an empty result.
    dtype : dtype, optional
        float32 or float64, for integers and bool any integer dtype too, to have
        the sum in it.
    data_format : {"channels_first", "channels_last"}, default "channels_first"
        Whether the spatial axes are the last ones, or stand before one last
        axis of channels. "NCHW" and "NHWC" are other names for them.
    axis : (int, int), optional
        The spatial axes in place of `data_format`. The order given is the order
        of the window, and of the first of several equals. The other axes stay
        where they are.
    nan_policy : {"propagate", "omit", "raise"}, default "propagate"
        What becomes of NaN: its windows are NaN, it takes no part as if it were
        masked, or it is a ValueError.
    mask : array_like of bool, optional
        True where an element takes part; broadcasts to `x`. A window in which
        none does gives 0.
    weights : None
        Only averages are weighted: pool ``x * weights`` for a weighted sum.
    out : ndarray, optional
        Array for the result: of exactly its shape and dtype, writeable, and
        apart from `x` in memory. It is returned.

    Returns
    -------
    ndarray of shape (..., OH, OW)
        With the dtype of `x`, int64 or uint64 for integers and bool (wrapping
        as NumPy's sum does), or `dtype`.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind: a dtype that is not accepted, a
        float or a bool for an int.
    ValueError
        If an argument has a value that is not accepted, or no window fits.
    MemoryError
        If the result cannot fit the memory of this machine.

    See Also
    --------
    adaptive_sum_pool2d_backward, sum_pool2d, global_sum_pool

    Notes
    -----
    Window i of o over n elements spans ``floor(i * n / o)`` to
    ``ceil((i + 1) * n / o)``, the end not included, as in PyTorch [1]_. Windows
    overlap where o does not divide n, and o may exceed n.

    References
    ----------
    .. [1] K. He, X. Zhang, S. Ren and J. Sun, "Spatial pyramid pooling in deep
       convolutional networks for visual recognition", ECCV 2014.

    Examples
    --------
    >>> import numpy as np
    >>> import cpool
    >>> x = np.arange(1.0, 17.0).reshape(4, 4)
    >>> cpool.adaptive_sum_pool2d(x, (2, 1))
    array([[ 36.],
           [100.]])
    """
    return _call.adaptive(
        "sum", 2, x, output_size, False, data_format, axis, None, nan_policy,
        mask, out, dtype, weights, None, False,
    )


def adaptive_sum_pool3d(
    x, output_size, *, dtype=None, data_format=DEFAULT_FORMAT, axis=None, nan_policy="propagate",
    mask=None, weights=None, out=None,
):
    """Take the sum of 3-D windows that follow from the size of the output.

    Parameters
    ----------
    x : array_like of shape (..., D, H, W)
        Any bool, integer or floating-point dtype, float16 and bfloat16
        included. Any number of leading axes, zero included. With channels last
        the shape is (..., D, H, W, C). Read in place if its memory is in the
        order of one of the two formats, else copied once.
    output_size : int, None or tuple of 3
        Number of windows along each spatial axis; None keeps the size of the
        input, 0 gives an empty result.
    dtype : dtype, optional
        float32 or float64, for integers and bool any integer dtype too, to have
        the sum in it.
    data_format : {"channels_first", "channels_last"}, default "channels_first"
        Whether the spatial axes are the last ones, or stand before one last
        axis of channels. "NCDHW" and "NDHWC" are other names for them.
    axis : (int, int, int), optional
        The spatial axes in place of `data_format`. The order given is the order
        of the window, and of the first of several equals. The other axes stay
        where they are.
    nan_policy : {"propagate", "omit", "raise"}, default "propagate"
        What becomes of NaN: its windows are NaN, it takes no part as if it were
        masked, or it is a ValueError.
    mask : array_like of bool, optional
        True where an element takes part; broadcasts to `x`. A window in which
        none does gives 0.
    weights : None
        Only averages are weighted: pool ``x * weights`` for a weighted sum.
    out : ndarray, optional
        Array for the result: of exactly its shape and dtype, writeable, and
        apart from `x` in memory. It is returned.

    Returns
    -------
    ndarray of shape (..., OD, OH, OW)
        With the dtype of `x`, int64 or uint64 for integers and bool (wrapping
        as NumPy's sum does), or `dtype`.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind: a dtype that is not accepted, a
        float or a bool for an int.
    ValueError
        If an argument has a value that is not accepted, or no window fits.
    MemoryError
        If the result cannot fit the memory of this machine.

    See Also
    --------
    adaptive_sum_pool3d_backward, sum_pool3d, global_sum_pool

    Notes
    -----
    Window i of o over n elements spans ``floor(i * n / o)`` to
    ``ceil((i + 1) * n / o)``, the end not included, as in PyTorch [1]_. Windows
    overlap where o does not divide n, and o may exceed n.

    References
    ----------
    .. [1] K. He, X. Zhang, S. Ren and J. Sun, "Spatial pyramid pooling in deep
       convolutional networks for visual recognition", ECCV 2014.

    Examples
    --------
    >>> import numpy as np
    >>> import cpool
    >>> x = np.arange(1.0, 17.0).reshape(2, 2, 4)
    >>> cpool.adaptive_sum_pool3d(x, (1, None, 2))
    array([[[22., 30.],
            [38., 46.]]])
    """
    return _call.adaptive(
        "sum", 3, x, output_size, False, data_format, axis, None, nan_policy,
        mask, out, dtype, weights, None, False,
    )


def adaptive_sum_pool1d_backward(
    grad_output, x, output_size, *, dtype=None, data_format=DEFAULT_FORMAT, axis=None,
    nan_policy="propagate", mask=None, weights=None, out=None,
):
    """Gradient of `adaptive_sum_pool1d` with respect to its input.

    Parameters
    ----------
    grad_output : array_like
        Gradient with respect to the result of `adaptive_sum_pool1d`, of its
        shape and dtype.
    x : array_like of shape (..., W), or tuple of int
        The floating-point array that was pooled, or its shape: nothing else
        matters.
    output_size, dtype, data_format, axis, nan_policy, mask, weights
        As in the call of `adaptive_sum_pool1d`.
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
        If the gradient or `x` is not floating, `grad_output` has another dtype
        than the forward result, or an argument is of the wrong kind.
    ValueError
        If `grad_output` has the wrong shape, or an argument has a value that is
        not accepted.

    See Also
    --------
    adaptive_sum_pool1d

    Notes
    -----
    Every element of a window gets the window's gradient. Contributions are
    added in a fixed order, whatever the number of threads.

    Examples
    --------
    >>> import cpool
    >>> cpool.adaptive_sum_pool1d_backward([6.0, 12.0], (4,), 2)
    array([ 6.,  6., 12., 12.])
    """
    return _call.adaptive_backward(
        "sum", 1, grad_output, x, output_size, False, data_format,
        axis, None, nan_policy, mask, out, dtype, weights, None, False, None,
    )


def adaptive_sum_pool2d_backward(
    grad_output, x, output_size, *, dtype=None, data_format=DEFAULT_FORMAT, axis=None,
    nan_policy="propagate", mask=None, weights=None, out=None,
):
    """Gradient of `adaptive_sum_pool2d` with respect to its input.

    Parameters
    ----------
    grad_output : array_like
        Gradient with respect to the result of `adaptive_sum_pool2d`, of its
        shape and dtype.
    x : array_like of shape (..., H, W), or tuple of int
        The floating-point array that was pooled, or its shape: nothing else
        matters.
    output_size, dtype, data_format, axis, nan_policy, mask, weights
        As in the call of `adaptive_sum_pool2d`.
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
        If the gradient or `x` is not floating, `grad_output` has another dtype
        than the forward result, or an argument is of the wrong kind.
    ValueError
        If `grad_output` has the wrong shape, or an argument has a value that is
        not accepted.

    See Also
    --------
    adaptive_sum_pool2d

    Notes
    -----
    Every element of a window gets the window's gradient. Contributions are
    added in a fixed order, whatever the number of threads.

    Examples
    --------
    >>> import cpool
    >>> cpool.adaptive_sum_pool2d_backward([[8.0, 16.0]], (2, 4), (1, 2))
    array([[ 8.,  8., 16., 16.],
           [ 8.,  8., 16., 16.]])
    """
    return _call.adaptive_backward(
        "sum", 2, grad_output, x, output_size, False, data_format,
        axis, None, nan_policy, mask, out, dtype, weights, None, False, None,
    )


def adaptive_sum_pool3d_backward(
    grad_output, x, output_size, *, dtype=None, data_format=DEFAULT_FORMAT, axis=None,
    nan_policy="propagate", mask=None, weights=None, out=None,
):
    """Gradient of `adaptive_sum_pool3d` with respect to its input.

    Parameters
    ----------
    grad_output : array_like
        Gradient with respect to the result of `adaptive_sum_pool3d`, of its
        shape and dtype.
    x : array_like of shape (..., D, H, W), or tuple of int
        The floating-point array that was pooled, or its shape: nothing else
        matters.
    output_size, dtype, data_format, axis, nan_policy, mask, weights
        As in the call of `adaptive_sum_pool3d`.
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
        If the gradient or `x` is not floating, `grad_output` has another dtype
        than the forward result, or an argument is of the wrong kind.
    ValueError
        If `grad_output` has the wrong shape, or an argument has a value that is
        not accepted.

    See Also
    --------
    adaptive_sum_pool3d

    Notes
    -----
    Every element of a window gets the window's gradient. Contributions are
    added in a fixed order, whatever the number of threads.

    Examples
    --------
    >>> import cpool
    >>> cpool.adaptive_sum_pool3d_backward([[[8.0, 16.0]]], (1, 2, 4),
    ...     (1, 1, 2))
    array([[[ 8.,  8., 16., 16.],
            [ 8.,  8., 16., 16.]]])
    """
    return _call.adaptive_backward(
        "sum", 3, grad_output, x, output_size, False, data_format,
        axis, None, nan_policy, mask, out, dtype, weights, None, False, None,
    )


def adaptive_lp_pool1d(
    x, norm_type, output_size, *, normalize=False, dtype=None, data_format=DEFAULT_FORMAT, axis=None,
    nan_policy="propagate", mask=None, weights=None, out=None,
):
    """Take the Lp norm of 1-D windows that follow from the size of the output.

    Parameters
    ----------
    x : array_like of shape (..., W)
        Any bool, integer or floating-point dtype, float16 and bfloat16
        included. Any number of leading axes, zero included. With channels last
        the shape is (..., W, C). Read in place if its memory is in the order of
        one of the two formats, else copied once.
    norm_type : float
        The exponent p, any real number above 0, or inf.
    output_size : int, None or (int,)
        Number of windows along the axis; None keeps the size of the input, 0
        gives an empty result.
    normalize : bool, default False
        Divide the sum by the number of elements before the root; with p = 2
        this is the root mean square.
    dtype : dtype, optional
        float32 or float64, to have the norm in it rather than in the dtype of
        `x`. Needed for bool.
    data_format : {"channels_first", "channels_last"}, default "channels_first"
        Whether the spatial axes are the last ones, or stand before one last
        axis of channels. "NCW" and "NWC" are other names for them.
    axis : int or (int,), optional
        The spatial axis in place of `data_format`. The other axes stay where
        they are.
    nan_policy : {"propagate", "omit", "raise"}, default "propagate"
        What becomes of NaN: its windows are NaN, it takes no part as if it were
        masked, or it is a ValueError.
    mask : array_like of bool, optional
        True where an element takes part; broadcasts to `x`. A window in which
        none does gives 0.
    weights : None
        Only averages are weighted.
    out : ndarray, optional
        Array for the result: of exactly its shape and dtype, writeable, and
        apart from `x` in memory. It is returned.

    Returns
    -------
    ndarray of shape (..., OW)
        With the dtype of `x`, or `dtype`. Integers are rounded to nearest, ties
        to even, and end at the limits of their dtype.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind: a dtype that is not accepted, a
        float or a bool for an int.
    ValueError
        If an argument has a value that is not accepted, or no window fits.
    MemoryError
        If the result cannot fit the memory of this machine.

    See Also
    --------
    adaptive_lp_pool1d_backward, lp_pool1d, global_lp_pool

    Notes
    -----
    Window i of o over n elements spans ``floor(i * n / o)`` to
    ``ceil((i + 1) * n / o)``, the end not included, as in PyTorch [1]_. Windows
    overlap where o does not divide n, and o may exceed n.

    References
    ----------
    .. [1] K. He, X. Zhang, S. Ren and J. Sun, "Spatial pyramid pooling in deep
       convolutional networks for visual recognition", ECCV 2014.

    Examples
    --------
    >>> import cpool
    >>> cpool.adaptive_lp_pool1d([3.0, 4.0, 0.0, 0.0], 2, 2)
    array([5., 0.])
    """
    return _call.adaptive(
        "lp", 1, x, output_size, False, data_format, axis, None, nan_policy,
        mask, out, dtype, weights, norm_type, normalize,
    )


def adaptive_lp_pool2d(
    x, norm_type, output_size, *, normalize=False, dtype=None, data_format=DEFAULT_FORMAT, axis=None,
    nan_policy="propagate", mask=None, weights=None, out=None,
):
    """Take the Lp norm of 2-D windows that follow from the size of the output.

    Parameters
    ----------
    x : array_like of shape (..., H, W)
        Any bool, integer or floating-point dtype, float16 and bfloat16
        included. Any number of leading axes, zero included. With channels last
        the shape is (..., H, W, C). Read in place if its memory is in the order
        of one of the two formats, else copied once.
    norm_type : float
        The exponent p, any real number above 0, or inf.
    output_size : int, None or tuple of 2
        Number of windows along each spatial axis; None keeps the size of the
        input, 0 gives an empty result.
    normalize : bool, default False
        Divide the sum by the number of elements before the root; with p = 2
        this is the root mean square.
    dtype : dtype, optional
        float32 or float64, to have the norm in it rather than in the dtype of
        `x`. Needed for bool.
    data_format : {"channels_first", "channels_last"}, default "channels_first"
        Whether the spatial axes are the last ones, or stand before one last
        axis of channels. "NCHW" and "NHWC" are other names for them.
    axis : (int, int), optional
        The spatial axes in place of `data_format`. The order given is the order
        of the window, and of the first of several equals. The other axes stay
        where they are.
    nan_policy : {"propagate", "omit", "raise"}, default "propagate"
        What becomes of NaN: its windows are NaN, it takes no part as if it were
        masked, or it is a ValueError.
    mask : array_like of bool, optional
        True where an element takes part; broadcasts to `x`. A window in which
        none does gives 0.
    weights : None
        Only averages are weighted.
    out : ndarray, optional
        Array for the result: of exactly its shape and dtype, writeable, and
        apart from `x` in memory. It is returned.

    Returns
    -------
    ndarray of shape (..., OH, OW)
        With the dtype of `x`, or `dtype`. Integers are rounded to nearest, ties
        to even, and end at the limits of their dtype.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind: a dtype that is not accepted, a
        float or a bool for an int.
    ValueError
        If an argument has a value that is not accepted, or no window fits.
    MemoryError
        If the result cannot fit the memory of this machine.

    See Also
    --------
    adaptive_lp_pool2d_backward, lp_pool2d, global_lp_pool

    Notes
    -----
    Window i of o over n elements spans ``floor(i * n / o)`` to
    ``ceil((i + 1) * n / o)``, the end not included, as in PyTorch [1]_. Windows
    overlap where o does not divide n, and o may exceed n.

    References
    ----------
    .. [1] K. He, X. Zhang, S. Ren and J. Sun, "Spatial pyramid pooling in deep
       convolutional networks for visual recognition", ECCV 2014.

    Examples
    --------
    >>> import numpy as np
    >>> import cpool
    >>> x = np.ones(16).reshape(4, 4)
    >>> cpool.adaptive_lp_pool2d(x, 2, (2, 1))
    array([[2.82842712],
           [2.82842712]])
    """
    return _call.adaptive(
        "lp", 2, x, output_size, False, data_format, axis, None, nan_policy,
        mask, out, dtype, weights, norm_type, normalize,
    )


def adaptive_lp_pool3d(
    x, norm_type, output_size, *, normalize=False, dtype=None, data_format=DEFAULT_FORMAT, axis=None,
    nan_policy="propagate", mask=None, weights=None, out=None,
):
    """Take the Lp norm of 3-D windows that follow from the size of the output.

    Parameters
    ----------
    x : array_like of shape (..., D, H, W)
        Any bool, integer or floating-point dtype, float16 and bfloat16
        included. Any number of leading axes, zero included. With channels last
        the shape is (..., D, H, W, C). Read in place if its memory is in the
        order of one of the two formats, else copied once.
    norm_type : float
        The exponent p, any real number above 0, or inf.
    output_size : int, None or tuple of 3
        Number of windows along each spatial axis; None keeps the size of the
        input, 0 gives an empty result.
    normalize : bool, default False
        Divide the sum by the number of elements before the root; with p = 2
        this is the root mean square.
    dtype : dtype, optional
        float32 or float64, to have the norm in it rather than in the dtype of
        `x`. Needed for bool.
    data_format : {"channels_first", "channels_last"}, default "channels_first"
        Whether the spatial axes are the last ones, or stand before one last
        axis of channels. "NCDHW" and "NDHWC" are other names for them.
    axis : (int, int, int), optional
        The spatial axes in place of `data_format`. The order given is the order
        of the window, and of the first of several equals. The other axes stay
        where they are.
    nan_policy : {"propagate", "omit", "raise"}, default "propagate"
        What becomes of NaN: its windows are NaN, it takes no part as if it were
        masked, or it is a ValueError.
    mask : array_like of bool, optional
        True where an element takes part; broadcasts to `x`. A window in which
        none does gives 0.
    weights : None
        Only averages are weighted.
    out : ndarray, optional
        Array for the result: of exactly its shape and dtype, writeable, and
        apart from `x` in memory. It is returned.

    Returns
    -------
    ndarray of shape (..., OD, OH, OW)
        With the dtype of `x`, or `dtype`. Integers are rounded to nearest, ties
        to even, and end at the limits of their dtype.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind: a dtype that is not accepted, a
        float or a bool for an int.
    ValueError
        If an argument has a value that is not accepted, or no window fits.
    MemoryError
        If the result cannot fit the memory of this machine.

    See Also
    --------
    adaptive_lp_pool3d_backward, lp_pool3d, global_lp_pool

    Notes
    -----
    Window i of o over n elements spans ``floor(i * n / o)`` to
    ``ceil((i + 1) * n / o)``, the end not included, as in PyTorch [1]_. Windows
    overlap where o does not divide n, and o may exceed n.

    References
    ----------
    .. [1] K. He, X. Zhang, S. Ren and J. Sun, "Spatial pyramid pooling in deep
       convolutional networks for visual recognition", ECCV 2014.

    Examples
    --------
    >>> import numpy as np
    >>> import cpool
    >>> x = np.ones(16).reshape(2, 2, 4)
    >>> cpool.adaptive_lp_pool3d(x, 2, (1, None, 2))
    array([[[2., 2.],
            [2., 2.]]])
    """
    return _call.adaptive(
        "lp", 3, x, output_size, False, data_format, axis, None, nan_policy,
        mask, out, dtype, weights, norm_type, normalize,
    )


def adaptive_lp_pool1d_backward(
    grad_output, x, norm_type, output_size, *, normalize=False, dtype=None, data_format=DEFAULT_FORMAT,
    axis=None, nan_policy="propagate", mask=None, weights=None, out=None,
):
    """Gradient of `adaptive_lp_pool1d` with respect to its input.

    Parameters
    ----------
    grad_output : array_like
        Gradient with respect to the result of `adaptive_lp_pool1d`, of its
        shape and dtype.
    x : array_like of shape (..., W)
        The floating-point array that was pooled.
    norm_type, output_size, normalize, dtype, data_format, axis, nan_policy,
    mask, weights
        As in the call of `adaptive_lp_pool1d`.
    out : ndarray, optional
        Array for the gradient: of exactly its shape and dtype, writeable, and
        apart from the other arrays in memory. It is returned.

    Returns
    -------
    ndarray
        Gradient of the shape and dtype of `x`.

    Raises
    ------
    TypeError
        If the gradient or `x` is not floating, `grad_output` has another dtype
        than the forward result, or an argument is of the wrong kind.
    ValueError
        If `grad_output` has the wrong shape, or an argument has a value that is
        not accepted.

    See Also
    --------
    adaptive_lp_pool1d

    Notes
    -----
    An element v of a window of norm y gets
    ``sign(v) * (abs(v) / y) ** (p - 1)`` times the window's gradient (over the
    number of elements with `normalize`), and 0 where y is 0, and at v = 0 for p
    <= 1. For p = inf all of it goes to the first element of largest absolute
    value.

    Examples
    --------
    >>> import numpy as np
    >>> import cpool
    >>> x = np.ones((4,))
    >>> cpool.adaptive_lp_pool1d_backward([6.0, 12.0], x, 2, 2)
    array([4.24264069, 4.24264069, 8.48528137, 8.48528137])
    """
    return _call.adaptive_backward(
        "lp", 1, grad_output, x, output_size, False, data_format,
        axis, None, nan_policy, mask, out, dtype, weights, norm_type, normalize, None,
    )


def adaptive_lp_pool2d_backward(
    grad_output, x, norm_type, output_size, *, normalize=False, dtype=None, data_format=DEFAULT_FORMAT,
    axis=None, nan_policy="propagate", mask=None, weights=None, out=None,
):
    """Gradient of `adaptive_lp_pool2d` with respect to its input.

    Parameters
    ----------
    grad_output : array_like
        Gradient with respect to the result of `adaptive_lp_pool2d`, of its
        shape and dtype.
    x : array_like of shape (..., H, W)
        The floating-point array that was pooled.
    norm_type, output_size, normalize, dtype, data_format, axis, nan_policy,
    mask, weights
        As in the call of `adaptive_lp_pool2d`.
    out : ndarray, optional
        Array for the gradient: of exactly its shape and dtype, writeable, and
        apart from the other arrays in memory. It is returned.

    Returns
    -------
    ndarray
        Gradient of the shape and dtype of `x`.

    Raises
    ------
    TypeError
        If the gradient or `x` is not floating, `grad_output` has another dtype
        than the forward result, or an argument is of the wrong kind.
    ValueError
        If `grad_output` has the wrong shape, or an argument has a value that is
        not accepted.

    See Also
    --------
    adaptive_lp_pool2d

    Notes
    -----
    An element v of a window of norm y gets
    ``sign(v) * (abs(v) / y) ** (p - 1)`` times the window's gradient (over the
    number of elements with `normalize`), and 0 where y is 0, and at v = 0 for p
    <= 1. For p = inf all of it goes to the first element of largest absolute
    value.

    Examples
    --------
    >>> import numpy as np
    >>> import cpool
    >>> x = np.ones((2, 4))
    >>> cpool.adaptive_lp_pool2d_backward([[8.0, 16.0]], x, 2, (1, 2))
    array([[4., 4., 8., 8.],
           [4., 4., 8., 8.]])
    """
    return _call.adaptive_backward(
        "lp", 2, grad_output, x, output_size, False, data_format,
        axis, None, nan_policy, mask, out, dtype, weights, norm_type, normalize, None,
    )


def adaptive_lp_pool3d_backward(
    grad_output, x, norm_type, output_size, *, normalize=False, dtype=None, data_format=DEFAULT_FORMAT,
    axis=None, nan_policy="propagate", mask=None, weights=None, out=None,
):
    """Gradient of `adaptive_lp_pool3d` with respect to its input.

    Parameters
    ----------
    grad_output : array_like
        Gradient with respect to the result of `adaptive_lp_pool3d`, of its
        shape and dtype.
    x : array_like of shape (..., D, H, W)
        The floating-point array that was pooled.
    norm_type, output_size, normalize, dtype, data_format, axis, nan_policy,
    mask, weights
        As in the call of `adaptive_lp_pool3d`.
    out : ndarray, optional
        Array for the gradient: of exactly its shape and dtype, writeable, and
        apart from the other arrays in memory. It is returned.

    Returns
    -------
    ndarray
        Gradient of the shape and dtype of `x`.

    Raises
    ------
    TypeError
        If the gradient or `x` is not floating, `grad_output` has another dtype
        than the forward result, or an argument is of the wrong kind.
    ValueError
        If `grad_output` has the wrong shape, or an argument has a value that is
        not accepted.

    See Also
    --------
    adaptive_lp_pool3d

    Notes
    -----
    An element v of a window of norm y gets
    ``sign(v) * (abs(v) / y) ** (p - 1)`` times the window's gradient (over the
    number of elements with `normalize`), and 0 where y is 0, and at v = 0 for p
    <= 1. For p = inf all of it goes to the first element of largest absolute
    value.

    Examples
    --------
    >>> import numpy as np
    >>> import cpool
    >>> x = np.ones((1, 2, 4))
    >>> cpool.adaptive_lp_pool3d_backward([[[8.0, 16.0]]], x, 2, (1, 1, 2))
    array([[[4., 4., 8., 8.],
            [4., 4., 8., 8.]]])
    """
    return _call.adaptive_backward(
        "lp", 3, grad_output, x, output_size, False, data_format,
        axis, None, nan_policy, mask, out, dtype, weights, norm_type, normalize, None,
    )


# ---- one window over all spatial axes ----


def global_max_pool(
    x, *, spatial_ndim=None, data_format=DEFAULT_FORMAT, axis=None, keepdims=False, return_indices=False,
    index_dtype=None, nan_policy="propagate", mask=None, out=None,
):
    """Take the maximum over all spatial axes.

    Parameters
    ----------
    x : array_like of shape (N, C, *spatial)
        Any bool, integer or floating-point dtype, float16 and bfloat16
        included. With channels last the shape is (N, *spatial, C); other shapes
        go with `spatial_ndim` or `axis`.
    spatial_ndim : int, optional
        Number of spatial axes. By default all axes but two, the batch and the
        channels.
    data_format : {"channels_first", "channels_last"}, default "channels_first"
        Whether the spatial axes are the last ones, or stand before one last
        axis of channels. The names "NCW", "NCHW", "NCDHW" and "NWC", "NHWC",
        "NDHWC" say the number of spatial axes as well.
    axis : int or tuple of int, optional
        The spatial axes in place of `data_format`. The order given is the order
        of the window, and of the first of several equals. The other axes stay
        where they are.
    keepdims : bool, default False
        Keep the spatial axes, with size 1.
    return_indices : bool, default False
        Return where each maximum was found, too.
    index_dtype : {int64, int32}, optional
        dtype of the indices, int64 by default.
    nan_policy : {"propagate", "omit", "raise"}, default "propagate"
        What becomes of NaN: its windows are NaN, it takes no part as if it were
        masked, or it is a ValueError.
    mask : array_like of bool, optional
        True where an element takes part; broadcasts to `x`. A window in which
        none does gives -inf, the smallest integer or False, at index -1.
    out : ndarray, or (values, indices) pair, optional
        Array for the result, or with `return_indices` two: of exactly its shape
        and dtype, writeable, and apart from `x` in memory. Returned in place of
        new ones.

    Returns
    -------
    values : ndarray
        The shape is that of `x` without its spatial axes; the dtype that of
        `x`.
    indices : ndarray of int
        Only with ``return_indices=True``: position of the first maximum, or of
        the first NaN, in the flattened spatial axes.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind: a dtype that is not accepted, a
        float or a bool for an int.
    ValueError
        If an argument has a value that is not accepted, or no window fits.
    MemoryError
        If the result cannot fit the memory of this machine.

    See Also
    --------
    global_max_pool_backward, max_pool2d, adaptive_max_pool2d

    Notes
    -----
    Over the words of a text this is max over time pooling [1]_.

    References
    ----------
    .. [1] R. Collobert et al., "Natural language processing (almost) from
       scratch", Journal of Machine Learning Research 12, 2011.

    Examples
    --------
    >>> import numpy as np
    >>> import cpool
    >>> x = np.arange(8.0).reshape(1, 2, 2, 2)
    >>> cpool.global_max_pool(x)
    array([[3., 7.]])
    >>> cpool.global_max_pool([[1, 5], [7, 2]], axis=0, return_indices=True)
    (array([7, 5]), array([1, 0]))
    """
    return _call.global_(
        "max", x, spatial_ndim, data_format, axis, keepdims, return_indices,
        index_dtype, None, nan_policy, mask, out, None, None, False,
    )


def global_max_pool_backward(
    grad_output, x, *, indices=None, spatial_ndim=None, data_format=DEFAULT_FORMAT, axis=None,
    keepdims=False, return_indices=False, index_dtype=None, nan_policy="propagate", mask=None, out=None,
):
    """Gradient of `global_max_pool` with respect to its input.

    Parameters
    ----------
    grad_output : array_like
        Gradient with respect to the result of `global_max_pool`, of its shape
        and dtype.
    x : array_like of shape (N, C, *spatial), or tuple of int
        The floating-point array that was pooled, or its shape if `indices` is
        given.
    spatial_ndim, data_format, axis, keepdims, nan_policy, mask
        As in the call of `global_max_pool`.
    return_indices, index_dtype
        Ignored; they are here so that one dict of arguments serves both
        functions.
    indices : array_like of int, optional
        What `global_max_pool` returned with ``return_indices=True``; without
        it, `x` is searched again.
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
        If the gradient or `x` is not floating, `grad_output` has another dtype
        than the forward result, or an argument is of the wrong kind.
    ValueError
        If `grad_output` or `indices` has the wrong shape, an index lies outside
        its plane, or an argument has a value that is not accepted.

    See Also
    --------
    global_max_pool

    Notes
    -----
    The gradient of a window goes to its first maximum, or to its first NaN; a
    window without any element passes none on.

    Examples
    --------
    >>> import cpool
    >>> cpool.global_max_pool_backward([1.0, 2.0], [[1.0, 5.0], [7.0, 2.0]],
    ...     spatial_ndim=1)
    array([[0., 1.],
           [2., 0.]])
    """
    return _call.global_backward(
        "max", grad_output, x, spatial_ndim, data_format, axis,
        keepdims, return_indices, index_dtype, None, nan_policy, mask, out, None, None, False, indices,
    )


def global_min_pool(
    x, *, spatial_ndim=None, data_format=DEFAULT_FORMAT, axis=None, keepdims=False, return_indices=False,
    index_dtype=None, nan_policy="propagate", mask=None, out=None,
):
    """Take the minimum over all spatial axes.

    Parameters
    ----------
    x : array_like of shape (N, C, *spatial)
        Any bool, integer or floating-point dtype, float16 and bfloat16
        included. With channels last the shape is (N, *spatial, C); other shapes
        go with `spatial_ndim` or `axis`.
    spatial_ndim : int, optional
        Number of spatial axes. By default all axes but two, the batch and the
        channels.
    data_format : {"channels_first", "channels_last"}, default "channels_first"
        Whether the spatial axes are the last ones, or stand before one last
        axis of channels. The names "NCW", "NCHW", "NCDHW" and "NWC", "NHWC",
        "NDHWC" say the number of spatial axes as well.
    axis : int or tuple of int, optional
        The spatial axes in place of `data_format`. The order given is the order
        of the window, and of the first of several equals. The other axes stay
        where they are.
    keepdims : bool, default False
        Keep the spatial axes, with size 1.
    return_indices : bool, default False
        Return where each minimum was found, too.
    index_dtype : {int64, int32}, optional
        dtype of the indices, int64 by default.
    nan_policy : {"propagate", "omit", "raise"}, default "propagate"
        What becomes of NaN: its windows are NaN, it takes no part as if it were
        masked, or it is a ValueError.
    mask : array_like of bool, optional
        True where an element takes part; broadcasts to `x`. A window in which
        none does gives inf, the largest integer or True, at index -1.
    out : ndarray, or (values, indices) pair, optional
        Array for the result, or with `return_indices` two: of exactly its shape
        and dtype, writeable, and apart from `x` in memory. Returned in place of
        new ones.

    Returns
    -------
    values : ndarray
        The shape is that of `x` without its spatial axes; the dtype that of
        `x`.
    indices : ndarray of int
        Only with ``return_indices=True``: position of the first minimum, or of
        the first NaN, in the flattened spatial axes.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind: a dtype that is not accepted, a
        float or a bool for an int.
    ValueError
        If an argument has a value that is not accepted, or no window fits.
    MemoryError
        If the result cannot fit the memory of this machine.

    See Also
    --------
    global_min_pool_backward, min_pool2d, adaptive_min_pool2d

    Notes
    -----
    The counterpart of `global_max_pool`, computed as such and not by negation.

    Examples
    --------
    >>> import numpy as np
    >>> import cpool
    >>> x = np.arange(8.0).reshape(1, 2, 2, 2)
    >>> cpool.global_min_pool(x)
    array([[0., 4.]])
    >>> cpool.global_min_pool([[1, 5], [7, 2]], axis=0, return_indices=True)
    (array([1, 2]), array([0, 1]))
    """
    return _call.global_(
        "min", x, spatial_ndim, data_format, axis, keepdims, return_indices,
        index_dtype, None, nan_policy, mask, out, None, None, False,
    )


def global_min_pool_backward(
    grad_output, x, *, indices=None, spatial_ndim=None, data_format=DEFAULT_FORMAT, axis=None,
    keepdims=False, return_indices=False, index_dtype=None, nan_policy="propagate", mask=None, out=None,
):
    """Gradient of `global_min_pool` with respect to its input.

    Parameters
    ----------
    grad_output : array_like
        Gradient with respect to the result of `global_min_pool`, of its shape
        and dtype.
    x : array_like of shape (N, C, *spatial), or tuple of int
        The floating-point array that was pooled, or its shape if `indices` is
        given.
    spatial_ndim, data_format, axis, keepdims, nan_policy, mask
        As in the call of `global_min_pool`.
    return_indices, index_dtype
        Ignored; they are here so that one dict of arguments serves both
        functions.
    indices : array_like of int, optional
        What `global_min_pool` returned with ``return_indices=True``; without
        it, `x` is searched again.
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
        If the gradient or `x` is not floating, `grad_output` has another dtype
        than the forward result, or an argument is of the wrong kind.
    ValueError
        If `grad_output` or `indices` has the wrong shape, an index lies outside
        its plane, or an argument has a value that is not accepted.

    See Also
    --------
    global_min_pool

    Notes
    -----
    The gradient of a window goes to its first minimum, or to its first NaN; a
    window without any element passes none on.

    Examples
    --------
    >>> import cpool
    >>> cpool.global_min_pool_backward([1.0, 2.0], [[1.0, 5.0], [7.0, 2.0]],
    ...     spatial_ndim=1)
    array([[1., 0.],
           [0., 2.]])
    """
    return _call.global_backward(
        "min", grad_output, x, spatial_ndim, data_format, axis,
        keepdims, return_indices, index_dtype, None, nan_policy, mask, out, None, None, False, indices,
    )


def global_avg_pool(
    x, *, spatial_ndim=None, data_format=DEFAULT_FORMAT, axis=None, keepdims=False, dtype=None,
    nan_policy="propagate", mask=None, weights=None, out=None,
):
    """Take the average over all spatial axes.

    Parameters
    ----------
    x : array_like of shape (N, C, *spatial)
        Any bool, integer or floating-point dtype, float16 and bfloat16
        included. With channels last the shape is (N, *spatial, C); other shapes
        go with `spatial_ndim` or `axis`.
    spatial_ndim : int, optional
        Number of spatial axes. By default all axes but two, the batch and the
        channels.
    data_format : {"channels_first", "channels_last"}, default "channels_first"
        Whether the spatial axes are the last ones, or stand before one last
        axis of channels. The names "NCW", "NCHW", "NCDHW" and "NWC", "NHWC",
        "NDHWC" say the number of spatial axes as well.
    axis : int or tuple of int, optional
        The spatial axes in place of `data_format`. The order given is the order
        of the window, and of the first of several equals. The other axes stay
        where they are.
    keepdims : bool, default False
        Keep the spatial axes, with size 1.
    dtype : dtype, optional
        float32 or float64, to have the average in it rather than in the dtype
        of `x`. Needed for bool.
    nan_policy : {"propagate", "omit", "raise"}, default "propagate"
        What becomes of NaN: its windows are NaN, it takes no part as if it were
        masked, or it is a ValueError.
    mask : array_like of bool, optional
        True where an element takes part; broadcasts to `x`. The average is over
        those that do; where none does it is NaN (integers: 0).
    weights : array_like, optional
        Real numbers that broadcast to `x`: each result is sum(weights * x) /
        sum(weights) over the window's elements, NaN where the weights add up to
        0. Averages of integers need a `dtype` then.
    out : ndarray, optional
        Array for the result: of exactly its shape and dtype, writeable, and
        apart from `x` in memory. It is returned.

    Returns
    -------
    ndarray
        The shape is that of `x` without its spatial axes; the dtype that of
        `x`, or `dtype`. Integers are averaged exactly and rounded to nearest,
        ties to even.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind: a dtype that is not accepted, a
        float or a bool for an int.
    ValueError
        If an argument has a value that is not accepted, or no window fits.
    MemoryError
        If the result cannot fit the memory of this machine.

    See Also
    --------
    global_avg_pool_backward, avg_pool2d, adaptive_avg_pool2d

    Notes
    -----
    What classifiers use in place of fully connected layers. Sums are formed in
    fixed parts, so the result does not depend on the number of threads, and
    does not drift however large the planes are [1]_.

    References
    ----------
    .. [1] M. Lin, Q. Chen and S. Yan, "Network in network", ICLR 2014.

    Examples
    --------
    >>> import numpy as np
    >>> import cpool
    >>> x = np.arange(8.0).reshape(1, 2, 2, 2)
    >>> cpool.global_avg_pool(x)
    array([[1.5, 5.5]])
    >>> cpool.global_avg_pool([[1.0, 5.0], [7.0, 2.0]], spatial_ndim=1)
    array([3. , 4.5])
    """
    return _call.global_(
        "avg", x, spatial_ndim, data_format, axis, keepdims, False, None, dtype,
        nan_policy, mask, out, weights, None, False,
    )


def global_avg_pool_backward(
    grad_output, x, *, spatial_ndim=None, data_format=DEFAULT_FORMAT, axis=None, keepdims=False,
    dtype=None, nan_policy="propagate", mask=None, weights=None, out=None,
):
    """Gradient of `global_avg_pool` with respect to its input.

    Parameters
    ----------
    grad_output : array_like
        Gradient with respect to the result of `global_avg_pool`, of its shape
        and dtype.
    x : array_like of shape (N, C, *spatial), or tuple of int
        The floating-point array that was pooled, or its shape: nothing else
        matters.
    spatial_ndim, data_format, axis, keepdims, dtype, nan_policy, mask, weights
        As in the call of `global_avg_pool`.
    out : ndarray, optional
        Array for the gradient: of exactly its shape and dtype, writeable, and
        apart from the other arrays in memory. It is returned.

    Returns
    -------
    ndarray
        Gradient of the shape and dtype of `x` (the dtype of `grad_output` if
        `x` is a shape).
    grad_weights : ndarray
        Only with `weights`, behind the first: the gradient with respect to
        them, of their shape and dtype (floats; that of integers is the gradient
        of the floats that they stand for).

    Raises
    ------
    TypeError
        If the gradient or `x` is not floating, `grad_output` has another dtype
        than the forward result, or an argument is of the wrong kind.
    ValueError
        If `grad_output` has the wrong shape, or an argument has a value that is
        not accepted.

    See Also
    --------
    global_avg_pool

    Notes
    -----
    Every element of a window gets the window's gradient over its divisor.

    Examples
    --------
    >>> import cpool
    >>> cpool.global_avg_pool_backward([4.0, 8.0], (2, 4), spatial_ndim=1)
    array([[1., 1., 1., 1.],
           [2., 2., 2., 2.]])
    """
    return _call.global_backward(
        "avg", grad_output, x, spatial_ndim, data_format, axis,
        keepdims, False, None, dtype, nan_policy, mask, out, weights, None, False, None,
    )


def global_sum_pool(
    x, *, spatial_ndim=None, data_format=DEFAULT_FORMAT, axis=None, keepdims=False, dtype=None,
    nan_policy="propagate", mask=None, weights=None, out=None,
):
    """Take the sum over all spatial axes.

    Parameters
    ----------
    x : array_like of shape (N, C, *spatial)
        Any bool, integer or floating-point dtype, float16 and bfloat16
        included. With channels last the shape is (N, *spatial, C); other shapes
        go with `spatial_ndim` or `axis`.
    spatial_ndim : int, optional
        Number of spatial axes. By default all axes but two, the batch and the
        channels.
    data_format : {"channels_first", "channels_last"}, default "channels_first"
        Whether the spatial axes are the last ones, or stand before one last
        axis of channels. The names "NCW", "NCHW", "NCDHW" and "NWC", "NHWC",
        "NDHWC" say the number of spatial axes as well.
    axis : int or tuple of int, optional
        The spatial axes in place of `data_format`. The order given is the order
        of the window, and of the first of several equals. The other axes stay
        where they are.
    keepdims : bool, default False
        Keep the spatial axes, with size 1.
    dtype : dtype, optional
        float32 or float64, for integers and bool any integer dtype too, to have
        the sum in it.
    nan_policy : {"propagate", "omit", "raise"}, default "propagate"
        What becomes of NaN: its windows are NaN, it takes no part as if it were
        masked, or it is a ValueError.
    mask : array_like of bool, optional
        True where an element takes part; broadcasts to `x`. A window in which
        none does gives 0.
    weights : None
        Only averages are weighted: pool ``x * weights`` for a weighted sum.
    out : ndarray, optional
        Array for the result: of exactly its shape and dtype, writeable, and
        apart from `x` in memory. It is returned.

    Returns
    -------
    ndarray
        The shape is that of `x` without its spatial axes; the dtype that of
        `x`, int64 or uint64 for integers and bool (wrapping as NumPy's sum
        does), or `dtype`.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind: a dtype that is not accepted, a
        float or a bool for an int.
    ValueError
        If an argument has a value that is not accepted, or no window fits.
    MemoryError
        If the result cannot fit the memory of this machine.

    See Also
    --------
    global_sum_pool_backward, sum_pool2d, adaptive_sum_pool2d

    Notes
    -----
    Sums are formed in fixed parts, so the result does not depend on the number
    of threads, and does not drift however large the planes are. Over the nodes
    of a graph or the words of a text, the sum tells what the average and the
    maximum cannot: how often something occurs [1]_.

    References
    ----------
    .. [1] K. Xu, W. Hu, J. Leskovec and S. Jegelka, "How powerful are graph
       neural networks?", ICLR 2019.

    Examples
    --------
    >>> import numpy as np
    >>> import cpool
    >>> x = np.arange(8.0).reshape(1, 2, 2, 2)
    >>> cpool.global_sum_pool(x)
    array([[ 6., 22.]])
    >>> cpool.global_sum_pool([[1, 5], [7, 2]], spatial_ndim=1)
    array([6, 9])
    """
    return _call.global_(
        "sum", x, spatial_ndim, data_format, axis, keepdims, False, None, dtype,
        nan_policy, mask, out, weights, None, False,
    )


def global_sum_pool_backward(
    grad_output, x, *, spatial_ndim=None, data_format=DEFAULT_FORMAT, axis=None, keepdims=False,
    dtype=None, nan_policy="propagate", mask=None, weights=None, out=None,
):
    """Gradient of `global_sum_pool` with respect to its input.

    Parameters
    ----------
    grad_output : array_like
        Gradient with respect to the result of `global_sum_pool`, of its shape
        and dtype.
    x : array_like of shape (N, C, *spatial), or tuple of int
        The floating-point array that was pooled, or its shape: nothing else
        matters.
    spatial_ndim, data_format, axis, keepdims, dtype, nan_policy, mask, weights
        As in the call of `global_sum_pool`.
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
        If the gradient or `x` is not floating, `grad_output` has another dtype
        than the forward result, or an argument is of the wrong kind.
    ValueError
        If `grad_output` has the wrong shape, or an argument has a value that is
        not accepted.

    See Also
    --------
    global_sum_pool

    Notes
    -----
    Every element of a window gets the window's gradient.

    Examples
    --------
    >>> import cpool
    >>> cpool.global_sum_pool_backward([4.0, 8.0], (2, 4), spatial_ndim=1)
    array([[4., 4., 4., 4.],
           [8., 8., 8., 8.]])
    """
    return _call.global_backward(
        "sum", grad_output, x, spatial_ndim, data_format, axis,
        keepdims, False, None, dtype, nan_policy, mask, out, weights, None, False, None,
    )


def global_lp_pool(
    x, norm_type, *, spatial_ndim=None, data_format=DEFAULT_FORMAT, axis=None, keepdims=False,
    normalize=False, dtype=None, nan_policy="propagate", mask=None, weights=None, out=None,
):
    """Take the Lp norm over all spatial axes.

    Parameters
    ----------
    x : array_like of shape (N, C, *spatial)
        Any bool, integer or floating-point dtype, float16 and bfloat16
        included. With channels last the shape is (N, *spatial, C); other shapes
        go with `spatial_ndim` or `axis`.
    norm_type : float
        The exponent p, any real number above 0, or inf.
    spatial_ndim : int, optional
        Number of spatial axes. By default all axes but two, the batch and the
        channels.
    data_format : {"channels_first", "channels_last"}, default "channels_first"
        Whether the spatial axes are the last ones, or stand before one last
        axis of channels. The names "NCW", "NCHW", "NCDHW" and "NWC", "NHWC",
        "NDHWC" say the number of spatial axes as well.
    axis : int or tuple of int, optional
        The spatial axes in place of `data_format`. The order given is the order
        of the window, and of the first of several equals. The other axes stay
        where they are.
    keepdims : bool, default False
        Keep the spatial axes, with size 1.
    normalize : bool, default False
        Divide the sum by the number of elements before the root; with p = 2
        this is the root mean square.
    dtype : dtype, optional
        float32 or float64, to have the norm in it rather than in the dtype of
        `x`. Needed for bool.
    nan_policy : {"propagate", "omit", "raise"}, default "propagate"
        What becomes of NaN: its windows are NaN, it takes no part as if it were
        masked, or it is a ValueError.
    mask : array_like of bool, optional
        True where an element takes part; broadcasts to `x`. A window in which
        none does gives 0.
    weights : None
        Only averages are weighted.
    out : ndarray, optional
        Array for the result: of exactly its shape and dtype, writeable, and
        apart from `x` in memory. It is returned.

    Returns
    -------
    ndarray
        The shape is that of `x` without its spatial axes; the dtype that of
        `x`, or `dtype`. Integers are rounded to nearest, ties to even, and end
        at the limits of their dtype.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind: a dtype that is not accepted, a
        float or a bool for an int.
    ValueError
        If an argument has a value that is not accepted, or no window fits.
    MemoryError
        If the result cannot fit the memory of this machine.

    See Also
    --------
    global_lp_pool_backward, lp_pool2d, adaptive_lp_pool2d

    Notes
    -----
    p = 1 and inf give the sum and the maximum of absolute values; with
    `normalize`, p = 2 gives the root mean square. Generalised-mean pooling is
    this with `normalize` over elements that are not negative [1]_.

    References
    ----------
    .. [1] F. Radenović, G. Tolias and O. Chum, "Fine-tuning CNN image retrieval
       with no human annotation", IEEE Transactions on Pattern Analysis and
       Machine Intelligence 41(7), 2019.

    Examples
    --------
    >>> import numpy as np
    >>> import cpool
    >>> x = np.ones((1, 2, 2, 2))
    >>> cpool.global_lp_pool(x, 2)
    array([[2., 2.]])
    >>> cpool.global_lp_pool([[3.0, 4.0], [0.0, 5.0]], 2, spatial_ndim=1)
    array([5., 5.])
    """
    return _call.global_(
        "lp", x, spatial_ndim, data_format, axis, keepdims, False, None, dtype,
        nan_policy, mask, out, weights, norm_type, normalize,
    )


def global_lp_pool_backward(
    grad_output, x, norm_type, *, spatial_ndim=None, data_format=DEFAULT_FORMAT, axis=None,
    keepdims=False, normalize=False, dtype=None, nan_policy="propagate", mask=None, weights=None,
    out=None,
):
    """Gradient of `global_lp_pool` with respect to its input.

    Parameters
    ----------
    grad_output : array_like
        Gradient with respect to the result of `global_lp_pool`, of its shape
        and dtype.
    x : array_like of shape (N, C, *spatial)
        The floating-point array that was pooled.
    norm_type, spatial_ndim, data_format, axis, keepdims, normalize, dtype,
    nan_policy, mask, weights
        As in the call of `global_lp_pool`.
    out : ndarray, optional
        Array for the gradient: of exactly its shape and dtype, writeable, and
        apart from the other arrays in memory. It is returned.

    Returns
    -------
    ndarray
        Gradient of the shape and dtype of `x`.

    Raises
    ------
    TypeError
        If the gradient or `x` is not floating, `grad_output` has another dtype
        than the forward result, or an argument is of the wrong kind.
    ValueError
        If `grad_output` has the wrong shape, or an argument has a value that is
        not accepted.

    See Also
    --------
    global_lp_pool

    Notes
    -----
    An element v of a window of norm y gets
    ``sign(v) * (abs(v) / y) ** (p - 1)`` times the window's gradient (over the
    number of elements with `normalize`), and 0 where y is 0, and at v = 0 for p
    <= 1. For p = inf all of it goes to the first element of largest absolute
    value.

    Examples
    --------
    >>> import cpool
    >>> cpool.global_lp_pool_backward([10.0], [[3.0, 4.0]], 2, spatial_ndim=1)
    array([[6., 8.]])
    """
    return _call.global_backward(
        "lp", grad_output, x, spatial_ndim, data_format, axis,
        keepdims, False, None, dtype, nan_policy, mask, out, weights, norm_type, normalize, None,
    )


# ---- back from pooled to full size ----


def max_unpool1d(
    x, indices, kernel_size, stride=None, padding=0, output_size=None, *, data_format=DEFAULT_FORMAT,
    mode="last", out=None,
):
    """Put the elements that 1-D max pooling kept back where they came from, among
    zeros.

    Parameters
    ----------
    x : array_like of shape (..., W)
        What was kept, of any bool, integer or floating-point dtype. With
        channels last the shape is (..., W, C).
    indices : array_like of int, of the shape of `x`
        Where in its plane each element goes, as `max_pool1d` returns it; -1:
        nowhere.
    kernel_size, stride, padding : int or (int,)
        Those of the pooling; they give the size of the output, nothing else.
    output_size : tuple of int, optional
        Size of the output, or its whole shape; within one stride of the
        default, ``(n - 1) * stride - before - after + kernel`` along each axis.
    data_format : {"channels_first", "channels_last"}, default "channels_first"
        Whether the spatial axes are the last ones, or stand before one last
        axis of channels. "NCW" and "NWC" are other names for them.
    mode : {"last", "sum"}, default "last"
        What elements with the same index make: the last in row-major order
        wins, or they are added.
    out : ndarray, optional
        Array for the result: of exactly its shape and dtype, writeable, and
        apart from `x` and `indices` in memory. It is returned.

    Returns
    -------
    ndarray of shape (..., OW)
        With the dtype of `x`; 0 where no index points to.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind, such as indices that are not
        integers.
    ValueError
        If `indices` has another shape than `x` or an index lies outside its
        plane, or an argument has a value that is not accepted.
    MemoryError
        If the result cannot fit the memory of this machine.

    See Also
    --------
    max_unpool1d_backward, max_pool1d

    Notes
    -----
    As ``torch.nn.functional.max_unpool1d`` [1]_, with duplicates resolved by a
    rule instead of by chance, and any dtype. ``mode="sum"`` undoes nothing but
    is the exact adjoint of picking elements: it is what the gradient of max
    pooling does.

    References
    ----------
    .. [1] M. D. Zeiler, G. W. Taylor and R. Fergus, "Adaptive deconvolutional
       networks for mid and high level feature learning", ICCV 2011.

    Examples
    --------
    >>> import cpool
    >>> y, indices = cpool.max_pool1d([1, 3, 2, 5], 2, return_indices=True)
    >>> cpool.max_unpool1d(y, indices, 2)
    array([0, 3, 0, 5])
    """
    return _call.unpool(1, x, indices, kernel_size, stride, padding, output_size, data_format, mode, out)


def max_unpool2d(
    x, indices, kernel_size, stride=None, padding=0, output_size=None, *, data_format=DEFAULT_FORMAT,
    mode="last", out=None,
):
    """Put the elements that 2-D max pooling kept back where they came from, among
    zeros.

    Parameters
    ----------
    x : array_like of shape (..., H, W)
        What was kept, of any bool, integer or floating-point dtype. With
        channels last the shape is (..., H, W, C).
    indices : array_like of int, of the shape of `x`
        Where in its plane each element goes, as `max_pool2d` returns it; -1:
        nowhere.
    kernel_size, stride, padding : int or (int, int)
        Those of the pooling; they give the size of the output, nothing else.
    output_size : tuple of int, optional
        Size of the output, or its whole shape; within one stride of the
        default, ``(n - 1) * stride - before - after + kernel`` along each axis.
    data_format : {"channels_first", "channels_last"}, default "channels_first"
        Whether the spatial axes are the last ones, or stand before one last
        axis of channels. "NCHW" and "NHWC" are other names for them.
    mode : {"last", "sum"}, default "last"
        What elements with the same index make: the last in row-major order
        wins, or they are added.
    out : ndarray, optional
        Array for the result: of exactly its shape and dtype, writeable, and
        apart from `x` and `indices` in memory. It is returned.

    Returns
    -------
    ndarray of shape (..., OH, OW)
        With the dtype of `x`; 0 where no index points to.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind, such as indices that are not
        integers.
    ValueError
        If `indices` has another shape than `x` or an index lies outside its
        plane, or an argument has a value that is not accepted.
    MemoryError
        If the result cannot fit the memory of this machine.

    See Also
    --------
    max_unpool2d_backward, max_pool2d

    Notes
    -----
    As ``torch.nn.functional.max_unpool2d`` [1]_, with duplicates resolved by a
    rule instead of by chance, and any dtype. ``mode="sum"`` undoes nothing but
    is the exact adjoint of picking elements: it is what the gradient of max
    pooling does.

    References
    ----------
    .. [1] M. D. Zeiler, G. W. Taylor and R. Fergus, "Adaptive deconvolutional
       networks for mid and high level feature learning", ICCV 2011.

    Examples
    --------
    >>> import numpy as np
    >>> import cpool
    >>> x = np.array([[1, 2], [4, 3]])
    >>> y, indices = cpool.max_pool2d(x, 2, return_indices=True)
    >>> cpool.max_unpool2d(y, indices, 2)
    array([[0, 0],
           [4, 0]])
    """
    return _call.unpool(2, x, indices, kernel_size, stride, padding, output_size, data_format, mode, out)


def max_unpool3d(
    x, indices, kernel_size, stride=None, padding=0, output_size=None, *, data_format=DEFAULT_FORMAT,
    mode="last", out=None,
):
    """Put the elements that 3-D max pooling kept back where they came from, among
    zeros.

    Parameters
    ----------
    x : array_like of shape (..., D, H, W)
        What was kept, of any bool, integer or floating-point dtype. With
        channels last the shape is (..., D, H, W, C).
    indices : array_like of int, of the shape of `x`
        Where in its plane each element goes, as `max_pool3d` returns it; -1:
        nowhere.
    kernel_size, stride, padding : int or (int, int, int)
        Those of the pooling; they give the size of the output, nothing else.
    output_size : tuple of int, optional
        Size of the output, or its whole shape; within one stride of the
        default, ``(n - 1) * stride - before - after + kernel`` along each axis.
    data_format : {"channels_first", "channels_last"}, default "channels_first"
        Whether the spatial axes are the last ones, or stand before one last
        axis of channels. "NCDHW" and "NDHWC" are other names for them.
    mode : {"last", "sum"}, default "last"
        What elements with the same index make: the last in row-major order
        wins, or they are added.
    out : ndarray, optional
        Array for the result: of exactly its shape and dtype, writeable, and
        apart from `x` and `indices` in memory. It is returned.

    Returns
    -------
    ndarray of shape (..., OD, OH, OW)
        With the dtype of `x`; 0 where no index points to.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind, such as indices that are not
        integers.
    ValueError
        If `indices` has another shape than `x` or an index lies outside its
        plane, or an argument has a value that is not accepted.
    MemoryError
        If the result cannot fit the memory of this machine.

    See Also
    --------
    max_unpool3d_backward, max_pool3d

    Notes
    -----
    As ``torch.nn.functional.max_unpool3d`` [1]_, with duplicates resolved by a
    rule instead of by chance, and any dtype. ``mode="sum"`` undoes nothing but
    is the exact adjoint of picking elements: it is what the gradient of max
    pooling does.

    References
    ----------
    .. [1] M. D. Zeiler, G. W. Taylor and R. Fergus, "Adaptive deconvolutional
       networks for mid and high level feature learning", ICCV 2011.

    Examples
    --------
    >>> import numpy as np
    >>> import cpool
    >>> x = np.arange(8).reshape(2, 2, 2)
    >>> y, indices = cpool.max_pool3d(x, 2, return_indices=True)
    >>> cpool.max_unpool3d(y, indices, 2)
    array([[[0, 0],
            [0, 0]],
    <BLANKLINE>
           [[0, 0],
            [0, 7]]])
    """
    return _call.unpool(3, x, indices, kernel_size, stride, padding, output_size, data_format, mode, out)


def max_unpool1d_backward(
    grad_output, x, indices, kernel_size, stride=None, padding=0, output_size=None, *,
    data_format=DEFAULT_FORMAT, mode="last", out=None,
):
    """Gradient of `max_unpool1d` with respect to its input.

    Parameters
    ----------
    grad_output : array_like
        Gradient with respect to the result of `max_unpool1d`, of its shape and
        dtype.
    x : array_like of shape (..., W), or tuple of int
        The floating-point array that was unpooled, or its shape: nothing else
        matters.
    indices, kernel_size, stride, padding, output_size, data_format
        As in the call of `max_unpool1d`.
    mode
        Makes no difference.
    out : ndarray, optional
        Array for the gradient: of exactly its shape and dtype, writeable, and
        apart from the other arrays in memory. It is returned.

    Returns
    -------
    ndarray
        Gradient of the shape and dtype of `x` (the dtype of `grad_output` if
        `x` is a shape): what lies at every index, 0 for index -1.

    Raises
    ------
    TypeError
        If the gradient or `x` is not floating, `grad_output` has another dtype
        than the forward result, or an argument is of the wrong kind.
    ValueError
        If `grad_output` or `indices` has the wrong shape, an index lies outside
        its plane, or an argument has a value that is not accepted.

    See Also
    --------
    max_unpool1d

    Notes
    -----
    Of several elements with one index each gets what lies there, as in PyTorch;
    for ``mode="sum"`` this is the exact gradient.

    Examples
    --------
    >>> import cpool
    >>> cpool.max_unpool1d_backward([1.0, 2.0, 3.0, 4.0], (2,), [1, 3], 2)
    array([2., 4.])
    """
    return _call.unpool_backward(
        1, grad_output, x, indices, kernel_size, stride, padding,
        output_size, data_format, mode, out
    )


def max_unpool2d_backward(
    grad_output, x, indices, kernel_size, stride=None, padding=0, output_size=None, *,
    data_format=DEFAULT_FORMAT, mode="last", out=None,
):
    """Gradient of `max_unpool2d` with respect to its input.

    Parameters
    ----------
    grad_output : array_like
        Gradient with respect to the result of `max_unpool2d`, of its shape and
        dtype.
    x : array_like of shape (..., H, W), or tuple of int
        The floating-point array that was unpooled, or its shape: nothing else
        matters.
    indices, kernel_size, stride, padding, output_size, data_format
        As in the call of `max_unpool2d`.
    mode
        Makes no difference.
    out : ndarray, optional
        Array for the gradient: of exactly its shape and dtype, writeable, and
        apart from the other arrays in memory. It is returned.

    Returns
    -------
    ndarray
        Gradient of the shape and dtype of `x` (the dtype of `grad_output` if
        `x` is a shape): what lies at every index, 0 for index -1.

    Raises
    ------
    TypeError
        If the gradient or `x` is not floating, `grad_output` has another dtype
        than the forward result, or an argument is of the wrong kind.
    ValueError
        If `grad_output` or `indices` has the wrong shape, an index lies outside
        its plane, or an argument has a value that is not accepted.

    See Also
    --------
    max_unpool2d

    Notes
    -----
    Of several elements with one index each gets what lies there, as in PyTorch;
    for ``mode="sum"`` this is the exact gradient.

    Examples
    --------
    >>> import cpool
    >>> cpool.max_unpool2d_backward([[1.0, 2.0], [3.0, 4.0]], (1, 1), [[2]], 2)
    array([[3.]])
    """
    return _call.unpool_backward(
        2, grad_output, x, indices, kernel_size, stride, padding,
        output_size, data_format, mode, out
    )


def max_unpool3d_backward(
    grad_output, x, indices, kernel_size, stride=None, padding=0, output_size=None, *,
    data_format=DEFAULT_FORMAT, mode="last", out=None,
):
    """Gradient of `max_unpool3d` with respect to its input.

    Parameters
    ----------
    grad_output : array_like
        Gradient with respect to the result of `max_unpool3d`, of its shape and
        dtype.
    x : array_like of shape (..., D, H, W), or tuple of int
        The floating-point array that was unpooled, or its shape: nothing else
        matters.
    indices, kernel_size, stride, padding, output_size, data_format
        As in the call of `max_unpool3d`.
    mode
        Makes no difference.
    out : ndarray, optional
        Array for the gradient: of exactly its shape and dtype, writeable, and
        apart from the other arrays in memory. It is returned.

    Returns
    -------
    ndarray
        Gradient of the shape and dtype of `x` (the dtype of `grad_output` if
        `x` is a shape): what lies at every index, 0 for index -1.

    Raises
    ------
    TypeError
        If the gradient or `x` is not floating, `grad_output` has another dtype
        than the forward result, or an argument is of the wrong kind.
    ValueError
        If `grad_output` or `indices` has the wrong shape, an index lies outside
        its plane, or an argument has a value that is not accepted.

    See Also
    --------
    max_unpool3d

    Notes
    -----
    Of several elements with one index each gets what lies there, as in PyTorch;
    for ``mode="sum"`` this is the exact gradient.

    Examples
    --------
    >>> import numpy as np
    >>> import cpool
    >>> g = np.arange(8.0).reshape(2, 2, 2)
    >>> cpool.max_unpool3d_backward(g, (1, 1, 1), [[[7]]], 2)
    array([[[7.]]])
    """
    return _call.unpool_backward(
        3, grad_output, x, indices, kernel_size, stride, padding,
        output_size, data_format, mode, out
    )


# ---- the others ----

__all__ = sorted([
    *_kmax.__all__, *(name for names in FUNCTIONS.values() for name in names),
    *(name for name, value in globals().items() if getattr(value, "__module__", None) == __name__),
])
__getattr__, __dir__ = attributes(globals(), FUNCTIONS, __all__)
