from collections.abc import Sequence
from typing import Any, Literal, Self, SupportsIndex, TypeAlias

from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin

__all__ = ["Pooling"]

_Ints: TypeAlias = SupportsIndex | Sequence[SupportsIndex]

class Pooling(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    image_shape: Sequence[SupportsIndex] | None
    operator: Literal["max", "min", "avg", "sum", "lp"]
    kernel_size: _Ints
    stride: _Ints | None
    padding: _Ints | Sequence[Sequence[SupportsIndex]] | str
    dilation: _Ints
    ceil_mode: bool
    norm_type: float
    output_size: SupportsIndex | Sequence[SupportsIndex | None] | None
    spatial_ndim: SupportsIndex | None
    data_format: str
    n_features_in_: int
    feature_names_in_: NDArray[Any]
    input_shape_: tuple[int, ...]
    output_shape_: tuple[int, ...]
    def __init__(
        self,
        image_shape: Sequence[SupportsIndex] | None = None,
        operator: Literal["max", "min", "avg", "sum", "lp"] = "max",
        kernel_size: _Ints = 2,
        stride: _Ints | None = None,
        padding: _Ints | Sequence[Sequence[SupportsIndex]] | str = 0,
        dilation: _Ints = 1,
        ceil_mode: bool = False,
        *,
        norm_type: float = 2,
        output_size: SupportsIndex | Sequence[SupportsIndex | None] | None = None,
        spatial_ndim: SupportsIndex | None = None,
        data_format: str = "channels_first",
    ) -> None: ...
    def fit(self, X: ArrayLike, y: object = None) -> Self: ...
    def transform(self, X: ArrayLike) -> Any: ...
