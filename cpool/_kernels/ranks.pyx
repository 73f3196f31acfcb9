"""Order statistics of windows: median, quantile, k-th smallest, range, mode; also k-max. Values, positions, gradients.

a) Twelve dtypes are four kinds of keys (networks.h), integers in the order of the values (-0 before 0), so every loop below
   exists four times. A tap that is not there (padding at the edge, masked, omitted NaN, ignored label) is the largest key;
   NaN comes next to it. Where a window may lack taps, a byte for each tap says whether it is there, and lanes are finished
   one by one; elsewhere whole rows are.
b) Windows of up to LIMIT taps: a comparison network on rows of keys (ranks_network.pxi), one lane for each output. Along W
   taps are one row seen from different lanes (one row for each phase of the stride), so that columns of a window are sorted
   once for all windows that share them, and pairs of columns, fours and so on likewise. What the wanted ranks do not need is
   left out. 3x3 and 5x5 medians have networks in registers (medians.h), 3x3 four rows of windows at a time: a call for every
   row cost as much as a row of 1024 bytes; floats, with AVX-512, without rows of keys, which took longer to make than to
   use. Windows that reach over the ends of W become rows (ranks_edges.pxi).
c) Larger windows, and edges of a lane or two: the keys of a window are collected and split at the middle of their range until
   the wanted rank is alone (`chosen`), at most as often as a key has bits. What is too large to collect is counted
   in bins of the range first, pass by pass. Large windows that overlap along W slide over a tile whose keys are replaced by
   their ranks: one bit each in a set of 64-bit words with a finger on the wanted one.
d) A position is found by looking for the first tap that equals the value. Gradients go to these positions: parallel over
   planes, and over bands of one plane, each of which forms the windows that reach into it again and adds in the order
   of the outputs, in double.
e) Scratch per thread: about 1 MB at most; for large windows see `ranks_windows.pxi`.
"""
from cpython.pycapsule cimport PyCapsule_New
from cython.parallel cimport prange
from libc.math cimport floor, rint, ceil, NAN
from libc.stdlib cimport free, malloc, calloc
from libc.string cimport memcpy, memset

from cpool._kernels.axis cimport axis_first, axis_t, axis_taps
from cpool._kernels.numeric cimport (
    U8, I8, U16, I16, U32, I32, U64, I64, F32, F64, F16, BF16, as_double, bf16_t, cp_prefetch, f16_t, itemsize_of,
    narrow, u8, u16, u32, u64)
from cpool._kernels.scatter cimport touching
from cpool._plan cimport NO_MEMORY, Windows, kernel_api_t, task_t, whole

from cpool._cpu import best_level

ctypedef unsigned char cp_k8
ctypedef short cp_k16
ctypedef int cp_k32
ctypedef long long cp_k64

