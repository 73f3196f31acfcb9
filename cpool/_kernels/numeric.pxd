# The dtype table of the kernels: storage types, accumulators, and the few lines in which they differ.
#
# a) A storage type is what an array holds. f16_t and bf16_t are structs of one unsigned short, so that the two 16-bit
#    floats are distinct C types (two ctypedefs of unsigned short would dispatch to the first one).
# b) An accumulator is what a row is combined in. max and min: the storage type itself; 16-bit floats travel as ordered
#    int16 keys, NaN as the extreme key, so that one integer comparison per tap does it. Sums: floats in float or double,
#    integers modulo 2**16, 2**32 or 2**64 (two's complement: signed and unsigned add alike, the finish knows the sign) or
#    in 128 bits.
# c) The NaN rule stands in `step` and nowhere else: `(v > m) | (v != v)`, evaluated without branches, which gcc turns into
#    two vector comparisons and a blend; written with `or` it compiles to branches and runs 30 times slower.

cdef extern from "portable.h" nogil:
    ctypedef struct f16_t:
        unsigned short bits
    ctypedef struct bf16_t:
        unsigned short bits
    ctypedef struct i128_t:
        pass
    void cp_prefetch(const void* p)
    void cp_prefetch_write(const void* p)
    float f16_to_float(f16_t v)
    float bf16_to_float(bf16_t v)
    f16_t float_to_f16(float v)
    bf16_t float_to_bf16(float v)
    f16_t double_to_f16(double v)
    bf16_t double_to_bf16(double v)
    short f16_key(unsigned short bits, short nan_key)
    short bf16_key(unsigned short bits, short nan_key)
    unsigned short key_bits(short key)
    int float_key(float v, int nan_key)
    long long double_key(double v, long long nan_key)
    float key_float(int key)
    double key_double(long long key)
    unsigned long long double_bits(double v)
    double cp_double64(unsigned long long bits)
    i128_t i128_add(i128_t a, i128_t b)
    i128_t i128_from_i64(long long v)
    i128_t i128_from_u64(unsigned long long v)
    double i128_to_double(i128_t v)
    unsigned long long i128_low(i128_t v)
    unsigned long long i128_round_div(i128_t v, unsigned long long d)
    i128_t i128_neg(i128_t v)
    double cp_rint(double v)
    float cp_rintf(float v)

# dtype codes, in the order of the tables (bool travels as U8)
cdef enum:
    U8 = 0
    I8 = 1
    U16 = 2
    I16 = 3
    U32 = 4
    I32 = 5
    U64 = 6
    I64 = 7
    F32 = 8
    F64 = 9
    F16 = 10
    BF16 = 11
    A128 = 12
    N_TYPES = 13

cdef inline Py_ssize_t itemsize_of(int code) noexcept nogil:
    if code < 2:
        return 1
    if code < 4 or code >= 10:
        return 2
    if code < 6 or code == F32:
        return 4
    return 8

# one-word names, for `storage_t is u8` and for tables
ctypedef unsigned char u8
ctypedef signed char i8
ctypedef unsigned short u16
ctypedef short i16
ctypedef unsigned int u32
ctypedef int i32
ctypedef unsigned long long u64
ctypedef long long i64

ctypedef fused storage_t:
    u8
    i8
    u16
    i16
    u32
    i32
    u64
    i64
    float
    double
    f16_t
    bf16_t

# the same list under a second name, for functions in which input and output types vary independently
ctypedef fused output_t:
    u8
    i8
    u16
    i16
    u32
    i32
    u64
    i64
    float
    double
    f16_t
    bf16_t

ctypedef fused acc_t:
    u8
    i8
    u16
    i16
    u32
    i32
    u64
    i64
    float
    double
    i128_t

# accumulators of sums
ctypedef fused sum_t:
    u16
    u32
    u64
    float
    double
    i128_t

cdef struct Max:
    char unused

cdef struct Min:
    char unused

cdef struct Add:
    char unused

# a reducer, chosen by the type of a NULL pointer
ctypedef fused op_t:
    Max
    Min
    Add


cdef inline acc_t step(op_t* op, acc_t m, acc_t v) noexcept nogil:
    """m combined with the next tap v. Floats: a NaN on either side comes out."""
    if op_t is Add:
        if acc_t is i128_t:
            return i128_add(m, v)
        else:
            return <acc_t>(m + v)
    elif acc_t is i128_t:
        return m
    elif op_t is Max:
        if acc_t is float or acc_t is double:
            return v if (v > m) | (v != v) else m
        else:
            return v if v > m else m
    else:
        if acc_t is float or acc_t is double:
            return v if (v < m) | (v != v) else m
        else:
            return v if v < m else m


cdef inline double as_double(storage_t v) noexcept nogil:
    if storage_t is f16_t:
        return f16_to_float(v)
    elif storage_t is bf16_t:
        return bf16_to_float(v)
    else:
        return <double>v


cdef inline float as_float(storage_t v) noexcept nogil:
    if storage_t is f16_t:
        return f16_to_float(v)
    elif storage_t is bf16_t:
        return bf16_to_float(v)
    else:
        return <float>v


cdef inline void narrow(output_t* out, double v) noexcept nogil:
    """A double as any output type, rounded once; integers to the nearest, ties to even, held at their bounds."""
    if output_t is f16_t:
        out[0] = double_to_f16(v)
    elif output_t is bf16_t:
        out[0] = double_to_bf16(v)
    elif output_t is float or output_t is double:
        out[0] = <output_t>v
    else:
        out[0] = saturate(out, v)


cdef inline output_t saturate(output_t* tag, double v) noexcept nogil:
    cdef double top, bottom
    cdef output_t high, low
    if output_t is float or output_t is double or output_t is f16_t or output_t is bf16_t:
        return tag[0]
    else:
        if output_t is u8:
            high = 255
            low = 0
        elif output_t is i8:
            high = 127
            low = -128
        elif output_t is u16:
            high = 65535
            low = 0
        elif output_t is i16:
            high = 32767
            low = -32768
        elif output_t is u32:
            high = 4294967295u
            low = 0
        elif output_t is i32:
            high = 2147483647
            low = -2147483647 - 1
        elif output_t is u64:
            high = 18446744073709551615ull
            low = 0
        else:
            high = 9223372036854775807ll
            low = -9223372036854775807ll - 1
        top, bottom = <double>high, <double>low
        if v != v:
            return 0
        if v >= top:
            return high
        if v <= bottom:
            return low
        if -2251799813685248.0 < v < 2251799813685248.0:
            v = cp_rint(v)
        return <output_t>v
