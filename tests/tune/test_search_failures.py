"""What fails in a search is recorded and said, and bad input is refused before it."""

import math
from dataclasses import replace

import numpy as np
import pytest

from kerasreg import noisy_parabola
from kerasreg.checks import InvalidInput, SearchFailed
from kerasreg.tune import OneOf, search, training
from tests.helpers.interrupting import InterruptAfter
from tests.helpers.small import QUICK


@pytest.mark.slow
def test_a_diverging_trial_is_recorded_and_the_search_goes_on(split, tmp_path):
    options = {**QUICK, "search_over": ("learning_rate",), "tuner": "grid", "max_trials": 2}
    options["space"] = {"learning_rate": OneOf((1e-3, 1e38))}
    result = search("mlp", split, directory=tmp_path, **options)
    failed = next(trial for trial in result.trials if trial.hyperparameters["learning_rate"] == 1e38)
    assert failed.status == "failed"
    assert failed.score is None
    assert failed.error == "The loss became NaN or infinite in epoch 1."
    assert result.winner["hyperparameters"]["learning_rate"] == 1e-3


def test_a_trial_that_diverged_in_its_second_fold_does_not_stop_the_resuming(split, tmp_path, monkeypatch):
    """NaN among the scores is null in the JSON, and NaN again when it is read."""
    fit_one, calls = training.fit_one, []

    def diverge_in_the_second_fold(*arguments, **options):
        member = fit_one(*arguments, **options)
        calls.append(member)
        return replace(member, score=math.nan, stop_reason="diverged") if len(calls) == 2 else member

    monkeypatch.setattr(training, "fit_one", diverge_in_the_second_fold)
    options = {**QUICK, "max_trials": 2, "folds": 2, "fresh_seeds": 1, "epochs": 1, "engine": "fit"}
    with pytest.raises(KeyboardInterrupt):
        search("mlp", split, directory=tmp_path, progress=InterruptAfter(trials=1), **options)
    resumed = search("mlp", split, directory=tmp_path, **options)
    assert [trial.status for trial in resumed.trials] == ["failed", "completed"]
    assert math.isnan(resumed.trials[0].scores[1])
    assert len(resumed.to_frame()) == 2


def test_a_winner_that_cannot_be_retrained_is_said_without_a_traceback(split, tmp_path, monkeypatch):
    fit_population, calls = training.fit_population, []

    def fail_the_second_time(*arguments, **options):
        calls.append(options)
        if len(calls) > 1:
            raise RuntimeError("no memory")
        return fit_population(*arguments, **options)

    options = {**QUICK, "max_trials": 1}
    monkeypatch.setattr(training, "fit_population", fail_the_second_time)
    with pytest.raises(SearchFailed) as error:
        search("mlp", split, directory=tmp_path, **options)
    assert str(error.value) == (
        "The winner, trial 1, could not be retrained: RuntimeError: no memory "
        f"The trials are kept in '{tmp_path}'; the same search goes on from there."
    )
    monkeypatch.undo()
    assert search("mlp", split, directory=tmp_path, **options).test is not None


def test_a_network_too_large_for_the_memory_is_recorded_and_the_search_goes_on(split, tmp_path):
    options = {**QUICK, "search_over": ("size",), "tuner": "grid", "max_trials": 4, "fixed": {}}
    options["space"] = {"num_layers": OneOf((1,)), "units": OneOf((16, 10**12))}
    result = search("mlp", split, directory=tmp_path, **options)
    by_units = {trial.hyperparameters["units"]: trial for trial in result.trials}
    assert by_units[16].status == "completed"
    assert by_units[10**12].status == "failed"
    assert by_units[10**12].error.startswith("ResourceExhaustedError: OOM when allocating tensor with shape")


def test_a_search_whose_trials_all_fail_says_why(split, tmp_path):
    options = {**QUICK, "max_trials": 4, "fixed": {**QUICK["fixed"], "learning_rate": 1e38}}
    with pytest.raises(SearchFailed) as error:
        search("mlp", split, directory=tmp_path, **options)
    assert str(error.value) == (
        "All 4 trials failed, the last one with: The loss became NaN or infinite in epoch 1. "
        f"Every cause stands in '{tmp_path}/results.json'."
    )
    assert "found no network" in (tmp_path / "report.html").read_text()
    with pytest.raises(SearchFailed, match="All 4 trials failed"):  # nothing is trained again
        search("mlp", split, directory=tmp_path, **options)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"time_budget": 0}, "time_budget must be a number above 0; received 0."),
        ({"seed": -1}, "seed must be a whole number of at least 0; received -1."),
        ({"fixed": {"batch_size": 0}}, "batch_size must be a whole number of at least 1; received 0."),
        (
            {"space": {"l2": (1e-5, 1e-3)}},
            "The range of l2 must be a Real, a Whole or a OneOf of kerasreg.tune; received (1e-05, 0.001).",
        ),
        (
            {"search_over": "l2,weight"},
            "search_over received weight; a search of the mlp can be over size, l1, l2, dropout, "
            "dropconnect, noise, normalization, max_norm, learning_rate, batch_size, label_smoothing.",
        ),
        (
            {"tuner": "hyperband", "epochs": 50, "max_trials": 34},
            "Hyperband begins with 34 short trials where epochs is 50, and needs more to promote the best of "
            "them; received max_trials 34. Allow more trials or fewer epochs, or take another tuner.",
        ),
    ],
)
def test_wrong_arguments_are_refused(wrong, message, split, tmp_path):
    with pytest.raises(InvalidInput) as error:
        search("mlp", split, directory=tmp_path, **{**QUICK, **wrong})
    assert str(error.value) == message


def test_a_split_without_validation_needs_folds(tmp_path):
    with pytest.raises(InvalidInput) as error:
        search("mlp", noisy_parabola(20), directory=tmp_path, **QUICK)
    assert str(error.value) == (
        "The split has no validation part to choose by; give one, or search with folds of at least 2."
    )


def test_what_is_no_split_is_refused(tmp_path):
    with pytest.raises(InvalidInput) as error:
        search("mlp", np.zeros((3, 2)), directory=tmp_path)
    assert str(error.value) == (
        "split must be a Split; received an array of shape (3, 2). Make one of your arrays with "
        "Split.from_arrays(x, y)."
    )
