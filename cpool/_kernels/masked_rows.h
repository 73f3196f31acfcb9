/* Averages of small windows straight from rows of x and of a mask, for one type R; included by masked.h, once for each.
 *
 *   columns   sums of up to three rows, and how many elements of them take part: one byte each
 *   means     windows of up to three columns from those: added up, divided by the counts
 *   pixels    windows of pixels of CP_L elements or more that overlap little: straight from x
 * All by vectors of CP_L elements, the last of which ends with the row and overlaps the one before it. With fewer elements
 * than that they read and write a whole vector all the same: CP_SPARE elements lie behind every buffer, and x is copied
 * where it ends. A compiler without these vectors has loops of single elements.
 */

#define CP_F(name) CP_JOIN(name, CP_R)
#define CP_JOIN_(a, b) a##_##b
#define CP_JOIN(a, b) CP_JOIN_(a, b)

#if CP_L == 1

CP_INLINE CP_R CP_F(cp_part)(const CP_R* x, const uint8_t* m, const int omit, uint8_t* c) {
    const int on = omit ? (*m != 0) & (*x == *x) : *m != 0;
    *c += (uint8_t)on;
    return CP_F(cp_keep)(*x, (int8_t)-on);
}
CP_INLINE void CP_F(cp_column)(CP_R* s, uint8_t* c, const CP_R** x, const uint8_t** m, ptrdiff_t i, const int k, const int omit) {
    uint8_t count = 0;
    CP_R v = CP_F(cp_part)(x[0] + i, m[0] + i, omit, &count);
    if (k > 1) v += CP_F(cp_part)(x[1] + i, m[1] + i, omit, &count);
    if (k > 2) v += CP_F(cp_part)(x[2] + i, m[2] + i, omit, &count);
    s[i] = v;
    c[i] = count;
}
CP_INLINE void CP_F(cp_mean)(CP_R* y, const CP_R** s, const uint8_t** c, const CP_R* pad, ptrdiff_t i, const CP_R least,
                             const int k, const int step) {
    CP_R v = s[0][step * i];
    uint8_t count = c[0][step * i];
    if (k > 1) { v += s[1][step * i]; count += c[1][step * i]; }
    if (k > 2) { v += s[2][step * i]; count += c[2][step * i]; }
    {
        CP_R d = (CP_R)count + (pad ? pad[i] : 0);
        y[i] = v / (d > least ? d : least);
    }
}

#else

CP_INLINE void CP_F(cp_column)(CP_R* s, uint8_t* c, const CP_R** x, const uint8_t** m, ptrdiff_t i, const int k, const int omit) {
    CP_BYTES count = CP_NO_BYTES;
    CP_V v = CP_PART(x[0] + i, m[0] + i, omit, count);
    if (k > 1) v += CP_PART(x[1] + i, m[1] + i, omit, count);
    if (k > 2) v += CP_PART(x[2] + i, m[2] + i, omit, count);
    memcpy(s + i, &v, sizeof v);
    memcpy(c + i, &count, CP_L);
}
CP_INLINE CP_V CP_F(cp_get)(const CP_R* p) { CP_V v; memcpy(&v, p, sizeof v); return v; }
CP_INLINE void CP_F(cp_mean)(CP_R* y, const CP_R** s, const uint8_t** c, const CP_R* pad, ptrdiff_t i, const CP_R least,
                             const int k, const int step) {
    CP_V v, d;
    if (step == 1) {
        v = CP_F(cp_get)(s[0] + i);
        if (k > 1) v += CP_F(cp_get)(s[1] + i);
        if (k > 2) v += CP_F(cp_get)(s[2] + i);
        d = CP_COUNTED(cp_some_bytes(c, i, k, CP_L));
    } else {
        const CP_V a = CP_F(cp_get)(s[0] + 2 * i), b = CP_F(cp_get)(s[0] + 2 * i + CP_L);
        v = CP_EVEN(a, b);
        if (k > 1) v += CP_ODD(a, b);
        if (k > 2) {
            const CP_V e = CP_F(cp_get)(s[0] + 2 * i + 2), f = CP_F(cp_get)(s[0] + 2 * i + 2 + CP_L);
            v += CP_EVEN(e, f);
        }
        d = CP_DOUBLE(c[0] + 2 * i, k);
    }
    if (pad) d += CP_F(cp_get)(pad + i);
    v /= CP_LARGER(d, least);
    memcpy(y + i, &v, sizeof v);
}
#endif

