"""Fractional pooling and S3Pool: windows that are drawn at random, or listed."""

from collections.abc import Sequence
from typing import Any, Literal, SupportsIndex, TypeAlias, overload

from numpy.random import Generator
from numpy.typing import ArrayLike, DTypeLike, NDArray

_Array: TypeAlias = NDArray[Any]
_Ints: TypeAlias = SupportsIndex | Sequence[SupportsIndex]
_Sizes: TypeAlias = SupportsIndex | Sequence[SupportsIndex | None] | None
_Padding: TypeAlias = _Ints | Sequence[Sequence[SupportsIndex]] | str

__all__ = [
    "fractional_avg_pool1d",
    "fractional_avg_pool1d_backward",
    "fractional_avg_pool1d_jvp",
    "fractional_avg_pool2d",
    "fractional_avg_pool2d_backward",
    "fractional_avg_pool2d_jvp",
    "fractional_avg_pool3d",
    "fractional_avg_pool3d_backward",
    "fractional_avg_pool3d_jvp",
    "fractional_max_pool1d",
    "fractional_max_pool1d_backward",
    "fractional_max_pool1d_jvp",
    "fractional_max_pool2d",
    "fractional_max_pool2d_backward",
    "fractional_max_pool2d_jvp",
    "fractional_max_pool3d",
    "fractional_max_pool3d_backward",
    "fractional_max_pool3d_jvp",
]

_Ratios: TypeAlias = float | Sequence[float]

@overload
def fractional_max_pool1d(
    x: ArrayLike, kernel_size: _Ints | None, output_size: _Ints | None = None,
    output_ratio: _Ratios | None = None, return_indices: Literal[False] = False, *,
    random_samples: ArrayLike | None = None, boundaries: ArrayLike | Sequence[ArrayLike] | None = None,
    rng: Generator | None = None, return_samples: Literal[False] = False,
    data_format: str = "channels_first", axis: _Ints | None = None, index_dtype: DTypeLike | None = None,
    out: _Array | None = None,
) -> _Array: ...
@overload
def fractional_max_pool1d(
    x: ArrayLike, kernel_size: _Ints | None, output_size: _Ints | None = None,
    output_ratio: _Ratios | None = None, return_indices: bool = False, *,
    random_samples: ArrayLike | None = None, boundaries: ArrayLike | Sequence[ArrayLike] | None = None,
    rng: Generator | None = None, return_samples: bool = False, data_format: str = "channels_first",
    axis: _Ints | None = None, index_dtype: DTypeLike | None = None,
    out: _Array | tuple[_Array, _Array] | None = None,
) -> Any: ...
fractional_max_pool2d = fractional_max_pool1d
fractional_max_pool3d = fractional_max_pool1d
def fractional_max_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: _Ints | None, output_size: _Ints | None = None,
    output_ratio: _Ratios | None = None, return_indices: bool = False, *, indices: ArrayLike | None = None,
    random_samples: ArrayLike | None = None, boundaries: ArrayLike | Sequence[ArrayLike] | None = None,
    rng: Generator | None = None, return_samples: bool = False, data_format: str = "channels_first",
    axis: _Ints | None = None, index_dtype: DTypeLike | None = None, out: _Array | None = None,
) -> _Array: ...
fractional_max_pool2d_backward = fractional_max_pool1d_backward
fractional_max_pool3d_backward = fractional_max_pool1d_backward
def fractional_max_pool1d_jvp(
    tangent: ArrayLike, x: ArrayLike, kernel_size: _Ints | None, output_size: _Ints | None = None,
    output_ratio: _Ratios | None = None, return_indices: bool = False, *, indices: ArrayLike | None = None,
    random_samples: ArrayLike | None = None, boundaries: ArrayLike | Sequence[ArrayLike] | None = None,
    rng: Generator | None = None, return_samples: bool = False, data_format: str = "channels_first",
    axis: _Ints | None = None, index_dtype: DTypeLike | None = None, out: _Array | None = None,
) -> _Array: ...
fractional_max_pool2d_jvp = fractional_max_pool1d_jvp
fractional_max_pool3d_jvp = fractional_max_pool1d_jvp
@overload
def fractional_avg_pool1d(
    x: ArrayLike, kernel_size: _Ints | None, output_size: _Ints | None = None,
    output_ratio: _Ratios | None = None, *, random_samples: ArrayLike | None = None,
    boundaries: ArrayLike | Sequence[ArrayLike] | None = None, rng: Generator | None = None,
    return_samples: Literal[False] = False, dtype: DTypeLike | None = None,
    data_format: str = "channels_first", axis: _Ints | None = None, out: _Array | None = None,
) -> _Array: ...
@overload
def fractional_avg_pool1d(
    x: ArrayLike, kernel_size: _Ints | None, output_size: _Ints | None = None,
    output_ratio: _Ratios | None = None, *, random_samples: ArrayLike | None = None,
    boundaries: ArrayLike | Sequence[ArrayLike] | None = None, rng: Generator | None = None,
    return_samples: bool = False, dtype: DTypeLike | None = None, data_format: str = "channels_first",
    axis: _Ints | None = None, out: _Array | tuple[_Array, _Array] | None = None,
) -> Any: ...
fractional_avg_pool2d = fractional_avg_pool1d
fractional_avg_pool3d = fractional_avg_pool1d
def fractional_avg_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: _Ints | None, output_size: _Ints | None = None,
    output_ratio: _Ratios | None = None, *, random_samples: ArrayLike | None = None,
    boundaries: ArrayLike | Sequence[ArrayLike] | None = None, rng: Generator | None = None,
    return_samples: bool = False, dtype: DTypeLike | None = None, data_format: str = "channels_first",
    axis: _Ints | None = None, out: _Array | None = None,
) -> _Array: ...
fractional_avg_pool2d_backward = fractional_avg_pool1d_backward
fractional_avg_pool3d_backward = fractional_avg_pool1d_backward
def fractional_avg_pool1d_jvp(
    tangent: ArrayLike, x: ArrayLike, kernel_size: _Ints | None, output_size: _Ints | None = None,
    output_ratio: _Ratios | None = None, *, random_samples: ArrayLike | None = None,
    boundaries: ArrayLike | Sequence[ArrayLike] | None = None, rng: Generator | None = None,
    return_samples: bool = False, dtype: DTypeLike | None = None, data_format: str = "channels_first",
    axis: _Ints | None = None, out: _Array | None = None,
) -> _Array: ...
fractional_avg_pool2d_jvp = fractional_avg_pool1d_jvp
fractional_avg_pool3d_jvp = fractional_avg_pool1d_jvp
