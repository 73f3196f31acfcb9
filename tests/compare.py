"""How the tests call an operator, what they expect of it, and how close is close enough."""

import functools
import itertools
import math

import numpy as np

import cpool
from cpool import reference

try:
    import ml_dtypes

    BFLOAT16 = [np.dtype(ml_dtypes.bfloat16)]
except ImportError:
    BFLOAT16 = []

OPS = ("max", "min", "avg", "sum", "lp")
FLOATS = [np.dtype(np.float16), *BFLOAT16, np.dtype(np.float32), np.dtype(np.float64)]
INTS = [np.dtype(kind + size) for kind in "iu" for size in "1248"]
DTYPES = [np.dtype(bool), *INTS, *FLOATS]
LAYOUTS = ("channels_first", "channels_last")

# significand bits and the exponent of the smallest normal number
_FORMAT = {"float16": (10, -14), "bfloat16": (7, -126), "float32": (23, -126), "float64": (52, -1022)}
_LARGEST = {"float32": float(np.finfo(np.float32).max), "float64": float(np.finfo(np.float64).max)}


def is_float(dtype):
    return np.dtype(dtype).name in _FORMAT


def function(kind, op, nd, backward=False):
    """The public function, and the reference with `nd` bound."""
    suffix = "_backward" if backward else ""
    if kind == "global":
        name = f"global_{op}_pool{suffix}"
        return getattr(cpool, name), getattr(reference, name)
    prefix = "adaptive_" if kind == "adaptive" else ""
    slow = getattr(reference, f"{prefix}{op}_pool{suffix}")
    return getattr(cpool, f"{prefix}{op}_pool{nd}d{suffix}"), functools.partial(slow, nd=nd)


# --- values ----------------------------------------------------------------------------------------


def values(shape, dtype, flavour="plain", seed=0):
    """Reproducible contents: `plain` has ties, `special` NaN, inf and signed zeros, `extreme` the limits."""
    rng = np.random.default_rng([seed, *shape])
    dtype = np.dtype(dtype)
    if dtype == np.bool_:
        return rng.random(shape) < {"plain": 0.4, "special": 0.05, "extreme": 0.95}[flavour]
    if not is_float(dtype):
        limits = np.iinfo(dtype)
        x = rng.integers(limits.min, limits.max, shape, dtype, endpoint=True)
        if flavour == "special":
            x = (x % dtype.type(5)).astype(dtype)
        if flavour == "extreme":
            x = np.where(rng.random(shape) < 0.5, np.array(limits.max, dtype), np.array(limits.min, dtype))
        return x
    x = np.round(rng.standard_normal(shape) * 8, 1)
    if flavour == "special":
        odd = rng.random(shape)
        x[odd < 0.12] = np.nan
        x[(odd >= 0.12) & (odd < 0.2)] = -np.inf
        x[(odd >= 0.2) & (odd < 0.24)] = np.inf
        x[(odd >= 0.24) & (odd < 0.4)] = 0.0
        x[(odd >= 0.4) & (odd < 0.55)] = -0.0
    if flavour == "extreme":
        top = {"float16": 6e4, "bfloat16": 3e38, "float32": 3e38, "float64": 1.7e308}[dtype.name]
        x = x / 40 * top
    return x.astype(dtype)


# --- closeness -------------------------------------------------------------------------------------


def ulp(x, dtype):
    """Distance of neighbouring numbers of `dtype` at `x`."""
    bits, low = _FORMAT[np.dtype(dtype).name]
    finite = np.where(np.isfinite(x), x, 0).astype(np.float64)
    exponent = np.frexp(abs(finite))[1] - 1
    return np.ldexp(1.0, np.maximum(np.where(finite == 0, low, exponent), low) - bits)


def _wide(x):
    return np.asarray(x).astype(np.longdouble)


