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

/* Bytes in windows of 2, 4 or 8 columns and as many apart, from x to the output: means by a power of two (`scale`), maxima and
 * minima. Sums of 2, 4 or 8 neighbours are one or two instructions; numbers with a sign are moved to those without, and their
 * sums back; of minima and of numbers with a sign some bits are turned over (`flip`), and again. Means of 4096 x 4096 uint8:
 * 2x2 0.57 ms by rows of pairs, 0.24 so; 8x8 0.28 and 0.21, with prefetches of each row beside its loads 0.23. */
#if defined(__AVX512BW__) && !defined(CPOOL_PORTABLE) && defined(__GNUC__)
#define CP_BYTE_BOXES 1

#define CP_BYTE_BY(op, a, b) \
    (w == 2 ? _mm512_##op##_epi16(a, b) : w == 4 ? _mm512_##op##_epi32(a, b) : _mm512_##op##_epi64(a, b))
#define CP_BYTE_SET(v) (w == 2 ? _mm512_set1_epi16((short)(v)) : w == 4 ? _mm512_set1_epi32(v) : _mm512_set1_epi64(v))
#define CP_BYTE_SUM(v) (w == 2 ? _mm512_maddubs_epi16(v, one8) \
    : w == 4 ? _mm512_madd_epi16(_mm512_maddubs_epi16(v, one8), one16) : _mm512_sad_epu8(v, _mm512_setzero_si512()))
#define CP_BYTE_MORE(a, load) { const __m512i v_ = _mm512_xor_si512(load, flip); \
    a = mean ? CP_BYTE_BY(add, a, CP_BYTE_SUM(v_)) : _mm512_max_epu8(a, v_); }
/* means to nearest, ties to even: half the divisor is added before the shift, or 1 less if the quotient is even */
#define CP_BYTE_HALVE(a, bits) if (!mean && 8 * w > bits) a = _mm512_max_epu8(a, _mm512_srli_epi64(a, bits));
#define CP_BYTE_END(a) CP_BYTE_HALVE(a, 8) CP_BYTE_HALVE(a, 16) CP_BYTE_HALVE(a, 32) \
    if (!mean) a = _mm512_xor_si512(a, flip); \
    else { \
        a = CP_BYTE_BY(sub, a, base); \
        a = CP_BYTE_BY(add, CP_BYTE_BY(add, a, half), _mm512_and_si512(CP_BYTE_BY(sra, a, shift), one)); \
        a = CP_BYTE_BY(sra, a, shift); \
    }
#define CP_BYTE_PUT(p, a) \
    if (w == 2) _mm256_storeu_si256((__m256i *)(p), _mm512_cvtepi16_epi8(a)); \
    else if (w == 4) _mm_storeu_si128((__m128i *)(p), _mm512_cvtepi32_epi8(a)); \
    else _mm_storel_epi64((__m128i *)(p), _mm512_cvtepi64_epi8(a));

static inline __attribute__((always_inline)) void cp_byte_rows(const cp_box_t *b, unsigned char *out,
                                                               const unsigned char *from, const int w, const int mean,
                                                               int turn) {
    enum { AT_ONCE = 4 };
    const int lanes = 64 / w, taps = b->taps, fresh = b->fresh, by = (int)b->scale;
    const __m512i one8 = _mm512_set1_epi8(1), one16 = _mm512_set1_epi16(1), one = CP_BYTE_SET(1);
    const __m512i half = CP_BYTE_SET(by / 2 - 1), base = CP_BYTE_SET(turn * w * taps), flip = _mm512_set1_epi8((char)turn);
    const __m128i shift = _mm_cvtsi32_si128(__builtin_ctz((unsigned)by));
    const ptrdiff_t *const off = b->off, cols = b->cols, ahead = b->ahead;
    /* what comes is asked for in the order of its addresses, if it lies together */
    const int apart = fresh < taps && off[taps - 1] - off[fresh] > (taps - 1 - fresh) * (b->n + 64);
    ptrdiff_t p, r, o;
    int t;
    for (p = 0; p < b->planes; p++) for (r = 0; r < b->rows; r++) {
        const unsigned char *src = from + p * b->src_plane + r * b->src_step;
        const unsigned char *ask = src + (fresh < taps ? off[fresh] : 0) + ahead;
        unsigned char *to = out + p * b->dst_plane + r * b->dst_step;
        for (o = 0; o + AT_ONCE * lanes <= cols; o += AT_ONCE * lanes, src += AT_ONCE * 64) {
            __m512i c = _mm512_setzero_si512(), d = c, e = c, f = c;
            for (t = 0; t < taps; t++) {
                const __m512i *q = (const __m512i *)(src + off[t]);
                if (t >= fresh) {
                    if (apart) ask = (const unsigned char *)q + ahead;
                    cp_prefetch(ask);
                    cp_prefetch(ask + 64);
                    cp_prefetch(ask + 128);
                    cp_prefetch(ask + 192);
                    ask += 256;
                }
                CP_BYTE_MORE(c, _mm512_loadu_si512(q))
                CP_BYTE_MORE(d, _mm512_loadu_si512(q + 1))
                CP_BYTE_MORE(e, _mm512_loadu_si512(q + 2))
                CP_BYTE_MORE(f, _mm512_loadu_si512(q + 3))
            }
            CP_BYTE_END(c) CP_BYTE_END(d) CP_BYTE_END(e) CP_BYTE_END(f)
            CP_BYTE_PUT(to + o, c)
            CP_BYTE_PUT(to + o + lanes, d)
            CP_BYTE_PUT(to + o + 2 * lanes, e)
            CP_BYTE_PUT(to + o + 3 * lanes, f)
        }
        for (; o < cols; o += lanes, src += 64) {
            const ptrdiff_t n = cols - o < lanes ? cols - o : lanes;
            const __mmask64 k = ~0ull >> (64 - n * w);
            unsigned char part[32];
            __m512i c = _mm512_setzero_si512();
            for (t = 0; t < taps; t++) CP_BYTE_MORE(c, _mm512_maskz_loadu_epi8(k, src + off[t]))
            CP_BYTE_END(c)
            CP_BYTE_PUT(part, c)
            memcpy(to + o, part, n);
        }
    }
}

/* turn: the bits to turn over */
static void cp_byte_means(void *turn, const cp_box_t *b, void *dst, const void *src) {
    const int bits = *(const short *)turn;
    if (b->stride == 8) cp_byte_rows(b, dst, src, 8, 1, bits);
    else if (b->stride == 4) cp_byte_rows(b, dst, src, 4, 1, bits);
    else cp_byte_rows(b, dst, src, 2, 1, bits);
}
static void cp_byte_maxima(void *turn, const cp_box_t *b, void *dst, const void *src) {
    const int bits = *(const short *)turn;
    if (b->stride == 8) cp_byte_rows(b, dst, src, 8, 0, bits);
    else cp_byte_rows(b, dst, src, 4, 0, bits);
}
#else
#define CP_BYTE_BOXES 0
#define cp_byte_means NULL
#define cp_byte_maxima NULL
#endif

#endif
