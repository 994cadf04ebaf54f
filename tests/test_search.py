"""A search chooses on validation, tests afresh, and is the same search every time."""

import json
import math
from dataclasses import asdict, replace

import keras
import numpy as np
import pytest

from kerasreg import load_digits_split, noisy_parabola
from kerasreg.checks import InvalidInput, SearchFailed
from kerasreg.report import snippet
from kerasreg.tune import OneOf, running, search, training
from kerasreg.tune.asking import LEARNING_BATCH
from kerasreg.tune.progress import Progress
from kerasreg.tune.settings import ENGINES, TUNERS
from tests.alike import ROUNDING, assert_alike
from tests.small import QUICK, small_digits, small_regression, small_table


@pytest.fixture(scope="module")
def split():
    return small_digits()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("search")


@pytest.fixture(scope="module")
def result(split, folder):
    return search("mlp", split, directory=folder, **QUICK)


def assert_same_search(ours, theirs, **options):
    """Equal but for rounding, what the clock says and how it was called."""
    assert_alike(ours.to_dict(), theirs.to_dict(), **options)


class InterruptAfter(Progress):
    """Ctrl-C after so many trials or retrainings."""

    def __init__(self, trials=math.inf, retrainings=math.inf):
        self.trials, self.retrainings = trials, retrainings

    def trial_done(self, trial, result):
        if len(result.trials) == self.trials:
            raise KeyboardInterrupt

    def retraining_done(self, entry):
        self.retrainings -= 1
        if self.retrainings == 0:
            raise KeyboardInterrupt


def test_a_score_is_the_best_epoch_of_the_unpenalised_validation_metric(result):
    for trial in result.trials:
        (history,), (best_epoch,) = trial.history, trial.best_epoch
        assert trial.scores == [trial.score] == [min(history["val_cross_entropy"])]
        assert history["val_cross_entropy"][best_epoch - 1] == trial.score
        assert min(history["val_loss"]) > trial.score  # the penalty is in the loss, not in the score


def test_the_winner_has_the_best_score(result):
    best = min(result.trials, key=lambda trial: trial.score)
    assert result.winner["trial_id"] == best.trial_id
    assert result.winner["score"] == best.score


def test_the_test_result_is_the_fresh_networks(result, split):
    scores = [entry["test"]["accuracy"] for entry in result.retraining]
    assert result.test["scores"] == scores
    assert result.test["mean"] == pytest.approx(np.mean(scores))
    assert result.test["sd"] == pytest.approx(np.std(scores, ddof=1))
    fresh = np.mean([entry["test"]["cross_entropy"] for entry in result.retraining])
    assert result.selection_optimism == pytest.approx(fresh - result.winner["score"])


def test_the_saved_network_is_the_retrained_one_of_the_best_validation_score(result, split, folder):
    best = min(result.retraining, key=lambda entry: entry["validation_score"])
    model = keras.saving.load_model(folder / "best.keras")
    measured = model.evaluate(split.x_test, split.y_test, verbose=0, return_dict=True)
    assert measured["accuracy"] == pytest.approx(best["test"]["accuracy"])
    assert measured["cross_entropy"] == pytest.approx(best["test"]["cross_entropy"], rel=1e-5)


def test_every_file_is_there_and_nothing_else(result, folder):
    names = sorted(path.name for path in folder.iterdir())
    assert names == ["best.keras", "figures", "report.html", "results.json", "trials.csv"]


def test_the_reports_snippet_rebuilds_the_winner_and_runs(split, tmp_path, capsys):
    options = {**QUICK, "max_trials": 1, "fresh_seeds": 1, "epochs": 1, "search_over": ("size", "l2")}
    options["fixed"] = {"normalization": "layer", "dropconnect": 0.2}
    code = "load_digits_split(train_size=200, seed=3)"
    found = search("mlp", load_digits_split(200, seed=3), directory=tmp_path, data_code=code, **options)
    rebuilt = {}
    exec(snippet(found), rebuilt)  # its last line prints what it measured on the test part
    assert rebuilt["model"].count_params() == found.winner["num_parameters"]
    assert "cross_entropy" in capsys.readouterr().out


def test_a_finished_search_is_not_run_again(result, split, folder, monkeypatch):
    monkeypatch.setattr(keras.Model, "fit", None)
    again = search("mlp", split, directory=folder, **QUICK)
    assert again.to_dict() == result.to_dict()


def test_the_same_seed_is_the_same_search(result, split, tmp_path):
    assert_same_search(search("mlp", split, directory=tmp_path, **QUICK), result)


def test_one_by_one_the_same_seed_is_the_same_search_to_the_last_bit(split, tmp_path):
    options = {**QUICK, "max_trials": 2, "engine": "fit"}
    first = search("mlp", split, directory=tmp_path / "first", **options)
    again = search("mlp", split, directory=tmp_path / "again", **options)
    assert_same_search(first, again, rel=0.0)


