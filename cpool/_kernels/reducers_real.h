/* The reducers of reducers.h for R = float or double; with CP_GRADIENTS the gradients as well. */

#define ROW(q) ((R *)p->state + (q) * n)
#define PAR(q) ((const R *)p->par + (q) * n)
#define COUNT ((const R *)p->count)
#define BEGIN const ptrdiff_t n = p->lanes & ~(ptrdiff_t)15; ptrdiff_t t, l; (void)t; (void)l;
#define TAPS for (t = 0; t < p->taps; t++) { \
    const R *CP_RESTRICT x = (const R *)p->x + t * n, *CP_RESTRICT on = (const R *)p->on + t * p->on_step; (void)x; (void)on;
#define LANES CP_EACH for (l = 0; l < n; l++)
#define END }
#define ON (full | (on[l] != 0))
#define SHARE (full ? 1 : on[l])

/* the difference of a tap to the window's largest one; that of an infinity to itself is 0 */
CP_INLINE R F(cp_below)(R v, R top) {
    R d = v - top;
    return v == top ? 0 : d;
}
CP_INLINE R F(cp_abs)(R v) { return v > 0 ? v : 0 - v; }       /* 0 for -0 */
CP_INLINE R F(cp_sigmoid)(R v) {
    R e = F(cp_exp)(v < 0 ? v : -v), s = 1 / (1 + e);
    return v < 0 ? e * s : s;
}

/* m = max(m, sign * v) of the taps that are there; NaN are left out */
static inline CP_ALWAYS void F(cp_top_taps)(cp_piece *p, const R *v, R *CP_RESTRICT m, const R *sign, const int full) {
    BEGIN
    if (p->first == 0) LANES m[l] = -INFINITY;
    TAPS
        const R *CP_RESTRICT a = v + t * n;
        if (sign) LANES { R w = sign[l] * a[l]; m[l] = (w > m[l]) & ON ? w : m[l]; }
        else LANES m[l] = (a[l] > m[l]) & ON ? a[l] : m[l];
    END
}

static void F(cp_top)(cp_piece *p, const R *v, R *m, const R *sign) {
    if (p->on_step == 0) F(cp_top_taps)(p, v, m, sign, 1);
    else F(cp_top_taps)(p, v, m, sign, 0);
}

/* ---- weights exp(r (x - extreme)): log-mean-exp and the softmax-weighted sum. Rows 6 and 7: the sign of r, |r| / ln 2 ----
 * r = 0 is taken as a very small r: the mean of the taps that are not infinite; infinities as a very large one. */

CP_INLINE R F(cp_rate)(R r) {
    r = F(cp_abs)(r);
    r = r > 1 / (2 * CP_LEAST) ? 1 / (2 * CP_LEAST) : r;
    return r < CP_LEAST ? CP_LEAST : r;
}

#define CP_PER_LN2 1.44269504088896340736

/* inverse: the parameter is a temperature */
static void F(cp_signs)(cp_piece *p, int inverse) {
    BEGIN
    const R *CP_RESTRICT r = PAR(0);
    R *CP_RESTRICT sign = ROW(6), *CP_RESTRICT rate = ROW(7);
    if (p->first == 0) LANES {
        R v = inverse ? 1 / r[l] : r[l];
        sign[l] = v < 0 ? -1 : 1;
        rate[l] = F(cp_rate)(v) * (R)CP_PER_LN2;
    }
    F(cp_top)(p, (const R *)p->x, ROW(0), sign);
}

static inline CP_ALWAYS void F(lse_taps)(cp_piece *p, const int full) {
    BEGIN
    const R *CP_RESTRICT m = ROW(0), *CP_RESTRICT sign = ROW(6), *CP_RESTRICT rate = ROW(7);
    R *CP_RESTRICT s = ROW(1), *CP_RESTRICT se = ROW(2);
    TAPS
        LANES {
            R e, z = rate[l] * F(cp_below)(sign[l] * x[l], m[l]), a = F(cp_exp2m1)(z, &e);
            s[l] += a * SHARE;
            se[l] += e * SHARE;
        }
    END
}

/* What a tap adds to n times the slope of log(mean(exp(r x))) / r in r, off its distance to that value: never negative, and
 * (exp(t) (t - 1) + 1) / r**2 with t = r off; by its series where that would be a difference of nearly equal numbers. */
CP_INLINE R F(cp_gain)(R off, R r) {
    R t = r * off, q = (R)(1.0 / 93405312000.0), e;
    q = q * t + (R)(1.0 / 6706022400.0);
    q = q * t + (R)(1.0 / 518918400);
    q = q * t + (R)(1.0 / 43545600);
    q = q * t + (R)(1.0 / 3991680);
    q = q * t + (R)(1.0 / 403200);
    q = q * t + (R)(1.0 / 45360);
    q = q * t + (R)(1.0 / 5760);
    q = q * t + (R)(1.0 / 840);
    q = q * t + (R)(1.0 / 144);
    q = q * t + (R)(1.0 / 30);
    q = q * t + (R)(1.0 / 8);
    q = q * t + (R)(1.0 / 3);
    q = q * t + (R)(1.0 / 2);
    e = F(cp_exp)(t) * (t - 1) + 1;
    e = t < -700 ? 1 : e;
    return (t > -0.5) & (t < 0.5) ? q * off * off : e / r / r;
}

static void F(lse_pass)(cp_piece *p, int k) {
    BEGIN
    const R *CP_RESTRICT m = ROW(0), *CP_RESTRICT sign = ROW(6), *CP_RESTRICT rate = ROW(7);
    const R *CP_RESTRICT over = ROW(4);
    R *CP_RESTRICT gain = ROW(3);
    if (k == 0) F(cp_signs)(p, 0);
    else if (k == 1 && p->on_step == 0) F(lse_taps)(p, 1);
    else if (k == 1) F(lse_taps)(p, 0);
    else TAPS
        LANES {
            R v = F(cp_gain)(F(cp_below)(sign[l] * x[l], m[l]) - over[l], rate[l] / (R)CP_PER_LN2);
            gain[l] += on[l] != 0 ? v : 0;
        }
    END
}

