/* Sums of k rows of doubles by doubling, the tree of `wide` in reduce.pyx, in one pass down some columns at a time: as a row
 * comes, the sums of 2, 4, 8 ... rows that it completes are made from those in a ring, and the result from these. Row by row
 * every step went through the L2 cache, and the rows that two bands share were added twice (31x31 means of 2048 x 2048
 * float64: 20 ms). The ring is as deep as the window, a power of two, and has the rows themselves (those of an image are often
 * a power of two apart, and no cache keeps 31 of them); the steps of a row are one loop: 14 ms before, 7 with spans.h. */
#ifndef CPOOL_TALL_H
#define CPOOL_TALL_H

#include "fast.h"
#include "portable.h"

enum {
    CP_TALL_COLUMNS = 32,
    CP_TALL_MOST = 64,          /* rows of a window */
    CP_TALL_RING = 6 * 64 * 32  /* doubles */
};

#if defined(__GNUC__) && !defined(CPOOL_PORTABLE)
#define CP_TALL_EACH _Pragma("GCC ivdep") for (j = 0; j < CP_TALL_COLUMNS; j++)
#else
#define CP_TALL_EACH for (j = 0; j < CP_TALL_COLUMNS; j++)
#endif

/* the sums of 2**level rows that end with row number `end` */
#define CP_TALL_AT(level, end) (ring + ((level) * depth + ((end) & (depth - 1))) * CP_TALL_COLUMNS)
/* the sum of twice as many rows as v is the sum of */
#define CP_TALL_TWICE(to, v, level) \
    const double to = ring[((level) * depth + ((i - ((ptrdiff_t)1 << (level))) & (depth - 1))) * CP_TALL_COLUMNS + j] + v;
#define CP_TALL_KEEP(level, v) at[(level) * depth * CP_TALL_COLUMNS + j] = v;
/* a row comes: sums of up to 8 rows, and of 16, 32, 64 where they are wanted; `last` of the most */
#define CP_TALL_COMES(more) CP_TALL_EACH { \
    const double v = x[j]; CP_TALL_TWICE(a, v, 0) CP_TALL_TWICE(b, a, 1) CP_TALL_TWICE(e, b, 2) \
    CP_TALL_KEEP(0, v) CP_TALL_KEEP(1, a) CP_TALL_KEEP(2, b) more }
#define CP_TALL_16 CP_TALL_KEEP(3, e) CP_TALL_TWICE(f, e, 3)
#define CP_TALL_32 CP_TALL_16 CP_TALL_KEEP(4, f) CP_TALL_TWICE(g, f, 4)

/* dst[r] = row[r * stride] + ... + row[r * stride + k - 1], n >= CP_TALL_COLUMNS elements each; 8 <= k <= CP_TALL_MOST.
 * (The first sums in the ring are of what it holds by chance, and nobody asks for them.) */
static void cp_tall(double *dst, ptrdiff_t dst_step, const double **row, ptrdiff_t rows, ptrdiff_t stride, ptrdiff_t k,
                    ptrdiff_t n, double *ring) {
    const ptrdiff_t count = (rows - 1) * stride + k;
    ptrdiff_t c = 0, i, r, next, depth = 8;
    int level, top = 3, parts, j;
    double last[CP_TALL_COLUMNS];
    while (depth < k) depth *= 2;
    while ((ptrdiff_t)2 << top <= k) top++;
    for (;;) {
        for (i = 0; i < count; i++) {
            const double *x = row[i] + c, *part[6];
            double *at = CP_TALL_AT(0, i), *to;
            for (j = 0; j < CP_TALL_COLUMNS; j += 8) {
                cp_prefetch_near(x + CP_TALL_COLUMNS + j);
                if (i + 8 < count) cp_prefetch(row[i + 8] + c + j);
            }
            if (top == 3) CP_TALL_COMES(last[j] = e;)
            else if (top == 4) CP_TALL_COMES(CP_TALL_16 last[j] = f;)
            else if (top == 5) CP_TALL_COMES(CP_TALL_32 last[j] = g;)
            else CP_TALL_COMES(CP_TALL_32 CP_TALL_KEEP(5, g) CP_TALL_TWICE(h, g, 5) last[j] = h;)
            r = i - k + 1;
            if (r < 0 || r % stride) continue;
            next = r;
            parts = 0;
            for (level = 0; level <= top; level++)
                if (k >> level & 1) {
                    next += (ptrdiff_t)1 << level;
                    part[parts++] = level == top ? last : CP_TALL_AT(level, next - 1);
                }
            to = dst + r / stride * dst_step + c;
            if (parts == 1) memcpy(to, last, sizeof last);
            else if (parts == 2) CP_TALL_EACH to[j] = part[0][j] + part[1][j];
            else if (parts == 3) CP_TALL_EACH to[j] = part[0][j] + part[1][j] + part[2][j];
            else if (parts == 4) CP_TALL_EACH to[j] = part[0][j] + part[1][j] + part[2][j] + part[3][j];
            else CP_TALL_EACH to[j] = part[0][j] + part[1][j] + part[2][j] + part[3][j] + part[4][j];
            if (parts == 6) CP_TALL_EACH to[j] += part[5][j];
        }
        if (c == n - CP_TALL_COLUMNS) break;
        c = c + CP_TALL_COLUMNS < n - CP_TALL_COLUMNS ? c + CP_TALL_COLUMNS : n - CP_TALL_COLUMNS;
    }
}

#endif
