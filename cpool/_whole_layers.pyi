"""Layers of the operators that need their whole window, made from their functions."""

from collections.abc import Sequence
from typing import Any, SupportsIndex, TypeAlias

from numpy.random import Generator
from numpy.typing import ArrayLike, DTypeLike, NDArray

from cpool import _Layer

_Array: TypeAlias = NDArray[Any]
_Ints: TypeAlias = SupportsIndex | Sequence[SupportsIndex]
_Sizes: TypeAlias = SupportsIndex | Sequence[SupportsIndex | None] | None
_Padding: TypeAlias = _Ints | Sequence[Sequence[SupportsIndex]] | str

__all__ = [
    "AdaptiveGemPool1d",
    "AdaptiveGemPool2d",
    "AdaptiveGemPool3d",
    "AdaptiveLearnedNormPool1d",
    "AdaptiveLearnedNormPool2d",
    "AdaptiveLearnedNormPool3d",
    "AdaptiveLipPool1d",
    "AdaptiveLipPool2d",
    "AdaptiveLipPool3d",
    "AdaptiveLsePool1d",
    "AdaptiveLsePool2d",
    "AdaptiveLsePool3d",
    "AdaptiveMedianPool1d",
    "AdaptiveMedianPool2d",
    "AdaptiveMedianPool3d",
    "AdaptiveMixedPool1d",
    "AdaptiveMixedPool2d",
    "AdaptiveMixedPool3d",
    "AdaptiveModePool1d",
    "AdaptiveModePool2d",
    "AdaptiveModePool3d",
    "AdaptiveRangePool1d",
    "AdaptiveRangePool2d",
    "AdaptiveRangePool3d",
    "AdaptiveRankPool1d",
    "AdaptiveRankPool2d",
    "AdaptiveRankPool3d",
    "AdaptiveSoftPool1d",
    "AdaptiveSoftPool2d",
    "AdaptiveSoftPool3d",
    "AdaptiveSoftmaxPool1d",
    "AdaptiveSoftmaxPool2d",
    "AdaptiveSoftmaxPool3d",
    "AdaptiveStdPool1d",
    "AdaptiveStdPool2d",
    "AdaptiveStdPool3d",
    "AdaptiveStochasticPool1d",
    "AdaptiveStochasticPool2d",
    "AdaptiveStochasticPool3d",
    "AdaptiveVarPool1d",
    "AdaptiveVarPool2d",
    "AdaptiveVarPool3d",
    "DetailPool1d",
    "DetailPool2d",
    "DetailPool3d",
    "GatedPool1d",
    "GatedPool2d",
    "GatedPool3d",
    "GemPool1d",
    "GemPool2d",
    "GemPool3d",
    "GlobalGemPool",
    "GlobalLearnedNormPool",
    "GlobalLipPool",
    "GlobalLsePool",
    "GlobalMedianPool",
    "GlobalMixedPool",
    "GlobalModePool",
    "GlobalRangePool",
    "GlobalRankPool",
    "GlobalSoftPool",
    "GlobalSoftmaxPool",
    "GlobalStdPool",
    "GlobalStochasticPool",
    "GlobalVarPool",
    "LearnedNormPool1d",
    "LearnedNormPool2d",
    "LearnedNormPool3d",
    "LipPool1d",
    "LipPool2d",
    "LipPool3d",
    "LsePool1d",
    "LsePool2d",
    "LsePool3d",
    "MedianPool1d",
    "MedianPool2d",
    "MedianPool3d",
    "MixedPool1d",
    "MixedPool2d",
    "MixedPool3d",
    "ModePool1d",
    "ModePool2d",
    "ModePool3d",
    "OrdinalPool1d",
    "OrdinalPool2d",
    "OrdinalPool3d",
    "RangePool1d",
    "RangePool2d",
    "RangePool3d",
    "RankPool1d",
    "RankPool2d",
    "RankPool3d",
    "SoftPool1d",
    "SoftPool2d",
    "SoftPool3d",
    "SoftmaxPool1d",
    "SoftmaxPool2d",
    "SoftmaxPool3d",
    "StdPool1d",
    "StdPool2d",
    "StdPool3d",
    "StochasticPool1d",
    "StochasticPool2d",
    "StochasticPool3d",
    "TreePool1d",
    "TreePool2d",
    "TreePool3d",
    "VarPool1d",
    "VarPool2d",
    "VarPool3d",
]

