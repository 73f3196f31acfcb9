/* Gradients of maxima of windows of 2x2 and 3x3, stride 2, gathered: float32, one channel.
 *
 * Eight windows of a row at a time and the elements of two rows below them, of each window a pair: its middle and the one to
 * the right (2x2: its first and the one to the right), which the next window of 3x3 holds too. An index becomes the distance
 * from the left one of its pair; comparisons with constants decide where the gradient goes, and whether the index lies in
 * its window. The row that the windows of the next row hold too is kept as a line of sums. Additions come in the order of
 * the windows, and those of 0 change nothing, so the bits are those of scattering. Windows are taken in the order 0 1 4 5 2 3
 * 6 7, which makes vectors of indices of 64 bits, and pairs out of two vectors, without crossing lanes of 128 bits.
 * 8x64x112x112, 3x3/s2: 1.9 ms scattered, 1.1 gathered, 0.83 with prefetches; 8x64x224x224, 2x2/s2, into a new array: 9.7 and
 * 8.0, of which the system takes 4.2 to clear its pages. Stores past the caches made the first a third slower and did not help
 * the second. The last vector of a row begins earlier: with masked stores instead, rows of 16 to 28 took 10 to 20 % longer.
 */
#ifndef CPOOL_GATHER_H
#define CPOOL_GATHER_H

#include "fast.h"
#include "portable.h"

typedef struct {
    ptrdiff_t in_h, in_w, out_h, out_w;     /* windows do not reach past the end of an axis */
    int k, lo;                              /* 2 and 0, 3 and 0, 3 and 1 */
    int index_bytes;
} cp_gather_t;

#if defined(__AVX2__) && !defined(CPOOL_PORTABLE)
#include <immintrin.h>
#define CP_GATHER 1
#define CP_GATHER_PIECE 512                 /* windows of a row at a time */
#define CP_GATHER_AHEAD 4096                /* bytes from what is read to what is prefetched, twice that for what is written */

#define CP_ORDER(v) _mm256_permute4x64_epi64(v, 0xd8)

/* Eight indices; the last is 0 if `less`. What their high halves hold. */
CP_INLINE __m256i cp_indices(const char* at, int bytes, int less, __m256i* high) {
    __m256i a, b;
    if (bytes == 4) {
        a = cp_likely(!less) ? _mm256_loadu_si256((const __m256i*)at)
                             : _mm256_maskload_epi32((const int*)at, _mm256_setr_epi32(-1, -1, -1, -1, -1, -1, -1, 0));
        *high = _mm256_or_si256(*high, a);
        return CP_ORDER(a);
    }
    a = _mm256_loadu_si256((const __m256i*)at);
    b = cp_likely(!less) ? _mm256_loadu_si256((const __m256i*)(at + 32))
                         : _mm256_maskload_epi64((const long long*)(at + 32), _mm256_setr_epi64x(-1, -1, -1, 0));
    *high = _mm256_or_si256(*high, _mm256_or_si256(a, b));
    return _mm256_castps_si256(_mm256_shuffle_ps(_mm256_castsi256_ps(a), _mm256_castsi256_ps(b), 0x88));
}

/* 0 + g, of eight or seven */
CP_INLINE __m256 cp_gradients(const float* g, int less) {
    const __m256 v = cp_likely(!less) ? _mm256_loadu_ps(g)
                                      : _mm256_maskload_ps(g, _mm256_setr_epi32(-1, -1, -1, -1, -1, -1, -1, 0));
    return _mm256_add_ps(_mm256_castsi256_ps(CP_ORDER(_mm256_castps_si256(v))), _mm256_setzero_ps());
}

/* g where the distance is that of a place */
#define CP_WHERE(d, place, g) _mm256_and_ps(_mm256_castsi256_ps(_mm256_cmpeq_epi32(d, _mm256_set1_epi32(place))), g)

CP_INLINE void cp_put_pairs(float* y, __m256 left, __m256 right) {
    _mm256_storeu_ps(y, _mm256_unpacklo_ps(left, right));
    _mm256_storeu_ps(y + 8, _mm256_unpackhi_ps(left, right));
}

/* What rows begin to end of the windows of a plane give: each element that no earlier row reaches is written once, the last
 * rows of the plane with the last windows. Returns whether all indices are in their windows. */
