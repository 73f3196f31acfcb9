# Reducers that need whole windows: forward, backward and jvp of everything in reducers.h, by panels (panel.pxd).
#
# a) Forward: tiles of up to 128 outputs. A window of up to PIECE taps is gathered (and converted) once and gone over in
#    passes; a wider one comes in pieces of PIECE taps, gathered again for each pass, sums over pieces compensated: any
#    window in the same scratch. Reducers that need all taps at once (ordinal) get a panel of whole windows: the scratch is
#    then one window for 16 outputs.
# b) float32 and 16-bit floats are worked on in float up to 27 taps (5x5, 3x3x3), everything else, and every gradient, in
#    double: differences to the window's extreme add up to more than the taps do, and with 56 of them float missed
#    8 eps * mean |tap| by a tenth.
# c) Backward: bands of x with an accumulator in double of up to ROOM elements, rounded once. A band goes over all windows
#    that touch it, so windows at its edges are worked out twice; the terms of an element come in the order of the outputs
#    however x was cut. Gradients of parameters: one sum for each of at most GROUPS groups of bands, added pairwise. Bands
#    and groups follow from the plan, never from the threads.
# d) jvp: the gradient panel for g = 1, multiplied by the panel of tangents and added up: no formula of its own.

from libc.stdlib cimport malloc, calloc, free
from libc.string cimport memset
from cython.parallel cimport prange

from cpool._plan cimport Windows, whole
from cpool._kernels.axis cimport axis_t, axis_first, axis_taps
from cpool._kernels.numeric cimport i32, i64, U8, I64, F32, F64, F16, BF16, cp_prefetch
from cpool._kernels.panel cimport (
    CP_FROM_DOUBLE, CP_FROM_FLOAT, CP_INTO_DOUBLE, CP_INTO_FLOAT, band_t, cell_t, cp_count_double, cp_count_float,
    cp_fold_double, cp_fold_float, cp_leave_out_double, cp_leave_out_float, cp_row_t, cursor_t, fill, gather,
    most_taps, next_tile, output_place, panels_t, scatter, segment_t, set_lanes, set_panels, set_tables, tile_t,
    to_row)
from cpool._kernels.scatter cimport touching

cdef enum:
    PIECE = 64              # taps at a time
    SINGLE = 27             # taps that float will do for
    ROOM = 64 * 1024        # elements of an accumulator
    WORK = 16 * 1024        # outputs of a task, about
    GROUPS = 64             # partial sums of the gradients of parameters
    TABLES = 31

cdef extern from "reducers.h" nogil:
    ctypedef struct cp_reducer:
        int passes, more, rows, params, learned, tables, second, whole, rate
        int* sum
        int* sums
        double empty
    ctypedef struct cp_piece:
        Py_ssize_t lanes, taps, first, on_step
        const void* x
        const void* on
        const void* z
        const void* count
        const void* par
        void* state
        const int* place
        const double** table
        const Py_ssize_t* table_step
        const Py_ssize_t* chan
        int tables
        double* slopes
        double* coefs
        double* rank
    const cp_reducer* CP_REDUCER
    int CP_REDUCERS, CP_STOCHASTIC, CP_ORDINAL, CP_TREE, CP_DPP, CP_DPP_ABOVE
    int cp_state_rows(int op, int tables)
    int cp_sum_rows(int op, int k, int tables)
    void cp_pass_f(int op, cp_piece* p, int k)
    void cp_pass_d(int op, cp_piece* p, int k)
    void cp_finish_f(int op, cp_piece* p, float* y)
    void cp_finish_d(int op, cp_piece* p, double* y)
    void cp_slope(int op, cp_piece* p, const double* g)
    void cp_grad(int op, cp_piece* p, double* gx, double* gz)

# one canonical array
cdef struct array_t:
    void* data              # NULL: there is none
    int code
    int size                # bytes of an element

cdef struct job_t:
    panels_t p
    int op
    const cp_reducer* how
    bint single             # float, not double
    bint omit
    array_t x, z, mask, y, index            # y: the output, or its gradient
    array_t gx, gz                          # gradients; in jvp the tangents
    int params, tables
    const double* par[4]                    # one for each channel, or one for all
    Py_ssize_t par_n[4]
    const double* dpar[4]                   # jvp: their tangents, or NULL
    const double* table[31]
    const double* dtable[31]
    Py_ssize_t table_step[31]               # to the next channel's, 0: shared
    Py_ssize_t table_at[31]                 # among the gradients of the tables
    Py_ssize_t channels                     # of parameters that differ between channels
    Py_ssize_t piece                        # taps of a panel
    Py_ssize_t rows                         # forward: rows of outputs of a task
    Py_ssize_t parts                        # tasks of a block
    Py_ssize_t bd, bh, bw, td, th, tw       # backward: size and number of bands along each axis
    Py_ssize_t room                         # elements of an accumulator
    Py_ssize_t slopes                       # numbers of all gradients of parameters

# the scratch of a thread; panels and rows are of the precision in use
cdef struct work_t:
    void* x
    void* on
    void* z
    void* ones
    double* gx
    double* gz
    double* tangent
    double* rank
    void* state
    void* total
    void* rest
    void* par
    void* count
    void* y
    double* g
    double* sum
    double* slopes
    double* coefs
    double* acc
    double* acc_z
    int* place
    Py_ssize_t* chan
    Py_ssize_t filled       # lanes of the parameters' rows
    tile_t tile
    cp_piece piece


# ---- loads and stores ----

cdef void load(const panels_t* p, const tile_t* t, const array_t* a, Py_ssize_t block, Py_ssize_t t0, Py_ssize_t t1,
               cell_t* v, cell_t* on) noexcept nogil:
    cdef const char* x = <const char*>a.data + block * p.plane * a.size
    gather(p, t, x, a.size, CP_INTO_FLOAT[a.code] if cell_t is float else CP_INTO_DOUBLE[a.code], t0, t1, v, on)


