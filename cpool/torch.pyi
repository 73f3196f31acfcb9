from collections.abc import Sequence
from typing import Any, Literal, TypeVar, overload

from torch import Tensor, nn

__all__ = [
    "AdaptiveAvgPool1d",
    "AdaptiveAvgPool2d",
    "AdaptiveAvgPool3d",
    "AdaptiveLPPool1d",
    "AdaptiveLPPool2d",
    "AdaptiveLPPool3d",
    "AdaptiveMaxPool1d",
    "AdaptiveMaxPool2d",
    "AdaptiveMaxPool3d",
    "AdaptiveMinPool1d",
    "AdaptiveMinPool2d",
    "AdaptiveMinPool3d",
    "AdaptiveSumPool1d",
    "AdaptiveSumPool2d",
    "AdaptiveSumPool3d",
    "AvgPool1d",
    "AvgPool2d",
    "AvgPool3d",
    "GlobalAvgPool",
    "GlobalLPPool",
    "GlobalMaxPool",
    "GlobalMinPool",
    "GlobalSumPool",
    "LPPool1d",
    "LPPool2d",
    "LPPool3d",
    "MaxPool1d",
    "MaxPool2d",
    "MaxPool3d",
    "MaxUnpool1d",
    "MaxUnpool2d",
    "MaxUnpool3d",
    "MinPool1d",
    "MinPool2d",
    "MinPool3d",
    "PoolingError",
    "SumPool1d",
    "SumPool2d",
    "SumPool3d",
    "adaptive_avg_pool1d",
    "adaptive_avg_pool2d",
    "adaptive_avg_pool3d",
    "adaptive_lp_pool1d",
    "adaptive_lp_pool2d",
    "adaptive_lp_pool3d",
    "adaptive_max_pool1d",
    "adaptive_max_pool2d",
    "adaptive_max_pool3d",
    "adaptive_min_pool1d",
    "adaptive_min_pool2d",
    "adaptive_min_pool3d",
    "adaptive_sum_pool1d",
    "adaptive_sum_pool2d",
    "adaptive_sum_pool3d",
    "avg_pool1d",
    "avg_pool2d",
    "avg_pool3d",
    "global_avg_pool",
    "global_lp_pool",
    "global_max_pool",
    "global_min_pool",
    "global_sum_pool",
    "lp_pool1d",
    "lp_pool2d",
    "lp_pool3d",
    "max_pool1d",
    "max_pool2d",
    "max_pool3d",
    "max_unpool1d",
    "max_unpool2d",
    "max_unpool3d",
    "min_pool1d",
    "min_pool2d",
    "min_pool3d",
    "replace",
    "restore",
    "sum_pool1d",
    "sum_pool2d",
    "sum_pool3d",
]

_Model = TypeVar("_Model", bound=nn.Module)
_Size = int | Sequence[int]
_OutputSize = int | Sequence[int | None] | None
_Word = Literal["valid", "same", "same_lower"]
_Padding = int | Sequence[int] | Sequence[tuple[int, int]] | _Word
_Pair = tuple[Tensor, Tensor]

class PoolingError(ValueError, RuntimeError): ...

