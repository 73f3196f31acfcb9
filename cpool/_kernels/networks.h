/* Keys in the order of the values, and the loops of a comparison network over rows of them.
 *
 * A key is an unsigned byte or a signed integer of 2, 4 or 8 bytes; twelve dtypes map onto these four and back, exactly:
 * integers by a shift of the origin, floats by their bits. The largest key is kept for a tap that is not there, the one
 * below it means NaN (floats only). The loops take whole blocks of 64 bytes: rows are padded, so nothing is left over
 * for scalar code.
 */
#ifndef CPOOL_NETWORKS_H
#define CPOOL_NETWORKS_H

#include "fast.h"
#include "portable.h"
#if defined(__GNUC__) && defined(__x86_64__) && !defined(CPOOL_PORTABLE)
#include <immintrin.h>
#endif

CP_FAST_BEGIN

#if defined(_MSC_VER)
#define CP_ALONE __restrict
#define CP_NOINLINE __declspec(noinline)
#elif defined(__GNUC__)
#define CP_ALONE __restrict__
#define CP_NOINLINE __attribute__((noinline))
#else
#define CP_ALONE
#define CP_NOINLINE
#endif

typedef unsigned char cp_k8;
typedef short cp_k16;
typedef int cp_k32;
typedef long long cp_k64;

/* ---- values to keys and back: `take` returns whether there was a NaN ---- */

#define CP_KEYS(name, S, K, TAKE, GIVE, WIDE) \
static int cp_take_##name(const S* x, ptrdiff_t step, K* CP_ALONE key, ptrdiff_t n) { \
    ptrdiff_t i; \
    int nan = 0; \
    if (step == 1) for (i = 0; i < n; i++) { S v = x[i]; K k; int bad; TAKE; nan |= bad; key[i] = k; } \
    else for (i = 0; i < n; i++) { S v = x[i * step]; K k; int bad; TAKE; nan |= bad; key[i] = k; } \
    return nan; \
} \
static void cp_give_##name(const K* key, S* CP_ALONE out, ptrdiff_t step, ptrdiff_t n) { \
    ptrdiff_t i; \
    if (step == 1) for (i = 0; i < n; i++) { K k = key[i]; S v; GIVE; out[i] = v; } \
    else for (i = 0; i < n; i++) { K k = key[i]; S v; GIVE; out[i * step] = v; } \
} \
static void cp_wide_##name(const K* key, double* CP_ALONE out, ptrdiff_t n) { \
    ptrdiff_t i; \
    for (i = 0; i < n; i++) { K k = key[i]; S v; GIVE; out[i] = WIDE; } \
}

#define CP_FLOAT_TAKE(U, I, get, top, inf) { U u_ = get; I s_ = (I)u_; U m_ = (U)(u_ & (U)top); \
    bad = m_ > (U)inf; s_ = (I)(s_ ^ ((s_ >> (8 * sizeof(I) - 1)) & (I)top)); k = bad ? (I)((I)top - 1) : s_; }

CP_KEYS(u8, unsigned char, cp_k8, (k = v, bad = 0), v = k, (double)v)
CP_KEYS(i8, signed char, cp_k8, (k = (cp_k8)((unsigned char)v ^ 0x80u), bad = 0), v = (signed char)(k ^ 0x80u), (double)v)
CP_KEYS(u16, unsigned short, cp_k16, (k = (cp_k16)(v ^ 0x8000u), bad = 0),
        v = (unsigned short)((unsigned short)k ^ 0x8000u), (double)v)
CP_KEYS(i16, short, cp_k16, (k = v, bad = 0), v = k, (double)v)
CP_KEYS(u32, unsigned int, cp_k32, (k = (cp_k32)(v ^ 0x80000000u), bad = 0), v = (unsigned int)k ^ 0x80000000u, (double)v)
CP_KEYS(i32, int, cp_k32, (k = v, bad = 0), v = k, (double)v)
CP_KEYS(u64, unsigned long long, cp_k64, (k = (cp_k64)(v ^ 0x8000000000000000ull), bad = 0),
        v = (unsigned long long)k ^ 0x8000000000000000ull, (double)v)
