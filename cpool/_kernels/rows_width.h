/* The loops of rows_body.h for vectors of CP_W bytes, or (CP_W 1) for single elements. */

#define CP_F(name) CP_PASTE4(name, CP_OP, CP_T, CP_W)
#define CP_STEP CP_F(cp)
#define CP_L (CP_W == 1 ? 1 : CP_W / CP_SIZE)
#if CP_W == 1
#define CP_V CP_E
#else
#define CP_V CP_PASTE3(cp, CP_T, CP_W)
#endif

CP_INLINE CP_V CP_F(cp_get)(const CP_E* p) { CP_V v; memcpy(&v, p, sizeof v); return v; }
CP_INLINE void CP_F(cp_put)(CP_E* p, CP_V v) { memcpy(p, &v, sizeof v); }
#define CP_GET CP_F(cp_get)
#define CP_PUT CP_F(cp_put)
#ifdef CP_SCALES
#define CP_PUT_SCALED(p, v, scale) CP_PUT(p, (v) * (scale))
#else
#define CP_PUT_SCALED(p, v, scale) CP_PUT(p, v)
#endif

/* whether the taps from `fresh` on are rows far apart */
CP_INLINE int CP_F(cp_apart)(const ptrdiff_t* off, int fresh, int taps, ptrdiff_t n) {
    return fresh < taps && off[taps - 1] - off[fresh] + n > 2 * (taps - fresh) * n;
}

/* m taps of n >= CP_L elements in each of `rows` rows; m is a constant, or 0: `taps` of them, four vectors at a time.
 * head: the elements before the first aligned vector, where all taps are aligned alike; a vector at 0 covers them. */
CP_INLINE void CP_F(cp_rows)(CP_E* dst, ptrdiff_t dst_step, const CP_E* src, ptrdiff_t src_step, ptrdiff_t rows,
                             const ptrdiff_t* off, int m, int taps, ptrdiff_t n, ptrdiff_t ahead, int fresh, int begun,
                             ptrdiff_t head, int asks) {
    const ptrdiff_t rest = (n - head) % CP_L, whole = n - rest;
    /* asks 1: what is fresh lies together; with every vector, as many bytes of it are asked for as vectors of its rows
     * have. asks 2: it does not, and the next row's share is asked for before a row. */
    const int all = asks ? taps - fresh : 0, lines = (all * CP_W + 63) / 64;
    const ptrdiff_t each = asks ? all * CP_W / lines : 0;
    ptrdiff_t r, i, o0 = off[0], o1 = m > 1 ? off[1] : 0, o2 = m > 2 ? off[2] : 0, o3 = m > 3 ? off[3] : 0, o4 = m > 4 ? off[4] : 0;
    int t;
    for (r = 0; r < rows; r++) {
        const CP_E* p;
        CP_V a, b, c, d;
        const char* q = (const char*)(src + (asks ? off[fresh] + ahead : 0));
        if (asks == 2)
            for (t = fresh; t < taps; t++)
                for (i = 0, p = src + off[t] + ahead; i < n; i += 64 / CP_SIZE) cp_prefetch(p + i);
#define CP_ASK if (asks == 1) for (t = 0; t < lines; t++, q += each) cp_prefetch(q);
#define CP_WINDOW(v, at) \
        v = CP_GET(src + o0 + (at)); \
        if (m > 1) v = CP_STEP(v, CP_GET(src + o1 + (at))); \
        if (m > 2) v = CP_STEP(v, CP_GET(src + o2 + (at))); \
        if (m > 3) v = CP_STEP(v, CP_GET(src + o3 + (at))); \
        if (m > 4) v = CP_STEP(v, CP_GET(src + o4 + (at)));
        if (m) {
            if (rest) { CP_WINDOW(d, n - CP_L) }
            if (head) { CP_WINDOW(a, 0) CP_PUT(dst, a); }
            for (i = head; i < whole; i += CP_L) { CP_ASK CP_WINDOW(a, i) CP_PUT(dst + i, a); }
            if (rest) CP_PUT(dst + n - CP_L, d);
        } else {
            CP_V last;
#define CP_FIRST(v, at) v = begun ? CP_STEP(CP_GET(dst + (at)), CP_GET(src + o0 + (at))) : CP_GET(src + o0 + (at));
            if (rest) {
                CP_FIRST(last, n - CP_L)
                for (t = 1; t < taps; t++) last = CP_STEP(last, CP_GET(src + off[t] + n - CP_L));
            }
            if (head) {
                CP_FIRST(a, 0)
                for (t = 1; t < taps; t++) a = CP_STEP(a, CP_GET(src + off[t]));
                CP_PUT(dst, a);
            }
            for (i = head; i + 4 * CP_L <= n; i += 4 * CP_L) {
                CP_ASK CP_ASK CP_ASK CP_ASK
                CP_FIRST(a, i) CP_FIRST(b, i + CP_L) CP_FIRST(c, i + 2 * CP_L) CP_FIRST(d, i + 3 * CP_L)
                for (t = 1; t < taps; t++) {
                    p = src + off[t] + i;
                    a = CP_STEP(a, CP_GET(p));
                    b = CP_STEP(b, CP_GET(p + CP_L));
                    c = CP_STEP(c, CP_GET(p + 2 * CP_L));
                    d = CP_STEP(d, CP_GET(p + 3 * CP_L));
                }
                CP_PUT(dst + i, a);
                CP_PUT(dst + i + CP_L, b);
                CP_PUT(dst + i + 2 * CP_L, c);
                CP_PUT(dst + i + 3 * CP_L, d);
            }
            for (; i < whole; i += CP_L) {
                CP_ASK
                CP_FIRST(a, i)
                for (t = 1; t < taps; t++) a = CP_STEP(a, CP_GET(src + off[t] + i));
                CP_PUT(dst + i, a);
            }
            if (rest) CP_PUT(dst + n - CP_L, last);
        }
        if (asks == 1)
            for (; q < (const char*)(src + off[taps - 1] + ahead + n); q += 64) cp_prefetch(q);
        dst += dst_step;
        src += src_step;
    }
}
#undef CP_WINDOW
#undef CP_FIRST
#undef CP_ASK

