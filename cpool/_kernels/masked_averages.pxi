# Masked averages of float32 and float64 over windows of up to 3 x 3, straight from x.
#
# The sums and counts of the columns of a row of windows, then those of its windows: for a window of the same size the order
# of additions is that of the kernel for sums.

cdef extern from "masked.h" nogil:
    enum: CP_MEANS_AT_ONCE, CP_SPARE
    void cp_rows_float(float* s, uint8_t* c, const float** x, const uint8_t** m, Py_ssize_t n, int k, int omit)
    void cp_rows_double(double* s, uint8_t* c, const double** x, const uint8_t** m, Py_ssize_t n, int k, int omit)
    void cp_means_float(float* y, const float* s, const uint8_t* c, const float* pad, Py_ssize_t n, Py_ssize_t step,
                        Py_ssize_t d, float empty, int k)
    void cp_means_double(double* y, const double* s, const uint8_t* c, const double* pad, Py_ssize_t n, Py_ssize_t step,
                         Py_ssize_t d, double empty, int k)

cdef struct averages_t:
    task_t t
    axis_t h, w
    const char* x_end
    const uint8_t* mask_end
    bint omit
    Py_ssize_t begin, end, first        # windows with all their taps along W, and where that of the first one begins
    bint padded                         # divisors count taps in the padding
    Py_ssize_t lanes, pads              # channels at a time; room for all pads


cdef inline void means(mean_t* y, const mean_t* s, const uint8_t* c, const mean_t* pad, Py_ssize_t n, Py_ssize_t step,
                       Py_ssize_t d, mean_t empty, int k) noexcept nogil:
    cdef Py_ssize_t i = 0, m
    while i < n:
        m = min(n - i, <Py_ssize_t>CP_MEANS_AT_ONCE)
        if mean_t is float:
            cp_means_float(y + i, s + i * step, c + i * step, pad + i, m, step, d, empty, k)
        else:
            cp_means_double(y + i, s + i * step, c + i * step, pad + i, m, step, d, empty, k)
        i += m


cdef void windows_of_row(const averages_t* a, mean_t* y, const mean_t* s, const uint8_t* c, const mean_t* pads) noexcept nogil:
    """The averages of a row of windows; pads: one for each window, where x has channels for each lane."""
    cdef const axis_t* w = &a.w
    cdef Py_ssize_t o = 0, inner = a.t.inner
    cdef mean_t empty = <mean_t>a.t.empty
    while o < w.out:
        if inner == 1 and o == a.begin and a.end > a.begin:
            means(y + o, s + a.first, c + a.first, pads + o, a.end - o, w.stride, w.dilation, empty, <int>w.kernel)
            o = a.end
            continue
        some_means(a, y + o * inner, s, c, pads + (o if inner == 1 else o * a.lanes), o)
        o += 1


cdef inline void some_means(const averages_t* a, mean_t* y, const mean_t* s, const uint8_t* c, const mean_t* pad,
                            Py_ssize_t o) noexcept nogil:
    """One window, of which the edge may have cut taps off."""
    cdef Py_ssize_t i = 0, inner = a.t.inner, taps = axis_taps(&a.w, o), at = axis_first(&a.w, o) * inner
    if taps == 0:
        fill_row(y, <mean_t>a.t.empty, inner)
        return
    while i < inner:
        means(y + i, s + at + i, c + at + i, pad, min(inner - i, a.lanes), 1, a.w.dilation * inner, <mean_t>a.t.empty,
              <int>taps)
        i += a.lanes


