"""A short run of the fuzzer over every group of functions; `.ci/fuzz.py` is the long one."""

import inspect
from collections import Counter

import fuzz_calls
import fuzz_judge
import numpy as np
import pytest
from fuzz_calls import LEFT_OUT, MAKERS, Call, calls, form
from fuzz_values import Dressed
from hypothesis import given, settings
from hypothesis import strategies as st

import cpool

NAMES = [name for name in cpool.__all__ if name not in LEFT_OUT]
COMPARED = ("fractional", "layers", "linear", "order", "regions", "scales", "smooth", "tokens", "unpool")
GROUPS = sorted({fuzz_judge.group_of(name) for name in NAMES})


def test_every_public_name_is_drawn():
    """A new name belongs to a group, or to the short list of what is left out."""
    assert set(LEFT_OUT) <= set(cpool.__all__)
    for name in NAMES:
        f = form(name)
        assert f.group in {*MAKERS, "layers", "stream"}, f"{name} is not fuzzed"
        if f.group == "layers":
            assert form(f.op).group in MAKERS, f"{name} has no function {f.op!r}"


@pytest.mark.parametrize("group", GROUPS)
def test_calls(group):
    names = [name for name in NAMES if fuzz_judge.group_of(name) == group]
    verdicts = Counter()

    @settings(max_examples=40)
    @given(st.sampled_from(names).flatmap(calls))
    def run(call):
        verdicts[fuzz_judge.judge(call)] += 1

    run()
    assert sum(verdicts.values()) >= 20 or group == "settings"
    if group.split(",")[0] in COMPARED and not group.endswith("jvp"):
        assert verdicts[fuzz_judge.AGREED] > 0


class TestTheJudge:
    """It has to notice what is wrong."""

    X = np.arange(12.0).reshape(3, 4)

    def call(self, name="max_pool1d", **options):
        return Call(name, {"x": Dressed(self.X.copy()), "kernel_size": 2} | options)

    def replace(self, monkeypatch, name, function):
        function.__signature__ = inspect.signature(getattr(cpool, name))
        monkeypatch.setattr(cpool, name, function)

    def test_good_calls_are_good(self):
        assert fuzz_judge.judge(self.call()) == fuzz_judge.AGREED
        assert fuzz_judge.judge(self.call(stride=0)) == fuzz_judge.REFUSED
        for out in fuzz_calls.OUTS:
            assert fuzz_judge.judge(self.call()._replace(out=out)) == fuzz_judge.AGREED

    @pytest.mark.parametrize("wrong", [
        lambda y: y + 1, lambda y: y.astype(np.float32), lambda y: y[:1], lambda y: y.view(np.matrix),
        lambda y: np.asfortranarray(y), lambda y: None, lambda y: y.astype(y.dtype.newbyteorder()),
    ])  # fmt: skip
    def test_wrong_answers(self, monkeypatch, wrong):
        right = cpool.max_pool1d
        self.replace(monkeypatch, "max_pool1d", lambda **options: wrong(right(**options)))
        with pytest.raises(AssertionError, match="max_pool1d"):
            fuzz_judge.judge(self.call())

    @pytest.mark.parametrize("error", [KeyError("x"), RuntimeError("x"), ValueError(""), IndexError("x")])
    def test_wrong_exceptions(self, monkeypatch, error):
        def raising(**_):
            raise error

        self.replace(monkeypatch, "max_pool1d", raising)
        with pytest.raises(AssertionError):
            fuzz_judge.judge(self.call()._replace(changed=("x",)))

    def test_refusals_of_what_is_legal(self, monkeypatch):
        def refusing(**_):
            raise ValueError("no")

        self.replace(monkeypatch, "max_pool1d", refusing)
        with pytest.raises(AssertionError, match="refused"):
            fuzz_judge.judge(self.call())

    def test_answers_to_what_is_not(self, monkeypatch):
        self.replace(monkeypatch, "max_pool1d", lambda **_: np.zeros((3, 2)))
        with pytest.raises(AssertionError, match="answered"):
            fuzz_judge.judge(self.call(kernel_size=9))

    def test_inputs_that_are_written(self, monkeypatch):
        right = cpool.max_pool1d

        def writing(x, **options):
            y = right(x, **options)
            x[0, 0] = 99
            return y

        self.replace(monkeypatch, "max_pool1d", writing)
        with pytest.raises(AssertionError, match="modified"):
            fuzz_judge.judge(self.call())

    def test_warnings(self, monkeypatch):
        def warning(**_):
            return np.array([1.0]) / 0

        self.replace(monkeypatch, "max_pool1d", warning)
        with pytest.raises(AssertionError, match="Warning"):
            fuzz_judge.judge(self.call())

    def test_layers_that_differ(self, monkeypatch):
        right = cpool.max_pool1d
        self.replace(monkeypatch, "max_pool1d", lambda **options: right(**options) + 1)
        call = self.call("MaxPool1d")
        with pytest.raises(AssertionError, match="layer"):
            fuzz_judge.judge(call)
