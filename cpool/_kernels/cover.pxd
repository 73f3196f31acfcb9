# The other side of an axis of windows: which windows hold element i. That is what a backward pass walks.
#
# a) Window o holds i if i = o*stride - lo + j*dilation for some 0 <= j < kernel. With p = i + lo the windows are those
#    o with o*stride = p modulo dilation, between ceil((p - (kernel-1)*dilation) / stride) and floor(p / stride): an
#    arithmetic progression. Its step, dilation / gcd, is the same for every element, and moving i by one stride moves
#    all of it by one window. Without clipping an element lies in no window, or in `base`, or in `base + 1`.
# b) Adaptive windows are their own mirror image: element i lies in the windows floor(i*out/n) up to ceil((i+1)*out/n).
# c) Taps that can never meet an element (padding beyond the windows' reach) are dropped first, so that nothing below
#    depends on the size of the padding.

from cpool._kernels.axis cimport axis_t

ctypedef struct cover_t:
    Py_ssize_t n              # elements
    Py_ssize_t out            # windows
    Py_ssize_t kernel         # taps that can meet an element, 0 if there is none
    Py_ssize_t stride
    Py_ssize_t dilation
    Py_ssize_t lo             # window o starts at o*stride - lo (may be negative)
    Py_ssize_t common         # gcd(stride, dilation)
    Py_ssize_t step           # from one window over an element to the next
    Py_ssize_t inverse        # of stride / common, modulo step
    Py_ssize_t base           # windows over an element before clipping: this many, or one more, or none
    Py_ssize_t most           # the largest of these
    bint adaptive

ctypedef struct span_t:
    Py_ssize_t first
    Py_ssize_t count


cdef inline Py_ssize_t floor_div(Py_ssize_t a, Py_ssize_t b) noexcept nogil:
    cdef Py_ssize_t q = a // b
    return q - 1 if a - q * b < 0 else q


cdef inline Py_ssize_t ceil_div(Py_ssize_t a, Py_ssize_t b) noexcept nogil:
    return -floor_div(-a, b)


cdef inline Py_ssize_t smaller(Py_ssize_t a, Py_ssize_t b) noexcept nogil:
    return a if a < b else b


cdef inline Py_ssize_t larger(Py_ssize_t a, Py_ssize_t b) noexcept nogil:
    return a if a > b else b


cdef inline Py_ssize_t scaled(Py_ssize_t i, Py_ssize_t num, Py_ssize_t den) noexcept nogil:
    """floor(i * num / den) for 0 <= i <= den; the product need not fit."""
    cdef Py_ssize_t whole = num // den, rest = num % den
    return i * whole + (i * rest) // den


cdef inline void cover_unit(cover_t* c) noexcept nogil:
    """An axis that is not there."""
    c.n = c.out = c.kernel = c.stride = c.dilation = c.common = c.step = c.base = c.most = 1
    c.lo = c.inverse = 0
    c.adaptive = False


