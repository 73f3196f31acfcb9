"""cpool.torch against torch.nn: values, strides, derivatives, transforms, compilation, errors, modules."""

import copy
import doctest
import inspect
import io
import os
import subprocess
import sys
from itertools import islice

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cpool

torch = pytest.importorskip("torch")

import cpool.torch as ct  # noqa: E402
from cpool._torch import _operators  # noqa: E402
from cpool._torch._tensors import array, call, is_channels_last  # noqa: E402

F, nn = torch.nn.functional, torch.nn
DTYPES = [
    torch.bool, torch.uint8, torch.int8, torch.int16, torch.uint16, torch.int32, torch.uint32, torch.int64,
    torch.uint64, torch.float16, torch.bfloat16, torch.float32, torch.float64,
]
FLOATS = [dtype for dtype in DTYPES if dtype.is_floating_point]
SIZES = {1: (9,), 2: (7, 8), 3: (4, 5, 6)}
FORMATS = {2: torch.channels_last, 3: torch.channels_last_3d}


def rand(nd, dtype=torch.float64, channels=3, last=False, seed=0):
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(2, channels, *SIZES[nd], generator=generator, dtype=torch.float64)
    x = (x * 10).to(dtype) if dtype != torch.bool else x > 1
    return x.movedim(1, -1).contiguous().movedim(-1, 1) if last else x


def tuple_of(result):
    return result if isinstance(result, tuple) else (result,)


def assert_like(got, want, **tolerance):
    """The same values, dtype, shape and strides."""
    for a, b in zip(tuple_of(got), tuple_of(want), strict=True):
        torch.testing.assert_close(a, b, **tolerance)
        assert b.numel() == 0 or torch._prims_common.check_significant_strides(a, b)[0]


def same_dtype(want, got):
    return tuple(a.to(b.dtype) for a, b in zip(tuple_of(want), tuple_of(got), strict=True))


# ---- names ----

SHARED = [name for name in ct.__all__ if hasattr(F, name)]
LAYERS = [name for name in ct.__all__ if hasattr(nn, name)]


def test_every_pooling_function_and_layer_of_torch_is_there():
    theirs = {name for name in vars(F) if "pool" in name and name[0] != "_" and name.endswith("d")}
    assert theirs <= set(SHARED)
    assert {name for name in vars(nn) if "ool" in name and name.endswith("d")} == set(LAYERS)


# what cpool.torch does not have of cpool, and why not
NOT_HERE = {
    "block_reduce": "takes a function of NumPy arrays", "dynamic_k": "is arithmetic with numbers",
    "convert_indices": "is for other libraries than PyTorch", "from_keras": "makes layers for arrays",
    "from_onnx": "makes layers for arrays", "from_torch": "makes layers for arrays",
    "output_shape": "is arithmetic with numbers", "windows": "is arithmetic with numbers",
    "get_num_threads": "threads are PyTorch's", "set_num_threads": "threads are PyTorch's",
    "num_threads": "threads are PyTorch's", "show_config": "is about cpool", "__version__": "is cpool's",
    "Pool1dStream": "pools arrays in chunks, without gradients",
}


def test_every_name_of_cpool_is_here_or_has_a_reason():
    named = {name.replace("Lp", "LP") if name[0].isupper() else name for name in cpool.__all__}
    derivatives = {name for name in named if name.endswith(("_backward", "_jvp"))}     # of autograd here
    assert named - derivatives - set(ct.__all__) == set(NOT_HERE)
    assert set(ct.__all__) - named == {"PoolingError", "replace", "restore"}


@pytest.mark.parametrize("name", SHARED)
def test_signatures_of_functions(name):
    try:
        theirs = inspect.signature(getattr(F, f"{name}_with_indices", getattr(F, name)))
    except ValueError:
        theirs = inspect.signature(getattr(F, name.replace("1d", "2d"), None) or F.lp_pool2d) \
            if not name.startswith("avg") else None
    if theirs is None:              # built in: the documentation says so
        shown = "(input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True"
        assert name + shown in getattr(F, name).__doc__
        names = ["input", "kernel_size", "stride", "padding", "ceil_mode", "count_include_pad"]
    else:
        names = list(theirs.parameters)
    ours = inspect.signature(getattr(ct, name)).parameters
    positional = [n for n, p in ours.items() if p.kind is not p.KEYWORD_ONLY]
    assert positional[:len(names)] == names
    if theirs is not None:
        for each in names:
            assert ours[each].default == theirs.parameters[each].default


@pytest.mark.parametrize("name", LAYERS)
def test_signatures_of_modules(name):
    ours, theirs = (inspect.signature(getattr(m, name)).parameters for m in (ct, nn))
    assert [n for n, p in ours.items() if p.kind is not p.KEYWORD_ONLY] == list(theirs)
    assert all(ours[n].default == p.default for n, p in theirs.items())
    assert issubclass(getattr(ct, name), getattr(nn, name))


def examples():
    finder = doctest.DocTestFinder(recurse=False, exclude_empty=True)
    for name, each in {**{name: getattr(ct, name) for name in ct.__all__}, "cpool.torch": ct}.items():
        yield from finder.find(each, name, globs={})


@pytest.mark.parametrize("case", [case for case in examples() if case.examples], ids=lambda case: case.name)
def test_examples(case):
    report = []
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    runner.run(case, out=report.append)
    assert runner.failures == 0, "".join(report)


def test_public_names_have_examples():
    assert {getattr(ct, n).__module__ for n in ct.__all__} == {"cpool.torch"}
    assert [n for n in ct.__all__ if ">>> " not in inspect.getdoc(getattr(ct, n))] == ["PoolingError"]


# ---- PyTorch's own samples ----

# Of the samples of these, thousands that differ in little, one in so many.
THINNED = {"max_pool1d": 5, "max_pool2d": 13, "max_pool3d": 11, "max_unpool2d": 3, "max_unpool3d": 3}

def op_infos():
    pytest.importorskip("expecttest")
    from torch.testing._internal.common_methods_invocations import op_db

    found = {}
    for info in op_db:
        name = info.name.rpartition(".")[2]
        if name in SHARED:
            found.setdefault(name, []).append(info)
    return found


@pytest.fixture(scope="module")
def infos():
    return op_infos()


