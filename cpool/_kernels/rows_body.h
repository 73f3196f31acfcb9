/* `fold` and `slide` for one type CP_T of CP_SIZE bytes and one operation CP_OP; included by rows.h, once for each. */

#define CP_E CP_ELEMENT(CP_T)
#define CP_G(name) CP_PASTE3(name, CP_OP, CP_T)

#if CP_WIDE && !defined(CP_SINGLE)
#define CP_W CP_WIDE
#include "rows_width.h"
#if CP_WIDE > 16
#define CP_W 16
#include "rows_width.h"
#endif
#endif
#define CP_W 1
#include "rows_width.h"

/* the widest vectors that a row has room for */
#define CP_1(name) CP_PASTE4(name, CP_OP, CP_T, 1)
#if CP_WIDE && !defined(CP_SINGLE)
#define CP_PICK_WIDTH(n, name, args) { \
    if ((n) >= CP_WIDE / CP_SIZE) CP_PASTE4(name, CP_OP, CP_T, CP_WIDE) args; \
    else if ((n) >= 16 / CP_SIZE) CP_PASTE4(name, CP_OP, CP_T, 16) args; \
    else CP_1(name) args; }
#else
#define CP_PICK_WIDTH(n, name, args) CP_1(name) args;
#endif

/* `rows` times: dst[i] = op over h < th, d < td of src[h*sh + d*sd + i], in that order; begun: after what dst holds.
 * ahead > 0: prefetch the last `fresh` rows (of h) of what lies `ahead` elements further on. */
static void CP_G(cp_fold)(void* op, void* to, ptrdiff_t dst_step, const void* from, ptrdiff_t src_step, ptrdiff_t rows,
                          ptrdiff_t td, ptrdiff_t sd, ptrdiff_t th, ptrdiff_t sh, ptrdiff_t n, ptrdiff_t ahead,
                          ptrdiff_t fresh, int begun) {
    CP_E* dst = (CP_E*)to;
    const CP_E* src = (const CP_E*)from;
    ptrdiff_t off[CP_TAPS], h = 0, d = 0, left = td * th;
    (void)op;
    if (rows > 1 && dst_step == n && src_step == n && ahead == 0) {
        n *= rows;
        rows = 1;
    }
    while (left > 0) {
        const int taps = left < CP_TAPS ? (int)left : CP_TAPS;
        int t, first = taps;
        left -= taps;
        for (t = 0; t < taps; t++) {
            off[t] = h * sh + d * sd;
            if (ahead > 0 && h >= th - fresh && first > t) first = t;
            if (++d == td) { d = 0; h++; }
        }
        if (first == taps)
            CP_PICK_WIDTH(n, cp_fold_quiet, (dst, dst_step, src, src_step, rows, off, taps, n, begun))
        else
            CP_PICK_WIDTH(n, cp_fold_all, (dst, dst_step, src, src_step, rows, off, taps, n, ahead, first, begun))
        begun = 1;
    }
}

/* dst[r][o] = op over j < k of src[r][o*s + j*d], in order.
 * Polyphase: element o*s + j*d is element o + (j*d)/s of phase (j*d) % s; with the phases apart, windows are folds. Strides
 * of two take them apart in registers. */
static void CP_G(cp_slide)(void* op, void* to, ptrdiff_t dst_step, const void* from, ptrdiff_t src_step, ptrdiff_t rows,
                           ptrdiff_t ow, ptrdiff_t k, ptrdiff_t s, ptrdiff_t d) {
    enum { ROOM = CP_PIECE + 64 };
    CP_E* dst = (CP_E*)to;
    const CP_E* src = (const CP_E*)from;
    CP_E phase[4 * ROOM];
    ptrdiff_t off[CP_TAPS], r, o, j, i, m, n, reach = (k - 1) * d;
    (void)op;
    if (s == 2 && d == 1 && k > 1 && k <= CP_TAPS) {
        CP_PICK_WIDTH(ow, cp_slide_half, (dst, dst_step, src, src_step, rows, ow, (int)k, 1))
        return;
    }
    if (k == 1 || k > CP_TAPS || reach < 0 || reach / s >= 60 || s > 4 || s == 1) {
        for (r = 0; r < rows; r++, src += src_step, dst += dst_step) {       /* distant taps or strides */
            for (o = 0; o < ow; o++) dst[o] = src[o * s];
            for (j = 1; j < k; j++)
                for (o = 0; o < ow; o++) dst[o] = CP_1(cp)(dst[o], src[o * s + j * d]);
        }
        return;
    }
    for (j = 0; j < k; j++) off[j] = j * d % s * ROOM + j * d / s;
    for (r = 0; r < rows; r++, src += src_step, dst += dst_step) {
        for (o = 0; o < ow; o += m) {
            const CP_E* a = src + o * s;
            m = ow - o < CP_PIECE ? ow - o : CP_PIECE;
            n = m - 1 + reach / s;      /* the last phases may have one less than the first: no read beyond the last window */
            for (j = 0; j < s; j++)
                for (i = 0; i < n; i++) phase[j * ROOM + i] = a[i * s + j];
            for (j = 0; j < (m - 1) * s + reach - n * s + 1; j++) phase[j * ROOM + n] = a[n * s + j];
            CP_PICK_WIDTH(m, cp_fold_quiet, (dst + o, 0, phase, 0, 1, off, (int)k, m, 0))
        }
    }
}

/* Windows of few taps, rows and columns at once: see cp_box_t. */
static void CP_G(cp_box)(void* op, const cp_box_t* b, void* dst, const void* src) {
    (void)op;
#if CP_WIDE == 64 && defined(CP_STENCILS)
    if (b->blank) {
        CP_PASTE4(cp_stencils, CP_OP, CP_T, 64)(b, (CP_E*)dst, (const CP_E*)src);
        return;
    }
#endif
    CP_PICK_WIDTH(b->n < b->cols ? b->n : b->cols, cp_box_rows, (b, (CP_E*)dst, (const CP_E*)src))
}

/* A row of windows of columns (channels last). */
static void CP_G(cp_lanes)(void* op, const cp_box_t* b, void* dst, const void* src) {
    (void)op;
    CP_PICK_WIDTH(b->n, cp_lanes_row, (b, (CP_E*)dst, (const CP_E*)src))
}

#undef CP_E
#undef CP_G
#undef CP_1
#undef CP_PICK_WIDTH
#undef CP_OP
#undef CP_SCALES
