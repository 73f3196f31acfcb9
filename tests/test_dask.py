"""`cpool.dask` against the reference and the plain functions, whatever the chunks."""

import doctest
import itertools
import pickle
import threading
import weakref

import compare
import numpy as np
import pytest
import strategies
from compare import FLOATS, is_float
from hypothesis import given, settings
from hypothesis import strategies as st

import cpool

dask = pytest.importorskip("dask")
da = pytest.importorskip("dask.array")

import cpool.dask  # noqa: E402
from cpool import _lazy  # noqa: E402

PANELS = sorted(pool for pool in cpool.dask._POOLS if pool.removesuffix("_pool") not in compare.OPS)


@pytest.fixture(autouse=True)
def one_after_the_other():
    with dask.config.set(scheduler="synchronous"):
        yield


@pytest.fixture(params=["whole", "parts"])
def way(request, monkeypatch):
    """Windows in one task each, and put together from parts wherever there are several chunks."""
    if request.param == "parts":
        monkeypatch.setattr(cpool.dask, "_SMALL", 0)
        monkeypatch.setattr(cpool.dask, "_FEW", 0)
        monkeypatch.setattr(cpool._dask.graphs, "AT_A_TIME", 2)
    return request.param


# ---- arrays in chunks ----


@st.composite
def chunkings(draw, shape):
    """Chunks of every kind: one, uneven ones, all of one element."""
    chunks = []
    for n in shape:
        cuts = draw(
            st.one_of(
                st.just([]), st.just(list(range(1, n))), st.lists(st.integers(1, max(n - 1, 1)), max_size=5)
            )
        )
        edges = sorted({0, *(cut for cut in cuts if cut < n), n})
        chunks.append(tuple(b - a for a, b in itertools.pairwise(edges)) or (0,))
    return tuple(chunks)


def cut(shape, seed=0):
    """Uneven chunks, reproducible."""
    rng = np.random.default_rng([seed, *shape])
    chunks = []
    for n in shape:
        edges = sorted({0, *rng.integers(1, n, 2 if n > 4 else 1).tolist(), n}) if n > 1 else [0, n]
        chunks.append(tuple(b - a for a, b in itertools.pairwise(edges)))
    return tuple(chunks)


def lazily(array, chunks=None):
    """An array of dask, of which the tasks are pickled as for another process."""
    return da.from_array(array, chunks=chunks or cut(array.shape))


def computed(found):
    """NumPy arrays of results, which must have the shapes, dtypes and chunks that were promised."""
    if isinstance(found, (tuple, list)):
        return type(found)(map(computed, found))
    if found is None:
        return None
    blocks = dask.compute(*found.to_delayed().ravel().tolist())
    for index, block in zip(np.ndindex(*found.numblocks), blocks, strict=True):
        assert block.shape == tuple(sizes[i] for sizes, i in zip(found.chunks, index, strict=True))
        assert block.dtype == found.dtype
    return found.compute()


class Chunked:
    """Stands in for `cpool`: its functions cut their arrays into chunks and compute what comes out."""

    def __init__(self, chunks, of_grad=None):
        self.chunks, self.of_grad = chunks, of_grad

    def __getattr__(self, name):
        function = getattr(cpool.dask, name)

        def called(*arrays, **options):
            *grad, x = arrays[: 1 + name.endswith("_backward")]
            grad = [lazily(g, self.of_grad) if g.shape else da.asarray(g) for g in grad]
            found = function(*grad, lazily(x, self.chunks), *arrays[len(grad) + 1 :], **options)
            return computed(found)

        called.__name__ = name
        return called


@pytest.mark.parametrize("kind", ["windowed", "adaptive", "global"])
def test_exact_whatever_the_chunks(kind, way):
    """Every dtype, layout and option: forward and backward against the reference, as promised in memory."""
    calls = {
        "windowed": strategies.window_calls,
        "adaptive": strategies.adaptive_calls,
        "global": strategies.global_calls,
    }[kind]

    @settings(max_examples=150, deadline=None, derandomize=True)
    @given(st.data())
    def run(data):
        op, *nd, x, options = data.draw(calls())
        nd = nd[0] if nd else 0
        here = pytest.MonkeyPatch()
        with here.context() as patch:
            patch.setattr(compare, "cpool", Chunked(data.draw(chunkings(x.shape))))
            taps = int(np.prod(x.shape))
            compare.check(kind, op, nd, x, taps=taps, **options)
            if is_float(x.dtype):
                options = {k: v for k, v in options.items() if k not in ("return_indices", "index_dtype")}
                compare.check_backward(kind, op, nd, x, taps=taps, **options)

    run()


