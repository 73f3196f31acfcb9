"""Forward pass of every separable reducer: max, min, sum, average and Lp, any window, any dtype.

Design
------
a) One driver, no element work. `walk` turns a task (plane, band of output rows, tile of output columns) into calls of row
   primitives (rows.h, loads.pxi, finishes.pxi) through function pointers: load -> fold over D and H -> along W -> finish.
   The driver is compiled once per CPU level, not once per dtype; a call costs 1 to 2 ns and handles a band of rows. Rows
   and lanes (channels-last) differ only in the unit of the horizontal step: one element or `inner` of them.
b) The vertical pass comes first: it reads the image once, at full vector width, into a line in the L1 cache. The line has
   its padding filled with the identity, so the horizontal pass never clips.
c) Horizontal paths, chosen by the plan alone: IDENTITY (k = s = 1), DIRECT (few taps per stride), FACTORS (k = s composite:
   halve, halve, ...), WIDE (doubling: O(log k) operations for any k, by rows or, where types and strides allow it, in
   registers: spans.h), BOUNDS (adaptive windows, and windows so much longer than the axis that padding them would cost more
   than the taps).
d) Vertical paths: straight from x, converted in the same pass where windows do not overlap; STRIP, converted rows padded with
   identity rows, where they do (every row once per band); BLOCKS for tall windows: suffixes of one block of k rows and
   prefixes of the next (van Herk 1992; Gil and Werman 1993), three row operations for any k and each row read twice; RUNNING
   for integer sums in 32 bits: two row operations, exact whatever the order; TALL, doubling over a strip, where a row's
   place in its block may not show: dilated windows, and float64 sums (float32 sums are formed in double: a block's place
   moves them by less than their last bit), which go up some columns at a time, into as many lines as fit a tile of the window's
   rows or 2 MB (tall.h; several windows below each other share the rows before the first). 31x31 on 2048 x 2048, float32
   means: 18.5 ms by doubling of rows, 7.0 ms by BLOCKS, 3.8 ms with the horizontal pass in registers, 2.6 ms with blocks
   down columns (blocks.h); uint8 means: 2.1 ms by BLOCKS, 1.2 ms by RUNNING. BLOCKS, RUNNING and TALL finish a few rows at
   a time, while they are in L1, and ask for the lines of the output a few rows before. Max and min of floats travel as
   integer keys (loads.pxi) where windows are large: 3.4 ms before, 1.5 ms with keys, registers and blocks down columns,
   most of it memory: tiles that leave lines in L1 took 1.9 ms, as every row of x then begins anew for the hardware.
e) Doubling: t[i] = op of w taps from i; w doubles. max and min may overlap, so one step finishes any k; sums add the powers
   of two in k, lowest first. The tree depends on k alone: bits do not change with bands, tiles, threads or CPU level.
f) Small planes (20 x 20, 13 x 13): rows shorter than a vector or two cost more in calls and rests than in work. A group of
   planes, one vector of them, is transposed into lanes, pooled as channels-last and transposed back: the same folds in the
   same order, so the same bits. 5x5/s1 on 2048 planes of 20 x 20 float32: 1.5 ms in rows, 0.4 ms in lanes.
g) Few taps, strides of 1 or 2 (`boxes`): a few rows are folded into lines of 2 KB, and those into windows, by one call,
   planes by the dozen: what waits for memory and what does not lie close together. 3x3/s2 on 8x64x112x112 float32: 1.67 ms
   by bands of lines, 0.75 this way (a copy 0.61). 16-bit floats go straight from x to the output, keys in between
   (halves_box.h: 0.65 to 0.24 ms), float32 to lines of squares or to roots (squares.h). Windows of 2x2 that share nothing
   (rows_width.h), those of bytes (bytes.h) and, channels last, all (`columns`) are folded in registers, without lines.
   Windows of neighbours (`stencil`: rows.h) go straight to the output (`direct`), past the caches where it is large.
h) The rest of a row is done by a last vector that starts earlier: scalar rests cost more than the vectors of a row of 112.
i) Adaptive windows of float32 are folded and taken from registers, without lines (uneven.h).
j) Maxima and minima of small planes of float32, strides of 1 or 2: whole rows in a few registers (frames.h, AVX-512).
   13x13/s1 on 2048 planes of 20 x 20: 0.49 ms in lanes, 0.20 so; 3x3x3/s2 on 64 volumes of 16 x 56 x 56: 0.44 to 0.22 ms.
k) Scratch per thread: a band of lines within L1; for WIDE and strips, the window's rows of one tile.
"""
from cpython.pycapsule cimport PyCapsule_New
from cython.parallel cimport prange
from libc.math cimport INFINITY, exp2, fabs, frexp, ldexp, pow, sqrt, sqrtf
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy, memset

from cpool._kernels.axis cimport axis_divisor, axis_first, axis_t, axis_taps
from cpool._kernels.numeric cimport (
    A128, BF16, F16, F32, F64, I16, I32, I64, I8, N_TYPES, U16, U32, U64, U8,
    Add, Max, Min, acc_t, as_double, as_float, bf16_key, bf16_t, cp_double64, cp_prefetch,
    cp_prefetch_write, cp_rint, cp_rintf,
    double_bits, double_key, f16_key, f16_t, float_key, float_to_bf16, float_to_f16, i128_from_i64, i128_from_u64, i128_low,
    i128_neg, i128_round_div, i128_t, i128_to_double, key_bits, key_double, key_float, narrow, op_t, output_t, step, storage_t,
    sum_t, u8, i8, u16, i16, u32, i32, u64, i64)
from cpool._kernels.rows cimport (
    CP_BOX_OF, CP_FOLD_OF, CP_LANES_OF, CP_SLIDE_OF, CP_TAPS, CP_WIDE, box_fn, box_t, fold_fn, fold_piece, slide_fn)
from cpool._plan cimport NO_MEMORY, Windows, kernel_api_t, task_t

cdef extern from "portable.h" nogil:
    void cp_f16_floats(float* dst, const f16_t* src, Py_ssize_t n)
    void cp_transpose8_32(const u32* src, Py_ssize_t src_step, u32* dst, Py_ssize_t dst_step)

cdef extern from "stream.h" nogil:
    void cp_stream(void* to, const void* src, Py_ssize_t n)
    void cp_stream_end()
    bint cp_resident(const void* p)

cdef extern from "bytes.h" nogil:
    void cp_pairs_u8(u16* dst, const u8* a, const u8* b, Py_ssize_t n, bint begun)
    void cp_pairs_i8(u16* dst, const i8* a, const i8* b, Py_ssize_t n, bint begun)
    bint CP_BYTE_BOXES
    void cp_byte_means(void* turn, const box_t* box, void* dst, const void* src)
    void cp_byte_maxima(void* turn, const box_t* box, void* dst, const void* src)

cdef extern from "halves_box.h" nogil:
    ctypedef struct half_t "cp_half_t":
        short flip
        u16 hole
    half_t cp_half_of(bint brain, bint smallest)
    void cp_half_box(void* half, const box_t* box, void* dst, const void* src)

cdef extern from "squares.h" nogil:
    void cp_square_box(void* op, const box_t* box, void* dst, const void* src)
    bint CP_ROOT_PAIRS
    void cp_root_pairs(void* op, const box_t* box, void* dst, const void* src)

cdef extern from "tall.h" nogil:
    enum:
        CP_TALL_MOST
        CP_TALL_RING
    void cp_tall(double* dst, Py_ssize_t step, const double* x, Py_ssize_t row, Py_ssize_t first, Py_ssize_t last,
                 Py_ssize_t rows, Py_ssize_t stride, Py_ssize_t k, Py_ssize_t n, double* rings)

cdef extern from "blocks.h" nogil:
    ctypedef void (*block_fn "cp_block_fn")(void* line, Py_ssize_t step, const void* x, Py_ssize_t row, Py_ssize_t top,
                                            Py_ssize_t k, Py_ssize_t first, Py_ssize_t last, Py_ssize_t outs, Py_ssize_t n,
                                            const void* none)
    enum:
        CP_BLOCK_ROOM
    block_fn cp_block_of(int code, int acc, int op)

cdef extern from "spans.h" nogil:
    void cp_span_parts(double* e, double* r, const double* src, Py_ssize_t n, int left, Py_ssize_t step)
    void cp_span_sum(double* dst, const double* e, const double* r, Py_ssize_t n, Py_ssize_t whole, int left)
    void cp_span_tree(double* dst, const double* rest, const double* e, const double* after, Py_ssize_t n, Py_ssize_t d,
                      Py_ssize_t whole, double* spare)
    void cp_span_totals(u32* total, const u32* src, Py_ssize_t n)
    void cp_span_differences(u32* dst, const u32* total, Py_ssize_t n, Py_ssize_t k)
    bint cp_span_keys
    void cp_span_max8(u8* dst, const u8* src, Py_ssize_t n, Py_ssize_t w)
    void cp_span_min8(u8* dst, const u8* src, Py_ssize_t n, Py_ssize_t w)
    void cp_span_max16(i16* dst, const i16* src, Py_ssize_t n, Py_ssize_t w)
    void cp_span_min16(i16* dst, const i16* src, Py_ssize_t n, Py_ssize_t w)
    void cp_span_max32(i32* dst, const i32* src, Py_ssize_t n, Py_ssize_t k)
    void cp_span_min32(i32* dst, const i32* src, Py_ssize_t n, Py_ssize_t k)
    void cp_span_max64(i64* dst, const i64* src, Py_ssize_t n, Py_ssize_t k)
    void cp_span_min64(i64* dst, const i64* src, Py_ssize_t n, Py_ssize_t k)

ctypedef fused word_t:
    u8
    u16
    u32
    u64

cdef enum:
    OP_MAX = 0
    OP_MIN = 1
    OP_SUM = 2
    OP_AVG = 3
    OP_LP = 4

cdef enum:
    W_IDENTITY = 0
    W_DIRECT = 1
    W_FACTORS = 2
    W_WIDE = 3
    W_BOUNDS = 4

cdef enum:
    H_DIRECT = 0
    H_STRIP = 1        # converted rows, direct taps
    H_TALL = 2         # strip and doubling
    H_BLOCKS = 3       # suffixes and prefixes of blocks as long as the window
    H_RUNNING = 4      # integers: the row that comes is added, the row that goes subtracted

ctypedef void (*load_fn)(void*, const void*, const void**, Py_ssize_t, Py_ssize_t, Py_ssize_t, double) noexcept nogil
ctypedef void (*change_fn)(void*, const void*, const void*, Py_ssize_t, Py_ssize_t) noexcept nogil
ctypedef void (*runs_fn)(void*, void*, const void*, const Py_ssize_t*, const Py_ssize_t*, Py_ssize_t, Py_ssize_t,
                         Py_ssize_t, void*) noexcept nogil
ctypedef void (*fill_fn)(void*, void*, Py_ssize_t, bint) noexcept nogil
ctypedef void (*finish_fn)(void*, const void*, Py_ssize_t, const finish_t*, double, const double*) noexcept nogil

cdef struct finish_t:
    int mode              # OP_SUM (convert), OP_AVG, OP_LP
    bint is_signed        # how integer accumulators are read
    bint normalize
    bint reciprocal       # `count` holds reciprocals
    bint small            # integer sums are below 2**19, those in 16 bits below 2**14
    double p

cdef struct job_t:
    const char* x
    char* out
    axis_t d
    axis_t h
    axis_t w
    Py_ssize_t outer, inner
    Py_ssize_t x_item, acc_item, out_item
    load_fn load
    change_fn change
    double load_p
    fold_fn fold
    slide_fn slide
    box_fn box                # NULL: lines and windows one after the other
    box_fn stencil            # the same in registers, or NULL
    runs_fn runs
    fill_fn fill
    finish_fn finish
    finish_t how
    bint boolean
    i64 infinity              # the key of the identity, 0: no keys
    bint tall                 # TALL of float64 as it is: down some columns at a time
    block_fn block            # BLOCKS in registers, or NULL
    bint halves               # `box` reads and writes 16-bit floats
    half_t half               # 16-bit floats; `flip`: or the bits of bytes to turn over
    Py_ssize_t each           # elements of x to an element of the plan (pairs of bytes)
    bint add                  # the reducer is a sum
    int span                  # how lines of long windows are done in registers: OP_MAX, OP_MIN, OP_SUM, totals (OP_AVG) or -1
    bint tree                 # sums of doubles in registers by the tree of `wide`
    bint cascade              # many vertical taps in float64: pairwise
    bint rescue               # Lp whose powers may leave the range of a double
    bint include_pad
    bint counted              # the divisor is a count of taps
    long long divisor
    int wpath, hpath
    Py_ssize_t tile           # output columns per task
    Py_ssize_t band           # output rows per task
    Py_ssize_t tiles, bands
    double scale              # of sums by `box`
    Py_ssize_t planes         # to a task (small ones, by `boxes`)
    bint means                # `stencil` divides
    bint direct               # `stencil` stores outputs where they belong
    bint stream               # more output than caches keep: made in `stage`, stored past them
    bint by_plane             # divisors are kept for a plane of outputs
    Py_ssize_t pitch          # elements of a line
    Py_ssize_t strip_rows
    Py_ssize_t block_rows     # of BLOCKS and RUNNING: rows finished at a time
    Py_ssize_t ahead
    Py_ssize_t buf            # elements of each of the working buffers

cdef enum:
    RUN_WIDTH = 48            # planes at most this wide go without a frame
    RUN_TAPS = 5


cdef struct flat_t:
    bint on
    Py_ssize_t pitch, rows, room      # elements between rows, rows and elements of the frame
    int kept                          # masks of `keep`, 0: a frame
    bint clipped                      # without `keep`, `boxes` would leave out missing rows; a frame adds zeros for them
    unsigned short keep[RUN_WIDTH * RUN_TAPS]

cdef struct jobs_t:
    job_t rows
    job_t lanes               # the same for a group of small planes, transposed
    Py_ssize_t group          # planes to a group, 0: no groups
    flat_t flat               # planes as lines
    bint uneven               # adaptive windows in registers
    int frame                 # vectors to a row of a small plane (frames.pxi), 0: not so
    bint frame_least
    Py_ssize_t frame_band
    Py_ssize_t plane_in, plane_out


