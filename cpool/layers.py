"""The operators as layers: objects that hold the arguments and what the
gradient needs.

A layer is called like the function it stands for, and its `backward` turns
the gradient with respect to the last result into the gradient with respect
to the last input. What it keeps in between, its docstring says.
"""

import numpy as np

from . import _arguments, _layer, functional
from ._execute import DEFAULT_FORMAT
from ._lazy import LAYERS, attributes

# ---- the arguments, one class for each list of them ----


class _SelectingWindows(_layer.Selecting):
    def __init__(
        self, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False, *,
        data_format=DEFAULT_FORMAT, axis=None, index_dtype=None, nan_policy="propagate",
    ):
        super().__init__(
            kernel_size=kernel_size, stride=stride, padding=padding, dilation=dilation,
            ceil_mode=ceil_mode, return_indices=return_indices, data_format=data_format, axis=axis,
            index_dtype=index_dtype, nan_policy=nan_policy,
        )


class _AverageWindows(_layer.Layer):
    def __init__(
        self, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=None,
        divisor_override=None, *, dilation=1, dtype=None, data_format=DEFAULT_FORMAT, axis=None,
        nan_policy="propagate",
    ):
        super().__init__(
            kernel_size=kernel_size, stride=stride, padding=padding, ceil_mode=ceil_mode,
            count_include_pad=count_include_pad, divisor_override=divisor_override, dilation=dilation,
            dtype=dtype, data_format=data_format, axis=axis, nan_policy=nan_policy,
        )


class _SumWindows(_layer.Layer):
    def __init__(
        self, kernel_size, stride=None, padding=0, ceil_mode=False, *, dilation=1, dtype=None,
        data_format=DEFAULT_FORMAT, axis=None, nan_policy="propagate",
    ):
        super().__init__(
            kernel_size=kernel_size, stride=stride, padding=padding, ceil_mode=ceil_mode,
            dilation=dilation, dtype=dtype, data_format=data_format, axis=axis, nan_policy=nan_policy,
        )


class _NormWindows(_layer.Keeping):
    def __init__(
        self, norm_type, kernel_size, stride=None, ceil_mode=False, *, padding=0, dilation=1,
        normalize=False, dtype=None, data_format=DEFAULT_FORMAT, axis=None, nan_policy="propagate",
    ):
        super().__init__(
            norm_type=norm_type, kernel_size=kernel_size, stride=stride, ceil_mode=ceil_mode,
            padding=padding, dilation=dilation, normalize=normalize, dtype=dtype, data_format=data_format,
            axis=axis, nan_policy=nan_policy,
        )


class _SelectingAdaptive(_layer.Selecting):
    def __init__(
        self, output_size, return_indices=False, *, data_format=DEFAULT_FORMAT, axis=None,
        index_dtype=None, nan_policy="propagate",
    ):
        super().__init__(
            output_size=output_size, return_indices=return_indices, data_format=data_format, axis=axis,
            index_dtype=index_dtype, nan_policy=nan_policy,
        )


class _SumAdaptive(_layer.Layer):
    def __init__(
        self, output_size, *, dtype=None, data_format=DEFAULT_FORMAT, axis=None, nan_policy="propagate",
    ):
        super().__init__(
            output_size=output_size, dtype=dtype, data_format=data_format, axis=axis,
            nan_policy=nan_policy,
        )


class _NormAdaptive(_layer.Keeping):
    def __init__(
        self, norm_type, output_size, *, normalize=False, dtype=None, data_format=DEFAULT_FORMAT,
        axis=None, nan_policy="propagate",
    ):
        super().__init__(
            norm_type=norm_type, output_size=output_size, normalize=normalize, dtype=dtype,
            data_format=data_format, axis=axis, nan_policy=nan_policy,
        )


class _SelectingGlobal(_layer.Selecting):
    def __init__(
        self, *, spatial_ndim=None, data_format=DEFAULT_FORMAT, axis=None, keepdims=False,
        return_indices=False, index_dtype=None, nan_policy="propagate",
    ):
        super().__init__(
            spatial_ndim=spatial_ndim, data_format=data_format, axis=axis, keepdims=keepdims,
            return_indices=return_indices, index_dtype=index_dtype, nan_policy=nan_policy,
        )


class _SumGlobal(_layer.Layer):
    def __init__(
        self, *, spatial_ndim=None, data_format=DEFAULT_FORMAT, axis=None, keepdims=False, dtype=None,
        nan_policy="propagate",
    ):
        super().__init__(
            spatial_ndim=spatial_ndim, data_format=data_format, axis=axis, keepdims=keepdims, dtype=dtype,
            nan_policy=nan_policy,
        )


class _NormGlobal(_layer.Keeping):
    def __init__(
        self, norm_type, *, spatial_ndim=None, data_format=DEFAULT_FORMAT, axis=None, keepdims=False,
        normalize=False, dtype=None, nan_policy="propagate",
    ):
        super().__init__(
            norm_type=norm_type, spatial_ndim=spatial_ndim, data_format=data_format, axis=axis,
            keepdims=keepdims, normalize=normalize, dtype=dtype, nan_policy=nan_policy,
        )


# ---- windows ----


class MaxPool1d(_SelectingWindows):
    """Take the maximum of every 1-D window.

    Parameters
    ----------
    kernel_size, stride, padding, dilation, ceil_mode, return_indices,
    data_format, axis, index_dtype,
    nan_policy
        The arguments of `max_pool1d`.

    Notes
    -----
    Until the next call the layer keeps the indices and the shape of the input.

    Examples
    --------
    >>> from cpool import MaxPool1d
    >>> layer = MaxPool1d(2)
    >>> layer
    MaxPool1d(kernel_size=2)
    >>> layer([1.0, 2.0, 4.0, 3.0])
    array([2., 4.])
    >>> layer.backward([5.0, 10.0])
    array([ 0.,  5., 10.,  0.])
    """

    forward_function = staticmethod(functional.max_pool1d)
    backward_function = staticmethod(functional.max_pool1d_backward)


class MaxPool2d(_SelectingWindows):
    """Take the maximum of every 2-D window.

    Parameters
    ----------
    kernel_size, stride, padding, dilation, ceil_mode, return_indices,
    data_format, axis, index_dtype,
    nan_policy
        The arguments of `max_pool2d`.

    Notes
    -----
    Until the next call the layer keeps the indices and the shape of the input.

    Examples
    --------
    >>> from cpool import MaxPool2d
    >>> layer = MaxPool2d(2)
    >>> layer
    MaxPool2d(kernel_size=2)
    >>> layer([[1.0, 2.0], [4.0, 3.0]])
    array([[4.]])
    >>> layer.backward([[10.0]])
    array([[ 0.,  0.],
           [10.,  0.]])
    """

    forward_function = staticmethod(functional.max_pool2d)
    backward_function = staticmethod(functional.max_pool2d_backward)


class MaxPool3d(_SelectingWindows):
    """Take the maximum of every 3-D window.

    Parameters
    ----------
    kernel_size, stride, padding, dilation, ceil_mode, return_indices,
    data_format, axis, index_dtype,
    nan_policy
        The arguments of `max_pool3d`.

    Notes
    -----
    Until the next call the layer keeps the indices and the shape of the input.

    Examples
    --------
    >>> from cpool import MaxPool3d
    >>> layer = MaxPool3d((1, 2, 2))
    >>> layer
    MaxPool3d(kernel_size=(1, 2, 2))
    >>> layer([[[1.0, 2.0], [4.0, 3.0]]])
    array([[[4.]]])
    >>> layer.backward([[[10.0]]])
    array([[[ 0.,  0.],
            [10.,  0.]]])
    """

    forward_function = staticmethod(functional.max_pool3d)
    backward_function = staticmethod(functional.max_pool3d_backward)


