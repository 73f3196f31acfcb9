/* Sums of planes of few rows, formed in float: global pooling of feature maps such as 7x7.
 *
 * Element i of a plane goes to lane i mod 16, those that do not fill 16 lanes go to the last ones, and lanes are halved (l
 * with l + 8, then l + 4, ...) until one is left: at most 4 + 4 additions deep for 64 elements.
 *   one channel   the vectors of a plane are added up; from 4 lanes on, four planes are halved together: 4 loads and 10 other
 *                 vector instructions for a plane of 7x7. Prefetching reaches 16 KB ahead (4 KB: 1.3 times slower).
 *   channels      lanes l, l + 4, l + 8 and l + 12 of up to 2048 channels in one pass over their rows, which are at most 16
 *                 streams (all lanes at once: twice as slow), l = 0, 2, 1, 3, and three rows of sums that are not complete.
 *                 Vectors begin at multiples of their size in memory. What a pass does to a vector has to be written out
 *                 (as a loop 1.4 times as long); 1024 channels at a time: 4 % slower. Prefetches gain nothing.
 * 32 x 2048 channels of 7x7, both layouts: 0.17 ms, where reading alone takes 0.13; with sums in double it was 0.27 and 0.4.
 */
#ifndef CPOOL_PLANES_H
#define CPOOL_PLANES_H

#include "portable.h"

#define CP_SAME(v) (v)
#define CP_TO_FLOAT(v) (v)

/* y[j] = (sum of x[r * step + j] over n rows r) / d, up to 16 columns as one long row: few channels, the first planes where
 * a vector would begin before the array, and everything where there are no vector types */
#define CP_COLUMNS(name, type, widen, narrow) \
static void name(const type *x, ptrdiff_t n, ptrdiff_t step, ptrdiff_t width, type *y, float d) { \
    ptrdiff_t i, j, k, l, w; \
    for (; width > 0; width -= w, x += w, y += w) { \
        float t[256]; \
        w = width < 16 ? width : 16; \
        for (j = 0; j < 16 * w; j++) t[j] = 0; \
        for (i = 0; i < n; i += 16) { \
            l = n - i < 16 ? n - i : 16; \
            if (w == step) for (j = 0; j < l * w; j++) t[(16 - l) * w + j] += widen(x[i * w + j]); \
            else for (k = 0; k < l; k++) for (j = 0; j < w; j++) t[(16 - l + k) * w + j] += widen(x[(i + k) * step + j]); \
        } \
        for (l = 8 * w; l >= w; l /= 2) for (i = 0; i < l; i++) t[i] += t[i + l]; \
        for (j = 0; j < w; j++) y[j] = narrow(t[j] / d); \
    } \
}
CP_COLUMNS(cp_columns_float, float, CP_SAME, CP_TO_FLOAT)
CP_COLUMNS(cp_columns_f16, f16_t, f16_to_float, float_to_f16)
CP_COLUMNS(cp_columns_bf16, bf16_t, bf16_to_float, float_to_bf16)

#if defined(__GNUC__) && !defined(CPOOL_PORTABLE) && (defined(__clang__) || __GNUC__ >= 12)

#if defined(__F16C__)
#include <immintrin.h>
#endif
#define CP_NATIVE (CP_REGISTER / 4)   /* floats of one register */
#define CP_BLOCK 2048
#define CP_ROOM (CP_BLOCK + 2 * CP_NATIVE)
#define CP_UNROLL4 _Pragma("GCC unroll 4")     /* at -O2 gcc keeps loops */
#define CP_MOST 256                 /* rows of a plane */

typedef float cp_vf __attribute__((vector_size(CP_REGISTER)));
typedef int cp_vi __attribute__((vector_size(CP_REGISTER)));
typedef unsigned cp_vu __attribute__((vector_size(CP_REGISTER)));
typedef unsigned short cp_vh __attribute__((vector_size(CP_REGISTER / 2)));
typedef float cp_v4 __attribute__((vector_size(16)));

static inline cp_vf cp_get_float(const float *p) { cp_vf v; memcpy(&v, p, sizeof v); return v; }
static inline cp_vf cp_get_bf16(const bf16_t *p) {
    cp_vh h;
    memcpy(&h, p, sizeof h);
    return (cp_vf)(__builtin_convertvector(h, cp_vu) << 16);
}
static inline cp_vf cp_get_f16(const f16_t *p) {
#if defined(__AVX512F__)
    return (cp_vf)_mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)p));
#elif defined(__F16C__)
    return (cp_vf)_mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)p));