cdef void store(const panels_t* p, const tile_t* t, const array_t* a, Py_ssize_t block, const cell_t* y) noexcept nogil:
    cdef char* out = <char*>a.data + (block * p.out_plane + (t.od * p.h.out + t.oh) * p.w.out * p.inner) * a.size
    cdef cp_row_t row = CP_FROM_FLOAT[a.code] if cell_t is float else CP_FROM_DOUBLE[a.code]
    cdef Py_ssize_t k, at, step
    for k in range(t.segments):
        output_place(p, &t.segment[k], p.out_plane, &at, &step)
        row(out + at * a.size, step, y + t.segment[k].lane, 1, t.segment[k].n)


cdef void fetch(const panels_t* p, const tile_t* t, const array_t* a, Py_ssize_t block, double* y) noexcept nogil:
    """The values of an array of the output's shape for the lanes of a tile."""
    cdef const char* out = <const char*>a.data + (block * p.out_plane + (t.od * p.h.out + t.oh) * p.w.out * p.inner) * a.size
    cdef Py_ssize_t k, at, step
    for k in range(t.segments):
        output_place(p, &t.segment[k], p.out_plane, &at, &step)
        CP_INTO_DOUBLE[a.code](y + t.segment[k].lane, 1, out + at * a.size, step, t.segment[k].n)
    fill(y + t.n, t.padded - t.n, <double>0)