@pytest.mark.parametrize("name", [name for name in SHARED if not name.startswith("lp")])
def test_opinfo_samples(name, infos):
    function = getattr(ct, name)
    count = 0
    for info in infos[name]:
        for dtype in info.supported_dtypes("cpu"):
            if "fractional" in name and dtype == torch.bfloat16:
                continue        # of which PyTorch places the windows in bfloat16, cpool in float32
            samples = info.sample_inputs("cpu", dtype, requires_grad=dtype.is_floating_point)
            for sample in islice(samples, 0, None, THINNED.get(name, 1)):
                count += 1
                if sample.kwargs.get("_random_samples") is not None:        # any numbers whatever
                    sample.kwargs["_random_samples"] = torch.rand_like(sample.kwargs["_random_samples"])
                torch.manual_seed(count)
                got = function(sample.input, *sample.args, **sample.kwargs)
                x, keywords = sample.input, sample.kwargs
                if dtype.is_floating_point and dtype.itemsize == 2 and "fractional" not in name:
                    # PyTorch adds and rounds in 16 bits here and there: what matters is the result in 64
                    x = x.detach().double().requires_grad_()
                torch.manual_seed(count)
                want = getattr(F, name)(x, *sample.args, **keywords)
                if "avg" in name and not dtype.is_floating_point:   # rounded to nearest, not toward zero
                    assert got.shape == want.shape and ((got - want).abs() <= 1).all()
                    continue
                assert_like(got, same_dtype(want, got))
                if dtype.is_floating_point:
                    got, want = tuple_of(got)[0], tuple_of(want)[0]
                    assert got.requires_grad
                    g = torch.randn_like(got)
                    (got,) = torch.autograd.grad(got, sample.input, g)
                    (want,) = torch.autograd.grad(want, x, g.to(want.dtype))
                    close = {"atol": 0.01, "rtol": 0.05} if dtype.itemsize == 2 else {}
                    torch.testing.assert_close(got, want.to(got.dtype), **close)
    assert count


@pytest.mark.parametrize("name", [name for name in SHARED if not name.startswith(("lp", "fractional"))])
def test_opinfo_errors(name, infos):
    count = 0
    for info in infos[name]:
        if info.error_inputs_func is None:
            continue
        for case in info.error_inputs("cpu"):
            count += 1
            sample = case.sample_input
            with pytest.raises(case.error_type) as caught:
                getattr(ct, name)(sample.input, *sample.args, **sample.kwargs)
            assert isinstance(caught.value, ct.PoolingError) and "; got " in str(caught.value)
    assert count


# ---- functions against torch ----

WINDOWS = [
    {"kernel_size": 2},
    {"kernel_size": 3, "stride": 2, "padding": 1},
    {"kernel_size": [3], "stride": (1,), "ceil_mode": True},
    {"kernel_size": 4, "stride": 3, "padding": 2, "ceil_mode": True},
]


def cases(nd):
    """(ours, theirs) pairs of functions of a tensor."""
    yield from (
        (lambda x, k=k, d=d: getattr(ct, f"max_pool{nd}d")(x, **k, dilation=d, return_indices=True),
         lambda x, k=k, d=d: getattr(F, f"max_pool{nd}d")(x, **k, dilation=d, return_indices=True))
        for k in WINDOWS for d in (1, 2) if d == 1 or k["kernel_size"] == 2
    )
    yield from (
        (lambda x, k=k, c=c: getattr(ct, f"avg_pool{nd}d")(x, **k, count_include_pad=c),
         lambda x, k=k, c=c: getattr(F, f"avg_pool{nd}d")(x, **k, count_include_pad=c))
        for k in WINDOWS for c in (True, False)
    )
    yield from (
        (lambda x, p=p: getattr(ct, f"lp_pool{nd}d")(x, p, 2),
         lambda x, p=p: getattr(F, f"lp_pool{nd}d")(x, p, 2))
        for p in (2, 4.0, float("inf"))
    )
    for op in "max", "avg":
        for size in 1, 3, (None,) * nd:
            yield (
                lambda x, op=op, size=size: getattr(ct, f"adaptive_{op}_pool{nd}d")(x, size),
                lambda x, op=op, size=size: getattr(F, f"adaptive_{op}_pool{nd}d")(x, size),
            ) if nd > 1 or size != (None,) else (lambda x: x, lambda x: x)


@pytest.mark.parametrize("dtype", FLOATS, ids=str)
@pytest.mark.parametrize("nd", [1, 2, 3])
def test_values_and_strides(nd, dtype):
    for last in (False, True)[:nd]:
        x = rand(nd, dtype, last=last)
        for ours, theirs in cases(nd):
            for t in x, x[0].contiguous(), x[:, :2], x[:, :, 1:], x[:0]:
                try:
                    want = theirs(t.double() if dtype.itemsize == 2 else t)
                except RuntimeError:        # PyTorch does not pool empty batches everywhere
                    continue
                got = ours(t)
                torch.testing.assert_close(got, got.__class__(same_dtype(want, got))
                                           if isinstance(got, tuple) else want.to(dtype), equal_nan=True)
                if last and t.dim() == nd + 2 and t.numel():
                    assert tuple_of(got)[0].is_contiguous(memory_format=FORMATS[nd])
                if nd == 2 and t.numel():       # in three dimensions PyTorch does not always keep the format
                    assert_like(tuple_of(got)[0], tuple_of(want)[0].to(dtype))


