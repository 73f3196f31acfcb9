/* Whole lines to one value, in a fixed order: the loops of global pooling that must be full vectors.
 *
 * A sum has 8 or 32 lanes: element i goes to lane i mod lanes, the rest that does not fill them goes to the last lanes,
 * and lanes are halved until one is left. With vector types of GNU C the lanes are registers at every CPU level (an
 * array of lanes stays in memory now and then: 3 times slower on planes of 7x7); the plain loops below give the same bits.
 */
#ifndef CPOOL_LANES_H
#define CPOOL_LANES_H

#include "portable.h"

#if defined(__GNUC__) && !defined(CPOOL_PORTABLE)

typedef double cp_d4 __attribute__((vector_size(32)));
typedef double cp_d2 __attribute__((vector_size(16)));
typedef float cp_f8 __attribute__((vector_size(32)));
typedef float cp_f4 __attribute__((vector_size(16)));
typedef long long cp_l4 __attribute__((vector_size(32)));
typedef unsigned short cp_s8 __attribute__((vector_size(16)));
typedef unsigned int cp_u8 __attribute__((vector_size(32)));

/* Eight lanes: one register or two. Vectors wider than registers are no way out: gcc converts, compares and selects them
 * element by element (19200 maxima of 512 float32, AVX2: 9.2 ms, in vectors of its width 0.7). CP_LAST keeps those lanes of
 * a last vector that the full ones have not had, from `from` on. */
#if defined(__AVX512F__)
typedef double cp_d8 __attribute__((vector_size(64)));
typedef long long cp_l8 __attribute__((vector_size(64)));
#define CP_ADD8(a, v) a += v;
#define CP_LOAD_DOUBLE(v, p) memcpy(&v, (p), sizeof v);
#define CP_WIDEN8(v, f) v = __builtin_convertvector(f, cp_d8);
#define CP_LAST(v, from) { cp_l8 i_ = {0, 1, 2, 3, 4, 5, 6, 7}, b_; memcpy(&b_, &v, sizeof b_); \
    b_ &= i_ >= (long long)(from); memcpy(&v, &b_, sizeof b_); }
#elif defined(__AVX__)      /* (gcc's own conversion of four goes by two and two) */
#include <immintrin.h>
typedef struct { cp_d4 h[2]; } cp_d8;
#define CP_ADD8(a, v) { a.h[0] += v.h[0]; a.h[1] += v.h[1]; }
#define CP_LOAD_DOUBLE(v, p) { memcpy(&v.h[0], (p), sizeof v.h[0]); memcpy(&v.h[1], (p) + 4, sizeof v.h[1]); }
#define CP_WIDEN8(v, f) { cp_f4 w_[2]; memcpy(w_, &f, sizeof w_); \
    v.h[0] = (cp_d4)_mm256_cvtps_pd((__m128)w_[0]); v.h[1] = (cp_d4)_mm256_cvtps_pd((__m128)w_[1]); }
#define CP_LAST(v, from) { cp_l4 i_ = {0, 1, 2, 3}, b_[2]; memcpy(b_, &v, sizeof b_); \
    b_[0] &= i_ >= (long long)(from); b_[1] &= i_ + 4 >= (long long)(from); memcpy(&v, b_, sizeof b_); }
#else
typedef long long cp_l2 __attribute__((vector_size(16)));
typedef struct { cp_d2 h[4]; } cp_d8;
#define CP_ADD8(a, v) { a.h[0] += v.h[0]; a.h[1] += v.h[1]; a.h[2] += v.h[2]; a.h[3] += v.h[3]; }
#define CP_LOAD_DOUBLE(v, p) { memcpy(&v.h[0], (p), sizeof v.h[0]); memcpy(&v.h[1], (p) + 2, sizeof v.h[0]); \
    memcpy(&v.h[2], (p) + 4, sizeof v.h[0]); memcpy(&v.h[3], (p) + 6, sizeof v.h[0]); }
