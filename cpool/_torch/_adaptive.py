"""Pooling of windows that follow from the sizes of input and output, and of everything."""

from ._arguments import adaptive, overridable, whole

__all__ = [
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
    "global_avg_pool",
    "global_lp_pool",
    "global_max_pool",
    "global_min_pool",
    "global_sum_pool",
]


@overridable
def adaptive_max_pool1d(input, output_size, return_indices=False):
    """Take the maximum of 1-D windows that divide the input, as `torch.nn.functional.adaptive_max_pool1d`.

    Parameters
    ----------
    input : Tensor of shape (N, C, L) or (C, L)
        On the CPU, of any dtype from bool to float64, float16 and bfloat16 included. Read in place if it is
        contiguous or has its channels last, which its strides tell.
    output_size, return_indices
        As in PyTorch: None keeps the size of an axis.

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
    >>> cpool.torch.adaptive_max_pool1d(torch.tensor([[1.0, 3.0, 2.0, 4.0]]), 2)
    tensor([[3., 4.]])
    """
    return adaptive("max", 1, input, output_size, return_indices)


@overridable
def adaptive_max_pool2d(input, output_size, return_indices=False):
    """Take the maximum of 2-D windows that divide the input, as `torch.nn.functional.adaptive_max_pool2d`.

    Parameters
    ----------
    input : Tensor of shape (N, C, H, W) or (C, H, W)
        On the CPU, of any dtype from bool to float64, float16 and bfloat16 included. Read in place if it is
        contiguous or has its channels last, which its strides tell.
    output_size, return_indices
        As in PyTorch: None keeps the size of an axis.

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
    >>> cpool.torch.adaptive_max_pool2d(torch.tensor([[[1.0, 3.0], [2.0, 4.0]]]), 1)
    tensor([[[4.]]])
    """
    return adaptive("max", 2, input, output_size, return_indices)


@overridable
def adaptive_max_pool3d(input, output_size, return_indices=False):
    """Take the maximum of 3-D windows that divide the input, as `torch.nn.functional.adaptive_max_pool3d`.

    Parameters
    ----------
    input : Tensor of shape (N, C, D, H, W) or (C, D, H, W)
        On the CPU, of any dtype from bool to float64, float16 and bfloat16 included. Read in place if it is
        contiguous or has its channels last, which its strides tell.
    output_size, return_indices
        As in PyTorch: None keeps the size of an axis.

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
    >>> cpool.torch.adaptive_max_pool3d(torch.tensor([[[[1.0, 3.0], [2.0, 4.0]]]]), 1)
    tensor([[[[4.]]]])
    """
    return adaptive("max", 3, input, output_size, return_indices)


@overridable
def adaptive_min_pool1d(input, output_size, return_indices=False):
    """Take the minimum of 1-D windows that divide the input.

    Parameters
    ----------
    input : Tensor of shape (N, C, L) or (C, L)
        On the CPU, of any dtype from bool to float64, float16 and bfloat16 included. Read in place if it is
        contiguous or has its channels last, which its strides tell.
    output_size, return_indices
        As in `cpool.adaptive_min_pool1d`.

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
    >>> cpool.torch.adaptive_min_pool1d(torch.tensor([[1.0, 3.0, 2.0, 4.0]]), 2)
    tensor([[1., 2.]])
    """
    return adaptive("min", 1, input, output_size, return_indices)


@overridable
def adaptive_min_pool2d(input, output_size, return_indices=False):
    """Take the minimum of 2-D windows that divide the input.

    Parameters
    ----------
    input : Tensor of shape (N, C, H, W) or (C, H, W)
        On the CPU, of any dtype from bool to float64, float16 and bfloat16 included. Read in place if it is
        contiguous or has its channels last, which its strides tell.
    output_size, return_indices
        As in `cpool.adaptive_min_pool2d`.

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
    >>> cpool.torch.adaptive_min_pool2d(torch.tensor([[[1.0, 3.0], [2.0, 4.0]]]), 1)
    tensor([[[1.]]])
    """
    return adaptive("min", 2, input, output_size, return_indices)


