# Smooth reducers as sums of terms (terms.h): the pieces of a) in masked.pyx, with one or two arrays of terms for the copy.

from cpool._kernels.numeric cimport F16, BF16

cdef extern from "terms.h" nogil:
    enum: CP_TERM_SOFT, CP_TERM_LSE, CP_TERM_CUBE, CP_TERM_POWER
    Py_ssize_t CP_ROW(Py_ssize_t c)
    const cp_row_t CP_INTO_FLOAT[12]
    const cp_row_t CP_INTO_DOUBLE[12]
    void cp_table_f(float* t, int kind, const double* par, Py_ssize_t c, float most, int root)
    void cp_weights_f(float* a, float* b, const float* z, const float* v, Py_ssize_t n, const float* t, Py_ssize_t c,
                      int less)
    void cp_table_d(double* t, int kind, const double* par, Py_ssize_t c, double most, int root)
    void cp_weights_d(double* a, double* b, const double* z, const double* v, Py_ssize_t n, const double* t, Py_ssize_t c,
                      int less)
    void cp_cubes_f(float* a, const float* x, Py_ssize_t n, float least)
    void cp_cubes_d(double* a, const double* x, Py_ssize_t n, double least)
    void cp_powers_f(float* a, const float* x, Py_ssize_t n, const float* t, Py_ssize_t c, float least)
    void cp_powers_d(double* a, const double* x, Py_ssize_t n, const double* t, Py_ssize_t c, double least)
    void cp_drop_f(float* a, const uint8_t* on, Py_ssize_t n)
    void cp_drop_d(double* a, const uint8_t* on, Py_ssize_t n)
    void cp_windows_f(float* a, const float* p, Py_ssize_t row, Py_ssize_t lines, Py_ssize_t n, Py_ssize_t c)
    void cp_windows_d(double* a, const double* p, Py_ssize_t row, Py_ssize_t lines, Py_ssize_t n, Py_ssize_t c)
    int cp_finish_terms_f(int kind, float* y, const float* a, const float* b, const float* counts, Py_ssize_t each,
                          Py_ssize_t n, const float* t, Py_ssize_t c)
    int cp_finish_terms_d(int kind, double* y, const double* a, const double* b, const double* counts, Py_ssize_t each,
                          Py_ssize_t n, const double* t, Py_ssize_t c)

# one number, one for each of so many planes, or one for each of so many elements that follow one another
cdef struct params_t:
    const double* values
    Py_ssize_t planes, each

cdef struct terms_t:
    task_t t
    int kind
    int code, second_code           # dtypes of x and of the logits
    int cell                        # F32 or F64: what terms are
    const char* second              # NULL: x itself
    Py_ssize_t second_size
    params_t params
    double least                    # what smaller elements are raised to, before cubes and powers
    double most                     # exponents, in powers of two
    bint some                       # elements may be left out
    uint8_t* odd                    # planes with windows that are NaN

# where things are in the scratch of a thread
cdef struct places_t:
    char* copy
    uint8_t* on
    char* v
    char* z
    char* a
    char* b
    char* sums
    char* counts
    char* y
    char* row
    char* table
    char* roots
    char* end


cdef inline bint weighted(int kind) noexcept nogil:
    """Whether terms are of two sorts."""
    return kind == CP_TERM_SOFT or kind == CP_TERM_LSE


cdef places_t term_places(const terms_t* j, char* at) noexcept nogil:
    cdef const task_t* t = &j.t
    cdef places_t p
    cdef Py_ssize_t cell = itemsize_of(j.cell), i, row = 0
    for i in range(t.cuts):
        row = max(row, (t.kinds[t.bands[i].kind].w.n + t.kinds[t.bands[i].kind].w.out) * t.inner * (1 if t.few else 8))
    p.copy = place(&at, t.room * t.size if j.some else 0)
    p.on = <uint8_t*>place(&at, t.room if j.some else 0)
    p.v = place(&at, t.room * cell if j.code != j.cell else 0)
    p.z = place(&at, t.room * cell if j.second != NULL and j.second_code != j.cell else 0)
    p.a = place(&at, t.room * cell)
    p.b = place(&at, t.room * cell if weighted(j.kind) else 0)
    p.sums = place(&at, 2 * up(t.results * t.wide_size))
    p.counts = place(&at, t.results * t.wide_size if j.some else 0)
    p.y = place(&at, t.results * t.wide_size if t.wide != t.out_code else 0)
    p.row = place(&at, row)
    p.table = place(&at, 4 * CP_ROW(j.params.each) * cell)
    p.roots = place(&at, 4 * CP_ROW(j.params.each) * t.wide_size)
    p.end = at
    return p


