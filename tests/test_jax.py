"""`cpool.jax`: values, gradients and transformations, against the plain functions and JAX's own."""
# ruff: noqa: E402, E731, B023 - lambdas are what JAX transforms, and run before the loop around them goes on

import doctest
import inspect
import re
import subprocess
import sys

import numpy as np
import pytest

import cpool

jax = pytest.importorskip("jax")

import jax.numpy as jnp
from jax import lax
from jax.test_util import check_grads

import cpool.jax

RNG = np.random.default_rng(7)
OPERATORS = ("max", "min", "avg", "sum", "lp")


@pytest.fixture(params=[False, True], ids=["x32", "x64"])
def x64(request):
    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", request.param)
    yield request.param
    jax.config.update("jax_enable_x64", before)


def distinct(shape, dtype=np.float32):
    """Elements far enough apart for finite differences, of both signs and none 0."""
    numbers = np.linspace(-2, 2, int(np.prod(shape)) // 2 * 2 + 2)
    return RNG.permutation(numbers)[: int(np.prod(shape))].reshape(shape).astype(dtype)


def norm(name):
    return (3.0,) if "lp" in name else ()


def calls():
    """A name, what comes after x, and arguments, for every function but unpooling."""
    for op in OPERATORS:
        for nd in (1, 2, 3):
            name = f"{op}_pool{nd}d"
            if nd != 1:
                yield name, (*norm(op), (3, 2, 2)[:nd], 2), {"padding": [(1, 0)] * nd, "ceil_mode": True}
            if nd != 3:
                layout = {"data_format": ("NWC", "NHWC")[nd - 1]}
                yield name, (*norm(op), 2, 1), {"padding": "same", "dilation": 2, **layout}
            yield f"adaptive_{op}_pool{nd}d", (*norm(op), (3, None, 2)[:nd]), {"axis": (-1, 1, -2)[:nd]}
        yield f"global_{op}_pool", norm(op), {}
        yield f"global_{op}_pool", norm(op), {"axis": (0, 2), "keepdims": True}
        yield f"global_{op}_pool", norm(op), {"data_format": "NHWC"}
    yield "avg_pool2d", (3, 2, 1), {"count_include_pad": False}
    yield "avg_pool2d", (3, 2), {"divisor_override": 5}
    yield "lp_pool2d", (float("inf"), 2), {}
    yield "lp_pool2d", (0.5, 2), {"normalize": True, "padding": 1}
    yield "lp_pool1d", (1, 3), {"normalize": True, "padding": 1, "stride": 2}
    yield "adaptive_lp_pool2d", (2, 3), {"normalize": True}
    yield "global_lp_pool", (2,), {"normalize": True, "keepdims": True}


CALLS = list(calls())
IDS = [f"{name}-{i}" for i, (name, *_) in enumerate(CALLS)]


def both(name, *rest, **arguments):
    """The function for JAX and the plain one, of x alone."""
    return (
        lambda x: getattr(cpool.jax, name)(x, *rest, **arguments),
        lambda x: getattr(cpool, name)(x, *rest, **arguments),
    )


@pytest.mark.parametrize("name, rest, arguments", CALLS, ids=IDS)
def test_values_and_gradients(name, rest, arguments):
    x = distinct((2, 3, 5, 4) if "3d" not in name else (2, 2, 4, 3, 4))
    ours, plain = both(name, *rest, **arguments)
    expected = plain(x)
    for function in (ours, jax.jit(ours)):
        got = function(x)
        assert isinstance(got, jax.Array) and got.dtype == expected.dtype
        np.testing.assert_array_equal(got, expected)
    grad = RNG.standard_normal(expected.shape, np.float32)
    expected = getattr(cpool, f"{name}_backward")(grad, x, *rest, **arguments)
    for transform in (lambda f: f, jax.jit):
        (got,) = transform(lambda x, grad: jax.vjp(ours, x)[1](grad))(x, grad)
        assert got.dtype == x.dtype
        np.testing.assert_array_equal(got, expected)


@pytest.mark.parametrize("name, rest, arguments", CALLS, ids=IDS)
def test_second_derivatives(name, rest, arguments):
    """The derivative of the gradient, and both against finite differences."""
    if name.endswith("3d"):
        pytest.skip("3-D differs in nothing that matters here and takes long")
    function, _ = both(name, *rest, **arguments)
    x = distinct((1, 2, 4, 3), np.float32)
    check_grads(function, (jnp.asarray(x),), order=2, modes=["fwd", "rev"], atol=0.03, rtol=0.03, eps=1e-2)


@pytest.mark.parametrize("name, rest, arguments", CALLS, ids=IDS)
def test_forward_mode(name, rest, arguments):
    """Along a tangent, what `..._jvp` gives, plain, compiled and mapped."""
    x = distinct((2, 3, 5, 4) if "3d" not in name else (2, 2, 4, 3, 4))
    along = RNG.standard_normal(x.shape, np.float32)
    function, _ = both(name, *rest, **arguments)
    want = getattr(cpool, f"{name}_jvp")(along, x, *rest, **arguments)
    for transform in (lambda f: f, jax.jit):
        value, got = transform(lambda x, t: jax.jvp(function, (x,), (t,)))(x, along)
        assert got.dtype == value.dtype
        np.testing.assert_allclose(got, want, rtol=2e-5, atol=2e-6)
    several = jax.vmap(lambda t: jax.jvp(function, (x,), (t,))[1])(np.stack([along, -along]))
    np.testing.assert_allclose(several, np.stack([want, -want]), rtol=2e-5, atol=2e-6)


@pytest.mark.parametrize("name", ["max_pool2d", "avg_pool2d", "lp_pool2d", "adaptive_min_pool2d", "unpool"])
def test_matrices_of_derivatives(name):
    """Forward and reverse give the same matrices, in any order of the two."""
    x = jnp.asarray(distinct((1, 1, 4, 4)))
    if name == "unpool":
        indices = jnp.asarray([[[[0, 5, 2, 2], [3, 9, 9, 1], [30, 60, 4, 7], [8, 8, 8, 11]]]])
        function = lambda x: cpool.jax.max_unpool2d(x, indices, 2, mode="sum")
    else:
        function = both(name, *norm(name), 2)[0]
    np.testing.assert_allclose(jax.jacfwd(function)(x), jax.jacrev(function)(x), rtol=1e-5, atol=1e-6)
    cubes = lambda x: (function(x) ** 3).sum()
    want = jax.jacrev(jax.jacrev(cubes))(x)
    for make in (jax.hessian, lambda f: jax.jacfwd(jax.jacfwd(f)), lambda f: jax.jacrev(jax.jacfwd(f))):
        np.testing.assert_allclose(jax.jit(make(cubes))(x), want, rtol=1e-4, atol=1e-4)


def test_third_derivative_and_jacobian():
    x = jnp.asarray(distinct((1, 1, 4)))
    cubes = lambda x: (cpool.jax.sum_pool1d(x**3, 2) * cpool.jax.max_pool1d(x, 2)).sum()
    third = jax.grad(lambda x: jax.grad(lambda x: jax.grad(cubes)(x).sum())(x).sum())(x)
    assert np.isfinite(third).all() and np.any(third)
    square = jax.jacrev(lambda x: cpool.jax.avg_pool1d(x, 2))(x)
    np.testing.assert_array_equal(square[0, 0, :, 0, 0], [[0.5, 0.5, 0, 0], [0, 0, 0.5, 0.5]])
    hessian = jax.jacrev(jax.jacrev(lambda x: cpool.jax.lp_pool1d(x, 2, 2).sum()))(x)[0, 0, :, 0, 0]
    pair = x[0, 0, :2]
    expected = (jnp.eye(2) - jnp.outer(pair, pair) / (pair @ pair)) / jnp.sqrt(pair @ pair)
    np.testing.assert_allclose(hessian[:2, :2], expected, rtol=1e-5)
    assert not hessian[:2, 2:].any()


@pytest.mark.parametrize("name, rest, arguments", CALLS, ids=IDS)
def test_vmap(name, rest, arguments):
    """One call for all, the same as one by one, wherever the mapped axis is; its gradient, too."""
    nd = 4 if "3d" not in name else 5
    ours, plain = both(name, *rest, **arguments)
    x = distinct((3, *(2, 2, 4, 3, 4)[:nd]))
    expected = np.stack([plain(each) for each in x])
    np.testing.assert_array_equal(jax.vmap(ours)(x), expected)
    np.testing.assert_array_equal(jax.jit(jax.vmap(ours, in_axes=2))(np.moveaxis(x, 0, 2)), expected)
    gradient = jax.grad(lambda x: (ours(x) ** 2).sum())
    np.testing.assert_allclose(jax.vmap(gradient)(x), np.stack([gradient(each) for each in x]), rtol=1e-6)


def test_vmap_in_vmap():
    x = distinct((2, 3, 4, 6))
    got = jax.vmap(jax.vmap(lambda x: cpool.jax.min_pool2d(x, 2)), in_axes=1)(x)
    np.testing.assert_array_equal(got, cpool.min_pool2d(np.swapaxes(x, 0, 1), 2))


def test_vmap_of_gradients_alone():
    """The array is shared, the gradients are many: what `jacrev` does."""
    x = jnp.asarray(distinct((2, 6, 5)))
    for name in ("max_pool2d", "lp_pool2d", "avg_pool2d"):
        values, pull = jax.vjp(both(name, *norm(name), 2)[0], x)
        grads = RNG.standard_normal((4, *values.shape)).astype(np.float32)
        expected = np.stack([pull(jnp.asarray(grad))[0] for grad in grads])
        np.testing.assert_array_equal(jax.vmap(pull)(grads)[0], expected)


def test_one_call_for_all_that_are_mapped(monkeypatch):
    seen = []
    original = cpool.functional.max_pool2d
    spy = lambda x, **arguments: seen.append(x.shape) or original(x, **arguments)
    monkeypatch.setattr(cpool.functional, "max_pool2d", spy)
    jax.vmap(lambda x: cpool.jax.max_pool2d(x, 2, 1, 1))(jnp.ones((5, 4, 6)))
    assert (5, 4, 6) in seen and all(shape == (5, 4, 6) or 0 in shape for shape in seen)


@pytest.mark.parametrize("dtype", ["bool", "int8", "uint16", "int32", "uint32", "float16", "bfloat16"])
@pytest.mark.parametrize("op", OPERATORS)
def test_dtypes(op, dtype):
    x = (distinct((2, 3, 6, 4)) * 40).astype(jnp.dtype(dtype))
    arguments = {"dtype": "float32"} if op in ("avg", "lp") and dtype == "bool" else {}
    if op == "sum" and np.dtype(x.dtype).kind in "biu":
        arguments["dtype"] = "uint32" if np.dtype(x.dtype).kind == "u" else "int32"
    expected = getattr(cpool, f"{op}_pool2d")(x, *norm(op), 2, **arguments)
    if op == "sum":
        arguments = {}
    got = getattr(cpool.jax, f"{op}_pool2d")(jnp.asarray(x), *norm(op), 2, **arguments)
    assert got.dtype == expected.dtype
    np.testing.assert_array_equal(np.asarray(got), expected)
    if np.dtype(x.dtype).kind not in "biu":
        total = lambda x: getattr(cpool.jax, f"{op}_pool2d")(x, *norm(op), 2).astype("float32").sum()
        assert jax.grad(total)(jnp.asarray(x)).dtype == x.dtype


@pytest.mark.parametrize("op", ["avg", "sum", "lp"])
def test_dtype_of_the_result(op):
    x = distinct((2, 4, 4), np.float16)
    function = lambda x: getattr(cpool.jax, f"{op}_pool2d")(x, *norm(op), 2, dtype="float32")
    assert function(x).dtype == np.float32
    grad = RNG.standard_normal((2, 2, 2), np.float32)
    (got,) = jax.vjp(function, jnp.asarray(x))[1](grad)
    expected = getattr(cpool, f"{op}_pool2d_backward")(grad, x, *norm(op), 2, dtype="float32")
    assert got.dtype == np.float16
    np.testing.assert_array_equal(got, expected)


def test_wide_types(x64):
    x = jnp.asarray(np.arange(16).reshape(4, 4))
    assert cpool.jax.sum_pool2d(x, 2).dtype == (np.int64 if x64 else np.int32)
    assert cpool.jax.avg_pool2d(x.astype(float), 2).dtype == (np.float64 if x64 else np.float32)
    indices = cpool.jax.max_pool2d(x, 2, return_indices=True)[1]
    assert indices.dtype == (np.int64 if x64 else np.int32)
    assert indices.tolist() == [[5, 7], [13, 15]]
    assert cpool.jax.max_pool2d(x, 2, return_indices=True, index_dtype="int32")[1].dtype == np.int32


def test_indices_and_unpooling():
    x = distinct((2, 3, 6, 4))
    for layout in ("channels_first", "channels_last"):
        pool = lambda x: cpool.jax.max_pool2d(x, 2, return_indices=True, data_format=layout)
        expected = cpool.max_pool2d(x, 2, return_indices=True, data_format=layout)
        values, indices = jax.jit(pool)(x)
        np.testing.assert_array_equal(values, expected[0])
        np.testing.assert_array_equal(indices, expected[1])
        size = x.shape[2:] if layout == "channels_first" else x.shape[1:3]
        unpool = lambda v, i: cpool.jax.max_unpool2d(v, i, 2, output_size=size, data_format=layout)
        back = jax.jit(unpool)(values, indices)
        np.testing.assert_array_equal(
            back, cpool.max_unpool2d(*expected, 2, output_size=size, data_format=layout)
        )
        there = jax.vmap(unpool)(values, indices)
        np.testing.assert_array_equal(there, back)
        gradient = jax.grad(lambda v: (unpool(v, indices) ** 3).sum())(values)
        np.testing.assert_allclose(gradient, 3 * values**2, rtol=1e-6)
        check_grads(lambda v: unpool(v, indices), (values,), 2, modes=["rev"], atol=0.05, rtol=0.05)
        through = jax.grad(lambda x: (pool(x)[0] ** 2).sum())(x)
        np.testing.assert_allclose(through, 2 * back, rtol=1e-6)


def test_empty_windows_have_no_gradient():
    x = jnp.asarray(distinct((1, 3)))
    function = lambda x: cpool.jax.max_pool1d(x, 1, 1, 2)
    assert np.isneginf(function(x)[0, :2]).all()
    np.testing.assert_array_equal(jax.vjp(function, x)[1](jnp.ones((1, 7)))[0], np.ones((1, 3)))
    inner = lambda x: (jax.vjp(function, x)[1](jnp.ones((1, 7)))[0] * x).sum()
    np.testing.assert_array_equal(jax.grad(inner)(x), np.ones((1, 3)))


def test_against_reduce_window():
    x = jnp.asarray(distinct((2, 8, 9, 3)))
    window, strides, pads = (1, 3, 2, 1), (1, 2, 1, 1), ((0, 0), (1, 1), (0, 1), (0, 0))
    for op, start, step in (("max", -jnp.inf, lax.max), ("sum", 0.0, lax.add)):
        theirs = lambda x: lax.reduce_window(x, start, step, window, strides, pads)
        ours = lambda x: getattr(cpool.jax, f"{op}_pool2d")(
            x, (3, 2), (2, 1), [(1, 1), (0, 1)], data_format="channels_last"
        )
        np.testing.assert_allclose(ours(x), theirs(x), rtol=1e-5, atol=1e-6)
        loss = lambda f: lambda x: (f(x) ** 2).sum()
        expected = jax.grad(loss(theirs))(x)
        for gradient in (jax.grad(loss(ours)), jax.jit(jax.grad(loss(jax.vmap(ours))))):
            np.testing.assert_allclose(gradient(x), expected, rtol=1e-4, atol=1e-5)


def test_inside_control_flow():
    x = jnp.asarray(distinct((3, 4, 8, 8)))

    def step(carry, x):
        return carry + cpool.jax.max_pool2d(x, 2).sum(), cpool.jax.avg_pool2d(x, 2)

    total, means = jax.jit(lambda x: lax.scan(step, 0.0, x))(x)
    np.testing.assert_allclose(total, cpool.max_pool2d(np.asarray(x), 2).sum(), rtol=1e-5)
    np.testing.assert_array_equal(means, cpool.avg_pool2d(np.asarray(x), 2))
    pool = lambda x: cpool.jax.max_pool2d(x, 2)
    branch = lambda x: lax.cond(x[0, 0, 0] > 0, pool, lambda x: x[:, ::2, ::2], x)
    assert jax.jit(branch)(x[0]).shape == (4, 4, 4)
    loss = lambda x: (pool(x) ** 2).sum()
    np.testing.assert_allclose(jax.grad(jax.checkpoint(loss))(x), jax.grad(loss)(x), rtol=1e-6)


def test_equal_calls_are_compiled_once():
    x = jnp.ones((3, 6, 6))
    cpool.jax.max_pool2d(x, 2)
    before = cpool.jax._run._cache_size()
    for kernel in (2, np.int64(2), [2, 2], (2, np.int8(2))):
        cpool.jax.max_pool2d(x, kernel, padding=[(0, 0), (0, 0)])
    assert cpool.jax._run._cache_size() == before


def test_large_arrays_do_not_wait_for_each_other():
    """On one processor, many computations in flight, memory that JAX has to copy for a callback."""
    program = """
import os
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
import jax, numpy as np
import cpool.jax
function = jax.jit(lambda x: cpool.jax.max_pool2d(x, 2) + cpool.jax.avg_pool2d(x * 2, 2))
memory = np.random.default_rng(0).random(2 * 16 * 256 * 256 + 64, np.float32)
for shift in (0, 1, 4, 12, 15):
    x = memory[shift : shift - 64].reshape(2, 16, 256, 256)
    found = [function(x) for _ in range(20)]
    expected = cpool.max_pool2d(x, 2) + cpool.avg_pool2d(x * 2, 2)
    for y in found:
        np.testing.assert_allclose(y, expected, rtol=1e-6)
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=120)


def test_without_the_interface(monkeypatch):
    """Where XLA does not take the handler, and on other devices, callbacks do the same."""
    monkeypatch.setattr(cpool.jax, "_registered", lambda: None)
    x = distinct((2, 3, 6, 5))
    for name in ("max_pool2d", "avg_pool2d", "lp_pool2d"):
        ours, plain = both(name, *norm(name), 2, 1, padding=1)
        jax.clear_caches()
        np.testing.assert_array_equal(jax.vmap(jax.jit(ours))(x), plain(x))
        got = jax.vmap(jax.grad(lambda x: ours(x).sum()))(x)
        expected = getattr(cpool, f"{name}_backward")(np.ones_like(plain(x)), x, *norm(name), 2, 1, padding=1)
        np.testing.assert_array_equal(got, expected)
    jax.clear_caches()


def test_a_handler_of_another_version_is_refused():
    from cpool import _xla

    handler = _xla.handler(cpool.jax._called)
    jax.devices()
    jax.ffi.register_ffi_target("cpool_again", jax.ffi.pycapsule(handler), platform="cpu")
    version, _xla.VERSION = _xla.VERSION, (1, 0)
    try:
        with pytest.raises(Exception, match="incompatible with the framework's API version"):
            jax.ffi.register_ffi_target("cpool_one", jax.ffi.pycapsule(handler), platform="cpu")
    finally:
        _xla.VERSION = version


def test_an_interface_that_is_not_taken(monkeypatch):
    def register(*_, **__):
        raise ValueError("incompatible")

    monkeypatch.setattr(jax.ffi, "register_ffi_target", register)
    assert cpool.jax._registered.__wrapped__() is None


def test_what_a_handler_does_not_answer():
    """A frame of another stage or with an extension that it does not know; attributes not its own."""
    import ctypes

    from cpool import _xla

    called, said = [], []
    handler = _xla.handler(lambda text, inputs, outputs: called.append((text, inputs, outputs)))

    @_xla._CreateError
    def create_error(arguments):
        said.append(arguments.contents.message.decode())
        return 77

    def ask(stage=_xla._EXECUTE, count=1):
        text, shape = ctypes.create_string_buffer(b"text"), (ctypes.c_int64 * 2)(0, 3)
        span = _xla._Span(ctypes.addressof(text), 4)
        buffer = _xla._Buffer(type=11, rank=2, sizes=shape)
        buffers = _xla._Buffers(count=1, each=ctypes.pointer(ctypes.pointer(buffer)))
        api, other = _xla._Api(create_error=create_error), _xla._Extension(type=_xla._METADATA + 1)
        frame = _xla._Frame(
            extension=ctypes.addressof(other), api=ctypes.pointer(api), stage=stage, arguments=buffers,
            attributes=_xla._Attributes(
                count=count, types=(ctypes.c_int * 1)(_xla._STRING), each=ctypes.pointer(ctypes.pointer(span))
            ),
        )  # fmt: skip
        return handler(ctypes.pointer(frame))

    assert ask(stage=_xla._EXECUTE - 1) is None and not called
    assert ask(count=2) == 77 and not called
    assert said == ["RuntimeError: a call must have one attribute, a string"]
    assert ask() is None
    ((text, (empty,), outputs),) = called
    assert (text, empty.shape, empty.dtype, outputs) == ("text", (0, 3), np.float32, [])


@pytest.mark.parametrize("name", ["max_pool2d", "avg_pool2d", "lp_pool2d", "max_unpool2d"])
def test_without_compilation(name):
    """As one looks for mistakes: every step runs by itself."""
    x, ours = distinct((2, 3, 4, 4)), both(name, *norm(name), 2, 2)[0]
    if name == "max_unpool2d":
        places = cpool.max_pool2d(x, 2, return_indices=True)[1]
        x, ours = x[..., ::2, ::2], lambda x: cpool.jax.max_unpool2d(x, places, 2)
    calls = (
        lambda x: jax.grad(lambda x: (ours(x) ** 2).sum())(x),
        lambda x: jax.vmap(jax.grad(lambda x: (ours(x[None]) ** 2).sum()))(x),
        lambda x: jax.jvp(ours, (x,), (x + 1,))[1],
    )
    for call in calls[:: 1 if name != "max_unpool2d" else 2]:
        with jax.disable_jit():
            found = call(x)
        np.testing.assert_array_equal(found, call(x))


def test_gradients_of_nothing():
    from jax.interpreters import ad

    call = cpool.jax._Call("avg_pool2d", (), (-2, -1), (1, 1, 4, 4), np.dtype("float32"))
    first = ad.UndefinedPrimal(jax.core.ShapedArray((1, 1, 2, 2), np.float32))
    zero = ad.Zero(jax.core.ShapedArray((1, 1, 4, 4), np.float32))
    found = cpool.jax._linear_back._transposed(zero, first, None, call=call)
    assert type(found[0]) is ad.Zero and found[0].aval == first.aval and found[1] is None


def test_stored_programs(tmp_path):
    """A compiled program that JAX keeps on disk runs in a process that has not traced it."""
    program = f"""
import jax, numpy as np
jax.config.update("jax_compilation_cache_dir", {str(tmp_path)!r})
jax.config.update("jax_persistent_cache_min_compile_time_secs", 0)
jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
import cpool.jax
x = np.arange(32, dtype=np.float32).reshape(2, 4, 4)
y = jax.jit(lambda x: cpool.jax.lp_pool2d(x, float("inf"), 2) + cpool.jax.max_pool2d(x, 2))(x)
np.testing.assert_array_equal(y, 2 * cpool.max_pool2d(x, 2))
"""
    for _ in range(2):
        subprocess.run([sys.executable, "-c", program], check=True, timeout=120)


def test_what_comes_in():
    x = distinct((4, 4))
    for given in (x, jnp.asarray(x), x.T, np.float64(x)):
        got = cpool.jax.max_pool2d(given, 2)
        np.testing.assert_allclose(got, cpool.max_pool2d(np.asarray(given), 2), rtol=1e-6)
    assert cpool.jax.max_pool2d(jnp.zeros((0, 4, 4)), 2).shape == (0, 2, 2)


@pytest.mark.parametrize(
    "call, kind, message",
    [
        (lambda f, x: f([[1.0, 2.0]], 1), TypeError, "x must be an array of JAX or NumPy; got list"),
        (lambda f, x: f(x.astype(complex), 1), TypeError, "x must have one of the dtypes"),
        (lambda f, x: f(x, 2.0), TypeError, "kernel_size must be"),
        (lambda f, x: f(x, True), TypeError, "kernel_size must be"),
        (lambda f, x: f(x, 0), ValueError, "kernel_size must be"),
        (lambda f, x: f(x, 9), ValueError, "kernel_size must leave room"),
        (lambda f, x: f(x[0], 2), ValueError, "x must have at least 2 axes"),
        (lambda f, x: f(x, 2, padding="full"), ValueError, "padding must be"),
        (lambda f, x: f(x, 2, ceil_mode=1), TypeError, "ceil_mode must be True or False"),
        (lambda f, x: f(x, 2, axis=(0, 0)), ValueError, "axis must be"),
        (lambda f, x: f(x, 2, axis=(0, 1), data_format="NCHW"), ValueError, "data_format must be left out"),
        (lambda f, x: f(x, 2, out=x), TypeError, "unexpected keyword argument 'out'"),
        (lambda f, x: f(x, 2, index_dtype="int8", return_indices=True), TypeError, "index_dtype must be"),
    ],
)
def test_refusals(call, kind, message):
    x = jnp.ones((4, 4))
    for wrap in (lambda f: f, jax.jit):
        if isinstance(x, jax.Array) and "list" in message and wrap is jax.jit:
            continue
        with pytest.raises(kind, match=message):
            wrap(lambda x: call(cpool.jax.max_pool2d, x))(x)


def test_more_refusals():
    x = jnp.ones((1, 1, 2, 2))
    with pytest.raises(TypeError, match="kernel_size must be"):  # after a right call that compares equal
        cpool.jax.max_pool2d(x, (2, 2.0))
    with pytest.raises(ValueError, match=r"indices must have the shape \(1, 1, 2, 2\) of x; got \(2, 2\)"):
        cpool.jax.max_unpool2d(x, jnp.zeros((2, 2), int), 2)
    with pytest.raises(TypeError, match="indices must have one of the dtypes"):
        cpool.jax.max_unpool2d(x, x, 2)
    with pytest.raises(Exception, match="indices must be"):  # an error of the host, which JAX wraps
        cpool.jax.max_unpool2d(x, jnp.full(x.shape, 99), 2).block_until_ready()


@pytest.mark.parametrize("name", cpool.jax.__all__)
def test_documentation(name):
    """The arguments that are there are described, no others, and the examples are right."""
    function = getattr(cpool.jax, name)
    text = inspect.getdoc(function)
    parameters = inspect.signature(function).parameters
    lines = re.findall(r"^([a-z_, ]+)(?: : .*)?$", text, re.MULTILINE)
    described = {each for line in lines for each in line.split(", ")}
    assert described >= set(parameters)
    for argument in set(inspect.signature(getattr(cpool, name)).parameters) - set(parameters):
        assert argument not in described
    (case,) = doctest.DocTestFinder().find(function, name)
    assert doctest.DocTestRunner().run(case).failed == 0 < len(case.examples)


def test_every_function_is_there():
    forward = {n for n in cpool.__all__ if "pool" in n and n.islower() and not n.endswith("_backward")}
    assert set(cpool.jax.__all__) <= forward
    assert len(cpool.jax.__all__) == 38
