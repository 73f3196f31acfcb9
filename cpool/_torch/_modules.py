"""Pooling layers as modules: those of `torch.nn` by way of cpool, and its own beside them.

A class with the name of one of `torch.nn` is derived from it, so that whatever looks for it finds it.
"""

from torch import nn

from . import _adaptive, _unpool, _windows

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
    "SumPool1d",
    "SumPool2d",
    "SumPool3d",
]


class _Layer(nn.Module):
    """A module of nothing but arguments."""

    def __init__(self, **arguments):
        super().__init__()
        self._shown = tuple(arguments)
        for name, value in arguments.items():
            setattr(self, name, value)

    def extra_repr(self):
        return ", ".join([f"{name}={getattr(self, name)!r}" for name in self._shown])


class MaxPool1d(nn.MaxPool1d):
    """`torch.nn.MaxPool1d` by way of `cpool.torch.max_pool1d`.

    Examples
    --------
    >>> import torch
    >>> import cpool.torch
    >>> layer = cpool.torch.MaxPool1d(2)
    >>> layer
    MaxPool1d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)
    >>> layer(torch.rand(2, 3, 8)).shape
    torch.Size([2, 3, 4])
    """

    def forward(self, input):
        return _windows.max_pool1d(
            input, self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode,
            self.return_indices,
        )


class MaxPool2d(nn.MaxPool2d):
    """`torch.nn.MaxPool2d` by way of `cpool.torch.max_pool2d`.

    Examples
    --------
    >>> import torch
    >>> import cpool.torch
    >>> layer = cpool.torch.MaxPool2d(2)
    >>> layer
    MaxPool2d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)
    >>> layer(torch.rand(2, 3, 8, 8)).shape
    torch.Size([2, 3, 4, 4])
    """

    def forward(self, input):
        return _windows.max_pool2d(
            input, self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode,
            self.return_indices,
        )


class MaxPool3d(nn.MaxPool3d):
    """`torch.nn.MaxPool3d` by way of `cpool.torch.max_pool3d`.

    Examples
    --------
    >>> import torch
    >>> import cpool.torch
    >>> layer = cpool.torch.MaxPool3d(2)
    >>> layer
    MaxPool3d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)
    >>> layer(torch.rand(2, 3, 8, 8, 8)).shape
    torch.Size([2, 3, 4, 4, 4])
    """

    def forward(self, input):
        return _windows.max_pool3d(
            input, self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode,
            self.return_indices,
        )


class MinPool1d(_Layer):
    """`cpool.torch.min_pool1d` as a module.

    Examples
    --------
    >>> import torch
    >>> import cpool.torch
    >>> layer = cpool.torch.MinPool1d(2)
    >>> layer
    MinPool1d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)
    >>> layer(torch.rand(2, 3, 8)).shape
    torch.Size([2, 3, 4])
    """

    def __init__(
        self, kernel_size, stride=None, padding=0, dilation=1, return_indices=False, ceil_mode=False
    ):
        super().__init__(
            kernel_size=kernel_size, stride=kernel_size if stride is None else stride, padding=padding,
            dilation=dilation, ceil_mode=ceil_mode,
        )
        self.return_indices = return_indices

    def forward(self, input):
        return _windows.min_pool1d(
            input, self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode,
            self.return_indices,
        )


class MinPool2d(_Layer):
    """`cpool.torch.min_pool2d` as a module.

    Examples
    --------
    >>> import torch
    >>> import cpool.torch
    >>> layer = cpool.torch.MinPool2d(2)
    >>> layer
    MinPool2d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)
    >>> layer(torch.rand(2, 3, 8, 8)).shape
    torch.Size([2, 3, 4, 4])
    """

    def __init__(
        self, kernel_size, stride=None, padding=0, dilation=1, return_indices=False, ceil_mode=False
    ):
        super().__init__(
            kernel_size=kernel_size, stride=kernel_size if stride is None else stride, padding=padding,
            dilation=dilation, ceil_mode=ceil_mode,
        )
        self.return_indices = return_indices

    def forward(self, input):
        return _windows.min_pool2d(
            input, self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode,
            self.return_indices,
        )


