"""Pooling of arrays some of whose elements take no part: those under a mask, and NaN that are to be omitted.

a) A few planes at a time, or a band of windows of a large plane, are copied, with the identity of the reducer (0, -inf, ...)
   where an element takes no part, and the copy is pooled by the kernel that pools whole arrays, while it is in the cache. So
   the loops are the fast ones, and the bits are theirs: the same for every thread count, CPU level, and size of pieces.
b) An average divides by how many elements take part: counted beforehand where planes share a mask; where a plane has its own
   (or NaN to leave out) together with the plane, by rows of bytes.
c) Averages of floats over windows of up to 3 x 3 x 3 need no copy (`masked_averages`): lines are added up from rows of x and
   of the mask, windows from lines; pixels of 16 channels and more whose windows overlap little straight from x, and so, with
   AVX-512, pairs that share nothing. A call for every row, with its divisions of integers, took as long as a row of 56; hence
   some rows at a time. They are a prepared kernel, as those of whole arrays: the complete path took 33 us a call. One thread,
   float32, the average without a mask as 1, a mask by element (by pixel): 8 images of 64 channels of 56 x 56, 2x2/s2 1.2
   (1.2; by lines 1.7), 3x3/s2 1.1, 3x3/s1 1.2; channels last 1.3 (1.3), 1.2 (1.2), 1.2 (1.2); 2 volumes of 16 channels of
   32 x 56 x 56, 2x2x2 1.0 (.9), 3x3x3/s2 1.3 (1.2), by a copy 10 (3). A byte of the mask for every channel is made of one
   for the pixel by shuffles, and windows of few channels are taken from sums of neighbours by permutations: 32 images of
   56 x 56 x 3, 2x2/s2 .8 (.9), with taps gathered through memory 1.4 (2.2).
d) Smooth reducers by terms (masked_terms.pxi) take the pieces of a); over 2 x 2 without overlap a few rows at a time, so that
   terms never leave the first cache.
e) Threads share the pieces out; where there are fewer pieces than threads, the kernel uses them.
"""
from cython.parallel cimport prange
from libc.stdlib cimport free, malloc
from cpython.pycapsule cimport PyCapsule_New
from libc.string cimport memcpy, memset

from cpool._kernels.axis cimport axis_divisor, axis_first, axis_t, axis_taps
from cpool._kernels.numeric cimport F32, cp_prefetch, itemsize_of
from cpool._plan cimport NO_MEMORY, Job, Windows, kernel_api_t, task_t as asked_t, whole

cdef extern from "masked.h" nogil:
    ctypedef unsigned char uint8_t
    ctypedef unsigned short uint16_t
    ctypedef unsigned int uint32_t
    ctypedef unsigned long long uint64_t
    ctypedef void (*cp_row_t)(void* to, Py_ssize_t to_step, const void* source, Py_ssize_t step, Py_ssize_t n) noexcept nogil
    const cp_row_t CP_FROM_FLOAT[12]
    const cp_row_t CP_FROM_DOUBLE[12]
    void cp_leave_uint8_t(uint8_t*, const uint8_t*, const uint8_t*, uint8_t*, Py_ssize_t, uint8_t, uint8_t, uint8_t)
    void cp_leave_uint16_t(uint16_t*, const uint16_t*, const uint8_t*, uint8_t*, Py_ssize_t, uint16_t, uint16_t, uint16_t)
    void cp_leave_uint32_t(uint32_t*, const uint32_t*, const uint8_t*, uint8_t*, Py_ssize_t, uint32_t, uint32_t, uint32_t)
    void cp_leave_uint64_t(uint64_t*, const uint64_t*, const uint8_t*, uint8_t*, Py_ssize_t, uint64_t, uint64_t, uint64_t)
    void cp_fill_uint8_t(uint8_t*, Py_ssize_t, uint8_t)
    void cp_fill_uint16_t(uint16_t*, Py_ssize_t, uint16_t)
    void cp_fill_uint32_t(uint32_t*, Py_ssize_t, uint32_t)
    void cp_fill_uint64_t(uint64_t*, Py_ssize_t, uint64_t)
    void cp_divide_float(float* y, const float* s, const float* c, const float* pads, float pad, Py_ssize_t step, float empty,
                         Py_ssize_t n)
    void cp_divide_double(double* y, const double* s, const double* c, const double* pads, double pad, Py_ssize_t step,
                          double empty, Py_ssize_t n)
    void cp_add_bytes_uint8_t(uint8_t* sum, const uint8_t* row, Py_ssize_t n)
    void cp_add_bytes_uint64_t(uint64_t* sum, const uint8_t* row, Py_ssize_t n)
    void cp_add_taps_uint8_t(uint8_t* c, const uint8_t* sum, Py_ssize_t n, Py_ssize_t step, Py_ssize_t inner)
    void cp_add_taps_uint64_t(uint64_t* c, const uint64_t* sum, Py_ssize_t n, Py_ssize_t step, Py_ssize_t inner)
    void cp_counts_uint8_t_float(float* y, const uint8_t* c, Py_ssize_t n)
    void cp_counts_uint8_t_double(double* y, const uint8_t* c, Py_ssize_t n)
    void cp_counts_uint64_t_float(float* y, const uint64_t* c, Py_ssize_t n)
    void cp_counts_uint64_t_double(double* y, const uint64_t* c, Py_ssize_t n)

