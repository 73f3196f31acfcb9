"""Networks in PyTorch with their own pooling layers and with those of cpool, eager: `cpool.torch.replace`.

Without asv, in the folder above: ``python -m benchmarks.models`` prints the medians of all in milliseconds.
"""

from itertools import pairwise

from .common import THREADS

try:
    import torch
    from torch import nn

    import cpool.torch
except ImportError:         # not installed, or a commit before the adapter
    torch = None


def block(inputs, outputs, stride):
    """A residual block of two convolutions."""
    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.body = nn.Sequential(
                nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(),
                nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False), nn.BatchNorm2d(outputs),
            )
            same = inputs == outputs and stride == 1
            self.skip = nn.Identity() if same else nn.Conv2d(inputs, outputs, 1, stride, bias=False)

        def forward(self, x):
            return torch.relu(self.body(x) + self.skip(x))

    return Block()


def resnet():
    """A network of the shape of ResNet-18: one maximum behind the stem, one average before the head."""
    widths = (64, 64, 128, 256, 512)
    blocks = [
        layer for before, width in pairwise(widths)
        for layer in (block(before, width, 1 if before == width else 2), block(width, width, 1))
    ]
    stem = nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(3, 2, 1)
    return nn.Sequential(*stem, *blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 1000))


def vgg():
    """A network of the shape of VGG-11, with a small head: five maxima and one average."""
    layers, before = [], 3
    for width in 64, "pool", 128, "pool", 256, 256, "pool", 512, 512, "pool", 512, 512, "pool":
        if width == "pool":
            layers.append(nn.MaxPool2d(2))
        else:
            layers += [nn.Conv2d(before, width, 3, padding=1), nn.ReLU()]
            before = width
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 1000))


# the pooling layers alone, with the shapes that they see in a batch of 8 pictures of 224 x 224
STACKS = {
    "resnet": (("max", (64, 112, 112)), ("avg", (512, 7, 7))),
    "vgg": (*(("max2", shape) for shape in (
        (64, 224, 224), (128, 112, 112), (256, 56, 56), (512, 28, 28), (512, 14, 14)
    )), ("avg", (512, 7, 7))),
}


class Both:
    """The parameters of the two suites."""

    param_names = ("network", "pooling", "pass", "format")
    params = (("resnet", "vgg"), ("torch", "cpool"), ("forward", "forward+backward"), ("first", "last"))
    version = "1"
    timeout = 300

    def prepare(self, layers, shapes, pooling, kind, format):
        torch.set_num_threads(THREADS)
        memory = torch.channels_last if format == "last" else torch.contiguous_format
        self.layers = [layer.to(memory_format=memory) for layer in layers]
        for layer in self.layers:
            if pooling == "cpool":
                cpool.torch.replace(layer)
        training = kind != "forward"
        self.inputs = [torch.randn(8, *shape).contiguous(memory_format=memory) for shape in shapes]
        self.gradients = [None] * len(shapes)
        for i, (layer, x) in enumerate(zip(self.layers, self.inputs, strict=True)):
            if training:
                x.requires_grad_()
                self.gradients[i] = torch.randn_like(layer(x))
        self.run()

    def run(self):
        for layer, x, g in zip(self.layers, self.inputs, self.gradients, strict=True):
            if g is None:
                with torch.no_grad():
                    layer(x)
            else:
                x.grad = None
                layer(x).backward(g)


class PoolingLayers(Both):
    """The pooling layers of a network, one after the other, each on an input of its own."""

    def setup(self, network, pooling, kind, format):
        if torch is None:
            raise NotImplementedError("needs PyTorch and cpool.torch")
        made = {"max": lambda: nn.MaxPool2d(3, 2, 1), "max2": lambda: nn.MaxPool2d(2),
                "avg": lambda: nn.AdaptiveAvgPool2d(1)}
        layers = [made[name]() for name, _ in STACKS[network]]
        self.prepare(layers, [shape for _, shape in STACKS[network]], pooling, kind, format)

    def time_pooling_layers(self, network, pooling, kind, format):
        self.run()


class WholeNetworks(Both):
    """The whole network, on pictures of 128 x 128."""

    def setup(self, network, pooling, kind, format):
        if torch is None:
            raise NotImplementedError("needs PyTorch and cpool.torch")
        torch.manual_seed(0)
        model = {"resnet": resnet, "vgg": vgg}[network]().train(kind != "forward")
        self.prepare([model], [(3, 128, 128)], pooling, kind, format)

    def time_whole_network(self, network, pooling, kind, format):
        self.run()


def report(suite, repeat=5):
    """Print the medians of a suite, PyTorch's beside those of cpool, taken in turns."""
    import statistics
    import timeit

    for network in Both.params[0]:
        for kind in Both.params[2]:
            for format in Both.params[3]:
                pair = [suite() for _ in Both.params[1]]
                for each, pooling in zip(pair, Both.params[1], strict=True):
                    each.setup(network, pooling, kind, format)
                times = [[timeit.timeit(each.run, number=1) * 1e3 for each in pair] for _ in range(repeat)]
                medians = [statistics.median(column) for column in zip(*times, strict=True)]
                case = f"{suite.__name__:14} {network:7} {kind:17} {format:6} {THREADS} thread(s)"
                print(f"{case} torch {medians[0]:8.2f}  cpool {medians[1]:8.2f}", flush=True)


if __name__ == "__main__":
    report(PoolingLayers, 7)
    report(WholeNetworks, 3)
