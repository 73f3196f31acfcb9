"""The backward pass of known layers."""

import numpy as np

from .common import LAYERS, SEED, forward_call, function

NAMES = ["resnet_stem/f32", "resnet_stem/f32_cl", "vgg_pool1/f32", "inception_avg/f32",
         "densenet_transition/f32", "densenet_transition/f32_cl", "resnet_gap/f32", "video/max_333s2p1",
         "adaptive/avg_30to7", "l2/k2s2"]


def backward_arguments(layer, **more):
    chosen = LAYERS[layer]
    arguments = dict(chosen.arguments, **more)
    if chosen.op.startswith("global_"):
        arguments["spatial_ndim"] = chosen.nd
    x, call = forward_call(chosen)
    y = call(x)
    grad = np.random.default_rng(SEED).standard_normal(y.shape, dtype=np.float32)
    return function(chosen, "_backward"), grad, x, arguments


class Backward:
    """As a caller has it who kept x and nothing else: max searches its windows again."""

    version = "1"
    params = NAMES
    param_names = ["layer"]

    def setup(self, layer):
        self.back, self.grad, self.x, self.arguments = backward_arguments(layer)
        self.back(self.grad, self.x, **self.arguments)

    def time_backward(self, layer):
        self.back(self.grad, self.x, **self.arguments)


class FromIndices:
    """Max pooling's backward pass from the indices of the forward pass."""

    version = "1"
    params = [name for name in NAMES if LAYERS[name].op == "max_pool"]
    param_names = ["layer"]

    def setup(self, layer):
        self.back, self.grad, x, self.arguments = backward_arguments(layer)
        chosen = LAYERS[layer]
        _, self.indices = function(chosen)(x, return_indices=True, **chosen.arguments)
        self.shape = x.shape
        self.time_backward(layer)

    def time_backward(self, layer):
        self.back(self.grad, self.shape, indices=self.indices, **self.arguments)


class Unpool:
    version = "1"
    params = ["vgg_pool1/f32", "vgg_pool1/f32_cl"]
    param_names = ["layer"]

    def setup(self, layer):
        import cpool

        chosen = LAYERS[layer]
        x, _ = forward_call(chosen)
        self.y, self.indices = function(chosen)(x, return_indices=True, **chosen.arguments)
        self.unpool, self.layout = cpool.max_unpool2d, chosen.layout
        self.time_unpool(layer)

    def time_unpool(self, layer):
        self.unpool(self.y, self.indices, 2, data_format=self.layout)
