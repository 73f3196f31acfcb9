"""Draw calls of every public function by the thousand and hold them to the plain versions.

    python .ci/fuzz.py --calls 200000 --seed 1 --minutes 5 --state fuzz.jsonl
    python .ci/fuzz.py --state fuzz.jsonl --report docs/trust/fuzzing-counts.md

`tests/fuzz_calls.py` draws the calls, `tests/fuzz_judge.py` judges them. Both work in child processes: one
that crashes, or that spends more than `--limit` seconds on a call, is recorded with that call, and the next
one goes on behind it. Every task (a public name and a round) that is done is a line of the state file, so
that the same command goes on where the last one stopped; rounds use the CPU levels of this machine in turn.
The exit status is 1 if anything was found.
"""

import argparse
import collections
import faulthandler
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PER_TASK = 50
MEMORY = 3 << 30  # of a child: what does not fit is a MemoryError, and a call takes seconds at most


def level_available(level):
    """Whether this build and this machine have a CPU level."""
    done = subprocess.run([sys.executable, "-c", "import cpool"], env=os.environ | {"CPOOL_CPU": level},
                          cwd=ROOT, capture_output=True, check=False)
    return done.returncode == 0


def tasks(options, names):
    """(name, round, seed, level) of every task, in the order in which they are done."""
    levels = [level for level in ("baseline", "v3", "v4") if level_available(level)]
    rounds = -(-options.calls // (PER_TASK * len(names)))
    for number in range(rounds):
        for at, name in enumerate(names):
            start = options.seed * 1_000_003 + number * len(names) + at
            yield name, number, start, levels[number % len(levels)]


def done_before(state):
    """What the state file says, one dict for each task."""
    return [json.loads(line) for line in state.read_text().splitlines()] if state.exists() else []


# ---- a child ----


def work(options):
    """Do the tasks that come by the standard input; a line of JSON for each goes to the standard output."""
    import resource

    sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
    import fuzz_calls
    import fuzz_judge
    from hypothesis import HealthCheck, Phase, given, seed, settings

    faulthandler.enable()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    phases = [Phase.generate] + [Phase.shrink] * options.shrink
    rules = settings(
        max_examples=PER_TASK, database=None, deadline=None, phases=phases, print_blob=False,
        suppress_health_check=list(HealthCheck), report_multiple_bugs=False)

    def trial(name, start, counts):
        @rules
        @seed(start)
        @given(fuzz_calls.calls(name))
        def run(call):
            Path(options.work).write_text(repr(call))
            faulthandler.dump_traceback_later(options.limit, exit=True)
            counts[fuzz_judge.judge(call)] += 1
            faulthandler.cancel_dump_traceback_later()

        try:
            run()
        except Exception as error:
            faulthandler.cancel_dump_traceback_later()
            return str(error) if isinstance(error, AssertionError) else traceback.format_exc()
        return None

    for line in sys.stdin:
        name, number, start, level = json.loads(line)
        counts, begun = collections.Counter(), time.perf_counter()
        failure = trial(name, start, counts)
        found = {"name": name, "round": number, "seed": start, "level": level, "counts": counts,
                 "group": fuzz_judge.group_of(name), "seconds": round(time.perf_counter() - begun, 2),
                 "failure": failure}
        print(json.dumps(found), flush=True)


# ---- the parent ----


class Child:
    """A process that works, for one CPU level."""

    def __init__(self, options, level, folder):
        self.level, self.last, self.errors = level, folder / "last.txt", folder / "stderr.txt"
        own = [str(Path(__file__).resolve()), "--work", str(self.last), "--limit", str(options.limit)]
        self.process = subprocess.Popen(
            [sys.executable, *own, *["--shrink"] * options.shrink], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=self.errors.open("w"), text=True,
            env=os.environ | {"CPOOL_CPU": level}, cwd=ROOT)

    def do(self, task):
        """The line of a task; if the process ends, what it ended with."""
        self.process.stdin.write(json.dumps(task) + "\n")
        self.process.stdin.flush()
        while line := self.process.stdout.readline():
            if line.startswith("{"):
                return json.loads(line)
        status = self.process.wait()
        how = signal.Signals(-status).name if status < 0 else f"exit status {status}"
        said = self.errors.read_text()[-3000:]
        call = self.last.read_text() if self.last.exists() else ""
        named = dict(zip(("name", "round", "seed", "level"), task, strict=True))
        failure = f"the process ended ({how}) in\n{call}\n{said}"
        return named | {"counts": {}, "group": "", "seconds": 0, "failure": failure}

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def fuzz(options):
    """Do tasks until all are done or the time is up; how many are left, and what was found."""
    sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
    import fuzz_calls

    import cpool

    names = [name for name in cpool.__all__ if name not in fuzz_calls.LEFT_OUT]
    if options.only:
        names = [name for name in names if options.only in f"{fuzz_calls.form(name).group}:{name}"]
    before = {(t["name"], t["round"]) for t in done_before(options.state)}
    left = [t for t in tasks(options, names) if t[:2] not in before]
    until, found, child = time.monotonic() + 60 * options.minutes, 0, None
    with tempfile.TemporaryDirectory() as folder, options.state.open("a") as state:
        while left and time.monotonic() < until:
            task = left.pop(0)
            if child is None or child.level != task[3] or child.process.poll() is not None:
                if child is not None and child.process.poll() is None:
                    child.end()
                child = Child(options, task[3], Path(folder))
            line = child.do(task)
            state.write(json.dumps(line) + "\n")
            state.flush()
            if line["failure"]:
                found += 1
                what = f"{line['name']}, seed {line['seed']}, {line['level']}"
                print(f"-- {what}:\n{line['failure']}\n", flush=True)
        if child is not None and child.process.poll() is None:
            child.end()
    return len(left), found


def report(state):
    """The counts of a state file as a table."""
    lines = done_before(state)
    rows = collections.defaultdict(collections.Counter)
    for line in lines:
        rows[line["group"]].update(line["counts"])
    kinds = ("agreed", "refused", "answered")
    out = ["| functions | calls | agreed | refused | answered |", "|---|--:|--:|--:|--:|"]
    total = collections.Counter()
    for group in sorted(g for g in rows if g):
        total.update(rows[group])
        out.append(_row(group, rows[group], kinds))
    out.append(_row("**all**", total, kinds))
    return "\n".join(out) + "\n"


def _row(title, counts, kinds):
    cells = [sum(counts.values()), *(counts[kind] for kind in kinds)]
    return f"| {title} | " + " | ".join(f"{n:,}" for n in cells) + " |"


def main():
    layout = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=layout)
    parser.add_argument("--calls", type=int, default=200_000, help="how many calls in all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=5, help="stop after this time")
    parser.add_argument("--limit", type=float, default=60, help="seconds that a call may take")
    parser.add_argument("--state", type=Path, default=Path("fuzz.jsonl"))
    parser.add_argument("--only", help="a part of GROUP:NAME")
    parser.add_argument("--shrink", action="store_true", help="look for the smallest call that fails")
    parser.add_argument("--report", type=Path, help="write the counts of the state file, and stop")
    parser.add_argument("--work", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        return work(options)
    if options.report:
        options.report.write_text(report(options.state))
        return None
    left, found = fuzz(options)
    lines = done_before(options.state)
    calls = sum(sum(line["counts"].values()) for line in lines)
    print(f"{calls} calls so far, {left} tasks left, {found} faults in this run")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