cdef extern from "networks.h" nogil:
    int cp_medians_wide
    int cp_take(int code, const void* x, Py_ssize_t at, Py_ssize_t step, void* key, Py_ssize_t n)
    void cp_give(int code, const void* key, void* out, Py_ssize_t at, Py_ssize_t step, Py_ssize_t n)
    void cp_wide(int code, const void* key, double* out, Py_ssize_t n)
    void cp_exchange_cp_k8(const cp_k8*, const cp_k8*, cp_k8*, cp_k8*, Py_ssize_t)
    void cp_exchange_cp_k16(const cp_k16*, const cp_k16*, cp_k16*, cp_k16*, Py_ssize_t)
    void cp_exchange_cp_k32(const cp_k32*, const cp_k32*, cp_k32*, cp_k32*, Py_ssize_t)
    void cp_exchange_cp_k64(const cp_k64*, const cp_k64*, cp_k64*, cp_k64*, Py_ssize_t)
    void cp_median_k8(int, void**, cp_k8*, Py_ssize_t, Py_ssize_t, cp_k8*, Py_ssize_t, cp_k8, cp_k8)
    void cp_median_k16(int, void**, cp_k16*, Py_ssize_t, Py_ssize_t, cp_k16*, Py_ssize_t, cp_k16, cp_k16)
    void cp_median_k32(int, void**, cp_k32*, Py_ssize_t, Py_ssize_t, cp_k32*, Py_ssize_t, cp_k32, cp_k32)
    void cp_median_k64(int, void**, cp_k64*, Py_ssize_t, Py_ssize_t, cp_k64*, Py_ssize_t, cp_k64, cp_k64)
    void cp_medians_k8(void**, Py_ssize_t, Py_ssize_t, cp_k8*, Py_ssize_t, Py_ssize_t, cp_k8, cp_k8)
    void cp_medians_k16(void**, Py_ssize_t, Py_ssize_t, cp_k16*, Py_ssize_t, Py_ssize_t, cp_k16, cp_k16)
    void cp_medians_k32(void**, Py_ssize_t, Py_ssize_t, cp_k32*, Py_ssize_t, Py_ssize_t, cp_k32, cp_k32)
    void cp_medians_k64(void**, Py_ssize_t, Py_ssize_t, cp_k64*, Py_ssize_t, Py_ssize_t, cp_k64, cp_k64)
    bint cp_medians_of_k32(const cp_k32*, Py_ssize_t, cp_k32*, Py_ssize_t, Py_ssize_t)
    bint cp_medians_of_k64(const cp_k64*, Py_ssize_t, cp_k64*, Py_ssize_t, Py_ssize_t)
    void cp_halfway_cp_k8(const cp_k8*, const cp_k8*, cp_k8*, Py_ssize_t)
    void cp_halfway_cp_k16(const cp_k16*, const cp_k16*, cp_k16*, Py_ssize_t)
    void cp_halfway_cp_k32(const cp_k32*, const cp_k32*, cp_k32*, Py_ssize_t)
    void cp_halfway_cp_k64(const cp_k64*, const cp_k64*, cp_k64*, Py_ssize_t)
    void cp_transpose_cp_k8(const cp_k8*, Py_ssize_t, Py_ssize_t, cp_k8*, Py_ssize_t, Py_ssize_t, Py_ssize_t, Py_ssize_t,
                            Py_ssize_t)
    void cp_transpose_cp_k16(const cp_k16*, Py_ssize_t, Py_ssize_t, cp_k16*, Py_ssize_t, Py_ssize_t, Py_ssize_t, Py_ssize_t,
                             Py_ssize_t)
    void cp_transpose_cp_k32(const cp_k32*, Py_ssize_t, Py_ssize_t, cp_k32*, Py_ssize_t, Py_ssize_t, Py_ssize_t, Py_ssize_t,
                             Py_ssize_t)
    void cp_transpose_cp_k64(const cp_k64*, Py_ssize_t, Py_ssize_t, cp_k64*, Py_ssize_t, Py_ssize_t, Py_ssize_t, Py_ssize_t,
                             Py_ssize_t)
    void cp_labels_cp_k8(int, void**, Py_ssize_t, cp_k8, cp_k8*, Py_ssize_t)
    void cp_labels_cp_k16(int, void**, Py_ssize_t, cp_k16, cp_k16*, Py_ssize_t)
    void cp_labels_cp_k32(int, void**, Py_ssize_t, cp_k32, cp_k32*, Py_ssize_t)
    void cp_labels_cp_k64(int, void**, Py_ssize_t, cp_k64, cp_k64*, Py_ssize_t)
    void cp_runs_cp_k8(void**, int, const void*, cp_k8*, cp_k8*, cp_k8*, Py_ssize_t)
    void cp_runs_cp_k16(void**, int, const void*, cp_k16*, cp_k16*, cp_k16*, Py_ssize_t)
    void cp_runs_cp_k32(void**, int, const void*, cp_k32*, cp_k32*, cp_k32*, Py_ssize_t)
    void cp_runs_cp_k64(void**, int, const void*, cp_k64*, cp_k64*, cp_k64*, Py_ssize_t)
    void cp_found_cp_k8(const cp_k8*, const unsigned char*, const cp_k8*, int, cp_k8*, Py_ssize_t)
    void cp_found_cp_k16(const cp_k16*, const unsigned char*, const cp_k16*, int, cp_k16*, Py_ssize_t)
    void cp_found_cp_k32(const cp_k32*, const unsigned char*, const cp_k32*, int, cp_k32*, Py_ssize_t)
    void cp_found_cp_k64(const cp_k64*, const unsigned char*, const cp_k64*, int, cp_k64*, Py_ssize_t)

cp_medians_wide = best_level() == "v4"


