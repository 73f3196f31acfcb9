"""Gradients and values at given indices: backward of max and min, unpooling and its backward pass.

a) A plane of the result is cleared and filled while it is in the cache; additions to an element come in
   the order of the outputs, whatever the number of threads.
b) Windows of 2x2 and 3x3 with stride 2 are gathered: every element is written once, formed of the windows
   that hold it. float32 by gather.h (3x3 on 8x64x112x112: 0.83 ms, scattered 1.9), other types, and more
   channels than one, if windows do not overlap. An index outside its window is noticed, and the plane
   done again the other way. 3x3 with less than 16 windows in a row gains nothing.
c) Too few planes for the threads, or 16-bit floats whose float32 sums would not fit `SUMS`: a plane is
   cut into bands of positions, and each band reads the outputs again and takes what falls into it. Where
   every index lies in its own window along the leading axis (checked with their range) a band reads only
   the windows that touch it.
d) Unpooling by `last` moves bytes of 1, 2, 4 or 8; `sum` adds integers modulo 2**n, signed and unsigned
   alike.
"""
from cpython.pycapsule cimport PyCapsule_New
from cython.parallel cimport parallel, prange
from libc.stdlib cimport free, malloc
from libc.string cimport memset

from cpool._kernels.axis cimport axis_first, axis_t, axis_taps
from cpool._kernels.numeric cimport F32, F64, F16, BF16, bf16_t, f16_t, itemsize_of
from cpool._kernels.pairs cimport index_t
from cpool._kernels.scatter cimport add_at, grad_t, narrowed, sum_t, touching
from cpool._plan cimport NO_MEMORY, WRONG_INDEX, Windows, kernel_api_t, task_t

cdef extern from "portable.h" nogil:
    float cp_blendf(int mask, float yes, float no)
    double cp_blendd(long long mask, double yes, double no)

cdef extern from "gather.h" nogil:
    bint CP_GATHER
    ctypedef struct gather_t "cp_gather_t":
        Py_ssize_t in_h, in_w, out_h, out_w
        int k, lo, index_bytes
    bint cp_gather(const gather_t* j, const void* at, const float* g, float* y, Py_ssize_t begin, Py_ssize_t end)

cdef enum:
    SUMS = 131072         # float32 sums of 16-bit floats kept at a time

ctypedef unsigned char byte1
ctypedef unsigned short byte2
ctypedef unsigned int byte4
ctypedef unsigned long long byte8

ctypedef fused bytes_t:
    byte1
    byte2
    byte4
    byte8

ctypedef fused adds_t:
    byte1
    byte2
    byte4
    byte8
    float
    double


cdef inline Py_ssize_t least(Py_ssize_t a, Py_ssize_t b) noexcept nogil:
    return a if a < b else b


cdef inline Py_ssize_t most(Py_ssize_t a, Py_ssize_t b) noexcept nogil:
    return a if a > b else b


# ---------------------------------------------------------------- checks

cdef inline bint inside(const index_t* at, Py_ssize_t n, Py_ssize_t plane) noexcept nogil:
    """Whether all indices lie in [-1, plane)."""
    cdef Py_ssize_t i
    cdef index_t low = 0, high = -1
    for i in range(n):
        low = at[i] if at[i] < low else low
        high = at[i] if at[i] > high else high
    return low >= -1 and <Py_ssize_t>high < plane


cdef inline bint between(const index_t* at, Py_ssize_t n, Py_ssize_t low, Py_ssize_t high) noexcept nogil:
    """Whether all indices are -1 or lie in [low, high)."""
    cdef Py_ssize_t i
    cdef index_t first = <index_t>low, last = <index_t>(high - 1), wrong = 0
    for i in range(n):
        wrong |= ((at[i] < first) | (at[i] > last)) & (at[i] != -1)
    return wrong == 0


cdef const axis_t* leading(Windows plan, Py_ssize_t* below_in, Py_ssize_t* below_out) noexcept:
    """The outermost axis with more than one element; positions and outputs per step of it."""
    if plan.d.n > 1 or plan.d.out > 1:
        below_in[0], below_out[0] = plan.h.n * plan.w.n, plan.h.out * plan.w.out
        return &plan.d
    if plan.h.n > 1 or plan.h.out > 1:
        below_in[0], below_out[0] = plan.w.n, plan.w.out
        return &plan.h
    below_in[0], below_out[0] = 1, 1
    return &plan.w


