import json
import re

import numpy as np
import pytest
from scipy import stats

from kerasreg.checks import InvalidInput
from kerasreg.experiments.capacity.bounds import deeper_bound, one_hidden_layer_bound, ten_rows_per_weight
from kerasreg.experiments.capacity.record import CapacityGrid
from tests.helpers.capacity_grids import TEST, small_grid


def with_nan(*places: tuple[int, int, int]) -> np.ndarray:
    errors = np.array(TEST)
    for place in places:
        errors[place] = np.nan
    return errors


def test_the_intervals_of_the_means_are_students():
    mean, low, high = small_grid().means("test")
    values = TEST[1][0]
    ends = stats.t.interval(0.95, 2, loc=np.mean(values), scale=stats.sem(values))
    assert (mean[1, 0], low[1, 0], high[1, 0]) == pytest.approx((np.mean(values), *ends))
    assert mean.shape == low.shape == high.shape == (2, 3)


def test_the_interval_of_an_error_rate_stays_within_0_and_1():
    errors = np.array(TEST)
    errors[0, 0] = [0.0, 0.0, 0.3]
    errors[0, 1] = [1.0, 1.0, 0.7]
    _, low, high = small_grid(test_error=errors).means("test")
    assert low[0, 0] == 0.0
    assert high[0, 1] == 1.0


def test_means_leave_out_networks_that_diverged():
    mean, low, _ = small_grid(test_error=with_nan((0, 0, 0), (0, 1, 0), (0, 1, 1))).means()
    assert mean[0, 0] == pytest.approx(0.53)
    assert np.isfinite(low[0, 0])
    assert (mean[0, 1], np.isnan(low[0, 1])) == (pytest.approx(0.31), True)
    empty = small_grid(test_error=with_nan(*((0, 0, repeat) for repeat in range(3)))).means()
    assert np.isnan([each[0, 0] for each in empty]).all()


def test_a_difference_of_sizes_is_the_paired_t_test():
    mean, ends = small_grid().difference((8, 2), 4, train_rows=20)
    expected = stats.ttest_rel(TEST[1][1], TEST[0][1]).confidence_interval(0.95)
    assert mean == pytest.approx(np.mean(TEST[1][1]) - np.mean(TEST[0][1]))
    assert ends == pytest.approx((expected.low, expected.high))


def test_one_pair_gives_a_difference_without_an_interval():
    grid = small_grid(test_error=with_nan((0, 0, 0), (1, 0, 1)))
    assert grid.difference(4, (8, 2), train_rows=10) == (pytest.approx(0.10), None)


def test_sizes_are_chosen_by_validation_error_and_compared_by_test_error():
    grid = small_grid(validation_error=1 - np.array(TEST))  # the choice is then the worse by test error
    first, second, third = grid.choices()
    assert (first["chosen"], first["lower"], first["higher"]) == (4, [(8, 2)], [])
    assert (second["chosen"], second["not_shown"]) == (4, [(8, 2)])
    assert (third["chosen"], third["lower"]) == ((8, 2), [4])


def test_of_sizes_with_equal_validation_errors_the_smaller_is_chosen():
    grid = small_grid(validation_error=np.full((2, 3, 3), 0.5))
    assert [choice["chosen"] for choice in grid.choices()] == [4, 4, 4]


def test_the_summary_has_a_choice_for_each_number_of_rows_and_then_the_conditions():
    assert small_grid().summary().split("\n") == [
        "10 training rows: choose size 8-2, test error 42.3 % (95 % interval 37.2 % to 47.5 %); higher test "
        "error shown for size 4.",
        "20 training rows: choose size 8-2, test error 31.0 % (95 % interval 28.5 % to 33.5 %); no "
        "difference in test error shown for size 4.",
        "40 training rows: choose size 4, test error 21.0 % (95 % interval 18.5 % to 23.5 %); higher test "
        "error shown for size 8-2.",
        "The choice is by mean validation error over 3 repeats, each with its own rows, initial weights and "
        "order of rows. Networks that did not finish training are left out. Comparisons are paired by "
        "repeat; each has its own 95 % interval, so about one in twenty shows a difference where there is "
        "none.",
    ]
    assert small_grid(interrupted=True).summary().startswith("Interrupted: networks that had not finished")


