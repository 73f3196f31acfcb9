# Rows of the image to rows of accumulators: conversion and vertical fold in one pass. Included by reduce.pyx.
#
# a) A load combines the converted elements of m rows, in order, two at a time: ((t0 + t1) + t2) + t3, as `fold` does. What is
#    converted stays in registers: with a pass to convert and a pass to add, 2x2 means of uint8 took 1.5 ms for 4096 x 4096, in
#    one pass, with pairs of bytes (d) and shifts for the division, 0.65 ms.
# b) Long rows go in chunks: the rows of a chunk meet in registers or in the L1 cache, and each chunk asks for what comes
#    `ahead` bytes later (the hardware stops prefetching at the end of a page, which rows of images often are).
# c) Max and min of floats may travel as integers in the order of their values (key_t), every NaN as the extreme one: one
#    instruction a tap, where the NaN rule costs three or four. It pays where windows are large; 16-bit floats always do.
# d) Two bytes are one element where windows do not cut pairs (load_pairs): half of the horizontal work is done in the load.
#    8x8 means of 4096 x 4096 uint8: 0.40 ms with the rows of a window in pieces of 512 bytes, 0.31 with whole rows.

ctypedef fused byte_t:
    u8
    i8

ctypedef fused real_t:
    f16_t
    bf16_t
    float
    double

ctypedef fused key_t:
    i16
    i32
    i64

ctypedef fused short_t:
    u8
    i8
    u16
    i16

cdef enum:
    LOAD_CHUNK = 512          # bytes of a row
    LOAD_ROWS = 8             # rows to a call at most
    AHEAD = 8192              # bytes between an access and the prefetch of what follows it in memory


cdef inline void coming(const void* row, Py_ssize_t n) noexcept nogil:
    """Ask for n bytes."""
    cdef Py_ssize_t j
    for j in range(0, n, 64):
        cp_prefetch(<const char*>row + j)


cdef inline sum_t as_sum(sum_t* tag, storage_t v) noexcept nogil:
    if sum_t is i128_t:
        if storage_t is u64:
            return i128_from_u64(v)
        elif storage_t is float or storage_t is double or storage_t is f16_t or storage_t is bf16_t:
            return i128_from_i64(0)
        else:
            return i128_from_i64(<i64>v)
    elif sum_t is float:
        return as_float(v)
    elif sum_t is double:
        return as_double(v)
    elif storage_t is float or storage_t is double or storage_t is f16_t or storage_t is bf16_t:
        return 0
    else:
        return <sum_t>v


cdef inline void sum_rows(sum_t* dst, const sum_t* base, const storage_t* a, const storage_t* b, Py_ssize_t n) noexcept nogil:
    """dst = base + a + b; base and b may be NULL, and base may be dst."""
    cdef Py_ssize_t i
    if base == NULL:
        if b == NULL:
            for i in range(n):
                dst[i] = as_sum(dst, a[i])
        else:
            for i in range(n):
                dst[i] = step(<Add*>NULL, as_sum(dst, a[i]), as_sum(dst, b[i]))
    elif base != dst:
        for i in range(n):
            dst[i] = step(<Add*>NULL, base[i], as_sum(dst, a[i]))
        if b != NULL:
            for i in range(n):
                dst[i] = step(<Add*>NULL, dst[i], as_sum(dst, b[i]))
    elif b == NULL:
        for i in range(n):
            dst[i] = step(<Add*>NULL, dst[i], as_sum(dst, a[i]))
    else:
        for i in range(n):
            dst[i] = step(<Add*>NULL, step(<Add*>NULL, dst[i], as_sum(dst, a[i])), as_sum(dst, b[i]))


cdef void load_sum(sum_t* dst, const sum_t* base, const storage_t** rows, Py_ssize_t m, Py_ssize_t n, Py_ssize_t ahead,
                   double p) noexcept nogil:
    cdef Py_ssize_t c = 0, j, size, chunk = LOAD_CHUNK // <Py_ssize_t>sizeof(storage_t)
    cdef const sum_t* so_far
    cdef float[256] one, two                                   # LOAD_CHUNK of 16-bit floats
    while c < n:
        size = chunk if n - c > chunk else n - c
        if ahead:
            for j in range(m):
                coming(<const char*>(rows[j] + c) + ahead, size * <Py_ssize_t>sizeof(storage_t))
        so_far = base + c if base != NULL else NULL
        for j in range(0, m, 2):
            if storage_t is f16_t and (sum_t is float or sum_t is double):
                cp_f16_floats(one, rows[j] + c, size)
                if j + 1 < m:
                    cp_f16_floats(two, rows[j + 1] + c, size)
                sum_rows(dst + c, so_far, <const float*>one, <const float*>two if j + 1 < m else NULL, size)
            else:
                sum_rows(dst + c, so_far, rows[j] + c, rows[j + 1] + c if j + 1 < m else NULL, size)
            so_far = dst + c
        c += size


