/* Small windows reduced to (value, position of the first winner): the vector loops of select.pyx.
 *
 * Four cores: float and int values with int positions, double and long long values with long long positions. A vector
 * is what a register of the CPU level holds; without vector types of GNU C it is one element, with the same results.
 * Narrower types are widened as they are loaded. `flip` is xored to every element, and to every result: it makes min of
 * max (the sign of floats, all bits of integers) and unsigned integers of a core's width signed.
 *   cp_rows    windows along a row, to rows of pairs
 *   cp_fold    rows of pairs, the earlier first, to the output
 *   cp_direct  windows of 2 or 3 columns, without rows in between, to the output (cp_quick: some of them without NaN)
 *   cp_lanes   2x2 and 3x3 windows of rows of `inner` channels each, all taps at once, to the output
 */
#ifndef CPOOL_WINNERS_H
#define CPOOL_WINNERS_H

#include "portable.h"

#if defined(__GNUC__) && !defined(CPOOL_PORTABLE) && (defined(__clang__) || __GNUC__ >= 12)
#define CPW_ALWAYS inline __attribute__((always_inline))
#define CPW_NEVER __attribute__((noinline))
#if defined(__AVX2__)
#include <immintrin.h>
#endif

typedef float cpw_float __attribute__((vector_size(CP_REGISTER)));
typedef double cpw_double __attribute__((vector_size(CP_REGISTER)));
typedef int cpw_int __attribute__((vector_size(CP_REGISTER)));
typedef long long cpw_llong __attribute__((vector_size(CP_REGISTER)));
typedef int cpw_half __attribute__((vector_size(CP_REGISTER / 2)));
typedef long long cpw_twice __attribute__((vector_size(CP_REGISTER * 2)));
#define CPW_LANES(T) (CP_REGISTER / (ptrdiff_t)sizeof(T))
#define CPW_STORE(p, v) memcpy((p), &(v), CP_REGISTER)

/* even and odd elements of two vectors */
#if CP_REGISTER == 64
#define CPW_EVEN4 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30
#define CPW_ODD4 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31
#define CPW_EVEN8 0, 2, 4, 6, 8, 10, 12, 14
#define CPW_ODD8 1, 3, 5, 7, 9, 11, 13, 15
#elif CP_REGISTER == 32
#define CPW_EVEN4 0, 2, 4, 6, 8, 10, 12, 14
#define CPW_ODD4 1, 3, 5, 7, 9, 11, 13, 15
#define CPW_EVEN8 0, 2, 4, 6
#define CPW_ODD8 1, 3, 5, 7
#else
#define CPW_EVEN4 0, 2, 4, 6
#define CPW_ODD4 1, 3, 5, 7
#define CPW_EVEN8 0, 2
#define CPW_ODD8 1, 3
#endif
#define CPW_SPLIT4(e, o, a, b) e = __builtin_shufflevector(a, b, CPW_EVEN4), o = __builtin_shufflevector(a, b, CPW_ODD4)
#define CPW_SPLIT8(e, o, a, b) e = __builtin_shufflevector(a, b, CPW_EVEN8), o = __builtin_shufflevector(a, b, CPW_ODD8)

/* Whether the later v replaces m: strictly greater, or the first NaN. Then: one of two by that. */
#if defined(__AVX512F__)
#define CPW_MASK_float __mmask16
#define CPW_MASK_int __mmask16
#define CPW_MASK_double __mmask8
#define CPW_MASK_llong __mmask8
#define CPW_BEATS_float(v, m) _mm512_mask_cmp_ps_mask(_mm512_cmp_ps_mask(v, m, _CMP_NLE_UQ), m, m, _CMP_ORD_Q)
#define CPW_BEATS_double(v, m) _mm512_mask_cmp_pd_mask(_mm512_cmp_pd_mask(v, m, _CMP_NLE_UQ), m, m, _CMP_ORD_Q)
#define CPW_BEATS_int(v, m) _mm512_cmpgt_epi32_mask((__m512i)(v), (__m512i)(m))
#define CPW_BEATS_llong(v, m) _mm512_cmpgt_epi64_mask((__m512i)(v), (__m512i)(m))
#define CPW_PICK_float(k, yes, no) _mm512_mask_mov_ps(no, k, yes)
#define CPW_PICK_double(k, yes, no) _mm512_mask_mov_pd(no, k, yes)
#define CPW_PICK_int(k, yes, no) (cpw_int)_mm512_mask_mov_epi32((__m512i)(no), k, (__m512i)(yes))
#define CPW_PICK_llong(k, yes, no) (cpw_llong)_mm512_mask_mov_epi64((__m512i)(no), k, (__m512i)(yes))
#define CPW_MOST_int(a, b) (cpw_int)_mm512_max_epi32((__m512i)(a), (__m512i)(b))
#define CPW_MOST_llong(a, b) (cpw_llong)_mm512_max_epi64((__m512i)(a), (__m512i)(b))
#else
#define CPW_MASK_float cpw_int
#define CPW_MASK_int cpw_int
#define CPW_MASK_double cpw_llong
#define CPW_MASK_llong cpw_llong
#define CPW_BEATS_float(v, m) (~(cpw_int)(v <= m) & (cpw_int)(m == m))
#define CPW_BEATS_double(v, m) (~(cpw_llong)(v <= m) & (cpw_llong)(m == m))
#define CPW_BEATS_int(v, m) (cpw_int)(v > m)
#define CPW_BEATS_llong(v, m) (cpw_llong)(v > m)
#define CPW_PICK_float(k, yes, no) (cpw_float)(((cpw_int)(yes) & k) | ((cpw_int)(no) & ~k))
#define CPW_PICK_double(k, yes, no) (cpw_double)(((cpw_llong)(yes) & k) | ((cpw_llong)(no) & ~k))
#define CPW_PICK_int(k, yes, no) (((yes) & k) | ((no) & ~k))
#define CPW_PICK_llong(k, yes, no) (((yes) & k) | ((no) & ~k))
#define CPW_MOST_int(a, b) CPW_PICK_int((cpw_int)((a) > (b)), a, b)
#define CPW_MOST_llong(a, b) CPW_PICK_llong((cpw_llong)((a) > (b)), a, b)
#endif

