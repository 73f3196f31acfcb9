# Regions of interest: boxes over feature maps, each cut into bins, a value for every bin and channel.
#
# a) Channels are the lanes. x comes as (image, group, block, row, column, lane), `lanes_t` says where: a channels-last array
#    as it is, or a copy that `to_lanes` has made of the pixels that any box can need, in blocks of 16 channels so that the
#    pixels of a box lie close together. The copy costs one pass over these pixels, and a bin then 16 channels at a time.
# b) Averages of bilinear samples, exact integrals and plain means of a bin are all sums of wy[r] * wx[c] * x[r, c]: a bin is
#    separable. So each axis of a box becomes a table, the rows (columns) of each bin and their weights, and one loop serves
#    all of them. Samples outside the image and weights of 0 have no entry: a NaN beside a box does not reach it. Tables
#    are built in double, and used in float for 32-bit and 16-bit arrays while a bin has at most 12 rows and columns.
# c) Position-sensitive pooling: bin b reads group b of the channels. Groups are an axis of the lanes.
# d) Forward is parallel over regions. Backward is parallel over tiles of the gradient of x (image, group, block, rows,
#    columns), each in double in a scratch of its own to which every region adds its part, in the order of the regions:
#    nothing races, and the bits do not depend on the threads. Tables are built again for every tile.
# e) Maximum of samples: `align_max` also says which sample won, `align_max_backward` and `align_max_jvp` start from that.
#
# Scratch per thread: the results of a region for one block, and its tables; or a tile of at most 1 MB.

from libc.math cimport ceil, floor, round
from libc.stdlib cimport malloc, free
from libc.string cimport memset
from cython.parallel cimport prange

from cpool._plan cimport address
from cpool._kernels.numeric cimport F32, F64, I32, i64, itemsize_of

ctypedef void (*fetch_fn)(double*, const void*, Py_ssize_t, Py_ssize_t) noexcept nogil
ctypedef void (*store_fn)(const void*, Py_ssize_t, void*, Py_ssize_t, Py_ssize_t, Py_ssize_t, Py_ssize_t) noexcept nogil
ctypedef void (*best_fn)(void*, i64*, Py_ssize_t, const void*, Py_ssize_t, Py_ssize_t, Py_ssize_t, Py_ssize_t, Py_ssize_t,
                         Py_ssize_t, Py_ssize_t, Py_ssize_t) noexcept nogil
ctypedef void (*lanes_fn)(const void*, void*, Py_ssize_t, Py_ssize_t, Py_ssize_t, Py_ssize_t, Py_ssize_t,
                          Py_ssize_t) noexcept nogil

cdef extern from "regions.h" nogil:
    enum:
        CP_REGION_LANES     # channels at a time, at most
    void cp_sum_ff(float* out, const float* x, Py_ssize_t row, Py_ssize_t column, const Py_ssize_t* ys, const float* wy,
                   Py_ssize_t ny, const Py_ssize_t* xs, const float* wx, Py_ssize_t nx, Py_ssize_t n, bint add)
    void cp_sum_fd(double* out, const float* x, Py_ssize_t row, Py_ssize_t column, const Py_ssize_t* ys, const double* wy,
                   Py_ssize_t ny, const Py_ssize_t* xs, const double* wx, Py_ssize_t nx, Py_ssize_t n, bint add)
    void cp_sum_dd(double* out, const double* x, Py_ssize_t row, Py_ssize_t column, const Py_ssize_t* ys, const double* wy,
                   Py_ssize_t ny, const Py_ssize_t* xs, const double* wx, Py_ssize_t nx, Py_ssize_t n, bint add)
    best_fn cp_best_f32, cp_best_f64, cp_best_i32, cp_best_i64, cp_best_u64
    fetch_fn cp_fetch_f32, cp_fetch_f64, cp_fetch_f16, cp_fetch_bf16
    store_fn cp_store_ff, cp_store_f_f16, cp_store_f_bf16, cp_store_df, cp_store_dd, cp_store_d_f16, cp_store_d_bf16
    lanes_fn cp_lanes_u8, cp_lanes_i8, cp_lanes_u16, cp_lanes_i16, cp_lanes_u32, cp_lanes_i32
    lanes_fn cp_lanes_u64, cp_lanes_i64, cp_lanes_f32, cp_lanes_f64, cp_lanes_f16, cp_lanes_bf16

# by dtype code
cdef lanes_fn[12] LOAD
LOAD[:] = [cp_lanes_u8, cp_lanes_i8, cp_lanes_u16, cp_lanes_i16, cp_lanes_u32, cp_lanes_i32, cp_lanes_u64, cp_lanes_i64,
           cp_lanes_f32, cp_lanes_f64, cp_lanes_f16, cp_lanes_bf16]
# by dtype code less I32
cdef best_fn[5] BEST
BEST[:] = [cp_best_i32, cp_best_u64, cp_best_i64, cp_best_f32, cp_best_f64]
# by dtype code less F32
cdef fetch_fn[4] FETCH
FETCH[:] = [cp_fetch_f32, cp_fetch_f64, cp_fetch_f16, cp_fetch_bf16]
cdef store_fn[4] STORE, STORE_FLOAT
STORE[:] = [cp_store_df, cp_store_dd, cp_store_d_f16, cp_store_d_bf16]
STORE_FLOAT[:] = [cp_store_ff, NULL, cp_store_f_f16, cp_store_f_bf16]

cdef enum:
    BLOCK = 16              # lanes of a block of a copy
    FEW = 12                # rows and columns of a bin that are summed in float
    TILE = 1 << 17          # doubles of a tile of the gradient

cdef enum:                  # what `Task.run` does
    COPY = 0
    SUMS = 1
    LARGEST = 2
    BEST_SAMPLES = 3
    AT_SAMPLES = 4
    SPREAD = 5
    CORNERS = 6
    MOVED = 7

cdef double FAR = 2.0 ** 50     # pixels: coordinates beyond count as this

cdef enum:                  # what a box is cut into
    SAMPLES = 0             # bilinear samples
    AREA = 1                # the exact integral of the bilinear surface
    WINDOWS = 2             # whole pixels; ends not included, the last row and column never taken part (PS-RoI)
    CELLS = 3               # whole pixels, ends included

