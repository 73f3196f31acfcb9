"""Measure again what the README says about speed: its figures and its picture. Run it on an idle machine.

`python .ci/speed.py`, with an interpreter that has cpool[bench] and every library to compare with, runs the
commands of the README's section "Speed" and puts the results into that section and into .github/images. With
`--draft`, one round each: to look at the layout.
"""

import json
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

ROOT = Path(__file__).parent.parent
BEGIN, END = "<!-- figures by .ci/speed.py -->\n", "<!-- end of figures -->\n"
SHOWN = [
    "resnet_stem/f32",
    "resnet_stem/f32_indices",
    "resnet_stem/bf16",
    "resnet_gap/f32",
    "image_block_mean/u8_2",
    "morphology/f32_31",
    "video/max_333s2p1",
    "backward/resnet_stem_max",
    "tiny/max_4x4",
]


def commands(readme):
    """Return the commands of the section, as lists of words."""
    block = re.search(r"^## Speed$.*?^```sh\n(.*?)^```$", readme, re.MULTILINE | re.DOTALL)
    return [line.split() for line in block[1].splitlines()]


def times(row):
    """Return cpool's time, and the fastest other's with its name."""
    from cpool._cli._bench.table import duration

    found, other = row["libraries"], row["fastest_other"]
    theirs = f"{duration(found[other]['median_s'])} ({other})" if other else "none"
    return duration(found["cpool"]["median_s"]), theirs


def section(reports):
    """Return the figures as Markdown."""
    by_name = [{row["name"]: row for row in report["workloads"]} for report in reports]
    threads = [f"{report['threads']} thread{'s' if report['threads'] > 1 else ''}" for report in reports]
    lines = ["| layer | " + " | ".join(f"{each}: cpool | fastest other" for each in threads) + " |"]
    lines.append("|---" * (1 + 2 * len(reports)) + "|")
    for name in SHOWN:
        cells = [cell for rows in by_name for cell in times(rows[name])]
        lines.append(f"| {by_name[0][name]['what']} | " + " | ".join(cells) + " |")
    lines.append("")
    for report, each in zip(reports, threads, strict=True):
        rows = report["workloads"]
        faster = statistics.geometric_mean([row["faster"] for row in rows if row["faster"]])
        over = statistics.geometric_mean([row["over_copy"] for row in rows if row["over_copy"]])
        first = sum(row["faster"] is None or row["faster"] >= 1 for row in rows)
        lines.append(
            f"- {each}: cpool is the fastest on {first} of the {len(rows)} layers. In the geometric mean\n"
            f"  the fastest other takes {faster:.2f} times as long, cpool {over:.2f} times as long as a copy."
        )
    last = reports[-1]
    versions = ", ".join(f"{name} {version}" for name, version in last["versions"].items())
    rounds = f"{last['rounds']} round" + "s" * (last["rounds"] > 1)
    text = f"Medians of {rounds} on {last['machine']}; Python {last['python']}, "
    text += f"cpool {last['cpool']}, {versions}."
    return "\n".join([*lines, "", *textwrap.wrap(text, 118)]) + "\n"


def main(draft):
    path = ROOT / "README.md"
    readme = path.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        reports = []
        for words in commands(readme):
            words = [sys.executable, "-m", *words] + ["--rounds", "1"] * draft
            subprocess.run(words, check=True, cwd=folder)
            with open(Path(folder, words[words.index("--json") + 1])) as file:
                reports.append(json.load(file))
        for picture in Path(folder).glob("*.png"):
            shutil.copyfile(picture, ROOT / ".github" / "images" / picture.name)
    before, _, rest = readme.partition(BEGIN)
    _, _, after = rest.partition(END)
    path.write_text(before + BEGIN + section(reports) + END + after, encoding="utf-8")


if __name__ == "__main__":
    main("--draft" in sys.argv[1:])