CP_INLINE void CP_F(cp_columns)(const cp_lines_t* l, CP_R* CP_RESTRICT s, uint8_t* CP_RESTRICT c, const CP_R** x,
                                const uint8_t** m, ptrdiff_t n, const int k, const int omit) {
    const CP_R* at[3] = {x[0], x[1], x[2]};
    const uint8_t* on[3] = {m[0], m[1], m[2]};
    ptrdiff_t i, r;
    int j;
    for (r = 0; r < l->rows; r++) {
        for (i = 0; i < l->fresh; i += 64 / (ptrdiff_t)sizeof(CP_R)) cp_prefetch(at[k - 1] + l->ahead + i);
        if (l->mask_step) for (i = 0; i < l->fresh; i += 64) cp_prefetch(on[k - 1] + l->ahead + i);
        CP_EACH for (i = 0; i + CP_L <= n; i += CP_L) CP_F(cp_column)(s, c, at, on, i, k, omit);
        if (i < n) CP_F(cp_column)(s, c, at, on, n < CP_L ? 0 : n - CP_L, k, omit);
        for (j = 0; j < 3; j++) {
            at[j] += l->step;
            on[j] += l->mask_step;
        }
        s += l->pitch;
        c += l->pitch;
    }
}
/* lines of n columns of k <= 3 rows; fewer than CP_L: as many are read and written */
static void CP_F(cp_rows)(const cp_lines_t* l, CP_R* s, uint8_t* c, const CP_R** x, const uint8_t** m, ptrdiff_t n, int k,
                          int omit) {
    if (k == 3 && omit) CP_F(cp_columns)(l, s, c, x, m, n, 3, 1);
    else if (k == 3) CP_F(cp_columns)(l, s, c, x, m, n, 3, 0);
    else if (k == 2 && omit) CP_F(cp_columns)(l, s, c, x, m, n, 2, 1);
    else if (k == 2) CP_F(cp_columns)(l, s, c, x, m, n, 2, 0);
    else CP_F(cp_columns)(l, s, c, x, m, n, 1, omit);
}

CP_INLINE void CP_F(cp_means_of)(const cp_lines_t* l, CP_R* CP_RESTRICT y, const CP_R** s, const uint8_t** c, const CP_R* pad,
                                 ptrdiff_t n, const CP_R least, const int k, const int step) {
    const CP_R* at[3] = {s[0], s[1], s[2]};
    const uint8_t* on[3] = {c[0], c[1], c[2]};
    ptrdiff_t i, r;
    int j;
    for (r = 0; r < l->rows; r++) {
        CP_EACH for (i = 0; i + CP_L <= n; i += CP_L) CP_F(cp_mean)(y, at, on, pad, i, least, k, step);
        if (i < n && n >= CP_L) {
            CP_F(cp_mean)(y, at, on, pad, n - CP_L, least, k, step);
        } else if (i < n) {
            CP_R few[CP_L];
            CP_F(cp_mean)(few, at, on, pad, 0, least, k, step);
            memcpy(y, few, n * sizeof(CP_R));
        }
        for (j = 0; j < 3; j++) {
            at[j] += l->pitch;
            on[j] += l->pitch;
        }
        y += l->step;
        if (pad) pad += l->pad_step;
    }
}
/* Averages of lines of n windows of k <= 3 columns, step 1: tap j of window i is s[j][i]; step 2: s[0][2 * i + j]. least:
 * what a divisor is at least, 0 or 1. pad: NULL, or what comes to the count of each window. */
static void CP_F(cp_means)(const cp_lines_t* l, CP_R* y, const CP_R** s, const uint8_t** c, const CP_R* pad, ptrdiff_t n,
                           CP_R least, int k, int step) {
    if (step == 2 && k == 3) {
        if (pad) CP_F(cp_means_of)(l, y, s, c, pad, n, least, 3, 2);
        else CP_F(cp_means_of)(l, y, s, c, NULL, n, least, 3, 2);
    } else if (step == 2) CP_F(cp_means_of)(l, y, s, c, pad, n, least, 2, 2);
    else if (k == 3) {
        if (pad) CP_F(cp_means_of)(l, y, s, c, pad, n, least, 3, 1);
        else CP_F(cp_means_of)(l, y, s, c, NULL, n, least, 3, 1);
    } else if (k == 2) CP_F(cp_means_of)(l, y, s, c, pad, n, least, 2, 1);
    else CP_F(cp_means_of)(l, y, s, c, pad, n, least, 1, 1);
}

#if CP_L == 1
static void CP_F(cp_pixels)(const cp_pixels_t* p, CP_R* y, const CP_R** x, const uint8_t** m, const CP_R* pad, CP_R least,
                            int kind) {
    (void)p; (void)y; (void)x; (void)m; (void)pad; (void)least; (void)kind;
}
#else
/* One window; begin .. end - 1: its columns that are there, the others add 0. Columns first, then these: an order of additions
 * that lines have too. */