ctypedef fused real_t:      # what is pooled, and what it is added up in
    float
    double

ctypedef fused total_t:
    float
    double

ctypedef struct lanes_t:
    Py_ssize_t image, group, block, row, column     # distances in elements
    Py_ssize_t width                                # channels of a block
    Py_ssize_t blocks

ctypedef struct array_t:                            # a result or its gradient: distances in elements
    Py_ssize_t region, channel, bin
    int code                                        # dtype

ctypedef struct job_t:
    int kind
    Py_ssize_t count, channels, groups, images      # regions; channels of a group
    Py_ssize_t h, w, ph, pw
    Py_ssize_t r0, r1, c0, c1                       # pixels that some box can need
    double scale, offset
    Py_ssize_t sampling                             # samples per bin and axis; 0: one per pixel
    bint least_one                                  # no box is smaller than a pixel
    const double* boxes                             # x1, y1, x2, y2
    const i64* batch
    lanes_t lanes
    array_t out

ctypedef struct table_t:
    Py_ssize_t* start       # of each bin, and one more: the end
    Py_ssize_t* at          # rows (columns)
    double* w
    float* f
    double* da              # derivatives of the weights by the start and the end of the bin; NULL if not asked for
    double* db
    Py_ssize_t most         # entries of the longest bin

ctypedef struct samples_t:
    Py_ssize_t* start
    Py_ssize_t* lo
    double* w               # of lo + 1; that of lo is 1 - w
    i64* number             # in its bin
    i64 each                # samples of a bin, those outside the image included


cdef inline Py_ssize_t smaller(Py_ssize_t a, Py_ssize_t b) noexcept nogil:
    return a if a < b else b


cdef inline Py_ssize_t larger(Py_ssize_t a, Py_ssize_t b) noexcept nogil:
    return a if a > b else b


cdef inline void* carve(char** at, Py_ssize_t size) noexcept nogil:
    cdef char* p = at[0]
    at[0] = p + (size + 63) // 64 * 64
    return p


# ---- boxes to bins ----

cdef inline double scaled(const job_t* job, double v) noexcept nogil:
    v = v * job.scale
    return FAR if v > FAR else (-FAR if v < -FAR else v)


cdef inline void extent(const job_t* job, Py_ssize_t k, bint y, double* start, double* size) noexcept nogil:
    """Where box k starts and how long it is along an axis, in pixels."""
    cdef double a = scaled(job, job.boxes[4 * k + y]), b = scaled(job, job.boxes[4 * k + 2 + y])
    if job.kind >= WINDOWS:
        a, b = round(a), round(b) + (job.kind == CELLS)
    start[0] = a - job.offset
    size[0] = b - a
    if job.least_one and size[0] < 1:
        size[0] = 1
    elif job.kind == AREA and size[0] < 0:
        size[0] = 0


cdef inline Py_ssize_t grid(const job_t* job, double size, Py_ssize_t bins) noexcept nogil:
    """Samples of a bin along an axis."""
    if job.sampling > 0:
        return job.sampling
    return <Py_ssize_t>ceil(size / <double>bins) if size > 0 else 0


