"""Every public operator: the same bits however it runs, the same values in every layout, and as frozen."""

import inspect
import json
import os
import platform
import re
import subprocess
import sys
from pathlib import Path

import everything
import golden
import numpy as np
import pytest
from compare import DTYPES, FLOATS, is_float, ulp
from test_bits import LEVELS, available

import cpool
from cpool import _cpu

HERE = Path(__file__).parent
FEW = [np.dtype(name) for name in ("uint8", "float32")]


def test_every_public_name_is_walked():
    """A new function is in the walk by itself; another name says where it is tested."""
    functions = {name for name in cpool.__all__ if inspect.isfunction(getattr(cpool, name))}
    classes = {name for name in cpool.__all__ if inspect.isclass(getattr(cpool, name))}
    rest = {*cpool.__all__} - functions - classes - {"__version__"}
    walked = everything.names()
    assert functions - walked == {*everything.ELSEWHERE} & functions
    assert {*everything.ELSEWHERE} <= {*cpool.__all__} and rest <= {*everything.ELSEWHERE}
    for name in classes - {*everything.ELSEWHERE}:  # layers hold arguments and call functions
        assert getattr(cpool, name).forward_function.__name__ in walked, name


def test_the_walk_reaches_what_it_names():
    """Every function comes out, for every floating-point dtype if it takes any."""
    reached = {}
    for base in everything.BASES:
        for dtype in DTYPES:
            for name in everything.digests(base, dtype, "small"):
                reached.setdefault(name, set()).add(dtype)
    missing = {re.sub("[123]d", "{n}d", name) for name in everything.names()} - {*reached}
    assert not missing
    for name, dtypes in reached.items():
        assert ({*FLOATS} <= dtypes) != ("mode_pool" in name), name


# --- the same bits ---------------------------------------------------------------------------------


@pytest.mark.skipif(not _cpu.openmp(), reason="built without OpenMP: always one thread")
@pytest.mark.parametrize("dtype", FEW, ids=str)
def test_threads(dtype):
    """`.ci/bits.py` has more: 1, 2, 3, 7 and 16 threads, every level, ten times each, seven dtypes."""
    different = []
    for base in everything.BASES:
        with cpool.num_threads(1):
            want = everything.digests(base, dtype, "large")
        for n in 3, 16:
            with cpool.num_threads(n):
                got = everything.digests(base, dtype, "large")
            different += [(name, n) for name in want if got[name] != want[name]]
    assert not different


