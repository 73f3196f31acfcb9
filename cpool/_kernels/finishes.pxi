# Accumulators to outputs. Included by reduce.pyx.
#
# a) Averages of integers are rounded to nearest, ties to even, exactly: by shifts where the divisor is a power of two, else
#    by a product with the reciprocal that is first rounded to a grid on which ties lie and nothing else comes to lie on one
#    (`grid`). A division of eight doubles takes as long as ten products.
# b) Float32 means of double sums are products too: within 2**-52 of the quotient.
# c) One loop with divisors of their own and one without: with AVX-512, a loop for both loads from NULL under an empty mask,
#    which takes ten times as long as the division (3x3 means of 2048 x 2048 int32: 42 and 4.5 ms).
# d) Square roots that end in float32 are taken in float32 where the sum is in its range: three quarters of an ulp at most.

cdef inline i64 whole(double v) noexcept nogil:
    """A divisor as an integer: counts beyond 2**63 (huge padding) are as good as that."""
    return <i64>v if -9.2e18 < v < 9.2e18 else (9200000000000000000 if v > 0 else -9200000000000000000)


cdef inline bint power_of_two(double v) noexcept nogil:
    return 1 <= v < 1152921504606846976.0 and (<i64>v & (<i64>v - 1)) == 0 and <double><i64>v == v


cdef void finish_same(acc_t* out, const acc_t* acc, Py_ssize_t n, const finish_t* how, double div,
                      const double* count) noexcept nogil:
    """Averages of float32 and float64. From scratch to out: in place, every load would wait for an output line to arrive
    from memory (2x2 means of 4096 x 4096: 7.7 ms in place).

    float32: a product with the reciprocal in double, rounded, is the rounded quotient (a quotient by a count is never that
    near to a tie, subnormals excepted), and takes half the time of a division."""
    cdef Py_ssize_t i
    cdef acc_t r
    cdef double scale
    if acc_t is float or acc_t is double:
        if count != NULL:
            if acc_t is float:
                scale = 1.0 / div
                if scale == 1:                  # a plane at once: 3x3 means of 35 x 35 5 % faster
                    for i in range(n):
                        out[i] = <float>(acc[i] * count[i])
                else:
                    for i in range(n):
                        out[i] = <float>(acc[i] * (scale * count[i]))
            else:
                for i in range(n):
                    out[i] = acc[i] / <acc_t>(div * count[i])
        elif power_of_two(div):
            r = <acc_t>1 / <acc_t>div
            for i in range(n):
                out[i] = acc[i] * r
        elif acc_t is float:
            scale = 1.0 / div
            for i in range(n):
                out[i] = <float>(acc[i] * scale)
        else:
            r = <acc_t>div
            for i in range(n):
                out[i] = acc[i] / r


cdef inline double nth_root(double v, double p, double root) noexcept nogil:
    """v**(1/p). 1/p is rounded, and pow multiplies that error by ln v: so powers of two go first."""
    cdef int e
    cdef double m, q
    if not 0 < v < INFINITY:
        return v
    m = frexp(v, &e)
    q = cp_rint(e * root)
    return ldexp(pow(m * exp2(e - q * p), root), <int>q)


cdef inline void roots(float* out, const acc_t* acc, Py_ssize_t n, double scale) noexcept nogil:
    """Square roots in float32, and in double of what float32 cannot hold."""
    cdef Py_ssize_t i, c = 0, size
    cdef double v
    cdef int far
    if acc_t is double:
        while c < n:
            size = 256 if n - c > 256 else n - c
            far = 0
            if scale == 1:
                for i in range(c, c + size):
                    out[i] = sqrtf(<float>acc[i])
                    far |= (acc[i] > 3e38) | ((acc[i] < 2e-38) & (acc[i] != 0))
            else:
                for i in range(c, c + size):
                    v = acc[i] / scale
                    out[i] = sqrtf(<float>v)
                    far |= (v > 3e38) | ((v < 2e-38) & (v != 0))
            if far:
                for i in range(c, c + size):
                    v = acc[i] / scale
                    if v > 3e38 or v < 2e-38:
                        out[i] = <float>sqrt(v)
            c += size


