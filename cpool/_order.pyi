"""Order statistics and spreads of windows: median, rank and quantile, mode, range, variance, deviation."""

from collections.abc import Sequence
from typing import Any, Literal, SupportsIndex, TypeAlias, overload

from numpy.typing import ArrayLike, DTypeLike, NDArray

_Array: TypeAlias = NDArray[Any]
_Ints: TypeAlias = SupportsIndex | Sequence[SupportsIndex]
_Sizes: TypeAlias = SupportsIndex | Sequence[SupportsIndex | None] | None
_Padding: TypeAlias = _Ints | Sequence[Sequence[SupportsIndex]] | str

__all__ = [
    "adaptive_median_pool1d",
    "adaptive_median_pool1d_backward",
    "adaptive_median_pool1d_jvp",
    "adaptive_median_pool2d",
    "adaptive_median_pool2d_backward",
    "adaptive_median_pool2d_jvp",
    "adaptive_median_pool3d",
    "adaptive_median_pool3d_backward",
    "adaptive_median_pool3d_jvp",
    "adaptive_mode_pool1d",
    "adaptive_mode_pool2d",
    "adaptive_mode_pool3d",
    "adaptive_range_pool1d",
    "adaptive_range_pool1d_backward",
    "adaptive_range_pool1d_jvp",
    "adaptive_range_pool2d",
    "adaptive_range_pool2d_backward",
    "adaptive_range_pool2d_jvp",
    "adaptive_range_pool3d",
    "adaptive_range_pool3d_backward",
    "adaptive_range_pool3d_jvp",
    "adaptive_rank_pool1d",
    "adaptive_rank_pool1d_backward",
    "adaptive_rank_pool1d_jvp",
    "adaptive_rank_pool2d",
    "adaptive_rank_pool2d_backward",
    "adaptive_rank_pool2d_jvp",
    "adaptive_rank_pool3d",
    "adaptive_rank_pool3d_backward",
    "adaptive_rank_pool3d_jvp",
    "adaptive_std_pool1d",
    "adaptive_std_pool1d_backward",
    "adaptive_std_pool1d_jvp",
    "adaptive_std_pool2d",
    "adaptive_std_pool2d_backward",
    "adaptive_std_pool2d_jvp",
    "adaptive_std_pool3d",
    "adaptive_std_pool3d_backward",
    "adaptive_std_pool3d_jvp",
    "adaptive_var_pool1d",
    "adaptive_var_pool1d_backward",
    "adaptive_var_pool1d_jvp",
    "adaptive_var_pool2d",
    "adaptive_var_pool2d_backward",
    "adaptive_var_pool2d_jvp",
    "adaptive_var_pool3d",
    "adaptive_var_pool3d_backward",
    "adaptive_var_pool3d_jvp",
    "global_median_pool",
    "global_median_pool_backward",
    "global_median_pool_jvp",
    "global_mode_pool",
    "global_range_pool",
    "global_range_pool_backward",
    "global_range_pool_jvp",
    "global_rank_pool",
    "global_rank_pool_backward",
    "global_rank_pool_jvp",
    "global_std_pool",
    "global_std_pool_backward",
    "global_std_pool_jvp",
    "global_var_pool",
    "global_var_pool_backward",
    "global_var_pool_jvp",
    "median_pool1d",
    "median_pool1d_backward",
    "median_pool1d_jvp",
    "median_pool2d",
    "median_pool2d_backward",
    "median_pool2d_jvp",
    "median_pool3d",
    "median_pool3d_backward",
    "median_pool3d_jvp",
    "mode_pool1d",
    "mode_pool2d",
    "mode_pool3d",
    "range_pool1d",
    "range_pool1d_backward",
    "range_pool1d_jvp",
    "range_pool2d",
    "range_pool2d_backward",
    "range_pool2d_jvp",
    "range_pool3d",
    "range_pool3d_backward",
    "range_pool3d_jvp",
    "rank_pool1d",
    "rank_pool1d_backward",
    "rank_pool1d_jvp",
    "rank_pool2d",
    "rank_pool2d_backward",
    "rank_pool2d_jvp",
    "rank_pool3d",
    "rank_pool3d_backward",
    "rank_pool3d_jvp",
    "std_pool1d",
    "std_pool1d_backward",
    "std_pool1d_jvp",
    "std_pool2d",
    "std_pool2d_backward",
    "std_pool2d_jvp",
    "std_pool3d",
    "std_pool3d_backward",
    "std_pool3d_jvp",
    "var_pool1d",
    "var_pool1d_backward",
    "var_pool1d_jvp",
    "var_pool2d",
    "var_pool2d_backward",
    "var_pool2d_jvp",
    "var_pool3d",
    "var_pool3d_backward",
    "var_pool3d_jvp",
]

