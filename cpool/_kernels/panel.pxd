# Panels: the windows of many outputs side by side, for reducers that need whole windows.
#
# a) A panel is a small matrix, taps x lanes: lane l is one output, row t tap t of every lane's window, in row-major window
#    order. A reducer is a loop over rows with an inner loop over lanes, which is vector code whatever the reducer does.
# b) A tile is up to LANES outputs with the same place along D and H, so that the rows of x that its windows hold are the same
#    and only W has to be looked at. Its lanes are segments: runs of windows along W, or channels (or, where the output has
#    one column, planes) at one place. Several planes of a block share a tile where rows are short.
# c) Along W a window keeps all taps of its kernel; those outside x are absent. Irregular axes (adaptive windows, kernels
#    far larger than x) have a table of first taps and numbers of taps instead, absent taps come last.
# d) Going back, a panel is added into an accumulator of the same layout as x, taps in descending order, so that every
#    element gets its terms in the order of the outputs, in both layouts and however the plane was cut.

from cpool._kernels.axis cimport axis_t, axis_first, axis_taps

cdef extern from "panel_rows.h" nogil:
    ctypedef void (*cp_row_t)(void* to, Py_ssize_t to_step, const void* source, Py_ssize_t step, Py_ssize_t n) noexcept nogil
    const cp_row_t CP_INTO_FLOAT[12]
    const cp_row_t CP_INTO_DOUBLE[12]
    const cp_row_t CP_FROM_FLOAT[12]
    const cp_row_t CP_FROM_DOUBLE[12]
    void cp_fill_float(float* v, Py_ssize_t n, float c)
    void cp_fill_double(double* v, Py_ssize_t n, double c)
    void cp_leave_out_float(float* x, float* on, Py_ssize_t n, int omit)
    void cp_leave_out_double(double* x, double* on, Py_ssize_t n, int omit)
    void cp_count_float(float* count, const float* on, Py_ssize_t taps, Py_ssize_t n)
    void cp_count_double(double* count, const double* on, Py_ssize_t taps, Py_ssize_t n)
    void cp_fold_float(float* total, float* rest, float* s, Py_ssize_t n)
    void cp_fold_double(double* total, double* rest, double* s, Py_ssize_t n)
    void cp_add_row(double* y, Py_ssize_t step, const double* v, Py_ssize_t n)

cdef enum:
    LANES = 128
    VECTOR = 16             # lanes are padded to a multiple of it
    CHANNELS = 16           # so many channels make segments of their own

ctypedef struct segment_t:
    Py_ssize_t lane, n      # lanes lane .. lane + n - 1
    Py_ssize_t b, c, o      # plane of the block, channel and window of the first lane
    int along               # what the lanes run over: 0 windows, 1 channels, 2 planes

ctypedef struct panels_t:
    axis_t d, h, w
    Py_ssize_t outer, inner
    Py_ssize_t planes       # of a block
    Py_ssize_t plane, out_plane         # elements
    Py_ssize_t kw           # taps of a row
    Py_ssize_t taps         # of a window at most
    Py_ssize_t lanes        # of a tile at most
    int along
    bint table
    Py_ssize_t* first       # of every window along W, if table
    Py_ssize_t* count

ctypedef struct tile_t:
    Py_ssize_t n, padded, segments
    bint full               # no lane lacks a tap along W
    Py_ssize_t od, oh       # the row of outputs
    Py_ssize_t fd, nd, fh, nh           # its rows of x: first and number along D and H
    Py_ssize_t taps
    segment_t segment[128]

ctypedef struct cursor_t:
    Py_ssize_t b, c, o

# what a panel holds
ctypedef fused cell_t:
    float
    double


cdef inline Py_ssize_t up(Py_ssize_t a, Py_ssize_t b) noexcept nogil:
    """ceil(a / b), b > 0."""
    return (a + b - 1) // b if a > 0 else -(-a // b)


cdef inline Py_ssize_t clip(Py_ssize_t v, Py_ssize_t low, Py_ssize_t high) noexcept nogil:
    return low if v < low else (high if v > high else v)


