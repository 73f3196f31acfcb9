"""Layers of PyTorch, torchvision, Keras and ONNX as layers of cpool."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import cpool

RNG = np.random.default_rng(0)
X = {nd: RNG.standard_normal((2, 3, *(9, 8, 7)[:nd])).astype(np.float32) for nd in (1, 2, 3)}


def made(name, module, **attributes):
    thing = type(name, (), {"__module__": module})()
    vars(thing).update(attributes)
    return thing


def node(operator, outputs=("y",), **attributes):
    """What a NodeProto looks like to a reader of attributes."""
    kinds = {float: (1, "f"), int: (2, "i"), str: (3, "s"), list: (7, "ints")}
    protos = []
    for name, value in attributes.items():
        number, field = kinds[type(value)]
        protos.append(
            SimpleNamespace(name=name, type=number, **{field: value.encode() if field == "s" else value})
        )
    return SimpleNamespace(op_type=operator, attribute=protos, output=list(outputs))


TORCH = [
    ("MaxPool{n}d", (3,), {"stride": 2, "padding": 1, "ceil_mode": True}),
    ("MaxPool{n}d", (2,), {"stride": 1, "dilation": 2, "return_indices": True}),
    ("AvgPool{n}d", (3,), {"stride": 2, "padding": 1, "count_include_pad": False, "ceil_mode": True}),
    ("LPPool{n}d", (2, 3), {"stride": 2}),
    ("AdaptiveMaxPool{n}d", (3,), {}),
    ("AdaptiveAvgPool{n}d", (2,), {}),
]


@pytest.mark.parametrize("nd", [1, 2, 3])
@pytest.mark.parametrize("name, args, options", TORCH)
def test_torch(name, args, options, nd):
    torch = pytest.importorskip("torch")
    module = getattr(torch.nn, name.format(n=nd))(*args, **options)
    layer = cpool.from_torch(module)
    assert type(layer).__name__.lower() == name.format(n=nd).lower()
    want = module(torch.tensor(X[nd]))
    got = layer(X[nd])
    for a, b in zip(*(v if isinstance(v, tuple) else (v,) for v in (got, want)), strict=True):
        np.testing.assert_allclose(a, b.numpy(), rtol=1e-5, atol=1e-6)


def test_torch_of_other_shapes():
    torch = pytest.importorskip("torch")
    nn = torch.nn
    assert (
        repr(cpool.from_torch(nn.AdaptiveAvgPool2d((None, 3)))) == "AdaptiveAvgPool2d(output_size=(None, 3))"
    )
    average = cpool.from_torch(nn.AvgPool2d(2, divisor_override=3), data_format="channels_last")
    assert average.divisor_override == 3 and average.data_format == "channels_last"
    pooled, indices = nn.MaxPool2d(2, return_indices=True)(torch.tensor(X[2]))
    unpool = nn.MaxUnpool2d(2)
    got = cpool.from_torch(unpool)(pooled.numpy(), indices.numpy())
    np.testing.assert_array_equal(got, unpool(pooled, indices).numpy())

    class Own(nn.MaxPool2d):
        pass

    assert repr(cpool.from_torch(Own(3))).startswith("MaxPool2d(kernel_size=3, stride=3")


def test_torch_rules_that_differ():
    for norm in (1, 3.0, 2.5, float("inf")):
        with pytest.raises(ValueError, match="module must be an LPPool with an even"):
            cpool.from_torch(
                made("LPPool2d", "torch.nn", norm_type=norm, kernel_size=2, stride=None, ceil_mode=False)
            )
    with pytest.raises(ValueError, match=r"module must be an LPPool .* without ceil_mode"):
        cpool.from_torch(
            made("LPPool1d", "torch.nn", norm_type=2, kernel_size=2, stride=None, ceil_mode=True)
        )


def test_torchvision():
    """The attributes are enough: torchvision need not be there."""
    for name, attributes in [
        ("RoIPool", {"output_size": (3, 2), "spatial_scale": 0.5}),
        ("RoIAlign", {"output_size": 7, "spatial_scale": 0.5, "sampling_ratio": 2, "aligned": True}),
        ("PSRoIPool", {"output_size": 1, "spatial_scale": 0.25}),
        ("PSRoIAlign", {"output_size": 1, "spatial_scale": 0.25, "sampling_ratio": 2}),
    ]:
        layer = cpool.from_torch(made(name, "torchvision.ops", **attributes))
        assert type(layer) is getattr(cpool, name)
        assert {key: getattr(layer, key) for key in attributes} == attributes


@pytest.mark.parametrize("nd", [1, 2, 3])
@pytest.mark.parametrize("theirs, ours", [("Max", "Max"), ("Average", "Avg")])
def test_keras_attributes(theirs, ours, nd):
    root = "keras.src.layers.pooling"
    for data_format, padding in (("channels_last", "same"), ("channels_first", "valid")):
        window = made(
            f"{theirs}Pooling{nd}D",
            root,
            pool_size=(2,) * nd,
            strides=(1,) * nd,
            padding=padding,
            data_format=data_format,
        )
        layer = cpool.from_keras(window)
        assert type(layer) is getattr(cpool, f"{ours}Pool{nd}d")
        assert (layer.kernel_size, layer.stride, layer.padding) == ((2,) * nd, (1,) * nd, padding)
        assert layer.data_format == data_format
    whole = cpool.from_keras(
        made(f"Global{theirs}Pooling{nd}D", root, data_format="channels_last", keepdims=True)
    )
    assert type(whole) is getattr(cpool, f"Global{ours}Pool") and whole.spatial_ndim == nd and whole.keepdims
    small = cpool.from_keras(
        made(f"Adaptive{theirs}Pooling{nd}D", root, data_format="channels_last", output_size=(2,) * nd)
    )
    assert type(small) is getattr(cpool, f"Adaptive{ours}Pool{nd}d") and small.output_size == (2,) * nd


@pytest.mark.parametrize("nd", [1, 2, 3])
def test_keras_itself(nd):
    keras = pytest.importorskip("keras")
    x = np.moveaxis(X[nd], 1, -1)
    for layer in [
        getattr(keras.layers, f"{kind}Pooling{nd}D")(3, strides=2, padding=padding)
        for kind in ("Max", "Average")
        for padding in ("same", "valid")
    ]:
        np.testing.assert_allclose(cpool.from_keras(layer)(x), np.asarray(layer(x)), rtol=1e-5, atol=1e-6)
    for kind in ("Max", "Average"):
        layer = getattr(keras.layers, f"Global{kind}Pooling{nd}D")()
        np.testing.assert_allclose(cpool.from_keras(layer)(x), np.asarray(layer(x)), rtol=1e-5, atol=1e-6)


def test_onnx_nodes():
    x = X[2]
    layer = cpool.from_onnx(
        node("MaxPool", kernel_shape=[3, 2], strides=[2, 1], pads=[1, 0, 0, 1], ceil_mode=1)
    )
    want = cpool.max_pool2d(x, (3, 2), (2, 1), [(1, 0), (0, 1)], ceil_mode=True)
    np.testing.assert_array_equal(layer(x), want)
    layer = cpool.from_onnx(node("MaxPool", ("y", "i"), kernel_shape=[2, 2], dilations=[2, 2]))
    for a, b in zip(layer(x), cpool.max_pool2d(x, 2, 1, dilation=2, return_indices=True), strict=True):
        np.testing.assert_array_equal(a, b)
    layer = cpool.from_onnx(node("AveragePool", kernel_shape=[3], pads=[1, 1], strides=[2]))
    np.testing.assert_array_equal(layer(X[1]), cpool.avg_pool1d(X[1], 3, 2, 1, count_include_pad=False))
    layer = cpool.from_onnx(node("AveragePool", kernel_shape=[3], pads=[1, 1], count_include_pad=1))
    np.testing.assert_array_equal(layer(X[1]), cpool.avg_pool1d(X[1], 3, 1, 1))
    for auto, padding in (("SAME_UPPER", "same"), ("SAME_LOWER", "same_lower"), ("VALID", 0), ("NOTSET", 0)):
        layer = cpool.from_onnx(node("LpPool", kernel_shape=[2, 2, 2], auto_pad=auto, p=3, strides=[2, 2, 2]))
        np.testing.assert_array_equal(layer(X[3]), cpool.lp_pool3d(X[3], 3, 2, padding=padding))
    assert repr(cpool.from_onnx(node("LpPool", kernel_shape=[2]))).startswith("LpPool1d(norm_type=2")
    np.testing.assert_array_equal(cpool.from_onnx(node("GlobalMaxPool"))(x), x.max((2, 3), keepdims=True))
    assert cpool.from_onnx(node("GlobalAveragePool"))(x).shape == (2, 3, 1, 1)
    assert cpool.from_onnx(node("GlobalLpPool", p=3)).norm_type == 3
    assert cpool.from_onnx(node("GlobalLpPool")).norm_type == 2


def test_onnx_regions():
    boxes = np.array([[0, 1, 1, 6, 6], [1, 0, 2, 5, 5]], np.float32)
    layer = cpool.from_onnx(node("MaxRoiPool", pooled_shape=[2, 3], spatial_scale=0.5))
    np.testing.assert_array_equal(layer(X[2], boxes), cpool.roi_pool(X[2], boxes, (2, 3), 0.5))
    batch = boxes[:, 0].astype(np.int64)
    layer = cpool.from_onnx(
        node("RoiAlign", output_height=2, output_width=3, sampling_ratio=2, spatial_scale=0.5)
    )
    want = cpool.roi_align(X[2], boxes, (2, 3), 0.5, 2, True)
    np.testing.assert_array_equal(layer(X[2], boxes[:, 1:], batch), want)
    for options, opset, mode in [
        ({}, 10, "output_half_pixel"),
        ({}, 16, "half_pixel"),
        ({}, None, "half_pixel"),
        ({"coordinate_transformation_mode": "output_half_pixel"}, 16, "output_half_pixel"),
    ]:
        layer = cpool.from_onnx(node("RoiAlign", **options), opset=opset)
        assert layer.coordinate_transformation_mode == mode and layer.output_size == (1, 1)
        assert layer.sampling_ratio == 0


def test_onnx_itself():
    helper = pytest.importorskip("onnx").helper
    real = helper.make_node(
        "MaxPool", ["x"], ["y"], kernel_shape=[3, 3], strides=[2, 2], auto_pad="SAME_UPPER"
    )
    np.testing.assert_array_equal(cpool.from_onnx(real)(X[2]), cpool.max_pool2d(X[2], 3, 2, "same"))
    real = helper.make_node("RoiAlign", ["x", "r", "b"], ["y"], spatial_scale=0.5, mode="avg")
    assert cpool.from_onnx(real).spatial_scale == 0.5


@pytest.mark.parametrize(
    "call, error, words",
    [
        (lambda: cpool.from_torch(3), TypeError, "module must be a layer of torch or torchvision: RoIPool"),
        (lambda: cpool.from_torch(made("MaxPool2d", "mine")), TypeError, "module must be a layer"),
        (lambda: cpool.from_torch(made("Conv2d", "torch.nn")), TypeError, "module must be a layer"),
        (lambda: cpool.from_keras("MaxPooling2D"), TypeError, "layer must be a layer of keras"),
        (lambda: cpool.from_onnx(node("Conv")), TypeError, "node must be a node of ONNX: MaxPool.*'Conv'"),
        (lambda: cpool.from_onnx(None), TypeError, "node must be a node of ONNX"),
        (
            lambda: cpool.from_onnx(node("MaxPool", kernel_shape=[2], storage_order=1)),
            ValueError,
            "storage_order",
        ),
        (lambda: cpool.from_onnx(node("RoiAlign", mode="max")), ValueError, "mode 'avg'"),
        (lambda: cpool.from_onnx(node("MaxPool")), ValueError, "node must be .* kernel_shape"),
        (lambda: cpool.from_onnx(node("MaxPool", kernel_shape=[2] * 4)), ValueError, "kernel_shape"),
        (lambda: cpool.from_onnx(node("MaxRoiPool")), ValueError, "pooled_shape"),
        (lambda: cpool.from_onnx(SimpleNamespace(op_type="MaxPool")), TypeError, "attribute 'attribute'"),
        (
            lambda: cpool.from_onnx(SimpleNamespace(
                op_type="MaxPool", attribute=[SimpleNamespace(name="pads", type=4)])),
            ValueError,
            "numbers or text",
        ),
        (lambda: cpool.from_torch(made("MaxUnpool2d", "torch.nn")), TypeError, "attribute 'kernel_size'"),
        (lambda: cpool.from_keras(made("MaxPooling2D", "keras")), TypeError, "attribute 'data_format'"),
    ],
)
def test_refusals(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_nothing_is_imported():
    code = """
import sys, cpool
from types import SimpleNamespace
thing = type("MaxPool2d", (), {"__module__": "torch.nn"})()
vars(thing).update(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False, return_indices=False)
cpool.from_torch(thing)
cpool.from_onnx(SimpleNamespace(op_type="GlobalMaxPool", attribute=[], output=["y"]))
print(not {"torch", "torchvision", "onnx", "keras", "tensorflow"} & set(sys.modules))
"""
    environment = os.environ | {"PYTHONPATH": str(Path(cpool.__file__).parents[1])}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout == "True\n"
