"""The public names of cpool and their signatures."""

from collections.abc import Callable, Sequence
from contextlib import ContextDecorator
from typing import Any, Literal, SupportsIndex, TypeAlias, overload

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from cpool import _derivatives, _drawn_layers, _fractional, _order, _s3, _smooth, _stochastic, _whole_layers
from cpool import functional as functional
from cpool import layers as layers
from cpool._derivatives import *
from cpool._drawn_layers import *
from cpool._fractional import *
from cpool._order import *
from cpool._s3 import *
from cpool._smooth import *
from cpool._stochastic import *
from cpool._whole_layers import *

_Array: TypeAlias = NDArray[Any]
_Ints: TypeAlias = SupportsIndex | Sequence[SupportsIndex]
_Sizes: TypeAlias = SupportsIndex | Sequence[SupportsIndex | None] | None
_Boxes: TypeAlias = ArrayLike | Sequence[ArrayLike]
_Padding: TypeAlias = _Ints | Sequence[Sequence[SupportsIndex]] | str
_Number: TypeAlias = float | np.generic

__version__: str
__all__ = [
    "AdaptiveAvgPool1d",
    "AdaptiveAvgPool2d",
    "AdaptiveAvgPool3d",
    "AdaptiveConcatPool1d",
    "AdaptiveConcatPool2d",
    "AdaptiveConcatPool3d",
    "AdaptiveLpPool1d",
    "AdaptiveLpPool2d",
    "AdaptiveLpPool3d",
    "AdaptiveMaxPool1d",
    "AdaptiveMaxPool2d",
    "AdaptiveMaxPool3d",
    "AdaptiveMinPool1d",
    "AdaptiveMinPool2d",
    "AdaptiveMinPool3d",
    "AdaptiveSumPool1d",
    "AdaptiveSumPool2d",
    "AdaptiveSumPool3d",
    "AttentionPool",
    "AttentiveStatsPool",
    "AvgPool1d",
    "AvgPool2d",
    "AvgPool3d",
    "BlurPool1d",
    "BlurPool2d",
    "BlurPool3d",
    "GlobalAvgPool",
    "GlobalLpPool",
    "GlobalMaxPool",
    "GlobalMinPool",
    "GlobalSumPool",
    "KMaxPool",
    "LpPool1d",
    "LpPool2d",
    "LpPool3d",
    "MaxBlurPool1d",
    "MaxBlurPool2d",
    "MaxBlurPool3d",
    "MaxOverTimePool",
    "MaxPool1d",
    "MaxPool2d",
    "MaxPool3d",
    "MaxUnpool1d",
    "MaxUnpool2d",
    "MaxUnpool3d",
    "MinPool1d",
    "MinPool2d",
    "MinPool3d",
    "PSRoIAlign",
    "PSRoIPool",
    "Pool1dStream",
    "PoolPyramid",
    "PrRoIPool",
    "RoIAlign",
    "RoIPool",
    "SegmentPool",
    "SpatialPyramidPool",
    "StatsPool",
    "StripPool",
    "SumPool1d",
    "SumPool2d",
    "SumPool3d",
    "TokenPool",
    "__version__",
    "adaptive_avg_pool1d",
    "adaptive_avg_pool1d_backward",
    "adaptive_avg_pool2d",
    "adaptive_avg_pool2d_backward",
    "adaptive_avg_pool3d",
    "adaptive_avg_pool3d_backward",
    "adaptive_concat_pool1d",
    "adaptive_concat_pool1d_backward",
    "adaptive_concat_pool1d_jvp",
    "adaptive_concat_pool2d",
    "adaptive_concat_pool2d_backward",
    "adaptive_concat_pool2d_jvp",
    "adaptive_concat_pool3d",
    "adaptive_concat_pool3d_backward",
    "adaptive_concat_pool3d_jvp",
    "adaptive_lp_pool1d",
    "adaptive_lp_pool1d_backward",
    "adaptive_lp_pool2d",
    "adaptive_lp_pool2d_backward",
    "adaptive_lp_pool3d",
    "adaptive_lp_pool3d_backward",
    "adaptive_max_pool1d",
    "adaptive_max_pool1d_backward",
    "adaptive_max_pool2d",
    "adaptive_max_pool2d_backward",
    "adaptive_max_pool3d",
    "adaptive_max_pool3d_backward",
    "adaptive_min_pool1d",
    "adaptive_min_pool1d_backward",
    "adaptive_min_pool2d",
    "adaptive_min_pool2d_backward",
    "adaptive_min_pool3d",
    "adaptive_min_pool3d_backward",
    "adaptive_sum_pool1d",
    "adaptive_sum_pool1d_backward",
    "adaptive_sum_pool2d",
    "adaptive_sum_pool2d_backward",
    "adaptive_sum_pool3d",
    "adaptive_sum_pool3d_backward",
    "attention_pool",
    "attention_pool_backward",
    "attention_pool_jvp",
    "attentive_stats_pool",
    "attentive_stats_pool_backward",
    "attentive_stats_pool_jvp",
    "avg_pool1d",
    "avg_pool1d_backward",
    "avg_pool2d",
    "avg_pool2d_backward",
    "avg_pool3d",
    "avg_pool3d_backward",
    "block_reduce",
    "block_reduce_backward",
    "block_reduce_jvp",
    "blur_pool1d",
    "blur_pool1d_backward",
    "blur_pool1d_jvp",
    "blur_pool2d",
    "blur_pool2d_backward",
    "blur_pool2d_jvp",
    "blur_pool3d",
    "blur_pool3d_backward",
    "blur_pool3d_jvp",
    "convert_indices",
    "dynamic_k",
    "from_keras",
    "from_onnx",
    "from_torch",
    "get_num_threads",
    "global_avg_pool",
    "global_avg_pool_backward",
    "global_lp_pool",
    "global_lp_pool_backward",
    "global_max_pool",
    "global_max_pool_backward",
    "global_min_pool",
    "global_min_pool_backward",
    "global_sum_pool",
    "global_sum_pool_backward",
    "kmax_pool",
    "kmax_pool_backward",
    "kmax_pool_jvp",
    "lp_pool1d",
    "lp_pool1d_backward",
    "lp_pool2d",
    "lp_pool2d_backward",
    "lp_pool3d",
    "lp_pool3d_backward",
    "max_blur_pool1d",
    "max_blur_pool1d_backward",
    "max_blur_pool1d_jvp",
    "max_blur_pool2d",
    "max_blur_pool2d_backward",
    "max_blur_pool2d_jvp",
    "max_blur_pool3d",
    "max_blur_pool3d_backward",
    "max_blur_pool3d_jvp",
    "max_over_time_pool",
    "max_over_time_pool_backward",
    "max_over_time_pool_jvp",
    "max_pool1d",
    "max_pool1d_backward",
    "max_pool2d",
    "max_pool2d_backward",
    "max_pool3d",
    "max_pool3d_backward",
    "max_unpool1d",
    "max_unpool1d_backward",
    "max_unpool2d",
    "max_unpool2d_backward",
    "max_unpool3d",
    "max_unpool3d_backward",
    "min_pool1d",
    "min_pool1d_backward",
    "min_pool2d",
    "min_pool2d_backward",
    "min_pool3d",
    "min_pool3d_backward",
    "num_threads",
    "output_shape",
    "pool_pyramid",
    "pool_pyramid_backward",
    "pool_pyramid_jvp",
    "prroi_pool",
    "prroi_pool_backward",
    "prroi_pool_jvp",
    "ps_roi_align",
    "ps_roi_align_backward",
    "ps_roi_align_jvp",
    "ps_roi_pool",
    "ps_roi_pool_backward",
    "ps_roi_pool_jvp",
    "roi_align",
    "roi_align_backward",
    "roi_align_jvp",
    "roi_pool",
    "roi_pool_backward",
    "roi_pool_jvp",
    "segment_pool",
    "segment_pool_backward",
    "segment_pool_jvp",
    "set_num_threads",
    "show_config",
    "spatial_pyramid_pool",
    "spatial_pyramid_pool_backward",
    "spatial_pyramid_pool_jvp",
    "stats_pool",
    "stats_pool_backward",
    "stats_pool_jvp",
    "strip_pool",
    "strip_pool_backward",
    "strip_pool_jvp",
    "sum_pool1d",
    "sum_pool1d_backward",
    "sum_pool2d",
    "sum_pool2d_backward",
    "sum_pool3d",
    "sum_pool3d_backward",
    "token_pool",
    "token_pool_backward",
    "token_pool_jvp",
    "windows",
]
__all__ += _order.__all__
__all__ += _smooth.__all__
__all__ += _stochastic.__all__
__all__ += _whole_layers.__all__
__all__ += _derivatives.__all__
__all__ += _fractional.__all__
__all__ += _s3.__all__
__all__ += _drawn_layers.__all__

# ---- windows ----

