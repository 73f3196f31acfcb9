# Global pooling: a whole plane of `rows` x `inner` elements to `inner` values, at the speed of memory.
#
# a) Lanes: row r of a plane is combined into accumulator r mod LANES, so that one plane is a loop of full vectors whose
#    accumulators stay in registers (inner = 1), and so that both layouts form a sum in the same order. Lanes are then halved
#    until one is left.
#    Sums of few rows go by loops of their own (planes.h): up to 64 of float32, 256 of 16-bit floats, formed in float32.
# b) Other float sums are formed in double. Planes longer than CHUNK rows are cut into CHUNKS chunks at most, whose length
#    depends on the plane only; chunks are combined in pairs, like a binary counter counts. So the bits are the same for every
#    number of threads, even where one plane is shared among them, and errors grow with the logarithm.
# c) Integers: lanes of 32 bits for pieces of PIECE rows of 8 and 16 bits, lanes of 64 bits for 32 bits, low and high halves
#    apart for 64 bits. Totals have 128 bits, so averages are exact.
# d) max and min: the NaN rule without branches (numeric.pxd); 16-bit floats as ordered integers (halves.h: 512 planes of
#    224x224 in 1.3 ms; gcc makes no vectors of that loop, which took 30).
# e) Channels-last: rows of up to WIDTH channels at a time, so that the lanes stay in L1. Narrow rows (fewer than 64 channels)
#    are treated in groups of LANES, as one long row.
# f) Planes are shared among threads, then blocks of channels, then chunks. Scratch: 64 KB a thread, and 16 bytes a chunk and
#    channel where one plane is shared.

from cpython.pycapsule cimport PyCapsule_New
from libc.stdlib cimport malloc, free
from libc.string cimport memset
from cython.parallel cimport prange

from cpool._plan cimport NO_MEMORY, Windows, kernel_api_t, task_t
from cpool._kernels.numeric cimport (
    U8, I8, U16, I16, U32, I32, U64, I64, F32, F64, F16, BF16, u8, i8, u16, i16, u32, i32, u64, i64, f16_t, bf16_t, i128_t,
    Max, Min, storage_t, output_t, as_double, narrow, step, f16_key, bf16_key, key_bits, i128_add, i128_from_i64,
    i128_from_u64, i128_low, i128_neg, i128_round_div, i128_to_double, itemsize_of, cp_prefetch)

cdef extern from "lanes.h" nogil:
    double cp_sum_float(const float* x, Py_ssize_t n, bint many)
    double cp_sum_double(const double* x, Py_ssize_t n, bint many)
    double cp_sum_bf16(const bf16_t* x, Py_ssize_t n, bint many)
    float cp_max_float(const float* x, Py_ssize_t n)
    float cp_min_float(const float* x, Py_ssize_t n)
    double cp_max_double(const double* x, Py_ssize_t n)
    double cp_min_double(const double* x, Py_ssize_t n)

cdef extern from "halves.h" nogil:
    ctypedef struct half_t "cp_half_t":
        pass
    half_t cp_half_of(bint brain, bint smallest)
    u16 cp_half_line(const u16* x, Py_ssize_t n, const half_t* h)

cdef extern from "planes.h" nogil:
    void cp_planes_float(const float* x, Py_ssize_t n, Py_ssize_t planes, float* y, float d)
    void cp_planes_f16(const f16_t* x, Py_ssize_t n, Py_ssize_t planes, f16_t* y, float d)
    void cp_planes_bf16(const bf16_t* x, Py_ssize_t n, Py_ssize_t planes, bf16_t* y, float d)
    void cp_block_float(const float* x, Py_ssize_t n, Py_ssize_t step, Py_ssize_t width, float* y, float d)
    void cp_block_f16(const f16_t* x, Py_ssize_t n, Py_ssize_t step, Py_ssize_t width, f16_t* y, float d)
    void cp_block_bf16(const bf16_t* x, Py_ssize_t n, Py_ssize_t step, Py_ssize_t width, bf16_t* y, float d)

cdef enum:
    OP_MAX = 0
    OP_MIN = 1
    OP_SUM = 2
    OP_AVG = 3