cdef enum:
    BLOCK = 2048            # bytes of x
    AHEAD = 8192

ctypedef int (*run_t)(const void* job, void** at, int threads) noexcept nogil

# a kernel that was prepared for a piece, and the windows that it goes over
cdef struct prepared_t:
    run_t run
    const void* memory
    axis_t d, h, w

# what of a plane a piece is
cdef struct band_t:
    long long start, pixels             # of x
    long long out, windows              # of the result
    long long kind                      # which of the kernels

cdef struct task_t:
    const char* x
    const unsigned char* mask         # NULL: none
    const long long* group            # the plane of the mask that a plane of x has; NULL: its own
    Py_ssize_t planes, per            # planes of x; at a time
    Py_ssize_t pixels, windows        # of a plane
    Py_ssize_t inner, mask_inner, size          # size: of an element of x
    const band_t* bands
    Py_ssize_t cuts                   # bands of a plane
    Py_ssize_t room, results          # most elements of a piece, and of its result
    unsigned long long fill, top, nan
    prepared_t* kinds
    bint counting, dividing
    bint noting                       # the elements that take part have to be written down to be counted
    bint few                          # windows have less than 256 taps
    char* out
    char* idx
    Py_ssize_t idx_size
    int wide, out_code                # dtype of sums, counts and pads; of the result
    Py_ssize_t wide_size, out_size
    const char* counts                # (planes of the mask, windows, mask_inner), of dtype `wide`
    const char* pads                  # for each window, what its divisor has beside the count; NULL: nothing
    double empty


# ---- copies ----