static void F(lse_finish)(cp_piece *p, R *CP_RESTRICT y) {
    BEGIN
    const R *CP_RESTRICT r = PAR(0), *CP_RESTRICT m = ROW(0), *CP_RESTRICT s = ROW(1), *CP_RESTRICT se = ROW(2),
            *CP_RESTRICT sign = ROW(6);
    R *CP_RESTRICT over = ROW(4);
    LANES {
        over[l] = CP_CAT(F(cp_log), _mean)(s[l] / COUNT[l], se[l] / COUNT[l]) / F(cp_rate)(r[l]);
        y[l] = sign[l] * (m[l] + over[l]);
    }
}

static inline CP_ALWAYS void F(soft_taps)(cp_piece *p, const int full) {
    BEGIN
    const R *CP_RESTRICT m = ROW(0), *CP_RESTRICT sign = ROW(6), *CP_RESTRICT rate = ROW(7);
    R *CP_RESTRICT s = ROW(1), *CP_RESTRICT se = ROW(2);
    TAPS
        LANES {
            R e, d = F(cp_below)(sign[l] * x[l], m[l]), z = rate[l] * d;
            F(cp_exp2m1)(z, &e);
            e *= SHARE;
            s[l] += F(cp_unless)(z < CP_LOW, e * d);
            se[l] += e;
        }
    END
}

static void F(soft_pass)(cp_piece *p, int k, int inverse) {
    BEGIN
    const R *CP_RESTRICT m = ROW(0), *CP_RESTRICT sign = ROW(6), *CP_RESTRICT rate = ROW(7);
    R *CP_RESTRICT s = ROW(1), *CP_RESTRICT se = ROW(2), *CP_RESTRICT sv = ROW(3);
    if (k == 0) F(cp_signs)(p, inverse);
    else if (k == 1 && p->on_step == 0) F(soft_taps)(p, 1);
    else if (k == 1) F(soft_taps)(p, 0);
    else TAPS
        LANES {
            R e, d = F(cp_below)(sign[l] * x[l], m[l]), z = rate[l] * d;
            F(cp_exp2m1)(z, &e);
            d -= s[l] / se[l];
            sv[l] += F(cp_unless)(z < CP_LOW, e * on[l] * d * d);
        }
    END
}

static void F(soft_finish)(cp_piece *p, R *CP_RESTRICT y) {
    BEGIN
    const R *CP_RESTRICT m = ROW(0), *CP_RESTRICT s = ROW(1), *CP_RESTRICT se = ROW(2), *CP_RESTRICT sign = ROW(6);
    LANES y[l] = sign[l] * (m[l] + s[l] / se[l]);
}

#ifdef CP_GRADIENTS
static void lse_slope(cp_piece *p, const double *g) {
    BEGIN
    const double *se = ROW(2), *gain = ROW(3);
    LANES {
        p->slopes[l] = g[l] * (gain[l] / COUNT[l]);
        ROW(1)[l] = g[l] / se[l];
    }
}

static void lse_grad(cp_piece *p, double *CP_RESTRICT gx) {
    BEGIN
    const double *CP_RESTRICT m = ROW(0), *CP_RESTRICT c = ROW(1), *CP_RESTRICT sign = ROW(6), *CP_RESTRICT rate = ROW(7);
    TAPS
        LANES {
            double e, z = rate[l] * cp_below_d(sign[l] * x[l], m[l]);
            cp_exp2m1_d(z, &e);
            gx[t * n + l] = c[l] * e;
        }
    END
}

static void soft_slope(cp_piece *p, const double *g, int inverse) {
    BEGIN
    LANES {
        double se = ROW(2)[l], r = ROW(7)[l] / CP_PER_LN2;
        p->slopes[l] = g[l] * (ROW(3)[l] / se);
        if (inverse) p->slopes[l] = -(p->slopes[l] * r) * r;
        ROW(4)[l] = g[l] / se;
        ROW(5)[l] = ROW(1)[l] / se;
    }
}

static void soft_grad(cp_piece *p, double *CP_RESTRICT gx) {
    BEGIN
    const double *CP_RESTRICT m = ROW(0), *CP_RESTRICT c = ROW(4), *CP_RESTRICT mean = ROW(5), *CP_RESTRICT sign = ROW(6),
                 *CP_RESTRICT rate = ROW(7);
    TAPS
        LANES {
            double e, d = cp_below_d(sign[l] * x[l], m[l]), z = rate[l] * d;
            cp_exp2m1_d(z, &e);
            gx[t * n + l] = cp_unless_d(z < CP_LOW, c[l] * e * (1 + rate[l] / CP_PER_LN2 * (d - mean[l])));
        }
    END
}
#endif

/* ---- power means of max(x, eps) and of |x - c|: p ---- */

CP_INLINE R F(cp_raised)(R v, R q, int norm) {
    if (norm) return F(cp_abs)(v - q);
    return v < q ? q : v;
}

/* log(u / top) with the sign of p, which makes it negative: with p < 0 top is the smallest */
CP_INLINE R F(cp_depth)(R u, R top, R p) {
    R log = F(cp_log)(u == top ? 1 : u / top);
    return p < 0 ? -log : log;
}