class MinPool1d(_SelectingWindows):
    """Take the minimum of every 1-D window.

    Parameters
    ----------
    kernel_size, stride, padding, dilation, ceil_mode, return_indices,
    data_format, axis, index_dtype,
    nan_policy
        The arguments of `min_pool1d`.

    Notes
    -----
    Until the next call the layer keeps the indices and the shape of the input.

    Examples
    --------
    >>> from cpool import MinPool1d
    >>> layer = MinPool1d(2)
    >>> layer
    MinPool1d(kernel_size=2)
    >>> layer([1.0, 2.0, 4.0, 3.0])
    array([1., 3.])
    >>> layer.backward([5.0, 10.0])
    array([ 5.,  0.,  0., 10.])
    """

    forward_function = staticmethod(functional.min_pool1d)
    backward_function = staticmethod(functional.min_pool1d_backward)


class MinPool2d(_SelectingWindows):
    """Take the minimum of every 2-D window.

    Parameters
    ----------
    kernel_size, stride, padding, dilation, ceil_mode, return_indices,
    data_format, axis, index_dtype,
    nan_policy
        The arguments of `min_pool2d`.

    Notes
    -----
    Until the next call the layer keeps the indices and the shape of the input.

    Examples
    --------
    >>> from cpool import MinPool2d
    >>> layer = MinPool2d(2)
    >>> layer
    MinPool2d(kernel_size=2)
    >>> layer([[1.0, 2.0], [4.0, 3.0]])
    array([[1.]])
    >>> layer.backward([[10.0]])
    array([[10.,  0.],
           [ 0.,  0.]])
    """

    forward_function = staticmethod(functional.min_pool2d)
    backward_function = staticmethod(functional.min_pool2d_backward)


class MinPool3d(_SelectingWindows):
    """Take the minimum of every 3-D window.

    Parameters
    ----------
    kernel_size, stride, padding, dilation, ceil_mode, return_indices,
    data_format, axis, index_dtype,
    nan_policy
        The arguments of `min_pool3d`.

    Notes
    -----
    Until the next call the layer keeps the indices and the shape of the input.

    Examples
    --------
    >>> from cpool import MinPool3d
    >>> layer = MinPool3d((1, 2, 2))
    >>> layer
    MinPool3d(kernel_size=(1, 2, 2))
    >>> layer([[[1.0, 2.0], [4.0, 3.0]]])
    array([[[1.]]])
    >>> layer.backward([[[10.0]]])
    array([[[10.,  0.],
            [ 0.,  0.]]])
    """

    forward_function = staticmethod(functional.min_pool3d)
    backward_function = staticmethod(functional.min_pool3d_backward)


class AvgPool1d(_AverageWindows):
    """Take the average of every 1-D window.

    Parameters
    ----------
    kernel_size, stride, padding, ceil_mode, count_include_pad,
    divisor_override, dilation, dtype, data_format, axis, nan_policy
        The arguments of `avg_pool1d`.

    Notes
    -----
    Until the next call the layer keeps the shape of the input.

    Examples
    --------
    >>> from cpool import AvgPool1d
    >>> layer = AvgPool1d(2)
    >>> layer
    AvgPool1d(kernel_size=2)
    >>> layer([1.0, 2.0, 4.0, 3.0])
    array([1.5, 3.5])
    >>> layer.backward([5.0, 10.0])
    array([2.5, 2.5, 5. , 5. ])
    """

    forward_function = staticmethod(functional.avg_pool1d)
    backward_function = staticmethod(functional.avg_pool1d_backward)


class AvgPool2d(_AverageWindows):
    """Take the average of every 2-D window.

    Parameters
    ----------
    kernel_size, stride, padding, ceil_mode, count_include_pad,
    divisor_override, dilation, dtype, data_format, axis, nan_policy
        The arguments of `avg_pool2d`.

    Notes
    -----
    Until the next call the layer keeps the shape of the input.

    Examples
    --------
    >>> from cpool import AvgPool2d
    >>> layer = AvgPool2d(2)
    >>> layer
    AvgPool2d(kernel_size=2)
    >>> layer([[1.0, 2.0], [4.0, 3.0]])
    array([[2.5]])
    >>> layer.backward([[10.0]])
    array([[2.5, 2.5],
           [2.5, 2.5]])
    """

    forward_function = staticmethod(functional.avg_pool2d)
    backward_function = staticmethod(functional.avg_pool2d_backward)


class AvgPool3d(_AverageWindows):
    """Take the average of every 3-D window.

    Parameters
    ----------
    kernel_size, stride, padding, ceil_mode, count_include_pad,
    divisor_override, dilation, dtype, data_format, axis, nan_policy
        The arguments of `avg_pool3d`.

    Notes
    -----
    Until the next call the layer keeps the shape of the input.

    Examples
    --------
    >>> from cpool import AvgPool3d
    >>> layer = AvgPool3d((1, 2, 2))
    >>> layer
    AvgPool3d(kernel_size=(1, 2, 2))
    >>> layer([[[1.0, 2.0], [4.0, 3.0]]])
    array([[[2.5]]])
    >>> layer.backward([[[10.0]]])
    array([[[2.5, 2.5],
            [2.5, 2.5]]])
    """

    forward_function = staticmethod(functional.avg_pool3d)
    backward_function = staticmethod(functional.avg_pool3d_backward)


class SumPool1d(_SumWindows):
    """Take the sum of every 1-D window.

    Parameters
    ----------
    kernel_size, stride, padding, ceil_mode, dilation, dtype, data_format, axis,
    nan_policy
        The arguments of `sum_pool1d`.

    Notes
    -----
    Until the next call the layer keeps the shape of the input.

    Examples
    --------
    >>> from cpool import SumPool1d
    >>> layer = SumPool1d(2)
    >>> layer
    SumPool1d(kernel_size=2)
    >>> layer([1.0, 2.0, 4.0, 3.0])
    array([3., 7.])
    >>> layer.backward([5.0, 10.0])
    array([ 5.,  5., 10., 10.])
    """

    forward_function = staticmethod(functional.sum_pool1d)
    backward_function = staticmethod(functional.sum_pool1d_backward)


class SumPool2d(_SumWindows):
    """Take the sum of every 2-D window.

    Parameters
    ----------
    kernel_size, stride, padding, ceil_mode, dilation, dtype, data_format, axis,
    nan_policy
        The arguments of `sum_pool2d`.

    Notes
    -----
    Until the next call the layer keeps the shape of the input.

    Examples
    --------
    >>> from cpool import SumPool2d
    >>> layer = SumPool2d(2)
    >>> layer
    SumPool2d(kernel_size=2)
    >>> layer([[1.0, 2.0], [4.0, 3.0]])
    array([[10.]])
    >>> layer.backward([[10.0]])
    array([[10., 10.],
           [10., 10.]])
    """

    forward_function = staticmethod(functional.sum_pool2d)
    backward_function = staticmethod(functional.sum_pool2d_backward)


class SumPool3d(_SumWindows):
    """Take the sum of every 3-D window.

    Parameters
    ----------
    kernel_size, stride, padding, ceil_mode, dilation, dtype, data_format, axis,
    nan_policy
        The arguments of `sum_pool3d`.

    Notes
    -----
    Until the next call the layer keeps the shape of the input.

    Examples
    --------
    >>> from cpool import SumPool3d
    >>> layer = SumPool3d((1, 2, 2))
    >>> layer
    SumPool3d(kernel_size=(1, 2, 2))
    >>> layer([[[1.0, 2.0], [4.0, 3.0]]])
    array([[[10.]]])
    >>> layer.backward([[[10.0]]])
    array([[[10., 10.],
            [10., 10.]]])
    """

    forward_function = staticmethod(functional.sum_pool3d)
    backward_function = staticmethod(functional.sum_pool3d_backward)


