"""What the build made: levels, metadata, import cost, and the rules of setup.py."""

import importlib
import importlib.metadata
import importlib.util
import json
import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

import cpool
from cpool import _cpu, _dispatch

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = Path(cpool.__file__).parent
LEVELS = ("baseline", "v3", "v4")


def python(code, **environment):
    """Run `code` in a fresh interpreter; return the completed process."""
    return subprocess.run([sys.executable, "-c", code], env=os.environ | environment, text=True,
                          capture_output=True, timeout=120)


class TestLevels:
    def test_built_levels(self):
        built = _cpu.built_levels()
        assert built[0] == "baseline" and set(built) <= set(LEVELS)
        assert _cpu.supports("baseline")

    def test_every_kernel_exists_for_every_level(self):
        suffix = sysconfig.get_config_var("EXT_SUFFIX")
        names = {path.name.removesuffix(suffix) for path in (PACKAGE / "_kernels").glob(f"*{suffix}")}
        kernels = {name for name in names if not name.endswith(("_v3", "_v4"))}
        assert kernels >= set(_dispatch.HIGHEST)
        for level in _cpu.built_levels()[1:]:
            for name in kernels:
                wanted = LEVELS.index(level) <= LEVELS.index(_dispatch.HIGHEST.get(name, LEVELS[-1]))
                assert (f"{name}_{level}" in names) == wanted, (name, level)

    @pytest.mark.parametrize("level", LEVELS)
    def test_forced_level(self, level):
        code = ("import cpool, sys; from cpool import _cpu; print(_cpu.best_level());"
                "print(*(name for name in sys.modules if name.startswith('cpool._kernels.')));"
                "print(cpool.max_pool1d([1., 3., 2., 4.], 2).tolist())")
        done = python(code, CPOOL_CPU=level)
        if level in _cpu.built_levels() and _cpu.supports(level):
            assert done.returncode == 0, done.stderr
            chosen, modules, result = done.stdout.splitlines()
            assert chosen == level and result == "[3.0, 4.0]"
            suffix = {"baseline": "", "v3": "_v3", "v4": "_v4"}
            loaded = modules.split()
            for name in ("norms", "reduce", "scatter", "select", "spread", "wholeaxis"):
                highest = min(level, _dispatch.HIGHEST.get(name, level), key=LEVELS.index)
                for each in LEVELS:
                    assert (f"cpool._kernels.{name}{suffix[each]}" in loaded) == (each == highest)
        else:
            assert done.returncode == 1 and "ImportError" in done.stderr and level in done.stderr

    @pytest.mark.parametrize("text", ["avx2", "V3", " v3", "0"])
    def test_unknown_level(self, text):
        done = python("import cpool", CPOOL_CPU=text)
        assert done.returncode == 1
        last = done.stderr.strip().splitlines()[-1]
        assert last.startswith("ImportError: CPOOL_CPU") and repr(text) in last
        assert "baseline, v3, v4" in last

    def test_empty_means_best(self):
        done = python("from cpool import _cpu; print(_cpu.best_level())", CPOOL_CPU="")
        usable = [level for level in _cpu.built_levels() if _cpu.supports(level)]
        assert done.stdout.split() == [usable[-1]]

    def test_unknown_name_is_an_error(self):
        with pytest.raises(ValueError):
            _cpu.supports("v5")

    def test_build_description(self, capsys):
        cpool.show_config()
        shown = capsys.readouterr().out
        assert _cpu.best_level() in shown and _cpu.compiler() in shown


class TestPackage:
    @pytest.fixture
    def metadata(self):
        try:
            return importlib.metadata.distribution("cpool")
        except importlib.metadata.PackageNotFoundError:
            pytest.skip("cpool is built in place and not installed")

    def test_version_is_the_metadata(self, metadata):
        assert cpool.__version__ == metadata.version

    def test_numpy_is_the_only_requirement(self, metadata):
        needs = [line for line in metadata.requires if "extra ==" not in line]
        assert len(needs) == 1 and needs[0].startswith("numpy")

    def test_typed(self):
        assert (PACKAGE / "py.typed").exists() and (PACKAGE / "__init__.pyi").exists()

    def test_import_brings_nothing_heavy(self):
        """Nothing but NumPy, and no thread before it is needed."""
        code = ("import numpy, sys, os; before = set(sys.modules); import cpool;"
                "tasks = len(os.listdir('/proc/self/task')) if os.path.isdir('/proc/self/task') else 1;"
                "import json; print(json.dumps([sorted(set(sys.modules) - before), tasks]))")
        done = python(code, OPENBLAS_NUM_THREADS="1")
        assert done.returncode == 0, done.stderr
        modules, tasks = json.loads(done.stdout)
        heavy = {"torch", "PIL", "tqdm", "argparse", "importlib.metadata", "ml_dtypes", "asyncio",
                 "multiprocessing", "logging", "email", "cpool.reference", "cpool.__main__"}
        assert not heavy & set(modules)
        assert tasks == 1

    def test_gil_stays_off(self):
        """On a free-threaded Python the import must not switch the GIL on."""
        if not sysconfig.get_config_var("Py_GIL_DISABLED"):
            pytest.skip("this Python has no free threading")
        done = python("import sys, cpool; print(sys._is_gil_enabled())", PYTHON_GIL="")
        assert done.stdout.split() == ["False"]


