"""Layer shapes by the names under which they are known, and the arrays they run on."""

from typing import NamedTuple

import numpy as np

SEED = 20260101


class Layer(NamedTuple):
    """One pooling layer: `shape` is channels-first, `layout` says how it lies in memory."""

    op: str                     # the public name without its dimension: "max_pool", "global_avg_pool", ...
    nd: int
    shape: tuple
    arguments: dict
    dtype: str = "float32"
    layout: str = "channels_first"


def layer(op, nd, shape, kernel=None, stride=None, padding=0, *, dtype="float32", layout="channels_first",
          **more):
    arguments = dict(more, data_format=layout)
    if kernel is not None:
        arguments |= {"kernel_size": kernel, "stride": stride, "padding": padding}
    return Layer(op, nd, shape, arguments, dtype, layout)


RESNET, VGG, PICTURE, SCAN = (8, 64, 112, 112), (8, 64, 224, 224), (4096, 4096), (2048, 2048)
LAST = {"layout": "channels_last"}

LAYERS = {
    "resnet_stem/f32": layer("max_pool", 2, RESNET, 3, 2, 1),
    "resnet_stem/f32_indices": layer("max_pool", 2, RESNET, 3, 2, 1, return_indices=True),
    "resnet_stem/f32_cl": layer("max_pool", 2, RESNET, 3, 2, 1, **LAST),
    "resnet_stem/f32_cl_indices": layer("max_pool", 2, RESNET, 3, 2, 1, return_indices=True, **LAST),
    "resnet_stem/f16": layer("max_pool", 2, RESNET, 3, 2, 1, dtype="float16"),
    "resnet_stem/bf16": layer("max_pool", 2, RESNET, 3, 2, 1, dtype="bfloat16"),
    "vgg_pool1/f32": layer("max_pool", 2, VGG, 2),
    "vgg_pool1/f32_cl": layer("max_pool", 2, VGG, 2, **LAST),
    "vgg_pool1/u8": layer("max_pool", 2, VGG, 2, dtype="uint8"),
    "vgg_pool1/i64_small": layer("max_pool", 2, (2, 64, 112, 112), 2, dtype="int64"),
    "vgg_pool1/f64_small": layer("max_pool", 2, (2, 64, 112, 112), 2, dtype="float64"),
    "vgg_pool1/nan": layer("max_pool", 2, (2, 64, 112, 112), 2, dtype="float32 with NaN"),
    "vgg_pool1/sorted": layer("max_pool", 2, (2, 64, 112, 112), 2, dtype="float32 sorted"),
    "yolo_sppf/max5": layer("max_pool", 2, (8, 256, 20, 20), 5, 1, 2),
    "yolo_sppf/max13": layer("max_pool", 2, (8, 256, 20, 20), 13, 1, 6),
    "inception_avg/f32": layer("avg_pool", 2, (8, 192, 35, 35), 3, 1, 1, count_include_pad=False),
    "densenet_transition/f32": layer("avg_pool", 2, (8, 128, 56, 56), 2),
    "densenet_transition/f32_cl": layer("avg_pool", 2, (8, 128, 56, 56), 2, **LAST),
    "densenet_transition/bf16": layer("avg_pool", 2, (8, 128, 56, 56), 2, dtype="bfloat16"),
    "resnet_gap/f32": layer("global_avg_pool", 2, (32, 2048, 7, 7)),
    "resnet_gap/f32_cl": layer("global_avg_pool", 2, (32, 2048, 7, 7), **LAST),
    "image_block_mean/f32_2": layer("avg_pool", 2, PICTURE, 2),
    "image_block_mean/f32_8": layer("avg_pool", 2, PICTURE, 8),
    "image_block_mean/u8_2": layer("avg_pool", 2, PICTURE, 2, dtype="uint8"),
    "image_block_max/u8_8": layer("max_pool", 2, PICTURE, 8, dtype="uint8"),
    "image_block_sum/u8_8": layer("sum_pool", 2, PICTURE, 8, dtype="uint8"),
    "morphology/f32_31": layer("max_pool", 2, SCAN, 31, 1, 15),
    "morphology/u8_31": layer("min_pool", 2, SCAN, 31, 1, 15, dtype="uint8"),
    "box_filter/f32_31": layer("avg_pool", 2, SCAN, 31, 1, 15),
    "text_cnn/global_max": layer("global_max_pool", 1, (64, 300, 512)),
    "text_cnn/max_k2": layer("max_pool", 1, (64, 300, 512), 2),
    "wave_pool/avg_k4": layer("avg_pool", 1, (16, 64, 16000), 4),
    "video/max_122": layer("max_pool", 3, (2, 64, 16, 56, 56), (1, 2, 2)),
    "video/max_333s2p1": layer("max_pool", 3, (1, 64, 16, 56, 56), 3, 2, 1),
    "video/avg_222": layer("avg_pool", 3, (2, 64, 16, 56, 56), 2),
    "adaptive/avg_30to7": layer("adaptive_avg_pool", 2, (8, 512, 30, 30), output_size=7),
    "adaptive/max_13to6": layer("adaptive_max_pool", 2, (8, 256, 13, 13), output_size=6),
    "l2/k2s2": layer("lp_pool", 2, RESNET, 2, norm_type=2),
    "l3/k2s2": layer("lp_pool", 2, (2, 64, 56, 56), 2, norm_type=3),
}

