"""max and min with the position of the winner, and the backward pass that searches for it.

a) Four cores serve twelve dtypes: (int32, int32), (int64, int64), (float, int32), (double, int64) pairs
   of value and index, and maximum only. Everything else is mapped onto them and back by `take` and
   `give`, exactly. Values and indices are of one width, so that a comparison, a blend of values and a
   blend of indices have the same vector length. A plane of 2**31 elements or more uses the 64-bit cores.
b) First wins: along W, then H, then D, each with the strict comparison `beats`, is row-major order, so
   each axis is reduced on its own (no k*k work) and no index is ever compared.
c) Blends work on bits under an integer mask. Conditional expressions on floats, two in a row, gcc turns
   into branches: 3x3/s2 on 8x64x112x112 float32 took 103 ms so, 4 ms with masks. Nor does gcc vectorise
   where more than ten pairs of pointers may overlap, which integers reach sooner (values and indices of
   one C type).
d) Along W a row is loaded with its padding filled by the lowest value. A tie of a real lowest value with
   padding is put right afterwards: an index before the row can only mean that all taps are the lowest, so
   it becomes the first of the row. Several rows of small planes are handled as one long row: all have the
   same pitch, a multiple of the stride (13x13: 0.6 microseconds a plane, 1.9 row by row).
e) Windows of up to 7 x 7 are `select_small.pxi`, its loops explicit vectors (`winners.h`), as gcc's own had
   scalar rests and 300 cycles a row of 56. Rows of pairs are kept while windows need them; with stride 2, and
   in rows longer than a strip, 2x2 and 3x3 windows stay in registers (8192 x 8192 float32, 2x2/s2: 12.6 ms
   where strips of 1024 took 26; a copy takes 12). Channels-last: all taps at once, the next row of windows
   fetched meanwhile (3x3/s2 on 8x112x112x64 float32: 2.1 ms without, 1.1 with; a copy 0.9). Storage is
   widened in the loads (float16 channels-last there: 3.9 to 0.95 ms). Scratch lies at lines of the cache: 10 %.
f) Wide windows: doubling along W (4, 8, 16 ... taps, then two overlapping halves), prefix and suffix over
   blocks of `kernel` rows (van Herk, Gil and Werman) along H and D. 31x31 costs 3.4 times 3x3
   (512x512 float32; uint8 3.7), 255x255 1.7 times 31x31. Windows larger than the axis are
   prefixes and suffixes of it.
g) A dilated axis is split into phases: the windows whose taps share a residue form a dense problem.
h) Scratch: rows of windows in `STRIP` bytes; for wide windows the rows of one window in strips of 64
   columns or more. The search of the backward pass keeps `FOUND` indices, or one row of outputs.
"""
from cpython.pycapsule cimport PyCapsule_New
from cython.parallel cimport parallel, prange
from libc.math cimport INFINITY
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy, memmove, memset

from cpool._kernels.axis cimport axis_first, axis_t, axis_taps
from cpool._kernels.numeric cimport (
    I8, I16, I32, U64, I64, F32, F64, F16, BF16, bf16_t, f16_t, itemsize_of)
from cpool._kernels.pairs cimport (
    absorb, beats, blend, combine, copy_row, core_t, fill_row, fold_rows, give, give_index, index_t,
    lowest, take, taps)
from cpool._kernels.scatter cimport add_at, grad_t, narrowed, sum_t, touching
from cpool._kernels.winners cimport cp_direct, cp_flip, cp_fold, cp_lanes, cp_rows
from cpool._plan cimport NO_MEMORY, Windows, kernel_api_t, task_t

cdef enum:
    STRIP = 196608        # bytes of pairs that an axis may buffer
    LINE = 1024           # elements of a row handled at a time
    LANES = 512           # channels handled at a time
    FOUND = 131072        # indices that the backward pass finds before it adds (or one row of outputs)

cdef enum:
    PADDED = 0            # W: all taps in one pass over the padded row
    DOUBLED = 1           # W: doubling
    SCANNED = 2           # W: windows longer than the row
    BROKEN = 3            # W: adaptive windows
    DIRECT = 4            # H, D: fold the rows of each window
    BLOCKED = 5           # H, D: prefix and suffix over blocks