/* positions of either width stored as either */
#define CPW_PUT_int_int(p, x) CPW_STORE(p, x)
#define CPW_PUT_llong_llong(p, x) CPW_STORE(p, x)
#if defined(__AVX512F__)
#define CPW_PUT_int_llong(p, x) _mm512_storeu_si512((p), _mm512_cvtepi32_epi64(_mm512_castsi512_si256((__m512i)(x)))), \
    _mm512_storeu_si512((p) + 8, _mm512_cvtepi32_epi64(_mm512_extracti64x4_epi64((__m512i)(x), 1)))
#define CPW_PUT_llong_int(p, x) _mm256_storeu_si256((__m256i*)(p), _mm512_cvtepi64_epi32((__m512i)(x)))
#define CPW_MASKS 1
#define CPW_TAIL_int_int(p, k, x) _mm512_mask_storeu_epi32((p), (__mmask16)(k), (__m512i)(x))
#define CPW_TAIL_llong_llong(p, k, x) _mm512_mask_storeu_epi64((p), (__mmask8)(k), (__m512i)(x))
#define CPW_TAIL_int_llong(p, k, x) \
    _mm512_mask_storeu_epi64((p), (__mmask8)(k), _mm512_cvtepi32_epi64(_mm512_castsi512_si256((__m512i)(x)))), \
    _mm512_mask_storeu_epi64((p) + 8, (__mmask8)((k) >> 8), _mm512_cvtepi32_epi64(_mm512_extracti64x4_epi64((__m512i)(x), 1)))
#define CPW_TAIL_llong_int(p, k, x) _mm256_mask_storeu_epi32((p), (__mmask8)(k), _mm512_cvtepi64_epi32((__m512i)(x)))
#else
#define CPW_PUT_int_llong(p, x) { cpw_twice w_ = __builtin_convertvector(x, cpw_twice); memcpy((p), &w_, sizeof w_); }
#define CPW_PUT_llong_int(p, x) { cpw_half w_ = __builtin_convertvector(x, cpw_half); memcpy((p), &w_, sizeof w_); }
#endif

/* What arrays hold: a vector of it as a vector of the core, and back; the last of a row, a lane less for every bit. */
#define CPW_FLOATS(name, X, J) \
static CPW_ALWAYS cpw_##X cpw_get_##name(const void* p, cpw_##J flip) { \
    cpw_##J v; \
    memcpy(&v, p, sizeof v); \
    return (cpw_##X)(v ^ flip); \
} \
static CPW_ALWAYS void cpw_set_##name(void* p, cpw_##X x, cpw_##J flip) { \
    cpw_##J v = (cpw_##J)x ^ flip; \
    memcpy(p, &v, sizeof v); \
}
CPW_FLOATS(float, float, int)
CPW_FLOATS(double, double, llong)
CPW_FLOATS(int, int, int)
CPW_FLOATS(llong, llong, llong)

/* gcc 12 widens bytes one by one, left to itself */
#if defined(__AVX512F__)
#define CPW_WIDER(name, p) (cpw_int)_mm512_cvt##name##_epi32(CPW_QUARTER_##name(p))
#define CPW_QUARTER_epu8(p) _mm_loadu_si128((const __m128i*)(p))
#define CPW_QUARTER_epu16(p) _mm256_loadu_si256((const __m256i*)(p))
#define CPW_SMALLER1(p, v) _mm_storeu_si128((__m128i*)(p), _mm512_cvtepi32_epi8((__m512i)(v)))
#define CPW_SMALLER2(p, v) _mm256_storeu_si256((__m256i*)(p), _mm512_cvtepi32_epi16((__m512i)(v)))
#elif defined(__AVX2__)
#define CPW_WIDER(name, p) (cpw_int)_mm256_cvt##name##_epi32(CPW_QUARTER_##name(p))
#define CPW_QUARTER_epu8(p) _mm_loadl_epi64((const __m128i*)(p))
#define CPW_QUARTER_epu16(p) _mm_loadu_si128((const __m128i*)(p))
#endif
#define CPW_QUARTER_epi8(p) CPW_QUARTER_epu8(p)
#define CPW_QUARTER_epi16(p) CPW_QUARTER_epu16(p)
#if !defined(CPW_SMALLER1)
#define CPW_SMALLER1(p, v) CPW_EACH(unsigned char, p, v)
#define CPW_SMALLER2(p, v) CPW_EACH(unsigned short, p, v)
#define CPW_EACH(T, p, v) { int i_; cpw_int v_ = v; int w_[CPW_LANES(int)]; T t_[CPW_LANES(int)]; memcpy(w_, &v_, sizeof w_); \
    for (i_ = 0; i_ < CPW_LANES(int); i_++) { t_[i_] = (T)w_[i_]; } memcpy(p, t_, sizeof t_); }
