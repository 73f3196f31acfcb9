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

#if CP_HALF_LANES == 32
/* Windows of two or three neighbours at every second element, in registers: 32 outputs of two vectors of columns, whose odd
 * ones come again with the next. Rows become keys once, though two rows of windows have them (`kept`); maxima take the sums of
 * their keys and `shift` apart, minima put them together, so neither turns its keys over. Masks stand for the padding. Lines
 * of keys, and every row converted for every window: 0.40 ms (3x3/s2 on 8x64x112x112), 0.23 so. */
#define CP_HALF_BLOCKS 80                                                   /* of 32 outputs, at most */
#define CP_FILL(n) ((n) <= 0 ? 0u : (n) >= 32 ? ~0u : (1u << (n)) - 1)
#define CP_HALF_EXTREME(a, v) (least ? _mm512_min_epi16(a, v) : _mm512_max_epi16(a, v))
#define CP_HALF_FLIP(v) _mm512_ternarylogic_epi64(v, _mm512_srai_epi16(v, 15), low, 0x78)          /* v ^ (sign & low) */
#define CP_HALF_KEYS(k, p) _mm512_add_epi16(CP_HALF_FLIP(_mm512_mask_loadu_epi16(hole, k, p)), shift)
#define CP_HALF_TWO(a, b, j) { const __m512i keys_ = b; a = CP_HALF_EXTREME(a, keys_); j }
/* 32 columns from `at` on: shared, of two rows and one that is kept, which the last one becomes; else of all taps */
#define CP_HALF_COLUMNS(v, i, at) { \
    const __mmask32 k = mask[i]; \
    if (shared) { \
        v = kept[i]; \
        CP_HALF_TWO(v, CP_HALF_KEYS(k, src + (at)), ) \
        CP_HALF_TWO(v, CP_HALF_KEYS(k, next + (at)), kept[i] = keys_;) \
    } else { \
        v = CP_HALF_KEYS(k, src + off[0] + (at)); \
        for (t = 1; t < b->taps; t++) CP_HALF_TWO(v, CP_HALF_KEYS(k, src + off[t] + (at)), ) \
    } \
}

static inline __attribute__((always_inline)) void cp_half_rows(const cp_half_t *h, const cp_box_t *b, uint16_t *out,
                                                               const uint16_t *from, const int least, const int shared) {
    const int three = b->k == 3;
    const __m512i iota = (__m512i)(cp_hw){CP_IOTA_32}, even = _mm512_add_epi16(iota, iota), one = _mm512_set1_epi16(1);
    const __m512i odd = _mm512_add_epi16(even, one), before = _mm512_add_epi16(iota, _mm512_set1_epi16((short)(32 - three)));
    const __m512i shift = _mm512_set1_epi16(least ? h->shift : (short)-h->shift), low = _mm512_set1_epi16(0x7fff);
    const __m512i hole = _mm512_set1_epi16((short)h->hole), nan = _mm512_set1_epi16((short)h->nan);
    const __m512i top = _mm512_set1_epi16(least ? (short)~h->top : h->top);
    const ptrdiff_t *const off = b->off, ahead = b->ahead, blocks = (b->cols + 31) / 32, begin = three - b->lead;
    const __mmask32 rest = ~0u >> (-b->cols & 31);
    __m512i *const kept = (__m512i *)((char *)b->line - (uintptr_t)b->line % 64);
    __mmask32 mask[2 * CP_HALF_BLOCKS];
    ptrdiff_t p, r, i;
    int t;
    for (i = 0; i < 2 * blocks; i++) mask[i] = CP_FILL(b->n - begin - 32 * i) & ~CP_FILL(-begin - 32 * i);
    for (p = 0; p < b->planes; p++) {
        const uint16_t *row = from + p * b->src_plane + begin;
        uint16_t *to = out + p * b->dst_plane;
        if (shared) for (i = 0; i < 2 * blocks; i++) kept[i] = CP_HALF_KEYS(mask[i], row + off[0] + 32 * i);
        for (r = 0; r < b->rows; r++, row += b->src_step, to += b->dst_step) {
            const uint16_t *src = row + (shared ? off[1] : 0), *next = row + (shared ? off[2] : 0);
            __m512i left = CP_HALF_KEYS(0, row), v, w, e;
            if (three && b->lead == 0)
                for (t = 0; t < b->taps; t++) CP_HALF_TWO(left, CP_HALF_KEYS(1u << 31, row + off[t] - 32), )
            for (i = 0; i < blocks; i++, src += 64, next += 64) {
                if (shared) {
                    cp_prefetch(src + ahead);
                    cp_prefetch(src + ahead + 32);
                    cp_prefetch(next + ahead);
                    cp_prefetch(next + ahead + 32);
                } else for (t = b->fresh; t < b->taps; t++) {
                    cp_prefetch(src + off[t] + ahead);
                    cp_prefetch(src + off[t] + ahead + 32);
                }
                CP_HALF_COLUMNS(v, 2 * i, 0)
                CP_HALF_COLUMNS(w, 2 * i + 1, 32)
                e = _mm512_permutex2var_epi16(v, odd, w);
                v = CP_HALF_EXTREME(_mm512_permutex2var_epi16(v, even, w), e);
                v = CP_HALF_EXTREME(v, _mm512_permutex2var_epi16(left, before, e));
                left = e;
                e = _mm512_sub_epi16(v, shift);
                e = _mm512_mask_mov_epi16(CP_HALF_FLIP(e), least ? _mm512_cmplt_epi16_mask(v, top)
                                                                 : _mm512_cmpgt_epi16_mask(v, top), nan);
                if (i < blocks - 1) _mm512_storeu_si512((void *)(to + 32 * i), e);
                else _mm512_mask_storeu_epi16(to + 32 * i, rest, e);
            }
        }
    }
}

static void cp_half_pairs(const cp_half_t *h, const cp_box_t *b, uint16_t *out, const uint16_t *from) {
    const int shared = b->taps == 3 && b->off[2] - b->off[0] == b->src_step;
    if (h->flip && shared) cp_half_rows(h, b, out, from, 1, 1);
    else if (h->flip) cp_half_rows(h, b, out, from, 1, 0);
    else if (shared) cp_half_rows(h, b, out, from, 0, 1);
    else cp_half_rows(h, b, out, from, 0, 0);
}
#endif

#endif

static void cp_half_box(void *h, const cp_box_t *b, void *dst, const void *src) {
#if CP_HALVES && CP_REGISTER
    const ptrdiff_t n = b->n < b->cols ? b->n : b->cols;
#if CP_HALF_LANES == 32
    if (n >= 8 && b->stride == 2 && b->k <= 3 && b->cols <= 32 * CP_HALF_BLOCKS) { cp_half_pairs(h, b, dst, src); return; }
#endif
    if (n >= CP_HALF_LANES) { cp_half_box_wide(h, b, dst, src); return; }
    if (n >= 8) { cp_half_box_8(h, b, dst, src); return; }
#endif
    cp_half_box_1(h, b, dst, src);
}

#endif