cdef struct phase_t:
    Py_ssize_t n, k, s, c         # n lattice points; window t covers t*s + c to t*s + c + k, clipped
    Py_ssize_t r, pitch           # lattice point q is position r + q*pitch of the axis
    Py_ssize_t o0, p, count       # window t is output o0 + t*p
    Py_ssize_t begin, end         # the windows that hold something
    bint adaptive
    axis_t axis


cdef struct job_t:
    int code, flip, index_bytes
    bint boolean
    const unsigned char* x
    unsigned char* out            # NULL: positions only
    unsigned char* idx
    Py_ssize_t size               # of an element of x
    axis_t axis[3]
    Py_ssize_t phases[3]
    Py_ssize_t outer, inner, plane, plane_out
    bint wide                     # positions need 64 bits
    bint holes                    # some window has no real tap
    Py_ssize_t strip, batch, rows_h, rows_d, strip_h, lanes, line_size, mode_h, mode_d
    bint deep                     # windows span several slices
    bint small                    # windows of few taps
    bint direct                   # without rows of pairs in between
    bint near                     # rows that windows share are near enough for each to have its own slot
    Py_ssize_t small_strip, small_row, small_reach, slots, held
    Py_ssize_t ahead              # rows from the one in hand to the one to fetch
    Py_ssize_t tap_at[8]          # where the taps of a window lie
    int core                      # the dtype of rows that were copied
    long long mask
    Py_ssize_t total              # elements of x
    Py_ssize_t split, bands       # the axis that bands divide, how many
    unsigned char hole[8]         # the value of an empty window
    Py_ssize_t kernel, row        # scratch: W taps, pairs of a row


cdef struct tile_t:
    phase_t f[3]
    Py_ssize_t o, c0, cn, w0, w1, h0, h1, od
    Py_ssize_t sb, lp, p, mode, batch      # the padded row: pitch lp, every sb elements a window, p windows
    Py_ssize_t unit[2]
    Py_ssize_t size[2]
    Py_ssize_t rows[2]
    Py_ssize_t how[2]
    Py_ssize_t key[6]
    Py_ssize_t low[3]             # the outputs in hand
    Py_ssize_t high[3]
    unsigned char* out            # where the first of them goes; rows are as long as high - low
    unsigned char* idx
    void* line
    void* v1
    void* i1
    void* v2
    void* i2
    void* place
    void* held
    Py_ssize_t start              # where the row begins that `place` holds
    Py_ssize_t left, right        # the windows before and from these on reach over the ends of a row
    void* bv[2]
    void* bi[2]
    void* av[2]
    void* ai[2]


cdef inline Py_ssize_t most(Py_ssize_t a, Py_ssize_t b) noexcept nogil:
    return a if a > b else b


cdef inline Py_ssize_t least(Py_ssize_t a, Py_ssize_t b) noexcept nogil:
    return a if a < b else b


include "select_rows.pxi"


# ---------------------------------------------------------------- along H and D (level 1 and 0)

cdef void finish(core_t* v, index_t* ix, job_t* j, tile_t* t, Py_ssize_t od, Py_ssize_t oh) noexcept nogil:
    """One row of results to the output."""
    cdef phase_t* f = &t.f[2]
    cdef Py_ssize_t row = (od - t.low[0]) * (t.high[1] - t.low[1]) + oh - t.low[1]
    cdef Py_ssize_t at = (row * (t.high[2] - t.low[2]) + f.o0 + t.w0 * f.p - t.low[2]) * j.inner + t.c0
    cdef Py_ssize_t _w, n = t.w1 - t.w0, step = f.p, pieces = 1, jump = 0
    if j.inner > 1:
        step = 1
        if f.p == 1 and t.cn == j.inner:
            n = n * t.cn
        else:
            pieces, jump, n = n, f.p * j.inner, t.cn
    for _w in range(pieces):
        if t.out != NULL:
            give(j.code, t.out + at * j.size, step, v, j.flip, n)
        give_index(j.index_bytes, t.idx + at * j.index_bytes, step, ix, n)
        at += jump
        v += n
        ix += n