/* a power of two that brings v > 0 between 1/2 and 2 where there is one */
CP_INLINE R F(cp_two)(R v) {
#ifdef CP_GRADIENTS
    uint64_t u = cp_bits64(v) & 0x7ff0000000000000u;
    u = u > 0x7fc0000000000000u ? 0x7fc0000000000000u : u;
    return cp_double64(0x7fe0000000000000u - u);
#else
    uint32_t u = cp_bits32(v) & 0x7f800000u;
    u = u > 0x7e000000u ? 0x7e000000u : u;
    return cp_float32(0x7f000000u - u);
#endif
}

/* the top (p < 0: bottom) as a positive (negative) number, then the third powers: most calls have p = 3 */
static inline CP_ALWAYS void F(gem_top)(cp_piece *p, const int norm, const int full) {
    BEGIN
    const R *CP_RESTRICT e = PAR(0), *CP_RESTRICT q = PAR(1);
    R *CP_RESTRICT m = ROW(0);
    int down = 0;
    if (p->first == 0) LANES m[l] = -INFINITY;
    LANES down |= e[l] < 0;
    if (down == 0) TAPS
        LANES { R u = F(cp_raised)(x[l], q[l], norm); m[l] = (u > m[l]) & ON ? u : m[l]; }
    END
    else TAPS
        LANES {
            R u = F(cp_raised)(x[l], q[l], norm);
            u = e[l] < 0 ? -u : u;
            m[l] = (u > m[l]) & ON ? u : m[l];
        }
    END
}

static inline CP_ALWAYS void F(gem_cubes)(cp_piece *p, const int norm, const int full) {
    BEGIN
    const R *CP_RESTRICT q = PAR(1), *CP_RESTRICT scale = ROW(4);
    R *CP_RESTRICT s = ROW(1);
    TAPS
        LANES { R w = F(cp_raised)(x[l], q[l], norm) * scale[l]; s[l] += w * w * w * SHARE; }
    END
}

/* What is not a cube is a log-mean-exp of logarithms: p = 0 is the geometric mean, infinite p the largest or smallest */
static void F(gem_pass)(cp_piece *p, int k, int norm) {
    BEGIN
    const R *CP_RESTRICT e = PAR(0), *CP_RESTRICT q = PAR(1), *CP_RESTRICT m = ROW(0), *CP_RESTRICT over = ROW(5);
    R *CP_RESTRICT se = ROW(1), *CP_RESTRICT s = ROW(2), *CP_RESTRICT gain = ROW(3);
    if (k == 0) {
        if (norm) F(gem_top)(p, 1, 0);
        else if (p->on_step) F(gem_top)(p, 0, 0);
        else F(gem_top)(p, 0, 1);
    } else if (k == 1) {
        R *CP_RESTRICT scale = ROW(4);                  /* no logarithms for cubes, powers of two as scales */
        int others = 0;
        LANES others |= e[l] != 3;
        LANES scale[l] = others != 0 ? 0 : F(cp_two)(m[l]);
        if (others != 0) TAPS
            LANES {
                R w, d = F(cp_depth)(F(cp_raised)(x[l], q[l], norm), F(cp_abs)(m[l]), e[l]);
                R a = F(cp_exp2m1)(F(cp_rate)(e[l]) * (R)CP_PER_LN2 * d, &w);
                s[l] += a * on[l];
                se[l] += w * on[l];
            }
        END
        else if (norm) F(gem_cubes)(p, 1, 0);
        else if (p->on_step) F(gem_cubes)(p, 0, 0);
        else F(gem_cubes)(p, 0, 1);
    } else if (ROW(4)[0] != 0) {
        const R *CP_RESTRICT scale = ROW(4);
        TAPS
            LANES {
                R w = F(cp_raised)(x[l], q[l], norm) * scale[l], v = w * w * w * F(cp_log)(w);
                gain[l] += (on[l] != 0) & (w != 0) ? v : 0;
            }
        END
    } else TAPS
        LANES {
            R d = F(cp_depth)(F(cp_raised)(x[l], q[l], norm), F(cp_abs)(m[l]), e[l]);
            R v = F(cp_gain)(d - over[l], F(cp_rate)(e[l]));
            gain[l] += on[l] != 0 ? v : 0;
        }
    END
}

/* loops for tiles of cubes and for others: a choice within a loop keeps it from being vectorised */
static void F(gem_finish)(cp_piece *p, R *CP_RESTRICT y) {
    BEGIN
    const R *CP_RESTRICT e = PAR(0), *CP_RESTRICT m = ROW(0), *CP_RESTRICT s = ROW(2), *CP_RESTRICT scale = ROW(4);
    R *CP_RESTRICT se = ROW(1), *CP_RESTRICT over = ROW(5);     /* se becomes the sum of (tap / top) ** p */
    const int cubes = scale[0] != 0;
    if (cubes) LANES {
        R one = F(cp_abs)(m[l]) * scale[l];
        one = one == 0 ? 1 : one * one * one;
        over[l] = F(cp_log)(se[l] / (COUNT[l] * one)) / 3;
    }
    else LANES over[l] = CP_CAT(F(cp_log), _mean)(s[l] / COUNT[l], se[l] / COUNT[l]) / F(cp_rate)(e[l]);
    LANES {
        R top = F(cp_abs)(m[l]), v = top * F(cp_exp)(e[l] < 0 ? -over[l] : over[l]);
        v = (top == 0) & (se[l] == se[l]) ? 0 : v;
        y[l] = (top == INFINITY) & (se[l] == se[l]) ? top : v;
    }
#ifdef CP_GRADIENTS
    if (cubes) LANES {
        R one = F(cp_abs)(m[l]) * scale[l];
        se[l] /= one == 0 ? 1 : one * one * one;
    }
#endif
}

/* ---- alpha max + (1 - alpha) mean; gated: alpha = sigmoid(weights . window + bias) ---- */

#define WEIGHT(q) const double *CP_RESTRICT table = p->table[q] + p->place[t]; const ptrdiff_t step = p->table_step[q];
#define W(l) ((R)(step ? table[p->chan[l] * step] : table[0]))

