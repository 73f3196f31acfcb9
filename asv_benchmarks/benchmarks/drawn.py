"""Fractional pooling, S3Pool and derivatives along tangents, beside what PyTorch has of them."""

import numpy as np

from .common import workloads

LAYERS = {
    "vgg_pool1": ((8, 64, 112, 112), 2, (78, 78)),
    "vgg_pool3": ((4, 256, 56, 56), 2, (39, 39)),
    "wide": ((8, 64, 112, 112), 3, (56, 56)),
    "image": ((1, 3, 1024, 1024), 2, (724, 724)),
    "last": ((8, 512, 14, 14), 2, (9, 9)),
}


def arrays(layer):
    """x and the samples of a layer, its kernel and its output size."""
    shape, kernel, out = LAYERS[layer]
    rng = np.random.default_rng(workloads.SEED)
    x = rng.standard_normal(shape, np.float32)
    return x, rng.random((*shape[:2], 2), np.float32), kernel, out


class Fractional:
    version = "1"
    params = (list(LAYERS), ["max", "max indices", "avg", "max backward", "avg backward"])
    param_names = ["layer", "what"]

    def setup(self, layer, what):
        import cpool

        x, samples, kernel, out = arrays(layer)
        op, _, rest = what.partition(" ")
        pool = getattr(cpool, f"fractional_{op}_pool2d")
        given = {"kernel_size": kernel, "output_size": out, "random_samples": samples}
        self.call = lambda: pool(x, **given)
        if rest == "indices":
            self.call = lambda: pool(x, return_indices=True, **given)
        if rest == "backward":
            backward = getattr(cpool, f"fractional_{op}_pool2d_backward")
            y = pool(x, **given)
            more = {}
            if op == "max":
                more["indices"] = pool(x, return_indices=True, **given)[1]
            self.call = lambda: backward(y, x, **given, **more)

    def time_pool(self, layer, what):
        self.call()


class FractionalTorch:
    """The same layers in PyTorch, which always finds the indices."""

    version = "1"
    params = (list(LAYERS), ["max", "max backward"])
    param_names = ["layer", "what"]

    def setup(self, layer, what):
        try:
            import torch
        except ImportError:
            raise NotImplementedError from None
        x, samples, kernel, out = arrays(layer)
        pool = torch.nn.functional.fractional_max_pool2d
        x, samples = torch.from_numpy(x), torch.from_numpy(samples)
        self.call = lambda: pool(x, kernel, output_size=out, _random_samples=samples)
        if what == "max backward":
            x.requires_grad_()
            y = self.call()
            g = torch.ones_like(y)
            self.call = lambda: torch.autograd.grad(y, x, g, retain_graph=True)

    def time_pool(self, layer, what):
        self.call()


class Derivatives:
    """Along a tangent: what a linear operator, a search with known indices and a norm cost."""

    version = "1"
    params = ["avg_pool2d", "max_pool2d", "max_pool2d indices", "lp_pool2d"]
    param_names = ["what"]

    def setup(self, what):
        import cpool

        x, _, _, _ = arrays("vgg_pool1")
        name, _, rest = what.partition(" ")
        jvp, lead = getattr(cpool, f"{name}_jvp"), (2,) if name == "lp_pool2d" else ()
        given = {"indices": cpool.max_pool2d(x, 2, return_indices=True)[1]} if rest else {}
        self.call = lambda: jvp(x, x, *lead, 2, **given)

    def time_jvp(self, what):
        self.call()
