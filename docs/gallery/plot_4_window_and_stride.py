"""
Choosing window and stride
==========================

How large is the result, how much of the picture does one number of it see, and what is lost? The three
questions are answered here in this order, with what cpool has for it: ``output_shape``, ``windows``, and
gradients as a ruler.
"""

import time
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from PIL import Image

import cpool

# %%
# How large is the result?
# ------------------------
# Along an axis of n elements, with padding on both sides, there are
#
# .. code-block:: text
#
#    floor((n + before + after - dilation * (k - 1) - 1) / stride) + 1
#
# windows; ``ceil_mode`` rounds up instead, and "same" pads so that there are ``ceil(n / stride)``.
# ``windows`` says where each one lies: its first tap, how many taps are real elements, the step from tap to
# tap, and what an average that counts padding divides by. Ten elements, in six ways:

choices = {
    "k = 2": (2,),
    "k = 3, stride 2": (3, 2),
    "k = 3, stride 2, ceil_mode": (3, 2, 0, 1, True),
    "k = 3, stride 2, padding 1": (3, 2, 1),
    'k = 3, stride 2, "same"': (3, 2, "same"),
    "k = 3, stride 2, dilation 3": (3, 2, 0, 3),
}
figure, places = plt.subplots(2, 3, figsize=(9, 4.5), layout="constrained")
for place, (name, arguments) in zip(places.flat, choices.items(), strict=True):
    (axis,) = cpool.windows((10,), *arguments)
    for row, (first, taps, step, _) in enumerate(np.transpose(np.broadcast_arrays(*axis))):
        place.scatter(first + step * np.arange(taps), np.full(taps, -row), s=40, marker="s")
    place.axvspan(-0.5, 9.5, color="0.93", zorder=0)
    place.set_title(f"{name}: {cpool.output_shape((10,), *arguments)[0]} windows", fontsize=9)
    place.set(yticks=[], xticks=range(10), xlim=(-1.5, 10.5))
    place.tick_params(labelsize=7)

# %%
# Two of the choices leave elements unseen: with k = 3 and stride 2 the tenth is in no window. And "same"
# puts the odd place at the end, while padding 1 has it on both sides. The usual layers of networks, for
# pictures of 224 x 224:

for name, arguments in {
    "VGG, 2 x 2": (2,),
    "AlexNet, 3 x 3, stride 2": (3, 2),
    "ResNet, 3 x 3, stride 2, padding 1": (3, 2, 1),
    "GoogLeNet, 3 x 3, stride 2, ceil_mode": (3, 2, 0, 1, True),
    "Inception branch, 3 x 3, stride 1, padding 1": (3, 1, 1),
}.items():
    print(f"{name:45}", cpool.output_shape((1, 64, 224, 224), *arguments)[2:])

# %%
# How much does one number see?
# -----------------------------
# Layers add up. If neighbours of one layer's output are ``jump`` pixels apart, a window of k of them
# reaches ``(k - 1) * jump`` pixels further, and a stride multiplies the jump.


def field(layers):
    """Pixels that one output depends on, and the distance of two outputs in pixels."""
    size, jump = 1, 1
    for k, stride in layers:
        size += (k - 1) * jump
        jump *= stride
    return size, jump


# %%
# The gradient measures the same thing, whatever the layers are: let one output in the middle have the
# gradient 1, and see which pixels get something. It shows more than the size, too: where windows overlap,
# the middle of the field counts most and its edge hardly at all, and pixels that two windows share count
# twice, which makes a plaid.


