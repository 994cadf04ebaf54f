"""The tuner tries what KerasTuner would try, and leaves behind what KerasTuner would leave."""

import json

import keras
import keras_tuner
import numpy as np
import pytest

from kerasreg.checks import InvalidInput
from kerasreg.tune import MLPHyperModel, OneOf, PopulationTuner, training
from tests.small import small_digits

LOSS = keras_tuner.Objective("val_cross_entropy", "min")
SMALL = {"num_layers": 1, "units": 8, "batch_size": 70}


@pytest.fixture(scope="module")
def split():
    return small_digits()


def hypermodel(split, **options):
    return MLPHyperModel.for_split(split, **{"search_over": ["l2", "dropout"], "fixed": SMALL, **options})


def anyones_build(hp):
    """A network that knows nothing of this package."""
    model = keras.Sequential(
        [
            keras.layers.Input((8, 8, 1)),
            keras.layers.Flatten(),
            keras.layers.Dense(hp.Choice("units", [4, 8]), activation="relu"),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(
        keras.optimizers.Adam(hp.Float("rate", 1e-3, 1e-1, sampling="log")),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    return model


def trials_of(tuner):
    return [trial for _, trial in sorted(tuner.oracle.trials.items())]


def weights_kept(tuner, folder):
    return sorted(path.parent.name for path in folder.glob("*/trial_*/checkpoint.weights.h5"))


def proposals_one_by_one(oracle, build, folder, count):
    """What an oracle proposes when each trial ends before the next is asked for."""
    keras_tuner.Tuner(oracle, build, directory=folder, project_name="oracle")
    oracle.verbose = 0
    proposed = []
    for _ in range(count):
        trial = oracle.create_trial("tuner0")
        if trial.status != "RUNNING":
            break
        getattr(build, "build", build)(trial.hyperparameters)
        proposed.append(trial.hyperparameters.values)
        oracle.update_trial(trial.trial_id, {oracle.objective.name: 1.0})
        trial.status = "COMPLETED"
        oracle.end_trial(trial)
    return proposed


@pytest.mark.parametrize(
    "oracle", [keras_tuner.oracles.RandomSearchOracle, keras_tuner.oracles.GridSearchOracle]
)
def test_the_trials_are_those_of_kerastuner(oracle, split, tmp_path):
    build = hypermodel(split, search_over=["size", "l2"], space={"units": OneOf((4, 8))}, fixed={})
    tuner = PopulationTuner(oracle(LOSS, max_trials=6, seed=3), build, directory=tmp_path)
    tuner.search(split, epochs=1, batch_size=70)
    expected = proposals_one_by_one(oracle(LOSS, max_trials=6, seed=3), build, tmp_path, 6)
    assert [trial.hyperparameters.values for trial in trials_of(tuner)] == expected
    assert len(expected) == 6


def test_what_a_trial_is_the_first_to_declare_is_searched_from_the_next_one_on(split, tmp_path):
    def build(hp):
        layers = [keras.layers.Dense(hp.Int(f"units {at}", 4, 99)) for at in range(hp.Int("layers", 1, 3))]
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
        measured = model.evaluate(split.x_validation, split.y_validation, verbose=0, return_dict=True)
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


@pytest.mark.parametrize(
    "oracle",
    [
        lambda: keras_tuner.oracles.RandomSearchOracle(LOSS, max_trials=5, seed=2),
        lambda: keras_tuner.oracles.GridSearchOracle(LOSS, max_trials=5, seed=2),
    ],
    ids=["random", "grid"],
)
def test_the_same_project_goes_on_where_it_was_interrupted(oracle, split, tmp_path):
    class Interrupted(PopulationTuner):
        def on_trial_end(self, trial):
            super().on_trial_end(trial)
            if len(self.oracle.end_order) == 3:
                raise KeyboardInterrupt

    build = hypermodel(split)
    whole = PopulationTuner(oracle(), build, directory=tmp_path, project_name="whole")
    whole.search(split, epochs=1, trials_at_once=2)
    with pytest.raises(KeyboardInterrupt):
        Interrupted(oracle(), build, directory=tmp_path, project_name="parts").search(
            split, epochs=1, trials_at_once=2
        )
    resumed = PopulationTuner(oracle(), build, directory=tmp_path, project_name="parts")
    assert sum(trial.status == "COMPLETED" for trial in trials_of(resumed)) == 3
    resumed.search(split, epochs=1, trials_at_once=2)
    assert [trial.hyperparameters.values for trial in trials_of(resumed)] == [
        trial.hyperparameters.values for trial in trials_of(whole)
    ]
    scores = [trial.score for trial in trials_of(resumed)]
    assert scores == pytest.approx([trial.score for trial in trials_of(whole)], rel=1e-5)
    assert resumed.remaining_trials == 0


@pytest.mark.parametrize(
    "oracle",
    [keras_tuner.oracles.RandomSearchOracle, keras_tuner.oracles.GridSearchOracle],
    ids=["random", "grid"],
)
def test_an_interrupted_tuner_goes_on_in_the_same_process(oracle, split, tmp_path):
    class Interrupted(PopulationTuner):
        def on_trial_end(self, trial):
            super().on_trial_end(trial)
            if len(self.oracle.end_order) == 1:
                raise KeyboardInterrupt

    build = hypermodel(split)
    tuner = Interrupted(oracle(LOSS, max_trials=5, seed=2), build, directory=tmp_path)
    with pytest.raises(KeyboardInterrupt):
        tuner.search(split, epochs=1, trials_at_once=3)
    tuner.search(split, epochs=1, trials_at_once=3)
    expected = proposals_one_by_one(oracle(LOSS, max_trials=5, seed=2), build, tmp_path, 5)
    assert [trial.hyperparameters.values for trial in trials_of(tuner)] == expected
    assert [trial.status for trial in trials_of(tuner)] == ["COMPLETED"] * 5


def test_a_grid_takes_its_place_again_once_when_it_is_reloaded(split, tmp_path):
    oracle = keras_tuner.oracles.GridSearchOracle(LOSS, max_trials=2, seed=2)
    tuner = PopulationTuner(oracle, hypermodel(split), directory=tmp_path)
    tuner.search(split, epochs=1)
    before = list(oracle._populate_next)
    tuner.search(split, epochs=1)
    assert oracle._populate_next == before
    oracle = keras_tuner.oracles.GridSearchOracle(LOSS, max_trials=2, seed=2)
    PopulationTuner(oracle, hypermodel(split), directory=tmp_path)
    assert oracle._populate_next == ["1"]


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
    tuner.search(split, epochs=1)
    (trial,) = trials_of(tuner)
    assert trial.status == "FAILED"
    assert "The network has 610 parameters, more than the 10 of max_model_size." in trial.message


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda tuner, split: tuner.search(split.x_train, epochs=1),
            "search needs the data as a Split; received ndarray. Make one of your arrays with "
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
