"""The compiled call path: a call that was seen before goes from its arguments to the kernel in half a microsecond.

a) Everything that a call's arguments decide (checks, plan, output, order of axes, the prepared kernel) is an `Entry`. The
   complete path, `_execute` or `_panels`, makes it while it answers the first call; what is not recognised here goes there,
   with the same arguments. There is no second reading of arguments, so the two cannot disagree.
b) A call is recognised in two steps. First by identity: a table of `Known` calls, found by a hash over the addresses of the
   arguments and over how its arrays lie. Then by value: a dict whose keys `frozen` makes, which tells 1 from True and 1.0
   (2 == 2.0 == True, so a key of whatever the user passed would let a wrong argument through after a right one).
c) Arrays are not part of what is remembered, only their dtype, shape and strides. An array that is not exactly an aligned
   ndarray, and an `out` that is not writeable, in one piece, apart from all else and of the right kind, is the business of
   the complete path, and so is every call that a kernel refuses.
d) Here an array is read as the C struct that it is: `x.shape`, `x.dtype` and `x.flags` would cost more than pooling 4 x 4.
"""
from cpython.list cimport PyList_GET_ITEM
from cpython.tuple cimport PyTuple_GET_ITEM, PyTuple_GET_SIZE

import numpy as np

from cpool import _execute
from cpool._arguments import as_array

from cpool._ndarray cimport CPOOL_ALIGNED, CPOOL_C_CONTIGUOUS, CPOOL_GIL, CPOOL_WRITEABLE, cpool_ndarray
from cpool._omp cimport threads_for
from cpool._plan cimport MOST_ARRAYS, Job, layout_known

cdef enum:

    TABLE = 512               # calls that are found by identity, a power of 2
    MOST = 4096               # entries kept: a program that makes more signatures than this starts anew
    DIMS = 8                  # axes of an array here
    INPUTS = 4
    OUTPUTS = 2
    DEPTH = 3                 # of nested sequences in a key, and their length
    WIDTH = 16

cdef enum:
    PLAIN = 0
    INPUT = 1
    OUTPUT = 2
    PACKED = 3                # a tuple of plain ones

# which outputs are given
cdef enum:
    FIRST = 1
    SECOND = 2
    PAIR = 4

cdef struct kind_t:
    int count                 # arguments
    int operator              # which of them is an object that stands for itself; none: -1
    char role[32]

cdef struct form_t:
    void* descr               # NULL: not an array
    int nd
    Py_ssize_t sizes[DIMS]
    Py_ssize_t strides[DIMS]

# the arrays of a call, as found in its arguments
cdef struct call_t:
    size_t hash
    int inputs, given
    void* input[INPUTS]       # NULL: None or a shape
    void* output[OUTPUTS]     # NULL: to be made

cdef type ndarray = np.ndarray
cdef object empty = np.empty
cdef dict entries = {}
cdef list table = [None] * TABLE
cdef kind_t kinds[16]
cdef list complete = []

# what stands in a key for things that are equal to others
cdef object ARRAY = object(), TRUE = object(), FALSE = object(), FLOAT = object(), DEFAULT = object(), NOT = object()
cdef object DEFAULT_FORMAT = _execute.DEFAULT_FORMAT
cdef frozenset CLASSES = frozenset([np.dtype(letter).type for letter in "bBhHiIlLqQfd"] + [int, float])
cdef frozenset INTEGERS = frozenset([np.dtype(letter).type for letter in "bBhHiIlLqQ"])


cdef class Entry:
    """What repeats a call with other arrays."""
    cdef Job job
    cdef double work
    cdef int count            # arrays that the kernel reads
    cdef int used[INPUTS]     # which of the call's inputs these are
    cdef int outputs
    cdef tuple shape          # of every output
    cdef tuple dtypes
    cdef int nd
    cdef Py_ssize_t sizes[DIMS]
    cdef bint in_place
    cdef list moved           # which arrays of the kernel are copies, made how
    cdef tuple order, spatial
    cdef tuple kept           # objects whose addresses stand in a key: dtypes of the inputs, an operator


