/* Rows of windows to rows of elements, in registers: what `spread` does with planes of float32.
 *
 * A strip is one vector of columns. Its elements lie in at most CP_EXPAND_TAPS windows along W, and tap j of all of them in
 * one vector of windows, from base[j] on: a load, a multiplication by the scales and one permutation bring each where it
 * belongs. Sums of a strip, one for each row of windows, stay in the L1 cache; from there they are added along H and stored
 * once. 3x3/s1 on 1536 planes of 35 x 35: 1.0 ms by passes over whole rows. Registers without variable permutations of
 * their lanes (CP_EXPAND is 0) leave it at that; the bits are the same.
 */
#ifndef CPOOL_EXPAND_H
#define CPOOL_EXPAND_H

#include "fast.h"
#include "portable.h"

#define CP_EXPAND_TAPS 8

#if (defined(__AVX512F__) || defined(__AVX2__)) && !defined(CPOOL_PORTABLE)
#include <immintrin.h>

#if defined(__AVX512F__)
#define CP_EXPAND 16
typedef __m512 cp_xv;
typedef __m512i cp_xi;
typedef __mmask16 cp_xm;
#define CP_XF(name) _mm512_##name
#define CP_X_INTS(p) _mm512_loadu_si512((const void*)(p))
#define CP_X_MORE(counts, j) _mm512_cmpgt_epi32_mask(counts, _mm512_set1_epi32(j))
#define CP_X_PERMUTE(v, i) _mm512_permutexvar_ps(i, v)
#define CP_X_WHERE(m, v) _mm512_maskz_mov_ps(m, v)
#define CP_X_ADD(t, m, v) _mm512_mask_add_ps(t, m, t, v)
#else
#define CP_EXPAND 8
typedef __m256 cp_xv;
typedef __m256i cp_xi;
typedef __m256 cp_xm;
#define CP_XF(name) _mm256_##name
#define CP_X_INTS(p) _mm256_loadu_si256((const __m256i*)(p))
#define CP_X_MORE(counts, j) _mm256_castsi256_ps(_mm256_cmpgt_epi32(counts, _mm256_set1_epi32(j)))
#define CP_X_PERMUTE(v, i) _mm256_permutevar8x32_ps(v, i)
#define CP_X_WHERE(m, v) _mm256_and_ps(m, v)
#define CP_X_ADD(t, m, v) _mm256_add_ps(t, _mm256_blendv_ps(_mm256_set1_ps(-0.0f), v, m))
#endif

typedef struct {
    ptrdiff_t at;                           /* the first column */
    ptrdiff_t base[CP_EXPAND_TAPS];
    int index[CP_EXPAND_TAPS][CP_EXPAND];
    int count[CP_EXPAND];                   /* windows over each column */
    float zero[CP_EXPAND];                  /* 0 where there would be more but for the edge, else -0, which changes nothing */
} cp_strip_t;

/* Strips of n columns: per column its first window and how many there are, `step` apart (now), and how many there would be
 * (all). Returns the largest number of windows, 0 if no strips can be made. */
static int cp_strips(cp_strip_t* s, const ptrdiff_t* now, const ptrdiff_t* all, ptrdiff_t step, ptrdiff_t n) {
    ptrdiff_t x0, l, w;
    int taps = 1, j;
    for (x0 = 0; x0 < n; x0 += CP_EXPAND, s++) {
        s->at = x0 + CP_EXPAND <= n || n < CP_EXPAND ? x0 : n - CP_EXPAND;
        for (l = 0; l < CP_EXPAND; l++) {
            const ptrdiff_t x = s->at + l < n ? s->at + l : n - 1;
            if (now[2 * x + 1] > CP_EXPAND_TAPS) return 0;
            s->count[l] = (int)now[2 * x + 1];
            s->zero[l] = all[2 * x + 1] > now[2 * x + 1] ? 0.0f : -0.0f;
            if (s->count[l] > taps) taps = s->count[l];
        }
        for (j = 0; j < CP_EXPAND_TAPS; j++) {
            s->base[j] = -1;
            for (l = 0; l < CP_EXPAND; l++) {
                w = now[2 * (s->at + l < n ? s->at + l : n - 1)] + j * step;
                if (s->count[l] > j && (s->base[j] < 0 || w < s->base[j])) s->base[j] = w;
            }
            if (s->base[j] < 0) s->base[j] = 0;
            for (l = 0; l < CP_EXPAND; l++) {
                w = now[2 * (s->at + l < n ? s->at + l : n - 1)] + j * step - s->base[j];
                if (s->count[l] <= j) w = 0;
                if (w >= CP_EXPAND) return 0;
                s->index[j][l] = (int)w;
            }
        }
    }
    return taps;
}

#define CP_X_TAP(b, i) CP_X_PERMUTE(CP_XF(mul_ps)(CP_XF(loadu_ps)(g + (b)), CP_XF(loadu_ps)(line + (b))), i)

