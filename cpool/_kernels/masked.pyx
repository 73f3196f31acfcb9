"""Pooling of arrays some of whose elements take no part: those under a mask, and NaN that are to be omitted.

a) A few planes at a time are copied, with the identity of the reducer (0, -inf, ...) where an element takes no part, and the
   copy is pooled by the kernel that pools whole arrays, while it is in the cache. So the loops are the fast ones, and the
   bits are theirs: the same for every thread count, CPU level, and number of planes at a time.
b) An average divides by how many elements take part. These are counted by the sum of the mask: once for all planes that share
   a mask, beforehand; a plane's own mask (and what is no NaN) together with the plane.
c) Threads share the planes out; where there are fewer planes than threads, the kernel uses them.
"""
from cython.parallel cimport prange
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy

from cpool._kernels.numeric cimport F16, F32, F64, cp_prefetch, itemsize_of
from cpool._plan cimport NO_MEMORY, Job, whole

cdef extern from "masked.h" nogil:
    ctypedef unsigned char uint8_t
    ctypedef unsigned short uint16_t
    ctypedef unsigned int uint32_t
    ctypedef unsigned long long uint64_t
    void cp_leave_uint8_t(uint8_t*, const uint8_t*, const uint8_t*, uint8_t*, Py_ssize_t, uint8_t, uint8_t, uint8_t)
    void cp_leave_uint16_t(uint16_t*, const uint16_t*, const uint8_t*, uint8_t*, Py_ssize_t, uint16_t, uint16_t, uint16_t)
    void cp_leave_uint32_t(uint32_t*, const uint32_t*, const uint8_t*, uint8_t*, Py_ssize_t, uint32_t, uint32_t, uint32_t)
    void cp_leave_uint64_t(uint64_t*, const uint64_t*, const uint8_t*, uint8_t*, Py_ssize_t, uint64_t, uint64_t, uint64_t)
    void cp_fill_uint8_t(uint8_t*, Py_ssize_t, uint8_t)
    void cp_fill_uint16_t(uint16_t*, Py_ssize_t, uint16_t)
    void cp_fill_uint32_t(uint32_t*, Py_ssize_t, uint32_t)
    void cp_fill_uint64_t(uint64_t*, Py_ssize_t, uint64_t)
    void cp_divide_f_f32(void*, const void*, const void*, Py_ssize_t, float, float, Py_ssize_t)
    void cp_divide_f_f64(void*, const void*, const void*, Py_ssize_t, float, float, Py_ssize_t)
    void cp_divide_f_f16(void*, const void*, const void*, Py_ssize_t, float, float, Py_ssize_t)
    void cp_divide_f_bf16(void*, const void*, const void*, Py_ssize_t, float, float, Py_ssize_t)
    void cp_divide_d_f32(void*, const void*, const void*, Py_ssize_t, double, double, Py_ssize_t)
    void cp_divide_d_f64(void*, const void*, const void*, Py_ssize_t, double, double, Py_ssize_t)
    void cp_divide_d_f16(void*, const void*, const void*, Py_ssize_t, double, double, Py_ssize_t)
    void cp_divide_d_bf16(void*, const void*, const void*, Py_ssize_t, double, double, Py_ssize_t)

cdef enum:
    BLOCK = 2048            # bytes of x
    AHEAD = 8192

ctypedef int (*run_t)(const void* job, void** at, int threads) noexcept nogil

# a kernel that was prepared for so many planes
cdef struct prepared_t:
    run_t run
    const void* memory

cdef struct task_t:
    const char* x
    const unsigned char* mask         # NULL: none
    const long long* group            # the plane of the mask that a plane of x has; NULL: its own
    Py_ssize_t planes, per            # planes of x; at a time
    Py_ssize_t pixels, inner, mask_inner, size          # of a plane; of an element of x
    unsigned long long fill, top, nan
    prepared_t pool[2], count[2]      # for `per` planes, and for those that are left
    bint counting, dividing
    bint noting                       # the elements that take part have to be written down to be counted
    char* out
    char* idx
    Py_ssize_t idx_size
    Py_ssize_t windows                # of a plane
    int wide, out_code                # dtype of sums and counts; of the result
    Py_ssize_t wide_size, out_size
    const char* counts                # (planes of the mask, windows, mask_inner), of dtype `wide`
    const double* pads                # for each window, what its divisor has beside the count; NULL: nothing
    double empty


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


