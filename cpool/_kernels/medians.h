/* Medians of 3x3 and 5x5 windows of keys, `s` elements from column to column, written as the values they stand for; included
 * by networks.h, once for each width of keys and vector:
 *
 *   CP_T, CP_N          keys, and what the names of these functions end in
 *   CP_V                a vector of them, or one, which loops of the compiler make vectors of
 *   CP_MIN, CP_MAX      of two CP_V
 *   CP_HOLD(v)          keeps v, which was loaded, in a register: gcc loads it again for every use otherwise, and a load that
 *                       crosses a line costs two (3x3 of bytes: 39 to 26 us for 1024 x 1024)
 *   CP_VALUE(v)         what v stands for
 *
 * and for medians of floats that are not keys yet, all three or none:
 *
 *   CP_AFTER(a, b, k)   what begins at element k of a and goes on in b
 *   CP_FLIP             what turns in keys of negative floats
 *   CP_NO_NAN(l, h)     whether the smallest and the largest keys, of each lane, are no NaN
 */
#define CP_JOINED(a, b) a##_##b
#define CP_NAMED(a, b) CP_JOINED(a, b)
#define CP_F(name) CP_NAMED(name, CP_N)
#define CP_SORTED(a, b) { const CP_V l_ = CP_MIN(a, b), h_ = CP_MAX(a, b); a = l_; b = h_; }
#define CP_LOAD(a, p) CP_V a; memcpy(&a, p, sizeof a); CP_HOLD(a)
#define CP_STORE(p, a) { const CP_V v_ = CP_VALUE(a); memcpy(p, &v_, sizeof v_); }
#define CP_STEPS(blocks) const ptrdiff_t n = blocks * (ptrdiff_t)(64 / sizeof(CP_T)); \
    const ptrdiff_t step = (ptrdiff_t)(sizeof(CP_V) / sizeof(CP_T)); \
    ptrdiff_t i; \
    for (i = 0; i < n; i += step)

/* 3x3: rows sorted by threes, then the largest of the smallest, the middle of the middle, the smallest of the largest. Of
 * four rows of windows two share a pair of rows each: 19 operations a window, 30 on its own. */
