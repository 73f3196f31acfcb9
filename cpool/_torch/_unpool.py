"""The way back from pooling, with the names and arguments of `torch.nn.functional`."""

from ._arguments import in_each_dimension, unpooled

__all__ = [
    "max_unpool1d",
    "max_unpool2d",
    "max_unpool3d",
]


@in_each_dimension(
    "*cpool.torch.max_pool{n}d(x, {k}, return_indices=True), {k}", "tensor([[0., 3., 0., 4.]])",
    "tensor([[[0., 0.],\n                 [0., 4.]]])", "tensor([[[[0., 0.],\n                  [0., 4.]]]])",
)
def max_unpool(n):
    def function(input, indices, kernel_size, stride=None, padding=0, output_size=None):
        """Put the results of {n}-D pooling back where they came from, as
        `torch.nn.functional.{name}`.

        Parameters
        ----------
        {input}
        indices : Tensor of int64 or int32
            What the pooling returned: of the shape of `input`. At -1 nothing is
            put.
        kernel_size, stride, padding, output_size
            As in PyTorch.

        Returns
        -------
        Tensor
            Of the dtype and memory format of `input`. Of several elements for one
            place, the last stays.

        {raises}

        {example}
        """
        return unpooled(n, input, indices, kernel_size, stride, padding, output_size)
    return function


max_unpool1d, max_unpool2d, max_unpool3d = max_unpool
