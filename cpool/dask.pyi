from collections.abc import Callable, Sequence
from typing import Any, SupportsIndex, TypeAlias

from dask.array import Array
from numpy.typing import ArrayLike

__all__ = [
    "adaptive_avg_pool1d",
    "adaptive_avg_pool1d_backward",
    "adaptive_avg_pool2d",
    "adaptive_avg_pool2d_backward",
    "adaptive_avg_pool3d",
    "adaptive_avg_pool3d_backward",
    "adaptive_gem_pool1d",
    "adaptive_gem_pool1d_backward",
    "adaptive_gem_pool2d",
    "adaptive_gem_pool2d_backward",
    "adaptive_gem_pool3d",
    "adaptive_gem_pool3d_backward",
    "adaptive_learned_norm_pool1d",
    "adaptive_learned_norm_pool1d_backward",
    "adaptive_learned_norm_pool2d",
    "adaptive_learned_norm_pool2d_backward",
    "adaptive_learned_norm_pool3d",
    "adaptive_learned_norm_pool3d_backward",
    "adaptive_lip_pool1d",
    "adaptive_lip_pool1d_backward",
    "adaptive_lip_pool2d",
    "adaptive_lip_pool2d_backward",
    "adaptive_lip_pool3d",
    "adaptive_lip_pool3d_backward",
    "adaptive_lp_pool1d",
    "adaptive_lp_pool1d_backward",
    "adaptive_lp_pool2d",
    "adaptive_lp_pool2d_backward",
    "adaptive_lp_pool3d",
    "adaptive_lp_pool3d_backward",
    "adaptive_lse_pool1d",
    "adaptive_lse_pool1d_backward",
    "adaptive_lse_pool2d",
    "adaptive_lse_pool2d_backward",
    "adaptive_lse_pool3d",
    "adaptive_lse_pool3d_backward",
    "adaptive_max_pool1d",
    "adaptive_max_pool1d_backward",
    "adaptive_max_pool2d",
    "adaptive_max_pool2d_backward",
    "adaptive_max_pool3d",
    "adaptive_max_pool3d_backward",
    "adaptive_median_pool1d",
    "adaptive_median_pool1d_backward",
    "adaptive_median_pool2d",
    "adaptive_median_pool2d_backward",
    "adaptive_median_pool3d",
    "adaptive_median_pool3d_backward",
    "adaptive_min_pool1d",
    "adaptive_min_pool1d_backward",
    "adaptive_min_pool2d",
    "adaptive_min_pool2d_backward",
    "adaptive_min_pool3d",
    "adaptive_min_pool3d_backward",
    "adaptive_mixed_pool1d",
    "adaptive_mixed_pool1d_backward",
    "adaptive_mixed_pool2d",
    "adaptive_mixed_pool2d_backward",
    "adaptive_mixed_pool3d",
    "adaptive_mixed_pool3d_backward",
    "adaptive_mode_pool1d",
    "adaptive_mode_pool2d",
    "adaptive_mode_pool3d",
    "adaptive_range_pool1d",
    "adaptive_range_pool1d_backward",
    "adaptive_range_pool2d",
    "adaptive_range_pool2d_backward",
    "adaptive_range_pool3d",
    "adaptive_range_pool3d_backward",
    "adaptive_rank_pool1d",
    "adaptive_rank_pool1d_backward",
    "adaptive_rank_pool2d",
    "adaptive_rank_pool2d_backward",
    "adaptive_rank_pool3d",
    "adaptive_rank_pool3d_backward",
    "adaptive_soft_pool1d",
    "adaptive_soft_pool1d_backward",
    "adaptive_soft_pool2d",
    "adaptive_soft_pool2d_backward",
    "adaptive_soft_pool3d",
    "adaptive_soft_pool3d_backward",
    "adaptive_softmax_pool1d",
    "adaptive_softmax_pool1d_backward",
    "adaptive_softmax_pool2d",
    "adaptive_softmax_pool2d_backward",
    "adaptive_softmax_pool3d",
    "adaptive_softmax_pool3d_backward",
    "adaptive_std_pool1d",
    "adaptive_std_pool1d_backward",
    "adaptive_std_pool2d",
    "adaptive_std_pool2d_backward",
    "adaptive_std_pool3d",
    "adaptive_std_pool3d_backward",
    "adaptive_sum_pool1d",
    "adaptive_sum_pool1d_backward",
    "adaptive_sum_pool2d",
    "adaptive_sum_pool2d_backward",
    "adaptive_sum_pool3d",
    "adaptive_sum_pool3d_backward",
    "adaptive_var_pool1d",
    "adaptive_var_pool1d_backward",
    "adaptive_var_pool2d",
    "adaptive_var_pool2d_backward",
    "adaptive_var_pool3d",
    "adaptive_var_pool3d_backward",
    "avg_pool1d",
    "avg_pool1d_backward",
    "avg_pool2d",
    "avg_pool2d_backward",
    "avg_pool3d",
    "avg_pool3d_backward",
    "block_reduce",
    "block_reduce_backward",
    "detail_pool1d",
    "detail_pool1d_backward",
    "detail_pool2d",
    "detail_pool2d_backward",
    "detail_pool3d",
    "detail_pool3d_backward",
    "gated_pool1d",
    "gated_pool1d_backward",
    "gated_pool2d",
    "gated_pool2d_backward",
    "gated_pool3d",
    "gated_pool3d_backward",
    "gem_pool1d",
    "gem_pool1d_backward",
    "gem_pool2d",
    "gem_pool2d_backward",
    "gem_pool3d",
    "gem_pool3d_backward",
    "global_avg_pool",
    "global_avg_pool_backward",
    "global_gem_pool",
    "global_gem_pool_backward",
    "global_learned_norm_pool",
    "global_learned_norm_pool_backward",
    "global_lip_pool",
    "global_lip_pool_backward",
    "global_lp_pool",
    "global_lp_pool_backward",
    "global_lse_pool",
    "global_lse_pool_backward",
    "global_max_pool",
    "global_max_pool_backward",
    "global_median_pool",
    "global_median_pool_backward",
    "global_min_pool",
    "global_min_pool_backward",
    "global_mixed_pool",
    "global_mixed_pool_backward",
    "global_mode_pool",
    "global_range_pool",
    "global_range_pool_backward",
    "global_rank_pool",
    "global_rank_pool_backward",
    "global_soft_pool",
    "global_soft_pool_backward",
    "global_softmax_pool",
    "global_softmax_pool_backward",
    "global_std_pool",
    "global_std_pool_backward",
    "global_sum_pool",
    "global_sum_pool_backward",
    "global_var_pool",
    "global_var_pool_backward",
    "learned_norm_pool1d",
    "learned_norm_pool1d_backward",
    "learned_norm_pool2d",
    "learned_norm_pool2d_backward",
    "learned_norm_pool3d",
    "learned_norm_pool3d_backward",
    "lip_pool1d",
    "lip_pool1d_backward",
    "lip_pool2d",
    "lip_pool2d_backward",
    "lip_pool3d",
    "lip_pool3d_backward",
    "lp_pool1d",
    "lp_pool1d_backward",
    "lp_pool2d",
    "lp_pool2d_backward",
    "lp_pool3d",
    "lp_pool3d_backward",
    "lse_pool1d",
    "lse_pool1d_backward",
    "lse_pool2d",
    "lse_pool2d_backward",
    "lse_pool3d",
    "lse_pool3d_backward",
    "max_pool1d",
    "max_pool1d_backward",
    "max_pool2d",
    "max_pool2d_backward",
    "max_pool3d",
    "max_pool3d_backward",
    "median_pool1d",
    "median_pool1d_backward",
    "median_pool2d",
    "median_pool2d_backward",
    "median_pool3d",
    "median_pool3d_backward",
    "min_pool1d",
    "min_pool1d_backward",
    "min_pool2d",
    "min_pool2d_backward",
    "min_pool3d",
    "min_pool3d_backward",
    "mixed_pool1d",
    "mixed_pool1d_backward",
    "mixed_pool2d",
    "mixed_pool2d_backward",
    "mixed_pool3d",
    "mixed_pool3d_backward",
    "mode_pool1d",
    "mode_pool2d",
    "mode_pool3d",
    "ordinal_pool1d",
    "ordinal_pool1d_backward",
    "ordinal_pool2d",
    "ordinal_pool2d_backward",
    "ordinal_pool3d",
    "ordinal_pool3d_backward",
    "pool_pyramid",
    "pool_pyramid_backward",
    "range_pool1d",
    "range_pool1d_backward",
    "range_pool2d",
    "range_pool2d_backward",
    "range_pool3d",
    "range_pool3d_backward",
    "rank_pool1d",
    "rank_pool1d_backward",
    "rank_pool2d",
    "rank_pool2d_backward",
    "rank_pool3d",
    "rank_pool3d_backward",
    "soft_pool1d",
    "soft_pool1d_backward",
    "soft_pool2d",
    "soft_pool2d_backward",
    "soft_pool3d",
    "soft_pool3d_backward",
    "softmax_pool1d",
    "softmax_pool1d_backward",
    "softmax_pool2d",
    "softmax_pool2d_backward",
    "softmax_pool3d",
    "softmax_pool3d_backward",
    "std_pool1d",
    "std_pool1d_backward",
    "std_pool2d",
    "std_pool2d_backward",
    "std_pool3d",
    "std_pool3d_backward",
    "sum_pool1d",
    "sum_pool1d_backward",
    "sum_pool2d",
    "sum_pool2d_backward",
    "sum_pool3d",
    "sum_pool3d_backward",
    "tree_pool1d",
    "tree_pool1d_backward",
    "tree_pool2d",
    "tree_pool2d_backward",
    "tree_pool3d",
    "tree_pool3d_backward",
    "var_pool1d",
    "var_pool1d_backward",
    "var_pool2d",
    "var_pool2d_backward",
    "var_pool3d",
    "var_pool3d_backward",
]