cdef class Known:
    """A call with these very arguments."""
    cdef size_t hash
    cdef int kind, given
    cdef tuple arguments      # None in the place of an array
    cdef form_t forms[INPUTS]
    cdef Entry entry


# ---- reading a call ----

cdef inline size_t mixed(size_t h, size_t v) noexcept nogil:
    return ((h << 7) | (h >> (8 * sizeof(size_t) - 7))) ^ v

cdef inline bint plain(void* x) noexcept:
    """Whether x is an ndarray whose elements a kernel can read (its dtype is compared by identity)."""
    cdef cpool_ndarray* a = <cpool_ndarray*>x
    return type(<object>x) is ndarray and a.nd <= DIMS and a.flags & CPOOL_ALIGNED

cdef inline bint read(int kind, tuple args, call_t* c) noexcept:
    """Find the arrays among the arguments; False if one is not for this path."""
    cdef kind_t* k = &kinds[kind]
    cdef size_t h = kind
    cdef int i, j
    cdef void* v
    cdef cpool_ndarray* a
    c.inputs = c.given = 0
    c.output[0] = c.output[1] = NULL
    for i in range(k.count):
        v = <void*>PyTuple_GET_ITEM(args, i)
        if k.role[i] == PLAIN:
            h = mixed(h, <size_t>v >> 3)
        elif k.role[i] == PACKED:
            for j in range(PyTuple_GET_SIZE(<object>v)):
                h = mixed(h, <size_t>PyTuple_GET_ITEM(<object>v, j) >> 3)
        elif k.role[i] == INPUT:
            c.input[c.inputs] = NULL
            if plain(v):
                c.input[c.inputs] = v
                a = <cpool_ndarray*>v
                h = mixed(h, <size_t>a.descr)
                for j in range(a.nd):
                    h = mixed(h, a.dimensions[j])
                    h = mixed(h, a.strides[j])
            elif <object>v is None or type(<object>v) is tuple:
                h = mixed(h, <size_t>v)
            else:
                return False
            c.inputs += 1
        elif <object>v is not None:
            if type(<object>v) is tuple and len(<tuple><object>v) == 2:
                c.given = PAIR
                for j in range(2):
                    c.output[j] = <void*>PyTuple_GET_ITEM(<tuple><object>v, j)
                    if <object>c.output[j] is None:
                        c.output[j] = NULL
                    elif plain(c.output[j]):
                        c.given |= FIRST << j
                    else:
                        return False
            elif plain(v):
                c.output[0], c.given = v, FIRST
            else:
                return False
            h = mixed(h, c.given)
    c.hash = h ^ (h >> 9) ^ (h >> 21)
    return True


cdef inline bint alike(form_t* f, cpool_ndarray* a) noexcept:
    cdef int i
    if a.descr != f.descr or a.nd != f.nd:
        return False
    for i in range(f.nd):
        if a.dimensions[i] != f.sizes[i] or a.strides[i] != f.strides[i]:
            return False
    return True


cdef inline bint same_items(tuple a, tuple b) noexcept:
    cdef Py_ssize_t i
    if PyTuple_GET_SIZE(a) != PyTuple_GET_SIZE(b):
        return False
    for i in range(PyTuple_GET_SIZE(a)):
        if PyTuple_GET_ITEM(a, i) is not PyTuple_GET_ITEM(b, i):
            return False
    return True


cdef inline bint same(Known known, tuple args, call_t* c) noexcept:
    cdef kind_t* k = &kinds[known.kind]
    cdef int i, n = 0
    for i in range(k.count):
        if k.role[i] == PLAIN:
            if PyTuple_GET_ITEM(args, i) is not PyTuple_GET_ITEM(known.arguments, i):
                return False
        elif k.role[i] == PACKED:
            if not same_items(<tuple>args[i], <tuple>known.arguments[i]):
                return False
        elif k.role[i] == INPUT:
            if c.input[n] == NULL:
                if known.forms[n].descr != NULL or PyTuple_GET_ITEM(args, i) is not PyTuple_GET_ITEM(known.arguments, i):
                    return False
            elif not alike(&known.forms[n], <cpool_ndarray*>c.input[n]):
                return False
            n += 1
    return True


