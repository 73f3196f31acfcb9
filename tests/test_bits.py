"""The same bits for every number of threads, every CPU level, every run and every wording of a call."""

import json
import os
import subprocess
import sys
from pathlib import Path

import corpus
import numpy as np
import pytest
from compare import FLOATS, LAYOUTS, OPS, assert_close, function, ulp, values

import cpool
from cpool import _cpu

LEVELS = ("baseline", "v3", "v4")


@pytest.mark.parametrize("part", ["small", "large"])
def test_threads(part):
    """Forward, indices and backward for 1, 2, 3 and 7 threads."""
    different, seen = [], 0
    for name, _, run in corpus.calls(small=part == "small", large=part == "large"):
        if part == "small" and seen % 5:
            seen += 1
            continue
        seen += 1
        with cpool.num_threads(1):
            want = corpus.digest(*run())
        for threads in (2, 3, 7) if part == "large" else (3,):
            with cpool.num_threads(threads):
                if corpus.digest(*run()) != want:
                    different.append((name, threads))
    assert seen > 100
    assert not different, f"{len(different)} differ: {different[:10]}"


def run_level(level, path):
    script = Path(__file__).with_name("corpus.py")
    environment = os.environ | {
        "CPOOL_CPU": level,
        "PYTHONPATH": os.pathsep.join(
            [str(Path(cpool.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
        ),
    }
    done = subprocess.run(
        [sys.executable, str(script), str(path)], env=environment, capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout.splitlines()[-1]), np.load(path)


def available(level):
    """Whether this machine and this build have a level: asked of a fresh interpreter."""
    done = subprocess.run(
        [sys.executable, "-c", "import cpool"],
        env=os.environ | {"CPOOL_CPU": level},
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(cpool.__file__).parents[1],
    )
    if done.returncode:
        assert "ImportError" in done.stderr and level in done.stderr, done.stderr
    return done.returncode == 0


def test_levels(tmp_path):
    """Every level that this machine has gives the same bits; where pow is needed, within 2 ulp."""
    levels = [level for level in LEVELS if available(level)]
    assert "baseline" in levels
    if len(levels) == 1:
        pytest.skip("only the baseline level is available")
    first, first_pow = run_level("baseline", tmp_path / "baseline.npz")
    assert first["level"] == "baseline" and len(first["digests"]) > 500 and len(first_pow.files) > 50
    for level in levels[1:]:
        other, other_pow = run_level(level, tmp_path / f"{level}.npz")
        assert other["level"] == level
        assert other["digests"].keys() == first["digests"].keys()
        different = [k for k, v in other["digests"].items() if v != first["digests"][k]]
        assert not different, f"{level}: {len(different)} differ: {different[:10]}"
        for name in first_pow.files:
            a, b = first_pow[name], other_pow[name]
            bits = {"float16": 10, "bfloat16": 7, "float32": 23}.get(
                next((d for d in ("bfloat16", "float16", "float32") if d in name), ""), 52
            )
            with np.errstate(invalid="ignore"):
                away = abs(a - b)
                near = (a == b) | (np.isnan(a) & np.isnan(b)) | (away <= 2 * 2.0**-bits * abs(a))
                near |= away <= (2.0**-23 if bits == 10 else 0)  # float16 subnormals
                assert near.all() or ((away <= 1).all() and "int" in name), (level, name)


def test_an_unknown_level_is_refused_by_name():
    done = subprocess.run(
        [sys.executable, "-c", "import cpool"],
        env=os.environ | {"CPOOL_CPU": "v9"},
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(cpool.__file__).parents[1],
    )
    assert done.returncode and "ImportError" in done.stderr and "v9" in done.stderr


def test_the_level_in_use_is_a_level():
    assert cpool._dispatch.LEVEL in LEVELS and _cpu.best_level() in LEVELS


def test_runs_repeat():
    for name, _, run in list(corpus.calls(small=False))[::11]:
        assert corpus.digest(*run()) == corpus.digest(*run()), name


@pytest.mark.parametrize("dtype", FLOATS, ids=str)
@pytest.mark.parametrize("op", OPS)
def test_a_window_depends_on_its_taps_alone(op, dtype):
    """Crops, other batches and other neighbours leave the value of a window as it is."""
    x = values((1, 3, 40, 333), dtype)
    fast, _ = function("pool", op, 2)
    lead = (2,) if op == "lp" else ()
    for kernel in 2, 3, 8, 17:
        whole = fast(x, *lead, kernel, 1)
        for top, left in (1, 1), (3, 8), (7, 100), (0, 301):
            part = fast(np.ascontiguousarray(x[:, 1:2, top:, left:]), *lead, kernel, 1)
            assert np.array_equal(part, whole[:, 1:2, top:, left:]), (kernel, top, left)


@pytest.mark.parametrize("dtype", FLOATS, ids=str)
@pytest.mark.parametrize("op", OPS)
@pytest.mark.parametrize("kernel", [2, 3, 7, 20, 65])
def test_strides_and_padding_leave_a_window_as_it_is(op, dtype, kernel):
    """Down to the bit for max and min, up to rounding for sums."""
    x = values((2, 9, 400), dtype)
    fast, _ = function("pool", op, 1)
    lead = (2,) if op == "lp" else ()
    dense = fast(x, *lead, kernel, 1)
    scale = 0 if op in ("max", "min") else fast(abs(x), *lead, kernel, 1).astype(float)
    eps = 2.0**-52 if dtype == np.float64 else 2.0**-23
    allowed = scale if op in ("max", "min") else 4 * ulp(dense, dtype) + 8 * eps * scale

    def near(got, first, step):
        want = dense[..., first::step]
        n = min(got.shape[-1], want.shape[-1])
        slack = allowed[..., first::step][..., :n] if isinstance(allowed, np.ndarray) else 0
        assert_close(np.ascontiguousarray(got[..., :n]), np.ascontiguousarray(want[..., :n]), slack)

    for stride in 2, 3, kernel:
        near(fast(x, *lead, kernel, stride), 0, stride)
        near(fast(x, *lead, kernel, stride, padding=1)[..., 1:-1], stride - 1, stride)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_same_call_in_other_words(layout):
    x = values((3, 20, 21, 4), np.float32)
    options = {"data_format": layout}
    want = cpool.avg_pool2d(x, 3, 3, 1, **options)
    for other in (
        cpool.avg_pool2d(x, (3, 3), None, (1, 1), **options),
        cpool.avg_pool2d(x, [3, 3], stride=np.int8(3), padding=[(1, 1), (1, 1)], **options),
        cpool.avg_pool2d(x, np.array([3, 3]), padding=1, count_include_pad=True, dilation=1, **options),
        cpool.avg_pool2d(x=x, kernel_size=3, padding=1, divisor_override=None, **options),
    ):
        assert np.array_equal(other, want)