LAYOUTS = {
    "contiguous": lambda x: x,
    "channels_last": lambda x: x.contiguous(memory_format=torch.channels_last),
    "channels_last sliced": lambda x: x.contiguous(memory_format=torch.channels_last)[:, :2, 1:, ::2],
    "sliced": lambda x: x[:, ::2, :, 1:],
    "transposed": lambda x: x.transpose(2, 3),
    "batch and channels": lambda x: x.transpose(0, 1),
    "expanded": lambda x: x[:1].expand(3, -1, -1, -1),
    "one channel": lambda x: x[:, :1],
    "one channel last": lambda x: x[:, :1].contiguous(memory_format=torch.channels_last),
    "one pixel": lambda x: x[:, :, :1, :1],
    "one pixel last": lambda x: x.contiguous(memory_format=torch.channels_last)[:, :, :1, :1],
    "one row": lambda x: x[:, :, :1],
    "flipped": lambda x: x.flip(3),
    "negative bit": lambda x: torch.complex(x, -x).conj().imag,
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", ["max", "avg"])
def test_layouts_follow_torch(layout, name):
    x = LAYOUTS[layout](rand(2, torch.float32)).requires_grad_()
    y, z = (getattr(m, f"{name}_pool2d")(x, 3, 1, 1) for m in (ct, F))
    torch.testing.assert_close(y, z)
    assert y.stride() == z.stride() or torch._prims_common.check_significant_strides(y, z)[0]
    for g in torch.randn_like(z), torch.randn(z.shape), torch.ones(()).expand(z.shape):
        (a,), (b,) = (torch.autograd.grad(each, x, g, retain_graph=True) for each in (y, z))
        torch.testing.assert_close(a, b)
        assert torch._prims_common.check_significant_strides(a, b)[0]


def test_memory_formats_that_torch_has_not():
    image = torch.randint(0, 255, (8, 10, 3), dtype=torch.uint8).permute(2, 0, 1)       # H, W, C as C, H, W
    y = ct.max_pool2d(image, 2)
    assert y.permute(1, 2, 0).is_contiguous() and torch.equal(y, ct.max_pool2d(image.contiguous(), 2))
    tokens = torch.randn(2, 10, 4).transpose(1, 2)                                      # N, L, C as N, C, L
    y = ct.avg_pool1d(tokens, 2)
    assert y.transpose(1, 2).is_contiguous()
    torch.testing.assert_close(y, F.avg_pool1d(tokens, 2))


def test_nothing_is_copied():
    x = torch.randn(2, 3, 4, 5)
    assert array(x, 2, False).__array_interface__["data"][0] == x.data_ptr()
    y = x.contiguous(memory_format=torch.channels_last)
    assert is_channels_last(y, 2) and not is_channels_last(x, 2)
    a = array(y, 2, True)
    assert a.flags.c_contiguous and a.__array_interface__["data"][0] == y.data_ptr()
    z = ct.max_pool2d(y, 2)
    assert isinstance(z.numpy().base, np.ndarray) or z.permute(0, 2, 3, 1).is_contiguous()
    b = x.bfloat16()
    assert array(b, 2, False).__array_interface__["data"][0] == b.data_ptr()


def as_numpy(t):
    return t.float().numpy() if t.dtype == torch.bfloat16 else t.numpy()


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("nd", [1, 2, 3])
def test_every_function_in_every_dtype(nd, dtype):
    """The same as cpool on the array; bfloat16, which NumPy lacks, to its precision."""
    exact = dtype != torch.bfloat16
    for last in False, True:
        x = rand(nd, dtype, last=last)
        a = as_numpy(x)
        for op in "max", "min", "avg", "sum", "lp":
            p = (3,) if op == "lp" else ()
            if dtype == torch.bool and op in ("avg", "lp"):
                with pytest.raises(TypeError, match="bool"):
                    getattr(ct, f"{op}_pool{nd}d")(x, *p, 2)
                continue
            calls = [
                (f"{op}_pool{nd}d", (*p, 3, 2), {"padding": 1 if op != "lp" else 0}),
                (f"{op}_pool{nd}d", (*p, 2, 1), {"padding": "same", "dilation": 2}),
                (f"{op}_pool{nd}d", (*p, 2, 1), {"padding": [(3, 0)] * nd}),
                (f"adaptive_{op}_pool{nd}d", (*p, 3), {}),
                (f"global_{op}_pool", p, {"keepdims": True}),
                (f"global_{op}_pool", p, {}),
                (f"global_{op}_pool", p, {"spatial_ndim": nd + 1}),
            ]
            for name, args, keywords in calls:
                options = dict(keywords)
                if op == "avg" and "padding" in options:
                    options["count_include_pad"] = True
                got = getattr(ct, name)(x, *args, **options)
                want = getattr(cpool, name)(a, *args, **options)
                assert got.dtype == (torch.from_numpy(want).dtype if exact else torch.bfloat16)
                if exact and not (dtype.is_floating_point and op in ("avg", "sum", "lp")):
                    np.testing.assert_array_equal(got.numpy(), want)
                else:
                    eps = torch.finfo(dtype).eps if dtype.is_floating_point else 0
                    np.testing.assert_allclose(as_numpy(got), want, rtol=4 * eps, atol=100 * eps)
                if op in ("max", "min"):
                    _, indices = getattr(ct, name)(x, *args, **options, return_indices=True)
                    _, places = getattr(cpool, name)(a, *args, **options, return_indices=True)
                    np.testing.assert_array_equal(indices.numpy(), places)


def test_bfloat16_needs_no_ml_dtypes():
    program = """
import sys
sys.modules["ml_dtypes"] = None
import torch, cpool.torch
x = torch.randn(2, 3, 8, 8).bfloat16().requires_grad_()
for last in (False, True):
    t = x.contiguous(memory_format=torch.channels_last) if last else x
    assert torch.equal(cpool.torch.max_pool2d(t, 3, 2, 1), torch.nn.functional.max_pool2d(t, 3, 2, 1))
    cpool.torch.lp_pool2d(t, 3, 2).sum().backward()
assert x.grad.dtype == torch.bfloat16 and "ml_dtypes" not in str(sys.modules.get("ml_dtypes"))
"""
    subprocess.run([sys.executable, "-c", program], check=True)


@given(st.data())
def test_random_windows(data):
    """Any geometry, layout and batch: what cpool gives for the array."""
    nd = data.draw(st.integers(1, 3))
    sizes = [data.draw(st.integers(1, 6)) for _ in range(nd)]
    leading = [data.draw(st.integers(0, 2)), data.draw(st.integers(1, 3))][data.draw(st.integers(0, 1)):]
    x = torch.randn(*leading, *sizes)
    order = data.draw(st.permutations(range(x.dim())))
    x = x.permute(order).contiguous().permute([order.index(i) for i in range(x.dim())])
    op = data.draw(st.sampled_from(["max", "min", "sum"]))
    kernel = [data.draw(st.integers(1, n)) for n in sizes]
    options = {
        "stride": [data.draw(st.integers(1, 3)) for _ in sizes],
        "padding": data.draw(st.sampled_from(["same", "valid", [(1, 2)] * nd, [(0, 4)] * nd])),
        "ceil_mode": data.draw(st.booleans()),
    }
    got = getattr(ct, f"{op}_pool{nd}d")(x, kernel, **options)
    want = getattr(cpool, f"{op}_pool{nd}d")(x.contiguous().numpy(), kernel, **options)
    np.testing.assert_allclose(got.numpy(), want, rtol=1e-6, atol=1e-6)
    fake = getattr(ct, f"{op}_pool{nd}d")(x.to("meta"), kernel, **options)
    assert fake.shape == got.shape and fake.dtype == got.dtype
    assert got.numel() == 0 or fake.stride() == got.stride()


# ---- derivatives ----

DIFFERENTIABLE = {
    "max": lambda x: ct.max_pool2d(x, 3, 2, 1),
    "max with indices": lambda x: ct.max_pool2d(x, 2, 1, dilation=2, return_indices=True)[0],
    "min": lambda x: ct.min_pool2d(x, (2, 3), ceil_mode=True),
    "min 1d": lambda x: ct.min_pool1d(x[0], 3, 2, "same"),
    "max 3d": lambda x: ct.max_pool3d(x, 2, 1, padding=[(1, 0), (0, 1), (1, 1)]),
    "avg": lambda x: ct.avg_pool2d(x, 3, 2, 1, True, False),
    "avg 3d": lambda x: ct.avg_pool3d(x, 2, 1, divisor_override=-3, dilation=(1, 2, 1)),
    "sum": lambda x: ct.sum_pool2d(x, 2, 1, "same_lower"),
    "lp": lambda x: ct.lp_pool2d(x, 2, 3, 2),
    "lp 1": lambda x: ct.lp_pool2d(x, 1, 2, ceil_mode=True),
    "lp 1.5": lambda x: ct.lp_pool1d(x[0], 1.5, 3, 2, padding=1, normalize=True),
    "lp 3 3d": lambda x: ct.lp_pool3d(x, 3, 2, 1, dilation=2),
    "lp inf": lambda x: ct.lp_pool2d(x, float("inf"), 2),
    "adaptive max": lambda x: ct.adaptive_max_pool2d(x, (3, None)),
    "adaptive min": lambda x: ct.adaptive_min_pool3d(x, 2),
    "adaptive avg": lambda x: ct.adaptive_avg_pool2d(x, (5, 3)),
    "adaptive sum": lambda x: ct.adaptive_sum_pool1d(x[0], 4),
    "adaptive lp": lambda x: ct.adaptive_lp_pool2d(x, 2.5, 2, normalize=True),
    "global max": lambda x: ct.global_max_pool(x),
    "global avg": lambda x: ct.global_avg_pool(x, keepdims=True),
    "global lp": lambda x: ct.global_lp_pool(x, 4, spatial_ndim=1),
    "unpool": lambda x: ct.max_unpool2d(*ct.max_pool2d(x, 2, return_indices=True), 2, output_size=(5, 4)),
    "unpool 3d": lambda x: ct.max_unpool3d(*ct.max_pool3d(x, 2, return_indices=True), 2, output_size=x.shape),
}


def differentiated(name):
    generator = torch.Generator().manual_seed(1)
    shape = (1, 2, 3, 4, 3) if "3d" in name else (2, 2, 5, 4)
    return torch.randn(shape, generator=generator, dtype=torch.float64).requires_grad_()


@pytest.mark.parametrize("last", [False, True], ids=["first", "last"])
@pytest.mark.parametrize("name", DIFFERENTIABLE)
def test_gradcheck(name, last):
    function, x = DIFFERENTIABLE[name], differentiated(name)
    formatted = (lambda t: function(t.movedim(1, -1).contiguous().movedim(-1, 1))) if last else function
    assert torch.autograd.gradcheck(formatted, x, check_forward_ad=True, fast_mode=True)
    assert torch.autograd.gradgradcheck(formatted, x, check_fwd_over_rev=True, fast_mode=True)


@pytest.mark.filterwarnings("ignore:There is a performance drop")
@pytest.mark.parametrize("name", ["max", "lp 3 3d", "lp 1.5", "unpool", "avg"])
def test_batched_gradients_and_the_whole_jacobian(name):
    function, x = DIFFERENTIABLE[name], differentiated(name)[:1].detach().requires_grad_()
    assert torch.autograd.gradcheck(
        function, x, check_batched_grad=True, check_forward_ad=True, check_batched_forward_grad=True
    )
    assert torch.autograd.gradgradcheck(function, x, check_batched_grad=True)


def test_third_derivative():
    x = differentiated("lp")
    f, g = (lambda m: lambda t: m.lp_pool2d(t, 4, 2).sum())(ct), (lambda t: F.lp_pool2d(t, 4, 2).sum())
    for ours, theirs in ((f, g),):
        a, b = ours(x), theirs(x)
        for _ in range(3):
            (a,), (b,) = (torch.autograd.grad(v, x, create_graph=True) for v in (a, b))
            torch.testing.assert_close(a, b)
            a, b = a.sin().sum(), b.sin().sum()


def test_lp_where_the_norm_is_zero_or_huge():
    for scale in 0.0, 1e30, 1e-30:
        x = torch.tensor([[[1.0, -2.0, 0.0, 3.0]]]) * scale
        x = x.requires_grad_()
        y = ct.lp_pool1d(x, 3, 2)
        (g,) = torch.autograd.grad(y.sum(), x, create_graph=True)
        assert torch.isfinite(g).all()
        (h,) = torch.autograd.grad((g * torch.tensor([1.0, 2.0, 3.0, 4.0])).sum(), x)
        assert torch.isfinite(h).all() or scale < 1e-20        # its size is 1 / scale
        assert torch.equal(g, torch.zeros_like(g)) == (scale == 0)


def test_overlapping_places_add_up():
    x = torch.tensor([[[0.0, 5.0, 1.0]]], requires_grad=True)
    ct.max_pool1d(x, 2, 1).sum().backward()
    assert x.grad.tolist() == [[[0.0, 2.0, 0.0]]]
    y = ct.max_unpool1d(torch.tensor([[[1.0, 2.0]]]), torch.tensor([[[1, 1]]]), 2, 1)
    assert y.tolist() == [[[0.0, 2.0, 0.0]]]                    # the last one stays


def test_graphs_are_made_when_asked_for():
    x = rand(2, torch.float32).requires_grad_()
    assert ct.max_pool2d(x, 2).grad_fn is not None
    values, indices = ct.max_pool2d(x, 2, return_indices=True)
    assert values.requires_grad and not indices.requires_grad
    with torch.no_grad():
        assert ct.avg_pool2d(x, 2).grad_fn is None
    with torch.inference_mode():
        y = ct.avg_pool2d(x, 2)
        assert y.is_inference() and not y.requires_grad
        assert ct.max_pool2d(y, 2).is_inference()
    assert not ct.max_pool2d(x.detach(), 2).requires_grad
    assert not ct.max_pool2d(torch.ones(1, 4, 4, dtype=torch.int32), 2).requires_grad
    z = x * 1
    y = ct.lp_pool2d(z, 2, 2)
    z.add_(1)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        y.sum().backward()
    y = ct.max_pool2d(x, 2)
    y.sum().backward()
    with pytest.raises(RuntimeError, match="second time"):
        y.sum().backward()
    empty = torch.zeros(0, 3, 4, 4, requires_grad=True)
    for function in ct.max_pool2d, ct.avg_pool2d, lambda t, k: ct.lp_pool2d(t, 2, k):
        (g,) = torch.autograd.grad(function(empty, 2).sum(), empty)
        assert g.shape == empty.shape
    parameter = nn.Parameter(torch.randn(1, 1, 4, 4))
    ct.max_pool2d(parameter, 2).sum().backward()
    assert parameter.grad.sum() == 4


def test_checkpointing():
    from torch.utils.checkpoint import checkpoint

    x = rand(2).requires_grad_()
    for reentrant in True, False:
        y = checkpoint(lambda t: ct.max_pool2d(t.sin(), 2), x, use_reentrant=reentrant)
        (a,) = torch.autograd.grad(y.sum(), x) if not reentrant else (None,)
        if reentrant:
            y.sum().backward()
            a, x.grad = x.grad, None
        torch.testing.assert_close(a, torch.autograd.grad(F.max_pool2d(x.sin(), 2).sum(), x)[0])


# ---- torch.func ----

PAIRS = {
    "max": (lambda t: ct.max_pool2d(t, 3, 2, 1), lambda t: F.max_pool2d(t, 3, 2, 1)),
    "avg": (lambda t: ct.avg_pool2d(t, 3, 2, 1), lambda t: F.avg_pool2d(t, 3, 2, 1)),
    "lp": (lambda t: ct.lp_pool2d(t, 4, 2), lambda t: F.lp_pool2d(t, 4, 2)),
    "lp inf": (lambda t: ct.lp_pool2d(t, float("inf"), 2), lambda t: F.lp_pool2d(t, float("inf"), 2)),
    "adaptive": (lambda t: ct.adaptive_avg_pool2d(t, 3), lambda t: F.adaptive_avg_pool2d(t, 3)),
    "unpool": (lambda t: ct.max_unpool2d(*ct.max_pool2d(t, 2, return_indices=True), 2),
               lambda t: F.max_unpool2d(*F.max_pool2d(t, 2, return_indices=True), 2)),
}


def cubed(function):
    return lambda t: (function(t) ** 3).sum()


@pytest.mark.filterwarnings("ignore:There is a performance drop")
@pytest.mark.parametrize("name", PAIRS)
def test_transforms(name):
    from torch.func import grad, hessian, jacfwd, jacrev, jvp, vjp, vmap

    ours, theirs = PAIRS[name]
    x = torch.randn(2, 3, 2, 6, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(3))
    one, tiny = x[0], x[0, :1, :1, :4, :4].contiguous()

    def same(make, at):
        torch.testing.assert_close(make(ours)(at), make(theirs)(at))

    same(lambda f: vmap(f), x)
    same(lambda f: vmap(f, in_dims=2, out_dims=1), x)
    same(lambda f: vmap(vmap(f)), x)
    same(lambda f: vmap(lambda t: f(t.movedim(1, -1).contiguous().movedim(-1, 1))), x)
    same(lambda f: grad(cubed(f)), one)
    same(lambda f: vmap(grad(cubed(f))), x)
    same(lambda f: grad(lambda t: (vmap(f)(t) ** 3).sum()), x)
    same(lambda f: lambda t: jvp(f, (t,), (t.sin(),)), one)
    same(lambda f: vmap(lambda t: jvp(f, (t,), (t.sin(),))), x)
    same(lambda f: lambda t: vjp(f, t)[1](f(t).cos()), one)
    for make in (
        lambda f: jacrev(f), lambda f: jacfwd(f), lambda f: hessian(cubed(f)),
        lambda f: jacrev(jacrev(cubed(f))), lambda f: jacrev(jacfwd(cubed(f))),
        lambda f: jacfwd(jacfwd(cubed(f))),
    ):
        same(make, tiny)


def test_per_sample_gradients():
    from torch.func import functional_call, grad, vmap

    net = nn.Sequential(nn.Conv2d(1, 3, 3), ct.MaxPool2d(2), nn.Flatten(), nn.Linear(27, 2)).double()
    weights = {n: p.detach() for n, p in net.named_parameters()}
    x, y = torch.randn(5, 1, 8, 8, dtype=torch.float64), torch.tensor([0, 1, 1, 0, 1])

    def loss(weights, x, y):
        return F.cross_entropy(functional_call(net, weights, (x[None],)), y[None])

    got = vmap(grad(loss), in_dims=(None, 0, 0))(weights, x, y)
    for i in range(5):
        net.zero_grad()
        F.cross_entropy(net(x[i:i + 1]), y[i:i + 1]).backward()
        for n, p in net.named_parameters():
            torch.testing.assert_close(got[n][i], p.grad)


# ---- what traces ----

OPERATORS = {
    "pool": _operators.windows("avg", 2, 3, 2, 1),
    "pool lp": _operators.windows("lp", 2, 3, 2, norm_type=2.0),
    "pool max": _operators.windows("max", 2, 2),
    "pool adaptive": _operators.adaptive("sum", 2, (3, 3)),
    "select": _operators.windows("max", 2, 3, 2, 1),
}


@pytest.mark.parametrize("name", OPERATORS)
def test_opcheck(name):
    """PyTorch's own checks of custom operators: schema, autograd, fake tensors, AOT dispatch."""
    last = name in ("pool lp", "pool max")
    x = rand(2, last=last).requires_grad_()
    spec = (*OPERATORS[name][:-1], last)
    operator = getattr(_operators, name.split()[0])
    torch.library.opcheck(operator.op, (x, *_operators._flat(spec, SIZES[2])))


@pytest.mark.parametrize("last", [False, True], ids=["first", "last"])
def test_opcheck_of_the_transposes(last):
    x = rand(2, last=last)
    window = _operators.windows("max", 2, 2, channels_last=last)
    values, indices = _operators.select(x, window)
    values.requires_grad_()
    flat = _operators._flat(window, SIZES[2])
    where = _operators._flat(_operators.places(2, last), SIZES[2])
    mean = _operators._flat((("avg"), *window[1:]), SIZES[2])
    norm = _operators._flat((("lp"), *window[1:]), SIZES[2])
    g = torch.randn_like(values).requires_grad_()
    check = torch.library.opcheck
    check(_operators.scatter.op, (g, indices, SIZES[2], *flat))
    check(_operators.spread.op, (g, SIZES[2], *mean))
    check(_operators.unpool.op, (values, indices, SIZES[2], *where))
    check(_operators.gather.op, (x.clone().requires_grad_(), indices, *where))
    check(_operators.lp_gradient.op, (g, x.clone().requires_grad_(), *norm))


class Call(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


@pytest.mark.parametrize(("name", "dynamic"), [
    ("max", False), ("max", True), ("avg", False), ("lp", True), ("lp inf", False), ("adaptive", True),
    ("unpool", True),
])
def test_compile_without_a_graph_break(name, dynamic):
    ours, theirs = PAIRS[name]
    torch._dynamo.reset()
    compiled = torch.compile(ours, fullgraph=True, backend="aot_eager", dynamic=dynamic)
    for shape in (2, 3, 8, 8), (3, 2, 10, 6):
        for last in False, True:
            x = torch.randn(shape, dtype=torch.float64).requires_grad_()
            t = x.contiguous(memory_format=torch.channels_last) if last else x
            got, want = compiled(t), theirs(t)
            assert_like(got, want)
            for a, b in zip(*(torch.autograd.grad((v ** 2).sum(), x) for v in (got, want)), strict=True):
                torch.testing.assert_close(a, b)
            with torch.no_grad():
                assert_like(compiled(t), want.detach())


def test_compile_of_all_else():
    torch._dynamo.reset()

    def program(x):
        y = ct.avg_pool2d(x, x.shape[2:]) + ct.global_lp_pool(x, 2, keepdims=True)
        y = y + ct.adaptive_sum_pool2d(x, 1) + ct.min_pool2d(x, 3, 1, "same").amax((2, 3), keepdim=True)
        return y + ct.sum_pool2d(x, 2, 1, [(0, 1), (2, 0)]).mean()

    x = rand(2)
    torch.testing.assert_close(torch.compile(program, fullgraph=True, backend="aot_eager")(x), program(x))
    batched = torch.func.vmap(lambda t: ct.max_pool2d(t, 2))
    torch.testing.assert_close(torch.compile(batched, fullgraph=True, backend="aot_eager")(x), batched(x))
    for bad in {"kernel_size": 0}, {"kernel_size": 9}, {"kernel_size": 2, "padding": [(-1, 0), (0, 0)]}:
        with pytest.raises(Exception, match=next(reversed(bad))):
            torch.compile(lambda t, bad=bad: ct.sum_pool2d(t, **bad), fullgraph=True, backend="aot_eager")(x)


@pytest.mark.filterwarnings("ignore:There is a performance drop")
@pytest.mark.parametrize("name", PAIRS)
def test_compile_of_transforms(name):
    from torch.func import grad, jacrev, jvp, vmap

    ours, theirs = PAIRS[name]
    x = torch.randn(2, 3, 1, 4, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(3))
    tiny = x[0, :1]
    for make, at in (
        (lambda f: grad(cubed(f)), x[0]), (lambda f: vmap(grad(cubed(f))), x),
        (lambda f: lambda t: jvp(f, (t,), (t.sin(),)), x[0]), (lambda f: jacrev(grad(cubed(f))), tiny),
    ):
        torch._dynamo.reset()
        got = torch.compile(make(ours), fullgraph=True, backend="aot_eager")(at)
        torch.testing.assert_close(got, make(theirs)(at))


@pytest.mark.parametrize("strict", [False, True])
def test_export(strict):
    net = nn.Sequential(nn.Conv2d(3, 4, 3), ct.MaxPool2d(3, 2, 1), ct.AdaptiveAvgPool2d(2)).eval()
    x = torch.randn(2, 3, 12, 12)
    sizes = {0: torch.export.Dim("batch"), 2: torch.export.Dim("height", min=8, max=64)}
    program = torch.export.export(net, (x,), dynamic_shapes=(sizes,), strict=strict)
    assert {"cpool.select.default", "cpool.pool.default"} & {str(node.target) for node in program.graph.nodes}
    for t in x, torch.randn(5, 3, 20, 12):
        torch.testing.assert_close(program.module()(t), net(t))
    buffer = io.BytesIO()
    torch.export.save(program, buffer)
    buffer.seek(0)
    torch.testing.assert_close(torch.export.load(buffer).module()(x), net(x))


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::torch.jit.TracerWarning")
@pytest.mark.parametrize("name", PAIRS)
def test_other_tracers(name):
    from torch._subclasses import FakeTensorMode
    from torch.fx.experimental.proxy_tensor import make_fx

    ours, _ = PAIRS[name]
    x, other = rand(2, torch.float32)[..., :6, :6], rand(2, torch.float32, seed=5)[..., :6, :6]
    torch.testing.assert_close(torch.jit.trace(ours, (x,))(other), ours(other))
    torch.testing.assert_close(make_fx(ours)(x)(other), ours(other))
    slope = torch.func.grad(cubed(ours))
    torch.testing.assert_close(make_fx(slope)(x)(other), slope(other))
    if name != "unpool":                # where PyTorch's own functions cannot be traced either
        traced = torch.fx.symbolic_trace(Call(ours))
        assert "cpool.torch" in {getattr(node.target, "__module__", None) for node in traced.graph.nodes}
        torch.testing.assert_close(traced(other), ours(other))
    assert ours(x.to("meta")).shape == ours(x).shape
    with FakeTensorMode() as mode:
        fake = ours(mode.from_tensor(x))
    assert fake.shape == ours(x).shape and fake.stride() == ours(x).stride()


def test_modes_and_subclasses_see_the_calls():
    from torch.overrides import TorchFunctionMode
    from torch.utils._python_dispatch import TorchDispatchMode

    seen = []

    class Dispatched(TorchDispatchMode):
        def __torch_dispatch__(self, func, types, args=(), kwargs=None):
            seen.append(str(func))
            return func(*args, **(kwargs or {}))

    class Called(TorchFunctionMode):
        def __torch_function__(self, func, types, args=(), kwargs=None):
            seen.append(func)
            return func(*args, **(kwargs or {}))

    class Named(torch.Tensor):
        pass

    x = rand(2, torch.float32)
    with Dispatched():
        y = ct.max_pool2d(x, 2)
    assert seen == ["cpool.pool.default"] and torch.equal(y, F.max_pool2d(x, 2))
    seen.clear()
    with Called():
        ct.avg_pool2d(input=x, kernel_size=2)
    assert ct.avg_pool2d in seen
    z = ct.max_pool2d(x.as_subclass(Named), 2)
    assert type(z) is Named and torch.equal(z.as_subclass(torch.Tensor), y)


# ---- threads ----


@pytest.mark.skipif("CPOOL_NUM_THREADS" in os.environ, reason="the environment decides, not torch")
def test_threads_follow_torch():
    before = torch.get_num_threads()
    most = cpool.get_num_threads()
    try:
        torch.set_num_threads(1)
        assert call(cpool.get_num_threads) == 1
        torch.set_num_threads(2)
        assert call(cpool.get_num_threads) == min(2, most) or most == 1
        with cpool.num_threads(1):
            assert call(cpool.get_num_threads) == 1
        cpool.set_num_threads(3)
        torch.set_num_threads(1)
        assert call(cpool.get_num_threads) == 3            # cpool's own setting wins
    finally:
        cpool.set_num_threads(None)
        torch.set_num_threads(before)
    assert call(cpool.get_num_threads) >= 1


def test_results_do_not_depend_on_threads():
    before = torch.get_num_threads()
    x = torch.randn(4, 16, 64, 64, requires_grad=True)
    try:
        results = []
        for n in 1, 2, 3:
            torch.set_num_threads(n)
            y = ct.avg_pool2d(x, 3, 2, 1) * ct.max_pool2d(x, 3, 2, 1)
            results.append((y, *torch.autograd.grad(y.sum(), x)))
    finally:
        torch.set_num_threads(before)
    for other in results[1:]:
        assert all(torch.equal(a, b) for a, b in zip(results[0], other, strict=True))


# ---- errors ----

X = torch.zeros(1, 2, 6, 6)
WRONG = [
    (TypeError, "input", lambda: ct.max_pool2d(np.zeros((1, 2, 6, 6)), 2)),
    (TypeError, "input", lambda: ct.global_avg_pool([1.0])),
    (TypeError, "kernel_size", lambda: ct.max_pool2d(X, 2.0)),
    (TypeError, "kernel_size", lambda: ct.max_pool2d(X, None)),
    (TypeError, "kernel_size", lambda: ct.max_pool2d(X, (2, "a"))),
    (TypeError, "ceil_mode", lambda: ct.max_pool2d(X, 2, ceil_mode=1)),
    (TypeError, "return_indices", lambda: ct.max_pool2d(X, 2, return_indices=1)),
    (TypeError, "output_size", lambda: ct.adaptive_avg_pool2d(X, 1.5)),
    (TypeError, "norm_type", lambda: ct.lp_pool2d(X, "2", 2)),
    (TypeError, "indices", lambda: ct.max_unpool2d(X, [0], 2)),
    (TypeError, "spatial_ndim", lambda: ct.global_avg_pool(X, spatial_ndim="2")),
    (TypeError, "kernel_size", lambda: ct.max_unpool2d(X, X.long(), 2.0)),
    (NotImplementedError, "input", lambda: ct.max_pool2d(X.to(torch.complex64), 2)),
    (NotImplementedError, "input", lambda: ct.avg_pool2d(X.to(torch.float8_e4m3fn), 2)),
    (ct.PoolingError, "kernel_size", lambda: ct.max_pool2d(X, (2, 2, 2))),
    (ct.PoolingError, "kernel_size", lambda: ct.max_pool2d(X, ())),
    (ct.PoolingError, "kernel_size", lambda: ct.avg_pool2d(X, 7)),
    (ct.PoolingError, "kernel_size", lambda: ct.avg_pool2d(X, 0)),
    (ct.PoolingError, "stride", lambda: ct.sum_pool2d(X, 2, 0)),
    (ct.PoolingError, "dilation", lambda: ct.min_pool2d(X, 2, dilation=0)),
    (ct.PoolingError, "padding", lambda: ct.max_pool2d(X, 2, padding=2)),
    (ct.PoolingError, "padding", lambda: ct.avg_pool2d(X, (2, 4), padding=(2, 2))),
    (ct.PoolingError, "padding", lambda: ct.max_pool2d(X, 2, padding="full")),
    (ct.PoolingError, "padding", lambda: ct.min_pool2d(X, 2, padding=-1)),
    (ct.PoolingError, "divisor_override", lambda: ct.avg_pool2d(X, 2, divisor_override=0)),
    (ct.PoolingError, "norm_type", lambda: ct.lp_pool2d(X, 0, 2)),
    (ct.PoolingError, "output_size", lambda: ct.adaptive_max_pool2d(X, -1)),
    (ct.PoolingError, "output_size", lambda: ct.adaptive_max_pool2d(X, (1, 2, 3))),
    (ct.PoolingError, "input", lambda: ct.max_pool2d(X[0, 0], 2)),
    (ct.PoolingError, "input", lambda: ct.max_pool1d(X, 2)),
    (ct.PoolingError, "input", lambda: ct.avg_pool3d(X[:, :0], 2)),
    (ct.PoolingError, "input", lambda: ct.max_pool2d(X.to_sparse(), 2)),
    (ct.PoolingError, "spatial_ndim", lambda: ct.global_avg_pool(X, spatial_ndim=5)),
    (ct.PoolingError, "spatial_ndim", lambda: ct.global_avg_pool(X[0, 0])),
    (ct.PoolingError, "indices", lambda: ct.max_unpool2d(X, X, 2)),
    (ct.PoolingError, "indices", lambda: ct.max_unpool2d(X, X.long()[:, :1], 2)),
    (ct.PoolingError, "indices", lambda: ct.max_unpool2d(X, X.long() + 1000, 2)),
    (ct.PoolingError, "output_size", lambda: ct.max_unpool2d(X, X.long(), 2, output_size=(3, 3))),
    (ct.PoolingError, "output_size", lambda: ct.max_unpool2d(X, X.long(), 2, output_size=(3, 3, 3))),
    (ct.PoolingError, "output_size", lambda: ct.max_unpool2d(X[..., :1, :1], X[..., :1, :1].long(), 2, 1, 1)),
    (ct.PoolingError, "padding", lambda: ct.max_unpool2d(X, X.long(), 2, padding=-1)),
]


@pytest.mark.parametrize("number", range(len(WRONG)))
def test_errors(number):
    kind, named, wrong = WRONG[number]
    with pytest.raises(kind, match=rf"{named} .*; got ") as caught:
        wrong()
    assert type(caught.value) is kind


def test_what_is_remembered_lets_nothing_wrong_through():
    """After a right call: arguments that compare equal, other tensors, gradients, modes."""
    from torch.utils._python_dispatch import TorchDispatchMode

    x = torch.randn(1, 2, 6, 6)
    for _ in range(2):
        want = ct.max_pool2d(x, 1, 1, 0, 1, False)
    assert torch.equal(want, x)
    for wrong in {"kernel_size": 1.0}, {"kernel_size": True}, {"stride": 1.0}, {"padding": 0.0}, \
            {"dilation": 1.0}, {"ceil_mode": 0}, {"return_indices": 0}:
        with pytest.raises(TypeError, match=next(iter(wrong))):
            ct.max_pool2d(x, **({"kernel_size": 1, "stride": 1} | wrong))
    last = x.contiguous(memory_format=torch.channels_last)
    for t in x[:0], x[0], x.bfloat16(), last, x[..., :1], x.double():
        torch.testing.assert_close(ct.avg_pool2d(t, 1), t)
    assert ct.max_pool2d(last, 1, 1).stride() == last.stride()
    with pytest.raises(ct.PoolingError, match="input must be of shape"):
        ct.max_pool2d(x[0, 0], 1, 1)
    with pytest.raises(ct.PoolingError, match="kernel_size"):
        [ct.max_pool2d(t, 4) for t in (x, x[..., :3].contiguous())]
    assert ct.max_pool2d(x.requires_grad_(), 1, 1).requires_grad
    with torch.no_grad():
        assert not ct.max_pool2d(x, 1, 1).requires_grad

    class Seen(TorchDispatchMode):
        def __torch_dispatch__(self, func, types, args=(), kwargs=None):
            names.append(str(func))
            return func(*args, **(kwargs or {}))

    names = []
    with Seen():
        ct.max_pool2d(x.detach(), 1, 1)
    assert "cpool.pool.default" in names


def test_the_error_is_of_both_kinds():
    with pytest.raises(RuntimeError):
        ct.max_pool2d(X, 9)
    with pytest.raises(ValueError):
        ct.max_pool2d(X, 9)
    with pytest.raises(ct.PoolingError, match="kernel_size"):
        ct.max_pool2d(X.to("meta"), 9)
    with pytest.raises(ct.PoolingError, match="stride"):
        ct.max_pool2d(X.to("meta"), 2, (1, 0))
    with pytest.raises(ct.PoolingError, match="output_size"):
        ct.adaptive_max_pool2d(X.to("meta"), (1, 2, 3))
    with pytest.raises(NotImplementedError, match="complex"):
        spec = _operators._flat(_operators.windows("sum", 2, 2), (6, 6))
        _operators.pool.op(X.to("meta", torch.complex64), *spec)


# ---- modules ----


def test_modules_do_what_torch_does():
    for nd in 1, 2, 3:
        x = rand(nd, torch.float32)
        for name, args in (
            (f"MaxPool{nd}d", (3, 2, 1, 1, True, True)), (f"AvgPool{nd}d", (3, 2, 1, True, False)),
            (f"LPPool{nd}d", (2.0, 2)), (f"AdaptiveMaxPool{nd}d", (2, True)), (f"AdaptiveAvgPool{nd}d", (2,)),
        ):
            ours, theirs = getattr(ct, name)(*args), getattr(nn, name)(*args)
            assert repr(ours) == repr(theirs) and ours.state_dict() == theirs.state_dict() == {}
            assert_like(ours(x), theirs(x))
            for other in copy.deepcopy(ours), torch.load(saved(ours), weights_only=False):
                assert type(other) is type(ours)
                assert_like(other(x), theirs(x))
        values, indices = getattr(F, f"max_pool{nd}d")(x, 2, return_indices=True)
        ours, theirs = (getattr(m, f"MaxUnpool{nd}d")(2) for m in (ct, nn))
        assert_like(ours(values, indices, x.shape), theirs(values, indices, x.shape))


def saved(module):
    buffer = io.BytesIO()
    torch.save(module, buffer)
    buffer.seek(0)
    return buffer


def test_modules_with_what_torch_does_not_have():
    for nd in 1, 2, 3:
        x = rand(nd, torch.float32)
        a = x.numpy()
        for module, want in (
            (getattr(ct, f"MaxPool{nd}d")(2, 1, "same"), getattr(cpool, f"max_pool{nd}d")(a, 2, 1, "same")),
            (getattr(ct, f"AvgPool{nd}d")(2, 1, "same", count_include_pad=False, dilation=2),
             getattr(cpool, f"avg_pool{nd}d")(a, 2, 1, "same", dilation=2)),
            (getattr(ct, f"LPPool{nd}d")(3, 2, padding=1, dilation=2, normalize=True),
             getattr(cpool, f"lp_pool{nd}d")(a, 3, 2, padding=1, dilation=2, normalize=True)),
            (getattr(ct, f"MinPool{nd}d")(2, 1, [(3, 0)] * nd),
             getattr(cpool, f"min_pool{nd}d")(a, 2, 1, [(3, 0)] * nd)),
            (getattr(ct, f"SumPool{nd}d")(2, dilation=2), getattr(cpool, f"sum_pool{nd}d")(a, 2, dilation=2)),
            (getattr(ct, f"AdaptiveMinPool{nd}d")(3), getattr(cpool, f"adaptive_min_pool{nd}d")(a, 3)),
            (getattr(ct, f"AdaptiveSumPool{nd}d")(3), getattr(cpool, f"adaptive_sum_pool{nd}d")(a, 3)),
            (getattr(ct, f"AdaptiveLPPool{nd}d")(3, 2), getattr(cpool, f"adaptive_lp_pool{nd}d")(a, 3, 2)),
            (ct.GlobalMaxPool(keepdims=True), cpool.global_max_pool(a, keepdims=True)),
            (ct.GlobalMinPool(), cpool.global_min_pool(a)),
            (ct.GlobalAvgPool(spatial_ndim=1), cpool.global_avg_pool(a, spatial_ndim=1)),
            (ct.GlobalSumPool(), cpool.global_sum_pool(a)),
            (ct.GlobalLPPool(2, normalize=True), cpool.global_lp_pool(a, 2, normalize=True)),
        ):
            np.testing.assert_allclose(module(x).numpy(), want, rtol=1e-5, atol=1e-5)
    assert ct.MinPool2d(2, return_indices=True)(x[:, :, 0])[1].dtype == torch.int64


# ---- models ----


def test_replace_and_restore():
    shared = nn.MaxPool2d(2)
    model = nn.ModuleDict({
        "stem": nn.Sequential(nn.Conv2d(1, 2, 3), shared), "again": shared, "average": nn.AvgPool2d(2),
        "norm": nn.LPPool2d(2, 2), "odd": nn.LPPool2d(3, 2), "ceil": nn.LPPool2d(2, 2, ceil_mode=True),
        "head": nn.AdaptiveAvgPool2d(1), "back": nn.MaxUnpool2d(2), "largest": nn.LPPool1d(float("inf"), 2),
    })
    calls = []
    shared.register_forward_hook(lambda *args: calls.append(args))
    before = {name: type(module) for name, module in model.named_modules()}
    assert ct.replace(model) is model and model["again"] is model["stem"][1] is shared
    swapped = {name for name, module in model.named_modules() if type(module).__module__ == "cpool.torch"}
    assert swapped == {"stem.1", "average", "norm", "head", "back", "largest"}
    x = torch.randn(1, 1, 8, 8)
    torch.testing.assert_close(model["average"](shared(x)), F.avg_pool2d(F.max_pool2d(x, 2), 2))
    torch.testing.assert_close(model["norm"](x), F.lp_pool2d(x, 2, 2))
    assert len(calls) == 1 and repr(shared) == repr(nn.MaxPool2d(2))
    assert ct.restore(ct.replace(model)) is model
    assert {name: type(module) for name, module in model.named_modules()} == before
    assert type(ct.replace(nn.MaxPool1d(2))) is ct.MaxPool1d        # a model may be one layer


@pytest.mark.parametrize("layer", [
    ct.MaxPool2d(2, padding="same"), ct.AvgPool2d(2, dilation=2), ct.LPPool2d(2, 2, normalize=True),
    ct.LPPool2d(2, 2, padding=1), ct.AvgPool1d(2, padding=[(0, 1)]),
], ids=str)
def test_what_cannot_be_restored(layer):
    model = nn.Sequential(ct.MaxPool2d(2, dilation=2), layer)
    with pytest.raises(ValueError, match=r"model must .*1: "):
        ct.restore(model)
    assert type(model[0]) is ct.MaxPool2d
    assert type(ct.restore(model[0])) is nn.MaxPool2d


def train(model, x, y, steps):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    losses = []
    for step in range(steps):
        part = slice(step * 64 % 1024, step * 64 % 1024 + 64)
        loss = F.cross_entropy(model(x[part]), y[part])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


@pytest.mark.parametrize("format", [torch.contiguous_format, torch.channels_last], ids=["first", "last"])
def test_training_on_digits(format):
    """The same losses to rounding, step by step, and a network that has learnt."""
    digits = pytest.importorskip("sklearn.datasets").load_digits()
    x = (torch.tensor(digits.images, dtype=torch.float32) - 4.9) / 6
    x = x[:, None].contiguous(memory_format=format)
    y = torch.tensor(digits.target)
    torch.manual_seed(0)
    model = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(3, 1, 1), nn.Conv2d(16, 32, 3, padding=1),
        nn.ReLU(), nn.AvgPool2d(2), nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(128, 10),
    ).to(memory_format=format)
    other = ct.replace(copy.deepcopy(model))
    assert [i for i in range(9) if type(other[i]) is not type(model[i])] == [2, 5, 6]
    theirs, ours = train(model, x, y, 80), train(other, x, y, 80)
    np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(ours[:20], theirs[:20], rtol=1e-5)
    with torch.no_grad():
        assert (other(x[1024:]).argmax(1) == y[1024:]).float().mean() > 0.6
