/* Row primitives: everything that touches elements on the way from rows of x to rows of accumulators.
 *
 * a) `fold` combines whole rows: dst[i] = op over taps of row[tap][i]. It vectorises across i, and is the only loop that
 *    a reducer needs: rows of the image (vertical taps), columns of a channels-last line (rows of `inner` elements), and,
 *    shifted by one element, stride-1 windows along a line are all folds.
 * b) `slide` is the strided step along a line with inner == 1, which a fold cannot express.
 * c) Taps are combined one after the other, ((t0 + t1) + t2) + t3 ..., so the tree of a sum depends on nothing else. They
 *    are combined in registers, however many there are: a row is written once.
 * d) Several row streams at once defeat the hardware prefetcher (2x2/s2 on 8x64x224x224 float32: 11.7 ms without prefetches
 *    by hand), hence `ahead`: the distance in elements from a tap to the one the next rows need. What is asked for is evenly
 *    spread over the work and in the order of the addresses: 3.0 ms; in bursts, or rows in turn, 4.9 ms.
 * e) No scalar rests: the last vector of a row ends with the row and overlaps the one before it (gcc's rests of float
 *    comparisons have branches, and mispredicted they cost more than the row). It is computed first and stored last, so
 *    that a fold into its own operand sees every element once. Rows too short for a vector take vectors of 16 bytes, then
 *    single elements: three instances of rows_body.h for every type and operation. A compiler without vectors of GNU C
 *    has the last one only.
 * f) The NaN rule, `(v > m) | (v != v)`, takes two instructions in AVX-512 instead of the four of the formula: the maximum
 *    instruction keeps m where v is equal or m is a NaN, and a mask keeps it from where v is a NaN.
 * g) Windows of 3 or 5 neighbours with a stride of one (`stencil`, floats, AVX-512): a line in memory would be loaded at every
 *    element right after it was stored in vectors, and such loads wait for both stores; so the columns of two vectors are
 *    shifted past each other in registers. Maxima of what has no NaN take one instruction a tap, not two: a row is asked in
 *    the pass that first reads it, and folded again if it has one. 3x3 maxima of 512 planes of 112 x 112 float32: 1.95 ms
 *    with lines, 1.6 ms so, 1.4 ms with a loop for what has all its taps. Short rows lose to their ends, so a plane is one
 *    row, with masks where rows meet (flat.pxi).
 *    Large outputs go past the caches from registers, whole lines of the cache, also where rows of windows meet in one
 *    (8192 x 8192: 20.3 ms by way of a buffer, 13.6 so, a copy 13.9; into a new array 28 and 27, a copy 23). There
 *    nobody asks for NaN: loads that come too fast get in the way of the stores (one instruction a tap: 14.6).
 *    Float32 means are divided in registers: 23.1 ms with a pass of their own, 11 so. Of windows of three, every second is
 *    formed so, too, where rows are long: 3x3/s2 maxima of 8192 x 8192 float32 15.1 ms by lines, 7.8 so (a copy 8.3);
 *    of 8x64x112x112, rows of 56 windows, 0.80 and 0.86.
 */
#ifndef CPOOL_ROWS_H
#define CPOOL_ROWS_H

#include "portable.h"

#define CP_PASTE2_(a, b) a##_##b
#define CP_PASTE2(a, b) CP_PASTE2_(a, b)
#define CP_PASTE3_(a, b, c) a##_##b##_##c
#define CP_PASTE3(a, b, c) CP_PASTE3_(a, b, c)
#define CP_PASTE4_(a, b, c, d) a##_##b##_##c##_##d
#define CP_PASTE4(a, b, c, d) CP_PASTE4_(a, b, c, d)
#define CP_ELEMENT_(t) cp_e_##t
#define CP_ELEMENT(t) CP_ELEMENT_(t)