cdef inline void bounds(const job_t* job, double start, double size, Py_ssize_t n, Py_ssize_t bins, Py_ssize_t i,
                        Py_ssize_t* lo, Py_ssize_t* hi) noexcept nogil:
    """First pixel of bin i and the one after its last, of boxes of whole pixels."""
    cdef Py_ssize_t first = <Py_ssize_t>start, each = (<Py_ssize_t>size) // bins, rest = (<Py_ssize_t>size) % bins
    cdef Py_ssize_t top = n - 1 if job.kind == WINDOWS else n
    lo[0] = smaller(larger(first + i * each + i * rest // bins, 0), top)
    hi[0] = smaller(larger(first + (i + 1) * each + ((i + 1) * rest + bins - 1) // bins, 0), top)


cdef inline bint sample_at(double y, Py_ssize_t n, Py_ssize_t* lo, double* w) noexcept nogil:
    """The two pixels around y; False outside the image."""
    if not -1 <= y <= n:
        return False
    if y < 0:
        y = 0
    lo[0] = <Py_ssize_t>y
    w[0] = y - <double>lo[0]
    if lo[0] >= n - 1:
        lo[0], w[0] = n - 1, 0
    return True


cdef inline void inside(double first, double step, Py_ssize_t each, Py_ssize_t n, Py_ssize_t* k0,
                        Py_ssize_t* k1) noexcept nogil:
    """Samples k0 .. k1 - 1 of a bin may lie in the image; the others do not."""
    cdef double a, b
    k0[0], k1[0] = 0, each
    if step == 0:
        return
    a, b = (-1 - first) / step, (n - first) / step
    if a > b:
        a, b = b, a
    a, b = floor(a) - 2, ceil(b) + 2
    if a > 0:
        k0[0] = each if a > each else <Py_ssize_t>a
    if b < each:
        k1[0] = 0 if b < 0 else <Py_ssize_t>b


cdef inline Py_ssize_t put(table_t* t, Py_ssize_t first, Py_ssize_t count, Py_ssize_t at, double w) noexcept nogil:
    """Add w to the entry of a pixel, which is among the last few or new. Returns the number of entries."""
    cdef Py_ssize_t i
    if w == 0:
        return count
    for i in range(larger(first, count - 4), count):
        if t.at[i] == at:
            t.w[i] += w
            return count
    t.at[count] = at
    t.w[count] = w
    return count + 1


cdef inline double hat(double v) noexcept nogil:
    v = 1 - v if v > 0 else 1 + v
    return v if v > 0 else 0


cdef inline double piece(double a, double b, double lo, double hi, double centre) noexcept nogil:
    """The integral of the hat around `centre` from a to b within lo .. hi, where it is straight."""
    a, b = (lo if a < lo else a), (hi if b > hi else b)
    return (b - a) * hat((a + b) / 2 - centre) if b > a else 0


cdef void build(const job_t* job, Py_ssize_t k, bint y, table_t* t) noexcept nogil:
    """The bins of box k along an axis: which pixels, and with what weights."""
    cdef Py_ssize_t n = job.h if y else job.w, bins = job.ph if y else job.pw
    cdef Py_ssize_t i, j, first, count = 0, each, k0, k1, lo, hi
    cdef double start, size, a, b, step, w
    extent(job, k, y, &start, &size)
    each = grid(job, size, bins) if job.kind == SAMPLES else 0
    t.most = 0
    for i in range(bins):
        t.start[i] = first = count
        if job.kind == SAMPLES:
            step = size / <double>bins / <double>each if each > 0 else 0
            a = start + <double>i * (size / <double>bins)
            inside(a, step, each, n, &k0, &k1)
            for j in range(k0, k1):
                if sample_at(a + (<double>j + 0.5) * step, n, &lo, &w):
                    count = put(t, first, count, lo, 1 - w)
                    count = put(t, first, count, lo + 1, w)
            for j in range(first, count):
                t.w[j] = t.w[j] / <double>each
        elif job.kind == AREA:
            a = start + size * <double>i / <double>bins
            b = start + size * <double>(i + 1) / <double>bins
            if b > a and a < n and b > -1:
                k0 = 0 if a < 0 else <Py_ssize_t>a
                k1 = n if b > n - 1 else <Py_ssize_t>ceil(b) + 1
                for j in range(k0, smaller(k1, n)):
                    w = (piece(a, b, j - 1, j, j) + piece(a, b, j, j + 1, j)) / (b - a)
                    if w == 0:
                        continue
                    if t.da != NULL:
                        t.da[count] = (w - hat(a - j)) / (b - a)
                        t.db[count] = (hat(b - j) - w) / (b - a)
                    t.at[count] = j
                    t.w[count] = w
                    count += 1
        else:
            bounds(job, start, size, n, bins, i, &lo, &hi)
            for j in range(lo, hi):
                t.at[count] = j
                t.w[count] = 1 / <double>(hi - lo)
                count += 1
        t.most = larger(t.most, count - first)
    t.start[bins] = count
    for i in range(count):
        t.f[i] = <float>t.w[i]


cdef Py_ssize_t room(const job_t* job, bint y) noexcept nogil:
    """Entries that a table can have: neighbouring bins share at most three pixels."""
    cdef Py_ssize_t n = job.h if y else job.w, bins = job.ph if y else job.pw
    if job.kind == SAMPLES and job.sampling > 0:
        return smaller(n + 3 * bins + 16, 2 * bins * job.sampling + 16)
    return n + 3 * bins + 16


cdef void set_table(const job_t* job, bint y, bint derivatives, table_t* t, char** at) noexcept nogil:
    cdef Py_ssize_t bins = job.ph if y else job.pw, entries = room(job, y)
    t.start = <Py_ssize_t*>carve(at, (bins + 1) * sizeof(Py_ssize_t))
    t.at = <Py_ssize_t*>carve(at, entries * sizeof(Py_ssize_t))
    t.w = <double*>carve(at, entries * sizeof(double))
    t.f = <float*>carve(at, entries * sizeof(float))
    t.da = <double*>carve(at, entries * sizeof(double)) if derivatives else NULL
    t.db = <double*>carve(at, entries * sizeof(double)) if derivatives else NULL


cdef void touched(const job_t* job, Py_ssize_t k, bint y, Py_ssize_t* lo, Py_ssize_t* hi) noexcept nogil:
    """Pixels lo .. hi - 1 are all that box k can need along an axis."""
    cdef Py_ssize_t n = job.h if y else job.w
    cdef double start, size, a, b
    extent(job, k, y, &start, &size)
    a = start if size > 0 else start + size
    b = start + size if size > 0 else start
    a, b = floor(a) - 2, ceil(b) + 3
    lo[0] = 0 if a < 0 else (n if a > n else <Py_ssize_t>a)
    hi[0] = 0 if b < 0 else (n if b > n else <Py_ssize_t>b)
    if job.kind == SAMPLES and a <= n and b >= -1:      # samples just outside take the pixels at the edge
        lo[0], hi[0] = smaller(lo[0], n - 1), larger(hi[0], 1)


# ---- sums ----

cdef inline void store(const job_t* job, const total_t* tile, char* out, Py_ssize_t k, Py_ssize_t c,
                       Py_ssize_t n) noexcept nogil:
    """Round a tile, (bin, lane), into the result: channels c .. c + n - 1 of region k."""
    cdef store_fn round_ = STORE_FLOAT[job.out.code - F32] if total_t is float else STORE[job.out.code - F32]
    round_(tile, job.lanes.width, out + (k * job.out.region + c * job.out.channel) * itemsize_of(job.out.code),
           job.out.channel, job.out.bin, job.ph * job.pw, n)


cdef inline void sum_region(const job_t* job, const real_t* x, Py_ssize_t k, Py_ssize_t block, Py_ssize_t n,
                            const table_t* ty, const double* wy, const table_t* tx, const double* wx, total_t* tile,
                            bint add) noexcept nogil:
    """The bins of a region for one block; the weights are wy and wx, or in float those of the tables."""
    cdef Py_ssize_t i, j, bin = 0, y0, x0, ny, nx
    cdef const lanes_t* at = &job.lanes
    cdef const real_t* p = x + job.batch[k] * at.image + block * at.block
    for i in range(job.ph):
        y0 = ty.start[i]
        ny = ty.start[i + 1] - y0
        for j in range(job.pw):
            x0 = tx.start[j]
            nx = tx.start[j + 1] - x0
            if total_t is float and real_t is float:
                cp_sum_ff(tile + bin * at.width, p + bin * at.group, at.row, at.column, ty.at + y0, ty.f + y0, ny,
                          tx.at + x0, tx.f + x0, nx, n, add)
            elif total_t is double and real_t is float:
                cp_sum_fd(tile + bin * at.width, p + bin * at.group, at.row, at.column, ty.at + y0, wy + y0, ny,
                          tx.at + x0, wx + x0, nx, n, add)
            elif total_t is double:
                cp_sum_dd(tile + bin * at.width, p + bin * at.group, at.row, at.column, ty.at + y0, wy + y0, ny,
                          tx.at + x0, wx + x0, nx, n, add)
            bin += 1


cdef int sum_regions(const job_t* job, const real_t* x, char* out, Py_ssize_t k0, Py_ssize_t k1) noexcept nogil:
    """Regions k0 .. k1 - 1; 1 if there is no memory for it."""
    cdef Py_ssize_t k, block, n, width = job.lanes.width
    cdef table_t ty, tx
    cdef char* at = NULL
    cdef char* memory
    cdef double* tile
    for k in range(2):
        if k == 1:
            memory = <char*>malloc(<size_t>at + 64)
            if memory == NULL:
                return 1
            at = memory + (64 - <size_t>memory % 64) % 64
        set_table(job, True, False, &ty, &at)
        set_table(job, False, False, &tx, &at)
        tile = <double*>carve(&at, job.ph * job.pw * width * sizeof(double))
    for k in range(k0, k1):
        build(job, k, True, &ty)
        build(job, k, False, &tx)
        for block in range(job.lanes.blocks):
            n = smaller(width, job.channels - block * width)
            if real_t is float:
                if ty.most + tx.most <= FEW:
                    sum_region(job, x, k, block, n, &ty, ty.w, &tx, tx.w, <float*>tile, False)
                    store(job, <const float*>tile, out, k, block * width, n)
                    continue
            sum_region(job, x, k, block, n, &ty, ty.w, &tx, tx.w, tile, False)
            store(job, <const double*>tile, out, k, block * width, n)
    free(memory)
    return 0


cdef int sum_all(const job_t* job, const real_t* x, char* out, int threads) noexcept nogil:
    cdef Py_ssize_t i, parts = smaller(job.count, 8 * threads)
    cdef int failed = 0
    if threads <= 1:
        return sum_regions(job, x, out, 0, job.count)
    for i in prange(parts, num_threads=threads, schedule="dynamic"):
        failed |= sum_regions(job, x, out, job.count * i // parts, job.count * (i + 1) // parts)
    return failed


# ---- the gradient of sums: every tile of it collects from all regions ----

cdef inline const char* gradient_at(const job_t* job, const char* g, Py_ssize_t k, Py_ssize_t c,
                                    Py_ssize_t bin) noexcept nogil:
    return g + (k * job.out.region + c * job.out.channel + bin * job.out.bin) * itemsize_of(job.out.code)


cdef inline void spread_region(const job_t* job, const char* g, Py_ssize_t k, Py_ssize_t c, Py_ssize_t n, Py_ssize_t group,
                               const table_t* ty, const table_t* tx, double* tile, Py_ssize_t r0, Py_ssize_t r1,
                               Py_ssize_t c0, Py_ssize_t c1, double* v) noexcept nogil:
    """Add the part of region k to the tile of rows r0 .. r1 - 1 and columns c0 .. c1 - 1."""
    cdef Py_ssize_t i, j, a, b, lane, bin
    cdef double w
    cdef double* to
    for i in range(job.ph):
        for j in range(job.pw):
            bin = i * job.pw + j
            if job.groups > 1 and bin != group:
                continue
            FETCH[job.out.code - F32](v, gradient_at(job, g, k, c, bin), job.out.channel, n)
            for a in range(ty.start[i], ty.start[i + 1]):
                if not r0 <= ty.at[a] < r1:
                    continue
                for b in range(tx.start[j], tx.start[j + 1]):
                    if not c0 <= tx.at[b] < c1:
                        continue
                    w = ty.w[a] * tx.w[b]
                    to = tile + ((ty.at[a] - r0) * (c1 - c0) + tx.at[b] - c0) * n
                    for lane in range(n):
                        to[lane] = to[lane] + w * v[lane]


ctypedef struct target_t:               # the gradient of x, and the tiles it is cut into
    Py_ssize_t image, channel, row, column      # distances in elements
    Py_ssize_t n, nb, h, nh, w, nw      # channels, rows and columns of a tile, and how many there are
    const i64* order                    # regions by image
    const i64* first                    # of each image, and one more: the end


cdef int spread_tile(const job_t* job, const target_t* to, const char* g, const i64* winners, char* gx,
                     Py_ssize_t number) noexcept nogil:
    """One tile of the gradient; `winners`: of the maximum, else NULL. 1 if there is no memory for it."""
    cdef Py_ssize_t k, i, c, n, r0, r1, c0, c1, lo, hi, group, image
    cdef table_t ty, tx
    cdef samples_t sy, sx
    cdef char* at = NULL
    cdef char* memory
    cdef double* tile
    cdef double* v
    cdef int failed = 0
    c0, number = number % to.nw * to.w, number // to.nw
    r0, number = number % to.nh * to.h, number // to.nh
    c, number = number % to.nb * to.n, number // to.nb
    group, image = number % job.groups, number // job.groups
    n, r1, c1 = smaller(to.n, job.channels - c), smaller(r0 + to.h, job.h), smaller(c0 + to.w, job.w)
    for k in range(2):
        if k == 1:
            memory = <char*>malloc(<size_t>at + 64)
            if memory == NULL:
                return 1
            at = memory + (64 - <size_t>memory % 64) % 64
        set_table(job, True, False, &ty, &at)
        set_table(job, False, False, &tx, &at)
        v = <double*>carve(&at, n * sizeof(double))
        tile = <double*>carve(&at, (r1 - r0) * (c1 - c0) * n * sizeof(double))
    memset(tile, 0, (r1 - r0) * (c1 - c0) * n * sizeof(double))
    for i in range(to.first[image], to.first[image + 1]):
        k = to.order[i]
        if job.kind == CELLS:                   # indices are the caller's: they can lie anywhere
            scatter_region(job, g, winners, k, c, n, tile, r0, r1, c0, c1)
            continue
        touched(job, k, True, &lo, &hi)
        if hi <= r0 or lo >= r1:
            continue
        touched(job, k, False, &lo, &hi)
        if hi <= c0 or lo >= c1:
            continue
        if winners == NULL:
            build(job, k, True, &ty)
            build(job, k, False, &tx)
            spread_region(job, g, k, c, n, group, &ty, &tx, tile, r0, r1, c0, c1, v)
        else:
            failed |= build_samples(job, k, &sy, &sx)
            if failed == 0:
                spread_winners(job, g, winners, k, c, n, &sy, &sx, tile, r0, r1, c0, c1)
                free_samples(&sy, &sx)
    gx += (image * to.image + (c * job.groups + group) * to.channel + c0 * to.column) * itemsize_of(job.out.code)
    for i in range(r0, r1):
        STORE[job.out.code - F32](tile + (i - r0) * (c1 - c0) * n, n, gx + i * to.row * itemsize_of(job.out.code),
                                  to.channel * job.groups, to.column, c1 - c0, n)
    free(memory)
    return failed


cdef int spread_all(const job_t* job, const target_t* to, const char* g, const i64* winners, char* gx,
                    int threads) noexcept nogil:
    cdef Py_ssize_t i, tiles = job.images * job.groups * to.nb * to.nh * to.nw
    cdef int failed = 0
    if threads <= 1 or tiles <= 1:
        for i in range(tiles):
            failed |= spread_tile(job, to, g, winners, gx, i)
        return failed
    for i in prange(tiles, num_threads=threads, schedule="dynamic"):
        failed |= spread_tile(job, to, g, winners, gx, i)
    return failed


# ---- what precise pooling does to the corners of a box ----

cdef int corner_regions(const job_t* job, const real_t* x, const char* g, double* grad_boxes, Py_ssize_t k0,
                        Py_ssize_t k1) noexcept nogil:
    """Gradients with respect to the boxes k0 .. k1 - 1, four numbers each."""
    cdef Py_ssize_t k, block, n, i, j, lane, which, width = job.lanes.width, bins = job.ph * job.pw
    cdef table_t ty, tx
    cdef char* at = NULL
    cdef char* memory
    cdef double* tile
    cdef double* to
    cdef double v[CP_REGION_LANES]
    cdef double total, part
    for k in range(2):
        if k == 1:
            memory = <char*>malloc(<size_t>at + 64)
            if memory == NULL:
                return 1
            at = memory + (64 - <size_t>memory % 64) % 64
        set_table(job, True, True, &ty, &at)
        set_table(job, False, True, &tx, &at)
        tile = <double*>carve(&at, bins * width * sizeof(double))
    for k in range(k0, k1):
        build(job, k, True, &ty)
        build(job, k, False, &tx)
        to = grad_boxes + 4 * k
        memset(to, 0, 4 * sizeof(double))
        for block in range(job.lanes.blocks):
            n = smaller(width, job.channels - block * width)
            for which in range(4):              # by the starts and the ends of the rows, then of the columns
                if which < 2:
                    sum_region(job, x, k, block, n, &ty, ty.db if which else ty.da, &tx, tx.w, tile, False)
                else:
                    sum_region(job, x, k, block, n, &ty, ty.w, &tx, tx.db if which == 3 else tx.da, tile, False)
                for i in range(job.ph):
                    for j in range(job.pw):
                        FETCH[job.out.code - F32](v, gradient_at(job, g, k, block * width, i * job.pw + j), job.out.channel, n)
                        total = 0
                        for lane in range(n):
                            total = total + tile[(i * job.pw + j) * width + lane] * v[lane]
                        if which < 2:
                            part = <double>(i + which) / <double>job.ph
                        else:
                            part = <double>(j + which - 2) / <double>job.pw
                        to[1 if which < 2 else 0] += total * (1 - part)
                        to[3 if which < 2 else 2] += total * part
        for i in range(4):
            to[i] = to[i] * job.scale
    free(memory)
    return 0


cdef int corner_all(const job_t* job, const real_t* x, const char* g, double* grad_boxes, int threads) noexcept nogil:
    cdef Py_ssize_t i, parts = smaller(job.count, 8 * threads)
    cdef int failed = 0
    if threads <= 1:
        return corner_regions(job, x, g, grad_boxes, 0, job.count)
    for i in prange(parts, num_threads=threads, schedule="dynamic"):
        failed |= corner_regions(job, x, g, grad_boxes, job.count * i // parts, job.count * (i + 1) // parts)
    return failed


cdef int tangent_regions(const job_t* job, const real_t* x, const double* moves, char* out, Py_ssize_t k0,
                         Py_ssize_t k1) noexcept nogil:
    """How regions k0 .. k1 - 1 change as the corners of their boxes move."""
    cdef Py_ssize_t k, block, n, i, j, axis, width = job.lanes.width, bins = job.ph * job.pw
    cdef table_t tables[2]
    cdef table_t* t
    cdef char* at = NULL
    cdef char* memory
    cdef double* tile
    cdef double start, stop
    for k in range(2):
        if k == 1:
            memory = <char*>malloc(<size_t>at + 64)
            if memory == NULL:
                return 1
            at = memory + (64 - <size_t>memory % 64) % 64
        set_table(job, False, True, &tables[0], &at)
        set_table(job, True, True, &tables[1], &at)
        tile = <double*>carve(&at, bins * width * sizeof(double))
    for k in range(k0, k1):
        for axis in range(2):
            t = &tables[axis]
            build(job, k, axis, t)
            start, stop = moves[4 * k + axis] * job.scale, moves[4 * k + 2 + axis] * job.scale
            n = job.ph if axis else job.pw
            for i in range(n):
                for j in range(t.start[i], t.start[i + 1]):
                    t.da[j] = (t.da[j] * (start + (stop - start) * <double>i / <double>n)
                               + t.db[j] * (start + (stop - start) * <double>(i + 1) / <double>n))
        for block in range(job.lanes.blocks):
            n = smaller(width, job.channels - block * width)
            sum_region(job, x, k, block, n, &tables[1], tables[1].da, &tables[0], tables[0].w, tile, False)
            sum_region(job, x, k, block, n, &tables[1], tables[1].w, &tables[0], tables[0].da, tile, True)
            store(job, <const double*>tile, out, k, block * width, n)
    free(memory)
    return 0


# ---- the largest pixel of whole-pixel bins ----

cdef void max_regions(const job_t* job, best_fn best, const char* x, char* out, i64* indices, Py_ssize_t k0,
                      Py_ssize_t k1) noexcept nogil:
    """Regions k0 .. k1 - 1; `indices` may be NULL. Bins without a pixel get 0 and the index -1."""
    cdef Py_ssize_t k, i, j, lane, n, block, r0, r1, c0, c1, place, width = job.lanes.width, size = itemsize_of(job.out.code)
    cdef double y, height, left, length
    cdef const char* p
    for k in range(k0, k1):
        extent(job, k, True, &y, &height)
        extent(job, k, False, &left, &length)
        for block in range(job.lanes.blocks):
            n = smaller(width, job.channels - block * width)
            p = x + (job.batch[k] * job.lanes.image + block * job.lanes.block) * size
            for i in range(job.ph):
                bounds(job, y, height, job.h, job.ph, i, &r0, &r1)
                for j in range(job.pw):
                    bounds(job, left, length, job.w, job.pw, j, &c0, &c1)
                    place = k * job.out.region + block * width * job.out.channel + (i * job.pw + j) * job.out.bin
                    if r0 < r1 and c0 < c1:
                        best(out + place * size, indices + place if indices != NULL else NULL, job.out.channel, p,
                             job.lanes.row, job.lanes.column, r0, r1, c0, c1, n, job.w)
                        continue
                    for lane in range(n):
                        memset(out + (place + lane * job.out.channel) * size, 0, size)
                        if indices != NULL:
                            indices[place + lane * job.out.channel] = -1


cdef void max_all(const job_t* job, best_fn best, const char* x, char* out, i64* indices, int threads) noexcept nogil:
    cdef Py_ssize_t i, parts = smaller(job.count, 8 * threads)
    if threads <= 1:
        max_regions(job, best, x, out, indices, 0, job.count)
        return
    for i in prange(parts, num_threads=threads, schedule="dynamic"):
        max_regions(job, best, x, out, indices, job.count * i // parts, job.count * (i + 1) // parts)


cdef inline void scatter_region(const job_t* job, const char* g, const i64* indices, Py_ssize_t k, Py_ssize_t c,
                                Py_ssize_t n, double* tile, Py_ssize_t r0, Py_ssize_t r1, Py_ssize_t c0,
                                Py_ssize_t c1) noexcept nogil:
    """Add the gradient of region k at its indices."""
    cdef Py_ssize_t b, lane, i, row, column
    cdef double v
    for lane in range(n):
        for b in range(job.ph * job.pw):
            i = k * job.out.region + (c + lane) * job.out.channel + b * job.out.bin
            if indices[i] < 0:
                continue
            row, column = indices[i] // job.w, indices[i] % job.w
            if r0 <= row < r1 and c0 <= column < c1:
                FETCH[job.out.code - F32](&v, gradient_at(job, g, k, c + lane, b), 1, 1)
                tile[((row - r0) * (c1 - c0) + column - c0) * n + lane] += v


# ---- the largest of bilinear samples ----

cdef Py_ssize_t list_samples(const job_t* job, Py_ssize_t k, bint y, samples_t* s) noexcept nogil:
    """The samples of box k along an axis that lie in the image; returns how many. s.lo may be NULL: they are counted."""
    cdef Py_ssize_t n = job.h if y else job.w, bins = job.ph if y else job.pw
    cdef Py_ssize_t i, j, count = 0, lo, k0, k1
    cdef double start, size, step, a, w
    extent(job, k, y, &start, &size)
    s.each = grid(job, size, bins)
    step = size / <double>bins / <double>s.each if s.each > 0 else 0
    for i in range(bins):
        if s.lo != NULL:
            s.start[i] = count
        a = start + <double>i * (size / <double>bins)
        inside(a, step, s.each, n, &k0, &k1)
        for j in range(k0, k1):
            if sample_at(a + (<double>j + 0.5) * step, n, &lo, &w):
                if s.lo != NULL:
                    s.lo[count], s.w[count], s.number[count] = lo, w, j
                count += 1
    if s.lo != NULL:
        s.start[bins] = count
    return count


cdef int build_samples(const job_t* job, Py_ssize_t k, samples_t* sy, samples_t* sx) noexcept nogil:
    """Both axes, in memory of their own; 1 if there is none."""
    cdef samples_t* s
    cdef Py_ssize_t axis, count, bins
    cdef char* at
    sy.start = sx.start = NULL
    for axis in range(2):
        s = sy if axis else sx
        bins = job.ph if axis else job.pw
        s.lo = NULL
        count = list_samples(job, k, axis, s)
        at = <char*>malloc((bins + 1 + 3 * count) * 8)
        if at == NULL:
            free(sx.start)
            return 1
        s.start = <Py_ssize_t*>at
        s.lo = s.start + bins + 1
        s.w = <double*>(s.lo + count)
        s.number = <i64*>(s.w + count)
        list_samples(job, k, axis, s)
    return 0


cdef void free_samples(samples_t* sy, samples_t* sx) noexcept nogil:
    free(sy.start)
    free(sx.start)


cdef inline void interpolate(const real_t* p, const lanes_t* lanes, Py_ssize_t row, double wy, Py_ssize_t column, double wx,
                             Py_ssize_t n, real_t* v) noexcept nogil:
    """One sample of n channels. Pixels of weight 0 are not read."""
    cdef Py_ssize_t ys[2]
    cdef Py_ssize_t xs[2]
    cdef real_t fy[2]
    cdef real_t fx[2]
    ys[0], ys[1], xs[0], xs[1] = row, row + 1, column, column + 1
    fy[0], fy[1], fx[0], fx[1] = <real_t>(1 - wy), <real_t>wy, <real_t>(1 - wx), <real_t>wx
    if real_t is float:
        cp_sum_ff(v, p, lanes.row, lanes.column, ys, fy, 1 + (wy > 0), xs, fx, 1 + (wx > 0), n, False)
    else:
        cp_sum_dd(v, p, lanes.row, lanes.column, ys, fy, 1 + (wy > 0), xs, fx, 1 + (wx > 0), n, False)


cdef int align_max_regions(const job_t* job, const real_t* x, real_t* out, i64* winners, Py_ssize_t k0,
                           Py_ssize_t k1) noexcept nogil:
    """The largest sample of every bin and its number in the bin, row by row; -1 if it is one outside the image."""
    cdef Py_ssize_t k, i, j, a, b, lane, n, block, width = job.lanes.width
    cdef samples_t sy, sx
    cdef real_t best[CP_REGION_LANES]
    cdef real_t v[CP_REGION_LANES]
    cdef i64 at[CP_REGION_LANES]
    cdef i64 number
    cdef bint outside
    cdef const real_t* p
    cdef real_t* to
    for k in range(k0, k1):
        if build_samples(job, k, &sy, &sx):
            return 1
        for block in range(job.lanes.blocks):
            n = smaller(width, job.channels - block * width)
            p = x + job.batch[k] * job.lanes.image + block * job.lanes.block
            for i in range(job.ph):
                for j in range(job.pw):
                    for lane in range(n):
                        at[lane] = -2
                        best[lane] = 0
                    for a in range(sy.start[i], sy.start[i + 1]):
                        for b in range(sx.start[j], sx.start[j + 1]):
                            interpolate(p, &job.lanes, sy.lo[a], sy.w[a], sx.lo[b], sx.w[b], n, v)
                            number = sy.number[a] * sx.each + sx.number[b]
                            for lane in range(n):
                                if at[lane] == -2 or v[lane] > best[lane] or (v[lane] != v[lane] and best[lane] == best[lane]):
                                    best[lane], at[lane] = v[lane], number
                    outside = ((sy.start[i + 1] - sy.start[i]) * (sx.start[j + 1] - sx.start[j]) < sy.each * sx.each
                               or sy.each * sx.each == 0)
                    to = out + k * job.out.region + block * width * job.out.channel + (i * job.pw + j) * job.out.bin
                    for lane in range(n):
                        if outside and (at[lane] == -2 or best[lane] < 0):
                            best[lane], at[lane] = 0, -1
                        to[lane * job.out.channel] = best[lane]
                        if winners != NULL:
                            winners[(to - out) + lane * job.out.channel] = at[lane]
        free_samples(&sy, &sx)
    return 0


cdef int align_max_all(const job_t* job, const real_t* x, real_t* out, i64* winners, int threads) noexcept nogil:
    cdef Py_ssize_t i, parts = smaller(job.count, 8 * threads)
    cdef int failed = 0
    if threads <= 1:
        return align_max_regions(job, x, out, winners, 0, job.count)
    for i in prange(parts, num_threads=threads, schedule="dynamic"):
        failed |= align_max_regions(job, x, out, winners, job.count * i // parts, job.count * (i + 1) // parts)
    return failed


cdef inline Py_ssize_t find(const samples_t* s, Py_ssize_t bin, i64 number) noexcept nogil:
    """The entry of a sample: those of a bin are numbered without gaps."""
    return s.start[bin] + <Py_ssize_t>(number - s.number[s.start[bin]])


cdef inline void spread_winners(const job_t* job, const char* g, const i64* winners, Py_ssize_t k, Py_ssize_t c,
                                Py_ssize_t n, const samples_t* sy, const samples_t* sx, double* tile, Py_ssize_t r0,
                                Py_ssize_t r1, Py_ssize_t c0, Py_ssize_t c1) noexcept nogil:
    """Add the gradient of region k at the four pixels around every sample that won."""
    cdef Py_ssize_t i, j, lane, a, b, e, at, row, column
    cdef double wy, wx, v
    for lane in range(n):
        for i in range(job.ph):
            for j in range(job.pw):
                at = k * job.out.region + (c + lane) * job.out.channel + (i * job.pw + j) * job.out.bin
                if winners[at] < 0:
                    continue
                FETCH[job.out.code - F32](&v, gradient_at(job, g, k, c + lane, i * job.pw + j), 1, 1)
                a, b = find(sy, i, winners[at] // sx.each), find(sx, j, winners[at] % sx.each)
                for e in range(4):
                    row, column = sy.lo[a] + e // 2, sx.lo[b] + e % 2
                    wy = sy.w[a] if e // 2 else 1 - sy.w[a]
                    wx = sx.w[b] if e % 2 else 1 - sx.w[b]
                    if wy * wx != 0 and r0 <= row < r1 and c0 <= column < c1:
                        tile[((row - r0) * (c1 - c0) + column - c0) * n + lane] += wy * wx * v


cdef int align_max_tangent(const job_t* job, const real_t* x, const i64* winners, real_t* out, Py_ssize_t k0,
                           Py_ssize_t k1) noexcept nogil:
    """x at the samples that won."""
    cdef Py_ssize_t k, i, j, c, at, a, b
    cdef samples_t sy, sx
    cdef const real_t* p
    for k in range(k0, k1):
        if build_samples(job, k, &sy, &sx):
            return 1
        for c in range(job.channels):
            p = (x + job.batch[k] * job.lanes.image + c // job.lanes.width * job.lanes.block + c % job.lanes.width)
            for i in range(job.ph):
                for j in range(job.pw):
                    at = k * job.out.region + c * job.out.channel + (i * job.pw + j) * job.out.bin
                    if winners[at] < 0:
                        out[at] = 0
                        continue
                    a, b = find(&sy, i, winners[at] // sx.each), find(&sx, j, winners[at] % sx.each)
                    interpolate(p, &job.lanes, sy.lo[a], sy.w[a], sx.lo[b], sx.w[b], 1, out + at)
        free_samples(&sy, &sx)
    return 0


# ---- arrays to lanes ----

cdef void copy_row(const job_t* job, lanes_fn load, const char* x, Py_ssize_t itemsize, char* to, Py_ssize_t lane_size,
                   const target_t* from_, Py_ssize_t i) noexcept nogil:
    """What the boxes need of one row of one block."""
    cdef const lanes_t* at = &job.lanes
    cdef Py_ssize_t rows = job.r1 - job.r0, row = job.r0 + i % rows
    cdef Py_ssize_t block = i // rows % at.blocks, group = i // rows // at.blocks % job.groups
    cdef Py_ssize_t image = i // rows // at.blocks // job.groups
    load(x + (image * from_.image + (block * at.width * job.groups + group) * from_.channel + row * from_.row) * itemsize,
         to + (image * at.image + group * at.group + block * at.block + row * at.row) * lane_size,
         from_.channel * job.groups, from_.column, smaller(at.width, job.channels - block * at.width), at.width, job.c0,
         job.c1)


cdef void copy_rows(const job_t* job, int code, const char* x, char* to, Py_ssize_t lane_size, const target_t* from_,
                    int threads) noexcept nogil:
    cdef Py_ssize_t i, rows = job.images * job.groups * job.lanes.blocks * (job.r1 - job.r0)
    if threads <= 1:
        for i in range(rows):
            copy_row(job, LOAD[code], x, itemsize_of(code), to, lane_size, from_, i)
        return
    for i in prange(rows, num_threads=threads, schedule="static"):
        copy_row(job, LOAD[code], x, itemsize_of(code), to, lane_size, from_, i)


# ---- entries ----

cdef class Task:
    """The boxes of a call and how they are cut: what forward, backward and tangent share."""
    cdef job_t job
    cdef object kept, order, first

    def __init__(self, sizes, numbers, boxes, batch, order, first):
        """`sizes`, in int64: images, channels of a bin, groups of channels, rows, columns, rows and columns of bins, boxes,
        kind, samples, whether boxes are a pixel at least, whether channels come last. `numbers`, in float64: scale, offset.
        """
        cdef job_t* job = &self.job
        cdef const i64* size = <const i64*>address(sizes)
        cdef const double* number = <const double*>address(numbers)
        cdef Py_ssize_t k, lo, hi, n
        self.kept = boxes, batch, order, first
        self.order, self.first = order, first
        job.images, job.channels, job.groups, job.h, job.w, job.ph, job.pw = (
            size[0], size[1], size[2], size[3], size[4], size[5], size[6])
        job.count, job.kind, job.sampling, job.least_one = size[7], <int>size[8], size[9], <bint>size[10]
        job.scale, job.offset = number[0], number[1]
        job.boxes, job.batch = <const double*>address(boxes), <const i64*>address(batch)
        n = job.ph * job.pw
        if size[11]:
            job.out.region, job.out.channel, job.out.bin = n * job.channels, 1, job.channels
        else:
            job.out.region, job.out.channel, job.out.bin = n * job.channels, n, 1
        job.r0, job.r1, job.c0, job.c1 = job.h, 0, job.w, 0
        for k in range(job.count):
            touched(job, k, True, &lo, &hi)
            job.r0, job.r1 = smaller(job.r0, lo), larger(job.r1, hi)
            touched(job, k, False, &lo, &hi)
            job.c0, job.c1 = smaller(job.c0, lo), larger(job.c1, hi)
        job.r0, job.c0 = smaller(job.r0, job.r1), smaller(job.c0, job.c1)

    @property
    def pixels(self):
        """Pixels that some box can need, in all images."""
        return self.job.images * (self.job.r1 - self.job.r0) * (self.job.c1 - self.job.c0)

    def in_place(self):
        """Read channels-last arrays as they are from now on."""
        cdef job_t* job = &self.job
        cdef lanes_t* at = &job.lanes
        at.width = smaller(CP_REGION_LANES, job.channels)
        at.blocks = (job.channels + at.width - 1) // at.width
        at.group, at.block, at.column = 0, at.width, job.channels
        at.row = job.w * job.channels
        at.image = job.h * at.row

    def copied(self):
        """Read copies by `to_lanes` from now on; returns how many elements one has."""
        cdef job_t* job = &self.job
        cdef lanes_t* at = &job.lanes
        at.width = smaller(BLOCK, job.channels)
        at.blocks = (job.channels + at.width - 1) // at.width
        at.column, at.row = at.width, job.w * at.width
        at.block = job.h * at.row
        at.group = at.blocks * at.block if job.groups > 1 else 0
        at.image = job.groups * at.blocks * at.block
        return job.images * at.image

    def run(self, int action, source, int source_code, target, int code, more, strides, int threads):
        """Do one of the things that kernels do: to `target` from `source`, of these dtypes.

        COPY: arrays to lanes, both by the strides of the array in elements. SUMS, LARGEST, BEST_SAMPLES: results from lanes,
        the latter two with what won in `more` unless that is None. AT_SAMPLES: lanes at the winners in `more`. SPREAD: the
        gradient of x, by its strides, from that of the result, at the winners in `more` if not None. CORNERS: that of the
        boxes, (regions, 4) in double, from lanes and the gradient `more`. MOVED: the tangent, in double, as boxes move by
        `more`, (regions, 4) in double.
        """
        cdef job_t* job = &self.job
        cdef target_t array
        cdef const char* x = <const char*>address(source)
        cdef char* out = <char*>address(target)
        cdef char* third = NULL if more is None else <char*>address(more)
        cdef bint wide = source_code == F64
        cdef int failed = 0
        if strides is not None:
            array.image, array.channel, array.row, array.column = strides
        job.out.code = code
        if action == SPREAD:
            array.order, array.first = <const i64*>address(self.order), <const i64*>address(self.first)
            set_tiles(job, &array, third != NULL, threads)
        with nogil:
            if action == COPY:
                copy_rows(job, source_code, x, out, itemsize_of(code), &array, threads)
            elif action == LARGEST:
                max_all(job, BEST[source_code - I32], x, out, <i64*>third, threads)
            elif action == SPREAD:
                failed = spread_all(job, &array, x, <const i64*>third, out, threads)
            elif wide:
                failed = from_lanes(job, action, <const double*>x, out, third, threads)
            else:
                failed = from_lanes(job, action, <const float*>x, out, third, threads)
        if failed:
            raise MemoryError("no memory for the tables of a region")


cdef int from_lanes(const job_t* job, int action, const real_t* x, char* out, char* more, int threads) noexcept nogil:
    """The actions that come in two types."""
    if action == SUMS:
        return sum_all(job, x, out, threads)
    if action == BEST_SAMPLES:
        return align_max_all(job, x, <real_t*>out, <i64*>more, threads)
    if action == AT_SAMPLES:
        return align_max_tangent(job, x, <const i64*>more, <real_t*>out, 0, job.count)
    if action == CORNERS:
        return corner_all(job, x, more, <double*>out, threads)
    return tangent_regions(job, x, <const double*>more, out, 0, job.count)


cdef void set_tiles(const job_t* job, target_t* to, bint winners, int threads) noexcept:
    """Cut the gradient into tiles: enough for the threads, of at most TILE numbers."""
    to.n = smaller(job.channels, 8 if winners and to.channel != 1 else CP_REGION_LANES)
    if job.images * job.groups * ((job.channels + to.n - 1) // to.n) < 4 * threads:
        to.n = smaller(to.n, BLOCK)
    to.w = smaller(job.w, TILE // to.n)
    to.h = larger(smaller(job.h, TILE // (to.n * to.w)), 1)
    to.nb = (job.channels + to.n - 1) // to.n
    to.nh, to.nw = (job.h + to.h - 1) // to.h, (job.w + to.w - 1) // to.w