#define CP_CALL(m, begun, asks, head) \
    CP_F(cp_rows)(dst, dst_step, src, src_step, rows, off, m, taps, n, ahead, fresh, begun, head, asks);

/* without prefetches */
CP_NOINLINE void CP_F(cp_fold_quiet)(CP_E* dst, ptrdiff_t dst_step, const CP_E* src, ptrdiff_t src_step, ptrdiff_t rows,
                                const ptrdiff_t* off, int taps, ptrdiff_t n, int begun) {
    const ptrdiff_t ahead = 0;
    const int fresh = taps;
    if (begun) CP_CALL(0, 1, 0, 0)
    else if (taps == 2) CP_CALL(2, 0, 0, 0)
    else if (taps == 3) CP_CALL(3, 0, 0, 0)
    else if (taps == 4) CP_CALL(4, 0, 0, 0)
    else if (taps == 5) CP_CALL(5, 0, 0, 0)
    else CP_CALL(0, 0, 0, 0)
}

static void CP_F(cp_fold_rows)(CP_E* dst, ptrdiff_t dst_step, const CP_E* src, ptrdiff_t src_step, ptrdiff_t rows,
                               const ptrdiff_t* off, int taps, ptrdiff_t n, ptrdiff_t ahead, int fresh, int begun) {
    ptrdiff_t r, i;
    int t;
#if CP_W == CP_WIDE
    if (fresh < taps && !begun && CP_F(cp_apart)(off, fresh, taps, n)) {
        CP_CALL(0, 0, 2, 0)
        return;
    }
    if (fresh < taps && n * CP_SIZE >= (CP_W == 64 ? 448 : 512)) {    /* shorter rows: all at once, before them */
        ptrdiff_t head = 0, all = rows > 1 ? src_step : 0;
        for (t = 0; t < taps; t++) all |= off[t];
        if (all * CP_SIZE % CP_W == 0 && !begun) head = (ptrdiff_t)(-(uintptr_t)src % CP_W) / CP_SIZE;
        if (begun) CP_CALL(0, 1, 1, 0)
        else CP_CALL(0, 0, 1, head)
        return;
    }
#endif
    for (r = fresh < taps ? 0 : rows; r < rows; r++)
        for (t = fresh; t < taps; t++)
            for (i = 0; i < n; i += 64 / CP_SIZE) cp_prefetch(src + r * src_step + off[t] + ahead + i);
    CP_F(cp_fold_quiet)(dst, dst_step, src, src_step, rows, off, taps, n, begun);
}
#undef CP_CALL

