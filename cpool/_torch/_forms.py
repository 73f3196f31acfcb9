"""An operator of a few functions in each form that PyTorch asks for.

a) Eager calls run cpool at once, or with an autograd.Function around it where a gradient may be asked for.
b) Everything that traces or transforms calls ``torch.ops.cpool.*``: torch.compile, torch.export, fake and
   meta tensors, modes, torch.func. What differentiates there is a kernel for the dispatcher's autograd keys,
   an autograd.Function of one level: unlike that of ``torch.library.custom_op`` it may stand under the
   transforms of torch.func, also while torch.compile traces them.
"""

from contextlib import ExitStack

import torch
from torch import _C, Tensor
from torch._functorch.utils import enable_single_level_autograd_function
from torch.autograd import forward_ad

from ._tensors import PoolingError, Unreadable

LIBRARY = torch.library.Library("cpool", "FRAGMENT")
_Parameter = torch.nn.Parameter
TransformType = _C._functorch.TransformType
is_compiling, transforming = torch.compiler.is_compiling, _C._are_functorch_transforms_active


def eager(t):
    """Whether a call may go to cpool here and now: nothing traces, transforms or intercepts it."""
    return (
        not is_compiling()
        and (type(t) is Tensor or type(t) is _Parameter)
        and t.is_cpu
        and not transforming()
        and not _C._len_torch_dispatch_stack()
        and _C._get_tracing_state() is None
    )


class Forms:
    """All forms of one operator.

    Parameters
    ----------
    name, schema : str
        Of ``torch.ops.cpool.<name>``.
    run, fake, save, backward, tangent : function
        What computes; the shapes and strides of the results; what the derivatives need; these. Of the
        operator's arguments: `save` of a context before and the output behind these; `backward` of a context
        and gradients, for the gradients of the tensors, which come first or last among the arguments;
        `tangent` likewise.
    batched : function
        The rule of vmap, of the arguments in the schema.
    flat, packed : function
        From the operator's arguments to those in the schema, and back.
    plain : function, optional
        The same in PyTorch's own operations, or None, where several transforms of torch.func differentiate:
        PyTorch passes a tangent of an autograd.Function what the innermost of them knows of its inputs.
    """

    def __init__(
        self, name, schema, run, fake, save, backward, tangent, batched, flat, packed, plain=None,
    ):
        self.run, self.flat = run, flat

        def gradients(ctx, *gradients):
            if all(g is None for g in gradients):
                return (None,) * ctx.count
            found = backward(ctx, *gradients)
            found = found if type(found) is tuple else (found,)
            rest = (None,) * (ctx.count - len(found))
            return rest + found if ctx.tensors_last else found + rest

        def node(compute):
            def forward(ctx, *args):
                output = compute(*args)
                ctx.count, ctx.tensors_last = len(args), not isinstance(args[0], Tensor)
                save(ctx, *args, output)
                return output
            made = type(name, (torch.autograd.Function,), {
                "forward": staticmethod(forward), "backward": staticmethod(gradients),
                "jvp": staticmethod(tangent),
            })
            # Function.apply binds default arguments first, which takes longer than to pool a small tensor
            return super(torch.autograd.Function, made).apply

        def below(*args):
            with ExitStack() as stack:
                if transforming():          # the levels below this one
                    stack.enter_context(torch.enable_grad())
                    stack.enter_context(forward_ad._set_fwd_grad_enabled(True))
                stack.enter_context(_C._AutoDispatchBelowAutograd())
                output = self.op(*flat(*args))
            return tuple(output) if isinstance(output, list) else output

        self.apply, traced = node(run), node(below)

        def kernel(*args):
            output = plain(*packed(*args)) if plain and _nested() else None
            if output is None:
                with enable_single_level_autograd_function():
                    output = traced(*packed(*args))
            return list(output) if returns_list else output

        returns_list = schema.endswith("[]")
        LIBRARY.define(f"{name}{schema}", tags=(torch.Tag.pt2_compliant_tag,))
        qualified = f"cpool::{name}"
        LIBRARY.impl(name, lambda *args: _listed(run(*packed(*args)), returns_list), "CPU")
        LIBRARY.impl(name, kernel, "Autograd")
        torch.library.register_fake(
            qualified, lambda *args: _listed(fake(*packed(*args)), returns_list), lib=LIBRARY)
        torch.library.register_vmap(qualified, batched, lib=LIBRARY)
        self.op = getattr(torch.ops.cpool, name).default

    def __call__(self, tensors, *args):
        """Call the operator; `tensors` are those among its arguments."""
        if all(map(eager, tensors)):
            try:
                if forward_ad._current_level >= 0 or (
                    torch.is_grad_enabled() and any(t.requires_grad for t in tensors)
                ):
                    return self.apply(*args)
                return self.run(*args)
            except Unreadable as error:     # batched by torch.autograd itself: the dispatcher unpacks these
                if not any(map(_C._functorch.is_legacy_batchedtensor, tensors)):
                    raise PoolingError(str(error)) from None
        return self.op(*self.flat(*args))


def _nested():
    """Whether several transforms differentiate."""
    levels = [level.key() for level in _C._functorch.get_interpreter_stack() or ()]
    return sum(level in (TransformType.Grad, TransformType.Jvp) for level in levels) > 1


def _listed(output, wanted):
    return list(output) if wanted else output


def at_front(size, in_dims, tensors):
    """Tensors with the mapped axis first, also those without one."""
    return [
        t.unsqueeze(0).expand(size, *t.shape) if d is None else t.movedim(d, 0)
        for t, d in zip(tensors, in_dims, strict=False)
    ]
