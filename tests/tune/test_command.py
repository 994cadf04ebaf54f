"""The command does what docs/command.md says, and ends as a command should."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from kerasreg.tune.__main__ import main
from kerasreg.tune.spaces import DEFAULT_SEARCH_OVER


def run_command(*arguments, folder, **options):
    """Runs the command as a user does, in `folder`."""
    command = [sys.executable, "-m", "kerasreg.tune", *map(str, arguments)]
    environment = {name: value for name, value in os.environ.items() if name != "TF_CPP_MIN_LOG_LEVEL"}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, **options
    )


def test_the_help_names_every_option(capsys):
    with pytest.raises(SystemExit) as exit_:
        main(["--help"])
    assert exit_.value.code == 0
    text = capsys.readouterr().out
    options = (
        "--data --train-size --tuner --engine --max-trials --epochs --patience --folds --repeats "
        "--search-over --time-budget --seed --output-dir --overwrite --quiet --objective --task "
        "--drop-duplicates --patch-size"
    )
    assert [option for option in options.split() if option not in text] == []
    knobs = ",".join(DEFAULT_SEARCH_OVER["autoencoder"])
    assert f"(default: size,l1,l2,dropout; autoencoder: {knobs})" in " ".join(text.split())


def test_a_whole_run_on_a_users_file_prints_the_answer_and_no_noise(tmp_path, capsys, monkeypatch):
    """Two kinds of points that a line divides, in so few epochs that TensorFlow would advise on retracing."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 3)) * [1, 100, 0.01]  # features of very different scale
    np.savez(tmp_path / "points.npz", x=x, y=(x[:, 0] + x[:, 1] / 100 > 0).astype(int))
    arguments = ["--data", "points.npz", "--max-trials", 2, "--epochs", 3, "--search-over", "l2"]
    done = run_command(*arguments, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert " s), 2 of 2 ended" in done.stdout
    assert "Report: kerasreg-tune/report.html" in done.stdout
    record = json.loads((tmp_path / "kerasreg-tune" / "results.json").read_text())
    assert record["test"]["mean"] > 0.7
    assert record["command"] == (
        "python -m kerasreg.tune --data points.npz --max-trials 2 --epochs 3 --search-over l2"
    )
    monkeypatch.chdir(tmp_path)
    arguments = [*map(str, arguments)]
    assert main([*arguments, "--quiet"]) == 0  # the same search: nothing to train
    quiet = capsys.readouterr()
    assert quiet.err == ""
    answer, report = quiet.out.splitlines()
    assert answer.startswith("A multilayer perceptron with l2 = ")
    assert report == "Report: kerasreg-tune/report.html"
    assert main([*arguments, "--seed", "1"]) == 2
    assert capsys.readouterr().err.startswith(
        "kerasreg.tune: 'kerasreg-tune' holds another search: seed was 0 and is now 1;"
    )


def test_a_search_that_fails_has_status_1_and_no_traceback(capsys, monkeypatch, tmp_path):
    from kerasreg.population import single_fit

    def fail(*arguments, **options):
        raise RuntimeError("no luck")

    monkeypatch.setattr(single_fit.keras.Model, "fit", fail)
    monkeypatch.chdir(tmp_path)
    assert main(["--max-trials", "2", "--engine", "fit"]) == 1
    assert capsys.readouterr().err == (
        "kerasreg.tune: All 2 trials failed, the last one with: RuntimeError: no luck "
        "Every cause stands in 'kerasreg-tune/results.json'.\n"
    )


def test_a_full_disk_has_status_1_and_keeps_what_was_finished(capsys, monkeypatch, tmp_path):
    import errno

    from kerasreg.tune import store

    written = []

    def full_after_one(path, content):
        written.append(path)
        if len(written) > 2:  # trials.csv and results.json of the two trials, which end together
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        path.write_text(content)

    monkeypatch.setattr(store, "write_atomically", full_after_one)
    monkeypatch.chdir(tmp_path)
    assert main(["--max-trials", "2", "--epochs", "1", "--search-over", "l2"]) == 1
    assert capsys.readouterr().err == (
        "kerasreg.tune: A file could not be written or read ([Errno 28] No space left on device: "
        "'kerasreg-tune/trials.csv'). Once this is mended: 2 finished trials are kept in 'kerasreg-tune'; "
        "the same command goes on from there.\n"
    )
    assert len(json.loads((tmp_path / "kerasreg-tune" / "results.json").read_text())["trials"]) == 2


def test_ctrl_c_says_how_to_go_on(capsys, monkeypatch, tmp_path):
    from kerasreg.tune import searching

    def interrupt(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(searching, "run_trials", interrupt)
    monkeypatch.chdir(tmp_path)
    assert main([]) == 130
    assert capsys.readouterr().err == (
        "kerasreg.tune: Interrupted. No trial has finished, so nothing is kept; the same command begins "
        "anew.\n"
    )
