"""How many threads cpool uses, and what happens to them when the process forks.

Order: `num_threads` (this context), `set_num_threads` (this process), the environment variable
CPOOL_NUM_THREADS, then what the OpenMP runtime says at the time of the call (OMP_NUM_THREADS, threadpoolctl),
capped by the processors that the process may use and by its cgroup's quota. Small problems run on the calling
thread and ask nobody. The part of this that every call goes through is compiled: `_omp.pyx`.
"""

import os
from contextlib import contextmanager
from contextvars import ContextVar

from cpool import _lazy, _omp
from cpool._arguments import LIMIT, parse_threads

NO_LIMIT = LIMIT - 1       # stands for no limit too
WAIT = 10           # seconds that a fork waits for an import, at most: one that never ends is not ours
_forking = ContextVar("cpool fork")  # whether the forking thread holds `making`, and whether its pool is gone


def set_num_threads(n):
    """Set how many threads cpool may use in this process.

    Parameters
    ----------
    n : int or None
        At least 1. None takes an earlier setting back. A number far above the
        processors of the machine (4 per processor, at least 16) is accepted and
        not reached.

    See Also
    --------
    num_threads : the same for a block of code; it wins over this setting.
    get_num_threads : the number in force.

    Examples
    --------
    >>> import cpool
    >>> cpool.set_num_threads(1)
    >>> cpool.get_num_threads()
    1
    >>> cpool.set_num_threads(None)
    """
    _omp.set_process_limit(0 if n is None else parse_threads(n))


def get_num_threads():
    """Return how many threads a large call made here and now would use.

    Returns
    -------
    int
        At least 1; always 1 in a build without OpenMP.

    Raises
    ------
    ValueError
        If CPOOL_NUM_THREADS decides and is not a positive whole number.
    """
    return _omp.effective_threads()


def num_threads(n):
    """Limit the threads of the calls in a ``with`` block, in this thread or task
    only.

    Parameters
    ----------
    n : int
        At least 1.

    Returns
    -------
    context manager
        Nests, and works as a decorator too.

    Examples
    --------
    >>> import cpool
    >>> with cpool.num_threads(1):
    ...     cpool.get_num_threads()
    1
    """
    return _limited(parse_threads(n))


@contextmanager
def _limited(n):
    variable = _omp.context_variable()
    token = variable.set(n)
    try:
        yield
    finally:
        variable.reset(token)


def environment_threads():
    """Return what CPOOL_NUM_THREADS asks for, 0 if it is not set."""
    text = os.environ.get("CPOOL_NUM_THREADS", "").strip()
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:12]) <= NO_LIMIT):
        raise ValueError(f"CPOOL_NUM_THREADS must be a whole number from 1 to {NO_LIMIT}; got {text!r}")
    return int(text)


def cgroup_quota(proc="/proc/self/cgroup", root="/sys/fs/cgroup"):
    """Return how many processors the cgroup of this process pays for, rounded up;
    NO_LIMIT if it sets none.

    Parameters
    ----------
    proc, root : str
        Where the kernel lists the process's groups, and where the hierarchy is
        mounted.
    """
    try:
        with open(proc) as file:
            groups = [line.rstrip("\n").split(":", 2) for line in file]
    except (OSError, UnicodeDecodeError):
        return NO_LIMIT
    least = float(NO_LIMIT)
    for group in groups:
        if len(group) != 3:
            continue
        _, controllers, path = group
        if controllers == "":                           # version 2: one file with both numbers
            mount, names = root, ("cpu.max",)
        elif "cpu" in controllers.split(","):           # version 1: two files
            mount, names = f"{root}/{controllers}", ("cpu.cfs_quota_us", "cpu.cfs_period_us")
        else:
            continue
        # A limit of a group holds for everything below it. Inside a container the path may not exist: the
        # loop ends at the mount point, which there is the group itself.
        parts = [part for part in path.split("/") if part not in ("", "..")]
        for depth in range(len(parts), -1, -1):
            least = min(least, _processors_paid(["/".join([mount, *parts[:depth], name]) for name in names]))
    return max(1, int(-(-least // 1)))


def _processors_paid(files):
    """Return quota / period as the files of one cgroup state them, infinity if they state no limit."""
    words = []
    for name in files:
        try:
            with open(name) as file:
                words += file.read().split()
        except (OSError, UnicodeDecodeError):
            return float("inf")
    try:
        limit, period = (int(word) for word in words[:2])
    except ValueError:                                  # "max": no limit
        return float("inf")
    return limit / period if limit > 0 and period > 0 else float("inf")


def _before_fork():
    held = _lazy.making.acquire(timeout=WAIT)
    _forking.set((held, _omp.release_pool()))


def _after_fork():
    held, released = _forking.get()
    if held:
        _lazy.making.release()
    return released


def _after_fork_in_child():
    if not _after_fork():
        _omp.stay_single()


if hasattr(os, "register_at_fork"):     # pragma: no branch (not on Windows)
    os.register_at_fork(before=_before_fork, after_in_parent=_after_fork, after_in_child=_after_fork_in_child)