cdef enum:
    CHUNK = 4096            # rows
    CHUNKS = 256            # at most
    CHUNK_64 = 2048         # of float64, of which 128 times 0.1 in a lane, one after the other, made an error of 17 ulp
    CHUNKS_64 = 8192
    DEPTH = 15              # sums of chunks that wait for others, twice as many chunks each, and one more
    FEW = 8                 # lanes of planes of less than LONG rows
    MANY = 32               # lanes of the others
    LONG = 256
    IN_FLOAT = 64           # rows whose sum of float32 is formed in float32
    IN_FLOAT_16 = 256       # the same for 16-bit floats
    BLOCK = 2048
    PIECE = 4096            # rows whose sum of 16-bit integers fits 32 bits
    SPACE = 2048            # accumulators
    BATCH = 256             # planes whose totals are finished together

cdef struct job_t:
    int op, code, out_code
    bint boolean
    bint in_float           # sums formed in float32
    half_t half             # max and min of 16-bit floats
    Py_ssize_t outer, rows, inner, item, out_item
    Py_ssize_t chunk, chunks, lanes, width
    i64 divisor

# a running result; which member depends on op and dtype
cdef union total_t:
    double f
    i128_t i
    u64 bits                # max and min: the element itself

# lanes of sums: integers modulo 2**32 or 2**64, signed ones in two's complement
ctypedef fused lane_t:
    u32
    u64
    double

ctypedef fused real_t:
    float
    double
    f16_t
    bf16_t

ctypedef fused integer_t:
    u8
    i8
    u16
    i16
    u32
    i32
    u64
    i64

# what max and min compare; 16-bit floats come as i16 and a form
ctypedef fused key_t:
    u8
    i8
    u16
    i16
    u32
    i32
    u64
    i64
    float
    double

ctypedef fused side_t:
    Max
    Min

cdef enum:
    PLAIN = 0
    HALF = 1
    BRAIN = 2

cdef enum:
    WHOLE = 0
    LOW = 1
    HIGH = 2
    TRUTH = 3

cdef inline Py_ssize_t smaller(Py_ssize_t a, Py_ssize_t b) noexcept nogil:
    return a if a < b else b


# ---- lanes ----

cdef inline lane_t term(storage_t v, lane_t* tag, int part) noexcept nogil:
    """What an element adds to its lane."""
    if lane_t is double:
        return as_double(v)
    elif storage_t is f16_t or storage_t is bf16_t:
        return 0
    elif storage_t is u64 or storage_t is i64:
        if part == LOW:
            return <lane_t>(<u64>v & 0xffffffffu)
        if part == HIGH:
            return <lane_t>(v >> 32)
        return <lane_t>v
    else:
        if part == TRUTH:
            return <lane_t>(v != 0)
        return <lane_t>v


cdef inline void add_lanes(lane_t* acc, const storage_t* x, Py_ssize_t rows, Py_ssize_t stride, Py_ssize_t n,
                           int part) noexcept nogil:
    cdef Py_ssize_t r, j
    for r in range(rows):
        for j in range(n):
            acc[j] = acc[j] + term(x[r * stride + j], acc, part)


cdef inline void add_tail(double* t, const real_t* x, Py_ssize_t n, Py_ssize_t left, Py_ssize_t lanes) noexcept nogil:
    """The last `left` of n elements, to the last lanes: part of a whole vector that ends with them."""
    cdef Py_ssize_t j
    if n >= lanes:
        for j in range(lanes):
            t[j] = t[j] + (as_double(x[n - lanes + j]) if j >= lanes - left else 0)
    else:
        for j in range(left):
            t[lanes - left + j] = t[lanes - left + j] + as_double(x[n - left + j])


cdef inline double add_reals(const real_t* x, Py_ssize_t n, bint many) noexcept nogil:
    """The sum of n elements in a row."""
    cdef double t[MANY]
    cdef Py_ssize_t j, whole
    if real_t is float:
        return cp_sum_float(x, n, many)
    elif real_t is double:
        return cp_sum_double(x, n, many)
    elif real_t is bf16_t:
        return cp_sum_bf16(x, n, many)
    else:
        if many:
            for j in range(MANY):
                t[j] = 0
            whole = n // MANY
            add_lanes(t, x, whole, MANY, MANY, WHOLE)
            add_tail(t, x, n, n - whole * MANY, MANY)
            for j in range(16):
                t[j] = t[j] + t[j + 16]
            for j in range(8):
                t[j] = t[j] + t[j + 8]
        else:
            for j in range(FEW):
                t[j] = 0
            whole = n // FEW
            add_lanes(t, x, whole, FEW, FEW, WHOLE)
            add_tail(t, x, n, n - whole * FEW, FEW)
        for j in range(4):
            t[j] = t[j] + t[j + 4]
        return (t[0] + t[2]) + (t[1] + t[3])


