/* Rows of taps: from every dtype into the cells of a panel and back, `n` elements, with a step on either side.
 *
 * One small function for each pair of dtypes, picked once for a call, so that the geometry of panels exists once for each
 * kind of cell and not once for each dtype.
 */
#ifndef CPOOL_PANEL_ROWS_H
#define CPOOL_PANEL_ROWS_H

#include "fast.h"
#include "portable.h"

CP_FAST_BEGIN

typedef void (*cp_row_t)(void* to, ptrdiff_t to_step, const void* from, ptrdiff_t step, ptrdiff_t n);

#define CP_ROW(name, S, R, VALUE) \
static void cp_row_##name(void* to, ptrdiff_t to_step, const void* from, ptrdiff_t step, ptrdiff_t n) { \
    const S* x = (const S*)from; \
    R* v = (R*)to; \
    ptrdiff_t i; \
    if (to_step != 1) for (i = 0; i < n; i++) { const S e = x[i * step]; v[i * to_step] = VALUE; } \
    else if (step == 1) for (i = 0; i < n; i++) { const S e = x[i]; v[i] = VALUE; } \
    else if (step == 2) for (i = 0; i < n; i++) { const S e = x[2 * i]; v[i] = VALUE; } \
    else for (i = 0; i < n; i++) { const S e = x[i * step]; v[i] = VALUE; } \
}

CP_ROW(u8_f, uint8_t, float, (float)e)
CP_ROW(f32_f, float, float, e)
CP_ROW(f16_f, f16_t, float, f16_to_float(e))
CP_ROW(bf16_f, bf16_t, float, bf16_to_float(e))
CP_ROW(u8_d, uint8_t, double, (double)e)
CP_ROW(i8_d, int8_t, double, (double)e)
CP_ROW(u16_d, uint16_t, double, (double)e)
CP_ROW(i16_d, int16_t, double, (double)e)
CP_ROW(u32_d, uint32_t, double, (double)e)
CP_ROW(i32_d, int32_t, double, (double)e)
CP_ROW(u64_d, uint64_t, double, (double)e)
CP_ROW(i64_d, int64_t, double, (double)e)
CP_ROW(f32_d, float, double, (double)e)
CP_ROW(f64_d, double, double, e)
CP_ROW(f16_d, f16_t, double, (double)f16_to_float(e))
CP_ROW(bf16_d, bf16_t, double, (double)bf16_to_float(e))
CP_ROW(f_f64, float, double, (double)e)
CP_ROW(f_f16, float, f16_t, float_to_f16(e))
CP_ROW(f_bf16, float, bf16_t, float_to_bf16(e))
CP_ROW(d_f32, double, float, (float)e)
CP_ROW(d_f16, double, f16_t, double_to_f16(e))
CP_ROW(d_bf16, double, bf16_t, double_to_bf16(e))

/* by the code of the dtype: u8 i8 u16 i16 u32 i32 u64 i64 f32 f64 f16 bf16; floats only hold what fits into them */
static const cp_row_t CP_INTO_FLOAT[12] = {cp_row_u8_f, 0, 0, 0, 0, 0, 0, 0, cp_row_f32_f, 0, cp_row_f16_f, cp_row_bf16_f};
static const cp_row_t CP_INTO_DOUBLE[12] = {
    cp_row_u8_d, cp_row_i8_d, cp_row_u16_d, cp_row_i16_d, cp_row_u32_d, cp_row_i32_d, cp_row_u64_d, cp_row_i64_d,
    cp_row_f32_d, cp_row_f64_d, cp_row_f16_d, cp_row_bf16_d};
static const cp_row_t CP_FROM_FLOAT[12] = {0, 0, 0, 0, 0, 0, 0, 0, cp_row_f32_f, cp_row_f_f64, cp_row_f_f16, cp_row_f_bf16};
static const cp_row_t CP_FROM_DOUBLE[12] = {0, 0, 0, 0, 0, 0, 0, 0, cp_row_d_f32, cp_row_f64_d, cp_row_d_f16, cp_row_d_bf16};

#define CP_CELLS(R) \
static void cp_fill_##R(R* v, ptrdiff_t n, R c) { ptrdiff_t i; for (i = 0; i < n; i++) v[i] = c; } \
/* taps that are not there are 0; `omit`: nor are NaN */ \
static void cp_leave_out_##R(R* x, R* on, ptrdiff_t n, int omit) { \
    ptrdiff_t i; \
    if (omit) for (i = 0; i < n; i++) on[i] = x[i] == x[i] ? on[i] : 0; \
    for (i = 0; i < n; i++) x[i] = on[i] != 0 ? x[i] : 0; \
} \
static void cp_count_##R(R* count, const R* on, ptrdiff_t taps, ptrdiff_t n) { \
    ptrdiff_t t, i; \
    for (t = 0; t < taps; t++, on += n) for (i = 0; i < n; i++) count[i] += on[i]; \
} \
/* sums of a piece to the totals, with what the additions lose */ \
static void cp_fold_##R(R* total, R* rest, R* s, ptrdiff_t n) { \
    ptrdiff_t i; \
    for (i = 0; i < n; i++) { \
        const R a = total[i] + s[i], b = a - total[i]; \
        rest[i] += (total[i] - (a - b)) + (s[i] - b); \
        total[i] = a; \
        s[i] = 0; \
    } \
}
CP_CELLS(float)
CP_CELLS(double)

static void cp_add_row(double* y, ptrdiff_t step, const double* v, ptrdiff_t n) {
    ptrdiff_t i;
    if (step == 1) for (i = 0; i < n; i++) y[i] += v[i];
    else if (step == 2) for (i = 0; i < n; i++) y[2 * i] += v[i];
    else for (i = 0; i < n; i++) y[i * step] += v[i];
}

CP_FAST_END
#endif
