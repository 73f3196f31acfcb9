"""What is not a layer of the table: lines, blocks, and whole windows with masks and NaN."""

import numpy as np

WINDOWS = {"2x2": {"kernel_size": 2}, "3x3": {"kernel_size": 3, "stride": 2, "padding": 1}}


class KMax:
    """The k largest of every line, in their order."""

    version = "1"
    params = [["float32", "int16"], [3, 30, 300]]
    param_names = ["dtype", "k"]

    def setup(self, dtype, k):
        import cpool

        rng = np.random.default_rng(20260101)
        self.kmax = cpool.kmax_pool
        self.x = (rng.standard_normal((64, 100, 512)) * 1000).astype(dtype)
        self.time_kmax(dtype, k)

    def time_kmax(self, dtype, k):
        self.kmax(self.x, k)

    def time_kmax_indices(self, dtype, k):
        self.kmax(self.x, k, True)


class Blocks:
    """block_reduce over a picture in colour, as scikit-image's callers have it."""

    version = "1"
    params = [["max", "mean", "median", "std", "mode"], ["pad", "trim", "partial"]]
    param_names = ["func", "edge"]

    def setup(self, func, edge):
        import cpool

        rng = np.random.default_rng(20260101)
        self.reduce = cpool.block_reduce
        self.x = rng.integers(0, 256, (1081, 1921, 3), np.uint8)
        self.time_blocks(func, edge)

    def time_blocks(self, func, edge):
        self.reduce(self.x, (4, 4, 1), func, edge=edge)


class Absent:
    """Medians and deviations of windows that lack elements."""

    version = "1"
    params = [["median_pool2d", "std_pool2d"], ["whole", "mask", "omit", "padding"]]
    param_names = ["function", "lack"]

    def setup(self, function, lack):
        import cpool

        rng = np.random.default_rng(20260101)
        self.pool = getattr(cpool, function)
        self.x = rng.standard_normal((8, 64, 56, 56), np.float32)
        self.arguments = {"kernel_size": 3, "stride": 2}
        if lack == "mask":
            self.arguments["mask"] = rng.random(self.x.shape[1:]) < 0.8
        elif lack == "omit":
            self.x[rng.random(self.x.shape) < 0.2] = np.nan
            self.arguments["nan_policy"] = "omit"
        elif lack == "padding":
            self.arguments["padding"] = 1
        self.time_pool(function, lack)

    def time_pool(self, function, lack):
        self.pool(self.x, **self.arguments)


class Masked:
    """Averages of what a mask leaves: they are to take 1.5 times as long as those of everything at most."""

    version = "1"
    params = [["float32", "float64"], ["whole", "mask", "shared mask", "omit"], ["2x2", "3x3"]]
    param_names = ["dtype", "lack", "window"]

    def setup(self, dtype, lack, window):
        import cpool

        rng = np.random.default_rng(20260101)
        self.pool = cpool.avg_pool2d
        self.x = rng.standard_normal((4, 64, 112, 112), dtype)
        self.arguments = dict(WINDOWS[window])
        if "mask" in lack:
            shape = self.x.shape if lack == "mask" else self.x.shape[2:]
            self.arguments["mask"] = rng.random(shape) < 0.7
        elif lack == "omit":
            self.arguments["nan_policy"] = "omit"
        self.out = self.pool(self.x, **self.arguments)

    def time_pool(self, dtype, lack, window):
        self.pool(self.x, out=self.out, **self.arguments)


class Smooth:
    """Smooth reducers beside the average of the same windows: they are to take 6 times as long at most."""

    version = "1"
    params = [["avg", "soft", "lse", "gem", "detail"], ["float32", "float64"], ["2x2", "3x3"]]
    param_names = ["op", "dtype", "window"]

    def setup(self, op, dtype, window):
        import cpool

        rng = np.random.default_rng(20260101)
        self.pool = getattr(cpool, f"{op}_pool2d")
        self.back = getattr(cpool, f"{op}_pool2d_backward")
        self.x = rng.standard_normal((4, 64, 112, 112), dtype)
        self.arguments = dict(WINDOWS[window])
        self.out = self.pool(self.x, **self.arguments)

    def time_pool(self, op, dtype, window):
        self.pool(self.x, out=self.out, **self.arguments)

    def time_backward(self, op, dtype, window):
        self.back(self.out, self.x, **self.arguments)
