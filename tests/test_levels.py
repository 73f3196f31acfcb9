"""Every CPU level and every thread count gives the same bits (2 ulp where `pow` is involved)."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from cpool import _cpu

CORPUS = Path(__file__).with_name("corpus.py")
LEVELS = [level for level in _cpu.built_levels() if _cpu.supports(level)]
BEST = _cpu.best_level()


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Return a function that gives the corpus's lines and pow results, each combination run once."""
    known = {}

    def get(level, threads):
        if (level, threads) not in known:
            file = tmp_path_factory.mktemp("corpus") / "powers.npz"
            environment = os.environ | {"CPOOL_CPU": level, "CPOOL_NUM_THREADS": str(threads)}
            done = subprocess.run([sys.executable, str(CORPUS), str(file)], env=environment, text=True,
                                  capture_output=True, timeout=900)
            assert done.returncode == 0, done.stderr
            with np.load(file) as powers:
                known[level, threads] = done.stdout.splitlines(), dict(powers)
        return known[level, threads]
    return get


def assert_same(found, expected):
    different = [f"{a} != {b}" for a, b in zip(found, expected, strict=True) if a != b]
    assert not different, f"{len(different)} of {len(expected)} differ:\n" + "\n".join(different[:20])


def test_the_corpus_is_not_empty(run):
    lines, powers = run(BEST, 1)
    assert len(lines) > 1000 and len(powers) > 10
    assert len({line.split()[0] for line in lines}) == len(lines)


@pytest.mark.parametrize("level", [level for level in LEVELS if level != BEST])
def test_levels_agree(run, level):
    found, found_powers = run(level, 1)
    expected, expected_powers = run(BEST, 1)
    assert_same(found, expected)
    for name, values in expected_powers.items():
        np.testing.assert_array_max_ulp(found_powers[name], values, 2)


@pytest.mark.skipif(not _cpu.openmp(), reason="built without OpenMP: always one thread")
@pytest.mark.parametrize("threads", [2, 3, 7])
def test_thread_counts_agree(run, threads):
    found, found_powers = run(BEST, threads)
    expected, expected_powers = run(BEST, 1)
    assert_same(found, expected)
    for name, values in expected_powers.items():
        np.testing.assert_array_equal(found_powers[name], values)