@overload
def max_pool1d(
    x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0,
    dilation: _Ints = 1, ceil_mode: bool = False, return_indices: Literal[False] = False, *,
    data_format: str = "channels_first", axis: _Ints | None = None, index_dtype: DTypeLike | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
@overload
def max_pool1d(
    x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0,
    dilation: _Ints = 1, ceil_mode: bool = False, *, return_indices: Literal[True],
    data_format: str = "channels_first", axis: _Ints | None = None, index_dtype: DTypeLike | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | tuple[_Array, _Array] | None = None,
) -> tuple[_Array, _Array]: ...
@overload
def max_pool1d(
    x: ArrayLike, kernel_size: _Ints, stride: _Ints | None, padding: _Padding, dilation: _Ints,
    ceil_mode: bool, return_indices: Literal[True], *, data_format: str = "channels_first",
    axis: _Ints | None = None, index_dtype: DTypeLike | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, out: _Array | tuple[_Array, _Array] | None = None,
) -> tuple[_Array, _Array]: ...
def max_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None,
    padding: _Padding = 0, dilation: _Ints = 1, ceil_mode: bool = False, return_indices: bool = False, *,
    indices: ArrayLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
    index_dtype: DTypeLike | None = None, nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | None = None,
) -> _Array: ...
@overload
def max_pool2d(
    x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0,
    dilation: _Ints = 1, ceil_mode: bool = False, return_indices: Literal[False] = False, *,
    data_format: str = "channels_first", axis: _Ints | None = None, index_dtype: DTypeLike | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
@overload
def max_pool2d(
    x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0,
    dilation: _Ints = 1, ceil_mode: bool = False, *, return_indices: Literal[True],
    data_format: str = "channels_first", axis: _Ints | None = None, index_dtype: DTypeLike | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | tuple[_Array, _Array] | None = None,
) -> tuple[_Array, _Array]: ...
@overload
def max_pool2d(
    x: ArrayLike, kernel_size: _Ints, stride: _Ints | None, padding: _Padding, dilation: _Ints,
    ceil_mode: bool, return_indices: Literal[True], *, data_format: str = "channels_first",
    axis: _Ints | None = None, index_dtype: DTypeLike | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, out: _Array | tuple[_Array, _Array] | None = None,
) -> tuple[_Array, _Array]: ...
def max_pool2d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None,
    padding: _Padding = 0, dilation: _Ints = 1, ceil_mode: bool = False, return_indices: bool = False, *,
    indices: ArrayLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
    index_dtype: DTypeLike | None = None, nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | None = None,
) -> _Array: ...
@overload
def max_pool3d(
    x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0,
    dilation: _Ints = 1, ceil_mode: bool = False, return_indices: Literal[False] = False, *,
    data_format: str = "channels_first", axis: _Ints | None = None, index_dtype: DTypeLike | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
@overload
def max_pool3d(
    x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0,
    dilation: _Ints = 1, ceil_mode: bool = False, *, return_indices: Literal[True],
    data_format: str = "channels_first", axis: _Ints | None = None, index_dtype: DTypeLike | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | tuple[_Array, _Array] | None = None,
) -> tuple[_Array, _Array]: ...
@overload
def max_pool3d(
    x: ArrayLike, kernel_size: _Ints, stride: _Ints | None, padding: _Padding, dilation: _Ints,
    ceil_mode: bool, return_indices: Literal[True], *, data_format: str = "channels_first",
    axis: _Ints | None = None, index_dtype: DTypeLike | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, out: _Array | tuple[_Array, _Array] | None = None,
) -> tuple[_Array, _Array]: ...
def max_pool3d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None,
    padding: _Padding = 0, dilation: _Ints = 1, ceil_mode: bool = False, return_indices: bool = False, *,
    indices: ArrayLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
    index_dtype: DTypeLike | None = None, nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | None = None,
) -> _Array: ...
@overload
def min_pool1d(
    x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0,
    dilation: _Ints = 1, ceil_mode: bool = False, return_indices: Literal[False] = False, *,
    data_format: str = "channels_first", axis: _Ints | None = None, index_dtype: DTypeLike | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
@overload
def min_pool1d(
    x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0,
    dilation: _Ints = 1, ceil_mode: bool = False, *, return_indices: Literal[True],
    data_format: str = "channels_first", axis: _Ints | None = None, index_dtype: DTypeLike | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | tuple[_Array, _Array] | None = None,
) -> tuple[_Array, _Array]: ...
@overload
def min_pool1d(
    x: ArrayLike, kernel_size: _Ints, stride: _Ints | None, padding: _Padding, dilation: _Ints,
    ceil_mode: bool, return_indices: Literal[True], *, data_format: str = "channels_first",
    axis: _Ints | None = None, index_dtype: DTypeLike | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, out: _Array | tuple[_Array, _Array] | None = None,
) -> tuple[_Array, _Array]: ...
def min_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None,
    padding: _Padding = 0, dilation: _Ints = 1, ceil_mode: bool = False, return_indices: bool = False, *,
    indices: ArrayLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
    index_dtype: DTypeLike | None = None, nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | None = None,
) -> _Array: ...
@overload
def min_pool2d(
    x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0,
    dilation: _Ints = 1, ceil_mode: bool = False, return_indices: Literal[False] = False, *,
    data_format: str = "channels_first", axis: _Ints | None = None, index_dtype: DTypeLike | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
@overload
def min_pool2d(
    x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0,
    dilation: _Ints = 1, ceil_mode: bool = False, *, return_indices: Literal[True],
    data_format: str = "channels_first", axis: _Ints | None = None, index_dtype: DTypeLike | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | tuple[_Array, _Array] | None = None,
) -> tuple[_Array, _Array]: ...
@overload
def min_pool2d(
    x: ArrayLike, kernel_size: _Ints, stride: _Ints | None, padding: _Padding, dilation: _Ints,
    ceil_mode: bool, return_indices: Literal[True], *, data_format: str = "channels_first",
    axis: _Ints | None = None, index_dtype: DTypeLike | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, out: _Array | tuple[_Array, _Array] | None = None,
) -> tuple[_Array, _Array]: ...
def min_pool2d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None,
    padding: _Padding = 0, dilation: _Ints = 1, ceil_mode: bool = False, return_indices: bool = False, *,
    indices: ArrayLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
    index_dtype: DTypeLike | None = None, nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | None = None,
) -> _Array: ...
@overload
def min_pool3d(
    x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0,
    dilation: _Ints = 1, ceil_mode: bool = False, return_indices: Literal[False] = False, *,
    data_format: str = "channels_first", axis: _Ints | None = None, index_dtype: DTypeLike | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
@overload
def min_pool3d(
    x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0,
    dilation: _Ints = 1, ceil_mode: bool = False, *, return_indices: Literal[True],
    data_format: str = "channels_first", axis: _Ints | None = None, index_dtype: DTypeLike | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | tuple[_Array, _Array] | None = None,
) -> tuple[_Array, _Array]: ...
@overload
def min_pool3d(
    x: ArrayLike, kernel_size: _Ints, stride: _Ints | None, padding: _Padding, dilation: _Ints,
    ceil_mode: bool, return_indices: Literal[True], *, data_format: str = "channels_first",
    axis: _Ints | None = None, index_dtype: DTypeLike | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, out: _Array | tuple[_Array, _Array] | None = None,
) -> tuple[_Array, _Array]: ...
def min_pool3d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None,
    padding: _Padding = 0, dilation: _Ints = 1, ceil_mode: bool = False, return_indices: bool = False, *,
    indices: ArrayLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
    index_dtype: DTypeLike | None = None, nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | None = None,
) -> _Array: ...
def avg_pool1d(
    x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0,
    ceil_mode: bool = False, count_include_pad: bool | None = None,
    divisor_override: SupportsIndex | None = None, *, dilation: _Ints = 1, dtype: DTypeLike | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
def avg_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None,
    padding: _Padding = 0, ceil_mode: bool = False, count_include_pad: bool | None = None,
    divisor_override: SupportsIndex | None = None, *, dilation: _Ints = 1, dtype: DTypeLike | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
def avg_pool2d(
    x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0,
    ceil_mode: bool = False, count_include_pad: bool | None = None,
    divisor_override: SupportsIndex | None = None, *, dilation: _Ints = 1, dtype: DTypeLike | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
def avg_pool2d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None,
    padding: _Padding = 0, ceil_mode: bool = False, count_include_pad: bool | None = None,
    divisor_override: SupportsIndex | None = None, *, dilation: _Ints = 1, dtype: DTypeLike | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
def avg_pool3d(
    x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0,
    ceil_mode: bool = False, count_include_pad: bool | None = None,
    divisor_override: SupportsIndex | None = None, *, dilation: _Ints = 1, dtype: DTypeLike | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
def avg_pool3d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None,
    padding: _Padding = 0, ceil_mode: bool = False, count_include_pad: bool | None = None,
    divisor_override: SupportsIndex | None = None, *, dilation: _Ints = 1, dtype: DTypeLike | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
def sum_pool1d(
    x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0,
    ceil_mode: bool = False, *, dilation: _Ints = 1, dtype: DTypeLike | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
def sum_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None,
    padding: _Padding = 0, ceil_mode: bool = False, *, dilation: _Ints = 1, dtype: DTypeLike | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
def sum_pool2d(
    x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0,
    ceil_mode: bool = False, *, dilation: _Ints = 1, dtype: DTypeLike | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
def sum_pool2d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None,
    padding: _Padding = 0, ceil_mode: bool = False, *, dilation: _Ints = 1, dtype: DTypeLike | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
def sum_pool3d(
    x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0,
    ceil_mode: bool = False, *, dilation: _Ints = 1, dtype: DTypeLike | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
def sum_pool3d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None,
    padding: _Padding = 0, ceil_mode: bool = False, *, dilation: _Ints = 1, dtype: DTypeLike | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
def lp_pool1d(
    x: ArrayLike, norm_type: float, kernel_size: _Ints, stride: _Ints | None = None,
    ceil_mode: bool = False, *, padding: _Padding = 0, dilation: _Ints = 1, normalize: bool = False,
    dtype: DTypeLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None, weights: ArrayLike | None = None,
    out: _Array | None = None,
) -> _Array: ...
def lp_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, norm_type: float, kernel_size: _Ints, stride: _Ints | None = None,
    ceil_mode: bool = False, *, padding: _Padding = 0, dilation: _Ints = 1, normalize: bool = False,
    dtype: DTypeLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None, weights: ArrayLike | None = None,
    out: _Array | None = None,
) -> _Array: ...
def lp_pool2d(
    x: ArrayLike, norm_type: float, kernel_size: _Ints, stride: _Ints | None = None,
    ceil_mode: bool = False, *, padding: _Padding = 0, dilation: _Ints = 1, normalize: bool = False,
    dtype: DTypeLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None, weights: ArrayLike | None = None,
    out: _Array | None = None,
) -> _Array: ...
def lp_pool2d_backward(
    grad_output: ArrayLike, x: ArrayLike, norm_type: float, kernel_size: _Ints, stride: _Ints | None = None,
    ceil_mode: bool = False, *, padding: _Padding = 0, dilation: _Ints = 1, normalize: bool = False,
    dtype: DTypeLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None, weights: ArrayLike | None = None,
    out: _Array | None = None,
) -> _Array: ...
def lp_pool3d(
    x: ArrayLike, norm_type: float, kernel_size: _Ints, stride: _Ints | None = None,
    ceil_mode: bool = False, *, padding: _Padding = 0, dilation: _Ints = 1, normalize: bool = False,
    dtype: DTypeLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None, weights: ArrayLike | None = None,
    out: _Array | None = None,
) -> _Array: ...
def lp_pool3d_backward(
    grad_output: ArrayLike, x: ArrayLike, norm_type: float, kernel_size: _Ints, stride: _Ints | None = None,
    ceil_mode: bool = False, *, padding: _Padding = 0, dilation: _Ints = 1, normalize: bool = False,
    dtype: DTypeLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None, weights: ArrayLike | None = None,
    out: _Array | None = None,
) -> _Array: ...

# ---- windows given by the output size ----

@overload
def adaptive_max_pool1d(
    x: ArrayLike, output_size: _Sizes, return_indices: Literal[False] = False, *,
    data_format: str = "channels_first", axis: _Ints | None = None, index_dtype: DTypeLike | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
@overload
def adaptive_max_pool1d(
    x: ArrayLike, output_size: _Sizes, return_indices: Literal[True], *,
    data_format: str = "channels_first", axis: _Ints | None = None, index_dtype: DTypeLike | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | tuple[_Array, _Array] | None = None,
) -> tuple[_Array, _Array]: ...
def adaptive_max_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: _Sizes, return_indices: bool = False, *,
    indices: ArrayLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
    index_dtype: DTypeLike | None = None, nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | None = None,
) -> _Array: ...
@overload
def adaptive_max_pool2d(
    x: ArrayLike, output_size: _Sizes, return_indices: Literal[False] = False, *,
    data_format: str = "channels_first", axis: _Ints | None = None, index_dtype: DTypeLike | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
@overload
def adaptive_max_pool2d(
    x: ArrayLike, output_size: _Sizes, return_indices: Literal[True], *,
    data_format: str = "channels_first", axis: _Ints | None = None, index_dtype: DTypeLike | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | tuple[_Array, _Array] | None = None,
) -> tuple[_Array, _Array]: ...
def adaptive_max_pool2d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: _Sizes, return_indices: bool = False, *,
    indices: ArrayLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
    index_dtype: DTypeLike | None = None, nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | None = None,
) -> _Array: ...
@overload
def adaptive_max_pool3d(
    x: ArrayLike, output_size: _Sizes, return_indices: Literal[False] = False, *,
    data_format: str = "channels_first", axis: _Ints | None = None, index_dtype: DTypeLike | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
@overload
def adaptive_max_pool3d(
    x: ArrayLike, output_size: _Sizes, return_indices: Literal[True], *,
    data_format: str = "channels_first", axis: _Ints | None = None, index_dtype: DTypeLike | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | tuple[_Array, _Array] | None = None,
) -> tuple[_Array, _Array]: ...
def adaptive_max_pool3d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: _Sizes, return_indices: bool = False, *,
    indices: ArrayLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
    index_dtype: DTypeLike | None = None, nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | None = None,
) -> _Array: ...
@overload
def adaptive_min_pool1d(
    x: ArrayLike, output_size: _Sizes, return_indices: Literal[False] = False, *,
    data_format: str = "channels_first", axis: _Ints | None = None, index_dtype: DTypeLike | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
@overload
def adaptive_min_pool1d(
    x: ArrayLike, output_size: _Sizes, return_indices: Literal[True], *,
    data_format: str = "channels_first", axis: _Ints | None = None, index_dtype: DTypeLike | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | tuple[_Array, _Array] | None = None,
) -> tuple[_Array, _Array]: ...
def adaptive_min_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: _Sizes, return_indices: bool = False, *,
    indices: ArrayLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
    index_dtype: DTypeLike | None = None, nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | None = None,
) -> _Array: ...
@overload
def adaptive_min_pool2d(
    x: ArrayLike, output_size: _Sizes, return_indices: Literal[False] = False, *,
    data_format: str = "channels_first", axis: _Ints | None = None, index_dtype: DTypeLike | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
@overload
def adaptive_min_pool2d(
    x: ArrayLike, output_size: _Sizes, return_indices: Literal[True], *,
    data_format: str = "channels_first", axis: _Ints | None = None, index_dtype: DTypeLike | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | tuple[_Array, _Array] | None = None,
) -> tuple[_Array, _Array]: ...
def adaptive_min_pool2d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: _Sizes, return_indices: bool = False, *,
    indices: ArrayLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
    index_dtype: DTypeLike | None = None, nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | None = None,
) -> _Array: ...
@overload
def adaptive_min_pool3d(
    x: ArrayLike, output_size: _Sizes, return_indices: Literal[False] = False, *,
    data_format: str = "channels_first", axis: _Ints | None = None, index_dtype: DTypeLike | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
@overload
def adaptive_min_pool3d(
    x: ArrayLike, output_size: _Sizes, return_indices: Literal[True], *,
    data_format: str = "channels_first", axis: _Ints | None = None, index_dtype: DTypeLike | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | tuple[_Array, _Array] | None = None,
) -> tuple[_Array, _Array]: ...
def adaptive_min_pool3d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: _Sizes, return_indices: bool = False, *,
    indices: ArrayLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
    index_dtype: DTypeLike | None = None, nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | None = None,
) -> _Array: ...
def adaptive_avg_pool1d(
    x: ArrayLike, output_size: _Sizes, *, dtype: DTypeLike | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
def adaptive_avg_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: _Sizes, *, dtype: DTypeLike | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
def adaptive_avg_pool2d(
    x: ArrayLike, output_size: _Sizes, *, dtype: DTypeLike | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
def adaptive_avg_pool2d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: _Sizes, *, dtype: DTypeLike | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
def adaptive_avg_pool3d(
    x: ArrayLike, output_size: _Sizes, *, dtype: DTypeLike | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
def adaptive_avg_pool3d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: _Sizes, *, dtype: DTypeLike | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
def adaptive_sum_pool1d(
    x: ArrayLike, output_size: _Sizes, *, dtype: DTypeLike | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
def adaptive_sum_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: _Sizes, *, dtype: DTypeLike | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
def adaptive_sum_pool2d(
    x: ArrayLike, output_size: _Sizes, *, dtype: DTypeLike | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
def adaptive_sum_pool2d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: _Sizes, *, dtype: DTypeLike | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
def adaptive_sum_pool3d(
    x: ArrayLike, output_size: _Sizes, *, dtype: DTypeLike | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
def adaptive_sum_pool3d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: _Sizes, *, dtype: DTypeLike | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
def adaptive_lp_pool1d(
    x: ArrayLike, norm_type: float, output_size: _Sizes, *, normalize: bool = False,
    dtype: DTypeLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None, weights: ArrayLike | None = None,
    out: _Array | None = None,
) -> _Array: ...
def adaptive_lp_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, norm_type: float, output_size: _Sizes, *, normalize: bool = False,
    dtype: DTypeLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None, weights: ArrayLike | None = None,
    out: _Array | None = None,
) -> _Array: ...
def adaptive_lp_pool2d(
    x: ArrayLike, norm_type: float, output_size: _Sizes, *, normalize: bool = False,
    dtype: DTypeLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None, weights: ArrayLike | None = None,
    out: _Array | None = None,
) -> _Array: ...
def adaptive_lp_pool2d_backward(
    grad_output: ArrayLike, x: ArrayLike, norm_type: float, output_size: _Sizes, *, normalize: bool = False,
    dtype: DTypeLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None, weights: ArrayLike | None = None,
    out: _Array | None = None,
) -> _Array: ...
def adaptive_lp_pool3d(
    x: ArrayLike, norm_type: float, output_size: _Sizes, *, normalize: bool = False,
    dtype: DTypeLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None, weights: ArrayLike | None = None,
    out: _Array | None = None,
) -> _Array: ...
def adaptive_lp_pool3d_backward(
    grad_output: ArrayLike, x: ArrayLike, norm_type: float, output_size: _Sizes, *, normalize: bool = False,
    dtype: DTypeLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None, weights: ArrayLike | None = None,
    out: _Array | None = None,
) -> _Array: ...

# ---- one window over everything ----

@overload
def global_max_pool(
    x: ArrayLike, *, spatial_ndim: SupportsIndex | None = None, data_format: str = "channels_first",
    axis: _Ints | None = None, keepdims: bool = False, return_indices: Literal[False] = False,
    index_dtype: DTypeLike | None = None, nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | None = None,
) -> _Array: ...
@overload
def global_max_pool(
    x: ArrayLike, *, spatial_ndim: SupportsIndex | None = None, data_format: str = "channels_first",
    axis: _Ints | None = None, keepdims: bool = False, return_indices: Literal[True],
    index_dtype: DTypeLike | None = None, nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | tuple[_Array, _Array] | None = None,
) -> tuple[_Array, _Array]: ...
def global_max_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, *, indices: ArrayLike | None = None,
    spatial_ndim: SupportsIndex | None = None, data_format: str = "channels_first",
    axis: _Ints | None = None, keepdims: bool = False, return_indices: bool = False,
    index_dtype: DTypeLike | None = None, nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | None = None,
) -> _Array: ...
@overload
def global_min_pool(
    x: ArrayLike, *, spatial_ndim: SupportsIndex | None = None, data_format: str = "channels_first",
    axis: _Ints | None = None, keepdims: bool = False, return_indices: Literal[False] = False,
    index_dtype: DTypeLike | None = None, nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | None = None,
) -> _Array: ...
@overload
def global_min_pool(
    x: ArrayLike, *, spatial_ndim: SupportsIndex | None = None, data_format: str = "channels_first",
    axis: _Ints | None = None, keepdims: bool = False, return_indices: Literal[True],
    index_dtype: DTypeLike | None = None, nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | tuple[_Array, _Array] | None = None,
) -> tuple[_Array, _Array]: ...
def global_min_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, *, indices: ArrayLike | None = None,
    spatial_ndim: SupportsIndex | None = None, data_format: str = "channels_first",
    axis: _Ints | None = None, keepdims: bool = False, return_indices: bool = False,
    index_dtype: DTypeLike | None = None, nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | None = None,
) -> _Array: ...
def global_avg_pool(
    x: ArrayLike, *, spatial_ndim: SupportsIndex | None = None, data_format: str = "channels_first",
    axis: _Ints | None = None, keepdims: bool = False, dtype: DTypeLike | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None, weights: ArrayLike | None = None,
    out: _Array | None = None,
) -> _Array: ...
def global_avg_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, *, spatial_ndim: SupportsIndex | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, keepdims: bool = False,
    dtype: DTypeLike | None = None, nan_policy: str = "propagate", mask: ArrayLike | None = None,
    weights: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
def global_sum_pool(
    x: ArrayLike, *, spatial_ndim: SupportsIndex | None = None, data_format: str = "channels_first",
    axis: _Ints | None = None, keepdims: bool = False, dtype: DTypeLike | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None, weights: ArrayLike | None = None,
    out: _Array | None = None,
) -> _Array: ...
def global_sum_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, *, spatial_ndim: SupportsIndex | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, keepdims: bool = False,
    dtype: DTypeLike | None = None, nan_policy: str = "propagate", mask: ArrayLike | None = None,
    weights: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
def global_lp_pool(
    x: ArrayLike, norm_type: float, *, spatial_ndim: SupportsIndex | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, keepdims: bool = False,
    normalize: bool = False, dtype: DTypeLike | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
def global_lp_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, norm_type: float, *, spatial_ndim: SupportsIndex | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, keepdims: bool = False,
    normalize: bool = False, dtype: DTypeLike | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...

# ---- the way back ----

def max_unpool1d(
    x: ArrayLike, indices: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, padding: _Ints = 0,
    output_size: Sequence[SupportsIndex] | None = None, *, data_format: str = "channels_first",
    mode: str = "last", out: _Array | None = None,
) -> _Array: ...
def max_unpool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, indices: ArrayLike, kernel_size: _Ints,
    stride: _Ints | None = None, padding: _Ints = 0, output_size: Sequence[SupportsIndex] | None = None, *,
    data_format: str = "channels_first", mode: str = "last", out: _Array | None = None,
) -> _Array: ...
def max_unpool2d(
    x: ArrayLike, indices: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, padding: _Ints = 0,
    output_size: Sequence[SupportsIndex] | None = None, *, data_format: str = "channels_first",
    mode: str = "last", out: _Array | None = None,
) -> _Array: ...
def max_unpool2d_backward(
    grad_output: ArrayLike, x: ArrayLike, indices: ArrayLike, kernel_size: _Ints,
    stride: _Ints | None = None, padding: _Ints = 0, output_size: Sequence[SupportsIndex] | None = None, *,
    data_format: str = "channels_first", mode: str = "last", out: _Array | None = None,
) -> _Array: ...
def max_unpool3d(
    x: ArrayLike, indices: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, padding: _Ints = 0,
    output_size: Sequence[SupportsIndex] | None = None, *, data_format: str = "channels_first",
    mode: str = "last", out: _Array | None = None,
) -> _Array: ...
def max_unpool3d_backward(
    grad_output: ArrayLike, x: ArrayLike, indices: ArrayLike, kernel_size: _Ints,
    stride: _Ints | None = None, padding: _Ints = 0, output_size: Sequence[SupportsIndex] | None = None, *,
    data_format: str = "channels_first", mode: str = "last", out: _Array | None = None,
) -> _Array: ...

# ---- shapes and windows without an array ----

def output_shape(
    input_shape: Sequence[SupportsIndex], kernel_size: _Ints, stride: _Ints | None = None,
    padding: _Padding = 0, dilation: _Ints = 1, ceil_mode: bool = False, *,
    data_format: str = "channels_first",
) -> tuple[int, ...]: ...
def windows(
    input_shape: Sequence[SupportsIndex], kernel_size: _Ints, stride: _Ints | None = None,
    padding: _Padding = 0, dilation: _Ints = 1, ceil_mode: bool = False, *,
    data_format: str = "channels_first",
) -> tuple[_Array, ...]: ...
def convert_indices(
    indices: ArrayLike, input_shape: Sequence[SupportsIndex], *, source: str = "torch",
    target: str = "onnx", data_format: str = "channels_first",
) -> _Array: ...

# ---- threads and build ----

class _Limit(ContextDecorator):
    def __enter__(self) -> None: ...
    def __exit__(self, *exception: object) -> None: ...

def set_num_threads(n: SupportsIndex | None) -> None: ...
def get_num_threads() -> int: ...
def num_threads(n: SupportsIndex) -> _Limit: ...
def show_config() -> None: ...

# ---- regions ----

@overload
def roi_pool(
    x: ArrayLike, boxes: _Boxes, output_size: _Ints, spatial_scale: float = 1.0,
    return_indices: Literal[False] = False, *, batch_indices: ArrayLike | None = None,
    data_format: str = "channels_first", index_dtype: DTypeLike | None = None, out: _Array | None = None,
) -> _Array: ...
@overload
def roi_pool(
    x: ArrayLike, boxes: _Boxes, output_size: _Ints, spatial_scale: float = 1.0, *,
    return_indices: Literal[True], batch_indices: ArrayLike | None = None,
    data_format: str = "channels_first", index_dtype: DTypeLike | None = None,
    out: _Array | tuple[_Array, _Array] | None = None,
) -> tuple[_Array, _Array]: ...
@overload
def roi_pool(
    x: ArrayLike, boxes: _Boxes, output_size: _Ints, spatial_scale: float, return_indices: Literal[True], *,
    batch_indices: ArrayLike | None = None, data_format: str = "channels_first",
    index_dtype: DTypeLike | None = None, out: _Array | tuple[_Array, _Array] | None = None,
) -> tuple[_Array, _Array]: ...
def roi_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, boxes: _Boxes, output_size: _Ints, spatial_scale: float = 1.0,
    return_indices: bool = False, *, indices: ArrayLike | None = None,
    batch_indices: ArrayLike | None = None, data_format: str = "channels_first",
    index_dtype: DTypeLike | None = None, out: _Array | None = None,
) -> _Array: ...
def roi_pool_jvp(
    tangent: ArrayLike, x: ArrayLike, boxes: _Boxes, output_size: _Ints, spatial_scale: float = 1.0, *,
    indices: ArrayLike | None = None, batch_indices: ArrayLike | None = None,
    data_format: str = "channels_first", out: _Array | None = None,
) -> _Array: ...
def roi_align(
    x: ArrayLike, boxes: _Boxes, output_size: _Ints, spatial_scale: float = 1.0,
    sampling_ratio: SupportsIndex = -1, aligned: bool = False, *, mode: str = "avg",
    coordinate_transformation_mode: str | None = None, batch_indices: ArrayLike | None = None,
    data_format: str = "channels_first", out: _Array | None = None,
) -> _Array: ...
def roi_align_backward(
    grad_output: ArrayLike, x: ArrayLike, boxes: _Boxes, output_size: _Ints, spatial_scale: float = 1.0,
    sampling_ratio: SupportsIndex = -1, aligned: bool = False, *, mode: str = "avg",
    coordinate_transformation_mode: str | None = None, batch_indices: ArrayLike | None = None,
    data_format: str = "channels_first", out: _Array | None = None,
) -> _Array: ...
def roi_align_jvp(
    tangent: ArrayLike, x: ArrayLike, boxes: _Boxes, output_size: _Ints, spatial_scale: float = 1.0,
    sampling_ratio: SupportsIndex = -1, aligned: bool = False, *, mode: str = "avg",
    coordinate_transformation_mode: str | None = None, batch_indices: ArrayLike | None = None,
    data_format: str = "channels_first", out: _Array | None = None,
) -> _Array: ...
def ps_roi_pool(
    x: ArrayLike, boxes: _Boxes, output_size: _Ints, spatial_scale: float = 1.0, *,
    batch_indices: ArrayLike | None = None, data_format: str = "channels_first", out: _Array | None = None,
) -> _Array: ...
def ps_roi_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, boxes: _Boxes, output_size: _Ints, spatial_scale: float = 1.0, *,
    batch_indices: ArrayLike | None = None, data_format: str = "channels_first", out: _Array | None = None,
) -> _Array: ...
def ps_roi_pool_jvp(
    tangent: ArrayLike, x: ArrayLike, boxes: _Boxes, output_size: _Ints, spatial_scale: float = 1.0, *,
    batch_indices: ArrayLike | None = None, data_format: str = "channels_first", out: _Array | None = None,
) -> _Array: ...
def ps_roi_align(
    x: ArrayLike, boxes: _Boxes, output_size: _Ints, spatial_scale: float = 1.0,
    sampling_ratio: SupportsIndex = -1, *, batch_indices: ArrayLike | None = None,
    data_format: str = "channels_first", out: _Array | None = None,
) -> _Array: ...
def ps_roi_align_backward(
    grad_output: ArrayLike, x: ArrayLike, boxes: _Boxes, output_size: _Ints, spatial_scale: float = 1.0,
    sampling_ratio: SupportsIndex = -1, *, batch_indices: ArrayLike | None = None,
    data_format: str = "channels_first", out: _Array | None = None,
) -> _Array: ...
def ps_roi_align_jvp(
    tangent: ArrayLike, x: ArrayLike, boxes: _Boxes, output_size: _Ints, spatial_scale: float = 1.0,
    sampling_ratio: SupportsIndex = -1, *, batch_indices: ArrayLike | None = None,
    data_format: str = "channels_first", out: _Array | None = None,
) -> _Array: ...
def prroi_pool(
    x: ArrayLike, boxes: _Boxes, output_size: _Ints, spatial_scale: float = 1.0, *,
    batch_indices: ArrayLike | None = None, data_format: str = "channels_first", out: _Array | None = None,
) -> _Array: ...
def prroi_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, boxes: _Boxes, output_size: _Ints, spatial_scale: float = 1.0, *,
    batch_indices: ArrayLike | None = None, data_format: str = "channels_first", out: _Array | None = None,
) -> tuple[_Array, Any]: ...
def prroi_pool_jvp(
    tangent: ArrayLike, x: ArrayLike, boxes: _Boxes, output_size: _Ints, spatial_scale: float = 1.0, *,
    boxes_tangent: _Boxes | None = None, batch_indices: ArrayLike | None = None,
    data_format: str = "channels_first", out: _Array | None = None,
) -> _Array: ...

# ---- anti-aliased ----

def blur_pool1d(
    x: ArrayLike, blur_size: SupportsIndex = 4, stride: _Ints = 2, padding: str = "reflect", *,
    data_format: str = "channels_first",
) -> _Array: ...
def blur_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, blur_size: SupportsIndex = 4, stride: _Ints = 2,
    padding: str = "reflect", *, data_format: str = "channels_first",
) -> _Array: ...
def blur_pool1d_jvp(
    tangent: ArrayLike, x: ArrayLike, blur_size: SupportsIndex = 4, stride: _Ints = 2,
    padding: str = "reflect", *, data_format: str = "channels_first",
) -> _Array: ...
def max_blur_pool1d(
    x: ArrayLike, kernel_size: _Ints = 2, stride: _Ints = 2, blur_size: SupportsIndex = 4,
    padding: str = "reflect", *, data_format: str = "channels_first",
) -> _Array: ...
def max_blur_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: _Ints = 2, stride: _Ints = 2,
    blur_size: SupportsIndex = 4, padding: str = "reflect", *, data_format: str = "channels_first",
) -> _Array: ...
def max_blur_pool1d_jvp(
    tangent: ArrayLike, x: ArrayLike, kernel_size: _Ints = 2, stride: _Ints = 2,
    blur_size: SupportsIndex = 4, padding: str = "reflect", *, data_format: str = "channels_first",
) -> _Array: ...
def blur_pool2d(
    x: ArrayLike, blur_size: SupportsIndex = 4, stride: _Ints = 2, padding: str = "reflect", *,
    data_format: str = "channels_first",
) -> _Array: ...
def blur_pool2d_backward(
    grad_output: ArrayLike, x: ArrayLike, blur_size: SupportsIndex = 4, stride: _Ints = 2,
    padding: str = "reflect", *, data_format: str = "channels_first",
) -> _Array: ...
def blur_pool2d_jvp(
    tangent: ArrayLike, x: ArrayLike, blur_size: SupportsIndex = 4, stride: _Ints = 2,
    padding: str = "reflect", *, data_format: str = "channels_first",
) -> _Array: ...
def max_blur_pool2d(
    x: ArrayLike, kernel_size: _Ints = 2, stride: _Ints = 2, blur_size: SupportsIndex = 4,
    padding: str = "reflect", *, data_format: str = "channels_first",
) -> _Array: ...
def max_blur_pool2d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: _Ints = 2, stride: _Ints = 2,
    blur_size: SupportsIndex = 4, padding: str = "reflect", *, data_format: str = "channels_first",
) -> _Array: ...
def max_blur_pool2d_jvp(
    tangent: ArrayLike, x: ArrayLike, kernel_size: _Ints = 2, stride: _Ints = 2,
    blur_size: SupportsIndex = 4, padding: str = "reflect", *, data_format: str = "channels_first",
) -> _Array: ...
def blur_pool3d(
    x: ArrayLike, blur_size: SupportsIndex = 4, stride: _Ints = 2, padding: str = "reflect", *,
    data_format: str = "channels_first",
) -> _Array: ...
def blur_pool3d_backward(
    grad_output: ArrayLike, x: ArrayLike, blur_size: SupportsIndex = 4, stride: _Ints = 2,
    padding: str = "reflect", *, data_format: str = "channels_first",
) -> _Array: ...
def blur_pool3d_jvp(
    tangent: ArrayLike, x: ArrayLike, blur_size: SupportsIndex = 4, stride: _Ints = 2,
    padding: str = "reflect", *, data_format: str = "channels_first",
) -> _Array: ...
def max_blur_pool3d(
    x: ArrayLike, kernel_size: _Ints = 2, stride: _Ints = 2, blur_size: SupportsIndex = 4,
    padding: str = "reflect", *, data_format: str = "channels_first",
) -> _Array: ...
def max_blur_pool3d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: _Ints = 2, stride: _Ints = 2,
    blur_size: SupportsIndex = 4, padding: str = "reflect", *, data_format: str = "channels_first",
) -> _Array: ...
def max_blur_pool3d_jvp(
    tangent: ArrayLike, x: ArrayLike, kernel_size: _Ints = 2, stride: _Ints = 2,
    blur_size: SupportsIndex = 4, padding: str = "reflect", *, data_format: str = "channels_first",
) -> _Array: ...

# ---- several scales ----

def pool_pyramid(
    x: ArrayLike, levels: SupportsIndex, factor: _Ints = 2, op: str = "avg", *,
    spatial_ndim: SupportsIndex | None = None, data_format: str = "channels_first",
) -> list[_Array]: ...
def pool_pyramid_backward(
    grad_output: Sequence[ArrayLike], x: ArrayLike, levels: SupportsIndex, factor: _Ints = 2,
    op: str = "avg", *, spatial_ndim: SupportsIndex | None = None, data_format: str = "channels_first",
) -> _Array: ...
def pool_pyramid_jvp(
    tangent: ArrayLike, x: ArrayLike, levels: SupportsIndex, factor: _Ints = 2, op: str = "avg", *,
    spatial_ndim: SupportsIndex | None = None, data_format: str = "channels_first",
) -> list[_Array]: ...
def spatial_pyramid_pool(
    x: ArrayLike, levels: Sequence[_Ints] = (1, 2, 4), op: str = "max", *,
    spatial_ndim: SupportsIndex | None = None, data_format: str = "channels_first",
) -> _Array: ...
def spatial_pyramid_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, levels: Sequence[_Ints] = (1, 2, 4), op: str = "max", *,
    spatial_ndim: SupportsIndex | None = None, data_format: str = "channels_first",
) -> _Array: ...
def spatial_pyramid_pool_jvp(
    tangent: ArrayLike, x: ArrayLike, levels: Sequence[_Ints] = (1, 2, 4), op: str = "max", *,
    spatial_ndim: SupportsIndex | None = None, data_format: str = "channels_first",
) -> _Array: ...
def strip_pool(
    x: ArrayLike, op: str = "avg", *, spatial_ndim: SupportsIndex | None = None,
    data_format: str = "channels_first",
) -> list[_Array]: ...
def strip_pool_backward(
    grad_output: Sequence[ArrayLike], x: ArrayLike, op: str = "avg", *,
    spatial_ndim: SupportsIndex | None = None, data_format: str = "channels_first",
) -> _Array: ...
def strip_pool_jvp(
    tangent: ArrayLike, x: ArrayLike, op: str = "avg", *, spatial_ndim: SupportsIndex | None = None,
    data_format: str = "channels_first",
) -> list[_Array]: ...
def adaptive_concat_pool1d(
    x: ArrayLike, output_size: _Sizes = 1, ops: Sequence[str] = ("max", "avg"), *,
    data_format: str = "channels_first",
) -> _Array: ...
def adaptive_concat_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: _Sizes = 1, ops: Sequence[str] = ("max", "avg"), *,
    data_format: str = "channels_first",
) -> _Array: ...
def adaptive_concat_pool1d_jvp(
    tangent: ArrayLike, x: ArrayLike, output_size: _Sizes = 1, ops: Sequence[str] = ("max", "avg"), *,
    data_format: str = "channels_first",
) -> _Array: ...
def adaptive_concat_pool2d(
    x: ArrayLike, output_size: _Sizes = 1, ops: Sequence[str] = ("max", "avg"), *,
    data_format: str = "channels_first",
) -> _Array: ...
def adaptive_concat_pool2d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: _Sizes = 1, ops: Sequence[str] = ("max", "avg"), *,
    data_format: str = "channels_first",
) -> _Array: ...
def adaptive_concat_pool2d_jvp(
    tangent: ArrayLike, x: ArrayLike, output_size: _Sizes = 1, ops: Sequence[str] = ("max", "avg"), *,
    data_format: str = "channels_first",
) -> _Array: ...
def adaptive_concat_pool3d(
    x: ArrayLike, output_size: _Sizes = 1, ops: Sequence[str] = ("max", "avg"), *,
    data_format: str = "channels_first",
) -> _Array: ...
def adaptive_concat_pool3d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: _Sizes = 1, ops: Sequence[str] = ("max", "avg"), *,
    data_format: str = "channels_first",
) -> _Array: ...
def adaptive_concat_pool3d_jvp(
    tangent: ArrayLike, x: ArrayLike, output_size: _Sizes = 1, ops: Sequence[str] = ("max", "avg"), *,
    data_format: str = "channels_first",
) -> _Array: ...

