"""Pooling of PyTorch's tensors on the CPU: the functions and modules of
`torch.nn`, and cpool's own.

>>> import torch
>>> import cpool.torch
>>> x = torch.arange(16.0).reshape(1, 1, 4, 4).requires_grad_()
>>> y = cpool.torch.max_pool2d(x, 2)
>>> y.sum().backward()
>>> x.grad[0, 0, 1].tolist()
[0.0, 1.0, 0.0, 1.0]

Names, arguments and results are those of `torch.nn.functional` and
`torch.nn`, so `cpool.torch.replace` can swap the layers of a model. What
these do not have is called as in cpool, but for what PyTorch has other
ways: no `dtype`, `data_format` or `out`, and no `rng`, as PyTorch's
generator draws. Arguments that have a gradient of their own are parameters
of a module.

Tensors are read and written without a copy, channels-last ones in that
format. All derivatives exist, forward and backward, and of any order;
`torch.func`, `torch.compile`, also of both, and `torch.export` work. cpool
uses as many threads as PyTorch (`torch.set_num_threads`) unless it has been
told otherwise.
"""

from ._optional import package

package("torch", "torch")

from ._torch import _modules, _replace, _tensors  # noqa: E402

globals().update(_modules.FUNCTIONS | _modules.LAYERS)
PoolingError, replace, restore = _tensors.PoolingError, _replace.replace, _replace.restore
__all__ = sorted(["PoolingError", "replace", "restore", *_modules.FUNCTIONS, *_modules.LAYERS])

for _name in __all__:       # as they are known, in messages and in what is pickled
    globals()[_name].__module__ = __name__
del _name
