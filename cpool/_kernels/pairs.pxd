# Primitives on rows of (value, index) pairs: what `select.pyx` combines. See there for the design.

from libc.math cimport INFINITY

from cpool._kernels.numeric cimport (
    U8,
    I8,
    U16,
    I16,
    U32,
    I32,
    U64,
    I64,
    F32, F64, F16, BF16, storage_t, f16_t, bf16_t, f16_to_float, bf16_to_float, float_to_f16, float_to_bf16)

ctypedef fused core_t:
    int
    long long
    float
    double

ctypedef fused index_t:
    int
    long long

# an index as the output holds it
ctypedef fused place_t:
    int
    long long


cdef extern from "portable.h" nogil:
    float cp_blendf(int mask, float yes, float no)
    double cp_blendd(long long mask, double yes, double no)


cdef inline bint beats(core_t v, core_t m) noexcept nogil:
    """Whether the later tap v replaces m: strictly greater, or the first NaN."""
    if core_t is float or core_t is double:
        return (not (v <= m)) & (m == m)
    else:
        return v > m


cdef inline core_t blend(index_t mask, core_t yes, core_t no) noexcept nogil:
    if core_t is float:
        return cp_blendf(<int>mask, yes, no)
    elif core_t is double:
        return cp_blendd(mask, yes, no)
    else:
        return (yes & <core_t>mask) | (no & ~<core_t>mask)


cdef inline core_t lowest(core_t* tag) noexcept nogil:
    if core_t is int:
        return -2147483647 - 1
    elif core_t is float:
        return <float>-INFINITY
    elif core_t is double:
        return -INFINITY
    else:
        return -9223372036854775807ll - 1


cdef inline void taps(core_t* v, index_t* ix, const core_t* x, Py_ssize_t s, Py_ssize_t gap, Py_ssize_t k,
                      const index_t* place, index_t base, index_t unit, Py_ssize_t n) noexcept nogil:
    """The best of x[s*i + j*gap], j < k, and base + place[i] + j*unit."""
    cdef Py_ssize_t i, j
    cdef core_t a, b, c, e
    cdef index_t m, p, u2 = 2 * unit, u3 = 3 * unit
    cdef const core_t* y
    if k == 1:
        for i in range(n):
            v[i] = x[s * i]
            ix[i] = place[i] + base
        return
    if k == 2:
        if s == 1:
            for i in range(n):
                a, b = x[i], x[i + gap]
                m = -<index_t>beats(b, a)
                ix[i] = place[i] + base + (unit & m)
                v[i] = blend(m, b, a)
        elif s == 2 and gap == 1:
            for i in range(n):
                a, b = x[2 * i], x[2 * i + 1]
                m = -<index_t>beats(b, a)
                ix[i] = place[i] + base + (unit & m)
                v[i] = blend(m, b, a)
        else:
            for i in range(n):
                a, b = x[s * i], x[s * i + gap]
                m = -<index_t>beats(b, a)
                ix[i] = place[i] + base + (unit & m)
                v[i] = blend(m, b, a)
        return
    j = 0
    # (four taps of integers are more pairs of pointers than gcc is willing to check)
    if core_t is float or core_t is double:
        if k == 4 and s == 1:
            for i in range(n):
                a, b, c, e = x[i], x[i + gap], x[i + 2 * gap], x[i + 3 * gap]
                m = -<index_t>beats(b, a)
                p, a = unit & m, blend(m, b, a)
                m = -<index_t>beats(c, a)
                p, a = (u2 & m) | (p & ~m), blend(m, c, a)
                m = -<index_t>beats(e, a)
                ix[i] = place[i] + base + ((u3 & m) | (p & ~m))
                v[i] = blend(m, e, a)
            j = 4
    if j == 0:
        if s == 1:
            for i in range(n):
                a, b, c = x[i], x[i + gap], x[i + 2 * gap]
                m = -<index_t>beats(b, a)
                p, a = unit & m, blend(m, b, a)
                m = -<index_t>beats(c, a)
                ix[i] = place[i] + base + ((u2 & m) | (p & ~m))
                v[i] = blend(m, c, a)
        elif s == 2 and gap == 1:
            for i in range(n):
                a, b, c = x[2 * i], x[2 * i + 1], x[2 * i + 2]
                m = -<index_t>beats(b, a)
                p, a = unit & m, blend(m, b, a)
                m = -<index_t>beats(c, a)
                ix[i] = place[i] + base + ((u2 & m) | (p & ~m))
                v[i] = blend(m, c, a)
        else:
            for i in range(n):
                a, b, c = x[s * i], x[s * i + gap], x[s * i + 2 * gap]
                m = -<index_t>beats(b, a)
                p, a = unit & m, blend(m, b, a)
                m = -<index_t>beats(c, a)
                ix[i] = place[i] + base + ((u2 & m) | (p & ~m))
                v[i] = blend(m, c, a)
        j = 3
    while j < k:
        y = x + j * gap
        u2 = base + <index_t>j * unit
        if s == 1:
            for i in range(n):
                a, b = v[i], y[i]
                m = -<index_t>beats(b, a)
                ix[i] = ((place[i] + u2) & m) | (ix[i] & ~m)
                v[i] = blend(m, b, a)
        else:
            for i in range(n):
                a, b = v[i], y[s * i]
                m = -<index_t>beats(b, a)
                ix[i] = ((place[i] + u2) & m) | (ix[i] & ~m)
                v[i] = blend(m, b, a)
        j += 1


