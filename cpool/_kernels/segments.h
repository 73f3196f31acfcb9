/* Rows of any dtype, combined into rows of doubles (or of 64-bit keys): the loops of sequence.pyx, once for each dtype.
 *
 * a) Every loop runs along the width, element by element, so that no order of additions hides in a vector. They are plain
 *    C with `restrict`: gcc makes full vectors of them at every level.
 * b) `add4` and its kin take four rows at a time, which saves three of four passes over the sums, and ask for the rows that
 *    come `ahead` bytes later, a line at a time among the arithmetic: the hardware stops at the end of a page, which is where
 *    the next row is.
 * c) A key is an integer that sorts as its element does. NaN gets the key it is given (the largest or the smallest), and
 *    both zeros get one key, so that strict comparisons find the first of equals.
 */
#ifndef CPOOL_SEGMENTS_H
#define CPOOL_SEGMENTS_H

#include "lanes.h"
#include "portable.h"
#include "transcend.h"
#if defined(__F16C__) && defined(__GNUC__) && !defined(CPOOL_PORTABLE)
#include <immintrin.h>
#endif

#if defined(_MSC_VER) && !defined(__clang__)
#define SEQ_RESTRICT __restrict
#else
#define SEQ_RESTRICT restrict
#endif

enum { SEQ_CHUNK = 64 };        /* elements between prefetches */

#define SEQ_SAME(v) (v)
#define SEQ_MORE(v, m) (((v) > (m)) | ((v) != (v)))
#define SEQ_LESS(v, m) (((v) < (m)) | ((v) != (v)))
#define SEQ_PICK(v, m, BETTER) (BETTER(v, m) ? (v) : (m))

/* x[0] to x[3] are the rows; `ahead` is in bytes */
#define SEQ_ROWS4(T) \
    const T *SEQ_RESTRICT p = (const T *)x[0], *SEQ_RESTRICT q = (const T *)x[1]; \
    const T *SEQ_RESTRICT r = (const T *)x[2], *SEQ_RESTRICT s = (const T *)x[3]

#define SEQ_CHUNKS(T, BODY) { \
    ptrdiff_t c = 0, i; \
    while (c < n) { \
        ptrdiff_t stop = c + SEQ_CHUNK < n ? c + SEQ_CHUNK : n; \
        if (ahead) for (i = c; i < stop; i += (ptrdiff_t)(64 / sizeof(T))) { \
            cp_prefetch((const char*)(p + i) + ahead); cp_prefetch((const char*)(q + i) + ahead); \
            cp_prefetch((const char*)(r + i) + ahead); cp_prefetch((const char*)(s + i) + ahead); \
        } \
        for (; c < stop; c++) { BODY } \
    } }

