/* exp, 2**z and log as straight-line code that a compiler turns into vectors: no calls, no branches, no tables.
 *
 * a) Only +, -, *, / and operations on bits, no fused multiply-add: the same bits at every CPU level.
 * b) exp(x) = 2**k * exp(f) with k the nearest integer to x / ln 2 (an addition of 1.5 * 2**mantissa rounds, and leaves k
 *    in the low bits) and f = x - k ln 2 with ln 2 in two parts. exp(f) - 1 is a polynomial on |f| <= ln 2 / 2; 2**k is put
 *    together from bits, in two factors so that results next to overflow are right. Results below the smallest normal
 *    number are 0.
 * c) log(x) = k ln 2 + log(m), m in [sqrt 1/2, sqrt 2), with s = (m - 1) / (m + 1) and the odd series in s.
 * d) Largest errors found over 2 * 10**7 arguments: 1.01 ulp for exp, 0.84 for log in float; 0.98 and 0.82 in double.
 * e) Powers u**p of normal u > 0 (terms.h) as 2**(p log2(u)), p = high + low, of which high times the exponent of u is exact:
 *    what is rounded is p times the logarithm of a number near 1, so that a root of a sum of powers has no error of its
 *    exponent.
 * f) 2**z for z <= 0, what weights of windows need, does without the second part of ln 2, the clamps and the second factor:
 *    half the operations. What rounding z costs is an error of |z| eps, which a weight of 2**z makes smaller than 0.6 eps.
 */
#ifndef CPOOL_TRANSCEND_H
#define CPOOL_TRANSCEND_H

#include "fast.h"
#include "portable.h"

CP_FAST_BEGIN

/* ---- float ---- */

CP_INLINE float cp_exp_parts_f(float x, float* low, float* high) {
    float z, k, f, q;
    int32_t i;
    x = x < -104.0f ? -104.0f : x;
    x = x > 90.0f ? 90.0f : x;
    z = x * 1.44269504088896340736f + 12582912.0f;
    k = z - 12582912.0f;
    f = (x - k * 0.693145751953125f) - k * 1.42860676533018e-6f;
    q = 1.9841270e-4f;                                          /* exp(f) - 1 - f, by Taylor: 3e-9 at the ends */
    q = q * f + 1.3888889e-3f;
    q = q * f + 8.3333333e-3f;
    q = q * f + 4.1666667e-2f;
    q = q * f + 1.6666667e-1f;
    q = q * f + 0.5f;
    q = q * (f * f) + f;
    i = (int32_t)cp_bits32(z) - 0x4b400000;                     /* k */
    *low = cp_float32((uint32_t)((i >> 1) + 127) << 23);
    *high = cp_float32((uint32_t)(i - (i >> 1) + 127) << 23);
    return q;
}

CP_INLINE float cp_exp_f(float x) {
    float low, high, q = cp_exp_parts_f(x, &low, &high), e = (low + low * q) * high;
    e = x < -87.3f ? 0.0f : e;
    return x > 88.7228f ? INFINITY : e;
}

/* v, or 0 if drop is 1: on bits, as gcc makes branches of two conditionals with one condition */
CP_INLINE float cp_unless_f(int drop, float v) { return cp_float32(cp_bits32(v) & ((uint32_t)drop - 1u)); }
CP_INLINE double cp_unless_d(int drop, double v) { return cp_double64(cp_bits64(v) & ((uint64_t)drop - 1u)); }

/* 2**f - 1 for |f| <= 1/2 */
CP_INLINE float cp_exp2_rest_f(float f) {
    float q = 1.5369613538496196e-4f;                           /* (2**f - 1) / f, the error of 2**f below 1.5e-8 */
    q = q * f + 1.3399100862443447e-3f;
    q = q * f + 9.618374519050121e-3f;
    q = q * f + 5.550331622362137e-2f;
    q = q * f + 2.4022647738456726e-1f;
    q = q * f + 6.931471824645996e-1f;
    return q * f;
}

