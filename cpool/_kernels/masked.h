/* Elements that take no part: copied with `fill` in their place, counted, and what windows of them come to. */
#ifndef CPOOL_MASKED_H
#define CPOOL_MASKED_H

#include "panel_rows.h"

CP_FAST_BEGIN

/* x to d. Left out is what has mask[i] == 0 (mask may be NULL) and, with nan < top, what is a NaN: (bits & top) > nan.
 * on (may be NULL): 1 for what takes part. mask_step 0: one byte of the mask serves all. */
#define CP_LEAVE(T) \
static void cp_leave_##T(T* d, const T* x, const uint8_t* mask, uint8_t* on, ptrdiff_t n, T fill, T top, T nan) { \
    ptrdiff_t i; \
    if (on) { \
        if (mask) for (i = 0; i < n; i++) on[i] = (mask[i] != 0) & ((x[i] & top) <= nan); \
        else for (i = 0; i < n; i++) on[i] = (x[i] & top) <= nan; \
        for (i = 0; i < n; i++) d[i] = on[i] ? x[i] : fill; \
    } else if (mask && nan < top) { \
        for (i = 0; i < n; i++) { const T v = x[i]; d[i] = (mask[i] != 0) & ((v & top) <= nan) ? v : fill; } \
    } else if (mask) { \
        for (i = 0; i < n; i++) { const T v = x[i]; d[i] = mask[i] ? v : fill; } \
    } else { \
        for (i = 0; i < n; i++) { const T v = x[i]; d[i] = (v & top) <= nan ? v : fill; } \
    } \
} \
static void cp_fill_##T(T* d, ptrdiff_t n, T fill) { ptrdiff_t i; for (i = 0; i < n; i++) d[i] = fill; }
CP_LEAVE(uint8_t)
CP_LEAVE(uint16_t)
CP_LEAVE(uint32_t)
CP_LEAVE(uint64_t)

/* sums / (count + pad) to y; where nothing is counted `empty`. count_step 0: one count serves n sums. pads: NULL, or one
 * pad for each sum. */
#define CP_DIVIDE(R) \
static void cp_divide_##R(R* y, const R* s, const R* c, const R* pads, R pad, ptrdiff_t count_step, R empty, ptrdiff_t n) { \
    ptrdiff_t i; \
    if (count_step == 0) for (i = 0; i < n; i++) { const R q = s[i] / (c[0] + pad); y[i] = c[0] != 0 ? q : empty; } \
    else if (pads) for (i = 0; i < n; i++) { const R q = s[i] / (c[i] + pads[i]); y[i] = c[i] != 0 ? q : empty; } \
    else for (i = 0; i < n; i++) { const R q = s[i] / (c[i] + pad); y[i] = c[i] != 0 ? q : empty; } \
}
CP_DIVIDE(float)
CP_DIVIDE(double)

/* ---- counts: rows of bytes added up, then the taps of windows ---- */

#define CP_COUNT(T) \
static void cp_add_bytes_##T(T* CP_RESTRICT sum, const uint8_t* CP_RESTRICT row, ptrdiff_t n) { \
    ptrdiff_t i; \
    for (i = 0; i < n; i++) sum[i] += row[i] != 0; \
} \
/* n windows of `inner` lanes: c[i] += sum[i * step] */ \
static void cp_add_taps_##T(T* CP_RESTRICT c, const T* CP_RESTRICT sum, ptrdiff_t n, ptrdiff_t step, ptrdiff_t inner) { \
    ptrdiff_t i, k; \
    if (step == 1) for (i = 0; i < n * inner; i++) c[i] += sum[i]; \
    else if (inner > 1) for (i = 0; i < n; i++) for (k = 0; k < inner; k++) c[i * inner + k] += sum[i * step * inner + k]; \
    else if (step == 2) for (i = 0; i < n; i++) c[i] += sum[2 * i]; \
    else for (i = 0; i < n; i++) c[i] += sum[i * step]; \
} \
static void cp_counts_##T##_float(float* y, const T* c, ptrdiff_t n) { ptrdiff_t i; for (i = 0; i < n; i++) y[i] = (float)c[i]; } \
static void cp_counts_##T##_double(double* y, const T* c, ptrdiff_t n) { \
    ptrdiff_t i; for (i = 0; i < n; i++) y[i] = (double)c[i]; }
CP_COUNT(uint8_t)
CP_COUNT(uint64_t)

/* ---- averages of small windows, straight from rows of x: no copy, no second pass ---- */