static void F(dots)(cp_piece *p, R *sums, int tables) {
    BEGIN
    int q;
    for (q = 0; q < tables; q++) {
        R *CP_RESTRICT s = sums + q * n;
        TAPS
            WEIGHT(q)
            if (step) LANES s[l] += W(l) * x[l];
            else { const R w = (R)table[0]; LANES s[l] += w * x[l]; }
        END
    }
}

static void F(mixed_pass)(cp_piece *p, int k, int gated) {
    BEGIN
    R *CP_RESTRICT m = ROW(0), *CP_RESTRICT at = ROW(1), *CP_RESTRICT s = ROW(2);
    (void)k;
    if (p->first == 0) LANES { m[l] = -INFINITY; at[l] = -1; }
    TAPS
        const R number = (R)(p->first + t);
        LANES {
            R v = x[l];
            int take = (on[l] != 0) & ((at[l] < 0) | (v > m[l]) | ((v != v) & (m[l] == m[l])));
            m[l] = take ? v : m[l];
            at[l] = take ? number : at[l];
            s[l] += v;
        }
    END
    if (gated) F(dots)(p, ROW(3), 1);
}

/* alpha m + (1 - alpha) mean, with no weight on an infinity that has none */
CP_INLINE R F(cp_blend)(R alpha, R m, R mean) {
    R a = alpha * m, b = (1 - alpha) * mean;
    a = (alpha == 0) & (m == m) ? 0 : a;
    b = (alpha == 1) & (mean == mean) ? 0 : b;
    return a + b;
}

static void F(mixed_finish)(cp_piece *p, R *CP_RESTRICT y, int gated) {
    BEGIN
    const R *CP_RESTRICT a = PAR(0), *CP_RESTRICT m = ROW(0), *CP_RESTRICT s = ROW(2), *CP_RESTRICT dot = ROW(3);
    R *CP_RESTRICT alpha = ROW(4);
    LANES alpha[l] = a[l];
    if (gated) LANES alpha[l] = F(cp_sigmoid)(dot[l] + a[l]);
    LANES y[l] = F(cp_blend)(alpha[l], m[l], s[l] / COUNT[l]);
}

/* ---- a tree of gates and leaves ---- */

static void F(tree_finish)(cp_piece *p, R *CP_RESTRICT y) {
    BEGIN
    const int gates = p->tables / 2;
    int q;
    for (q = p->tables - 1; q >= 0; q--) {
        R *CP_RESTRICT value = ROW(p->tables + q);
        const R *CP_RESTRICT dot = ROW(q);
        if (q >= gates) LANES value[l] = dot[l];
        else {
            const R *CP_RESTRICT a = ROW(p->tables + 2 * q + 1), *CP_RESTRICT b = ROW(p->tables + 2 * q + 2);
            LANES value[l] = F(cp_blend)(F(cp_sigmoid)(dot[l]), a[l], b[l]);
        }
    }
    LANES y[l] = ROW(p->tables)[l];
}

/* ---- weights from a second input: softmax of logits, or as they are ---- */

static void F(lip_pass)(cp_piece *p, int k) {
    BEGIN
    R *CP_RESTRICT m = ROW(2), *CP_RESTRICT s = ROW(0), *CP_RESTRICT se = ROW(1);
    if (k == 0) F(cp_top)(p, (const R *)p->z, m, NULL);
    else TAPS
        const R *CP_RESTRICT z = (const R *)p->z + t * n;
        LANES {
            R e, w = (R)1.44269504088896340736 * F(cp_below)(z[l], m[l]);
            F(cp_exp2m1)(w, &e);
            e *= on[l];
            s[l] += (e == 0) & (x[l] == x[l]) ? 0 : e * x[l];
            se[l] += e;
        }
    END
}

static void F(weighted_pass)(cp_piece *p, int k) {
    BEGIN
    R *CP_RESTRICT s = ROW(0), *CP_RESTRICT se = ROW(1);
    (void)k;
    TAPS
        const R *CP_RESTRICT z = (const R *)p->z + t * n;
        LANES {
            s[l] += (z[l] == 0) & (x[l] == x[l]) ? 0 : z[l] * x[l];
            se[l] += z[l];
        }
    END
}

static void F(ratio_finish)(cp_piece *p, R *CP_RESTRICT y) {
    BEGIN
    const R *CP_RESTRICT s = ROW(0), *CP_RESTRICT se = ROW(1);
    LANES y[l] = se[l] == 0 ? NAN : s[l] / se[l];
}

/* ---- detail-preserving: weights alpha + (d * d + eps * eps) ** (lambda / 2), d the difference to a smoothed value ---- */

CP_INLINE R F(cp_detail)(R x, R smooth, int above, R eps, R *d) {
    *d = x - smooth;
    if (above) *d = *d < 0 ? 0 : *d;
    return *d * *d + eps * eps;
}

static inline CP_ALWAYS void F(dpp_weights)(cp_piece *p, const int above) {
    BEGIN
    const R *CP_RESTRICT a = PAR(0), *CP_RESTRICT lam = PAR(1), *CP_RESTRICT eps = PAR(2), *CP_RESTRICT s = ROW(0);
    R *CP_RESTRICT u = ROW(1), *CP_RESTRICT uw = ROW(2);
    TAPS
        LANES {
            R d, q = F(cp_detail)(x[l], s[l], above, eps[l], &d), w = a[l] + F(cp_exp)(lam[l] * (F(cp_log)(q) / 2));
            w *= on[l];
            u[l] += w;
            uw[l] += w * x[l];
        }
    END
}

