"""Layers by the names under which they are known, their arrays, and the bytes that they must move."""

import math
from typing import Any, NamedTuple

import numpy as np

SEED = 20260101
FIRST, LAST = "channels_first", "channels_last"


class Workload(NamedTuple):
    """One pooling call.

    Attributes
    ----------
    name : str
        "group/variant", the same for `cpool bench` and for the asv suites.
    op : str
        The public function without its dimension: "max_pool", "global_avg_pool", ...
    ndim : int
        How many axes are pooled.
    shape : tuple of int
        (..., channels, *spatial); with channels last, memory holds (..., *spatial, channels).
    kernel, stride, padding, output_size : tuple of int
        One for each pooled axis; empty where the operator has no such argument.
    include_pad, indices, norm_type, backward
        Whether an average counts the padding, whether positions are returned too, the p of a p-norm, and
        whether the gradient is computed instead.
    values : {"random", "nan", "sorted", "labels", "masked"}
        Labels: in every block of the kernel's size all elements but one are the same. Masked: a mask, one for
        all planes, leaves out three elements in ten.
    options : tuple of (str, value) pairs
        Other arguments of the function.
    """

    name: str
    op: str
    ndim: int
    shape: tuple[int, ...]
    kernel: tuple[int, ...] = ()
    stride: tuple[int, ...] = ()
    padding: tuple[int, ...] = ()
    output_size: tuple[int, ...] = ()
    dtype: str = "float32"
    layout: str = FIRST
    include_pad: bool = True
    indices: bool = False
    norm_type: float = 2.0
    backward: bool = False
    values: str = "random"
    options: tuple[tuple[str, Any], ...] = ()

    @property
    def kind(self) -> str:
        """What is computed of each window: max, min, avg, sum, lp, median, ..."""
        return self.op.removesuffix("_pool").rpartition("_")[2]

    @property
    def family(self) -> str:
        """The windows: "" for those of a kernel, "adaptive" or "global"."""
        return self.op.removesuffix("_pool").rpartition("_")[0]

    @property
    def leading(self) -> tuple[int, ...]:
        return self.shape[: len(self.shape) - self.ndim]

    @property
    def spatial(self) -> tuple[int, ...]:
        return self.shape[len(self.shape) - self.ndim :]

    @property
    def output_spatial(self) -> tuple[int, ...]:
        if self.family == "global":
            return ()
        if self.family == "adaptive":
            return self.output_size
        sizes = zip(self.spatial, self.kernel, self.stride, self.padding, strict=True)
        return tuple((n + 2 * p - k) // s + 1 for n, k, s, p in sizes)

    @property
    def blocks(self) -> bool:
        """Whether the windows tile the input exactly."""
        return (
            self.family == ""
            and self.stride == self.kernel
            and not any(self.padding)
            and not any(n % k for n, k in zip(self.spatial, self.kernel, strict=True))
        )

    @property
    def centred(self) -> bool:
        """Whether there is a window around every element, as filters of pictures have it."""
        return (
            self.family == ""
            and set(self.stride) == {1}
            and all(k % 2 == 1 and p == k // 2 for k, p in zip(self.kernel, self.padding, strict=True))
        )

    @property
    def inside(self) -> bool:
        """Whether there is a window around every element that is not too near an edge."""
        return (
            self.family == ""
            and set(self.stride) == {1}
            and not any(self.padding)
            and all(k % 2 == 1 for k in self.kernel)
        )

    @property
    def function(self) -> str:
        """The public function that the workload calls."""
        dimension = "" if self.family == "global" else f"{self.ndim}d"
        return self.op + dimension + ("_backward" if self.backward else "")

    @property
    def bytes_moved(self) -> int:
        """What is read once plus what is written once."""
        size = 2 if self.dtype == "bfloat16" else np.dtype(self.dtype).itemsize
        into, out = math.prod(self.shape), math.prod(self.leading + self.output_spatial)
        positions = 8 * out if self.indices or (self.backward and self.kind in ("max", "min")) else 0
        if self.backward and self.kind not in ("max", "min", "avg", "sum"):
            into *= 2  # x is read, and its gradient is written
        return into * size + out * size + positions

    def arguments(self) -> dict[str, Any]:
        """Return the arguments of cpool's function, but for the arrays."""
        chosen: dict[str, Any] = {"data_format": self.layout}
        if self.family == "global":
            chosen["spatial_ndim"] = self.ndim
        elif self.family == "adaptive":
            chosen["output_size"] = self.output_size
        else:
            chosen |= {"kernel_size": self.kernel, "stride": self.stride, "padding": self.padding}
        if self.op == "avg_pool":
            chosen["count_include_pad"] = self.include_pad
        if self.kind == "lp":
            chosen["norm_type"] = self.norm_type
        if self.indices:
            chosen["return_indices"] = True
        return chosen | dict(self.options)

    def describe(self) -> str:
        """Return one line of text that says everything but the name."""

        def sizes(values: tuple[int, ...]) -> str:
            return str(values[0]) if len(set(values)) == 1 else "x".join(map(str, values))

        words = [f"{self.function} {'x'.join(map(str, in_memory(self, self.shape)))} {self.dtype}"]
        if self.layout == LAST:
            words.append("channels last")
        if self.kernel:
            words.append(f"kernel {sizes(self.kernel)}")
        if self.stride != self.kernel:
            words.append(f"stride {sizes(self.stride)}")
        if any(self.padding):
            words.append(f"padding {sizes(self.padding)}" + ("" if self.include_pad else " not counted"))
        if self.output_size:
            words.append(f"to {'x'.join(map(str, self.output_size))}")
        if self.kind == "lp":
            words.append(f"p = {self.norm_type:g}")
        words += [f"{name} = {value}" for name, value in self.options]
        if self.indices:
            words.append("indices")
        if self.values != "random":
            words.append({"nan": "with NaNs"}.get(self.values, self.values))
        return ", ".join(words)


def workload(
    name: str,
    op: str,
    shape: tuple[int, ...],
    kernel: int | tuple[int, ...] | None = None,
    stride: int | tuple[int, ...] | None = None,
    padding: int | tuple[int, ...] = 0,
    *,
    ndim: int = 2,
    output_size: int | tuple[int, ...] | None = None,
    **more: Any,
) -> Workload:
    """Return a Workload from arguments as a call has them."""

    def each(value: int | tuple[int, ...]) -> tuple[int, ...]:
        return (value,) * ndim if isinstance(value, int) else value

    if kernel is not None:
        more |= {"kernel": each(kernel), "stride": each(kernel if stride is None else stride)}
        more["padding"] = each(padding)
    if output_size is not None:
        more["output_size"] = each(output_size)
    return Workload(name, op, ndim, shape, **more)


RESNET, VGG, PICTURE, SCAN = (8, 64, 112, 112), (8, 64, 224, 224), (4096, 4096), (2048, 2048)
SMALL_VGG, VIDEO = (2, 64, 112, 112), (2, 64, 16, 56, 56)
INCEPTION, DENSENET, TEXT = (8, 192, 35, 35), (8, 128, 56, 56), (64, 300, 512)

_TABLE = [
    workload("resnet_stem/f32", "max_pool", RESNET, 3, 2, 1),
    workload("resnet_stem/f32_indices", "max_pool", RESNET, 3, 2, 1, indices=True),
    workload("resnet_stem/f32_cl", "max_pool", RESNET, 3, 2, 1, layout=LAST),
    workload("resnet_stem/f32_cl_indices", "max_pool", RESNET, 3, 2, 1, layout=LAST, indices=True),
    workload("resnet_stem/f16", "max_pool", RESNET, 3, 2, 1, dtype="float16"),
    workload("resnet_stem/bf16", "max_pool", RESNET, 3, 2, 1, dtype="bfloat16"),
    workload("vgg_pool1/f32", "max_pool", VGG, 2),
    workload("vgg_pool1/f32_cl", "max_pool", VGG, 2, layout=LAST),
    workload("vgg_pool1/u8", "max_pool", VGG, 2, dtype="uint8"),
    workload("vgg_pool1/i8", "max_pool", VGG, 2, dtype="int8"),
    workload("vgg_pool1/i64_small", "max_pool", SMALL_VGG, 2, dtype="int64"),
    workload("vgg_pool1/f64_small", "max_pool", SMALL_VGG, 2, dtype="float64"),
    workload("vgg_pool1/nan", "max_pool", SMALL_VGG, 2, values="nan"),
    workload("vgg_pool1/sorted", "max_pool", SMALL_VGG, 2, values="sorted"),
    workload("yolo_sppf/max5", "max_pool", (8, 256, 20, 20), 5, 1, 2),
    workload("yolo_sppf/max13", "max_pool", (8, 256, 20, 20), 13, 1, 6),
    workload("inception_avg/f32", "avg_pool", INCEPTION, 3, 1, 1, include_pad=False),
    workload("densenet_transition/f32", "avg_pool", DENSENET, 2),
    workload("densenet_transition/f32_cl", "avg_pool", DENSENET, 2, layout=LAST),
    workload("densenet_transition/bf16", "avg_pool", DENSENET, 2, dtype="bfloat16"),
    workload("resnet_gap/f32", "global_avg_pool", (32, 2048, 7, 7)),
    workload("resnet_gap/f32_cl", "global_avg_pool", (32, 2048, 7, 7), layout=LAST),
    workload("image_block_mean/f32_2", "avg_pool", PICTURE, 2),
    workload("image_block_mean/f32_8", "avg_pool", PICTURE, 8),
    workload("image_block_mean/u8_2", "avg_pool", PICTURE, 2, dtype="uint8"),
    workload("image_block_mean/u8_8", "avg_pool", PICTURE, 8, dtype="uint8"),
    workload("image_block_max/f32_2", "max_pool", PICTURE, 2),
    workload("image_block_max/f32_8", "max_pool", PICTURE, 8),
    workload("image_block_max/u8_2", "max_pool", PICTURE, 2, dtype="uint8"),
    workload("image_block_max/u8_8", "max_pool", PICTURE, 8, dtype="uint8"),
    workload("image_block_sum/u8_8", "sum_pool", PICTURE, 8, dtype="uint8"),
    workload("morphology/f32_31", "max_pool", SCAN, 31, 1, 15),
    workload("morphology/u8_31", "max_pool", SCAN, 31, 1, 15, dtype="uint8"),
    workload("morphology/u8_31_min", "min_pool", SCAN, 31, 1, 15, dtype="uint8"),
    workload("morphology/f32_31_indices", "max_pool", SCAN, 31, 1, 15, indices=True),
    workload("box_filter/f32_31", "avg_pool", SCAN, 31, 1, 15),
    workload("text_cnn/global_max", "global_max_pool", TEXT, ndim=1),
    workload("text_cnn/max_k2", "max_pool", TEXT, 2, ndim=1),
    workload("wave_pool/avg_k4", "avg_pool", (16, 64, 16000), 4, ndim=1),
    workload("video/max_122", "max_pool", VIDEO, (1, 2, 2), ndim=3),
    workload("video/max_333s2p1", "max_pool", (1, 64, 16, 56, 56), 3, 2, 1, ndim=3),
    workload("video/avg_222", "avg_pool", VIDEO, 2, ndim=3),
    workload("adaptive/avg_30to7", "adaptive_avg_pool", (8, 512, 30, 30), output_size=7),
    workload("adaptive/max_13to6", "adaptive_max_pool", (8, 256, 13, 13), output_size=6),
    workload("l2/k2s2", "lp_pool", RESNET, 2),
    workload("l3/k2s2", "lp_pool", (2, 64, 56, 56), 2, norm_type=3.0),
    workload("median/u8_3", "median_pool", SCAN, 3, 1, dtype="uint8"),
    workload("median/u8_5", "median_pool", SCAN, 5, 1, dtype="uint8"),
    workload("median/f32_3", "median_pool", SCAN, 3, 1),
    workload("median/f32_5", "median_pool", SCAN, 5, 1),
    workload("median/f32_15", "median_pool", (512, 512), 15, 1),
    workload("median/resnet_stem", "median_pool", RESNET, 3, 2, 1),
    workload("rank/u8_q90", "rank_pool", SCAN, 3, 1, dtype="uint8", options=(("q", 0.9),)),
    workload("range/u8_3", "range_pool", SCAN, 3, 1, dtype="uint8"),
    workload("mode/u64_22", "mode_pool", PICTURE, 2, dtype="uint64", values="labels"),
    workload("mode/u64_222", "mode_pool", (256, 256, 256), 2, ndim=3, dtype="uint64", values="labels"),
    workload("mode/u8_3", "mode_pool", SCAN, 3, dtype="uint8"),
    workload("std/f32_3", "std_pool", RESNET, 3, 2, 1),
    workload("soft/f32_3", "soft_pool", RESNET, 3, 2, 1),
    workload("lse/f32_3", "lse_pool", RESNET, 3, 2, 1),
    workload("gem/f32_3", "gem_pool", RESNET, 3, 2, 1),
    workload("masked/f32_2", "avg_pool", RESNET, 2, include_pad=False, values="masked"),
    workload("masked/f32_2_cl", "avg_pool", RESNET, 2, include_pad=False, values="masked", layout=LAST),
    workload("masked/f32_3", "avg_pool", RESNET, 3, 2, 1, include_pad=False, values="masked"),
    workload("backward/median", "median_pool", RESNET, 3, 2, 1, backward=True),
    workload("backward/std", "std_pool", RESNET, 3, 2, 1, backward=True),
    workload("backward/soft", "soft_pool", RESNET, 3, 2, 1, backward=True),
    workload("backward/resnet_stem_max", "max_pool", RESNET, 3, 2, 1, backward=True),
    workload("backward/resnet_stem_max_cl", "max_pool", RESNET, 3, 2, 1, layout=LAST, backward=True),
    workload("backward/vgg_max", "max_pool", VGG, 2, backward=True),
    workload("backward/inception_avg", "avg_pool", INCEPTION, 3, 1, 1, include_pad=False, backward=True),
    workload("backward/densenet_avg", "avg_pool", DENSENET, 2, backward=True),
    workload("backward/densenet_avg_cl", "avg_pool", DENSENET, 2, layout=LAST, backward=True),
    workload("backward/resnet_gap", "global_avg_pool", (32, 2048, 7, 7), backward=True),
    workload("backward/video_max", "max_pool", (1, 64, 16, 56, 56), 3, 2, 1, ndim=3, backward=True),
    workload(
        "backward/adaptive_avg_30to7", "adaptive_avg_pool", (8, 512, 30, 30), output_size=7, backward=True
    ),
    workload("backward/l2", "lp_pool", RESNET, 2, backward=True),
    workload("tiny/max_4x4", "max_pool", (1, 1, 4, 4), 2),
    workload("tiny/max_4x4_indices", "max_pool", (1, 1, 4, 4), 2, indices=True),
    workload("tiny/avg_4x4", "avg_pool", (1, 1, 4, 4), 2),
    workload("tiny/avg_8_1d", "avg_pool", (8,), 2, ndim=1),
    workload("tiny/max_4x4x4_3d", "max_pool", (1, 1, 4, 4, 4), 2, ndim=3),
    workload("tiny/max_16x14x14", "max_pool", (1, 16, 14, 14), 2),
    workload("tiny/global_avg", "global_avg_pool", (1, 4, 4, 4)),
    workload("tiny/adaptive_avg", "adaptive_avg_pool", (1, 1, 4, 4), output_size=2),
]
WORKLOADS = {each.name: each for each in _TABLE}

# Of every kind of layer one or two: what `cpool bench` measures when no name is given.
USUAL = [
    "resnet_stem/f32", "resnet_stem/f32_indices", "resnet_stem/bf16", "vgg_pool1/f32_cl", "yolo_sppf/max13",
    "inception_avg/f32", "densenet_transition/f32", "resnet_gap/f32", "image_block_mean/u8_2",
    "image_block_max/f32_2", "morphology/f32_31", "wave_pool/avg_k4", "video/max_333s2p1",
    "adaptive/avg_30to7", "l2/k2s2", "backward/resnet_stem_max", "tiny/max_4x4",
]  # fmt: skip


# ---- the arrays ----


def in_memory(chosen: Workload, logical: tuple[int, ...]) -> tuple[int, ...]:
    """Return a logical (..., channels, *spatial) shape as it lies in memory."""
    channel = len(chosen.leading) - 1
    if chosen.layout == FIRST or len(logical) == len(chosen.leading):
        return logical
    return logical[:channel] + logical[channel + 1 :] + logical[channel : channel + 1]


def inputs(chosen: Workload) -> dict[str, np.ndarray]:
    """Return what libraries are given: x, perhaps `mask`, and for gradients `grad` and perhaps `indices`."""
    rng = np.random.default_rng(SEED)
    arrays = {"x": _values(chosen, in_memory(chosen, chosen.shape), rng)}
    if chosen.values == "masked":
        arrays["mask"] = rng.random(in_memory(chosen, (1,) * len(chosen.leading) + chosen.spatial)) < 0.7
    if chosen.backward:
        # the mean of everything leaves no spatial axis: gradients have the shape of what forward returned
        shape = in_memory(chosen, chosen.leading + chosen.output_spatial)
        arrays["grad"] = rng.standard_normal(shape, np.float32).astype(arrays["x"].dtype)
        if chosen.kind in ("max", "min") and chosen.family == "":
            arrays["indices"] = _extremes(chosen, arrays["x"])
    return arrays


def _values(chosen: Workload, shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    kind: Any = chosen.dtype
    if kind == "bfloat16":
        from ml_dtypes import bfloat16 as kind
    kind = np.dtype(kind)
    if chosen.values == "labels":
        return _labels(chosen, shape, kind, rng)
    if kind.kind == "b":
        return rng.random(shape) < 0.5
    if kind.kind in "iu":
        limits = np.iinfo(kind)
        return rng.integers(limits.min, limits.max, shape, kind, endpoint=True)
    if kind == np.float64:
        return rng.standard_normal(shape)
    x = rng.standard_normal(shape, np.float32)
    if chosen.values == "nan":
        x[rng.random(shape) < 0.01] = np.nan
    elif chosen.values == "sorted":
        x = np.sort(x, axis=None).reshape(shape)
    return x.astype(kind, copy=False)


def _labels(
    chosen: Workload, shape: tuple[int, ...], kind: np.dtype, rng: np.random.Generator
) -> np.ndarray:
    """Return labels with a majority in every block, so that no library has to break a tie."""
    first = len(chosen.leading) - (chosen.layout == LAST)
    kernel = (1,) * first + chosen.kernel + (1,) * (len(shape) - first - chosen.ndim)
    blocks = tuple(n // k for n, k in zip(shape, kernel, strict=True))
    labels = rng.integers(0, 1000, blocks, np.int64).astype(kind)
    odd = tuple(slice(None, None, k) for k in kernel)
    for axis, k in enumerate(kernel):
        labels = np.repeat(labels, k, axis)
    labels[odd] = rng.integers(0, 1000, blocks, np.int64).astype(kind)
    return labels


def _extremes(chosen: Workload, x: np.ndarray) -> np.ndarray:
    """Return where the first largest (or smallest) element of each window is, as a flat spatial position."""
    ndim, first = chosen.ndim, len(chosen.leading)
    if chosen.layout == LAST:
        x = np.moveaxis(x, -1, first - 1)
    lowest = -np.inf if x.dtype.kind not in "iu" else np.iinfo(x.dtype).min
    keys = x if chosen.kind == "max" else -x
    pads = [(0, 0)] * first + [(p, p) for p in chosen.padding]
    padded = np.pad(keys, pads, constant_values=lowest) if any(chosen.padding) else keys
    axes = tuple(range(first, first + ndim))
    windows = np.lib.stride_tricks.sliding_window_view(padded, chosen.kernel, axes)
    windows = windows[(slice(None),) * first + tuple(slice(None, None, s) for s in chosen.stride)]
    taps = np.unravel_index(windows.reshape(*windows.shape[:-ndim], -1).argmax(-1), chosen.kernel)
    flat = np.zeros(windows.shape[:-ndim], np.int64)
    for axis, (tap, n) in enumerate(zip(taps, chosen.spatial, strict=True)):
        starts = np.arange(flat.shape[first + axis]) * chosen.stride[axis] - chosen.padding[axis]
        flat = flat * n + tap + starts.reshape(-1, *(1,) * (ndim - 1 - axis))
    return np.ascontiguousarray(np.moveaxis(flat, first - 1, -1)) if chosen.layout == LAST else flat
