/* Elements that take no part: copied with `fill` in their place, counted, and what windows of them come to. */
#ifndef CPOOL_MASKED_H
#define CPOOL_MASKED_H

#include "panel_rows.h"

CP_FAST_BEGIN

/* x to d. Left out is what has mask[i] == 0 (mask may be NULL) and, with nan < top, what is a NaN: (bits & top) > nan.
 * on (may be NULL): 1 for what takes part. mask_step 0: one byte of the mask serves all. */
#define CP_LEAVE(T) \
static void cp_leave_##T(T* d, const T* x, const uint8_t* mask, uint8_t* on, ptrdiff_t n, T fill, T top, T nan) { \
    ptrdiff_t i; \
    if (on) { \
        if (mask) for (i = 0; i < n; i++) on[i] = (mask[i] != 0) & ((x[i] & top) <= nan); \
        else for (i = 0; i < n; i++) on[i] = (x[i] & top) <= nan; \
        for (i = 0; i < n; i++) d[i] = on[i] ? x[i] : fill; \
    } else if (mask && nan < top) { \
        for (i = 0; i < n; i++) { const T v = x[i]; d[i] = (mask[i] != 0) & ((v & top) <= nan) ? v : fill; } \
    } else if (mask) { \
        for (i = 0; i < n; i++) { const T v = x[i]; d[i] = mask[i] ? v : fill; } \
    } else { \
        for (i = 0; i < n; i++) { const T v = x[i]; d[i] = (v & top) <= nan ? v : fill; } \
    } \
} \
static void cp_fill_##T(T* d, ptrdiff_t n, T fill) { ptrdiff_t i; for (i = 0; i < n; i++) d[i] = fill; }
CP_LEAVE(uint8_t)
CP_LEAVE(uint16_t)
CP_LEAVE(uint32_t)
CP_LEAVE(uint64_t)

/* sums / (count + pad) to y; where nothing is counted `empty`. count_step 0: one count serves n sums. pads: NULL, or one
 * pad for each sum. */
#define CP_DIVIDE(R) \
static void cp_divide_##R(R* y, const R* s, const R* c, const R* pads, R pad, ptrdiff_t count_step, R empty, ptrdiff_t n) { \
    ptrdiff_t i; \
    if (count_step == 0) for (i = 0; i < n; i++) { const R q = s[i] / (c[0] + pad); y[i] = c[0] != 0 ? q : empty; } \
    else if (pads) for (i = 0; i < n; i++) { const R q = s[i] / (c[i] + pads[i]); y[i] = c[i] != 0 ? q : empty; } \
    else for (i = 0; i < n; i++) { const R q = s[i] / (c[i] + pad); y[i] = c[i] != 0 ? q : empty; } \
}
CP_DIVIDE(float)
CP_DIVIDE(double)

/* ---- counts: rows of bytes added up, then the taps of windows ---- */

#define CP_COUNT(T) \
static void cp_add_bytes_##T(T* CP_RESTRICT sum, const uint8_t* CP_RESTRICT row, ptrdiff_t n) { \
    ptrdiff_t i; \
    for (i = 0; i < n; i++) sum[i] += row[i] != 0; \
} \
/* n windows of `inner` lanes: c[i] += sum[i * step] */ \
static void cp_add_taps_##T(T* CP_RESTRICT c, const T* CP_RESTRICT sum, ptrdiff_t n, ptrdiff_t step, ptrdiff_t inner) { \
    ptrdiff_t i, k; \
    if (step == 1) for (i = 0; i < n * inner; i++) c[i] += sum[i]; \
    else if (inner > 1) for (i = 0; i < n; i++) for (k = 0; k < inner; k++) c[i * inner + k] += sum[i * step * inner + k]; \
    else if (step == 2) for (i = 0; i < n; i++) c[i] += sum[2 * i]; \
    else for (i = 0; i < n; i++) c[i] += sum[i * step]; \
} \
static void cp_counts_##T##_float(float* y, const T* c, ptrdiff_t n) { ptrdiff_t i; for (i = 0; i < n; i++) y[i] = (float)c[i]; } \
static void cp_counts_##T##_double(double* y, const T* c, ptrdiff_t n) { \
    ptrdiff_t i; for (i = 0; i < n; i++) y[i] = (double)c[i]; }