class WholeLayer(_Layer):
    operator: Any
    def __call__(self, x: ArrayLike, *arrays: ArrayLike, mask: ArrayLike | None = None) -> Any: ...
    def backward(self, grad_output: ArrayLike) -> Any: ...
class DrawingLayer(WholeLayer):
    def __call__(  # type: ignore[override]
        self, x: ArrayLike, *, mask: ArrayLike | None = None, random_samples: ArrayLike | None = None,
        indices: ArrayLike | None = None,
    ) -> Any: ...
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
class _LseArguments(WholeLayer):
    def __init__(
        self, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0, dilation: _Ints = 1,
        ceil_mode: bool = False, *, r: ArrayLike = 1.0, dtype: DTypeLike | None = None,
        data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    ) -> None: ...
class LsePool1d(_LseArguments): ...
class LsePool2d(_LseArguments): ...
class LsePool3d(_LseArguments): ...
class _AdaptiveLseArguments(WholeLayer):
    def __init__(
        self, output_size: _Sizes, *, r: ArrayLike = 1.0, dtype: DTypeLike | None = None,
        data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    ) -> None: ...
class AdaptiveLsePool1d(_AdaptiveLseArguments): ...
class AdaptiveLsePool2d(_AdaptiveLseArguments): ...
class AdaptiveLsePool3d(_AdaptiveLseArguments): ...
class GlobalLsePool(WholeLayer):
    def __init__(
        self, *, spatial_ndim: SupportsIndex | None = None, data_format: str = "channels_first",
        axis: _Ints | None = None, keepdims: bool = False, r: ArrayLike = 1.0,
        dtype: DTypeLike | None = None, nan_policy: str = "propagate",
    ) -> None: ...
class _SoftArguments(WholeLayer):
    def __init__(
        self, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0, dilation: _Ints = 1,
        ceil_mode: bool = False, *, dtype: DTypeLike | None = None, data_format: str = "channels_first",
        axis: _Ints | None = None, nan_policy: str = "propagate",
    ) -> None: ...
class SoftPool1d(_SoftArguments): ...
class SoftPool2d(_SoftArguments): ...
class SoftPool3d(_SoftArguments): ...
class _AdaptiveSoftArguments(WholeLayer):
    def __init__(
        self, output_size: _Sizes, *, dtype: DTypeLike | None = None, data_format: str = "channels_first",
        axis: _Ints | None = None, nan_policy: str = "propagate",
    ) -> None: ...
class AdaptiveSoftPool1d(_AdaptiveSoftArguments): ...
class AdaptiveSoftPool2d(_AdaptiveSoftArguments): ...
class AdaptiveSoftPool3d(_AdaptiveSoftArguments): ...
class GlobalSoftPool(WholeLayer):
    def __init__(
        self, *, spatial_ndim: SupportsIndex | None = None, data_format: str = "channels_first",
        axis: _Ints | None = None, keepdims: bool = False, dtype: DTypeLike | None = None,
        nan_policy: str = "propagate",
    ) -> None: ...
class _SoftmaxArguments(WholeLayer):
    def __init__(
        self, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0, dilation: _Ints = 1,
        ceil_mode: bool = False, *, temperature: ArrayLike = 1.0, dtype: DTypeLike | None = None,
        data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    ) -> None: ...
class SoftmaxPool1d(_SoftmaxArguments): ...
class SoftmaxPool2d(_SoftmaxArguments): ...
class SoftmaxPool3d(_SoftmaxArguments): ...
class _AdaptiveSoftmaxArguments(WholeLayer):
    def __init__(
        self, output_size: _Sizes, *, temperature: ArrayLike = 1.0, dtype: DTypeLike | None = None,
        data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    ) -> None: ...
class AdaptiveSoftmaxPool1d(_AdaptiveSoftmaxArguments): ...
class AdaptiveSoftmaxPool2d(_AdaptiveSoftmaxArguments): ...
class AdaptiveSoftmaxPool3d(_AdaptiveSoftmaxArguments): ...
class GlobalSoftmaxPool(WholeLayer):
    def __init__(
        self, *, spatial_ndim: SupportsIndex | None = None, data_format: str = "channels_first",
        axis: _Ints | None = None, keepdims: bool = False, temperature: ArrayLike = 1.0,
        dtype: DTypeLike | None = None, nan_policy: str = "propagate",
    ) -> None: ...