def replace(model: _Model) -> _Model: ...
def restore(model: _Model) -> _Model: ...
@overload
def max_pool1d(
    input: Tensor, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0,
    dilation: _Size = 1, ceil_mode: bool = False,
    return_indices: Literal[False] = False,
) -> Tensor: ...
@overload
def max_pool1d(
    input: Tensor, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0,
    dilation: _Size = 1, ceil_mode: bool = False,
    *, return_indices: Literal[True],
) -> _Pair: ...
@overload
def max_pool1d(
    input: Tensor, kernel_size: _Size, stride: _Size | None, padding: _Padding,
    dilation: _Size, ceil_mode: bool,
    return_indices: Literal[True],
) -> _Pair: ...
@overload
def max_pool1d(
    input: Tensor, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0,
    dilation: _Size = 1, ceil_mode: bool = False,
    return_indices: bool = False,
) -> Tensor | _Pair: ...
@overload
def max_pool2d(
    input: Tensor, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0,
    dilation: _Size = 1, ceil_mode: bool = False,
    return_indices: Literal[False] = False,
) -> Tensor: ...
@overload
def max_pool2d(
    input: Tensor, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0,
    dilation: _Size = 1, ceil_mode: bool = False,
    *, return_indices: Literal[True],
) -> _Pair: ...
@overload
def max_pool2d(
    input: Tensor, kernel_size: _Size, stride: _Size | None, padding: _Padding,
    dilation: _Size, ceil_mode: bool,
    return_indices: Literal[True],
) -> _Pair: ...
@overload
def max_pool2d(
    input: Tensor, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0,
    dilation: _Size = 1, ceil_mode: bool = False,
    return_indices: bool = False,
) -> Tensor | _Pair: ...
@overload
def max_pool3d(
    input: Tensor, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0,
    dilation: _Size = 1, ceil_mode: bool = False,
    return_indices: Literal[False] = False,
) -> Tensor: ...
@overload
def max_pool3d(
    input: Tensor, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0,
    dilation: _Size = 1, ceil_mode: bool = False,
    *, return_indices: Literal[True],
) -> _Pair: ...
@overload
def max_pool3d(
    input: Tensor, kernel_size: _Size, stride: _Size | None, padding: _Padding,
    dilation: _Size, ceil_mode: bool,
    return_indices: Literal[True],
) -> _Pair: ...
@overload
def max_pool3d(
    input: Tensor, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0,
    dilation: _Size = 1, ceil_mode: bool = False,
    return_indices: bool = False,
) -> Tensor | _Pair: ...
@overload
def min_pool1d(
    input: Tensor, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0,
    dilation: _Size = 1, ceil_mode: bool = False,
    return_indices: Literal[False] = False,
) -> Tensor: ...
@overload
def min_pool1d(
    input: Tensor, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0,
    dilation: _Size = 1, ceil_mode: bool = False,
    *, return_indices: Literal[True],
) -> _Pair: ...
@overload
def min_pool1d(
    input: Tensor, kernel_size: _Size, stride: _Size | None, padding: _Padding,
    dilation: _Size, ceil_mode: bool,
    return_indices: Literal[True],
) -> _Pair: ...
@overload
def min_pool1d(
    input: Tensor, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0,
    dilation: _Size = 1, ceil_mode: bool = False,
    return_indices: bool = False,
) -> Tensor | _Pair: ...
@overload
def min_pool2d(
    input: Tensor, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0,
    dilation: _Size = 1, ceil_mode: bool = False,
    return_indices: Literal[False] = False,
) -> Tensor: ...
@overload
def min_pool2d(
    input: Tensor, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0,
    dilation: _Size = 1, ceil_mode: bool = False,
    *, return_indices: Literal[True],
) -> _Pair: ...
@overload
def min_pool2d(
    input: Tensor, kernel_size: _Size, stride: _Size | None, padding: _Padding,
    dilation: _Size, ceil_mode: bool,
    return_indices: Literal[True],
) -> _Pair: ...
@overload
def min_pool2d(
    input: Tensor, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0,
    dilation: _Size = 1, ceil_mode: bool = False,
    return_indices: bool = False,
) -> Tensor | _Pair: ...
@overload
def min_pool3d(
    input: Tensor, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0,
    dilation: _Size = 1, ceil_mode: bool = False,
    return_indices: Literal[False] = False,
) -> Tensor: ...
@overload
def min_pool3d(
    input: Tensor, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0,
    dilation: _Size = 1, ceil_mode: bool = False,
    *, return_indices: Literal[True],
) -> _Pair: ...
@overload
def min_pool3d(
    input: Tensor, kernel_size: _Size, stride: _Size | None, padding: _Padding,
    dilation: _Size, ceil_mode: bool,
    return_indices: Literal[True],
) -> _Pair: ...
@overload
def min_pool3d(
    input: Tensor, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0,
    dilation: _Size = 1, ceil_mode: bool = False,
    return_indices: bool = False,
) -> Tensor | _Pair: ...
def avg_pool1d(
    input: Tensor, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0,
    ceil_mode: bool = False, count_include_pad: bool = True, divisor_override: int | None = None, *,
    dilation: _Size = 1,
) -> Tensor: ...
def avg_pool2d(
    input: Tensor, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0,
    ceil_mode: bool = False, count_include_pad: bool = True, divisor_override: int | None = None, *,
    dilation: _Size = 1,
) -> Tensor: ...
def avg_pool3d(
    input: Tensor, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0,
    ceil_mode: bool = False, count_include_pad: bool = True, divisor_override: int | None = None, *,
    dilation: _Size = 1,
) -> Tensor: ...
def sum_pool1d(
    input: Tensor, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0,
    ceil_mode: bool = False, *, dilation: _Size = 1,
) -> Tensor: ...
def sum_pool2d(
    input: Tensor, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0,
    ceil_mode: bool = False, *, dilation: _Size = 1,
) -> Tensor: ...
def sum_pool3d(
    input: Tensor, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0,
    ceil_mode: bool = False, *, dilation: _Size = 1,
) -> Tensor: ...
def lp_pool1d(
    input: Tensor, norm_type: float, kernel_size: _Size, stride: _Size | None = None,
    ceil_mode: bool = False, *, padding: _Padding = 0, dilation: _Size = 1, normalize: bool = False,
) -> Tensor: ...
def lp_pool2d(
    input: Tensor, norm_type: float, kernel_size: _Size, stride: _Size | None = None,
    ceil_mode: bool = False, *, padding: _Padding = 0, dilation: _Size = 1, normalize: bool = False,
) -> Tensor: ...
def lp_pool3d(
    input: Tensor, norm_type: float, kernel_size: _Size, stride: _Size | None = None,
    ceil_mode: bool = False, *, padding: _Padding = 0, dilation: _Size = 1, normalize: bool = False,
) -> Tensor: ...
@overload
def adaptive_max_pool1d(
    input: Tensor, output_size: _OutputSize,
    return_indices: Literal[False] = False,
) -> Tensor: ...
@overload
def adaptive_max_pool1d(
    input: Tensor, output_size: _OutputSize,
    return_indices: Literal[True],
) -> _Pair: ...
@overload
def adaptive_max_pool1d(
    input: Tensor, output_size: _OutputSize,
    return_indices: bool = False,
) -> Tensor | _Pair: ...
@overload
def adaptive_max_pool2d(
    input: Tensor, output_size: _OutputSize,
    return_indices: Literal[False] = False,
) -> Tensor: ...
@overload
def adaptive_max_pool2d(
    input: Tensor, output_size: _OutputSize,
    return_indices: Literal[True],
) -> _Pair: ...
@overload
def adaptive_max_pool2d(
    input: Tensor, output_size: _OutputSize,
    return_indices: bool = False,
) -> Tensor | _Pair: ...
@overload
def adaptive_max_pool3d(
    input: Tensor, output_size: _OutputSize,
    return_indices: Literal[False] = False,
) -> Tensor: ...
@overload
def adaptive_max_pool3d(
    input: Tensor, output_size: _OutputSize,
    return_indices: Literal[True],
) -> _Pair: ...
@overload
def adaptive_max_pool3d(
    input: Tensor, output_size: _OutputSize,
    return_indices: bool = False,
) -> Tensor | _Pair: ...
@overload
def adaptive_min_pool1d(
    input: Tensor, output_size: _OutputSize,
    return_indices: Literal[False] = False,
) -> Tensor: ...
@overload
def adaptive_min_pool1d(
    input: Tensor, output_size: _OutputSize,
    return_indices: Literal[True],
) -> _Pair: ...
@overload
def adaptive_min_pool1d(
    input: Tensor, output_size: _OutputSize,
    return_indices: bool = False,
) -> Tensor | _Pair: ...
@overload
def adaptive_min_pool2d(
    input: Tensor, output_size: _OutputSize,
    return_indices: Literal[False] = False,
) -> Tensor: ...
@overload
def adaptive_min_pool2d(
    input: Tensor, output_size: _OutputSize,
    return_indices: Literal[True],
) -> _Pair: ...
@overload
def adaptive_min_pool2d(
    input: Tensor, output_size: _OutputSize,
    return_indices: bool = False,
) -> Tensor | _Pair: ...
@overload
def adaptive_min_pool3d(
    input: Tensor, output_size: _OutputSize,
    return_indices: Literal[False] = False,
) -> Tensor: ...
@overload
def adaptive_min_pool3d(
    input: Tensor, output_size: _OutputSize,
    return_indices: Literal[True],
) -> _Pair: ...
@overload
def adaptive_min_pool3d(
    input: Tensor, output_size: _OutputSize,
    return_indices: bool = False,
) -> Tensor | _Pair: ...
def adaptive_avg_pool1d(input: Tensor, output_size: _OutputSize) -> Tensor: ...
def adaptive_avg_pool2d(input: Tensor, output_size: _OutputSize) -> Tensor: ...
def adaptive_avg_pool3d(input: Tensor, output_size: _OutputSize) -> Tensor: ...
def adaptive_sum_pool1d(input: Tensor, output_size: _OutputSize) -> Tensor: ...
def adaptive_sum_pool2d(input: Tensor, output_size: _OutputSize) -> Tensor: ...
def adaptive_sum_pool3d(input: Tensor, output_size: _OutputSize) -> Tensor: ...
def adaptive_lp_pool1d(
    input: Tensor, norm_type: float, output_size: _OutputSize, *, normalize: bool = False,
) -> Tensor: ...
def adaptive_lp_pool2d(
    input: Tensor, norm_type: float, output_size: _OutputSize, *, normalize: bool = False,
) -> Tensor: ...
def adaptive_lp_pool3d(
    input: Tensor, norm_type: float, output_size: _OutputSize, *, normalize: bool = False,
) -> Tensor: ...
@overload
def global_max_pool(
    input: Tensor, *, spatial_ndim: int | None = None, keepdims: bool = False,
    return_indices: Literal[False] = False,
) -> Tensor: ...
@overload
def global_max_pool(
    input: Tensor, *, spatial_ndim: int | None = None, keepdims: bool = False,
    return_indices: Literal[True],
) -> _Pair: ...
@overload
def global_max_pool(
    input: Tensor, *, spatial_ndim: int | None = None, keepdims: bool = False,
    return_indices: bool,
) -> Tensor | _Pair: ...
@overload
def global_min_pool(
    input: Tensor, *, spatial_ndim: int | None = None, keepdims: bool = False,
    return_indices: Literal[False] = False,
) -> Tensor: ...
@overload
def global_min_pool(
    input: Tensor, *, spatial_ndim: int | None = None, keepdims: bool = False,
    return_indices: Literal[True],
) -> _Pair: ...
@overload
def global_min_pool(
    input: Tensor, *, spatial_ndim: int | None = None, keepdims: bool = False,
    return_indices: bool,
) -> Tensor | _Pair: ...
def global_avg_pool(
    input: Tensor, *, spatial_ndim: int | None = None, keepdims: bool = False,
) -> Tensor: ...
def global_sum_pool(
    input: Tensor, *, spatial_ndim: int | None = None, keepdims: bool = False,
) -> Tensor: ...
def global_lp_pool(
    input: Tensor, norm_type: float, *, spatial_ndim: int | None = None, keepdims: bool = False,
    normalize: bool = False,
) -> Tensor: ...
def max_unpool1d(
    input: Tensor, indices: Tensor, kernel_size: _Size, stride: _Size | None = None, padding: _Size = 0,
    output_size: Sequence[int] | None = None,
) -> Tensor: ...
def max_unpool2d(
    input: Tensor, indices: Tensor, kernel_size: _Size, stride: _Size | None = None, padding: _Size = 0,
    output_size: Sequence[int] | None = None,
) -> Tensor: ...
def max_unpool3d(
    input: Tensor, indices: Tensor, kernel_size: _Size, stride: _Size | None = None, padding: _Size = 0,
    output_size: Sequence[int] | None = None,
) -> Tensor: ...