/* The same for rows of any length. Long rows that no other window needs are read one after the other: in the order of the
 * addresses memory is a third faster than by several rows at once (8x8 maxima of 4096 x 4096 float32: 2.9 ms, 1.9 so). */
static void CP_F(cp_fold_all)(CP_E* dst, ptrdiff_t dst_step, const CP_E* src, ptrdiff_t src_step, ptrdiff_t rows,
                              const ptrdiff_t* off, int taps, ptrdiff_t n, ptrdiff_t ahead, int fresh, int begun) {
    const ptrdiff_t here = 0;
    ptrdiff_t r, c, m, i;
    int t;
    if (n * CP_SIZE <= CP_SPLIT)
        CP_F(cp_fold_rows)(dst, dst_step, src, src_step, rows, off, taps, n, ahead, fresh, begun);
    else if (fresh == 0 && taps > 1) {
        for (r = 0; r < rows; r++)
            for (t = 0; t < taps; t++)
                CP_F(cp_fold_rows)(dst + r * dst_step, 0, src + r * src_step + off[t], 0, 1, &here, 1, n, CP_AHEAD / CP_SIZE, 0,
                                   begun || t > 0);
    } else {
        for (r = 0; r < rows; r++)
            for (c = 0; c < n; c += m) {
                const CP_E* from = src + r * src_step + c;
                m = n - c < 2 * CP_CHUNK / CP_SIZE ? n - c : CP_CHUNK / CP_SIZE;
                for (t = fresh; t < taps; t++)
                    for (i = 0; i < m; i += 64 / CP_SIZE) cp_prefetch(from + off[t] + ahead + i);
                CP_F(cp_fold_quiet)(dst + r * dst_step + c, 0, from, 0, 1, off, taps, m, begun);
            }
    }
}

/* The even and the odd elements of 2 L from p on, and the L even ones of 2 L - 1 (no read beyond the last). */
#if CP_W == 1
#define CP_EVEN(p) (p)[0]
#define CP_PAIR(e, o, p) e = (p)[0]; o = (p)[1];
#else
#define CP_M CP_F(cp_m)
typedef CP_PASTE2(CP_INDEX, CP_SIZE) CP_M __attribute__((vector_size(CP_W)));
#define CP_IOTA ((CP_M){CP_LANES(CP_SIZE, CP_W)})
#define CP_PAIR(e, o, p) { CP_V x_ = CP_GET(p), y_ = CP_GET((p) + CP_L); \
    e = __builtin_shuffle(x_, y_, CP_IOTA * 2); o = __builtin_shuffle(x_, y_, CP_IOTA * 2 + 1); }
#define CP_EVEN(p) __builtin_shuffle(CP_GET(p), CP_GET((p) + CP_L - 1), CP_IOTA * 2 - (CP_IOTA >= CP_L / 2))
#endif

/* windows of k taps at every second element; m = k where it is a constant */
CP_INLINE void CP_F(cp_half)(CP_E* dst, ptrdiff_t dst_step, const CP_E* src, ptrdiff_t src_step, ptrdiff_t rows, ptrdiff_t ow,
                             int m, int k, CP_E scale) {
    const ptrdiff_t last = ow - CP_L;
    ptrdiff_t r, o;
    int j;
    (void)scale;
    for (r = 0; r < rows; r++) {
        for (o = 0;;) {
            const CP_E* p = src + 2 * o;
            CP_V a, b;
            CP_PAIR(a, b, p)
            a = CP_STEP(a, b);
            if (m == 3) {
                b = CP_EVEN(p + 2);
                a = CP_STEP(a, b);
            } else if (m != 2) {
                for (j = 2; j + 1 < k; j += 2) {
                    CP_V c;
                    CP_PAIR(b, c, p + j)
                    a = CP_STEP(a, b);
                    a = CP_STEP(a, c);
                }
                if (j < k) {
                    b = CP_EVEN(p + j);
                    a = CP_STEP(a, b);
                }
            }
            CP_PUT_SCALED(dst + o, a, scale);
            if (o == last) break;
            o = o + CP_L < last ? o + CP_L : last;
        }
        dst += dst_step;
        src += src_step;
    }
}