#endif
#if !defined(CPW_WIDER)
#define CPW_WIDER(name, p) cpw_wider_##name(p)
#define CPW_WIDE(name, T) static CPW_ALWAYS cpw_int cpw_wider_##name(const void* p) { \
    cpw_int v; \
    int w[CPW_LANES(int)], i; \
    T t[CPW_LANES(int)]; \
    memcpy(t, p, sizeof t); \
    for (i = 0; i < CPW_LANES(int); i++) w[i] = t[i]; \
    memcpy(&v, w, sizeof v); \
    return v; \
}
CPW_WIDE(epu8, unsigned char)
CPW_WIDE(epi8, signed char)
CPW_WIDE(epu16, unsigned short)
CPW_WIDE(epi16, short)
#endif
#define CPW_NARROW(name, from, bytes) \
static CPW_ALWAYS cpw_int cpw_get_##name(const void* p, cpw_int flip) { return CPW_WIDER(from, p) ^ flip; } \
static CPW_ALWAYS void cpw_set_##name(void* p, cpw_int x, cpw_int flip) { CPW_SMALLER##bytes(p, x ^ flip); }
CPW_NARROW(u8, epu8, 1)
CPW_NARROW(i8, epi8, 1)
CPW_NARROW(u16, epu16, 2)
CPW_NARROW(i16, epi16, 2)

static CPW_ALWAYS cpw_float cpw_get_bf16(const void* p, cpw_int flip) {
    return (cpw_float)(cpw_get_u16(p, (cpw_int){0}) << 16 ^ flip);
}
static CPW_ALWAYS void cpw_set_bf16(void* p, cpw_float x, cpw_int flip) {       /* exact: it was one */
    cpw_set_i16(p, ((cpw_int)x ^ flip) >> 16, (cpw_int){0});
}
#if defined(__AVX512F__)
static CPW_ALWAYS cpw_float cpw_get_f16(const void* p, cpw_int flip) {
    return (cpw_float)((cpw_int)_mm512_cvtph_ps(_mm256_loadu_si256((const __m256i*)p)) ^ flip);
}
static CPW_ALWAYS void cpw_set_f16(void* p, cpw_float x, cpw_int flip) {
    _mm256_storeu_si256((__m256i*)p, _mm512_cvtps_ph((__m512)((cpw_int)x ^ flip), 0));
}
#else
static CPW_ALWAYS cpw_float cpw_get_f16(const void* p, cpw_int flip) {
    float v[CPW_LANES(float)];
    int i;
    for (i = 0; i < CPW_LANES(float); i++) v[i] = f16_to_float(((const f16_t*)p)[i]);
    return cpw_get_float(v, flip);
}
static CPW_ALWAYS void cpw_set_f16(void* p, cpw_float x, cpw_int flip) {
    float v[CPW_LANES(float)];
    int i;
    cpw_set_float(v, x, flip);
    for (i = 0; i < CPW_LANES(float); i++) ((f16_t*)p)[i] = float_to_f16(v[i]);
}
#endif

#if defined(CPW_MASKS)
#define CPW_TAIL_4(p, k, x) _mm512_mask_storeu_epi32((p), (__mmask16)(k), (__m512i)(x))
#define CPW_TAIL_8(p, k, x) _mm512_mask_storeu_epi64((p), (__mmask8)(k), (__m512i)(x))
#define CPW_TAIL_float(p, k, x, flip) CPW_TAIL_4(p, k, (cpw_int)(x) ^ flip)
#define CPW_TAIL_double(p, k, x, flip) CPW_TAIL_8(p, k, (cpw_llong)(x) ^ flip)
#define CPW_TAIL_int(p, k, x, flip) CPW_TAIL_4(p, k, x ^ flip)
#define CPW_TAIL_llong(p, k, x, flip) CPW_TAIL_8(p, k, x ^ flip)
#define CPW_TAIL_u8(p, k, x, flip) _mm_mask_storeu_epi8((p), (__mmask16)(k), _mm512_cvtepi32_epi8((__m512i)(x ^ flip)))
#define CPW_TAIL_i8(p, k, x, flip) CPW_TAIL_u8(p, k, x, flip)
#define CPW_TAIL_2(p, k, x) _mm256_mask_storeu_epi16((p), (__mmask16)(k), _mm512_cvtepi32_epi16((__m512i)(x)))
#define CPW_TAIL_u16(p, k, x, flip) CPW_TAIL_2(p, k, x ^ flip)
#define CPW_TAIL_i16(p, k, x, flip) CPW_TAIL_2(p, k, x ^ flip)
#define CPW_TAIL_bf16(p, k, x, flip) CPW_TAIL_2(p, k, ((cpw_int)(x) ^ flip) >> 16)
#define CPW_TAIL_f16(p, k, x, flip) \
    _mm256_mask_storeu_epi16((p), (__mmask16)(k), _mm512_cvtps_ph((__m512)((cpw_int)(x) ^ flip), 0))
#endif

#else   /* one element at a time */

#define CPW_ALWAYS inline
#define CPW_NEVER
typedef float cpw_float;
typedef double cpw_double;
typedef int cpw_int;
typedef long long cpw_llong;
#define CPW_LANES(T) 1
#define CPW_STORE(p, v) *(p) = v
#define CPW_SPLIT4(e, o, a, b) e = a, o = b
#define CPW_SPLIT8(e, o, a, b) e = a, o = b
#define CPW_MASK_float int
#define CPW_MASK_int int
#define CPW_MASK_double int
#define CPW_MASK_llong int
#define CPW_BEATS_float(v, m) (!(v <= m) & (m == m))
#define CPW_BEATS_double(v, m) (!(v <= m) & (m == m))
#define CPW_BEATS_int(v, m) (v > m)
#define CPW_BEATS_llong(v, m) (v > m)
#define CPW_PICK_float(k, yes, no) (k ? yes : no)
#define CPW_PICK_double(k, yes, no) (k ? yes : no)
#define CPW_PICK_int(k, yes, no) (k ? yes : no)
#define CPW_PICK_llong(k, yes, no) (k ? yes : no)
#define CPW_MOST_int(a, b) ((a) > (b) ? (a) : (b))
#define CPW_MOST_llong(a, b) ((a) > (b) ? (a) : (b))
#define CPW_PUT_int_int(p, x) *(p) = x
#define CPW_PUT_int_llong(p, x) *(p) = x
#define CPW_PUT_llong_int(p, x) *(p) = (int)x
#define CPW_PUT_llong_llong(p, x) *(p) = x