CP_COUNT(uint8_t)
CP_COUNT(uint64_t)

/* ---- averages of small windows, straight from rows of x: no copy, no second pass ---- */

/* CP_SPARE elements must follow whatever is read or written. */
enum { CP_SPARE = 64 };
/* of a window, at most */
enum { CP_ROWS = 9 };
#if defined(__GNUC__)
typedef uint8_t cp_bytes16 __attribute__((vector_size(16)));
#endif

/* some lines: their rows of x, of a mask and of results */
typedef struct {
    ptrdiff_t rows, pitch;          /* lines; from one to the next */
    ptrdiff_t step, mask_step;      /* columns: of x and of the mask (0: there is none); means: step is that of the results */
    ptrdiff_t pad_step;
    ptrdiff_t ahead, fresh;         /* what the next lines need: elements from the last row on, and how many for each line */
    ptrdiff_t mask_fresh;           /* of the mask */
    const void* over;               /* what is divided, or NULL: the sums */
} cp_lines_t;

/* a row of windows of pixels, each of `inner` elements */
typedef struct {
    ptrdiff_t inner, windows;
    ptrdiff_t n, stride, dilation, lo;      /* of the row of x, in pixels */
    ptrdiff_t rows, columns;                /* of a window; rows that are there */
    ptrdiff_t row, ahead, fresh;            /* elements of a row; from the first row to the rows that come next, how many */
    const int32_t* counts;                  /* of whole pixels, for each column */
    const void* over;                       /* what is divided, or NULL: the sums */
    void* y;                                /* the row of results */
} cp_pixels_t;
/* what a byte of the mask is for, and whether NaN are left out */
enum { CP_ELEMENTS = 0, CP_ELEMENTS_OMIT = 1, CP_WHOLE_PIXELS = 2, CP_WHOLE_PIXELS_OMIT = 3 };

/* The sums and counts of a tap of windows that begin `step` elements apart, next to each other; four elements at a time, up to
 * three too many. */
#define CP_APART(R) \
CP_CALLED static void cp_apart_##R(R* to, uint8_t* to_count, const R* s, const uint8_t* c, ptrdiff_t windows, ptrdiff_t inner, \
                         ptrdiff_t step) { \
    ptrdiff_t o, i; \
    for (o = 0; o < windows; o++) for (i = 0; i < inner; i += 4) { \
        memcpy(to + o * inner + i, s + o * step + i, 4 * sizeof(R)); \
        memcpy(to_count + o * inner + i, c + o * step + i, 4); \
    } \
}
CP_APART(float)
CP_APART(double)

/* A byte of the mask for each of `inner` elements. Fewer than 16 by shuffles, 16 pixels at a time: table says which pixel each
 * of their elements belongs to. */
CP_CALLED static void cp_widen(uint8_t* to, const uint8_t* m, ptrdiff_t pixels, ptrdiff_t inner, const uint8_t* table) {
    ptrdiff_t i = 0, k;
#if defined(__GNUC__) && !defined(__clang__) && !defined(CPOOL_PORTABLE) && defined(__AVX2__)
    for (; inner < 16 && i < pixels; i += 16) {
        uint8_t some[16 * 16];
        cp_bytes16 v = {0};
        if (pixels >= 16) i = i + 16 <= pixels ? i : pixels - 16;
        memcpy(&v, m + i, pixels >= 16 ? 16 : 1);
        for (k = 1; k < pixels && pixels < 16; k++) v[k] = m[k];
        for (k = 0; k < inner; k++) {
            cp_bytes16 at;
            memcpy(&at, table + 16 * k, 16);
            at = __builtin_shuffle(v, at);
            memcpy((pixels < 16 ? some : to + i * inner) + 16 * k, &at, 16);
        }
        if (pixels < 16) memcpy(to, some, pixels * inner);
    }
    for (; i < pixels; i++) {
        const cp_bytes16 v = (cp_bytes16){0} + m[i];
        for (k = 0; k < inner - 16; k += 16) memcpy(to + i * inner + k, &v, 16);
        memcpy(to + (i + 1) * inner - 16, &v, 16);
    }
#else
    for (; i < pixels; i++) for (k = 0; k < inner; k++) to[i * inner + k] = m[i];
    (void)table;
#endif
}

