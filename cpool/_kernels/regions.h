/* What the kernels of regions do at every bin: sums and extremes over pixels, all channels of a block side by side.
 *
 * a) x holds the channels of a pixel next to one another; `row` and `column` are the distances between pixels, in elements.
 *    A bin is a list of rows and one of columns, each with its weight.
 * b) Sums: sum over rows of wy * (sum over columns of wx * x), in this order whatever the width of a vector, so that every
 *    CPU level gives the same bits.
 * c) Extremes: the first in row-major order wins, a NaN wins over everything but an earlier NaN.
 */
#ifndef CPOOL_REGIONS_H
#define CPOOL_REGIONS_H

#include "portable.h"

#if defined(__GNUC__) && !defined(CPOOL_PORTABLE)
#define CP_REGION_VECTORS 1
typedef float cp_r_f __attribute__((vector_size(CP_REGISTER), aligned(4), may_alias));
typedef float cp_r_half __attribute__((vector_size(CP_REGISTER / 2), aligned(4), may_alias));
typedef double cp_r_d __attribute__((vector_size(CP_REGISTER), aligned(8), may_alias));
typedef int32_t cp_r_i __attribute__((vector_size(CP_REGISTER), aligned(4), may_alias));
typedef int64_t cp_r_l __attribute__((vector_size(CP_REGISTER), aligned(8), may_alias));
typedef uint64_t cp_r_u __attribute__((vector_size(CP_REGISTER), aligned(8), may_alias));
#endif

#define CP_REGION_LANES 64 /* channels at a time, at most */
#define CP_REGION_SAME(v, type) (v)
#define CP_REGION_CONVERT(v, type) __builtin_convertvector(v, type)

#ifdef CP_REGION_VECTORS
#define CP_SUM_VECTORS(S, A, VS, VA, CONVERT)                                                             \
    for (; v + (ptrdiff_t)(sizeof(VA) / sizeof(A)) <= n; v += (ptrdiff_t)(sizeof(VA) / sizeof(A))) {     \
        VA total = {0};                                                                                    \
        for (r = 0; r < ny; r++) {                                                                         \
            const S *p = x + ys[r] * row + v;                                                              \
            VA line = wx[0] * CONVERT(*(const VS *)(p + xs[0] * column), VA);                              \
            for (s = 1; s < nx; s++) line += wx[s] * CONVERT(*(const VS *)(p + xs[s] * column), VA);       \
            total += wy[r] * line;                                                                         \
        }                                                                                                  \
        if (add) total += *(VA *)(out + v);                                                                \
        *(VA *)(out + v) = total;                                                                          \
    }
#else
#define CP_SUM_VECTORS(S, A, VS, VA, CONVERT)
#endif

#define CP_SUM(NAME, S, A, VS, VA, CONVERT)                                                               \
    static void NAME(A *out, const S *x, ptrdiff_t row, ptrdiff_t column, const ptrdiff_t *ys, const A *wy, \
                     ptrdiff_t ny, const ptrdiff_t *xs, const A *wx, ptrdiff_t nx, ptrdiff_t n, int add) {  \
        ptrdiff_t v = 0, r, s;                                                                             \
        if (ny == 0 || nx == 0) {                                                                          \
            if (!add)                                                                                      \
                for (; v < n; v++) out[v] = 0;                                                             \
            return;                                                                                        \
        }                                                                                                  \
        CP_SUM_VECTORS(S, A, VS, VA, CONVERT)                                                              \
        for (; v < n; v++) {                                                                               \
            A total = 0;                                                                                   \
            for (r = 0; r < ny; r++) {                                                                     \
                const S *p = x + ys[r] * row + v;                                                          \
                A line = wx[0] * (A)p[xs[0] * column];                                                     \
                for (s = 1; s < nx; s++) line += wx[s] * (A)p[xs[s] * column];                             \
                total += wy[r] * line;                                                                     \
            }                                                                                              \
            if (add) total += out[v];                                                                      \
            out[v] = total;                                                                                \
        }                                                                                                  \
    }

CP_SUM(cp_sum_ff, float, float, cp_r_f, cp_r_f, CP_REGION_SAME)
CP_SUM(cp_sum_fd, float, double, cp_r_half, cp_r_d, CP_REGION_CONVERT)
CP_SUM(cp_sum_dd, double, double, cp_r_d, cp_r_d, CP_REGION_SAME)

