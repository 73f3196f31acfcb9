/* Max and min of small planes of float32, windows one or two columns apart: rows of a plane in a few registers.
 *
 * A row with its padding is a frame of one, two or four vectors, with the identity where there is no element, so nothing is
 * clipped later. Rows are folded over D as they are loaded, into the frames of a band of rows, which stays in the L1 cache
 * (volumes: band by band, so that a depth that two windows share is there, too). Four rows of windows share the fold of the
 * frames between. The result is folded along W by doubling, where a shift of whole vectors takes one instruction. Nothing is
 * transposed. 20 x 20 planes, 13x13/s1: 240 ns in lanes, 95 so.
 *   ordered   the larger of two zeros is +0, as among the integer keys of loads.pxi
 *   else      the earlier of two taps that are equal (zeros): columns, then rows, then depths tell early from late. Steps
 *             keep that order, and then they may overlap.
 * so the bits are those of the paths by rows and lanes. What has a NaN is left to those: without, a step is one instruction.
 * Only AVX-512 has the shifts, and a tie of zeros in order.
 */
#ifndef CPOOL_FRAMES_H
#define CPOOL_FRAMES_H

#include "portable.h"

typedef struct {
    const float* x;
    float* out;
    char* room;                 /* 64 * vectors * lines of a plane with its padding, in bytes */
    ptrdiff_t n, rows, depth;   /* of x */
    ptrdiff_t out_n, out_rows, out_depth;
    ptrdiff_t k, k_rows, k_depth;
    ptrdiff_t step, step_rows, step_depth;
    ptrdiff_t lo, lo_rows, lo_depth;
    ptrdiff_t ahead;            /* elements from a plane that a frame is the first to need to what is asked for */
    ptrdiff_t band;             /* rows of windows at a time, through all depths */
    int ordered, least;         /* zeros in order? min? */
    int vectors;
} cp_frame_t;

#if defined(__GNUC__) && !defined(CPOOL_PORTABLE) && defined(__AVX512F__)
#include <immintrin.h>

enum { CP_FRAME_MOST = 4, CP_FRAME_BLOCK = 4 };      /* vectors of a frame; rows of windows that share what is between */

#define CP_FRAME_INLINE static inline __attribute__((always_inline))
#define CP_FRAME_EACH _Pragma("GCC unroll 4") for (j = 0; j < V; j++)

/* m the earlier of the two; no NaN */
CP_FRAME_INLINE __m512 cp_frame_fold(__m512 m, __m512 v, const int ordered, const int least) {
    if (ordered) return least ? _mm512_range_ps(v, m, 4) : _mm512_range_ps(v, m, 5);
    return least ? _mm512_min_ps(v, m) : _mm512_max_ps(v, m);
}

/* lanes from .. to - 1 */
static inline __mmask16 cp_frame_mask(ptrdiff_t from, ptrdiff_t to) {
    if (from < 0) from = 0;
    if (to > 16) to = 16;
    return (__mmask16)(from < to ? (1u << to) - (1u << from) : 0);
}

/* A frame folded over D and H to windows. */
CP_FRAME_INLINE void cp_frame_row(const cp_frame_t* f, __m512* a, __m512i move, float* dst, const __mmask16* all, const int V,
                                  const int ordered, const int least) {
    const ptrdiff_t k = f->k;
    const __m512 blank = _mm512_set1_ps(least ? INFINITY : -INFINITY);
    const __m512i even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
    int j;
#define CP_FRAME_NEXT (j + 1 < V ? a[(j + 1) % CP_FRAME_MOST] : blank)
#define CP_FRAME_SHIFT(n) CP_FRAME_EACH a[j] = cp_frame_fold(a[j], _mm512_castsi512_ps(_mm512_alignr_epi32( \
        _mm512_castps_si512(CP_FRAME_NEXT), _mm512_castps_si512(a[j]), n)), ordered, least);
    if (k > 2) {
        CP_FRAME_SHIFT(1)
        if (k > 4) {
            CP_FRAME_SHIFT(2)
            if (k > 8) {
                CP_FRAME_SHIFT(4)
                if (k > 16) { CP_FRAME_SHIFT(8) }
            }
        }
    }
    CP_FRAME_EACH a[j] = cp_frame_fold(a[j], _mm512_permutex2var_ps(a[j], move, CP_FRAME_NEXT), ordered, least);
    if (f->step == 2) {
        CP_FRAME_EACH
            if (2 * j < V)
                a[j] = _mm512_permutex2var_ps(a[2 * j], even, 2 * j + 1 < V ? a[(2 * j + 1) % CP_FRAME_MOST] : blank);
    }
    CP_FRAME_EACH if (16 * j < f->out_n) {
        if (16 * j + 16 <= f->out_n) _mm512_storeu_ps(dst + 16 * j, a[j]);
        else _mm512_mask_storeu_ps(dst + 16 * j, all[j], a[j]);
    }
}