typedef void (*cp_fold_fn)(void*, void*, ptrdiff_t, const void*, ptrdiff_t, ptrdiff_t, ptrdiff_t, ptrdiff_t, ptrdiff_t,
                           ptrdiff_t, ptrdiff_t, ptrdiff_t, ptrdiff_t, int);
typedef void (*cp_slide_fn)(void*, void*, ptrdiff_t, const void*, ptrdiff_t, ptrdiff_t, ptrdiff_t, ptrdiff_t, ptrdiff_t,
                            ptrdiff_t);

/* Windows of few taps of a run of rows, of each of some planes: a few rows are folded into lines, the lines into outputs,
 * and so on. What waits for memory and what does not are close together: 3x3/s2 on 8x64x112x112 float32 took 1.4 ms in
 * bands of 16 KB. */
typedef struct {
    ptrdiff_t planes, src_plane, dst_plane;
    ptrdiff_t rows, src_step, dst_step;
    const ptrdiff_t* off;       /* taps of a line */
    int taps, fresh;            /* from `fresh` on: prefetch what lies `ahead` elements further */
    ptrdiff_t ahead, n;
    void* line;                 /* `lines` of `pitch` elements; the n of a row begin at `lead` */
    ptrdiff_t lines, pitch, lead;
    const ptrdiff_t* along;     /* taps along a line, for stride 1; stride 2: k neighbours */
    int k, stride;
    ptrdiff_t cols;
    const void* blank;          /* the identity: windows of neighbours are formed in registers; else NULL */
    const void* none;           /* what changes nothing, not even the sign of a zero */
    const unsigned short *keep, *keep_end;  /* for planes as one row: which lanes each tap of a vector has, and again; else NULL */
    int past;                   /* neighbours in registers: outputs are stored past the caches */
    double scale;               /* of sums of floats, strides of two or columns: exact, or one; float32 neighbours: any */
    const double* count;        /* neighbours: what `scale` is multiplied with, by column; or NULL */
} cp_box_t;
typedef void (*cp_box_fn)(void*, const cp_box_t*, void*, const void*);

enum {
    CP_TAPS = 64,           /* taps combined in one pass */
    CP_SPLIT = 1024,        /* bytes of a row from which rows that no other window needs are read one after the other */
    CP_CHUNK = 512,         /* bytes of a row that prefetches go with, where they cannot go with its vectors */
    CP_AHEAD = 8192,        /* bytes between an access and the prefetch of what follows it in memory */
    CP_PIECE = 128          /* outputs of a strided slide at a time: their phases stay in the L1 cache */
};

/* ---- types: name, C type, an integer of its size, how x86 names it */
typedef unsigned char cp_e_u8;
typedef signed char cp_e_i8;
typedef unsigned short cp_e_u16;
typedef short cp_e_i16;
typedef unsigned int cp_e_u32;
typedef int cp_e_i32;
typedef unsigned long long cp_e_u64;
typedef long long cp_e_i64;
typedef float cp_e_f32;
typedef double cp_e_f64;
typedef i128_t cp_e_a128;

/* ---- one step, scalar: m combined with the next tap v */
#define CP_SCALAR(t, MORE, LESS) \
    static inline cp_e_##t cp_max_##t##_1(cp_e_##t m, cp_e_##t v) { return MORE ? v : m; } \
    static inline cp_e_##t cp_min_##t##_1(cp_e_##t m, cp_e_##t v) { return LESS ? v : m; }
#define CP_SCALAR_ADD(t) \
    static inline cp_e_##t cp_add_##t##_1(cp_e_##t m, cp_e_##t v) { return (cp_e_##t)(m + v); }

