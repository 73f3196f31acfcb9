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
#if defined(__AVX2__) && !defined(CPOOL_PORTABLE)
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
#if defined(__BMI2__) && defined(__AVX2__) && !defined(CPOOL_PORTABLE)
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

/* Medians, of vectors where the compiler is told which: AVX2, and in the module of v3 once more AVX-512, as one for v4 would
 * be a fortieth of the wheel; `cp_medians_wide`: whether the level in use is v4. (1024x1024, one thread: uint8 3x3 .102
 * to .080 ms, 5x5 .39 to .24; float32 3x3 .41 to .30, 5x5 1.42 to .82.) */
#define CP_BITS(v) ((v) ^ turn)
#define CP_BITS_SIGNED(v) ((v) ^ turn ^ ((v) >> (8 * sizeof(CP_T) - 1) & flip))
static int cp_medians_wide = 0;
#if defined(__AVX2__) && defined(__GNUC__) && !defined(__clang__) && !defined(CPOOL_PORTABLE)
typedef cp_k8 cp_v8 __attribute__((vector_size(32)));
typedef cp_k8 cp_w8 __attribute__((vector_size(64)));
typedef cp_k16 cp_v16 __attribute__((vector_size(32)));
typedef cp_k16 cp_w16 __attribute__((vector_size(64)));
typedef cp_k32 cp_v32 __attribute__((vector_size(32)));
typedef cp_k32 cp_w32 __attribute__((vector_size(64)));
typedef cp_k64 cp_v64 __attribute__((vector_size(32)));
typedef cp_k64 cp_w64 __attribute__((vector_size(64)));
#define CP_T cp_k8
#define CP_N cp_k8
#define CP_V cp_v8
#define CP_MIN(a, b) (cp_v8)_mm256_min_epu8((__m256i)(a), (__m256i)(b))
#define CP_MAX(a, b) (cp_v8)_mm256_max_epu8((__m256i)(a), (__m256i)(b))
#define CP_HOLD(v)
#define CP_VALUE CP_BITS
#include "medians.h"
#define CP_T cp_k16
#define CP_N cp_k16
#define CP_V cp_v16
#define CP_MIN(a, b) (cp_v16)_mm256_min_epi16((__m256i)(a), (__m256i)(b))
#define CP_MAX(a, b) (cp_v16)_mm256_max_epi16((__m256i)(a), (__m256i)(b))
#define CP_HOLD(v)
#define CP_VALUE CP_BITS_SIGNED
#include "medians.h"
#define CP_T cp_k32
#define CP_N cp_k32
#define CP_V cp_v32
#define CP_MIN(a, b) (cp_v32)_mm256_min_epi32((__m256i)(a), (__m256i)(b))
#define CP_MAX(a, b) (cp_v32)_mm256_max_epi32((__m256i)(a), (__m256i)(b))
#define CP_HOLD(v)
#define CP_VALUE CP_BITS_SIGNED
#include "medians.h"
#define CP_T cp_k64
#define CP_N cp_k64
#define CP_V cp_k64
#define CP_MIN CP_LOW
#define CP_MAX CP_HIGH
#define CP_HOLD(v)
#define CP_VALUE CP_BITS_SIGNED
#include "medians.h"
#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,prefer-vector-width=512")
#define CP_T cp_k8
#define CP_N cp_k8_wide
#define CP_V cp_w8
#define CP_MIN(a, b) (cp_w8)_mm512_min_epu8((__m512i)(a), (__m512i)(b))
#define CP_MAX(a, b) (cp_w8)_mm512_max_epu8((__m512i)(a), (__m512i)(b))
#define CP_HOLD(v) asm("" : "+v"(v));
#define CP_VALUE CP_BITS
#include "medians.h"
#define CP_T cp_k16
#define CP_N cp_k16_wide
#define CP_V cp_w16
#define CP_MIN(a, b) (cp_w16)_mm512_min_epi16((__m512i)(a), (__m512i)(b))
#define CP_MAX(a, b) (cp_w16)_mm512_max_epi16((__m512i)(a), (__m512i)(b))
#define CP_HOLD(v) asm("" : "+v"(v));
#define CP_VALUE CP_BITS_SIGNED
#include "medians.h"
#define CP_T cp_k32
#define CP_N cp_k32_wide
#define CP_V cp_w32
#define CP_MIN(a, b) (cp_w32)_mm512_min_epi32((__m512i)(a), (__m512i)(b))
#define CP_MAX(a, b) (cp_w32)_mm512_max_epi32((__m512i)(a), (__m512i)(b))
#define CP_HOLD(v) asm("" : "+v"(v));
#define CP_VALUE CP_BITS_SIGNED
#define CP_AFTER(a, b, k) (cp_w32)_mm512_alignr_epi32((__m512i)(b), (__m512i)(a), k)
#define CP_FLIP 0x7fffffff
#define CP_NO_NAN(l, h) !(_mm512_cmpgt_epi32_mask((__m512i)(h), _mm512_set1_epi32(0x7f800000)) \
    | _mm512_cmplt_epi32_mask((__m512i)(l), _mm512_set1_epi32(~0x7f800000)))
