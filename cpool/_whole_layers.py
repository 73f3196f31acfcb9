"""Layers of the operators that need their whole window, made from their functions."""

from functools import cache

from . import _arguments, _documents, _layer, _order, _smooth, _stochastic, functional
from ._execute import DEFAULT_FORMAT
from ._operator import layer_name, layer_signature

MODULE = "cpool.layers"


class WholeLayer(_layer.Keeping):
    """A layer that keeps its input, and what was pooled alongside it.

    Attributes
    ----------
    operator : Operator
        Set by each class.
    """

    operator = None

    def __call__(self, x, *arrays, mask=None):
        """Pool `x`, with the operator's second input if it has one, and keep what
        `backward` needs.
        """
        x = _arguments.as_array(x)
        positional, keywords = (self._bound or self._bind())[0]
        result = self.forward_function(x, *arrays, *positional, mask=mask, **keywords)
        vars(self)["_last"] = x, arrays, {"mask": mask}
        return result

    def backward(self, grad_output):
        if self.backward_function is None and self._last is not None:
            raise TypeError(f"{type(self).__name__} has no gradient: its results are labels")
        found = super().backward(grad_output)
        op = self.operator
        if not isinstance(found, tuple):
            return found
        count = len(found) - len(op.learned)
        for name, grad in zip(op.learned, found[count:], strict=True):
            vars(self)[f"grad_{name}"] = grad
        return found[0] if count == 1 else found[:count]

    def _bind(self):
        if self.backward_function is not None:
            return super()._bind()
        positional, keywords = _layer.by_place(self.forward_function, self._call_arguments())
        vars(self)["_bound"] = (positional, keywords), None
        return self._bound


@cache
def _compiled(arguments, call):
    source = f"def __init__(self, {arguments}):\n    start(self, {call})\n"
    space = {"DEFAULT_FORMAT": DEFAULT_FORMAT, "start": _layer.Layer.__init__, "__name__": MODULE}
    exec(compile(source, f"<{MODULE}>", "exec"), space)
    return space["__init__"]


class DrawingLayer(WholeLayer):
    """A layer of an operator that draws: it keeps what was drawn."""

    def __call__(self, x, *, mask=None, random_samples=None, indices=None):
        """Pool `x`, replaying samples or indices if there are any, and keep which
        elements were drawn.
        """
        x = _arguments.as_array(x)
        again = {"mask": mask, "random_samples": random_samples, "indices": indices}
        positional, keywords = (self._bound or self._bind())[0]
        found = self.forward_function(x, *positional, **keywords, **again)
        if not self.training:
            vars(self)["_last"] = x, (), {"mask": mask}
            return found
        vars(self)["_last"] = x, (), {"mask": mask, "indices": found[1]}
        return found if _arguments.flag(self.return_indices, "return_indices") else found[0]

    def _asked(self):
        return {"return_indices": True} if self.training else {}


def classes(op):
    """All layers of an operator by name."""
    made = {}
    for kind, nd in op.forms:
        function = op.called(kind, nd)
        name = layer_name(op, kind, nd)
        arguments = layer_signature(op, kind)
        names = [part.split("=")[0] for part in arguments.split(", ") if part != "*"]
        init = _compiled(arguments, ", ".join(f"{n}={n}" for n in names))
        made[name] = type(name, (DrawingLayer if op.draws else WholeLayer,), {
            "__module__": MODULE,
            "__doc__": _documents.layer(op, kind, nd, getattr(functional, function)),
            "__init__": init,
            "operator": op,
            "forward_function": staticmethod(getattr(functional, function)),
            "backward_function":
                staticmethod(getattr(functional, function + "_backward")) if op.differentiable else None,
        })
    return made


def publish(space, *operators):
    """Put the layers of operators into a module's names; return their names,
    sorted.
    """
    names = []
    for op in operators:
        made = classes(op)
        space.update(made)
        names += made
    return sorted(names)


OPERATORS = (*_order.OPERATORS, *_smooth.OPERATORS, *_stochastic.OPERATORS)
__all__ = publish(globals(), *OPERATORS)