/* name, storage type, an element as a number, a double as an element */
#define SEQ_FLOAT(name, T, VALUE, NARROW) \
static void seq_widen_##name(const void *SEQ_RESTRICT x, double *SEQ_RESTRICT v, ptrdiff_t n) { \
    const T *SEQ_RESTRICT p = (const T *)x; \
    for (ptrdiff_t c = 0; c < n; c++) v[c] = (double)VALUE(p[c]); \
} \
static void seq_narrow_##name(const double *SEQ_RESTRICT v, void *SEQ_RESTRICT out, ptrdiff_t n) { \
    T *SEQ_RESTRICT y = (T *)out; \
    for (ptrdiff_t c = 0; c < n; c++) y[c] = NARROW(v[c]); \
} \
static void seq_add4_##name(double *SEQ_RESTRICT a, const void **x, ptrdiff_t n, ptrdiff_t ahead) { \
    SEQ_ROWS4(T); \
    SEQ_CHUNKS(T, a[c] += ((double)VALUE(p[c]) + (double)VALUE(q[c])) + ((double)VALUE(r[c]) + (double)VALUE(s[c]));) \
} \
static void seq_max4_##name(double *SEQ_RESTRICT a, const void **x, ptrdiff_t n, ptrdiff_t ahead) { \
    SEQ_ROWS4(T); \
    SEQ_CHUNKS(T, double m = a[c]; double v = (double)VALUE(p[c]); m = SEQ_PICK(v, m, SEQ_MORE); \
        v = (double)VALUE(q[c]); m = SEQ_PICK(v, m, SEQ_MORE); v = (double)VALUE(r[c]); m = SEQ_PICK(v, m, SEQ_MORE); \
        v = (double)VALUE(s[c]); a[c] = SEQ_PICK(v, m, SEQ_MORE);) \
} \
static void seq_min4_##name(double *SEQ_RESTRICT a, const void **x, ptrdiff_t n, ptrdiff_t ahead) { \
    SEQ_ROWS4(T); \
    SEQ_CHUNKS(T, double m = a[c]; double v = (double)VALUE(p[c]); m = SEQ_PICK(v, m, SEQ_LESS); \
        v = (double)VALUE(q[c]); m = SEQ_PICK(v, m, SEQ_LESS); v = (double)VALUE(r[c]); m = SEQ_PICK(v, m, SEQ_LESS); \
        v = (double)VALUE(s[c]); a[c] = SEQ_PICK(v, m, SEQ_LESS);) \
} \
static void seq_shift4_##name(double *SEQ_RESTRICT a, const double *SEQ_RESTRICT m, const void **x, ptrdiff_t n, \
                             ptrdiff_t ahead) { \
    SEQ_ROWS4(T); \
    SEQ_CHUNKS(T, double d = m[c]; a[c] += (((double)VALUE(p[c]) - d) + ((double)VALUE(q[c]) - d)) \
        + (((double)VALUE(r[c]) - d) + ((double)VALUE(s[c]) - d));) \
} \
static void seq_square4_##name(double *SEQ_RESTRICT a, const double *SEQ_RESTRICT m, const void **x, ptrdiff_t n, \
                              ptrdiff_t ahead) { \
    SEQ_ROWS4(T); \
    SEQ_CHUNKS(T, double d = (double)VALUE(p[c]) - m[c]; double e = (double)VALUE(q[c]) - m[c]; \
        double f = (double)VALUE(r[c]) - m[c]; double g = (double)VALUE(s[c]) - m[c]; \
        a[c] += (d * d + e * e) + (f * f + g * g);) \
} \
static void seq_scale4_##name(double *SEQ_RESTRICT a, const double *SEQ_RESTRICT w, const void **x, ptrdiff_t n, \
                             ptrdiff_t ahead) { \
    double d = w[0], e = w[1], f = w[2], g = w[3]; \
    SEQ_ROWS4(T); \
    SEQ_CHUNKS(T, a[c] += (d * (double)VALUE(p[c]) + e * (double)VALUE(q[c])) \
        + (f * (double)VALUE(r[c]) + g * (double)VALUE(s[c]));) \
}

/* keys of floats: the doubles are formed where the keys will be */
#define SEQ_FLOAT_KEYS(name) \
static void seq_keys_##name(const void *SEQ_RESTRICT x, int64_t *SEQ_RESTRICT k, ptrdiff_t n, int64_t nan_key) { \
    seq_widen_##name(x, (double *)k, n); \
    seq_to_keys(k, n, nan_key); \
}
static void seq_to_keys(int64_t *k, ptrdiff_t n, int64_t nan_key) {
    for (ptrdiff_t c = 0; c < n; c++) {
        double v;
        memcpy(&v, &k[c], sizeof v);
        k[c] = double_key(v + 0.0, nan_key);
    }
}

#define SEQ_INT(name, T) \
static void seq_widen_##name(const void *SEQ_RESTRICT x, double *SEQ_RESTRICT v, ptrdiff_t n) { \
    const T *SEQ_RESTRICT p = (const T *)x; \
    for (ptrdiff_t c = 0; c < n; c++) v[c] = (double)p[c]; \
} \
static void seq_keys_##name(const void *SEQ_RESTRICT x, int64_t *SEQ_RESTRICT k, ptrdiff_t n, int64_t nan_key) { \
    const T *SEQ_RESTRICT p = (const T *)x; \
    (void)nan_key; \
    for (ptrdiff_t c = 0; c < n; c++) \
        k[c] = (int64_t)((uint64_t)p[c] ^ ((T)-1 > 0 && sizeof(T) == 8 ? (uint64_t)1 << 63 : 0)); \
}

#define SEQ_FLOAT_CAST(v) ((float)(v))
SEQ_FLOAT(f32, float, SEQ_SAME, SEQ_FLOAT_CAST)
SEQ_FLOAT(f64, double, SEQ_SAME, SEQ_SAME)
SEQ_FLOAT(bf16, bf16_t, bf16_to_float, double_to_bf16)