class MinPool3d(_Layer):
    """`cpool.torch.min_pool3d` as a module.

    Examples
    --------
    >>> import torch
    >>> import cpool.torch
    >>> layer = cpool.torch.MinPool3d(2)
    >>> layer
    MinPool3d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)
    >>> layer(torch.rand(2, 3, 8, 8, 8)).shape
    torch.Size([2, 3, 4, 4, 4])
    """

    def __init__(
        self, kernel_size, stride=None, padding=0, dilation=1, return_indices=False, ceil_mode=False
    ):
        super().__init__(
            kernel_size=kernel_size, stride=kernel_size if stride is None else stride, padding=padding,
            dilation=dilation, ceil_mode=ceil_mode,
        )
        self.return_indices = return_indices

    def forward(self, input):
        return _windows.min_pool3d(
            input, self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode,
            self.return_indices,
        )


class AvgPool1d(nn.AvgPool1d):
    """`torch.nn.AvgPool1d` by way of `cpool.torch.avg_pool1d`, with its `dilation`.

    Examples
    --------
    >>> import torch
    >>> import cpool.torch
    >>> layer = cpool.torch.AvgPool1d(2)
    >>> layer
    AvgPool1d(kernel_size=(2,), stride=(2,), padding=(0,))
    >>> layer(torch.rand(2, 3, 8)).shape
    torch.Size([2, 3, 4])
    """

    dilation = 1        # of layers that `replace` has swapped

    def __init__(
        self, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True,
        *, dilation=1,
    ):
        super().__init__(kernel_size, stride, 0, ceil_mode, count_include_pad)
        self.padding, self.dilation = (padding,) if isinstance(padding, int) else padding, dilation

    def forward(self, input):
        return _windows.avg_pool1d(
            input, self.kernel_size, self.stride, self.padding, self.ceil_mode, self.count_include_pad,
            dilation=self.dilation,
        )


class AvgPool2d(nn.AvgPool2d):
    """`torch.nn.AvgPool2d` by way of `cpool.torch.avg_pool2d`, with its `dilation`.

    Examples
    --------
    >>> import torch
    >>> import cpool.torch
    >>> layer = cpool.torch.AvgPool2d(2)
    >>> layer
    AvgPool2d(kernel_size=2, stride=2, padding=0)
    >>> layer(torch.rand(2, 3, 8, 8)).shape
    torch.Size([2, 3, 4, 4])
    """

    dilation = 1        # of layers that `replace` has swapped

    def __init__(
        self, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True,
        divisor_override=None,
        *, dilation=1,
    ):
        super().__init__(kernel_size, stride, 0, ceil_mode, count_include_pad, divisor_override)
        self.padding, self.dilation = padding, dilation

    def forward(self, input):
        return _windows.avg_pool2d(
            input, self.kernel_size, self.stride, self.padding, self.ceil_mode, self.count_include_pad,
            self.divisor_override, dilation=self.dilation,
        )


class AvgPool3d(nn.AvgPool3d):
    """`torch.nn.AvgPool3d` by way of `cpool.torch.avg_pool3d`, with its `dilation`.

    Examples
    --------
    >>> import torch
    >>> import cpool.torch
    >>> layer = cpool.torch.AvgPool3d(2)
    >>> layer
    AvgPool3d(kernel_size=2, stride=2, padding=0)
    >>> layer(torch.rand(2, 3, 8, 8, 8)).shape
    torch.Size([2, 3, 4, 4, 4])
    """

    dilation = 1        # of layers that `replace` has swapped

    def __init__(
        self, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True,
        divisor_override=None,
        *, dilation=1,
    ):
        super().__init__(kernel_size, stride, 0, ceil_mode, count_include_pad, divisor_override)
        self.padding, self.dilation = padding, dilation

    def forward(self, input):
        return _windows.avg_pool3d(
            input, self.kernel_size, self.stride, self.padding, self.ceil_mode, self.count_include_pad,
            self.divisor_override, dilation=self.dilation,
        )


