"""Boxes over the feature map of a detector, and several scales of a large image."""

import numpy as np

OPERATORS = {
    "roi_pool": {},
    "roi_align": {"sampling_ratio": 2, "aligned": True},
    "roi_align, adaptive": {"aligned": True},
    "roi_align, max": {"sampling_ratio": 2, "mode": "max"},
    "prroi_pool": {},
}


class Regions:
    """512 boxes over 2 x 256 x 50 x 68, 7 x 7 bins each."""

    version = "1"
    params = [list(OPERATORS), ["channels_first", "channels_last"]]
    param_names = ["operator", "layout"]

    def setup(self, operator, layout):
        import cpool

        rng = np.random.default_rng(0)
        name = operator.partition(",")[0]
        self.pool = getattr(cpool, name, None)
        if self.pool is None:
            raise NotImplementedError(f"no {name} yet")
        shape = (2, 256, 50, 68) if layout == "channels_first" else (2, 50, 68, 256)
        self.x = rng.standard_normal(shape, np.float32)
        corners = np.sort(rng.uniform(0, 16, (512, 2, 2)), axis=1).reshape(512, 4) * [68, 50, 68, 50]
        self.boxes = np.column_stack([rng.integers(0, 2, 512), corners])
        self.options = OPERATORS[operator] | {"data_format": layout}
        self.back = getattr(cpool, f"{name}_backward")
        self.y = self.pool(self.x, self.boxes, 7, 1 / 16, **self.options)
        self.time_backward(operator, layout)

    def time_forward(self, operator, layout):
        self.pool(self.x, self.boxes, 7, 1 / 16, **self.options)

    def time_backward(self, operator, layout):
        self.back(self.y, self.x, self.boxes, 7, 1 / 16, **self.options)


class Pyramid:
    """Five levels of a 4096 x 4096 image."""

    version = "2"
    params = [["avg", "max", "mode"], ["uint8", "uint16", "float32"]]
    param_names = ["op", "dtype"]

    def setup(self, op, dtype):
        import cpool

        self.pool = getattr(cpool, "pool_pyramid", None)
        if self.pool is None or (op, dtype) == ("mode", "float32"):
            raise NotImplementedError("no pool_pyramid yet, or labels that are no integers")
        self.x = np.random.default_rng(0).integers(0, 256, (4096, 4096)).astype(dtype)
        self.time_forward(op, dtype)

    def time_forward(self, op, dtype):
        self.pool(self.x, 5, 2, op, spatial_ndim=2)
