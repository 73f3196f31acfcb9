/* Blocks of tall windows down some columns at a time, in registers (H_BLOCKS in reduce.pyx; AVX-512).
 *
 * line[i], i < k: first the suffix x[i] .. x[k-1] of a block of k rows, then, in place, combined with the prefix
 * x[k] .. x[k+i-1] of the next: the window that begins at row i. What is combined stays in registers, rows are converted as
 * they are read, and of a column there are a load of x and a store going up and two loads and a store coming down. Row by
 * row, every operation went through the L1 cache, and the suffixes through L2. 31x31 maxima of 2048 x 2048 uint8, with the
 * lines in registers too (spans.h): 0.42 ms by rows, 0.27 ms so; means of float32: 3.6 and 2.6 ms.
 * (Maxima of float64 gain nothing: they wait for memory.)
 */
#ifndef CPOOL_BLOCKS_H
#define CPOOL_BLOCKS_H

#include "portable.h"

enum { CP_BLOCK_VECTORS = 8, CP_BLOCK_ROOM = 64 * CP_BLOCK_VECTORS };

/* x: rows `row` elements apart, of which those from `first` to before `last` are there; the block begins with number `top`;
 * `outs` lines of n elements, `step` apart, are wanted; where they have less than CP_BLOCK_ROOM bytes, whole vectors are
 * written. none: the identity. */
typedef void (*cp_block_fn)(void *line, ptrdiff_t step, const void *x, ptrdiff_t row, ptrdiff_t top, ptrdiff_t k,
                            ptrdiff_t first, ptrdiff_t last, ptrdiff_t outs, ptrdiff_t n, const void *none);

#if defined(__GNUC__) && !defined(CPOOL_PORTABLE) && CP_REGISTER == 64
#include <immintrin.h>

#define CP_BLOCK_EACH _Pragma("GCC unroll 8") for (j = 0; j < m; j++)
/* the vectors at p, or what `mask` lets through of them */
#define CP_BLOCK_TAKE(GET) CP_BLOCK_EACH acc[j] = GET(p + L * j, mask)
#define CP_BLOCK_JOIN(GET, OP) CP_BLOCK_EACH acc[j] = OP(acc[j], GET(p + L * j, mask))

#define CP_BLOCK(name, S, T, V, GET, LOAD, STORE, OP, SPREAD) \
static inline __attribute__((always_inline)) void name##_(T *line, ptrdiff_t step, const S *x, ptrdiff_t row, ptrdiff_t top, \
        ptrdiff_t k, ptrdiff_t first, ptrdiff_t last, ptrdiff_t outs, const V none, const int m, \
        const unsigned long long mask) { \
    enum { L = 64 / sizeof(T) }; \
    V acc[CP_BLOCK_VECTORS]; \
    const S *p; \
    ptrdiff_t i, j; \
    CP_BLOCK_EACH acc[j] = none; \
    for (i = k - 1; i >= 0; i--) { \
        p = x + (top + i) * row; \
        if (first <= top + i && top + i < last) { \
            CP_BLOCK_EACH if (L * j * sizeof(S) % 64 == 0) cp_prefetch_near(p + L * (j + m)); \
            if (i == k - 1) CP_BLOCK_TAKE(GET); else CP_BLOCK_JOIN(GET, OP); \
        } \
        CP_BLOCK_EACH STORE(line + i * step + L * j, acc[j]); \
    } \
    CP_BLOCK_EACH acc[j] = none; \
    for (i = 1; i < outs; i++) { \
        T *to = line + i * step; \
        p = x + (top + k + i - 1) * row; \
        if (first <= top + k + i - 1 && top + k + i - 1 < last) { \
            CP_BLOCK_EACH if (L * j * sizeof(S) % 64 == 0) cp_prefetch_near(p + L * (j + m)); \
            if (i == 1) CP_BLOCK_TAKE(GET); else CP_BLOCK_JOIN(GET, OP); \
        } \
        CP_BLOCK_EACH STORE(to + L * j, OP(LOAD(to + L * j), acc[j])); \
    } \
} \
static void name(void *line, ptrdiff_t step, const void *x, ptrdiff_t row, ptrdiff_t top, ptrdiff_t k, \
                 ptrdiff_t first, ptrdiff_t last, ptrdiff_t outs, ptrdiff_t n, const void *none) { \
    enum { L = 64 / sizeof(T) }; \
    const V fill = SPREAD(*(const T *)none); \
    ptrdiff_t c = 0; \
    while (c < n && n >= CP_BLOCK_VECTORS * L) { \
        name##_((T *)line + c, step, (const S *)x + c, row, top, k, first, last, outs, fill, CP_BLOCK_VECTORS, ~0ull); \
        c += CP_BLOCK_VECTORS * L; \
        if (c < n && c + CP_BLOCK_VECTORS * L > n) c = n - CP_BLOCK_VECTORS * L;     /* some columns again */ \
    } \
    for (; c < n; c += L) \
        name##_((T *)line + c, step, (const S *)x + c, row, top, k, first, last, outs, fill, 1, \
                n - c < L ? (1ull << (n - c)) - 1 : ~0ull); \
}

