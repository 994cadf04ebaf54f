"""Trials that fail are marked, and arguments that cannot be used are refused."""

import keras_tuner
import pytest

from kerasreg.checks import InvalidInput, SearchFailed
from kerasreg.tune import PopulationTuner
from tests.helpers.tuners import LOSS, anyones_build, hypermodel, trials_of


def test_a_failed_build_and_a_divergence_are_marked_and_the_others_go_on(split, tmp_path):
    def build(hp):
        kind = hp.Choice("kind", ["good", "bad", "wild"])
        if kind == "bad":
            raise ValueError("no such network")
        made = anyones_build(keras_tuner.HyperParameters())
        made.optimizer.learning_rate = 1e38 if kind == "wild" else 1e-3
        return made

    def only_after_the_space_is_known(hp):
        if "kind" not in hp.values:
            hp.Choice("kind", ["good", "bad", "wild"])
            return None
        return build(hp)

    oracle = keras_tuner.oracles.GridSearchOracle(keras_tuner.Objective("val_accuracy", "max"), seed=1)
    tuner = PopulationTuner(oracle, only_after_the_space_is_known, directory=tmp_path)
    tuner.search(split, epochs=2)
    by_kind = {trial.hyperparameters.values["kind"]: trial for trial in trials_of(tuner)}
    assert {kind: trial.status for kind, trial in by_kind.items()} == {
        "good": "COMPLETED",
        "bad": "FAILED",
        "wild": "FAILED",
    }
    assert "ValueError: no such network" in by_kind["bad"].message
    assert by_kind["wild"].message == "The loss became NaN or infinite in epoch 1."


def test_too_many_failures_in_a_row_end_the_search(split, tmp_path):
    def build(hp):
        if hp.Float("rate", 0, 1) > 0:
            raise ValueError("no such network")

    oracle = keras_tuner.oracles.RandomSearchOracle(LOSS, max_trials=8, seed=1)
    tuner = PopulationTuner(oracle, build, directory=tmp_path)
    with pytest.raises(RuntimeError, match="Number of consecutive failures exceeded the limit of 3"):
        tuner.search(split, epochs=1)


def test_failures_between_successes_do_not_stand_in_a_row(split, tmp_path):
    def build(hp):
        if hp.Int("number", 0, 9) % 2:
            raise ValueError("odd")
        return anyones_build(keras_tuner.HyperParameters())

    objective = keras_tuner.Objective("val_accuracy", "max")
    oracle = keras_tuner.oracles.GridSearchOracle(objective, seed=1)
    tuner = PopulationTuner(oracle, build, directory=tmp_path)
    tuner.search(split, epochs=1)
    assert [trial.status for trial in trials_of(tuner)] == ["COMPLETED", "FAILED"] * 5


def test_a_network_above_max_model_size_is_a_failed_trial(split, tmp_path):
    oracle = keras_tuner.oracles.RandomSearchOracle(LOSS, max_trials=1, seed=1)
    tuner = PopulationTuner(oracle, hypermodel(split), directory=tmp_path, max_model_size=10)
    with pytest.raises(SearchFailed, match="None of the 1 trials has succeeded"):
        tuner.search(split, epochs=1)
    (trial,) = trials_of(tuner)
    assert trial.status == "FAILED"
    assert "The network has 610 parameters, more than the 10 of max_model_size." in trial.message


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda tuner, split: tuner.search(split.x_train, epochs=1),
            "split must be a Split; received an array of shape (140, 8, 8, 1). Make one of your arrays with "
            "Split.from_arrays(x, y).",
        ),
        (
            lambda tuner, split: tuner.search(split, epochs=0),
            "epochs must be a whole number of at least 1; received 0.",
        ),
        (
            lambda tuner, split: tuner.search(split, epochs=1, trials_at_once=0),
            "trials_at_once must be a whole number of at least 1; received 0.",
        ),
        (
            lambda tuner, split: PopulationTuner(
                keras_tuner.oracles.RandomSearchOracle(max_trials=1), tuner.hypermodel
            ),
            "The oracle's objective must be one metric, such as "
            'keras_tuner.Objective("val_cross_entropy", "min"), which also says which epoch is best; '
            "received a DefaultObjective.",
        ),
        (
            lambda tuner, split: PopulationTuner(keras_tuner.RandomSearch, tuner.hypermodel),
            "oracle must be one of KerasTuner's oracles, such as keras_tuner.oracles.RandomSearchOracle(...)"
            "; received the class RandomSearch.",
        ),
        (
            lambda tuner, split: PopulationTuner(tuner.oracle),
            "hypermodel must be a keras_tuner.HyperModel, or a function that builds a compiled network from "
            "hp; received None of type NoneType.",
        ),
        (
            lambda tuner, split: PopulationTuner(tuner.oracle, type(tuner.hypermodel)),
            "hypermodel must be a keras_tuner.HyperModel, or a function that builds a compiled network from "
            "hp; received the class MLPHyperModel.",
        ),
        (
            lambda tuner, split: PopulationTuner(
                tuner.oracle, tuner.hypermodel, distribution_strategy="mirrored"
            ),
            "PopulationTuner trains on one device; leave distribution_strategy out.",
        ),
        (
            lambda tuner, split: PopulationTuner(tuner.oracle, tuner.hypermodel, keep_checkpoints=-1),
            "keep_checkpoints must be a whole number of at least 0; received -1.",
        ),
    ],
)
def test_wrong_arguments_are_refused(call, message, split, tmp_path):
    oracle = keras_tuner.oracles.RandomSearchOracle(LOSS, max_trials=1, seed=1)
    tuner = PopulationTuner(oracle, hypermodel(split), directory=tmp_path)
    with pytest.raises(InvalidInput) as error:
        call(tuner, split)
    assert str(error.value) == message
