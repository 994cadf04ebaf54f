"""An objective is found, or missed in words, before anything is trained, and no failed trial is the best."""

import keras
import keras_tuner
import pytest

from kerasreg.checks import InvalidInput, SearchFailed
from kerasreg.population import UnusableMetric
from kerasreg.tune import PopulationTuner
from tests.helpers.tuners import anyones_build, trials_of


def tuner_of(build, folder, *, objective, trials=2, **options):
    oracle = keras_tuner.oracles.RandomSearchOracle(objective, max_trials=trials, seed=1)
    return PopulationTuner(oracle, build, directory=folder, **options)


def compiled(*metrics, optimizer="adam"):
    """Returns a function that builds a network without a loss that would have to be waited for."""

    def build(hp):
        model = anyones_build(hp)
        model.compile(optimizer, model.loss, metrics=[make() for make in metrics])
        return model

    return build


@pytest.mark.parametrize(
    ("objective", "message"),
    [
        (
            keras_tuner.Objective("val_accuracy", "max"),
            "'val_accuracy' is no validation metric of the model 'sequential', which reports val_loss, "
            "val_acc, val_cross_entropy. Choose by one of these, or compile the model with the metric.",
        ),
        (
            keras_tuner.Objective("val_acc", "min"),
            "The objective 'val_acc' has the direction 'min', and Keras says 'max' of this metric; give the "
            "oracle keras_tuner.Objective('val_acc', 'max').",
        ),
    ],
)
def test_an_objective_that_cannot_be_used_ends_the_search_before_it_trains(
    objective, message, split, tmp_path, monkeypatch
):
    monkeypatch.setattr(keras.Model, "fit", None)
    tuner = tuner_of(compiled(lambda: "acc"), tmp_path, objective=objective)
    with pytest.raises(UnusableMetric) as error:
        tuner.search(split, epochs=1)
    assert str(error.value) == message


def test_a_metric_without_a_name_has_the_same_one_in_every_network(split, tmp_path):
    """As in KerasTuner, which clears the session; the names given outside go on where they were."""
    before = keras.metrics.AUC().name
    tuner = tuner_of(
        compiled(keras.metrics.SparseCategoricalAccuracy),
        tmp_path,
        objective=keras_tuner.Objective("val_sparse_categorical_accuracy", "max"),
    )
    tuner.search(split, epochs=1, repeats=2)
    assert [trial.status for trial in trials_of(tuner)] == ["COMPLETED"] * 2
    assert keras.metrics.AUC().name != before


def test_more_models_than_are_kept_are_refused(split, tmp_path):
    tuner = tuner_of(
        anyones_build,
        tmp_path,
        objective=keras_tuner.Objective("val_accuracy", "max"),
        trials=3,
        keep_checkpoints=1,
    )
    tuner.search(split, epochs=1)
    with pytest.raises(InvalidInput) as error:
        tuner.get_best_models(3)
    assert str(error.value) == (
        "get_best_models was asked for 3 models, and the weights of 1 of them are kept. Ask for fewer, or "
        "search with PopulationTuner(..., keep_checkpoints=3)."
    )
    assert len(tuner.get_best_models()) == 1


def test_where_no_trial_succeeded_none_is_the_best(split, tmp_path):
    def build(hp):
        if hp.Float("rate", 0, 1) > 0:
            raise ValueError("no such network")

    tuner = tuner_of(build, tmp_path, objective=keras_tuner.Objective("val_accuracy", "max"))
    message = "None of the 2 trials has succeeded, the last one with: ValueError: no such network"
    for call in (
        lambda: tuner.search(split, epochs=1),
        tuner.get_best_hyperparameters,
        tuner.get_best_models,
    ):
        with pytest.raises(SearchFailed) as error:
            call()
        assert str(error.value) == message
