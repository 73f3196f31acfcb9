"""The functions of cpool.torch beside those of torch.nn: against cpool, gradcheck, vmap, tracing, modules."""

import copy
import inspect
import io

import numpy as np
import pytest

import cpool

torch = pytest.importorskip("torch")

import cpool.torch as ct  # noqa: E402
from cpool._torch import _general, _others  # noqa: E402
from cpool._torch._names import differentiable  # noqa: E402

F, nn = torch.nn.functional, torch.nn
NAMES = sorted(_others.FUNCTIONS)
SIZES = {1: (7,), 2: (6, 5), 3: (4, 5, 4)}


def rand(*shape, seed=0, dtype=torch.float64):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64).to(dtype)


def positive(*shape, seed=1):
    return rand(*shape, seed=seed).abs() + 0.3


KERNEL = {1: (3,), 2: (3, 2), 3: (2, 3, 2)}


def by_taps(nd, *leading, seed=2):
    return rand(*leading, *KERNEL[nd], seed=seed)


# operator: arguments in front of those of the window, and by name, for each variant, with 3 channels
OWN = {
    "lip": [lambda nd, x: ((rand(*x.shape, seed=5),), {}),
            lambda nd, x: ((rand(*x.shape[-nd:], seed=5),), {})],
    "gated": [lambda nd, x: ((by_taps(nd),), {"bias": torch.tensor(0.3).double()}),
              lambda nd, x: ((by_taps(nd, 3),), {"bias": rand(3)})],
    "tree": [lambda nd, x: ((by_taps(nd, 3), by_taps(nd, 4)), {}),
             lambda nd, x: ((by_taps(nd, 3, 1), by_taps(nd, 3, 2)), {})],
    "ordinal": [lambda nd, x: ((rand(int(np.prod(KERNEL[nd]))),), {}),
                lambda nd, x: ((rand(3, int(np.prod(KERNEL[nd]))),), {})],
    "lse": [lambda nd, x: ((), {"r": torch.tensor([0.0, 2.0, -1.0]).double()}),
            lambda nd, x: ((), {"r": 1.5}), lambda nd, x: ((), {"r": float("inf")})],
    "softmax": [lambda nd, x: ((), {"temperature": positive(3)}), lambda nd, x: ((), {"temperature": 0.5})],
    "gem": [lambda nd, x: ((), {"p": torch.tensor([0.0, 3.0, -1.0]).double()}), lambda nd, x: ((), {})],
    "learned_norm": [lambda nd, x: ((), {"p": positive(3) + 1, "c": rand(3)}),
                     lambda nd, x: ((), {"p": 3.0, "c": torch.tensor(0.2).double()})],
    "mixed": [lambda nd, x: ((), {"alpha": rand(3)}), lambda nd, x: ((), {})],
    "detail": [
        lambda nd, x: ((), {"alpha": positive(3), "lam": positive(3, seed=3), "eps": 0.5}),
        lambda nd, x: ((), {"filter": by_taps(nd), "alpha": torch.tensor(2.0).double(), "eps": 0.5}),
        lambda nd, x: ((), {"symmetric": False, "alpha": 1.0, "eps": 0.5}),
    ],
    "rank": [lambda nd, x: ((), {"q": 0.3}), lambda nd, x: ((), {"rank": 1})],
    "var": [lambda nd, x: ((), {}), lambda nd, x: ((), {"correction": 1})],
    "std": [lambda nd, x: ((), {}), lambda nd, x: ((), {"correction": 0.5})],
    "stochastic": [lambda nd, x: ((), {"training": False}),
                   lambda nd, x: ((), {"random_samples": torch.tensor(0.4)})],
}


