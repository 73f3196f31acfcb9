"""`cpool completion`: the script with which a shell completes commands, options and file names."""

import argparse
import sys
from collections.abc import Iterator

from ._files import Problem

SHELLS = {
    "bash": "~/.local/share/bash-completion/completions/cpool",
    "zsh": "~/.zfunc/_cpool (a folder of $fpath, before compinit)",
    "fish": "~/.config/fish/completions/cpool.fish",
}
FILES = ("FILE", "STORE")  # metavars of what is completed by file names


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """Yield the arguments of a parser and of its commands."""
    for action in parser._actions:
        yield action
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                yield from _actions(command)


def script(parser: argparse.ArgumentParser, shell: str) -> str:
    """Return the text that makes `shell` complete the command lines of `parser`."""
    try:
        import shtab
    except ModuleNotFoundError as error:
        raise Problem('completion needs shtab: pip install "cpool[completion]"') from error
    for action in _actions(parser):
        if action.metavar in FILES:
            action.complete = shtab.FILE
    return shtab.complete(parser, shell)


def run(parser: argparse.ArgumentParser, shell: str) -> int:
    """Print the script."""
    sys.stdout.write(script(parser, shell))
    return 0
