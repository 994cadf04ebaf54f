import json
from dataclasses import replace
from functools import partial

import keras
import numpy as np
import pytest

from kerasreg import build_mlp, noisy_parabola
from kerasreg.data import hold_out
from kerasreg.experiments import Overtraining, overtraining
from kerasreg.experiments.early_stopping import experiment as module
from kerasreg.population import fit_population
from kerasreg.records import TrainingHistory
from kerasreg.seeds import derive_seed
from tests.helpers.populations import METRICS, fit_with_keras
from tests.helpers.refusing import refused
from tests.helpers.small import small_digits

SMALL = partial(build_mlp, (1,), None, units=(3,), activation="tanh", learning_rate=0.05)


def with_validation(seed):
    return hold_out(noisy_parabola(16, test_size=12, seed=seed), validation_fraction=0.5, seed=seed)


def watching(split, part):
    """The split with its validation rows replaced by those of a part, the test part gone."""
    rows = {f"{kind}_validation": getattr(split, f"{kind}_{part}") for kind in "xy"}
    rows |= {"validation_indices": getattr(split, f"{part}_indices")}
    empty = {"x_test": split.x_test[:0], "y_test": split.y_test[:0], "test_indices": split.test_indices[:0]}
    return replace(split, **rows, **empty)


def slope_through_zero(rate):
    def build(seed):
        model = keras.Sequential(
            [keras.Input((1,)), keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros")]
        )
        model.compile(optimizer=keras.optimizers.SGD(rate), loss="mse", metrics=["mse"])
        return model

    return build


@pytest.fixture(scope="module")
def small():
    return overtraining(SMALL, with_validation, epochs=4, repeats=3, batch_size=4, seed=5)


@pytest.mark.parametrize(("part", "repeat"), [("test", 0), ("validation", 2)])
def test_the_curves_are_those_of_fit_on_the_same_batches(small, part, repeat):
    seed = derive_seed(5, "overtraining", repeat)
    split = watching(with_validation(derive_seed(seed, "data")), part)
    model = SMALL(seed=derive_seed(seed, "network"))
    oracle, _ = fit_with_keras(model, split, epochs=4, batch_size=4, seed=derive_seed(seed, "order"))
    np.testing.assert_allclose(small.curves["train"]["mse"][repeat], oracle["mse"], **METRICS)
    np.testing.assert_allclose(small.curves[part]["mse"][repeat], oracle["val_mse"], **METRICS)


def test_the_two_trainings_of_a_network_are_equal_to_rounding(small):
    assert small.twin_difference <= 1e-6  # single precision, and 16 updates spread little
    assert small.num_rows == {"train": 8, "validation": 8, "test": 12}
    assert small.updates_per_epoch == 2


def test_a_linear_network_has_the_errors_of_the_formula():
    """Gradient descent from 0 on mean (w x - y)^2 has w_n = (1 - (1 - 2 rate mean x^2)^n) w*."""
    split, rate, epochs = noisy_parabola(10, test_size=50), 0.3, 12
    record = overtraining(slope_through_zero(rate), split, epochs=epochs, repeats=3, batch_size=10)
    x, y = split.x_train[:, 0].astype(float), split.y_train.astype(float)
    weights = (1 - (1 - 2 * rate * np.mean(x**2)) ** np.arange(epochs + 1)) * np.mean(x * y) / np.mean(x**2)
    train = [np.mean((w * x - y) ** 2) for w in weights[:-1]]  # Keras reports it before the update
    test = [np.mean((w * split.x_test[:, 0] - split.y_test) ** 2) for w in weights[1:]]
    # twelve updates in single precision
    assert record.curve("train")[0] == pytest.approx(train, rel=1e-5)
    assert record.curve("test")[1] == pytest.approx(test, rel=1e-5)
    assert record.optimum() == (int(np.argmin(test)) + 1, pytest.approx(min(test), rel=1e-5))


@pytest.mark.slow
def test_the_first_repeats_are_the_same_with_more_of_them_and_with_nothing_to_validate(small):
    def without_validation(seed):
        return with_validation(seed).redrawn(np.arange(8), [])

    more = overtraining(SMALL, without_validation, epochs=4, repeats=4, batch_size=4, seed=5)
    first = np.array(more.curves["test"]["mse"])[:3]
    np.testing.assert_allclose(first, small.curves["test"]["mse"], **METRICS)
    assert set(more.curves) == {"train", "test"}
    assert more.twin_difference is None


@pytest.mark.slow
def test_one_split_for_all_repeats_is_said_to_be_one():
    split = small_digits()
    build = partial(build_mlp, (8, 8, 1), 10, units=(4,))
    record = overtraining(build, split, epochs=2, repeats=3)
    assert not record.fresh_data
    assert set(record.curves) == {"train", "test", "validation"}
    assert set(record.curves["test"]) == {"loss", "cross_entropy", "accuracy"}
    assert record.metric == "cross_entropy"
    curves = record.curve("test", "cross_entropy")
    assert not np.array_equal(curves[0], curves[1])  # the networks differ
    assert "order of the same rows, to which this is limited" in record.summary()


@pytest.mark.filterwarnings("ignore:overflow encountered")
def test_a_network_that_diverges_is_left_out_and_told():
    rates = iter([0.1, 1e6, 0.2, 0.3])
    record = overtraining(
        lambda seed: slope_through_zero(next(rates))(seed), noisy_parabola, epochs=30, repeats=4
    )
    assert record.finished == [0, 2, 3]
    assert record.curve("test").shape == (3, 30)
    assert record.summary().endswith("1 of 4 networks diverged and are left out.")
    again = Overtraining.from_dict(json.loads(json.dumps(record.to_dict())))
    assert again.finished == [0, 2, 3]


def interrupted_after(count, monkeypatch):
    """Makes the training end as Ctrl-C does, when only the first `count` networks have finished."""

    def fit(models, splits, **options):
        history = fit_population(models, splits, **options)
        nothing = TrainingHistory(unit="epoch", metrics={})
        cut = {"stop_reason": "interrupted", "best_epoch": 0, "score": float("nan"), "history": nothing}
        members = [*history.members[:count], *(replace(member, **cut) for member in history.members[count:])]
        return replace(history, members=tuple(members), interrupted=True)

    monkeypatch.setattr(module, "fit_population", fit)


def test_after_ctrl_c_the_networks_that_had_finished_are_in_the_record(monkeypatch):
    interrupted_after(3, monkeypatch)
    record = overtraining(SMALL, noisy_parabola, epochs=2, repeats=4)
    assert record.finished == [0, 1, 2]
    assert np.isnan(record.curves["test"]["mse"][3]).all()
    assert record.summary().startswith("Interrupted: networks that had not finished training are left out.")


def test_after_an_early_ctrl_c_nothing_can_be_said(monkeypatch):
    interrupted_after(0, monkeypatch)
    record = overtraining(SMALL, noisy_parabola, epochs=2, repeats=4)
    assert record.finished == []
    assert record.summary().endswith(
        "Nothing can be said: 0 of 4 networks finished training, and at least 3 are needed."
    )


def sizes_that_differ(seed):
    return noisy_parabola(9 + seed % 2, seed=seed)


WRONG = {
    "two repeats": (
        lambda: overtraining(SMALL, noisy_parabola, epochs=2, repeats=2),
        "repeats must be a whole number of at least 3; received 2.",
    ),
    "negative noise": (
        lambda: overtraining(SMALL, noisy_parabola, epochs=2, irreducible_error=-1),
        "irreducible_error must be a number of at least 0; received -1.",
    ),
    "no test rows": (
        lambda: overtraining(SMALL, watching(with_validation(0), "validation"), epochs=2),
        "All repeats must have the same numbers of training, validation and test rows, and at least one test "
        "row; received [(8, 8, 0)].",
    ),
    "unequal rows": (
        lambda: overtraining(SMALL, sizes_that_differ, epochs=2),
        "All repeats must have the same numbers of training, validation and test rows, and at least one test "
        "row; received [(9, 0, 100), (10, 0, 100)].",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_used_is_refused(name):
    call, message = WRONG[name]
    refused(message, call)


def test_the_record_goes_through_json(small):
    again = Overtraining.from_dict(json.loads(json.dumps(small.to_dict())))
    assert again == small


def test_the_table_has_a_row_for_each_repeat_and_epoch(small):
    frame = small.to_frame()
    assert frame.shape == (12, 2 + 3 * 2)
    row = frame[(frame["repeat"] == 1) & (frame["epoch"] == 3)].iloc[0]
    assert row["validation_mse"] == small.curves["validation"]["mse"][1][2]