CP_KEYS(i64, long long, cp_k64, (k = v, bad = 0), v = k, (double)v)
CP_KEYS(f32, uint32_t, cp_k32, CP_FLOAT_TAKE(uint32_t, int32_t, v, 0x7fffffff, 0x7f800000),
        v = (uint32_t)(k ^ ((k >> 31) & 0x7fffffff)), (double)cp_float32(v))
CP_KEYS(f64, uint64_t, cp_k64, CP_FLOAT_TAKE(uint64_t, int64_t, v, 0x7fffffffffffffffll, 0x7ff0000000000000ll),
        v = (uint64_t)(k ^ ((k >> 63) & 0x7fffffffffffffffll)), cp_double64(v))
#define CP_HALF_GIVE v.bits = (uint16_t)(k ^ ((k >> 15) & 0x7fff))
CP_KEYS(f16, f16_t, cp_k16, CP_FLOAT_TAKE(uint16_t, int16_t, v.bits, 0x7fff, 0x7c00), CP_HALF_GIVE, (double)f16_to_float(v))
CP_KEYS(bf16, bf16_t, cp_k16, CP_FLOAT_TAKE(uint16_t, int16_t, v.bits, 0x7fff, 0x7f80), CP_HALF_GIVE, (double)bf16_to_float(v))

#define CP_EACH(call) switch (code) { \
    case 0: call(u8, unsigned char, cp_k8) case 1: call(i8, signed char, cp_k8) \
    case 2: call(u16, unsigned short, cp_k16) case 3: call(i16, short, cp_k16) \
    case 4: call(u32, unsigned int, cp_k32) case 5: call(i32, int, cp_k32) \
    case 6: call(u64, unsigned long long, cp_k64) case 7: call(i64, long long, cp_k64) \
    case 8: call(f32, uint32_t, cp_k32) case 9: call(f64, uint64_t, cp_k64) \
    case 10: call(f16, f16_t, cp_k16) default: call(bf16, bf16_t, cp_k16) }

/* n values `step` apart from position `at` on as keys */
static inline int cp_take(int code, const void* x, ptrdiff_t at, ptrdiff_t step, void* key, ptrdiff_t n) {
#define CP_CALL(name, S, K) return cp_take_##name((const S*)x + at, step, (K*)key, n);
    CP_EACH(CP_CALL)
#undef CP_CALL
}
static inline void cp_give(int code, const void* key, void* out, ptrdiff_t at, ptrdiff_t step, ptrdiff_t n) {
#define CP_CALL(name, S, K) cp_give_##name((const K*)key, (S*)out + at, step, n); break;
    CP_EACH(CP_CALL)
#undef CP_CALL
}
static inline void cp_wide(int code, const void* key, double* out, ptrdiff_t n) {
#define CP_CALL(name, S, K) cp_wide_##name((const K*)key, out, n); break;
    CP_EACH(CP_CALL)
#undef CP_CALL
}

/* ---- sets of bits ---- */

#if defined(__GNUC__) && !defined(CPOOL_PORTABLE)
static inline int cp_ones(unsigned long long v) { return __builtin_popcountll(v); }
static inline int cp_first_one(unsigned long long v) { return __builtin_ctzll(v); }
#else
static inline int cp_ones(unsigned long long v) {
    v -= (v >> 1) & 0x5555555555555555ull;
    v = (v & 0x3333333333333333ull) + ((v >> 2) & 0x3333333333333333ull);
    v = (v + (v >> 4)) & 0x0f0f0f0f0f0f0f0full;
    return (int)((v * 0x0101010101010101ull) >> 56);
}
static inline int cp_first_one(unsigned long long v) { return cp_ones((v & (0 - v)) - 1); }
#endif
#if defined(__BMI2__) && defined(__x86_64__) && !defined(CPOOL_PORTABLE)
static inline int cp_nth_one(unsigned long long v, int n) { return cp_first_one(_pdep_u64(1ull << n, v)); }
#else
static inline int cp_nth_one(unsigned long long v, int n) {
    int at = 0, half, low;
    for (half = 32; half > 0; half >>= 1) {
        low = cp_ones(v & ((1ull << half) - 1));
        if (n >= low) { n -= low; at += half; v >>= half; }
    }
    return at;
}
#endif

/* ---- rows of keys; `blocks` of 64 bytes each ---- */

