"""Pooling of PyTorch's tensors on the CPU: the functions and modules of `torch.nn`, and cpool's own.

>>> import torch
>>> import cpool.torch
>>> x = torch.arange(16.0).reshape(1, 1, 4, 4).requires_grad_()
>>> y = cpool.torch.max_pool2d(x, 2)
>>> y.sum().backward()
>>> x.grad[0, 0, 1].tolist()
[0.0, 1.0, 0.0, 1.0]

Names, arguments and results are those of `torch.nn.functional` and `torch.nn`, so `cpool.torch.replace` can
swap the layers of a model. Tensors are read and written without a copy, channels-last ones in that format.
All derivatives exist, forward and backward, and of any order; `torch.func`, `torch.compile` and
`torch.export` work. cpool uses as many threads as PyTorch (`torch.set_num_threads`) unless it has been told
otherwise.
"""

from ._optional import package

package("torch", "torch")

from ._torch._adaptive import (  # noqa: E402
    adaptive_avg_pool1d,
    adaptive_avg_pool2d,
    adaptive_avg_pool3d,
    adaptive_lp_pool1d,
    adaptive_lp_pool2d,
    adaptive_lp_pool3d,
    adaptive_max_pool1d,
    adaptive_max_pool2d,
    adaptive_max_pool3d,
    adaptive_min_pool1d,
    adaptive_min_pool2d,
    adaptive_min_pool3d,
    adaptive_sum_pool1d,
    adaptive_sum_pool2d,
    adaptive_sum_pool3d,
    global_avg_pool,
    global_lp_pool,
    global_max_pool,
    global_min_pool,
    global_sum_pool,
)
from ._torch._modules import (  # noqa: E402
    AdaptiveAvgPool1d,
    AdaptiveAvgPool2d,
    AdaptiveAvgPool3d,
    AdaptiveLPPool1d,
    AdaptiveLPPool2d,
    AdaptiveLPPool3d,
    AdaptiveMaxPool1d,
    AdaptiveMaxPool2d,
    AdaptiveMaxPool3d,
    AdaptiveMinPool1d,
    AdaptiveMinPool2d,
    AdaptiveMinPool3d,
    AdaptiveSumPool1d,
    AdaptiveSumPool2d,
    AdaptiveSumPool3d,
    AvgPool1d,
    AvgPool2d,
    AvgPool3d,
    GlobalAvgPool,
    GlobalLPPool,
    GlobalMaxPool,
    GlobalMinPool,
    GlobalSumPool,
    LPPool1d,
    LPPool2d,
    LPPool3d,
    MaxPool1d,
    MaxPool2d,
    MaxPool3d,
    MaxUnpool1d,
    MaxUnpool2d,
    MaxUnpool3d,
    MinPool1d,
    MinPool2d,
    MinPool3d,
    SumPool1d,
    SumPool2d,
    SumPool3d,
)
from ._torch._replace import replace, restore  # noqa: E402
from ._torch._tensors import PoolingError  # noqa: E402
from ._torch._unpool import (  # noqa: E402
    max_unpool1d,
    max_unpool2d,
    max_unpool3d,
)
from ._torch._windows import (  # noqa: E402
    avg_pool1d,
    avg_pool2d,
    avg_pool3d,
    lp_pool1d,
    lp_pool2d,
    lp_pool3d,
    max_pool1d,
    max_pool2d,
    max_pool3d,
    min_pool1d,
    min_pool2d,
    min_pool3d,
    sum_pool1d,
    sum_pool2d,
    sum_pool3d,
)

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

for _name in __all__:       # as they are known, in messages and in what is pickled
    globals()[_name].__module__ = __name__
del _name