#define CP_WIDEN8(v, f) { v.h[0] = (cp_d2){f[0], f[1]}; v.h[1] = (cp_d2){f[2], f[3]}; v.h[2] = (cp_d2){f[4], f[5]}; \
    v.h[3] = (cp_d2){f[6], f[7]}; }
#define CP_LAST(v, from) { int j_; for (j_ = 0; j_ < 4; j_++) { cp_l2 i_ = {2 * j_, 2 * j_ + 1}, b_; \
    memcpy(&b_, &v.h[j_], sizeof b_); b_ &= i_ >= (long long)(from); memcpy(&v.h[j_], &b_, sizeof b_); } }
#endif

#define CP_LOAD_FLOAT(v, p) { cp_f8 f_; memcpy(&f_, (p), sizeof f_); CP_WIDEN8(v, f_) }
#define CP_LOAD_BF16(v, p) { cp_s8 s_; cp_f8 f_; cp_u8 u_; memcpy(&s_, (p), sizeof s_); \
    u_ = __builtin_convertvector(s_, cp_u8) << 16; memcpy(&f_, &u_, sizeof f_); CP_WIDEN8(v, f_) }

#define CP_HALVE(result, t) { cp_d4 h_[2]; cp_d2 q_[2]; memcpy(h_, &t, sizeof h_); h_[0] += h_[1]; \
    memcpy(q_, h_, sizeof q_); q_[0] += q_[1]; result = q_[0][0] + q_[0][1]; }

#define CP_SUM(name, type, LOAD, widen) \
static inline __attribute__((always_inline)) double name(const type* x, ptrdiff_t n, int many) { \
    double r; \
    ptrdiff_t i = 0, left; \
    if (many) { \
        cp_d8 a = {0}, b = {0}, c = {0}, d = {0}, v; \
        for (; i + 32 <= n; i += 32) { \
            cp_prefetch((const char*)(x + i) + 4096); cp_prefetch((const char*)(x + i + 16) + 4096); \
            cp_prefetch((const char*)(x + i + 8) + 4096); cp_prefetch((const char*)(x + i + 24) + 4096); \
            LOAD(v, x + i) CP_ADD8(a, v) \
            LOAD(v, x + i + 8) CP_ADD8(b, v) \
            LOAD(v, x + i + 16) CP_ADD8(c, v) \
            LOAD(v, x + i + 24) CP_ADD8(d, v) \
        } \
        left = n - i; \
        if (left) { \
            LOAD(v, x + n - 32) CP_LAST(v, 32 - left) CP_ADD8(a, v) \
            LOAD(v, x + n - 24) CP_LAST(v, 24 - left) CP_ADD8(b, v) \
            LOAD(v, x + n - 16) CP_LAST(v, 16 - left) CP_ADD8(c, v) \
            LOAD(v, x + n - 8) CP_LAST(v, 8 - left) CP_ADD8(d, v) \
        } \
        CP_ADD8(a, c) CP_ADD8(b, d) CP_ADD8(a, b) \
        CP_HALVE(r, a) \
    } else if (n >= 8) { \
        cp_d8 a = {0}, v; \
        for (; i + 8 <= n; i += 8) { cp_prefetch((const char*)(x + i) + 2048); LOAD(v, x + i) CP_ADD8(a, v) } \
        left = n - i; \
        if (left) { LOAD(v, x + n - 8) CP_LAST(v, 8 - left) CP_ADD8(a, v) } \
        CP_HALVE(r, a) \
    } else { \
        double t[8] = {0}; \
        for (; i < n; i++) t[8 - n + i] += widen(x[i]); \
        r = ((t[0] + t[4]) + (t[2] + t[6])) + ((t[1] + t[5]) + (t[3] + t[7])); \
    } \
    return r; \
}

