"""
How a gradient flows backward
=============================

A pooling layer has nothing to learn, and still everything that is learned below it comes through it. Its
backward pass answers one question: a number of the output shall grow, which numbers of the input have to
grow for that, and by how much? For every function ``f`` of cpool there is ``f_backward(grad_output, x,
...)``, with the arguments of ``f``.
"""

import matplotlib.pyplot as plt
import numpy as np

import cpool

x = np.array([
    [1, 2, 0, 1, 3, 1],
    [4, 3, 1, 7, 2, 2],
    [0, 1, 2, 1, 6, 1],
    [5, 2, 8, 1, 1, 3],
    [1, 1, 1, 2, 4, 4],
    [3, 9, 2, 2, 4, 1],
], float)


def show(arrays, digits=0):
    """Draw arrays side by side with their numbers; blue takes away, red adds."""
    _, places = plt.subplots(1, len(arrays), figsize=(9, 9 / len(arrays) + 0.4), layout="constrained")
    for place, (name, array) in zip(places, arrays.items(), strict=True):
        most = abs(array).max() or 1
        place.imshow(array, cmap="RdBu_r", vmin=-1.6 * most, vmax=1.6 * most)
        for (i, j), value in np.ndenumerate(array):
            if value or name == "x":
                text = f"{value:.{digits}f}"
                place.text(j, i, text, ha="center", va="center", fontsize=9 if array.shape[0] > 3 else 12)
        place.set_title(name, fontsize=10)
        place.set(xticks=np.arange(array.shape[1] + 1) - 0.5, yticks=np.arange(array.shape[0] + 1) - 0.5,
                  xticklabels=[], yticklabels=[])
        place.grid(color="white", linewidth=1)
        place.tick_params(length=0)


# %%
# Maximum: to the winner
# ----------------------
# Let the gradient of the loss with respect to each of the nine outputs be 1, 2, ..., 9. Only the largest
# element of a window decides what comes out, so it gets all of the gradient. The three 4s at the bottom
# right are equal: the first in reading order wins.

dy = np.arange(1.0, 10).reshape(3, 3)
y, indices = cpool.max_pool2d(x, 2, return_indices=True)
show({
    "x": x,
    "y = max_pool2d(x, 2)": y,
    "gradient of y": dy,
    "gradient of x": cpool.max_pool2d_backward(dy, x, 2),
})

# %%
# The indices of the forward pass save the search, and then the values of ``x`` do not matter: its shape is
# enough.

again = cpool.max_pool2d_backward(dy, x.shape, 2, indices=indices)
print(np.array_equal(again, cpool.max_pool2d_backward(dy, x, 2)))

# %%
# Where windows overlap, here 3 x 3 with a stride of 1, one element can win several of them. It then gets
# the sum of their gradients: the 8 wins seven of the sixteen windows. The others get nothing.

ones = np.ones((4, 4))
show({
    "x": x,
    "y = max_pool2d(x, 3, 1)": cpool.max_pool2d(x, 3, 1),
    "gradient of x": cpool.max_pool2d_backward(ones, x, 3, 1),
})

# %%
# Average: to all alike
# ---------------------
# Every element of a window of four has moved the average by a quarter of its own change, so each gets a
# quarter of the gradient. Values do not matter, the shape of ``x`` is enough. Overlapping windows add up to
# a pyramid: elements at the edge are in fewer windows.

show({
    "avg_pool2d_backward, 2 x 2": cpool.avg_pool2d_backward(dy, x.shape, 2),
    "3 x 3, stride 1": cpool.avg_pool2d_backward(ones, x.shape, 3, 1),
    "3 x 3, stride 1, padding 1": cpool.avg_pool2d_backward(np.ones((6, 6)), x.shape, 3, 1, 1),
}, digits=2)

# %%
# In between
# ----------
# The root mean square gives large elements more, in proportion. SoftPool weighs by exponentials, and can
# even give a small element a negative gradient, as its growth takes weight from larger ones. A median of
# four is the mean of the middle two, which get a half each.

show({
    "lp_pool2d, p = 2": cpool.lp_pool2d_backward(np.ones((3, 3)), x, 2, 2, normalize=True),
    "soft_pool2d": cpool.soft_pool2d_backward(np.ones((3, 3)), x, 2),
    "median_pool2d": cpool.median_pool2d_backward(np.ones((3, 3)), x, 2),
}, digits=2)

# %%
# Is that right?
# --------------
# Whoever writes a backward pass should not trust it but check it: move one element of ``x`` a little, up
# and down, and look how far the loss moves. Here that is done for all elements and some operators.


def finite_differences(f, x, dy, step=1e-6):
    """The gradient of sum(f(x) * dy), by moving every element."""
    gradient = np.empty_like(x)
    for place in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[place] += step
        down[place] -= step
        gradient[place] = ((f(up) - f(down)) * dy).sum() / (2 * step)
    return gradient


x = np.random.default_rng(0).standard_normal((6, 6))
for name, arguments in {
    "max_pool2d": (3, 2, 1),
    "avg_pool2d": (3, 2, 1),
    "lp_pool2d": (3, 2),
    "median_pool2d": (3, 1),
    "soft_pool2d": (2,),
    "std_pool2d": (3,),
}.items():
    forward, backward = getattr(cpool, name), getattr(cpool, f"{name}_backward")
    dy = np.random.default_rng(1).standard_normal(forward(x, *arguments).shape)
    off = abs(finite_differences(lambda x: forward(x, *arguments), x, dy) - backward(dy, x, *arguments)).max()  # noqa: B023
    print(f"{name:14} off by {off:.0e}")

# %%
# Two more properties are worth knowing. Sums and averages are linear, so that pooling and its backward pass
# are adjoint: ``<f(x), dy>`` equals ``<x, f_backward(dy)>``. And there is the other direction,
# ``f_jvp(tangent, x, ...)``: how does the output move if ``x`` moves along a tangent? It sees the same
# derivative from the other side, so that ``<f_jvp(t), dy>`` equals ``<t, f_backward(dy)>``, for operators
# that are not linear, too.

t, dy = np.random.default_rng(2).standard_normal((2, 6, 6))
dy = dy[:2, :2]
print(np.isclose((cpool.avg_pool2d(x, 3) * dy).sum(), (x * cpool.avg_pool2d_backward(dy, x, 3)).sum()))
print(np.isclose((cpool.std_pool2d_jvp(t, x, 3) * dy).sum(), (t * cpool.std_pool2d_backward(dy, x, 3)).sum()))

# %%
# Layers
# ------
# A layer is the same with a memory: it keeps what its gradient needs from the last call, the indices of a
# maximum, the shape for an average, or ``x`` itself.

layer = cpool.MaxPool2d(3, 2, padding=1)
y = layer(x)
dx = layer.backward(np.ones_like(y))
print(layer, y.shape, dx.shape)
