# Sums over planes that fit the L1 cache, stride 1: a whole plane as one line. Included by reduce.pyx.
#
# a) A plane is copied (converted, if need be) into a frame of zeros whose rows are `pitch` apart; neighbouring rows share
#    the zeros between them. There the vertical taps are one fold over all rows, the taps `pitch` elements apart: full
#    vectors, no calls per row. The horizontal fold is one call, too; it leaves out the columns between the rows.
# b) The frame stays as it is from plane to plane: nothing but the elements is ever written to it.
# c) Taps are added in the order of the paths by rows (H, then W), so that a plan gives the same bits by either.
# d) One table holds the divisors of a plane, where the edge makes them differ: a division a row cost as much as the sums.
# e) Measured (3x3 means of 1536 planes of 35 x 35 float32, one thread): 1.0 ms by rows, 0.7 ms this way. Max and min are
#    not done so: their taps would all be unaligned loads, and planes transposed into lanes have none (5x5 maxima of 2048
#    planes of 20 x 20: 0.43 ms this way, 0.38 ms in lanes).

# f) Without conversion `boxes` are as good or better for short rows and for float64 (14x14 float32: 0.22 ms by them, 0.27 this
#    way; 35x35: 0.82 and 0.70); with it this is 1.4 (float16) to 2.4 times (uint8) faster.

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
    flat.on = False
    if (LIMITS.flat < 0 or job.inner != 1 or job.each != 1 or job.d.n != 1 or job.d.kernel != 1 or job.outer < FLAT_PLANES
            or job.cascade or h.adaptive or w.adaptive or h.stride != 1 or w.stride != 1 or trivial(h) or w.n < FLAT_WIDTH
            or job.wpath > W_DIRECT or job.hpath > H_STRIP or not job.add):
        return
    if job.box != NULL and (w.n < FLAT_PLAIN or job.acc_item == 8):
        return
    if extent(h) > 2 * h.n + 64 or h.out > 4 * h.n + 64 or w.out > 4 * w.n + 64:
        return
    after = larger(w.out - 1 - w.lo + extent(w) - w.n, 0)
    flat.pitch = w.n + larger(w.lo, after)
    flat.rows = h.out + extent(h) - 1
    flat.room = flat.rows * flat.pitch + w.lo + extent(w) + 16
    flat.on = flat.room * job.acc_item <= FLAT_ROOM


cdef void flat_plane(const job_t* job, const flat_t* flat, scratch_t* s, const char* plane, char* out) noexcept nogil:
    cdef const char* source = plane
    cdef Py_ssize_t item = job.acc_item, n = job.w.n, pitch = flat.pitch, first, last
    cdef Py_ssize_t folded = (job.h.out - 1) * pitch + job.w.out + extent(&job.w) - 1
    cdef char* dst = out
    first = larger(0, -job.h.lo)
    last = smaller(job.h.n, flat.rows - job.h.lo)              # rows of x that a window reaches
    if last > first:
        if job.load != NULL:                                   # all of it in one call, and then into the frame
            load_rows(job, s.line, NULL, plane, 1, 0, 1, 0, last * n, job.ahead)
            plane = s.line
        job.fold(NULL, s.work[0] + (job.h.lo * pitch + job.w.lo) * item, pitch, plane, n, last, 1, 0, 1, 0, n,
                 0 if job.load != NULL else job.ahead // item, 1, False)
    if job.finish != NULL:
        dst = s.row
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
