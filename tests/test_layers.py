"""Layers: the functions with their arguments, and what they keep for the gradient."""

import copy
import inspect
import pickle

import numpy as np
import pytest

import cpool
from cpool import layers

OPS = ("max", "min", "avg", "sum", "lp")
TITLES = {op: op.title() for op in OPS}
X = {
    1: np.random.default_rng(1).standard_normal((2, 3, 7)),
    2: np.random.default_rng(2).standard_normal((2, 3, 5, 6)),
    3: np.random.default_rng(3).standard_normal((2, 3, 4, 5, 4)),
}


def pooling_layers():
    """Name of the class, of the function, number of spatial axes, positional arguments, options."""
    for op in OPS:
        lead = (3,) if op == "lp" else ()
        for nd in (1, 2, 3):
            for options in ({}, {"stride": 1, "padding": 1}, {"dilation": 2, "ceil_mode": True}):
                yield f"{TITLES[op]}Pool{nd}d", f"{op}_pool{nd}d", nd, (*lead, 2), options
            yield f"Adaptive{TITLES[op]}Pool{nd}d", f"adaptive_{op}_pool{nd}d", nd, (*lead, 3), {}
            axis = tuple(range(1, nd + 1))
            yield f"{TITLES[op]}Pool{nd}d", f"{op}_pool{nd}d", nd, (*lead, 2), {"axis": axis}
        last = {"spatial_ndim": 1, "data_format": "channels_last"}
        for options in ({}, {"keepdims": True}, {"axis": (0, 2)}, last):
            yield f"Global{TITLES[op]}Pool", f"global_{op}_pool", 2, lead, options


LAYERS = layers.__all__
CASES = [pytest.param(*case, id=f"{case[0]}-{'-'.join(case[4]) or 'plain'}") for case in pooling_layers()]


@pytest.mark.parametrize("cls, function, nd, args, options", CASES)
def test_layer_is_its_function(cls, function, nd, args, options):
    layer = getattr(cpool, cls)(*args, **options)
    x = X[nd]
    y = layer(x)
    expected = getattr(cpool, function)(x, *args, **options)
    np.testing.assert_array_equal(y, expected)
    assert y.dtype == expected.dtype
    g = np.random.default_rng(4).standard_normal(y.shape)
    gradient = layer.backward(g)
    expected = getattr(cpool, function + "_backward")(g, x, *args, **options)
    np.testing.assert_array_equal(gradient, expected)
    assert gradient.shape == x.shape


@pytest.mark.parametrize("cls, function, nd, args, options", CASES)
def test_repr_builds_the_layer_again(cls, function, nd, args, options):
    layer = getattr(cpool, cls)(*args, **options)
    text = repr(layer)
    assert text.startswith(cls + "(") and "object at" not in text
    again = eval(text, {cls: getattr(cpool, cls)})
    assert repr(again) == text
    np.testing.assert_array_equal(again(X[nd]), layer(X[nd]))


def test_repr_shows_what_was_chosen():
    assert repr(cpool.MaxPool2d(2)) == "MaxPool2d(kernel_size=2)"
    assert repr(cpool.MaxPool2d(3, 2, "same")) == "MaxPool2d(kernel_size=3, stride=2, padding='same')"
    assert repr(cpool.AvgPool1d(2, dtype="float32")) == "AvgPool1d(kernel_size=2, dtype='float32')"
    assert repr(cpool.LpPool2d(2, 3, stride=1)) == "LpPool2d(norm_type=2, kernel_size=3, stride=1)"
    assert repr(cpool.AdaptiveAvgPool2d((1, None))) == "AdaptiveAvgPool2d(output_size=(1, None))"
    assert repr(cpool.GlobalMaxPool()) == "GlobalMaxPool()"
    assert repr(cpool.GlobalMaxPool(axis=0)) == "GlobalMaxPool(axis=0)"
    assert repr(cpool.MaxUnpool2d(2, mode="sum")) == "MaxUnpool2d(kernel_size=2, mode='sum')"


@pytest.mark.parametrize("nd", [1, 2, 3])
@pytest.mark.parametrize("op", ["Max", "Min"])
def test_indices_on_request(op, nd):
    layer = getattr(cpool, f"{op}Pool{nd}d")(2, return_indices=True, index_dtype=np.int32)
    values, indices = layer(X[nd])
    expected = getattr(cpool, f"{op.lower()}_pool{nd}d")(X[nd], 2, return_indices=True, index_dtype=np.int32)
    np.testing.assert_array_equal(values, expected[0])
    np.testing.assert_array_equal(indices, expected[1])
    assert indices.dtype == np.int32
    assert layer.backward(np.ones_like(values)).sum() == values.size


