# What a kernel module offers to `_call` beside its Python functions: plain C functions, handed over in a capsule.

ctypedef struct kernel_api_t:
    Py_ssize_t job_size       # bytes of a prepared job
    int (*run)(const void* job, const void* x, void* out, int threads) noexcept nogil
