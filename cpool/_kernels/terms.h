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
 *    the average as 1: soft 3.8 and 4.3, LSE 4.6 and 4.6, GeM 2.7 and 2.6, p = 2.7 4.8 and 4.3 (gathered 22 and 25).
 * d) Channels behind the spatial axes with a parameter each: rows of parameters as long as such a loop. Loading what all
 *    channels share costs a tenth, hence two of a loop. Channels last, p by channel: 32 to 5.3 (3x3/s2).
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
#define CP_STEPS 256
#define CP_ROW(c) (CP_STEPS + (((c) + 15) & -16))      /* of a table, below */

#define CP_TERMS(R, F, I, EXPONENT, CUBED, NORMAL, SHIFT, MAGIC, BITS, FROM) \
/* Four rows of CP_ROW(c) numbers that c channels in turn have: of x / c = (x - k high - k low) rate the rate, high, low, and \
 * the largest |x|; of powers p, high, low, and the largest exponent, also of the root of a mean. par: alpha, r or p. */ \
static CP_CALLED void cp_table_##F(R* t, int kind, const double* par, ptrdiff_t c, R most, int root) { \
    const ptrdiff_t n = CP_ROW(c); \
    ptrdiff_t i, k; \
    for (i = 0; i < c; i++) { \
        R p, high, low, limit; \
        if (root) { \
            double h, l; \
            cp_reciprocal_parts(par[i], &h, &l); \
            p = (R)(1 / par[i]); \
            high = FROM(BITS((R)h) & ~(I)0 << 12); \
            low = (R)((h - high) + l); \
            limit = (R)NORMAL + (R)0.5; \
        } else if (kind == CP_TERM_POWER) { \
            p = (R)par[i]; \
            high = FROM(BITS(p) & ~(I)0 << 12); \
            low = (R)(par[i] - high); \
            limit = NORMAL * cp_size_##F(p);        /* the exponents of all that has logarithms */ \
            limit = most < limit ? most : limit; \
        } else { \
            const double unit = 0.6931471805599453094 / par[i]; \
            p = (R)(1 / unit); \
            high = FROM(BITS((R)unit) & ~(I)0 << 10); \
            low = (R)(unit - high); \
            limit = most * cp_size_##F((R)unit); \
        } \
        t[i] = p; \
        t[n + i] = high; \
        t[2 * n + i] = low; \
        t[3 * n + i] = limit; \
    } \
    for (k = 0; k < (c == 1 ? 1 : 4); k++, t += n) { \
        const R one = t[0]; \
        if (c == 1) for (i = 0; i < n; i++) t[i] = one; \
        else for (i = c; i < n; i *= 2) memcpy(t + i, t, (size_t)(i < n - i ? i : n - i) * sizeof(R)); \
    } \
} \
/* loops that take numbers of the table, of one channel (c = 1) or of channels in turn */ \
CP_INLINE void cp_split_##F(R* CP_RESTRICT a, R* CP_RESTRICT b, const R* z, ptrdiff_t m, const R* rate, ptrdiff_t row, \
                            const int one) { \
    const R *high = rate + row, *low = high + row, *most = low + row; \
    ptrdiff_t i; \
    CP_EACH for (i = 0; i < m; i++) { \
        const ptrdiff_t j = one ? 0 : i; \
        const R x = z[i], r = x * rate[j] + (R)MAGIC, k = r - (R)MAGIC, s = FROM((BITS(r) << SHIFT) + BITS((R)1)); \
        a[i] = ((x - k * high[j]) - k * low[j]) * rate[j]; \
        b[i] = cp_size_##F(x) <= most[j] ? s : (R)NAN; \
    } \
} \
CP_INLINE void cp_times_##F(R* CP_RESTRICT exponent, R* CP_RESTRICT rest, ptrdiff_t m, const R* p, ptrdiff_t row, \
                            const int one) { \
    const R *high = p + row, *low = high + row, *most = low + row; \
    ptrdiff_t i; \
    CP_EACH for (i = 0; i < m; i++) { \
        const ptrdiff_t j = one ? 0 : i; \
        const R k = exponent[i], whole = k * high[j], q = p[j] * rest[i] + k * low[j], z = whole + q, r = z + (R)MAGIC; \
        const R s = FROM((BITS(r) << SHIFT) + BITS((R)1)); \
        rest[i] = (whole - (r - (R)MAGIC)) + q; \
        exponent[i] = cp_size_##F(z) <= most[j] ? s : (R)NAN; \
    } \
} \
/* a = exp(z / unit), b = a * v; less: a - 1. Where v is an array of its own, it is as large or small as it likes. */ \
static void cp_weights_##F(R* CP_RESTRICT a, R* CP_RESTRICT b, const R* z, const R* v, ptrdiff_t n, const R* t, ptrdiff_t c, \
                           int less) { \
    ptrdiff_t i, m, at; \
    for (at = 0; n > 0; n -= m, a += m, b += m, z += m, v += m, at = (at + m) % c) { \
        m = n < CP_STEPS ? n : CP_STEPS; \
        if (c == 1) cp_split_##F(a, b, z, m, t, CP_ROW(1), 1); \
        else cp_split_##F(a, b, z, m, t + at, CP_ROW(c), 0); \
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
static void cp_raise_##F(R* CP_RESTRICT a, const R* CP_RESTRICT x, ptrdiff_t n, const R* t, ptrdiff_t c, ptrdiff_t at, \
                         R least) { \
    R exponent[CP_STEPS], rest[CP_STEPS]; \
    ptrdiff_t i, m; \
    for (; n > 0; n -= m, a += m, x += m, at = (at + m) % c) { \
        m = n < CP_STEPS ? n : CP_STEPS; \
        CP_EACH for (i = 0; i < m; i++) { \
            R f; \
            exponent[i] = cp_log_parts_##F(x[i] < least ? least : x[i], &f); \
            rest[i] = f / (2 + f); \
        } \
        CP_EACH for (i = 0; i < m; i++) rest[i] = cp_log2_series_##F(rest[i]); \
        if (c == 1) cp_times_##F(exponent, rest, m, t, CP_ROW(1), 1); \
        else cp_times_##F(exponent, rest, m, t + at, CP_ROW(c), 0); \
        CP_EACH for (i = 0; i < m; i++) a[i] = exponent[i] + exponent[i] * cp_exp2_rest_##F(rest[i]); \
    } \
} \
static void cp_powers_##F(R* CP_RESTRICT a, const R* CP_RESTRICT x, ptrdiff_t n, const R* t, ptrdiff_t c, R least) { \
    ptrdiff_t i, m, at; \
    cp_raise_##F(a, x, n, t, c, 0, least); \
    if (!(least > 0)) for (at = 0; n > 0; n -= m, a += m, x += m, at = (at + m) % c) { \
        m = n < CP_STEPS ? n : CP_STEPS; \
        for (i = 0; i < m; i++) { \
            const R none = t[at + i] > 0 ? 0 : (R)NAN; \
            a[i] = x[i] <= 0 ? none : a[i]; \
        } \
    } \
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

/* Results of n windows from their sums; t: the table of roots; counts: how many elements take part, a number for each `each`
 * results; without it sums are means already. Returns whether one of them is NaN. LSE: as CP_LOG_MEAN (transcend.h). */
#define CP_FINISH(R, F, I) \
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
static int cp_finish_terms_##F(int kind, R* CP_RESTRICT y, const R* CP_RESTRICT a, const R* CP_RESTRICT b, const R* counts, \
                               ptrdiff_t each, ptrdiff_t n, const R* t, ptrdiff_t c) { \
    R mean[CP_STEPS], less[CP_STEPS], k[CP_STEPS], f[CP_STEPS], s[CP_STEPS]; \
    const R none = kind == CP_TERM_LSE ? -1 : (R)NAN; \
    I odd = 0; \
    ptrdiff_t i, j, m; \
    for (j = 0; j < n; j += m, y += m) { \
        const R* CP_RESTRICT u = a + j; \
        const R* CP_RESTRICT v = b + j; \
        const R* per = t + j % c; \
        m = n - j < CP_STEPS ? n - j : CP_STEPS; \
        if (kind == CP_TERM_SOFT) for (i = 0; i < m; i++) y[i] = v[i] / u[i]; \
        else if (counts) { \
            cp_means_##F(mean, u, counts, each, j, m, none); \
            if (kind == CP_TERM_LSE) cp_means_##F(less, v, counts, each, j, m, none); \
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
                const R log = (cp_log_series_##F(k[i], f[i], s[i]) + y[i]) * per[i]; \
                y[i] = u[i] < 0 ? -INFINITY : log; \
            } \
        } else if (kind != CP_TERM_SOFT) { \
            cp_raise_##F(y, u, m, t, c, j % c, 0); \
            for (i = 0; i < m; i++) y[i] = u[i] > 0 ? y[i] : u[i]; \
        } \
        for (i = 0; i < m; i++) odd |= y[i] != y[i]; \
    } \
    return odd != 0; \
}
CP_FINISH(float, f, uint32_t)
CP_FINISH(double, d, uint64_t)

CP_FAST_END

#endif
