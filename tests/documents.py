"""Code in Markdown: its blocks, and running those in Python, whose ``print`` lines say what they print."""

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
