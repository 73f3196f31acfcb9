# Masked averages of float32 and float64 over windows of up to 3 x 3 x 3, straight from x (masked_rows.h).
#
# The sums and counts of the columns of some rows of windows, in lines that begin and end with zeros where windows reach into
# the padding; then the averages. For a window of the same size the order of additions is that of the kernel for sums.
# Lines of even length whose windows are pairs run on from row to row: rows of 28 averages are too short for vectors of 16.

cdef extern from "masked.h" nogil:
    enum: CP_SPARE
    ctypedef struct rows_t "cp_lines_t":
        Py_ssize_t rows, pitch, step, mask_step, pad_step, ahead, fresh, mask_fresh
        const void* over
    void cp_rows_float(const rows_t* l, float* s, uint8_t* c, const float** x, const uint8_t** m, Py_ssize_t n, int k, int omit)
    void cp_rows_double(const rows_t* l, double* s, uint8_t* c, const double** x, const uint8_t** m, Py_ssize_t n, int k,
                        int omit)
    void cp_means_float(const rows_t* l, float* y, const float** s, const uint8_t** c, const float* pad, Py_ssize_t n,
                        float least, int k, int step)
    void cp_means_double(const rows_t* l, double* y, const double** s, const uint8_t** c, const double* pad, Py_ssize_t n,
                         double least, int k, int step)
    void cp_pairs_float(const rows_t* l, float* y, const float** x, const uint8_t** m, const float* pad, Py_ssize_t n,
                        float least, int k, int omit)
    void cp_pairs_double(const rows_t* l, double* y, const double** x, const uint8_t** m, const double* pad, Py_ssize_t n,
                         double least, int k, int omit)
    void cp_spaced_float(const rows_t* l, float* y, const float** s, const uint8_t** c, const float* pad, Py_ssize_t n,
                         Py_ssize_t inner, Py_ssize_t step, float least, int k)
    void cp_spaced_double(const rows_t* l, double* y, const double** s, const uint8_t** c, const double* pad, Py_ssize_t n,
                          Py_ssize_t inner, Py_ssize_t step, double least, int k)
    void cp_widen(uint8_t* to, const uint8_t* m, Py_ssize_t pixels, Py_ssize_t inner, const uint8_t* table)
    void cp_apart_float(float* to, uint8_t* to_count, const float* s, const uint8_t* c, Py_ssize_t windows, Py_ssize_t inner,
                        Py_ssize_t step)
    void cp_apart_double(double* to, uint8_t* to_count, const double* s, const uint8_t* c, Py_ssize_t windows,
                         Py_ssize_t inner, Py_ssize_t step)
    bint CP_HAS_PIXELS, CP_HAS_PAIRS
    enum: CP_ROWS, CP_ELEMENTS, CP_ELEMENTS_OMIT, CP_WHOLE_PIXELS, CP_WHOLE_PIXELS_OMIT
    ctypedef struct pixels_t "cp_pixels_t":
        Py_ssize_t inner, windows, n, stride, dilation, lo, rows, columns, row, ahead, fresh
        const int* counts
        const void* over
        void* y
    void cp_whole_pixels(int* to, const uint8_t* m, Py_ssize_t n)
    void cp_count_pixels(int* to, const uint8_t** on, Py_ssize_t rows, Py_ssize_t n)
    void cp_pixels_float(const pixels_t* p, float* y, const float** x, const uint8_t** m, const float* pad, float least,
                         int kind)
    void cp_pixels_double(const pixels_t* p, double* y, const double** x, const uint8_t** m, const double* pad, double least,
                          int kind)

cdef enum:
    LINES = 2048            # elements of the lines that are made at a time, about
    WHOLE = 16              # elements of the longest vector
    SHORT = 2048            # elements of a row whose lines are made together
    SHARE = 256             # elements of a longer row between prefetches
    FETCH = 8192            # bytes that prefetches are ahead, or more
    LARGE = 1 << 24         # bytes of x from which on pixels are fetched: 26 MB take .62 ms instead of 1.1, 13 MB .29 and .24

cdef enum:
    SINGLES = 1             # windows of neighbouring elements begin next to each other
    PAIRS = 2               # at every second element
    PIXELS = 3              # windows of many channels, each on its own: without lines, where there are vectors
    APART = 4               # taps are gathered
    SPACED = 5              # sums are, in registers

