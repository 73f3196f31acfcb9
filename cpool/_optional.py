"""Packages that cpool works with and does not need: each is imported by its adapter, and only there."""

from importlib import import_module


def package(name, extra, *needs):
    """Import a package, or say what to install.

    Parameters
    ----------
    name : str
        The module to import.
    extra : str
        The optional dependency group of cpool that brings it, which is the name of the adapter too.
    *needs : str
        More modules that have to be there.

    Returns
    -------
    module

    Raises
    ------
    ModuleNotFoundError
        If the package is not installed. One that is there and does not load raises what it raises.
    """
    for each in (name, *needs):
        try:
            import_module(each)
        except ModuleNotFoundError as exc:
            root = each.partition(".")[0]
            if exc.name is None or exc.name.partition(".")[0] != root:
                raise
            raise ModuleNotFoundError(
                f'cpool.{extra} needs {root}, which is not installed: pip install "cpool[{extra}]"',
                name=exc.name,
            ) from exc
    return import_module(name)
