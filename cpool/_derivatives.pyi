"""Derivatives along tangents (``..._jvp``) of the operators in `functional`, made from their signatures."""

from collections.abc import Sequence
from typing import Any, SupportsIndex, TypeAlias

from numpy.typing import ArrayLike, DTypeLike, NDArray

_Array: TypeAlias = NDArray[Any]
_Ints: TypeAlias = SupportsIndex | Sequence[SupportsIndex]
_Sizes: TypeAlias = SupportsIndex | Sequence[SupportsIndex | None] | None
_Padding: TypeAlias = _Ints | Sequence[Sequence[SupportsIndex]] | str

__all__ = [
    "adaptive_avg_pool1d_jvp",
    "adaptive_avg_pool2d_jvp",
    "adaptive_avg_pool3d_jvp",
    "adaptive_lp_pool1d_jvp",
    "adaptive_lp_pool2d_jvp",
    "adaptive_lp_pool3d_jvp",
    "adaptive_max_pool1d_jvp",
    "adaptive_max_pool2d_jvp",
    "adaptive_max_pool3d_jvp",
    "adaptive_min_pool1d_jvp",
    "adaptive_min_pool2d_jvp",
    "adaptive_min_pool3d_jvp",
    "adaptive_sum_pool1d_jvp",
    "adaptive_sum_pool2d_jvp",
    "adaptive_sum_pool3d_jvp",
    "avg_pool1d_jvp",
    "avg_pool2d_jvp",
    "avg_pool3d_jvp",
    "global_avg_pool_jvp",
    "global_lp_pool_jvp",
    "global_max_pool_jvp",
    "global_min_pool_jvp",
    "global_sum_pool_jvp",
    "lp_pool1d_jvp",
    "lp_pool2d_jvp",
    "lp_pool3d_jvp",
    "max_pool1d_jvp",
    "max_pool2d_jvp",
    "max_pool3d_jvp",
    "max_unpool1d_jvp",
    "max_unpool2d_jvp",
    "max_unpool3d_jvp",
    "min_pool1d_jvp",
    "min_pool2d_jvp",
    "min_pool3d_jvp",
    "sum_pool1d_jvp",
    "sum_pool2d_jvp",
    "sum_pool3d_jvp",
]