cdef void emit(core_t* v, index_t* ix, job_t* j, tile_t* t, int level, Py_ssize_t w) noexcept nogil:
    """Window w of the last level is complete."""
    cdef phase_t* g = &t.f[1]
    cdef Py_ssize_t r
    if level == 1:
        finish(v, ix, j, t, t.od, g.o0 + w * g.p)
    else:
        for r in range(t.h0, t.h1):
            finish(v + (r - t.h0) * t.size[1], ix + (r - t.h0) * t.size[1], j, t, t.f[0].o0 + w * t.f[0].p,
                   g.o0 + r * g.p)


cdef void produce(core_t* v, index_t* ix, job_t* j, tile_t* t, int level, Py_ssize_t d, Py_ssize_t q,
                  Py_ssize_t n) noexcept nogil:
    """n units from lattice point q of the level's axis on: rows of slice d, or whole slices."""
    cdef Py_ssize_t m
    if level == 1:
        while n > 0:
            m = least(n, t.batch)
            rows(v, ix, j, t, d, q, m)
            v += m * t.unit[1]
            ix += m * t.unit[1]
            q += m
            n -= m
    else:
        for m in range(n):
            stage(v + m * t.unit[0], ix + m * t.unit[0], j, t, 1, t.f[0].r + (q + m) * t.f[0].pitch, t.h0,
                  t.h1)


cdef void stage(core_t* v, index_t* ix, job_t* j, tile_t* t, int level, Py_ssize_t d, Py_ssize_t begin,
                Py_ssize_t end) noexcept nogil:
    """Windows begin to end of an axis, one after the other to v, or, if v is NULL, to the output."""
    if t.how[level] == BLOCKED:
        blocked(v, ix, j, t, level, d, begin, end)
    else:
        direct(v, ix, j, t, level, d, begin, end)


cdef void direct(core_t* v, index_t* ix, job_t* j, tile_t* t, int level, Py_ssize_t d, Py_ssize_t begin,
                 Py_ssize_t end) noexcept nogil:
    cdef phase_t* f = &t.f[level]
    cdef Py_ssize_t unit = t.unit[level], size = t.size[level], room = t.rows[level]
    cdef core_t* bv = <core_t*>t.bv[level]
    cdef index_t* bi = <index_t*>t.bi[level]
    cdef core_t* av = <core_t*>t.av[level]
    cdef index_t* ai = <index_t*>t.ai[level]
    cdef Py_ssize_t w = begin, a, b, a2, b2, last, q, m, r, held = 0, done = 0
    while w < end:
        bounds(f, w, &a, &b)
        if v != NULL:
            av, ai = v + (w - begin) * size, ix + (w - begin) * size
        if b - a > room:
            q = a
            while q < b:
                m = least(room, b - q)
                produce(bv, bi, j, t, level, d, q, m)
                if q == a:
                    fold_rows(av, ai, bv, bi, m, unit, size)
                else:
                    for r in range(m):
                        absorb(av, ai, bv + r * unit, bi + r * unit, size)
                q += m
            if v == NULL:
                emit(av, ai, j, t, level, w)
            held = done = 0
            w += 1
            continue
        last = w + 1
        while last < end and (f.adaptive or f.s <= f.k):
            bounds(f, last, &a2, &b2)
            if b2 - a > room:
                break
            b = b2
            last += 1
        if held <= a < done:
            memmove(bv, bv + (a - held) * unit, (done - a) * unit * sizeof(core_t))
            memmove(bi, bi + (a - held) * unit, (done - a) * unit * sizeof(index_t))
        else:
            done = a
        held = a
        if b > done:
            produce(bv + (done - held) * unit, bi + (done - held) * unit, j, t, level, d, done, b - done)
            done = b
        while w < last:
            bounds(f, w, &a, &b)
            q = (a - held) * unit
            if v != NULL:
                fold_rows(v + (w - begin) * size, ix + (w - begin) * size, bv + q, bi + q, b - a, unit, size)
            elif b - a == 1:
                emit(bv + q, bi + q, j, t, level, w)
            else:
                fold_rows(av, ai, bv + q, bi + q, b - a, unit, size)
                emit(av, ai, j, t, level, w)
            w += 1


