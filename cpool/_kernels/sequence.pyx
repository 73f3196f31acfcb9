# Segments of rows: what pooling of tokens, frames and ragged sets comes to. A matrix of (rows, width) is read in place;
# segment s holds `count[s]` rows from `begin[s]` on, or those that a list names. Token, segment, statistics and attention
# pooling, their gradients and tangents are terms over such segments.
#
# a) A task is a segment and a block of its columns; it writes nothing that another task writes, and every column is summed
#    in an order that depends on its segment's rows alone. So threads, blocks and CPU levels do not change a bit.
# b) Sums are formed in double, four rows at a time; integers exactly, in 64 or 128 bits. Variances take two passes about a
#    mean that is found relative to the first row: a constant column has variance 0, whatever its size. Columns come in blocks
#    such that the second pass reads from the cache.
# c) Rows narrower than 32 elements are read as wide rows of `fold` neighbours, and folded at the end: one loop for a single
#    column and for 768.
# d) Several terms (mean, max, ... side by side) run block by block, so that the rows are fetched once.
# e) The loops over the elements of a row stand in segments.h, per dtype, behind a table: the code here is compiled once.
# f) A single column is one line of memory, summed as in lanes.h; short ones are taken many at a time, from a copy as doubles
#    or keys.
# g) Selections (positions of maxima, of the k largest) compare integer keys, NaN as the largest.
# h) Scratch per thread: 12 rows of doubles of a block, at most 96 KB; k rows of keys and positions more for the k largest.

from libc.math cimport sqrt, INFINITY
from libc.stdint cimport int64_t, uint64_t
from libc.stdlib cimport malloc, free
from libc.string cimport memcpy, memset
from cython.parallel cimport prange

import numpy as np

from cpool._plan cimport address, whole
from cpool._kernels.numeric cimport (
    F64, U64, I64, i128_t, i128_add, i128_from_i64, i128_to_double, i128_low, i128_round_div, itemsize_of, key_double)

cdef extern from "segments.h" nogil:
    ctypedef struct seq_type_t:
        void (*widen)(const void* x, double* v, Py_ssize_t n) noexcept nogil
        void (*keys)(const void* x, int64_t* k, Py_ssize_t n, int64_t nan_key) noexcept nogil
        void (*narrow)(const double* v, void* out, Py_ssize_t n) noexcept nogil
        void (*add4)(double* a, const void** x, Py_ssize_t n, Py_ssize_t ahead) noexcept nogil
        void (*max4)(double* a, const void** x, Py_ssize_t n, Py_ssize_t ahead) noexcept nogil
        void (*min4)(double* a, const void** x, Py_ssize_t n, Py_ssize_t ahead) noexcept nogil
        void (*shift4)(double* a, const double* m, const void** x, Py_ssize_t n, Py_ssize_t ahead) noexcept nogil
        void (*square4)(double* a, const double* m, const void** x, Py_ssize_t n, Py_ssize_t ahead) noexcept nogil
        void (*scale4)(double* a, const double* w, const void** x, Py_ssize_t n, Py_ssize_t ahead) noexcept nogil
        double (*line_sum)(const void* x, Py_ssize_t n) noexcept nogil
        double (*line_max)(const void* x, Py_ssize_t n) noexcept nogil
        double (*line_min)(const void* x, Py_ssize_t n) noexcept nogil
    const seq_type_t* seq_types
    void seq_add_one(double* a, const double* v, double w, Py_ssize_t n)
    void seq_add_each(double* a, const double* v, const double* w, Py_ssize_t n)
    void seq_shift_one(double* a, const double* v, const double* m, double w, Py_ssize_t n)
    void seq_shift_each(double* a, const double* v, const double* m, const double* w, Py_ssize_t n)
    void seq_square_one(double* a, const double* v, const double* m, double w, Py_ssize_t n)
    void seq_square_each(double* a, const double* v, const double* m, const double* w, Py_ssize_t n)
    void seq_line_one(double* a, const double* v, const double* m, const double* s, const double* k, double w, Py_ssize_t n)
    void seq_line_each(double* a, const double* v, const double* m, const double* s, const double* k, const double* w,
                       Py_ssize_t n)
    void seq_minus(double* v, const double* m, Py_ssize_t n)
    void seq_times(double* v, const double* u, Py_ssize_t n)
    void seq_exp(double* v, Py_ssize_t n)
    void seq_log(double* v, Py_ssize_t n)
    void seq_pick(double* a, const double* v, const int64_t* at, int64_t row, Py_ssize_t n)
    double seq_dot(const double* u, const double* v, Py_ssize_t n)
    void seq_lines_sum(const double* v, const Py_ssize_t* count, double* sums, Py_ssize_t m)
    void seq_lines_add(const int64_t* k, const Py_ssize_t* count, int64_t* sums, Py_ssize_t m)
    void seq_lines_larger(const int64_t* k, const Py_ssize_t* count, int64_t* largest, Py_ssize_t m)
    void seq_flip(int64_t* k, Py_ssize_t n)
    void seq_add_keys(int64_t* a, const int64_t* k, Py_ssize_t n)
    void seq_larger(int64_t* a, const int64_t* k, Py_ssize_t n)
    void seq_add_wide(i128_t* a, const int64_t* k, Py_ssize_t n)
    void seq_sink(int64_t* best, int64_t* at, int64_t* k, int64_t* start, Py_ssize_t n)
    void seq_best(int64_t* best, int64_t* at, const int64_t* k, int64_t row, Py_ssize_t n)
    void seq_order(int64_t* a, int64_t* b, Py_ssize_t n)