static void CP_F(cp_slide_half)(CP_E* dst, ptrdiff_t dst_step, const CP_E* src, ptrdiff_t src_step, ptrdiff_t rows,
                                ptrdiff_t ow, int k, CP_E scale) {
    if (k == 2) CP_F(cp_half)(dst, dst_step, src, src_step, rows, ow, 2, 2, scale);
    else if (k == 3) CP_F(cp_half)(dst, dst_step, src, src_step, rows, ow, 3, 3, scale);
    else CP_F(cp_half)(dst, dst_step, src, src_step, rows, ow, 0, k, scale);
}

#if CP_W == 64 && defined(CP_STENCILS)
/* Windows of k neighbours at every element: columns are folded and shifted in registers, without lines in memory (a load that
 * spans two stores has to wait for both). m: taps, and k, constants. Masks stand for the padding; whole: a plane as one row,
 * where they also keep apart what is not of one row. */
#define CP_FILL(n) ((n) <= 0 ? 0 : (n) >= CP_L ? (1u << CP_L) - 1 : (1u << (n)) - 1)
#define CP_LOAD(blank, k, p) (CP_V)CP_MASKED_OF(load, CP_SIZE)((__m512i)(blank), k, p)
#define CP_MOVED(j) (CP_V)(whole ? CP_MASKED_OF(align, CP_SIZE)((__m512i)blank, keep[j], (__m512i)c, (__m512i)a, j) \
                                 : CP_MASKED_OF(align, CP_SIZE)((__m512i)a, -1, (__m512i)c, (__m512i)a, j))
#define CP_COLUMN \
    cp_prefetch(p + (m == 3 ? o2 : o4) + ahead + at); \
    c = CP_NEXT(CP_GET(q + at), CP_GET(p + o1 + at)); \
    v = CP_GET(p + o2 + at); \
    c = CP_NEXT(c, v); \
    if (m == 5) { \
        c = CP_NEXT(c, CP_GET(p + o3 + at)); \
        v = CP_GET(p + o4 + at); \
        c = CP_NEXT(c, v); \
    } \
    if (!whole && clean) found |= CP_F(cp_nan)(v, v);
#define CP_ALONG \
    v = CP_NEXT(CP_MOVED(0), CP_MOVED(1)); \
    v = CP_NEXT(v, CP_MOVED(2)); \
    if (m == 5) { \
        v = CP_NEXT(v, CP_MOVED(3)); \
        v = CP_NEXT(v, CP_MOVED(4)); \
    }
#if defined(CP_SCALES) && CP_SIZE == 4
#define CP_MEAN(bits) if (!whole && (count || scale != 1)) v = cp_mean_16(v, scale, count, o, bits);
#else
#define CP_MEAN(bits)
#endif
#define CP_SEND { \
        const unsigned to_ = CP_FILL(cols - o) & ~CP_FILL(head - o); \
        CP_MEAN(to_) \
        if (o < head || cols - o < CP_L) { \
            const int join = joins & (o < head ? 1 : 2); \
            CP_MASKED_OF(store, CP_SIZE)(join == 1 ? before : join ? after : dst + o, to_, (__m512i)v); \
            if (join == 1) _mm512_stream_si512((void*)(dst + o), _mm512_load_si512((const void*)before)); \
        } else if (past) _mm512_stream_si512((void*)(dst + o), (__m512i)v); \
        else CP_PUT(dst + o, v); }