class LpPool1d(_NormWindows):
    """Take the Lp norm of every 1-D window.

    Parameters
    ----------
    norm_type, kernel_size, stride, ceil_mode, padding, dilation, normalize,
    dtype, data_format, axis,
    nan_policy
        The arguments of `lp_pool1d`.

    Notes
    -----
    Until the next call the layer keeps the input itself, not a copy: do not
    change it before `backward`.

    Examples
    --------
    >>> from cpool import LpPool1d
    >>> layer = LpPool1d(2, 2)
    >>> layer
    LpPool1d(norm_type=2, kernel_size=2)
    >>> layer([1.0, 2.0, 4.0, 3.0])
    array([2.23606798, 5.        ])
    >>> layer.backward([5.0, 10.0])
    array([2.23606798, 4.47213595, 8.        , 6.        ])
    """

    forward_function = staticmethod(functional.lp_pool1d)
    backward_function = staticmethod(functional.lp_pool1d_backward)


class LpPool2d(_NormWindows):
    """Take the Lp norm of every 2-D window.

    Parameters
    ----------
    norm_type, kernel_size, stride, ceil_mode, padding, dilation, normalize,
    dtype, data_format, axis,
    nan_policy
        The arguments of `lp_pool2d`.

    Notes
    -----
    Until the next call the layer keeps the input itself, not a copy: do not
    change it before `backward`.

    Examples
    --------
    >>> from cpool import LpPool2d
    >>> layer = LpPool2d(2, 2)
    >>> layer
    LpPool2d(norm_type=2, kernel_size=2)
    >>> layer([[1.0, 2.0], [4.0, 3.0]])
    array([[5.47722558]])
    >>> layer.backward([[10.0]])
    array([[1.82574186, 3.65148372],
           [7.30296743, 5.47722558]])
    """

    forward_function = staticmethod(functional.lp_pool2d)
    backward_function = staticmethod(functional.lp_pool2d_backward)


class LpPool3d(_NormWindows):
    """Take the Lp norm of every 3-D window.

    Parameters
    ----------
    norm_type, kernel_size, stride, ceil_mode, padding, dilation, normalize,
    dtype, data_format, axis,
    nan_policy
        The arguments of `lp_pool3d`.

    Notes
    -----
    Until the next call the layer keeps the input itself, not a copy: do not
    change it before `backward`.

    Examples
    --------
    >>> from cpool import LpPool3d
    >>> layer = LpPool3d(2, (1, 2, 2))
    >>> layer
    LpPool3d(norm_type=2, kernel_size=(1, 2, 2))
    >>> layer([[[1.0, 2.0], [4.0, 3.0]]])
    array([[[5.47722558]]])
    >>> layer.backward([[[10.0]]])
    array([[[1.82574186, 3.65148372],
            [7.30296743, 5.47722558]]])
    """

    forward_function = staticmethod(functional.lp_pool3d)
    backward_function = staticmethod(functional.lp_pool3d_backward)


# ---- windows that follow from the size of the output ----


class AdaptiveMaxPool1d(_SelectingAdaptive):
    """Take the maximum of 1-D windows that follow from the size of the output.

    Parameters
    ----------
    output_size, return_indices, data_format, axis, index_dtype, nan_policy
        The arguments of `adaptive_max_pool1d`.

    Notes
    -----
    Until the next call the layer keeps the indices and the shape of the input.

    Examples
    --------
    >>> from cpool import AdaptiveMaxPool1d
    >>> layer = AdaptiveMaxPool1d(2)
    >>> layer
    AdaptiveMaxPool1d(output_size=2)
    >>> layer([1.0, 2.0, 4.0, 3.0])
    array([2., 4.])
    >>> layer.backward([5.0, 10.0])
    array([ 0.,  5., 10.,  0.])
    """

    forward_function = staticmethod(functional.adaptive_max_pool1d)
    backward_function = staticmethod(functional.adaptive_max_pool1d_backward)


class AdaptiveMaxPool2d(_SelectingAdaptive):
    """Take the maximum of 2-D windows that follow from the size of the output.

    Parameters
    ----------
    output_size, return_indices, data_format, axis, index_dtype, nan_policy
        The arguments of `adaptive_max_pool2d`.

    Notes
    -----
    Until the next call the layer keeps the indices and the shape of the input.

    Examples
    --------
    >>> from cpool import AdaptiveMaxPool2d
    >>> layer = AdaptiveMaxPool2d(1)
    >>> layer
    AdaptiveMaxPool2d(output_size=1)
    >>> layer([[1.0, 2.0], [4.0, 3.0]])
    array([[4.]])
    >>> layer.backward([[10.0]])
    array([[ 0.,  0.],
           [10.,  0.]])
    """

    forward_function = staticmethod(functional.adaptive_max_pool2d)
    backward_function = staticmethod(functional.adaptive_max_pool2d_backward)


class AdaptiveMaxPool3d(_SelectingAdaptive):
    """Take the maximum of 3-D windows that follow from the size of the output.

    Parameters
    ----------
    output_size, return_indices, data_format, axis, index_dtype, nan_policy
        The arguments of `adaptive_max_pool3d`.

    Notes
    -----
    Until the next call the layer keeps the indices and the shape of the input.

    Examples
    --------
    >>> from cpool import AdaptiveMaxPool3d
    >>> layer = AdaptiveMaxPool3d(1)
    >>> layer
    AdaptiveMaxPool3d(output_size=1)
    >>> layer([[[1.0, 2.0], [4.0, 3.0]]])
    array([[[4.]]])
    >>> layer.backward([[[10.0]]])
    array([[[ 0.,  0.],
            [10.,  0.]]])
    """

    forward_function = staticmethod(functional.adaptive_max_pool3d)
    backward_function = staticmethod(functional.adaptive_max_pool3d_backward)


class AdaptiveMinPool1d(_SelectingAdaptive):
    """Take the minimum of 1-D windows that follow from the size of the output.

    Parameters
    ----------
    output_size, return_indices, data_format, axis, index_dtype, nan_policy
        The arguments of `adaptive_min_pool1d`.

    Notes
    -----
    Until the next call the layer keeps the indices and the shape of the input.

    Examples
    --------
    >>> from cpool import AdaptiveMinPool1d
    >>> layer = AdaptiveMinPool1d(2)
    >>> layer
    AdaptiveMinPool1d(output_size=2)
    >>> layer([1.0, 2.0, 4.0, 3.0])
    array([1., 3.])
    >>> layer.backward([5.0, 10.0])
    array([ 5.,  0.,  0., 10.])
    """

    forward_function = staticmethod(functional.adaptive_min_pool1d)
    backward_function = staticmethod(functional.adaptive_min_pool1d_backward)


class AdaptiveMinPool2d(_SelectingAdaptive):
    """Take the minimum of 2-D windows that follow from the size of the output.

    Parameters
    ----------
    output_size, return_indices, data_format, axis, index_dtype, nan_policy
        The arguments of `adaptive_min_pool2d`.

    Notes
    -----
    Until the next call the layer keeps the indices and the shape of the input.

    Examples
    --------
    >>> from cpool import AdaptiveMinPool2d
    >>> layer = AdaptiveMinPool2d(1)
    >>> layer
    AdaptiveMinPool2d(output_size=1)
    >>> layer([[1.0, 2.0], [4.0, 3.0]])
    array([[1.]])
    >>> layer.backward([[10.0]])
    array([[10.,  0.],
           [ 0.,  0.]])
    """

    forward_function = staticmethod(functional.adaptive_min_pool2d)
    backward_function = staticmethod(functional.adaptive_min_pool2d_backward)