static inline CP_ALWAYS void F(dpp_slopes)(cp_piece *p, const int above) {
    BEGIN
    const R *CP_RESTRICT lam = PAR(1), *CP_RESTRICT eps = PAR(2), *CP_RESTRICT s = ROW(0), *CP_RESTRICT u = ROW(1),
            *CP_RESTRICT uw = ROW(2);
    R *CP_RESTRICT t0 = ROW(3), *CP_RESTRICT t1 = ROW(4), *CP_RESTRICT t2 = ROW(5);
    TAPS
        LANES {
            R d, q = F(cp_detail)(x[l], s[l], above, eps[l], &d), log = F(cp_log)(q) / 2;
            R rho = F(cp_exp)(lam[l] * log), off = (x[l] - uw[l] / u[l]) * on[l];
            t0[l] += off;
            t1[l] += F(cp_unless)(rho == 0, off * rho * log);
            t2[l] += F(cp_unless)(d == 0, off * (lam[l] * d * rho / q));
        }
    END
}

static void F(dpp_pass)(cp_piece *p, int k, int above) {
    BEGIN
    R *CP_RESTRICT s = ROW(0);                  /* becomes the smoothed value */
    if (k == 0 && p->tables) F(dots)(p, s, 1);
    else if (k == 0) TAPS
        LANES s[l] += x[l];
    END
    else {
        if (k == 1 && p->first == 0 && p->tables == 0) LANES s[l] /= COUNT[l];
        if (k == 1 && above) F(dpp_weights)(p, 1);
        else if (k == 1) F(dpp_weights)(p, 0);
        else if (above) F(dpp_slopes)(p, 1);
        else F(dpp_slopes)(p, 0);
    }
}

static void F(dpp_finish)(cp_piece *p, R *CP_RESTRICT y) {
    BEGIN
    const R *CP_RESTRICT u = ROW(1), *CP_RESTRICT uw = ROW(2);
    LANES y[l] = uw[l] / u[l];
}

/* ---- weights by rank, from the largest tap on; equal taps in their order ---- */

CP_INLINE void F(cp_ranks)(cp_piece *p, ptrdiff_t t, R *CP_RESTRICT rank) {
    const ptrdiff_t n = p->lanes & ~(ptrdiff_t)15;
    const R *CP_RESTRICT v = (const R *)p->x + t * n;
    ptrdiff_t i, l;
    LANES rank[l] = 0;
    for (i = 0; i < p->taps; i++) {
        const R *CP_RESTRICT a = (const R *)p->x + i * n, *CP_RESTRICT on = (const R *)p->on + i * p->on_step;
        if (i < t) LANES rank[l] += a[l] >= v[l] ? on[l] : 0;
        else LANES rank[l] += a[l] > v[l] ? on[l] : 0;
    }
}

static void F(ordinal_pass)(cp_piece *p, int k) {
    BEGIN
    const ptrdiff_t step = p->table_step[0];
    const double *table = p->table[0];
    R *CP_RESTRICT s = ROW(0), *CP_RESTRICT rank = ROW(1);
    (void)k;
    TAPS
        F(cp_ranks)(p, t, rank);
        LANES {
            R w = (R)table[p->chan[l] * step + (ptrdiff_t)rank[l]];
            w = on[l] != 0 ? w : 0;
            s[l] += (w == 0) & (x[l] == x[l]) ? 0 : w * x[l];
        }
    END
}

static void F(first_finish)(cp_piece *p, R *CP_RESTRICT y) {
    BEGIN
    const R *CP_RESTRICT s = ROW(0);
    LANES y[l] = s[l];
}

/* ---- variance about the mean, by differences to the first tap: equal taps give exactly 0 ---- */

/* two: taps are x + z, differences of either part are exact */
static inline CP_ALWAYS void F(var_taps)(cp_piece *p, int k, const int two) {
    BEGIN
    R *CP_RESTRICT first = ROW(0), *CP_RESTRICT s = ROW(1), *CP_RESTRICT d1 = ROW(2), *CP_RESTRICT d2 = ROW(3),
      *CP_RESTRICT has = ROW(4), *CP_RESTRICT rest = ROW(6);
    if (k == 0) TAPS
        const R *CP_RESTRICT z = (const R *)p->z + t * n;
        LANES {
            int take = (on[l] != 0) & (has[l] == 0);
            first[l] = take ? x[l] : first[l];
            if (two) rest[l] = take ? z[l] : rest[l];
            has[l] = take ? 1 : has[l];
            s[l] += on[l] != 0 ? (two ? (x[l] - first[l]) + (z[l] - rest[l]) : x[l] - first[l]) : 0;
        }
    END
    else TAPS
        const R *CP_RESTRICT z = (const R *)p->z + t * n;
        LANES {
            R off = two ? (x[l] - first[l]) + (z[l] - rest[l]) : x[l] - first[l];
            R d = on[l] != 0 ? off - s[l] / COUNT[l] : 0;
            d1[l] += d;
            d2[l] += d * d;
        }
    END
}

static void F(var_pass)(cp_piece *p, int k, int two) {
    if (two) F(var_taps)(p, k, 1);
    else F(var_taps)(p, k, 0);
}

static void F(var_finish)(cp_piece *p, R *CP_RESTRICT y, int root) {
    BEGIN
    const R *CP_RESTRICT less = PAR(0), *CP_RESTRICT d1 = ROW(2), *CP_RESTRICT d2 = ROW(3);
    R *CP_RESTRICT scale = ROW(5);              /* of differences, in the gradient */
    LANES {
        R n_ = COUNT[l] - less[l], v = d2[l] - d1[l] * d1[l] / COUNT[l];
        v = v < 0 ? 0 : v;
        n_ = n_ > 0 ? n_ : NAN;
        v = v == 0 ? 0 : v / n_;
        scale[l] = v == 0 ? 0 : 2 / n_;
        y[l] = v;
    }
    if (root) LANES {
        y[l] = F(cp_root)(y[l]);
        scale[l] = y[l] == 0 ? 0 : scale[l] / (2 * y[l]);
    }
}

