/* Max and min of 16-bit floats as integers, in vectors: an order in which every NaN comes last, three instructions a vector.
 *
 * The bits of a float, those of negative ones turned over, are in the order of the values, between the NaN of either sign.
 * Less the number of NaN of one sign, modulo 2**16, those below all values come to lie above all; `flip` turns the order
 * over, for min. So one code serves two types and two reducers, -infinity (for min: +infinity) is the smallest key, and a
 * NaN comes back as one and the same.
 * 3x3/s2 on 8x64x112x112: 0.62 ms by a strip of keys, lines and rows of keys, 0.40 straight from x to the output.
 */
#ifndef CPOOL_HALVES_H
#define CPOOL_HALVES_H

#include "portable.h"

typedef struct {
    short flip, shift;
    short top;          /* the largest key that is no NaN */
    uint16_t nan, hole; /* bits of a NaN, and of the result of no taps */
} cp_half_t;

static inline cp_half_t cp_half_of(int brain, int min) {
    const short infinity = brain ? 0x7f80 : 0x7c00;
    cp_half_t h;
    h.flip = (short)-min;
    h.shift = (short)(0x7fff - infinity);
    h.top = (short)(infinity - h.shift);
    h.nan = min ? 0xffff : 0x7fff;
    h.hole = (uint16_t)(min ? infinity : infinity | 0x8000);
    return h;
}

static inline short cp_half_key(uint16_t b, const cp_half_t *h) {
    return (short)((b ^ (((short)b >> 15) & 0x7fff) ^ h->flip) - h->shift);
}
static inline uint16_t cp_half_bits(short k, const cp_half_t *h) {
    const short v = (short)((k + h->shift) ^ h->flip);
    return k > h->top ? h->nan : (uint16_t)(v ^ ((v >> 15) & 0x7fff));
}

#if defined(__GNUC__) && !defined(CPOOL_PORTABLE)
#define CP_HALVES 1
#if defined(__SSE2__)
#include <immintrin.h>
#endif

typedef short cp_h8 __attribute__((vector_size(16)));
#if defined(__SSE2__)
#define CP_MAX_H8(a, b) (cp_h8)_mm_max_epi16((__m128i)(a), (__m128i)(b))
#else
#define CP_MAX_H8(a, b) ((a) ^ (((a) ^ (b)) & ((b) > (a))))
#endif
#define CP_HALF_LANES (CP_REGISTER / 2)
#if CP_REGISTER == 64
#define CP_MAX_HW(a, b) (cp_hw)_mm512_max_epi16((__m512i)(a), (__m512i)(b))
#elif CP_REGISTER == 32
#define CP_MAX_HW(a, b) (cp_hw)_mm256_max_epi16((__m256i)(a), (__m256i)(b))
#else
#define CP_MAX_HW CP_MAX_H8
#endif
typedef short cp_hw __attribute__((vector_size(CP_REGISTER)));

#define CP_HALF_CONSTANTS(V, h) const V zero_ = {0}, flip_ = zero_ + (h)->flip, shift_ = zero_ + (h)->shift, \
    top_ = zero_ + (h)->top, nan_ = zero_ + (short)(h)->nan; (void)top_; (void)nan_;
#define CP_HALF_LOAD(v, p) memcpy(&v, (p), sizeof v);
#define CP_HALF_TAKE(v, p) { CP_HALF_LOAD(v, p) v = (v ^ ((v >> 15) & 0x7fff) ^ flip_) - shift_; }
#define CP_HALF_GIVE(p, k) { __typeof__(k) b_ = (k + shift_) ^ flip_, n_ = k > top_; b_ ^= (b_ >> 15) & 0x7fff; \
    b_ = (b_ & ~n_) | (nan_ & n_); memcpy((p), &b_, sizeof b_); }

/* the extreme of a row: its bits */
static inline uint16_t cp_half_line(const uint16_t *x, ptrdiff_t n, const cp_half_t *h) {
    cp_h8 m, r;
    ptrdiff_t i = CP_HALF_LANES;
    if (n >= CP_HALF_LANES) {
        CP_HALF_CONSTANTS(cp_hw, h)
        cp_hw a, b, v;
        cp_h8 part[CP_HALF_LANES / 8];
        CP_HALF_TAKE(a, x)
        b = a;
        for (; i + 2 * CP_HALF_LANES <= n; i += 2 * CP_HALF_LANES) {
            cp_prefetch((const char *)(x + i) + 8192);
            if (CP_HALF_LANES == 32) cp_prefetch((const char *)(x + i) + 8192 + 64);
            CP_HALF_TAKE(v, x + i)
            a = CP_MAX_HW(a, v);
            CP_HALF_TAKE(v, x + i + CP_HALF_LANES)
            b = CP_MAX_HW(b, v);
        }
        if (i + CP_HALF_LANES < n) { CP_HALF_TAKE(v, x + i) a = CP_MAX_HW(a, v); }
        CP_HALF_TAKE(v, x + n - CP_HALF_LANES)
        a = CP_MAX_HW(a, v);
        a = CP_MAX_HW(a, b);
        memcpy(part, &a, sizeof a);
        for (i = CP_HALF_LANES / 16; i; i /= 2) {
            ptrdiff_t j;
            for (j = 0; j < i; j++) part[j] = CP_MAX_H8(part[j], part[j + i]);
        }
        m = part[0];
    } else if (n >= 8) {
        CP_HALF_CONSTANTS(cp_h8, h)
        CP_HALF_TAKE(m, x)
        for (i = 8; i < n; i += 8) {
            CP_HALF_TAKE(r, x + (i + 8 < n ? i : n - 8))
            m = CP_MAX_H8(m, r);
        }
    } else {
        short best = cp_half_key(x[0], h), k;
        for (i = 1; i < n; i++) {
            k = cp_half_key(x[i], h);
            best = k > best ? k : best;
        }
        return cp_half_bits(best, h);
    }
    r = (cp_h8){m[4], m[5], m[6], m[7], m[0], m[1], m[2], m[3]}; m = CP_MAX_H8(m, r);
    r = (cp_h8){m[2], m[3], m[0], m[1], m[6], m[7], m[4], m[5]}; m = CP_MAX_H8(m, r);
    return cp_half_bits(m[0] > m[1] ? m[0] : m[1], h);
}

#else
#define CP_HALVES 0
static inline uint16_t cp_half_line(const uint16_t *x, ptrdiff_t n, const cp_half_t *h) {
    short best = cp_half_key(x[0], h), k;
    ptrdiff_t i;
    for (i = 1; i < n; i++) {
        k = cp_half_key(x[i], h);
        best = k > best ? k : best;
    }
    return cp_half_bits(best, h);
}
#endif

#endif