class AdaptiveMinPool3d(_SelectingAdaptive):
    """Take the minimum of 3-D windows that follow from the size of the output.

    Parameters
    ----------
    output_size, return_indices, data_format, axis, index_dtype, nan_policy
        The arguments of `adaptive_min_pool3d`.

    Notes
    -----
    Until the next call the layer keeps the indices and the shape of the input.

    Examples
    --------
    >>> from cpool import AdaptiveMinPool3d
    >>> layer = AdaptiveMinPool3d(1)
    >>> layer
    AdaptiveMinPool3d(output_size=1)
    >>> layer([[[1.0, 2.0], [4.0, 3.0]]])
    array([[[1.]]])
    >>> layer.backward([[[10.0]]])
    array([[[10.,  0.],
            [ 0.,  0.]]])
    """

    forward_function = staticmethod(functional.adaptive_min_pool3d)
    backward_function = staticmethod(functional.adaptive_min_pool3d_backward)


class AdaptiveAvgPool1d(_SumAdaptive):
    """Take the average of 1-D windows that follow from the size of the output.

    Parameters
    ----------
    output_size, dtype, data_format, axis, nan_policy
        The arguments of `adaptive_avg_pool1d`.

    Notes
    -----
    Until the next call the layer keeps the shape of the input.

    Examples
    --------
    >>> from cpool import AdaptiveAvgPool1d
    >>> layer = AdaptiveAvgPool1d(2)
    >>> layer
    AdaptiveAvgPool1d(output_size=2)
    >>> layer([1.0, 2.0, 4.0, 3.0])
    array([1.5, 3.5])
    >>> layer.backward([5.0, 10.0])
    array([2.5, 2.5, 5. , 5. ])
    """

    forward_function = staticmethod(functional.adaptive_avg_pool1d)
    backward_function = staticmethod(functional.adaptive_avg_pool1d_backward)


class AdaptiveAvgPool2d(_SumAdaptive):
    """Take the average of 2-D windows that follow from the size of the output.

    Parameters
    ----------
    output_size, dtype, data_format, axis, nan_policy
        The arguments of `adaptive_avg_pool2d`.

    Notes
    -----
    Until the next call the layer keeps the shape of the input.

    Examples
    --------
    >>> from cpool import AdaptiveAvgPool2d
    >>> layer = AdaptiveAvgPool2d(1)
    >>> layer
    AdaptiveAvgPool2d(output_size=1)
    >>> layer([[1.0, 2.0], [4.0, 3.0]])
    array([[2.5]])
    >>> layer.backward([[10.0]])
    array([[2.5, 2.5],
           [2.5, 2.5]])
    """

    forward_function = staticmethod(functional.adaptive_avg_pool2d)
    backward_function = staticmethod(functional.adaptive_avg_pool2d_backward)


class AdaptiveAvgPool3d(_SumAdaptive):
    """Take the average of 3-D windows that follow from the size of the output.

    Parameters
    ----------
    output_size, dtype, data_format, axis, nan_policy
        The arguments of `adaptive_avg_pool3d`.

    Notes
    -----
    Until the next call the layer keeps the shape of the input.

    Examples
    --------
    >>> from cpool import AdaptiveAvgPool3d
    >>> layer = AdaptiveAvgPool3d(1)
    >>> layer
    AdaptiveAvgPool3d(output_size=1)
    >>> layer([[[1.0, 2.0], [4.0, 3.0]]])
    array([[[2.5]]])
    >>> layer.backward([[[10.0]]])
    array([[[2.5, 2.5],
            [2.5, 2.5]]])
    """

    forward_function = staticmethod(functional.adaptive_avg_pool3d)
    backward_function = staticmethod(functional.adaptive_avg_pool3d_backward)


class AdaptiveSumPool1d(_SumAdaptive):
    """Take the sum of 1-D windows that follow from the size of the output.

    Parameters
    ----------
    output_size, dtype, data_format, axis, nan_policy
        The arguments of `adaptive_sum_pool1d`.

    Notes
    -----
    Until the next call the layer keeps the shape of the input.

    Examples
    --------
    >>> from cpool import AdaptiveSumPool1d
    >>> layer = AdaptiveSumPool1d(2)
    >>> layer
    AdaptiveSumPool1d(output_size=2)
    >>> layer([1.0, 2.0, 4.0, 3.0])
    array([3., 7.])
    >>> layer.backward([5.0, 10.0])
    array([ 5.,  5., 10., 10.])
    """

    forward_function = staticmethod(functional.adaptive_sum_pool1d)
    backward_function = staticmethod(functional.adaptive_sum_pool1d_backward)


class AdaptiveSumPool2d(_SumAdaptive):
    """Take the sum of 2-D windows that follow from the size of the output.

    Parameters
    ----------
    output_size, dtype, data_format, axis, nan_policy
        The arguments of `adaptive_sum_pool2d`.

    Notes
    -----
    Until the next call the layer keeps the shape of the input.

    Examples
    --------
    >>> from cpool import AdaptiveSumPool2d
    >>> layer = AdaptiveSumPool2d(1)
    >>> layer
    AdaptiveSumPool2d(output_size=1)
    >>> layer([[1.0, 2.0], [4.0, 3.0]])
    array([[10.]])
    >>> layer.backward([[10.0]])
    array([[10., 10.],
           [10., 10.]])
    """

    forward_function = staticmethod(functional.adaptive_sum_pool2d)
    backward_function = staticmethod(functional.adaptive_sum_pool2d_backward)


class AdaptiveSumPool3d(_SumAdaptive):
    """Take the sum of 3-D windows that follow from the size of the output.

    Parameters
    ----------
    output_size, dtype, data_format, axis, nan_policy
        The arguments of `adaptive_sum_pool3d`.

    Notes
    -----
    Until the next call the layer keeps the shape of the input.

    Examples
    --------
    >>> from cpool import AdaptiveSumPool3d
    >>> layer = AdaptiveSumPool3d(1)
    >>> layer
    AdaptiveSumPool3d(output_size=1)
    >>> layer([[[1.0, 2.0], [4.0, 3.0]]])
    array([[[10.]]])
    >>> layer.backward([[[10.0]]])
    array([[[10., 10.],
            [10., 10.]]])
    """

    forward_function = staticmethod(functional.adaptive_sum_pool3d)
    backward_function = staticmethod(functional.adaptive_sum_pool3d_backward)


class AdaptiveLpPool1d(_NormAdaptive):
    """Take the Lp norm of 1-D windows that follow from the size of the output.

    Parameters
    ----------
    norm_type, output_size, normalize, dtype, data_format, axis, nan_policy
        The arguments of `adaptive_lp_pool1d`.

    Notes
    -----
    Until the next call the layer keeps the input itself, not a copy: do not
    change it before `backward`.

    Examples
    --------
    >>> from cpool import AdaptiveLpPool1d
    >>> layer = AdaptiveLpPool1d(2, 2)
    >>> layer
    AdaptiveLpPool1d(norm_type=2, output_size=2)
    >>> layer([1.0, 2.0, 4.0, 3.0])
    array([2.23606798, 5.        ])
    >>> layer.backward([5.0, 10.0])
    array([2.23606798, 4.47213595, 8.        , 6.        ])
    """

    forward_function = staticmethod(functional.adaptive_lp_pool1d)
    backward_function = staticmethod(functional.adaptive_lp_pool1d_backward)


class AdaptiveLpPool2d(_NormAdaptive):
    """Take the Lp norm of 2-D windows that follow from the size of the output.

    Parameters
    ----------
    norm_type, output_size, normalize, dtype, data_format, axis, nan_policy
        The arguments of `adaptive_lp_pool2d`.

    Notes
    -----
    Until the next call the layer keeps the input itself, not a copy: do not
    change it before `backward`.

    Examples
    --------
    >>> from cpool import AdaptiveLpPool2d
    >>> layer = AdaptiveLpPool2d(2, 1)
    >>> layer
    AdaptiveLpPool2d(norm_type=2, output_size=1)
    >>> layer([[1.0, 2.0], [4.0, 3.0]])
    array([[5.47722558]])
    >>> layer.backward([[10.0]])
    array([[1.82574186, 3.65148372],
           [7.30296743, 5.47722558]])
    """

    forward_function = staticmethod(functional.adaptive_lp_pool2d)
    backward_function = staticmethod(functional.adaptive_lp_pool2d_backward)