/* float16 is converted by an instruction that compilers do not find in a loop; its rows are widened, then treated as double */
static void seq_widen_f16(const void *SEQ_RESTRICT x, double *SEQ_RESTRICT v, ptrdiff_t n) {
    const f16_t *SEQ_RESTRICT p = (const f16_t *)x;
    ptrdiff_t c = 0;
#if defined(__F16C__) && defined(__GNUC__) && !defined(CPOOL_PORTABLE)
    for (; c + 8 <= n; c += 8) {
        __m256 f = _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(p + c)));
        _mm256_storeu_pd(v + c, _mm256_cvtps_pd(_mm256_castps256_ps128(f)));
        _mm256_storeu_pd(v + c + 4, _mm256_cvtps_pd(_mm256_extractf128_ps(f, 1)));
    }
#endif
    for (; c < n; c++) v[c] = f16_to_float(p[c]);
}
static void seq_narrow_f16(const double *SEQ_RESTRICT v, void *SEQ_RESTRICT out, ptrdiff_t n) {
    f16_t *SEQ_RESTRICT y = (f16_t *)out;
    for (ptrdiff_t c = 0; c < n; c++) y[c] = double_to_f16(v[c]);
}

SEQ_FLOAT_KEYS(f32)
SEQ_FLOAT_KEYS(f64)
SEQ_FLOAT_KEYS(bf16)
SEQ_FLOAT_KEYS(f16)

/* a single column: one line of memory; extremes in lanes, which compilers keep in vectors */
#define SEQ_LINE_EXTREME(name, T, BETTER) \
static double seq_line_##name(const void *line, ptrdiff_t n) { \
    const T *x = (const T *)line; \
    enum { LANES_ = 128 / sizeof(T) }; \
    T m[LANES_]; \
    ptrdiff_t i = 0, j; \
    for (j = 0; j < LANES_; j++) m[j] = x[0]; \
    for (; i + LANES_ <= n; i += LANES_) for (j = 0; j < LANES_; j++) m[j] = SEQ_PICK(x[i + j], m[j], BETTER); \
    for (; i < n; i++) m[0] = SEQ_PICK(x[i], m[0], BETTER); \
    for (j = LANES_ / 2; j > 0; j /= 2) for (i = 0; i < j; i++) m[i] = SEQ_PICK(m[i + j], m[i], BETTER); \
    return (double)m[0]; \
}
#define SEQ_LINE(name, type) \
static double seq_line_sum_##name(const void *x, ptrdiff_t n) { return cp_sum_##type((const type *)x, n, n >= 64); } \
SEQ_LINE_EXTREME(max_##name, type, SEQ_MORE) \
SEQ_LINE_EXTREME(min_##name, type, SEQ_LESS)
SEQ_LINE(f32, float)
SEQ_LINE(f64, double)
SEQ_INT(u8, uint8_t)
SEQ_INT(i8, int8_t)
SEQ_INT(u16, uint16_t)
SEQ_INT(i16, int16_t)
SEQ_INT(u32, uint32_t)
SEQ_INT(i32, int32_t)
SEQ_INT(u64, uint64_t)
SEQ_INT(i64, int64_t)

typedef struct {
    void (*widen)(const void *SEQ_RESTRICT, double *SEQ_RESTRICT, ptrdiff_t);
    void (*keys)(const void *SEQ_RESTRICT, int64_t *SEQ_RESTRICT, ptrdiff_t, int64_t);
    void (*narrow)(const double *SEQ_RESTRICT, void *SEQ_RESTRICT, ptrdiff_t);      /* floats only */
    void (*add4)(double *SEQ_RESTRICT, const void **, ptrdiff_t, ptrdiff_t);  /* NULL: widened first */
    void (*max4)(double *SEQ_RESTRICT, const void **, ptrdiff_t, ptrdiff_t);
    void (*min4)(double *SEQ_RESTRICT, const void **, ptrdiff_t, ptrdiff_t);
    void (*shift4)(double *SEQ_RESTRICT, const double *SEQ_RESTRICT, const void **, ptrdiff_t, ptrdiff_t);
    void (*square4)(double *SEQ_RESTRICT, const double *SEQ_RESTRICT, const void **, ptrdiff_t, ptrdiff_t);
    void (*scale4)(double *SEQ_RESTRICT, const double *SEQ_RESTRICT, const void **, ptrdiff_t, ptrdiff_t);
    double (*line_sum)(const void *, ptrdiff_t);                                    /* NULL: none */
    double (*line_max)(const void *, ptrdiff_t);
    double (*line_min)(const void *, ptrdiff_t);
} seq_type_t;

#define SEQ_WIDENED(name, narrow) {seq_widen_##name, seq_keys_##name, narrow, \
    NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL}
#define SEQ_DIRECT(name, ...) {seq_widen_##name, seq_keys_##name, seq_narrow_##name, seq_add4_##name, \
    seq_max4_##name, seq_min4_##name, seq_shift4_##name, seq_square4_##name, seq_scale4_##name, __VA_ARGS__}

/* by dtype code */
static const seq_type_t seq_types[12] = {
    SEQ_WIDENED(u8, NULL), SEQ_WIDENED(i8, NULL), SEQ_WIDENED(u16, NULL), SEQ_WIDENED(i16, NULL), SEQ_WIDENED(u32, NULL),
    SEQ_WIDENED(i32, NULL), SEQ_WIDENED(u64, NULL), SEQ_WIDENED(i64, NULL),
    SEQ_DIRECT(f32, seq_line_sum_f32, seq_line_max_f32, seq_line_min_f32),
    SEQ_DIRECT(f64, seq_line_sum_f64, seq_line_max_f64, seq_line_min_f64),
    SEQ_WIDENED(f16, seq_narrow_f16), SEQ_DIRECT(bf16, NULL, NULL, NULL),
};

/* ---- rows of doubles; the weight is one for the row or one for each element ---- */

#define SEQ_WEIGHTED(name, WEIGHT, TYPE) \
static void seq_add_##name(double *SEQ_RESTRICT a, const double *SEQ_RESTRICT v, TYPE w, ptrdiff_t n) { \
    for (ptrdiff_t c = 0; c < n; c++) a[c] += WEIGHT * v[c]; \
} \
static void seq_shift_##name(double *SEQ_RESTRICT a, const double *SEQ_RESTRICT v, const double *SEQ_RESTRICT m, TYPE w, \
                            ptrdiff_t n) { \
    for (ptrdiff_t c = 0; c < n; c++) a[c] += WEIGHT * (v[c] - m[c]); \
} \
static void seq_square_##name(double *SEQ_RESTRICT a, const double *SEQ_RESTRICT v, const double *SEQ_RESTRICT m, TYPE w, \
                             ptrdiff_t n) { \
    for (ptrdiff_t c = 0; c < n; c++) { double d = v[c] - m[c]; a[c] += WEIGHT * (d * d); } \
} \
static void seq_line_##name(double *SEQ_RESTRICT a, const double *SEQ_RESTRICT v, const double *SEQ_RESTRICT m, \
                            const double *SEQ_RESTRICT s, const double *SEQ_RESTRICT k, TYPE w, ptrdiff_t n) { \
    for (ptrdiff_t c = 0; c < n; c++) a[c] += WEIGHT * (s[c] + k[c] * (v[c] - m[c])); \
}
SEQ_WEIGHTED(one, w, double)
SEQ_WEIGHTED(each, w[c], const double *SEQ_RESTRICT)