# ---- running an entry ----

cdef inline void extent(cpool_ndarray* a, char** low, char** high) noexcept:
    """The memory from the first to behind the last byte of a; its item size is at most 8."""
    cdef int i
    low[0] = a.data
    high[0] = a.data + 8
    for i in range(a.nd):
        if a.strides[i] > 0:
            high[0] += (a.dimensions[i] - 1) * a.strides[i]
        else:
            low[0] += (a.dimensions[i] - 1) * a.strides[i]


cdef bint apart(void* x, void* y) noexcept:
    cdef char* low
    cdef char* high
    cdef char* low2
    cdef char* high2
    extent(<cpool_ndarray*>x, &low, &high)
    extent(<cpool_ndarray*>y, &low2, &high2)
    return high <= low2 or high2 <= low


cdef bint good_outputs(Entry e, call_t* c) noexcept:
    """Whether results can be written straight into the outputs given."""
    cdef cpool_ndarray* a
    cdef int i, j, needed = CPOOL_C_CONTIGUOUS | CPOOL_ALIGNED | CPOOL_WRITEABLE
    for i in range(e.outputs):
        if c.output[i] == NULL:
            continue
        a = <cpool_ndarray*>c.output[i]
        if a.descr != <void*>e.dtypes[i] or a.nd != e.nd or a.flags & needed != needed:
            return False
        for j in range(e.nd):
            if a.dimensions[j] != e.sizes[j]:
                return False
        for j in range(c.inputs):
            if c.input[j] != NULL and not apart(a, c.input[j]):
                return False
    if e.outputs == 2 and c.output[0] != NULL and c.output[1] != NULL:
        return apart(c.output[0], c.output[1])
    return True


cdef object run(Entry e, call_t* c):
    """The result; NotImplemented if the call is the complete path's."""
    cdef void* at[MOST_ARRAYS]
    cdef object first, second = None
    cdef int i, status, threads = threads_for(e.work)
    if c.given and not good_outputs(e, c):
        return NotImplemented
    first = empty(e.shape, e.dtypes[0]) if c.output[0] == NULL else <object>c.output[0]
    if e.outputs == 2:
        second = empty(e.shape, e.dtypes[1]) if c.output[1] == NULL else <object>c.output[1]
    if e.in_place:
        for i in range(e.count):
            at[i] = (<cpool_ndarray*>c.input[e.used[i]]).data
        at[e.count] = (<cpool_ndarray*>first).data
        if e.outputs == 2:
            at[e.count + 1] = (<cpool_ndarray*>second).data
        with nogil:
            status = e.job.api.run(e.job.memory, at, threads)
    else:
        status = run_moved(e, c, first, second, threads)
    if status:
        return NotImplemented
    return first if e.outputs == 1 else (first, second)


cdef int run_moved(Entry e, call_t* c, first, second, int threads) except -2:
    """The same where the kernel cannot take all arrays as they lie."""
    cdef void* at[MOST_ARRAYS]
    cdef list held = []
    cdef list pending = []
    cdef int i, status
    for i in range(e.count + e.outputs):
        if i < e.count:
            array = <object>c.input[e.used[i]]
        else:
            array = first if i == e.count else second
        if e.moved[i]:
            array = _execute.whole_rank(array, len(e.order), e.spatial).transpose(e.order)
            if i < e.count:
                array = _execute.in_one_piece(array)
            else:
                temporary = empty(array.shape, array.dtype)
                pending.append((array, temporary))
                array = temporary
        held.append(array)
        at[i] = (<cpool_ndarray*>array).data
    with nogil:
        status = e.job.api.run(e.job.memory, at, threads)
    if status == 0:
        for array, temporary in pending:
            array[...] = temporary
    return status


# ---- remembering ----

