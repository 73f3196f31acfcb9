"""Layers of the operators that need their whole window, made from their functions."""

from collections.abc import Sequence
from typing import Any, SupportsIndex, TypeAlias

from numpy.typing import ArrayLike, DTypeLike, NDArray

from cpool import _Layer

_Array: TypeAlias = NDArray[Any]
_Ints: TypeAlias = SupportsIndex | Sequence[SupportsIndex]
_Sizes: TypeAlias = SupportsIndex | Sequence[SupportsIndex | None] | None
_Padding: TypeAlias = _Ints | Sequence[Sequence[SupportsIndex]] | str

__all__ = [
    "AdaptiveMedianPool1d",
    "AdaptiveMedianPool2d",
    "AdaptiveMedianPool3d",
    "AdaptiveModePool1d",
    "AdaptiveModePool2d",
    "AdaptiveModePool3d",
    "AdaptiveRangePool1d",
    "AdaptiveRangePool2d",
    "AdaptiveRangePool3d",
    "AdaptiveRankPool1d",
    "AdaptiveRankPool2d",
    "AdaptiveRankPool3d",
    "AdaptiveStdPool1d",
    "AdaptiveStdPool2d",
    "AdaptiveStdPool3d",
    "AdaptiveVarPool1d",
    "AdaptiveVarPool2d",
    "AdaptiveVarPool3d",
    "GlobalMedianPool",
    "GlobalModePool",
    "GlobalRangePool",
    "GlobalRankPool",
    "GlobalStdPool",
    "GlobalVarPool",
    "MedianPool1d",
    "MedianPool2d",
    "MedianPool3d",
    "ModePool1d",
    "ModePool2d",
    "ModePool3d",
    "RangePool1d",
    "RangePool2d",
    "RangePool3d",
    "RankPool1d",
    "RankPool2d",
    "RankPool3d",
    "StdPool1d",
    "StdPool2d",
    "StdPool3d",
    "VarPool1d",
    "VarPool2d",
    "VarPool3d",
]

class WholeLayer(_Layer):
    operator: Any
    def __call__(self, x: ArrayLike, *arrays: ArrayLike, mask: ArrayLike | None = None) -> Any: ...
    def backward(self, grad_output: ArrayLike) -> Any: ...
class _MedianArguments(WholeLayer):
    def __init__(
        self, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0, dilation: _Ints = 1,
        ceil_mode: bool = False, return_indices: bool = False, *, dtype: DTypeLike | None = None,
        data_format: str = "channels_first", axis: _Ints | None = None, index_dtype: DTypeLike | None = None,
        nan_policy: str = "propagate",
    ) -> None: ...
class MedianPool1d(_MedianArguments): ...
class MedianPool2d(_MedianArguments): ...
class MedianPool3d(_MedianArguments): ...
class _AdaptiveMedianArguments(WholeLayer):
    def __init__(
        self, output_size: _Sizes, return_indices: bool = False, *, dtype: DTypeLike | None = None,
        data_format: str = "channels_first", axis: _Ints | None = None, index_dtype: DTypeLike | None = None,
        nan_policy: str = "propagate",
    ) -> None: ...
class AdaptiveMedianPool1d(_AdaptiveMedianArguments): ...
class AdaptiveMedianPool2d(_AdaptiveMedianArguments): ...
class AdaptiveMedianPool3d(_AdaptiveMedianArguments): ...
class GlobalMedianPool(WholeLayer):
    def __init__(
        self, *, spatial_ndim: SupportsIndex | None = None, data_format: str = "channels_first",
        axis: _Ints | None = None, keepdims: bool = False, return_indices: bool = False,
        index_dtype: DTypeLike | None = None, dtype: DTypeLike | None = None, nan_policy: str = "propagate",
    ) -> None: ...
class _RankArguments(WholeLayer):
    def __init__(
        self, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0, dilation: _Ints = 1,
        ceil_mode: bool = False, return_indices: bool = False, *, rank: SupportsIndex | None = None,
        q: float | None = None, method: str = "linear", dtype: DTypeLike | None = None,
        data_format: str = "channels_first", axis: _Ints | None = None, index_dtype: DTypeLike | None = None,
        nan_policy: str = "propagate",
    ) -> None: ...
class RankPool1d(_RankArguments): ...
class RankPool2d(_RankArguments): ...
class RankPool3d(_RankArguments): ...
class _AdaptiveRankArguments(WholeLayer):
    def __init__(
        self, output_size: _Sizes, return_indices: bool = False, *, rank: SupportsIndex | None = None,
        q: float | None = None, method: str = "linear", dtype: DTypeLike | None = None,
        data_format: str = "channels_first", axis: _Ints | None = None, index_dtype: DTypeLike | None = None,
        nan_policy: str = "propagate",
    ) -> None: ...
class AdaptiveRankPool1d(_AdaptiveRankArguments): ...
class AdaptiveRankPool2d(_AdaptiveRankArguments): ...
class AdaptiveRankPool3d(_AdaptiveRankArguments): ...
class GlobalRankPool(WholeLayer):
    def __init__(
        self, *, spatial_ndim: SupportsIndex | None = None, data_format: str = "channels_first",
        axis: _Ints | None = None, keepdims: bool = False, return_indices: bool = False,
        index_dtype: DTypeLike | None = None, rank: SupportsIndex | None = None, q: float | None = None,
        method: str = "linear", dtype: DTypeLike | None = None, nan_policy: str = "propagate",
    ) -> None: ...
