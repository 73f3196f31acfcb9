/* Sums of k rows of doubles by doubling, the tree of `wide` in reduce.pyx, in one pass down some columns at a time: as a row
 * comes, the sums of 2, 4, 8 ... rows that it completes are made from those in a ring, and the result from these. Row by row
 * every step went through the L2 cache, and the rows that two bands share were added twice (31x31 means of 2048 x 2048
 * float64: 20 ms). */
#ifndef CPOOL_TALL_H
#define CPOOL_TALL_H

#include "fast.h"
#include "portable.h"

enum {
    CP_TALL_COLUMNS = 32,
    CP_TALL_MOST = 64,          /* rows of a window */
    CP_TALL_RING = 6 * 64 * 32  /* doubles */
};

static inline void cp_tall_sum(double *CP_RESTRICT to, const double *CP_RESTRICT a, const double *CP_RESTRICT b) {
    int j;
    for (j = 0; j < CP_TALL_COLUMNS; j++) to[j] = a[j] + b[j];
}

/* the sums of 2**level rows that end with number `end` */
#define CP_TALL_AT(level, end) \
    (level ? ring + (((level) - 1) * CP_TALL_MOST + ((end) & (CP_TALL_MOST - 1))) * CP_TALL_COLUMNS : row[end] + c)

/* dst[r] = row[r * stride] + ... + row[r * stride + k - 1], n >= CP_TALL_COLUMNS elements each; 2 <= k <= CP_TALL_MOST */
static void cp_tall(double *dst, ptrdiff_t dst_step, const double **row, ptrdiff_t rows, ptrdiff_t stride, ptrdiff_t k,
                    ptrdiff_t n, double *ring) {
    const ptrdiff_t count = (rows - 1) * stride + k;
    ptrdiff_t c = 0, i, r, next;
    int level, j;
    for (;;) {
        for (i = 0; i < count; i++) {
            double sum[CP_TALL_COLUMNS];
            if (i + 8 < count) for (j = 0; j < CP_TALL_COLUMNS; j += 8) cp_prefetch(row[i + 8] + c + j);
            for (level = 0; (ptrdiff_t)2 << level <= k && (ptrdiff_t)2 << level <= i + 1; level++)
                cp_tall_sum((double *)CP_TALL_AT(level + 1, i), CP_TALL_AT(level, i - ((ptrdiff_t)1 << level)),
                            CP_TALL_AT(level, i));
            r = i - k + 1;
            if (r < 0 || r % stride) continue;
            next = r;
            for (level = 0; k >> level; level++)
                if (k >> level & 1) {
                    const double *part;
                    next += (ptrdiff_t)1 << level;
                    part = CP_TALL_AT(level, next - 1);
                    if (next - r == (k & -k)) memcpy(sum, part, sizeof sum);
                    else for (j = 0; j < CP_TALL_COLUMNS; j++) sum[j] += part[j];
                }
            memcpy(dst + r / stride * dst_step + c, sum, sizeof sum);
        }
        if (c == n - CP_TALL_COLUMNS) break;
        c = c + CP_TALL_COLUMNS < n - CP_TALL_COLUMNS ? c + CP_TALL_COLUMNS : n - CP_TALL_COLUMNS;
    }
}

#endif
