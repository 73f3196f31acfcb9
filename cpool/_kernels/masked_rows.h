/* Averages of small windows straight from rows of x and of a mask, for one type R; included by masked.h, once for each.
 *
 *   columns   sums of up to nine rows, and how many elements of them take part: one byte each
 *   means     windows of up to three columns from those: added up, divided by the counts
 *   pairs     both at once, in registers: windows of two columns that share none (AVX-512)
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
CP_INLINE void CP_F(cp_column)(CP_R* s, uint8_t* c, const CP_R** x, const uint8_t** m, ptrdiff_t i, const int k,
                               const int omit) {
    uint8_t count = 0;
    CP_R v = CP_F(cp_part)(x[0] + i, m[0] + i, omit, &count);
    int j;
    for (j = 1; j < k; j++) v += CP_F(cp_part)(x[j] + i, m[j] + i, omit, &count);
    s[i] = v;
    c[i] = count;
}
CP_INLINE void CP_F(cp_mean)(CP_R* y, const CP_R** s, const uint8_t** c, const CP_R* pad, const CP_R* over, ptrdiff_t i,
                             const CP_R least, const int k, const int step) {
    CP_R v = s[0][step * i];
    uint8_t count = c[0][step * i];
    if (k > 1) { v += s[1][step * i]; count += c[1][step * i]; }
    if (k > 2) { v += s[2][step * i]; count += c[2][step * i]; }
    {
        CP_R d = (CP_R)count + (pad ? pad[i] : 0);
        y[i] = (over ? over[i] : v) / (d > least ? d : least);
    }
}

#else

CP_INLINE void CP_F(cp_column)(CP_R* s, uint8_t* c, const CP_R** x, const uint8_t** m, ptrdiff_t i, const int k,
                               const int omit) {
    CP_BYTES count = CP_NO_BYTES;
    CP_V v = CP_PART(x[0] + i, cp_bytes(m[0] + i, CP_L), omit, count);
    int j;
    if (k <= 3) {
        if (k > 1) v += CP_PART(x[1] + i, cp_bytes(m[1] + i, CP_L), omit, count);
        if (k > 2) v += CP_PART(x[2] + i, cp_bytes(m[2] + i, CP_L), omit, count);
    } else for (j = 1; j < k; j++) v += CP_PART(x[j] + i, cp_bytes(m[j] + i, CP_L), omit, count);
    memcpy(s + i, &v, sizeof v);
    memcpy(c + i, &count, CP_L);
}
CP_INLINE CP_V CP_F(cp_get)(const CP_R* p) { CP_V v; memcpy(&v, p, sizeof v); return v; }
CP_INLINE void CP_F(cp_mean)(CP_R* y, const CP_R** s, const uint8_t** c, const CP_R* pad, const CP_R* over, ptrdiff_t i,
                             const CP_R least, const int k, const int step) {
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
    if (over) v = CP_F(cp_get)(over + i);
    v /= CP_LARGER(d, least);
    memcpy(y + i, &v, sizeof v);
}
#endif

CP_INLINE void CP_F(cp_columns)(const cp_lines_t* l, CP_R* CP_RESTRICT s, uint8_t* CP_RESTRICT c, const CP_R** x,
                                const uint8_t** m, ptrdiff_t n, const int k, const int omit) {
    const CP_R* at[CP_ROWS];
    const uint8_t* on[CP_ROWS];
    const ptrdiff_t per = n ? l->fresh / n : 0;
    ptrdiff_t i, f, r;
    int j;
    for (j = 0; j < k; j++) {
        at[j] = x[j];
        on[j] = m[j];
    }
    for (r = 0; r < l->rows; r++) {
        for (i = 0; i < l->mask_fresh; i += 64) cp_prefetch(on[k - 1] + l->ahead + i);
        CP_EACH for (i = 0; i + CP_L <= n; i += CP_L) {
            const CP_R* next = at[k - 1] + l->ahead + i * per;
            for (f = 0; f < per; f++) cp_prefetch(next + f * CP_L);
            CP_F(cp_column)(s, c, at, on, i, k, omit);
        }
        if (i < n) CP_F(cp_column)(s, c, at, on, n < CP_L ? 0 : n - CP_L, k, omit);
        for (j = 0; j < k; j++) {
            at[j] += l->step;
            on[j] += l->mask_step;
        }
        s += l->pitch;
        c += l->pitch;
    }
}
/* lines of n columns of k <= CP_ROWS rows; fewer than CP_L: as many are read and written */
CP_CALLED static void CP_F(cp_rows)(const cp_lines_t* l, CP_R* s, uint8_t* c, const CP_R** x, const uint8_t** m,
                                    ptrdiff_t n, int k, int omit) {
    if (k == 3 && omit) CP_F(cp_columns)(l, s, c, x, m, n, 3, 1);
    else if (k == 3) CP_F(cp_columns)(l, s, c, x, m, n, 3, 0);
    else if (omit) CP_F(cp_columns)(l, s, c, x, m, n, k, 1);
    else CP_F(cp_columns)(l, s, c, x, m, n, k, 0);
}

