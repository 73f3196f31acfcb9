"""Pooling of regions: boxes over feature maps, as detectors use them. Part of `functional`.

What the functions have in common is written once, in `_TEXT`, and filled into their docstrings.
"""

import numpy as np

from . import _arguments, _execute_regions, _texts
from ._execute import DEFAULT_FORMAT

_TEXT = {
    "x": """x : array_like of shape (N, C, H, W) or (C, H, W)
    {dtypes}, a batch of images or one. With channels last the shape is (N, H, W, C) or (H, W, C).""",
    "shape": """x : array_like of shape (N, C, H, W) or (C, H, W), or tuple of int
    The floating-point array that was pooled, or its shape. With channels last the shape is (N, H, W, C)
    or (H, W, C).""",
    "boxes": """boxes : array_like of shape (K, 5) or (K, 4), or list of (L, 4) ones
    An image's number and x1, y1, x2, y2 in each row; or the corners alone, with `batch_indices` beside
    them unless there is one image only; or a list of corners for each image. Any integer or
    floating-point dtype, and finite. A box may reach beyond the image.""",
    "size": """output_size : int or (int, int)
    Rows and columns of bins that a box is cut into.
spatial_scale : float, default 1.0
    Pixels of `x` to a unit of the boxes: 1 / 16 for a map of a sixteenth of the image's size.""",
    "sampling": """sampling_ratio : int, default -1
    Samples of a bin along each axis. 0 and -1 take as many as a bin has pixels, rounded up.""",
    "batch": """batch_indices : array_like of int of shape (K,), optional
    The image of each box, for `boxes` of shape (K, 4).
data_format : {{"channels_first", "channels_last"}}, default "channels_first"
    Whether the channels stand before the rows and columns or behind them. "NCHW" and "NHWC" are other
    names for them.""",
    "out": """out : ndarray, optional
    Array for the result: of exactly its shape and dtype, writeable, and apart from the other arrays in
    memory. It is returned.""",
    "as": """boxes, output_size, spatial_scale, {more}batch_indices, data_format
    As in the call of `{name}`.""",
    "grad": """grad_output : array_like
    Gradient with respect to the result of `{name}`, of its shape and dtype.""",
    "tangent": """tangent : array_like
    Tangent of `x`, of its shape and dtype.""",
    "raises": """Raises
------
TypeError
    If an argument is of the wrong kind: {wrong}, a float or a bool for an int.
ValueError
    If an argument has a value that is not accepted: coordinates that are not finite, a box in an image that
    does not exist, a wrong shape.
MemoryError
    If the result cannot fit the memory of this machine.""",
    "gradient": """Returns
-------
ndarray
    Gradient of the shape and dtype of `x` (the dtype of `grad_output` if `x` is a shape).""",
    "moved": """Returns
-------
ndarray
    Tangent of the result of `{name}`, of its shape and dtype.""",
    "returns": """Returns
-------
ndarray of shape (K, {channels}, OH, OW)
    With the dtype of `x`; (K, OH, OW, {channels}) with channels last.""",
    "linear": "The operator is linear in `x`, so this is `{name}` of the tangent.",
    "added": """Where boxes overlap, their gradients are added in float64, in the order of the boxes, and
rounded once. The bits do not depend on the number of threads.""",
}


def _documented(
    name, dtypes="Any floating-point dtype, float16 and bfloat16 included",
    wrong="a dtype that is not floating", channels="C", more="",
):
    """Fill the docstring of a function of the family of `name`: {key} stands for a text of `_TEXT`."""
    words = {"name": name, "dtypes": dtypes, "wrong": wrong, "channels": channels, "more": more}
    texts = {key: text.format(**words) for key, text in _TEXT.items()}

    def fill(function):
        function.__doc__ = _texts.wrapped(_texts.docstring(function).format(**texts, **words))
        return function

    return fill


# ---- RoI pooling ----

_pool_text = {
    "name": "roi_pool", "dtypes": "Any bool, integer or floating-point dtype, float16 and bfloat16 included",
    "wrong": "a dtype that is not accepted",
}


