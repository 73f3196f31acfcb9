"""The parts of docstrings that all operators of `_factory` share, by section and by argument.

``{word}`` stands for what depends on the function: see `words`.
"""

import inspect
import re
from functools import cache

_SPATIAL = {1: ("W",), 2: ("H", "W"), 3: ("D", "H", "W")}
_POSITION = {1: "w", 2: "h * W + w", 3: "(d * H + h) * W + w"}
WIDTH = 76      # of lines of a docstring: `help` moves them by 4, and terminals have 80
_CODE = re.compile(r" *(>>>|\.\.\.)( |$)")
_ALONE = re.compile(r" *(\.\. \w+::|[-=]+[-= ]*$|\||$)")      # directives, rules, tables, nothing
_RULE = re.compile(r"[-=]{3,}$")
_WORD = re.compile(r"[^\s`]*``[^`]+``\S*|\S+")        # code stays in one line
_NAMES = re.compile(r"\w+(, \w+)+,?$")                  # of arguments that share an entry
_MARGIN = re.compile(r" *(?:(?:[-*+]|\.\.(?= \[)|\d+\.) +)?")    # lines below a first one are indented by it
_FORMATS = {1: '"NCW" and "NWC"', 2: '"NCHW" and "NHWC"', 3: '"NCDHW" and "NDHWC"'}


def words(kind, nd):
    """What the fragments say of a function with `nd` spatial axes; of any number if it is a global one."""
    if kind == "global":
        return {"over": "over all spatial axes", "position_of": "position in the flattened spatial axes"}
    axes = _SPATIAL[nd]
    several = "(int,)" if nd == 1 else "(" + ", ".join(["int"] * nd) + ")"
    return {
        "over": f"of every {nd}-D window" if kind == "windowed" else
                f"of {nd}-D windows that follow from the size of the output",
        "n": str(nd), "spatial": ", ".join(axes), "sizes": ", ".join("O" + a for a in axes),
        "ints": several,
        "pairs": "a (before, after) pair in a list" if nd == 1 else f"{nd} (before, after) pairs",
        "axes": "int or (int,)" if nd == 1 else several, "formats": _FORMATS[nd],
        "position_of": f"position {_POSITION[nd]}",
    }


X = {
    "sized": """x : array_like of shape (..., {spatial})
    {dtypes}
    Any number of leading axes, zero included. With channels last the shape is (..., {spatial}, C).
    Read in place if its memory is in the order of one of the two formats, else copied once.""",
    "global": """x : array_like of shape (N, C, *spatial)
    {dtypes}
    With channels last the shape is (N, *spatial, C); other shapes go with `spatial_ndim` or `axis`.""",
}