cdef struct scratch_t:
    char* memory
    char* line                # band lines of `pitch`
    char* work[3]             # doubling, factors, strips
    char* row                 # accumulators of a band of output rows
    char* stage               # outputs of a task, job.stream
    Py_ssize_t* first         # per output column of the tile: first real tap, relative to the line
    Py_ssize_t* taps
    double* count             # per output element of a row: divisor along W
    double* plane             # per output element of a plane: divisor or reciprocal (flat planes, job.by_plane)
    bint uniform              # every column has the count `wcount`
    Py_ssize_t wcount
    Py_ssize_t tile           # the tile these tables are for (-1: none)
    Py_ssize_t pitch          # of the line when it was padded
    char* base                # where the padded lines of `boxes` begin
    bint even                 # they are all div
    double div
    Py_ssize_t c0, c1         # BOUNDS: columns of x that the tile reads


# ---------------------------------------------------------------- element work, by type
include "loads.pxi"


cdef void fill(op_t* op, acc_t* dst, Py_ssize_t n, bint boolean) noexcept nogil:
    """The identity of the reducer."""
    cdef Py_ssize_t i
    cdef acc_t v
    if acc_t is i128_t:
        v = i128_from_i64(0)
    elif op_t is Add:
        v = 0
    elif op_t is Max:
        if acc_t is float or acc_t is double:
            v = -INFINITY
        elif acc_t is u8 or acc_t is u16 or acc_t is u32 or acc_t is u64:
            v = 0
        elif acc_t is i8:
            v = -128
        elif acc_t is i16:
            v = -32768
        elif acc_t is i32:
            v = -2147483647 - 1
        else:
            v = -9223372036854775807ll - 1
    else:
        if acc_t is float or acc_t is double:
            v = INFINITY
        elif acc_t is u8:
            v = 1 if boolean else 255
        elif acc_t is i8:
            v = 127
        elif acc_t is u16:
            v = 65535
        elif acc_t is i16:
            v = 32767
        elif acc_t is u32:
            v = 4294967295u
        elif acc_t is i32:
            v = 2147483647
        elif acc_t is u64:
            v = 18446744073709551615ull
        else:
            v = 9223372036854775807ll
    for i in range(n):
        dst[i] = v


cdef void fill_key(key_t* dst, Py_ssize_t n, i64 infinity) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        dst[i] = <key_t>infinity


cdef inline void blank(const job_t* job, char* dst, Py_ssize_t n) noexcept nogil:
    """n identities of the reducer; among keys: minus or plus infinity."""
    if job.infinity == 0:
        job.fill(NULL, dst, n, job.boolean)
    elif job.acc_item == 2:
        fill_key(<i16*>dst, n, job.infinity)
    elif job.acc_item == 4:
        fill_key(<i32*>dst, n, job.infinity)
    else:
        fill_key(<i64*>dst, n, job.infinity)


cdef inline acc_t run(op_t* op, const acc_t* a, Py_ssize_t n, Py_ssize_t d, acc_t* spare) noexcept nogil:
    """op over n > 0 taps, d apart. Long dense runs by halving, so that they vectorise and sums stay accurate."""
    cdef Py_ssize_t i, half
    cdef acc_t m, last
    cdef bint odd
    if d == 1 and n > 16:
        half = n // 2
        odd = n & 1
        last = a[n - 1]
        for i in range(half):
            spare[i] = step(op, a[i], a[i + half])
        if odd:
            spare[0] = step(op, spare[0], last)
        n = half
        while n > 8:
            # in two halves of the same buffer, far enough apart to vectorise
            half = n // 2
            odd = n & 1
            if odd:
                spare[0] = step(op, spare[0], spare[n - 1])
            for i in range(half):
                spare[n + i] = step(op, spare[i], spare[i + half])
            spare = spare + n
            n = half
        a = spare
    m = a[0]
    for i in range(1, n):
        m = step(op, m, a[i * d])
    return m


cdef inline void run_lanes(op_t* op, acc_t* dst, const acc_t* a, Py_ssize_t n, Py_ssize_t d, Py_ssize_t inner,
                           acc_t* spare) noexcept nogil:
    """`run` for columns of `inner` elements: the same tree, so that layouts agree."""
    cdef Py_ssize_t half
    if d == 1 and n > 16:
        half = n // 2
        fold_piece(op, spare, 0, a, 0, 1, 1, 0, 2, half * inner, half * inner, False)
        if n & 1:
            fold_piece(op, spare, 0, a + (n - 1) * inner, 0, 1, 1, 0, 1, 0, inner, True)
        n = half
        while n > 8:
            half = n // 2
            if n & 1:
                fold_piece(op, spare, 0, spare + (n - 1) * inner, 0, 1, 1, 0, 1, 0, inner, True)
            fold_piece(op, spare + n * inner, 0, spare, 0, 1, 1, 0, 2, half * inner, half * inner, False)
            spare = spare + n * inner
            n = half
        a = spare
    fold_piece(op, dst, 0, a, 0, 1, 1, 0, n, d * inner, inner, False)


cdef void runs(op_t* op, acc_t* dst, const acc_t* line, const Py_ssize_t* first, const Py_ssize_t* taps, Py_ssize_t count,
               Py_ssize_t d, Py_ssize_t inner, acc_t* spare) noexcept nogil:
    """dst[o] = op over the taps[o] elements (columns of `inner`) of a line from first[o] on; untouched where taps is 0."""
    cdef Py_ssize_t o
    for o in range(count):
        if taps[o] > 0:
            if inner == 1:
                dst[o] = run(op, line + first[o], taps[o], d, spare)
            else:
                run_lanes(op, dst + o * inner, line + first[o] * inner, taps[o], d, inner, spare)


# ---------------------------------------------------------------- accumulators to outputs
include "finishes.pxi"


# ---------------------------------------------------------------- the dtype table
cdef runs_fn RUNS[N_TYPES][3]
cdef fill_fn FILL[N_TYPES][3]
cdef load_fn LOAD[N_TYPES][N_TYPES]           # storage, accumulator of a sum
cdef load_fn KEYS[N_TYPES][2]                 # storage, OP_MAX or OP_MIN
cdef change_fn CHANGE[I16 + 1]                # of U8 .. I16, in 32 bits
cdef load_fn PAIRS[2]                         # of U8, I8
cdef load_fn POWER[N_TYPES]
cdef finish_fn FINISH[N_TYPES][N_TYPES]       # accumulator, output
cdef Py_ssize_t ITEM[N_TYPES]


cdef void enter(op_t* op, acc_t* tag, int code, int which) noexcept:
    RUNS[code][which] = <runs_fn>(<void (*)(op_t*, acc_t*, const acc_t*, const Py_ssize_t*, const Py_ssize_t*,
                                            Py_ssize_t, Py_ssize_t, Py_ssize_t, acc_t*) noexcept nogil>runs)
    FILL[code][which] = <fill_fn>(<void (*)(op_t*, acc_t*, Py_ssize_t, bint) noexcept nogil>fill)
    ITEM[code] = sizeof(acc_t)


cdef void enter_all(acc_t* tag, int code) noexcept:
    enter(<Max*>NULL, tag, code, OP_MAX)
    enter(<Min*>NULL, tag, code, OP_MIN)
    enter(<Add*>NULL, tag, code, OP_SUM)


cdef void enter_sum(sum_t* sums, storage_t* tag, int acc, int code) noexcept:
    LOAD[code][acc] = <load_fn>(<void (*)(sum_t*, const sum_t*, const storage_t**, Py_ssize_t, Py_ssize_t, Py_ssize_t,
                                          double) noexcept nogil>load_sum)


cdef void enter_change(short_t* tag, int code) noexcept:
    CHANGE[code] = <change_fn>(<void (*)(u32*, const short_t*, const short_t*, Py_ssize_t, Py_ssize_t) noexcept nogil>
                               load_change)


cdef void enter_int(acc_t* sums, storage_t* tag, int acc, int code) noexcept:
    FINISH[acc][code] = <finish_fn>(<void (*)(storage_t*, const acc_t*, Py_ssize_t, const finish_t*, double,
                                              const double*) noexcept nogil>finish_int)


cdef void enter_key(key_t* keys, real_t* tag, int acc, int code) noexcept:
    KEYS[code][OP_MAX] = <load_fn>(<void (*)(key_t*, const key_t*, const real_t**, Py_ssize_t, Py_ssize_t, Py_ssize_t,
                                             double) noexcept nogil>load_key_max)
    KEYS[code][OP_MIN] = <load_fn>(<void (*)(key_t*, const key_t*, const real_t**, Py_ssize_t, Py_ssize_t, Py_ssize_t,
                                             double) noexcept nogil>load_key_min)
    FINISH[acc][code] = <finish_fn>(<void (*)(real_t*, const key_t*, Py_ssize_t, const finish_t*, double,
                                              const double*) noexcept nogil>finish_key)


cdef void enter_storage(storage_t* tag, int code) noexcept:
    """What can be made of rows of this type, and which accumulators can be written to it."""
    ITEM[code] = sizeof(storage_t)
    POWER[code] = <load_fn>(<void (*)(double*, const double*, const storage_t**, Py_ssize_t, Py_ssize_t, Py_ssize_t,
                                      double) noexcept nogil>load_power)
    FINISH[F64][code] = <finish_fn>(<void (*)(storage_t*, const double*, Py_ssize_t, const finish_t*, double,
                                              const double*) noexcept nogil>finish_float)
    if storage_t is f16_t or storage_t is bf16_t:
        enter_sum(<float*>NULL, tag, F32, code)
        enter_sum(<double*>NULL, tag, F64, code)
        FINISH[F32][code] = <finish_fn>(<void (*)(storage_t*, const float*, Py_ssize_t, const finish_t*, double,
                                                  const double*) noexcept nogil>finish_float)
    elif storage_t is float:
        enter_sum(<double*>NULL, tag, F64, code)
    elif storage_t is not double:
        enter_sum(<u16*>NULL, tag, U16, code)
        enter_sum(<u32*>NULL, tag, U32, code)
        enter_sum(<u64*>NULL, tag, U64, code)
        enter_sum(<i128_t*>NULL, tag, A128, code)
    if storage_t is not f16_t and storage_t is not bf16_t:
        enter_int(<u16*>NULL, tag, U16, code)
        enter_int(<u32*>NULL, tag, U32, code)
        enter_int(<u64*>NULL, tag, U64, code)
        enter_int(<i128_t*>NULL, tag, A128, code)


cdef void enter_same(acc_t* tag, int code) noexcept:
    FINISH[code][code] = <finish_fn>(<void (*)(acc_t*, const acc_t*, Py_ssize_t, const finish_t*, double,
                                               const double*) noexcept nogil>finish_same)


cdef void fill_tables() noexcept:
    enter_storage(<u8*>NULL, U8)
    enter_storage(<i8*>NULL, I8)
    enter_storage(<u16*>NULL, U16)
    enter_storage(<i16*>NULL, I16)
    enter_storage(<u32*>NULL, U32)
    enter_storage(<i32*>NULL, I32)
    enter_storage(<u64*>NULL, U64)
    enter_storage(<i64*>NULL, I64)
    enter_storage(<float*>NULL, F32)
    enter_storage(<double*>NULL, F64)
    enter_storage(<f16_t*>NULL, F16)
    enter_storage(<bf16_t*>NULL, BF16)
    enter_all(<u8*>NULL, U8)
    enter_all(<i8*>NULL, I8)
    enter_all(<u16*>NULL, U16)
    enter_all(<i16*>NULL, I16)
    enter_all(<u32*>NULL, U32)
    enter_all(<i32*>NULL, I32)
    enter_all(<u64*>NULL, U64)
    enter_all(<i64*>NULL, I64)
    enter_all(<float*>NULL, F32)
    enter_all(<double*>NULL, F64)
    enter(<Add*>NULL, <i128_t*>NULL, A128, OP_SUM)
    enter_same(<float*>NULL, F32)
    enter_change(<u8*>NULL, U8)
    enter_change(<i8*>NULL, I8)
    enter_change(<u16*>NULL, U16)
    enter_change(<i16*>NULL, I16)
    enter_key(<i16*>NULL, <f16_t*>NULL, I16, F16)
    enter_key(<i16*>NULL, <bf16_t*>NULL, I16, BF16)
    enter_key(<i32*>NULL, <float*>NULL, I32, F32)
    enter_key(<i64*>NULL, <double*>NULL, I64, F64)
    PAIRS[U8] = <load_fn>(<void (*)(u16*, const u16*, const u8**, Py_ssize_t, Py_ssize_t, Py_ssize_t,
                                    double) noexcept nogil>
                          load_pairs)
    PAIRS[I8] = <load_fn>(<void (*)(u16*, const u16*, const i8**, Py_ssize_t, Py_ssize_t, Py_ssize_t,
                                    double) noexcept nogil>
                          load_pairs)


fill_tables()


# ---------------------------------------------------------------- the job: everything that a plan and a dtype decide
cdef struct limits_t:
    Py_ssize_t line           # bytes of a line (a tile's width)
    Py_ssize_t band           # bytes of a band of lines
    Py_ssize_t strip          # bytes of a strip
    Py_ssize_t ahead          # bytes between a load and the prefetch of what comes
    int wpath                 # a horizontal path to force where it applies, -1: none
    int hpath
    int group                 # -1: small planes are not grouped
    int flat                  # -1: no plane is one line
    int frame                 # -1: no frames
    Py_ssize_t stream         # bytes of x and the output from which outputs are stored past the caches


cdef limits_t LIMITS
LIMITS.line, LIMITS.band, LIMITS.strip, LIMITS.ahead, LIMITS.wpath, LIMITS.hpath = 16384, 16384, 131072, 4096, -1, -1
LIMITS.group = LIMITS.flat = LIMITS.frame = 0
LIMITS.stream = 1 << 26


def force(line=16384, band=16384, strip=131072, ahead=4096, wpath=-1, hpath=-1, group=0, flat=0, frame=0,
          stream=1 << 26):
    """Set block sizes (bytes) and paths: for the tests that walk every path, and for measurements."""
    LIMITS.line, LIMITS.band, LIMITS.strip, LIMITS.ahead = line, band, strip, ahead
    LIMITS.wpath, LIMITS.hpath, LIMITS.stream = wpath, hpath, stream
    LIMITS.group, LIMITS.flat, LIMITS.frame = group, flat, frame


