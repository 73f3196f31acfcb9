"""XLA's foreign function interface, answered from Python: its buffers as NumPy arrays, in place.

A handler is a C function that gets one struct, the call frame; here ctypes makes it of a Python function.
Nothing is compiled against JAX. The layouts are those of ``xla/ffi/api/c_api.h``, which comes with jaxlib and
whose version XLA compares with ours when the handler is registered. Callbacks by ``jax.pure_callback`` copy,
and may wait forever for their arguments where there are few processors (issue 24255 of JAX).
"""

import ctypes

import numpy as np

VERSION = 0, 3  # of the interface that is written down here; its structs only grow
_METADATA, _EXECUTE, _STRING, _INTERNAL = 1, 3, 4, 13

# XLA's number of each element type
_TYPES = {
    1: "bool", 2: "int8", 3: "int16", 4: "int32", 5: "int64", 6: "uint8", 7: "uint16", 8: "uint32",
    9: "uint64", 10: "float16", 11: "float32", 12: "float64", 16: "bfloat16",
}  # fmt: skip


def _struct(name, *fields):
    return type(name, (ctypes.Structure,), {"_fields_": fields})


_SIZE, _POINTER, _INT = ctypes.c_size_t, ctypes.c_void_p, ctypes.c_int64
_HEAD = ("struct_size", _SIZE), ("extension", _POINTER)
_Extension = _struct("Extension", ("struct_size", _SIZE), ("type", ctypes.c_int), ("next", _POINTER))
_Version = _struct("Version", *_HEAD, ("major", ctypes.c_int), ("minor", ctypes.c_int))
_Metadata = _struct("Metadata", ("struct_size", _SIZE), ("version", _Version))
_MetadataExtension = _struct(
    "MetadataExtension", ("base", _Extension), ("metadata", ctypes.POINTER(_Metadata))
)
_Span = _struct("Span", ("start", _POINTER), ("length", _SIZE))
_Buffer = _struct(
    "Buffer", *_HEAD, ("type", ctypes.c_int), ("data", _POINTER), ("rank", _INT),
    ("sizes", ctypes.POINTER(_INT)),
)  # fmt: skip
_Buffers = _struct(
    "Buffers", *_HEAD, ("count", _INT), ("types", _POINTER), ("each", ctypes.POINTER(ctypes.POINTER(_Buffer)))
)
_Attributes = _struct(
    "Attributes", *_HEAD, ("count", _INT), ("types", ctypes.POINTER(ctypes.c_int)), ("names", _POINTER),
    ("each", ctypes.POINTER(ctypes.POINTER(_Span))),
)  # fmt: skip
_ErrorArguments = _struct("ErrorArguments", *_HEAD, ("message", ctypes.c_char_p), ("code", ctypes.c_int))
_CreateError = ctypes.CFUNCTYPE(_POINTER, ctypes.POINTER(_ErrorArguments))
_Api = _struct("Api", *_HEAD, ("version", _Version), ("internal", _POINTER), ("create_error", _CreateError))
_Frame = _struct(
    "Frame", *_HEAD, ("api", ctypes.POINTER(_Api)), ("context", _POINTER), ("stage", ctypes.c_int),
    ("arguments", _Buffers), ("results", _Buffers), ("attributes", _Attributes),
)  # fmt: skip
_Handler = ctypes.CFUNCTYPE(_POINTER, ctypes.POINTER(_Frame))


class _Memory:
    """What NumPy needs to see a buffer."""

    def __init__(self, address, shape, typestr, readonly):
        self.__array_interface__ = {
            "version": 3, "data": (address, readonly), "shape": shape, "typestr": typestr,
        }  # fmt: skip


def _arrays(buffers, readonly):
    found = []
    for i in range(buffers.count):
        buffer = buffers.each[i].contents
        name = _TYPES[buffer.type]
        shape = tuple(buffer.sizes[: buffer.rank])
        if name == "bfloat16":
            from ml_dtypes import bfloat16 as dtype  # JAX needs it, so it is there
        else:
            dtype = np.dtype(name)
        if 0 in shape:
            found.append(np.empty(shape, dtype))
            continue
        bits = np.dtype(np.uint16) if name == "bfloat16" else dtype
        array = np.asarray(_Memory(buffer.data, shape, bits.str, readonly))
        found.append(array if bits is dtype else array.view(dtype))
    return found


def handler(function):
    """A C function that XLA can call.

    Parameters
    ----------
    function : callable
        Called with the one attribute of the call, a str, a list of read-only input arrays, and a list of
        output arrays, which it fills. What it raises becomes an error of XLA.

    Returns
    -------
    ctypes function
        To be kept for as long as XLA may call it.
    """

    def answer(pointer):
        frame = pointer.contents
        if frame.extension:
            extension = _Extension.from_address(frame.extension)
            if extension.type == _METADATA:
                version = _MetadataExtension.from_address(frame.extension).metadata.contents.version
                theirs = frame.api.contents.version if frame.api else version
                version.major, version.minor = VERSION[0], min(VERSION[1], theirs.minor or VERSION[1])
                return None
        if frame.stage != _EXECUTE:
            return None
        try:
            attributes = frame.attributes
            if attributes.count != 1 or attributes.types[0] != _STRING:
                raise RuntimeError("a call must have one attribute, a string")
            span = attributes.each[0].contents
            text = ctypes.string_at(span.start, span.length).decode()
            function(text, _arrays(frame.arguments, True), _arrays(frame.results, False))
        except BaseException as exc:
            message = f"{type(exc).__name__}: {exc}".encode()
            arguments = _ErrorArguments(ctypes.sizeof(_ErrorArguments), None, message, _INTERNAL)
            arguments.struct_size = _ErrorArguments.code.offset + _ErrorArguments.code.size
            return frame.api.contents.create_error(ctypes.byref(arguments))
        return None

    return _Handler(answer)
