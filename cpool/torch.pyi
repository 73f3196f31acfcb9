from collections.abc import Sequence
from typing import Any, Literal, TypeAlias, TypeVar, overload

from torch import Tensor, nn

__all__ = [
    "AdaptiveAvgPool1d",
    "AdaptiveAvgPool2d",
    "AdaptiveAvgPool3d",
    "AdaptiveConcatPool1d",
    "AdaptiveConcatPool2d",
    "AdaptiveConcatPool3d",
    "AdaptiveGemPool1d",
    "AdaptiveGemPool2d",
    "AdaptiveGemPool3d",
    "AdaptiveLPPool1d",
    "AdaptiveLPPool2d",
    "AdaptiveLPPool3d",
    "AdaptiveLearnedNormPool1d",
    "AdaptiveLearnedNormPool2d",
    "AdaptiveLearnedNormPool3d",
    "AdaptiveLipPool1d",
    "AdaptiveLipPool2d",
    "AdaptiveLipPool3d",
    "AdaptiveLsePool1d",
    "AdaptiveLsePool2d",
    "AdaptiveLsePool3d",
    "AdaptiveMaxPool1d",
    "AdaptiveMaxPool2d",
    "AdaptiveMaxPool3d",
    "AdaptiveMedianPool1d",
    "AdaptiveMedianPool2d",
    "AdaptiveMedianPool3d",
    "AdaptiveMinPool1d",
    "AdaptiveMinPool2d",
    "AdaptiveMinPool3d",
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
    "AdaptiveSumPool1d",
    "AdaptiveSumPool2d",
    "AdaptiveSumPool3d",
    "AdaptiveVarPool1d",
    "AdaptiveVarPool2d",
    "AdaptiveVarPool3d",
    "AttentionPool",
    "AttentiveStatsPool",
    "AvgPool1d",
    "AvgPool2d",
    "AvgPool3d",
    "BlurPool1d",
    "BlurPool2d",
    "BlurPool3d",
    "DetailPool1d",
    "DetailPool2d",
    "DetailPool3d",
    "FractionalAvgPool1d",
    "FractionalAvgPool2d",
    "FractionalAvgPool3d",
    "FractionalMaxPool1d",
    "FractionalMaxPool2d",
    "FractionalMaxPool3d",
    "GatedPool1d",
    "GatedPool2d",
    "GatedPool3d",
    "GemPool1d",
    "GemPool2d",
    "GemPool3d",
    "GlobalAvgPool",
    "GlobalGemPool",
    "GlobalLPPool",
    "GlobalLearnedNormPool",
    "GlobalLipPool",
    "GlobalLsePool",
    "GlobalMaxPool",
    "GlobalMedianPool",
    "GlobalMinPool",
    "GlobalMixedPool",
    "GlobalModePool",
    "GlobalRangePool",
    "GlobalRankPool",
    "GlobalSoftPool",
    "GlobalSoftmaxPool",
    "GlobalStdPool",
    "GlobalStochasticPool",
    "GlobalSumPool",
    "GlobalVarPool",
    "KMaxPool",
    "LPPool1d",
    "LPPool2d",
    "LPPool3d",
    "LearnedNormPool1d",
    "LearnedNormPool2d",
    "LearnedNormPool3d",
    "LipPool1d",
    "LipPool2d",
    "LipPool3d",
    "LsePool1d",
    "LsePool2d",
    "LsePool3d",
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
    "MedianPool1d",
    "MedianPool2d",
    "MedianPool3d",
    "MinPool1d",
    "MinPool2d",
    "MinPool3d",
    "MixedPool1d",
    "MixedPool2d",
    "MixedPool3d",
    "ModePool1d",
    "ModePool2d",
    "ModePool3d",
    "OrdinalPool1d",
    "OrdinalPool2d",
    "OrdinalPool3d",
    "PSRoIAlign",
    "PSRoIPool",
    "PoolPyramid",
    "PoolingError",
    "PrRoIPool",
    "RangePool1d",
    "RangePool2d",
    "RangePool3d",
    "RankPool1d",
    "RankPool2d",
    "RankPool3d",
    "RoIAlign",
    "RoIPool",
    "S3Pool1d",
    "S3Pool2d",
    "S3Pool3d",
    "SegmentPool",
    "SoftPool1d",
    "SoftPool2d",
    "SoftPool3d",
    "SoftmaxPool1d",
    "SoftmaxPool2d",
    "SoftmaxPool3d",
    "SpatialPyramidPool",
    "StatsPool",
    "StdPool1d",
    "StdPool2d",
    "StdPool3d",
    "StochasticPool1d",
    "StochasticPool2d",
    "StochasticPool3d",
    "StripPool",
    "SumPool1d",
    "SumPool2d",
    "SumPool3d",
    "TokenPool",
    "TreePool1d",
    "TreePool2d",
    "TreePool3d",
    "VarPool1d",
    "VarPool2d",
    "VarPool3d",
    "adaptive_avg_pool1d",
    "adaptive_avg_pool2d",
    "adaptive_avg_pool3d",
    "adaptive_concat_pool1d",
    "adaptive_concat_pool2d",
    "adaptive_concat_pool3d",
    "adaptive_gem_pool1d",
    "adaptive_gem_pool2d",
    "adaptive_gem_pool3d",
    "adaptive_learned_norm_pool1d",
    "adaptive_learned_norm_pool2d",
    "adaptive_learned_norm_pool3d",
    "adaptive_lip_pool1d",
    "adaptive_lip_pool2d",
    "adaptive_lip_pool3d",
    "adaptive_lp_pool1d",
    "adaptive_lp_pool2d",
    "adaptive_lp_pool3d",
    "adaptive_lse_pool1d",
    "adaptive_lse_pool2d",
    "adaptive_lse_pool3d",
    "adaptive_max_pool1d",
    "adaptive_max_pool2d",
    "adaptive_max_pool3d",
    "adaptive_median_pool1d",
    "adaptive_median_pool2d",
    "adaptive_median_pool3d",
    "adaptive_min_pool1d",
    "adaptive_min_pool2d",
    "adaptive_min_pool3d",
    "adaptive_mixed_pool1d",
    "adaptive_mixed_pool2d",
    "adaptive_mixed_pool3d",
    "adaptive_mode_pool1d",
    "adaptive_mode_pool2d",
    "adaptive_mode_pool3d",
    "adaptive_range_pool1d",
    "adaptive_range_pool2d",
    "adaptive_range_pool3d",
    "adaptive_rank_pool1d",
    "adaptive_rank_pool2d",
    "adaptive_rank_pool3d",
    "adaptive_soft_pool1d",
    "adaptive_soft_pool2d",
    "adaptive_soft_pool3d",
    "adaptive_softmax_pool1d",
    "adaptive_softmax_pool2d",
    "adaptive_softmax_pool3d",
    "adaptive_std_pool1d",
    "adaptive_std_pool2d",
    "adaptive_std_pool3d",
    "adaptive_stochastic_pool1d",
    "adaptive_stochastic_pool2d",
    "adaptive_stochastic_pool3d",
    "adaptive_sum_pool1d",
    "adaptive_sum_pool2d",
    "adaptive_sum_pool3d",
    "adaptive_var_pool1d",
    "adaptive_var_pool2d",
    "adaptive_var_pool3d",
    "attention_pool",
    "attentive_stats_pool",
    "avg_pool1d",
    "avg_pool2d",
    "avg_pool3d",
    "blur_pool1d",
    "blur_pool2d",
    "blur_pool3d",
    "detail_pool1d",
    "detail_pool2d",
    "detail_pool3d",
    "fractional_avg_pool1d",
    "fractional_avg_pool2d",
    "fractional_avg_pool3d",
    "fractional_max_pool1d",
    "fractional_max_pool2d",
    "fractional_max_pool3d",
    "gated_pool1d",
    "gated_pool2d",
    "gated_pool3d",
    "gem_pool1d",
    "gem_pool2d",
    "gem_pool3d",
    "global_avg_pool",
    "global_gem_pool",
    "global_learned_norm_pool",
    "global_lip_pool",
    "global_lp_pool",
    "global_lse_pool",
    "global_max_pool",
    "global_median_pool",
    "global_min_pool",
    "global_mixed_pool",
    "global_mode_pool",
    "global_range_pool",
    "global_rank_pool",
    "global_soft_pool",
    "global_softmax_pool",
    "global_std_pool",
    "global_stochastic_pool",
    "global_sum_pool",
    "global_var_pool",
    "kmax_pool",
    "learned_norm_pool1d",
    "learned_norm_pool2d",
    "learned_norm_pool3d",
    "lip_pool1d",
    "lip_pool2d",
    "lip_pool3d",
    "lp_pool1d",
    "lp_pool2d",
    "lp_pool3d",
    "lse_pool1d",
    "lse_pool2d",
    "lse_pool3d",
    "max_blur_pool1d",
    "max_blur_pool2d",
    "max_blur_pool3d",
    "max_over_time_pool",
    "max_pool1d",
    "max_pool2d",
    "max_pool3d",
    "max_unpool1d",
    "max_unpool2d",
    "max_unpool3d",
    "median_pool1d",
    "median_pool2d",
    "median_pool3d",
    "min_pool1d",
    "min_pool2d",
    "min_pool3d",
    "mixed_pool1d",
    "mixed_pool2d",
    "mixed_pool3d",
    "mode_pool1d",
    "mode_pool2d",
    "mode_pool3d",
    "ordinal_pool1d",
    "ordinal_pool2d",
    "ordinal_pool3d",
    "pool_pyramid",
    "prroi_pool",
    "ps_roi_align",
    "ps_roi_pool",
    "range_pool1d",
    "range_pool2d",
    "range_pool3d",
    "rank_pool1d",
    "rank_pool2d",
    "rank_pool3d",
    "replace",
    "restore",
    "roi_align",
    "roi_pool",
    "s3_pool1d",
    "s3_pool2d",
    "s3_pool3d",
    "segment_pool",
    "soft_pool1d",
    "soft_pool2d",
    "soft_pool3d",
    "softmax_pool1d",
    "softmax_pool2d",
    "softmax_pool3d",
    "spatial_pyramid_pool",
    "stats_pool",
    "std_pool1d",
    "std_pool2d",
    "std_pool3d",
    "stochastic_pool1d",
    "stochastic_pool2d",
    "stochastic_pool3d",
    "strip_pool",
    "sum_pool1d",
    "sum_pool2d",
    "sum_pool3d",
    "token_pool",
    "tree_pool1d",
    "tree_pool2d",
    "tree_pool3d",
    "var_pool1d",
    "var_pool2d",
    "var_pool3d",
]

_Model = TypeVar("_Model", bound=nn.Module)
_Size: TypeAlias = int | Sequence[int]
_OutputSize: TypeAlias = int | Sequence[int | None] | None
_Word: TypeAlias = Literal["valid", "same", "same_lower"]
_Padding: TypeAlias = int | Sequence[int] | Sequence[tuple[int, int]] | _Word
_Pair: TypeAlias = tuple[Tensor, Tensor]

class PoolingError(ValueError, RuntimeError): ...

