"""Graphs of blocks: which chunks and parts of chunks a task gets, and arrays of what tasks give."""

import itertools
from bisect import bisect_left, bisect_right
from functools import partial
from operator import getitem

import dask
import dask.array as da
import numpy as np

from .. import _arguments, _chunks
from .._chunks import Span

AT_A_TIME = 16  # parts that a task puts together


def checked(x, name="x"):
    """An array of dask of which all sizes are known."""
    if not isinstance(x, da.Array):
        raise TypeError(
            f"{name} must be a dask.array.Array (dask.array.from_array makes one); got {type(x).__name__}"
        )
    if not isinstance(x._meta, np.ndarray) or isinstance(x._meta, np.ma.MaskedArray):
        raise TypeError(f"{name} must have chunks that are NumPy arrays; got {type(x._meta).__name__}")
    if any(n != n for sizes in x.chunks for n in sizes):
        raise ValueError(
            f"{name} must have known chunk sizes (compute_chunk_sizes finds them); got {x.chunks}"
        )
    return x


def threads():
    return _arguments.int_value(dask.config.get("cpool.num-threads", 1), "cpool.num-threads", 1)


def ranges_of(axis, chunks):
    """Ranges of windows, by the chunk in which their middle is."""
    if axis.out == 0:
        return []
    start, end = _chunks.extent(axis, np.arange(axis.out))
    edges = list(itertools.accumulate(chunks))[:-1]
    cuts = np.searchsorted((start + end - 1) // 2, edges).tolist()
    cuts = sorted({0, *cuts, axis.out})
    return list(itertools.pairwise(cuts))


def reaching(axis, edges):
    """Ranges of windows that reach into each chunk; of those that reach into none, 0 to 0."""
    start, end = _chunks.extent(axis, np.arange(axis.out))
    first, stop = np.searchsorted(end, edges[:-1], "right"), np.searchsorted(start, edges[1:])
    return [(a, b) if a < b else (0, 0) for a, b in zip(first.tolist(), stop.tolist(), strict=True)]


class Source:
    """The chunks of an array, and the parts of them that tasks ask for."""

    def __init__(self, array, token):
        self.array, self.name, self.tasks = array, f"part-{token}-{array.name}", {}
        self.edges = [[0, *itertools.accumulate(sizes)] for sizes in array.chunks]

    def pieces(self, ranges):
        """The keys of a region in nested lists; a range is a chunk's number or a pair of bounds."""
        axes = []
        for each, edges in zip(ranges, self.edges, strict=True):
            if isinstance(each, int):
                axes.append([(each, 0, edges[each + 1] - edges[each])])
                continue
            a, b = each
            chunks = range(bisect_right(edges, a) - 1, bisect_left(edges, b))
            bounds = ((i, max(a, edges[i]) - edges[i], min(b, edges[i + 1]) - edges[i]) for i in chunks)
            axes.append([found for found in bounds if found[1] < found[2]])
        return self._nested(axes, ())

    def _nested(self, axes, chosen):
        if len(chosen) < len(axes):
            return [self._nested(axes, (*chosen, one)) for one in axes[len(chosen)]]
        index = tuple(i for i, _, _ in chosen)
        key = (self.array.name, *index)
        bounds = tuple((a, b) for _, a, b in chosen)
        if all(b - a == edges[i + 1] - edges[i] for (i, a, b), edges in zip(chosen, self.edges, strict=True)):
            return key
        name = (self.name, *itertools.chain(index, *bounds))
        self.tasks[name] = (partial(_chunks.part, bounds), key)
        return name


def blocks_of(x, spatial, ranges):
    """Every block: its index, and for each axis a chunk's number or a range of that spatial axis."""
    choices = [list(enumerate(range(n))) for n in x.numblocks]
    for i, each in zip(spatial, ranges, strict=True):
        choices[i] = list(enumerate(each))
    for chosen in itertools.product(*choices):
        yield tuple(i for i, _ in chosen), [each for _, each in chosen]


def array_of(name, tasks, depends, chunks, dtype):
    graph = dask.highlevelgraph.HighLevelGraph.from_collections(name, tasks, dependencies=depends)
    return da.Array(graph, name, chunks, meta=np.empty((0,) * len(chunks), dtype))


def several(found, chunks, dtypes, always=False):
    """The arrays of results, each with its chunks, if tasks return several (one as well if `always`)."""
    if len(dtypes) == 1 and not always:
        return [found]
    arrays = []
    for i, (sizes, dtype) in enumerate(zip(chunks, dtypes, strict=True)):
        name = f"{found.name}-{i}"
        keys = itertools.product(*map(range, found.numblocks))
        tasks = {(name, *key): (getitem, (found.name, *key), i) for key in keys}
        arrays.append(array_of(name, tasks, [found], tuple(map(tuple, sizes)), dtype))
    return arrays


def task_of(function, call, spans, names, chosen, sources):
    ranges = over(call.axis, chosen, spans)
    return (partial(function, call, spans, names), *(source.pieces(ranges) for source in sources))


def over(spatial, chosen, spans):
    """The elements that spans hold, for the axes of a block."""
    ranges = list(chosen)
    for i, span in zip(spatial, spans, strict=True):
        ranges[i] = span.elements
    return ranges


def by_chunk(x, spatial, axes, token, outputs, inputs, dtypes, seen_alone, task):
    """A graph with a task for every chunk of x, which gets the windows that reach into the chunk.

    Parameters
    ----------
    x : dask.array.Array
    spatial, axes : sequence
        The spatial axes and the windows along them.
    token : str
        The name.
    outputs, inputs : list of dask.array.Array
        What a task gets of arrays that have an element for a window, and for an element of x.
    dtypes : list of numpy.dtype
        Of the results; of the first is that of the array that is returned.
    seen_alone : bool
        Whether windows are seen from the chunk alone.
    task : function
        From spans and the bounds of the chunk to the function of a task.
    """
    sources = [Source(each, token) for each in (*outputs, *inputs)]
    edges = Source(x, token).edges
    nothing = 0 in x.shape or any(axis.out == 0 for axis in axes) or any(0 in a.shape for a in outputs)
    reached = [
        [(0, 0)] * x.numblocks[i] if nothing else reaching(axis, edges[i])
        for i, axis in zip(spatial, axes, strict=True)
    ]
    tasks = {}
    for index in itertools.product(*map(range, x.numblocks)):
        bounds = [(edges[i][n], edges[i][n + 1]) for i, n in enumerate(index)]
        ranges, spans = list(index), []
        for i, axis, reach in zip(spatial, axes, reached, strict=True):
            ranges[i] = reach[index[i]]
            spans.append(Span(axis, *ranges[i], *(bounds[i] if seen_alone else (0, x.shape[i]))))
        if any(span.first == span.stop for span in spans):
            tasks[(token, *index)] = (partial(_chunks.zeros, bounds, dtypes),)
            continue
        spans = tuple(spans)
        held = over(spatial, index, spans)
        pieces = [s.pieces(ranges if n < len(outputs) else held) for n, s in enumerate(sources)]
        tasks[(token, *index)] = (task(spans, bounds), *pieces)
    for source in sources:
        tasks |= source.tasks
    return array_of(token, tasks, [*outputs, *inputs], x.chunks, dtypes[0])


def joined(level, token, function, index=()):
    """A few keys that stand for many, and the tasks that put these together, a few at a time."""
    tasks, depth = {}, 0
    while len(level) > AT_A_TIME:
        depth += 1
        groups = [level[i : i + AT_A_TIME] for i in range(0, len(level), AT_A_TIME)]
        level = [(f"{token}-join-{depth}", *index, number) for number in range(len(groups))]
        tasks |= {name: (function, group) for name, group in zip(level, groups, strict=True)}
    return level, tasks