# The arguments are those of the functions of cpool of the same name, but for `out`; x is an array of dask.
_One: TypeAlias = Callable[..., Array]
_Several: TypeAlias = Callable[..., Any]  # one or more arrays, as the arguments say

def block_reduce(
    x: Array, block_size: SupportsIndex | Sequence[SupportsIndex] = 2, func: str | Callable[..., Any] = "sum",
    cval: complex = 0, func_kwargs: dict[str, Any] | None = None, *, edge: str = "pad",
) -> Array: ...
def block_reduce_backward(
    grad_output: ArrayLike | Array, x: Array, block_size: SupportsIndex | Sequence[SupportsIndex] = 2,
    func: str | Callable[..., Any] = "sum", cval: complex = 0, func_kwargs: dict[str, Any] | None = None, *,
    edge: str = "pad",
) -> Array: ...
def pool_pyramid(
    x: Array, levels: SupportsIndex, factor: SupportsIndex | Sequence[SupportsIndex] = 2, op: str = "avg", *,
    spatial_ndim: SupportsIndex | None = None, data_format: str = "channels_first",
) -> list[Array]: ...
def pool_pyramid_backward(
    grad_output: Sequence[ArrayLike | Array], x: Array, levels: SupportsIndex, factor: SupportsIndex |
    Sequence[SupportsIndex] = 2, op: str = "avg", *, spatial_ndim: SupportsIndex | None = None,
    data_format: str = "channels_first",
) -> Array: ...