def cases(name):
    """(tensors and other arguments) of a function, the input first."""
    kind, stem, nd = ct_parsed(name)
    if name in OTHERS:
        yield from OTHERS[name]
        return
    axes = nd or 2
    x = rand(2, 3, *SIZES[axes])
    if stem == "mode":
        x = (x * 2).round().long()
    elif stem in ("gem", "stochastic"):
        x = x.abs() + 0.2 if stem == "gem" else x + 0.5
    if stem.startswith("fractional"):
        samples = rand(2, 3, axes).sigmoid()
        yield (x, 2, tuple(n - 2 for n in SIZES[axes])), {"_random_samples": samples}
        yield (x, 2), {"output_ratio": 0.6, "_random_samples": samples[:, :1]}
        return
    if stem == "s3":
        yield (x, 3, 2), {"training": False}
        yield (x, 3, 2), {"positions": [torch.tensor([0, 2]) for _ in SIZES[axes]]}
        return
    if stem in ("blur", "max_blur"):
        yield (x,), {}
        yield (x,), {"blur_size": 3, "stride": 1, "padding": "replicate"}
        return
    if stem == "concat":
        yield (x, 2), {"ops": ("avg", "min", "max")}
        return
    places = {
        "windowed": [((KERNEL[axes],), {}), ((KERNEL[axes], 2), {"padding": 1, "ceil_mode": True})],
        "adaptive": [((2,), {})], "global": [((), {}), ((), {"spatial_ndim": 1, "keepdims": True})],
    }[kind]
    for i, own in enumerate(OWN.get(stem, [lambda nd, x: ((), {})])):
        front, named = own(axes, x)
        behind, window = places[i % len(places)]
        yield (x, *front, *behind), named | window
    mask = rand(*x.shape[-axes:], seed=9) > -0.5
    yield (x, *front, *behind), named | window | {"mask": mask}


def ct_parsed(name):
    return _others.parsed(name)


BOXES = torch.tensor([[0, 0.3, 0.2, 4.1, 4.4], [1, 1.2, -0.4, 3.3, 2.9], [0, 2.1, 2.2, 9.7, 3.9]]).double()
IMAGES = rand(2, 4, 6, 5)
TOKENS, SCORES = rand(2, 5, 4), rand(2, 5, 2, seed=3)
LENGTHS = torch.tensor([5, 3])
OTHERS = {
    "roi_pool": [((IMAGES, BOXES, 2), {}), ((IMAGES, BOXES, (2, 3), 0.5), {})],
    "roi_align": [((IMAGES, BOXES, 2), {}), ((IMAGES, BOXES, (2, 3), 0.5, 2, True), {}),
                  ((IMAGES, BOXES, 2), {"mode": "max"})],
    "ps_roi_pool": [((IMAGES, BOXES, 2), {})],
    "ps_roi_align": [((IMAGES, BOXES, 2, 1.0, 2), {})],
    "prroi_pool": [((IMAGES, BOXES[:, 1:], 2), {"batch_indices": BOXES[:, 0].long()}),
                   ((IMAGES, BOXES[:, 1:], (3, 2), 0.5), {"batch_indices": [0, 1, 0]})],
    "kmax_pool": [((TOKENS, 3), {}), ((TOKENS, 2), {"dim": 1})],
    "segment_pool": [
        ((TOKENS[0], torch.tensor([0, 2, 2, 5])), {}), ((TOKENS[0],), {"lengths": [2, 3], "op": "max"}),
        ((TOKENS[0],), {"lengths": [2, 3], "op": "std", "weights": positive(5)}),
        ((TOKENS[0],), {"lengths": [1, 4], "op": "mean", "weights": positive(5, 2)}),
        ((TOKENS[0],), {"lengths": [1, 4], "weights": positive(5)}),
        ((TOKENS[0],), {"lengths": [1, 4], "op": "std"}), ((TOKENS,), {"lengths": [1, 1], "op": "lse"}),
        ((TOKENS[0],), {"lengths": [2, 3], "op": "kmax", "k": 2}), ((TOKENS[0, :, 0], [0, 5], "lse"), {}),
    ],
    "token_pool": [((TOKENS,), {"lengths": LENGTHS}), ((TOKENS,), {"mode": ("cls", "max", "weightedmean")})],
    "max_over_time_pool": [((TOKENS,), {"lengths": LENGTHS}), ((TOKENS, TOKENS[..., 0] > -1), {})],
    "stats_pool": [((TOKENS,), {"lengths": LENGTHS}), ((TOKENS,), {"weights": positive(2, 5, 2)}),
                   ((TOKENS, TOKENS[..., 0] > -1), {"correction": 1})],
    "attention_pool": [
        ((TOKENS, SCORES), {}), ((TOKENS,), {"query": rand(2, 2), "scale": 0.5, "lengths": LENGTHS}),
        ((TOKENS, SCORES[..., 0], TOKENS[..., 0] > -1), {}), ((TOKENS,), {"query": rand(4)}),
    ],
    "attentive_stats_pool": [
        ((TOKENS, SCORES), {}), ((TOKENS,), {"query": rand(2, 2), "scale": 0.5, "lengths": LENGTHS}),
        ((TOKENS, rand(*TOKENS.shape, seed=8), TOKENS[..., 0] > -1), {}),
    ],
    "spatial_pyramid_pool": [((IMAGES,), {"levels": (1, 2), "op": "avg"}), ((IMAGES,), {"spatial_ndim": 1})],
    "pool_pyramid": [((IMAGES, 2), {}), ((IMAGES, 1, (2, 3), "max"), {})],
    "strip_pool": [((IMAGES,), {}), ((IMAGES, "max"), {})],
}
ALL = [(name, i) for name in NAMES for i in range(len(list(cases(name))))]
# the derivatives do not depend on the number of axes
CHECKED = [(name, i) for name, i in ALL if ct_parsed(name)[2] in (0, 2) and differentiable(name)]


