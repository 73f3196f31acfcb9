"""The pages in docs/: code blocks run, and each line on how another library is asked agrees with it."""

import importlib
import itertools
import re
import shlex
import sys
from pathlib import Path

import documents
import numpy as np
import pytest

import cpool
from cpool.__main__ import build_parser

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"

if not DOCS.exists():
    pytest.skip("the documentation is not next to the tests", allow_module_level=True)

PAGES = sorted(path for path in DOCS.rglob("*.md") if "_build" not in path.parts)
MIGRATING = (DOCS / "migrating.md").read_text(encoding="utf-8")


def sections(text):
    """What stands before the first heading of level 2, and then (heading, text) of each."""
    first, *rest = re.split(r"^## ", text, flags=re.MULTILINE)
    return first, [tuple(each.split("\n", 1)) for each in rest]


BEGINNING, LIBRARIES = sections(MIGRATING)


def rows(text):
    """(theirs, ours) of every line of the tables."""
    return re.findall(r"^\| `([^`]+)` \| `([^`]+)` \|$", text, re.MULTILINE)


def flat(value):
    """A result as a list of arrays."""
    if isinstance(value, tuple | list):
        return [array for each in value for array in flat(each)]
    return [np.asarray(value.detach() if hasattr(value, "detach") else value)]


class Library:
    """The names that the lines of one library use, made on first use."""

    made = {}  # noqa: RUF012

    @classmethod
    def names(cls, heading, text):
        if heading not in cls.made:
            names = {}
            for code in documents.blocks(BEGINNING + text, "python"):
                if absent := documents.missing(code):
                    pytest.skip(f"needs {absent[0]}")
                exec(compile(code, "migrating.md", "exec"), names)
            cls.made[heading] = names
        return cls.made[heading]


LINES = [(heading, text, *row) for heading, text in LIBRARIES for row in rows(text)]


@pytest.mark.parametrize(("heading", "text", "theirs", "ours"), LINES, ids=[line[3] for line in LINES])
def test_a_line_of_migrating(heading, text, theirs, ours):
    names = Library.names(heading, text)
    want, got = flat(eval(theirs, names)), flat(eval(ours, names))
    assert len(want) == len(got)
    for one, other in zip(got, want, strict=True):
        assert one.shape == other.shape
        assert one.dtype.kind == other.dtype.kind
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-5)


def test_every_line_of_migrating_is_found():
    for _, text in LIBRARIES:
        table = [line for line in text.splitlines() if line.startswith("| ") and "`" in line]
        assert len(rows(text)) == len(table) > 5


@pytest.mark.parametrize("path", [path for path in PAGES if path.name != "migrating.md"],
                         ids=lambda path: str(path.relative_to(DOCS)))
def test_blocks_print_what_they_say(path, capsys):
    names = {}
    for code in documents.blocks(path.read_text(encoding="utf-8"), "python"):
        if not documents.missing(code):
            documents.run(code, names, path, capsys)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(DOCS)))
def test_commands_are_understood(path):
    for code in documents.blocks(path.read_text(encoding="utf-8"), "sh"):
        for command in re.split(r"[\n|]|&&", code):
            program, *words = shlex.split(command.partition(">")[0], comments=True) or [""]
            assert program != "cpool" or build_parser().parse_args(words)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(DOCS)))
