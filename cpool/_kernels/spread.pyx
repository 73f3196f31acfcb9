# The backward pass of sums and averages: every window hands its gradient to its elements.
#
# a) Gather, not scatter: gx[i] is the sum of g[o] / divisor[o] over the windows that hold i (cover.pxd), formed whole by the
#    one task that owns i. Tasks are disjoint boxes of gx, so there is no race, and the order of additions (along W, then D,
#    then H, windows ascending) depends on the plan alone.
# b) One box: scaled rows of g (load_box), expanded along W, along D, and along H straight into gx. Each pass is a sum of whole
#    rows or a copy, so a window of kd*kh*kw taps costs kd + kh + kw at most. W comes first because it is the only pass that is
#    not a sum of long rows, and there are fewer rows of g than of gx.
# c) An axis with more than NARROW windows over an element goes by doubling (rows of 1, 2, 4, ... windows; the binary digits of
#    the count pick those to add), which costs the logarithm of the window. Such an axis reaches past the ends of g by rows of
#    zeros, so that every element has the same digits.
# d) A box is a few planes (small planes share the setup), a plane, or a part of one, with its halo; L1 holds it, or L2. Scratch
#    is at most about 1 MB a thread, except for wide windows: a box and its halo, which is as long as the window.
# e) BLOCK: rows are moved in pieces of 16 elements through a local array, which gcc turns into one register (two or four on
#    older processors). A row may spill into what is written after it, so that short rows need no remainder loop (35 columns:
#    3 pieces instead of 2 and 3 single elements).
# f) Planes of float32 are spread in strips of one vector (expand.h) where no axis needs doubling; the boxes do the rest, and
#    processors that cannot permute a vector. The order of additions is the same, and so are the bits.
# g) Accumulation in float (double for double) while at most 64 windows cover an element, else in double. A scale is one
#    correctly rounded reciprocal of the divisor, applied to g once.

from cpython.pycapsule cimport PyCapsule_New
from libc.stdlib cimport malloc, free
from libc.string cimport memset, memcpy
from cython.parallel cimport prange

from cpool._plan cimport NO_MEMORY, Windows, kernel_api_t, task_t
from cpool._kernels.axis cimport axis_t, axis_taps, axis_divisor
from cpool._kernels.cover cimport (
    cover_t, span_t, cover, cover_set, cover_unit, cover_range, cover_room, cover_spans, drop_identities, smaller, larger)
from cpool._kernels.numeric cimport (
    f16_t, bf16_t, F32, F64, F16, as_float, as_double, float_to_f16, float_to_bf16, double_to_f16, double_to_bf16,
    itemsize_of, cp_prefetch)

cdef enum:
    BLOCK = 16              # elements handled as one piece (a step of range() must be a literal: 16 below)
    NARROW = 8              # from here on doubling is cheaper than adding one by one
    IN_FLOAT = 64           # windows over an element that a float accumulator takes
    SMALL = 24 * 1024       # bytes: boxes of several planes stay below
    LARGE = 256 * 1024      # bytes: a plane that needs more is cut
    GROUP = 4096            # elements that pass along W together
    AHEAD = 2048            # bytes from what is touched to what is prefetched

# how the pass along W is done
cdef enum:
    W_FLAT = 1              # stride 1: sums of shifted rows
    W_PAIR = 2              # stride 2: even and odd columns apart, then interleaved
    W_RUNS = 3              # runs of columns in one window, and a few columns that are not
    W_TABLE = 4             # anything

# what a task may ask for, for the tests that compare both
cdef enum:
    BOXES = 1
    STRIPS = 2

ctypedef fused grad_t:
    float
    double
    f16_t
    bf16_t

ctypedef fused wide_t:
    float
    double

cdef struct job_t:
    cover_t d, h, w
    axis_t ad, ah, aw
    Py_ssize_t outer, inner, bytes      # bytes: of gx
    int code
    int way                             # STRIPS or BOXES, 0: as the size says
    bint average, include_pad
    double divisor                      # of every window; 0: count
    bint wide_d, wide_h, wide_w
    Py_ssize_t bp, bd, bh, bw, bc       # size of a box: planes, D, H, W, channels
    Py_ssize_t tp, td, th, tw, tc       # boxes along each
    Py_ssize_t group                    # rows that go through the pass along W together
    Py_ssize_t size_a, size_b, size_c, size_s, size_t, line     # scratch, in elements

# one thread's scratch; the tables of an axis are made again when its part of the box changes
cdef struct work_t:
    Py_ssize_t d0, d1, h0, h1, w0, w1, ci
    span_t rd, rh, rw                   # windows of the box
    span_t* sd                          # per element of the box: its windows, counted from the first of the box
    span_t* sh
    span_t* sw
    double* nd                          # per window of the box: how many elements its average divides by along D, H
    double* nh
    Py_ssize_t* pos                     # W_RUNS: where each window starts
    Py_ssize_t* fix                     # W_RUNS: columns that are not in exactly one window
    Py_ssize_t fixes
    int how
    double key0, key1                   # rows covered by the windows whose scales are in line0, line1
    void* line0
    void* line1
    void* row
    void* a
    void* b
    void* c
    void* s
    void* t