@pytest.mark.skipif(not (ROOT / "setup.py").exists(), reason="only in a source tree")
class TestSetup:
    @pytest.fixture
    def setup_py(self):
        pytest.importorskip("Cython")
        pytest.importorskip("setuptools")
        spec = importlib.util.spec_from_file_location("cpool_setup", ROOT / "setup.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    def test_extensions(self, setup_py, tmp_path, monkeypatch):
        for name in ("_call.pyx", "_kernels/window.pyx", "_kernels/window_v3.pyx", "_kernels/portable.h"):
            path = tmp_path / "cpool" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        (tmp_path / "cpool" / "_dispatch.py").write_text('HIGHEST = {"norms": "baseline"}')
        monkeypatch.chdir(tmp_path)
        found = {ext.name: ext for ext in setup_py.extensions()}
        kernel = "cpool._kernels.window"
        assert set(found) == {"cpool._call", kernel, kernel + "_v3", kernel + "_v4"}
        # A level's module names its true source until the build: the sdist lists sources.
        assert found[kernel + "_v4"].sources == ["cpool/_kernels/window.pyx"]
        assert found["cpool._call"].depends == ["cpool/_kernels/portable.h"]

    def test_asked_levels(self, setup_py, monkeypatch):
        monkeypatch.delenv("CPOOL_LEVELS", raising=False)
        assert setup_py.asked_levels() == list(LEVELS)
        monkeypatch.setenv("CPOOL_LEVELS", "v3")
        assert setup_py.asked_levels() == ["v3"]
        monkeypatch.setenv("CPOOL_LEVELS", "v3,avx")
        with pytest.raises(SystemExit, match="avx"):
            setup_py.asked_levels()

    @pytest.mark.parametrize(("text", "meaning"), [("1", True), ("yes", True), ("", False), ("0", False),
                                                   ("OFF", False), (" false ", False)])
    def test_wanted(self, setup_py, monkeypatch, text, meaning):
        monkeypatch.setenv("CPOOL_ANYTHING", text)
        assert setup_py.wanted("CPOOL_ANYTHING") is meaning

    def test_write_if_changed(self, setup_py, tmp_path):
        path = tmp_path / "folder" / "file"
        assert setup_py.write_if_changed(path, "a")
        stamp = path.stat().st_mtime_ns
        assert not setup_py.write_if_changed(path, "a")
        assert path.stat().st_mtime_ns == stamp
        assert setup_py.write_if_changed(path, "b") and path.read_text() == "b"

    def test_which_statements_of_a_kernel_ran(self, tmp_path):
        """What .ci/kernel_lines.py reads in what Cython writes: the C lines of every statement, no others."""
        spec = importlib.util.spec_from_file_location("kernel_lines", ROOT / ".ci" / "kernel_lines.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        written = tmp_path / "a.c"
        written.write_text("""
/* "cpool/_kernels/a.pyx":3
 * cdef int f() nogil:             # <<<<<<<<<<<<<<
*/
static int f(void) {
  int r;
  /* "cpool/_kernels/b.pxi":7
 *     return 1             # <<<<<<<<<<<<<<
*/
  r = 1;
  goto L0;
  /* function exit code */
  L0:;
  return r;
}
static int unrelated(void) { return 2; }
""")
        assert list(module.statements(written)) == [
            ("cpool/_kernels/a.pyx", 3, 2, 7), ("cpool/_kernels/b.pxi", 7, 7, 12)]
        assert module.ranges([9, 3, 5, 4]) == "3-5, 9"
