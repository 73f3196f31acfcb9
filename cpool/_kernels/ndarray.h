/* The head of NumPy's array object, as its C API has laid it out since 1.0 (PyArrayObject_fields): enough to read an
 * array's address, shape, dtype and flags without NumPy's headers. `_plan` compares it with what Python says of an
 * array at import; the package does without if they differ. */
#ifndef CPOOL_NDARRAY_H
#define CPOOL_NDARRAY_H
#include <Python.h>

typedef struct {
    PyObject_HEAD
    char *data;
    int nd;
    Py_ssize_t *dimensions;
    Py_ssize_t *strides;
    PyObject *base;
    PyObject *descr;
    int flags;
} cpool_ndarray;

#define CPOOL_C_CONTIGUOUS 0x0001
#define CPOOL_ALIGNED 0x0100
#define CPOOL_WRITEABLE 0x0400

#ifdef Py_GIL_DISABLED
#define CPOOL_GIL 0
#else
#define CPOOL_GIL 1
#endif
#endif
