"""Pooling of windows of a given size, with the names and arguments of `torch.nn.functional`."""

from ._arguments import overridable, windows

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


@overridable
def max_pool1d(
    input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False,
):
    """Take the maximum of every 1-D window, as `torch.nn.functional.max_pool1d`.

    Parameters
    ----------
    input : Tensor of shape (N, C, L) or (C, L)
        On the CPU, of any dtype from bool to float64, float16 and bfloat16 included. Read in place if it is
        contiguous or has its channels last, which its strides tell.
    kernel_size, stride, padding, dilation, ceil_mode, return_indices
        As in PyTorch. Besides ints, of which padding may be half the window, it is what `cpool.max_pool1d`
        takes: "same", "same_lower", (before, after) pairs.

    Returns
    -------
    Tensor, or (Tensor, Tensor)
        Of the dtype and memory format of `input`. With `return_indices`, the place of each in its plane, too.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind.
    PoolingError
        If an argument has a value that is not accepted, or no window fits.
    NotImplementedError
        If `input` is not on the CPU, or of a dtype that cpool does not know.

    Examples
    --------
    >>> import torch
    >>> import cpool.torch
    >>> cpool.torch.max_pool1d(torch.tensor([[1.0, 3.0, 2.0, 4.0]]), 2)
    tensor([[3., 4.]])
    """
    return windows(
        "max", 1, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices
    )


@overridable
def max_pool2d(
    input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False,
):
    """Take the maximum of every 2-D window, as `torch.nn.functional.max_pool2d`.

    Parameters
    ----------
    input : Tensor of shape (N, C, H, W) or (C, H, W)
        On the CPU, of any dtype from bool to float64, float16 and bfloat16 included. Read in place if it is
        contiguous or has its channels last, which its strides tell.
    kernel_size, stride, padding, dilation, ceil_mode, return_indices
        As in PyTorch. Besides ints, of which padding may be half the window, it is what `cpool.max_pool2d`
        takes: "same", "same_lower", (before, after) pairs.

    Returns
    -------
    Tensor, or (Tensor, Tensor)
        Of the dtype and memory format of `input`. With `return_indices`, the place of each in its plane, too.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind.
    PoolingError
        If an argument has a value that is not accepted, or no window fits.
    NotImplementedError
        If `input` is not on the CPU, or of a dtype that cpool does not know.

    Examples
    --------
    >>> import torch
    >>> import cpool.torch
    >>> cpool.torch.max_pool2d(torch.tensor([[[1.0, 3.0], [2.0, 4.0]]]), 2)
    tensor([[[4.]]])
    """
    return windows(
        "max", 2, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices
    )


@overridable
def max_pool3d(
    input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False,
):
    """Take the maximum of every 3-D window, as `torch.nn.functional.max_pool3d`.

    Parameters
    ----------
    input : Tensor of shape (N, C, D, H, W) or (C, D, H, W)
        On the CPU, of any dtype from bool to float64, float16 and bfloat16 included. Read in place if it is
        contiguous or has its channels last, which its strides tell.
    kernel_size, stride, padding, dilation, ceil_mode, return_indices
        As in PyTorch. Besides ints, of which padding may be half the window, it is what `cpool.max_pool3d`
        takes: "same", "same_lower", (before, after) pairs.

    Returns
    -------
    Tensor, or (Tensor, Tensor)
        Of the dtype and memory format of `input`. With `return_indices`, the place of each in its plane, too.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind.
    PoolingError
        If an argument has a value that is not accepted, or no window fits.
    NotImplementedError
        If `input` is not on the CPU, or of a dtype that cpool does not know.

    Examples
    --------
    >>> import torch
    >>> import cpool.torch
    >>> cpool.torch.max_pool3d(torch.tensor([[[[1.0, 3.0], [2.0, 4.0]]]]), (1, 2, 2))
    tensor([[[[4.]]]])
    """
    return windows(
        "max", 3, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices
    )


