"""Pooling of windows that follow from the sizes of input and output, and of everything."""

from ._arguments import adaptive, in_each_dimension, over_all, whole

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


@in_each_dimension("x, {o}", "tensor([[3., 4.]])", "tensor([[[4.]]])", "tensor([[[[4.]]]])")
def adaptive_max_pool(n):
    def function(input, output_size, return_indices=False):
        """Take the maximum of {n}-D windows that divide the input, as
        `torch.nn.functional.{name}`.

        Parameters
        ----------
        {input}
        output_size, return_indices
            As in PyTorch: None keeps the size of an axis.

        Returns
        -------
        Tensor, or (Tensor, Tensor)
            Of the dtype and memory format of `input`. With `return_indices`, the
            place of each in its plane, too.

        {raises}

        {example}
        """
        return adaptive("max", n, input, output_size, return_indices)
    return function


adaptive_max_pool1d, adaptive_max_pool2d, adaptive_max_pool3d = adaptive_max_pool


@in_each_dimension("x, {o}", "tensor([[1., 2.]])", "tensor([[[1.]]])", "tensor([[[[1.]]]])")
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
            Of the dtype and memory format of `input`. With `return_indices`, the
            place of each in its plane, too.

        {raises}

        {example}
        """
        return adaptive("min", n, input, output_size, return_indices)
    return function


adaptive_min_pool1d, adaptive_min_pool2d, adaptive_min_pool3d = adaptive_min_pool


@in_each_dimension("x, {o}", "tensor([[2., 3.]])", "tensor([[[2.5000]]])", "tensor([[[[2.5000]]]])")
def adaptive_avg_pool(n):
    def function(input, output_size):
        """Average {n}-D windows that divide the input, as
        `torch.nn.functional.{name}`.

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


@in_each_dimension("x, {o}", "tensor([[4., 6.]])", "tensor([[[10.]]])", "tensor([[[[10.]]]])")
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
            Of the dtype and memory format of `input`; sums of integers are 64 bits
            wide.

        {raises}

        {example}
        """
        return adaptive("sum", n, input, output_size)
    return function


adaptive_sum_pool1d, adaptive_sum_pool2d, adaptive_sum_pool3d = adaptive_sum_pool


@in_each_dimension(
    "x, 2, {o}", "tensor([[3.1623, 4.4721]])", "tensor([[[5.4772]]])", "tensor([[[[5.4772]]]])",
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


@over_all("x", "tensor([[4.]])")
def global_max_pool(input, *, spatial_ndim=None, keepdims=False, return_indices=False):
    """Take the maximum of all spatial axes.

    Parameters
    ----------
    {input}
    spatial_ndim, keepdims, return_indices
        As in `cpool.global_max_pool`: without `spatial_ndim`, all axes but two
        are spatial.

    Returns
    -------
    Tensor, or (Tensor, Tensor)
        {whole}; of the dtype of `input`.
        With `return_indices`, the place of each in its plane, too.

    {raises}

    {example}
    """
    return whole("max", input, spatial_ndim, keepdims, return_indices)


@over_all("x", "tensor([[1.]])")
def global_min_pool(input, *, spatial_ndim=None, keepdims=False, return_indices=False):
    """Take the minimum of all spatial axes.

    Parameters
    ----------
    {input}
    spatial_ndim, keepdims, return_indices
        As in `cpool.global_min_pool`: without `spatial_ndim`, all axes but two
        are spatial.

    Returns
    -------
    Tensor, or (Tensor, Tensor)
        {whole}; of the dtype of `input`.
        With `return_indices`, the place of each in its plane, too.

    {raises}

    {example}
    """
    return whole("min", input, spatial_ndim, keepdims, return_indices)


@over_all("x", "tensor([[2.5000]])")
def global_avg_pool(input, *, spatial_ndim=None, keepdims=False):
    """Average all spatial axes.

    Parameters
    ----------
    {input}
    spatial_ndim, keepdims
        As in `cpool.global_avg_pool`: without `spatial_ndim`, all axes but two
        are spatial.

    Returns
    -------
    Tensor
        {whole}; of the dtype of `input`.

    {raises}

    {example}
    """
    return whole("avg", input, spatial_ndim, keepdims)


@over_all("x", "tensor([[10.]])")
def global_sum_pool(input, *, spatial_ndim=None, keepdims=False):
    """Sum all spatial axes.

    Parameters
    ----------
    {input}
    spatial_ndim, keepdims
        As in `cpool.global_sum_pool`: without `spatial_ndim`, all axes but two
        are spatial.

    Returns
    -------
    Tensor
        {whole}; of the dtype of `input`; sums of integers are 64 bits wide.

    {raises}

    {example}
    """
    return whole("sum", input, spatial_ndim, keepdims)


@over_all("x, 2", "tensor([[5.4772]])")
def global_lp_pool(input, norm_type, *, spatial_ndim=None, keepdims=False, normalize=False):
    """Take the Lp norm of all spatial axes.

    Parameters
    ----------
    {input}
    norm_type, spatial_ndim, keepdims, normalize
        As in `cpool.global_lp_pool`: without `spatial_ndim`, all axes but two
        are spatial.

    Returns
    -------
    Tensor
        {whole}; of the dtype of `input`.

    {raises}

    {example}
    """
    return whole("lp", input, spatial_ndim, keepdims, norm_type=norm_type, normalize=normalize)