#define CP_LOW(a, b) ((a) < (b) ? (a) : (b))
#define CP_HIGH(a, b) ((a) < (b) ? (b) : (a))
#define CP_SORT2(T, a, b) { const T l_ = CP_LOW(a, b), h_ = CP_HIGH(a, b); a = l_; b = h_; }

/* exchange: the smaller of each pair to lo, the larger to hi (either may be NULL) */
#define CP_NETWORK(T) \
static CP_NOINLINE void cp_exchange_##T(const T* CP_ALONE a, const T* CP_ALONE b, T* CP_ALONE lo, T* CP_ALONE hi, \
                                        ptrdiff_t blocks) { \
    const ptrdiff_t n = blocks * (ptrdiff_t)(64 / sizeof(T)); \
    ptrdiff_t i; \
    if (hi == NULL) for (i = 0; i < n; i++) lo[i] = CP_LOW(a[i], b[i]); \
    else if (lo == NULL) for (i = 0; i < n; i++) hi[i] = CP_HIGH(a[i], b[i]); \
    else for (i = 0; i < n; i++) { const T x = a[i], y = b[i]; lo[i] = CP_LOW(x, y); hi[i] = CP_HIGH(x, y); } \
} \
/* the most frequent of n sorted rows, the smallest of several; how often to `best`. Row i counts in lanes with \
 * `count` > i (NULL: in all). */ \
static CP_NOINLINE void cp_runs_##T(void** row, int rows, const void* counts, T* CP_ALONE value, T* CP_ALONE best, \
                                    T* CP_ALONE run, ptrdiff_t blocks) { \
    const ptrdiff_t n = blocks * (ptrdiff_t)(64 / sizeof(T)); \
    const T* CP_ALONE count = (const T*)counts; \
    ptrdiff_t i; \
    int r; \
    memcpy(value, row[0], n * sizeof(T)); \
    for (i = 0; i < n; i++) best[i] = run[i] = 1; \
    for (r = 1; r < rows; r++) { \
        const T* CP_ALONE a = row[r - 1]; \
        const T* CP_ALONE b = row[r]; \
        if (count == NULL) for (i = 0; i < n; i++) { \
            const T v = b[i], k = (T)(a[i] == v ? run[i] + 1 : 1), m = best[i]; \
            run[i] = k; \
            value[i] = k > m ? v : value[i]; \
            best[i] = k > m ? k : m; \
        } else for (i = 0; i < n; i++) { \
            const T v = b[i], k = (T)((a[i] == v ? run[i] + 1 : 1) * (count[i] > (T)r)), m = best[i]; \
            run[i] = k; \
            value[i] = k > m ? v : value[i]; \
            best[i] = k > m ? k : m; \
        } \
    } \
} \
/* the taps from the last to the first: where one equals `value` (and is there), its number */ \
static CP_NOINLINE void cp_found_##T(const T* CP_ALONE tap, const unsigned char* CP_ALONE valid, \
                                     const T* CP_ALONE value, int at_, T* CP_ALONE at, ptrdiff_t blocks) { \
    const ptrdiff_t n = blocks * (ptrdiff_t)(64 / sizeof(T)); \
    const T number = (T)at_; \
    ptrdiff_t i; \
    if (valid == NULL) for (i = 0; i < n; i++) at[i] = tap[i] == value[i] ? number : at[i]; \
    else for (i = 0; i < n; i++) at[i] = (tap[i] == value[i]) & valid[i] ? number : at[i]; \
}

/* The middle of 3x3 and 5x5 in two steps: columns sorted once for all windows that share them, then whole windows, `s`
 * elements from column to column. V: a vector of W elements, how to load and store it, its minimum and maximum. */