#define CP_NEXT(m, v) (clean ? CP_F(cp_clean)(m, v) : CP_STEP(m, v))
/* joins: the line of the cache that outputs share with the row before (1) is formed in `before`, with the row after (2) in
 * `after`. clean: whether the last taps have a NaN, which the others are known not to have (one row: none has). */
CP_INLINE int CP_F(cp_stencil)(const cp_box_t* b, CP_E* dst, const CP_E* src, int m, int whole, int clean, CP_E* before,
                               CP_E* after, int joins) {
    const int taps = b->taps, past = !whole && b->past && (uintptr_t)dst % CP_SIZE == 0;
    const ptrdiff_t head = past ? (ptrdiff_t)((uintptr_t)dst % CP_W / CP_SIZE) : 0;     /* lanes before the first output */
    const ptrdiff_t *off = b->off, lead = b->lead + head, end = lead + b->n, cols = b->cols + head;
    const ptrdiff_t ahead = b->fresh < taps ? b->ahead : 0;
    const CP_V blank = *(const CP_E*)b->blank - (CP_V){0}, none = *(const CP_E*)b->none - (CP_V){0};   /* -0 stays -0 */
    const unsigned short *keep = b->keep, *keep_end = b->keep_end;
    const ptrdiff_t low = whole ? lead - off[0] : lead, high = whole ? end - off[m - 1] : end;  /* all taps are there between */
    const ptrdiff_t last = (high - CP_L < cols ? high - CP_L : cols) - CP_L;     /* beginning here, a vector is inside */
    /* of the last taps where there are fewer, which are not read so */
    const ptrdiff_t o1 = off[1 < taps], o2 = off[2 < taps ? 2 : 0], o3 = off[3 < taps ? 3 : 0], o4 = off[4 < taps ? 4 : 0];
    const CP_E *p = src - lead, *q = p + off[0];
#if defined(CP_SCALES) && CP_SIZE == 4
    const double scale = b->scale, *count = !whole && b->count ? b->count - head : NULL;
#endif
    CP_V a = blank, c = blank, v;
    ptrdiff_t o, at;
    int t, found = 0;
    dst -= head;
    for (o = -CP_L; o < cols; o += CP_L, a = c) {
        if (!whole && taps == m && o >= head && o + CP_L >= low) {      /* most of a row: nothing to ask */
            for (; o <= last; o += CP_L, a = c) {
                at = o + CP_L;
                CP_COLUMN
                CP_ALONG
                CP_MEAN(-1)
                if (past) _mm512_stream_si512((void*)(dst + o), (__m512i)v);
                else CP_PUT(dst + o, v);
            }
            if (o >= cols) break;
        }
        at = o + CP_L;
        if (whole && at >= low && at + CP_L <= high) {
            CP_COLUMN
        } else if (whole) {
            for (t = 0; t < m; t++) {
                const ptrdiff_t to = at + off[t];
                const unsigned bits = CP_FILL(end - to) & ~CP_FILL(lead - to);
                v = CP_LOAD(none, bits, p + to);
                c = t ? CP_NEXT(c, v) : v;
            }
        } else {
            const unsigned bits = CP_FILL(end - at) & ~CP_FILL(lead - at);
            c = v = CP_LOAD(blank, bits, p + off[0] + at);
            for (t = 1; t < taps; t++) {
                v = CP_LOAD(blank, bits, p + off[t] + at);
                c = CP_NEXT(c, v);
            }
            if (clean) found |= CP_F(cp_nan)(v, v);
        }
        if (o < 0) continue;
        CP_ALONG
        if (whole && (keep += m) == keep_end) keep = b->keep;
        CP_SEND
    }
    return found;
}

