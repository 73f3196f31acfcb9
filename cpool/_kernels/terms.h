/* Smooth reducers as sums of terms: each element of x is taken to one or two numbers, windows of these are added up by the
 * kernel for sums, and the sums are finished.
 *
 * a) Exponentials are taken of the elements as they are, not of differences in their window: once for each element, not once
 *    for each tap. That holds for elements within 2**(+-EXPONENT), CUBED for cubes, and for powers within 2**(+-most); what is
 *    not (or NaN) becomes NaN, and the windows that hold it come to NaN and are left to reducers.h.
 * b) exp(x / c) with c = high + low, of which k * high is exact: the error of a term does not grow with x. So do powers and
 *    the root of their mean (cp_power): 1.4 ulp at most, where logarithms of quotients (reducers.h) have 2.3. 8x64x112x112
 *    float32, p = 2.7, the average as 1: 2x2 7.9 (gathered 22), 3x3/s2 5.4 (25); p = 3: 3.2 and 3.0, with log and exp for
 *    cube roots 6.0 and 4.3.
 */
#ifndef CPOOL_TERMS_H
#define CPOOL_TERMS_H

#include "fast.h"
#include "transcend.h"

CP_FAST_BEGIN

enum { CP_TERM_SOFT, CP_TERM_LSE, CP_TERM_CUBE, CP_TERM_POWER };

#define CP_TERMS(R, F, I, EXPONENT, CUBED, NORMAL, SHIFT, MAGIC, BITS, FROM) \
/* a = exp(z / c), b = a * v; less: a - 1. `given`: v is an array of its own, and as large or small as it likes */ \
CP_INLINE void cp_weigh_##F(R* CP_RESTRICT a, R* CP_RESTRICT b, const R* z, const R* v, ptrdiff_t n, R rate, R high, R low, \
                            R most, const int less, const int given) { \
    ptrdiff_t i; \
    CP_EACH for (i = 0; i < n; i++) { \
        const R x = z[i], r = x * rate + (R)MAGIC, k = r - (R)MAGIC; \
        const R q = cp_exp2_rest_##F(((x - k * high) - k * low) * rate); \
        const R size = x < 0 ? -x : x; \
        R s = FROM((BITS(r) << SHIFT) + BITS((R)1)), e; \
        s = size <= most ? s : (R)NAN; \
        if (given) { \
            const R large = v[i] < 0 ? -v[i] : v[i]; \
            s = (large <= (R)EXPONENT) & ((large >= 1 / (R)EXPONENT) | (large == 0)) ? s : (R)NAN; \
        } \
        e = s + s * q; \
        a[i] = e; \
        b[i] = less ? (s - 1) + s * q : e * v[i]; \
    } \
} \
static void cp_weights_##F(R* a, R* b, const R* z, const R* v, ptrdiff_t n, double c, R most, int less) { \
    const R rate = (R)(1 / c), high = FROM(BITS((R)c) & ~(I)0 << 10), low = (R)(c - high); \
    if (less) cp_weigh_##F(a, b, z, v, n, rate, high, low, most, 1, 0); \
    else if (z != v) cp_weigh_##F(a, b, z, v, n, rate, high, low, most, 0, 1); \
    else cp_weigh_##F(a, b, z, v, n, rate, high, low, most, 0, 0); \
} \
static void cp_cubes_##F(R* CP_RESTRICT a, const R* x, ptrdiff_t n, R least) { \
    ptrdiff_t i; \
    for (i = 0; i < n; i++) { \
        R u = x[i] < least ? least : x[i]; \
        u = (u <= (R)CUBED) & ((u >= 1 / (R)CUBED) | (u == 0)) ? u : (R)NAN; \
        a[i] = u * u * u; \
    } \
} \
static void cp_powers_##F(R* CP_RESTRICT a, const R* x, ptrdiff_t n, double power, R least, R most) { \
    const R p = (R)power, high = FROM(BITS(p) & ~(I)0 << 12), low = (R)(power - high), none = p > 0 ? 0 : (R)NAN; \
    const R normal = NORMAL * (p < 0 ? -p : p); /* the exponents of all that has logarithms */ \
    ptrdiff_t i; \
    most = most < normal ? most : normal; \
    CP_EACH for (i = 0; i < n; i++) { \
        const R u = x[i] < least ? least : x[i]; \
        R z, e = cp_power_##F(u, p, high, low, &z); \
        z = z < 0 ? -z : z; \
        e = z <= most ? e : (R)NAN; \
        a[i] = u == 0 ? none : e; \
    } \
} \
static void cp_drop_##F(R* a, const uint8_t* on, ptrdiff_t n) { \
    ptrdiff_t i; \
    for (i = 0; i < n; i++) a[i] = on[i] ? a[i] : 0; \
} \
/* means of windows of 2 x 2, n of them, of rows p and q: first over columns. c: channels */ \
static void cp_pairs_##F(R* CP_RESTRICT a, const R* p, const R* q, ptrdiff_t n, ptrdiff_t c) { \
    ptrdiff_t i, k; \
    if (c == 1) for (i = 0; i < n; i++) a[i] = ((p[2 * i] + q[2 * i]) + (p[2 * i + 1] + q[2 * i + 1])) / 4; \
    else for (i = 0; i < n; i++, a += c, p += 2 * c, q += 2 * c) \
        for (k = 0; k < c; k++) a[k] = ((p[k] + q[k]) + (p[k + c] + q[k + c])) / 4; \
}
CP_TERMS(float, f, uint32_t, 1.152921504606846976e18, 1.099511627776e12, 126, 23, 12582912.0, cp_bits32, cp_float32)
CP_TERMS(double, d, uint64_t, 1e120, 1e60, 1022, 52, 6755399441055744.0, cp_bits64, cp_double64)

