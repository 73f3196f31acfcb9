"""PyTorch side by side: equal where it should be, and the known differences where it should not."""

import numpy as np
import pytest
from compare import BFLOAT16, assert_same, product, ulp, values

import cpool

torch = pytest.importorskip("torch")
F = torch.nn.functional

SHAPES = {1: (2, 3, 50), 2: (2, 5, 13, 22), 3: (1, 3, 6, 7, 18)}
WINDOWS = [
    {"kernel_size": 2},
    {"kernel_size": 3, "stride": 2, "padding": 1},
    {"kernel_size": 3, "stride": 1, "padding": 1},
    {"kernel_size": 3, "stride": 2, "ceil_mode": True},
    {"kernel_size": 2, "padding": 1, "ceil_mode": True},
    {"kernel_size": 5, "stride": 3, "padding": 2, "ceil_mode": True},
    {"kernel_size": 1, "stride": 2},
]
TORCH_FLOATS = [torch.float32, torch.float64, torch.float16] + [torch.bfloat16] * bool(BFLOAT16)
TORCH_INTS = [torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64]


def array_of(t):
    """A tensor as an array, bfloat16 included."""
    t = t.detach().contiguous()
    return t.view(torch.int16).numpy().view(BFLOAT16[0]) if t.dtype == torch.bfloat16 else t.numpy()


def tensor_of(shape, dtype, seed=0):
    if dtype.is_floating_point:
        return torch.tensor(values(shape, np.float64, seed=seed)).to(dtype)
    return torch.tensor(values(shape, str(dtype).split(".")[1], seed=seed))


def ours(name, nd):
    return getattr(cpool, f"{name}{nd}d")


def theirs(name, nd):
    return getattr(F, f"{name}{nd}d")


@pytest.mark.parametrize("dtype", TORCH_FLOATS + TORCH_INTS, ids=str)
@pytest.mark.parametrize("nd", [1, 2, 3])
def test_max_pool(nd, dtype):
    for number, options in enumerate(WINDOWS):
        t = tensor_of(SHAPES[nd], dtype, number)
        for dilation in 1, 2:
            want, indices = theirs("max_pool", nd)(t, **options, dilation=dilation, return_indices=True)
            got = ours("max_pool", nd)(array_of(t), **options, dilation=dilation, return_indices=True)
            assert_same(got[0], array_of(want))
            assert_same(got[1], indices.numpy())
            assert_same(
                ours("max_pool", nd)(
                    t if dtype != torch.bfloat16 else array_of(t), **options, dilation=dilation
                ),
                array_of(want),
            )


@pytest.mark.parametrize("dtype", TORCH_FLOATS, ids=str)
@pytest.mark.parametrize("nd", [1, 2, 3])
def test_max_pool_backward(nd, dtype):
    for number, options in enumerate(WINDOWS):
        t = tensor_of(SHAPES[nd], dtype, number).requires_grad_()
        want = theirs("max_pool", nd)(t, **options)
        g = tensor_of(want.shape, dtype, 7)
        (grad,) = torch.autograd.grad(want, t, g)
        got = ours("max_pool", nd)(array_of(t), **options, return_indices=True)
        rough = 8 * float(torch.finfo(dtype).eps)
        for x, indices in (array_of(t), None), (tuple(t.shape), got[1]):
            back = getattr(cpool, f"max_pool{nd}d_backward")(array_of(g), x, **options, indices=indices)
            np.testing.assert_allclose(
                back.astype(float), array_of(grad).astype(float), rtol=rough, atol=10 * rough
            )


@pytest.mark.parametrize("dtype", TORCH_FLOATS, ids=str)
@pytest.mark.parametrize("nd", [1, 2, 3])
def test_avg_pool(nd, dtype):
    if nd == 3 and dtype in (torch.float16, torch.bfloat16):
        pytest.skip("PyTorch has no avg_pool3d in 16 bits")
    rough = 8 * float(torch.finfo(dtype).eps)
    for number, options in enumerate(WINDOWS):
        for more in product(
            count_include_pad=[True, False], divisor_override=[None, 5] if nd > 1 else [None]
        ):
            call = options | {k: v for k, v in more.items() if v is not None}
            t = tensor_of(SHAPES[nd], dtype, number).requires_grad_()
            want = theirs("avg_pool", nd)(t, **call)
            got = ours("avg_pool", nd)(array_of(t), **call)
            assert got.shape == tuple(want.shape) and got.dtype == array_of(want).dtype
            np.testing.assert_allclose(
                got.astype(float), array_of(want).astype(float), rtol=rough, atol=10 * rough
            )
            g = tensor_of(want.shape, dtype, 7)
            (grad,) = torch.autograd.grad(want, t, g)
            back = getattr(cpool, f"avg_pool{nd}d_backward")(array_of(g), tuple(t.shape), **call)
            np.testing.assert_allclose(
                back.astype(float), array_of(grad).astype(float), rtol=rough, atol=30 * rough
            )