cdef inline bint set_panels(panels_t* p, const axis_t* d, const axis_t* h, const axis_t* w, Py_ssize_t outer,
                            Py_ssize_t inner, bint whole) noexcept nogil:
    """Geometry of a problem. Returns whether tables are needed: w.out numbers each, for `set_tables`."""
    p.d, p.h, p.w, p.outer, p.inner = d[0], h[0], w[0], outer, inner
    p.plane = d.n * h.n * w.n * inner
    p.out_plane = d.out * h.out * w.out * inner
    p.along = 1 if inner >= CHANNELS else (2 if inner == 1 and w.out == 1 else 0)
    p.first = p.count = NULL
    p.kw = w.kernel
    p.table = w.adaptive or w.kernel > 2 * (w.n // w.dilation) + 2
    return p.table


cdef inline void set_tables(panels_t* p, Py_ssize_t* tables) noexcept nogil:
    """Fill tables of 2 * w.out numbers."""
    cdef Py_ssize_t o
    if p.table:
        p.first, p.count = tables, tables + p.w.out
        p.kw = 1
        for o in range(p.w.out):
            p.first[o] = axis_first(&p.w, o)
            p.count[o] = axis_taps(&p.w, o)
            if p.count[o] > p.kw:
                p.kw = p.count[o]


cdef inline Py_ssize_t most_taps(const axis_t* a) noexcept nogil:
    """Most real taps of a window."""
    if a.adaptive:
        return a.n // a.out + 2 if a.n % a.out else a.n // a.out
    return a.kernel if a.kernel < (a.n - 1) // a.dilation + 1 else (a.n - 1) // a.dilation + 1


cdef inline void set_lanes(panels_t* p, Py_ssize_t most) noexcept nogil:
    """Lanes of a tile, at most `most`, and the planes of a block that fill it."""
    cdef Py_ssize_t row = p.w.out * p.inner
    p.taps = most_taps(&p.d) * most_taps(&p.h) * p.kw
    p.lanes = 128 if p.taps <= 16 else (64 if p.taps <= 32 else 32)
    if p.lanes > most:
        p.lanes = most
    p.planes = 1 if row == 0 else p.lanes // row
    if p.planes < 1:
        p.planes = 1
    if p.planes > p.outer:
        p.planes = p.outer


cdef inline void to_row(const panels_t* p, tile_t* t, Py_ssize_t od, Py_ssize_t oh) noexcept nogil:
    t.od, t.oh = od, oh
    t.fd, t.nd = axis_first(&p.d, od), axis_taps(&p.d, od)
    t.fh, t.nh = axis_first(&p.h, oh), axis_taps(&p.h, oh)
    t.taps = t.nd * t.nh * p.kw


cdef inline bint inside(const panels_t* p, Py_ssize_t o) noexcept nogil:
    """Whether window o has all its taps along W."""
    cdef Py_ssize_t at
    if p.table:
        return p.count[o] == p.kw
    at = o * p.w.stride - p.w.lo
    return at >= 0 and at + (p.kw - 1) * p.w.dilation < p.w.n


cdef inline bint next_tile(const panels_t* p, Py_ssize_t planes, Py_ssize_t begin, Py_ssize_t end, cursor_t* at,
                           tile_t* t) noexcept nogil:
    """Segments of the next tile over windows begin .. end - 1 of a block; False if there is none."""
    cdef Py_ssize_t n, i
    cdef segment_t* s
    t.n = t.segments = 0
    t.full = True
    while at.b < planes and t.n < p.lanes:
        s = &t.segment[t.segments]
        s.lane, s.b, s.c, s.o, s.along = t.n, at.b, at.c, at.o, p.along
        n = p.lanes - t.n
        if p.along == 1:
            # channels at one place; places next to each other share a tile if their channels fit
            i = p.inner - at.c
            if i > p.lanes:
                i = p.lanes
            if i > n:
                break
            n = i
            at.o += 1
            if at.o == end:
                at.o = begin
                at.c += n
                if at.c == p.inner:
                    at.c = 0
                    at.b += 1
        elif p.along == 2:
            if n > planes - at.b:
                n = planes - at.b
            at.b += n
        else:
            if n > end - at.o:
                n = end - at.o
            at.o += n
            if at.o == end:
                at.o = begin
                at.c += 1
                if at.c == p.inner:
                    at.c = 0
                    at.b += 1
        s.n = n
        if p.along or not p.table:
            t.full = t.full and inside(p, s.o) and (p.along != 0 or inside(p, s.o + n - 1))
        else:
            for i in range(n):
                t.full = t.full and inside(p, s.o + i)
        t.n += n
        t.segments += 1
    t.padded = (t.n + VECTOR - 1) // VECTOR * VECTOR
    return t.n > 0


cdef inline void output_place(const panels_t* p, const segment_t* s, Py_ssize_t plane, Py_ssize_t* at,
                              Py_ssize_t* step) noexcept nogil:
    """Where the outputs of a segment are, from the row of outputs of the block's first plane on."""
    at[0] = s.b * plane + s.o * p.inner + s.c
    step[0] = p.inner if s.along == 0 else (1 if s.along == 1 else plane)


cdef inline void tap_place(const panels_t* p, const segment_t* s, Py_ssize_t j, Py_ssize_t plane, Py_ssize_t* begin,
                           Py_ssize_t* end, Py_ssize_t* at, Py_ssize_t* step) noexcept nogil:
    """Lanes begin .. end - 1 of a segment have tap j of a row; lane i is at at + i * step from the row of the block's first
    plane on. Not for windows along W by tables."""
    cdef Py_ssize_t w
    if p.table:
        w = p.first[s.o] + j * p.w.dilation
        begin[0], end[0] = 0, s.n if j < p.count[s.o] else 0
    else:
        w = s.o * p.w.stride - p.w.lo + j * p.w.dilation
        if s.along:
            begin[0], end[0] = 0, s.n if 0 <= w < p.w.n else 0
        else:
            # divisions only where a window sticks out
            begin[0], end[0] = 0, s.n
            if w < 0:
                begin[0] = clip(up(-w, p.w.stride), 0, s.n)
            if w + (s.n - 1) * p.w.stride >= p.w.n:
                end[0] = clip(up(p.w.n - w, p.w.stride), begin[0], s.n)
    at[0] = s.b * plane + w * p.inner + s.c
    step[0] = p.w.stride * p.inner if s.along == 0 else (1 if s.along == 1 else plane)


cdef inline void fill(cell_t* v, Py_ssize_t n, cell_t c) noexcept nogil:
    if cell_t is float:
        cp_fill_float(v, n, c)
    else:
        cp_fill_double(v, n, c)


cdef inline (Py_ssize_t, Py_ssize_t) there(const panels_t* p, const segment_t* s, Py_ssize_t j0, Py_ssize_t j1,
                                           Py_ssize_t* at) noexcept nogil:
    """Which taps of j0 .. j1 - 1 lie in x where lanes are planes, and where the first of them is."""
    cdef Py_ssize_t begin, end, step, first, low = j0, high = j0
    while low < j1:
        tap_place(p, s, low, p.plane, &begin, &end, at, &step)
        if end > 0:
            break
        low += 1
    high = low
    while high < j1:
        tap_place(p, s, high, p.plane, &begin, &end, &first, &step)
        if end == 0:
            break
        high += 1
    return low, high


cdef inline void gather_row(const panels_t* p, const tile_t* t, const char* x, Py_ssize_t size, cp_row_t row,
                            Py_ssize_t j0, Py_ssize_t j1, cell_t* v, cell_t* on) noexcept nogil:
    """Taps j0 .. j1 - 1 of one row of x, absent ones as 0; on (if not NULL): 1 for those that are there, else 0."""
    cdef Py_ssize_t i, j, _j, k, begin, end, at, step, n = t.padded
    cdef const segment_t* s
    cdef cell_t* r
    cdef cell_t* e
    for k in range(t.segments):
        s = &t.segment[k]
        if p.table and s.along == 0:
            for i in range(s.n):
                at = s.b * p.plane + (p.first[s.o + i] + j0 * p.w.dilation) * p.inner + s.c
                end = clip(p.count[s.o + i], j0, j1)
                r = v + s.lane + i
                row(r, n, x + at * size, p.w.dilation * p.inner, end - j0)
                for j in range(end, j1):
                    r[(j - j0) * n] = 0
                if on != NULL:
                    e = on + s.lane + i
                    for j in range(j0, j1):
                        e[(j - j0) * n] = 1 if j < end else 0
            continue
        if s.along == 2:
            # planes: all taps there or none of them is; a lane at a time, along memory
            for j in range(j0, j1):
                tap_place(p, s, j, p.plane, &begin, &end, &at, &step)
                if end == 0:
                    fill(v + (j - j0) * n + s.lane, s.n, <cell_t>0)
                if on != NULL:
                    fill(on + (j - j0) * n + s.lane, s.n, <cell_t>(end > 0))
            begin, end = there(p, s, j0, j1, &at)
            for i in range(s.n):
                row(v + (begin - j0) * n + s.lane + i, n, x + (at + i * p.plane) * size, p.w.dilation, end - begin)
            continue
        if t.full and on == NULL:
            tap_place(p, s, j0, p.plane, &begin, &end, &at, &step)
            r = v + s.lane
            for _j in range(j0, j1):
                row(r, 1, x + at * size, step, s.n)
                r += n
                at += p.w.dilation * p.inner
            continue
        for j in range(j0, j1):
            tap_place(p, s, j, p.plane, &begin, &end, &at, &step)
            r = v + (j - j0) * n + s.lane
            fill(r, begin, <cell_t>0)
            row(r + begin, 1, x + (at + begin * step) * size, step, end - begin)
            fill(r + end, s.n - end, <cell_t>0)
            if on != NULL:
                e = on + (j - j0) * n + s.lane
                fill(e, begin, <cell_t>0)
                fill(e + begin, end - begin, <cell_t>1)
                fill(e + end, s.n - end, <cell_t>0)
    if t.n == n:
        return
    for j in range(j1 - j0):
        fill(v + j * n + t.n, n - t.n, <cell_t>0)
        if on != NULL:
            fill(on + j * n + t.n, n - t.n, <cell_t>1)


cdef inline void gather(const panels_t* p, const tile_t* t, const char* x, Py_ssize_t size, cp_row_t row, Py_ssize_t t0,
                        Py_ssize_t t1, cell_t* v, cell_t* on) noexcept nogil:
    """Taps t0 .. t1 - 1 of a tile of the block whose first plane is at x."""
    cdef Py_ssize_t r = t0 // p.kw, j0 = t0 - r * p.kw, j1, n = t.padded, at
    while t0 < t1:
        j1 = j0 + t1 - t0
        if j1 > p.kw:
            j1 = p.kw
        at = ((t.fd + r // t.nh * p.d.dilation) * p.h.n + t.fh + r % t.nh * p.h.dilation) * p.w.n * p.inner
        gather_row(p, t, x + at * size, size, row, j0, j1, v, on)
        v += (j1 - j0) * n
        if on != NULL:
            on += (j1 - j0) * n
        t0 += j1 - j0
        j0 = 0
        r += 1


ctypedef struct band_t:
    Py_ssize_t d0, d1, h0, h1, w0, w1       # the part of a plane that an accumulator holds (w0, w1: with a halo)
    Py_ssize_t plane                        # its elements


cdef inline void scatter_row(const panels_t* p, const tile_t* t, double* y, Py_ssize_t plane, Py_ssize_t j0, Py_ssize_t j1,
                             const double* v) noexcept nogil:
    """Add taps j1 - 1 .. j0 of one row, the panel's first row being tap j0."""
    cdef Py_ssize_t i, j, k, begin, end, at, step, n = t.padded
    cdef const segment_t* s
    cdef const double* r
    for k in range(t.segments):
        s = &t.segment[k]
        for j in range(j1 - 1, j0 - 1, -1):
            r = v + (j - j0) * n + s.lane
            if p.table and s.along == 0:
                for i in range(s.n):
                    if j < p.count[s.o + i]:
                        y[s.b * plane + (p.first[s.o + i] + j * p.w.dilation) * p.inner + s.c] += r[i]
                continue
            tap_place(p, s, j, plane, &begin, &end, &at, &step)
            cp_add_row(y + at + begin * step, step, r + begin, end - begin)


cdef inline void scatter(const panels_t* p, const tile_t* t, const band_t* b, double* y, Py_ssize_t t0, Py_ssize_t t1,
                         const double* v) noexcept nogil:
    """Add taps t0 .. t1 - 1 of a tile into the accumulator y of a band, the last first."""
    cdef Py_ssize_t r, j0, j1, d, h, first = t0
    while t1 > t0:
        r = (t1 - 1) // p.kw
        j1 = t1 - r * p.kw
        j0 = r * p.kw
        j0 = 0 if j0 >= t0 else t0 - j0
        d, h = t.fd + r // t.nh * p.d.dilation, t.fh + r % t.nh * p.h.dilation
        if b.d0 <= d < b.d1 and b.h0 <= h < b.h1:
            scatter_row(p, t, y + (((d - b.d0) * (b.h1 - b.h0) + h - b.h0) * (b.w1 - b.w0) - b.w0) * p.inner, b.plane, j0, j1,
                        v + (r * p.kw + j0 - first) * t.padded)
        t1 = r * p.kw + j0