/* The maximum of the pixels of rows r0 .. r1 - 1 and columns c0 .. c1 - 1, and its position in the plane of width w. */
#ifdef CP_REGION_VECTORS
#define CP_BEST_VECTORS(T, I, VT, VI)                                                                     \
    for (; v + (ptrdiff_t)(sizeof(VT) / sizeof(T)) <= n; v += (ptrdiff_t)(sizeof(VT) / sizeof(T))) {     \
        VT m = *(const VT *)(x + r0 * row + c0 * column + v);                                              \
        VI best = {0};                                                                                     \
        I t = 0;                                                                                           \
        for (r = r0; r < r1; r++) {                                                                        \
            const T *p = x + r * row + v;                                                                  \
            for (s = c0; s < c1; s++, t++) {                                                               \
                VT u = *(const VT *)(p + s * column);                                                      \
                VI more = (VI)(u > m) | ((VI)(u != u) & (VI)(m == m));                                     \
                m = (VT)(((VI)u & more) | ((VI)m & ~more));                                                \
                if (at) best = (t & more) | (best & ~more);                                                \
            }                                                                                              \
        }                                                                                                  \
        *(VT *)(out + v) = m;                                                                              \
        if (at) *(VI *)(at + v) = best;                                                                    \
    }
#else
#define CP_BEST_VECTORS(T, I, VT, VI)
#endif

#define CP_BEST(NAME, T, I, VT, VI)                                                                       \
    static inline void NAME##_rows(T *out, I *at, const T *x, ptrdiff_t row, ptrdiff_t column, ptrdiff_t r0, \
                                   ptrdiff_t r1, ptrdiff_t c0, ptrdiff_t c1, ptrdiff_t n) {               \
        ptrdiff_t v = 0, r, s;                                                                             \
        CP_BEST_VECTORS(T, I, VT, VI)                                                                      \
        for (; v < n; v++) {                                                                               \
            T m = x[r0 * row + c0 * column + v];                                                           \
            I best = 0, t = 0;                                                                             \
            for (r = r0; r < r1; r++)                                                                      \
                for (s = c0; s < c1; s++, t++) {                                                           \
                    T u = x[r * row + s * column + v];                                                     \
                    if (u > m || (u != u && m == m)) {                                                     \
                        m = u;                                                                             \
                        best = t;                                                                          \
                    }                                                                                      \
                }                                                                                          \
            out[v] = m;                                                                                    \
            if (at) at[v] = best;                                                                          \
        }                                                                                                  \
    }                                                                                                      \
    static void NAME(void *to, long long *at, ptrdiff_t step, const void *from, ptrdiff_t row,             \
                     ptrdiff_t column, ptrdiff_t r0, ptrdiff_t r1, ptrdiff_t c0, ptrdiff_t c1,             \
                     ptrdiff_t n, ptrdiff_t w) {                                                           \
        T best[CP_REGION_LANES], *out = (T *)to;                                                           \
        I where[CP_REGION_LANES];                                                                          \
        ptrdiff_t l, r, stop, rows = 0x7fffffff / (c1 - c0) + !(0x7fffffff / (c1 - c0));                   \
        for (r = r0; r < r1; r = stop) { /* so many rows that a position fits 32 bits */                   \
            stop = r1 - r < rows ? r1 : r + rows;                                                          \
            if (at) NAME##_rows(best, where, (const T *)from, row, column, r, stop, c0, c1, n);            \
            else NAME##_rows(best, NULL, (const T *)from, row, column, r, stop, c0, c1, n);                \
            for (l = 0; l < n; l++)                                                                        \
                if (r == r0 || best[l] > out[l * step]                                                     \
                    || (best[l] != best[l] && out[l * step] == out[l * step])) {                           \
                    out[l * step] = best[l];                                                               \
                    if (at) at[l * step] = (r + where[l] / (c1 - c0)) * w + c0 + where[l] % (c1 - c0);     \
                }                                                                                          \
        }                                                                                                  \
    }

CP_BEST(cp_best_f32, float, int32_t, cp_r_f, cp_r_i)
CP_BEST(cp_best_f64, double, int64_t, cp_r_d, cp_r_l)
CP_BEST(cp_best_i32, int32_t, int32_t, cp_r_i, cp_r_i)
CP_BEST(cp_best_i64, int64_t, int64_t, cp_r_l, cp_r_l)
CP_BEST(cp_best_u64, uint64_t, int64_t, cp_r_u, cp_r_l)

/* Numbers of any type as doubles: n of them, `step` apart. */
#define CP_FETCH(NAME, T, LOAD)                                                                           \
    static void NAME(double *v, const void *from, ptrdiff_t step, ptrdiff_t n) {                           \
        const T *p = (const T *)from;                                                                      \
        ptrdiff_t l;                                                                                       \
        for (l = 0; l < n; l++) v[l] = LOAD(p[l * step]);                                                  \
    }

CP_FETCH(cp_fetch_f32, float, )
CP_FETCH(cp_fetch_f64, double, )
CP_FETCH(cp_fetch_f16, f16_t, f16_to_float)
CP_FETCH(cp_fetch_bf16, bf16_t, bf16_to_float)

/* Rounding of doubles to 16 bits is long: one copy of it. */
#if defined(__GNUC__)
__attribute__((noinline))
#endif
static bf16_t cp_region_bf16(double v) { return double_to_bf16(v); }

