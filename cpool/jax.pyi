from collections.abc import Sequence
from typing import Literal, SupportsIndex, TypeAlias, overload

from jax import Array
from jax.typing import ArrayLike
from numpy.typing import DTypeLike

__all__ = [
    "adaptive_avg_pool1d",
    "adaptive_avg_pool2d",
    "adaptive_avg_pool3d",
    "adaptive_lp_pool1d",
    "adaptive_lp_pool2d",
    "adaptive_lp_pool3d",
    "adaptive_max_pool1d",
    "adaptive_max_pool2d",
    "adaptive_max_pool3d",
    "adaptive_min_pool1d",
    "adaptive_min_pool2d",
    "adaptive_min_pool3d",
    "adaptive_sum_pool1d",
    "adaptive_sum_pool2d",
    "adaptive_sum_pool3d",
    "avg_pool1d",
    "avg_pool2d",
    "avg_pool3d",
    "global_avg_pool",
    "global_lp_pool",
    "global_max_pool",
    "global_min_pool",
    "global_sum_pool",
    "lp_pool1d",
    "lp_pool2d",
    "lp_pool3d",
    "max_pool1d",
    "max_pool2d",
    "max_pool3d",
    "max_unpool1d",
    "max_unpool2d",
    "max_unpool3d",
    "min_pool1d",
    "min_pool2d",
    "min_pool3d",
    "sum_pool1d",
    "sum_pool2d",
    "sum_pool3d",
]

_Ints: TypeAlias = SupportsIndex | Sequence[SupportsIndex]
_Sizes: TypeAlias = SupportsIndex | Sequence[SupportsIndex | None] | None
_Padding: TypeAlias = _Ints | Sequence[Sequence[SupportsIndex]] | str