# what mask there is
cdef enum:
    NO_MASK = 0
    BY_PIXEL = 1            # a byte for all elements of a pixel
    BY_ELEMENT = 2

cdef struct averages_t:
    task_t t
    axis_t d, h, w
    const char* x_end
    const uint8_t* mask_end
    int mode
    Py_ssize_t repeat, groups
    bint omit
    const char* over                    # what is divided by counts, or NULL: the sums
    bint given                          # there is such
    bint padded                         # divisors count taps in the padding, of which there is some
    double least                        # what a divisor is at least
    int way
    bint runs_on
    bint clear                          # pairs share nothing, and all are whole: no lines
    bint together                       # columns of all lines at once
    Py_ssize_t row, wide                # elements of a row of x and of the result
    Py_ssize_t full, full_end           # rows of windows that reach into no padding
    Py_ssize_t lead, pitch, lines       # elements before a row in a line, of a line; lines
    Py_ssize_t slots                    # rows of the mask that are held
    Py_ssize_t span                     # or, of each plane of a window, that are widened at a time; 0: none

# where windows are: their plane, and the first of their rows, and how many, in D and in H
cdef struct spot_t:
    Py_ssize_t plane, d, depth, h, height

# the scratch of a thread
cdef struct lines_t:
    char* s
    uint8_t* c
    char* tap[3]
    uint8_t* tap_count[3]
    char* pads                          # of a row of windows, and what they are made of
    char* real
    char* counting
    uint8_t* spread                     # some rows of the mask with a byte for each channel
    Py_ssize_t* held                    # which rows these are
    uint8_t* table
    char* short_x
    uint8_t* short_m
    char* end


cdef lines_t line_places(const averages_t* a, char* at) noexcept nogil:
    cdef lines_t own
    cdef Py_ssize_t size = a.t.wide_size, spare = CP_SPARE, j
    own.s = place(&at, ((1 if a.clear else a.lines) * a.pitch + spare) * size)
    own.c = <uint8_t*>place(&at, (1 if a.clear else a.lines) * a.pitch + spare)
    for j in range(3):
        own.tap[j] = place(&at, (a.wide + spare) * size if a.way == APART else 0)
        own.tap_count[j] = <uint8_t*>place(&at, a.wide + spare if a.way == APART else 0)
    own.short_x = place(&at, CP_ROWS * spare * size)
    own.short_m = <uint8_t*>place(&at, CP_ROWS * spare)
    own.pads = place(&at, (a.wide + spare) * size if a.padded else 0)
    own.real = place(&at, a.wide * size if a.padded else 0)
    own.counting = place(&at, a.wide * size if a.padded else 0)
    own.spread = <uint8_t*>place(&at, a.slots * max(a.row, 4 * up(a.w.n)) + 3 * a.span * a.row + spare)
    own.held = <Py_ssize_t*>place(&at, CP_ROWS * sizeof(Py_ssize_t))
    own.table = <uint8_t*>place(&at, 16 * 16)
    own.end = at
    return own


cdef inline const void* over(const averages_t* a, const mean_t* y) noexcept nogil:
    return NULL if a.over == NULL else a.over + (<const char*>y - a.t.out)


