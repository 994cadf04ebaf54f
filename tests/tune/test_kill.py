"""A search that is killed at any moment loses no finished trial."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import keras_tuner
import pytest

from kerasreg.tune import PopulationTuner
from kerasreg.tune.__main__ import main
from tests.helpers.alike import assert_alike
from tests.helpers.tuners import LOSS, hypermodel, trials_of

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


TUNER = """
import sys
from tests.helpers.small import small_digits
from tests.tune.test_kill import tuner_in
tuner_in(sys.argv[1], small_digits()).search(small_digits(), epochs=1, trials_at_once=2)
"""


def tuner_in(folder, split):
    oracle = keras_tuner.oracles.RandomSearchOracle(LOSS, max_trials=6, seed=2)
    return PopulationTuner(oracle, hypermodel(split), directory=folder, project_name="project")


@pytest.mark.skipif(os.name != "posix", reason="kill -9 is POSIX")
def test_kill_9_loses_no_trial_of_a_tuner_and_the_scores_are_the_same(split, tmp_path):
    """Killed as soon as two of six trials have ended; the next ones are being built."""
    process = subprocess.Popen([sys.executable, "-c", TUNER, str(tmp_path)], stdout=subprocess.DEVNULL)
    ended = 0
    deadline = time.monotonic() + 240
    while process.poll() is None and ended < 2 and time.monotonic() < deadline:
        time.sleep(0.02)
        texts = [path.read_text() for path in (tmp_path / "project").glob("trial_*/trial.json")]
        ended = sum(json.loads(text)["status"] == "COMPLETED" for text in texts)
    process.kill()
    process.wait()
    assert process.returncode == -signal.SIGKILL, "the search ended before it could be killed"
    kept = {trial.trial_id: trial.score for trial in trials_of(tuner_in(tmp_path, split)) if trial.score}
    assert len(kept) >= 2
    for folder in (tmp_path, tmp_path / "whole"):
        tuner_in(folder, split).search(split, epochs=1, trials_at_once=2)
    again, whole = (trials_of(tuner_in(folder, split)) for folder in (tmp_path, tmp_path / "whole"))
    assert {trial.trial_id: trial.score for trial in again if trial.trial_id in kept} == kept
    assert [trial.hyperparameters.values for trial in again] == [
        trial.hyperparameters.values for trial in whole
    ]
    assert_alike([trial.score for trial in again], [trial.score for trial in whole])


def test_of_two_commands_that_begin_at_once_in_one_folder_one_is_refused(tmp_path):
    command = [sys.executable, "-m", "kerasreg.tune", *ONE_BY_ONE, "--quiet"]
    both = [
        subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    said = [process.communicate(timeout=240)[1] for process in both]
    assert sorted(process.returncode for process in both) == [0, 2]
    refused = said[0] if both[0].returncode == 2 else said[1]
    assert refused.startswith("kerasreg.tune: Another search is running in 'kerasreg-tune': ")
    assert len(results(tmp_path)["trials"]) == 3
