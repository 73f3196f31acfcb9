"""What is expected of a call that `fuzz_calls` has drawn: the answer of the plain version, or a refusal."""

import inspect
import warnings

import numpy as np
import test_blocks
import test_blur
import test_stream
import whole
from compare import assert_close, assert_same, is_float, ulp, values
from fuzz_calls import form
from fuzz_values import Dressed

import cpool
from cpool import reference

REFUSALS = (TypeError, ValueError, MemoryError)
AGREED, REFUSED, ANSWERED = "agreed", "refused", "answered"
_TOP = {"float16": 65504.0, "bfloat16": 3.38e38, "float32": 3.4e38, "float64": 1.79e308}


class Refusal(ValueError):
    """What a plain version raises where the public function has to refuse, too."""


def attempt(function, *args, **keywords):
    """What it returns, or the exception if that is a refusal; warnings are errors."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            return function(*args, **keywords)
        except REFUSALS as error:
            return error


# ---- the plain versions ----


def _policy(arguments, x):
    """`nan_policy` as a mask; x is an array."""
    policy = arguments.pop("nan_policy", "propagate")
    if not is_float(x.dtype) or policy == "propagate":
        return
    valid = np.broadcast_to(arguments.get("mask", True), x.shape)
    if policy == "raise":
        if (np.isnan(x) & valid).any():
            raise Refusal("NaN")
        return
    arguments["mask"] = valid & ~np.isnan(x)


def _only_floats(f, *arrays):
    if f.action and not all(is_float(a.dtype) for a in arrays):
        raise Refusal("integers have no gradient")


def _linear(f, a, plan):
    x = np.asarray(a["x"])
    _policy(a, x)
    prefix = {"windowed": ""}.get(f.kind, f.kind + "_")
    nd = {} if f.kind == "global" else {"nd": f.nd}
    if a.get("weights") is None:
        a.pop("weights", None)
    else:
        _only_floats(f, x)
        weights = np.broadcast_to(a.pop("weights"), x.shape)
        if f.action == "_jvp":
            return None
        found = getattr(reference, f"{prefix}weighted_pool{f.action}")(**a, **nd, second=weights)
        return found[0] if isinstance(found, tuple) else found
    if f.action == "_jvp":
        _only_floats(f, x)
    return getattr(reference, f"{prefix}{f.op}_pool{f.action}")(**a, **nd)


def _order(f, a, plan):
    x = a.pop("x")
    direction = [a.pop(n) for n in ("grad_output", "tangent") if n in a]
    _only_floats(f, x, *direction)
    flag = a.pop(whole.FLAGS.get(f.op, ""), False)
    if x.dtype == np.bool_ and f.op in ("var", "std"):
        return None
    found = whole.twin(f.kind, f.op, f.nd, x, a, f.action)(*direction, x)
    if isinstance(found, tuple):
        return found if flag and not f.action else found[0]
    return found


def _smooth(f, a, plan):
    x = a["x"]
    _only_floats(f, x)
    _policy(dict(a), x)
    if f.action and a.get("temperature") is not None and not np.all(a["temperature"]):
        return None  # the slopes of the limit are ties times infinity
    direction = [a[n] for n in ("grad_output", "tangent") if n in a]
    found = plan.twin(f.action)(*direction, x.astype(np.longdouble) if f.action else x)
    found = found[0] if isinstance(found, tuple) else found
    return found.astype(x.dtype if f.action == "_backward" else a.get("dtype") or x.dtype)


def _stochastic(f, a, plan):
    dtype = a.pop("dtype", None)
    if not is_float(a["x"].dtype) and dtype is None:
        raise Refusal("dtype")
    if f.action or f.kind != "windowed" or "random_samples" not in a or dtype is not None:
        return None
    sample, flag = a.pop("random_samples"), a.pop("return_indices", False)
    a["omit_nan"] = a.get("nan_policy") == "omit"
    _policy(a, a["x"])
    if np.ndim(sample) == 0:
        where = {k: v for k, v in a.items() if k not in ("mask", "omit_nan")}
        sample = np.full(reference.max_pool(**where, nd=f.nd).shape, sample)
    found = reference.stochastic_pool(**a, sample=sample, nd=f.nd)
    return found if flag else found[0]


def _same_name(f, a, plan):
    return getattr(reference, f.op + f.action)(**a, nd=f.nd)


def _fractional(f, a, plan):
    _only_floats(f, a["x"])
    if "indices" in a:
        return None
    return getattr(reference, f"{f.op}_pool{f.action}")(**a, nd=f.nd)


def _s3(f, a, plan):
    _only_floats(f, a["x"])
    if "indices" in a:
        return None
    if f.action:
        a.pop("return_indices", None)
    return getattr(reference, f"s3_pool{f.action}")(**a, nd=f.nd)


def _unpool(f, a, plan):
    if f.action:
        _only_floats(f, a["x"])
    return getattr(reference, f.op + f.action)(**a, nd=f.nd)


def _blur(f, a, plan):
    if a["x"].dtype not in test_blur.TAKEN or (f.action and not is_float(a["x"].dtype)):
        raise Refusal("dtype")
    return _same_name(f, a, plan)


def _scales(f, a, plan):
    _only_floats(f, a["x"])
    if a["x"].dtype == np.bool_ and "avg" in (a.get("op"), *a.get("ops", ())):
        raise Refusal("averages of bools")
    if a["x"].size == 0:
        return None
    nd = a.pop("spatial_ndim", f.nd)
    return getattr(reference, f.op + f.action)(**a, nd=nd)


def _regions(f, a, plan):
    if not is_float(a["x"].dtype) and (f.action or f.op != "roi_pool"):
        raise Refusal("dtype")
    if f.action == "_jvp" and f.op == "roi_pool":
        a.pop("return_indices", None)
    found = getattr(reference, f.op + f.action)(**a)
    return found[0] if isinstance(found, tuple) and f.action else found


def _tokens(f, a, plan):
    if f.action == "_jvp":
        return None
    _only_floats(f, a["x"])
    a.pop("dtype", None)
    flag = a.pop("return_indices", False)
    if f.action:
        a.pop("empty")
        a.pop("indices", None)
        if f.op == "max_over_time_pool":
            return reference.token_pool_backward(**a, mode="max")
    found = getattr(reference, f.op + f.action)(**a)
    if f.op in ("max_over_time_pool", "attention_pool", "attentive_stats_pool", "stats_pool"):
        return found if flag else found[0] if isinstance(found, tuple) else found
    return found


def _segments(f, a, plan):
    if f.action == "_jvp":
        return None
    x = a["x"]
    _only_floats(f, x)
    flag, dtype = a.pop("return_indices", False), a.pop("dtype", None)
    if x.size == 0:
        return None
    if not is_float(x.dtype) and dtype is None and a["op"] in ("sum", "mean"):
        return None
    a.pop("indices", None)
    if f.action:
        a.pop("empty", None)
        return reference.segment_pool_backward(**a)[0]
    found = reference.segment_pool(**a)
    return found if not isinstance(found, tuple) or flag else found[0]


def _kmax(f, a, plan):
    if f.action:
        return None
    flag = a.pop("return_indices", False)
    _policy(a, a["x"])
    found = tuple(np.ascontiguousarray(one) for one in reference.kmax_pool(**a))
    return found if flag else found[0]


def _blocks(f, a, plan):
    name = a["func"] if isinstance(a["func"], str) else a["func"].__name__
    name = {"amax": "max", "amin": "min"}.get(name, name)
    x = a["x"]
    if f.action or a["edge"] != "pad" or name not in test_blocks.NAMED:
        return None
    if x.dtype.kind not in "iuf" or not x.ndim:
        return None
    if name == "sum" and x.itemsize == 2:
        return None
    return test_blocks.plain(x, a["block_size"], test_blocks.NAMED[name], a.get("cval", 0))


def _sizes(f, a, plan):
    if f.op == "dynamic_k":
        return reference.dynamic_k(**a)
    if f.op == "output_shape":
        x = np.zeros(a.pop("input_shape"), bool)
        nd = _SPATIAL.get(a["data_format"])
        return reference.max_pool(x, **a, nd=nd).shape if nd else None
    if f.op == "convert_indices" and a["source"] != a["target"]:
        there = cpool.convert_indices(**a)
        again = cpool.convert_indices(there, a["input_shape"], source=a["target"], target=a["source"],
                                      data_format=a["data_format"])
        assert_same(again, np.asarray(a["indices"]))
    return None


_SPATIAL = {"NCW": 1, "NWC": 1, "NCHW": 2, "NHWC": 2, "NCDHW": 3, "NDHWC": 3}
TWINS = {
    "linear": _linear, "order": _order, "smooth": _smooth, "stochastic": _stochastic, "unpool": _unpool,
    "fractional": _fractional, "s3": _s3, "blur": _blur, "scales": _scales, "regions": _regions,
    "tokens": _tokens, "segments": _segments, "kmax": _kmax, "blocks": _blocks, "sizes": _sizes,
}
# arguments of any kind are compared as well where the plain version takes the arguments as they are
COMPARED = {"linear", "unpool"}


# ---- how close ----

# besides 4 ulp: eps of the accumulator times the sum of the sizes of what is added up, times this
_LOOSE = {"linear": 16, "smooth": 512, "order": 64, "regions": 64, "tokens": 4096, "segments": 1024, "s3": 64}
_EXACT = {"kmax", "stochastic"}


def compare(call, f, got, want):
    """Hold results to what the plain version gives."""
    if isinstance(want, (tuple, list)) and not isinstance(got, np.ndarray) and f.group != "sizes":
        assert type(got) is type(want) and len(got) == len(want), f"{len(got)} results, not {len(want)}"
        for a, b in zip(got, want, strict=True):
            compare(call, f, a, b)
        return
    if not isinstance(got, np.ndarray):
        assert got == want, f"{got!r}, not {want!r}"
        return
    want = np.asarray(want)
    if want.dtype == np.longdouble:
        with np.errstate(all="ignore"):
            want = want.astype(got.dtype)
    if not is_float(want.dtype):
        if f.group in ("tokens", "segments", "linear") and got.dtype == want.dtype and f.op == "lp":
            wide = got.astype(np.longdouble), want.astype(np.longdouble)
            assert got.shape == want.shape, f"shape {got.shape}, not {want.shape}"
            assert (abs(wide[0] - wide[1]) <= 1 + wide[1] * 2.0**-47).all(), f"{got}, not {want}"
            return
        assert_same(got, want)
        return
    if f.group in _EXACT or (f.group == "linear" and f.op in ("max", "min") and f.action != "_backward"):
        assert_same(got, want)
        return
    _close(call, f, got, want)


def _close(call, f, got, want):
    plain = call.plain()
    x = np.asarray(plain["x"]) if not isinstance(plain["x"], tuple) else np.zeros(0)
    led = plain.get("grad_output", plain.get("tangent", x))
    total = sum(_size(a) for a in led) if isinstance(led, list) else _size(np.asarray(led))
    if f.action:  # slopes may grow with the elements
        total = total * (1 + (_largest(x) if f.group in ("smooth", "order", "tokens", "segments") else 0))
    elif f.op in ("var", "std"):
        total = total * (1 + _largest(x))
    wide = 8 in (x.dtype.itemsize if is_float(x.dtype) else 0, got.dtype.itemsize)
    loose = _LOOSE.get(f.group, 32)
    if f.op == "lp":
        loose *= max(1, 1 / plain["norm_type"]) * 8
    if f.op == "std":
        loose *= max(1, total) ** 0.5
    if f.group == "blocks":
        wide = got.dtype.itemsize == 8 and x.dtype.itemsize == 8
    with np.errstate(all="ignore"):
        size = abs(want.astype(np.longdouble))
        allowed = 4 * ulp(want, want.dtype) + loose * 2.0 ** (-52 if wide else -23) * (total + size)
        allowed = np.where(np.isfinite(allowed), allowed, 0)
        top = _TOP[got.dtype.name]
        beyond = total > _TOP["float64" if wide else "float32"] / 64
        near_top = (size > 0.99 * top) & (np.isfinite(size) | (total > 0.9 * top))
        unspecified = beyond | near_top
        infinite = not np.isfinite(x.astype(np.longdouble)).all()
        if infinite and ((f.op == "lp" and f.action) or f.op in ("var", "std")):
            unspecified = True
        if f.op == "lp" and f.action and _largest(x) > top / 2**30:  # the norm itself is beyond the type
            unspecified = True
    assert_close(got, want, allowed, unspecified=unspecified)


def _size(a):
    wide = abs(a.astype(np.longdouble))
    return float(wide[np.isfinite(wide)].sum())


def _largest(a):
    wide = abs(a.astype(np.longdouble))
    return float(wide[np.isfinite(wide)].max(initial=0))


# ---- the judgement ----


def _check_kind(result):
    """Nothing but arrays, numbers and containers of these comes out."""
    if isinstance(result, (tuple, list)):
        for each in result:
            _check_kind(each)
    elif isinstance(result, np.ndarray):
        assert type(result) is np.ndarray and result.dtype.isnative, type(result)
    else:
        known = (str, int, float, dict, np.generic, type(None), cpool.layers.MaxPool1d.__mro__[-2])
        assert isinstance(result, known) or hasattr(result, "__enter__"), type(result)


def _snapshot(call):
    return [v.core.tobytes() for v in call.arguments.values() if isinstance(v, Dressed)]


def judge(call):
    """Run a call and hold it to what is expected; say which of the three ways it went."""
    f = form(call.name)
    try:
        if f.group == "layers":
            return _judge_layer(call, f)
        if f.group == "stream":
            return _judge_stream(call)
        return _judge_function(call, f)
    except AssertionError as error:
        raise AssertionError(f"{call!r}\n{error}") from error
    except Exception as error:
        raise AssertionError(f"{call!r}\nraised {type(error).__name__}: {error}") from error


def _judge_function(call, f):
    function, threads = getattr(cpool, call.name), cpool.get_num_threads()
    before = _snapshot(call)
    got = attempt(function, **call.given())
    if call.name == "set_num_threads":
        cpool.set_num_threads(threads)
    assert _snapshot(call) == before, "an input was modified"
    refused = isinstance(got, REFUSALS)
    if not refused:
        _check_kind(got)
    else:
        assert str(got), "an exception without a message"
    verdict = REFUSED if refused else ANSWERED
    asked = not call.changed or (f.group in COMPARED and not refused and _harmless(call))
    if f.group in TWINS and asked:
        try:
            want = TWINS[f.group](f, dict(call.plain()), call.plan)
        except Exception as error:
            if call.changed:
                return verdict
            assert refused, f"answered {got!r}, where the plain version says {error!r}"
            return REFUSED
        if want is not None:
            if f.action == "_backward" and isinstance(got, tuple) and not isinstance(want, tuple):
                got = got[0]  # gradients of what is learned come with that of x
            assert not refused, f"refused by {got!r}, where the plain version answers"
            compare(call, f, got, want)
            verdict = AGREED
    if call.out and isinstance(got, np.ndarray):
        _judge_out(call, function, got)
    return verdict


def _harmless(call):
    """Whether the plain version can be asked: it works through every tap of every window."""
    big = [v for k, v in call.plain().items() if k != "x" for v in np.ravel(np.array(v, object)).tolist()]
    return all(type(v) is not int or abs(v) < 64 or k == "divisor_override" for k, v in
               ((None, v) for v in big)) and isinstance(call.plain().get("x"), np.ndarray)


def _judge_overlap(call, function, want):
    """The same call with each of its arrays in turn in the memory of `out`: refused, and nothing written."""
    for name, dressed in call.arguments.items():
        if not isinstance(dressed, Dressed) or not dressed.core.size or not want.size:
            continue
        core = dressed.core
        start = core.nbytes // 2 // want.itemsize * want.itemsize
        memory = np.zeros(start + max(want.nbytes, core.nbytes), np.uint8)
        inside = memory[:core.nbytes].view(core.dtype).reshape(core.shape)
        inside[...] = core
        out = memory[start:start + want.nbytes].view(want.dtype).reshape(want.shape)
        before = memory.tobytes()
        got = attempt(function, **call.given() | {name: inside}, out=out)
        assert isinstance(got, (ValueError, TypeError)), f"an out in the memory of {name} is accepted"
        assert memory.tobytes() == before, f"out was written, in the memory of {name}"


def _judge_out(call, function, want):
    """The same call with an `out`: the same answer in it, or a refusal and nothing written."""
    if call.out == "overlap":
        return _judge_overlap(call, function, want)
    x = call.plain().get("x")
    made = {
        "right": lambda: np.empty(want.shape, want.dtype),
        "strided": lambda: np.empty((*want.shape, 2), want.dtype)[..., 0],
        "dtype": lambda: np.empty(want.shape, np.int16 if want.dtype != np.int16 else np.int8),
        "shape": lambda: np.empty((*want.shape, 1), want.dtype),
        "locked": lambda: np.empty(want.shape, want.dtype),
        "swapped": lambda: np.empty(want.shape, want.dtype.newbyteorder()),
        "x": lambda: x if isinstance(x, np.ndarray) else [],
        "list": lambda: want.tolist(),
    }[call.out]()
    array = isinstance(made, np.ndarray)
    if array and call.out != "x":
        made[...] = 1
        made.flags.writeable = call.out != "locked"
    before = made.tobytes() if array else None
    got = attempt(function, **call.given(), out=made)
    got = got[0] if isinstance(got, tuple) else got
    if isinstance(got, REFUSALS):
        assert call.out != "right", f"the right out is refused: {got!r}"
        assert not array or made.tobytes() == before, "out was written in spite of a refusal"
        return None
    wrong = call.out in ("dtype", "shape", "locked", "list") or (
        call.out == "swapped" and want.itemsize > 1 and want.dtype.name != "bfloat16")
    assert not wrong, f"an out of the wrong kind ({call.out}) is accepted"
    assert got is made
    assert_same(np.array(got, order="C"), want, "with out")
    return None


def _judge_layer(call, f):
    cls, function = getattr(cpool, call.name), getattr(cpool, f.op)
    given = call.given()
    init = inspect.signature(cls).parameters
    call_names = inspect.signature(cls.__call__).parameters
    own = {k: v for k, v in given.items() if k in init}
    rest = {k: v for k, v in given.items() if k not in init and k in call_names}
    several = any(p.kind is p.VAR_POSITIONAL for p in call_names.values())
    lead = [v for k, v in given.items() if several and k in inspect.signature(function).parameters
            and k not in init and k not in call_names]
    known = {k: v for k, v in given.items() if k in own or k in rest or any(v is one for one in lead)}
    before = _snapshot(call)

    def run():
        layer = cls(**own)
        if not call.changed:
            repr(layer)
        first = [rest.pop("x")] if lead and "x" in rest else []
        return layer, layer(*first, *lead, **rest)

    got = attempt(run)
    assert _snapshot(call) == before, "an input was modified"
    if call.changed:
        if not isinstance(got, REFUSALS):
            _check_kind(got[1])
        return REFUSED if isinstance(got, REFUSALS) else ANSWERED
    want = attempt(function, **known)
    if isinstance(got, REFUSALS) or isinstance(want, REFUSALS):
        assert isinstance(got, REFUSALS) and isinstance(want, REFUSALS), f"{got!r}, the function {want!r}"
        return REFUSED
    layer, y = got
    _same_bits(y, want)
    first = y[0] if isinstance(y, tuple) else y
    backward = getattr(cpool, f.op + "_backward", None)
    each = first if isinstance(first, list) else [first]
    if backward is None or any(not is_float(a.dtype) for a in each):
        return AGREED
    g = [values(a.shape, a.dtype, seed=3) for a in each]
    g = g if isinstance(first, list) else g[0]
    grad = attempt(layer.backward, g)
    names = inspect.signature(backward).parameters
    drawn = {k: v for k, v in known.items() if k in names and k != "rng"}
    if "rng" not in known:
        plain = attempt(backward, g, **drawn)
        assert isinstance(grad, REFUSALS) == isinstance(plain, REFUSALS), f"{grad!r}, the function {plain!r}"
        if not isinstance(grad, REFUSALS):
            grad, plain = (a[0] if isinstance(a, tuple) else a for a in (grad, plain))
            _same_bits(grad, plain)
    return AGREED


def _same_bits(got, want):
    if isinstance(want, (tuple, list)):
        assert type(got) is type(want) and len(got) == len(want)
        for a, b in zip(got, want, strict=True):
            _same_bits(a, b)
        return
    assert_same(np.array(got, order="C"), np.array(want, order="C"), "the layer")


def _judge_stream(call):
    if not call.changed:
        test_stream.test_pieces_make_the_whole.hypothesis.inner_test(call.plan)
        return AGREED

    def run():
        stream = cpool.Pool1dStream(**call.arguments)
        found = [stream.push(piece) for piece in call.plan]
        return [*found, stream.finish()] if found else found

    got = attempt(run)
    return REFUSED if isinstance(got, REFUSALS) else ANSWERED


def group_of(name):
    """Under which heading the calls of a name are counted."""
    f = form(name)
    if f.group == "layers":
        return "layers"
    return {"sizes": "sizes and indices"}.get(f.group, f.group) + {
        "_backward": ", backward", "_jvp": ", jvp"}.get(f.action, "")