CP_INLINE int cp_gather_rows(const cp_gather_t* j, const char* at, const float* g, float* y, ptrdiff_t begin, ptrdiff_t end,
                             int three) {
    float sums[2 * CP_GATHER_PIECE], unused[2 * CP_GATHER_PIECE + 8];
    const ptrdiff_t width = j->in_w, out = j->out_w, skip = three && !j->lo;    /* columns before the first pair */
    const int bytes = j->index_bytes, w = (int)width;
    const __m256i order = _mm256_setr_epi32(0, 2, 8, 10, 4, 6, 12, 14), one = _mm256_set1_epi32(three);
    const __m256i wrong = bytes == 4 ? _mm256_set1_epi32((int)0x80000000u) : _mm256_set1_epi64x(-0x100000000ll);
    ptrdiff_t x, n, h, i, row;
    for (x = 0; x < out; x += CP_GATHER_PIECE) {
        float edge = 0;
        n = out - x < CP_GATHER_PIECE ? out - x : CP_GATHER_PIECE;
        if (n < 8) x = out - 8, n = 8;      /* windows that had their turn, once more */
        for (i = 0; three && i < 2 * n + 14 && i < 2 * CP_GATHER_PIECE; i++) sums[i] = 0;
        for (h = three && begin > 0 ? begin - 1 : begin; h < end; h++) {
            const char* p = at + (h * out + x) * bytes;
            const float* q = g + h * out + x;
            float *y0 = unused + 8, *y1 = y0;
            __m256i high = _mm256_setzero_si256(), worst = high, first;
            int middle;
            row = 2 * h - j->lo;
            middle = (int)((row + three) * width + 2 * x + skip);
            if (h >= begin) y1 = y + (row + 1) * width + 2 * x + skip;
            if (h >= begin && row >= 0) y0 = y1 - width;
            for (i = 0; i < n; i += 8) {
                __m256i a, b, u;
                __m256 c, d, t;
                int less;
                float* sum = sums + 2 * i;          /* left ones and right ones, in their order */
                if (i + 8 > n) i = n - 8;
                less = x + i + 8 == out;
                first = _mm256_add_epi32(_mm256_set1_epi32(middle + 2 * (int)i), order);
                cp_prefetch(p + i * bytes + CP_GATHER_AHEAD);
                cp_prefetch((const char*)(q + i) + CP_GATHER_AHEAD);
                cp_prefetch_write((const char*)(y1 + 4 * i) + 2 * CP_GATHER_AHEAD);
                cp_prefetch_write((const char*)(y1 + 4 * i) + 2 * CP_GATHER_AHEAD + 64);
                a = _mm256_sub_epi32(cp_indices(p + i * bytes, bytes, 0, &high), first);
                c = cp_gradients(q + i, 0);
                u = _mm256_add_epi32(a, one);
                t = CP_WHERE(a, three ? -w : 0, c);
                u = _mm256_min_epu32(_mm256_min_epu32(u, _mm256_sub_epi32(u, _mm256_set1_epi32(w))),
                                     _mm256_add_epi32(u, _mm256_set1_epi32(three ? w : 0)));
                worst = _mm256_max_epu32(worst, u);
                if (three) {
                    b = _mm256_sub_epi32(cp_indices(p + (i + 1) * bytes, bytes, less, &high), first);
                    d = cp_gradients(q + i + 1, less);
                    cp_put_pairs(y0 + 2 * i, _mm256_add_ps(_mm256_loadu_ps(sum), t),
                                 _mm256_add_ps(_mm256_add_ps(_mm256_loadu_ps(sum + 8), CP_WHERE(a, 1 - w, c)),
                                               CP_WHERE(b, 1 - w, d)));
                    cp_put_pairs(y1 + 2 * i, CP_WHERE(a, 0, c), _mm256_add_ps(CP_WHERE(a, 1, c), CP_WHERE(b, 1, d)));
                    _mm256_storeu_ps(sum, CP_WHERE(a, w, c));
                    _mm256_storeu_ps(sum + 8, _mm256_add_ps(CP_WHERE(a, w + 1, c), CP_WHERE(b, w + 1, d)));
                } else {
                    cp_put_pairs(y0 + 2 * i, t, CP_WHERE(a, 1, c));
                    cp_put_pairs(y1 + 2 * i, CP_WHERE(a, w, c), CP_WHERE(a, w + 1, c));
                }
            }
            worst = _mm256_cmpeq_epi32(worst, _mm256_min_epu32(worst, _mm256_set1_epi32(1 + three)));
            if (_mm256_movemask_epi8(worst) != -1 || !_mm256_testz_si256(high, wrong)) return 0;
            if (three && x == 0) {              /* the column before the first pair */
                const int d = (bytes == 4 ? *(const int*)p : (int)*(const long long*)p) - middle + 1;
                if (j->lo && (d == -w || d == 0 || d == w)) return 0;
                if (skip) {
                    y0[-1] = edge + (d == -w ? *q : 0);
                    y1[-1] = 0 + (d == 0 ? *q : 0);
                    edge = 0 + (d == w ? *q : 0);
                }
            }
            for (i = 2 * out + skip; h >= begin && x + n == out && i < width; i++) {
                if (row >= 0) y[row * width + i] = 0;
                y[(row + 1) * width + i] = 0;
            }
        }
        row = 2 * end - j->lo;
        if (three && end == j->out_h && row < j->in_h) {
            float* last = y + row * width;
            for (i = 0; i < n; i += 8)
                cp_put_pairs(last + 2 * (x + (i + 8 > n ? n - 8 : i)) + skip, _mm256_loadu_ps(sums + 2 * i),
                             _mm256_loadu_ps(sums + 2 * i + 8));
            if (skip && x == 0) *last = edge;
            for (i = 2 * out + skip; x + n == out && i < width; i++) last[i] = 0;
        }
    }
    row = 2 * end - j->lo + three;
    if (end == j->out_h && row < j->in_h) memset(y + row * width, 0, (j->in_h - row) * width * sizeof(float));
    return 1;
}

static int cp_gather(const cp_gather_t* j, const void* at, const float* g, float* y, ptrdiff_t begin, ptrdiff_t end) {
    return j->k == 3 ? cp_gather_rows(j, at, g, y, begin, end, 1) : cp_gather_rows(j, at, g, y, begin, end, 0);
}

#else
#define CP_GATHER 0
static inline int cp_gather(const cp_gather_t* j, const void* at, const float* g, float* y, ptrdiff_t begin, ptrdiff_t end) {
    (void)j; (void)at; (void)g; (void)y; (void)begin; (void)end;
    return 0;
}
#endif
#endif
