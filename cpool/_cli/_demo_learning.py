"""Pooling layers that learn, by gradient descent in NumPy, to look past the dead pixels of a photograph."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

import cpool

K = 4  # window, in pixels
SHARE = 0.1  # of the pixels that are dead: black
STEPS = 60


class Learned(NamedTuple):
    """A layer and how far its results are from those of the whole photograph.

    Attributes
    ----------
    name, note : str
        The layer, and what it has learned, in a few words.
    before, after : float
        Root of the mean squared error before and after the training, of 255.
    """

    name: str
    note: str
    before: float
    after: float


def damaged(photo: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the grey photograph, 0 to 1, with dead pixels, and the averages of its windows without them."""
    grey = photo.mean(axis=2, dtype=np.float32) / np.float32(255)
    grey = grey[: grey.shape[0] // K * K, : grey.shape[1] // K * K]
    alive = np.random.default_rng(7).random(grey.shape) >= SHARE
    return np.where(alive, grey, np.float32(0)), cpool.avg_pool2d(grey, K)


def train(
    layer: Any, names: tuple[str, ...], x: np.ndarray, target: np.ndarray, rate: float
) -> tuple[float, float]:
    """Learn the named parameters of a layer; return the error before and after.

    Each step takes the gradient of half the mean squared error; its size adapts to each number (Adam, Kingma
    and Ba, 2015).
    """
    errors = []
    first = {name: np.zeros(np.shape(getattr(layer, name))) for name in names}
    second = {name: np.zeros(np.shape(getattr(layer, name))) for name in names}
    for step in range(1, STEPS + 2):  # pragma: no branch (it is always left by break)
        off = layer(x) - target
        errors.append(255 * float(np.sqrt(np.mean(off**2))))
        if step > STEPS:
            break
        layer.backward(off / off.size)
        for name in names:
            grad = getattr(layer, f"grad_{name}")
            first[name] += 0.1 * (grad - first[name])
            second[name] += 0.01 * (grad**2 - second[name])
            size = np.sqrt(second[name] / (1 - 0.99**step)) + 1e-12
            setattr(layer, name, getattr(layer, name) - rate * first[name] / (1 - 0.9**step) / size)
    return errors[0], errors[-1]


def learn(photo: np.ndarray) -> Iterator[Learned]:
    """Train a layer of each kind, all of which begin as the average."""
    x, target = damaged(photo)
    mixed = cpool.MixedPool2d(K, alpha=0.0)
    errors = train(mixed, ("alpha",), x, target, 0.02)
    yield Learned("MixedPool2d", f"alpha {float(mixed.alpha):.2f}", *errors)
    gated = cpool.GatedPool2d(np.zeros((K, K)), K, bias=-4.0)
    errors = train(gated, ("gate", "bias"), x, target, 0.1)
    yield Learned("GatedPool2d", f"gate {np.mean(gated.gate):.2f}, bias {float(gated.bias):.2f}", *errors)
    norm = cpool.LearnedNormPool2d(K, p=1.0)
    errors = train(norm, ("p",), x, target, 0.1)
    yield Learned("LearnedNormPool2d", f"p {float(norm.p):.2f}", *errors)
    ordinal = cpool.OrdinalPool2d(np.full(K * K, 1 / K**2), K)
    errors = train(ordinal, ("rank_weights",), x, target, 0.003)
    dark = ordinal.rank_weights[-K:].sum()
    yield Learned("OrdinalPool2d", f"weight of the {K} darkest {dark:.2f}", *errors)
