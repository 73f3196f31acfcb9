# Windows one by one: those too large for a network, and the few at an edge. Keys are pulled from x as they are needed.
#
# Scratch: LINE bytes of keys and as much of candidates; mode: two words and a key for each distinct label of a window, twice.
# Sliding windows: a tile of x, the windows of a few rows and columns with their halo, 40 bytes an element (1.3 MB,
# or what two windows and a quarter take).

cdef extern from "networks.h" nogil:
    int cp_ones(unsigned long long v)
    int cp_nth_one(unsigned long long v, int n)
    int cp_first_one(unsigned long long v)


cdef struct cursor_t:
    Py_ssize_t row, at        # the next tap
    bint done


cdef inline void lane_of(work_t* w, Py_ssize_t i, Py_ssize_t* ow, Py_ssize_t* c) noexcept nogil:
    if w.unit:
        ow[0], c[0] = w.ow0 + (w.c0 + i) // w.unit, (w.c0 + i) % w.unit
    else:
        ow[0], c[0] = w.ow0 + i, w.c0


cdef inline Py_ssize_t row_base(job_t* j, work_t* w, Py_ssize_t r) noexcept nogil:
    """Position in its plane where row r of the window in hand begins."""
    return ((axis_first(&j.d, w.od) + r // w.taps_h * j.d.dilation) * j.h.n
            + axis_first(&j.h, w.oh) + r % w.taps_h * j.h.dilation) * j.w.n


cdef Py_ssize_t kept(core_t* key, job_t* j, Py_ssize_t at, Py_ssize_t step, Py_ssize_t n) noexcept nogil:
    """Leave out what takes no part; returns how many keys stay."""
    cdef Py_ssize_t i, m = 0
    cdef core_t v, nan = nan_key(key), ignored = <core_t>j.ignore
    cdef bint good
    if not (j.omit or j.ignoring or j.mask != NULL):
        return n
    for i in range(n):
        v = key[i]
        good = (not (j.omit and v == nan)) & (not (j.ignoring and v == ignored))
        if j.mask != NULL:
            good &= j.mask[at + i * step]
        key[m] = v
        m += good
    return m


cdef Py_ssize_t pull(core_t* key, job_t* j, work_t* w, Py_ssize_t ow, Py_ssize_t c, cursor_t* cursor,
                     Py_ssize_t room) noexcept nogil:
    """The next keys of a window, `room` of them or all that are left."""
    cdef Py_ssize_t first = axis_first(&j.w, ow), taps = axis_taps(&j.w, ow), have = 0, n, at, i
    cdef Py_ssize_t step = j.w.dilation * j.inner
    while cursor.row < w.height and taps > 0 and have < room:
        n = least(taps - cursor.at, room - have)
        at = (w.o * j.plane + row_base(j, w, cursor.row) + first + cursor.at * j.w.dilation) * j.inner + c
        cp_take(j.code, j.x, at, step, key + have, n)
        if j.normal:
            for i in range(have, have + n):
                key[i] = <core_t>(0 if key[i] == <core_t>-1 else key[i])
        have += kept(key + have, j, at, step, n)
        cursor.at += n
        if cursor.at == taps:
            cursor.at = 0
            cursor.row += 1
    cursor.done = cursor.row >= w.height or taps == 0
    return have


cdef void extremes(core_t* key, Py_ssize_t n, core_t* low, core_t* high) noexcept nogil:
    cdef Py_ssize_t i
    cdef core_t a = key[0], b = key[0]
    for i in range(n):
        a = key[i] if key[i] < a else a
        b = key[i] if key[i] > b else b
    low[0], high[0] = a, b


cdef inline unsigned long long apart(core_t low, core_t high) noexcept nogil:
    return <unsigned long long>(<long long>high) - <unsigned long long>(<long long>low)


cdef inline core_t beyond(core_t low, unsigned long long d) noexcept nogil:
    return <core_t>(<long long>(<unsigned long long>(<long long>low) + d))


cdef void chosen(core_t* key, Py_ssize_t n, Py_ssize_t k, Py_ssize_t k2, core_t* a, core_t* b) noexcept nogil:
    """The keys of ranks k and k2 (k or k + 1) of n keys, which are moved about."""
    cdef Py_ssize_t s = 0, e = n, i, p
    cdef core_t low, high, v
    while e - s > 12:
        extremes(key + s, e - s, &low, &high)
        if low == high:
            break
        high = beyond(low, apart(low, high) // 2)
        p = s
        for i in range(s, e):
            v = key[i]
            key[i] = key[p]
            key[p] = v
            p += v <= high
        if k < p:
            e = p
        else:
            s = p
    if e - s <= 12:
        for i in range(s + 1, e):
            v = key[i]
            p = i
            while p > s and key[p - 1] > v:
                key[p] = key[p - 1]
                p -= 1
            key[p] = v
    a[0] = b[0] = key[k]
    if k2 > k:
        extremes(key + k + 1, n - k - 1, b, &high)


cdef void counted(core_t* tag, job_t* j, work_t* w, Py_ssize_t ow, Py_ssize_t c, Py_ssize_t lane) noexcept nogil:
    """A window of any size: the range of the keys in 1024 bins, then the bin of the wanted rank, and so on."""
    cdef core_t* key = <core_t*>w.buffer
    cdef core_t* some = key + w.room
    cdef core_t low = 0, high = 0, u, v
    cdef Py_ssize_t bins[1024]
    cdef Py_ssize_t n, i, k, k2, have, below = 0, total = 0
    cdef unsigned long long bin
    cdef int shift
    cdef cursor_t cursor
    cursor.row = cursor.at = 0
    cursor.done = False
    while not cursor.done:
        n = pull(key, j, w, ow, c, &cursor, w.room)
        if n:
            extremes(key, n, &u, &v)
            low = u if total == 0 or u < low else low
            high = v if total == 0 or v > high else high
            total += n
    w.count[lane] = total
    if total == 0:
        return
    (<core_t*>w.a)[lane] = low
    (<core_t*>w.b)[lane] = high
    w.t[lane] = 0
    if j.propagate and j.code >= F32 and high == nan_key(tag):
        (<core_t*>w.a)[lane] = high
        return
    if j.op == RANGE:
        return
    k = statistic(j, total, &k2, &w.t[lane])
    while low != high:
        shift = 0
        while apart(low, high) >> shift >= 1024:
            shift += 1
        memset(bins, 0, sizeof(bins))
        cursor.row = cursor.at = 0
        cursor.done = False
        while not cursor.done:
            n = pull(key, j, w, ow, c, &cursor, w.room)
            for i in range(n):
                if low <= key[i] <= high:
                    bins[apart(low, key[i]) >> shift] += 1
        bin = 0
        while below + bins[bin] <= k:
            below += bins[bin]
            bin += 1
        low = beyond(low, bin << shift)
        if (<unsigned long long>1 << shift) - 1 < apart(low, high):
            high = beyond(low, (<unsigned long long>1 << shift) - 1)
        if bins[bin] <= w.room and low != high:
            have = 0
            cursor.row = cursor.at = 0
            cursor.done = False
            while not cursor.done:
                n = pull(key, j, w, ow, c, &cursor, w.room)
                for i in range(n):
                    if low <= key[i] <= high:
                        some[have] = key[i]
                        have += 1
            chosen(some, have, k - below, k - below, &low, &high)
            high = low
    (<core_t*>w.a)[lane] = low
    (<core_t*>w.b)[lane] = low
    if k2 == k:
        return
    # the next rank: the same key again, or the smallest of the larger ones
    total = 0
    high = absent(tag)
    cursor.row = cursor.at = 0
    cursor.done = False
    while not cursor.done:
        n = pull(key, j, w, ow, c, &cursor, w.room)
        for i in range(n):
            v = key[i]
            total += v <= low
            high = v if low < v < high else high
    if total <= k2:
        (<core_t*>w.b)[lane] = high


# ---------------------------------------------------------------- mode

cdef inline Py_ssize_t bucket(unsigned long long key, Py_ssize_t size) noexcept nogil:
    return <Py_ssize_t>((key * 0x9E3779B97F4A7C15ull) >> 32) & (size - 1)


cdef int grown(core_t* tag, work_t* w) noexcept nogil:
    """A table of labels twice as large; 1 if there is no memory."""
    cdef Py_ssize_t size = w.table_size * 2 if w.table_size else 128, i, at
    cdef Py_ssize_t* table = <Py_ssize_t*>calloc(size, sizeof(Py_ssize_t))
    cdef core_t* labels = <core_t*>malloc(size * sizeof(core_t))
    cdef core_t* old = <core_t*>w.labels
    if table == NULL or labels == NULL:
        free(table)
        free(labels)
        return 1
    for i in range(w.table_size):
        if w.table[i]:
            at = bucket(<unsigned long long>old[i], size)
            while table[at]:
                at = (at + 1) & (size - 1)
            table[at], labels[at] = w.table[i], old[i]
    free(w.table)
    free(w.labels)
    w.table, w.labels, w.table_size = table, labels, size
    return 0


cdef int most_frequent(core_t* tag, job_t* j, work_t* w, Py_ssize_t ow, Py_ssize_t c, Py_ssize_t lane) noexcept nogil:
    cdef core_t* key = <core_t*>w.buffer
    cdef core_t* labels
    cdef core_t v, label = 0
    cdef Py_ssize_t n, i, e, at, distinct = 0, total = 0, best = 0
    cdef cursor_t cursor
    if w.table_size == 0 and grown(tag, w):
        return 1
    labels = <core_t*>w.labels
    memset(w.table, 0, w.table_size * sizeof(Py_ssize_t))
    cursor.row = cursor.at = 0
    cursor.done = False
    while not cursor.done:
        n = pull(key, j, w, ow, c, &cursor, w.room)
        total += n
        i = 0
        while i < n:
            v = key[i]
            e = i + 1
            while e < n and key[e] == v:
                e += 1
            at = bucket(<unsigned long long>v, w.table_size)
            while w.table[at] and labels[at] != v:
                at = (at + 1) & (w.table_size - 1)
            if w.table[at] == 0:
                labels[at] = v
                distinct += 1
            w.table[at] += e - i
            if w.table[at] > best or (w.table[at] == best and v < label):
                best, label = w.table[at], v
            i = e
            if 2 * distinct > w.table_size:
                if grown(tag, w):
                    return 1
                labels = <core_t*>w.labels
    w.count[lane] = total
    (<core_t*>w.a)[lane] = label
    w.ia[lane] = best
    return 0


cdef int one_by_one(core_t* tag, job_t* j, work_t* w) noexcept nogil:
    """The lanes of a strip, each on its own; 1 if there is no memory."""
    cdef core_t* key = <core_t*>w.buffer
    cdef core_t* a = <core_t*>w.own_a
    cdef core_t* b = <core_t*>w.own_b
    cdef core_t low, high
    cdef Py_ssize_t i, ow, c, n, k, k2
    cdef cursor_t cursor
    w.a, w.b, w.same = a, b, False
    for i in range(w.n):
        lane_of(w, i, &ow, &c)
        n = w.height * axis_taps(&j.w, ow)
        w.count[i] = 0
        if n == 0:
            continue
        if j.op == MODE:
            if most_frequent(tag, j, w, ow, c, i):
                return 1
            continue
        if n > w.room:
            counted(tag, j, w, ow, c, i)
            continue
        cursor.row = cursor.at = 0
        n = pull(key, j, w, ow, c, &cursor, n)
        w.count[i] = n
        w.t[i] = 0
        if n == 0:
            continue
        if j.op == RANGE or (j.propagate and j.code >= F32):
            extremes(key, n, &low, &high)
            a[i], b[i] = low, high
            if j.propagate and j.code >= F32 and high == nan_key(tag):
                a[i] = high
                continue
            if j.op == RANGE:
                continue
        k = statistic(j, n, &k2, &w.t[i])
        chosen(key, n, k, k2, &a[i], &b[i])
    return 0


# ---------------------------------------------------------------- windows that overlap

cdef Py_ssize_t tile_bytes(job_t* j, Py_ssize_t elements) noexcept nogil:
    return elements * (<Py_ssize_t>sizeof(int) + 2 * <Py_ssize_t>sizeof(pair_t)) + elements // 8 + 256


cdef inline unsigned long long sign_of(core_t* tag) noexcept nogil:
    """What makes signed keys unsigned ones."""
    if core_t is cp_k8:
        return 0
    else:
        return (<unsigned long long>1) << (8 * sizeof(core_t) - 1)


cdef void rank_tile(core_t* tag, job_t* j, work_t* w, tile_t* t) noexcept nogil:
    """Ranks of the keys of a tile: distinct numbers, equal keys in the order of their positions."""
    cdef Py_ssize_t i, r, n, m = 0, at, rows = w.taps_d * t.height, col, d
    cdef Py_ssize_t bins[256]
    cdef Py_ssize_t sum
    cdef core_t* key = <core_t*>w.buffer
    cdef core_t v, nan = nan_key(tag), ignored = <core_t>j.ignore
    cdef pair_t* other
    cdef int shift
    cdef unsigned long long flip = sign_of(tag)
    for r in range(rows):
        d = axis_first(&j.d, w.od) + r // t.height * j.d.dilation
        at = ((w.o * j.d.n + d) * j.h.n + t.h0 + r % t.height) * j.w.n + t.w0
        col = 0
        while col < t.width:
            n = least(t.width - col, w.room)
            cp_take(j.code, j.x, (at + col) * j.inner + w.c0, j.inner, key, n)
            for i in range(n):
                v = key[i]
                if j.normal and v == <core_t>-1:
                    v = 0
                t.rank[r * t.width + col + i] = -1
                if j.mask != NULL and not j.mask[(at + col + i) * j.inner + w.c0]:
                    continue
                if j.omit and v == nan:
                    continue
                t.pairs[m].key = <unsigned long long>(<long long>v) ^ flip
                t.pairs[m].at = r * t.width + col + i
                m += 1
            col += n
    t.elements = m
    for shift in range(0, 8 * <int>sizeof(core_t), 8):
        memset(bins, 0, sizeof(bins))
        for i in range(m):
            bins[(t.pairs[i].key >> shift) & 255] += 1
        if m and bins[(t.pairs[0].key >> shift) & 255] == m:
            continue
        sum = 0
        for i in range(256):
            n = bins[i]
            bins[i] = sum
            sum += n
        for i in range(m):
            at = (t.pairs[i].key >> shift) & 255
            t.other[bins[at]] = t.pairs[i]
            bins[at] += 1
        other = t.other
        t.other = t.pairs
        t.pairs = other
    t.nans = m
    for i in range(m):
        t.rank[t.pairs[i].at] = <int>i
    if j.code >= F32:
        while t.nans > 0 and <core_t>(<long long>(t.pairs[t.nans - 1].key ^ flip)) == nan:
            t.nans -= 1


cdef void extent(const axis_t* a, Py_ssize_t o0, Py_ssize_t o1, Py_ssize_t* begin, Py_ssize_t* end) noexcept nogil:
    """The positions that windows o0 to o1 - 1 reach."""
    while o0 < o1 and axis_taps(a, o0) == 0:
        o0 += 1
    while o0 < o1 and axis_taps(a, o1 - 1) == 0:
        o1 -= 1
    begin[0] = end[0] = 0
    if o0 < o1:
        begin[0] = axis_first(a, o0)
        end[0] = axis_first(a, o1 - 1) + (axis_taps(a, o1 - 1) - 1) * a.dilation + 1


cdef void set_tile(core_t* tag, job_t* j, work_t* w, tile_t* t) noexcept nogil:
    """The tile for row oh of windows and those below it."""
    cdef Py_ssize_t end
    t.o, t.od, t.strip, t.oh0, t.oh1 = w.o, w.od, w.strip, w.oh, least(w.oh + j.tile_rows, j.h.out)
    extent(&j.h, t.oh0, t.oh1, &t.h0, &end)
    t.height = end - t.h0
    extent(&j.w, w.ow0, w.ow0 + w.n, &t.w0, &end)
    t.width = end - t.w0
    rank_tile(tag, j, w, t)


cdef inline void column(tile_t* t, job_t* j, work_t* w, Py_ssize_t x, int sign, Py_ssize_t finger, Py_ssize_t* below,
                        Py_ssize_t* count, Py_ssize_t* nans) noexcept nogil:
    """Add (sign 1) or remove (-1) one column of the window in hand."""
    cdef Py_ssize_t i, r
    cdef Py_ssize_t top = axis_first(&j.h, w.oh) - t.h0
    cdef Py_ssize_t step = j.h.dilation * t.width
    cdef Py_ssize_t gone = 0, under = 0, bad = 0
    cdef int rank
    cdef const int* at
    for i in range(w.taps_d):
        at = t.rank + (i * t.height + top) * t.width + x - t.w0
        for r in range(w.taps_h):
            rank = at[r * step]
            if rank >= 0:
                t.bits[rank >> 6] ^= (<unsigned long long>1) << (rank & 63)
                under += (rank >> 6) < finger
                bad += rank >= t.nans
            else:
                gone += 1
    below[0] += sign * under
    nans[0] += sign * bad
    count[0] += sign * (w.height - gone)


cdef void slide(core_t* tag, job_t* j, work_t* w, tile_t* t) noexcept nogil:
    """The lanes of a strip, each from the one before it."""
    cdef core_t* a = <core_t*>w.own_a
    cdef core_t* b = <core_t*>w.own_b
    cdef Py_ssize_t i, first, last, have0, have1, count = 0, below = 0, finger = 0, nans = 0, k, k2, rank
    cdef unsigned long long flip = sign_of(tag)
    cdef unsigned long long word
    w.a, w.b, w.same = a, b, False
    memset(t.bits, 0, (t.elements // 64 + 2) * sizeof(unsigned long long))
    have0 = have1 = axis_first(&j.w, w.ow0)
    for i in range(w.n):
        first = axis_first(&j.w, w.ow0 + i)
        last = first + axis_taps(&j.w, w.ow0 + i)
        w.count[i] = 0
        if last == first:
            continue
        while have0 < least(first, have1):
            column(t, j, w, have0, -1, finger, &below, &count, &nans)
            have0 += 1
        if have0 < first:
            have0 = have1 = first
        while have1 < last:
            column(t, j, w, have1, 1, finger, &below, &count, &nans)
            have1 += 1
        w.count[i] = count
        w.t[i] = 0
        if count == 0:
            continue
        if nans and j.propagate:
            a[i] = b[i] = nan_key(tag)
            continue
        k = statistic(j, count, &k2, &w.t[i])
        while below > k:
            finger -= 1
            below -= cp_ones(t.bits[finger])
        while below + cp_ones(t.bits[finger]) <= k:
            below += cp_ones(t.bits[finger])
            finger += 1
        word = t.bits[finger]
        rank = cp_nth_one(word, <int>(k - below))
        a[i] = b[i] = <core_t>(<long long>(t.pairs[finger * 64 + rank].key ^ flip))
        if k2 > k:
            word = word & ~((((<unsigned long long>1) << rank) << 1) - 1)
            k = finger
            while word == 0:
                k += 1
                word = t.bits[k]
            b[i] = <core_t>(<long long>(t.pairs[k * 64 + cp_first_one(word)].key ^ flip))
