"""cpool beside libraries that bring their own threads: imported before and after, called in turn and at once.

Each has its OpenMP, oneTBB or pool of threads; some wheels bring a libgomp, which cpool may come to share.
"""

import pytest
from processes import run

# What is imported, and work() that uses the library's threads and says whether its result is right.
LIBRARIES = {
    "torch": """
import torch
torch.set_num_threads(3)
def work():
    y = torch.nn.functional.max_pool2d(torch.from_numpy(x), 2)
    return np.array_equal(y.numpy(), pairs.max((3, 5)))
""",
    "sklearn": """
from sklearn.metrics import pairwise_distances_argmin
def work():
    return np.array_equal(pairwise_distances_argmin(points, points), np.arange(len(points)))
""",
    "jax": """
import jax
jax.config.update("jax_platforms", "cpu")
def work():
    return np.allclose(jax.numpy.dot(points, points.T), points @ points.T, rtol=1e-4, atol=1e-4)
""",
    "scipy": """
import scipy.fft, scipy.linalg
def work():
    return np.allclose(scipy.fft.irfft2(scipy.fft.rfft2(x, workers=3), workers=3), x, atol=1e-5)
""",
    "numba": """
import numba
@numba.njit(parallel=True)
def rows(a):
    sums = np.empty(len(a))
    for i in numba.prange(len(a)):
        sums[i] = a[i].sum()
    return sums
rows(np.zeros((4, 4), np.float32))
lock = threading.Lock()     # its default layer of threads takes one caller at a time
def work():
    with lock:
        return np.allclose(rows(points), points.sum(1), atol=1e-4)
""",
    "cv2": """
import cv2
cv2.setNumThreads(3)
def work():
    return np.allclose(cv2.blur(x[0, 0], (3, 3))[1:-1, 1:-1], cpool.avg_pool2d(x[0, 0], 3, 1), atol=1e-5)
""",
    "tensorflow": """
import tensorflow
def work():
    y = tensorflow.nn.max_pool2d(np.moveaxis(x, 1, -1), 2, 2, "VALID").numpy()
    return np.array_equal(np.moveaxis(y, -1, 1), pairs.max((3, 5)))
""",
    "onnxruntime": """
import onnx, onnxruntime
from onnx import TensorProto, helper
node = helper.make_node("MaxPool", ["x"], ["y"], kernel_shape=[2, 2], strides=[2, 2])
ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in "xy"]
model = helper.make_model(helper.make_graph([node], "g", ends[:1], ends[1:]), ir_version=8,
                          opset_imports=[helper.make_opsetid("", 17)])
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 3
session = onnxruntime.InferenceSession(model.SerializeToString(), options)
def work():
    return np.array_equal(session.run(None, {"x": x})[0], pairs.max((3, 5)))
""",
}

DATA = """
import os, signal, sys, threading, warnings
warnings.simplefilter("ignore")
import numpy as np
rng = np.random.default_rng(0)
x = rng.standard_normal((8, 16, 64, 64), dtype=np.float32)
pairs = x.reshape(8, 16, 32, 2, 32, 2)
points = rng.standard_normal((600, 40), dtype=np.float32)
"""
CPOOL = """
import cpool
def pools():
    with cpool.num_threads(3):
        y = cpool.max_pool2d(x, 2)
    return np.array_equal(y, pairs.max((3, 5))) and np.array_equal(y, cpool.max_pool2d(x, 2))
"""
IN_TURN = """
print(pools(), work(), pools(), work())
"""
AT_A_TIME = """
from callers import together
print(*together(6, lambda number: all([work() if turn % 2 == number % 2 else pools() for turn in range(8)])))
"""
CHILD = """
if hasattr(os, "fork"):
    pid = os.fork()
    if pid == 0:
        signal.alarm(60)        # a hang becomes a failure
        os._exit(0 if pools() else 1)
    print(os.waitpid(pid, 0)[1], work())
else:
    print(0, work())
"""


@pytest.mark.parametrize("first", ["cpool", "the library"])
@pytest.mark.parametrize("library", LIBRARIES)
def test_beside(library, first):
    """Both right in turn, from six Python threads at a time, and cpool in a child forked after all that."""
    pytest.importorskip(library)
    if library == "onnxruntime":
        pytest.importorskip("onnx")
    theirs = LIBRARIES[library]
    if first == "cpool":
        begin = CPOOL + "print(pools())\n" + theirs
    else:
        begin = theirs + ("print(work())\n" if "cpool" not in theirs else "print(True)\n") + CPOOL
    got = run(DATA + begin + IN_TURN + AT_A_TIME + CHILD)
    assert got == ["True"] * 11 + ["0", "True"]
