from cpool._kernels.axis cimport axis_t


cdef class Windows:
    """A geometry Plan as the kernels read it."""
    cdef axis_t d, h, w
    cdef Py_ssize_t outer, inner
    cdef bint include_pad
    cdef long long divisor          # 0: none given


# What a kernel is asked for beside the geometry; each reads what concerns it.
ctypedef struct task_t:
    int op                          # 0 to 4: max, min, sum, avg, lp
    int code, out_code              # dtypes of the input and the output
    int index_bytes
    int mode                        # unpooling: 0 the last wins, 1 sum; masks: which kind there is, 0 none
    bint boolean                    # the bytes of code 0 are bools
    bint normalize
    bint careful                    # look at all indices before anything is written
    double p                        # of a norm; which quantile
    bint omit                       # NaN take no part
    Py_ssize_t repeat, groups       # masks: plane i has that of number i // repeat % groups
    int method                      # of a quantile
    Py_ssize_t rank
    const char* label               # bytes of one that takes no part, or NULL

# What a kernel offers: plain C functions, handed over in a capsule named "cpool.kernel". A job depends on the
# geometry and the task alone; `run` leaves it as it is, so any number of threads may run one job at a time.
# `at` holds the addresses of the inputs, then the outputs. `plan` outlives the job.
ctypedef struct kernel_api_t:
    Py_ssize_t job_size             # in bytes
    void (*prepare)(void* job, const task_t* task, Windows plan) noexcept
    int (*run)(const void* job, void** at, int threads) noexcept nogil      # 0, NO_MEMORY or WRONG_INDEX

cdef enum:
    NO_MEMORY = -1
    WRONG_INDEX = 1
    MOST_ARRAYS = 4


cdef class Job:
    """A kernel that has been told everything but the addresses and the threads."""
    cdef const kernel_api_t* api
    cdef void* memory
    cdef Windows plan
    cdef int count
    cdef Py_ssize_t sizes[MOST_ARRAYS]


cdef bint layout_known
cdef void* address(object array) except NULL
cdef void* whole(object array) except? NULL