class SumPool1d(_Layer):
    """`cpool.torch.sum_pool1d` as a module.

    Examples
    --------
    >>> import torch
    >>> import cpool.torch
    >>> layer = cpool.torch.SumPool1d(2)
    >>> layer
    SumPool1d(kernel_size=2, stride=2, padding=0, ceil_mode=False, dilation=1)
    >>> layer(torch.rand(2, 3, 8)).shape
    torch.Size([2, 3, 4])
    """

    def __init__(self, kernel_size, stride=None, padding=0, ceil_mode=False, *, dilation=1):
        super().__init__(
            kernel_size=kernel_size, stride=kernel_size if stride is None else stride, padding=padding,
            ceil_mode=ceil_mode, dilation=dilation,
        )

    def forward(self, input):
        return _windows.sum_pool1d(
            input, self.kernel_size, self.stride, self.padding, self.ceil_mode, dilation=self.dilation
        )


class SumPool2d(_Layer):
    """`cpool.torch.sum_pool2d` as a module.

    Examples
    --------
    >>> import torch
    >>> import cpool.torch
    >>> layer = cpool.torch.SumPool2d(2)
    >>> layer
    SumPool2d(kernel_size=2, stride=2, padding=0, ceil_mode=False, dilation=1)
    >>> layer(torch.rand(2, 3, 8, 8)).shape
    torch.Size([2, 3, 4, 4])
    """

    def __init__(self, kernel_size, stride=None, padding=0, ceil_mode=False, *, dilation=1):
        super().__init__(
            kernel_size=kernel_size, stride=kernel_size if stride is None else stride, padding=padding,
            ceil_mode=ceil_mode, dilation=dilation,
        )

    def forward(self, input):
        return _windows.sum_pool2d(
            input, self.kernel_size, self.stride, self.padding, self.ceil_mode, dilation=self.dilation
        )


class SumPool3d(_Layer):
    """`cpool.torch.sum_pool3d` as a module.

    Examples
    --------
    >>> import torch
    >>> import cpool.torch
    >>> layer = cpool.torch.SumPool3d(2)
    >>> layer
    SumPool3d(kernel_size=2, stride=2, padding=0, ceil_mode=False, dilation=1)
    >>> layer(torch.rand(2, 3, 8, 8, 8)).shape
    torch.Size([2, 3, 4, 4, 4])
    """

    def __init__(self, kernel_size, stride=None, padding=0, ceil_mode=False, *, dilation=1):
        super().__init__(
            kernel_size=kernel_size, stride=kernel_size if stride is None else stride, padding=padding,
            ceil_mode=ceil_mode, dilation=dilation,
        )

    def forward(self, input):
        return _windows.sum_pool3d(
            input, self.kernel_size, self.stride, self.padding, self.ceil_mode, dilation=self.dilation
        )


class LPPool1d(nn.LPPool1d):
    """`torch.nn.LPPool1d` by way of `cpool.torch.lp_pool1d`, with its `padding`, `dilation` and `normalize`.

    Examples
    --------
    >>> import torch
    >>> import cpool.torch
    >>> layer = cpool.torch.LPPool1d(2.0, 2)
    >>> layer
    LPPool1d(norm_type=2.0, kernel_size=2, stride=None, ceil_mode=False)
    >>> layer(torch.rand(2, 3, 8)).shape
    torch.Size([2, 3, 4])
    """

    padding, dilation, normalize = 0, 1, False      # of layers that `replace` has swapped

    def __init__(
        self, norm_type, kernel_size, stride=None, ceil_mode=False, *, padding=0, dilation=1, normalize=False
    ):
        super().__init__(norm_type, kernel_size, stride, ceil_mode)
        self.padding, self.dilation, self.normalize = padding, dilation, normalize

    def forward(self, input):
        return _windows.lp_pool1d(
            input, self.norm_type, self.kernel_size, self.stride, self.ceil_mode, padding=self.padding,
            dilation=self.dilation, normalize=self.normalize,
        )