def _pool_call(shape, boxes, output_size, spatial_scale, batch_indices, data_format):
    return _execute_regions._Call(
        _execute_regions._CELLS, shape, boxes, output_size, spatial_scale, batch_indices, data_format,
        least_one=True)


@_documented(**_pool_text)
def roi_pool(
    x, boxes, output_size, spatial_scale=1.0, return_indices=False, *, batch_indices=None,
    data_format=DEFAULT_FORMAT, index_dtype=None, out=None,
):
    """Take the maximum of every bin of boxes that are rounded to whole pixels (RoI
    pooling).

    Parameters
    ----------
    {x}
    {boxes}
    {size}
    return_indices : bool, default False
        Return where each maximum was found, too.
    {batch}
    index_dtype : {{int64, int32}}, optional
        dtype of the indices, int64 by default.
    out : ndarray, or (values, indices) pair, optional
        Array for the result, or with `return_indices` two: of exactly its shape
        and dtype, writeable, and apart from the other arrays in memory.
        Returned in place of new ones.

    Returns
    -------
    values : ndarray of shape (K, C, OH, OW)
        With the dtype of `x`; (K, OH, OW, C) with channels last. 0 for a bin
        that lies beyond the image.
    indices : ndarray of int of the same shape
        Only with ``return_indices=True``: position h * W + w of the first
        maximum, or of the first NaN; -1 for a bin that lies beyond the image.

    {raises}

    See Also
    --------
    roi_pool_backward, roi_pool_jvp, roi_align, ps_roi_pool, prroi_pool,
    adaptive_max_pool2d

    Notes
    -----
    As in Fast R-CNN [1]_, ``torchvision.ops.roi_pool`` and MaxRoiPool of ONNX:
    corners are scaled and rounded, half away from zero, both end pixels belong
    to the box, and a box is at least one pixel large, whatever its corners say.
    The windows are those of adaptive pooling, computed in integers, where these
    round in floating point. A NaN wins, which they leave out.

    The pixels that any box can need are copied once, unless `x` lies in memory
    with its channels last.

    References
    ----------
    .. [1] R. Girshick, "Fast R-CNN", ICCV 2015.

    Examples
    --------
    >>> import numpy as np
    >>> import cpool
    >>> x = np.arange(36).reshape(1, 1, 6, 6)
    >>> cpool.roi_pool(x, [[0, 1, 1, 4, 4]], 2)
    array([[[[14, 16],
             [26, 28]]]])
    >>> cpool.roi_pool(x, [[0, 1, 1, 4, 4]], 1, return_indices=True)[1]
    array([[[[28]]]])
    """
    x = _arguments.as_array(x)
    call = _pool_call(x.shape, boxes, output_size, spatial_scale, batch_indices, data_format)
    return _execute_regions.largest(call, x, return_indices, index_dtype, out)


@_documented(**_pool_text)
def roi_pool_backward(
    grad_output, x, boxes, output_size, spatial_scale=1.0, return_indices=False, *, indices=None,
    batch_indices=None, data_format=DEFAULT_FORMAT, index_dtype=None, out=None,
):
    """Gradient of `roi_pool` with respect to its input.

    Parameters
    ----------
    {grad}
    x : array_like of shape (N, C, H, W) or (C, H, W), or tuple of int
        The floating-point array that was pooled, or its shape if `indices` is
        given. With channels last the shape is (N, H, W, C) or (H, W, C).
    {as}
    return_indices, index_dtype
        Ignored; they are here so that one dict of arguments serves both
        functions.
    indices : array_like of int, optional
        What `roi_pool` returned with ``return_indices=True``; without it, `x`
        is searched again.
    {out}

    {gradient}

    {raises}

    See Also
    --------
    roi_pool, roi_pool_jvp

    Notes
    -----
    {added}

    Examples
    --------
    >>> import cpool
    >>> cpool.roi_pool_backward([[[[5.0]]]], [[[1.0, 2.0], [4.0, 3.0]]],
    ...     [[0, 0, 0, 1, 1]], 1)
    array([[[0., 0.],
            [5., 0.]]])
    """
    need = "max" if indices is None else None
    grad_output, x, shape, dtype = _execute_regions.operands(grad_output, x, need)
    call = _pool_call(shape, boxes, output_size, spatial_scale, batch_indices, data_format)
    return _execute_regions.largest_backward(call, grad_output, x, dtype, indices, out)