#else
    /* f16_to_float in vectors */
    cp_vh h;
    cp_vu m, sign, one = {0}, small, large;
    memcpy(&h, p, sizeof h);
    m = __builtin_convertvector(h, cp_vu);
    one += 0x38800000u;
    sign = (m & 0x8000u) << 16;
    m = (m & 0x7fffu) << 13;
    small = (cp_vu)(m < 0x800000u);
    large = (cp_vu)(m >= 0xf800000u);
    m = (small & (cp_vu)((cp_vf)(m + one) - (cp_vf)one)) | (~small & (m + 0x38000000u + (large & 0x38000000u)));
    return (cp_vf)(m | sign);
#endif
}

/* four lanes of each of four planes to the sums of the planes */
static inline cp_v4 cp_four(cp_v4 a, cp_v4 b, cp_v4 c, cp_v4 d) {
    cp_v4 e = CP_MIX(a, b, 0, 1, 4, 5) + CP_MIX(a, b, 2, 3, 6, 7), f = CP_MIX(c, d, 0, 1, 4, 5) + CP_MIX(c, d, 2, 3, 6, 7);
    return CP_MIX(e, f, 0, 2, 4, 6) + CP_MIX(e, f, 1, 3, 5, 7);
}

#define CP_PLANES(suffix, type, narrow) \
static type cp_zeros_##suffix[CP_BLOCK]; \
/* the sum of a plane but for the last two halvings; reads 16 elements up to its end at least */ \
static inline cp_v4 cp_lanes_##suffix(const type *x, ptrdiff_t n, const cp_vi *mask) { \
    cp_vf a[16 / CP_NATIVE]; \
    cp_v4 q[4]; \
    ptrdiff_t i = 0; \
    int k; \
    for (k = 0; k < 16 / CP_NATIVE; k++) a[k] = (cp_vf){0}; \
    for (; i + 16 <= n; i += 16) \
        for (k = 0; k < 16 / CP_NATIVE; k++) a[k] += cp_get_##suffix(x + i + CP_NATIVE * k); \
    if (i < n) \
        for (k = 0; k < 16 / CP_NATIVE; k++) \
            a[k] += (cp_vf)((cp_vi)cp_get_##suffix(x + n - 16 + CP_NATIVE * k) & mask[k]); \
    memcpy(q, a, sizeof q); \
    return (q[0] + q[2]) + (q[1] + q[3]); \
} \
/* y[p] = (sum of n elements from x + p * n on) / d */ \
static void cp_planes_##suffix(const type *x, ptrdiff_t n, ptrdiff_t planes, type *y, float d) { \
    float t[256 + 4]; \
    cp_v4 s; \
    cp_vi mask[16 / CP_NATIVE]; \
    ptrdiff_t p, i, m, k; \
    for (i = 0; i < 16; i++) mask[i / CP_NATIVE][i % CP_NATIVE] = -(i >= 16 - n % 16); \
    for (p = 0; p < planes && (p + 1) * n < 16; p++) cp_columns_##suffix(x + p * n, n, 1, 1, y + p, d); \
    for (; p < planes; p += 256) { \
        const type *q = x + p * n; \
        m = planes - p < 256 ? planes - p : 256; \
        for (i = 0; i < m; i += 4, q += 4 * n) { \
            for (k = 0; k < 4 * n * (ptrdiff_t)sizeof(type); k += 64) cp_prefetch((const char *)q + k + 16384); \
            s = cp_four(cp_lanes_##suffix(q, n, mask), cp_lanes_##suffix(q + (i + 1 < m ? n : 0), n, mask), \
                        cp_lanes_##suffix(q + (i + 2 < m ? 2 * n : 0), n, mask), \
                        cp_lanes_##suffix(q + (i + 3 < m ? 3 * n : 0), n, mask)); \
            memcpy(t + i, &s, sizeof s); \
        } \
        for (i = 0; i < m; i++) t[i] = (t[i] + 0.0f) / d; \
        for (i = 0; i < m; i++) y[p + i] = narrow(t[i]); \
    } \
} \
/* the sums of four lanes, m rows each, for n columns from k on */ \
static inline __attribute__((always_inline)) void cp_quads_##suffix(const type *const *p, int m, float *t, ptrdiff_t k, \
                                                                    ptrdiff_t n) { \
    ptrdiff_t j; \
    int i, l; \
    for (j = 0; j < n; j += CP_NATIVE) { \
        cp_vf s[4]; \
        CP_UNROLL4 \
        for (l = 0; l < 4; l++) { \
            s[l] = cp_get_##suffix(p[l * m] + k + j); \
            CP_UNROLL4 \
            for (i = 1; i < m; i++) s[l] += cp_get_##suffix(p[l * m + i] + k + j); \
        } \
        s[0] = (s[0] + s[2]) + (s[1] + s[3]); \
        memcpy(t + j, s, sizeof s[0]); \
    } \
} \
/* b columns: vector 0 begins at column 0, the others at multiples of CP_NATIVE less `off`, the last at the end of b; \
 * returns how many sums that makes */ \