def assert_same(got, want, message=""):
    """Same type, dtype, shape and values; NaN equals NaN and zeros of either sign are equal."""
    assert type(got) is np.ndarray, message
    assert got.dtype == want.dtype, f"{message}: dtype {got.dtype}, expected {want.dtype}"
    assert got.shape == want.shape, f"{message}: shape {got.shape}, expected {want.shape}"
    assert got.flags.c_contiguous and got.dtype.isnative, message
    equal = (got == want) | ((got != got) & (want != want))
    if not np.all(equal):
        where = tuple(np.argwhere(~equal)[0])
        raise AssertionError(
            f"{message}: {np.sum(~equal)} of {equal.size} differ, "
            f"first at {where}: {got[where]!r}, expected {want[where]!r}"
        )


def assert_close(got, want, allowed, message="", unspecified=False):
    """As `assert_same`, but within `allowed`; entries where `unspecified` is true are not looked at."""
    assert type(got) is np.ndarray, message
    assert got.dtype == want.dtype, f"{message}: dtype {got.dtype}, expected {want.dtype}"
    assert got.shape == want.shape, f"{message}: shape {got.shape}, expected {want.shape}"
    assert got.flags.c_contiguous and got.dtype.isnative, message
    with np.errstate(all="ignore"):
        g, w = _wide(got), _wide(want)
        good = (g == w) | (np.isnan(g) & np.isnan(w)) | (abs(g - w) <= allowed) | unspecified
    if not np.all(good):
        where = tuple(np.argwhere(~good)[0])
        raise AssertionError(
            f"{message}: {np.sum(~good)} of {good.size} differ, first at {where}: {g[where]}, "
            f"expected {w[where]} within {np.broadcast_to(allowed, g.shape)[where]}"
        )


def accumulator(x_dtype, out_dtype, taps):
    """The narrowest type in which a float sum of `taps` values may be formed."""
    if np.dtype(x_dtype).itemsize == 8 or np.dtype(out_dtype).itemsize == 8:
        return "float64"
    if np.dtype(x_dtype).itemsize == 2:
        return "float32"
    return "float32" if taps <= 64 else "float64"


def check_values(op, got, want, x_dtype, magnitude, taps, p=2, message="", largest_total=0):
    """Hold a result to the accuracy that is promised.

    `magnitude` is the same operator applied to ``abs(x)`` in long double: the mean of |tap| times the divisor
    scale. `taps` is the size of the window, `largest_total` the largest sum of |tap| over a window.
    """
    if op == "lp" and not is_float(want.dtype):  # `magnitude` is the norm before rounding to an integer
        limits = np.iinfo(want.dtype)
        exact = np.clip(magnitude, _wide(limits.min), _wide(limits.max))
        assert np.all(abs(_wide(want) - exact) <= 0.5)
        error = 12 * 2.0**-52 * max(1, 1 / p) * exact
        assert_close(got, want, np.floor(0.5 + error + abs(_wide(want) - exact)), message)
        return
    if op in ("max", "min") or not is_float(want.dtype):
        assert_same(got, want, message)
        return
    if not is_float(x_dtype):
        assert_close(got, want, (4 if op == "lp" else 1) * ulp(want, want.dtype), message)
        return
    narrow = accumulator(x_dtype, want.dtype, taps)
    if op == "lp":
        narrow = "float64"
        magnitude = magnitude * max(1, 1 / p)
    with np.errstate(all="ignore"):
        magnitude = _wide(magnitude)
        allowed = 4 * ulp(want, want.dtype) + 8 * 2.0 ** -_FORMAT[narrow][0] * magnitude
        # an intermediate sum may leave the range of the accumulator, or the result that of its type
        top = {"float16": 65504.0, "bfloat16": 3.3e38}.get(want.dtype.name, _LARGEST.get(want.dtype.name))
        unspecified = np.isfinite(magnitude) & (largest_total > _LARGEST[narrow]) & (op != "lp")
        unspecified |= np.isfinite(magnitude) & (abs(abs(_wide(want)) - top) <= allowed)
        unspecified |= np.isinf(_wide(want)) & np.isfinite(magnitude) & (abs(magnitude) <= top * 1.01)
    assert_close(got, want, np.where(np.isfinite(allowed), allowed, 0), message, unspecified)