ARGUMENTS = {
    "kernel_size": """kernel_size : int or {ints}
    Size of the window, one int for all axes or one for each; the same holds for the other sizes.""",
    "stride": """stride : int or {ints}, optional
    Distance from one window to the next; `kernel_size` by default.""",
    "padding": """padding : int or {ints}, {pairs} or str, default 0
    Room for windows beyond the edges; what lies there takes no part. "valid" is 0. "same"
    and "same_lower" give ceil(n / stride) windows for n elements; an odd place goes to the end, or to
    the start.""",
    "dilation": """dilation : int or {ints}, default 1
    Distance between the elements of a window; 1 is dense.""",
    "ceil_mode": """ceil_mode : bool, default False
    Round the number of windows up instead of down. A window that would start at or past the end of
    the input is left out all the same, and "same" padding ignores this.""",
    "output_size": """output_size : int, None or tuple of {n}
    Number of windows along each spatial axis; None keeps the size of the input, 0 gives an empty
    result.""",
    "spatial_ndim": """spatial_ndim : int, optional
    Number of spatial axes. By default all axes but two, the batch and the channels.""",
    "keepdims": """keepdims : bool, default False
    Keep the spatial axes, with size 1.""",
    "return_indices": """return_indices : bool, default False
    Return where each result was found, too.""",
    "index_dtype": """index_dtype : {int64, int32}, optional
    dtype of the {more}, int64 by default.""",
    "return_counts": """return_counts : bool, default False
    Return how often each label occurs, too.""",
    "dtype": """dtype : {float32, float64}, optional
    dtype of the result. By default it is {default dtype}.""",
    "nan_policy": """nan_policy : {"propagate", "omit", "raise"}
    {nan}
    With "omit" NaN takes no part; with "raise" it is a ValueError, unless `mask` leaves it out.""",
    "mask": """mask : array_like of bool, optional
    True where an element takes part; broadcasts to `x`.""",
}
DATA_FORMAT = {
    "sized": """data_format : {"channels_first", "channels_last"}, default "channels_first"
    Whether the spatial axes are the last ones, or stand before one last axis of channels.
    {formats} are other names for them.""",
    "global": """data_format : {"channels_first", "channels_last"}, default "channels_first"
    Whether the spatial axes are the last ones, or stand before one last axis of channels. The names
    "NCW", "NCHW", "NCDHW" and "NWC", "NHWC", "NDHWC" say the number of spatial axes as well.""",
}
AXIS = {
    "sized": """axis : {axes}, optional
    The spatial axes in place of `data_format`, in the order of the window. The other axes stay where they
    are.""",
    "global": """axis : int or tuple of int, optional
    The spatial axes in place of `data_format`, in the order of the window. The other axes stay where they
    are.""",
}
OUT = {
    "plain": """out : ndarray, optional
    Array for the result: of exactly its shape and dtype, writeable, and apart from the other arrays in
    memory. It is returned.""",
    "pair": """out : ndarray, or (values, {more}) pair, optional
    Array for the result, or with `{flag}` two: of exactly its shape and dtype, writeable, and
    apart from the other arrays in memory. Returned in place of new ones.""",
}
RETURNS = {
    "windowed": """values : ndarray of shape (..., {sizes})
    With {result dtype}.
    Along an axis of n elements there are ``(n + before + after - dilation * (kernel - 1) - 1) / stride + 1``
    windows, rounded down (up in ceil_mode).""",
    "adaptive": """values : ndarray of shape (..., {sizes})
    With {result dtype}.""",
    "global": """values : ndarray
    The shape is that of `x` without its spatial axes.
    With {result dtype}.""",
}
MORE = {
    "return_indices": """indices : ndarray of int of the same shape
    Only with ``return_indices=True``: {position_of} of the first element,
    in row-major order, that holds the {found};
    -1 where no element takes part.""",
    "return_counts": """counts : ndarray of int of the same shape
    Only with ``return_counts=True``: how often the label occurs in the window.""",
}
RAISES = """TypeError
    If an argument is of the wrong kind: a dtype that is not accepted, a float or a bool for an int.
ValueError
    If an argument has a value that is not accepted, or no window fits{refused}.
MemoryError
    If the result, or what one window needs, cannot fit the memory of this machine."""
GRADIENT_RAISES = """TypeError
    If an array is not floating, `{tangent}` has another dtype than {what}, or an argument is
    of the wrong kind.
ValueError
    If `{tangent}` has the wrong shape, or an argument has a value that is not accepted."""
WINDOWS = """Window i of o over n elements spans ``floor(i * n / o)`` to ``ceil((i + 1) * n / o)``, the end
not included: windows overlap where o does not divide n, and o may exceed n."""


def indent(text, by="    "):
    """Lines moved to the right; what a docstring looks like in its function."""
    return "\n".join(by + line if line else line for line in text.split("\n"))


def docstring(of):
    """The docstring of a function without its indentation; "" where Python drops docstrings (-OO)."""
    return inspect.cleandoc(of.__doc__ or "")


