from collections.abc import Sequence
from typing import Any, Literal, Self, SupportsIndex, TypeAlias

from numpy.typing import ArrayLike, NDArray

__all__ = ["Pooling"]

_Ints: TypeAlias = SupportsIndex | Sequence[SupportsIndex]

class Pooling:      # its base classes, those of scikit-learn, are not typed
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
    def fit_transform(self, X: ArrayLike, y: object = None, **fit_params: Any) -> Any: ...
    def get_feature_names_out(self, input_features: ArrayLike | None = None) -> NDArray[Any]: ...
    def get_params(self, deep: bool = True) -> dict[str, Any]: ...
    def set_params(self, **params: Any) -> Self: ...
    def set_output(self, *, transform: str | None = None) -> Self: ...