cdef inline lane_t add_line(const storage_t* x, Py_ssize_t n, lane_t* tag, int part) noexcept nogil:
    """The sum of n integers in a row."""
    cdef lane_t t = 0
    cdef Py_ssize_t j
    for j in range(n):
        t = t + term(x[j], tag, part)
    return t


cdef inline void add_four(lane_t* acc, const storage_t* a, const storage_t* b, const storage_t* c, const storage_t* d,
                          Py_ssize_t m, Py_ssize_t n, int part) noexcept nogil:
    """acc[j] plus m <= 4 terms, one after the other."""
    cdef Py_ssize_t j
    if m == 1:
        for j in range(n):
            acc[j] = acc[j] + term(a[j], acc, part)
    elif m == 2:
        for j in range(n):
            acc[j] = acc[j] + term(a[j], acc, part) + term(b[j], acc, part)
    elif m == 3:
        for j in range(n):
            acc[j] = acc[j] + term(a[j], acc, part) + term(b[j], acc, part) + term(c[j], acc, part)
    else:
        for j in range(n):
            acc[j] = (acc[j] + term(a[j], acc, part) + term(b[j], acc, part) + term(c[j], acc, part)
                      + term(d[j], acc, part))


cdef inline void add_block(lane_t* acc, const storage_t* x, Py_ssize_t rows, Py_ssize_t inner, Py_ssize_t width,
                           Py_ssize_t lanes, int part) noexcept nogil:
    """Sums of `width` columns in acc[:width], through `lanes` lanes."""
    cdef Py_ssize_t r, k, j, c, n, m, at, left, done, whole = rows // lanes
    cdef const storage_t* p[4]
    memset(acc, 0, lanes * width * sizeof(lane_t))
    if width == inner:
        add_lanes(acc, x, whole, lanes * width, lanes * width, part)
        k = rows - whole * lanes
        add_lanes(acc + (lanes - k) * width, x + whole * lanes * width, 1, 0, k * width, part)
    else:
        # lane by lane, up to four of its rows at a time: an accumulator is loaded and stored once for four additions
        k = rows - whole * lanes
        for r in range(lanes):
            left = whole + (1 if r >= lanes - k else 0)
            for c in range(0, width, 128):
                n = smaller(128, width - c)
                done = 0
                while done < left:
                    m = smaller(4, left - done)
                    for j in range(m):
                        at = r + (done + j) * lanes
                        if done + j == whole:
                            at = whole * lanes + r - (lanes - k)
                        p[j] = x + at * inner + c
                        for at in range(0, n * <Py_ssize_t>sizeof(storage_t), 64):
                            cp_prefetch(<const char*>(p[j] + inner) + at)
                    for j in range(m, 4):
                        p[j] = p[0]
                    add_four(acc + r * width + c, p[0], p[1], p[2], p[3], m, n, part)
                    done += m
    while lanes > 1:
        lanes //= 2
        for j in range(lanes * width):
            acc[j] = acc[j] + acc[lanes * width + j]


cdef inline key_t better(side_t* side, key_t m, key_t v) noexcept nogil:
    return step(side, m, v)


cdef inline key_t load_key(side_t* side, const key_t* x, int form) noexcept nogil:
    """An element as it is compared."""
    if key_t is i16:
        if form == HALF:
            return f16_key(<u16>x[0], 0x7fff if side_t is Max else -0x8000)
        if form == BRAIN:
            return bf16_key(<u16>x[0], 0x7fff if side_t is Max else -0x8000)
    return x[0]


cdef inline void select_lanes(side_t* side, key_t* acc, const key_t* x, Py_ssize_t rows, Py_ssize_t stride, Py_ssize_t n,
                              int form) noexcept nogil:
    cdef Py_ssize_t r, j
    for r in range(rows):
        for j in range(n):
            acc[j] = better(side, acc[j], load_key(side, &x[r * stride + j], form))