@_documented(**_pool_text)
def roi_pool_jvp(
    tangent, x, boxes, output_size, spatial_scale=1.0, *, indices=None, batch_indices=None,
    data_format=DEFAULT_FORMAT, out=None,
):
    """Tangent of `roi_pool`: how its result moves as its input does.

    Parameters
    ----------
    {tangent}
    x : array_like of shape (N, C, H, W) or (C, H, W), or tuple of int
        The floating-point array that is pooled, or its shape if `indices` is
        given. With channels last the shape is (N, H, W, C) or (H, W, C).
    {as}
    indices : array_like of int, optional
        What `roi_pool` returned with ``return_indices=True``; without it, `x`
        is searched again.
    {out}

    {moved}

    {raises}

    See Also
    --------
    roi_pool, roi_pool_backward

    Notes
    -----
    The tangent is taken at the indices; where there is none, it is 0.

    Examples
    --------
    >>> import cpool
    >>> x = [[[1.0, 2.0], [4.0, 3.0]]]
    >>> cpool.roi_pool_jvp([[[0.1, 0.2], [0.3, 0.4]]], x, [[0, 0, 0, 1, 1]], 1)
    array([[[[0.3]]]])
    """
    tangent, x, shape = _execute_regions.tangents(tangent, x, "max" if indices is None else None)
    call = _pool_call(shape, boxes, output_size, spatial_scale, batch_indices, data_format)
    return _execute_regions.largest_jvp(call, tangent, x, indices, out)


# ---- RoI align ----

_align_text = {
    "name": "roi_align", "more": "sampling_ratio, aligned, mode, coordinate_transformation_mode, ",
}


def _align_call(
    shape, boxes, output_size, spatial_scale, sampling_ratio, aligned, mode, coordinates, batch_indices,
    data_format,
):
    """The call, and whether it takes maxima."""
    sampling = _arguments.parse_sampling(sampling_ratio)
    aligned = _arguments.parse_coordinates(coordinates, aligned)
    largest = _arguments.parse_choice(mode, ("avg", "max"), "mode") == "max"
    call = _execute_regions._Call(
        _execute_regions._SAMPLES, shape, boxes, output_size, spatial_scale, batch_indices, data_format,
        sampling=sampling, offset=0.5 if aligned else 0.0, least_one=not aligned)
    if largest:     # samples of a bin are counted in 64 bits: boxes end 2**29 pixels away
        kind, scale, *others = call.how
        with np.errstate(over="ignore"):
            call.boxes = np.clip(call.boxes * scale, -(2.0**29), 2.0**29)
        call.how = kind, 1.0, *others
    return call, largest


