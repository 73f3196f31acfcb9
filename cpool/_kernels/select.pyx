"""max and min with the position of the winner, and the backward pass that searches for it.

a) Four cores serve twelve dtypes: (int32, int32), (int64, int64), (float, int32), (double, int64) pairs of value and
   index, and maximum only. Everything else is mapped onto them and back by `take` and `give`, exactly. Values and indices
   are of one width, so that a comparison, a blend of values and a blend of indices have the same vector length. A plane
   of 2**31 elements or more uses the 64-bit cores.
b) First wins: along W, then H, then D, each with the strict comparison `beats`, is row-major order, so each axis is
   reduced on its own (no k*k work) and no index is ever compared.
c) Along W a row is loaded with its padding filled by the lowest value. A tie of a real lowest value with padding is put
   right afterwards: an index before the row can only mean that all taps are the lowest, so it becomes the first of the row.
   Several rows of small planes are handled as one long row: all have the same pitch, a multiple of the stride.
d) Wide windows: doubling along W (2, 4, 8 ... taps, then two overlapping halves), prefix and suffix over blocks of
   `kernel` rows (van Herk, Gil and Werman) along H and D. Windows larger than the axis are prefixes and suffixes of it.
e) A dilated axis is split into phases: the windows whose taps share a residue form a dense problem of their own.
f) Scratch: strips of W such that the rows of a window fit `STRIP` bytes; for wide windows the rows of one window
   at 64 columns or more.
"""
from cython.parallel cimport parallel, prange
from libc.math cimport INFINITY
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy, memmove, memset

from cpool._kernels.axis cimport axis_first, axis_t, axis_taps
from cpool._kernels.numeric cimport (
    U8, I8, U16, I16, U32, I32, U64, I64, F32, F64, F16, BF16, bf16_t, cp_prefetch, f16_t)
from cpool._kernels.pairs cimport (
    absorb, beats, blend, combine, copy_row, core_t, fill_row, fold_rows, give, give_index, index_t, itemsize_of, lowest,
    take, take2, taps, window22, window33)
from cpool._kernels.scatter cimport add_at, grad_t, narrowed, sum_t, touching
from cpool._plan cimport Windows

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
    Py_ssize_t inner, plane, plane_out
    bint holes                    # some window has no real tap
    Py_ssize_t strip, batch, rows_h, rows_d, strip_h, lanes, line_size, mode_h, mode_d
    bint deep                     # windows span several slices
    bint small, straight          # `small` serves; without a copy of the input
    Py_ssize_t small_strip
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
    void* bv[2]
    void* bi[2]
    void* av[2]
    void* ai[2]


cdef inline Py_ssize_t most(Py_ssize_t a, Py_ssize_t b) noexcept nogil:
    return a if a > b else b


cdef inline Py_ssize_t least(Py_ssize_t a, Py_ssize_t b) noexcept nogil:
    return a if a < b else b


# ---------------------------------------------------------------- phases of an axis

