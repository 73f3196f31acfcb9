# The backward pass of Lp norms: gx[i] = sum over the windows o that hold i of
#     g[o] * sign(x[i]) * (|x[i]| / y[o]) ** (p - 1)        (divided by the number of taps if normalize),
# and 0 where x[i] or y[o] is 0. p = inf: g[o] goes to the first of the largest |x| in the window, with its sign.
#
# a) Gather by boxes of gx, as in spread.pyx: the norms of the windows that reach into a box are formed again (y is not an
#    argument), everything in double, rounded once. The order of additions depends on the plan alone.
# b) The sum splits into f(x[i]) * sum of h[o] with h = g * y**(1 - p) and f = sign(x) |x|**(p - 1), so that a window costs one
#    power and not one per tap. Where a factor leaves the exponents in which nothing is lost ("unsafe" windows, "extreme"
#    elements: float64 far from 1, large p, infinities, NaN), the quotient |x| / y is formed first, tap by tap. float32 and
#    16-bit arrays never get there for p <= 6.
# c) Norms: columns first (rows added up), then along W: kd*kh + kw additions for a window. A sum that left the safe exponents
#    is formed again, scaled by the largest tap.
# d) Infinities: y is infinite; the gradient of finite taps is 0 (p > 1), that of infinite taps NaN (p = 1: the sign).
#    NaN: the whole window is NaN, except where x is 0.
# e) Scratch per thread: 17 bytes for each window that reaches into a box, about 1 MB, or what the halo of a wide window takes.

from cpython.pycapsule cimport PyCapsule_New
from libc.math cimport pow, fabs, sqrt, exp2, ldexp, logb, rint, INFINITY
from libc.stdlib cimport malloc, free
from libc.string cimport memset
from cython.parallel cimport prange

from cpool._plan cimport NO_MEMORY, Windows, kernel_api_t, task_t
from cpool._kernels.axis cimport axis_t, axis_first, axis_taps
from cpool._kernels.cover cimport (
    cover_t, span_t, cover_set, cover_room, cover_spans, drop_identities, smaller, larger)
from cpool._kernels.numeric cimport f16_t, bf16_t, F32, F64, F16, as_double, itemsize_of, narrow

cdef enum:
    ROOM = 32 * 1024        # windows that reach into a box
    LINE = 8 * 1024         # sums of columns at a time

cdef enum:
    ONE = 1                 # p = 1
    TWO = 2                 # p = 2
    ANY = 3
    LARGEST = 4             # p = inf

cdef double TOP = 2.0 ** 900, BOTTOM = 2.0 ** -900          # sums that lost nothing
cdef double HIGH = 2.0 ** 500, LOW = 2.0 ** -500            # safe powers of y
cdef double G_HIGH = 2.0 ** 400, G_LOW = 2.0 ** -400        # safe gradients
cdef double F_HIGH = 2.0 ** 1000, F_LOW = 2.0 ** -1000      # safe powers of x

ctypedef fused grad_t:
    float
    double
    f16_t
    bf16_t

cdef struct job_t:
    cover_t d, h, w
    axis_t ad, ah, aw
    Py_ssize_t outer, inner, bytes      # bytes: of gx
    int code
    double p
    bint normalize
    int kind
    Py_ssize_t bd, bh, bw, bc, td, th, tw, tc
    Py_ssize_t windows, line, sums, tile        # scratch, in elements
    bint shared                         # one set of norms for the whole plane, not one per box

cdef struct work_t:
    Py_ssize_t d0, d1, h0, h1, w0, w1, c0, ci
    span_t rd, rh, rw
    span_t* sd
    span_t* sh
    span_t* sw
    double* y                           # norms of the windows
    double* h
    unsigned char* unsafe
    bint any_unsafe
    double* line
    double* sums
    double* tile


cdef inline const grad_t* x_row(const job_t* job, const work_t* w, const grad_t* x, Py_ssize_t plane, Py_ssize_t d,
                                Py_ssize_t h) noexcept nogil:
    return x + ((plane * job.d.n + d) * job.h.n + h) * job.w.n * job.inner + w.c0


cdef inline const grad_t* g_row(const job_t* job, const work_t* w, const grad_t* g, Py_ssize_t plane, Py_ssize_t d,
                                Py_ssize_t h) noexcept nogil:
    return g + (((plane * job.d.out + d) * job.h.out + h) * job.w.out + w.rw.first) * job.inner + w.c0