/* Sums of n columns of k <= 3 rows, and how many elements take part. */
CP_INLINE float cp_keep_float(float v, int8_t all) { return cp_float32(cp_bits32(v) & (uint32_t)all); }
CP_INLINE double cp_keep_double(double v, int8_t all) {
    const uint64_t u = cp_bits64(v) & (uint64_t)all;
    memcpy(&v, &u, 8);
    return v;
}
/* on bits: of a conditional gcc makes loads under a mask, which take three times as long */
#define CP_ROWS(R) \
CP_INLINE R cp_part_##R(const R v, uint8_t m, const int omit) { \
    return cp_keep_##R(v, (int8_t)(omit ? -((m != 0) & (v == v)) : -(m != 0))); \
} \
CP_INLINE uint8_t cp_is_##R(const R v, uint8_t m, const int omit) { return omit ? (m != 0) & (v == v) : m != 0; } \
CP_INLINE void cp_add_rows_##R(R* CP_RESTRICT s, uint8_t* CP_RESTRICT c, const R** x, const uint8_t** m, \
                               ptrdiff_t n, const int k, const int omit) { \
    const R *p = x[0], *q = x[k > 1], *r = x[k > 2 ? 2 : 0]; \
    const uint8_t *mp = m[0], *mq = m[k > 1], *mr = m[k > 2 ? 2 : 0]; \
    ptrdiff_t i; \
    for (i = 0; i < n; i++) { \
        R v = cp_part_##R(p[i], mp[i], omit); \
        if (k > 1) v += cp_part_##R(q[i], mq[i], omit); \
        if (k > 2) v += cp_part_##R(r[i], mr[i], omit); \
        s[i] = v; \
    } \
    for (i = 0; i < n; i++) { \
        uint8_t v = cp_is_##R(p[i], mp[i], omit); \
        if (k > 1) v += cp_is_##R(q[i], mq[i], omit); \
        if (k > 2) v += cp_is_##R(r[i], mr[i], omit); \
        c[i] = v; \
    } \
} \
static void cp_rows_##R(R* s, uint8_t* c, const R** x, const uint8_t** m, ptrdiff_t n, int k, int omit) { \
    if (k == 3 && omit) cp_add_rows_##R(s, c, x, m, n, 3, 1); \
    else if (k == 3) cp_add_rows_##R(s, c, x, m, n, 3, 0); \
    else if (k == 2 && omit) cp_add_rows_##R(s, c, x, m, n, 2, 1); \
    else if (k == 2) cp_add_rows_##R(s, c, x, m, n, 2, 0); \
    else cp_add_rows_##R(s, c, x, m, n, 1, omit); \
}
CP_ROWS(float)
CP_ROWS(double)

/* Averages of n <= CP_MEANS_AT_ONCE windows of k <= 3 columns that are d apart, and up to 63 more: loops over bytes and
 * floats go by whole vectors of bytes. CP_SPARE elements must follow whatever is read or written. */
enum { CP_MEANS_AT_ONCE = 512, CP_SPARE = 192 };

/* Where tap j of windows that are `step` apart is, one after the other: in place, or in buffers. */
#define CP_TAPS(T) \
typedef struct { T even[CP_MEANS_AT_ONCE + CP_SPARE], odd[CP_MEANS_AT_ONCE + CP_SPARE], last[CP_MEANS_AT_ONCE + 64]; } cp_taps_##T; \
static void cp_set_taps_##T(cp_taps_##T* b, const T** at, const T* s, ptrdiff_t n, ptrdiff_t step, ptrdiff_t d, int k) { \
    ptrdiff_t i; \
    int j; \
    if (step == 2 && d < 64) for (i = 0; i < n + d; i++) { b->even[i] = s[2 * i]; b->odd[i] = s[2 * i + 1]; } \
    for (j = 0; j < 3; j++) { \
        const ptrdiff_t o = j < k ? j * d : 0; \
        if (step == 1) at[j] = s + o; \
        else if (step == 2 && d < 64) at[j] = (o & 1 ? b->odd : b->even) + (o >> 1); \
        else { \
            T* to = j == 0 ? b->even : j == 1 ? b->odd : b->last; \
            at[j] = to; \
            for (i = 0; i < n; i++) to[i] = s[i * step + o]; \
        } \
    } \
}
CP_TAPS(uint8_t)

#define CP_MEANS(R) \
CP_TAPS(R) \
CP_INLINE void cp_means_of_##R(R* CP_RESTRICT y, const R** s, const uint8_t** c, const R* CP_RESTRICT pad, ptrdiff_t n, R empty, \
                               const int k) { \
    const R *p = s[0], *q = s[1], *r = s[2]; \
    const uint8_t *cp = c[0], *cq = c[1], *cr = c[2]; \
    const ptrdiff_t all = (n + 63) & ~(ptrdiff_t)63; \
    ptrdiff_t i; \
    for (i = 0; i < all; i++) { \
        R v = p[i]; \
        uint8_t many = cp[i]; \
        if (k > 1) { v += q[i]; many += cq[i]; } \
        if (k > 2) { v += r[i]; many += cr[i]; } \
        v /= (R)many + pad[i]; \
        y[i] = many != 0 ? v : empty; \
    } \
} \
static void cp_means_##R(R* y, const R* s, const uint8_t* c, const R* pad, ptrdiff_t n, ptrdiff_t step, ptrdiff_t d, R empty, \
                         int k) { \
    cp_taps_##R sums; \
    cp_taps_uint8_t counts; \
    const R* at[3]; \
    const uint8_t* c_at[3]; \
    const ptrdiff_t all = step > 2 || d >= 64 ? n : (n + 63) & ~(ptrdiff_t)63; \
    cp_set_taps_##R(&sums, at, s, all, step, d, k); \
    cp_set_taps_uint8_t(&counts, c_at, c, all, step, d, k); \
    if (k == 3) cp_means_of_##R(y, at, c_at, pad, n, empty, 3); \
    else if (k == 2) cp_means_of_##R(y, at, c_at, pad, n, empty, 2); \
    else cp_means_of_##R(y, at, c_at, pad, n, empty, 1); \
}
CP_MEANS(float)
CP_MEANS(double)

CP_FAST_END
#endif