class MaxPool1d(nn.MaxPool1d):
    def __init__(
        self, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0, dilation: _Size = 1,
        return_indices: bool = False, ceil_mode: bool = False,
    ) -> None: ...
    def forward(self, input: Tensor) -> Any: ...

class MaxPool2d(nn.MaxPool2d):
    def __init__(
        self, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0, dilation: _Size = 1,
        return_indices: bool = False, ceil_mode: bool = False,
    ) -> None: ...
    def forward(self, input: Tensor) -> Any: ...

class MaxPool3d(nn.MaxPool3d):
    def __init__(
        self, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0, dilation: _Size = 1,
        return_indices: bool = False, ceil_mode: bool = False,
    ) -> None: ...
    def forward(self, input: Tensor) -> Any: ...

class MinPool1d(nn.Module):
    def __init__(
        self, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0, dilation: _Size = 1,
        return_indices: bool = False, ceil_mode: bool = False,
    ) -> None: ...
    def forward(self, input: Tensor) -> Any: ...

class MinPool2d(nn.Module):
    def __init__(
        self, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0, dilation: _Size = 1,
        return_indices: bool = False, ceil_mode: bool = False,
    ) -> None: ...
    def forward(self, input: Tensor) -> Any: ...

class MinPool3d(nn.Module):
    def __init__(
        self, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0, dilation: _Size = 1,
        return_indices: bool = False, ceil_mode: bool = False,
    ) -> None: ...
    def forward(self, input: Tensor) -> Any: ...