def replace(model: _Model) -> _Model: ...
def restore(model: _Model) -> _Model: ...
def adaptive_avg_pool1d(
    input: Tensor, output_size: _OutputSize,
) -> Tensor: ...
adaptive_avg_pool2d = adaptive_avg_pool1d
adaptive_avg_pool3d = adaptive_avg_pool1d
def adaptive_concat_pool1d(
    input: Tensor, output_size: _OutputSize = 1, ops: Sequence[str] = ("max", "avg"),
) -> Tensor: ...
adaptive_concat_pool2d = adaptive_concat_pool1d
adaptive_concat_pool3d = adaptive_concat_pool1d
def adaptive_gem_pool1d(
    input: Tensor, output_size: _OutputSize, *, p: float | Tensor = 3.0, eps: float = 1e-06,
    nan_policy: str = "propagate", mask: Tensor | None = None,
) -> Tensor: ...
adaptive_gem_pool2d = adaptive_gem_pool1d
adaptive_gem_pool3d = adaptive_gem_pool1d
def adaptive_learned_norm_pool1d(
    input: Tensor, output_size: _OutputSize, *, p: float | Tensor = 2.0, c: float | Tensor = 0.0,
    nan_policy: str = "propagate", mask: Tensor | None = None,
) -> Tensor: ...
adaptive_learned_norm_pool2d = adaptive_learned_norm_pool1d
adaptive_learned_norm_pool3d = adaptive_learned_norm_pool1d
def adaptive_lip_pool1d(
    input: Tensor, logits: Tensor, output_size: _OutputSize, *, nan_policy: str = "propagate",
    mask: Tensor | None = None,
) -> Tensor: ...
adaptive_lip_pool2d = adaptive_lip_pool1d
adaptive_lip_pool3d = adaptive_lip_pool1d
def adaptive_lp_pool1d(
    input: Tensor, norm_type: float, output_size: _OutputSize, *, normalize: bool = False,
) -> Tensor: ...
adaptive_lp_pool2d = adaptive_lp_pool1d
adaptive_lp_pool3d = adaptive_lp_pool1d
def adaptive_lse_pool1d(
    input: Tensor, output_size: _OutputSize, *, r: float | Tensor = 1.0, nan_policy: str = "propagate",
    mask: Tensor | None = None,
) -> Tensor: ...
adaptive_lse_pool2d = adaptive_lse_pool1d
adaptive_lse_pool3d = adaptive_lse_pool1d
@overload
def adaptive_max_pool1d(
    input: Tensor, output_size: _OutputSize, return_indices: Literal[False] = False,
) -> Tensor: ...
@overload
def adaptive_max_pool1d(
    input: Tensor, output_size: _OutputSize, *, return_indices: Literal[True],
) -> _Pair: ...
@overload
def adaptive_max_pool1d(
    input: Tensor, output_size: _OutputSize, return_indices: Literal[True],
) -> _Pair: ...
@overload
def adaptive_max_pool1d(
    input: Tensor, output_size: _OutputSize, return_indices: bool = False,
) -> Tensor | _Pair: ...
adaptive_max_pool2d = adaptive_max_pool1d
adaptive_max_pool3d = adaptive_max_pool1d
@overload
def adaptive_median_pool1d(
    input: Tensor, output_size: _OutputSize, return_indices: Literal[False] = False, *,
    nan_policy: str = "propagate", mask: Tensor | None = None,
) -> Tensor: ...
@overload
def adaptive_median_pool1d(
    input: Tensor, output_size: _OutputSize, *, return_indices: Literal[True], nan_policy: str = "propagate",
    mask: Tensor | None = None,
) -> _Pair: ...
@overload
def adaptive_median_pool1d(
    input: Tensor, output_size: _OutputSize, return_indices: Literal[True], *, nan_policy: str = "propagate",
    mask: Tensor | None = None,
) -> _Pair: ...
@overload
def adaptive_median_pool1d(
    input: Tensor, output_size: _OutputSize, return_indices: bool = False, *, nan_policy: str = "propagate",
    mask: Tensor | None = None,
) -> Tensor | _Pair: ...
adaptive_median_pool2d = adaptive_median_pool1d
adaptive_median_pool3d = adaptive_median_pool1d
@overload
def adaptive_min_pool1d(
    input: Tensor, output_size: _OutputSize, return_indices: Literal[False] = False,
) -> Tensor: ...
@overload
def adaptive_min_pool1d(
    input: Tensor, output_size: _OutputSize, *, return_indices: Literal[True],
) -> _Pair: ...
@overload
def adaptive_min_pool1d(
    input: Tensor, output_size: _OutputSize, return_indices: Literal[True],
) -> _Pair: ...
@overload
def adaptive_min_pool1d(
    input: Tensor, output_size: _OutputSize, return_indices: bool = False,
) -> Tensor | _Pair: ...
adaptive_min_pool2d = adaptive_min_pool1d
adaptive_min_pool3d = adaptive_min_pool1d
def adaptive_mixed_pool1d(
    input: Tensor, output_size: _OutputSize, *, alpha: float | Tensor = 0.5, nan_policy: str = "propagate",
    mask: Tensor | None = None,
) -> Tensor: ...
adaptive_mixed_pool2d = adaptive_mixed_pool1d
adaptive_mixed_pool3d = adaptive_mixed_pool1d
@overload
def adaptive_mode_pool1d(
    input: Tensor, output_size: _OutputSize, return_counts: Literal[False] = False, *,
    ignore_label: int | None = None, nan_policy: str = "propagate", mask: Tensor | None = None,
) -> Tensor: ...
@overload
def adaptive_mode_pool1d(
    input: Tensor, output_size: _OutputSize, *, return_counts: Literal[True],
    ignore_label: int | None = None, nan_policy: str = "propagate", mask: Tensor | None = None,
) -> _Pair: ...
@overload
def adaptive_mode_pool1d(
    input: Tensor, output_size: _OutputSize, return_counts: Literal[True], *,
    ignore_label: int | None = None, nan_policy: str = "propagate", mask: Tensor | None = None,
) -> _Pair: ...
@overload
def adaptive_mode_pool1d(
    input: Tensor, output_size: _OutputSize, return_counts: bool = False, *, ignore_label: int | None = None,
    nan_policy: str = "propagate", mask: Tensor | None = None,
) -> Tensor | _Pair: ...
adaptive_mode_pool2d = adaptive_mode_pool1d
adaptive_mode_pool3d = adaptive_mode_pool1d
def adaptive_range_pool1d(
    input: Tensor, output_size: _OutputSize, *, nan_policy: str = "propagate", mask: Tensor | None = None,
) -> Tensor: ...
adaptive_range_pool2d = adaptive_range_pool1d
adaptive_range_pool3d = adaptive_range_pool1d
@overload
def adaptive_rank_pool1d(
    input: Tensor, output_size: _OutputSize, return_indices: Literal[False] = False, *,
    rank: int | None = None, q: float | None = None, method: str = "linear", nan_policy: str = "propagate",
    mask: Tensor | None = None,
) -> Tensor: ...
@overload
def adaptive_rank_pool1d(
    input: Tensor, output_size: _OutputSize, *, return_indices: Literal[True], rank: int | None = None,
    q: float | None = None, method: str = "linear", nan_policy: str = "propagate",
    mask: Tensor | None = None,
) -> _Pair: ...
@overload
def adaptive_rank_pool1d(
    input: Tensor, output_size: _OutputSize, return_indices: Literal[True], *, rank: int | None = None,
    q: float | None = None, method: str = "linear", nan_policy: str = "propagate",
    mask: Tensor | None = None,
) -> _Pair: ...
@overload
def adaptive_rank_pool1d(
    input: Tensor, output_size: _OutputSize, return_indices: bool = False, *, rank: int | None = None,
    q: float | None = None, method: str = "linear", nan_policy: str = "propagate",
    mask: Tensor | None = None,
) -> Tensor | _Pair: ...
adaptive_rank_pool2d = adaptive_rank_pool1d
adaptive_rank_pool3d = adaptive_rank_pool1d
def adaptive_soft_pool1d(
    input: Tensor, output_size: _OutputSize, *, nan_policy: str = "propagate", mask: Tensor | None = None,
) -> Tensor: ...
adaptive_soft_pool2d = adaptive_soft_pool1d
adaptive_soft_pool3d = adaptive_soft_pool1d
def adaptive_softmax_pool1d(
    input: Tensor, output_size: _OutputSize, *, temperature: float | Tensor = 1.0,
    nan_policy: str = "propagate", mask: Tensor | None = None,
) -> Tensor: ...
adaptive_softmax_pool2d = adaptive_softmax_pool1d
adaptive_softmax_pool3d = adaptive_softmax_pool1d
def adaptive_std_pool1d(
    input: Tensor, output_size: _OutputSize, *, correction: float = 0, nan_policy: str = "propagate",
    mask: Tensor | None = None,
) -> Tensor: ...
adaptive_std_pool2d = adaptive_std_pool1d
adaptive_std_pool3d = adaptive_std_pool1d
@overload
def adaptive_stochastic_pool1d(
    input: Tensor, output_size: _OutputSize, return_indices: Literal[False] = False, *,
    training: bool = True, random_samples: Tensor | None = None, indices: Tensor | None = None,
    nan_policy: str = "propagate", mask: Tensor | None = None,
) -> Tensor: ...
@overload
def adaptive_stochastic_pool1d(
    input: Tensor, output_size: _OutputSize, *, return_indices: Literal[True], training: bool = True,
    random_samples: Tensor | None = None, indices: Tensor | None = None, nan_policy: str = "propagate",
    mask: Tensor | None = None,
) -> _Pair: ...
@overload
def adaptive_stochastic_pool1d(
    input: Tensor, output_size: _OutputSize, return_indices: Literal[True], *, training: bool = True,
    random_samples: Tensor | None = None, indices: Tensor | None = None, nan_policy: str = "propagate",
    mask: Tensor | None = None,
) -> _Pair: ...
@overload
def adaptive_stochastic_pool1d(
    input: Tensor, output_size: _OutputSize, return_indices: bool = False, *, training: bool = True,
    random_samples: Tensor | None = None, indices: Tensor | None = None, nan_policy: str = "propagate",
    mask: Tensor | None = None,
) -> Tensor | _Pair: ...
adaptive_stochastic_pool2d = adaptive_stochastic_pool1d
adaptive_stochastic_pool3d = adaptive_stochastic_pool1d
def adaptive_sum_pool1d(
    input: Tensor, output_size: _OutputSize,
) -> Tensor: ...
adaptive_sum_pool2d = adaptive_sum_pool1d
adaptive_sum_pool3d = adaptive_sum_pool1d
def adaptive_var_pool1d(
    input: Tensor, output_size: _OutputSize, *, correction: float = 0, nan_policy: str = "propagate",
    mask: Tensor | None = None,
) -> Tensor: ...
adaptive_var_pool2d = adaptive_var_pool1d
adaptive_var_pool3d = adaptive_var_pool1d
@overload
def attention_pool(
    input: Tensor, scores: Tensor | None = None, mask: Tensor | None = None, *, query: Tensor | None = None,
    scale: float = 1.0, lengths: Tensor | Sequence[int] | None = None,
    return_weights: Literal[False] = False, empty: float | None = None,
) -> Tensor: ...
@overload
def attention_pool(
    input: Tensor, scores: Tensor | None = None, mask: Tensor | None = None, *,
    return_weights: Literal[True], query: Tensor | None = None, scale: float = 1.0,
    lengths: Tensor | Sequence[int] | None = None, empty: float | None = None,
) -> _Pair: ...
@overload
def attention_pool(
    input: Tensor, scores: Tensor | None = None, mask: Tensor | None = None, *, query: Tensor | None = None,
    scale: float = 1.0, lengths: Tensor | Sequence[int] | None = None, return_weights: bool = False,
    empty: float | None = None,
) -> Tensor | _Pair: ...
@overload
def attentive_stats_pool(
    input: Tensor, scores: Tensor | None = None, mask: Tensor | None = None, *, query: Tensor | None = None,
    scale: float = 1.0, lengths: Tensor | Sequence[int] | None = None,
    return_weights: Literal[False] = False, empty: float | None = None,
) -> Tensor: ...
@overload
def attentive_stats_pool(
    input: Tensor, scores: Tensor | None = None, mask: Tensor | None = None, *,
    return_weights: Literal[True], query: Tensor | None = None, scale: float = 1.0,
    lengths: Tensor | Sequence[int] | None = None, empty: float | None = None,
) -> _Pair: ...
@overload
def attentive_stats_pool(
    input: Tensor, scores: Tensor | None = None, mask: Tensor | None = None, *, query: Tensor | None = None,
    scale: float = 1.0, lengths: Tensor | Sequence[int] | None = None, return_weights: bool = False,
    empty: float | None = None,
) -> Tensor | _Pair: ...
def avg_pool1d(
    input: Tensor, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0,
    ceil_mode: bool = False, count_include_pad: bool = True, divisor_override: int | None = None, *,
    dilation: _Size = 1,
) -> Tensor: ...
avg_pool2d = avg_pool1d
avg_pool3d = avg_pool1d
def blur_pool1d(
    input: Tensor, blur_size: int = 4, stride: _Size | None = 2, padding: str = "reflect",
) -> Tensor: ...
blur_pool2d = blur_pool1d
blur_pool3d = blur_pool1d
def detail_pool1d(
    input: Tensor, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0,
    dilation: _Size = 1, ceil_mode: bool = False, *, alpha: float | Tensor = 0.0, lam: float | Tensor = 1.0,
    eps: float = 0.001, filter: Tensor | None = None, symmetric: bool = True, nan_policy: str = "propagate",
    mask: Tensor | None = None,
) -> Tensor: ...
detail_pool2d = detail_pool1d
detail_pool3d = detail_pool1d
def fractional_avg_pool1d(
    input: Tensor, kernel_size: _Size | None, output_size: _Size | None = None,
    output_ratio: float | Sequence[float] | None = None, _random_samples: Tensor | None = None, *,
    boundaries: Sequence[Any] | Tensor | None = None,
) -> Tensor: ...
fractional_avg_pool2d = fractional_avg_pool1d
fractional_avg_pool3d = fractional_avg_pool1d
@overload
def fractional_max_pool1d(
    input: Tensor, kernel_size: _Size | None, output_size: _Size | None = None,
    output_ratio: float | Sequence[float] | None = None, return_indices: Literal[False] = False,
    _random_samples: Tensor | None = None, *, boundaries: Sequence[Any] | Tensor | None = None,
) -> Tensor: ...
@overload
def fractional_max_pool1d(
    input: Tensor, kernel_size: _Size | None, output_size: _Size | None = None,
    output_ratio: float | Sequence[float] | None = None, *, return_indices: Literal[True],
    _random_samples: Tensor | None = None, boundaries: Sequence[Any] | Tensor | None = None,
) -> _Pair: ...
@overload
def fractional_max_pool1d(
    input: Tensor, kernel_size: _Size | None, output_size: _Size | None,
    output_ratio: float | Sequence[float] | None, return_indices: Literal[True],
    _random_samples: Tensor | None = None, *, boundaries: Sequence[Any] | Tensor | None = None,
) -> _Pair: ...
@overload
def fractional_max_pool1d(
    input: Tensor, kernel_size: _Size | None, output_size: _Size | None = None,
    output_ratio: float | Sequence[float] | None = None, return_indices: bool = False,
    _random_samples: Tensor | None = None, *, boundaries: Sequence[Any] | Tensor | None = None,
) -> Tensor | _Pair: ...
fractional_max_pool2d = fractional_max_pool1d
fractional_max_pool3d = fractional_max_pool1d
def gated_pool1d(
    input: Tensor, gate: Tensor, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0,
    dilation: _Size = 1, ceil_mode: bool = False, *, bias: float | Tensor = 0.0,
    nan_policy: str = "propagate", mask: Tensor | None = None,
) -> Tensor: ...
gated_pool2d = gated_pool1d
gated_pool3d = gated_pool1d
def gem_pool1d(
    input: Tensor, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0,
    dilation: _Size = 1, ceil_mode: bool = False, *, p: float | Tensor = 3.0, eps: float = 1e-06,
    nan_policy: str = "propagate", mask: Tensor | None = None,
) -> Tensor: ...
gem_pool2d = gem_pool1d
gem_pool3d = gem_pool1d
def global_avg_pool(
    input: Tensor, *, spatial_ndim: int | None = None, keepdims: bool = False,
) -> Tensor: ...
def global_gem_pool(
    input: Tensor, *, spatial_ndim: int | None = None, keepdims: bool = False, p: float | Tensor = 3.0,
    eps: float = 1e-06, nan_policy: str = "propagate", mask: Tensor | None = None,
) -> Tensor: ...
def global_learned_norm_pool(
    input: Tensor, *, spatial_ndim: int | None = None, keepdims: bool = False, p: float | Tensor = 2.0,
    c: float | Tensor = 0.0, nan_policy: str = "propagate", mask: Tensor | None = None,
) -> Tensor: ...
def global_lip_pool(
    input: Tensor, logits: Tensor, *, spatial_ndim: int | None = None, keepdims: bool = False,
    nan_policy: str = "propagate", mask: Tensor | None = None,
) -> Tensor: ...
def global_lp_pool(
    input: Tensor, norm_type: float, *, spatial_ndim: int | None = None, keepdims: bool = False,
    normalize: bool = False,
) -> Tensor: ...
def global_lse_pool(
    input: Tensor, *, spatial_ndim: int | None = None, keepdims: bool = False, r: float | Tensor = 1.0,
    nan_policy: str = "propagate", mask: Tensor | None = None,
) -> Tensor: ...
@overload
def global_max_pool(
    input: Tensor, *, spatial_ndim: int | None = None, keepdims: bool = False,
    return_indices: Literal[False] = False,
) -> Tensor: ...
@overload
def global_max_pool(
    input: Tensor, *, return_indices: Literal[True], spatial_ndim: int | None = None, keepdims: bool = False,
) -> _Pair: ...
@overload
def global_max_pool(
    input: Tensor, *, spatial_ndim: int | None = None, keepdims: bool = False, return_indices: bool = False,
) -> Tensor | _Pair: ...
@overload
def global_median_pool(
    input: Tensor, *, spatial_ndim: int | None = None, keepdims: bool = False,
    return_indices: Literal[False] = False, nan_policy: str = "propagate", mask: Tensor | None = None,
) -> Tensor: ...
@overload
def global_median_pool(
    input: Tensor, *, return_indices: Literal[True], spatial_ndim: int | None = None, keepdims: bool = False,
    nan_policy: str = "propagate", mask: Tensor | None = None,
) -> _Pair: ...
@overload
def global_median_pool(
    input: Tensor, *, spatial_ndim: int | None = None, keepdims: bool = False, return_indices: bool = False,
    nan_policy: str = "propagate", mask: Tensor | None = None,
) -> Tensor | _Pair: ...
@overload
def global_min_pool(
    input: Tensor, *, spatial_ndim: int | None = None, keepdims: bool = False,
    return_indices: Literal[False] = False,
) -> Tensor: ...
@overload
def global_min_pool(
    input: Tensor, *, return_indices: Literal[True], spatial_ndim: int | None = None, keepdims: bool = False,
) -> _Pair: ...
@overload
def global_min_pool(
    input: Tensor, *, spatial_ndim: int | None = None, keepdims: bool = False, return_indices: bool = False,
) -> Tensor | _Pair: ...
def global_mixed_pool(
    input: Tensor, *, spatial_ndim: int | None = None, keepdims: bool = False, alpha: float | Tensor = 0.5,
    nan_policy: str = "propagate", mask: Tensor | None = None,
) -> Tensor: ...
@overload
def global_mode_pool(
    input: Tensor, *, spatial_ndim: int | None = None, keepdims: bool = False,
    return_counts: Literal[False] = False, ignore_label: int | None = None, nan_policy: str = "propagate",
    mask: Tensor | None = None,
) -> Tensor: ...
@overload
def global_mode_pool(
    input: Tensor, *, return_counts: Literal[True], spatial_ndim: int | None = None, keepdims: bool = False,
    ignore_label: int | None = None, nan_policy: str = "propagate", mask: Tensor | None = None,
) -> _Pair: ...
@overload
def global_mode_pool(
    input: Tensor, *, spatial_ndim: int | None = None, keepdims: bool = False, return_counts: bool = False,
    ignore_label: int | None = None, nan_policy: str = "propagate", mask: Tensor | None = None,
) -> Tensor | _Pair: ...
def global_range_pool(
    input: Tensor, *, spatial_ndim: int | None = None, keepdims: bool = False, nan_policy: str = "propagate",
    mask: Tensor | None = None,
) -> Tensor: ...
@overload
def global_rank_pool(
    input: Tensor, *, spatial_ndim: int | None = None, keepdims: bool = False,
    return_indices: Literal[False] = False, rank: int | None = None, q: float | None = None,
    method: str = "linear", nan_policy: str = "propagate", mask: Tensor | None = None,
) -> Tensor: ...
@overload
def global_rank_pool(
    input: Tensor, *, return_indices: Literal[True], spatial_ndim: int | None = None, keepdims: bool = False,
    rank: int | None = None, q: float | None = None, method: str = "linear", nan_policy: str = "propagate",
    mask: Tensor | None = None,
) -> _Pair: ...
@overload
def global_rank_pool(
    input: Tensor, *, spatial_ndim: int | None = None, keepdims: bool = False, return_indices: bool = False,
    rank: int | None = None, q: float | None = None, method: str = "linear", nan_policy: str = "propagate",
    mask: Tensor | None = None,
) -> Tensor | _Pair: ...
def global_soft_pool(
    input: Tensor, *, spatial_ndim: int | None = None, keepdims: bool = False, nan_policy: str = "propagate",
    mask: Tensor | None = None,
) -> Tensor: ...
def global_softmax_pool(
    input: Tensor, *, spatial_ndim: int | None = None, keepdims: bool = False,
    temperature: float | Tensor = 1.0, nan_policy: str = "propagate", mask: Tensor | None = None,
) -> Tensor: ...
def global_std_pool(
    input: Tensor, *, spatial_ndim: int | None = None, keepdims: bool = False, correction: float = 0,
    nan_policy: str = "propagate", mask: Tensor | None = None,
) -> Tensor: ...
@overload
def global_stochastic_pool(
    input: Tensor, *, spatial_ndim: int | None = None, keepdims: bool = False,
    return_indices: Literal[False] = False, training: bool = True, random_samples: Tensor | None = None,
    indices: Tensor | None = None, nan_policy: str = "propagate", mask: Tensor | None = None,
) -> Tensor: ...
@overload
def global_stochastic_pool(
    input: Tensor, *, return_indices: Literal[True], spatial_ndim: int | None = None, keepdims: bool = False,
    training: bool = True, random_samples: Tensor | None = None, indices: Tensor | None = None,
    nan_policy: str = "propagate", mask: Tensor | None = None,
) -> _Pair: ...
@overload
def global_stochastic_pool(
    input: Tensor, *, spatial_ndim: int | None = None, keepdims: bool = False, return_indices: bool = False,
    training: bool = True, random_samples: Tensor | None = None, indices: Tensor | None = None,
    nan_policy: str = "propagate", mask: Tensor | None = None,
) -> Tensor | _Pair: ...
def global_sum_pool(
    input: Tensor, *, spatial_ndim: int | None = None, keepdims: bool = False,
) -> Tensor: ...
def global_var_pool(
    input: Tensor, *, spatial_ndim: int | None = None, keepdims: bool = False, correction: float = 0,
    nan_policy: str = "propagate", mask: Tensor | None = None,
) -> Tensor: ...
@overload
def kmax_pool(
    input: Tensor, k: int | None, return_indices: Literal[False] = False, *, dim: int = -1,
    nan_policy: str = "propagate", mask: Tensor | None = None,
) -> Tensor: ...
@overload
def kmax_pool(
    input: Tensor, k: int | None, *, return_indices: Literal[True], dim: int = -1,
    nan_policy: str = "propagate", mask: Tensor | None = None,
) -> _Pair: ...
@overload
def kmax_pool(
    input: Tensor, k: int | None, return_indices: Literal[True], *, dim: int = -1,
    nan_policy: str = "propagate", mask: Tensor | None = None,
) -> _Pair: ...
@overload
def kmax_pool(
    input: Tensor, k: int | None, return_indices: bool = False, *, dim: int = -1,
    nan_policy: str = "propagate", mask: Tensor | None = None,
) -> Tensor | _Pair: ...
def learned_norm_pool1d(
    input: Tensor, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0,
    dilation: _Size = 1, ceil_mode: bool = False, *, p: float | Tensor = 2.0, c: float | Tensor = 0.0,
    nan_policy: str = "propagate", mask: Tensor | None = None,
) -> Tensor: ...
learned_norm_pool2d = learned_norm_pool1d
learned_norm_pool3d = learned_norm_pool1d
def lip_pool1d(
    input: Tensor, logits: Tensor, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0,
    dilation: _Size = 1, ceil_mode: bool = False, *, nan_policy: str = "propagate",
    mask: Tensor | None = None,
) -> Tensor: ...
lip_pool2d = lip_pool1d
lip_pool3d = lip_pool1d
def lp_pool1d(
    input: Tensor, norm_type: float, kernel_size: _Size, stride: _Size | None = None,
    ceil_mode: bool = False, *, padding: _Padding = 0, dilation: _Size = 1, normalize: bool = False,
) -> Tensor: ...
lp_pool2d = lp_pool1d
lp_pool3d = lp_pool1d
def lse_pool1d(
    input: Tensor, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0,
    dilation: _Size = 1, ceil_mode: bool = False, *, r: float | Tensor = 1.0, nan_policy: str = "propagate",
    mask: Tensor | None = None,
) -> Tensor: ...
lse_pool2d = lse_pool1d
lse_pool3d = lse_pool1d
def max_blur_pool1d(
    input: Tensor, kernel_size: _Size = 2, stride: _Size | None = 2, blur_size: int = 4,
    padding: str = "reflect",
) -> Tensor: ...
max_blur_pool2d = max_blur_pool1d
max_blur_pool3d = max_blur_pool1d
@overload
def max_over_time_pool(
    input: Tensor, mask: Tensor | None = None, *, lengths: Tensor | Sequence[int] | None = None,
    return_indices: Literal[False] = False, empty: float | None = None,
) -> Tensor: ...
@overload
def max_over_time_pool(
    input: Tensor, mask: Tensor | None = None, *, return_indices: Literal[True],
    lengths: Tensor | Sequence[int] | None = None, empty: float | None = None,
) -> _Pair: ...
@overload
def max_over_time_pool(
    input: Tensor, mask: Tensor | None = None, *, lengths: Tensor | Sequence[int] | None = None,
    return_indices: bool = False, empty: float | None = None,
) -> Tensor | _Pair: ...
@overload
def max_pool1d(
    input: Tensor, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0,
    dilation: _Size = 1, ceil_mode: bool = False, return_indices: Literal[False] = False,
) -> Tensor: ...
@overload
def max_pool1d(
    input: Tensor, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0,
    dilation: _Size = 1, ceil_mode: bool = False, *, return_indices: Literal[True],
) -> _Pair: ...
@overload
def max_pool1d(
    input: Tensor, kernel_size: _Size, stride: _Size | None, padding: _Padding, dilation: _Size,
    ceil_mode: bool, return_indices: Literal[True],
) -> _Pair: ...
@overload
def max_pool1d(
    input: Tensor, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0,
    dilation: _Size = 1, ceil_mode: bool = False, return_indices: bool = False,
) -> Tensor | _Pair: ...
max_pool2d = max_pool1d
max_pool3d = max_pool1d
def max_unpool1d(
    input: Tensor, indices: Tensor, kernel_size: _Size, stride: _Size | None = None, padding: _Size = 0,
    output_size: Sequence[int] | None = None,
) -> Tensor: ...
max_unpool2d = max_unpool1d
max_unpool3d = max_unpool1d
@overload
def median_pool1d(
    input: Tensor, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0,
    dilation: _Size = 1, ceil_mode: bool = False, return_indices: Literal[False] = False, *,
    nan_policy: str = "propagate", mask: Tensor | None = None,
) -> Tensor: ...
@overload
def median_pool1d(
    input: Tensor, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0,
    dilation: _Size = 1, ceil_mode: bool = False, *, return_indices: Literal[True],
    nan_policy: str = "propagate", mask: Tensor | None = None,
) -> _Pair: ...
@overload
def median_pool1d(
    input: Tensor, kernel_size: _Size, stride: _Size | None, padding: _Padding, dilation: _Size,
    ceil_mode: bool, return_indices: Literal[True], *, nan_policy: str = "propagate",
    mask: Tensor | None = None,
) -> _Pair: ...
@overload
def median_pool1d(
    input: Tensor, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0,
    dilation: _Size = 1, ceil_mode: bool = False, return_indices: bool = False, *,
    nan_policy: str = "propagate", mask: Tensor | None = None,
) -> Tensor | _Pair: ...
median_pool2d = median_pool1d
median_pool3d = median_pool1d
@overload
def min_pool1d(
    input: Tensor, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0,
    dilation: _Size = 1, ceil_mode: bool = False, return_indices: Literal[False] = False,
) -> Tensor: ...
@overload
def min_pool1d(
    input: Tensor, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0,
    dilation: _Size = 1, ceil_mode: bool = False, *, return_indices: Literal[True],
) -> _Pair: ...
@overload
def min_pool1d(
    input: Tensor, kernel_size: _Size, stride: _Size | None, padding: _Padding, dilation: _Size,
    ceil_mode: bool, return_indices: Literal[True],
) -> _Pair: ...
@overload
def min_pool1d(
    input: Tensor, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0,
    dilation: _Size = 1, ceil_mode: bool = False, return_indices: bool = False,
) -> Tensor | _Pair: ...
min_pool2d = min_pool1d
min_pool3d = min_pool1d
def mixed_pool1d(
    input: Tensor, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0,
    dilation: _Size = 1, ceil_mode: bool = False, *, alpha: float | Tensor = 0.5,
    nan_policy: str = "propagate", mask: Tensor | None = None,
) -> Tensor: ...
mixed_pool2d = mixed_pool1d
mixed_pool3d = mixed_pool1d
@overload
def mode_pool1d(
    input: Tensor, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0,
    dilation: _Size = 1, ceil_mode: bool = False, return_counts: Literal[False] = False, *,
    ignore_label: int | None = None, nan_policy: str = "propagate", mask: Tensor | None = None,
) -> Tensor: ...
@overload
def mode_pool1d(
    input: Tensor, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0,
    dilation: _Size = 1, ceil_mode: bool = False, *, return_counts: Literal[True],
    ignore_label: int | None = None, nan_policy: str = "propagate", mask: Tensor | None = None,
) -> _Pair: ...
@overload
def mode_pool1d(
    input: Tensor, kernel_size: _Size, stride: _Size | None, padding: _Padding, dilation: _Size,
    ceil_mode: bool, return_counts: Literal[True], *, ignore_label: int | None = None,
    nan_policy: str = "propagate", mask: Tensor | None = None,
) -> _Pair: ...
@overload
def mode_pool1d(
    input: Tensor, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0,
    dilation: _Size = 1, ceil_mode: bool = False, return_counts: bool = False, *,
    ignore_label: int | None = None, nan_policy: str = "propagate", mask: Tensor | None = None,
) -> Tensor | _Pair: ...
mode_pool2d = mode_pool1d
mode_pool3d = mode_pool1d
def ordinal_pool1d(
    input: Tensor, rank_weights: Tensor, kernel_size: _Size, stride: _Size | None = None,
    padding: _Padding = 0, dilation: _Size = 1, ceil_mode: bool = False, *, nan_policy: str = "propagate",
    mask: Tensor | None = None,
) -> Tensor: ...
ordinal_pool2d = ordinal_pool1d
ordinal_pool3d = ordinal_pool1d
def pool_pyramid(
    input: Tensor, levels: Any, factor: _Size = 2, op: str = "avg", *, spatial_ndim: int | None = None,
) -> list[Tensor]: ...
def prroi_pool(
    input: Tensor, boxes: Tensor | Sequence[Tensor], output_size: _Size, spatial_scale: float = 1.0, *,
    batch_indices: Tensor | Sequence[int] | None = None,
) -> Tensor: ...
def ps_roi_align(
    input: Tensor, boxes: Tensor | Sequence[Tensor], output_size: _Size, spatial_scale: float = 1.0,
    sampling_ratio: int = -1, *, batch_indices: Tensor | Sequence[int] | None = None,
) -> Tensor: ...
def ps_roi_pool(
    input: Tensor, boxes: Tensor | Sequence[Tensor], output_size: _Size, spatial_scale: float = 1.0, *,
    batch_indices: Tensor | Sequence[int] | None = None,
) -> Tensor: ...
def range_pool1d(
    input: Tensor, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0,
    dilation: _Size = 1, ceil_mode: bool = False, *, nan_policy: str = "propagate",
    mask: Tensor | None = None,
) -> Tensor: ...
range_pool2d = range_pool1d
range_pool3d = range_pool1d
@overload
def rank_pool1d(
    input: Tensor, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0,
    dilation: _Size = 1, ceil_mode: bool = False, return_indices: Literal[False] = False, *,
    rank: int | None = None, q: float | None = None, method: str = "linear", nan_policy: str = "propagate",
    mask: Tensor | None = None,
) -> Tensor: ...
@overload
def rank_pool1d(
    input: Tensor, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0,
    dilation: _Size = 1, ceil_mode: bool = False, *, return_indices: Literal[True], rank: int | None = None,
    q: float | None = None, method: str = "linear", nan_policy: str = "propagate",
    mask: Tensor | None = None,
) -> _Pair: ...
@overload
def rank_pool1d(
    input: Tensor, kernel_size: _Size, stride: _Size | None, padding: _Padding, dilation: _Size,
    ceil_mode: bool, return_indices: Literal[True], *, rank: int | None = None, q: float | None = None,
    method: str = "linear", nan_policy: str = "propagate", mask: Tensor | None = None,
) -> _Pair: ...
@overload
def rank_pool1d(
    input: Tensor, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0,
    dilation: _Size = 1, ceil_mode: bool = False, return_indices: bool = False, *, rank: int | None = None,
    q: float | None = None, method: str = "linear", nan_policy: str = "propagate",
    mask: Tensor | None = None,
) -> Tensor | _Pair: ...
rank_pool2d = rank_pool1d
rank_pool3d = rank_pool1d
def roi_align(
    input: Tensor, boxes: Tensor | Sequence[Tensor], output_size: _Size, spatial_scale: float = 1.0,
    sampling_ratio: int = -1, aligned: bool = False, *, mode: str = "avg",
    coordinate_transformation_mode: str | None = None, batch_indices: Tensor | Sequence[int] | None = None,
) -> Tensor: ...
@overload
def roi_pool(
    input: Tensor, boxes: Tensor | Sequence[Tensor], output_size: _Size, spatial_scale: float = 1.0,
    return_indices: Literal[False] = False, *, batch_indices: Tensor | Sequence[int] | None = None,
) -> Tensor: ...
@overload
def roi_pool(
    input: Tensor, boxes: Tensor | Sequence[Tensor], output_size: _Size, spatial_scale: float = 1.0, *,
    return_indices: Literal[True], batch_indices: Tensor | Sequence[int] | None = None,
) -> _Pair: ...
@overload
def roi_pool(
    input: Tensor, boxes: Tensor | Sequence[Tensor], output_size: _Size, spatial_scale: float,
    return_indices: Literal[True], *, batch_indices: Tensor | Sequence[int] | None = None,
) -> _Pair: ...
@overload
def roi_pool(
    input: Tensor, boxes: Tensor | Sequence[Tensor], output_size: _Size, spatial_scale: float = 1.0,
    return_indices: bool = False, *, batch_indices: Tensor | Sequence[int] | None = None,
) -> Tensor | _Pair: ...
@overload
def s3_pool1d(
    input: Tensor, kernel_size: _Size, stride: _Size | None = None, grid_size: _Size | None = None,
    return_indices: Literal[False] = False, *, training: bool = True,
    positions: Sequence[Any] | Tensor | None = None,
) -> Tensor: ...
@overload
def s3_pool1d(
    input: Tensor, kernel_size: _Size, stride: _Size | None = None, grid_size: _Size | None = None, *,
    return_indices: Literal[True], training: bool = True, positions: Sequence[Any] | Tensor | None = None,
) -> _Pair: ...
@overload
def s3_pool1d(
    input: Tensor, kernel_size: _Size, stride: _Size | None, grid_size: _Size | None,
    return_indices: Literal[True], *, training: bool = True, positions: Sequence[Any] | Tensor | None = None,
) -> _Pair: ...
@overload
def s3_pool1d(
    input: Tensor, kernel_size: _Size, stride: _Size | None = None, grid_size: _Size | None = None,
    return_indices: bool = False, *, training: bool = True, positions: Sequence[Any] | Tensor | None = None,
) -> Tensor | _Pair: ...
s3_pool2d = s3_pool1d
s3_pool3d = s3_pool1d
@overload
def segment_pool(
    input: Tensor, offsets: Tensor | Sequence[int] | None = None, op: str = "sum", *,
    lengths: Tensor | Sequence[int] | None = None, weights: Tensor | None = None, k: int | None = None,
    correction: float = 0, return_indices: Literal[False] = False, empty: float | None = None,
) -> Tensor: ...
@overload
def segment_pool(
    input: Tensor, offsets: Tensor | Sequence[int] | None = None, op: str = "sum", *,
    return_indices: Literal[True], lengths: Tensor | Sequence[int] | None = None,
    weights: Tensor | None = None, k: int | None = None, correction: float = 0, empty: float | None = None,
) -> _Pair: ...
@overload
def segment_pool(
    input: Tensor, offsets: Tensor | Sequence[int] | None = None, op: str = "sum", *,
    lengths: Tensor | Sequence[int] | None = None, weights: Tensor | None = None, k: int | None = None,
    correction: float = 0, return_indices: bool = False, empty: float | None = None,
) -> Tensor | _Pair: ...
def soft_pool1d(
    input: Tensor, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0,
    dilation: _Size = 1, ceil_mode: bool = False, *, nan_policy: str = "propagate",
    mask: Tensor | None = None,
) -> Tensor: ...
soft_pool2d = soft_pool1d
soft_pool3d = soft_pool1d
def softmax_pool1d(
    input: Tensor, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0,
    dilation: _Size = 1, ceil_mode: bool = False, *, temperature: float | Tensor = 1.0,
    nan_policy: str = "propagate", mask: Tensor | None = None,
) -> Tensor: ...
softmax_pool2d = softmax_pool1d
softmax_pool3d = softmax_pool1d
def spatial_pyramid_pool(
    input: Tensor, levels: Any = (1, 2, 4), op: str = "max", *, spatial_ndim: int | None = None,
) -> Tensor: ...
def stats_pool(
    input: Tensor, mask: Tensor | None = None, *, lengths: Tensor | Sequence[int] | None = None,
    weights: Tensor | None = None, correction: float = 0, empty: float | None = None,
) -> Tensor: ...
def std_pool1d(
    input: Tensor, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0,
    dilation: _Size = 1, ceil_mode: bool = False, *, correction: float = 0, nan_policy: str = "propagate",
    mask: Tensor | None = None,
) -> Tensor: ...
std_pool2d = std_pool1d
std_pool3d = std_pool1d
@overload
def stochastic_pool1d(
    input: Tensor, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0,
    dilation: _Size = 1, ceil_mode: bool = False, return_indices: Literal[False] = False, *,
    training: bool = True, random_samples: Tensor | None = None, indices: Tensor | None = None,
    nan_policy: str = "propagate", mask: Tensor | None = None,
) -> Tensor: ...
@overload
def stochastic_pool1d(
    input: Tensor, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0,
    dilation: _Size = 1, ceil_mode: bool = False, *, return_indices: Literal[True], training: bool = True,
    random_samples: Tensor | None = None, indices: Tensor | None = None, nan_policy: str = "propagate",
    mask: Tensor | None = None,
) -> _Pair: ...
@overload
def stochastic_pool1d(
    input: Tensor, kernel_size: _Size, stride: _Size | None, padding: _Padding, dilation: _Size,
    ceil_mode: bool, return_indices: Literal[True], *, training: bool = True,
    random_samples: Tensor | None = None, indices: Tensor | None = None, nan_policy: str = "propagate",
    mask: Tensor | None = None,
) -> _Pair: ...
@overload
def stochastic_pool1d(
    input: Tensor, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0,
    dilation: _Size = 1, ceil_mode: bool = False, return_indices: bool = False, *, training: bool = True,
    random_samples: Tensor | None = None, indices: Tensor | None = None, nan_policy: str = "propagate",
    mask: Tensor | None = None,
) -> Tensor | _Pair: ...
stochastic_pool2d = stochastic_pool1d
stochastic_pool3d = stochastic_pool1d
def strip_pool(
    input: Tensor, op: str = "avg", *, spatial_ndim: int | None = None,
) -> list[Tensor]: ...
def sum_pool1d(
    input: Tensor, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0,
    ceil_mode: bool = False, *, dilation: _Size = 1,
) -> Tensor: ...
sum_pool2d = sum_pool1d
sum_pool3d = sum_pool1d
def token_pool(
    input: Tensor, mask: Tensor | None = None, *, lengths: Tensor | Sequence[int] | None = None,
    mode: str | Sequence[str] = "mean", empty: float | None = None,
) -> Tensor: ...
def tree_pool1d(
    input: Tensor, gates: Tensor, leaves: Tensor, kernel_size: _Size, stride: _Size | None = None,
    padding: _Padding = 0, dilation: _Size = 1, ceil_mode: bool = False, *, nan_policy: str = "propagate",
    mask: Tensor | None = None,
) -> Tensor: ...
tree_pool2d = tree_pool1d
tree_pool3d = tree_pool1d
def var_pool1d(
    input: Tensor, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0,
    dilation: _Size = 1, ceil_mode: bool = False, *, correction: float = 0, nan_policy: str = "propagate",
    mask: Tensor | None = None,
) -> Tensor: ...
var_pool2d = var_pool1d
var_pool3d = var_pool1d
class AvgPool1d(nn.AvgPool1d):
    def __init__(
        self, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0,
        ceil_mode: bool = False, count_include_pad: bool = True, *, divisor_override: int | None = None,
        dilation: _Size = 1,
    ) -> None: ...
    def forward(
        self, input: Tensor,
    ) -> Tensor: ...
