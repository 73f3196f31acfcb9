/* Levels of a pyramid: rows of sums from rows of the level below, and results from sums. The loops of scales.pxi.
 *
 * a) Sums have 16 bits where the elements have 8, int32 where they have 16, else double; the caller knows that they fit.
 * b) Windows of 2 x 2 have loops of their own, which read two rows once: `quads` where neighbours are neighbours in memory,
 *    else `pairs`, which forms sums everywhere, of which `keep` takes those that begin a window. All others take three loops
 *    over a block in the cache: rows are added up, neighbours are added to all elements, and every `factor`-th is kept. The
 *    numbers are added in the same order: down, then along.
 * c) Pairs of small elements are read as one number of twice the size, whose halves are added.
 */
#ifndef CPOOL_SCALES_H
#define CPOOL_SCALES_H

#include "segments.h"

typedef struct {
    void (*quads)(void *, const void *, const void *, ptrdiff_t, ptrdiff_t);                /* NULL: none, as the others */
    void (*pairs)(void *, const void *, const void *, ptrdiff_t, ptrdiff_t, ptrdiff_t);
    void (*add)(void *, const void *, ptrdiff_t);
} scale_type_t;
typedef struct {
    void (*fold)(void *, const void *, ptrdiff_t, ptrdiff_t, ptrdiff_t);
    void (*keep)(void *, const void *, ptrdiff_t, ptrdiff_t, ptrdiff_t);
} scale_sums_t;

/* The last argument for each c below n; `span` elements of a row belong to one. The rows `ahead` bytes later are asked for */
#define SCALE_CHUNKS(T, chunk, span, ...) { \
    ptrdiff_t c = 0, i; \
    while (c < n) { \
        ptrdiff_t stop = c + chunk < n ? c + chunk : n; \
        if (ahead) for (i = span * c; i < span * stop; i += (ptrdiff_t)(64 / sizeof(T))) { \
            cp_prefetch((const char *)(p + i) + ahead); cp_prefetch((const char *)(q + i) + ahead); \
        } \
        for (; c < stop; c++) { __VA_ARGS__ } \
    } }
#define SCALE_ROWS(T, A) \
    A *SEQ_RESTRICT s = (A *)sums; \
    const T *SEQ_RESTRICT p = (const T *)x, *SEQ_RESTRICT q = (const T *)y;

/* sums of the windows; sums of p, q and what is `inner` elements behind them, for n elements */
#define SCALE_TWO(name, T, A, QUAD) \
static void scale_quads_##name(void *SEQ_RESTRICT sums, const void *SEQ_RESTRICT x, const void *SEQ_RESTRICT y, \
                               ptrdiff_t n, ptrdiff_t ahead) { \
    SCALE_ROWS(T, A) \
    SCALE_CHUNKS(T, (ptrdiff_t)(256 / sizeof(T)), 2, QUAD) \
} \
static void scale_pairs_##name(void *SEQ_RESTRICT sums, const void *SEQ_RESTRICT x, const void *SEQ_RESTRICT y, \
                               ptrdiff_t n, ptrdiff_t inner, ptrdiff_t ahead) { \
    SCALE_ROWS(T, A) \
    SCALE_CHUNKS(T, (ptrdiff_t)(512 / sizeof(T)), 1, \
        s[c] = (A)((A)((A)p[c] + (A)q[c]) + (A)((A)p[c + inner] + (A)q[c + inner]));) \
}
#define SCALE_SUM(A) s[c] = ((A)p[2 * c] + (A)q[2 * c]) + ((A)p[2 * c + 1] + (A)q[2 * c + 1]);
#define SCALE_HALVES(A, W, U, BITS) W v, w; memcpy(&v, p + 2 * c, sizeof v); memcpy(&w, q + 2 * c, sizeof w); \
    s[c] = (A)((W)((W)((W)((U)v << BITS) >> BITS) + (W)((W)((U)w << BITS) >> BITS)) + (W)((W)(v >> BITS) + (W)(w >> BITS)));

