"""How each library is asked for a workload, in the way that is quickest with what it offers to its users.

A peer is a function of (workload, arrays, threads) that imports its library and returns a `Call`, or raises
`Cannot` with a few words on what it can do instead. Arrays are brought into the library's own containers
beforehand, without a copy where there is a way, and results back afterwards: neither is timed. The library
allocates its outputs as it does for everyone.
"""

import itertools
import math
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from . import frameworks, imaging
from .common import Call, Cannot, neutral
from .workloads import LAST, Workload

Arrays = dict[str, np.ndarray]


def numpy_reshape(chosen: Workload, arrays: Arrays, threads: int) -> Call:
    """Blocks as axes of their own, reduced in one go."""
    x = arrays["x"]
    first = len(chosen.leading) - (chosen.layout == LAST)
    if chosen.family == "global":
        axes = tuple(range(first, first + chosen.ndim))
        split = x.shape
    else:
        if not chosen.blocks:
            raise Cannot("only windows that tile the array")
        cells = [size for n, k in zip(chosen.spatial, chosen.kernel, strict=True) for size in (n // k, k)]
        split = (*x.shape[:first], *cells, *x.shape[first + chosen.ndim :])
        axes = tuple(range(first + 1, first + 2 * chosen.ndim, 2))
    if chosen.indices:
        raise Cannot("no indices")
    if chosen.kind == "lp":
        raise Cannot("only max, min, mean and sum")
    if chosen.backward:
        if chosen.kind not in ("avg", "sum") or chosen.family == "global":
            raise Cannot("only gradients of means and sums of windows")
        grad = np.expand_dims(arrays["grad"], axes)
        scale = np.asarray(1 / math.prod(chosen.kernel) if chosen.kind == "avg" else 1, x.dtype)

        def spread() -> np.ndarray:
            out = np.empty(split, x.dtype)
            np.multiply(grad, scale, out=out)
            return out.reshape(x.shape)

        return Call(spread)
    reduce: Any = {"max": np.max, "min": np.min, "avg": np.mean, "sum": np.sum}[chosen.kind]
    if chosen.kind == "avg" and x.dtype.kind in "iu":
        return Call(lambda: np.rint(reduce(x.reshape(split), axis=axes)).astype(x.dtype))
    return Call(lambda: reduce(x.reshape(split), axis=axes))


def numpy_slices(chosen: Workload, arrays: Arrays, threads: int) -> Call:
    """One strided slice for each tap of the window, combined into the output one after the other."""
    x = arrays["x"]
    if chosen.family or chosen.indices or chosen.backward:
        raise Cannot("only windows, forward, no indices")
    if math.prod(chosen.kernel) > 64:
        raise Cannot("only windows of at most 64 taps")
    if chosen.kind not in ("max", "min") and x.dtype.kind in "biu":
        raise Cannot("only sums of floats")
    if chosen.kind == "lp" and chosen.norm_type != 2:
        raise Cannot("only p = 2")
    first = len(chosen.leading) - (chosen.layout == LAST)
    pads = [(0, 0)] * x.ndim
    pads[first : first + chosen.ndim] = [(p, p) for p in chosen.padding]
    fill: Any = 0
    if chosen.kind in ("max", "min") and any(chosen.padding):
        fill = neutral(chosen.kind, x.dtype)

    def taps(padded: np.ndarray) -> Iterator[np.ndarray]:
        for offsets in itertools.product(*map(range, chosen.kernel)):
            cut = [slice(None)] * x.ndim
            for axis, (o, s, n) in enumerate(
                zip(offsets, chosen.stride, chosen.output_spatial, strict=True), first
            ):
                cut[axis] = slice(o, o + s * (n - 1) + 1, s)
            yield padded[tuple(cut)]

    counts: Any = math.prod(chosen.kernel)
    if not chosen.include_pad and any(chosen.padding):
        ones = np.pad(np.ones_like(x[(slice(0, 1),) * first]), pads)
        counts = sum(taps(ones))
    scale = np.asarray(1 / counts, x.dtype) if chosen.kind == "avg" else None
    combine = {"max": np.maximum, "min": np.minimum}.get(chosen.kind, np.add)
    power = chosen.kind == "lp"

    def pool() -> np.ndarray:
        padded = np.pad(x, pads, constant_values=fill) if any(chosen.padding) else x
        out: Any = None
        for tap in taps(padded):
            value = tap * tap if power else tap
            out = value.copy() if out is None else combine(out, value, out=out)
        if scale is not None:
            np.multiply(out, scale, out=out)
        return np.sqrt(out, out=out) if power else out

    return Call(pool)


def cpool(chosen: Workload, arrays: Arrays, threads: int) -> Call:
    import cpool

    cpool.set_num_threads(threads)
    function = getattr(cpool, chosen.function, None)
    if function is None:
        raise Cannot(f"no {chosen.function} in cpool {cpool.__version__}")
    arguments, x = chosen.arguments(), arrays["x"]
    if "mask" in arrays:
        arguments["mask"] = arrays["mask"]
    if not chosen.backward:
        return Call(lambda: function(x, **arguments))
    arguments.pop("return_indices", None)
    grad = arrays["grad"]
    like: Any = x.shape if chosen.kind in ("avg", "sum") else x
    if "indices" in arrays:
        like, arguments["indices"] = x.shape, arrays["indices"]
    return Call(lambda: function(grad, like, **arguments))


def copy(chosen: Workload, arrays: Arrays, threads: int) -> Call:
    """The floor: half the workload's bytes read, and as many written, each thread its own part."""
    half = max(1, chosen.bytes_moved // 2)
    threads = threads if half // threads >= 1 << 14 else 1
    source, target = np.ones(half, np.uint8), np.zeros(half, np.uint8)
    cuts = [half * i // threads for i in range(threads + 1)]
    parts = [(target[a:b], source[a:b]) for a, b in itertools.pairwise(cuts)]

    def move(part: int, calls: int) -> None:
        to, what = parts[part]
        for _ in range(calls):
            np.copyto(to, what)

    def timed(calls: int) -> float:
        helpers = [threading.Thread(target=move, args=(i, calls)) for i in range(1, threads)]
        start = time.perf_counter()
        for helper in helpers:
            helper.start()
        move(0, calls)
        for helper in helpers:
            helper.join()
        return time.perf_counter() - start

    return Call(lambda: np.copyto(target, source), timed=timed)


class Peer(NamedTuple):
    """A library, or one way of using it.

    Attributes
    ----------
    module, distribution : str
        Where it comes from.
    ready : callable
        The function described above.
    kinds : tuple of str
        What it can compute of a window; empty if the function says so itself.
    masks : bool
        Whether elements can be left out.
    """

    module: str
    distribution: str
    ready: Callable[[Workload, Arrays, int], Call]
    kinds: tuple[str, ...] = ()
    masks: bool = False

    def make(self, chosen: Workload, arrays: Arrays, threads: int) -> Call:
        """Return the call that is timed, or raise Cannot."""
        if self.kinds and chosen.kind not in self.kinds:
            raise Cannot("no such operator")
        if "mask" in arrays and not self.masks:
            raise Cannot("no masks")
        return self.ready(chosen, arrays, threads)


USUAL = ("max", "min", "avg", "sum", "lp")
PEERS = {
    "copy": Peer("numpy", "numpy", copy, masks=True),
    "cpool": Peer("cpool", "cpool", cpool, masks=True),
    "numpy-reshape": Peer("numpy", "numpy", numpy_reshape, USUAL),
    "numpy-slices": Peer("numpy", "numpy", numpy_slices, USUAL),
    "torch": Peer("torch", "torch", frameworks.torch, USUAL, masks=True),
    "torch-onednn": Peer("torch", "torch", frameworks.torch_onednn, USUAL),
    "onnxruntime": Peer("onnxruntime", "onnxruntime", frameworks.onnxruntime, USUAL),
    "openvino": Peer("openvino", "openvino", frameworks.openvino, USUAL),
    "jax": Peer("jax", "jax", frameworks.jax, USUAL),
    "tensorflow": Peer("tensorflow", "tensorflow", frameworks.tensorflow, USUAL),
    "opencv": Peer("cv2", "opencv-python", imaging.opencv),
    "scipy": Peer("scipy", "scipy", imaging.scipy),
    "scikit-image": Peer("skimage", "scikit-image", imaging.scikit_image),
    "tinybrain": Peer("tinybrain", "tinybrain", imaging.tinybrain),
}
