# Windows that reach over the ends of W, an element or two of every row: made as rows of an array whose axes H and W have
# changed places, of which some planes are copied at a time. One by one they took 93 ns each, more than all others together:
# medians of 1024x1024 uint8, one thread, 3x3 .30 to .11 ms, 5x5 1.08 to .38.

cdef enum:
    COPIED = 262144           # bytes of a copy, about


cdef bint edges_apart(const job_t* j, Py_ssize_t f0, Py_ssize_t f1) noexcept nogil:
    """Whether that is worth its while; windows f0 .. f1 - 1 of a row are complete."""
    return (not j.turned and j.action == FORWARD and not j.index_bytes and not j.w.adaptive and not j.h.adaptive
            and j.h.out >= 16 and (f0 > 0 or f1 < j.w.out) and j.w.n + j.w.lo > f1 * j.w.stride)


cdef void exchange_axes(Py_ssize_t size, bint back, void* rows, void* columns, const job_t* t, Py_ssize_t planes,
                        Py_ssize_t height, Py_ssize_t width, Py_ssize_t reach) noexcept nogil:
    """`reach` columns of planes of height x width to planes of their own, or back; elements of `size` bytes."""
    cdef Py_ssize_t i, inner = t.inner, row = width * inner, column = height * inner
    cdef char* x
    cdef char* y
    for i in range(planes):
        x, y = <char*>rows + i * height * row * size, <char*>columns + i * reach * column * size
        if back:
            transpose(size, y, inner, column, x, row, inner, height, reach, inner)
        else:
            transpose(size, x, row, inner, y, inner, column, height, reach, inner)


cdef inline void transpose(Py_ssize_t size, const void* x, Py_ssize_t x_row, Py_ssize_t x_column, void* y, Py_ssize_t y_row,
                           Py_ssize_t y_column, Py_ssize_t rows, Py_ssize_t columns, Py_ssize_t inner) noexcept nogil:
    if size == 1:
        cp_transpose_cp_k8(<const cp_k8*>x, x_row, x_column, <cp_k8*>y, y_row, y_column, rows, columns, inner)
    elif size == 2:
        cp_transpose_cp_k16(<const cp_k16*>x, x_row, x_column, <cp_k16*>y, y_row, y_column, rows, columns, inner)
    elif size == 4:
        cp_transpose_cp_k32(<const cp_k32*>x, x_row, x_column, <cp_k32*>y, y_row, y_column, rows, columns, inner)
    else:
        cp_transpose_cp_k64(<const cp_k64*>x, x_row, x_column, <cp_k64*>y, y_row, y_column, rows, columns, inner)


cdef int edge(core_t* tag, const job_t* j, bint right, Py_ssize_t o0, Py_ssize_t o1) noexcept nogil:
    """The windows left or right of the complete ones, of planes o0 to o1; 1 if there is no memory."""
    cdef job_t t = j[0]
    cdef axis_t* h = &t.h
    cdef Py_ssize_t f1 = j.right // j.inner, first = 0, at = 0, room, planes, result = itemsize_of(j.out_code)
    cdef unsigned char* memory
    cdef int failed
    t.h, t.w, t.turned, t.outer = j.w, j.h, True, o1 - o0
    if right:
        at, first = f1, most(0, f1 * h.stride - h.lo)
        h.out, h.n, h.lo = h.out - f1, h.n - first, h.lo + first - f1 * h.stride
    else:
        h.out = j.left // j.inner
        h.n = least(h.n, most(1, (h.out - 1) * h.stride - h.lo + (h.kernel - 1) * h.dilation + 1))
    if h.out == 0:
        return 0
    t.plane = t.d.n * h.n * t.w.n
    t.elements = t.outer * t.plane * t.inner
    planes = t.outer * t.d.out
    room = (t.elements + 63) // 64 * 64
    memory = <unsigned char*>malloc(room * (t.size + 1) + planes * h.out * t.w.out * t.inner * result)
    if memory == NULL:
        return 1
    t.x, t.out = memory, memory + room * (t.size + 1)
    exchange_axes(t.size, False, j.x + (o0 * j.plane + first) * j.inner * j.size, <void*>t.x, &t, t.outer * t.d.n, j.h.n,
                  j.w.n, h.n)
    if j.mask != NULL:
        t.mask = memory + room * t.size
        exchange_axes(1, False, j.mask + (o0 * j.plane + first) * j.inner, <void*>t.mask, &t, t.outer * t.d.n, j.h.n, j.w.n,
                      h.n)
    arrange(tag, &t)
    failed = tasks(tag, &t, 0, planes, 1, 0)
    exchange_axes(result, True, j.out + (o0 * j.d.out * j.h.out * j.w.out + at) * j.inner * result, t.out, &t, planes, j.h.out,
                  j.w.out, h.out)
    free(memory)
    return failed


cdef int edges(core_t* tag, const job_t* j, int threads) noexcept nogil:
    cdef Py_ssize_t i, windows = most(j.left, j.w.out * j.inner - j.right) * j.w.stride
    cdef Py_ssize_t per = j.size * j.d.n * j.h.n * (windows + j.w.kernel * j.w.dilation * j.inner), pieces
    cdef int failed = 0
    per = most(1, least(COPIED // per, (j.outer + threads - 1) // threads))
    pieces = (j.outer + per - 1) // per
    if threads <= 1:
        for i in range(2 * pieces):
            failed |= edge(tag, j, i % 2 != 0, i // 2 * per, least(j.outer, (i // 2 + 1) * per))
    else:
        for i in prange(2 * pieces, num_threads=threads, schedule="dynamic"):
            failed |= edge(tag, j, i % 2 != 0, i // 2 * per, least(j.outer, (i // 2 + 1) * per))
    return failed
