/* Rows of float32 in uneven windows: forward adaptive pooling, a piece of a row of windows at a time, in registers.
 *
 * The columns that a piece needs fit two vectors: the rows of its windows are folded into them, then tap j of all its windows
 * comes by one permutation of both. 30x30 to 7x7 means of 4096 planes: 0.8 ms transposed into lanes.
 * Where one vector holds the columns, and half a vector the windows, two rows of windows are taken at once: 13x13 to 6x6
 * maxima of 2048 planes 0.057 to 0.031 ms.
 */
#ifndef CPOOL_UNEVEN_H
#define CPOOL_UNEVEN_H

#include "expand.h"

#define CP_UNEVEN_TAPS 16

typedef struct {
    const float* x;
    const float* end;                       /* of x: nothing is read from there on */
    float* room;                            /* for the rows of a window, where a vector would reach beyond */
    const ptrdiff_t* first;                 /* rows of each row of windows */
    const ptrdiff_t* taps;
    const double* const* scale;             /* for each row of windows one factor for each window, or NULL */
    ptrdiff_t plane, n, out_rows, out_cols;
} cp_uneven_t;

#if CP_EXPAND

typedef struct {
    int index[CP_UNEVEN_TAPS][CP_EXPAND];
    int count[CP_EXPAND];                   /* taps of each window, at least 1 */
    ptrdiff_t base, at, cols;               /* first column of x, first window, windows */
    int taps, two;                          /* most taps; whether there is a second vector */
    int pair, even;                         /* whether two rows of windows fill one vector; whether all have `taps` */
} cp_piece_t;

/* Windows first[o] .. first[o] + taps[o] - 1 in pieces; returns how many, 0 if they have too many taps. */
static int cp_pieces(cp_piece_t* p, const ptrdiff_t* first, const ptrdiff_t* taps, ptrdiff_t out) {
    ptrdiff_t o = 0, l;
    int pieces = 0, j;
    while (o < out) {
        p->at = o;
        p->base = first[o];
        p->taps = 1;
        p->two = p->pair = p->even = 0;
        for (l = 0; l < CP_EXPAND && o < out && first[o] + taps[o] - p->base <= 2 * CP_EXPAND; l++, o++) {
            if (taps[o] < 1 || taps[o] > CP_UNEVEN_TAPS) return 0;
            p->count[l] = (int)taps[o];
            if (p->count[l] > p->taps) p->taps = p->count[l];
            if (first[o] + taps[o] - p->base > CP_EXPAND) p->two = 1;
            for (j = 0; j < CP_UNEVEN_TAPS; j++) p->index[j][l] = j < taps[o] ? (int)(first[o] - p->base) + j : 0;
        }
        if (l == 0) return 0;
        p->cols = l;
        for (; l < CP_EXPAND; l++) {
            p->count[l] = 1;
            for (j = 0; j < CP_UNEVEN_TAPS; j++) p->index[j][l] = 0;
        }
        pieces++;
        p++;
    }
    if (pieces == 1 && !p[-1].two && out <= CP_EXPAND / 2) {    /* the windows of a second row: the other half of the lanes */
        p--;
        p->pair = p->even = 1;
        for (l = 0; l < CP_EXPAND / 2; l++) {
            if (l < out && p->count[l] < p->taps) p->even = 0;
            p->count[CP_EXPAND / 2 + l] = p->count[l];
            for (j = 0; j < CP_UNEVEN_TAPS; j++) p->index[j][CP_EXPAND / 2 + l] = p->index[j][l] + CP_EXPAND;
        }
    }
    return pieces;
}

#if CP_EXPAND == 16
#define CP_X_PERMUTE2(v, w, i) _mm512_permutex2var_ps(v, i, w)
#define CP_X_SELECT(m, no, yes) _mm512_mask_mov_ps(no, m, yes)
#define CP_X_TAKE(name, m, v) _mm512_mask_##name##_ps(v, _mm512_cmp_ps_mask(v, v, _CMP_ORD_Q), v, m)
#define CP_X_STORE_HALF(p, v, high) _mm256_storeu_ps(p, high ? _mm512_extractf32x8_ps(v, 1) : _mm512_castps512_ps256(v))
static inline cp_xv cp_x_scaled(cp_xv v, const double* by, const double* high) {
    __m512d a = _mm512_cvtps_pd(_mm512_castps512_ps256(v)), b;
    __m256 low = _mm512_cvtpd_ps(_mm512_mul_pd(a, _mm512_loadu_pd(by)));
    if (!high) return _mm512_castps256_ps512(low);
    b = _mm512_cvtps_pd(_mm256_castpd_ps(_mm512_extractf64x4_pd(_mm512_castps_pd(v), 1)));
    return _mm512_castpd_ps(_mm512_insertf64x4(_mm512_castps_pd(_mm512_castps256_ps512(low)),
        _mm256_castps_pd(_mm512_cvtpd_ps(_mm512_mul_pd(b, _mm512_loadu_pd(high)))), 1));
}
#else
#define CP_X_PERMUTE2(v, w, i) _mm256_blendv_ps(_mm256_permutevar8x32_ps(v, i), _mm256_permutevar8x32_ps(w, i), \
    _mm256_castsi256_ps(_mm256_slli_epi32(i, 28)))
