"""The public surface: names, signatures, documentation, inputs, `out`, and what is refused in which words."""

import array
import ast
import inspect
import re
import subprocess
import sys
import tempfile
import tomllib
from contextlib import suppress
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest
from arraylikes import BrokenArray, Subclass, WithArray, WithDLPack, read_only

import cpool
from cpool import _execute

OPS = ("max", "min", "avg", "sum", "lp")
FUNCTIONS = [name for name in cpool.__all__ if inspect.isfunction(getattr(cpool, name))]
CLASSES = [name for name in cpool.__all__ if inspect.isclass(getattr(cpool, name))]
POOLS = [name for name in FUNCTIONS if "pool" in name]
SEQUENCES = re.compile("token|max_over_time|segment|stats|attenti")  # these have tests of their own


# ---- names, signatures, documentation ----


SELECTING = "^((adaptive_|global_|fractional_)?(max|min|kmax|s3)|roi|max_over_time|segment)_pool"


def stub():
    """What `__init__.pyi` declares: its __all__, and for each name the argument lists of its overloads."""
    names, declared = [], {}

    def read(module):
        tree = ast.parse(Path(cpool.__file__).with_name(f"{module}.pyi").read_text())
        for node in tree.body:
            if isinstance(node, ast.Assign) and node.targets[0].id == "__all__":
                names.extend(ast.literal_eval(node.value))
            elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Name):
                declared[node.targets[0].id] = declared[node.value.id]
            elif isinstance(node, ast.AugAssign):  # __all__ += module.__all__
                read(node.value.value.id)
            elif isinstance(node, ast.FunctionDef):
                declared.setdefault(node.name, []).append(node.args)
            elif isinstance(node, ast.ClassDef):
                inits = [f.args for f in node.body if isinstance(f, ast.FunctionDef) and f.name == "__init__"]
                declared[node.name] = inits or declared.get(node.bases[0].id if node.bases else None, [])

    read("__init__")
    return names, declared


STUB_NAMES, STUB = stub()


def parameters(args):
    """(name, keyword only, default) of each argument in a stub; `...` stands for no default."""
    positional = [a.arg for a in args.args if a.arg != "self"]
    defaults = [...] * (len(positional) - len(args.defaults)) + [ast.literal_eval(d) for d in args.defaults]
    found = [(name, False, default) for name, default in zip(positional, defaults, strict=True)]
    for a, default in zip(args.kwonlyargs, args.kw_defaults, strict=True):
        found.append((a.arg, True, ... if default is None else ast.literal_eval(default)))
    return found


def test_all_is_what_the_stub_says():
    assert cpool.__all__ == STUB_NAMES
    assert len(set(cpool.__all__)) == len(cpool.__all__)
    assert all(hasattr(cpool, name) for name in cpool.__all__)


def test_nothing_else_is_public():
    names = {name for name, value in vars(cpool).items() if not inspect.ismodule(value)}
    assert {name for name in names if not name.startswith("_")} == set(cpool.__all__) - {"__version__"}


def test_everything_is_there():
    for op in OPS:
        names = [f"{kind}{op}_pool{nd}d" for kind in ("", "adaptive_") for nd in (1, 2, 3)]
        for name in [*names, f"global_{op}_pool"]:
            assert name in FUNCTIONS and f"{name}_backward" in FUNCTIONS
    assert all(f"max_unpool{nd}d{end}" in FUNCTIONS for nd in (1, 2, 3) for end in ("", "_backward"))


@pytest.mark.parametrize("name", FUNCTIONS + CLASSES)
def test_signature_is_the_one_in_the_stub(name):
    actual = [
        (p.name, p.kind is p.KEYWORD_ONLY, ... if p.default is p.empty else p.default)
        for p in inspect.signature(getattr(cpool, name)).parameters.values()
    ]
    overloads = [parameters(args) for args in STUB[name]]
    assert overloads[0] == actual
    for other in overloads[1:]:
        assert sorted(p[0] for p in other) == sorted(p[0] for p in actual)
        assert all(p[2] is ... or p in actual or (p[0], False, p[2]) in actual for p in other)


@pytest.mark.parametrize("name", [name for name in POOLS if name + "_backward" in POOLS])
def test_backward_takes_the_arguments_of_its_function(name):
    forward = inspect.signature(getattr(cpool, name)).parameters
    backward = dict(inspect.signature(getattr(cpool, name + "_backward")).parameters)
    assert list(backward)[:2] == ["grad_output", "x"]
    del backward["grad_output"]
    if re.search(SELECTING, name):
        assert backward.pop("indices").kind is inspect.Parameter.KEYWORD_ONLY
    assert [str(p) for p in backward.values()] == [str(p) for p in forward.values()]


def documented(text, section):
    """Names in a numpydoc section, in order."""
    body = text.split(f"\n{section}\n{'-' * len(section)}\n")[1]
    body = re.split(r"\n\n[A-Z][A-Za-z ]+\n-+\n", body)[0]
    heads = [line.split(" : ")[0] for line in body.split("\n") if line and not line.startswith(" ")]
    return [name for name in re.split(r",\s*", ", ".join(heads).replace(",,", ",")) if name]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_documentation_is_complete(name):
    function = getattr(cpool, name)
    text = inspect.getdoc(function)
    names = list(inspect.signature(function).parameters)
    assert not re.search(r"\{\w+\}", text)  # a word of a definition that was not filled in
    if names:
        assert sorted(documented(text, "Parameters")) == sorted(names)
    if name in POOLS:
        for section in ("Returns", "Raises", "See Also", "Notes", "Examples"):
            assert f"\n{section}\n{'-' * len(section)}\n" in text
        for other in documented(text, "See Also"):
            assert other in cpool.__all__