class AvgPool2d(nn.AvgPool2d):
    def __init__(
        self, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0,
        ceil_mode: bool = False, count_include_pad: bool = True, divisor_override: int | None = None, *,
        dilation: _Size = 1,
    ) -> None: ...
    def forward(
        self, input: Tensor,
    ) -> Tensor: ...
class AvgPool3d(nn.AvgPool3d):
    def __init__(
        self, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0,
        ceil_mode: bool = False, count_include_pad: bool = True, divisor_override: int | None = None, *,
        dilation: _Size = 1,
    ) -> None: ...
    def forward(
        self, input: Tensor,
    ) -> Tensor: ...
class _LPPool(nn.Module):
    def __init__(
        self, norm_type: float, kernel_size: _Size, stride: _Size | None = None, ceil_mode: bool = False, *,
        padding: _Padding = 0, dilation: _Size = 1, normalize: bool = False,
    ) -> None: ...
    def forward(
        self, input: Tensor,
    ) -> Tensor: ...
class LPPool1d(_LPPool, nn.LPPool1d): ...
class LPPool2d(_LPPool, nn.LPPool2d): ...
class LPPool3d(_LPPool, nn.LPPool3d): ...
class _MaxPool(nn.Module):
    def __init__(
        self, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0, dilation: _Size = 1,
        return_indices: bool = False, ceil_mode: bool = False,
    ) -> None: ...
    def forward(
        self, input: Tensor,
    ) -> Any: ...