ctypedef fused core_t:
    cp_k8
    cp_k16
    cp_k32
    cp_k64

cdef enum:
    LIMIT = 169               # taps of a window that a network sorts
    EXCHANGES = 4096
    VALUES = 8192 + 512
    PROGRAMS = 4
    ROOM = 40960              # bytes of rows that a network works on
    LINE = 65536              # bytes of keys collected at a time

# what to make of a window
cdef enum:
    MEDIAN = 0
    QUANTILE = 1              # q and method
    RANK = 2                  # k
    RANGE = 3
    MODE = 4

cdef enum:
    LINEAR = 0
    LOWER = 1
    HIGHER = 2
    NEAREST = 3
    MIDPOINT = 4

cdef enum:
    FORWARD = 0
    BACKWARD = 1
    TANGENT = 2


cdef struct job_t:
    int op, method, code, out_code, action, index_bytes
    bint masked, omit, propagate, ignoring, normal
    bint direct               # x is read as keys, the output written so
    bint middle               # medians of 3x3 and 5x5, straight to the output
    bint banded               # and of 3x3 by four rows of windows
    bint straight             # these from floats without lines, where there is no NaN
    bint apart                # windows that reach over the ends of W are made elsewhere, as rows
    bint turned               # that is where
    long long flip, turn      # what makes bits of keys: of floats, of integers
    bint paired               # labels of pairs: straight from x to the output
    double q
    Py_ssize_t k
    long long ignore          # as a key
    const unsigned char* x
    const unsigned char* mask
    const unsigned char* g    # the gradient of the output, or a tangent of x
    unsigned char* out        # the output, or the gradient of x
    unsigned char* idx
    Py_ssize_t size           # bytes of an element of x
    axis_t d, h, w
    Py_ssize_t outer, inner, elements         # elements of x
    Py_ssize_t plane, plane_out
    # how the taps along W lie in rows of keys
    bint network
    Py_ssize_t planes
    int taps
    int plane_of[LIMIT]
    int shift_of[LIMIT]
    Py_ssize_t off[LIMIT]     # plane p holds positions o * stride + off[p]
    Py_ssize_t most_shift
    Py_ssize_t lanes          # of a strip
    Py_ssize_t left, right    # lanes of complete windows
    Py_ssize_t strips_left, strips_mid, strips
    Py_ssize_t slots_d, slots_h, slots, pitch
    Py_ssize_t group          # strips that a row of windows is formed in before the next row is
    Py_ssize_t scratch_rows   # of a network
    # windows one by one: columns of outputs at a time; whether they slide, and over how many rows of windows a tile serves
    bint sliding
    Py_ssize_t tile_rows, tile_elements
    long long hole            # the key of a window with nothing in it
    bint holes_nan
    # ranks by the number of taps, for networks
    int low[LIMIT + 1]
    int high[LIMIT + 1]
    double t[LIMIT + 1]


cdef struct line_t:
    Py_ssize_t o, d, h        # o -1: nothing in here
    bint nan, made            # nan is known; so are the keys
    unsigned char* keys       # the line's own memory, or x itself
    unsigned char* own
    unsigned char* valid


cdef inline Py_ssize_t most(Py_ssize_t a, Py_ssize_t b) noexcept nogil:
    return a if a > b else b


cdef inline Py_ssize_t least(Py_ssize_t a, Py_ssize_t b) noexcept nogil:
    return a if a < b else b


cdef inline core_t absent(core_t* tag) noexcept nogil:
    if core_t is cp_k8:
        return 255
    elif core_t is cp_k16:
        return 32767
    elif core_t is cp_k32:
        return 2147483647
    else:
        return 9223372036854775807ll


cdef inline core_t nan_key(core_t* tag) noexcept nogil:
    return <core_t>(absent(tag) - 1)


include "ranks_network.pxi"


cdef struct pair_t:
    unsigned long long key
    Py_ssize_t at


cdef struct tile_t:
    Py_ssize_t o, od, strip, oh0, oh1         # the windows that it serves
    Py_ssize_t h0, height, w0, width, elements
    int* rank                 # by position; -1: not there
    pair_t* pairs             # by rank
    pair_t* other
    unsigned long long* bits
    Py_ssize_t nans           # ranks from here on are NaN