def case(name, i):
    return list(cases(name))[i]


def to_numpy(name, args, keywords):
    """The same call of cpool."""
    def plain(v):
        if isinstance(v, torch.Tensor):
            return v.detach().numpy()
        return type(v)(map(plain, v)) if isinstance(v, (list, tuple)) else v
    renamed = {"dim": "axis", "_random_samples": "random_samples"}
    return [plain(a) for a in args], {renamed.get(k, k): plain(v) for k, v in keywords.items()}


def listed(result):
    return list(result) if isinstance(result, (tuple, list)) else [result]


def varied(name, args, keywords):
    """The tensors of a call that have a derivative, and the call as a function of these."""
    names = [p.name for p in _others.signature(name)]
    learned = {"input", *differentiable(name)}
    spots = [i for i, a in enumerate(args) if isinstance(a, torch.Tensor) and names[i] in learned]
    keys = [k for k, v in keywords.items() if isinstance(v, torch.Tensor) and k in learned]
    tensors = [args[i] for i in spots] + [keywords[k] for k in keys]

    def function(*tensors):
        given, more = list(args), dict(keywords)
        for i, t in zip(spots, tensors, strict=False):
            given[i] = t
        more |= dict(zip(keys, tensors[len(spots):], strict=True))
        return tuple(y for y in listed(getattr(ct, name)(*given, **more)) if y.is_floating_point())
    return function, [t.detach().clone() for t in tensors]


def on_meta(args):
    return [a.to("meta") if torch.is_tensor(a) and a.is_floating_point() else a for a in args]


# ---- names ----


def test_examples_and_documents():
    for name in NAMES:
        function = getattr(ct, name)
        text = inspect.getdoc(function)
        assert function.__module__ == "cpool.torch" and ">>> " in text and "array_like" not in text
        assert not any(f"\n{word} : " in text for word in ("x", "out", "rng", "data_format", "index_dtype"))
        for p in inspect.signature(function).parameters:
            assert f"{p}" in text, (name, p)


# ---- values ----