#define CPW_FLOATS(name, X, J, T, U, bits, value) \
static inline cpw_##X cpw_get_##name(const void* p, cpw_##J flip) { return value((U)(bits(*(const T*)p) ^ (U)flip)); } \
static inline void cpw_set_##name(void* p, cpw_##X x, cpw_##J flip) { *(T*)p = (T)value((U)(bits(x) ^ (U)flip)); }
static inline double cpw_double_of(uint64_t u) { double v; memcpy(&v, &u, 8); return v; }
CPW_FLOATS(float, float, int, float, uint32_t, cp_bits32, cp_float32)
CPW_FLOATS(double, double, llong, double, uint64_t, cp_bits64, cpw_double_of)
CPW_FLOATS(int, int, int, int, int, , )
CPW_FLOATS(llong, llong, llong, long long, long long, , )
CPW_FLOATS(u8, int, int, unsigned char, int, , )
CPW_FLOATS(i8, int, int, signed char, int, , )
CPW_FLOATS(u16, int, int, unsigned short, int, , )
CPW_FLOATS(i16, int, int, short, int, , )
static inline float cpw_get_f16(const void* p, int flip) {
    return cp_float32(cp_bits32(f16_to_float(*(const f16_t*)p)) ^ (uint32_t)flip);
}
static inline void cpw_set_f16(void* p, float x, int flip) {
    *(f16_t*)p = float_to_f16(cp_float32(cp_bits32(x) ^ (uint32_t)flip));
}
static inline float cpw_get_bf16(const void* p, int flip) {
    return cp_float32(cp_bits32(bf16_to_float(*(const bf16_t*)p)) ^ (uint32_t)flip);
}
static inline void cpw_set_bf16(void* p, float x, int flip) {
    *(bf16_t*)p = float_to_bf16(cp_float32(cp_bits32(x) ^ (uint32_t)flip));
}

#endif

static const int cpw_iota_int[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
static const long long cpw_iota_llong[8] = {0, 1, 2, 3, 4, 5, 6, 7};

/* e, p := the better of them and the later y, q */
#define CPW_STEP(X, JX, e, p, y, q) { CPW_MASK_##X k_ = CPW_BEATS_##X(y, e); e = CPW_PICK_##X(k_, y, e); \
    p = CPW_PICK_##JX(k_, q, p); }

/* tap j of a row of windows; in a vector at an end of the row, those beyond it are the element next to them */
#define CPW_TAP(X, JX, j, y) \
    if (ends) { \
        q = place_i + (j) * step; \
        { CPW_MASK_##JX k_ = CPW_BEATS_##JX(zero, q); y = CPW_PICK_##X(k_, first, y); } \
        { CPW_MASK_##JX k_ = CPW_BEATS_##JX(q, zero + last); y = CPW_PICK_##X(k_, final, y); } \
    } \
    if ((j) == 0) { e = y; p = zero; } \
    else { q = zero + (j) * step; CPW_STEP(X, JX, e, p, y, q) }

#define CPW_ROWS(S, ST, X, T, JX, J, SPLIT) \
static CPW_ALWAYS void cpw_row_##S(T* v, J* ix, const ST* x, const ptrdiff_t* off, int two, int m, J step, const J* place, \
                                   J base, J last, cpw_##JX flip, ptrdiff_t i, int ends) { \
    enum { N = CPW_LANES(T) }; \
    const cpw_##JX zero = (cpw_##JX){0}; \
    cpw_##X e = (cpw_##X){0}, y, z, first = e, final = e; \
    cpw_##JX p = zero, q, place_i = cpw_get_##JX(place + i, zero); \
    int j; \
    if (ends) { \
        ST t[N]; \
        for (j = 0; j < N; j++) t[j] = x[-place[0]]; \
        first = cpw_get_##S(t, flip); \
        for (j = 0; j < N; j++) t[j] = x[last - place[0]]; \
        final = cpw_get_##S(t, flip); \
    } \
    if (two) { \
        for (j = 0; j < m; j += 2) { \
            y = cpw_get_##S(x + 2 * i + j, flip); \
            z = cpw_get_##S(x + 2 * i + j + N, flip); \
            { cpw_##X a_ = y, b_ = z; SPLIT(y, z, a_, b_); } \
            CPW_TAP(X, JX, j, y) \
            if (j + 1 < m) { CPW_TAP(X, JX, j + 1, z) } \
        } \
    } else { \
        for (j = 0; j < m; j++) { y = cpw_get_##S(x + off[j] + i, flip); CPW_TAP(X, JX, j, y) } \
    } \
    p += place_i; \
    if (ends) p = CPW_MOST_##JX(p, zero); \
    p += base; \
    cpw_set_##X(v + i, e, zero); \
    cpw_set_##JX(ix + i, p, zero); \
} \
static CPW_ALWAYS void cpw_rows_##S(void* v, void* ix, const void* x, const ptrdiff_t* off, int two, int m, ptrdiff_t step, \
                                    const void* place, ptrdiff_t base, ptrdiff_t last, long long flip, ptrdiff_t n, \
                                    ptrdiff_t left, ptrdiff_t right, ptrdiff_t ahead) { \
    enum { N = CPW_LANES(T) }; \
    ptrdiff_t i; \
    const cpw_##JX f = (cpw_##JX){0} + (J)flip; \
    for (i = 0; i < n; i += N) { \
        cp_prefetch((const ST*)x + ahead + i * (two ? 2 : 1)); \
        if (two) cp_prefetch((const ST*)x + ahead + 2 * i + N); \
        if (i < left || i + N > right) \
            cpw_row_##S((T*)v, (J*)ix, (const ST*)x, off, two, m, (J)step, (const J*)place, (J)base, (J)last, f, i, 1); \
        else \
            cpw_row_##S((T*)v, (J*)ix, (const ST*)x, off, two, m, (J)step, (const J*)place, (J)base, (J)last, f, i, 0); \
    } \
} \
static CPW_NEVER void cp_rows_##S(void* v, void* ix, const void* x, const ptrdiff_t* off, int two, int m, ptrdiff_t step, \
                                  const void* place, ptrdiff_t base, ptrdiff_t last, long long flip, ptrdiff_t n, \
                                  ptrdiff_t left, ptrdiff_t right, ptrdiff_t ahead) { \
    if (two && m == 2) cpw_rows_##S(v, ix, x, off, 1, 2, 1, place, base, last, flip, n, left, right, ahead); \
    else if (two && m == 3) cpw_rows_##S(v, ix, x, off, 1, 3, 1, place, base, last, flip, n, left, right, ahead); \
    else if (two) cpw_rows_##S(v, ix, x, off, 1, m, 1, place, base, last, flip, n, left, right, ahead); \
    else if (m == 2) cpw_rows_##S(v, ix, x, off, 0, 2, step, place, base, last, flip, n, left, right, ahead); \
    else if (m == 3) cpw_rows_##S(v, ix, x, off, 0, 3, step, place, base, last, flip, n, left, right, ahead); \
    else cpw_rows_##S(v, ix, x, off, 0, m, step, place, base, last, flip, n, left, right, ahead); \
}

#define CPW_FOLD(S, ST, X, T, JX, J, PX, P) \
static CPW_ALWAYS void cpw_fold_##S##_##PX(ST* v, P* ix, const T* const* t, const J* const* ti, int m, ptrdiff_t n, \
                                           cpw_##JX flip) { \
    enum { N = CPW_LANES(T) }; \
    const cpw_##JX zero = (cpw_##JX){0}; \
    ptrdiff_t i; \
    int j; \
    for (i = 0; i < n; i += N) { \
        cpw_##X e = cpw_get_##X(t[0] + i, zero), y; \
        cpw_##JX p = cpw_get_##JX(ti[0] + i, zero), q; \
        for (j = 1; j < m; j++) { \
            y = cpw_get_##X(t[j] + i, zero); \
            q = cpw_get_##JX(ti[j] + i, zero); \
            CPW_STEP(X, JX, e, p, y, q) \
        } \
        if (i + N > n) { \
            CPW_LAST(S, ST, JX, PX, P, v ? v + i : v, ix + i, n - i, e, p) \
            break; \
        } \
        if (v) cpw_set_##S(v + i, e, flip); \
        CPW_PUT_##JX##_##PX(ix + i, p); \
    } \
} \
static CPW_NEVER void cp_fold_##S##_##PX(void* v, void* ix, const void* t, const void* ti, int m, ptrdiff_t n, \
                                         long long flip) { \
    const T* const* a = (const T* const*)t; \
    const J* const* b = (const J* const*)ti; \
    const cpw_##JX f = (cpw_##JX){0} + (J)flip; \
    if (m == 2) cpw_fold_##S##_##PX((ST*)v, (P*)ix, a, b, 2, n, f); \
    else if (m == 3) cpw_fold_##S##_##PX((ST*)v, (P*)ix, a, b, 3, n, f); \
    else cpw_fold_##S##_##PX((ST*)v, (P*)ix, a, b, m, n, f); \
}

