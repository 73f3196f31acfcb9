from cpool._kernels.axis cimport axis_t


cdef class Windows:
    """A geometry Plan as the kernels read it."""
    cdef axis_t d, h, w
    cdef Py_ssize_t outer, inner
    cdef bint include_pad
    cdef long long divisor          # 0: none given
