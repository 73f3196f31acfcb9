"""The way back from pooling, with the names and arguments of `torch.nn.functional`."""

from ._arguments import overridable, unpooled

__all__ = [
    "max_unpool1d",
    "max_unpool2d",
    "max_unpool3d",
]


@overridable
def max_unpool1d(input, indices, kernel_size, stride=None, padding=0, output_size=None):
    """Put the results of 1-D pooling back where they came from, as `torch.nn.functional.max_unpool1d`.

    Parameters
    ----------
    input : Tensor of shape (N, C, L) or (C, L)
        On the CPU, of any dtype from bool to float64, float16 and bfloat16 included. Read in place if it is
        contiguous or has its channels last, which its strides tell.
    indices : Tensor of int64 or int32
        What the pooling returned: of the shape of `input`. At -1 nothing is put.
    kernel_size, stride, padding, output_size
        As in PyTorch.

    Returns
    -------
    Tensor
        Of the dtype and memory format of `input`. Of several elements for one place, the last stays.

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
    >>> x = torch.tensor([[1.0, 3.0, 2.0, 4.0]])
    >>> values, indices = cpool.torch.max_pool1d(x, 2, return_indices=True)
    >>> cpool.torch.max_unpool1d(values, indices, 2)
    tensor([[0., 3., 0., 4.]])
    """
    return unpooled(1, input, indices, kernel_size, stride, padding, output_size)


@overridable
def max_unpool2d(input, indices, kernel_size, stride=None, padding=0, output_size=None):
    """Put the results of 2-D pooling back where they came from, as `torch.nn.functional.max_unpool2d`.

    Parameters
    ----------
    input : Tensor of shape (N, C, H, W) or (C, H, W)
        On the CPU, of any dtype from bool to float64, float16 and bfloat16 included. Read in place if it is
        contiguous or has its channels last, which its strides tell.
    indices : Tensor of int64 or int32
        What the pooling returned: of the shape of `input`. At -1 nothing is put.
    kernel_size, stride, padding, output_size
        As in PyTorch.

    Returns
    -------
    Tensor
        Of the dtype and memory format of `input`. Of several elements for one place, the last stays.

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
    >>> x = torch.tensor([[[1.0, 3.0], [2.0, 4.0]]])
    >>> values, indices = cpool.torch.max_pool2d(x, 2, return_indices=True)
    >>> cpool.torch.max_unpool2d(values, indices, 2)
    tensor([[[0., 0.],
             [0., 4.]]])
    """
    return unpooled(2, input, indices, kernel_size, stride, padding, output_size)


@overridable
def max_unpool3d(input, indices, kernel_size, stride=None, padding=0, output_size=None):
    """Put the results of 3-D pooling back where they came from, as `torch.nn.functional.max_unpool3d`.

    Parameters
    ----------
    input : Tensor of shape (N, C, D, H, W) or (C, D, H, W)
        On the CPU, of any dtype from bool to float64, float16 and bfloat16 included. Read in place if it is
        contiguous or has its channels last, which its strides tell.
    indices : Tensor of int64 or int32
        What the pooling returned: of the shape of `input`. At -1 nothing is put.
    kernel_size, stride, padding, output_size
        As in PyTorch.

    Returns
    -------
    Tensor
        Of the dtype and memory format of `input`. Of several elements for one place, the last stays.

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
    >>> x = torch.tensor([[[[1.0, 3.0], [2.0, 4.0]]]])
    >>> values, indices = cpool.torch.max_pool3d(x, (1, 2, 2), return_indices=True)
    >>> cpool.torch.max_unpool3d(values, indices, (1, 2, 2))
    tensor([[[[0., 0.],
              [0., 4.]]]])
    """
    return unpooled(3, input, indices, kernel_size, stride, padding, output_size)
