"""Reading and writing pictures and arrays for the command line.

Everything that can be wrong with a file becomes a `Problem`, whose text is the one line the user sees.
"""

import contextlib
import io
import logging
import math
import os
import sys
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np
from numpy.lib import format as npy

PICTURES = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".tif": "TIFF", ".tiff": "TIFF"}
SUFFIXES = (*PICTURES, ".npy", ".npz")
PIPE = Path("-")

_CHUNK = 1 << 24


class Problem(Exception):
    """Something the user can put right: printed as one line, exit code 2."""


class Content(NamedTuple):
    """What one file holds.

    Attributes
    ----------
    kind : {"picture", "npy", "npz"}
    arrays : dict of str to ndarray
        The array of an .npy file, the named arrays of an .npz file, or the pages of a picture. The pixels of
        a page are (height, width) or (height, width, channels).
    profile : bytes or None
        The colour profile of a picture.
    note : str
        What was lost in reading; empty if nothing was.
    """

    kind: str
    arrays: dict[str, np.ndarray]
    profile: bytes | None = None
    note: str = ""


def suffix_of(path: Path) -> str:
    """Return the lower-case suffix of `path`, which must be one that cpool reads and writes."""
    if path == PIPE:
        return ".npy"
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise Problem(f"{path}: the name must end in one of {', '.join(SUFFIXES)}")
    return suffix


def read(path: Path) -> Content:
    """Read one file, or .npy data from standard input when `path` is "-"."""
    suffix = suffix_of(path)
    try:
        if path == PIPE:
            if sys.stdin is None or sys.stdin.isatty():
                raise Problem("standard input: nothing is piped in ('-' reads .npy data from a pipe)")
            return Content("npy", {"": _read_npy(sys.stdin.buffer, "standard input")})
        with open(path, "rb") as stream:
            if suffix == ".npy":
                return Content("npy", {"": _read_npy(stream, str(path))})
            if suffix == ".npz":
                return Content("npz", _read_npz(stream, path))
            return _read_picture(stream, path)
    except OSError as error:
        raise Problem(f"{path}: {error.strerror or error}") from error


def write(path: Path, content: Content) -> None:
    """Write one file so that it is there whole or not at all; .npy data to standard output for "-"."""
    suffix = suffix_of(path)
    if suffix in PICTURES:
        images = _pictures(path, content)
        with replacing(path) as stream:
            _save_pictures(stream, PICTURES[suffix], images, content.profile)
        return
    if content.kind == "npz":
        with replacing(path) as stream, zipfile.ZipFile(stream, "w") as archive:
            for name, array in content.arrays.items():
                with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                    _write_npy(member, array)
        return
    if len(content.arrays) != 1:
        raise Problem(f"{path}: {len(content.arrays)} pages cannot be written as one array; write a .tif")
    (array,) = content.arrays.values()
    if path == PIPE:
        if sys.stdout is None or sys.stdout.isatty():
            raise Problem("standard output: not writing .npy data to a terminal; use a pipe or --output FILE")
        sys.stdout.flush()
        _write_npy(sys.stdout.buffer, array)
        sys.stdout.buffer.flush()
        return
    with replacing(path) as stream:
        _write_npy(stream, array)


# ---- arrays ----