cdef inline void fill_row(mean_t* y, mean_t v, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        y[i] = v


cdef void set_pads(const averages_t* a, mean_t* pads, Py_ssize_t real, Py_ssize_t counting) noexcept nogil:
    """What the divisors of a row of windows have beside the count, for windows of so many rows."""
    cdef Py_ssize_t o, each = 1 if a.t.inner == 1 else a.lanes
    for o in range(a.w.out):
        fill_row(pads + o * each, <mean_t>(counting * axis_divisor(&a.w, o) - real * axis_taps(&a.w, o)), each)


cdef void average_rows(const averages_t* a, Py_ssize_t begin, Py_ssize_t end, char* memory, mean_t* tag) noexcept nogil:
    """Rows of windows begin .. end - 1, numbered through all planes."""
    cdef const task_t* t = &a.t
    cdef Py_ssize_t inner = t.inner, row = a.w.n * inner, wide = a.w.out * inner, i, j, n, q, first, had = -1, had_counting = 0
    cdef Py_ssize_t plane = begin // a.h.out, o = begin % a.h.out, counting
    cdef mean_t* s = <mean_t*>memory
    cdef mean_t* y = s + up(row) + CP_SPARE
    cdef mean_t* pads = y + up(wide) + CP_SPARE
    cdef uint8_t* c = <uint8_t*>(pads + a.pads)
    cdef uint8_t* spread = c + up(row) + CP_SPARE       # three rows of the mask with a byte for each channel
    cdef const mean_t* x[3]
    cdef const uint8_t* m[3]
    memset(memory, 0, spread - <uint8_t*>memory)
    memset(spread, 1, 3 * row + CP_SPARE)
    while begin < end:
        n, first = axis_taps(&a.h, o), axis_first(&a.h, o)
        counting = axis_divisor(&a.h, o)
        if a.padded and (n != had or counting != had_counting):
            set_pads(a, pads, n, counting)
            had, had_counting = n, counting
        q = plane if t.group == NULL else t.group[plane]
        for j in range(3):
            i = first + (j if j < n else 0) * a.h.dilation
            x[j] = <const mean_t*>t.x + plane * t.pixels * inner + i * row
            m[j] = spread + (j if j < n else 0) * row
            if t.mask != NULL and t.mask_inner == inner:
                m[j] = t.mask + q * t.pixels * inner + i * row
            elif t.mask != NULL and j < n:
                widened(spread + j * row, t.mask + q * t.pixels + i * a.w.n, a.w.n, inner)
        if n == 0:
            fill_row(y, <mean_t>t.empty, wide)
        else:
            add_rows(a, s, c, x, m, row, <int>n)
            windows_of_row(a, y, <const mean_t*>s, <const uint8_t*>c, <const mean_t*>pads)
        memcpy(t.out + begin * wide * sizeof(mean_t), y, wide * sizeof(mean_t))
        begin += 1
        o += 1
        if o == a.h.out:
            o = 0
            plane += 1


cdef inline void widened(uint8_t* to, const unsigned char* mask, Py_ssize_t pixels, Py_ssize_t inner) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(pixels):
        memset(to + i * inner, mask[i], inner)


cdef void add_rows(const averages_t* a, mean_t* s, uint8_t* c, const mean_t** x, const uint8_t** m, Py_ssize_t row,
                   int n) noexcept nogil:
    """Sums and counts of the columns, by blocks. Behind a row comes another one: where there is one, whole vectors of it are
    read, which is faster than what is left of the last vector alone. The rows that the next windows need are fetched."""
    cdef Py_ssize_t i = 0, k, j, size = sizeof(mean_t), share, more = a.h.stride * row
    cdef const mean_t* x_at[3]
    cdef const uint8_t* m_at[3]
    cdef const char* next_x = <const char*>(x[n - 1] + row)
    cdef const char* next_m = <const char*>(m[n - 1] + row)
    cdef bint own = a.t.mask != NULL and a.t.mask_inner == a.t.inner
    cdef Py_ssize_t left = (a.x_end - next_x) // size, left_m = <const char*>a.mask_end - next_m if own else CP_SPARE
    cdef Py_ssize_t all = row + min(-row & 63, min(left, left_m))
    # not less than 4 KB ahead
    next_x += max(4096 - more * size, <Py_ssize_t>0)
    next_m += max(4096 // size - more, <Py_ssize_t>0)
    more = min(more, (a.x_end - next_x) // size)
    while i < row:
        k = min(row - i, <Py_ssize_t>1024)
        share = more * i // row
        ahead(next_x + share * size, (more * (i + k) // row - share) * size)
        if own:
            ahead(next_m + share, more * (i + k) // row - share)
        for j in range(3):
            x_at[j], m_at[j] = x[j] + i, m[j] + i
        if mean_t is float:
            cp_rows_float(s + i, c + i, x_at, m_at, all - i if i + k == row else k, n, a.omit)
        else:
            cp_rows_double(s + i, c + i, x_at, m_at, all - i if i + k == row else k, n, a.omit)
        i += k


cdef int average_part(const averages_t* a, Py_ssize_t begin, Py_ssize_t end) noexcept nogil:
    cdef Py_ssize_t row = a.w.n * a.t.inner
    cdef char* memory = <char*>malloc((up(row) + up(a.w.out * a.t.inner) + 2 * CP_SPARE + a.pads) * a.t.wide_size
                                      + up(row) + 3 * row + 2 * CP_SPARE + 64)
    if memory == NULL:
        return NO_MEMORY
    if a.t.wide == F32:
        average_rows(a, begin, end, memory + (64 - <size_t>memory % 64) % 64, <float*>NULL)
    else:
        average_rows(a, begin, end, memory + (64 - <size_t>memory % 64) % 64, <double*>NULL)
    free(memory)
    return 0


def averages(x, mask, group, limits, out, Windows plan, double empty, bint omit, int threads):
    """Write the averages of what takes part, float32 or float64, into out; the arguments of `masked`. Axis D has one element,
    windows along H and W at most three."""
    cdef averages_t a
    cdef Py_ssize_t total, i
    cdef int failed = 0
    describe(&a.t, x, mask, group, limits)
    a.t.out, a.t.wide, a.t.wide_size = <char*>whole(out), F64 if x.itemsize == 8 else F32, x.itemsize
    a.t.empty = empty
    i = x.nbytes
    a.x_end = a.t.x + i
    i = 0 if mask is None else mask.nbytes
    a.mask_end = a.t.mask + i
    a.h, a.w, a.omit, a.padded = plan.h, plan.w, omit, plan.include_pad
    a.lanes = min(a.t.inner, <Py_ssize_t>CP_MEANS_AT_ONCE)
    a.pads = up(a.w.out * (1 if a.t.inner == 1 else a.lanes)) + CP_SPARE
    a.begin = (a.w.lo + a.w.stride - 1) // a.w.stride
    a.first = a.begin * a.w.stride - a.w.lo
    i = a.w.n + a.w.lo - (a.w.kernel - 1) * a.w.dilation - 1
    a.end = 0 if i < 0 else min(i // a.w.stride + 1, a.w.out)
    total = a.t.planes * plan.h.out
    with nogil:
        for i in prange(threads, num_threads=threads, schedule="static"):
            failed |= average_part(&a, total * i // threads, total * (i + 1) // threads)
    if failed:
        raise MemoryError("no memory for rows of sums")
