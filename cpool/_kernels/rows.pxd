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
    CHUNK = 256           # bytes of a row handled at a time when rows are long: prefetches stay few and close


cdef inline void combine(op_t* op, acc_t* dst, Py_ssize_t dst_step, const acc_t** p, Py_ssize_t src_step, Py_ssize_t rows,
                         Py_ssize_t m, Py_ssize_t n, bint begun) noexcept nogil:
    """dst[i] = dst[i] (if begun) and the m <= 4 taps p[0][i], p[1][i], ... in order; `rows` times."""
    cdef Py_ssize_t i, _r
    cdef const acc_t* a = p[0]
    cdef const acc_t* b = p[1]
    cdef const acc_t* c = p[2]
    cdef const acc_t* e = p[3]
    for _r in range(rows):
        if not begun:
            if m == 1:
                for i in range(n):
                    dst[i] = a[i]
            elif m == 2:
                for i in range(n):
                    dst[i] = step(op, a[i], b[i])
            elif m == 3:
                for i in range(n):
                    dst[i] = step(op, step(op, a[i], b[i]), c[i])
            else:
                for i in range(n):
                    dst[i] = step(op, step(op, step(op, a[i], b[i]), c[i]), e[i])
        elif m == 1:
            for i in range(n):
                dst[i] = step(op, dst[i], a[i])
        elif m == 2:
            for i in range(n):
                dst[i] = step(op, step(op, dst[i], a[i]), b[i])
        elif m == 3:
            for i in range(n):
                dst[i] = step(op, step(op, step(op, dst[i], a[i]), b[i]), c[i])
        else:
            for i in range(n):
                dst[i] = step(op, step(op, step(op, step(op, dst[i], a[i]), b[i]), c[i]), e[i])
        dst = dst + dst_step
        a = a + src_step
        b = b + src_step
        c = c + src_step
        e = e + src_step


cdef inline void few(op_t* op, acc_t* dst, Py_ssize_t dst_step, const acc_t** p, Py_ssize_t src_step, Py_ssize_t rows,
                     Py_ssize_t m, Py_ssize_t n, bint begun) noexcept nogil:
    """`combine` for rows shorter than a vector."""
    cdef Py_ssize_t i, k, r
    cdef acc_t v
    for r in range(rows):
        for i in range(n):
            v = dst[r * dst_step + i] if begun else p[0][r * src_step + i]
            for k in range(0 if begun else 1, m):
                v = step(op, v, p[k][r * src_step + i])
            dst[r * dst_step + i] = v


cdef inline void taps(op_t* op, acc_t* dst, Py_ssize_t dst_step, const acc_t** p, Py_ssize_t src_step, Py_ssize_t rows,
                      Py_ssize_t m, Py_ssize_t n, bint begun) noexcept nogil:
    """`combine` without a scalar rest: gcc's has branches for comparisons, and mispredicted they cost more than the row.
    So: whole vectors, then one more that ends with the row. Max and min may see an element twice; so may any fold that
    only writes; a sum that has begun may not (its scalar rest has no branches)."""
    cdef Py_ssize_t lanes = 32 // <Py_ssize_t>sizeof(acc_t), k, at = 0, size = n & -lanes
    cdef const acc_t* q[4]
    if op_t is Add:
        if begun or acc_t is i128_t:
            combine(op, dst, dst_step, p, src_step, rows, m, n, begun)
            return
    if n < lanes:
        few(op, dst, dst_step, p, src_step, rows, m, n, begun)
        return
    while True:                        # a loop, so that gcc does not unroll the last vector into scalars
        for k in range(4):
            q[k] = p[k] + at
        combine(op, dst + at, dst_step, q, src_step, rows, m, size & -lanes, begun)
        if at + size == n:
            break
        at, size = n - lanes, lanes


cdef inline void fold_piece(op_t* op, acc_t* dst, Py_ssize_t dst_step, const acc_t* src, Py_ssize_t src_step, Py_ssize_t rows,
                            Py_ssize_t td, Py_ssize_t sd, Py_ssize_t th, Py_ssize_t sh, Py_ssize_t n,
                            bint begun) noexcept nogil:
    """Per row: dst[i] = op over h < th, d < td of src[h*sh + d*sd + i], in that order; begun: after what dst holds."""
    cdef Py_ssize_t k, left = td * th, h = 0, d = 0, m
    cdef const acc_t* p[4]
    while left > 0:
        m = left if left < 4 else 4
        for k in range(m):
            p[k] = src + h * sh + d * sd
            d += 1
            if d == td:
                d = 0
                h += 1
        for k in range(m, 4):
            p[k] = p[0]
        left -= m
        taps(op, dst, dst_step, p, src_step, rows, m, n, begun)
        begun = True