class MaxPool1d(_MaxPool, nn.MaxPool1d): ...
class MaxPool2d(_MaxPool, nn.MaxPool2d): ...
class MaxPool3d(_MaxPool, nn.MaxPool3d): ...
class _MinPool(nn.Module):
    def __init__(
        self, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0, dilation: _Size = 1,
        return_indices: bool = False, ceil_mode: bool = False,
    ) -> None: ...
    def forward(
        self, input: Tensor,
    ) -> Any: ...
class MinPool1d(_MinPool): ...
class MinPool2d(_MinPool): ...
class MinPool3d(_MinPool): ...
class _SumPool(nn.Module):
    def __init__(
        self, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0,
        ceil_mode: bool = False, *, dilation: _Size = 1,
    ) -> None: ...
    def forward(
        self, input: Tensor,
    ) -> Tensor: ...
class SumPool1d(_SumPool): ...
class SumPool2d(_SumPool): ...
class SumPool3d(_SumPool): ...
class _AdaptiveAvgPool(nn.Module):
    def __init__(
        self, output_size: _OutputSize,
    ) -> None: ...
    def forward(
        self, input: Tensor,
    ) -> Tensor: ...
class AdaptiveAvgPool1d(_AdaptiveAvgPool, nn.AdaptiveAvgPool1d): ...
class AdaptiveAvgPool2d(_AdaptiveAvgPool, nn.AdaptiveAvgPool2d): ...
class AdaptiveAvgPool3d(_AdaptiveAvgPool, nn.AdaptiveAvgPool3d): ...
class _AdaptiveLPPool(nn.Module):
    def __init__(
        self, norm_type: float, output_size: _OutputSize, *, normalize: bool = False,
    ) -> None: ...
    def forward(
        self, input: Tensor,
    ) -> Tensor: ...