cdef void store_index(const job_t* job, const tile_t* t, Py_ssize_t block, const cell_t* tap) noexcept nogil:
    """Positions in the plane of the taps with these numbers, -1 where the number is negative."""
    cdef const panels_t* p = &job.p
    cdef Py_ssize_t i, k, at, step, r, j, w, o, row = block * p.out_plane + (t.od * p.h.out + t.oh) * p.w.out * p.inner
    cdef const segment_t* s
    for k in range(t.segments):
        s = &t.segment[k]
        output_place(p, s, p.out_plane, &at, &step)
        for i in range(s.n):
            w = -1
            if tap[s.lane + i] >= 0:
                j = <Py_ssize_t>tap[s.lane + i]
                r = j // p.kw
                j -= r * p.kw
                o = s.o + (0 if s.along else i)
                w = (p.first[o] if p.table else o * p.w.stride - p.w.lo) + j * p.w.dilation
                w += ((t.fd + r // t.nh * p.d.dilation) * p.h.n + t.fh + r % t.nh * p.h.dilation) * p.w.n
            if job.index.size == 4:
                (<i32*>job.index.data)[row + at + i * step] = <i32>w
            else:
                (<i64*>job.index.data)[row + at + i * step] = w


cdef void ahead(const job_t* job, const tile_t* t, Py_ssize_t block) noexcept nogil:
    """Fetch the rows of x that the next row of outputs needs first: many short streams, which the hardware does not see
    coming (3x3, stride 2: a third of the time of gathering was one store that waited for its load)."""
    cdef const panels_t* p = &job.p
    cdef const segment_t* s
    cdef Py_ssize_t k, h, first, last, row = p.w.n * p.inner * job.x.size
    cdef const char* x
    h = t.fh + (t.nh - 1) * p.h.dilation + 1
    if p.along == 2 or t.od * p.h.out + t.oh + 1 >= p.d.out * p.h.out or h >= p.h.n:
        return
    x = <const char*>job.x.data + (block * p.plane + (t.fd * p.h.n + h) * p.w.n * p.inner) * job.x.size
    for k in range(t.segments):
        s = &t.segment[k]
        first = s.o * p.w.stride - p.w.lo if not p.table else p.first[s.o]
        last = first + (p.w.stride if s.along else s.n * p.w.stride)
        first = (0 if first < 0 else first) * p.inner + s.c
        last = (last if last < p.w.n else p.w.n) * p.inner
        for h in range(p.h.stride if p.h.stride < 4 else 4):
            touch(x + s.b * p.plane * job.x.size + h * row, first * job.x.size, last * job.x.size)


cdef inline void touch(const char* x, Py_ssize_t first, Py_ssize_t last) noexcept nogil:
    while first < last:
        cp_prefetch(x + first)
        first += 64


# ---- one tile ----

cdef void parameters(const job_t* job, work_t* w, Py_ssize_t block, cell_t* par) noexcept nogil:
    """The channels of the lanes and their parameters."""
    cdef const tile_t* t = &w.tile
    cdef const segment_t* s
    cdef Py_ssize_t i, k, q
    if job.channels == 0 and w.filled == t.padded:
        return
    w.filled = t.padded
    if job.channels:
        for k in range(t.segments):
            s = &t.segment[k]
            for i in range(s.n):
                if job.p.inner > 1:
                    w.chan[s.lane + i] = s.c + (i if s.along == 1 else 0)
                else:
                    w.chan[s.lane + i] = (block + s.b + (i if s.along == 2 else 0)) % job.channels
    for i in range(t.n if job.channels else 0, t.padded):
        w.chan[i] = 0
    for q in range(job.params):
        for i in range(t.padded):
            par[q * t.padded + i] = <cell_t>job.par[q][w.chan[i] if job.par_n[q] > 1 else 0]


cdef inline void leave_out(cell_t* x, cell_t* on, Py_ssize_t n, bint omit) noexcept nogil:
    if cell_t is float:
        cp_leave_out_float(x, on, n, omit)
    else:
        cp_leave_out_double(x, on, n, omit)


cdef void load_piece(const job_t* job, work_t* w, Py_ssize_t block, Py_ssize_t t0, Py_ssize_t t1, cell_t* x,
                     cell_t* on) noexcept nogil:
    cdef const panels_t* p = &job.p
    cdef const tile_t* t = &w.tile
    cdef Py_ssize_t i, r, n = t.padded
    cdef bint some = job.mask.data != NULL or job.omit
    cdef cp_piece* c = &w.piece
    c.first, c.taps = t0, t1 - t0
    if some or not t.full:
        load(p, t, &job.x, block, t0, t1, x, on)
        if job.mask.data != NULL:
            load(p, t, &job.mask, block, t0, t1, on, <cell_t*>NULL)
        if some:
            leave_out(x, on, (t1 - t0) * n, job.omit)
        c.on, c.on_step = on, n
    else:
        load(p, t, &job.x, block, t0, t1, x, <cell_t*>NULL)
        c.on, c.on_step = w.ones, 0
    if job.how.second == 1:
        load(p, t, &job.z, block, t0, t1, <cell_t*>w.z, <cell_t*>NULL)
        if some or not t.full:
            leave_out(<cell_t*>w.z, on, (t1 - t0) * n, False)
    if job.tables:
        for i in range(t0, t1):
            r = i // p.kw
            w.place[i - t0] = <int>((place_of(&p.d, t.od, t.fd, r // t.nh) * p.h.kernel
                                     + place_of(&p.h, t.oh, t.fh, r % t.nh)) * p.kw + i % p.kw)


cdef inline Py_ssize_t place_of(const axis_t* a, Py_ssize_t o, Py_ssize_t first, Py_ssize_t i) noexcept nogil:
    """Number in the kernel of the i-th real tap."""
    return i if a.adaptive else i + (first - o * a.stride + a.lo) // a.dilation


cdef void counted(work_t* w, cell_t* count, const cell_t* on) noexcept nogil:
    cdef Py_ssize_t i, n = w.tile.padded
    if w.piece.on_step == 0:
        for i in range(n):
            count[i] += <cell_t>w.piece.taps
    else:
        if cell_t is float:
            cp_count_float(count, on, w.piece.taps, n)
        else:
            cp_count_double(count, on, w.piece.taps, n)


cdef void fold(work_t* w, int first, int rows, cell_t* state, bint last) noexcept nogil:
    """Add the sums of a piece to the totals, with what the additions lose; after the last piece put them back."""
    cdef Py_ssize_t i, n = w.tile.padded
    cdef cell_t* total = <cell_t*>w.total + first * n
    cdef cell_t* rest = <cell_t*>w.rest + first * n
    cdef cell_t* s = state + first * n
    cdef cell_t a
    if cell_t is float:
        cp_fold_float(total, rest, s, rows * n)
    else:
        cp_fold_double(total, rest, s, rows * n)
    if last:
        for i in range(rows * n):
            a = total[i] + rest[i]
            s[i] = a if a == a else total[i]


cdef void reduce_tile(const job_t* job, work_t* w, Py_ssize_t block, cell_t* tag, bint back) noexcept nogil:
    """The passes over the tile in w: its state and its results in w.y."""
    cdef const tile_t* t = &w.tile
    cdef Py_ssize_t t0, t1, n = t.padded
    cdef cell_t* count = <cell_t*>w.count
    cdef cp_piece* c = &w.piece
    cdef int k
    c.lanes, c.z, c.count, c.par, c.state, c.x = n, w.z, w.count, w.par, w.state, w.x
    c.place, c.table, c.table_step, c.chan, c.tables = w.place, <const double**>job.table, job.table_step, w.chan, job.tables
    c.slopes, c.coefs, c.rank = w.slopes, w.coefs, w.rank
    parameters(job, w, block, <cell_t*>w.par)
    if job.how.second == 2:
        fetch(&job.p, t, &job.z, block, <double*>w.z)
    k = cp_state_rows(job.op, job.tables)
    memset(w.state, 0, k * n * sizeof(cell_t))
    memset(w.count, 0, n * sizeof(cell_t))
    if t.taps > job.piece:
        memset(w.total, 0, k * n * sizeof(cell_t))
        memset(w.rest, 0, k * n * sizeof(cell_t))
    for k in range(job.how.passes + (job.how.more if back else 0)):
        if k == job.how.passes:
            finish_tile(job, w, tag)
        t0 = 0
        while t0 < t.taps:
            t1 = t0 + job.piece
            if t1 > t.taps:
                t1 = t.taps
            if k == 0 or t.taps > job.piece:
                load_piece(job, w, block, t0, t1, <cell_t*>w.x, <cell_t*>w.on)
            if k == 0:
                counted(w, count, <const cell_t*>w.on)
            if cell_t is float:
                cp_pass_f(job.op, c, k)
            else:
                cp_pass_d(job.op, c, k)
            if t.taps > job.piece:
                fold(w, job.how.sum[k], cp_sum_rows(job.op, k, job.tables), <cell_t*>w.state, t1 == t.taps)
            t0 = t1
    if not back or job.how.more == 0:
        finish_tile(job, w, tag)


cdef inline void finish_tile(const job_t* job, work_t* w, cell_t* tag) noexcept nogil:
    cdef Py_ssize_t i
    cdef cell_t* y = <cell_t*>w.y
    cdef const cell_t* count = <const cell_t*>w.count
    if cell_t is float:
        cp_finish_f(job.op, &w.piece, y)
    else:
        cp_finish_d(job.op, &w.piece, y)
    if w.piece.on_step or w.tile.taps == 0:
        for i in range(w.tile.padded):
            y[i] = y[i] if count[i] != 0 else <cell_t>job.how.empty


cdef void slope_tile(const job_t* job, work_t* w) noexcept nogil:
    """Coefficients of the windows and gradients of the parameters, 0 for windows without a tap."""
    cdef Py_ssize_t i, q, n = w.tile.padded
    cdef const double* count = <const double*>w.count
    for i in range(n):
        w.g[i] = w.g[i] if count[i] != 0 else 0
    cp_slope(job.op, &w.piece, w.g)
    for q in range(job.how.learned):
        for i in range(n):
            w.slopes[q * n + i] = w.slopes[q * n + i] if count[i] != 0 else 0
    for q in range(job.tables):
        for i in range(n):
            w.coefs[q * n + i] = w.coefs[q * n + i] if count[i] != 0 else 0


cdef void grad_piece(const job_t* job, work_t* w, Py_ssize_t block, Py_ssize_t t0, Py_ssize_t t1) noexcept nogil:
    """The gradients of the taps of a piece, 0 for those that are not there."""
    cdef Py_ssize_t i, n = w.tile.padded
    cdef const double* on = <const double*>w.on
    if w.tile.taps > job.piece:
        load_piece(job, w, block, t0, t1, <double*>w.x, <double*>w.on)
    cp_grad(job.op, &w.piece, w.gx, w.gz)
    if w.piece.on_step:
        for i in range((t1 - t0) * n):
            w.gx[i] = w.gx[i] if on[i] != 0 else 0
        if job.how.second == 1:
            for i in range((t1 - t0) * n):
                w.gz[i] = w.gz[i] if on[i] != 0 else 0


# ---- forward and jvp ----

cdef void add_products(double* sum, const double* a, const double* b, Py_ssize_t taps, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i, t
    for t in range(taps):
        for i in range(n):
            sum[i] += a[t * n + i] * b[t * n + i] if a[t * n + i] != 0 else 0


cdef void jvp_tile(const job_t* job, work_t* w, Py_ssize_t block) noexcept nogil:
    cdef const tile_t* t = &w.tile
    cdef Py_ssize_t i, j, k, q, t0 = 0, t1, n = t.padded
    cdef double v
    for i in range(n):
        w.g[i] = 1
        w.sum[i] = 0
    slope_tile(job, w)
    while t0 < t.taps:
        t1 = t0 + job.piece
        if t1 > t.taps:
            t1 = t.taps
        grad_piece(job, w, block, t0, t1)
        if job.gx.data != NULL:
            load(&job.p, t, &job.gx, block, t0, t1, w.tangent, <double*>NULL)
            add_products(w.sum, w.gx, w.tangent, t1 - t0, n)
        if job.gz.data != NULL:
            load(&job.p, t, &job.gz, block, t0, t1, w.tangent, <double*>NULL)
            add_products(w.sum, w.gz, w.tangent, t1 - t0, n)
        for q in range(job.tables):
            if job.dtable[q] != NULL:
                for j in range(t1 - t0):
                    for i in range(n):
                        k = <Py_ssize_t>w.rank[j * n + i] if job.op == CP_ORDINAL else w.place[j]
                        v = w.coefs[q * n + i] * (<double*>w.x)[j * n + i]
                        if w.piece.on_step == 0 or (<double*>w.on)[j * n + i] != 0:
                            w.sum[i] += v * job.dtable[q][w.chan[i] * job.table_step[q] + k]
        t0 = t1
    for q in range(job.how.learned):
        if job.dpar[q] != NULL:
            for i in range(n):
                v = job.dpar[q][w.chan[i] if job.par_n[q] > 1 else 0]
                w.sum[i] += w.slopes[q * n + i] * v
    store(&job.p, t, &job.y, block, w.sum)


cdef void forward_rows(const job_t* job, work_t* w, Py_ssize_t task, cell_t* tag, bint jvp) noexcept nogil:
    cdef const panels_t* p = &job.p
    cdef tile_t* t = &w.tile
    cdef Py_ssize_t block = task // job.parts * p.planes, r = task % job.parts * job.rows
    cdef Py_ssize_t stop = r + job.rows, planes = p.outer - block
    cdef cursor_t at
    cdef bint kept = False
    if planes > p.planes:
        planes = p.planes
    if stop > p.d.out * p.h.out:
        stop = p.d.out * p.h.out
    while r < stop:
        at.b = at.c = at.o = 0
        # a tile that holds a row of the whole block serves all rows
        while kept or next_tile(p, planes, 0, p.w.out, &at, t):
            kept = kept or t.n == planes * p.w.out * p.inner
            to_row(p, t, r // p.h.out, r % p.h.out)
            ahead(job, t, block)
            reduce_tile(job, w, block, tag, jvp)
            if jvp:
                jvp_tile(job, w, block)
            else:
                store(p, t, &job.y, block, <cell_t*>w.y)
                if job.index.data != NULL:
                    store_index(job, t, block, <cell_t*>w.state + t.padded)
            if kept:
                break
        r += 1


# ---- backward ----

cdef inline void set_band(const job_t* job, Py_ssize_t index, band_t* b, Py_ssize_t* od, Py_ssize_t* oh,
                          Py_ssize_t* ow) noexcept nogil:
    """A band and the windows that touch it: od, oh and ow get the first and the end."""
    cdef const panels_t* p = &job.p
    cdef Py_ssize_t o
    b.w0 = index % job.tw * job.bw
    b.h0 = index // job.tw % job.th * job.bh
    b.d0 = index // job.tw // job.th * job.bd
    b.d1, b.h1, b.w1 = least(b.d0 + job.bd, p.d.n), least(b.h0 + job.bh, p.h.n), least(b.w0 + job.bw, p.w.n)
    touching(&p.d, b.d0, b.d1, &od[0], &od[1])
    touching(&p.h, b.h0, b.h1, &oh[0], &oh[1])
    touching(&p.w, b.w0, b.w1, &ow[0], &ow[1])
    if job.tw > 1:
        for o in range(2):
            if ow[0] < ow[1]:
                widen(&p.w, ow[0] if o == 0 else ow[1] - 1, b)
    b.plane = (b.d1 - b.d0) * (b.h1 - b.h0) * (b.w1 - b.w0) * p.inner


cdef inline void widen(const axis_t* a, Py_ssize_t o, band_t* b) noexcept nogil:
    cdef Py_ssize_t n = axis_taps(a, o), first = axis_first(a, o)
    if n:
        if b.w0 > first:
            b.w0 = first
        if b.w1 < first + (n - 1) * a.dilation + 1:
            b.w1 = first + (n - 1) * a.dilation + 1


cdef inline Py_ssize_t least(Py_ssize_t a, Py_ssize_t b) noexcept nogil:
    return a if a < b else b


cdef void round_band(const job_t* job, const band_t* b, Py_ssize_t index, Py_ssize_t block, Py_ssize_t planes,
                     const array_t* a, const double* acc) noexcept nogil:
    """The accumulator, without its halo, into the gradient."""
    cdef const panels_t* p = &job.p
    cdef Py_ssize_t k, d, h, w0 = index % job.tw * job.bw, w1 = least(w0 + job.bw, p.w.n), row, at
    for k in range(planes):
        for d in range(b.d0, b.d1):
            for h in range(b.h0, b.h1):
                row = ((d - b.d0) * (b.h1 - b.h0) + h - b.h0) * (b.w1 - b.w0) + w0 - b.w0
                at = (block + k) * p.plane + ((d * p.h.n + h) * p.w.n + w0) * p.inner
                CP_FROM_DOUBLE[a.code](<char*>a.data + at * a.size, 1, acc + k * b.plane + row * p.inner, 1,
                                       (w1 - w0) * p.inner)


cdef inline bint owns(const axis_t* a, Py_ssize_t o, Py_ssize_t low, Py_ssize_t high) noexcept nogil:
    cdef Py_ssize_t first = axis_first(a, o)
    return low <= first < high


cdef void learn(const job_t* job, work_t* w, Py_ssize_t index, double* part, Py_ssize_t t0, Py_ssize_t t1) noexcept nogil:
    """Gradients of the parameters: those of the windows that begin in this band along W."""
    cdef const tile_t* t = &w.tile
    cdef const segment_t* s
    cdef const double* x = <const double*>w.x
    cdef const double* on = <const double*>w.on
    cdef Py_ssize_t i, j, k, q, lane, o, at, n = t.padded, w0 = index % job.tw * job.bw, w1 = w0 + job.bw
    for k in range(t.segments):
        s = &t.segment[k]
        for i in range(s.n):
            lane = s.lane + i
            o = s.o + (0 if s.along else i)
            if not owns(&job.p.w, o, w0, w1):
                continue
            at = 0
            if t0 == 0:
                for q in range(job.how.learned):
                    part[at + (w.chan[lane] if job.par_n[q] > 1 else 0)] += w.slopes[q * n + lane]
                    at += job.par_n[q]
            at = 0
            for q in range(job.how.learned):
                at += job.par_n[q]
            for q in range(job.tables):
                for j in range(t1 - t0):
                    if w.piece.on_step == 0 or on[j * n + lane] != 0:
                        o = <Py_ssize_t>w.rank[j * n + lane] if job.op == CP_ORDINAL else w.place[j]
                        o += w.chan[lane] * job.table_step[q] + job.table_at[q]
                        part[at + o] += w.coefs[q * n + lane] * x[j * n + lane]


cdef void backward_band(const job_t* job, work_t* w, Py_ssize_t task, double* part) noexcept nogil:
    cdef const panels_t* p = &job.p
    cdef tile_t* t = &w.tile
    cdef Py_ssize_t bands = job.td * job.th * job.tw, block = task // bands * p.planes, index = task % bands
    cdef Py_ssize_t planes = least(p.planes, p.outer - block), i, j, t0, t1
    cdef Py_ssize_t od[2]
    cdef Py_ssize_t oh[2]
    cdef Py_ssize_t ow[2]
    cdef band_t b
    cdef cursor_t at
    cdef bint owned
    set_band(job, index, &b, od, oh, ow)
    memset(w.acc, 0, planes * b.plane * sizeof(double))
    if job.how.second == 1:
        memset(w.acc_z, 0, planes * b.plane * sizeof(double))
    for i in range(od[0], od[1]):
        for j in range(oh[0], oh[1]):
            owned = part != NULL and owns(&p.d, i, b.d0, b.d1) and owns(&p.h, j, b.h0, b.h1)
            at.b = at.c = 0
            at.o = ow[0]
            while ow[0] < ow[1] and next_tile(p, planes, ow[0], ow[1], &at, t):
                to_row(p, t, i, j)
                if t.taps == 0:
                    continue
                reduce_tile(job, w, block, <double*>NULL, True)
                fetch(p, t, &job.y, block, w.g)
                slope_tile(job, w)
                t0 = (t.taps - 1) // job.piece * job.piece
                while t0 >= 0:
                    t1 = least(t0 + job.piece, t.taps)
                    grad_piece(job, w, block, t0, t1)
                    scatter(p, t, &b, w.acc, t0, t1, w.gx)
                    if job.how.second == 1:
                        scatter(p, t, &b, w.acc_z, t0, t1, w.gz)
                    if owned:
                        learn(job, w, index, part, t0, t1)
                    t0 -= job.piece
    round_band(job, &b, index, block, planes, &job.gx, w.acc)
    if job.gz.data != NULL:
        round_band(job, &b, index, block, planes, &job.gz, w.acc_z)


# ---- tasks ----

cdef inline void* carve(char** at, Py_ssize_t size) noexcept nogil:
    cdef char* p = at[0]
    at[0] = p + (size + 63) // 64 * 64
    return p


cdef Py_ssize_t set_work(const job_t* job, work_t* w, char* memory, int kind) noexcept nogil:
    """Lay the scratch out from `memory` on; returns its size. kind: 0 forward, 1 backward, 2 jvp."""
    cdef char* at = memory
    cdef Py_ssize_t size = 4 if job.single else 8, row = job.p.lanes * size, panel = job.piece * row
    cdef Py_ssize_t rows = cp_state_rows(job.op, job.tables)
    w.x = carve(&at, panel)
    w.on = carve(&at, panel)
    w.z = carve(&at, panel if job.how.second == 1 else row)
    w.ones = carve(&at, row)
    w.state = carve(&at, rows * row)
    w.total = carve(&at, rows * row)
    w.rest = carve(&at, rows * row)
    w.par = carve(&at, job.params * row)
    w.count = carve(&at, row)
    w.y = carve(&at, row)
    w.place = <int*>carve(&at, job.piece * sizeof(int))
    w.chan = <Py_ssize_t*>carve(&at, job.p.lanes * sizeof(Py_ssize_t))
    w.filled = -1
    w.gx = w.gz = w.g = w.slopes = w.coefs = w.acc = w.acc_z = w.tangent = w.sum = w.rank = NULL
    if kind:
        w.gx = <double*>carve(&at, panel)
        w.g = <double*>carve(&at, row)
        w.sum = <double*>carve(&at, row)
        w.slopes = <double*>carve(&at, job.how.learned * row)
        w.coefs = <double*>carve(&at, job.tables * row)
        if job.how.second == 1:
            w.gz = <double*>carve(&at, panel)
        if kind == 2:
            w.tangent = <double*>carve(&at, panel)
        if job.op == CP_ORDINAL:
            w.rank = <double*>carve(&at, panel)
    if kind == 1:
        w.acc = <double*>carve(&at, job.room * 8)
        if job.how.second == 1:
            w.acc_z = <double*>carve(&at, job.room * 8)
    return at - memory


cdef int tasks(const job_t* job, Py_ssize_t start, Py_ssize_t stop, int kind, double* part) noexcept nogil:
    """Tasks start .. stop - 1 with one scratch; 1 if there is no memory for it."""
    cdef work_t* w = <work_t*>malloc(sizeof(work_t))
    cdef Py_ssize_t i
    cdef char* memory
    if w == NULL:
        return 1
    memory = <char*>malloc(set_work(job, w, NULL, kind) + 64)
    if memory == NULL:
        free(w)
        return 1
    set_work(job, w, memory + (64 - <size_t>memory % 64) % 64, kind)
    for i in range(job.p.lanes):
        if job.single:
            (<float*>w.ones)[i] = 1
        else:
            (<double*>w.ones)[i] = 1
    for i in range(start, stop):
        if kind == 1:
            backward_band(job, w, i, part)
        elif job.single:
            forward_rows(job, w, i, <float*>NULL, False)
        else:
            forward_rows(job, w, i, <double*>NULL, kind == 2)
    free(memory)
    free(w)
    return 0


cdef int split(const job_t* job, Py_ssize_t total, int kind, int threads, double* parts, Py_ssize_t groups) noexcept nogil:
    """All tasks, in parallel; with `groups` in so many groups, each with a row of `parts`."""
    cdef Py_ssize_t i, many = groups if groups else least(total, 4 * threads)
    cdef int failed = 0
    if threads <= 1 and groups == 0:
        return tasks(job, 0, total, kind, NULL)
    for i in prange(many, num_threads=threads, schedule="dynamic"):
        failed |= tasks(job, total * i // many, total * (i + 1) // many, kind, parts + i * job.slopes if groups else NULL)
    return failed


cdef void choose_bands(job_t* job) noexcept nogil:
    """Whole planes if they fit into an accumulator, else cut along D, then H, then W; large planes also where there are too
    few to share out."""
    cdef panels_t* p = &job.p
    cdef Py_ssize_t most
    job.bd, job.bh, job.bw = p.d.n, p.h.n, p.w.n
    while True:
        job.td = (p.d.n + job.bd - 1) // job.bd
        job.th = (p.h.n + job.bh - 1) // job.bh
        job.tw = (p.w.n + job.bw - 1) // job.bw
        most = job.bd * job.bh * job.bw * p.inner
        if p.planes > 1 or (most <= ROOM and (most <= ROOM // 16 or p.outer * job.td * job.th * job.tw >= 16)):
            break
        if job.bd > 1:
            job.bd = (job.bd + 1) // 2
        elif job.bh > 1 and (job.bh > 2 * most_taps(&p.h) * p.h.dilation or most > ROOM):
            job.bh = (job.bh + 1) // 2
        elif job.bw > 1 and most > ROOM and job.bw > 64:
            job.bw = (job.bw + 1) // 2
        else:
            break
    most = job.bw
    if job.tw > 1:
        most = least(p.w.n, job.bw + 2 * (most_taps(&p.w) * p.w.dilation))
    job.room = p.planes * job.bd * job.bh * most * p.inner


cdef void add_pairwise(double* parts, Py_ssize_t groups, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i, j, step = 1
    while step < groups:
        i = 0
        while i + step < groups:
            for j in range(n):
                parts[i * n + j] += parts[(i + step) * n + j]
            i += 2 * step
        step *= 2


# ---- entries ----

cdef int attach(array_t* a, object array, int code, int size) except -1:
    """array: canonical and in one piece, or None."""
    a.data, a.code, a.size = whole(array), code, size
    return 0


cdef const double* numbers(object array, Py_ssize_t* n) except? NULL:
    """array: float64, in one piece."""
    n[0] = len(array)
    return <const double*>whole(array)


def learned(int op, tuple params, int index=-1):
    """Number of gradients of all parameters, or of one of them."""
    cdef const cp_reducer* how = &CP_REDUCER[op]
    cdef Py_ssize_t i = 0, n = 0
    for array in params:
        if (i < how.learned or i >= how.params) and (index < 0 or index == i):
            n += len(array)
        i += 1
    return n


SIZES = (1, 1, 2, 2, 4, 4, 8, 8, 4, 8, 2, 2)


cdef int prepare(job_t* job, int op, int code, Windows plan, tuple params, tuple tparams) except -1:
    """Everything but the arrays. params: float64 arrays, first those for each lane (one number, or one for each channel),
    then the tables."""
    cdef panels_t* p = &job.p
    cdef Py_ssize_t n, i
    memset(job, 0, sizeof(job_t))
    if not 0 <= op < CP_REDUCERS:
        raise ValueError(f"no reducer {op}")
    job.op, job.how = op, &CP_REDUCER[op]
    job.params = job.how.params
    set_panels(p, &plan.d, &plan.h, &plan.w, plan.outer, plan.inner, job.how.whole)
    if job.how.tables and not job.how.whole:
        p.table = plan.w.adaptive
    for i, array in enumerate(params[:job.params]):
        job.par[i] = numbers(array, &job.par_n[i])
        check_channels(job, job.par_n[i])
    if len(params) < job.params:
        raise ValueError(f"{job.params} parameters needed, got {len(params)}")
    set_table_rows(job, params[job.params:], tparams[job.params:])
    for i, array in enumerate(tparams[:job.params]):
        if array is not None:
            job.dpar[i] = numbers(array, &n)
            if n != job.par_n[i]:
                raise ValueError(f"tangent of {n} numbers for a parameter of {job.par_n[i]}")
    return 0


cdef int check_channels(job_t* job, Py_ssize_t n) except -1:
    if n == 1:
        return 0
    if n == 0 or (job.p.inner > 1 and n != job.p.inner) or (job.p.inner == 1 and job.p.outer % n) or (
            job.channels and job.channels != n):
        raise ValueError(f"{n} parameters for {job.p.outer} planes and {job.p.inner} channels")
    job.channels = n
    return 0


cdef int set_table_rows(job_t* job, tuple tables, tuple tangents) except -1:
    """Tables of weights: arrays of (rows, taps) or (channels, rows, taps), flat. A tree has one more leaf than gates."""
    cdef panels_t* p = &job.p
    cdef Py_ssize_t taps = kernel_taps(&p.d) * kernel_taps(&p.h) * kernel_taps(&p.w), n, m, i, j, rows, channels, at = 0
    cdef const double* values
    cdef const double* tangent
    if len(tables) != job.how.tables and not (len(tables) == 0 and job.how.tables < 0):
        if len(tables) != -job.how.tables:
            raise ValueError(f"{abs(job.how.tables)} tables of weights needed, got {len(tables)}")
    if tables and not job.how.whole and (p.table or p.d.adaptive or p.h.adaptive):
        raise ValueError("weights by place need windows of one size")
    for j, array in enumerate(tables):
        values = numbers(array, &n)
        channels = (len(tables[1]) - len(tables[0])) // taps if len(tables) > 1 else n // taps
        if channels < 1 or n % (channels * taps) or n == 0:
            raise ValueError(f"{n} weights for {taps} taps")
        check_channels(job, channels)
        rows = n // (channels * taps)
        if job.tables + rows > TABLES:
            raise ValueError(f"more than {TABLES} tables of weights")
        tangent = NULL
        if j < len(tangents) and tangents[j] is not None:
            tangent = numbers(tangents[j], &m)
            if m != n:
                raise ValueError(f"tangent of {m} numbers for {n} weights")
        for i in range(rows):
            job.table[job.tables] = values + i * taps
            job.dtable[job.tables] = NULL if tangent == NULL else tangent + i * taps
            job.table_step[job.tables] = rows * taps if channels > 1 else 0
            job.table_at[job.tables] = at + i * taps
            job.tables += 1
        at += n
    if job.op == CP_TREE and (job.tables & (job.tables + 1) or len(tables[1]) - len(tables[0]) < taps):
        raise ValueError("a tree has 2**depth - 1 gates and 2**depth leaves")
    return 0


cdef Py_ssize_t kernel_taps(const axis_t* a) noexcept nogil:
    """Taps of the unclipped windows; adaptive: of the largest."""
    cdef Py_ssize_t o, n = 0
    if not a.adaptive:
        return a.kernel
    for o in range(a.out):
        n = max(n, axis_taps(a, o))
    return n


cdef int set_scratch(job_t* job) except -1:
    cdef panels_t* p = &job.p
    cdef Py_ssize_t most = 128
    set_lanes(p, most)
    job.piece = p.taps if job.how.whole else least(p.taps, PIECE)
    if job.how.whole:
        while p.lanes > 16 and p.lanes * job.piece * 8 > 256 * 1024:
            set_lanes(p, p.lanes // 2)
    if job.piece < 1:
        job.piece = 1
    if p.planes * p.w.out > 0 and p.along == 2:
        p.planes = least(p.outer, p.lanes)
    job.single = job.single and p.taps <= SINGLE
    return 0


def panel(int op, int code, object x, int out_code, object out, Windows plan, int threads, tuple params=(),
          object second=None, int second_code=0, object mask=None, bint omit=False, object idx=None, int idx_size=8):
    """Write the reducer `op` over x into out, and the positions of chosen taps into idx if the reducer has them."""
    cdef job_t job
    prepare(&job, op, code, plan, params, ())
    attach(&job.x, x, code, SIZES[code])
    attach(&job.y, out, out_code, SIZES[out_code])
    attach(&job.z, second, second_code, SIZES[second_code])
    attach(&job.mask, mask, U8, 1)
    attach(&job.index, idx, I64, idx_size)
    job.omit = omit
    job.single = ((code == F32 or code == F16 or code == BF16) and (job.z.data == NULL or second_code != F64)
                  and out_code != F64 and op != CP_STOCHASTIC and op != CP_DPP and op != CP_DPP_ABOVE and usual_rates(&job))
    if job.y.data == NULL:
        return
    run_rows(&job, 0, threads)


cdef bint usual_rates(const job_t* job) noexcept nogil:
    """Whether exponents times differences of taps stay among the normal numbers of float."""
    cdef Py_ssize_t i
    cdef double r
    if not CP_REDUCER[job.op].rate:
        return True
    for i in range(job.par_n[0]):
        r = job.par[0][i] if job.par[0][i] >= 0 else -job.par[0][i]
        if not 1e-3 <= r <= 1e3:
            return False
    return True


cdef Py_ssize_t* begin(job_t* job) except? NULL:
    """Tables of irregular windows, and the sizes that follow."""
    cdef Py_ssize_t* tables = NULL
    if job.p.table:
        tables = <Py_ssize_t*>malloc(2 * job.p.w.out * sizeof(Py_ssize_t))
        if tables == NULL:
            raise MemoryError("no memory for the windows along W")
        set_tables(&job.p, tables)
    set_scratch(job)
    return tables


cdef int run_rows(job_t* job, int kind, int threads) except -1:
    """Rows of outputs: the forward pass (kind 0) or the jvp (2)."""
    cdef Py_ssize_t* tables = begin(job)
    cdef Py_ssize_t rows = job.p.d.out * job.p.h.out, total
    cdef int failed
    job.rows = WORK // (job.p.planes * job.p.w.out * job.p.inner) + 1
    job.parts = (rows + job.rows - 1) // job.rows
    total = (job.p.outer + job.p.planes - 1) // job.p.planes * job.parts
    with nogil:
        failed = split(job, total, kind, threads, NULL, 0)
    free(tables)
    if failed:
        raise MemoryError("no memory for the panels")
    return 0


def panel_jvp(int op, int code, object x, object tangent, int out_code, object out, Windows plan, int threads,
              tuple params=(), tuple tparams=(), object second=None, int second_code=0, object tsecond=None,
              object mask=None, bint omit=False):
    """Write the derivative of `panel` along tangents of its inputs into out; None stands for zeros."""
    cdef job_t job
    prepare(&job, op, code, plan, params, tparams)
    attach(&job.x, x, code, SIZES[code])
    attach(&job.y, out, out_code, SIZES[out_code])
    attach(&job.z, second, second_code, SIZES[second_code])
    attach(&job.mask, mask, U8, 1)
    attach(&job.gx, tangent, code, SIZES[code])
    attach(&job.gz, tsecond, second_code, SIZES[second_code])
    job.omit = omit
    if job.y.data == NULL:
        return
    run_rows(&job, 2, threads)


def panel_backward(int op, int code, object x, int g_code, object g, object gx, Windows plan, int threads,
                   tuple params=(), object gparams=None, object second=None, int second_code=0,
                   object gsecond=None, object mask=None, bint omit=False):
    """Write the gradients of `panel` with respect to x into gx, to the second input into gsecond and to the parameters, one
    after the other as in params (learned ones, then tables), into gparams."""
    cdef job_t job
    cdef Py_ssize_t total, i, groups = 0
    cdef Py_ssize_t* tables = NULL
    cdef double* parts = NULL
    cdef int failed
    cdef double* flat = NULL
    cdef Py_ssize_t room = 0
    prepare(&job, op, code, plan, params, ())
    attach(&job.x, x, code, SIZES[code])
    attach(&job.y, g, g_code, SIZES[g_code])
    attach(&job.z, second, second_code, SIZES[second_code])
    attach(&job.mask, mask, U8, 1)
    attach(&job.gx, gx, code, SIZES[code])
    attach(&job.gz, gsecond, second_code, SIZES[second_code])
    job.omit = omit
    if code not in (F32, F64, F16, BF16):
        raise TypeError(f"no gradient in dtype code {code}")
    for i in range(job.how.learned):
        job.slopes += job.par_n[i]
    if gparams is not None:
        flat = <double*>numbers(gparams, &room)
        for i in range(room):
            flat[i] = 0
        for array in params[job.params:]:
            job.slopes += len(array)
        if room != job.slopes:
            raise ValueError(f"{job.slopes} gradients of parameters, room for {room}")
    if job.gx.data == NULL:
        return
    if job.y.data == NULL:
        memset(job.gx.data, 0, gx.nbytes)
        if job.gz.data != NULL:
            memset(job.gz.data, 0, gsecond.nbytes)
        return
    tables = begin(&job)
    choose_bands(&job)
    total = (job.p.outer + job.p.planes - 1) // job.p.planes * job.td * job.th * job.tw
    if gparams is not None and job.slopes:
        groups = least(total, GROUPS)
        parts = <double*>calloc(groups * job.slopes, sizeof(double))
        if parts == NULL:
            free(tables)
            raise MemoryError("no memory for the gradients of the parameters")
    with nogil:
        failed = split(&job, total, 1, threads, parts, groups)
        if groups:
            add_pairwise(parts, groups, job.slopes)
    if groups:
        for i in range(job.slopes):
            flat[i] = parts[i]
        free(parts)
    free(tables)
    if failed:
        raise MemoryError("no memory for the panels")