@_documented(**_align_text)
def roi_align(
    x, boxes, output_size, spatial_scale=1.0, sampling_ratio=-1, aligned=False, *, mode="avg",
    coordinate_transformation_mode=None, batch_indices=None, data_format=DEFAULT_FORMAT, out=None,
):
    """Average, or take the maximum of, bilinear samples in every bin of boxes (RoI
    align).

    Parameters
    ----------
    {x}
    {boxes}
    {size}
    {sampling}
    aligned : bool, default False
        Put the centres of pixels at halves, as boxes of edges need: half a
        pixel is taken off the corners. Without it, boxes are at least one pixel
        large.
    mode : {{"avg", "max"}}, default "avg"
        The mean or the largest of a bin's samples.
    coordinate_transformation_mode : str, optional
        "half_pixel" or "output_half_pixel", what ONNX calls ``aligned=True`` and ``aligned=False``.
    {batch}
    {out}

    {returns}

    {raises}

    See Also
    --------
    roi_align_backward, roi_align_jvp, roi_pool, ps_roi_align, prroi_pool

    Notes
    -----
    The rules are those of Mask R-CNN [1]_, ``torchvision.ops.roi_align`` and
    RoiAlign of ONNX: samples more than a pixel outside the image count as 0,
    those up to a pixel outside as the pixel at the edge. A bin without samples,
    which a box turned over with ``aligned=True`` has, is 0. A pixel of weight 0
    takes no part, and a NaN wins a maximum.

    ``mode="max"`` compares the samples, as ONNX describes it; ONNX Runtime up
    to 1.31 compares the four weighted pixels of each sample instead.

    Bins of many pixels are summed in float64. The pixels that any box can need
    are copied once, unless `x` is float32 or float64 and lies in memory with
    its channels last.

    References
    ----------
    .. [1] K. He, G. Gkioxari, P. Dollár and R. Girshick, "Mask R-CNN", ICCV
       2017.

    Examples
    --------
    >>> import numpy as np
    >>> import cpool
    >>> x = np.arange(36.0).reshape(1, 1, 6, 6)
    >>> cpool.roi_align(x, [[0, 1, 1, 4, 4]], 2, aligned=True)
    array([[[[ 8.75, 10.25],
             [17.75, 19.25]]]])
    >>> cpool.roi_align(x, [[0, 1, 1, 4, 4]], 1, sampling_ratio=2, mode="max")
    array([[[[22.75]]]])
    """
    x = _execute_regions._float_array(x)
    call, largest = _align_call(x.shape, boxes, output_size, spatial_scale, sampling_ratio, aligned, mode,
                                coordinate_transformation_mode, batch_indices, data_format)
    run = _execute_regions.largest_samples if largest else _execute_regions.sums
    return run(call, x, out)


@_documented(**_align_text)
def roi_align_backward(
    grad_output, x, boxes, output_size, spatial_scale=1.0, sampling_ratio=-1, aligned=False, *, mode="avg",
    coordinate_transformation_mode=None, batch_indices=None, data_format=DEFAULT_FORMAT, out=None,
):
    """Gradient of `roi_align` with respect to its input.

    Parameters
    ----------
    {grad}
    x : array_like of shape (N, C, H, W) or (C, H, W), or tuple of int
        The floating-point array that was pooled, or with ``mode="avg"`` its
        shape. With channels last the shape is (N, H, W, C) or (H, W, C).
    {as}
    {out}

    {gradient}

    {raises}

    See Also
    --------
    roi_align, roi_align_jvp

    Notes
    -----
    {added}

    Examples
    --------
    >>> import cpool
    >>> cpool.roi_align_backward([[[[4.0]]]], (1, 3, 3), [[0, 0, 0, 1, 1]], 1)
    array([[[1., 1., 0.],
            [1., 1., 0.],
            [0., 0., 0.]]])
    """
    need = "max" if isinstance(mode, str) and mode == "max" else None
    grad_output, x, shape, dtype = _execute_regions.operands(grad_output, x, need and "lp")
    call, largest = _align_call(shape, boxes, output_size, spatial_scale, sampling_ratio, aligned, mode,
                                coordinate_transformation_mode, batch_indices, data_format)
    if largest:
        return _execute_regions.largest_samples_backward(call, grad_output, x, out)
    return _execute_regions.sums_backward(call, grad_output, dtype, out, [x])