cdef Py_ssize_t phase_count(axis_t* a) noexcept nogil:
    cdef Py_ssize_t x, y
    if a.adaptive or a.kernel == 1:
        return least(1, a.out)
    x, y = a.dilation, a.stride
    while y:
        x, y = y, x % y
    return least(a.dilation // x, a.out)


cdef void set_phase(phase_t* f, axis_t* a, Py_ssize_t number, Py_ssize_t phases) noexcept nogil:
    cdef Py_ssize_t d = a.dilation, start, x, y
    f.axis = a[0]
    f.adaptive = a.adaptive
    f.o0, f.p, f.count, f.r, f.pitch = number, 1, a.out, 0, 1
    f.n = a.n
    if a.adaptive:
        f.k, f.s, f.c, f.begin, f.end = 1, 1, 0, 0, a.out
        return
    if a.kernel == 1:
        d = 1
    f.k = a.kernel
    x, y = d, a.stride
    while y:
        x, y = y, x % y
    f.p = d // x
    f.s = a.stride // x
    f.count = (a.out - number + f.p - 1) // f.p
    start = number * a.stride - a.lo
    f.r = start % d
    if f.r < 0:
        f.r += d
    f.c = (start - f.r) // d
    f.pitch = d
    f.n = (a.n - f.r + d - 1) // d if f.r < a.n else 0
    f.begin = 0 if f.c + f.k > 0 else (-f.c - f.k) // f.s + 1
    f.end = least(f.count, (f.n - 1 - f.c) // f.s + 1) if f.c < f.n else 0
    if f.n == 0 or f.end < f.begin:
        f.end = f.begin


cdef inline void bounds(const phase_t* f, Py_ssize_t t, Py_ssize_t* a, Py_ssize_t* b) noexcept nogil:
    if f.adaptive:
        a[0] = axis_first(&f.axis, t)
        b[0] = a[0] + axis_taps(&f.axis, t)
    else:
        a[0] = most(t * f.s + f.c, 0)
        b[0] = least(t * f.s + f.c + f.k, f.n)


cdef inline Py_ssize_t phase_window(const phase_t* f, Py_ssize_t output) noexcept nogil:
    """The first window of the phase at or after `output`, among those that hold something."""
    cdef Py_ssize_t t = 0 if output <= f.o0 else (output - f.o0 + f.p - 1) // f.p
    return most(f.begin, least(t, f.end))


# ---------------------------------------------------------------- along W

cdef void* element(job_t* j, tile_t* t, Py_ssize_t d, Py_ssize_t h, Py_ssize_t w) noexcept nogil:
    cdef Py_ssize_t at = (d * j.axis[1].n + h) * j.axis[2].n + w
    return <void*>(j.x + (t.o * j.plane + at * j.inner + t.c0) * j.size)


cdef void load(core_t* v, job_t* j, tile_t* t, Py_ssize_t d, Py_ssize_t h, Py_ssize_t q, Py_ssize_t n) noexcept nogil:
    """n lattice points of a row from q on, packed."""
    cdef Py_ssize_t i, pitch = t.f[2].pitch
    cdef const char* x = <const char*>element(j, t, d, h, t.f[2].r + q * pitch)
    if j.inner == 1:
        take(j.code, v, x, pitch, j.flip, n)
    elif pitch == 1 and t.cn == j.inner:
        take(j.code, v, x, 1, j.flip, n * t.cn)
    else:
        for i in range(n):
            take(j.code, v + i * t.cn, x + i * pitch * j.inner * j.size, 1, j.flip, t.cn)


cdef void start_tile(core_t* tag, index_t* itag, job_t* j, tile_t* t) noexcept nogil:
    """Fill the padding and the positions of the padded rows; they stay while planes and slices go by."""
    cdef phase_t* f = &t.f[2]
    cdef Py_ssize_t key[6]
    cdef Py_ssize_t i, r, u, c, tw = t.w1 - t.w0, q0 = t.w0 * f.s + f.c, span
    cdef index_t row, at
    cdef index_t* place = <index_t*>t.place
    key[0], key[1], key[2], key[3], key[4], key[5] = f.o0, t.w0, t.w1, t.cn, t.f[1].o0, 1
    t.size[1] = tw * t.cn
    t.unit[1] = t.size[1]
    if f.adaptive:
        t.mode = BROKEN
    elif f.k > f.n:
        t.mode = SCANNED
    else:
        t.mode = DOUBLED if f.k >= 6 and f.k > 4 * f.s else PADDED
    t.batch = 1
    if t.mode == PADDED or t.mode == DOUBLED:
        t.sb = least(f.s, f.k)
        span = (tw - 1) * t.sb + f.k
        t.lp = (span + t.sb - 1) // t.sb * t.sb
        t.p = t.lp // t.sb
        t.unit[1] = t.p * t.cn
        t.batch = most(1, least(j.line_size // (t.lp * t.cn), j.batch))
    for i in range(6):
        if t.key[i] != key[i]:
            break
    else:
        return
    memcpy(t.key, key, sizeof(key))
    if t.mode != PADDED and t.mode != DOUBLED:
        return
    fill_row(<core_t*>t.line, lowest(tag), (t.batch * t.lp + f.k) * t.cn)
    for r in range(t.batch):
        row = <index_t>(r * t.f[1].pitch * j.axis[2].n + f.r)
        if t.mode == PADDED:
            for u in range(t.p):
                at = row + <index_t>(((t.w0 + u) * f.s + f.c) * f.pitch)
                for c in range(t.cn):
                    place[(r * t.p + u) * t.cn + c] = at
        else:
            for u in range(t.lp):
                at = row + <index_t>((q0 + u) * f.pitch)
                for c in range(t.cn):
                    place[(r * t.lp + u) * t.cn + c] = at


cdef void rows(core_t* v, index_t* ix, job_t* j, tile_t* t, Py_ssize_t d, Py_ssize_t q, Py_ssize_t n) noexcept nogil:
    """Along W: n <= t.batch rows of slice d from lattice row q on, reduced to pairs."""
    cdef phase_t* f = &t.f[2]
    cdef phase_t* g = &t.f[1]
    cdef core_t* line = <core_t*>t.line
    cdef core_t* v1 = <core_t*>t.v1
    cdef core_t* v2 = <core_t*>t.v2
    cdef index_t* i1 = <index_t*>t.i1
    cdef index_t* i2 = <index_t*>t.i2
    cdef index_t* place = <index_t*>t.place
    cdef Py_ssize_t r, w, a, b, m, i, cn = t.cn, tw = t.w1 - t.w0, h, total, wide, edge
    cdef Py_ssize_t q0 = t.w0 * f.s + f.c, unit = t.unit[1]
    cdef index_t base, first
    if t.mode == SCANNED or t.mode == BROKEN:
        for r in range(n):
            h = g.r + (q + r) * g.pitch
            base = <index_t>((d * j.axis[1].n + h) * j.axis[2].n + f.r)
            if t.mode == SCANNED:
                scan(v + r * unit, ix + r * unit, j, t, d, h, base)
            else:
                broken(v + r * unit, ix + r * unit, j, t, d, h, base)
        return
    for r in range(n):
        h = g.r + (q + r) * g.pitch
        if f.s <= f.k:
            a, b = most(q0, 0), least(q0 + (tw - 1) * f.s + f.k, f.n)
            load(line + (r * t.lp + a - q0) * cn, j, t, d, h, a, b - a)
        else:
            for w in range(t.w0, t.w1):
                bounds(f, w, &a, &b)
                load(line + (r * t.lp + (w - t.w0) * f.k + a - w * f.s - f.c) * cn, j, t, d, h, a, b - a)
    base = <index_t>((d * j.axis[1].n + g.r + q * g.pitch) * j.axis[2].n)
    if t.mode == PADDED:
        if t.sb == 1 or cn == 1:
            taps(v, ix, line, t.sb, cn, f.k, place, base, <index_t>f.pitch, n * unit)
        else:
            for r in range(n):
                for w in range(tw):
                    i = (r * t.p + w) * cn
                    taps(v + i, ix + i, line + (r * t.lp + w * t.sb) * cn, 1, cn, f.k, place + i, base, <index_t>f.pitch, cn)
    else:
        total = n * t.lp * cn
        wide = 4
        taps(v1, i1, line, 1, cn, 4, place, base, <index_t>f.pitch, total - 3 * cn)
        while 2 * wide <= f.k:
            combine(v2, i2, v1, i1, v1 + wide * cn, i1 + wide * cn, 1, total - (2 * wide - 1) * cn)
            wide *= 2
            v1, v2, i1, i2 = v2, v1, i2, i1
        m = (f.k - wide) * cn
        if cn == 1 or t.sb == 1:
            # the windows past the last one of the last row are not there
            combine(v, ix, v1, i1, v1 + m, i1 + m, t.sb, (n - 1) * unit + tw * cn)
        else:
            for r in range(n):
                for w in range(tw):
                    i = (r * t.lp + w * t.sb) * cn
                    combine(v + (r * t.p + w) * cn, ix + (r * t.p + w) * cn, v1 + i, i1 + i, v1 + i + m, i1 + i + m, 1, cn)
    if q0 < 0:
        edge = least(tw, (-q0 + f.s - 1) // f.s) * cn
        for r in range(n):
            first = base + <index_t>(r * g.pitch * j.axis[2].n + f.r)
            for i in range(r * unit, r * unit + edge):
                if ix[i] < first:
                    ix[i] = first


cdef void gather(core_t* v, index_t* ix, job_t* j, tile_t* t, Py_ssize_t d, Py_ssize_t h, index_t base, Py_ssize_t a,
                 Py_ssize_t b, bint begun) noexcept nogil:
    """v, ix: the best of lattice points a to b of a row, after what is there already if `begun`."""
    cdef core_t* line = <core_t*>t.line
    cdef Py_ssize_t cn = t.cn, chunk = most(1, j.line_size // cn), i, q = a, m, pitch = t.f[2].pitch
    cdef Py_ssize_t lane, at
    cdef core_t best[64]
    cdef index_t where[64]
    cdef core_t e
    cdef index_t p, m2
    while q < b:
        m = least(chunk, b - q)
        load(line, j, t, d, h, q, m)
        i = 0
        if not begun:
            begun = True
            copy_row(v, line, cn)
            fill_row(ix, base + <index_t>(q * pitch), cn)
            i = 1
        if cn == 1 and m - i >= 256:
            # 64 running maxima; the smallest index among equals is the first
            fill_row(where, 0, 64)
            copy_row(best, line + i, 64)
            for at in range(1, (m - i) // 64):
                p = <index_t>at
                for lane in range(64):
                    e = line[i + at * 64 + lane]
                    m2 = -<index_t>beats(e, best[lane])
                    where[lane] = (p & m2) | (where[lane] & ~m2)
                    best[lane] = blend(m2, e, best[lane])
            e, at = best[0], <Py_ssize_t>where[0] * 64
            for lane in range(1, 64):
                if beats(best[lane], e) or (not beats(e, best[lane]) and <Py_ssize_t>where[lane] * 64 + lane < at):
                    e, at = best[lane], <Py_ssize_t>where[lane] * 64 + lane
            if beats(e, v[0]):
                v[0] = e
                ix[0] = base + <index_t>((q + i + at) * pitch)
            i += (m - i) // 64 * 64
        if cn == 1:
            e, p = v[0], ix[0]
            for at in range(i, m):
                if beats(line[at], e):
                    e, p = line[at], base + <index_t>((q + at) * pitch)
            v[0], ix[0] = e, p
        else:
            for at in range(i, m):
                p = base + <index_t>((q + at) * pitch)
                for lane in range(cn):
                    m2 = -<index_t>beats(line[at * cn + lane], v[lane])
                    ix[lane] = (p & m2) | (ix[lane] & ~m2)
                    v[lane] = blend(m2, line[at * cn + lane], v[lane])
        q += m


cdef void broken(core_t* v, index_t* ix, job_t* j, tile_t* t, Py_ssize_t d, Py_ssize_t h, index_t base) noexcept nogil:
    """Adaptive windows along a row."""
    cdef Py_ssize_t w, a, b, c, from_, cn = t.cn, i
    cdef core_t* line = <core_t*>t.line
    cdef const core_t* x
    cdef core_t e
    cdef index_t p, m
    bounds(&t.f[2], t.w0, &from_, &b)
    bounds(&t.f[2], t.w1 - 1, &a, &b)
    if (b - from_) * cn > j.line_size or (cn == 1 and b - a > 64):
        for w in range(t.w0, t.w1):
            bounds(&t.f[2], w, &a, &b)
            gather(v + (w - t.w0) * cn, ix + (w - t.w0) * cn, j, t, d, h, base, a, b, False)
        return
    load(line, j, t, d, h, from_, b - from_)
    for w in range(t.w0, t.w1):
        bounds(&t.f[2], w, &a, &b)
        x = line + (a - from_) * cn
        if cn == 1:
            e, p = x[0], 0
            for i in range(1, b - a):
                m = -<index_t>beats(x[i], e)
                p = (<index_t>i & m) | (p & ~m)
                e = blend(m, x[i], e)
            v[w - t.w0], ix[w - t.w0] = e, base + <index_t>a + p
        else:
            for c in range(cn):
                v[c], ix[c] = x[c], base + <index_t>a
            for i in range(1, b - a):
                x += cn
                p = base + <index_t>(a + i)
                for c in range(cn):
                    m = -<index_t>beats(x[c], v[c])
                    ix[c] = (p & m) | (ix[c] & ~m)
                    v[c] = blend(m, x[c], v[c])
            v += cn
            ix += cn


cdef void scan(core_t* v, index_t* ix, job_t* j, tile_t* t, Py_ssize_t d, Py_ssize_t h, index_t base) noexcept nogil:
    """Windows longer than the row: those that begin before it are prefixes, the others suffixes."""
    cdef phase_t* f = &t.f[2]
    cdef core_t* m = <core_t*>t.v1
    cdef index_t* mi = <index_t*>t.i1
    cdef core_t* e = <core_t*>t.v2
    cdef index_t* ei = <index_t*>t.i2
    cdef Py_ssize_t w, a, b, cn = t.cn, end = 0, split = t.w0
    while split < t.w1 and split * f.s + f.c <= 0:
        bounds(f, split, &a, &b)
        gather(m, mi, j, t, d, h, base, end, b, end > 0)
        end = b
        copy_row(v + (split - t.w0) * cn, m, cn)
        copy_row(ix + (split - t.w0) * cn, mi, cn)
        split += 1
    end = f.n
    for w in range(t.w1 - 1, split - 1, -1):
        bounds(f, w, &a, &b)
        if end == f.n:
            gather(m, mi, j, t, d, h, base, a, end, False)
        elif a < end:
            gather(e, ei, j, t, d, h, base, a, end, False)
            absorb(e, ei, m, mi, cn)
            copy_row(m, e, cn)
            copy_row(mi, ei, cn)
        end = a
        copy_row(v + (w - t.w0) * cn, m, cn)
        copy_row(ix + (w - t.w0) * cn, mi, cn)


# ---------------------------------------------------------------- along H and D (level 1 and 0)

cdef void finish(core_t* v, index_t* ix, job_t* j, tile_t* t, Py_ssize_t od, Py_ssize_t oh) noexcept nogil:
    """One row of results to the output."""
    cdef phase_t* f = &t.f[2]
    cdef Py_ssize_t row = (od - t.low[0]) * (t.high[1] - t.low[1]) + oh - t.low[1]
    cdef Py_ssize_t at = (row * (t.high[2] - t.low[2]) + f.o0 + t.w0 * f.p - t.low[2]) * j.inner + t.c0
    cdef Py_ssize_t w, n = t.w1 - t.w0, step = f.p, pieces = 1, jump = 0
    if j.inner > 1:
        step = 1
        if f.p == 1 and t.cn == j.inner:
            n = n * t.cn
        else:
            pieces, jump, n = n, f.p * j.inner, t.cn
    for w in range(pieces):
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
            finish(v + (r - t.h0) * t.size[1], ix + (r - t.h0) * t.size[1], j, t, t.f[0].o0 + w * t.f[0].p, g.o0 + r * g.p)


cdef void produce(core_t* v, index_t* ix, job_t* j, tile_t* t, int level, Py_ssize_t d, Py_ssize_t q, Py_ssize_t n) noexcept nogil:
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
            stage(v + m * t.unit[0], ix + m * t.unit[0], j, t, 1, t.f[0].r + (q + m) * t.f[0].pitch, t.h0, t.h1)


cdef void stage(core_t* v, index_t* ix, job_t* j, tile_t* t, int level, Py_ssize_t d, Py_ssize_t begin, Py_ssize_t end) noexcept nogil:
    """Windows begin to end of an axis, one after the other to v, or, if v is NULL, to the output."""
    if t.how[level] == BLOCKED:
        blocked(v, ix, j, t, level, d, begin, end)
    else:
        direct(v, ix, j, t, level, d, begin, end)


cdef void direct(core_t* v, index_t* ix, job_t* j, tile_t* t, int level, Py_ssize_t d, Py_ssize_t begin, Py_ssize_t end) noexcept nogil:
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


cdef void blocked(core_t* v, index_t* ix, job_t* j, tile_t* t, int level, Py_ssize_t d, Py_ssize_t begin, Py_ssize_t end) noexcept nogil:
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


# ---------------------------------------------------------------- windows of 2 x 2 and 3 x 3

cdef inline void window(core_t* v, unsigned char* ix, int index_bytes, const core_t** p, Py_ssize_t taps, Py_ssize_t s,
                        Py_ssize_t x1, Py_ssize_t x2, index_t base, index_t move, index_t q1, index_t q2, index_t r1,
                        index_t r2, Py_ssize_t n) noexcept nogil:
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
    """Position of tap k of window o, or of the real tap next to it: a tap that comes twice changes nothing."""
    cdef Py_ssize_t q = o * a.stride - a.lo + k * a.dilation, first = o * a.stride - a.lo, last = a.n - 1
    if first < 0:
        first += (-first + a.dilation - 1) // a.dilation * a.dilation
    last = first + (last - first) // a.dilation * a.dilation
    return most(first, least(q, last))


cdef void spread_row(core_t* v, job_t* j, const char* x, Py_ssize_t start, Py_ssize_t s, Py_ssize_t length, Py_ssize_t n) noexcept nogil:
    """Positions start to start + n of a row, those with one remainder modulo s together: `length` elements each."""
    cdef Py_ssize_t f
    if s == 1:
        take(j.code, v + start, x, 1, j.flip, n)
    elif s == 2:
        f = 1 - start % 2
        take2(j.code, v + start % 2 * length + start // 2, v + f * length + (start + 1) // 2, x, j.flip, n // 2)
        if n % 2:
            take(j.code, v + start % 2 * length + start // 2 + n // 2, x + (n - 1) * j.size, 1, j.flip, 1)
    else:
        for f in range(least(s, n)):
            take(j.code, v + (start + f) % s * length + (start + f) // s, x + f * j.size, s, j.flip, (n - f + s - 1) // s)


cdef void small_rows(core_t* tag, index_t* itag, job_t* j, tile_t* t) noexcept nogil:
    """Outputs t.low to t.high of plane t.o, inner == 1: rows padded and split by phase of the stride, so that every tap
    is a contiguous row; one pass over the taps of a row of windows."""
    cdef axis_t* h = &j.axis[1]
    cdef axis_t* w = &j.axis[2]
    cdef Py_ssize_t k = w.kernel, s = w.stride, d = w.dilation, rows = (h.kernel - 1) * h.dilation + 1, vector = 64 // sizeof(core_t)
    cdef Py_ssize_t od, oh, ow, w0, w1, i, r, n, at, start, c0, c1, depth, y, rest, length, x1, x2, y0, width
    cdef Py_ssize_t ahead = 4 * h.stride
    cdef const core_t* p[3]
    cdef Py_ssize_t held[16]
    cdef core_t* buffer = <core_t*>t.line
    cdef core_t* v
    cdef unsigned char* ix
    cdef const char* x
    cdef index_t base, off[3]
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
                        spread_row(buffer + i * width, j, <const char*>element(j, t, depth, y, c0), c0 - start, s, length, c1 - c0)
                x = <const char*>element(j, t, depth, least(y0 + ahead, h.n - 1), c0)
                for i in range(0, (c1 - c0) * h.stride * j.size, 64):
                    cp_prefetch(x + i)
                base = <index_t>((depth * h.n + y0) * w.n + start)
                at = ((od - t.low[0]) * (t.high[1] - t.low[1]) + oh - t.low[1]) * (t.high[2] - t.low[2]) + w0 - t.low[2]
                v, ix = <core_t*>t.v1, t.idx + at * j.index_bytes
                if j.straight and t.out != NULL:
                    v = <core_t*>t.out + at
                rest = n % vector if n > vector else 0
                window(v, ix, j.index_bytes, p, k, 1, x1, x2, base, <index_t>s, <index_t>d, <index_t>(2 * d), off[1], off[2], n - rest)
                if rest:
                    i = n - vector              # the last vector overlaps the one before
                    for r in range(k):
                        p[r] += i
                    window(v + i, ix + i * j.index_bytes, j.index_bytes, p, k, 1, x1, x2, base + <index_t>(i * s), <index_t>s,
                           <index_t>d, <index_t>(2 * d), off[1], off[2], vector)
                ow = w0
                while ow < w1 and ow * s < w.lo:
                    # the padding came first and nothing was greater: all taps are the lowest
                    first_of(ix + (ow - w0) * j.index_bytes, j.index_bytes, (depth * h.n + y0) * w.n, tap(w, ow, 0))
                    ow += 1
                if not j.straight and t.out != NULL:
                    give(j.code, t.out + at * j.size, 1, v, j.flip, n)


cdef inline void first_of(unsigned char* ix, int index_bytes, Py_ssize_t row, Py_ssize_t first) noexcept nogil:
    if index_bytes == 4:
        if (<int*>ix)[0] < row:
            (<int*>ix)[0] = <int>(row + first)
    elif (<long long*>ix)[0] < row:
        (<long long*>ix)[0] = row + first


cdef void small(core_t* tag, index_t* itag, job_t* j, tile_t* t) noexcept nogil:
    """Outputs t.low to t.high of plane t.o: all taps of a window in one pass."""
    cdef axis_t* h = &j.axis[1]
    cdef axis_t* w = &j.axis[2]
    cdef Py_ssize_t k = w.kernel, s = w.stride, inner = j.inner, rows = (h.kernel - 1) * h.dilation + 1, vector = 64 // sizeof(core_t)
    cdef Py_ssize_t od, oh, ow, w0, w1, a, b, i, r, n, at, c0, c1, depth, y[3], z[3], width, rest, line
    cdef Py_ssize_t ahead = 4 * h.stride
    cdef const core_t* p[3]
    cdef const core_t* e[3]
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
                at = (((od - t.low[0]) * (t.high[1] - t.low[1]) + oh - t.low[1]) * (t.high[2] - t.low[2]) + w0 - t.low[2]) * inner
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
                           base + <index_t>(a * s - w.lo), <index_t>s, <index_t>w.dilation, <index_t>(2 * w.dilation), r1, r2, n - rest)
                    if rest:
                        i += n - vector
                        for r in range(k):
                            e[r] += (n - vector) * s
                        window(v + i, ix + i * j.index_bytes, j.index_bytes, e, k, s, w.dilation, 2 * w.dilation,
                               base + <index_t>((b - vector) * s - w.lo), <index_t>s, <index_t>w.dilation,
                               <index_t>(2 * w.dilation), r1, r2, vector)
                ow = w0 if a > w0 else b
                while ow < w1:
                    z[0], z[1], z[2] = tap(w, ow, 0), tap(w, ow, 1), tap(w, ow, k - 1)
                    for r in range(k):
                        e[r] = p[r] + (z[0] - c0) * inner
                    window(v + (ow - w0) * inner, ix + (ow - w0) * inner * j.index_bytes, j.index_bytes, e, k, 1,
                           (z[1] - z[0]) * inner, (z[2] - z[0]) * inner, base + <index_t>z[0], 0, <index_t>(z[1] - z[0]),
                           <index_t>(z[2] - z[0]), r1, r2, inner)
                    ow += 1
                    if ow == a:
                        ow = b
                if not j.straight and t.out != NULL:
                    give(j.code, t.out + at * j.size, 1, v, j.flip, (w1 - w0) * inner)


# ---------------------------------------------------------------- a job

cdef bint whole(const axis_t* a) noexcept nogil:
    """Whether one window holds the whole axis."""
    if a.out != 1:
        return False
    return a.adaptive or a.n == 1 and axis_taps(a, 0) == 1 or a.dilation == 1 and a.kernel - a.lo >= a.n


cdef void one(axis_t* a, Py_ssize_t n) noexcept nogil:
    a.n, a.out, a.kernel, a.stride, a.dilation, a.lo, a.hi, a.adaptive = n, 1, 1, 1, 1, 0, 0, n > 1


cdef void prepare(job_t* j, Windows plan, Py_ssize_t pair) noexcept:
    """Choose tiles and the scratch that they need. All depends on plan and dtype only."""
    cdef axis_t* d = &j.axis[0]
    cdef axis_t* h = &j.axis[1]
    cdef axis_t* w = &j.axis[2]
    cdef Py_ssize_t i, phases, number, kw, taps_h, taps_d, n, slots, sb
    cdef phase_t f
    d[0], h[0], w[0] = plan.d, plan.h, plan.w
    j.inner = plan.inner
    j.plane = d.n * h.n * w.n * j.inner
    j.plane_out = d.out * h.out * w.out * j.inner
    # windows that are whole rows of whole slices are one long window; a row of one element is a column
    for i in range(2):
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
        taps_h, j.mode_h = least(f.k, f.n + 1), BLOCKED if f.k > f.s and (f.k > 5 * f.s or f.k > 24) else DIRECT
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
    # small windows, all in one pass
    j.small = (not j.holes and not j.deep and not h.adaptive and not w.adaptive and h.kernel == w.kernel
               and 2 <= w.kernel <= 3 and w.stride <= 4 and h.dilation <= 4 and w.dilation <= 4)
    n = itemsize_of(j.code)
    j.straight = not j.flip and (j.code == F32 or j.code == F64 or j.code == I32 or j.code == I64) and n * 2 == pair
    if j.small:
        j.small_strip = most(1, least(w.out, 4 * LINE // (w.stride * j.inner)))
        if not j.straight and j.inner > LANES:
            j.small = False
        if j.inner < 8 and w.out * j.inner < 24 or 1 < j.inner < 8:
            j.small = False             # rows of a vector or less: many at a time do better
        # values and indices of one C type: too many pointers for gcc to tell apart, it would not vectorise
        if w.kernel == 3 and j.code < F32 and j.index_bytes * 2 == pair:
            j.small = False
    if j.small:
        n = ((j.small_strip + w.kernel * w.dilation + 1) * w.stride + (w.kernel - 1) * w.dilation + 1) * j.inner
        j.line_size = most(most(j.line_size, n * ((h.kernel - 1) * h.dilation + 1)), w.out * j.inner if j.straight else 0)


cdef inline void* carve(char* memory, Py_ssize_t* at, Py_ssize_t bytes) noexcept nogil:
    cdef void* found = <void*>(memory + at[0]) if memory != NULL else NULL
    at[0] += (bytes + 63) // 64 * 64
    return found


cdef Py_ssize_t lay_out(core_t* tag, index_t* itag, job_t* j, tile_t* t, char* memory) noexcept nogil:
    """Divide a thread's scratch; return how many bytes it takes. With NULL only that."""
    cdef Py_ssize_t at = 0, n, k, v = sizeof(core_t), i = sizeof(index_t)
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
    t.how[0], t.how[1] = j.mode_d, j.mode_h
    t.rows[0], t.rows[1] = j.rows_d, j.rows_h
    for k in range(6):
        t.key[k] = -1
    return at


cdef void run(core_t* tag, index_t* itag, job_t* j, tile_t* t) noexcept nogil:
    """Outputs t.low to t.high of plane t.o, to t.out and t.idx."""
    cdef Py_ssize_t pd, ph, pw, d, b, w_end, h_begin, h_end, d_begin, d_end, w, unused
    if j.small:
        if j.inner == 1 and not (j.axis[2].kernel == 2 and j.axis[2].stride == 2 and j.axis[2].dilation == 1):
            small_rows(tag, itag, j, t)
        else:
            small(tag, itag, j, t)
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
                                stage(<core_t*>NULL, <index_t*>NULL, j, t, 1, t.f[0].r + b * t.f[0].pitch, h_begin, h_end)
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
    """Part `number` of the forward pass: a plane, or a band of one. Rows of whole planes only are split further."""
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
    cdef Py_ssize_t wanted, i
    j.split, j.bands = 0, 1
    while j.split < 2 and j.axis[j.split].out == 1:
        j.split += 1
    if threads > 1 and outer < 4 * threads:
        wanted = (4 * threads + outer - 1) // outer
        j.bands = most(1, least(wanted, j.axis[j.split].out))


def argreduce(int op, int code, const unsigned char[:, :, :, ::1] x, unsigned char[:, :, :, ::1] out,
              unsigned char[:, :, :, ::1] idx, int idx_bytes, Windows plan, int threads, bint boolean=False):
    """Write max (op 0) or min (op 1) of every window to `out` and the position of the first winner to `idx`.

    The arrays are bytes in canonical form; `code` is the dtype of x and out, `idx_bytes` the size of an index.
    Positions are flat in one plane, channels not counted; empty windows have -1.
    """
    cdef job_t j
    cdef int failed
    cdef bint wide
    if out.shape[0] * out.shape[1] * out.shape[2] * out.shape[3] == 0:
        return
    j.code, j.flip, j.boolean, j.index_bytes, j.size = code, op, boolean, idx_bytes, itemsize_of(code)
    j.x, j.out, j.idx = &x[0, 0, 0, 0], &out[0, 0, 0, 0], &idx[0, 0, 0, 0]
    identity(j.hole, code, op, boolean)
    wide = plan.d.n * plan.h.n * plan.w.n > 2147483647
    failed = select(&j, plan, wide, threads)
    if failed:
        raise MemoryError("no memory for the scratch of a window's rows")


cdef int select(job_t* j, Windows plan, bint wide, int threads) except -2:
    cdef int code = j.code, failed
    cdef Py_ssize_t outer = plan.outer
    cdef bint long_core = wide or code == U64 or code == I64 or code == F64
    prepare(j, plan, 16 if long_core else 8)
    split_up(j, outer, threads)
    with nogil:
        if code >= F32:
            if wide or code == F64:
                failed = execute(<double*>NULL, <long long*>NULL, j, outer, threads)
            else:
                failed = execute(<float*>NULL, <int*>NULL, j, outer, threads)
        elif long_core:
            failed = execute(<long long*>NULL, <long long*>NULL, j, outer, threads)
        else:
            failed = execute(<int*>NULL, <int*>NULL, j, outer, threads)
    return failed


# ---------------------------------------------------------------- backward, with the search

cdef struct grads_t:
    const unsigned char* g
    unsigned char* y
    Py_ssize_t bands, room


cdef void add_searched(core_t* tag, index_t* itag, sum_t* y, const grad_t* g, job_t* j, tile_t* t, Py_ssize_t low,
                       Py_ssize_t high, Py_ssize_t room) noexcept nogil:
    """Search the windows that touch positions low to high of plane t.o, as many at a time as `room` indices allow, and
    add their gradients to y in the order of the outputs."""
    cdef Py_ssize_t box_low[3]
    cdef Py_ssize_t box_high[3]
    cdef Py_ssize_t i, below = j.plane // j.inner, first = low, last = high - 1, d, h, w, dn, hn, wn, row
    cdef const index_t* at
    for i in range(3):
        box_low[i], box_high[i] = 0, j.axis[i].out
    for i in range(3):
        below //= j.axis[i].n
        touching(&j.axis[i], first // below, last // below + 1, &box_low[i], &box_high[i])
        if first // below != last // below:
            break
        first, last = first % below, last % below
    w = box_high[2] - box_low[2]
    wn = most(1, least(w, room // j.inner))
    hn = most(1, least(box_high[1] - box_low[1], room // (wn * j.inner) if wn == w else 1))
    dn = most(1, room // (wn * hn * j.inner)) if wn == w and hn == box_high[1] - box_low[1] else 1
    d = box_low[0]
    while d < box_high[0]:
        t.low[0], t.high[0] = d, least(d + dn, box_high[0])
        h = box_low[1]
        while h < box_high[1]:
            t.low[1], t.high[1] = h, least(h + hn, box_high[1])
            w = box_low[2]
            while w < box_high[2]:
                t.low[2], t.high[2] = w, least(w + wn, box_high[2])
                row = t.high[2] - t.low[2]
                if j.holes:
                    fill_holes(j, t, (t.high[0] - t.low[0]) * (t.high[1] - t.low[1]) * row * j.inner)
                run(tag, itag, j, t)
                at = <const index_t*>t.idx
                for i in range((t.high[0] - t.low[0]) * (t.high[1] - t.low[1])):
                    add_at(y, at, g + t.o * j.plane_out + (((t.low[0] + i // (t.high[1] - t.low[1])) * j.axis[1].out + t.low[1]
                           + i % (t.high[1] - t.low[1])) * j.axis[2].out + w) * j.inner, row, j.inner, low, high)
                    at += row * j.inner
                w += wn
            h += hn
        d += dn


cdef void search_part(core_t* tag, index_t* itag, sum_t* sums, const grad_t* g, grad_t* y, job_t* j, tile_t* t, grads_t* w,
                      Py_ssize_t number) noexcept nogil:
    """Band `number`: clear it, search, add."""
    cdef Py_ssize_t band = number % w.bands, plane = j.plane // j.inner, i
    cdef Py_ssize_t low = plane // w.bands * band + least(band, plane % w.bands)
    cdef Py_ssize_t high = low + plane // w.bands + (1 if band < plane % w.bands else 0)
    cdef Py_ssize_t n = (high - low) * j.inner
    t.o = number // w.bands
    y += t.o * j.plane + low * j.inner
    if grad_t is f16_t or grad_t is bf16_t:
        memset(sums, 0, n * sizeof(sum_t))
        add_searched(tag, itag, sums, g, j, t, low, high, w.room)
        narrowed(y, sums, n)
    elif (grad_t is float and sum_t is float) or (grad_t is double and sum_t is double):
        memset(y, 0, n * sizeof(grad_t))
        add_searched(tag, itag, y, g, j, t, low, high, w.room)


cdef int search(core_t* tag, index_t* itag, sum_t* stag, const grad_t* g, grad_t* y, job_t* j, grads_t* w, Py_ssize_t outer,
                int threads) noexcept nogil:
    cdef tile_t t
    cdef tile_t* own
    cdef char* memory
    cdef Py_ssize_t i, total = outer * w.bands, chunk = most(1, total // (8 * threads))
    cdef Py_ssize_t bytes = lay_out(tag, itag, j, &t, NULL), sums = 0
    cdef Py_ssize_t found = most(w.room, j.inner) * sizeof(index_t)
    cdef int failed = 0
    cdef int* status = &failed
    if grad_t is f16_t or grad_t is bf16_t:
        sums = (j.plane // j.inner // w.bands + 1) * j.inner * sizeof(sum_t)
    if threads <= 1 or total == 1:
        memory = <char*>malloc(bytes + 64 + found + 64 + sums)
        if memory == NULL:
            return -1
        lay_out(tag, itag, j, &t, memory)
        t.out, t.idx = NULL, <unsigned char*>(memory + bytes + 64)
        for i in range(total):
            search_part(tag, itag, <sum_t*>(memory + bytes + 64 + found + 64), g, y, j, &t, w, i)
        free(memory)
        return 0
    with parallel(num_threads=threads):
        memory = <char*>malloc(bytes + 64 + found + 64 + sums)
        own = <tile_t*>malloc(sizeof(tile_t))
        if memory == NULL or own == NULL:
            status[0] = -1
        else:
            lay_out(tag, itag, j, own, memory)
            own.out, own.idx = NULL, <unsigned char*>(memory + bytes + 64)
        for i in prange(total, schedule="dynamic", chunksize=chunk):
            if memory != NULL and own != NULL:
                search_part(tag, itag, <sum_t*>(memory + bytes + 64 + found + 64), g, y, j, own, w, i)
        free(own)
        free(memory)
    return failed


def search_backward(int op, int code, const unsigned char[:, :, :, ::1] g, const unsigned char[:, :, :, ::1] x,
                    unsigned char[:, :, :, ::1] gx, Windows plan, int threads):
    """Backward of max (op 0) and min (op 1) without indices: find the winners of x and add g there; gx is zero elsewhere.

    `code` is the dtype of all three: float32, float64, float16 or bfloat16.
    """
    cdef job_t j
    cdef grads_t w
    cdef int failed
    cdef bint wide = plan.d.n * plan.h.n * plan.w.n > 2147483647
    cdef Py_ssize_t outer = plan.outer
    cdef unsigned char* y
    cdef const unsigned char* gp
    if gx.shape[0] * gx.shape[1] * gx.shape[2] * gx.shape[3] == 0:
        return
    y = &gx[0, 0, 0, 0]
    if g.shape[0] * g.shape[1] * g.shape[2] * g.shape[3] == 0:
        memset(y, 0, gx.shape[0] * gx.shape[1] * gx.shape[2] * gx.shape[3])
        return
    gp = &g[0, 0, 0, 0]
    j.code, j.flip, j.boolean, j.size = code, op, False, itemsize_of(code)
    j.x, j.out, j.idx = &x[0, 0, 0, 0], NULL, NULL
    j.index_bytes = 8 if wide or code == F64 else 4
    prepare(&j, plan, 16 if wide or code == F64 else 8)
    w.room = least(FOUND, j.plane_out)
    w.bands = 1
    if code == F16 or code == BF16:
        w.bands = (j.plane + FOUND - 1) // FOUND
    if threads > 1 and outer < 2 * threads:
        w.bands = most(w.bands, (2 * threads + outer - 1) // outer)
    w.bands = least(w.bands, j.plane // j.inner)
    with nogil:
        if code == F64:
            failed = search(<double*>NULL, <long long*>NULL, <double*>NULL, <const double*>gp, <double*>y, &j, &w, outer, threads)
        elif wide:
            if code == F32:
                failed = search(<double*>NULL, <long long*>NULL, <float*>NULL, <const float*>gp, <float*>y, &j, &w, outer, threads)
            elif code == F16:
                failed = search(<double*>NULL, <long long*>NULL, <float*>NULL, <const f16_t*>gp, <f16_t*>y, &j, &w, outer, threads)
            else:
                failed = search(<double*>NULL, <long long*>NULL, <float*>NULL, <const bf16_t*>gp, <bf16_t*>y, &j, &w, outer, threads)
        elif code == F32:
            failed = search(<float*>NULL, <int*>NULL, <float*>NULL, <const float*>gp, <float*>y, &j, &w, outer, threads)
        elif code == F16:
            failed = search(<float*>NULL, <int*>NULL, <float*>NULL, <const f16_t*>gp, <f16_t*>y, &j, &w, outer, threads)
        else:
            failed = search(<float*>NULL, <int*>NULL, <float*>NULL, <const bf16_t*>gp, <bf16_t*>y, &j, &w, outer, threads)
    if failed:
        raise MemoryError("no memory for the scratch of a window's rows")
