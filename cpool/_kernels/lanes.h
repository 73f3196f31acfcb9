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

typedef double cp_d8 __attribute__((vector_size(64)));
typedef double cp_d4 __attribute__((vector_size(32)));
typedef double cp_d2 __attribute__((vector_size(16)));
typedef float cp_f8 __attribute__((vector_size(32)));
typedef long long cp_l8 __attribute__((vector_size(64)));
typedef unsigned short cp_s8 __attribute__((vector_size(16)));
typedef unsigned int cp_u8 __attribute__((vector_size(32)));

#define CP_LOAD_FLOAT(v, p) { cp_f8 f_; memcpy(&f_, (p), sizeof f_); v = __builtin_convertvector(f_, cp_d8); }
#define CP_LOAD_DOUBLE(v, p) memcpy(&v, (p), sizeof v)
#define CP_LOAD_BF16(v, p) { cp_s8 s_; cp_f8 f_; cp_u8 u_; memcpy(&s_, (p), sizeof s_); \
    u_ = __builtin_convertvector(s_, cp_u8) << 16; memcpy(&f_, &u_, sizeof f_); v = __builtin_convertvector(f_, cp_d8); }

/* the elements of a last vector that the full ones have not had: lanes from `from` on */
#define CP_LAST(v, from) { cp_l8 i_ = {0, 1, 2, 3, 4, 5, 6, 7}, b_; memcpy(&b_, &v, sizeof b_); \
    b_ &= i_ >= (long long)(from); memcpy(&v, &b_, sizeof b_); }

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
            LOAD(v, x + i) a += v; \
            LOAD(v, x + i + 8) b += v; \
            LOAD(v, x + i + 16) c += v; \
            LOAD(v, x + i + 24) d += v; \
        } \
        left = n - i; \
        if (left) { \
            LOAD(v, x + n - 32) CP_LAST(v, 32 - left) a += v; \
            LOAD(v, x + n - 24) CP_LAST(v, 24 - left) b += v; \
            LOAD(v, x + n - 16) CP_LAST(v, 16 - left) c += v; \
            LOAD(v, x + n - 8) CP_LAST(v, 8 - left) d += v; \
        } \
        a = (a + c) + (b + d); \
        CP_HALVE(r, a) \
    } else if (n >= 8) { \
        cp_d8 a = {0}, v; \
        for (; i + 8 <= n; i += 8) { cp_prefetch((const char*)(x + i) + 2048); LOAD(v, x + i) a += v; } \
        left = n - i; \
        if (left) { LOAD(v, x + n - 8) CP_LAST(v, 8 - left) a += v; } \
        CP_HALVE(r, a) \
    } else { \
        double t[8] = {0}; \
        for (; i < n; i++) t[8 - n + i] += widen(x[i]); \
        r = ((t[0] + t[4]) + (t[2] + t[6])) + ((t[1] + t[5]) + (t[3] + t[7])); \
    } \
    return r; \
}

#define CP_LOAD_DOUBLE_(v, p) CP_LOAD_DOUBLE(v, p);
#define CP_FLOAT(v) ((double)(v))
#define CP_BF16(v) ((double)bf16_to_float(v))
CP_SUM(cp_sum_float, float, CP_LOAD_FLOAT, CP_FLOAT)
CP_SUM(cp_sum_double, double, CP_LOAD_DOUBLE_, CP_FLOAT)
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

typedef float cp_f16 __attribute__((vector_size(64)));
typedef float cp_f4 __attribute__((vector_size(16)));
typedef int cp_i16 __attribute__((vector_size(64)));
typedef int cp_i8 __attribute__((vector_size(32)));
typedef int cp_i4 __attribute__((vector_size(16)));
typedef long long cp_l4 __attribute__((vector_size(32)));
typedef long long cp_l2 __attribute__((vector_size(16)));

#define CP_PICK(IV, m, v, LESS) { IV k_ = (m LESS v) | (v != v), a_, b_; memcpy(&a_, &v, sizeof a_); \
    memcpy(&b_, &m, sizeof b_); a_ = (a_ & k_) | (b_ & ~k_); memcpy(&m, &a_, sizeof m); }

#define CP_LAST_FLOAT(m, LESS) { cp_f8 h_[2]; cp_f4 q_[2], r_; memcpy(h_, &m, sizeof h_); \
    CP_PICK(cp_i8, h_[0], h_[1], LESS) memcpy(q_, h_, sizeof q_); CP_PICK(cp_i4, q_[0], q_[1], LESS) \
    r_ = (cp_f4){q_[0][2], q_[0][3], q_[0][0], q_[0][1]}; CP_PICK(cp_i4, q_[0], r_, LESS) \
    r_ = (cp_f4){q_[0][1], q_[0][0], q_[0][3], q_[0][2]}; CP_PICK(cp_i4, q_[0], r_, LESS) return q_[0][0]; }
#define CP_LAST_DOUBLE(m, LESS) { cp_d4 h_[2]; cp_d2 q_[2], r_; memcpy(h_, &m, sizeof h_); \
    CP_PICK(cp_l4, h_[0], h_[1], LESS) memcpy(q_, h_, sizeof q_); CP_PICK(cp_l2, q_[0], q_[1], LESS) \
    r_ = (cp_d2){q_[0][1], q_[0][0]}; CP_PICK(cp_l2, q_[0], r_, LESS) return q_[0][0]; }

#define CP_EXTREME(name, type, V, IV, N, LESS, LAST) \
static inline type name(const type* x, ptrdiff_t n) { \
    V a, b, c, d, v; \
    ptrdiff_t i; \
    if (n >= 4 * N) { \
        memcpy(&a, x, sizeof a); memcpy(&b, x + N, sizeof b); \
        memcpy(&c, x + 2 * N, sizeof c); memcpy(&d, x + 3 * N, sizeof d); \
        for (i = 4 * N; i + 4 * N <= n; i += 4 * N) { \
            cp_prefetch(x + i + 128 * N); cp_prefetch(x + i + 129 * N); /* 8 KB ahead: at 4 KB 1.2 times slower */ \
            cp_prefetch(x + i + 130 * N); cp_prefetch(x + i + 131 * N); \
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

CP_EXTREME(cp_max_float, float, cp_f16, cp_i16, 16, <, CP_LAST_FLOAT)
CP_EXTREME(cp_min_float, float, cp_f16, cp_i16, 16, >, CP_LAST_FLOAT)
CP_EXTREME(cp_max_double, double, cp_d8, cp_l8, 8, <, CP_LAST_DOUBLE)
CP_EXTREME(cp_min_double, double, cp_d8, cp_l8, 8, >, CP_LAST_DOUBLE)

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
