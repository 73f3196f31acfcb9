/* Long windows along a line, stride 1: dst[i] = op of src[i .. i + k - 1], in registers.
 *
 * Doubling by rows (`wide` in reduce.pyx) loads twice and stores once a step, one of the loads across two cache lines.
 * Here the steps up to a vector's length L follow one another in registers: a shift of two neighbouring vectors and an
 * operation each. Only AVX-512 shifts whole vectors by one instruction; elsewhere sums follow the same tree by loads, max
 * and min (whose tree does not show) stay with the rows.
 *   sums   e[i]: L = 8 taps, halves of halves; r[i]: the k mod 8 taps that are left, powers of two, lowest first. The
 *          window is k / 8 of e, 8 apart and so never across two cache lines, and one of r. More than 4 of e: two powers of
 *          two at a time, fours of fours. Sums that end in float64 and those of lanes keep the tree of `wide`: r first.
 *   uint32 differences of running totals: exact, and the same for every k.
 *   max    w taps, w the largest power of two below k and at most L; twice that, overlapping, where k allows it. Bytes and
 *          words: w is 4, 8, 16 or L, the rest by rows (255x255 of 2048 x 2048 uint8: 0.53 ms with at most 16, 0.39 so).
 * 31 taps on lines of 2048 doubles: 9 cycles for a vector of outputs, by rows 30; 255 taps: 16 for 50.
 */
#ifndef CPOOL_SPANS_H
#define CPOOL_SPANS_H

#include "portable.h"

#if defined(__GNUC__) && !defined(CPOOL_PORTABLE)
#define CP_SPAN_EACH(count) _Pragma("GCC ivdep") for (i = 0; i < (count); i++)
#else
#define CP_SPAN_EACH(count) for (i = 0; i < (count); i++)
#endif

#if defined(__GNUC__) && !defined(CPOOL_PORTABLE) && defined(__AVX512F__)
#include <immintrin.h>
#define CP_SHIFT(a, b, n) _mm512_castsi512_pd(_mm512_alignr_epi64(_mm512_castpd_si512(b), _mm512_castpd_si512(a), (n)))

/* `vectors` vectors of e and r; reads up to three vectors more of src than it writes. */
static inline __attribute__((always_inline)) void cp_span_parts_(double *e, double *r, const double *src, ptrdiff_t vectors,
                                                                 const int left) {
    __m512d a0 = _mm512_loadu_pd(src), a1 = _mm512_loadu_pd(src + 8), a2 = _mm512_loadu_pd(src + 16), a3;
    __m512d b0 = a0 + CP_SHIFT(a0, a1, 1), b1 = a1 + CP_SHIFT(a1, a2, 1), b2;
    __m512d c0 = b0 + CP_SHIFT(b0, b1, 2), c1, t;
    ptrdiff_t v;
    for (v = 0; v < vectors; v++) {
        a3 = _mm512_loadu_pd(src + 8 * v + 24);
        b2 = a2 + CP_SHIFT(a2, a3, 1);
        c1 = b1 + CP_SHIFT(b1, b2, 2);
        _mm512_storeu_pd(e + 8 * v, c0 + CP_SHIFT(c0, c1, 4));
        if (left) {
            t = left & 1 ? a0 : left & 2 ? b0 : c0;
            if ((left & 3) == 3) t += CP_SHIFT(b0, b1, 1);
            if (left == 5) t += CP_SHIFT(c0, c1, 1);
            if (left == 6) t += CP_SHIFT(c0, c1, 2);
            if (left == 7) t += CP_SHIFT(c0, c1, 3);
            _mm512_storeu_pd(r + 8 * v, t);
        }
        a0 = a1; a1 = a2; a2 = a3;
        b0 = b1; b1 = b2;
        c0 = c1;
    }
}
#endif