@overload
def median_pool1d(
    x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0,
    dilation: _Ints = 1, ceil_mode: bool = False, return_indices: Literal[False] = False, *,
    dtype: DTypeLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
    index_dtype: DTypeLike | None = None, nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | None = None,
) -> _Array: ...
@overload
def median_pool1d(
    x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0,
    dilation: _Ints = 1, ceil_mode: bool = False, *, return_indices: Literal[True],
    dtype: DTypeLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
    index_dtype: DTypeLike | None = None, nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | tuple[_Array, _Array] | None = None,
) -> tuple[_Array, _Array]: ...
median_pool2d = median_pool1d
median_pool3d = median_pool1d
def median_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None,
    padding: _Padding = 0, dilation: _Ints = 1, ceil_mode: bool = False, return_indices: bool = False, *,
    dtype: DTypeLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
    index_dtype: DTypeLike | None = None, nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | None = None,
) -> _Array: ...
median_pool2d_backward = median_pool1d_backward
median_pool3d_backward = median_pool1d_backward
def median_pool1d_jvp(
    tangent: ArrayLike, x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0,
    dilation: _Ints = 1, ceil_mode: bool = False, return_indices: bool = False, *,
    dtype: DTypeLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
    index_dtype: DTypeLike | None = None, nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | None = None,
) -> _Array: ...
median_pool2d_jvp = median_pool1d_jvp
median_pool3d_jvp = median_pool1d_jvp
@overload
def adaptive_median_pool1d(
    x: ArrayLike, output_size: _Sizes, return_indices: Literal[False] = False, *,
    dtype: DTypeLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
    index_dtype: DTypeLike | None = None, nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | None = None,
) -> _Array: ...
@overload
def adaptive_median_pool1d(
    x: ArrayLike, output_size: _Sizes, *, return_indices: Literal[True], dtype: DTypeLike | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, index_dtype: DTypeLike | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | tuple[_Array, _Array] | None = None,
) -> tuple[_Array, _Array]: ...
adaptive_median_pool2d = adaptive_median_pool1d
adaptive_median_pool3d = adaptive_median_pool1d
def adaptive_median_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: _Sizes, return_indices: bool = False, *,
    dtype: DTypeLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
    index_dtype: DTypeLike | None = None, nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | None = None,
) -> _Array: ...
adaptive_median_pool2d_backward = adaptive_median_pool1d_backward
adaptive_median_pool3d_backward = adaptive_median_pool1d_backward
def adaptive_median_pool1d_jvp(
    tangent: ArrayLike, x: ArrayLike, output_size: _Sizes, return_indices: bool = False, *,
    dtype: DTypeLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
    index_dtype: DTypeLike | None = None, nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | None = None,
) -> _Array: ...
adaptive_median_pool2d_jvp = adaptive_median_pool1d_jvp
adaptive_median_pool3d_jvp = adaptive_median_pool1d_jvp
@overload
def global_median_pool(
    x: ArrayLike, *, spatial_ndim: SupportsIndex | None = None, data_format: str = "channels_first",
    axis: _Ints | None = None, keepdims: bool = False, return_indices: Literal[False] = False,
    index_dtype: DTypeLike | None = None, dtype: DTypeLike | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
@overload
def global_median_pool(
    x: ArrayLike, *, spatial_ndim: SupportsIndex | None = None, data_format: str = "channels_first",
    axis: _Ints | None = None, keepdims: bool = False, return_indices: Literal[True],
    index_dtype: DTypeLike | None = None, dtype: DTypeLike | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, out: _Array | tuple[_Array, _Array] | None = None,
) -> tuple[_Array, _Array]: ...
def global_median_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, *, spatial_ndim: SupportsIndex | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, keepdims: bool = False,
    return_indices: bool = False, index_dtype: DTypeLike | None = None, dtype: DTypeLike | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
def global_median_pool_jvp(
    tangent: ArrayLike, x: ArrayLike, *, spatial_ndim: SupportsIndex | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, keepdims: bool = False,
    return_indices: bool = False, index_dtype: DTypeLike | None = None, dtype: DTypeLike | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
@overload
def rank_pool1d(
    x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0,
    dilation: _Ints = 1, ceil_mode: bool = False, return_indices: Literal[False] = False, *,
    rank: SupportsIndex | None = None, q: float | None = None, method: str = "linear",
    dtype: DTypeLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
    index_dtype: DTypeLike | None = None, nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | None = None,
) -> _Array: ...
@overload
def rank_pool1d(
    x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0,
    dilation: _Ints = 1, ceil_mode: bool = False, *, return_indices: Literal[True],
    rank: SupportsIndex | None = None, q: float | None = None, method: str = "linear",
    dtype: DTypeLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
    index_dtype: DTypeLike | None = None, nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | tuple[_Array, _Array] | None = None,
) -> tuple[_Array, _Array]: ...
rank_pool2d = rank_pool1d
rank_pool3d = rank_pool1d
def rank_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None,
    padding: _Padding = 0, dilation: _Ints = 1, ceil_mode: bool = False, return_indices: bool = False, *,
    rank: SupportsIndex | None = None, q: float | None = None, method: str = "linear",
    dtype: DTypeLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
    index_dtype: DTypeLike | None = None, nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | None = None,
) -> _Array: ...
rank_pool2d_backward = rank_pool1d_backward
rank_pool3d_backward = rank_pool1d_backward
def rank_pool1d_jvp(
    tangent: ArrayLike, x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0,
    dilation: _Ints = 1, ceil_mode: bool = False, return_indices: bool = False, *,
    rank: SupportsIndex | None = None, q: float | None = None, method: str = "linear",
    dtype: DTypeLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
    index_dtype: DTypeLike | None = None, nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | None = None,
) -> _Array: ...
rank_pool2d_jvp = rank_pool1d_jvp
rank_pool3d_jvp = rank_pool1d_jvp
@overload
def adaptive_rank_pool1d(
    x: ArrayLike, output_size: _Sizes, return_indices: Literal[False] = False, *,
    rank: SupportsIndex | None = None, q: float | None = None, method: str = "linear",
    dtype: DTypeLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
    index_dtype: DTypeLike | None = None, nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | None = None,
) -> _Array: ...
@overload
def adaptive_rank_pool1d(
    x: ArrayLike, output_size: _Sizes, *, return_indices: Literal[True], rank: SupportsIndex | None = None,
    q: float | None = None, method: str = "linear", dtype: DTypeLike | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, index_dtype: DTypeLike | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | tuple[_Array, _Array] | None = None,
) -> tuple[_Array, _Array]: ...
adaptive_rank_pool2d = adaptive_rank_pool1d
adaptive_rank_pool3d = adaptive_rank_pool1d
def adaptive_rank_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: _Sizes, return_indices: bool = False, *,
    rank: SupportsIndex | None = None, q: float | None = None, method: str = "linear",
    dtype: DTypeLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
    index_dtype: DTypeLike | None = None, nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | None = None,
) -> _Array: ...
adaptive_rank_pool2d_backward = adaptive_rank_pool1d_backward
adaptive_rank_pool3d_backward = adaptive_rank_pool1d_backward
def adaptive_rank_pool1d_jvp(
    tangent: ArrayLike, x: ArrayLike, output_size: _Sizes, return_indices: bool = False, *,
    rank: SupportsIndex | None = None, q: float | None = None, method: str = "linear",
    dtype: DTypeLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
    index_dtype: DTypeLike | None = None, nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | None = None,
) -> _Array: ...
adaptive_rank_pool2d_jvp = adaptive_rank_pool1d_jvp
adaptive_rank_pool3d_jvp = adaptive_rank_pool1d_jvp
@overload
def global_rank_pool(
    x: ArrayLike, *, spatial_ndim: SupportsIndex | None = None, data_format: str = "channels_first",
    axis: _Ints | None = None, keepdims: bool = False, return_indices: Literal[False] = False,
    index_dtype: DTypeLike | None = None, rank: SupportsIndex | None = None, q: float | None = None,
    method: str = "linear", dtype: DTypeLike | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
@overload
def global_rank_pool(
    x: ArrayLike, *, spatial_ndim: SupportsIndex | None = None, data_format: str = "channels_first",
    axis: _Ints | None = None, keepdims: bool = False, return_indices: Literal[True],
    index_dtype: DTypeLike | None = None, rank: SupportsIndex | None = None, q: float | None = None,
    method: str = "linear", dtype: DTypeLike | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, out: _Array | tuple[_Array, _Array] | None = None,
) -> tuple[_Array, _Array]: ...
def global_rank_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, *, spatial_ndim: SupportsIndex | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, keepdims: bool = False,
    return_indices: bool = False, index_dtype: DTypeLike | None = None, rank: SupportsIndex | None = None,
    q: float | None = None, method: str = "linear", dtype: DTypeLike | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
def global_rank_pool_jvp(
    tangent: ArrayLike, x: ArrayLike, *, spatial_ndim: SupportsIndex | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, keepdims: bool = False,
    return_indices: bool = False, index_dtype: DTypeLike | None = None, rank: SupportsIndex | None = None,
    q: float | None = None, method: str = "linear", dtype: DTypeLike | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
@overload
def mode_pool1d(
    x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0,
    dilation: _Ints = 1, ceil_mode: bool = False, return_counts: Literal[False] = False, *,
    ignore_label: int | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
    index_dtype: DTypeLike | None = None, nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | None = None,
) -> _Array: ...
@overload
def mode_pool1d(
    x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0,
    dilation: _Ints = 1, ceil_mode: bool = False, *, return_counts: Literal[True],
    ignore_label: int | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
    index_dtype: DTypeLike | None = None, nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | tuple[_Array, _Array] | None = None,
) -> tuple[_Array, _Array]: ...
mode_pool2d = mode_pool1d
mode_pool3d = mode_pool1d
@overload
def adaptive_mode_pool1d(
    x: ArrayLike, output_size: _Sizes, return_counts: Literal[False] = False, *,
    ignore_label: int | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
    index_dtype: DTypeLike | None = None, nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | None = None,
) -> _Array: ...
@overload
def adaptive_mode_pool1d(
    x: ArrayLike, output_size: _Sizes, *, return_counts: Literal[True], ignore_label: int | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, index_dtype: DTypeLike | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | tuple[_Array, _Array] | None = None,
) -> tuple[_Array, _Array]: ...
adaptive_mode_pool2d = adaptive_mode_pool1d
adaptive_mode_pool3d = adaptive_mode_pool1d
@overload
def global_mode_pool(
    x: ArrayLike, *, spatial_ndim: SupportsIndex | None = None, data_format: str = "channels_first",
    axis: _Ints | None = None, keepdims: bool = False, return_counts: Literal[False] = False,
    index_dtype: DTypeLike | None = None, ignore_label: int | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
@overload
def global_mode_pool(
    x: ArrayLike, *, spatial_ndim: SupportsIndex | None = None, data_format: str = "channels_first",
    axis: _Ints | None = None, keepdims: bool = False, return_counts: Literal[True],
    index_dtype: DTypeLike | None = None, ignore_label: int | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, out: _Array | tuple[_Array, _Array] | None = None,
) -> tuple[_Array, _Array]: ...
def range_pool1d(
    x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0,
    dilation: _Ints = 1, ceil_mode: bool = False, *, data_format: str = "channels_first",
    axis: _Ints | None = None, nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | None = None,
) -> _Array: ...
range_pool2d = range_pool1d
range_pool3d = range_pool1d
def range_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None,
    padding: _Padding = 0, dilation: _Ints = 1, ceil_mode: bool = False, *,
    data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
range_pool2d_backward = range_pool1d_backward
range_pool3d_backward = range_pool1d_backward
def range_pool1d_jvp(
    tangent: ArrayLike, x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0,
    dilation: _Ints = 1, ceil_mode: bool = False, *, data_format: str = "channels_first",
    axis: _Ints | None = None, nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | None = None,
) -> _Array: ...
range_pool2d_jvp = range_pool1d_jvp
range_pool3d_jvp = range_pool1d_jvp
def adaptive_range_pool1d(
    x: ArrayLike, output_size: _Sizes, *, data_format: str = "channels_first", axis: _Ints | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
adaptive_range_pool2d = adaptive_range_pool1d
adaptive_range_pool3d = adaptive_range_pool1d
def adaptive_range_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: _Sizes, *, data_format: str = "channels_first",
    axis: _Ints | None = None, nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | None = None,
) -> _Array: ...
adaptive_range_pool2d_backward = adaptive_range_pool1d_backward
adaptive_range_pool3d_backward = adaptive_range_pool1d_backward
def adaptive_range_pool1d_jvp(
    tangent: ArrayLike, x: ArrayLike, output_size: _Sizes, *, data_format: str = "channels_first",
    axis: _Ints | None = None, nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | None = None,
) -> _Array: ...
adaptive_range_pool2d_jvp = adaptive_range_pool1d_jvp
adaptive_range_pool3d_jvp = adaptive_range_pool1d_jvp
def global_range_pool(
    x: ArrayLike, *, spatial_ndim: SupportsIndex | None = None, data_format: str = "channels_first",
    axis: _Ints | None = None, keepdims: bool = False, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
def global_range_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, *, spatial_ndim: SupportsIndex | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, keepdims: bool = False,
    nan_policy: str = "propagate", mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
def global_range_pool_jvp(
    tangent: ArrayLike, x: ArrayLike, *, spatial_ndim: SupportsIndex | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, keepdims: bool = False,
    nan_policy: str = "propagate", mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
def var_pool1d(
    x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0,
    dilation: _Ints = 1, ceil_mode: bool = False, *, correction: float = 0, dtype: DTypeLike | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
var_pool2d = var_pool1d
var_pool3d = var_pool1d
def var_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None,
    padding: _Padding = 0, dilation: _Ints = 1, ceil_mode: bool = False, *, correction: float = 0,
    dtype: DTypeLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
var_pool2d_backward = var_pool1d_backward
var_pool3d_backward = var_pool1d_backward
def var_pool1d_jvp(
    tangent: ArrayLike, x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0,
    dilation: _Ints = 1, ceil_mode: bool = False, *, correction: float = 0, dtype: DTypeLike | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
var_pool2d_jvp = var_pool1d_jvp
var_pool3d_jvp = var_pool1d_jvp
def adaptive_var_pool1d(
    x: ArrayLike, output_size: _Sizes, *, correction: float = 0, dtype: DTypeLike | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
adaptive_var_pool2d = adaptive_var_pool1d
adaptive_var_pool3d = adaptive_var_pool1d
def adaptive_var_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: _Sizes, *, correction: float = 0,
    dtype: DTypeLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
adaptive_var_pool2d_backward = adaptive_var_pool1d_backward
adaptive_var_pool3d_backward = adaptive_var_pool1d_backward
def adaptive_var_pool1d_jvp(
    tangent: ArrayLike, x: ArrayLike, output_size: _Sizes, *, correction: float = 0,
    dtype: DTypeLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
adaptive_var_pool2d_jvp = adaptive_var_pool1d_jvp
adaptive_var_pool3d_jvp = adaptive_var_pool1d_jvp
def global_var_pool(
    x: ArrayLike, *, spatial_ndim: SupportsIndex | None = None, data_format: str = "channels_first",
    axis: _Ints | None = None, keepdims: bool = False, correction: float = 0, dtype: DTypeLike | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
def global_var_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, *, spatial_ndim: SupportsIndex | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, keepdims: bool = False,
    correction: float = 0, dtype: DTypeLike | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
def global_var_pool_jvp(
    tangent: ArrayLike, x: ArrayLike, *, spatial_ndim: SupportsIndex | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, keepdims: bool = False,
    correction: float = 0, dtype: DTypeLike | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
def std_pool1d(
    x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0,
    dilation: _Ints = 1, ceil_mode: bool = False, *, correction: float = 0, dtype: DTypeLike | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
std_pool2d = std_pool1d
std_pool3d = std_pool1d
def std_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None,
    padding: _Padding = 0, dilation: _Ints = 1, ceil_mode: bool = False, *, correction: float = 0,
    dtype: DTypeLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
std_pool2d_backward = std_pool1d_backward
std_pool3d_backward = std_pool1d_backward
def std_pool1d_jvp(
    tangent: ArrayLike, x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0,
    dilation: _Ints = 1, ceil_mode: bool = False, *, correction: float = 0, dtype: DTypeLike | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
std_pool2d_jvp = std_pool1d_jvp
std_pool3d_jvp = std_pool1d_jvp
def adaptive_std_pool1d(
    x: ArrayLike, output_size: _Sizes, *, correction: float = 0, dtype: DTypeLike | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
adaptive_std_pool2d = adaptive_std_pool1d
adaptive_std_pool3d = adaptive_std_pool1d
def adaptive_std_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: _Sizes, *, correction: float = 0,
    dtype: DTypeLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
adaptive_std_pool2d_backward = adaptive_std_pool1d_backward
adaptive_std_pool3d_backward = adaptive_std_pool1d_backward
def adaptive_std_pool1d_jvp(
    tangent: ArrayLike, x: ArrayLike, output_size: _Sizes, *, correction: float = 0,
    dtype: DTypeLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
adaptive_std_pool2d_jvp = adaptive_std_pool1d_jvp
adaptive_std_pool3d_jvp = adaptive_std_pool1d_jvp
def global_std_pool(
    x: ArrayLike, *, spatial_ndim: SupportsIndex | None = None, data_format: str = "channels_first",
    axis: _Ints | None = None, keepdims: bool = False, correction: float = 0, dtype: DTypeLike | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
def global_std_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, *, spatial_ndim: SupportsIndex | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, keepdims: bool = False,
    correction: float = 0, dtype: DTypeLike | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
def global_std_pool_jvp(
    tangent: ArrayLike, x: ArrayLike, *, spatial_ndim: SupportsIndex | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, keepdims: bool = False,
    correction: float = 0, dtype: DTypeLike | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