cdef enum:
    LANES = 64              # of a folded row
    NARROW = 32             # rows of fewer elements are folded
    WIDEST = 1024           # columns of a block
    CACHED = 256 * 1024     # bytes of a block that is read twice
    PART = 12               # rows of scratch
    MOST_TERMS = 8
    SHORT = 512             # elements of a short line of floats, at most
    BATCH = 1024            # elements of a batch of short lines
    LINES = 256             # of a batch

# Terms. The first eight are what `reduce` forms, the next four what `spread` adds up into gradients.
cdef enum:
    SUM = 0                 # over weights, divided
    LARGEST = 1
    SMALLEST = 2
    STATS = 3               # mean and standard deviation
    LSE = 4                 # log of the sum of exponentials; with two columns, what is subtracted and the sum
    PRODUCT = 5             # sum of w (x - m) (t - b), or w exp(x - m) (t - b)
    INTEGERS = 6            # exact sums of integers
    KEYS = 7                # largest or smallest integer
    LINE = 8                # w (a + b (x - m))
    EXPONENTIAL = 9         # a exp(x - m)
    PICKED = 10             # a, in the row that `at` names
    CONSTANT = 11           # w a

# What add_rows does with a row. LARGEST and SMALLEST above are two more.
cdef enum:
    PLAIN = 0
    SHIFTED = 3
    SQUARED = 4
    RAISED = 5              # exp(x - m)

cdef struct rows_t:
    const char* x
    const seq_type_t* type
    int code
    Py_ssize_t width
    Py_ssize_t itemsize
    Py_ssize_t step         # bytes from row to row
    Py_ssize_t segments
    const Py_ssize_t* begin
    const Py_ssize_t* count
    const Py_ssize_t* list  # NULL: the rows of a segment follow one another

cdef struct term_t:
    int op
    bint flag               # INTEGERS: divide; KEYS: the smallest; PRODUCT: exponentials
    const double* weights   # (rows, heads)
    Py_ssize_t heads
    const double* divisor   # (segments, heads)
    const double* second    # STATS: divisor of the variance
    const double* a         # (segments, width), as b and m
    const double* b
    const double* m
    const int64_t* at
    const char* t           # other rows, which lie as those of x
    char* out
    int code                # of out
    Py_ssize_t step         # elements of a row of out
    Py_ssize_t offset       # where in a row
    Py_ssize_t other        # STATS: where the deviations go; the means are not wanted if offset < 0

cdef struct call_t:
    rows_t v
    term_t terms[MOST_TERMS]
    int n_terms
    bint lines              # short segments are lines of memory
    Py_ssize_t heads, block, blocks         # blocks: of a head
    Py_ssize_t lanes
    Py_ssize_t k
    char* out
    const seq_type_t* out_type
    void (*task)(const call_t*, Py_ssize_t, Py_ssize_t, Py_ssize_t, Py_ssize_t, double*) noexcept nogil


cdef inline Py_ssize_t smaller(Py_ssize_t a, Py_ssize_t b) noexcept nogil:
    return a if a < b else b


cdef inline Py_ssize_t number(const rows_t* v, Py_ssize_t k) noexcept nogil:
    return k if v.list == NULL else v.list[k]


cdef inline const void* row(const rows_t* v, Py_ssize_t k, Py_ssize_t c0) noexcept nogil:
    return v.x + number(v, k) * v.step + c0 * v.itemsize


# ---- forward ----

cdef inline Py_ssize_t far(Py_ssize_t group) noexcept nogil:
    """How many bytes ahead rows are asked for: whole groups of rows, and time enough for memory to answer."""
    return (16384 + group - 1) // group * group


cdef Py_ssize_t folding(const rows_t* v, Py_ssize_t s) noexcept nogil:
    """How many rows of a segment are read as one; a function of the width and the segment's length alone."""
    cdef Py_ssize_t fold = 1
    if v.list == NULL and v.width < NARROW:
        while fold * 2 * v.width <= LANES and fold * 2 <= v.count[s]:
            fold *= 2
    return fold


cdef void one_row(const rows_t* v, const void* p, Py_ssize_t n, int how, const double* m, double* a,
                  double* buf) noexcept nogil:
    cdef const void* q[4]
    if how == LARGEST or how == SMALLEST:
        q[0] = q[1] = q[2] = q[3] = p
        if v.type.max4 == NULL:
            v.type.widen(p, buf, n)
            q[0] = q[1] = q[2] = q[3] = buf
            (seq_types[F64].max4 if how == LARGEST else seq_types[F64].min4)(a, q, n, 0)
        else:
            (v.type.max4 if how == LARGEST else v.type.min4)(a, q, n, 0)
        return
    v.type.widen(p, buf, n)
    if how == PLAIN:
        seq_add_one(a, buf, 1, n)
    elif how == SHIFTED:
        seq_shift_one(a, buf, m, 1, n)
    elif how == SQUARED:
        seq_square_one(a, buf, m, 1, n)
    else:
        seq_minus(buf, m, n)
        seq_exp(buf, n)
        seq_add_one(a, buf, 1, n)


