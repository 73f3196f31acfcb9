"""
Pooling from scratch, to a network that learns
==============================================

Many introductions to pooling show a loop, a few numbers and a formula, and stop there; in some the loop
does not run, or the numbers are not what it prints (:doc:`../articles` has a list). This one goes all the
way: from a definition to a loop, to a version without a loop, to the gradient, to a convolutional network
that learns to read digits, in plain NumPy. Everything printed below is printed by the code above it.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits

import cpool

# %%
# What pooling is
# ---------------
# A window of k x k elements slides over a feature map of H x W elements, s elements at a time. Each place
# where it fits gives one element of the output, its maximum or its average. Along an axis of n elements the
# window fits
#
# .. code-block:: text
#
#    floor((n - k) / s) + 1
#
# times. The loop must therefore run over *outputs*: a loop over ``range(0, H, s)``, as is often seen,
# visits places where the window no longer fits.


def max_pool_loop(x, k, s):
    """The definition: one output after the other."""
    rows, columns = (x.shape[0] - k) // s + 1, (x.shape[1] - k) // s + 1
    y = np.empty((rows, columns), x.dtype)
    for i in range(rows):
        for j in range(columns):
            y[i, j] = x[i * s : i * s + k, j * s : j * s + k].max()
    return y


x = np.arange(1, 17).reshape(4, 4)
print(max_pool_loop(x, 2, 2))
print(max_pool_loop(np.arange(1, 26).reshape(5, 5), 2, 2))  # the last row and column are left out

# %%
# Five is not a multiple of two: the last row and the last column are in no window. To keep them, round up
# (``ceil_mode``), with a last window that is cut off, or pad. Padding takes *no part* in a maximum; zeros
# around the picture, as ``np.pad`` would put them, win over everything negative.

negative = -np.arange(1.0, 10).reshape(3, 3)
print(cpool.max_pool2d(np.arange(1, 26).reshape(5, 5), 2, ceil_mode=True))
print(max_pool_loop(np.pad(negative, 1), 2, 2))  # wrong: zeros have won
print(cpool.max_pool2d(negative, 2, padding=1))

# %%
# Without a loop
# --------------
# NumPy can show an array as its windows without a copy. One call then finds all maxima, for any number of
# leading axes, images and channels. This is still k x k comparisons for every output. They are not
# necessary: the maximum of a square is the maximum over columns of the maxima over rows, 2 k comparisons,
# and with prefix and suffix maxima of blocks of k (van Herk; Gil and Werman) three are enough, whatever k
# is. cpool does the latter for wide windows.


def windows(x, k, s):
    """All windows as a view: (..., rows, columns, k, k)."""
    return np.lib.stride_tricks.sliding_window_view(x, (k, k), axis=(-2, -1))[..., ::s, ::s, :, :]


images = np.random.default_rng(0).standard_normal((8, 3, 32, 32))
print(windows(images, 3, 2).shape)
print(np.array_equal(windows(images, 3, 2).max(axis=(-2, -1)), cpool.max_pool2d(images, 3, 2)))
print(np.allclose(windows(images, 3, 2).mean(axis=(-2, -1)), cpool.avg_pool2d(images, 3, 2)))

# %%
# The gradient
# ------------
# An average shares the gradient of a window among all its elements. A maximum passes it to the element that
# has won, so the forward pass had better note where that was. An element that is in several windows gets
# the sum; ``np.add.at`` adds where an index occurs twice, ``dx[...] += dy`` would not.


def max_pool_backward(dy, x, k, s):
    """The gradient of every window goes to its first maximum."""
    rows, columns = dy.shape
    first = windows(x, k, s).reshape(rows, columns, k * k).argmax(axis=-1)
    i = np.arange(rows)[:, None] * s + first // k
    j = np.arange(columns) * s + first % k
    dx = np.zeros_like(x)
    np.add.at(dx, (i, j), dy)
    return dx


x = np.random.default_rng(1).standard_normal((9, 9))
dy = np.random.default_rng(2).standard_normal((4, 4))
print(np.allclose(max_pool_backward(dy, x, 3, 2), cpool.max_pool2d_backward(dy, x, 3, 2)))
step = np.zeros_like(x)
step[4, 4] = 1e-6
moved = (cpool.max_pool2d(x + step, 3, 2) - cpool.max_pool2d(x - step, 3, 2)) / 2e-6
print(np.isclose((moved * dy).sum(), max_pool_backward(dy, x, 3, 2)[4, 4]))

# %%
# A network
# ---------
# That is all there is to pooling. A network needs three more kinds of layers, each a few lines:
# convolution, which is a matrix product with all windows; the rectifier; and a last matrix that turns
# features into ten scores. The pooling layers are cpool's. Each layer is called with its input and has
# ``backward``; those that learn keep their gradients.


class Convolution:
    """3 x 3 filters; the picture keeps its size."""

    def __init__(self, inputs, outputs, rng):
        self.weight = rng.standard_normal((outputs, inputs, 3, 3)) * np.sqrt(2 / (9 * inputs))
        self.bias = np.zeros(outputs)

    def __call__(self, x):
        self.seen = windows(np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1))), 3, 1)
        y = np.einsum("nchwij,ocij->nohw", self.seen, self.weight, optimize=True)
        return y + self.bias[:, None, None]

    def backward(self, dy):
        self.grad_weight = np.einsum("nohw,nchwij->ocij", dy, self.seen, optimize=True)
        self.grad_bias = dy.sum(axis=(0, 2, 3))
        around = windows(np.pad(dy, ((0, 0), (0, 0), (1, 1), (1, 1))), 3, 1)
        return np.einsum("nohwij,ocij->nchw", around, self.weight[:, :, ::-1, ::-1], optimize=True)


class Rectifier:
    """What is negative becomes 0."""

    def __call__(self, x):
        self.positive = x > 0
        return x * self.positive

    def backward(self, dy):
        return dy * self.positive


class Scores:
    """Ten scores from all features."""

    def __init__(self, inputs, rng):
        self.weight = rng.standard_normal((inputs, 10)) * np.sqrt(1 / inputs)
        self.bias = np.zeros(10)

    def __call__(self, x):
        self.shape, self.seen = x.shape, x.reshape(len(x), -1)
        return self.seen @ self.weight + self.bias

    def backward(self, dy):
        self.grad_weight, self.grad_bias = self.seen.T @ dy, dy.sum(axis=0)
        return (dy @ self.weight.T).reshape(self.shape)


# %%
# The data: 1797 digits of 8 x 8 pixels, written by hand. They come with scikit-learn, which is used for
# nothing else here. A quarter of them, drawn at random, is for the test: the network never learns from
# these.

digits = load_digits()
pictures, numbers = digits.images[:, None] / 16, digits.target
train, test = np.split(np.random.default_rng(0).permutation(len(numbers)), [1347])


def network(pooling, rng):
    """Two convolutions, each with a pooling layer behind it that halves the picture: 8, 4, 2 pixels."""
    return [
        Convolution(1, 16, rng), Rectifier(), pooling(2),
        Convolution(16, 32, rng), Rectifier(), pooling(2),
        Scores(32 * 2 * 2, rng),
    ]  # fmt: skip


def forward(layers, x):
    for layer in layers:
        x = layer(x)
    return x


def backward(layers, dy):
    for layer in reversed(layers):
        dy = layer.backward(dy)
    return dy


def loss_and_gradient(scores, numbers):
    """Cross entropy of the softmax, and its gradient with respect to the scores."""
    chances = np.exp(scores - scores.max(axis=1, keepdims=True))
    chances /= chances.sum(axis=1, keepdims=True)
    right = chances[np.arange(len(numbers)), numbers]
    gradient = chances.copy()
    gradient[np.arange(len(numbers)), numbers] -= 1
    return -np.log(right).mean(), gradient / len(numbers)


# %%
# Before it learns, the whole chain is checked, as the single layers were: does the loss fall as the
# gradient says when one weight of the *first* layer moves? The gradient has passed through two pooling
# layers then.

layers = network(cpool.MaxPool2d, np.random.default_rng(0))
few, wanted = pictures[:20], numbers[:20]
loss, gradient = loss_and_gradient(forward(layers, few), wanted)
backward(layers, gradient)
said = layers[0].grad_weight[3, 0, 1, 2]
losses = []
for step in (1e-6, -2e-6):
    layers[0].weight[3, 0, 1, 2] += step
    losses.append(loss_and_gradient(forward(layers, few), wanted)[0])
print(np.isclose((losses[0] - losses[1]) / 2e-6, said, rtol=1e-4))

# %%
# Learning
# --------
# Gradient descent with momentum, 32 pictures at a time, twelve times through all of them.


def learn(layers, rng, epochs=12, rate=0.1, momentum=0.9, batch=32):
    """The share of digits of the test that are read right, after every epoch."""
    learned = [(layer, name) for layer in layers for name in ("weight", "bias") if hasattr(layer, name)]
    speed = [np.zeros_like(getattr(*each)) for each in learned]
    x, wanted, shares = pictures[train], numbers[train], []
    for _ in range(epochs):
        for chosen in np.array_split(rng.permutation(len(x)), len(x) // batch):
            _, gradient = loss_and_gradient(forward(layers, x[chosen]), wanted[chosen])
            backward(layers, gradient)
            for (layer, name), v in zip(learned, speed, strict=True):
                v *= momentum
                v -= rate * getattr(layer, f"grad_{name}")
                setattr(layer, name, getattr(layer, name) + v)
        shares.append(np.mean(forward(layers, pictures[test]).argmax(axis=1) == numbers[test]))
    return shares


networks, curves = {}, {}
for pooling in (cpool.MaxPool2d, cpool.AvgPool2d, cpool.LpPool2d):
    rng = np.random.default_rng(0)
    name = pooling.__name__
    make = pooling if pooling is not cpool.LpPool2d else lambda k: cpool.LpPool2d(2, k, normalize=True)
    networks[name] = network(make, rng)
    curves[name] = learn(networks[name], rng)
    print(f"{name} reads {curves[name][-1]:.1%} of the digits")

figure, place = plt.subplots(figsize=(8, 3), layout="constrained")
for name, shares in curves.items():
    place.plot(np.arange(1, 13), 100 * np.array(shares), marker="o", markersize=3, label=name)
place.set(xlabel="epoch", ylabel="% read right", ylim=(90, 100))
place.legend()
place.grid(alpha=0.3)

# %%
# Looking inside
# --------------
# One digit on its way through the trained network: eight of the sixteen feature maps of the first layer,
# before and after pooling, and the gradient of the winning score as it comes back, at the same two places.
# Behind the pooling layer it is 4 x 4; before it, each number has gone to the one pixel of its window that
# had won, and three pixels of four get nothing.

layers = networks["MaxPool2d"]
picture = pictures[test][6:7]
before = layers[1](layers[0](picture))
after = layers[2](before)
scores = forward(layers[3:], after)
dy = np.zeros_like(scores)
dy[0, scores.argmax()] = 1
back_after = backward(layers[3:], dy)
back_before = layers[2].backward(back_after)

figure, places = plt.subplots(4, 9, figsize=(9, 4.3), layout="constrained")
stages = {"features": before, "pooled": after, "gradient\nbehind": back_after,
          "gradient\nbefore": back_before}
for row, (name, maps) in zip(places, stages.items(), strict=True):
    row[0].text(1, 0.5, name, ha="right", va="center", transform=row[0].transAxes)
    for place, one in zip(row[1:], maps[0, :8], strict=True):
        most = abs(maps[0, :8]).max()
        colours = {"cmap": "gray_r", "vmin": 0} if maps.min() >= 0 else {"cmap": "RdBu_r", "vmin": -most}
        place.imshow(one, vmax=most, **colours)
for place in places.flat:
    place.axis("off")

# %%
# What was left out: nothing that matters to pooling. With larger pictures the first window is often 3 x 3
# with a stride of 2, so that windows overlap (AlexNet), and the last pooling is an average over everything
# (``GlobalAvgPool``), after which pictures of any size will do. :doc:`plot_4_window_and_stride` is about
# how to choose.