/* The same for every second window of three rows and three columns. */
CP_INLINE void CP_F(cp_half_stencil)(const cp_box_t* b, CP_E* dst, const CP_E* src, CP_E* before, CP_E* after, int joins) {
    enum { whole = 0 };
    const int taps = b->taps, past = b->past && (uintptr_t)dst % CP_SIZE == 0;
    const ptrdiff_t head = past ? (ptrdiff_t)((uintptr_t)dst % CP_W / CP_SIZE) : 0;
    const ptrdiff_t *off = b->off, lead = b->lead + 2 * head, end = lead + b->n, cols = b->cols + head;
    const CP_V blank = *(const CP_E*)b->blank - (CP_V){0};
    const ptrdiff_t o1 = off[1 < taps], o2 = off[2 < taps ? 2 : 0];
    const CP_E *p = src - lead, *q = p + off[0];
    /* what is fresh is asked for in the order of its addresses */
    const int asks = b->fresh < taps, apart = o2 - o1 > 2 * b->n;
    const char *ask = (const char*)(p + o1 + b->ahead), *more = apart ? (const char*)(p + o2 + b->ahead) : ask + 2 * CP_W;
#if defined(CP_SCALES) && CP_SIZE == 4
    const double scale = b->scale, *count = !whole && b->count ? b->count - head : NULL;
#endif
    CP_V e = blank, z = blank, e2, z2, u, w, v;
    ptrdiff_t o, at;
    int t;
    dst -= head;
    for (o = -CP_L; o < cols; o += CP_L, e = e2, z = z2) {
        at = 2 * (o + CP_L);
        if (asks) {
            cp_prefetch(ask);
            cp_prefetch(ask + CP_W);
            cp_prefetch(more);
            cp_prefetch(more + CP_W);
            ask += apart ? 2 * CP_W : 4 * CP_W;
            more += apart ? 2 * CP_W : 4 * CP_W;
        }
        if (taps == 3 && at >= lead && at + 2 * CP_L <= end) {
            u = CP_STEP(CP_STEP(CP_GET(q + at), CP_GET(p + o1 + at)), CP_GET(p + o2 + at));
            w = CP_STEP(CP_STEP(CP_GET(q + at + CP_L), CP_GET(p + o1 + at + CP_L)), CP_GET(p + o2 + at + CP_L));
        } else {
            const unsigned near = CP_FILL(end - at) & ~CP_FILL(lead - at);
            const unsigned far = CP_FILL(end - at - CP_L) & ~CP_FILL(lead - at - CP_L);
            u = CP_LOAD(blank, near, q + at);
            w = CP_LOAD(blank, far, q + at + CP_L);
            for (t = 1; t < taps; t++) {
                u = CP_STEP(u, CP_LOAD(blank, near, p + off[t] + at));
                w = CP_STEP(w, CP_LOAD(blank, far, p + off[t] + at + CP_L));
            }
        }
        e2 = __builtin_shuffle(u, w, CP_IOTA * 2);
        z2 = __builtin_shuffle(u, w, CP_IOTA * 2 + 1);
        if (o < 0) continue;
        v = CP_STEP(CP_STEP(e, z), (CP_V)CP_MASKED_OF(align, CP_SIZE)((__m512i)e, -1, (__m512i)e2, (__m512i)e, 1));
        CP_SEND
    }
}

#ifndef CP_SCALES
/* whether n elements have no NaN */
CP_INLINE int CP_F(cp_is_clean)(const CP_E* p, ptrdiff_t n) {
    ptrdiff_t i;
    int found = 0;
    for (i = 0; i + 2 * CP_L <= n; i += 2 * CP_L) found |= CP_F(cp_nan)(CP_GET(p + i), CP_GET(p + i + CP_L));
    for (; i < n; i += CP_L) {
        const CP_V blank = {0}, v = CP_LOAD(blank, CP_FILL(n - i), p + i);
        found |= CP_F(cp_nan)(v, v);
    }
    return !found;
}
#endif