@pytest.mark.parametrize("name", [
    name for name in POOLS if name + "_jvp" in POOLS and name != "roi_pool"  # whose tangent has no indices
])
def test_jvp_takes_the_arguments_of_its_function(name):
    forward = inspect.signature(getattr(cpool, name)).parameters
    jvp = dict(inspect.signature(getattr(cpool, name + "_jvp")).parameters)
    assert list(jvp)[:2] == ["tangent", "x"]
    del jvp["tangent"]
    along = [n for n in jvp if n.endswith("_tangent")]
    assert all(jvp.pop(n).default is None and n.removesuffix("_tangent") in forward for n in along)
    if re.search(SELECTING, name) and not re.search("kmax|roi|over_time|segment", name):
        assert jvp.pop("indices").kind is inspect.Parameter.KEYWORD_ONLY
    assert [str(p) for p in jvp.values()] == [str(p) for p in forward.values()]


@pytest.mark.parametrize("name", [n for n in FUNCTIONS if n.endswith(("2d", "2d_backward", "2d_jvp"))])
def test_all_dimensions_are_documented_alike(name):
    def plain(nd):
        text = inspect.getdoc(getattr(cpool, name.replace("2d", f"{nd}d")))
        words = " ".join(documented(text, "Parameters")), re.findall(r"^[A-Z].*\n-+$", text, re.M)
        return words, text.split("\n")[0].replace(f"{nd}-D", "n-D").replace(f"{nd}d", "nd")

    assert plain(1) == plain(2) == plain(3)


def test_version():
    project = Path(__file__).parents[1] / "pyproject.toml"
    if project.exists():
        assert cpool.__version__ == tomllib.loads(project.read_text())["project"]["version"]
    with suppress(metadata.PackageNotFoundError):  # built in place, not installed
        assert cpool.__version__ == metadata.version("cpool")


def test_show_config(capsys):
    assert cpool.show_config() is None
    text = capsys.readouterr().out
    for word in (cpool.__version__, "NumPy", "CPU level", "baseline", "OpenMP", "threads"):
        assert word in text


def test_import_loads_nothing_heavy():
    code = "import sys, numpy; before = set(sys.modules); import cpool; print(*set(sys.modules) - before)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name for name in run.stdout.split() if not name.startswith(("cpool", "_cython_"))}
    assert loaded <= {"cython_runtime"}


# ---- inputs ----


def image(dtype=np.float64):
    return np.arange(2 * 3 * 6 * 8).reshape(2, 3, 6, 8)[:, :, ::-1].astype(dtype)


def unaligned(x):
    buffer = np.empty(x.nbytes + 1, np.uint8)
    view = buffer[1:].view(x.dtype).reshape(x.shape)
    view[...] = x
    return view


def memory_mapped(x):
    with tempfile.TemporaryFile() as file:  # the mapping outlives the file object
        mapped = np.memmap(file, x.dtype, "w+", shape=x.shape)
    mapped[...] = x
    return mapped


