/* Everything that depends on the compiler, each with a fallback in standard C.
 *
 * CPOOL_PORTABLE=1 at build time forces every fallback, so that a test build can hold them to the same results.
 *   prefetch        a hint only; nothing where there is none
 *   float16         _Float16 where the compiler has it, else bit arithmetic (both round to nearest, ties to even)
 *   bfloat16        always bit arithmetic
 *   128-bit sums    __int128 where there is one, else two 64-bit halves
 *   vectors         of GNU C, of CP_REGISTER bytes; loops over single elements where it has none
 */
#ifndef CPOOL_PORTABLE_H
#define CPOOL_PORTABLE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <math.h>

#if defined(__GNUC__) && !defined(CPOOL_PORTABLE) && defined(__F16C__)
#include <immintrin.h>
#endif

#if defined(__GNUC__) && !defined(CPOOL_PORTABLE)
#define cp_prefetch(p) __builtin_prefetch((p), 0, 3)
#define cp_prefetch_near(p) __builtin_prefetch((p), 0, 2)    /* not into L1 */
#define cp_prefetch_write(p) __builtin_prefetch((p), 1, 3)
#define cp_likely(x) __builtin_expect(!!(x), 1)
#else
#define cp_prefetch(p) ((void)(p))
#define cp_prefetch_near(p) ((void)(p))
#define cp_prefetch_write(p) ((void)(p))
#define cp_likely(x) (x)
#endif

/* Bytes of a vector register at the level that is compiled. */
#if defined(__AVX512BW__) && defined(__AVX512VL__)
#define CP_REGISTER 64
#elif defined(__AVX2__)
#define CP_REGISTER 32
#else
#define CP_REGISTER 16
#endif

typedef struct { uint16_t bits; } f16_t;
typedef struct { uint16_t bits; } bf16_t;

static inline uint32_t cp_bits32(float v) { uint32_t u; memcpy(&u, &v, 4); return u; }
static inline float cp_float32(uint32_t u) { float v; memcpy(&v, &u, 4); return v; }
static inline uint64_t cp_bits64(double v) { uint64_t u; memcpy(&u, &v, 8); return u; }
#if defined(__GNUC__)
__attribute__((always_inline))      /* also where size counts: loops that are to be vectorised use it */
#endif
static inline double cp_double64(uint64_t u) { double v; memcpy(&v, &u, 8); return v; }

/* A double as a float rounded to odd: rounding that once more, to a type at least two bits narrower, gives
 * what one rounding of the double would have given. */
static inline float cp_round_to_odd(double v) {
    float f = (float)v;
    uint32_t u = cp_bits32(f);
    if (v == v && (double)f != v && (u & 0x7f800000u) != 0x7f800000u) {
        if (fabs((double)f) > fabs(v)) u -= 1;      /* towards zero ... */
        u |= 1u;                                    /* ... and sticky */
        return cp_float32(u);
    }
    if (v == v && (u & 0x7fffffffu) == 0x7f800000u && (double)f != v) return cp_float32(u - 1); /* overflow: largest, odd */
    return f;
}

static inline float bf16_to_float(bf16_t h) { return cp_float32((uint32_t)h.bits << 16); }

static inline bf16_t float_to_bf16(float v) {
    uint32_t u = cp_bits32(v);
    uint32_t r = (u + 0x7fffu + ((u >> 16) & 1u)) >> 16;
    uint32_t q = (u >> 16) | 0x40u;
    bf16_t h;
    h.bits = (uint16_t)((u & 0x7fffffffu) > 0x7f800000u ? q : r);
    return h;
}

static inline bf16_t double_to_bf16(double v) { return float_to_bf16(cp_round_to_odd(v)); }