static void cp_span_parts_by(double *e, double *r, const double *a, ptrdiff_t n, int left, ptrdiff_t s) {
    ptrdiff_t i;
#define CP_ONE(j) a[i + (j) * s]
#define CP_TWO(j) (CP_ONE(j) + CP_ONE(j + 1))
#define CP_FOUR(j) (CP_TWO(j) + CP_TWO(j + 2))
#define CP_PART(value) CP_SPAN_EACH(n) r[i] = value; break;
    CP_SPAN_EACH(n) e[i] = CP_FOUR(0) + CP_FOUR(4);
    switch (left) {
        case 1: CP_PART(CP_ONE(0))
        case 2: CP_PART(CP_TWO(0))
        case 3: CP_PART(CP_ONE(0) + CP_TWO(1))
        case 4: CP_PART(CP_FOUR(0))
        case 5: CP_PART(CP_ONE(0) + CP_FOUR(1))
        case 6: CP_PART(CP_TWO(0) + CP_FOUR(2))
        case 7: CP_PART((CP_ONE(0) + CP_TWO(1)) + CP_FOUR(3))
    }
}

/* e[i]: sums of 8, `step` apart; r[i]: of k mod 8, untouched if that is 0. */
static void cp_span_parts(double *e, double *r, const double *src, ptrdiff_t n, int left, ptrdiff_t step) {
#if defined(__GNUC__) && !defined(CPOOL_PORTABLE) && defined(__AVX512F__)
    const ptrdiff_t vectors = (n + 7) / 8;
    if (step > 1) cp_span_parts_by(e, r, src, n, left, step);
    else switch (left) {
        case 0: cp_span_parts_(e, r, src, vectors, 0); break;
        case 1: cp_span_parts_(e, r, src, vectors, 1); break;
        case 2: cp_span_parts_(e, r, src, vectors, 2); break;
        case 3: cp_span_parts_(e, r, src, vectors, 3); break;
        case 4: cp_span_parts_(e, r, src, vectors, 4); break;
        case 5: cp_span_parts_(e, r, src, vectors, 5); break;
        case 6: cp_span_parts_(e, r, src, vectors, 6); break;
        default: cp_span_parts_(e, r, src, vectors, 7);
    }
#else
    cp_span_parts_by(e, r, src, n, left, step);
#endif
}

/* dst[i] = e[i] + e[i + 8] + ... (`whole` <= 4 of them) + r[i] (if left). */
static void cp_span_sum(double *dst, const double *e, const double *r, ptrdiff_t n, ptrdiff_t whole, int left) {
    ptrdiff_t i;
#define CP_SPAN_SUM(sum) if (left) for (i = 0; i < n; i++) dst[i] = (sum) + r[i]; else for (i = 0; i < n; i++) dst[i] = (sum);
    if (whole == 1) { CP_SPAN_SUM(e[i]) }
    else if (whole == 2) { CP_SPAN_SUM(e[i] + e[i + 8]) }
    else if (whole == 3) { CP_SPAN_SUM((e[i] + e[i + 8]) + e[i + 16]) }
    else { CP_SPAN_SUM(((e[i] + e[i + 8]) + e[i + 16]) + e[i + 24]) }
}

/* to[i] = rest[i] (unless NULL) + the sums of 1 and 2 of e[i], e[i + d] ... that are in `parts`, 1 to 3 of them, + after[i]
 * (unless NULL). */
static void cp_span_few(double *to, const double *rest, const double *e, const double *after, ptrdiff_t n, ptrdiff_t d,
                        int parts) {
    ptrdiff_t i;
#define CP_SPAN_FEW(sum) \
    if (rest && after) { CP_SPAN_EACH(n) to[i] = (rest[i] + sum) + after[i]; } \
    else if (rest) { CP_SPAN_EACH(n) to[i] = rest[i] + sum; } \
    else if (after) { CP_SPAN_EACH(n) to[i] = (sum) + after[i]; } \
    else { CP_SPAN_EACH(n) to[i] = sum; }
    if (parts == 1) { CP_SPAN_FEW(e[i]) }
    else if (parts == 2) { CP_SPAN_FEW((e[i] + e[i + d])) }
    else { CP_SPAN_FEW(e[i] + (e[i + d] + e[i + 2 * d])) }
}

/* dst[i] = the sum of `whole` of e[i], e[i + d] ..., powers of two, lowest first, that follow rest[i] (unless NULL) or precede
 * after[i]: the tree of `wide`, two powers at a time. spare: three times n + d (whole - 1) elements. */
