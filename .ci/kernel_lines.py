"""Which lines of the kernels ran, of Cython's sources and of C headers, in a build with CPOOL_COVERAGE=1.

    python .ci/kernel_lines.py FOLDER... [--fail-under PERCENT] [--missing]

FOLDER is where a build was made; of several, and of the CPU levels of one, a line counts that ran in any.
Cython writes before the C code of a statement which line of which file it is of; a line ran if the first C
line of any of its statements did, in any of the types that a fused function is made for.
"""

import argparse
import json
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

STATEMENT = re.compile(r' */\* "(cpool/[^"]+\.p(?:yx|xd|xi))":(\d+)$')
END = re.compile(r"\}|  /\* function exit code \*/|/\* Python wrapper \*/")


def counted(folder):
    """(path, {line: how often it ran}) of every file that gcov knows of, once per module that it is in."""
    for data in sorted(folder.glob("build/temp*/**/*.gcda")):
        command = ["gcov", "--json-format", "--stdout", data.name]
        told = subprocess.run(command, cwd=data.parent, capture_output=True, check=True, text=True).stdout
        for part in told.splitlines():
            for file in json.loads(part)["files"]:
                lines = defaultdict(int)
                for line in file["lines"]:
                    lines[line["line_number"]] += line["count"]
                yield file["file"], lines


def statements(generated):
    """(path, line, first and last line of C code) of every statement in what Cython has written."""
    at, start = None, 0
    for number, text in enumerate(generated.read_text(encoding="utf-8").splitlines(), 1):
        found = STATEMENT.match(text)
        if at and (found or END.match(text)):
            yield *at, start, number
            at = None
        if found:
            at, start = (found[1], int(found[2])), number


def ran(folders):
    """{path: {line: whether it ran}} for the sources of the kernels."""
    files = defaultdict(dict)
    for folder, path, lines in ((where, *each) for where in folders for each in counted(where)):
        if path.endswith(".h") and "_kernels/" in path and not path.startswith("/usr"):
            for line, count in lines.items():
                name = "cpool/_kernels/" + Path(path).name
                files[name][line] = files[name].get(line, False) or count > 0
        elif path.endswith(".c") and "cpool" in path:
            for name, line, start, stop in statements(folder / path):
                first = next((at for at in range(start, stop) if at in lines), None)
                if first is not None:
                    files[name][line] = files[name].get(line, False) or lines[first] > 0
    return files


def ranges(numbers):
    """Numbers as text, neighbours together: 3-5, 9."""
    found = []
    for number in sorted(numbers):
        if found and number == found[-1][1] + 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in found)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folders", metavar="FOLDER", type=Path, nargs="+")
    parser.add_argument("--fail-under", type=float, default=0)
    parser.add_argument("--missing", action="store_true", help="name the lines that did not run")
    options = parser.parse_args()
    files = ran(options.folders)
    if not files:
        sys.exit("nothing was counted: build with CPOOL_COVERAGE=1, then run the tests")
    lines = hits = 0
    for name, each in sorted(files.items()):
        missed = [line for line, hit in each.items() if not hit]
        lines, hits = lines + len(each), hits + len(each) - len(missed)
        print(f"{name:40} {len(each):6} {100 - 100 * len(missed) / len(each):7.2f} %"
              + (f"  {ranges(missed)}" if options.missing and missed else ""))
    percent = 100 * hits / lines
    print(f"{'all kernels':40} {lines:6} {percent:7.2f} %")
    sys.exit(percent < options.fail_under)


if __name__ == "__main__":
    main()