cdef inline const char* as_cells(const terms_t* j, const char* x, int code, char* room, Py_ssize_t n) noexcept nogil:
    """Elements as what terms are."""
    if code == j.cell:
        return x
    (CP_INTO_FLOAT[code] if j.cell == F32 else CP_INTO_DOUBLE[code])(room, 1, x, 1, n)
    return room


cdef void make_terms(const terms_t* j, const places_t* p, Py_ssize_t plane, Py_ssize_t start, Py_ssize_t pixels,
                     Py_ssize_t at) noexcept nogil:
    """The terms of pixels of a plane, from element `at` of the piece on."""
    cdef const task_t* t = &j.t
    cdef Py_ssize_t n = pixels * t.inner, cell = itemsize_of(j.cell), place = (plane * t.pixels + start) * t.inner
    cdef const char* x = t.x + place * t.size
    cdef const char* z
    if j.some:
        copy_part(t, plane, start, pixels, p.copy + at * t.size, p.on + at)
        x = p.copy + at * t.size
    x = as_cells(j, x, j.code, p.v + at * cell, n)
    z = x if j.second == NULL else as_cells(j, j.second + place * j.second_size, j.second_code, p.z + at * cell, n)
    if j.cell == F32:
        make(j.kind, <float*>p.a + at, <float*>p.b + at, <const float*>z, <const float*>x, n, <const float*>p.table,
             j.params.each, <float>j.least, p.on + at if j.some else NULL)
    else:
        make(j.kind, <double*>p.a + at, <double*>p.b + at, <const double*>z, <const double*>x, n, <const double*>p.table,
             j.params.each, j.least, p.on + at if j.some else NULL)


cdef inline void make(int kind, mean_t* a, mean_t* b, const mean_t* z, const mean_t* x, Py_ssize_t n, const mean_t* table,
                      Py_ssize_t each, mean_t least, const uint8_t* on) noexcept nogil:
    if weighted(kind):
        if mean_t is float:
            cp_weights_f(a, b, z, x, n, table, each, kind == CP_TERM_LSE)
        else:
            cp_weights_d(a, b, z, x, n, table, each, kind == CP_TERM_LSE)
    elif kind == CP_TERM_CUBE:
        if mean_t is float:
            cp_cubes_f(a, x, n, least)
        else:
            cp_cubes_d(a, x, n, least)
    elif mean_t is float:
        cp_powers_f(a, x, n, table, each, least)
    else:
        cp_powers_d(a, x, n, table, each, least)
    if on != NULL:
        drop(a, on, n)
        if weighted(kind):
            drop(b, on, n)


cdef inline void fill_table(int kind, const params_t* q, Py_ssize_t plane, int code, void* t, double most,
                            bint roots) noexcept nogil:
    if code == F32:
        cp_table_f(<float*>t, kind, q.values + plane % q.planes, q.each, <float>most, roots)
    else:
        cp_table_d(<double*>t, kind, q.values + plane % q.planes, q.each, most, roots)


cdef inline void drop(mean_t* a, const uint8_t* on, Py_ssize_t n) noexcept nogil:
    if mean_t is float:
        cp_drop_f(a, on, n)
    else:
        cp_drop_d(a, on, n)