/* `rows` rows of windows, whose frames are there. */
CP_FRAME_INLINE void cp_frame_plane(const cp_frame_t* f, const __m512* frame, ptrdiff_t rows, __m512i move, float* dst,
                                    const int V, const int ordered, const int least) {
    const ptrdiff_t k = f->k_rows, out_n = f->out_n, step = f->step_rows;
    __mmask16 all[CP_FRAME_MOST];
    __m512 a[CP_FRAME_MOST], s[CP_FRAME_BLOCK - 1][CP_FRAME_MOST], b[CP_FRAME_MOST];
    ptrdiff_t r, h;
    int j, i;
    CP_FRAME_EACH all[j] = cp_frame_mask(0, out_n - 16 * j);
    if (step > 1 || k < CP_FRAME_BLOCK || rows < CP_FRAME_BLOCK) {
        for (r = 0; r < rows; r++) {
            const __m512* p = frame + (r * step + k - 1) * V;
            CP_FRAME_EACH a[j] = p[j];
            for (h = 1; h < k; h++) {
                p -= V;
                CP_FRAME_EACH a[j] = cp_frame_fold(p[j], a[j], ordered, least);
            }
            cp_frame_row(f, a, move, dst + r * out_n, all, V, ordered, least);
        }
        return;
    }
    for (r = 0;;) {
        const __m512* p = frame + (r + k - 1) * V;
        float* to = dst + r * out_n;
        CP_FRAME_EACH a[j] = p[j];
        for (h = CP_FRAME_BLOCK; h < k; h++) {
            p -= V;
            CP_FRAME_EACH a[j] = cp_frame_fold(p[j], a[j], ordered, least);
        }
        CP_FRAME_EACH {
            s[2][j] = a[j];
            s[1][j] = cp_frame_fold(p[j - V], a[j], ordered, least);
            s[0][j] = cp_frame_fold(p[j - 2 * V], s[1][j], ordered, least);
            a[j] = cp_frame_fold(p[j - 3 * V], s[0][j], ordered, least);
        }
        cp_frame_row(f, a, move, to, all, V, ordered, least);
        p = frame + (r + k) * V;
        CP_FRAME_EACH b[j] = p[j];
        for (i = 0; i < CP_FRAME_BLOCK - 1; i++) {
            CP_FRAME_EACH a[j] = cp_frame_fold(i == 0 ? s[0][j] : i == 1 ? s[1][j] : s[2][j], b[j], ordered, least);
            p += V;
            to += out_n;
            if (i < 2) { CP_FRAME_EACH b[j] = cp_frame_fold(b[j], p[j], ordered, least); }
            cp_frame_row(f, a, move, to, all, V, ordered, least);
        }
        if (r == rows - CP_FRAME_BLOCK) break;
        r = r + CP_FRAME_BLOCK < rows - CP_FRAME_BLOCK ? r + CP_FRAME_BLOCK : rows - CP_FRAME_BLOCK;
    }
}

#define CP_FRAME_TAKE(a) \
    CP_FRAME_EACH a[j] = _mm512_maskz_loadu_ps(mask[j], p + 16 * j); \
    CP_FRAME_EACH if (j % 2 == 0) found = _kor_mask16(found, _mm512_cmp_ps_mask(a[j], a[j + (j + 1 < V)], _CMP_UNORD_Q));