/* 2**z and 2**z - 1 for z <= 0 */
CP_INLINE float cp_exp2m1_f(float z, float* e) {
    float r = z + 12582912.0f, k = r - 12582912.0f, q = cp_exp2_rest_f(z - k), s, p;
    s = cp_unless_f(z < -126.0f, cp_float32((cp_bits32(r) << 23) + 0x3f800000u));
    p = cp_unless_f(z < -126.0f, s * q);
    *e = s + p;
    return (s - 1.0f) + p;
}

/* k and m - 1 of c), of a normal number; the logarithm of what they stand for, s = (m - 1) / (m + 1) */
CP_INLINE float cp_log_parts_f(float u, float* f) {
    const uint32_t v = cp_bits32(u) + (0x3f800000u - 0x3f3504f3u);
    *f = cp_float32((v & 0x007fffffu) + 0x3f3504f3u) - 1.0f;
    return (float)((int32_t)(v >> 23) - 127);
}

CP_INLINE float cp_log_series_f(float k, float f, float s) {
    const float z = s * s, h = 0.5f * f * f;
    const float r = z * (0.66666662693f + z * (0.40000972152f + z * (0.28498786688f + z * 0.24279078841f)));
    return k * 0.693138122559f - ((h - (s * (h + r) + k * 9.05800061445e-6f)) - f);
}

CP_INLINE float cp_log_f(float x) {
    const uint32_t small = x < 1.17549435e-38f;                 /* then times 2**23; on bits, see cp_unless_f */
    uint32_t u = cp_bits32(x * cp_float32(0x3f800000u + small * 0x0b800000u)) + (0x3f800000u - 0x3f3504f3u);
    const float k = (float)((int32_t)(u >> 23) - 127 - 23 * (int32_t)small);
    float f, r;
    f = cp_float32((u & 0x007fffffu) + 0x3f3504f3u) - 1.0f;
    r = cp_log_series_f(k, f, f / (2.0f + f));
    r = x < INFINITY ? r : x;                                   /* infinity and NaN */
    r = x == 0 ? -INFINITY : r;
    return x < 0 ? NAN : r;
}

/* log2(m) of that s */
CP_INLINE float cp_log2_series_f(float s) {
    const float t = s * s, a = 2.88539008f + t * 0.96179664f, b = 0.57709204f + t * 0.41115058f, t2 = t * t;
    return s * (a + t2 * (b + t2 * 0.35027307f));
}

/* ---- double ---- */

CP_INLINE double cp_exp_parts_d(double x, double* low, double* high) {
    double z, k, f, q, a, b, f2, f4;
    uint64_t i, j;
    x = x < -746.0 ? -746.0 : x;
    x = x > 711.0 ? 711.0 : x;
    z = x * 1.44269504088896340736 + 6755399441055744.0;
    k = z - 6755399441055744.0;
    f = (x - k * 6.93147180369123816490e-01) - k * 1.90821492927058770002e-10;
    f2 = f * f;
    f4 = f2 * f2;
    a = (1.0 / 2 + f * (1.0 / 6)) + f2 * (1.0 / 24 + f * (1.0 / 120));
    b = (1.0 / 720 + f * (1.0 / 5040)) + f2 * (1.0 / 40320 + f * (1.0 / 362880));
    q = (1.0 / 3628800 + f * (1.0 / 39916800)) + f2 * (1.0 / 479001600 + f * (1.0 / 6227020800.0));
    q = (a + f4 * (b + f4 * q)) * f2 + f;
    i = cp_bits64(z) - 0x4338000000000000u;                     /* k, modulo 2**64 */
    j = (i + 0x2000u) >> 1;                                     /* floor(k / 2) + 4096: shifts of signs are no vector code */
    *low = cp_double64((j - 4096u + 1023u) << 52);
    *high = cp_double64((i - (j - 4096u) + 1023u) << 52);
    return q;
}

CP_INLINE double cp_exp_d(double x) {
    double low, high, q = cp_exp_parts_d(x, &low, &high), e = (low + low * q) * high;
    e = x < -708.3 ? 0.0 : e;
    return x > 709.782712893384 ? INFINITY : e;
}

