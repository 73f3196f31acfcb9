# One axis of windows. Regular windows are scalars, adaptive ones a formula: a plan needs no memory that grows with
# the output. first / taps / divisor taps are three different things; only this file computes them for the kernels.

ctypedef struct axis_t:
    Py_ssize_t n          # input size
    Py_ssize_t out        # number of windows
    Py_ssize_t kernel
    Py_ssize_t stride
    Py_ssize_t dilation
    Py_ssize_t lo         # padding before
    Py_ssize_t hi         # padding after (explicit; the ceil overhang is not in it)
    bint adaptive


cdef inline Py_ssize_t axis_first(const axis_t* a, Py_ssize_t o) noexcept nogil:
    """Position of the first real tap of window o; in [0, n) only if the window has a real tap."""
    cdef Py_ssize_t b
    if a.adaptive:
        # floor(o n / out) without the product: o n may not fit
        return (o // a.out) * a.n + (o % a.out) * (a.n // a.out) + ((o % a.out) * (a.n % a.out)) // a.out
    b = o * a.stride - a.lo
    if b < 0:
        b = b + (-b + a.dilation - 1) // a.dilation * a.dilation
    return b


cdef inline Py_ssize_t axis_taps(const axis_t* a, Py_ssize_t o) noexcept nogil:
    """Number of real taps of window o."""
    cdef Py_ssize_t b, skip = 0, last
    if a.adaptive:
        # ceil((o+1) n / out) - floor(o n / out)
        b = axis_first(a, o)
        last = o + 1
        skip = (last % a.out) * (a.n % a.out)
        last = (last // a.out) * a.n + (last % a.out) * (a.n // a.out) + (skip + a.out - 1) // a.out
        return last - b
    b = o * a.stride - a.lo
    if b >= a.n:
        return 0
    if b < 0:
        skip = (-b + a.dilation - 1) // a.dilation
        if skip >= a.kernel:
            return 0
    last = (a.n - 1 - b) // a.dilation          # index of the last tap before the end
    if last > a.kernel - 1:
        last = a.kernel - 1
    return last - skip + 1 if last >= skip else 0


cdef inline Py_ssize_t axis_divisor(const axis_t* a, Py_ssize_t o) noexcept nogil:
    """Number of taps of window o inside the explicitly padded extent."""
    cdef Py_ssize_t b, last
    if a.adaptive:
        return axis_taps(a, o)
    b = o * a.stride - a.lo
    last = (a.n + a.hi - 1 - b) // a.dilation
    if last < 0:
        return 0
    return a.kernel if last > a.kernel - 1 else last + 1