/* Planes (volumes) begin .. end - 1; returns the first that has a NaN, whose windows are not complete then, or end. */
CP_FRAME_INLINE ptrdiff_t cp_frames_(const cp_frame_t* f, ptrdiff_t begin, ptrdiff_t end, const int V, const int ordered,
                                     const int least) {
    const ptrdiff_t n = f->n, plane = n * f->rows, size = f->out_rows * f->out_n;
    const __m512 blank = _mm512_set1_ps(least ? INFINITY : -INFINITY);
    __m512 *frame = (__m512*)f->room, a[CP_FRAME_MOST], v[CP_FRAME_MOST];
    __m512i move = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    __mmask16 mask[CP_FRAME_MOST];
    ptrdiff_t d, h, r, o, w = 1;
    int j;
    while (2 * w < f->k) w *= 2;
    move = _mm512_add_epi32(move, _mm512_set1_epi32((int)(f->k > 1 ? f->k - w : 0)));
    CP_FRAME_EACH mask[j] = cp_frame_mask(0, (n < 16 * V - f->lo ? n : 16 * V - f->lo) - 16 * j);
    for (h = 0; h < ((f->band - 1) * f->step_rows + f->k_rows) * V; h++) frame[h] = blank;
    for (; begin < end; begin++)
        for (r = 0; r < f->out_rows; r += f->band) {
            const ptrdiff_t band = f->out_rows - r < f->band ? f->out_rows - r : f->band, top = r * f->step_rows - f->lo_rows;
            const ptrdiff_t lines = (band - 1) * f->step_rows + f->k_rows, h0 = top < 0 ? -top < lines ? -top : lines : 0;
            const ptrdiff_t h1 = top + lines < f->rows ? lines : f->rows - top < h0 ? h0 : f->rows - top;
            if (f->band < f->out_rows) {
                for (h = 0; h < h0 * V; h++) frame[h] = blank;
                for (h = h1 * V; h < lines * V; h++) frame[h] = blank;
            }
            for (o = 0; o < f->out_depth; o++) {
                const ptrdiff_t first = o * f->step_depth - f->lo_depth, d0 = first > 0 ? first : 0;
                const ptrdiff_t d1 = first + f->k_depth < f->depth ? first + f->k_depth : f->depth;
                const ptrdiff_t fresh = d1 - f->step_depth > d0 ? d1 - f->step_depth : d0;
                const float* src = f->x + (begin * f->depth + d0) * plane + (top + h0) * n;
                float *line = (float*)(frame + h0 * V) + f->lo, *dst;
                __mmask16 found = 0;
                for (h = h0; h < h1; h++, src += n, line += 16 * V) {
                    const float* p = src;
                    if (d1 - d0 == 1) {
                        CP_FRAME_TAKE(a)
                        CP_FRAME_EACH cp_prefetch(p + f->ahead + 16 * j);
                    } else {
                        CP_FRAME_EACH a[j] = blank;
                        if (d0 < d1) { CP_FRAME_TAKE(a) }
                        for (d = d0 + 1; d < d1; d++) {
                            p += plane;
                            CP_FRAME_TAKE(v)
                            CP_FRAME_EACH a[j] = cp_frame_fold(a[j], v[j], ordered, least);
                        }
                        for (d = fresh; d < d1; d++, p -= plane) { CP_FRAME_EACH cp_prefetch(p + f->ahead + 16 * j); }
                    }
                    CP_FRAME_EACH _mm512_mask_storeu_ps(line + 16 * j, mask[j], a[j]);
                }
                if (found) return begin;
                dst = f->out + (begin * f->out_depth + o) * size + r * f->out_n;
                cp_frame_plane(f, frame, band, move, dst, V, ordered, least);
            }
        }
    return end;
}

#define CP_FRAMES(name, ordered, least) \
static ptrdiff_t name(const cp_frame_t* f, ptrdiff_t begin, ptrdiff_t end) { \
    if (f->vectors == 1) return cp_frames_(f, begin, end, 1, ordered, least); \
    if (f->vectors == 2) return cp_frames_(f, begin, end, 2, ordered, least); \
    return cp_frames_(f, begin, end, 4, ordered, least); \
}
CP_FRAMES(cp_frames_max, 0, 0)
CP_FRAMES(cp_frames_min, 0, 1)
CP_FRAMES(cp_frames_max_ordered, 1, 0)
CP_FRAMES(cp_frames_min_ordered, 1, 1)

static ptrdiff_t cp_frames(const cp_frame_t* f, ptrdiff_t begin, ptrdiff_t end) {
    if (f->ordered) return f->least ? cp_frames_min_ordered(f, begin, end) : cp_frames_max_ordered(f, begin, end);
    return f->least ? cp_frames_min(f, begin, end) : cp_frames_max(f, begin, end);
}

#else
enum { CP_FRAME_MOST = 0 };
static inline ptrdiff_t cp_frames(const cp_frame_t* f, ptrdiff_t begin, ptrdiff_t end) { (void)f; (void)begin; return end; }
#endif
#endif
