/* Smooth reducers as sums of terms: each element of x is taken to one or two numbers, windows of these are added up by the
 * kernel for sums, and the sums are finished.
 *
 * a) Exponentials are taken of the elements as they are, not of differences in their window: once for each element, not once
 *    for each tap. That holds for elements within 2**(+-EXPONENT), CUBED for cubes, and for powers within 2**(+-most); what is
 *    not (or NaN) becomes NaN, and the windows that hold it come to NaN and are left to reducers.h.
 * b) exp(x / c) with c = high + low, of which k * high is exact: the error of a term does not grow with x. So do powers and
 *    the root of their mean (cp_raise): 1.4 ulp at most, where logarithms of quotients (reducers.h) have 2.3.
 * c) Chains of operations are cut into loops over CP_STEPS elements: a processor sees only so many operations ahead, and waits
 *    on a chain of sixty for most of the time. At v4, cycles for 16 elements: powers 33 to 16, weights 13 to 9.7, the
 *    logarithm of a mean 25 to 15; the machine code interleaved by hand is no better. 8x64x112x112 float32, 2x2 and 3x3/s2,
 *    the average as 1: soft 4.4 and 4.3, LSE 5.4 and 5.1, GeM 2.8 and 2.7, p = 2.7 5.1 and 5.2 (gathered 22 and 25).
 */
#ifndef CPOOL_TERMS_H
#define CPOOL_TERMS_H

#include "fast.h"
#include "transcend.h"

CP_FAST_BEGIN

enum { CP_TERM_SOFT, CP_TERM_LSE, CP_TERM_CUBE, CP_TERM_POWER };

CP_INLINE float cp_size_f(float x) { return cp_float32(cp_bits32(x) & 0x7fffffffu); }
CP_INLINE double cp_size_d(double x) { return cp_double64(cp_bits64(x) & ~(uint64_t)0 >> 1); }

/* elements that loops go over one after another */
#define CP_STEPS 512

