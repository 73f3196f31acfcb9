"""The forward pass of known layers."""

from .common import FORWARD, WORKLOADS, prepared, workloads


class Forward:
    version = "2"
    params = FORWARD
    param_names = ["layer"]

    def setup(self, layer):
        self.call = prepared("cpool", layer).call

    def time_pool(self, layer):
        self.call()


class Into:
    """Into an output that exists: the kernel without the system's page faults."""

    version = "1"
    params = ["resnet_stem/f32", "vgg_pool1/f32", "vgg_pool1/f32_cl", "image_block_mean/f32_2"]
    param_names = ["layer"]

    def setup(self, layer):
        import cpool

        chosen = WORKLOADS[layer]
        self.pool, self.arguments = getattr(cpool, chosen.function), chosen.arguments()
        self.x = workloads.inputs(chosen)["x"]
        self.out = self.pool(self.x, **self.arguments)

    def time_pool(self, layer):
        self.pool(self.x, out=self.out, **self.arguments)