class AdaptiveLPPool1d(_AdaptiveLPPool): ...
class AdaptiveLPPool2d(_AdaptiveLPPool): ...
class AdaptiveLPPool3d(_AdaptiveLPPool): ...
class _AdaptiveMaxPool(nn.Module):
    def __init__(
        self, output_size: _OutputSize, return_indices: bool = False,
    ) -> None: ...
    def forward(
        self, input: Tensor,
    ) -> Any: ...
class AdaptiveMaxPool1d(_AdaptiveMaxPool, nn.AdaptiveMaxPool1d): ...
class AdaptiveMaxPool2d(_AdaptiveMaxPool, nn.AdaptiveMaxPool2d): ...
class AdaptiveMaxPool3d(_AdaptiveMaxPool, nn.AdaptiveMaxPool3d): ...
class _AdaptiveMinPool(nn.Module):
    def __init__(
        self, output_size: _OutputSize, return_indices: bool = False,
    ) -> None: ...
    def forward(
        self, input: Tensor,
    ) -> Any: ...
class AdaptiveMinPool1d(_AdaptiveMinPool): ...
class AdaptiveMinPool2d(_AdaptiveMinPool): ...
class AdaptiveMinPool3d(_AdaptiveMinPool): ...
class _AdaptiveSumPool(nn.Module):
    def __init__(
        self, output_size: _OutputSize,
    ) -> None: ...
    def forward(
        self, input: Tensor,
    ) -> Tensor: ...
