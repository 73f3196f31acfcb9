# Comparison networks, made for the windows in hand. A value is a row of keys; a wire is a value seen from `s` lanes on.
# Every exchange makes two new values, of which those that nothing needs are left out, then rows are shared out among them.

cdef struct wire_t:
    int v, s


cdef struct exchange_t:
    int a, b, lo, hi          # rows: inputs first, then scratch; -1: not wanted
    int sa, sb                # lanes by which the operands are shifted
    int need                  # lanes wanted beyond those of the strip


cdef struct program_t:
    Py_ssize_t height         # rows of a window
    int every                 # whether all taps are sorted, or only two of them wanted
    int count, rows           # exchanges; rows of scratch
    exchange_t* code
    wire_t out[LIMIT]         # wanted rows: two, or all in order


cdef struct maker_t:
    exchange_t code[EXCHANGES]
    int need[VALUES]          # lanes beyond the strip that are wanted of a value, -1: not wanted
    int last[VALUES]          # the exchange that reads it last
    int row[VALUES]
    int spare[VALUES]
    int count, values


cdef void exchange(maker_t* m, wire_t a, wire_t b, wire_t* lo, wire_t* hi) noexcept nogil:
    cdef exchange_t* e = &m.code[m.count]
    e.a, e.b, e.sa, e.sb = a.v, b.v, a.s, b.s
    e.lo, e.hi = m.values, m.values + 1
    lo.v, hi.v, lo.s, hi.s = e.lo, e.hi, 0, 0
    m.values += 2
    m.count += 1