# ---- blocks ----

def block_reduce(
    x: ArrayLike, block_size: _Ints = 2, func: str | Callable[..., Any] = "sum", cval: complex = 0,
    func_kwargs: dict[str, Any] | None = None, *, edge: str = "pad",
) -> _Array: ...

def block_reduce_backward(
    grad_output: ArrayLike, x: ArrayLike | tuple[int, ...], block_size: _Ints = 2,
    func: str | Callable[..., Any] = "sum", cval: complex = 0, func_kwargs: dict[str, Any] | None = None, *,
    edge: str = "pad", out: _Array | None = None,
) -> _Array: ...
def block_reduce_jvp(
    tangent: ArrayLike, x: ArrayLike | tuple[int, ...], block_size: _Ints = 2,
    func: str | Callable[..., Any] = "sum", cval: complex = 0, func_kwargs: dict[str, Any] | None = None, *,
    edge: str = "pad", out: _Array | None = None,
) -> _Array: ...

# ---- the largest of every line ----

@overload
def kmax_pool(
    x: ArrayLike, k: SupportsIndex, return_indices: Literal[False] = False, *, axis: _Ints = -1,
    index_dtype: DTypeLike | None = None, nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | None = None,
) -> _Array: ...
@overload
def kmax_pool(
    x: ArrayLike, k: SupportsIndex, return_indices: Literal[True], *, axis: _Ints = -1,
    index_dtype: DTypeLike | None = None, nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | tuple[_Array, _Array] | None = None,
) -> tuple[_Array, _Array]: ...
def kmax_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, k: SupportsIndex, return_indices: bool = False, *,
    indices: ArrayLike | None = None, axis: _Ints = -1, index_dtype: DTypeLike | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
