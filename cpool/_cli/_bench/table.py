"""The tables of `cpool bench`, 80 columns wide."""

import statistics
import sys
import textwrap
from typing import Any

from cpool._cli._bench.measure import FLOOR, OURS, TINY, count

WIDTH = 80


def duration(seconds: float) -> str:
    """Return a time with two decimals and the unit that suits it."""
    for unit, size in (("us", 1e-6), ("ms", 1e-3)):
        if seconds < 999.995 * size:
            return f"{seconds / size:.2f} {unit}"
    return f"{seconds:.2f} s"


def print_head(report: dict[str, Any]) -> None:
    text = f"cpool {report['cpool']} on {count(report['threads'], 'thread')}; {report['machine']}; "
    text += f"Python {report['python']}"
    print("\n".join(textwrap.wrap(text, WIDTH)))
    versions = ", ".join(f"{name} {version}" for name, version in report["versions"].items())
    print("\n".join(textwrap.wrap(versions, WIDTH)))
    for name, problem in report["problems"].items():
        print("\n".join(textwrap.wrap(f"left out: {name}: {problem}", WIDTH)))
    sys.stdout.flush()


def print_row(row: dict[str, Any], reasons: bool) -> None:
    print("\n" + "\n".join(textwrap.wrap(f"{row['name']}: {row['what']}", WIDTH)))
    print(f"  {'':<20}{'time':>12}{'/ cpool':>12}{'/ copy':>12}    result")
    found = row["libraries"]
    ours = found[OURS]["median_s"]
    floor = found.get(FLOOR, {}).get("median_s")
    for name, each in sorted(found.items(), key=lambda item: item[1]["median_s"]):
        took = each["median_s"]
        over = f"{took / floor:12.2f}" if floor and row["bytes"] >= TINY else " " * 12
        label = "copy of the bytes" if name == FLOOR else name
        verdict = each["verdict"] if name not in (FLOOR, OURS) else ""
        print(f"  {label:<20}{duration(took):>12}{took / ours:12.2f}{over}    {verdict}".rstrip())
    for name, reason in row["not_measured"].items():
        if reasons:
            print(
                "\n".join(
                    textwrap.wrap(
                        f"{name}: not measured, {reason}",
                        WIDTH,
                        initial_indent="  ",
                        subsequent_indent="    ",
                    )
                )
            )
    sys.stdout.flush()


def print_summary(rows: list[dict[str, Any]]) -> None:
    print()
    print(f"{'workload':<28}{'cpool':>10}{'fastest other':>14} {'':<14}{'faster':>6}{'/ copy':>7}")
    for row in rows:
        other = row["fastest_other"]
        took = duration(row["libraries"][other]["median_s"]) if other else "none"
        faster = f"{row['faster']:.2f}" if other else ""
        over = f"{row['over_copy']:.2f}" if row["over_copy"] else ""
        ours = duration(row["libraries"][OURS]["median_s"])
        name = row["name"] if len(row["name"]) < 28 else row["name"][:24] + "..."
        line = f"{name:<28}{ours:>10}{took:>14} {other or '':<14}{faster:>6}{over:>7}"
        print(line.rstrip())
    means = [geometric_mean([row[key] for row in rows]) for key in ("faster", "over_copy")]
    if len(rows) > 1:
        print(f"{'geometric mean':<67}" + f"{means[0] or '':>6}{means[1] or '':>7}")
    print()
    notes = (
        'Times are medians of rounds in which the libraries take turns. "same": the result equals cpool\'s; '
        '"close": but for rounding. A result that differs does not count as another. '
        '"/ copy": times as long as copying as many bytes as must be read and written.'
    )
    print("\n".join(textwrap.wrap(notes, WIDTH)))


def geometric_mean(values: list[float | None]) -> str:
    """Return the geometric mean of what there is, with two decimals."""
    present = [value for value in values if value]
    return f"{statistics.geometric_mean(present):.2f}" if present else ""
