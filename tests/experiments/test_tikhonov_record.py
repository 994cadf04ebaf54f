import json
import math

import numpy as np
import pytest

from kerasreg.experiments.tikhonov.record import TikhonovComparison
from tests.helpers.tikhonov_comparisons import simulated_comparison, tikhonov_comparison

SIMULATIONS = 600


def test_the_distances_are_root_mean_squares_over_the_test_rows():
    record = tikhonov_comparison()
    x = np.array(record.x_test[0])[:, 0]
    length = np.sqrt(np.mean(x**2))
    assert record.effect(0.1) == pytest.approx([0.1 * length, 0.11 * length])
    assert record.distance(0.1) == pytest.approx([0.02 * length, 0.022 * length])
    assert record.distance(0.1, method="other noise") == pytest.approx([0.005 * length, 0.0055 * length])


def test_the_squared_gap_is_that_of_three_distances():
    record = simulated_comparison(np.random.default_rng(0), gap=0.5)
    noise, other, penalty = (
        record.values("predictions", method, 0.1) for method in ("noise", "other noise", "penalty")
    )
    squares = [np.mean(apart**2, axis=1) for apart in (noise - penalty, other - penalty, noise - other)]
    assert record.squared_gap(0.1) == pytest.approx((squares[0] + squares[1] - squares[2]) / 2)


def test_where_penalty_and_mean_noise_are_one_the_interval_holds_0_about_95_times_in_100():
    rng = np.random.default_rng(1)
    rows = [simulated_comparison(rng, gap=0.0).comparisons()[0] for _ in range(SIMULATIONS)]
    held = np.mean([row["squared_gap_low"] <= 0 <= row["squared_gap_high"] for row in rows])
    # three standard errors of a share of 0.95 in 600 are 0.027
    assert held == pytest.approx(0.95, abs=0.027)
    # The product of two scatters of 0.3 has the standard deviation 0.09; 8 repeats of 10 rows are averaged.
    found = np.mean([row["squared_gap"] for row in rows])
    assert found == pytest.approx(0, abs=4 * 0.09 / np.sqrt(80 * SIMULATIONS))
    # What both distances would say: two draws of the noise are further apart than noise and penalty.
    assert np.mean([row["distance"] < row["luck"] for row in rows]) > 0.99


def test_a_gap_as_wide_as_the_scatter_of_the_noise_is_shown_though_the_distances_are_alike():
    rng = np.random.default_rng(2)
    records = [simulated_comparison(rng, gap=0.3, scatter=0.3) for _ in range(100)]
    rows = [record.comparisons()[0] for record in records]
    # (gap + scatter) (gap + other scatter) has the variance 2 gap² scatter² + scatter⁴ on each row.
    spread = np.sqrt(3 * 0.3**4 / (80 * len(rows)))
    assert np.mean([row["squared_gap"] for row in rows]) == pytest.approx(0.3**2, abs=4 * spread)
    difference = np.mean([row["distance"] - row["luck"] for row in rows])
    assert abs(difference) < 0.02
    # The gap is 5 standard errors of a record wide, the end of the interval 2.4.
    shown = ["penalty is shown" in record.summary() for record in records]
    assert np.mean(shown) > 0.9


@pytest.mark.parametrize(
    ("changed", "shown", "square", "distances"),
    [
        ({"growth": 0.05}, "shown", "+0.00020, 95 % interval +0.00008 to +0.00032", (0.081, 0.016, 0.0041)),
        (
            {"growth": 0.1},
            "not shown",
            "+0.00021, 95 % interval -0.00004 to +0.00046",
            (0.083, 0.017, 0.0042),
        ),
        (
            # The penalty is between both draws, so that the estimate of the square is below 0.
            {"growth": 0.01, "penalty": 1.025},
            "not shown",
            "-0.00000395, 95 % interval -0.00000444 to -0.00000345",
            (0.079, 0.002, 0.004),
        ),
    ],
)
def test_the_sentences_say_what_the_intervals_show(changed, shown, square, distances):
    effect, distance, luck = distances
    assert tikhonov_comparison(**changed).summary().split("\n")[0] == (
        f"s = 0.1: a systematic difference between noise and penalty is {shown} (squared distance {square}). "
        f"Distances: {effect} from noise to no noise, {distance} from noise to penalty, {luck} between two "
        "draws of the noise. Test mean squared error, noise minus penalty: higher (+0.05, 95 % interval "
        "+0.05 to +0.05)."
    )


def test_networks_that_diverged_leave_no_comparison_and_survive_json():
    record = tikhonov_comparison()
    runs = record.to_dict()["runs"]
    runs[-1] |= {"test_mse": None, "predictions": [None] * 4}
    again = TikhonovComparison.from_dict(record.to_dict() | {"runs": runs})
    assert math.isnan(again.runs[-1].test_mse)
    assert again.summary().split("\n")[1] == (
        "s = 0.2: no comparison, some networks diverged or were interrupted."
    )
    assert json.loads(json.dumps(again.to_dict(), allow_nan=False))["runs"] == runs


def test_the_table_has_one_row_for_each_network():
    record = tikhonov_comparison()
    assert len(record.to_frame()) == len(record.runs) == 18
    assert "predictions" not in record.to_frame().columns