cdef inline key_t select_line(side_t* side, const key_t* x, Py_ssize_t n) noexcept nogil:
    """The extreme of n elements in a row."""
    cdef key_t m = x[0]
    cdef Py_ssize_t j
    if key_t is float:
        if side_t is Max:
            return cp_max_float(x, n)
        else:
            return cp_min_float(x, n)
    elif key_t is double:
        if side_t is Max:
            return cp_max_double(x, n)
        else:
            return cp_min_double(x, n)
    else:
        for j in range(1, n):
            m = better(side, m, x[j])
        return m


cdef inline void select_block(side_t* side, key_t* acc, const key_t* x, Py_ssize_t rows, Py_ssize_t inner, Py_ssize_t width,
                              Py_ssize_t lanes, int form) noexcept nogil:
    """The extremes of `width` columns in acc[:width]."""
    cdef Py_ssize_t j, r, whole
    lanes = smaller(lanes, rows) if width == inner else 1
    for j in range(lanes * width):
        acc[j] = load_key(side, &x[j], form)
    whole = rows // lanes
    select_lanes(side, acc, x + lanes * inner, whole - 1, lanes * inner, lanes * width, form)
    select_lanes(side, acc, x + whole * lanes * inner, 1, 0, (rows - whole * lanes) * width, form)
    for r in range(1, lanes):
        for j in range(width):
            acc[j] = better(side, acc[j], acc[r * width + j])


# ---- one chunk ----

cdef void chunk_real(const job_t* job, const real_t* x, Py_ssize_t rows, Py_ssize_t width, total_t* out,
                     double* acc) noexcept nogil:
    cdef Py_ssize_t j
    if job.inner == 1:
        out.f = add_reals(x, rows, job.lanes == MANY)
        return
    add_block(acc, x, rows, job.inner, width, job.lanes, WHOLE)
    for j in range(width):
        out[j].f = acc[j]


cdef inline void piece(const job_t* job, const integer_t* x, Py_ssize_t rows, Py_ssize_t width, total_t* out,
                       lane_t* acc, int part) noexcept nogil:
    cdef Py_ssize_t j
    cdef i128_t v
    if job.inner == 1:
        acc[0] = add_line(x, rows, acc, part)
    else:
        add_block(acc, x, rows, job.inner, width, job.lanes, part)
    for j in range(width):
        if integer_t is u8 or integer_t is u16 or integer_t is u32 or integer_t is u64:
            v = i128_from_u64(<u64>acc[j])
        elif lane_t is u32:
            v = i128_from_i64(<i32>acc[j])
        elif part == LOW:
            v = i128_from_u64(<u64>acc[j])
        else:
            v = i128_from_i64(<i64>acc[j])
        if part == HIGH:
            v = shift_32(v)
        out[j].i = i128_add(out[j].i, v)


cdef inline i128_t shift_32(i128_t v) noexcept nogil:
    """v * 2**32, with nothing but additions: they work without a 128-bit type, too."""
    cdef int _k
    for _k in range(32):
        v = i128_add(v, v)
    return v


cdef void chunk_integer(const job_t* job, const integer_t* x, Py_ssize_t rows, Py_ssize_t width, total_t* out,
                        void* acc) noexcept nogil:
    cdef Py_ssize_t j, r = 0, n
    for j in range(width):
        out[j].i = i128_from_i64(0)
    while r < rows:
        n = smaller(PIECE, rows - r)
        if integer_t is u8:
            if job.boolean:
                piece(job, x + r * job.inner, n, width, out, <u32*>acc, TRUTH)
            else:
                piece(job, x + r * job.inner, n, width, out, <u32*>acc, WHOLE)
        elif integer_t is i8 or integer_t is u16 or integer_t is i16:
            piece(job, x + r * job.inner, n, width, out, <u32*>acc, WHOLE)
        elif integer_t is u32 or integer_t is i32:
            piece(job, x + r * job.inner, n, width, out, <u64*>acc, WHOLE)
        else:
            piece(job, x + r * job.inner, n, width, out, <u64*>acc, LOW)
            piece(job, x + r * job.inner, n, width, out, <u64*>acc, HIGH)
        r += n


