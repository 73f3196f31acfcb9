# The vector loops of small windows; `code` is the dtype of x and of the values written.

cdef extern from "winners.h" nogil:
    void cp_rows(int code, void* v, void* ix, const void* x, const Py_ssize_t* off, int two, int m, Py_ssize_t step,
                 const void* place, Py_ssize_t base, Py_ssize_t last, long long flip, Py_ssize_t n, Py_ssize_t left,
                 Py_ssize_t right, Py_ssize_t ahead)
    void cp_fold(int code, int index_bytes, void* v, void* ix, const void* rows, const void* places, int m, Py_ssize_t n,
                 long long flip)
    void cp_lanes(int code, int index_bytes, void* v, void* ix, const void* const* rows, int k, const Py_ssize_t* z,
                  const Py_ssize_t* place, Py_ssize_t base, Py_ssize_t column, Py_ssize_t inner, Py_ssize_t count,
                  long long flip, const char* next, Py_ssize_t fresh)
    void cp_direct(int code, int index_bytes, void* v, void* ix, const void* const* rows, int two, int k, int pad, int m,
                   const Py_ssize_t* place, Py_ssize_t column, Py_ssize_t width, long long flip, Py_ssize_t n,
                   const char* next, Py_ssize_t fresh)
    long long cp_flip(int code, int op)