CP_SCALAR(u8, v > m, v < m)
CP_SCALAR(i8, v > m, v < m)
CP_SCALAR(u16, v > m, v < m)
CP_SCALAR(i16, v > m, v < m)
CP_SCALAR(u32, v > m, v < m)
CP_SCALAR(i32, v > m, v < m)
CP_SCALAR(u64, v > m, v < m)
CP_SCALAR(i64, v > m, v < m)
CP_SCALAR(f32, (v > m) | (v != v), (v < m) | (v != v))
CP_SCALAR(f64, (v > m) | (v != v), (v < m) | (v != v))
CP_SCALAR_ADD(u16)
CP_SCALAR_ADD(u32)
CP_SCALAR_ADD(u64)
CP_SCALAR_ADD(f32)
CP_SCALAR_ADD(f64)
static inline i128_t cp_add_a128_1(i128_t m, i128_t v) { return i128_add(m, v); }

/* ---- the same for vectors */
#if defined(__GNUC__) && !defined(__clang__) && !defined(CPOOL_PORTABLE)

#define CP_INLINE static inline __attribute__((always_inline))
#define CP_NOINLINE static __attribute__((noinline))
#define CP_WIDE CP_REGISTER
#if CP_REGISTER == 64
#define CP_MASKED_OF(what, size) CP_PASTE3(CP_MASKED, what, size)
#define CP_MASKED_load_4 _mm512_mask_loadu_epi32
#define CP_MASKED_load_8 _mm512_mask_loadu_epi64
#define CP_MASKED_store_4 _mm512_mask_storeu_epi32
#define CP_MASKED_store_8 _mm512_mask_storeu_epi64
#define CP_MASKED_align_4 _mm512_mask_alignr_epi32
#define CP_MASKED_align_8 _mm512_mask_alignr_epi64
#endif
#if defined(__SSE2__)
#include <immintrin.h>
#endif

#define CP_VECTORS(t, W) typedef cp_e_##t cp_##t##_##W __attribute__((vector_size(W)));
#define CP_ADD_STEP(t, W) CP_INLINE cp_##t##_##W cp_add_##t##_##W(cp_##t##_##W m, cp_##t##_##W v) { return m + v; }
#define CP_BLEND(t, W, k, v, m) (cp_##t##_##W)(((cp_mask_##t##_##W)(v) & (k)) | ((cp_mask_##t##_##W)(m) & ~(k)))
#define CP_PLAIN_STEP(name, t, W, K) CP_INLINE cp_##t##_##W cp_##name##_##t##_##W(cp_##t##_##W m, cp_##t##_##W v) { \
    typedef __typeof__(v > m) cp_mask_##t##_##W; cp_mask_##t##_##W k = K; return CP_BLEND(t, W, k, v, m); }
#define CP_PLAIN_INT(t, W) CP_PLAIN_STEP(max, t, W, v > m) CP_PLAIN_STEP(min, t, W, v < m)
#define CP_PLAIN_FLOAT(t, W) CP_PLAIN_STEP(max, t, W, (v > m) | (v != v)) CP_PLAIN_STEP(min, t, W, (v < m) | (v != v))
#define CP_X86_STEP(name, t, W, call, R) \
    CP_INLINE cp_##t##_##W cp_##name##_##t##_##W(cp_##t##_##W m, cp_##t##_##W v) { return (cp_##t##_##W)call((R)v, (R)m); }
#define CP_X86_INT(t, W, pre, R, kind) CP_X86_STEP(max, t, W, pre##_max_##kind, R) CP_X86_STEP(min, t, W, pre##_min_##kind, R)
#define CP_MASKED_STEP(name, t, W, pre, kind) \
    CP_INLINE cp_##t##_##W cp_##name##_##t##_##W(cp_##t##_##W m, cp_##t##_##W v) { \
    return pre##_mask_##name##_##kind(v, pre##_cmp_##kind##_mask(v, v, _CMP_ORD_Q), v, m); }
/* the same where no tap is a NaN */
#define CP_CLEAN_STEP(name, t, W, pre, kind) \
    CP_INLINE cp_##t##_##W cp_clean_##name##_##t##_##W(cp_##t##_##W m, cp_##t##_##W v) { return pre##_##name##_##kind(v, m); }