static void cp_span_tree(double *dst, const double *rest, const double *e, const double *after, ptrdiff_t n, ptrdiff_t d,
                         ptrdiff_t whole, double *spare) {
    const ptrdiff_t room = n + d * (whole - 1);
    double *sums = spare, *four = spare + room;
    ptrdiff_t i, more;
    int turn = 0;
    for (; whole > 3; whole /= 4, d *= 4) {
        if (whole & 3) {
            cp_span_few(sums, rest, e, NULL, n, d, whole & 3);
            rest = sums;
            e += (whole & 3) * d;
        }
        more = n + (whole / 4 - 1) * 4 * d;
        CP_SPAN_EACH(more) four[i] = (e[i] + e[i + d]) + (e[i + 2 * d] + e[i + 3 * d]);
        e = four;
        four = spare + (turn ? 1 : 2) * room;
        turn = !turn;
    }
    cp_span_few(dst, rest, e, after, n, d, (int)whole);
}

/* Sums modulo 2**32, any k, in a time that does not depend on it: differences of sums from the line's start.
 * total[16 + i] = src[0] + ... + src[i]; 16 zeros before. */
static void cp_span_totals(uint32_t *total, const uint32_t *src, ptrdiff_t n) {
    ptrdiff_t i = 0;
    uint32_t t = 0;
#if defined(__GNUC__) && !defined(CPOOL_PORTABLE) && defined(__AVX512F__)
    const __m512i zero = _mm512_setzero_si512(), last = _mm512_set1_epi32(15);
    __m512i sum = zero, a;
    for (; i + 16 <= n; i += 16) {
        a = _mm512_loadu_si512(src + i);
        a = _mm512_add_epi32(a, _mm512_alignr_epi32(a, zero, 15));
        a = _mm512_add_epi32(a, _mm512_alignr_epi32(a, zero, 14));
        a = _mm512_add_epi32(a, _mm512_alignr_epi32(a, zero, 12));
        a = _mm512_add_epi32(a, _mm512_alignr_epi32(a, zero, 8));
        a = _mm512_add_epi32(a, sum);
        sum = _mm512_permutexvar_epi32(last, a);
        _mm512_storeu_si512(total + 16 + i, a);
    }
    t = (uint32_t)_mm512_cvtsi512_si32(sum);
#endif
    memset(total, 0, 64);
    for (; i < n; i++) { t += src[i]; total[16 + i] = t; }
}

static void cp_span_differences(uint32_t *dst, const uint32_t *total, ptrdiff_t n, ptrdiff_t k) {
    ptrdiff_t i;
    for (i = 0; i < n; i++) dst[i] = total[15 + k + i] - total[15 + i];
}

/* Max and min of keys. dst[i] = op of the k taps from i on, 1 < k <= 2 L; k = L for the first L of longer windows. Reads up
 * to six vectors more than it writes. */
#if defined(__GNUC__) && !defined(CPOOL_PORTABLE) && defined(__AVX512BW__)
#define cp_span_keys 1

#define CP_SPAN_KEYS(name, T, L, SHIFT, MOVE, OP) \
static inline __attribute__((always_inline)) void name##_(T *dst, const T *src, ptrdiff_t n, ptrdiff_t k, const int steps) { \
    __m512i a = _mm512_loadu_si512(src), b = a, c = a, d = a, e = a, x, y, move; \
    T index[L]; \
    ptrdiff_t v, vectors = (n + L - 1) / L; \
    for (v = 0; v < L; v++) index[v] = (T)(v + k - (1 << steps)); \
    move = _mm512_loadu_si512(index); \
    for (v = -steps; v < vectors; v++) { \
        x = _mm512_loadu_si512(src + L * (v + steps + 1)); \
        if (steps > 0) { y = OP(a, SHIFT(x, a, 1)); a = x; x = y; } \
        if (steps > 1) { y = OP(b, SHIFT(x, b, 2)); b = x; x = y; } \
        if (steps > 2) { y = OP(c, SHIFT(x, c, 4)); c = x; x = y; } \
        if (steps > 3) { y = OP(d, SHIFT(x, d, 8)); d = x; x = y; } \
        if (v >= 0) _mm512_storeu_si512(dst + L * v, OP(e, MOVE(e, move, x))); \
        e = x; \
    } \
} \
static void name(T *dst, const T *src, ptrdiff_t n, ptrdiff_t k) { \
    if (k <= 2) name##_(dst, src, n, k, 0); \
    else if (k <= 4) name##_(dst, src, n, k, 1); \
    else if (k <= 8) name##_(dst, src, n, k, 2); \
    else if (k <= 16) name##_(dst, src, n, k, 3); \
    else name##_(dst, src, n, k, 4); \
}
#define CP_SHIFT8_(b, a, n) _mm512_alignr_epi64(b, a, (n) & 7)
CP_SPAN_KEYS(cp_span_max32, int, 16, _mm512_alignr_epi32, _mm512_permutex2var_epi32, _mm512_max_epi32)
CP_SPAN_KEYS(cp_span_min32, int, 16, _mm512_alignr_epi32, _mm512_permutex2var_epi32, _mm512_min_epi32)
CP_SPAN_KEYS(cp_span_max64, long long, 8, CP_SHIFT8_, _mm512_permutex2var_epi64, _mm512_max_epi64)
CP_SPAN_KEYS(cp_span_min64, long long, 8, CP_SHIFT8_, _mm512_permutex2var_epi64, _mm512_min_epi64)

