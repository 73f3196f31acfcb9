"""The forward pass of known layers."""

from .common import LAYERS, forward_call


class Forward:
    version = "1"
    params = list(LAYERS)
    param_names = ["layer"]

    def setup(self, layer):
        self.x, self.call = forward_call(LAYERS[layer])
        self.call(self.x)               # the pool of threads and the pages of the output exist from here on

    def time_pool(self, layer):
        self.call(self.x)


class Into:
    """Into an output that exists: the kernel without the system's page faults."""

    version = "1"
    params = ["resnet_stem/f32", "vgg_pool1/f32", "vgg_pool1/f32_cl", "image_block_mean/f32_2"]
    param_names = ["layer"]

    def setup(self, layer):
        chosen = LAYERS[layer]
        self.x, call = forward_call(chosen)
        self.out = call(self.x)
        from .common import function
        self.pool, self.arguments = function(chosen), chosen.arguments

    def time_pool(self, layer):
        self.pool(self.x, out=self.out, **self.arguments)