cdef object frozen(object v, int depth, bint* firm):
    """What stands for an argument in a key; NOT if nothing can. Not `firm`: the object may change what it says."""
    cdef list parts
    cdef type kind = type(v)
    if v is DEFAULT_FORMAT:
        return DEFAULT
    if v is None or kind is int or kind is str:
        return v
    if kind is bool:
        return TRUE if v else FALSE
    if kind is float:
        return (FLOAT, v)
    if kind is tuple or kind is list:
        if kind is list:
            firm[0] = False
            v = tuple(v)
        if depth == DEPTH or len(v) > WIDTH:
            return NOT
        parts = []
        for one in <tuple>v:
            part = frozen(one, depth + 1, firm)
            if part is NOT:
                return NOT
            parts.append(part)
        return tuple(parts)
    if kind in INTEGERS:
        return int(v)
    if kind is type and v in CLASSES or isinstance(v, np.dtype):
        return v
    return NOT


cdef tuple key_of(int kind, tuple args, call_t* c, bint* firm):
    """The call's key; None if it has none. Not `firm`: not to be recognised by identity."""
    cdef list parts = [kind, c.given]
    cdef int i, n = 0
    firm[0] = True
    for i in range(kinds[kind].count):
        if kinds[kind].role[i] == OUTPUT:
            continue
        if kinds[kind].role[i] == INPUT:
            n += 1
            if c.input[n - 1] != NULL:
                array = <object>c.input[n - 1]
                parts.append((ARRAY, id(array.dtype), array.shape, array.strides))
                continue
        part = frozen(args[i], 0, firm)
        if part is NOT:
            if i != kinds[kind].operator:
                return None
            part = id(args[i])
        parts.append(part)
    return tuple(parts)


cdef Entry made(int kind, tuple args, call_t* c, list note):
    """The entry of a call that the complete path has just answered; None if its note does not do for others."""
    cdef Entry e
    cdef int i, j
    if not note:
        return None
    job, work, read, written, moved, order, spatial = note
    e = Entry.__new__(Entry)
    e.job, e.work, e.count, e.outputs = job, work, len(read), len(written)
    e.moved, e.order, e.spatial, e.in_place = moved, order, spatial, not any(moved)
    for i in range(e.count):
        e.used[i] = -1
        for j in range(c.inputs):
            if c.input[j] == <void*>read[i]:
                e.used[i] = j
        if e.used[i] < 0:
            return None                           # converted before it went to the kernel
    kept = [(<object>c.input[j]).dtype for j in range(c.inputs) if c.input[j] != NULL]
    if not all([dtype.isnative for dtype in kept]):
        return None                               # such a dtype is a new object each time
    if kinds[kind].operator >= 0:
        kept.append(args[kinds[kind].operator])
    e.kept = tuple(kept)
    e.shape, e.nd = written[0].shape, written[0].ndim
    if e.nd > DIMS:
        return None
    for i in range(e.nd):
        e.sizes[i] = e.shape[i]
    e.dtypes = tuple([array.dtype for array in written])
    return e


cdef void recognise(int kind, tuple args, call_t* c, Entry e) except *:
    """Let the next call with these very arguments be found by identity."""
    cdef Known known = Known.__new__(Known)
    cdef cpool_ndarray* a
    cdef list kept = list(args)
    cdef int i, j, n = 0
    for i in range(kinds[kind].count):
        if kinds[kind].role[i] == OUTPUT:
            kept[i] = None
        elif kinds[kind].role[i] == INPUT:
            known.forms[n].descr = NULL
            if c.input[n] != NULL:
                kept[i] = None
                a = <cpool_ndarray*>c.input[n]
                known.forms[n].descr, known.forms[n].nd = a.descr, a.nd
                for j in range(a.nd):
                    known.forms[n].sizes[j], known.forms[n].strides[j] = a.dimensions[j], a.strides[j]
            n += 1
    known.arguments, known.hash, known.kind, known.given, known.entry = tuple(kept), c.hash, kind, c.given, e
    table[c.hash % TABLE] = known


# ---- calls ----

