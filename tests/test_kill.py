"""A search that is killed at any moment loses no finished trial."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kerasreg.tune.__main__ import main
from tests.alike import assert_alike

pytestmark = pytest.mark.slow

COMMON = ["--search-over", "l2,dropout", "--train-size", "200"]
ONE_BY_ONE = [*COMMON, "--max-trials", "3", "--epochs", "1", "--engine", "fit"]
# of three, one, and two trials together
BY_ROUNDS = [*COMMON, "--max-trials", "6", "--epochs", "3", "--tuner", "hyperband"]


def start(folder, arguments):
    """Starts the command in `folder`, in a process group of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "kerasreg.tune", *arguments],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def results(folder):
    """Returns what `results.json` holds, which must be whole whenever it is there."""
    path = Path(folder) / "kerasreg-tune" / "results.json"
    return json.loads(path.read_text()) if path.exists() else {"trials": [], "retraining": []}


def strip(trial):
    return {name: value for name, value in trial.items() if name != "seconds"}


@pytest.mark.skipif(os.name != "posix", reason="kill -9 is POSIX")
@pytest.mark.parametrize(
    ("arguments", "stages"),
    [(ONE_BY_ONE, ((1, 0), (3, 1))), (BY_ROUNDS, ((3, 0), (6, 1)))],
    ids=["one by one", "populations"],
)
def test_kill_9_loses_no_finished_trial_and_the_result_is_the_same(arguments, stages, tmp_path, monkeypatch):
    """Killed after so many trials and retrainings, each time while the next is under way.

    What is not to be killed runs in this process, which has TensorFlow already.
    """
    for name in ("killed", "whole"):
        (tmp_path / name).mkdir()
    known: list[dict] = []
    for trials, retrainings in stages:
        process = start(tmp_path / "killed", arguments)
        deadline = time.monotonic() + 240
        while process.poll() is None and time.monotonic() < deadline:
            now = results(tmp_path / "killed")
            if len(now["trials"]) >= trials and len(now["retraining"]) >= retrainings:
                break
            time.sleep(0.02)
        assert process.poll() is None, "the search ended before it could be killed"
        time.sleep(0.3)  # into the next network
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        now = results(tmp_path / "killed")
        assert len(now["trials"]) >= trials
        assert [strip(trial) for trial in now["trials"][: len(known)]] == [strip(trial) for trial in known]
        known = now["trials"]
    for name in ("killed", "whole"):
        monkeypatch.chdir(tmp_path / name)
        assert main(arguments) == 0
    killed, whole = results(tmp_path / "killed"), results(tmp_path / "whole")
    for part in ("trials", "retraining", "test", "winner"):
        assert_alike(killed[part], whole[part])
    names = {path.name for path in (tmp_path / "killed" / "kerasreg-tune").iterdir()}
    assert names == {"best.keras", "figures", "report.html", "results.json", "trials.csv"}
