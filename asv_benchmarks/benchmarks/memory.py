"""Peak memory of a process that makes one call; `peakmem_reference` is the same process without the call.

The difference should be the output and at most 1 MB per thread.
"""

from .backward import backward_arguments
from .common import LAYERS, forward_call


class Forward:
    version = "1"
    params = ["resnet_stem/f32", "resnet_stem/f16", "vgg_pool1/f32_cl", "image_block_max/u8_8",
              "morphology/f32_31", "box_filter/f32_31", "resnet_gap/f32", "adaptive/avg_30to7"]
    param_names = ["layer"]

    def setup(self, layer):
        self.x, self.call = forward_call(LAYERS[layer])

    def peakmem_reference(self, layer):
        pass

    def peakmem_pool(self, layer):
        self.call(self.x)


class Backward:
    version = "1"
    params = ["resnet_stem/f32", "densenet_transition/f32_cl"]
    param_names = ["layer"]

    def setup(self, layer):
        self.back, self.grad, self.x, self.arguments = backward_arguments(layer)

    def peakmem_reference(self, layer):
        pass

    def peakmem_backward(self, layer):
        self.back(self.grad, self.x, **self.arguments)
