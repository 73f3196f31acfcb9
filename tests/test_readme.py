"""Every code block of the README runs, and every name in it exists."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import documents
import numpy as np
import pytest

import cpool
from cpool.__main__ import build_parser
from cpool._cli._bench import command
from cpool._cli._bench.workloads import USUAL, WORKLOADS

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"

if not README.exists():
    pytest.skip("the README is not next to the tests", allow_module_level=True)

TEXT = README.read_text(encoding="utf-8")
BLOCKS = documents.blocks(TEXT)


def blocks(language):
    return documents.blocks(TEXT, language)


def test_there_are_no_other_blocks():
    assert {name for name, _ in BLOCKS} == {"python", "sh"}
    assert TEXT.count("```") == 2 * len(BLOCKS)


def test_python_blocks_print_what_they_say(capsys):
    names = {}
    for body in blocks("python"):
        if not documents.missing(body):
            documents.run(body, names, README, capsys)


def test_the_install_commands():
    commands = [body.strip() for body in blocks("sh") if "pip" in body]
    assert commands == [
        'pip install ".[image]" && cpool demo',
        'pip install -e ".[test]" && python -m pytest',
    ]
    build_parser().parse_args(["demo"])


def test_the_extras_exist():
    with open(ROOT / "pyproject.toml", "rb") as file:
        extras = tomllib.load(file)["project"]["optional-dependencies"]
    table = TEXT.partition("## Extras")[2].partition("\n\n#")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == set(extras)


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs a shell")
def test_shell_blocks_run(tmp_path):
    image = pytest.importorskip("PIL.Image")
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (40, 60, 3), np.uint8)
    (tmp_path / "photos").mkdir()
    for name in ("photo.jpg", "scan.tif", "photos/1.png", "photos/2.jpg"):
        image.fromarray(pixels).save(tmp_path / name)
    np.save(tmp_path / "features.npy", rng.standard_normal((2, 20, 30, 8), np.float32))
    np.save(tmp_path / "frames.npy", rng.standard_normal((5, 64, 64), np.float32))
    np.savez(tmp_path / "volumes.npz", a=pixels, b=rng.standard_normal((2, 7, 8, 9)))
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "cpool").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m cpool "$@"\n')
    (programs / "cpool").chmod(0o755)
    paths = os.pathsep.join([str(programs), os.environ["PATH"]])
    (script,) = [body for body in blocks("sh") if "pip" not in body and "bench" not in body]
    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", script],
        cwd=tmp_path, env={**os.environ, "PATH": paths}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    with image.open(tmp_path / "pooled.png") as pooled:
        assert pooled.size == (30, 20)
    assert sorted(os.listdir(tmp_path / "thumbnails")) == ["1.png", "2.jpg"]
    assert np.load(tmp_path / "features-lp.npy").shape == (2, 10, 15, 8)
    assert np.load(tmp_path / "small.npy").shape == (5, 10, 10)
    assert np.load(tmp_path / "volumes-sum.npz")["b"].shape == (2, 4, 4, 5)
    assert (tmp_path / "scan-min.tif").exists()
    assert cpool.__version__ in done.stdout


def test_the_bench_commands():
    lines = [line for body in blocks("sh") for line in body.splitlines() if "bench" in line]
    assert len(lines) == 4
    for line in lines:
        program, *words = line.split()
        options = build_parser().parse_args(words)
        assert program == "cpool" and options.command == "bench"
        assert command._named(options.names, options.all) if options.shape is None else options.op


def script(name):
    """A program of .ci as a module."""
    specification = importlib.util.spec_from_file_location(name, ROOT / ".ci" / f"{name}.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.mark.skipif(not (ROOT / ".ci").exists(), reason="not part of a source distribution")
def test_links_for_a_package_index():
    text = script("absolute_links").absolute(TEXT, "https://host/owner/cpool", "v1")
    links = re.findall(r"\]\(([^)\s]+)\)", text)
    assert len(links) == len(re.findall(r"\]\(([^)\s]+)\)", TEXT)) > 20
    assert all(link.startswith("https://") for link in links)
    assert "](https://host/owner/cpool/raw/v1/.github/images/operators.png)" in text
    assert "](https://host/owner/cpool/blob/v1/docs/operators.md#order-and-spread)" in text
    assert documents.blocks(text) == BLOCKS


@pytest.mark.skipif(not (ROOT / ".ci").exists(), reason="not part of a source distribution")
def test_the_figures_are_those_of_the_script(tmp_path):
    speed = script("speed")
    assert [words[:2] for words in speed.commands(TEXT)] == [["cpool", "bench"]] * 2
    assert set(speed.SHOWN) <= set(USUAL)
    begin, end = TEXT.index(speed.BEGIN), TEXT.index(speed.END)
    figures = TEXT[begin:end]
    rows = [line for line in figures.splitlines() if re.match(r"\| \w+_pool", line)]
    assert len(rows) == len(speed.SHOWN)
    for name, row in zip(speed.SHOWN, rows, strict=True):
        assert row.startswith(f"| {WORKLOADS[name].describe()} | ")
        assert len(re.findall(r"\| \d+\.\d\d (?:us|ms) ", row)) == 4
    assert f"of the {len(USUAL)} layers" in figures
    assert f"on {len(USUAL)} layers" in TEXT


def test_every_name_exists():
    for name in re.findall(
        r"`(\w+(?:\{n\}\w+)?)`", TEXT.partition("### Gradients")[0].partition("## In Python")[2]
    ):
        if "pool" in name or name in ("output_shape", "windows", "convert_indices", "show_config"):
            for n in "123":
                function = name.replace("{n}", n)
                assert hasattr(cpool, function)
                if "pool" in function:
                    assert hasattr(cpool, f"{function}_backward")
    for call in re.findall(r"`([A-Z]\w+\([^`]*\))`", TEXT):
        assert eval(f"cpool.{call}") is not None
    for name in re.findall(r"cpool\.(\w+)\(", TEXT):
        assert hasattr(cpool, name)


def test_the_picture_is_there():
    for path in re.findall(r"!\[[^]]*\]\(([^)]*)\)", TEXT):
        if (ROOT / ".github").exists():  # not part of a source distribution
            assert (ROOT / path).is_file()
