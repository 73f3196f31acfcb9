"""Windows whose bounds are listed: max and min with the position of the winner, averages and their gradient.

a) Bounds are an int64 array with one row for each plane, or one row for all (task.mode 0): for D, H and W in turn
   the starts, and, where the windows are not all of one size (axis.kernel 0), the stops. Both never fall from one
   window to the next, each window holds something, and all lie inside the axis: `_geometry` sees to it.
b) The rows of a window are combined first, column by column at full vector width, then the columns of each window:
   kd*kh + kw steps, not their product, whatever the bounds. For max and min the first pass is a strict comparison
   in row-major order; in the second equals are told apart by their positions, so that its order is free: windows of
   one size are doubled (1, 2, 4 ... columns, then two overlapping halves) and gathered, others are taken tap by tap.
c) Pairs of value and index are those of `select.pyx`. Averages are added up in double (float64 with the rounding
   errors beside it), int64 or 128 bits, and rounded once.
d) Gradient of an average: a row of gx gathers the rows of windows that reach it, each divided by its extent along D
   and H, then adds each column's share to the elements it spans. One order of additions, whatever the threads.
e) Columns (times channels) in pieces of `LINE` elements: scratch of 64 to 200 kB for a thread. A wider window is
   put together from pieces.
"""
from cpython.pycapsule cimport PyCapsule_New
from cython.parallel cimport parallel, prange
from libc.stdlib cimport free, malloc

from cpool._kernels.axis cimport axis_t
from cpool._kernels.numeric cimport (
    U8, I8, U16, I16, U32, I32, U64, I64, F32, F64, F16, as_double, bf16_t, cp_rint, f16_t, i128_add,
    i128_from_i64, i128_from_u64, i128_round_div, i128_t, i128_to_double, itemsize_of, narrow, output_t, storage_t, u64)
from cpool._kernels.pairs cimport beats, blend, core_t, give, give_index, index_t, take
from cpool._plan cimport NO_MEMORY, Windows, kernel_api_t, task_t

cdef enum:
    LINE = 2048           # elements of a row of columns at a time
    LANES = 512           # channels at a time
    PLACED = LINE + LANES
    BLOCK = 256           # 16-bit floats converted at a time

cdef enum:
    BEST = 0
    MEAN = 1
    SHARE = 2

ctypedef fused total_t:
    double
    long long
    i128_t

ctypedef fused grad_t:
    float
    double
    f16_t
    bf16_t


cdef struct job_t:
    int kind, code, out_code, flip, index_bytes
    bint each                     # every plane has a row of bounds of its own
    bint wide                     # positions, or sums, need more bits
    const unsigned char* x
    const long long* bounds
    unsigned char* out
    unsigned char* idx            # NULL: values only
    Py_ssize_t size, out_size     # of an element
    axis_t axis[3]
    Py_ssize_t pitch              # numbers in a row of bounds
    Py_ssize_t outer, inner, plane, plane_out
    Py_ssize_t bands              # parts of a plane, by rows


cdef struct edges_t:
    const long long* start[3]
    const long long* stop[3]      # NULL: windows of one size
    Py_ssize_t kernel[3]


cdef struct tile_t:
    edges_t e
    Py_ssize_t o, c0, cn, placed
    void* place                   # column of each element of a row of columns
    void* v1
    void* i1
    void* v2
    void* i2
    void* ov
    void* oi
    void* line


cdef inline Py_ssize_t most(Py_ssize_t a, Py_ssize_t b) noexcept nogil:
    return a if a > b else b


cdef inline Py_ssize_t least(Py_ssize_t a, Py_ssize_t b) noexcept nogil:
    return a if a < b else b


cdef inline Py_ssize_t stop_of(const edges_t* e, int axis, Py_ssize_t o) noexcept nogil:
    return e.start[axis][o] + e.kernel[axis] if e.stop[axis] == NULL else e.stop[axis][o]


cdef inline Py_ssize_t size_of(const edges_t* e, int axis, Py_ssize_t o) noexcept nogil:
    return stop_of(e, axis, o) - e.start[axis][o]


cdef void read_edges(edges_t* e, const job_t* j, Py_ssize_t plane) noexcept nogil:
    cdef const long long* at = j.bounds + (plane * j.pitch if j.each else 0)
    cdef int i
    for i in range(3):
        e.kernel[i] = j.axis[i].kernel
        e.start[i] = at
        at += j.axis[i].out
        e.stop[i] = NULL
        if e.kernel[i] == 0:
            e.stop[i] = at
            at += j.axis[i].out


