"""Arguments of the functions as PyTorch reads them, and the calls of the operators that follow from them.

What PyTorch refuses is refused, where the arguments are of the kinds that PyTorch knows: another number of
axes, an empty channel, padding of more than half a window. "same" padding and (before, after) pairs, which it
does not know, follow the rules of cpool.
"""

from functools import wraps

import torch
from torch import Tensor
from torch.overrides import handle_torch_function, has_torch_function_unary

from .._texts import docstring, shown
from . import _operators
from ._operators import SELECTS, lp_values, pool, select, spatial, unpool
from ._tensors import PoolingError, check, is_channels_last

_SHAPES = {1: "(N, C, L) or (C, L)", 2: "(N, C, H, W) or (C, H, W)", 3: "(N, C, D, H, W) or (C, D, H, W)"}


def overridable(function):
    """Let subclasses, modes and torch.fx intercept a function of `input`, as they can PyTorch's own."""
    @wraps(function)
    def public(*args, **kwargs):
        first = args[0] if args else kwargs.get("input")
        if has_torch_function_unary(first):
            return handle_torch_function(public, (first,), *args, **kwargs)
        return function(*args, **kwargs)
    return public


RAISES = """Raises
------
TypeError
    If an argument is of the wrong kind.
PoolingError
    If an argument has a value that is not accepted, or no window fits.
NotImplementedError
    If `input` is not on the CPU, or of a dtype that cpool does not know (PyTorch's own class for an
    operator without a kernel for its arguments)."""
_TEXTS = {
    "{input}": """input : Tensor of shape {shape}
    On the CPU, of any dtype from bool to float64, float16 and bfloat16 included. Read in place if it
    is contiguous or has its channels last, which its strides tell.""",
    "{raises}": RAISES,
    "{whole}": "Without the spatial axes, or with a size of 1 for each if `keepdims`",
    "{example}": """Examples
--------
>>> import torch
>>> import cpool.torch
>>> x = {x}
>>> cpool.torch.{name}({call})
{result}""",
}
_EXAMPLES = {    # input, kernel, output size
    1: ("torch.tensor([[1.0, 3.0, 2.0, 4.0]])", "2", "2"),
    2: ("torch.tensor([[[1.0, 3.0], [2.0, 4.0]]])", "2", "1"),
    3: ("torch.tensor([[[[1.0, 3.0], [2.0, 4.0]]]])", "(1, 2, 2)", "1"),
}


def in_each_dimension(call, *results):
    """Turn what makes a function of n axes into the functions of one, two and three.

    `call` is the example of the docstring, of a tensor x, whose {k} and {o} stand for the window and the
    size of the output; `results` are what it gives.
    """
    def decorate(make):
        made = []
        for n, result in enumerate(results, 1):
            function = make(n)
            function.__name__ = function.__qualname__ = f"{make.__name__}{n}d"
            made.append(_documented(function, n, call, result, _TEXTS | {"{shape}": _SHAPES[n]}))
        return made
    return decorate


def over_all(call, result):
    """The same for a function of all spatial axes, with an example of two."""
    def decorate(function):
        return _documented(function, 3, call, result, _TEXTS | {"{shape}": "(..., *spatial)"})
    return decorate


def _documented(function, n, call, result, texts):
    x, kernel, output = _EXAMPLES[n]
    texts = {**texts, "{call}": call, "{result}": result, "{x}": x, "{k}": kernel, "{o}": output,
             "{n}": str(n), "{name}": function.__name__}
    document = docstring(function)
    for key, text in texts.items():
        document = document.replace(key, text)
    function.__doc__ = shown(document)
    return overridable(function)


def checked(input, nd):
    """Whether the channels are last; raises if it is not a tensor that PyTorch would pool in `nd` axes."""
    check(input, "input")
    shape = input.shape
    if not nd < len(shape) < nd + 3 or (0 in shape and 0 in shape[-nd - 1:]):
        raise PoolingError(
            f"input must be of shape {_SHAPES[nd]}, where nothing but N is 0; got {tuple(shape)}"
        )
    return is_channels_last(input, nd)


def _sizes(value, name, nd):
    """One int, or one for each axis: PyTorch takes one in a list for all axes, too."""
    if type(value) is int:
        return value
    if value is None:
        raise TypeError(f"{name} must be an int or {nd} ints; got None")
    if nd > 1 and isinstance(value, (tuple, list)) and len(value) == 1:
        return value[0]
    return value


def _stride(value, nd):
    """The same of a stride: an empty list of PyTorch's stands for the size of the window."""
    return None if isinstance(value, (tuple, list)) and len(value) == 0 else _sizes(value, "stride", nd)


def _check_padding(padding, kernel, dilation, nd):
    """Ints are held to PyTorch's limit, half of what the window spans; everything else is cpool's."""
    if isinstance(padding, str):
        return
    entries = [_entries(value, nd) for value in (padding, kernel, dilation)]
    if not all(len(each) == nd and all(isinstance(n, (int, torch.SymInt)) for n in each) for each in entries):
        return
    for pad, size, step in zip(*entries, strict=True):
        if pad > (step * (size - 1) + 1) // 2:
            raise PoolingError(
                f"padding must be at most half of what the window spans if it is given in ints, here "
                f"{(step * (size - 1) + 1) // 2}; got {padding}: pairs (before, after) may be wider"
            )


def _entries(value, nd):
    return tuple(value) if isinstance(value, (tuple, list)) else (value,) * nd


