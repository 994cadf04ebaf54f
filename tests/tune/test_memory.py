"""A command that has grown too large goes on in a fresh process, to the same result."""

import json
import os
import subprocess
import sys

import pytest

from kerasreg.tune import memory, search
from kerasreg.tune.memory import GROWTH, LIMIT, FreshProcessNeeded, Memory, resident_bytes
from tests.helpers.alike import assert_alike
from tests.helpers.small import QUICK

ARGUMENTS = ["--max-trials", "2", "--epochs", "1", "--search-over", "l2", "--train-size", "100", "--quiet"]
FULL = """
import sys
from kerasreg.tune import memory
memory.LIMIT, memory.GROWTH = 0, -1e12
from kerasreg.tune.__main__ import command
sys.exit(command())
"""


def grown(*sizes: float, bounded: bool = True) -> int:
    """Returns after how many checks a process of these sizes is to be replaced; 0 if it is never."""
    sizes = list(sizes)
    watching = Memory(bounded=bounded, resident=lambda: sizes[0])
    for count in range(1, len(sizes) + 1):
        try:
            watching.check()
        except FreshProcessNeeded:
            return count
        if len(sizes) > 1:
            sizes.pop(0)
    return 0


def test_a_process_is_replaced_when_it_has_grown_above_the_limit():
    assert grown(0.8e9, 1.1e9, LIMIT + 1, 1.4e9) == 3
    assert grown(0.8e9, 1.1e9, LIMIT - 1) == 0
    assert grown(0.8e9, 2e9, bounded=False) == 0


def test_a_process_that_is_not_ours_is_told_once_that_it_has_grown():
    sizes = iter([1e9, 1e9, 2.4e9, 2.6e9, 5e9])
    watching = Memory(bounded=False, resident=lambda: next(sizes))
    watching.check()
    watching.check()
    with pytest.warns(UserWarning, match="has grown by") as said:
        watching.check()
    assert [str(warning.message) for warning in said] == [
        "This process has grown by 1.6 GB since the search began, as TensorFlow keeps every program that it "
        "has compiled until its process ends. Where memory is short, interrupt the search and call it again "
        "in a fresh process, where it goes on from its finished trials."
    ]
    watching.check()


def test_large_data_do_not_replace_a_process_that_has_grown_by_little():
    assert grown(5e9, 5e9 + GROWTH - 1, 5e9 + GROWTH + 1) == 3


def test_the_memory_that_is_measured_is_the_processes_own():
    before = resident_bytes()
    block = b"1" * 100_000_000
    assert len(block) * 0.9 < resident_bytes() - before < len(block) * 1.5


@pytest.mark.slow
@pytest.mark.parametrize(
    ("engine", "options", "trials"),
    [
        ("fit", {"max_trials": 2, "epochs": 1}, 1),
        ("population", {"max_trials": 4, "epochs": 3, "tuner": "hyperband"}, 3),  # its first round
    ],
)
def test_a_search_that_is_cut_for_its_memory_goes_on_to_the_same_result(
    split, engine, options, trials, tmp_path, monkeypatch
):
    options = QUICK | {"engine": engine, "fresh_seeds": 1, **options}
    whole = search("mlp", split, directory=tmp_path / "whole", **options)
    with monkeypatch.context() as patch:
        patch.setattr(memory, "LIMIT", 0.0)
        patch.setattr(memory, "GROWTH", -1e12)
        patch.setattr(memory, "_replaceable", True)
        with pytest.raises(FreshProcessNeeded):
            search("mlp", split, directory=tmp_path / "cut", **options)
    recorded = json.loads((tmp_path / "cut" / "results.json").read_text())["trials"]
    assert len(recorded) == trials
    again = search("mlp", split, directory=tmp_path / "cut", **options)
    assert_alike(again.to_dict(), whole.to_dict(), rel=1e-9)


def test_a_search_called_from_python_never_ends_its_process(monkeypatch):
    assert not memory.memory_of_search().bounded
    monkeypatch.setattr(memory, "_replaceable", True)
    assert memory.memory_of_search().bounded


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the memory of a process is read from Linux' /proc")
def test_the_command_goes_on_in_fresh_processes_and_discards_nothing_of_its_own(tmp_path):
    options = [*ARGUMENTS, "--engine", "fit", "--overwrite"]
    for folder, start in (("whole", ["-m", "kerasreg.tune"]), ("cut", ["-c", FULL])):
        subprocess.run(
            [sys.executable, *start, *options, "--output-dir", str(tmp_path / folder)],
            check=True,
            capture_output=True,
            env=dict(os.environ),
        )
    whole, cut = (json.loads((tmp_path / folder / "results.json").read_text()) for folder in ("whole", "cut"))
    assert len(cut["trials"]) == 2
    assert_alike(cut["trials"], whole["trials"], rel=1e-9)
    assert cut["winner"] == whole["winner"]