# --- calling both ----------------------------------------------------------------------------------

REFUSALS = (TypeError, ValueError)


def outcome(f, *args, **kwargs):
    """The result, or the exception if `f` refuses its arguments."""
    try:
        return f(*args, **kwargs)
    except REFUSALS as error:
        return error


def arguments_for(op, kind, options):
    """Positional arguments before the options: the norm of `lp`."""
    options = dict(options)
    return ((options.pop("norm_type", 2),) if op == "lp" else ()), options


def magnitude_of(op, slow, x, lead, options):
    """`op` of |x| in long double with a positive divisor: the scale of the error that is allowed."""
    options = {k: v for k, v in options.items() if k not in ("dtype", "return_indices", "index_dtype")}
    if op in ("max", "min") or (op != "lp" and not is_float(x.dtype)):
        return None
    if options.get("divisor_override"):
        options["divisor_override"] = abs(options["divisor_override"])
    return slow(abs(x.astype(np.longdouble)), *lead, **options)


def total_of(kind, op, nd, x, options):
    """Sum of |tap| over every window where it could leave the range of an accumulator, else 0."""
    finite = abs(x[np.isfinite(x)].astype(np.longdouble)) if is_float(x.dtype) else np.zeros(1)
    if finite.max(initial=0) * max(x.size, 1) < _LARGEST["float32"]:
        return 0
    skipped = ("dtype", "count_include_pad", "divisor_override")
    options = {k: v for k, v in options.items() if k not in skipped}
    return function(kind, "sum", nd)[1](abs(x.astype(np.longdouble)), **options)


def check(kind, op, nd, x, *, taps, **options):
    """Call the operator and the reference with the same arguments and compare all that is specified."""
    fast, slow = function(kind, op, nd)
    lead, options = arguments_for(op, kind, options)
    message = f"{fast.__name__}({x.dtype}{list(x.shape)}, {lead}, {options})"
    before = x.tobytes()
    want = outcome(slow, x, *lead, **options)
    got = outcome(fast, x, *lead, **options)
    assert x.tobytes() == before, f"{message}: x was modified"
    if isinstance(want, Exception) or isinstance(got, Exception):
        assert isinstance(want, Exception) and isinstance(got, Exception), (
            f"{message}: {got!r}, expected {want!r}"
        )
        return None
    if options.get("return_indices"):
        assert_same(got[1], want[1], message + " indices")
        got, want = got[0], want[0]
    magnitude = magnitude_of(op, slow, x, lead, options)
    check_values(
        op,
        got,
        want,
        x.dtype,
        magnitude,
        taps,
        lead[0] if lead else 2,
        message,
        largest_total=total_of(kind, op, nd, x, options) if op in ("avg", "sum") else 0,
    )
    return got


def check_backward(kind, op, nd, x, *, taps, seed=1, **options):
    """The same for the backward function, with a random gradient of the right shape and dtype."""
    fast, slow = function(kind, op, nd, backward=True)
    lead, options = arguments_for(op, kind, options)
    message = f"{fast.__name__}({x.dtype}{list(x.shape)}, {lead}, {options})"
    _, forward = function(kind, op, nd)
    y = outcome(forward, x, *lead, **{k: v for k, v in options.items() if k != "indices"})
    if isinstance(y, Exception):
        assert isinstance(outcome(fast, np.zeros((1,) * x.ndim, x.dtype), x, *lead, **options), Exception), (
            message
        )
        return None
    g = values(y.shape, y.dtype, "plain", seed) if is_float(y.dtype) else np.ones(y.shape, y.dtype)
    before = x.tobytes(), g.tobytes()
    want = outcome(slow, g, x, *lead, **options)
    got = outcome(fast, g, x, *lead, **options)
    assert (x.tobytes(), g.tobytes()) == before, f"{message}: an input was modified"
    if isinstance(want, Exception) or isinstance(got, Exception):
        assert isinstance(want, Exception) and isinstance(got, Exception), (
            f"{message}: {got!r}, expected {want!r}"
        )
        return None
    check_gradient(op, got, want, slow, g, x, lead, options, message)
    return got