# ---- every operator ----


def own_arguments(pool, kernel, channels, x):
    """Arguments that an operator has beside the windows."""
    rng = np.random.default_rng(5)
    return {
        "lip_pool": {"logits": x / 3},
        "rank_pool": {"q": 0.3},
        "gated_pool": {"gate": rng.random(kernel), "bias": rng.random(channels)},
        "tree_pool": {"gates": rng.random((3, *kernel)), "leaves": rng.random((4, *kernel))},
        "ordinal_pool": {"rank_weights": rng.random(int(np.prod(kernel)))},
        "gem_pool": {"p": 1.0 + rng.random(channels)},
        "lse_pool": {"r": rng.random(channels)},
        "median_pool": {"return_indices": True},
        "mode_pool": {"return_counts": True},
        "lp_pool": {"norm_type": 3.0},
    }.get(pool, {})


GEOMETRIES = [
    {"kernel_size": (2, 2)},
    {"kernel_size": (3, 3), "stride": 2, "padding": 1, "ceil_mode": True},
    {"kernel_size": (3, 4), "stride": (1, 5), "padding": ((0, 4), (3, 0))},
    {"kernel_size": (2, 2), "stride": 3, "padding": (3, 1), "dilation": 2},
    {"kernel_size": (7, 5), "stride": 1, "padding": "same"},
    {"output_size": (3, 2)},
    {"output_size": (9, 17)},
    {"output_size": (0, 1)},
    {"keepdims": False},
    {"keepdims": True},
]


KINDS = {"kernel_size": "windowed", "output_size": "adaptive", "keepdims": "global"}
EVERY = [
    (pool, where) for pool in PANELS for where in GEOMETRIES if KINDS[next(iter(where))] in _lazy.kinds(pool)
]


@pytest.mark.parametrize("pool, where", EVERY, ids=str)
def test_every_operator(pool, where):
    """The same as in memory, of which other tests take care; gradients of parameters, too."""
    kind = KINDS[next(iter(where))]
    x = np.random.default_rng(3).integers(-4, 5, (2, 3, 13, 11)).astype(int if pool == "mode_pool" else float)
    name = _lazy.called(pool, kind, {"global": None}.get(kind, 2))
    options = where | own_arguments(pool, where.get("kernel_size", (2, 2)), 3, x)
    want = getattr(cpool, name)(x, **options)
    got = computed(getattr(cpool.dask, name)(lazily(x), **options))
    first = want[0] if isinstance(want, tuple) else want
    agree(got, want, 1e-12)
    if _lazy.differentiable(pool):
        g = np.random.default_rng(4).random(first.shape)
        got = computed(getattr(cpool.dask, f"{name}_backward")(lazily(g, 2), lazily(x), **options))
        agree(got, getattr(cpool, f"{name}_backward")(g, x, **options), 1e-9)


def agree(got, want, tolerance):
    if not isinstance(want, (tuple, list)):
        got, want = [got], [want]
    assert len(got) == len(want)
    for ours, theirs in zip(got, want, strict=True):
        if theirs is None:
            assert ours is None
            continue
        assert ours.dtype == theirs.dtype and ours.shape == theirs.shape
        np.testing.assert_allclose(ours, theirs, tolerance, tolerance)


ALONGSIDE = [
    {"mask": np.random.default_rng(0).random((13, 11)) > 0.4},
    {"mask": da.asarray(np.random.default_rng(0).random((2, 1, 13, 11)) > 0.8)},
    {"nan_policy": "omit"},
    {"weights": np.random.default_rng(0).random((3, 1, 11))},
    {"weights": np.random.default_rng(0).integers(1, 3, (2, 3, 13, 11))},
]


LEFT_OUT = [
    (op, number) for op in compare.OPS for number in range(len(ALONGSIDE)) if op == "avg" or number < 3
]