def test_another_seed_is_another_search(result, split, tmp_path):
    other = search("mlp", split, directory=tmp_path, seed=1, **{**QUICK, "max_trials": 1})
    assert other.trials[0].hyperparameters != result.trials[0].hyperparameters


@pytest.mark.parametrize("interrupt", [{"trials": 1}, {"trials": 2}, {"retrainings": 1}])
def test_an_interrupted_search_goes_on_to_the_same_result(interrupt, result, split, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        search("mlp", split, directory=tmp_path, progress=InterruptAfter(**interrupt), **QUICK)
    resumed = search("mlp", split, directory=tmp_path, **QUICK)
    assert_same_search(resumed, result)


@pytest.mark.parametrize("tuner", TUNERS)
def test_both_engines_try_the_same_trials(tuner, split, tmp_path):
    """Without dropout and noise the networks themselves are the same, but for the order of the sums."""
    options = {
        **QUICK,
        "tuner": tuner,
        "max_trials": 5,
        "epochs": 3,
        "fresh_seeds": 1,
        "search_over": ("l2", "learning_rate"),
        "fixed": {"num_layers": 1, "units": 8, "batch_size": 128},
    }
    found = [
        search("mlp", split, directory=tmp_path / engine, engine=engine, **options) for engine in ENGINES
    ]
    for ours, theirs in zip(found[0].trials, found[1].trials, strict=True):
        # Bayesian search models the scores, whose last digits differ, in its fifth trial
        assert_alike(ours.hyperparameters, theirs.hyperparameters, rel=1e-2 if tuner == "bayesian" else 1e-12)
        assert ours.score == pytest.approx(theirs.score, rel=1e-2 if tuner == "bayesian" else ROUNDING)


@pytest.mark.parametrize("tuner", [tuner for tuner in TUNERS if tuner != "random"])
def test_every_tuner_resumes_where_it_was(tuner, split, tmp_path):
    """Bayesian search has modelled by the fifth trial, Hyperband has promoted by the fourth."""
    options = {
        **QUICK,
        "tuner": tuner,
        "max_trials": 5,
        "epochs": 3,
        "fresh_seeds": 1,
        "search_over": ("l2",),
        "fixed": {"num_layers": 1, "units": 8, "batch_size": 128},
    }
    whole = search("mlp", split, directory=tmp_path / "whole", **options)
    with pytest.raises(KeyboardInterrupt):
        search("mlp", split, directory=tmp_path / "parts", progress=InterruptAfter(trials=3), **options)
    resumed = search("mlp", split, directory=tmp_path / "parts", **options)
    assert_same_search(resumed, whole)
    assert len({str(trial.hyperparameters) for trial in whole.trials}) == 5
    if tuner == "hyperband":
        assert {trial.hyperparameters["tuner/epochs"] for trial in whole.trials} == {1, 3}
        assert all(len(t.history[0]["loss"]) <= t.hyperparameters["tuner/epochs"] for t in whole.trials)


def test_folds_and_repeats_make_one_trial_several_members(split, tmp_path):
    options = {**QUICK, "max_trials": 1, "fresh_seeds": 1, "epochs": 1}
    trial = search("mlp", split, directory=tmp_path, folds=2, repeats=2, **options).trials[0]
    assert len(trial.scores) == len(trial.history) == len(trial.best_epoch) == 4
    assert len(set(trial.scores)) == 4
    assert trial.score == pytest.approx(np.mean(trial.scores))


def test_accuracy_can_be_the_objective(split, tmp_path):
    options = {**QUICK, "max_trials": 2, "fresh_seeds": 1}
    result = search("mlp", split, directory=tmp_path, objective="accuracy", **options)
    assert result.objective == {"name": "accuracy", "direction": "max"}
    assert result.winner["score"] == max(trial.score for trial in result.trials)
    assert result.selection_optimism == pytest.approx(result.winner["score"] - result.test["mean"])


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
        "The winner, trial 0, could not be retrained: RuntimeError: no memory "
        f"The trials are kept in '{tmp_path}'; the same search goes on from there."
    )
    monkeypatch.undo()
    assert search("mlp", split, directory=tmp_path, **options).test is not None


def test_a_best_network_that_was_taken_away_is_made_again(result, split, folder):
    (folder / "best.keras").unlink()
    again = search("mlp", split, directory=folder, **QUICK)
    assert_same_search(again, result)
    assert (folder / "best.keras").exists()


def test_bad_usage_is_found_before_anything_is_discarded(result, folder):
    with pytest.raises(InvalidInput, match="height, width, channels"):
        search("cnn", small_table(), directory=folder, overwrite=True)
    assert (folder / "results.json").exists()


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


