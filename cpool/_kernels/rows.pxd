# The row primitives of rows.h, as tables of function pointers and, for code of one type, as functions.

from cpool._kernels.numeric cimport Add, Max, Min, acc_t, i128_t, op_t, u8, i8, u16, i16, u32, i32, u64, i64
from cpool._kernels.numeric cimport A128, F32, F64, I16, I32, I64, I8, N_TYPES, U16, U32, U64, U8

ctypedef void (*fold_fn)(void*, void*, Py_ssize_t, const void*, Py_ssize_t, Py_ssize_t, Py_ssize_t, Py_ssize_t, Py_ssize_t,
                         Py_ssize_t, Py_ssize_t, Py_ssize_t, Py_ssize_t, bint) noexcept nogil
ctypedef void (*slide_fn)(void*, void*, Py_ssize_t, const void*, Py_ssize_t, Py_ssize_t, Py_ssize_t, Py_ssize_t, Py_ssize_t,
                          Py_ssize_t) noexcept nogil

cdef extern from "rows.h" nogil:
    enum:
        CP_TAPS
        CP_WIDE
    ctypedef struct box_t "cp_box_t":
        Py_ssize_t planes, src_plane, dst_plane, rows, src_step, dst_step
        const Py_ssize_t* off
        int taps, fresh
        Py_ssize_t ahead, n
        void* line
        Py_ssize_t lines, pitch, lead
        const Py_ssize_t* along
        int k, stride
        Py_ssize_t cols
        const void* blank
        const void* none
        const unsigned short* keep
        const unsigned short* keep_end
        int past
        double scale
        const double* count
    ctypedef void (*box_fn "cp_box_fn")(void*, const box_t*, void*, const void*) noexcept nogil
    const box_fn CP_BOX_OF[N_TYPES][3]               # rows
    const box_fn CP_LANES_OF[N_TYPES][3]             # columns of n elements: no line, one row at a time
    const fold_fn CP_FOLD_OF[N_TYPES][3]             # by type and operation (max, min, sum)
    const slide_fn CP_SLIDE_OF[N_TYPES][3]


cdef inline int code_of(acc_t* tag) noexcept nogil:
    if acc_t is u8:
        return U8
    elif acc_t is i8:
        return I8
    elif acc_t is u16:
        return U16
    elif acc_t is i16:
        return I16
    elif acc_t is u32:
        return U32
    elif acc_t is i32:
        return I32
    elif acc_t is u64:
        return U64
    elif acc_t is i64:
        return I64
    elif acc_t is float:
        return F32
    elif acc_t is double:
        return F64
    else:
        return A128


cdef inline void fold_piece(op_t* op, acc_t* dst, Py_ssize_t dst_step, const acc_t* src, Py_ssize_t src_step, Py_ssize_t rows,
                            Py_ssize_t td, Py_ssize_t sd, Py_ssize_t th, Py_ssize_t sh, Py_ssize_t n,
                            bint begun) noexcept nogil:
    """A fold without prefetches."""
    CP_FOLD_OF[code_of(dst)][0 if op_t is Max else 1 if op_t is Min else 2](
        op, dst, dst_step, src, src_step, rows, td, sd, th, sh, n, 0, 0, begun)