@overridable
def min_pool1d(
    input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False,
):
    """Take the minimum of every 1-D window.

    Parameters
    ----------
    input : Tensor of shape (N, C, L) or (C, L)
        On the CPU, of any dtype from bool to float64, float16 and bfloat16 included. Read in place if it is
        contiguous or has its channels last, which its strides tell.
    kernel_size, stride, padding, dilation, ceil_mode, return_indices
        As in `cpool.min_pool1d`.

    Returns
    -------
    Tensor, or (Tensor, Tensor)
        Of the dtype and memory format of `input`. With `return_indices`, the place of each in its plane, too.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind.
    PoolingError
        If an argument has a value that is not accepted, or no window fits.
    NotImplementedError
        If `input` is not on the CPU, or of a dtype that cpool does not know.

    Examples
    --------
    >>> import torch
    >>> import cpool.torch
    >>> cpool.torch.min_pool1d(torch.tensor([[1.0, 3.0, 2.0, 4.0]]), 2)
    tensor([[1., 2.]])
    """
    return windows(
        "min", 1, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices, limited=False
    )


@overridable
def min_pool2d(
    input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False,
):
    """Take the minimum of every 2-D window.

    Parameters
    ----------
    input : Tensor of shape (N, C, H, W) or (C, H, W)
        On the CPU, of any dtype from bool to float64, float16 and bfloat16 included. Read in place if it is
        contiguous or has its channels last, which its strides tell.
    kernel_size, stride, padding, dilation, ceil_mode, return_indices
        As in `cpool.min_pool2d`.

    Returns
    -------
    Tensor, or (Tensor, Tensor)
        Of the dtype and memory format of `input`. With `return_indices`, the place of each in its plane, too.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind.
    PoolingError
        If an argument has a value that is not accepted, or no window fits.
    NotImplementedError
        If `input` is not on the CPU, or of a dtype that cpool does not know.

    Examples
    --------
    >>> import torch
    >>> import cpool.torch
    >>> cpool.torch.min_pool2d(torch.tensor([[[1.0, 3.0], [2.0, 4.0]]]), 2)
    tensor([[[1.]]])
    """
    return windows(
        "min", 2, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices, limited=False
    )


@overridable
def min_pool3d(
    input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False,
):
    """Take the minimum of every 3-D window.

    Parameters
    ----------
    input : Tensor of shape (N, C, D, H, W) or (C, D, H, W)
        On the CPU, of any dtype from bool to float64, float16 and bfloat16 included. Read in place if it is
        contiguous or has its channels last, which its strides tell.
    kernel_size, stride, padding, dilation, ceil_mode, return_indices
        As in `cpool.min_pool3d`.

    Returns
    -------
    Tensor, or (Tensor, Tensor)
        Of the dtype and memory format of `input`. With `return_indices`, the place of each in its plane, too.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind.
    PoolingError
        If an argument has a value that is not accepted, or no window fits.
    NotImplementedError
        If `input` is not on the CPU, or of a dtype that cpool does not know.

    Examples
    --------
    >>> import torch
    >>> import cpool.torch
    >>> cpool.torch.min_pool3d(torch.tensor([[[[1.0, 3.0], [2.0, 4.0]]]]), (1, 2, 2))
    tensor([[[[1.]]]])
    """
    return windows(
        "min", 3, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices, limited=False
    )