class AdaptiveLpPool3d(_NormAdaptive):
    """Take the Lp norm of 3-D windows that follow from the size of the output.

    Parameters
    ----------
    norm_type, output_size, normalize, dtype, data_format, axis, nan_policy
        The arguments of `adaptive_lp_pool3d`.

    Notes
    -----
    Until the next call the layer keeps the input itself, not a copy: do not
    change it before `backward`.

    Examples
    --------
    >>> from cpool import AdaptiveLpPool3d
    >>> layer = AdaptiveLpPool3d(2, 1)
    >>> layer
    AdaptiveLpPool3d(norm_type=2, output_size=1)
    >>> layer([[[1.0, 2.0], [4.0, 3.0]]])
    array([[[5.47722558]]])
    >>> layer.backward([[[10.0]]])
    array([[[1.82574186, 3.65148372],
            [7.30296743, 5.47722558]]])
    """

    forward_function = staticmethod(functional.adaptive_lp_pool3d)
    backward_function = staticmethod(functional.adaptive_lp_pool3d_backward)


# ---- one window over all spatial axes ----


class GlobalMaxPool(_SelectingGlobal):
    """Take the maximum over all spatial axes.

    Parameters
    ----------
    spatial_ndim, data_format, axis, keepdims, return_indices, index_dtype,
    nan_policy
        The arguments of `global_max_pool`.

    Notes
    -----
    Until the next call the layer keeps the indices and the shape of the input.

    Examples
    --------
    >>> from cpool import GlobalMaxPool
    >>> layer = GlobalMaxPool(spatial_ndim=1)
    >>> layer
    GlobalMaxPool(spatial_ndim=1)
    >>> layer([[1.0, 2.0], [4.0, 3.0]])
    array([2., 4.])
    >>> layer.backward([5.0, 10.0])
    array([[ 0.,  5.],
           [10.,  0.]])
    """

    forward_function = staticmethod(functional.global_max_pool)
    backward_function = staticmethod(functional.global_max_pool_backward)


class GlobalMinPool(_SelectingGlobal):
    """Take the minimum over all spatial axes.

    Parameters
    ----------
    spatial_ndim, data_format, axis, keepdims, return_indices, index_dtype,
    nan_policy
        The arguments of `global_min_pool`.

    Notes
    -----
    Until the next call the layer keeps the indices and the shape of the input.

    Examples
    --------
    >>> from cpool import GlobalMinPool
    >>> layer = GlobalMinPool(spatial_ndim=1)
    >>> layer
    GlobalMinPool(spatial_ndim=1)
    >>> layer([[1.0, 2.0], [4.0, 3.0]])
    array([1., 3.])
    >>> layer.backward([5.0, 10.0])
    array([[ 5.,  0.],
           [ 0., 10.]])
    """

    forward_function = staticmethod(functional.global_min_pool)
    backward_function = staticmethod(functional.global_min_pool_backward)


class GlobalAvgPool(_SumGlobal):
    """Take the average over all spatial axes.

    Parameters
    ----------
    spatial_ndim, data_format, axis, keepdims, dtype, nan_policy
        The arguments of `global_avg_pool`.

    Notes
    -----
    Until the next call the layer keeps the shape of the input.

    Examples
    --------
    >>> from cpool import GlobalAvgPool
    >>> layer = GlobalAvgPool(spatial_ndim=1)
    >>> layer
    GlobalAvgPool(spatial_ndim=1)
    >>> layer([[1.0, 2.0], [4.0, 3.0]])
    array([1.5, 3.5])
    >>> layer.backward([5.0, 10.0])
    array([[2.5, 2.5],
           [5. , 5. ]])
    """

    forward_function = staticmethod(functional.global_avg_pool)
    backward_function = staticmethod(functional.global_avg_pool_backward)


class GlobalSumPool(_SumGlobal):
    """Take the sum over all spatial axes.

    Parameters
    ----------
    spatial_ndim, data_format, axis, keepdims, dtype, nan_policy
        The arguments of `global_sum_pool`.

    Notes
    -----
    Until the next call the layer keeps the shape of the input.

    Examples
    --------
    >>> from cpool import GlobalSumPool
    >>> layer = GlobalSumPool(spatial_ndim=1)
    >>> layer
    GlobalSumPool(spatial_ndim=1)
    >>> layer([[1.0, 2.0], [4.0, 3.0]])
    array([3., 7.])
    >>> layer.backward([5.0, 10.0])
    array([[ 5.,  5.],
           [10., 10.]])
    """

    forward_function = staticmethod(functional.global_sum_pool)
    backward_function = staticmethod(functional.global_sum_pool_backward)


class GlobalLpPool(_NormGlobal):
    """Take the Lp norm over all spatial axes.

    Parameters
    ----------
    norm_type, spatial_ndim, data_format, axis, keepdims, normalize, dtype,
    nan_policy
        The arguments of `global_lp_pool`.

    Notes
    -----
    Until the next call the layer keeps the input itself, not a copy: do not
    change it before `backward`.

    Examples
    --------
    >>> from cpool import GlobalLpPool
    >>> layer = GlobalLpPool(2, spatial_ndim=1)
    >>> layer
    GlobalLpPool(norm_type=2, spatial_ndim=1)
    >>> layer([[1.0, 2.0], [4.0, 3.0]])
    array([2.23606798, 5.        ])
    >>> layer.backward([5.0, 10.0])
    array([[2.23606798, 4.47213595],
           [8.        , 6.        ]])
    """

    forward_function = staticmethod(functional.global_lp_pool)
    backward_function = staticmethod(functional.global_lp_pool_backward)


# ---- back from pooled to full size ----


class _Unpool(_layer.Layer):
    def __init__(self, kernel_size, stride=None, padding=0, *, data_format=DEFAULT_FORMAT, mode="last"):
        super().__init__(
            kernel_size=kernel_size, stride=stride, padding=padding, data_format=data_format, mode=mode,
        )

    def __call__(self, x, indices, output_size=None):
        """Unpool `x` and keep the indices."""
        if type(x) is not np.ndarray:
            x = _arguments.as_array(x)
        positional, keywords = (self._bound or self._bind())[0]
        result = self.forward_function(x, indices, *positional, output_size=output_size, **keywords)
        self.__dict__["_last"] = self._kept(x), (indices,), {"output_size": output_size}
        return result


class MaxUnpool1d(_Unpool):
    """Put the elements that 1-D max pooling kept back where they came from, among
    zeros.

    Parameters
    ----------
    kernel_size, stride, padding, data_format, mode
        The arguments of `max_unpool1d`.

    Notes
    -----
    Until the next call the layer keeps the indices and the shape of the input.

    Examples
    --------
    >>> from cpool import MaxUnpool1d
    >>> layer = MaxUnpool1d(3)
    >>> layer
    MaxUnpool1d(kernel_size=3)
    >>> layer([4.0], [2])
    array([0., 0., 4.])
    >>> layer.backward([1.0, 2.0, 3.0])
    array([3.])
    """

    forward_function = staticmethod(functional.max_unpool1d)
    backward_function = staticmethod(functional.max_unpool1d_backward)