/* v, or 0 if `all` is 0, not -1: on bits, as of a conditional gcc makes loads under a mask */
CP_INLINE float cp_keep_float(float v, int8_t all) { return cp_float32(cp_bits32(v) & (uint32_t)all); }
CP_INLINE double cp_keep_double(double v, int8_t all) { return cp_double64(cp_bits64(v) & (uint64_t)all); }

#if defined(__GNUC__) && !defined(__clang__) && !defined(CPOOL_PORTABLE) && defined(__AVX2__)
#include <immintrin.h>
/* up to 16 counts, how many of them there are is known from the type; wherever they lie */
CP_INLINE __m128i cp_bytes(const uint8_t* c, const int n) { __m128i v = _mm_setzero_si128(); memcpy(&v, c, n); return v; }
CP_INLINE __m128i cp_some_bytes(const uint8_t** c, ptrdiff_t i, const int k, const int n) {
    __m128i v = cp_bytes(c[0] + i, n);
    if (k > 1) v = _mm_add_epi8(v, cp_bytes(c[1] + i, n));
    if (k > 2) v = _mm_add_epi8(v, cp_bytes(c[2] + i, n));
    return v;
}
/* n counts, 16 bits each, of two neighbours, or three */
CP_INLINE __m128i cp_two_bytes(const uint8_t* c, const int k, const int n) {
    const __m128i low = _mm_set1_epi16(255), v = cp_bytes(c, 2 * n);
    __m128i w = _mm_add_epi16(_mm_and_si128(v, low), _mm_srli_epi16(v, 8));
    return k > 2 ? _mm_add_epi16(w, _mm_and_si128(cp_bytes(c + 2, 2 * n), low)) : w;
}
typedef int8_t cp_signs16 __attribute__((vector_size(16)));
enum { CP_HAS_PIXELS = 1 };
#define CP_UNROLL _Pragma("GCC unroll 3")
#define CP_BYTES __m128i
#define CP_NO_BYTES _mm_setzero_si128()
typedef int64_t cp_places8 __attribute__((vector_size(64)));
typedef int32_t cp_places16 __attribute__((vector_size(64)));
typedef int64_t cp_places4 __attribute__((vector_size(32)));
typedef int32_t cp_places8s __attribute__((vector_size(32)));