cdef Py_ssize_t columns(const edges_t* e, Py_ssize_t w, Py_ssize_t end, Py_ssize_t cn) noexcept nogil:
    """The window up to which those from w on span no more than a piece; w + 1 at least."""
    cdef Py_ssize_t low = w + 1, high = end, m, first = e.start[2][w], room = most(1, LINE // cn)
    while low < high:
        m = (low + high + 1) // 2
        if stop_of(e, 2, m - 1) - first <= room:
            low = m
        else:
            high = m - 1
    return low


# ---------------------------------------------------------------- max and min

cdef inline void tied(core_t* v, index_t* ix, const core_t* a, const index_t* ia, const core_t* b,
                      const index_t* ib, Py_ssize_t n) noexcept nogil:
    """The better of a[i] and b[i], of equals the one in front. v is neither a nor b."""
    cdef Py_ssize_t i
    cdef index_t m
    for i in range(n):
        if core_t is float or core_t is double:
            m = -<index_t>(beats(b[i], a[i])
                           | (((b[i] == a[i]) | ((a[i] != a[i]) & (b[i] != b[i]))) & (ib[i] < ia[i])))
        else:
            m = -<index_t>((b[i] > a[i]) | ((b[i] == a[i]) & (ib[i] < ia[i])))
        ix[i] = (ib[i] & m) | (ia[i] & ~m)
        v[i] = blend(m, b[i], a[i])


cdef inline void tie(core_t* v, index_t* ix, const core_t* b, const index_t* ib, Py_ssize_t n) noexcept nogil:
    """v[i] takes b[i] where that is better or, of equals, in front."""
    cdef Py_ssize_t i
    cdef index_t m
    for i in range(n):
        if core_t is float or core_t is double:
            m = -<index_t>(beats(b[i], v[i])
                           | (((b[i] == v[i]) | ((v[i] != v[i]) & (b[i] != b[i]))) & (ib[i] < ix[i])))
        else:
            m = -<index_t>((b[i] > v[i]) | ((b[i] == v[i]) & (ib[i] < ix[i])))
        ix[i] = (ib[i] & m) | (ix[i] & ~m)
        v[i] = blend(m, b[i], v[i])


cdef inline void start_rows(core_t* v, index_t* ix, const core_t* x, const index_t* place, index_t base,
                            Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        v[i] = x[i]
        ix[i] = base + place[i]


cdef inline void add_row(core_t* v, index_t* ix, const core_t* x, const index_t* place, index_t base,
                         Py_ssize_t n) noexcept nogil:
    """v[i] takes x[i], of a later row, where that is better."""
    cdef Py_ssize_t i
    cdef index_t m
    for i in range(n):
        m = -<index_t>beats(x[i], v[i])
        ix[i] = ((base + place[i]) & m) | (ix[i] & ~m)
        v[i] = blend(m, x[i], v[i])


cdef inline void two_rows(core_t* v, index_t* ix, const core_t* x, const core_t* y, const index_t* place,
                          index_t base, index_t next, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    cdef index_t m
    for i in range(n):
        m = -<index_t>beats(y[i], x[i])
        ix[i] = place[i] + ((next & m) | (base & ~m))
        v[i] = blend(m, y[i], x[i])


cdef inline const core_t* row_of(core_t* line, const job_t* j, const tile_t* t, Py_ssize_t row, Py_ssize_t x0,
                                 Py_ssize_t count, bint straight) noexcept nogil:
    """Columns x0 on of a row, as core values; in place if they are that already."""
    cdef Py_ssize_t i
    cdef const unsigned char* x = j.x + (t.o * j.plane + (row * j.axis[2].n + x0) * j.inner + t.c0) * j.size
    if t.cn == j.inner:
        if straight:
            return <const core_t*>x
        take(j.code, line, x, 1, j.flip, count * t.cn)
    else:
        for i in range(count):
            take(j.code, line + i * t.cn, x + i * j.inner * j.size, 1, j.flip, t.cn)
    return line


cdef void fold_rows(core_t* v, index_t* ix, const job_t* j, tile_t* t, Py_ssize_t od, Py_ssize_t oh, Py_ssize_t x0,
                    Py_ssize_t count) noexcept nogil:
    """The best of each of `count` columns from x0 on over the rows of windows (od, oh)."""
    cdef core_t* line = <core_t*>t.line
    cdef const index_t* place = <const index_t*>t.place
    cdef const core_t* held = NULL
    cdef const core_t* x
    cdef Py_ssize_t d, h, row, n = count * t.cn, h0 = t.e.start[1][oh], h1 = stop_of(&t.e, 1, oh), seen = 0
    cdef index_t base, before = 0
    cdef bint straight
    if core_t is float:
        straight = not j.flip and j.code == F32
    elif core_t is double:
        straight = not j.flip and j.code == F64
    elif core_t is int:
        straight = not j.flip and j.code == I32
    else:
        straight = not j.flip and j.code == I64
    for d in range(t.e.start[0][od], stop_of(&t.e, 0, od)):
        for h in range(h0, h1):
            row = d * j.axis[1].n + h
            base = <index_t>(row * j.axis[2].n + x0)
            x = row_of(line + (seen & 1) * PLACED, j, t, row, x0, count, straight)
            if seen == 0:
                held, before = x, base
            elif seen == 1:
                two_rows(v, ix, held, x, place, before, base, n)
            else:
                add_row(v, ix, x, place, base, n)
            seen += 1
    if seen == 1:
        start_rows(v, ix, held, place, before, n)


cdef void gather(core_t* ov, index_t* oi, const core_t* v, const index_t* ix, const long long* start,
                 Py_ssize_t x0, Py_ssize_t count, Py_ssize_t cn) noexcept nogil:
    cdef Py_ssize_t i, c, p
    if cn == 1:
        for i in range(count):
            p = start[i] - x0
            ov[i] = v[p]
            oi[i] = ix[p]
    else:
        for i in range(count):
            p = (start[i] - x0) * cn
            for c in range(cn):
                ov[i * cn + c] = v[p + c]
                oi[i * cn + c] = ix[p + c]


cdef void best_row(core_t* tag, index_t* itag, const job_t* j, tile_t* t, Py_ssize_t od,
                   Py_ssize_t oh) noexcept nogil:
    """One row of windows."""
    cdef core_t* v = <core_t*>t.v1
    cdef index_t* ix = <index_t*>t.i1
    cdef core_t* v2 = <core_t*>t.v2
    cdef index_t* i2 = <index_t*>t.i2
    cdef core_t* ov = <core_t*>t.ov
    cdef index_t* oi = <index_t*>t.oi
    cdef Py_ssize_t w = 0, w1, x0, x1, n, span, i, s, cn = t.cn, end = j.axis[2].out, k = t.e.kernel[2]
    cdef Py_ssize_t room = most(1, LINE // cn), at, a, b
    cdef bint first
    while w < end:
        w1 = least(columns(&t.e, w, end, cn), w + room)      # many windows may share few columns
        x0, x1 = t.e.start[2][w], stop_of(&t.e, 2, w1 - 1)
        if x1 - x0 > room:
            first = True
            while x0 < x1:
                n = least(room, x1 - x0)
                fold_rows(v, ix, j, t, od, oh, x0, n)
                for i in range(1, n):
                    tie(v, ix, v + i * cn, ix + i * cn, cn)
                if first:
                    gather(ov, oi, v, ix, &t.e.start[2][w], t.e.start[2][w], 1, cn)
                else:
                    tie(ov, oi, v, ix, cn)
                first = False
                x0 += n
        else:
            n = (x1 - x0) * cn
            fold_rows(v, ix, j, t, od, oh, x0, x1 - x0)
            if k > 0:
                span = 1
                while span < k:
                    s = least(span, k - span)
                    n -= s * cn
                    tied(v2, i2, v, ix, v + s * cn, ix + s * cn, n)
                    v, v2, ix, i2 = v2, v, i2, ix
                    span += s
                gather(ov, oi, v, ix, &t.e.start[2][w], x0, w1 - w, cn)
            else:
                gather(ov, oi, v, ix, &t.e.start[2][w], x0, w1 - w, cn)
                for i in range(w1 - w):
                    a, b = t.e.start[2][w + i] - x0, t.e.stop[2][w + i] - x0
                    for s in range(a + 1, b):
                        tie(ov + i * cn, oi + i * cn, v + s * cn, ix + s * cn, cn)
        at = t.o * j.plane_out + ((od * j.axis[1].out + oh) * end + w) * j.inner + t.c0
        if cn == j.inner:
            give(j.code, j.out + at * j.size, 1, ov, j.flip, (w1 - w) * cn)
            if j.idx != NULL:
                give_index(j.index_bytes, j.idx + at * j.index_bytes, 1, oi, (w1 - w) * cn)
        else:
            for i in range(w1 - w):
                give(j.code, j.out + (at + i * j.inner) * j.size, 1, ov + i * cn, j.flip, cn)
                if j.idx != NULL:
                    give_index(j.index_bytes, j.idx + (at + i * j.inner) * j.index_bytes, 1, oi + i * cn, cn)
        w = w1


cdef void best_part(core_t* tag, index_t* itag, const job_t* j, tile_t* t, Py_ssize_t number) noexcept nogil:
    cdef Py_ssize_t band = number % j.bands, rows = j.axis[0].out * j.axis[1].out, r, i
    cdef index_t* place = <index_t*>t.place
    t.o = number // j.bands
    read_edges(&t.e, j, t.o)
    t.c0 = 0
    while t.c0 < j.inner:
        t.cn = least(LANES, j.inner - t.c0)
        if t.placed != t.cn:
            for i in range(PLACED):
                place[i] = <index_t>(i // t.cn)
            t.placed = t.cn
        for r in range(rows // j.bands * band + least(band, rows % j.bands),
                       rows // j.bands * (band + 1) + least(band + 1, rows % j.bands)):
            best_row(tag, itag, j, t, r // j.axis[1].out, r % j.axis[1].out)
        t.c0 += t.cn


# ---------------------------------------------------------------- averages

cdef inline void plus(total_t* s, double* lost, total_t v, bint exact) noexcept nogil:
    """s += v; what a sum of float64 rounds away goes to `lost`."""
    cdef double t, z
    if total_t is i128_t:
        s[0] = i128_add(s[0], v)
    elif total_t is double:
        if exact:
            t = s[0] + v
            z = t - s[0]
            lost[0] += (s[0] - (t - z)) + (v - z)
            s[0] = t
        else:
            s[0] = s[0] + v
    else:
        s[0] = s[0] + v


cdef inline void add_values(total_t* s, double* lost, const storage_t* x, bint exact, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        if storage_t is float or storage_t is double or storage_t is f16_t or storage_t is bf16_t:
            if total_t is double:
                if exact:
                    plus(s + i, lost + i, as_double(x[i]), True)
                else:
                    s[i] = s[i] + as_double(x[i])
        elif total_t is i128_t:
            if storage_t is u64:
                s[i] = i128_add(s[i], i128_from_u64(x[i]))
            else:
                s[i] = i128_add(s[i], i128_from_i64(<long long>x[i]))
        elif total_t is not double:
            s[i] = s[i] + <long long>x[i]


cdef void add_any(total_t* s, double* lost, int code, const void* x, bint exact, Py_ssize_t n) noexcept nogil:
    cdef float block[BLOCK]
    cdef Py_ssize_t at = 0, m
    if total_t is double:
        if code == F32:
            add_values(s, lost, <const float*>x, False, n)
        elif code == F64:
            add_values(s, lost, <const double*>x, exact, n)
        else:
            # to float at vector width first: straight to double gcc converts one by one, at a fifth of the speed
            while at < n:
                m = least(BLOCK, n - at)
                take(code, &block[0], <const char*>x + 2 * at, 1, False, m)
                add_values(s + at, lost + at, &block[0], False, m)
                at += m
    elif code == U8:
        add_values(s, lost, <const unsigned char*>x, False, n)
    elif code == I8:
        add_values(s, lost, <const signed char*>x, False, n)
    elif code == U16:
        add_values(s, lost, <const unsigned short*>x, False, n)
    elif code == I16:
        add_values(s, lost, <const short*>x, False, n)
    elif code == U32:
        add_values(s, lost, <const unsigned int*>x, False, n)
    elif code == I32:
        add_values(s, lost, <const int*>x, False, n)
    elif code == U64:
        add_values(s, lost, <const unsigned long long*>x, False, n)
    else:
        add_values(s, lost, <const long long*>x, False, n)


cdef inline void clear(total_t* s, double* lost, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        if total_t is i128_t:
            s[i] = i128_from_i64(0)
        else:
            s[i] = 0
        lost[i] = 0


cdef inline void quotient(output_t* out, total_t s, double lost, double taps) noexcept nogil:
    cdef double v
    cdef i128_t whole
    if total_t is double:
        # infinities leave a NaN in what was lost
        narrow(out, (s + lost if lost == lost else s) / taps)
    else:
        if total_t is i128_t:
            v = i128_to_double(s)
            whole = s
        else:
            v = <double>s
            whole = i128_from_i64(s)
        if output_t is float or output_t is double:
            out[0] = <output_t>(v / taps)
        elif output_t is not f16_t and output_t is not bf16_t:
            # below 2**51 no quotient is nearer to a tie than its rounding
            if -2251799813685248.0 < v < 2251799813685248.0:
                out[0] = <output_t><long long>cp_rint(v / taps)
            else:
                out[0] = <output_t>i128_round_div(whole, <unsigned long long>taps)


cdef void divide(int code, void* out, Py_ssize_t at, const total_t* s, const double* lost, double taps,
                 Py_ssize_t n) noexcept nogil:
    """n averages to the elements from `at` on."""
    cdef Py_ssize_t i
    if code == F32:
        for i in range(n):
            quotient(<float*>out + at + i, s[i], lost[i], taps)
    elif code == F64:
        for i in range(n):
            quotient(<double*>out + at + i, s[i], lost[i], taps)
    elif total_t is double:
        for i in range(n):
            if code == F16:
                quotient(<f16_t*>out + at + i, s[i], lost[i], taps)
            else:
                quotient(<bf16_t*>out + at + i, s[i], lost[i], taps)
    elif total_t is i128_t:
        for i in range(n):
            if code == U64:
                quotient(<unsigned long long*>out + at + i, s[i], lost[i], taps)
            elif code == I64:
                quotient(<long long*>out + at + i, s[i], lost[i], taps)
            elif code == U32:
                quotient(<unsigned int*>out + at + i, s[i], lost[i], taps)
            else:
                quotient(<int*>out + at + i, s[i], lost[i], taps)
    else:
        for i in range(n):
            if code == U8:
                quotient(<unsigned char*>out + at + i, s[i], lost[i], taps)
            elif code == I8:
                quotient(<signed char*>out + at + i, s[i], lost[i], taps)
            elif code == U16:
                quotient(<unsigned short*>out + at + i, s[i], lost[i], taps)
            elif code == I16:
                quotient(<short*>out + at + i, s[i], lost[i], taps)
            elif code == U32:
                quotient(<unsigned int*>out + at + i, s[i], lost[i], taps)
            else:
                quotient(<int*>out + at + i, s[i], lost[i], taps)


cdef void add_columns(total_t* s, double* lost, const job_t* j, const tile_t* t, Py_ssize_t od, Py_ssize_t oh,
                      Py_ssize_t x0, Py_ssize_t count) noexcept nogil:
    """The sums of `count` columns from x0 on over the rows of windows (od, oh)."""
    cdef Py_ssize_t d, h, i, pieces = 1, n = count * t.cn
    cdef const unsigned char* x
    clear(s, lost, n)
    if t.cn != j.inner:
        pieces, n = count, t.cn
    for d in range(t.e.start[0][od], stop_of(&t.e, 0, od)):
        for h in range(t.e.start[1][oh], stop_of(&t.e, 1, oh)):
            x = j.x + (t.o * j.plane + ((d * j.axis[1].n + h) * j.axis[2].n + x0) * j.inner + t.c0) * j.size
            for i in range(pieces):
                add_any(s + i * n, lost + i * n, j.code, x + i * j.inner * j.size, True, n)


cdef inline void add_lanes(total_t* s, double* lost, const total_t* x, const double* xlost, bint exact,
                           Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t c
    for c in range(n):
        plus(s + c, lost + c, x[c], exact)
        lost[c] += xlost[c]


cdef void mean_row(total_t* tag, const job_t* j, tile_t* t, Py_ssize_t od, Py_ssize_t oh) noexcept nogil:
    cdef total_t* s = <total_t*>t.v1
    cdef double* lost = <double*>t.v2
    cdef total_t* os = <total_t*>t.ov
    cdef double* olost = <double*>t.oi
    cdef Py_ssize_t w = 0, w1, x0, x1, n, i, p, cn = t.cn, end = j.axis[2].out, at, a, b
    cdef Py_ssize_t room = most(1, LINE // cn), k = t.e.kernel[2]
    cdef double rows = <double>size_of(&t.e, 0, od) * size_of(&t.e, 1, oh)
    cdef bint exact = j.code == F64
    while w < end:
        w1 = least(columns(&t.e, w, end, cn), w + room)
        x0, x1 = t.e.start[2][w], stop_of(&t.e, 2, w1 - 1)
        at = t.o * j.plane_out + ((od * j.axis[1].out + oh) * end + w) * j.inner + t.c0
        clear(os, olost, (w1 - w) * cn)
        if x1 - x0 > room:
            while x0 < x1:
                n = least(room, x1 - x0)
                add_columns(s, lost, j, t, od, oh, x0, n)
                for p in range(n):
                    add_lanes(os, olost, s + p * cn, lost + p * cn, exact, cn)
                x0 += n
        else:
            add_columns(s, lost, j, t, od, oh, x0, x1 - x0)
            if k > 0 and cn == 1 and not exact:
                for p in range(k):
                    for i in range(w1 - w):
                        plus(os + i, olost + i, s[t.e.start[2][w + i] - x0 + p], False)
            else:
                for i in range(w1 - w):
                    a, b = t.e.start[2][w + i] - x0, stop_of(&t.e, 2, w + i) - x0
                    for p in range(a, b):
                        add_lanes(os + i * cn, olost + i * cn, s + p * cn, lost + p * cn, exact, cn)
        if k > 0 and cn == j.inner:
            divide(j.out_code, j.out, at, os, olost, rows * k, (w1 - w) * cn)
        else:
            for i in range(w1 - w):
                divide(j.out_code, j.out, at + i * j.inner, os + i * cn, olost + i * cn,
                       rows * size_of(&t.e, 2, w + i), cn)
        w = w1


cdef void mean_part(total_t* tag, const job_t* j, tile_t* t, Py_ssize_t number) noexcept nogil:
    cdef Py_ssize_t band = number % j.bands, rows = j.axis[0].out * j.axis[1].out, r
    t.o = number // j.bands
    read_edges(&t.e, j, t.o)
    t.c0 = 0
    while t.c0 < j.inner:
        t.cn = least(LANES, j.inner - t.c0)
        for r in range(rows // j.bands * band + least(band, rows % j.bands),
                       rows // j.bands * (band + 1) + least(band + 1, rows % j.bands)):
            mean_row(tag, j, t, r // j.axis[1].out, r % j.axis[1].out)
        t.c0 += t.cn


# ---------------------------------------------------------------- gradients of averages

cdef inline Py_ssize_t first_beyond(const edges_t* e, int axis, Py_ssize_t out, Py_ssize_t x) noexcept nogil:
    """The first window that ends after x."""
    cdef Py_ssize_t low = 0, high = out, m
    while low < high:
        m = (low + high) // 2
        if stop_of(e, axis, m) > x:
            high = m
        else:
            low = m + 1
    return low


cdef inline Py_ssize_t first_from(const edges_t* e, int axis, Py_ssize_t out, Py_ssize_t x) noexcept nogil:
    """The first window that begins at x or later."""
    cdef Py_ssize_t low = 0, high = out, m
    while low < high:
        m = (low + high) // 2
        if e.start[axis][m] >= x:
            high = m
        else:
            low = m + 1
    return low


cdef void share_row(grad_t* tag, const job_t* j, tile_t* t, Py_ssize_t d, Py_ssize_t h) noexcept nogil:
    """One row of gx, for the channels in hand."""
    cdef double* line = <double*>t.v1
    cdef double* acc = <double*>t.v2
    cdef const grad_t* g = <const grad_t*>j.x + t.o * j.plane_out + t.c0
    cdef const grad_t* row
    cdef grad_t* gx
    cdef Py_ssize_t cn = t.cn, room = most(1, LINE // cn), od, oh, ow, b, w0, w1, x0 = 0, x1, i, c, p
    cdef Py_ssize_t k = t.e.kernel[2]
    cdef Py_ssize_t d0 = first_beyond(&t.e, 0, j.axis[0].out, d), d1 = first_from(&t.e, 0, j.axis[0].out, d + 1)
    cdef Py_ssize_t h0 = first_beyond(&t.e, 1, j.axis[1].out, h), h1 = first_from(&t.e, 1, j.axis[1].out, h + 1)
    cdef double r
    while x0 < j.axis[2].n:
        x1 = least(j.axis[2].n, x0 + room)
        for i in range((x1 - x0) * cn):
            acc[i] = 0
        w1 = first_from(&t.e, 2, j.axis[2].out, x1)
        w0 = first_beyond(&t.e, 2, j.axis[2].out, x0)
        while w0 < w1 and d0 < d1 and h0 < h1:
            b = least(w1, w0 + room)
            for i in range((b - w0) * cn):
                line[i] = 0
            for od in range(d0, d1):
                for oh in range(h0, h1):
                    row = g + ((od * j.axis[1].out + oh) * j.axis[2].out + w0) * j.inner
                    r = <double>size_of(&t.e, 0, od) * size_of(&t.e, 1, oh)
                    if cn == j.inner:
                        for i in range((b - w0) * cn):
                            line[i] = line[i] + as_double(row[i]) / r
                    else:
                        for i in range(b - w0):
                            for c in range(cn):
                                line[i * cn + c] = line[i * cn + c] + as_double(row[i * j.inner + c]) / r
            if k > 0 and cn == 1 and x0 == 0 and x1 == j.axis[2].n:
                for ow in range(w0, b):
                    p = t.e.start[2][ow]
                    r = line[ow - w0] / <double>k
                    acc[p] += r
                    for i in range(1, k):
                        acc[p + i] += r
                w0 = b
                continue
            for ow in range(w0, b):
                r = size_of(&t.e, 2, ow)
                for c in range(cn):
                    line[(ow - w0) * cn + c] = line[(ow - w0) * cn + c] / r
                for p in range(most(x0, t.e.start[2][ow]), least(x1, stop_of(&t.e, 2, ow))):
                    for c in range(cn):
                        acc[(p - x0) * cn + c] += line[(ow - w0) * cn + c]
            w0 = b
        gx = <grad_t*>j.out + t.o * j.plane + ((d * j.axis[1].n + h) * j.axis[2].n + x0) * j.inner + t.c0
        if cn == j.inner:
            for i in range((x1 - x0) * cn):
                narrow(gx + i, acc[i])
        else:
            for i in range(x1 - x0):
                for c in range(cn):
                    narrow(gx + i * j.inner + c, acc[i * cn + c])
        x0 = x1


cdef void share_part(grad_t* tag, const job_t* j, tile_t* t, Py_ssize_t number) noexcept nogil:
    cdef Py_ssize_t band = number % j.bands, rows = j.axis[0].n * j.axis[1].n, r
    t.o = number // j.bands
    read_edges(&t.e, j, t.o)
    t.c0 = 0
    while t.c0 < j.inner:
        t.cn = least(LANES, j.inner - t.c0)
        for r in range(rows // j.bands * band + least(band, rows % j.bands),
                       rows // j.bands * (band + 1) + least(band + 1, rows % j.bands)):
            share_row(tag, j, t, r // j.axis[1].n, r % j.axis[1].n)
        t.c0 += t.cn


# ---------------------------------------------------------------- parts, on threads

cdef void part(const job_t* j, tile_t* t, Py_ssize_t number) noexcept nogil:
    cdef int code = j.code
    if j.kind == BEST:
        if code >= F32:
            if j.wide or code == F64:
                best_part(<double*>NULL, <long long*>NULL, j, t, number)
            else:
                best_part(<float*>NULL, <int*>NULL, j, t, number)
        elif j.wide or code == U64 or code == I64:
            best_part(<long long*>NULL, <long long*>NULL, j, t, number)
        else:
            best_part(<int*>NULL, <int*>NULL, j, t, number)
    elif j.kind == MEAN:
        if code >= F32:
            mean_part(<double*>NULL, j, t, number)
        elif code == U64 or code == I64 or j.wide and code >= U32:
            mean_part(<i128_t*>NULL, j, t, number)
        else:
            mean_part(<long long*>NULL, j, t, number)
    elif code == F32:
        share_part(<float*>NULL, j, t, number)
    elif code == F64:
        share_part(<double*>NULL, j, t, number)
    elif code == F16:
        share_part(<f16_t*>NULL, j, t, number)
    else:
        share_part(<bf16_t*>NULL, j, t, number)


cdef inline void* carve(char* memory, Py_ssize_t* at, Py_ssize_t bytes) noexcept nogil:
    cdef void* found = <void*>(memory + at[0]) if memory != NULL else NULL
    at[0] += (bytes + 63) // 64 * 64
    return found


cdef Py_ssize_t lay_out(const job_t* j, tile_t* t, char* memory) noexcept nogil:
    """Divide a thread's scratch; return how many bytes it takes. With NULL only that."""
    cdef Py_ssize_t at = 0, bytes = PLACED * (8 if j.kind == BEST else 16)
    t.v1 = carve(memory, &at, bytes)
    t.v2 = carve(memory, &at, bytes)
    if j.kind != SHARE:
        t.ov = carve(memory, &at, bytes)
        t.oi = carve(memory, &at, bytes)
    if j.kind == BEST:
        t.i1 = carve(memory, &at, bytes)
        t.i2 = carve(memory, &at, bytes)
        t.place = carve(memory, &at, bytes)
        t.line = carve(memory, &at, 2 * bytes)
    t.placed = 0
    return at


cdef int execute(const job_t* j, int threads) noexcept nogil:
    cdef tile_t t
    cdef tile_t* own
    cdef char* memory
    cdef Py_ssize_t i, parts = j.outer * j.bands, bytes = lay_out(j, &t, NULL)
    cdef int failed = 0
    cdef int* status = &failed
    if threads <= 1 or parts == 1:
        memory = <char*>malloc(bytes + 64)
        if memory == NULL:
            return NO_MEMORY
        lay_out(j, &t, memory)
        for i in range(parts):
            part(j, &t, i)
        free(memory)
        return 0
    with parallel(num_threads=threads):
        memory = <char*>malloc(bytes + 64)
        own = <tile_t*>malloc(sizeof(tile_t))
        if memory == NULL or own == NULL:
            status[0] = NO_MEMORY
        else:
            lay_out(j, own, memory)
        for i in prange(parts, schedule="dynamic", chunksize=1):
            if memory != NULL and own != NULL:
                part(j, own, i)
        free(own)
        free(memory)
    return failed


cdef void prepare(job_t* j, const task_t* t, Windows plan, int kind) noexcept:
    cdef int i
    j.kind, j.code, j.out_code, j.flip, j.index_bytes, j.each = kind, t.code, t.out_code, t.op, t.index_bytes, t.mode
    j.size, j.out_size = itemsize_of(t.code), itemsize_of(t.out_code)
    j.axis[0], j.axis[1], j.axis[2] = plan.d, plan.h, plan.w
    j.outer, j.inner = plan.outer, plan.inner
    j.plane = plan.d.n * plan.h.n * plan.w.n * plan.inner
    j.plane_out = plan.d.out * plan.h.out * plan.w.out * plan.inner
    j.wide = plan.d.n * plan.h.n * plan.w.n > 2147483647
    j.pitch = 0
    for i in range(3):
        j.pitch += j.axis[i].out * (2 if j.axis[i].kernel == 0 else 1)


cdef void prepare_best(void* memory, const task_t* t, Windows plan) noexcept:
    prepare(<job_t*>memory, t, plan, BEST)


cdef void prepare_mean(void* memory, const task_t* t, Windows plan) noexcept:
    prepare(<job_t*>memory, t, plan, MEAN)


cdef void prepare_share(void* memory, const task_t* t, Windows plan) noexcept:
    prepare(<job_t*>memory, t, plan, SHARE)


cdef int run(const void* job, void** at, int threads) noexcept nogil:
    cdef job_t j = (<const job_t*>job)[0]
    cdef Py_ssize_t rows = j.axis[0].out * j.axis[1].out
    if j.kind == SHARE:
        rows = j.axis[0].n * j.axis[1].n
    j.x, j.bounds, j.out = <const unsigned char*>at[0], <const long long*>at[1], <unsigned char*>at[2]
    j.idx = <unsigned char*>at[3] if j.index_bytes else NULL
    j.bands = 1
    if threads > 1 and j.outer < 4 * threads:
        j.bands = least((4 * threads + j.outer - 1) // j.outer, rows)
    return execute(&j, threads)


cdef kernel_api_t BEST_API = kernel_api_t(sizeof(job_t), prepare_best, run)
cdef kernel_api_t MEAN_API = kernel_api_t(sizeof(job_t), prepare_mean, run)
cdef kernel_api_t SHARE_API = kernel_api_t(sizeof(job_t), prepare_share, run)
apis = {
    "irregular_best": PyCapsule_New(&BEST_API, "cpool.kernel", NULL),
    "irregular_mean": PyCapsule_New(&MEAN_API, "cpool.kernel", NULL),
    "irregular_share": PyCapsule_New(&SHARE_API, "cpool.kernel", NULL),
}