class _LipArguments(WholeLayer):
    def __init__(
        self, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0, dilation: _Ints = 1,
        ceil_mode: bool = False, *, dtype: DTypeLike | None = None, data_format: str = "channels_first",
        axis: _Ints | None = None, nan_policy: str = "propagate",
    ) -> None: ...
class LipPool1d(_LipArguments): ...
class LipPool2d(_LipArguments): ...
class LipPool3d(_LipArguments): ...
class _AdaptiveLipArguments(WholeLayer):
    def __init__(
        self, output_size: _Sizes, *, dtype: DTypeLike | None = None, data_format: str = "channels_first",
        axis: _Ints | None = None, nan_policy: str = "propagate",
    ) -> None: ...
class AdaptiveLipPool1d(_AdaptiveLipArguments): ...
class AdaptiveLipPool2d(_AdaptiveLipArguments): ...
class AdaptiveLipPool3d(_AdaptiveLipArguments): ...
class GlobalLipPool(WholeLayer):
    def __init__(
        self, *, spatial_ndim: SupportsIndex | None = None, data_format: str = "channels_first",
        axis: _Ints | None = None, keepdims: bool = False, dtype: DTypeLike | None = None,
        nan_policy: str = "propagate",
    ) -> None: ...
class _GemArguments(WholeLayer):
    def __init__(
        self, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0, dilation: _Ints = 1,
        ceil_mode: bool = False, *, p: ArrayLike = 3.0, eps: float = 1e-06, dtype: DTypeLike | None = None,
        data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    ) -> None: ...
class GemPool1d(_GemArguments): ...
class GemPool2d(_GemArguments): ...
class GemPool3d(_GemArguments): ...
class _AdaptiveGemArguments(WholeLayer):
    def __init__(
        self, output_size: _Sizes, *, p: ArrayLike = 3.0, eps: float = 1e-06, dtype: DTypeLike | None = None,
        data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    ) -> None: ...
class AdaptiveGemPool1d(_AdaptiveGemArguments): ...
class AdaptiveGemPool2d(_AdaptiveGemArguments): ...
class AdaptiveGemPool3d(_AdaptiveGemArguments): ...
class GlobalGemPool(WholeLayer):
    def __init__(
        self, *, spatial_ndim: SupportsIndex | None = None, data_format: str = "channels_first",
        axis: _Ints | None = None, keepdims: bool = False, p: ArrayLike = 3.0, eps: float = 1e-06,
        dtype: DTypeLike | None = None, nan_policy: str = "propagate",
    ) -> None: ...
class _LearnedNormArguments(WholeLayer):
    def __init__(
        self, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0, dilation: _Ints = 1,
        ceil_mode: bool = False, *, p: ArrayLike = 2.0, c: ArrayLike = 0.0, dtype: DTypeLike | None = None,
        data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    ) -> None: ...
class LearnedNormPool1d(_LearnedNormArguments): ...
class LearnedNormPool2d(_LearnedNormArguments): ...
class LearnedNormPool3d(_LearnedNormArguments): ...
class _AdaptiveLearnedNormArguments(WholeLayer):
    def __init__(
        self, output_size: _Sizes, *, p: ArrayLike = 2.0, c: ArrayLike = 0.0, dtype: DTypeLike | None = None,
        data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    ) -> None: ...
class AdaptiveLearnedNormPool1d(_AdaptiveLearnedNormArguments): ...
class AdaptiveLearnedNormPool2d(_AdaptiveLearnedNormArguments): ...
class AdaptiveLearnedNormPool3d(_AdaptiveLearnedNormArguments): ...
class GlobalLearnedNormPool(WholeLayer):
    def __init__(
        self, *, spatial_ndim: SupportsIndex | None = None, data_format: str = "channels_first",
        axis: _Ints | None = None, keepdims: bool = False, p: ArrayLike = 2.0, c: ArrayLike = 0.0,
        dtype: DTypeLike | None = None, nan_policy: str = "propagate",
    ) -> None: ...
class _MixedArguments(WholeLayer):
    def __init__(
        self, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0, dilation: _Ints = 1,
        ceil_mode: bool = False, *, alpha: ArrayLike = 0.5, dtype: DTypeLike | None = None,
        data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    ) -> None: ...
