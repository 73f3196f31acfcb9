/* Windows of few taps of 16-bit floats, as `cp_box_rows` of rows_width.h: rows of x become keys (halves.h) as they are loaded,
 * a few lines of them are kept, and floats are made of keys as they are stored. */
#ifndef CPOOL_HALVES_BOX_H
#define CPOOL_HALVES_BOX_H

#include "halves.h"
#include "rows.h"

/* narrow rows, and compilers without vectors */
static void cp_half_box_1(const cp_half_t *h, const cp_box_t *b, uint16_t *out, const uint16_t *from) {
    ptrdiff_t p, r, o;
    int t, j;
    for (p = 0; p < b->planes; p++)
        for (r = 0; r < b->rows; r++) {
            const uint16_t *src = from + p * b->src_plane + r * b->src_step;
            short *line = (short *)b->line + b->lead, k, v;
            for (t = 0; t < b->taps; t++)
                for (o = 0; o < b->n; o++) {
                    v = cp_half_key(src[b->off[t] + o], h);
                    line[o] = t && line[o] > v ? line[o] : v;
                }
            line -= b->lead;
            for (o = 0; o < b->cols; o++) {
                k = line[b->stride * o];
                for (j = 1; j < b->k; j++) {
                    v = line[b->stride * o + b->along[j]];
                    k = v > k ? v : k;
                }
                out[p * b->dst_plane + r * b->dst_step + o] = cp_half_bits(k, h);
            }
        }
}

#if CP_HALVES && CP_REGISTER

/* m taps, or (m 0) `taps` of them */
#define CP_HALF_FOLD(V, L, MAX, m) for (i = 0;;) { \
    V a, v; \
    CP_HALF_TAKE(a, src + off[0] + i) \
    for (t = 1; t < (m ? m : b->taps); t++) { CP_HALF_TAKE(v, src + off[t] + i) a = MAX(a, v); } \
    memcpy(line + i, &a, sizeof a); \
    if (i == b->n - L) break; \
    i = i + L < b->n - L ? i + L : b->n - L; \
}

/* windows of k taps at every element, or at every second one; m = k where it is a constant */
#define CP_HALF_ALONG(V, L, MAX, m) for (i = 0;;) { \
    const short *z = line + b->stride * i; \
    V a, v, w, x, y; \
    CP_HALF_LOAD(x, z) \
    if (b->stride == 1) for (a = x, t = 1; t < b->k; t++) { CP_HALF_LOAD(v, z + b->along[t]) a = MAX(a, v); } \
    else { \
        CP_HALF_LOAD(y, z + L) \
        a = MAX(__builtin_shuffle(x, y, iota * 2), __builtin_shuffle(x, y, iota * 2 + 1)); \
        for (t = 2; t + 1 < (m ? m : b->k); t += 2) { \
            CP_HALF_LOAD(x, z + t) CP_HALF_LOAD(y, z + t + L) \
            v = __builtin_shuffle(x, y, iota * 2), w = __builtin_shuffle(x, y, iota * 2 + 1); \
            a = MAX(a, v); \
            a = MAX(a, w); \
        } \
        if ((m ? m : b->k) & 1) { \
            CP_HALF_LOAD(x, z + t) CP_HALF_LOAD(y, z + t + L - 1)       /* (no read beyond the last) */ \
            v = __builtin_shuffle(x, y, iota * 2 - (iota >= L / 2)); \
            a = MAX(a, v); \
        } \
    } \
    CP_HALF_GIVE(dst + i, a) \
    if (i == b->cols - L) break; \
    i = i + L < b->cols - L ? i + L : b->cols - L; \
}

#define CP_HALF_BOX(name, V, L, MAX, ...) \
static void name(const cp_half_t *h, const cp_box_t *b, uint16_t *out, const uint16_t *from) { \
    const V iota = {__VA_ARGS__}; \
    const ptrdiff_t *off = b->off; \
    ptrdiff_t p, r, q, m, i; \
    int t; \
    CP_HALF_CONSTANTS(V, h) \
    for (p = 0; p < b->planes; p++) for (r = 0; r < b->rows; r += m) { \
        const uint16_t *src = from + p * b->src_plane + r * b->src_step; \
        uint16_t *dst = out + p * b->dst_plane + r * b->dst_step; \
        short *line = (short *)b->line + b->lead; \
        m = b->rows - r < b->lines ? b->rows - r : b->lines; \
        for (q = 0; q < m; q++, src += b->src_step, line += b->pitch) { \
            for (t = b->fresh; t < b->taps; t++) \
                for (i = 0; i < b->n; i += 32) cp_prefetch(src + off[t] + b->ahead + i); \
            if (b->taps == 3) { CP_HALF_FOLD(V, L, MAX, 3) } \
            else { CP_HALF_FOLD(V, L, MAX, 0) } \
        } \
        line = (short *)b->line; \
        for (q = 0; q < m; q++, dst += b->dst_step, line += b->pitch) { \
            if (b->k == 3) { CP_HALF_ALONG(V, L, MAX, 3) } \
            else { CP_HALF_ALONG(V, L, MAX, 0) } \
        } \
    } \
}

CP_HALF_BOX(cp_half_box_8, cp_h8, 8, CP_MAX_H8, CP_IOTA_8)
#if CP_HALF_LANES == 32
CP_HALF_BOX(cp_half_box_wide, cp_hw, 32, CP_MAX_HW, CP_IOTA_32)
#elif CP_HALF_LANES == 16
CP_HALF_BOX(cp_half_box_wide, cp_hw, 16, CP_MAX_HW, CP_IOTA_16)
#else
#define cp_half_box_wide cp_half_box_8
#endif

#endif

static void cp_half_box(void *h, const cp_box_t *b, void *dst, const void *src) {
#if CP_HALVES && CP_REGISTER
    const ptrdiff_t n = b->n < b->cols ? b->n : b->cols;
    if (n >= CP_HALF_LANES) { cp_half_box_wide(h, b, dst, src); return; }
    if (n >= 8) { cp_half_box_8(h, b, dst, src); return; }
#endif
    cp_half_box_1(h, b, dst, src);
}

#endif