#if defined(CPW_MASKS)
#define CPW_LAST(S, ST, JX, PX, P, v, ix, left, e, p) { const unsigned k_ = (1u << (left)) - 1; \
    if (v) { CPW_TAIL_##S(v, k_, e, flip); } CPW_TAIL_##JX##_##PX(ix, k_, p); }
#else
#define CPW_LAST(S, ST, JX, PX, P, v, ix, left, e, p) { ST tv_[N]; P tp_[N]; \
    cpw_set_##S(tv_, e, flip); CPW_PUT_##JX##_##PX(tp_, p); \
    if (v) { memcpy(v, tv_, (size_t)(left) * sizeof(ST)); } memcpy(ix, tp_, (size_t)(left) * sizeof(P)); }
#endif

/* window o of `count`: columns z[o*k + j] of the rows r[i], which begin at `column`; positions base + place[i] + column */
#define CPW_WINDOWS(S, ST, X, T, JX, J, PX, P) \
static CPW_ALWAYS void cpw_lanes_##S##_##PX(ST* v, P* ix, const void* const* r, int k, const ptrdiff_t* z, \
                                            const ptrdiff_t* place, ptrdiff_t base, ptrdiff_t column, ptrdiff_t inner, \
                                            ptrdiff_t count, cpw_##JX flip, const char* next, ptrdiff_t fresh) { \
    enum { N = CPW_LANES(T) }; \
    const cpw_##JX zero = (cpw_##JX){0}; \
    const cpw_##JX r1 = zero + (J)place[1], r2 = zero + (J)(k > 2 ? place[2] : 0); \
    ptrdiff_t c, o, x1, x2; \
    int h; \
    cpw_##X e = (cpw_##X){0}, f, y; \
    cpw_##JX p = zero, q, s, c1, c2, at; \
    for (o = 0; o < count; o++) { \
        x1 = (z[1] - z[0]) * inner; \
        x2 = k > 2 ? (z[2] - z[0]) * inner : 0; \
        at = zero + (J)(base + z[0]); \
        c1 = zero + (J)(z[1] - z[0]); \
        c2 = zero + (J)(k > 2 ? z[2] - z[0] : 0); \
        for (c = 0; c < inner; c += N) { \
            ptrdiff_t l; \
            for (l = 0; l < fresh; l += 64) cp_prefetch(next + l); \
            next += fresh; \
            if (c + N > inner) c = inner - N; \
            for (h = 0; h < k; h++) { \
                const ST* x = (const ST*)r[h] + (z[0] - column) * inner + c; \
                f = cpw_get_##S(x, flip); \
                y = cpw_get_##S(x + x1, flip); \
                s = zero; \
                CPW_STEP(X, JX, f, s, y, c1) \
                if (k > 2) { y = cpw_get_##S(x + x2, flip); CPW_STEP(X, JX, f, s, y, c2) } \
                if (h == 0) { e = f; p = s; } \
                else { q = s + (h == 1 ? r1 : r2); CPW_STEP(X, JX, e, p, f, q) } \
            } \
            p += at; \
            if (v) cpw_set_##S(v + c, e, flip); \
            CPW_PUT_##JX##_##PX(ix + c, p); \
        } \
        if (v) v += inner; \
        ix += inner; \
        z += k; \
    } \
} \
static CPW_NEVER void cp_lanes_##S##_##PX(void* v, void* ix, const void* const* r, int k, const ptrdiff_t* z, \
                                          const ptrdiff_t* place, ptrdiff_t base, ptrdiff_t column, ptrdiff_t inner, \
                                          ptrdiff_t count, long long flip, const char* next, ptrdiff_t fresh) { \
    const cpw_##JX f = (cpw_##JX){0} + (J)flip; \
    if (k == 2) cpw_lanes_##S##_##PX((ST*)v, (P*)ix, r, 2, z, place, base, column, inner, count, f, next, fresh); \
    else cpw_lanes_##S##_##PX((ST*)v, (P*)ix, r, 3, z, place, base, column, inner, count, f, next, fresh); \
}