# ---- rows ----

cdef inline void sum_some(wide_t* y, const wide_t* a, Py_ssize_t step, Py_ssize_t count, Py_ssize_t n,
                          bint spill) noexcept nogil:
    cdef wide_t t[BLOCK]
    cdef Py_ssize_t x, k
    cdef int j
    cdef Py_ssize_t whole = (n + BLOCK - 1) // BLOCK * BLOCK if spill else n // BLOCK * BLOCK
    for x in range(0, whole, 16):
        for j in range(BLOCK):
            t[j] = a[x + j]
        for k in range(1, count):
            for j in range(BLOCK):
                t[j] = t[j] + a[k * step + x + j]
        for j in range(BLOCK):
            y[x + j] = t[j]
    for x in range(whole, n):
        t[0] = a[x]
        for k in range(1, count):
            t[0] = t[0] + a[k * step + x]
        y[x] = t[0]


cdef inline void sum_rows(wide_t* y, const wide_t* a, Py_ssize_t step, Py_ssize_t count, Py_ssize_t n,
                          bint spill) noexcept nogil:
    """y[x] = a[x] + a[step + x] + ... (count rows), in that order. spill: y has room for whole blocks."""
    if count == 1:
        sum_some(y, a, step, 1, n, spill)
    elif count == 2:
        sum_some(y, a, step, 2, n, spill)
    elif count == 3:
        sum_some(y, a, step, 3, n, spill)
    elif count > 0:
        sum_some(y, a, step, count, n, spill)
    else:
        memset(y, 0, n * sizeof(wide_t))


