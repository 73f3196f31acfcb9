/* Reducers of panels: what is done with the taps of many windows at once.
 *
 * a) A panel holds tap t of window l at x[t * lanes + l]; on, of the same shape, is 1 where the tap is there and 0 where it
 *    is not (outside the image, masked, NaN that is to be left out; x is 0 there). on_step is 0 where no lane lacks a tap:
 *    one row of ones serves all. lanes is a multiple of 16, so that loops over lanes are whole vectors; what the spare
 *    lanes hold is finite and goes nowhere.
 * b) A reducer goes over the taps in passes, each adding to rows of `state` (zeros at first), so that a window that does not
 *    fit comes in pieces: `first` is the number of taps that came before. finish turns the state into the result. Backward:
 *    the passes, finish, `more` passes, then slope (coefficients of each window, gradients of the parameters), then grad for
 *    every piece again. Windows without a tap are the caller's; gradients where on is 0 are, too.
 *    The passes of the reducers that are used most exist twice: `full`, the case of most tiles, does not look at `on`.
 * c) The passes are there in float (few taps of float32 and 16-bit floats) and double, the gradients in double.
 * d) Sums: rows sum[k] to sum[k] + sums[k] - 1 are what pass k adds up; over several pieces the caller compensates.
 * e) Exponents are taken of differences to the window's extreme tap: nothing overflows, one tap has the weight 1. What
 *    equals the extreme differs by 0, so that an infinite extreme is the answer; an infinite difference has no weight.
 * f) The NaN rule: comparisons are written so that a NaN stays (v < low ? low : v), sums carry it.
 */
#ifndef CPOOL_REDUCERS_H
#define CPOOL_REDUCERS_H

#include "fast.h"
#include "transcend.h"

CP_FAST_BEGIN

enum {
    CP_LSE, CP_SOFT, CP_GEM, CP_NORM, CP_MIXED, CP_GATED, CP_TREE, CP_LIP, CP_WEIGHTED, CP_DPP, CP_DPP_ABOVE, CP_ORDINAL,
    CP_VAR, CP_STD, CP_STOCHASTIC, CP_EXPECTED, CP_SOFTMAX, CP_VAR_LONG, CP_STD_LONG,
    CP_REDUCERS
};

enum { CP_TABLES = 31 };        /* weights by place: nodes of a tree of depth 4 */

/* what the caller must know of a reducer */
typedef struct {
    int passes, more, rows;     /* rows of state; tables need more, see cp_state_rows */
    int sum[4], sums[4];
    int params;                 /* per-lane parameters */
    int learned;                /* the first so many have gradients */
    int tables;                 /* arrays of weights; -1: one, or none */
    int second;                 /* 1: an input beside x, 2: a sample for each window */
    int whole;                  /* windows do not come in pieces */
    int rate;                   /* the first parameter is a factor of exponents, or its reciprocal */
    double empty;
} cp_reducer;

static const cp_reducer CP_REDUCER[CP_REDUCERS] = {
    /* lse: r                  */ {2, 1, 8, {0, 1, 3}, {0, 2, 1}, 1, 1, 0, 0, 0, 1, -INFINITY},
    /* soft: alpha             */ {2, 1, 8, {0, 1, 3}, {0, 2, 1}, 1, 1, 0, 0, 0, 1, NAN},
    /* gem: p, eps             */ {2, 1, 6, {0, 1, 3}, {0, 2, 1}, 2, 1, 0, 0, 0, 1, NAN},
    /* norm: p, c              */ {2, 1, 6, {0, 1, 3}, {0, 2, 1}, 2, 2, 0, 0, 0, 1, NAN},
    /* mixed: alpha            */ {1, 0, 7, {2}, {1}, 1, 1, 0, 0, 0, 0, NAN},
    /* gated: bias; one table  */ {1, 0, 8, {2}, {2}, 1, 1, 1, 0, 0, 0, NAN},
    /* tree: tables            */ {1, 0, 0, {0}, {-1}, 0, 0, 2, 0, 0, 0, NAN},
    /* lip                     */ {2, 0, 6, {0, 0}, {0, 2}, 0, 0, 0, 1, 0, 0, NAN},
    /* weighted                */ {1, 0, 4, {0}, {2}, 0, 0, 0, 1, 0, 0, NAN},
    /* dpp: alpha, lambda, eps */ {2, 1, 10, {0, 1, 3}, {1, 2, 3}, 3, 2, -1, 0, 0, 0, NAN},
    /* the same, above only    */ {2, 1, 10, {0, 1, 3}, {1, 2, 3}, 3, 2, -1, 0, 0, 0, NAN},
    /* ordinal: one table      */ {1, 0, 2, {0}, {0}, 0, 0, 1, 0, 1, 0, NAN},
    /* var: correction         */ {2, 0, 6, {1, 2}, {1, 2}, 1, 0, 0, 0, 0, 0, NAN},
    /* std: correction         */ {2, 0, 6, {1, 2}, {1, 2}, 1, 0, 0, 0, 0, 0, NAN},
    /* stochastic; samples     */ {2, 0, 6, {0}, {1}, 0, 0, 0, 2, 0, 0, 0},
    /* expected                */ {2, 0, 3, {0, 1}, {1, 1}, 0, 0, 0, 0, 0, 0, 0},
    /* softmax: temperature    */ {2, 1, 8, {0, 1, 3}, {0, 2, 1}, 1, 1, 0, 0, 0, 1, NAN},
    /* var, std of long integers in two parts; forward alone */
    {2, 0, 7, {1, 2}, {1, 2}, 1, 0, 0, 1, 0, 0, NAN},
    {2, 0, 7, {1, 2}, {1, 2}, 1, 0, 0, 1, 0, 0, NAN},
};

/* a piece of a tile as a reducer sees it; what is void is in the reducer's precision */
typedef struct {
    ptrdiff_t lanes, taps, first, on_step;
    const void *x, *on;         /* on_step: lanes, or 0 */
    const void *z;              /* the second input, or the samples (one row) */
    const void *count;          /* taps that are there */
    const void *par;            /* rows of parameters */
    void *state;
    const int *place;           /* of each tap: its number in the unclipped window */
    const double *const *table; /* weights by place; those of lane l begin at chan[l] * table_step */
    const ptrdiff_t *table_step;
    const ptrdiff_t *chan;
    int tables;
    double *slopes;             /* rows: gradients of the parameters */
    double *coefs;              /* rows: table q has the gradient coefs[q] * x[t] at place[t] */
    double *rank;               /* ordinal: panel of places, in place of `place` */
} cp_piece;

static inline int cp_state_rows(int op, int tables) { return op == CP_TREE ? 3 * tables : CP_REDUCER[op].rows; }
static inline int cp_sum_rows(int op, int k, int tables) { return op == CP_TREE ? tables : CP_REDUCER[op].sums[k]; }

#define CP_CAT_(a, b) a##b
#define CP_CAT(a, b) CP_CAT_(a, b)

#define R float
#define F(name) CP_CAT(name, _f)
#define CP_LEAST 1e-37f
#define CP_LOW -126
#define cp_root_f sqrtf
#include "reducers_real.h"
#undef R
#undef F
#undef CP_LEAST
#undef CP_LOW

#define CP_GRADIENTS
#define R double
#define F(name) CP_CAT(name, _d)
#define CP_LEAST 1e-200
#define CP_LOW -1022
#define cp_root_d sqrt
#include "reducers_real.h"
#undef R
#undef F
#undef CP_LEAST
#undef CP_LOW

CP_FAST_END

#endif