class _ModeArguments(WholeLayer):
    def __init__(
        self, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0, dilation: _Ints = 1,
        ceil_mode: bool = False, return_counts: bool = False, *, ignore_label: int | None = None,
        data_format: str = "channels_first", axis: _Ints | None = None, index_dtype: DTypeLike | None = None,
        nan_policy: str = "propagate",
    ) -> None: ...
class ModePool1d(_ModeArguments): ...
class ModePool2d(_ModeArguments): ...
class ModePool3d(_ModeArguments): ...
class _AdaptiveModeArguments(WholeLayer):
    def __init__(
        self, output_size: _Sizes, return_counts: bool = False, *, ignore_label: int | None = None,
        data_format: str = "channels_first", axis: _Ints | None = None, index_dtype: DTypeLike | None = None,
        nan_policy: str = "propagate",
    ) -> None: ...
class AdaptiveModePool1d(_AdaptiveModeArguments): ...
class AdaptiveModePool2d(_AdaptiveModeArguments): ...
class AdaptiveModePool3d(_AdaptiveModeArguments): ...
class GlobalModePool(WholeLayer):
    def __init__(
        self, *, spatial_ndim: SupportsIndex | None = None, data_format: str = "channels_first",
        axis: _Ints | None = None, keepdims: bool = False, return_counts: bool = False,
        index_dtype: DTypeLike | None = None, ignore_label: int | None = None, nan_policy: str = "propagate",
    ) -> None: ...
class _RangeArguments(WholeLayer):
    def __init__(
        self, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0, dilation: _Ints = 1,
        ceil_mode: bool = False, *, data_format: str = "channels_first", axis: _Ints | None = None,
        nan_policy: str = "propagate",
    ) -> None: ...
class RangePool1d(_RangeArguments): ...
class RangePool2d(_RangeArguments): ...
class RangePool3d(_RangeArguments): ...
class _AdaptiveRangeArguments(WholeLayer):
    def __init__(
        self, output_size: _Sizes, *, data_format: str = "channels_first", axis: _Ints | None = None,
        nan_policy: str = "propagate",
    ) -> None: ...
class AdaptiveRangePool1d(_AdaptiveRangeArguments): ...
class AdaptiveRangePool2d(_AdaptiveRangeArguments): ...
class AdaptiveRangePool3d(_AdaptiveRangeArguments): ...
class GlobalRangePool(WholeLayer):
    def __init__(
        self, *, spatial_ndim: SupportsIndex | None = None, data_format: str = "channels_first",
        axis: _Ints | None = None, keepdims: bool = False, nan_policy: str = "propagate",
    ) -> None: ...
class _VarArguments(WholeLayer):
    def __init__(
        self, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0, dilation: _Ints = 1,
        ceil_mode: bool = False, *, correction: float = 0, dtype: DTypeLike | None = None,
        data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    ) -> None: ...
class VarPool1d(_VarArguments): ...
class VarPool2d(_VarArguments): ...
class VarPool3d(_VarArguments): ...
class _AdaptiveVarArguments(WholeLayer):
    def __init__(
        self, output_size: _Sizes, *, correction: float = 0, dtype: DTypeLike | None = None,
        data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    ) -> None: ...
class AdaptiveVarPool1d(_AdaptiveVarArguments): ...
class AdaptiveVarPool2d(_AdaptiveVarArguments): ...
class AdaptiveVarPool3d(_AdaptiveVarArguments): ...
class GlobalVarPool(WholeLayer):
    def __init__(
        self, *, spatial_ndim: SupportsIndex | None = None, data_format: str = "channels_first",
        axis: _Ints | None = None, keepdims: bool = False, correction: float = 0,
        dtype: DTypeLike | None = None, nan_policy: str = "propagate",
    ) -> None: ...
class _StdArguments(WholeLayer):
    def __init__(
        self, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0, dilation: _Ints = 1,
        ceil_mode: bool = False, *, correction: float = 0, dtype: DTypeLike | None = None,
        data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    ) -> None: ...
class StdPool1d(_StdArguments): ...
class StdPool2d(_StdArguments): ...
class StdPool3d(_StdArguments): ...
class _AdaptiveStdArguments(WholeLayer):
    def __init__(
        self, output_size: _Sizes, *, correction: float = 0, dtype: DTypeLike | None = None,
        data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    ) -> None: ...
class AdaptiveStdPool1d(_AdaptiveStdArguments): ...
class AdaptiveStdPool2d(_AdaptiveStdArguments): ...
class AdaptiveStdPool3d(_AdaptiveStdArguments): ...
class GlobalStdPool(WholeLayer):
    def __init__(
        self, *, spatial_ndim: SupportsIndex | None = None, data_format: str = "channels_first",
        axis: _Ints | None = None, keepdims: bool = False, correction: float = 0,
        dtype: DTypeLike | None = None, nan_policy: str = "propagate",
    ) -> None: ...
