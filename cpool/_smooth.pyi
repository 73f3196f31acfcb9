"""Smooth and learnable operators: log-mean-exp, softmax weights, power means, mixtures, gates and trees."""

from collections.abc import Sequence
from typing import Any, SupportsIndex, TypeAlias

from numpy.typing import ArrayLike, DTypeLike, NDArray

_Array: TypeAlias = NDArray[Any]
_Ints: TypeAlias = SupportsIndex | Sequence[SupportsIndex]
_Sizes: TypeAlias = SupportsIndex | Sequence[SupportsIndex | None] | None
_Padding: TypeAlias = _Ints | Sequence[Sequence[SupportsIndex]] | str

__all__ = [
    "adaptive_gem_pool1d",
    "adaptive_gem_pool1d_backward",
    "adaptive_gem_pool1d_jvp",
    "adaptive_gem_pool2d",
    "adaptive_gem_pool2d_backward",
    "adaptive_gem_pool2d_jvp",
    "adaptive_gem_pool3d",
    "adaptive_gem_pool3d_backward",
    "adaptive_gem_pool3d_jvp",
    "adaptive_learned_norm_pool1d",
    "adaptive_learned_norm_pool1d_backward",
    "adaptive_learned_norm_pool1d_jvp",
    "adaptive_learned_norm_pool2d",
    "adaptive_learned_norm_pool2d_backward",
    "adaptive_learned_norm_pool2d_jvp",
    "adaptive_learned_norm_pool3d",
    "adaptive_learned_norm_pool3d_backward",
    "adaptive_learned_norm_pool3d_jvp",
    "adaptive_lip_pool1d",
    "adaptive_lip_pool1d_backward",
    "adaptive_lip_pool1d_jvp",
    "adaptive_lip_pool2d",
    "adaptive_lip_pool2d_backward",
    "adaptive_lip_pool2d_jvp",
    "adaptive_lip_pool3d",
    "adaptive_lip_pool3d_backward",
    "adaptive_lip_pool3d_jvp",
    "adaptive_lse_pool1d",
    "adaptive_lse_pool1d_backward",
    "adaptive_lse_pool1d_jvp",
    "adaptive_lse_pool2d",
    "adaptive_lse_pool2d_backward",
    "adaptive_lse_pool2d_jvp",
    "adaptive_lse_pool3d",
    "adaptive_lse_pool3d_backward",
    "adaptive_lse_pool3d_jvp",
    "adaptive_mixed_pool1d",
    "adaptive_mixed_pool1d_backward",
    "adaptive_mixed_pool1d_jvp",
    "adaptive_mixed_pool2d",
    "adaptive_mixed_pool2d_backward",
    "adaptive_mixed_pool2d_jvp",
    "adaptive_mixed_pool3d",
    "adaptive_mixed_pool3d_backward",
    "adaptive_mixed_pool3d_jvp",
    "adaptive_soft_pool1d",
    "adaptive_soft_pool1d_backward",
    "adaptive_soft_pool1d_jvp",
    "adaptive_soft_pool2d",
    "adaptive_soft_pool2d_backward",
    "adaptive_soft_pool2d_jvp",
    "adaptive_soft_pool3d",
    "adaptive_soft_pool3d_backward",
    "adaptive_soft_pool3d_jvp",
    "adaptive_softmax_pool1d",
    "adaptive_softmax_pool1d_backward",
    "adaptive_softmax_pool1d_jvp",
    "adaptive_softmax_pool2d",
    "adaptive_softmax_pool2d_backward",
    "adaptive_softmax_pool2d_jvp",
    "adaptive_softmax_pool3d",
    "adaptive_softmax_pool3d_backward",
    "adaptive_softmax_pool3d_jvp",
    "detail_pool1d",
    "detail_pool1d_backward",
    "detail_pool1d_jvp",
    "detail_pool2d",
    "detail_pool2d_backward",
    "detail_pool2d_jvp",
    "detail_pool3d",
    "detail_pool3d_backward",
    "detail_pool3d_jvp",
    "gated_pool1d",
    "gated_pool1d_backward",
    "gated_pool1d_jvp",
    "gated_pool2d",
    "gated_pool2d_backward",
    "gated_pool2d_jvp",
    "gated_pool3d",
    "gated_pool3d_backward",
    "gated_pool3d_jvp",
    "gem_pool1d",
    "gem_pool1d_backward",
    "gem_pool1d_jvp",
    "gem_pool2d",
    "gem_pool2d_backward",
    "gem_pool2d_jvp",
    "gem_pool3d",
    "gem_pool3d_backward",
    "gem_pool3d_jvp",
    "global_gem_pool",
    "global_gem_pool_backward",
    "global_gem_pool_jvp",
    "global_learned_norm_pool",
    "global_learned_norm_pool_backward",
    "global_learned_norm_pool_jvp",
    "global_lip_pool",
    "global_lip_pool_backward",
    "global_lip_pool_jvp",
    "global_lse_pool",
    "global_lse_pool_backward",
    "global_lse_pool_jvp",
    "global_mixed_pool",
    "global_mixed_pool_backward",
    "global_mixed_pool_jvp",
    "global_soft_pool",
    "global_soft_pool_backward",
    "global_soft_pool_jvp",
    "global_softmax_pool",
    "global_softmax_pool_backward",
    "global_softmax_pool_jvp",
    "learned_norm_pool1d",
    "learned_norm_pool1d_backward",
    "learned_norm_pool1d_jvp",
    "learned_norm_pool2d",
    "learned_norm_pool2d_backward",
    "learned_norm_pool2d_jvp",
    "learned_norm_pool3d",
    "learned_norm_pool3d_backward",
    "learned_norm_pool3d_jvp",
    "lip_pool1d",
    "lip_pool1d_backward",
    "lip_pool1d_jvp",
    "lip_pool2d",
    "lip_pool2d_backward",
    "lip_pool2d_jvp",
    "lip_pool3d",
    "lip_pool3d_backward",
    "lip_pool3d_jvp",
    "lse_pool1d",
    "lse_pool1d_backward",
    "lse_pool1d_jvp",
    "lse_pool2d",
    "lse_pool2d_backward",
    "lse_pool2d_jvp",
    "lse_pool3d",
    "lse_pool3d_backward",
    "lse_pool3d_jvp",
    "mixed_pool1d",
    "mixed_pool1d_backward",
    "mixed_pool1d_jvp",
    "mixed_pool2d",
    "mixed_pool2d_backward",
    "mixed_pool2d_jvp",
    "mixed_pool3d",
    "mixed_pool3d_backward",
    "mixed_pool3d_jvp",
    "ordinal_pool1d",
    "ordinal_pool1d_backward",
    "ordinal_pool1d_jvp",
    "ordinal_pool2d",
    "ordinal_pool2d_backward",
    "ordinal_pool2d_jvp",
    "ordinal_pool3d",
    "ordinal_pool3d_backward",
    "ordinal_pool3d_jvp",
    "soft_pool1d",
    "soft_pool1d_backward",
    "soft_pool1d_jvp",
    "soft_pool2d",
    "soft_pool2d_backward",
    "soft_pool2d_jvp",
    "soft_pool3d",
    "soft_pool3d_backward",
    "soft_pool3d_jvp",
    "softmax_pool1d",
    "softmax_pool1d_backward",
    "softmax_pool1d_jvp",
    "softmax_pool2d",
    "softmax_pool2d_backward",
    "softmax_pool2d_jvp",
    "softmax_pool3d",
    "softmax_pool3d_backward",
    "softmax_pool3d_jvp",
    "tree_pool1d",
    "tree_pool1d_backward",
    "tree_pool1d_jvp",
    "tree_pool2d",
    "tree_pool2d_backward",
    "tree_pool2d_jvp",
    "tree_pool3d",
    "tree_pool3d_backward",
    "tree_pool3d_jvp",
]