#define CP_PLAIN(p) (*(p))
#define CP_PUT(p, v) (*(p) = (v))
#define CP_MEDIANS(N, T, V, W, LD, ST, MN, MX) \
static CP_NOINLINE void cp_columns3_##N(const T* CP_ALONE p0, const T* CP_ALONE p1, const T* CP_ALONE p2, \
                                        T* CP_ALONE q, ptrdiff_t pitch, ptrdiff_t blocks) { \
    const ptrdiff_t n = blocks * (ptrdiff_t)(64 / sizeof(T)); \
    T* CP_ALONE q0 = q; T* CP_ALONE q1 = q + pitch; T* CP_ALONE q2 = q + 2 * pitch; \
    ptrdiff_t i; \
    for (i = 0; i < n; i += W) { \
        V a = LD(p0 + i), b = LD(p1 + i), c = LD(p2 + i); \
        { const V l_ = MN(b, c), h_ = MX(b, c); b = l_; c = h_; } \
        { const V l_ = MN(a, b), h_ = MX(a, b); a = l_; b = h_; } \
        { const V l_ = MN(b, c), h_ = MX(b, c); b = l_; c = h_; } \
        ST(q0 + i, a); ST(q1 + i, b); ST(q2 + i, c); \
    } \
} \
static CP_NOINLINE void cp_middle3_##N(const T* CP_ALONE q, ptrdiff_t pitch, ptrdiff_t s, T* CP_ALONE out, \
                                       ptrdiff_t blocks) { \
    const ptrdiff_t n = blocks * (ptrdiff_t)(64 / sizeof(T)); \
    const T* CP_ALONE q1 = q + pitch; const T* CP_ALONE q2 = q + 2 * pitch; \
    ptrdiff_t i; \
    for (i = 0; i < n; i += W) { \
        V l = MX(LD(q + i), LD(q + i + s)), h = MN(LD(q2 + i), LD(q2 + i + s)); \
        V a = LD(q1 + i), b = LD(q1 + i + s), c = LD(q1 + i + 2 * s); \
        const V l2 = LD(q + i + 2 * s), h2 = LD(q2 + i + 2 * s); \
        l = MX(l, l2); h = MN(h, h2); \
        { const V l_ = MN(a, b), h_ = MX(a, b); a = l_; b = h_; } c = MN(b, c); c = MX(a, c); \
        { const V l_ = MN(l, h), h_ = MX(l, h); l = l_; h = h_; } c = MN(h, c); c = MX(l, c); ST(out + i, c); \
    } \
} \
static CP_NOINLINE void cp_columns5_##N(const T* CP_ALONE p0, const T* CP_ALONE p1, const T* CP_ALONE p2, \
                                        const T* CP_ALONE p3, const T* CP_ALONE p4, T* CP_ALONE q, ptrdiff_t pitch, \
                                        ptrdiff_t blocks) { \
    const ptrdiff_t n = blocks * (ptrdiff_t)(64 / sizeof(T)); \
    T* CP_ALONE q0 = q; T* CP_ALONE q1 = q + pitch; T* CP_ALONE q2 = q + 2 * pitch; \
    T* CP_ALONE q3 = q + 3 * pitch; T* CP_ALONE q4 = q + 4 * pitch; \
    ptrdiff_t i; \
    for (i = 0; i < n; i += W) { \
        V a = LD(p0 + i), b = LD(p1 + i), c = LD(p2 + i), d = LD(p3 + i), e = LD(p4 + i); \
        { const V l_ = MN(a, d), h_ = MX(a, d); a = l_; d = h_; } \
        { const V l_ = MN(b, e), h_ = MX(b, e); b = l_; e = h_; } \
        { const V l_ = MN(a, c), h_ = MX(a, c); a = l_; c = h_; } \
        { const V l_ = MN(b, d), h_ = MX(b, d); b = l_; d = h_; } \
        { const V l_ = MN(a, b), h_ = MX(a, b); a = l_; b = h_; } \
        { const V l_ = MN(c, e), h_ = MX(c, e); c = l_; e = h_; } \
        { const V l_ = MN(b, c), h_ = MX(b, c); b = l_; c = h_; } \
        { const V l_ = MN(d, e), h_ = MX(d, e); d = l_; e = h_; } \
        { const V l_ = MN(c, d), h_ = MX(c, d); c = l_; d = h_; } \
        ST(q0 + i, a); ST(q1 + i, b); ST(q2 + i, c); ST(q3 + i, d); ST(q4 + i, e); \
    } \
} \
/* 61 comparisons, 98 operations: found by leaving out of larger networks what no order of sorted columns needs. */ \
static CP_NOINLINE void cp_middle5_##N(const T* CP_ALONE q, ptrdiff_t pitch, ptrdiff_t s, T* CP_ALONE out, \
                                       ptrdiff_t blocks) { \
    const ptrdiff_t n = blocks * (ptrdiff_t)(64 / sizeof(T)); \
    const T* CP_ALONE q0 = q; const T* CP_ALONE q1 = q + pitch; const T* CP_ALONE q2 = q + 2 * pitch; \
    const T* CP_ALONE q3 = q + 3 * pitch; const T* CP_ALONE q4 = q + 4 * pitch; \
    ptrdiff_t i; \
    for (i = 0; i < n; i += W) { \
        V v0 = LD(q0 + i), v1 = LD(q0 + i + 1 * s), v2 = LD(q0 + i + 2 * s); \
        V v3 = LD(q0 + i + 3 * s), v4 = LD(q0 + i + 4 * s); \
        V v5 = LD(q1 + i), v6 = LD(q1 + i + 1 * s), v7 = LD(q1 + i + 2 * s); \
        V v8 = LD(q1 + i + 3 * s), v9 = LD(q1 + i + 4 * s); \
        V v10 = LD(q2 + i), v11 = LD(q2 + i + 1 * s), v12 = LD(q2 + i + 2 * s); \
        V v13 = LD(q2 + i + 3 * s), v14 = LD(q2 + i + 4 * s); \
        V v15 = LD(q3 + i), v16 = LD(q3 + i + 1 * s), v17 = LD(q3 + i + 2 * s); \
        V v18 = LD(q3 + i + 3 * s), v19 = LD(q3 + i + 4 * s); \
        V v20 = LD(q4 + i), v21 = LD(q4 + i + 1 * s), v22 = LD(q4 + i + 2 * s); \
        V v23 = LD(q4 + i + 3 * s), v24 = LD(q4 + i + 4 * s); \
        { const V l_ = MN(v0, v3), h_ = MX(v0, v3); v0 = l_; v3 = h_; } v1 = MX(v0, v1); \
        { const V l_ = MN(v2, v4), h_ = MX(v2, v4); v2 = l_; v4 = h_; } v2 = MX(v1, v2); \
        { const V l_ = MN(v3, v4), h_ = MX(v3, v4); v3 = l_; v4 = h_; } \
        v3 = MX(v2, v3); { const V l_ = MN(v5, v8), h_ = MX(v5, v8); v5 = l_; v8 = h_; } \
        { const V l_ = MN(v6, v9), h_ = MX(v6, v9); v6 = l_; v9 = h_; } \
        { const V l_ = MN(v6, v8), h_ = MX(v6, v8); v6 = l_; v8 = h_; } v6 = MX(v5, v6); \
        { const V l_ = MN(v7, v9), h_ = MX(v7, v9); v7 = l_; v9 = h_; } v7 = MX(v6, v7); \
        { const V l_ = MN(v8, v9), h_ = MX(v8, v9); v8 = l_; v9 = h_; } \
        { const V l_ = MN(v7, v8), h_ = MX(v7, v8); v7 = l_; v8 = h_; } \
        { const V l_ = MN(v10, v13), h_ = MX(v10, v13); v10 = l_; v13 = h_; } \
        { const V l_ = MN(v11, v14), h_ = MX(v11, v14); v11 = l_; v14 = h_; } \
        { const V l_ = MN(v10, v12), h_ = MX(v10, v12); v10 = l_; v12 = h_; } \
        { const V l_ = MN(v11, v13), h_ = MX(v11, v13); v11 = l_; v13 = h_; } v11 = MX(v10, v11); \
        { const V l_ = MN(v12, v14), h_ = MX(v12, v14); v12 = l_; v14 = h_; } \
        { const V l_ = MN(v11, v12), h_ = MX(v11, v12); v11 = l_; v12 = h_; } v13 = MN(v13, v14); \
        { const V l_ = MN(v15, v18), h_ = MX(v15, v18); v15 = l_; v18 = h_; } \
        { const V l_ = MN(v16, v19), h_ = MX(v16, v19); v16 = l_; v19 = h_; } \
        { const V l_ = MN(v15, v17), h_ = MX(v15, v17); v15 = l_; v17 = h_; } \
        { const V l_ = MN(v16, v18), h_ = MX(v16, v18); v16 = l_; v18 = h_; } \
        { const V l_ = MN(v15, v16), h_ = MX(v15, v16); v15 = l_; v16 = h_; } \
        v17 = MN(v17, v19); { const V l_ = MN(v16, v17), h_ = MX(v16, v17); v16 = l_; v17 = h_; } \
        v17 = MN(v17, v18); { const V l_ = MN(v20, v23), h_ = MX(v20, v23); v20 = l_; v23 = h_; } \
        { const V l_ = MN(v21, v24), h_ = MX(v21, v24); v21 = l_; v24 = h_; } \
        { const V l_ = MN(v20, v22), h_ = MX(v20, v22); v20 = l_; v22 = h_; } v21 = MN(v21, v23); \
        { const V l_ = MN(v20, v21), h_ = MX(v20, v21); v20 = l_; v21 = h_; } \
        v22 = MN(v22, v24); v21 = MN(v21, v22); { const V l_ = MN(v12, v16), h_ = MX(v12, v16); v12 = l_; \
        v16 = h_; } v13 = MN(v13, v16); \
        { const V l_ = MN(v13, v12), h_ = MX(v13, v12); v13 = l_; v12 = h_; } \
        { const V l_ = MN(v3, v4), h_ = MX(v3, v4); v3 = l_; v4 = h_; } \
        { const V l_ = MN(v9, v20), h_ = MX(v9, v20); v9 = l_; v20 = h_; } v15 = MX(v11, v15); \
        { const V l_ = MN(v8, v15), h_ = MX(v8, v15); v8 = l_; v15 = h_; } \
        { const V l_ = MN(v17, v21), h_ = MX(v17, v21); v17 = l_; v21 = h_; } v8 = MX(v17, v8); \
        { const V l_ = MN(v3, v7), h_ = MX(v3, v7); v3 = l_; v7 = h_; } \
        { const V l_ = MN(v4, v12), h_ = MX(v4, v12); v4 = l_; v12 = h_; } \
        { const V l_ = MN(v4, v7), h_ = MX(v4, v7); v4 = l_; v7 = h_; } \
        { const V l_ = MN(v9, v13), h_ = MX(v9, v13); v9 = l_; v13 = h_; } \
        { const V l_ = MN(v20, v13), h_ = MX(v20, v13); v20 = l_; v13 = h_; } \
        { const V l_ = MN(v20, v7), h_ = MX(v20, v7); v20 = l_; v7 = h_; } v15 = MN(v15, v7); \
        v3 = MX(v15, v3); v4 = MX(v8, v4); v12 = MN(v12, v4); v12 = MN(v12, v3); \
        v13 = MN(v13, v9); v21 = MN(v21, v20); v13 = MX(v21, v13); v12 = MX(v13, v12); \
        ST(out + i, v12); \
    } \
}

