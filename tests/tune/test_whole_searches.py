"""The command runs to its report with every strategy, every engine and every network."""

import csv
import json
import subprocess
import sys

import keras
import numpy as np
import pytest
from sklearn.datasets import load_digits

from kerasreg.tune import search, spaces
from kerasreg.tune.__main__ import main
from kerasreg.tune.settings import ENGINES, TUNERS

# Bayesian search models the scores from its fifth trial on, and of four Hyperband promotes one.
TRIALS = {"random": 2, "grid": 2, "bayesian": 5, "hyperband": 4}
SMALL = {
    "mlp": {"num_layers": 1, "units": 4},
    "cnn": {"num_blocks": 1, "filters": 2, "kernel_size": 3, "dense_units": 4, "normalization": "none"},
    "autoencoder": {"num_layers": 1, "units": 4, "bottleneck": 2},
}
QUICK = [("mlp", "population", "bayesian"), ("mlp", "population", "hyperband")]  # what each change is to run
EVERY = [
    pytest.param(*case, marks=[] if case in QUICK else pytest.mark.slow)
    for case in ((model, engine, tuner) for model in SMALL for engine in ENGINES for tuner in TUNERS)
]


@pytest.fixture(scope="module")
def digits_file(tmp_path_factory):
    """Forty digits, as a user's file."""
    x, y = load_digits(return_X_y=True)
    path = tmp_path_factory.mktemp("data") / "mine.npz"
    np.savez(path, x=(x[:40] / 16).reshape(-1, 8, 8, 1), y=y[:40] % 2)
    return path


@pytest.fixture
def small_networks(monkeypatch):
    """Networks of a few units, and two fresh ones; the command has no options for either."""
    for model, sizes in SMALL.items():
        for name, value in sizes.items():
            monkeypatch.setitem(spaces.FIXED[model], name, value)
    monkeypatch.setitem(search.__kwdefaults__, "fresh_seeds", 2)


@pytest.mark.parametrize(("model", "engine", "tuner"), EVERY)
def test_a_search_runs_to_its_report_and_is_finished_then(
    model, engine, tuner, digits_file, small_networks, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    arguments = [
        model, "--data", str(digits_file), "--engine", engine, "--tuner", tuner, "--epochs", "3",
        "--search-over", "l2,learning_rate", "--max-trials", str(TRIALS[tuner]), "--output-dir", "found",
    ]  # fmt: skip
    assert main(arguments) == 0
    said = capsys.readouterr()
    assert said.out.splitlines()[-1] == "Report: found/report.html"
    results = json.loads((tmp_path / "found" / "results.json").read_text())
    assert [trial["status"] for trial in results["trials"]] == ["completed"] * TRIALS[tuner]
    with (tmp_path / "found" / "trials.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    for row, trial in zip(rows, results["trials"], strict=True):
        assert float(row["l2"]) == trial["hyperparameters"]["l2"]
    page = (tmp_path / "found" / "report.html").read_text()
    assert page.rstrip().endswith("</html>")
    assert keras.models.load_model(tmp_path / "found" / "best.keras").input_shape == (None, 8, 8, 1)

    def train_again(*arguments, **options):
        raise AssertionError("the search is finished")

    monkeypatch.setattr("kerasreg.tune.retraining.train", train_again)
    monkeypatch.setattr("kerasreg.tune.running.train", train_again)
    assert main([*arguments, "--quiet"]) == 0
    again = json.loads((tmp_path / "found" / "results.json").read_text())
    assert {**again, "command": None} == {**results, "command": None}


@pytest.mark.slow
def test_a_bayesian_search_ends_in_its_report_in_a_process_of_its_own(digits_file, tmp_path):
    command = [sys.executable, "-m", "kerasreg.tune", "--data", str(digits_file), "--tuner", "bayesian"]
    command += ["--max-trials", "6", "--epochs", "2"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "Report: kerasreg-tune/report.html"
    assert (tmp_path / "kerasreg-tune" / "report.html").stat().st_size > 10_000