cdef void windows_of_rows(const averages_t* a, const lines_t* l, mean_t* y, const mean_t* s, const uint8_t* c,
                          Py_ssize_t rows) noexcept nogil:
    """The averages of rows of windows from their lines."""
    cdef Py_ssize_t inner = a.t.inner, j, r, step = a.w.stride * inner, n = a.wide
    cdef rows_t lines
    cdef int k = <int>a.w.kernel
    cdef const mean_t* at[3]
    cdef const uint8_t* on[3]
    cdef const mean_t* pad = <const mean_t*>l.pads if a.padded else NULL
    lines.rows, lines.pitch, lines.step, lines.pad_step = 1, a.pitch, a.wide, 0
    if a.runs_on:
        n *= rows
        rows = 1
    if a.way == SINGLES or a.way == PAIRS or a.way == SPACED:
        lines.rows, rows = rows, 1
    for r in range(rows):
        lines.over = over(a, y + r * a.wide)
        for j in range(3):
            at[j] = s + r * a.pitch + (j if j < k else 0) * a.w.dilation * inner
            on[j] = c + r * a.pitch + (j if j < k else 0) * a.w.dilation * inner
        if a.way == PIXELS:
            # windows take the place of lines
            lines.rows, lines.pitch, lines.step, lines.pad_step, n = a.w.out, step, inner, inner, inner
        elif a.way == APART and not CP_HAS_PAIRS:
            for j in range(k):
                if mean_t is float:
                    cp_apart_float(<float*>l.tap[j], l.tap_count[j], at[j], on[j], a.w.out, inner, step)
                else:
                    cp_apart_double(<double*>l.tap[j], l.tap_count[j], at[j], on[j], a.w.out, inner, step)
                at[j], on[j] = <mean_t*>l.tap[j], l.tap_count[j]
        if mean_t is float:
            if a.way == SPACED:
                cp_spaced_float(&lines, y, at, on, pad, a.w.out, inner, step, <float>a.least, k)
            else:
                cp_means_float(&lines, y + r * a.wide, at, on, pad, n, <float>a.least, k, 2 if a.way == PAIRS else 1)
        elif a.way == SPACED:
            cp_spaced_double(&lines, y, at, on, pad, a.w.out, inner, step, a.least, k)
        else:
            cp_means_double(&lines, y + r * a.wide, at, on, pad, n, a.least, k, 2 if a.way == PAIRS else 1)


cdef void begin_pads(const averages_t* a, mean_t* real, mean_t* counting) noexcept nogil:
    cdef Py_ssize_t o, i
    for o in range(a.w.out):
        for i in range(a.t.inner):
            real[o * a.t.inner + i] = <mean_t>axis_taps(&a.w, o)
            counting[o * a.t.inner + i] = <mean_t>axis_divisor(&a.w, o)


cdef void set_pads(const averages_t* a, mean_t* pads, const mean_t* real, const mean_t* counting, mean_t rows,
                   mean_t counting_rows) noexcept nogil:
    """What the divisors of a row of windows have beside the count, for windows of so many rows."""
    cdef Py_ssize_t i
    for i in range(a.wide):
        pads[i] = counting_rows * counting[i] - rows * real[i]


