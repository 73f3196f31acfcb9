"""An array as the kernels see it: the bytes of (outer, D, H, W * inner) without a copy and without a new ndarray.

A kernel declares `const unsigned char[:, :, :, ::1]`; handing it a Block costs about a tenth of a microsecond, where
`x.reshape(...).view(np.uint8)` costs ten times that. The dtype travels beside it as a code: NumPy does not export
bfloat16 through the buffer protocol and Cython does not read float16, while bytes are bytes.
"""
from cpython.buffer cimport (
    PyObject_GetBuffer, PyBuffer_Release, PyBUF_C_CONTIGUOUS, PyBUF_WRITABLE, PyBUF_FORMAT)


cdef class Block:
    def __cinit__(self):
        self.held = False

    def __init__(self, array, Py_ssize_t outer, Py_ssize_t d, Py_ssize_t h, Py_ssize_t row_bytes, bint writable=False):
        self.set(array, outer, d, h, row_bytes, writable)

    cdef int set(self, object array, Py_ssize_t outer, Py_ssize_t d, Py_ssize_t h, Py_ssize_t row_bytes,
                 bint writable) except -1:
        cdef int flags = PyBUF_C_CONTIGUOUS | (PyBUF_WRITABLE if writable else 0)
        try:
            PyObject_GetBuffer(array, &self.source, flags)
        except (ValueError, TypeError, BufferError):
            # bfloat16 has no buffer format: the same memory as unsigned short (fails again if not contiguous)
            PyObject_GetBuffer(array.view("u2"), &self.source, flags)
        self.held = True
        if self.source.len != outer * d * h * row_bytes:
            raise ValueError(f"array of {self.source.len} bytes where the plan needs {outer * d * h * row_bytes}")
        self.shape[0], self.shape[1], self.shape[2], self.shape[3] = outer, d, h, row_bytes
        self.strides[3] = 1
        self.strides[2] = row_bytes
        self.strides[1] = row_bytes * h
        self.strides[0] = row_bytes * h * d
        return 0

    def __getbuffer__(self, Py_buffer* buffer, int flags):
        buffer.buf = self.source.buf
        buffer.obj = self
        buffer.len = self.source.len
        buffer.readonly = self.source.readonly
        buffer.format = <char*>b"B" if flags & PyBUF_FORMAT else NULL
        buffer.ndim = 4
        buffer.itemsize = 1
        buffer.shape = self.shape
        buffer.strides = self.strides
        buffer.suboffsets = NULL
        buffer.internal = NULL

    def __releasebuffer__(self, Py_buffer* buffer):
        pass

    def __dealloc__(self):
        if self.held:
            PyBuffer_Release(&self.source)
