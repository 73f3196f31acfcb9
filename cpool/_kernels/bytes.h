/* Sums of neighbouring bytes: one multiplication by ones in x86, where C makes five instructions of shifts and additions.
 * dst[i] = (begun: dst[i]) + a[2 i] + a[2 i + 1] + b[2 i] + b[2 i + 1]; b may be NULL. */
#ifndef CPOOL_BYTES_H
#define CPOOL_BYTES_H

#include "portable.h"

#if defined(__GNUC__) && !defined(CPOOL_PORTABLE) && defined(__SSE2__)
#include <immintrin.h>
#if defined(__AVX512BW__)
#define CP_PAIR_LANES 32
typedef __m512i cp_pairs_t;
#define CP_PAIR_ONES _mm512_set1_epi8(1)
#define CP_PAIR_SUM(a, b) _mm512_maddubs_epi16(a, b)
#define CP_PAIR_ADD(a, b) _mm512_add_epi16(a, b)
#elif defined(__AVX2__)
#define CP_PAIR_LANES 16
typedef __m256i cp_pairs_t;
#define CP_PAIR_ONES _mm256_set1_epi8(1)
#define CP_PAIR_SUM(a, b) _mm256_maddubs_epi16(a, b)
#define CP_PAIR_ADD(a, b) _mm256_add_epi16(a, b)
#else
#define CP_PAIR_LANES 8
typedef __m128i cp_pairs_t;
#define CP_PAIR_ONES _mm_set1_epi16(255)
#define CP_PAIR_ADD(a, b) _mm_add_epi16(a, b)
#define CP_PAIR(v, p, sign) memcpy(&v, (p), sizeof v); \
    v = sign ? _mm_add_epi16(_mm_srai_epi16(_mm_slli_epi16(v, 8), 8), _mm_srai_epi16(v, 8)) \
             : _mm_add_epi16(_mm_and_si128(v, ones), _mm_srli_epi16(v, 8));
#endif
#if CP_PAIR_LANES > 8       /* the unsigned factor first */
#define CP_PAIR(v, p, sign) memcpy(&v, (p), sizeof v); v = sign ? CP_PAIR_SUM(ones, v) : CP_PAIR_SUM(v, ones);
#endif
#define CP_PAIR_VECTORS(sign, more, begun) { \
    const cp_pairs_t ones = CP_PAIR_ONES; \
    cp_pairs_t v, w; \
    for (; i + CP_PAIR_LANES <= n; i += CP_PAIR_LANES) { \
        CP_PAIR(v, a + 2 * i, sign) \
        if (more) { CP_PAIR(w, b + 2 * i, sign) v = CP_PAIR_ADD(v, w); } \
        if (begun) { memcpy(&w, dst + i, sizeof w); v = CP_PAIR_ADD(v, w); } \
        memcpy(dst + i, &v, sizeof v); \
    } \
}
#else
#define CP_PAIR_VECTORS(sign, more, begun)
#endif

#define CP_PAIR_ROW(sign, more, begun) { \
    CP_PAIR_VECTORS(sign, more, begun) \
    for (; i < n; i++) \
        dst[i] = (uint16_t)((begun ? dst[i] : 0) + a[2 * i] + a[2 * i + 1] + (more ? b[2 * i] + b[2 * i + 1] : 0)); \
}
#define CP_PAIRS(name, type, sign) \
static void name(uint16_t *dst, const type *a, const type *b, ptrdiff_t n, int begun) { \
    ptrdiff_t i = 0; \
    if (b && begun) CP_PAIR_ROW(sign, 1, 1) \
    else if (b) CP_PAIR_ROW(sign, 1, 0) \
    else if (begun) CP_PAIR_ROW(sign, 0, 1) \
    else CP_PAIR_ROW(sign, 0, 0) \
}
CP_PAIRS(cp_pairs_u8, uint8_t, 0)
CP_PAIRS(cp_pairs_i8, signed char, 1)

#endif
