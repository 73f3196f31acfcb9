"""Stochastic pooling: an element drawn by its size, or what that gives on average."""

from collections.abc import Sequence
from typing import Any, Literal, SupportsIndex, TypeAlias, overload

from numpy.random import Generator
from numpy.typing import ArrayLike, DTypeLike, NDArray

_Array: TypeAlias = NDArray[Any]
_Ints: TypeAlias = SupportsIndex | Sequence[SupportsIndex]
_Sizes: TypeAlias = SupportsIndex | Sequence[SupportsIndex | None] | None
_Padding: TypeAlias = _Ints | Sequence[Sequence[SupportsIndex]] | str

__all__ = [
    "adaptive_stochastic_pool1d",
    "adaptive_stochastic_pool1d_backward",
    "adaptive_stochastic_pool1d_jvp",
    "adaptive_stochastic_pool2d",
    "adaptive_stochastic_pool2d_backward",
    "adaptive_stochastic_pool2d_jvp",
    "adaptive_stochastic_pool3d",
    "adaptive_stochastic_pool3d_backward",
    "adaptive_stochastic_pool3d_jvp",
    "global_stochastic_pool",
    "global_stochastic_pool_backward",
    "global_stochastic_pool_jvp",
    "stochastic_pool1d",
    "stochastic_pool1d_backward",
    "stochastic_pool1d_jvp",
    "stochastic_pool2d",
    "stochastic_pool2d_backward",
    "stochastic_pool2d_jvp",
    "stochastic_pool3d",
    "stochastic_pool3d_backward",
    "stochastic_pool3d_jvp",
]

