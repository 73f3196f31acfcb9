from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray
from onnx.reference.op_run import OpRun

__all__ = [
    "AveragePool",
    "GlobalAveragePool",
    "GlobalLpPool",
    "GlobalMaxPool",
    "LpPool",
    "MaxPool",
    "MaxRoiPool",
    "MaxUnpool",
    "RoiAlign",
    "new_ops",
]

class MaxPool(OpRun):
    def _run(
        self,
        x: NDArray[Any],
        auto_pad: str | None = None,
        ceil_mode: int | None = None,
        dilations: Sequence[int] | None = None,
        kernel_shape: Sequence[int] | None = None,
        pads: Sequence[int] | None = None,
        storage_order: int | None = None,
        strides: Sequence[int] | None = None,
    ) -> tuple[NDArray[Any], ...]: ...

class AveragePool(OpRun):
    def _run(
        self,
        x: NDArray[Any],
        auto_pad: str | None = None,
        ceil_mode: int | None = None,
        count_include_pad: int | None = None,
        dilations: Sequence[int] | None = None,
        kernel_shape: Sequence[int] | None = None,
        pads: Sequence[int] | None = None,
        strides: Sequence[int] | None = None,
    ) -> tuple[NDArray[Any]]: ...

class LpPool(OpRun):
    def _run(
        self,
        x: NDArray[Any],
        auto_pad: str | None = None,
        ceil_mode: int | None = None,
        dilations: Sequence[int] | None = None,
        kernel_shape: Sequence[int] | None = None,
        p: float | None = None,
        pads: Sequence[int] | None = None,
        strides: Sequence[int] | None = None,
    ) -> tuple[NDArray[Any]]: ...

class GlobalMaxPool(OpRun):
    def _run(self, x: NDArray[Any]) -> tuple[NDArray[Any]]: ...

class GlobalAveragePool(OpRun):
    def _run(self, x: NDArray[Any]) -> tuple[NDArray[Any]]: ...

class GlobalLpPool(OpRun):
    def _run(self, x: NDArray[Any], p: float | None = None) -> tuple[NDArray[Any]]: ...

class MaxUnpool(OpRun):
    def _run(
        self,
        x: NDArray[Any],
        indices: NDArray[Any],
        output_shape: NDArray[Any] | None = None,
        kernel_shape: Sequence[int] | None = None,
        pads: Sequence[int] | None = None,
        strides: Sequence[int] | None = None,
    ) -> tuple[NDArray[Any]]: ...

class MaxRoiPool(OpRun):
    def _run(
        self,
        x: NDArray[Any],
        rois: NDArray[Any],
        pooled_shape: Sequence[int] | None = None,
        spatial_scale: float | None = None,
    ) -> tuple[NDArray[Any]]: ...

class RoiAlign(OpRun):
    def _run(
        self,
        x: NDArray[Any],
        rois: NDArray[Any],
        batch_indices: NDArray[Any],
        coordinate_transformation_mode: str | None = None,
        mode: str | None = None,
        output_height: int | None = None,
        output_width: int | None = None,
        sampling_ratio: int | None = None,
        spatial_scale: float | None = None,
    ) -> tuple[NDArray[Any]]: ...

new_ops: list[type[OpRun]]
