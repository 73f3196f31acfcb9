"""What this processor can do, what this build contains, and the choice of the CPU level.

The levels are `baseline` (any processor), `v3` (x86-64-v3: AVX2, FMA, F16C) and `v4` (x86-64-v4: AVX-512).
Every kernel exists once per level; `best_level` names the one to load. All levels give the same bits.
"""

import os

cdef extern from "processor.h" nogil:
    int cpool_processor_level()
    const char* CPOOL_COMPILER
    int CPOOL_BUILT_V3
    int CPOOL_BUILT_V4

cdef extern from "openmp.h" nogil:
    int cpool_openmp()

LEVELS = ("baseline", "v3", "v4")


def supports(level):
    """Return whether this processor (and its operating system) can run `level`.

    Parameters
    ----------
    level : str
        "baseline", "v3" or "v4".

    Returns
    -------
    bool
    """
    return cpool_processor_level() >= (1, 3, 4)[LEVELS.index(level)]


def built_levels():
    """Return the levels that this build of cpool contains, lowest first."""
    return ("baseline",) + ("v3",) * CPOOL_BUILT_V3 + ("v4",) * CPOOL_BUILT_V4


def best_level():
    """Return the level to load: the one that CPOOL_CPU names, else the highest that was built and runs here.

    Returns
    -------
    str

    Raises
    ------
    ImportError
        If CPOOL_CPU names no level, one that was not built, or one that this processor lacks.
    """
    built = built_levels()
    asked = os.environ.get("CPOOL_CPU", "")
    if not asked:
        return max(filter(supports, built), key=LEVELS.index)
    if asked not in LEVELS:
        raise ImportError(f"CPOOL_CPU={asked!r} is not a CPU level; use one of {', '.join(LEVELS)}")
    if asked not in built:
        raise ImportError(f"CPOOL_CPU={asked!r}: this build of cpool has only {', '.join(built)}")
    if not supports(asked):
        raise ImportError(f"CPOOL_CPU={asked!r}: this processor or its operating system does not support it")
    return asked


def compiler():
    """Return the name and version of the compiler that built cpool."""
    return CPOOL_COMPILER.decode()


def openmp():
    """Return the OpenMP version that cpool was compiled with, as its yyyymm number; 0 without OpenMP."""
    return cpool_openmp()
