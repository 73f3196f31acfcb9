"""Tensors as arrays and back without a copy, memory formats, and what is refused in PyTorch's way.

A tensor keeps PyTorch's order of axes, (N, C, *spatial), whatever its memory format; an array that goes to
cpool has the channels where the memory has them. So a channels-last tensor is read in place, and a result in
that format is a view of an array of cpool's.
"""

from functools import cache

import numpy as np
import torch

from .. import _omp
from .._arguments import DTYPES

follow = _omp.followed_threads()
threads = torch.get_num_threads


class bfloat(np.void):  # type: ignore[misc]  # NumPy's stub says final; NumPy does not
    """Two bytes that NumPy does not interpret: cpool goes by the name of a dtype, here bfloat16."""


_BFLOAT16 = np.dtype((bfloat, 2))
ACCEPTED = frozenset(getattr(torch, name) for name in DTYPES)


class PoolingError(ValueError, RuntimeError):
    """A value that is not accepted: ValueError, and RuntimeError as in PyTorch."""


class Unreadable(PoolingError):
    """A tensor without memory that could be read here."""


def check(t, name):
    """Refuse what is not a tensor of the CPU with a dtype of cpool's; else return it.

    NotImplementedError is PyTorch's own class for an operator that has no kernel for its arguments.
    """
    if not isinstance(t, torch.Tensor):
        raise TypeError(f"{name} must be a Tensor; got {type(t).__name__}")
    if t.dtype not in ACCEPTED:
        raise NotImplementedError(f"{name} must have a dtype that cpool knows; got {t.dtype}")
    if not (t.is_cpu or t.is_meta):
        raise NotImplementedError(f"{name} must be on the CPU; got a tensor on {t.device}")
    return t


# ---- calls ----


def call(function, args=(), keywords=None, last=False):
    """Call a function of cpool on as many threads as PyTorch uses, and raise its errors as PyTorch would.

    last: the arrays have their channels last.
    """
    keywords = keywords or {}
    if last:
        keywords["data_format"] = "channels_last"
    token = follow.set(threads())
    try:
        return function(*args, **keywords)
    except ValueError as error:
        raise PoolingError(_named(error)) from None
    except TypeError as error:
        raise TypeError(_named(error)) from None
    finally:
        follow.reset(token)


def _named(error):
    """The message, with the name that the array has here."""
    text = str(error)
    if text.startswith("axis must"):
        return "dim" + text[4:]
    return "input" + text[1:] if text.startswith("x must") else text


# ---- tensors and arrays ----


def array(t, nd, last):
    """The elements of a tensor as an ndarray over the same memory.

    Parameters
    ----------
    t : Tensor
        On the CPU, of shape (..., C, *spatial), or without C if not `last`.
    nd : int
        Number of spatial axes.
    last : bool
        Put the channels last.

    Returns
    -------
    ndarray
    """
    if t.requires_grad:
        t = t.detach()
    try:
        a = t.view(torch.int16).numpy().view(_BFLOAT16) if t.dtype is torch.bfloat16 else t.numpy()
    except (RuntimeError, TypeError):
        if t.is_neg() or t._is_zerotensor():            # views that have not been computed yet
            return array(t.resolve_neg().clone(), nd, last)
        raise Unreadable(f"input must be a tensor with memory of its own; got {t.layout}") from None
    return a.transpose(_backward_order(a.ndim, nd)) if last else a


def tensor(a, nd, last):
    """The same the other way round."""
    if last:
        a = a.transpose(_forward_order(a.ndim, nd))
    if a.dtype == _BFLOAT16:
        return torch.from_numpy(a.view(np.int16)).view(torch.bfloat16)
    return torch.from_numpy(a)


@cache
def _backward_order(ndim, nd):
    channel = ndim - nd - 1
    return (*range(channel), *range(channel + 1, ndim), channel)


@cache
def _forward_order(ndim, nd):
    channel = ndim - nd - 1
    return (*range(channel), ndim - 1, *range(channel, ndim - 1))


def shape_of(leading, sizes, last):
    """The shape of an array whose tensor has these sizes."""
    return (*leading[:-1], *sizes, leading[-1]) if last else (*leading, *sizes)


def empty(like, leading, sizes, last, dtype=None):
    """A tensor without values, in the memory format that a result would have."""
    nd = len(sizes)
    t = like.new_empty(shape_of(leading, sizes, last), dtype=dtype)
    return t.permute(_forward_order(t.dim(), nd)) if last else t


def is_channels_last(t, nd):
    """Whether the result of pooling has its channels last: by the strides, as PyTorch decides it.

    PyTorch knows such a format of 4 and 5 axes; here it may have any number of spatial ones, and no batch.
    """
    shape, strides = t.shape, t.stride()
    if strides[-1] == 1 and shape[-1] > 1:
        return False
    ndim = len(shape)
    channel = ndim - nd - 1
    if strides[channel] == 0:
        return False
    least = 0
    for i in (channel, *range(ndim - 1, channel, -1), *range(channel)):
        if shape[i] == 0 or strides[i] < least or (i < channel and least == strides[channel]):
            return False
        least = strides[i] * shape[i] if shape[i] > 1 else strides[i]
    return True
