"""Swapping the pooling layers of a model, and back."""

from torch import nn

from . import _modules

_OURS = {
    getattr(nn, name): getattr(_modules, name) for name in _modules.__all__ if issubclass(
        getattr(_modules, name), getattr(nn, name, ())
    )
}
_THEIRS = {ours: theirs for theirs, ours in _OURS.items()}


def replace(model):
    """Let cpool do the pooling of a model, in place.

    Parameters
    ----------
    model : torch.nn.Module
        Its layers that are exactly those of `torch.nn` become those of
        `cpool.torch` with the same name; each stays the same object, with its
        hooks. Not so the layers of Lp pooling that would give other results:
        with an odd or fractional `norm_type`, which PyTorch applies to signed
        values, or with `ceil_mode`.

    Returns
    -------
    torch.nn.Module
        `model`.

    See Also
    --------
    restore : the way back.

    Notes
    -----
    What a model does with functions, such as `torch.nn.functional.max_pool2d`,
    stays as it is.

    Examples
    --------
    >>> import torch
    >>> import cpool.torch
    >>> model = torch.nn.Sequential(torch.nn.Conv2d(1, 4, 3),
    ...     torch.nn.MaxPool2d(2))
    >>> type(cpool.torch.replace(model)[1]).__module__
    'cpool.torch'
    >>> type(cpool.torch.restore(model)[1]).__module__
    'torch.nn.modules.pooling'
    """
    for module in model.modules():
        ours = _OURS.get(type(module))
        if ours is not None and _agrees(module):
            module.__class__ = ours
    return model


def restore(model):
    """Let PyTorch do the pooling of a model again, in place.

    Parameters
    ----------
    model : torch.nn.Module
        Its layers that are of `cpool.torch` become those of `torch.nn` with the
        same name.

    Returns
    -------
    torch.nn.Module
        `model`.

    Raises
    ------
    ValueError
        If a layer has what PyTorch does not: a padding in words or pairs, a
        dilation. Nothing is changed.

    See Also
    --------
    replace

    Examples
    --------
    >>> import torch
    >>> import cpool.torch
    >>> cpool.torch.restore(torch.nn.Sequential(cpool.torch.AvgPool2d(2)))
    Sequential(
      (0): AvgPool2d(kernel_size=2, stride=2, padding=0)
    )
    """
    found = [(name, module) for name, module in model.named_modules() if type(module) in _THEIRS]
    for name, module in found:
        if not _expressible(module):
            raise ValueError(
                f"model must have no layer that torch.nn cannot express; got {name or 'itself'}: {module}"
            )
    for _, module in found:
        module.__class__ = _THEIRS[type(module)]
    return model


def _agrees(module):
    """Whether cpool gives what PyTorch does."""
    p = getattr(module, "norm_type", None)
    return p is None or p == float("inf") or (p > 0 and p % 2 == 0 and not module.ceil_mode)


def _expressible(module):
    """Whether a module of ours has none of the arguments that are cpool's own."""
    theirs = _THEIRS[type(module)]
    if issubclass(theirs, (nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d)):
        extra = ()
    else:
        extra = [module.dilation != 1] if hasattr(module, "dilation") else []
    padding = getattr(module, "padding", 0)
    if hasattr(module, "normalize"):
        return not any(extra) and not module.normalize and padding == 0
    entries = padding if isinstance(padding, (tuple, list)) else (padding,)
    return not any(extra) and all(isinstance(n, int) for n in entries)