#define CP_CLEAN(t, W, pre, kind) CP_CLEAN_STEP(max, t, W, pre, kind) CP_CLEAN_STEP(min, t, W, pre, kind) \
    CP_INLINE cp_##t##_##W cp_clean_add_##t##_##W(cp_##t##_##W m, cp_##t##_##W v) { return m + v; } \
    CP_INLINE int cp_nan_max_##t##_##W(cp_##t##_##W m, cp_##t##_##W v) { return pre##_cmp_##kind##_mask(v, m, _CMP_UNORD_Q); } \
    CP_INLINE int cp_nan_min_##t##_##W(cp_##t##_##W m, cp_##t##_##W v) { return pre##_cmp_##kind##_mask(v, m, _CMP_UNORD_Q); } \
    CP_INLINE int cp_nan_add_##t##_##W(cp_##t##_##W m, cp_##t##_##W v) { (void)m; (void)v; return 0; }
#define CP_MASKED(t, W, pre, kind) CP_MASKED_STEP(max, t, W, pre, kind) CP_MASKED_STEP(min, t, W, pre, kind)
#define CP_BLENDED_STEP(name, t, W, pre, kind) \
    CP_INLINE cp_##t##_##W cp_##name##_##t##_##W(cp_##t##_##W m, cp_##t##_##W v) { \
    return pre##_blendv_##kind(pre##_##name##_##kind(v, m), v, pre##_cmp_##kind(v, v, _CMP_UNORD_Q)); }
#define CP_BLENDED(t, W, pre, kind) CP_BLENDED_STEP(max, t, W, pre, kind) CP_BLENDED_STEP(min, t, W, pre, kind)

#define CP_ORDERED_STEP(name, t, W, pre, kind) \
    CP_INLINE cp_##t##_##W cp_##name##_##t##_##W(cp_##t##_##W m, cp_##t##_##W v) { \
    typedef __typeof__(v > m) cp_mask_##t##_##W; cp_mask_##t##_##W k = v != v; m = pre##_##name##_##kind(v, m); \
    return CP_BLEND(t, W, k, v, m); }
#define CP_ORDERED(t, W, pre, kind) CP_ORDERED_STEP(max, t, W, pre, kind) CP_ORDERED_STEP(min, t, W, pre, kind)

#define CP_ALL(M, W) M(u8, W) M(i8, W) M(u16, W) M(i16, W) M(u32, W) M(i32, W) M(u64, W) M(i64, W) M(f32, W) M(f64, W)
#define CP_SUMS(M, W) M(u16, W) M(u32, W) M(u64, W) M(f32, W) M(f64, W)
#define CP_INTS(W, pre, R) CP_X86_INT(u8, W, pre, R, epu8) CP_X86_INT(i8, W, pre, R, epi8) \
    CP_X86_INT(u16, W, pre, R, epu16) CP_X86_INT(i16, W, pre, R, epi16) \
    CP_X86_INT(u32, W, pre, R, epu32) CP_X86_INT(i32, W, pre, R, epi32)

