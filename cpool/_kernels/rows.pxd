# Row primitives: everything that touches elements. A driver (reduce.pyx, spread.pyx) walks a plan and calls them.
#
# a) `fold` combines whole rows: out[i] = op over taps of row[tap][i]. It vectorises across i, and it is the only loop that a
#    reducer needs: rows of the image (vertical taps), columns of a channels-last line (rows of `inner` elements), and, shifted
#    by one element, stride-1 windows along a line are all folds.
# b) `slide` is the strided step along a line with inner == 1, which a fold cannot express.
# c) Up to four taps are combined per pass, in order: ((t0 + t1) + t2) + t3, so the tree of a sum depends on nothing else.
# d) Several row streams at once defeat the hardware prefetcher (2x2/s2 on 8x64x224x224 float32: 11.7 ms without, 3.0 ms with
#    a prefetch of the coming rows), hence `ahead`: the distance in elements from a tap to the one the next output row needs.

from cpool._kernels.numeric cimport (
    acc_t, op_t, storage_t, output_t, Max, Min, Add, f16_t, bf16_t, i128_t, step, cp_prefetch)

cdef enum:
    CHUNK = 1024          # bytes of a row handled at a time when rows are long: prefetches stay few and close


cdef inline void fold_piece(op_t* op, acc_t* dst, const acc_t* src, Py_ssize_t td, Py_ssize_t sd,
                            Py_ssize_t th, Py_ssize_t sh, Py_ssize_t n, bint begun) noexcept nogil:
    """dst[i] = op over h < th, d < td of src[h*sh + d*sd + i], in that order; begun: after what dst holds."""
    cdef Py_ssize_t i, k, left = td * th, h = 0, d = 0, m
    cdef const acc_t* p[4]
    cdef const acc_t* a
    cdef const acc_t* b
    cdef const acc_t* c
    cdef const acc_t* e
    while left > 0:
        m = left if left < 4 else 4
        for k in range(m):
            p[k] = src + h * sh + d * sd
            d += 1
            if d == td:
                d = 0
                h += 1
        left -= m
        a = p[0]
        if not begun:
            begun = True
            if m == 1:
                for i in range(n):
                    dst[i] = a[i]
            elif m == 2:
                b = p[1]
                for i in range(n):
                    dst[i] = step(op, a[i], b[i])
            elif m == 3:
                b, c = p[1], p[2]
                for i in range(n):
                    dst[i] = step(op, step(op, a[i], b[i]), c[i])
            else:
                b, c, e = p[1], p[2], p[3]
                for i in range(n):
                    dst[i] = step(op, step(op, step(op, a[i], b[i]), c[i]), e[i])
        elif m == 1:
            for i in range(n):
                dst[i] = step(op, dst[i], a[i])
        elif m == 2:
            b = p[1]
            for i in range(n):
                dst[i] = step(op, step(op, dst[i], a[i]), b[i])
        elif m == 3:
            b, c = p[1], p[2]
            for i in range(n):
                dst[i] = step(op, step(op, step(op, dst[i], a[i]), b[i]), c[i])
        else:
            b, c, e = p[1], p[2], p[3]
            for i in range(n):
                dst[i] = step(op, step(op, step(op, step(op, dst[i], a[i]), b[i]), c[i]), e[i])


cdef inline void fold(op_t* op, acc_t* dst, Py_ssize_t dst_step, const acc_t* src, Py_ssize_t src_step, Py_ssize_t rows,
                      Py_ssize_t td, Py_ssize_t sd, Py_ssize_t th, Py_ssize_t sh, Py_ssize_t n,
                      Py_ssize_t ahead, Py_ssize_t fresh, bint begun) noexcept nogil:
    """`rows` folds: row r from src + r*src_step to dst + r*dst_step. ahead > 0: prefetch the last `fresh` taps of the row
    `ahead` elements further on."""
    cdef Py_ssize_t r, c, m, t, d, j, chunk = CHUNK // <Py_ssize_t>sizeof(acc_t)
    cdef const acc_t* row
    cdef const acc_t* q
    for r in range(rows):
        row = src + r * src_step
        c = 0
        while c < n:
            m = n - c if n - c < chunk else chunk
            if ahead > 0:
                for t in range(th - fresh, th):
                    for d in range(td):
                        q = row + ahead + t * sh + d * sd + c
                        j = 0
                        while j < m:
                            cp_prefetch(q + j)
                            j += 64 // <Py_ssize_t>sizeof(acc_t)
            fold_piece(op, dst + r * dst_step + c, row + c, td, sd, th, sh, m, begun)
            c += m


cdef inline void slide(op_t* op, acc_t* dst, Py_ssize_t dst_step, const acc_t* src, Py_ssize_t src_step, Py_ssize_t rows,
                       Py_ssize_t ow, Py_ssize_t k, Py_ssize_t s, Py_ssize_t d) noexcept nogil:
    """dst[r][o] = op over j < k of src[r][o*s + j*d], in order."""
    cdef Py_ssize_t r, o, j
    cdef const acc_t* a
    cdef acc_t* y
    for r in range(rows):
        a = src + r * src_step
        y = dst + r * dst_step
        if s == 2 and d == 1 and k == 2:
            for o in range(ow):
                y[o] = step(op, a[2 * o], a[2 * o + 1])
        elif s == 2 and d == 1 and k == 3:
            for o in range(ow):
                y[o] = step(op, step(op, a[2 * o], a[2 * o + 1]), a[2 * o + 2])
        elif s == 3 and d == 1 and k == 3:
            for o in range(ow):
                y[o] = step(op, step(op, a[3 * o], a[3 * o + 1]), a[3 * o + 2])
        elif s == 4 and d == 1 and k == 4:
            for o in range(ow):
                y[o] = step(op, step(op, step(op, a[4 * o], a[4 * o + 1]), a[4 * o + 2]), a[4 * o + 3])
        elif s == 1:
            if k == 1:
                for o in range(ow):
                    y[o] = a[o]
            else:
                for o in range(ow):
                    y[o] = step(op, a[o], a[o + d])
                for j in range(2, k):
                    for o in range(ow):
                        y[o] = step(op, y[o], a[o + j * d])
        elif s == 2:
            if k == 1:
                for o in range(ow):
                    y[o] = a[2 * o]
            else:
                for o in range(ow):
                    y[o] = step(op, a[2 * o], a[2 * o + d])
                for j in range(2, k):
                    for o in range(ow):
                        y[o] = step(op, y[o], a[2 * o + j * d])
        else:
            for o in range(ow):
                y[o] = a[o * s]
            for j in range(1, k):
                for o in range(ow):
                    y[o] = step(op, y[o], a[o * s + j * d])