/* t: one vector for each of `rows` rows of windows, `out` apart; lines: their scales. (What is loaded before the loop would
 * be loaded again after each store: vectors may be anything.) */
CP_INLINE void cp_strip_rows(const cp_strip_t* s, int taps, const float* g, ptrdiff_t out, const float* const* lines,
                             ptrdiff_t rows, float* t, ptrdiff_t ahead) {
    const cp_xi counts = CP_X_INTS(s->count), i0 = CP_X_INTS(s->index[0]), i1 = CP_X_INTS(s->index[1]);
    const cp_xi i2 = CP_X_INTS(s->index[2]);
    const cp_xm m0 = CP_X_MORE(counts, 0), m1 = CP_X_MORE(counts, 1), m2 = CP_X_MORE(counts, 2);
    const cp_xv zero = CP_XF(loadu_ps)(s->zero);
    const ptrdiff_t b0 = s->base[0], b1 = s->base[1], b2 = s->base[2];
    ptrdiff_t r;
    int j;
    for (r = 0; r < rows; r++) {
        const float* line = lines[r];
        cp_xv v = CP_X_WHERE(m0, CP_X_TAP(b0, i0));
        cp_prefetch(g + b0 + ahead);
        if (taps > 1) v = CP_X_ADD(v, m1, CP_X_TAP(b1, i1));
        if (taps > 2) v = CP_X_ADD(v, m2, CP_X_TAP(b2, i2));
        for (j = 3; j < taps; j++) v = CP_X_ADD(v, CP_X_MORE(counts, j), CP_X_TAP(s->base[j], CP_X_INTS(s->index[j])));
        CP_XF(storeu_ps)(t, CP_XF(add_ps)(v, zero));
        t += CP_EXPAND;
        g += out;
    }
}

CP_INLINE cp_xv cp_strip_sum(const float* t, ptrdiff_t n, ptrdiff_t far) {
    cp_xv v;
    ptrdiff_t k;
    if (n == 0) return CP_XF(setzero_ps)();
    v = CP_XF(loadu_ps)(t);
    if (n == 1) return v;
    v = CP_XF(add_ps)(v, CP_XF(loadu_ps)(t + far));
    if (n == 2) return v;
    v = CP_XF(add_ps)(v, CP_XF(loadu_ps)(t + 2 * far));
    for (k = 3; k < n; k++) v = CP_XF(add_ps)(v, CP_XF(loadu_ps)(t + k * far));
    return v;
}

/* Rows of gx, n columns each, from rows of windows; spans: for each row of gx its first row of windows, counted from g, and
 * how many, `step` apart. A vector that is longer than a row spills into the next ones, which come after it. */
static void cp_expand(const cp_strip_t* s, int taps, const float* g, ptrdiff_t out, const float* const* lines, ptrdiff_t rows,
                      float* t, float* gx, ptrdiff_t n, const ptrdiff_t* spans, ptrdiff_t count, ptrdiff_t step,
                      ptrdiff_t g_ahead, ptrdiff_t gx_ahead) {
    const ptrdiff_t far = step * CP_EXPAND, spill = (CP_EXPAND - 1) / n, whole = count > spill ? count - spill : 0;
    ptrdiff_t x0, r;
    for (x0 = 0; x0 < n; x0 += CP_EXPAND, s++) {
        float* y = gx + s->at;
        if (taps == 1) cp_strip_rows(s, 1, g, out, lines, rows, t, g_ahead);
        else if (taps == 2) cp_strip_rows(s, 2, g, out, lines, rows, t, g_ahead);
        else if (taps == 3) cp_strip_rows(s, 3, g, out, lines, rows, t, g_ahead);
        else cp_strip_rows(s, taps, g, out, lines, rows, t, g_ahead);
        for (r = 0; r < whole; r++, y += n) {
            CP_XF(storeu_ps)(y, cp_strip_sum(t + spans[2 * r] * CP_EXPAND, spans[2 * r + 1], far));
            cp_prefetch_write(y + gx_ahead);
        }
        for (; r < count; r++, y += n) {
            const cp_xv v = cp_strip_sum(t + spans[2 * r] * CP_EXPAND, spans[2 * r + 1], far);
            memcpy(y, &v, n * sizeof(float));
        }
    }
}

/* Windows of 3x3 at every element, a plane of h rows of n as one line: neighbours of a vector come from the vectors beside it,
 * and what would be a neighbour in another row is masked out. 3x3/s1 on 1536 planes of 35 x 35 in strips: 0.58 ms. In the loop
 * below 0.31 ms with a mask for every store, 0.29 with one for the last only. */
#if CP_EXPAND == 16
typedef struct {
    float* scale;                           /* h * n, and a vector */
    float* sum;                             /* along W: (h + 2) * n, and a vector; -0 around it changes nothing */
    __mmask16* left;                        /* of each vector: elements that have a neighbour there */
    __mmask16* right;
} cp_near_t;

