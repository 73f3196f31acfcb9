"""Every message about an argument, to the letter, as users read it: docs/trust/mutation.md."""

import numpy as np
import pytest
from numpy.lib.stride_tricks import as_strided

from cpool import _arguments as arguments

LIMIT = 2**31 - 1
NAN, INF = float("nan"), float("inf")
BOOL, INT, F32, F64 = map(np.dtype, ("bool", "int64", "float32", "float64"))
ONES = np.ones(2)
READ_ONLY = np.ones(2)
READ_ONLY.flags.writeable = False


class Broken:
    """An array that raises where it should come to light."""

    def __init__(self, error):
        self.error = error

    def __array__(self, dtype=None, copy=None):
        raise self.error("no")

    def __repr__(self):
        return "Broken"


class Buffer:
    """A description of more elements than its one has room for."""

    def __init__(self, shape):
        self.__array_interface__ = {"data": bytearray(8), "shape": shape, "typestr": "<f8", "version": 3}

    def __repr__(self):
        return "Buffer"


# function, what it says that an argument must be, and of each call the error, what it says it got, arguments
MESSAGES = [
    # ---- ints ----
    (arguments.convert_error, "mode must be a word", [(TypeError, "3", (TypeError, "mode", "a word", 3))]),
    (arguments.int_value, "k must be an int from 1 to 2147483646", [(TypeError, "True", (True, "k", 1))]),
    (arguments.int_value, "k must be an int from 1 to 8",
     [(ValueError, "0", (0, "k", 1, 9)), (ValueError, "9", (9, "k", 1, 9))]),
    (arguments.int_tuple, "stride must be an int or 1 int, from 1 to 2147483646",
     [(TypeError, "'2'", ("2", 1, "stride", 1))]),
    (arguments.int_tuple, "stride must be an int or 2 ints, from 1 to 2147483646", [
        (ValueError, "0", (0, 2, "stride", 1)), (ValueError, "(1, 2147483647)", ((1, LIMIT), 2, "stride", 1)),
        (ValueError, "(1, 2, 3)", ((1, 2, 3), 2, "stride", 1)),
        (TypeError, "(1, 2.0)", ((1, 2.0), 2, "stride", 1)),
    ]),
    (arguments.parse_output_size, "output_size must be an int from 0 to 2147483646, None, or 2 of these", [
        (TypeError, "(2, 2.0)", ((2, 2.0), (5, 6))), (ValueError, "(2, 2, 2)", ((2, 2, 2), (5, 6))),
        (ValueError, "(None, -1)", ((None, -1), (5, 6))),
    ]),
    (arguments.parse_output_size, "output_size must be an int from 0 to 2147483646, None, or 1 of these",
     [(ValueError, "2147483647", (LIMIT, (5,)))]),
    (arguments.parse_unpool_size, "padding must leave an output of at least 1 element per axis",
     [(ValueError, "an output of (4, 0)", (None, (4, 0), (2, 2), (), ()))]),
    (arguments.parse_unpool_size,
     "output_size must be None, 2 ints from (3, 6) to (5, 6), or the full shape with these in their place", [
        (TypeError, "2.0", (2.0, (4, 6), (2, 1), (3,), ())),
        (ValueError, "(2, 6)", ((2, 6), (4, 6), (2, 1), (3,), ())),
        (ValueError, "(6, 6)", ((6, 6), (4, 6), (2, 1), (3,), ())),
        (ValueError, "(3, 6, 7)", ((3, 6, 7), (4, 6), (2, 1), (3,), ())),
        (ValueError, "(4, 4, 6)", ((4, 4, 6), (4, 6), (2, 1), (3,), ())),
        (ValueError, "(3, 4, 6, 2)", ((3, 4, 6, 2), (4, 6), (2, 1), (3,), (1,))),
    ]),
    (arguments.parse_unpool_size,
     "output_size must be None, 1 int from (1,) to (3,), or the full shape with these in their place",
     [(ValueError, "(0,)", ((0,), (1,), (3,), (), ()))]),
    (arguments.parse_padding,
     "padding must be an int, 1 int or 1 (before, after) pair, from 0 to 2147483646, or 'valid' or 'same' "
     "or 'same_lower'",
     [(ValueError, "'full'", ("full", 1)), (TypeError, "1.0", (1.0, 1)), (ValueError, "-1", (-1, 1))]),
    (arguments.parse_padding,
     "padding must be an int, 2 ints or 2 (before, after) pairs, from 0 to 2147483646, or 'valid' or "
     "'same'",
     [(ValueError, "'full'", ("full", 2, ("valid", "same")))]),
    (arguments.parse_padding,
     "padding must be an int, 2 ints or 2 (before, after) pairs, from 0 to 2147483646, or 'valid' or "
     "'same' or 'same_lower'", [
        (ValueError, "(0, 0, 0)", ((0, 0, 0), 2)), (ValueError, "(0, 1, 2)", (((0, 1), (0, 1, 2)), 2)),
        (TypeError, "(0, 1.0)", (((0, 1), (0, 1.0)), 2)),
        (ValueError, "((0, 1), (0, 2147483647))", (((0, 1), (0, LIMIT)), 2)),
    ]),
    (arguments.parse_shape,
     "input_shape must be a shape, a sequence of at most 64 ints from 0 to 4611686018427387904", [
        (TypeError, "3", (3,)), (ValueError, "(4611686018427387905,)", ((2**62 + 1,),)),
        (TypeError, "(1, None)", ((1, None),)),
    ]),
    (arguments.parse_shape,
     "x must be a shape, a sequence of at most 64 ints from 0 to 4611686018427387904", [
        (ValueError, "(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, ...)", ((1,) * 65, "x")),
        (ValueError, "(1, -1)", ((1, -1), "x")),
    ]),
    (arguments.parse_divisor,
     "divisor_override must be None or an int other than 0 (at most 9223372036854775807 in size)", [
        (TypeError, "2.0", (2.0,)), (ValueError, "0", (0,)),
        (ValueError, "-9223372036854775808", (-(2**63),)),
    ]),
    (arguments.parse_threads, "n must be an int from 1 to 2147483646", [(ValueError, "0", (0,))]),
    (arguments.parse_threads, "threads must be an int from 1 to 2147483646",
     [(TypeError, "1.5", (1.5, "threads"))]),
    # ---- words, flags and numbers ----
    (arguments.flag, "ceil_mode must be True or False", [(TypeError, "1", (1, "ceil_mode"))]),
    (arguments.parse_choice, "word must be one of 'a', 'c'",
     [(ValueError, "'b'", ("b", ("a", "c"), "word")), (TypeError, "1", (1, ("a", "c"), "word"))]),
    (arguments.parse_nan_policy, "nan_policy must be one of 'propagate', 'omit', 'raise'",
     [(ValueError, "'no'", ("no",))]),
    (arguments.parse_mode, "mode must be one of 'last', 'sum'", [(TypeError, "None", (None,))]),
    (arguments.refuse, "dtype must be None here", [(ValueError, "3", (3, "dtype"))]),
    (arguments.real_value, "q must be a number", [
        (TypeError, "'1'", ("1", "q", "a number")), (TypeError, "True", (True, "q", "a number")),
        (ValueError, "nan", (NAN, "q", "a number", 0, 1)),
        (ValueError, "-0.5", (-0.5, "q", "a number", 0, 1)),
        (ValueError, "1.5", (1.5, "q", "a number", 0, 1)),
    ]),
    (arguments.real_value, "q must be a number (within float64)",
     [(ValueError, "100000000000000000...0000000000000000000", (10**400, "q", "a number"))]),
    (arguments.parse_norm_type, "norm_type must be a real number > 0, or inf",
     [(ValueError, "0", (0,)), (ValueError, "-1.5", (-1.5,)), (TypeError, "'2'", ("2",))]),
    (arguments.parse_rank, "rank or q must be given, and not both",
     [(ValueError, "neither", (None, None, "linear")), (ValueError, "both", (1, 0.5, "linear"))]),
    (arguments.parse_rank, "method must be left out if rank is given",
     [(ValueError, "'lower'", (1, None, "lower"))]),
    (arguments.parse_rank, "method must be one of 'linear', 'lower', 'higher', 'nearest', 'midpoint'",
     [(ValueError, "'middle'", (None, 0.5, "middle"))]),
    (arguments.parse_rank, "q must be a real number from 0 to 1",
     [(ValueError, "1.5", (None, 1.5, "linear")), (ValueError, "-0.5", (None, -0.5, "linear"))]),
    (arguments.parse_rank, "rank must be an int from -2147483646 to 2147483646", [
        (ValueError, "-2147483647", (-LIMIT, None, "linear")),
        (ValueError, "2147483647", (LIMIT, None, "linear")),
    ]),
    (arguments.parse_correction, "correction must be a finite real number",
     [(TypeError, "'1'", ("1",)), (ValueError, "-inf", (-INF,))]),
    (arguments.parse_label, "ignore_label must be None, True or False for an x of bool",
     [(TypeError, "1", (1, BOOL))]),
    (arguments.parse_label, "ignore_label must be an int from 0 to 255",
     [(ValueError, "256", (256, np.dtype(np.uint8)))]),
    (arguments.parse_label, "ignore_label must be an int from -128 to 127",
     [(ValueError, "-129", (-129, np.dtype(np.int8)))]),
    # ---- layouts and axes ----
    (arguments.parse_data_format,
     "data_format must be one of 'channels_first', 'channels_last', 'NCHW', 'NHWC'",
     [(ValueError, "'NCW'", ("NCW", 2))]),
    (arguments.parse_data_format,
     "data_format must be one of 'channels_first', 'channels_last', 'NCW', 'NWC', 'NCHW', 'NHWC', "
     "'NCDHW', 'NDHWC'",
     [(ValueError, "'no'", ("no",))]),
    (arguments.parse_data_format,
     "data_format must be one of 'channels_first', 'channels_last', 'NCDHW', 'NDHWC'",
     [(TypeError, "2", (2, 3))]),
    (arguments.infer_nd, "stride must be an int or 1 to 3 entries, one for each spatial axis", [
        (ValueError, "(1, 1, 1, 1)", ((1, 2, 3, 4), "channels_first"), {"stride": (1,) * 4}),
        (ValueError, "()", ((1, 2, 3, 4), "channels_first"), {"stride": ()}),
    ]),
    (arguments.infer_nd, "input_shape must have 1 to 3 spatial axes beside batch and channels", [
        (ValueError, "(2, 2, 2, 2, 2, 2)", ((2,) * 6, "channels_first")),
        (ValueError, "(5,)", ((5,), "channels_last")),
    ]),
    (arguments.parse_spatial_ndim,
     "spatial_ndim must be given for an x of fewer than 3 axes (None: all but batch and channel)",
     [(ValueError, "None and 2 axes", (None, 2, "channels_first"))]),
    (arguments.parse_spatial_ndim, "spatial_ndim must be None or an int from 1 to 4 for an x with 4 axes",
     [(TypeError, "1.0", (1.0, 4, "channels_first"))]),
    (arguments.parse_spatial_ndim, "spatial_ndim must be None or an int from 1 to 3 for an x with 4 axes",
     [(ValueError, "0", (0, 4, "channels_last")), (ValueError, "4", (4, 4, "channels_last"))]),
    (arguments.parse_spatial_ndim,
     "data_format must be one of 'channels_first', 'channels_last', 'NCW', 'NWC'",
     [(ValueError, "'NCHW'", (1, 4, "NCHW"))]),
    (arguments.parse_spatial_ndim,
     "data_format must be one of 'channels_first', 'channels_last', 'NCW', 'NWC', 'NCHW', 'NHWC', "
     "'NCDHW', 'NDHWC'",
     [(ValueError, "'no'", (None, 4, "no"))]),
    (arguments.count_axes, "spatial_ndim must be None or 2, the number of axes in axis",
     [(ValueError, "3", ((1, 2), 3))]),
    (arguments.count_axes, "spatial_ndim must be None or 1, the number of axes in axis",
     [(TypeError, "'1'", (1, "1"))]),
    (arguments.check_axis_alone, "data_format must be left out if axis is given",
     [(ValueError, "'NCHW'", (False, "NCHW"))]),
    (arguments.check_axis, "axis must be 2 different ints from -4 to 3", [
        (ValueError, "(1, 1)", ((1, 1), 4, 2)), (ValueError, "(1, -3)", ((1, -3), 4, 2)),
        (ValueError, "(1, 4)", ((1, 4), 4, 2)), (TypeError, "(0, 1.0)", ((0, 1.0), 4, 2)),
    ]),
    (arguments.check_axis, "axis must be an int from -4 to 3",
     [(ValueError, "-5", (-5, 4, 1)), (TypeError, "'1'", ("1", 4, 1))]),
    (arguments.check_axis, "axis must be 0 different ints from -4 to 3", [(ValueError, "()", ((), 4, 0))]),
    (arguments.check_ndim, "x must have at least 2 axes for 2 spatial ones in channels_first order",
     [(ValueError, "the shape (3,)", ((3,), 2, False))]),
    (arguments.check_ndim, "y must have at least 2 axes for 1 spatial ones in channels_last order",
     [(ValueError, "the shape (3,)", ((3,), 1, True, "y"))]),
    (arguments.split_shape, "y must have at least 2 axes for 1 spatial ones in channels_last order",
     [(ValueError, "the shape (3,)", ((3,), 1, True, "y"))]),
    (arguments.split_shape, "x must have spatial sizes of at least 1",
     [(ValueError, "(0,) in the shape (3, 0, 2)", ((3, 0, 2), 1, True))]),
    (arguments.window_too_large,
     "kernel_size must leave room for a window in spatial axis 1, of size 9 padded by 3 and 4",
     [(ValueError, "30, which spans 59 with dilation 2", (1, 9, 30, 2, 3, 4))]),
    # ---- dtypes ----
    (arguments.parse_dtype, "dtype must be None for max pooling, which keeps the dtype of x",
     [(TypeError, "dtype('float32')", ("max", F32, F32))]),
    (arguments.parse_dtype,
     "dtype must be one of the dtypes int8, int16, int32, int64, uint8, uint16, uint32, uint64, float32, "
     "float64 for sum pooling of int64, or None",
     [(TypeError, "'f2'", ("sum", "f2", INT))]),
    (arguments.parse_dtype,
     "dtype must be one of the dtypes float32, float64 for sum pooling of float32, or None",
     [(TypeError, "'int64'", ("sum", "int64", F32))]),
    (arguments.parse_dtype,
     "dtype must be one of the dtypes float32, float64 for avg pooling of int64, or None",
     [(TypeError, "'nothing'", ("avg", "nothing", INT))]),
    (arguments.parse_dtype, "dtype must be float32 or float64 for avg pooling of bool",
     [(TypeError, "None", ("avg", None, BOOL))]),
    (arguments.result_dtype,
     "dtype must be one of the dtypes float32, float64 for median pooling of int64, or None",
     [(TypeError, "'float16'", ("median", "float16", INT, "same"))]),
    (arguments.result_dtype, "dtype must be float32 or float64 for lip pooling of int64",
     [(TypeError, "None", ("lip", None, INT, "refuse"))]),
    (arguments.parse_index_dtype, "index_dtype must be one of the dtypes int32, int64, or None (int64)",
     [(TypeError, "<class 'numpy.int16'>", (np.int16, 4))]),
    (arguments.parse_index_dtype,
     "index_dtype must be int64 for a plane of 2147483649 elements, more than 2**31",
     [(ValueError, "'i4'", ("i4", 2**31 + 1))]),
    # ---- arrays ----
    (arguments.as_array,
     "x must have one of the dtypes bool, int8, int16, int32, int64, uint8, uint16, uint32, uint64, "
     "float16, bfloat16, float32, float64",
     [(TypeError, "complex128", (np.zeros(2, complex),))]),
    (arguments.as_array, "mask must have one of the dtypes bool",
     [(TypeError, "float64", ([1.5], "mask", ("bool",)))]),
    (arguments.as_array, "y must have one of the dtypes int64, float64",
     [(TypeError, "|S4", (b"text", "y", ("int64", "float64")))]),
    (arguments.as_array, "y must be array_like with one of the dtypes float64", [
        (TypeError, "a masked array: mask= is where the mask belongs", (np.ma.zeros(2), "y", ("float64",))),
        (TypeError, "Broken, which does not convert (no)", (Broken(RuntimeError), "y", ("float64",))),
        (ValueError, "Buffer, which does not convert (its buffer of 8 bytes does not hold the shape (3,))",
         (Buffer((3,)), "y", ("float64",))),
    ]),
    (arguments.as_array, "y does not fit the memory",
     [(MemoryError, "Broken", (Broken(MemoryError), "y", ("float64",)))]),
    (arguments.as_shape, "y must be a shape, a sequence of at most 64 ints from 0 to 4611686018427387904",
     [(ValueError, "(1, -1)", ((1, -1), "y"))]),
    (arguments.as_shape, "x must be a shape, a sequence of at most 64 ints from 0 to 4611686018427387904",
     [(ValueError, "(1, -1)", ((1, -1),))]),
    (arguments.refuse_shape,
     "x must be an array, not a shape, for the gradient of max pooling unless indices are given",
     [(TypeError, "(1, 2)", ("max", (1, 2)))]),
    (arguments.refuse_shape, "x must be an array, not a shape, for the gradient of lp pooling",
     [(TypeError, "(1, 2)", ("lp", (1, 2)))]),
    (arguments.refuse_shape,
     "x must be an array, not a shape, for the gradient of min pooling unless indices are given",
     [(TypeError, "(1, 2)", ("min", (1, 2)))]),
    (arguments.need_values, "x must be an array, not a shape, with mask=",
     [(TypeError, "(1, 2)", ((1, 2), "mask="))]),
    (arguments.check_gradient,
     "grad_output must have one of the dtypes float16, bfloat16, float32, float64",
     [(TypeError, "int64", (np.zeros(2, int), (2,), F32))]),
    (arguments.check_gradient, "grad_output must have the dtype of the forward output, float32",
     [(TypeError, "float64", (np.zeros(2), (2,), F32))]),
    (arguments.check_gradient, "grad_output must have the shape (3,)",
     [(ValueError, "(2,)", (np.zeros(2), (3,), F64))]),
    (arguments.as_mask, "mask must have one of the dtypes bool",
     [(TypeError, "float64", (np.ones(2), (3,)))]),
    (arguments.as_mask, "mask must be an array that broadcasts to the shape (3,)",
     [(ValueError, "(2,)", (np.ones(2, bool), (3,)))]),
    (arguments.as_weights, "weights must be None here",
     [(ValueError, "[1.0]", ("max", [1.0], (1,), F32, None, F32))]),
    (arguments.as_weights,
     "weights must have one of the dtypes bool, int8, int16, int32, int64, uint8, uint16, uint32, uint64, "
     "float16, bfloat16, float32, float64",
     [(TypeError, "|S2", ("avg", b"no", (1,), F32, None, F32))]),
    (arguments.as_weights, "weights must be an array that broadcasts to the shape (3,)",
     [(ValueError, "(2,)", ("avg", [1.0, 2.0], (3,), F32, None, F32))]),
    (arguments.as_weights, "divisor_override must be None beside weights, whose sum divides",
     [(ValueError, "2", ("avg", [1.0], (3,), F32, 2, F32))]),
    (arguments.as_weights, "dtype must be float32 or float64 to average bool by weights",
     [(TypeError, "int64", ("avg", [1.0], (3,), INT, None, BOOL))]),
    (arguments.check_broadcast, "mask must be an array that broadcasts to the shape (2,)",
     [(ValueError, "(1, 2)", (np.ones((1, 2)), (2,), "mask"))]),
    (arguments.check_broadcast, "mask must be an array that broadcasts to the shape (2, 2)",
     [(ValueError, "(3, 2)", (np.ones((3, 2)), (2, 2), "mask"))]),
    (arguments.refuse_nan, "x must not hold NaN with nan_policy 'raise'", [
        (ValueError, "2 of them", (np.array([NAN, 1, NAN]), None)),
        (ValueError, "1 of them", (np.array([NAN, 1, NAN]), np.array([True, True, False]))),
    ]),
    (arguments.as_tangent, "t must have one of the dtypes float16, bfloat16, float32, float64",
     [(TypeError, "int64", ([1], "t", (1,), F64))]),
    (arguments.as_tangent, "t must have the dtype of what it is a tangent of, float64",
     [(TypeError, "float32", (np.ones(1, "f4"), "t", (1,), F64))]),
    (arguments.as_tangent, "t must have the shape (2,)", [(ValueError, "(1,)", ([1.0], "t", (2,), F64))]),
    (arguments.as_parameter,
     "beta must have one of the dtypes int8, int16, int32, int64, uint8, uint16, uint32, uint64, float16, "
     "bfloat16, float32, float64",
     [(TypeError, "|S1", (b"a", "beta", ((),))), (TypeError, "bool", ([True], "beta", ((1,),)))]),
    (arguments.as_parameter, "beta must be a number or of shape (3,)",
     [(ValueError, "(2,)", ([1, 2], "beta", ((), (3,))))]),
    (arguments.as_numbers, "beta must be not NaN", [(ValueError, "nan", (NAN, "beta", ((),), "any"))]),
    (arguments.as_numbers, "beta must be finite", [(ValueError, "inf", (INF, "beta", ((),), "finite"))]),
    (arguments.as_numbers, "beta must be above 0, or inf",
     [(ValueError, "0", (0, "beta", ((),), "positive"))]),
    (arguments.as_numbers, "beta must be finite and above 0", [
        (ValueError, "inf", (INF, "beta", ((),), "finite and positive")),
        (ValueError, "0", (0, "beta", ((),), "finite and positive")),
    ]),
    (arguments.as_numbers, "beta must be finite and not negative", [
        (ValueError, "inf", (INF, "beta", ((),), "not negative")),
        (ValueError, "[1, -1]", ([1, -1], "beta", ((2,),), "not negative")),
    ]),
    (arguments.parse_rng, "rng must be a numpy.random.Generator or None", [(TypeError, "7", (7,))]),
    (arguments.as_samples, "random_samples must have one of the dtypes float16, bfloat16, float32, float64",
     [(TypeError, "int64", ([2, 3], (2,)))]),
    (arguments.as_samples, "random_samples must be an array that broadcasts to the shape (3,)",
     [(ValueError, "(2,)", ([0.5, 0.5], (3,)))]),
    (arguments.as_samples, "random_samples must be numbers from 0 to 1",
     [(ValueError, "[0.5, 1.5]", ([0.5, 1.5], (2,))), (ValueError, "[0.5, -0.5]", ([0.5, -0.5], (2,)))]),
    (arguments.nothing_drawn, "indices, random_samples or rng must say what the forward call drew",
     [(ValueError, "None", ())]),
    (arguments.no_indices, "return_indices must be False if training is False, as nothing is drawn",
     [(ValueError, "True", ())]),
    (arguments.tangent_shape, "beta_tangent must be None as beta is None",
     [(ValueError, "a tangent", (None, "beta"))]),
    (arguments.count_gates,
     "gates must have one of the dtypes int8, int16, int32, int64, uint8, uint16, uint32, uint64, "
     "float16, bfloat16, float32, float64",
     [(TypeError, "|S1", ([b"a"], 2)), (TypeError, "bool", (np.ones((1, 2), bool), 1))]),
    (arguments.count_gates,
     "gates must be 1, 3, 7 or 15 arrays of the shape of the window, for all channels or for each",
     [(ValueError, "(2, 3)", (np.ones((2, 3)), 1)), (ValueError, "(3,)", (np.ones(3), 1))]),
    (arguments.check_alike, "gates and leaves must both be for all channels, or both for each",
     [(ValueError, "one of each", (2, 3))]),
    (arguments.as_indices,
     "indices must have one of the dtypes int8, int16, int32, int64, uint8, uint16, uint32, uint64",
     [(TypeError, "float64", ([0.5], "indices", None))]),
    (arguments.as_indices, "indices must have the shape (3,)",
     [(ValueError, "(2,)", ([0, 1], "indices", (3,)))]),
    (arguments.as_indices, "indices must be below 2**63",
     [(ValueError, "9223372036854775808", (np.array([2**63], np.uint64), "indices", None))]),
    (arguments.split_out, "out must be an ndarray or a (values, indices) pair",
     [(ValueError, "a sequence of 3", ([1, 2, 3], True))]),
    (arguments.check_out, "out must be an ndarray of dtype float32",
     [(TypeError, "None", (None, (2,), F32))]),
    (arguments.check_out, "out[1] must be an ndarray of dtype float32",
     [(TypeError, "masked", (np.ma.masked, (2,), F32, (), "out[1]"))]),
    (arguments.check_out, "out[1] must have the dtype float32 in native byte order",
     [(TypeError, "dtype('float64')", (np.zeros(2), (2,), F32, (), "out[1]"))]),
    (arguments.check_out, "out[1] must have the shape (2,)",
     [(ValueError, "(3,)", (np.zeros(3, "f4"), (2,), F32, (), "out[1]"))]),
    (arguments.check_out, "out must be writeable",
     [(ValueError, "a read-only array", (READ_ONLY, (2,), F64))]),
    (arguments.check_out, "out must have memory of its own for each element",
     [(ValueError, "strides (8, 16) for (3, 2)", (as_strided(np.zeros(5), (3, 2), (8, 16)), (3, 2), F64))]),
    (arguments.check_out, "out[1] must not share memory with any other array of the call", [
        (ValueError, "one that does, or whose strides make it too hard to tell",
         (ONES, (2,), F64, [ONES], "out[1]")),
    ]),
    (arguments.check_apart, "out must not share memory with any other array of the call",
     [(ValueError, "one that does, or whose strides make it too hard to tell", (ONES, [ONES[1:]]))]),
    (arguments.check_index_layout,
     "indices must have the shape (1, 2, any, any) for input_shape (1, 2, 3, 3) with 2 spatial axes", [
        (ValueError, "(1, 2, 9) (a data_format such as 'NCHW' fixes how many axes are spatial)",
         ((1, 2, 9), (1, 2), 2, (), (1, 2, 3, 3))),
        (ValueError, "(1, 3, 9, 9) (a data_format such as 'NCHW' fixes how many axes are spatial)",
         ((1, 3, 9, 9), (1, 2), 2, (), (1, 2, 3, 3))),
    ]),
    (arguments.check_index_layout,
     "indices must have the shape (1, any, any, 2) for input_shape (1, 3, 3, 2) with 2 spatial axes", [
        (ValueError, "(1, 9, 9, 3) (a data_format such as 'NCHW' fixes how many axes are spatial)",
         ((1, 9, 9, 3), (1,), 2, (2,), (1, 3, 3, 2))),
    ]),
    (arguments.check_index_layout, "input_shape must be small enough for int64 indices",
     [(ValueError, "(4294967296, 2147483648)", ((2**32, 2**32), (), 2, (), (2**32, 2**31)))]),
    (arguments.check_index_range,
     "indices must be -1 or lie in their own plane of input_shape (1, 3), as torch counts",
     [(ValueError, "9", (np.array([3, 9, 8]), np.array([False, True, True]), "torch", (1, 3)))]),
    # ---- regions ----
    (arguments.parse_boxes,
     "boxes must be numbers of shape (boxes, 5), an image and x1, y1, x2, y2, or (boxes, 4) with "
     "batch_indices (or one image only), or a list of one (boxes, 4) for each image", [
        (ValueError, "the shape (1, 3)", ([[1.0, 2, 3]], None, 1)),
        (ValueError, "a list of 1 for 2 images", ([[[0, 1, 2, 3]]], None, 2)),
        (ValueError, "the shape (1, 3) in a list", ([[[0, 1, 2]]], None, 1)),
        (ValueError, "the shape (2, 5)", (np.zeros((2, 5)), [0, 0], 1)),
        (ValueError, "the shape (2, 4) for 2 images", (np.zeros((2, 4)), None, 2)),
        (ValueError, "the shape (2,)", ([3.0, 4.0], None, 1)),
    ]),
    (arguments.parse_boxes,
     "boxes must be numbers of shape (boxes, 5), an image and x1, y1, x2, y2, or (boxes, 4) with "
     "batch_indices (or one image only), or a list of one (boxes, 4) for each image: boxes must have one "
     "of the dtypes int8, int16, int32, int64, uint8, uint16, uint32, uint64, float16, bfloat16, float32, "
     "float64",
     [(TypeError, "|S2", (b"no", None, 1)), (TypeError, "|S1", ([[[b"a"] * 4]], None, 1))]),
    (arguments.parse_boxes, "batch_indices must have the shape (2,)",
     [(ValueError, "(1,)", (np.zeros((2, 4)), [0], 2))]),
    (arguments.parse_boxes,
     "batch_indices must have one of the dtypes int8, int16, int32, int64, uint8, uint16, uint32, uint64",
     [(TypeError, "float64", (np.zeros((2, 4)), [0.0, 0.0], 2))]),
    (arguments.parse_boxes, "boxes must have finite coordinates", [
        (ValueError, "[1.0, 2.0, inf, 3.0]",
         ([[0, 1, 2, 3, 4], [0, 1, 2, INF, 3], [0, 1, 2, 3, NAN]], None, 1)),
    ]),
    (arguments.parse_boxes, "boxes must name images from 0 to 1", [
        (ValueError, "2.0", ([[2, 1, 2, 3, 3]], None, 2)),
        (ValueError, "0.5", ([[0.5, 1, 2, 3, 3]], None, 2)),
    ]),
    (arguments.parse_boxes, "batch_indices must name images from 0 to 1",
     [(ValueError, "-1", (np.zeros((2, 4)), [0, -1], 2))]),
    (arguments.parse_scale, "spatial_scale must be a finite real number > 0",
     [(TypeError, "'1'", ("1",)), (ValueError, "0", (0,)), (ValueError, "inf", (INF,))]),
    (arguments.parse_scale, "scale must be a finite real number > 0", [
        (TypeError, "True", (True, "scale")),
        (ValueError, "100000000000000000...0000000000000000000", (10**400, "scale")),
    ]),
    (arguments.parse_sampling, "sampling_ratio must be an int from -1 to 32767",
     [(ValueError, "-2", (-2,)), (ValueError, "32768", (2**15,))]),
    (arguments.parse_coordinates, "aligned must be True or False", [(TypeError, "1", (None, 1))]),
    (arguments.parse_coordinates,
     "coordinate_transformation_mode must be one of 'half_pixel', 'output_half_pixel'",
     [(ValueError, "'no'", ("no", False))]),
    (arguments.parse_coordinates,
     "coordinate_transformation_mode must be None or 'half_pixel' if aligned is True",
     [(ValueError, "'output_half_pixel'", ("output_half_pixel", True))]),
    (arguments.check_images, "x must have 3 or 4 axes, ([images,] channels, height, width)",
     [(ValueError, "the shape (3, 4)", ((3, 4), False))]),
    (arguments.check_images, "x must have 3 or 4 axes, ([images,] height, width, channels)",
     [(ValueError, "the shape (3, 4)", ((3, 4), True))]),
    (arguments.check_images, "x must have a height and a width from 1 to 2147483646", [
        (ValueError, "0 and 5", ((1, 2, 0, 5), False)), (ValueError, "5 and 0", ((1, 5, 0, 2), True)),
        (ValueError, "2147483647 and 5", ((1, 2, LIMIT, 5), False)),
        (ValueError, "5 and 2147483647", ((1, 2, 5, LIMIT), False)),
    ]),
    (arguments.split_channels, "output_size must divide the channels of x, 7, into 6 bins of equally many",
     [(ValueError, "(2, 3)", (7, (2, 3)))]),
    (arguments.check_range, "indices must be from 0 to 3, or -1 for none",
     [(ValueError, "9", (np.array([0, 9, 4, -2]), 4))]),
    (arguments.check_like, "grad must have the dtype float32",
     [(TypeError, "float64", (ONES, "grad", (2,), F32))]),
    (arguments.check_like, "grad must have the shape (3,)",
     [(ValueError, "(2,)", (ONES, "grad", (3,), F64))]),
    # ---- blocks ----
    (arguments.check_blocks, "block_size must be sizes that divide the shape (4, 6) of x",
     [(ValueError, "(2, 4)", ((4, 6), (2, 4)))]),
    (arguments.check_whole_blocks, "block_size must be no larger than the shape (4, 6) of x",
     [(ValueError, "(2, 7)", ((4, 6), (2, 7)))]),
    (arguments.check_callable, "func must be a name or a function", [(TypeError, "3", (3, "func"))]),
    (arguments.as_options, "func_kwargs must be a dict with names as keys",
     [(TypeError, "[1]", ([1], "func_kwargs")), (TypeError, "{1: 2}", ({1: 2}, "func_kwargs"))]),
    (arguments.check_options, "func_kwargs must be a dict with a, r for func 'median'",
     [(TypeError, "'q'", ({"a": 1, "q": 2}, ("r", "a"), "func_kwargs", "median"))]),
    (arguments.check_options, "func_kwargs must be empty for func 'median'",
     [(TypeError, "'q'", ({"q": 2}, (), "func_kwargs", "median"))]),
    (arguments.as_element, "cval must be a number that int64 holds",
     [(TypeError, "[1, 2]", ([1, 2], INT, "cval")), (ValueError, "1.5", (1.5, INT, "cval"))]),
    # ---- windows that are drawn or listed ----
    (arguments.refuse_beside, "output_size must be left out if boundaries is given",
     [(ValueError, "3", (3, "output_size", "boundaries"))]),
    (arguments.refuse_set, "return_samples must be True or False",
     [(TypeError, "1", (1, "return_samples", "training is False"))]),
    (arguments.refuse_set, "return_samples must be False if training is False",
     [(ValueError, "True", (True, "return_samples", "training is False"))]),
    (arguments.values_needed, "x must be an array, not a shape, unless nan_policy is 'propagate'",
     [(TypeError, "'omit'", ("omit",))]),
    (arguments.no_samples, "return_samples must be False if boundaries are given: nothing is drawn",
     [(ValueError, "True", ())]),
    (arguments.windows_unknown, "indices or rng must say which windows the forward call had",
     [(ValueError, "None", ("indices",))]),
    (arguments.parse_fraction, "output_size or output_ratio must be given, and not both", [
        (ValueError, "None and None", (None, None, (9,), (2,))),
        (ValueError, "3 and 0.5", (3, 0.5, (9,), (2,))),
    ]),
    (arguments.parse_fraction, "output_size must be an int or 1 int, from 1 to 2147483646",
     [(ValueError, "0", (0, None, (9,), (2,))), (TypeError, "2.5", (2.5, None, (9,), (2,)))]),
    (arguments.parse_fraction,
     "output_size must give from 1 to size - kernel_size + 1 = (8, 8) windows along the axes of (9, 9)",
     [(ValueError, "(3, 9), which gives (3, 9)", ((3, 9), None, (9, 9), (2, 2)))]),
    (arguments.parse_fraction,
     "output_ratio must give from 1 to size - kernel_size + 1 = (8, 89) windows along the axes of (9, 90)",
     [(ValueError, "0.1, which gives (0, 9)", (None, 0.1, (9, 90), (2, 2)))]),
    (arguments.parse_fraction, "output_ratio must be a real number between 0 and 1, or 2 of them", [
        (TypeError, "'no'", (None, "no", (9, 9), (2, 2))),
        (TypeError, "(0.5, True)", (None, (0.5, True), (9, 9), (2, 2))),
        (ValueError, "(0.5,)", (None, (0.5,), (9, 9), (2, 2))),
        (ValueError, "range(0, 1000000000000000000000000000000)", (None, range(10**30), (9, 9), (2, 2))),
    ]),
    (arguments.parse_fraction, "output_ratio must be a real number between 0 and 1, or 1 of them", [
        (ValueError, "1.0", (None, 1.0, (9,), (2,))), (ValueError, "0.0", (None, 0.0, (9,), (2,))),
        (ValueError, "(0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, ...)",
         (None, (0.5,) * 64, (9,), (2,))),
    ]),
    (arguments.parse_grid, "stride must be an int or 1 int, from 1 to 2147483646",
     [(ValueError, "0", (0, None, (2,), (9,))), (TypeError, "2.5", (2.5, None, (2,), (9,)))]),
    (arguments.parse_grid, "grid_size must be an int or 1 int, from 1 to 2147483646",
     [(ValueError, "0", (2, 0, (2,), (9,)))]),
    (arguments.parse_grid,
     "grid_size must be a multiple of the stride (2,) and at most the size (9,) of the input",
     [(ValueError, "(3,)", (2, 3, (2,), (9,)))]),
    (arguments.parse_grid,
     "grid_size must be a multiple of the stride (2, 2) and at most the size (9, 9) of the input",
     [(ValueError, "(2, 10)", (2, (2, 10), (2, 2), (9, 9)))]),
    (arguments.parse_positions,
     "positions must be 1 sequence of positions in the axis, none before the one in front of it", [
        (TypeError, "3", (3, (9,))), (ValueError, "[1, 0]", ([1, 0], (9,))),
        (ValueError, "[0, 9]", (([0, 9],), (9,))), (ValueError, "[-1, 2]", ([-1, 2], (9,))),
        (ValueError, "[[1]]", ([[[1]]], (9,))), (ValueError, "[0, 1, 9]", ([0, 1, 9], (9,))),
        (ValueError, "[0, 5, 4, 8]", ([0, 5, 4, 8], (9,))),
    ]),
    (arguments.parse_positions,
     "positions must be 3 sequences of positions in the axis, none before the one in front of it",
     [(ValueError, "([0], [1])", (([0], [1]), (9, 9, 9)))]),
    (arguments.parse_positions,
     "positions must have one of the dtypes int8, int16, int32, int64, uint8, uint16, uint32, uint64",
     [(TypeError, "float64", (([0], [0.5]), (9, 9))), (TypeError, "float64", ([[]], (9,)))]),
    (arguments.parse_samples,
     "random_samples must have one of the dtypes float16, bfloat16, float32, float64",
     [(TypeError, "|S1", ([b"a"], (2,), 2, 9))]),
    (arguments.parse_samples, "random_samples must have a shape that broadcasts to (2, 2)", [
        (ValueError, "(3, 2)", (np.ones((3, 2)), (2,), 2, 9)), (ValueError, "(3,)", (np.ones(3), (2,), 2, 9)),
        (ValueError, "(2, 2, 2)", (np.ones((2, 2, 2)), (2,), 2, 9)),
    ]),
    (arguments.parse_samples, "random_samples must be numbers from 0 to 1", [
        (ValueError, "array([0.5, 1.5])", ([0.5, 1.5], (2,), 2, 9)),
        (ValueError, "array([ 0.5, -0.5])", ([0.5, -0.5], (2,), 2, 9)),
    ]),
    (arguments.parse_samples, "random_samples must not be float16 for sizes beyond 65504",
     [(ValueError, "float16 and 65505", (np.zeros(2, "f2"), (2,), 2, 65505))]),
    (arguments.parse_boundaries,
     "boundaries must be 1 array of int, one for each spatial axis: edges, or (start, stop) pairs", [
        (TypeError, "3", (3, (), (9,))), (ValueError, "[3]", ([[3]], (), (9,))),
        (ValueError, "[[0, 1, 2], [0, 1, 2]]", ([[[0, 1, 2]] * 2], (), (9,))),
    ]),
    (arguments.parse_boundaries,
     "boundaries must be 2 arrays of int, one for each spatial axis: edges, or (start, stop) pairs",
     [(ValueError, "[[0, 1]]", ([[0, 1]], (), (9, 9)))]),
    (arguments.parse_boundaries,
     "boundaries must be 2 arrays of int, one for each spatial axis: edges, or (start, stop) pairs, with "
     "leading axes that broadcast to (2, 3)",
     [(ValueError, "[[0, 1]]", ([[0, 1]], (2, 3), (9, 9)))]),
    (arguments.parse_boundaries,
     "boundaries must have one of the dtypes int8, int16, int32, int64, uint8, uint16, uint32, uint64",
     [(TypeError, "float64", ([[0.5, 1]], (), (9,)))]),
    (arguments.parse_boundaries,
     "boundaries must be 1 array of int, one for each spatial axis: edges, or (start, stop) pairs, with "
     "leading axes that broadcast to (2,)",
     [(ValueError, "[[0, 1, 2], [0, 1, 2], [0, 1, 2]]", ([[[0, 1, 2]] * 3], (2,), (9,)))]),
    (arguments.parse_boundaries,
     "boundaries must be 1 array of int, one for each spatial axis: edges, or (start, stop) pairs, with "
     "leading axes that broadcast to (2, 1)",
     [(ValueError, "[[[0, 1]], [[0, 1]], [[0, 1]]]", ([[[[0, 1]]] * 3], (2, 1), (9,)))]),
    (arguments.parse_boundaries, "boundaries must not exceed 9, the size of their axis",
     [(ValueError, "10", ([[0, 10]], (), (9,)))]),
    (arguments.parse_boundaries, "boundaries must hold windows with 0 <= start < stop",
     [(ValueError, "[-1, 3]", ([-1, 3], (), (9,))), (ValueError, "[3, 3]", ([3, 3], (), (9,)))]),
    (arguments.parse_boundaries, "boundaries must not fall from one window to the next", [
        (ValueError, "[[3, 5], [2, 6]]", ([[[3, 5], [2, 6]]], (), (9,))),
        (ValueError, "[[3, 5], [3, 4]]", ([[[3, 5], [3, 4]]], (), (9,))),
    ]),
]


def calls():
    for function, must, cases in MESSAGES:
        for kind, got, given, *named in cases:
            name = f"{function.__name__}-{kind.__name__}-{got[:40]}"
            yield pytest.param(function, given, dict(*named), kind, f"{must}; got {got}", id=name)


@pytest.mark.parametrize("function, given, named, kind, message", list(calls()))
def test_messages(function, given, named, kind, message):
    try:
        error = function(*given, **named)    # some make the error that another function raises
    except Exception as raised:
        error = raised
    assert type(error) is kind
    assert str(error) == message
