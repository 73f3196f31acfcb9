"""Code in Markdown: its blocks, what those in Python print, and what those with changes change."""

import importlib.util
import re

BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# what a block may need, all of them extras
OTHERS = r"^(?:import|from) (cv2|dask|fastai|jax|keras|onnx|scipy|skimage|sklearn|tensorflow|torch|xarray)\b"


def blocks(text, language=None):
    """(language, code) of every block, or the code of those in one language."""
    found = BLOCK.findall(text)
    return found if language is None else [code for name, code in found if name == language]


def missing(code):
    """What a block imports that is not installed."""
    return [name for name in re.findall(OTHERS, code, re.MULTILINE) if importlib.util.find_spec(name) is None]


def run(code, names, origin, capsys):
    """Run a block; what each of its ``print`` lines prints is what stands in the comment behind it."""
    lines = [line for line in code.splitlines() if line.lstrip().startswith("print(")]
    exec(compile(code, str(origin), "exec"), names)
    said = [line.rpartition("  # ")[2] for line in lines]
    assert capsys.readouterr().out.splitlines() == said


def changes(text):
    """(path, before, after) of every hunk in the blocks of changes; before is "" for what goes to the end."""
    found = []
    for code in blocks(text, "diff"):
        for part in re.split(r"^--- ", code, flags=re.MULTILINE)[1:]:
            path, *hunks = re.split(r"^@@\n|\n@@\n", part, flags=re.MULTILINE)
            for hunk in hunks:
                lines = [(line[:1], line[1:]) for line in hunk.rstrip("\n").split("\n")]
                before = "".join(f"{body}\n" for mark, body in lines if mark != "+")
                after = "".join(f"{body}\n" for mark, body in lines if mark != "-")
                found.append((path.strip(), before, after))
    return found