/* windows of k = 2 or 3 columns and stride 1 or 2 over m rows, all in registers: window i at r[h] + stride*i, its row at
 * place[h], its column at column + stride*i. A tap beyond an end of the row, where there is `pad`, is the one next to it.
 * next: what to fetch meanwhile, `fresh` bytes a vector */
#define CPW_DIRECT(S, ST, X, T, JX, J, SPLIT, PX, P) \
static CPW_ALWAYS void cpw_direct_##S##_##PX(ST* v, P* ix, const void* const* r, int two, int k, int pad, int m, \
                                             const ptrdiff_t* place, ptrdiff_t column, ptrdiff_t width, long long flips, \
                                             ptrdiff_t n, const char* next, ptrdiff_t fresh) { \
    enum { N = CPW_LANES(T) }; \
    const cpw_##JX zero = (cpw_##JX){0}, flip = zero + (J)flips, last = zero + (J)(width - k); \
    const ptrdiff_t s = two ? 2 : 1; \
    cpw_##JX c = cpw_get_##JX(cpw_iota_##JX, zero) * (J)s + (J)column, p, q, from = zero; \
    cpw_##X e = (cpw_##X){0}, top = e, a, b, d, o; \
    ptrdiff_t i, l; \
    int h; \
    for (i = 0; i < n; i += N) { \
        const CPW_MASK_##JX left = CPW_BEATS_##JX(zero, c), right = CPW_BEATS_##JX(c, last); \
        for (l = 0; l < fresh; l += 64) cp_prefetch(next + l); \
        next += fresh; \
        p = zero; \
        if (pad) from = CPW_PICK_##JX(left, zero + 1, zero); \
        for (h = 0; h < m; h++) { \
            const ST* x = (const ST*)r[h] + s * i; \
            if (two) { \
                o = cpw_get_##S(x, flip); \
                d = cpw_get_##S(x + N, flip); \
                SPLIT(a, b, o, d); \
                if (k > 2) { \
                    d = cpw_get_##S(x + 2, flip); \
                    e = cpw_get_##S(x + N + 2, flip); \
                    { cpw_##X a_ = d, b_ = e; SPLIT(d, e, a_, b_); } \
                } else d = b; \
            } else { \
                a = cpw_get_##S(x, flip); \
                b = cpw_get_##S(x + 1, flip); \
                d = cpw_get_##S(x + k - 1, flip); \
            } \
            if (pad) { \
                o = a; \
                a = CPW_PICK_##X(left, b, a); \
                if (k > 2) d = CPW_PICK_##X(right, b, d); else b = CPW_PICK_##X(right, o, b); \
            } \
            q = from; \
            CPW_STEP(X, JX, a, q, b, zero + 1) \
            if (k > 2) CPW_STEP(X, JX, a, q, d, zero + 2) \
            if (h == 0) { top = a; p = q; } \
            else { q += (J)(place[h] - place[0]); CPW_STEP(X, JX, top, p, a, q) } \
        } \
        p += c + (J)place[0]; \
        c += (J)(s * N); \
        if (i + N > n) { CPW_LAST(S, ST, JX, PX, P, v ? v + i : v, ix + i, n - i, top, p) } \
        else { \
            if (v) cpw_set_##S(v + i, top, flip); \
            CPW_PUT_##JX##_##PX(ix + i, p); \
        } \
    } \
} \
static CPW_NEVER void cp_direct_##S##_##PX(void* v, void* ix, const void* const* r, int two, int k, int pad, int m, \
                                           const ptrdiff_t* place, ptrdiff_t column, ptrdiff_t width, long long flip, \
                                           ptrdiff_t n, const char* next, ptrdiff_t fresh) { \
    if (k == 2 && m == 2 && two && !pad) \
        cpw_direct_##S##_##PX((ST*)v, (P*)ix, r, 1, 2, 0, 2, place, column, width, flip, n, next, fresh); \
    else if (k == 2 && two) \
        cpw_direct_##S##_##PX((ST*)v, (P*)ix, r, 1, 2, 1, m, place, column, width, flip, n, next, fresh); \
    else if (k == 2) \
        cpw_direct_##S##_##PX((ST*)v, (P*)ix, r, 0, 2, 1, 2, place, column, width, flip, n, next, fresh); \
    else if (m == 3 && two) \
        cpw_direct_##S##_##PX((ST*)v, (P*)ix, r, 1, 3, 1, 3, place, column, width, flip, n, next, fresh); \
    else if (m == 3) \
        cpw_direct_##S##_##PX((ST*)v, (P*)ix, r, 0, 3, 1, 3, place, column, width, flip, n, next, fresh); \
    else \
        cpw_direct_##S##_##PX((ST*)v, (P*)ix, r, 1, 3, 1, m, place, column, width, flip, n, next, fresh); \
}