@pytest.mark.parametrize("op, number", LEFT_OUT)
@pytest.mark.parametrize("where", GEOMETRIES[1:4] + GEOMETRIES[6:10:2], ids=str)
def test_what_takes_no_part(op, number, where, way):
    extra = ALONGSIDE[number]
    x = np.random.default_rng(3).integers(-4, 5, (2, 3, 13, 11)).astype(float)
    if number != 1:
        x[0, 0, 1:7] = np.nan
    kind = KINDS[next(iter(where))]
    name = _lazy.called(f"{op}_pool", kind, None if kind == "global" else 2)
    options = where | ({"norm_type": 2.0, "normalize": True} if op == "lp" else {})
    plain = {key: value.compute() if isinstance(value, da.Array) else value for key, value in extra.items()}
    want = getattr(cpool, name)(x, **options, **plain)
    agree(computed(getattr(cpool.dask, name)(lazily(x), **options, **extra)), want, 1e-12)
    g = np.random.default_rng(4).random(want.shape)
    want = getattr(cpool, f"{name}_backward")(g, x, **options, **plain)
    agree(
        computed(getattr(cpool.dask, f"{name}_backward")(lazily(g, 2), lazily(x), **options, **extra)),
        want,
        1e-9,
    )


def test_averages_of_large_integers_are_exact(way):
    for dtype in (np.int64, np.uint64, np.int32, np.uint8):
        limits = np.iinfo(dtype)
        x = np.random.default_rng(1).choice(
            np.array([limits.max, limits.max - 1, limits.min], dtype), (2, 40, 30)
        )
        for options in (
            {"kernel_size": 20},
            {"kernel_size": 20, "padding": 3, "ceil_mode": True},
            {"kernel_size": 10, "divisor_override": 107},
            {"kernel_size": 20, "dtype": np.float64},
        ):
            want = cpool.avg_pool2d(x, **options)
            got = computed(cpool.dask.avg_pool2d(lazily(x), **options))
            agree(got, want, 1e-15 if "dtype" in options else 0)


@pytest.mark.parametrize("nd", [1, 2, 3])
def test_indices_count_in_the_whole_array(nd, way):
    x = np.random.default_rng(0).integers(0, 3, (2, *(9, 8, 7)[:nd])).astype(np.float32)
    for options in ({"kernel_size": 4}, {"kernel_size": 3, "stride": 1, "padding": 1}):
        values, at = computed(
            getattr(cpool.dask, f"max_pool{nd}d")(lazily(x), **options, return_indices=True)
        )
        np.testing.assert_array_equal(
            np.take_along_axis(x.reshape(2, -1), at.reshape(2, -1), 1), values.reshape(2, -1)
        )
        g = np.ones(values.shape, np.float32)
        want = getattr(cpool, f"max_pool{nd}d_backward")(g, x, **options, indices=at)
        got = getattr(cpool.dask, f"max_pool{nd}d_backward")(
            lazily(g, 2), lazily(x), **options, indices=lazily(at, 3)
        )
        agree(computed(got), want, 0)
        wrong = at + 1 if "stride" in options else at[:, ::-1].copy()
        with pytest.raises(ValueError, match="indices must"):
            cpool.dask.__dict__[f"max_pool{nd}d_backward"](
                lazily(g), lazily(x), **options, indices=wrong - x[0].size
            ).compute()


def test_a_large_windows_gradient_needs_no_large_task(way):
    """Of an axis as long as all of the array: the same as in memory, put together or not."""
    x = np.random.default_rng(0).normal(size=(2, 30, 20)).astype(np.float32)
    for op, more in {"max": {}, "min": {}, "avg": {}, "sum": {}, "lp": {"norm_type": 3}}.items():
        for name, options in [
            (f"global_{op}_pool", {"spatial_ndim": 2}),
            (f"{op}_pool2d", {"kernel_size": (15, 20)}),
        ]:
            y = getattr(cpool, name)(x, **more, **options)
            want = getattr(cpool, f"{name}_backward")(y, x, **more, **options)
            got = getattr(cpool.dask, f"{name}_backward")(da.asarray(y), lazily(x), **more, **options)
            agree(computed(got), want, 1e-5)