cdef void copy_plane(const task_t* t, Py_ssize_t plane, char* to, unsigned char* on) noexcept nogil:
    """A plane of x with what takes no part filled in; `on`: NULL, or what takes part."""
    cdef Py_ssize_t n = t.pixels * t.inner, i = 0, start, step = t.inner * t.size
    cdef const char* x = t.x + plane * n * t.size
    cdef const unsigned char* mask = t.mask
    if mask != NULL:
        mask += (plane if t.group == NULL else t.group[plane]) * t.pixels * t.mask_inner
    if mask == NULL or t.mask_inner == t.inner:
        leave_out(t, x, mask, to, on, n)
        return
    # one byte of the mask for all channels: runs of pixels that are there, and of such that are not
    while i < t.pixels:
        start = i
        while i < t.pixels and (mask[i] != 0) == (mask[start] != 0):
            i += 1
        if mask[start] == 0:
            fill_in(t, to + start * step, (i - start) * t.inner)
            if on != NULL:
                for n in range(start * t.inner, i * t.inner):
                    on[n] = 0
        elif x == to:
            pass
        elif t.nan < t.top or on != NULL:
            leave_out(t, x + start * step, NULL, to + start * step, NULL if on == NULL else on + start * t.inner,
                      (i - start) * t.inner)
        else:
            for n in range(0, (i - start) * step, 64):
                cp_prefetch(x + start * step + AHEAD + n)
            memcpy(to + start * step, x + start * step, (i - start) * step)


cdef void divide(const task_t* t, char* out, const char* sums, const char* counts, Py_ssize_t count_inner,
                 Py_ssize_t windows) noexcept nogil:
    """Windows of one or more planes; counts has count_inner numbers for each."""
    cdef void (*by_float)(void*, const void*, const void*, Py_ssize_t, float, float, Py_ssize_t) noexcept nogil
    cdef void (*by_double)(void*, const void*, const void*, Py_ssize_t, double, double, Py_ssize_t) noexcept nogil
    cdef Py_ssize_t i, n = t.inner, pieces = windows, each = count_inner == t.inner
    cdef double pad
    if each and t.pads == NULL:
        n, pieces = windows * t.inner, 1
    by_float = (cp_divide_f_f32 if t.out_code == F32 else cp_divide_f_f64 if t.out_code == F64
                else cp_divide_f_f16 if t.out_code == F16 else cp_divide_f_bf16)
    by_double = (cp_divide_d_f32 if t.out_code == F32 else cp_divide_d_f64 if t.out_code == F64
                 else cp_divide_d_f16 if t.out_code == F16 else cp_divide_d_bf16)
    for i in range(pieces):
        pad = 0 if t.pads == NULL else t.pads[i % t.windows]
        if t.wide == F32:
            by_float(out + i * n * t.out_size, sums + i * n * 4, counts + i * count_inner * 4, each, <float>pad,
                     <float>t.empty, n)
        else:
            by_double(out + i * n * t.out_size, sums + i * n * 8, counts + i * count_inner * 8, each, pad, t.empty, n)


cdef int some(const task_t* t, Py_ssize_t start, Py_ssize_t n, char* scratch, int threads) noexcept nogil:
    """Planes start .. start + n - 1."""
    cdef Py_ssize_t elements = t.pixels * t.inner, room = t.per * elements, i, windows = t.windows * t.inner
    cdef char* copy = scratch
    cdef unsigned char* on = <unsigned char*>scratch + up(room * t.size)
    cdef char* sums = <char*>on + up(room if t.noting else 0)
    cdef char* counts = sums + up(t.per * windows * t.wide_size if t.dividing else 0)
    cdef void* at[3]
    cdef int which = n != t.per, status
    if not t.noting:
        on = NULL
    for i in range(n):
        copy_plane(t, start + i, copy + i * elements * t.size, NULL if on == NULL else on + i * elements)
    at[0] = copy
    if t.wide == t.out_code:
        sums = t.out + start * windows * t.out_size     # divided where they are
    at[1] = sums if t.dividing else t.out + start * windows * t.out_size
    at[2] = t.idx + start * windows * t.idx_size if t.idx != NULL else NULL
    status = t.pool[which].run(t.pool[which].memory, at, threads)
    if status != 0 or not t.dividing:
        return status
    if t.counting:
        at[0] = on if on != NULL else <void*>(t.mask + start * elements)
        at[1] = counts
        status = t.count[which].run(t.count[which].memory, at, threads)
        if status == 0:
            divide(t, t.out + start * windows * t.out_size, sums, counts, t.inner, n * t.windows)
        return status
    for i in range(n):
        divide(t, t.out + (start + i) * windows * t.out_size, sums + i * windows * t.wide_size,
               t.counts + (start + i if t.group == NULL else t.group[start + i]) * t.windows * t.mask_inner * t.wide_size,
               t.mask_inner, t.windows)
    return 0