cdef void finish_float(output_t* out, const acc_t* acc, Py_ssize_t n, const finish_t* how, double div,
                       const double* count) noexcept nogil:
    """float or double accumulators to any narrower (or, for Lp, any) output."""
    cdef Py_ssize_t i
    cdef acc_t r
    cdef double v, root, scale
    if acc_t is float:
        if how.mode == OP_SUM:
            for i in range(n):
                if output_t is f16_t:
                    out[i] = float_to_f16(acc[i])
                elif output_t is bf16_t:
                    out[i] = float_to_bf16(acc[i])
        else:
            r = <float>div
            if count == NULL:
                for i in range(n):
                    if output_t is f16_t:
                        out[i] = float_to_f16(acc[i] / r)
                    elif output_t is bf16_t:
                        out[i] = float_to_bf16(acc[i] / r)
            else:
                for i in range(n):
                    if output_t is f16_t:
                        out[i] = float_to_f16(acc[i] / <float>(div * count[i]))
                    elif output_t is bf16_t:
                        out[i] = float_to_bf16(acc[i] / <float>(div * count[i]))
    elif acc_t is double:
        if how.mode == OP_SUM:
            for i in range(n):
                narrow(&out[i], acc[i])
        elif how.mode == OP_AVG:
            if how.reciprocal:
                # to float32 and less: a product in double is within 2**-52 of the quotient, and a fifth of its time
                scale = 1.0 / div
                if count == NULL:
                    for i in range(n):
                        narrow(&out[i], acc[i] * scale)
                else:
                    for i in range(n):
                        narrow(&out[i], acc[i] * (scale * count[i]))
            elif count == NULL:
                scale = div
                for i in range(n):
                    narrow(&out[i], acc[i] / scale)
            else:
                for i in range(n):
                    narrow(&out[i], acc[i] / (div * count[i]))
        elif how.p == 2 and (count == NULL or not how.normalize):
            scale = div if how.normalize else 1.0
            if scale == 0:
                scale = 1.0                                    # an empty window: its sum is 0
            if output_t is float:
                roots(out, acc, n, scale)
            else:
                for i in range(n):
                    narrow(&out[i], sqrt(acc[i] / scale))
        else:
            root = 1.0 / how.p
            for i in range(n):
                v = acc[i]
                if how.normalize and how.p != INFINITY:
                    scale = div * (1.0 if count == NULL else count[i])
                    v = v / scale if scale > 0 else 0.0
                if how.p == 2:
                    v = sqrt(v)
                elif how.p == 0.5:
                    v = v * v
                elif how.p != 1 and how.p != INFINITY:
                    v = nth_root(v, how.p, root)
                narrow(&out[i], v)


cdef inline double grid(double div, int digits) noexcept nogil:
    """What, added and taken away, rounds quotients by div to multiples of 1/(4 div) or a little less, in arithmetic of so many
    digits. Quotients other than ties are at least 1/(2 div) away from the nearest tie; the product with the reciprocal is
    wrong by less than 1/(16 div), as a sum has 19 bits at most (float) or 32 (double)."""
    cdef int e
    frexp(div, &e)
    return ldexp(1.5, digits - e - 2)


cdef inline u32 low_word(double v) noexcept nogil:
    """The nearest integer modulo 2**32, ties to even, |v| < 2**51: the last bits of a sum. No conversion, which AVX2 lacks."""
    return <u32>double_bits(v + 6755399441055744.0)