/* `lanes` given: no more than these are written, the last block over the one before it */
#define CP_MIDDLE(N, T, V, W, LD, ST, MN, MX) \
CP_MEDIANS(N, T, V, W, LD, ST, MN, MX) \
static void cp_middle_##N(int k, void** row, T* q, ptrdiff_t pitch, ptrdiff_t s, ptrdiff_t columns, T* out, \
                          ptrdiff_t blocks, ptrdiff_t lanes) { \
    const ptrdiff_t last = lanes - (ptrdiff_t)(64 / sizeof(T)); \
    const ptrdiff_t whole = lanes ? lanes / (ptrdiff_t)(64 / sizeof(T)) : blocks; \
    if (k == 3) { \
        cp_columns3_##N(row[0], row[1], row[2], q, pitch, columns); \
        cp_middle3_##N(q, pitch, s, out, whole); \
        if (whole < blocks) cp_middle3_##N(q + last, pitch, s, out + last, 1); \
    } else { \
        cp_columns5_##N(row[0], row[1], row[2], row[3], row[4], q, pitch, columns); \
        cp_middle5_##N(q, pitch, s, out, whole); \
        if (whole < blocks) cp_middle5_##N(q + last, pitch, s, out + last, 1); \
    } \
}

/* Labels of 2x2 and 2x2x2 windows, side by side: the most frequent of each, the smallest of several, straight from the rows
 * of x. `flip` makes keys of labels. (4096x4096 uint64, 2x2: 20 ms as rows of keys, 4.6 so.) */