#if defined(__AVX512BW__) && defined(__AVX512VL__)
/* A load under a mask takes three times as long (2x2 means of 8x64x112x112 float32: 6.1 and 2.4 ms): first the load. */
#define CP_PART(name, V, T, M, ps) \
CP_INLINE V name(const T* x, M on, const int omit, __m128i* c) { \
    V v = _mm512_loadu_##ps(x); \
    __asm__("" : "+v"(v)); \
    if (omit) on = _mm512_mask_cmp_##ps##_mask(on, v, v, _CMP_ORD_Q); \
    *c = _mm_mask_sub_epi8(*c, on, *c, _mm_set1_epi8(-1)); \
    return _mm512_maskz_mov_##ps(on, v); \
}
CP_PART(cp_part_16, __m512, float, __mmask16, ps)
CP_PART(cp_part_8, __m512d, double, __mmask8, pd)
#undef CP_PART
/* two vectors of x, whose mask is read at once */
#define CP_PART2(name, V, T, M, W, MM, L, ps, bytes, join) \
CP_INLINE void name(V* v, V* w, const T* x, W b, const int omit, W* c) { \
    MM on = _mm##bytes##_test_epi8_mask(b, b); \
    M low = (M)on, high = (M)(on >> L); \
    V e = _mm512_loadu_##ps(x), f = _mm512_loadu_##ps(x + L); \
    __asm__("" : "+v"(e), "+v"(f)); \
    if (omit) { \
        low = _mm512_mask_cmp_##ps##_mask(low, e, e, _CMP_ORD_Q); \
        high = _mm512_mask_cmp_##ps##_mask(high, f, f, _CMP_ORD_Q); \
        on = join(high, low); \
    } \
    *c = _mm##bytes##_mask_sub_epi8(*c, on, *c, _mm##bytes##_set1_epi8(-1)); \
    *v = _mm512_maskz_mov_##ps(low, e); \
    *w = _mm512_maskz_mov_##ps(high, f); \
}
CP_PART2(cp_part2_16, __m512, float, __mmask16, __m256i, __mmask32, 16, ps, 256, _mm512_kunpackw)
CP_PART2(cp_part2_8, __m512d, double, __mmask8, __m128i, __mmask16, 8, pd, , _mm512_kunpackb)
#undef CP_PART2
CP_INLINE __m512 cp_pairs_16(const uint8_t* c, const int k) {
    const __m256i low = _mm256_set1_epi16(255), v = _mm256_loadu_si256((const __m256i*)c);
    __m256i w = _mm256_add_epi16(_mm256_and_si256(v, low), _mm256_srli_epi16(v, 8));
    if (k > 2) w = _mm256_add_epi16(w, _mm256_and_si256(_mm256_loadu_si256((const __m256i*)(c + 2)), low));
    return _mm512_cvtepi32_ps(_mm512_cvtepu16_epi32(w));
}
enum { CP_HAS_PAIRS = 1 };
#define CP_L_FLOAT 16
#define CP_L_DOUBLE 8
#define CP_I_FLOAT cp_places16
#define CP_I_DOUBLE cp_places8
#define CP_V_FLOAT __m512
#define CP_V_DOUBLE __m512d
CP_INLINE __mmask16 cp_on(__m128i b) { return _mm_test_epi8_mask(b, b); }
#define CP_PART_FLOAT(x, b, omit, c) cp_part_16(x, cp_on(b), omit, &c)
#define CP_PART_DOUBLE(x, b, omit, c) cp_part_8(x, (__mmask8)cp_on(b), omit, &c)
#define CP_PART1_FLOAT(x, on, c) cp_part_16(x, (__mmask16)(on), 1, &c)
#define CP_PART1_DOUBLE(x, on, c) cp_part_8(x, (__mmask8)(on), 1, &c)
#define CP_PART2_FLOAT(v, w, x, m, omit, c) cp_part2_16(&v, &w, x, _mm256_loadu_si256((const __m256i*)(m)), omit, &c)
#define CP_PART2_DOUBLE(v, w, x, m, omit, c) cp_part2_8(&v, &w, x, cp_bytes(m, 16), omit, &c)
#define CP_COUNTED2_DOUBLE(c) _mm512_cvtepi32_pd(_mm256_cvtepu16_epi32(_mm_maddubs_epi16(c, _mm_set1_epi8(1))))
#define CP_COUNTED2_FLOAT(c) \
    _mm512_cvtepi32_ps(_mm512_cvtepu16_epi32(_mm256_maddubs_epi16(c, _mm256_set1_epi8(1))))
#define CP_COUNTED_FLOAT(c) _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(c))
#define CP_COUNTED_DOUBLE(c) _mm512_cvtepi32_pd(_mm256_cvtepu8_epi32(c))
#define CP_DOUBLE_FLOAT(c, k) cp_pairs_16(c, k)
#define CP_DOUBLE_DOUBLE(c, k) _mm512_cvtepi32_pd(_mm256_cvtepu16_epi32(cp_two_bytes(c, k, 8)))
#define CP_LARGER_FLOAT(d, least) _mm512_max_ps(d, _mm512_set1_ps(least))
#define CP_LARGER_DOUBLE(d, least) _mm512_max_pd(d, _mm512_set1_pd(least))
#define CP_PLACES_FLOAT(o) ((cp_places16){o, o + 2, o + 4, o + 6, o + 8, o + 10, o + 12, o + 14, o + 16, o + 18, o + 20, o + 22, \
                                          o + 24, o + 26, o + 28, o + 30})
