"""Make the links of the README absolute, as a package index shows it away from the files that it links to.

`python .ci/absolute_links.py https://host/owner/repository v1.2.3` changes README.md in place, for a build
that is to be published; what is committed keeps its relative links, which work in every copy.
"""

import re
import sys
from pathlib import Path


def absolute(text, base, ref):
    """The text with links to files as they are at this tag or commit; images as the files themselves."""

    def link(found):
        mark, label, target = found.groups()
        if re.match(r"#|[a-z]+:", target):
            return found[0]
        return f"{mark}[{label}]({base}/{'raw' if mark else 'blob'}/{ref}/{target})"

    parts = re.split(r"(^```.*?^```$)", text, flags=re.MULTILINE | re.DOTALL)
    parts[::2] = [re.sub(r"(!?)\[([^]]*)\]\(([^)\s]+)\)", link, part) for part in parts[::2]]
    return "".join(parts)


def main(base, ref):
    path = Path(__file__).parent.parent / "README.md"
    path.write_text(absolute(path.read_text(encoding="utf-8"), base.rstrip("/"), ref), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
