"""How the tests call operators that need their whole window, what they expect, how close it must be."""

import numpy as np
from compare import assert_close, assert_same, is_float, outcome, ulp, values

import cpool
from cpool import reference

# options with which every operator is tested; the first is the plainest
CASES = {
    "median": [{}],
    "rank": [
        {"rank": 1}, {"rank": -2}, {"rank": 40}, {"q": 0.25}, {"q": 0.9, "method": "lower"},
        {"q": 0.6, "method": "higher"}, {"q": 0.35, "method": "nearest"}, {"q": 0.8, "method": "midpoint"},
        {"q": 0}, {"q": 1.0},
    ],
    "mode": [{}, {"ignore_label": 1}],
    "range": [{}],
    "var": [{}, {"correction": 1}, {"correction": 2.5}],
    "std": [{}, {"correction": 1}],
}
ORDER = tuple(CASES)
SHARED = (
    "kernel_size", "stride", "padding", "dilation", "ceil_mode", "output_size", "spatial_ndim", "keepdims",
    "data_format", "axis", "dtype", "mask",
)
FLAGS = {"median": "return_indices", "rank": "return_indices", "mode": "return_counts"}


def function(kind, op, nd, action=""):
    """The public function."""
    if kind == "global":
        return getattr(cpool, f"global_{op}_pool{action}")
    return getattr(cpool, f"{'adaptive_' if kind == 'adaptive' else ''}{op}_pool{nd}d{action}")


def twin(kind, op, nd, x, options, action=""):
    """The plain version with its arguments bound: a function of the arrays."""
    options = dict(options)
    policy = options.pop("nan_policy", "propagate")
    if policy not in ("propagate", "omit", "raise"):
        raise ValueError("nan_policy")
    keywords = {name: options[name] for name in SHARED if name in options}
    if policy == "raise" and is_float(x.dtype):
        nan = (x != x) & np.asarray(options.get("mask", True))
        if nan.any():
            raise ValueError("NaN")
    if op == "mode":
        keywords["ignore_label"] = options.get("ignore_label")
    else:
        keywords["omit_nan"] = policy == "omit"
    plain = op
    if op == "rank" and "q" in options:
        plain, keywords["q"] = "quantile", options["q"]
        keywords["method"] = options.get("method", "linear")
    elif op == "rank":
        keywords["k"] = options["rank"]
    elif op in ("var", "std"):
        keywords["correction"] = options.get("correction", 0)
        if "dtype" not in keywords and not is_float(x.dtype):
            keywords["dtype"] = np.float64
    prefix = "" if kind == "windowed" else f"{kind}_"
    slow = getattr(reference, f"{prefix}{plain}_pool{action}")
    if kind != "global":
        keywords["nd"] = nd
    return lambda *arrays: slow(*arrays, **keywords)


def both(kind, op, nd, x, options):
    """What the public function and the plain one make of x; values and second results, or errors."""
    flag = FLAGS.get(op)

    def slow():
        found = twin(kind, op, nd, x, options)(x)
        return found if isinstance(found, tuple) else (found,)

    def fast():
        found = function(kind, op, nd)(x, **options, **({flag: True} if flag else {}))
        return found if isinstance(found, tuple) else (found,)

    return outcome(fast), outcome(slow)


def scale(op, x, want):
    """What errors of a spread are measured by: the numbers that its roundings happened in."""
    wide = abs(x.astype(np.longdouble))
    return wide[np.isfinite(wide)].max(initial=0) if op in ("var", "std") else 0


def check_values(op, got, want, x, message):
    """Order statistics are exact; spreads are good to 4 ulp and 16 eps of what they are summed in."""
    if op not in ("var", "std"):
        assert_same(got, want, message)
        return
    with np.errstate(all="ignore"):
        eps = 2.0 ** (-52 if 8 in (x.dtype.itemsize, got.dtype.itemsize) or not is_float(x.dtype) else -23)
        wide = abs(want.astype(np.longdouble))
        rounding = eps * scale(op, x, want)
        allowed = 4 * ulp(want, want.dtype) + 16 * eps * wide + rounding ** (2 if op == "var" else 1)
        if op == "var" and x.dtype.itemsize == 8 and not is_float(x.dtype):  # double does not hold these
            allowed = allowed + 2 * rounding * np.sqrt(wide)
    assert_close(got, want, np.where(np.isfinite(allowed), allowed, 0), message)


def check(kind, op, nd, x, **options):
    """Call an operator and its plain version with the same arguments and compare all that is specified."""
    message = f"{kind} {op} {nd}-D of {x.dtype}{list(x.shape)}, {options}"
    before = x.tobytes()
    got, want = both(kind, op, nd, x, options)
    assert x.tobytes() == before, f"{message}: x was modified"
    if isinstance(want, Exception) or isinstance(got, Exception):
        assert isinstance(want, Exception) and isinstance(got, Exception), f"{message}: {got!r}, not {want!r}"
        return None
    assert len(got) == len(want) or op in ("range", "var", "std")
    check_values(op, got[0], want[0], x, message)
    alone = function(kind, op, nd)(x, **options)
    assert_same(alone, got[0], message + " alone")
    if op in FLAGS:
        assert_same(got[1], want[1], message + " second result")
    return got[0]


def check_gradients(kind, op, nd, x, **options):
    """The same for backward and jvp; and that the two are adjoint."""
    message = f"{kind} {op} {nd}-D of {x.dtype}{list(x.shape)}, {options}"
    want = outcome(lambda: twin(kind, op, nd, x, options)(x))
    backward, jvp = function(kind, op, nd, "_backward"), function(kind, op, nd, "_jvp")
    if isinstance(want, Exception):
        error = outcome(backward, np.zeros((1,) * x.ndim, x.dtype), x, **options)
        assert isinstance(error, Exception), message
        assert isinstance(outcome(jvp, x, x, **options), Exception), message
        return None
    y = want[0] if isinstance(want, tuple) else want
    g, t = values(y.shape, y.dtype, seed=1), values(x.shape, x.dtype, seed=2)
    before = x.tobytes(), g.tobytes(), t.tobytes()
    grad, along = backward(g, x, **options), jvp(t, x, **options)
    assert (x.tobytes(), g.tobytes(), t.tobytes()) == before, f"{message}: an input was modified"
    slow_grad = twin(kind, op, nd, x, options, "_backward")(g, x)
    slow_grad = slow_grad[0] if isinstance(slow_grad, tuple) else slow_grad
    slow_along = twin(kind, op, nd, x, options, "_jvp")(t, x)
    narrow = is_float(x.dtype) and x.dtype.itemsize < 8 and y.dtype.itemsize < 8
    eps = 2.0 ** (-23 if narrow and op in ("var", "std") else -52)
    with np.errstate(all="ignore"):
        size = scale("var", x, want) + 1 if op in ("var", "std") else 1
        for got, expected, by in ((grad, slow_grad, g), (along, slow_along, t)):
            total = abs(by.astype(np.longdouble)).sum() * size
            allowed = 4 * ulp(expected, expected.dtype) + 16 * eps * (abs(expected.astype(float)) + total)
            assert_close(got, expected, np.where(np.isfinite(allowed), allowed, 0), message)
    return grad, along
