"""Arrays in files that need not fit the memory: Zarr, .npy and TIFF.

Tasks in other processes get a `Reader` or a `Writer`, which open the file where they are.
"""

import os
from math import prod
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.lib import format as npy

from cpool._cli._files import Problem

SUFFIXES = (".zarr", ".npy", ".tif", ".tiff")
SPACE = "zyx"
_KINDS = {"t": "time", "c": "channel"}


class Source(NamedTuple):
    """An array to read, and what its file says of it.

    Attributes
    ----------
    reader : Reader
    chunks : tuple of int or None
        How it is stored, if that is in chunks.
    axes : list of dict
        The axes of an OME-Zarr image, or of a TIFF file, by "name", "type" and "unit"; empty if unknown.
    scale, shift : list of float
        Size of an element and position of the first along each axis, from OME-Zarr.
    stamp : list
        What changes if the file does.
    """

    reader: Any
    chunks: tuple[int, ...] | None
    axes: list[dict[str, str]]
    scale: list[float]
    shift: list[float]
    stamp: list[Any]


class Reader:
    """An array in a file, of which a part is read when it is asked for."""

    def __init__(self, kind: str, path: str, where: Any, shape: tuple[int, ...], dtype: np.dtype) -> None:
        self.kind, self.path, self.where, self.shape, self.dtype = kind, path, where, shape, dtype
        self.ndim = len(shape)

    def __getitem__(self, key: Any) -> np.ndarray:
        if self.kind == "zarr":
            return np.asarray(_zarr_array(self.path, self.where, "r")[key])
        if self.kind == "tiff":
            return _read_tiff(self.path, key)
        offset, order = self.where
        return np.array(np.memmap(self.path, self.dtype, "r", offset, self.shape, order)[key])


class Writer:
    """An array in a file that is there already, of which parts are written."""

    def __init__(self, kind: str, path: str, where: Any, shape: tuple[int, ...], dtype: np.dtype) -> None:
        self.kind, self.path, self.where, self.shape, self.dtype = kind, path, where, shape, dtype

    def __call__(self, start: tuple[int, ...], block: np.ndarray) -> bool:
        region = tuple(slice(a, a + n) for a, n in zip(start, block.shape, strict=True))
        if self.kind == "zarr":
            _zarr_array(self.path, self.where, "r+")[region] = block
        else:
            np.memmap(self.path, self.dtype, "r+", self.where, self.shape)[region] = block
        return True


def module(name: str) -> Any:
    """Import a package of the extra `dask`, or say how to install it."""
    try:
        return __import__(name, fromlist=["_"])
    except ModuleNotFoundError as error:
        raise Problem(f'this needs {name.partition(".")[0]}: pip install "cpool[dask]"') from error


def kind_of(path: Path) -> str | None:
    """What a path names: "zarr", "npy", "tiff", or None for anything else."""
    if path.suffix.lower() == ".zarr" or any(
        (path / name).is_file() for name in ("zarr.json", ".zarray", ".zgroup")
    ):
        return "zarr"
    return {".npy": "npy", ".tif": "tiff", ".tiff": "tiff"}.get(path.suffix.lower())


# ---- reading ----


def source(path: Path, key: str | None) -> Source:
    """Open an array to be read in parts; `key` is its name in a Zarr group."""
    kind = kind_of(path)
    if kind is None:
        raise Problem(f"{path}: the name must end in one of {', '.join(SUFFIXES)}")
    if not path.exists():
        raise Problem(f"{path}: no such {'store' if kind == 'zarr' else 'file'}")
    if key is not None and kind != "zarr":
        raise Problem(f"{path}: has no array named {key!r}")
    try:
        found = {"zarr": _zarr, "npy": _npy, "tiff": _tiff}[kind](path, key)
    except OSError as error:
        raise Problem(f"{path}: {error.strerror or error}") from error
    if 0 in found.reader.shape or not found.reader.shape:
        raise Problem(f"{path}: holds no elements: shape {found.reader.shape}")
    return found


def _zarr_array(path: str, where: str, mode: str) -> Any:
    return module("zarr").open_array(path, path=where, mode=mode)


def _zarr(path: Path, key: str | None) -> Source:
    zarr = module("zarr")
    try:
        opened = zarr.open(str(path), mode="r")
    except Exception as error:
        raise Problem(f"{path}: is no Zarr array or group") from error
    axes, scale, shift, where = [], [], [], key or ""
    if isinstance(opened, zarr.Group):
        where, axes, scale, shift = _image(path, opened, key)
    try:
        array = zarr.open_array(str(path), path=where, mode="r")
    except Exception as error:
        raise Problem(f"{path}: has no array named {where!r}") from error
    reader = Reader("zarr", str(path), where, tuple(array.shape), np.dtype(array.dtype))
    names = (
        getattr(array.metadata, "dimension_names", None) or array.attrs.get("_ARRAY_DIMENSIONS")
        if not axes
        else None
    )
    if names and all(isinstance(n, str) and n.lower() in ("t", "c", *SPACE) for n in names):
        axes = [axis(name.lower()) for name in names]
    shards = getattr(array, "shards", None)
    return Source(
        reader, tuple(shards or array.chunks), axes, scale, shift, [str(reader.dtype), *array.shape]
    )