@overload
def max_pool1d(
    x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0, dilation: _Ints =
    1, ceil_mode: bool = False, return_indices: Literal[False] = False, *, data_format: str =
    "channels_first", axis: _Ints | None = None, index_dtype: DTypeLike | None = None,
) -> Array: ...
@overload
def max_pool1d(
    x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0, dilation: _Ints =
    1, ceil_mode: bool = False, *, return_indices: Literal[True], data_format: str = "channels_first",
    axis: _Ints | None = None, index_dtype: DTypeLike | None = None,
) -> tuple[Array, Array]: ...
@overload
def max_pool1d(
    x: ArrayLike, kernel_size: _Ints, stride: _Ints | None, padding: _Padding, dilation: _Ints, ceil_mode:
    bool, return_indices: Literal[True], *, data_format: str = "channels_first", axis: _Ints | None =
    None, index_dtype: DTypeLike | None = None,
) -> tuple[Array, Array]: ...
@overload
def max_pool2d(
    x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0, dilation: _Ints =
    1, ceil_mode: bool = False, return_indices: Literal[False] = False, *, data_format: str =
    "channels_first", axis: _Ints | None = None, index_dtype: DTypeLike | None = None,
) -> Array: ...
@overload
def max_pool2d(
    x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0, dilation: _Ints =
    1, ceil_mode: bool = False, *, return_indices: Literal[True], data_format: str = "channels_first",
    axis: _Ints | None = None, index_dtype: DTypeLike | None = None,
) -> tuple[Array, Array]: ...
@overload
def max_pool2d(
    x: ArrayLike, kernel_size: _Ints, stride: _Ints | None, padding: _Padding, dilation: _Ints, ceil_mode:
    bool, return_indices: Literal[True], *, data_format: str = "channels_first", axis: _Ints | None =
    None, index_dtype: DTypeLike | None = None,
) -> tuple[Array, Array]: ...
@overload
def max_pool3d(
    x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0, dilation: _Ints =
    1, ceil_mode: bool = False, return_indices: Literal[False] = False, *, data_format: str =
    "channels_first", axis: _Ints | None = None, index_dtype: DTypeLike | None = None,
) -> Array: ...
@overload
def max_pool3d(
    x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0, dilation: _Ints =
    1, ceil_mode: bool = False, *, return_indices: Literal[True], data_format: str = "channels_first",
    axis: _Ints | None = None, index_dtype: DTypeLike | None = None,
) -> tuple[Array, Array]: ...
@overload
def max_pool3d(
    x: ArrayLike, kernel_size: _Ints, stride: _Ints | None, padding: _Padding, dilation: _Ints, ceil_mode:
    bool, return_indices: Literal[True], *, data_format: str = "channels_first", axis: _Ints | None =
    None, index_dtype: DTypeLike | None = None,
) -> tuple[Array, Array]: ...
@overload
def min_pool1d(
    x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0, dilation: _Ints =
    1, ceil_mode: bool = False, return_indices: Literal[False] = False, *, data_format: str =
    "channels_first", axis: _Ints | None = None, index_dtype: DTypeLike | None = None,
) -> Array: ...
@overload
def min_pool1d(
    x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0, dilation: _Ints =
    1, ceil_mode: bool = False, *, return_indices: Literal[True], data_format: str = "channels_first",
    axis: _Ints | None = None, index_dtype: DTypeLike | None = None,
) -> tuple[Array, Array]: ...
@overload
def min_pool1d(
    x: ArrayLike, kernel_size: _Ints, stride: _Ints | None, padding: _Padding, dilation: _Ints, ceil_mode:
    bool, return_indices: Literal[True], *, data_format: str = "channels_first", axis: _Ints | None =
    None, index_dtype: DTypeLike | None = None,
) -> tuple[Array, Array]: ...
@overload
def min_pool2d(
    x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0, dilation: _Ints =
    1, ceil_mode: bool = False, return_indices: Literal[False] = False, *, data_format: str =
    "channels_first", axis: _Ints | None = None, index_dtype: DTypeLike | None = None,
) -> Array: ...
@overload
def min_pool2d(
    x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0, dilation: _Ints =
    1, ceil_mode: bool = False, *, return_indices: Literal[True], data_format: str = "channels_first",
    axis: _Ints | None = None, index_dtype: DTypeLike | None = None,
) -> tuple[Array, Array]: ...
@overload
def min_pool2d(
    x: ArrayLike, kernel_size: _Ints, stride: _Ints | None, padding: _Padding, dilation: _Ints, ceil_mode:
    bool, return_indices: Literal[True], *, data_format: str = "channels_first", axis: _Ints | None =
    None, index_dtype: DTypeLike | None = None,
) -> tuple[Array, Array]: ...
@overload
def min_pool3d(
    x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0, dilation: _Ints =
    1, ceil_mode: bool = False, return_indices: Literal[False] = False, *, data_format: str =
    "channels_first", axis: _Ints | None = None, index_dtype: DTypeLike | None = None,
) -> Array: ...
@overload
def min_pool3d(
    x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0, dilation: _Ints =
    1, ceil_mode: bool = False, *, return_indices: Literal[True], data_format: str = "channels_first",
    axis: _Ints | None = None, index_dtype: DTypeLike | None = None,
) -> tuple[Array, Array]: ...
@overload
def min_pool3d(
    x: ArrayLike, kernel_size: _Ints, stride: _Ints | None, padding: _Padding, dilation: _Ints, ceil_mode:
    bool, return_indices: Literal[True], *, data_format: str = "channels_first", axis: _Ints | None =
    None, index_dtype: DTypeLike | None = None,
) -> tuple[Array, Array]: ...
def avg_pool1d(
    x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0, ceil_mode: bool =
    False, count_include_pad: bool | None = None, divisor_override: SupportsIndex | None = None, *,
    dilation: _Ints = 1, dtype: DTypeLike | None = None, data_format: str = "channels_first", axis: _Ints
    | None = None,
) -> Array: ...
def avg_pool2d(
    x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0, ceil_mode: bool =
    False, count_include_pad: bool | None = None, divisor_override: SupportsIndex | None = None, *,
    dilation: _Ints = 1, dtype: DTypeLike | None = None, data_format: str = "channels_first", axis: _Ints
    | None = None,
) -> Array: ...
def avg_pool3d(
    x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0, ceil_mode: bool =
    False, count_include_pad: bool | None = None, divisor_override: SupportsIndex | None = None, *,
    dilation: _Ints = 1, dtype: DTypeLike | None = None, data_format: str = "channels_first", axis: _Ints
    | None = None,
) -> Array: ...
def sum_pool1d(
    x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0, ceil_mode: bool =
    False, *, dilation: _Ints = 1, dtype: DTypeLike | None = None, data_format: str = "channels_first",
    axis: _Ints | None = None,
) -> Array: ...
def sum_pool2d(
    x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0, ceil_mode: bool =
    False, *, dilation: _Ints = 1, dtype: DTypeLike | None = None, data_format: str = "channels_first",
    axis: _Ints | None = None,
) -> Array: ...
def sum_pool3d(
    x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0, ceil_mode: bool =
    False, *, dilation: _Ints = 1, dtype: DTypeLike | None = None, data_format: str = "channels_first",
    axis: _Ints | None = None,
) -> Array: ...
def lp_pool1d(
    x: ArrayLike, norm_type: float, kernel_size: _Ints, stride: _Ints | None = None, ceil_mode: bool =
    False, *, padding: _Padding = 0, dilation: _Ints = 1, normalize: bool = False, dtype: DTypeLike | None
    = None, data_format: str = "channels_first", axis: _Ints | None = None,
) -> Array: ...
def lp_pool2d(
    x: ArrayLike, norm_type: float, kernel_size: _Ints, stride: _Ints | None = None, ceil_mode: bool =
    False, *, padding: _Padding = 0, dilation: _Ints = 1, normalize: bool = False, dtype: DTypeLike | None
    = None, data_format: str = "channels_first", axis: _Ints | None = None,
) -> Array: ...
def lp_pool3d(
    x: ArrayLike, norm_type: float, kernel_size: _Ints, stride: _Ints | None = None, ceil_mode: bool =
    False, *, padding: _Padding = 0, dilation: _Ints = 1, normalize: bool = False, dtype: DTypeLike | None
    = None, data_format: str = "channels_first", axis: _Ints | None = None,
) -> Array: ...
@overload
def adaptive_max_pool1d(
    x: ArrayLike, output_size: _Sizes, return_indices: Literal[False] = False, *, data_format: str =
    "channels_first", axis: _Ints | None = None, index_dtype: DTypeLike | None = None,
) -> Array: ...
@overload
def adaptive_max_pool1d(
    x: ArrayLike, output_size: _Sizes, return_indices: Literal[True], *, data_format: str =
    "channels_first", axis: _Ints | None = None, index_dtype: DTypeLike | None = None,
) -> tuple[Array, Array]: ...
@overload
def adaptive_max_pool2d(
    x: ArrayLike, output_size: _Sizes, return_indices: Literal[False] = False, *, data_format: str =
    "channels_first", axis: _Ints | None = None, index_dtype: DTypeLike | None = None,
) -> Array: ...
@overload
def adaptive_max_pool2d(
    x: ArrayLike, output_size: _Sizes, return_indices: Literal[True], *, data_format: str =
    "channels_first", axis: _Ints | None = None, index_dtype: DTypeLike | None = None,
) -> tuple[Array, Array]: ...
@overload
def adaptive_max_pool3d(
    x: ArrayLike, output_size: _Sizes, return_indices: Literal[False] = False, *, data_format: str =
    "channels_first", axis: _Ints | None = None, index_dtype: DTypeLike | None = None,
) -> Array: ...
@overload
def adaptive_max_pool3d(
    x: ArrayLike, output_size: _Sizes, return_indices: Literal[True], *, data_format: str =
    "channels_first", axis: _Ints | None = None, index_dtype: DTypeLike | None = None,
) -> tuple[Array, Array]: ...
@overload
def adaptive_min_pool1d(
    x: ArrayLike, output_size: _Sizes, return_indices: Literal[False] = False, *, data_format: str =
    "channels_first", axis: _Ints | None = None, index_dtype: DTypeLike | None = None,
) -> Array: ...
@overload
def adaptive_min_pool1d(
    x: ArrayLike, output_size: _Sizes, return_indices: Literal[True], *, data_format: str =
    "channels_first", axis: _Ints | None = None, index_dtype: DTypeLike | None = None,
) -> tuple[Array, Array]: ...
@overload
def adaptive_min_pool2d(
    x: ArrayLike, output_size: _Sizes, return_indices: Literal[False] = False, *, data_format: str =
    "channels_first", axis: _Ints | None = None, index_dtype: DTypeLike | None = None,
) -> Array: ...
@overload
def adaptive_min_pool2d(
    x: ArrayLike, output_size: _Sizes, return_indices: Literal[True], *, data_format: str =
    "channels_first", axis: _Ints | None = None, index_dtype: DTypeLike | None = None,
) -> tuple[Array, Array]: ...
@overload
def adaptive_min_pool3d(
    x: ArrayLike, output_size: _Sizes, return_indices: Literal[False] = False, *, data_format: str =
    "channels_first", axis: _Ints | None = None, index_dtype: DTypeLike | None = None,
) -> Array: ...
@overload
def adaptive_min_pool3d(
    x: ArrayLike, output_size: _Sizes, return_indices: Literal[True], *, data_format: str =
    "channels_first", axis: _Ints | None = None, index_dtype: DTypeLike | None = None,
) -> tuple[Array, Array]: ...
def adaptive_avg_pool1d(
    x: ArrayLike, output_size: _Sizes, *, dtype: DTypeLike | None = None, data_format: str =
    "channels_first", axis: _Ints | None = None,
) -> Array: ...
def adaptive_avg_pool2d(
    x: ArrayLike, output_size: _Sizes, *, dtype: DTypeLike | None = None, data_format: str =
    "channels_first", axis: _Ints | None = None,
) -> Array: ...
def adaptive_avg_pool3d(
    x: ArrayLike, output_size: _Sizes, *, dtype: DTypeLike | None = None, data_format: str =
    "channels_first", axis: _Ints | None = None,
) -> Array: ...
def adaptive_sum_pool1d(
    x: ArrayLike, output_size: _Sizes, *, dtype: DTypeLike | None = None, data_format: str =
    "channels_first", axis: _Ints | None = None,
) -> Array: ...
def adaptive_sum_pool2d(
    x: ArrayLike, output_size: _Sizes, *, dtype: DTypeLike | None = None, data_format: str =
    "channels_first", axis: _Ints | None = None,
) -> Array: ...
def adaptive_sum_pool3d(
    x: ArrayLike, output_size: _Sizes, *, dtype: DTypeLike | None = None, data_format: str =
    "channels_first", axis: _Ints | None = None,
) -> Array: ...
def adaptive_lp_pool1d(
    x: ArrayLike, norm_type: float, output_size: _Sizes, *, normalize: bool = False, dtype: DTypeLike |
    None = None, data_format: str = "channels_first", axis: _Ints | None = None,
) -> Array: ...
def adaptive_lp_pool2d(
    x: ArrayLike, norm_type: float, output_size: _Sizes, *, normalize: bool = False, dtype: DTypeLike |
    None = None, data_format: str = "channels_first", axis: _Ints | None = None,
) -> Array: ...
def adaptive_lp_pool3d(
    x: ArrayLike, norm_type: float, output_size: _Sizes, *, normalize: bool = False, dtype: DTypeLike |
    None = None, data_format: str = "channels_first", axis: _Ints | None = None,
) -> Array: ...
@overload
def global_max_pool(
    x: ArrayLike, *, spatial_ndim: SupportsIndex | None = None, data_format: str = "channels_first", axis:
    _Ints | None = None, keepdims: bool = False, return_indices: Literal[False] = False, index_dtype:
    DTypeLike | None = None,
) -> Array: ...
@overload
def global_max_pool(
    x: ArrayLike, *, spatial_ndim: SupportsIndex | None = None, data_format: str = "channels_first", axis:
    _Ints | None = None, keepdims: bool = False, return_indices: Literal[True], index_dtype: DTypeLike |
    None = None,
) -> tuple[Array, Array]: ...
@overload
def global_min_pool(
    x: ArrayLike, *, spatial_ndim: SupportsIndex | None = None, data_format: str = "channels_first", axis:
    _Ints | None = None, keepdims: bool = False, return_indices: Literal[False] = False, index_dtype:
    DTypeLike | None = None,
) -> Array: ...
@overload
def global_min_pool(
    x: ArrayLike, *, spatial_ndim: SupportsIndex | None = None, data_format: str = "channels_first", axis:
    _Ints | None = None, keepdims: bool = False, return_indices: Literal[True], index_dtype: DTypeLike |
    None = None,
) -> tuple[Array, Array]: ...
def global_avg_pool(
    x: ArrayLike, *, spatial_ndim: SupportsIndex | None = None, data_format: str = "channels_first", axis:
    _Ints | None = None, keepdims: bool = False, dtype: DTypeLike | None = None,
) -> Array: ...
def global_sum_pool(
    x: ArrayLike, *, spatial_ndim: SupportsIndex | None = None, data_format: str = "channels_first", axis:
    _Ints | None = None, keepdims: bool = False, dtype: DTypeLike | None = None,
) -> Array: ...
def global_lp_pool(
    x: ArrayLike, norm_type: float, *, spatial_ndim: SupportsIndex | None = None, data_format: str =
    "channels_first", axis: _Ints | None = None, keepdims: bool = False, normalize: bool = False, dtype:
    DTypeLike | None = None,
) -> Array: ...
def max_unpool1d(
    x: ArrayLike, indices: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, padding: _Ints = 0,
    output_size: Sequence[SupportsIndex] | None = None, *, data_format: str = "channels_first", mode: str
    = "last",
) -> Array: ...
def max_unpool2d(
    x: ArrayLike, indices: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, padding: _Ints = 0,
    output_size: Sequence[SupportsIndex] | None = None, *, data_format: str = "channels_first", mode: str
    = "last",
) -> Array: ...
def max_unpool3d(
    x: ArrayLike, indices: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, padding: _Ints = 0,
    output_size: Sequence[SupportsIndex] | None = None, *, data_format: str = "channels_first", mode: str
    = "last",
) -> Array: ...