cdef struct work_t:
    line_t* line
    Py_ssize_t strip, group   # the strip in hand; the first of those that the lines belong to
    bint finished             # the values are in the output
    bint lined                # the strip was formed by a network: its taps are in lines
    unsigned char* memory
    unsigned char* rows       # scratch of a network
    void** at                 # rows of a network: inputs, scratch
    void* sorted[LIMIT]
    program_t program[PROGRAMS]
    int next
    maker_t* maker
    # what a strip results in
    Py_ssize_t o, od, oh, ow0, c0, n          # lane i: output ow0 + (c0 + i) // unit, channel (c0 + i) % unit
    Py_ssize_t unit
    Py_ssize_t height, taps_d, taps_h
    bint checked, same        # lanes differ in their taps; in nothing
    int all                   # taps, if same
    double weight
    void* a
    void* b
    void* own_a
    void* own_b
    void* number
    void* best
    void* run
    void* counts
    Py_ssize_t* count
    double* t
    Py_ssize_t* ia
    Py_ssize_t* ib
    double* wide_a
    double* wide_b
    double* sums              # a band of the gradient
    Py_ssize_t band0, band1   # rows (d, h) of it
    unsigned char* buffer     # keys of a window
    Py_ssize_t room
    unsigned char* flags
    Py_ssize_t* table         # labels of a window: slot + 1 by hash; counts
    Py_ssize_t table_size
    void* labels
    tile_t tile


cdef inline Py_ssize_t statistic(const job_t* j, Py_ssize_t n, Py_ssize_t* high, double* t) noexcept nogil:
    """Ranks (from 0) of the two taps that make the value of a window of n > 0 taps, and the weight of the second."""
    cdef double v
    cdef Py_ssize_t k
    t[0] = 0
    if j.op == RANGE:
        high[0] = n - 1
        return 0
    if j.op == RANK or j.op == MODE:
        k = j.k + n if j.k < 0 else j.k
        k = most(0, least(k, n - 1))
        high[0] = k
        return k
    if j.op == MEDIAN:
        high[0] = n // 2
        if n % 2 == 0:
            t[0] = 0.5
        return (n - 1) // 2
    v = j.q * <double>(n - 1)
    k = <Py_ssize_t>(ceil(v) if j.method == HIGHER else rint(v) if j.method == NEAREST else floor(v))
    k = most(0, least(k, n - 1))
    high[0] = k
    if (j.method == LINEAR or j.method == MIDPOINT) and v > <double>k and k + 1 < n:
        high[0] = k + 1
        t[0] = 0.5 if j.method == MIDPOINT else v - <double>k
    return k


# ---------------------------------------------------------------- rows of keys

cdef void fill_plane(core_t* tag, job_t* j, line_t* line, Py_ssize_t base, Py_ssize_t p, Py_ssize_t l0, Py_ssize_t n,
                     bint checked) noexcept nogil:
    """Plane p of a row of x that begins at element `base`: n lanes from l0 on."""
    cdef core_t* key = <core_t*>line.own + p * j.pitch
    cdef unsigned char* valid = line.valid + p * j.pitch
    cdef Py_ssize_t s = j.w.stride, row = j.w.n * j.inner, e, a, b, c, ow, w, run
    cdef core_t none = absent(tag), nan = nan_key(tag), ignored = <core_t>j.ignore
    cdef bint good
    if checked:
        memset(valid, 0, n)
    if j.w.adaptive or (s > 1 and j.inner > 1):
        e = 0
        while e < n:
            ow, c = (l0 + e) // j.inner, (l0 + e) % j.inner
            run = least(n - e, j.inner - c)
            if j.w.adaptive:
                w = axis_first(&j.w, ow) + p if ow < j.w.out and p < axis_taps(&j.w, ow) else -1
            else:
                w = ow * s + j.off[p]
            if 0 <= w < j.w.n:
                line.nan |= cp_take(j.code, j.x, base + w * j.inner + c, 1, key + e, run)
                if checked:
                    if j.mask != NULL:
                        memcpy(valid + e, j.mask + base + w * j.inner + c, run)
                    else:
                        memset(valid + e, 1, run)
            else:
                for a in range(run):
                    key[e + a] = none
            e += run
    else:
        # lane l is element l * s + off * inner of the row
        a = l0 * s + j.off[p] * j.inner
        b = (-a + s - 1) // s if a < 0 else 0
        b = least(b, n)
        e = (row - 1 - a) // s + 1 if a < row else 0
        e = most(b, least(e, n))
        for c in range(b):
            key[c] = none
        for c in range(e, n):
            key[c] = none
        if e > b:
            line.nan |= cp_take(j.code, j.x, base + a + b * s, s, key + b, e - b)
            if checked:
                if j.mask != NULL:
                    cp_take(U8, j.mask, base + a + b * s, s, valid + b, e - b)
                else:
                    memset(valid + b, 1, e - b)
    if j.normal:
        for e in range(n):
            key[e] = <core_t>(0 if key[e] == <core_t>-1 else key[e])
    if not checked:
        return
    if j.omit or j.ignoring or j.mask != NULL:
        for e in range(n):
            good = valid[e] & (not (j.omit and key[e] == nan)) & (not (j.ignoring and key[e] == ignored))
            valid[e] = good
            key[e] = key[e] if good else none