class AdaptiveSumPool1d(_AdaptiveSumPool): ...
class AdaptiveSumPool2d(_AdaptiveSumPool): ...
class AdaptiveSumPool3d(_AdaptiveSumPool): ...
class GlobalAvgPool(nn.Module):
    def __init__(
        self, *, spatial_ndim: int | None = None, keepdims: bool = False,
    ) -> None: ...
    def forward(
        self, input: Tensor,
    ) -> Tensor: ...
class GlobalLPPool(nn.Module):
    def __init__(
        self, norm_type: float, *, spatial_ndim: int | None = None, keepdims: bool = False,
        normalize: bool = False,
    ) -> None: ...
    def forward(
        self, input: Tensor,
    ) -> Tensor: ...
class GlobalMaxPool(nn.Module):
    def __init__(
        self, *, spatial_ndim: int | None = None, keepdims: bool = False, return_indices: bool = False,
    ) -> None: ...
    def forward(
        self, input: Tensor,
    ) -> Any: ...
class GlobalMinPool(nn.Module):
    def __init__(
        self, *, spatial_ndim: int | None = None, keepdims: bool = False, return_indices: bool = False,
    ) -> None: ...
    def forward(
        self, input: Tensor,
    ) -> Any: ...
class GlobalSumPool(nn.Module):
    def __init__(
        self, *, spatial_ndim: int | None = None, keepdims: bool = False,
    ) -> None: ...
    def forward(
        self, input: Tensor,
    ) -> Tensor: ...
class _MaxUnpool(nn.Module):
    def __init__(
        self, kernel_size: _Size, stride: _Size | None = None, padding: _Size = 0,
    ) -> None: ...
    def forward(
        self, input: Tensor, indices: Tensor, output_size: Sequence[int] | None = None,
    ) -> Tensor: ...
class MaxUnpool1d(_MaxUnpool, nn.MaxUnpool1d): ...
class MaxUnpool2d(_MaxUnpool, nn.MaxUnpool2d): ...
class MaxUnpool3d(_MaxUnpool, nn.MaxUnpool3d): ...
class _AdaptiveConcatPool(nn.Module):
    def __init__(
        self, output_size: _OutputSize = 1, ops: Sequence[str] = ("max", "avg"),
    ) -> None: ...
    def forward(
        self, input: Tensor,
    ) -> Tensor: ...
class AdaptiveConcatPool1d(_AdaptiveConcatPool): ...
class AdaptiveConcatPool2d(_AdaptiveConcatPool): ...
class AdaptiveConcatPool3d(_AdaptiveConcatPool): ...
class _AdaptiveGemPool(nn.Module):
    def __init__(
        self, output_size: _OutputSize, *, p: float | Tensor = 3.0, eps: float = 1e-06,
        nan_policy: str = "propagate",
    ) -> None: ...
    def forward(
        self, input: Tensor, *, mask: Tensor | None = None,
    ) -> Tensor: ...
class AdaptiveGemPool1d(_AdaptiveGemPool): ...
class AdaptiveGemPool2d(_AdaptiveGemPool): ...
class AdaptiveGemPool3d(_AdaptiveGemPool): ...
class _AdaptiveLearnedNormPool(nn.Module):
    def __init__(
        self, output_size: _OutputSize, *, p: float | Tensor = 2.0, c: float | Tensor = 0.0,
        nan_policy: str = "propagate",
    ) -> None: ...
    def forward(
        self, input: Tensor, *, mask: Tensor | None = None,
    ) -> Tensor: ...
class AdaptiveLearnedNormPool1d(_AdaptiveLearnedNormPool): ...
class AdaptiveLearnedNormPool2d(_AdaptiveLearnedNormPool): ...
class AdaptiveLearnedNormPool3d(_AdaptiveLearnedNormPool): ...
class _AdaptiveLipPool(nn.Module):
    def __init__(
        self, output_size: _OutputSize, *, nan_policy: str = "propagate",
    ) -> None: ...
    def forward(
        self, input: Tensor, logits: Tensor, *, mask: Tensor | None = None,
    ) -> Tensor: ...
class AdaptiveLipPool1d(_AdaptiveLipPool): ...
class AdaptiveLipPool2d(_AdaptiveLipPool): ...
class AdaptiveLipPool3d(_AdaptiveLipPool): ...
class _AdaptiveLsePool(nn.Module):
    def __init__(
        self, output_size: _OutputSize, *, r: float | Tensor = 1.0, nan_policy: str = "propagate",
    ) -> None: ...
    def forward(
        self, input: Tensor, *, mask: Tensor | None = None,
    ) -> Tensor: ...
class AdaptiveLsePool1d(_AdaptiveLsePool): ...
class AdaptiveLsePool2d(_AdaptiveLsePool): ...
class AdaptiveLsePool3d(_AdaptiveLsePool): ...
class _AdaptiveMedianPool(nn.Module):
    def __init__(
        self, output_size: _OutputSize, return_indices: bool = False, *, nan_policy: str = "propagate",
    ) -> None: ...
    def forward(
        self, input: Tensor, *, mask: Tensor | None = None,
    ) -> Any: ...
class AdaptiveMedianPool1d(_AdaptiveMedianPool): ...
class AdaptiveMedianPool2d(_AdaptiveMedianPool): ...
class AdaptiveMedianPool3d(_AdaptiveMedianPool): ...
class _AdaptiveMixedPool(nn.Module):
    def __init__(
        self, output_size: _OutputSize, *, alpha: float | Tensor = 0.5, nan_policy: str = "propagate",
    ) -> None: ...
    def forward(
        self, input: Tensor, *, mask: Tensor | None = None,
    ) -> Tensor: ...
class AdaptiveMixedPool1d(_AdaptiveMixedPool): ...
class AdaptiveMixedPool2d(_AdaptiveMixedPool): ...
class AdaptiveMixedPool3d(_AdaptiveMixedPool): ...
class _AdaptiveModePool(nn.Module):
    def __init__(
        self, output_size: _OutputSize, return_counts: bool = False, *, ignore_label: int | None = None,
        nan_policy: str = "propagate",
    ) -> None: ...
    def forward(
        self, input: Tensor, *, mask: Tensor | None = None,
    ) -> Any: ...
class AdaptiveModePool1d(_AdaptiveModePool): ...
class AdaptiveModePool2d(_AdaptiveModePool): ...
class AdaptiveModePool3d(_AdaptiveModePool): ...
class _AdaptiveRangePool(nn.Module):
    def __init__(
        self, output_size: _OutputSize, *, nan_policy: str = "propagate",
    ) -> None: ...
    def forward(
        self, input: Tensor, *, mask: Tensor | None = None,
    ) -> Tensor: ...
class AdaptiveRangePool1d(_AdaptiveRangePool): ...
class AdaptiveRangePool2d(_AdaptiveRangePool): ...
class AdaptiveRangePool3d(_AdaptiveRangePool): ...
class _AdaptiveRankPool(nn.Module):
    def __init__(
        self, output_size: _OutputSize, return_indices: bool = False, *, rank: int | None = None,
        q: float | None = None, method: str = "linear", nan_policy: str = "propagate",
    ) -> None: ...
    def forward(
        self, input: Tensor, *, mask: Tensor | None = None,
    ) -> Any: ...
class AdaptiveRankPool1d(_AdaptiveRankPool): ...
class AdaptiveRankPool2d(_AdaptiveRankPool): ...
class AdaptiveRankPool3d(_AdaptiveRankPool): ...
class _AdaptiveSoftPool(nn.Module):
    def __init__(
        self, output_size: _OutputSize, *, nan_policy: str = "propagate",
    ) -> None: ...
    def forward(
        self, input: Tensor, *, mask: Tensor | None = None,
    ) -> Tensor: ...
class AdaptiveSoftPool1d(_AdaptiveSoftPool): ...
class AdaptiveSoftPool2d(_AdaptiveSoftPool): ...
class AdaptiveSoftPool3d(_AdaptiveSoftPool): ...
class _AdaptiveSoftmaxPool(nn.Module):
    def __init__(
        self, output_size: _OutputSize, *, temperature: float | Tensor = 1.0, nan_policy: str = "propagate",
    ) -> None: ...
    def forward(
        self, input: Tensor, *, mask: Tensor | None = None,
    ) -> Tensor: ...
class AdaptiveSoftmaxPool1d(_AdaptiveSoftmaxPool): ...
class AdaptiveSoftmaxPool2d(_AdaptiveSoftmaxPool): ...
class AdaptiveSoftmaxPool3d(_AdaptiveSoftmaxPool): ...
class _AdaptiveStdPool(nn.Module):
    def __init__(
        self, output_size: _OutputSize, *, correction: float = 0, nan_policy: str = "propagate",
    ) -> None: ...
    def forward(
        self, input: Tensor, *, mask: Tensor | None = None,
    ) -> Tensor: ...