cdef void doubling(wide_t* s, wide_t* t, Py_ssize_t step, Py_ssize_t count, Py_ssize_t n) noexcept nogil:
    """t[x] = s[x] + s[x + step] + ... (count terms) wherever n has them all. Destroys s."""
    cdef wide_t u[BLOCK]
    cdef Py_ssize_t x, size = 1, off = 0, left = count, m
    cdef int j
    while True:
        if left & 1:
            m = n - (off + size - 1) * step
            if off == 0:
                sum_some(t, s, 0, 1, m, False)
            else:
                add_into(t, s + off * step, m)
            off += size
        left >>= 1
        if left == 0:
            return
        m = n - (2 * size - 1) * step
        for x in range(0, m - BLOCK + 1, 16):
            for j in range(BLOCK):
                u[j] = s[x + j] + s[x + size * step + j]
            for j in range(BLOCK):
                s[x + j] = u[j]
        for x in range(larger(m, 0) // BLOCK * BLOCK, m):
            s[x] = s[x] + s[x + size * step]
        size *= 2


cdef inline void add_into(wide_t* t, const wide_t* s, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t x
    for x in range(n):
        t[x] = t[x] + s[x]


cdef inline wide_t widen(grad_t v, wide_t* tag) noexcept nogil:
    if grad_t is double:
        return <wide_t>v
    elif wide_t is float:
        return as_float(v)
    else:
        return as_double(v)


cdef inline void store(grad_t* y, wide_t v) noexcept nogil:
    if grad_t is f16_t:
        if wide_t is float:
            y[0] = float_to_f16(v)
        else:
            y[0] = double_to_f16(v)
    elif grad_t is bf16_t:
        if wide_t is float:
            y[0] = float_to_bf16(v)
        else:
            y[0] = double_to_bf16(v)
    else:
        y[0] = <grad_t>v


cdef inline bint same_type(grad_t* y, wide_t* v) noexcept nogil:
    if grad_t is float:
        return wide_t is float
    elif grad_t is double:
        return wide_t is double
    else:
        return False


cdef inline void store_row(grad_t* y, const wide_t* a, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t x
    for x in range(n):
        store(&y[x], a[x])


cdef inline void copy_row(grad_t* y, const grad_t* a, Py_ssize_t n, bint spill) noexcept nogil:
    cdef grad_t t[BLOCK]
    cdef Py_ssize_t x
    cdef int j
    cdef Py_ssize_t whole = (n + BLOCK - 1) // BLOCK * BLOCK if spill else n // BLOCK * BLOCK
    for x in range(0, whole, 16):
        for j in range(BLOCK):
            t[j] = a[x + j]
        for j in range(BLOCK):
            y[x + j] = t[j]
    for x in range(whole, n):
        y[x] = a[x]


# ---- the box ----

cdef inline double count_of(const job_t* job, const axis_t* a, Py_ssize_t o) noexcept nogil:
    if job.divisor != 0 or not job.average:
        return 1
    return <double>(axis_divisor(a, o) if job.include_pad else axis_taps(a, o))


cdef void counts(const job_t* job, const axis_t* a, const span_t* r, double* n) noexcept nogil:
    cdef Py_ssize_t o
    for o in range(r.count):
        n[o] = count_of(job, a, r.first + o) if 0 <= r.first + o < a.out else 0


cdef void* scales(const job_t* job, work_t* w, double key, wide_t* tag) noexcept nogil:
    """A row of scales for windows that cover `key` elements along D and H together."""
    cdef wide_t* line
    if key == w.key0:
        return w.line0
    if key == w.key1:
        return w.line1
    if w.key0 < 0:
        w.key0 = key
        line = <wide_t*>w.line0
    else:
        w.key1 = key
        line = <wide_t*>w.line1
    scale_line(job, line, w.rw.first, w.rw.count, w.ci, key)
    return line


cdef void scale_line(const job_t* job, wide_t* line, Py_ssize_t first, Py_ssize_t count, Py_ssize_t ci,
                     double key) noexcept nogil:
    """The scales of `count` windows along W, `ci` channels each."""
    cdef Py_ssize_t o, _j, x = first + count - 1
    cdef double v
    if (job.divisor != 0 or not job.average or (
            not job.w.adaptive and first * job.aw.stride >= job.aw.lo
            and x * job.aw.stride - job.aw.lo + (job.aw.kernel - 1) * job.aw.dilation < job.aw.n)):
        v = 1
        if job.average:
            v = 1 / job.divisor if job.divisor != 0 else 1 / (key * <double>job.aw.kernel)
        for x in range(count * ci):
            line[x] = <wide_t>v
        return
    x = 0
    for o in range(first, first + count):
        if o < 0 or o >= job.w.out:
            v = 0
        else:
            v = key * count_of(job, &job.aw, o)
            v = 1 / v if v != 0 else 0
        for _j in range(ci):
            line[x] = <wide_t>v
            x += 1


cdef void load_row(wide_t* y, const grad_t* g, const wide_t* scale, Py_ssize_t n, bint spill) noexcept nogil:
    cdef wide_t t[BLOCK]
    cdef Py_ssize_t x
    cdef int j
    cdef Py_ssize_t whole = (n + BLOCK - 1) // BLOCK * BLOCK if spill else n // BLOCK * BLOCK
    for x in range(0, whole, 16):
        cp_prefetch(<const char*>(g + x) + AHEAD)
        for j in range(BLOCK):
            t[j] = widen(g[x + j], y) * scale[x + j]
        for j in range(BLOCK):
            y[x + j] = t[j]
    for x in range(whole, n):
        y[x] = widen(g[x], y) * scale[x]


cdef void load_rows(const job_t* job, work_t* w, const grad_t* g, const grad_t* g_end, Py_ssize_t p0, Py_ssize_t c0,
                    Py_ssize_t start, Py_ssize_t stop, wide_t* tag) noexcept nogil:
    """Rows start .. stop - 1 of the box: g times its scales, zero where there is no window."""
    cdef Py_ssize_t _r, rest, p, od, oh, o, n, before, after, inner = job.inner, ci = w.ci, size = w.rw.count * ci
    cdef wide_t* y = <wide_t*>w.a
    cdef wide_t* line
    cdef const grad_t* q
    cdef Py_ssize_t first = larger(w.rw.first, 0), last = smaller(w.rw.first + w.rw.count, job.w.out)
    before = (first - w.rw.first) * ci
    after = (w.rw.first + w.rw.count - last) * ci
    n = (last - first) * ci
    rest = start // w.rh.count
    oh = start - rest * w.rh.count
    p = rest // w.rd.count
    od = rest - p * w.rd.count
    for _r in range(start, stop):
        if n <= 0 or not 0 <= w.rd.first + od < job.d.out or not 0 <= w.rh.first + oh < job.h.out:
            memset(y, 0, size * sizeof(wide_t))
        else:
            line = <wide_t*>scales(job, w, w.nd[od] * w.nh[oh], tag) + before
            q = g + ((((p0 + p) * job.d.out + w.rd.first + od) * job.h.out + w.rh.first + oh) * job.w.out + first) * inner + c0
            if before > 0:
                memset(y, 0, before * sizeof(wide_t))
            if ci == inner:
                load_row(y + before, q, line, n, g_end - q >= n + BLOCK)
            else:
                for o in range(last - first):
                    load_row(y + before + o * ci, q + o * inner, line + o * ci, ci, False)
            if after > 0:
                memset(y + before + n, 0, after * sizeof(wide_t))
        y += size
        oh += 1
        if oh == w.rh.count:
            oh = 0
            od += 1
            if od == w.rd.count:
                od = 0
                p += 1


cdef inline void spread_pairs(wide_t* y, const wide_t* a, const wide_t* b, Py_ssize_t n) noexcept nogil:
    """y = a[0], b[0], a[1], b[1], ... for n of each, in whole blocks."""
    cdef wide_t t[2 * BLOCK]
    cdef Py_ssize_t x
    cdef int j
    for x in range(0, n, 16):
        for j in range(BLOCK):
            t[2 * j] = a[x + j]
            t[2 * j + 1] = b[x + j]
        for j in range(2 * BLOCK):
            y[2 * x + j] = t[j]


cdef inline void broadcast_block(wide_t* y, wide_t v) noexcept nogil:
    cdef int j
    for j in range(BLOCK):
        y[j] = v


cdef Py_ssize_t along_w(const job_t* job, work_t* w, wide_t* b, Py_ssize_t rows) noexcept nogil:
    """Rows of windows (in w.a) expanded to rows of elements. Returns the distance of two rows."""
    cdef Py_ssize_t ci = w.ci, pa = w.rw.count * ci, bw = w.w1 - w.w0, pb = bw * ci, step = job.w.step * ci
    cdef Py_ssize_t r, x, k, j, total = rows * pa
    cdef wide_t* a = <wide_t*>w.a
    cdef wide_t* s
    cdef wide_t* t
    cdef wide_t* y
    cdef wide_t* even
    cdef wide_t* odd
    cdef wide_t v
    cdef span_t e
    if w.how == W_FLAT:
        if job.wide_w:
            doubling(a, b, step, job.w.kernel, total)
        else:
            sum_rows(b, a, step, job.w.kernel, total - (job.w.kernel - 1) * step, True)
        return pa
    if w.how == W_PAIR:
        s, t = <wide_t*>w.s, <wide_t*>w.t
        even, odd = a + w.sw[0].first, a + w.sw[1].first
        if w.sw[0].count != 1:
            sum_rows(s, even, step, w.sw[0].count, total - w.sw[0].first - (w.sw[0].count - 1) * step, True)
            even = s
        if w.sw[1].count != 1:
            sum_rows(t, odd, step, w.sw[1].count, total - w.sw[1].first - (w.sw[1].count - 1) * step, True)
            odd = t
        if 2 * pa == pb:
            spread_pairs(b, even, odd, total)
        else:
            for r in range(rows):
                spread_pairs(b + r * pb, even + r * pa, odd + r * pa, (bw + 1) // 2)
        return pb
    if w.how == W_RUNS:
        for r in range(rows):
            s, y = a + r * pa, b + r * pb
            for k in range(pa):
                x = w.pos[k]
                v = s[k]
                broadcast_block(y + x, v)
                x += BLOCK
                while x < w.pos[k + 1]:
                    broadcast_block(y + x, v)
                    x += BLOCK
            for j in range(w.fixes):
                x = w.fix[j]
                e = w.sw[x]
                v = 0
                if e.count > 0:
                    v = s[e.first]
                    for k in range(1, e.count):
                        v = v + s[e.first + k * step]
                y[x] = v
        return pb
    t = NULL
    if job.wide_w:
        s, t = <wide_t*>w.s, <wide_t*>w.t
        memcpy(s, a, total * sizeof(wide_t))
        doubling(s, t, step, job.w.base, total)
    if ci == 1:
        for r in range(rows):
            s, y = a + r * pa, b + r * pb
            for x in range(bw):
                e = w.sw[x]
                v = 0
                if e.count > 0 and t != NULL:
                    v = t[r * pa + e.first]
                    if e.count > job.w.base:
                        v = v + s[e.first + job.w.base * step]
                elif e.count > 0:
                    v = s[e.first]
                    for k in range(1, e.count):
                        v = v + s[e.first + k * step]
                y[x] = v
        return pb
    for r in range(rows):
        s, y = a + r * pa, b + r * pb
        for x in range(bw):
            e = w.sw[x]
            if t == NULL or e.count == 0:
                sum_rows(y + x * ci, s + e.first * ci, step, e.count, ci, True)
            else:
                sum_rows(y + x * ci, t + r * pa + e.first * ci, 0, 1, ci, True)
                if e.count > job.w.base:
                    add_into(y + x * ci, s + e.first * ci + job.w.base * step, ci)
    return pb


cdef wide_t* along_d(const job_t* job, work_t* w, wide_t* b, Py_ssize_t planes, Py_ssize_t size) noexcept nogil:
    """Slices of windows, `size` elements each, summed to slices of elements."""
    cdef Py_ssize_t p, d, nd = w.d1 - w.d0, step = job.d.step * size, total = planes * w.rd.count * size
    cdef wide_t* c = <wide_t*>w.c
    cdef wide_t* s = <wide_t*>w.s
    cdef wide_t* t = <wide_t*>w.t
    cdef wide_t* q
    cdef span_t e
    if job.wide_d:
        if job.d.stride > 1:
            memcpy(s, b, total * sizeof(wide_t))
        doubling(s if job.d.stride > 1 else b, t, step, job.d.base, total)
    for p in range(planes):
        for d in range(nd):
            e = w.sd[d]
            q = b + (p * w.rd.count + e.first) * size
            if not job.wide_d or e.count == 0:
                sum_rows(c, q, step, e.count, size, False)
            else:
                memcpy(c, t + (p * w.rd.count + e.first) * size, size * sizeof(wide_t))
                if e.count > job.d.base:
                    add_into(c, q + job.d.base * step, size)
            c += size
    return <wide_t*>w.c


cdef void along_h(const job_t* job, work_t* w, wide_t* b, Py_ssize_t pitch, grad_t* gx, Py_ssize_t p0, Py_ssize_t p1,
                  Py_ssize_t c0) noexcept nogil:
    """Rows of windows summed to rows of gx."""
    cdef Py_ssize_t p, d, h, x, inner = job.inner, ci = w.ci, bw = w.w1 - w.w0, n = bw * ci, step = job.h.step * pitch
    cdef Py_ssize_t nd = w.d1 - w.d0, nh = w.h1 - w.h0, total = (p1 - p0) * nd * w.rh.count * pitch
    cdef Py_ssize_t row_size = job.w.n * inner
    cdef wide_t* s = <wide_t*>w.s
    cdef wide_t* t = <wide_t*>w.t
    cdef wide_t* line = <wide_t*>w.row
    cdef wide_t* q
    cdef grad_t* y
    cdef grad_t* end
    cdef bint whole = n == row_size, spill
    cdef span_t e, before
    if job.wide_h:
        if job.h.stride > 1:
            memcpy(s, b, total * sizeof(wide_t))
        doubling(s if job.h.stride > 1 else b, t, step, job.h.base, total)
    for p in range(p0, p1):
        for d in range(nd):
            y = gx + (((p * job.d.n + w.d0 + d) * job.h.n + w.h0) * job.w.n + w.w0) * inner + c0
            # rows up to here are written after this one by the same task
            if nh < job.h.n:
                end = y + nh * row_size
            elif nd < job.d.n:
                end = gx + (p * job.d.n + w.d1) * job.h.n * row_size
            else:
                end = gx + p1 * job.d.n * job.h.n * row_size
            before.first = before.count = -1
            for h in range(nh):
                e = w.sh[h]
                q = b + (((p - p0) * nd + d) * w.rh.count + e.first) * pitch
                spill = whole and end - y >= n + BLOCK
                if whole:
                    for x in range(0, n * <Py_ssize_t>sizeof(grad_t), 64):
                        cp_prefetch(<const char*>y + x + AHEAD)
                if whole and e.first == before.first and e.count == before.count and not (same_type(y, q) and e.count == 1):
                    copy_row(y, y - row_size, n, spill)
                elif whole and same_type(y, q) and not job.wide_h:
                    sum_rows(<wide_t*>y, q, step, e.count, n, spill)
                else:
                    if e.count == 0 or not job.wide_h:
                        sum_rows(line, q, step, e.count, n, True)
                    else:
                        sum_rows(line, t + (q - b), 0, 1, n, True)
                        if e.count > job.h.base:
                            add_into(line, q + job.h.base * step, n)
                    if whole or ci == inner:
                        store_row(y, line, n)
                    else:
                        for x in range(bw):
                            store_row(y + x * inner, line + x * ci, ci)
                before = e
                y += row_size


cdef void prepare(const job_t* job, work_t* w, Py_ssize_t d0, Py_ssize_t d1, Py_ssize_t h0, Py_ssize_t h1,
                  Py_ssize_t w0, Py_ssize_t w1, Py_ssize_t ci) noexcept nogil:
    """Make the tables of the axes of a box that differs from the one before."""
    cdef Py_ssize_t i, k, start
    cdef bint again
    if w.d0 != d0 or w.d1 != d1:
        w.d0, w.d1 = d0, d1
        cover_spans(&job.d, d0, d1, not job.wide_d, &w.rd, w.sd)
        counts(job, &job.ad, &w.rd, w.nd)
    if w.h0 != h0 or w.h1 != h1:
        w.h0, w.h1 = h0, h1
        cover_spans(&job.h, h0, h1, not job.wide_h, &w.rh, w.sh)
        counts(job, &job.ah, &w.rh, w.nh)
    if w.w0 == w0 and w.w1 == w1 and w.ci == ci:
        return
    # a whole number of strides further on, the same windows: the tables count from the first of them
    again = not job.w.adaptive and w.w0 >= 0 and w.ci == ci and w.w1 - w.w0 == w1 - w0 and (w0 - w.w0) % job.w.stride == 0
    w.w0, w.w1, w.ci = w0, w1, ci
    w.key0 = w.key1 = -1
    if again:
        w.rw = cover_range(&job.w, w0, w1, False)
        return
    if not job.w.adaptive and job.w.stride == 1:
        w.rw = cover_range(&job.w, w0, w1, False)
        w.how = W_FLAT
        return
    cover_spans(&job.w, w0, w1, False, &w.rw, w.sw)
    w.how = W_TABLE
    if ci > 1 or job.wide_w:
        return
    if job.w.stride == 2 and not job.w.adaptive and w1 - w0 > 1:
        w.how = W_PAIR
        return
    if job.w.step > 1 or w.rw.count == 0:
        return
    # runs: window k owns the columns from its first one on, up to the first one of the next
    w.fixes = 0
    k = 0
    w.pos[0] = 0
    for i in range(w1 - w0):
        if w.sw[i].count != 1:
            w.fix[w.fixes] = i
            w.fixes += 1
        if w.sw[i].count > 0:
            start = w.sw[i].first + w.sw[i].count - 1      # the last window that has begun
            while k < start:
                k += 1
                w.pos[k] = i
    while k < w.rw.count:
        k += 1
        w.pos[k] = w1 - w0
    if 2 * w.fixes <= w1 - w0 and job.w.most <= 4:
        w.how = W_RUNS


cdef void clear(const job_t* job, const work_t* w, grad_t* gx, Py_ssize_t p0, Py_ssize_t p1, Py_ssize_t c0) noexcept nogil:
    """Zeros for a box that no window reaches: between windows, or behind the last."""
    cdef Py_ssize_t p, d, h, x
    cdef grad_t* y
    for p in range(p0, p1):
        for d in range(w.d0, w.d1):
            for h in range(w.h0, w.h1):
                y = gx + ((p * job.d.n + d) * job.h.n + h) * job.w.n * job.inner + c0
                for x in range(w.w0, w.w1):
                    memset(y + x * job.inner, 0, w.ci * sizeof(grad_t))


cdef void box(const job_t* job, work_t* w, const grad_t* g, grad_t* gx, Py_ssize_t index, wide_t* tag) noexcept nogil:
    cdef Py_ssize_t c0, w0, h0, d0, p0, p1, planes, rows, r, stop, pitch = 0
    cdef wide_t* b = <wide_t*>w.b
    cdef const grad_t* end = g + job.outer * job.d.out * job.h.out * job.w.out * job.inner
    c0 = index % job.tc * job.bc
    index //= job.tc
    w0 = index % job.tw * job.bw
    index //= job.tw
    h0 = index % job.th * job.bh
    index //= job.th
    d0 = index % job.td * job.bd
    p0 = index // job.td * job.bp
    p1 = smaller(p0 + job.bp, job.outer)
    planes = p1 - p0
    prepare(job, w, d0, smaller(d0 + job.bd, job.d.n), h0, smaller(h0 + job.bh, job.h.n), w0, smaller(w0 + job.bw, job.w.n),
            smaller(job.bc, job.inner - c0))
    if w.rd.count == 0 or w.rh.count == 0 or w.rw.count == 0:
        clear(job, w, gx, p0, p1, c0)
        return
    rows = planes * w.rd.count * w.rh.count
    r = 0
    while r < rows:
        stop = smaller(r + job.group, rows)
        load_rows(job, w, g, end, p0, c0, r, stop, b)
        pitch = along_w(job, w, b + r * pitch, stop - r)
        r = stop
    if job.size_c > 0:
        b = along_d(job, w, b, planes, w.rh.count * pitch)
    along_h(job, w, b, pitch, gx, p0, p1, c0)


# ---- the plan ----

cdef Py_ssize_t cost(job_t* job) noexcept nogil:
    """Elements of scratch that a box of the chosen size needs; writes the sizes of its parts."""
    cdef Py_ssize_t vd = cover_room(&job.d, job.bd, not job.wide_d), vh = cover_room(&job.h, job.bh, not job.wide_h)
    cdef Py_ssize_t vw = cover_room(&job.w, job.bw, False)
    cdef bint flat = not job.w.adaptive and job.w.stride == 1
    cdef Py_ssize_t rows = job.bp * vd * vh, pitch_a = vw * job.bc, pitch_b = pitch_a if flat else job.bw * job.bc
    job.group = larger(1, smaller(rows, GROUP // larger(pitch_a, 1)))
    job.line = larger(pitch_a, job.bw * job.bc) + 4 * BLOCK
    job.size_a = job.group * pitch_a + 8 * BLOCK
    job.size_b = rows * pitch_b + 8 * BLOCK
    job.size_c = job.size_s = job.size_t = 0
    if job.d.n != 1 or job.d.out != 1:
        job.size_c = job.bp * job.bd * vh * pitch_b + 8 * BLOCK
    if not flat and (job.wide_w or (job.w.stride == 2 and job.inner == 1)):
        job.size_s = job.size_t = job.size_a
    if job.wide_d:
        job.size_t = larger(job.size_t, job.size_b)
        if job.d.stride > 1:
            job.size_s = larger(job.size_s, job.size_b)
    if job.wide_h:
        job.size_t = larger(job.size_t, larger(job.size_b, job.size_c))
        if job.h.stride > 1:
            job.size_s = larger(job.size_s, larger(job.size_b, job.size_c))
    return job.size_a + job.size_b + job.size_c + job.size_s + job.size_t + 3 * job.line


cdef double work_of(job_t* job) noexcept nogil:
    """What all boxes together cost."""
    cdef double each = cost(job) + 64
    return (each * ((job.d.n + job.bd - 1) // job.bd) * ((job.h.n + job.bh - 1) // job.bh)
            * ((job.w.n + job.bw - 1) // job.bw) * ((job.inner + job.bc - 1) // job.bc))


cdef inline Py_ssize_t halved(Py_ssize_t b, const cover_t* c, Py_ssize_t least) noexcept nogil:
    b = (b + 1) // 2
    if not c.adaptive and b > c.stride:
        b -= b % c.stride
    return larger(b, least)


cdef inline bint busy(Py_ssize_t tasks, int threads) noexcept nogil:
    """Whether the threads have work for seven tenths of the time: a cut costs more than that wins.

    A 3 x 3 average of 3 planes of 128 x 128 takes 14.3 us on one thread, on two 17.3 in twelve boxes, 12.0 in three.
    """
    return 10 * tasks >= 7 * threads * ((tasks + threads - 1) // threads)


cdef void choose_box(job_t* job, Py_ssize_t itemsize, int threads) noexcept nogil:
    """Whole planes if they fit; else cut where the halo grows least."""
    cdef Py_ssize_t limit = LARGE // itemsize, each, best, i
    cdef Py_ssize_t* b[4]
    cdef Py_ssize_t cut[4]
    cdef Py_ssize_t least[4]
    cdef Py_ssize_t kept
    cdef const cover_t* c[4]
    cdef cover_t unit
    cdef double least_work, w
    cover_unit(&unit)
    b[0], b[1], b[2], b[3] = &job.bh, &job.bd, &job.bw, &job.bc
    c[0], c[1], c[2], c[3] = &job.h, &job.d, &job.w, &unit
    least[3] = 64
    for i in range(3):
        least[i] = larger(64 // job.inner if i == 2 else 1, (c[i].kernel - 1) * c[i].dilation)
    job.bp, job.bd, job.bh, job.bw, job.bc = 1, job.d.n, job.h.n, job.w.n, job.inner
    while True:
        each = cost(job)
        if each <= limit and (threads <= 1 or each <= 4096 or busy(tasks(job), threads)):
            break
        best = -1
        least_work = 0
        for i in range(4):
            kept = b[i][0]
            cut[i] = halved(kept, c[i], smaller(larger(least[i], 1), kept))
            if cut[i] < kept:
                b[i][0] = cut[i]
                w = work_of(job)
                b[i][0] = kept
                if best < 0 or w < least_work:
                    best, least_work = i, w
        if best < 0:
            break
        b[best][0] = cut[best]
    if job.bd == job.d.n and job.bh == job.h.n and job.bw == job.w.n and job.bc == job.inner:
        each = cost(job)
        job.bp = larger(1, smaller(SMALL // itemsize // each, job.outer))
        if threads > 1:
            job.bp = larger(1, smaller(job.bp, job.outer // (4 * threads)))
    cost(job)
    job.tp = (job.outer + job.bp - 1) // job.bp
    tasks(job)


cdef Py_ssize_t tasks(job_t* job) noexcept nogil:
    job.td = (job.d.n + job.bd - 1) // job.bd
    job.th = (job.h.n + job.bh - 1) // job.bh
    job.tw = (job.w.n + job.bw - 1) // job.bw
    job.tc = (job.inner + job.bc - 1) // job.bc
    return (job.outer + job.bp - 1) // job.bp * job.td * job.th * job.tw * job.tc


cdef inline bint is_wide(const cover_t* c) noexcept nogil:
    return not c.adaptive and smaller(c.most, c.out) > NARROW


cdef void set_job(job_t* job, Windows plan, bint average):
    job.outer, job.inner = plan.outer, plan.inner
    job.ad, job.ah, job.aw = plan.d, plan.h, plan.w
    job.average, job.include_pad = average, plan.include_pad
    job.divisor = <double>plan.divisor if average else 0
    drop_identities(&job.ad, &job.ah, &job.aw, &job.outer, &job.inner)
    cover_set(&job.d, &job.ad)
    cover_set(&job.h, &job.ah)
    cover_set(&job.w, &job.aw)
    job.wide_d, job.wide_h, job.wide_w = is_wide(&job.d), is_wide(&job.h), is_wide(&job.w)


cdef inline void* carve(char** at, Py_ssize_t size) noexcept nogil:
    cdef char* p = at[0]
    at[0] = p + (size + 63) // 64 * 64
    return p


cdef Py_ssize_t set_work(const job_t* job, work_t* w, char* memory, Py_ssize_t itemsize) noexcept nogil:
    """Lay the scratch out from `memory` on; returns its size."""
    cdef char* at = memory
    w.d0 = w.h0 = w.w0 = -1
    w.line0 = carve(&at, job.line * itemsize)
    w.line1 = carve(&at, job.line * itemsize)
    w.row = carve(&at, job.line * itemsize)
    w.a = carve(&at, job.size_a * itemsize)
    w.b = carve(&at, job.size_b * itemsize)
    w.c = carve(&at, job.size_c * itemsize)
    w.s = carve(&at, job.size_s * itemsize)
    w.t = carve(&at, job.size_t * itemsize)
    w.sd = <span_t*>carve(&at, job.bd * sizeof(span_t))
    w.sh = <span_t*>carve(&at, job.bh * sizeof(span_t))
    w.sw = <span_t*>carve(&at, (job.bw + 2) * sizeof(span_t))
    w.pos = <Py_ssize_t*>carve(&at, (cover_room(&job.w, job.bw, False) + 2) * sizeof(Py_ssize_t))
    w.nd = <double*>carve(&at, cover_room(&job.d, job.bd, not job.wide_d) * sizeof(double))
    w.nh = <double*>carve(&at, cover_room(&job.h, job.bh, not job.wide_h) * sizeof(double))
    w.fix = <Py_ssize_t*>carve(&at, job.bw * sizeof(Py_ssize_t))
    return at - memory


cdef int boxes(const job_t* job, const grad_t* g, grad_t* gx, Py_ssize_t start, Py_ssize_t stop, wide_t* tag) noexcept nogil:
    """Boxes start .. stop - 1 with one scratch; 1 if there is no memory for it."""
    cdef work_t w
    cdef Py_ssize_t i, size = set_work(job, &w, NULL, sizeof(wide_t))
    cdef char* memory = <char*>malloc(size + 64)
    if memory == NULL:
        return 1
    set_work(job, &w, memory + (64 - <size_t>memory % 64) % 64, sizeof(wide_t))
    for i in range(start, stop):
        box(job, &w, g, gx, i, tag)
    free(memory)
    return 0


cdef int run(job_t* job, const grad_t* g, grad_t* gx, wide_t* tag, int threads) noexcept nogil:
    cdef Py_ssize_t total, parts, i
    cdef int failed = 0
    choose_box(job, sizeof(wide_t), threads)
    total = tasks(job)
    if threads <= 1 or total <= 1:
        return boxes(job, g, gx, 0, total, tag)
    parts = smaller(total, 4 * threads)
    for i in prange(parts, num_threads=threads, schedule="dynamic"):
        failed |= boxes(job, g, gx, total * i // parts, total * (i + 1) // parts, tag)
    return failed


include "expand.pxi"


cdef int run_type(job_t* job, int code, const void* g, void* gx, int threads) noexcept nogil:
    cdef bint deep = (<double>smaller(job.d.most, job.d.out) * <double>smaller(job.h.most, job.h.out)
                      * <double>smaller(job.w.most, job.w.out) > IN_FLOAT)
    cdef int status = 2
    if code == F32 and not deep and strips_fit(job):
        status = run_strips(job, <const float*>g, <float*>gx, threads)
    if status < 2:
        return status
    if code == F64:
        return run(job, <const double*>g, <double*>gx, <double*>NULL, threads)
    if code == F32:
        if deep:
            return run(job, <const float*>g, <float*>gx, <double*>NULL, threads)
        return run(job, <const float*>g, <float*>gx, <float*>NULL, threads)
    if code == F16:
        if deep:
            return run(job, <const f16_t*>g, <f16_t*>gx, <double*>NULL, threads)
        return run(job, <const f16_t*>g, <f16_t*>gx, <float*>NULL, threads)
    if deep:
        return run(job, <const bf16_t*>g, <bf16_t*>gx, <double*>NULL, threads)
    return run(job, <const bf16_t*>g, <bf16_t*>gx, <float*>NULL, threads)


cdef void prepare_spread(void* memory, const task_t* t, Windows plan) noexcept:
    cdef job_t* job = <job_t*>memory
    job.code, job.way = t.code, t.mode
    job.bytes = plan.outer * plan.d.n * plan.h.n * plan.w.n * plan.inner * itemsize_of(t.code)
    set_job(job, plan, t.op == 3)


cdef int run_job(const void* prepared, void** at, int threads) noexcept nogil:
    cdef job_t job = (<const job_t*>prepared)[0]
    if job.d.kernel * job.h.kernel * job.w.kernel == 0:
        memset(at[1], 0, job.bytes)
        return 0
    return NO_MEMORY if run_type(&job, job.code, at[0], at[1], threads) else 0


cdef kernel_api_t API = kernel_api_t(sizeof(job_t), prepare_spread, run_job)
apis = {"spread": PyCapsule_New(&API, "cpool.kernel", NULL)}