#define CP_FLOAT(v) ((double)(v))
#define CP_BF16(v) ((double)bf16_to_float(v))
CP_SUM(cp_sum_float, float, CP_LOAD_FLOAT, CP_FLOAT)
CP_SUM(cp_sum_double, double, CP_LOAD_DOUBLE, CP_FLOAT)
CP_SUM(cp_sum_bf16, bf16_t, CP_LOAD_BF16, CP_BF16)

#else

#define CP_SUM(name, type, widen) \
static inline double name(const type* x, ptrdiff_t n, int many) { \
    double t[32] = {0}; \
    ptrdiff_t i, lanes = many ? 32 : 8, whole = n / lanes * lanes, j; \
    for (i = 0; i < whole; i += lanes) for (j = 0; j < lanes; j++) t[j] += widen(x[i + j]); \
    for (j = 0; j < n - whole; j++) t[lanes - (n - whole) + j] += widen(x[whole + j]); \
    for (lanes /= 2; lanes > 0; lanes /= 2) for (j = 0; j < lanes; j++) t[j] += t[j + lanes]; \
    return t[0]; \
}

#define CP_FLOAT(v) ((double)(v))
#define CP_BF16(v) ((double)bf16_to_float(v))
CP_SUM(cp_sum_float, float, CP_FLOAT)
CP_SUM(cp_sum_double, double, CP_FLOAT)
CP_SUM(cp_sum_bf16, bf16_t, CP_BF16)

#endif

/* max and min of a line: NaN wins, no branches. The last vector overlaps the one before it, as an element may count twice. */
#if defined(__GNUC__) && !defined(CPOOL_PORTABLE)

typedef int cp_i8 __attribute__((vector_size(32)));
typedef int cp_i4 __attribute__((vector_size(16)));
#if defined(__AVX__)
typedef long long cp_l2 __attribute__((vector_size(16)));
#endif
typedef float cp_vf __attribute__((vector_size(CP_REGISTER)));
typedef int cp_vi __attribute__((vector_size(CP_REGISTER)));
typedef double cp_vd __attribute__((vector_size(CP_REGISTER)));
typedef long long cp_vl __attribute__((vector_size(CP_REGISTER)));

#define CP_PICK(IV, m, v, LESS) { IV k_ = (m LESS v) | (v != v), a_, b_; memcpy(&a_, &v, sizeof a_); \
    memcpy(&b_, &m, sizeof b_); a_ = (a_ & k_) | (b_ & ~k_); memcpy(&m, &a_, sizeof m); }

/* the better of its halves, until 16 bytes are left */
#if CP_REGISTER == 64
#define CP_SMALL(q, m, H, HI, Q, QI, LESS) { H h_[2]; Q y_[2]; memcpy(h_, &m, sizeof h_); CP_PICK(HI, h_[0], h_[1], LESS) \
    memcpy(y_, h_, sizeof y_); CP_PICK(QI, y_[0], y_[1], LESS) q = y_[0]; }
#elif CP_REGISTER == 32
#define CP_SMALL(q, m, H, HI, Q, QI, LESS) { Q y_[2]; memcpy(y_, &m, sizeof y_); CP_PICK(QI, y_[0], y_[1], LESS) q = y_[0]; }
#else
#define CP_SMALL(q, m, H, HI, Q, QI, LESS) q = m;
#endif
#define CP_LAST_FLOAT(m, LESS) { cp_f4 q_, r_; CP_SMALL(q_, m, cp_f8, cp_i8, cp_f4, cp_i4, LESS) \
    r_ = (cp_f4){q_[2], q_[3], q_[0], q_[1]}; CP_PICK(cp_i4, q_, r_, LESS) \
    r_ = (cp_f4){q_[1], q_[0], q_[3], q_[2]}; CP_PICK(cp_i4, q_, r_, LESS) return q_[0]; }
#define CP_LAST_DOUBLE(m, LESS) { cp_d2 q_, r_; CP_SMALL(q_, m, cp_d4, cp_l4, cp_d2, cp_l2, LESS) \
    r_ = (cp_d2){q_[1], q_[0]}; CP_PICK(cp_l2, q_, r_, LESS) return q_[0]; }