adaptive_avg_pool1d: _One
adaptive_avg_pool1d_backward: _Several
adaptive_avg_pool2d: _One
adaptive_avg_pool2d_backward: _Several
adaptive_avg_pool3d: _One
adaptive_avg_pool3d_backward: _Several
adaptive_gem_pool1d: _One
adaptive_gem_pool1d_backward: _Several
adaptive_gem_pool2d: _One
adaptive_gem_pool2d_backward: _Several
adaptive_gem_pool3d: _One
adaptive_gem_pool3d_backward: _Several
adaptive_learned_norm_pool1d: _One
adaptive_learned_norm_pool1d_backward: _Several
adaptive_learned_norm_pool2d: _One
adaptive_learned_norm_pool2d_backward: _Several
adaptive_learned_norm_pool3d: _One
adaptive_learned_norm_pool3d_backward: _Several
adaptive_lip_pool1d: _One
adaptive_lip_pool1d_backward: _Several
adaptive_lip_pool2d: _One
adaptive_lip_pool2d_backward: _Several
adaptive_lip_pool3d: _One
adaptive_lip_pool3d_backward: _Several
adaptive_lp_pool1d: _One
adaptive_lp_pool1d_backward: _Several
adaptive_lp_pool2d: _One
adaptive_lp_pool2d_backward: _Several
adaptive_lp_pool3d: _One
adaptive_lp_pool3d_backward: _Several
adaptive_lse_pool1d: _One
adaptive_lse_pool1d_backward: _Several
adaptive_lse_pool2d: _One
adaptive_lse_pool2d_backward: _Several
adaptive_lse_pool3d: _One
adaptive_lse_pool3d_backward: _Several
adaptive_max_pool1d: _Several
adaptive_max_pool1d_backward: _One
adaptive_max_pool2d: _Several
adaptive_max_pool2d_backward: _One
adaptive_max_pool3d: _Several
adaptive_max_pool3d_backward: _One
adaptive_median_pool1d: _Several
adaptive_median_pool1d_backward: _One
adaptive_median_pool2d: _Several
adaptive_median_pool2d_backward: _One
adaptive_median_pool3d: _Several
adaptive_median_pool3d_backward: _One
adaptive_min_pool1d: _Several
adaptive_min_pool1d_backward: _One
adaptive_min_pool2d: _Several
adaptive_min_pool2d_backward: _One
adaptive_min_pool3d: _Several
adaptive_min_pool3d_backward: _One
adaptive_mixed_pool1d: _One
adaptive_mixed_pool1d_backward: _Several
adaptive_mixed_pool2d: _One
adaptive_mixed_pool2d_backward: _Several
adaptive_mixed_pool3d: _One
adaptive_mixed_pool3d_backward: _Several
adaptive_mode_pool1d: _Several
adaptive_mode_pool2d: _Several
adaptive_mode_pool3d: _Several
adaptive_range_pool1d: _One
adaptive_range_pool1d_backward: _One
adaptive_range_pool2d: _One
adaptive_range_pool2d_backward: _One
adaptive_range_pool3d: _One
adaptive_range_pool3d_backward: _One
adaptive_rank_pool1d: _Several
adaptive_rank_pool1d_backward: _One
adaptive_rank_pool2d: _Several
adaptive_rank_pool2d_backward: _One
adaptive_rank_pool3d: _Several
adaptive_rank_pool3d_backward: _One
adaptive_soft_pool1d: _One
adaptive_soft_pool1d_backward: _One
adaptive_soft_pool2d: _One
adaptive_soft_pool2d_backward: _One
adaptive_soft_pool3d: _One
adaptive_soft_pool3d_backward: _One
adaptive_softmax_pool1d: _One
adaptive_softmax_pool1d_backward: _Several
adaptive_softmax_pool2d: _One
adaptive_softmax_pool2d_backward: _Several
adaptive_softmax_pool3d: _One
adaptive_softmax_pool3d_backward: _Several
adaptive_std_pool1d: _One
adaptive_std_pool1d_backward: _One
adaptive_std_pool2d: _One
adaptive_std_pool2d_backward: _One
adaptive_std_pool3d: _One
adaptive_std_pool3d_backward: _One
adaptive_sum_pool1d: _One
adaptive_sum_pool1d_backward: _Several
adaptive_sum_pool2d: _One
adaptive_sum_pool2d_backward: _Several
adaptive_sum_pool3d: _One
adaptive_sum_pool3d_backward: _Several
adaptive_var_pool1d: _One
adaptive_var_pool1d_backward: _One
adaptive_var_pool2d: _One
adaptive_var_pool2d_backward: _One
adaptive_var_pool3d: _One
adaptive_var_pool3d_backward: _One
avg_pool1d: _One
avg_pool1d_backward: _Several
avg_pool2d: _One
avg_pool2d_backward: _Several
avg_pool3d: _One
avg_pool3d_backward: _Several
detail_pool1d: _One
detail_pool1d_backward: _Several
detail_pool2d: _One
detail_pool2d_backward: _Several
detail_pool3d: _One
detail_pool3d_backward: _Several
gated_pool1d: _One
gated_pool1d_backward: _Several
gated_pool2d: _One
gated_pool2d_backward: _Several
gated_pool3d: _One
gated_pool3d_backward: _Several
gem_pool1d: _One
gem_pool1d_backward: _Several
gem_pool2d: _One
gem_pool2d_backward: _Several
gem_pool3d: _One
gem_pool3d_backward: _Several
global_avg_pool: _One
global_avg_pool_backward: _Several
global_gem_pool: _One
global_gem_pool_backward: _Several
global_learned_norm_pool: _One
global_learned_norm_pool_backward: _Several
global_lip_pool: _One
global_lip_pool_backward: _Several
global_lp_pool: _One
global_lp_pool_backward: _Several
global_lse_pool: _One
global_lse_pool_backward: _Several
global_max_pool: _Several
global_max_pool_backward: _One
global_median_pool: _Several
global_median_pool_backward: _One
global_min_pool: _Several
global_min_pool_backward: _One
global_mixed_pool: _One
global_mixed_pool_backward: _Several
global_mode_pool: _Several
global_range_pool: _One
global_range_pool_backward: _One
global_rank_pool: _Several
global_rank_pool_backward: _One
global_soft_pool: _One
global_soft_pool_backward: _One
global_softmax_pool: _One
global_softmax_pool_backward: _Several
global_std_pool: _One
global_std_pool_backward: _One
global_sum_pool: _One
global_sum_pool_backward: _Several
global_var_pool: _One
global_var_pool_backward: _One
learned_norm_pool1d: _One
learned_norm_pool1d_backward: _Several
learned_norm_pool2d: _One
learned_norm_pool2d_backward: _Several
learned_norm_pool3d: _One
learned_norm_pool3d_backward: _Several
lip_pool1d: _One
lip_pool1d_backward: _Several
lip_pool2d: _One
lip_pool2d_backward: _Several
lip_pool3d: _One
lip_pool3d_backward: _Several
lp_pool1d: _One
lp_pool1d_backward: _Several
lp_pool2d: _One
lp_pool2d_backward: _Several
lp_pool3d: _One
lp_pool3d_backward: _Several
lse_pool1d: _One
lse_pool1d_backward: _Several
lse_pool2d: _One
lse_pool2d_backward: _Several
lse_pool3d: _One
lse_pool3d_backward: _Several
max_pool1d: _Several
max_pool1d_backward: _One
max_pool2d: _Several
max_pool2d_backward: _One
max_pool3d: _Several
max_pool3d_backward: _One
median_pool1d: _Several
median_pool1d_backward: _One
median_pool2d: _Several
median_pool2d_backward: _One
median_pool3d: _Several
median_pool3d_backward: _One
min_pool1d: _Several
min_pool1d_backward: _One
min_pool2d: _Several
min_pool2d_backward: _One
min_pool3d: _Several
min_pool3d_backward: _One
mixed_pool1d: _One
mixed_pool1d_backward: _Several
mixed_pool2d: _One
mixed_pool2d_backward: _Several
mixed_pool3d: _One
mixed_pool3d_backward: _Several
mode_pool1d: _Several
mode_pool2d: _Several
mode_pool3d: _Several
ordinal_pool1d: _One
ordinal_pool1d_backward: _Several
ordinal_pool2d: _One
ordinal_pool2d_backward: _Several
ordinal_pool3d: _One
ordinal_pool3d_backward: _Several
range_pool1d: _One
range_pool1d_backward: _One
range_pool2d: _One
range_pool2d_backward: _One
range_pool3d: _One
range_pool3d_backward: _One
rank_pool1d: _Several
rank_pool1d_backward: _One
rank_pool2d: _Several
rank_pool2d_backward: _One
rank_pool3d: _Several
rank_pool3d_backward: _One
soft_pool1d: _One
soft_pool1d_backward: _One
soft_pool2d: _One
soft_pool2d_backward: _One
soft_pool3d: _One
soft_pool3d_backward: _One
softmax_pool1d: _One
softmax_pool1d_backward: _Several
softmax_pool2d: _One
softmax_pool2d_backward: _Several
softmax_pool3d: _One
softmax_pool3d_backward: _Several
std_pool1d: _One
std_pool1d_backward: _One
std_pool2d: _One
std_pool2d_backward: _One
std_pool3d: _One
std_pool3d_backward: _One
sum_pool1d: _One
sum_pool1d_backward: _Several
sum_pool2d: _One
sum_pool2d_backward: _Several
sum_pool3d: _One
sum_pool3d_backward: _Several
tree_pool1d: _One
tree_pool1d_backward: _Several
tree_pool2d: _One
tree_pool2d_backward: _Several
tree_pool3d: _One
tree_pool3d_backward: _Several
var_pool1d: _One
var_pool1d_backward: _One
var_pool2d: _One
var_pool2d_backward: _One
var_pool3d: _One
var_pool3d_backward: _One