CP_NOINLINE void CP_F(cp_stencils)(const cp_box_t* b, CP_E* dst, const CP_E* src) {
    const ptrdiff_t* off = b->off;
    const int joined = b->past && (uintptr_t)dst % CP_SIZE == 0 && b->dst_step == b->cols && b->cols >= 2 * CP_L;
    __attribute__((aligned(64))) CP_E edge[2][CP_L];
    ptrdiff_t p, r;
    for (p = 0; p < b->planes; p++) {
#ifndef CP_SCALES
        const int first = b->keep ? b->taps : b->taps - 1;
        ptrdiff_t clean = 0;            /* rows without a NaN before the last tap, which is asked in the same pass */
        int t;
#endif
        for (r = 0; r < b->rows; r++) {
            const CP_E* from = src + p * b->src_plane + r * b->src_step;
            CP_E* to = dst + p * b->dst_plane + r * b->dst_step;
            const int joins = joined ? (r > 0) + 2 * (r + 1 < b->rows) : 0;
            if (b->stride == 2) {
                CP_F(cp_half_stencil)(b, to, from, edge[r % 2], edge[1 - r % 2], joins);
                continue;
            }
#ifndef CP_SCALES
            if (b->keep) clean = CP_F(cp_is_clean)(from, b->n) ? b->taps : 0;
            else if (!b->past) for (t = r && b->fresh < b->taps ? b->fresh : 0; t < b->taps - 1; t++)
                clean = CP_F(cp_is_clean)(from + off[t], b->n) ? clean + 1 : 0;
#endif
#define CP_ROW(m, whole, clean) CP_F(cp_stencil)(b, to, from, m, whole, clean, edge[r % 2], edge[1 - r % 2], joins)
#ifdef CP_SCALES
#define CP_CASE(m, whole) CP_ROW(m, whole, 1);
#else
#define CP_CASE(m, whole) { \
            const int found = clean >= first ? CP_ROW(m, whole, 1) \
                : whole || b->past || !CP_F(cp_is_clean)(from + off[b->taps - 1], b->n); \
            if (found || clean < first) CP_ROW(m, whole, 0); \
            clean = found ? 0 : clean + 1; }
#endif
            if (b->keep && b->k == 3) CP_CASE(3, 1)
            else if (b->keep) CP_CASE(5, 1)
            else if (b->k == 3) CP_CASE(3, 0)
            else CP_CASE(5, 0)
#undef CP_CASE
#undef CP_ROW
        }
    }
}
#undef CP_COLUMN
#undef CP_ALONG
#undef CP_MEAN
#undef CP_SEND
#undef CP_NEXT
#undef CP_FILL
#undef CP_LOAD
#undef CP_MOVED
#endif

#if CP_W == CP_WIDE && !defined(__OPTIMIZE_SIZE__)
#define CP_BOX_PAIRS
/* Windows of two rows and two columns that share nothing: in registers, without lines. What comes is asked for in the order
 * of its addresses, as many bytes as are read. 2x2/s2 maxima of 2x64x112x112 float64: 0.24 ms by lines, 0.19 so; of 4096 x
 * 4096 uint8 0.36 and 0.28. */
static void CP_F(cp_box_pairs)(const cp_box_t* b, CP_E* dst, const CP_E* src) {
    const ptrdiff_t o1 = b->off[1], last = b->cols - CP_L, ahead = b->ahead;
    const CP_E scale = (CP_E)b->scale;
    ptrdiff_t p, r, o;
    int j;
    (void)scale;
    for (p = 0; p < b->planes; p++) for (r = 0; r < b->rows; r++) {
        const CP_E* x = src + p * b->src_plane + r * b->src_step + b->off[0];
        CP_E* to = dst + p * b->dst_plane + r * b->dst_step;
        const char* q = (const char*)(x + ahead);
        for (o = 0;;) {
            const CP_E* y = x + 2 * o;
            CP_V v = CP_STEP(CP_GET(y), CP_GET(y + o1)), w = CP_STEP(CP_GET(y + CP_L), CP_GET(y + CP_L + o1)), e, z;
            for (j = 0; j < 4 * CP_W; j += 64) cp_prefetch(q + j);
            q += 4 * CP_W;
            e = __builtin_shuffle(v, w, CP_IOTA * 2);
            z = __builtin_shuffle(v, w, CP_IOTA * 2 + 1);
            e = CP_STEP(e, z);
            CP_PUT_SCALED(to + o, e, scale);
            if (o == last) break;
            o = o + CP_L < last ? o + CP_L : last;
        }
    }
}
#endif