CP_INLINE double cp_exp2_rest_d(double f) {
    double f2 = f * f, f4 = f2 * f2, q, a, b;
    a = (0.2402265069591007 + f * 0.055504108664821576) + f2 * (0.009618129107628477 + f * 0.0013333558146428441);
    b = (0.00015403530393381606 + f * 1.5252733804059838e-05) + f2 * (1.3215486790144305e-06 + f * 1.0178086009239696e-07);
    q = (7.054911620801121e-09 + f * 4.44553827187081e-10) + f2 * (2.5678435993488196e-11 + f * 1.3691488853904124e-12);
    return (a + f4 * (b + f4 * q)) * f2 + f * 0.6931471805599453;
}

CP_INLINE double cp_exp2m1_d(double z, double* e) {
    double r = z + 6755399441055744.0, k = r - 6755399441055744.0, q = cp_exp2_rest_d(z - k), s, p;
    s = cp_unless_d(z < -1022.0, cp_double64((cp_bits64(r) << 52) + 0x3ff0000000000000u));
    p = cp_unless_d(z < -1022.0, s * q);
    *e = s + p;
    return (s - 1.0) + p;
}

CP_INLINE double cp_log_parts_d(double u, double* f) {
    const uint64_t v = cp_bits64(u) + (0x3ff0000000000000u - 0x3fe6a09e667f3bcdu);
    *f = cp_double64((v & 0x000fffffffffffffu) + 0x3fe6a09e667f3bcdu) - 1.0;
    return cp_double64((v >> 52) | 0x4330000000000000u) - (4503599627370496.0 + 1023.0);
}

CP_INLINE double cp_log_series_d(double k, double f, double s) {
    const double z = s * s, h = 0.5 * f * f;
    double r = 1.531383769920937332e-01 + z * 1.479819860511658591e-01;
    r = 2.222219843214978396e-01 + z * (1.818357216161805012e-01 + z * r);
    r = 3.999999999940941908e-01 + z * (2.857142874366239149e-01 + z * r);
    r = z * (6.666666666666735130e-01 + z * r);
    return k * 6.93147180369123816490e-01 - ((h - (s * (h + r) + k * 1.90821492927058770002e-10)) - f);
}

CP_INLINE double cp_log_d(double x) {
    const uint64_t small = x < 2.2250738585072014e-308;         /* then times 2**54 */
    uint64_t u = cp_bits64(x * cp_double64(0x3ff0000000000000u + small * 0x0360000000000000u))
                 + (0x3ff0000000000000u - 0x3fe6a09e667f3bcdu);
    const double k = cp_double64(((u >> 52) + 64 - 54 * small) | 0x4330000000000000u) - (4503599627370496.0 + 1023.0 + 64.0);
    const double f = cp_double64((u & 0x000fffffffffffffu) + 0x3fe6a09e667f3bcdu) - 1.0;
    double r = cp_log_series_d(k, f, f / (2.0 + f));
    r = x < INFINITY ? r : x;
    r = x == 0 ? -INFINITY : r;
    return x < 0 ? NAN : r;
}

CP_INLINE double cp_log2_series_d(double s) {
    const double t = s * s;
    double l = 0.21349287741691675;
    l = l * t + 0.22093197705627815;
    l = l * t + 0.26233349383212967;
    l = l * t + 0.3205985547571299;
    l = l * t + 0.4121985855959412;
    l = l * t + 0.5770780163470651;
    l = l * t + 0.9617966939259854;
    return s * (l * t + 2.8853900817779268);
}

/* 1 / p as high, of 24 bits, and low */
CP_INLINE void cp_reciprocal_parts(double p, double* high, double* low) {
    const double most = cp_double64(cp_bits64(p) & ~(uint64_t)0 << 27), h = cp_double64(cp_bits64(1 / p) & ~(uint64_t)0 << 29);
    *high = h;
    *low = ((1 - most * h) - (p - most) * h) / p;
}

/* log of the mean of exp: near 1 by the mean of exp - 1, whose digits are not lost */
#define CP_LOG_MEAN(R, log) \
CP_INLINE R log##_mean(R a, R mean) { \
    R near = a > (R)-0.5 ? 1 : 0, u = near != 0 ? 1 + a : mean; \
    return log(u) + (near != 0 ? (a - (u - 1)) / u : 0); \
}
CP_LOG_MEAN(float, cp_log_f)
CP_LOG_MEAN(double, cp_log_d)

CP_FAST_END

#endif