static ptrdiff_t cp_pass_##suffix(const type *const *p, int m, float *t, ptrdiff_t off, ptrdiff_t b) { \
    ptrdiff_t k = CP_NATIVE - off, n = (b - k) / CP_NATIVE * CP_NATIVE; \
    cp_quads_##suffix(p, m, t, 0, CP_NATIVE); \
    t += CP_NATIVE; \
    if (m == 1) cp_quads_##suffix(p, 1, t, k, n); \
    else if (m == 2) cp_quads_##suffix(p, 2, t, k, n); \
    else if (m == 3) cp_quads_##suffix(p, 3, t, k, n); \
    else if (m == 4) cp_quads_##suffix(p, 4, t, k, n); \
    else cp_quads_##suffix(p, m, t, k, n); \
    if (k + n == b) return CP_NATIVE + n; \
    cp_quads_##suffix(p, m, t + n, b - CP_NATIVE, CP_NATIVE); \
    return 2 * CP_NATIVE + n; \
} \
/* y[j] = (sum of x[r * step + j] over n rows r) / d */ \
static void cp_block_##suffix(const type *x, ptrdiff_t n, ptrdiff_t step, ptrdiff_t width, type *y, float d) { \
    float stack[3 * CP_ROOM], r[CP_NATIVE]; \
    cp_vf v; \
    const type *p[CP_MOST / 4 + 4]; \
    ptrdiff_t i, j, k, b, off, whole = n / 16 * 16; \
    int l, lane, m; \
    for (; width > 0; width -= b, x += b, y += b) { \
        float *t = stack; \
        b = width < CP_BLOCK ? width : CP_BLOCK; \
        if (b < CP_NATIVE) { cp_columns_##suffix(x, n, step, b, y, d); return; } \
        off = (ptrdiff_t)((size_t)x % (CP_NATIVE * sizeof(type)) / sizeof(type)); \
        for (l = 0; l < 4; l++) { \
            /* lanes without the last row have zeros instead */ \
            const int first = (l & 1) * 2 + l / 2, rows = (int)(whole / 16 + (first + 12 >= 16 - (n - whole))); \
            for (m = 0, lane = first; lane < 16; lane += 4) { \
                for (i = lane; i < whole; i += 16) p[m++] = x + i * step; \
                if (rows * 16 > whole) p[m++] = lane < 16 - (n - whole) ? cp_zeros_##suffix : x + (n - 16 + lane) * step; \
            } \
            if (rows == 0) for (m = 0; m < 4; m++) p[m] = cp_zeros_##suffix; \
            k = cp_pass_##suffix(p, rows ? rows : 1, t, off, b); \
            for (m = l; m & 1; m >>= 1, t -= CP_ROOM) for (i = 0; i < k; i++) t[i - CP_ROOM] += t[i]; \
            t += CP_ROOM; \
        } \
        for (j = 0; j - off < b; j += CP_NATIVE) { \
            k = j == 0 ? 0 : j - off + CP_NATIVE <= b ? j - off : b - CP_NATIVE; \
            v = (cp_get_float(stack + j) + 0.0f) / d; \
            memcpy(r, &v, sizeof r); \
            for (i = 0; i < CP_NATIVE; i++) y[k + i] = narrow(r[i]); \
        } \
    } \
}

#else

#define CP_PLANES(suffix, type, narrow) \
static void cp_planes_##suffix(const type *x, ptrdiff_t n, ptrdiff_t planes, type *y, float d) { \
    ptrdiff_t p; \
    for (p = 0; p < planes; p++) cp_columns_##suffix(x + p * n, n, 1, 1, y + p, d); \
} \
static void cp_block_##suffix(const type *x, ptrdiff_t n, ptrdiff_t step, ptrdiff_t width, type *y, float d) { \
    cp_columns_##suffix(x, n, step, width, y, d); \
}

#endif

CP_PLANES(float, float, CP_TO_FLOAT)
CP_PLANES(f16, f16_t, float_to_f16)
CP_PLANES(bf16, bf16_t, float_to_bf16)

#endif