class AvgPool1d(nn.AvgPool1d):
    dilation: _Size
    def __init__(
        self, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0,
        ceil_mode: bool = False, count_include_pad: bool = True,
        *, dilation: _Size = 1,
    ) -> None: ...
    def forward(self, input: Tensor) -> Tensor: ...

class AvgPool2d(nn.AvgPool2d):
    dilation: _Size
    def __init__(
        self, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0,
        ceil_mode: bool = False, count_include_pad: bool = True,
        divisor_override: int | None = None,
        *, dilation: _Size = 1,
    ) -> None: ...
    def forward(self, input: Tensor) -> Tensor: ...

class AvgPool3d(nn.AvgPool3d):
    dilation: _Size
    def __init__(
        self, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0,
        ceil_mode: bool = False, count_include_pad: bool = True,
        divisor_override: int | None = None,
        *, dilation: _Size = 1,
    ) -> None: ...
    def forward(self, input: Tensor) -> Tensor: ...

class SumPool1d(nn.Module):
    def __init__(
        self, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0,
        ceil_mode: bool = False, *, dilation: _Size = 1,
    ) -> None: ...
    def forward(self, input: Tensor) -> Tensor: ...

class SumPool2d(nn.Module):
    def __init__(
        self, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0,
        ceil_mode: bool = False, *, dilation: _Size = 1,
    ) -> None: ...
    def forward(self, input: Tensor) -> Tensor: ...