cdef inline void fold(op_t* op, acc_t* dst, Py_ssize_t dst_step, const acc_t* src, Py_ssize_t src_step, Py_ssize_t rows,
                      Py_ssize_t td, Py_ssize_t sd, Py_ssize_t th, Py_ssize_t sh, Py_ssize_t n,
                      Py_ssize_t ahead, Py_ssize_t fresh, bint begun) noexcept nogil:
    """`rows` folds: row r from src + r*src_step to dst + r*dst_step. ahead > 0: prefetch the last `fresh` taps of the row
    `ahead` elements further on."""
    cdef Py_ssize_t r, c, m, t, d, j, chunk = CHUNK // <Py_ssize_t>sizeof(acc_t)
    cdef const acc_t* row
    cdef const acc_t* q
    if rows > 1 and dst_step == n and src_step == n and ahead == 0:
        n = n * rows
        rows = 1
    if ahead == 0 and n <= 16 * chunk:
        fold_piece(op, dst, dst_step, src, src_step, rows, td, sd, th, sh, n, begun)
        return
    for r in range(rows):
        row = src + r * src_step
        c = 0
        while c < n:
            m = chunk if ahead > 0 else 16 * chunk
            if n - c < m:
                m = n - c
            if ahead > 0:
                for t in range(th - fresh, th):
                    for d in range(td):
                        q = row + ahead + t * sh + d * sd + c
                        j = 0
                        while j < m:
                            cp_prefetch(q + j)
                            j += 64 // <Py_ssize_t>sizeof(acc_t)
            fold_piece(op, dst + r * dst_step + c, 0, row + c, 0, 1, td, sd, th, sh, m, begun)
            c += m


cdef enum:
    PIECE = 128           # outputs of `slide` at a time: their phases stay in the L1 cache


cdef inline void split(acc_t* to, const acc_t* a, Py_ssize_t s, Py_ssize_t phases, Py_ssize_t n,
                       Py_ssize_t room) noexcept nogil:
    """to[r*room + i] = a[i*s + r]: one array per phase."""
    cdef Py_ssize_t i, r
    cdef acc_t* u = to
    cdef acc_t* v = to + room
    cdef acc_t* w = to + 2 * room
    cdef acc_t* x = to + 3 * room
    if s == 2 and phases == 2:
        for i in range(n):
            u[i] = a[2 * i]
            v[i] = a[2 * i + 1]
    elif s == 3 and phases == 3:
        for i in range(n):
            u[i] = a[3 * i]
            v[i] = a[3 * i + 1]
            w[i] = a[3 * i + 2]
    elif s == 4 and phases == 4:
        for i in range(n):
            u[i] = a[4 * i]
            v[i] = a[4 * i + 1]
            w[i] = a[4 * i + 2]
            x[i] = a[4 * i + 3]
    else:
        for r in range(phases):
            u = to + r * room
            for i in range(n):
                u[i] = a[i * s + r]


cdef inline void pairs(op_t* op, acc_t* y, const acc_t* a, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t o
    for o in range(n):
        y[o] = step(op, a[2 * o], a[2 * o + 1])


cdef inline void slide(op_t* op, acc_t* dst, Py_ssize_t dst_step, const acc_t* src, Py_ssize_t src_step, Py_ssize_t rows,
                       Py_ssize_t ow, Py_ssize_t k, Py_ssize_t s, Py_ssize_t d) noexcept nogil:
    """dst[r][o] = op over j < k of src[r][o*s + j*d], in order.

    Polyphase: element o*s + j*d is element o + (j*d)//s of phase (j*d) % s; with the phases apart, windows are folds.
    """
    cdef Py_ssize_t r, o, j, m, e, q, n, lanes = 32 // <Py_ssize_t>sizeof(acc_t)
    cdef Py_ssize_t room = PIECE + 64, reach = (k - 1) * d
    cdef const acc_t* a
    cdef const acc_t* p[4]
    cdef acc_t* y
    cdef acc_t phase[4 * (PIECE + 64)]
    cdef bint begun
    if k == 2 and s == 2 and d == 1:
        for r in range(rows):
            a = src + r * src_step
            y = dst + r * dst_step
            if ow < lanes:
                for o in range(ow):
                    y[o] = step(op, a[2 * o], a[2 * o + 1])
            else:
                o, m = 0, ow & -lanes
                while True:
                    pairs(op, y + o, a + 2 * o, m & -lanes)
                    if o + m == ow:
                        break
                    o, m = ow - lanes, lanes
        return
    if k == 1 or reach < 0 or reach // s >= 60 or s > 4 or s == 1:
        # distant taps or strides: element by element
        for r in range(rows):
            a = src + r * src_step
            y = dst + r * dst_step
            for o in range(ow):
                y[o] = a[o * s]
            for j in range(1, k):
                for o in range(ow):
                    y[o] = step(op, y[o], a[o * s + j * d])
        return
    for r in range(rows):
        o = 0
        while o < ow:
            m = ow - o if ow - o < PIECE else PIECE
            a = src + r * src_step + o * s
            # the last phases may have one element less than the first: no read beyond the last window
            n = m - 1 + reach // s
            split(phase, a, s, s, n, room)
            for j in range((m - 1) * s + reach - n * s + 1):
                phase[j * room + n] = a[n * s + j]
            begun = False
            j = 0
            while j < k:
                e = k - j if k - j < 4 else 4
                for q in range(4):
                    if q < e:
                        p[q] = &phase[(((j + q) * d) % s) * room + ((j + q) * d) // s]
                    else:
                        p[q] = p[0]
                taps(op, dst + r * dst_step + o, 0, p, 0, 1, e, m, begun)
                begun = True
                j += e
            o += m