cdef inline void select_keys(const job_t* job, side_t* side, const key_t* x, Py_ssize_t rows, Py_ssize_t width, total_t* out,
                             key_t* acc, int form) noexcept nogil:
    """The extremes of a chunk, as elements again."""
    cdef Py_ssize_t j
    if job.inner == 1 and key_t is i16 and form != PLAIN:
        (<u16*>out)[0] = cp_half_line(<const u16*>x, rows, &job.half)
        return
    if job.inner == 1:
        acc[0] = select_line(side, x, rows)
    else:
        select_block(side, acc, x, rows, job.inner, width, job.lanes, form)
    for j in range(width):
        if key_t is i16:
            (<key_t*>&out[j])[0] = acc[j] if form == PLAIN else <i16>key_bits(acc[j])
        else:
            (<key_t*>&out[j])[0] = acc[j]


cdef void chunk_order(const job_t* job, const key_t* x, Py_ssize_t rows, Py_ssize_t width, total_t* out,
                      void* acc) noexcept nogil:
    if key_t is i16:
        if job.code == F16:
            if job.op == OP_MAX:
                select_keys(job, <Max*>NULL, x, rows, width, out, <key_t*>acc, HALF)
            else:
                select_keys(job, <Min*>NULL, x, rows, width, out, <key_t*>acc, HALF)
            return
        if job.code == BF16:
            if job.op == OP_MAX:
                select_keys(job, <Max*>NULL, x, rows, width, out, <key_t*>acc, BRAIN)
            else:
                select_keys(job, <Min*>NULL, x, rows, width, out, <key_t*>acc, BRAIN)
            return
    if job.op == OP_MAX:
        select_keys(job, <Max*>NULL, x, rows, width, out, <key_t*>acc, PLAIN)
    else:
        select_keys(job, <Min*>NULL, x, rows, width, out, <key_t*>acc, PLAIN)


cdef void join_order(const job_t* job, total_t* a, const total_t* b, const key_t* tag) noexcept nogil:
    """a combined with the result of a later chunk: the two elements as a plane of two."""
    cdef key_t pair[2]
    cdef job_t two = job[0]
    cdef u64 scratch[8]
    two.inner = 1
    pair[0] = (<key_t*>a)[0]
    pair[1] = (<key_t*>b)[0]
    chunk_order(&two, pair, 2, 1, a, scratch)


cdef void chunk_any(const job_t* job, const char* x, Py_ssize_t rows, Py_ssize_t width, total_t* out, void* acc) noexcept nogil:
    """The results of `rows` rows of `width` columns from x on."""
    cdef int code = job.code
    if job.op == OP_MAX or job.op == OP_MIN:
        if code == U8:
            chunk_order(job, <const u8*>x, rows, width, out, acc)
        elif code == I8:
            chunk_order(job, <const i8*>x, rows, width, out, acc)
        elif code == U16:
            chunk_order(job, <const u16*>x, rows, width, out, acc)
        elif code == I16:
            chunk_order(job, <const i16*>x, rows, width, out, acc)
        elif code == U32:
            chunk_order(job, <const u32*>x, rows, width, out, acc)
        elif code == I32:
            chunk_order(job, <const i32*>x, rows, width, out, acc)
        elif code == U64:
            chunk_order(job, <const u64*>x, rows, width, out, acc)
        elif code == I64:
            chunk_order(job, <const i64*>x, rows, width, out, acc)
        elif code == F32:
            chunk_order(job, <const float*>x, rows, width, out, acc)
        elif code == F64:
            chunk_order(job, <const double*>x, rows, width, out, acc)
        else:
            chunk_order(job, <const i16*>x, rows, width, out, acc)
    elif code == U8:
        chunk_integer(job, <const u8*>x, rows, width, out, acc)
    elif code == I8:
        chunk_integer(job, <const i8*>x, rows, width, out, acc)
    elif code == U16:
        chunk_integer(job, <const u16*>x, rows, width, out, acc)
    elif code == I16:
        chunk_integer(job, <const i16*>x, rows, width, out, acc)
    elif code == U32:
        chunk_integer(job, <const u32*>x, rows, width, out, acc)
    elif code == I32:
        chunk_integer(job, <const i32*>x, rows, width, out, acc)
    elif code == U64:
        chunk_integer(job, <const u64*>x, rows, width, out, acc)
    elif code == I64:
        chunk_integer(job, <const i64*>x, rows, width, out, acc)
    elif code == F32:
        chunk_real(job, <const float*>x, rows, width, out, <double*>acc)
    elif code == F64:
        chunk_real(job, <const double*>x, rows, width, out, <double*>acc)
    elif code == F16:
        chunk_real(job, <const f16_t*>x, rows, width, out, <double*>acc)
    else:
        chunk_real(job, <const bf16_t*>x, rows, width, out, <double*>acc)