#define CP_LABELS(T) \
static CP_NOINLINE void cp_labels4_##T(const T* CP_ALONE p, const T* CP_ALONE q, T flip, T* CP_ALONE out, ptrdiff_t n) { \
    ptrdiff_t i; \
    for (i = 0; i < n; i++) { \
        T a = p[2 * i] ^ flip, b = p[2 * i + 1] ^ flip, c = q[2 * i] ^ flip, d = q[2 * i + 1] ^ flip; \
        CP_SORT2(T, a, b) CP_SORT2(T, c, d) CP_SORT2(T, a, c) CP_SORT2(T, b, d) CP_SORT2(T, b, c) \
        d = c == d ? c : a; d = b == c ? b : d; d = a == b ? a : d; \
        out[i] = d ^ flip; \
    } \
} \
static CP_NOINLINE void cp_labels8_##T(const T* CP_ALONE p, const T* CP_ALONE q, const T* CP_ALONE r, const T* CP_ALONE s, \
                                       T flip, T* CP_ALONE out, ptrdiff_t n) { \
    ptrdiff_t i; \
    for (i = 0; i < n; i++) { \
        T a = p[2 * i] ^ flip, b = p[2 * i + 1] ^ flip, c = q[2 * i] ^ flip, d = q[2 * i + 1] ^ flip; \
        T e = r[2 * i] ^ flip, f = r[2 * i + 1] ^ flip, g = s[2 * i] ^ flip, h = s[2 * i + 1] ^ flip; \
        T run = 1, best = 1, label; \
        CP_SORT2(T, a, b) CP_SORT2(T, c, d) CP_SORT2(T, e, f) CP_SORT2(T, g, h) \
        CP_SORT2(T, a, c) CP_SORT2(T, b, d) CP_SORT2(T, e, g) CP_SORT2(T, f, h) \
        CP_SORT2(T, b, c) CP_SORT2(T, f, g) CP_SORT2(T, a, e) CP_SORT2(T, d, h) \
        CP_SORT2(T, b, f) CP_SORT2(T, c, g) CP_SORT2(T, b, e) CP_SORT2(T, d, g) \
        CP_SORT2(T, c, e) CP_SORT2(T, d, f) CP_SORT2(T, d, e) \
        label = a; \
        CP_RUN(T, a, b) CP_RUN(T, b, c) CP_RUN(T, c, d) CP_RUN(T, d, e) CP_RUN(T, e, f) CP_RUN(T, f, g) CP_RUN(T, g, h) \
        out[i] = label ^ flip; \
    } \
} \
static inline void cp_labels_##T(int rows, void** row, ptrdiff_t at, T flip, T* out, ptrdiff_t n) { \
    const ptrdiff_t piece = 512 / sizeof(T); \
    ptrdiff_t i, m; \
    int r; \
    for (i = 0; i < n; i += piece) { \
        m = n - i < piece ? n - i : piece; \
        for (r = 0; r < rows; r++) { \
            const char* next = (const char*)((const T*)row[r] + at + 2 * i) + 2048; \
            ptrdiff_t k; \
            for (k = 0; k < 1024; k += 64) cp_prefetch(next + k); \
        } \
        if (rows == 2) cp_labels4_##T((const T*)row[0] + at + 2 * i, (const T*)row[1] + at + 2 * i, flip, out + i, m); \
        else cp_labels8_##T((const T*)row[0] + at + 2 * i, (const T*)row[1] + at + 2 * i, (const T*)row[2] + at + 2 * i, \
                            (const T*)row[3] + at + 2 * i, flip, out + i, m); \
    } \
}
#define CP_RUN(T, x, y) { T more_; run = x == y ? (T)(run + 1) : (T)1; more_ = run > best; label = more_ ? y : label; \
    best = more_ ? run : best; }