CP_ALL(CP_VECTORS, 16)
CP_SUMS(CP_ADD_STEP, 16)
#if CP_WIDE == 64
CP_ALL(CP_VECTORS, 64)
CP_SUMS(CP_ADD_STEP, 64)
CP_INTS(64, _mm512, __m512i)
CP_X86_INT(u64, 64, _mm512, __m512i, epu64)
CP_X86_INT(i64, 64, _mm512, __m512i, epi64)
CP_MASKED(f32, 64, _mm512, ps)
CP_MASKED(f64, 64, _mm512, pd)
CP_CLEAN(f32, 64, _mm512, ps)
CP_CLEAN(f64, 64, _mm512, pd)
/* v * scale, or v * (scale * count[i]), in double */
CP_INLINE cp_f32_64 cp_mean_16(cp_f32_64 v, double scale, const double* count, ptrdiff_t i, unsigned bits) {
    __m512d low = _mm512_set1_pd(scale), high = low;
    if (count) {
        low = _mm512_mul_pd(low, _mm512_maskz_loadu_pd((__mmask8)bits, count + i));
        high = _mm512_mul_pd(high, _mm512_maskz_loadu_pd((__mmask8)(bits >> 8), count + i + 8));
    }
    low = _mm512_mul_pd(_mm512_cvtps_pd(_mm512_castps512_ps256(v)), low);
    high = _mm512_mul_pd(_mm512_cvtps_pd(_mm512_extractf32x8_ps(v, 1)), high);
    return _mm512_insertf32x8(_mm512_castps256_ps512(_mm512_cvtpd_ps(low)), _mm512_cvtpd_ps(high), 1);
}
CP_X86_INT(u64, 16, _mm, __m128i, epu64)
CP_X86_INT(i64, 16, _mm, __m128i, epi64)
CP_MASKED(f32, 16, _mm, ps)
CP_MASKED(f64, 16, _mm, pd)
#elif CP_WIDE == 32
CP_ALL(CP_VECTORS, 32)
CP_SUMS(CP_ADD_STEP, 32)
CP_INTS(32, _mm256, __m256i)
CP_PLAIN_INT(u64, 32)
CP_PLAIN_INT(i64, 32)
CP_BLENDED(f32, 32, _mm256, ps)
CP_BLENDED(f64, 32, _mm256, pd)
CP_PLAIN_INT(u64, 16)
CP_PLAIN_INT(i64, 16)
CP_BLENDED(f32, 16, _mm, ps)
CP_BLENDED(f64, 16, _mm, pd)
#else
CP_PLAIN_INT(i8, 16)
CP_PLAIN_INT(u16, 16)
CP_PLAIN_INT(u32, 16)
CP_PLAIN_INT(i32, 16)
CP_PLAIN_INT(u64, 16)
CP_PLAIN_INT(i64, 16)
#if defined(__SSE2__)
CP_X86_INT(u8, 16, _mm, __m128i, epu8)
CP_X86_INT(i16, 16, _mm, __m128i, epi16)
CP_ORDERED(f32, 16, _mm, ps)
CP_ORDERED(f64, 16, _mm, pd)
#else
CP_PLAIN_INT(u8, 16)
CP_PLAIN_INT(i16, 16)
CP_PLAIN_FLOAT(f32, 16)
CP_PLAIN_FLOAT(f64, 16)
#endif
#endif
#if CP_WIDE > 16
CP_INTS(16, _mm, __m128i)
#endif

/* ---- for shuffles: 0, 1, 2 ... as an integer vector of the same size */
#define CP_INDEX_1 signed char
#define CP_INDEX_2 short
#define CP_INDEX_4 int
#define CP_INDEX_8 long long
#define CP_IOTA_2 0, 1
#define CP_IOTA_4 CP_IOTA_2, 2, 3
#define CP_IOTA_8 CP_IOTA_4, 4, 5, 6, 7
#define CP_IOTA_16 CP_IOTA_8, 8, 9, 10, 11, 12, 13, 14, 15
#define CP_IOTA_32 CP_IOTA_16, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
#define CP_IOTA_64 CP_IOTA_32, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, \
    48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63
#define CP_LANES_1_16 CP_IOTA_16
#define CP_LANES_1_32 CP_IOTA_32
#define CP_LANES_1_64 CP_IOTA_64
#define CP_LANES_2_16 CP_IOTA_8
#define CP_LANES_2_32 CP_IOTA_16
#define CP_LANES_2_64 CP_IOTA_32
#define CP_LANES_4_16 CP_IOTA_4
#define CP_LANES_4_32 CP_IOTA_8
#define CP_LANES_4_64 CP_IOTA_16
#define CP_LANES_8_16 CP_IOTA_2
#define CP_LANES_8_32 CP_IOTA_4
#define CP_LANES_8_64 CP_IOTA_8
#define CP_LANES(size, width) CP_PASTE3(CP_LANES, size, width)

