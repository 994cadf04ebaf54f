"""The tuner tries what KerasTuner would try, and leaves behind what KerasTuner would leave."""

import json

import keras
import keras_tuner
import numpy as np
import pytest

from kerasreg.tune import OneOf, PopulationTuner, Whole, training
from tests.helpers.networks import evaluated
from tests.helpers.tuners import (
    LOSS,
    anyones_build,
    hypermodel,
    proposals_one_by_one,
    trials_of,
    weights_kept,
)

SMALL_SPACE = {"num_layers": Whole(1, 2), "units": OneOf((4, 8))}


@pytest.mark.parametrize(
    "oracle", [keras_tuner.oracles.RandomSearchOracle, keras_tuner.oracles.GridSearchOracle]
)
def test_the_trials_are_those_of_kerastuner(oracle, split, tmp_path):
    build = hypermodel(split, search_over=["size", "l2"], space=SMALL_SPACE, fixed={})
    tuner = PopulationTuner(oracle(LOSS, max_trials=6, seed=3), build, directory=tmp_path)
    tuner.search(split, epochs=1, batch_size=70)
    expected = proposals_one_by_one(oracle(LOSS, max_trials=6, seed=3), build, tmp_path, 6)
    assert [trial.hyperparameters.values for trial in trials_of(tuner)] == expected
    assert len(expected) == 6


def test_what_a_trial_is_the_first_to_declare_is_searched_from_the_next_one_on(split, tmp_path):
    def build(hp):
        layers = [keras.layers.Dense(hp.Int(f"units {at}", 4, 99)) for at in range(hp.Int("layers", 1, 2))]
        model = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Flatten(), *layers])
        model.add(keras.layers.Dense(10, activation="softmax"))
        model.compile("sgd", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
        return model

    def oracle():
        return keras_tuner.oracles.RandomSearchOracle(
            keras_tuner.Objective("val_accuracy", "max"), max_trials=8, seed=1
        )

    tuner = PopulationTuner(oracle(), build, directory=tmp_path)
    tuner.search(split, epochs=1, batch_size=70)
    found = [trial.hyperparameters.values for trial in trials_of(tuner)]
    assert found == proposals_one_by_one(oracle(), build, tmp_path, 8)
    second = [values["units 1"] for values in found if values["layers"] > 1]
    assert len(set(second)) > 1  # not KerasTuner's default for all of them


def test_a_score_is_the_best_epoch_of_the_objective_and_the_history_is_kept(split, tmp_path):
    oracle = keras_tuner.oracles.RandomSearchOracle(LOSS, max_trials=2, seed=1)
    tuner = PopulationTuner(oracle, hypermodel(split), directory=tmp_path, project_name="digits")
    tuner.search(split, epochs=3)
    for trial in trials_of(tuner):
        record = json.loads((tmp_path / "digits" / f"trial_{trial.trial_id}" / "history.json").read_text())
        curve = record["history"][0]["val_cross_entropy"]
        assert trial.status == "COMPLETED"
        assert trial.score == min(curve)
        assert trial.best_step == curve.index(min(curve))
        assert trial.metrics.get_best_value("accuracy") == record["history"][0]["accuracy"][trial.best_step]


def test_anyones_function_is_tuned_and_its_best_models_measure_what_was_scored(split, tmp_path, capsys):
    objective = keras_tuner.Objective("val_accuracy", "max")
    oracle = keras_tuner.oracles.RandomSearchOracle(objective, max_trials=4, seed=1)
    tuner = PopulationTuner(oracle, anyones_build, directory=tmp_path)
    tuner.search(split, epochs=8, batch_size=35)
    first, second = tuner.get_best_models(2)
    scores = sorted((trial.score for trial in trials_of(tuner)), reverse=True)
    for model, score in zip((first, second), scores, strict=False):
        measured = evaluated(model, split.x_validation, split.y_validation)
        assert measured["accuracy"] == pytest.approx(score)
    best = tuner.get_best_hyperparameters()[0]
    assert first.layers[1].units == best["units"]
    tuner.results_summary()
    assert f"Score: {scores[0]}" in capsys.readouterr().out


def test_the_weights_of_the_best_few_trials_are_kept(split, tmp_path):
    oracle = keras_tuner.oracles.RandomSearchOracle(LOSS, max_trials=7, seed=1)
    tuner = PopulationTuner(oracle, hypermodel(split), directory=tmp_path, keep_checkpoints=2)
    tuner.search(split, epochs=2, trials_at_once=3)
    best = sorted(f"trial_{trial.trial_id}" for trial in oracle.get_best_trials(2))
    assert weights_kept(tuner, tmp_path) == best
    assert len(list(tmp_path.glob("*/trial_*/history.json"))) == 7


def test_folds_and_repeats_are_members_of_one_trial_and_the_score_is_their_mean(split, tmp_path):
    oracle = keras_tuner.oracles.RandomSearchOracle(LOSS, max_trials=2, seed=1)
    tuner = PopulationTuner(oracle, hypermodel(split), directory=tmp_path, project_name="folds")
    tuner.search(split, epochs=2, folds=2, repeats=2)
    for trial in trials_of(tuner):
        record = json.loads((tmp_path / "folds" / f"trial_{trial.trial_id}" / "history.json").read_text())
        assert len(set(record["scores"])) == 4
        assert trial.score == pytest.approx(np.mean(record["scores"]))


def test_executions_per_trial_are_repeats(split, tmp_path):
    oracle = keras_tuner.oracles.RandomSearchOracle(LOSS, max_trials=1, seed=1)
    tuner = PopulationTuner(
        oracle, hypermodel(split), directory=tmp_path, project_name="p", executions_per_trial=2
    )
    tuner.search(split, epochs=1)
    record = json.loads((tmp_path / "p" / "trial_0" / "history.json").read_text())
    assert len(record["scores"]) == 2


def test_hyperband_goes_by_rounds_and_promoted_trials_go_on_from_their_weights(split, tmp_path, monkeypatch):
    """With 4 epochs and a factor of 2 the first bracket has rounds of 1, 2 and 4 epochs."""
    calls, started, ended = [], [], []
    fit_population = training.fit_population

    def watch(models, data, **options):
        calls.append((len(models), options["initial_epoch"], options["epochs"]))
        started.extend(model.get_weights() for model in models)
        history = fit_population(models, data, **options)
        ended.extend(model.get_weights() for model in models)
        return history

    monkeypatch.setattr(training, "fit_population", watch)
    oracle = keras_tuner.oracles.HyperbandOracle(LOSS, max_epochs=4, factor=2, seed=5)
    oracle.max_trials = 7  # the first bracket
    tuner = PopulationTuner(oracle, hypermodel(split), directory=tmp_path, keep_checkpoints=1)
    tuner.search(split, epochs=99, folds=2)
    assert calls == [(8, 0, 1), (4, 1, 2), (2, 2, 4)]
    assert len(weights_kept(tuner, tmp_path)) == 1
    assert len(list(tmp_path.glob("*/trial_*/member_*.weights.h5"))) == 2
    promoted = trials_of(tuner)[4]
    past = oracle.get_trial(promoted.hyperparameters.values["tuner/trial_id"])
    assert past.score == min(trial.score for trial in trials_of(tuner)[:4])
    for member in range(2):
        before = ended[2 * int(past.trial_id) + member]
        for ours, theirs in zip(started[2 * 4 + member], before, strict=True):
            assert np.array_equal(ours, theirs)
    for trial in trials_of(tuner):
        assert trial.status == "COMPLETED"
        assert trial.best_step < trial.hyperparameters.values["tuner/epochs"]
