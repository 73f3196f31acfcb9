"""The picture of `cpool bench --plot`: a row for each workload, a mark for each library."""

import textwrap
from typing import IO, Any

import matplotlib
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

from cpool._cli._bench.measure import FLOOR, OURS, agrees, count
from cpool._cli._bench.peers import PEERS
from cpool._cli._bench.table import duration

# Colours that colour-blind readers can tell apart (Okabe and Ito), each with several marks.
COLOURS = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#8C6D31"]
MARKS = "osD^vPX<>hp*"
OUR_COLOUR = "#D55E00"
_WHOLE: dict[str, Any] = {"markeredgecolor": "white", "markeredgewidth": 0.5}
_HOLLOW: dict[str, Any] = {"markerfacecolor": "none"}


def draw(report: dict[str, Any], stream: IO[bytes], suffix: str) -> None:
    """Write the picture of a report to `stream`."""
    rows = report["workloads"]
    others = [name for name in PEERS if name not in (FLOOR, OURS)]
    shown = [name for name in others if any(name in row["libraries"] for row in rows)]
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": "cpool", "font.size": 9}):
        figure = Figure(figsize=(9, 1.9 + 0.3 * len(rows)), layout="constrained")
        axes = figure.subplots()
        for i, row in enumerate(rows):
            found = row["libraries"]
            ours = found[OURS]["median_s"]
            axes.axhline(i, color="#e4e4e4", linewidth=0.8, zorder=0)
            if FLOOR in found and row["over_copy"]:
                axes.plot(
                    1 / row["over_copy"], i, "|", color="black", markersize=11, markeredgewidth=1.6, zorder=3
                )
            for name in shown:
                if name in found:
                    k = others.index(name)
                    edge = _WHOLE if agrees(found[name]) else _HOLLOW
                    mark: dict[str, Any] = {
                        "marker": MARKS[k % len(MARKS)],
                        "color": COLOURS[k % len(COLOURS)],
                    }
                    axes.plot(found[name]["median_s"] / ours, i, markersize=7, zorder=2, **mark, **edge)
            axes.text(1.01, i, duration(ours), transform=axes.get_yaxis_transform(), va="center")
        axes.axvline(1, color=OUR_COLOUR, linewidth=2, zorder=1)
        handles = [axes.plot([], [], color=OUR_COLOUR, linewidth=2, label="cpool (its time at the right)")[0]]
        handles += axes.plot(
            [], [], "|", color="black", markersize=11, markeredgewidth=1.6, label="copy of the bytes"
        )
        for name in shown:
            k = others.index(name)
            handles += axes.plot([], [], MARKS[k % len(MARKS)], color=COLOURS[k % len(COLOURS)], label=name)
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.set_xlabel("time divided by cpool's (right of the line: slower than cpool)")
        axes.set_yticks(range(len(rows)), [row["name"] for row in rows])
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.tick_params(axis="y", length=0)
        axes.spines[["top", "right", "left"]].set_visible(False)
        figure.legend(handles=handles, loc="outside upper center", ncols=5, frameon=False, fontsize=8)
        figure.supxlabel("\n".join(textwrap.wrap(_caption(report), 120)), fontsize=7, color="#555555")
        # a picture of the same figures has the same bytes: no date
        about = {"Date": None} if suffix == "svg" else {"CreationDate": None} if suffix == "pdf" else {}
        figure.savefig(stream, format=suffix, dpi=150, metadata=about)


def _caption(report: dict[str, Any]) -> str:
    libraries = ", ".join(
        f"{name} {version}" for name, version in {"cpool": report["cpool"], **report["versions"]}.items()
    )
    text = (
        f"{count(report['threads'], 'thread')}, {report['machine']}, Python {report['python']}; {libraries}. "
    )
    text += f"Medians of {count(report['rounds'], 'round')}."
    if any(
        not agrees(each)
        for row in report["workloads"]
        for name, each in row["libraries"].items()
        if name not in (FLOOR, OURS)
    ):
        text += " Hollow: the result differs from cpool's."
    return text