@overload
def stochastic_pool1d(
    x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0,
    dilation: _Ints = 1, ceil_mode: bool = False, return_indices: Literal[False] = False, *,
    training: bool = True, rng: Generator | None = None, random_samples: ArrayLike | None = None,
    indices: ArrayLike | None = None, dtype: DTypeLike | None = None, data_format: str = "channels_first",
    axis: _Ints | None = None, index_dtype: DTypeLike | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
@overload
def stochastic_pool1d(
    x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0,
    dilation: _Ints = 1, ceil_mode: bool = False, *, return_indices: Literal[True], training: bool = True,
    rng: Generator | None = None, random_samples: ArrayLike | None = None, indices: ArrayLike | None = None,
    dtype: DTypeLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
    index_dtype: DTypeLike | None = None, nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | tuple[_Array, _Array] | None = None,
) -> tuple[_Array, _Array]: ...
stochastic_pool2d = stochastic_pool1d
stochastic_pool3d = stochastic_pool1d
def stochastic_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None,
    padding: _Padding = 0, dilation: _Ints = 1, ceil_mode: bool = False, return_indices: bool = False, *,
    training: bool = True, rng: Generator | None = None, random_samples: ArrayLike | None = None,
    indices: ArrayLike | None = None, dtype: DTypeLike | None = None, data_format: str = "channels_first",
    axis: _Ints | None = None, index_dtype: DTypeLike | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
stochastic_pool2d_backward = stochastic_pool1d_backward
stochastic_pool3d_backward = stochastic_pool1d_backward
def stochastic_pool1d_jvp(
    tangent: ArrayLike, x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, padding: _Padding = 0,
    dilation: _Ints = 1, ceil_mode: bool = False, return_indices: bool = False, *, training: bool = True,
    rng: Generator | None = None, random_samples: ArrayLike | None = None, indices: ArrayLike | None = None,
    dtype: DTypeLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
    index_dtype: DTypeLike | None = None, nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | None = None,
) -> _Array: ...
stochastic_pool2d_jvp = stochastic_pool1d_jvp
stochastic_pool3d_jvp = stochastic_pool1d_jvp
@overload
def adaptive_stochastic_pool1d(
    x: ArrayLike, output_size: _Sizes, return_indices: Literal[False] = False, *, training: bool = True,
    rng: Generator | None = None, random_samples: ArrayLike | None = None, indices: ArrayLike | None = None,
    dtype: DTypeLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
    index_dtype: DTypeLike | None = None, nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | None = None,
) -> _Array: ...
@overload
def adaptive_stochastic_pool1d(
    x: ArrayLike, output_size: _Sizes, *, return_indices: Literal[True], training: bool = True,
    rng: Generator | None = None, random_samples: ArrayLike | None = None, indices: ArrayLike | None = None,
    dtype: DTypeLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
    index_dtype: DTypeLike | None = None, nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | tuple[_Array, _Array] | None = None,
) -> tuple[_Array, _Array]: ...
adaptive_stochastic_pool2d = adaptive_stochastic_pool1d
adaptive_stochastic_pool3d = adaptive_stochastic_pool1d
def adaptive_stochastic_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: _Sizes, return_indices: bool = False, *,
    training: bool = True, rng: Generator | None = None, random_samples: ArrayLike | None = None,
    indices: ArrayLike | None = None, dtype: DTypeLike | None = None, data_format: str = "channels_first",
    axis: _Ints | None = None, index_dtype: DTypeLike | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
adaptive_stochastic_pool2d_backward = adaptive_stochastic_pool1d_backward
adaptive_stochastic_pool3d_backward = adaptive_stochastic_pool1d_backward
def adaptive_stochastic_pool1d_jvp(
    tangent: ArrayLike, x: ArrayLike, output_size: _Sizes, return_indices: bool = False, *,
    training: bool = True, rng: Generator | None = None, random_samples: ArrayLike | None = None,
    indices: ArrayLike | None = None, dtype: DTypeLike | None = None, data_format: str = "channels_first",
    axis: _Ints | None = None, index_dtype: DTypeLike | None = None, nan_policy: str = "propagate",
    mask: ArrayLike | None = None, out: _Array | None = None,
) -> _Array: ...
adaptive_stochastic_pool2d_jvp = adaptive_stochastic_pool1d_jvp
adaptive_stochastic_pool3d_jvp = adaptive_stochastic_pool1d_jvp
@overload
def global_stochastic_pool(
    x: ArrayLike, *, spatial_ndim: SupportsIndex | None = None, data_format: str = "channels_first",
    axis: _Ints | None = None, keepdims: bool = False, return_indices: Literal[False] = False,
    index_dtype: DTypeLike | None = None, training: bool = True, rng: Generator | None = None,
    random_samples: ArrayLike | None = None, indices: ArrayLike | None = None,
    dtype: DTypeLike | None = None, nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | None = None,
) -> _Array: ...
@overload
def global_stochastic_pool(
    x: ArrayLike, *, spatial_ndim: SupportsIndex | None = None, data_format: str = "channels_first",
    axis: _Ints | None = None, keepdims: bool = False, return_indices: Literal[True],
    index_dtype: DTypeLike | None = None, training: bool = True, rng: Generator | None = None,
    random_samples: ArrayLike | None = None, indices: ArrayLike | None = None,
    dtype: DTypeLike | None = None, nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | tuple[_Array, _Array] | None = None,
) -> tuple[_Array, _Array]: ...
def global_stochastic_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, *, spatial_ndim: SupportsIndex | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, keepdims: bool = False,
    return_indices: bool = False, index_dtype: DTypeLike | None = None, training: bool = True,
    rng: Generator | None = None, random_samples: ArrayLike | None = None, indices: ArrayLike | None = None,
    dtype: DTypeLike | None = None, nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | None = None,
) -> _Array: ...
def global_stochastic_pool_jvp(
    tangent: ArrayLike, x: ArrayLike, *, spatial_ndim: SupportsIndex | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, keepdims: bool = False,
    return_indices: bool = False, index_dtype: DTypeLike | None = None, training: bool = True,
    rng: Generator | None = None, random_samples: ArrayLike | None = None, indices: ArrayLike | None = None,
    dtype: DTypeLike | None = None, nan_policy: str = "propagate", mask: ArrayLike | None = None,
    out: _Array | None = None,
) -> _Array: ...
