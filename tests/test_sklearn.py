"""`cpool.sklearn.Pooling` in scikit-learn: its own checks of estimators, and pipelines over real rows."""

import numpy as np
import pytest

import cpool

pytest.importorskip("sklearn")

from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline, make_union
from sklearn.utils.estimator_checks import parametrize_with_checks

import cpool.sklearn
from cpool.sklearn import Pooling

DIGITS = load_digits()


@parametrize_with_checks(
    [
        Pooling(),
        Pooling(operator="min", kernel_size=1, stride=2),
        Pooling(operator="avg", kernel_size=3, padding="same"),
        Pooling(operator="sum", dilation=1, ceil_mode=True),
        Pooling(operator="lp", norm_type=3, kernel_size=1),
        Pooling(operator="max", output_size=2),
    ]
)
def test_estimator(estimator, check):
    check(estimator)


def test_examples():
    import doctest

    assert doctest.testmod(cpool.sklearn).failed == 0 < doctest.testmod(cpool.sklearn).attempted


@pytest.mark.parametrize(
    "operator, function", [(op, getattr(cpool, f"{op}_pool2d")) for op in ("max", "min", "avg", "sum")]
)
def test_values(operator, function):
    pooled = Pooling((8, 8), operator, 3, 2, 1).fit_transform(DIGITS.data)
    np.testing.assert_array_equal(pooled, function(DIGITS.images, 3, 2, 1).reshape(len(DIGITS.data), 16))


def test_norm_and_adaptive():
    pooled = Pooling((8, 8), "lp", norm_type=3).fit_transform(DIGITS.data)
    np.testing.assert_array_equal(pooled, cpool.lp_pool2d(DIGITS.images, 3, 2).reshape(-1, 16))
    pooled = Pooling((8, 8), "lp", norm_type=3, output_size=(3, 2)).fit_transform(DIGITS.data)
    np.testing.assert_array_equal(pooled, cpool.adaptive_lp_pool2d(DIGITS.images, 3, (3, 2)).reshape(-1, 6))


@pytest.mark.parametrize(
    "shape, options, expected",
    [
        ((2, 4, 8), {"data_format": "channels_last"}, ((4, 2, 8), {"data_format": "channels_last"}, 2)),
        ((2, 4, 8), {"spatial_ndim": 2}, ((2, 4, 8), {}, 2)),
        ((2, 4, 8), {}, ((2, 4, 8), {}, 3)),
        ((2, 4, 8), {"spatial_ndim": 1, "data_format": "channels_last"}, (None, {}, 1)),
        (None, {}, ((64,), {}, 1)),
    ],
)
def test_layouts(shape, options, expected):
    rows = DIGITS.data[:50]
    pooling = Pooling(shape, **options).fit(rows)
    nd = expected[2]
    function = getattr(cpool, f"max_pool{nd}d")
    layout = {name: value for name, value in options.items() if name == "data_format"}
    images = function(rows.reshape(50, *(shape or (64,))), 2, **layout)
    assert pooling.output_shape_ == images.shape[1:]
    np.testing.assert_array_equal(pooling.transform(rows), images.reshape(50, -1))


def test_dtypes():
    for dtype in (np.uint8, np.int32, np.float32, np.float64, bool):
        rows = DIGITS.data.astype(dtype)
        images = rows.reshape(-1, 8, 8)
        got = Pooling((8, 8)).fit_transform(rows)
        assert got.dtype == dtype
        got = Pooling((8, 8), "avg").fit_transform(rows)
        integral = rows.dtype.kind in "biu"
        assert got.dtype == (np.float64 if integral else dtype)
        expected = cpool.avg_pool2d(images, 2, dtype="float64" if integral else None)
        np.testing.assert_array_equal(got, expected.reshape(-1, 16))


def test_nan_and_infinity_pass():
    rows = DIGITS.data[:3].copy()
    rows[0, 0], rows[1, 0] = np.nan, np.inf
    pooled = Pooling((8, 8)).fit_transform(rows)
    assert np.isnan(pooled[0, 0]) and np.isinf(pooled[1, 0]) and np.isfinite(pooled).sum() == 46


def test_pipeline():
    """Pooled digits are still told apart, and the pipeline is what its parts are."""
    train, test = slice(0, 1200), slice(1200, None)
    model = make_pipeline(Pooling((8, 8), kernel_size=2), LogisticRegression(tol=1e-2, max_iter=2000))
    model.fit(DIGITS.data[train], DIGITS.target[train])
    assert model.score(DIGITS.data[test], DIGITS.target[test]) > 0.8
    pooled = cpool.max_pool2d(DIGITS.images, 2).reshape(-1, 16)
    alone = LogisticRegression(tol=1e-2, max_iter=2000).fit(pooled[train], DIGITS.target[train])
    np.testing.assert_array_equal(model.predict(DIGITS.data[test]), alone.predict(pooled[test]))


def test_search_over_arguments():
    model = make_pipeline(Pooling((8, 8)), LogisticRegression(tol=1e-2, max_iter=500))
    grid = {"pooling__operator": ["max", "avg"], "pooling__kernel_size": [2, (4, 2)]}
    search = GridSearchCV(model, grid, cv=2).fit(DIGITS.data[:400], DIGITS.target[:400])
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    assert search.best_params_["pooling__kernel_size"] == 2
    copied = clone(search.best_estimator_)
    assert copied[0].get_params() == search.best_estimator_[0].get_params()


def test_names_and_output():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(DIGITS.data[:4], columns=DIGITS.feature_names)
    pooling = Pooling((8, 8), kernel_size=4).set_output(transform="pandas").fit(frame)
    assert list(pooling.feature_names_in_) == DIGITS.feature_names
    pooled = pooling.transform(frame)
    assert list(pooled.columns) == list(pooling.get_feature_names_out()) == [f"pooling{i}" for i in range(4)]
    np.testing.assert_array_equal(pooled, cpool.max_pool2d(DIGITS.images[:4], 4).reshape(4, 4))
    both = make_union(Pooling((8, 8)), Pooling((8, 8), "avg")).fit(DIGITS.data)
    assert len(both.get_feature_names_out()) == 32


@pytest.mark.parametrize(
    "arguments, kind, message",
    [
        ({"image_shape": (8, 9)}, ValueError, "image_shape must have as many elements .* features, 64"),
        ({"image_shape": 8}, TypeError, "image_shape must be a shape"),
        ({"operator": "median"}, ValueError, "operator must be one of 'max'"),
        ({"kernel_size": 2.0}, TypeError, "kernel_size must be"),
        ({"kernel_size": (2, 2)}, ValueError, "kernel_size must be"),
        ({"kernel_size": 65}, ValueError, "n_features=64"),
        ({"image_shape": (8, 8), "spatial_ndim": 3}, ValueError, "spatial_ndim must be an int from 1 to 2"),
        ({"image_shape": (8, 8), "spatial_ndim": True}, TypeError, "spatial_ndim must be an int"),
        ({"image_shape": (2, 2, 4, 4)}, ValueError, "spatial_ndim must be an int from 1 to 3"),
        ({"data_format": "channels_last"}, ValueError, "spatial_ndim"),
        ({"data_format": "HWC"}, ValueError, "data_format must be one of"),
        ({"operator": "lp", "norm_type": 0}, ValueError, "norm_type must be"),
    ],
)
def test_refusals(arguments, kind, message):
    with pytest.raises(kind, match=message):
        Pooling(**arguments).fit(DIGITS.data)