CP_INLINE void CP_F(cp_means_of)(const cp_lines_t* l, CP_R* CP_RESTRICT y, const CP_R** s, const uint8_t** c, const CP_R* pad,
                                 ptrdiff_t n, const CP_R least, const int k, const int step) {
    const CP_R* at[3] = {s[0], s[1], s[2]};
    const uint8_t* on[3] = {c[0], c[1], c[2]};
    const CP_R* over = (const CP_R*)l->over;
    ptrdiff_t i, r;
    int j;
    for (r = 0; r < l->rows; r++) {
        CP_EACH for (i = 0; i + CP_L <= n; i += CP_L) CP_F(cp_mean)(y, at, on, pad, over, i, least, k, step);
        if (i < n && n >= CP_L) {
            CP_F(cp_mean)(y, at, on, pad, over, n - CP_L, least, k, step);
        } else if (i < n) {
            CP_R few[CP_L] = {0}, some[CP_L] = {0};
            if (over) memcpy(some, over, n * sizeof(CP_R));
            CP_F(cp_mean)(few, at, on, pad, over ? some : NULL, 0, least, k, step);
            memcpy(y, few, n * sizeof(CP_R));
        }
        if (over) over += l->step;
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
CP_CALLED static void CP_F(cp_means)(const cp_lines_t* l, CP_R* y, const CP_R** s, const uint8_t** c, const CP_R* pad,
                                     ptrdiff_t n, CP_R least, int k, int step) {
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

#ifdef CP_PART2
/* Averages of lines of n >= CP_L windows of k rows and two columns that share none. The last vector begins earlier. */
CP_INLINE void CP_F(cp_pairs_of)(const cp_lines_t* l, CP_R* y, const CP_R** x, const uint8_t** m, const CP_R* pad, ptrdiff_t n,
                                 const CP_R least, const int k, const int omit) {
    const CP_R* at[CP_ROWS];
    const uint8_t* on[CP_ROWS];
    const CP_R* over = (const CP_R*)l->over;
    ptrdiff_t i, o, r;
    int j;
    for (j = 0; j < k; j++) {
        at[j] = x[j];
        on[j] = m[j];
    }
    for (r = 0; r < l->rows; r++) {
        for (i = 0; i < l->fresh; i += 64 / (ptrdiff_t)sizeof(CP_R)) cp_prefetch(at[k - 1] + l->ahead + i);
        for (i = 0; i < l->mask_fresh; i += 64) cp_prefetch(on[k - 1] + l->ahead + i);
        for (i = 0; i < n; i += CP_L) {
            CP_V a, b, e, f, d;
            CP_BYTES2 count = {0};
            o = i + CP_L <= n ? i : n - CP_L;
            CP_PART2(a, b, at[0] + 2 * o, on[0] + 2 * o, omit, count);
            for (j = 1; j < k; j++) {
                CP_PART2(e, f, at[j] + 2 * o, on[j] + 2 * o, omit, count);
                a += e;
                b += f;
            }
            d = CP_COUNTED2(count);
            if (pad) d += CP_F(cp_get)(pad + o);
            e = CP_EVEN(a, b) + CP_ODD(a, b);
            if (over) e = CP_F(cp_get)(over + o);
            e /= CP_LARGER(d, least);
            memcpy(y + o, &e, sizeof e);
        }
        for (j = 0; j < k; j++) {
            at[j] += l->step;
            on[j] += l->mask_step;
        }
        y += n;
        if (over) over += n;
    }
}
CP_CALLED static void CP_F(cp_pairs)(const cp_lines_t* l, CP_R* y, const CP_R** x, const uint8_t** m, const CP_R* pad,
                                     ptrdiff_t n, CP_R least, int k, int omit) {
    if (k == 2 && omit) CP_F(cp_pairs_of)(l, y, x, m, pad, n, least, 2, 1);
    else if (k == 2) CP_F(cp_pairs_of)(l, y, x, m, pad, n, least, 2, 0);
    else CP_F(cp_pairs_of)(l, y, x, m, pad, n, least, k, omit);
}
/* Averages of lines of n windows of k <= 3 columns, `step` elements apart, of `inner` <= CP_L elements each: as many windows
 * at a time as two vectors of sums hold. */
CP_CALLED static void CP_F(cp_spaced)(const cp_lines_t* l, CP_R* y, const CP_R** s, const uint8_t** c, const CP_R* pad,
                                      ptrdiff_t n, ptrdiff_t inner, ptrdiff_t step, CP_R least, int k) {
    const ptrdiff_t fit = CP_L / inner, reach = (2 * CP_L - inner) / step + 1, both = fit < reach ? fit : reach;
    const ptrdiff_t some = both < n ? both : n;
    const CP_R* at[3] = {s[0], s[1], s[2]};
    const uint8_t* on[3] = {c[0], c[1], c[2]};
    const CP_R* over = (const CP_R*)l->over;
    int16_t words[2 * CP_L] = {0};
    CP_I place = {0};
    CP_BYTES2 bytes;
    ptrdiff_t i, o, r;
    int j;
    for (i = 0; i < some * inner; i++) place[i] = words[i] = (int16_t)(i / inner * step + i % inner);
    for (r = 0; r < l->rows; r++) {
        for (i = 0; i < n; i += some) {
            CP_V a, b, d;
            o = i + some <= n ? i : n - some;
            a = CP_F(cp_get)(at[0] + o * step);
            b = CP_F(cp_get)(at[0] + o * step + CP_L);
            memcpy(&bytes, on[0] + o * step, sizeof bytes);
            for (j = 1; j < k; j++) {
                CP_BYTES2 more;
                a += CP_F(cp_get)(at[j] + o * step);
                b += CP_F(cp_get)(at[j] + o * step + CP_L);
                memcpy(&more, on[j] + o * step, sizeof more);
                bytes = CP_ADD2(bytes, more);
            }
            d = CP_SPACED(bytes, words);
            if (pad) d += CP_F(cp_get)(pad + o * inner);
            a = __builtin_shuffle(a, b, place);
            if (over) a = CP_OF(over + o * inner, some * inner);
            CP_SOME(y + o * inner, some * inner, a / CP_LARGER(d, least));
        }
        for (j = 0; j < 3; j++) {
            at[j] += l->pitch;
            on[j] += l->pitch;
        }
        y += l->step;
        if (over) over += l->step;
    }
}
#else
CP_CALLED static void CP_F(cp_spaced)(const cp_lines_t* l, CP_R* y, const CP_R** s, const uint8_t** c, const CP_R* pad,
                                      ptrdiff_t n, ptrdiff_t inner, ptrdiff_t step, CP_R least, int k) {
    (void)l; (void)y; (void)s; (void)c; (void)pad; (void)n; (void)inner; (void)step; (void)least; (void)k;
}
CP_CALLED static void CP_F(cp_pairs)(const cp_lines_t* l, CP_R* y, const CP_R** x, const uint8_t** m, const CP_R* pad,
                                     ptrdiff_t n, CP_R least, int k, int omit) {
    (void)l; (void)y; (void)x; (void)m; (void)pad; (void)n; (void)least; (void)k; (void)omit;
}
#endif

#if CP_L == 1
CP_CALLED static void CP_F(cp_pixels)(const cp_pixels_t* p, CP_R* y, const CP_R** x, const uint8_t** m, const CP_R* pad,
                                      CP_R least, int kind) {
    (void)p; (void)y; (void)x; (void)m; (void)pad; (void)least; (void)kind;
}
#else
/* the elements of a tap, 0 where they take no part */
CP_INLINE CP_V CP_F(cp_tap)(const CP_R* x, const uint8_t* m, const int kind, CP_BYTES* count) {
    CP_BYTES c = *count;
    CP_V v;
    int32_t on = 0;
    if (kind >= CP_WHOLE_PIXELS) memcpy(&on, m, 4);
    if (kind == CP_WHOLE_PIXELS) return (CP_V)((CP_I)CP_F(cp_get)(x) & on);
    if (kind == CP_WHOLE_PIXELS_OMIT) v = CP_PART1(x, on, c);
    else v = CP_PART(x, cp_bytes(m, CP_L), kind == CP_ELEMENTS_OMIT, c);
    *count = c;
    return v;
}
/* One window; begin .. end - 1: its columns that are there, the others add 0; `whole`: all are. Columns first, then these: an
 * order of additions that lines have too. */
CP_INLINE void CP_F(cp_pixel)(const cp_pixels_t* p, CP_R* y, const CP_R** x, const uint8_t** m, const CP_R* pad, ptrdiff_t w,
                              const CP_R least, const int kind, const ptrdiff_t columns, const ptrdiff_t begin,
                              const ptrdiff_t end, const int whole) {
    const ptrdiff_t inner = p->inner, tap = p->dilation * inner, rows = p->rows;
    const int by_pixel = kind == CP_WHOLE_PIXELS || kind == CP_WHOLE_PIXELS_OMIT;
    CP_R divisor = pad ? *pad : 0;
    ptrdiff_t i, c, r;
    if (kind == CP_WHOLE_PIXELS) {
        int count = 0;
        for (c = begin; c < end; c++) count += p->counts[w + c * p->dilation];
        divisor += (CP_R)count;
        divisor = divisor > least ? divisor : least;
    }
    for (i = 0; i < inner; i += CP_L) {
        const ptrdiff_t first = i + CP_L <= inner ? i : inner - CP_L, at = w * inner + first;
        const ptrdiff_t in_m = by_pixel ? 4 * w : at, next = by_pixel ? 4 * p->dilation : tap;
        CP_BYTES count = CP_NO_BYTES;
        CP_V s[3] = {{0}, {0}, {0}}, v, d;
        if (whole) {
            CP_UNROLL for (c = 0; c < columns; c++) {
                s[c] = CP_F(cp_tap)(x[0] + at + c * tap, m[0] + in_m + c * next, kind, &count);
            }
            for (r = 1; r < rows; r++) CP_UNROLL for (c = 0; c < columns; c++) {
                s[c] += CP_F(cp_tap)(x[r] + at + c * tap, m[r] + in_m + c * next, kind, &count);
            }
        } else {
            for (c = begin; c < end; c++) for (r = 0; r < rows; r++) {
                const CP_V part = CP_F(cp_tap)(x[r] + at + c * tap, m[r] + in_m + c * next, kind, &count);
                if (r) s[c] += part; else s[c] = part;
            }
        }
        v = s[0];
        if (columns > 1) v += s[1];
        if (columns > 2) v += s[2];
        if (p->over) v = CP_F(cp_get)((const CP_R*)p->over + (y - (CP_R*)p->y) + first);
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
CP_CALLED static void CP_F(cp_edge)(const cp_pixels_t* p, CP_R* y, const CP_R** x, const uint8_t** m, const CP_R* pad,
                                    ptrdiff_t w, CP_R least, int kind, ptrdiff_t begin, ptrdiff_t end) {
    CP_F(cp_pixel)(p, y, x, m, pad, w, least, kind, p->columns, begin, end, 0);
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
            if (kind < CP_WHOLE_PIXELS) for (i = 0; i < p->stride * inner; i += 64) cp_prefetch(m[0] + next + r * p->row + i);
        }
        if (end - begin == 2 && columns == 2) CP_F(cp_pixel)(p, y, x, m, pad, w, least, kind, 2, 0, 2, 1);
        else if (end - begin == 3) CP_F(cp_pixel)(p, y, x, m, pad, w, least, kind, 3, 0, 3, 1);
        else CP_F(cp_edge)(p, y, x, m, pad, w, least, kind, begin, end);
        if (pad) pad += inner;
    }
}
/* A row of averages of windows of up to three columns: window o has rows x[..] and m[..], a byte of the mask for each element
 * or, with CP_WHOLE_PIXELS, four bytes for each pixel: -1 or 0. */
CP_CALLED static void CP_F(cp_pixels)(const cp_pixels_t* p, CP_R* y, const CP_R** x, const uint8_t** m, const CP_R* pad,
                                      CP_R least, int kind) {
    if (kind == CP_WHOLE_PIXELS) CP_F(cp_pixels_of)(p, y, x, m, pad, least, CP_WHOLE_PIXELS);
    else if (kind == CP_WHOLE_PIXELS_OMIT) CP_F(cp_pixels_of)(p, y, x, m, pad, least, CP_WHOLE_PIXELS_OMIT);
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
#undef CP_PART1
#undef CP_PART2
#undef CP_COUNTED2
#undef CP_BYTES2
#undef CP_ADD2
#undef CP_SPACED
#undef CP_SOME
#undef CP_OF
#undef CP_COUNTED
#undef CP_DOUBLE
#undef CP_EVEN
#undef CP_ODD
#undef CP_LARGER
