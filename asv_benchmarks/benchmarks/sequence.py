"""Tokens with masks, frames, and ragged rows, beside the ways in which NumPy and PyTorch have them."""

import numpy as np


def _padded(shape):
    """Tokens and a mask, 1 where a token takes part: sentences of any length, padded at the end."""
    rng = np.random.default_rng(20260101)
    x = rng.standard_normal(shape, np.float32)
    lengths = rng.integers(5, shape[1] + 1, shape[0])
    return x, (np.arange(shape[1]) < lengths[:, None]).astype(np.int64)


def _function(name):
    """A function of cpool, which a commit of long ago may not have."""
    import cpool

    if not hasattr(cpool, name):
        raise NotImplementedError(f"no {name} yet")
    return getattr(cpool, name)


class Tokens:
    """Sentence vectors and statistics over time."""

    version = "1"
    params = [
        ["mean", "max", "weightedmean", "mean and max", "stats", "attention"],
        [(64, 128, 768), (16, 512, 384)],
    ]
    param_names = ["op", "shape"]

    def setup(self, op, shape):
        self.x, mask = _padded(shape)
        name = {"stats": "stats_pool", "attention": "attention_pool"}.get(op, "token_pool")
        self.pool, self.back = _function(name), _function(name + "_backward")
        self.options = {"mask": mask}
        if op == "attention":
            self.options["scores"] = self.x[..., 0].copy()
        elif op != "stats":
            self.options["mode"] = op.split(" and ") if " and " in op else op
        self.y = self.pool(self.x, **self.options)
        self.time_backward(op, shape)

    def time_forward(self, op, shape):
        self.pool(self.x, **self.options)

    def time_backward(self, op, shape):
        self.back(self.y, self.x, **self.options)


class Means:
    """The masked mean by other means."""

    version = "1"
    params = [["cpool", "einsum", "torch", "torch bmm"], [(64, 128, 768), (16, 512, 384)]]
    param_names = ["library", "shape"]

    def setup(self, library, shape):
        x, mask = _padded(shape)
        if library == "cpool":
            pool = _function("token_pool")
            self.call = lambda: pool(x, mask)
        elif library == "einsum":
            wide = mask.astype(np.float32)
            self.call = lambda: np.einsum("btw,bt->bw", x, wide) / wide.sum(1, keepdims=True)
        else:
            self.call = self._torch(library, x, mask)
        self.call()

    def _torch(self, library, x, mask):
        try:
            import torch
        except ImportError as reason:
            raise NotImplementedError(str(reason)) from reason
        t, m = torch.from_numpy(x), torch.from_numpy(mask)
        if library == "torch bmm":
            wide = m.float()[:, None, :]
            return lambda: torch.bmm(wide, t)[:, 0] / torch.clamp(wide.sum(2), min=1e-9)

        def pooling():  # as sentence-transformers does
            wide = m.unsqueeze(-1).expand(t.size()).float()
            return torch.sum(t * wide, 1) / torch.clamp(wide.sum(1), min=1e-9)

        return pooling

    def time_mean(self, library, shape):
        self.call()


class Segments:
    """A million elements in segments of random length."""

    version = "1"
    params = [["cpool", "reduceat"], ["sum", "max"], [1, 64], [4, 50, 300]]
    param_names = ["library", "op", "width", "length"]

    def setup(self, library, op, width, length):
        rng = np.random.default_rng(20260101)
        rows = 1_000_000 // width
        offsets = np.append(0, np.cumsum(rng.integers(1, 2 * length, rows // length)))
        x = rng.standard_normal((offsets[-1], width), np.float32)
        if library == "cpool":
            pool = _function("segment_pool")
            self.call = lambda: pool(x, offsets, op)
        else:
            step = {"sum": np.add, "max": np.maximum}[op]
            self.call = lambda: step.reduceat(x, offsets[:-1])
        self.call()

    def time_segments(self, library, op, width, length):
        self.call()