@pytest.mark.parametrize("p", [1, 2, 3, 4.5])
@pytest.mark.parametrize("nd", [1, 2, 3])
def test_lp_pool_of_positive_numbers(nd, p):
    for kernel, stride in (2, None), (3, 1), (3, 2):
        t = (tensor_of(SHAPES[nd], torch.float64).abs() + 0.1).requires_grad_()
        want = theirs("lp_pool", nd)(t, p, kernel, stride)
        np.testing.assert_allclose(
            ours("lp_pool", nd)(t.detach().numpy(), p, kernel, stride), want.detach(), rtol=1e-12
        )
        g = tensor_of(want.shape, torch.float64, 7)
        (grad,) = torch.autograd.grad(want, t, g)
        back = getattr(cpool, f"lp_pool{nd}d_backward")(g.numpy(), t.detach().numpy(), p, kernel, stride)
        np.testing.assert_allclose(back, grad, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("dtype", TORCH_FLOATS, ids=str)
@pytest.mark.parametrize("nd", [1, 2, 3])
@pytest.mark.parametrize("size", [1, 2, 5, 9, 30, None])
def test_adaptive(nd, dtype, size):
    t = tensor_of(SHAPES[nd], dtype).requires_grad_()
    size = SHAPES[nd][-nd:] if size is None and nd == 1 else (size,) * nd
    rough = 8 * float(torch.finfo(dtype).eps)
    want, indices = theirs("adaptive_max_pool", nd)(t, size, return_indices=True)
    got = ours("adaptive_max_pool", nd)(array_of(t), size, return_indices=True)
    assert_same(got[0], array_of(want))
    assert_same(got[1], indices.numpy())
    want = theirs("adaptive_avg_pool", nd)(t, size)
    got = ours("adaptive_avg_pool", nd)(array_of(t), size)
    np.testing.assert_allclose(got.astype(float), array_of(want).astype(float), rtol=rough, atol=10 * rough)
    g = tensor_of(want.shape, dtype, 7)
    (grad,) = torch.autograd.grad(want, t, g)
    back = getattr(cpool, f"adaptive_avg_pool{nd}d_backward")(array_of(g), tuple(t.shape), size)
    # PyTorch adds 16-bit gradients in 16 bits
    slack = 30 if dtype in (torch.float32, torch.float64) else 1000
    np.testing.assert_allclose(
        back.astype(float), array_of(grad).astype(float), rtol=rough, atol=slack * rough
    )


@pytest.mark.parametrize("nd", [1, 2, 3])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_max_unpool(nd, dtype):
    spatial = (8, 12, 6)[:nd]
    t = tensor_of((2, 3, *spatial), dtype)
    y, i = theirs("max_pool", nd)(t, 2, return_indices=True)
    for size in None, tuple(n + 1 for n in spatial), tuple(t.shape), list(t.shape):
        want = theirs("max_unpool", nd)(y, i, 2, output_size=size)
        assert_same(ours("max_unpool", nd)(y.numpy(), i.numpy(), 2, output_size=size), want.numpy())
    y.requires_grad_()
    want = theirs("max_unpool", nd)(y, i, 2)
    g = tensor_of(want.shape, dtype, 7)
    (grad,) = torch.autograd.grad(want, y, g)
    got = getattr(cpool, f"max_unpool{nd}d_backward")(g.numpy(), y.detach().numpy(), i.numpy(), 2)
    assert_same(got, grad.numpy())


@pytest.mark.parametrize("channels", [1, 3, 8, 11, 16, 33])
def test_their_channels_last_memory_is_our_channels_first(channels):
    """A tensor in channels-last memory is a strided array: same result, same indices."""
    t = tensor_of((2, channels, 14, 15), torch.float32).to(memory_format=torch.channels_last)
    want, indices = F.max_pool2d(t, 3, 2, 1, return_indices=True)
    got = cpool.max_pool2d(t.numpy(), 3, 2, 1, return_indices=True)
    assert_same(got[0], want.contiguous().numpy())
    assert_same(got[1], indices.contiguous().numpy())
    average = cpool.avg_pool2d(t.numpy(), 3, 2, 1)
    np.testing.assert_allclose(average, F.avg_pool2d(t, 3, 2, 1), rtol=1e-5, atol=1e-5)


def test_output_shape():
    for n in range(1, 12):
        for options in product(
            kernel_size=[1, 2, 3], stride=[1, 2, 3], padding=[0, 1], dilation=[1, 2], ceil_mode=[False, True]
        ):
            if options["padding"] * 2 > options["kernel_size"]:
                continue
            try:
                want = tuple(F.max_pool1d(torch.zeros(1, 1, n), **options).shape)
            except RuntimeError:
                continue
            assert cpool.output_shape((1, 1, n), **options, data_format="NCW") == want, (n, options)


# --- known differences ---------------------------------------------------------------------------------


def test_of_several_nan_theirs_is_the_last_and_ours_the_first():
    x = np.array([[1.0, np.nan, 3.0, np.nan]])
    theirs_ = F.max_pool1d(torch.tensor(x), 4, return_indices=True)[1]
    assert theirs_.item() == 3
    assert cpool.max_pool1d(x, 4, return_indices=True)[1].item() == 1
    assert np.argmax(x) == 1


def test_their_norm_is_not_one_for_negative_numbers():
    x = np.array([[-1.0, -1.0, -1.0, -1.0]])
    assert F.lp_pool1d(torch.tensor(x), 1, 4).item() == -4
    assert cpool.lp_pool1d(x, 1, 4).item() == 4
    assert np.isnan(F.lp_pool1d(torch.tensor(x), 3, 4).item())
    assert cpool.lp_pool1d(x, 3, 4).item() == pytest.approx(4 ** (1 / 3), rel=1e-15)
    assert cpool.lp_pool1d(-2 * x, np.inf, 4).item() == 2


def test_their_clipped_norms_are_rescaled():
    x = np.array([[3.0, 4.0, 1.0]])
    assert F.lp_pool1d(torch.tensor(x), 2, 2, ceil_mode=True)[0, 1].item() == pytest.approx(2**0.5)
    assert cpool.lp_pool1d(x, 2, 2, ceil_mode=True).tolist() == [[5, 1]]


def test_their_integer_average_truncates():
    x = np.array([[-1, -2, 3, 4]])
    assert cpool.avg_pool1d(x, 2).tolist() == [[-2, 4]]  # to the nearest, ties to even


def test_their_float32_mean_drifts():
    x = np.full((1, 1, 1024, 1024), 0.1, np.float32)
    assert cpool.avg_pool2d(x, 1024).item() == np.float32(0.1)
    drift = abs(F.avg_pool2d(torch.tensor(x), 1024).item() - 0.1)
    assert drift > ulp(np.float32(0.1), np.float32)  # the day this fails, the README has one line to lose


def test_their_channels_last_volumes_of_minus_infinity_lose_the_depth():
    x = np.full((1, 3, 4, 4, 4), -np.inf, np.float32)
    got = cpool.max_pool3d(x, 2, return_indices=True)[1]
    assert got[0, 0].ravel().tolist() == [0, 2, 8, 10, 32, 34, 40, 42]
    last = np.ascontiguousarray(np.moveaxis(x, 1, -1))
    other = cpool.max_pool3d(last, 2, return_indices=True, data_format="channels_last")[1]
    assert_same(np.ascontiguousarray(np.moveaxis(other, -1, 1)), got)


@pytest.mark.parametrize("nd", [1, 2, 3])
@pytest.mark.parametrize("shared", [False, True])
def test_masks_by_composition(nd, shared):
    """As users of PyTorch write masks: ratios of sums, -inf for what takes no part, and autograd."""
    rng = np.random.default_rng(nd)
    shape = SHAPES[nd]
    for options in WINDOWS[:4]:
        x = rng.standard_normal(shape)
        mask = rng.random((shape[0], 1, *shape[2:]) if shared else shape) < 0.6
        t, m = torch.tensor(x, requires_grad=True), torch.tensor(mask).expand(shape)
        kept = torch.where(m, t, 0.0)

        def total(a, options=options):
            if nd > 1:
                return theirs("avg_pool", nd)(a, **options, divisor_override=1)
            flat = {k: v if k == "ceil_mode" else (int(k != "padding"), v) for k, v in options.items()}
            return F.avg_pool2d(a[..., None, :], **flat, divisor_override=1)[..., 0, :]

        some = theirs("max_pool", nd)(m.double(), **options) > 0
        weight = torch.where(m, torch.exp(t), 0.0)
        want = {
            "sum": total(kept),
            "avg": total(kept) / torch.where(some, total(m.double()), 1.0),
            "max": theirs("max_pool", nd)(torch.where(m, t, -torch.inf), **options),
            "soft": total(weight * kept) / torch.where(some, total(weight), 1.0),
        }
        for name, result in want.items():
            more = {"count_include_pad": False} if name == "avg" else {}
            got = ours(f"{name}_pool", nd)(x, **options, **more, mask=mask)
            some_ = some.expand(result.shape).numpy()
            np.testing.assert_allclose(got[some_], result.detach().numpy()[some_], rtol=1e-12, atol=1e-13)
            g = np.where(some_, rng.standard_normal(got.shape), 0)
            result = torch.where(some, result, 0.0)
            (grad,) = torch.autograd.grad(result, t, torch.tensor(g), retain_graph=True)
            back = getattr(cpool, f"{name}_pool{nd}d_backward")(g, x, **options, **more, mask=mask)
            np.testing.assert_allclose(back, grad.numpy(), rtol=1e-11, atol=1e-12)