def max_pool1d_jvp(
    tangent: ArrayLike, x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0,
    dilation: _Ints = 1, ceil_mode: bool = False, return_indices: bool = False, *,
    indices: ArrayLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
    index_dtype: DTypeLike | None = None, nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | None = None,
) -> _Array: ...
max_pool2d_jvp = max_pool1d_jvp
max_pool3d_jvp = max_pool1d_jvp
def adaptive_max_pool1d_jvp(
    tangent: ArrayLike, x: ArrayLike, output_size: _Sizes, return_indices: bool = False, *,
    indices: ArrayLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
    index_dtype: DTypeLike | None = None, nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | None = None,
) -> _Array: ...
adaptive_max_pool2d_jvp = adaptive_max_pool1d_jvp
adaptive_max_pool3d_jvp = adaptive_max_pool1d_jvp
def global_max_pool_jvp(
    tangent: ArrayLike, x: ArrayLike, *, indices: ArrayLike | None = None,
    spatial_ndim: SupportsIndex | None = None, data_format: str = "channels_first",
    axis: _Ints | None = None, keepdims: bool = False, return_indices: bool = False,
    index_dtype: DTypeLike | None = None, nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | None = None,
) -> _Array: ...
def min_pool1d_jvp(
    tangent: ArrayLike, x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0,
    dilation: _Ints = 1, ceil_mode: bool = False, return_indices: bool = False, *,
    indices: ArrayLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
    index_dtype: DTypeLike | None = None, nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | None = None,
) -> _Array: ...
min_pool2d_jvp = min_pool1d_jvp
min_pool3d_jvp = min_pool1d_jvp
def adaptive_min_pool1d_jvp(
    tangent: ArrayLike, x: ArrayLike, output_size: _Sizes, return_indices: bool = False, *,
    indices: ArrayLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
    index_dtype: DTypeLike | None = None, nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | None = None,
) -> _Array: ...
adaptive_min_pool2d_jvp = adaptive_min_pool1d_jvp
adaptive_min_pool3d_jvp = adaptive_min_pool1d_jvp
def global_min_pool_jvp(
    tangent: ArrayLike, x: ArrayLike, *, indices: ArrayLike | None = None,
    spatial_ndim: SupportsIndex | None = None, data_format: str = "channels_first",
    axis: _Ints | None = None, keepdims: bool = False, return_indices: bool = False,
    index_dtype: DTypeLike | None = None, nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | None = None,
) -> _Array: ...
def avg_pool1d_jvp(
    tangent: ArrayLike, x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0,
    ceil_mode: bool = False, count_include_pad: bool | None = None,
    divisor_override: SupportsIndex | None = None, *, dilation: _Ints = 1, dtype: DTypeLike | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
avg_pool2d_jvp = avg_pool1d_jvp
avg_pool3d_jvp = avg_pool1d_jvp
def adaptive_avg_pool1d_jvp(
    tangent: ArrayLike, x: ArrayLike, output_size: _Sizes, *, dtype: DTypeLike | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
adaptive_avg_pool2d_jvp = adaptive_avg_pool1d_jvp
adaptive_avg_pool3d_jvp = adaptive_avg_pool1d_jvp
def global_avg_pool_jvp(
    tangent: ArrayLike, x: ArrayLike, *, spatial_ndim: SupportsIndex | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, keepdims: bool = False,
    dtype: DTypeLike | None = None, nan_policy: str = "propagate", mask: ArrayLike | None = None,
    weights: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
def sum_pool1d_jvp(
    tangent: ArrayLike, x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0,
    ceil_mode: bool = False, *, dilation: _Ints = 1, dtype: DTypeLike | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
sum_pool2d_jvp = sum_pool1d_jvp
sum_pool3d_jvp = sum_pool1d_jvp
def adaptive_sum_pool1d_jvp(
    tangent: ArrayLike, x: ArrayLike, output_size: _Sizes, *, dtype: DTypeLike | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
adaptive_sum_pool2d_jvp = adaptive_sum_pool1d_jvp
adaptive_sum_pool3d_jvp = adaptive_sum_pool1d_jvp
def global_sum_pool_jvp(
    tangent: ArrayLike, x: ArrayLike, *, spatial_ndim: SupportsIndex | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, keepdims: bool = False,
    dtype: DTypeLike | None = None, nan_policy: str = "propagate", mask: ArrayLike | None = None,
    weights: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
def lp_pool1d_jvp(
    tangent: ArrayLike, x: ArrayLike, norm_type: float, kernel_size: _Ints, stride: _Ints | None = None,
    ceil_mode: bool = False, *, padding: _Padding = 0, dilation: _Ints = 1, normalize: bool = False,
    dtype: DTypeLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None, weights: ArrayLike | None = None,
    out: _Array | None = None,
) -> _Array: ...
lp_pool2d_jvp = lp_pool1d_jvp
lp_pool3d_jvp = lp_pool1d_jvp
def adaptive_lp_pool1d_jvp(
    tangent: ArrayLike, x: ArrayLike, norm_type: float, output_size: _Sizes, *, normalize: bool = False,
    dtype: DTypeLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None, weights: ArrayLike | None = None,
    out: _Array | None = None,
) -> _Array: ...
adaptive_lp_pool2d_jvp = adaptive_lp_pool1d_jvp
adaptive_lp_pool3d_jvp = adaptive_lp_pool1d_jvp
def global_lp_pool_jvp(
    tangent: ArrayLike, x: ArrayLike, norm_type: float, *, spatial_ndim: SupportsIndex | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, keepdims: bool = False,
    normalize: bool = False, dtype: DTypeLike | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
def max_unpool1d_jvp(
    tangent: ArrayLike, x: ArrayLike, indices: ArrayLike | None, kernel_size: _Ints,
    stride: _Ints | None = None, padding: _Padding = 0, output_size: _Ints | None = None, *,
    data_format: str = "channels_first", mode: str = "last", out: _Array | None = None,
) -> _Array: ...
max_unpool2d_jvp = max_unpool1d_jvp
max_unpool3d_jvp = max_unpool1d_jvp
