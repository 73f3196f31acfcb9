# Part of select.pyx: phases of an axis, and rows reduced along W.

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


cdef void load(core_t* v, job_t* j, tile_t* t, Py_ssize_t d, Py_ssize_t h, Py_ssize_t q,
               Py_ssize_t n) noexcept nogil:
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


cdef void rows(core_t* v, index_t* ix, job_t* j, tile_t* t, Py_ssize_t d, Py_ssize_t q,
               Py_ssize_t n) noexcept nogil:
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
                    taps(v + i, ix + i, line + (r * t.lp + w * t.sb) * cn, 1, cn, f.k, place + i, base,
                         <index_t>f.pitch, cn)
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
                    combine(v + (r * t.p + w) * cn, ix + (r * t.p + w) * cn, v1 + i, i1 + i, v1 + i + m,
                            i1 + i + m, 1, cn)
    if q0 < 0:
        edge = least(tw, (-q0 + f.s - 1) // f.s) * cn
        for r in range(n):
            first = base + <index_t>(r * g.pitch * j.axis[2].n + f.r)
            for i in range(r * unit, r * unit + edge):
                if ix[i] < first:
                    ix[i] = first


cdef void gather(core_t* v, index_t* ix, job_t* j, tile_t* t, Py_ssize_t d, Py_ssize_t h, index_t base,
                 Py_ssize_t a, Py_ssize_t b, bint begun) noexcept nogil:
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
                if beats(best[lane], e) or (not beats(e,
                                            best[lane]) and <Py_ssize_t>where[lane] * 64 + lane < at):
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


cdef void broken(core_t* v, index_t* ix, job_t* j, tile_t* t, Py_ssize_t d, Py_ssize_t h,
                 index_t base) noexcept nogil:
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


cdef void scan(core_t* v, index_t* ix, job_t* j, tile_t* t, Py_ssize_t d, Py_ssize_t h,
               index_t base) noexcept nogil:
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