#if defined(__FLT16_MAX__) && !defined(CPOOL_PORTABLE) && defined(__F16C__)
static inline float f16_to_float(f16_t h) { _Float16 v; memcpy(&v, &h, 2); return (float)v; }
static inline f16_t float_to_f16(float v) { _Float16 w = (_Float16)v; f16_t h; memcpy(&h, &w, 2); return h; }
#elif defined(__FLT16_MAX__) && !defined(CPOOL_PORTABLE) && defined(__aarch64__)
static inline float f16_to_float(f16_t h) { _Float16 v; memcpy(&v, &h, 2); return (float)v; }
static inline f16_t float_to_f16(float v) { _Float16 w = (_Float16)v; f16_t h; memcpy(&h, &w, 2); return h; }
#else
static inline float f16_to_float(f16_t h) {
    uint32_t s = (uint32_t)(h.bits & 0x8000u) << 16;
    uint32_t m = (uint32_t)(h.bits & 0x7fffu) << 13;
    /* normal numbers: rebias by 112; infinities and NaN: by 224; subnormals: subtract the implicit one again */
    uint32_t normal = m + 0x38000000u;
    uint32_t special = m + 0x70000000u;
    float sub = cp_float32(m + 0x38800000u) - cp_float32(0x38800000u);
    uint32_t u = (h.bits & 0x7c00u) == 0 ? cp_bits32(sub) : ((h.bits & 0x7c00u) == 0x7c00u ? special : normal);
    return cp_float32(u | s);
}

static inline f16_t float_to_f16(float v) {
    uint32_t u = cp_bits32(v);
    uint32_t s = (u >> 16) & 0x8000u;
    uint32_t r;
    u &= 0x7fffffffu;
    if (u > 0x7f800000u) r = 0x7e00u | ((u >> 13) & 0x3ffu);
    else if (u >= 0x477ff000u) r = 0x7c00u;                                   /* rounds to infinity */
    else if (u < 0x38800000u) r = cp_bits32(cp_float32(u) + 0.5f) - 0x3f000000u; /* subnormal: the adder rounds */
    else r = (u - 0x38000000u + 0xfffu + ((u >> 13) & 1u)) >> 13;
    f16_t h;
    h.bits = (uint16_t)(r | s);
    return h;
}
#endif

static inline f16_t double_to_f16(double v) { return float_to_f16(cp_round_to_odd(v)); }

/* n of them (gcc 12 converts one at a time, to double by a call) */
static inline void cp_f16_floats(float *dst, const f16_t *src, ptrdiff_t n) {
    ptrdiff_t i = 0;
#if defined(__GNUC__) && !defined(CPOOL_PORTABLE) && defined(__AVX512F__)
    for (; i + 16 <= n; i += 16) _mm512_storeu_ps(dst + i, _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)(src + i))));
#elif defined(__GNUC__) && !defined(CPOOL_PORTABLE) && defined(__F16C__)
    for (; i + 8 <= n; i += 8) _mm256_storeu_ps(dst + i, _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(src + i))));
#endif
    for (; i < n; i++) dst[i] = f16_to_float(src[i]);
}

/* 16-bit floats as integers in the order of their values. Every NaN becomes the largest key (for max) or the
 * smallest (for min), so that an integer comparison propagates it; back again, both keys read as NaN. */
static inline short f16_key(uint16_t b, short nan_key) {
    short k = (short)(b ^ (((short)b >> 15) & 0x7fff));
    return (b & 0x7fffu) > 0x7c00u ? nan_key : k;
}
static inline short bf16_key(uint16_t b, short nan_key) {
    short k = (short)(b ^ (((short)b >> 15) & 0x7fff));
    return (b & 0x7fffu) > 0x7f80u ? nan_key : k;
}
static inline uint16_t key_bits(short k) { return (uint16_t)(k ^ ((k >> 15) & 0x7fff)); }
static inline int32_t float_key(float v, int32_t nan_key) {
    int32_t b = (int32_t)cp_bits32(v);
    return v != v ? nan_key : b ^ ((b >> 31) & 0x7fffffff);
}
static inline int64_t double_key(double v, int64_t nan_key) {
    int64_t b = (int64_t)cp_bits64(v);
    return v != v ? nan_key : b ^ ((b >> 63) & 0x7fffffffffffffffll);
}
static inline uint64_t double_bits(double v) { return cp_bits64(v); }
static inline float key_float(int32_t k) { return cp_float32((uint32_t)(k ^ ((k >> 31) & 0x7fffffff))); }
static inline double key_double(int64_t k) {
    int64_t b = k ^ ((k >> 63) & 0x7fffffffffffffffll);
    double v;
    memcpy(&v, &b, 8);
    return v;
}

