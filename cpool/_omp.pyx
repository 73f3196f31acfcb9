"""How many threads a call may use: the compiled half of `_threads.py`, cheap enough to ask on every call.

a) Order: the context (`num_threads`), the process (`set_num_threads`), CPOOL_NUM_THREADS, the OpenMP runtime.
   The runtime is asked each time, so OMP_NUM_THREADS and threadpoolctl count. Its answer is a default: it
   is capped by the processors that this process may use and the quota of its cgroup. A number that the user
   gave is taken as it is, up to `ceiling`: a system that refuses a thread makes OpenMP end the process.
   `followed_threads` stands in for the runtime: what a framework that calls cpool uses itself.
b) A pool of threads does not survive fork(), and a child that then opens a parallel region waits for ever. So
   the pool is released before a fork; where the runtime refuses, the child stays with one thread.
c) The state is a few ints, each stored whole; two threads that meet in `prepare` store the same numbers.
"""

import os
from contextvars import ContextVar

from cpython.contextvars cimport get_value

cdef extern from "openmp.h" nogil:
    int cpool_openmp()
    int cpool_max_threads()
    int cpool_release_pool()
    int cpool_affinity()

# A thread that gets less than this costs more to wake than it saves: a 2x2 max takes 9.5 us on one warm
# thread and 8.9 us on two for 192 KiB of work, 12.9 and 10.7 us for 384 KiB.
cdef double WORK_PER_THREAD = 131072

cdef object context_limit = ContextVar("cpool.num_threads", default=0)
cdef object followed = ContextVar("cpool.followed_threads", default=0)
cdef int process_limit = 0
cdef int environment_limit = -1         # -1: not read yet, 0: not set
cdef int processors = 0                 # 0: not asked yet
cdef int quota = 0
cdef int ceiling = 0
cdef bint single = False                # forked while the pool of the parent could not be released


cdef int prepare() except -1:
    global processors, quota, ceiling
    from cpool import _threads
    quota = _threads.cgroup_quota()
    processors = os.cpu_count() or 1
    ceiling = max(16, 4 * processors)
    return 0


cdef int read_environment() except -1:
    global environment_limit
    from cpool import _threads
    environment_limit = _threads.environment_threads()
    return 0


cpdef int effective_threads() except -1:
    """Return how many threads a parallel loop started now should use."""
    cdef int n, available
    if single or cpool_openmp() == 0:
        return 1
    if ceiling == 0:
        prepare()
    n = get_value(context_limit)
    if n == 0:
        n = process_limit
    if n == 0:
        if environment_limit < 0:
            read_environment()
        n = environment_limit
    if n > 0:
        return min(n, ceiling)
    available = cpool_affinity()
    if available == 0:
        available = processors
    n = get_value(followed)
    return max(1, min(n if n > 0 else cpool_max_threads(), available, quota))


cpdef int threads_for(double work) except -1:
    """Return how many threads pay for `work`, in bytes read and written (or as many simple steps).

    Small work asks nothing at all: it gets 1.
    """
    cdef double most = work / WORK_PER_THREAD
    if most < 2:
        return 1
    cdef int n = effective_threads()
    return n if most >= n else <int>most


def set_process_limit(int n):
    """Store the number that `set_num_threads` was given, 0 for none."""
    global process_limit
    process_limit = n


def context_variable():
    """Return the ContextVar that `num_threads` sets."""
    return context_limit


def followed_threads():
    """Return the ContextVar that an adapter sets around its calls."""
    return followed


def release_pool():
    """Give this thread's pool back to the system; return whether the runtime could."""
    return cpool_release_pool() == 0


def stay_single():
    """Use one thread from now on, whatever is asked for."""
    global single
    single = True