cdef inline void quotients(output_t* out, const acc_t* acc, Py_ssize_t n, double div, bint signed_) noexcept nogil:
    """Sums below 2**19 by any divisor, in float32."""
    cdef Py_ssize_t i
    cdef float v, r = <float>(1 / div), w = <float>grid(div, 23)
    if (acc_t is u16 or acc_t is u32) and output_t is not f16_t and output_t is not bf16_t:
        for i in range(n):
            if acc_t is u16:
                v = <float>(<i16>acc[i]) if signed_ else <float>acc[i]
            else:
                v = <float>(<int>acc[i])
            out[i] = <output_t>(<int>cp_rintf((v * r + w) - w))


cdef inline void rounded_shift(output_t* out, const acc_t* acc, Py_ssize_t n, int div, bint signed_) noexcept nogil:
    """Sums below 2**14 by a power of two, 2 to 2**14, in 16 bits: half the divisor is added before the shift, or 1 less if the
    quotient is even. Shifts are upper halves of products: of shifts by a variable gcc makes 32 bits."""
    cdef Py_ssize_t i
    cdef u32 scale = 65536 // <u32>div
    cdef u16 off = 32768 if signed_ else 0, less = <u16>(off // div), half = <u16>(div // 2 - 1), v, q
    if acc_t is u16 and output_t is not f16_t and output_t is not bf16_t:
        for i in range(n):
            v = <u16>(acc[i] + off)                            # never negative, its quotient even where the sum's is
            q = <u16>(<u32>v * scale >> 16)
            v = <u16>(v + half + (q & 1))
            q = <u16>(<u32>v * scale >> 16)
            out[i] = <output_t>(<i16>(q - less))


cdef inline double sum_double(acc_t total, bint signed_) noexcept nogil:
    if acc_t is i128_t:
        return i128_to_double(total)
    elif acc_t is u16:
        return <double>(<i16>total) if signed_ else <double>total
    elif acc_t is u32:
        return <double>(<int>total) if signed_ else <double>total
    elif acc_t is u64:
        return <double>(<i64>total) if signed_ else <double>total
    else:
        return <double>total


cdef inline u64 exact_mean(i128_t total, i64 div) noexcept nogil:
    """total / div to the nearest, ties to even; 0 / 0 is 0."""
    cdef double v = i128_to_double(total)
    if div == 0:
        return 0
    if -2251799813685248.0 < v < 2251799813685248.0:           # see finish_int; a division of 128 bits takes ten times as long
        return <u64><i64>cp_rint(v / <double>div)
    if div < 0:
        return i128_round_div(i128_neg(total), <u64>(-div))
    return i128_round_div(total, <u64>div)


cdef void finish_int(output_t* out, const acc_t* acc, Py_ssize_t n, const finish_t* how, double div,
                     const double* count) noexcept nogil:
    """Integer accumulators: sums modulo the output type, averages to the nearest, ties to even, all exact."""
    cdef Py_ssize_t i
    cdef double v
    cdef double r, top
    cdef float w, fr
    cdef i64 dv = whole(div)
    cdef u64 far
    cdef Py_ssize_t c = 0, size
    cdef bint signed_ = how.is_signed
    if acc_t is float or acc_t is double or output_t is f16_t or output_t is bf16_t:
        return
    elif output_t is float or output_t is double:
        if how.mode != OP_AVG:
            for i in range(n):
                out[i] = <output_t>sum_double(acc[i], signed_)
        elif count == NULL:
            for i in range(n):
                out[i] = <output_t>(sum_double(acc[i], signed_) / div)
        else:
            for i in range(n):
                out[i] = <output_t>(sum_double(acc[i], signed_) / (div * count[i]))
    elif how.mode == OP_SUM:
        for i in range(n):
            if acc_t is i128_t:
                out[i] = <output_t>i128_low(acc[i])
            elif acc_t is u16:
                out[i] = <output_t>(<i16>acc[i]) if signed_ else <output_t>acc[i]
            elif acc_t is u32:
                out[i] = <output_t>(<int>acc[i]) if signed_ else <output_t>acc[i]
            else:
                out[i] = <output_t>acc[i]
    elif acc_t is u16:
        if count == NULL and how.small and 1 < div <= 16384 and power_of_two(div):
            rounded_shift(out, acc, n, <int>div, signed_)
        elif count == NULL and 1 < div <= 65536:
            quotients(out, acc, n, div, signed_)
        else:
            # |sum| < 2**16 and the quotient needs 17 bits at most: a float division, correctly rounded, cannot cross a tie
            fr = <float>div
            if count == NULL:
                for i in range(n):
                    w = <float>(<i16>acc[i]) if signed_ else <float>acc[i]
                    out[i] = <output_t>(<int>cp_rintf(w / fr)) if fr != 0 else <output_t>0
            else:
                for i in range(n):
                    w = <float>(<i16>acc[i]) if signed_ else <float>acc[i]
                    fr = <float>(div * count[i])
                    out[i] = <output_t>(<int>cp_rintf(w / fr)) if fr != 0 else <output_t>0
    elif acc_t is u32:
        if count == NULL and how.small and 1 < div <= 65536:
            quotients(out, acc, n, div, signed_)
        elif count == NULL and 1 <= div <= 1073741824:
            r = 1 / div
            top = grid(div, 52)
            for i in range(n):
                v = (<double>(<int>acc[i]) if signed_ else <double>acc[i]) * r
                v = (v + top) - top
                if sizeof(output_t) == 8:
                    out[i] = <output_t>(<i64>cp_rint(v))
                else:
                    out[i] = <output_t>low_word(v)
        elif count == NULL:
            for i in range(n):
                v = <double>(<int>acc[i]) if signed_ else <double>acc[i]
                out[i] = <output_t>(<i64>cp_rint(v / div)) if div != 0 else <output_t>0
        else:
            for i in range(n):
                v = <double>(<int>acc[i]) if signed_ else <double>acc[i]
                r = div * count[i]
                out[i] = <output_t>(<i64>cp_rint(v / r)) if r != 0 else <output_t>0
    else:
        while c < n:
            size = 512 if n - c > 512 else n - c
            far = 0 if acc_t is u64 and div >= 1 else 1
            if acc_t is u64:
                for i in range(c, c + size):
                    far |= (acc[i] ^ <u64>(<i64>acc[i] >> 63)) >> 51 if signed_ else acc[i] >> 51
            if far == 0:
                # below 2**51 a division of doubles, correctly rounded, cannot cross a tie nor come to lie on one
                if acc_t is u64:
                    if count == NULL:
                        for i in range(c, c + size):
                            v = (cp_double64(acc[i] + 0x4338000000000000ull) - 6755399441055744.0) / div
                            out[i] = <output_t>(<i64>cp_rint(v)) if sizeof(output_t) == 8 else <output_t>low_word(v)
                    else:
                        for i in range(c, c + size):
                            r = div * count[i]
                            v = (cp_double64(acc[i] + 0x4338000000000000ull) - 6755399441055744.0) / r if r != 0 else 0.0
                            out[i] = <output_t>(<i64>cp_rint(v)) if sizeof(output_t) == 8 else <output_t>low_word(v)
            else:
                for i in range(c, c + size):
                    if count != NULL:
                        dv = whole(div * count[i])
                    if acc_t is i128_t:
                        out[i] = <output_t>exact_mean(acc[i], dv)
                    else:
                        out[i] = <output_t>exact_mean(i128_from_i64(<i64>acc[i]) if signed_ else i128_from_u64(<u64>acc[i]), dv)
            c += size


cdef void finish_key(real_t* out, const key_t* acc, Py_ssize_t n, const finish_t* how, double div,
                     const double* count) noexcept nogil:
    cdef Py_ssize_t i, c = 0, size
    while c < n:
        size = vectors(&c, n, sizeof(key_t))
        for i in range(c, c + size):
            if (real_t is f16_t or real_t is bf16_t) and key_t is i16:
                out[i].bits = key_bits(acc[i])
            elif real_t is float and key_t is i32:
                out[i] = key_float(acc[i])
            elif real_t is double and key_t is i64:
                out[i] = key_double(acc[i])
        c += size