class AdaptiveStdPool1d(_AdaptiveStdPool): ...
class AdaptiveStdPool2d(_AdaptiveStdPool): ...
class AdaptiveStdPool3d(_AdaptiveStdPool): ...
class _AdaptiveStochasticPool(nn.Module):
    def __init__(
        self, output_size: _OutputSize, return_indices: bool = False, *, nan_policy: str = "propagate",
    ) -> None: ...
    def forward(
        self, input: Tensor, *, random_samples: Tensor | None = None, indices: Tensor | None = None,
        mask: Tensor | None = None,
    ) -> Any: ...
class AdaptiveStochasticPool1d(_AdaptiveStochasticPool): ...
class AdaptiveStochasticPool2d(_AdaptiveStochasticPool): ...
class AdaptiveStochasticPool3d(_AdaptiveStochasticPool): ...
class _AdaptiveVarPool(nn.Module):
    def __init__(
        self, output_size: _OutputSize, *, correction: float = 0, nan_policy: str = "propagate",
    ) -> None: ...
    def forward(
        self, input: Tensor, *, mask: Tensor | None = None,
    ) -> Tensor: ...
class AdaptiveVarPool1d(_AdaptiveVarPool): ...
class AdaptiveVarPool2d(_AdaptiveVarPool): ...
class AdaptiveVarPool3d(_AdaptiveVarPool): ...
class AttentionPool(nn.Module):
    def __init__(
        self, *, query: Tensor | None = None, scale: float = 1.0, return_weights: bool = False,
        empty: float | None = None,
    ) -> None: ...
    def forward(
        self, input: Tensor, scores: Tensor | None = None, mask: Tensor | None = None, *,
        lengths: Tensor | Sequence[int] | None = None,
    ) -> Any: ...
class AttentiveStatsPool(nn.Module):
    def __init__(
        self, *, query: Tensor | None = None, scale: float = 1.0, return_weights: bool = False,
        empty: float | None = None,
    ) -> None: ...
    def forward(
        self, input: Tensor, scores: Tensor | None = None, mask: Tensor | None = None, *,
        lengths: Tensor | Sequence[int] | None = None,
    ) -> Any: ...
class _BlurPool(nn.Module):
    def __init__(
        self, blur_size: int = 4, stride: _Size | None = 2, padding: str = "reflect",
    ) -> None: ...
    def forward(
        self, input: Tensor,
    ) -> Tensor: ...
class BlurPool1d(_BlurPool): ...
class BlurPool2d(_BlurPool): ...
class BlurPool3d(_BlurPool): ...
class _DetailPool(nn.Module):
    def __init__(
        self, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0, dilation: _Size = 1,
        ceil_mode: bool = False, *, alpha: float | Tensor = 0.0, lam: float | Tensor = 1.0,
        eps: float = 0.001, filter: Tensor | None = None, symmetric: bool = True,
        nan_policy: str = "propagate",
    ) -> None: ...
    def forward(
        self, input: Tensor, *, mask: Tensor | None = None,
    ) -> Tensor: ...
class DetailPool1d(_DetailPool): ...
class DetailPool2d(_DetailPool): ...
class DetailPool3d(_DetailPool): ...
class _FractionalAvgPool(nn.Module):
    def __init__(
        self, kernel_size: _Size | None, output_size: _Size | None = None,
        output_ratio: float | Sequence[float] | None = None, _random_samples: Tensor | None = None, *,
        boundaries: Sequence[Any] | Tensor | None = None,
    ) -> None: ...
    def forward(
        self, input: Tensor,
    ) -> Tensor: ...
class FractionalAvgPool1d(_FractionalAvgPool): ...
class FractionalAvgPool2d(_FractionalAvgPool): ...
class FractionalAvgPool3d(_FractionalAvgPool): ...
class _FractionalMaxPool(nn.Module):
    def __init__(
        self, kernel_size: _Size | None, output_size: _Size | None = None,
        output_ratio: float | Sequence[float] | None = None, return_indices: bool = False,
        _random_samples: Tensor | None = None, *, boundaries: Sequence[Any] | Tensor | None = None,
    ) -> None: ...
    def forward(
        self, input: Tensor,
    ) -> Any: ...
class FractionalMaxPool1d(_FractionalMaxPool): ...
class FractionalMaxPool2d(_FractionalMaxPool, nn.FractionalMaxPool2d): ...
class FractionalMaxPool3d(_FractionalMaxPool, nn.FractionalMaxPool3d): ...
class _GatedPool(nn.Module):
    def __init__(
        self, gate: Tensor, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0,
        dilation: _Size = 1, ceil_mode: bool = False, *, bias: float | Tensor = 0.0,
        nan_policy: str = "propagate",
    ) -> None: ...
    def forward(
        self, input: Tensor, *, mask: Tensor | None = None,
    ) -> Tensor: ...
class GatedPool1d(_GatedPool): ...
class GatedPool2d(_GatedPool): ...
class GatedPool3d(_GatedPool): ...
class _GemPool(nn.Module):
    def __init__(
        self, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0, dilation: _Size = 1,
        ceil_mode: bool = False, *, p: float | Tensor = 3.0, eps: float = 1e-06,
        nan_policy: str = "propagate",
    ) -> None: ...
    def forward(
        self, input: Tensor, *, mask: Tensor | None = None,
    ) -> Tensor: ...
class GemPool1d(_GemPool): ...
class GemPool2d(_GemPool): ...
class GemPool3d(_GemPool): ...
class GlobalGemPool(nn.Module):
    def __init__(
        self, *, spatial_ndim: int | None = None, keepdims: bool = False, p: float | Tensor = 3.0,
        eps: float = 1e-06, nan_policy: str = "propagate",
    ) -> None: ...
    def forward(
        self, input: Tensor, *, mask: Tensor | None = None,
    ) -> Tensor: ...
class GlobalLearnedNormPool(nn.Module):
    def __init__(
        self, *, spatial_ndim: int | None = None, keepdims: bool = False, p: float | Tensor = 2.0,
        c: float | Tensor = 0.0, nan_policy: str = "propagate",
    ) -> None: ...
    def forward(
        self, input: Tensor, *, mask: Tensor | None = None,
    ) -> Tensor: ...
class GlobalLipPool(nn.Module):
    def __init__(
        self, *, spatial_ndim: int | None = None, keepdims: bool = False, nan_policy: str = "propagate",
    ) -> None: ...
    def forward(
        self, input: Tensor, logits: Tensor, *, mask: Tensor | None = None,
    ) -> Tensor: ...
class GlobalLsePool(nn.Module):
    def __init__(
        self, *, spatial_ndim: int | None = None, keepdims: bool = False, r: float | Tensor = 1.0,
        nan_policy: str = "propagate",
    ) -> None: ...
    def forward(
        self, input: Tensor, *, mask: Tensor | None = None,
    ) -> Tensor: ...
class GlobalMedianPool(nn.Module):
    def __init__(
        self, *, spatial_ndim: int | None = None, keepdims: bool = False, return_indices: bool = False,
        nan_policy: str = "propagate",
    ) -> None: ...
    def forward(
        self, input: Tensor, *, mask: Tensor | None = None,
    ) -> Any: ...
class GlobalMixedPool(nn.Module):
    def __init__(
        self, *, spatial_ndim: int | None = None, keepdims: bool = False, alpha: float | Tensor = 0.5,
        nan_policy: str = "propagate",
    ) -> None: ...
    def forward(
        self, input: Tensor, *, mask: Tensor | None = None,
    ) -> Tensor: ...
class GlobalModePool(nn.Module):
    def __init__(
        self, *, spatial_ndim: int | None = None, keepdims: bool = False, return_counts: bool = False,
        ignore_label: int | None = None, nan_policy: str = "propagate",
    ) -> None: ...
    def forward(
        self, input: Tensor, *, mask: Tensor | None = None,
    ) -> Any: ...
class GlobalRangePool(nn.Module):
    def __init__(
        self, *, spatial_ndim: int | None = None, keepdims: bool = False, nan_policy: str = "propagate",
    ) -> None: ...
    def forward(
        self, input: Tensor, *, mask: Tensor | None = None,
    ) -> Tensor: ...
class GlobalRankPool(nn.Module):
    def __init__(
        self, *, spatial_ndim: int | None = None, keepdims: bool = False, return_indices: bool = False,
        rank: int | None = None, q: float | None = None, method: str = "linear",
        nan_policy: str = "propagate",
    ) -> None: ...
    def forward(
        self, input: Tensor, *, mask: Tensor | None = None,
    ) -> Any: ...
class GlobalSoftPool(nn.Module):
    def __init__(
        self, *, spatial_ndim: int | None = None, keepdims: bool = False, nan_policy: str = "propagate",
    ) -> None: ...
    def forward(
        self, input: Tensor, *, mask: Tensor | None = None,
    ) -> Tensor: ...
class GlobalSoftmaxPool(nn.Module):
    def __init__(
        self, *, spatial_ndim: int | None = None, keepdims: bool = False, temperature: float | Tensor = 1.0,
        nan_policy: str = "propagate",
    ) -> None: ...
    def forward(
        self, input: Tensor, *, mask: Tensor | None = None,
    ) -> Tensor: ...
class GlobalStdPool(nn.Module):
    def __init__(
        self, *, spatial_ndim: int | None = None, keepdims: bool = False, correction: float = 0,
        nan_policy: str = "propagate",
    ) -> None: ...
    def forward(
        self, input: Tensor, *, mask: Tensor | None = None,
    ) -> Tensor: ...
class GlobalStochasticPool(nn.Module):
    def __init__(
        self, *, spatial_ndim: int | None = None, keepdims: bool = False, return_indices: bool = False,
        nan_policy: str = "propagate",
    ) -> None: ...
    def forward(
        self, input: Tensor, *, random_samples: Tensor | None = None, indices: Tensor | None = None,
        mask: Tensor | None = None,
    ) -> Any: ...
class GlobalVarPool(nn.Module):
    def __init__(
        self, *, spatial_ndim: int | None = None, keepdims: bool = False, correction: float = 0,
        nan_policy: str = "propagate",
    ) -> None: ...
    def forward(
        self, input: Tensor, *, mask: Tensor | None = None,
    ) -> Tensor: ...
class KMaxPool(nn.Module):
    def __init__(
        self, k: int | None, return_indices: bool = False, *, dim: int = -1, nan_policy: str = "propagate",
    ) -> None: ...
    def forward(
        self, input: Tensor, *, mask: Tensor | None = None,
    ) -> Any: ...
class _LearnedNormPool(nn.Module):
    def __init__(
        self, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0, dilation: _Size = 1,
        ceil_mode: bool = False, *, p: float | Tensor = 2.0, c: float | Tensor = 0.0,
        nan_policy: str = "propagate",
    ) -> None: ...
    def forward(
        self, input: Tensor, *, mask: Tensor | None = None,
    ) -> Tensor: ...
class LearnedNormPool1d(_LearnedNormPool): ...
class LearnedNormPool2d(_LearnedNormPool): ...
class LearnedNormPool3d(_LearnedNormPool): ...
class _LipPool(nn.Module):
    def __init__(
        self, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0, dilation: _Size = 1,
        ceil_mode: bool = False, *, nan_policy: str = "propagate",
    ) -> None: ...
    def forward(
        self, input: Tensor, logits: Tensor, *, mask: Tensor | None = None,
    ) -> Tensor: ...