cdef inline void combine(core_t* v, index_t* ix, const core_t* a, const index_t* ia, const core_t* b,
                         const index_t* ib, Py_ssize_t s, Py_ssize_t n) noexcept nogil:
    """The better of the earlier a[s*i] and the later b[s*i]. v is neither a nor b."""
    cdef Py_ssize_t i
    cdef index_t m
    if s == 1:
        for i in range(n):
            m = -<index_t>beats(b[i], a[i])
            ix[i] = (ib[i] & m) | (ia[i] & ~m)
            v[i] = blend(m, b[i], a[i])
    else:
        for i in range(n):
            m = -<index_t>beats(b[s * i], a[s * i])
            ix[i] = (ib[s * i] & m) | (ia[s * i] & ~m)
            v[i] = blend(m, b[s * i], a[s * i])


cdef inline void combine3(core_t* v, index_t* ix, const core_t* a, const index_t* ia, const core_t* b,
                          const index_t* ib, const core_t* c, const index_t* ic, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    cdef core_t e
    cdef index_t m, p
    for i in range(n):
        m = -<index_t>beats(b[i], a[i])
        e, p = blend(m, b[i], a[i]), (ib[i] & m) | (ia[i] & ~m)
        m = -<index_t>beats(c[i], e)
        ix[i] = (ic[i] & m) | (p & ~m)
        v[i] = blend(m, c[i], e)


cdef inline void absorb(core_t* v, index_t* ix, const core_t* b, const index_t* ib,
                        Py_ssize_t n) noexcept nogil:
    """v[i] takes the later b[i] where it is better."""
    cdef Py_ssize_t i
    cdef index_t m
    for i in range(n):
        m = -<index_t>beats(b[i], v[i])
        ix[i] = (ib[i] & m) | (ix[i] & ~m)
        v[i] = blend(m, b[i], v[i])


cdef inline void fold_rows(core_t* v, index_t* ix, const core_t* a, const index_t* ia, Py_ssize_t rows,
                           Py_ssize_t pitch, Py_ssize_t n) noexcept nogil:
    """The best over `rows` rows, `pitch` elements apart."""
    cdef Py_ssize_t r
    if rows == 1:
        copy_row(v, a, n)
        copy_row(ix, ia, n)
    elif rows == 2:
        combine(v, ix, a, ia, a + pitch, ia + pitch, 1, n)
    else:
        # value and index of one C type: gcc would have to check more pairs of pointers than it is willing to
        if core_t is float or core_t is double:
            combine3(v, ix, a, ia, a + pitch, ia + pitch, a + 2 * pitch, ia + 2 * pitch, n)
        else:
            combine(v, ix, a, ia, a + pitch, ia + pitch, 1, n)
            absorb(v, ix, a + 2 * pitch, ia + 2 * pitch, n)
        for r in range(3, rows):
            absorb(v, ix, a + r * pitch, ia + r * pitch, n)


cdef inline void copy_row(core_t* v, const core_t* a, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        v[i] = a[i]


cdef inline void fill_row(core_t* v, core_t value, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        v[i] = value


# ---------------------------------------------------------------- between storage and core
# Integers: widened; the two unsigned types that fill their core get the top bit flipped, which keeps the
# order. min is max
# of the complement (integers) or of the negative (floats): both are exact and their own inverse.

cdef inline void take_row(core_t* v, const storage_t* x, Py_ssize_t step, bint flip,
                          Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    cdef core_t flipped = -1
    if core_t is float or core_t is double:
        if storage_t is float or storage_t is double or storage_t is f16_t or storage_t is bf16_t:
            if not flip:
                flipped = 1
            if step == 1:
                for i in range(n):
                    v[i] = flipped * widen(v, x[i])
            else:
                for i in range(n):
                    v[i] = flipped * widen(v, x[i * step])
    elif storage_t is float or storage_t is double or storage_t is f16_t or storage_t is bf16_t:
        pass
    else:
        if not flip:
            flipped = 0
        if step == 1:
            for i in range(n):
                v[i] = flipped ^ widen(v, x[i])
        else:
            for i in range(n):
                v[i] = flipped ^ widen(v, x[i * step])


cdef inline core_t widen(core_t* tag, storage_t x) noexcept nogil:
    if storage_t is f16_t:
        return <core_t>f16_to_float(x)
    elif storage_t is bf16_t:
        return <core_t>bf16_to_float(x)
    elif core_t is float or core_t is double or storage_t is float or storage_t is double:
        return <core_t>x
    else:
        if sizeof(storage_t) == sizeof(core_t) and <storage_t>(-1) > 0:
            return <core_t>x ^ lowest(tag)
        return <core_t>x


cdef inline void give_row(storage_t* x, Py_ssize_t step, const core_t* v, bint flip,
                          Py_ssize_t n) noexcept nogil:
    """The inverse of take_row."""
    cdef Py_ssize_t i
    cdef core_t flipped = -1
    if core_t is float or core_t is double:
        if storage_t is float or storage_t is double or storage_t is f16_t or storage_t is bf16_t:
            if not flip:
                flipped = 1
            if step == 1:
                for i in range(n):
                    unwiden(x + i, <core_t>(flipped * v[i]))
            else:
                for i in range(n):
                    unwiden(x + i * step, <core_t>(flipped * v[i]))
    elif storage_t is float or storage_t is double or storage_t is f16_t or storage_t is bf16_t:
        pass
    else:
        if not flip:
            flipped = 0
        if step == 1:
            for i in range(n):
                unwiden(x + i, <core_t>(flipped ^ v[i]))
        else:
            for i in range(n):
                unwiden(x + i * step, <core_t>(flipped ^ v[i]))


cdef inline void unwiden(storage_t* x, core_t v) noexcept nogil:
    if storage_t is f16_t:
        x[0] = float_to_f16(<float>v)
    elif storage_t is bf16_t:
        x[0] = float_to_bf16(<float>v)
    elif core_t is float or core_t is double or storage_t is float or storage_t is double:
        x[0] = <storage_t>v
    else:
        if sizeof(storage_t) == sizeof(core_t) and <storage_t>(-1) > 0:
            v = v ^ lowest(&v)
        x[0] = <storage_t>v


cdef inline void take(int code, core_t* v, const void* x, Py_ssize_t step, bint flip,
                      Py_ssize_t n) noexcept nogil:
    """v[i] = the core value of element i*step of x."""
    if core_t is float or core_t is double:
        if code == F32:
            take_row(v, <const float*>x, step, flip, n)
        elif code == F16:
            take_row(v, <const f16_t*>x, step, flip, n)
        elif code == BF16:
            take_row(v, <const bf16_t*>x, step, flip, n)
        elif core_t is double:
            take_row(v, <const double*>x, step, flip, n)
    else:
        if code == U8:
            take_row(v, <const unsigned char*>x, step, flip, n)
        elif code == I8:
            take_row(v, <const signed char*>x, step, flip, n)
        elif code == U16:
            take_row(v, <const unsigned short*>x, step, flip, n)
        elif code == I16:
            take_row(v, <const short*>x, step, flip, n)
        elif code == U32:
            take_row(v, <const unsigned int*>x, step, flip, n)
        elif code == I32:
            take_row(v, <const int*>x, step, flip, n)
        elif core_t is not int:
            if code == U64:
                take_row(v, <const unsigned long long*>x, step, flip, n)
            else:
                take_row(v, <const long long*>x, step, flip, n)


cdef inline void give(int code, void* x, Py_ssize_t step, const core_t* v, bint flip,
                      Py_ssize_t n) noexcept nogil:
    if core_t is float or core_t is double:
        if code == F32:
            give_row(<float*>x, step, v, flip, n)
        elif code == F16:
            give_row(<f16_t*>x, step, v, flip, n)
        elif code == BF16:
            give_row(<bf16_t*>x, step, v, flip, n)
        elif core_t is double:
            give_row(<double*>x, step, v, flip, n)
    else:
        if code == U8:
            give_row(<unsigned char*>x, step, v, flip, n)
        elif code == I8:
            give_row(<signed char*>x, step, v, flip, n)
        elif code == U16:
            give_row(<unsigned short*>x, step, v, flip, n)
        elif code == I16:
            give_row(<short*>x, step, v, flip, n)
        elif code == U32:
            give_row(<unsigned int*>x, step, v, flip, n)
        elif code == I32:
            give_row(<int*>x, step, v, flip, n)
        elif core_t is not int:
            if code == U64:
                give_row(<unsigned long long*>x, step, v, flip, n)
            else:
                give_row(<long long*>x, step, v, flip, n)


cdef inline void give_index(int bytes, void* x, Py_ssize_t step, const index_t* ix,
                            Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    cdef int* a = <int*>x
    cdef long long* b = <long long*>x
    if bytes == 4:
        if step == 1:
            for i in range(n):
                a[i] = <int>ix[i]
        else:
            for i in range(n):
                a[i * step] = <int>ix[i]
    elif step == 1:
        for i in range(n):
            b[i] = ix[i]
    else:
        for i in range(n):
            b[i * step] = ix[i]
