cdef class Block:
    cdef Py_buffer source
    cdef bint held
    cdef Py_ssize_t shape[4]
    cdef Py_ssize_t strides[4]
    cdef int set(self, object array, Py_ssize_t outer, Py_ssize_t d, Py_ssize_t h, Py_ssize_t row_bytes,
                 bint writable) except -1
