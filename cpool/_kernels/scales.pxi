# Pyramids of averages and sums: every level from the sums of the level below, in one reading. Part of sequence.pyx, whose
# table of dtypes it uses.
#
# a) A row of a level is the sum of rows of the level below, which are made when they are wanted and stay in the cache. So the
#    rows of x are read in order, once, and each level is written as its rows come.
# b) A task is a row of the highest level with all that is below it, whole windows or not: it writes nothing that another task
#    writes, and what is added to what depends on the window alone.
# c) Every level is divided and rounded from its own sums, so it is what one windowed operator with that kernel gives.

ctypedef void (*scale_store_t)(const void* sums, void* out, Py_ssize_t n, int shift, double divisor) noexcept nogil

cdef extern from "scales.h" nogil:
    ctypedef struct scale_type_t:
        void (*quads)(void* sums, const void* x, const void* y, Py_ssize_t n, Py_ssize_t ahead) noexcept nogil
        void (*pairs)(void* sums, const void* x, const void* y, Py_ssize_t n, Py_ssize_t inner,
                      Py_ssize_t ahead) noexcept nogil
        void (*add)(void* sums, const void* x, Py_ssize_t n) noexcept nogil
    ctypedef struct scale_sums_t:
        void (*fold)(void* sums, const void* v, Py_ssize_t n, Py_ssize_t factor, Py_ssize_t inner) noexcept nogil
        void (*keep)(void* sums, const void* v, Py_ssize_t m, Py_ssize_t inner, Py_ssize_t step) noexcept nogil
    const scale_type_t* scale_types
    const scale_sums_t* scale_sums
    const scale_store_t* scale_stores
    void scale_store_f64(const void* sums, void* out, Py_ssize_t n, int shift, double divisor)
    void scale_ahead(const char* p, Py_ssize_t bytes)

cdef enum:
    MOST_LEVELS = 8
    MOST_ROWS = 16          # of a level that make one of the next
    PIECE = 1024            # elements of a block
    FAR = 64 * 1024         # bytes ahead, at most
    SUMS = 12               # code of rows of sums of 16 bits; then those of int32 and of double
    SLACK = 64              # bytes behind a row of sums that may be written

cdef struct scale_t:
    char* out               # may be NULL
    Py_ssize_t size[3]
    Py_ssize_t room         # where in the scratch the rows of this level lie
    Py_ssize_t bytes        # of a row of sums
    double divisor
    int shift

cdef struct pyramid_t:
    const char* x
    char* kept              # for the sums of the last level, or NULL
    int code, out_code, levels
    int kind                # of sums: 0 of 16 bits, 1 of int32, 2 of double
    Py_ssize_t itemsize, each, inner, piece     # bytes of x and of a sum; channels; elements of a block
    Py_ssize_t factor[3]
    scale_t scales[MOST_LEVELS + 1]