cdef int finish_terms(const terms_t* j, const places_t* p, char* y, const char* a, const char* b, const char* counts,
                      Py_ssize_t count_inner, Py_ssize_t windows) noexcept nogil:
    """Windows of one plane; counts: one for all windows, or count_inner for each."""
    cdef Py_ssize_t n = windows * j.t.inner, each = j.t.inner // count_inner if count_inner else n
    if j.t.wide == F32:
        return cp_finish_terms_f(j.kind, <float*>y, <const float*>a, <const float*>b, <const float*>counts, each, n,
                                 <const float*>p.roots, j.params.each)
    return cp_finish_terms_d(j.kind, <double*>y, <const double*>a, <const double*>b, <const double*>counts, each, n,
                             <const double*>p.roots, j.params.each)


cdef int some_terms(const terms_t* j, Py_ssize_t piece, const places_t* p, int threads) noexcept nogil:
    """A band of some planes."""
    cdef const task_t* t = &j.t
    cdef const band_t* band = &t.bands[piece % t.cuts]
    cdef Py_ssize_t start = piece // t.cuts * t.per, n = min(t.per, t.planes - start), i, plane, w = t.wide_size
    cdef Py_ssize_t elements = band.pixels * t.inner, windows = band.windows * t.inner
    cdef const prepared_t* g = &t.kinds[band.kind + (n != t.per)]
    cdef char* out = t.out + (start * t.windows + band.out) * t.inner * t.out_size
    cdef char* y = out if t.wide == t.out_code else p.y
    cdef char* second = p.sums + up(t.results * w)
    cdef void* at[2]
    cdef int status = 0
    for i in range(n):
        if j.params.planes > 1:
            fill_table(j.kind, &j.params, start + i, j.cell, p.table, j.most, False)
        make_terms(j, p, start + i, band.start, band.pixels, i * elements)
    at[0], at[1] = p.a, p.sums
    status = g.run(g.memory, at, threads)
    if status == 0 and weighted(j.kind):
        at[0], at[1] = p.b, second
        status = g.run(g.memory, at, threads)
    for i in range(n if status == 0 else 0):
        plane = start + i
        if j.params.planes > 1:
            fill_table(j.kind, &j.params, plane, t.wide, p.roots, 0, True)
        if j.some:
            if t.few:
                count_windows(g, p.on + i * elements, t.inner, t.wide, p.counts, <uint8_t*>p.row)
            else:
                count_windows(g, p.on + i * elements, t.inner, t.wide, p.counts, <uint64_t*>p.row)
            j.odd[plane] |= finish_terms(j, p, y + i * windows * w, p.sums + i * windows * w, second + i * windows * w,
                                         p.counts, t.inner, band.windows)
        else:
            # counts of the windows, or one that all of them have
            j.odd[plane] |= finish_terms(j, p, y + i * windows * w, p.sums + i * windows * w, second + i * windows * w,
                                         t.counts + (band.out * w if t.mask_inner else 0), t.mask_inner, band.windows)
    if y != out and status == 0:
        (CP_FROM_FLOAT[t.out_code] if t.wide == F32 else CP_FROM_DOUBLE[t.out_code])(out, 1, y, 1, n * windows)
    return status


cdef int term_pieces(const terms_t* j, Py_ssize_t start, Py_ssize_t stop, int threads) noexcept nogil:
    cdef char* memory = <char*>malloc(term_places(j, NULL).end - <char*>NULL + 64)
    cdef places_t p
    cdef Py_ssize_t i
    cdef int status = 0
    if memory == NULL:
        return NO_MEMORY
    p = term_places(j, memory + (64 - <size_t>memory % 64) % 64)
    fill_table(j.kind, &j.params, 0, j.cell, p.table, j.most, False)
    fill_table(j.kind, &j.params, 0, j.t.wide, p.roots, 0, True)
    for i in range(start, stop):
        if status == 0:
            status = some_terms(j, i, &p, threads)
    free(memory)
    return status


cdef params_t parameters_of(params, Py_ssize_t inner):
    cdef params_t q
    q.values, q.planes, q.each = <const double*>whole(params), 1, 1
    if inner > 1:
        q.each = len(params)
    else:
        q.planes = len(params)
    return q


