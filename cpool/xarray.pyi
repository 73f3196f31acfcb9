from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, SupportsIndex, TypeAlias, overload

from numpy.typing import DTypeLike
from xarray import DataArray

__all__ = [
    "adaptive_avg_pool",
    "adaptive_lp_pool",
    "adaptive_max_pool",
    "adaptive_min_pool",
    "adaptive_sum_pool",
    "avg_pool",
    "lp_pool",
    "max_pool",
    "min_pool",
    "sum_pool",
]

_Sizes: TypeAlias = Mapping[Any, SupportsIndex]
_OutputSizes: TypeAlias = Mapping[Any, SupportsIndex | None]
_Step: TypeAlias = SupportsIndex | Mapping[Any, SupportsIndex]
_Padding: TypeAlias = SupportsIndex | str | Mapping[Any, SupportsIndex | Sequence[SupportsIndex]]
_Function: TypeAlias = str | Callable[..., Any]
_Functions: TypeAlias = _Function | Mapping[Any, _Function]

@overload
def max_pool(
    x: DataArray, kernel_size: _Sizes, stride: _Step | None = None, padding: _Padding = 0, dilation: _Step
    = 1, ceil_mode: bool = False, return_indices: Literal[False] = False, *, coord_func: _Functions =
    "mean", keep_attrs: bool | None = None,
) -> DataArray: ...
@overload
def max_pool(
    x: DataArray, kernel_size: _Sizes, stride: _Step | None = None, padding: _Padding = 0, dilation: _Step
    = 1, ceil_mode: bool = False, *, return_indices: Literal[True], coord_func: _Functions = "mean",
    keep_attrs: bool | None = None,
) -> tuple[DataArray, DataArray]: ...
@overload
def max_pool(
    x: DataArray, kernel_size: _Sizes, stride: _Step | None, padding: _Padding, dilation: _Step,
    ceil_mode: bool, return_indices: Literal[True], *, coord_func: _Functions = "mean", keep_attrs: bool |
    None = None,
) -> tuple[DataArray, DataArray]: ...
@overload
def adaptive_max_pool(
    x: DataArray, output_size: _OutputSizes, return_indices: Literal[False] = False, *, coord_func:
    _Functions = "mean", keep_attrs: bool | None = None,
) -> DataArray: ...
@overload
def adaptive_max_pool(
    x: DataArray, output_size: _OutputSizes, *, return_indices: Literal[True], coord_func: _Functions =
    "mean", keep_attrs: bool | None = None,
) -> tuple[DataArray, DataArray]: ...
@overload
def adaptive_max_pool(
    x: DataArray, output_size: _OutputSizes, return_indices: Literal[True], *, coord_func: _Functions =
    "mean", keep_attrs: bool | None = None,
) -> tuple[DataArray, DataArray]: ...
@overload
def min_pool(
    x: DataArray, kernel_size: _Sizes, stride: _Step | None = None, padding: _Padding = 0, dilation: _Step
    = 1, ceil_mode: bool = False, return_indices: Literal[False] = False, *, coord_func: _Functions =
    "mean", keep_attrs: bool | None = None,
) -> DataArray: ...
@overload
def min_pool(
    x: DataArray, kernel_size: _Sizes, stride: _Step | None = None, padding: _Padding = 0, dilation: _Step
    = 1, ceil_mode: bool = False, *, return_indices: Literal[True], coord_func: _Functions = "mean",
    keep_attrs: bool | None = None,
) -> tuple[DataArray, DataArray]: ...
@overload
def min_pool(
    x: DataArray, kernel_size: _Sizes, stride: _Step | None, padding: _Padding, dilation: _Step,
    ceil_mode: bool, return_indices: Literal[True], *, coord_func: _Functions = "mean", keep_attrs: bool |
    None = None,
) -> tuple[DataArray, DataArray]: ...
@overload
def adaptive_min_pool(
    x: DataArray, output_size: _OutputSizes, return_indices: Literal[False] = False, *, coord_func:
    _Functions = "mean", keep_attrs: bool | None = None,
) -> DataArray: ...
@overload
def adaptive_min_pool(
    x: DataArray, output_size: _OutputSizes, *, return_indices: Literal[True], coord_func: _Functions =
    "mean", keep_attrs: bool | None = None,
) -> tuple[DataArray, DataArray]: ...
@overload
def adaptive_min_pool(
    x: DataArray, output_size: _OutputSizes, return_indices: Literal[True], *, coord_func: _Functions =
    "mean", keep_attrs: bool | None = None,
) -> tuple[DataArray, DataArray]: ...
def avg_pool(
    x: DataArray, kernel_size: _Sizes, stride: _Step | None = None, padding: _Padding = 0, ceil_mode: bool
    = False, count_include_pad: bool | None = None, divisor_override: SupportsIndex | None = None, *,
    dilation: _Step = 1, dtype: DTypeLike | None = None, coord_func: _Functions = "mean", keep_attrs: bool
    | None = None,
) -> DataArray: ...
def sum_pool(
    x: DataArray, kernel_size: _Sizes, stride: _Step | None = None, padding: _Padding = 0, ceil_mode: bool
    = False, *, dilation: _Step = 1, dtype: DTypeLike | None = None, coord_func: _Functions = "mean",
    keep_attrs: bool | None = None,
) -> DataArray: ...
def lp_pool(
    x: DataArray, norm_type: float, kernel_size: _Sizes, stride: _Step | None = None, ceil_mode: bool =
    False, *, padding: _Padding = 0, dilation: _Step = 1, normalize: bool = False, dtype: DTypeLike | None
    = None, coord_func: _Functions = "mean", keep_attrs: bool | None = None,
) -> DataArray: ...
def adaptive_avg_pool(
    x: DataArray, output_size: _OutputSizes, *, dtype: DTypeLike | None = None, coord_func: _Functions =
    "mean", keep_attrs: bool | None = None,
) -> DataArray: ...
def adaptive_sum_pool(
    x: DataArray, output_size: _OutputSizes, *, dtype: DTypeLike | None = None, coord_func: _Functions =
    "mean", keep_attrs: bool | None = None,
) -> DataArray: ...
def adaptive_lp_pool(
    x: DataArray, norm_type: float, output_size: _OutputSizes, *, normalize: bool = False, dtype:
    DTypeLike | None = None, coord_func: _Functions = "mean", keep_attrs: bool | None = None,
) -> DataArray: ...