#define CP_GET_8(p, mask) _mm512_maskz_loadu_epi8(mask, p)
#define CP_GET_SUM(p, mask) _mm512_cvtps_pd(_mm256_maskz_loadu_ps((__mmask8)(mask), p))

/* float_key of portable.h */
static inline __attribute__((always_inline)) __m512i cp_keys(const float *p, unsigned long long mask, int nan_key) {
    const __m512 v = _mm512_maskz_loadu_ps((__mmask16)mask, p);
    const __m512i b = _mm512_castps_si512(v), flip = _mm512_and_si512(_mm512_srai_epi32(b, 31), _mm512_set1_epi32(0x7fffffff));
    return _mm512_mask_mov_epi32(_mm512_xor_si512(b, flip), _mm512_cmp_ps_mask(v, v, _CMP_UNORD_Q),
                                 _mm512_set1_epi32(nan_key));
}
#define CP_KEYS_MAX(p, mask) cp_keys(p, mask, 0x7fffffff)
#define CP_KEYS_MIN(p, mask) cp_keys(p, mask, -0x7fffffff - 1)

#define CP_BLOCK_INTS(name, S, T, GET, OP, SPREAD) \
    CP_BLOCK(name, S, T, __m512i, GET, _mm512_loadu_si512, _mm512_storeu_si512, OP, SPREAD)
CP_BLOCK_INTS(cp_block_max_u8, uint8_t, uint8_t, CP_GET_8, _mm512_max_epu8, _mm512_set1_epi8)
CP_BLOCK_INTS(cp_block_min_u8, uint8_t, uint8_t, CP_GET_8, _mm512_min_epu8, _mm512_set1_epi8)
CP_BLOCK_INTS(cp_block_max_f32, float, int32_t, CP_KEYS_MAX, _mm512_max_epi32, _mm512_set1_epi32)
CP_BLOCK_INTS(cp_block_min_f32, float, int32_t, CP_KEYS_MIN, _mm512_min_epi32, _mm512_set1_epi32)
CP_BLOCK(cp_block_add_f32, float, double, __m512d, CP_GET_SUM, _mm512_loadu_pd, _mm512_storeu_pd, _mm512_add_pd,
         _mm512_set1_pd)

/* by the codes of numeric.pxd; op: max, min, sum (of float32 in float64); NULL: there is none */
static cp_block_fn cp_block_of(int code, int acc, int op) {
    if (code == 0 && op < 2) return op ? cp_block_min_u8 : cp_block_max_u8;
    if (code == 8 && acc == 5 && op < 2) return op ? cp_block_min_f32 : cp_block_max_f32;
    if (code == 8 && acc == 9 && op == 2) return cp_block_add_f32;
    return NULL;
}
#else
static inline cp_block_fn cp_block_of(int code, int acc, int op) { (void)code; (void)acc; (void)op; return NULL; }
#endif

#endif
