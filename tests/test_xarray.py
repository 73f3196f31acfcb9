"""`cpool.xarray` against `DataArray.coarsen`, the plain functions, and coordinates worked out."""

import doctest
import inspect

import numpy as np
import pytest

import cpool

xarray = pytest.importorskip("xarray")

import cpool.xarray  # noqa: E402

OPERATORS = {"max": "max", "min": "min", "avg": "mean", "sum": "sum"}


def cube(dtype=np.float64):
    """Four dimensions with coordinates of every kind."""
    rng = np.random.default_rng(1)
    shape = (3, 12, 13, 2)
    days = np.datetime64("2026-01-01", "ns") + np.arange(12) ** 2 * np.timedelta64(1, "D")
    return xarray.DataArray(
        rng.integers(-50, 50, shape).astype(dtype),
        {
            "run": ["a", "b", "c"],
            "time": ("time", days, {"standard_name": "time"}),
            "x": ("x", np.linspace(0, 1, 13) ** 2, {"units": "m"}),
            "mean_day": ("time", np.arange(12)),
            "lat": (("x", "time"), rng.standard_normal((13, 12)), {"units": "degrees"}),
            "height": ((), 2.0),
            "both": (("run", "x"), rng.standard_normal((3, 13))),
        },
        ("run", "time", "x", "band"),
        name="heat",
        attrs={"units": "K"},
    )


def same(ours, theirs):
    xarray.testing.assert_allclose(ours, theirs)
    assert ours.dtype == theirs.dtype and ours.name == theirs.name and ours.attrs == theirs.attrs
    for name, coord in theirs.coords.items():
        assert ours.coords[name].dtype == coord.dtype
        assert ours.coords[name].attrs == coord.attrs and ours.coords[name].dims == coord.dims


@pytest.mark.parametrize("op", OPERATORS)
@pytest.mark.parametrize(
    "sizes", [{"time": 3}, {"x": 4}, {"x": 4, "time": 3}, {"band": 1, "run": 2, "time": 5}, {"band": 2}]
)
@pytest.mark.parametrize("coord_func", ["mean", "max", {"time": "min", "lat": np.median}, np.max])
def test_side_by_side(op, sizes, coord_func):
    x = cube().assign_coords(run=[1, 5, 6])
    coarse = x.coarsen(sizes, boundary="trim", coord_func=coord_func)
    ours = getattr(cpool.xarray, f"{op}_pool")(x, sizes, coord_func=coord_func)
    same(ours, getattr(coarse, OPERATORS[op])())


@pytest.mark.parametrize("keep", [None, True, False])
def test_attributes(keep):
    x = cube()
    coarse = x.coarsen(x=2, boundary="trim")
    same(cpool.xarray.max_pool(x, {"x": 2}, keep_attrs=keep), coarse.max(keep_attrs=keep))
    with xarray.set_options(keep_attrs=False):
        same(cpool.xarray.max_pool(x, {"x": 2}), coarse.max())


def test_a_coordinate_that_is_pooled_itself():
    x = cube()["x"]
    same(cpool.xarray.max_pool(x, {"x": 2}), x.coarsen(x=2, boundary="trim").max())


