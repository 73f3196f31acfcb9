# Part of select.pyx: backward of max and min, with the search for the winners.

cdef struct grads_t:
    const unsigned char* g
    unsigned char* y
    Py_ssize_t bands, room


cdef void add_searched(core_t* tag, index_t* itag, sum_t* y, const grad_t* g, job_t* j, tile_t* t,
                       Py_ssize_t low, Py_ssize_t high, Py_ssize_t room) noexcept nogil:
    """Search the windows that touch positions low to high of plane t.o and add their gradients to y.

    As many at a time as `room` indices allow, in the order of the outputs.
    """
    cdef Py_ssize_t box_low[3]
    cdef Py_ssize_t box_high[3]
    cdef Py_ssize_t i, below = j.plane // j.inner, first = low, last = high - 1, d, h, w
    cdef Py_ssize_t dn, hn, wn, row, n, line
    cdef const index_t* at
    for i in range(3):
        box_low[i], box_high[i] = 0, j.axis[i].out
    for i in range(3):
        below //= j.axis[i].n
        touching(&j.axis[i], first // below, last // below + 1, &box_low[i], &box_high[i])
        if first // below != last // below:
            break
        first, last = first % below, last % below
    w = box_high[2] - box_low[2]
    wn = most(1, least(w, room // j.inner))
    hn = most(1, least(box_high[1] - box_low[1], room // (wn * j.inner) if wn == w else 1))
    dn = most(1, room // (wn * hn * j.inner)) if wn == w and hn == box_high[1] - box_low[1] else 1
    d = box_low[0]
    while d < box_high[0]:
        t.low[0], t.high[0] = d, least(d + dn, box_high[0])
        h = box_low[1]
        while h < box_high[1]:
            t.low[1], t.high[1] = h, least(h + hn, box_high[1])
            w = box_low[2]
            while w < box_high[2]:
                t.low[2], t.high[2] = w, least(w + wn, box_high[2])
                row = t.high[2] - t.low[2]
                if j.holes:
                    fill_holes(j, t, (t.high[0] - t.low[0]) * (t.high[1] - t.low[1]) * row * j.inner)
                run(tag, itag, j, t)
                at = <const index_t*>t.idx
                for i in range((t.high[0] - t.low[0]) * (t.high[1] - t.low[1])):
                    n = t.high[1] - t.low[1]
                    line = (t.low[0] + i // n) * j.axis[1].out + t.low[1] + i % n
                    add_at(y, at, g + t.o * j.plane_out + (line * j.axis[2].out + w) * j.inner, row, j.inner,
                           low, high)
                    at += row * j.inner
                w += wn
            h += hn
        d += dn


cdef void search_part(core_t* tag, index_t* itag, sum_t* sums, const grad_t* g, grad_t* y, job_t* j,
                      tile_t* t, grads_t* w, Py_ssize_t number) noexcept nogil:
    """Band `number`: clear it, search, add."""
    cdef Py_ssize_t band = number % w.bands, plane = j.plane // j.inner, i
    cdef Py_ssize_t low = plane // w.bands * band + least(band, plane % w.bands)
    cdef Py_ssize_t high = low + plane // w.bands + (1 if band < plane % w.bands else 0)
    cdef Py_ssize_t n = (high - low) * j.inner
    t.o = number // w.bands
    y += t.o * j.plane + low * j.inner
    if grad_t is f16_t or grad_t is bf16_t:
        memset(sums, 0, n * sizeof(sum_t))
        add_searched(tag, itag, sums, g, j, t, low, high, w.room)
        narrowed(y, sums, n)
    elif (grad_t is float and sum_t is float) or (grad_t is double and sum_t is double):
        memset(y, 0, n * sizeof(grad_t))
        add_searched(tag, itag, y, g, j, t, low, high, w.room)


cdef int search(core_t* tag, index_t* itag, sum_t* stag, const grad_t* g, grad_t* y, job_t* j, grads_t* w,
                Py_ssize_t outer, int threads) noexcept nogil:
    cdef tile_t t
    cdef tile_t* own
    cdef char* memory
    cdef Py_ssize_t i, total = outer * w.bands, chunk = most(1, total // (8 * threads))
    cdef Py_ssize_t bytes = lay_out(tag, itag, j, &t, NULL), sums = 0
    cdef Py_ssize_t found = most(w.room, j.inner) * sizeof(index_t)
    cdef int failed = 0
    cdef int* status = &failed
    if grad_t is f16_t or grad_t is bf16_t:
        sums = (j.plane // j.inner // w.bands + 1) * j.inner * sizeof(sum_t)
    if threads <= 1 or total == 1:
        memory = <char*>malloc(bytes + 64 + found + 64 + sums)
        if memory == NULL:
            return -1
        lay_out(tag, itag, j, &t, memory)
        t.out, t.idx = NULL, <unsigned char*>(memory + bytes + 64)
        for i in range(total):
            search_part(tag, itag, <sum_t*>(memory + bytes + 64 + found + 64), g, y, j, &t, w, i)
        free(memory)
        return 0
    with parallel(num_threads=threads):
        memory = <char*>malloc(bytes + 64 + found + 64 + sums)
        own = <tile_t*>malloc(sizeof(tile_t))
        if memory == NULL or own == NULL:
            status[0] = -1
        else:
            lay_out(tag, itag, j, own, memory)
            own.out, own.idx = NULL, <unsigned char*>(memory + bytes + 64)
        for i in prange(total, schedule="dynamic", chunksize=chunk):
            if memory != NULL and own != NULL:
                search_part(tag, itag, <sum_t*>(memory + bytes + 64 + found + 64), g, y, j, own, w, i)
        free(own)
        free(memory)
    return failed


cdef void prepare_search(void* memory, const task_t* t, Windows plan) noexcept:
    cdef job_t* j = <job_t*>memory
    j.code, j.flip, j.boolean, j.size = t.code, t.op, False, itemsize_of(t.code)
    j.outer, j.wide = plan.outer, is_wide(plan)
    j.index_bytes = 8 if j.wide or j.code == F64 else 4
    prepare(j, plan, 2 * j.index_bytes)


cdef int run_search(const void* job, void** at, int threads) noexcept nogil:
    cdef job_t j = (<const job_t*>job)[0]
    cdef grads_t w
    cdef int code = j.code, failed
    cdef Py_ssize_t outer = j.outer
    cdef const void* g = at[0]
    cdef void* y = at[2]
    j.x, j.out, j.idx = <const unsigned char*>at[1], NULL, NULL
    w.room = least(FOUND, j.plane_out)
    w.bands = 1
    if code == F16 or code == BF16:
        w.bands = (j.plane + FOUND - 1) // FOUND
    if threads > 1 and outer < 2 * threads:
        w.bands = most(w.bands, (2 * threads + outer - 1) // outer)
    w.bands = least(w.bands, j.plane // j.inner)
    if code == F64:
        failed = search(<double*>NULL, <long long*>NULL, <double*>NULL, <const double*>g, <double*>y, &j, &w,
                        outer, threads)
    elif j.wide:
        if code == F32:
            failed = search(<double*>NULL, <long long*>NULL, <float*>NULL, <const float*>g, <float*>y, &j, &w,
                            outer, threads)
        elif code == F16:
            failed = search(<double*>NULL, <long long*>NULL, <float*>NULL, <const f16_t*>g, <f16_t*>y, &j, &w,
                            outer, threads)
        else:
            failed = search(<double*>NULL, <long long*>NULL, <float*>NULL, <const bf16_t*>g, <bf16_t*>y, &j,
                            &w, outer, threads)
    elif code == F32:
        failed = search(<float*>NULL, <int*>NULL, <float*>NULL, <const float*>g, <float*>y, &j, &w, outer,
                        threads)
    elif code == F16:
        failed = search(<float*>NULL, <int*>NULL, <float*>NULL, <const f16_t*>g, <f16_t*>y, &j, &w, outer,
                        threads)
    else:
        failed = search(<float*>NULL, <int*>NULL, <float*>NULL, <const bf16_t*>g, <bf16_t*>y, &j, &w, outer,
                        threads)
    return NO_MEMORY if failed else 0