/* ---- stochastic pooling: a tap drawn with the probability max(x, 0) / sum, or what that gives on average ---- */

static void F(stochastic_pass)(cp_piece *p, int k) {
    BEGIN
    const R *CP_RESTRICT u = (const R *)p->z;
    R *CP_RESTRICT s = ROW(0), *CP_RESTRICT at = ROW(1), *CP_RESTRICT value = ROW(2), *CP_RESTRICT run = ROW(3),
      *CP_RESTRICT last = ROW(4), *CP_RESTRICT last_value = ROW(5);
    if (k == 0) TAPS
        LANES s[l] += x[l] < 0 ? 0 : x[l];
    END
    else {
        if (p->first == 0) LANES at[l] = last[l] = -1;
        TAPS
            const R number = (R)(p->first + t);
            LANES {
                R v = x[l] < 0 ? 0 : x[l];
                int hit;
                run[l] += v;
                hit = s[l] == INFINITY ? v == INFINITY : (run[l] > u[l] * s[l]) & (v > 0);
                hit = s[l] == s[l] ? hit : v != v;
                hit = hit & (at[l] < 0);
                value[l] = hit ? v : value[l];
                at[l] = hit ? number : at[l];
                last_value[l] = v > 0 ? v : last_value[l];
                last[l] = v > 0 ? number : last[l];
            }
        END
    }
}

static void F(stochastic_finish)(cp_piece *p, R *CP_RESTRICT y) {
    BEGIN
    R *CP_RESTRICT at = ROW(1);
    const R *CP_RESTRICT value = ROW(2), *CP_RESTRICT last = ROW(4), *CP_RESTRICT last_value = ROW(5);
    LANES {
        y[l] = at[l] < 0 ? last_value[l] : value[l];
        at[l] = at[l] < 0 ? last[l] : at[l];
        at[l] = COUNT[l] == 0 ? -1 : at[l];
    }
}

static void F(expected_pass)(cp_piece *p, int k) {
    BEGIN
    R *CP_RESTRICT s = ROW(0), *CP_RESTRICT y = ROW(1);
    TAPS
        if (k == 0) LANES s[l] += x[l] < 0 ? 0 : x[l];
        else LANES { R v = x[l] < 0 ? 0 : x[l]; y[l] += v == 0 ? 0 : v / s[l] * v; }
    END
}

static void F(expected_finish)(cp_piece *p, R *CP_RESTRICT y) {
    BEGIN
    R *CP_RESTRICT s = ROW(0), *CP_RESTRICT v = ROW(1);
    LANES y[l] = v[l] = s[l] == INFINITY ? INFINITY : v[l];
}

#ifdef CP_GRADIENTS
static void gem_slope(cp_piece *p, const double *g, int norm) {
    BEGIN
    const int cubes = ROW(4)[0] != 0;
    LANES {
        double top = cp_abs_d(ROW(0)[l]), over = ROW(5)[l], y = top * cp_exp_d(PAR(0)[l] < 0 ? -over : over);
        double gain = ROW(3)[l] / COUNT[l];
        if (cubes) {                /* mean(w**3 log(w)) / mean(w**3) less the log of the result, of scaled taps w */
            const double one = top * ROW(4)[l], sum = ROW(1)[l] * one * one * one;
            gain = (ROW(3)[l] / sum - cp_log_d(sum / COUNT[l]) / 3) / 3;
            gain = gain < 0 ? 0 : gain;
        }
        y = top == 0 ? 0 : y;
        p->slopes[l] = y == 0 ? 0 : g[l] * y * gain;
        ROW(5)[l] = y == 0 ? 0 : g[l] * y / ROW(1)[l];
        if (norm) p->slopes[n + l] = 0;
    }
}

/* the share of an element u = |x - c| or max(x, eps) */
static inline CP_ALWAYS void gem_shares(cp_piece *p, double *CP_RESTRICT gx, const int norm, const int cubes) {
    BEGIN
    const double *CP_RESTRICT e = PAR(0), *CP_RESTRICT q = PAR(1), *CP_RESTRICT m = ROW(0), *CP_RESTRICT c = ROW(5);
    double *CP_RESTRICT centre = p->slopes + n;
    TAPS
        LANES {
            double w, u = cp_raised_d(x[l], q[l], norm), top = cp_abs_d(m[l]);
            if (cubes) w = c[l] * ((u / top) * (u / top) / top);
            else {
                cp_exp2m1_d(cp_rate_d(e[l]) * CP_PER_LN2 * cp_depth_d(u, top, e[l]), &w);
                w *= c[l] / u;
            }
            w = (u == 0) | (c[l] == 0) ? 0 : w;
            if (norm) w = x[l] < q[l] ? -w : w;
            else w = x[l] < q[l] ? 0 : w;
            gx[t * n + l] = w;
        }
        if (norm) LANES centre[l] -= on[l] != 0 ? gx[t * n + l] : 0;
    END
}

static void gem_grad(cp_piece *p, double *gx, int norm) {
    const int cubes = ((const double *)p->state)[4 * p->lanes] != 0;
    if (norm && cubes) gem_shares(p, gx, 1, 1);
    else if (norm) gem_shares(p, gx, 1, 0);
    else if (cubes) gem_shares(p, gx, 0, 1);
    else gem_shares(p, gx, 0, 0);
}

static void mixed_slope(cp_piece *p, const double *g, int gated) {
    BEGIN
    LANES {
        double alpha = ROW(4)[l], d = g[l] * (ROW(0)[l] - ROW(2)[l] / COUNT[l]);
        if (gated) d *= alpha * (1 - alpha);
        p->slopes[l] = d;
        if (gated) p->coefs[l] = d;
        ROW(5)[l] = g[l] * alpha;
        ROW(6)[l] = g[l] * (1 - alpha) / COUNT[l];
    }
}