def lse_pool1d(
    x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0,
    dilation: _Ints = 1, ceil_mode: bool = False, *, r: ArrayLike = 1.0, dtype: DTypeLike | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
lse_pool2d = lse_pool1d
lse_pool3d = lse_pool1d
def lse_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None,
    padding: _Padding = 0, dilation: _Ints = 1, ceil_mode: bool = False, *, r: ArrayLike = 1.0,
    dtype: DTypeLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None, out: _Array | None = None,
) -> tuple[_Array, _Array]: ...
lse_pool2d_backward = lse_pool1d_backward
lse_pool3d_backward = lse_pool1d_backward
def lse_pool1d_jvp(
    tangent: ArrayLike, x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0,
    dilation: _Ints = 1, ceil_mode: bool = False, *, r: ArrayLike = 1.0, r_tangent: ArrayLike | None = None,
    dtype: DTypeLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
lse_pool2d_jvp = lse_pool1d_jvp
lse_pool3d_jvp = lse_pool1d_jvp
def adaptive_lse_pool1d(
    x: ArrayLike, output_size: _Sizes, *, r: ArrayLike = 1.0, dtype: DTypeLike | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
adaptive_lse_pool2d = adaptive_lse_pool1d
adaptive_lse_pool3d = adaptive_lse_pool1d
def adaptive_lse_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: _Sizes, *, r: ArrayLike = 1.0,
    dtype: DTypeLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None, out: _Array | None = None,
) -> tuple[_Array, _Array]: ...
adaptive_lse_pool2d_backward = adaptive_lse_pool1d_backward
adaptive_lse_pool3d_backward = adaptive_lse_pool1d_backward
def adaptive_lse_pool1d_jvp(
    tangent: ArrayLike, x: ArrayLike, output_size: _Sizes, *, r: ArrayLike = 1.0,
    r_tangent: ArrayLike | None = None, dtype: DTypeLike | None = None, data_format: str = "channels_first",
    axis: _Ints | None = None, nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | None = None,
) -> _Array: ...
adaptive_lse_pool2d_jvp = adaptive_lse_pool1d_jvp
adaptive_lse_pool3d_jvp = adaptive_lse_pool1d_jvp
def global_lse_pool(
    x: ArrayLike, *, spatial_ndim: SupportsIndex | None = None, data_format: str = "channels_first",
    axis: _Ints | None = None, keepdims: bool = False, r: ArrayLike = 1.0, dtype: DTypeLike | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
def global_lse_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, *, spatial_ndim: SupportsIndex | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, keepdims: bool = False,
    r: ArrayLike = 1.0, dtype: DTypeLike | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, out: _Array | None = None,
) -> tuple[_Array, _Array]: ...
def global_lse_pool_jvp(
    tangent: ArrayLike, x: ArrayLike, *, spatial_ndim: SupportsIndex | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, keepdims: bool = False,
    r: ArrayLike = 1.0, r_tangent: ArrayLike | None = None, dtype: DTypeLike | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
def soft_pool1d(
    x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0,
    dilation: _Ints = 1, ceil_mode: bool = False, *, dtype: DTypeLike | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
soft_pool2d = soft_pool1d
soft_pool3d = soft_pool1d
def soft_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None,
    padding: _Padding = 0, dilation: _Ints = 1, ceil_mode: bool = False, *, dtype: DTypeLike | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
soft_pool2d_backward = soft_pool1d_backward
soft_pool3d_backward = soft_pool1d_backward
def soft_pool1d_jvp(
    tangent: ArrayLike, x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0,
    dilation: _Ints = 1, ceil_mode: bool = False, *, dtype: DTypeLike | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
soft_pool2d_jvp = soft_pool1d_jvp
soft_pool3d_jvp = soft_pool1d_jvp
def adaptive_soft_pool1d(
    x: ArrayLike, output_size: _Sizes, *, dtype: DTypeLike | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
adaptive_soft_pool2d = adaptive_soft_pool1d
adaptive_soft_pool3d = adaptive_soft_pool1d
def adaptive_soft_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: _Sizes, *, dtype: DTypeLike | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
adaptive_soft_pool2d_backward = adaptive_soft_pool1d_backward
adaptive_soft_pool3d_backward = adaptive_soft_pool1d_backward
def adaptive_soft_pool1d_jvp(
    tangent: ArrayLike, x: ArrayLike, output_size: _Sizes, *, dtype: DTypeLike | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
adaptive_soft_pool2d_jvp = adaptive_soft_pool1d_jvp
adaptive_soft_pool3d_jvp = adaptive_soft_pool1d_jvp
def global_soft_pool(
    x: ArrayLike, *, spatial_ndim: SupportsIndex | None = None, data_format: str = "channels_first",
    axis: _Ints | None = None, keepdims: bool = False, dtype: DTypeLike | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
def global_soft_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, *, spatial_ndim: SupportsIndex | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, keepdims: bool = False,
    dtype: DTypeLike | None = None, nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | None = None,
) -> _Array: ...
def global_soft_pool_jvp(
    tangent: ArrayLike, x: ArrayLike, *, spatial_ndim: SupportsIndex | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, keepdims: bool = False,
    dtype: DTypeLike | None = None, nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | None = None,
) -> _Array: ...
def softmax_pool1d(
    x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0,
    dilation: _Ints = 1, ceil_mode: bool = False, *, temperature: ArrayLike = 1.0,
    dtype: DTypeLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
softmax_pool2d = softmax_pool1d
softmax_pool3d = softmax_pool1d
def softmax_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None,
    padding: _Padding = 0, dilation: _Ints = 1, ceil_mode: bool = False, *, temperature: ArrayLike = 1.0,
    dtype: DTypeLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None, out: _Array | None = None,
) -> tuple[_Array, _Array]: ...
softmax_pool2d_backward = softmax_pool1d_backward
softmax_pool3d_backward = softmax_pool1d_backward
def softmax_pool1d_jvp(
    tangent: ArrayLike, x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0,
    dilation: _Ints = 1, ceil_mode: bool = False, *, temperature: ArrayLike = 1.0,
    temperature_tangent: ArrayLike | None = None, dtype: DTypeLike | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
softmax_pool2d_jvp = softmax_pool1d_jvp
softmax_pool3d_jvp = softmax_pool1d_jvp
def adaptive_softmax_pool1d(
    x: ArrayLike, output_size: _Sizes, *, temperature: ArrayLike = 1.0, dtype: DTypeLike | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
adaptive_softmax_pool2d = adaptive_softmax_pool1d
adaptive_softmax_pool3d = adaptive_softmax_pool1d
def adaptive_softmax_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: _Sizes, *, temperature: ArrayLike = 1.0,
    dtype: DTypeLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None, out: _Array | None = None,
) -> tuple[_Array, _Array]: ...
adaptive_softmax_pool2d_backward = adaptive_softmax_pool1d_backward
adaptive_softmax_pool3d_backward = adaptive_softmax_pool1d_backward
def adaptive_softmax_pool1d_jvp(
    tangent: ArrayLike, x: ArrayLike, output_size: _Sizes, *, temperature: ArrayLike = 1.0,
    temperature_tangent: ArrayLike | None = None, dtype: DTypeLike | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
adaptive_softmax_pool2d_jvp = adaptive_softmax_pool1d_jvp
adaptive_softmax_pool3d_jvp = adaptive_softmax_pool1d_jvp
def global_softmax_pool(
    x: ArrayLike, *, spatial_ndim: SupportsIndex | None = None, data_format: str = "channels_first",
    axis: _Ints | None = None, keepdims: bool = False, temperature: ArrayLike = 1.0,
    dtype: DTypeLike | None = None, nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | None = None,
) -> _Array: ...
def global_softmax_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, *, spatial_ndim: SupportsIndex | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, keepdims: bool = False,
    temperature: ArrayLike = 1.0, dtype: DTypeLike | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, out: _Array | None = None,
) -> tuple[_Array, _Array]: ...
def global_softmax_pool_jvp(
    tangent: ArrayLike, x: ArrayLike, *, spatial_ndim: SupportsIndex | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, keepdims: bool = False,
    temperature: ArrayLike = 1.0, temperature_tangent: ArrayLike | None = None,
    dtype: DTypeLike | None = None, nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | None = None,
) -> _Array: ...
def lip_pool1d(
    x: ArrayLike, logits: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0,
    dilation: _Ints = 1, ceil_mode: bool = False, *, dtype: DTypeLike | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
lip_pool2d = lip_pool1d
lip_pool3d = lip_pool1d
def lip_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, logits: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None,
    padding: _Padding = 0, dilation: _Ints = 1, ceil_mode: bool = False, *, dtype: DTypeLike | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, out: _Array | None = None,
) -> tuple[_Array, _Array]: ...
lip_pool2d_backward = lip_pool1d_backward
lip_pool3d_backward = lip_pool1d_backward
def lip_pool1d_jvp(
    tangent: ArrayLike, x: ArrayLike, logits: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None,
    padding: _Padding = 0, dilation: _Ints = 1, ceil_mode: bool = False, *,
    logits_tangent: ArrayLike | None = None, dtype: DTypeLike | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
lip_pool2d_jvp = lip_pool1d_jvp
lip_pool3d_jvp = lip_pool1d_jvp
def adaptive_lip_pool1d(
    x: ArrayLike, logits: ArrayLike, output_size: _Sizes, *, dtype: DTypeLike | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
adaptive_lip_pool2d = adaptive_lip_pool1d
adaptive_lip_pool3d = adaptive_lip_pool1d
def adaptive_lip_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, logits: ArrayLike, output_size: _Sizes, *,
    dtype: DTypeLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None, out: _Array | None = None,
) -> tuple[_Array, _Array]: ...
adaptive_lip_pool2d_backward = adaptive_lip_pool1d_backward
adaptive_lip_pool3d_backward = adaptive_lip_pool1d_backward
def adaptive_lip_pool1d_jvp(
    tangent: ArrayLike, x: ArrayLike, logits: ArrayLike, output_size: _Sizes, *,
    logits_tangent: ArrayLike | None = None, dtype: DTypeLike | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
adaptive_lip_pool2d_jvp = adaptive_lip_pool1d_jvp
adaptive_lip_pool3d_jvp = adaptive_lip_pool1d_jvp
def global_lip_pool(
    x: ArrayLike, logits: ArrayLike, *, spatial_ndim: SupportsIndex | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, keepdims: bool = False,
    dtype: DTypeLike | None = None, nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | None = None,
) -> _Array: ...
def global_lip_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, logits: ArrayLike, *, spatial_ndim: SupportsIndex | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, keepdims: bool = False,
    dtype: DTypeLike | None = None, nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | None = None,
) -> tuple[_Array, _Array]: ...
def global_lip_pool_jvp(
    tangent: ArrayLike, x: ArrayLike, logits: ArrayLike, *, spatial_ndim: SupportsIndex | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, keepdims: bool = False,
    logits_tangent: ArrayLike | None = None, dtype: DTypeLike | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
def gem_pool1d(
    x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0,
    dilation: _Ints = 1, ceil_mode: bool = False, *, p: ArrayLike = 3.0, eps: float = 1e-06,
    dtype: DTypeLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
gem_pool2d = gem_pool1d
gem_pool3d = gem_pool1d
def gem_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None,
    padding: _Padding = 0, dilation: _Ints = 1, ceil_mode: bool = False, *, p: ArrayLike = 3.0,
    eps: float = 1e-06, dtype: DTypeLike | None = None, data_format: str = "channels_first",
    axis: _Ints | None = None, nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | None = None,
) -> tuple[_Array, _Array]: ...
gem_pool2d_backward = gem_pool1d_backward
gem_pool3d_backward = gem_pool1d_backward
def gem_pool1d_jvp(
    tangent: ArrayLike, x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0,
    dilation: _Ints = 1, ceil_mode: bool = False, *, p: ArrayLike = 3.0, eps: float = 1e-06,
    p_tangent: ArrayLike | None = None, dtype: DTypeLike | None = None, data_format: str = "channels_first",
    axis: _Ints | None = None, nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | None = None,
) -> _Array: ...
gem_pool2d_jvp = gem_pool1d_jvp
gem_pool3d_jvp = gem_pool1d_jvp
def adaptive_gem_pool1d(
    x: ArrayLike, output_size: _Sizes, *, p: ArrayLike = 3.0, eps: float = 1e-06,
    dtype: DTypeLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
adaptive_gem_pool2d = adaptive_gem_pool1d
adaptive_gem_pool3d = adaptive_gem_pool1d
def adaptive_gem_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: _Sizes, *, p: ArrayLike = 3.0, eps: float = 1e-06,
    dtype: DTypeLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None, out: _Array | None = None,
) -> tuple[_Array, _Array]: ...
adaptive_gem_pool2d_backward = adaptive_gem_pool1d_backward
adaptive_gem_pool3d_backward = adaptive_gem_pool1d_backward
def adaptive_gem_pool1d_jvp(
    tangent: ArrayLike, x: ArrayLike, output_size: _Sizes, *, p: ArrayLike = 3.0, eps: float = 1e-06,
    p_tangent: ArrayLike | None = None, dtype: DTypeLike | None = None, data_format: str = "channels_first",
    axis: _Ints | None = None, nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | None = None,
) -> _Array: ...
adaptive_gem_pool2d_jvp = adaptive_gem_pool1d_jvp
adaptive_gem_pool3d_jvp = adaptive_gem_pool1d_jvp
def global_gem_pool(
    x: ArrayLike, *, spatial_ndim: SupportsIndex | None = None, data_format: str = "channels_first",
    axis: _Ints | None = None, keepdims: bool = False, p: ArrayLike = 3.0, eps: float = 1e-06,
    dtype: DTypeLike | None = None, nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | None = None,
) -> _Array: ...
def global_gem_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, *, spatial_ndim: SupportsIndex | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, keepdims: bool = False,
    p: ArrayLike = 3.0, eps: float = 1e-06, dtype: DTypeLike | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, out: _Array | None = None,
) -> tuple[_Array, _Array]: ...
def global_gem_pool_jvp(
    tangent: ArrayLike, x: ArrayLike, *, spatial_ndim: SupportsIndex | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, keepdims: bool = False,
    p: ArrayLike = 3.0, eps: float = 1e-06, p_tangent: ArrayLike | None = None,
    dtype: DTypeLike | None = None, nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | None = None,
) -> _Array: ...
def learned_norm_pool1d(
    x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0,
    dilation: _Ints = 1, ceil_mode: bool = False, *, p: ArrayLike = 2.0, c: ArrayLike = 0.0,
    dtype: DTypeLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
learned_norm_pool2d = learned_norm_pool1d
learned_norm_pool3d = learned_norm_pool1d
def learned_norm_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None,
    padding: _Padding = 0, dilation: _Ints = 1, ceil_mode: bool = False, *, p: ArrayLike = 2.0,
    c: ArrayLike = 0.0, dtype: DTypeLike | None = None, data_format: str = "channels_first",
    axis: _Ints | None = None, nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | None = None,
) -> tuple[_Array, _Array, _Array]: ...
learned_norm_pool2d_backward = learned_norm_pool1d_backward
learned_norm_pool3d_backward = learned_norm_pool1d_backward
def learned_norm_pool1d_jvp(
    tangent: ArrayLike, x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0,
    dilation: _Ints = 1, ceil_mode: bool = False, *, p: ArrayLike = 2.0, c: ArrayLike = 0.0,
    p_tangent: ArrayLike | None = None, c_tangent: ArrayLike | None = None, dtype: DTypeLike | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
learned_norm_pool2d_jvp = learned_norm_pool1d_jvp
learned_norm_pool3d_jvp = learned_norm_pool1d_jvp
def adaptive_learned_norm_pool1d(
    x: ArrayLike, output_size: _Sizes, *, p: ArrayLike = 2.0, c: ArrayLike = 0.0,
    dtype: DTypeLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
adaptive_learned_norm_pool2d = adaptive_learned_norm_pool1d
adaptive_learned_norm_pool3d = adaptive_learned_norm_pool1d
def adaptive_learned_norm_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: _Sizes, *, p: ArrayLike = 2.0, c: ArrayLike = 0.0,
    dtype: DTypeLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None, out: _Array | None = None,
) -> tuple[_Array, _Array, _Array]: ...
adaptive_learned_norm_pool2d_backward = adaptive_learned_norm_pool1d_backward
adaptive_learned_norm_pool3d_backward = adaptive_learned_norm_pool1d_backward
def adaptive_learned_norm_pool1d_jvp(
    tangent: ArrayLike, x: ArrayLike, output_size: _Sizes, *, p: ArrayLike = 2.0, c: ArrayLike = 0.0,
    p_tangent: ArrayLike | None = None, c_tangent: ArrayLike | None = None, dtype: DTypeLike | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
adaptive_learned_norm_pool2d_jvp = adaptive_learned_norm_pool1d_jvp
adaptive_learned_norm_pool3d_jvp = adaptive_learned_norm_pool1d_jvp
def global_learned_norm_pool(
    x: ArrayLike, *, spatial_ndim: SupportsIndex | None = None, data_format: str = "channels_first",
    axis: _Ints | None = None, keepdims: bool = False, p: ArrayLike = 2.0, c: ArrayLike = 0.0,
    dtype: DTypeLike | None = None, nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | None = None,
) -> _Array: ...
def global_learned_norm_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, *, spatial_ndim: SupportsIndex | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, keepdims: bool = False,
    p: ArrayLike = 2.0, c: ArrayLike = 0.0, dtype: DTypeLike | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, out: _Array | None = None,
) -> tuple[_Array, _Array, _Array]: ...
def global_learned_norm_pool_jvp(
    tangent: ArrayLike, x: ArrayLike, *, spatial_ndim: SupportsIndex | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, keepdims: bool = False,
    p: ArrayLike = 2.0, c: ArrayLike = 0.0, p_tangent: ArrayLike | None = None,
    c_tangent: ArrayLike | None = None, dtype: DTypeLike | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
def mixed_pool1d(
    x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0,
    dilation: _Ints = 1, ceil_mode: bool = False, *, alpha: ArrayLike = 0.5, dtype: DTypeLike | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
mixed_pool2d = mixed_pool1d
mixed_pool3d = mixed_pool1d
def mixed_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None,
    padding: _Padding = 0, dilation: _Ints = 1, ceil_mode: bool = False, *, alpha: ArrayLike = 0.5,
    dtype: DTypeLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None, out: _Array | None = None,
) -> tuple[_Array, _Array]: ...
mixed_pool2d_backward = mixed_pool1d_backward
mixed_pool3d_backward = mixed_pool1d_backward
def mixed_pool1d_jvp(
    tangent: ArrayLike, x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0,
    dilation: _Ints = 1, ceil_mode: bool = False, *, alpha: ArrayLike = 0.5,
    alpha_tangent: ArrayLike | None = None, dtype: DTypeLike | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
mixed_pool2d_jvp = mixed_pool1d_jvp
mixed_pool3d_jvp = mixed_pool1d_jvp
def adaptive_mixed_pool1d(
    x: ArrayLike, output_size: _Sizes, *, alpha: ArrayLike = 0.5, dtype: DTypeLike | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
adaptive_mixed_pool2d = adaptive_mixed_pool1d
adaptive_mixed_pool3d = adaptive_mixed_pool1d
def adaptive_mixed_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: _Sizes, *, alpha: ArrayLike = 0.5,
    dtype: DTypeLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None, out: _Array | None = None,
) -> tuple[_Array, _Array]: ...
adaptive_mixed_pool2d_backward = adaptive_mixed_pool1d_backward
adaptive_mixed_pool3d_backward = adaptive_mixed_pool1d_backward
def adaptive_mixed_pool1d_jvp(
    tangent: ArrayLike, x: ArrayLike, output_size: _Sizes, *, alpha: ArrayLike = 0.5,
    alpha_tangent: ArrayLike | None = None, dtype: DTypeLike | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
adaptive_mixed_pool2d_jvp = adaptive_mixed_pool1d_jvp
adaptive_mixed_pool3d_jvp = adaptive_mixed_pool1d_jvp
def global_mixed_pool(
    x: ArrayLike, *, spatial_ndim: SupportsIndex | None = None, data_format: str = "channels_first",
    axis: _Ints | None = None, keepdims: bool = False, alpha: ArrayLike = 0.5,
    dtype: DTypeLike | None = None, nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | None = None,
) -> _Array: ...
def global_mixed_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, *, spatial_ndim: SupportsIndex | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, keepdims: bool = False,
    alpha: ArrayLike = 0.5, dtype: DTypeLike | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, out: _Array | None = None,
) -> tuple[_Array, _Array]: ...
def global_mixed_pool_jvp(
    tangent: ArrayLike, x: ArrayLike, *, spatial_ndim: SupportsIndex | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, keepdims: bool = False,
    alpha: ArrayLike = 0.5, alpha_tangent: ArrayLike | None = None, dtype: DTypeLike | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
def gated_pool1d(
    x: ArrayLike, gate: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0,
    dilation: _Ints = 1, ceil_mode: bool = False, *, bias: ArrayLike = 0.0, dtype: DTypeLike | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
gated_pool2d = gated_pool1d
gated_pool3d = gated_pool1d
def gated_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, gate: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None,
    padding: _Padding = 0, dilation: _Ints = 1, ceil_mode: bool = False, *, bias: ArrayLike = 0.0,
    dtype: DTypeLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None, out: _Array | None = None,
) -> tuple[_Array, _Array, _Array]: ...
gated_pool2d_backward = gated_pool1d_backward
gated_pool3d_backward = gated_pool1d_backward
def gated_pool1d_jvp(
    tangent: ArrayLike, x: ArrayLike, gate: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None,
    padding: _Padding = 0, dilation: _Ints = 1, ceil_mode: bool = False, *, bias: ArrayLike = 0.0,
    gate_tangent: ArrayLike | None = None, bias_tangent: ArrayLike | None = None,
    dtype: DTypeLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
gated_pool2d_jvp = gated_pool1d_jvp
gated_pool3d_jvp = gated_pool1d_jvp
def tree_pool1d(
    x: ArrayLike, gates: ArrayLike, leaves: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None,
    padding: _Padding = 0, dilation: _Ints = 1, ceil_mode: bool = False, *, dtype: DTypeLike | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
tree_pool2d = tree_pool1d
tree_pool3d = tree_pool1d
def tree_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, gates: ArrayLike, leaves: ArrayLike, kernel_size: _Ints,
    stride: _Ints | None = None, padding: _Padding = 0, dilation: _Ints = 1, ceil_mode: bool = False, *,
    dtype: DTypeLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None, out: _Array | None = None,
) -> tuple[_Array, _Array, _Array]: ...
tree_pool2d_backward = tree_pool1d_backward
tree_pool3d_backward = tree_pool1d_backward
def tree_pool1d_jvp(
    tangent: ArrayLike, x: ArrayLike, gates: ArrayLike, leaves: ArrayLike, kernel_size: _Ints,
    stride: _Ints | None = None, padding: _Padding = 0, dilation: _Ints = 1, ceil_mode: bool = False, *,
    gates_tangent: ArrayLike | None = None, leaves_tangent: ArrayLike | None = None,
    dtype: DTypeLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
tree_pool2d_jvp = tree_pool1d_jvp
tree_pool3d_jvp = tree_pool1d_jvp
def detail_pool1d(
    x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0,
    dilation: _Ints = 1, ceil_mode: bool = False, *, alpha: ArrayLike = 0.0, lam: ArrayLike = 1.0,
    eps: float = 0.001, filter: ArrayLike | None = None, symmetric: bool = True,
    dtype: DTypeLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
detail_pool2d = detail_pool1d
detail_pool3d = detail_pool1d
def detail_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None,
    padding: _Padding = 0, dilation: _Ints = 1, ceil_mode: bool = False, *, alpha: ArrayLike = 0.0,
    lam: ArrayLike = 1.0, eps: float = 0.001, filter: ArrayLike | None = None, symmetric: bool = True,
    dtype: DTypeLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None, out: _Array | None = None,
) -> tuple[_Array, _Array, _Array, _Array]: ...
detail_pool2d_backward = detail_pool1d_backward
detail_pool3d_backward = detail_pool1d_backward
def detail_pool1d_jvp(
    tangent: ArrayLike, x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0,
    dilation: _Ints = 1, ceil_mode: bool = False, *, alpha: ArrayLike = 0.0, lam: ArrayLike = 1.0,
    eps: float = 0.001, filter: ArrayLike | None = None, symmetric: bool = True,
    alpha_tangent: ArrayLike | None = None, lam_tangent: ArrayLike | None = None,
    filter_tangent: ArrayLike | None = None, dtype: DTypeLike | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
detail_pool2d_jvp = detail_pool1d_jvp
detail_pool3d_jvp = detail_pool1d_jvp
def ordinal_pool1d(
    x: ArrayLike, rank_weights: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None,
    padding: _Padding = 0, dilation: _Ints = 1, ceil_mode: bool = False, *, dtype: DTypeLike | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
ordinal_pool2d = ordinal_pool1d
ordinal_pool3d = ordinal_pool1d
def ordinal_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, rank_weights: ArrayLike, kernel_size: _Ints,
    stride: _Ints | None = None, padding: _Padding = 0, dilation: _Ints = 1, ceil_mode: bool = False, *,
    dtype: DTypeLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
    nan_policy: str = "propagate", mask: ArrayLike | None = None, out: _Array | None = None,
) -> tuple[_Array, _Array]: ...
ordinal_pool2d_backward = ordinal_pool1d_backward
ordinal_pool3d_backward = ordinal_pool1d_backward
def ordinal_pool1d_jvp(
    tangent: ArrayLike, x: ArrayLike, rank_weights: ArrayLike, kernel_size: _Ints,
    stride: _Ints | None = None, padding: _Padding = 0, dilation: _Ints = 1, ceil_mode: bool = False, *,
    rank_weights_tangent: ArrayLike | None = None, dtype: DTypeLike | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
ordinal_pool2d_jvp = ordinal_pool1d_jvp
ordinal_pool3d_jvp = ordinal_pool1d_jvp