/* The same for maxima of floats in 2x2 windows without `pad` and 3x3 windows, stride 2, as if there were no NaN: a comparison
 * a tap instead of two that wait for each other, and no loop over the rows. 0, if there may be one after all. 3x3 on
 * 8x64x112x112 float32: 1.7 to 1.45 ms. */
#if defined(CPW_MASKS)
#define CPW_QUICK_ROW(X, JX, x, k) { \
    b = cpw_get_##X(x, zero); \
    d = cpw_get_##X((x) + N, zero); \
    nan |= CPW_NAN_##X(b, d); \
    CPW_SPLIT_##X(a, b, b, d) \
    q = from; \
    if (k > 2) { \
        d = cpw_get_##X((x) + 2, zero); \
        e = cpw_get_##X((x) + N + 2, zero); \
        CPW_SPLIT_##X(d, e, d, e) \
        a = CPW_PICK_##X(left, b, a); \
        d = CPW_PICK_##X(right, b, d); \
    } \
    CPW_QUICK_STEP(X, JX, a, q, b, one) \
    if (k > 2) CPW_QUICK_STEP(X, JX, a, q, d, two) \
}
#define CPW_QUICK_STEP(X, JX, e, p, y, q) { p = CPW_PICK_##JX(CPW_OVER_##X(y, e), q, p); e = CPW_TOP_##X(y, e); }
#define CPW_SPLIT_float(e, o, a, b) { const cpw_float a_ = a, b_ = b; CPW_SPLIT4(e, o, a_, b_); }
#define CPW_SPLIT_double(e, o, a, b) { const cpw_double a_ = a, b_ = b; CPW_SPLIT8(e, o, a_, b_); }
#define CPW_OVER_float(v, m) _mm512_cmp_ps_mask(v, m, _CMP_GT_OQ)
#define CPW_OVER_double(v, m) _mm512_cmp_pd_mask(v, m, _CMP_GT_OQ)
#define CPW_TOP_float(v, m) _mm512_max_ps(v, m)         /* m where they are equal */
#define CPW_TOP_double(v, m) _mm512_max_pd(v, m)
#define CPW_NAN_float(a, b) _mm512_cmp_ps_mask(a, b, _CMP_UNORD_Q)
#define CPW_NAN_double(a, b) _mm512_cmp_pd_mask(a, b, _CMP_UNORD_Q)
#define CPW_QUICK(X, JX, J, PX, P) \
static CPW_ALWAYS int cpw_quick_##X##_##PX(X* v, P* ix, const void* const* r, int k, const ptrdiff_t* place, \
                                           ptrdiff_t column, ptrdiff_t width, ptrdiff_t n, const char* next, \
                                           ptrdiff_t fresh) { \
    enum { N = CPW_LANES(X) }; \
    const cpw_##JX zero = (cpw_##JX){0}, flip = zero, one = zero + 1, two = zero + 2, last = zero + (J)(width - k); \
    const cpw_##JX r1 = zero + (J)(place[1] - place[0]), r2 = zero + (J)(k > 2 ? place[2] - place[0] : 0); \
    const X *x = (const X*)r[0], *y = (const X*)r[1], *z = (const X*)r[k - 1]; \
    cpw_##JX c = cpw_get_##JX(cpw_iota_##JX, zero) * 2 + (J)column, p, q, from = zero; \
    cpw_##X top, a, b, d, e; \
    ptrdiff_t i, l; \
    int nan = k > 2 && ((x[2 * n] != x[2 * n]) | (y[2 * n] != y[2 * n]) | (z[2 * n] != z[2 * n])); \
    for (i = 0; i < n; i += N) { \
        const CPW_MASK_##JX left = CPW_BEATS_##JX(zero, c), right = CPW_BEATS_##JX(c, last); \
        for (l = 0; l < fresh; l += 64) cp_prefetch(next + l); \
        next += fresh; \
        if (k > 2) from = CPW_PICK_##JX(left, one, zero); \
        CPW_QUICK_ROW(X, JX, x + 2 * i, k) \
        top = a; \
        p = q; \
        CPW_QUICK_ROW(X, JX, y + 2 * i, k) \
        CPW_QUICK_STEP(X, JX, top, p, a, q + r1) \
        if (k > 2) { \
            CPW_QUICK_ROW(X, JX, z + 2 * i, k) \
            CPW_QUICK_STEP(X, JX, top, p, a, q + r2) \
        } \
        if (nan) return 0; \
        p += c + (J)place[0]; \
        c += (J)(2 * N); \
        if (i + N > n) { CPW_LAST(X, X, JX, PX, P, v ? v + i : v, ix + i, n - i, top, p) } \
        else { \
            if (v) cpw_set_##X(v + i, top, zero); \
            CPW_PUT_##JX##_##PX(ix + i, p); \
        } \
    } \
    return 1; \
} \
static CPW_NEVER int cp_quick_##X##_##PX(void* v, void* ix, const void* const* r, int k, const ptrdiff_t* place, \
                                         ptrdiff_t column, ptrdiff_t width, ptrdiff_t n, const char* next, ptrdiff_t fresh) { \
    if (k == 2) return cpw_quick_##X##_##PX((X*)v, (P*)ix, r, 2, place, column, width, n, next, fresh); \
    return cpw_quick_##X##_##PX((X*)v, (P*)ix, r, 3, place, column, width, n, next, fresh); \
}
CPW_QUICK(float, int, int, int, int)
CPW_QUICK(float, int, int, llong, long long)
CPW_QUICK(double, llong, long long, int, int)
CPW_QUICK(double, llong, long long, llong, long long)
#endif