@overridable
def adaptive_min_pool3d(input, output_size, return_indices=False):
    """Take the minimum of 3-D windows that divide the input.

    Parameters
    ----------
    input : Tensor of shape (N, C, D, H, W) or (C, D, H, W)
        On the CPU, of any dtype from bool to float64, float16 and bfloat16 included. Read in place if it is
        contiguous or has its channels last, which its strides tell.
    output_size, return_indices
        As in `cpool.adaptive_min_pool3d`.

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
    >>> cpool.torch.adaptive_min_pool3d(torch.tensor([[[[1.0, 3.0], [2.0, 4.0]]]]), 1)
    tensor([[[[1.]]]])
    """
    return adaptive("min", 3, input, output_size, return_indices)


@overridable
def adaptive_avg_pool1d(input, output_size):
    """Average 1-D windows that divide the input, as `torch.nn.functional.adaptive_avg_pool1d`.

    Parameters
    ----------
    input : Tensor of shape (N, C, L) or (C, L)
        On the CPU, of any dtype from bool to float64, float16 and bfloat16 included. Read in place if it is
        contiguous or has its channels last, which its strides tell.
    output_size
        As in PyTorch: None keeps the size of an axis.

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

    Examples
    --------
    >>> import torch
    >>> import cpool.torch
    >>> cpool.torch.adaptive_avg_pool1d(torch.tensor([[1.0, 3.0, 2.0, 4.0]]), 2)
    tensor([[2., 3.]])
    """
    return adaptive("avg", 1, input, output_size)


@overridable
def adaptive_avg_pool2d(input, output_size):
    """Average 2-D windows that divide the input, as `torch.nn.functional.adaptive_avg_pool2d`.

    Parameters
    ----------
    input : Tensor of shape (N, C, H, W) or (C, H, W)
        On the CPU, of any dtype from bool to float64, float16 and bfloat16 included. Read in place if it is
        contiguous or has its channels last, which its strides tell.
    output_size
        As in PyTorch: None keeps the size of an axis.

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

    Examples
    --------
    >>> import torch
    >>> import cpool.torch
    >>> cpool.torch.adaptive_avg_pool2d(torch.tensor([[[1.0, 3.0], [2.0, 4.0]]]), 1)
    tensor([[[2.5000]]])
    """
    return adaptive("avg", 2, input, output_size)


@overridable
def adaptive_avg_pool3d(input, output_size):
    """Average 3-D windows that divide the input, as `torch.nn.functional.adaptive_avg_pool3d`.

    Parameters
    ----------
    input : Tensor of shape (N, C, D, H, W) or (C, D, H, W)
        On the CPU, of any dtype from bool to float64, float16 and bfloat16 included. Read in place if it is
        contiguous or has its channels last, which its strides tell.
    output_size
        As in PyTorch: None keeps the size of an axis.

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

    Examples
    --------
    >>> import torch
    >>> import cpool.torch
    >>> cpool.torch.adaptive_avg_pool3d(torch.tensor([[[[1.0, 3.0], [2.0, 4.0]]]]), 1)
    tensor([[[[2.5000]]]])
    """
    return adaptive("avg", 3, input, output_size)


@overridable
def adaptive_sum_pool1d(input, output_size):
    """Sum 1-D windows that divide the input.

    Parameters
    ----------
    input : Tensor of shape (N, C, L) or (C, L)
        On the CPU, of any dtype from bool to float64, float16 and bfloat16 included. Read in place if it is
        contiguous or has its channels last, which its strides tell.
    output_size
        As in `cpool.adaptive_sum_pool1d`.

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
    >>> cpool.torch.adaptive_sum_pool1d(torch.tensor([[1.0, 3.0, 2.0, 4.0]]), 2)
    tensor([[4., 6.]])
    """
    return adaptive("sum", 1, input, output_size)