/* yes where the mask is -1, no where it is 0. On bits: written as a conditional, gcc turns two of them in a row
 * into branches around mixed masks and vectorises neither. */
static inline float cp_blendf(int mask, float yes, float no) {
    return cp_float32((cp_bits32(yes) & (uint32_t)mask) | (cp_bits32(no) & ~(uint32_t)mask));
}
static inline double cp_blendd(long long mask, double yes, double no) {
    uint64_t u = (cp_bits64(yes) & (uint64_t)mask) | (cp_bits64(no) & ~(uint64_t)mask);
    double v;
    memcpy(&v, &u, 8);
    return v;
}

/* Exact sums of 64-bit integers. */
#if defined(__SIZEOF_INT128__) && !defined(CPOOL_PORTABLE)
typedef __int128 i128_t;
static inline i128_t i128_add(i128_t a, i128_t b) { return (i128_t)((unsigned __int128)a + (unsigned __int128)b); }
static inline i128_t i128_from_i64(long long v) { return v; }
static inline i128_t i128_from_u64(unsigned long long v) { return v; }
static inline double i128_to_double(i128_t v) { return (double)v; }
static inline int i128_negative(i128_t v) { return v < 0; }
static inline i128_t i128_neg(i128_t v) { return -v; }
static inline unsigned long long i128_low(i128_t v) { return (unsigned long long)v; }
/* floor(v / d) and the remainder, v >= 0, d > 0 */
static inline unsigned long long i128_divmod(i128_t v, unsigned long long d, unsigned long long *r) {
    unsigned __int128 u = (unsigned __int128)v, q = u / d;
    *r = (unsigned long long)(u - q * d);
    return (unsigned long long)q;
}
#else
typedef struct { uint64_t lo; int64_t hi; } i128_t;
static inline i128_t i128_add(i128_t a, i128_t b) {
    i128_t r;
    r.lo = a.lo + b.lo;
    r.hi = (int64_t)((uint64_t)a.hi + (uint64_t)b.hi + (r.lo < a.lo));
    return r;
}
static inline i128_t i128_from_i64(long long v) { i128_t r; r.lo = (uint64_t)v; r.hi = v < 0 ? -1 : 0; return r; }
static inline i128_t i128_from_u64(unsigned long long v) { i128_t r; r.lo = v; r.hi = 0; return r; }
static inline int i128_negative(i128_t v) { return v.hi < 0; }
static inline i128_t i128_neg(i128_t v) {
    i128_t r;
    r.lo = ~v.lo + 1u;
    r.hi = (int64_t)(~(uint64_t)v.hi + (r.lo == 0));
    return r;
}
static inline unsigned long long i128_low(i128_t v) { return v.lo; }
static inline unsigned long long i128_divmod(i128_t v, unsigned long long d, unsigned long long *r) {
    uint64_t q = 0, rem = 0;
    int i;
    for (i = 127; i >= 0; i--) {
        uint64_t bit = i >= 64 ? ((uint64_t)v.hi >> (i - 64)) & 1u : (v.lo >> i) & 1u;
        uint64_t top = rem >> 63;
        rem = (rem << 1) | bit;
        if (top || rem >= d) { rem -= d; if (i < 64) q |= (uint64_t)1 << i; }
    }
    *r = rem;
    return q;
}
static inline double i128_to_double(i128_t v) {
    int neg = v.hi < 0;
    if (neg) v = i128_neg(v);
    {
        double hi = (double)(uint64_t)v.hi * 18446744073709551616.0;
        double r;
        if (v.hi == 0) r = (double)v.lo;
        else {
            /* keep 64 significant bits with a sticky last one: one rounding */
            int shift = 0;
            uint64_t h = (uint64_t)v.hi, l = v.lo, top;
            while (!((h << shift) >> 63)) shift++;
            top = shift ? (h << shift) | (l >> (64 - shift)) : h;
            if (shift ? (l << shift) != 0 : l != 0) top |= 1u;
            r = ldexp((double)top, 64 - shift);
        }
        (void)hi;
        return neg ? -r : r;
    }
}
#endif

