# Small planes of float32 in frames of registers (frames.h): max and min. Included by reduce.pyx.
#
# The same bits as by rows, so the plan decides by time alone. Planes with a NaN are pooled as they were without frames.

cdef enum:
    FRAME_ROOM = 16384        # bytes of the lines of a band; volumes: of its rows of all depths of a window as well
    FRAME_PLANES = 16         # fewer planes: by rows, which threads can share
    FRAME_TAPS = 32           # of a window along W or H
    FRAME_BYTES = 20 << 20    # of x and the output: more of them than caches keep
    FRAME_LEAST = 7           # narrower rows of windows leave too much of a vector idle

cdef extern from "frames.h" nogil:
    enum:
        CP_FRAME_MOST
    ctypedef struct cp_frame_t:
        const float* x
        float* out
        char* room
        Py_ssize_t n, rows, depth
        Py_ssize_t out_n, out_rows, out_depth
        Py_ssize_t k, k_rows, k_depth
        Py_ssize_t step, step_rows, step_depth
        Py_ssize_t lo, lo_rows, lo_depth
        Py_ssize_t ahead, band
        int ordered, least, vectors
    Py_ssize_t cp_frames(const cp_frame_t* f, Py_ssize_t begin, Py_ssize_t end)


cdef void frame_prepare(jobs_t* jobs, int op, int code) noexcept:
    """Vectors of a frame (0: not to be done so) and rows of windows at a time."""
    cdef const job_t* job = &jobs.rows
    cdef Py_ssize_t span, most = 16 * CP_FRAME_MOST, row
    jobs.frame = 0
    if (CP_FRAME_MOST == 0 or LIMITS.frame < 0 or LIMITS.group < 0 or LIMITS.flat < 0 or LIMITS.wpath >= 0
            or LIMITS.hpath >= 0 or op > OP_MIN or code != F32 or job.inner != 1 or job.outer < FRAME_PLANES
            or job.w.adaptive or job.h.adaptive or job.d.adaptive
            or job.w.dilation != 1 or job.h.dilation != 1 or job.d.dilation != 1 or trivial(&job.w) or job.w.stride > 2
            or job.w.kernel > FRAME_TAPS or job.h.kernel > FRAME_TAPS or job.w.kernel > job.w.n + 2
            or job.w.out < FRAME_LEAST or job.w.out > most or job.w.n > most or job.w.lo > most
            or job.infinity != 0 and not trivial(&job.d)):
        return
    span = ((job.w.out - 1) * job.w.stride + job.w.kernel + 15) // 16
    if span == 3:
        span = 4
    if span > CP_FRAME_MOST:
        return
    # where memory decides, rows of windows that are not whole lines of the cache cost more than the other paths' work:
    # 2x2/s2 on 2048 planes of 56 x 56 0.65 ms by rows, 0.81 so; 3x3/s1 on 32768 of 14 x 14 1.9 and 3.0
    if (job.outer * (jobs.plane_in * job.x_item + jobs.plane_out * job.out_item) > FRAME_BYTES
            and (job.w.kernel <= 2 and job.w.n > 32 or job.stencil != NULL and job.w.stride == 1 and span == 1)):
        return
    row = 64 * span + (0 if job.d.kernel == 1 else 4 * job.d.kernel * job.w.n)
    jobs.frame, jobs.frame_least = <int>span, op == OP_MIN
    jobs.frame_band = smaller(job.h.out, larger(1, (FRAME_ROOM // row - job.h.kernel) // job.h.stride + 1))


cdef int frame_range(const jobs_t* jobs, const char* x, char* out, Py_ssize_t begin, Py_ssize_t end) noexcept nogil:
    """Planes (or volumes) begin .. end."""
    cdef const job_t* job = &jobs.rows
    cdef cp_frame_t f
    cdef char* memory
    cdef Py_ssize_t plane = job.h.n * job.w.n, lines = (jobs.frame_band - 1) * job.h.stride + job.h.kernel, m
    cdef Py_ssize_t size_in = jobs.plane_in * job.x_item, size_out = jobs.plane_out * job.out_item
    cdef int failed = 0
    if begin >= end:
        return 0
    memory = <char*>malloc(64 * jobs.frame * lines + 64)
    if memory == NULL:
        return -1
    f.x, f.out, f.room = <const float*>x, <float*>out, memory + (64 - <size_t>memory % 64)
    f.n, f.rows, f.depth = job.w.n, job.h.n, job.d.n
    f.out_n, f.out_rows, f.out_depth = job.w.out, job.h.out, job.d.out
    f.k, f.k_rows, f.k_depth = job.w.kernel, job.h.kernel, job.d.kernel
    f.step, f.step_rows, f.step_depth = job.w.stride, job.h.stride, job.d.stride
    f.lo, f.lo_rows, f.lo_depth = job.w.lo, job.h.lo, job.d.lo
    f.ahead = plane * job.d.stride * ((LIMITS.ahead // 4 + plane * job.d.stride - 1) // (plane * job.d.stride))
    f.band, f.ordered, f.least, f.vectors = jobs.frame_band, job.infinity != 0, jobs.frame_least, jobs.frame
    while failed == 0:
        begin = cp_frames(&f, begin, end)
        if begin >= end:
            break
        m = smaller(end - begin, larger(jobs.group, 1))
        if m == jobs.group:
            failed = run_groups(jobs, x + begin * size_in, out + begin * size_out, 0, 1)
        elif jobs.flat.on:
            failed = flat_range(jobs, x + begin * size_in, out + begin * size_out, 0, m)
        else:
            failed = run_rows(job, x + begin * size_in, out + begin * size_out, m, 1)
        begin += m
    free(memory)
    return failed


cdef int run_frames(const jobs_t* jobs, const char* x, char* out, int threads) noexcept nogil:
    cdef Py_ssize_t total = jobs.rows.outer
    cdef int i, failed = 0
    threads = <int>smaller(threads, total)
    if threads <= 1:
        return frame_range(jobs, x, out, 0, total)
    for i in prange(threads, num_threads=threads, schedule="static"):
        failed += frame_range(jobs, x, out, total * i // threads, total * (i + 1) // threads)
    return failed