#define CP_X_SELECT(m, no, yes) _mm256_blendv_ps(no, yes, m)
#define CP_X_TAKE(name, m, v) _mm256_blendv_ps(_mm256_##name##_ps(v, m), v, _mm256_cmp_ps(v, v, _CMP_UNORD_Q))
#define CP_X_STORE_HALF(p, v, high) _mm_storeu_ps(p, high ? _mm256_extractf128_ps(v, 1) : _mm256_castps256_ps128(v))
static inline cp_xv cp_x_scaled(cp_xv v, const double* by, const double* high) {
    __m128 low = _mm256_cvtpd_ps(_mm256_mul_pd(_mm256_cvtps_pd(_mm256_castps256_ps128(v)), _mm256_loadu_pd(by)));
    if (!high) return _mm256_castps128_ps256(low);
    return _mm256_set_m128(_mm256_cvtpd_ps(_mm256_mul_pd(_mm256_cvtps_pd(_mm256_extractf128_ps(v, 1)),
                                                         _mm256_loadu_pd(high))), low);
}
#endif

/* max and min return their second operand where an operand is NaN or both are zeros: m then, and v if that is NaN. */
#define CP_X_ADD2(m, v) CP_XF(add_ps)(m, v)
#define CP_X_MAX2(m, v) CP_X_TAKE(max, m, v)
#define CP_X_MIN2(m, v) CP_X_TAKE(min, m, v)

/* `rows` rows of one vector, n apart */
#define CP_UNEVEN_FOLD(a, q, rows, STEP) { \
    const float* q_ = (q); \
    ptrdiff_t h_; \
    a = CP_XF(loadu_ps)(q_); \
    for (h_ = 1; h_ < (rows); h_++) { const cp_xv v_ = CP_XF(loadu_ps)(q_ += n); a = STEP(a, v_); } \
}

/* Rows of windows begin .. end - 1, counted through all planes, to `out`; two at a time as long as they are away from the ends
 * of x and the output: returns how many. */