class _Sink:
    """Only the `write` of a stream. NumPy writes past real files, which fails on pipes and hides errors."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.write = stream.write


def _write_npy(stream: IO[bytes], array: np.ndarray) -> None:
    npy.write_array(_Sink(stream), array, allow_pickle=False)  # type: ignore[arg-type]


def _read_npy(stream: IO[bytes], name: str) -> np.ndarray:
    """Read one .npy array from any stream; never unpickles, never trusts the sizes in the header."""
    headers = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            version = npy.read_magic(stream)
            if version not in headers:
                raise Problem(f"{name}: .npy format version {version[0]}.{version[1]} holds no plain numbers")
            shape, fortran, dtype = headers[version](stream)
    except (Problem, OSError):
        raise
    except Exception as error:
        raise Problem(f"{name}: not an .npy array: {error}") from error
    if dtype.hasobject:
        raise Problem(f"{name}: holds Python objects, which are never loaded")
    if dtype.itemsize == 0 or any(n < 0 for n in shape):
        raise Problem(f"{name}: not an .npy array: shape {shape} of {dtype}")
    size = math.prod(shape)
    nbytes = size * dtype.itemsize
    _check_memory(name, nbytes)
    data = np.empty(nbytes, np.uint8)
    view = memoryview(data)
    done = 0
    while done < nbytes:
        # One system call at a time: between two of them an interrupt is noticed.
        count = stream.readinto1(view[done : done + _CHUNK])  # type: ignore[attr-defined]
        if not count:
            raise Problem(f"{name}: ends after {done} of {nbytes} bytes of data")
        done += count
    array = np.ndarray((size,), dtype, data)
    return array.reshape(shape[::-1]).T if fortran else array.reshape(shape)


def _read_npz(stream: IO[bytes], path: Path) -> dict[str, np.ndarray]:
    arrays = {}
    try:
        with zipfile.ZipFile(stream) as archive:
            members = [info for info in archive.infolist() if not info.is_dir()]
            _check_memory(str(path), sum(info.file_size for info in members))
            for info in members:
                name = info.filename.removesuffix(".npy")
                if name == info.filename or name in arrays:
                    raise Problem(f"{path}: member {info.filename!r} is not an array of its own")
                with archive.open(info) as member:
                    arrays[name] = _read_npy(member, f"{path}[{name!r}]")
    except (Problem, MemoryError):
        raise
    except Exception as error:  # zipfile, zlib, bz2 and lzma each have their own
        raise Problem(f"{path}: not a readable .npz archive: {error}") from error
    if not arrays:
        raise Problem(f"{path}: holds no arrays")
    return arrays


def _check_memory(name: str, nbytes: int) -> None:
    try:
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # not every system says
        memory = sys.maxsize
    if nbytes > memory:
        raise Problem(f"{name}: {nbytes} bytes of data are more than this machine's memory")


# ---- pictures ----


def pillow() -> Any:
    """Return Pillow's Image module, or say how to install it."""
    try:
        from PIL import Image
    except ImportError as error:
        raise Problem('pictures need Pillow: pip install "cpool[image]"') from error
    return Image


def _read_picture(stream: IO[bytes], path: Path) -> Content:
    image_module = pillow()
    logging.getLogger("PIL").addHandler(logging.NullHandler())
    with warnings.catch_warnings(), _without_chatter():
        warnings.simplefilter("ignore")
        try:
            with image_module.open(stream, formats=sorted(set(PICTURES.values()))) as image:
                # A multi-picture JPEG holds other versions of its first picture: that one is the photograph.
                count = getattr(image, "n_frames", 1) if image.format in ("TIFF", "PNG") else 1
                if count > 1 and image.format != "TIFF":
                    raise Problem(f"{path}: an animation of {count} frames; only still pictures are pooled")
                note = ""
                if image.mode in ("RGB", "RGBA") and any(";16" in str(tile[3]) for tile in image.tile):
                    note = f"{path}: has 16 bits per colour, of which Pillow reads 8"
                pages = {}
                for page in range(count):
                    if page:
                        image.seek(page)
                    pages[str(page)] = _pixels(image)
                return Content("picture", pages, image.info.get("icc_profile"), note)
        except (Problem, MemoryError):
            raise
        except image_module.UnidentifiedImageError as error:
            raise Problem(f"{path}: not a PNG, JPEG or TIFF picture, or damaged") from error
        except image_module.DecompressionBombError as error:
            limit = 2 * image_module.MAX_IMAGE_PIXELS
            raise Problem(f"{path}: more than {limit} pixels: could be a decompression bomb") from error
        except Exception as error:  # a damaged file makes a decoder raise almost anything
            raise Problem(f"{path}: cannot be read as a picture: {error or type(error).__name__}") from error