class MaxUnpool2d(_Unpool):
    """Put the elements that 2-D max pooling kept back where they came from, among
    zeros.

    Parameters
    ----------
    kernel_size, stride, padding, data_format, mode
        The arguments of `max_unpool2d`.

    Notes
    -----
    Until the next call the layer keeps the indices and the shape of the input.

    Examples
    --------
    >>> from cpool import MaxUnpool2d
    >>> layer = MaxUnpool2d(2)
    >>> layer
    MaxUnpool2d(kernel_size=2)
    >>> layer([[4.0]], [[2]])
    array([[0., 0.],
           [4., 0.]])
    >>> layer.backward([[1.0, 2.0], [3.0, 4.0]])
    array([[3.]])
    """

    forward_function = staticmethod(functional.max_unpool2d)
    backward_function = staticmethod(functional.max_unpool2d_backward)


class MaxUnpool3d(_Unpool):
    """Put the elements that 3-D max pooling kept back where they came from, among
    zeros.

    Parameters
    ----------
    kernel_size, stride, padding, data_format, mode
        The arguments of `max_unpool3d`.

    Notes
    -----
    Until the next call the layer keeps the indices and the shape of the input.

    Examples
    --------
    >>> from cpool import MaxUnpool3d
    >>> layer = MaxUnpool3d((1, 2, 2))
    >>> layer
    MaxUnpool3d(kernel_size=(1, 2, 2))
    >>> layer([[[4.0]]], [[[2]]])
    array([[[0., 0.],
            [4., 0.]]])
    >>> layer.backward([[[1.0, 2.0], [3.0, 4.0]]])
    array([[[3.]]])
    """

    forward_function = staticmethod(functional.max_unpool3d)
    backward_function = staticmethod(functional.max_unpool3d_backward)


# ---- regions ----


class _Regions(_layer.Layer):
    """A layer that is called with boxes beside its input."""

    def __call__(self, x, boxes, batch_indices=None):
        """Pool `x` in the boxes and keep what `backward` needs."""
        if type(x) is not np.ndarray:
            x = _arguments.as_array(x)
        positional, keywords = (self._bound or self._bind())[0]
        result = self.forward_function(x, boxes, *positional, batch_indices=batch_indices, **keywords)
        self.__dict__["_last"] = self._kept(x), (boxes,), {"batch_indices": batch_indices}
        return result


class RoIPool(_Regions):
    """Take the maximum of every bin of boxes that are rounded to whole pixels (RoI
    pooling).

    Parameters
    ----------
    output_size, spatial_scale, return_indices, data_format, index_dtype
        The arguments of `roi_pool`. The layer is called with `x`, `boxes` and,
        if need be, `batch_indices`.

    Notes
    -----
    Until the next call the layer keeps the boxes, the indices and the shape of
    the input.

    Examples
    --------
    >>> from cpool import RoIPool
    >>> layer = RoIPool(1)
    >>> layer
    RoIPool(output_size=1)
    >>> layer([[[1.0, 2.0], [4.0, 3.0]]], [[0, 0, 0, 1, 1]])
    array([[[[4.]]]])
    >>> layer.backward([[[[5.0]]]])
    array([[[0., 0.],
            [5., 0.]]])
    """

    forward_function = staticmethod(functional.roi_pool)
    backward_function = staticmethod(functional.roi_pool_backward)

    def __init__(
        self, output_size, spatial_scale=1.0, return_indices=False, *, data_format=DEFAULT_FORMAT,
        index_dtype=None,
    ):
        super().__init__(
            output_size=output_size, spatial_scale=spatial_scale, return_indices=return_indices,
            data_format=data_format, index_dtype=index_dtype,
        )

    def __call__(self, x, boxes, batch_indices=None):
        """Pool `x` in the boxes and keep the indices."""
        values, indices = super().__call__(x, boxes, batch_indices)
        self._last[2]["indices"] = indices
        return (values, indices) if _arguments.flag(self.return_indices, "return_indices") else values

    def _asked(self):
        return {"return_indices": True}


class RoIAlign(_Regions):
    """Average, or take the maximum of, bilinear samples in every bin of boxes (RoI
    align).

    Parameters
    ----------
    output_size, spatial_scale, sampling_ratio, aligned, mode,
    coordinate_transformation_mode, data_format
        The arguments of `roi_align`. The layer is called with `x`, `boxes` and,
        if need be, `batch_indices`.

    Notes
    -----
    Until the next call the layer keeps the boxes and, of the input, the shape;
    with ``mode="max"`` the input itself.

    Examples
    --------
    >>> from cpool import RoIAlign
    >>> layer = RoIAlign(1)
    >>> layer
    RoIAlign(output_size=1)
    >>> layer([[[1.0, 2.0], [4.0, 3.0]]], [[0, 0, 0, 1, 1]])
    array([[[[2.5]]]])
    >>> layer.backward([[[[4.0]]]])
    array([[[1., 1.],
            [1., 1.]]])
    """

    forward_function = staticmethod(functional.roi_align)
    backward_function = staticmethod(functional.roi_align_backward)

    def __init__(
        self, output_size, spatial_scale=1.0, sampling_ratio=-1, aligned=False, *, mode="avg",
        coordinate_transformation_mode=None, data_format=DEFAULT_FORMAT,
    ):
        super().__init__(
            output_size=output_size, spatial_scale=spatial_scale, sampling_ratio=sampling_ratio,
            aligned=aligned, mode=mode, coordinate_transformation_mode=coordinate_transformation_mode,
            data_format=data_format,
        )

    def _kept(self, x):
        return x if self.mode == "max" else super()._kept(x)


class PSRoIPool(_Regions):
    """Average every bin of boxes of whole pixels, each bin in channels of its own
    (PS-RoI pooling).

    Parameters
    ----------
    output_size, spatial_scale, data_format
        The arguments of `ps_roi_pool`. The layer is called with `x`, `boxes`
        and, if need be, `batch_indices`.

    Notes
    -----
    Until the next call the layer keeps the boxes and the shape of the input.

    Examples
    --------
    >>> import numpy as np
    >>> from cpool import PSRoIPool
    >>> layer = PSRoIPool(1)
    >>> layer
    PSRoIPool(output_size=1)
    >>> layer(np.ones((1, 3, 3)), [[0, 0, 0, 2, 2]])
    array([[[[1.]]]])
    >>> layer.backward([[[[4.0]]]])
    array([[[1., 1., 0.],
            [1., 1., 0.],
            [0., 0., 0.]]])
    """

    forward_function = staticmethod(functional.ps_roi_pool)
    backward_function = staticmethod(functional.ps_roi_pool_backward)

    def __init__(self, output_size, spatial_scale=1.0, *, data_format=DEFAULT_FORMAT):
        super().__init__(output_size=output_size, spatial_scale=spatial_scale, data_format=data_format)


class PSRoIAlign(_Regions):
    """Average bilinear samples in every bin of boxes, each bin in channels of its
    own (PS-RoI align).

    Parameters
    ----------
    output_size, spatial_scale, sampling_ratio, data_format
        The arguments of `ps_roi_align`. The layer is called with `x`, `boxes`
        and, if need be, `batch_indices`.

    Notes
    -----
    Until the next call the layer keeps the boxes and the shape of the input.

    Examples
    --------
    >>> import numpy as np
    >>> from cpool import PSRoIAlign
    >>> layer = PSRoIAlign(1)
    >>> layer
    PSRoIAlign(output_size=1)
    >>> layer(np.ones((1, 3, 3)), [[0, 0.5, 0.5, 1.5, 1.5]])
    array([[[[1.]]]])
    >>> layer.backward([[[[4.0]]]])
    array([[[1., 1., 0.],
            [1., 1., 0.],
            [0., 0., 0.]]])
    """

    forward_function = staticmethod(functional.ps_roi_align)
    backward_function = staticmethod(functional.ps_roi_align_backward)

    def __init__(self, output_size, spatial_scale=1.0, sampling_ratio=-1, *, data_format=DEFAULT_FORMAT):
        super().__init__(
            output_size=output_size, spatial_scale=spatial_scale, sampling_ratio=sampling_ratio,
            data_format=data_format,
        )


