# The k largest of every line, in the order in which they stand. Scratch: two copies of a line as keys.

cdef int lines_of_k(core_t* tag, int code, const unsigned char* x, unsigned char* out, unsigned char* idx, int index_bytes,
                    const unsigned char* mask, Py_ssize_t start, Py_ssize_t stop, Py_ssize_t n, Py_ssize_t inner,
                    Py_ssize_t k, bint omit) noexcept nogil:
    """Lines start to stop - 1; 1 if there is no memory."""
    cdef core_t* key = <core_t*>malloc((2 * n + 1) * sizeof(core_t))
    cdef core_t* some = key + n
    cdef core_t v, nan = nan_key(tag), least_key = lowest_key(tag, code), unused
    cdef Py_ssize_t line, i, m, at, base, to, ties, found_, size = sizeof(core_t)
    cdef bint real = code >= F32
    if key == NULL:
        return 1
    for line in range(start, stop):
        base = line // inner * n * inner + line % inner
        to = line // inner * k * inner + line % inner
        cp_take(code, x, base, inner, key, n)
        m = 0
        for i in range(n):
            if real and key[i] == <core_t>-1:
                key[i] = 0                        # the zeros are equal
            some[m] = key[i]
            if (mask == NULL or mask[base + i * inner]) and not (omit and key[i] == nan):
                m += 1
        ties = m
        v = absent(tag)
        if m > k > 0:
            chosen(some, m, m - k, m - k, &v, &unused)
            ties = k
            for i in range(m):
                ties -= some[i] > v
        found_ = 0
        for i in range(n):
            if found_ == k:
                break
            if (mask != NULL and not mask[base + i * inner]) or (omit and key[i] == nan):
                continue
            if m > k:
                if key[i] < v:
                    continue
                if key[i] == v:
                    if ties == 0:
                        continue
                    ties -= 1
            at = to + found_ * inner
            memcpy(out + at * size, x + (base + i * inner) * size, size)
            if index_bytes == 4:
                (<int*>idx)[at] = <int>i
            elif index_bytes == 8:
                (<long long*>idx)[at] = i
            found_ += 1
        while found_ < k:
            at = to + found_ * inner
            cp_give(code, &least_key, out, at, 1, 1)
            if index_bytes == 4:
                (<int*>idx)[at] = -1
            elif index_bytes == 8:
                (<long long*>idx)[at] = -1
            found_ += 1
    free(key)
    return 0


cdef inline core_t lowest_key(core_t* tag, int code) noexcept nogil:
    """The key of -inf, or of the smallest integer."""
    if core_t is cp_k8:
        return 0
    elif core_t is cp_k16:
        return <core_t>(-32767 - 1 + 0x3ff) if code == F16 else <core_t>(-32767 - 1 + 0x7f) if code == BF16 else -32767 - 1
    elif core_t is cp_k32:
        return -2147483647 - 1 + 0x7fffff if code == F32 else -2147483647 - 1
    else:
        return -9223372036854775807ll - 1 + 0xfffffffffffffll if code == F64 else -9223372036854775807ll - 1


cdef int all_lines_of_k(core_t* tag, int code, const unsigned char* x, unsigned char* out, unsigned char* idx,
                        int index_bytes, const unsigned char* mask, Py_ssize_t lines, Py_ssize_t n, Py_ssize_t inner,
                        Py_ssize_t k, bint omit, int threads) noexcept nogil:
    cdef Py_ssize_t i, pieces = least(lines, 4 * threads)
    cdef int failed = 0
    if threads <= 1 or lines <= 1:
        return lines_of_k(tag, code, x, out, idx, index_bytes, mask, 0, lines, n, inner, k, omit)
    for i in prange(pieces, num_threads=threads, schedule="dynamic"):
        failed |= lines_of_k(tag, code, x, out, idx, index_bytes, mask, lines * i // pieces, lines * (i + 1) // pieces, n,
                             inner, k, omit)
    return failed


def kmax(int code, object x, object out, object idx, int index_bytes, object mask, Py_ssize_t n,
         Py_ssize_t inner, Py_ssize_t k, int threads, bint omit=False):
    """Write the k largest of every line of n elements to `out`, in their order, and their positions to `idx` if given.

    Canonical arrays (outer, 1, 1, n, inner) and (outer, 1, 1, k, inner). Of equal ones the first are taken; NaN counts as
    the largest. Fewer than k: what remains is -inf or the smallest integer, position -1.
    """
    cdef int failed
    cdef const unsigned char* xp
    cdef const unsigned char* mp = <unsigned char*>whole(mask)
    cdef unsigned char* op
    cdef unsigned char* ip = <unsigned char*>whole(idx)
    cdef Py_ssize_t lines = x.shape[0] * inner
    if out.size == 0:
        return
    xp, op = <unsigned char*>whole(x), <unsigned char*>whole(out)
    if idx is None:
        index_bytes = 0
    omit = omit and code >= F32
    with nogil:
        if code == U8 or code == I8:
            failed = all_lines_of_k(<cp_k8*>NULL, code, xp, op, ip, index_bytes, mp, lines, n, inner, k, omit, threads)
        elif code == U16 or code == I16 or code == F16 or code == BF16:
            failed = all_lines_of_k(<cp_k16*>NULL, code, xp, op, ip, index_bytes, mp, lines, n, inner, k, omit, threads)
        elif code == U32 or code == I32 or code == F32:
            failed = all_lines_of_k(<cp_k32*>NULL, code, xp, op, ip, index_bytes, mp, lines, n, inner, k, omit, threads)
        else:
            failed = all_lines_of_k(<cp_k64*>NULL, code, xp, op, ip, index_bytes, mp, lines, n, inner, k, omit, threads)
    if failed:
        raise MemoryError("no memory for a line")
