/* Sums of squares of float32 in windows of few taps, stride 2 (cp_box_t of rows.h): rows of x to lines of doubles, and these
 * to sums. In bands of lines, 2x2/s2 on 8x64x112x112 took 1.8 ms, 1.35 ms so. With AVX-512 windows of two columns go from x
 * to their roots in registers (cp_root_pairs): 0.68 ms. */
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

#if CP_WIDE == 64
#define CP_ROOT_PAIRS 1

/* Roots of what float32 cannot hold, as in `roots` of finishes.pxi. */
static __attribute__((noinline)) void cp_root_far(float* to, const double* sums, int n) {
    int i;
    for (i = 0; i < n; i++) if (sums[i] > 3e38 || sums[i] < 2e-38) to[i] = (float)sqrt(sums[i]);
}

/* n <= 16 windows from `at` on: first the rows, then the columns, as lines have it. A square of a float is exact in double,
 * so a multiplication and an addition in one are the same two. */
#define CP_ROOT_LOAD(i) \
    _mm512_cvtps_pd(part ? _mm256_maskz_loadu_ps((__mmask8)(keep >> 8 * i), x + 8 * i) : _mm256_loadu_ps(x + 8 * i))
static inline __attribute__((always_inline)) void cp_root_block(const cp_box_t* b, float* to, const float* at, int n,
                                                                const int part) {
    const __m512i even = _mm512_setr_epi64(0, 2, 4, 6, 8, 10, 12, 14), low = (__m512i)_mm512_set1_pd(2e-38);
    const __m512i odd = _mm512_add_epi64(even, _mm512_set1_epi64(1));
    const __m512i room = _mm512_sub_epi64((__m512i)_mm512_set1_pd(3e38), low);
    const unsigned keep = part ? (unsigned)((1ull << 2 * n) - 1) : 0;
    const float* x = at + b->off[0];
    __m512d a = CP_ROOT_LOAD(0), c = CP_ROOT_LOAD(1), d = CP_ROOT_LOAD(2), e = CP_ROOT_LOAD(3), v;
    __m512 root;
    __mmask8 k, l;
    int t;
    a = _mm512_mul_pd(a, a), c = _mm512_mul_pd(c, c), d = _mm512_mul_pd(d, d), e = _mm512_mul_pd(e, e);
    for (t = 1; t < b->taps; t++) {
        x = at + b->off[t];
        v = CP_ROOT_LOAD(0), a = _mm512_fmadd_pd(v, v, a);
        v = CP_ROOT_LOAD(1), c = _mm512_fmadd_pd(v, v, c);
        v = CP_ROOT_LOAD(2), d = _mm512_fmadd_pd(v, v, d);
        v = CP_ROOT_LOAD(3), e = _mm512_fmadd_pd(v, v, e);
    }
    a = _mm512_add_pd(_mm512_permutex2var_pd(a, even, c), _mm512_permutex2var_pd(a, odd, c));
    d = _mm512_add_pd(_mm512_permutex2var_pd(d, even, e), _mm512_permutex2var_pd(d, odd, e));
    root = _mm512_castpd_ps(_mm512_insertf64x4(_mm512_castps_pd(_mm512_castps256_ps512(_mm512_cvtpd_ps(a))),
                                               _mm256_castps_pd(_mm512_cvtpd_ps(d)), 1));
    root = _mm512_sqrt_ps(root);
    if (part) _mm512_mask_storeu_ps(to, (__mmask16)((1u << n) - 1), root);
    else _mm512_storeu_ps(to, root);
    k = _mm512_cmpgt_epu64_mask(_mm512_sub_epi64((__m512i)a, low), room);
    l = _mm512_cmpgt_epu64_mask(_mm512_sub_epi64((__m512i)d, low), room);
    if (k | l) {
        double sums[16];
        if (!(_mm512_mask_test_epi64_mask(k, (__m512i)a, (__m512i)a)
              | _mm512_mask_test_epi64_mask(l, (__m512i)d, (__m512i)d))) return;                /* zeros */
        _mm512_storeu_pd(sums, a);
        _mm512_storeu_pd(sums + 8, d);
        cp_root_far(to, sums, n);
    }
}

/* windows of two columns, none of them beyond a row: float32 roots of the sums */
static void cp_root_pairs(void* op, const cp_box_t* b, void* dst, const void* src) {
    const ptrdiff_t last = b->cols - 16;
    ptrdiff_t p, r, o;
    int t;
    (void)op;
    for (p = 0; p < b->planes; p++) for (r = 0; r < b->rows; r++) {
        const float* x = (const float*)src + p * b->src_plane + r * b->src_step;
        float* to = (float*)dst + p * b->dst_plane + r * b->dst_step;
        if (last < 0) {
            cp_root_block(b, to, x, (int)b->cols, 1);
            continue;
        }
        for (o = 0;;) {
            for (t = b->fresh; t < b->taps; t++) {
                cp_prefetch(x + 2 * o + b->off[t] + b->ahead);
                cp_prefetch(x + 2 * o + b->off[t] + b->ahead + 16);
            }
            cp_root_block(b, to + o, x + 2 * o, 16, 0);
            if (o == last) break;
            o = o + 16 < last ? o + 16 : last;
        }
    }
}
#else
#define CP_ROOT_PAIRS 0
#define cp_root_pairs cp_square_box
#endif

#endif