# ---- pyramids and blocks ----


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.data())
def test_pyramids(data):
    nd, last = data.draw(st.integers(1, 3)), data.draw(st.booleans())
    shape = tuple(data.draw(st.integers(4, {1: 40, 2: 17, 3: 9}[nd])) for _ in range(nd))
    shape = (2, *shape, 3) if last else (2, *shape)
    op = data.draw(st.sampled_from(["avg", "max", "min", "sum", "mode"]))
    dtypes = [np.dtype(np.uint8), np.dtype(np.int64)] if op == "mode" else [np.dtype(np.uint16), *FLOATS[-2:]]
    x = data.draw(strategies.arrays(shape, dtypes))
    x = np.nan_to_num(x, nan=1, posinf=2, neginf=3) if is_float(x.dtype) else x
    x = np.clip(x, -1e6, 1e6).astype(x.dtype) if is_float(x.dtype) else x
    where = {"spatial_ndim": nd, "data_format": "channels_last" if last else "channels_first"}
    levels = data.draw(st.integers(1, 2))
    factor = data.draw(st.sampled_from([2, (2,) * nd, (1, 2, 2)[:nd]]))
    small = data.draw(st.sampled_from([0, 1 << 23]))
    chunks = data.draw(chunkings(shape))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cpool.dask, "_SMALL", small)
        got = computed(cpool.dask.pool_pyramid(lazily(x, chunks), levels, factor, op, **where))
    if op == "mode":
        sizes = [
            tuple(np.array(factor if isinstance(factor, tuple) else (2,) * nd) ** (i + 1))
            for i in range(levels)
        ]
        pool = getattr(cpool, f"mode_pool{nd}d")
        want = [pool(x, tuple(map(int, size)), data_format=where["data_format"]) for size in sizes]
    else:
        want = cpool.pool_pyramid(x, levels, factor, op, **where)
    agree(got, want, 1e-6)
    if op != "mode" and is_float(x.dtype):
        g = [np.ones_like(level) for level in want]
        got = cpool.dask.pool_pyramid_backward(
            [lazily(each) for each in g], lazily(x, chunks), levels, factor, op, **where
        )
        agree(computed(got), cpool.pool_pyramid_backward(g, x, levels, factor, op, **where), 1e-5)


@pytest.mark.parametrize("edge", ["pad", "trim", "partial", "error"])
@pytest.mark.parametrize(
    "func", ["sum", "mean", np.max, "median", "mode", lambda blocks, axis: np.ptp(blocks, axis)]
)
def test_block_reduce(func, edge):
    x = np.random.default_rng(0).integers(0, 9, (2, 3, 13, 11))
    for size in (1, 2, (1, 2, 5, 4), (2, 3, 13, 11)):
        try:
            want = cpool.block_reduce(x, size, func, 7, edge=edge)
        except ValueError as error:
            with pytest.raises(ValueError, match="block_size"):
                cpool.dask.block_reduce(lazily(x), size, func, 7, edge=edge)
            assert edge == "error" or "block" in str(error)
            continue
        agree(computed(cpool.dask.block_reduce(lazily(x), size, func, 7, edge=edge)), want, 1e-15)


@pytest.mark.parametrize("edge", ["pad", "trim", "partial"])
@pytest.mark.parametrize("func", ["sum", np.mean, "max", "median", "std"])
def test_block_gradients(func, edge):
    x = np.random.default_rng(0).integers(0, 9, (2, 3, 13, 11)).astype(np.float32)
    for size in (1, (1, 2, 5, 4), (2, 3, 13, 11)):
        g = np.random.default_rng(1).random(cpool.block_reduce(x, size, func, 7, edge=edge).shape, np.float32)
        got = computed(cpool.dask.block_reduce_backward(lazily(g, 2), lazily(x), size, func, 7, edge=edge))
        agree(got, cpool.block_reduce_backward(g, x, size, func, 7, edge=edge), 1e-6)
    with pytest.raises(ValueError, match="grad_output must"):
        cpool.dask.block_reduce_backward(da.ones((1, 1, 1, 2)), lazily(x.astype(float)), 20, func, edge="pad")


def test_block_reduce_of_nothing():
    with pytest.raises(ValueError, match="at least 1"):
        cpool.dask.block_reduce(da.zeros((0, 4)), 2)


# ---- laziness, economy ----


def counted(shape, chunks):
    """An array that notes which of its chunks are made."""
    made, lock = [], threading.Lock()

    def block(block_info):
        with lock:
            made.append(block_info[None]["chunk-location"])
        return np.ones(block_info[None]["chunk-shape"])

    x = da.map_blocks(
        block, chunks=da.core.normalize_chunks(chunks, shape), dtype=float, meta=np.empty((0,) * len(shape))
    )
    return x, made