/* see cp_box_t in rows.h */
static void CP_F(cp_box_rows)(const cp_box_t* b, CP_E* dst, const CP_E* src) {
    const int pieces = b->fresh < b->taps && b->n * CP_SIZE > CP_SPLIT;
    const int runs_on = b->stride == 2 && b->k == 2 && b->pitch == 2 * b->cols && b->dst_step == b->cols;
    CP_E* line = (CP_E*)b->line;
    ptrdiff_t p, r, m;
#ifdef CP_BOX_PAIRS
    if (b->taps == 2 && b->k == 2 && b->stride == 2 && b->lead == 0 && b->n >= 2 * b->cols
            && (b->fresh == 0 || b->fresh == b->taps)) {
        CP_F(cp_box_pairs)(b, dst, src);
        return;
    }
#endif
    for (p = 0; p < b->planes; p++) {
        for (r = 0; r < b->rows; r += m) {
            const CP_E* from = src + p * b->src_plane + r * b->src_step;
            CP_E* to = dst + p * b->dst_plane + r * b->dst_step;
            m = b->rows - r < b->lines ? b->rows - r : b->lines;
            if (pieces) m = 1;
            if (pieces) CP_F(cp_fold_all)(line + b->lead, 0, from, 0, 1, b->off, b->taps, b->n, b->ahead, b->fresh, 0);
            else CP_F(cp_fold_rows)(line + b->lead, b->pitch, from, b->src_step, m, b->off, b->taps, b->n, b->ahead, b->fresh, 0);
            if (b->stride == 1)
                CP_F(cp_fold_quiet)(to, b->dst_step, line, b->pitch, m, b->along, b->k, b->cols, 0);
            else if (runs_on)
                CP_F(cp_slide_half)(to, 0, line, 0, 1, m * b->cols, b->k, (CP_E)b->scale);
            else
                CP_F(cp_slide_half)(to, b->dst_step, line, b->pitch, m, b->cols, b->k, (CP_E)b->scale);
        }
    }
}

/* one row of windows of columns of b->n elements, straight from x; m and w: taps and k where they are constants, or 0.
 * The tree is that of a line: first the taps of a column, then the columns. */
CP_INLINE void CP_F(cp_columns)(const cp_box_t* b, CP_E* dst, const CP_E* src, int m, int w) {
    const int taps = m ? m : b->taps, k = w ? w : b->k;
    const ptrdiff_t* off = b->off;
    const ptrdiff_t* along = b->along;
    const ptrdiff_t n = b->n, last = n - CP_L, step = b->stride * n;
    ptrdiff_t o, i;
    const CP_E scale = (CP_E)b->scale;
    int t, j;
    (void)scale;
    for (o = 0; o < b->cols; o++) {
        for (t = b->fresh; t < b->taps; t++)
            for (i = 0; i < step; i += 64 / CP_SIZE) cp_prefetch(src + off[t] + b->ahead + i);
        for (i = 0;;) {
            const CP_E* p = src + i + along[0];
            CP_V a = CP_GET(p + off[0]), c;
            for (t = 1; t < taps; t++) a = CP_STEP(a, CP_GET(p + off[t]));
            for (j = 1; j < k; j++) {
                p = src + i + along[j];
                c = CP_GET(p + off[0]);
                for (t = 1; t < taps; t++) c = CP_STEP(c, CP_GET(p + off[t]));
                a = CP_STEP(a, c);
            }
            CP_PUT_SCALED(dst + i, a, scale);
            if (i == last) break;
            i = i + CP_L < last ? i + CP_L : last;
        }
        src += step;
        dst += n;
    }
}

static void CP_F(cp_lanes_row)(const cp_box_t* b, CP_E* dst, const CP_E* src) {
    if (b->taps == 2 && b->k == 2) CP_F(cp_columns)(b, dst, src, 2, 2);
    else if (b->taps == 3 && b->k == 3) CP_F(cp_columns)(b, dst, src, 3, 3);
    else CP_F(cp_columns)(b, dst, src, 0, 0);
}

#undef CP_BOX_PAIRS
#undef CP_F
#undef CP_STEP
#undef CP_L
#undef CP_V
#undef CP_GET
#undef CP_PUT
#undef CP_PUT_SCALED
#undef CP_M
#undef CP_IOTA
#undef CP_PAIR
#undef CP_EVEN
#undef CP_W
