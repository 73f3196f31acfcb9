/* Sums of k rows of doubles by doubling, the tree of `wide` in reduce.pyx, in one pass up some columns at a time. As a row
 * comes, the sums of 2, 4, 8 ... rows that begin with it are made from those in rings, and from these the window that begins
 * with it, lowest power of two first. Upwards no sum is needed for longer than it is tall, so the rings hold 2 k rows in all:
 * 32 columns of them stay near the core, for as long as k is below 256. (Downwards every ring is as deep as the window.)
 * Means of 2048 x 2048 float64, 31x31 and 255x255: 8.3 and 59 ms downwards and row by row, 6.9 and 11.4 ms so. */
#ifndef CPOOL_TALL_H
#define CPOOL_TALL_H

#include "portable.h"

enum {
    CP_TALL_MOST = 4096,        /* rows of a window */
    CP_TALL_RING = 64           /* doubles of rings to a row of the window */
};

#if defined(__GNUC__) && !defined(CPOOL_PORTABLE)
typedef double cp_eight __attribute__((vector_size(64), aligned(8), may_alias));
#define CP_EIGHT_ADD(a, b) (a) += (b)
#define CP_EIGHT_PUT(to, a) *(cp_eight *)(to) = (a)
#define CP_TALL_INLINE static inline __attribute__((always_inline))
#define CP_TALL_EACH _Pragma("GCC unroll 4") for (j = 0; j < m; j++)
#else
typedef struct { double at[8]; } cp_eight;
#define CP_EIGHT_PUT(to, a) memcpy((to), &(a), 64)
#define CP_EIGHT_ADD(a, b) do { int e_; for (e_ = 0; e_ < 8; e_++) (a).at[e_] += (b).at[e_]; } while (0)
#define CP_TALL_INLINE static inline
#define CP_TALL_EACH for (j = 0; j < m; j++)
#endif

/* 8 m columns, or `few` of them */
CP_TALL_INLINE void cp_tall_(double *dst, ptrdiff_t step, const double *x, ptrdiff_t row, ptrdiff_t first, ptrdiff_t last,
                             ptrdiff_t rows, ptrdiff_t stride, ptrdiff_t k, double *rings, const int m, int few) {
    const ptrdiff_t width = 8 * m;
    ptrdiff_t next = (rows - 1) * stride, i, depth;
    double edge[8] = {0};
    const cp_eight zero = {0};
    int j;
    dst += rows * step;
    for (i = next + k - 1; i >= 0; i--) {
        const double *at = x + i * row;
        double *ring = rings;
        cp_eight v[4], t[4], s;
        const int wanted = i == next;
        if (i < first || i >= last) CP_TALL_EACH v[j] = zero;
        else {
            CP_TALL_EACH {
                if (i >= first + 8) cp_prefetch(at - 8 * row + 8 * j);
                cp_prefetch_near(at + width + 8 * j);
                if (few) memcpy(edge, at, few * 8);
                memcpy(&s, few ? edge : at + 8 * j, 64);
                v[j] = s;
            }
        }
        if (wanted) {
            next -= stride;
            dst -= step;
        }
        for (depth = 1; ; depth *= 2) {
            double *place = ring + (i & (depth - 1)) * width;
            if (wanted && k & depth) {
                const ptrdiff_t before = k & (depth - 1);
                const double *part = ring + ((i + before) & (depth - 1)) * width;
                if (!before) CP_TALL_EACH t[j] = v[j];
                else CP_TALL_EACH { memcpy(&s, part + 8 * j, 64); CP_EIGHT_ADD(t[j], s); }
            }
            if (2 * depth > k) {
                CP_TALL_EACH CP_EIGHT_PUT(place + 8 * j, v[j]);
                break;
            }
            CP_TALL_EACH {
                memcpy(&s, place + 8 * j, 64);
                CP_EIGHT_PUT(place + 8 * j, v[j]);
                CP_EIGHT_ADD(v[j], s);
            }
            ring += depth * width;
        }
        if (!wanted) continue;
        CP_TALL_EACH {
            CP_EIGHT_PUT(few ? edge : dst + 8 * j, t[j]);
            if (few) memcpy(dst, edge, few * 8);
        }
    }
}

/* dst[r] = x[r * stride] + ... + x[r * stride + k - 1], n elements of each; x[i] is there from `first` to before `last`, and
 * zeros elsewhere. (The first sums in the rings are of what these hold by chance, and nobody asks for them.) */
static void cp_tall(double *dst, ptrdiff_t step, const double *x, ptrdiff_t row, ptrdiff_t first, ptrdiff_t last,
                    ptrdiff_t rows, ptrdiff_t stride, ptrdiff_t k, ptrdiff_t n, double *rings) {
    const int m = n >= 32 ? 4 : 1;
    ptrdiff_t c = 0;
    while (c < n) {
        if (m == 4) cp_tall_(dst + c, step, x + c, row, first, last, rows, stride, k, rings, 4, 0);
        else cp_tall_(dst + c, step, x + c, row, first, last, rows, stride, k, rings, 1, n < 8 ? (int)n : 0);
        c += 8 * m;
        if (c < n && c + 8 * m > n && n >= 8 * m) c = n - 8 * m;            /* some columns again */
    }
}

#endif