@pytest.mark.parametrize("nd", [1, 2, 3])
def test_unpool(nd):
    x = X[nd]
    values, indices = getattr(cpool, f"max_pool{nd}d")(x, 2, return_indices=True)
    layer = getattr(cpool, f"MaxUnpool{nd}d")(2)
    spatial = x.shape[-nd:]
    y = layer(values, indices, spatial)
    unpool = getattr(cpool, f"max_unpool{nd}d")
    np.testing.assert_array_equal(y, unpool(values, indices, 2, output_size=spatial))
    g = np.random.default_rng(5).standard_normal(y.shape)
    flat = g.reshape(2, 3, -1)
    expected = np.take_along_axis(flat, indices.reshape(2, 3, -1), 2).reshape(values.shape)
    np.testing.assert_array_equal(layer.backward(g), expected)


def test_there_is_a_layer_for_every_operator():
    operators = {name.replace("_", "").lower() for name in cpool.__all__
                 if ("pool" in name or "roi" in name) and name.islower()}
    operators = {name for name in operators if not name.endswith(("backward", "jvp"))}
    assert {name.lower() for name in LAYERS} == operators


@pytest.mark.parametrize("name", LAYERS)
def test_backward_before_forward(name):
    cls = getattr(cpool, name)
    needed = [p for p in inspect.signature(cls).parameters.values() if p.default is p.empty]
    with pytest.raises(RuntimeError, match=f"{name}.backward needs a call"):
        cls(*[2] * len(needed)).backward([1.0])


def test_what_is_kept():
    x = np.zeros((64, 64))
    spatial = cpool.GlobalAvgPool(spatial_ndim=2)
    for layer in (cpool.MaxPool2d(2), cpool.AvgPool2d(2), cpool.SumPool2d(2), spatial):
        layer(x)
        assert layer._last[0] == (x.shape, x.dtype)
        stand_in = layer._input(layer._last[0])
        assert stand_in.shape == x.shape and stand_in.dtype == x.dtype
        assert stand_in.strides == (0, 0) and not np.shares_memory(stand_in, x)
    layer = cpool.LpPool2d(2, 2)
    layer(x)
    assert layer._last[0] is x
    assert "input itself" in cpool.LpPool2d.__doc__


def test_the_last_call_counts():
    layer = cpool.AvgPool1d(2)
    layer(np.zeros(8))
    layer(np.zeros((3, 6), np.float32))
    gradient = layer.backward(np.ones((3, 3), np.float32))
    assert gradient.shape == (3, 6) and gradient.dtype == np.float32
    with pytest.raises(ValueError, match="grad_output"):
        layer.backward(np.ones(4, np.float32))
    with pytest.raises(TypeError, match="grad_output"):
        layer.backward(np.ones((3, 3)))


def test_arguments_can_be_changed():
    x = X[2]
    layer = cpool.MaxPool2d(2)
    layer(x)
    layer.stride = 1
    np.testing.assert_array_equal(layer(x), cpool.max_pool2d(x, 2, 1))
    layer.data_format = "channels_last"
    np.testing.assert_array_equal(layer(x), cpool.max_pool2d(x, 2, 1, data_format="channels_last"))
    layer.return_indices = True
    assert len(layer(x)) == 2
    layer.nan_policy = "ignore"
    with pytest.raises(ValueError, match="nan_policy"):
        layer(x)


def test_a_failed_call_changes_nothing():
    layer = cpool.MaxPool1d(2)
    layer([1.0, 2.0])
    with pytest.raises(ValueError):
        layer([1.0])
    np.testing.assert_array_equal(layer.backward([3.0]), [0, 3])


def test_gradient_dtype_follows_the_input():
    layer = cpool.AvgPool1d(2, dtype=np.float32)
    assert layer(np.ones(4, np.float16)).dtype == np.float32
    assert layer.backward(np.ones(2, np.float32)).dtype == np.float16
    layer = cpool.SumPool1d(2)
    layer([1, 2, 3, 4])
    with pytest.raises(TypeError):
        layer.backward([1, 1])


def test_axis_and_data_format():
    with pytest.raises(ValueError, match="data_format"):
        cpool.MaxPool2d(2, axis=(0, 1), data_format="channels_first")
    with pytest.raises(ValueError, match="data_format"):
        cpool.GlobalAvgPool(axis=0, data_format="channels_last")


def pickled(layer):
    return pickle.loads(pickle.dumps(layer))


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, pickled])
@pytest.mark.parametrize("options", [{}, {"axis": (0, 1)}, {"data_format": "channels_last"}])
def test_copies(duplicate, options):
    layer = cpool.MaxPool2d(2, **options)
    x = X[3][0]
    y = layer(x)
    for again in (duplicate(layer), duplicate(cpool.MaxPool2d(2, **options))):
        assert repr(again) == repr(layer)
        np.testing.assert_array_equal(again(x), y)
        g = np.ones_like(y)
        np.testing.assert_array_equal(again.backward(g), layer.backward(g))
