# What becomes of a strip: values, positions, gradients. Then the tasks, and what Python calls.

cdef void locate(core_t* tag, job_t* j, work_t* w, const core_t* value, Py_ssize_t* at) noexcept nogil:
    """The position of the first tap that equals the value of each lane; -1 where there is no tap."""
    cdef Py_ssize_t i, k, r, ow, c, n, first, taps, from_, base, step = j.w.dilation * j.inner
    cdef Py_ssize_t bases[LIMIT]
    cdef core_t* number = <core_t*>w.number
    cdef core_t* key = <core_t*>w.buffer
    cdef line_t* line
    cdef core_t nan = nan_key(tag)
    if w.lined:
        for r in range(w.height):
            bases[r] = row_base(j, w, r)
        for r in range(w.height - 1, -1, -1):
            line = line_at(j, w, bases[r] // j.w.n // j.h.n, bases[r] // j.w.n % j.h.n, r)
            for k in range(j.taps - 1, -1, -1):
                n = j.plane_of[k] * j.pitch + j.shift_of[k]
                found(tag, <core_t*>line.keys + n, line.valid + n if w.checked else NULL, value,
                      <int>(r * j.taps + k), number, w.n)
        for i in range(w.n):
            at[i] = -1
            if w.same or w.count[i]:
                lane_of(w, i, &ow, &c)
                k = <Py_ssize_t>number[i] & 255
                if j.w.adaptive:
                    at[i] = bases[k // j.taps] + axis_first(&j.w, ow) + k % j.taps
                else:
                    at[i] = bases[k // j.taps] + ow * j.w.stride - j.w.lo + k % j.taps * j.w.dilation
        return
    for i in range(w.n):
        at[i] = -1
        if w.count[i] == 0:
            continue
        lane_of(w, i, &ow, &c)
        first, taps = axis_first(&j.w, ow), axis_taps(&j.w, ow)
        for r in range(w.height):
            from_ = 0
            while from_ < taps and at[i] < 0:
                n = least(w.room, taps - from_)
                base = (w.o * j.plane + row_base(j, w, r) + first + from_ * j.w.dilation) * j.inner + c
                cp_take(j.code, j.x, base, step, key, n)
                for k in range(n):
                    if (key[k] == value[i] or (j.normal and value[i] == 0 and key[k] == <core_t>-1)) and (
                            j.mask == NULL or j.mask[base + k * step]):
                        at[i] = row_base(j, w, r) + first + (from_ + k) * j.w.dilation
                        break
                from_ += n
            if at[i] >= 0:
                break


cdef inline double loaded(int code, const void* x, Py_ssize_t i) noexcept nogil:
    if code == F32:
        return (<const float*>x)[i]
    elif code == F64:
        return (<const double*>x)[i]
    elif code == F16:
        return as_double((<const f16_t*>x)[i])
    return as_double((<const bf16_t*>x)[i])


cdef void stored(int code, void* out, Py_ssize_t at, Py_ssize_t step, const double* y, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    if code == F32:
        for i in range(n):
            (<float*>out)[at + i * step] = <float>y[i]
    elif code == F64:
        for i in range(n):
            (<double*>out)[at + i * step] = y[i]
    elif code == F16:
        for i in range(n):
            narrow(&(<f16_t*>out)[at + i * step], y[i])
    else:
        for i in range(n):
            narrow(&(<bf16_t*>out)[at + i * step], y[i])


cdef inline core_t mixed(core_t a, core_t b, double t) noexcept nogil:
    """a + (b - a) t of integer keys, 0 <= t < 1, rounded to the nearest, ties to the even one.

    Exact, in 128 bits by halves, but for bits of t below 2**-64.
    """
    cdef unsigned long long d = apart(a, b), m = <unsigned long long>(t * 18446744073709551616.0)
    cdef unsigned long long half = 1ull << 63, mask = 0xffffffffull, low, middle, other, rest
    low = (d & mask) * (m & mask)
    middle = (d >> 32) * (m & mask) + (low >> 32)
    other = (d & mask) * (m >> 32) + (middle & mask)
    rest = other << 32 | (low & mask)
    a = beyond(a, (d >> 32) * (m >> 32) + (middle >> 32) + (other >> 32))
    if rest > half or (rest == half and a & 1):
        a = beyond(a, 1)
    return a


cdef inline double between(double a, double b, double t) noexcept nogil:
    return a if a == b else (1 - t) * a + t * b


cdef void values(core_t* tag, job_t* j, work_t* w, Py_ssize_t at, Py_ssize_t step) noexcept nogil:
    """The strip's values to the output, from element `at` on."""
    cdef core_t* a = <core_t*>w.a
    cdef core_t* b = <core_t*>w.b
    cdef core_t* own = <core_t*>w.own_a
    cdef Py_ssize_t i
    cdef bint exact = True
    if j.op == RANGE:
        if j.code < F32 and j.out_code < F32:
            # the difference of two keys is that of two values; unsigned, it fits
            if core_t is cp_k8:
                for i in range(w.n):
                    (<u8*>j.out)[at + i * step] = <u8>(b[i] - a[i])
            elif core_t is cp_k16:
                for i in range(w.n):
                    (<u16*>j.out)[at + i * step] = <u16>(b[i] - a[i])
            elif core_t is cp_k32:
                for i in range(w.n):
                    (<u32*>j.out)[at + i * step] = <u32>b[i] - <u32>a[i]
            else:
                for i in range(w.n):
                    (<u64*>j.out)[at + i * step] = <u64>b[i] - <u64>a[i]
            return
        if j.code < F32:
            for i in range(w.n):
                w.wide_a[i] = <double>apart(a[i], b[i]) if w.same or w.count[i] else NAN
        else:
            cp_wide(j.code, a, w.wide_a, w.n)
            cp_wide(j.code, b, w.wide_b, w.n)
            for i in range(w.n):
                w.wide_a[i] = w.wide_b[i] - w.wide_a[i]
        stored(j.out_code, j.out, at, step, w.wide_a, w.n)
        return
    if j.op != MODE:
        if w.same:
            exact = w.weight == 0
        else:
            for i in range(w.n):
                exact &= w.t[i] == 0
    if exact and j.code == j.out_code:
        cp_give(j.code, a, j.out, at, step, w.n)
    elif j.code == j.out_code and j.code < F32:
        if w.same and w.weight == 0.5:
            halfway(a, b, own, w.n)
        else:
            for i in range(w.n):
                own[i] = mixed(a[i], b[i], w.weight if w.same else w.t[i])
        cp_give(j.code, own, j.out, at, step, w.n)
    else:
        cp_wide(j.code, a, w.wide_a, w.n)
        if not exact:
            cp_wide(j.code, b, w.wide_b, w.n)
            if w.same:
                for i in range(w.n):
                    w.wide_a[i] = between(w.wide_a[i], w.wide_b[i], w.weight)
            else:
                for i in range(w.n):
                    if w.t[i] != 0:
                        w.wide_a[i] = between(w.wide_a[i], w.wide_b[i], w.t[i])
        if not w.same and j.code < F32:
            for i in range(w.n):
                if w.count[i] == 0:
                    w.wide_a[i] = NAN
        stored(j.out_code, j.out, at, step, w.wide_a, w.n)


cdef void deliver(core_t* tag, job_t* j, work_t* w) noexcept nogil:
    cdef core_t* a = <core_t*>w.a
    cdef core_t* b = <core_t*>w.b
    cdef Py_ssize_t at = (((w.o * j.d.out + w.od) * j.h.out + w.oh) * j.w.out + w.ow0) * j.inner + w.c0
    cdef Py_ssize_t step = 1 if w.unit else j.inner, i, ow, c, e, low, high
    cdef double g, t
    if not w.same:
        for i in range(w.n):
            if w.count[i] == 0:
                a[i], b[i], w.t[i] = <core_t>j.hole, <core_t>j.hole, 0
    if j.op == MODE:
        values(tag, j, w, at, step)
        if j.idx != NULL:
            for i in range(w.n):
                if not w.lined:
                    e = w.ia[i]
                elif core_t is cp_k8:
                    e = (<cp_k8*>w.best)[i]
                else:
                    e = <Py_ssize_t>(<core_t*>w.best)[i]
                if not w.same and w.count[i] == 0:
                    e = 0
                if j.index_bytes == 4:
                    (<int*>j.idx)[at + i * step] = <int>e
                else:
                    (<long long*>j.idx)[at + i * step] = e
        return
    if j.action == FORWARD and j.idx == NULL:
        values(tag, j, w, at, step)
        return
    locate(tag, j, w, a, w.ia)
    if j.action == FORWARD:
        values(tag, j, w, at, step)
        for i in range(w.n):
            e = w.ia[i]
            if j.index_bytes == 4:
                (<int*>j.idx)[at + i * step] = <int>e
            else:
                (<long long*>j.idx)[at + i * step] = e
            if j.normal and e >= 0 and j.code == j.out_code and (w.weight if w.same else w.t[i]) == 0:
                lane_of(w, i, &ow, &c)
                memcpy(j.out + (at + i * step) * j.size, j.x + ((w.o * j.plane + e) * j.inner + c) * j.size, j.size)
        return
    if j.op == RANGE or not w.same or w.weight != 0:
        locate(tag, j, w, b, w.ib)
    low, high = w.band0 * j.w.n, w.band1 * j.w.n
    for i in range(w.n):
        lane_of(w, i, &ow, &c)
        t = 1 if j.op == RANGE else (w.weight if w.same else w.t[i])
        if j.action == BACKWARD:
            if w.ia[i] < 0:
                continue
            g = loaded(j.out_code, j.g, at + i * step)
            if low <= w.ia[i] < high:
                e = (w.ia[i] - low) * j.inner + c
                w.sums[e] += -g if j.op == RANGE else g if t == 0 else (1 - t) * g
            if t != 0 and low <= w.ib[i] < high:
                e = (w.ib[i] - low) * j.inner + c
                w.sums[e] += t * g
        else:
            if w.ia[i] < 0:
                g = 0
            else:
                g = loaded(j.code, j.g, (w.o * j.plane + w.ia[i]) * j.inner + c)
                if j.op == RANGE:
                    g = loaded(j.code, j.g, (w.o * j.plane + w.ib[i]) * j.inner + c) - g
                elif t != 0:
                    g = (1 - t) * g + t * loaded(j.code, j.g, (w.o * j.plane + w.ib[i]) * j.inner + c)
            w.wide_a[i] = g
    if j.action == TANGENT:
        stored(j.out_code, j.out, at, step, w.wide_a, w.n)


# ---------------------------------------------------------------- tasks

cdef int strip_of(core_t* tag, job_t* j, work_t* w, Py_ssize_t strip) noexcept nogil:
    """Form one strip of the row of windows in hand; 1 if there is no memory."""
    cdef Py_ssize_t pieces
    w.strip, w.finished = strip, False
    if j.network:
        if network(tag, j, w, strip):
            return 1
    else:
        pieces = (j.w.out + j.lanes - 1) // j.lanes
        w.unit, w.c0, w.ow0 = 0, strip // pieces, strip % pieces * j.lanes
        w.n = least(j.lanes, j.w.out - w.ow0)
        w.height = w.taps_d * w.taps_h
        w.lined = w.checked = False
        if j.sliding and w.height > 0:
            if not (w.tile.o == w.o and w.tile.od == w.od and w.tile.strip == strip
                    and w.tile.oh0 <= w.oh < w.tile.oh1):
                set_tile(tag, j, w, &w.tile)
            slide(tag, j, w, &w.tile)
        elif one_by_one(tag, j, w):
            return 1
    if not w.finished:
        deliver(tag, j, w)
    return 0


cdef int row_strips(core_t* tag, job_t* j, work_t* w, Py_ssize_t o, Py_ssize_t od, Py_ssize_t h0,
                    Py_ssize_t h1) noexcept nogil:
    """Rows h0 to h1 of windows, strips in groups."""
    cdef Py_ssize_t first = 0, last, i, oh, strip, rows
    w.o, w.od = o, od
    w.taps_d = axis_taps(&j.d, od)
    while first < j.strips:
        last = least(first + j.group, j.strips)
        if w.group != first:
            for i in range(j.group * j.slots):
                w.line[i].o = -1
            w.group = first
        oh = h0
        while oh < h1:
            rows = 4 if j.banded and oh >= j.h.lo and oh + 4 <= least(h1, j.h.n + j.h.lo - 2) else 1
            for strip in range(first, last):
                w.oh, w.taps_h = oh, axis_taps(&j.h, oh)
                if rows == 4 and rows_of_medians(tag, j, w, strip):
                    continue
                for i in range(rows):
                    w.oh, w.taps_h = oh + i, axis_taps(&j.h, oh + i)
                    if strip_of(tag, j, w, strip):
                        return 1
            oh += rows
        first = last
    return 0


cdef int band(core_t* tag, job_t* j, work_t* w, Py_ssize_t o, Py_ssize_t r0, Py_ssize_t r1) noexcept nogil:
    """Rows r0 to r1 (of all slices) of the gradient of one plane."""
    cdef Py_ssize_t n = (r1 - r0) * j.w.n * j.inner, d0 = r0 // j.h.n, d1 = (r1 - 1) // j.h.n
    cdef Py_ssize_t od, od1, oh0 = 0, oh1 = j.h.out
    memset(w.sums, 0, n * sizeof(double))
    w.band0, w.band1 = r0, r1
    touching(&j.d, d0, d1 + 1, &od, &od1)
    if d0 == d1:
        touching(&j.h, r0 - d0 * j.h.n, r1 - d0 * j.h.n, &oh0, &oh1)
    while od < od1:
        if row_strips(tag, j, w, o, od, oh0, oh1):
            return 1
        od += 1
    stored(j.code, j.out, (o * j.d.n * j.h.n + r0) * j.w.n * j.inner, 1, w.sums, n)
    return 0


cdef inline void* carve(unsigned char** at, Py_ssize_t size) noexcept nogil:
    cdef void* p = at[0]
    at[0] = at[0] + (size + 127) // 64 * 64
    return p


cdef Py_ssize_t lay_out(core_t* tag, job_t* j, work_t* w, Py_ssize_t band_rows, unsigned char* memory) noexcept nogil:
    """Share out the scratch from `memory` on; returns its size."""
    cdef unsigned char* at = memory
    cdef Py_ssize_t size = sizeof(core_t), lanes = j.lanes + 64, i, lines = j.group * j.slots
    w.line = <line_t*>carve(&at, lines * sizeof(line_t))
    for i in range(lines):
        if memory != NULL:
            w.line[i].o = -1
            w.line[i].own = at + i * j.planes * j.pitch * (size + 1)
            w.line[i].valid = w.line[i].own + j.planes * j.pitch * size
    carve(&at, lines * j.planes * j.pitch * (size + 1))
    w.rows = <unsigned char*>carve(&at, j.scratch_rows * j.pitch * size)
    w.at = <void**>carve(&at, (j.scratch_rows + LIMIT + 64) * sizeof(void*))
    w.own_a = carve(&at, lanes * size)
    w.own_b = carve(&at, lanes * size)
    w.number = carve(&at, lanes * size)
    w.best = carve(&at, lanes * size)
    w.run = carve(&at, lanes * size)
    w.counts = carve(&at, lanes * size)
    w.count = <Py_ssize_t*>carve(&at, lanes * sizeof(Py_ssize_t))
    w.t = <double*>carve(&at, lanes * sizeof(double))
    w.ia = <Py_ssize_t*>carve(&at, lanes * sizeof(Py_ssize_t))
    w.ib = <Py_ssize_t*>carve(&at, lanes * sizeof(Py_ssize_t))
    w.wide_a = <double*>carve(&at, lanes * sizeof(double))
    w.wide_b = <double*>carve(&at, lanes * sizeof(double))
    w.flags = <unsigned char*>carve(&at, lanes)
    w.room = LINE // size
    w.buffer = <unsigned char*>carve(&at, 2 * LINE)
    w.maker = <maker_t*>carve(&at, sizeof(maker_t) if j.network else 0)
    w.sums = <double*>carve(&at, band_rows * j.w.n * j.inner * sizeof(double))
    if j.sliding:
        w.tile.rank = <int*>carve(&at, j.tile_elements * sizeof(int))
        w.tile.pairs = <pair_t*>carve(&at, j.tile_elements * sizeof(pair_t))
        w.tile.other = <pair_t*>carve(&at, j.tile_elements * sizeof(pair_t))
        w.tile.bits = <unsigned long long*>carve(&at, j.tile_elements // 8 + 64)
    w.tile.o = -1
    w.group = -1
    return at - memory


cdef int tasks(core_t* tag, job_t* j, Py_ssize_t start, Py_ssize_t stop, Py_ssize_t parts,
               Py_ssize_t band_rows) noexcept nogil:
    """Tasks start to stop - 1 with one scratch; 1 if there is no memory for it."""
    cdef work_t* w = <work_t*>calloc(1, sizeof(work_t))
    cdef unsigned char* memory
    cdef Py_ssize_t i, p, o, rows = j.d.n * j.h.n
    cdef int failed = 0
    if w == NULL:
        return 1
    memory = <unsigned char*>malloc(lay_out(tag, j, w, band_rows, NULL) + 64)
    if memory == NULL:
        free(w)
        return 1
    lay_out(tag, j, w, band_rows, memory + (64 - <size_t>memory % 64) % 64)
    for i in range(PROGRAMS):
        w.program[i].height = -1
    for i in range(start, stop):
        o, p = i // parts, i % parts
        if j.action == BACKWARD:
            failed |= band(tag, j, w, o, p * band_rows, least((p + 1) * band_rows, rows))
        else:
            o = i // (parts * j.d.out)
            failed |= row_strips(tag, j, w, o, i // parts % j.d.out, j.h.out * p // parts, j.h.out * (p + 1) // parts)
        if failed:
            break
    for i in range(PROGRAMS):
        free(w.program[i].code)
    free(w.table)
    free(w.labels)
    free(memory)
    free(w)
    return failed


cdef int execute(core_t* tag, job_t* j, int threads) noexcept nogil:
    cdef Py_ssize_t parts = 1, total, i, pieces, band_rows = 0, rows = j.d.n * j.h.n
    cdef Py_ssize_t wanted = 4 * threads if threads > 1 else 1
    cdef int failed = 0
    if j.action == BACKWARD:
        # a band: about half a megabyte of sums, or two windows high
        band_rows = j.h.n if j.h.adaptive else least(j.h.n, (j.h.kernel - 1) * j.h.dilation + 1)
        band_rows = most((1 << 19) // (8 * j.w.n * j.inner), 2 * band_rows)
        if j.outer < wanted:
            band_rows = least(band_rows, (rows * j.outer + wanted - 1) // wanted)
        band_rows = most(1, least(band_rows, rows))
        parts = (rows + band_rows - 1) // band_rows
        total = j.outer * parts
    else:
        total = j.outer * j.d.out
        if total < wanted:
            parts = most(1, least((wanted + total - 1) // total, j.h.out))
        total = total * parts
    if j.apart and edges(tag, j, threads):
        return 1
    if threads <= 1 or total <= 1:
        return tasks(tag, j, 0, total, parts, band_rows)
    pieces = least(total, 4 * threads)
    for i in prange(pieces, num_threads=threads, schedule="dynamic"):
        failed |= tasks(tag, j, total * i // pieces, total * (i + 1) // pieces, parts, band_rows)
    return failed


cdef void arrange(core_t* tag, job_t* j) noexcept nogil:
    """Choose strips, rows of keys and tiles. All depends on plan and dtype only."""
    cdef axis_t* w = &j.w
    cdef Py_ssize_t size = sizeof(core_t), block = 64 // size, i, p, span, taps_d, taps_h, height, low, f0, f1
    cdef Py_ssize_t high, n, shift, phase
    taps_d, taps_h = axis_most(&j.d), axis_most(&j.h)
    height = taps_d * taps_h
    # windows that divide the axis evenly are regular
    if w.adaptive and w.out > 0 and w.n % w.out == 0:
        w.adaptive = False
        w.kernel = w.stride = w.n // w.out
        w.dilation, w.lo, w.hi = 1, 0, 0
    j.taps = <int>least(LIMIT + 1, axis_most(w) if w.adaptive else w.kernel)
    j.network = height * j.taps <= LIMIT and height > 0 and j.taps > 0
    if j.op == MODE and height * j.taps > (64 if size == 8 else 128):
        j.network = False
    j.sliding = j.direct = j.paired = j.middle = j.banded = j.straight = j.apart = False
    j.turn, j.flip = flipped(j.code), absent(tag) if j.code >= F32 else 0
    j.planes, j.most_shift, j.slots, j.group, j.pitch, j.scratch_rows = 0, 0, 0, 1, 0, 0
    if not j.network:
        one_by_one_strips(j, height)
        return
    for n in range(1, height * j.taps + 1):
        j.low[n] = <int>statistic(j, n, &high, &j.t[n])
        j.high[n] = <int>high
    # where the taps along W lie: one plane for each phase of the stride, seen from several lanes; or one for each tap
    if w.adaptive or (j.taps > 1 and (w.dilation * (j.taps - 1)) // w.stride > 4 * j.taps):
        j.planes = j.taps
        for i in range(j.taps):
            j.plane_of[i], j.shift_of[i], j.off[i] = <int>i, 0, i * w.dilation - w.lo
    else:
        low = -((w.lo + w.stride - 1) // w.stride)
        for i in range(j.taps):
            p = i * w.dilation - w.lo - low * w.stride
            shift, phase = p // w.stride, p % w.stride
            for p in range(j.planes):
                if j.off[p] == low * w.stride + phase:
                    break
            else:
                p = j.planes
                j.off[p] = low * w.stride + phase
                j.planes += 1
            j.plane_of[i], j.shift_of[i] = <int>p, <int>shift
        # planes begin with their first tap
        for p in range(j.planes):
            shift = -1
            for i in range(j.taps):
                if j.plane_of[i] == p:
                    if shift < 0:
                        shift = j.shift_of[i]
                    j.shift_of[i] = <int>((j.shift_of[i] - shift) * j.inner)
                    j.most_shift = most(j.most_shift, j.shift_of[i])
            j.off[p] += shift * w.stride
    j.direct = j.planes == 1 and w.stride == 1 and not w.adaptive and (
        j.code == U8 or j.code == I16 or j.code == I32 or j.code == I64)
    j.middle = (j.op == MEDIAN and j.planes == 1 and height == j.taps and (j.taps == 3 or j.taps == 5)
                and j.action == FORWARD and not j.index_bytes and j.code == j.out_code)
    j.banded = (j.middle and j.taps == 3 and taps_h == 3 and j.h.stride == 1 and j.h.dilation == 1 and not j.h.adaptive
                and not j.masked and not j.omit)
    j.straight = j.banded and cp_medians_wide and j.shift_of[1] == 1 and (j.code == F32 or j.code == F64)
    j.paired = (j.op == MODE and j.inner == 1 and not w.adaptive and w.kernel == 2 and w.stride == 2 and w.dilation == 1
                and not j.index_bytes and not j.masked and not j.ignoring and j.code < F32)
    # lanes of complete windows
    f0, f1 = 0, w.out
    if w.adaptive:
        f1 = 0
    else:
        while f0 < f1 and axis_taps(w, f0) < w.kernel:
            f0 += 1
        while f1 > f0 and axis_taps(w, f1 - 1) < w.kernel:
            f1 -= 1
    j.left, j.right = f0 * j.inner, f1 * j.inner
    n = height * j.taps
    if j.middle:
        n = height                              # in registers
    if j.paired:
        n = 0
    j.lanes = most(4 * 64, least(4096, ROOM // (n + 5) // 64 * 64)) // size
    n = height * j.taps
    j.lanes = most(j.lanes, (2 * j.most_shift + block - 1) // block * block)
    j.lanes = most(block, least(j.lanes, (w.out * j.inner + block - 1) // block * block))
    j.pitch = (j.lanes + j.most_shift + 3 * block) // block * block
    j.scratch_rows = 2 * n + 16
    j.apart = edges_apart(j, f0, f1)
    j.strips_left = 0 if j.apart else (j.left + j.lanes - 1) // j.lanes
    j.strips_mid = (j.right - j.left + j.lanes - 1) // j.lanes
    j.strips = j.strips_left + j.strips_mid
    if not j.apart:
        j.strips += (w.out * j.inner - j.right + j.lanes - 1) // j.lanes
    # rows of keys are kept by their position modulo the height of a window, or, dilated, for one row of windows
    j.slots_d = least(j.d.n, (taps_d - 1) * j.d.dilation + 1)
    j.slots_h = least(j.h.n, 6 if j.banded else (taps_h - 1) * j.h.dilation + 1)
    j.slots = j.slots_d * j.slots_h
    if j.slots > 4 * height:
        j.slots_h = 0
        j.slots = height
    span = j.slots * j.planes * j.pitch * (size + 1)
    j.group = most(1, least(j.strips, (1 << 18) // span))


cdef Py_ssize_t axis_most(const axis_t* a) noexcept nogil:
    """The largest number of taps of a window."""
    cdef Py_ssize_t o, n = 0
    if not a.adaptive:
        return least(a.kernel, (a.n - 1) // a.dilation + 1)
    for o in range(a.out):
        n = most(n, axis_taps(a, o))
    return n


cdef void one_by_one_strips(job_t* j, Py_ssize_t height) noexcept nogil:
    cdef Py_ssize_t wide = axis_most(&j.w), budget, rows = 1, columns = 1, tall, n
    j.lanes = least(1024, j.w.out)
    j.sliding = (j.op != MODE and j.op != RANGE and not j.w.adaptive and j.w.dilation == 1 and 2 * j.w.stride <= wide
                 and height * wide > 1)
    if j.sliding:
        tall = (axis_most(&j.h) - 1) * j.h.dilation + 1
        budget = most(32768, axis_most(&j.d) * tall * wide * 9 // 4)
        while True:
            n = axis_most(&j.d) * (tall + rows * j.h.stride) * (wide + 2 * columns * j.w.stride)
            if n > budget or (rows >= j.h.out and columns >= j.w.out):
                break
            rows, columns = rows + 1, 2 * columns if columns < rows else columns + 1
        j.tile_rows, j.lanes = most(1, least(rows, j.h.out)), most(1, least(columns, j.w.out))
        # adaptive rows differ by one tap
        n = axis_most(&j.d) * (tall + j.tile_rows * (j.h.stride if not j.h.adaptive else j.h.n // j.h.out + 1) + 1)
        j.tile_elements = n * (wide + j.lanes * j.w.stride)
    j.strips = j.inner * ((j.w.out + j.lanes - 1) // j.lanes)


# ---------------------------------------------------------------- from Python

cdef void prepare(job_t* j, const task_t* task, Windows plan, int action) noexcept:
    cdef long long zero = 0, key = 0
    j.op, j.code, j.out_code, j.method, j.q, j.k = task.op, task.code, task.out_code, task.method, task.p, task.rank
    j.d, j.h, j.w, j.outer, j.inner = plan.d, plan.h, plan.w, plan.outer, plan.inner
    j.size = itemsize_of(j.code)
    j.plane = j.d.n * j.h.n * j.w.n
    j.elements = j.outer * j.plane * j.inner
    j.action, j.index_bytes, j.masked = action, task.index_bytes, task.mode != 0
    j.omit = task.omit and j.code >= F32
    j.propagate = (j.op == MEDIAN or j.op == QUANTILE or j.op == RANGE) and not task.omit
    j.normal = (action != FORWARD or j.index_bytes != 0) and j.code >= F32
    j.ignoring = task.label != NULL
    j.turned = False
    cp_take(j.code, task.label if j.ignoring else <const char*>&zero, 0, 1, &key, 1)
    # the key's bytes are the low ones, on little-endian machines; read it in its own width
    key = read_key(j.code, &key)
    j.ignore = j.hole = key
    if j.code == F32:
        j.hole = nan_key(<cp_k32*>NULL)
    elif j.code == F64:
        j.hole = nan_key(<cp_k64*>NULL)
    elif j.code == F16 or j.code == BF16:
        j.hole = nan_key(<cp_k16*>NULL)
    if nothing(j):
        return
    if j.size == 1:
        arrange(<cp_k8*>NULL, j)
    elif j.size == 2:
        arrange(<cp_k16*>NULL, j)
    elif j.size == 4:
        arrange(<cp_k32*>NULL, j)
    else:
        arrange(<cp_k64*>NULL, j)


cdef bint nothing(const job_t* j) noexcept nogil:
    """Whether there is no window."""
    return j.outer == 0 or j.inner == 0 or j.d.out == 0 or j.h.out == 0 or j.w.out == 0


cdef long long read_key(int code, void* key) noexcept nogil:
    if code == U8 or code == I8:
        return (<cp_k8*>key)[0]
    if code == U16 or code == I16 or code == F16 or code == BF16:
        return (<cp_k16*>key)[0]
    if code == U32 or code == I32 or code == F32:
        return (<cp_k32*>key)[0]
    return (<cp_k64*>key)[0]


cdef int run(const void* prepared, void** at, int threads) noexcept nogil:
    """Arrays: x; a mask, a byte for each element, if there is one; for a derivative the gradient of the output or a tangent of
    x; the output, or the gradient of x; positions (of a mode: how often it occurs) if asked for."""
    cdef job_t j = (<const job_t*>prepared)[0]
    cdef int n = 1, failed
    j.x = <unsigned char*>at[0]
    if j.masked:
        j.mask, n = <unsigned char*>at[n], n + 1
    if j.action != FORWARD:
        j.g, n = <unsigned char*>at[n], n + 1
    j.out = <unsigned char*>at[n]
    if j.index_bytes:
        j.idx = <unsigned char*>at[n + 1]
    if nothing(&j):
        if j.action == BACKWARD:
            memset(j.out, 0, j.elements * j.size)
        return 0
    if j.size == 1:
        failed = execute(<cp_k8*>NULL, &j, threads)
    elif j.size == 2:
        failed = execute(<cp_k16*>NULL, &j, threads)
    elif j.size == 4:
        failed = execute(<cp_k32*>NULL, &j, threads)
    else:
        failed = execute(<cp_k64*>NULL, &j, threads)
    return NO_MEMORY if failed else 0


cdef void prepare_forward(void* job, const task_t* task, Windows plan) noexcept:
    prepare(<job_t*>job, task, plan, FORWARD)


cdef void prepare_backward(void* job, const task_t* task, Windows plan) noexcept:
    prepare(<job_t*>job, task, plan, BACKWARD)


cdef void prepare_tangent(void* job, const task_t* task, Windows plan) noexcept:
    prepare(<job_t*>job, task, plan, TANGENT)


cdef kernel_api_t RANKS = kernel_api_t(sizeof(job_t), prepare_forward, run)
cdef kernel_api_t RANKS_BACKWARD = kernel_api_t(sizeof(job_t), prepare_backward, run)
cdef kernel_api_t RANKS_JVP = kernel_api_t(sizeof(job_t), prepare_tangent, run)

apis = {
    "ranks": PyCapsule_New(&RANKS, "cpool.kernel", NULL),
    "ranks_backward": PyCapsule_New(&RANKS_BACKWARD, "cpool.kernel", NULL),
    "ranks_jvp": PyCapsule_New(&RANKS_JVP, "cpool.kernel", NULL),
}