def kmax_pool_jvp(
    tangent: ArrayLike, x: ArrayLike, k: SupportsIndex, return_indices: bool = False, *, axis: _Ints = -1,
    index_dtype: DTypeLike | None = None, nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | None = None,
) -> _Array: ...
def dynamic_k(
    k_top: SupportsIndex, layer: SupportsIndex, layers: SupportsIndex, length: SupportsIndex,
) -> int: ...

# ---- layers ----

# sequences
def token_pool(
    x: ArrayLike, mask: ArrayLike | None = None, *, lengths: ArrayLike | None = None,
    mode: str | Sequence[str] = "mean", dtype: DTypeLike | None = None, empty: _Number | None = None,
    out: _Array | None = None,
) -> _Array: ...
def token_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, mask: ArrayLike | None = None, *,
    lengths: ArrayLike | None = None, mode: str | Sequence[str] = "mean",
    dtype: DTypeLike | None = None, empty: _Number | None = None, out: _Array | None = None,
) -> _Array: ...
def token_pool_jvp(
    tangent: ArrayLike, x: ArrayLike, mask: ArrayLike | None = None, *,
    lengths: ArrayLike | None = None, mode: str | Sequence[str] = "mean",
    dtype: DTypeLike | None = None, empty: _Number | None = None, out: _Array | None = None,
) -> _Array: ...
@overload
def max_over_time_pool(
    x: ArrayLike, mask: ArrayLike | None = None, *, lengths: ArrayLike | None = None,
    return_indices: Literal[False] = False, index_dtype: DTypeLike | None = None,
    empty: _Number | None = None, out: _Array | None = None,
) -> _Array: ...
@overload
def max_over_time_pool(
    x: ArrayLike, mask: ArrayLike | None = None, *, lengths: ArrayLike | None = None,
    return_indices: Literal[True], index_dtype: DTypeLike | None = None, empty: _Number | None = None,
    out: _Array | tuple[_Array, _Array] | None = None,
) -> tuple[_Array, _Array]: ...
def max_over_time_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, mask: ArrayLike | None = None, *,
    indices: ArrayLike | None = None, lengths: ArrayLike | None = None, return_indices: bool = False,
    index_dtype: DTypeLike | None = None, empty: _Number | None = None, out: _Array | None = None,
) -> _Array: ...
def max_over_time_pool_jvp(
    tangent: ArrayLike, x: ArrayLike, mask: ArrayLike | None = None, *,
    lengths: ArrayLike | None = None, return_indices: bool = False,
    index_dtype: DTypeLike | None = None, empty: _Number | None = None, out: _Array | None = None,
) -> _Array: ...
@overload
def segment_pool(
    x: ArrayLike, offsets: ArrayLike | None = None, op: str = "sum", *,
    lengths: ArrayLike | None = None, weights: ArrayLike | None = None, k: SupportsIndex | None = None,
    correction: float = 0, return_indices: Literal[False] = False, index_dtype: DTypeLike | None = None,
    dtype: DTypeLike | None = None, empty: _Number | None = None, out: _Array | None = None,
) -> _Array: ...
@overload
def segment_pool(
    x: ArrayLike, offsets: ArrayLike | None = None, op: str = "sum", *,
    lengths: ArrayLike | None = None, weights: ArrayLike | None = None, k: SupportsIndex | None = None,
    correction: float = 0, return_indices: Literal[True], index_dtype: DTypeLike | None = None,
    dtype: DTypeLike | None = None, empty: _Number | None = None, out: _Array | tuple[_Array,
    _Array] | None = None,
) -> tuple[_Array, _Array]: ...
@overload
def segment_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, offsets: ArrayLike | None = None, op: str = "sum", *,
    indices: ArrayLike | None = None, lengths: ArrayLike | None = None, weights: None = None,
    k: SupportsIndex | None = None, correction: float = 0, return_indices: bool = False,
    index_dtype: DTypeLike | None = None, dtype: DTypeLike | None = None, empty: _Number | None = None,
    out: _Array | None = None,
) -> _Array: ...
@overload
def segment_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, offsets: ArrayLike | None = None, op: str = "sum", *,
    indices: ArrayLike | None = None, lengths: ArrayLike | None = None, weights: ArrayLike,
    k: SupportsIndex | None = None, correction: float = 0, return_indices: bool = False,
    index_dtype: DTypeLike | None = None, dtype: DTypeLike | None = None, empty: _Number | None = None,
    out: _Array | None = None,
) -> tuple[_Array, _Array]: ...
def segment_pool_jvp(
    tangent: ArrayLike, x: ArrayLike, offsets: ArrayLike | None = None, op: str = "sum", *,
    lengths: ArrayLike | None = None, weights: ArrayLike | None = None,
    weights_tangent: ArrayLike | None = None, k: SupportsIndex | None = None, correction: float = 0,
    return_indices: bool = False, index_dtype: DTypeLike | None = None, dtype: DTypeLike | None = None,
    empty: _Number | None = None, out: _Array | None = None,
) -> _Array: ...
def stats_pool(
    x: ArrayLike, mask: ArrayLike | None = None, *, lengths: ArrayLike | None = None,
    weights: ArrayLike | None = None, correction: float = 0, dtype: DTypeLike | None = None,
    empty: _Number | None = None, out: _Array | None = None,
) -> _Array: ...
@overload
def stats_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, mask: ArrayLike | None = None, *,
    lengths: ArrayLike | None = None, weights: None = None, correction: float = 0,
    dtype: DTypeLike | None = None, empty: _Number | None = None, out: _Array | None = None,
) -> _Array: ...
@overload
def stats_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, mask: ArrayLike | None = None, *,
    lengths: ArrayLike | None = None, weights: ArrayLike, correction: float = 0,
    dtype: DTypeLike | None = None, empty: _Number | None = None, out: _Array | None = None,
) -> tuple[_Array, _Array]: ...
def stats_pool_jvp(
    tangent: ArrayLike, x: ArrayLike, mask: ArrayLike | None = None, *,
    lengths: ArrayLike | None = None, weights: ArrayLike | None = None,
    weights_tangent: ArrayLike | None = None, correction: float = 0, dtype: DTypeLike | None = None,
    empty: _Number | None = None, out: _Array | None = None,
) -> _Array: ...
@overload
def attention_pool(
    x: ArrayLike, scores: ArrayLike | None = None, mask: ArrayLike | None = None, *,
    query: ArrayLike | None = None, scale: float = 1.0, lengths: ArrayLike | None = None,
    return_weights: Literal[False] = False, dtype: DTypeLike | None = None,
    empty: _Number | None = None, out: _Array | None = None,
) -> _Array: ...
@overload
def attention_pool(
    x: ArrayLike, scores: ArrayLike | None = None, mask: ArrayLike | None = None, *,
    query: ArrayLike | None = None, scale: float = 1.0, lengths: ArrayLike | None = None,
    return_weights: Literal[True], dtype: DTypeLike | None = None, empty: _Number | None = None,
    out: _Array | None = None,
) -> tuple[_Array, _Array]: ...
def attention_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, scores: ArrayLike | None = None,
    mask: ArrayLike | None = None, *, query: ArrayLike | None = None, scale: float = 1.0,
    lengths: ArrayLike | None = None, return_weights: bool = False, dtype: DTypeLike | None = None,
    empty: _Number | None = None, out: _Array | None = None,
) -> tuple[_Array, _Array]: ...
def attention_pool_jvp(
    tangent: ArrayLike, x: ArrayLike, scores: ArrayLike | None = None, mask: ArrayLike | None = None, *,
    query: ArrayLike | None = None, scores_tangent: ArrayLike | None = None,
    query_tangent: ArrayLike | None = None, scale: float = 1.0, lengths: ArrayLike | None = None,
    return_weights: bool = False, dtype: DTypeLike | None = None, empty: _Number | None = None,
    out: _Array | None = None,
) -> _Array: ...
@overload
def attentive_stats_pool(
    x: ArrayLike, scores: ArrayLike | None = None, mask: ArrayLike | None = None, *,
    query: ArrayLike | None = None, scale: float = 1.0, lengths: ArrayLike | None = None,
    return_weights: Literal[False] = False, dtype: DTypeLike | None = None,
    empty: _Number | None = None, out: _Array | None = None,
) -> _Array: ...
@overload
def attentive_stats_pool(
    x: ArrayLike, scores: ArrayLike | None = None, mask: ArrayLike | None = None, *,
    query: ArrayLike | None = None, scale: float = 1.0, lengths: ArrayLike | None = None,
    return_weights: Literal[True], dtype: DTypeLike | None = None, empty: _Number | None = None,
    out: _Array | None = None,
) -> tuple[_Array, _Array]: ...
def attentive_stats_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, scores: ArrayLike | None = None,
    mask: ArrayLike | None = None, *, query: ArrayLike | None = None, scale: float = 1.0,
    lengths: ArrayLike | None = None, return_weights: bool = False, dtype: DTypeLike | None = None,
    empty: _Number | None = None, out: _Array | None = None,
) -> tuple[_Array, _Array]: ...
def attentive_stats_pool_jvp(
    tangent: ArrayLike, x: ArrayLike, scores: ArrayLike | None = None, mask: ArrayLike | None = None, *,
    query: ArrayLike | None = None, scores_tangent: ArrayLike | None = None,
    query_tangent: ArrayLike | None = None, scale: float = 1.0, lengths: ArrayLike | None = None,
    return_weights: bool = False, dtype: DTypeLike | None = None, empty: _Number | None = None,
    out: _Array | None = None,
) -> _Array: ...

