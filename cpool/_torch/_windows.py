"""Pooling of windows of a given size, with the names and arguments of `torch.nn.functional`."""

from ._arguments import in_each_dimension, windows

__all__ = [
    "avg_pool1d",
    "avg_pool2d",
    "avg_pool3d",
    "lp_pool1d",
    "lp_pool2d",
    "lp_pool3d",
    "max_pool1d",
    "max_pool2d",
    "max_pool3d",
    "min_pool1d",
    "min_pool2d",
    "min_pool3d",
    "sum_pool1d",
    "sum_pool2d",
    "sum_pool3d",
]


@in_each_dimension("x, {k}", "tensor([[3., 4.]])", "tensor([[[4.]]])", "tensor([[[[4.]]]])")
def max_pool(n):
    def function(
        input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False,
    ):
        """Take the maximum of every {n}-D window, as `torch.nn.functional.{name}`.

        Parameters
        ----------
        {input}
        kernel_size, stride, padding, dilation, ceil_mode, return_indices
            As in PyTorch. Besides ints, of which padding may be half the window, it
            is what `cpool.{name}` takes: "same", "same_lower", (before, after)
            pairs.

        Returns
        -------
        Tensor, or (Tensor, Tensor)
            Of the dtype and memory format of `input`. With `return_indices`, the
            place of each in its plane, too.

        {raises}

        {example}
        """
        return windows(
            "max", n, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices
        )
    return function


max_pool1d, max_pool2d, max_pool3d = max_pool


@in_each_dimension("x, {k}", "tensor([[1., 2.]])", "tensor([[[1.]]])", "tensor([[[[1.]]]])")
def min_pool(n):
    def function(
        input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False,
    ):
        """Take the minimum of every {n}-D window.

        Parameters
        ----------
        {input}
        kernel_size, stride, padding, dilation, ceil_mode, return_indices
            As in `cpool.{name}`.

        Returns
        -------
        Tensor, or (Tensor, Tensor)
            Of the dtype and memory format of `input`. With `return_indices`, the
            place of each in its plane, too.

        {raises}

        {example}
        """
        return windows(
            "min", n, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices, limited=False
        )
    return function


min_pool1d, min_pool2d, min_pool3d = min_pool


@in_each_dimension("x, {k}", "tensor([[2., 3.]])", "tensor([[[2.5000]]])", "tensor([[[[2.5000]]]])")
def avg_pool(n):
    def function(
        input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True,
        divisor_override=None, *, dilation=1,
    ):
        """Average every {n}-D window, as `torch.nn.functional.{name}`.

        Parameters
        ----------
        {input} kernel_size, stride, padding, ceil_mode, count_include_pad,
        divisor_override, dilation
            As in PyTorch. Besides ints, of which padding may be half the window, it
            is what `cpool.{name}` takes: "same", "same_lower", (before, after)
            pairs. So is the dilation, which PyTorch does not have.

        Returns
        -------
        Tensor
            Of the dtype and memory format of `input`.

        {raises}

        Notes
        -----
        Averages of integers are rounded to nearest, ties to even; PyTorch rounds
        toward zero.

        {example}
        """
        return windows(
            "avg", n, input, kernel_size, stride, padding, dilation, ceil_mode,
            count_include_pad=count_include_pad, divisor_override=divisor_override
        )
    return function


avg_pool1d, avg_pool2d, avg_pool3d = avg_pool


@in_each_dimension("x, {k}", "tensor([[4., 6.]])", "tensor([[[10.]]])", "tensor([[[[10.]]]])")
def sum_pool(n):
    def function(
        input, kernel_size, stride=None, padding=0, ceil_mode=False, *, dilation=1
    ):
        """Sum every {n}-D window.

        Parameters
        ----------
        {input}
        kernel_size, stride, padding, ceil_mode, dilation
            As in `cpool.{name}`.

        Returns
        -------
        Tensor
            Of the dtype and memory format of `input`; sums of integers are 64 bits
            wide.

        {raises}

        {example}
        """
        return windows(
            "sum", n, input, kernel_size, stride, padding, dilation, ceil_mode, limited=False
        )
    return function


sum_pool1d, sum_pool2d, sum_pool3d = sum_pool


@in_each_dimension(
    "x, 2, {k}", "tensor([[3.1623, 4.4721]])", "tensor([[[5.4772]]])", "tensor([[[[5.4772]]]])",
)
def lp_pool(n):
    def function(
        input, norm_type, kernel_size, stride=None, ceil_mode=False, *, padding=0, dilation=1, normalize=False
    ):
        """Take the Lp norm of every {n}-D window, as `torch.nn.functional.{name}`.

        Parameters
        ----------
        {input}
        norm_type, kernel_size, stride, ceil_mode, padding, dilation, normalize
            As in PyTorch, and what it does not have as in `cpool.{name}`.

        Returns
        -------
        Tensor
            Of the dtype and memory format of `input`.

        {raises}

        Notes
        -----
        Unlike PyTorch this takes absolute values before any power, and does not
        scale up the windows that `ceil_mode` clips.

        {example}
        """
        return windows(
            "lp", n, input, kernel_size, stride, padding, dilation, ceil_mode, norm_type=norm_type,
            normalize=normalize, limited=False
        )
    return function


lp_pool1d, lp_pool2d, lp_pool3d = lp_pool
