"""What a call costs beside the pooling: arrays so small that nothing else is left."""

import numpy as np

from .common import TINY, prepared


class Tiny:
    version = "1"
    params = TINY
    param_names = ["layer"]

    def setup(self, layer):
        self.call = prepared("cpool", layer).call

    def time_call(self, layer):
        self.call()


class Around:
    """Entry points around the kernels, on a 1x1x4x4 array."""

    version = "1"

    def setup(self):
        import cpool

        self.cpool = cpool
        self.x = np.arange(16, dtype=np.float32).reshape(1, 1, 4, 4)
        self.nested = self.x[0, 0].tolist()
        self.grad = np.ones((1, 1, 2, 2), np.float32)
        self.out = np.empty((1, 1, 2, 2), np.float32)
        self.layer = cpool.layers.MaxPool2d(2)

    def time_positional(self):
        self.cpool.max_pool2d(self.x, 2)

    def time_out(self):
        self.cpool.max_pool2d(self.x, 2, out=self.out)

    def time_backward(self):
        self.cpool.avg_pool2d_backward(self.grad, self.x, 2)

    def time_nested_list(self):
        self.cpool.max_pool2d(self.nested, 2)

    def time_layer(self):
        self.layer(self.x)

    def time_output_shape(self):
        self.cpool.output_shape((1, 3, 224, 224), 3, 2, 1)

    def time_get_num_threads(self):
        self.cpool.get_num_threads()


class NewShapes:
    """A shape that was never seen: the plan is made anew."""

    version = "1"
    number, repeat, warmup_time = 1, (20, 200, 2.0), 0

    def setup(self):
        import cpool

        self.pool = cpool.max_pool2d
        rows, columns = np.random.default_rng().integers(4, 64, 2)
        self.x = np.ones((int(rows), int(columns)), np.int8)

    def time_first_call(self):
        self.pool(self.x, 2)