@pytest.mark.parametrize("name", NAMES)
def test_the_same_as_cpool(name):
    for args, keywords in cases(name):
        got = listed(getattr(ct, name)(*args, **keywords))
        given, more = to_numpy(name, args, keywords)
        want = listed(getattr(cpool, name)(*given, **more))
        for a, b in zip(got, want, strict=True):
            np.testing.assert_array_equal(a.numpy(), b)
            assert a.dtype == torch.from_numpy(np.asarray(b)).dtype
        fake = listed(getattr(ct, name)(*on_meta(args), **keywords))
        for a, b in zip(fake, got, strict=True):
            assert (a.shape, a.dtype, a.stride()) == (b.shape, b.dtype, b.stride())


# ---- derivatives ----


@pytest.mark.parametrize(("name", "i"), CHECKED)
def test_gradcheck(name, i):
    args, keywords = case(name, i)
    function, tensors = varied(name, args, keywords)
    tensors = [t.requires_grad_() for t in tensors]
    assert torch.autograd.gradcheck(function, tensors, check_forward_ad=True, fast_mode=True)
    assert torch.autograd.gradgradcheck(function, tensors, fast_mode=True, check_fwd_over_rev=True)


@pytest.mark.parametrize(
    "name", ["gem_pool2d", "lip_pool2d", "prroi_pool", "fractional_max_pool2d", "var_pool2d"])
def test_gradcheck_with_channels_last(name):
    args, keywords = case(name, 0)
    function, tensors = varied(name, args, keywords)
    tensors = [
        (t.contiguous(memory_format=torch.channels_last) if t.dim() == 4 else t).requires_grad_()
        for t in tensors
    ]
    assert torch.autograd.gradcheck(function, tensors, check_forward_ad=True, fast_mode=True)
    assert torch.autograd.gradgradcheck(function, tensors, fast_mode=True, check_fwd_over_rev=True)


def test_what_has_no_gradient():
    x = torch.ones(1, 1, 4, 4, requires_grad=True)
    with pytest.raises((RuntimeError, NotImplementedError, TypeError)):
        ct.mode_pool2d(x, 2).sum().backward()
    assert not ct.mode_pool2d(torch.ones(1, 1, 4, 4, dtype=torch.int64), 2).requires_grad
    values, indices = ct.median_pool2d(x, 2, return_indices=True)
    assert values.requires_grad and not indices.requires_grad
    with torch.no_grad():
        assert ct.gem_pool2d(x, 2).grad_fn is None
    ct.lse_pool2d(x, 2, mask=torch.ones(4, 4, dtype=torch.bool)).sum().backward()
    assert x.grad.sum() == 4


def test_third_derivative():
    x = positive(1, 1, 4, 4).requires_grad_()
    p = torch.tensor(3.0, dtype=torch.float64, requires_grad=True)

    def plain(x, p):
        return (F.avg_pool2d(x ** p, 2)) ** (1 / p)
    a, b = ct.gem_pool2d(x, 2, p=p).sum(), plain(x, p).sum()
    for _ in range(3):
        for t in p, x:
            (u,), (v,) = (torch.autograd.grad(y, t, create_graph=True) for y in (a, b))
            torch.testing.assert_close(u, v)
        a, b = u.sin().sum(), v.sin().sum()


# ---- layouts, dtypes ----


@pytest.mark.parametrize("name", [name for name in NAMES if "2d" in name or name in OTHERS])
def test_channels_last(name):
    for args, keywords in cases(name):
        if args[0].dim() != 4:
            continue
        last = args[0].contiguous(memory_format=torch.channels_last)
        got, want = (listed(getattr(ct, name)(x, *args[1:], **keywords)) for x in (last, args[0]))
        meta = on_meta((last, *args[1:]))
        for a, b, c in zip(got, want, listed(getattr(ct, name)(*meta, **keywords)), strict=True):
            torch.testing.assert_close(a, b, equal_nan=True)
            assert (c.shape, c.stride()) == (a.shape, a.stride())
            if "2d" in name and "mask" not in keywords and not (len(args) > 1 and torch.is_tensor(args[1])):
                assert a.is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16], ids=str)