class LPPool2d(nn.LPPool2d):
    """`torch.nn.LPPool2d` by way of `cpool.torch.lp_pool2d`, with its `padding`, `dilation` and `normalize`.

    Examples
    --------
    >>> import torch
    >>> import cpool.torch
    >>> layer = cpool.torch.LPPool2d(2.0, 2)
    >>> layer
    LPPool2d(norm_type=2.0, kernel_size=2, stride=None, ceil_mode=False)
    >>> layer(torch.rand(2, 3, 8, 8)).shape
    torch.Size([2, 3, 4, 4])
    """

    padding, dilation, normalize = 0, 1, False      # of layers that `replace` has swapped

    def __init__(
        self, norm_type, kernel_size, stride=None, ceil_mode=False, *, padding=0, dilation=1, normalize=False
    ):
        super().__init__(norm_type, kernel_size, stride, ceil_mode)
        self.padding, self.dilation, self.normalize = padding, dilation, normalize

    def forward(self, input):
        return _windows.lp_pool2d(
            input, self.norm_type, self.kernel_size, self.stride, self.ceil_mode, padding=self.padding,
            dilation=self.dilation, normalize=self.normalize,
        )


class LPPool3d(nn.LPPool3d):
    """`torch.nn.LPPool3d` by way of `cpool.torch.lp_pool3d`, with its `padding`, `dilation` and `normalize`.

    Examples
    --------
    >>> import torch
    >>> import cpool.torch
    >>> layer = cpool.torch.LPPool3d(2.0, 2)
    >>> layer
    LPPool3d(norm_type=2.0, kernel_size=2, stride=None, ceil_mode=False)
    >>> layer(torch.rand(2, 3, 8, 8, 8)).shape
    torch.Size([2, 3, 4, 4, 4])
    """

    padding, dilation, normalize = 0, 1, False      # of layers that `replace` has swapped

    def __init__(
        self, norm_type, kernel_size, stride=None, ceil_mode=False, *, padding=0, dilation=1, normalize=False
    ):
        super().__init__(norm_type, kernel_size, stride, ceil_mode)
        self.padding, self.dilation, self.normalize = padding, dilation, normalize

    def forward(self, input):
        return _windows.lp_pool3d(
            input, self.norm_type, self.kernel_size, self.stride, self.ceil_mode, padding=self.padding,
            dilation=self.dilation, normalize=self.normalize,
        )


class AdaptiveMaxPool1d(nn.AdaptiveMaxPool1d):
    """`torch.nn.AdaptiveMaxPool1d` by way of `cpool.torch.adaptive_max_pool1d`.

    Examples
    --------
    >>> import torch
    >>> import cpool.torch
    >>> layer = cpool.torch.AdaptiveMaxPool1d(1)
    >>> layer
    AdaptiveMaxPool1d(output_size=1)
    >>> layer(torch.rand(2, 3, 8)).shape
    torch.Size([2, 3, 1])
    """

    def forward(self, input):
        return _adaptive.adaptive_max_pool1d(input, self.output_size, self.return_indices)


class AdaptiveMaxPool2d(nn.AdaptiveMaxPool2d):
    """`torch.nn.AdaptiveMaxPool2d` by way of `cpool.torch.adaptive_max_pool2d`.

    Examples
    --------
    >>> import torch
    >>> import cpool.torch
    >>> layer = cpool.torch.AdaptiveMaxPool2d(1)
    >>> layer
    AdaptiveMaxPool2d(output_size=1)
    >>> layer(torch.rand(2, 3, 8, 8)).shape
    torch.Size([2, 3, 1, 1])
    """

    def forward(self, input):
        return _adaptive.adaptive_max_pool2d(input, self.output_size, self.return_indices)