@overridable
def adaptive_sum_pool2d(input, output_size):
    """Sum 2-D windows that divide the input.

    Parameters
    ----------
    input : Tensor of shape (N, C, H, W) or (C, H, W)
        On the CPU, of any dtype from bool to float64, float16 and bfloat16 included. Read in place if it is
        contiguous or has its channels last, which its strides tell.
    output_size
        As in `cpool.adaptive_sum_pool2d`.

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
    >>> cpool.torch.adaptive_sum_pool2d(torch.tensor([[[1.0, 3.0], [2.0, 4.0]]]), 1)
    tensor([[[10.]]])
    """
    return adaptive("sum", 2, input, output_size)


@overridable
def adaptive_sum_pool3d(input, output_size):
    """Sum 3-D windows that divide the input.

    Parameters
    ----------
    input : Tensor of shape (N, C, D, H, W) or (C, D, H, W)
        On the CPU, of any dtype from bool to float64, float16 and bfloat16 included. Read in place if it is
        contiguous or has its channels last, which its strides tell.
    output_size
        As in `cpool.adaptive_sum_pool3d`.

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
    >>> cpool.torch.adaptive_sum_pool3d(torch.tensor([[[[1.0, 3.0], [2.0, 4.0]]]]), 1)
    tensor([[[[10.]]]])
    """
    return adaptive("sum", 3, input, output_size)


@overridable
def adaptive_lp_pool1d(input, norm_type, output_size, *, normalize=False):
    """Take the Lp norm of 1-D windows that divide the input.

    Parameters
    ----------
    input : Tensor of shape (N, C, L) or (C, L)
        On the CPU, of any dtype from bool to float64, float16 and bfloat16 included. Read in place if it is
        contiguous or has its channels last, which its strides tell.
    norm_type, output_size, normalize
        As in `cpool.adaptive_lp_pool1d`.

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

    Examples
    --------
    >>> import torch
    >>> import cpool.torch
    >>> cpool.torch.adaptive_lp_pool1d(torch.tensor([[1.0, 3.0, 2.0, 4.0]]), 2, 2)
    tensor([[3.1623, 4.4721]])
    """
    return adaptive("lp", 1, input, output_size, norm_type=norm_type, normalize=normalize)


@overridable
def adaptive_lp_pool2d(input, norm_type, output_size, *, normalize=False):
    """Take the Lp norm of 2-D windows that divide the input.

    Parameters
    ----------
    input : Tensor of shape (N, C, H, W) or (C, H, W)
        On the CPU, of any dtype from bool to float64, float16 and bfloat16 included. Read in place if it is
        contiguous or has its channels last, which its strides tell.
    norm_type, output_size, normalize
        As in `cpool.adaptive_lp_pool2d`.

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

    Examples
    --------
    >>> import torch
    >>> import cpool.torch
    >>> cpool.torch.adaptive_lp_pool2d(torch.tensor([[[1.0, 3.0], [2.0, 4.0]]]), 2, 1)
    tensor([[[5.4772]]])
    """
    return adaptive("lp", 2, input, output_size, norm_type=norm_type, normalize=normalize)


@overridable
def adaptive_lp_pool3d(input, norm_type, output_size, *, normalize=False):
    """Take the Lp norm of 3-D windows that divide the input.

    Parameters
    ----------
    input : Tensor of shape (N, C, D, H, W) or (C, D, H, W)
        On the CPU, of any dtype from bool to float64, float16 and bfloat16 included. Read in place if it is
        contiguous or has its channels last, which its strides tell.
    norm_type, output_size, normalize
        As in `cpool.adaptive_lp_pool3d`.

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

    Examples
    --------
    >>> import torch
    >>> import cpool.torch
    >>> cpool.torch.adaptive_lp_pool3d(torch.tensor([[[[1.0, 3.0], [2.0, 4.0]]]]), 2, 1)
    tensor([[[[5.4772]]]])
    """
    return adaptive("lp", 3, input, output_size, norm_type=norm_type, normalize=normalize)