@pytest.mark.parametrize("scheduler", ["synchronous", "threads"])
def test_each_chunk_is_read_once(scheduler):
    x, made = counted((2, 40, 40), (1, 10, 9))
    calls = [
        lambda: cpool.dask.max_pool2d(x, 5, 1, 2, return_indices=True),
        lambda: cpool.dask.median_pool2d(x, 3, 2, 1),
        lambda: cpool.dask.adaptive_avg_pool2d(x, (7, 3)),
        lambda: cpool.dask.global_max_pool(x, spatial_ndim=2),
        lambda: cpool.dask.max_pool2d_backward(da.ones((2, 13, 13)), x, 3),
        lambda: cpool.dask.pool_pyramid(x, 3, spatial_ndim=2),
    ]
    for call in calls:
        found = call()
        assert not made  # nothing is computed before it is asked for
        dask.compute(found, scheduler=scheduler)
        assert sorted(made) == sorted(np.ndindex(*x.numblocks))
        made.clear()


@pytest.mark.parametrize(
    "pool",
    [
        lambda x: cpool.dask.max_pool2d(x, 4),
        lambda x: cpool.dask.global_avg_pool(x, spatial_ndim=2),
        lambda x: cpool.dask.adaptive_max_pool2d(x, 2),
        lambda x: cpool.dask.pool_pyramid(x, 3, spatial_ndim=2)[2],
    ],
)
def test_few_chunks_are_kept(pool, monkeypatch):
    """Of 400 chunks, windows side by side, and larger than chunks, keep a handful at a time."""
    here, most = [0], [0]

    def gone():
        here[0] -= 1

    def block(block_info):
        found = np.ones(block_info[None]["chunk-shape"])
        weakref.finalize(found, gone)
        here[0] += 1
        most[0] = max(most[0], here[0])
        return found

    x = da.map_blocks(
        block, chunks=da.core.normalize_chunks(16, (320, 320)), dtype=float, meta=np.empty((0, 0))
    )
    monkeypatch.setattr(cpool.dask, "_SMALL", 0)  # such small windows would else be one task
    y = pool(x)
    y.compute()
    assert here == [0] and most[0] <= 6


def test_gradients_of_averages_need_no_values():
    x, made = counted((2, 40, 40), (1, 10, 9))
    g = da.ones((2, 20, 20))
    cpool.dask.avg_pool2d_backward(g, x, 2).compute()
    cpool.dask.sum_pool2d_backward(g, x, 3, 2, 1).compute()
    assert not made


def test_graphs_grow_with_the_number_of_chunks():
    for call in (
        lambda x: cpool.dask.max_pool1d(x, 5, 1, 2),
        lambda x: cpool.dask.avg_pool1d(x, 4),
        lambda x: cpool.dask.global_sum_pool(x, spatial_ndim=1),
        lambda x: cpool.dask.adaptive_max_pool1d(x, 7),
        lambda x: cpool.dask.max_pool1d_backward(x, x, 5, 1, 2),
    ):
        sizes = [len(dict(call(da.ones((1, 16 * n), chunks=(1, 16))).__dask_graph__())) for n in (10, 20, 40)]
        assert sizes[2] - sizes[1] <= 2 * (sizes[1] - sizes[0]) + 8 and sizes[2] <= 40 * 8
    aligned = cpool.dask.avg_pool2d(da.ones((64, 64), chunks=16), 4)
    assert len(dict(aligned.__dask_graph__())) <= 2 * 16 + 1  # no task beside a chunk and its result


def test_names_tell_calls_apart():
    x = da.ones((8, 8), chunks=3)
    assert cpool.dask.max_pool2d(x, 2).name == cpool.dask.max_pool2d(x, 2).name
    names = {
        cpool.dask.max_pool2d(x, 2).name,
        cpool.dask.max_pool2d(x, 2, 1).name,
        cpool.dask.min_pool2d(x, 2).name,
        cpool.dask.max_pool2d(x, 2, mask=np.ones((8, 8), bool)).name,
        cpool.dask.max_pool2d(x + 1, 2).name,
    }
    assert len(names) == 5