class AdaptiveMaxPool3d(nn.AdaptiveMaxPool3d):
    """`torch.nn.AdaptiveMaxPool3d` by way of `cpool.torch.adaptive_max_pool3d`.

    Examples
    --------
    >>> import torch
    >>> import cpool.torch
    >>> layer = cpool.torch.AdaptiveMaxPool3d(1)
    >>> layer
    AdaptiveMaxPool3d(output_size=1)
    >>> layer(torch.rand(2, 3, 8, 8, 8)).shape
    torch.Size([2, 3, 1, 1, 1])
    """

    def forward(self, input):
        return _adaptive.adaptive_max_pool3d(input, self.output_size, self.return_indices)


class AdaptiveMinPool1d(_Layer):
    """`cpool.torch.adaptive_min_pool1d` as a module.

    Examples
    --------
    >>> import torch
    >>> import cpool.torch
    >>> layer = cpool.torch.AdaptiveMinPool1d(1)
    >>> layer
    AdaptiveMinPool1d(output_size=1)
    >>> layer(torch.rand(2, 3, 8)).shape
    torch.Size([2, 3, 1])
    """

    def __init__(self, output_size, return_indices=False):
        super().__init__(output_size=output_size)
        self.return_indices = return_indices

    def forward(self, input):
        return _adaptive.adaptive_min_pool1d(input, self.output_size, self.return_indices)


class AdaptiveMinPool2d(_Layer):
    """`cpool.torch.adaptive_min_pool2d` as a module.

    Examples
    --------
    >>> import torch
    >>> import cpool.torch
    >>> layer = cpool.torch.AdaptiveMinPool2d(1)
    >>> layer
    AdaptiveMinPool2d(output_size=1)
    >>> layer(torch.rand(2, 3, 8, 8)).shape
    torch.Size([2, 3, 1, 1])
    """

    def __init__(self, output_size, return_indices=False):
        super().__init__(output_size=output_size)
        self.return_indices = return_indices

    def forward(self, input):
        return _adaptive.adaptive_min_pool2d(input, self.output_size, self.return_indices)


class AdaptiveMinPool3d(_Layer):
    """`cpool.torch.adaptive_min_pool3d` as a module.

    Examples
    --------
    >>> import torch
    >>> import cpool.torch
    >>> layer = cpool.torch.AdaptiveMinPool3d(1)
    >>> layer
    AdaptiveMinPool3d(output_size=1)
    >>> layer(torch.rand(2, 3, 8, 8, 8)).shape
    torch.Size([2, 3, 1, 1, 1])
    """

    def __init__(self, output_size, return_indices=False):
        super().__init__(output_size=output_size)
        self.return_indices = return_indices

    def forward(self, input):
        return _adaptive.adaptive_min_pool3d(input, self.output_size, self.return_indices)


class AdaptiveAvgPool1d(nn.AdaptiveAvgPool1d):
    """`torch.nn.AdaptiveAvgPool1d` by way of `cpool.torch.adaptive_avg_pool1d`.

    Examples
    --------
    >>> import torch
    >>> import cpool.torch
    >>> layer = cpool.torch.AdaptiveAvgPool1d(1)
    >>> layer
    AdaptiveAvgPool1d(output_size=1)
    >>> layer(torch.rand(2, 3, 8)).shape
    torch.Size([2, 3, 1])
    """

    def forward(self, input):
        return _adaptive.adaptive_avg_pool1d(input, self.output_size)


class AdaptiveAvgPool2d(nn.AdaptiveAvgPool2d):
    """`torch.nn.AdaptiveAvgPool2d` by way of `cpool.torch.adaptive_avg_pool2d`.

    Examples
    --------
    >>> import torch
    >>> import cpool.torch
    >>> layer = cpool.torch.AdaptiveAvgPool2d(1)
    >>> layer
    AdaptiveAvgPool2d(output_size=1)
    >>> layer(torch.rand(2, 3, 8, 8)).shape
    torch.Size([2, 3, 1, 1])
    """

    def forward(self, input):
        return _adaptive.adaptive_avg_pool2d(input, self.output_size)