#define CP_TERMS(R, F, I, EXPONENT, CUBED, NORMAL, SHIFT, MAGIC, BITS, FROM) \
/* a = exp(z / c), b = a * v; less: a - 1. Where v is an array of its own, it is as large or small as it likes. */ \
static void cp_weights_##F(R* CP_RESTRICT a, R* CP_RESTRICT b, const R* z, const R* v, ptrdiff_t n, double c, R most, \
                           int less) { \
    const R rate = (R)(1 / c), high = FROM(BITS((R)c) & ~(I)0 << 10), low = (R)(c - high); \
    ptrdiff_t i, m; \
    for (; n > 0; n -= m, a += m, b += m, z += m, v += m) { \
        m = n < CP_STEPS ? n : CP_STEPS; \
        CP_EACH for (i = 0; i < m; i++) { \
            const R x = z[i], r = x * rate + (R)MAGIC, k = r - (R)MAGIC, s = FROM((BITS(r) << SHIFT) + BITS((R)1)); \
            a[i] = ((x - k * high) - k * low) * rate; \
            b[i] = cp_size_##F(x) <= most ? s : (R)NAN; \
        } \
        if (!less && z != v) CP_EACH for (i = 0; i < m; i++) { \
            const R size = cp_size_##F(v[i]); \
            b[i] = (size <= (R)EXPONENT) & ((size >= 1 / (R)EXPONENT) | (size == 0)) ? b[i] : (R)NAN; \
        } \
        if (less) CP_EACH for (i = 0; i < m; i++) { \
            const R s = b[i], p = s * cp_exp2_rest_##F(a[i]); \
            a[i] = s + p; \
            b[i] = (s - 1) + p; \
        } else CP_EACH for (i = 0; i < m; i++) { \
            const R e = b[i] + b[i] * cp_exp2_rest_##F(a[i]); \
            a[i] = e; \
            b[i] = e * v[i]; \
        } \
    } \
} \
static void cp_cubes_##F(R* CP_RESTRICT a, const R* CP_RESTRICT x, ptrdiff_t n, R least) { \
    ptrdiff_t i; \
    if (least > 0) for (i = 0; i < n; i++) {            /* no less than 1 / CUBED */ \
        const R u = x[i] < least ? least : x[i], e = u * u * u; \
        a[i] = u <= (R)CUBED ? e : (R)NAN; \
    } else for (i = 0; i < n; i++) { \
        const R u = x[i] < 0 ? 0 : x[i], e = u * u * u; \
        a[i] = (u <= (R)CUBED) & ((u >= 1 / (R)CUBED) | (u == 0)) ? e : (R)NAN; \
    } \
} \
/* a = u**p, p = high + low, of u > 0, no less than least; NaN where the result is not within 2**(+-most) */ \
static void cp_raise_##F(R* CP_RESTRICT a, const R* CP_RESTRICT x, ptrdiff_t n, R p, R high, R low, R least, R most) { \
    R exponent[CP_STEPS], rest[CP_STEPS]; \
    ptrdiff_t i, m; \
    for (; n > 0; n -= m, a += m, x += m) { \
        m = n < CP_STEPS ? n : CP_STEPS; \
        CP_EACH for (i = 0; i < m; i++) { \
            R f; \
            exponent[i] = cp_log_parts_##F(x[i] < least ? least : x[i], &f); \
            rest[i] = f / (2 + f); \
        } \
        CP_EACH for (i = 0; i < m; i++) rest[i] = cp_log2_series_##F(rest[i]); \
        CP_EACH for (i = 0; i < m; i++) { \
            const R k = exponent[i], whole = k * high, q = p * rest[i] + k * low, z = whole + q, r = z + (R)MAGIC; \
            const R s = FROM((BITS(r) << SHIFT) + BITS((R)1)); \
            rest[i] = (whole - (r - (R)MAGIC)) + q; \
            exponent[i] = cp_size_##F(z) <= most ? s : (R)NAN; \
        } \
        CP_EACH for (i = 0; i < m; i++) a[i] = exponent[i] + exponent[i] * cp_exp2_rest_##F(rest[i]); \
    } \
} \
static void cp_powers_##F(R* CP_RESTRICT a, const R* CP_RESTRICT x, ptrdiff_t n, double power, R least, R most) { \
    const R p = (R)power, high = FROM(BITS(p) & ~(I)0 << 12), low = (R)(power - high), none = p > 0 ? 0 : (R)NAN; \
    const R normal = NORMAL * cp_size_##F(p);       /* the exponents of all that has logarithms */ \
    ptrdiff_t i; \
    cp_raise_##F(a, x, n, p, high, low, least, most < normal ? most : normal); \
    if (!(least > 0)) for (i = 0; i < n; i++) a[i] = x[i] <= 0 ? none : a[i]; \
} \
static void cp_drop_##F(R* a, const uint8_t* on, ptrdiff_t n) { \
    ptrdiff_t i; \
    for (i = 0; i < n; i++) a[i] = on[i] ? a[i] : 0; \
} \
/* means of windows of 2 x 2, n of them, of rows p and q: first over columns; whole registers, up to 15 windows more */ \
static CP_CALLED void cp_pairs_##F(R* CP_RESTRICT a, const R* CP_RESTRICT p, const R* CP_RESTRICT q, ptrdiff_t n) { \
    ptrdiff_t i; \
    for (i = 0, n = (n + 15) & -16; i < n; i++) a[i] = ((p[2 * i] + q[2 * i]) + (p[2 * i + 1] + q[2 * i + 1])) / 4; \
} \
/* the same of c channels */ \
static CP_CALLED void cp_pairs_of_##F(R* CP_RESTRICT a, const R* CP_RESTRICT p, const R* CP_RESTRICT q, ptrdiff_t n, \
                                     ptrdiff_t c) { \
    ptrdiff_t i, k; \
    for (i = 0; i < n; i++, a += c, p += 2 * c, q += 2 * c) \
        for (k = 0; k < c; k++) a[k] = ((p[k] + q[k]) + (p[k + c] + q[k + c])) / 4; \
} \
/* of lines of windows, rows of `row` terms */ \
static void cp_windows_##F(R* a, const R* p, ptrdiff_t row, ptrdiff_t lines, ptrdiff_t n, ptrdiff_t c) { \
    for (; lines > 0; lines--, a += n * c, p += 2 * row) { \
        if (c == 1) cp_pairs_##F(a, p, p + row, n); \
        else cp_pairs_of_##F(a, p, p + row, n, c); \
    } \
}
CP_TERMS(float, f, uint32_t, 1.152921504606846976e18, 1.099511627776e12, 126, 23, 12582912.0, cp_bits32, cp_float32)
CP_TERMS(double, d, uint64_t, 1e120, 1e60, 1022, 52, 6755399441055744.0, cp_bits64, cp_double64)