class PrRoIPool(_Regions):
    """Average the bilinear surface through the pixels exactly over every bin of
    boxes (precise RoI pooling).

    Parameters
    ----------
    output_size, spatial_scale, data_format
        The arguments of `prroi_pool`. The layer is called with `x`, `boxes`
        and, if need be, `batch_indices`; its `backward` gives two gradients,
        with respect to `x` and to `boxes`.

    Notes
    -----
    Until the next call the layer keeps the boxes and the input itself.

    Examples
    --------
    >>> import numpy as np
    >>> from cpool import PrRoIPool
    >>> layer = PrRoIPool(1)
    >>> layer
    PrRoIPool(output_size=1)
    >>> layer(np.tile(np.arange(4.0), (1, 4, 1)), [[0.0, 1.0, 1.0, 2.0, 2.0]])
    array([[[[1.5]]]])
    >>> grad_x, grad_boxes = layer.backward([[[[1.0]]]])
    >>> grad_boxes
    array([[0. , 0.5, 0. , 0.5, 0. ]])
    """

    forward_function = staticmethod(functional.prroi_pool)
    backward_function = staticmethod(functional.prroi_pool_backward)

    def __init__(self, output_size, spatial_scale=1.0, *, data_format=DEFAULT_FORMAT):
        super().__init__(output_size=output_size, spatial_scale=spatial_scale, data_format=data_format)

    def _kept(self, x):
        return x


# ---- several scales ----


class PoolPyramid(_layer.Keeping):
    """Pool an array at several scales, each a multiple of the one before, reading
    it once.

    Parameters
    ----------
    levels, factor, op, spatial_ndim, data_format
        The arguments of `pool_pyramid`.

    Notes
    -----
    Until the next call the layer keeps the input itself.

    Examples
    --------
    >>> from cpool import PoolPyramid
    >>> layer = PoolPyramid(2, spatial_ndim=1)
    >>> layer
    PoolPyramid(levels=2, spatial_ndim=1)
    >>> layer([1.0, 2.0, 5.0, 6.0])
    [array([1.5, 5.5]), array([3.5])]
    >>> layer.backward([[1.0, 3.0], [4.0]])
    array([1.5, 1.5, 2.5, 2.5])
    """

    forward_function = staticmethod(functional.pool_pyramid)
    backward_function = staticmethod(functional.pool_pyramid_backward)

    def __init__(self, levels, factor=2, op="avg", *, spatial_ndim=None, data_format=DEFAULT_FORMAT):
        super().__init__(
            levels=levels, factor=factor, op=op, spatial_ndim=spatial_ndim, data_format=data_format,
        )


class SpatialPyramidPool(_layer.Keeping):
    """Pool an array of any size into one vector of a fixed length (spatial pyramid
    pooling).

    Parameters
    ----------
    levels, op, spatial_ndim, data_format
        The arguments of `spatial_pyramid_pool`.

    Notes
    -----
    Until the next call the layer keeps the input itself.

    Examples
    --------
    >>> from cpool import SpatialPyramidPool
    >>> layer = SpatialPyramidPool((1, 2))
    >>> layer
    SpatialPyramidPool(levels=(1, 2))
    >>> layer([[[1.0, 4.0, 3.0, 2.0]]])
    array([[4., 4., 3.]])
    >>> layer.backward([[1.0, 2.0, 3.0]])
    array([[[0., 3., 3., 0.]]])
    """

    forward_function = staticmethod(functional.spatial_pyramid_pool)
    backward_function = staticmethod(functional.spatial_pyramid_pool_backward)

    def __init__(self, levels=(1, 2, 4), op="max", *, spatial_ndim=None, data_format=DEFAULT_FORMAT):
        super().__init__(levels=levels, op=op, spatial_ndim=spatial_ndim, data_format=data_format)


class StripPool(_layer.Keeping):
    """Pool every row and every column of an array on its own (strip pooling).

    Parameters
    ----------
    op, spatial_ndim, data_format
        The arguments of `strip_pool`.

    Notes
    -----
    Until the next call the layer keeps the input itself.

    Examples
    --------
    >>> from cpool import StripPool
    >>> layer = StripPool(spatial_ndim=2)
    >>> layer
    StripPool(spatial_ndim=2)
    >>> layer([[1.0, 2.0], [3.0, 6.0]])[1]
    array([[2., 4.]])
    >>> layer.backward([[[2.0], [4.0]], [[6.0, 8.0]]])
    array([[4., 5.],
           [5., 6.]])
    """

    forward_function = staticmethod(functional.strip_pool)
    backward_function = staticmethod(functional.strip_pool_backward)

    def __init__(self, op="avg", *, spatial_ndim=None, data_format=DEFAULT_FORMAT):
        super().__init__(op=op, spatial_ndim=spatial_ndim, data_format=data_format)


class _AdaptiveConcat(_layer.Keeping):
    def __init__(self, output_size=1, ops=("max", "avg"), *, data_format=DEFAULT_FORMAT):
        super().__init__(output_size=output_size, ops=ops, data_format=data_format)


class AdaptiveConcatPool1d(_AdaptiveConcat):
    """Pool adaptive 1-D windows by several reducers, their results one after the
    other as channels.

    Parameters
    ----------
    output_size, ops, data_format
        The arguments of `adaptive_concat_pool1d`.

    Notes
    -----
    Until the next call the layer keeps the input itself.

    Examples
    --------
    >>> import numpy as np
    >>> from cpool import AdaptiveConcatPool1d
    >>> layer = AdaptiveConcatPool1d()
    >>> layer
    AdaptiveConcatPool1d()
    >>> layer(np.array([1.0, 4.0]).reshape(1, 2)).ravel()
    array([4. , 2.5])
    >>> layer.backward(np.array([1.0, 2.0]).reshape(2, 1)).ravel()
    array([1., 2.])
    """

    forward_function = staticmethod(functional.adaptive_concat_pool1d)
    backward_function = staticmethod(functional.adaptive_concat_pool1d_backward)


class AdaptiveConcatPool2d(_AdaptiveConcat):
    """Pool adaptive 2-D windows by several reducers, their results one after the
    other as channels.

    Parameters
    ----------
    output_size, ops, data_format
        The arguments of `adaptive_concat_pool2d`.

    Notes
    -----
    Until the next call the layer keeps the input itself.

    Examples
    --------
    >>> import numpy as np
    >>> from cpool import AdaptiveConcatPool2d
    >>> layer = AdaptiveConcatPool2d()
    >>> layer
    AdaptiveConcatPool2d()
    >>> layer(np.array([1.0, 4.0]).reshape(1, 1, 2)).ravel()
    array([4. , 2.5])
    >>> layer.backward(np.array([1.0, 2.0]).reshape(2, 1, 1)).ravel()
    array([1., 2.])
    """

    forward_function = staticmethod(functional.adaptive_concat_pool2d)
    backward_function = staticmethod(functional.adaptive_concat_pool2d_backward)


class AdaptiveConcatPool3d(_AdaptiveConcat):
    """Pool adaptive 3-D windows by several reducers, their results one after the
    other as channels.

    Parameters
    ----------
    output_size, ops, data_format
        The arguments of `adaptive_concat_pool3d`.

    Notes
    -----
    Until the next call the layer keeps the input itself.

    Examples
    --------
    >>> import numpy as np
    >>> from cpool import AdaptiveConcatPool3d
    >>> layer = AdaptiveConcatPool3d()
    >>> layer
    AdaptiveConcatPool3d()
    >>> layer(np.array([1.0, 4.0]).reshape(1, 1, 1, 2)).ravel()
    array([4. , 2.5])
    >>> layer.backward(np.array([1.0, 2.0]).reshape(2, 1, 1, 1)).ravel()
    array([1., 2.])
    """

    forward_function = staticmethod(functional.adaptive_concat_pool3d)
    backward_function = staticmethod(functional.adaptive_concat_pool3d_backward)


