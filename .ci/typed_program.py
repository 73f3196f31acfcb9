"""A program as a user with a strict type checker writes it: it must pass, it is never run."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

import cpool
import cpool.torch

x: NDArray[Any] = np.zeros((2, 3, 8, 8), np.float32)
y: NDArray[Any] = cpool.max_pool2d(x, 2)
values, indices = cpool.max_pool2d(x, (3, 3), stride=2, padding=[(0, 1), (1, 0)], return_indices=True)
back: NDArray[Any] = cpool.max_pool2d_backward(values, x, 3, 2, indices=indices)
mean: NDArray[Any] = cpool.avg_pool1d([1.0, 2.0, 3.0], 2, padding="same", count_include_pad=False)
norm: NDArray[Any] = cpool.lp_pool3d(np.ones((4, 4, 4)), 2.0, 2, normalize=True, dtype=np.float64)
total: NDArray[Any] = cpool.global_sum_pool(x, data_format="channels_last", keepdims=True)
small: NDArray[Any] = cpool.adaptive_avg_pool2d(x, (None, 7))
cpool.sum_pool2d(x, 2, out=np.empty((2, 3, 4, 4), np.float32))
restored: NDArray[Any] = cpool.max_unpool2d(values, indices, 2, output_size=(8, 8))
shape: tuple[int, ...] = cpool.output_shape((1, 3, 224, 224), 2)
onnx: NDArray[Any] = cpool.convert_indices(indices, x.shape, source="torch", target="onnx")
layer = cpool.layers.MaxPool2d(2)
layer.backward(np.ones_like(layer(x)))
with cpool.num_threads(2):
    threads: int = cpool.get_num_threads()
cpool.set_num_threads(None)
cpool.show_config()

t: torch.Tensor = cpool.torch.max_pool2d(torch.zeros(1, 2, 8, 8), 2, padding="same")
most, places = cpool.torch.max_pool2d(t, (2, 2), 2, 0, 1, False, True)
least, places = cpool.torch.global_min_pool(t, return_indices=True)
model: torch.nn.Sequential = cpool.torch.replace(torch.nn.Sequential(torch.nn.MaxPool2d(2)))
average = cpool.torch.AvgPool2d(3, 2, 1, dilation=2)
t = average(t) + cpool.torch.max_unpool2d(most, places, 2, output_size=t.shape)