/* Bytes and words: dst[i] = op of the w taps from i on, w = 4, 8, 16 or as many as a vector has. */
#define CP_SHIFT_BYTES(b, a, n) ((n) == 4 ? _mm512_alignr_epi32(b, a, 1) : (n) == 8 ? _mm512_alignr_epi64(b, a, 1) \
    : (n) == 32 ? _mm512_alignr_epi64(b, a, 4) \
    : (n) == 16 ? _mm512_alignr_epi64(b, a, 2) : _mm512_alignr_epi8(_mm512_alignr_epi64(b, a, 2), a, (n) & 15))
#define CP_SPAN_SHORT(name, T, OP) \
static inline __attribute__((always_inline)) void name##_(T *dst, const T *src, ptrdiff_t n, const int steps) { \
    enum { L = 64 / sizeof(T), S = sizeof(T) }; \
    __m512i a = _mm512_loadu_si512(src), b = a, c = a, d = a, e = a, f = a, x, y; \
    ptrdiff_t v, vectors = (n + L - 1) / L; \
    for (v = -steps; v < vectors; v++) { \
        x = _mm512_loadu_si512(src + L * (v + steps)); \
        y = OP(a, CP_SHIFT_BYTES(x, a, S)); a = x; x = y; \
        y = OP(b, CP_SHIFT_BYTES(x, b, 2 * S)); b = x; x = y; \
        if (steps > 2) { y = OP(c, CP_SHIFT_BYTES(x, c, 4 * S)); c = x; x = y; } \
        if (steps > 3) { y = OP(d, CP_SHIFT_BYTES(x, d, 8 * S)); d = x; x = y; } \
        if (steps > 4) { y = OP(e, CP_SHIFT_BYTES(x, e, 16 * S)); e = x; x = y; } \
        if (steps > 5) { y = OP(f, CP_SHIFT_BYTES(x, f, 32 * S)); f = x; x = y; } \
        if (v >= 0) _mm512_storeu_si512(dst + L * v, x); \
    } \
} \
static void name(T *dst, const T *src, ptrdiff_t n, ptrdiff_t w) { \
    if (w == 4) name##_(dst, src, n, 2); \
    else if (w == 8) name##_(dst, src, n, 3); \
    else if (w == 16) name##_(dst, src, n, 4); \
    else name##_(dst, src, n, sizeof(T) == 1 ? 6 : 5); \
}
CP_SPAN_SHORT(cp_span_max8, unsigned char, _mm512_max_epu8)
CP_SPAN_SHORT(cp_span_min8, unsigned char, _mm512_min_epu8)
CP_SPAN_SHORT(cp_span_max16, short, _mm512_max_epi16)
CP_SPAN_SHORT(cp_span_min16, short, _mm512_min_epi16)
#else
#define cp_span_keys 0
#define CP_SPAN_KEYS(name, T) static inline void name(T *dst, const T *src, ptrdiff_t n, ptrdiff_t k) { \
    (void)dst; (void)src; (void)n; (void)k; }
CP_SPAN_KEYS(cp_span_max8, unsigned char)
CP_SPAN_KEYS(cp_span_min8, unsigned char)
CP_SPAN_KEYS(cp_span_max16, short)
CP_SPAN_KEYS(cp_span_min16, short)
CP_SPAN_KEYS(cp_span_max32, int)
CP_SPAN_KEYS(cp_span_min32, int)
CP_SPAN_KEYS(cp_span_max64, long long)
CP_SPAN_KEYS(cp_span_min64, long long)
#endif

#endif