def check_gradient(op, got, want, slow, g, x, lead, options, message=""):
    """Hold a gradient to 4 ulp plus 8 eps of the sum of the sizes of its terms."""
    shape_only = isinstance(x, tuple)
    x_dtype = g.dtype if shape_only else x.dtype
    big = abs(g.astype(np.longdouble))
    plain = {k: v for k, v in options.items() if k != "dtype"}
    if plain.get("divisor_override"):
        plain["divisor_override"] = abs(plain["divisor_override"])
    with np.errstate(all="ignore"):
        terms = slow(big, x if shape_only else x.astype(np.longdouble), *lead, **plain)
        eps = 2.0 ** -_FORMAT["float64" if 8 in (x_dtype.itemsize, g.dtype.itemsize) else "float32"][0]
        allowed = 4 * ulp(want, want.dtype) + 8 * eps * abs(_wide(terms)) * (8 if op == "lp" else 1)
    assert_close(got, want, np.where(np.isfinite(allowed), allowed, 0), message)


# --- a second oracle, fast enough for large arrays ---------------------------------------------------


def separable(op, x, axes, *, include_pad=False, override=None):
    """Pool ``x`` of shape (outer, *spatial, inner) one axis after the other, last axis first.

    `axes` are lists of (positions of real taps, divisor taps) as `reference` builds them. Returns the values,
    exact or in long double and not rounded, and for max and min the flat indices.
    """
    nd, spatial = len(axes), x.shape[1:-1]
    if op in ("max", "min"):
        value = x.astype(np.float32) if x.dtype.itemsize == 2 and is_float(x.dtype) else x
        flat = np.broadcast_to(np.arange(math.prod(spatial)).reshape(1, *spatial, 1), x.shape)
        for d in reversed(range(nd)):
            value, flat = _select_along(op, value, flat, axes[d], d + 1)
        return value, flat
    value = x.astype(np.longdouble if is_float(x.dtype) else object if x.dtype.itemsize == 8 else np.int64)
    for d in reversed(range(nd)):
        total = 0
        for position, real in _taps(axes[d], d + 1, x.ndim):
            total = total + np.where(real, value.take(position, d + 1), 0)
        value = total
    if op == "avg":
        counts = [np.array([count if include_pad else len(taps) for taps, count in axis]) for axis in axes]
        divisor = functools.reduce(np.multiply.outer, counts)[None, ..., None]
        divisor = divisor if override is None else np.array(override)
        with np.errstate(all="ignore"):
            value = value / divisor if is_float(x.dtype) else reference._divide_to_even(value, divisor)
    return value, None


def _taps(axis, d, ndim):
    """Tap by tap: the position it has in every window of an axis, and where it is real."""
    longest = max(len(taps) for taps, _ in axis)
    position, real = np.zeros((longest, len(axis)), int), np.zeros((longest, len(axis)), bool)
    for o, (taps, _) in enumerate(axis):
        position[: len(taps), o], real[: len(taps), o] = taps, True
    stretch = (longest, *(1,) * d, len(axis), *(1,) * (ndim - d - 1))
    return zip(position, real.reshape(stretch), strict=True)


def _select_along(op, value, flat, axis, d):
    shape = (*value.shape[:d], len(axis), *value.shape[d + 1 :])
    best, index = np.full(shape, reference._identity(op, value.dtype), value.dtype), np.full(shape, -1)
    for position, real in _taps(axis, d, value.ndim):
        v, i = value.take(position, d), flat.take(position, d)
        better = (v > best if op == "max" else v < best) | ((v != v) & (best == best)) | (index < 0)
        better &= real & (i >= 0)
        best, index = np.where(better, v, best), np.where(better, i, index)
    return best, index


def product(**choices):
    """Every combination of the named choices, as dicts."""
    return [
        dict(zip(choices, combination, strict=True)) for combination in itertools.product(*choices.values())
    ]
