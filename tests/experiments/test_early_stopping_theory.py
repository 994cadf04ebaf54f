import json
import re
from dataclasses import replace

import keras
import numpy as np
import pytest
from scipy import stats
from sklearn.linear_model import Ridge
from sklearn.metrics import mean_squared_error

from kerasreg import build_mlp
from kerasreg.checks import InvalidInput
from kerasreg.data import hold_out, noisy_parabola
from kerasreg.experiments import (
    LinearNetworkEquivalence,
    QuadraticDescent,
    linear_network_equivalence,
    quadratic_descent,
)
from kerasreg.experiments.early_stopping_theory import experiment
from kerasreg.population.schedule.training_job import never_begun
from kerasreg.records import PopulationHistory
from tests.helpers.small import small_digits

EPOCHS = (1, 2, 5)


def powers(split, degree=3):
    """The parabola with x, x², x³ for inputs: a linear network of them is a cubic."""
    exponents = np.arange(1, degree + 1, dtype=np.float32)
    names = ("x_train", "x_validation", "x_test")
    return replace(split, **{name: getattr(split, name) ** exponents for name in names})


def build(**given):
    return build_mlp((3,), None, units=(), optimizer="sgd", **given)


@pytest.fixture(scope="module")
def splits():
    return [hold_out(powers(noisy_parabola(20, seed=seed))) for seed in range(3)]


@pytest.fixture(scope="module")
def equivalence(splits):
    return linear_network_equivalence(build, splits, epochs=EPOCHS)


def test_the_network_follows_the_formula_to_single_precision(equivalence):
    assert equivalence.network.shape == (3, 3, 4)
    assert 0 < equivalence.formula_error.max() < 1e-6  # five steps in single precision
    np.testing.assert_allclose(equivalence.learning_rates, 0.1 / equivalence.eigenvalues[:, 0])


def test_the_network_is_what_plain_fit_trains(equivalence, splits):
    split, rate = splits[1], float(equivalence.learning_rates[1])
    model = build(learning_rate=rate)
    model.set_weights([np.zeros_like(values) for values in model.get_weights()])
    model.fit(split.x_train, split.y_train, epochs=5, batch_size=len(split.x_train), verbose=0)
    weights = np.concatenate([values.ravel() for values in model.get_weights()])
    np.testing.assert_allclose(equivalence.network[1, -1], weights, rtol=1e-5)  # single precision


def test_the_networks_ridge_and_errors_are_those_of_scikit_learn(equivalence, splits):
    for number, split in enumerate(splits):
        rows = {
            part: np.column_stack([getattr(split, f"x_{part}"), np.ones(len(getattr(split, f"x_{part}")))])
            for part in ("train", "validation", "test")
        }
        for column, alpha in enumerate(equivalence.alphas[number]):
            ridge = Ridge(alpha=len(rows["train"]) * alpha / 2, fit_intercept=False)
            ridge.fit(rows["train"].astype(float), split.y_train)
            np.testing.assert_allclose(equivalence.ridge[number, column], ridge.coef_, rtol=1e-5)
            for part, errors in (
                ("validation", equivalence.ridge_validation_mse),
                ("test", equivalence.ridge_test_mse),
            ):
                error = mean_squared_error(getattr(split, f"y_{part}"), ridge.predict(rows[part]))
                assert errors[number, column] == pytest.approx(error, rel=1e-5)
            predicted = rows["test"] @ equivalence.network[number, column]
            error = mean_squared_error(split.y_test, predicted)
            assert equivalence.test_mse[number, column] == pytest.approx(error, rel=1e-5)


def test_a_network_without_bias_and_without_validation_rows():
    def without_bias(learning_rate, seed):
        model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1, use_bias=False)])
        model.compile(optimizer=keras.optimizers.SGD(learning_rate), loss="mse")
        return model

    split = powers(noisy_parabola(20))
    found = linear_network_equivalence(without_bias, split, epochs=(4,), learning_rate=0.2)
    assert found.network.shape == (1, 1, 3)
    assert found.formula_error.max() < 1e-6
    assert np.isnan(found.validation_mse).all()
    assert np.isnan(found.chosen_test_mse()).all()
    assert found.summary().splitlines() == [
        f"The trained network is within {found.formula_error.max():.1e} of the formula, relative to the "
        "length of the weights, on 1 data set and up to 4 epochs.",
        "At the matched penalty alpha = 1/(nμ), its weights differ from the ridge weights by "
        f"{100 * found.distance[0, 0]:.1f} % of the latter's length, at the recorded epoch where they differ "
        "most (4).",
    ]