@overridable
def avg_pool1d(
    input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True,
    divisor_override=None, *, dilation=1,
):
    """Average every 1-D window, as `torch.nn.functional.avg_pool1d`.

    Parameters
    ----------
    input : Tensor of shape (N, C, L) or (C, L)
        On the CPU, of any dtype from bool to float64, float16 and bfloat16 included. Read in place if it is
        contiguous or has its channels last, which its strides tell.
    kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override, dilation
        As in PyTorch. Besides ints, of which padding may be half the window, it is what `cpool.avg_pool1d`
        takes: "same", "same_lower", (before, after) pairs. So is the dilation, which PyTorch does not have.

    Returns
    -------
    Tensor
        Of the dtype and memory format of `input`.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind.
    PoolingError
        If an argument has a value that is not accepted, or no window fits.
    NotImplementedError
        If `input` is not on the CPU, or of a dtype that cpool does not know.

    Notes
    -----
    Averages of integers are rounded to nearest, ties to even; PyTorch rounds toward zero.

    Examples
    --------
    >>> import torch
    >>> import cpool.torch
    >>> cpool.torch.avg_pool1d(torch.tensor([[1.0, 3.0, 2.0, 4.0]]), 2)
    tensor([[2., 3.]])
    """
    return windows(
        "avg", 1, input, kernel_size, stride, padding, dilation, ceil_mode,
        count_include_pad=count_include_pad, divisor_override=divisor_override
    )


@overridable
def avg_pool2d(
    input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True,
    divisor_override=None, *, dilation=1,
):
    """Average every 2-D window, as `torch.nn.functional.avg_pool2d`.

    Parameters
    ----------
    input : Tensor of shape (N, C, H, W) or (C, H, W)
        On the CPU, of any dtype from bool to float64, float16 and bfloat16 included. Read in place if it is
        contiguous or has its channels last, which its strides tell.
    kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override, dilation
        As in PyTorch. Besides ints, of which padding may be half the window, it is what `cpool.avg_pool2d`
        takes: "same", "same_lower", (before, after) pairs. So is the dilation, which PyTorch does not have.

    Returns
    -------
    Tensor
        Of the dtype and memory format of `input`.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind.
    PoolingError
        If an argument has a value that is not accepted, or no window fits.
    NotImplementedError
        If `input` is not on the CPU, or of a dtype that cpool does not know.

    Notes
    -----
    Averages of integers are rounded to nearest, ties to even; PyTorch rounds toward zero.

    Examples
    --------
    >>> import torch
    >>> import cpool.torch
    >>> cpool.torch.avg_pool2d(torch.tensor([[[1.0, 3.0], [2.0, 4.0]]]), 2)
    tensor([[[2.5000]]])
    """
    return windows(
        "avg", 2, input, kernel_size, stride, padding, dilation, ceil_mode,
        count_include_pad=count_include_pad, divisor_override=divisor_override
    )


@overridable
def avg_pool3d(
    input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True,
    divisor_override=None, *, dilation=1,
):
    """Average every 3-D window, as `torch.nn.functional.avg_pool3d`.

    Parameters
    ----------
    input : Tensor of shape (N, C, D, H, W) or (C, D, H, W)
        On the CPU, of any dtype from bool to float64, float16 and bfloat16 included. Read in place if it is
        contiguous or has its channels last, which its strides tell.
    kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override, dilation
        As in PyTorch. Besides ints, of which padding may be half the window, it is what `cpool.avg_pool3d`
        takes: "same", "same_lower", (before, after) pairs. So is the dilation, which PyTorch does not have.

    Returns
    -------
    Tensor
        Of the dtype and memory format of `input`.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind.
    PoolingError
        If an argument has a value that is not accepted, or no window fits.
    NotImplementedError
        If `input` is not on the CPU, or of a dtype that cpool does not know.

    Notes
    -----
    Averages of integers are rounded to nearest, ties to even; PyTorch rounds toward zero.

    Examples
    --------
    >>> import torch
    >>> import cpool.torch
    >>> cpool.torch.avg_pool3d(torch.tensor([[[[1.0, 3.0], [2.0, 4.0]]]]), (1, 2, 2))
    tensor([[[[2.5000]]]])
    """
    return windows(
        "avg", 3, input, kernel_size, stride, padding, dilation, ceil_mode,
        count_include_pad=count_include_pad, divisor_override=divisor_override
    )