#define CP_PLACES_DOUBLE(o) ((cp_places8){o, o + 2, o + 4, o + 6, o + 8, o + 10, o + 12, o + 14})
#else
/* 0 or -1 each: to words, and those to bytes of 1 or 0 */
CP_INLINE __m128i cp_words(__m256i off) { return _mm_packs_epi32(_mm256_castsi256_si128(off), _mm256_extracti128_si256(off, 1)); }
CP_INLINE __m128i cp_ones(__m128i off) { return _mm_add_epi8(_mm_packs_epi16(off, off), _mm_set1_epi8(1)); }
CP_INLINE __m256 cp_part_8(const float* x, __m128i b, const int omit, __m128i* c) {
    const __m256 v = _mm256_loadu_ps(x);
    __m256i off = _mm256_cvtepi8_epi32(_mm_cmpeq_epi8(b, _mm_setzero_si128()));
    if (omit) off = _mm256_or_si256(off, _mm256_castps_si256(_mm256_cmp_ps(v, v, _CMP_UNORD_Q)));
    *c = _mm_add_epi8(*c, cp_ones(cp_words(off)));
    return _mm256_andnot_ps(_mm256_castsi256_ps(off), v);
}
CP_INLINE __m256d cp_part_4(const double* x, __m128i b, const int omit, __m128i* c) {
    const __m256d v = _mm256_loadu_pd(x);
    __m256i off = _mm256_cvtepi8_epi64(_mm_cmpeq_epi8(b, _mm_setzero_si128()));
    __m128i w;
    if (omit) off = _mm256_or_si256(off, _mm256_castpd_si256(_mm256_cmp_pd(v, v, _CMP_UNORD_Q)));
    w = cp_words(off);
    *c = _mm_add_epi8(*c, cp_ones(_mm_packs_epi32(w, w)));
    return _mm256_andnot_pd(_mm256_castsi256_pd(off), v);
}
enum { CP_HAS_PAIRS = 0 };
#define CP_L_FLOAT 8
#define CP_L_DOUBLE 4
#define CP_I_FLOAT cp_places8s
#define CP_I_DOUBLE cp_places4
#define CP_V_FLOAT __m256
#define CP_V_DOUBLE __m256d
#define CP_PART_FLOAT(x, b, omit, c) cp_part_8(x, b, omit, &c)
#define CP_PART_DOUBLE(x, b, omit, c) cp_part_4(x, b, omit, &c)
#define CP_PART1_FLOAT(x, on, c) cp_part_8(x, _mm_set1_epi8((char)(on)), 1, &c)
#define CP_PART1_DOUBLE(x, on, c) cp_part_4(x, _mm_set1_epi8((char)(on)), 1, &c)
#define CP_COUNTED_FLOAT(c) _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(c))
#define CP_COUNTED_DOUBLE(c) _mm256_cvtepi32_pd(_mm_cvtepu8_epi32(c))
#define CP_DOUBLE_FLOAT(c, k) _mm256_cvtepi32_ps(_mm256_cvtepu16_epi32(cp_two_bytes(c, k, 8)))
#define CP_DOUBLE_DOUBLE(c, k) _mm256_cvtepi32_pd(_mm_cvtepu16_epi32(cp_two_bytes(c, k, 4)))
#define CP_LARGER_FLOAT(d, least) _mm256_max_ps(d, _mm256_set1_ps(least))
#define CP_LARGER_DOUBLE(d, least) _mm256_max_pd(d, _mm256_set1_pd(least))
#define CP_PLACES_FLOAT(o) ((cp_places8s){o, o + 2, o + 4, o + 6, o + 8, o + 10, o + 12, o + 14})
#define CP_PLACES_DOUBLE(o) ((cp_places4){o, o + 2, o + 4, o + 6})
#endif

/* The mask of a row of pixels: -1 or 0 each. The loops of a compiler leave rows of 56 to single bytes. */
static void cp_whole_pixels(int32_t* to, const uint8_t* m, ptrdiff_t n) {
    ptrdiff_t i = 0;
    for (; n >= 16 && i < n; i += 16) {
        const ptrdiff_t at = i + 16 <= n ? i : n - 16;
        cp_bytes16 v;
        cp_places16 w;
        memcpy(&v, m + at, sizeof v);
        w = __builtin_convertvector((cp_signs16)(v != 0), cp_places16);
        memcpy(to + at, &w, sizeof w);
    }
    for (; i < n; i++) to[i] = -(m[i] != 0);
}
/* how many of each column of such rows take part; 16 columns at a time */
static void cp_count_pixels(int32_t* to, const uint8_t** on, ptrdiff_t rows, ptrdiff_t n) {
    ptrdiff_t i, r;
    for (i = 0; i < n; i += 16) {
        cp_places16 s = {0}, v;
        for (r = 0; r < rows; r++) {
            memcpy(&v, on[r] + 4 * i, sizeof v);
            s -= v;
        }
        memcpy(to + i, &s, sizeof s);
    }
}