cdef inline line_t* line_at(job_t* j, work_t* w, Py_ssize_t d, Py_ssize_t h, Py_ssize_t ordinal) noexcept nogil:
    """Where row (d, h) of the strip in hand is kept, the `ordinal`-th of its window."""
    cdef Py_ssize_t slot = d % j.slots_d * j.slots_h + h % j.slots_h if j.slots_h else ordinal
    return &w.line[(w.strip - w.group) * j.slots + slot]


cdef inline void expect(job_t* j, work_t* w, Py_ssize_t d, Py_ssize_t h, Py_ssize_t l0, Py_ssize_t n) noexcept nogil:
    """Prefetch the row after (d, h): strips are too short for the hardware to see it coming (3x3 median of float32: 2.9 to
    2.3 ms)."""
    cdef Py_ssize_t p, end
    if h + 1 < j.h.n and not j.w.adaptive:
        p = ((w.o * j.plane + (d * j.h.n + h + 1) * j.w.n) * j.inner + l0 * j.w.stride) * j.size
        end = least(p + n * j.w.stride * j.size, j.elements * j.size)
        while p < end:
            cp_prefetch(j.x + p)
            p += 64


cdef line_t* line_of(core_t* tag, job_t* j, work_t* w, Py_ssize_t d, Py_ssize_t h, Py_ssize_t ordinal, Py_ssize_t l0,
                     Py_ssize_t n) noexcept nogil:
    """The row (d, h) of the strip in hand as keys: made if it is not there."""
    cdef Py_ssize_t p
    cdef line_t* line = line_at(j, w, d, h, ordinal)
    if line.o == w.o and line.d == d and line.h == h and line.made:
        return line
    line.o, line.d, line.h, line.nan, line.made = w.o, d, h, False, True
    expect(j, w, d, h, l0, n)
    if j.direct and not w.checked:
        # whole blocks are read: the array must go on that far
        p = ((w.o * j.plane + (d * j.h.n + h) * j.w.n) + j.off[0]) * j.inner + l0
        if p + j.pitch <= j.elements:
            line.keys = <unsigned char*>(<core_t*>j.x + p)
            return line
    line.keys = line.own
    for p in range(j.planes):
        fill_plane(tag, j, line, (w.o * j.plane + (d * j.h.n + h) * j.w.n) * j.inner, p, l0,
                   least(j.pitch, n + j.most_shift), w.checked)
    return line


# ---------------------------------------------------------------- a strip of windows by a network

cdef program_t* program_of(job_t* j, work_t* w, Py_ssize_t height, int every) noexcept nogil:
    cdef int i
    cdef program_t* p
    for i in range(PROGRAMS):
        if w.program[i].height == height and w.program[i].every == every:
            return &w.program[i]
    p = &w.program[w.next]
    w.next = (w.next + 1) % PROGRAMS
    p.height = -1
    if compile_program(w.maker, j, p, <int>height, every):
        return NULL
    return p


