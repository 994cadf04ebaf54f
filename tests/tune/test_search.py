"""A search chooses on validation, tests afresh, and is the same search every time."""

import json
import math
from dataclasses import asdict, replace

import keras
import numpy as np
import pytest
from sklearn.metrics import accuracy_score

from kerasreg import load_digits_split, noisy_parabola
from kerasreg.checks import InvalidInput
from kerasreg.report import snippet
from kerasreg.tune import OneOf, search
from kerasreg.tune.retraining import fresh_split
from kerasreg.tune.settings import TUNERS, SearchSettings
from tests.helpers.alike import assert_same_search
from tests.helpers.interrupting import InterruptAfter
from tests.helpers.networks import evaluated
from tests.helpers.small import QUICK, small_digits, small_regression, small_table


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("search")


@pytest.fixture(scope="module")
def result(split, folder):
    return search("mlp", split, directory=folder, **QUICK)


def test_a_score_is_the_best_epoch_of_the_unpenalized_validation_metric(result):
    for trial in result.trials:
        (history,), (best_epoch,) = trial.history, trial.best_epoch
        assert trial.scores == [trial.score] == [min(history["val_cross_entropy"])]
        assert history["val_cross_entropy"][best_epoch - 1] == trial.score
        assert min(history["val_loss"]) > trial.score  # the penalty is in the loss, not in the score


def test_the_winner_has_the_best_score(result):
    best = min(result.trials, key=lambda trial: trial.score)
    assert result.winner["trial_id"] == best.trial_id
    assert result.winner["score"] == best.score


def test_trials_are_counted_from_1_in_every_place(result, folder):
    assert [trial.trial_id for trial in result.trials] == ["1", "2", "3"]
    rows = (folder / "trials.csv").read_text().splitlines()[1:]
    assert [row.split(",")[0] for row in rows] == ["1", "2", "3"]


def test_the_shares_of_the_trials_are_no_more_than_the_time_of_the_search(result):
    """Trials that were trained together shared the time; what is shared is most of it, compiling included."""
    shares = [trial.seconds for trial in result.trials]
    assert all(share > 0 for share in shares)
    assert sum(shares) <= result.seconds["search"]


def test_the_test_result_is_the_fresh_networks(result, split):
    scores = [entry["test"]["accuracy"] for entry in result.retraining]
    assert result.test["scores"] == scores
    assert result.test["mean"] == pytest.approx(np.mean(scores))
    assert result.test["sd"] == pytest.approx(np.std(scores, ddof=1))
    fresh = np.mean([entry["test"]["cross_entropy"] for entry in result.retraining])
    steps = [gap["difference"] for gap in result.score_gaps.values()]
    assert sum(steps) == pytest.approx(fresh - result.winner["score"])


def test_the_test_result_counts_the_rows_that_the_networks_have_right(result, split, folder):
    counts, classes = result.test["rows_by_seeds_right"], result.test["classes"]
    assert sum(counts) == sum(classes["rows"]) == len(split.x_test)
    right = round(sum(result.test["scores"]) * len(split.x_test))
    assert np.dot(counts, np.arange(len(counts))) == np.trace(classes["confusion"]) == right
    best = min(range(len(result.retraining)), key=lambda n: result.retraining[n]["validation_score"])
    predicted = keras.saving.load_model(folder / "best.keras").predict(split.x_test, verbose=0)
    oracle = accuracy_score(split.y_test, predicted.argmax(axis=-1))  # of Keras' predict and scikit-learn
    assert result.test["scores"][best] == pytest.approx(oracle)
    assert all("row_results" not in entry for entry in result.retraining)


def test_the_saved_network_is_the_retrained_one_of_the_best_validation_score(result, split, folder):
    best = min(result.retraining, key=lambda entry: entry["validation_score"])
    model = keras.saving.load_model(folder / "best.keras")
    measured = evaluated(model, split.x_test, split.y_test)
    assert measured["accuracy"] == pytest.approx(best["test"]["accuracy"])
    assert measured["cross_entropy"] == pytest.approx(best["test"]["cross_entropy"], rel=1e-5)


def test_every_file_is_there_and_nothing_else(result, folder):
    names = sorted(path.name for path in folder.iterdir())
    assert names == ["best.keras", "figures", "report.html", "results.json", "trials.csv"]


@pytest.mark.slow
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


def test_another_seed_is_another_search(result, split, tmp_path):
    other = search("mlp", split, directory=tmp_path, seed=1, **{**QUICK, "max_trials": 1})
    assert other.trials[0].hyperparameters != result.trials[0].hyperparameters