cdef void add_rows(const rows_t* v, Py_ssize_t s, Py_ssize_t c0, Py_ssize_t n, Py_ssize_t fold, int how, const double* m,
                   double* a, double* buf, Py_ssize_t lanes) noexcept nogil:
    """Combine all rows of a segment into a, which has been set; m repeats itself in a folded row."""
    cdef const seq_type_t* type = v.type
    cdef const void* p[4]
    cdef Py_ssize_t k = v.begin[s], wide = v.count[s] // fold, left = v.count[s] - wide * fold, i = 0, j
    cdef Py_ssize_t ahead = 0 if v.count[s] * v.step < 4096 else far(4 * v.step * fold)
    if type.add4 == NULL:
        type = &seq_types[F64]
        ahead = 0
    if how != RAISED:
        while i + 4 <= wide:
            for j in range(4):
                p[j] = row(v, k + (i + j) * fold, c0)
                if type != v.type:
                    v.type.widen(p[j], buf + j * lanes, n * fold)
                    p[j] = buf + j * lanes
            if how == PLAIN:
                type.add4(a, p, n * fold, ahead)
            elif how == SHIFTED:
                type.shift4(a, m, p, n * fold, ahead)
            elif how == SQUARED:
                type.square4(a, m, p, n * fold, ahead)
            elif how == LARGEST:
                type.max4(a, p, n * fold, ahead)
            else:
                type.min4(a, p, n * fold, ahead)
            i += 4
    while i < wide:
        one_row(v, row(v, k + i * fold, c0), n * fold, how, m, a, buf)
        i += 1
    if left > 0:
        one_row(v, row(v, k + wide * fold, c0), n * left, how, m, a, buf)
    while fold > 1:
        fold //= 2
        if how == LARGEST or how == SMALLEST:
            p[0] = p[1] = p[2] = p[3] = a + fold * n
            (seq_types[F64].max4 if how == LARGEST else seq_types[F64].min4)(a, p, fold * n, 0)
        else:
            seq_add_one(a, a + fold * n, 1, fold * n)