static void seq_minus(double *SEQ_RESTRICT v, const double *SEQ_RESTRICT m, ptrdiff_t n) {
    for (ptrdiff_t c = 0; c < n; c++) v[c] -= m[c];
}
static void seq_times(double *SEQ_RESTRICT v, const double *SEQ_RESTRICT u, ptrdiff_t n) {
    for (ptrdiff_t c = 0; c < n; c++) v[c] *= u[c];
}
static void seq_exp(double *SEQ_RESTRICT v, ptrdiff_t n) {
    for (ptrdiff_t c = 0; c < n; c++) v[c] = cp_exp_d(v[c]);
}
static void seq_log(double *SEQ_RESTRICT v, ptrdiff_t n) {
    for (ptrdiff_t c = 0; c < n; c++) v[c] = cp_log_d(v[c]);
}
/* v where the row of an element is `row`, else nothing */
static void seq_pick(double *SEQ_RESTRICT a, const double *SEQ_RESTRICT v, const int64_t *SEQ_RESTRICT at, int64_t row,
                     ptrdiff_t n) {
    for (ptrdiff_t c = 0; c < n; c++) a[c] += at[c] == row ? v[c] : 0.0;
}
/* sum of u v in eight lanes, halved at the end */
static double seq_dot(const double *SEQ_RESTRICT u, const double *SEQ_RESTRICT v, ptrdiff_t n) {
    double t[8] = {0};
    ptrdiff_t c = 0, j;
    for (; c + 8 <= n; c += 8) for (j = 0; j < 8; j++) t[j] += u[c + j] * v[c + j];
    for (j = 0; c + j < n; j++) t[j] += u[c + j] * v[c + j];
    return ((t[0] + t[4]) + (t[2] + t[6])) + ((t[1] + t[5]) + (t[3] + t[7]));
}

