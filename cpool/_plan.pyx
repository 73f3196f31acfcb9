"""The compiled form of a geometry Plan, and kernels prepared to run it; both made once per signature."""
cimport cython
from cpython.mem cimport PyMem_Calloc, PyMem_Free
from cpython.pycapsule cimport PyCapsule_GetPointer

import numpy as np

from cpool._ndarray cimport CPOOL_ALIGNED, CPOOL_C_CONTIGUOUS, CPOOL_WRITEABLE, cpool_ndarray


cdef void fill(axis_t* a, object axis) except *:
    n, out, kernel, stride, dilation, lo, hi, adaptive = axis
    a.n, a.out, a.kernel, a.stride = n, out, kernel, stride
    a.dilation, a.lo, a.hi, a.adaptive = dilation, lo, hi, adaptive


cdef class Windows:
    def __init__(self, plan):
        cdef axis_t* axes[3]
        axes[0], axes[1], axes[2] = &self.d, &self.h, &self.w
        for i in range(3):
            fill(axes[i], plan.axes[i])
        self.outer, self.inner = plan.outer, plan.inner
        self.include_pad = plan.include_pad
        self.divisor = plan.divisor or 0


cdef class Job:
    def __cinit__(self, api, plan, sizes, *, int op=0, int code=0, int out_code=0, int index_bytes=0, int mode=0,
                  bint boolean=False, bint normalize=False, bint careful=False, double p=2.0, bint omit=False,
                  Py_ssize_t repeat=1, Py_ssize_t groups=1, int method=0, Py_ssize_t rank=0, bytes label=None):
        """sizes: bytes of each array that `run` gets, inputs first."""
        cdef task_t task
        task.op, task.code, task.out_code, task.index_bytes, task.mode = op, code, out_code, index_bytes, mode
        task.boolean, task.normalize, task.careful, task.p = boolean, normalize, careful, p
        task.omit, task.repeat, task.groups = omit, repeat, groups
        task.method, task.rank, task.label = method, rank, NULL if label is None else <const char*>label
        self.api = <const kernel_api_t*>PyCapsule_GetPointer(api, "cpool.kernel")
        self.plan = Windows(plan)
        self.count = len(sizes)
        if self.count > MOST_ARRAYS:
            raise ValueError(f"{self.count} arrays for one kernel")
        for i in range(self.count):
            self.sizes[i] = sizes[i]
        self.memory = PyMem_Calloc(1, self.api.job_size)
        if self.memory == NULL:
            raise MemoryError
        self.api.prepare(self.memory, &task, self.plan)

    def __dealloc__(self):
        PyMem_Free(self.memory)

    @cython.boundscheck(False)          # an empty array has an address, which nobody follows
    def run(self, arrays, int threads):
        """Run on C-contiguous, aligned, native arrays; return False if an index is out of range."""
        cdef void* at[MOST_ARRAYS]
        cdef int i, status
        cdef const unsigned char[::1] elements          # refuses what is not in one piece
        if len(arrays) != self.count:
            raise ValueError(f"{len(arrays)} arrays for a kernel of {self.count}")
        for i in range(self.count):
            array = arrays[i]
            elements = array.reshape(-1).view(np.uint8) if array.flags.c_contiguous else array
            if elements.shape[0] != self.sizes[i]:
                raise ValueError(f"array of {elements.shape[0]} bytes where the kernel needs {self.sizes[i]}")
            at[i] = <void*>&elements[0]
        with nogil:
            status = self.api.run(self.memory, at, threads)
        if status == NO_MEMORY:
            raise MemoryError("no memory for the scratch of a pooling kernel")
        return status == 0


cdef void* address(object array) except NULL:
    """Where the elements of an ndarray (not an empty one) begin."""
    if layout_known:
        return (<cpool_ndarray*>array).data
    return <void*><size_t>array.__array_interface__["data"][0]


cdef void* whole(object array) except? NULL:
    """Where the elements of an ndarray begin that lies in one piece; NULL for None and if there are none."""
    if array is None or array.size == 0:
        return NULL
    if not array.flags.c_contiguous:
        raise ValueError(f"array of strides {array.strides} where a kernel needs one in one piece")
    return address(array)


cdef bint check_layout():
    """Whether the struct of ndarray.h says of an array what Python says of it."""
    cdef cpool_ndarray* a
    for shape, dtype in (((3, 4, 5), np.float32), ((2, 7), np.uint8), ((), np.float64)):
        array = np.empty(shape, dtype)
        a = <cpool_ndarray*>array
        if (a.nd != array.ndim or <size_t>a.data != array.__array_interface__["data"][0] or <void*>array.dtype != a.descr
                or any(a.dimensions[i] != n for i, n in enumerate(shape))
                or any(a.strides[i] != n for i, n in enumerate(array.strides))
                or not a.flags & CPOOL_C_CONTIGUOUS or not a.flags & CPOOL_ALIGNED or not a.flags & CPOOL_WRITEABLE):
            return False
        array.flags.writeable = False
        if a.flags & CPOOL_WRITEABLE:
            return False
        if array.ndim == 3 and (<cpool_ndarray*>array.T).flags & CPOOL_C_CONTIGUOUS:
            return False
    return True


layout_known = check_layout()
