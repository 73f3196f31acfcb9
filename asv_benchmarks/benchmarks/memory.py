"""Peak memory of a process that makes one call; `peakmem_reference` is the same process without the call.

The difference should be the output and at most 1 MB per thread.
"""

from .common import WORKLOADS, peers, workloads


class Peak:
    version = "1"
    params = ["resnet_stem/f32", "resnet_stem/f16", "vgg_pool1/f32_cl", "image_block_max/u8_8",
              "morphology/f32_31", "box_filter/f32_31", "resnet_gap/f32", "adaptive/avg_30to7",
              "backward/resnet_stem_max", "backward/densenet_avg_cl"]
    param_names = ["layer"]

    def setup(self, layer):
        chosen = WORKLOADS[layer]
        self.call = peers.PEERS["cpool"].make(chosen, workloads.inputs(chosen), 1).call

    def peakmem_reference(self, layer):
        pass

    def peakmem_call(self, layer):
        self.call()