cdef tuple in_arrays(int kind, tuple args):
    """The arguments with what is an array to others (a tensor, a memory map, a list) as ndarrays; None if nothing is."""
    cdef list found = None
    cdef int i
    for i in range(kinds[kind].count):
        v = args[i]
        if kinds[kind].role[i] == INPUT and type(v) is not ndarray and not isinstance(v, tuple) and v is not None:
            try:
                v = as_array(v)
            except Exception:
                return None                       # the complete path says what is wrong, in its order
            if found is None:
                found = list(args)
            found[i] = v
    return None if found is None else tuple(found)


cdef object call(int kind, tuple args):
    cdef call_t c
    cdef Known known
    cdef tuple key
    cdef object found, result
    cdef list note
    cdef bint firm
    if not layout_known:
        return complete[kind](*args)
    if not read(kind, args, &c):
        key = in_arrays(kind, args)
        if key is None or not read(kind, key, &c):
            return complete[kind](*args)
        args = key
    if CPOOL_GIL:
        found = <object>PyList_GET_ITEM(table, c.hash % TABLE)
        if found is not None:
            known = <Known>found
            if known.hash == c.hash and known.kind == kind and known.given == c.given and same(known, args, &c):
                result = run(known.entry, &c)
                return result if result is not NotImplemented else complete[kind](*args)
    key = key_of(kind, args, &c, &firm)
    if key is None:
        return complete[kind](*args)
    found = entries.get(key)
    if found is not None:
        if CPOOL_GIL and firm:
            recognise(kind, args, &c, <Entry>found)
        result = run(<Entry>found, &c)
        return result if result is not NotImplemented else complete[kind](*args)
    note = []
    result = complete[kind](*args, note)
    found = made(kind, args, &c, note)
    if found is not None:
        if len(entries) >= MOST:
            entries.clear()
        entries[key] = found
    return result


def forget():
    """Let every call be prepared anew: for tests that force the paths of a kernel."""
    cdef int i
    entries.clear()
    for i in range(TABLE):
        table[i] = None


cdef dict roles = {
    "grad_output": INPUT, "x": INPUT, "indices": INPUT, "mask": INPUT, "tangent": INPUT, "out": OUTPUT,
    "own": PACKED, "where": PACKED, "tangents": PACKED,
}


cdef int register(function) except -1:
    """The number of a function of a complete path, whose arguments a call is going to have."""
    cdef kind_t* k = &kinds[len(complete)]
    names = function.__code__.co_varnames[:function.__code__.co_argcount - 1]
    k.count, k.operator = len(names), -1
    for i, name in enumerate(names):
        k.role[i] = roles.get(name, PLAIN)
        if name == "op":
            k.operator = i
    complete.append(function)
    return len(complete) - 1


cdef int WINDOWED = register(_execute.windowed)
cdef int ADAPTIVE = register(_execute.adaptive)
cdef int GLOBAL = register(_execute.global_)
cdef int WINDOWED_BACKWARD = register(_execute.windowed_backward)
cdef int ADAPTIVE_BACKWARD = register(_execute.adaptive_backward)
cdef int GLOBAL_BACKWARD = register(_execute.global_backward)
cdef int UNPOOL = register(_execute.unpool)
cdef int UNPOOL_BACKWARD = register(_execute.unpool_backward)


def windowed(*args):
    return call(WINDOWED, args)


def adaptive(*args):
    return call(ADAPTIVE, args)


def global_(*args):
    return call(GLOBAL, args)


def windowed_backward(*args):
    return call(WINDOWED_BACKWARD, args)


def adaptive_backward(*args):
    return call(ADAPTIVE_BACKWARD, args)


def global_backward(*args):
    return call(GLOBAL_BACKWARD, args)


def unpool(*args):
    return call(UNPOOL, args)


def unpool_backward(*args):
    return call(UNPOOL_BACKWARD, args)


def remembered(function):
    """A function of a complete path with this one in front of it."""
    cdef int kind = register(function)

    def calling(*args):
        return call(kind, args)

    return calling