@overridable
def sum_pool1d(
    input, kernel_size, stride=None, padding=0, ceil_mode=False, *, dilation=1
):
    """Sum every 1-D window.

    Parameters
    ----------
    input : Tensor of shape (N, C, L) or (C, L)
        On the CPU, of any dtype from bool to float64, float16 and bfloat16 included. Read in place if it is
        contiguous or has its channels last, which its strides tell.
    kernel_size, stride, padding, ceil_mode, dilation
        As in `cpool.sum_pool1d`.

    Returns
    -------
    Tensor
        Of the dtype and memory format of `input`; sums of integers are 64 bits wide.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind.
    PoolingError
        If an argument has a value that is not accepted, or no window fits.
    NotImplementedError
        If `input` is not on the CPU, or of a dtype that cpool does not know.

    Examples
    --------
    >>> import torch
    >>> import cpool.torch
    >>> cpool.torch.sum_pool1d(torch.tensor([[1.0, 3.0, 2.0, 4.0]]), 2)
    tensor([[4., 6.]])
    """
    return windows(
        "sum", 1, input, kernel_size, stride, padding, dilation, ceil_mode, limited=False
    )


@overridable
def sum_pool2d(
    input, kernel_size, stride=None, padding=0, ceil_mode=False, *, dilation=1
):
    """Sum every 2-D window.

    Parameters
    ----------
    input : Tensor of shape (N, C, H, W) or (C, H, W)
        On the CPU, of any dtype from bool to float64, float16 and bfloat16 included. Read in place if it is
        contiguous or has its channels last, which its strides tell.
    kernel_size, stride, padding, ceil_mode, dilation
        As in `cpool.sum_pool2d`.

    Returns
    -------
    Tensor
        Of the dtype and memory format of `input`; sums of integers are 64 bits wide.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind.
    PoolingError
        If an argument has a value that is not accepted, or no window fits.
    NotImplementedError
        If `input` is not on the CPU, or of a dtype that cpool does not know.

    Examples
    --------
    >>> import torch
    >>> import cpool.torch
    >>> cpool.torch.sum_pool2d(torch.tensor([[[1.0, 3.0], [2.0, 4.0]]]), 2)
    tensor([[[10.]]])
    """
    return windows(
        "sum", 2, input, kernel_size, stride, padding, dilation, ceil_mode, limited=False
    )


@overridable
def sum_pool3d(
    input, kernel_size, stride=None, padding=0, ceil_mode=False, *, dilation=1
):
    """Sum every 3-D window.

    Parameters
    ----------
    input : Tensor of shape (N, C, D, H, W) or (C, D, H, W)
        On the CPU, of any dtype from bool to float64, float16 and bfloat16 included. Read in place if it is
        contiguous or has its channels last, which its strides tell.
    kernel_size, stride, padding, ceil_mode, dilation
        As in `cpool.sum_pool3d`.

    Returns
    -------
    Tensor
        Of the dtype and memory format of `input`; sums of integers are 64 bits wide.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind.
    PoolingError
        If an argument has a value that is not accepted, or no window fits.
    NotImplementedError
        If `input` is not on the CPU, or of a dtype that cpool does not know.

    Examples
    --------
    >>> import torch
    >>> import cpool.torch
    >>> cpool.torch.sum_pool3d(torch.tensor([[[[1.0, 3.0], [2.0, 4.0]]]]), (1, 2, 2))
    tensor([[[[10.]]]])
    """
    return windows(
        "sum", 3, input, kernel_size, stride, padding, dilation, ceil_mode, limited=False
    )


