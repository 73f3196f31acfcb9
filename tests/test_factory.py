"""What is made from definitions is as good as what is written out: names, signatures, texts, layers."""

import copy
import importlib
import inspect
import pickle
import re
import subprocess
import sys

import numpy as np
import pytest
from compare import values

import cpool
from cpool import _lazy, _texts, _whole_layers, functional, layers

OPERATORS = _whole_layers.OPERATORS
FUNCTIONS = [
    op.called(kind, nd, action)
    for op in OPERATORS
    for kind, nd in op.forms
    for action in _lazy.ACTIONS
    if hasattr(cpool, op.called(kind, nd, action))
]
LAYERS = [name for name in _whole_layers.__all__ if hasattr(getattr(cpool, name), "operator")]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions(name):
    function = getattr(cpool, name)
    assert function is getattr(functional, name)
    assert function.__name__ == function.__qualname__ == function.__code__.co_name == name
    assert function.__module__ == "cpool.functional"
    assert pickle.loads(pickle.dumps(function)) is function
    assert copy.deepcopy(function) is function
    with pytest.raises(TypeError, match=rf"{name}\(\) missing \d required positional argument"):
        function()
    with pytest.raises(TypeError, match=rf"{name}\(\) got an unexpected keyword argument 'wrong'"):
        function(wrong=1)


@pytest.mark.parametrize("name", FUNCTIONS + LAYERS)
def test_texts_are_filled_in(name):
    text = inspect.getdoc(getattr(cpool, name))
    for found in re.findall(r"\{([^{}\n]*)\}", text):
        assert "," in found or found.isupper() or not re.fullmatch(r"[a-z_ ]+", found), found
    summary = text.partition("\n\n")[0].replace("\n", " ")
    assert summary.endswith(".") and len(summary) < 150
    number = re.search(r"\dd", name)
    if number and "_jvp" not in name and "_backward" not in name:
        assert f"{number[0][0]}-D" in summary


@pytest.mark.parametrize("name", LAYERS)
def test_layers(name):
    cls = getattr(cpool, name)
    assert cls is getattr(layers, name) and cls.__module__ == "cpool.layers" and cls.__qualname__ == name
    forward = inspect.signature(cls.forward_function).parameters
    own = inspect.signature(cls).parameters
    assert set(own) < set(forward)
    assert {"x", "mask", "out"} <= set(forward) - set(own)
    assert all(str(own[n]) == str(forward[n]) for n in own)


ORDER = {"Median": {}, "Rank": {"q": 0.3}, "Range": {}, "Var": {"correction": 1}, "Std": {}}


@pytest.mark.parametrize("op", ORDER)
def test_layers_are_their_functions(op):
    x, mask = values((2, 3, 8, 9), np.float64, "plain", 1), np.random.default_rng(0).random((8, 9)) < 0.7
    for kind, arguments, options in (
        ("", (3,), {"stride": 2, "padding": 1}), ("Adaptive", ((2, 3),), {}),
        ("Global", (), {"keepdims": True}), ("", (2,), {"axis": (0, 2)}), ("Global", (), {"axis": (3, 1)}),
    ):
        end = "" if kind == "Global" else "2d"
        name = f"{kind.lower()}_{op.lower()}_pool{end}".strip("_")
        layer = getattr(cpool, f"{kind}{op}Pool{end}")(*arguments, **options, **ORDER[op])
        for given in (None, mask):
            y = layer(x, mask=given)
            want = getattr(cpool, name)(x, *arguments, **options, **ORDER[op], mask=given)
            np.testing.assert_array_equal(y, want)
            g = values(y.shape, y.dtype, seed=2)
            want = getattr(cpool, name + "_backward")(g, x, *arguments, **options, **ORDER[op], mask=given)
            np.testing.assert_array_equal(layer.backward(g), want)
        for again in (copy.copy(layer), copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):
            assert repr(again) == repr(layer)
            np.testing.assert_array_equal(again.backward(g), want)
        text = repr(layer)
        assert repr(eval(text, {type(layer).__name__: type(layer)})) == text


def test_layers_of_labels():
    layer = cpool.ModePool2d(2, ignore_label=0, return_counts=True)
    assert repr(layer) == "ModePool2d(kernel_size=2, return_counts=True, ignore_label=0)"
    labels, counts = layer(np.array([[0, 4], [0, 5]]))
    assert labels.tolist() == [[4]] and counts.tolist() == [[1]]
    with pytest.raises(TypeError, match="no gradient"):
        layer.backward(np.ones((1, 1)))
    with pytest.raises(ValueError, match="data_format"):
        cpool.MedianPool2d(2, axis=(0, 1), data_format="channels_first")


def test_parts_of_texts():
    text = """Summary of it.

    Notes
    -----
    Some {word}, {"a", "b"}.

    More.

    Examples
    --------
    >>> 1
    1
    """
    found = _texts.sections(inspect.cleandoc(text))
    assert found[""] == "Summary of it." and found["Notes"] == 'Some {word}, {"a", "b"}.\n\nMore.'
    assert _texts.fill(found["Notes"], {"word": "text"}).startswith('Some text, {"a", "b"}.')
    entries = _texts.entries("a : int\n    First.\nb : str, optional\n    Second\n    line.\n")
    assert list(entries) == ["a", "b"] and entries["b"].endswith("line.")


# ---- names before they are made ----


def test_names_are_those_of_what_is_made():
    for made in _lazy.FUNCTIONS, _lazy.LAYERS:
        for module, names in made.items():
            assert importlib.import_module(f"cpool.{module}").__all__ == names


@pytest.mark.parametrize("module", [cpool, functional, layers])
def test_names_come_to_life(module):
    listed = dir(module)
    assert set(module.__all__) <= set(listed) == set(listed) | set(vars(module))
    assert listed == sorted(set(listed))
    space = {}
    exec(f"from {module.__name__} import *", space)
    assert set(module.__all__) <= set(space)
    for name in module.__all__:
        assert space[name] is getattr(module, name) is vars(module)[name]
    missing = "gem_pool4d"
    with pytest.raises(AttributeError, match=rf"^module '{module.__name__}' has no attribute '{missing}'$"):
        getattr(module, missing)
    assert not hasattr(module, "__wrapped__")


@pytest.mark.parametrize("code, loaded", [
    ("import cpool, cpool.functional, cpool.layers; dir(cpool); cpool.__all__; cpool.max_pool2d", set()),
    ("from cpool import median_pool2d", {"_order"}),
    ("import cpool; cpool.layers.S3Pool2d", {"_drawn_layers", "_fractional", "_s3"}),
    ("import pickle; pickle.loads(b'ccpool.functional\\nmax_pool2d_jvp\\n.')",
     {"_derivatives", "_fractional"}),
    ("import pickle; pickle.loads(b'ccpool.layers\\nGemPool2d\\n.')",
     {"_whole_layers", "_order", "_smooth", "_stochastic"}),
    ("import pydoc; assert 'gem_pool3d(x, ' in pydoc.render_doc('cpool.gem_pool3d')", {"_smooth"}),
])
def test_modules_are_loaded_when_they_are_needed(code, loaded):
    code += "; import sys; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    modules = {name.removeprefix("cpool.") for name in run.stdout.split()}
    assert modules & {*_lazy.FUNCTIONS, *_lazy.LAYERS} == loaded
