"""
Image pyramids
==============

The same picture at a half, a quarter, an eighth of its size: maps that are zoomed, detectors that look for
large and small things, volumes too large to be shown at once. ``pool_pyramid`` makes all levels while it
reads the picture once.
"""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from PIL import Image

import cpool

photo = np.asarray(Image.open(Path(cpool.__file__).parent / "data" / "cat.jpg"))
levels = cpool.pool_pyramid(photo, 4, spatial_ndim=2, data_format="channels_last")


def sheet(pictures):
    """Pictures, each smaller than the one before, side by side on white."""
    height = pictures[0].shape[0]
    return np.concatenate([
        np.pad(each, ((height - each.shape[0], 0), (0, 6), (0, 0)), constant_values=255) for each in pictures
    ], axis=1)


figure, place = plt.subplots(figsize=(9, 3.6), layout="constrained")
place.imshow(sheet([photo, *levels]), interpolation="nearest")
place.axis("off")
print(*(each.shape for each in levels))

# %%
# Rounded once
# ------------
# Each level is what the windowed average of 2, 4, 8, ... pixels gives, rounded once. Averaging a level to
# get the next one, as is usual, rounds every time, and the errors add up. Here are both, against the exact
# averages.

exact = [photo[: 300 // f * f, : 400 // f * f].reshape(300 // f, f, 400 // f, f, 3).mean(axis=(1, 3))
         for f in (2, 4, 8, 16)]
halved, by_halves = photo, []
for _ in range(4):
    halved = cpool.avg_pool2d(halved, 2, data_format="channels_last")
    by_halves.append(halved)
for level, (once, often, right) in enumerate(zip(levels, by_halves, exact, strict=True), 1):
    print(f"level {level}: wrong by more than half {np.mean(abs(once - right) > 0.5):.1%} of the values,",
          f"halved again and again {np.mean(abs(often - right) > 0.5):.1%}")

# %%
# Other reducers
# --------------
# The overview of something rare must not average it away. A maximum keeps stars on a dark sky at every
# level; an average has lost them after two.

rng = np.random.default_rng(0)
sky = np.float32(rng.random((256, 256)) < 0.001)
figure, places = plt.subplots(2, 4, figsize=(9, 4.6), layout="constrained")
for row, op in zip(places, ("max", "avg"), strict=True):
    for place, (level, picture) in zip(row, enumerate(cpool.pool_pyramid(sky, 4, op=op, spatial_ndim=2), 1),
                                       strict=True):
        place.imshow(picture, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
        place.set_title(f"{op}, level {level}", fontsize=9)
        place.axis("off")

# %%
# Labels need a majority, and a level made from the one before would decide majorities of majorities.
# ``pool_pyramid`` with ``op="mode"`` decides each level once, from the labels. A tie, frequent among four,
# goes to the smaller label: with three times 2 x 2 the dark ones have grown.

light = photo.mean(axis=2)
labels = np.digitize(light, [70, 110, 150]).astype(np.uint8)[:288, :384]
labels[rng.random(labels.shape) < 0.15] = 3
by_level = labels
for _ in range(3):
    by_level = cpool.mode_pool2d(by_level, 2)
figure, places = plt.subplots(1, 3, figsize=(9, 2.6), layout="constrained")
for place, (name, picture) in zip(places, {
    "labels": labels,
    "pool_pyramid, level 3": cpool.pool_pyramid(labels, 3, op="mode", spatial_ndim=2)[2],
    "mode_pool2d, 2 x 2, three times": by_level,
}.items(), strict=True):
    place.imshow(picture, cmap="viridis", interpolation="nearest")
    place.set_title(name, fontsize=9)
    place.axis("off")

# %%
# Smoother levels
# ---------------
# Averages of blocks are the fastest pyramid, not the smoothest. ``blur_pool2d`` weighs a wider window by
# binomial coefficients before it samples, as the pyramids of Burt and Adelson do; what the next level
# cannot show is then the difference to that level, made large again, and these differences are all that has
# to be kept.

small = np.float32(photo.transpose(2, 0, 1)) / 255
small = small[:, :288, :384]
bands = []
for _ in range(3):
    smaller = cpool.blur_pool2d(small, 4, 2)
    bands.append(small - np.repeat(np.repeat(smaller, 2, axis=1), 2, axis=2))
    small = smaller
figure, places = plt.subplots(1, 4, figsize=(9, 2.2), layout="constrained")
for place, band in zip(places, [*(0.5 + 2 * band for band in bands), small], strict=True):
    place.imshow(band.transpose(1, 2, 0).clip(0, 1), interpolation="nearest")
    place.axis("off")
for band in reversed(bands):
    small = np.repeat(np.repeat(small, 2, axis=1), 2, axis=2) + band
print("all bands together give the photograph again:",
      np.allclose(small, photo.transpose(2, 0, 1)[:, :288, :384] / 255, atol=1e-6))

# %%
# A pyramid of bins
# -----------------
# ``spatial_pyramid_pool`` goes the other way: it divides a feature map of any size into 1, 2 x 2, 4 x 4
# bins and puts all of them into one vector, whose length depends on the channels only. Vectors of pictures
# of different sizes can be compared.

whole = photo.transpose(2, 0, 1)[None].astype(np.float32)
others = {"the photograph": whole, "cut": whole[..., 20:280, 30:370], "upside down": whole[..., ::-1, :]}
for name, picture in others.items():
    vector = cpool.spatial_pyramid_pool(picture, (1, 2, 4), "avg")
    near = abs(vector - cpool.spatial_pyramid_pool(whole, (1, 2, 4), "avg")).mean()
    print(f"{name:15} {picture.shape[2:]} {vector.shape} differs by {near:.1f}")
