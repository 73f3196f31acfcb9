"""What the suites share: the workloads of `cpool bench`, and how a library is asked for one.

Both lie in cpool/_cli/_bench and are loaded from this checkout by path, not with the cpool that is measured:
asv takes the suites from the checkout, but builds cpool from any commit, which may be older than this table.
"""

import os
import sys
from pathlib import Path

FOLDER = str(Path(__file__).parents[2] / "cpool" / "_cli")
sys.path.insert(0, FOLDER)
from _bench import common as calls  # noqa: E402
from _bench import peers, workloads  # noqa: E402

sys.path.remove(FOLDER)

WORKLOADS, USUAL = workloads.WORKLOADS, workloads.USUAL
TINY = [name for name in WORKLOADS if name.startswith("tiny/")]
BACKWARD = [name for name, each in WORKLOADS.items() if each.backward]
FORWARD = [name for name in WORKLOADS if name not in TINY and name not in BACKWARD]
THREADS = int(os.environ.get("CPOOL_NUM_THREADS", "1"))     # set by asv.conf.json


def prepared(library, name, **changes):
    """Return the call that makes `library` run a workload, once run; asv skips what the library cannot do."""
    chosen = WORKLOADS[name]._replace(**changes)
    try:
        ready = peers.PEERS[library].make(chosen, workloads.inputs(chosen), THREADS)
    except (calls.Cannot, ImportError) as reason:
        raise NotImplementedError(str(reason)) from reason
    if ready.timed is not None and THREADS > 1:
        raise NotImplementedError("copies by one thread only")
    ready.call()                # threads, pages and compiled code exist from here on
    return ready
