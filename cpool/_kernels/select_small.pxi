# Part of select.pyx: windows of 2 x 2 and 3 x 3 in one pass.

cdef inline void window(core_t* v, unsigned char* ix, int index_bytes, const core_t** p, Py_ssize_t taps,
                        Py_ssize_t s, Py_ssize_t x1, Py_ssize_t x2, index_t base, index_t move, index_t q1,
                        index_t q2, index_t r1, index_t r2, Py_ssize_t n) noexcept nogil:
    if index_bytes == 4:
        if taps == 2:
            window22(v, <int*>ix, p[0], p[1], s, x1, base, move, q1, r1, n)
        else:
            window33(v, <int*>ix, p[0], p[1], p[2], x1, x2, base, move, q1, q2, r1, r2, n)
    elif taps == 2:
        window22(v, <long long*>ix, p[0], p[1], s, x1, base, move, q1, r1, n)
    else:
        window33(v, <long long*>ix, p[0], p[1], p[2], x1, x2, base, move, q1, q2, r1, r2, n)


cdef inline Py_ssize_t tap(const axis_t* a, Py_ssize_t o, Py_ssize_t k) noexcept nogil:
    """Position of tap k of window o, or of the real tap next to it: a tap that comes twice changes nothing.
    """
    cdef Py_ssize_t q = o * a.stride - a.lo + k * a.dilation, first = o * a.stride - a.lo, last = a.n - 1
    if first < 0:
        first += (-first + a.dilation - 1) // a.dilation * a.dilation
    last = first + (last - first) // a.dilation * a.dilation
    return most(first, least(q, last))