cdef inline double signed(double size, double x) noexcept nogil:
    """`size` with the sign of x; 0 for 0, NaN for NaN."""
    return size if x > 0 else (-size if x < 0 else x)


# ---- norms ----

cdef inline double root(double t, double p) noexcept nogil:
    """t ** (1/p). Far from 1 the rounding of 1/p would show, hence the exponent is taken out first."""
    cdef double q
    if 0.004 < t < 256:
        return pow(t, 1 / p)
    q = rint(logb(t) / p)
    return ldexp(pow(t * exp2(-q * p), 1 / p), <int>q)


cdef inline void add_powers(const job_t* job, double* line, const grad_t* x, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    if job.kind == TWO:
        for i in range(n):
            line[i] = line[i] + as_double(x[i]) * as_double(x[i])
    else:
        for i in range(n):
            line[i] = line[i] + pow(fabs(as_double(x[i])), job.p)


cdef double scaled_norm(const job_t* job, const work_t* w, const grad_t* x, Py_ssize_t plane, Py_ssize_t od, Py_ssize_t oh,
                        Py_ssize_t ow, Py_ssize_t c, double count) noexcept nogil:
    """The norm of one window, formed relative to its largest tap."""
    cdef Py_ssize_t a, b, e, fd = axis_first(&job.ad, od), fh = axis_first(&job.ah, oh), fw = axis_first(&job.aw, ow)
    cdef Py_ssize_t nd = axis_taps(&job.ad, od), nh = axis_taps(&job.ah, oh), nw = axis_taps(&job.aw, ow)
    cdef double top = 0, total = 0, v
    cdef const grad_t* row
    cdef int again
    for again in range(2):
        for a in range(nd):
            for b in range(nh):
                row = x_row(job, w, x, plane, fd + a * job.ad.dilation, fh + b * job.ah.dilation) + c
                for e in range(nw):
                    v = fabs(as_double(row[(fw + e * job.aw.dilation) * job.inner]))
                    if v != v:
                        return v
                    if again:
                        total += pow(v / top, job.p)
                    elif v > top:
                        top = v
        if top == 0 or top == INFINITY:
            return top
    return top * root(total / count, job.p)


cdef void sum_columns(const job_t* job, work_t* w, const grad_t* x, Py_ssize_t plane, Py_ssize_t od, Py_ssize_t oh,
                      Py_ssize_t x0, Py_ssize_t x1) noexcept nogil:
    """line[i] = sum of |x|**p over column x0 + i of the windows in row (od, oh)."""
    cdef Py_ssize_t a, b, e, ci = w.ci, columns = x1 - x0
    cdef Py_ssize_t fd = axis_first(&job.ad, od), fh = axis_first(&job.ah, oh)
    cdef const grad_t* row
    memset(w.line, 0, columns * ci * sizeof(double))
    for a in range(axis_taps(&job.ad, od)):
        for b in range(axis_taps(&job.ah, oh)):
            row = x_row(job, w, x, plane, fd + a * job.ad.dilation, fh + b * job.ah.dilation) + x0 * job.inner
            if ci == job.inner:
                add_powers(job, w.line, row, columns * ci)
            else:
                for e in range(columns):
                    add_powers(job, w.line + e * ci, row + e * job.inner, ci)


cdef inline void sum_along_w(const job_t* job, work_t* w, double* y, Py_ssize_t o, Py_ssize_t x0, Py_ssize_t x1) noexcept nogil:
    """Add the columns of window o that line holds (x0 .. x1 - 1)."""
    cdef Py_ssize_t e, c, f = axis_first(&job.aw, o), step = job.aw.dilation, ci = w.ci
    cdef Py_ssize_t stop = smaller(axis_taps(&job.aw, o), (x1 - f + step - 1) // step)
    cdef const double* q
    cdef double t
    e = (x0 - f + step - 1) // step if x0 > f else 0
    if ci == 1:
        t = y[0]
        for e in range(e, stop):
            t = t + w.line[f - x0 + e * step]
        y[0] = t
        return
    for e in range(e, stop):
        q = w.line + (f - x0 + e * step) * ci
        for c in range(ci):
            y[c] = y[c] + q[c]


cdef void sum_row(const job_t* job, work_t* w, const grad_t* x, Py_ssize_t plane, Py_ssize_t od, Py_ssize_t oh,
                  double* y) noexcept nogil:
    """Sums of |x|**p of one row of windows. The pieces in which the columns come do not change the order of additions."""
    cdef Py_ssize_t o = 0, next, x0, x1, f, n, stop, end, most = job.line // w.ci
    memset(y, 0, w.rw.count * w.ci * sizeof(double))
    while o < w.rw.count:
        next = o
        x0, x1 = job.w.n, 0
        while next < w.rw.count:
            n = axis_taps(&job.aw, w.rw.first + next)
            if n > 0:
                f = axis_first(&job.aw, w.rw.first + next)
                stop = f + (n - 1) * job.aw.dilation + 1
                if x1 > 0 and larger(x1, stop) - smaller(x0, f) > most:
                    break
                x0, x1 = smaller(x0, f), larger(x1, stop)
            next += 1
        end = x1
        while x0 < end:
            x1 = smaller(end, x0 + most)
            sum_columns(job, w, x, plane, od, oh, x0, x1)
            for stop in range(o, next):
                sum_along_w(job, w, y + stop * w.ci, w.rw.first + stop, x0, x1)
            x0 = x1
        o = next


cdef void norm_row(const job_t* job, work_t* w, const grad_t* x, const grad_t* g, Py_ssize_t plane, Py_ssize_t od,
                   Py_ssize_t oh, Py_ssize_t at) noexcept nogil:
    """y and h of one row of windows; `at` is its place in the box."""
    cdef Py_ssize_t o, c, i, nw, ci = w.ci
    cdef double rows = <double>axis_taps(&job.ad, od) * <double>axis_taps(&job.ah, oh)
    cdef double* y = w.y + at
    cdef double count, t, k, gv
    cdef const grad_t* gr = g_row(job, w, g, plane, od, oh)
    if job.kind != ONE:
        sum_row(job, w, x, plane, od, oh, y)
    for o in range(w.rw.count):
        nw = axis_taps(&job.aw, w.rw.first + o)
        count = rows * <double>nw if job.normalize else 1
        for c in range(ci):
            i = o * ci + c
            w.unsafe[at + i] = 0
            if rows == 0 or nw == 0:
                y[i] = w.h[at + i] = 0
                continue
            gv = as_double(gr[o * job.inner + c]) / count
            if job.kind == ONE:
                w.h[at + i] = gv
                continue
            t = y[i] / count
            if t > BOTTOM and t < TOP:
                y[i] = sqrt(t) if job.kind == TWO else root(t, job.p)
            else:
                y[i] = scaled_norm(job, w, x, plane, od, oh, w.rw.first + o, c, count)
            if y[i] == 0:
                w.h[at + i] = 0
                continue
            k = 1 / y[i] if job.kind == TWO else pow(y[i], 1 - job.p)
            if LOW < k < HIGH and (gv == 0 or G_LOW < fabs(gv) < G_HIGH):
                w.h[at + i] = gv * k
            else:
                w.h[at + i], w.unsafe[at + i] = 0, 1


cdef void largest_row(const job_t* job, work_t* w, const grad_t* x, const grad_t* g, Py_ssize_t plane, Py_ssize_t od,
                      Py_ssize_t oh, Py_ssize_t at) noexcept nogil:
    """p = inf: where the gradient of each window of a row goes (y: position in the plane, -1: nowhere) and what goes (h)."""
    cdef Py_ssize_t a, b, e, c, o, i, j, k, nw, fw
    cdef Py_ssize_t fd = axis_first(&job.ad, od), fh = axis_first(&job.ah, oh)
    cdef Py_ssize_t nd = axis_taps(&job.ad, od), nh = axis_taps(&job.ah, oh)
    cdef const grad_t* row
    cdef const grad_t* gr = g_row(job, w, g, plane, od, oh)
    cdef double top, v, best
    for o in range(w.rw.count):
        fw, nw = axis_first(&job.aw, w.rw.first + o), axis_taps(&job.aw, w.rw.first + o)
        for c in range(w.ci):
            top = -1
            best = 0
            w.y[at] = -1
            for a in range(nd):
                i = fd + a * job.ad.dilation
                for b in range(nh):
                    j = fh + b * job.ah.dilation
                    row = x_row(job, w, x, plane, i, j) + c
                    for e in range(nw):
                        k = fw + e * job.aw.dilation
                        v = fabs(as_double(row[k * job.inner]))
                        if (v > top) | ((v != v) & (top == top)):
                            top = v
                            best = as_double(row[k * job.inner])
                            w.y[at] = <double>((i * job.h.n + j) * job.w.n + k)
            if best == 0:
                w.y[at] = -1
            w.h[at] = as_double(gr[o * job.inner + c]) * signed(1, best)
            at += 1


# ---- gradients ----

cdef double by_taps(const job_t* job, const work_t* w, const grad_t* g, Py_ssize_t plane, span_t d, span_t h, span_t e,
                    Py_ssize_t c, double v, bint unsafe_only) noexcept nogil:
    """The gradient of an element v, one window after the other."""
    cdef Py_ssize_t i, j, k, od, oh, ow, at
    cdef double total = 0, gv, y
    cdef const grad_t* gr
    for i in range(d.count):
        for j in range(h.count):
            od, oh = d.first + i * job.d.step, h.first + j * job.h.step
            gr = g_row(job, w, g, plane, w.rd.first + od, w.rh.first + oh)
            for k in range(e.count):
                ow = e.first + k * job.w.step
                at = ((od * w.rh.count + oh) * w.rw.count + ow) * w.ci + c
                y = w.y[at]
                if y == 0 or (unsafe_only and not w.unsafe[at]):
                    continue
                gv = as_double(gr[ow * job.inner + c])
                if job.normalize:
                    gv = gv / (<double>axis_taps(&job.ad, w.rd.first + od) * <double>axis_taps(&job.ah, w.rh.first + oh)
                               * <double>axis_taps(&job.aw, w.rw.first + ow))
                if job.kind == TWO:
                    total += gv * (v / y)
                else:
                    total += gv * signed(pow(fabs(v) / y, job.p - 1), v)
    return total


cdef void gradient_row(const job_t* job, work_t* w, const grad_t* x, const grad_t* g, grad_t* gx, Py_ssize_t plane,
                       Py_ssize_t d, Py_ssize_t h) noexcept nogil:
    cdef Py_ssize_t i, j, k, c, n = w.rw.count * w.ci, ci = w.ci
    cdef span_t sd = w.sd[d - w.d0], sh = w.sh[h - w.h0], e
    cdef const grad_t* xr = x_row(job, w, x, plane, d, h)
    cdef grad_t* out = gx + (xr - x)
    cdef double* q
    cdef double total, v, f
    memset(w.sums, 0, n * sizeof(double))
    for i in range(sd.count):
        for j in range(sh.count):
            q = w.h + ((sd.first + i * job.d.step) * w.rh.count + sh.first + j * job.h.step) * n
            for k in range(n):
                w.sums[k] = w.sums[k] + q[k]
    for i in range(w.w0, w.w1):
        e = w.sw[i - w.w0]
        q = w.sums + e.first * ci
        for c in range(ci):
            v = as_double(xr[i * job.inner + c])
            total = 0
            if v != 0:
                for k in range(e.count):
                    total += q[c + k * job.w.step * ci]
                f = v
                if job.kind == ONE:
                    f = signed(1, v)
                elif job.kind == ANY:
                    f = signed(pow(fabs(v), job.p - 1), v)
                if F_LOW < fabs(f) < F_HIGH or job.kind == ONE:
                    total = total * f
                    if w.any_unsafe:
                        f = by_taps(job, w, g, plane, sd, sh, e, c, v, True)
                        if f != 0:                  # a zero could turn -0 into 0
                            total += f
                else:
                    total = by_taps(job, w, g, plane, sd, sh, e, c, v, False)
            narrow(&out[i * job.inner + c], total)


cdef void largest_box(const job_t* job, work_t* w, const grad_t* x, grad_t* gx, Py_ssize_t plane) noexcept nogil:
    """p = inf: collect what the windows send into this box."""
    cdef Py_ssize_t i, _i, c, d, h, k, ci = w.ci, at = 0
    cdef grad_t* out
    memset(w.tile, 0, (w.d1 - w.d0) * (w.h1 - w.h0) * (w.w1 - w.w0) * ci * sizeof(double))
    for _i in range(w.rd.count * w.rh.count * w.rw.count):
        for c in range(ci):
            if w.y[at] >= 0:
                k = <Py_ssize_t>w.y[at]
                d = k // job.w.n
                k -= d * job.w.n
                h = d % job.h.n
                d //= job.h.n
                if w.d0 <= d < w.d1 and w.h0 <= h < w.h1 and w.w0 <= k < w.w1:
                    k = ((d - w.d0) * (w.h1 - w.h0) + h - w.h0) * (w.w1 - w.w0) + k - w.w0
                    w.tile[k * ci + c] = w.tile[k * ci + c] + w.h[at]
            at += 1
    at = 0
    for d in range(w.d0, w.d1):
        for h in range(w.h0, w.h1):
            out = gx + (x_row(job, w, x, plane, d, h) - x)
            for i in range(w.w0, w.w1):
                for c in range(ci):
                    narrow(&out[i * job.inner + c], w.tile[at])
                    at += 1


cdef void box_rows(const job_t* job, work_t* w, const grad_t* x, const grad_t* g, Py_ssize_t plane, Py_ssize_t start,
                   Py_ssize_t stop) noexcept nogil:
    """Norms of the rows start .. stop - 1 of the windows of a box."""
    cdef Py_ssize_t r, od, oh
    for r in range(start, stop):
        od = w.rd.first + r // w.rh.count
        oh = w.rh.first + r % w.rh.count
        if job.kind == LARGEST:
            largest_row(job, w, x, g, plane, od, oh, r * w.rw.count * w.ci)
        else:
            norm_row(job, w, x, g, plane, od, oh, r * w.rw.count * w.ci)


cdef void whole_plane(const job_t* job, work_t* w) noexcept nogil:
    """The windows of a box are all windows of the plane."""
    w.c0, w.ci = 0, job.inner
    w.rd.first = w.rh.first = w.rw.first = 0
    w.rd.count, w.rh.count, w.rw.count = job.d.out, job.h.out, job.w.out


cdef inline void shift(span_t* s, Py_ssize_t n, Py_ssize_t by) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        s[i].first += by


cdef void box(const job_t* job, work_t* w, const grad_t* x, const grad_t* g, grad_t* gx, Py_ssize_t index) noexcept nogil:
    cdef Py_ssize_t d0, h0, w0, plane, d, h, i
    w.c0 = index % job.tc * job.bc
    w.ci = smaller(job.bc, job.inner - w.c0)
    index //= job.tc
    w0 = index % job.tw * job.bw
    index //= job.tw
    h0 = index % job.th * job.bh
    index //= job.th
    d0 = index % job.td * job.bd
    plane = index // job.td
    if w.d0 != d0 or w.h0 != h0 or w.w0 != w0:
        w.d0, w.d1 = d0, smaller(d0 + job.bd, job.d.n)
        w.h0, w.h1 = h0, smaller(h0 + job.bh, job.h.n)
        w.w0, w.w1 = w0, smaller(w0 + job.bw, job.w.n)
        cover_spans(&job.d, w.d0, w.d1, True, &w.rd, w.sd)
        cover_spans(&job.h, w.h0, w.h1, True, &w.rh, w.sh)
        cover_spans(&job.w, w.w0, w.w1, True, &w.rw, w.sw)
        if job.shared:
            shift(w.sd, w.d1 - w.d0, w.rd.first)
            shift(w.sh, w.h1 - w.h0, w.rh.first)
            shift(w.sw, w.w1 - w.w0, w.rw.first)
    if job.shared:
        whole_plane(job, w)
    else:
        box_rows(job, w, x, g, plane, 0, w.rd.count * w.rh.count)
    if job.kind == LARGEST:
        largest_box(job, w, x, gx, plane)
        return
    w.any_unsafe = False
    for i in range(w.rd.count * w.rh.count * w.rw.count * w.ci):
        w.any_unsafe |= w.unsafe[i]
    for d in range(w.d0, w.d1):
        for h in range(w.h0, w.h1):
            gradient_row(job, w, x, g, gx, plane, d, h)


# ---- the plan ----

cdef double cost(job_t* job) noexcept nogil:
    """Windows and elements of a box of the chosen size, and the work of a whole plane."""
    cdef Py_ssize_t vw = cover_room(&job.w, job.bw, True)
    job.windows = cover_room(&job.d, job.bd, True) * cover_room(&job.h, job.bh, True) * vw * job.bc
    job.tile = job.bd * job.bh * job.bw * job.bc
    job.sums = vw * job.bc
    job.line = larger(LINE, job.bc)
    job.td = (job.d.n + job.bd - 1) // job.bd
    job.th = (job.h.n + job.bh - 1) // job.bh
    job.tw = (job.w.n + job.bw - 1) // job.bw
    job.tc = (job.inner + job.bc - 1) // job.bc
    return <double>larger(job.windows, job.tile) * job.td * job.th * job.tw * job.tc


cdef void choose_box(job_t* job, int threads) noexcept nogil:
    """Whole planes if they fit; else cut where the halo grows least."""
    cdef Py_ssize_t* b[4]
    cdef Py_ssize_t least[4]
    cdef Py_ssize_t kept
    cdef double work, lowest
    cdef int i, best
    b[0], b[1], b[2], b[3] = &job.bh, &job.bd, &job.bw, &job.bc
    least[0] = (job.h.kernel - 1) * job.h.dilation
    least[1] = (job.d.kernel - 1) * job.d.dilation
    least[2] = larger((job.w.kernel - 1) * job.w.dilation, 64 // job.inner)
    least[3] = job.inner if job.shared else 64
    job.bd, job.bh, job.bw, job.bc = job.d.n, job.h.n, job.w.n, job.inner
    while True:
        cost(job)
        kept = larger(job.windows, job.tile)
        if kept <= ROOM and (threads <= 1 or kept <= 2048
                             or job.outer * job.td * job.th * job.tw * job.tc >= 4 * threads):
            return
        best = -1
        lowest = 0
        for i in range(4):
            kept = b[i][0]
            if (kept + 1) // 2 < kept and (kept + 1) // 2 >= smaller(least[i], kept):
                b[i][0] = (kept + 1) // 2
                work = cost(job)
                b[i][0] = kept
                if best < 0 or work < lowest:
                    best, lowest = i, work
        if best < 0:
            cost(job)
            return
        b[best][0] = (b[best][0] + 1) // 2


cdef inline void* carve(char** at, Py_ssize_t size) noexcept nogil:
    cdef char* p = at[0]
    at[0] = p + (size + 63) // 64 * 64
    return p


cdef Py_ssize_t set_work(const job_t* job, work_t* w, char* memory) noexcept nogil:
    """Lay the scratch out from `memory` on; returns its size."""
    cdef char* at = memory
    w.d0 = w.h0 = w.w0 = -1
    w.line = <double*>carve(&at, job.line * sizeof(double))
    w.sums = <double*>carve(&at, job.sums * sizeof(double))
    w.tile = <double*>carve(&at, (job.tile if job.kind == LARGEST else 0) * sizeof(double))
    w.sd = <span_t*>carve(&at, job.bd * sizeof(span_t))
    w.sh = <span_t*>carve(&at, job.bh * sizeof(span_t))
    w.sw = <span_t*>carve(&at, job.bw * sizeof(span_t))
    if not job.shared:
        set_norms(job, w, &at)
    return at - memory


cdef void set_norms(const job_t* job, work_t* w, char** at) noexcept nogil:
    w.y = <double*>carve(at, job.windows * sizeof(double))
    w.h = <double*>carve(at, job.windows * sizeof(double))
    w.unsafe = <unsigned char*>carve(at, job.windows)


cdef int boxes(const job_t* job, const work_t* norms, const grad_t* x, const grad_t* g, grad_t* gx, Py_ssize_t start,
               Py_ssize_t stop, bint rows) noexcept nogil:
    """Boxes (or rows of shared norms) start .. stop - 1 with one scratch; 1 if there is no memory for it."""
    cdef work_t w
    cdef Py_ssize_t i
    cdef char* memory = <char*>malloc(set_work(job, &w, NULL) + 64)
    if memory == NULL:
        return 1
    set_work(job, &w, memory + (64 - <size_t>memory % 64) % 64)
    if job.shared:
        w.y, w.h, w.unsafe = norms.y, norms.h, norms.unsafe
    if rows:
        whole_plane(job, &w)
        i = start // (job.d.out * job.h.out)
        start -= i * job.d.out * job.h.out
        box_rows(job, &w, x, g, i, start, stop - i * job.d.out * job.h.out)
    else:
        for i in range(start, stop):
            box(job, &w, x, g, gx, i)
    free(memory)
    return 0


cdef int split(const job_t* job, const work_t* norms, const grad_t* x, const grad_t* g, grad_t* gx, Py_ssize_t start,
               Py_ssize_t total, bint rows, int threads) noexcept nogil:
    """`boxes` from start on, in parallel."""
    cdef Py_ssize_t i, parts = smaller(total, 4 * threads)
    cdef int failed = 0
    if threads <= 1 or total <= 1:
        return boxes(job, norms, x, g, gx, start, start + total, rows)
    for i in prange(parts, num_threads=threads, schedule="dynamic"):
        failed |= boxes(job, norms, x, g, gx, start + total * i // parts, start + total * (i + 1) // parts, rows)
    return failed


cdef int run(job_t* job, const grad_t* x, const grad_t* g, grad_t* gx, int threads) noexcept nogil:
    cdef Py_ssize_t plane, tiles, rows = job.d.out * job.h.out
    cdef work_t norms
    cdef char* memory
    cdef char* at
    cdef int failed = 0
    # norms of a whole plane at once where they are few: wide windows would be visited again for every box
    job.shared = <double>rows * job.w.out * job.inner <= ROOM
    choose_box(job, threads)
    tiles = job.td * job.th * job.tw * job.tc
    job.shared = job.shared and tiles > 1
    if not job.shared:
        return split(job, NULL, x, g, gx, 0, job.outer * tiles, False, threads)
    job.windows = rows * job.w.out * job.inner
    job.sums = larger(job.sums, job.w.out * job.inner)
    memory = <char*>malloc(job.windows * 17 + 256)
    if memory == NULL:
        return 1
    at = memory + (64 - <size_t>memory % 64) % 64
    set_norms(job, &norms, &at)
    for plane in range(job.outer):
        failed |= split(job, &norms, x, g, gx, plane * rows, rows, True, threads)
        failed |= split(job, &norms, x, g, gx, plane * tiles, tiles, False, threads)
    free(memory)
    return failed


cdef void prepare(void* memory, const task_t* t, Windows plan) noexcept:
    cdef job_t* job = <job_t*>memory
    job.code = t.code
    job.bytes = plan.outer * plan.d.n * plan.h.n * plan.w.n * plan.inner * itemsize_of(t.code)
    job.outer, job.inner = plan.outer, plan.inner
    job.ad, job.ah, job.aw = plan.d, plan.h, plan.w
    drop_identities(&job.ad, &job.ah, &job.aw, &job.outer, &job.inner)
    cover_set(&job.d, &job.ad)
    cover_set(&job.h, &job.ah)
    cover_set(&job.w, &job.aw)
    job.p, job.normalize = t.p, t.normalize and t.p != INFINITY
    job.kind = LARGEST if t.p == INFINITY else (ONE if t.p == 1 else (TWO if t.p == 2 else ANY))


cdef int run_job(const void* prepared, void** at, int threads) noexcept nogil:
    cdef job_t job = (<const job_t*>prepared)[0]
    cdef const void* g = at[0]
    cdef const void* x = at[1]
    cdef void* out = at[2]
    cdef int failed
    if job.d.kernel * job.h.kernel * job.w.kernel == 0:
        memset(out, 0, job.bytes)
        return 0
    if job.code == F32:
        failed = run(&job, <const float*>x, <const float*>g, <float*>out, threads)
    elif job.code == F64:
        failed = run(&job, <const double*>x, <const double*>g, <double*>out, threads)
    elif job.code == F16:
        failed = run(&job, <const f16_t*>x, <const f16_t*>g, <f16_t*>out, threads)
    else:
        failed = run(&job, <const bf16_t*>x, <const bf16_t*>g, <bf16_t*>out, threads)
    return NO_MEMORY if failed else 0


cdef kernel_api_t API = kernel_api_t(sizeof(job_t), prepare, run_job)
apis = {"lp_backward": PyCapsule_New(&API, "cpool.kernel", NULL)}