cdef inline void cover_set(cover_t* c, const axis_t* a) noexcept nogil:
    cdef Py_ssize_t x, y, t, q, u, v, drop, last
    cover_unit(c)
    c.n, c.out, c.adaptive = a.n, a.out, a.adaptive
    if a.adaptive:
        c.most = a.out // a.n + 2 if a.n > 0 else 1
        return
    c.stride, c.dilation = a.stride, a.dilation
    drop = larger(0, ceil_div(a.lo - (a.out - 1) * a.stride, a.dilation))
    last = smaller(a.kernel - 1, (a.n - 1 + a.lo) // a.dilation)
    c.kernel = larger(0, last - drop + 1)
    c.lo = a.lo - drop * a.dilation
    x, y = a.stride, a.dilation
    while y:
        t = x % y
        x, y = y, t
    c.common = x
    c.step = a.dilation // x
    # the inverse of stride / common modulo step, by Euclid
    x, y = a.stride // c.common % c.step, c.step
    u, v = 1, 0
    while x > 1:
        q = y // x
        t = y - q * x
        y, x = x, t
        t = v - q * u
        v, u = u, t
    c.inverse = 0 if c.step == 1 else (u % c.step + c.step) % c.step
    c.base = c.kernel // (a.stride // c.common)
    c.most = ceil_div(c.kernel, a.stride // c.common)


cdef inline span_t cover(const cover_t* c, Py_ssize_t i, bint clip) noexcept nogil:
    """The windows that hold element i: the first, and how many, `step` apart. clip: only windows that exist."""
    cdef span_t s
    cdef Py_ssize_t p, last, r
    s.first = s.count = 0
    if c.adaptive:
        s.first = scaled(i, c.out, c.n)
        s.count = c.out - scaled(c.n - 1 - i, c.out, c.n) - s.first    # ceil((i+1)*out/n) seen from the other end
        return s
    p = i + c.lo
    if c.kernel == 0:
        return s
    if c.common > 1 and p % c.common != 0:
        return s
    last = floor_div(p, c.stride)
    s.first = ceil_div(p - (c.kernel - 1) * c.dilation, c.stride)
    if c.step > 1:
        r = p // c.common % c.step
        if r < 0:
            r += c.step
        r = r * c.inverse % c.step
        s.first += ((r - s.first) % c.step + c.step) % c.step
        last -= ((last - r) % c.step + c.step) % c.step
    if clip:
        if s.first < 0:
            s.first += (c.step - 1 - s.first) // c.step * c.step
        if last >= c.out:
            last -= (last - c.out + c.step) // c.step * c.step
    if last >= s.first:
        s.count = (last - s.first) // c.step + 1
    return s


cdef inline span_t cover_range(const cover_t* c, Py_ssize_t i0, Py_ssize_t i1, bint clip) noexcept nogil:
    """Bounds of the windows over the elements i0 .. i1 - 1: the first, and how many with all between."""
    cdef span_t s
    cdef Py_ssize_t last
    s.first = s.count = 0
    if c.adaptive:
        s.first = scaled(i0, c.out, c.n)
        s.count = c.out - scaled(c.n - i1, c.out, c.n) - s.first
        return s
    if c.kernel == 0:
        return s
    s.first = ceil_div(i0 + c.lo - (c.kernel - 1) * c.dilation, c.stride)
    last = floor_div(i1 - 1 + c.lo, c.stride)
    if clip:
        s.first = larger(s.first, 0)
        last = smaller(last, c.out - 1)
    s.count = larger(0, last - s.first + 1)
    return s


cdef inline Py_ssize_t cover_room(const cover_t* c, Py_ssize_t b, bint clip) noexcept nogil:
    """No range of b elements has more windows than this."""
    cdef Py_ssize_t m
    if c.adaptive:
        m = larger(scaled(smaller(b, c.n), c.out, c.n) + 2, 1)
        return smaller(m, c.out)
    if c.kernel == 0:
        return 0
    m = (b - 1 + (c.kernel - 1) * c.dilation) // c.stride + 2
    return smaller(m, c.out) if clip else m


cdef inline bint cover_identity(const axis_t* a) noexcept nogil:
    """Whether every window is one element, and every element one window."""
    return a.n == a.out and (a.adaptive or (a.kernel == 1 and a.stride == 1 and a.lo == 0))


cdef inline void drop_identities(axis_t* d, axis_t* h, axis_t* w, Py_ssize_t* outer, Py_ssize_t* inner) noexcept nogil:
    """The same windows without the axes that do nothing: at the end these join `inner`, at the front `outer`."""
    cdef axis_t unit
    cdef int _i
    unit.n = unit.out = unit.kernel = unit.stride = unit.dilation = 1
    unit.lo = unit.hi = 0
    unit.adaptive = False
    for _i in range(2):
        if cover_identity(w):
            inner[0] *= w.n
            w[0] = h[0]
            h[0] = d[0]
            d[0] = unit
    if cover_identity(d):
        outer[0] *= d.n
        d[0] = unit
        if cover_identity(h):
            outer[0] *= h.n
            h[0] = unit


cdef inline void cover_spans(const cover_t* c, Py_ssize_t i0, Py_ssize_t i1, bint clip, span_t* r, span_t* s) noexcept nogil:
    """The windows over the elements i0 .. i1 - 1 (r), and over each of them, counted from the first of r (s)."""
    cdef Py_ssize_t i
    r[0] = cover_range(c, i0, i1, clip)
    for i in range(i0, i1):
        s[i - i0] = cover(c, i, clip)
        s[i - i0].first = s[i - i0].first - r.first if s[i - i0].count > 0 else 0
