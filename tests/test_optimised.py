"""Python that drops docstrings and assertions (`python -OO`): nothing may need the docstrings."""

import subprocess
import sys

import pytest

NAMES = """
import importlib, sys
space = importlib.import_module(sys.argv[1])
for name in space.__all__:
    getattr(space, name)
"""
POOLS = """
import sys, numpy as np, cpool, cpool.reference
x = np.arange(16.0).reshape(1, 1, 4, 4)
layer = cpool.MedianPool2d(2)
found = [cpool.max_pool2d(x, 2).tolist(), layer(x).tolist(), layer.backward(np.ones((1, 1, 2, 2))).sum()]
if found != [[[[[5.0, 7.0], [13.0, 15.0]]]], [[[[2.5, 4.5], [10.5, 12.5]]]], 4.0]:
    sys.exit(f"got {found}")
try:
    cpool.max_pool2d(x, 0)
except ValueError as error:
    sys.exit("kernel_size" not in str(error) and f"got {error}")
sys.exit("no error")
"""


def run(code, *arguments):
    return subprocess.run(
        [sys.executable, "-OO", "-c", code, *arguments], capture_output=True, text=True, timeout=300
    )


@pytest.mark.parametrize("module", [
    "cpool", "cpool.layers", "cpool.dask", "cpool.jax", "cpool.onnx", "cpool.sklearn",
    "cpool.torch", "cpool.xarray",
])
def test_every_name_is_there_without_docstrings(module):
    if module not in ("cpool", "cpool.layers"):
        pytest.importorskip(module.partition(".")[2])
    done = run(NAMES, module)
    assert done.returncode == 0, done.stderr


def test_pooling_without_docstrings():
    done = run(POOLS)
    assert done.returncode == 0, done.stderr