cdef void average_rows(const averages_t* a, Py_ssize_t begin, Py_ssize_t end, char* memory, mean_t* tag) noexcept nogil:
    """Rows of windows begin .. end - 1, numbered through all planes."""
    cdef const task_t* t = &a.t
    cdef lines_t own = line_places(a, memory)
    cdef spot_t at
    cdef Py_ssize_t od, o, i, n, rows, depth_divisor = 1
    cdef Py_ssize_t counting, had = -1, had_counting = -1, had_depth = -1
    cdef mean_t* s = <mean_t*>own.s
    cdef mean_t* y = <mean_t*>t.out + begin * a.wide
    memset(memory, 0, own.spread - <uint8_t*>memory)
    memset(own.spread, 1, a.slots * a.row + CP_SPARE)
    memset(own.held, 255, CP_ROWS * sizeof(Py_ssize_t))
    if a.mode == BY_PIXEL and t.inner < 16:
        for i in range(16 * t.inner):
            own.table[i] = <uint8_t>(i // t.inner)
    if a.padded:
        begin_pads(a, <mean_t*>own.real, <mean_t*>own.counting)
    while begin < end:
        i, o = begin // a.h.out, begin % a.h.out
        at.plane, od = i // a.d.out, i % a.d.out
        if od != had_depth:
            at.d, at.depth, depth_divisor, had_depth = axis_first(&a.d, od), axis_taps(&a.d, od), axis_divisor(&a.d, od), od
        # one row that reaches into the padding, or some that do not
        rows = min(min(a.lines, a.full_end - o), end - begin) if a.full <= o < a.full_end else 1
        at.height, counting = a.h.kernel, a.h.kernel
        if not a.full <= o < a.full_end:
            at.height, counting = axis_taps(&a.h, o), axis_divisor(&a.h, o)
        at.h = axis_first(&a.h, o)
        if at.depth == 0:
            rows = 1
        n, counting = at.depth * at.height, counting * depth_divisor
        if a.padded and (n != had or counting != had_counting):
            set_pads(a, <mean_t*>own.pads, <const mean_t*>own.real, <const mean_t*>own.counting, <mean_t>n, <mean_t>counting)
            had, had_counting = n, counting
        i = a.lead - a.w.lo * t.inner
        if a.way == PIXELS and CP_HAS_PIXELS:
            rows = 1
            average_pixels(a, &own, y, &at)
        elif a.clear and n > 0:
            add_rows(a, &own, y, NULL, &at, rows)
        else:
            if a.together:
                add_rows(a, &own, s + a.lead, own.c + a.lead, &at, rows)
            else:
                for i in range(rows):
                    add_rows(a, &own, s + i * a.pitch + a.lead, own.c + i * a.pitch + a.lead, &at, 1)
                    at.h += a.h.stride
            i = a.lead - a.w.lo * t.inner
            windows_of_rows(a, &own, y, <const mean_t*>s + i, <const uint8_t*>own.c + i, rows)
        y += rows * a.wide
        begin += rows


cdef void row_places(const averages_t* a, const lines_t* l, const spot_t* at, Py_ssize_t rows, bint whole, const mean_t** x,
                     const uint8_t** m) noexcept nogil:
    """The rows of the first of some windows, of x and of the mask; whole: with four bytes for each pixel."""
    cdef const task_t* t = &a.t
    cdef Py_ssize_t i, j, k, row, q = at.plane // a.repeat % a.groups, planes = a.d.n * a.h.n
    cdef Py_ssize_t d = at.d // a.d.dilation % 3, h = at.h // a.h.dilation % 3
    cdef const uint8_t* first
    for i in range(at.depth if a.span else 0):
        first = t.mask + (q * planes + (at.d + i * a.d.dilation) * a.h.n + at.h) * a.w.n
        k = (rows - 1) * a.h.stride + (at.height - 1) * a.h.dilation + 1
        cp_widen(l.spread + i * a.span * a.row, first, k * a.w.n, t.inner, l.table)
    for j in range(at.height):
        for i in range(at.depth):
            k = j * at.depth + i        # the order of the kernel for sums
            row = (at.d + i * a.d.dilation) * a.h.n + at.h + j * a.h.dilation
            x[k] = <const mean_t*>t.x + (at.plane * planes + row) * a.row
            row += q * planes
            if t.mask == NULL:
                m[k] = l.spread
            elif t.mask_inner == t.inner:
                m[k] = t.mask + row * a.row
            elif a.span:
                m[k] = l.spread + (i * a.span + j * a.h.dilation) * a.row
            else:
                m[k] = widened(a, l, row, (d + i) % 3 * 3 + (h + j) % 3, whole)


cdef void average_pixels(const averages_t* a, const lines_t* l, mean_t* y, const spot_t* at) noexcept nogil:
    """A row of windows."""
    cdef const task_t* t = &a.t
    cdef bint whole = t.mask != NULL and t.mask_inner != t.inner
    cdef int kind = (CP_WHOLE_PIXELS if whole else CP_ELEMENTS) + a.omit
    cdef const mean_t* pad = <const mean_t*>l.pads if a.padded else NULL
    cdef const mean_t* x[CP_ROWS]
    cdef const uint8_t* m[CP_ROWS]
    cdef pixels_t p
    p.inner, p.windows, p.rows, p.columns, p.row = t.inner, a.w.out, at.depth * at.height, a.w.kernel, a.row
    p.n, p.stride, p.dilation, p.lo = a.w.n, a.w.stride, a.w.dilation, a.w.lo
    p.fresh = a.h.stride if t.planes * t.pixels * t.inner * <Py_ssize_t>sizeof(mean_t) > LARGE else 0
    p.ahead = (((at.depth - 1) * a.d.dilation) * a.h.n + (a.h.kernel - 1) * a.h.dilation + 1) * a.row
    p.counts, p.over, p.y = <const int*>l.s, over(a, y), y
    row_places(a, l, at, 1, whole, x, m)
    if kind == CP_WHOLE_PIXELS:
        cp_count_pixels(<int*>l.s, m, p.rows, a.w.n)
    if mean_t is float:
        cp_pixels_float(&p, y, x, m, pad, <float>a.least, kind)
    else:
        cp_pixels_double(&p, y, x, m, pad, a.least, kind)


cdef inline const uint8_t* widened(const averages_t* a, const lines_t* l, Py_ssize_t i, Py_ssize_t slot,
                                   bint whole) noexcept nogil:
    """Row i of all masks with a byte for each element, or four for each pixel, of which those of a window are kept."""
    cdef uint8_t* row = l.spread + slot * (4 * up(a.w.n) if whole else a.row)
    cdef const uint8_t* m = a.t.mask + i * a.w.n
    if l.held[slot] != i:
        l.held[slot] = i
        if whole:
            cp_whole_pixels(<int*>row, m, a.w.n)
        else:
            cp_widen(row, m, a.w.n, a.t.inner, l.table)
    return row


cdef void add_rows(const averages_t* a, const lines_t* l, mean_t* s, uint8_t* c, const spot_t* at,
                   Py_ssize_t rows) noexcept nogil:
    """Sums and counts of the columns of rows of windows; with c NULL averages. The rows that the next windows need are
    fetched."""
    cdef const task_t* t = &a.t
    cdef Py_ssize_t row = a.row, i, j, k, n = at.depth * at.height, size = sizeof(mean_t), more = a.h.stride * row
    cdef bint own = t.mask != NULL and t.mask_inner == t.inner
    cdef const mean_t* pad = <const mean_t*>l.pads if a.padded else NULL
    cdef const mean_t* x[CP_ROWS]
    cdef const uint8_t* m[CP_ROWS]
    cdef rows_t lines
    if n == 0:
        memset(s, 0, row * size)
        memset(c, 0, row)
        return
    row_places(a, l, at, rows, False, x, m)
    for j in range(n if row < WHOLE else 0):
        if <const char*>(x[j] + WHOLE) > a.x_end:
            x[j] = <const mean_t*>memcpy(l.short_x + j * CP_SPARE * size, x[j], row * size)
        if own and m[j] + WHOLE > a.mask_end:
            m[j] = <const uint8_t*>memcpy(l.short_m + j * CP_SPARE, m[j], row)
    lines.rows, lines.pitch, lines.step, lines.mask_step = rows, a.pitch, more, more if own or a.span else 0
    lines.over = over(a, s) if c == NULL else NULL
    lines.ahead = row + max(FETCH // size - more, <Py_ssize_t>0)
    i = 0
    while i < row:
        # long rows by pieces, each with its share of what is fetched
        k = row - i if c == NULL or row < SHORT or row - i < 2 * SHARE else <Py_ssize_t>SHARE
        lines.fresh = a.h.stride * k
        lines.mask_fresh = lines.fresh if own else 0
        if mean_t is float:
            if c == NULL:
                cp_pairs_float(&lines, s, x, m, pad, a.wide, <float>a.least, <int>n, a.omit)
            else:
                cp_rows_float(&lines, s + i, c + i, x, m, k, <int>n, a.omit)
        elif c == NULL:
            cp_pairs_double(&lines, s, x, m, pad, a.wide, a.least, <int>n, a.omit)
        else:
            cp_rows_double(&lines, s + i, c + i, x, m, k, <int>n, a.omit)
        lines.ahead += (a.h.stride - 1) * k
        for j in range(n):
            x[j] += k
            m[j] += k
        i += k
    if row < WHOLE:
        memset(s + row, 0, WHOLE * size)
        memset(c + row, 0, WHOLE)


cdef int average_part(const averages_t* a, Py_ssize_t begin, Py_ssize_t end) noexcept nogil:
    cdef char* memory = <char*>malloc(line_places(a, NULL).end - <char*>NULL + 64)
    if memory == NULL:
        return NO_MEMORY
    if a.t.wide == F32:
        average_rows(a, begin, end, memory + (64 - <size_t>memory % 64) % 64, <float*>NULL)
    else:
        average_rows(a, begin, end, memory + (64 - <size_t>memory % 64) % 64, <double*>NULL)
    free(memory)
    return 0


cdef void prepare_averages(void* memory, const asked_t* task, Windows plan) noexcept:
    cdef averages_t* a = <averages_t*>memory
    cdef axis_t* w = &a.w
    cdef Py_ssize_t i, n, inner = plan.inner
    a.mode, a.omit, a.repeat, a.groups = task.mode, task.omit, task.repeat, task.groups
    a.d, a.h, a.w = plan.d, plan.h, plan.w
    a.t.planes, a.t.pixels, a.t.inner = plan.outer, a.d.n * a.h.n * w.n, inner
    a.t.mask_inner = 1 if a.mode == BY_PIXEL else inner
    a.t.wide, a.t.size = task.code, itemsize_of(task.code)
    a.t.wide_size = a.t.size
    # 0 / 0 is the NaN of a window without elements
    a.given = task.normalize
    a.least = 1 if plan.include_pad or a.given else 0
    a.padded = plan.include_pad and (a.d.lo or a.d.hi or a.h.lo or a.h.hi or w.lo or w.hi)
    a.row, a.wide = w.n * inner, w.out * inner
    if w.stride == 1 or (inner == 1 and w.out == 1):
        a.way = SINGLES
    elif inner == 1 and w.stride == 2 and w.dilation == 1 and w.kernel > 1:
        a.way = PAIRS
    elif inner >= WHOLE or (CP_HAS_PAIRS and inner * a.t.size > 64):
        a.way = PIXELS
    else:
        a.way = SPACED if CP_HAS_PAIRS else APART
    a.lead = w.lo * inner
    a.pitch = max(w.lo + w.n, (w.out - 1) * w.stride + (w.kernel - 1) * w.dilation + 1) * inner
    a.runs_on = a.way == PAIRS and w.kernel == 2 and w.n == 2 * w.out and w.lo == 0 and not a.padded
    a.clear = CP_HAS_PAIRS and a.way == PAIRS and w.kernel == 2 and w.lo == 0 and w.n >= 2 * w.out and w.out >= WHOLE
    a.lines = a.h.out if a.clear else max(<Py_ssize_t>1, LINES // max(a.pitch, <Py_ssize_t>1))
    a.slots = 1
    if a.mode == BY_PIXEL and inner > 1:
        a.slots = 3 if a.d.n == 1 else CP_ROWS
    # not where whole vectors reach behind a row, rows are long, or the same rows of a mask are widened twice
    i = (a.h.kernel - 1) * a.h.dilation + 1
    n = min((a.lines - 1) * a.h.stride + i, a.h.n)
    a.together = a.row >= WHOLE and a.row < SHORT and (a.slots == 1 or (a.h.stride <= i and n < 2 * a.lines * a.h.stride))
    if a.together and a.slots > 1 and not (CP_HAS_PIXELS and a.way == PIXELS):
        a.span = n
    a.full = (a.h.lo + a.h.stride - 1) // a.h.stride
    i = a.h.n + a.h.lo - (a.h.kernel - 1) * a.h.dilation - 1
    a.full_end = 0 if i < 0 else min(i // a.h.stride + 1, a.h.out)


cdef int run_averages(const void* prepared, void** at, int threads) noexcept nogil:
    """Write the averages of what takes part of x, float32 or float64; windows are at most 3 x 3 x 3.

    Or divide by how many elements take part what is given for each window, instead of the sum.
    """
    cdef averages_t a = (<const averages_t*>prepared)[0]
    cdef Py_ssize_t total = a.t.planes * a.d.out * a.h.out, i
    cdef int failed = 0
    i = 1 if a.mode == NO_MASK else 2
    a.over = <const char*>at[i] if a.given else NULL
    a.t.x, a.t.out = <const char*>at[0], <char*>at[i + a.given]
    a.t.mask = NULL if a.mode == NO_MASK else <const unsigned char*>at[1]
    a.x_end = a.t.x + a.t.planes * a.t.pixels * a.t.inner * a.t.size
    a.mask_end = a.t.mask + (0 if a.mode == NO_MASK else a.groups * a.t.pixels * a.t.mask_inner)
    if threads <= 1:
        return average_part(&a, 0, total)
    for i in prange(threads, num_threads=threads, schedule="static"):
        failed |= average_part(&a, total * i // threads, total * (i + 1) // threads)
    return failed


cdef kernel_api_t AVERAGES = kernel_api_t(sizeof(averages_t), prepare_averages, run_averages)
apis = {"masked_averages": PyCapsule_New(&AVERAGES, "cpool.kernel", NULL)}