class Pool1dStream:
    op: str
    kernel_size: int
    stride: int
    padding: tuple[int, int]
    dilation: int
    ceil_mode: bool
    axis: int
    options: dict[str, Any]
    def __init__(
        self, op: str, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0,
        dilation: _Ints = 1, ceil_mode: bool = False, *, axis: int = -1, return_indices: bool = False,
        index_dtype: DTypeLike | None = None, count_include_pad: bool | None = None,
        divisor_override: int | None = None, norm_type: float = 2, normalize: bool = False,
        dtype: DTypeLike | None = None,
    ) -> None: ...
    def reset(self) -> None: ...
    def push(self, piece: ArrayLike) -> Any: ...
    def finish(self) -> Any: ...

# end of sequences
class _Layer:
    def __getattr__(self, name: str, /) -> Any: ...  # the arguments, each by its name
    def __call__(self, x: ArrayLike) -> Any: ...
    def backward(self, grad_output: ArrayLike) -> _Array: ...

class MaxPool1d(_Layer):
    def __init__(
        self, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0, dilation: _Ints = 1,
        ceil_mode: bool = False, return_indices: bool = False, *, data_format: str = "channels_first",
        axis: _Ints | None = None, index_dtype: DTypeLike | None = None, nan_policy: str = "propagate",
    ) -> None: ...

