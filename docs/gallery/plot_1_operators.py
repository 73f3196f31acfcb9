"""
Every operator on a photograph
==============================

The fastest way to tell pooling operators apart is to look at what they keep. This page puts one photograph
through all of them. The cat is Chelsea, photographed by Stefan van der Walt, who put the photograph in the
public domain; it comes with cpool.
"""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from PIL import Image

import cpool

photo = np.asarray(Image.open(Path(cpool.__file__).parent / "data" / "cat.jpg"))
light = np.float32(photo.transpose(2, 0, 1)) / 255  # channels first, from 0 to 1
eye = light[:, 60:140, 100:210]


def show(pictures, columns=3):
    """Draw pictures with values from 0 to 1, channels first, under their names."""
    rows = -(-len(pictures) // columns)
    _, places = plt.subplots(rows, columns, figsize=(9, 2.7 * rows), squeeze=False, layout="constrained")
    for place in places.flat:
        place.axis("off")
    for place, (name, picture) in zip(places.flat, pictures.items(), strict=False):
        picture = np.asarray(picture, np.float32)
        picture = picture.transpose(1, 2, 0) if picture.ndim == 3 else picture
        place.imshow(picture.clip(0, 1), cmap="gray", vmin=0, vmax=1, interpolation="nearest")
        place.set_title(f"{name}\n{picture.shape[0]} x {picture.shape[1]}", fontsize=9)


rng = np.random.default_rng(0)
show({
    "the photograph": light,
    "max_pool2d": cpool.max_pool2d(light, 6),
    "min_pool2d": cpool.min_pool2d(light, 6),
    "avg_pool2d": cpool.avg_pool2d(light, 6),
    "stochastic_pool2d": cpool.stochastic_pool2d(light, 6, rng=rng),
    "range_pool2d, 3 x 3, stride 1": 2 * cpool.range_pool2d(light, 3, 1, "same"),
})

# %%
# One number for every window
# ---------------------------
# Windows of 6 x 6 pixels, one beside the other. The maximum keeps highlights, such as whiskers; the minimum
# keeps what is dark, the slits of the eyes. Average, root mean square (``lp_pool2d`` with p = 2) and the sum,
# here divided by the 36 pixels, are shades of the same thing: between values that are all positive and alike
# they differ little.

show({
    "avg_pool2d": cpool.avg_pool2d(light, 6),
    "lp_pool2d, p = 2, normalised": cpool.lp_pool2d(light, 2, 6, normalize=True),
    "sum_pool2d / 36": cpool.sum_pool2d(light, 6) / 36,
})

# %%
# The photograph's own bytes can be pooled as they are, channels last. Averages of integers are exact and
# rounded once, to nearest.

small = cpool.avg_pool2d(photo, 6, data_format="channels_last")
print(small.shape, small.dtype)

# %%
# Windows may overlap
# -------------------
# With a stride of 1 and "same" padding the picture keeps its size, and pooling becomes a filter: maximum
# and minimum are the dilation and the erosion of morphology, their difference is ``range_pool2d``. Padding
# takes no part, so that edges need no special care. Dilation spreads the taps of a window without making
# them more.

show({
    "the eye": eye,
    "max_pool2d, 7 x 7, stride 1": cpool.max_pool2d(eye, 7, 1, "same"),
    "min_pool2d, 7 x 7, stride 1": cpool.min_pool2d(eye, 7, 1, "same"),
    "range_pool2d, 3 x 3, stride 1": cpool.range_pool2d(eye, 3, 1, "same"),
    "avg_pool2d, 7 x 7, stride 1": cpool.avg_pool2d(eye, 7, 1, "same"),
    "avg_pool2d, 3 x 3, dilation 6": cpool.avg_pool2d(eye, 3, 1, "same", dilation=6),
})

# %%
# Order and spread
# ----------------
# Here 5 % of the values have been replaced by black or white. A median does not care; a quantile of 0.9 is
# a maximum that one or two outliers cannot move. Standard deviation, variance and range say how much a
# window varies.

noise = rng.random(eye.shape)
noisy = np.where(noise < 0.025, 0, np.where(noise > 0.975, 1, eye)).astype(np.float32)
show({
    "salt and pepper": noisy,
    "median_pool2d": cpool.median_pool2d(noisy, 3, 1, "same"),
    "rank_pool2d, q = 0.9": cpool.rank_pool2d(noisy, 5, 1, "same", q=0.9),
    "max_pool2d": cpool.max_pool2d(noisy, 3, 1, "same"),
    "std_pool2d x 3": cpool.std_pool2d(eye, 5, 1, "same") * 3,
    "var_pool2d x 20": cpool.var_pool2d(eye, 5, 1, "same") * 20,
})

# %%
# Labels, the colours of a map, must not be averaged: between label 0 and label 2 lies label 1, which is
# something else. ``mode_pool2d`` takes the label that most of the window has.

gray = eye.mean(axis=0)
labels = np.digitize(gray, [0.3, 0.5, 0.65]).astype(np.uint8)
wrong = rng.random(labels.shape) < 0.1
labels[wrong] = rng.integers(0, 4, wrong.sum())
show({
    "labels, one in ten wrong": labels / 3,
    "mode_pool2d, 4 x 4": cpool.mode_pool2d(labels, 4) / 3,
    "avg_pool2d, 4 x 4": cpool.avg_pool2d(labels, 4) / 3,
})

# %%
# Smooth and learned
# ------------------
# These lie between the average and the maximum, and a parameter says where. All of them have gradients with
# respect to their parameters, so that a network can learn how much of a maximum it wants.

ramp = np.linspace(0.5, 1.5, 36).reshape(6, 6)
show({
    "lse_pool2d, r = 10": cpool.lse_pool2d(light, 6, r=10.0),
    "soft_pool2d": cpool.soft_pool2d(light, 6),
    "softmax_pool2d, temperature 0.05": cpool.softmax_pool2d(light, 6, temperature=0.05),
    "gem_pool2d, p = 8": cpool.gem_pool2d(light, 6, p=8.0),
    "learned_norm_pool2d, p = 8, c = 1": cpool.learned_norm_pool2d(light, 6, p=8.0, c=1.0),
    "mixed_pool2d, alpha = 0.5": cpool.mixed_pool2d(light, 6, alpha=0.5),
    "gated_pool2d": cpool.gated_pool2d(light, np.full((6, 6), 0.3), 6, bias=-5.0),
    "lip_pool2d, logits 12 (1 - x)": cpool.lip_pool2d(light, 12 * (1 - light), 6),
    "detail_pool2d, lam = 2": cpool.detail_pool2d(light, 6, lam=2.0),
    "ordinal_pool2d, falling weights": cpool.ordinal_pool2d(light, np.linspace(2, 0, 36) / 36, 6),
    "tree_pool2d, one gate, two leaves": cpool.tree_pool2d(
        light, [np.full((6, 6), 0.5)], [ramp / 36, ramp.T[::-1] / 36], 6
    ),
})

# %%
# Drawn at random
# ---------------
# Noise that depends on the data, as a regulariser: an element drawn by its size (``stochastic_pool2d``),
# windows of random sizes (``fractional_max_pool2d``, which can make a picture smaller by any factor, here
# 1.5), or random rows and columns of all maxima (``s3_pool2d``). Each takes a ``numpy.random.Generator``
# and can be replayed.

show({
    "stochastic_pool2d": cpool.stochastic_pool2d(light, 6, rng=rng),
    "stochastic_pool2d to test with": cpool.stochastic_pool2d(light, 6, training=False),
    "s3_pool2d": cpool.s3_pool2d(light, 6, grid_size=12, rng=rng),
    "fractional_max_pool2d": cpool.fractional_max_pool2d(eye, 2, output_ratio=2 / 3, rng=rng),
    "fractional_avg_pool2d": cpool.fractional_avg_pool2d(eye, 2, output_ratio=2 / 3, rng=rng),
})

# %%
# To a given size, and back
# -------------------------
# Adaptive pooling is told the size of the result: any picture becomes 24 x 32, any picture one colour.
# Unpooling puts maxima back where they were found.

values, indices = cpool.max_pool2d(eye, 3, return_indices=True)
show({
    "adaptive_max_pool2d": cpool.adaptive_max_pool2d(light, (24, 32)),
    "adaptive_avg_pool2d": cpool.adaptive_avg_pool2d(light, (24, 32)),
    "adaptive_concat_pool2d, first half": cpool.adaptive_concat_pool2d(light, (24, 32), ("avg", "max"))[:3],
    "global_max_pool": cpool.global_max_pool(light, spatial_ndim=2, keepdims=True),
    "global_avg_pool": cpool.global_avg_pool(light, spatial_ndim=2, keepdims=True),
    "max_unpool2d": cpool.max_unpool2d(values, indices, 3, output_size=eye.shape[1:]),
})

# %%
# Regions and scales
# ------------------
# Region operators cut a box, whose edges may lie between pixels, out of a feature map and pool it to a
# fixed size. ``roi_pool`` rounds the box to whole pixels, ``roi_align`` samples in between, and
# ``prroi_pool`` integrates.

box = np.array([[0, 100.5, 62.25, 209.0, 139.75]])  # image, left, top, right, bottom
batch = light[None]
rows, columns = cpool.strip_pool(light, spatial_ndim=2)
show({
    "roi_pool": cpool.roi_pool(batch, box, (20, 28))[0],
    "roi_align": cpool.roi_align(batch, box, (20, 28), aligned=True)[0],
    "prroi_pool": cpool.prroi_pool(batch, box, (20, 28))[0],
    "blur_pool2d": cpool.blur_pool2d(eye, 4, 3),
    "max_blur_pool2d": cpool.max_blur_pool2d(eye, 3, 3),
    "strip_pool, rows and columns": (rows + columns) / 2,
})

# %%
# Position-sensitive regions take each bin of the result from a channel of its own; a network learns to put
# "top left of the thing" into the first group of channels, and so on. Nine copies of the photograph, each
# of another brightness, show which channel a bin comes from.

stack = np.concatenate([light * (0.4 + 0.075 * i) for i in range(9)])
order = stack.reshape(9, 3, *light.shape[1:]).transpose(1, 0, 2, 3).reshape(1, 27, *light.shape[1:])
show({
    "ps_roi_pool, 3 x 3 bins": cpool.ps_roi_pool(order, box, 3)[0],
    "ps_roi_align, 3 x 3 bins": cpool.ps_roi_align(order, box, 3)[0],
    "pool_pyramid, level 3": cpool.pool_pyramid(light, 3, spatial_ndim=2)[2],
})

# %%
# Rows as a sequence
# ------------------
# The operators of texts and recordings pool ``(tokens, width)``. Here the tokens are the rows of the gray
# photograph. ``segment_pool`` makes one row of each band of rows, ``kmax_pool`` keeps the 100 brightest
# pixels of every row, in their order, and ``stats_pool`` gives the mean and the standard deviation over all
# rows, drawn below as curves, beside the maximum over time and an average weighted by attention.

gray = light.mean(axis=0)
bands = [0, 40, 60, 90, 150, 155, 240, 300]
show({
    "segment_pool, seven bands": np.repeat(cpool.segment_pool(gray, bands, "mean"), np.diff(bands), axis=0),
    "kmax_pool, 100 of each row": cpool.kmax_pool(gray, 100),
    "block_reduce, 5 x 5 medians": cpool.block_reduce(gray, 5, "median"),
})

mean, deviation = np.split(cpool.stats_pool(gray), 2)
figure, place = plt.subplots(figsize=(9, 3), layout="constrained")
place.plot(mean, label="stats_pool: mean")
place.plot(deviation, label="stats_pool: deviation")
place.plot(cpool.max_over_time_pool(gray), label="max_over_time_pool")
place.plot(cpool.attention_pool(gray, 20 * gray.mean(axis=1)), label="attention_pool: bright rows count")
place.plot(cpool.token_pool(gray, mode="max") - cpool.token_pool(gray, mode="mean"),
           label="token_pool: maximum less mean")
place.set(xlabel="column", ylabel="brightness", ylim=(0, 1))
place.legend(fontsize=8, ncols=2)