@pytest.mark.parametrize("name", [n for n in NAMES if ("2d" in n or n in OTHERS) and "mode" not in n])
def test_sixteen_bits(name, dtype):
    args, keywords = case(name, 0)
    function, tensors = varied(name, args, keywords)
    wide = [t.to(dtype).float().requires_grad_() for t in tensors]
    narrow = [t.detach().to(dtype).requires_grad_() for t in wide]
    got, want = function(*narrow), function(*wide)
    assert all(y.dtype == dtype for y in got)
    torch.testing.assert_close([y.float() for y in got], list(want), rtol=0.02, atol=0.02)
    for a, b in zip(*(torch.autograd.grad(sum(y.sum() for y in ys), ts) for ys, ts in (
            (got, narrow), (want, wide))), strict=True):
        assert a.dtype == dtype
        torch.testing.assert_close(a.float(), b, rtol=0.05, atol=0.05)


def test_integers():
    x = torch.arange(16).reshape(1, 1, 4, 4)
    for name in "median", "range", "mode":
        got, fake = (getattr(ct, f"{name}_pool2d")(t, 2) for t in (x, x.to("meta")))
        assert got.dtype == fake.dtype == (torch.uint64 if name == "range" else torch.int64)
    assert ct.var_pool2d(x, 2).dtype == ct.var_pool2d(x.to("meta"), 2).dtype == torch.float64
    assert ct.segment_pool(x[0, 0].int(), lengths=[1, 3]).dtype == torch.int64
    assert ct.segment_pool(x[0, 0].to("meta", torch.uint8), lengths=[1, 3]).dtype == torch.uint64
    assert ct.kmax_pool(x.int(), 2).dtype == torch.int32
    assert ct.median_pool2d(x, 2, return_indices=True)[1].dtype == torch.int64
    assert ct.blur_pool2d(x.int()).dtype == ct.blur_pool2d(x.int().to("meta")).dtype == torch.int32


# ---- transforms and tracing ----

MAPPED = ["gem_pool2d", "median_pool2d", "fractional_max_pool2d", "roi_align", "attention_pool", "strip_pool",
          "global_lse_pool", "segment_pool", "gated_pool2d", "stats_pool"]


@pytest.mark.parametrize("name", MAPPED)
def test_transforms(name):
    from torch.func import grad, jvp, vmap

    args, keywords = case(name, 0)
    function, tensors = varied(name, args, keywords)

    def loss(*tensors):
        return sum((y ** 2).sum() for y in function(*tensors))
    stacked = [torch.stack([t, t * 0.9 + 0.01]) for t in tensors]
    if name in ("roi_align", "segment_pool"):         # coordinates stay as they are
        stacked[1:] = [torch.stack([t, t]) for t in tensors[1:]]
    for make in function, loss, grad(loss), grad(lambda *t: grad(loss)(*t).sum().sin()):
        got = listed(vmap(make)(*stacked))
        want = [listed(make(*(t[i] for t in stacked))) for i in range(2)]
        for a, *b in zip(got, *want, strict=True):
            torch.testing.assert_close(a, torch.stack(b))
    only = vmap(lambda t: function(t, *tensors[1:]), in_dims=1, out_dims=1)(stacked[0].transpose(0, 1))
    for a, *b in zip(listed(only), *(function(t, *tensors[1:]) for t in stacked[0]), strict=True):
        torch.testing.assert_close(a, torch.stack(b, 1))
    along = tuple(t.cos() for t in tensors)
    _, found = jvp(grad(loss), tuple(tensors), along)
    dot = torch.autograd.functional.hvp(loss, tuple(tensors), along)[1][0]
    torch.testing.assert_close(found, dot)
    _, twice = jvp(lambda *t: jvp(loss, t, along)[1], tuple(tensors), along)
    second = torch.autograd.functional.hvp(loss, tuple(tensors), along)[1]
    torch.testing.assert_close(twice, sum((a * b).sum() for a, b in zip(second, along, strict=True)))