/* ---- short lines, one behind the other: m of them, of `count` elements each ---- */

static void seq_lines_sum(const double *SEQ_RESTRICT v, const ptrdiff_t *SEQ_RESTRICT count, double *SEQ_RESTRICT sums,
                          ptrdiff_t m) {
    for (ptrdiff_t s = 0; s < m; s++) {
        ptrdiff_t n = count[s], i = 0;
        double t[8] = {0};
        for (; i + 8 <= n; i += 8) for (ptrdiff_t j = 0; j < 8; j++) t[j] += v[i + j];
        for (; i < n; i++) t[i & 3] += v[i];
        sums[s] = ((t[0] + t[4]) + (t[2] + t[6])) + ((t[1] + t[5]) + (t[3] + t[7]));
        v += n;
    }
}
#define SEQ_LINES(name, START, STEP) \
static void seq_lines_##name(const int64_t *SEQ_RESTRICT k, const ptrdiff_t *SEQ_RESTRICT count, int64_t *SEQ_RESTRICT out, \
                            ptrdiff_t m) { \
    for (ptrdiff_t s = 0; s < m; s++) { \
        int64_t a = START; \
        for (ptrdiff_t i = 0, n = count[s]; i < n; i++) a = STEP; \
        k += count[s]; \
        out[s] = a; \
    } \
}
SEQ_LINES(add, 0, (int64_t)((uint64_t)a + (uint64_t)k[i]))
SEQ_LINES(larger, INT64_MIN, k[i] > a ? k[i] : a)

/* ---- rows of keys ---- */

static void seq_flip(int64_t *SEQ_RESTRICT k, ptrdiff_t n) {
    for (ptrdiff_t c = 0; c < n; c++) k[c] = ~k[c];
}
static void seq_add_keys(int64_t *SEQ_RESTRICT a, const int64_t *SEQ_RESTRICT k, ptrdiff_t n) {
    for (ptrdiff_t c = 0; c < n; c++) a[c] = (int64_t)((uint64_t)a[c] + (uint64_t)k[c]);
}
static void seq_larger(int64_t *SEQ_RESTRICT a, const int64_t *SEQ_RESTRICT k, ptrdiff_t n) {
    for (ptrdiff_t c = 0; c < n; c++) a[c] = k[c] > a[c] ? k[c] : a[c];
}
static void seq_add_wide(i128_t *SEQ_RESTRICT a, const int64_t *SEQ_RESTRICT k, ptrdiff_t n) {
    for (ptrdiff_t c = 0; c < n; c++) a[c] = i128_add(a[c], i128_from_i64(k[c]));
}
/* the larger of two rows of keys goes to best and at, the other to k and from; the lower row wins a tie */
static void seq_sink(int64_t *SEQ_RESTRICT best, int64_t *SEQ_RESTRICT at, int64_t *SEQ_RESTRICT k, int64_t *SEQ_RESTRICT from,
                     ptrdiff_t n) {
    for (ptrdiff_t c = 0; c < n; c++) {
        int64_t b = best[c], a = at[c], v = k[c], f = from[c], more = -(int64_t)((v > b) | ((v == b) & (f < a)));
        best[c] = b ^ ((b ^ v) & more); k[c] = v ^ ((b ^ v) & more);
        at[c] = a ^ ((a ^ f) & more); from[c] = f ^ ((a ^ f) & more);
    }
}
static void seq_best(int64_t *SEQ_RESTRICT best, int64_t *SEQ_RESTRICT at, const int64_t *SEQ_RESTRICT k, int64_t row,
                     ptrdiff_t n) {
    for (ptrdiff_t c = 0; c < n; c++) {
        int64_t more = -(int64_t)(k[c] > best[c]);
        best[c] ^= (best[c] ^ k[c]) & more;
        at[c] ^= (at[c] ^ row) & more;
    }
}
static void seq_order(int64_t *SEQ_RESTRICT a, int64_t *SEQ_RESTRICT b, ptrdiff_t n) {
    for (ptrdiff_t c = 0; c < n; c++) {
        int64_t v = a[c], w = b[c], more = -(int64_t)(v > w);
        a[c] = v ^ ((v ^ w) & more); b[c] = w ^ ((v ^ w) & more);
    }
}

#endif