SCALE_TWO(u8, uint8_t, uint16_t, SCALE_HALVES(uint16_t, uint16_t, uint16_t, 8))
SCALE_TWO(i8, int8_t, int16_t, SCALE_HALVES(int16_t, int16_t, uint16_t, 8))
SCALE_TWO(u16, uint16_t, int32_t, SCALE_HALVES(int32_t, uint32_t, uint32_t, 16))
SCALE_TWO(i16, int16_t, int32_t, SCALE_HALVES(int32_t, int32_t, uint32_t, 16))
SCALE_TWO(f32, float, double, SCALE_SUM(double))
SCALE_TWO(s16, uint16_t, uint16_t, SCALE_HALVES(uint16_t, uint32_t, uint32_t, 16))
SCALE_TWO(s32, int32_t, int32_t, SCALE_SUM(int32_t))
SCALE_TWO(f64, double, double, SCALE_SUM(double))

#define SCALE_ADD(name, T, A) \
static void scale_add_##name(void *SEQ_RESTRICT sums, const void *SEQ_RESTRICT x, ptrdiff_t n) { \
    A *SEQ_RESTRICT s = (A *)sums; \
    const T *SEQ_RESTRICT p = (const T *)x; \
    for (ptrdiff_t c = 0; c < n; c++) s[c] = (A)(s[c] + (A)p[c]); \
}
SCALE_ADD(u8, uint8_t, uint16_t)
SCALE_ADD(i8, int8_t, uint16_t)
SCALE_ADD(u16, uint16_t, int32_t)
SCALE_ADD(i16, int16_t, int32_t)
SCALE_ADD(s16, uint16_t, uint16_t)
SCALE_ADD(s32, int32_t, int32_t)
SCALE_ADD(f64, double, double)

/* keep: the first `inner` of every `step` elements, m times; up to three elements behind the last are written as well.
 * fold: sums of `factor` elements that lie `inner` apart, for n elements */
#define SCALE_FOLD(name, A) \
static void scale_keep_##name(void *SEQ_RESTRICT sums, const void *SEQ_RESTRICT x, ptrdiff_t m, ptrdiff_t inner, \
                              ptrdiff_t step) { \
    A *SEQ_RESTRICT s = (A *)sums; \
    const A *SEQ_RESTRICT u = (const A *)x; \
    if (inner == 1) for (ptrdiff_t c = 0; c < m; c++) s[c] = u[c * step]; \
    else if (inner <= 4) for (ptrdiff_t c = 0; c < m; c++) memcpy(s + c * inner, u + c * step, 4 * sizeof(A)); \
    else for (ptrdiff_t c = 0; c < m; c++) memcpy(s + c * inner, u + c * step, (size_t)inner * sizeof(A)); \
} \
static void scale_fold_##name(void *SEQ_RESTRICT sums, const void *SEQ_RESTRICT x, ptrdiff_t n, ptrdiff_t factor, \
                              ptrdiff_t inner) { \
    A *SEQ_RESTRICT u = (A *)sums; \
    const A *SEQ_RESTRICT v = (const A *)x; \
    memcpy(u, v, (size_t)n * sizeof(A)); \
    for (ptrdiff_t j = 1; j < factor; j++) for (ptrdiff_t k = 0; k < n; k++) u[k] = (A)(u[k] + v[j * inner + k]); \
}
SCALE_FOLD(s16, uint16_t)
SCALE_FOLD(s32, int32_t)
SCALE_FOLD(f64, double)

/* to nearest, ties to even; shift: binary logarithm of the divisor, -1 if it is no power of two */
#define SCALE_SHIFT(T, A, shift) \
    for (ptrdiff_t c = 0; c < n; c++) \
        y[c] = (T)((A)(s[c] + (A)(((1 << (shift - 1)) - 1) + (A)((A)(s[c] >> shift) & 1))) >> shift);