@pytest.mark.parametrize("name", ["gem_pool2d", "median_pool2d", "fractional_max_pool2d", "roi_align",
                                  "attention_pool", "strip_pool", "stochastic_pool2d", "s3_pool2d"])
def test_compile_and_export(name):
    torch._dynamo.reset()
    args, keywords = case(name, -1) if name == "s3_pool2d" else case(name, 0)
    function, tensors = varied(name, args, keywords)
    compiled = torch.compile(function, fullgraph=True, backend="aot_eager")
    for scale in 1.0, 0.5:
        ours = [(t * scale if i == 0 else t).clone().requires_grad_() for i, t in enumerate(tensors)]
        got, want = compiled(*ours), function(*ours)
        torch.testing.assert_close(got, want)
        torch.testing.assert_close(*(
            torch.autograd.grad(sum(y.sum() for y in ys), ours, allow_unused=True) for ys in (got, want)))

    class Call(nn.Module):
        def forward(self, *tensors):
            return function(*tensors)
    program = torch.export.export(Call(), tuple(tensors))
    assert "cpool.call.default" in {str(node.target) for node in program.graph.nodes}
    buffer = io.BytesIO()
    torch.export.save(program, buffer)
    buffer.seek(0)
    torch.testing.assert_close(torch.export.load(buffer).module()(*tensors), function(*tensors))


def test_sizes_that_a_compiled_program_does_not_know():
    torch._dynamo.reset()
    compiled = torch.compile(
        lambda x: ct.gem_pool2d(x, 2) + ct.global_lse_pool(x, keepdims=True), fullgraph=True,
        backend="aot_eager", dynamic=True)
    for shape in (2, 3, 8, 8), (3, 2, 6, 4):
        x = positive(*shape)
        torch.testing.assert_close(compiled(x), ct.gem_pool2d(x, 2) + ct.global_lse_pool(x, keepdims=True))
    sizes = {0: torch.export.Dim("batch"), 2: torch.export.Dim("height", min=4, max=64)}
    program = torch.export.export(ct.MedianPool2d(2), (rand(2, 3, 8, 8),), dynamic_shapes=(sizes,))
    x = rand(5, 3, 12, 8)
    torch.testing.assert_close(program.module()(x), ct.median_pool2d(x, 2))


@pytest.mark.parametrize("name", ["gem_pool2d", "roi_pool", "stats_pool", "pool_pyramid", "mode_pool2d"])
def test_opcheck(name):
    """PyTorch's own checks of operators: schema, autograd, fake tensors, AOT dispatch."""
    args, _ = case(name, 0)
    x = args[0].detach().clone().requires_grad_(args[0].is_floating_point())
    tensors = {"x": x} | ({"boxes": args[1]} if "roi" in name else {})
    given = {
        "gem_pool2d": (("kernel_size", 2),), "roi_pool": (("output_size", 2), ("return_indices", True)),
        "pool_pyramid": (("levels", 2), ("spatial_ndim", 2)), "mode_pool2d": (("kernel_size", 2),),
    }.get(name, ())
    call = _general.Call(name, "", tuple(tensors), given, 0)
    torch.library.opcheck(torch.ops.cpool.call.default, _general._written(call, *tensors.values()))


# ---- what is drawn ----


