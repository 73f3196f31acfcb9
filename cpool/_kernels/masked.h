/* Elements that take no part: copied with `fill` in their place, counted, and what windows of them come to. */
#ifndef CPOOL_MASKED_H
#define CPOOL_MASKED_H

#include "fast.h"
#include "portable.h"

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

/* sums / (count + pad) to y; where nothing is counted `empty`. count_step 0: one count serves n sums. */
#define CP_DIVIDE(name, S, Y, VALUE) \
static void cp_divide_##name(void* out, const void* sums, const void* counts, ptrdiff_t count_step, S pad, S empty, \
                             ptrdiff_t n) { \
    Y* y = (Y*)out; \
    const S* s = (const S*)sums; \
    const S* c = (const S*)counts; \
    ptrdiff_t i; \
    if (count_step) for (i = 0; i < n; i++) { \
        const S q = s[i] / (c[i] + pad), v = c[i] != 0 ? q : empty; \
        y[i] = VALUE; \
    } else for (i = 0; i < n; i++) { \
        const S q = s[i] / (c[0] + pad), v = c[0] != 0 ? q : empty; \
        y[i] = VALUE; \
    } \
}
CP_DIVIDE(f_f32, float, float, v)
CP_DIVIDE(f_f64, float, double, (double)v)
CP_DIVIDE(f_f16, float, f16_t, float_to_f16(v))
CP_DIVIDE(f_bf16, float, bf16_t, float_to_bf16(v))
CP_DIVIDE(d_f32, double, float, (float)v)
CP_DIVIDE(d_f64, double, double, v)
CP_DIVIDE(d_f16, double, f16_t, double_to_f16(v))
CP_DIVIDE(d_bf16, double, bf16_t, double_to_bf16(v))

CP_FAST_END
#endif
