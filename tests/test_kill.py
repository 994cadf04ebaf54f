"""A search that is killed at any moment loses no finished trial."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ARGUMENTS = ["--max-trials", "6", "--epochs", "2", "--search-over", "l2,dropout", "--train-size", "200"]


def start(folder):
    """Starts the command in `folder`, in a process group of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "kerasreg.tune", *ARGUMENTS],
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
def test_kill_9_loses_no_finished_trial_and_the_result_is_the_same(tmp_path):
    """Killed after one trial, after three, after a retraining, each time while the next is under way."""
    for name in ("killed", "whole"):
        (tmp_path / name).mkdir()
    known: list[dict] = []
    for trials, retrainings in ((1, 0), (3, 0), (6, 1)):
        process = start(tmp_path / "killed")
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
        assert start(tmp_path / name).wait() == 0
    killed, whole = results(tmp_path / "killed"), results(tmp_path / "whole")
    assert [strip(trial) for trial in killed["trials"]] == [strip(trial) for trial in whole["trials"]]
    assert [strip(entry) for entry in killed["retraining"]] == [strip(entry) for entry in whole["retraining"]]
    assert killed["test"] == whole["test"]
    assert killed["winner"] == whole["winner"]
    names = {path.name for path in (tmp_path / "killed" / "kerasreg-tune").iterdir()}
    assert names == {"best.keras", "figures", "report.html", "results.json", "trials.csv"}