cdef bint own_windows(const index_t* at, const axis_t* a, Py_ssize_t begin, Py_ssize_t end,
                      Py_ssize_t below_in, Py_ssize_t row) noexcept nogil:
    """Whether the indices of outputs begin to end along the leading axis lie in their windows along it."""
    cdef Py_ssize_t o, low, high, taps
    for o in range(begin, end):
        low = axis_first(a, o)
        taps = axis_taps(a, o)
        high = low + ((taps - 1) * a.dilation + 1 if taps > 0 else 0)
        if not between(at + o * row, row, low * below_in, high * below_in):
            return False
    return True


cdef int look(const index_t* at, Py_ssize_t outer, Py_ssize_t n, Py_ssize_t plane,
              int threads) noexcept nogil:
    """Whether all of outer x n indices lie in [-1, plane)."""
    cdef Py_ssize_t total = outer * n, pieces = most(1, total // 65536), i
    cdef int wrong = 0
    cdef int* status = &wrong
    if threads <= 1 or pieces == 1:
        return inside(at, total, plane)
    for i in prange(pieces, num_threads=threads, schedule="static"):
        if not inside(at + total // pieces * i, total // pieces + (total % pieces if i == pieces - 1 else 0),
                      plane):
            status[0] = 1
    return not wrong


cdef int look_closer(const index_t* at, Py_ssize_t outer, const axis_t* a, Py_ssize_t below_in,
                     Py_ssize_t row, int threads) noexcept nogil:
    """Whether all indices lie in their windows along the leading axis."""
    cdef Py_ssize_t i, bands = least(a.out, 4 * threads)
    cdef int wrong = 0
    cdef int* status = &wrong
    for i in prange(outer * bands, num_threads=threads, schedule="static"):
        if not own_windows(at + i // bands * a.out * row, a, a.out * (i % bands) // bands,
                           a.out * (i % bands + 1) // bands, below_in, row):
            status[0] = 1
    return not wrong


cdef int look_any(const void* at, int index_bytes, Py_ssize_t outer, Py_ssize_t n, Py_ssize_t plane,
                  int threads) noexcept nogil:
    if index_bytes == 4:
        return look(<const int*>at, outer, n, plane, threads)
    return look(<const long long*>at, outer, n, plane, threads)


# ---------------------------------------------------------------- backward of max and min

cdef struct work_t:
    bint apart                                        # elements are gathered
    bint near                                         # by gather.h
    gather_t gather
    Py_ssize_t depth, in_h, in_w, out_h, out_w
    Py_ssize_t outer, inner
    Py_ssize_t plane, outputs                         # per plane, channels not counted
    Py_ssize_t row                                    # outputs per step of `axis`
    Py_ssize_t bands, threads
    Py_ssize_t below                                  # positions per step of `axis`
    const axis_t* axis                                # NULL: a band reads all outputs
    bint check


cdef inline grad_t where(int found, grad_t g) noexcept nogil:
    """g if found, else 0."""
    if grad_t is float:
        return cp_blendf(-found, g, 0)
    elif grad_t is double:
        return cp_blendd(-<long long>found, g, 0)
    else:
        return g


cdef inline grad_t raised(grad_t g) noexcept nogil:
    """0 + g, which adding makes of a negative zero a positive one."""
    if grad_t is float or grad_t is double:
        return g + 0
    else:
        return g


cdef inline int put_row(grad_t* y0, grad_t* y1, const index_t* at, const grad_t* g, long long base, int width,
                        Py_ssize_t inner, Py_ssize_t n) noexcept nogil:
    """Two rows of positions below n windows of 2 x 2, stride 2. Returns whether some index was not in its
    window.
    """
    cdef Py_ssize_t i, _i, c
    cdef int r, wrong = 0, one = width + 1
    cdef long long far = 0, p
    cdef grad_t e
    if inner == 1:
        for i in range(n):
            p = <long long>at[i] - base
            far |= p >> 31
            r = <int>p - 2 * <int>i
            wrong |= (r != 0) & (r != 1) & (r != width) & (r != one)
            e = raised(g[i])
            y0[2 * i] = where(r == 0, e)
            y0[2 * i + 1] = where(r == 1, e)
            y1[2 * i] = where(r == width, e)
            y1[2 * i + 1] = where(r == one, e)
    else:
        for _i in range(n):
            for c in range(inner):
                p = <long long>at[c] - base
                far |= p >> 31
                r = <int>p
                wrong |= (r != 0) & (r != 1) & (r != width) & (r != one)
                e = raised(g[c])
                y0[c] = where(r == 0, e)
                y0[inner + c] = where(r == 1, e)
                y1[c] = where(r == width, e)
                y1[inner + c] = where(r == one, e)
            base += 2
            at += inner
            g += inner
            y0 += 2 * inner
            y1 += 2 * inner
    return (wrong != 0) | (far != 0)


cdef bint put_rows(const index_t* at, const grad_t* g, grad_t* y, work_t* w, Py_ssize_t begin, Py_ssize_t end) noexcept nogil:
    """Rows begin to end of the windows of a plane: every element is written once.

    Returns False if an index was not in its window; then the plane is to be done again.
    """
    cdef Py_ssize_t i, d, h, inner = w.inner, width = w.in_w * inner, rest = (w.in_w - 2 * w.out_w) * inner
    cdef grad_t* y0
    if grad_t is float:
        while w.near and begin < end:
            d, h = begin // w.out_h, begin % w.out_h
            i = least(end - begin, w.out_h - h)
            if not cp_gather(&w.gather, at + d * w.out_h * w.out_w, g + d * w.out_h * w.out_w, y + d * w.in_h * w.in_w, h,
                             h + i):
                return False
            begin += i
    for i in range(begin, end):
        d, h = i // w.out_h, i % w.out_h
        y0 = y + (d * w.in_h + 2 * h) * width
        if put_row(y0, y0 + width, at + i * w.out_w * inner, g + i * w.out_w * inner, (d * w.in_h + 2 * h) * w.in_w,
                   w.in_w, inner, w.out_w):
            return False
        if rest:
            memset(y0 + width - rest, 0, rest * sizeof(grad_t))
            memset(y0 + 2 * width - rest, 0, rest * sizeof(grad_t))
        if h == w.out_h - 1:
            memset(y0 + 2 * width, 0, (w.in_h - 2 * w.out_h) * width * sizeof(grad_t))
    return True


cdef bint put_bands(const index_t* at, const grad_t* g, grad_t* y, work_t* w) noexcept nogil:
    """The same for all planes, where there are too few of them for the threads."""
    cdef Py_ssize_t i, o, b, rows = w.depth * w.out_h, bands = least(w.bands, rows)
    cdef int wrong = 0
    cdef int* status = &wrong
    for i in prange(w.outer * bands, num_threads=w.threads, schedule="dynamic"):
        o, b = i // bands, i % bands
        if status[0] == 0:
            if not put_rows(at + o * w.outputs * w.inner, g + o * w.outputs * w.inner, y + o * w.plane * w.inner, w,
                            rows * b // bands, rows * (b + 1) // bands):
                status[0] = 1
    return not wrong


cdef int add_band(sum_t* tag, const index_t* at, const grad_t* g, grad_t* y, sum_t* sums, work_t* w,
                  Py_ssize_t number) noexcept nogil:
    """Band `number` of the job: clear it and add what falls into it. Returns whether an index was out of
    range.
    """
    cdef Py_ssize_t o = number // w.bands, band = number % w.bands, inner = w.inner
    cdef Py_ssize_t low = w.plane // w.bands * band + least(band, w.plane % w.bands)
    cdef Py_ssize_t high = low + w.plane // w.bands + (1 if band < w.plane % w.bands else 0)
    cdef Py_ssize_t begin = 0, end = w.outputs
    at += o * w.outputs * inner
    g += o * w.outputs * inner
    y += (o * w.plane + low) * inner
    if grad_t is float or grad_t is double:
        if w.apart and put_rows(at, g, y, w, 0, w.depth * w.out_h):
            return 0
    if w.check and not inside(at, w.outputs * inner, w.plane):
        return 1
    if w.axis != NULL and w.bands > 1:
        touching(w.axis, low // w.below, (high - 1) // w.below + 1, &begin, &end)
        begin, end = begin * w.row, end * w.row
    at += begin * inner
    g += begin * inner
    if grad_t is f16_t or grad_t is bf16_t:
        memset(sums, 0, (high - low) * inner * sizeof(sum_t))
        add_at(sums, at, g, end - begin, inner, low, high)
        narrowed(y, sums, (high - low) * inner)
    elif (grad_t is float and sum_t is float) or (grad_t is double and sum_t is double):
        memset(y, 0, (high - low) * inner * sizeof(grad_t))
        add_at(y, at, g, end - begin, inner, low, high)
    return 0


cdef int add_all(sum_t* tag, const index_t* at, const grad_t* g, grad_t* y, work_t* w) noexcept nogil:
    """All bands. Returns 1 if an index was out of range, -1 if there was no memory."""
    cdef Py_ssize_t i, total = w.outer * w.bands, chunk = most(1, total // (8 * w.threads))
    cdef Py_ssize_t size = 0
    cdef sum_t* sums = NULL
    cdef int failed = 0, none = 0
    cdef int* status = &failed
    if grad_t is f16_t or grad_t is bf16_t:
        size = (w.plane // w.bands + 1) * w.inner * sizeof(sum_t)
    if w.threads <= 1 or total == 1:
        if size:
            sums = <sum_t*>malloc(size)
            if sums == NULL:
                return -1
        for i in range(total):
            failed = add_band(tag, at, g, y, sums, w, i)
            if failed:
                break
        free(sums)
        return failed
    with parallel(num_threads=w.threads):
        sums = <sum_t*>malloc(size) if size else NULL
        for i in prange(total, schedule="dynamic", chunksize=chunk):
            if size and sums == NULL:
                status[0] = -1
            elif status[0] == 0:
                none = add_band(tag, at, g, y, sums, w, i)
                if none:
                    status[0] = none
        free(sums)
    return failed


cdef int add_indexed(const index_t* at, int code, const unsigned char* g, unsigned char* y, work_t* w,
                     bint checked) noexcept nogil:
    if w.apart and w.bands > 1:
        if code == F32 and put_bands(at, <const float*>g, <float*>y, w):
            return 0
        if code == F64 and put_bands(at, <const double*>g, <double*>y, w):
            return 0
    w.apart = w.apart and w.bands == 1
    if w.bands > 1 and not checked:
        if not look(at, w.outer, w.outputs * w.inner, w.plane, w.threads):
            return 1
    w.check = w.bands == 1 and not checked
    if w.bands > 1 and w.axis != NULL:
        if not look_closer(at, w.outer, w.axis, w.below, w.row * w.inner, w.threads):
            w.axis = NULL
    if code == F32:
        return add_all(<float*>NULL, at, <const float*>g, <float*>y, w)
    if code == F64:
        return add_all(<double*>NULL, at, <const double*>g, <double*>y, w)
    if code == F16:
        return add_all(<float*>NULL, at, <const f16_t*>g, <f16_t*>y, w)
    return add_all(<float*>NULL, at, <const bf16_t*>g, <bf16_t*>y, w)


cdef bint pairs(const axis_t* a) noexcept:
    return not a.adaptive and a.kernel == 2 and a.stride == 2 and a.dilation == 1 and a.lo == 0 \
        and 2 * a.out <= a.n


cdef bint threes(const axis_t* a, Py_ssize_t lo) noexcept:
    return not a.adaptive and a.kernel == 3 and a.stride == 2 and a.dilation == 1 and a.lo == lo and 0 <= lo <= 1 \
        and 2 * a.out + 1 - lo <= a.n


cdef struct adding_t:
    work_t w
    int code, index_bytes
    bint careful, apart, near


cdef void prepare_backward(void* memory, const task_t* t, Windows plan) noexcept:
    cdef adding_t* j = <adding_t*>memory
    cdef work_t* w = &j.w
    j.code, j.index_bytes, j.careful = t.code, t.index_bytes, t.careful
    w.outer, w.inner = plan.outer, plan.inner
    w.plane = plan.d.n * plan.h.n * plan.w.n
    w.outputs = plan.d.out * plan.h.out * plan.w.out
    w.axis = leading(plan, &w.below, &w.row)
    w.depth, w.in_h, w.in_w, w.out_h, w.out_w = plan.d.n, plan.h.n, plan.w.n, plan.h.out, plan.w.out
    cdef bint flat = plan.d.n == plan.d.out and plan.d.kernel == 1 and plan.d.lo == 0 and plan.w.n < 1073741824
    cdef bint two = flat and pairs(&plan.h) and pairs(&plan.w)
    cdef bint three = flat and threes(&plan.h, plan.w.lo) and threes(&plan.w, plan.w.lo)
    j.near = (CP_GATHER and t.code == F32 and w.inner == 1 and w.plane < 1073741824
              and (two and w.out_w >= 8 or three and w.out_w >= 16))
    j.apart = two or j.near
    w.gather = gather_t(w.in_h, w.in_w, w.out_h, w.out_w, 3 if three else 2, plan.w.lo, t.index_bytes)
    if t.index_bytes == 4 and w.plane > 2147483647:
        w.axis = NULL                       # the limits of windows do not fit an index


cdef int run_backward(const void* job, void** at, int threads) noexcept nogil:
    cdef adding_t j = (<const adding_t*>job)[0]
    cdef work_t* w = &j.w
    cdef int failed
    if j.careful and not look_any(at[1], j.index_bytes, w.outer, w.outputs * w.inner, w.plane, threads):
        return WRONG_INDEX
    w.threads = threads
    w.bands = 1
    if j.code == F16 or j.code == BF16:
        w.bands = (w.plane * w.inner + SUMS - 1) // SUMS
    if threads > 1 and w.outer < 2 * threads:
        w.bands = most(w.bands, (2 * threads + w.outer - 1) // w.outer)
    w.bands = least(w.bands, w.plane)
    w.apart, w.near = j.apart, j.near
    if j.index_bytes == 4:
        failed = add_indexed(<const int*>at[1], j.code, <const unsigned char*>at[0], <unsigned char*>at[2], w, j.careful)
    else:
        failed = add_indexed(<const long long*>at[1], j.code, <const unsigned char*>at[0], <unsigned char*>at[2], w,
                             j.careful)
    return NO_MEMORY if failed < 0 else (WRONG_INDEX if failed else 0)


# ---------------------------------------------------------------- unpooling

cdef inline void store_at(bytes_t* y, const index_t* at, const bytes_t* x, Py_ssize_t n, Py_ssize_t inner,
                          Py_ssize_t low, Py_ssize_t high) noexcept nogil:
    cdef Py_ssize_t i, c, p
    cdef size_t room = high - low
    for i in range(n):
        for c in range(inner):
            p = <Py_ssize_t>at[i * inner + c] - low
            if <size_t>p < room:
                y[p * inner + c] = x[i * inner + c]


cdef inline void sum_at(adds_t* y, const index_t* at, const adds_t* x, Py_ssize_t n, Py_ssize_t inner,
                        Py_ssize_t low, Py_ssize_t high, bint boolean) noexcept nogil:
    cdef Py_ssize_t i, c, p
    cdef size_t room = high - low
    for i in range(n):
        for c in range(inner):
            p = <Py_ssize_t>at[i * inner + c] - low
            if <size_t>p < room:
                if adds_t is byte1:
                    if boolean:
                        y[p * inner + c] = y[p * inner + c] | x[i * inner + c]
                        continue
                y[p * inner + c] += x[i * inner + c]


cdef inline void fetch_at(bytes_t* y, const index_t* at, const bytes_t* g, Py_ssize_t n,
                          Py_ssize_t inner) noexcept nogil:
    """y[i] = g[at[i]], 0 where that is -1."""
    cdef Py_ssize_t i, c, p
    if inner == 1:
        for i in range(n):
            p = <Py_ssize_t>at[i]
            y[i] = g[p] if p >= 0 else 0
    else:
        for i in range(n):
            for c in range(inner):
                p = <Py_ssize_t>at[i * inner + c]
                y[i * inner + c] = g[p * inner + c] if p >= 0 else 0


cdef struct spot_t:
    int code, mode, size, index_bytes
    bint boolean
    Py_ssize_t outer, inner, plane, inputs, bands, threads
    const unsigned char* x
    unsigned char* y


cdef void unpool_band(const index_t* at, spot_t* w, float* sums, Py_ssize_t number) noexcept nogil:
    cdef Py_ssize_t o = number // w.bands, band = number % w.bands, inner = w.inner
    cdef Py_ssize_t low = w.plane // w.bands * band + least(band, w.plane % w.bands)
    cdef Py_ssize_t high = low + w.plane // w.bands + (1 if band < w.plane % w.bands else 0)
    cdef Py_ssize_t n = w.inputs, room = (high - low) * inner
    cdef const unsigned char* x = w.x + o * n * inner * w.size
    cdef unsigned char* y = w.y + (o * w.plane + low) * inner * w.size
    at += o * n * inner
    if w.mode == 1 and (w.code == F16 or w.code == BF16):
        memset(sums, 0, room * sizeof(float))
        if w.code == F16:
            add_at(sums, at, <const f16_t*>x, n, inner, low, high)
            narrowed(<f16_t*>y, sums, room)
        else:
            add_at(sums, at, <const bf16_t*>x, n, inner, low, high)
            narrowed(<bf16_t*>y, sums, room)
        return
    memset(y, 0, room * w.size)
    if w.mode == 0:
        if w.size == 1:
            store_at(<byte1*>y, at, <const byte1*>x, n, inner, low, high)
        elif w.size == 2:
            store_at(<byte2*>y, at, <const byte2*>x, n, inner, low, high)
        elif w.size == 4:
            store_at(<byte4*>y, at, <const byte4*>x, n, inner, low, high)
        else:
            store_at(<byte8*>y, at, <const byte8*>x, n, inner, low, high)
    elif w.code == F32:
        sum_at(<float*>y, at, <const float*>x, n, inner, low, high, False)
    elif w.code == F64:
        sum_at(<double*>y, at, <const double*>x, n, inner, low, high, False)
    elif w.size == 1:
        sum_at(<byte1*>y, at, <const byte1*>x, n, inner, low, high, w.boolean)
    elif w.size == 2:
        sum_at(<byte2*>y, at, <const byte2*>x, n, inner, low, high, False)
    elif w.size == 4:
        sum_at(<byte4*>y, at, <const byte4*>x, n, inner, low, high, False)
    else:
        sum_at(<byte8*>y, at, <const byte8*>x, n, inner, low, high, False)


cdef int unpool_all(const index_t* at, spot_t* w) noexcept nogil:
    cdef Py_ssize_t i, total = w.outer * w.bands, chunk = most(1, total // (8 * w.threads)), size = 0
    cdef float* sums = NULL
    cdef int failed = 0
    cdef int* status = &failed
    if w.mode == 1 and (w.code == F16 or w.code == BF16):
        size = (w.plane // w.bands + 1) * w.inner * sizeof(float)
    if w.threads <= 1 or total == 1:
        if size:
            sums = <float*>malloc(size)
            if sums == NULL:
                return -1
        for i in range(total):
            unpool_band(at, w, sums, i)
        free(sums)
        return 0
    with parallel(num_threads=w.threads):
        sums = <float*>malloc(size) if size else NULL
        for i in prange(total, schedule="dynamic", chunksize=chunk):
            if size and sums == NULL:
                status[0] = -1
            else:
                unpool_band(at, w, sums, i)
        free(sums)
    return failed


# The plan of an unpooling has the large array as the input of its windows and the small one as their outputs.

cdef void prepare_unpool(void* memory, const task_t* t, Windows plan) noexcept:
    cdef spot_t* w = <spot_t*>memory
    w.code, w.mode, w.size, w.boolean, w.index_bytes = t.code, t.mode, itemsize_of(t.code), t.boolean, t.index_bytes
    w.outer, w.inner = plan.outer, plan.inner
    w.plane = plan.d.n * plan.h.n * plan.w.n
    w.inputs = plan.d.out * plan.h.out * plan.w.out


cdef int run_unpool(const void* job, void** at, int threads) noexcept nogil:
    cdef spot_t w = (<const spot_t*>job)[0]
    cdef int failed
    if not look_any(at[1], w.index_bytes, w.outer, w.inputs * w.inner, w.plane, threads):
        return WRONG_INDEX
    w.x, w.y, w.threads = <const unsigned char*>at[0], <unsigned char*>at[2], threads
    w.bands = 1
    if w.mode == 1 and (w.code == F16 or w.code == BF16):
        w.bands = (w.plane * w.inner + SUMS - 1) // SUMS
    if threads > 1 and w.outer < threads:
        w.bands = most(w.bands, (threads + w.outer - 1) // w.outer)
    w.bands = least(w.bands, w.plane)
    if w.index_bytes == 4:
        failed = unpool_all(<const int*>at[1], &w)
    else:
        failed = unpool_all(<const long long*>at[1], &w)
    return NO_MEMORY if failed < 0 else 0


cdef void fetch_piece(const index_t* at, int size, const unsigned char* g, unsigned char* y, Py_ssize_t n,
                      Py_ssize_t inner) noexcept nogil:
    if size == 1:
        fetch_at(<byte1*>y, at, <const byte1*>g, n, inner)
    elif size == 2:
        fetch_at(<byte2*>y, at, <const byte2*>g, n, inner)
    elif size == 4:
        fetch_at(<byte4*>y, at, <const byte4*>g, n, inner)
    else:
        fetch_at(<byte8*>y, at, <const byte8*>g, n, inner)


cdef void fetch_all(const index_t* at, int size, const unsigned char* g, unsigned char* y, Py_ssize_t outer,
                    Py_ssize_t plane, Py_ssize_t n, Py_ssize_t inner, int threads) noexcept nogil:
    """gx of outer planes of n outputs, in pieces."""
    cdef Py_ssize_t pieces = most(1, n * inner // 16384), i
    if threads <= 1:
        for i in range(outer):
            fetch_piece(at + i * n * inner, size, g + i * plane * inner * size, y + i * n * inner * size, n,
                        inner)
        return
    pieces = least(pieces, n)
    for i in prange(outer * pieces, num_threads=threads, schedule="static"):
        fetch_piece(at + (i // pieces * n + n * (i % pieces) // pieces) * inner, size,
                    g + i // pieces * plane * inner * size,
                    y + (i // pieces * n + n * (i % pieces) // pieces) * inner * size,
                    n * (i % pieces + 1) // pieces - n * (i % pieces) // pieces, inner)


cdef int run_unpool_backward(const void* job, void** at, int threads) noexcept nogil:
    cdef const spot_t* w = <const spot_t*>job
    cdef const unsigned char* g = <const unsigned char*>at[0]
    cdef unsigned char* y = <unsigned char*>at[2]
    if not look_any(at[1], w.index_bytes, w.outer, w.inputs * w.inner, w.plane, threads):
        return WRONG_INDEX
    if w.index_bytes == 4:
        fetch_all(<const int*>at[1], w.size, g, y, w.outer, w.plane, w.inputs, w.inner, threads)
    else:
        fetch_all(<const long long*>at[1], w.size, g, y, w.outer, w.plane, w.inputs, w.inner, threads)
    return 0


cdef kernel_api_t BACKWARD = kernel_api_t(sizeof(adding_t), prepare_backward, run_backward)
cdef kernel_api_t UNPOOL = kernel_api_t(sizeof(spot_t), prepare_unpool, run_unpool)
cdef kernel_api_t UNPOOL_BACKWARD = kernel_api_t(sizeof(spot_t), prepare_unpool, run_unpool_backward)
apis = {
    "select_backward": PyCapsule_New(&BACKWARD, "cpool.kernel", NULL),
    "unpool": PyCapsule_New(&UNPOOL, "cpool.kernel", NULL),
    "unpool_backward": PyCapsule_New(&UNPOOL_BACKWARD, "cpool.kernel", NULL),
}
