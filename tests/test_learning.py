"""Pooling layers in small training loops: those of the demo, and recovering the parameters that made data."""

import numpy as np
import pytest

import cpool
from cpool._cli import _demo_learning


def picture():
    """Something smooth, grey and 8-bit, as large as a small photograph."""
    h, w = np.mgrid[:120, :160]
    grey = 120 + 60 * np.sin(h / 9) * np.cos(w / 13) + 40 * (w > 80)
    return np.repeat(grey[..., None], 3, -1).astype(np.uint8)


def test_the_demo_learns():
    found = {line.name: line for line in _demo_learning.learn(picture())}
    assert list(found) == ["MixedPool2d", "GatedPool2d", "LearnedNormPool2d", "OrdinalPool2d"]
    for line in found.values():
        assert line.after < 0.65 * line.before
    assert found["OrdinalPool2d"].after < 0.4 * found["OrdinalPool2d"].before


@pytest.mark.parametrize("cls, name, start, truth, rate", [
    (cpool.MixedPool2d, "alpha", 0.0, 0.7, 0.5), (cpool.SoftmaxPool2d, "temperature", 2.0, 0.5, 4.0),
    (cpool.LsePool2d, "r", 0.5, 3.0, 30.0), (cpool.GemPool2d, "p", 1.0, 4.0, 30.0),
])  # fmt: skip
def test_parameters_are_recovered(cls, name, start, truth, rate):
    """Gradient descent finds the parameters, one for each channel, with which the targets were made."""
    x = np.random.default_rng(1).random((8, 2, 12, 12)) * 2
    target = cls(3, **{name: np.array([truth, start])})(x)
    layer = cls(3, **{name: np.array([start, truth])})
    for _ in range(400):
        off = layer(x) - target
        layer.backward(off / off[:, 0].size)
        setattr(layer, name, getattr(layer, name) - rate * getattr(layer, f"grad_{name}"))
    np.testing.assert_allclose(getattr(layer, name), [truth, start], rtol=0.02, atol=0.01)


def test_a_gate_learns_where_to_look():
    """Targets are the maximum where the first element of a window is large, else the average."""
    x = np.random.default_rng(2).standard_normal((300, 4))
    target = np.where(x[:, :1] > 0, x.max(-1, keepdims=True), x.mean(-1, keepdims=True))
    layer = cpool.GatedPool1d(np.zeros(4), 4)
    for _ in range(300):
        off = layer(x) - target
        layer.backward(off / len(x))
        layer.gate = layer.gate - 4 * layer.grad_gate
        layer.bias = layer.bias - 4 * layer.grad_bias
    assert layer.gate[0] > 3 and abs(layer.gate[1:]).max() < 0.3 * layer.gate[0]
