"""The backward pass of known layers."""

from .common import BACKWARD, WORKLOADS, prepared, workloads

SEARCHED = [name for name in BACKWARD if WORKLOADS[name].op == "max_pool"]


class Backward:
    """As a layer has it that kept what its gradient needs: of max pooling the indices."""

    version = "2"
    params = BACKWARD
    param_names = ["layer"]

    def setup(self, layer):
        self.call = prepared("cpool", layer).call

    def time_backward(self, layer):
        self.call()


class FromInput:
    """Max pooling's backward pass for a caller who kept only x: the windows are searched again."""

    version = "1"
    params = SEARCHED
    param_names = ["layer"]

    def setup(self, layer):
        import cpool

        chosen = WORKLOADS[layer]
        arrays = workloads.inputs(chosen)
        self.back, self.arguments = getattr(cpool, chosen.function), chosen.arguments()
        self.grad, self.x = arrays["grad"], arrays["x"]
        self.time_backward(layer)

    def time_backward(self, layer):
        self.back(self.grad, self.x, **self.arguments)


class Unpool:
    version = "1"
    params = ["vgg_pool1/f32", "vgg_pool1/f32_cl"]
    param_names = ["layer"]

    def setup(self, layer):
        import cpool

        chosen = WORKLOADS[layer]
        x = workloads.inputs(chosen)["x"]
        self.y, self.indices = cpool.max_pool2d(x, return_indices=True, **chosen.arguments())
        self.unpool, self.layout = cpool.max_unpool2d, chosen.layout
        self.time_unpool(layer)

    def time_unpool(self, layer):
        self.unpool(self.y, self.indices, 2, data_format=self.layout)