/* Results of n windows from their sums; par: r, or p, where 1 / p is the power of the mean; c: how many elements take part,
 * a number for each `each` results; without it sums are means already. Returns whether one of them is NaN. LSE: as
 * CP_LOG_MEAN (transcend.h). */
#define CP_FINISH(R, F, I, NORMAL, BITS, FROM) \
static void cp_means_##F(R* CP_RESTRICT y, const R* CP_RESTRICT a, const R* c, ptrdiff_t each, ptrdiff_t at, ptrdiff_t n, \
                         R none) { \
    ptrdiff_t i, stop; \
    if (each == 1) for (i = 0, c += at; i < n; i++) y[i] = c[i] != 0 ? a[i] / c[i] : none; \
    else for (i = 0; i < n; i = stop) { \
        const R many = c[(at + i) / each]; \
        stop = each - (at + i) % each < n - i ? i + each - (at + i) % each : n; \
        for (; i < stop; i++) y[i] = many != 0 ? a[i] / many : none; \
    } \
} \
static int cp_finish_terms_##F(int kind, R* CP_RESTRICT y, const R* CP_RESTRICT a, const R* CP_RESTRICT b, const R* c, \
                               ptrdiff_t each, ptrdiff_t n, double par) { \
    R mean[CP_STEPS], less[CP_STEPS], k[CP_STEPS], f[CP_STEPS], s[CP_STEPS]; \
    const R per = (R)(1 / par), none = kind == CP_TERM_LSE ? -1 : (R)NAN; \
    double h, l; \
    R high, low; \
    I odd = 0; \
    ptrdiff_t i, j, m; \
    cp_reciprocal_parts(par, &h, &l); \
    high = FROM(BITS((R)h) & ~(I)0 << 12); \
    low = (R)((h - high) + l); \
    for (j = 0; j < n; j += m, y += m) { \
        const R* CP_RESTRICT u = a + j; \
        const R* CP_RESTRICT v = b + j; \
        m = n - j < CP_STEPS ? n - j : CP_STEPS; \
        if (kind == CP_TERM_SOFT) for (i = 0; i < m; i++) y[i] = v[i] / u[i]; \
        else if (c) { \
            cp_means_##F(mean, u, c, each, j, m, none); \
            if (kind == CP_TERM_LSE) cp_means_##F(less, v, c, each, j, m, none); \
            u = mean; \
            v = less; \
        } \
        if (kind == CP_TERM_LSE) { \
            CP_EACH for (i = 0; i < m; i++) { \
                const R near = v[i] > (R)-0.5 ? 1 : 0, w = near != 0 ? 1 + v[i] : u[i]; \
                k[i] = cp_log_parts_##F(w, f + i); \
                s[i] = f[i] / (2 + f[i]); \
                y[i] = (near != 0 ? v[i] - (w - 1) : 0) / w; \
            } \
            CP_EACH for (i = 0; i < m; i++) { \
                const R log = (cp_log_series_##F(k[i], f[i], s[i]) + y[i]) * per; \
                y[i] = u[i] < 0 ? -INFINITY : log; \
            } \
        } else if (kind != CP_TERM_SOFT) { \
            cp_raise_##F(y, u, m, per, high, low, 0, (R)NORMAL + (R)0.5); \
            for (i = 0; i < m; i++) y[i] = u[i] > 0 ? y[i] : u[i]; \
        } \
        for (i = 0; i < m; i++) odd |= y[i] != y[i]; \
    } \
    return odd != 0; \
}
CP_FINISH(float, f, uint32_t, 126, cp_bits32, cp_float32)
CP_FINISH(double, d, uint64_t, 1022, cp_bits64, cp_double64)

CP_FAST_END

#endif
