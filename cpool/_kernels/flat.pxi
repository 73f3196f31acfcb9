# Planes that fit the L1 cache, stride 1: a whole plane as one line. Included by reduce.pyx.
#
# a) Sums: a plane is copied (converted, if need be) into a frame of zeros whose rows are `pitch` apart; neighbouring rows share
#    the zeros between them. There the vertical taps are one fold over all rows, the taps `pitch` elements apart: full
#    vectors, no calls per row. The horizontal fold is one call, too; it leaves out the columns between the rows.
# b) The frame stays as it is from plane to plane: nothing but the elements is ever written to it.
# c) Taps are added in the order of the paths by rows (H, then W), so that a plan gives the same bits by either.
# d) One table holds the divisors of a plane, where the edge makes them differ: a division a row cost as much as the sums.
# e) Measured (3x3 means of 1536 planes of 35 x 35 float32, one thread): 1.0 ms by rows, 0.7 ms this way. Maxima are not done
#    so: their taps would all be unaligned loads, and planes transposed into lanes have none (5x5 maxima of 2048 planes of
#    20 x 20: 0.43 ms this way, 0.38 ms in lanes).
# f) Without conversion `boxes` are as good or better for short rows and for float64 (14x14 float32: 0.22 ms by them, 0.27 this
#    way; 35x35: 0.82 and 0.70); with it this is 1.4 (float16) to 2.4 times (uint8) faster.
# g) Where windows of 3 or 5 are formed in registers (`stencil` in rows.h) there is no frame: x itself is the row, and masks that
#    repeat with the columns take out what lies in a neighbouring row. No lane is idle, nothing is copied. Best of many
#    rounds, ms: 3x3 means of 35 x 35 0.63 -> 0.43, of 14 x 14 0.21 -> 0.12, 3x3 maxima of 14 x 14 0.18 -> 0.10, 5x5 maxima
#    of 20 x 20 0.32 -> 0.25. With a frame for this row its copies took as long as its windows (0.73); as one row for each
#    number of vertical taps, the short rows at the top and the bottom took longer than the rest (20 x 20: 0.39).

cdef enum:
    FLAT_ROOM = 20480         # bytes of a frame at most: it and the folded plane share the L1 cache
    FLAT_WIDTH = 12           # narrower planes are pooled in groups
    FLAT_PLAIN = 32           # what needs no conversion and has shorter rows is pooled by `boxes`
    FLAT_PLANES = 8           # fewer planes: by rows, which threads can share
    FLAT_TABLE = 4096         # outputs of a plane whose divisors are kept

cdef void flat_prepare(const job_t* job, flat_t* flat) noexcept:
    """Whether the job's planes are pooled so, and the frame."""
    cdef const axis_t* h = &job.h
    cdef const axis_t* w = &job.w
    cdef Py_ssize_t after
    cdef bint run = (job.stencil != NULL and w.out == w.n and w.n <= RUN_WIDTH and w.lo < w.kernel and h.out == h.n
                     and h.dilation == 1 and h.lo < h.kernel)
    flat.on = False
    flat.kept = 0
    if (LIMITS.flat < 0 or job.inner != 1 or job.each != 1 or job.d.n != 1 or job.d.kernel != 1 or job.outer < FLAT_PLANES
            or job.cascade or h.adaptive or w.adaptive or h.stride != 1 or w.stride != 1 or trivial(h) or w.n < FLAT_WIDTH
            or job.wpath > W_DIRECT or job.hpath > H_STRIP or not (job.add or run)):
        return
    flat.clipped = job.box != NULL and (w.n < FLAT_PLAIN or job.acc_item == 8)
    if flat.clipped and not run:
        return
    if extent(h) > 2 * h.n + 64 or h.out > 4 * h.n + 64 or w.out > 4 * w.n + 64:
        return
    after = larger(w.out - 1 - w.lo + extent(w) - w.n, 0)
    flat.pitch = w.n + larger(w.lo, after)
    flat.rows = h.out + extent(h) - 1
    flat.room = flat.rows * flat.pitch + w.lo + extent(w) + 16
    flat.on = flat.room * job.acc_item <= FLAT_ROOM
    if run:
        flat_keep(job, flat)


cdef void flat_keep(const job_t* job, flat_t* flat) noexcept:
    """For every vector of a plane, until its columns come again, and every tap: the lanes whose tap lies in their row."""
    cdef Py_ssize_t lanes = 64 // job.acc_item, v = 0, i, j, n = job.w.n, col
    while v == 0 or v * lanes % n:
        for j in range(job.w.kernel):
            flat.keep[v * job.w.kernel + j] = 0
            for i in range(lanes):
                col = (v * lanes + i) % n + j - job.w.lo
                if 0 <= col < n:
                    flat.keep[v * job.w.kernel + j] |= 1 << i
        v += 1
    flat.kept = <int>(v * job.w.kernel)


