"""Hypothesis strategies: shapes, windows, dtypes and contents for every operator."""

import numpy as np
from compare import DTYPES, FLOATS, OPS, is_float
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp


def elements(dtype):
    """Values of `dtype` with a liking for ties, extremes, NaN, infinities and signed zeros."""
    if dtype == np.bool_:
        return st.booleans()
    if is_float(dtype):
        top = {"float16": 60000.0, "bfloat16": 3e38, "float32": 3e38, "float64": 1e308}[dtype.name]
        return st.one_of(
            st.integers(-4, 4).map(float),
            st.sampled_from([0.0, -0.0, np.nan, np.inf, -np.inf, top, -top, 1e-7, 0.1]),
            st.floats(-100, 100, width=16),
        )
    limits = np.iinfo(dtype)
    return st.one_of(
        st.integers(max(-3, int(limits.min)), 3),
        st.sampled_from([limits.min, limits.max]).map(int),
        st.integers(int(limits.min), int(limits.max)),
    )


@st.composite
def arrays(draw, shape, dtypes=DTYPES):
    """An array of a drawn dtype: few distinct values, so that ties are the rule."""
    dtype = draw(st.sampled_from(dtypes))
    pool = draw(st.lists(elements(dtype), min_size=1, max_size=6))
    picks = draw(hnp.arrays(np.uint8, shape, elements=st.integers(0, len(pool) - 1)))
    return np.array(pool, dtype)[picks]


def per_axis(draw, nd, values):
    """An int for all axes or one int for each."""
    return draw(st.one_of(values, st.tuples(*[values] * nd)))


@st.composite
def shapes(draw, nd, channels_last, low=1):
    """A full shape: up to two leading axes, `nd` spatial ones, channels if they come last."""
    longest = {1: 40, 2: 14, 3: 7}[nd]
    lead = tuple(draw(st.lists(st.integers(0 if low == 0 else 1, 3), max_size=2)))
    spatial = tuple(draw(st.integers(1, longest)) for _ in range(nd))
    return lead + spatial + ((draw(st.sampled_from([1, 2, 3, 5, 8, 17])),) if channels_last else ())


@st.composite
def geometries(draw, nd):
    """Window arguments, legal or just not: kernel, stride, padding, dilation, ceil_mode."""
    small, pad = st.integers(1, 5), st.integers(0, 6)
    options = {"kernel_size": per_axis(draw, nd, st.one_of(small, st.integers(1, 12)))}
    if draw(st.booleans()):
        options["stride"] = per_axis(draw, nd, st.one_of(small, st.integers(1, 9)))
    options["padding"] = draw(
        st.one_of(
            st.just(0),
            pad,
            st.tuples(*[pad] * nd),
            st.tuples(*[st.tuples(pad, pad)] * nd),
            st.sampled_from(["valid", "same", "same_lower"]),
        )
    )
    if draw(st.booleans()):
        options["dilation"] = per_axis(draw, nd, st.integers(1, 3))
    if draw(st.booleans()):
        options["ceil_mode"] = True
    return options


@st.composite
def window_calls(draw, dtypes=DTYPES, ops=OPS):
    """Everything `compare.check` needs for a windowed operator: op, nd, x and options."""
    op, nd = draw(st.sampled_from(ops)), draw(st.integers(1, 3))
    channels_last = draw(st.booleans())
    shape = draw(shapes(nd, channels_last, low=draw(st.sampled_from([0, 1, 1, 1]))))
    options = draw(geometries(nd))
    x = draw(arrays(shape, dtypes))
    if channels_last:
        options["data_format"] = draw(
            st.sampled_from(["channels_last", {1: "NWC", 2: "NHWC", 3: "NDHWC"}[nd]])
        )
    elif draw(st.booleans()):
        options["axis"] = draw(st.permutations(range(x.ndim)).map(lambda p: tuple(p[:nd])))
    options |= reducer_options(draw, op, x.dtype)
    if op == "avg":
        options["count_include_pad"] = draw(st.sampled_from([None, True, False]))
        if draw(st.integers(0, 3)) == 0:
            options["divisor_override"] = draw(st.sampled_from([1, 2, 3, 7, -5, 10**6]))
    return op, nd, x, options


def reducer_options(draw, op, dtype):
    """The options that belong to the reducer, whatever its windows are."""
    options = {}
    if op in ("max", "min"):
        if draw(st.booleans()):
            options["return_indices"] = True
            options["index_dtype"] = draw(st.sampled_from([None, np.int64, np.int32]))
        return options
    if op == "lp":
        options["norm_type"] = draw(st.sampled_from([1, 2, 2.0, 3, 0.5, 4.7, np.inf]))
        options["normalize"] = draw(st.booleans())
    if (dtype == np.bool_ and op != "sum") or draw(st.booleans()):
        options["dtype"] = draw(st.sampled_from(FLOATS[-2:]))
    elif op == "sum" and not is_float(dtype) and draw(st.booleans()):
        options["dtype"] = draw(st.sampled_from([np.int8, np.uint16, np.int32, np.uint64]))
    return options


@st.composite
def adaptive_calls(draw, dtypes=DTYPES, ops=OPS):
    """The same for an adaptive operator."""
    op, nd = draw(st.sampled_from(ops)), draw(st.integers(1, 3))
    channels_last = draw(st.booleans())
    x = draw(arrays(draw(shapes(nd, channels_last)), dtypes))
    size = st.one_of(st.none(), st.integers(0, 9))
    options = {"output_size": draw(st.one_of(size, st.tuples(*[size] * nd)))}
    if channels_last:
        options["data_format"] = "channels_last"
    elif draw(st.booleans()):
        options["axis"] = draw(st.permutations(range(x.ndim)).map(lambda p: tuple(p[:nd])))
    return op, nd, x, options | reducer_options(draw, op, x.dtype)


@st.composite
def global_calls(draw, dtypes=DTYPES, ops=OPS):
    """The same for a whole-axis operator; up to five axes in all."""
    op = draw(st.sampled_from(ops))
    shape = tuple(draw(st.lists(st.integers(1, 6), min_size=1, max_size=5)))
    x = draw(arrays(shape, dtypes))
    options = {"keepdims": draw(st.booleans())}
    how = draw(st.sampled_from(["default", "count", "axis"]))
    if how == "axis":
        axes = draw(
            st.permutations(range(x.ndim)).flatmap(
                lambda p: st.integers(1, x.ndim).map(lambda n: tuple(p[:n]))
            )
        )
        options["axis"] = axes[0] if len(axes) == 1 and draw(st.booleans()) else axes
    elif how == "count":
        options["spatial_ndim"] = draw(st.integers(1, x.ndim))
    if how != "axis" and draw(st.booleans()):
        options["data_format"] = "channels_last"
    return op, x, options | reducer_options(draw, op, x.dtype)