TINY = {
    "tiny/max_4x4": layer("max_pool", 2, (1, 1, 4, 4), 2),
    "tiny/max_4x4_indices": layer("max_pool", 2, (1, 1, 4, 4), 2, return_indices=True),
    "tiny/avg_4x4": layer("avg_pool", 2, (1, 1, 4, 4), 2),
    "tiny/avg_8_1d": layer("avg_pool", 1, (8,), 2),
    "tiny/max_4x4x4_3d": layer("max_pool", 3, (1, 1, 4, 4, 4), 2),
    "tiny/max_16x14x14": layer("max_pool", 2, (1, 16, 14, 14), 2),
    "tiny/global_avg": layer("global_avg_pool", 2, (1, 4, 4, 4)),
    "tiny/adaptive_avg": layer("adaptive_avg_pool", 2, (1, 1, 4, 4), output_size=2),
}


def values(shape, dtype, layout):
    """Reproducible normal values (integers: the whole range), as they lie in memory for `layout`."""
    rng = np.random.default_rng(SEED)
    name, _, special = dtype.partition(" ")
    if name == "bfloat16":
        from ml_dtypes import bfloat16 as name
    kind = np.dtype(name)
    if kind.kind in "iu":
        limits = np.iinfo(kind)
        x = rng.integers(limits.min, limits.max, shape, dtype=kind, endpoint=True)
    else:
        x = rng.standard_normal(shape, dtype=np.float32).astype(kind, copy=False)
    if special == "with NaN":
        x[rng.random(shape) < 0.01] = np.nan
    elif special == "sorted":
        x = np.sort(x, axis=None).reshape(shape)
    return np.ascontiguousarray(np.moveaxis(x, 1, -1)) if layout == "channels_last" else x


def function(chosen, suffix=""):
    """Return the public function of a layer."""
    import cpool

    whole = chosen.op.startswith("global_")
    return getattr(cpool, chosen.op + ("" if whole else f"{chosen.nd}d") + suffix)


def forward_call(chosen):
    """Return (x, call) where `call(x)` runs the layer."""
    pool = function(chosen)
    arguments = dict(chosen.arguments)
    if chosen.op.startswith("global_"):
        arguments["spatial_ndim"] = chosen.nd
    x = values(chosen.shape, chosen.dtype, chosen.layout)
    return x, lambda x: pool(x, **arguments)