#define CP_R float
#define CP_L CP_L_FLOAT
#define CP_V CP_V_FLOAT
#define CP_I CP_I_FLOAT
#define CP_PART CP_PART_FLOAT
#define CP_PART1 CP_PART1_FLOAT
#if defined(__AVX512BW__) && defined(__AVX512VL__)
#define CP_PART2 CP_PART2_FLOAT
#define CP_COUNTED2 CP_COUNTED2_FLOAT
#define CP_BYTES2 __m256i
#define CP_ADD2(a, b) _mm256_add_epi8(a, b)
#define CP_SPACED(b, at) _mm512_cvtepi32_ps(_mm512_cvtepu16_epi32(_mm512_castsi512_si256( \
    _mm512_permutexvar_epi16(_mm512_loadu_si512(at), _mm512_cvtepu8_epi16(b)))))
#define CP_OF(x, n) _mm512_maskz_loadu_ps((__mmask16)((1u << (n)) - 1), x)
#define CP_SOME(y, n, v) _mm512_mask_storeu_ps(y, (__mmask16)((1u << (n)) - 1), v)
#endif
#define CP_COUNTED CP_COUNTED_FLOAT
#define CP_DOUBLE CP_DOUBLE_FLOAT
#define CP_LARGER CP_LARGER_FLOAT
#define CP_EVEN(a, b) __builtin_shuffle(a, b, CP_PLACES_FLOAT(0))
#define CP_ODD(a, b) __builtin_shuffle(a, b, CP_PLACES_FLOAT(1))
#include "masked_rows.h"
#define CP_R double
#define CP_L CP_L_DOUBLE
#define CP_V CP_V_DOUBLE
#define CP_I CP_I_DOUBLE
#define CP_PART CP_PART_DOUBLE
#define CP_PART1 CP_PART1_DOUBLE
#if defined(__AVX512BW__) && defined(__AVX512VL__)
#define CP_PART2 CP_PART2_DOUBLE
#define CP_COUNTED2 CP_COUNTED2_DOUBLE
#define CP_BYTES2 __m128i
#define CP_ADD2(a, b) _mm_add_epi8(a, b)
#define CP_SPACED(b, at) _mm512_cvtepi32_pd(_mm256_cvtepu16_epi32(_mm256_castsi256_si128( \
    _mm256_permutexvar_epi16(_mm256_loadu_si256((const __m256i*)(at)), _mm256_cvtepu8_epi16(b)))))
#define CP_OF(x, n) _mm512_maskz_loadu_pd((__mmask8)((1u << (n)) - 1), x)
#define CP_SOME(y, n, v) _mm512_mask_storeu_pd(y, (__mmask8)((1u << (n)) - 1), v)
#endif
#define CP_COUNTED CP_COUNTED_DOUBLE
#define CP_DOUBLE CP_DOUBLE_DOUBLE
#define CP_LARGER CP_LARGER_DOUBLE
#define CP_EVEN(a, b) __builtin_shuffle(a, b, CP_PLACES_DOUBLE(0))
#define CP_ODD(a, b) __builtin_shuffle(a, b, CP_PLACES_DOUBLE(1))
#include "masked_rows.h"
#else
enum { CP_HAS_PIXELS = 0, CP_HAS_PAIRS = 0 };
static void cp_whole_pixels(int32_t* to, const uint8_t* m, ptrdiff_t n) { (void)to; (void)m; (void)n; }
static void cp_count_pixels(int32_t* to, const uint8_t** on, ptrdiff_t rows, ptrdiff_t n) { (void)to; (void)on; (void)rows; (void)n; }
#define CP_R float
#define CP_L 1
#include "masked_rows.h"
#define CP_R double
#define CP_L 1
#include "masked_rows.h"
#endif

CP_FAST_END
#endif