/* Results of n windows from their sums; par: r, or p, where 1 / p is the power of the mean; c: how many elements take part,
 * one number for all where c_step is 0; without it sums are means already. Returns whether one of them is NaN. */
#define CP_FINISH(R, F, I, BITS, FROM) \
static int cp_finish_terms_##F(int kind, R* y, const R* a, const R* CP_RESTRICT b, const R* CP_RESTRICT c, \
                               ptrdiff_t c_step, ptrdiff_t n, double par) { \
    ptrdiff_t i; \
    I odd = 0; \
    const R one = c ? c[0] : 1, per = (R)(1 / par); \
    if (kind == CP_TERM_SOFT) for (i = 0; i < n; i++) { const R v = b[i] / a[i]; y[i] = v; odd |= v != v; } \
    else if (kind != CP_TERM_LSE) { \
        double h, l; \
        R high, low; \
        cp_reciprocal_parts(par, &h, &l); \
        high = FROM(BITS((R)h) & ~(I)0 << 12); \
        low = (R)((h - high) + l); \
        if (c) { \
            for (i = 0; i < n; i++) y[i] = a[i] / (c_step ? c[i] : one); \
            a = y; \
        } \
        for (i = 0; i < n; i++) { \
            const R mean = a[i]; \
            R z, v = cp_power_##F(mean, per, high, low, &z); \
            v = mean > 0 ? v : mean; \
            y[i] = v; \
            odd |= v != v; \
        } \
    } else if (!c) for (i = 0; i < n; i++) { \
        const R v = cp_log_##F##_mean(b[i], a[i]) * per; \
        y[i] = v; \
        odd |= v != v; \
    } else for (i = 0; i < n; i++) { \
        const R many = c_step ? c[i] : one, v = cp_log_##F##_mean(b[i] / many, a[i] / many) * per; \
        y[i] = many != 0 ? v : -INFINITY; \
        odd |= (v != v) & (many != 0); \
    } \
    return odd != 0; \
}
CP_FINISH(float, f, uint32_t, cp_bits32, cp_float32)
CP_FINISH(double, d, uint64_t, cp_bits64, cp_double64)

CP_FAST_END

#endif