#define CP_UNEVEN(name, STEP) \
static ptrdiff_t name##_pairs(const cp_uneven_t* u, const cp_piece_t* p, ptrdiff_t begin, ptrdiff_t end, float* out) { \
    const ptrdiff_t n = u->n, from = begin, cols = u->out_cols, ask = 2 * u->plane / u->out_rows * (ptrdiff_t)sizeof(float); \
    const float* const limit = out + (end - begin) * cols; \
    const float* plane = u->x + begin / u->out_rows * u->plane + p->base; \
    const cp_xi counts = CP_X_INTS(p->count), i0 = CP_X_INTS(p->index[0]); \
    ptrdiff_t r = begin % u->out_rows, s, i; \
    for (; begin + 2 <= end && limit - out >= cols + CP_EXPAND / 2; begin += 2, out += 2 * cols) { \
        const float *src = plane + u->first[r] * n, *next = plane; \
        cp_xv a, b, m; \
        int j; \
        if ((s = r + 1) == u->out_rows) s = 0, next += u->plane; \
        plane = next; \
        next += u->first[s] * n; \
        if (u->end - next < u->taps[s] * n + CP_EXPAND) break; \
        for (i = 0; i < ask; i += 64) cp_prefetch((const char*)src + 4096 + i); \
        if (u->taps[r] == 3) CP_UNEVEN_FOLD(a, src, 3, STEP) else CP_UNEVEN_FOLD(a, src, u->taps[r], STEP) \
        if (u->taps[s] == 3) CP_UNEVEN_FOLD(b, next, 3, STEP) else CP_UNEVEN_FOLD(b, next, u->taps[s], STEP) \
        m = CP_X_PERMUTE2(a, b, i0); \
        for (j = 1; j < p->taps; j++) { \
            const cp_xi at = CP_X_INTS(p->index[j]); \
            const cp_xv v = CP_X_PERMUTE2(a, b, at); \
            if (p->even) m = STEP(m, v); \
            else m = CP_X_SELECT(CP_X_MORE(counts, j), m, STEP(m, v)); \
        } \
        if (u->scale) m = cp_x_scaled(m, u->scale[r], u->scale[s]); \
        CP_X_STORE_HALF(out, m, 0); \
        CP_X_STORE_HALF(out + cols, m, 1); \
        if ((r = s + 1) == u->out_rows) r = 0, plane += u->plane; \
    } \
    return begin - from; \
} \
static void name(const cp_uneven_t* u, const cp_piece_t* pieces, int count, ptrdiff_t begin, ptrdiff_t end, float* out) { \
    const ptrdiff_t n = u->n, done = pieces->pair ? name##_pairs(u, pieces, begin, end, out) : 0; \
    const float* const limit = out + (end - begin) * u->out_cols; \
    ptrdiff_t r = (begin += done) % u->out_rows; \
    const float* plane = u->x + begin / u->out_rows * u->plane; \
    out += done * u->out_cols; \
    for (; begin < end; begin++, out += u->out_cols) { \
        const ptrdiff_t rows = u->taps[r]; \
        const float* src = plane + u->first[r] * n; \
        int i; \
        if (u->end - src < rows * n + 2 * CP_EXPAND) { \
            memcpy(u->room, src, rows * n * sizeof(float)); \
            src = u->room; \
        } \
        for (i = 0; i < count; i++) { \
            const cp_piece_t* p = pieces + i; \
            const float* q = src + p->base; \
            const cp_xi counts = CP_X_INTS(p->count); \
            cp_xv a = CP_XF(loadu_ps)(q), m; \
            ptrdiff_t h; \
            int j; \
            cp_prefetch((const char*)q + 4096); \
            if (p->two) { \
                cp_xv b = CP_XF(loadu_ps)(q + CP_EXPAND); \
                for (h = 1; h < rows; h++) { \
                    cp_xv v; \
                    q += n; \
                    cp_prefetch((const char*)q + 4096); \
                    v = CP_XF(loadu_ps)(q); a = STEP(a, v); \
                    v = CP_XF(loadu_ps)(q + CP_EXPAND); b = STEP(b, v); \
                } \
                m = CP_X_PERMUTE2(a, b, CP_X_INTS(p->index[0])); \
                for (j = 1; j < p->taps; j++) { \
                    const cp_xi at = CP_X_INTS(p->index[j]); \
                    const cp_xv v = CP_X_PERMUTE2(a, b, at); \
                    m = CP_X_SELECT(CP_X_MORE(counts, j), m, STEP(m, v)); \
                } \
            } else { \
                for (h = 1; h < rows; h++) { \
                    cp_xv v; \
                    q += n; \
                    cp_prefetch((const char*)q + 4096); \
                    v = CP_XF(loadu_ps)(q); a = STEP(a, v); \
                } \
                m = CP_X_PERMUTE(a, CP_X_INTS(p->index[0])); \
                for (j = 1; j < p->taps; j++) { \
                    const cp_xv v = CP_X_PERMUTE(a, CP_X_INTS(p->index[j])); \
                    m = CP_X_SELECT(CP_X_MORE(counts, j), m, STEP(m, v)); \
                } \
            } \
            if (u->scale) { \
                const double* by = u->scale[r] + p->at; \
                m = cp_x_scaled(m, by, p->cols > CP_EXPAND / 2 ? by + CP_EXPAND / 2 : NULL); \
            } \
            if (limit - (out + p->at) >= CP_EXPAND) CP_XF(storeu_ps)(out + p->at, m); \
            else memcpy(out + p->at, &m, p->cols * sizeof(float)); \
        } \
        if (++r == u->out_rows) r = 0, plane += u->plane; \
    } \
}

CP_UNEVEN(cp_uneven_max, CP_X_MAX2)
CP_UNEVEN(cp_uneven_min, CP_X_MIN2)
CP_UNEVEN(cp_uneven_add, CP_X_ADD2)

static void cp_uneven(int op, const cp_uneven_t* u, const cp_piece_t* p, int count, ptrdiff_t begin, ptrdiff_t end,
                      float* out) {
    if (op == 0) cp_uneven_max(u, p, count, begin, end, out);
    else if (op == 1) cp_uneven_min(u, p, count, begin, end, out);
    else cp_uneven_add(u, p, count, begin, end, out);
}

#else
typedef struct { ptrdiff_t at; } cp_piece_t;
static inline int cp_pieces(cp_piece_t* p, const ptrdiff_t* first, const ptrdiff_t* taps, ptrdiff_t out) {
    (void)p; (void)first; (void)taps; (void)out;
    return 0;
}
static inline void cp_uneven(int op, const cp_uneven_t* u, const cp_piece_t* p, int count, ptrdiff_t begin, ptrdiff_t end,
                             float* out) {
    (void)op; (void)u; (void)p; (void)count; (void)begin; (void)end; (void)out;
}
#endif
#endif