static void mixed_grad(cp_piece *p, double *CP_RESTRICT gx, int gated) {
    BEGIN
    const double *CP_RESTRICT at = ROW(1), *CP_RESTRICT top = ROW(5), *CP_RESTRICT mean = ROW(6), *CP_RESTRICT c = p->coefs;
    TAPS
        const double number = (double)(p->first + t);
        LANES gx[t * n + l] = mean[l] + (at[l] == number ? top[l] : 0);
        if (gated) {
            WEIGHT(0)
            LANES gx[t * n + l] += c[l] * W(l);
        }
    END
}

static void tree_slope(cp_piece *p, const double *g) {
    BEGIN
    const int gates = p->tables / 2;
    int q;
    LANES ROW(2 * p->tables)[l] = g[l];
    for (q = 0; q < p->tables; q++) {
        double *CP_RESTRICT c = p->coefs + q * n;
        const double *CP_RESTRICT dot = ROW(q), *CP_RESTRICT share = ROW(2 * p->tables + q);
        if (q >= gates) LANES c[l] = share[l];
        else {
            double *CP_RESTRICT a = ROW(2 * p->tables + 2 * q + 1), *CP_RESTRICT b = ROW(2 * p->tables + 2 * q + 2);
            const double *CP_RESTRICT va = ROW(p->tables + 2 * q + 1), *CP_RESTRICT vb = ROW(p->tables + 2 * q + 2);
            LANES {
                double s = cp_sigmoid_d(dot[l]);
                a[l] = share[l] * s;
                b[l] = share[l] * (1 - s);
                c[l] = share[l] * s * (1 - s) * (va[l] - vb[l]);
            }
        }
    }
}

static void tree_grad(cp_piece *p, double *CP_RESTRICT gx) {
    BEGIN
    int q;
    TAPS
        LANES gx[t * n + l] = 0;
        for (q = 0; q < p->tables; q++) {
            const double *CP_RESTRICT c = p->coefs + q * n;
            WEIGHT(q)
            LANES gx[t * n + l] += c[l] * W(l);
        }
    END
}

static void ratio_slope(cp_piece *p, const double *g) {
    BEGIN
    LANES {
        double se = ROW(1)[l];
        ROW(3)[l] = se == 0 ? 0 : g[l] / se;
        ROW(0)[l] = se == 0 ? 0 : ROW(0)[l] / se;
    }
}

static void lip_grad(cp_piece *p, double *CP_RESTRICT gx, double *CP_RESTRICT gz, int softmax) {
    BEGIN
    const double *CP_RESTRICT y = ROW(0), *CP_RESTRICT m = ROW(2), *CP_RESTRICT c = ROW(3);
    TAPS
        const double *CP_RESTRICT z = (const double *)p->z + t * n;
        LANES {
            double e = softmax ? cp_exp_d(cp_below_d(z[l], m[l])) * c[l] : c[l];
            gx[t * n + l] = softmax ? e : e * z[l];
            gz[t * n + l] = e * (x[l] - y[l]);
        }
    END
}

static void dpp_slope(cp_piece *p, const double *g) {
    BEGIN
    LANES {
        double c = g[l] / ROW(1)[l];
        ROW(6)[l] = c;
        ROW(7)[l] = ROW(2)[l] / ROW(1)[l];
        ROW(8)[l] = c * ROW(5)[l];
        p->slopes[l] = c * ROW(3)[l];
        p->slopes[n + l] = c * ROW(4)[l];
        if (p->tables) p->coefs[l] = -ROW(8)[l];
    }
}

static inline CP_ALWAYS void dpp_parts(cp_piece *p, double *CP_RESTRICT gx, const int above) {
    BEGIN
    const double *CP_RESTRICT a = PAR(0), *CP_RESTRICT lam = PAR(1), *CP_RESTRICT eps = PAR(2), *CP_RESTRICT s = ROW(0),
                 *CP_RESTRICT c = ROW(6), *CP_RESTRICT y = ROW(7);
    TAPS
        LANES {
            double d, q = cp_detail_d(x[l], s[l], above, eps[l], &d), rho = cp_exp_d(lam[l] * (cp_log_d(q) / 2));
            double turn = cp_unless_d(d == 0, (x[l] - y[l]) * (lam[l] * d * rho / q));
            gx[t * n + l] = c[l] * ((a[l] + rho) + turn);
        }
    END
}

static void dpp_grad(cp_piece *p, double *CP_RESTRICT gx, int above) {
    BEGIN
    const double *CP_RESTRICT back = ROW(8);
    if (above) dpp_parts(p, gx, 1);
    else dpp_parts(p, gx, 0);
    TAPS
        if (p->tables) {
            WEIGHT(0)
            LANES gx[t * n + l] -= back[l] * W(l);
        } else LANES gx[t * n + l] -= back[l] / COUNT[l];
    END
}

static void ordinal_grad(cp_piece *p, double *CP_RESTRICT gx) {
    BEGIN
    const ptrdiff_t step = p->table_step[0];
    const double *table = p->table[0], *CP_RESTRICT g = p->coefs;
    TAPS
        double *CP_RESTRICT rank = p->rank + t * n;
        cp_ranks_d(p, t, rank);
        LANES gx[t * n + l] = on[l] != 0 ? g[l] * table[p->chan[l] * step + (ptrdiff_t)rank[l]] : 0;
    END
}

static void var_slope(cp_piece *p, const double *g) {
    BEGIN
    LANES ROW(5)[l] = ROW(5)[l] == 0 ? 0 : ROW(5)[l] * g[l];
}