@_documented(**_align_text)
def roi_align_jvp(
    tangent, x, boxes, output_size, spatial_scale=1.0, sampling_ratio=-1, aligned=False, *, mode="avg",
    coordinate_transformation_mode=None, batch_indices=None, data_format=DEFAULT_FORMAT, out=None,
):
    """Tangent of `roi_align`: how its result moves as its input does.

    Parameters
    ----------
    {tangent}
    x : array_like of shape (N, C, H, W) or (C, H, W), or tuple of int
        The floating-point array that is pooled, or with ``mode="avg"`` its
        shape. With channels last the shape is (N, H, W, C) or (H, W, C).
    {as}
    {out}

    {moved}

    {raises}

    See Also
    --------
    roi_align, roi_align_backward

    Notes
    -----
    With ``mode="avg"`` this is `roi_align` of the tangent; with ``mode="max"``
    the tangent at the samples that are the largest of `x`.

    Examples
    --------
    >>> import cpool
    >>> cpool.roi_align_jvp([[[1.0, 2.0], [3.0, 4.0]]], (1, 2, 2),
    ...     [[0, 0, 0, 1, 1]], 1)
    array([[[[2.5]]]])
    """
    need = "lp" if isinstance(mode, str) and mode == "max" else None
    tangent, x, shape = _execute_regions.tangents(tangent, x, need)
    call, largest = _align_call(shape, boxes, output_size, spatial_scale, sampling_ratio, aligned, mode,
                                coordinate_transformation_mode, batch_indices, data_format)
    if largest:
        return _execute_regions.largest_samples_jvp(call, tangent, x, out)
    return _execute_regions.sums(call, tangent, out, [x])


# ---- position-sensitive RoI pooling ----

_ps_pool_text = {"name": "ps_roi_pool", "channels": "C / (OH * OW)"}


def _ps_pool_call(shape, boxes, output_size, spatial_scale, batch_indices, data_format):
    return _execute_regions._Call(
        _execute_regions._WINDOWS, shape, boxes, output_size, spatial_scale, batch_indices, data_format,
        own=True, least_one=True)


@_documented(**_ps_pool_text)
def ps_roi_pool(
    x, boxes, output_size, spatial_scale=1.0, *, batch_indices=None, data_format=DEFAULT_FORMAT, out=None,
):
    """Average every bin of boxes of whole pixels, each bin in channels of its own
    (PS-RoI pooling).

    Parameters
    ----------
    {x}
        The channels of bin (i, j) are those numbered ``(c * OH + i) * OW + j``.
    {boxes}
    {size}
    {batch}
    {out}

    {returns}

    {raises}

    See Also
    --------
    ps_roi_pool_backward, ps_roi_pool_jvp, ps_roi_align, roi_pool

    Notes
    -----
    The operator of R-FCN [1]_ with the rules of
    ``torchvision.ops.ps_roi_pool``: corners are scaled and rounded, half away
    from zero, the ends do not belong to the box, a box is at least one pixel
    large, and the last row and the last column of an image take no part. A bin
    without pixels is 0.

    References
    ----------
    .. [1] J. Dai, Y. Li, K. He and J. Sun, "R-FCN: Object Detection via
       Region-based Fully Convolutional Networks", NeurIPS 2016.

    Examples
    --------
    >>> import numpy as np
    >>> import cpool
    >>> x = np.arange(4.0).reshape(4, 1, 1) * np.ones((4, 5, 5))
    >>> cpool.ps_roi_pool(x, [[0, 0, 0, 4, 4]], 2)
    array([[[[0., 1.],
             [2., 3.]]]])
    """
    x = _execute_regions._float_array(x)
    call = _ps_pool_call(x.shape, boxes, output_size, spatial_scale, batch_indices, data_format)
    return _execute_regions.sums(call, x, out)


@_documented(**_ps_pool_text)
def ps_roi_pool_backward(
    grad_output, x, boxes, output_size, spatial_scale=1.0, *, batch_indices=None,
    data_format=DEFAULT_FORMAT, out=None,
):
    """Gradient of `ps_roi_pool` with respect to its input.

    Parameters
    ----------
    {grad}
    {shape}
    {as}
    {out}

    {gradient}

    {raises}

    See Also
    --------
    ps_roi_pool, ps_roi_pool_jvp

    Notes
    -----
    {added}

    Examples
    --------
    >>> import cpool
    >>> cpool.ps_roi_pool_backward([[[[4.0]]]], (1, 3, 3), [[0, 0, 0, 2, 2]], 1)
    array([[[1., 1., 0.],
            [1., 1., 0.],
            [0., 0., 0.]]])
    """
    grad_output, x, shape, dtype = _execute_regions.operands(grad_output, x)
    call = _ps_pool_call(shape, boxes, output_size, spatial_scale, batch_indices, data_format)
    return _execute_regions.sums_backward(call, grad_output, dtype, out, [x])