class MaxPool2d(_Layer):
    def __init__(
        self, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0, dilation: _Ints = 1,
        ceil_mode: bool = False, return_indices: bool = False, *, data_format: str = "channels_first",
        axis: _Ints | None = None, index_dtype: DTypeLike | None = None, nan_policy: str = "propagate",
    ) -> None: ...

class MaxPool3d(_Layer):
    def __init__(
        self, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0, dilation: _Ints = 1,
        ceil_mode: bool = False, return_indices: bool = False, *, data_format: str = "channels_first",
        axis: _Ints | None = None, index_dtype: DTypeLike | None = None, nan_policy: str = "propagate",
    ) -> None: ...

class MinPool1d(_Layer):
    def __init__(
        self, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0, dilation: _Ints = 1,
        ceil_mode: bool = False, return_indices: bool = False, *, data_format: str = "channels_first",
        axis: _Ints | None = None, index_dtype: DTypeLike | None = None, nan_policy: str = "propagate",
    ) -> None: ...

class MinPool2d(_Layer):
    def __init__(
        self, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0, dilation: _Ints = 1,
        ceil_mode: bool = False, return_indices: bool = False, *, data_format: str = "channels_first",
        axis: _Ints | None = None, index_dtype: DTypeLike | None = None, nan_policy: str = "propagate",
    ) -> None: ...