def _image(
    path: Path, group: Any, key: str | None
) -> tuple[str, list[dict[str, str]], list[float], list[float]]:
    """The array of a group: that of the name, the largest of an OME-Zarr image, or the only one."""
    attributes = dict(group.attrs)
    images = attributes.get("ome", attributes).get("multiscales")
    if key is None and images:
        try:
            dataset = images[0]["datasets"][0]
            steps = {each["type"]: each[each["type"]] for each in dataset["coordinateTransformations"]}
            return dataset["path"], list(images[0]["axes"]), steps["scale"], steps.get("translation", [])
        except (KeyError, IndexError, TypeError) as error:
            raise Problem(f"{path}: its OME-Zarr metadata is incomplete: {error!r}") from error
    names = sorted(group.array_keys())
    if key is None and len(names) != 1:
        listed = ", ".join(names[:8]) or "none"
        raise Problem(f"{path}: is a group, of which --key names the array; it has {listed}")
    return key or names[0], [], [], []


def _stamp(path: Path) -> list[int]:
    status = path.stat()
    return [status.st_size, status.st_mtime_ns]


def _raw(path: Path, dtype: np.dtype, shape: tuple[int, ...], offset: int, order: str) -> Reader:
    needs = offset + prod(shape) * dtype.itemsize
    if path.stat().st_size < needs:
        raise Problem(f"{path}: ends after {path.stat().st_size} of {needs} bytes")
    return Reader("raw", str(path), (offset, order), shape, dtype)


def _npy(path: Path, key: None) -> Source:
    with open(path, "rb") as stream:
        try:
            version = npy.read_magic(stream)
            read = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}[version]
            shape, fortran, dtype = read(stream)
        except (ValueError, KeyError) as error:
            raise Problem(f"{path}: not an .npy array: {error}") from error
        if dtype.hasobject:
            raise Problem(f"{path}: holds Python objects, which are never loaded")
        reader = _raw(path, dtype, shape, stream.tell(), "F" if fortran else "C")
    return Source(reader, None, [], [], [], _stamp(path))


def _tiff(path: Path, key: None) -> Source:
    tifffile = module("tifffile")
    try:
        with tifffile.TiffFile(path) as file:
            series = file.series[0]
            names = [{"s": "c"}.get(name.lower(), name.lower()) for name in series.axes]
            known = len(set(names)) == len(names) and all(name in ("t", "c", *SPACE) for name in names)
            axes = [axis(name) for name in names] if known else []
            dtype, shape = np.dtype(series.dtype), tuple(series.shape)
            if series.dataoffset is not None:
                reader = _raw(path, dtype.newbyteorder(file.byteorder), shape, series.dataoffset, "C")
                return Source(reader, None, axes, [], [], _stamp(path))
            page = series.keyframe
            tile = (page.tile or page.chunks)[-2:] if page.is_tiled else page.shape[:2]
            chunks = [1] * len(shape)
            for name, size in zip("yx", tile, strict=True):
                if name in names:
                    chunks[names.index(name)] = size
            if known and names[-1] == "c":
                chunks[-1] = shape[-1]
    except tifffile.TiffFileError as error:
        raise Problem(f"{path}: not a TIFF file: {error}") from error
    except (ValueError, IndexError, KeyError, AttributeError, TypeError) as error:
        raise Problem(f"{path}: cannot be read as a TIFF file: {error}") from error
    return Source(Reader("tiff", str(path), None, shape, dtype), tuple(chunks), axes, [], [], _stamp(path))


def _read_tiff(path: str, key: Any) -> np.ndarray:
    """A part of a TIFF file in strips or tiles, of which those are decoded that it needs."""
    zarr = module("zarr")
    with module("tifffile").imread(path, aszarr=True, series=0) as store:
        opened = zarr.open(store, mode="r")
        return np.asarray((opened["0"] if isinstance(opened, zarr.Group) else opened)[key])


def axis(name: str) -> dict[str, str]:
    """An axis as OME-Zarr describes it."""
    return {"name": name, "type": _KINDS.get(name, "space")}


# ---- writing ----


def create(
    kind: str,
    path: str,
    where: str,
    shape: tuple[int, ...],
    dtype: np.dtype,
    chunks: Any,
    version: int,
    names: list[str] | None,
) -> Writer:
    """Make an array to be written in parts; of a file, all of its place on the disk is taken at once."""
    if kind == "zarr":
        more: dict[str, Any] = {"dimension_names": names}
        if version == 2:
            more = {"chunk_key_encoding": {"name": "v2", "separator": "/"}}
        module("zarr").create_array(
            path, name=where or None, shape=shape, dtype=dtype, chunks=chunks, zarr_format=version, **more
        )
        return Writer("zarr", path, where, shape, dtype)
    if kind == "npy":
        with open(path, "wb") as stream:
            header = {"descr": npy.dtype_to_descr(dtype), "fortran_order": False, "shape": shape}
            npy.write_array_header_2_0(stream, header)
            offset = stream.tell()
    else:
        big = prod(shape) * dtype.itemsize > 2**31
        axes = {"axes": "".join(names).upper()} if names else None
        view = module("tifffile").memmap(
            path, shape=shape, dtype=dtype, bigtiff=big, metadata=axes, photometric="minisblack"
        )
        offset = view.offset
        del view
    with open(path, "r+b") as stream:
        _take(stream.fileno(), offset + prod(shape) * dtype.itemsize)
    return Writer("raw", path, offset, shape, dtype)


def _take(file: int, size: int) -> None:
    """Make a file that large; a mapped page without room on the disk would end the process."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(file, 0, size)
        return
    done = os.fstat(file).st_size
    while done < size:
        done += os.pwrite(file, bytes(min(1 << 24, size - done)), done)