def terms(int kind, x, int code, second, int second_code, mask, limits, int per, bands, jobs, out, int out_code, odd, params,
          counts, double least, double most, int cell, int wide, bint few, int threads):
    """Write a smooth reducer of x into out; the arguments of `masked`.

    Parameters
    ----------
    kind : int
        0: the sum weighted by exp(alpha z), z being `second` or x; 1: the log-mean-exp; 2: the root of the mean of cubes, 3:
        of other powers.
    mask : None, or bool of the shape of x
    odd : (planes,) of uint8, zeros
        Becomes 1 where windows of the plane came to NaN.
    params : (1,) or (channels,) of float64
        alpha, r or p; for planes in turn, or for the elements of a pixel.
    counts : (1,) or (windows,), of dtype `wide`
        Taps of the windows, as far as they lie in x.
    least : float
        What smaller elements are raised to, before cubes and powers.
    most : float
        Of exponents, in powers of two.
    cell, wide : int
        What terms and their sums are.
    """
    cdef terms_t j
    cdef Py_ssize_t i, n = len(jobs), total
    cdef int failed = 0
    memset(&j, 0, sizeof(j))
    describe(&j.t, x, mask, None, limits)
    j.t.per, j.t.bands, j.t.cuts = per, <const band_t*>whole(bands), len(bands)
    j.t.room, j.t.results = per * int(bands[:, 1].max()) * j.t.inner, per * int(bands[:, 3].max()) * j.t.inner
    j.t.windows = out.shape[1] * out.shape[2] * out.shape[3]
    j.t.out, j.t.out_code, j.t.out_size = <char*>whole(out), out_code, out.itemsize
    j.t.wide, j.t.wide_size, j.t.few, j.t.counts = wide, itemsize_of(wide), few, <const char*>whole(counts)
    j.kind, j.code, j.second_code, j.cell, j.least, j.most = kind, code, second_code, cell, least, most
    j.second, j.second_size = <const char*>whole(second), itemsize_of(second_code)
    j.params, j.odd = parameters_of(params, j.t.inner), <uint8_t*>whole(odd)
    j.some = mask is not None or j.t.nan < j.t.top
    if not j.some:
        j.t.mask_inner = 1 if len(counts) > 1 else 0
    j.t.kinds = <prepared_t*>malloc(n * sizeof(prepared_t))
    if j.t.kinds == NULL:
        raise MemoryError
    try:
        for i in range(n):
            fetch(&j.t.kinds[i], jobs[i], 2)
        total = (j.t.planes + per - 1) // per * j.t.cuts
        with nogil:
            if threads <= 1 or total < threads:
                failed = term_pieces(&j, 0, total, threads)
            else:
                for i in prange(threads, num_threads=threads, schedule="static"):
                    failed |= term_pieces(&j, total * i // threads, total * (i + 1) // threads, 1)
    finally:
        free(j.t.kinds)
    if failed:
        raise MemoryError("no memory for terms")


# ---- windows of 2 x 2 that do not overlap: terms of a few rows, in the L1 cache ----

cdef enum:
    SOME = 8192             # bytes of terms at a time, about

cdef struct pairs_t:
    int kind, cell
    const char* x
    const char* z           # x, or the logits
    char* out
    Py_ssize_t rows, row, inner         # of a plane; elements of a row
    Py_ssize_t out_rows, cols           # of a plane; windows of a row
    params_t params
    double least, most
    uint8_t* odd


cdef void pairs_of_rows(const pairs_t* j, Py_ssize_t begin, Py_ssize_t end, mean_t* a, mean_t* b, mean_t* sums,
                        mean_t* others, mean_t* table, mean_t* roots) noexcept nogil:
    """Rows of windows begin .. end - 1, numbered through all planes."""
    cdef Py_ssize_t plane, o, n, i, k, at, rows, row, each = j.params.each, filled = -1
    # windows of a row at a time, or rows
    cdef Py_ssize_t some = SOME // sizeof(mean_t), most = max(<Py_ssize_t>1, some // (4 * j.inner)), wide = j.cols * j.inner
    cdef mean_t* y = <mean_t*>j.out + begin * wide
    cdef const mean_t* x
    cdef const mean_t* z
    while begin < end:
        plane, o = begin // j.out_rows, begin % j.out_rows
        if plane % j.params.planes != filled:
            filled = plane % j.params.planes
            fill_table(j.kind, &j.params, plane, j.cell, table, j.most, False)
            fill_table(j.kind, &j.params, plane, j.cell, roots, 0, True)
        at = (plane * j.rows + 2 * o) * j.row
        rows = 1
        if 4 * j.row <= some:
            rows = min(min(some // (2 * j.row), j.out_rows - o), end - begin)
            if rows > 4:
                rows &= -4              # mostly whole registers
        i = 0
        while i < j.cols:
            n = min(j.cols - i, most) if rows == 1 else j.cols
            x, z = <const mean_t*>j.x + at + 2 * i * j.inner, <const mean_t*>j.z + at + 2 * i * j.inner
            if rows == 1:
                row = 2 * n * j.inner
                for k in range(2):
                    make(j.kind, a + k * row, b + k * row, z + k * j.row, x + k * j.row, row, table, each,
                         <mean_t>j.least, NULL)
            else:
                row = j.row
                make(j.kind, a, b, z, x, rows * 2 * row, table, each, <mean_t>j.least, NULL)
            if mean_t is float:
                cp_windows_f(sums, a, row, rows, n, j.inner)
                if weighted(j.kind):
                    cp_windows_f(others, b, row, rows, n, j.inner)
            else:
                cp_windows_d(sums, a, row, rows, n, j.inner)
                if weighted(j.kind):
                    cp_windows_d(others, b, row, rows, n, j.inner)
            if mean_t is float:
                k = cp_finish_terms_f(j.kind, y + i * j.inner, sums, others, NULL, 0, rows * n * j.inner, roots, each)
            else:
                k = cp_finish_terms_d(j.kind, y + i * j.inner, sums, others, NULL, 0, rows * n * j.inner, roots, each)
            if k:
                j.odd[plane] = 1
            i += n
        y += rows * wide
        begin += rows


cdef int pairs_part(const pairs_t* j, Py_ssize_t begin, Py_ssize_t end) noexcept nogil:
    # two rows of terms of either sort, and their windows; tables
    cdef Py_ssize_t room = max(<Py_ssize_t>SOME // 4, 4 * j.inner) + 64, tables = 4 * CP_ROW(j.params.each)
    cdef char* memory = <char*>malloc((4 * room + 2 * tables) * 8 + 64)
    cdef char* at = memory + (64 - <size_t>memory % 64) % 64
    if memory == NULL:
        return NO_MEMORY
    if j.cell == F32:
        pairs_of_rows(j, begin, end, <float*>at, <float*>at + room, <float*>at + 2 * room, <float*>at + 3 * room,
                      <float*>at + 4 * room, <float*>at + 4 * room + tables)
    else:
        pairs_of_rows(j, begin, end, <double*>at, <double*>at + room, <double*>at + 2 * room, <double*>at + 3 * room,
                      <double*>at + 4 * room, <double*>at + 4 * room + tables)
    free(memory)
    return 0


def term_pairs(int kind, x, int cell, second, out, odd, params, double least, double most, int threads):
    """`terms` for windows of 2 x 2 that do not overlap, all in x, where x, the logits, terms and results are of one dtype."""
    cdef pairs_t j
    cdef Py_ssize_t i, total = out.shape[0] * out.shape[2]
    cdef int failed = 0
    j.kind, j.cell, j.x, j.out = kind, cell, <const char*>whole(x), <char*>whole(out)
    j.z = j.x if second is None else <const char*>whole(second)
    j.rows, j.inner = x.shape[2], x.shape[4]
    j.row, j.out_rows, j.cols = x.shape[3] * j.inner, out.shape[2], out.shape[3]
    j.params, j.most, j.odd = parameters_of(params, j.inner), most, <uint8_t*>whole(odd)
    j.least = least
    with nogil:
        for i in prange(threads, num_threads=threads, schedule="static"):
            failed |= pairs_part(&j, total * i // threads, total * (i + 1) // threads)
    if failed:
        raise MemoryError("no memory for terms")