@overridable
def global_max_pool(input, *, spatial_ndim=None, keepdims=False, return_indices=False):
    """Take the maximum of all spatial axes.

    Parameters
    ----------
    input : Tensor of shape (..., *spatial)
        On the CPU, of any dtype from bool to float64, float16 and bfloat16 included.
    spatial_ndim, keepdims, return_indices
        As in `cpool.global_max_pool`: without `spatial_ndim`, all axes but two are spatial.

    Returns
    -------
    Tensor, or (Tensor, Tensor)
        Without the spatial axes, or with a size of 1 for each if `keepdims`; of the dtype of `input`. With
        `return_indices`, the place of each in its plane, too.

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
    >>> cpool.torch.global_max_pool(torch.tensor([[[[1.0, 3.0], [2.0, 4.0]]]]))
    tensor([[4.]])
    """
    return whole("max", input, spatial_ndim, keepdims, return_indices)


@overridable
def global_min_pool(input, *, spatial_ndim=None, keepdims=False, return_indices=False):
    """Take the minimum of all spatial axes.

    Parameters
    ----------
    input : Tensor of shape (..., *spatial)
        On the CPU, of any dtype from bool to float64, float16 and bfloat16 included.
    spatial_ndim, keepdims, return_indices
        As in `cpool.global_min_pool`: without `spatial_ndim`, all axes but two are spatial.

    Returns
    -------
    Tensor, or (Tensor, Tensor)
        Without the spatial axes, or with a size of 1 for each if `keepdims`; of the dtype of `input`. With
        `return_indices`, the place of each in its plane, too.

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
    >>> cpool.torch.global_min_pool(torch.tensor([[[[1.0, 3.0], [2.0, 4.0]]]]))
    tensor([[1.]])
    """
    return whole("min", input, spatial_ndim, keepdims, return_indices)


@overridable
def global_avg_pool(input, *, spatial_ndim=None, keepdims=False):
    """Average all spatial axes.

    Parameters
    ----------
    input : Tensor of shape (..., *spatial)
        On the CPU, of any dtype from bool to float64, float16 and bfloat16 included.
    spatial_ndim, keepdims
        As in `cpool.global_avg_pool`: without `spatial_ndim`, all axes but two are spatial.

    Returns
    -------
    Tensor
        Without the spatial axes, or with a size of 1 for each if `keepdims`; of the dtype of `input`.

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
    >>> cpool.torch.global_avg_pool(torch.tensor([[[[1.0, 3.0], [2.0, 4.0]]]]))
    tensor([[2.5000]])
    """
    return whole("avg", input, spatial_ndim, keepdims)


@overridable
def global_sum_pool(input, *, spatial_ndim=None, keepdims=False):
    """Sum all spatial axes.

    Parameters
    ----------
    input : Tensor of shape (..., *spatial)
        On the CPU, of any dtype from bool to float64, float16 and bfloat16 included.
    spatial_ndim, keepdims
        As in `cpool.global_sum_pool`: without `spatial_ndim`, all axes but two are spatial.

    Returns
    -------
    Tensor
        Without the spatial axes, or with a size of 1 for each if `keepdims`; of the dtype of `input`; sums of
        integers are 64 bits wide.

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
    >>> cpool.torch.global_sum_pool(torch.tensor([[[[1.0, 3.0], [2.0, 4.0]]]]))
    tensor([[10.]])
    """
    return whole("sum", input, spatial_ndim, keepdims)


@overridable
def global_lp_pool(input, norm_type, *, spatial_ndim=None, keepdims=False, normalize=False):
    """Take the Lp norm of all spatial axes.

    Parameters
    ----------
    input : Tensor of shape (..., *spatial)
        On the CPU, of any dtype from bool to float64, float16 and bfloat16 included.
    norm_type, spatial_ndim, keepdims, normalize
        As in `cpool.global_lp_pool`: without `spatial_ndim`, all axes but two are spatial.

    Returns
    -------
    Tensor
        Without the spatial axes, or with a size of 1 for each if `keepdims`; of the dtype of `input`.

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
    >>> cpool.torch.global_lp_pool(torch.tensor([[[[1.0, 3.0], [2.0, 4.0]]]]), 2)
    tensor([[5.4772]])
    """
    return whole("lp", input, spatial_ndim, keepdims, norm_type=norm_type, normalize=normalize)