class AdaptiveAvgPool3d(nn.AdaptiveAvgPool3d):
    """`torch.nn.AdaptiveAvgPool3d` by way of `cpool.torch.adaptive_avg_pool3d`.

    Examples
    --------
    >>> import torch
    >>> import cpool.torch
    >>> layer = cpool.torch.AdaptiveAvgPool3d(1)
    >>> layer
    AdaptiveAvgPool3d(output_size=1)
    >>> layer(torch.rand(2, 3, 8, 8, 8)).shape
    torch.Size([2, 3, 1, 1, 1])
    """

    def forward(self, input):
        return _adaptive.adaptive_avg_pool3d(input, self.output_size)


class AdaptiveSumPool1d(_Layer):
    """`cpool.torch.adaptive_sum_pool1d` as a module.

    Examples
    --------
    >>> import torch
    >>> import cpool.torch
    >>> layer = cpool.torch.AdaptiveSumPool1d(1)
    >>> layer
    AdaptiveSumPool1d(output_size=1)
    >>> layer(torch.rand(2, 3, 8)).shape
    torch.Size([2, 3, 1])
    """

    def __init__(self, output_size):
        super().__init__(output_size=output_size)

    def forward(self, input):
        return _adaptive.adaptive_sum_pool1d(input, self.output_size)


class AdaptiveSumPool2d(_Layer):
    """`cpool.torch.adaptive_sum_pool2d` as a module.

    Examples
    --------
    >>> import torch
    >>> import cpool.torch
    >>> layer = cpool.torch.AdaptiveSumPool2d(1)
    >>> layer
    AdaptiveSumPool2d(output_size=1)
    >>> layer(torch.rand(2, 3, 8, 8)).shape
    torch.Size([2, 3, 1, 1])
    """

    def __init__(self, output_size):
        super().__init__(output_size=output_size)

    def forward(self, input):
        return _adaptive.adaptive_sum_pool2d(input, self.output_size)


class AdaptiveSumPool3d(_Layer):
    """`cpool.torch.adaptive_sum_pool3d` as a module.

    Examples
    --------
    >>> import torch
    >>> import cpool.torch
    >>> layer = cpool.torch.AdaptiveSumPool3d(1)
    >>> layer
    AdaptiveSumPool3d(output_size=1)
    >>> layer(torch.rand(2, 3, 8, 8, 8)).shape
    torch.Size([2, 3, 1, 1, 1])
    """

    def __init__(self, output_size):
        super().__init__(output_size=output_size)

    def forward(self, input):
        return _adaptive.adaptive_sum_pool3d(input, self.output_size)


class AdaptiveLPPool1d(_Layer):
    """`cpool.torch.adaptive_lp_pool1d` as a module.

    Examples
    --------
    >>> import torch
    >>> import cpool.torch
    >>> layer = cpool.torch.AdaptiveLPPool1d(2, 1)
    >>> layer
    AdaptiveLPPool1d(norm_type=2, output_size=1, normalize=False)
    >>> layer(torch.rand(2, 3, 8)).shape
    torch.Size([2, 3, 1])
    """

    def __init__(self, norm_type, output_size, *, normalize=False):
        super().__init__(norm_type=norm_type, output_size=output_size, normalize=normalize)

    def forward(self, input):
        return _adaptive.adaptive_lp_pool1d(input, self.norm_type, self.output_size, normalize=self.normalize)