cdef inline void flat_run(const job_t* job, const flat_t* flat, const char* plane, char* dst) noexcept nogil:
    """All windows of a plane as those of one row."""
    cdef Py_ssize_t off[RUN_TAPS]
    cdef Py_ssize_t i
    cdef i64 identity, none
    cdef float zero = -0.0
    cdef double wide_zero = -0.0
    cdef box_t box
    blank(job, <char*>&identity, 1)
    none = identity
    if job.add and flat.clipped:
        memcpy(&none, &zero if job.acc_item == 4 else <void*>&wide_zero, job.acc_item)
    box.planes = box.rows = 1
    box.src_plane = box.dst_plane = box.src_step = box.dst_step = 0
    box.off, box.taps, box.k, box.lead, box.ahead = off, <int>job.h.kernel, <int>job.w.kernel, job.w.lo, job.ahead // job.acc_item
    box.fresh = box.taps - (job.ahead > 0)
    box.blank, box.none, box.keep, box.keep_end = &identity, &none, flat.keep, flat.keep + flat.kept
    for i in range(job.h.kernel):
        off[i] = (i - job.h.lo) * job.w.n
    box.n = box.cols = job.h.n * job.w.n
    box.past, box.stride = False, 1
    job.stencil(NULL, &box, dst, plane)


cdef void flat_plane(const job_t* job, const flat_t* flat, scratch_t* s, const char* plane, char* out) noexcept nogil:
    cdef const char* source = plane
    cdef Py_ssize_t item = job.acc_item, n = job.w.n, pitch = flat.pitch, first, last
    cdef Py_ssize_t folded = (job.h.out - 1) * pitch + job.w.out + extent(&job.w) - 1
    cdef char* dst = out
    if job.finish != NULL:
        dst = s.row
    first = larger(0, -job.h.lo)
    last = smaller(job.h.n, flat.rows - job.h.lo)              # rows of x that a window reaches
    if last > first and job.load != NULL:                      # all of it in one call, and then into the frame
        load_rows(job, s.line, NULL, plane, 1, 0, 1, 0, last * n, job.ahead)
        plane = s.line
    if flat.kept:
        flat_run(job, flat, plane, dst)
    else:
        if last > first:
            job.fold(NULL, s.work[0] + (job.h.lo * pitch + job.w.lo) * item, pitch, plane, n, last, 1, 0, 1, 0, n,
                     0 if job.load != NULL else job.ahead // item, 1, False)
        job.fold(NULL, s.work[1], 0, s.work[0], 0, 1, 1, 0, job.h.kernel, job.h.dilation * pitch, folded, 0, 0, False)
        job.fold(NULL, dst, job.w.out, s.work[1], pitch, job.h.out, 1, 0, job.w.kernel, job.w.dilation, job.w.out, 0, 0, False)
    if s.plane == NULL:
        finish_task(job, s, source, out, job.w.out, dst, job.w.out, 0, 0, job.h.out, 0, job.w.out)
    else:
        finish_planes(job, s, out, dst, 1)
        rescue_rows(job, source, out, job.w.out, dst, job.w.out, 0, 0, job.h.out, 0, job.w.out)


cdef void flat_table(const job_t* job, scratch_t* s, double* table) noexcept nogil:
    """The divisors, and those of all outputs of a plane where rows differ or columns do."""
    tables(job, s, 0, job.w.out)
    s.plane = NULL
    if job.h.out * job.w.out <= FLAT_TABLE:
        s.plane = table
        plane_table(job, s)


cdef int flat_range(const jobs_t* jobs, const char* x, char* out, Py_ssize_t begin, Py_ssize_t end) noexcept nogil:
    """Planes begin .. end."""
    cdef const job_t* job = &jobs.rows
    cdef Py_ssize_t room = rounded(jobs.flat.room * job.acc_item), row = rounded(jobs.plane_out * job.acc_item), i
    cdef Py_ssize_t count = rounded(job.w.out * <Py_ssize_t>sizeof(double)), table = rounded(8 * FLAT_TABLE)
    cdef scratch_t s
    cdef char* memory
    if begin >= end:
        return 0
    memory = <char*>malloc(3 * room + row + count + table + 64)
    if memory == NULL:
        return -1
    s.memory = memory
    s.work[0] = memory + (64 - <size_t>memory % 64)
    s.work[1], s.line, s.row = s.work[0] + room, s.work[0] + 2 * room, s.work[0] + 3 * room
    s.count = <double*>(s.row + row)
    s.first = s.taps = NULL
    blank(job, s.work[0], jobs.flat.room)
    flat_table(job, &s, <double*>(s.row + row + count))
    for i in range(begin, end):
        flat_plane(job, &jobs.flat, &s, x + i * jobs.plane_in * job.x_item, out + i * jobs.plane_out * job.out_item)
    free(memory)
    return 0