def test_the_chosen_epoch_is_the_one_of_least_validation_error(equivalence):
    scores = np.array([[3.0, 1.0, 2.0], [0.0, 1.0, 2.0], [2.0, 2.0, 1.0]])
    record = replace(equivalence, validation_mse=scores)
    np.testing.assert_array_equal(record.chosen_test_mse(), equivalence.test_mse[range(3), [1, 0, 2]])


def test_the_summary_gives_intervals_and_a_verdict_they_bear_out(equivalence):
    rising = np.tile([1.0, 2.0, 3.0], (3, 1))  # the first epoch is chosen
    test = np.array([[0.5, 9, 9], [0.7, 9, 9], [0.6, 9, 9]])
    same = {"validation_mse": rising, "ridge_validation_mse": rising, "ridge_test_mse": test}
    for shift, verdict in (
        ([0.1, 0.11, 0.12], ": the network predicts worse."),
        ([-0.1, -0.11, -0.12], ": the network predicts better."),
        ([-0.1, 0.1, 0.02], ": no difference shown."),
    ):
        record = replace(equivalence, test_mse=test + np.array(shift)[:, np.newaxis], **same)
        low, high = stats.t.interval(0.95, 2, np.mean(shift), stats.sem(shift))
        ending = (
            f"chosen on the validation rows, network minus ridge: {np.mean(shift):+.2g} on average "
            f"(95 % interval {low:+.2g} to {high:+.2g}){verdict}"
        )
        assert record.summary().endswith(ending)


def test_a_choice_at_the_end_of_the_range_is_told(equivalence):
    falling = np.tile([3.0, 2.0, 1.0], (3, 1))
    record = replace(equivalence, validation_mse=falling, ridge_validation_mse=falling[:, ::-1])
    assert record.summary().endswith(
        "The last recorded epoch was chosen for 3 of 3 networks, and its alpha for 0 of 3 ridge solutions: "
        "more epochs might change this."
    )


def test_after_ctrl_c_epochs_that_were_not_reached_are_nan_and_left_out(splits, equivalence, monkeypatch):
    def interrupted(models, split, **_):
        members = tuple(never_begun("population") for _ in models)
        return PopulationHistory(members=members, monitor=None, mode="min", seconds=0.5, interrupted=True)

    monkeypatch.setattr(experiment, "fit_population", interrupted)
    found = linear_network_equivalence(build, splits, epochs=EPOCHS)
    assert found.interrupted
    assert np.isnan(found.network).all()
    assert np.isnan(found.distance).all()
    assert np.isfinite(found.ridge).all()
    assert found.summary().endswith("No network reached a recorded epoch, so there is nothing to compare.")
    cut = {name: getattr(equivalence, name).copy() for name in ("distance", "formula_error")}
    for values in cut.values():
        values[:, 1:] = np.nan
    told = replace(equivalence, interrupted=True, **cut).summary().splitlines()
    assert told[0].startswith("Interrupted: ")
    assert told[1].endswith("on 3 data sets and up to 1 epoch.")
    assert len(told) == 3