def windows(
    op, nd, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices=False,
    count_include_pad=True, divisor_override=None, norm_type=2.0, normalize=False, limited=True,
):
    """Pool windows of a given size."""
    key = None
    if (
        type(kernel_size) is int and type(padding) is int and type(dilation) is int and op != "lp"
        and (stride is None or type(stride) is int) and return_indices is False and type(input) is Tensor
        and type(ceil_mode) is bool and type(count_include_pad) is bool and divisor_override is None
    ):
        key = op, nd, kernel_size, stride, padding, dilation, ceil_mode, count_include_pad
        found = _operators.quickly(key, nd, input)
        if found is not None:
            return found
    last = checked(input, nd)
    kernel = _sizes(kernel_size, "kernel_size", nd)
    if stride is not None:
        stride = _stride(stride, nd)
    dilation = _sizes(dilation, "dilation", nd)
    if type(padding) is not int or padding != 0:
        padding = _sizes(padding, "padding", nd)
        if limited:
            _check_padding(padding, kernel, dilation, nd)
    result = _result(op, input, return_indices, _operators.windows(
        op, nd, kernel, stride, padding, dilation, ceil_mode, count_include_pad, divisor_override, norm_type,
        normalize, last,
    ))
    if key is not None:
        _operators.remember(key)
    return result


def adaptive(op, nd, input, output_size, return_indices=False, norm_type=2.0, normalize=False):
    """Pool windows that follow from the size of the output."""
    last = checked(input, nd)
    return _result(
        op, input, return_indices, _operators.adaptive(op, nd, output_size, norm_type, normalize, last)
    )


def spatial_axes(input, given):
    """The number of spatial axes, checked; None: all but two."""
    ndim = input.dim()
    nd = ndim - 2 if given is None else given
    if type(nd) is not int:
        raise TypeError(f"spatial_ndim must be None or an int; got {given!r}")
    if not 1 <= nd <= ndim:
        raise PoolingError(
            f"spatial_ndim must be from 1 to {ndim} for an input of {ndim} axes (None: all but two); "
            f"got {given}"
        )
    return nd


def whole(op, input, spatial_ndim, keepdims, return_indices=False, norm_type=2.0, normalize=False):
    """Pool all spatial axes at once: as one axis, which has the same places in it."""
    check(input, "input")
    ndim, nd = input.dim(), spatial_axes(input, spatial_ndim)
    leading = input.shape[:ndim - nd]
    last = nd < ndim and is_channels_last(input, nd)
    flat = input.flatten(ndim - nd) if nd > 1 else input
    if nd == ndim:
        flat = flat.unsqueeze(0)
    spec = _operators.adaptive(op, 1, 1, norm_type, normalize, last)
    shape = (*leading, *(1,) * nd) if keepdims else leading
    result = _result(op, flat, return_indices, spec)
    if return_indices:
        return result[0].reshape(shape), result[1].reshape(shape)
    return result.reshape(shape)


def _result(op, input, return_indices, spec):
    if op in SELECTS:
        if return_indices is not False and return_indices is not True:
            raise TypeError(f"return_indices must be True or False; got {return_indices!r}")
        if return_indices:
            return select(input, spec)
        if input.requires_grad and torch.is_grad_enabled():
            return select(input, spec)[0]
    return lp_values(input, spec) if op == "lp" else pool(input, spec)


def unpooled(nd, input, indices, kernel_size, stride, padding, output_size):
    """Put every element at the place that its index names."""
    last = checked(input, nd)
    check(indices, "indices")
    if indices.dtype not in (torch.int64, torch.int32):
        raise PoolingError(f"indices must be of dtype torch.int64 or torch.int32; got {indices.dtype}")
    if indices.shape != input.shape:
        raise PoolingError(
            f"indices must be of the shape of input, {tuple(input.shape)}; got {tuple(indices.shape)}"
        )
    kernel = _axes(_sizes(kernel_size, "kernel_size", nd), "kernel_size", nd, 1)
    stride = None if stride is None else _stride(stride, nd)
    stride = kernel if stride is None else _axes(stride, "stride", nd, 1)
    padding = _axes(_sizes(padding, "padding", nd), "padding", nd, 0)
    sizes = spatial(input, nd)
    default = [(n - 1) * s - 2 * p + k for n, k, s, p in zip(sizes, kernel, stride, padding, strict=True)]
    if output_size is None:
        given = default
    else:
        given = list(output_size) if isinstance(output_size, (tuple, list)) else [output_size] * nd
        if len(given) == nd + 2:
            given = given[2:]
        if len(given) != nd:
            raise PoolingError(f"output_size must have {nd} or {nd + 2} entries; got {output_size}")
        if not all(d - s < n < d + s for n, d, s in zip(given, default, stride, strict=True)):
            raise PoolingError(f"output_size must be within one stride of {default}; got {output_size}")
    if any(n < 1 for n in given):
        raise PoolingError(f"output_size must be at least 1 along each axis; got {given}")
    return unpool(input, indices, tuple(given), _operators.places(nd, last))


def _axes(value, name, nd, least):
    entries = _entries(value, nd)
    if not all(isinstance(n, (int, torch.SymInt)) and not isinstance(n, bool) for n in entries):
        raise TypeError(f"{name} must be an int or {nd} ints; got {value!r}")
    if len(entries) != nd or any(n < least for n in entries):
        raise PoolingError(f"{name} must be an int or {nd} ints, from {least}; got {value}")
    return entries
