"""Corners of cpool.torch that measuring branches has found: nothing in a tensor, no values, no memory."""

import numpy as np
import pytest

import cpool

torch = pytest.importorskip("torch")

import cpool.torch as ct  # noqa: E402

forward_ad, func, nan = torch.autograd.forward_ad, torch.func, float("nan")


def rand(*shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def empty(*shape, dtype=torch.float32):
    return torch.empty(shape, dtype=dtype, device="meta")


# ---- derivatives ----


def hessian_of(function, x):
    return func.jacrev(func.jacrev(lambda x: (function(x) ** 3).sum()))(x)


def test_second_derivatives_without_nan():
    x = rand(1, 1, 6)
    there = torch.tensor([[[True, False, True, True, False, False]]])
    found = hessian_of(lambda x: ct.lse_pool1d(x, 2, nan_policy="omit"), x.where(there, nan))
    expected = hessian_of(lambda x: ct.lse_pool1d(x[..., :4], 2, mask=there[..., :4]), x)
    torch.testing.assert_close(found.where(found == found, 0), expected)
    assert expected.count_nonzero() == 5        # x[0] alone, x[2] and x[3] together


def test_second_derivatives_of_boxes_with_their_image():
    x, second = rand(2, 1, 5, 5), torch.ones(1, dtype=torch.int64)
    corners = torch.tensor([[0.5, 0.7, 3.9, 3.2]]).double()

    def twice(function, boxes):
        return func.jacrev(func.jacrev(lambda boxes: function(boxes).sin().sum()))(boxes)

    found = twice(lambda boxes: ct.prroi_pool(x, boxes, 2), torch.cat([torch.ones(1, 1), corners], 1))
    expected = twice(lambda boxes: ct.prroi_pool(x, boxes, 2, batch_indices=second), corners)
    torch.testing.assert_close(found[:, 1:, :, 1:], expected)
    assert found[:, 0].count_nonzero() == 0 and expected.count_nonzero() > 9


@pytest.mark.parametrize("outer", [func.jacfwd, func.jacrev])
def test_derivatives_of_tangents(outer):
    x = rand(1, 1, 6)
    second = outer(func.jacfwd(lambda x: ct.lse_pool1d(x, 2, 2)))(x)
    torch.testing.assert_close(second, func.jacrev(func.jacrev(lambda x: ct.lse_pool1d(x, 2, 2)))(x))
    assert second.abs().sum() > 0.1


def test_gradients_of_tangents():
    x, t = rand(1, 1, 6).requires_grad_(), rand(1, 1, 6, seed=1)

    def pooled(x):
        return ct.lse_pool1d(x, 2, 2)

    with forward_ad.dual_level():
        tangent = forward_ad.unpack_dual(pooled(forward_ad.make_dual(x, t))).tangent
        (found,) = torch.autograd.grad(tangent.square().sum(), x)
    expected = func.grad(lambda x: torch.tensordot(func.jacrev(pooled)(x), t, 3).square().sum())(x.detach())
    torch.testing.assert_close(found, expected)
    assert found.abs().sum() > 0.1


def test_tangents_without_values():
    from torch.fx.experimental.proxy_tensor import make_fx

    x = rand(1, 1, 6)

    def tangent(x, t):
        return func.jvp(lambda x: ct.gem_pool1d(x, 2, p=3.0), (x,), (t,))[1]

    graph = make_fx(tangent, tracing_mode="fake")(x, x)
    torch.testing.assert_close(graph(x, 2 * x), tangent(x, 2 * x))


# ---- nothing in a tensor ----


def test_no_planes():
    x = torch.zeros(0, 2, 4, requires_grad=True)
    places = torch.zeros(0, 2, 4, dtype=torch.int64)
    y = ct.max_unpool1d(x, places, 2)
    assert y.shape == (0, 2, 8)
    (gradient,) = torch.autograd.grad(y.sum(), x)
    assert gradient.shape == x.shape
    tangent = func.jvp(lambda x: ct.max_pool1d(x, 2), (x.detach(),), (x.detach(),))[1]
    assert tangent.shape == (0, 2, 2)


def test_no_elements():
    with pytest.raises(RuntimeError, match="spatial sizes of at least 1"):
        ct.global_max_pool(empty(1, 1, 0))


def test_all_axes_at_once():
    x = rand(2, 3)
    assert ct.global_max_pool(x, spatial_ndim=2) == x.max()
    value, place = ct.global_max_pool(x, spatial_ndim=2, keepdims=True, return_indices=True)
    assert value.shape == place.shape == (1, 1) and x.flatten()[place.item()] == value


# ---- tensors without values ----


@pytest.mark.parametrize(
    ("dtype", "wide"), [(torch.int32, torch.int64), (torch.bool, torch.int64), (torch.uint8, torch.uint64)]
)
def test_integers_without_values(dtype, wide):
    x = empty(1, 1, 4, dtype=dtype)
    assert ct.max_pool1d(x, 2).dtype == dtype
    assert ct.sum_pool1d(x, 2).dtype == wide == ct.sum_pool1d(torch.ones(1, 1, 4).to(dtype), 2).dtype
    if dtype is torch.bool:
        with pytest.raises(TypeError, match="numbers for avg pooling"):
            ct.avg_pool1d(x, 2)
    else:
        assert ct.avg_pool1d(x, 2).dtype == dtype


def test_sequences_of_integers_without_values():
    x, offsets = empty(4, 3, dtype=torch.int16), torch.tensor([0, 1, 4])
    found = ct.segment_pool(x, offsets, "max")
    assert (found.shape, found.dtype) == ((2, 3), torch.int16)


@pytest.mark.parametrize("query", [(4,), (2, 2)])
def test_weights_without_values(query):
    x, q = rand(2, 5, 4), rand(*query, seed=1)
    expected = ct.attention_pool(x, query=q, return_weights=True)
    found = ct.attention_pool(x.to("meta"), query=q.to("meta"), return_weights=True)
    assert [t.shape for t in found] == [t.shape for t in expected]


# ---- arguments ----


def test_numbers_in_arrays():
    x = rand(1, 1, 6)
    torch.testing.assert_close(ct.rank_pool1d(x, 3, q=np.float64(0.3)), ct.rank_pool1d(x, 3, q=0.3))


def test_boundaries_leave_nothing_to_draw():
    x = rand(1, 1, 6)
    found = ct.fractional_avg_pool1d(x, 2, boundaries=[[0, 2, 6]])
    np.testing.assert_array_equal(found, cpool.fractional_avg_pool1d(x.numpy(), 2, boundaries=[[0, 2, 6]]))


def test_a_padding_that_is_no_word_for_one():
    with pytest.raises(ValueError, match=r"padding must be .*'some'"):
        ct.max_pool1d(rand(1, 1, 6), 2, padding="some")
    with pytest.raises(ValueError, match=r"padding must be .*'some'"):
        ct.lse_pool1d(empty(1, 1, 6), 2, padding="some")


def test_tensors_of_another_device():
    with torch._subclasses.FakeTensorMode():
        x = torch.empty(1, 1, 4, device="cuda")
        with pytest.raises(NotImplementedError, match="input must be on the CPU; got a tensor on cuda"):
            ct.max_pool1d(x, 2)