cdef inline Py_ssize_t smaller(Py_ssize_t a, Py_ssize_t b) noexcept nogil:
    return a if a < b else b


cdef inline Py_ssize_t larger(Py_ssize_t a, Py_ssize_t b) noexcept nogil:
    return a if a > b else b


cdef inline Py_ssize_t most_taps(const axis_t* a) noexcept nogil:
    """An upper bound of the real taps of any window."""
    if a.adaptive:
        return smaller(a.n, a.n // a.out + 2)
    return smaller(a.kernel, (a.n - 1) // a.dilation + 1)


cdef inline Py_ssize_t extent(const axis_t* a) noexcept nogil:
    return (a.kernel - 1) * a.dilation + 1


cdef inline bint trivial(const axis_t* a) noexcept nogil:
    return not a.adaptive and a.kernel == 1 and a.stride == 1 and a.lo == 0 and a.out == a.n


cdef inline int doublings(Py_ssize_t k, bint add) noexcept nogil:
    """Row operations of the doubling for k taps."""
    cdef int c = 0
    cdef Py_ssize_t w = 1
    while w < k:
        w *= 2
        c += 1
    if add:
        while k:
            c += k & 1
            k >>= 1
        c -= 1
    return c


cdef inline bint wide_pays(const axis_t* a, bint add) noexcept nogil:
    """Doubling works on every input element, direct taps on every output."""
    return not a.adaptive and a.kernel - 1 > a.stride * doublings(a.kernel, add) + 1


cdef inline bint whole_axis(const axis_t* a) noexcept nogil:
    """Whether there is one window, and it is the axis."""
    return not a.adaptive and a.out == 1 and a.kernel == a.n and a.lo == 0 and a.hi == 0 and a.dilation == 1 and a.n > 1


cdef inline void settle(axis_t* a) noexcept nogil:
    """A single window has no stride."""
    if not a.adaptive and a.out == 1:
        a.stride = a.kernel if a.dilation == 1 and a.kernel < a.n else 1


cdef void choose_accumulator(job_t* job, int op, int code, int out_code, double p, int* acc) noexcept nogil:
    """The row of the dtype table: how values are combined so that nothing is lost."""
    cdef double taps = <double>most_taps(&job.d) * <double>most_taps(&job.h) * <double>most_taps(&job.w)
    cdef double top
    cdef Py_ssize_t depth = most_taps(&job.d) + most_taps(&job.h) + most_taps(&job.w)
    cdef bint sign = code == I8 or code == I16 or code == I32 or code == I64
    job.how.is_signed = sign
    job.how.small = False
    if op <= OP_MIN:
        acc[0] = I16 if code == F16 or code == BF16 else code
        if (code == F32 or code == F64) and (wide_pays(&job.h, False) or wide_pays(&job.w, False)):
            acc[0] = I32 if code == F32 else I64
    elif op == OP_LP:
        acc[0] = F64
    elif code == F64 or code == F32 and out_code == F64:
        acc[0] = F64
    elif code >= F32:
        # up to 64 taps in float32 with a tree at most 16 deep (8 eps), else float64
        acc[0] = F32 if taps <= 64 and depth <= 19 and out_code == code else F64
    elif code >= U64:
        acc[0] = U64 if op == OP_SUM and out_code < F32 else A128
    elif code >= U32:
        acc[0] = U64
    else:
        top = (255.0 if code == U8 else 128.0 if code == I8 else 65535.0 if code == U16 else 32768.0) * taps
        if top <= (32767.0 if sign else 65535.0):
            acc[0] = U16
            job.how.small = top < 16384
        elif top <= (2147483647.0 if sign else 4294967295.0):
            acc[0] = U32
            job.how.small = top < 524288
        else:
            acc[0] = U64


cdef enum:
    HALVED = 384              # bytes of shorter rows of windows of a stride of two go by way of lines
    LINES = 2048              # bytes of lines between the two steps of `boxes`
    PLANES = 16384            # bytes of planes to a task
    # columns whose rows several windows need: what comes is asked for one row of windows before, if that is at most
    NEXT = 131072             # bytes, of an x of at least
    FAR = 1 << 24             # bytes (3x3/s2 on 8x112x112x64 float32: 0.84 to 0.67 ms; 8x56x56x128: 0.29 to 0.32)


cdef enum:
    SMALL_WIDTH = 48          # planes at most this wide,
    SMALL_PLANE = 2048        # and of at most so many elements, are pooled in groups


cdef void prepare(jobs_t* jobs, int op, int code, int out_code, Windows plan, double p, bint normalize, bint boolean) noexcept:
    """Fill both jobs; the choice between them is the plan's and the dtype's."""
    cdef job_t* job = &jobs.rows
    jobs.uneven = uneven_fits(job, code, out_code, prepare_one(job, op, code, out_code, plan, p, normalize, boolean, 0))
    jobs.group = 0
    jobs.plane_in = job.d.n * job.h.n * job.w.n * job.each
    jobs.plane_out = job.d.out * job.h.out * job.w.out
    frame_prepare(jobs, op, code)
    flat_prepare(job, &jobs.flat)
    if jobs.flat.on or LIMITS.group < 0:
        return
    if (job.inner == 1 and job.wpath != W_IDENTITY and job.w.n <= SMALL_WIDTH and jobs.plane_in <= SMALL_PLANE
            and jobs.plane_out <= SMALL_PLANE and job.outer >= 64 // ITEM[code] and not trivial(&job.h)
            and (job.box == NULL or job.w.n * job.acc_item < 64)):
        jobs.group = 64 // ITEM[code]
        prepare_one(&jobs.lanes, op, code, out_code, plan, p, normalize, boolean, jobs.group)


cdef int prepare_one(job_t* job, int op, int code, int out_code, Windows plan, double p, bint normalize, bint boolean,
                     Py_ssize_t group) noexcept:
    """Return the accumulator. group > 0: for one group of planes, in lanes."""
    cdef int acc = 0, which = op if op <= OP_MIN else OP_SUM
    cdef Py_ssize_t unit, span, limit, rows, most, width, size, taps
    cdef bint squares, bytes_
    job.d, job.h, job.w = plan.d, plan.h, plan.w
    settle(&job.d)
    settle(&job.h)
    settle(&job.w)
    job.outer, job.inner = plan.outer, plan.inner
    # a W that every window spans joins H: kh rows of it are one run of elements (colours as the last axis of a volume)
    if whole_axis(&job.w) and not job.h.adaptive and job.h.dilation == 1 and job.h.kernel > 1 and (
            job.h.kernel + job.h.n + job.h.lo + job.h.hi < (1 << 40) // job.w.n):
        width = job.w.n
        job.w = job.h
        job.w.n *= width
        job.w.kernel *= width
        job.w.stride *= width
        job.w.lo *= width
        job.w.hi *= width
        job.h = job.d
        job.d.n = job.d.out = job.d.kernel = job.d.stride = job.d.dilation = 1
        job.d.lo = job.d.hi = 0
        job.d.adaptive = False
    # axes that no window spans are more planes, or more rows
    if trivial(&job.d):
        job.outer *= job.d.n
        job.d.n = job.d.out = 1
        if trivial(&job.h):
            job.h.n = job.h.out = job.outer * job.h.n
            job.outer = 1
    if group:
        job.outer, job.inner = 1, group
    job.boolean = boolean
    job.include_pad, job.divisor = plan.include_pad, plan.divisor
    job.counted = plan.divisor == 0 or op == OP_LP
    job.how.mode, job.how.p, job.how.normalize = OP_SUM if op <= OP_MIN else op, p, normalize
    if op == OP_LP:
        job.include_pad = False
        if p == INFINITY:
            which = OP_MAX
    job.add = which == OP_SUM
    choose_accumulator(job, op, code, out_code, p, &acc)
    job.x_item, job.acc_item, job.out_item = ITEM[code], ITEM[acc], ITEM[out_code]
    job.fold, job.slide = CP_FOLD_OF[acc][which], CP_SLIDE_OF[acc][which]
    job.runs, job.fill = RUNS[acc][which], FILL[acc][which]
    job.load, job.load_p, job.finish = NULL, p, NULL
    job.rescue = False
    job.infinity = 0
    if op == OP_LP:
        job.load = POWER[code]
        job.finish = FINISH[acc][out_code]
        job.rescue = p != INFINITY and (code == F64 or p > 6.5 or (code >= U64 and p > 4.5))
        if p == INFINITY:
            job.fill = FILL[F64][OP_SUM]                      # no tap: zero
    elif op <= OP_MIN:
        if acc != code:
            job.load = KEYS[code][op]
            job.finish = FINISH[acc][code]
            job.infinity = (0x7c00 if code == F16 else 0x7f80 if code == BF16 else 0x7f800000 if code == F32
                            else 0x7ff0000000000000)
            if op == OP_MAX:
                job.infinity = ~job.infinity
    else:
        if acc != code:
            job.load = LOAD[code][acc]
        if acc != out_code:
            job.finish = FINISH[acc][out_code]
        elif op == OP_AVG:
            job.finish = FINISH[acc][out_code]
    job.each = 1
    bytes_ = byte_boxes(job, op, code, out_code)
    if bytes_:
        job.load = job.finish = NULL
    elif (job.add and acc == U16 and (code == U8 or code == I8) and job.inner == 1 and not job.w.adaptive
            and job.w.dilation == 1 and (job.w.n | job.w.kernel | job.w.stride | job.w.lo | job.w.hi) % 2 == 0):
        # windows that do not cut pairs of bytes: half the elements, and a row of pairs is summed as it is loaded
        job.each, job.x_item, job.load = 2, 2, PAIRS[code]
        job.w.n //= 2
        job.w.kernel //= 2
        job.w.stride //= 2
        job.w.lo //= 2
        job.w.hi //= 2
    job.how.reciprocal = op == OP_AVG and (acc == F64 and out_code != F64 or acc == F32 and out_code == F32)
    job.cascade = job.add and acc == F64 and out_code == F64 and most_taps(&job.d) * most_taps(&job.h) > 64

    # --- along W
    unit = job.inner * job.acc_item
    if trivial(&job.w):
        job.wpath = W_IDENTITY
    elif job.w.adaptive:
        job.wpath = W_BOUNDS
    elif extent(&job.w) > 2 * job.w.n + 64 or extent(&job.w) * unit > (1 << 24):
        job.wpath = W_BOUNDS
    elif job.w.kernel == job.w.stride and job.w.dilation == 1 and 4 <= job.w.kernel <= 512 and factors(job.w.kernel):
        job.wpath = W_FACTORS
    elif wide_pays(&job.w, job.add):
        job.wpath = W_WIDE
    else:
        job.wpath = W_DIRECT
    if bytes_:
        job.wpath = W_DIRECT
    if LIMITS.wpath >= 0 and job.wpath != W_IDENTITY and not job.w.adaptive:
        if LIMITS.wpath == W_BOUNDS or LIMITS.wpath == W_DIRECT or LIMITS.wpath == W_WIDE and job.w.kernel > 1:
            if job.wpath != W_BOUNDS:
                job.wpath = LIMITS.wpath
    job.span, job.tree = -1, False
    if job.wpath == W_WIDE and job.w.dilation == 1 and job.add and acc == F64 and job.w.kernel >= 8:
        job.span = OP_SUM
        job.tree = out_code == F64 or job.inner > 1
    elif job.wpath == W_WIDE and job.inner == 1 and job.w.dilation == 1:
        if job.add and acc == U32:
            job.span = OP_AVG                                  # by running totals
        elif op <= OP_MIN and (acc == I32 or acc == I64) and cp_span_keys and job.w.kernel > 1:
            job.span = op
        elif op <= OP_MIN and (acc == U8 or acc == I16) and cp_span_keys and job.w.kernel > 4 and job.w.stride == 1:
            job.span = op
    job.tall = (job.add and acc == F64 and job.load == NULL and not job.h.adaptive and wide_pays(&job.h, True)
                and job.h.dilation == 1 and job.h.kernel <= CP_TALL_MOST and job.d.kernel == 1 and not job.d.adaptive
                and job.wpath != W_BOUNDS and LIMITS.hpath < 0)
    job.block = NULL
    if (op != OP_LP and wide_pays(&job.h, job.add) and job.h.dilation == 1 and job.d.kernel == 1
            and not job.d.adaptive):
        job.block = cp_block_of(code, acc, which)
    limit = larger(LIMITS.line // unit, 1)                     # columns of a line
    if job.tall:
        limit = limit // 2 + extent(&job.w)
    if job.wpath == W_IDENTITY:
        job.tile = smaller(job.w.out, limit)
        span = job.tile
    elif job.wpath == W_BOUNDS:
        if job.w.adaptive:
            # windows of a tile span at most (tile + 1) * (n / out + 1)
            job.tile = larger(1, smaller(job.w.out, limit // (job.w.n // job.w.out + 2) - 1))
            span = smaller(job.w.n, (job.tile + 1) * (job.w.n // job.w.out + 2))
        else:
            job.tile = larger(1, smaller(job.w.out, (limit - smaller(limit // 2, extent(&job.w))) // job.w.stride))
            span = smaller(job.w.n, (job.tile - 1) * job.w.stride + extent(&job.w))
        if span > limit:
            job.tile = 1
            span = limit                                       # longer windows go piece by piece
    else:
        if job.wpath == W_WIDE:
            limit = larger(limit, 3 * extent(&job.w))          # the halo at most half of the line
        job.tile = larger(1, smaller(job.w.out, (limit - extent(&job.w)) // job.w.stride + 1))
        span = (job.tile - 1) * job.w.stride + extent(&job.w)
        if span <= job.tile * job.w.stride <= larger(limit, 2 * span):
            span = job.tile * job.w.stride                     # rows of a band run on: one call for all
    job.tiles = (job.w.out + job.tile - 1) // job.tile
    if (job.block != NULL or job.tall) and job.wpath != W_BOUNDS:
        job.tile = smaller(job.tile, ((job.w.out + job.tiles - 1) // job.tiles + 63) // 64 * 64)
        span = (job.tile - 1) * job.w.stride + extent(&job.w)
    job.pitch = span * job.inner
    if job.tall:
        job.pitch = (job.pitch + 7) // 8 * 8 | 8               # lines whose parts that lie above each other share no set

    # --- over H
    job.hpath = H_DIRECT
    if not job.h.adaptive and extent(&job.h) <= 2 * job.h.n + 64 and (
            job.tall or extent(&job.h) * job.pitch * job.acc_item <= (1 << 24)):
        if wide_pays(&job.h, job.add):
            job.hpath = H_BLOCKS
            if job.h.dilation > 1 or job.add and (acc == F32 or acc == F64 and out_code == F64):
                job.hpath = H_TALL
            elif job.add and acc == U32 and code <= I16 and job.wpath != W_BOUNDS and job.d.kernel == 1 and not job.d.adaptive:
                job.hpath = H_RUNNING
        elif job.load != NULL and job.h.kernel > job.h.stride:
            job.hpath = H_STRIP
        if LIMITS.hpath >= 0 and job.hpath != H_RUNNING and (LIMITS.hpath < H_TALL or job.h.kernel > 1) and (
                LIMITS.hpath != H_BLOCKS or job.h.dilation == 1):
            job.hpath = LIMITS.hpath
    job.tall = job.tall and job.hpath == H_TALL
    size = job.outer * job.inner * (job.d.n * job.h.n * job.w.n * job.x_item + job.d.out * job.h.out * job.w.out * job.out_item)
    # (rows of x as they are, one stream after another, gain nothing)
    job.stream = (not group and size >= LIMITS.stream and not (trivial(&job.d) and trivial(&job.h)) and job.hpath < H_BLOCKS
                  and job.wpath != W_BOUNDS)
    job.box, job.scale = NULL, 1
    taps = most_taps(&job.d) * job.h.kernel
    # 16-bit floats: straight from x to the output
    job.halves = acc == I16 and code != I16 and job.inner == 1 and job.hpath <= H_STRIP and LIMITS.hpath < 0
    job.half = cp_half_of(code == BF16, op == OP_MIN)
    squares = (op == OP_LP and p == 2 and code == F32 and job.inner == 1 and job.w.stride == 2 and job.hpath <= H_STRIP
               and LIMITS.hpath < 0)
    if (job.wpath == W_DIRECT and (job.hpath == H_DIRECT and job.load == NULL or job.halves or squares) and not job.h.adaptive
            and job.w.kernel <= CP_TAPS and taps <= CP_TAPS and not (trivial(&job.d) and trivial(&job.h))):
        if job.inner > 1:
            # columns: the taps of a window against the taps of the new part of a line, and along the line
            if taps * job.w.kernel <= taps * job.w.stride + job.w.kernel and job.inner * job.acc_item >= 16:
                job.box = CP_LANES_OF[acc][which]
                job.tile = job.w.out if job.finish == NULL else smaller(job.w.out, limit)
                job.tiles = (job.w.out + job.tile - 1) // job.tile
                job.pitch = job.tile * job.inner               # only accumulators are kept
        elif job.w.stride == 1 or job.w.stride == 2 and job.w.dilation == 1 and job.w.kernel > 1:
            job.box = CP_BOX_OF[acc][which]
    job.stencil = NULL
    if (CP_WIDE == 64 and (acc == F32 or acc == F64) and job.inner == 1 and job.w.dilation == 1
            and (job.w.stride == 1 or job.w.stride == 2 and job.w.kernel == 3 and job.box != NULL and not squares
                 and job.w.out * job.acc_item >= HALVED)
            and (job.w.kernel == 3 or job.w.kernel == 5) and taps == job.w.kernel and LIMITS.wpath < 0):
        job.stencil = CP_BOX_OF[acc][which]
    if bytes_:
        job.box, job.scale = cp_byte_means if op == OP_AVG else cp_byte_maxima, one_divisor(job)
        job.half.flip = (128 if code == I8 else 0) ^ (255 if op == OP_MIN else 0)
    job.halves = job.halves and job.box != NULL
    if job.halves:
        job.box, job.load, job.finish, job.hpath, job.infinity = cp_half_box, NULL, NULL, H_DIRECT, -32768
    elif squares and job.box != NULL:
        job.box, job.load, job.hpath = cp_square_box, NULL, H_DIRECT
        if (CP_ROOT_PAIRS and out_code == F32 and not normalize and job.w.kernel == 2 and job.w.lo == 0
                and 2 * job.w.out <= job.w.n):
            job.box, job.finish = cp_root_pairs, NULL
    if (job.box != NULL and op == OP_AVG and acc == out_code and (acc == F32 or acc == F64)
            and (job.inner > 1 or job.w.stride == 2 and job.stencil == NULL) and power_of_two(one_divisor(job))):
        job.scale, job.finish = 1 / one_divisor(job), NULL     # exact: no pass of its own
    rows = larger(1, LIMITS.band // (job.pitch * job.acc_item))
    if bytes_:                                                 # no lines
        rows, job.pitch = larger(1, 8 * LIMITS.band // (job.h.stride * job.w.n)), 1
    if (job.box != NULL and job.inner == 1 and job.h.kernel > job.h.stride
            and job.w.n * job.acc_item > LIMITS.line // 2):
        # rows that several windows need: tiles of which they stay in L1, and more of them (in registers: in L2)
        limit = 2 * LIMITS.line // job.w.stride if job.stencil != NULL else LIMITS.line // 2 // (job.w.stride * job.w.stride)
        limit = larger(1, limit // job.acc_item)
        job.tiles = (job.w.out + limit - 1) // limit
        job.tile = (job.w.out + job.tiles - 1) // job.tiles
        if job.tile > 64:
            job.tile = (job.tile + 63) // 64 * 64
        job.tiles = (job.w.out + job.tile - 1) // job.tile
        job.pitch = (job.tile - 1) * job.w.stride + extent(&job.w)
        rows = larger(1, 4 * LIMITS.band // (job.pitch * job.acc_item))
    if job.hpath != H_DIRECT:
        limit = larger(LIMITS.strip // (job.pitch * job.acc_item), 2 * extent(&job.h))
        if job.tall:
            # as many rows as come before the first window, within reason
            rows = smaller(extent(&job.h), 128 * LIMITS.strip // (job.pitch * job.acc_item))
            limit = larger(rows, 16 * LIMITS.strip // (job.pitch * job.acc_item)) + extent(&job.h)
        rows = larger(1, (limit - extent(&job.h)) // job.h.stride + 1)
    job.means = job.stencil != NULL and job.box != NULL and op == OP_AVG and acc == F32 and out_code == F32
    job.direct = job.stencil != NULL and job.box != NULL and (job.finish == NULL or job.means)
    if job.direct:                                             # no lines: few beginnings of bands
        rows = larger(1, 32 * LIMITS.band // (job.pitch * job.acc_item))
    job.band = smaller(job.h.out, rows)
    # enough tasks for the threads of a large machine, whatever their number: the split may not change bits, only balance
    most = larger(1, job.outer * job.d.out * job.tiles)
    if job.tall:
        job.band = smaller(job.band, larger(4 * extent(&job.h) // job.h.stride, (job.h.out * most + 15) // 16))
    if most < 64 and job.band * 64 > job.h.out * most and job.hpath == H_DIRECT:
        job.band = larger(1, smaller(job.band, (job.h.out * most + 63) // 64))
    job.bands = (job.h.out + job.band - 1) // job.band
    job.planes, job.by_plane = 1, False
    size = larger(job.h.n * job.w.n * job.x_item, job.h.out * job.w.out * job.acc_item)
    if (job.box != NULL and job.inner == 1 and job.bands == 1 and job.tiles == 1 and job.d.n == 1 and job.d.out == 1
            and not job.rescue):
        job.planes = larger(1, smaller(PLANES // size, job.outer // 64))
        job.by_plane = job.finish != NULL and size <= PLANES and not job.means
    if job.hpath == H_BLOCKS:
        # a task is a block: the outputs whose windows begin in it
        job.band = (job.h.kernel - 1) // job.h.stride + 1
        job.bands = (job.h.out - 1) * job.h.stride // job.h.kernel + 1
    elif job.hpath == H_RUNNING:
        job.band = smaller(job.h.out, larger(job.h.kernel // job.h.stride, 32))
        job.bands = (job.h.out + job.band - 1) // job.band
        job.change = CHANGE[code]
    job.strip_rows = 0
    job.block_rows = 1
    job.ahead = 0 if group else LIMITS.ahead
    if job.hpath != H_DIRECT:
        job.strip_rows = (job.band - 1) * job.h.stride + extent(&job.h)
    if job.hpath == H_BLOCKS:
        job.strip_rows = job.h.kernel + 2
    if job.hpath != H_BLOCKS:
        job.block = NULL
    if job.hpath == H_BLOCKS or job.tall:
        limit = LIMITS.band // 2 if job.tall else LIMITS.band
        job.block_rows = larger(1, smaller(job.band, limit // larger(1, job.pitch * job.acc_item)))
    elif job.hpath == H_RUNNING:
        job.strip_rows = 0
    job.buf = job.pitch * (job.block_rows if job.tall else larger(1 if job.hpath == H_RUNNING else job.band, job.strip_rows))
    if job.load != NULL or job.cascade:
        job.buf = larger(job.buf, 4 * job.pitch)
    if job.block != NULL:
        job.buf += job.h.kernel * (192 // job.acc_item)
    job.buf += 2 * job.pitch + 256                              # room for the halving of a run
    if job.tall:
        job.buf = larger(job.buf, CP_TALL_RING * job.h.kernel)
    return acc


cdef inline bint inside(const axis_t* a, bint pad) noexcept nogil:
    """Whether the first and the last window, and so all, have as many taps as any."""
    if pad:
        return axis_divisor(a, 0) == a.kernel == axis_divisor(a, a.out - 1)
    return axis_taps(a, 0) == a.kernel == axis_taps(a, a.out - 1)


cdef double one_divisor(const job_t* job) noexcept nogil:
    """The divisor that all windows share, or 0."""
    cdef bint pad = job.include_pad
    if not job.counted:
        return job.divisor
    if job.d.adaptive or job.h.adaptive or job.w.adaptive:
        return 0
    if inside(&job.d, pad) and inside(&job.h, pad) and inside(&job.w, pad):
        return <double>job.d.kernel * job.h.kernel * job.w.kernel
    return 0


cdef bint byte_boxes(const job_t* job, int op, int code, int out_code) noexcept nogil:
    """Whether bytes go from x to the output in registers (bytes.h)."""
    cdef const axis_t* w = &job.w
    cdef double div = one_divisor(job)
    cdef bint means = op == OP_AVG and code == out_code and job.how.small and 1 < div <= 16384 and power_of_two(div)
    return (CP_BYTE_BOXES and (code == U8 or code == I8) and (op <= OP_MIN or means) and job.inner == 1
            and not (trivial(&job.d) and trivial(&job.h)) and not job.h.adaptive and not w.adaptive and w.dilation == 1
            and w.kernel == w.stride and (w.kernel == 2 and means or w.kernel == 4 or w.kernel == 8) and w.lo == 0
            and w.out * w.kernel <= w.n and not wide_pays(&job.h, op == OP_AVG)
            and most_taps(&job.d) * job.h.kernel <= CP_TAPS and LIMITS.wpath < 0 and LIMITS.hpath < 0)


cdef bint factors(Py_ssize_t k) noexcept nogil:
    """Whether k is a product of 2, 3, 5 and 7."""
    cdef Py_ssize_t f
    for f in range(2, 8):
        while k % f == 0:
            k //= f
    return k == 1


cdef inline Py_ssize_t factor(Py_ssize_t k) noexcept nogil:
    """The next step of W_FACTORS."""
    cdef Py_ssize_t f
    for f in range(2, 8):
        if k % f == 0:
            return f
    return k


# ---------------------------------------------------------------- the walk
cdef struct pair_t:
    char* a                   # doubling leaves its last step undone: result[i] = op(a[i], b[i])
    char* b
    char* spare               # a buffer that neither is in


cdef inline char* other(char** bufs, const char* one, const char* two) noexcept nogil:
    """A buffer that is neither of two, the line itself last."""
    cdef int i
    for i in range(2):
        if bufs[i] != one and bufs[i] != two:
            return bufs[i]
    return bufs[2]


cdef pair_t wide(const job_t* job, char* start, char* spare0, char* spare1, Py_ssize_t elements, Py_ssize_t k,
                 Py_ssize_t shift) noexcept nogil:
    """op of k >= 2 taps, `shift` elements apart, from every element on (the last (k-1)*shift excepted).

    Sums use `start` as a third buffer.
    """
    cdef char* bufs[3]
    cdef char* cur = start
    cdef char* res = NULL
    cdef char* to
    cdef Py_ssize_t w = 1, covered = 0, n, item = job.acc_item
    cdef pair_t pair
    bufs[0], bufs[1], bufs[2] = spare0, spare1, start
    if not job.add:
        while 2 * w < k:
            to = spare0 if cur != spare0 else spare1
            n = elements - (2 * w - 1) * shift
            job.fold(NULL, to, 0, cur, 0, 1, 1, 0, 2, w * shift, n, 0, 0, False)
            cur = to
            w *= 2
        pair.a, pair.b = cur, cur + (k - w) * shift * item
        pair.spare = spare0 if cur != spare0 else spare1
        return pair
    while True:
        if k & w:
            if res == NULL:
                if w == k:                                   # cannot happen: the loop ends one step before
                    break
                res = cur
            elif covered + w == k:
                pair.a, pair.b = res, cur + covered * shift * item
                pair.spare = other(bufs, cur, res)
                return pair
            else:
                to = other(bufs, cur, res)
                n = elements - (covered + w - 1) * shift
                job.fold(NULL, to, 0, res, 0, 1, 1, 0, 2, (cur - res) // item + covered * shift, n, 0, 0, False)
                res = to
            covered += w
        if 2 * w == k:
            break
        to = other(bufs, cur, res)
        n = elements - (2 * w - 1) * shift
        job.fold(NULL, to, 0, cur, 0, 1, 1, 0, 2, w * shift, n, 0, 0, False)
        cur = to
        w *= 2
    pair.a, pair.b = cur, cur + w * shift * item             # k is a power of two
    pair.spare = other(bufs, cur, res)
    return pair


cdef inline void load_rows(const job_t* job, char* dst, const char* base, const char* src, Py_ssize_t td, Py_ssize_t sd,
                           Py_ssize_t th, Py_ssize_t sh, Py_ssize_t n, Py_ssize_t ahead) noexcept nogil:
    """dst[i] = op over base[i] (unless NULL) and the converted src[h*sh + d*sd + i], h < th, d < td, in that order."""
    cdef const void* rows[LOAD_ROWS]
    cdef Py_ssize_t d, h, m = 0
    for h in range(th):
        for d in range(td):
            rows[m] = src + (d * sd + h * sh) * job.x_item
            m += 1
            if m == LOAD_ROWS:
                job.load(dst, base, rows, m, n, ahead, job.load_p)
                m, base = 0, dst
    if m:
        job.load(dst, base, rows, m, n, ahead, job.load_p)


cdef void taps_of(const job_t* job, scratch_t* s, char* dst, const char* src, Py_ssize_t td, Py_ssize_t sd, Py_ssize_t th,
                  Py_ssize_t sh, Py_ssize_t n, Py_ssize_t ahead) noexcept nogil:
    """One row of accumulators: the taps of one window over D and H, converted, pairwise where they are many."""
    if job.cascade and td * th > 64:
        cascade(job, s, dst, src, td, sd, th, sh, n)
    elif job.load == NULL:
        job.fold(NULL, dst, 0, src, 0, 1, td, sd, th, sh, n, 0, 0, False)
    else:
        load_rows(job, dst, NULL, src, td, sd, th, sh, n, ahead)


cdef void cascade(const job_t* job, scratch_t* s, char* dst, const char* src, Py_ssize_t td, Py_ssize_t sd, Py_ssize_t th,
                  Py_ssize_t sh, Py_ssize_t n) noexcept nogil:
    """Pairwise summation of many rows of float64: leaves of up to 32 rows, merged like the digits of a binary counter."""
    cdef Py_ssize_t h, m, leaves = 0, depth = 0, c, step_ = larger(1, 32 // td), piece
    cdef Py_ssize_t size = larger(1, job.buf // 48)           # columns at a time: 48 levels fit work[1]
    cdef char* level
    cdef Py_ssize_t col = 0
    while col < n:
        piece = smaller(size, n - col)
        h = 0
        leaves = 0
        depth = 0
        while h < th:
            m = smaller(step_, th - h)
            level = s.work[1] + depth * piece * 8
            if job.load == NULL:
                job.fold(NULL, level, 0, src + (h * sh + col) * job.x_item, 0, 1, td, sd, m, sh, piece, 0, 0, False)
            else:
                load_rows(job, level, NULL, src + (h * sh + col) * job.x_item, td, sd, m, sh, piece, job.ahead)
            depth += 1
            leaves += 1
            c = leaves
            while c % 2 == 0:
                depth -= 1
                job.fold(NULL, s.work[1] + (depth - 1) * piece * 8, 0, s.work[1] + depth * piece * 8, 0, 1, 1, 0, 1, 0, piece,
                         0, 0, True)
                c //= 2
            h += m
        while depth > 1:
            depth -= 1
            job.fold(NULL, s.work[1] + (depth - 1) * piece * 8, 0, s.work[1] + depth * piece * 8, 0, 1, 1, 0, 1, 0, piece,
                     0, 0, True)
        memcpy(dst + col * 8, s.work[1], piece * 8)
        col += piece


cdef void vertical(const job_t* job, scratch_t* s, const char* plane, Py_ssize_t od, Py_ssize_t a0, Py_ssize_t a1,
                   Py_ssize_t c0, Py_ssize_t n, char* dst, Py_ssize_t pitch) noexcept nogil:
    """Rows a0 .. a1 of the output, straight from x: columns from c0 on, n elements, into lines `pitch` elements apart."""
    cdef Py_ssize_t row = job.w.n * job.inner, fd = axis_first(&job.d, od), td = axis_taps(&job.d, od)
    cdef Py_ssize_t sd = job.d.dilation * job.h.n * row, sh = job.h.dilation * row, r = a0, th, m, ahead
    cdef const char* src
    cdef char* to
    while r < a1:
        th = axis_taps(&job.h, r)
        m = 1
        to = dst + (r - a0) * pitch * job.acc_item
        if td == 0 or th == 0:
            blank(job, to, n)
            r += 1
            continue
        src = plane + (fd * job.h.n * row + axis_first(&job.h, r) * row + c0 * job.inner) * job.x_item
        ahead = 0
        if not job.h.adaptive and (td * th > 1 or job.load != NULL) and job.ahead > 0:
            ahead = job.h.stride * row
            ahead = ahead * ((job.ahead + ahead * job.x_item - 1) // (ahead * job.x_item))
        if job.load == NULL and not (job.cascade and td * th > 64):
            if not job.h.adaptive and th == job.h.kernel:
                m = smaller(a1, (job.h.n - extent(&job.h) + job.h.lo) // job.h.stride + 1) - r
                if m < 1:
                    m = 1
            job.fold(NULL, to, pitch, src, job.h.stride * row, m, td, sd, th, sh, n, ahead, smaller(job.h.stride, th), False)
        else:
            taps_of(job, s, to, src, td, sd, th, sh, n, ahead * job.x_item)
        r += m


cdef void boxes(const job_t* job, scratch_t* s, const char* plane, Py_ssize_t planes, Py_ssize_t od, Py_ssize_t a0,
                Py_ssize_t rows, Py_ssize_t c0, Py_ssize_t n, Py_ssize_t lead, Py_ssize_t pitch, Py_ssize_t cols,
                char* dst, Py_ssize_t dst_step) noexcept nogil:
    """Rows a0 .. a0 + rows of the output, few at a time: lines and then windows. What lies before and after a line is there."""
    cdef Py_ssize_t row = job.w.n, fd = axis_first(&job.d, od), td = axis_taps(&job.d, od), r = a0, th, m, i, h, d, first
    cdef Py_ssize_t seen = 0, p, block = job.h.stride * row * job.x_item
    cdef Py_ssize_t size = job.d.n * job.h.n * row, dst_size = rows * dst_step
    cdef Py_ssize_t off[CP_TAPS]
    cdef Py_ssize_t along[CP_TAPS]
    cdef Py_ssize_t pitch_bytes, lead_bytes = lead * job.acc_item
    cdef Py_ssize_t dst_item = job.out_item if job.finish == NULL else job.acc_item
    cdef box_t box
    cdef char* base
    cdef char* to
    cdef double div
    cdef i64 identity
    for i in range(job.w.kernel):
        along[i] = i * job.w.dilation
    box.off, box.along, box.scale = off, along, job.scale
    # lines lie as the rows do: where a row's loads are whole lines of the cache, its stores are
    base = s.line + ((<size_t>plane + c0 * job.x_item - lead_bytes) % 64 // job.acc_item * job.acc_item)
    box.lines = smaller(job.band, larger(1, LINES // (pitch * job.acc_item)))
    pitch_bytes = pitch * job.acc_item
    if row * job.x_item % 64 == 0:
        pitch_bytes = (pitch_bytes + 63) // 64 * 64
    box.line, box.pitch, box.lead, box.n = base, pitch_bytes // job.acc_item, lead, n
    if s.base != base and n < pitch and not job.direct:
        s.base = base
        for i in range(box.lines):
            if lead > 0:
                blank(job, base + i * pitch_bytes, lead)
            if lead + n < pitch:
                blank(job, base + i * pitch_bytes + lead_bytes + n * job.acc_item, pitch - lead - n)
    box.k, box.stride, box.cols, box.blank = <int>job.w.kernel, <int>job.w.stride, cols, NULL
    box.keep, box.past = NULL, job.stream and job.direct
    box.count = s.count if job.means and job.counted and not s.uniform else NULL
    if job.stencil != NULL:
        blank(job, <char*>&identity, 1)
        box.blank = box.none = &identity
    box.ahead = (2 * job.ahead + block - 1) // block * job.h.stride * row
    if job.ahead > 0:
        # small planes: what the next task will need, be it more planes or the next window over D
        if job.planes > 1:
            box.ahead = job.planes * size
        elif td > 1 and job.d.stride * job.h.n * row * job.x_item <= 2 * PLANES:
            box.ahead = job.d.stride * job.h.n * row
    while r < a0 + rows:
        th = axis_taps(&job.h, r)
        if td == 0 or th == 0:
            for p in range(planes):
                if job.halves:
                    fill_key(<i16*>dst + p * dst_size + (r - a0) * dst_step, cols, job.half.hole)
                elif dst_item < job.acc_item:                  # roots
                    memset(dst + (p * dst_size + (r - a0) * dst_step) * dst_item, 0, cols * dst_item)
                else:
                    blank(job, dst + (p * dst_size + (r - a0) * dst_step) * dst_item, cols)
                    if job.means:
                        to = dst + (p * dst_size + (r - a0) * dst_step) * dst_item
                        finish_rows(job, s, to, cols, to, cols, od, r, 1, cols)
            r += 1
            continue
        m = 1
        if th == job.h.kernel:
            m = larger(1, smaller(a0 + rows, (job.h.n - extent(&job.h) + job.h.lo) // job.h.stride + 1) - r)
        first = axis_first(&job.h, r)
        i = 0
        for h in range(th):
            for d in range(td):
                off[i] = (d * job.d.dilation * job.h.n + h * job.h.dilation) * row
                i += 1
        box.taps = <int>i
        # every row is asked for once: by the first window that reaches it, or by a run of windows that goes on to it
        h = job.h.stride if m > 1 else first + (th - 1) * job.h.dilation + 1 - seen
        box.fresh = <int>(th - smaller(th, h)) * td if box.ahead > 0 else box.taps
        seen = first + (m - 1) * job.h.stride + (th - 1) * job.h.dilation + 1
        box.planes, box.src_plane, box.dst_plane = planes, size, dst_size
        box.rows, box.src_step, box.dst_step = m, job.h.stride * row, dst_step
        if m == 1 and job.stencil == NULL:
            box.planes, box.rows, box.src_step, box.dst_step = 1, planes, size, dst_size
        if job.means:
            div = row_divisor(job, od, r)
            if job.counted and s.uniform:
                div = div * s.wcount
            box.scale = 1.0 / div
        job.box(<void*>&job.half, &box, dst + (r - a0) * dst_step * dst_item,
                plane + ((fd * job.h.n + first) * row + c0) * job.x_item)
        r += m


cdef void columns(const job_t* job, const char* plane, Py_ssize_t od, Py_ssize_t a0, Py_ssize_t rows, Py_ssize_t o0,
                  Py_ssize_t cols, char* dst, Py_ssize_t dst_step) noexcept nogil:
    """The same for channels last: windows straight from x, in registers."""
    cdef Py_ssize_t row = job.w.n * job.inner, fd = axis_first(&job.d, od), td = axis_taps(&job.d, od), r, o, m, i, h, d, th
    cdef Py_ssize_t top, seen = 0
    cdef Py_ssize_t off[CP_TAPS]
    cdef Py_ssize_t along[CP_TAPS]
    cdef const char* src
    cdef char* to
    cdef box_t box
    box.off, box.along, box.stride, box.n, box.scale = off, along, <int>job.w.stride, job.inner, job.scale
    box.ahead, box.blank = job.ahead // job.x_item, NULL
    if (job.ahead > 0 and job.h.kernel > job.h.stride and job.h.stride * row * job.x_item <= NEXT
            and job.outer * job.d.n * job.h.n * row * job.x_item >= FAR):
        box.ahead = job.h.stride * row
    for i in range(job.w.kernel):
        along[i] = i * job.w.dilation * job.inner
    for r in range(a0, a0 + rows):
        th, top = axis_taps(&job.h, r), axis_first(&job.h, r)
        i = 0
        for h in range(th):
            for d in range(td):
                off[i] = (d * job.d.dilation * job.h.n + h * job.h.dilation) * row
                i += 1
        box.taps = <int>i
        h = smaller(th, larger(0, top + (th - 1) * job.h.dilation + 1 - larger(seen, top)))
        box.fresh = <int>(th - h) * <int>td if box.ahead > 0 else box.taps
        seen = top + (th - 1) * job.h.dilation + 1
        o = o0
        while o < o0 + cols:
            to = dst + ((r - a0) * dst_step + (o - o0) * job.inner) * job.acc_item
            box.k = <int>axis_taps(&job.w, o)
            m = 1
            if box.k == 0 or box.taps == 0:
                blank(job, to, job.inner)
            else:
                if box.k == job.w.kernel:
                    m = larger(1, smaller(o0 + cols, (job.w.n - extent(&job.w) + job.w.lo) // job.w.stride + 1) - o)
                box.cols = m
                src = plane + ((fd * job.h.n + top) * row + axis_first(&job.w, o) * job.inner) * job.x_item
                job.box(NULL, &box, to, src)
            o += m


cdef void strip(const job_t* job, scratch_t* s, const char* plane, Py_ssize_t od, Py_ssize_t a0, Py_ssize_t rows,
                Py_ssize_t c0, Py_ssize_t n, Py_ssize_t lead, Py_ssize_t pitch, char* dst) noexcept nogil:
    """The same through a strip of converted rows, D folded, padded with the identity on all sides."""
    cdef Py_ssize_t row = job.w.n * job.inner, fd = axis_first(&job.d, od), td = axis_taps(&job.d, od)
    cdef Py_ssize_t count = (rows - 1) * job.h.stride + extent(&job.h), top = a0 * job.h.stride - job.h.lo, i, h
    cdef Py_ssize_t item = job.acc_item
    cdef char* to
    cdef pair_t pair
    for i in range(count):
        h = top + i
        to = s.work[0] + i * pitch * item
        if h < 0 or h >= job.h.n or td == 0 or n == 0:
            blank(job, to, pitch)
            continue
        if lead > 0:
            blank(job, to, lead)
        if lead + n < pitch:
            blank(job, to + (lead + n) * item, pitch - lead - n)
        taps_of(job, s, to + lead * item, plane + ((fd * job.h.n + h) * row + c0 * job.inner) * job.x_item,
                td, job.d.dilation * job.h.n * row, 1, 0, n, job.ahead)
    if job.hpath == H_STRIP or job.h.kernel == 1:
        job.fold(NULL, dst, pitch, s.work[0], job.h.stride * pitch, rows, 1, 0, job.h.kernel, job.h.dilation * pitch, pitch,
                 0, 0, False)
    else:
        pair = wide(job, s.work[0], s.work[1], s.work[2], count * pitch, job.h.kernel, job.h.dilation * pitch)
        job.fold(NULL, dst, pitch, pair.a, job.h.stride * pitch, rows, 1, 0, 2, (pair.b - pair.a) // item, pitch, 0, 0, False)


cdef void tall(const job_t* job, scratch_t* s, const char* plane, Py_ssize_t od, Py_ssize_t a0, Py_ssize_t rows, Py_ssize_t c0,
               Py_ssize_t n, Py_ssize_t lead, Py_ssize_t pitch, Py_ssize_t o0, Py_ssize_t cols, char* out,
               Py_ssize_t out_step) noexcept nogil:
    """Doubling down columns, into lines, and these to outputs a few at a time."""
    cdef Py_ssize_t row = job.w.n * job.inner, top = a0 * job.h.stride - job.h.lo, r = 0, i, group, step_ = job.pitch
    cdef const double* first = <const double*>plane + (axis_first(&job.d, od) * job.h.n + top) * row + c0 * job.inner
    cdef double* line = <double*>s.line + (-lead & 7)         # no store of a line across two cache lines
    cp_tall(line + lead, step_, first, row, -top, job.h.n - top if axis_taps(&job.d, od) > 0 else -top, rows, job.h.stride,
            job.h.kernel, n, <double*>s.work[1])
    while r < rows:
        group = smaller(job.block_rows, rows - r)
        for i in range(r, r + group):
            blank(job, <char*>(line + i * step_), lead)
            blank(job, <char*>(line + i * step_ + lead + n), pitch - lead - n)
        lines(job, s, plane, <char*>(line + r * step_), step_, group, od, a0 + r, o0, cols, out + r * out_step * job.out_item,
              out_step)
        r += group


cdef inline void onto(const job_t* job, scratch_t* s, char* dst, char* base, const char* src, Py_ssize_t td, Py_ssize_t sd,
                      Py_ssize_t n, Py_ssize_t next_) noexcept nogil:
    """One row of x (D folded) onto accumulators: dst = op(base, row), or the row alone. What comes is `next_` further on."""
    if base == NULL:
        taps_of(job, s, dst, src, td, sd, 1, 0, n, job.ahead)
    elif job.load != NULL:
        load_rows(job, dst, base, src, td, sd, 1, 0, n, next_ * job.x_item if job.ahead else 0)
    elif base == dst:
        job.fold(NULL, dst, 0, src, 0, 1, td, sd, 1, 0, n, 0, 0, True)
    elif td == 1:
        job.fold(NULL, dst, 0, base, 0, 1, 1, 0, 2, (src - base) // job.acc_item, n, 0, 0, False)
    else:
        taps_of(job, s, s.work[1], src, td, sd, 1, 0, n, job.ahead)
        job.fold(NULL, dst, 0, base, 0, 1, 1, 0, 2, (s.work[1] - base) // job.acc_item, n, 0, 0, False)


cdef void blocks(const job_t* job, scratch_t* s, const char* plane, Py_ssize_t od, Py_ssize_t block, Py_ssize_t a0,
                 Py_ssize_t rows, Py_ssize_t c0, Py_ssize_t n, Py_ssize_t lead, Py_ssize_t pitch, Py_ssize_t o0,
                 Py_ssize_t cols, char* out, Py_ssize_t out_step) noexcept nogil:
    cdef Py_ssize_t row = job.w.n * job.inner, k = job.h.kernel, item = job.acc_item, top = block * k - job.h.lo
    cdef Py_ssize_t i, h, r, g, off, have = 0, td = axis_taps(&job.d, od), sd = job.d.dilation * job.h.n * row
    cdef Py_ssize_t group
    cdef const char* first = plane + (axis_first(&job.d, od) * job.h.n * row + c0 * job.inner) * job.x_item
    cdef char* suffix = s.work[0]
    cdef char* prefix = s.work[0] + k * n * item
    cdef char* start = s.line + (-lead * item & 63)           # no store of a line across two cache lines
    cdef char* line
    cdef Py_ssize_t apart
    cdef i64 none
    if job.block != NULL:
        start = s.work[0] + (-lead * item & 63)
        apart = (pitch * item + 191) // 64 * 64 // item
        blank(job, <char*>&none, 1)
        off = (a0 + rows - 1) * job.h.stride - block * k
        job.block(start + lead * item, apart, first, row, top, k, 0, job.h.n if td > 0 else 0, off + 1, n, &none)
        group = job.block_rows if job.h.stride == 1 else 1
        if s.base != start:
            # what lies before and after a line stays there, unless whole vectors or sums of `wide` are written over it
            s.base = start if n * item >= CP_BLOCK_ROOM and (job.span >= 0 or not job.add) else NULL
            for i in range(k):
                blank(job, start + i * apart * item, lead)
                blank(job, start + (i * apart + lead + n) * item, pitch - lead - n)
        r = 0
        while r < rows:
            group = smaller(group, rows - r)
            off = (a0 + r) * job.h.stride - block * k
            line = start + off * apart * item
            lines(job, s, plane, line, apart, group, od, a0 + r, o0, cols, out + r * out_step * job.out_item, out_step)
            r += group
        return
    for i in range(k - 1, -1, -1):
        h = top + i
        if 0 <= h < job.h.n and td > 0:
            onto(job, s, suffix + i * n * item, suffix + (i + 1) * n * item if i < k - 1 else NULL,
                 first + h * row * job.x_item, td, sd, n, -row)
        elif i == k - 1:
            blank(job, suffix + i * n * item, n)
        else:
            memcpy(suffix + i * n * item, suffix + (i + 1) * n * item, n * item)
    r = 0
    while r < rows:
        group = smaller(job.block_rows, rows - r)
        for g in range(group):
            off = (a0 + r + g) * job.h.stride - block * k
            while have < off:
                h = top + k + have
                if 0 <= h < job.h.n and td > 0:
                    onto(job, s, prefix, prefix if have else NULL, first + h * row * job.x_item, td, sd, n, row)
                elif have == 0:
                    blank(job, prefix, n)
                have += 1
            line = start + g * pitch * item
            if lead > 0:
                blank(job, line, lead)
            if lead + n < pitch:
                blank(job, line + (lead + n) * item, pitch - lead - n)
            line += lead * item
            if off == 0:
                memcpy(line, suffix, n * item)
            else:
                job.fold(NULL, line, 0, suffix + off * n * item, 0, 1, 1, 0, 2, (prefix - suffix) // item - off * n, n,
                         0, 0, False)
        lines(job, s, plane, start, pitch, group, od, a0 + r, o0, cols, out + r * out_step * job.out_item, out_step)
        r += group


cdef void running(const job_t* job, scratch_t* s, const char* plane, Py_ssize_t od, Py_ssize_t a0, Py_ssize_t rows,
                  Py_ssize_t c0, Py_ssize_t n, Py_ssize_t lead, Py_ssize_t pitch, Py_ssize_t o0, Py_ssize_t cols, char* out,
                  Py_ssize_t out_step) noexcept nogil:
    """Integer sums: from one row of windows to the next, rows come and rows go. Modulo 2**32, so nothing is lost."""
    cdef Py_ssize_t row = job.w.n * job.inner, k = job.h.kernel, item = job.acc_item, top = a0 * job.h.stride - job.h.lo
    cdef Py_ssize_t last = job.h.n if axis_taps(&job.d, od) > 0 else 0, h0 = larger(top, 0), h1 = smaller(top + k, last), r, _j
    cdef const char* first = plane + (axis_first(&job.d, od) * job.h.n * row + c0 * job.inner) * job.x_item
    cdef const char* more
    cdef const char* less
    cdef char* start = s.line + (-lead * item & 63)
    cdef char* sums = start + lead * item
    cdef char* line = start
    blank(job, start, pitch)
    if h0 < h1:
        load_rows(job, sums, NULL, first + h0 * row * job.x_item, 1, 0, h1 - h0, row, n, job.ahead)
    for r in range(rows):
        for _j in range(job.h.stride if r else 0):
            more = first + (top + k) * row * job.x_item if 0 <= top + k < last else NULL
            less = first + top * row * job.x_item if 0 <= top < last else NULL
            top += 1
            if more != NULL or less != NULL:
                job.change(sums, more, less, n, job.ahead)
        if job.wpath == W_WIDE and job.span < 0:               # which uses the line as a buffer
            line = s.work[0]
            memcpy(line, start, pitch * item)
        lines(job, s, plane, line, pitch, 1, od, a0 + r, o0, cols, out + r * out_step * job.out_item, out_step)


cdef inline void expect(const job_t* job, const char* out, Py_ssize_t out_step, Py_ssize_t rows,
                        Py_ssize_t cols) noexcept nogil:
    """Ask for lines of the output before they are written."""
    cdef Py_ssize_t r, j
    for r in range(rows):
        for j in range(0, cols * job.inner * job.out_item, 64):
            cp_prefetch_write(out + r * out_step * job.out_item + j)


cdef inline void lines(const job_t* job, scratch_t* s, const char* plane, char* line, Py_ssize_t pitch, Py_ssize_t rows,
                       Py_ssize_t od, Py_ssize_t a0, Py_ssize_t o0, Py_ssize_t cols, char* out,
                       Py_ssize_t out_step) noexcept nogil:
    """Lines to outputs, while they are in the L1 cache."""
    expect(job, out + rows * out_step * job.out_item, out_step, rows, cols)
    if job.finish == NULL:
        horizontal(job, s, line, pitch, rows, cols, out, out_step)
        return
    horizontal(job, s, line, pitch, rows, cols, s.row, cols * job.inner)
    finish_task(job, s, plane, out, out_step, s.row, cols * job.inner, od, a0, rows, o0, cols)


cdef void strided(const job_t* job, char* dst, Py_ssize_t dst_step, const char* src, Py_ssize_t src_step, Py_ssize_t rows,
                  Py_ssize_t cols, Py_ssize_t k, Py_ssize_t stride, Py_ssize_t shift) noexcept nogil:
    """`cols` windows of k taps along each line; `shift` elements between taps, `stride` columns between windows."""
    cdef Py_ssize_t inner = job.inner, r
    if stride == 1:
        job.fold(NULL, dst, dst_step, src, src_step, rows, 1, 0, k, shift, cols * inner, 0, 0, False)
    elif inner == 1:
        if src_step == cols * stride and dst_step == cols:
            job.slide(NULL, dst, 0, src, 0, 1, rows * cols, k, stride, shift)
        else:
            job.slide(NULL, dst, dst_step, src, src_step, rows, cols, k, stride, shift)
    elif src_step == cols * stride * inner and dst_step == cols * inner:
        job.fold(NULL, dst, inner, src, stride * inner, rows * cols, 1, 0, k, shift, inner, 0, 0, False)
    else:
        for r in range(rows):
            job.fold(NULL, dst + r * dst_step * job.acc_item, inner, src + r * src_step * job.acc_item, stride * inner, cols,
                     1, 0, k, shift, inner, 0, 0, False)


cdef void spans(const job_t* job, scratch_t* s, char* dst, const char* src, Py_ssize_t cols) noexcept nogil:
    """W_WIDE in registers, one line. Whole vectors are written, so not straight to the output."""
    cdef Py_ssize_t k = job.w.kernel, item = job.acc_item, count = (cols - 1) * job.w.stride + 1, whole, left
    cdef Py_ssize_t lanes = 64 // item, inner = job.inner, room = ((count + k) * inner + 64) & -16
    cdef char* part = s.work[1]
    cdef char* to = dst if job.w.stride == 1 and job.finish != NULL else s.work[1] + room * item
    cdef char* rest
    cdef pair_t pair
    whole, left = k // lanes, k % lanes
    if job.span == OP_AVG:
        cp_span_totals(<u32*>part, <const u32*>src, count + k - 1)
        cp_span_differences(<u32*>to, <const u32*>part, count, k)
    elif job.tree:
        # the sums of 8 taps from the first that is not among `left` on: at the begin of a cache line
        rest = s.work[1] + room * item
        if inner == 1:
            part += 64
        else:
            part += left * inner * item
        cp_span_parts(<double*>part - left * inner, <double*>rest, <const double*>src, (count + k - lanes) * inner, <int>left,
                      inner)
        cp_span_tree(<double*>to, <double*>rest if left else NULL, <double*>part, NULL, count * inner, 8 * inner, whole,
                     <double*>s.work[2])
    elif job.span == OP_SUM:
        rest = s.work[1] + room * item
        cp_span_parts(<double*>part, <double*>rest, <const double*>src, count + k - left, <int>left, 1)
        if whole > 4:
            cp_span_tree(<double*>to, NULL, <double*>part, <double*>rest + k - left if left else NULL, count, 8, whole,
                         <double*>s.work[2])
        else:
            cp_span_sum(<double*>to, <const double*>part, <const double*>rest + k - left, count, whole, <int>left)
    else:
        if k > 2 * lanes:
            count += k - lanes
        else:
            part, lanes = to, k
        if item == 4:
            if job.span == OP_MAX:
                cp_span_max32(<i32*>part, <const i32*>src, count, lanes)
            else:
                cp_span_min32(<i32*>part, <const i32*>src, count, lanes)
        elif job.span == OP_MAX:
            cp_span_max64(<i64*>part, <const i64*>src, count, lanes)
        else:
            cp_span_min64(<i64*>part, <const i64*>src, count, lanes)
        if part != to:
            pair = wide(job, part, s.work[2], s.work[2] + room * item, count, whole, lanes)
            count -= k - lanes
            job.fold(NULL, to, 0, pair.a, 0, 1, 1, 0, 2, (pair.b - pair.a) // item, count, 0, 0, False)
            job.fold(NULL, to, 0, part + (k - lanes) * item, 0, 1, 1, 0, 1, 0, count, 0, 0, True)
    if to != dst:
        strided(job, dst, cols * inner, to, count * inner, 1, cols, 1, job.w.stride, 0)


cdef void short_spans(const job_t* job, scratch_t* s, char* dst, Py_ssize_t dst_step, const char* src, Py_ssize_t src_step,
                      Py_ssize_t rows, Py_ssize_t cols) noexcept nogil:
    """The same for bytes and words, stride 1: some taps in registers, for lines as one, the rest by rows."""
    cdef Py_ssize_t k = job.w.kernel, item = job.acc_item, most = 64 // item
    cdef Py_ssize_t w = most if k > most else 16 if k > 16 else 8 if k > 8 else 4, count = (rows - 1) * src_step + cols + k - w
    cdef char* part = s.work[1]
    cdef char* to = s.work[2]
    if item == 1 and job.span == OP_MAX:
        cp_span_max8(<u8*>part, <const u8*>src, count, w)
    elif item == 1:
        cp_span_min8(<u8*>part, <const u8*>src, count, w)
    elif job.span == OP_MAX:
        cp_span_max16(<i16*>part, <const i16*>src, count, w)
    else:
        cp_span_min16(<i16*>part, <const i16*>src, count, w)
    while 2 * w < k:
        count -= w
        job.fold(NULL, to, 0, part, 0, 1, 1, 0, 2, w, count, 0, 0, False)
        part, to = to, part
        w *= 2
    job.fold(NULL, dst, dst_step, part, src_step, rows, 1, 0, 2, k - w, cols, 0, 0, False)


cdef void horizontal(const job_t* job, scratch_t* s, char* src, Py_ssize_t src_step, Py_ssize_t rows, Py_ssize_t cols,
                     char* dst, Py_ssize_t dst_step) noexcept nogil:
    cdef Py_ssize_t k = job.w.kernel, f, r, width, n, item = job.acc_item
    cdef char* cur = src
    cdef char* to
    cdef pair_t pair
    if job.wpath == W_IDENTITY:
        job.fold(NULL, dst, dst_step, src, src_step, rows, 1, 0, 1, 0, cols * job.inner, 0, 0, False)
    elif job.wpath == W_DIRECT:
        strided(job, dst, dst_step, src, src_step, rows, cols, k, job.w.stride, job.w.dilation * job.inner)
    elif job.wpath == W_FACTORS:
        width = cols * k
        while True:
            f = factor(k)
            k //= f
            width //= f
            if k == 1:
                strided(job, dst, dst_step, cur, src_step, rows, cols, f, f, job.inner)
                break
            to = s.work[1] if cur != s.work[1] else s.work[2]
            strided(job, to, width * job.inner, cur, src_step, rows, width, f, f, job.inner)
            cur = to
            src_step = width * job.inner
    elif job.span >= 0 and item < 4:
        short_spans(job, s, dst, dst_step, src, src_step, rows, cols)
    elif job.span >= 0:
        for r in range(rows):
            spans(job, s, dst + r * dst_step * item, src + r * src_step * item, cols)
    elif job.wpath == W_WIDE:
        pair = wide(job, src, s.work[1], s.work[2], rows * src_step, k, job.w.dilation * job.inner)
        if job.w.stride == 1:
            strided(job, dst, dst_step, pair.a, src_step, rows, cols, 2, 1, (pair.b - pair.a) // item)
        else:
            to = pair.spare
            n = rows * src_step - (extent(&job.w) - 1) * job.inner
            job.fold(NULL, to, 0, pair.a, 0, 1, 1, 0, 2, (pair.b - pair.a) // item, n, 0, 0, False)
            strided(job, dst, dst_step, to, src_step, rows, cols, 1, job.w.stride, 0)
    else:
        for r in range(rows):
            if not s.uniform or job.w.lo or not job.w.adaptive:
                blank(job, dst + r * dst_step * item, cols * job.inner)
            job.runs(NULL, dst + r * dst_step * item, src + r * src_step * item, s.first, s.taps, cols, job.w.dilation,
                     job.inner, s.work[1])


cdef void tables(const job_t* job, scratch_t* s, Py_ssize_t o0, Py_ssize_t cols) noexcept nogil:
    """Per column of the tile: bounds (BOUNDS only) and divisor along W."""
    cdef Py_ssize_t o, c, i
    s.uniform = True
    s.wcount = 1
    if job.wpath == W_BOUNDS:
        s.c0, s.c1 = job.w.n, 0
        for o in range(cols):
            s.first[o] = axis_first(&job.w, o0 + o)
            s.taps[o] = axis_taps(&job.w, o0 + o)
            if s.taps[o] > 0:
                s.c0 = smaller(s.c0, s.first[o])
                s.c1 = larger(s.c1, s.first[o] + (s.taps[o] - 1) * job.w.dilation + 1)
        s.c0 = smaller(s.c0, s.c1)                             # dilated windows need not begin in order
        for o in range(cols):
            s.first[o] -= s.c0
    if job.how.mode < OP_AVG or not job.counted:
        return
    if (not job.w.adaptive and (job.include_pad or o0 * job.w.stride >= job.w.lo)
            and (o0 + cols - 1) * job.w.stride - job.w.lo + extent(&job.w) <= job.w.n + (job.w.hi if job.include_pad else 0)):
        s.wcount = job.w.kernel                                # inside: no need to ask every column
        return
    for o in range(cols):
        c = axis_divisor(&job.w, o0 + o) if job.include_pad else axis_taps(&job.w, o0 + o)
        if o == 0:
            s.wcount = c
        elif c != s.wcount:
            s.uniform = False
        for i in range(job.inner):
            s.count[o * job.inner + i] = 1.0 / c if job.how.reciprocal else <double>c


cdef void finish_rows(const job_t* job, scratch_t* s, char* out, Py_ssize_t out_step, char* acc, Py_ssize_t acc_step,
                      Py_ssize_t od, Py_ssize_t a0, Py_ssize_t rows, Py_ssize_t cols) noexcept nogil:
    """Accumulators to outputs; consecutive rows with one divisor in one call."""
    cdef Py_ssize_t r = 0, m, n = cols * job.inner
    cdef double div, nxt
    cdef const double* count = NULL
    cdef bint joined = out_step == n and acc_step == n
    while r < rows:
        m = 1
        div = 1
        if job.how.mode >= OP_AVG:
            div = row_divisor(job, od, a0 + r)
            if job.counted:
                if s.uniform:
                    div = div * s.wcount
                else:
                    count = s.count
            if joined and count == NULL:
                while r + m < rows:
                    nxt = row_divisor(job, od, a0 + r + m)
                    if job.counted:
                        nxt = nxt * s.wcount
                    if nxt != div:
                        break
                    m += 1
        elif joined:
            m = rows
        job.finish(out + r * out_step * job.out_item, acc + r * acc_step * job.acc_item, n * m, &job.how, div, count)
        r += m


cdef void plane_table(const job_t* job, scratch_t* s) noexcept nogil:
    """The divisors of all outputs of a plane, for tasks of several."""
    cdef Py_ssize_t r, i, n = job.w.out
    cdef double div
    s.even, s.div = True, 1
    if job.how.mode < OP_AVG:
        return
    for r in range(job.h.out):
        div = row_divisor(job, 0, r)
        if job.counted and s.uniform:
            div = div * s.wcount
        if r == 0:
            s.div = div
        s.even = s.even and div == s.div and (s.uniform or not job.counted)
        div = 1.0 / div if job.how.reciprocal else div
        for i in range(n):
            s.plane[r * n + i] = div if s.uniform or not job.counted else div * s.count[i]


cdef void finish_planes(const job_t* job, scratch_t* s, char* out, const char* acc, Py_ssize_t planes) noexcept nogil:
    """Accumulators of whole planes to outputs."""
    cdef Py_ssize_t p, n = job.h.out * job.w.out
    if job.finish == NULL:
        return
    if s.even:
        job.finish(out, acc, planes * n, &job.how, s.div, NULL)
        return
    for p in range(planes):
        job.finish(out + p * n * job.out_item, acc + p * n * job.acc_item, n, &job.how, 1.0, s.plane)


cdef inline double row_divisor(const job_t* job, Py_ssize_t od, Py_ssize_t oh) noexcept nogil:
    if not job.counted:
        return job.divisor
    if job.include_pad:
        return <double>axis_divisor(&job.d, od) * axis_divisor(&job.h, oh) * job.each
    return <double>axis_taps(&job.d, od) * axis_taps(&job.h, oh) * job.each


cdef void long_runs(const job_t* job, scratch_t* s, const char* plane, Py_ssize_t od, Py_ssize_t a0, Py_ssize_t rows,
                    char* dst, Py_ssize_t dst_step) noexcept nogil:
    """Windows longer than a line (one column of the output): piece by piece from the window's first tap on."""
    cdef Py_ssize_t piece = larger(1, (job.pitch // job.inner - 1) // job.w.dilation + 1), done, m, r
    cdef Py_ssize_t one = 0, n, item = job.acc_item
    cdef char* part = s.row + job.band * job.tile * job.inner * item
    for r in range(rows):
        done = 0
        blank(job, dst + r * dst_step * item, job.inner)
        while done < s.taps[0]:
            m = smaller(piece, s.taps[0] - done)
            n = ((m - 1) * job.w.dilation + 1) * job.inner
            vertical(job, s, plane, od, a0 + r, a0 + r + 1, s.c0 + done * job.w.dilation, n, s.line, n)
            job.runs(NULL, part, s.line, &one, &m, 1, job.w.dilation, job.inner, s.work[1])
            job.fold(NULL, dst + r * dst_step * item, 0, part, 0, 1, 1, 0, 1, 0, job.inner, 0, 0, done > 0)
            done += m


cdef void rescue(const job_t* job, const char* plane, char* out, const char* acc, Py_ssize_t od, Py_ssize_t oh, Py_ssize_t o0,
                 Py_ssize_t cols) noexcept nogil:
    """Lp of windows whose sum of powers left the safe range of a double: again, scaled by the window's largest tap."""
    cdef Py_ssize_t i, o, c, d, h, w, n = cols * job.inner
    cdef Py_ssize_t row = job.w.n * job.inner, fd, fh, fw, td, th, tw
    cdef const double* sums = <const double*>acc
    cdef double top, total, v, p = job.how.p
    cdef const char* at
    cdef finish_t cast
    cast.mode, cast.is_signed, cast.normalize, cast.reciprocal, cast.p = OP_SUM, False, False, False, 1
    for i in range(n):
        if 1e-280 < sums[i] < 1e300 or sums[i] != sums[i]:
            continue
        o, c = o0 + i // job.inner, i % job.inner
        fd, td = axis_first(&job.d, od), axis_taps(&job.d, od)
        fh, th = axis_first(&job.h, oh), axis_taps(&job.h, oh)
        fw, tw = axis_first(&job.w, o), axis_taps(&job.w, o)
        if td * th * tw == 0:
            continue
        top = 0
        for d in range(td):
            for h in range(th):
                for w in range(tw):
                    at = plane + (((fd + d * job.d.dilation) * job.h.n + fh + h * job.h.dilation) * row
                                  + (fw + w * job.w.dilation) * job.inner + c) * job.x_item
                    job.load(&v, NULL, <const void**>&at, 1, 1, 0, INFINITY)
                    if v > top:
                        top = v
        total = top
        if 0 < top < INFINITY:
            total = 0
            for d in range(td):
                for h in range(th):
                    for w in range(tw):
                        at = plane + (((fd + d * job.d.dilation) * job.h.n + fh + h * job.h.dilation) * row
                                      + (fw + w * job.w.dilation) * job.inner + c) * job.x_item
                        job.load(&v, NULL, <const void**>&at, 1, 1, 0, INFINITY)
                        total += pow(v / top, p)
            if job.how.normalize:
                total /= <double>td * <double>th * <double>tw
            total = top * nth_root(total, p, 1.0 / p)
        job.finish(out + i * job.out_item, &total, 1, &cast, 1, NULL)


cdef void walk(const job_t* job, scratch_t* s, Py_ssize_t task) noexcept nogil:
    cdef Py_ssize_t t = task % job.tiles, b = (task // job.tiles) % job.bands
    cdef Py_ssize_t od = (task // (job.tiles * job.bands)) % job.d.out
    cdef Py_ssize_t plane_no = task // (job.tiles * job.bands * job.d.out) * job.planes
    cdef Py_ssize_t planes = smaller(job.planes, job.outer - plane_no)
    cdef Py_ssize_t o0 = t * job.tile, cols = smaller(job.tile, job.w.out - o0), a0 = b * job.band, rows
    cdef Py_ssize_t base, c0, c1, span, pitch, lead, n, dst_step, r
    cdef Py_ssize_t out_step = job.w.out * job.inner, row = job.w.n * job.inner
    cdef const char* plane = job.x + plane_no * job.d.n * job.h.n * row * job.x_item
    cdef char* out = job.out + (((plane_no * job.d.out + od) * job.h.out + a0) * job.w.out + o0) * job.inner * job.out_item
    cdef char* dst
    cdef char* line
    cdef char* place
    cdef Py_ssize_t place_step
    cdef bint whole
    if job.hpath == H_BLOCKS:
        a0 = (b * job.h.kernel + job.h.stride - 1) // job.h.stride
        rows = smaller(((b + 1) * job.h.kernel + job.h.stride - 1) // job.h.stride, job.h.out) - a0
        if rows <= 0:
            return
        out = job.out + (((plane_no * job.d.out + od) * job.h.out + a0) * job.w.out + o0) * job.inner * job.out_item
    else:
        rows = smaller(job.band, job.h.out - a0)
    if s.tile != t:
        tables(job, s, o0, cols)
        if job.by_plane:
            plane_table(job, s)
    # where the outputs go, and before them their accumulators
    place, place_step = out, out_step
    if job.stream and not job.direct:
        out, out_step = s.stage, cols * job.inner
    dst, dst_step = out, out_step
    if job.finish != NULL and not job.means:
        dst, dst_step = s.row, cols * job.inner
    # which columns of x
    if job.wpath == W_IDENTITY:
        base, c0, c1, span = o0, o0, o0 + cols, cols
    elif job.wpath == W_BOUNDS:
        c0, c1 = s.c0, s.c1
        base, span = c0, c1 - c0
    else:
        base = o0 * job.w.stride - job.w.lo
        span = (cols - 1) * job.w.stride + extent(&job.w)
        c0 = smaller(larger(base, 0), job.w.n)
        c1 = larger(c0, smaller(base + span, job.w.n))
        if span <= cols * job.w.stride <= job.pitch // job.inner:
            span = cols * job.w.stride
        if c1 == c0:
            c0 = c1 = smaller(larger(base, 0), job.w.n)
    pitch, lead, n = span * job.inner, (c0 - base) * job.inner, (c1 - c0) * job.inner
    if n == 0:
        lead = 0
    if job.box != NULL and job.inner > 1:
        columns(job, plane, od, a0, rows, o0, cols, dst, dst_step)
    elif job.wpath == W_BOUNDS and pitch > job.pitch:
        long_runs(job, s, plane, od, a0, rows, dst, dst_step)
    elif job.wpath == W_IDENTITY and job.hpath == H_DIRECT:
        vertical(job, s, plane, od, a0, a0 + rows, c0, n, dst, dst_step)
    else:
        whole = lead == 0 and n == pitch
        if (job.hpath == H_DIRECT and job.load == NULL and job.wpath != W_WIDE and job.wpath != W_BOUNDS
                and trivial(&job.h) and trivial(&job.d) and lead == 0
                and n >= ((cols - 1) * job.w.stride + extent(&job.w)) * job.inner):
            # no vertical taps: the rows of x are the lines
            horizontal(job, s, <char*>plane + ((od * job.h.n + a0) * row + c0 * job.inner) * job.x_item, row, rows, cols,
                       dst, dst_step)
        else:
            line = s.line
            if job.box != NULL:
                if s.tile != t:
                    s.base = NULL
                boxes(job, s, plane, planes, od, a0, rows, c0, n, lead, pitch, cols, dst, dst_step)
                s.tile, s.pitch = t, pitch
                if job.by_plane:
                    finish_planes(job, s, out, dst, planes)
                elif not job.means:
                    finish_task(job, s, plane, out, out_step, dst, dst_step, od, a0, rows, o0, cols)
                if job.stream and not job.direct:
                    send(job, place, place_step, out, rows * planes, cols)
                return
            if job.tall:
                s.tile, s.pitch = t, -1
                tall(job, s, plane, od, a0, rows, c0, n, lead, pitch, o0, cols, out, out_step)
                if job.stream:
                    send(job, place, place_step, out, rows, cols)
                return
            if job.hpath == H_BLOCKS or job.hpath == H_RUNNING:
                if s.tile != t:
                    s.base = NULL
                s.tile, s.pitch = t, -1
                if job.hpath == H_BLOCKS:
                    blocks(job, s, plane, od, b, a0, rows, c0, n, lead, pitch, o0, cols, out, out_step)
                else:
                    running(job, s, plane, od, a0, rows, c0, n, lead, pitch, o0, cols, out, out_step)
                return
            if job.hpath == H_DIRECT:
                vertical(job, s, plane, od, a0, a0 + rows, c0, n, line + lead * job.acc_item, pitch)
                if not whole and job.wpath != W_BOUNDS and (
                        s.tile != t or s.pitch != pitch or job.wpath == W_WIDE and job.add):
                    for r in range(job.band):
                        if lead > 0:
                            blank(job, line + r * pitch * job.acc_item, lead)
                        if lead + n < pitch:
                            blank(job, line + (r * pitch + lead + n) * job.acc_item, pitch - lead - n)
            else:
                strip(job, s, plane, od, a0, rows, c0, n, lead, pitch, line)
            horizontal(job, s, line, pitch, rows, cols, dst, dst_step)
    s.tile, s.pitch = t, pitch
    finish_task(job, s, plane, out, out_step, dst, dst_step, od, a0, rows, o0, cols)
    if job.stream:
        send(job, place, place_step, out, rows, cols)


cdef inline void send(const job_t* job, char* place, Py_ssize_t place_step, const char* stage, Py_ssize_t rows,
                      Py_ssize_t cols) noexcept nogil:
    """A task's outputs to where they belong."""
    cdef Py_ssize_t r, n = cols * job.inner
    if n == place_step:
        cp_stream(place, stage, rows * n * job.out_item)
        return
    for r in range(rows):
        cp_stream(place + r * place_step * job.out_item, stage + r * n * job.out_item, n * job.out_item)


cdef inline void finish_task(const job_t* job, scratch_t* s, const char* plane, char* out, Py_ssize_t out_step, char* dst,
                             Py_ssize_t dst_step, Py_ssize_t od, Py_ssize_t a0, Py_ssize_t rows, Py_ssize_t o0,
                             Py_ssize_t cols) noexcept nogil:
    if job.finish != NULL:
        finish_rows(job, s, out, out_step, dst, dst_step, od, a0, rows, cols)
        rescue_rows(job, plane, out, out_step, dst, dst_step, od, a0, rows, o0, cols)


cdef inline void rescue_rows(const job_t* job, const char* plane, char* out, Py_ssize_t out_step, char* dst,
                             Py_ssize_t dst_step, Py_ssize_t od, Py_ssize_t a0, Py_ssize_t rows, Py_ssize_t o0,
                             Py_ssize_t cols) noexcept nogil:
    cdef Py_ssize_t r
    if job.rescue:
        for r in range(rows):
            rescue(job, plane, out + r * out_step * job.out_item, dst + r * dst_step * job.acc_item, od, a0 + r, o0, cols)


cdef inline Py_ssize_t rounded(Py_ssize_t bytes_) noexcept nogil:
    return (bytes_ + 127) // 64 * 64


cdef int scratch_make(const job_t* job, scratch_t* s) noexcept nogil:
    """One allocation per thread and call."""
    cdef Py_ssize_t rows = job.band if job.hpath < H_BLOCKS and not job.tall or job.wpath == W_BOUNDS else job.block_rows
    cdef Py_ssize_t lines_ = job.band if job.tall else rows
    cdef Py_ssize_t line = rounded(lines_ * (job.pitch * job.acc_item + (64 if job.box != NULL else 0)) + 64)
    cdef Py_ssize_t work = rounded(job.buf * job.acc_item)
    cdef Py_ssize_t row = rounded((job.planes * rows * job.tile + 1) * job.inner * job.acc_item)
    cdef Py_ssize_t plane = rounded(job.band * job.tile * sizeof(double))
    cdef Py_ssize_t stage, cols = rounded(job.tile * sizeof(Py_ssize_t)), count = rounded(job.tile * job.inner * sizeof(double))
    cdef char* m
    if job.direct:
        line = 0
    if job.wpath != W_BOUNDS:
        cols = 0
    if job.how.mode < OP_AVG:
        count = 0
    if not job.by_plane:
        plane = 0
    if (job.finish == NULL or job.means) and job.wpath != W_BOUNDS:
        row = 0
    if job.hpath == H_DIRECT and job.load == NULL and not job.cascade and job.wpath <= W_DIRECT:
        work = 0
    stage = rounded(job.planes * lines_ * job.tile * job.inner * job.out_item) if job.stream and not job.direct else 0
    m = <char*>malloc(line + 3 * work + row + 2 * cols + count + plane + stage + 64)
    s.memory = m
    if m == NULL:
        return -1
    m = m + (64 - <size_t>m % 64)
    s.line = m
    s.work[0], s.work[1], s.work[2] = m + line, m + line + work, m + line + 2 * work
    m = m + line + 3 * work
    s.row = m
    s.first, s.taps, s.count = <Py_ssize_t*>(m + row), <Py_ssize_t*>(m + row + cols), <double*>(m + row + 2 * cols)
    s.plane = <double*>(m + row + 2 * cols + count)
    s.stage = m + row + 2 * cols + count + plane
    s.tile = -1
    s.base = NULL
    return 0


cdef int run_range(const job_t* job, Py_ssize_t begin, Py_ssize_t end) noexcept nogil:
    cdef scratch_t s
    cdef Py_ssize_t task
    if begin >= end:
        return 0
    if scratch_make(job, &s) < 0:
        return -1
    for task in range(begin, end):
        walk(job, &s, task)
    if job.stream:
        cp_stream_end()
    free(s.memory)
    return 0


cdef void transpose_as(word_t* dst, const word_t* src, Py_ssize_t rows, Py_ssize_t cols) noexcept nogil:
    """dst[c][r] = src[r][c]."""
    cdef Py_ssize_t r, c, k, whole_r = 0, whole_c = 0
    if word_t is u32:
        whole_r, whole_c = rows & -8, cols & -8
        for r in range(0, whole_r, 8):
            for c in range(0, whole_c, 8):
                if c % 16 == 0:
                    for k in range(8):                         # eight streams are too many for the hardware
                        cp_prefetch(src + (r + k) * cols + c + 96)
                cp_transpose8_32(src + r * cols + c, cols, dst + c * rows + r, rows)
    for r in range(whole_r):
        for c in range(whole_c, cols):
            dst[c * rows + r] = src[r * cols + c]
    for r in range(whole_r, rows):
        for c in range(cols):
            dst[c * rows + r] = src[r * cols + c]


cdef void transpose(char* dst, const char* src, Py_ssize_t rows, Py_ssize_t cols, Py_ssize_t item) noexcept nogil:
    if item == 1:
        transpose_as(<u8*>dst, <const u8*>src, rows, cols)
    elif item == 2:
        transpose_as(<u16*>dst, <const u16*>src, rows, cols)
    elif item == 4:
        transpose_as(<u32*>dst, <const u32*>src, rows, cols)
    else:
        transpose_as(<u64*>dst, <const u64*>src, rows, cols)


cdef int run_groups(const jobs_t* jobs, const char* x, char* out, Py_ssize_t begin, Py_ssize_t end) noexcept nogil:
    """Groups begin .. end of small planes, by way of lanes."""
    cdef job_t job = jobs.lanes
    cdef Py_ssize_t g, task, total = job.d.out * job.bands * job.tiles
    cdef Py_ssize_t size_in = jobs.plane_in * jobs.group * job.x_item, size_out = jobs.plane_out * jobs.group * job.out_item
    cdef scratch_t s
    cdef char* memory
    if begin >= end:
        return 0
    memory = <char*>malloc(size_in + size_out + 192)
    if memory == NULL:
        return -1
    if scratch_make(&job, &s) < 0:
        free(memory)
        return -1
    job.x = memory + (64 - <size_t>memory % 64)
    job.out = <char*>job.x + rounded(size_in)
    for g in range(begin, end):
        transpose(<char*>job.x, x + g * size_in, jobs.group, jobs.plane_in, job.x_item)
        for task in range(total):
            walk(&job, &s, task)
        transpose(out + g * size_out, job.out, jobs.plane_out, jobs.group, job.out_item)
    free(s.memory)
    free(memory)
    return 0


include "flat.pxi"
include "uneven.pxi"
include "frames.pxi"


cdef int run_rows(const job_t* prepared, const char* x, char* out, Py_ssize_t outer, int threads) noexcept nogil:
    """All tasks of `outer` planes, `threads` contiguous ranges of them."""
    cdef job_t job = prepared[0]
    cdef Py_ssize_t total = (outer + job.planes - 1) // job.planes * job.d.out * job.bands * job.tiles
    cdef int i, failed = 0
    job.x, job.out, job.outer = x, out, outer
    if job.stream and not job.direct:                          # (the first page may hold what malloc notes)
        job.stream = cp_resident(out + outer * job.d.out * job.h.out * job.w.out * job.inner * job.out_item // 8 * 7)
    if threads > total:
        threads = <int>total
    if threads <= 1:
        return run_range(&job, 0, total)
    for i in prange(threads, num_threads=threads, schedule="static"):
        failed += run_range(&job, total * i // threads, total * (i + 1) // threads)
    return failed


cdef int run_job(const void* prepared, const void* x, void* out, int threads) noexcept nogil:
    cdef const jobs_t* jobs = <const jobs_t*>prepared
    cdef const job_t* job = &jobs.rows
    cdef Py_ssize_t groups, done
    cdef int i, failed = 1
    if jobs.uneven:
        failed = run_uneven(job, <const char*>x, <char*>out, threads)
    if failed <= 0:
        return failed
    if jobs.frame:
        return run_frames(jobs, <const char*>x, <char*>out, threads)
    failed = 0
    if jobs.flat.on:
        threads = <int>smaller(threads, job.outer)
        if threads <= 1:
            return flat_range(jobs, <const char*>x, <char*>out, 0, job.outer)
        for i in prange(threads, num_threads=threads, schedule="static"):
            failed += flat_range(jobs, <const char*>x, <char*>out, job.outer * i // threads, job.outer * (i + 1) // threads)
        return failed
    if jobs.group == 0:
        return run_rows(job, <const char*>x, <char*>out, job.outer, threads)
    groups = job.outer // jobs.group
    done = groups * jobs.group
    if threads > groups:
        threads = <int>groups
    if threads <= 1:
        failed = run_groups(jobs, <const char*>x, <char*>out, 0, groups)
    else:
        for i in prange(threads, num_threads=threads, schedule="static"):
            failed += run_groups(jobs, <const char*>x, <char*>out, groups * i // threads, groups * (i + 1) // threads)
    if done < job.outer:
        failed += run_rows(job, <const char*>x + done * jobs.plane_in * jobs.lanes.x_item,
                           <char*>out + done * jobs.plane_out * job.out_item, job.outer - done, 1)
    return failed


# ---------------------------------------------------------------- prepared jobs
cdef void prepare_reduce(void* job, const task_t* t, Windows plan) noexcept:
    prepare(<jobs_t*>job, t.op, t.code, t.out_code, plan, t.p, t.normalize, t.boolean)


cdef int run_reduce(const void* job, void** at, int threads) noexcept nogil:
    return NO_MEMORY if run_job(job, at[0], at[1], threads) else 0


cdef kernel_api_t REDUCE = kernel_api_t(sizeof(jobs_t), prepare_reduce, run_reduce)
apis = {"reduce": PyCapsule_New(&REDUCE, "cpool.kernel", NULL)}