def test_the_summary_of_one_repeat_of_one_draw_claims_no_difference():
    alone = {
        name: getattr(small_grid(), name)[..., :1]
        for name in ("train_error", "validation_error", "test_error", "best_epoch", "stop_reason")
    }
    first, *_, last = small_grid(fresh_data=False, **alone).summary().split("\n")
    assert first == (
        "10 training rows: choose size 8-2, test error 40.0 %; too few repeats to compare with size 4."
    )
    assert "1 repeat, each with its own initial weights and order of rows" in last


def test_without_validation_errors_the_summary_chooses_nothing():
    grid = small_grid(metric="mse", validation_error=np.full((2, 3, 3), np.nan))
    assert grid.summary().split("\n")[0] == (
        "10 training rows: no validation error to choose a size by; mean test errors range from 0.423 (size "
        "8-2) to 0.52 (size 4)."
    )
    nothing = small_grid(**{f"{part}_error": np.full((2, 3, 3), np.nan) for part in ("validation", "test")})
    assert "no size has a validation or a test error." in nothing.summary()


def test_rows_for_each_parameter_and_the_gap_are_quotients_and_differences():
    grid = small_grid()
    assert grid.rows_per_parameter == pytest.approx(np.array([[0.25, 0.5, 1.0], [0.1, 0.2, 0.4]]))
    assert grid.generalization_gap == pytest.approx(0.9 * np.array(TEST))


def test_the_record_survives_json():
    grid = small_grid(test_error=with_nan((1, 2, 0)))
    text = json.dumps(grid.to_dict(), allow_nan=False)
    again = CapacityGrid.from_dict(json.loads(text))
    assert json.dumps(again.to_dict()) == text
    assert again.sizes == (4, (8, 2))
    assert again.test_error == pytest.approx(grid.test_error, nan_ok=True)
    assert again.summary() == grid.summary()


def test_the_table_has_a_row_for_each_network():
    table = small_grid().to_frame()
    assert len(table) == 18
    row = table.iloc[11]
    assert (row["size"], row["train_rows"], row["repeat"], row["best_epoch"]) == ((8, 2), 10, 2, 11)
    assert row["test_error"] == pytest.approx(0.44)
    assert row["generalization_gap"] == pytest.approx(0.44 * 0.9)


def test_the_bounds_stand_beside_the_rows_that_were_enough():
    table = small_grid().bounds(0.25).to_dict("records")
    first, second = table
    assert (first["ten_rows_per_weight"], first["reached_with"]) == (400, 40)
    assert first["one_hidden_layer"] == pytest.approx(40 / 0.25 * 4)  # log2(4 / 0.25) = 4
    assert second["deeper"] == pytest.approx(100 / 0.25 * np.log2(100))
    assert second["one_hidden_layer"] is None or np.isnan(second["one_hidden_layer"])
    assert np.isnan(second["reached_with"])
    told = small_grid().bounds(0.25, hidden_units=(4, 16)).to_dict("records")[1]
    assert told["one_hidden_layer"] == pytest.approx(100 / 0.25 * 6)


def test_the_bounds_are_the_lectures_formulas():
    assert one_hidden_layer_bound(1000, 8, 0.125) == 1000 / 0.125 * 6
    assert deeper_bound(1024, 0.5) == 1024 * 10 / 0.5
    assert ten_rows_per_weight(7) == 70
    assert one_hidden_layer_bound(1000, 8, 0.05) > one_hidden_layer_bound(1000, 8, 0.1)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: small_grid(test_error=np.zeros((3, 3, 3))),
            "test_error must have shape (2, 3, 3), which is (sizes, numbers of rows, repeats); received "
            "(3, 3, 3).",
        ),
        (
            lambda: small_grid().errors("score"),
            "part must be one of 'train', 'validation', 'test'; received 'score'.",
        ),
        (
            lambda: small_grid().difference(4, 5, train_rows=10),
            "second must be one of 4, (8, 2); received 5.",
        ),
        (
            lambda: small_grid().difference(4, (8, 2), train_rows=30),
            "train_rows must be one of 10, 20, 40; received 30.",
        ),
        (lambda: small_grid(metric="mse").bounds(), "The bounds are for error rates; this grid has mse."),
        (
            lambda: small_grid().bounds(hidden_units=(4,)),
            "hidden_units must have one entry for each of 2 sizes; received 1.",
        ),
        (
            lambda: one_hidden_layer_bound(10, 2, 1),
            "error must be a number above 0 and below 1; received 1.",
        ),
        (lambda: deeper_bound(0, 0.1), "num_weights must be a whole number of at least 1; received 0."),
    ],
)
def test_what_cannot_be_is_refused(call, message):
    with pytest.raises(InvalidInput, match=f"^{re.escape(message)}$"):
        call()