cdef void fill(double* a, double value, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        a[i] = value


cdef inline const double* weight(const term_t* t, const rows_t* v, Py_ssize_t k, Py_ssize_t h, Py_ssize_t c0) noexcept nogil:
    """The weight of a row, or the first of the weights of its elements."""
    return t.weights + number(v, k) * t.heads + (c0 if t.heads == v.width else (0 if t.heads == 1 else h))


cdef inline bint one_weight(const term_t* t, const rows_t* v) noexcept nogil:
    return t.heads != v.width or t.heads == 1


cdef void add_weighted(const rows_t* v, const term_t* t, Py_ssize_t s, Py_ssize_t h, Py_ssize_t c0, Py_ssize_t n, int how,
                       const double* m, double* a, double* buf, Py_ssize_t lanes) noexcept nogil:
    """The same with a weight for each row or each element; never folded."""
    cdef const void* p[4]
    cdef double w[4]
    cdef const double* q
    cdef Py_ssize_t k = v.begin[s], stop = k + v.count[s], j
    cdef bint one = one_weight(t, v)
    if how == PLAIN and one and v.type.scale4 != NULL:
        while k + 4 <= stop:
            for j in range(4):
                p[j] = row(v, k + j, c0)
                w[j] = weight(t, v, k + j, h, c0)[0]
            v.type.scale4(a, w, p, n, far(4 * v.step))
            k += 4
    for k in range(k, stop):
        v.type.widen(row(v, k, c0), buf, n)
        q = weight(t, v, k, h, c0)
        if how == PLAIN:
            if one:
                seq_add_one(a, buf, q[0], n)
            else:
                seq_add_each(a, buf, q, n)
        elif how == SHIFTED:
            if one:
                seq_shift_one(a, buf, m, q[0], n)
            else:
                seq_shift_each(a, buf, m, q, n)
        elif one:
            seq_square_one(a, buf, m, q[0], n)
        else:
            seq_square_each(a, buf, m, q, n)


cdef void repeat(double* m, Py_ssize_t n, Py_ssize_t fold) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(1, fold):
        memcpy(m + i * n, m, n * sizeof(double))


cdef inline Py_ssize_t divisor_at(const term_t* t, const rows_t* v, Py_ssize_t s, Py_ssize_t h, Py_ssize_t c) noexcept nogil:
    return s * t.heads + (0 if t.heads == 1 else (c if t.heads == v.width else h))


cdef void totals(const call_t* call, const term_t* t, Py_ssize_t s, Py_ssize_t h, Py_ssize_t c0, Py_ssize_t n, int how,
                 const double* m, double* a, double* buf) noexcept nogil:
    cdef Py_ssize_t fold = 1 if t.weights != NULL else folding(&call.v, s)
    fill(a, 0, n * fold)
    if t.weights != NULL:
        add_weighted(&call.v, t, s, h, c0, n, how, m, a, buf, call.lanes)
    else:
        add_rows(&call.v, s, c0, n, fold, how, m, a, buf, call.lanes)


cdef void divide(const call_t* call, const term_t* t, const double* by, Py_ssize_t s, Py_ssize_t h, Py_ssize_t c0,
                 Py_ssize_t n,
                 double* a) noexcept nogil:
    cdef Py_ssize_t c
    cdef double d
    if t.heads == call.v.width:
        for c in range(n):
            a[c] = a[c] / by[divisor_at(t, &call.v, s, h, c0 + c)]
    else:
        d = by[divisor_at(t, &call.v, s, h, c0)]
        for c in range(n):
            a[c] = a[c] / d


cdef inline void store(const term_t* t, Py_ssize_t s, Py_ssize_t at, const double* a, Py_ssize_t n) noexcept nogil:
    seq_types[t.code].narrow(a, t.out + (s * t.step + at) * itemsize_of(t.code), n)


cdef void statistics(const call_t* call, const term_t* t, Py_ssize_t s, Py_ssize_t h, Py_ssize_t c0, Py_ssize_t n, double* a,
                     double* m, double* buf) noexcept nogil:
    cdef const rows_t* v = &call.v
    cdef Py_ssize_t c, fold = 1 if t.weights != NULL else folding(v, s)
    v.type.widen(row(v, v.begin[s], c0), m, n)
    for c in range(n):
        if not (m[c] - m[c] == 0):
            m[c] = 0
    repeat(m, n, fold)
    totals(call, t, s, h, c0, n, SHIFTED, m, a, buf)
    divide(call, t, t.divisor, s, h, c0, n, a)
    seq_add_one(m, a, 1, n)
    repeat(m, n, fold)
    if t.offset >= 0:
        store(t, s, t.offset + c0, m, n)
    if t.other >= 0:
        totals(call, t, s, h, c0, n, SQUARED, m, a, buf)
        for c in range(n):
            m[c] = a[c]
        divide(call, t, t.second, s, h, c0, n, a)
        for c in range(n):
            a[c] = 0 if m[c] == 0 else sqrt(a[c])
        store(t, s, t.other + c0, a, n)


cdef void exponentials(const call_t* call, const term_t* t, Py_ssize_t s, Py_ssize_t c0, Py_ssize_t n, double* a, double* m,
                       double* buf) noexcept nogil:
    cdef const rows_t* v = &call.v
    cdef Py_ssize_t c, fold = folding(v, s)
    fill(m, -INFINITY, call.lanes)
    add_rows(v, s, c0, n, fold, LARGEST, NULL, m, buf, call.lanes)
    for c in range(n):
        if not (m[c] - m[c] == 0):
            m[c] = 0
    repeat(m, n, fold)
    fill(a, 0, call.lanes)
    add_rows(v, s, c0, n, fold, RAISED, m, a, buf, call.lanes)
    if t.other >= 0:
        store(t, s, t.offset + c0, m, n)
        store(t, s, t.other + c0, a, n)
        return
    seq_log(a, n)
    seq_add_one(a, m, 1, n)
    store(t, s, t.offset + c0, a, n)


cdef void products(const call_t* call, const term_t* t, Py_ssize_t s, Py_ssize_t h, Py_ssize_t c0, Py_ssize_t n, double* a,
                   double* buf) noexcept nogil:
    cdef const rows_t* v = &call.v
    cdef Py_ssize_t k, place = s * v.width + c0
    cdef double* u = buf
    cdef double* w = buf + call.lanes
    cdef const double* q
    fill(a, 0, n)
    for k in range(v.begin[s], v.begin[s] + v.count[s]):
        v.type.widen(row(v, k, c0), u, n)
        if t.m != NULL:
            seq_minus(u, t.m + place, n)
        if t.flag:
            seq_exp(u, n)
        v.type.widen(t.t + (<const char*>row(v, k, c0) - v.x), w, n)
        if t.b != NULL:
            seq_minus(w, t.b + place, n)
        seq_times(u, w, n)
        if t.weights == NULL:
            seq_add_one(a, u, 1, n)
        else:
            q = weight(t, v, k, h, c0)
            if one_weight(t, v):
                seq_add_one(a, u, q[0], n)
            else:
                seq_add_each(a, u, q, n)
    store(t, s, t.offset + c0, a, n)


cdef void keyed(const call_t* call, const term_t* t, Py_ssize_t s, Py_ssize_t c0, Py_ssize_t n,
                double* scratch) noexcept nogil:
    """Sums and extremes of integers, as int64, as uint64 in its bits, or as double."""
    cdef const rows_t* v = &call.v
    cdef int64_t* a = <int64_t*>scratch
    cdef int64_t* buf = a + call.lanes
    cdef i128_t* sums = <i128_t*>(buf + call.lanes)
    cdef i128_t total
    cdef bint wide = v.code == U64 or v.code == I64
    cdef Py_ssize_t fold = 1 if wide and t.op == INTEGERS else folding(v, s), k = 0, c, m, rows = v.count[s]
    cdef char* out = t.out + (s * t.step + t.offset + c0) * 8
    for c in range(n * fold):
        a[c] = 0 if t.op == INTEGERS else (<int64_t>1 << 63)
    if wide and t.op == INTEGERS:
        memset(sums, 0, n * sizeof(i128_t))
    while k < rows:
        m = n * smaller(fold, rows - k)
        v.type.keys(row(v, v.begin[s] + k, c0), buf, m, 0)
        if t.op == KEYS:
            if t.flag:
                seq_flip(buf, m)
            seq_larger(a, buf, m)
        elif wide:
            seq_add_wide(sums, buf, m)
        else:
            seq_add_keys(a, buf, m)
        k += fold
    while fold > 1:
        fold //= 2
        if t.op == KEYS:
            seq_larger(a, a + fold * n, fold * n)
        else:
            seq_add_keys(a, a + fold * n, fold * n)
    for c in range(n):
        total = i128_from_i64(a[c])
        if wide and t.op == INTEGERS:
            total = sums[c]
            if v.code == U64:       # its keys are 2**63 too small
                total = i128_add(total, times_half(rows))
        put_integer(v, t, a[c], total, rows, out + 8 * c)


cdef inline void put_integer(const rows_t* v, const term_t* t, int64_t key, i128_t total, Py_ssize_t rows,
                             char* out) noexcept nogil:
    """A largest key, or a sum, as the kernel gives it."""
    cdef uint64_t bits
    if t.op == KEYS:
        bits = <uint64_t>(~key if t.flag else key)
        if v.code == U64:
            bits ^= <uint64_t>1 << 63
    elif t.code == F64:
        (<double*>out)[0] = i128_to_double(total) / (<double>rows if t.flag else 1.0)
        return
    else:
        bits = i128_round_div(total, <uint64_t>rows) if t.flag else i128_low(total)
    (<uint64_t*>out)[0] = bits


cdef inline i128_t times_half(Py_ssize_t n) noexcept nogil:
    """n * 2**63."""
    cdef i128_t total = i128_from_i64(n)
    cdef int _i
    for _i in range(63):
        total = i128_add(total, total)
    return total


cdef void short_lines(const rows_t* v, const term_t* t, Py_ssize_t s, Py_ssize_t m) noexcept nogil:
    """A sum or an extreme of m short lines, one behind the other."""
    cdef const void* x = row(v, v.begin[s], 0)
    cdef Py_ssize_t n = v.begin[s + m - 1] + v.count[s + m - 1] - v.begin[s], j
    cdef int64_t keys[BATCH]
    cdef int64_t best[LINES]
    cdef double* result = <double*>best
    cdef bint flip = t.op == SMALLEST or (t.op == KEYS and t.flag)
    if t.op == SUM:
        v.type.widen(x, <double*>keys, n)
        seq_lines_sum(<double*>keys, v.count + s, result, m)
        if t.divisor != NULL:
            for j in range(m):
                result[j] /= t.divisor[s + j]
    else:
        v.type.keys(x, keys, n, (<int64_t>1 << 63) if flip else ~(<int64_t>1 << 63))
        if flip:
            seq_flip(keys, n)
        (seq_lines_add if t.op == INTEGERS else seq_lines_larger)(keys, v.count + s, best, m)
        if t.op == KEYS or t.op == INTEGERS:
            for j in range(m):
                if v.count[s + j] > 0:
                    put_integer(v, t, best[j], i128_from_i64(best[j]), v.count[s + j],
                                t.out + ((s + j) * t.step + t.offset) * 8)
            return
        for j in range(m):
            result[j] = key_double(~best[j] if flip else best[j])
    if t.step == 1:
        store(t, s, t.offset, result, m)
    else:
        for j in range(m):
            store(t, s + j, t.offset, &result[j], 1)


cdef inline bint line(const rows_t* v, const term_t* t, Py_ssize_t s) noexcept nogil:
    """A single column, if it can be read as a line of memory; whether that was the case."""
    cdef double a
    cdef const char* p
    if v.width != 1 or v.list != NULL or t.op > SMALLEST or t.weights != NULL:
        return False
    if v.count[s] <= SHORT:
        short_lines(v, t, s, 1)
        return True
    if v.type.line_sum == NULL:
        return False
    p = <const char*>row(v, v.begin[s], 0)
    if t.op == SUM:
        a = v.type.line_sum(p, v.count[s])
        if t.divisor != NULL:
            a /= t.divisor[s]
    else:
        a = (v.type.line_max if t.op == LARGEST else v.type.line_min)(p, v.count[s])
    store(t, s, t.offset, &a, 1)
    return True


cdef bint in_lines(const call_t* call) noexcept nogil:
    """Whether all terms are sums and extremes of a single column that lies in memory as it is."""
    cdef const term_t* t
    cdef bint fine = call.task == reduce_task and call.v.width == 1 and call.v.list == NULL
    cdef int i
    for i in range(call.n_terms):
        t = &call.terms[i]
        fine &= t.weights == NULL and (t.op <= SMALLEST or t.op == KEYS or (
            t.op == INTEGERS and call.v.code != U64 and call.v.code != I64))
    return fine


cdef Py_ssize_t batch(const call_t* call, Py_ssize_t start, Py_ssize_t stop) noexcept nogil:
    """How many segments from `start` on are short lines, one behind the other, and fit a batch."""
    cdef const rows_t* v = &call.v
    cdef Py_ssize_t s = start, end = v.begin[start], most = BATCH if v.type.narrow == NULL else SHORT
    while (s < stop and s - start < LINES and v.begin[s] == end and v.count[s] <= most
           and end + v.count[s] - v.begin[start] <= BATCH):
        end += v.count[s]
        s += 1
    return s - start


cdef void reduce_task(const call_t* call, Py_ssize_t s, Py_ssize_t h, Py_ssize_t c0, Py_ssize_t n,
                      double* scratch) noexcept nogil:
    cdef double* a = scratch
    cdef double* m = scratch + call.lanes
    cdef double* buf = scratch + 2 * call.lanes
    cdef const term_t* t
    cdef int i
    if call.v.count[s] == 0:
        return
    for i in range(call.n_terms):
        t = &call.terms[i]
        if line(&call.v, t, s):
            continue
        if t.op == SUM:
            totals(call, t, s, h, c0, n, PLAIN, NULL, a, buf)
            if t.divisor != NULL:
                divide(call, t, t.divisor, s, h, c0, n, a)
            store(t, s, t.offset + c0, a, n)
        elif t.op == LARGEST or t.op == SMALLEST:
            fill(a, -INFINITY if t.op == LARGEST else INFINITY, call.lanes)
            add_rows(&call.v, s, c0, n, folding(&call.v, s), t.op, NULL, a, buf, call.lanes)
            store(t, s, t.offset + c0, a, n)
        elif t.op == STATS:
            statistics(call, t, s, h, c0, n, a, m, buf)
        elif t.op == LSE:
            exponentials(call, t, s, c0, n, a, m, buf)
        elif t.op == PRODUCT:
            products(call, t, s, h, c0, n, a, buf)
        else:
            keyed(call, t, s, c0, n, scratch)


# ---- positions ----

cdef void select_task(const call_t* call, Py_ssize_t s, Py_ssize_t h, Py_ssize_t c0, Py_ssize_t n,
                      double* scratch) noexcept nogil:
    """Rows of the k largest (smallest) elements of each column, in their order; -1 where there are none."""
    cdef const rows_t* v = &call.v
    cdef const term_t* t = &call.terms[0]
    cdef int64_t nan_key = (<int64_t>1 << 63) if t.flag else ~(<int64_t>1 << 63)
    cdef int64_t* key = <int64_t*>scratch
    cdef int64_t* place = key + call.lanes
    cdef int64_t* best = place + call.lanes
    cdef int64_t* at = best + call.k * call.lanes
    cdef int64_t* out = <int64_t*>call.out + s * call.k * v.width + c0
    cdef Py_ssize_t rows = v.count[s], i, j, c, found = smaller(rows, call.k), lanes = call.lanes
    cdef int64_t r
    for i in range(rows):
        r = number(v, v.begin[s] + i)
        v.type.keys(row(v, v.begin[s] + i, c0), key, n, nan_key)
        if t.flag:
            seq_flip(key, n)
        if call.k == 1 and i > 0:
            seq_best(best, at, key, r, n)
            continue
        for c in range(n):
            place[c] = r
        for j in range(smaller(i, call.k)):
            seq_sink(best + j * lanes, at + j * lanes, key, place, n)
        if i < call.k:
            memcpy(best + i * lanes, key, n * sizeof(int64_t))
            memcpy(at + i * lanes, place, n * sizeof(int64_t))
    for i in range(found - 1):
        for j in range(found - 1 - i):
            seq_order(at + j * lanes, at + (j + 1) * lanes, n)
    for j in range(call.k):
        for c in range(n):
            out[j * v.width + c] = at[j * lanes + c] if j < found else -1


# ---- gradients ----

cdef void spread_task(const call_t* call, Py_ssize_t s, Py_ssize_t h, Py_ssize_t c0, Py_ssize_t n,
                      double* scratch) noexcept nogil:
    """Gradients of the elements of a segment: the terms added up, rounded once."""
    cdef const rows_t* v = &call.v
    cdef const term_t* t
    cdef double* a = scratch
    cdef double* buf = scratch + call.lanes
    cdef double* other = buf + call.lanes
    cdef Py_ssize_t k, place = s * v.width + c0, bytes = n * v.itemsize
    cdef Py_ssize_t i, first = v.begin[s], stop = first + v.count[s]
    cdef char* out
    cdef const double* w
    cdef bint read = False
    for i in range(call.n_terms):
        read |= call.terms[i].op == LINE or call.terms[i].op == EXPONENTIAL
    if call.n_terms == 1 and call.terms[0].op == CONSTANT and call.terms[0].weights == NULL and first < stop:
        v.type.narrow(call.terms[0].a + place, scratch, n)
        for k in range(first, stop):
            memcpy(call.out + number(v, k) * v.step + c0 * v.itemsize, scratch, bytes)
        return
    for k in range(first, stop):
        fill(a, 0, n)
        if read:
            v.type.widen(row(v, k, c0), buf, n)
        for i in range(call.n_terms):
            t = &call.terms[i]
            w = NULL if t.weights == NULL else weight(t, v, k, h, c0)
            if t.op == PICKED:
                seq_pick(a, t.a + place, t.at + place, number(v, k), n)
            elif t.op == EXPONENTIAL:
                memcpy(other, buf, n * sizeof(double))
                seq_minus(other, t.m + place, n)
                seq_exp(other, n)
                seq_add_each(a, other, t.a + place, n)
            elif t.op == CONSTANT:
                if w == NULL:
                    seq_add_one(a, t.a + place, 1, n)
                elif one_weight(t, v):
                    seq_add_one(a, t.a + place, w[0], n)
                else:
                    seq_add_each(a, t.a + place, w, n)
            elif w == NULL:
                seq_line_one(a, buf, t.m + place, t.a + place, t.b + place, 1, n)
            elif one_weight(t, v):
                seq_line_one(a, buf, t.m + place, t.a + place, t.b + place, w[0], n)
            else:
                seq_line_each(a, buf, t.m + place, t.a + place, t.b + place, w, n)
        out = call.out + number(v, k) * v.step + c0 * v.itemsize
        v.type.narrow(a, out, n)


cdef void dots_task(const call_t* call, Py_ssize_t s, Py_ssize_t h, Py_ssize_t c0, Py_ssize_t n,
                    double* scratch) noexcept nogil:
    """Sum over the columns of a head of (a + b u) u, u = x - m, for each row; element by element if the heads are columns."""
    cdef const rows_t* v = &call.v
    cdef const term_t* t = &call.terms[0]
    cdef double* u = scratch
    cdef double* w = scratch + call.lanes
    cdef Py_ssize_t k, c, done, m, start = c0, place = s * v.width
    cdef Py_ssize_t columns = v.width // call.heads
    cdef double* out
    cdef double total
    for k in range(v.begin[s], v.begin[s] + v.count[s]):
        out = <double*>call.out + number(v, k) * t.heads
        done = 0
        total = 0
        while done < columns:
            m = smaller(columns - done, call.block)
            c0 = start + done
            v.type.widen(row(v, k, c0), u, m)
            if t.m != NULL:
                seq_minus(u, t.m + place + c0, m)
            memcpy(w, t.a + (place if t.flag else 0) + c0, m * sizeof(double))
            if t.b != NULL:
                seq_add_each(w, u, t.b + place + c0, m)
            if t.heads == v.width:
                for c in range(m):
                    out[c0 + c] = w[c] * u[c]
            else:
                total += seq_dot(w, u, m)
            done += m
        if t.heads != v.width:
            out[h] = total


# ---- calls ----

cdef int part(const call_t* call, Py_ssize_t start, Py_ssize_t stop) noexcept nogil:
    """Tasks start .. stop - 1 with one scratch; 1 if there is no memory for it."""
    cdef Py_ssize_t i = start, h, s, c0, m, j, each = call.v.width // call.heads, per = call.heads * call.blocks
    cdef double* memory = <double*>malloc((PART + 2 * call.k) * call.lanes * sizeof(double) + 64)
    cdef double* scratch
    if memory == NULL:
        return 1
    scratch = <double*>(<char*>memory + (64 - <size_t>memory % 64) % 64)
    while i < stop:
        m = batch(call, i, stop) if call.lines else 0
        if m > 0:
            for j in range(call.n_terms):
                short_lines(&call.v, &call.terms[j], i, m)
            i += m
            continue
        if per == 1:
            call.task(call, i, 0, 0, each, scratch)
            i += 1
            continue
        s = i // per
        h = i % per // call.blocks
        c0 = i % call.blocks * call.block
        call.task(call, s, h, h * each + c0, smaller(call.block, each - c0), scratch)
        i += 1
    free(memory)
    return 0


cdef int run(call_t* call, bint twice, int threads) noexcept nogil:
    """Cut the work into tasks and do them; 1 if there is no memory for the scratch."""
    cdef rows_t* v = &call.v
    cdef Py_ssize_t each = v.width // call.heads, rows = 0, i, tasks, parts
    cdef int failed = 0
    call.lines = in_lines(call)
    call.block = smaller(each, WIDEST)
    if call.task != dots_task:
        for i in range(v.segments):
            rows += v.count[i]
        if twice:
            while call.block > 64 and rows // v.segments * call.block * v.itemsize > CACHED:
                call.block = (call.block // 2 + 15) // 16 * 16
        while (threads > 1 and call.block > 64
               and v.segments * call.heads * ((each + call.block - 1) // call.block) < 2 * threads):
            call.block = (call.block // 2 + 15) // 16 * 16
        call.blocks = (each + call.block - 1) // call.block
    else:
        call.blocks = 1         # sums along the width are one task
    call.lanes = call.block if call.block > LANES else LANES
    tasks = v.segments * call.heads * call.blocks
    parts = smaller(tasks, 8 * threads)
    if threads <= 1 or parts <= 1:
        return part(call, 0, tasks)
    for i in prange(parts, num_threads=threads, schedule="dynamic"):
        failed |= part(call, tasks * i // parts, tasks * (i + 1) // parts)
    return failed


cdef const double* doubles(object array) except? NULL:
    return NULL if array is None else <const double*>address(array)


INTP, FLOAT64 = np.dtype(np.intp), np.dtype(np.float64)


cdef void* elements(object array, dtype) except? NULL:
    """Where the elements of an array of this dtype begin that lies in one piece; NULL for None and if there are none."""
    if array is not None and array.dtype != dtype:
        raise ValueError(f"array of dtype {array.dtype} where a kernel needs {dtype}")
    return whole(array)


cdef const Py_ssize_t* positions(object array) except? NULL:
    return <const Py_ssize_t*>elements(array, INTP)


cdef int set_rows(call_t* call, x, int code, begin, count, rows) except -1:
    """x: (rows, width), C-contiguous, not empty; begin and count are of one length, and inside x or the list of rows."""
    memset(call, 0, sizeof(call_t))
    if x.ndim != 2 or not x.flags.c_contiguous or begin.shape != count.shape:
        raise ValueError(f"rows of shape {x.shape} in one piece, with as many starts as counts")
    call.v.x = <const char*>address(x)
    call.v.code = code
    call.v.type = &seq_types[code]
    call.v.width, call.v.itemsize = x.shape[1], x.itemsize
    call.v.step = call.v.width * call.v.itemsize
    call.v.segments = begin.size
    call.v.begin, call.v.count, call.v.list = positions(begin), positions(count), positions(rows)
    call.heads = 1
    return 0


cdef int finish(call_t* call, bint twice, int threads) except -1:
    cdef int failed
    with nogil:
        failed = run(call, twice, threads)
    if failed:
        raise MemoryError("no memory for the scratch of a pooling kernel")
    return 0


def reduce(x, int code, begin, count, rows, terms, int threads):
    """Pool every segment of x by each of the terms, dicts of what term_t holds. Empty segments are left alone."""
    cdef call_t call
    cdef term_t* t
    cdef bint twice = len(terms) > 1
    set_rows(&call, x, code, begin, count, rows)
    for i, term in enumerate(terms):
        t = &call.terms[i]
        set_term(t, term)
        twice |= t.op == STATS or t.op == LSE
        if 1 < t.heads < call.v.width:
            call.heads = t.heads
    call.n_terms = len(terms)
    call.task = reduce_task
    finish(&call, twice, threads)


cdef int set_term(term_t* t, dict term) except -1:
    get = term.get
    t.op, t.flag, t.heads = term["op"], get("flag", False), get("heads", 1)
    t.weights, t.divisor, t.second = doubles(get("weights")), doubles(get("divisor")), doubles(get("second"))
    t.a, t.b, t.m = doubles(get("a")), doubles(get("b")), doubles(get("m"))
    t.offset, t.other = get("offset", 0), get("other", -1)
    if get("at") is not None:
        t.at = <const int64_t*>address(get("at"))
    if get("t") is not None:
        t.t = <const char*>address(get("t"))
    out = get("out")
    if out is not None:
        t.out, t.code, t.step = <char*>address(out), term["code"], out.shape[1]
    return 0


def select(x, int code, begin, count, rows, out, bint smallest, int threads):
    """Write the rows of the k largest or smallest elements into out, (segments, k, width) of int64."""
    cdef call_t call
    set_rows(&call, x, code, begin, count, rows)
    call.terms[0].flag = smallest
    call.k = out.shape[1]
    call.out = <char*>address(out)
    call.task = select_task
    finish(&call, False, threads)


def spread(out, x, int code, begin, count, rows, terms, int threads):
    """Write gradients into the rows of out that a segment has; x is read if a term asks for it."""
    cdef call_t call
    set_rows(&call, out if x is None else x, code, begin, count, rows)
    for i, term in enumerate(terms):
        set_term(&call.terms[i], term)
        if 1 < call.terms[i].heads < call.v.width:
            call.heads = call.terms[i].heads
    call.n_terms = len(terms)
    call.out = <char*>address(out)
    call.task = spread_task
    finish(&call, False, threads)


def dots(out, x, int code, begin, count, rows, dict term, bint shared, int threads):
    """Write the products of rows and coefficients into out, (rows, heads) of float64; one row of `a` serves all if shared."""
    cdef call_t call
    set_rows(&call, x, code, begin, count, rows)
    set_term(&call.terms[0], term)
    call.terms[0].flag = not shared
    call.heads = call.terms[0].heads if call.terms[0].heads < call.v.width else 1
    call.n_terms = 1
    call.out = <char*>address(out)
    call.task = dots_task
    finish(&call, False, threads)


include "scales.pxi"

OPS = {"sum": SUM, "max": LARGEST, "min": SMALLEST, "stats": STATS, "lse": LSE, "product": PRODUCT, "integers": INTEGERS,
       "keys": KEYS, "line": LINE, "exponential": EXPONENTIAL, "picked": PICKED, "constant": CONSTANT}
apis = {}
