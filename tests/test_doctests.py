"""Every example in every docstring of the package is run, and what it prints is compared."""

import doctest
import importlib
import inspect
import pkgutil

import pytest

import cpool

ADAPTERS = ("cpool.dask", "cpool.jax", "cpool.onnx", "cpool.sklearn", "cpool.torch", "cpool.xarray")


def modules():
    """The modules of the package that can be imported without an extra; adapters have tests of their own."""
    for info in pkgutil.walk_packages(cpool.__path__, "cpool."):
        last = info.name.rpartition(".")[2]
        if last == "__main__" or "._cli" in info.name or "._kernels." in info.name:
            continue
        if info.name.startswith(("cpool._torch", "cpool._dask", *ADAPTERS)):
            continue
        yield info.name


def cases():
    finder = doctest.DocTestFinder(exclude_empty=True)
    for module in cpool, cpool.functional, cpool.layers:  # finders see what has been made
        for name in module.__all__:
            getattr(module, name)
    for name in ["cpool", *modules()]:
        for case in finder.find(importlib.import_module(name), name):
            if case.examples:
                yield pytest.param(case, id=case.name)
    for name in cpool.__all__:  # functions that are made from definitions have no module of their own
        value = getattr(cpool, name)
        if inspect.isfunction(value) and value.__globals__.get("__file__") is None:
            for case in finder.find(value, f"cpool.{name}", False, globs={}):
                yield pytest.param(case, id=case.name)


@pytest.mark.parametrize("case", list(cases()))
def test_examples(case):
    report = []
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    runner.run(case, out=report.append)
    assert runner.failures == 0, "".join(report)


# what these say depends on the machine
UNSPOKEN = ("__version__", "show_config", "get_num_threads")


@pytest.mark.parametrize("name", [name for name in cpool.__all__ if name not in UNSPOKEN])
def test_public_names_have_examples(name):
    assert ">>> " in inspect.getdoc(getattr(cpool, name))