def test_chunks_of_the_result_follow_those_of_x():
    x = da.ones((4, 20, 21), chunks=(2, 8, 10))
    assert cpool.dask.max_pool2d(x, 2).chunks == ((2, 2), (4, 4, 2), (5, 5))
    assert cpool.dask.max_pool2d(x, 3, 1, 1).chunks == x.chunks
    assert cpool.dask.max_pool2d_backward(da.ones((4, 10, 10)), x, 2).chunks == x.chunks


def test_tasks_use_one_thread_unless_told_otherwise(monkeypatch):
    seen = []
    original = cpool.functional.avg_pool2d
    monkeypatch.setattr(
        cpool.functional,
        "avg_pool2d",
        lambda *args, **more: (seen.append(cpool.get_num_threads()), original(*args, **more))[1],
    )
    x = da.ones((8, 8), chunks=4)
    with cpool.num_threads(3):
        y = cpool.dask.avg_pool2d(x, 2)
        with dask.config.set({"cpool.num-threads": 2}):
            z = cpool.dask.avg_pool2d(x, 2)
        seen.clear()
        y.compute()
        assert set(seen) == {1}
        seen.clear()
        z.compute()
        assert set(seen) == {2}
    with dask.config.set({"cpool.num-threads": 0}), pytest.raises(ValueError, match="num-threads"):
        cpool.dask.avg_pool2d(x, 2)


def test_graphs_can_be_pickled():
    x = lazily(np.random.default_rng(0).normal(size=(2, 13, 11)))
    for call in (
        cpool.dask.max_pool2d(x, 3, 2, 1),
        cpool.dask.global_avg_pool(x, spatial_ndim=2),
        cpool.dask.std_pool2d_backward(da.ones((2, 6, 5)), x, 2),
    ):
        again = pickle.loads(pickle.dumps(call))
        np.testing.assert_array_equal(again.compute(), call.compute())


# ---- what is refused ----


@pytest.mark.parametrize(
    "call, error, words",
    [
        (lambda x: cpool.dask.max_pool2d(np.ones((4, 4)), 2), TypeError, "x must be a dask.array.Array"),
        (
            lambda x: cpool.dask.max_pool2d(x[x.sum(axis=1) > 0], 2),
            ValueError,
            "x must have known chunk sizes",
        ),
        (
            lambda x: cpool.dask.max_pool2d(da.ma.masked_array(x, x > 1), 2),
            TypeError,
            "x must have chunks that are NumPy arrays; got MaskedArray",
        ),
        (lambda x: cpool.dask.max_pool2d(da.ones((0, 4)), 2), ValueError, "spatial sizes of at least 1"),
        (lambda x: cpool.dask.max_pool2d(x, 9), ValueError, "kernel_size must leave room"),
        (lambda x: cpool.dask.max_pool2d(x, 2.0), TypeError, "kernel_size"),
        (lambda x: cpool.dask.max_pool2d(x, 2, mask=np.ones((3, 4), bool)), ValueError, "mask"),
        (lambda x: cpool.dask.max_pool2d(x, 2, mask=np.ones((4, 4))), TypeError, "mask"),
        (lambda x: cpool.dask.avg_pool2d(x, 2, dtype="int8"), TypeError, "dtype"),
        (lambda x: cpool.dask.lse_pool2d(x.astype(int), 2), TypeError, "dtype"),
        (lambda x: cpool.dask.gem_pool2d(x, 2, p=[1.0, 2.0, 3.0]), ValueError, "p must"),
        (lambda x: cpool.dask.rank_pool2d(x, 2), ValueError, "rank or q"),
        (lambda x: cpool.dask.max_pool2d(x.astype(complex), 2), TypeError, "x must"),
        (lambda x: cpool.dask.max_pool2d(x, 2, axis=(0, 0)), ValueError, "axis"),
        (
            lambda x: cpool.dask.max_pool2d(x, 2, axis=(0, 1), data_format="channels_first"),
            ValueError,
            "data_format",
        ),
        (
            lambda x: cpool.dask.max_pool2d(
                da.ones((2**20, 2**20)), 2, return_indices=True, index_dtype="int32"
            ),
            ValueError,
            "index_dtype",
        ),
        (lambda x: cpool.dask.max_pool2d_backward(da.ones((3, 2)), x, 2), ValueError, "grad_output must"),
        (
            lambda x: cpool.dask.max_pool2d_backward(da.ones((2, 2), dtype="f4"), x, 2),
            TypeError,
            "grad_output must",
        ),
        (lambda x: cpool.dask.max_pool2d_backward(da.ones((2, 2)), (4, 4), 2), TypeError, "x must be a dask"),
        (
            lambda x: cpool.dask.max_pool2d_backward(da.ones((2, 2)), x, 2, indices=np.zeros((2, 3), int)),
            ValueError,
            "indices must",
        ),
        (
            lambda x: cpool.dask.max_pool2d_backward(da.ones((2, 2)), x, 2, indices=np.zeros((2, 2))),
            TypeError,
            "indices must",
        ),
        (lambda x: cpool.dask.pool_pyramid(x, 3, spatial_ndim=2), ValueError, "levels"),
        (lambda x: cpool.dask.pool_pyramid(x, 1, op="mode", spatial_ndim=2), TypeError, "x must"),
        (lambda x: cpool.dask.pool_pyramid(x, 1, op="median", spatial_ndim=2), ValueError, "op must"),
        (lambda x: cpool.dask.pool_pyramid_backward(x, x, 1, spatial_ndim=2), ValueError, "grad_output must"),
        (lambda x: cpool.dask.block_reduce(x, 3, edge="error"), ValueError, "block_size"),
        (lambda x: cpool.dask.block_reduce(x, 2, "sort"), ValueError, "func"),
        (lambda x: cpool.dask.block_reduce_backward(x, x, 2, "mode"), ValueError, "func"),
    ],
)
def test_refused_at_once(call, error, words):
    with pytest.raises(error, match=words):
        call(da.ones((4, 4), chunks=3))


