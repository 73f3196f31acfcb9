"""Docstrings fit a terminal of 80 columns, where `help` moves them by 4, whatever is filled into them."""

import importlib
import inspect
import pydoc

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_doctests import ADAPTERS

import cpool
from cpool import _texts

MODULES = ("cpool", "cpool.reference", *ADAPTERS)


def ours(value):
    return (getattr(value, "__module__", None) or "").startswith("cpool")


def docstrings(module):
    """Docstrings by name: of the module, of what it offers, and of what its classes have of their own."""
    yield module.__name__, module.__doc__
    offered = getattr(module, "__all__", None) or [name for name in vars(module) if not name.startswith("_")]
    for name in offered:
        value = getattr(module, name)
        if inspect.isclass(value):
            for attribute, member in inspect.getmembers(value):
                if not attribute.startswith("_") and ours(member) and callable(member):
                    yield f"{name}.{attribute}", inspect.getdoc(member)
        if ours(value):
            yield name, inspect.getdoc(value)


@pytest.mark.parametrize("name", MODULES)
def test_no_line_is_too_long(name):
    if name in ADAPTERS:
        pytest.importorskip(name.rpartition(".")[2])
    found = list(docstrings(importlib.import_module(name)))
    assert len(found) > 3
    wide = {f"{where}: {line}" for where, text in found for line in (text or "").splitlines()
            if len(line) > _texts.WIDTH}
    assert not wide


@pytest.mark.parametrize("name", ["max_pool2d", "tree_pool3d_backward", "s3_pool2d", "RoIAlign"])
def test_help_fits_a_terminal(name):
    text = pydoc.render_doc(getattr(cpool, name), renderer=pydoc.plaintext)
    lines = text.partition("Methods defined here")[0].splitlines()[1:]
    wide = [line for line in lines if len(line) > 80]
    assert len(wide) <= 1 and all(f"{name}(" in line for line in wide)     # the signature, before 3.13
    assert len(lines) > 20


LONG = "one word and another " * 8


@pytest.mark.parametrize(("text", "expected"), [
    ("short\n    lines   stay\n\nas they are", None),
    (LONG, "one word and another one word and another one word and another one word and\n"
           "another one word and another one word and another one word and another one\nword and another"),
    ("x : int\n    " + LONG[:84].strip() + "\n    last\ny : int",
     "x : int\n    one word and another one word and another one word and another one word\n"
     "    and another last\ny : int"),
    ("- " + LONG[:84].strip() + "\n- two", "- one word and another one word and another one word and another"
                                           " one word\n  and another\n- two"),
    (".. [1] " + LONG[:84].strip() + "\n   end",
     ".. [1] one word and another one word and another one word and another one\n   word and another end"),
    ("a, b\n    text of both\n\n" + "c, " * 30 + "d\n    more",
     "a, b\n    text of both\n\n" + ("c, " * 25).strip() + "\n" + "c, " * 5 + "d\n    more"),
    ("Heading\n-------\n" + "x" * 80, None),
    (f"x : {LONG}\n    an entry stays, as numpydoc wants it in one line", None),
    ("0123456789 " * 6 + "``code in one piece``", "0123456789 " * 5 + "0123456789\n``code in one piece``"),
    (f"| {LONG}\n{LONG[:20]}", f"| {LONG}\n{LONG[:20]}"),
])
def test_paragraphs(text, expected):
    assert _texts.wrapped(text) == (text if expected is None else expected)


@pytest.mark.parametrize(("text", "expected"), [
    (">>> f(" + "1234567, " * 8 + "g(1, 2), 3)",
     ">>> f(" + ("1234567, " * 7).strip() + "\n...     1234567, g(1, 2), 3)"),
    (">>> f(" + "1234567, " * 16 + "3)",
     ">>> f(" + ("1234567, " * 7).strip() + "\n...     " + ("1234567, " * 7).strip()
     + "\n...     1234567, 1234567, 3)"),
    (">>> f(1, g(" + "1234567, " * 8 + "2))", ">>> f(1,\n...     g(" + ("1234567, " * 7).strip()
     + "\n...     1234567, 2))"),
    (">>> f('a, b', '" + "c, " * 20 + "', 12)", ">>> f('a, b',\n...     '" + "c, " * 20 + "', 12)"),
    (">>> " + "x" * 80, None),                                # nowhere to break
    (">>> x = 1\n" + "[1, 2] " * 12 + "\n>>> y", None),       # what is printed stays
])
def test_examples(text, expected):
    assert _texts.wrapped(text) == (text if expected is None else expected)


@given(st.lists(st.text("abc `(,)-.", max_size=120), max_size=8).map("\n".join))
def test_words_stay_what_they_are(text):
    made = _texts.wrapped(text)
    assert made.split() == text.split()
    assert _texts.wrapped(made).split() == text.split()
