# Planes of float32 in strips of one vector (expand.h). Included by spread.pyx.
#
# A task is a plane, or a band of its rows where a plane does not fit the L2 cache or there are too few planes for the threads.
# The bits are those of boxes, so that nothing but the time depends on which of the two is taken.

cdef enum:
    STRIP_COLUMNS = 512       # rows of at most so many columns: their tables stay in the L1 cache
    STRIP_PLANE = 65536       # elements of a task at most
    STRIP_LEAST = 4096        # elements from which on tables pay
    SCALES = 8                # different rows of scales
    NEAR = 16384              # elements of a plane at most whose sums are formed as of one line

cdef extern from "expand.h" nogil:
    enum:
        CP_EXPAND
    ctypedef struct cp_strip_t:
        pass
    ctypedef struct cp_near_t:
        pass
    Py_ssize_t cp_near_bytes(Py_ssize_t h, Py_ssize_t n)
    void cp_near_set(cp_near_t* s, char* room, const float* const* lines, Py_ssize_t h, Py_ssize_t n)
    void cp_near(const cp_near_t* s, const float* g, float* gx, Py_ssize_t h, Py_ssize_t n)
    int cp_strips(cp_strip_t* s, const Py_ssize_t* now, const Py_ssize_t* all, Py_ssize_t step, Py_ssize_t n)
    void cp_expand(const cp_strip_t* s, int taps, const float* g, Py_ssize_t out, const float* const* lines, Py_ssize_t rows,
                   float* t, float* gx, Py_ssize_t n, const Py_ssize_t* spans, Py_ssize_t count, Py_ssize_t step,
                   Py_ssize_t g_ahead, Py_ssize_t gx_ahead)


cdef inline bint strips_fit(const job_t* job) noexcept nogil:
    return (CP_EXPAND > 0 and job.inner == 1 and job.d.n == job.d.out == 1 and job.d.most == 1 and not job.wide_h
            and not job.wide_w and job.w.n <= STRIP_COLUMNS and job.way != BOXES
            and (job.way == STRIPS or job.outer * job.h.n * job.w.n >= STRIP_LEAST))


cdef inline bint threes(const cover_t* c) noexcept nogil:
    """Whether every element has a window of three around it."""
    return not c.adaptive and c.kernel == 3 and c.stride == 1 and c.dilation == 1 and c.lo == 1 and c.out == c.n


cdef int bands(const job_t* job, const float* g, float* gx, Py_ssize_t each, Py_ssize_t start, Py_ssize_t stop) noexcept nogil:
    """Tasks start .. stop - 1, of `each` rows; 1: no memory, 2: not to be done in strips."""
    cdef work_t w
    cdef Py_ssize_t n = job.w.n, out = job.w.out, strips = n // CP_EXPAND + 1, room = cover_room(&job.h, each, True), found = 0
    cdef Py_ssize_t r, k, i, h0 = -1, h1, per = (job.h.n + each - 1) // each, line = (out + CP_EXPAND + 15) // 16 * 16
    cdef double keys[SCALES]
    cdef float* t
    cdef float* scale
    cdef float* last
    cdef const float** lines
    cdef const float* q
    cdef cp_strip_t* s
    cdef int taps, status = 0
    cdef bint near = CP_EXPAND == 16 and threes(&job.h) and threes(&job.w) and per == 1 and job.h.n * n <= NEAR
    cdef cp_near_t lines3
    cdef char* room3
    cdef char* at = NULL
    cdef char* memory
    for i in range(2):
        t = <float*>carve(&at, room * CP_EXPAND * sizeof(float))
        scale = <float*>carve(&at, SCALES * line * sizeof(float))
        last = <float*>carve(&at, (room * out + CP_EXPAND) * sizeof(float))
        s = <cp_strip_t*>carve(&at, strips * sizeof(cp_strip_t))
        lines = <const float**>carve(&at, room * sizeof(float*))
        room3 = <char*>carve(&at, cp_near_bytes(job.h.n, n) if near else 0)
        w.nh = <double*>carve(&at, room * sizeof(double))
        w.sh = <span_t*>carve(&at, each * sizeof(span_t))
        w.sw = <span_t*>carve(&at, 2 * n * sizeof(span_t))
        if i == 0:
            memory = <char*>malloc(<size_t>at + 64)
            if memory == NULL:
                return 1
            memset(memory, 0, <size_t>at + 64)
            at = memory + (64 - <size_t>memory % 64) % 64
    cover_spans(&job.w, 0, n, True, &w.rw, w.sw)
    for i in range(n):
        w.sw[i].first += w.rw.first
        w.sw[n + i] = cover(&job.w, i, False)
    taps = cp_strips(s, &w.sw.first, &w.sw[n].first, job.w.step, n)
    if taps == 0:
        status = 2
    i = start
    while i < stop and status == 0:
        k = i % per * each
        if k != h0:
            h0, h1 = k, smaller(k + each, job.h.n)
            cover_spans(&job.h, h0, h1, True, &w.rh, w.sh)
            counts(job, &job.ah, &w.rh, w.nh)
            for r in range(w.rh.count):
                k = 0
                while k < found and keys[k] != w.nh[r]:
                    k += 1
                if k == SCALES:
                    status = 2
                    break
                if k == found:
                    keys[k] = w.nh[r]
                    found += 1
                    scale_line(job, scale + k * line, 0, out, 1, w.nh[r])
                lines[r] = scale + k * line
            if near and status == 0:
                cp_near_set(&lines3, room3, lines, job.h.n, n)
            continue
        q = g + (i // per * job.h.out + w.rh.first) * out
        if near:
            cp_near(&lines3, q, gx + i * job.h.n * n, job.h.n, n)
            i += 1
            continue
        if q + w.rh.count * out + CP_EXPAND > g + job.outer * job.h.out * out:
            memcpy(last, q, w.rh.count * out * sizeof(float))
            q = last
        cp_expand(s, taps, q, out, lines, w.rh.count, t, gx + (i // per * job.h.n + h0) * n, n, &w.sh.first, h1 - h0,
                  job.h.step, w.rh.count * out, (h1 - h0) * n)
        i += 1
    free(memory)
    return status


cdef int run_strips(const job_t* job, const float* g, float* gx, int threads) noexcept nogil:
    cdef Py_ssize_t rows = job.h.n, each = smaller(rows, larger(1, STRIP_PLANE // job.w.n)), total, parts, i
    cdef int failed = 0
    while each * job.w.n > 2048 and not busy(job.outer * ((rows + each - 1) // each), threads):
        each = (each + 1) // 2
    total = job.outer * ((rows + each - 1) // each)
    if threads <= 1 or total <= 1:
        return bands(job, g, gx, each, 0, total)
    parts = smaller(total, 4 * threads)
    for i in prange(parts, num_threads=threads, schedule="dynamic"):
        failed |= bands(job, g, gx, each, total * i // parts, total * (i + 1) // parts)
    return failed