#include "medians.h"
#define CP_T cp_k64
#define CP_N cp_k64_wide
#define CP_V cp_w64
#define CP_MIN(a, b) (cp_w64)_mm512_min_epi64((__m512i)(a), (__m512i)(b))
#define CP_MAX(a, b) (cp_w64)_mm512_max_epi64((__m512i)(a), (__m512i)(b))
#define CP_HOLD(v) asm("" : "+v"(v));
#define CP_VALUE CP_BITS_SIGNED
#define CP_AFTER(a, b, k) (cp_w64)_mm512_alignr_epi64((__m512i)(b), (__m512i)(a), k)
#define CP_FLIP 0x7fffffffffffffffll
#define CP_NO_NAN(l, h) !(_mm512_cmpgt_epi64_mask((__m512i)(h), _mm512_set1_epi64(0x7ff0000000000000ll)) \
    | _mm512_cmplt_epi64_mask((__m512i)(l), _mm512_set1_epi64(~0x7ff0000000000000ll)))
#include "medians.h"
#pragma GCC pop_options
#define CP_MEDIAN_OF(name, ...) (cp_medians_wide ? name##_wide : name)(__VA_ARGS__)
#define cp_medians_of_k32 cp_medians_of_cp_k32_wide
#define cp_medians_of_k64 cp_medians_of_cp_k64_wide
#else
#define CP_T cp_k8
#define CP_N cp_k8
#define CP_V cp_k8
#define CP_MIN CP_LOW
#define CP_MAX CP_HIGH
#define CP_HOLD(v)
#define CP_VALUE CP_BITS
#include "medians.h"
#define CP_T cp_k16
#define CP_N cp_k16
#define CP_V cp_k16
#define CP_MIN CP_LOW
#define CP_MAX CP_HIGH
#define CP_HOLD(v)
#define CP_VALUE CP_BITS_SIGNED
#include "medians.h"
#define CP_T cp_k32
#define CP_N cp_k32
#define CP_V cp_k32
#define CP_MIN CP_LOW
#define CP_MAX CP_HIGH
#define CP_HOLD(v)
#define CP_VALUE CP_BITS_SIGNED
#include "medians.h"
#define CP_T cp_k64
#define CP_N cp_k64
#define CP_V cp_k64
#define CP_MIN CP_LOW
#define CP_MAX CP_HIGH
#define CP_HOLD(v)
#define CP_VALUE CP_BITS_SIGNED
#include "medians.h"
#define CP_MEDIAN_OF(name, ...) name(__VA_ARGS__)
#define cp_medians_of_k32(...) 0
#define cp_medians_of_k64(...) 0
#endif
#define cp_median_k8(...) CP_MEDIAN_OF(cp_median_cp_k8, __VA_ARGS__)
#define cp_median_k16(...) CP_MEDIAN_OF(cp_median_cp_k16, __VA_ARGS__)
#define cp_median_k32(...) CP_MEDIAN_OF(cp_median_cp_k32, __VA_ARGS__)
#define cp_median_k64(...) CP_MEDIAN_OF(cp_median_cp_k64, __VA_ARGS__)
#define cp_medians_k8(...) CP_MEDIAN_OF(cp_medians_cp_k8, __VA_ARGS__)
#define cp_medians_k16(...) CP_MEDIAN_OF(cp_medians_cp_k16, __VA_ARGS__)
#define cp_medians_k32(...) CP_MEDIAN_OF(cp_medians_cp_k32, __VA_ARGS__)
#define cp_medians_k64(...) CP_MEDIAN_OF(cp_medians_cp_k64, __VA_ARGS__)

/* Rows of `columns` pixels of `inner` elements of T become columns, or back: the steps of both sides from a row, and from a
 * pixel of it, to the next. */
#define CP_TRANSPOSE(T) \
static CP_NOINLINE void cp_transpose_##T(const T* CP_ALONE x, ptrdiff_t x_row, ptrdiff_t x_column, T* CP_ALONE y, \
                                         ptrdiff_t y_row, ptrdiff_t y_column, ptrdiff_t rows, ptrdiff_t columns, \
                                         ptrdiff_t inner) { \
    ptrdiff_t i, j, k; \
    if (inner == 1) { \
        for (i = 0; i < rows; i++) for (j = 0; j < columns; j++) y[i * y_row + j * y_column] = x[i * x_row + j * x_column]; \
    } else for (i = 0; i < rows; i++) \
        for (j = 0; j < columns; j++) { \
            const T* from = x + i * x_row + j * x_column; T* to = y + i * y_row + j * y_column; \
            for (k = 0; k < inner; k++) to[k] = from[k]; \
        } \
}
CP_TRANSPOSE(cp_k8)
CP_TRANSPOSE(cp_k16)
CP_TRANSPOSE(cp_k32)
CP_TRANSPOSE(cp_k64)

/* The middle of a and b as (a + b) / 2, ties to the even key: mixed() with a half, without products. */
#define CP_HALFWAY(T, U) \
static CP_NOINLINE void cp_halfway_##T(const T* a, const T* b, T* y, ptrdiff_t n) { \
    ptrdiff_t i; \
    for (i = 0; i < n; i++) { const U d = (U)((U)b[i] - (U)a[i]), v = (U)((U)a[i] + (d >> 1)); y[i] = (T)(v + (d & v & 1)); } \
}
CP_HALFWAY(cp_k8, unsigned char)
CP_HALFWAY(cp_k16, unsigned short)
CP_HALFWAY(cp_k32, unsigned int)
CP_HALFWAY(cp_k64, unsigned long long)

CP_FAST_END
#endif