cdef void spread_row(core_t* v, job_t* j, const char* x, Py_ssize_t start, Py_ssize_t s, Py_ssize_t length,
                     Py_ssize_t n) noexcept nogil:
    """Positions start to start + n of a row, those with one remainder modulo s together: `length` elements
    each.
    """
    cdef Py_ssize_t f
    if s == 1:
        take(j.code, v + start, x, 1, j.flip, n)
    elif s == 2:
        f = 1 - start % 2
        take2(j.code, v + start % 2 * length + start // 2, v + f * length + (start + 1) // 2, x, j.flip,
              n // 2)
        if n % 2:
            take(j.code, v + start % 2 * length + start // 2 + n // 2, x + (n - 1) * j.size, 1, j.flip, 1)
    else:
        for f in range(least(s, n)):
            take(j.code, v + (start + f) % s * length + (start + f) // s, x + f * j.size, s, j.flip,
                 (n - f + s - 1) // s)


cdef void small_rows(core_t* tag, index_t* itag, job_t* j, tile_t* t) noexcept nogil:
    """Outputs t.low to t.high of plane t.o,
    inner == 1: rows padded and split by phase of the stride, so that every tap
    is a contiguous row; one pass over the taps of a row of windows."""
    cdef axis_t* h = &j.axis[1]
    cdef axis_t* w = &j.axis[2]
    cdef Py_ssize_t k = w.kernel, s = w.stride, d = w.dilation, rows = (h.kernel - 1) * h.dilation + 1
    cdef Py_ssize_t vector = 64 // sizeof(core_t)
    cdef Py_ssize_t od, oh, ow, w0, w1, i, r, n, at, start, c0, c1, depth, y, rest, length, x1, x2, y0, width
    cdef Py_ssize_t ahead = 4 * h.stride
    cdef const core_t* p[3]
    cdef Py_ssize_t held[16]
    cdef core_t* buffer = <core_t*>t.line
    cdef core_t* v
    cdef unsigned char* ix
    cdef const char* x
    cdef index_t base
    cdef index_t off[3]
    t.cn, t.c0 = 1, 0
    for od in range(t.low[0], t.high[0]):
        depth = axis_first(&j.axis[0], od)
        w1 = t.low[2]
        while w1 < t.high[2]:
            w0 = w1
            w1 = least(t.high[2], w0 + j.small_strip)
            n = w1 - w0
            start = w0 * s - w.lo
            c0 = most(0, start)
            c1 = least(w.n, (w1 - 1) * s - w.lo + (k - 1) * d + 1)
            length = n + (k - 1) * d // s + 1
            x1, x2 = d % s * length + d // s, 2 * d % s * length + 2 * d // s
            width = s * length
            fill_row(buffer, lowest(tag), rows * width)
            for i in range(rows):
                held[i] = -1
            for oh in range(t.low[1], t.high[1]):
                y0 = tap(h, oh, 0)
                for r in range(k):
                    y = tap(h, oh, r)
                    off[r] = <index_t>((y - y0) * w.n)
                    i = y % rows
                    p[r] = buffer + i * width
                    if held[i] != y:
                        held[i] = y
                        spread_row(buffer + i * width, j, <const char*>element(j, t, depth, y, c0),
                                   c0 - start, s, length, c1 - c0)
                x = <const char*>element(j, t, depth, least(y0 + ahead, h.n - 1), c0)
                for i in range(0, (c1 - c0) * h.stride * j.size, 64):
                    cp_prefetch(x + i)
                base = <index_t>((depth * h.n + y0) * w.n + start)
                at = (od - t.low[0]) * (t.high[1] - t.low[1]) + oh - t.low[1]
                at = at * (t.high[2] - t.low[2]) + w0 - t.low[2]
                v, ix = <core_t*>t.v1, t.idx + at * j.index_bytes
                if j.straight and t.out != NULL:
                    v = <core_t*>t.out + at
                rest = n % vector if n > vector else 0
                window(v, ix, j.index_bytes, p, k, 1, x1, x2, base, <index_t>s, <index_t>d, <index_t>(2 * d),
                       off[1], off[2], n - rest)
                if rest:
                    i = n - vector              # the last vector overlaps the one before
                    for r in range(k):
                        p[r] += i
                    window(v + i, ix + i * j.index_bytes, j.index_bytes, p, k, 1, x1, x2,
                           base + <index_t>(i * s), <index_t>s, <index_t>d, <index_t>(2 * d), off[1], off[2],
                           vector)
                ow = w0
                while ow < w1 and ow * s < w.lo:
                    # the padding came first and nothing was greater: all taps are the lowest
                    first_of(ix + (ow - w0) * j.index_bytes, j.index_bytes, (depth * h.n + y0) * w.n, tap(w,
                             ow, 0))
                    ow += 1
                if not j.straight and t.out != NULL:
                    give(j.code, t.out + at * j.size, 1, v, j.flip, n)


cdef inline void first_of(unsigned char* ix, int index_bytes, Py_ssize_t row,
                          Py_ssize_t first) noexcept nogil:
    if index_bytes == 4:
        if (<int*>ix)[0] < row:
            (<int*>ix)[0] = <int>(row + first)
    elif (<long long*>ix)[0] < row:
        (<long long*>ix)[0] = row + first


cdef void small(core_t* tag, index_t* itag, job_t* j, tile_t* t) noexcept nogil:
    """Outputs t.low to t.high of plane t.o: all taps of a window in one pass."""
    cdef axis_t* h = &j.axis[1]
    cdef axis_t* w = &j.axis[2]
    cdef Py_ssize_t k = w.kernel, s = w.stride, inner = j.inner, rows = (h.kernel - 1) * h.dilation + 1
    cdef Py_ssize_t vector = 64 // sizeof(core_t)
    cdef Py_ssize_t od, oh, ow, w0, w1, a, b, i, r, n, at, c0, c1, depth, width, rest, line
    cdef Py_ssize_t ahead = 4 * h.stride
    cdef const core_t* p[3]
    cdef const core_t* e[3]
    cdef Py_ssize_t y[3]
    cdef Py_ssize_t z[3]
    cdef Py_ssize_t held[16]
    cdef core_t* buffer = <core_t*>t.line
    cdef core_t* av = <core_t*>t.v1
    cdef core_t* v
    cdef unsigned char* ix
    cdef const char* x
    cdef index_t base, r1, r2
    t.cn, t.c0 = inner, 0
    for od in range(t.low[0], t.high[0]):
        depth = axis_first(&j.axis[0], od)
        w1 = t.low[2]
        while w1 < t.high[2]:
            w0 = w1
            w1 = t.high[2] if j.straight else least(t.high[2], w0 + j.small_strip)
            c0 = most(0, w0 * s - w.lo)
            c1 = least(w.n, (w1 - 1) * s - w.lo + (k - 1) * w.dilation + 1)
            width = (c1 - c0) * inner
            a = least(w1, most(w0, (w.lo + s - 1) // s))
            b = w.n - 1 - (k - 1) * w.dilation + w.lo
            b = most(a, least(w1, b // s + 1 if b >= 0 else 0))
            if inner > 1:
                a = b = w1
            for i in range(rows):
                held[i] = -1
            for oh in range(t.low[1], t.high[1]):
                for r in range(k):
                    y[r] = tap(h, oh, r)
                    x = <const char*>element(j, t, depth, y[r], c0)
                    if j.straight:
                        p[r] = <const core_t*>x
                    else:
                        i = y[r] % rows
                        p[r] = buffer + i * width
                        if held[i] != y[r]:
                            held[i] = y[r]
                            take(j.code, buffer + i * width, x, 1, j.flip, width)
                base = <index_t>((depth * h.n + y[0]) * w.n)
                r1, r2 = <index_t>((y[1] - y[0]) * w.n), 0
                if k == 3:
                    r2 = <index_t>((y[2] - y[0]) * w.n)
                at = (od - t.low[0]) * (t.high[1] - t.low[1]) + oh - t.low[1]
                at = (at * (t.high[2] - t.low[2]) + w0 - t.low[2]) * inner
                v, ix = av, t.idx + at * j.index_bytes
                if j.straight and t.out != NULL:
                    v = <core_t*>t.out + at
                if inner == 1:
                    x = <const char*>element(j, t, depth, least(y[0] + ahead, h.n - 1), c0)
                    for i in range(0, width * h.stride * j.size, 64):
                        cp_prefetch(x + i)
                n = b - a
                if n > 0:
                    for r in range(k):
                        e[r] = p[r] + a * s - w.lo - c0
                    i = a - w0
                    rest = n % vector if n > vector else 0
                    # the last vector overlaps the one before
                    window(v + i, ix + i * j.index_bytes, j.index_bytes, e, k, s, w.dilation, 2 * w.dilation,
                           base + <index_t>(a * s - w.lo), <index_t>s, <index_t>w.dilation,
                           <index_t>(2 * w.dilation), r1, r2, n - rest)
                    if rest:
                        i += n - vector
                        for r in range(k):
                            e[r] += (n - vector) * s
                        window(v + i, ix + i * j.index_bytes, j.index_bytes, e, k, s, w.dilation,
                               2 * w.dilation, base + <index_t>((b - vector) * s - w.lo), <index_t>s,
                               <index_t>w.dilation, <index_t>(2 * w.dilation), r1, r2, vector)
                ow = w0 if a > w0 else b
                while ow < w1:
                    z[0], z[1], z[2] = tap(w, ow, 0), tap(w, ow, 1), tap(w, ow, k - 1)
                    for r in range(k):
                        e[r] = p[r] + (z[0] - c0) * inner
                    window(v + (ow - w0) * inner, ix + (ow - w0) * inner * j.index_bytes, j.index_bytes, e, k,
                           1, (z[1] - z[0]) * inner, (z[2] - z[0]) * inner, base + <index_t>z[0], 0,
                           <index_t>(z[1] - z[0]), <index_t>(z[2] - z[0]), r1, r2, inner)
                    ow += 1
                    if ow == a:
                        ow = b
                if not j.straight and t.out != NULL:
                    give(j.code, t.out + at * j.size, 1, v, j.flip, (w1 - w0) * inner)
