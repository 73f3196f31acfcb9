/* Sums of neighbouring bytes: one multiplication by ones in x86, where C makes five instructions of shifts and additions.
 * dst[i] = (begun: dst[i]) + a[2 i] + a[2 i + 1] + b[2 i] + b[2 i + 1]; b may be NULL. */
#ifndef CPOOL_BYTES_H
#define CPOOL_BYTES_H

#include "rows.h"

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

/* Means of bytes in windows of 2, 4 or 8 columns and as many apart, by a power of two (`scale`): from x to the output. Sums of
 * 2, 4 or 8 neighbours are one or two instructions; numbers with a sign are moved to those without, and their sums back. */
#if defined(__AVX512BW__) && !defined(CPOOL_PORTABLE) && defined(__GNUC__)
#define CP_BYTE_MEANS 1

#define CP_BYTE_SUM(v) (w == 2 ? _mm512_maddubs_epi16(v, one8) : w == 4 ? _mm512_madd_epi16(_mm512_maddubs_epi16(v, one8), one16) \
    : _mm512_sad_epu8(v, _mm512_setzero_si512()))
#define CP_BYTE_BY(op, a, b) (w == 2 ? _mm512_##op##_epi16(a, b) : w == 4 ? _mm512_##op##_epi32(a, b) : _mm512_##op##_epi64(a, b))
#define CP_BYTE_SHIFT(a) (w == 2 ? _mm512_sra_epi16(a, shift) : w == 4 ? _mm512_sra_epi32(a, shift) : _mm512_sra_epi64(a, shift))
#define CP_BYTE_SET(v) (w == 2 ? _mm512_set1_epi16((short)(v)) : w == 4 ? _mm512_set1_epi32(v) : _mm512_set1_epi64(v))
/* to nearest, ties to even: half the divisor is added before the shift, or 1 less if the quotient is even */
#define CP_BYTE_MEAN(a) a = CP_BYTE_BY(sub, a, base); \
    a = CP_BYTE_BY(add, CP_BYTE_BY(add, a, half), _mm512_and_si512(CP_BYTE_SHIFT(a), one)); a = CP_BYTE_SHIFT(a);

static inline __attribute__((always_inline)) void cp_byte_rows(const cp_box_t *b, unsigned char *out, const unsigned char *from,
                                                               const int w, int is_signed) {
    enum { AT_ONCE = 4 };
    const int lanes = 64 / w;
    const __m512i one8 = _mm512_set1_epi8(1), one16 = _mm512_set1_epi16(1), one = CP_BYTE_SET(1);
    const __m512i half = CP_BYTE_SET((int)b->scale / 2 - 1), base = CP_BYTE_SET(is_signed ? 128 * w * b->taps : 0);
    const __m512i flip = _mm512_set1_epi8((char)(is_signed ? 128 : 0));
    const __m128i shift = _mm_cvtsi32_si128(__builtin_ctz((unsigned)b->scale));
    const ptrdiff_t *const off = b->off, cols = b->cols, ahead = b->ahead;
    const int taps = b->taps, fresh = b->fresh;
    ptrdiff_t p, r, o;
    int t;
    for (p = 0; p < b->planes; p++) for (r = 0; r < b->rows; r++) {
        const unsigned char *src = from + p * b->src_plane + r * b->src_step;
        unsigned char *to = out + p * b->dst_plane + r * b->dst_step;
        for (o = 0; o + AT_ONCE * lanes <= cols; o += AT_ONCE * lanes, src += AT_ONCE * 64) {
            __m512i a0 = _mm512_setzero_si512(), a1 = a0, a2 = a0, a3 = a0;
            for (t = 0; t < taps; t++) {
                const unsigned char *q = src + off[t];
                if (t >= fresh) {
                    cp_prefetch(q + ahead);
                    cp_prefetch(q + ahead + 64);
                    cp_prefetch(q + ahead + 128);
                    cp_prefetch(q + ahead + 192);
                }
#define CP_BYTE_MORE(a, i) a = CP_BYTE_BY(add, a, CP_BYTE_SUM(_mm512_xor_si512(_mm512_loadu_si512((const void *)(q + 64 * i)), flip)));
                CP_BYTE_MORE(a0, 0) CP_BYTE_MORE(a1, 1) CP_BYTE_MORE(a2, 2) CP_BYTE_MORE(a3, 3)
            }
            CP_BYTE_MEAN(a0) CP_BYTE_MEAN(a1) CP_BYTE_MEAN(a2) CP_BYTE_MEAN(a3)
#define CP_BYTE_PUT(a, i) \
            if (w == 2) _mm256_storeu_si256((__m256i *)(to + o + i * lanes), _mm512_cvtepi16_epi8(a)); \
            else if (w == 4) _mm_storeu_si128((__m128i *)(to + o + i * lanes), _mm512_cvtepi32_epi8(a)); \
            else _mm_storel_epi64((__m128i *)(to + o + i * lanes), _mm512_cvtepi64_epi8(a));
            CP_BYTE_PUT(a0, 0) CP_BYTE_PUT(a1, 1) CP_BYTE_PUT(a2, 2) CP_BYTE_PUT(a3, 3)
        }
        for (; o < cols; o += lanes, src += 64) {
            const ptrdiff_t n = cols - o < lanes ? cols - o : lanes;
            const __mmask64 k = ~0ull >> (64 - n * w);
            unsigned char part[64];
            __m512i a = _mm512_setzero_si512();
            for (t = 0; t < taps; t++)
                a = CP_BYTE_BY(add, a, CP_BYTE_SUM(_mm512_xor_si512(_mm512_maskz_loadu_epi8(k, src + off[t]), flip)));
            CP_BYTE_MEAN(a)
            memset(part, 0, 32);
            if (w == 2) _mm256_storeu_si256((__m256i *)part, _mm512_cvtepi16_epi8(a));
            else if (w == 4) _mm_storeu_si128((__m128i *)part, _mm512_cvtepi32_epi8(a));
            else _mm_storel_epi64((__m128i *)part, _mm512_cvtepi64_epi8(a));
            memcpy(to + o, part, n);
        }
    }
}

#define CP_BYTE_BOX(name, is_signed) static void name(void *op, const cp_box_t *b, void *dst, const void *src) { \
    (void)op; \
    if (b->stride == 2) cp_byte_rows(b, dst, src, 2, is_signed); \
    else if (b->stride == 4) cp_byte_rows(b, dst, src, 4, is_signed); \
    else cp_byte_rows(b, dst, src, 8, is_signed); \
}
#else
#define CP_BYTE_MEANS 0
#define CP_BYTE_BOX(name, is_signed) static void name(void *op, const cp_box_t *b, void *dst, const void *src) { \
    (void)op; (void)b; (void)dst; (void)src; \
}
#endif
CP_BYTE_BOX(cp_byte_box_u8, 0)
CP_BYTE_BOX(cp_byte_box_i8, 1)

#endif
