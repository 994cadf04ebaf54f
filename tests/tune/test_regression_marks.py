"""Regression is measured in the target's units, beside what needs no network."""

from dataclasses import replace

import keras
import numpy as np
import pytest
from scipy import stats
from sklearn.datasets import load_diabetes
from sklearn.linear_model import LinearRegression
from sklearn.metrics import r2_score, root_mean_squared_error
from sklearn.preprocessing import StandardScaler

from kerasreg import Split
from kerasreg.crossed_intervals import MeanSquares, error_interval, explained_interval
from kerasreg.data import hold_out
from kerasreg.tune.regression_marks import errors_of, regression_marks, squared_errors, summarize_errors


def diabetes(*, targets=1):
    x, y = load_diabetes(return_X_y=True)
    y = np.stack([y, 1000 * x[:, 0] - 5], axis=1) if targets == 2 else y
    return Split.from_arrays(x, y, task="regression", name="diabetes", seed=0)


def test_the_marks_are_those_of_the_mean_and_of_a_linear_model_of_the_same_training_rows():
    splits = [hold_out(diabetes(), seed=seed) for seed in range(2)]
    marks = regression_marks(splits, np.zeros((2, len(splits[0].y_test))))
    for split, mean, linear in zip(splits, marks["mean"]["scores"], marks["linear"]["scores"], strict=True):
        assert mean == pytest.approx(np.mean((split.y_test - split.y_train.mean()) ** 2), rel=1e-5)
        plain = LinearRegression().fit(split.x_train, split.y_train).predict(split.x_test)
        # Ridge chooses its strength: on these rows it differs from least squares by a few percent at most.
        assert linear == pytest.approx(np.mean((split.y_test - plain) ** 2), rel=0.05)
    assert marks["mean"]["scores"][0] != marks["mean"]["scores"][1]
    assert marks["linear"]["mean"] == pytest.approx(np.mean(marks["linear"]["scores"]))


def test_standardized_marks_are_those_of_scikit_learns_standardized_targets():
    split = diabetes(targets=2)
    no_errors = np.zeros((1, len(split.y_test)))
    marks = regression_marks([split], no_errors, metric="standardized_mse")
    scaler = StandardScaler().fit(split.y_train)
    parts = {f"y_{part}": scaler.transform(getattr(split, f"y_{part}")) for part in ("train", "test")}
    scaled = regression_marks([replace(split, **parts)], no_errors)
    for name in ("mean", "linear"):
        assert marks[name]["mean"] == pytest.approx(scaled[name]["mean"], rel=1e-4)
    assert marks["mean"]["mean"] == pytest.approx(1.0, rel=0.3)


def test_what_is_linear_is_found_whatever_its_units():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(300, 3)) * [1, 1000, 0.001] + [0, 1e4, 0]
    y = x @ np.array([[5, 0], [0.01, 1], [2000, 0]]) + np.array([2000, 0])
    split = Split.from_arrays(x, y, task="regression", seed=0)
    marks = regression_marks([split], np.zeros((1, len(split.y_test))))
    assert marks["linear"]["mean"] < 1e-4 * marks["mean"]["mean"]


def test_more_features_than_rows_have_a_linear_model_too():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(60, 100))
    split = Split.from_arrays(x, x[:, 0] + rng.normal(size=60), task="regression", seed=0)
    marks = regression_marks([split], np.zeros((1, len(split.y_test))))
    assert marks["linear"]["mean"] < 2 * marks["mean"]["mean"]


@pytest.mark.parametrize("targets", [1, 2])
def test_rmse_and_r2_are_scikit_learns(targets):
    split = diabetes(targets=targets)
    model = keras.Sequential([keras.Input((10,)), keras.layers.Dense(targets)])
    errors = errors_of(squared_errors(model, split), split)
    predicted = model.predict(split.x_test, verbose=0)
    true = split.y_test.reshape(len(predicted), -1)
    assert errors["r2"] == pytest.approx(r2_score(true, predicted), rel=1e-5)
    each = root_mean_squared_error(true, predicted, multioutput="raw_values")
    assert errors["rmse"] == pytest.approx(np.sqrt(np.mean(each**2)), rel=1e-5)
    assert [errors[name] for name in ("rmse_1", "rmse_2") if name in errors] == pytest.approx(
        each if targets == 2 else [], rel=1e-5
    )


def test_the_difference_to_a_mark_is_paired_by_row():
    """With one network and one mark it is the paired t interval of SciPy."""
    split = diabetes()
    errors = np.random.default_rng(0).exponential(3000, size=(1, len(split.y_test)))
    mark = regression_marks([split], errors)["mean"]
    paired = stats.ttest_rel(errors[0], (split.y_train.astype(float).mean() - split.y_test) ** 2)
    assert mark["difference"] == pytest.approx(errors.mean() - mark["mean"])
    assert mark["interval_95"] == pytest.approx(tuple(paired.confidence_interval(0.95)), rel=1e-4)


def entries_of(squares, split):
    """What the search keeps of fresh networks with squared errors of shape (seeds, rows, targets)."""
    return [
        {
            "test": errors_of(each, split),
            "row_results": each.mean(axis=1).tolist(),
            **({"row_squares": each.reshape(-1).tolist()} if each.shape[1] > 1 else {}),
        }
        for each in squares
    ]


def test_the_intervals_are_of_rmse_of_each_target_and_of_r2():
    split = diabetes(targets=2)
    squares = np.random.default_rng(1).exponential([3000, 1], size=(3, len(split.y_test), 2))
    summary = summarize_errors(entries_of(squares, split), split)
    for column, rmse in enumerate(summary["rmse_by_target"]):
        each = squares[..., column]
        interval = error_interval(each.mean(), MeanSquares.of_values(each))
        assert rmse["interval_95"] == pytest.approx(np.sqrt(interval))
        assert rmse["scores"] == pytest.approx(np.sqrt(each.mean(axis=1)))
    true = split.y_test.astype(float)
    assert summary["r2"]["interval_95"] == pytest.approx(explained_interval(squares, true))
    assert summary["r2"]["mean"] == pytest.approx(np.mean(1 - squares.mean(axis=(0, 1)) / true.var(axis=0)))
    one = summarize_errors(entries_of(squares[..., :1], diabetes()), diabetes())
    assert "rmse_by_target" not in one
    assert one["rmse"]["interval_95"] == summary["rmse_by_target"][0]["interval_95"]


def test_squares_that_are_too_many_to_keep_leave_no_interval():
    split = diabetes(targets=2)
    squares = np.random.default_rng(1).exponential(size=(3, len(split.y_test), 2))
    entries = [{**entry} for entry in entries_of(squares, split)]
    for entry in entries:
        del entry["row_squares"]
    summary = summarize_errors(entries, split)
    assert summary["r2"]["interval_95"] is summary["rmse_by_target"][0]["interval_95"] is None
    assert summary["r2"]["mean"] == pytest.approx(np.mean([entry["test"]["r2"] for entry in entries]))


def test_a_network_that_diverged_leaves_no_mean_and_no_difference():
    split = diabetes()
    squares = np.full((2, len(split.y_test), 1), 4.0)
    squares[1] = np.nan
    summary = summarize_errors(entries_of(squares, split), split)
    assert summary["rmse"]["mean"] is summary["r2"]["mean"] is None
    assert summary["rmse"]["interval_95"] is summary["r2"]["interval_95"] is None
    marks = regression_marks([split], np.full((1, len(split.y_test)), np.nan))
    assert marks["linear"]["difference"] is marks["linear"]["interval_95"] is None