# ---- anti-aliased ----


class _BlurWindows(_layer.Layer):
    def __init__(self, blur_size=4, stride=2, padding="reflect", *, data_format=DEFAULT_FORMAT):
        super().__init__(blur_size=blur_size, stride=stride, padding=padding, data_format=data_format)


class _MaxBlurWindows(_layer.Keeping):
    def __init__(
        self, kernel_size=2, stride=2, blur_size=4, padding="reflect", *, data_format=DEFAULT_FORMAT,
    ):
        super().__init__(
            kernel_size=kernel_size, stride=stride, blur_size=blur_size, padding=padding,
            data_format=data_format,
        )


class BlurPool1d(_BlurWindows):
    """Blur an array by a binomial filter and keep every `stride`-th element, in
    1-D.

    Parameters
    ----------
    blur_size, stride, padding, data_format
        The arguments of `blur_pool1d`.

    Notes
    -----
    Until the next call the layer keeps the shape of the input.

    Examples
    --------
    >>> import numpy as np
    >>> from cpool import BlurPool1d
    >>> layer = BlurPool1d(3, 1, "replicate")
    >>> layer
    BlurPool1d(blur_size=3, stride=1, padding='replicate')
    >>> layer(np.array([0.0, 4.0, 0.0]).reshape(3,)).ravel()
    array([1., 2., 1.])
    >>> layer.backward(np.array([0.0, 4.0, 0.0]).reshape(3,)).ravel()
    array([1., 2., 1.])
    """

    forward_function = staticmethod(functional.blur_pool1d)
    backward_function = staticmethod(functional.blur_pool1d_backward)


class MaxBlurPool1d(_MaxBlurWindows):
    """Take the maximum of every 1-D window at every place, blur, and keep every
    `stride`-th element.

    Parameters
    ----------
    kernel_size, stride, blur_size, padding, data_format
        The arguments of `max_blur_pool1d`.

    Notes
    -----
    Until the next call the layer keeps the input itself.

    Examples
    --------
    >>> import numpy as np
    >>> from cpool import MaxBlurPool1d
    >>> layer = MaxBlurPool1d(blur_size=3)
    >>> layer
    MaxBlurPool1d(blur_size=3)
    >>> y = layer(np.ones((4,)))
    >>> y.shape
    (2,)
    >>> float(layer.backward(y).sum()) == y.size
    True
    """

    forward_function = staticmethod(functional.max_blur_pool1d)
    backward_function = staticmethod(functional.max_blur_pool1d_backward)


class BlurPool2d(_BlurWindows):
    """Blur an array by a binomial filter and keep every `stride`-th element, in
    2-D.

    Parameters
    ----------
    blur_size, stride, padding, data_format
        The arguments of `blur_pool2d`.

    Notes
    -----
    Until the next call the layer keeps the shape of the input.

    Examples
    --------
    >>> import numpy as np
    >>> from cpool import BlurPool2d
    >>> layer = BlurPool2d(3, 1, "replicate")
    >>> layer
    BlurPool2d(blur_size=3, stride=1, padding='replicate')
    >>> layer(np.array([0.0, 4.0, 0.0]).reshape(1, 3)).ravel()
    array([1., 2., 1.])
    >>> layer.backward(np.array([0.0, 4.0, 0.0]).reshape(1, 3)).ravel()
    array([1., 2., 1.])
    """

    forward_function = staticmethod(functional.blur_pool2d)
    backward_function = staticmethod(functional.blur_pool2d_backward)


class MaxBlurPool2d(_MaxBlurWindows):
    """Take the maximum of every 2-D window at every place, blur, and keep every
    `stride`-th element.

    Parameters
    ----------
    kernel_size, stride, blur_size, padding, data_format
        The arguments of `max_blur_pool2d`.

    Notes
    -----
    Until the next call the layer keeps the input itself.

    Examples
    --------
    >>> import numpy as np
    >>> from cpool import MaxBlurPool2d
    >>> layer = MaxBlurPool2d(blur_size=3)
    >>> layer
    MaxBlurPool2d(blur_size=3)
    >>> y = layer(np.ones((4, 4)))
    >>> y.shape
    (2, 2)
    >>> float(layer.backward(y).sum()) == y.size
    True
    """

    forward_function = staticmethod(functional.max_blur_pool2d)
    backward_function = staticmethod(functional.max_blur_pool2d_backward)


class BlurPool3d(_BlurWindows):
    """Blur an array by a binomial filter and keep every `stride`-th element, in
    3-D.

    Parameters
    ----------
    blur_size, stride, padding, data_format
        The arguments of `blur_pool3d`.

    Notes
    -----
    Until the next call the layer keeps the shape of the input.

    Examples
    --------
    >>> import numpy as np
    >>> from cpool import BlurPool3d
    >>> layer = BlurPool3d(3, 1, "replicate")
    >>> layer
    BlurPool3d(blur_size=3, stride=1, padding='replicate')
    >>> layer(np.array([0.0, 4.0, 0.0]).reshape(1, 1, 3)).ravel()
    array([1., 2., 1.])
    >>> layer.backward(np.array([0.0, 4.0, 0.0]).reshape(1, 1, 3)).ravel()
    array([1., 2., 1.])
    """

    forward_function = staticmethod(functional.blur_pool3d)
    backward_function = staticmethod(functional.blur_pool3d_backward)


class MaxBlurPool3d(_MaxBlurWindows):
    """Take the maximum of every 3-D window at every place, blur, and keep every
    `stride`-th element.

    Parameters
    ----------
    kernel_size, stride, blur_size, padding, data_format
        The arguments of `max_blur_pool3d`.

    Notes
    -----
    Until the next call the layer keeps the input itself.

    Examples
    --------
    >>> import numpy as np
    >>> from cpool import MaxBlurPool3d
    >>> layer = MaxBlurPool3d(blur_size=3)
    >>> layer
    MaxBlurPool3d(blur_size=3)
    >>> y = layer(np.ones((4, 4, 4)))
    >>> y.shape
    (2, 2, 2)
    >>> float(layer.backward(y).sum()) == y.size
    True
    """

    forward_function = staticmethod(functional.max_blur_pool3d)
    backward_function = staticmethod(functional.max_blur_pool3d_backward)


# ---- the largest of every line ----


class KMaxPool(_layer.Selecting):
    """Take the k largest elements of every line, in the order in which they stand.

    Parameters
    ----------
    k, return_indices, axis, index_dtype, nan_policy
        The arguments of `kmax_pool`.

    Notes
    -----
    Until the next call the layer keeps the indices and the shape of the input.

    Examples
    --------
    >>> from cpool import KMaxPool
    >>> layer = KMaxPool(2)
    >>> layer
    KMaxPool(k=2)
    >>> layer([3.0, 9.0, 1.0, 7.0])
    array([9., 7.])
    >>> layer.backward([1.0, 2.0])
    array([0., 1., 0., 2.])
    """

    forward_function = staticmethod(functional.kmax_pool)
    backward_function = staticmethod(functional.kmax_pool_backward)

    def __init__(self, k, return_indices=False, *, axis=-1, index_dtype=None, nan_policy="propagate"):
        super().__init__(
            k=k, return_indices=return_indices, axis=axis, index_dtype=index_dtype, nan_policy=nan_policy,
        )


from ._sequence_layers import (  # noqa: E402, F401  (they build on what stands above)
    AttentionPool,
    AttentiveStatsPool,
    MaxOverTimePool,
    SegmentPool,
    StatsPool,
    TokenPool,
)

# ---- the others ----

__all__ = sorted([
    *(name for names in LAYERS.values() for name in names),
    *(name for name, value in globals().items() if isinstance(value, type) and not name.startswith("_")),
])
__getattr__, __dir__ = attributes(globals(), LAYERS, __all__)