CP_LABELS(cp_k8)
CP_LABELS(cp_k16)
CP_LABELS(cp_k32)
CP_LABELS(cp_k64)

CP_NETWORK(cp_k8)
CP_NETWORK(cp_k16)
CP_NETWORK(cp_k32)
CP_NETWORK(cp_k64)

#define CP_MIDDLES(suffix) \
CP_MIDDLE(cp_k8##suffix, cp_k8, cp_k8, 1, CP_PLAIN, CP_PUT, CP_LOW, CP_HIGH) \
CP_MIDDLE(cp_k16##suffix, cp_k16, cp_k16, 1, CP_PLAIN, CP_PUT, CP_LOW, CP_HIGH) \
CP_MIDDLE(cp_k32##suffix, cp_k32, cp_k32, 1, CP_PLAIN, CP_PUT, CP_LOW, CP_HIGH) \
CP_MIDDLE(cp_k64##suffix, cp_k64, cp_k64, 1, CP_PLAIN, CP_PUT, CP_LOW, CP_HIGH)

/* Floats without NaN need no keys here. The instructions and the plain form agree: the second of two that are equal. */
#if defined(__GNUC__) && defined(__x86_64__) && !defined(CPOOL_PORTABLE)
#define CP_SIMD(N, t, suffix, vector, mm) \
    CP_MIDDLE(N, t, vector, (ptrdiff_t)(sizeof(vector) / sizeof(t)), mm##_loadu_##suffix, mm##_storeu_##suffix, \
              mm##_min_##suffix, CP_MAX_##N)
#if defined(__AVX2__)
#define CP_MAX_float(a, b) _mm256_max_ps(b, a)
#define CP_MAX_double(a, b) _mm256_max_pd(b, a)
CP_SIMD(float, float, ps, __m256, _mm256)
CP_SIMD(double, double, pd, __m256d, _mm256)
#else
#define CP_MAX_float(a, b) _mm_max_ps(b, a)
#define CP_MAX_double(a, b) _mm_max_pd(b, a)
CP_SIMD(float, float, ps, __m128, _mm)
CP_SIMD(double, double, pd, __m128d, _mm)
#endif
#else
CP_MIDDLE(float, float, float, 1, CP_PLAIN, CP_PUT, CP_LOW, CP_HIGH)
CP_MIDDLE(double, double, double, 1, CP_PLAIN, CP_PUT, CP_LOW, CP_HIGH)
#endif
CP_MIDDLES()

/* The same once more for AVX-512, in the module of v3, as one for v4 would be a fortieth of the wheel: whether the level in
 * use is v4. (1024x1024, 1 thread: uint8 3x3 .154 to .130 ms, 5x5 .49 to .37; float32 3x3 .51 to .40, 5x5 2.13 to 1.17.) */
static int cp_medians_wide = 0;
#if defined(__AVX2__) && defined(__GNUC__) && !defined(__clang__) && !defined(CPOOL_PORTABLE)
#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,prefer-vector-width=512")
#define CP_MAX_float_wide(a, b) _mm512_max_ps(b, a)
#define CP_MAX_double_wide(a, b) _mm512_max_pd(b, a)
CP_SIMD(float_wide, float, ps, __m512, _mm512)
CP_SIMD(double_wide, double, pd, __m512d, _mm512)
CP_MIDDLES(_wide)
#pragma GCC pop_options
#define CP_MEDIAN_OF(N, ...) (cp_medians_wide ? cp_middle_##N##_wide : cp_middle_##N)(__VA_ARGS__)
#else
#define CP_MEDIAN_OF(N, ...) cp_middle_##N(__VA_ARGS__)
#endif
#define cp_median_k8(...) CP_MEDIAN_OF(cp_k8, __VA_ARGS__)
#define cp_median_k16(...) CP_MEDIAN_OF(cp_k16, __VA_ARGS__)
#define cp_median_k32(...) CP_MEDIAN_OF(cp_k32, __VA_ARGS__)
#define cp_median_k64(...) CP_MEDIAN_OF(cp_k64, __VA_ARGS__)
#define cp_median_float(...) CP_MEDIAN_OF(float, __VA_ARGS__)
#define cp_median_double(...) CP_MEDIAN_OF(double, __VA_ARGS__)

static CP_NOINLINE int cp_nan_float(const float* x, ptrdiff_t n) {
    ptrdiff_t i;
    int bad = 0;
    for (i = 0; i < n; i++) bad |= x[i] != x[i];
    return bad;
}
static CP_NOINLINE int cp_nan_double(const double* x, ptrdiff_t n) {
    ptrdiff_t i;
    int bad = 0;
    for (i = 0; i < n; i++) bad |= x[i] != x[i];
    return bad;
}

CP_FAST_END
#endif