#define CP_THREE(p, a) CP_LOAD(a##0, p + i) CP_LOAD(a##1, p + i + s) CP_LOAD(a##2, p + i + 2 * s) \
    CP_SORTED(a##1, a##2) CP_SORTED(a##0, a##1) CP_SORTED(a##1, a##2)
#define CP_PAIR(n, a, b) \
    const CP_V n##0 = CP_MAX(a##0, b##0), n##1 = CP_MIN(a##1, b##1), n##2 = CP_MAX(a##1, b##1), n##3 = CP_MIN(a##2, b##2);
#define CP_MIDDLE(out, n, a) { \
    CP_V x_ = CP_MAX(n##0, a##0), y_ = CP_MAX(n##1, a##1), z_ = CP_MIN(n##3, a##2); \
    y_ = CP_MIN(y_, n##2); \
    CP_SORTED(x_, z_) \
    y_ = CP_MIN(y_, z_); \
    y_ = CP_MAX(y_, x_); \
    CP_STORE(out + i, y_) }

static CP_NOINLINE void CP_F(cp_middle3)(const CP_T* CP_ALONE p0, const CP_T* CP_ALONE p1, const CP_T* CP_ALONE p2,
                                         ptrdiff_t s, CP_T* CP_ALONE out, ptrdiff_t blocks, CP_T flip, CP_T turn) {
    CP_STEPS(blocks) {
        CP_THREE(p0, a) CP_THREE(p1, b) CP_THREE(p2, c)
        CP_PAIR(ab, a, b) CP_MIDDLE(out, ab, c)
    }
}
static CP_NOINLINE void CP_F(cp_middles3)(const CP_T* CP_ALONE p0, const CP_T* CP_ALONE p1, const CP_T* CP_ALONE p2,
                                          const CP_T* CP_ALONE p3, const CP_T* CP_ALONE p4, const CP_T* CP_ALONE p5,
                                          ptrdiff_t s, CP_T* CP_ALONE o0, CP_T* CP_ALONE o1, CP_T* CP_ALONE o2,
                                          CP_T* CP_ALONE o3, ptrdiff_t blocks, CP_T flip, CP_T turn) {
    CP_STEPS(blocks) {
        CP_THREE(p1, b) CP_THREE(p2, c) CP_PAIR(bc, b, c)
        CP_THREE(p0, a) CP_MIDDLE(o0, bc, a)
        CP_THREE(p3, d) CP_MIDDLE(o1, bc, d)
        CP_THREE(p4, e) CP_PAIR(de, d, e) CP_MIDDLE(o2, de, c)
        CP_THREE(p5, f) CP_MIDDLE(o3, de, f)
    }
}

#ifdef CP_AFTER
/* Four rows of 3x3 windows of elements side by side straight from six rows of floats; n of them in each, at least a block.
 * 0 if there was a NaN: then they are still to be made. Every vector becomes keys once, and its neighbours are shifted out of
 * it and the next (CP_AFTER): a block behind n of each row is read, but masks would cost a tenth more. Rows four on are
 * fetched, and the lines of the output that come next. (2160x3840 float32, from lines of keys and so: 4.0 and 1.75 ms, a copy
 * 1.2.) */
#define CP_KEYS_OF(q) q = CP_VALUE(q); high = CP_MAX(high, q); low = CP_MIN(low, q);
#define CP_FIRST(q, k) CP_V q; memcpy(&q, x + k * row + i, sizeof q); CP_KEYS_OF(q)
#define CP_ROW(a, q, k) CP_V a##0 = q, a##1, a##2; \
    memcpy(&q, x + k * row + i + lanes, sizeof q); CP_KEYS_OF(q) \
    a##1 = CP_AFTER(a##0, q, 1); a##2 = CP_AFTER(a##0, q, 2); \
    CP_SORTED(a##1, a##2) CP_SORTED(a##0, a##1) CP_SORTED(a##1, a##2)
#define CP_FETCH(k) cp_prefetch(x + (k + 6) * row + i); cp_prefetch_write(out + k * step + i + 8 * lanes);
static CP_NOINLINE int CP_F(cp_medians_of)(const CP_T* CP_ALONE x, ptrdiff_t row, CP_T* CP_ALONE out, ptrdiff_t step,
                                           ptrdiff_t n) {
    const ptrdiff_t lanes = 64 / sizeof(CP_T);
    const CP_T turn = 0, flip = CP_FLIP;
    CP_V high = {0}, low = {0};
    ptrdiff_t i = 0;
    while (i < n) {
        CP_FIRST(q0, 0) CP_FIRST(q1, 1) CP_FIRST(q2, 2) CP_FIRST(q3, 3) CP_FIRST(q4, 4) CP_FIRST(q5, 5)
        for (; i + lanes <= n; i += lanes) {
            CP_FETCH(0) CP_FETCH(1) CP_FETCH(2) CP_FETCH(3)
            CP_ROW(b, q1, 1) CP_ROW(c, q2, 2) CP_PAIR(bc, b, c)
            CP_ROW(a, q0, 0) CP_MIDDLE(out, bc, a)
            CP_ROW(d, q3, 3) CP_MIDDLE(out + step, bc, d)
            CP_ROW(e, q4, 4) CP_PAIR(de, d, e) CP_MIDDLE(out + 2 * step, de, c)
            CP_ROW(f, q5, 5) CP_MIDDLE(out + 3 * step, de, f)
        }
        if (i < n) i = n - lanes;
    }
    return CP_NO_NAN(low, high);
}
#undef CP_KEYS_OF
#undef CP_FIRST
#undef CP_ROW
#undef CP_FETCH
#undef CP_AFTER
#undef CP_FLIP
#undef CP_NO_NAN
#endif

/* 5x5: columns sorted once for all windows that share them, in lines, then whole windows. */
static CP_NOINLINE void CP_F(cp_columns5)(const CP_T* CP_ALONE p0, const CP_T* CP_ALONE p1, const CP_T* CP_ALONE p2,
                                          const CP_T* CP_ALONE p3, const CP_T* CP_ALONE p4, CP_T* CP_ALONE q, ptrdiff_t pitch,
                                          ptrdiff_t blocks) {
    CP_T* CP_ALONE q0 = q; CP_T* CP_ALONE q1 = q + pitch; CP_T* CP_ALONE q2 = q + 2 * pitch;
    CP_T* CP_ALONE q3 = q + 3 * pitch; CP_T* CP_ALONE q4 = q + 4 * pitch;
    CP_STEPS(blocks) {
        CP_LOAD(a, p0 + i) CP_LOAD(b, p1 + i) CP_LOAD(c, p2 + i) CP_LOAD(d, p3 + i) CP_LOAD(e, p4 + i)
        CP_SORTED(a, d) CP_SORTED(b, e) CP_SORTED(a, c) CP_SORTED(b, d) CP_SORTED(a, b)
        CP_SORTED(c, e) CP_SORTED(b, c) CP_SORTED(d, e) CP_SORTED(c, d)
        memcpy(q0 + i, &a, sizeof a); memcpy(q1 + i, &b, sizeof b); memcpy(q2 + i, &c, sizeof c);
        memcpy(q3 + i, &d, sizeof d); memcpy(q4 + i, &e, sizeof e);
    }
}
/* 61 comparisons, 98 operations: found by leaving out of larger networks what no order of sorted columns needs. */
#define CP_LOAD5(p, a, b, c, d, e) CP_LOAD(a, p + i) CP_LOAD(b, p + i + s) CP_LOAD(c, p + i + 2 * s) \
    CP_LOAD(d, p + i + 3 * s) CP_LOAD(e, p + i + 4 * s)
static CP_NOINLINE void CP_F(cp_middle5)(const CP_T* CP_ALONE q, ptrdiff_t pitch, ptrdiff_t s, CP_T* CP_ALONE out,
                                         ptrdiff_t blocks, CP_T flip, CP_T turn) {
    const CP_T* CP_ALONE q0 = q; const CP_T* CP_ALONE q1 = q + pitch; const CP_T* CP_ALONE q2 = q + 2 * pitch;
    const CP_T* CP_ALONE q3 = q + 3 * pitch; const CP_T* CP_ALONE q4 = q + 4 * pitch;
    CP_STEPS(blocks) {
        CP_LOAD5(q0, v0, v1, v2, v3, v4) CP_LOAD5(q1, v5, v6, v7, v8, v9) CP_LOAD5(q2, v10, v11, v12, v13, v14)
        CP_LOAD5(q3, v15, v16, v17, v18, v19) CP_LOAD5(q4, v20, v21, v22, v23, v24)
        CP_SORTED(v0, v3) v1 = CP_MAX(v0, v1); CP_SORTED(v2, v4) v2 = CP_MAX(v1, v2); CP_SORTED(v3, v4) v3 = CP_MAX(v2, v3);
        CP_SORTED(v5, v8) CP_SORTED(v6, v9) CP_SORTED(v6, v8) v6 = CP_MAX(v5, v6); CP_SORTED(v7, v9) v7 = CP_MAX(v6, v7);
        CP_SORTED(v8, v9) CP_SORTED(v7, v8) CP_SORTED(v10, v13) CP_SORTED(v11, v14) CP_SORTED(v10, v12) CP_SORTED(v11, v13)
        v11 = CP_MAX(v10, v11); CP_SORTED(v12, v14) CP_SORTED(v11, v12) v13 = CP_MIN(v13, v14); CP_SORTED(v15, v18)
        CP_SORTED(v16, v19) CP_SORTED(v15, v17) CP_SORTED(v16, v18) CP_SORTED(v15, v16) v17 = CP_MIN(v17, v19);
        CP_SORTED(v16, v17) v17 = CP_MIN(v17, v18); CP_SORTED(v20, v23) CP_SORTED(v21, v24) CP_SORTED(v20, v22)
        v21 = CP_MIN(v21, v23); CP_SORTED(v20, v21) v22 = CP_MIN(v22, v24); v21 = CP_MIN(v21, v22); CP_SORTED(v12, v16)
        v13 = CP_MIN(v13, v16); CP_SORTED(v13, v12) CP_SORTED(v3, v4) CP_SORTED(v9, v20) v15 = CP_MAX(v11, v15);
        CP_SORTED(v8, v15) CP_SORTED(v17, v21) v8 = CP_MAX(v17, v8); CP_SORTED(v3, v7) CP_SORTED(v4, v12) CP_SORTED(v4, v7)
        CP_SORTED(v9, v13) CP_SORTED(v20, v13) CP_SORTED(v20, v7) v15 = CP_MIN(v15, v7); v3 = CP_MAX(v15, v3);
        v4 = CP_MAX(v8, v4); v12 = CP_MIN(v12, v4); v12 = CP_MIN(v12, v3); v13 = CP_MIN(v13, v9); v21 = CP_MIN(v21, v20);
        v13 = CP_MAX(v21, v13); v12 = CP_MAX(v13, v12);
        CP_STORE(out + i, v12)
    }
}

/* A row of windows of k x k from k rows. n >= a block: the last block over the one before it. q: five rows of keys. */
static void CP_F(cp_median)(int k, void** row, CP_T* q, ptrdiff_t pitch, ptrdiff_t s, CP_T* out, ptrdiff_t n, CP_T flip,
                            CP_T turn) {
    const ptrdiff_t block = 64 / sizeof(CP_T), blocks = n / block, last = n - block;
    const CP_T* p0 = (const CP_T*)row[0];
    const CP_T* p1 = (const CP_T*)row[1];
    const CP_T* p2 = (const CP_T*)row[2];
    if (k == 3) {
        CP_F(cp_middle3)(p0, p1, p2, s, out, blocks, flip, turn);
        if (n % block) CP_F(cp_middle3)(p0 + last, p1 + last, p2 + last, s, out + last, 1, flip, turn);
    } else {
        CP_F(cp_columns5)(p0, p1, p2, (const CP_T*)row[3], (const CP_T*)row[4], q, pitch, (n + 4 * s + block - 1) / block);
        CP_F(cp_middle5)(q, pitch, s, out, blocks, flip, turn);
        if (n % block) CP_F(cp_middle5)(q + last, pitch, s, out + last, 1, flip, turn);
    }
}

/* Four rows of 3x3 windows from six; `step` from one of the output to the next. next: elements from a row to the one four
 * rows on, which is fetched; 0: it is not. */
static void CP_F(cp_medians)(void** row, ptrdiff_t next, ptrdiff_t s, CP_T* out, ptrdiff_t step, ptrdiff_t n, CP_T flip,
                             CP_T turn) {
    const ptrdiff_t block = 64 / sizeof(CP_T), piece = 8 * block;
    ptrdiff_t i = 0, m, k;
    while (i < n) {
        const CP_T* p[6];
        m = n - i < block ? block : n - i < piece ? (n - i) / block * block : piece;
        i = n - i < block ? n - block : i;
        for (k = 0; k < 6; k++) p[k] = (const CP_T*)row[k] + i;
        for (k = next; next && k < next + m; k += block) {
            cp_prefetch(p[2] + k); cp_prefetch(p[3] + k); cp_prefetch(p[4] + k); cp_prefetch(p[5] + k);
        }
        CP_F(cp_middles3)(p[0], p[1], p[2], p[3], p[4], p[5], s, out + i, out + step + i, out + 2 * step + i,
                          out + 3 * step + i, m / block, flip, turn);
        i += m;
    }
}

#undef CP_JOINED
#undef CP_NAMED
#undef CP_F
#undef CP_SORTED
#undef CP_LOAD
#undef CP_LOAD5
#undef CP_STORE
#undef CP_STEPS
#undef CP_THREE
#undef CP_PAIR
#undef CP_MIDDLE
#undef CP_N
#undef CP_T
#undef CP_V
#undef CP_MIN
#undef CP_MAX
#undef CP_HOLD
#undef CP_VALUE