cdef void load_change(u32* dst, const short_t* more, const short_t* less, Py_ssize_t n, Py_ssize_t ahead) noexcept nogil:
    """dst += more - less, modulo 2**32; either may be NULL."""
    cdef Py_ssize_t c = 0, i, size, chunk = LOAD_CHUNK // <Py_ssize_t>sizeof(short_t)
    while c < n:
        size = chunk if n - c > chunk else n - c
        if more != NULL:
            if ahead:
                coming(<const char*>(more + c) + ahead, size * <Py_ssize_t>sizeof(short_t))
            if less != NULL:
                for i in range(c, c + size):
                    dst[i] = dst[i] + <u32>(<int>more[i] - <int>less[i])
            else:
                for i in range(c, c + size):
                    dst[i] = dst[i] + <u32>more[i]
        elif less != NULL:
            for i in range(c, c + size):
                dst[i] = dst[i] - <u32>less[i]
        c += size


cdef void load_pairs(u16* dst, const u16* base, const byte_t** rows, Py_ssize_t m, Py_ssize_t n, Py_ssize_t ahead,
                     double p) noexcept nogil:
    """Sums of two bytes, two rows at a time; long rows of tall windows to their ends, as memory is fastest in the order of the
    addresses."""
    cdef Py_ssize_t c, j, i, size, far = AHEAD if ahead and m > 2 and n > LOAD_CHUNK else ahead
    cdef bint two
    if base != NULL and base != dst:
        memcpy(dst, base, n * sizeof(u16))
    for j in range(0, m, 2):
        two = j + 1 < m
        c = 0
        while c < n:
            size = smaller(LOAD_CHUNK // 2, n - c)
            if far:
                for i in range(j, j + 1 + two):
                    coming(<const char*>(rows[i] + 2 * c) + far, 2 * size)
            if byte_t is u8:
                cp_pairs_u8(dst + c, rows[j] + 2 * c, rows[j + 1] + 2 * c if two else NULL, size, base != NULL or j > 0)
            else:
                cp_pairs_i8(dst + c, rows[j] + 2 * c, rows[j + 1] + 2 * c if two else NULL, size, base != NULL or j > 0)
            c += size


cdef inline Py_ssize_t vectors(Py_ssize_t* c, Py_ssize_t n, Py_ssize_t item) noexcept nogil:
    """How many of the elements c .. n come next, in whole vectors: the last one starts earlier, as what is done twice does
    no harm (3x3/s2 of float16, rows of 112: 1.4 to 1.1 ms without a rest of scalars)."""
    cdef Py_ssize_t lanes = 64 // item, rest = (n - c[0]) % lanes
    if rest == 0 or n < lanes:
        return n - c[0]
    if n - c[0] > rest:
        return n - c[0] - rest
    c[0] = n - lanes
    return lanes


cdef inline key_t as_key(op_t* op, key_t* tag, real_t v) noexcept nogil:
    """The place of v among its type's values; a NaN before or behind all, as the reducer wants."""
    if real_t is f16_t and key_t is i16:
        return f16_key(v.bits, 32767 if op_t is Max else -32768)
    elif real_t is bf16_t and key_t is i16:
        return bf16_key(v.bits, 32767 if op_t is Max else -32768)
    elif real_t is float and key_t is i32:
        return float_key(v, 0x7fffffff if op_t is Max else -0x7fffffff - 1)
    elif real_t is double and key_t is i64:
        return double_key(v, 0x7fffffffffffffff if op_t is Max else -0x7fffffffffffffff - 1)
    else:
        return 0


cdef inline void key_rows(op_t* op, key_t* dst, const key_t* base, const real_t* a, const real_t* b,
                          Py_ssize_t n) noexcept nogil:
    """`sum_rows` for max and min."""
    cdef Py_ssize_t i
    if base == NULL:
        if b == NULL:
            for i in range(n):
                dst[i] = as_key(op, dst, a[i])
        else:
            for i in range(n):
                dst[i] = step(op, as_key(op, dst, a[i]), as_key(op, dst, b[i]))
    elif base != dst:
        for i in range(n):
            dst[i] = step(op, base[i], as_key(op, dst, a[i]))
        if b != NULL:
            for i in range(n):
                dst[i] = step(op, dst[i], as_key(op, dst, b[i]))
    elif b == NULL:
        for i in range(n):
            dst[i] = step(op, dst[i], as_key(op, dst, a[i]))
    else:
        for i in range(n):
            dst[i] = step(op, step(op, dst[i], as_key(op, dst, a[i])), as_key(op, dst, b[i]))


cdef inline void load_key(op_t* op, key_t* dst, const key_t* base, const real_t** rows, Py_ssize_t m, Py_ssize_t n,
                          Py_ssize_t ahead) noexcept nogil:
    cdef Py_ssize_t c = 0, j, size, chunk = LOAD_CHUNK // <Py_ssize_t>sizeof(real_t)
    cdef const key_t* so_far
    if sizeof(key_t) != sizeof(real_t):
        return
    while c < n:
        size = chunk if n - c > chunk else vectors(&c, n, sizeof(key_t))
        if ahead:
            for j in range(m):
                coming(<const char*>(rows[j] + c) + ahead, size * <Py_ssize_t>sizeof(real_t))
        so_far = base + c if base != NULL else NULL
        for j in range(0, m, 2):
            key_rows(op, dst + c, so_far, rows[j] + c, rows[j + 1] + c if j + 1 < m else NULL, size)
            so_far = dst + c
        c += size


cdef void load_key_max(key_t* dst, const key_t* base, const real_t** rows, Py_ssize_t m, Py_ssize_t n, Py_ssize_t ahead,
                       double p) noexcept nogil:
    load_key(<Max*>NULL, dst, base, rows, m, n, ahead)


cdef void load_key_min(key_t* dst, const key_t* base, const real_t** rows, Py_ssize_t m, Py_ssize_t n, Py_ssize_t ahead,
                       double p) noexcept nogil:
    load_key(<Min*>NULL, dst, base, rows, m, n, ahead)


cdef inline double square(storage_t v) noexcept nogil:
    return as_double(v) * as_double(v)


cdef inline void square_rows(double* dst, const storage_t* a, const storage_t* b, Py_ssize_t n, bint begun) noexcept nogil:
    cdef Py_ssize_t i
    if b == NULL:
        if begun:
            for i in range(n):
                dst[i] = dst[i] + square(a[i])
        else:
            for i in range(n):
                dst[i] = square(a[i])
    elif begun:
        for i in range(n):
            dst[i] = dst[i] + square(a[i]) + square(b[i])
    else:
        for i in range(n):
            dst[i] = square(a[i]) + square(b[i])


cdef inline void powers(double* dst, const storage_t* src, Py_ssize_t n, double p) noexcept nogil:
    """|x|**p; p = inf: |x|."""
    cdef Py_ssize_t i
    cdef double v
    if p == 1 or p == INFINITY:
        for i in range(n):
            dst[i] = fabs(as_double(src[i]))
    elif p == 3:
        for i in range(n):
            v = fabs(as_double(src[i]))
            dst[i] = v * v * v
    elif p == 4:
        for i in range(n):
            v = square(src[i])
            dst[i] = v * v
    elif p == 0.5:
        for i in range(n):
            dst[i] = sqrt(fabs(as_double(src[i])))
    else:
        for i in range(n):
            dst[i] = pow(fabs(as_double(src[i])), p)


cdef void load_power(double* dst, const double* base, const storage_t** rows, Py_ssize_t m, Py_ssize_t n, Py_ssize_t ahead,
                     double p) noexcept nogil:
    """Sums of |x|**p; p = inf: maxima of |x|."""
    cdef Py_ssize_t c = 0, i, j, size
    cdef double part[128]
    cdef double* to
    if base != NULL and base != dst:
        memcpy(dst, base, n * sizeof(double))
    while c < n:
        size = 128 if n - c > 128 else n - c
        to = dst + c
        if ahead:
            for j in range(m):
                coming(<const char*>(rows[j] + c) + ahead, size * <Py_ssize_t>sizeof(storage_t))
        if p == 2:
            for j in range(0, m, 2):
                square_rows(to, rows[j] + c, rows[j + 1] + c if j + 1 < m else NULL, size, base != NULL or j > 0)
            c += size
            continue
        for j in range(m):
            if base == NULL and j == 0:
                powers(to, rows[j] + c, size, p)
                continue
            powers(part, rows[j] + c, size, p)
            if p == INFINITY:
                for i in range(size):
                    to[i] = step(<Max*>NULL, to[i], part[i])
            else:
                for i in range(size):
                    to[i] = to[i] + part[i]
        c += size