def test_names_exist(path):
    text = re.sub(r"^```.*?^```$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    names = set(re.findall(r"`(?:cpool\.)?([a-z]\w+_pool(?:(?:\{n\}|[123])d)?)[`(]", text))
    names |= set(re.findall(r"`(?:cpool\.)?([A-Z]\w+Pool(?:(?:\{n\}|[123])d)?)[`(]", text))
    for name in names:
        for n in "123":  # `lp_pool` stands for all of its functions
            assert {name.replace("{n}", n), f"{name}{n}d"} & set(cpool.__all__), name


@pytest.mark.parametrize("path", [ROOT / "README.md", *PAGES], ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path):
    """Links to files of the repository; those to generated pages are Sphinx's affair."""
    for link in re.findall(r"\]\(([^)\s]+)\)", path.read_text(encoding="utf-8")):
        if "://" in link or link.startswith("#") or re.search(r"\.(rst|html)\b", link):
            continue
        if link.startswith(".github") and not (ROOT / ".github").exists():
            continue  # not part of a source distribution
        file, _, anchor = link.partition("#")
        target = (path.parent / file).resolve()
        assert target.exists(), link
        if anchor:
            headings = re.findall(r"^#+ (.*)$", target.read_text(encoding="utf-8").lower(), re.MULTILINE)
            assert anchor in [re.sub(r"[^\w\- ]", "", each).replace(" ", "-") for each in headings], link


@pytest.mark.skipif(not (ROOT / ".github").exists(), reason="not part of a source distribution")
def test_the_worked_example_fits_the_code():
    """The places that CONTRIBUTING.md changes are there, once, before the change or after it."""
    found = documents.changes((ROOT / ".github" / "CONTRIBUTING.md").read_text(encoding="utf-8"))
    assert len(found) > 15
    for path, before, after in found:
        text = (ROOT / path).read_text(encoding="utf-8")
        assert before == "" or text.count(before) == 1 or text.count(after) == 1, (path, before)


def test_the_reference_has_every_name(monkeypatch):
    monkeypatch.syspath_prepend(str(DOCS))
    families = importlib.import_module("families")
    try:
        pages, names = families.families()
        listed = list(itertools.chain.from_iterable(pages.values()))
        assert len(set(listed)) == len(listed)
        assert sorted(itertools.chain.from_iterable(names.values())) == sorted(cpool.__all__)
        assert set(names) == set(listed) and all(names.values())
        for name, page in {
            "MedianPool2d": "median_pool",
            "adaptive_lp_pool1d_jvp": "lp_pool",
            "GlobalMaxPool": "max_pool",
            "PSRoIAlign": "ps_roi_align",
            "AdaptiveConcatPool3d": "adaptive_concat_pool",
            "MaxBlurPool2d": "max_blur_pool",
        }.items():
            assert name in names[page]
        parts = families.parts(names["max_pool"])
        assert parts["Functions"][:3] == ["max_pool2d", "max_pool1d", "max_pool3d"]
        assert [len(each) for each in parts.values()] == [7, 7, 7, 7]
    finally:
        del sys.modules["families"]


@pytest.fixture
def matrix(monkeypatch):
    monkeypatch.syspath_prepend(str(DOCS))
    yield importlib.import_module("matrix")
    for name in "matrix", "families":
        del sys.modules[name]


def test_the_table_of_operators(matrix):
    """Every operator has a row, and a row says what calls confirm."""
    rows = {row["operator"]: row for each in matrix.table().values() for row in each}
    pages, _ = sys.modules["families"].families()
    helpers = set(pages[matrix.LEFT_OUT])
    more_arguments = {
        "max_unpool", "lp_pool", "rank_pool", "lip_pool", "gated_pool", "tree_pool", "ordinal_pool",
        "fractional_max_pool", "fractional_avg_pool", "s3_pool",
    }
    assert set(rows) == set(itertools.chain.from_iterable(pages.values())) - helpers
    assert rows["max_pool"] | {"oracles": ""} == {
        "operator": "max_pool", "windows": "1-D, 2-D, 3-D", "to a size": "1-D, 2-D, 3-D", "of all": "yes",
        "backward": "yes", "jvp": "yes", "layer": "yes", "layouts": "channels first, last, axis=",
        "mask, NaN, weights": "mask, NaN", "dtypes": "bool, integer or floating-point dtype", "oracles": "",
    }
    for page, row in rows.items():
        if page == "pool1d_stream":
            continue  # a class that is given one of the other operators
        assert row["dtypes"] and row["oracles"]
        assert row["backward"] == ("no" if page == "mode_pool" else "yes")
        windows = getattr(cpool, f"{page}1d", None)
        if not row["windows"] or page in more_arguments:
            continue
        for kind, word in (np.bool_, "bool"), (np.int8, "integer"), (np.float32, "floating-point"):
            options = {"dtype": np.float64} if kind == np.bool_ and page == "avg_pool" else {}
            if word in re.split(" with `|;", row["dtypes"])[0]:
                windows(np.ones((2, 8), kind), 2, **options)
            else:
                with pytest.raises(TypeError):
                    windows(np.ones((2, 8), kind), 2)


def test_the_oracles_of_the_table(matrix):
    modules = {"SciPy and NumPy": "scipy", "PyTorch": "torch", "torchvision": "torchvision", "ONNX": "onnx"}
    for (file, library), operators in matrix.ORACLES.items():
        text = (ROOT / "tests" / file).read_text(encoding="utf-8")
        assert f'importorskip("{modules[library]}' in text or f"import {modules[library]}" in text
        for name in operators:
            assert f"{name}_pool" in text or f'"{name}"' in text, (file, name)
