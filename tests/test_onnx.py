"""The pooling tests that come with the onnx package, run by its evaluator with cpool's operators."""

import itertools
import os
import warnings

import numpy as np
import pytest

import cpool

onnx = pytest.importorskip("onnx")

from onnx import TensorProto, helper, numpy_helper  # noqa: E402
from onnx.reference import ReferenceEvaluator  # noqa: E402

import cpool.onnx  # noqa: E402

NAMES = {operator.__name__ for operator in cpool.onnx.new_ops}


def packaged_cases():
    """The tests of single nodes, and those on disk of models of older opsets, that hold a pooling node."""
    from onnx.backend.test.case.node import collect_testcases
    from onnx.backend.test.loader import load_model_tests

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        cases = [case for case in collect_testcases(None) if case.model is not None]
    for case in cases:
        if NAMES & {node.op_type for node in case.model.graph.node}:
            yield case.name, case.model, case.data_sets, case.rtol, case.atol
    for kind in ("simple", "pytorch-converted", "pytorch-operator"):
        for case in load_model_tests(kind=kind):
            model = onnx.load(os.path.join(case.model_dir, "model.onnx"))
            if NAMES & {node.op_type for node in model.graph.node}:
                yield case.name, model, data_sets(case.model_dir), case.rtol, case.atol


def data_sets(folder):
    found = []
    for name in sorted(os.listdir(folder)):
        if name.startswith("test_data_set"):
            found.append([tensors(os.path.join(folder, name), kind) for kind in ("input", "output")])
    return found


def tensors(folder, kind):
    names = [name for name in os.listdir(folder) if name.startswith(f"{kind}_")]
    paths = [os.path.join(folder, f"{kind}_{i}.pb") for i in range(len(names))]
    return [numpy_helper.to_array(onnx.load_tensor(path)) for path in paths]


CASES = {case[0]: case[1:] for case in packaged_cases()}


def evaluator(model):
    session = ReferenceEvaluator(model, new_ops=cpool.onnx.new_ops)
    ours = [type(node) for node in session.rt_nodes_ if type(node) in cpool.onnx.new_ops]
    assert len(ours) == sum(node.op_type in NAMES for node in model.graph.node) > 0
    return session


def test_there_are_cases():
    operators = [node.op_type for model, *_ in CASES.values() for node in model.graph.node]
    opsets = {entry.version for model, *_ in CASES.values() for entry in model.opset_import}
    # of these two the package has none: `test_every_version` has
    assert NAMES - set(operators) == {"GlobalLpPool", "MaxRoiPool"}
    assert len(CASES) >= 68 and len(opsets) >= 3


def test_no_case_is_left_out():
    """Every node test whose name speaks of pooling or of regions runs above."""
    from onnx.backend.test.case.node import collect_testcases

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        names = {case.name for case in collect_testcases(None) if case.model is not None}
    assert {name for name in names if "pool" in name or "roi" in name} <= set(CASES)


@pytest.mark.parametrize("name", sorted(CASES))
def test_packaged_case(name):
    model, sets, rtol, atol = CASES[name]
    session = evaluator(model)
    assert sets
    for inputs, outputs in sets:
        got = session.run(None, dict(zip(session.input_names, map(np.asarray, inputs), strict=False)))
        assert len(got) == len(outputs)
        for ours, theirs in zip(got, outputs, strict=True):
            assert ours.dtype == theirs.dtype and ours.shape == theirs.shape
            np.testing.assert_allclose(ours, theirs, rtol=rtol, atol=atol)


# ---- every version of every operator against ONNX Runtime ----


INPUTS = ["x", "i", "s"]