cdef void add_up(const pyramid_t* p, int level, const char** rows, int count, char* sums, char* buf) noexcept nogil:
    """The sums of a row of windows from the rows that they cover."""
    cdef int code = p.code if level == 1 else SUMS + p.kind
    cdef const scale_type_t* type = &scale_types[code]
    cdef const scale_type_t* total = &scale_types[SUMS + p.kind]
    cdef Py_ssize_t factor = p.factor[2], step = factor * p.inner, width = p.scales[level].size[2], done = 0, m, n, k
    cdef Py_ssize_t itemsize = p.each, ahead = 0, at
    cdef char* other = buf + 8 * p.piece + SLACK
    cdef char* to
    if level == 1:
        itemsize = p.itemsize
        ahead = p.factor[1] * p.scales[0].size[2] * p.inner * itemsize
        if ahead > FAR or p.factor[1] == 1:
            ahead = 4096
    while done < width:
        m = smaller(p.piece // step, width - done)
        at = done * step * itemsize
        n = (m * factor - factor + 1) * p.inner
        to = sums + done * p.inner * p.each
        if factor == 2 and count % 2 == 0 and type.quads != NULL and p.inner == 1:
            for k in range(0, count, 2):
                type.quads(to if k == 0 else buf, rows[k] + at, rows[k + 1] + at, m, ahead)
                if k > 0:
                    total.add(to, buf, m)
        elif factor == 2 and count % 2 == 0 and type.pairs != NULL:
            for k in range(0, count, 2):
                type.pairs(buf if k == 0 else other, rows[k] + at, rows[k + 1] + at, n, p.inner, ahead)
                if k > 0:
                    total.add(buf, other, n)
            scale_sums[p.kind].keep(to, buf, m, p.inner, step)
        else:
            n = m * step
            for k in range(count):
                if ahead > 0:
                    scale_ahead(rows[k] + at + ahead, n * itemsize)
                if type.add == NULL or p.kind == 2:
                    seq_types[F64 if code >= SUMS else code].widen(rows[k] + at, <double*>(buf if k == 0 else other), n)
                    if k > 0:
                        total.add(buf, other, n)
                else:
                    if k == 0:
                        memset(buf, 0, n * p.each)
                    type.add(buf, rows[k] + at, n)
            scale_sums[p.kind].fold(other, buf, n - step + p.inner, factor, p.inner)
            scale_sums[p.kind].keep(to, other, m, p.inner, step)
        done += m


cdef void put(const pyramid_t* p, int level, Py_ssize_t row, const char* sums, char* buf) noexcept nogil:
    """Write a row of a level."""
    cdef const scale_t* scale = &p.scales[level]
    cdef scale_store_t store = scale_stores[SUMS + p.out_code if p.kind == 0 else p.out_code]
    cdef Py_ssize_t n = scale.size[2] * p.inner, done = 0, m, itemsize = itemsize_of(p.out_code)
    cdef char* out = scale.out + row * n * itemsize
    if store != NULL:
        store(sums, out, n, scale.shift, scale.divisor)
        return
    while done < n:
        m = smaller(p.piece, n - done)
        scale_store_f64(sums + 8 * done, buf, m, scale.shift, scale.divisor)
        seq_types[p.out_code].narrow(<double*>buf, out + done * itemsize, m)
        done += m


cdef void climb(const pyramid_t* p, int level, Py_ssize_t plane, Py_ssize_t d, Py_ssize_t h, char* sums,
                char* scratch) noexcept nogil:
    """Row h of slice d of a level: all rows below it, then its sums, if it is there, and what is written of them."""
    cdef const scale_t* scale = &p.scales[level]
    cdef const scale_t* below = &p.scales[level - 1]
    cdef bint there = d < scale.size[0] and h < scale.size[1]
    cdef const char* rows[MOST_ROWS]
    cdef Py_ssize_t i, j, dd, hh, row, at
    cdef int count = 0
    if level == 1 and not there:
        return
    for i in range(p.factor[0]):
        for j in range(p.factor[1]):
            dd, hh = d * p.factor[0] + i, h * p.factor[1] + j
            if level == 1:
                row = (plane * below.size[0] + dd) * below.size[1] + hh
                rows[count] = p.x + row * below.size[2] * p.inner * p.itemsize
            else:
                rows[count] = scratch + below.room + count * below.bytes
                climb(p, level - 1, plane, dd, hh, <char*>rows[count], scratch)
            count += 1
    if there:
        add_up(p, level, rows, count, sums, scratch)
        row = (plane * scale.size[0] + d) * scale.size[1] + h
        put(p, level, row, sums, scratch)
        if level == p.levels and p.kept != NULL:
            at = scale.size[2] * p.inner * p.each
            memcpy(p.kept + row * at, sums, at)


cdef int climbs(const pyramid_t* p, Py_ssize_t start, Py_ssize_t stop, Py_ssize_t slices, Py_ssize_t rows,
                Py_ssize_t room) noexcept nogil:
    """Rows start .. stop - 1 of the highest level, those that are not whole included; 1 if there is no memory."""
    cdef char* scratch = <char*>malloc(room)
    cdef Py_ssize_t i
    if scratch == NULL:
        return 1
    for i in range(start, stop):
        climb(p, p.levels, i // (slices * rows), i // rows % slices, i % rows, scratch + p.scales[p.levels].room, scratch)
    free(scratch)
    return 0


def pyramid(x, outs, kept, geometry, divided, int threads):
    """Write the levels of a pyramid into outs, C-contiguous as x is, and the sums of the last one into `kept`.

    x: of shape (planes, depth, height, width, inner). `geometry`, of intp: the code of x and of outs, the kind of sums,
    planes, inner, the other three sizes, three factors, and for each level the binary logarithm of what its sums are divided
    by, -1 if that is no power of two; `divided` are these, of float64. The code is -1 if x holds sums of this kind: 0 of 16
    bits (of elements of 8), 1 of int32 (of elements of 16 or of sums of 16), 2 of float64.
    """
    cdef pyramid_t p
    cdef scale_t* scale
    cdef const Py_ssize_t* numbers = positions(geometry)
    cdef const double* divisors = <const double*>elements(divided, FLOAT64)
    cdef Py_ssize_t planes = numbers[3], slices = numbers[5], rows = numbers[6], tasks, parts, room, i
    cdef int failed = 0, level, count = 1
    memset(&p, 0, sizeof(pyramid_t))
    p.levels = len(divided)
    p.x, p.itemsize, p.inner, p.out_code = <const char*>address(x), x.itemsize, numbers[4], numbers[1]
    p.kind, p.each = numbers[2], 2 << numbers[2]
    p.code = SUMS + p.kind if numbers[0] < 0 else numbers[0]
    p.kept = NULL if kept is None else <char*>address(kept)
    for i in range(3):
        p.scales[0].size[i], p.factor[i] = numbers[5 + i], numbers[8 + i]
        count *= p.factor[i] if i < 2 else 1
    if p.levels > MOST_LEVELS or count > MOST_ROWS:
        raise ValueError(f"at most {MOST_LEVELS} levels, each of {MOST_ROWS} rows of the one below")
    p.piece = max(PIECE, p.factor[2] * p.inner)
    room = 2 * (8 * p.piece + SLACK)
    for level in range(1, p.levels + 1):
        scale = &p.scales[level]
        scale.out, scale.divisor = <char*>address(outs[level - 1]), divisors[level - 1]
        scale.shift, scale.room = numbers[10 + level], room
        for i in range(3):
            scale.size[i] = p.scales[level - 1].size[i] // p.factor[i]
        scale.bytes = (scale.size[2] * p.inner * p.each + SLACK + 63) // 64 * 64
        room += scale.bytes * (count if level < p.levels else 1)
        slices, rows = (slices + p.factor[0] - 1) // p.factor[0], (rows + p.factor[1] - 1) // p.factor[1]
    tasks = planes * slices * rows
    parts = smaller(tasks, 8 * threads)
    with nogil:
        if threads <= 1 or parts <= 1:
            failed = climbs(&p, 0, tasks, slices, rows, room)
        else:
            for i in prange(parts, num_threads=threads, schedule="dynamic"):
                failed |= climbs(&p, tasks * i // parts, tasks * (i + 1) // parts, slices, rows, room)
    if failed:
        raise MemoryError("no memory for the scratch of a pooling kernel")
