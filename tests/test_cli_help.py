"""Help where people look for it: `--help` in a narrow terminal, Tab in a shell and in Python, `help()`."""

import argparse
import pydoc
import rlcompleter
import shlex
import shutil
import subprocess
import sys

import pytest

import cpool
from cpool import __main__ as cli
from cpool._cli import _completion


def parsers():
    """The parser of each command, by its name; "" is the whole one."""
    found = {"": cli.build_parser()}
    for action in found[""]._actions:
        if isinstance(action, argparse._SubParsersAction):
            found |= action.choices
    return found


COMMANDS = sorted(parsers())


@pytest.mark.parametrize("command", COMMANDS)
class TestHelp:
    def test_fits_a_terminal(self, command, capsys, monkeypatch):
        monkeypatch.setenv("COLUMNS", "80")
        assert cli.main([*command.split(), "--help"]) == 0
        lines = capsys.readouterr().out.splitlines()
        assert lines[0].startswith(f"usage: cpool {command}".rstrip()) and max(map(len, lines)) < 80

    def test_says_what_it_does(self, command):
        parser = parsers()[command]
        assert parser.description and parser.description[0].isupper() and parser.description.endswith(".")
        for action in parser._actions:
            assert action.help or isinstance(action, argparse._SubParsersAction), action

    def test_short_options_first_and_placeholders_once(self, command):
        parser = parsers()[command]
        text = parser.format_help()
        for action in parser._actions:
            if len(action.option_strings) == 2:
                short, long = action.option_strings
                value = "" if action.nargs == 0 else f" {action.metavar}"
                assert len(short) == 2 and f"  {short}, {long}{value}" in text


def test_examples_are_right():
    for line in cli._EXAMPLES.splitlines()[1:]:
        words = line.strip().partition("   ")[0].split()[1:]
        if "--help" not in words:
            cli.build_parser().parse_args(words)


# ---- shells ----


@pytest.fixture(scope="module")
def scripts():
    pytest.importorskip("shtab")
    return {shell: _completion.script(cli.build_parser(), shell) for shell in _completion.SHELLS}


@pytest.mark.parametrize(
    ("line", "offers"),
    [
        ("m", {"max", "min"}),
        ("py", {"pyramid"}),
        ("max --ker", {"--kernel"}),
        ("max --nd", {"--ndim"}),
        ("avg --dtype ", {"float32", "float64"}),
        ("bench --op adaptive_l", {"adaptive_lp"}),
        ("max pho", {"photo.jpg", "photos"}),
        ("max -o pho", {"photo.jpg", "photos"}),
        ("completion z", {"zsh"}),
    ],
)
@pytest.mark.skipif(sys.platform == "win32" or not shutil.which("bash"), reason="no bash")
def test_bash_offers(scripts, tmp_path, line, offers):
    (tmp_path / "photo.jpg").touch()
    (tmp_path / "photos").mkdir()
    (tmp_path / "script").write_text(scripts["bash"])
    words = ["cpool", *line.split(" ")]
    program = f"""
        source ./script
        COMP_WORDS=({shlex.join(words)}); COMP_CWORD={len(words) - 1}
        $(complete -p cpool | sed 's/.*-F \\([^ ]*\\).*/\\1/')
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(["bash", "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert {word.strip().rstrip("/") for word in done.stdout.split("\n")} - {""} == offers, done.stderr


@pytest.mark.parametrize(("shell", "check"), [("bash", "-n"), ("zsh", "-n"), ("fish", "--no-execute")])
def test_a_shell_reads_its_script(scripts, tmp_path, shell, check):
    for word in ("max", "pyramid", "--kernel"):
        assert word.strip("-") in scripts[shell]
    if not shutil.which(shell):
        pytest.skip(f"no {shell}")
    (tmp_path / "script").write_text(scripts[shell])
    done = subprocess.run([shell, check, "script"], cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_completion_prints_the_script(scripts, capsys):
    for shell, text in scripts.items():
        assert cli.main(["completion", shell]) == 0
        assert capsys.readouterr() == (text, "")


def test_completion_says_what_it_needs(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "shtab", None)
    assert cli.main(["completion", "bash"]) == 2
    assert capsys.readouterr() == ("", 'cpool: completion needs shtab: pip install "cpool[completion]"\n')
    assert cli.main(["completion", "csh"]) == 2


# ---- Python ----


def test_tab_completes_every_public_name():
    assert set(cpool.__all__) <= set(dir(cpool))
    completer = rlcompleter.Completer({"cpool": cpool})
    offered = {word.rstrip("()") for word in completer.attr_matches("cpool.")}
    assert {f"cpool.{name}" for name in cpool.__all__ if name != "__version__"} <= offered
    assert not [word for word in offered if word.startswith("cpool._")]
    assert "cpool.max_pool2d(" in completer.attr_matches("cpool.max_p")


@pytest.mark.parametrize("name", ["max_pool2d", "median_pool2d", "gem_pool1d_backward", "MaxPool2d"])
def test_help_reads_well(name):
    text = pydoc.render_doc(getattr(cpool, name), renderer=pydoc.plaintext)
    assert f"{name}(" in text
    for heading in ("Parameters", "Returns", "Examples") if name == "max_pool2d" else ("Parameters",):
        assert f"\n    {heading}\n" in text or f" |  {heading}\n" in text