cdef void merged(maker_t* m, const wire_t* a, int step_a, int na, const wire_t* b, int step_b, int nb,
                 wire_t* out) noexcept nogil:
    """Two sorted lists into one: Batcher's odd-even merge for any two lengths."""
    cdef wire_t odd[LIMIT]
    cdef wire_t even[LIMIT]
    cdef int i, n, k
    if na == 0 or nb == 0:
        for i in range(na):
            out[i] = a[i * step_a]
        for i in range(nb):
            out[i] = b[i * step_b]
        return
    if na == 1 and nb == 1:
        exchange(m, a[0], b[0], &out[0], &out[1])
        return
    n, k = (na + 1) // 2 + (nb + 1) // 2, na // 2 + nb // 2
    merged(m, a, 2 * step_a, (na + 1) // 2, b, 2 * step_b, (nb + 1) // 2, odd)
    merged(m, a + step_a, 2 * step_a, na // 2, b + step_b, 2 * step_b, nb // 2, even)
    out[0] = odd[0]
    for i in range(k):
        if i + 1 < n:
            exchange(m, even[i], odd[i + 1], &out[2 * i + 1], &out[2 * i + 2])
        else:
            out[2 * i + 1] = even[i]
    if n == k + 2:
        out[n + k - 1] = odd[n - 1]


cdef void sorted_wires(maker_t* m, const wire_t* a, int n, wire_t* out) noexcept nogil:
    cdef wire_t one[LIMIT]
    cdef wire_t two[LIMIT]
    if n == 1:
        out[0] = a[0]
        return
    sorted_wires(m, a, n // 2, one)
    sorted_wires(m, a + n // 2, n - n // 2, two)
    merged(m, one, 1, n // 2, two, 1, n - n // 2, out)


cdef int shifted(const wire_t* a, int n, int s, wire_t* out) noexcept nogil:
    cdef int i
    for i in range(n):
        out[i] = a[i]
        out[i].s += s
    return n


cdef int plane_wires(maker_t* m, job_t* j, int c, Py_ssize_t p, wire_t* out) noexcept nogil:
    """The taps of a window that lie in plane p, sorted: columns once, then by doubling along W."""
    cdef wire_t piece[LIMIT]
    cdef wire_t moved[LIMIT]
    cdef wire_t all[LIMIT]
    cdef int first = -1, step = 0, taps = 0, i, n = c, have = 0, pos = 0, bit
    for i in range(j.taps):
        if j.plane_of[i] == p:
            if first < 0:
                first = j.shift_of[i]
            elif taps == 1:
                step = j.shift_of[i] - first
            taps += 1
    for i in range(c):
        piece[i].v, piece[i].s = i * <int>j.planes + <int>p, 0
    sorted_wires(m, piece, c, all)
    for i in range(c):
        piece[i] = all[i]
    # binary digits of the number of columns, the lowest first: pieces of 1, 2, 4 ... columns
    bit = 1
    while True:
        if taps & bit:
            shifted(piece, n, first + pos * step, moved)
            merged(m, out, 1, have, moved, 1, n, all)
            have += n
            pos += bit
            for i in range(have):
                out[i] = all[i]
        bit *= 2
        if bit > taps:
            return have
        shifted(piece, n, bit // 2 * step, moved)
        merged(m, piece, 1, n, moved, 1, n, all)
        n *= 2
        for i in range(n):
            piece[i] = all[i]


cdef int window_wires(maker_t* m, job_t* j, int c, Py_ssize_t p0, Py_ssize_t p1, wire_t* out) noexcept nogil:
    """The taps of a window in planes p0 to p1, sorted."""
    cdef wire_t one[LIMIT]
    cdef wire_t two[LIMIT]
    cdef int n, k
    if p1 - p0 == 1:
        return plane_wires(m, j, c, p0, out)
    n = window_wires(m, j, c, p0, (p0 + p1) // 2, one)
    k = window_wires(m, j, c, (p0 + p1) // 2, p1, two)
    merged(m, one, 1, n, two, 1, k, out)
    return n + k


cdef inline void wanted_from(maker_t* m, int v, int need, int at) noexcept nogil:
    if need > m.need[v]:
        m.need[v] = need
    if m.last[v] < 0:
        m.last[v] = at


cdef int compile_program(maker_t* m, job_t* j, program_t* p, int c, int every) noexcept nogil:
    """Fill p for windows of c rows; 1 if there is no memory."""
    cdef wire_t out[LIMIT]
    cdef int n, i, v, inputs = c * <int>j.planes, kept = 0, rows = 0, spare = 0, n_
    cdef exchange_t* e
    m.count, m.values = 0, inputs
    n = window_wires(m, j, c, 0, j.planes, out)
    if every:
        for i in range(n):
            p.out[i] = out[i]
    else:
        p.out[0], p.out[1] = out[j.low[n]], out[j.high[n]]
        n = 2
    for v in range(m.values):
        m.need[v] = m.last[v] = -1
    for i in range(n):
        wanted_from(m, p.out[i].v, p.out[i].s, m.count)
    for i in range(m.count - 1, -1, -1):
        e = &m.code[i]
        if m.need[e.lo] < 0:
            e.lo = -1
        if m.need[e.hi] < 0:
            e.hi = -1
        if e.lo < 0 and e.hi < 0:
            e.a = -1
            continue
        kept += 1
        e.need = most(m.need[e.lo] if e.lo >= 0 else 0, m.need[e.hi] if e.hi >= 0 else 0)
        wanted_from(m, e.a, e.need + e.sa, i)
        wanted_from(m, e.b, e.need + e.sb, i)
    for v in range(inputs):
        m.row[v] = v
    free(p.code)
    p.code = <exchange_t*>malloc(most(kept, 1) * sizeof(exchange_t))
    if p.code == NULL:
        return 1
    kept = 0
    for i in range(m.count):
        e = &m.code[i]
        if e.a < 0:
            continue
        p.code[kept] = e[0]
        for n_ in range(2):
            v = e.hi if n_ else e.lo
            if v >= 0:
                if spare:
                    spare -= 1
                    m.row[v] = m.spare[spare]
                else:
                    m.row[v] = inputs + rows
                    rows += 1
        p.code[kept].a, p.code[kept].b = m.row[e.a], m.row[e.b]
        p.code[kept].lo = m.row[e.lo] if e.lo >= 0 else -1
        p.code[kept].hi = m.row[e.hi] if e.hi >= 0 else -1
        kept += 1
        if e.a >= inputs and m.last[e.a] == i:
            m.spare[spare] = m.row[e.a]
            spare += 1
        if e.b >= inputs and e.b != e.a and m.last[e.b] == i:
            m.spare[spare] = m.row[e.b]
            spare += 1
    for i in range(n):
        p.out[i].v = m.row[p.out[i].v]
    p.count, p.rows, p.height, p.every = kept, rows, c, every
    return rows > j.scratch_rows
