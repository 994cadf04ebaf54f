"""A batch of trials: all are trained, each is reported once, and what fails fails alone."""

import keras
import keras_tuner
import pytest

from kerasreg import build_mlp
from kerasreg.population import fit_one
from kerasreg.tune import training
from kerasreg.tune.jobs import Plan, TrialJob
from kerasreg.tune.settings import ENGINES
from kerasreg.tune.training import Listener, train
from tests.helpers.networks import evaluated


class Gathering(Listener):
    """Keeps everything it is told."""

    def __init__(self):
        self.members, self.records, self.models = [], {}, {}

    def member_done(self, job, number, member, model):
        self.members.append((job.trial_id, number))

    def trial_done(self, record, models):
        assert record.trial_id not in self.records
        self.records[record.trial_id], self.models[record.trial_id] = record, models


def network(split, number, units=8):
    return build_mlp(split.input_shape, split.num_classes, units=(units,), seed=number)


def job(split, name, **options):
    options = {"build": lambda number: network(split, number), "batch_size": 70, "epochs": 2, **options}
    return TrialJob(trial_id=name, values={"name": name}, **options)


def plan(split, *, members=2, **options):
    common = {"monitor": "val_cross_entropy", "mode": "min", "patience": None}
    return Plan(splits=[split] * members, seeds=range(members), **{**common, **options})


def test_members_are_what_fit_one_makes_of_them(split):
    """Equal to `model.fit` on the same batches, but for the order of the sums."""
    listener = Gathering()
    train([job(split, "a"), job(split, "b", batch_size=35)], plan(split), listener)
    assert sorted(listener.members) == [("a", 0), ("a", 1), ("b", 0), ("b", 1)]
    for name, batch_size in (("a", 70), ("b", 35)):
        for number in range(2):
            model = network(split, number)
            model.run_eagerly = True  # tracing takes longer than the few steps
            alone = fit_one(model, split, epochs=2, batch_size=batch_size, seed=number)
            assert listener.records[name].scores[number] == pytest.approx(alone.score, rel=1e-5)
    for name, models in listener.models.items():
        measured = evaluated(models[1], split.x_validation, split.y_validation)
        assert measured["cross_entropy"] == pytest.approx(listener.records[name].scores[1], rel=1e-5)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_build_that_fails_fails_its_trial_alone(engine, split):
    def build(number):
        if number == 1:
            raise ValueError("no such network\nat all")
        return network(split, number)

    listener = Gathering()
    train([job(split, "bad", build=build), job(split, "good")], plan(split, engine=engine), listener)
    assert listener.records["bad"].status == "failed"
    assert listener.records["bad"].error == "ValueError: no such network"
    assert listener.models["bad"] == []
    assert listener.records["good"].status == "completed"


def test_where_training_together_fails_the_one_to_blame_is_found(split, monkeypatch):
    fit_population, sizes = training.fit_population, []

    def refuse_wide_ones(models, data, **options):
        sizes.append(len(models))
        if any(model.get_layer("hidden_1").units > 8 for model in models):
            raise MemoryError("too wide")
        return fit_population(models, data, **options)

    monkeypatch.setattr(training, "fit_population", refuse_wide_ones)
    listener = Gathering()
    wide = job(split, "wide", build=lambda number: network(split, number, units=9))
    others = [job(split, name) for name in "abcde"]
    train([wide, *others], plan(split), listener)
    assert sizes == [12, 6, 2, 4, 6]  # the halves in which it is, down to it alone
    assert {name: record.error for name, record in listener.records.items()} == {
        "wide": "MemoryError: too wide",
        **dict.fromkeys("abcde"),
    }


def test_the_compiling_ahead_is_waited_for_whatever_is_raised(split, monkeypatch):
    class Compiling:
        joined = False

        def join(self):
            self.joined = True

    compiling = Compiling()
    monkeypatch.setattr(training, "compile_ahead", lambda *arguments, **options: compiling)

    def build(number):
        raise keras_tuner.errors.FatalTypeError("no network")

    jobs = [job(split, "a"), job(split, "b"), job(split, "c", build=build)]
    with pytest.raises(keras_tuner.errors.FatalTypeError, match="no network"):
        train(jobs, plan(split), Gathering(), expected=3)
    assert compiling.joined


def test_what_a_listener_raises_is_not_taken_for_a_failed_training(split):
    class Full(Gathering):
        def trial_done(self, record, models):
            super().trial_done(record, models)
            raise OSError("no space left")

    listener = Full()
    with pytest.raises(OSError, match="no space left"):
        train([job(split, "a"), job(split, "b")], plan(split), listener)
    assert len(listener.records) == 1


def test_ctrl_c_keeps_what_was_finished_and_is_passed_on(split):
    class Interrupted(Gathering):
        def trial_done(self, record, models):
            super().trial_done(record, models)
            raise KeyboardInterrupt

    listener = Interrupted()
    with pytest.raises(KeyboardInterrupt):
        train([job(split, "a"), job(split, "b")], plan(split), listener)
    assert len(listener.records) == 1


def test_a_network_that_no_population_can_train_is_trained_by_fit_and_said(split):
    def build(number):
        model = keras.Sequential(
            [
                keras.Input((8, 8, 1)),
                keras.layers.Flatten(),
                keras.layers.UnitNormalization(),
                keras.layers.Dense(10, activation="softmax"),
            ]
        )
        model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
        return model

    listener = Gathering()
    chosen = plan(split, members=1, monitor="val_accuracy", mode="max")
    with pytest.warns(UserWarning, match="1 of 1 models are trained one by one with fit"):
        train([job(split, "other", build=build)], chosen, listener)
    assert listener.records["other"].status == "completed"


@pytest.mark.parametrize("engine", ENGINES)
def test_epochs_before_count_for_the_batches_and_not_for_the_history(engine, split):
    listener = Gathering()
    train([job(split, "later", initial_epoch=3, epochs=5)], plan(split, engine=engine), listener)
    record = listener.records["later"]
    for curve, best_epoch, score in zip(record.history, record.best_epoch, record.scores, strict=True):
        assert len(curve["val_cross_entropy"]) == 2
        assert curve["val_cross_entropy"][best_epoch - 1] == score
