# Adding and storing at indices: what `scatter.pyx` and the search of `select.pyx` share.

from cpool._kernels.axis cimport axis_first, axis_t, axis_taps
from cpool._kernels.numeric cimport (
    f16_t, bf16_t, f16_to_float, bf16_to_float, float_to_f16, float_to_bf16)
from cpool._kernels.pairs cimport index_t

ctypedef fused grad_t:
    float
    double
    f16_t
    bf16_t

# what gradients are added up in
ctypedef fused sum_t:
    float
    double


cdef inline sum_t widened(sum_t* tag, grad_t g) noexcept nogil:
    if grad_t is f16_t:
        return f16_to_float(g)
    elif grad_t is bf16_t:
        return bf16_to_float(g)
    else:
        return <sum_t>g


cdef inline void narrowed(grad_t* y, const sum_t* x, Py_ssize_t n) noexcept nogil:
    """Sums rounded once to what the array holds."""
    cdef Py_ssize_t i
    for i in range(n):
        if grad_t is f16_t:
            y[i] = float_to_f16(<float>x[i])
        elif grad_t is bf16_t:
            y[i] = float_to_bf16(<float>x[i])
        else:
            y[i] = <grad_t>x[i]


cdef inline void add_at(sum_t* y, const index_t* at, const grad_t* g, Py_ssize_t n, Py_ssize_t inner,
                        Py_ssize_t low, Py_ssize_t high) noexcept nogil:
    """y[p - low] += g for n gradients with their positions p in [low, high), in order; others are left out.
    """
    cdef Py_ssize_t i, c, p
    cdef Py_ssize_t room = high - low
    if inner == 1:
        for i in range(n):
            p = <Py_ssize_t>at[i] - low
            if <size_t>p < <size_t>room:
                y[p] += widened(y, g[i])
    else:
        for i in range(n):
            for c in range(inner):
                p = <Py_ssize_t>at[i * inner + c] - low
                if <size_t>p < <size_t>room:
                    y[p * inner + c] += widened(y, g[i * inner + c])


cdef inline bint reaches(const axis_t* a, Py_ssize_t o, Py_ssize_t low) noexcept nogil:
    """Whether window o ends after position `low`."""
    if a.adaptive:
        return axis_first(a, o) + axis_taps(a, o) > low
    return o * a.stride - a.lo + (a.kernel - 1) * a.dilation >= low


cdef inline bint begins(const axis_t* a, Py_ssize_t o, Py_ssize_t high) noexcept nogil:
    """Whether window o begins at or after position `high`."""
    if a.adaptive:
        return axis_first(a, o) >= high
    return o * a.stride - a.lo >= high


cdef inline void touching(const axis_t* a, Py_ssize_t low, Py_ssize_t high, Py_ssize_t* begin,
                          Py_ssize_t* end) noexcept nogil:
    """The windows that may hold positions low to high: those before `begin` and from `end` on do not."""
    cdef Py_ssize_t x = 0, y = a.out, m
    while x < y:
        m = x + (y - x) // 2
        if reaches(a, m, low):
            y = m
        else:
            x = m + 1
    begin[0] = x
    y = a.out
    while x < y:
        m = x + (y - x) // 2
        if begins(a, m, high):
            y = m
        else:
            x = m + 1
    end[0] = x