class MinPool3d(_Layer):
    def __init__(
        self, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0, dilation: _Ints = 1,
        ceil_mode: bool = False, return_indices: bool = False, *, data_format: str = "channels_first",
        axis: _Ints | None = None, index_dtype: DTypeLike | None = None, nan_policy: str = "propagate",
    ) -> None: ...

class AvgPool1d(_Layer):
    def __init__(
        self, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0,
        ceil_mode: bool = False, count_include_pad: bool | None = None,
        divisor_override: SupportsIndex | None = None, *, dilation: _Ints = 1,
        dtype: DTypeLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
        nan_policy: str = "propagate",
    ) -> None: ...

class AvgPool2d(_Layer):
    def __init__(
        self, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0,
        ceil_mode: bool = False, count_include_pad: bool | None = None,
        divisor_override: SupportsIndex | None = None, *, dilation: _Ints = 1,
        dtype: DTypeLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
        nan_policy: str = "propagate",
    ) -> None: ...

class AvgPool3d(_Layer):
    def __init__(
        self, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0,
        ceil_mode: bool = False, count_include_pad: bool | None = None,
        divisor_override: SupportsIndex | None = None, *, dilation: _Ints = 1,
        dtype: DTypeLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
        nan_policy: str = "propagate",
    ) -> None: ...

class SumPool1d(_Layer):
    def __init__(
        self, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0,
        ceil_mode: bool = False, *, dilation: _Ints = 1, dtype: DTypeLike | None = None,
        data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    ) -> None: ...

class SumPool2d(_Layer):
    def __init__(
        self, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0,
        ceil_mode: bool = False, *, dilation: _Ints = 1, dtype: DTypeLike | None = None,
        data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    ) -> None: ...

class SumPool3d(_Layer):
    def __init__(
        self, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0,
        ceil_mode: bool = False, *, dilation: _Ints = 1, dtype: DTypeLike | None = None,
        data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    ) -> None: ...

class LpPool1d(_Layer):
    def __init__(
        self, norm_type: float, kernel_size: _Ints, stride: _Ints | None = None, ceil_mode: bool = False, *,
        padding: _Padding = 0, dilation: _Ints = 1, normalize: bool = False, dtype: DTypeLike | None = None,
        data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    ) -> None: ...

class LpPool2d(_Layer):
    def __init__(
        self, norm_type: float, kernel_size: _Ints, stride: _Ints | None = None, ceil_mode: bool = False, *,
        padding: _Padding = 0, dilation: _Ints = 1, normalize: bool = False, dtype: DTypeLike | None = None,
        data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    ) -> None: ...

class LpPool3d(_Layer):
    def __init__(
        self, norm_type: float, kernel_size: _Ints, stride: _Ints | None = None, ceil_mode: bool = False, *,
        padding: _Padding = 0, dilation: _Ints = 1, normalize: bool = False, dtype: DTypeLike | None = None,
        data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    ) -> None: ...

class AdaptiveMaxPool1d(_Layer):
    def __init__(
        self, output_size: _Sizes, return_indices: bool = False, *, data_format: str = "channels_first",
        axis: _Ints | None = None, index_dtype: DTypeLike | None = None, nan_policy: str = "propagate",
    ) -> None: ...

class AdaptiveMaxPool2d(_Layer):
    def __init__(
        self, output_size: _Sizes, return_indices: bool = False, *, data_format: str = "channels_first",
        axis: _Ints | None = None, index_dtype: DTypeLike | None = None, nan_policy: str = "propagate",
    ) -> None: ...

class AdaptiveMaxPool3d(_Layer):
    def __init__(
        self, output_size: _Sizes, return_indices: bool = False, *, data_format: str = "channels_first",
        axis: _Ints | None = None, index_dtype: DTypeLike | None = None, nan_policy: str = "propagate",
    ) -> None: ...

class AdaptiveMinPool1d(_Layer):
    def __init__(
        self, output_size: _Sizes, return_indices: bool = False, *, data_format: str = "channels_first",
        axis: _Ints | None = None, index_dtype: DTypeLike | None = None, nan_policy: str = "propagate",
    ) -> None: ...

class AdaptiveMinPool2d(_Layer):
    def __init__(
        self, output_size: _Sizes, return_indices: bool = False, *, data_format: str = "channels_first",
        axis: _Ints | None = None, index_dtype: DTypeLike | None = None, nan_policy: str = "propagate",
    ) -> None: ...

class AdaptiveMinPool3d(_Layer):
    def __init__(
        self, output_size: _Sizes, return_indices: bool = False, *, data_format: str = "channels_first",
        axis: _Ints | None = None, index_dtype: DTypeLike | None = None, nan_policy: str = "propagate",
    ) -> None: ...

class AdaptiveAvgPool1d(_Layer):
    def __init__(
        self, output_size: _Sizes, *, dtype: DTypeLike | None = None, data_format: str = "channels_first",
        axis: _Ints | None = None, nan_policy: str = "propagate",
    ) -> None: ...

class AdaptiveAvgPool2d(_Layer):
    def __init__(
        self, output_size: _Sizes, *, dtype: DTypeLike | None = None, data_format: str = "channels_first",
        axis: _Ints | None = None, nan_policy: str = "propagate",
    ) -> None: ...

class AdaptiveAvgPool3d(_Layer):
    def __init__(
        self, output_size: _Sizes, *, dtype: DTypeLike | None = None, data_format: str = "channels_first",
        axis: _Ints | None = None, nan_policy: str = "propagate",
    ) -> None: ...

class AdaptiveSumPool1d(_Layer):
    def __init__(
        self, output_size: _Sizes, *, dtype: DTypeLike | None = None, data_format: str = "channels_first",
        axis: _Ints | None = None, nan_policy: str = "propagate",
    ) -> None: ...

class AdaptiveSumPool2d(_Layer):
    def __init__(
        self, output_size: _Sizes, *, dtype: DTypeLike | None = None, data_format: str = "channels_first",
        axis: _Ints | None = None, nan_policy: str = "propagate",
    ) -> None: ...

class AdaptiveSumPool3d(_Layer):
    def __init__(
        self, output_size: _Sizes, *, dtype: DTypeLike | None = None, data_format: str = "channels_first",
        axis: _Ints | None = None, nan_policy: str = "propagate",
    ) -> None: ...

class AdaptiveLpPool1d(_Layer):
    def __init__(
        self, norm_type: float, output_size: _Sizes, *, normalize: bool = False,
        dtype: DTypeLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
        nan_policy: str = "propagate",
    ) -> None: ...

class AdaptiveLpPool2d(_Layer):
    def __init__(
        self, norm_type: float, output_size: _Sizes, *, normalize: bool = False,
        dtype: DTypeLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
        nan_policy: str = "propagate",
    ) -> None: ...

class AdaptiveLpPool3d(_Layer):
    def __init__(
        self, norm_type: float, output_size: _Sizes, *, normalize: bool = False,
        dtype: DTypeLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
        nan_policy: str = "propagate",
    ) -> None: ...

class GlobalMaxPool(_Layer):
    def __init__(
        self, *, spatial_ndim: SupportsIndex | None = None, data_format: str = "channels_first",
        axis: _Ints | None = None, keepdims: bool = False, return_indices: bool = False,
        index_dtype: DTypeLike | None = None, nan_policy: str = "propagate",
    ) -> None: ...

class GlobalMinPool(_Layer):
    def __init__(
        self, *, spatial_ndim: SupportsIndex | None = None, data_format: str = "channels_first",
        axis: _Ints | None = None, keepdims: bool = False, return_indices: bool = False,
        index_dtype: DTypeLike | None = None, nan_policy: str = "propagate",
    ) -> None: ...

class GlobalAvgPool(_Layer):
    def __init__(
        self, *, spatial_ndim: SupportsIndex | None = None, data_format: str = "channels_first",
        axis: _Ints | None = None, keepdims: bool = False, dtype: DTypeLike | None = None,
        nan_policy: str = "propagate",
    ) -> None: ...