class MixedPool1d(_MixedArguments): ...
class MixedPool2d(_MixedArguments): ...
class MixedPool3d(_MixedArguments): ...
class _AdaptiveMixedArguments(WholeLayer):
    def __init__(
        self, output_size: _Sizes, *, alpha: ArrayLike = 0.5, dtype: DTypeLike | None = None,
        data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    ) -> None: ...
class AdaptiveMixedPool1d(_AdaptiveMixedArguments): ...
class AdaptiveMixedPool2d(_AdaptiveMixedArguments): ...
class AdaptiveMixedPool3d(_AdaptiveMixedArguments): ...
class GlobalMixedPool(WholeLayer):
    def __init__(
        self, *, spatial_ndim: SupportsIndex | None = None, data_format: str = "channels_first",
        axis: _Ints | None = None, keepdims: bool = False, alpha: ArrayLike = 0.5,
        dtype: DTypeLike | None = None, nan_policy: str = "propagate",
    ) -> None: ...
class _GatedArguments(WholeLayer):
    def __init__(
        self, gate: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0,
        dilation: _Ints = 1, ceil_mode: bool = False, *, bias: ArrayLike = 0.0,
        dtype: DTypeLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
        nan_policy: str = "propagate",
    ) -> None: ...
class GatedPool1d(_GatedArguments): ...
class GatedPool2d(_GatedArguments): ...
class GatedPool3d(_GatedArguments): ...
class _TreeArguments(WholeLayer):
    def __init__(
        self, gates: ArrayLike, leaves: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None,
        padding: _Padding = 0, dilation: _Ints = 1, ceil_mode: bool = False, *,
        dtype: DTypeLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
        nan_policy: str = "propagate",
    ) -> None: ...
class TreePool1d(_TreeArguments): ...
class TreePool2d(_TreeArguments): ...
class TreePool3d(_TreeArguments): ...
class _DetailArguments(WholeLayer):
    def __init__(
        self, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0, dilation: _Ints = 1,
        ceil_mode: bool = False, *, alpha: ArrayLike = 0.0, lam: ArrayLike = 1.0, eps: float = 0.001,
        filter: ArrayLike | None = None, symmetric: bool = True, dtype: DTypeLike | None = None,
        data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    ) -> None: ...
class DetailPool1d(_DetailArguments): ...
class DetailPool2d(_DetailArguments): ...
class DetailPool3d(_DetailArguments): ...
class _OrdinalArguments(WholeLayer):
    def __init__(
        self, rank_weights: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None,
        padding: _Padding = 0, dilation: _Ints = 1, ceil_mode: bool = False, *,
        dtype: DTypeLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
        nan_policy: str = "propagate",
    ) -> None: ...
class OrdinalPool1d(_OrdinalArguments): ...
class OrdinalPool2d(_OrdinalArguments): ...
class OrdinalPool3d(_OrdinalArguments): ...
class _StochasticArguments(DrawingLayer):
    def __init__(
        self, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0, dilation: _Ints = 1,
        ceil_mode: bool = False, return_indices: bool = False, *, training: bool = True,
        rng: Generator | None = None, dtype: DTypeLike | None = None, data_format: str = "channels_first",
        axis: _Ints | None = None, index_dtype: DTypeLike | None = None, nan_policy: str = "propagate",
    ) -> None: ...
class StochasticPool1d(_StochasticArguments): ...
class StochasticPool2d(_StochasticArguments): ...
class StochasticPool3d(_StochasticArguments): ...
class _AdaptiveStochasticArguments(DrawingLayer):
    def __init__(
        self, output_size: _Sizes, return_indices: bool = False, *, training: bool = True,
        rng: Generator | None = None, dtype: DTypeLike | None = None, data_format: str = "channels_first",
        axis: _Ints | None = None, index_dtype: DTypeLike | None = None, nan_policy: str = "propagate",
    ) -> None: ...
class AdaptiveStochasticPool1d(_AdaptiveStochasticArguments): ...
class AdaptiveStochasticPool2d(_AdaptiveStochasticArguments): ...
class AdaptiveStochasticPool3d(_AdaptiveStochasticArguments): ...
class GlobalStochasticPool(DrawingLayer):
    def __init__(
        self, *, spatial_ndim: SupportsIndex | None = None, data_format: str = "channels_first",
        axis: _Ints | None = None, keepdims: bool = False, return_indices: bool = False,
        index_dtype: DTypeLike | None = None, training: bool = True, rng: Generator | None = None,
        dtype: DTypeLike | None = None, nan_policy: str = "propagate",
    ) -> None: ...