/* A tile, (bin, lane) with `width` lanes to a bin, rounded into an array in which channels and bins are so far apart. */
#define CP_STORE(NAME, A, T, ROUND)                                                                       \
    static void NAME(const void *tile, ptrdiff_t width, void *to, ptrdiff_t channel, ptrdiff_t bin,        \
                     ptrdiff_t bins, ptrdiff_t n) {                                                        \
        const A *from = (const A *)tile;                                                                   \
        T *out = (T *)to;                                                                                  \
        ptrdiff_t b, l;                                                                                    \
        if (channel == 1)                                                                                  \
            for (b = 0; b < bins; b++)                                                                     \
                for (l = 0; l < n; l++) out[b * bin + l] = ROUND(from[b * width + l]);                     \
        else                                                                                               \
            for (l = 0; l < n; l++)                                                                        \
                for (b = 0; b < bins; b++) out[l * channel + b * bin] = ROUND(from[b * width + l]);        \
    }

CP_STORE(cp_store_ff_, float, float, )
CP_STORE(cp_store_f_f16, float, f16_t, float_to_f16)
CP_STORE(cp_store_f_bf16, float, bf16_t, float_to_bf16)
CP_STORE(cp_store_df, double, float, (float))
CP_STORE(cp_store_dd, double, double, )
CP_STORE(cp_store_d_f16, double, f16_t, double_to_f16)
CP_STORE(cp_store_d_bf16, double, bf16_t, cp_region_bf16)

static void cp_store_ff(const void *tile, ptrdiff_t width, void *to, ptrdiff_t channel, ptrdiff_t bin, ptrdiff_t bins,
                        ptrdiff_t n) {
    ptrdiff_t b, l;
    if (bin != 1 || n % 8 != 0 || bins < 8) {
        cp_store_ff_(tile, width, to, channel, bin, bins, n);
        return;
    }
    for (l = 0; l < n; l += 8)
        for (b = 0; b < bins; b += 8) {
            if (b > bins - 8) b = bins - 8;
            cp_transpose8_32((const uint32_t *)tile + b * width + l, width, (uint32_t *)to + l * channel + b, channel);
        }
}

/* Channels of a row of pixels as lanes: columns c0 .. c1 - 1 of n channels, `width` lanes to a pixel. */
#define CP_LANES(NAME, S, L, LOAD)                                                                        \
    static void NAME(const void *from, void *to, ptrdiff_t channel, ptrdiff_t column, ptrdiff_t n,         \
                     ptrdiff_t width, ptrdiff_t c0, ptrdiff_t c1) {                                                         \
        const S *x = (const S *)from;                                                                      \
        L *lanes = (L *)to;                                                                                \
        ptrdiff_t l, s;                                                                                    \
        for (s = c0; s < c1; s++)                                                                          \
            for (l = 0; l < n; l++) lanes[s * width + l] = LOAD(x[s * column + l * channel]);                 \
    }

#define CP_LANES_32(NAME, T)                                                                              \
    CP_LANES(NAME##_, T, T, )                                                                              \
    static void NAME(const void *from, void *to, ptrdiff_t channel, ptrdiff_t column, ptrdiff_t n,         \
                     ptrdiff_t width, ptrdiff_t c0, ptrdiff_t c1) {                                                         \
        ptrdiff_t l, s;                                                                                    \
        if (column != 1 || n != 16 || c1 - c0 < 8) {                                                       \
            NAME##_(from, to, channel, column, n, width, c0, c1);                                                 \
            return;                                                                                        \
        }                                                                                                  \
        for (l = 0; l < 16; l += 8)                                                                        \
            for (s = c0; s < c1; s += 8) {                                                                 \
                if (s > c1 - 8) s = c1 - 8;                                                                \
                cp_transpose8_32((const uint32_t *)from + l * channel + s, channel,                        \
                                 (uint32_t *)to + s * width + l, width);                                         \
            }                                                                                              \
    }

CP_LANES_32(cp_lanes_f32, float)
CP_LANES_32(cp_lanes_i32, int32_t)
CP_LANES(cp_lanes_f64, double, double, )
CP_LANES(cp_lanes_f16, f16_t, float, f16_to_float)
CP_LANES(cp_lanes_bf16, bf16_t, float, bf16_to_float)
CP_LANES(cp_lanes_u8, uint8_t, int32_t, )
CP_LANES(cp_lanes_i8, int8_t, int32_t, )
CP_LANES(cp_lanes_u16, uint16_t, int32_t, )
CP_LANES(cp_lanes_i16, int16_t, int32_t, )
CP_LANES(cp_lanes_u32, uint32_t, int64_t, )
CP_LANES(cp_lanes_i64, int64_t, int64_t, )
CP_LANES(cp_lanes_u64, uint64_t, uint64_t, )

#endif