class LipPool1d(_LipPool): ...
class LipPool2d(_LipPool): ...
class LipPool3d(_LipPool): ...
class _LsePool(nn.Module):
    def __init__(
        self, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0, dilation: _Size = 1,
        ceil_mode: bool = False, *, r: float | Tensor = 1.0, nan_policy: str = "propagate",
    ) -> None: ...
    def forward(
        self, input: Tensor, *, mask: Tensor | None = None,
    ) -> Tensor: ...
class LsePool1d(_LsePool): ...
class LsePool2d(_LsePool): ...
class LsePool3d(_LsePool): ...
class _MaxBlurPool(nn.Module):
    def __init__(
        self, kernel_size: _Size = 2, stride: _Size | None = 2, blur_size: int = 4, padding: str = "reflect",
    ) -> None: ...
    def forward(
        self, input: Tensor,
    ) -> Tensor: ...
class MaxBlurPool1d(_MaxBlurPool): ...
class MaxBlurPool2d(_MaxBlurPool): ...
class MaxBlurPool3d(_MaxBlurPool): ...
class MaxOverTimePool(nn.Module):
    def __init__(
        self, *, return_indices: bool = False, empty: float | None = None,
    ) -> None: ...
    def forward(
        self, input: Tensor, mask: Tensor | None = None, *, lengths: Tensor | Sequence[int] | None = None,
    ) -> Any: ...
class _MedianPool(nn.Module):
    def __init__(
        self, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0, dilation: _Size = 1,
        ceil_mode: bool = False, return_indices: bool = False, *, nan_policy: str = "propagate",
    ) -> None: ...
    def forward(
        self, input: Tensor, *, mask: Tensor | None = None,
    ) -> Any: ...
class MedianPool1d(_MedianPool): ...
class MedianPool2d(_MedianPool): ...
class MedianPool3d(_MedianPool): ...
class _MixedPool(nn.Module):
    def __init__(
        self, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0, dilation: _Size = 1,
        ceil_mode: bool = False, *, alpha: float | Tensor = 0.5, nan_policy: str = "propagate",
    ) -> None: ...
    def forward(
        self, input: Tensor, *, mask: Tensor | None = None,
    ) -> Tensor: ...
class MixedPool1d(_MixedPool): ...
class MixedPool2d(_MixedPool): ...
class MixedPool3d(_MixedPool): ...
class _ModePool(nn.Module):
    def __init__(
        self, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0, dilation: _Size = 1,
        ceil_mode: bool = False, return_counts: bool = False, *, ignore_label: int | None = None,
        nan_policy: str = "propagate",
    ) -> None: ...
    def forward(
        self, input: Tensor, *, mask: Tensor | None = None,
    ) -> Any: ...
class ModePool1d(_ModePool): ...
class ModePool2d(_ModePool): ...
class ModePool3d(_ModePool): ...
class _OrdinalPool(nn.Module):
    def __init__(
        self, rank_weights: Tensor, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0,
        dilation: _Size = 1, ceil_mode: bool = False, *, nan_policy: str = "propagate",
    ) -> None: ...
    def forward(
        self, input: Tensor, *, mask: Tensor | None = None,
    ) -> Tensor: ...
class OrdinalPool1d(_OrdinalPool): ...
class OrdinalPool2d(_OrdinalPool): ...
class OrdinalPool3d(_OrdinalPool): ...
class PoolPyramid(nn.Module):
    def __init__(
        self, levels: Any, factor: _Size = 2, op: str = "avg", *, spatial_ndim: int | None = None,
    ) -> None: ...
    def forward(
        self, input: Tensor,
    ) -> list[Tensor]: ...
class PrRoIPool(nn.Module):
    def __init__(
        self, output_size: _Size, spatial_scale: float = 1.0,
    ) -> None: ...
    def forward(
        self, input: Tensor, boxes: Tensor | Sequence[Tensor], *,
        batch_indices: Tensor | Sequence[int] | None = None,
    ) -> Tensor: ...
class PSRoIAlign(nn.Module):
    def __init__(
        self, output_size: _Size, spatial_scale: float = 1.0, sampling_ratio: int = -1,
    ) -> None: ...
    def forward(
        self, input: Tensor, boxes: Tensor | Sequence[Tensor], *,
        batch_indices: Tensor | Sequence[int] | None = None,
    ) -> Tensor: ...
class PSRoIPool(nn.Module):
    def __init__(
        self, output_size: _Size, spatial_scale: float = 1.0,
    ) -> None: ...
    def forward(
        self, input: Tensor, boxes: Tensor | Sequence[Tensor], *,
        batch_indices: Tensor | Sequence[int] | None = None,
    ) -> Tensor: ...
class _RangePool(nn.Module):
    def __init__(
        self, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0, dilation: _Size = 1,
        ceil_mode: bool = False, *, nan_policy: str = "propagate",
    ) -> None: ...
    def forward(
        self, input: Tensor, *, mask: Tensor | None = None,
    ) -> Tensor: ...
class RangePool1d(_RangePool): ...
class RangePool2d(_RangePool): ...
class RangePool3d(_RangePool): ...
class _RankPool(nn.Module):
    def __init__(
        self, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0, dilation: _Size = 1,
        ceil_mode: bool = False, return_indices: bool = False, *, rank: int | None = None,
        q: float | None = None, method: str = "linear", nan_policy: str = "propagate",
    ) -> None: ...
    def forward(
        self, input: Tensor, *, mask: Tensor | None = None,
    ) -> Any: ...
class RankPool1d(_RankPool): ...
class RankPool2d(_RankPool): ...
class RankPool3d(_RankPool): ...
class RoIAlign(nn.Module):
    def __init__(
        self, output_size: _Size, spatial_scale: float = 1.0, sampling_ratio: int = -1,
        aligned: bool = False, *, mode: str = "avg", coordinate_transformation_mode: str | None = None,
    ) -> None: ...
    def forward(
        self, input: Tensor, boxes: Tensor | Sequence[Tensor], *,
        batch_indices: Tensor | Sequence[int] | None = None,
    ) -> Tensor: ...
class RoIPool(nn.Module):
    def __init__(
        self, output_size: _Size, spatial_scale: float = 1.0, return_indices: bool = False,
    ) -> None: ...
    def forward(
        self, input: Tensor, boxes: Tensor | Sequence[Tensor], *,
        batch_indices: Tensor | Sequence[int] | None = None,
    ) -> Any: ...
class _S3Pool(nn.Module):
    def __init__(
        self, kernel_size: _Size, stride: _Size | None = None, grid_size: _Size | None = None,
        return_indices: bool = False, *, positions: Sequence[Any] | Tensor | None = None,
    ) -> None: ...
    def forward(
        self, input: Tensor,
    ) -> Any: ...
class S3Pool1d(_S3Pool): ...
class S3Pool2d(_S3Pool): ...
class S3Pool3d(_S3Pool): ...
class SegmentPool(nn.Module):
    def __init__(
        self, op: str = "sum", *, k: int | None = None, correction: float = 0, return_indices: bool = False,
        empty: float | None = None,
    ) -> None: ...
    def forward(
        self, input: Tensor, offsets: Tensor | Sequence[int] | None = None, *,
        lengths: Tensor | Sequence[int] | None = None, weights: Tensor | None = None,
    ) -> Any: ...
class _SoftPool(nn.Module):
    def __init__(
        self, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0, dilation: _Size = 1,
        ceil_mode: bool = False, *, nan_policy: str = "propagate",
    ) -> None: ...
    def forward(
        self, input: Tensor, *, mask: Tensor | None = None,
    ) -> Tensor: ...
class SoftPool1d(_SoftPool): ...
class SoftPool2d(_SoftPool): ...
class SoftPool3d(_SoftPool): ...
class _SoftmaxPool(nn.Module):
    def __init__(
        self, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0, dilation: _Size = 1,
        ceil_mode: bool = False, *, temperature: float | Tensor = 1.0, nan_policy: str = "propagate",
    ) -> None: ...
    def forward(
        self, input: Tensor, *, mask: Tensor | None = None,
    ) -> Tensor: ...
class SoftmaxPool1d(_SoftmaxPool): ...
class SoftmaxPool2d(_SoftmaxPool): ...
class SoftmaxPool3d(_SoftmaxPool): ...
class SpatialPyramidPool(nn.Module):
    def __init__(
        self, levels: Any = (1, 2, 4), op: str = "max", *, spatial_ndim: int | None = None,
    ) -> None: ...
    def forward(
        self, input: Tensor,
    ) -> Tensor: ...
class StatsPool(nn.Module):
    def __init__(
        self, *, correction: float = 0, empty: float | None = None,
    ) -> None: ...
    def forward(
        self, input: Tensor, mask: Tensor | None = None, *, lengths: Tensor | Sequence[int] | None = None,
        weights: Tensor | None = None,
    ) -> Tensor: ...
class _StdPool(nn.Module):
    def __init__(
        self, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0, dilation: _Size = 1,
        ceil_mode: bool = False, *, correction: float = 0, nan_policy: str = "propagate",
    ) -> None: ...
    def forward(
        self, input: Tensor, *, mask: Tensor | None = None,
    ) -> Tensor: ...
class StdPool1d(_StdPool): ...
class StdPool2d(_StdPool): ...
class StdPool3d(_StdPool): ...
class _StochasticPool(nn.Module):
    def __init__(
        self, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0, dilation: _Size = 1,
        ceil_mode: bool = False, return_indices: bool = False, *, nan_policy: str = "propagate",
    ) -> None: ...
    def forward(
        self, input: Tensor, *, random_samples: Tensor | None = None, indices: Tensor | None = None,
        mask: Tensor | None = None,
    ) -> Any: ...
class StochasticPool1d(_StochasticPool): ...
class StochasticPool2d(_StochasticPool): ...
class StochasticPool3d(_StochasticPool): ...
class StripPool(nn.Module):
    def __init__(
        self, op: str = "avg", *, spatial_ndim: int | None = None,
    ) -> None: ...
    def forward(
        self, input: Tensor,
    ) -> list[Tensor]: ...
class TokenPool(nn.Module):
    def __init__(
        self, *, mode: str | Sequence[str] = "mean", empty: float | None = None,
    ) -> None: ...
    def forward(
        self, input: Tensor, mask: Tensor | None = None, *, lengths: Tensor | Sequence[int] | None = None,
    ) -> Tensor: ...
class _TreePool(nn.Module):
    def __init__(
        self, gates: Tensor, leaves: Tensor, kernel_size: _Size, stride: _Size | None = None,
        padding: _Padding = 0, dilation: _Size = 1, ceil_mode: bool = False, *,
        nan_policy: str = "propagate",
    ) -> None: ...
    def forward(
        self, input: Tensor, *, mask: Tensor | None = None,
    ) -> Tensor: ...
class TreePool1d(_TreePool): ...
class TreePool2d(_TreePool): ...
class TreePool3d(_TreePool): ...
class _VarPool(nn.Module):
    def __init__(
        self, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0, dilation: _Size = 1,
        ceil_mode: bool = False, *, correction: float = 0, nan_policy: str = "propagate",
    ) -> None: ...
    def forward(
        self, input: Tensor, *, mask: Tensor | None = None,
    ) -> Tensor: ...
class VarPool1d(_VarPool): ...
class VarPool2d(_VarPool): ...
class VarPool3d(_VarPool): ...
