"""The node tests that come with the onnx package, each translated into a call."""

import warnings

import numpy as np
import pytest

import cpool

onnx = pytest.importorskip("onnx")

OPERATORS = (
    "MaxPool",
    "AveragePool",
    "LpPool",
    "GlobalMaxPool",
    "GlobalAveragePool",
    "GlobalLpPool",
    "MaxUnpool",
)
PADDING = {b"SAME_UPPER": "same", b"SAME_LOWER": "same_lower", b"VALID": "valid"}


def cases():
    from onnx.backend.test.case.node import collect_testcases

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        every = collect_testcases(None)
    nodes = {case.name: case.model.graph.node for case in every if case.model is not None}
    return {
        c.name: c for c in every if len(nodes.get(c.name, ())) == 1 and nodes[c.name][0].op_type in OPERATORS
    }


CASES = cases()


def attributes(node):
    return {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}


def windows(given, nd):
    """The window arguments of an ONNX node in our words; strides and dilations default to 1 there."""
    pads = given.get("pads", [0] * 2 * nd)
    auto = given.get("auto_pad", b"NOTSET")
    return {
        "kernel_size": tuple(given["kernel_shape"]),
        "stride": tuple(given.get("strides", [1] * nd)),
        "padding": PADDING[auto] if auto in PADDING else list(zip(pads[:nd], pads[nd:], strict=True)),
        "dilation": tuple(given.get("dilations", [1] * nd)),
        "ceil_mode": bool(given.get("ceil_mode", 0)),
    }


def run(node, inputs):
    given, x, op = attributes(node), inputs[0], node.op_type
    nd = x.ndim - 2
    if op.startswith("Global"):
        function = getattr(
            cpool,
            {
                "GlobalMaxPool": "global_max_pool",
                "GlobalAveragePool": "global_avg_pool",
                "GlobalLpPool": "global_lp_pool",
            }[op],
        )
        return (function(x, *((given.get("p", 2),) if op == "GlobalLpPool" else ()), keepdims=True),)
    if op == "MaxUnpool":
        indices = np.asarray(inputs[1])
        plane = int(
            np.prod(
                cpool.max_unpool2d(
                    x,
                    np.zeros(x.shape, int),
                    tuple(given["kernel_shape"]),
                    tuple(given.get("strides", [1] * nd)),
                ).shape[2:]
            )
        )
        size = None if len(inputs) < 3 else tuple(int(n) for n in inputs[2])
        if size is not None:
            plane_of_indices = plane  # ONNX: indices belong to the plane without the explicit output shape
            rows = np.unravel_index(
                indices % plane_of_indices,
                cpool.max_unpool2d(
                    x, np.zeros(x.shape, int), tuple(given["kernel_shape"]), tuple(given["strides"])
                ).shape[2:],
            )
            indices = np.ravel_multi_index(rows, size[2:])
            plane = int(np.prod(size[2:]))
        return (
            cpool.max_unpool2d(
                x,
                indices % plane,
                tuple(given["kernel_shape"]),
                tuple(given.get("strides", [1] * nd)),
                output_size=size,
            ),
        )
    options = windows(given, nd)
    if op == "AveragePool":
        options["count_include_pad"] = bool(given.get("count_include_pad", 0))
        return (getattr(cpool, f"avg_pool{nd}d")(x, **options),)
    if op == "LpPool":
        return (getattr(cpool, f"lp_pool{nd}d")(x, given.get("p", 2), **options),)
    if len(node.output) == 1:
        return (getattr(cpool, f"max_pool{nd}d")(x, **options),)
    y, indices = getattr(cpool, f"max_pool{nd}d")(x, **options, return_indices=True)
    converted = cpool.convert_indices(indices, x.shape, source="torch", target="onnx")
    if given.get("storage_order", 0):  # column-major within the plane
        batch, at = divmod(converted, int(np.prod(x.shape[2:])))
        converted = batch * int(np.prod(x.shape[2:])) + np.ravel_multi_index(
            np.unravel_index(at, x.shape[2:]), x.shape[2:], order="F"
        )
    return y, converted


def test_there_are_cases():
    found = {case.model.graph.node[0].op_type for case in CASES.values()}
    assert found >= set(OPERATORS) - {"GlobalLpPool"} and len(CASES) > 45


@pytest.mark.parametrize("name", sorted(CASES))
def test_node(name):
    case = CASES[name]
    node = case.model.graph.node[0]
    for inputs, outputs in case.data_sets:
        got = run(node, [np.asarray(i) for i in inputs])
        assert len(got) == len(outputs)
        for ours, theirs in zip(got, outputs, strict=True):
            assert ours.dtype == theirs.dtype and ours.shape == theirs.shape
            np.testing.assert_allclose(ours, theirs, rtol=case.rtol, atol=case.atol)