cdef void blocked(core_t* v, index_t* ix, job_t* j, tile_t* t, int level, Py_ssize_t d, Py_ssize_t begin,
                  Py_ssize_t end) noexcept nogil:
    """A window is a suffix of one block of k units and a prefix of the next.

    The units of the next block are kept where the suffix that ends there is no longer needed.
    """
    cdef phase_t* f = &t.f[level]
    cdef Py_ssize_t unit = t.unit[level], size = t.size[level], k = f.k
    cdef core_t* bv = <core_t*>t.bv[level]
    cdef index_t* bi = <index_t*>t.bi[level]
    cdef core_t* pv = bv + t.rows[level] * unit
    cdef index_t* pi = bi + t.rows[level] * unit
    cdef core_t* av = <core_t*>t.av[level]
    cdef index_t* ai = <index_t*>t.ai[level]
    cdef core_t* tv
    cdef index_t* ti
    cdef Py_ssize_t w, a, b, q, r, m, have, block, now = -2, next = 0
    cdef bint begun = False
    for w in range(begin, end):
        bounds(f, w, &a, &b)
        block = -1 if w * f.s + f.c < 0 else a // k
        if block != now:
            have = next - block * k if block == now + 1 and now >= -1 else 0
            if block >= 0:
                m = least(k, f.n - block * k)
                q = most(have, a - block * k)
                if q < m:
                    produce(bv + q * unit, bi + q * unit, j, t, level, d, block * k + q, m - q)
                for r in range(m - 2, a - block * k - 1, -1):
                    absorb(bv + r * unit, bi + r * unit, bv + (r + 1) * unit, bi + (r + 1) * unit, size)
            next = (block + 1) * k
            now = block
            begun = False
        while next < b:
            q = (next - (block + 1) * k) * unit
            produce(bv + q, bi + q, j, t, level, d, next, 1)
            if begun:
                absorb(pv, pi, bv + q, bi + q, size)
            else:
                copy_row(pv, bv + q, size)
                copy_row(pi, bi + q, size)
            begun = True
            next += 1
        if block >= 0 and begun:
            tv, ti = av, ai
            if v != NULL:
                tv, ti = v + (w - begin) * size, ix + (w - begin) * size
            q = (a - block * k) * unit
            combine(tv, ti, bv + q, bi + q, pv, pi, 1, size)
        else:
            tv, ti = pv, pi
            if block >= 0:
                tv, ti = bv + (a - block * k) * unit, bi + (a - block * k) * unit
            if v != NULL:
                copy_row(v + (w - begin) * size, tv, size)
                copy_row(ix + (w - begin) * size, ti, size)
        if v == NULL:
            emit(tv, ti, j, t, level, w)


include "select_small.pxi"


# ---------------------------------------------------------------- a job

cdef bint whole(const axis_t* a) noexcept nogil:
    """Whether one window holds the whole axis."""
    if a.out != 1:
        return False
    return a.adaptive or a.n == 1 and axis_taps(a, 0) == 1 or a.dilation == 1 and a.kernel - a.lo >= a.n


cdef void one(axis_t* a, Py_ssize_t n) noexcept nogil:
    a.n, a.out, a.kernel, a.stride, a.dilation, a.lo, a.hi, a.adaptive = n, 1, 1, 1, 1, 0, 0, n > 1


cdef Py_ssize_t power(Py_ssize_t n) noexcept nogil:
    """The least power of two that is not less than n."""
    cdef Py_ssize_t p = 1
    while p < n:
        p *= 2
    return p