cdef inline Py_ssize_t up(Py_ssize_t n) noexcept nogil:
    return (n + 63) // 64 * 64


cdef int pieces(const task_t* t, Py_ssize_t start, Py_ssize_t stop, int threads) noexcept nogil:
    """Pieces start .. stop - 1 with one scratch."""
    cdef Py_ssize_t i, room = t.per * t.pixels * t.inner, windows = t.per * t.windows * t.inner * t.wide_size
    cdef char* memory = <char*>malloc(up(room * t.size) + up(room if t.noting else 0) + (2 * up(windows) if t.dividing else 0)
                                      + 128)
    cdef int status = 0
    if memory == NULL:
        return NO_MEMORY
    for i in range(start, stop):
        if status == 0:
            status = some(t, i * t.per, t.per if (i + 1) * t.per <= t.planes else t.planes - i * t.per,
                          memory + (64 - <size_t>memory % 64) % 64, threads)
    free(memory)
    return status


cdef int all_of(const task_t* t, int threads) noexcept nogil:
    cdef Py_ssize_t i, total = (t.planes + t.per - 1) // t.per
    cdef int failed = 0
    if threads <= 1 or total < threads:
        return pieces(t, 0, total, threads)
    for i in prange(threads, num_threads=threads, schedule="static"):
        failed |= pieces(t, total * i // threads, total * (i + 1) // threads, 1)
    return failed


cdef int fetch(prepared_t* p, object job, int arrays) except -1:
    cdef Job one
    p.run, p.memory = NULL, NULL
    if job is not None:
        one = job
        if one.count != arrays:
            raise ValueError(f"a kernel of {one.count} arrays where one of {arrays} is needed")
        p.run, p.memory = one.api.run, one.memory
    return 0


def masked(x, mask, group, limits, int per, jobs, out, idx, int threads, *, counts=None, count_jobs=None, pads=None,
           int wide=F32, int out_code=F32, double empty=0, Py_ssize_t windows=0):
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
        Planes at a time.
    jobs, count_jobs : (Job, Job or None)
        The kernel for `per` planes and for those left over, and the one that counts (bytes to `wide`).
    counts : None, or (groups, windows, inner or 1)
        Counts that are there already. With these or count_jobs the kernel's sums, of dtype `wide`, are divided by the counts
        and pads, (windows,); `empty` is the result where nothing takes part.
    """
    cdef task_t t
    t.x, t.mask = <const char*>whole(x), <const unsigned char*>whole(mask)
    t.group = <const long long*>whole(group)
    t.planes, t.per = x.shape[0], per
    t.pixels, t.inner, t.size = x.shape[1] * x.shape[2] * x.shape[3], x.shape[4], x.itemsize
    t.mask_inner = t.inner if mask is None else mask.shape[4]
    t.fill, t.top, t.nan = limits
    t.counting, t.dividing = count_jobs is not None, count_jobs is not None or counts is not None
    t.noting = t.counting and (t.nan < t.top or mask is None or group is not None or t.mask_inner != t.inner)
    t.out, t.idx, t.idx_size = <char*>whole(out), <char*>whole(idx), 0 if idx is None else idx.itemsize
    t.windows, t.wide, t.out_code, t.out_size = windows, wide, out_code, out.itemsize
    t.wide_size = itemsize_of(wide)
    t.counts, t.pads, t.empty = <const char*>whole(counts), <const double*>whole(pads), empty
    for i in range(2):
        fetch(&t.pool[i], jobs[i], 2 if idx is None else 3)
        fetch(&t.count[i], None if count_jobs is None else count_jobs[i], 2)
    with nogil:
        status = all_of(&t, threads)
    if status:
        raise MemoryError("no memory for the copy of a plane")


def without(x, mask, group, limits, out, int threads):
    """Write x with `fill` where an element takes no part into out, which may be x; the arguments of `masked`."""
    cdef task_t t
    cdef Py_ssize_t i, plane
    t.x, t.mask, t.group = <const char*>whole(x), <const unsigned char*>whole(mask), <const long long*>whole(group)
    t.planes = x.shape[0]
    t.pixels, t.inner, t.size = x.shape[1] * x.shape[2] * x.shape[3], x.shape[4], x.itemsize
    t.mask_inner = t.inner if mask is None else mask.shape[4]
    t.fill, t.top, t.nan = limits
    t.out = <char*>whole(out)
    plane = t.pixels * t.inner * t.size
    with nogil:
        for i in prange(t.planes, num_threads=threads, schedule="static"):
            copy_plane(&t, i, t.out + i * plane, NULL)
