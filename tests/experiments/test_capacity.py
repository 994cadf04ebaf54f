import re
from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.metrics import accuracy_score, mean_squared_error

from kerasreg import build_mlp, noisy_parabola
from kerasreg.checks import InvalidInput
from kerasreg.data import nested_subsets
from kerasreg.experiments import capacity_grid
from tests.helpers.small import small_digits, small_regression


class Builder:
    """Builds networks for the digits, and keeps them with what it was called with."""

    def __init__(self):
        self.calls, self.models = [], []

    def __call__(self, size, seed):
        self.calls.append((size, seed))
        self.models.append(build_mlp((8, 8, 1), 10, units=(size,), learning_rate=0.03, seed=seed))
        return self.models[-1]


def draw(repeat: int):
    return nested_subsets(small_digits(), (30, 120), seed=repeat)


@pytest.fixture(scope="module")
def trained():
    build = Builder()
    grid = capacity_grid(build, draw, np.array([2, 8]), repeats=2, epochs=8, patience=2, seed=3)
    return grid, build


def test_the_errors_are_those_of_scikit_learn_for_the_trained_networks(trained):
    grid, build = trained
    draws = [draw(0), draw(1)]
    for place, (size, rows, repeat) in enumerate(np.ndindex(2, 2, 2)):
        split = draws[repeat][rows]
        for part in ("train", "validation", "test"):
            labels = np.argmax(build.models[place](getattr(split, f"x_{part}")), axis=1)
            expected = 1 - accuracy_score(getattr(split, f"y_{part}"), labels)
            # Accuracies are kept in single precision.
            assert grid.errors(part)[size, rows, repeat] == pytest.approx(expected, abs=1e-6)


def test_beside_the_errors_stands_that_of_the_most_frequent_class(trained):
    errors = []
    for split in (*draw(0), *draw(1)):
        frequent = np.bincount(np.concatenate([split.y_train, split.y_validation])).argmax()
        errors.append(np.mean(split.y_test != frequent))
    assert trained[0].majority_error == pytest.approx(np.mean(errors))
    always = f"Always predicting the most frequent class has an error of {100 * np.mean(errors):.1f} %."
    assert always in trained[0].summary()


def test_sizes_of_one_repeat_share_their_seed_and_repeats_do_not(trained):
    build = trained[1]
    seeds = np.array([seed for _, seed in build.calls]).reshape(2, 2, 2)
    assert len(np.unique(seeds[..., 0])) == len(np.unique(seeds[..., 1])) == 1
    assert seeds[0, 0, 0] != seeds[0, 0, 1]
    assert [size for size, _ in build.calls] == [2] * 4 + [8] * 4


def test_the_record_says_what_was_trained(trained):
    grid = trained[0]
    assert (grid.data, grid.metric, grid.fresh_data) == ("small digits", "error_rate", True)
    assert (grid.sizes, grid.train_rows) == ((2, 8), (30, 120))
    assert grid.num_parameters == (64 * 2 + 2 + 2 * 10 + 10, 64 * 8 + 8 + 8 * 10 + 10)
    assert (grid.validation_rows, grid.test_rows) == ((60, 60), (50, 50))
    assert grid.settings == {"epochs": 8, "batch_size": 32, "patience": 2, "seed": 3}
    assert ((grid.best_epoch >= 1) & (grid.best_epoch <= 8)).all()
    assert set(grid.stop_reason.ravel()) <= {"epochs", "patience"}


def test_more_units_and_more_rows_give_less_error_on_the_digits(trained):
    # Two units can hardly tell ten digits apart, in eight epochs still less: 30 % lie between them.
    mean = trained[0].means("test")[0]
    assert mean[1, 1] < mean[1, 0] - 0.05
    assert mean[1, 1] < mean[0, 1] - 0.2


@pytest.mark.slow
def test_linear_networks_come_to_the_error_of_least_squares_and_one_that_diverged_is_nan():
    splits = nested_subsets(small_regression(), (10, 40))

    def build(size, seed):
        rate = {2: 0.05, 4: 1e30}[size]
        return build_mlp((2,), None, units=(size,), activation="linear", learning_rate=rate, seed=seed)

    grid = capacity_grid(build, splits, (2, 4), repeats=2, epochs=200, batch_size=40)
    for column, split in enumerate(splits):
        weights = LinearRegression().fit(split.x_train, split.y_train)
        for part in ("train", "validation", "test"):
            predicted = weights.predict(getattr(split, f"x_{part}"))
            expected = mean_squared_error(getattr(split, f"y_{part}"), predicted)
            # Adam's last steps still swing; the noise has a variance of 0.01.
            assert grid.errors(part)[0, column] == pytest.approx(expected, rel=0.02, abs=1e-4)
            assert np.isnan(grid.errors(part)[1]).all()
    assert (grid.stop_reason[0] == "epochs").all()
    assert (grid.stop_reason[1] == "diverged").all()
    assert (grid.metric, grid.fresh_data) == ("mse", False)
    assert [choice["chosen"] for choice in grid.choices()] == [2, 2]


def digits_network(size, seed):
    return build_mlp((8, 8, 1), 10, units=(size,), seed=seed)


def without_accuracy(size, seed):
    model = digits_network(size, seed)
    model.compile(optimizer="adam", loss=model.loss)
    return model


def without_test_rows():
    split = noisy_parabola(10)
    return replace(
        split, x_test=split.x_test[:0], y_test=split.y_test[:0], test_indices=split.test_indices[:0]
    )


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"sizes": []}, "sizes must hold at least one size of network; received none."),
        (
            {"splits": [1, 2]},
            "Each of splits must be a Split; received 1. Make one of your arrays with "
            "Split.from_arrays(x, y).",
        ),
        (
            {"splits": lambda repeat: []},
            "splits must hold at least one Split; received none.",
        ),
        (
            {"splits": lambda repeat: draw(0)[::-1]},
            "The splits must be in ascending order of their training rows; received [120, 30].",
        ),
        (
            {"splits": lambda repeat: draw(0)[: repeat + 1]},
            "Every draw must have the same numbers of training rows; received [30] and [30, 120].",
        ),
        (
            {"splits": [without_test_rows()]},
            "Every split needs test rows to measure its networks on, and one has none.",
        ),
        (
            {"sizes": (4, 2)},
            "The sizes must be in ascending order of their number of parameters; received [4, 2] with "
            "[310, 160] parameters.",
        ),
        (
            {"build": without_accuracy},
            "All networks must be compiled with the metric 'accuracy'; they have cross_entropy.",
        ),
        ({"repeats": 0}, "repeats must be a whole number of at least 1; received 0."),
        ({"seed": -1}, "seed must be a whole number of at least 0; received -1."),
    ],
)
def test_what_cannot_be_used_is_refused(changed, message):
    arguments = {
        "build": digits_network,
        "splits": draw,
        "sizes": (2, 4),
        "repeats": 2,
        "epochs": 1,
    } | changed
    with pytest.raises(InvalidInput, match=f"^{re.escape(message)}$"):
        capacity_grid(**arguments)
