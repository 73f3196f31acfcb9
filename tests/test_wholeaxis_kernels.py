"""The kernels of global pooling against NumPy, every dtype, both layouts."""

from fractions import Fraction

import numpy as np
import pytest
from cpool._plan import Job

from cpool import _dispatch
from cpool._geometry import Axis, Plan

try:
    import ml_dtypes
except ImportError:
    ml_dtypes = None

kernels = _dispatch.kernel("wholeaxis")

CODES = {
    "bool": 0,
    "uint8": 0,
    "int8": 1,
    "uint16": 2,
    "int16": 3,
    "uint32": 4,
    "int32": 5,
    "uint64": 6,
    "int64": 7,
    "float32": 8,
    "float64": 9,
    "float16": 10,
    "bfloat16": 11,
}
OPS = {"max": 0, "min": 1, "sum": 2, "avg": 3}
NAMES = [name for name in CODES if name != "bfloat16" or ml_dtypes]
FLOATS = [name for name in NAMES if "float" in name]
INTEGERS = [name for name in NAMES if "int" in name]
SHAPES = [
    (1, 1, 1),
    (3, 1, 1),
    (5, 49, 1),
    (7, 8, 1),
    (300, 9, 1),
    (2, 255, 1),
    (2, 256, 1),
    (3, 1000, 1),
    (1, 4097, 1),
    (2, 30_000, 1),
    (1, 7, 3),
    (3, 49, 5),
    (2, 1000, 3),
    (2, 49, 70),
    (2, 300, 64),
    (2, 9, 3000),
    (1, 9000, 3),
    (1, 5000, 65),
]


def dtype_of(name):
    return np.dtype(ml_dtypes.bfloat16 if name == "bfloat16" else name)


def run(op, x, out_name=None, threads=1):
    """x of shape (outer, rows, inner)."""
    outer, rows, inner = x.shape
    axes = tuple(Axis(n, 1, 1, 1, 1, 0, 0, True) for n in (1, 1, rows))
    plan = Plan(3, (), inner > 1, outer, axes, inner, (), True, None)
    out = np.empty((outer, inner), dtype_of(out_name or x.dtype.name))
    job = Job(
        kernels.apis["wholeaxis"], plan, [x.nbytes, out.nbytes], op=OPS[op], code=CODES[x.dtype.name],
        out_code=CODES[out.dtype.name], boolean=x.dtype == np.bool_,
    )
    job.run((np.ascontiguousarray(x), out), threads)
    return out


def values(shape, name, seed=0):
    rng = np.random.default_rng(seed)
    if name == "bool":
        return rng.random(shape) < 0.5
    if "int" in name:
        info = np.iinfo(name)
        return rng.integers(info.min, info.max, shape, name, endpoint=True)
    return rng.standard_normal(shape).astype(dtype_of(name))


def as_wide(x):
    return x.astype(np.float32) if x.dtype.itemsize == 2 and x.dtype.kind not in "iu" else x


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("op", ["max", "min"])
def test_extremes(op, name):
    for shape in SHAPES:
        x = values(shape, name)
        want = getattr(as_wide(x), op)(axis=1)
        for threads in (1, 3):
            assert np.array_equal(as_wide(run(op, x, threads=threads)), want), shape
        if name == "bool":
            x[...] = op == "max"
            x[0, -1] = op == "min"
            assert np.array_equal(run(op, x), getattr(x, op)(axis=1))