/* v / d rounded to nearest, ties to even; d > 0. The low 64 bits of the result. */
static inline unsigned long long i128_round_div(i128_t v, unsigned long long d) {
    int neg = i128_negative(v);
    unsigned long long r, q = i128_divmod(neg ? i128_neg(v) : v, d, &r);
    unsigned long long rest = d - r;
    if (r > rest || (r == rest && (q & 1u))) q += 1;
    return neg ? ~q + 1u : q;
}

/* The nearest integer, ties to even, for |v| < 2**51: an addition rounds, at every CPU level alike. */
static inline double cp_rint(double v) { const double c = 6755399441055744.0; return (v + c) - c; }
static inline float cp_rintf(float v) { const float c = 12582912.0f; return (v + c) - c; }  /* |v| < 2**22 */

/* dst[j * dst_step + i] = src[i * src_step + j] for i, j < 8; steps in elements. */
#if defined(__GNUC__) && !defined(CPOOL_PORTABLE) && (defined(__clang__) || __GNUC__ >= 12)
typedef uint32_t cp_u32x8 __attribute__((vector_size(32)));
#define CP_MIX(a, b, ...) __builtin_shufflevector((a), (b), __VA_ARGS__)
#define CP_UNROLL8 _Pragma("GCC unroll 8")     /* at -O2 gcc keeps loops: planes of 13 x 13 would take 1.5 times as long */
static inline void cp_transpose8_32(const uint32_t *src, ptrdiff_t src_step, uint32_t *dst, ptrdiff_t dst_step) {
    cp_u32x8 r[8], t[8];
    int i;
    CP_UNROLL8
    for (i = 0; i < 8; i++) memcpy(&r[i], src + i * src_step, 32);
    CP_UNROLL8
    for (i = 0; i < 4; i++) {
        t[2 * i] = CP_MIX(r[2 * i], r[2 * i + 1], 0, 8, 1, 9, 4, 12, 5, 13);
        t[2 * i + 1] = CP_MIX(r[2 * i], r[2 * i + 1], 2, 10, 3, 11, 6, 14, 7, 15);
    }
    CP_UNROLL8
    for (i = 0; i < 2; i++) {
        r[4 * i] = CP_MIX(t[4 * i], t[4 * i + 2], 0, 1, 8, 9, 4, 5, 12, 13);
        r[4 * i + 1] = CP_MIX(t[4 * i], t[4 * i + 2], 2, 3, 10, 11, 6, 7, 14, 15);
        r[4 * i + 2] = CP_MIX(t[4 * i + 1], t[4 * i + 3], 0, 1, 8, 9, 4, 5, 12, 13);
        r[4 * i + 3] = CP_MIX(t[4 * i + 1], t[4 * i + 3], 2, 3, 10, 11, 6, 7, 14, 15);
    }
    CP_UNROLL8
    for (i = 0; i < 4; i++) {
        t[i] = CP_MIX(r[i], r[i + 4], 0, 1, 2, 3, 8, 9, 10, 11);
        t[i + 4] = CP_MIX(r[i], r[i + 4], 4, 5, 6, 7, 12, 13, 14, 15);
    }
    CP_UNROLL8
    for (i = 0; i < 8; i++) memcpy(dst + i * dst_step, &t[i], 32);
}
#else
static inline void cp_transpose8_32(const uint32_t *src, ptrdiff_t src_step, uint32_t *dst, ptrdiff_t dst_step) {
    int i, j;
    for (i = 0; i < 8; i++)
        for (j = 0; j < 8; j++) dst[j * dst_step + i] = src[i * src_step + j];
}
#endif

#endif