cdef inline void perform(core_t* tag, const exchange_t* e, int n, void** at, Py_ssize_t lanes) noexcept nogil:
    cdef int i
    cdef core_t* lo
    cdef core_t* hi
    for i in range(n):
        lo = NULL if e[i].lo < 0 else <core_t*>at[e[i].lo]
        hi = NULL if e[i].hi < 0 else <core_t*>at[e[i].hi]
        if core_t is cp_k8:
            cp_exchange_cp_k8(<core_t*>at[e[i].a] + e[i].sa, <core_t*>at[e[i].b] + e[i].sb, lo, hi,
                              (lanes + e[i].need + 63) // 64)
        elif core_t is cp_k16:
            cp_exchange_cp_k16(<core_t*>at[e[i].a] + e[i].sa, <core_t*>at[e[i].b] + e[i].sb, lo, hi,
                               (lanes + e[i].need + 31) // 32)
        elif core_t is cp_k32:
            cp_exchange_cp_k32(<core_t*>at[e[i].a] + e[i].sa, <core_t*>at[e[i].b] + e[i].sb, lo, hi,
                               (lanes + e[i].need + 15) // 16)
        else:
            cp_exchange_cp_k64(<core_t*>at[e[i].a] + e[i].sa, <core_t*>at[e[i].b] + e[i].sb, lo, hi,
                               (lanes + e[i].need + 7) // 8)


cdef inline void middle(core_t* tag, job_t* j, work_t* w, core_t* out, Py_ssize_t lanes, core_t flip,
                        core_t turn) noexcept nogil:
    """The medians of a row of windows from w.at; lanes: a block or more."""
    cdef Py_ssize_t s = j.shift_of[1]
    if core_t is cp_k8:
        cp_median_k8(j.taps, w.at, <core_t*>w.rows, j.pitch, s, out, lanes, flip, turn)
    elif core_t is cp_k16:
        cp_median_k16(j.taps, w.at, <core_t*>w.rows, j.pitch, s, out, lanes, flip, turn)
    elif core_t is cp_k32:
        cp_median_k32(j.taps, w.at, <core_t*>w.rows, j.pitch, s, out, lanes, flip, turn)
    else:
        cp_median_k64(j.taps, w.at, <core_t*>w.rows, j.pitch, s, out, lanes, flip, turn)


cdef bint rows_of_medians(core_t* tag, job_t* j, work_t* w, Py_ssize_t strip) noexcept nogil:
    """Four rows of medians of 3x3, the row in hand the first of them; False if they are to be made one by one."""
    cdef Py_ssize_t l0, l1, i, first_d = axis_first(&j.d, w.od), first_h = axis_first(&j.h, w.oh), row = j.w.n * j.inner
    cdef Py_ssize_t step = j.w.out * j.inner, next = 0, at
    cdef core_t flip = <core_t>j.flip, turn = <core_t>j.turn
    cdef core_t* out = <core_t*>j.out + ((w.o * j.d.out + w.od) * j.h.out + w.oh) * step
    cdef line_t* line
    strip_lanes(j, strip, &l0, &l1, &w.checked)
    if w.checked or (l1 - l0) * <Py_ssize_t>sizeof(core_t) < 64:
        return False
    w.strip = strip
    at = ((w.o * j.plane + (first_d * j.h.n + first_h) * j.w.n) + j.off[0]) * j.inner + l0
    if j.straight and at + 5 * row + l1 - l0 + 64 // <Py_ssize_t>sizeof(core_t) <= j.elements:
        if core_t is cp_k32:
            if cp_medians_of_k32(<core_t*>j.x + at, row, out + l0, step, l1 - l0):
                return True
        elif core_t is cp_k64:
            if cp_medians_of_k64(<core_t*>j.x + at, row, out + l0, step, l1 - l0):
                return True
    for i in range(6):
        if j.direct:
            w.at[i] = <core_t*>j.x + at + i * row
        else:
            line = line_of(tag, j, w, first_d, first_h + i, i, l0, l1 - l0)
            if line.nan:
                return False
            w.at[i] = line.keys
    if j.direct:
        next = 4 * row
    if core_t is cp_k8:
        cp_medians_k8(w.at, next, j.shift_of[1], out + l0, step, l1 - l0, flip, turn)
    elif core_t is cp_k16:
        cp_medians_k16(w.at, next, j.shift_of[1], out + l0, step, l1 - l0, flip, turn)
    elif core_t is cp_k32:
        cp_medians_k32(w.at, next, j.shift_of[1], out + l0, step, l1 - l0, flip, turn)
    else:
        cp_medians_k64(w.at, next, j.shift_of[1], out + l0, step, l1 - l0, flip, turn)
    return True


cdef inline void halfway(const core_t* a, const core_t* b, core_t* y, Py_ssize_t n) noexcept nogil:
    if core_t is cp_k8:
        cp_halfway_cp_k8(a, b, y, n)
    elif core_t is cp_k16:
        cp_halfway_cp_k16(a, b, y, n)
    elif core_t is cp_k32:
        cp_halfway_cp_k32(a, b, y, n)
    else:
        cp_halfway_cp_k64(a, b, y, n)


cdef inline void runs(core_t* tag, void** rows, int n, void* count, work_t* w, Py_ssize_t lanes) noexcept nogil:
    cdef Py_ssize_t blocks = (lanes * <Py_ssize_t>sizeof(core_t) + 63) // 64
    if core_t is cp_k8:
        cp_runs_cp_k8(rows, n, count, <core_t*>w.own_a, <core_t*>w.best, <core_t*>w.run, blocks)
    elif core_t is cp_k16:
        cp_runs_cp_k16(rows, n, count, <core_t*>w.own_a, <core_t*>w.best, <core_t*>w.run, blocks)
    elif core_t is cp_k32:
        cp_runs_cp_k32(rows, n, count, <core_t*>w.own_a, <core_t*>w.best, <core_t*>w.run, blocks)
    else:
        cp_runs_cp_k64(rows, n, count, <core_t*>w.own_a, <core_t*>w.best, <core_t*>w.run, blocks)


cdef inline void labels(core_t* tag, int rows, void** row, Py_ssize_t at, core_t flip, core_t* out,
                        Py_ssize_t n) noexcept nogil:
    """The most frequent labels of n windows of rows x 2 taps side by side."""
    if core_t is cp_k8:
        cp_labels_cp_k8(rows, row, at, flip, out, n)
    elif core_t is cp_k16:
        cp_labels_cp_k16(rows, row, at, flip, out, n)
    elif core_t is cp_k32:
        cp_labels_cp_k32(rows, row, at, flip, out, n)
    else:
        cp_labels_cp_k64(rows, row, at, flip, out, n)


cdef inline void found(core_t* tag, const core_t* tap, const unsigned char* valid, const core_t* value, int number,
                       core_t* at, Py_ssize_t lanes) noexcept nogil:
    cdef Py_ssize_t blocks = (lanes * <Py_ssize_t>sizeof(core_t) + 63) // 64
    if core_t is cp_k8:
        cp_found_cp_k8(tap, valid, value, number, at, blocks)
    elif core_t is cp_k16:
        cp_found_cp_k16(tap, valid, value, number, at, blocks)
    elif core_t is cp_k32:
        cp_found_cp_k32(tap, valid, value, number, at, blocks)
    else:
        cp_found_cp_k64(tap, valid, value, number, at, blocks)


cdef int network(core_t* tag, job_t* j, work_t* w, Py_ssize_t strip) noexcept nogil:
    """One strip of a row of windows; 1 if there is no memory."""
    cdef Py_ssize_t l0, l1, first_d, first_h, td, th, r, i, p, n
    cdef int every, k
    cdef bint nan = False
    cdef line_t* line
    cdef program_t* program
    cdef unsigned char* valid
    cdef core_t* counts = <core_t*>w.counts
    cdef core_t* a = <core_t*>w.own_a
    cdef core_t* b = <core_t*>w.own_b
    strip_lanes(j, strip, &l0, &l1, &w.checked)
    w.checked |= j.mask != NULL or j.omit or j.ignoring
    w.ow0, w.c0, w.unit, w.n = 0, l0, j.inner, l1 - l0
    n = w.n
    td, th = w.taps_d, w.taps_h
    w.height = td * th
    w.a, w.b = a, b
    w.lined = w.height > 0 and not (w.checked and n * w.height * j.taps <= 64)
    if not w.lined:
        return one_by_one(tag, j, w)
    first_d, first_h = axis_first(&j.d, w.od), axis_first(&j.h, w.oh)
    if j.paired and not w.checked and (w.height == 2 or w.height == 4):
        for r in range(w.height):
            p = (w.o * j.d.n + first_d + r // th * j.d.dilation) * j.h.n + first_h + r % th * j.h.dilation
            w.at[r] = <core_t*>j.x + p * j.w.n
        p = ((w.o * j.d.out + w.od) * j.h.out + w.oh) * j.w.out + l0
        labels(tag, <int>w.height, w.at, 2 * l0 - j.w.lo, <core_t>flipped(j.code), <core_t*>j.out + p, n)
        w.finished = True
        return 0
    for i in range(td):
        for p in range(th):
            r = i * th + p
            line = line_of(tag, j, w, first_d + i * j.d.dilation, first_h + p * j.h.dilation, r, l0, n)
            nan |= line.nan
            for k in range(j.planes):
                w.at[r * j.planes + k] = <core_t*>line.keys + k * j.pitch
    nan &= j.propagate and j.code >= F32
    every = w.checked or nan or j.op == MODE
    w.all = <int>(w.height * j.taps)
    w.same = not (w.checked or nan)
    if j.middle and w.same and w.height == j.taps and n >= 64 // <Py_ssize_t>sizeof(core_t):
        w.finished = True
        p = ((w.o * j.d.out + w.od) * j.h.out + w.oh) * j.w.out * j.inner + l0
        middle(tag, j, w, <core_t*>j.out + p, n, <core_t>j.flip, <core_t>j.turn)
        return 0
    program = program_of(j, w, w.height, every)
    if program == NULL:
        return 1
    for i in range(program.rows):
        w.at[w.height * j.planes + i] = <core_t*>w.rows + i * j.pitch
    perform(tag, program.code, program.count, w.at, n)
    if not every:
        w.a = <core_t*>w.at[program.out[0].v] + program.out[0].s
        w.b = <core_t*>w.at[program.out[1].v] + program.out[1].s
        w.weight = j.t[w.all]
        return 0
    for i in range(w.all):
        w.sorted[i] = <core_t*>w.at[program.out[i].v] + program.out[i].s
    if w.checked:
        memset(w.flags, 0, n)
        for r in range(w.height):
            line = line_at(j, w, first_d + r // th * j.d.dilation, first_h + r % th * j.h.dilation, r)
            for k in range(j.taps):
                valid = line.valid + j.plane_of[k] * j.pitch + j.shift_of[k]
                for i in range(n):
                    w.flags[i] = w.flags[i] + valid[i]
        for i in range(n):
            w.count[i] = w.flags[i]
            counts[i] = <core_t>w.flags[i]
    else:
        for i in range(n):
            w.count[i] = w.all
    if j.op == MODE:
        runs(tag, w.sorted, w.all, counts if w.checked else NULL, w, n)
        return 0
    for i in range(n):
        k = <int>w.count[i]
        if k == 0:
            continue
        if nan and (<core_t*>w.sorted[k - 1])[i] == nan_key(tag):
            a[i] = b[i] = nan_key(tag)
            w.t[i] = 0
            continue
        a[i], b[i] = (<core_t*>w.sorted[j.low[k]])[i], (<core_t*>w.sorted[j.high[k]])[i]
        w.t[i] = j.t[k]
    return 0


cdef inline long long flipped(int code) noexcept nogil:
    """The bits in which an integer differs from its key."""
    if code == I8:
        return 0x80
    if code == U16:
        return -32768
    if code == U32:
        return -2147483648ll
    return -9223372036854775807ll - 1 if code == U64 else 0


cdef void strip_lanes(job_t* j, Py_ssize_t strip, Py_ssize_t* l0, Py_ssize_t* l1, bint* checked) noexcept nogil:
    cdef Py_ssize_t total = j.w.out * j.inner
    if strip < j.strips_left:
        l0[0], l1[0] = strip * j.lanes, least((strip + 1) * j.lanes, j.left)
        checked[0] = True
    elif strip < j.strips_left + j.strips_mid:
        strip -= j.strips_left
        l0[0], l1[0] = j.left + strip * j.lanes, least(j.left + (strip + 1) * j.lanes, j.right)
        checked[0] = False
    else:
        strip -= j.strips_left + j.strips_mid
        l0[0], l1[0] = j.right + strip * j.lanes, least(j.right + (strip + 1) * j.lanes, total)
        checked[0] = True


include "ranks_windows.pxi"
include "ranks_edges.pxi"
include "ranks_results.pxi"
include "ranks_kmax.pxi"