cdef void leave_out(const task_t* t, const char* x, const unsigned char* mask, char* to, unsigned char* on,
                    Py_ssize_t n) noexcept nogil:
    """n elements in one piece, each with its own byte of the mask; what comes 8 KB later is fetched ahead."""
    cdef Py_ssize_t i = 0, m, most = BLOCK // t.size, k
    while i < n:
        m = most if n - i > most else n - i
        for k in range(0, m * t.size, 64):
            cp_prefetch(x + i * t.size + AHEAD + k)
        if mask != NULL and t.group == NULL:
            for k in range(0, m, 64):
                cp_prefetch(mask + i + AHEAD // t.size + k)
        leave_out_block(t, x + i * t.size, NULL if mask == NULL else mask + i, to + i * t.size,
                        NULL if on == NULL else on + i, m)
        i += m


cdef inline void leave_out_block(const task_t* t, const char* x, const unsigned char* mask, char* to, unsigned char* on,
                                 Py_ssize_t n) noexcept nogil:
    if t.size == 1:
        cp_leave_uint8_t(<uint8_t*>to, <const uint8_t*>x, mask, on, n, <uint8_t>t.fill, <uint8_t>t.top, <uint8_t>t.nan)
    elif t.size == 2:
        cp_leave_uint16_t(<uint16_t*>to, <const uint16_t*>x, mask, on, n, <uint16_t>t.fill, <uint16_t>t.top, <uint16_t>t.nan)
    elif t.size == 4:
        cp_leave_uint32_t(<uint32_t*>to, <const uint32_t*>x, mask, on, n, <uint32_t>t.fill, <uint32_t>t.top, <uint32_t>t.nan)
    else:
        cp_leave_uint64_t(<uint64_t*>to, <const uint64_t*>x, mask, on, n, t.fill, t.top, t.nan)


cdef void fill_in(const task_t* t, char* to, Py_ssize_t n) noexcept nogil:
    if t.size == 1:
        cp_fill_uint8_t(<uint8_t*>to, n, <uint8_t>t.fill)
    elif t.size == 2:
        cp_fill_uint16_t(<uint16_t*>to, n, <uint16_t>t.fill)
    elif t.size == 4:
        cp_fill_uint32_t(<uint32_t*>to, n, <uint32_t>t.fill)
    else:
        cp_fill_uint64_t(<uint64_t*>to, n, t.fill)


cdef void copy_part(const task_t* t, Py_ssize_t plane, Py_ssize_t start, Py_ssize_t pixels, char* to,
                    unsigned char* on) noexcept nogil:
    """Pixels of a plane of x with what takes no part filled in; `on`: NULL, or what takes part."""
    cdef Py_ssize_t n = pixels * t.inner, i = 0, first, step = t.inner * t.size
    cdef const char* x = t.x + (plane * t.pixels + start) * step
    cdef const unsigned char* mask = t.mask
    if mask != NULL:
        mask += ((plane if t.group == NULL else t.group[plane]) * t.pixels + start) * t.mask_inner
    if mask == NULL or t.mask_inner == t.inner:
        leave_out(t, x, mask, to, on, n)
        return
    # one byte of the mask for all channels: runs of pixels that are there, and of such that are not
    while i < pixels:
        first = i
        while i < pixels and (mask[i] != 0) == (mask[first] != 0):
            i += 1
        n = (i - first) * t.inner
        if mask[first] == 0:
            fill_in(t, to + first * step, n)
            if on != NULL:
                memset(on + first * t.inner, 0, n)
        elif x == to:
            pass
        elif t.nan < t.top or on != NULL:
            leave_out(t, x + first * step, NULL, to + first * step, NULL if on == NULL else on + first * t.inner, n)
        else:
            ahead(x + first * step + AHEAD, n * t.size)
            memcpy(to + first * step, x + first * step, n * t.size)


cdef inline void ahead(const char* x, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(0, n, 64):
        cp_prefetch(x + i)


# ---- counts ----

# what counts are added up in
ctypedef fused count_t:
    uint8_t
    uint64_t


cdef inline void add_taps(count_t* c, const count_t* sum, Py_ssize_t n, Py_ssize_t step, Py_ssize_t inner) noexcept nogil:
    if count_t is uint8_t:
        cp_add_taps_uint8_t(c, sum, n, step, inner)
    else:
        cp_add_taps_uint64_t(c, sum, n, step, inner)


cdef void count_row(count_t* c, const count_t* sum, const axis_t* w, Py_ssize_t inner) noexcept nogil:
    """Windows of a row, from the counts of its columns."""
    cdef Py_ssize_t o, j, first, begin, end
    memset(c, 0, w.out * inner * sizeof(count_t))
    if w.adaptive or w.kernel > w.out:
        for o in range(w.out):
            first = axis_first(w, o)
            for j in range(axis_taps(w, o)):
                add_taps(c + o * inner, sum + (first + j * w.dilation) * inner, 1, 1, inner)
        return
    for j in range(w.kernel):
        # windows that have tap j
        first = j * w.dilation - w.lo
        begin = 0 if first >= 0 else (-first + w.stride - 1) // w.stride
        end = 0 if first >= w.n else (w.n - 1 - first) // w.stride + 1
        end = min(end, w.out)
        if begin < end:
            add_taps(c + begin * inner, sum + (first + begin * w.stride) * inner, end - begin, w.stride, inner)


cdef void count_windows(const prepared_t* g, const unsigned char* on, Py_ssize_t inner, int wide, char* counts,
                        count_t* sum) noexcept nogil:
    """How many elements take part, as numbers of dtype `wide`; sum: room for a row of x and a row of windows."""
    cdef Py_ssize_t od, oh, i, j, d, h, row = g.w.n * inner, n = g.w.out * inner
    cdef count_t* c = sum + row
    for od in range(g.d.out):
        d = axis_first(&g.d, od)
        for oh in range(g.h.out):
            h = axis_first(&g.h, oh)
            memset(sum, 0, row * sizeof(count_t))
            for i in range(axis_taps(&g.d, od)):
                for j in range(axis_taps(&g.h, oh)):
                    if count_t is uint8_t:
                        cp_add_bytes_uint8_t(sum, on + ((d + i * g.d.dilation) * g.h.n + h + j * g.h.dilation) * row, row)
                    else:
                        cp_add_bytes_uint64_t(sum, on + ((d + i * g.d.dilation) * g.h.n + h + j * g.h.dilation) * row, row)
            count_row(c, <const count_t*>sum, &g.w, inner)
            if wide == F32:
                if count_t is uint8_t:
                    cp_counts_uint8_t_float(<float*>counts, c, n)
                else:
                    cp_counts_uint64_t_float(<float*>counts, c, n)
                counts += n * 4
            else:
                if count_t is uint8_t:
                    cp_counts_uint8_t_double(<double*>counts, c, n)
                else:
                    cp_counts_uint64_t_double(<double*>counts, c, n)
                counts += n * 8


# ---- a piece ----

cdef void divide(const task_t* t, char* y, const char* sums, const char* counts, Py_ssize_t count_inner, const char* pads,
                 Py_ssize_t windows) noexcept nogil:
    """Windows in a row, of which every one has count_inner counts and a pad; all of dtype `wide`, as the result is here."""
    cdef Py_ssize_t i, n = t.inner, pieces = windows, each = count_inner == t.inner
    cdef bint shared = pads != NULL and t.inner > 1         # a pad that all channels have
    if each and not shared:
        n, pieces = windows * t.inner, 1
    for i in range(pieces):
        if t.wide == F32:
            divide_row(<float*>y, <const float*>sums, <const float*>counts, <const float*>pads, i, n, count_inner, each, shared,
                       <float>t.empty)
        else:
            divide_row(<double*>y, <const double*>sums, <const double*>counts, <const double*>pads, i, n, count_inner, each,
                       shared, t.empty)


ctypedef fused mean_t:
    float
    double


cdef inline void divide_row(mean_t* y, const mean_t* s, const mean_t* c, const mean_t* pads, Py_ssize_t i, Py_ssize_t n,
                            Py_ssize_t count_inner, bint each, bint shared, mean_t empty) noexcept nogil:
    cdef mean_t pad = pads[i] if shared or (pads != NULL and not each) else 0
    if mean_t is float:
        cp_divide_float(y + i * n, s + i * n, c + i * count_inner, NULL if shared else pads, pad, each, empty, n)
    else:
        cp_divide_double(y + i * n, s + i * n, c + i * count_inner, NULL if shared else pads, pad, each, empty, n)


cdef int some(const task_t* t, Py_ssize_t piece, char* scratch, int threads) noexcept nogil:
    """A band of some planes."""
    cdef const band_t* b = &t.bands[piece % t.cuts]
    cdef Py_ssize_t start = piece // t.cuts * t.per, n = min(t.per, t.planes - start), plane, i, q
    cdef Py_ssize_t elements = b.pixels * t.inner, windows = b.windows * t.inner
    cdef Py_ssize_t at_out = (start * t.windows + b.out) * t.inner
    cdef const prepared_t* g = &t.kinds[b.kind + (n != t.per)]
    cdef unsigned char* on = <unsigned char*>scratch + up(t.room * t.size)
    cdef char* sums = <char*>on + up(t.room if t.noting else 0)
    cdef char* counts = sums + up(t.results * t.wide_size if t.dividing else 0)
    cdef char* row = counts + up(t.results * t.wide_size if t.counting else 0)
    cdef char* out = t.out + at_out * t.out_size
    cdef const unsigned char* present
    cdef void* at[3]
    cdef int status
    if not t.noting:
        on = NULL
    for i in range(n):
        copy_part(t, start + i, b.start, b.pixels, scratch + i * elements * t.size, NULL if on == NULL else on + i * elements)
    at[0] = scratch
    if t.wide == t.out_code:
        sums = out                      # divided where they are
    at[1] = sums if t.dividing else out
    at[2] = t.idx + at_out * t.idx_size if t.idx != NULL else NULL
    status = g.run(g.memory, at, threads)
    if status != 0:
        return status
    if t.idx != NULL and b.start:
        move(t, <char*>at[2], b.start, n * windows)
    if not t.dividing:
        return 0
    for i in range(n):
        plane = start + i
        q = (plane if t.group == NULL else t.group[plane])
        if t.counting:
            present = on + i * elements if on != NULL else t.mask + (q * t.pixels + b.start) * t.inner
            if t.few:
                count_windows(g, present, t.inner, t.wide, counts, <uint8_t*>row)
            else:
                count_windows(g, present, t.inner, t.wide, counts, <uint64_t*>row)
            divide(t, sums + i * windows * t.wide_size, sums + i * windows * t.wide_size, counts, t.inner,
                   NULL if t.pads == NULL else t.pads + b.out * t.wide_size, b.windows)
        else:
            divide(t, sums + i * windows * t.wide_size, sums + i * windows * t.wide_size,
                   t.counts + (q * t.windows + b.out) * t.mask_inner * t.wide_size, t.mask_inner,
                   NULL if t.pads == NULL else t.pads + b.out * t.wide_size, b.windows)
    if sums != out:
        if t.wide == F32:
            CP_FROM_FLOAT[t.out_code](out, 1, sums, 1, n * windows)
        else:
            CP_FROM_DOUBLE[t.out_code](out, 1, sums, 1, n * windows)
    return 0


cdef void move(const task_t* t, char* idx, Py_ssize_t by, Py_ssize_t n) noexcept nogil:
    """Positions in a band to such in the plane."""
    cdef Py_ssize_t i
    if t.idx_size == 4:
        for i in range(n):
            (<int*>idx)[i] += <int>by if (<int*>idx)[i] >= 0 else 0
    else:
        for i in range(n):
            (<long long*>idx)[i] += by if (<long long*>idx)[i] >= 0 else 0


cdef inline Py_ssize_t up(Py_ssize_t n) noexcept nogil:
    return (n + 63) // 64 * 64


cdef inline char* place(char** at, Py_ssize_t n) noexcept nogil:
    cdef char* p = at[0]
    at[0] = p + up(n)
    return p


cdef int pieces(const task_t* t, Py_ssize_t start, Py_ssize_t stop, int threads) noexcept nogil:
    """Pieces start .. stop - 1 with one scratch."""
    cdef Py_ssize_t i, row = (t.kinds[0].w.n + t.kinds[0].w.out) * t.inner * (1 if t.few else 8)
    cdef char* memory
    cdef int status = 0
    for i in range(t.cuts):
        row = max(row, (t.kinds[t.bands[i].kind].w.n + t.kinds[t.bands[i].kind].w.out) * t.inner * (1 if t.few else 8))
    memory = <char*>malloc(up(t.room * t.size) + up(t.room if t.noting else 0) + row
                           + 2 * up(t.results * t.wide_size if t.dividing else 0) + 128)
    if memory == NULL:
        return NO_MEMORY
    for i in range(start, stop):
        if status == 0:
            status = some(t, i, memory + (64 - <size_t>memory % 64) % 64, threads)
    free(memory)
    return status


cdef int all_of(const task_t* t, int threads) noexcept nogil:
    cdef Py_ssize_t i, total = (t.planes + t.per - 1) // t.per * t.cuts
    cdef int failed = 0
    if threads <= 1 or total < threads:
        return pieces(t, 0, total, threads)
    for i in prange(threads, num_threads=threads, schedule="static"):
        failed |= pieces(t, total * i // threads, total * (i + 1) // threads, 1)
    return failed


cdef int fetch(prepared_t* p, Job one, int arrays) except -1:
    if one.count != arrays:
        raise ValueError(f"a kernel of {one.count} arrays where one of {arrays} is needed")
    p.run, p.memory = one.api.run, one.memory
    p.d, p.h, p.w = one.plan.d, one.plan.h, one.plan.w
    return 0


cdef int describe(task_t* t, x, mask, group, limits) except -1:
    t.x, t.mask = <const char*>whole(x), <const unsigned char*>whole(mask)
    t.group = <const long long*>whole(group)
    t.planes = x.shape[0]
    t.pixels, t.inner, t.size = x.shape[1] * x.shape[2] * x.shape[3], x.shape[4], x.itemsize
    t.mask_inner = t.inner if mask is None else mask.shape[4]
    t.fill, t.top, t.nan = limits
    return 0


def masked(x, mask, group, limits, int per, bands, jobs, out, idx, int threads, *, bint counting=False, counts=None, pads=None,
           int wide=F32, int out_code=F32, double empty=0, bint few=False):
    """Pool x, (outer, D, H, W, inner), without what takes no part, into out (and idx).

    Parameters
    ----------
    mask : None, or (groups, D, H, W, inner or 1) of bool
    group : None, or (outer,) of int64
        Which mask each plane has; None: its own.
    limits : (fill, top, nan)
        Bits of what stands for an element that takes no part; an element whose bits under `top` are larger than `nan` takes
        none. All bits of `top` set and nan = top: every element does.
    per : int
        Planes at a time; 1 if there are several bands.
    bands : (n, 5) of int64
        First pixel, pixels, first window, windows, and number in `jobs` of the pieces of a plane.
    jobs : list of Job
        The kernels for the bands of `per` planes; with one band, then the one for the planes left over.
    counting : bool
        Whether to count what takes part, few: in bytes.
    counts : None, or (groups, windows, inner or 1)
        Counts that are there already. With either the kernel's sums, of dtype `wide`, are divided by the counts and pads,
        (windows,), of that dtype; `empty` is the result where nothing takes part.
    """
    cdef task_t t
    cdef Py_ssize_t i, n = len(jobs)
    describe(&t, x, mask, group, limits)
    t.per, t.bands, t.cuts = per, <const band_t*>whole(bands), len(bands)
    t.room, t.results = per * int(bands[:, 1].max()) * t.inner, per * int(bands[:, 3].max()) * t.inner
    t.windows = out.shape[1] * out.shape[2] * out.shape[3]
    t.counting, t.dividing, t.few = counting, counting or counts is not None, few
    t.noting = counting and (t.nan < t.top or mask is None or group is not None or t.mask_inner != t.inner)
    t.out, t.idx, t.idx_size = <char*>whole(out), <char*>whole(idx), 0 if idx is None else idx.itemsize
    t.wide, t.out_code, t.out_size = wide, out_code, out.itemsize
    t.wide_size = itemsize_of(wide)
    t.counts, t.pads, t.empty = <const char*>whole(counts), <const char*>whole(pads), empty
    t.kinds = <prepared_t*>malloc(n * sizeof(prepared_t))
    if t.kinds == NULL:
        raise MemoryError
    try:
        for i in range(n):
            fetch(&t.kinds[i], jobs[i], 2 if idx is None else 3)
        with nogil:
            status = all_of(&t, threads)
    finally:
        free(t.kinds)
    if status:
        raise MemoryError("no memory for the copy of a plane")


def without(x, mask, group, limits, out, int threads):
    """Write x with `fill` where an element takes no part into out, which may be x; the arguments of `masked`."""
    cdef task_t t
    cdef Py_ssize_t i, plane
    describe(&t, x, mask, group, limits)
    t.out = <char*>whole(out)
    plane = t.pixels * t.inner * t.size
    with nogil:
        for i in prange(t.planes, num_threads=threads, schedule="static"):
            copy_part(&t, i, 0, t.pixels, t.out + i * plane, NULL)


include "masked_averages.pxi"
include "masked_terms.pxi"