class GlobalSumPool(_Layer):
    def __init__(
        self, *, spatial_ndim: SupportsIndex | None = None, data_format: str = "channels_first",
        axis: _Ints | None = None, keepdims: bool = False, dtype: DTypeLike | None = None,
        nan_policy: str = "propagate",
    ) -> None: ...

class GlobalLpPool(_Layer):
    def __init__(
        self, norm_type: float, *, spatial_ndim: SupportsIndex | None = None,
        data_format: str = "channels_first", axis: _Ints | None = None, keepdims: bool = False,
        normalize: bool = False, dtype: DTypeLike | None = None, nan_policy: str = "propagate",
    ) -> None: ...

class MaxUnpool1d(_Layer):
    def __init__(
        self, kernel_size: _Ints, stride: _Ints | None = None, padding: _Ints = 0, *,
        data_format: str = "channels_first", mode: str = "last",
    ) -> None: ...
    def __call__(  # type: ignore[override]
        self, x: ArrayLike, indices: ArrayLike, output_size: Sequence[SupportsIndex] | None = None,
    ) -> _Array: ...

class MaxUnpool2d(_Layer):
    def __init__(
        self, kernel_size: _Ints, stride: _Ints | None = None, padding: _Ints = 0, *,
        data_format: str = "channels_first", mode: str = "last",
    ) -> None: ...
    def __call__(  # type: ignore[override]
        self, x: ArrayLike, indices: ArrayLike, output_size: Sequence[SupportsIndex] | None = None,
    ) -> _Array: ...

class MaxUnpool3d(_Layer):
    def __init__(
        self, kernel_size: _Ints, stride: _Ints | None = None, padding: _Ints = 0, *,
        data_format: str = "channels_first", mode: str = "last",
    ) -> None: ...
    def __call__(  # type: ignore[override]
        self, x: ArrayLike, indices: ArrayLike, output_size: Sequence[SupportsIndex] | None = None,
    ) -> _Array: ...

class RoIPool(_Layer):
    def __init__(
        self, output_size: _Ints, spatial_scale: float = 1.0, return_indices: bool = False, *,
        data_format: str = "channels_first", index_dtype: DTypeLike | None = None,
    ) -> None: ...
    def __call__(  # type: ignore[override]
        self, x: ArrayLike, boxes: _Boxes, batch_indices: ArrayLike | None = None,
    ) -> Any: ...

class RoIAlign(_Layer):
    def __init__(
        self, output_size: _Ints, spatial_scale: float = 1.0, sampling_ratio: SupportsIndex = -1,
        aligned: bool = False, *, mode: str = "avg", coordinate_transformation_mode: str | None = None,
        data_format: str = "channels_first",
    ) -> None: ...
    def __call__(  # type: ignore[override]
        self, x: ArrayLike, boxes: _Boxes, batch_indices: ArrayLike | None = None,
    ) -> Any: ...

class PSRoIPool(_Layer):
    def __init__(
        self, output_size: _Ints, spatial_scale: float = 1.0, *, data_format: str = "channels_first",
    ) -> None: ...
    def __call__(  # type: ignore[override]
        self, x: ArrayLike, boxes: _Boxes, batch_indices: ArrayLike | None = None,
    ) -> Any: ...

class PSRoIAlign(_Layer):
    def __init__(
        self, output_size: _Ints, spatial_scale: float = 1.0, sampling_ratio: SupportsIndex = -1, *,
        data_format: str = "channels_first",
    ) -> None: ...
    def __call__(  # type: ignore[override]
        self, x: ArrayLike, boxes: _Boxes, batch_indices: ArrayLike | None = None,
    ) -> Any: ...

class PrRoIPool(_Layer):
    def __init__(
        self, output_size: _Ints, spatial_scale: float = 1.0, *, data_format: str = "channels_first",
    ) -> None: ...
    def __call__(  # type: ignore[override]
        self, x: ArrayLike, boxes: _Boxes, batch_indices: ArrayLike | None = None,
    ) -> Any: ...
    def backward(self, grad_output: ArrayLike) -> tuple[_Array, Any]: ...  # type: ignore[override]

class PoolPyramid(_Layer):
    def __init__(
        self, levels: SupportsIndex, factor: _Ints = 2, op: str = "avg", *,
        spatial_ndim: SupportsIndex | None = None, data_format: str = "channels_first",
    ) -> None: ...
    def backward(self, grad_output: Sequence[ArrayLike]) -> _Array: ...  # type: ignore[override]

class SpatialPyramidPool(_Layer):
    def __init__(
        self, levels: Sequence[_Ints] = (1, 2, 4), op: str = "max", *,
        spatial_ndim: SupportsIndex | None = None, data_format: str = "channels_first",
    ) -> None: ...

class StripPool(_Layer):
    def __init__(
        self, op: str = "avg", *, spatial_ndim: SupportsIndex | None = None,
        data_format: str = "channels_first",
    ) -> None: ...
    def backward(self, grad_output: Sequence[ArrayLike]) -> _Array: ...  # type: ignore[override]

class AdaptiveConcatPool1d(_Layer):
    def __init__(
        self, output_size: _Sizes = 1, ops: Sequence[str] = ("max", "avg"), *,
        data_format: str = "channels_first",
    ) -> None: ...

class AdaptiveConcatPool2d(_Layer):
    def __init__(
        self, output_size: _Sizes = 1, ops: Sequence[str] = ("max", "avg"), *,
        data_format: str = "channels_first",
    ) -> None: ...

class AdaptiveConcatPool3d(_Layer):
    def __init__(
        self, output_size: _Sizes = 1, ops: Sequence[str] = ("max", "avg"), *,
        data_format: str = "channels_first",
    ) -> None: ...

class BlurPool1d(_Layer):
    def __init__(
        self, blur_size: SupportsIndex = 4, stride: _Ints = 2, padding: str = "reflect", *,
        data_format: str = "channels_first",
    ) -> None: ...

class MaxBlurPool1d(_Layer):
    def __init__(
        self, kernel_size: _Ints = 2, stride: _Ints = 2, blur_size: SupportsIndex = 4,
        padding: str = "reflect", *, data_format: str = "channels_first",
    ) -> None: ...

class BlurPool2d(_Layer):
    def __init__(
        self, blur_size: SupportsIndex = 4, stride: _Ints = 2, padding: str = "reflect", *,
        data_format: str = "channels_first",
    ) -> None: ...

class MaxBlurPool2d(_Layer):
    def __init__(
        self, kernel_size: _Ints = 2, stride: _Ints = 2, blur_size: SupportsIndex = 4,
        padding: str = "reflect", *, data_format: str = "channels_first",
    ) -> None: ...

class BlurPool3d(_Layer):
    def __init__(
        self, blur_size: SupportsIndex = 4, stride: _Ints = 2, padding: str = "reflect", *,
        data_format: str = "channels_first",
    ) -> None: ...

class MaxBlurPool3d(_Layer):
    def __init__(
        self, kernel_size: _Ints = 2, stride: _Ints = 2, blur_size: SupportsIndex = 4,
        padding: str = "reflect", *, data_format: str = "channels_first",
    ) -> None: ...

# ---- converters ----

def from_torch(module: Any, *, data_format: str = "channels_first") -> Any: ...
def from_keras(layer: Any) -> Any: ...
def from_onnx(node: Any, *, opset: int | None = None) -> Any: ...

class KMaxPool(_Layer):
    def __init__(
        self, k: SupportsIndex, return_indices: bool = False, *, axis: _Ints = -1,
        index_dtype: DTypeLike | None = None, nan_policy: str = "propagate",
    ) -> None: ...

class TokenPool(_Layer):
    def __init__(
        self, mode: str | Sequence[str] = "mean", *, dtype: DTypeLike | None = None,
        empty: _Number | None = None,
    ) -> None: ...
    def __call__(
        self, x: ArrayLike, mask: ArrayLike | None = None, *, lengths: ArrayLike | None = None,
    ) -> _Array: ...

class MaxOverTimePool(_Layer):
    def __init__(
        self, *, return_indices: bool = False, index_dtype: DTypeLike | None = None,
        empty: _Number | None = None,
    ) -> None: ...
    def __call__(
        self, x: ArrayLike, mask: ArrayLike | None = None, *, lengths: ArrayLike | None = None,
    ) -> Any: ...

class SegmentPool(_Layer):
    grad_weights: _Array | None
    def __init__(
        self, op: str = "sum", *, k: SupportsIndex | None = None, correction: float = 0,
        return_indices: bool = False, index_dtype: DTypeLike | None = None,
        dtype: DTypeLike | None = None, empty: _Number | None = None,
    ) -> None: ...
    def __call__(
        self, x: ArrayLike, offsets: ArrayLike | None = None, *, lengths: ArrayLike | None = None,
        weights: ArrayLike | None = None,
    ) -> Any: ...

class StatsPool(_Layer):
    grad_weights: _Array | None
    def __init__(
        self, *, correction: float = 0, dtype: DTypeLike | None = None, empty: _Number | None = None,
    ) -> None: ...
    def __call__(
        self, x: ArrayLike, mask: ArrayLike | None = None, *, lengths: ArrayLike | None = None,
        weights: ArrayLike | None = None,
    ) -> _Array: ...

class AttentionPool(_Layer):
    query: ArrayLike | None
    grad_query: _Array | None
    grad_scores: _Array | None
    def __init__(
        self, query: ArrayLike | None = None, *, scale: float = 1.0, return_weights: bool = False,
        dtype: DTypeLike | None = None, empty: _Number | None = None,
    ) -> None: ...
    def __call__(
        self, x: ArrayLike, scores: ArrayLike | None = None, mask: ArrayLike | None = None, *,
        lengths: ArrayLike | None = None,
    ) -> Any: ...

class AttentiveStatsPool(_Layer):
    query: ArrayLike | None
    grad_query: _Array | None
    grad_scores: _Array | None
    def __init__(
        self, query: ArrayLike | None = None, *, scale: float = 1.0, return_weights: bool = False,
        dtype: DTypeLike | None = None, empty: _Number | None = None,
    ) -> None: ...
    def __call__(
        self, x: ArrayLike, scores: ArrayLike | None = None, mask: ArrayLike | None = None, *,
        lengths: ArrayLike | None = None,
    ) -> Any: ...