def test_levels():
    levels = [level for level in LEVELS if available(level)]
    if len(levels) == 1:
        pytest.skip("only the baseline level is available")
    found = {}
    for level in levels:
        paths = [str(Path(cpool.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
        done = subprocess.run(
            [sys.executable, str(HERE / "everything.py"), "small"],
            capture_output=True, text=True, check=True,
            env=os.environ | {"CPOOL_CPU": level, "PYTHONPATH": os.pathsep.join(paths)})
        found[level] = json.loads(done.stdout)
        assert found[level]["level"] == level and len(found[level]["digests"]) > 1500
    want = found.pop("baseline")["digests"]
    for level, other in found.items():
        assert {k for k in want if want[k] != other["digests"].get(k)} == set(), level


def test_digests_tell_results_apart():
    x = everything.numbers((2, 3, 8), np.float32)
    other = x.copy()
    other[1, 2, 7] = np.nextafter(other[1, 2, 7], np.float32(9))
    void, negative = x.copy(), x.copy()
    void[0, 0, 0], negative[0, 0, 0] = np.nan, -np.nan
    kinds = [[x], [other], [x[:1]], [x, x], [x.astype(np.float64)], [x.reshape(3, 2, 8)], [void]]
    assert len({everything.digest(each) for each in kinds}) == len(kinds)
    assert everything.digest([void]) == everything.digest([negative])


# --- layouts ---------------------------------------------------------------------------------------


def spaced(x):
    y = np.zeros(tuple(2 * n for n in x.shape), x.dtype)
    y[tuple(slice(1, None, 2) for _ in x.shape)] = x
    return y[tuple(slice(1, None, 2) for _ in x.shape)]


VIEWS = {
    "spaced": spaced,
    "reversed": lambda x: x[..., ::-1].copy()[..., ::-1],
    "Fortran": np.asfortranarray,
    "channels inside": lambda x: np.moveaxis(np.ascontiguousarray(np.moveaxis(x, 1, -1)), -1, 1),
}
# what may differ, in units in the last place of the largest result: sums in another order, rounded once
NEAR = 1.0


def close(got, want, message):
    assert len(got) == len(want), message
    for a, b in zip(got, want, strict=True):
        assert (a.dtype, a.shape) == (b.dtype, b.shape), message
        if is_float(a.dtype):
            dtype, a, b = b.dtype, a.astype(np.longdouble), b.astype(np.longdouble)
            far = abs(a - b) > NEAR * ulp(abs(b).max(initial=0), dtype)
            assert not far.any(), (message, a[far][0], b[far][0])
        else:
            assert np.array_equal(a, b), message


@pytest.mark.parametrize("dtype", [np.dtype("int16"), *FLOATS], ids=str)
@pytest.mark.parametrize("view", VIEWS)
def test_views(view, dtype):
    """However the memory of x lies, results are the same; sums of floats to the last place of the largest."""
    for base in everything.BASES:
        for nd, x, given, flags in everything.calls(base, dtype, "small"):
            want = everything.call(base, nd, x, given, flags)
            got = everything.call(base, nd, VIEWS[view](x), given, flags)
            assert got.keys() == want.keys()
            for action in want:
                close(got[action], want[action], (base, nd, action, given))


@pytest.mark.parametrize("dtype", [np.dtype("int16"), *FLOATS], ids=str)
def test_channels_last(dtype):
    """The result of channels last is that of channels first, with the axis moved."""
    seen = 0
    for base in everything.BASES:
        for nd, x, given, _ in everything.calls(base, dtype, "small"):
            forward = everything.function(base, nd)
            if "data_format" not in inspect.signature(forward).parameters or base == "spatial_pyramid_pool":
                continue  # whose vector is in the order of the memory
            if {"indices", "random_samples", "logits", "boundaries", "gate", "positions"} & {*given}:
                continue  # arrays of their own layout: test_smooth.py, test_drawn.py, test_unpool.py
            want = everything.call(base, nd, x, given, (), ("",))
            last = np.ascontiguousarray(np.moveaxis(x, 1, -1))
            got = everything.call(base, nd, last, given | {"data_format": "channels_last"}, (), ("",))
            assert got.keys() == want.keys()
            for action in want:
                back = [np.moveaxis(a, -1, 1) if a.ndim > 2 else a for a in got[action]]
                close(back, want[action], (base, nd, action, given))
                seen += 1
    assert seen > 100


# --- as they were ----------------------------------------------------------------------------------


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="untried elsewhere")
@pytest.mark.skipif(len(FLOATS) < 4, reason="frozen with bfloat16")
def test_results_are_as_they_were():
    """A change of values is a decision: `python tests/golden.py --write`, and a line in CHANGELOG.md."""
    different = golden.differences(golden.table(), golden.read())
    assert not different, "\n".join([golden.BEGINNING, *different[:20], f"{len(different)} in all"])


def test_a_change_would_be_seen(monkeypatch):
    """Of a result by one unit in the last place, of a dtype that is refused, of a function that is gone."""
    want = {k: v for k, v in golden.read().items() if k.startswith(("sum_pool", "lp_pool{n}d("))}
    bases = ["sum_pool{n}d", "lp_pool{n}d"]
    keep = golden.table(bases)
    assert set(want) < set(keep)
    plain = everything.function

    def nudged(base, nd, action=""):
        f = plain(base, nd, action)
        return f if nd < 3 else lambda *a, **k: np.nextafter(f(*a, **k), np.inf)

    monkeypatch.setattr(everything, "function", nudged)
    monkeypatch.setattr(golden, "DTYPES", [np.dtype("float32")])
    monkeypatch.setattr(everything.inspect, "signature", lambda f: inspect.Signature())
    found = golden.hashed("sum_pool{n}d")
    assert found["sum_pool{n}d"]["float32"] != want["sum_pool{n}d"]["float32"]
    gone = {k: v for k, v in want.items() if k != "sum_pool{n}d_jvp"}
    assert any("sum_pool{n}d_jvp" in line for line in golden.differences(gone, want))
    slight = {k: {d: v for d, v in row.items() if d != "uint8"} for k, row in want.items()}
    assert any("uint8" in line and "None" in line for line in golden.differences(slight, want))
