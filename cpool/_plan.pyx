"""The compiled form of a geometry Plan: what the kernels read, made once per signature."""


cdef void fill(axis_t* a, object axis) except *:
    n, out, kernel, stride, dilation, lo, hi, adaptive = axis
    a.n, a.out, a.kernel, a.stride = n, out, kernel, stride
    a.dilation, a.lo, a.hi, a.adaptive = dilation, lo, hi, adaptive


cdef class Windows:
    def __init__(self, plan):
        cdef axis_t* axes[3]
        axes[0], axes[1], axes[2] = &self.d, &self.h, &self.w
        for i in range(3):
            fill(axes[i], plan.axes[i])
        self.outer, self.inner = plan.outer, plan.inner
        self.include_pad = plan.include_pad
        self.divisor = plan.divisor or 0
