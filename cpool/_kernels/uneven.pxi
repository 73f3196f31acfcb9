# Adaptive windows over rows of float32 in registers (uneven.h). Included by reduce.pyx.
#
# The same folds in the same order as by lines and `runs`, so the same bits: where the registers cannot do it, those do. One
# thread, means of 4096 planes of 30 x 30 to 7 x 7: 0.76 ms in lanes; maxima of 2048 planes of 13 x 13 to 6 x 6: 0.115 ms.

cdef enum:
    UNEVEN_OUT = 512          # windows along a row, or rows of windows: at most so many

cdef extern from "uneven.h" nogil:
    enum:
        CP_EXPAND
        CP_UNEVEN_TAPS
    ctypedef struct cp_piece_t:
        pass
    ctypedef struct cp_uneven_t:
        const float* x
        const float* end
        float* room
        const Py_ssize_t* first
        const Py_ssize_t* taps
        const double* const* scale
        Py_ssize_t plane, n, out_rows, out_cols
    int cp_pieces(cp_piece_t* p, const Py_ssize_t* first, const Py_ssize_t* taps, Py_ssize_t out)
    void cp_uneven(int op, const cp_uneven_t* u, const cp_piece_t* p, int count, Py_ssize_t begin, Py_ssize_t end, float* out)


cdef bint uneven_fits(const job_t* job, int code, int out_code, int acc) noexcept:
    return (CP_EXPAND > 0 and LIMITS.group >= 0 and code == F32 and out_code == F32 and acc == F32 and job.inner == 1
            and job.wpath == W_BOUNDS and job.w.adaptive and (job.h.adaptive or trivial(&job.h)) and trivial(&job.d)
            and job.tiles == 1 and job.h.n > 0 and (job.how.mode != OP_AVG or job.counted) and job.how.mode != OP_LP
            and most_taps(&job.w) <= CP_UNEVEN_TAPS and job.w.out <= UNEVEN_OUT
            and (trivial(&job.h) or job.h.out <= UNEVEN_OUT))


cdef int uneven_range(const job_t* job, const char* x, char* out, Py_ssize_t begin, Py_ssize_t end) noexcept nogil:
    """Rows of windows begin .. end; -1: no memory, 1: not to be done so."""
    cdef cp_uneven_t u
    cdef cp_piece_t* pieces
    cdef Py_ssize_t* first
    cdef Py_ssize_t* taps
    cdef const double** rows
    cdef double* scale
    cdef char* memory
    cdef axis_t h = job.h
    cdef Py_ssize_t planes = job.outer, o, r, cols = job.w.out, c, line = cols + CP_EXPAND, most, found = 0, size
    cdef double div
    cdef bint uniform = True
    cdef int count, status = 1
    if begin >= end:
        return 0
    if trivial(&h):                                            # a row is a plane
        planes *= h.n
        h.n = h.out = 1
    most = most_taps(&h) * job.w.n + 2 * CP_EXPAND
    size = (rounded(cols * sizeof(cp_piece_t)) + 2 * rounded((cols + h.out) * sizeof(Py_ssize_t))
            + rounded(h.out * sizeof(double*)) + rounded(most * sizeof(float)) + rounded(h.out * line * sizeof(double)))
    memory = <char*>malloc(size + 64)
    if memory == NULL:
        return -1
    pieces = <cp_piece_t*>(memory + (64 - <size_t>memory % 64) % 64)
    first = <Py_ssize_t*>(<char*>pieces + rounded(cols * sizeof(cp_piece_t)))
    taps = <Py_ssize_t*>(<char*>first + rounded((cols + h.out) * sizeof(Py_ssize_t)))
    rows = <const double**>(<char*>taps + rounded((cols + h.out) * sizeof(Py_ssize_t)))
    u.room = <float*>(<char*>rows + rounded(h.out * sizeof(double*)))
    scale = <double*>(<char*>u.room + rounded(most * sizeof(float)))
    for o in range(cols):
        first[o], taps[o] = axis_first(&job.w, o), axis_taps(&job.w, o)
        uniform = uniform and taps[o] == taps[0]
    count = cp_pieces(pieces, first, taps, cols)
    if count > 0:
        for r in range(h.out):
            first[cols + r], taps[cols + r] = axis_first(&h, r), axis_taps(&h, r)
            if job.how.mode != OP_AVG:
                continue
            c = 0                                              # rows of windows of one height share their factors
            while c < r and taps[cols + c] != taps[cols + r]:
                c += 1
            if c < r:
                rows[r] = rows[c]
                continue
            for o in range(cols):
                div = <double>taps[cols + r]
                scale[found * line + o] = 1.0 / (div * taps[o]) if uniform else 1.0 / div * (1.0 / taps[o])
            for o in range(cols, line):
                scale[found * line + o] = 0
            rows[r] = scale + found * line
            found += 1
        u.x = <const float*>x
        u.end = u.x + planes * h.n * job.w.n
        u.first, u.taps = first + cols, taps + cols
        u.scale = <const double* const*>rows if job.how.mode == OP_AVG else NULL
        u.plane, u.n, u.out_rows, u.out_cols = h.n * job.w.n, job.w.n, h.out, cols
        cp_uneven(OP_MAX if job.fold == CP_FOLD_OF[F32][OP_MAX] else OP_MIN if job.fold == CP_FOLD_OF[F32][OP_MIN] else OP_SUM,
                  &u, pieces, count, begin, end, <float*>out + begin * cols)
        status = 0
    free(memory)
    return status


cdef int run_uneven(const job_t* job, const char* x, char* out, int threads) noexcept nogil:
    cdef Py_ssize_t total = job.outer * job.h.out
    cdef int i, failed = 0
    if threads > total:
        threads = <int>total
    if threads <= 1:
        return uneven_range(job, x, out, 0, total)
    for i in prange(threads, num_threads=threads, schedule="static"):
        failed += uneven_range(job, x, out, total * i // threads, total * (i + 1) // threads)
    return failed
