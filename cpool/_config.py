"""What this installation is: the text behind `cpool info`."""

import sys

import numpy as np

from . import _cpu, _threads

VERSION = "0.1.0"


def show_config():
    """Print the version, the CPU level in use, the build and the threads.

    The lines are meant for people and for bug reports: what they say can change
    from version to version.

    See Also
    --------
    get_num_threads : the number of threads alone.
    """
    built = ", ".join(_cpu.built_levels())
    openmp = _cpu.openmp()
    rows = [
        ("cpool", VERSION),
        ("Python", f"{sys.version.split()[0]}, NumPy {np.__version__}"),
        ("CPU level", f"{_cpu.best_level()} (built: {built})"),
        ("compiler", _cpu.compiler()),
        ("OpenMP", f"yes ({openmp})" if openmp else "no: every call uses one thread"),
        ("threads", f"{_threads.get_num_threads()} at most"),
    ]
    width = max(len(name) for name, _ in rows)
    print("\n".join(f"{name:{width}}  {value}" for name, value in rows))