def reach(layers, n=40):
    """The gradient of an output in the middle with respect to n x n pixels, through average pooling."""
    shapes = [(n, n)]
    for k, stride in layers:
        shapes.append(cpool.output_shape(shapes[-1], k, stride))
    gradient = np.zeros(shapes[-1])
    gradient[shapes[-1][0] // 2, shapes[-1][1] // 2] = 1
    for (k, stride), shape in zip(reversed(layers), reversed(shapes[:-1]), strict=True):
        gradient = cpool.avg_pool2d_backward(gradient, shape, k, stride)
    return gradient


stacks = {
    "2 x 2, three times": [(2, 2)] * 3,
    "3 x 3 / 2, three times": [(3, 2)] * 3,
    "3 x 3 / 1, six times": [(3, 1)] * 6,
}
figure, places = plt.subplots(1, 3, figsize=(9, 3.2), layout="constrained")
for place, (name, layers) in zip(places, stacks.items(), strict=True):
    seen = reach(layers)
    assert np.count_nonzero(seen.any(axis=0)) == field(layers)[0]
    place.imshow(seen, cmap="magma", interpolation="nearest")
    place.set_title("{}\n{} pixels, {} apart".format(name, *field(layers)), fontsize=9)
    place.axis("off")

# %%
# What is lost?
# -------------
# First, detail: a number stands for a whole window. Filling every window with its number again, and
# comparing, tells how much that matters for a photograph. The median and the average lose least, and about
# alike; the maximum is far off, as it was never meant to stand for the whole window.

photo = np.asarray(Image.open(Path(cpool.__file__).parent / "data" / "cat.jpg"), np.float32)[:288, :384]
light = photo.mean(axis=2) / 255
sizes = (2, 3, 4, 6, 8, 12, 16)
figure, place = plt.subplots(figsize=(8, 3), layout="constrained")
for name in ("max_pool2d", "median_pool2d", "avg_pool2d"):
    off = [abs(np.kron(getattr(cpool, name)(light, k), np.ones((k, k))) - light).mean() for k in sizes]
    place.plot(sizes, 255 * np.array(off), marker="o", markersize=3, label=name)
every = [abs(np.kron(light[k // 2 :: k, k // 2 :: k], np.ones((k, k))) - light).mean() for k in sizes]
place.plot(sizes, 255 * np.array(every), "k--", label="every k-th pixel")
place.set(xlabel="k", ylabel="off by, of 255", xticks=sizes)
place.legend()
place.grid(alpha=0.3)

# %%
# Second, the place. That pooling makes a network indifferent to shifts is true only of shifts by whole
# strides, or inside one window. Shift the photograph by one pixel: by how much does the result change? Most
# if every fourth pixel is picked, half as much with pooling, and less again where windows overlap or a
# maximum is blurred before it is sampled, as ``max_blur_pool2d`` does.

methods = {
    "every 4th pixel": lambda x: x[::4, ::4],
    "max_pool2d(4)": lambda x: cpool.max_pool2d(x, 4),
    "max_pool2d(7, 4, 3)": lambda x: cpool.max_pool2d(x, 7, 4, 3),
    "max_blur_pool2d(4, 4, 7)": lambda x: cpool.max_blur_pool2d(x, 4, 4, 7),
    "avg_pool2d(4)": lambda x: cpool.avg_pool2d(x, 4),
    "blur_pool2d(7, 4)": lambda x: cpool.blur_pool2d(x, 7, 4),
}
changes = [255 * abs(method(light[:, 1:-3]) - method(light[:, :-4])).mean() for method in methods.values()]
figure, place = plt.subplots(figsize=(8, 2.6), layout="constrained")
place.barh(list(methods), changes, color="tab:orange")
place.invert_yaxis()
place.set(xlabel="mean change when the photograph moves by one pixel, of 255")

# %%
# Third, what is finer than the stride comes back as something else. A grating whose lines get finer from
# left to right has, where they are finer than the stride, wide stripes that are not in it (aliasing). An
# average weakens them, a blur removes most.

width = np.arange(600)
grating = np.repeat(0.5 + 0.5 * np.sin(2 * np.pi * width**2 / 2600)[None], 48, axis=0)
figure, places = plt.subplots(4, 1, figsize=(9, 4.2), layout="constrained")
for place, (name, picture) in zip(places, {
    "the grating": grating,
    "every 4th pixel": grating[::4, ::4],
    "avg_pool2d, 4 x 4": cpool.avg_pool2d(grating, 4),
    "blur_pool2d, 7 x 7, stride 4": cpool.blur_pool2d(grating, 7, 4),
}.items(), strict=True):
    place.imshow(picture, cmap="gray", vmin=0, vmax=1, aspect="auto", interpolation="nearest")
    place.set_title(name, fontsize=9)
    place.axis("off")

# %%
# What does a large window cost?
# ------------------------------
# Not what is often said, k x k operations for every output. Windows that overlap share work: this is the
# time for one megapixel, stride 1, on the machine that has built this page, next to NumPy, which takes
# every window by itself.

x = np.random.default_rng(0).random((1024, 1024), np.float32)


def seconds(function, repeats=5):
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return min(times)


sizes = (3, 5, 9, 15, 31, 63)
figure, place = plt.subplots(figsize=(8, 3), layout="constrained")
with cpool.num_threads(1):
    for name in ("max_pool2d", "avg_pool2d"):
        pool = getattr(cpool, name)
        place.plot(sizes, [1e3 * seconds(lambda: pool(x, k, 1)) for k in sizes], marker="o", label=name)  # noqa: B023
some = [k for k in sizes if k <= 9]
view = np.lib.stride_tricks.sliding_window_view
slow = [1e3 * seconds(lambda: view(x, (k, k)).max(axis=(-2, -1)), 1) for k in some]  # noqa: B023
place.plot(some, slow, "k--", marker="o", label="NumPy, window by window")
place.set(xscale="log", yscale="log", xlabel="k", ylabel="ms, one thread", xticks=sizes, xticklabels=sizes)
place.minorticks_off()
place.legend()
place.grid(alpha=0.3)

# %%
# A rule of thumb
# ---------------
# Halve, with 2 x 2 and stride 2, where speed matters and the place does not; 3 x 3 with stride 2 and
# padding 1 where features should survive being cut by a window's edge; blur where the result must not
# flicker when the input moves; an average over everything at the end of a network, and a median or a
# majority where values are measurements or labels that must not be made up.