class AdaptiveLPPool2d(_Layer):
    """`cpool.torch.adaptive_lp_pool2d` as a module.

    Examples
    --------
    >>> import torch
    >>> import cpool.torch
    >>> layer = cpool.torch.AdaptiveLPPool2d(2, 1)
    >>> layer
    AdaptiveLPPool2d(norm_type=2, output_size=1, normalize=False)
    >>> layer(torch.rand(2, 3, 8, 8)).shape
    torch.Size([2, 3, 1, 1])
    """

    def __init__(self, norm_type, output_size, *, normalize=False):
        super().__init__(norm_type=norm_type, output_size=output_size, normalize=normalize)

    def forward(self, input):
        return _adaptive.adaptive_lp_pool2d(input, self.norm_type, self.output_size, normalize=self.normalize)


class AdaptiveLPPool3d(_Layer):
    """`cpool.torch.adaptive_lp_pool3d` as a module.

    Examples
    --------
    >>> import torch
    >>> import cpool.torch
    >>> layer = cpool.torch.AdaptiveLPPool3d(2, 1)
    >>> layer
    AdaptiveLPPool3d(norm_type=2, output_size=1, normalize=False)
    >>> layer(torch.rand(2, 3, 8, 8, 8)).shape
    torch.Size([2, 3, 1, 1, 1])
    """

    def __init__(self, norm_type, output_size, *, normalize=False):
        super().__init__(norm_type=norm_type, output_size=output_size, normalize=normalize)

    def forward(self, input):
        return _adaptive.adaptive_lp_pool3d(input, self.norm_type, self.output_size, normalize=self.normalize)


class GlobalMaxPool(_Layer):
    """`cpool.torch.global_max_pool` as a module.

    Examples
    --------
    >>> import torch
    >>> import cpool.torch
    >>> layer = cpool.torch.GlobalMaxPool()
    >>> layer
    GlobalMaxPool(spatial_ndim=None, keepdims=False)
    >>> layer(torch.rand(2, 3, 8, 8)).shape
    torch.Size([2, 3])
    """

    def __init__(self, *, spatial_ndim=None, keepdims=False, return_indices=False):
        super().__init__(spatial_ndim=spatial_ndim, keepdims=keepdims)
        self.return_indices = return_indices

    def forward(self, input):
        return _adaptive.global_max_pool(
            input, spatial_ndim=self.spatial_ndim, keepdims=self.keepdims, return_indices=self.return_indices
        )


class GlobalMinPool(_Layer):
    """`cpool.torch.global_min_pool` as a module.

    Examples
    --------
    >>> import torch
    >>> import cpool.torch
    >>> layer = cpool.torch.GlobalMinPool()
    >>> layer
    GlobalMinPool(spatial_ndim=None, keepdims=False)
    >>> layer(torch.rand(2, 3, 8, 8)).shape
    torch.Size([2, 3])
    """

    def __init__(self, *, spatial_ndim=None, keepdims=False, return_indices=False):
        super().__init__(spatial_ndim=spatial_ndim, keepdims=keepdims)
        self.return_indices = return_indices

    def forward(self, input):
        return _adaptive.global_min_pool(
            input, spatial_ndim=self.spatial_ndim, keepdims=self.keepdims, return_indices=self.return_indices
        )


class GlobalAvgPool(_Layer):
    """`cpool.torch.global_avg_pool` as a module.

    Examples
    --------
    >>> import torch
    >>> import cpool.torch
    >>> layer = cpool.torch.GlobalAvgPool()
    >>> layer
    GlobalAvgPool(spatial_ndim=None, keepdims=False)
    >>> layer(torch.rand(2, 3, 8, 8)).shape
    torch.Size([2, 3])
    """

    def __init__(self, *, spatial_ndim=None, keepdims=False):
        super().__init__(spatial_ndim=spatial_ndim, keepdims=keepdims)

    def forward(self, input):
        return _adaptive.global_avg_pool(input, spatial_ndim=self.spatial_ndim, keepdims=self.keepdims)