@contextlib.contextmanager
def _without_chatter() -> Iterator[None]:
    """Keep what libtiff writes about a damaged file, past Python, from standard error."""
    try:
        kept = os.dup(2)
    except OSError:  # closed
        yield
        return
    try:
        with open(os.devnull, "wb") as nothing:
            os.dup2(nothing.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def _pixels(image: Any) -> np.ndarray:
    """Return the upright pixels of a page in the sample type it was stored in.

    Palettes become colours, bilevel becomes grey, other colour spaces become RGB, and a transparent colour
    becomes an alpha channel.
    """
    from PIL import ImageOps

    transparent = "transparency" in image.info
    deep = image.format == "PNG" and image.mode == "I"  # how Pillow before 11 read 16-bit grey
    image = ImageOps.exif_transpose(image)
    if image.mode == "1":
        image = image.convert("LA" if transparent else "L")
    elif image.mode in ("L", "RGB") and transparent:
        image = image.convert(image.mode + "A")
    elif image.mode == "P":
        image = image.convert("RGBA" if transparent else "RGB")
    elif image.mode in ("PA", "RGBa"):
        image = image.convert("RGBA")
    elif image.mode == "La":
        image = image.convert("LA")
    elif image.mode not in ("L", "LA", "RGB", "RGBA", "I", "F") and not image.mode.startswith("I;16"):
        image = image.convert("RGB")
    pixels = np.asarray(image).astype(np.uint16) if deep else np.asarray(image)
    return pixels.astype(pixels.dtype.newbyteorder("="), copy=False)


def _pictures(path: Path, content: Content) -> list[Any]:
    """Return the arrays as Pillow images that the format of `path` can hold exactly."""
    image_module = pillow()
    kind = PICTURES[path.suffix.lower()]
    if len(content.arrays) > 1 and kind != "TIFF":
        raise Problem(f"{path}: {len(content.arrays)} pages need a .tif")
    images = []
    for array in content.arrays.values():
        pixels = array[:, :, 0] if array.ndim == 3 and array.shape[2] == 1 else array
        if pixels.dtype == bool:
            pixels = pixels * np.uint8(255)
        channels = pixels.shape[2] if pixels.ndim == 3 else 1
        modes = {"JPEG": (1, 3), "PNG": (1, 2, 3, 4), "TIFF": (1, 2, 3, 4)}[kind]
        deep = {"JPEG": (), "PNG": (np.uint16,), "TIFF": (np.uint16, np.int32, np.float32)}[kind]
        held = pixels.dtype == np.uint8 or (pixels.ndim == 2 and pixels.dtype in deep)
        if pixels.ndim not in (2, 3) or pixels.size == 0 or channels not in modes or not held:
            why = "JPEG has no alpha channel; write a .png" if channels in (2, 4) else "write an .npy"
            raise Problem(f"{path}: cannot hold {array.dtype} values of shape {array.shape} ({why})")
        images.append(image_module.fromarray(np.ascontiguousarray(pixels)))
    return images


def _save_pictures(stream: IO[bytes], kind: str, images: list[Any], profile: bytes | None) -> None:
    options: dict[str, Any] = {"icc_profile": profile} if profile else {}
    if kind == "JPEG":
        options.update(quality=95, subsampling=0)
    if kind == "TIFF":
        options.update(compression="tiff_deflate", save_all=True, append_images=images[1:])
    encoded = io.BytesIO()  # libtiff writes past Python, and says of a full disk what only it understands
    try:
        images[0].save(encoded, format=kind, **options)
    except (OSError, MemoryError):
        raise
    except Exception as error:  # an encoder's own limits, such as 65535 pixels a side in a JPEG
        raise Problem(f"cannot be written as {kind}: {error}") from error
    stream.write(encoded.getbuffer())


# ---- whole files ----


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """Open a new file in the folder of `path`; it takes the place of `path` only if all went well."""
    target = Path(os.path.realpath(path))
    part = target.with_name(f".cpool-{os.urandom(6).hex()}.part")
    try:
        if target.exists() and not target.is_file():
            raise Problem(f"{path}: exists and is not a regular file")
        target.parent.mkdir(parents=True, exist_ok=True)
        with open(part, "x+b") as stream:
            yield stream
        os.replace(part, target)
    except OSError as error:
        raise Problem(f"{path}: {error.strerror or error}") from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
