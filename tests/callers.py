"""What concurrent callers compute: calls of the corpus, and what one caller makes of them alone."""

import itertools
import random
import sys
import threading

import corpus
import numpy as np

import cpool
from cpool._dispatch import LEVEL

LARGE = "uint8", "float16", "float32"       # dtypes of the calls that are large enough for threads


def calls(step=29):
    """Return {name: function returning arrays}: every kernel and dtype, small and large."""
    small = itertools.islice(corpus.calls(large=False), 0, None, step)
    large = [call for call in corpus.calls(small=False) if not set(LARGE).isdisjoint(call[0].split())]
    rest = itertools.islice(corpus.sequences(), 0, None, 7)
    return {name: function for name, *_, function in (*small, *large[::step // 4 + 1], *rest)}


def expected(found):
    """Return the digest of every call, made by one caller on one thread."""
    with cpool.num_threads(1):
        return {name: corpus.digest(*function()) for name, function in found.items()}


def wrong(found, want, seed=0, threads=None, share=1.0):
    """Make a share of the calls in an order of the seed's; return the names of those with another result.

    threads: to be set for every call, drawn for each from 0 to 7 by default, 0 for none.
    """
    rng = random.Random(seed)
    bad = []
    for name in rng.sample(list(found), round(share * len(found))):
        count = rng.randint(0, 7) if threads is None else threads
        if count:
            with cpool.num_threads(count):
                result = corpus.digest(*found[name]())
        else:
            result = corpus.digest(*found[name]())
        if result != want[name]:
            bad.append(name)
        if rng.random() < 0.1:
            refused()
    return bad


def refused():
    """A call that raises, in the middle of those that do not."""
    try:
        cpool.max_pool2d(np.zeros((4, 4)), 9)
    except ValueError:
        return
    raise AssertionError("accepted a window larger than its input")


def together(count, task):
    """Run task(number) in `count` threads that begin at the same moment; return the results, in order."""
    results, errors = [None] * count, []
    gate = threading.Barrier(count)

    def work(number):
        gate.wait()
        try:
            results[number] = task(number)
        except BaseException as error:
            errors.append(error)

    workers = [threading.Thread(target=work, args=(number,)) for number in range(count)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    if errors:
        raise errors[0]
    return results


if __name__ == "__main__":      # for tools that watch a program: valgrind, sanitizers
    sys.unraisablehook = corpus.stop
    some = calls(int(sys.argv[1]))
    bad = wrong(some, expected(some))
    sys.exit(f"not the same on several threads: {bad}" if bad else print(f"{len(some)} calls, level {LEVEL}"))