class GlobalSumPool(_Layer):
    """`cpool.torch.global_sum_pool` as a module.

    Examples
    --------
    >>> import torch
    >>> import cpool.torch
    >>> layer = cpool.torch.GlobalSumPool()
    >>> layer
    GlobalSumPool(spatial_ndim=None, keepdims=False)
    >>> layer(torch.rand(2, 3, 8, 8)).shape
    torch.Size([2, 3])
    """

    def __init__(self, *, spatial_ndim=None, keepdims=False):
        super().__init__(spatial_ndim=spatial_ndim, keepdims=keepdims)

    def forward(self, input):
        return _adaptive.global_sum_pool(input, spatial_ndim=self.spatial_ndim, keepdims=self.keepdims)


class GlobalLPPool(_Layer):
    """`cpool.torch.global_lp_pool` as a module.

    Examples
    --------
    >>> import torch
    >>> import cpool.torch
    >>> layer = cpool.torch.GlobalLPPool(2)
    >>> layer
    GlobalLPPool(norm_type=2, spatial_ndim=None, keepdims=False, normalize=False)
    >>> layer(torch.rand(2, 3, 8, 8)).shape
    torch.Size([2, 3])
    """

    def __init__(self, norm_type, *, spatial_ndim=None, keepdims=False, normalize=False):
        super().__init__(
            norm_type=norm_type, spatial_ndim=spatial_ndim, keepdims=keepdims, normalize=normalize
        )

    def forward(self, input):
        return _adaptive.global_lp_pool(
            input, self.norm_type, spatial_ndim=self.spatial_ndim, keepdims=self.keepdims,
            normalize=self.normalize,
        )


class MaxUnpool1d(nn.MaxUnpool1d):
    """`torch.nn.MaxUnpool1d` by way of `cpool.torch.max_unpool1d`.

    Examples
    --------
    >>> import torch
    >>> import cpool.torch
    >>> pool, layer = cpool.torch.MaxPool1d(2, return_indices=True), cpool.torch.MaxUnpool1d(2)
    >>> layer
    MaxUnpool1d(kernel_size=(2,), stride=(2,), padding=(0,))
    >>> layer(*pool(torch.rand(2, 3, 8))).shape
    torch.Size([2, 3, 8])
    """

    def forward(self, input, indices, output_size=None):
        return _unpool.max_unpool1d(
            input, indices, self.kernel_size, self.stride, self.padding, output_size
        )


class MaxUnpool2d(nn.MaxUnpool2d):
    """`torch.nn.MaxUnpool2d` by way of `cpool.torch.max_unpool2d`.

    Examples
    --------
    >>> import torch
    >>> import cpool.torch
    >>> pool, layer = cpool.torch.MaxPool2d(2, return_indices=True), cpool.torch.MaxUnpool2d(2)
    >>> layer
    MaxUnpool2d(kernel_size=(2, 2), stride=(2, 2), padding=(0, 0))
    >>> layer(*pool(torch.rand(2, 3, 8, 8))).shape
    torch.Size([2, 3, 8, 8])
    """

    def forward(self, input, indices, output_size=None):
        return _unpool.max_unpool2d(
            input, indices, self.kernel_size, self.stride, self.padding, output_size
        )


class MaxUnpool3d(nn.MaxUnpool3d):
    """`torch.nn.MaxUnpool3d` by way of `cpool.torch.max_unpool3d`.

    Examples
    --------
    >>> import torch
    >>> import cpool.torch
    >>> pool, layer = cpool.torch.MaxPool3d(2, return_indices=True), cpool.torch.MaxUnpool3d(2)
    >>> layer
    MaxUnpool3d(kernel_size=(2, 2, 2), stride=(2, 2, 2), padding=(0, 0, 0))
    >>> layer(*pool(torch.rand(2, 3, 8, 8, 8))).shape
    torch.Size([2, 3, 8, 8, 8])
    """

    def forward(self, input, indices, output_size=None):
        return _unpool.max_unpool3d(
            input, indices, self.kernel_size, self.stride, self.padding, output_size
        )
