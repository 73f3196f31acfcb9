"""Adapters cost nothing unless asked for, and say what to install."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from cpool import _optional

ROOT = Path(__file__).parent.parent
ADAPTERS = sorted(
    path.stem
    for path in (Path(_optional.__file__).parent).glob("*.py")
    if "_optional import package" in path.read_text(encoding="utf-8")
)


def test_there_are_adapters():
    assert "onnx" in ADAPTERS


@pytest.mark.parametrize("name", ADAPTERS)
def test_missing_package(name):
    """With every other package hidden, importing the adapter names what it is for."""
    program = f"""
import sys
class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("onnx", "jax", "sklearn", "xarray", "torch", "dask"):
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Hidden())
import cpool.{name}
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    last = done.stderr.strip().splitlines()[-1]
    assert done.returncode and f'which is not installed: pip install "cpool[{name}]"' in last, done.stderr


def test_cpool_imports_none_of_them():
    program = "import sys, cpool; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not set(loaded.stdout.split()) & {*ADAPTERS, *(f"cpool.{name}" for name in ADAPTERS)}


@pytest.mark.skipif(not (ROOT / "pyproject.toml").exists(), reason="not next to the tests")
@pytest.mark.parametrize("name", ADAPTERS)
def test_there_is_an_extra(name):
    with open(ROOT / "pyproject.toml", "rb") as file:
        assert tomllib.load(file)["project"]["optional-dependencies"][name]


def test_packages():
    import json

    assert _optional.package("json", "jax", "json.decoder") is json
    with pytest.raises(ModuleNotFoundError, match=r'cpool\.jax needs no_such_thing.*"cpool\[jax\]"'):
        _optional.package("json", "jax", "no_such_thing.at_all")


def test_a_broken_package_is_not_called_missing(tmp_path, monkeypatch):
    (tmp_path / "broken_package.py").write_text("import no_such_dependency\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="No module named 'no_such_dependency'"):
        _optional.package("broken_package", "jax")
