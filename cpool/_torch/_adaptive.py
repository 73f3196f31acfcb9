"""Pooling of windows that follow from the sizes of input and output, and of everything."""

from ._arguments import adaptive, in_each_dimension, overridable, whole

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


@in_each_dimension("{x}, {o}", "tensor([[3., 4.]])", "tensor([[[4.]]])", "tensor([[[[4.]]]])")
def adaptive_max_pool(n):
    def function(input, output_size, return_indices=False):
        """Take the maximum of {n}-D windows that divide the input, as `torch.nn.functional.{name}`.

        Parameters
        ----------
        {input}
        output_size, return_indices
            As in PyTorch: None keeps the size of an axis.

        Returns
        -------
        Tensor, or (Tensor, Tensor)
            Of the dtype and memory format of `input`. With `return_indices`, the place of each in its plane,
            too.

        {raises}

        {example}
        """
        return adaptive("max", n, input, output_size, return_indices)
    return function


adaptive_max_pool1d, adaptive_max_pool2d, adaptive_max_pool3d = adaptive_max_pool


@in_each_dimension("{x}, {o}", "tensor([[1., 2.]])", "tensor([[[1.]]])", "tensor([[[[1.]]]])")
def adaptive_min_pool(n):
    def function(input, output_size, return_indices=False):
        """Take the minimum of {n}-D windows that divide the input.

        Parameters
        ----------
        {input}
        output_size, return_indices
            As in `cpool.{name}`.

        Returns
        -------
        Tensor, or (Tensor, Tensor)
            Of the dtype and memory format of `input`. With `return_indices`, the place of each in its plane,
            too.

        {raises}

        {example}
        """
        return adaptive("min", n, input, output_size, return_indices)
    return function


adaptive_min_pool1d, adaptive_min_pool2d, adaptive_min_pool3d = adaptive_min_pool


@in_each_dimension("{x}, {o}", "tensor([[2., 3.]])", "tensor([[[2.5000]]])", "tensor([[[[2.5000]]]])")
def adaptive_avg_pool(n):
    def function(input, output_size):
        """Average {n}-D windows that divide the input, as `torch.nn.functional.{name}`.

        Parameters
        ----------
        {input}
        output_size
            As in PyTorch: None keeps the size of an axis.

        Returns
        -------
        Tensor
            Of the dtype and memory format of `input`.

        {raises}

        {example}
        """
        return adaptive("avg", n, input, output_size)
    return function


adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d = adaptive_avg_pool


@in_each_dimension("{x}, {o}", "tensor([[4., 6.]])", "tensor([[[10.]]])", "tensor([[[[10.]]]])")
def adaptive_sum_pool(n):
    def function(input, output_size):
        """Sum {n}-D windows that divide the input.

        Parameters
        ----------
        {input}
        output_size
            As in `cpool.{name}`.

        Returns
        -------
        Tensor
            Of the dtype and memory format of `input`; sums of integers are 64 bits wide.

        {raises}

        {example}
        """
        return adaptive("sum", n, input, output_size)
    return function


adaptive_sum_pool1d, adaptive_sum_pool2d, adaptive_sum_pool3d = adaptive_sum_pool


@in_each_dimension(
    "{x}, 2, {o}", "tensor([[3.1623, 4.4721]])", "tensor([[[5.4772]]])", "tensor([[[[5.4772]]]])",
)
def adaptive_lp_pool(n):
    def function(input, norm_type, output_size, *, normalize=False):
        """Take the Lp norm of {n}-D windows that divide the input.

        Parameters
        ----------
        {input}
        norm_type, output_size, normalize
            As in `cpool.{name}`.

        Returns
        -------
        Tensor
            Of the dtype and memory format of `input`.

        {raises}

        {example}
        """
        return adaptive("lp", n, input, output_size, norm_type=norm_type, normalize=normalize)
    return function


adaptive_lp_pool1d, adaptive_lp_pool2d, adaptive_lp_pool3d = adaptive_lp_pool


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
