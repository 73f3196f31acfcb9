cdef extern from "ndarray.h":
    ctypedef struct cpool_ndarray:
        char* data
        int nd
        Py_ssize_t* dimensions
        Py_ssize_t* strides
        void* descr
        int flags
    int CPOOL_C_CONTIGUOUS
    int CPOOL_ALIGNED
    int CPOOL_WRITEABLE
    bint CPOOL_GIL