@_documented(**_ps_pool_text)
def ps_roi_pool_jvp(
    tangent, x, boxes, output_size, spatial_scale=1.0, *, batch_indices=None, data_format=DEFAULT_FORMAT,
    out=None,
):
    """Tangent of `ps_roi_pool`: how its result moves as its input does.

    Parameters
    ----------
    {tangent}
    {shape}
    {as}
    {out}

    {moved}

    {raises}

    See Also
    --------
    ps_roi_pool, ps_roi_pool_backward

    Notes
    -----
    {linear}

    Examples
    --------
    >>> import numpy as np
    >>> import cpool
    >>> cpool.ps_roi_pool_jvp(np.ones((1, 3, 3)), (1, 3, 3), [[0, 0, 0, 2, 2]],
    ...     1)
    array([[[[1.]]]])
    """
    tangent, x, shape = _execute_regions.tangents(tangent, x)
    call = _ps_pool_call(shape, boxes, output_size, spatial_scale, batch_indices, data_format)
    return _execute_regions.sums(call, tangent, out, [x])


# ---- position-sensitive RoI align ----

_ps_align_text = {"name": "ps_roi_align", "channels": "C / (OH * OW)", "more": "sampling_ratio, "}


def _ps_align_call(shape, boxes, output_size, spatial_scale, sampling_ratio, batch_indices, data_format):
    sampling = _arguments.parse_sampling(sampling_ratio)
    return _execute_regions._Call(
        _execute_regions._SAMPLES, shape, boxes, output_size, spatial_scale, batch_indices, data_format,
        own=True, sampling=sampling, offset=0.5)


@_documented(**_ps_align_text)
def ps_roi_align(
    x, boxes, output_size, spatial_scale=1.0, sampling_ratio=-1, *, batch_indices=None,
    data_format=DEFAULT_FORMAT, out=None,
):
    """Average bilinear samples in every bin of boxes, each bin in channels of its
    own (PS-RoI align).

    Parameters
    ----------
    {x}
        The channels of bin (i, j) are those numbered ``(c * OH + i) * OW + j``.
    {boxes}
    {size}
    {sampling}
    {batch}
    {out}

    {returns}

    {raises}

    See Also
    --------
    ps_roi_align_backward, ps_roi_align_jvp, ps_roi_pool, roi_align

    Notes
    -----
    `roi_align` with ``aligned=True`` in the channels of `ps_roi_pool`, as
    ``torchvision.ops.ps_roi_align`` and Light-Head R-CNN [1]_ have it, except
    that a bin without samples is 0 and not NaN.

    References
    ----------
    .. [1] Z. Li, C. Peng, G. Yu, X. Zhang, Y. Deng and J. Sun, "Light-Head
       R-CNN: In Defense of Two-Stage Object Detector", arXiv:1711.07264, 2017.

    Examples
    --------
    >>> import numpy as np
    >>> import cpool
    >>> x = np.arange(4.0).reshape(4, 1, 1) + np.arange(5.0)
    >>> cpool.ps_roi_align(np.broadcast_to(x, (4, 5, 5)), [[0, 0, 0, 4, 4]], 2)
    array([[[[0.5, 3.5],
             [2.5, 5.5]]]])
    """
    x = _execute_regions._float_array(x)
    call = _ps_align_call(x.shape, boxes, output_size, spatial_scale, sampling_ratio, batch_indices,
                          data_format)
    return _execute_regions.sums(call, x, out)