cdef void prepare(job_t* j, Windows plan, Py_ssize_t pair) noexcept:
    """Choose tiles and the scratch that they need. All depends on plan and dtype only."""
    cdef axis_t* d = &j.axis[0]
    cdef axis_t* h = &j.axis[1]
    cdef axis_t* w = &j.axis[2]
    cdef Py_ssize_t i, _i, phases, number, kw, taps_h, taps_d, n, slots, sb
    cdef phase_t f
    d[0], h[0], w[0] = plan.d, plan.h, plan.w
    j.inner = plan.inner
    j.plane = d.n * h.n * w.n * j.inner
    j.plane_out = d.out * h.out * w.out * j.inner
    # windows that are whole rows of whole slices are one long window; a row of one element is a column
    for _i in range(2):
        if whole(w) and whole(h):
            one(w, w.n * h.n)
            h[0] = d[0]
            one(d, 1)
        elif w.n == 1 and whole(w):
            w[0], h[0] = h[0], d[0]
            one(d, 1)
    j.holes = False
    for i in range(3):
        phases = phase_count(&j.axis[i])
        j.phases[i] = phases
        # the emptiest phases are not known beforehand; few phases: look at each, many: assume it
        if phases > 64:
            j.holes = True
        else:
            for number in range(phases):
                set_phase(&f, &j.axis[i], number, phases)
                if f.end - f.begin < f.count:
                    j.holes = True
    j.lanes = least(j.inner, LANES)
    set_phase(&f, w, 0, j.phases[2])
    kw = f.k if f.k <= f.n + 1 else 1
    sb = least(f.s, kw)
    set_phase(&f, h, 0, j.phases[1])
    if f.adaptive:
        taps_h, j.mode_h = f.n // f.axis.out + 2, DIRECT
    else:
        taps_h, j.mode_h = least(f.k,
                                 f.n + 1), BLOCKED if f.k > f.s and (f.k > 5 * f.s or f.k > 24) else DIRECT
    set_phase(&f, d, 0, j.phases[0])
    if f.adaptive:
        taps_d, j.mode_d = f.n // f.axis.out + 2, DIRECT
        j.deep = f.axis.out % f.n != 0
    else:
        taps_d, j.mode_d = least(f.k, f.n + 1), BLOCKED if f.k > f.s else DIRECT
        j.deep = f.k > 1
    # columns: as many as let the rows of a window fit
    n = LINE
    if j.mode_h == BLOCKED:
        n = most(64, least(2 * LINE, STRIP * 4 // ((taps_h + 1) * pair)))
    j.strip = most(1, least(w.out, n // j.lanes))
    if sb > 1:
        j.strip = most(1, least(j.strip, 4 * LINE // (sb * j.lanes)))
    n = j.strip * sb + kw + sb                             # lattice points of a padded row
    j.batch = 1 if w.adaptive else most(1, least(h.n, 2 * LINE // (n * j.lanes)))
    j.line_size = most(j.batch * n * j.lanes, LINE)
    j.kernel = kw
    n = j.row = (j.strip + kw // sb + 2) * j.lanes         # pairs of a row
    j.rows_h = taps_h if j.mode_h == BLOCKED else most(least(h.n, STRIP // (n * pair)), 1)
    j.strip_h, j.rows_d = 1, 0
    if j.deep:
        slots = taps_d + 1 if j.mode_d == BLOCKED else least(taps_d, 8)
        j.rows_d = slots
        j.strip_h = most(least(4, h.out), least(h.out, 2 * STRIP // (slots * j.strip * j.lanes * pair)))
    # windows of few taps
    j.core = j.code
    if j.code < U64:
        j.core = I32
    elif j.code < F32:
        j.core = I64
    elif j.code != F64:
        j.core = F32
    j.mask = cp_flip(j.code, j.flip)
    j.total = plan.outer * j.plane
    j.held = j.small_row = 0
    j.small = (not (j.holes or d.adaptive or h.adaptive or w.adaptive) and w.kernel <= 7
               and itemsize_of(j.core) * 2 == pair)
    if j.small and j.inner == 1:
        i = 128 // pair                                    # lanes of the widest vector
        j.slots = power(least(h.n, (h.kernel - 1) * h.dilation + 1))
        if d.kernel > 1:
            j.slots = power(least(d.n, (d.kernel - 1) * d.dilation + 1) * h.n)
        n = least(LINE, most(4 * i, STRIP // 4 // (j.slots * pair)))
        j.near = n * j.slots * pair <= STRIP
        if not j.near:
            j.slots = power(d.kernel * h.kernel)           # no room to keep rows for the next slice
            n = LINE // 4
        j.small_strip = least(w.out, n)
        # a row that is no multiple of 4096 bytes: a fold reads the same element of all of them
        j.small_row = (j.small_strip + i - 1) // i * i + i
        j.direct = 2 <= w.kernel <= 3 and w.dilation == 1 and w.lo <= 1 and h.kernel > 1
        j.direct = j.direct and (w.out - 1) * w.stride - w.lo + w.kernel <= w.n + 1
        if w.stride == 2:
            j.direct = j.direct and h.kernel <= h.stride + 1 and d.kernel <= d.stride
        else:
            # as far as strips would cut the rows
            j.direct = j.direct and w.stride == 1 and h.kernel == w.kernel and d.kernel == 1 and w.out > LINE
        j.ahead = 4 * h.stride
        j.small = (w.stride <= 8 and (w.dilation == 1 or w.kernel == 1 or w.lo + w.hi == 0 and w.stride == 1)
                   and h.kernel <= 7 and d.kernel * h.kernel <= 27
                   and (h.kernel > 1 or d.kernel > 1 or w.kernel > 1))
        j.held = j.slots
        n = j.small_row + w.kernel * w.dilation
        j.small_reach = n if w.stride == 1 else 2 * j.small_row + w.kernel + 1
        for _i in range(least(w.kernel, 8)):
            j.tap_at[_i] = _i * w.dilation if w.stride <= 2 else _i % w.stride * n + _i // w.stride
        j.line_size = most(j.line_size, n * w.stride + i)
        j.rows_h = most(j.rows_h, (j.slots * j.small_row + j.row - 1) // j.row)
    elif j.small:
        j.small_strip = least(w.out, LINE)
        j.small = (not j.deep and h.kernel == w.kernel and 2 <= w.kernel <= 3 and j.inner * pair >= 128)
        j.held = j.small_strip * w.kernel


cdef inline void* carve(char* memory, Py_ssize_t* at, Py_ssize_t bytes) noexcept nogil:
    cdef void* found = <void*>(memory + at[0]) if memory != NULL else NULL
    at[0] += (bytes + 63) // 64 * 64
    return found


cdef Py_ssize_t lay_out(core_t* tag, index_t* itag, job_t* j, tile_t* t, char* memory) noexcept nogil:
    """Divide a thread's scratch (at lines of the cache); return how many bytes it takes. With NULL only that."""
    cdef Py_ssize_t at = -<Py_ssize_t>memory & 63, n, k, v = sizeof(core_t), i = sizeof(index_t)
    t.line = carve(memory, &at, (j.line_size + (j.kernel + 1) * j.lanes) * v)
    n = j.line_size + j.lanes
    t.place = carve(memory, &at, n * i)
    t.v1 = carve(memory, &at, n * v)
    t.i1 = carve(memory, &at, n * i)
    t.v2 = carve(memory, &at, n * v)
    t.i2 = carve(memory, &at, n * i)
    t.bv[1] = carve(memory, &at, (j.rows_h + 1) * j.row * v)
    t.bi[1] = carve(memory, &at, (j.rows_h + 1) * j.row * i)
    t.av[1] = carve(memory, &at, j.row * v)
    t.ai[1] = carve(memory, &at, j.row * i)
    if j.deep:
        n = j.strip_h * j.strip * j.lanes
        t.bv[0] = carve(memory, &at, (j.rows_d + 1) * n * v)
        t.bi[0] = carve(memory, &at, (j.rows_d + 1) * n * i)
        t.av[0] = carve(memory, &at, n * v)
        t.ai[0] = carve(memory, &at, n * i)
    t.held = carve(memory, &at, j.held * sizeof(Py_ssize_t))
    t.start = -4611686018427387904
    t.how[0], t.how[1] = j.mode_d, j.mode_h
    t.rows[0], t.rows[1] = j.rows_d, j.rows_h
    for k in range(6):
        t.key[k] = -1
    return at


cdef void run(core_t* tag, index_t* itag, job_t* j, tile_t* t) noexcept nogil:
    """Outputs t.low to t.high of plane t.o, to t.out and t.idx."""
    cdef Py_ssize_t pd, ph, pw, d, b, w_end, h_begin, h_end, d_begin, d_end, w, unused
    if j.small:
        if j.inner == 1:
            small_rows(tag, itag, j, t)
        else:
            small_lanes(j, t)
        return
    for pw in range(j.phases[2]):
        set_phase(&t.f[2], &j.axis[2], pw, j.phases[2])
        w, w_end = phase_window(&t.f[2], t.low[2]), phase_window(&t.f[2], t.high[2])
        while w < w_end:
            t.w0, t.w1 = w, least(w_end, w + j.strip)
            w = t.w1
            for ph in range(j.phases[1]):
                set_phase(&t.f[1], &j.axis[1], ph, j.phases[1])
                h_begin, h_end = phase_window(&t.f[1], t.low[1]), phase_window(&t.f[1], t.high[1])
                if h_begin >= h_end:
                    continue
                t.c0 = 0
                while t.c0 < j.inner:
                    t.cn = least(j.lanes, j.inner - t.c0)
                    start_tile(tag, itag, j, t)
                    for pd in range(j.phases[0]):
                        set_phase(&t.f[0], &j.axis[0], pd, j.phases[0])
                        d_begin, d_end = phase_window(&t.f[0], t.low[0]), phase_window(&t.f[0], t.high[0])
                        if d_begin >= d_end:
                            continue
                        if j.deep:
                            t.h0 = h_begin
                            while t.h0 < h_end:
                                t.h1 = least(h_end, t.h0 + j.strip_h)
                                t.size[0] = t.unit[0] = (t.h1 - t.h0) * t.size[1]
                                stage(<core_t*>NULL, <index_t*>NULL, j, t, 0, 0, d_begin, d_end)
                                t.h0 = t.h1
                        else:
                            for d in range(d_begin, d_end):
                                t.od = t.f[0].o0 + d * t.f[0].p
                                bounds(&t.f[0], d, &b, &unused)
                                stage(<core_t*>NULL, <index_t*>NULL, j, t, 1, t.f[0].r + b * t.f[0].pitch,
                                      h_begin, h_end)
                    t.c0 += t.cn


cdef void identity(unsigned char* x, int code, bint least_wanted, bint boolean) noexcept nogil:
    """What an empty window gives: the lowest value for max, the highest for min (least_wanted)."""
    cdef unsigned short bits
    cdef Py_ssize_t size = itemsize_of(code)
    memset(x, 0, size)
    if code == F32:
        (<float*>x)[0] = INFINITY if least_wanted else -INFINITY
    elif code == F64:
        (<double*>x)[0] = INFINITY if least_wanted else -INFINITY
    elif code == F16 or code == BF16:
        bits = 0x7c00 if code == F16 else 0x7f80
        (<unsigned short*>x)[0] = bits if least_wanted else bits | 0x8000
    elif boolean:
        x[0] = least_wanted
    elif code == I8:
        x[0] = 127 if least_wanted else 128
    elif code == I16:
        (<unsigned short*>x)[0] = 32767 if least_wanted else 32768
    elif code == I32:
        (<unsigned int*>x)[0] = 2147483647u if least_wanted else 2147483648u
    elif code == I64:
        (<unsigned long long*>x)[0] = 9223372036854775807ull if least_wanted else 9223372036854775808ull
    elif least_wanted:
        memset(x, 255, size)


cdef void fill_holes(job_t* j, tile_t* t, Py_ssize_t n) noexcept nogil:
    """Write what empty windows give to all n outputs in hand, before the others are computed."""
    cdef Py_ssize_t i
    memset(t.idx, 255, n * j.index_bytes)
    if t.out != NULL:
        for i in range(n):
            memcpy(t.out + i * j.size, j.hole, j.size)


cdef void part(core_t* tag, index_t* itag, job_t* j, tile_t* t, Py_ssize_t number) noexcept nogil:
    """Part `number` of the forward pass: a plane, or a band of one. Rows of whole planes only are split
    further.
    """
    cdef Py_ssize_t band = number % j.bands, n = j.axis[j.split].out, i, below = j.inner, at
    t.o = number // j.bands
    for i in range(3):
        t.low[i], t.high[i] = 0, j.axis[i].out
        if i > j.split:
            below *= t.high[i]
    t.low[j.split] = n // j.bands * band + least(band, n % j.bands)
    t.high[j.split] = t.low[j.split] + n // j.bands + (1 if band < n % j.bands else 0)
    at = t.o * j.plane_out + t.low[j.split] * below
    t.out, t.idx = j.out + at * j.size, j.idx + at * j.index_bytes
    if j.holes:
        fill_holes(j, t, (t.high[j.split] - t.low[j.split]) * below)
    run(tag, itag, j, t)


cdef int execute(core_t* tag, index_t* itag, job_t* j, Py_ssize_t outer, int threads) noexcept nogil:
    """All parts. Returns -1 if there is no memory for scratch."""
    cdef tile_t t
    cdef tile_t* own
    cdef char* memory
    cdef Py_ssize_t i, parts = outer * j.bands, chunk = most(1, parts // (8 * threads))
    cdef Py_ssize_t bytes = lay_out(tag, itag, j, &t, NULL)
    cdef int failed = 0
    cdef int* status = &failed
    if threads <= 1 or parts == 1:
        memory = <char*>malloc(bytes + 64)
        if memory == NULL:
            return -1
        lay_out(tag, itag, j, &t, memory)
        for i in range(parts):
            part(tag, itag, j, &t, i)
        free(memory)
        return 0
    with parallel(num_threads=threads):
        memory = <char*>malloc(bytes + 64)
        own = <tile_t*>malloc(sizeof(tile_t))
        if memory == NULL or own == NULL:
            status[0] = -1
        else:
            lay_out(tag, itag, j, own, memory)
        for i in prange(parts, schedule="dynamic", chunksize=chunk):
            if memory != NULL and own != NULL:
                part(tag, itag, j, own, i)
        free(own)
        free(memory)
    return failed


cdef void split_up(job_t* j, Py_ssize_t outer, int threads) noexcept nogil:
    """Bands of a plane, where there are too few planes for the threads."""
    cdef Py_ssize_t wanted
    j.split, j.bands = 0, 1
    while j.split < 2 and j.axis[j.split].out == 1:
        j.split += 1
    if threads > 1 and outer < 4 * threads:
        wanted = (4 * threads + outer - 1) // outer
        j.bands = most(1, least(wanted, j.axis[j.split].out))


cdef bint is_wide(Windows plan) noexcept:
    """Whether a position needs 64 bits."""
    return plan.d.n * plan.h.n * plan.w.n > 2147483647


cdef void prepare_argreduce(void* memory, const task_t* t, Windows plan) noexcept:
    cdef job_t* j = <job_t*>memory
    j.code, j.flip, j.boolean, j.index_bytes, j.size = t.code, t.op, t.boolean, t.index_bytes, itemsize_of(t.code)
    j.outer, j.wide = plan.outer, is_wide(plan)
    identity(j.hole, j.code, j.flip, j.boolean)
    prepare(j, plan, 16 if j.wide or j.code == U64 or j.code == I64 or j.code == F64 else 8)


cdef int run_argreduce(const void* job, void** at, int threads) noexcept nogil:
    cdef job_t j = (<const job_t*>job)[0]
    cdef int code = j.code, failed
    j.x, j.out, j.idx = <const unsigned char*>at[0], <unsigned char*>at[1], <unsigned char*>at[2]
    split_up(&j, j.outer, threads)
    if code >= F32:
        if j.wide or code == F64:
            failed = execute(<double*>NULL, <long long*>NULL, &j, j.outer, threads)
        else:
            failed = execute(<float*>NULL, <int*>NULL, &j, j.outer, threads)
    elif j.wide or code == U64 or code == I64:
        failed = execute(<long long*>NULL, <long long*>NULL, &j, j.outer, threads)
    else:
        failed = execute(<int*>NULL, <int*>NULL, &j, j.outer, threads)
    return NO_MEMORY if failed else 0


include "select_backward.pxi"


cdef kernel_api_t ARGREDUCE = kernel_api_t(sizeof(job_t), prepare_argreduce, run_argreduce)
cdef kernel_api_t SEARCH = kernel_api_t(sizeof(job_t), prepare_search, run_search)
apis = {
    "argreduce": PyCapsule_New(&ARGREDUCE, "cpool.kernel", NULL),
    "search_backward": PyCapsule_New(&SEARCH, "cpool.kernel", NULL),
}
