"""S3Pool: maxima at stride 1, of which a random choice of rows and columns stays."""

from collections.abc import Sequence
from typing import Any, Literal, SupportsIndex, TypeAlias, overload

from numpy.random import Generator
from numpy.typing import ArrayLike, DTypeLike, NDArray

_Array: TypeAlias = NDArray[Any]
_Ints: TypeAlias = SupportsIndex | Sequence[SupportsIndex]
_Sizes: TypeAlias = SupportsIndex | Sequence[SupportsIndex | None] | None
_Padding: TypeAlias = _Ints | Sequence[Sequence[SupportsIndex]] | str

__all__ = [
    "s3_pool1d",
    "s3_pool1d_backward",
    "s3_pool1d_jvp",
    "s3_pool2d",
    "s3_pool2d_backward",
    "s3_pool2d_jvp",
    "s3_pool3d",
    "s3_pool3d_backward",
    "s3_pool3d_jvp",
]

@overload
def s3_pool1d(
    x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, grid_size: _Ints | None = None,
    return_indices: Literal[False] = False, *, training: bool = True,
    positions: ArrayLike | Sequence[ArrayLike] | None = None, rng: Generator | None = None,
    return_positions: Literal[False] = False, data_format: str = "channels_first", axis: _Ints | None = None,
    index_dtype: DTypeLike | None = None, out: _Array | None = None,
) -> _Array: ...
@overload
def s3_pool1d(
    x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None, grid_size: _Ints | None = None,
    return_indices: bool = False, *, training: bool = True,
    positions: ArrayLike | Sequence[ArrayLike] | None = None, rng: Generator | None = None,
    return_positions: bool = False, data_format: str = "channels_first", axis: _Ints | None = None,
    index_dtype: DTypeLike | None = None, out: _Array | tuple[_Array, _Array] | None = None,
) -> Any: ...
s3_pool2d = s3_pool1d
s3_pool3d = s3_pool1d
def s3_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None,
    grid_size: _Ints | None = None, return_indices: bool = False, *, indices: ArrayLike | None = None,
    training: bool = True, positions: ArrayLike | Sequence[ArrayLike] | None = None,
    rng: Generator | None = None, return_positions: bool = False, data_format: str = "channels_first",
    axis: _Ints | None = None, index_dtype: DTypeLike | None = None, out: _Array | None = None,
) -> _Array: ...
s3_pool2d_backward = s3_pool1d_backward
s3_pool3d_backward = s3_pool1d_backward
def s3_pool1d_jvp(
    tangent: ArrayLike, x: ArrayLike, kernel_size: _Ints, stride: _Ints | None = None,
    grid_size: _Ints | None = None, return_indices: bool = False, *, indices: ArrayLike | None = None,
    training: bool = True, positions: ArrayLike | Sequence[ArrayLike] | None = None,
    rng: Generator | None = None, return_positions: bool = False, data_format: str = "channels_first",
    axis: _Ints | None = None, index_dtype: DTypeLike | None = None, out: _Array | None = None,
) -> _Array: ...
s3_pool2d_jvp = s3_pool1d_jvp
s3_pool3d_jvp = s3_pool1d_jvp