#define CPW_TYPE(S, ST, X, T, JX, J, SPLIT) \
    CPW_ROWS(S, ST, X, T, JX, J, SPLIT) \
    CPW_FOLD(S, ST, X, T, JX, J, int, int) \
    CPW_FOLD(S, ST, X, T, JX, J, llong, long long) \
    CPW_WINDOWS(S, ST, X, T, JX, J, int, int) \
    CPW_DIRECT(S, ST, X, T, JX, J, SPLIT, int, int) \
    CPW_DIRECT(S, ST, X, T, JX, J, SPLIT, llong, long long) \
    CPW_WINDOWS(S, ST, X, T, JX, J, llong, long long)

CPW_TYPE(float, float, float, float, int, int, CPW_SPLIT4)
CPW_TYPE(f16, unsigned short, float, float, int, int, CPW_SPLIT4)
CPW_TYPE(bf16, unsigned short, float, float, int, int, CPW_SPLIT4)
CPW_TYPE(u8, unsigned char, int, int, int, int, CPW_SPLIT4)
CPW_TYPE(i8, signed char, int, int, int, int, CPW_SPLIT4)
CPW_TYPE(u16, unsigned short, int, int, int, int, CPW_SPLIT4)
CPW_TYPE(i16, short, int, int, int, int, CPW_SPLIT4)
CPW_TYPE(int, int, int, int, int, int, CPW_SPLIT4)
CPW_TYPE(double, double, double, double, llong, long long, CPW_SPLIT8)
CPW_TYPE(llong, long long, llong, long long, llong, long long, CPW_SPLIT8)

/* by dtype code (numeric.pxd): bool and uint8, int8, uint16, int16, uint32, int32, uint64, int64, float32, float64, float16,
 * bfloat16 */
#define CPW_BY_CODE(CALL) switch (code) { \
    case 0: CALL(u8) case 1: CALL(i8) case 2: CALL(u16) case 3: CALL(i16) case 4: case 5: CALL(int) \
    case 6: case 7: CALL(llong) case 8: CALL(float) case 9: CALL(double) case 10: CALL(f16) default: CALL(bf16) }

static inline void cp_rows(int code, void* v, void* ix, const void* x, const ptrdiff_t* off, int two, int m, ptrdiff_t step,
                           const void* place, ptrdiff_t base, ptrdiff_t last, long long flip, ptrdiff_t n, ptrdiff_t left,
                           ptrdiff_t right, ptrdiff_t ahead) {
#define CPW_CALL(S) cp_rows_##S(v, ix, x, off, two, m, step, place, base, last, flip, n, left, right, ahead); break;
    CPW_BY_CODE(CPW_CALL)
#undef CPW_CALL
}

static inline void cp_fold(int code, int bytes, void* v, void* ix, const void* t, const void* ti, int m, ptrdiff_t n,
                           long long flip) {
#define CPW_CALL(S) if (bytes == 4) cp_fold_##S##_int(v, ix, t, ti, m, n, flip); \
    else cp_fold_##S##_llong(v, ix, t, ti, m, n, flip); \
    break;
    CPW_BY_CODE(CPW_CALL)
#undef CPW_CALL
}

static inline void cp_lanes(int code, int bytes, void* v, void* ix, const void* const* r, int k, const ptrdiff_t* z,
                            const ptrdiff_t* place, ptrdiff_t base, ptrdiff_t column, ptrdiff_t inner, ptrdiff_t count,
                            long long flip, const char* next, ptrdiff_t fresh) {
#define CPW_CALL(S) \
    if (bytes == 4) cp_lanes_##S##_int(v, ix, r, k, z, place, base, column, inner, count, flip, next, fresh); \
    else cp_lanes_##S##_llong(v, ix, r, k, z, place, base, column, inner, count, flip, next, fresh); \
    break;
    fresh = fresh * CPW_LANES(int) / 16;
    CPW_BY_CODE(CPW_CALL)
#undef CPW_CALL
}

static inline void cp_direct(int code, int bytes, void* v, void* ix, const void* const* r, int two, int k, int pad, int m,
                             const ptrdiff_t* place, ptrdiff_t column, ptrdiff_t width, long long flip, ptrdiff_t n,
                             const char* next, ptrdiff_t fresh) {
#define CPW_CALL(S) \
    if (bytes == 4) cp_direct_##S##_int(v, ix, r, two, k, pad, m, place, column, width, flip, n, next, fresh); \
    else cp_direct_##S##_llong(v, ix, r, two, k, pad, m, place, column, width, flip, n, next, fresh); \
    break;
    fresh = fresh * CPW_LANES(int) / 16;
#if defined(CPW_MASKS)
#define CPW_DONE(S) (bytes == 4 ? cp_quick_##S##_int : cp_quick_##S##_llong)(v, ix, r, k, place, column, width, n, next, fresh)
    if (flip == 0 && two && k == m && (k == 3 || !pad) && (code == 8 ? CPW_DONE(float) : code == 9 && CPW_DONE(double)))
        return;
#undef CPW_DONE
#endif
    CPW_BY_CODE(CPW_CALL)
#undef CPW_CALL
}

/* what is xored to elements of a dtype for max (op 0) or min (op 1) */
static inline long long cp_flip(int code, int op) {
    if (code == 4) return op ? 0x7fffffff : (int)0x80000000u;
    if (code == 6) return op ? 0x7fffffffffffffffll : (long long)0x8000000000000000ull;
    if (code == 9) return op ? (long long)0x8000000000000000ull : 0;
    if (code > 7) return op ? (int)0x80000000u : 0;
    return op ? -1 : 0;
}

#endif