@pytest.mark.parametrize("op", [*OPERATORS, "lp"])
@pytest.mark.parametrize(
    "arguments",
    [
        {"stride": 1},
        {"stride": {"x": 3}, "padding": {"x": (1, 2), "time": 1}},
        {"padding": "same", "stride": 2},
        {"padding": 1, "dilation": {"time": 2}, "ceil_mode": True},
    ],
)
def test_values_and_coordinates(op, arguments):
    x, sizes = cube(np.float32), {"x": 3, "time": 2}
    norm = (3,) if op == "lp" else ()
    got = getattr(cpool.xarray, f"{op}_pool")(x, *norm, sizes, **arguments)
    plain, defaults = {}, {"stride": (3, 2), "padding": (0, 0), "dilation": (1, 1)}
    for name, value in arguments.items():
        if isinstance(value, dict):
            value = tuple(value.get(dim, usual) for dim, usual in zip(sizes, defaults[name], strict=True))
            if name == "padding":
                value = tuple(one if isinstance(one, tuple) else (one, one) for one in value)
        plain[name] = value
    expected = getattr(cpool, f"{op}_pool2d")(x.values, *norm, (3, 2), axis=(2, 1), **plain)
    np.testing.assert_array_equal(got, expected)
    assert got.dims == x.dims and got.dtype == np.float32
    plain.setdefault("stride", None)
    axes = dict(zip(sizes, cpool.windows((13, 12), (3, 2), **plain), strict=True))
    elements = {
        dim: [first + axis.step * np.arange(n) for first, n in zip(axis.first, axis.taps, strict=True)]
        for dim, axis in axes.items()
    }
    np.testing.assert_allclose(got["x"], [x["x"].values[e].mean() for e in elements["x"]])
    days = x["time"].values.astype(np.int64)
    means = [days[e].mean() for e in elements["time"]]
    np.testing.assert_allclose(got["time"].astype(np.int64), means, rtol=1e-12)
    lat = [[x["lat"].values[np.ix_(a, b)].mean() for b in elements["time"]] for a in elements["x"]]
    np.testing.assert_allclose(got["lat"], lat)
    assert got["lat"].dims == ("x", "time") and got["both"].dims == ("run", "x")
    assert list(got["run"]) == ["a", "b", "c"] and got["height"] == 2