def test_nan_is_refused_when_it_is_seen():
    x = np.ones((4, 4))
    x[2, 1] = np.nan
    y = cpool.dask.max_pool2d(lazily(x), 2, nan_policy="raise")
    with pytest.raises(ValueError, match="NaN"):
        y.compute()


def test_examples():
    assert doctest.testmod(cpool.dask).failed == 0


def test_a_chunk_of_windows_that_ceil_mode_leaves_out(way):
    # the first chunk sees windows that begin behind it, while another axis needs ceil_mode
    x = np.zeros((1, 1, 1, 6, 1), bool)
    chunked = da.from_array(x, chunks=((1,), (1,), (1,), (1, 5), (1,)))
    options = {"dilation": 2, "ceil_mode": True, "data_format": "channels_last"}
    got = cpool.dask.max_pool2d(chunked, 2, **options).compute()
    want = cpool.max_pool2d(x, 2, **options)
    assert got.shape == want.shape == (1, 1, 1, 3, 1)
    assert np.array_equal(got, want)


def test_indices_outside_their_windows():
    x, at = np.zeros((4, 6)), np.array([[0, 2, 4], [12, 14, 16]])
    g = np.ones(at.shape)
    got = cpool.dask.max_pool2d_backward(lazily(g), lazily(x), 2, indices=at).compute()
    assert np.array_equal(got, cpool.max_pool2d_backward(g, x, 2, indices=at))
    for wrong in (5, 12):
        at[0, 0] = wrong
        with pytest.raises(ValueError, match="indices must lie in their windows"):
            cpool.dask.max_pool2d_backward(lazily(g), lazily(x), 2, indices=at).compute()


def test_windows_that_hold_nothing_teach_nothing():
    # the first window ends before the first element, and is all that belongs to the first chunk
    x, weights, options = np.arange(7.0)[None], np.array([1.0, 2, 4]), {"stride": 5, "padding": ((4, 0),)}
    g = np.array([[3.0, 5]])
    got = cpool.dask.ordinal_pool1d_backward(lazily(g), lazily(x, (1, (2, 5))), weights, 3, **options)
    agree(computed(got), cpool.ordinal_pool1d_backward(g, x, weights, 3, **options), 1e-12)


def test_gradients_are_as_exact_as_x():
    g, x = np.full((1, 1, 2, 2), 3.2, np.float32), np.zeros((1, 1, 6, 6))
    chunked = da.from_array(g, chunks=1), da.from_array(x, chunks=2)
    got = cpool.dask.avg_pool2d_backward(*chunked, 3, dtype=np.float32)
    want = cpool.avg_pool2d_backward(g, x, 3, dtype=np.float32)
    assert got.dtype == want.dtype == np.float64
    assert np.array_equal(got.compute(), want)
