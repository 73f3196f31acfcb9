"""The names that are made from definitions, known before they are made: on first access, by `attributes`.

A module with definitions is imported when one of its names is asked for, which keeps ``import cpool`` fast.
"""

from _thread import RLock  # that `threading` has it from, which NumPy does not import
from importlib import import_module

KINDS = (("windowed", 1), ("windowed", 2), ("windowed", 3), ("adaptive", 1), ("adaptive", 2), ("adaptive", 3),
         ("global", None))
ACTIONS = ("", "_backward", "_jvp")

WHOLE = {
    "_order": ("median_pool", "rank_pool", "mode_pool", "range_pool", "var_pool", "std_pool"),
    "_smooth": (
        "lse_pool", "soft_pool", "softmax_pool", "lip_pool", "gem_pool", "learned_norm_pool", "mixed_pool",
        "gated_pool", "tree_pool", "detail_pool", "ordinal_pool",
    ),
    "_stochastic": ("stochastic_pool",),
}
_WINDOWED = ("gated_pool", "tree_pool", "detail_pool", "ordinal_pool")  # there is no other kind of these
_LABELS = ("mode_pool",)  # these have no gradient


def kinds(pool):
    """Which of "windowed", "adaptive" and "global" there are of an operator."""
    return ("windowed",) if pool in _WINDOWED else ("windowed", "adaptive", "global")


def differentiable(pool):
    """Whether an operator has a gradient."""
    return pool not in _LABELS


def forms(pool):
    """The kinds of an operator with their numbers of spatial axes."""
    return tuple((kind, nd) for kind, nd in KINDS if kind in kinds(pool))


def called(pool, kind, nd, action=""):
    """The name of one of an operator's functions: "adaptive_median_pool2d_backward"."""
    name = {"windowed": "", "adaptive": "adaptive_", "global": "global_"}[kind] + pool
    return f"{name}{nd or ''}{'d' if nd else ''}{action}"


def layer_called(function):
    """The name of the layer of a function: "MedianPool2d" of "median_pool2d"."""
    return "".join(part[0].upper() + part[1:] for part in function.split("_"))


def _names():
    """Names of functions and of layers, by the module that makes them."""
    functions, layers = {}, {"_whole_layers": [], "_drawn_layers": []}
    for module, pools in WHOLE.items():
        functions[module] = []
        for pool in pools:
            for form in forms(pool):
                name = called(pool, *form)
                functions[module] += [name + a for a in (ACTIONS if differentiable(pool) else ACTIONS[:1])]
                layers["_whole_layers"].append(layer_called(name))
    linear = [called(f"{op}_pool", *form) for op in ("max", "min", "avg", "sum", "lp") for form in KINDS]
    functions["_derivatives"] = [name + "_jvp" for name in (*linear, *numbered("max_unpool"))]
    drawn = {"_fractional": ("fractional_max_pool", "fractional_avg_pool"), "_s3": ("s3_pool",)}
    for module, pools in drawn.items():
        names = [name for pool in pools for name in numbered(pool)]
        functions[module] = [name + action for name in names for action in ACTIONS]
        layers["_drawn_layers"] += map(layer_called, names)
    return [{module: sorted(names) for module, names in each.items()} for each in (functions, layers)]


def numbered(pool):
    """The names of an operator in 1, 2 and 3 dimensions."""
    return [called(pool, "windowed", nd) for nd in (1, 2, 3)]


FUNCTIONS, LAYERS = _names()


making = RLock()    # held while names are made: a child forked meanwhile would wait for the import for ever


def attributes(space, names, listed):
    """``__getattr__`` and ``__dir__`` of a module with these `globals`; `names` are by the modules to import.

    `listed` is what `dir` shows besides what is there: ``__all__``.
    """
    owners = {name: module for module, made in names.items() for name in made}

    def __getattr__(name):
        if name not in owners:
            raise AttributeError(f"module {space['__name__']!r} has no attribute {name!r}")
        with making:
            module = import_module(f"cpool.{owners[name]}")
        return space.setdefault(name, getattr(module, name))

    def __dir__():
        return sorted({*space, *listed})

    return __getattr__, __dir__