@pytest.mark.parametrize("name", FLOATS)
@pytest.mark.parametrize("op", ["max", "min", "sum", "avg"])
def test_not_a_number(op, name):
    for shape in SHAPES:
        for place in {0, shape[1] // 2, shape[1] - 1}:
            x = values(shape, name)
            x[0, place, -1] = np.nan
            x[-1, place, 0] = -np.inf
            got = np.isnan(as_wide(run(op, x)))
            want = np.isnan(as_wide(x)).any(axis=1)
            assert np.array_equal(got, want), (shape, place)


@pytest.mark.parametrize("name", [name for name in FLOATS if name.endswith("16")])
def test_lines_of_halves(name):
    """Every length of a line, a NaN of either sign at either end, and both infinities."""
    infinity = 0x7C00 if name == "float16" else 0x7F80
    rng = np.random.default_rng(5)
    for n in range(1, 140):
        bits = rng.integers(0, 2**16, (4, n, 1), np.uint16)
        bits[(bits & 0x7FFF) > infinity] &= 0xBFFF
        bits[1, n // 3] = infinity
        bits[1, n // 2] = infinity | 0x8000
        bits[2, 0] = infinity + 1
        bits[3, -1] = 0xFFFF
        x = bits.view(dtype_of(name))
        for op in ("max", "min"):
            want = getattr(as_wide(x), op)(axis=1)
            got = as_wide(run(op, x))
            assert np.isnan(want[2:]).all()
            assert np.array_equal(got, want, equal_nan=True), (n, op)


@pytest.mark.parametrize("name", INTEGERS)
def test_exact_integers(name):
    for shape in SHAPES:
        for x in (
            values(shape, name),
            np.full(shape, np.iinfo(name).max, name),
            np.full(shape, np.iinfo(name).min, name),
        ):
            total = x.astype(object).sum(axis=1)
            wide = "uint64" if name.startswith("u") else "int64"
            with np.errstate(over="ignore"):
                want = x.sum(axis=1, dtype=wide)
            assert np.array_equal(run("sum", x, wide), want), shape
            assert np.array_equal(run("sum", x, "int16"), want.astype("int16"))
            assert np.array_equal(run("sum", x, "float64"), total.astype("float64"))
            want = np.array(
                [[round(Fraction(int(v), shape[1])) for v in row] for row in total], object
            ).astype(name)
            for threads in (1, 3):
                assert np.array_equal(run("avg", x, threads=threads), want), shape


def test_half_to_even():
    x = np.array([[1, 2], [2, 3], [-1, 0], [-3, -2]], np.int8)[..., None]
    assert run("avg", x).ravel().tolist() == [2, 2, 0, -2]


def test_truth():
    for shape in SHAPES:
        x = values(shape, "bool")
        assert np.array_equal(run("sum", x, "int64"), x.sum(axis=1))
        assert np.array_equal(run("avg", x, "float32"), x.mean(axis=1).astype(np.float32))


@pytest.mark.parametrize("name", FLOATS)
def test_floats(name):
    for shape in SHAPES:
        x = values(shape, name)
        exact = x.astype(np.longdouble)
        for op, out in [("sum", name), ("avg", name), ("sum", "float64"), ("avg", "float32")]:
            want = exact.sum(axis=1) if op == "sum" else exact.mean(axis=1)
            got = run(op, x, out)
            eps = np.spacing(
                abs(want.astype(dtype_of(out))).astype(np.float32 if out != "float64" else np.float64)
            )
            if out in ("float16", "bfloat16"):
                eps = abs(want) * (2.0**-10 if out == "float16" else 2.0**-7) + 2.0**-24
            size = abs(exact).sum(axis=1) / (1 if op == "sum" else shape[1])
            short = out == name != "float64" and shape[1] <= (64 if name == "float32" else 256)
            rough = 8 * (2.0**-24 if short else 2.0**-53) * size
            assert (abs(got.astype(np.longdouble) - want) <= (1 if short else 0.51) * eps + rough).all(), (
                shape,
                op,
                out,
            )


@pytest.mark.parametrize("name", FLOATS)
def test_same_bits(name):
    """Threads never matter; sums of both layouts are formed in one order."""
    long = [(1, 50_000, 1), (1, 50_000, 3), (2, 9_000, 70), (1, 4096 * 300, 1), (5, 100, 40)]
    short = [(2, n, c) for n in (1, 2, 9, 15, 16, 17, 31, 49, 64, 65, 200, 256) for c in (1, 3, 15, 16, 37)]
    for shape in [*long, *short, (3, 49, 2100), (1100, 7, 1)]:
        x = values(shape, name)
        one = run("sum", x)
        for threads in (2, 3, 7):
            assert one.tobytes() == run("sum", x, threads=threads).tobytes()
        columns = np.stack(
            [run("sum", np.ascontiguousarray(x[..., c : c + 1]))[:, 0] for c in range(shape[2])], axis=1
        )
        assert one.tobytes() == columns.tobytes()


def test_mean_of_a_tenth():
    x = np.full((1, 4096 * 4096, 1), 0.1, np.float32)
    assert run("avg", x)[0, 0] == np.float32(0.1)
    assert run("avg", x.reshape(1, -1, 2), threads=2).tolist() == [[np.float32(0.1)] * 2]