def wrapped(text):
    """A `docstring` with paragraphs and examples of long lines broken anew; all others stay as they are."""
    lines = text.split("\n")
    if all(len(line) <= WIDTH for line in lines):
        return text
    made, start, example = [], 0, False
    while start < len(lines):
        line, stop = lines[start], start + 1
        example = bool(line) and (example or _CODE.match(line) is not None)
        if example:
            made += _broken_code(line) if _CODE.match(line) else (line,)
        elif _ALONE.match(line) or _is_head(lines, start):
            made.append(line)
        else:
            margin = " " * len(_MARGIN.match(line)[0])
            while stop < len(lines) and _MARGIN.match(lines[stop])[0] == margin and not (
                    _ALONE.match(lines[stop]) or _is_head(lines, stop)):
                stop += 1
            made += _broken(tuple(lines[start:stop]))
        start = stop
    return "\n".join(made)


def _is_head(lines, at):
    """Whether a line is a heading, or names what indented lines below describe."""
    below = lines[at + 1] if at + 1 < len(lines) else ""
    text = _MARGIN.match(lines[at])[0] == "" and not _NAMES.match(lines[at])
    return text and (below.startswith(" ") or _RULE.match(below) is not None)


@cache
def _broken(lines):
    """A paragraph in lines that are short enough."""
    if all(len(line) <= WIDTH for line in lines):
        return lines
    first = re.match(r" *", lines[0])[0]
    margin = " " * len(_MARGIN.match(lines[0])[0])
    made = [first]
    for word in _WORD.findall(" ".join(lines)):
        if made[-1].strip() and len(made[-1]) + len(word) >= WIDTH:
            made.append(margin)
        made[-1] += word if made[-1] in (first, margin) else f" {word}"
    return tuple(made)


@cache
def _broken_code(line, depth=0):
    """A line of an example in lines that end with a comma, of the outermost brackets where that can be."""
    if len(line) <= WIDTH:
        return (line,)
    found, quoted = {}, ""
    for at, each in enumerate(line[:WIDTH]):
        if each in "\"'":
            quoted = "" if each == quoted else quoted or each
        elif not quoted:
            depth += (each in "([{") - (each in ")]}")
            if depth and line[at : at + 2] == ", ":
                found[depth] = at + 1
    if not found:
        return (line,)
    outermost = min(found)
    at, margin = found[outermost], re.match(r" *", line)[0]
    return (line[:at], *_broken_code(f"{margin}...     {line[at + 1 :]}", outermost))


def fill(text, entries):
    """``{key}`` by its entry, for those keys that have one; other braces stay."""
    return re.sub(r"\{([^{}\n]+)\}", lambda found: entries.get(found[1], found[0]), text)


def filled(entries):
    """A decorator that fills the docstring of a function, as `fill` does."""
    def decorate(function):
        function.__doc__ = wrapped(fill(docstring(function), entries))
        return function

    return decorate


def sections(text):
    """The sections of a `docstring` in numpydoc by heading; "" is what comes before the first."""
    parts = re.split(r"\n\n([A-Z][A-Za-z ]+)\n-+\n", text)
    return {"": parts[0]} | dict(zip(parts[1::2], parts[2::2], strict=True))


def entries(text):
    """The entries of a Parameters section by name."""
    found = re.split(r"^(?=\S)", text, flags=re.M)
    return {part.split(" : ")[0].strip(): part.rstrip("\n") for part in found if part.strip()}


def heads(names):
    """Names that share an entry, in lines that end with a comma where they go on."""
    lines = [""]
    for name in names:
        if len(lines[-1]) + len(name) > WIDTH - 2:
            lines.append("")
        lines[-1] += f"{name}, "
    return "\n".join(line.rstrip() for line in lines).removesuffix(",")


def shown(text):
    """A docstring as it stands in a function, from one without indentation."""
    return indent(wrapped(text)).strip() + "\n    "


def document(summary, parts):
    """A docstring from (heading, text) pairs; empty ones are left out."""
    body = [summary]
    body += [f"{heading}\n{'-' * len(heading)}\n{text}" for heading, text in parts if text]
    return shown("\n\n".join(body))
