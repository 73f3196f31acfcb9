"""Layers of fractional pooling and S3Pool, made from their functions."""

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
    "FractionalAvgPool1d",
    "FractionalAvgPool2d",
    "FractionalAvgPool3d",
    "FractionalMaxPool1d",
    "FractionalMaxPool2d",
    "FractionalMaxPool3d",
    "S3Pool1d",
    "S3Pool2d",
    "S3Pool3d",
]

_Ratios: TypeAlias = float | Sequence[float]

class _FractionalMaxArguments(_Layer):
    def __init__(
        self, kernel_size: _Ints | None, output_size: _Ints | None = None,
        output_ratio: _Ratios | None = None, return_indices: bool = False, *,
        random_samples: ArrayLike | None = None, boundaries: ArrayLike | Sequence[ArrayLike] | None = None,
        rng: Generator | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
        index_dtype: DTypeLike | None = None,
    ) -> None: ...
class FractionalMaxPool1d(_FractionalMaxArguments): ...
class FractionalMaxPool2d(_FractionalMaxArguments): ...
class FractionalMaxPool3d(_FractionalMaxArguments): ...
class _FractionalAvgArguments(_Layer):
    def __init__(
        self, kernel_size: _Ints | None, output_size: _Ints | None = None,
        output_ratio: _Ratios | None = None, *, random_samples: ArrayLike | None = None,
        boundaries: ArrayLike | Sequence[ArrayLike] | None = None, rng: Generator | None = None,
        dtype: DTypeLike | None = None, data_format: str = "channels_first", axis: _Ints | None = None,
    ) -> None: ...
class FractionalAvgPool1d(_FractionalAvgArguments): ...
class FractionalAvgPool2d(_FractionalAvgArguments): ...
class FractionalAvgPool3d(_FractionalAvgArguments): ...
class _S3Arguments(_Layer):
    def __init__(
        self, kernel_size: _Ints | None, stride: _Ints | None = None, grid_size: _Ints | None = None,
        return_indices: bool = False, *, training: bool = True,
        positions: ArrayLike | Sequence[ArrayLike] | None = None, rng: Generator | None = None,
        data_format: str = "channels_first", axis: _Ints | None = None, index_dtype: DTypeLike | None = None,
    ) -> None: ...
class S3Pool1d(_S3Arguments): ...
class S3Pool2d(_S3Arguments): ...
class S3Pool3d(_S3Arguments): ...
