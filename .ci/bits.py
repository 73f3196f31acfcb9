"""Compute every operator on every number of threads and at every CPU level, ten times: compare the bits.

    python .ci/bits.py RESULTS.json [REPETITIONS [DTYPE,..]]

One process for each level and dtype, 10 repetitions if not told otherwise; what is in RESULTS.json already is
not computed again. The last lines are the table of docs/trust/bits.md; the exit status is 1 if a bit differs.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LEVELS, THREADS = ("baseline", "v3", "v4"), "1,2,3,7,16"
DTYPES = "bool,uint8,int64,float16,bfloat16,float32,float64"


def compute(level, dtype, repetitions):
    """What one process found."""
    start = time.monotonic()
    paths = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, ROOT / "tests" / "everything.py", "large", THREADS, repetitions, dtype],
        env=os.environ | {"CPOOL_CPU": level, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        sys.exit(f"{level}, {dtype}:\n{done.stderr}")
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["level"] == level
    return {
        "digests": found["digests"],
        "different": found["different"],
        "repetitions": int(repetitions),
        "seconds": round(time.monotonic() - start),
    }


def main(path, repetitions="10", dtypes=DTYPES):
    file = Path(path)
    found = json.loads(file.read_text()) if file.exists() else {}
    for dtype in dtypes.split(","):
        for level in LEVELS:
            key = f"{dtype} {level}"
            if key not in found:
                found[key] = compute(level, dtype, repetitions)
                file.write_text(json.dumps(found))
    wrong = 0
    print("| dtype | functions | results compared | different |\n|---|---|---|---|")
    for dtype in [d for d in DTYPES.split(",") if all(f"{d} {level}" in found for level in LEVELS)]:
        parts = [found[f"{dtype} {level}"] for level in LEVELS]
        want = parts[0]["digests"]
        different = sum(len(part["different"]) for part in parts)
        different += sum(want[k] != part["digests"].get(k) for part in parts[1:] for k in want)
        compared = sum(len(part["digests"]) * part["repetitions"] * len(THREADS.split(",")) for part in parts)
        print(f"| {dtype} | {len(want)} | {compared} | {different} |")
        wrong += different
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main(*sys.argv[1:])