def one_node(op, version, inputs, outputs=1, **attributes):
    names = INPUTS[: len(inputs)]
    node = helper.make_node(op, names, ["y", "z"][:outputs], **attributes)
    types = [TensorProto.INT64 if array.dtype == np.int64 else TensorProto.FLOAT for array in inputs]
    graph = helper.make_graph(
        [node],
        "one",
        [helper.make_tensor_value_info(n, t, a.shape) for n, t, a in zip(names, types, inputs, strict=True)],
        [
            helper.make_tensor_value_info(n, t, None)
            for n, t in zip(["y", "z"], [TensorProto.FLOAT, TensorProto.INT64], strict=True)
        ][:outputs],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", version)], ir_version=8)


def versions():
    for schema in onnx.defs.get_all_schemas_with_history():
        if schema.name in NAMES and not schema.domain:
            yield schema.name, schema.since_version, set(schema.attributes)


def settings(op, accepted, nd):
    """Attributes of which the schema has all, for `nd` spatial axes."""
    if op.startswith("Global"):
        yield from [{}, {"p": 1}, {"p": 3}] if "p" in accepted else [{}]
        return
    choices = {
        "strides": [None, [2] * nd],
        "pads": [None, [0, 1, 1][:nd] + [1] * nd],
        "dilations": [None, [2, 1, 2][:nd]],
        "ceil_mode": [None, 1],
        "count_include_pad": [None, 1],
    }
    names = [name for name in choices if name in accepted]
    for values in itertools.product(*(choices[name] for name in names)):
        chosen = {name: value for name, value in zip(names, values, strict=True) if value is not None}
        yield {"kernel_shape": [2, 3, 2][:nd], **({"p": 3} if op == "LpPool" else {}), **chosen}


VERSIONS = sorted(versions(), key=lambda entry: entry[:2])
# what ONNX Runtime has not got, and the version in which it computes the same
STAND_INS = {
    ("AveragePool", 1): 7, ("MaxRoiPool", 22): 1, ("LpPool", 1): 2, ("GlobalLpPool", 1): 2,
    ("GlobalLpPool", 22): 2, ("RoiAlign", 22): 16,
}


@pytest.mark.parametrize(
    "op, version, accepted", VERSIONS, ids=[f"{op}-{version}" for op, version, _ in VERSIONS]
)
def test_every_version(op, version, accepted):
    runtime = pytest.importorskip("onnxruntime")

    def expected(inputs, outputs=1, **given):
        model = one_node(op, STAND_INS.get((op, version), version), inputs, outputs, **given)
        options = runtime.SessionOptions()
        options.log_severity_level = 4
        session = runtime.InferenceSession(
            model.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )
        return session.run(None, feeds(inputs))

    if op == "MaxUnpool":
        for inputs in (UNPOOLED, [*UNPOOLED, np.int64([1, 2, 4, 4])]):
            compare(one_node(op, version, inputs, **UNPOOLING), inputs, expected(inputs, **UNPOOLING))
        return
    rng = np.random.default_rng(version)
    if "Roi" in op:
        x = rng.standard_normal((2, 3, 9, 8), np.float32)
        rois = np.float32([[0, 0, 6, 7], [1.2, 2.5, 4.3, 8], [3, 3, 3.4, 3.3], [-2, 1, 9, 12]])
        numbers = np.int64([0, 1, 1, 0])
        if op == "MaxRoiPool":
            inputs = [x, np.concatenate([numbers[:, None], rois], axis=1, dtype=np.float32)]
            choices = [{"pooled_shape": [2, 3]}, {"pooled_shape": [1, 1], "spatial_scale": 0.5}]
        else:
            inputs = [x, rois, numbers]
            choices = [{"output_height": 2, "output_width": 3, "spatial_scale": 0.5}, {"sampling_ratio": 2}]
            choices += [{"mode": "max", "sampling_ratio": 1}]
            if "coordinate_transformation_mode" in accepted:
                choices += [{"coordinate_transformation_mode": "output_half_pixel", "output_height": 2}]
        for given in choices:
            compare(one_node(op, version, inputs, **given), inputs, expected(inputs, **given))
        return
    for nd in (1, 2, 3):
        x = rng.permutation(2 * 3 * 7**nd).reshape(2, 3, *(7,) * nd).astype(np.float32) - 90
        for given in settings(op, accepted, nd):
            outputs = 2 if op == "MaxPool" and version >= 8 and {"pads", "strides"} <= set(given) else 1
            orders = [{}, {"storage_order": 1}] if outputs == 2 else [{}]
            for order in orders:
                floating = {"p": float(given["p"])} if version == 1 and "p" in given else {}
                model = one_node(op, version, [x], outputs, **given | order | floating)
                compare(model, [x], expected([x], outputs, **given, **order))


def feeds(inputs):
    return dict(zip(INPUTS, inputs, strict=False))


def compare(model, inputs, expected):
    node = model.graph.node[0]
    got = evaluator(model).run(None, feeds(inputs))
    assert len(got) == len(expected) == len(node.output)
    for ours, theirs in zip(got, expected, strict=True):
        assert ours.dtype == theirs.dtype and ours.shape == theirs.shape, node
        # the runtime adds what regions weigh in float32
        close = {"rtol": 1e-5, "atol": 1e-6 * ("Roi" in node.op_type)}
        np.testing.assert_allclose(ours, theirs, **close, err_msg=str(node))


UNPOOLED = [
    np.float32([[[[1, 2], [3, 4]], [[5, 6], [7, 8]]]]),
    np.int64([[[[5, 7], [13, 15]], [[16, 22], [26, 31]]]]),
]
UNPOOLING = {"kernel_shape": [2, 2], "strides": [2, 2]}


def test_unpooling_into_a_larger_shape():
    """As ONNX' own tests and evaluator have it; ONNX Runtime counts in the larger shape (its issue 6391)."""
    inputs = [*UNPOOLED, np.int64([1, 2, 5, 6])]
    model = one_node("MaxUnpool", 22, inputs, **UNPOOLING)
    compare(model, inputs, ReferenceEvaluator(model).run(None, feeds(inputs)))


@pytest.mark.parametrize("dtype", ["int8", "uint8", "float16", "bfloat16", "float64"])
@pytest.mark.parametrize("op", sorted(NAMES - {"MaxUnpool", "MaxRoiPool", "RoiAlign"}))
def test_dtypes(op, dtype):
    """Elements keep their type: the result is that of the function."""
    dtype = np.dtype(pytest.importorskip("ml_dtypes").bfloat16 if dtype == "bfloat16" else dtype)
    if dtype.kind in "iu" and op != "MaxPool":
        pytest.skip("not in ONNX")
    x = np.random.default_rng(0).integers(0, 100, (1, 2, 5, 6)).astype(dtype)
    given = {} if op.startswith("Global") else {"kernel_shape": [2, 2]}
    kind = helper.np_dtype_to_tensor_dtype(dtype)
    graph = helper.make_graph(
        [helper.make_node(op, ["x"], ["y"], **given)],
        "one",
        [helper.make_tensor_value_info("x", kind, x.shape)],
        [helper.make_tensor_value_info("y", kind, None)],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 22)])
    (got,) = evaluator(model).run(None, {"x": x})
    words = op.removeprefix("Global").removesuffix("Pool").replace("Average", "Avg").lower()
    norm = (2,) if "Lp" in op else ()
    if given:
        padded = {"count_include_pad": False} if "Av" in op else {}
        expected = getattr(cpool, f"{words}_pool2d")(x, *norm, 2, 1, **padded)
    else:
        expected = getattr(cpool, f"global_{words}_pool")(x, *norm, keepdims=True)
    assert got.dtype == expected.dtype == dtype
    np.testing.assert_array_equal(got, expected)


# ---- refusals ----


def refused(inputs, op="MaxPool", **given):
    with pytest.raises(ValueError) as caught:
        evaluator(one_node(op, 22, inputs, **given)).run(None, feeds(inputs))
    return str(caught.value)


def test_refusals_name_the_attribute():
    x = np.ones((1, 1, 4, 4), np.float32)
    assert "kernel_shape must have 1 to 3 entries" in refused([x], kernel_shape=[2] * 4)
    assert "x must have 5 axes" in refused([x], kernel_shape=[2] * 3)
    assert "pads must have 4 entries" in refused([x], kernel_shape=[2, 2], pads=[1, 1])
    assert "auto_pad must be one of" in refused([x], kernel_shape=[2, 2], auto_pad="SAME")
    assert "padding must be" in refused([x], kernel_shape=[2, 2], pads=[-1, 0, 0, 0])
    places = np.zeros((1, 1, 4, 4), np.int64)
    smaller = [x, places, np.int64([1, 1, 4, 4])]
    assert "output_shape must have 4 entries" in refused(smaller, "MaxUnpool", **UNPOOLING)
    assert "indices must be -1 or lie in their own plane" in refused(
        [x, places + 64], "MaxUnpool", **UNPOOLING
    )
