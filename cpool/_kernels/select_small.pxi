# Part of select.pyx: small windows. Rows of windows, kept while windows need them, then folded; or, with channels
# last, all taps at once. The loops are in winners.h.

cdef inline Py_ssize_t tap(const axis_t* a, Py_ssize_t o, Py_ssize_t k) noexcept nogil:
    """Position of tap k of window o, or of the real tap next to it: a tap that comes twice changes nothing."""
    cdef Py_ssize_t q = o * a.stride - a.lo + k * a.dilation, first = o * a.stride - a.lo, last = a.n - 1
    if a.dilation == 1:
        return most(0, least(q, last))
    if first < 0:
        first += (-first + a.dilation - 1) // a.dilation * a.dilation
    last = first + (last - first) // a.dilation * a.dilation
    return most(first, least(q, last))


cdef void row_of(core_t* v, index_t* ix, job_t* j, tile_t* t, Py_ssize_t row, Py_ssize_t start,
                 Py_ssize_t n) noexcept nogil:
    """n windows along row number `row` of the plane, from position `start` on (which may lie before it)."""
    cdef axis_t* w = &j.axis[2]
    cdef Py_ssize_t k = w.kernel, s = w.stride, d = w.dilation, i, f, c0, c1, length, at = t.o * j.plane + row * w.n
    cdef core_t* line = <core_t*>t.line
    cdef const unsigned char* x = j.x + at * j.size
    cdef core_t e
    if s <= 2 and at + start >= 0 and at + start + j.small_reach <= j.total:
        cp_rows(j.code, v, ix, x + start * j.size, j.tap_at, s == 2, <int>k, d, t.place, row * w.n, w.n - 1, j.mask, n,
                t.left, t.right, j.ahead * w.n)
        return
    # by way of a copy: positions with one remainder modulo the stride together, `length` elements each. Beyond the
    # ends of the row, the element next to them
    c0, c1 = most(0, start), least(w.n, start + (n - 1) * s + (k - 1) * d + 1)
    length = j.small_row + k * d
    if s <= 2:
        take(j.code, line + c0 - start, x + c0 * j.size, 1, j.flip, c1 - c0)
    else:
        for f in range(c0 - start, least(c1, c0 + s) - start):
            take(j.code, line + f % s * length + f // s, x + (start + f) * j.size, s, j.flip,
                 (c1 - start - f + s - 1) // s)
    f = s if s > 2 else 1
    i = c0 - start
    e = line[i % f * length + i // f]
    for i in range(i):
        line[i % f * length + i // f] = e
    i = c1 - 1 - start
    e = line[i % f * length + i // f]
    for i in range(i + 1, (n - 1) * s + (k - 1) * d + 1):
        line[i % f * length + i // f] = e
    cp_rows(j.core, v, ix, line, j.tap_at, s == 2, <int>k, d, t.place, row * w.n, w.n - 1, 0, n, 0,
            n + 64, 0)
    if start < 0:
        # no position lies before the row
        for i in range(least(n, (-start + s - 1) // s)):
            ix[i] = <index_t>most(<Py_ssize_t>ix[i], row * w.n)


cdef inline Py_ssize_t slot_of(const Py_ssize_t* held, Py_ssize_t row, Py_ssize_t slots) noexcept nogil:
    """Which of the slots holds a row; -1: none."""
    cdef Py_ssize_t i
    for i in range(slots):
        if held[i] == row:
            return i
    return -1


cdef void strip(core_t* tag, index_t* itag, job_t* j, tile_t* t, unsigned char* v, unsigned char* ix,
                const Py_ssize_t* rows, Py_ssize_t m, Py_ssize_t w0, Py_ssize_t w1) noexcept nogil:
    """Windows w0 to w1 of a row of windows over m rows, by way of rows of pairs."""
    cdef axis_t* w = &j.axis[2]
    cdef Py_ssize_t start = w0 * w.stride - w.lo, n = w1 - w0, i, r, slot, spare
    cdef bint taken[32]
    cdef const core_t* p[32]
    cdef const index_t* q[32]
    cdef Py_ssize_t* held = <Py_ssize_t*>t.held
    cdef core_t* hv = <core_t*>t.bv[1]
    cdef index_t* hi = <index_t*>t.bi[1]
    cdef index_t* place = <index_t*>t.place
    if t.start != start:
        t.start = start
        ends(j, t, start, n)
        for i in range(j.small_row):
            place[i] = <index_t>(start + i * w.stride)
        for i in range(j.slots):
            held[i] = -1
    if not j.near:
        # slots for as many rows as a window has, and no more: what it still needs stays where it is
        for i in range(j.slots):
            taken[i] = False
        for r in range(m):
            i = slot_of(held, rows[r], j.slots)
            if i >= 0:
                taken[i] = True
    spare = 0
    for r in range(m):
        if j.near:
            slot = rows[r] & (j.slots - 1)
        else:
            slot = slot_of(held, rows[r], j.slots)
            if slot < 0:
                while taken[spare]:
                    spare += 1
                slot = spare
                taken[slot] = True
        p[r], q[r] = hv + slot * j.small_row, hi + slot * j.small_row
        if held[slot] != rows[r]:
            held[slot] = rows[r]
            row_of(hv + slot * j.small_row, hi + slot * j.small_row, j, t, rows[r], start, n)
    cp_fold(j.code, j.index_bytes, v, ix, p, q, <int>m, n, j.mask)


cdef inline void ends(job_t* j, tile_t* t, Py_ssize_t start, Py_ssize_t n) noexcept nogil:
    """Which of n windows along a row from `start` on reach over its ends."""
    cdef axis_t* w = &j.axis[2]
    cdef Py_ssize_t last = w.n - (w.kernel - 1) * w.dilation - start
    t.left = (w.stride - 1 - start) // w.stride if start < 0 else 0
    t.right = n + 64 if (n - 1) * w.stride < last else (last + w.stride - 1) // w.stride if last > 0 else 0


cdef void small_rows(core_t* tag, index_t* itag, job_t* j, tile_t* t) noexcept nogil:
    """Outputs t.low to t.high of plane t.o, inner == 1."""
    cdef axis_t* dd = &j.axis[0]
    cdef axis_t* h = &j.axis[1]
    cdef axis_t* w = &j.axis[2]
    cdef Py_ssize_t kh = h.kernel, m = dd.kernel * kh
    cdef Py_ssize_t od, oh, w0, w1, v0, v1, r, n, at, row, start, origin = t.o * j.plane
    cdef const void* x[32]
    cdef Py_ssize_t rows[32]
    cdef Py_ssize_t places[32]
    cdef bint pad
    t.cn, t.c0 = 1, 0
    t.start = -4611686018427387904
    w1 = t.low[2]
    while w1 < t.high[2]:
        w0 = w1
        w1 = t.high[2] if j.direct else least(t.high[2], w0 + j.small_strip)
        n = w1 - w0
        start = w0 * w.stride - w.lo
        pad = start < 0 or (n - 1) * w.stride + w.kernel > w.n - start
        for od in range(t.low[0], t.high[0]):
            for oh in range(t.low[1], t.high[1]):
                for r in range(m):
                    if r >= kh:
                        rows[r] = tap(dd, od, r // kh) * h.n + tap(h, oh, r % kh)
                    else:
                        rows[r] = tap(dd, od, 0) * h.n + tap(h, oh, r)
                at = (od - t.low[0]) * (t.high[1] - t.low[1]) + oh - t.low[1]
                at = at * (t.high[2] - t.low[2])
                if not j.direct:
                    at += w0 - t.low[2]
                    strip(tag, itag, j, t, t.out + at * j.size if t.out != NULL else NULL, t.idx + at * j.index_bytes, rows, m,
                          w0, w1)
                    continue
                row = origin + rows[m - 1] * w.n + start
                if origin + rows[0] * w.n + start >= 0 and row + 2 * n + 48 <= j.total:
                    for r in range(m):
                        places[r] = rows[r] * w.n
                        x[r] = j.x + (origin + places[r] + start) * j.size
                    cp_direct(j.code, j.index_bytes, t.out + at * j.size if t.out != NULL else NULL,
                              t.idx + at * j.index_bytes, x, w.stride == 2, <int>w.kernel, pad, <int>m, places, start,
                              w.n, j.mask, n, <const char*>x[m - 1] + j.ahead * w.n * j.size,
                              h.stride * w.stride * 64 // itemsize_of(j.core) * j.size)
                    continue
                # these would be read beyond the array
                v1 = w0
                while v1 < w1:
                    v0 = v1
                    v1 = least(w1, v0 + j.small_strip)
                    r = at + v0 - w0
                    strip(tag, itag, j, t, t.out + r * j.size if t.out != NULL else NULL, t.idx + r * j.index_bytes, rows, m,
                          v0, v1)
                t.start = -4611686018427387904


cdef void small_lanes(job_t* j, tile_t* t) noexcept nogil:
    """Outputs t.low to t.high of plane t.o, inner at least a vector: all taps of 2x2 or 3x3 windows in one pass."""
    cdef axis_t* h = &j.axis[1]
    cdef axis_t* w = &j.axis[2]
    cdef Py_ssize_t k = w.kernel, od, oh, w0, w1, i, r, n, at, depth
    cdef const void* p[3]
    cdef Py_ssize_t off[3]
    cdef Py_ssize_t y[3]
    cdef Py_ssize_t* z = <Py_ssize_t*>t.held
    t.cn, t.c0 = j.inner, 0
    off[2] = 0
    w1 = t.low[2]
    while w1 < t.high[2]:
        w0 = w1
        w1 = least(t.high[2], w0 + j.small_strip)
        n = w1 - w0
        for i in range(n):
            for r in range(k):
                z[i * k + r] = tap(w, w0 + i, r)
        for od in range(t.low[0], t.high[0]):
            depth = axis_first(&j.axis[0], od)
            for oh in range(t.low[1], t.high[1]):
                for r in range(k):
                    y[r] = tap(h, oh, r)
                    p[r] = element(j, t, depth, y[r], 0)
                    off[r] = (y[r] - y[0]) * w.n
                at = (od - t.low[0]) * (t.high[1] - t.low[1]) + oh - t.low[1]
                at = (at * (t.high[2] - t.low[2]) + w0 - t.low[2]) * j.inner
                cp_lanes(j.code, j.index_bytes, t.out + at * j.size if t.out != NULL else NULL,
                         t.idx + at * j.index_bytes, p, <int>k, z, off, (depth * h.n + y[0]) * w.n, 0, j.inner, n,
                         j.mask, <const char*>p[k - 1] + (w0 * w.stride + w.n) * j.inner * j.size,
                         h.stride * w.stride * 64 // itemsize_of(j.core) * j.size)