static void var_grad(cp_piece *p, double *CP_RESTRICT gx) {
    BEGIN
    const double *CP_RESTRICT first = ROW(0), *CP_RESTRICT s = ROW(1), *CP_RESTRICT c = ROW(5);
    TAPS
        LANES gx[t * n + l] = c[l] == 0 ? 0 : c[l] * ((x[l] - first[l]) - s[l] / COUNT[l]);
    END
}

static void expected_slope(cp_piece *p, const double *g) {
    BEGIN
    LANES ROW(2)[l] = ROW(0)[l] == 0 ? 0 : g[l] / ROW(0)[l];
}

static void expected_grad(cp_piece *p, double *CP_RESTRICT gx) {
    BEGIN
    const double *CP_RESTRICT y = ROW(1), *CP_RESTRICT c = ROW(2);
    TAPS
        LANES gx[t * n + l] = x[l] <= 0 ? 0 : c[l] * (2 * x[l] - y[l]);
    END
}
#endif

#undef WEIGHT
#undef W

/* ---- dispatch ---- */

static void F(cp_pass)(int op, cp_piece *p, int k) {
    switch (op) {
    case CP_LSE: F(lse_pass)(p, k); break;
    case CP_SOFT: F(soft_pass)(p, k, 0); break;
    case CP_SOFTMAX: F(soft_pass)(p, k, 1); break;
    case CP_GEM: F(gem_pass)(p, k, 0); break;
    case CP_NORM: F(gem_pass)(p, k, 1); break;
    case CP_MIXED: F(mixed_pass)(p, k, 0); break;
    case CP_GATED: F(mixed_pass)(p, k, 1); break;
    case CP_TREE: F(dots)(p, (R *)p->state, p->tables); break;
    case CP_LIP: F(lip_pass)(p, k); break;
    case CP_WEIGHTED: F(weighted_pass)(p, k); break;
    case CP_DPP: F(dpp_pass)(p, k, 0); break;
    case CP_DPP_ABOVE: F(dpp_pass)(p, k, 1); break;
    case CP_ORDINAL: F(ordinal_pass)(p, k); break;
    case CP_VAR: case CP_STD: F(var_pass)(p, k, 0); break;
    case CP_VAR_LONG: case CP_STD_LONG: F(var_pass)(p, k, 1); break;
    case CP_STOCHASTIC: F(stochastic_pass)(p, k); break;
    case CP_EXPECTED: F(expected_pass)(p, k); break;
    }
}

static void F(cp_finish)(int op, cp_piece *p, R *y) {
    switch (op) {
    case CP_LSE: F(lse_finish)(p, y); break;
    case CP_SOFT: case CP_SOFTMAX: F(soft_finish)(p, y); break;
    case CP_GEM: case CP_NORM: F(gem_finish)(p, y); break;
    case CP_MIXED: F(mixed_finish)(p, y, 0); break;
    case CP_GATED: F(mixed_finish)(p, y, 1); break;
    case CP_TREE: F(tree_finish)(p, y); break;
    case CP_LIP: case CP_WEIGHTED: F(ratio_finish)(p, y); break;
    case CP_DPP: case CP_DPP_ABOVE: F(dpp_finish)(p, y); break;
    case CP_ORDINAL: F(first_finish)(p, y); break;
    case CP_VAR: case CP_VAR_LONG: F(var_finish)(p, y, 0); break;
    case CP_STD: case CP_STD_LONG: F(var_finish)(p, y, 1); break;
    case CP_STOCHASTIC: F(stochastic_finish)(p, y); break;
    case CP_EXPECTED: F(expected_finish)(p, y); break;
    }
}

#ifdef CP_GRADIENTS
static void cp_slope(int op, cp_piece *p, const double *g) {
    switch (op) {
    case CP_LSE: lse_slope(p, g); break;
    case CP_SOFT: soft_slope(p, g, 0); break;
    case CP_SOFTMAX: soft_slope(p, g, 1); break;
    case CP_GEM: gem_slope(p, g, 0); break;
    case CP_NORM: gem_slope(p, g, 1); break;
    case CP_MIXED: mixed_slope(p, g, 0); break;
    case CP_GATED: mixed_slope(p, g, 1); break;
    case CP_TREE: tree_slope(p, g); break;
    case CP_LIP: case CP_WEIGHTED: ratio_slope(p, g); break;
    case CP_DPP: case CP_DPP_ABOVE: dpp_slope(p, g); break;
    case CP_ORDINAL: memcpy(p->coefs, g, (size_t)p->lanes * sizeof(double)); break;
    case CP_VAR: case CP_STD: var_slope(p, g); break;
    case CP_EXPECTED: expected_slope(p, g); break;
    }
}

static void cp_grad(int op, cp_piece *p, double *gx, double *gz) {
    switch (op) {
    case CP_LSE: lse_grad(p, gx); break;
    case CP_SOFT: case CP_SOFTMAX: soft_grad(p, gx); break;
    case CP_GEM: gem_grad(p, gx, 0); break;
    case CP_NORM: gem_grad(p, gx, 1); break;
    case CP_MIXED: mixed_grad(p, gx, 0); break;
    case CP_GATED: mixed_grad(p, gx, 1); break;
    case CP_TREE: tree_grad(p, gx); break;
    case CP_LIP: lip_grad(p, gx, gz, 1); break;
    case CP_WEIGHTED: lip_grad(p, gx, gz, 0); break;
    case CP_DPP: dpp_grad(p, gx, 0); break;
    case CP_DPP_ABOVE: dpp_grad(p, gx, 1); break;
    case CP_ORDINAL: ordinal_grad(p, gx); break;
    case CP_VAR: case CP_STD: var_grad(p, gx); break;
    case CP_EXPECTED: expected_grad(p, gx); break;
    }
}
#endif

#undef CP_PER_LN2
#undef ROW
#undef PAR
#undef COUNT
#undef BEGIN
#undef TAPS
#undef LANES
#undef END
#undef ON
#undef SHARE