cdef void join_any(const job_t* job, total_t* a, const total_t* b, Py_ssize_t width) noexcept nogil:
    """a[j] = a[j] combined with b[j]."""
    cdef Py_ssize_t j
    cdef int code = job.code
    for j in range(width):
        if job.op == OP_SUM or job.op == OP_AVG:
            if code >= F32:
                a[j].f = a[j].f + b[j].f
            else:
                a[j].i = i128_add(a[j].i, b[j].i)
        elif code == U8:
            join_order(job, &a[j], &b[j], <const u8*>NULL)
        elif code == I8:
            join_order(job, &a[j], &b[j], <const i8*>NULL)
        elif code == U16:
            join_order(job, &a[j], &b[j], <const u16*>NULL)
        elif code == I16:
            join_order(job, &a[j], &b[j], <const i16*>NULL)
        elif code == U32:
            join_order(job, &a[j], &b[j], <const u32*>NULL)
        elif code == I32:
            join_order(job, &a[j], &b[j], <const i32*>NULL)
        elif code == U64:
            join_order(job, &a[j], &b[j], <const u64*>NULL)
        elif code == I64:
            join_order(job, &a[j], &b[j], <const i64*>NULL)
        elif code == F32:
            join_order(job, &a[j], &b[j], <const float*>NULL)
        elif code == F64:
            join_order(job, &a[j], &b[j], <const double*>NULL)
        else:
            join_order(job, &a[j], &b[j], <const i16*>NULL)


# ---- results ----

cdef inline void finish_one(const job_t* job, output_t* out, const total_t* a) noexcept nogil:
    cdef i64 d = job.divisor
    cdef i128_t v
    if job.code >= F32:
        narrow(out, a.f / <double>d if job.op == OP_AVG else a.f)
        return
    v = a.i
    if output_t is f16_t or output_t is bf16_t or output_t is float or output_t is double:
        narrow(out, i128_to_double(v) / <double>d if job.op == OP_AVG else i128_to_double(v))
    elif job.op == OP_AVG:
        out[0] = <output_t>(i128_round_div(i128_neg(v), <u64>0 - <u64>d) if d < 0 else i128_round_div(v, <u64>d))
    else:
        out[0] = <output_t>i128_low(v)