@pytest.mark.parametrize(("engine", "begun"), [("population", 4), ("fit", 1)])
def test_a_time_budget_ends_the_search_and_the_same_call_goes_on(engine, begun, split, tmp_path):
    """A population begins with four networks, since the pace is not known yet."""
    options = {**QUICK, "max_trials": 6, "epochs": 1, "engine": engine}
    short = search("mlp", split, directory=tmp_path / "short", time_budget=1e-6, **options)
    assert short.stopped_by == "time_budget"
    assert len(short.trials) == begun
    assert len(short.test["scores"]) == QUICK["fresh_seeds"]
    whole = search("mlp", split, directory=tmp_path / "whole", **options)
    continued = search("mlp", split, directory=tmp_path / "short", **options)
    assert_same_search(continued, whole)


def test_a_bayesian_search_asks_for_the_same_batches_with_and_without_a_time_budget(
    split, tmp_path, monkeypatch
):
    """It learns from the scores between the batches; others of another size would be other proposals."""
    ask, sizes = running.ask, []

    def watch(oracle, at_most):
        sizes.append(at_most)
        return ask(oracle, at_most)

    monkeypatch.setattr(running, "ask", watch)
    fixed = {"num_layers": 1, "units": 8, "batch_size": 128}
    options = {**QUICK, "tuner": "bayesian", "max_trials": 6, "epochs": 1, "fresh_seeds": 1, "fixed": fixed}
    options |= {"folds": 2, "search_over": ("l2",)}
    search("mlp", split, directory=tmp_path / "hurried", time_budget=1e-6, **options)
    assert sizes == [LEARNING_BATCH, LEARNING_BATCH]  # of the second no trial was begun
    continued = search("mlp", split, directory=tmp_path / "hurried", time_budget=600, **options)
    assert sizes == [LEARNING_BATCH] * 4  # and of the last the six trials leave two
    assert [trial.status for trial in continued.trials] == ["completed"] * 6


def test_a_small_space_is_exhausted_before_max_trials(split, tmp_path):
    options = {**QUICK, "search_over": ("batch_size",), "max_trials": 9, "tuner": "grid"}
    options["space"] = {"batch_size": OneOf((32, 64))}
    result = search("mlp", split, directory=tmp_path, **options)
    assert result.stopped_by == "space_exhausted"
    assert len(result.trials) == 2


def test_regression_is_searched_by_its_mean_squared_error(tmp_path):
    options = {**QUICK, "max_trials": 2, "epochs": 5}
    result = search("mlp", small_regression(), directory=tmp_path, **options)
    assert result.objective == {"name": "mse", "direction": "min"}
    assert result.test["metric"] == "mse"
    assert result.test["rows_interval_95"] is None
    assert result.winner["arguments"]["standardize_input"] is True


def test_the_parabola_needs_folds_and_has_them(tmp_path):
    options = {**QUICK, "max_trials": 1, "fresh_seeds": 1}
    result = search("mlp", noisy_parabola(20), directory=tmp_path, folds=2, **options)
    assert len(result.trials[0].scores) == 2


@pytest.mark.parametrize("model", ["cnn", "autoencoder"])
def test_the_other_networks_are_searched_too(model, split, tmp_path):
    options = {**QUICK, "max_trials": 1, "fresh_seeds": 1, "fixed": {}, "search_over": ("l2", "augmentation")}
    result = search(model, split, directory=tmp_path, **options)
    assert result.winner["builder"] == f"build_{model}"
    assert result.test["metric"] == ("mse" if model == "autoencoder" else "accuracy")
    assert math.isfinite(result.test["mean"])


def test_changed_data_under_the_same_name_is_another_search(result, folder):
    changed = small_digits()
    changed.x_train[0, 0, 0, 0] += 0.5
    with pytest.raises(InvalidInput, match="holds another search: data fingerprint was"):
        search("mlp", changed, directory=folder, **QUICK)


def test_a_resumed_search_whose_proposals_differ_is_refused(split, tmp_path, monkeypatch):
    with pytest.raises(KeyboardInterrupt):
        search("mlp", split, directory=tmp_path, progress=InterruptAfter(trials=1), **QUICK)
    (recorded,) = json.loads((tmp_path / "results.json").read_text())["trials"]  # whichever ended first
    monkeypatch.setattr("kerasreg.tune.tuners.derive_seed", lambda *purpose: 12345)
    with pytest.raises(InvalidInput) as error:
        search("mlp", split, directory=tmp_path, **QUICK)
    assert str(error.value) == (
        f"The search in '{tmp_path}' cannot be resumed: its trial {recorded['trial_id']} is not the one this "
        "version of the libraries proposes. Name another output directory, or pass --overwrite to discard it."
    )


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
        "search needs the data as a Split; received ndarray. Make one of your arrays with "
        "Split.from_arrays(x, y)."
    )


def test_results_survive_a_round_trip_through_their_record(result):
    again = type(result).from_dict(result.to_dict())
    assert [asdict(trial) for trial in again.trials] == [asdict(trial) for trial in result.trials]
    assert again.to_dict() == result.to_dict()
