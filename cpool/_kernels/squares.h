/* Sums of squares of float32 in windows of few taps, stride 2 (cp_box_t of rows.h): rows of x to lines of doubles, and these to
 * sums. In bands of lines, 2x2/s2 on 8x64x112x112 took 1.8 ms. */
#ifndef CPOOL_SQUARES_H
#define CPOOL_SQUARES_H

#include "rows.h"

static void cp_square_box(void *op, const cp_box_t *b, void *dst, const void *src) {
    ptrdiff_t p, r, q, m, i;
    int t;
    for (p = 0; p < b->planes; p++)
        for (r = 0; r < b->rows; r += m) {
            double *line = (double *)b->line, *to = (double *)dst + p * b->dst_plane + r * b->dst_step;
            m = b->rows - r < b->lines ? b->rows - r : b->lines;
            for (q = 0; q < m; q++) {
                const float *from = (const float *)src + p * b->src_plane + (r + q) * b->src_step;
                double *sums = line + q * b->pitch + b->lead;
                for (t = b->fresh; t < b->taps; t++)
                    for (i = 0; i < b->n; i += 16) cp_prefetch(from + b->off[t] + b->ahead + i);
                for (t = 0; t < b->taps; t += 2) {
                    const float *x = from + b->off[t], *y = from + b->off[t + 1 < b->taps ? t + 1 : t];
                    if (t + 1 == b->taps) {
                        if (t) for (i = 0; i < b->n; i++) sums[i] += (double)x[i] * x[i];
                        else for (i = 0; i < b->n; i++) sums[i] = (double)x[i] * x[i];
                    } else if (t) {
                        for (i = 0; i < b->n; i++) sums[i] = (sums[i] + (double)x[i] * x[i]) + (double)y[i] * y[i];
                    } else {
                        for (i = 0; i < b->n; i++) sums[i] = (double)x[i] * x[i] + (double)y[i] * y[i];
                    }
                }
            }
            if (b->pitch == 2 * b->cols && b->dst_step == b->cols && b->k == 2)
                cp_slide_add_f64(op, to, 0, line, 0, 1, m * b->cols, 2, 2, 1);
            else
                cp_slide_add_f64(op, to, b->dst_step, line, b->pitch, m, b->cols, b->k, 2, 1);
        }
}

#endif