@pytest.mark.parametrize("name", ["fractional_max_pool", "fractional_avg_pool", "stochastic_pool", "s3_pool"])
def test_pytorch_draws(name):
    for nd in 1, 2, 3:
        x = positive(2, 3, *(8,) * nd)
        function = getattr(ct, f"{name}{nd}d")
        args = (2, 5) if "fractional" in name else (2,) if "stochastic" in name else (2, 2, 4)
        results = []
        for seed in 1, 1, 2:
            torch.manual_seed(seed)
            results.append(function(x, *args))
        assert torch.equal(results[0], results[1]) and not torch.equal(results[0], results[2])
        torch.testing.assert_close(function(x[0], *args).shape, results[0][0].shape)
        y = x.clone().requires_grad_()
        torch.manual_seed(1)
        assert torch.autograd.grad(function(y, *args).sum(), y)[0].sum() == pytest.approx(results[0].numel())


@pytest.mark.parametrize("nd", [2, 3])
def test_fractional_pooling_of_torch(nd):
    ours, theirs = (getattr(m, f"fractional_max_pool{nd}d") for m in (ct, F))
    x = rand(2, 3, *(9, 8, 7)[:nd], dtype=torch.float32)
    for t, options in (
        (x, {"output_size": 4}), (x, {"output_ratio": (0.6,) * nd}), (x[0], {"output_size": (5, 3, 4)[:nd]}),
        (x.movedim(1, -1).contiguous().movedim(-1, 1), {"output_size": 4}),
    ):
        for more in {}, {"return_indices": True}:
            found = []
            for function in ours, theirs:
                torch.manual_seed(7)
                y = t.detach().clone(memory_format=torch.preserve_format).requires_grad_()
                found.append(listed(function(y, 2, **options, **more)))
                found[-1].append(torch.autograd.grad(found[-1][0].square().sum(), y)[0])
            torch.testing.assert_close(*found)
    layers = [getattr(m, f"FractionalMaxPool{nd}d")(2, output_ratio=(0.5,) * nd) for m in (ct, nn)]
    torch.manual_seed(3)
    first = layers[0](x)
    torch.manual_seed(3)
    assert torch.equal(first, layers[1](x))


# ---- errors ----

X = torch.zeros(1, 2, 6, 6)
WRONG = [
    (TypeError, "input", lambda: ct.gem_pool2d(np.zeros((1, 2, 6, 6)), 2)),
    (TypeError, "kernel_size", lambda: ct.median_pool2d(X, 2.0)),
    (TypeError, "spatial_ndim", lambda: ct.global_std_pool(X, spatial_ndim="2")),
    (NotImplementedError, "input", lambda: ct.var_pool2d(X.to(torch.complex64), 2)),
    (ct.PoolingError, "input", lambda: ct.lse_pool2d(X[0, 0], 2)),
    (ct.PoolingError, "p", lambda: ct.gem_pool2d(X, 2, p=torch.ones(5))),
    (ct.PoolingError, "kernel_size", lambda: ct.range_pool2d(X, 9)),
    (ct.PoolingError, "kernel_size", lambda: ct.range_pool2d(X.to("meta"), 9)),
    (ct.PoolingError, "output_size", lambda: ct.adaptive_var_pool2d(X, -1)),
    (ct.PoolingError, "spatial_ndim", lambda: ct.global_std_pool(X, spatial_ndim=5)),
    (ct.PoolingError, "boxes", lambda: ct.roi_pool(X, torch.ones(2, 3), 2)),
    (ct.PoolingError, "boxes", lambda: ct.roi_align(X, torch.ones(2, 5), 2)),
    (ct.PoolingError, "grid_size", lambda: ct.s3_pool2d(X, 2, 2, 3)),
    (ct.PoolingError, "dim", lambda: ct.kmax_pool(X, 2, dim=7)),
    (ct.PoolingError, "nan_policy", lambda: ct.soft_pool2d(X, 2, nan_policy="keep")),
    (ct.PoolingError, "op", lambda: ct.strip_pool(X, "median")),
]


