"""What layers are made of: the arguments, what the last call left for the gradient, a readable name."""

import numpy as np

from . import _arguments
from ._execute import DEFAULT_FORMAT

_ARRAYS = ("grad_output", "x", "indices", "boxes")


class Layer:
    """Arguments, the last call, and a readable name.

    Attributes
    ----------
    forward_function, backward_function : function
        What the layer stands for; set by each class.
    """

    forward_function = backward_function = None

    def __init__(self, **arguments):
        if "data_format" in arguments and arguments.get("axis") is not None:
            _arguments.check_axis_alone(arguments["data_format"] is DEFAULT_FORMAT, arguments["data_format"])
        vars(self).update(arguments, _names=tuple(arguments), _bound=None, _last=None, _stand_in=None)

    def __setattr__(self, name, value):
        vars(self)[name] = value
        vars(self)["_bound"] = None

    def __call__(self, x, *, mask=None, weights=None):
        """Pool `x` and keep what `backward` needs; `mask` and (of averages) `weights`
        as in the function.
        """
        if type(x) is not np.ndarray:
            x = _arguments.as_array(x)
        positional, keywords = (self._bound or self._bind())[0]
        if mask is None and weights is None and not keywords.get("nan_policy"):
            result = self.forward_function(x, *positional, **keywords)
            self.__dict__["_last"] = self._kept(x), (), {}
            return result
        taken = {"mask": mask, "weights": weights}
        taken = {name: value for name, value in taken.items() if value is not None}
        result = self.forward_function(x, *positional, **keywords, **taken)
        self.__dict__["_last"] = x, (), taken       # the gradient may need the values
        return result

    def backward(self, grad_output):
        """Return the gradient with respect to the input of the last call.

        Parameters
        ----------
        grad_output : array_like
            Gradient with respect to what the last call returned (its values), of
            the same shape and dtype.

        Returns
        -------
        ndarray
            Of the shape and dtype of that input. If a second array was pooled along
            with it, a pair: the gradients of both. Gradients of what is learned go
            into ``grad_`` and its name.

        Raises
        ------
        RuntimeError
            If the layer has not been called yet.
        TypeError
            If the operator has no gradient, as its results are labels.
        """
        kept, arrays, found = self._previous()
        positional, keywords = (self._bound or self._bind())[1]
        x = kept if isinstance(kept, np.ndarray) else self._input(kept)
        return self.backward_function(grad_output, x, *arrays, *positional, **keywords, **found)

    def _previous(self):
        """What the last call has left."""
        if self._last is None:
            raise RuntimeError(f"{type(self).__name__}.backward needs a call of the layer before it")
        return self._last

    def _bind(self):
        """The arguments of the two functions behind the arrays, in the form that is the fastest."""
        arguments = self._call_arguments()
        bound = (
            by_place(self.forward_function, arguments | self._asked()),
            by_place(self.backward_function, arguments),
        )
        self.__dict__["_bound"] = bound
        return bound

    def _call_arguments(self):
        arguments = {name: getattr(self, name) for name in self._names}
        if "data_format" in arguments and arguments.get("axis") is not None:
            # checked above; unpickling loses the default object
            del arguments["data_format"]
        return arguments

    def _asked(self):
        """Arguments of the forward call that are not up to the user."""
        return {}

    def _kept(self, x):
        """What has to be known of the input: its shape and dtype, as the values do not matter."""
        return x.shape, x.dtype

    def _input(self, kept):
        """An array of that shape and dtype that takes no memory."""
        last = self._stand_in
        if last is None or last[0] != kept:
            shape, dtype = kept
            last = kept, np.broadcast_to(np.zeros((), dtype), shape)
            self.__dict__["_stand_in"] = last
        return last[1]

    def __repr__(self):
        defaults = type(self).__init__.__kwdefaults__ | self._positional_defaults()
        shown = [
            f"{name}={getattr(self, name)!r}"
            for name in self._names
            if name not in defaults or not _same(getattr(self, name), defaults[name])
        ]
        return f"{type(self).__name__}({', '.join(shown)})"

    def _positional_defaults(self):
        init = type(self).__init__
        values = init.__defaults__ or ()
        count = init.__code__.co_argcount
        return dict(zip(init.__code__.co_varnames[count - len(values):count], values, strict=True))


def by_place(function, arguments):
    """`arguments` as a tuple for the places behind the arrays, and a dict of the
    others that are not default.

    A function of twenty arguments is called in half the time so.
    """
    code, defaults = function.__code__, function.__kwdefaults__
    names = [name for name in code.co_varnames[:code.co_argcount] if name not in _ARRAYS]
    count = next((i for i, name in enumerate(names) if name not in arguments), len(names))
    keywords = {
        name: value for name, value in arguments.items()
        if name not in names[:count] and not (name in defaults and value is defaults[name])
    }
    return tuple(arguments[name] for name in names[:count]), keywords


def _same(value, default):
    return type(value) is type(default) and value == default


class Selecting(Layer):
    """A layer that keeps the indices of the elements it has selected."""

    def __call__(self, x, *, mask=None):
        """Pool `x`, or what `mask` says of it, and keep the indices."""
        if type(x) is not np.ndarray:
            x = _arguments.as_array(x)
        positional, keywords = (self._bound or self._bind())[0]
        if mask is not None:
            keywords = keywords | {"mask": mask}
        values, indices = self.forward_function(x, *positional, **keywords)
        self.__dict__["_last"] = self._kept(x), (), {"indices": indices}
        asked = self.return_indices
        if asked is not True and asked is not False:
            asked = _arguments.flag(asked, "return_indices")
        return (values, indices) if asked else values

    def _asked(self):
        return {"return_indices": True}


class Keeping(Layer):
    """A layer whose gradient needs the input itself."""

    def _kept(self, x):
        return x