class SumPool3d(nn.Module):
    def __init__(
        self, kernel_size: _Size, stride: _Size | None = None, padding: _Padding = 0,
        ceil_mode: bool = False, *, dilation: _Size = 1,
    ) -> None: ...
    def forward(self, input: Tensor) -> Tensor: ...

class LPPool1d(nn.LPPool1d):
    padding: _Padding
    dilation: _Size
    normalize: bool
    def __init__(
        self, norm_type: float, kernel_size: _Size, stride: _Size | None = None,
        ceil_mode: bool = False, *, padding: _Padding = 0, dilation: _Size = 1, normalize: bool = False,
    ) -> None: ...
    def forward(self, input: Tensor) -> Tensor: ...

class LPPool2d(nn.LPPool2d):
    padding: _Padding
    dilation: _Size
    normalize: bool
    def __init__(
        self, norm_type: float, kernel_size: _Size, stride: _Size | None = None,
        ceil_mode: bool = False, *, padding: _Padding = 0, dilation: _Size = 1, normalize: bool = False,
    ) -> None: ...
    def forward(self, input: Tensor) -> Tensor: ...

class LPPool3d(nn.LPPool3d):
    padding: _Padding
    dilation: _Size
    normalize: bool
    def __init__(
        self, norm_type: float, kernel_size: _Size, stride: _Size | None = None,
        ceil_mode: bool = False, *, padding: _Padding = 0, dilation: _Size = 1, normalize: bool = False,
    ) -> None: ...
    def forward(self, input: Tensor) -> Tensor: ...

class AdaptiveMaxPool1d(nn.AdaptiveMaxPool1d):
    def __init__(
        self, output_size: _OutputSize, return_indices: bool = False,
    ) -> None: ...
    def forward(self, input: Tensor) -> Any: ...

class AdaptiveMaxPool2d(nn.AdaptiveMaxPool2d):
    def __init__(
        self, output_size: _OutputSize, return_indices: bool = False,
    ) -> None: ...
    def forward(self, input: Tensor) -> Any: ...

class AdaptiveMaxPool3d(nn.AdaptiveMaxPool3d):
    def __init__(
        self, output_size: _OutputSize, return_indices: bool = False,
    ) -> None: ...
    def forward(self, input: Tensor) -> Any: ...

class AdaptiveMinPool1d(nn.Module):
    def __init__(
        self, output_size: _OutputSize, return_indices: bool = False,
    ) -> None: ...
    def forward(self, input: Tensor) -> Any: ...

class AdaptiveMinPool2d(nn.Module):
    def __init__(
        self, output_size: _OutputSize, return_indices: bool = False,
    ) -> None: ...
    def forward(self, input: Tensor) -> Any: ...