@_documented(**_ps_align_text)
def ps_roi_align_backward(
    grad_output, x, boxes, output_size, spatial_scale=1.0, sampling_ratio=-1, *, batch_indices=None,
    data_format=DEFAULT_FORMAT, out=None,
):
    """Gradient of `ps_roi_align` with respect to its input.

    Parameters
    ----------
    {grad}
    {shape}
    {as}
    {out}

    {gradient}

    {raises}

    See Also
    --------
    ps_roi_align, ps_roi_align_jvp

    Notes
    -----
    {added}

    Examples
    --------
    >>> import cpool
    >>> cpool.ps_roi_align_backward([[[[4.0]]]], (1, 3, 3),
    ...     [[0, 0.5, 0.5, 1.5, 1.5]], 1)
    array([[[1., 1., 0.],
            [1., 1., 0.],
            [0., 0., 0.]]])
    """
    grad_output, x, shape, dtype = _execute_regions.operands(grad_output, x)
    call = _ps_align_call(shape, boxes, output_size, spatial_scale, sampling_ratio, batch_indices,
                          data_format)
    return _execute_regions.sums_backward(call, grad_output, dtype, out, [x])


@_documented(**_ps_align_text)
def ps_roi_align_jvp(
    tangent, x, boxes, output_size, spatial_scale=1.0, sampling_ratio=-1, *, batch_indices=None,
    data_format=DEFAULT_FORMAT, out=None,
):
    """Tangent of `ps_roi_align`: how its result moves as its input does.

    Parameters
    ----------
    {tangent}
    {shape}
    {as}
    {out}

    {moved}

    {raises}

    See Also
    --------
    ps_roi_align, ps_roi_align_backward

    Notes
    -----
    {linear}

    Examples
    --------
    >>> import numpy as np
    >>> import cpool
    >>> cpool.ps_roi_align_jvp(np.ones((1, 3, 3)), (1, 3, 3), [[0, 0, 0, 2, 2]],
    ...     1)
    array([[[[1.]]]])
    """
    tangent, x, shape = _execute_regions.tangents(tangent, x)
    call = _ps_align_call(shape, boxes, output_size, spatial_scale, sampling_ratio, batch_indices,
                          data_format)
    return _execute_regions.sums(call, tangent, out, [x])


# ---- precise RoI pooling ----

_precise_text = {"name": "prroi_pool"}


def _precise_call(shape, boxes, output_size, spatial_scale, batch_indices, data_format):
    return _execute_regions._Call(
        _execute_regions._AREA, shape, boxes, output_size, spatial_scale, batch_indices, data_format)


@_documented(**_precise_text)
def prroi_pool(
    x, boxes, output_size, spatial_scale=1.0, *, batch_indices=None, data_format=DEFAULT_FORMAT, out=None,
):
    """Average the bilinear surface through the pixels exactly over every bin of
    boxes (precise RoI pooling).

    Parameters
    ----------
    {x}
    {boxes}
    {size}
    {batch}
    {out}

    {returns}

    {raises}

    See Also
    --------
    prroi_pool_backward, prroi_pool_jvp, roi_align

    Notes
    -----
    The integral of IoU-Net [1]_: pixel (i, j) has its value at x = j, y = i,
    between pixels the surface is bilinear, beyond the image it falls to 0
    within one pixel. No coordinate is rounded and nothing is sampled, so the
    result has gradients with respect to the corners of the boxes, too. A box
    without area gives 0.

    References
    ----------
    .. [1] B. Jiang, R. Luo, J. Mao, T. Xiao and Y. Jiang, "Acquisition of
       Localization Confidence for Accurate Object Detection", ECCV 2018.

    Examples
    --------
    >>> import numpy as np
    >>> import cpool
    >>> x = np.arange(36.0).reshape(1, 1, 6, 6)
    >>> cpool.prroi_pool(x, [[0, 1, 1, 4, 4]], 2)
    array([[[[12.25, 13.75],
             [21.25, 22.75]]]])
    """
    x = _execute_regions._float_array(x)
    call = _precise_call(x.shape, boxes, output_size, spatial_scale, batch_indices, data_format)
    return _execute_regions.sums(call, x, out)