#else
#define CP_INLINE static inline
#define CP_NOINLINE static
#define CP_WIDE 0
#endif

/* ---- one set of functions for every type and operation */
#define CP_T u8
#define CP_SIZE 1
#define CP_OP max
#include "rows_body.h"
#define CP_OP min
#include "rows_body.h"
#undef CP_T
#undef CP_SIZE
#define CP_T i8
#define CP_SIZE 1
#define CP_OP max
#include "rows_body.h"
#define CP_OP min
#include "rows_body.h"
#undef CP_T
#undef CP_SIZE
#define CP_T u16
#define CP_SIZE 2
#define CP_OP max
#include "rows_body.h"
#define CP_OP min
#include "rows_body.h"
#define CP_OP add
#include "rows_body.h"
#undef CP_T
#undef CP_SIZE
#define CP_T i16
#define CP_SIZE 2
#define CP_OP max
#include "rows_body.h"
#define CP_OP min
#include "rows_body.h"
#undef CP_T
#undef CP_SIZE
#define CP_T u32
#define CP_SIZE 4
#define CP_OP max
#include "rows_body.h"
#define CP_OP min
#include "rows_body.h"
#define CP_OP add
#include "rows_body.h"
#undef CP_T
#undef CP_SIZE
#define CP_T i32
#define CP_SIZE 4
#define CP_OP max
#include "rows_body.h"
#define CP_OP min
#include "rows_body.h"
#undef CP_T
#undef CP_SIZE
#define CP_T u64
#define CP_SIZE 8
#define CP_OP max
#include "rows_body.h"
#define CP_OP min
#include "rows_body.h"
#define CP_OP add
#include "rows_body.h"
#undef CP_T
#undef CP_SIZE
#define CP_T i64
#define CP_SIZE 8
#define CP_OP max
#include "rows_body.h"
#define CP_OP min
#include "rows_body.h"
#undef CP_T
#undef CP_SIZE
#define CP_STENCILS 1
#define CP_T f32
#define CP_SIZE 4
#define CP_OP max
#include "rows_body.h"
#define CP_OP min
#include "rows_body.h"
#define CP_SCALES
#define CP_OP add
#include "rows_body.h"
#undef CP_T
#undef CP_SIZE
#define CP_T f64
#define CP_SIZE 8
#define CP_OP max
#include "rows_body.h"
#define CP_OP min
#include "rows_body.h"
#define CP_SCALES
#define CP_OP add
#include "rows_body.h"
#undef CP_T
#undef CP_SIZE
#undef CP_STENCILS
#define CP_T a128
#define CP_SIZE 16
#define CP_SINGLE
#define CP_OP add
#include "rows_body.h"
#undef CP_SINGLE
#undef CP_T
#undef CP_SIZE

/* by type (the codes of numeric.pxd) and operation: max, min, sum */
#define CP_BOTH(f, t) f##_max_##t, f##_min_##t, NULL
#define CP_THREE(f, t) f##_max_##t, f##_min_##t, f##_add_##t
#define CP_TABLE(f) { \
    {CP_BOTH(f, u8)}, {CP_BOTH(f, i8)}, {CP_THREE(f, u16)}, {CP_BOTH(f, i16)}, {CP_THREE(f, u32)}, {CP_BOTH(f, i32)}, \
    {CP_THREE(f, u64)}, {CP_BOTH(f, i64)}, {CP_THREE(f, f32)}, {CP_THREE(f, f64)}, {NULL}, {NULL}, {NULL, NULL, f##_add_a128}}
static const cp_fold_fn CP_FOLD_OF[13][3] = CP_TABLE(cp_fold);
static const cp_box_fn CP_BOX_OF[13][3] = CP_TABLE(cp_box);
static const cp_box_fn CP_LANES_OF[13][3] = CP_TABLE(cp_lanes);
static const cp_slide_fn CP_SLIDE_OF[13][3] = CP_TABLE(cp_slide);

#endif