@overridable
def lp_pool1d(
    input, norm_type, kernel_size, stride=None, ceil_mode=False, *, padding=0, dilation=1, normalize=False
):
    """Take the Lp norm of every 1-D window, as `torch.nn.functional.lp_pool1d`.

    Parameters
    ----------
    input : Tensor of shape (N, C, L) or (C, L)
        On the CPU, of any dtype from bool to float64, float16 and bfloat16 included. Read in place if it is
        contiguous or has its channels last, which its strides tell.
    norm_type, kernel_size, stride, ceil_mode, padding, dilation, normalize
        As in PyTorch, and what it does not have as in `cpool.lp_pool1d`.

    Returns
    -------
    Tensor
        Of the dtype and memory format of `input`.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind.
    PoolingError
        If an argument has a value that is not accepted, or no window fits.
    NotImplementedError
        If `input` is not on the CPU, or of a dtype that cpool does not know.

    Notes
    -----
    Unlike PyTorch this takes absolute values before any power, and does not scale up the windows that
    `ceil_mode` clips.

    Examples
    --------
    >>> import torch
    >>> import cpool.torch
    >>> cpool.torch.lp_pool1d(torch.tensor([[1.0, 3.0, 2.0, 4.0]]), 2, 2)
    tensor([[3.1623, 4.4721]])
    """
    return windows(
        "lp", 1, input, kernel_size, stride, padding, dilation, ceil_mode, norm_type=norm_type,
        normalize=normalize, limited=False
    )


@overridable
def lp_pool2d(
    input, norm_type, kernel_size, stride=None, ceil_mode=False, *, padding=0, dilation=1, normalize=False
):
    """Take the Lp norm of every 2-D window, as `torch.nn.functional.lp_pool2d`.

    Parameters
    ----------
    input : Tensor of shape (N, C, H, W) or (C, H, W)
        On the CPU, of any dtype from bool to float64, float16 and bfloat16 included. Read in place if it is
        contiguous or has its channels last, which its strides tell.
    norm_type, kernel_size, stride, ceil_mode, padding, dilation, normalize
        As in PyTorch, and what it does not have as in `cpool.lp_pool2d`.

    Returns
    -------
    Tensor
        Of the dtype and memory format of `input`.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind.
    PoolingError
        If an argument has a value that is not accepted, or no window fits.
    NotImplementedError
        If `input` is not on the CPU, or of a dtype that cpool does not know.

    Notes
    -----
    Unlike PyTorch this takes absolute values before any power, and does not scale up the windows that
    `ceil_mode` clips.

    Examples
    --------
    >>> import torch
    >>> import cpool.torch
    >>> cpool.torch.lp_pool2d(torch.tensor([[[1.0, 3.0], [2.0, 4.0]]]), 2, 2)
    tensor([[[5.4772]]])
    """
    return windows(
        "lp", 2, input, kernel_size, stride, padding, dilation, ceil_mode, norm_type=norm_type,
        normalize=normalize, limited=False
    )


@overridable
def lp_pool3d(
    input, norm_type, kernel_size, stride=None, ceil_mode=False, *, padding=0, dilation=1, normalize=False
):
    """Take the Lp norm of every 3-D window, as `torch.nn.functional.lp_pool3d`.

    Parameters
    ----------
    input : Tensor of shape (N, C, D, H, W) or (C, D, H, W)
        On the CPU, of any dtype from bool to float64, float16 and bfloat16 included. Read in place if it is
        contiguous or has its channels last, which its strides tell.
    norm_type, kernel_size, stride, ceil_mode, padding, dilation, normalize
        As in PyTorch, and what it does not have as in `cpool.lp_pool3d`.

    Returns
    -------
    Tensor
        Of the dtype and memory format of `input`.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind.
    PoolingError
        If an argument has a value that is not accepted, or no window fits.
    NotImplementedError
        If `input` is not on the CPU, or of a dtype that cpool does not know.

    Notes
    -----
    Unlike PyTorch this takes absolute values before any power, and does not scale up the windows that
    `ceil_mode` clips.

    Examples
    --------
    >>> import torch
    >>> import cpool.torch
    >>> cpool.torch.lp_pool3d(torch.tensor([[[[1.0, 3.0], [2.0, 4.0]]]]), 2, (1, 2, 2))
    tensor([[[[5.4772]]]])
    """
    return windows(
        "lp", 3, input, kernel_size, stride, padding, dilation, ceil_mode, norm_type=norm_type,
        normalize=normalize, limited=False
    )