#define CP_EXTREME(name, type, V, IV, N, LESS, LAST) \
static inline type name(const type* x, ptrdiff_t n) { \
    V a, b, c, d, v; \
    ptrdiff_t i; \
    if (n >= 4 * N) { \
        memcpy(&a, x, sizeof a); memcpy(&b, x + N, sizeof b); \
        memcpy(&c, x + 2 * N, sizeof c); memcpy(&d, x + 3 * N, sizeof d); \
        for (i = 4 * N; i + 4 * N <= n; i += 4 * N) { \
            cp_prefetch((const char*)(x + i) + 8192); /* at 4 KB 1.2 times slower */ \
            if (CP_REGISTER >= 32) cp_prefetch((const char*)(x + i) + 8192 + 64); \
            if (CP_REGISTER == 64) cp_prefetch((const char*)(x + i) + 8192 + 128); \
            if (CP_REGISTER == 64) cp_prefetch((const char*)(x + i) + 8192 + 192); \
            memcpy(&v, x + i, sizeof v); CP_PICK(IV, a, v, LESS) \
            memcpy(&v, x + i + N, sizeof v); CP_PICK(IV, b, v, LESS) \
            memcpy(&v, x + i + 2 * N, sizeof v); CP_PICK(IV, c, v, LESS) \
            memcpy(&v, x + i + 3 * N, sizeof v); CP_PICK(IV, d, v, LESS) \
        } \
        if (i < n) { \
            memcpy(&v, x + n - 4 * N, sizeof v); CP_PICK(IV, a, v, LESS) \
            memcpy(&v, x + n - 3 * N, sizeof v); CP_PICK(IV, b, v, LESS) \
            memcpy(&v, x + n - 2 * N, sizeof v); CP_PICK(IV, c, v, LESS) \
            memcpy(&v, x + n - N, sizeof v); CP_PICK(IV, d, v, LESS) \
        } \
        CP_PICK(IV, a, b, LESS) CP_PICK(IV, c, d, LESS) CP_PICK(IV, a, c, LESS) \
    } else if (n >= N) { \
        memcpy(&a, x, sizeof a); \
        for (i = N; i + N <= n; i += N) { memcpy(&v, x + i, sizeof v); CP_PICK(IV, a, v, LESS) } \
        if (i < n) { memcpy(&v, x + n - N, sizeof v); CP_PICK(IV, a, v, LESS) } \
    } else { \
        type t[N]; \
        for (i = 0; i < N; i++) t[i] = x[i < n ? i : 0]; \
        memcpy(&a, t, sizeof a); \
    } \
    LAST(a, LESS) \
}

CP_EXTREME(cp_max_float, float, cp_vf, cp_vi, (CP_REGISTER / 4), <, CP_LAST_FLOAT)
CP_EXTREME(cp_min_float, float, cp_vf, cp_vi, (CP_REGISTER / 4), >, CP_LAST_FLOAT)
CP_EXTREME(cp_max_double, double, cp_vd, cp_vl, (CP_REGISTER / 8), <, CP_LAST_DOUBLE)
CP_EXTREME(cp_min_double, double, cp_vd, cp_vl, (CP_REGISTER / 8), >, CP_LAST_DOUBLE)

#else

#define CP_EXTREME(name, type, LESS) \
static inline type name(const type* x, ptrdiff_t n) { \
    type m = x[0]; \
    ptrdiff_t i; \
    for (i = 1; i < n; i++) if (m LESS x[i] || x[i] != x[i]) m = x[i]; \
    return m; \
}

CP_EXTREME(cp_max_float, float, <)
CP_EXTREME(cp_min_float, float, >)
CP_EXTREME(cp_max_double, double, <)
CP_EXTREME(cp_min_double, double, >)

#endif

#endif