@pytest.mark.parametrize("interrupt", [{"trials": 1}, {"trials": 2}, {"retrainings": 1}])
def test_an_interrupted_search_goes_on_to_the_same_result(interrupt, result, split, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        search("mlp", split, directory=tmp_path, progress=InterruptAfter(**interrupt), **QUICK)
    resumed = search("mlp", split, directory=tmp_path, **QUICK)
    assert_same_search(resumed, result)


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
        numbered = {trial.trial_id: trial for trial in whole.trials}
        promoted = [trial for trial in whole.trials if "tuner/trial_id" in trial.hyperparameters]
        assert promoted
        for trial in promoted:  # by the number that the trial has in this record
            before = numbered[trial.hyperparameters["tuner/trial_id"]]
            assert before.hyperparameters["l2"] == trial.hyperparameters["l2"]
            assert int(before.trial_id) < int(trial.trial_id)


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
    steps = [gap["difference"] for gap in result.score_gaps.values()]
    assert sum(steps) == pytest.approx(result.test["mean"] - result.winner["score"])


def test_a_best_network_that_was_taken_away_is_made_again(result, split, folder):
    (folder / "best.keras").unlink()
    again = search("mlp", split, directory=folder, **QUICK)
    assert_same_search(again, result)
    assert (folder / "best.keras").exists()


def test_bad_usage_is_found_before_anything_is_discarded(result, folder):
    with pytest.raises(InvalidInput, match="height, width, channels"):
        search("cnn", small_table(), directory=folder, overwrite=True)
    assert (folder / "results.json").exists()


def test_a_small_space_is_exhausted_before_max_trials(split, tmp_path):
    options = {**QUICK, "search_over": ("batch_size",), "max_trials": 9, "tuner": "grid"}
    options["space"] = {"batch_size": OneOf((32, 64))}
    result = search("mlp", split, directory=tmp_path, **options)
    assert result.stopped_by == "space_exhausted"
    assert len(result.trials) == 2


def in_years(split):
    """The same rows with targets of 1998 ± 11 or so."""
    parts = {name: getattr(split, name) * 8 + 1998 for name in ("y_train", "y_validation", "y_test")}
    return replace(split, **{name: y.astype("float32") for name, y in parts.items()})


def test_regression_is_searched_by_its_mean_squared_error(tmp_path):
    """Scores, marks and the saved network are in the units of the target, whatever these are."""
    options = {**QUICK, "max_trials": 2, "epochs": 5, "fixed": {"units": 16, "learning_rate": 0.03}}
    split = in_years(small_regression())
    result = search("mlp", split, directory=tmp_path, **options)
    baselines = result.test["baselines"]
    assert result.test["mean"] < 0.5 * baselines["mean"]["mean"] < 100
    assert [trial.score for trial in result.trials] < [100, 100]
    assert result.test["rmse"]["scores"] == pytest.approx(np.sqrt(result.test["scores"]), rel=1e-5)
    best = min(result.retraining, key=lambda entry: entry["validation_score"])
    saved = keras.saving.load_model(tmp_path / "best.keras")
    predicted = saved.predict(split.x_test, verbose=0).ravel()
    assert np.mean((predicted - split.y_test) ** 2) == pytest.approx(best["test"]["mse"], rel=1e-4)
    measured = evaluated(saved, split.x_test, split.y_test)
    assert measured["loss"] == pytest.approx(best["test"]["loss"], rel=1e-4)
    assert result.objective == {"name": "mse", "direction": "min"}
    assert result.test["metric"] == "mse"
    assert 0 < result.test["interval_95"][0] < result.test["mean"] < result.test["interval_95"][1]
    assert result.test["mean_squares"]["num_rows"] == len(small_regression().x_test)
    assert result.winner["arguments"]["standardize_input"] is True


def test_several_targets_are_searched_by_their_standardized_error_and_told_in_their_units(tmp_path):
    options = {**QUICK, "max_trials": 1, "epochs": 3, "fresh_seeds": 1}
    split = small_regression(targets=2)
    result = search("mlp", split, directory=tmp_path, **options)
    assert result.objective == {"name": "standardized_mse", "direction": "min"}
    (trial,) = result.trials
    assert trial.score == min(trial.history[0]["val_standardized_mse"])
    saved = keras.saving.load_model(tmp_path / "best.keras")
    errors = saved.predict(split.x_test, verbose=0) - split.y_test
    (entry,) = result.retraining
    scale = fresh_split(split, SearchSettings(model="mlp"), seed=entry["seed"]).y_train.std(axis=0)
    assert result.test["mean"] == pytest.approx(np.mean((errors / scale) ** 2), rel=1e-4)
    assert result.test["interval_95"][0] < result.test["mean"] < result.test["interval_95"][1]
    rmse = [target["mean"] for target in result.test["rmse_by_target"]]
    assert rmse == pytest.approx(np.sqrt(np.mean(errors**2, axis=0)), rel=1e-4)
    assert result.test["r2"]["interval_95"][1] < 1
    assert "row_squares" not in entry
    assert result.test["baselines"]["mean"]["mean"] == pytest.approx(1, rel=0.5)
    assert 'monitor="val_standardized_mse"' in snippet(result)
    assert type(result).load(tmp_path).to_dict() == result.to_dict()


@pytest.mark.slow
def test_the_parabola_needs_folds_and_has_them(tmp_path):
    options = {**QUICK, "max_trials": 1, "fresh_seeds": 1}
    result = search("mlp", noisy_parabola(20), directory=tmp_path, folds=2, **options)
    assert len(result.trials[0].scores) == 2


@pytest.mark.slow
@pytest.mark.parametrize(
    ("model", "size"), [("cnn", {"num_blocks": 1, "filters": 4}), ("autoencoder", {"units": 16})]
)
def test_the_other_networks_are_searched_too(model, size, split, tmp_path):
    options = {
        **QUICK,
        "max_trials": 1,
        "fresh_seeds": 1,
        "fixed": size,
        "search_over": ("l2", "augmentation"),
    }
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


def test_results_survive_a_round_trip_through_their_record(result):
    again = type(result).from_dict(result.to_dict())
    assert [asdict(trial) for trial in again.trials] == [asdict(trial) for trial in result.trials]
    assert again.to_dict() == result.to_dict()
