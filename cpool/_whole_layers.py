"""Layers of the operators that need their whole window, made from their functions."""

from functools import cache

from . import _arguments, _factory, _order, functional, layers
from ._execute import DEFAULT_FORMAT

MODULE = "cpool.layers"


class WholeLayer(layers._Keeping):
    """A layer that keeps its input, and what was pooled alongside it.

    Attributes
    ----------
    operator : Operator
        Set by each class.
    """

    operator = None

    def __call__(self, x, *arrays, mask=None):
        """Pool `x`, with the operator's second input if it has one, and keep what `backward` needs."""
        x = _arguments.as_array(x)
        positional, keywords = (self._bound or self._bind())[0]
        result = self.forward_function(x, *arrays, *positional, mask=mask, **keywords)
        vars(self)["_last"] = x, arrays, {"mask": mask}
        return result

    def backward(self, grad_output):
        """Return the gradient with respect to the input of the last call.

        Parameters
        ----------
        grad_output : array_like
            Gradient with respect to what the last call returned (its values), of the same shape and dtype.

        Returns
        -------
        ndarray
            Of the shape and dtype of that input. If there is a second input, a pair: the gradient with
            respect to both. Gradients of the parameters go into ``grad_`` and their name.

        Raises
        ------
        RuntimeError
            If the layer has not been called yet.
        TypeError
            If the operator has no gradient.
        """
        if self.backward_function is None:
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
        positional, keywords = layers._positional(self.forward_function, self._call_arguments())
        vars(self)["_bound"] = (positional, keywords), None
        return self._bound


@cache
def _compiled(arguments, call):
    source = f"def __init__(self, {arguments}):\n    start(self, {call})\n"
    space = {"DEFAULT_FORMAT": DEFAULT_FORMAT, "start": layers._Layer.__init__, "__name__": MODULE}
    exec(compile(source, f"<{MODULE}>", "exec"), space)
    return space["__init__"]


def classes(op):
    """All layers of an operator by name."""
    made = {}
    for kind, nd in _factory.KINDS:
        function = op.called(kind, nd)
        name = "".join(part[0].upper() + part[1:] for part in function.split("_"))
        skipped = ("x", op.second, "mask", "out")
        parts = [p for p in _factory.signature(op, kind, "").split(", ") if p.split("=")[0] not in skipped]
        names = [part.split("=")[0] for part in parts if part != "*"]
        init = _compiled(", ".join(parts), ", ".join(f"{n}={n}" for n in names))
        made[name] = type(name, (WholeLayer,), {
            "__module__": MODULE,
            "__doc__": _text(op, kind, nd, name, names),
            "__init__": init,
            "operator": op,
            "forward_function": staticmethod(getattr(functional, function)),
            "backward_function":
                staticmethod(getattr(functional, function + "_backward")) if op.differentiable else None,
        })
    return made


def _text(op, kind, nd, name, names):
    forward = op.called(kind, nd)
    summary = getattr(functional, forward).__doc__.split("\n\n")[0].strip()
    notes = "Until the next call the layer keeps the input itself, not a copy: do not change it before `backward`."
    if not op.differentiable:
        notes = "The labels of windows have no gradient: `backward` is a TypeError."
    if op.learned:
        learned = ", ".join(f"`grad_{n}`" for n in op.learned)
        notes += f"\n`backward` leaves the gradients of the parameters in {learned}."
    if op.second:
        notes += f"\nCalled with the input and `{op.second}`."
    parts = [
        ("Parameters", f"{', '.join(names)}\n    The arguments of `{forward}`."),
        ("Notes", notes),
        ("Examples", _example(op, kind, nd, name)),
    ]
    return _factory._texts.document(summary, parts)


def _example(op, kind, nd, name):
    text = _factory._examples(op, kind, nd, "").split("\n\n")[-1]
    *lines, call, _ = text.split("\n")
    arguments = call.partition("(x, ")[2].removesuffix(").ravel()")
    after = ""
    if op.second:
        after, _, arguments = arguments.partition(", ")
        after = ", " + after
    result = [*lines, f">>> layer = cpool.{name}({arguments})", f">>> layer(x{after}).ravel()", op.example.value]
    if op.differentiable:
        depth = nd or 0
        grad = f"{'[' * depth}10.0{']' * depth}"
        several = "[0]" if op.second and op.second_like == "x" else ""
        result += [f">>> layer.backward({grad}){several}.ravel()", op.example.gradient]
    return "\n".join(result)


def publish(space, *operators):
    """Put the layers of operators into a module's names; return their names, sorted."""
    names = []
    for op in operators:
        made = classes(op)
        space.update(made)
        names += made
    return sorted(names)


__all__ = publish(globals(), *_order.OPERATORS)