CP_INLINE void CP_F(cp_pixel)(const cp_pixels_t* p, CP_R* y, const CP_R** x, const uint8_t** m, const CP_R* pad, ptrdiff_t w,
                              const CP_R least, const int kind, const ptrdiff_t rows, const ptrdiff_t columns,
                              const ptrdiff_t begin, const ptrdiff_t end) {
    const ptrdiff_t inner = p->inner, tap = p->dilation * inner;
    CP_R divisor = pad ? *pad : 0;
    int32_t on[9];
    ptrdiff_t i, c, r;
    if (kind == CP_WHOLE_PIXELS) {
        int count = 0;
        for (c = begin; c < end; c++) for (r = 0; r < rows; r++) {
            on[3 * c + r] = -(m[r][w + c * p->dilation] != 0);
            count -= on[3 * c + r];
        }
        divisor += (CP_R)count;
        divisor = divisor > least ? divisor : least;
    }
    for (i = 0; i < inner; i += CP_L) {
        const ptrdiff_t first = i + CP_L <= inner ? i : inner - CP_L, at = w * inner + first;
        CP_BYTES count = CP_NO_BYTES;
        CP_V v = {0}, d;
        for (c = 0; c < columns; c++) {
            CP_V s = {0};
            if (c >= begin && c < end) for (r = 0; r < rows; r++) {
                CP_V part;
                if (kind == CP_WHOLE_PIXELS) part = (CP_V)((CP_I)CP_F(cp_get)(x[r] + at + c * tap) & on[3 * c + r]);
                else part = CP_PART(x[r] + at + c * tap, m[r] + at + c * tap, kind == CP_ELEMENTS_OMIT, count);
                if (r) s += part; else s = part;
            }
            if (c) v += s; else v = s;
        }
        if (kind == CP_WHOLE_PIXELS) {
            v /= divisor;
        } else {
            d = CP_COUNTED(count);
            if (pad) d += CP_F(cp_get)(pad + first);
            v /= CP_LARGER(d, least);
        }
        memcpy(y + first, &v, sizeof v);
    }
}
CP_INLINE void CP_F(cp_pixels_of)(const cp_pixels_t* p, CP_R* y, const CP_R** x, const uint8_t** m, const CP_R* pad,
                                  const CP_R least, const int kind) {
    const ptrdiff_t inner = p->inner, columns = p->columns, line = 64 / (ptrdiff_t)sizeof(CP_R);
    ptrdiff_t o, i, r;
    for (o = 0; o < p->windows; o++, y += inner) {
        const ptrdiff_t w = o * p->stride - p->lo, next = p->ahead + w * inner;
        ptrdiff_t begin = 0, end = p->rows ? columns : 0;
        while (begin < end && w + begin * p->dilation < 0) begin++;
        while (begin < end && w + (end - 1) * p->dilation >= p->n) end--;
        for (r = 0; r < p->fresh; r++) {
            for (i = 0; i < p->stride * inner; i += line) cp_prefetch(x[0] + next + r * p->row + i);
            if (kind != CP_WHOLE_PIXELS) for (i = 0; i < p->stride * inner; i += 64) cp_prefetch(m[0] + next + r * p->row + i);
        }
        if (end - begin == 2 && p->rows == 2 && columns == 2) CP_F(cp_pixel)(p, y, x, m, pad, w, least, kind, 2, 2, 0, 2);
        else if (end - begin == 3 && p->rows == 3) CP_F(cp_pixel)(p, y, x, m, pad, w, least, kind, 3, 3, 0, 3);
        else CP_F(cp_pixel)(p, y, x, m, pad, w, least, kind, p->rows, columns, begin, end);
        if (pad) pad += inner;
    }
}
/* A row of averages of windows of up to 3 x 3 pixels: window o has rows x[..] and m[..], a byte of the mask for each element
 * or, with CP_WHOLE_PIXELS, for each pixel. */
static void CP_F(cp_pixels)(const cp_pixels_t* p, CP_R* y, const CP_R** x, const uint8_t** m, const CP_R* pad, CP_R least,
                            int kind) {
    if (kind == CP_WHOLE_PIXELS) CP_F(cp_pixels_of)(p, y, x, m, pad, least, CP_WHOLE_PIXELS);
    else if (kind == CP_ELEMENTS_OMIT) CP_F(cp_pixels_of)(p, y, x, m, pad, least, CP_ELEMENTS_OMIT);
    else CP_F(cp_pixels_of)(p, y, x, m, pad, least, CP_ELEMENTS);
}
#endif

#undef CP_F
#undef CP_I
#undef CP_JOIN
#undef CP_JOIN_
#undef CP_R
#undef CP_L
#undef CP_V
#undef CP_PART
#undef CP_COUNTED
#undef CP_DOUBLE
#undef CP_EVEN
#undef CP_ODD
#undef CP_LARGER