FORMS = {
    "list": lambda x: x.tolist(),
    "Fortran": np.asfortranarray,
    "every other": lambda x: np.repeat(x, 2, -1)[..., ::2],
    "negative strides": lambda x: x[:, ::-1, ::-1].copy()[:, ::-1, ::-1],
    "channels-last memory": lambda x: np.moveaxis(np.moveaxis(x, 1, -1).copy(), -1, 1),
    "spatial first memory": lambda x: np.ascontiguousarray(x.transpose(2, 3, 0, 1)).transpose(2, 3, 0, 1),
    "swapped planes": lambda x: np.ascontiguousarray(x.swapaxes(2, 3)).swapaxes(2, 3),
    "byte-swapped": lambda x: x.astype(x.dtype.newbyteorder()),
    "unaligned": unaligned,
    "read-only": read_only,
    "memory-mapped": memory_mapped,
    "__array__": WithArray,
    "__dlpack__": WithDLPack,
    "memoryview": memoryview,
    "subclass": lambda x: x.view(Subclass),
    "broadcast": lambda x: np.broadcast_to(x[:1], x.shape),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("op", OPS)
def test_every_form_of_array(op, form):
    x = FORMS[form](image())
    plain = np.array(x.data if form in ("__array__", "__dlpack__") else x, float, order="C", subok=False)
    args = (2.5, 2) if op == "lp" else (2,)
    function, backward = getattr(cpool, f"{op}_pool2d"), getattr(cpool, f"{op}_pool2d_backward")
    expected = function(plain, *args, padding=1)
    y = function(x, *args, padding=1)
    assert type(y) is np.ndarray and y.flags.c_contiguous and y.dtype == expected.dtype and y.dtype.isnative
    np.testing.assert_allclose(y, expected, rtol=1e-15)
    gradient = backward(expected, x, *args, padding=1)
    assert type(gradient) is np.ndarray and gradient.flags.c_contiguous
    np.testing.assert_allclose(gradient, backward(expected, plain, *args, padding=1), rtol=1e-15)
    strided = FORMS[form](expected)
    if form not in ("list", "broadcast"):
        np.testing.assert_allclose(backward(strided, plain, *args, padding=1), gradient, rtol=1e-15)
    if op in ("max", "min"):
        y, indices = function(x, *args, padding=1, return_indices=True)
        expected, expected_indices = function(plain, *args, padding=1, return_indices=True)
        np.testing.assert_array_equal(y, expected)
        np.testing.assert_array_equal(indices, expected_indices)
        assert indices.flags.c_contiguous
        if form != "broadcast":
            found = backward(y, x, *args, padding=1, indices=FORMS[form](indices))
            np.testing.assert_array_equal(found, gradient)


def test_array_module_and_scalars():
    np.testing.assert_array_equal(cpool.max_pool1d(array.array("d", [1, 2, 4, 3]), 2), [2, 4])
    with pytest.raises(ValueError, match="x must have at least 1 ax"):
        cpool.max_pool1d(3.0, 1)


def views_of(x, order):
    """A view with the axes of x whose memory has them in another order."""
    return np.ascontiguousarray(x.transpose(order)).transpose(np.argsort(order))


@pytest.mark.parametrize("order, data_format, axis, copied", [
    ((0, 1, 2, 3), "channels_first", None, False),
    ((0, 2, 3, 1), "channels_first", None, False),    # NHWC seen as NCHW
    ((2, 3, 0, 1), "channels_first", None, False),
    ((1, 2, 3, 0), "channels_first", None, False),
    ((0, 1, 3, 2), "channels_first", None, True),     # the window's rows are columns in memory
    ((0, 2, 1, 3), "channels_first", None, True),     # channels between H and W
    ((0, 1, 2, 3), "channels_last", None, False),
    ((0, 3, 1, 2), "channels_last", None, False),     # NCHW seen as NHWC
    ((0, 1, 2, 3), None, (1, 2), False),
    ((0, 1, 2, 3), None, (0, 1), False),
    ((0, 1, 2, 3), None, (2, 1), True),
    ((0, 2, 1, 3), None, (2, 1), False),
    ((0, 1, 2, 3), None, (0, 2), True),
])
def test_arrays_are_read_where_they_are(monkeypatch, order, data_format, axis, copied):
    x = views_of(np.random.default_rng(0).standard_normal((4, 2, 6, 8)), order)
    seen = []
    reduce = _execute._dispatch.reduce

    def watched(op, x5, *rest):
        seen.append(x5)
        reduce(op, x5, *rest)

    monkeypatch.setattr(_execute._dispatch, "reduce", watched)
    options = {"axis": axis} if data_format is None else {"data_format": data_format}
    arguments = dict.fromkeys(inspect.signature(_execute.windowed).parameters)
    arguments |= {
        "op": "max", "nd": 2, "x": x, "kernel_size": 2, "padding": 0, "dilation": 1, "ceil_mode": False,
        "return_indices": False, "data_format": _execute.DEFAULT_FORMAT, "nan_policy": "propagate",
    }
    y = _execute.windowed(**arguments | options)
    (x5,) = seen
    assert x5.flags.c_contiguous and x5.ndim == 5
    assert np.shares_memory(x5, x) is not copied
    axis = axis or {"channels_first": (2, 3), "channels_last": (1, 2)}[data_format]
    moved = np.moveaxis(x, axis, (-2, -1))
    a, b, h, w = moved.shape
    expected = moved.reshape(a, b, h // 2, 2, w // 2, 2).max((3, 5))
    np.testing.assert_array_equal(y, np.moveaxis(expected, (-2, -1), axis))
    assert y.flags.c_contiguous


def test_inputs_stay_as_they_are():
    x = image(np.float32)
    before = x.copy()
    y, indices = cpool.max_pool2d(x, 2, return_indices=True)
    kept = y.copy(), indices.copy()
    cpool.max_pool2d_backward(y, x, 2)
    cpool.max_pool2d_backward(y, x, 2, indices=indices)
    cpool.max_unpool2d(y, indices, 2)
    cpool.lp_pool2d(x, 3, 2)
    np.testing.assert_array_equal(x, before)
    np.testing.assert_array_equal(y, kept[0])
    np.testing.assert_array_equal(indices, kept[1])


def test_results_are_ndarrays_without_axes_too():
    y = cpool.global_sum_pool([1.0, 2.0], spatial_ndim=1)
    assert type(y) is np.ndarray and y.shape == () and y == 3
    values, indices = cpool.global_max_pool([1, 5, 2], axis=0, return_indices=True)
    assert values.shape == indices.shape == () and values == 5 and indices == 1
    assert cpool.global_sum_pool_backward(np.float64(2), (3,), axis=0).tolist() == [2, 2, 2]


@pytest.mark.parametrize("shape", [(0, 3, 4, 4), (2, 0, 4, 4)])
def test_empty_batches_and_channels(shape):
    for op in OPS:
        args = (2, 2) if op == "lp" else (2,)
        y = getattr(cpool, f"{op}_pool2d")(np.zeros(shape), *args)
        assert y.shape == (*shape[:2], 2, 2)
        assert getattr(cpool, f"{op}_pool2d_backward")(y, np.zeros(shape), *args).shape == shape
        y = getattr(cpool, f"global_{op}_pool")(np.zeros(shape), *args[1:])
        assert y.shape == shape[:2]
    values, indices = cpool.max_pool2d(np.zeros(shape), 2, return_indices=True)
    back = cpool.max_unpool2d(values, indices, 2)
    assert back.shape == shape
    assert cpool.max_unpool2d_backward(back, values, indices, 2).shape == values.shape


def test_empty_outputs_pass_no_gradient():
    x = np.ones((2, 4))
    assert cpool.adaptive_max_pool1d(x, 0).shape == (2, 0)
    for op in OPS:
        args = (2, 0) if op == "lp" else (0,)
        gradient = getattr(cpool, f"adaptive_{op}_pool1d_backward")(np.ones((2, 0)), x, *args)
        np.testing.assert_array_equal(gradient, np.zeros((2, 4)))


# ---- axis ----


@pytest.mark.parametrize("op", OPS)
@pytest.mark.parametrize("axis", [(0, 1), (1, 2), (2, 1), (3, 0), (-1, -3), (0, 3)])
def test_axis_is_moveaxis(op, axis):
    x = np.round(np.random.default_rng(3).standard_normal((5, 4, 6, 3)), 0)
    args = (2, (2, 3)) if op == "lp" else ((2, 3),)
    function, backward = getattr(cpool, f"{op}_pool2d"), getattr(cpool, f"{op}_pool2d_backward")
    moved = np.ascontiguousarray(np.moveaxis(x, axis, (-2, -1)))
    y, plain = function(x, *args, stride=1, axis=axis), function(moved, *args, stride=1)
    np.testing.assert_allclose(y, np.moveaxis(plain, (-2, -1), axis), rtol=1e-15)
    gradient = np.moveaxis(backward(plain, moved, *args, stride=1), (-2, -1), axis)
    np.testing.assert_allclose(backward(y, x, *args, stride=1, axis=axis), gradient, rtol=1e-15, atol=1e-15)
    if op in ("max", "min"):
        _, indices = function(x, *args, stride=1, axis=axis, return_indices=True)
        _, plain_indices = function(moved, *args, stride=1, return_indices=True)
        np.testing.assert_array_equal(indices, np.moveaxis(plain_indices, (-2, -1), axis))
        found = backward(y, x.shape, *args, stride=1, axis=axis, indices=indices)
        np.testing.assert_array_equal(found, gradient)
    adaptive = getattr(cpool, f"adaptive_{op}_pool2d")
    args = (2, (1, 2)) if op == "lp" else ((1, 2),)
    np.testing.assert_allclose(
        adaptive(x, *args, axis=axis), np.moveaxis(adaptive(moved, *args), (-2, -1), axis), rtol=1e-15
    )


@pytest.mark.parametrize("axis", [0, -1, (1,), (2, 0), (0, 1, 2, 3), (3, 1, 0)])
@pytest.mark.parametrize("keepdims", [False, True])
def test_global_axis(axis, keepdims):
    x = np.random.default_rng(3).standard_normal((5, 4, 6, 3))
    numpy_axis = axis if isinstance(axis, int) else tuple(axis)
    y = cpool.global_max_pool(x, axis=axis, keepdims=keepdims)
    np.testing.assert_array_equal(y, x.max(numpy_axis, keepdims=keepdims))
    y = cpool.global_avg_pool(x, axis=axis, keepdims=keepdims)
    np.testing.assert_allclose(y, x.mean(numpy_axis, keepdims=keepdims))
    gradient = cpool.global_avg_pool_backward(np.ones_like(y), x.shape, axis=axis, keepdims=keepdims)
    np.testing.assert_allclose(gradient, np.full(x.shape, y.size / x.size))
    values, indices = cpool.global_max_pool(x, axis=axis, keepdims=keepdims, return_indices=True)
    axes = (axis,) if isinstance(axis, int) else axis
    flat = np.moveaxis(x, axes, range(-len(axes), 0))
    flat = flat.reshape(*flat.shape[:x.ndim - len(axes)], -1)
    np.testing.assert_array_equal(indices.ravel(), flat.argmax(-1).ravel())
    found = cpool.global_max_pool_backward(values, x.shape, axis=axis, keepdims=keepdims, indices=indices)
    np.testing.assert_array_equal(found, np.where(x == x.max(numpy_axis, keepdims=True), x, 0))


# ---- out ----


def outs(shape, dtype):
    """Arrays of that shape with all kinds of strides, and their names."""
    wide = np.full((*shape[:-1], shape[-1] * 2), 77).astype(dtype)
    yield "plain", np.full(shape, 77).astype(dtype)
    yield "Fortran", np.full(shape, 77, order="F").astype(dtype)
    yield "every other", wide[..., ::2]
    yield "reversed", np.full(shape, 77).astype(dtype)[..., ::-1]
    yield "unaligned", unaligned(np.full(shape, 77).astype(dtype))
    yield "subclass", np.full(shape, 77).astype(dtype).view(Subclass)


@pytest.mark.parametrize("op", OPS)
def test_out(op):
    x = image(np.float32)
    args = (2, 2) if op == "lp" else (2,)
    function, backward = getattr(cpool, f"{op}_pool2d"), getattr(cpool, f"{op}_pool2d_backward")
    expected = function(x, *args)
    for name, out in outs(expected.shape, expected.dtype):
        assert function(x, *args, out=out) is out, name
        np.testing.assert_array_equal(out, expected)
    gradient = backward(expected, x, *args)
    for name, out in outs(gradient.shape, gradient.dtype):
        assert backward(expected, x, *args, out=out) is out, name
        np.testing.assert_array_equal(out, gradient)
    adaptive = getattr(cpool, f"adaptive_{op}_pool2d")
    for _, out in outs((2, 3, 2, 2), expected.dtype):
        assert adaptive(x, *args, out=out) is out
        np.testing.assert_array_equal(out, adaptive(x, *args))
    pool = getattr(cpool, f"global_{op}_pool")
    for _, out in outs((2, 3), expected.dtype):
        assert pool(x, *args[1:], out=out) is out
        np.testing.assert_array_equal(out, pool(x, *args[1:]))


def test_out_with_indices():
    x = image(np.float32)
    expected = cpool.max_pool2d(x, 2, return_indices=True)
    both = zip(outs((2, 3, 3, 4), np.float32), outs((2, 3, 3, 4), np.int64), strict=True)
    for (_, values), (_, indices) in both:
        found = cpool.max_pool2d(x, 2, return_indices=True, out=(values, indices))
        assert found[0] is values and found[1] is indices
        np.testing.assert_array_equal(values, expected[0])
        np.testing.assert_array_equal(indices, expected[1])
    values = np.empty((2, 3, 3, 4), np.float32)
    found = cpool.max_pool2d(x, 2, return_indices=True, out=values)
    assert found[0] is values
    np.testing.assert_array_equal(found[1], expected[1])


def test_out_of_unpooling():
    values, indices = cpool.max_pool2d(image(), 2, return_indices=True)
    expected = cpool.max_unpool2d(values, indices, 2)
    for _, out in outs(expected.shape, expected.dtype):
        assert cpool.max_unpool2d(values, indices, 2, out=out) is out
        np.testing.assert_array_equal(out, expected)
    for _, out in outs(values.shape, values.dtype):
        assert cpool.max_unpool2d_backward(expected, values, indices, 2, out=out) is out
        np.testing.assert_array_equal(out, values)


def bad_outs():
    x = image(np.float32)
    shape = (2, 3, 3, 4)
    yield "a list", [[1.0]], TypeError
    yield "dtype", np.empty(shape), TypeError
    yield "byte order", np.empty(shape, np.dtype(np.float32).newbyteorder()), TypeError
    yield "masked", np.ma.masked_array(np.empty(shape, np.float32)), TypeError
    yield "pair without indices", (np.empty(shape, np.float32), np.empty(shape, np.int64)), TypeError
    yield "shape", np.empty((2, 3, 4, 3), np.float32), ValueError
    yield "fewer axes", np.empty((6, 3, 4), np.float32), ValueError
    yield "read-only", read_only(np.empty(shape, np.float32)), ValueError
    yield "x itself", x[:, :, :3, :4], ValueError
    yield "x reversed", x[::-1, :, 3:, ::2], ValueError
    yield "onto itself", np.broadcast_to(np.empty((2, 1, 3, 4), np.float32), shape), ValueError
    onto = np.lib.stride_tricks.as_strided(np.zeros(100, np.float32), shape, (4, 8, 12, 4))
    yield "overlapping rows", onto, ValueError


@pytest.mark.parametrize("name", [case[0] for case in bad_outs()])
def test_bad_out(name):
    x = image(np.float32)
    out, error = next(case[1:] for case in bad_outs() if case[0] == name)
    if name.startswith("x "):
        out = x[:, :, :3, :4] if name == "x itself" else x[::-1, :, 3:, ::2]
    before, x_before = np.array(out, copy=True) if isinstance(out, np.ndarray) else None, x.copy()
    with pytest.raises(error, match="out"):
        cpool.max_pool2d(x, 2, out=out)
    if before is not None:
        np.testing.assert_array_equal(out, before)
    np.testing.assert_array_equal(x, x_before)


def test_bad_pairs():
    x = image(np.float32)
    shape = (2, 3, 3, 4)
    values, indices = np.empty(shape, np.float32), np.empty(shape, np.int64)
    for pair, error, name in [
        ((values,), ValueError, "out"),
        ((values, indices, indices), ValueError, "out"),
        ((values, values), TypeError, r"out\[1\]"),
        ((indices, indices), TypeError, r"out\[0\]"),
        ((values, indices.astype(np.int32)), TypeError, r"out\[1\]"),
        ((values, indices[:1]), ValueError, r"out\[1\]"),
        ((values, np.broadcast_to(indices[:1], shape)), ValueError, r"out\[1\]"),
    ]:
        with pytest.raises(error, match=name):
            cpool.max_pool2d(x, 2, return_indices=True, out=pair)
    buffer = np.empty(2 * 3 * 3 * 4 * 2, np.float32)
    pair = buffer[:72].reshape(shape), buffer.view(np.int64).reshape(shape)
    with pytest.raises(ValueError, match=r"out\[1\].*memory"):
        cpool.max_pool2d(x, 2, return_indices=True, out=pair)


def test_gradients_do_not_overlap_either():
    x = image()
    y, indices = cpool.max_pool2d(x, 2, return_indices=True)
    buffer = np.zeros((2, 3, 12, 8))
    for out, grad in [(x, y), (buffer[:, :, :6], buffer[:, :, 4:7, :4])]:
        with pytest.raises(ValueError, match=r"out.*memory"):
            cpool.max_pool2d_backward(grad, x, 2, indices=indices, out=out)


# ---- refusals ----

IMAGE = image()
GRAD = np.ones((2, 3, 3, 4))
INDICES = np.zeros((2, 3, 3, 4), np.int64)
POOL = [
    (TypeError, "kernel_size", {"kernel_size": 2.0}),
    (TypeError, "kernel_size", {"kernel_size": True}),
    (TypeError, "kernel_size", {"kernel_size": None}),
    (TypeError, "kernel_size", {"kernel_size": "2"}),
    (TypeError, "kernel_size", {"kernel_size": (2, 2.0)}),
    (ValueError, "kernel_size", {"kernel_size": 0}),
    (ValueError, "kernel_size", {"kernel_size": -1}),
    (ValueError, "kernel_size", {"kernel_size": (2,)}),
    (ValueError, "kernel_size", {"kernel_size": (2, 2, 2)}),
    (ValueError, "kernel_size", {"kernel_size": 2**31 - 1}),
    (ValueError, "kernel_size", {"kernel_size": 2**200}),
    (TypeError, "stride", {"stride": 1.5}),
    (ValueError, "stride", {"stride": 0}),
    (ValueError, "stride", {"stride": 2**63}),
    (TypeError, "padding", {"padding": None}),
    (TypeError, "padding", {"padding": 1.0}),
    (ValueError, "padding", {"padding": -1}),
    (ValueError, "padding", {"padding": "full"}),
    (ValueError, "padding", {"padding": ((1, 1),)}),
    (ValueError, "padding", {"padding": 2**31}),
    (TypeError, "dilation", {"dilation": 1.0}),
    (ValueError, "dilation", {"dilation": 0}),
    (ValueError, "dilation", {"dilation": 2**31 - 1}),
    (TypeError, "ceil_mode", {"ceil_mode": 2}),
    (TypeError, "data_format", {"data_format": None}),
    (ValueError, "data_format", {"data_format": "NCDHW"}),
    (ValueError, "data_format", {"data_format": "last"}),
    (ValueError, "data_format", {"data_format": "channels_last", "axis": (0, 1)}),
    (ValueError, "data_format", {"data_format": "channels_" + "first"[:], "axis": (0, 1)}),
    (ValueError, "axis", {"axis": 1}),
    (ValueError, "axis", {"axis": (1, 1)}),
    (ValueError, "axis", {"axis": (1, -3)}),
    (ValueError, "axis", {"axis": (1, 4)}),
    (TypeError, "axis", {"axis": (1, 2.0)}),
    (ValueError, "nan_policy", {"nan_policy": ""}),
    (ValueError, "nan_policy", {"nan_policy": "ignore"}),
    (TypeError, "nan_policy", {"nan_policy": None}),
    (ValueError, "mask", {"mask": np.ones((6, 9), bool)}),
    (TypeError, "mask", {"mask": np.ones((6, 8))}),
    (ValueError, "7 .*|size", {"kernel_size": 7}),
]
SELECT = [
    (TypeError, "return_indices", {"return_indices": 1}),
    (TypeError, "index_dtype", {"index_dtype": np.float32}),
    (TypeError, "index_dtype", {"index_dtype": np.int16}),
    (TypeError, "index_dtype", {"index_dtype": "nothing"}),
]
ARITHMETIC = [
    (ValueError, "weights", {"weights": np.ones(4)}),
    (TypeError, "dtype", {"dtype": np.float16}),
    (TypeError, "dtype", {"dtype": np.int64}),
    (TypeError, "dtype", {"dtype": "nothing"}),
    (TypeError, "dtype", {"dtype": np.complex64}),
]
AVERAGE = [
    (TypeError, "count_include_pad", {"count_include_pad": 1}),
    (ValueError, "divisor_override", {"divisor_override": 0}),
    (TypeError, "divisor_override", {"divisor_override": 2.0}),
    (TypeError, "divisor_override", {"divisor_override": True}),
    (ValueError, "divisor_override", {"divisor_override": 2**64}),
]
NORM = [
    (ValueError, "norm_type", {"norm_type": 0}),
    (ValueError, "norm_type", {"norm_type": -2}),
    (ValueError, "norm_type", {"norm_type": float("nan")}),
    (TypeError, "norm_type", {"norm_type": "2"}),
    (TypeError, "norm_type", {"norm_type": None}),
    (TypeError, "norm_type", {"norm_type": 2j}),
    (TypeError, "normalize", {"normalize": 1}),
]


def refusals():
    for op in OPS:
        cases = POOL + (SELECT if op in ("max", "min") else ARITHMETIC)
        cases = cases + {"avg": AVERAGE, "lp": NORM}.get(op, [])
        for i, case in enumerate(cases):
            yield pytest.param(op, *case, id=f"{op}-{i}-{case[1]}")


@pytest.mark.parametrize("op, error, word, wrong", list(refusals()))
def test_refusals_name_the_argument(op, error, word, wrong):
    options = {"kernel_size": 2} | ({"norm_type": 2} if op == "lp" else {}) | wrong
    out = np.full((2, 3, 3, 4), 77.0)
    with pytest.raises(error, match=word) as caught:
        getattr(cpool, f"{op}_pool2d")(IMAGE, **options, out=out)
    assert caught.type is error
    ignored = {"return_indices", "index_dtype"}
    if not ignored & wrong.keys():
        with pytest.raises(error, match=word) as caught:
            getattr(cpool, f"{op}_pool2d_backward")(GRAD, IMAGE, **options, out=IMAGE.copy())
        assert caught.type is error
    assert (out == 77).all()


@pytest.mark.parametrize("x", [
    np.zeros((4, 4), complex), np.zeros((4, 4), object), np.zeros((4, 4), "U1"), np.zeros((4, 4), "M8[s]"),
    np.zeros((4, 4), "m8[s]"), np.zeros((4, 4), [("a", int)]), np.ma.zeros((4, 4)), "text", None, object(),
    np.zeros((4, 4), np.longdouble), {"a": 1}, [[1, 2], [3]],
], ids=str)
def test_refused_arrays(x):
    for call in (
        lambda: cpool.max_pool2d(x, 2),
        lambda: cpool.adaptive_avg_pool2d(x, 2),
        lambda: cpool.global_sum_pool(x, spatial_ndim=2),
        lambda: cpool.max_unpool2d(x, np.zeros((4, 4), int), 2),
        lambda: cpool.MaxPool2d(2)(x),
    ):
        with pytest.raises((TypeError, ValueError), match="x must") as caught:
            call()
        assert isinstance(x, list) or caught.type is TypeError


def test_bool_needs_a_dtype_for_averages_and_norms():
    x = np.ones((4, 4), bool)
    with pytest.raises(TypeError, match="dtype"):
        cpool.avg_pool2d(x, 2)
    with pytest.raises(TypeError, match="dtype"):
        cpool.lp_pool2d(x, 2, 2)
    assert cpool.avg_pool2d(x, 2, dtype=np.float32).dtype == np.float32


def test_refused_gradients():
    x = IMAGE
    for op in OPS:
        args = (2, 2) if op == "lp" else (2,)
        backward = getattr(cpool, f"{op}_pool2d_backward")
        for grad, given, error, word in [
            (GRAD[:, :, :2], x, ValueError, "grad_output"),
            (GRAD[0], x, ValueError, "grad_output"),
            (GRAD.astype(np.float32), x, TypeError, "grad_output"),
            (GRAD.astype(int), x, TypeError, "grad_output"),
            (GRAD, x.astype(int), TypeError, "x"),
            (GRAD + 0j, x, TypeError, "grad_output"),
            (None, x, TypeError, "grad_output"),
            (GRAD, x.astype(np.float32), TypeError, "grad_output"),
        ]:
            with pytest.raises(error, match=word):
                backward(grad, given, *args)
    for backward in (cpool.max_pool2d_backward, cpool.min_pool2d_backward):
        with pytest.raises(TypeError, match="x must"):
            backward(GRAD, x.shape, 2)
    with pytest.raises(TypeError, match="x must"):
        cpool.lp_pool2d_backward(GRAD, x.shape, 2, 2)
    with pytest.raises(ValueError, match="x"):
        cpool.avg_pool2d_backward(GRAD, (2, 3, -6, 8), 2)


@pytest.mark.parametrize("wrong, error", [
    (INDICES[:, :, :2], ValueError), (INDICES.astype(float), TypeError), (INDICES + 48, ValueError),
    (INDICES - 2, ValueError), (INDICES.astype(bool), TypeError),
    (INDICES.astype(np.uint64) + np.uint64(2**63), ValueError),
    (INDICES.astype(np.int32) + 48, ValueError), ("text", TypeError),
])
def test_refused_indices(wrong, error):
    for data in (IMAGE, IMAGE.shape):
        out = np.full(IMAGE.shape, 77.0)
        with pytest.raises(error, match="ind"):
            cpool.max_pool2d_backward(GRAD, data, 2, indices=wrong, out=out)
        assert (out == 77).all()
    out = np.full(IMAGE.shape, 77.0)
    with pytest.raises(error, match="ind"):
        cpool.max_unpool2d(GRAD, wrong, 2, out=out)
    assert (out == 77).all()
    out = np.full(GRAD.shape, 77.0)
    with pytest.raises(error, match="ind"):
        cpool.max_unpool2d_backward(IMAGE, GRAD, wrong, 2, out=out)
    assert (out == 77).all()


def test_index_minus_one_is_nowhere():
    gradient = cpool.max_pool2d_backward(GRAD, IMAGE.shape, 2, indices=INDICES - 1)
    assert (gradient == 0).all()
    assert (cpool.max_unpool2d(GRAD, INDICES - 1, 2) == 0).all()
    assert (cpool.max_unpool2d_backward(IMAGE, GRAD, INDICES - 1, 2) == 0).all()


@pytest.mark.parametrize("options, error, word", [
    ({"output_size": 2.0}, TypeError, "output_size"),
    ({"output_size": -1}, ValueError, "output_size"),
    ({"output_size": (2, 2, 2)}, ValueError, "output_size"),
    ({"output_size": 2**31 - 1}, ValueError, "output_size"),
    ({"output_size": True}, TypeError, "output_size"),
    ({"output_size": 2**30}, MemoryError, "output"),
])
def test_refused_output_sizes(options, error, word):
    with pytest.raises(error, match=word) as caught:
        cpool.adaptive_max_pool2d(IMAGE, **options)
    assert caught.type is error


@pytest.mark.parametrize("shape, options, error, word", [
    ((3,), {}, ValueError, "spatial_ndim"),
    ((3, 4), {}, ValueError, "spatial_ndim"),
    ((3, 4, 5), {"spatial_ndim": 4}, ValueError, "spatial_ndim"),
    ((3, 4, 5), {"spatial_ndim": 3, "data_format": "channels_last"}, ValueError, "spatial_ndim"),
    ((3, 4, 5), {"spatial_ndim": 0}, ValueError, "spatial_ndim"),
    ((3, 4, 5), {"spatial_ndim": 1.0}, TypeError, "spatial_ndim"),
    ((3, 4, 5), {"spatial_ndim": 2, "axis": 0}, ValueError, "spatial_ndim"),
    ((3, 4, 5), {"data_format": "NCHW"}, ValueError, "data_format"),
    ((3, 4, 5), {"axis": ()}, ValueError, "axis"),
    ((3, 4, 5), {"axis": (0, 0)}, ValueError, "axis"),
    ((3, 4, 5), {"axis": 3}, ValueError, "axis"),
    ((3, 4, 5), {"axis": 0, "data_format": "channels_last"}, ValueError, "data_format"),
    ((3, 4, 0), {}, ValueError, "x"),
    ((3, 4, 5), {"keepdims": 1}, TypeError, "keepdims"),
])
def test_refused_global_arguments(shape, options, error, word):
    for op in OPS:
        args = (2,) if op == "lp" else ()
        with pytest.raises(error, match=word):
            getattr(cpool, f"global_{op}_pool")(np.zeros(shape), *args, **options)


@pytest.mark.parametrize("options, error, word", [
    ({"mode": "first"}, ValueError, "mode"),
    ({"mode": None}, TypeError, "mode"),
    ({"output_size": (6,)}, ValueError, "output_size"),
    ({"output_size": (60, 8)}, ValueError, "output_size"),
    ({"output_size": 6}, (TypeError, ValueError), "output_size"),
    ({"output_size": (2, 2, 6, 8)}, ValueError, "output_size"),
    ({"padding": 9}, ValueError, "padding|output_size"),
    ({"kernel_size": 0}, ValueError, "kernel_size"),
    ({"data_format": "NCW"}, ValueError, "data_format"),
    ({"out": np.zeros((1,))}, ValueError, "out"),
])
def test_refused_unpooling_arguments(options, error, word):
    with pytest.raises(error, match=word):
        cpool.max_unpool2d(GRAD, INDICES, **{"kernel_size": 2} | options)


def test_a_good_call_does_not_excuse_a_wrong_one():
    """A cache of calls must not take 2.0 or True for 2, or "channels_first" for the default."""
    x = np.ones((1, 1, 4, 4), np.float32)
    for _ in range(3):
        assert cpool.max_pool2d(x, 2, 1, 1, 1, False).shape == (1, 1, 5, 5)
        for arguments in [
            (2.0, 1, 1, 1, False), (2, True, 1, 1, False), (2, 1, True, 1, False), (2, 1, 1, 1.0, False),
            (2, 1, 1, 1, 0), (np.float64(2), 1, 1, 1, False), ((2, 2.0), 1, 1, 1, False),
        ]:
            with pytest.raises(TypeError):
                cpool.max_pool2d(x, *arguments)
        assert cpool.max_pool2d(x, np.int8(2), np.uint64(1), 1, 1, np.bool_(False)).shape == (1, 1, 5, 5)
        assert cpool.max_pool2d(x, 2, axis=(2, 3)).shape == (1, 1, 2, 2)
        with pytest.raises(ValueError, match="data_format"):
            cpool.max_pool2d(x, 2, axis=(2, 3), data_format="channels_first")
        assert cpool.max_pool2d(x, [2, 2], data_format="NCHW").shape == (1, 1, 2, 2)
        with pytest.raises(ValueError, match="mask"):
            cpool.max_pool2d(x, 2, mask=np.ones((4, 5), bool))
        with pytest.raises(ValueError, match="nan_policy"):
            cpool.max_pool2d(x, 2, nan_policy="skip")
        with pytest.raises(TypeError, match="return_indices"):
            cpool.max_pool2d(x, 2, return_indices=1)


def test_memory_is_asked_for_before_it_is_taken():
    x = np.broadcast_to(np.float32(1), (2**14, 2**14))
    with pytest.raises(MemoryError, match="output"):
        cpool.adaptive_avg_pool2d(x[:4, :4], 2**22)
    with pytest.raises(MemoryError):
        cpool.avg_pool2d(x[:2, :2], 1, 1, padding=2**30)


# ---- anything for any argument ----


class Recursive(list):
    def __init__(self):
        super().__init__([self])


class Broken:
    def __repr__(self):
        raise RuntimeError("broken repr")


ANYTHING = [
    None, True, False, -1, 0, 1, 2, 3, 7, 2**63, -(2**63), 10**400, 0.0, 2.0, float("nan"), float("inf"),
    1j, "", "same", "valid", "channels_last", "NCHW", "last", "int32", "float32", "propagate", b"2", (),
    [], (0,), (1,), (2, 2), [1, 1], (1, 2, 3), ((1, 1), (0, 2)), ((1,), (2,)), ((2**40, 1), (1, 1)),
    (None, 2), (1, "2"), range(2), {1, 2}, {}, {1: 2}, np.int8(2), np.uint64(2**64 - 1), np.float32(2),
    np.bool_(True), np.array(2), np.array([2, 2]), np.array([2.0, 2.0]), np.array([]), np.zeros((4, 4)),
    np.zeros((1, 1, 4, 4)), np.zeros((2, 2), int), np.zeros((2, 2), bool), np.float64, int, object,
    np.dtype("f4"), np.dtype(">i4"), np.dtype("U3"), [[[1]]], Recursive(), Broken(),
    BrokenArray(RuntimeError("no array today")), lambda: 2, Ellipsis, slice(3), type, np.nan,
    memoryview(b"1234"), np.datetime64(1, "s"), np.ma.array([1, 2]),
]


@pytest.mark.parametrize("name", [name for name in POOLS if not SEQUENCES.match(name)])
def test_anything_for_any_argument(name):
    """Whatever an argument is, the call works or says why not; nothing else escapes."""
    function = getattr(cpool, name)
    found = re.search(r"(\d)d", name)
    nd = int(found[1]) if found else 1 if "kmax" in name else 2
    x = np.linspace(-1, 1, 4**nd).reshape((4,) * nd)
    usual = {
        "x": x, "kernel_size": 2, "norm_type": 2, "output_size": 2, "grad_output": np.ones((2,) * nd),
        "indices": np.zeros((2,) * nd, int), "spatial_ndim": nd, "tangent": x, "rank": 1, "logits": x,
        "gate": np.ones((2,) * nd), "gates": np.ones((1,) + (2,) * nd), "leaves": np.ones((2,) + (2,) * nd),
        "rank_weights": np.ones(2**nd), "k": 2,
    }
    if "mode" in name:
        usual["x"] = np.arange(4**nd).reshape((4,) * nd)
    if "stochastic" in name:
        usual |= {"rng": np.random.default_rng(0)}
    if "unpool" in name:
        small = np.ones((2,) * nd)
        usual |= {"x": small, "grad_output": x, "tangent": small, "output_size": None}
    if "fractional" in name:
        usual["random_samples"] = np.full(nd, 0.5)
    if "global" in name:
        usual |= {"grad_output": np.array(1.0), "indices": np.array(0)}
    if name.startswith("pool_pyramid"):
        usual |= {"levels": 1, "tangent": x, "grad_output": [np.ones((2, 2))]}
    if "blur" in name:
        usual |= {"tangent": x, "blur_size": 3}
    if name.startswith("strip"):
        usual |= {"tangent": x, "grad_output": [np.ones((4, 1)), np.ones((1, 4))]}
    if name.startswith(("spatial", "adaptive_concat")):
        usual |= {"x": x[None], "tangent": x[None], "levels": (1,), "output_size": 1}
        usual |= {"grad_output": np.ones((1,) if "spatial" in name else (2, *(1,) * nd))}
    if "roi" in name:
        one = np.zeros((1, 1, 1, 1))
        usual |= {"x": x[None], "tangent": x[None], "boxes": [[0, 0, 0, 2, 3]], "output_size": 1}
        usual |= {"grad_output": one, "indices": one.astype(int)}
    accepted = set(inspect.signature(function).parameters)
    usual = {k: v for k, v in usual.items() if k in accepted}
    function(**usual)
    for argument in accepted:
        for value in ANYTHING:
            try:
                function(**usual | {argument: value})
            except (TypeError, ValueError, MemoryError) as error:
                message = str(error)
                assert len(message) < 1000