static ptrdiff_t cp_near_bytes(ptrdiff_t h, ptrdiff_t n) {
    return (2 * h * n + 2 * n + 64) * sizeof(float) + (h * n / 16 + 1) * 2 * sizeof(__mmask16);
}

static void cp_near_set(cp_near_t* s, char* room, const float* const* lines, ptrdiff_t h, ptrdiff_t n) {
    ptrdiff_t i, vectors = h * n / 16 + 1, l;
    s->scale = (float*)room;
    s->sum = s->scale + (h * n + 31) / 16 * 16;
    for (i = 0; i < h * n + 2 * n + 16; i++) s->sum[i] = -0.0f;
    s->left = (__mmask16*)(s->sum + h * n + 2 * n + 16);
    s->right = s->left + vectors;
    for (i = 0; i < h; i++) memcpy(s->scale + i * n, lines[i], n * sizeof(float));
    for (i = 0; i < vectors; i++) {
        unsigned a = 0, b = 0;
        for (l = 0; l < 16; l++) {
            a |= (unsigned)((i * 16 + l) % n != 0) << l;
            b |= (unsigned)((i * 16 + l) % n != n - 1) << l;
        }
        s->left[i] = (__mmask16)a;
        s->right[i] = (__mmask16)b;
    }
}

#define CP_X_FROM(from, to, by) _mm512_castsi512_ps(_mm512_maskz_alignr_epi32(m, _mm512_castps_si512(to), \
    _mm512_castps_si512(from), by))

static void cp_near(const cp_near_t* s, const float* g, float* gx, ptrdiff_t h, ptrdiff_t n) {
    const ptrdiff_t total = h * n;
    const __mmask16 last = (__mmask16)(0xffffu >> (15 - (total - 1) % 16));
    const float* t = s->sum;
    float* to = s->sum + n;
    cp_xv before = _mm512_setzero_ps(), here, after;
    __mmask16 m = total > 16 ? (__mmask16)0xffff : last, next;
    ptrdiff_t i;
    here = _mm512_mul_ps(_mm512_maskz_loadu_ps(m, g), _mm512_maskz_loadu_ps(m, s->scale));
    for (i = 0; i < total; i += 16) {
        cp_xv v;
        next = i + 32 < total ? (__mmask16)0xffff : i + 16 < total ? last : 0;
        after = _mm512_mul_ps(_mm512_maskz_loadu_ps(next, g + i + 16), _mm512_maskz_loadu_ps(next, s->scale + i + 16));
        cp_prefetch(g + total + i);
        m = s->left[i / 16];
        v = _mm512_add_ps(CP_X_FROM(before, here, 15), here);
        m = s->right[i / 16];
        v = _mm512_add_ps(v, CP_X_FROM(here, after, 1));
        if (cp_likely(i + 16 < total)) _mm512_storeu_ps(to + i, v);
        else _mm512_mask_storeu_ps(to + i, last, v);
        before = here;
        here = after;
    }
    for (i = 0; i < total; i += 16) {
        const cp_xv v = _mm512_add_ps(_mm512_add_ps(_mm512_loadu_ps(t + i), _mm512_loadu_ps(t + n + i)),
                                      _mm512_loadu_ps(t + 2 * n + i));
        cp_prefetch_write(gx + total + i);
        if (cp_likely(i + 16 < total)) _mm512_storeu_ps(gx + i, v);
        else _mm512_mask_storeu_ps(gx + i, last, v);
    }
}
#endif

#else
#define CP_EXPAND 0
typedef struct { ptrdiff_t at; } cp_strip_t;
static inline int cp_strips(cp_strip_t* s, const ptrdiff_t* now, const ptrdiff_t* all, ptrdiff_t step, ptrdiff_t n) {
    (void)s; (void)now; (void)all; (void)step; (void)n;
    return 0;
}
static inline void cp_expand(const cp_strip_t* s, int taps, const float* g, ptrdiff_t out, const float* const* lines,
                             ptrdiff_t rows, float* t, float* gx, ptrdiff_t n, const ptrdiff_t* spans, ptrdiff_t count,
                             ptrdiff_t step, ptrdiff_t g_ahead, ptrdiff_t gx_ahead) {
    (void)s; (void)taps; (void)g; (void)out; (void)lines; (void)rows; (void)t; (void)gx; (void)n; (void)spans; (void)count;
    (void)step; (void)g_ahead; (void)gx_ahead;
}
#endif

#if CP_EXPAND != 16
typedef struct { float* sum; } cp_near_t;
static inline ptrdiff_t cp_near_bytes(ptrdiff_t h, ptrdiff_t n) { (void)h; (void)n; return 0; }
static inline void cp_near_set(cp_near_t* s, char* room, const float* const* lines, ptrdiff_t h, ptrdiff_t n) {
    (void)s; (void)room; (void)lines; (void)h; (void)n;
}
static inline void cp_near(const cp_near_t* s, const float* g, float* gx, ptrdiff_t h, ptrdiff_t n) {
    (void)s; (void)g; (void)gx; (void)h; (void)n;
}
#endif
#endif