@pytest.mark.parametrize("number", range(len(WRONG)))
def test_errors(number):
    kind, named, wrong = WRONG[number]
    with pytest.raises(kind, match=rf"{named} .*; got") as caught:
        wrong()
    assert type(caught.value) is kind


# ---- modules ----


def test_every_function_has_a_module():
    layers = {n for n in cpool.__all__ if n[0].isupper() and n != "Pool1dStream"}
    ours = {n for n in ct.__all__ if n[0].isupper()} - {"PoolingError"}
    assert {n.replace("Lp", "LP") for n in layers} == ours


def test_modules():
    x = positive(2, 3, 6, 6)
    for layer, want in (
        (ct.GemPool2d(2, p=2.0), ct.gem_pool2d(x, 2, p=2.0)),
        (ct.KMaxPool(2, dim=1), ct.kmax_pool(x, 2, dim=1)),
        (ct.StdPool2d(3, 2, 1), ct.std_pool2d(x, 3, 2, 1)), (ct.GlobalGemPool(), ct.global_gem_pool(x)),
        (ct.BlurPool2d(3), ct.blur_pool2d(x, 3)), (ct.StripPool("max"), ct.strip_pool(x, "max")),
        (ct.MinPool2d(2, 2, 0, 1, True, True), ct.min_pool2d(x, 2, 2, 0, 1, True, True)),
    ):
        for each in layer, copy.deepcopy(layer), torch.load(saved(layer), weights_only=False):
            torch.testing.assert_close(listed(each(x)), listed(want))
    boxes = torch.tensor([[0, 0, 0, 3, 3.0]]).double()
    torch.testing.assert_close(ct.RoIAlign(2)(x, boxes), ct.roi_align(x, boxes, 2))
    torch.testing.assert_close(
        ct.LipPool2d(2)(x, x, mask=x > 1), ct.lip_pool2d(x, x, 2, mask=x > 1), equal_nan=True)
    torch.testing.assert_close(ct.SegmentPool()(x, lengths=[1, 1]), x)
    corners = boxes[:, 1:]
    torch.testing.assert_close(ct.roi_pool(x, [corners, corners], 2)[1], ct.roi_pool(x[1:], boxes, 2)[0])
    assert repr(ct.GemPool2d(2)).startswith("GemPool2d(kernel_size=2, stride=None,")


def saved(module):
    buffer = io.BytesIO()
    torch.save(module, buffer)
    buffer.seek(0)
    return buffer


def test_what_a_module_learns():
    layer = ct.GemPool2d(2).double()
    assert [n for n, _ in layer.named_parameters()] == ["p"]
    gated = ct.GatedPool2d(torch.zeros(2, 2), 2)
    assert {n: p.shape for n, p in gated.named_parameters()} == {"gate": (2, 2), "bias": ()}
    assert [n for n, _ in ct.DetailPool2d(2).named_parameters()] == ["alpha", "lam"]
    assert not list(ct.RoIAlign(2).parameters()) and not list(ct.MaxPool2d(2).parameters())
    x = positive(4, 3, 6, 6)
    want = ct.gem_pool2d(x, 2, p=5.0)
    optimizer = torch.optim.LBFGS(layer.parameters(), line_search_fn="strong_wolfe")

    def step():
        optimizer.zero_grad()
        loss = (layer(x) - want).square().sum()
        loss.backward()
        return loss
    for _ in range(3):
        optimizer.step(step)
    assert layer.p.item() == pytest.approx(5.0, rel=1e-4)


def test_modules_draw_while_they_train():
    x = positive(1, 1, 8, 8)
    layer = ct.StochasticPool2d(2)
    assert not torch.equal(layer(x), layer(x))
    layer.eval()
    torch.testing.assert_close(layer(x), ct.stochastic_pool2d(x, 2, training=False))
    layer = ct.S3Pool2d(2, 2, 4).eval()
    torch.testing.assert_close(layer(x), ct.s3_pool2d(x, 2, 2, 4, training=False))