@pytest.mark.parametrize("op", [*OPERATORS, "lp"])
def test_adaptive(op):
    x = cube()
    norm = (2,) if op == "lp" else ()
    got = getattr(cpool.xarray, f"adaptive_{op}_pool")(x, *norm, {"time": 5, "x": 13})
    expected = getattr(cpool, f"adaptive_{op}_pool2d")(x.values, *norm, (5, 13), axis=(1, 2))
    np.testing.assert_array_equal(got, expected)
    bounds = [(12 * i // 5, -(-12 * (i + 1) // 5)) for i in range(5)]
    np.testing.assert_allclose(got["mean_day"], [np.arange(a, b).mean() for a, b in bounds])
    np.testing.assert_array_equal(got["x"], x["x"])
    even = getattr(cpool.xarray, f"adaptive_{op}_pool")(x, *norm, {"time": 4})
    same(even, getattr(cpool.xarray, f"{op}_pool")(x, *norm, {"time": 3}))
    empty = getattr(cpool.xarray, f"adaptive_{op}_pool")(x, *norm, {"time": 0})
    assert empty.shape == (3, 0, 13, 2) and empty["lat"].shape == (13, 0)


def test_indices():
    x = cube()
    for name, sizes in [("max_pool", {"x": 2, "time": 3}), ("adaptive_min_pool", {"x": 4, "time": 3})]:
        values, indices = getattr(cpool.xarray, name)(x, sizes, return_indices=True)
        plane = x.transpose("run", "band", "x", "time").values.reshape(3, 2, -1)
        places = indices.transpose("run", "band", "x", "time").values.reshape(3, 2, -1)
        expected = values.transpose("run", "band", "x", "time").values.reshape(3, 2, -1)
        np.testing.assert_array_equal(np.take_along_axis(plane, places, 2), expected)
        assert indices.name == "indices" and indices.dtype == np.int64 and indices.attrs == {}
        xarray.testing.assert_equal(indices["lat"], values["lat"])


def test_other_dtypes_and_options():
    x = cube(np.int16)
    assert cpool.xarray.max_pool(x, {"x": 2}).dtype == np.int16
    assert cpool.xarray.sum_pool(x, {"x": 2}).dtype == np.int64
    assert cpool.xarray.avg_pool(x, {"x": 2}, dtype="float64").dtype == np.float64
    padded = cpool.xarray.avg_pool(cube(), {"x": 3}, padding=1, count_include_pad=False)
    np.testing.assert_array_equal(padded[0, 0, 0], cube()[0, 0, :2].mean("x"))
    root = cpool.xarray.lp_pool(cube(), 2, {"x": 2}, normalize=True)
    np.testing.assert_array_equal(root, cpool.lp_pool1d(cube().values, 2, 2, axis=2, normalize=True))


def test_no_coordinates():
    x = xarray.DataArray(np.arange(6.0), dims="x")
    assert not cpool.xarray.max_pool(x, {"x": 2}).coords
    assert cpool.xarray.max_pool(x, {"x": 1}, 1, {"x": 3}).shape == (12,)  # empty windows are no trouble here


def test_dask_stays_lazy():
    pytest.importorskip("dask.array")
    x = cube()
    for chunks, arguments in [
        ({"run": 1, "band": 1}, {"x": 3, "time": 2}),
        ({"x": (4, 1, 8), "time": 5}, {"x": 3}),
        ({"x": 4, "time": 5}, {"time": 3, "x": 2}),
    ]:
        lazy = x.chunk(chunks)
        got = cpool.xarray.avg_pool(lazy, arguments, 2, 1)
        assert got.chunks is not None
        same(got.compute(), cpool.xarray.avg_pool(x, arguments, 2, 1))
        values, indices = cpool.xarray.max_pool(lazy, arguments, return_indices=True)
        expected = cpool.xarray.max_pool(x, arguments, return_indices=True)
        same(values.compute(), expected[0])
        same(indices.compute(), expected[1])
        got = cpool.xarray.adaptive_avg_pool(lazy, dict.fromkeys(arguments, 4))
        same(got.compute(), cpool.xarray.adaptive_avg_pool(x, dict.fromkeys(arguments, 4)))


def test_the_input_stays_as_it_is():
    x = cube()
    before = x.copy(deep=True)
    cpool.xarray.max_pool(x, {"x": 3, "time": 2}, 1, 1)
    xarray.testing.assert_identical(x, before)


@pytest.mark.parametrize(
    "call, kind, message",
    [
        (lambda f, x: f(x.values, {"x": 2}), TypeError, "x must be an xarray.DataArray; got ndarray"),
        (lambda f, x: f(x, 2), TypeError, "kernel_size must be a mapping"),
        (lambda f, x: f(x, {"z": 2}), ValueError, r"kernel_size must name dimensions out of .*got \['z'\]"),
        (lambda f, x: f(x, {}), ValueError, "kernel_size must name 1 to 3 dimensions"),
        (lambda f, x: f(x, dict.fromkeys(x.dims, 1)), ValueError, "kernel_size must name 1 to 3 dimensions"),
        (lambda f, x: f(x, {"x": 2.0}), TypeError, "kernel_size must be"),
        (lambda f, x: f(x, {"x": 20}), ValueError, "kernel_size"),
        (lambda f, x: f(x, {"x": 2}, {"time": 2}), ValueError, "stride must name dimensions out of"),
        (lambda f, x: f(x, {"x": 2}, (2,)), TypeError, "stride must be one number for all dimensions or"),
        (lambda f, x: f(x, {"x": 2}, padding={"x": "same"}), TypeError, "padding must be"),
        (lambda f, x: f(x, {"x": 2}, coord_func="mode"), ValueError, "coord_func must be a function of"),
        (lambda f, x: f(x, {"x": 2}, coord_func=3), TypeError, "coord_func must be a function of"),
        (lambda f, x: f(x, {"run": 2}), TypeError, "coord_func must suit the coordinate 'run'"),
        (lambda f, x: f(x, {"x": 1}, 1, 3), ValueError, "padding must leave every window an element"),
        (lambda f, x: f(x, {"x": 2}, keep_attrs=1), TypeError, "keep_attrs must be True or False"),
    ],
)
def test_refusals(call, kind, message):
    with pytest.raises(kind, match=message):
        call(cpool.xarray.max_pool, cube())


@pytest.mark.parametrize("name", cpool.xarray.__all__)
def test_documentation(name):
    """Every argument has its line, and the example is right."""
    function = getattr(cpool.xarray, name)
    text = inspect.getdoc(function)
    for argument in inspect.signature(function).parameters:
        assert f"\n{argument} : " in text
    (case,) = doctest.DocTestFinder().find(function, name)
    assert doctest.DocTestRunner().run(case).failed == 0 < len(case.examples)