@_documented(**_precise_text)
def prroi_pool_backward(
    grad_output, x, boxes, output_size, spatial_scale=1.0, *, batch_indices=None,
    data_format=DEFAULT_FORMAT, out=None,
):
    """Gradients of `prroi_pool` with respect to its input and to the boxes.

    Parameters
    ----------
    {grad}
    {x}
    {as}
    out : ndarray, optional
        Array for the gradient with respect to `x`: of exactly its shape and
        dtype, writeable, and apart from the other arrays in memory. It is
        returned.

    Returns
    -------
    grad_x : ndarray
        Gradient of the shape and dtype of `x`.
    grad_boxes : ndarray, or list of ndarray
        Gradient of the shape of `boxes`, a list if that is one, and of its
        dtype (float64 if that is not floating). It is 0 where the number of an
        image stands, and for boxes without area.

    {raises}

    See Also
    --------
    prroi_pool, prroi_pool_jvp

    Notes
    -----
    {added} With f the surface averaged over the columns of a bin, the
    derivative of its value y by the start a and the end b of its rows is
    ``(y - f(a)) / (b - a)`` and ``(f(b) - y) / (b - a)``; columns likewise.

    Examples
    --------
    >>> import numpy as np
    >>> import cpool
    >>> x = np.tile(np.arange(4.0), (1, 4, 1))
    >>> grad_x, grad_boxes = cpool.prroi_pool_backward([[[[1.0]]]], x,
    ...     [[0.0, 1.0, 1.0, 2.0, 2.0]], 1)
    >>> grad_boxes
    array([[0. , 0.5, 0. , 0.5, 0. ]])
    """
    grad_output, x, shape, dtype = _execute_regions.operands(grad_output, x, "lp")
    call = _precise_call(shape, boxes, output_size, spatial_scale, batch_indices, data_format)
    grad_x = _execute_regions.sums_backward(call, grad_output, dtype, out, [x])
    grad_boxes = _execute_regions.corners_backward(call, grad_output, x)
    return grad_x, grad_boxes if isinstance(boxes, (list, tuple)) and len(grad_boxes) > 1 else grad_boxes[0]


@_documented(**_precise_text)
def prroi_pool_jvp(
    tangent, x, boxes, output_size, spatial_scale=1.0, *, boxes_tangent=None, batch_indices=None,
    data_format=DEFAULT_FORMAT, out=None,
):
    """Tangent of `prroi_pool`: how its result moves as its input and the boxes do.

    Parameters
    ----------
    {tangent}
    x : array_like of shape (N, C, H, W) or (C, H, W), or tuple of int
        The floating-point array that is pooled, or its shape if the boxes stay.
        With channels last the shape is (N, H, W, C) or (H, W, C).
    {as}
    boxes_tangent : array_like, or list of array_like, optional
        Tangent of `boxes`, of its shape. None: they stay where they are.
    {out}

    {moved}

    {raises}

    See Also
    --------
    prroi_pool, prroi_pool_backward

    Notes
    -----
    {linear} The motion of the boxes is added to that.

    Examples
    --------
    >>> import numpy as np
    >>> import cpool
    >>> x = np.tile(np.arange(4.0), (1, 4, 1))
    >>> boxes = np.array([[0.0, 1.0, 1.0, 2.0, 2.0]])
    >>> cpool.prroi_pool_jvp(0 * x, x, boxes, 1,
    ...     boxes_tangent=[[0, 1, 0, 1, 0]])
    array([[[[1.]]]])
    """
    tangent, x, shape = _execute_regions.tangents(tangent, x, None if boxes_tangent is None else "lp")
    call = _precise_call(shape, boxes, output_size, spatial_scale, batch_indices, data_format)
    if boxes_tangent is None:
        return _execute_regions.sums(call, tangent, out, [x])
    checked, written = _execute_regions._result(
        out, call.out_shape, _execute_regions._native(tangent.dtype), [tangent, x, *call.given])
    written[...] = _execute_regions.moved(call, x, tangent, boxes_tangent)
    return _execute_regions._give(out, checked, written)