class AdaptiveMinPool3d(nn.Module):
    def __init__(
        self, output_size: _OutputSize, return_indices: bool = False,
    ) -> None: ...
    def forward(self, input: Tensor) -> Any: ...

class AdaptiveAvgPool1d(nn.AdaptiveAvgPool1d):
    def __init__(
        self, output_size: _OutputSize,
    ) -> None: ...
    def forward(self, input: Tensor) -> Tensor: ...

class AdaptiveAvgPool2d(nn.AdaptiveAvgPool2d):
    def __init__(
        self, output_size: _OutputSize,
    ) -> None: ...
    def forward(self, input: Tensor) -> Tensor: ...

class AdaptiveAvgPool3d(nn.AdaptiveAvgPool3d):
    def __init__(
        self, output_size: _OutputSize,
    ) -> None: ...
    def forward(self, input: Tensor) -> Tensor: ...

class AdaptiveSumPool1d(nn.Module):
    def __init__(
        self, output_size: _OutputSize,
    ) -> None: ...
    def forward(self, input: Tensor) -> Tensor: ...

class AdaptiveSumPool2d(nn.Module):
    def __init__(
        self, output_size: _OutputSize,
    ) -> None: ...
    def forward(self, input: Tensor) -> Tensor: ...

class AdaptiveSumPool3d(nn.Module):
    def __init__(
        self, output_size: _OutputSize,
    ) -> None: ...
    def forward(self, input: Tensor) -> Tensor: ...

class AdaptiveLPPool1d(nn.Module):
    def __init__(
        self, norm_type: float, output_size: _OutputSize, *, normalize: bool = False,
    ) -> None: ...
    def forward(self, input: Tensor) -> Tensor: ...

class AdaptiveLPPool2d(nn.Module):
    def __init__(
        self, norm_type: float, output_size: _OutputSize, *, normalize: bool = False,
    ) -> None: ...
    def forward(self, input: Tensor) -> Tensor: ...

class AdaptiveLPPool3d(nn.Module):
    def __init__(
        self, norm_type: float, output_size: _OutputSize, *, normalize: bool = False,
    ) -> None: ...
    def forward(self, input: Tensor) -> Tensor: ...

class GlobalMaxPool(nn.Module):
    def __init__(
        self, *, spatial_ndim: int | None = None, keepdims: bool = False, return_indices: bool = False,
    ) -> None: ...
    def forward(self, input: Tensor) -> Any: ...

class GlobalMinPool(nn.Module):
    def __init__(
        self, *, spatial_ndim: int | None = None, keepdims: bool = False, return_indices: bool = False,
    ) -> None: ...
    def forward(self, input: Tensor) -> Any: ...

class GlobalAvgPool(nn.Module):
    def __init__(
        self, *, spatial_ndim: int | None = None, keepdims: bool = False,
    ) -> None: ...
    def forward(self, input: Tensor) -> Tensor: ...

class GlobalSumPool(nn.Module):
    def __init__(
        self, *, spatial_ndim: int | None = None, keepdims: bool = False,
    ) -> None: ...
    def forward(self, input: Tensor) -> Tensor: ...

class GlobalLPPool(nn.Module):
    def __init__(
        self, norm_type: float, *, spatial_ndim: int | None = None, keepdims: bool = False,
        normalize: bool = False,
    ) -> None: ...
    def forward(self, input: Tensor) -> Tensor: ...

class MaxUnpool1d(nn.MaxUnpool1d):
    def __init__(
        self, kernel_size: _Size, stride: _Size | None = None, padding: _Size = 0,
    ) -> None: ...
    def forward(self, input: Tensor, indices: Tensor, output_size: Sequence[int] | None = None) -> Tensor: ...

class MaxUnpool2d(nn.MaxUnpool2d):
    def __init__(
        self, kernel_size: _Size, stride: _Size | None = None, padding: _Size = 0,
    ) -> None: ...
    def forward(self, input: Tensor, indices: Tensor, output_size: Sequence[int] | None = None) -> Tensor: ...

class MaxUnpool3d(nn.MaxUnpool3d):
    def __init__(
        self, kernel_size: _Size, stride: _Size | None = None, padding: _Size = 0,
    ) -> None: ...
    def forward(self, input: Tensor, indices: Tensor, output_size: Sequence[int] | None = None) -> Tensor: ...