def test_data_sets_that_share_rows_get_no_interval(equivalence, splits):
    assert equivalence.independent
    found = linear_network_equivalence(build, [*splits[:2], hold_out(splits[0], seed=1)], epochs=EPOCHS)
    assert not found.independent
    assert "interval" not in found.summary()
    assert "; the data sets share rows)" in found.summary()
    assert "network predicts" not in found.summary()


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        (
            {"optimizer": keras.optimizers.SGD(0.1, momentum=0.9)},
            "trains with SGD, or with momentum, weight ",
        ),
        ({"optimizer": "adam"}, "trains with Adam, or with momentum, weight decay or clipping. "),
        ({"units": (2,)}, "has weights of shapes [(3, 2), (2,), (2, 1), (1,)] for inputs of shape (3,). "),
        ({"regularization": {"l2": 0.1}}, "has a penalty on its weights. "),
        (
            {"regularization": {"noise_std": 0.5}},
            "does not predict the kernel times the inputs plus the bias. ",
        ),
    ],
)
def test_networks_that_are_no_quadratic_are_refused(splits, change, wrong):
    start = (
        "build must return one linear Dense layer with one output, the mean squared error and SGD without "
        f"momentum; its model {wrong}"
    )
    with pytest.raises(InvalidInput, match=f"^{re.escape(start)}") as refused:
        linear_network_equivalence(
            lambda **given: build_mlp((3,), None, **({"units": (), "optimizer": "sgd"} | given | change)),
            splits,
        )
    assert str(refused.value).endswith(". build_mlp(shape, None, units=(), optimizer='sgd', ...) makes one.")


def test_another_loss_is_refused(splits):
    def absolute(learning_rate, seed):
        model = build(learning_rate=learning_rate, seed=seed)
        model.compile(optimizer=model.optimizer, loss="mae")
        return model

    with pytest.raises(InvalidInput, match=r"its model has the loss 'mae'\. build_mlp"):
        linear_network_equivalence(absolute, splits)


def test_a_schedule_of_rates_is_refused(splits):
    def scheduled(learning_rate, seed):
        schedule = keras.optimizers.schedules.CosineDecay(learning_rate, 10)
        return build_mlp((3,), None, units=(), optimizer=keras.optimizers.SGD(schedule))

    with pytest.raises(InvalidInput, match=r"its model has a schedule of learning rates\. build_mlp"):
        linear_network_equivalence(scheduled, splits)


def test_labels_are_refused():
    message = (
        "The quadratic model is for regression, and 'small digits' has 10 classes. "
        'Give data for regression, such as Split.from_arrays(x, y, task="regression").'
    )
    with pytest.raises(InvalidInput, match=f"^{re.escape(message)}$"):
        linear_network_equivalence(build, small_digits())


def test_a_rate_that_build_ignores_or_that_diverges_is_refused(splits):
    message = "build must use the learning_rate it is given; its optimizer has 0.3 for 0.2."
    with pytest.raises(InvalidInput, match=f"^{re.escape(message)}$"):
        linear_network_equivalence(
            lambda **given: build(learning_rate=0.3), splits, learning_rate=0.2, epochs=(1,)
        )
    with pytest.raises(
        InvalidInput, match=r"^learning_rate must be below 2 / λ_max = .* received 5, with which"
    ):
        linear_network_equivalence(build, splits, learning_rate=5)


def test_without_data_or_epochs_there_is_nothing_to_do(splits):
    message = "linear_network_equivalence needs at least one Split and one number of epochs."
    for data, epochs in (([], (1,)), (splits, ())):
        with pytest.raises(InvalidInput, match=f"^{re.escape(message)}$"):
            linear_network_equivalence(build, data, epochs=epochs)


def test_records_travel_through_json(equivalence):
    descent = quadratic_descent(np.eye(2), [1, 1], learning_rate=0.1, steps=9)
    without = replace(equivalence, test_mse=np.full((3, 3), np.nan))
    for record, kind in ((descent, QuadraticDescent), (without, LinearNetworkEquivalence)):
        text = json.dumps(record.to_dict(), allow_nan=False)
        again = kind.from_dict(json.loads(text))
        assert again.to_dict() == record.to_dict()
        assert again.summary() == record.summary()
        assert again.steps.dtype == record.steps.dtype


def test_the_table_of_networks_has_a_row_for_each_data_set_and_epoch(equivalence):
    rows = equivalence.to_frame().to_dict("records")
    assert [(row["data_set"], row["epoch"]) for row in rows] == [(d, n) for d in range(3) for n in EPOCHS]
    assert rows[4]["distance"] == equivalence.distance[1, 1]
    assert rows[4]["ridge_test_mse"] == equivalence.ridge_test_mse[1, 1]