#define SCALE_STORE(name, T, A, CASES) \
static void scale_store_##name(const void *SEQ_RESTRICT sums, void *SEQ_RESTRICT out, ptrdiff_t n, int shift, \
                               double divisor) { \
    const A *SEQ_RESTRICT s = (const A *)sums; \
    T *SEQ_RESTRICT y = (T *)out; \
    CASES(T, A) \
    else if (shift > 0) { SCALE_SHIFT(T, A, shift) } \
    else for (ptrdiff_t c = 0; c < n; c++) y[c] = (T)(int32_t)cp_rint(s[c] / divisor); \
}
/* compilers keep sums of 16 bits in 16 bits only if the shift is a constant: images halved up to four times */
#define SCALE_IMAGES(T, A) if (shift == 2) { SCALE_SHIFT(T, A, 2) } else if (shift == 4) { SCALE_SHIFT(T, A, 4) } \
    else if (shift == 6) { SCALE_SHIFT(T, A, 6) } else if (shift == 8) { SCALE_SHIFT(T, A, 8) }
#define SCALE_ANY(T, A) if (n <= 0) return;
SCALE_STORE(s16_u8, uint8_t, uint16_t, SCALE_IMAGES)
SCALE_STORE(s16_i8, int8_t, int16_t, SCALE_IMAGES)
SCALE_STORE(u8, uint8_t, int32_t, SCALE_ANY)
SCALE_STORE(i8, int8_t, int32_t, SCALE_ANY)
SCALE_STORE(u16, uint16_t, int32_t, SCALE_ANY)
SCALE_STORE(i16, int16_t, int32_t, SCALE_ANY)

#define SCALE_STORE_WIDE(name, T, VALUE) \
static void scale_store_##name(const void *SEQ_RESTRICT sums, void *SEQ_RESTRICT out, ptrdiff_t n, int shift, \
                               double divisor) { \
    const double *SEQ_RESTRICT s = (const double *)sums; \
    T *SEQ_RESTRICT y = (T *)out; \
    double factor = 1 / divisor; \
    if (shift >= 0) for (ptrdiff_t c = 0; c < n; c++) y[c] = (T)VALUE(s[c] * factor); \
    else for (ptrdiff_t c = 0; c < n; c++) y[c] = (T)VALUE(s[c] / divisor); \
}
#define SCALE_ROUND(v) (int64_t)cp_rint(v)
SCALE_STORE_WIDE(u32, uint32_t, SCALE_ROUND)
SCALE_STORE_WIDE(i32, int32_t, SCALE_ROUND)
SCALE_STORE_WIDE(f32, float, SEQ_SAME)
SCALE_STORE_WIDE(f64, double, SEQ_SAME)

#define SCALE_TYPE(name) {scale_quads_##name, scale_pairs_##name, scale_add_##name}
/* by dtype code; then rows of sums of 16 bits, of int32 and of double */
static const scale_type_t scale_types[15] = {
    SCALE_TYPE(u8), SCALE_TYPE(i8), SCALE_TYPE(u16), SCALE_TYPE(i16), {NULL, NULL, NULL}, {NULL, NULL, NULL},
    {NULL, NULL, NULL}, {NULL, NULL, NULL}, {scale_quads_f32, scale_pairs_f32, NULL}, SCALE_TYPE(f64),
    {NULL, NULL, NULL}, {NULL, NULL, NULL}, SCALE_TYPE(s16), SCALE_TYPE(s32), SCALE_TYPE(f64),
};
static const scale_sums_t scale_sums[3] = {
    {scale_fold_s16, scale_keep_s16}, {scale_fold_s32, scale_keep_s32}, {scale_fold_f64, scale_keep_f64},
};
/* by dtype code; NULL: divided, then narrowed. Then uint8 and int8 from sums of 16 bits */
static void (*const scale_stores[14])(const void *, void *, ptrdiff_t, int, double) = {
    scale_store_u8, scale_store_i8, scale_store_u16, scale_store_i16, scale_store_u32, scale_store_i32, NULL, NULL,
    scale_store_f32, scale_store_f64, NULL, NULL, scale_store_s16_u8, scale_store_s16_i8,
};

static void scale_ahead(const char *p, ptrdiff_t bytes) {
    for (ptrdiff_t i = 0; i < bytes; i += 64) cp_prefetch(p + i);
}

#endif