cdef void finish(const job_t* job, output_t* out, const total_t* a, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t j
    for j in range(n):
        if job.op == OP_MAX or job.op == OP_MIN:
            out[j] = (<const output_t*>&a[j])[0]
            if output_t is u8:
                if job.boolean:
                    out[j] = out[j] != 0
        else:
            finish_one(job, &out[j], &a[j])


cdef void finish_any(const job_t* job, char* out, const total_t* a, Py_ssize_t n) noexcept nogil:
    cdef int code = job.out_code
    if code == U8:
        finish(job, <u8*>out, a, n)
    elif code == I8:
        finish(job, <i8*>out, a, n)
    elif code == U16:
        finish(job, <u16*>out, a, n)
    elif code == I16:
        finish(job, <i16*>out, a, n)
    elif code == U32:
        finish(job, <u32*>out, a, n)
    elif code == I32:
        finish(job, <i32*>out, a, n)
    elif code == U64:
        finish(job, <u64*>out, a, n)
    elif code == I64:
        finish(job, <i64*>out, a, n)
    elif code == F32:
        finish(job, <float*>out, a, n)
    elif code == F64:
        finish(job, <double*>out, a, n)
    elif code == F16:
        finish(job, <f16_t*>out, a, n)
    else:
        finish(job, <bf16_t*>out, a, n)


# ---- planes ----

cdef void small_floats(const job_t* job, const real_t* x, char* out, Py_ssize_t n) noexcept nogil:
    """Sums and averages of n short planes of floats into floats of the same type, inner = 1: nothing but the loop."""
    cdef Py_ssize_t i, j, m, rows = job.rows
    cdef double t[BATCH]
    cdef double d = <double>job.divisor if job.op == OP_AVG else 1
    cdef double scale = 1.0 / d                                # in double, within 2**-52 of the quotient
    cdef real_t* y = <real_t*>out
    if job.in_float:
        if real_t is float:
            cp_planes_float(x, rows, n, y, <float>d)
        elif real_t is f16_t:
            cp_planes_f16(x, rows, n, y, <float>d)
        elif real_t is bf16_t:
            cp_planes_bf16(x, rows, n, y, <float>d)
        return
    for i in range(0, n, 256):
        m = smaller(256, n - i)
        if job.lanes == MANY:
            for j in range(m):
                t[j] = add_reals(x + (i + j) * rows, rows, True)
        else:
            for j in range(m):
                t[j] = add_reals(x + (i + j) * rows, rows, False)
        for j in range(m):
            narrow(&y[i + j], t[j] / d if real_t is double else t[j] * scale)


cdef void small_order(const job_t* job, const key_t* x, char* out, Py_ssize_t n) noexcept nogil:
    """max and min of n short planes, inner = 1."""
    cdef Py_ssize_t i, rows = job.rows
    cdef key_t* y = <key_t*>out
    if job.op == OP_MAX:
        for i in range(n):
            y[i] = select_line(<Max*>NULL, x + i * rows, rows)
    else:
        for i in range(n):
            y[i] = select_line(<Min*>NULL, x + i * rows, rows)


cdef bint small_planes(const job_t* job, const char* x, char* out, Py_ssize_t n) noexcept nogil:
    """The most frequent cases without anything in between; False if this is none of them."""
    cdef Py_ssize_t i
    if job.inner != 1 or job.chunks > 1 or job.out_code != job.code:
        return False
    if job.op == OP_SUM or job.op == OP_AVG:
        if job.code == F32:
            small_floats(job, <const float*>x, out, n)
        elif job.code == F64:
            small_floats(job, <const double*>x, out, n)
        elif job.code == F16:
            small_floats(job, <const f16_t*>x, out, n)
        elif job.code == BF16:
            small_floats(job, <const bf16_t*>x, out, n)
        else:
            return False
        return True
    if job.code == F32:
        small_order(job, <const float*>x, out, n)
        return True
    if job.code == F16 or job.code == BF16:
        for i in range(n):
            (<u16*>out)[i] = cp_half_line(<const u16*>x + i * job.rows, job.rows, &job.half)
        return True
    return False


cdef void float_block(const job_t* job, const char* x, char* out, Py_ssize_t width) noexcept nogil:
    """One plane, `width` columns, sums in float32."""
    cdef float d = <float>job.divisor if job.op == OP_AVG else 1
    if job.code == F32:
        cp_block_float(<const float*>x, job.rows, job.inner, width, <float*>out, d)
    elif job.code == F16:
        cp_block_f16(<const f16_t*>x, job.rows, job.inner, width, <f16_t*>out, d)
    else:
        cp_block_bf16(<const bf16_t*>x, job.rows, job.inner, width, <bf16_t*>out, d)


cdef void one_block(const job_t* job, const char* x, char* out, Py_ssize_t width, total_t* stack, void* acc) noexcept nogil:
    """One plane, `width` columns from x on: chunks combined in pairs, as a binary counter counts."""
    cdef Py_ssize_t k, carry, level, depth = 0
    cdef total_t* top
    if job.in_float:
        float_block(job, x, out, width)
        return
    for k in range(job.chunks):
        top = stack + depth * width
        chunk_any(job, x + k * job.chunk * job.inner * job.item, smaller(job.chunk, job.rows - k * job.chunk), width, top, acc)
        carry = k
        while carry & 1:
            depth -= 1
            join_any(job, stack + depth * width, stack + (depth + 1) * width, width)
            carry >>= 1
        depth += 1
    for level in range(depth - 1, 0, -1):
        join_any(job, stack + (level - 1) * width, stack + level * width, width)
    finish_any(job, out, stack, width)


cdef int part(const job_t* job, const char* x, char* out, total_t* totals, Py_ssize_t start, Py_ssize_t stop) noexcept nogil:
    """Tasks start .. stop - 1: chunks if there are `totals` to fill, else planes or blocks of their columns."""
    cdef Py_ssize_t i, p, k, width, blocks = (job.inner + job.width - 1) // job.width
    cdef char* memory
    if totals == NULL and small_planes(job, x + start * job.rows * job.item, out + start * job.out_item, stop - start):
        return 0
    memory = <char*>malloc(SPACE * 8 + DEPTH * job.width * sizeof(total_t))
    if memory == NULL:
        return 1
    for i in range(start, stop):
        if totals != NULL:
            p, k = i // job.chunks, i % job.chunks
            chunk_any(job, x + (p * job.rows + k * job.chunk) * job.inner * job.item,
                      smaller(job.chunk, job.rows - k * job.chunk), job.inner, totals + i * job.inner, memory)
        else:
            p, k = i // blocks, i % blocks * job.width
            width = smaller(job.width, job.inner - k)
            one_block(job, x + (p * job.rows * job.inner + k) * job.item, out + (p * job.inner + k) * job.out_item, width,
                      <total_t*>(memory + SPACE * 8), memory)
    free(memory)
    return 0


cdef int split(const job_t* job, const char* x, char* out, total_t* totals, Py_ssize_t n, int threads) noexcept nogil:
    cdef Py_ssize_t i, parts = smaller(n, 4 * threads)
    cdef int failed = 0
    if threads <= 1 or n <= 1:
        return part(job, x, out, totals, 0, n)
    for i in prange(parts, num_threads=threads, schedule="dynamic"):
        failed |= part(job, x, out, totals, n * i // parts, n * (i + 1) // parts)
    return failed


cdef int run(const job_t* job, const char* x, char* out, int threads) noexcept nogil:
    cdef Py_ssize_t p, k, size, n = job.outer * ((job.inner + job.width - 1) // job.width)
    cdef total_t* totals
    cdef total_t* a
    if threads <= 1 or n >= 2 * threads or job.chunks == 1 or job.width < job.inner:
        return split(job, x, out, NULL, n, threads)
    # few large planes: threads share the chunks of one
    totals = <total_t*>malloc(job.outer * job.chunks * job.inner * sizeof(total_t))
    if totals == NULL:
        return 1
    if split(job, x, out, totals, job.outer * job.chunks, threads):
        free(totals)
        return 1
    for p in range(job.outer):
        a = totals + p * job.chunks * job.inner
        # the pairs of `one_block`: neighbours, then neighbours of these, ...
        size = 1
        while size < job.chunks:
            k = 0
            while k + size < job.chunks:
                join_any(job, a + k * job.inner, a + (k + size) * job.inner, job.inner)
                k += 2 * size
            size *= 2
        finish_any(job, out + p * job.inner * job.out_item, a, job.inner)
    free(totals)
    return 0


cdef void prepare(void* memory, const task_t* t, Windows plan) noexcept:
    cdef job_t* job = <job_t*>memory
    job.op, job.code, job.out_code, job.boolean = t.op, t.code, t.out_code, t.boolean
    job.outer, job.inner, job.rows = plan.outer, plan.inner, plan.d.n * plan.h.n * plan.w.n
    job.half = cp_half_of(t.code == BF16, t.op == OP_MIN)
    job.item, job.out_item = itemsize_of(t.code), itemsize_of(t.out_code)
    job.divisor = plan.divisor if plan.divisor != 0 else job.rows
    cdef bint wide = job.code == F64 and job.op >= OP_SUM
    cdef Py_ssize_t chunk = CHUNK_64 if wide else CHUNK, chunks = CHUNKS_64 if wide else CHUNKS
    job.chunk = ((job.rows + chunks - 1) // chunks + chunk - 1) // chunk * chunk
    job.chunks = (job.rows + job.chunk - 1) // job.chunk
    job.lanes = MANY if job.rows >= LONG else FEW
    if (job.code < F32 or job.op < OP_SUM) and job.inner >= 64:
        job.lanes = 1
    job.in_float = (job.op >= OP_SUM and (job.code == F32 or job.code == F16 or job.code == BF16) and job.out_code == job.code
                    and job.rows <= (IN_FLOAT if job.code == F32 else IN_FLOAT_16))
    job.width = smaller(job.inner, BLOCK if job.in_float else SPACE // job.lanes)


cdef int run_job(const void* job, void** at, int threads) noexcept nogil:
    return NO_MEMORY if run(<const job_t*>job, <const char*>at[0], <char*>at[1], threads) else 0


cdef kernel_api_t API = kernel_api_t(sizeof(job_t), prepare, run_job)
apis = {"wholeaxis": PyCapsule_New(&API, "cpool.kernel", NULL)}
