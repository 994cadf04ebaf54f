import json
import math

import pytest
from scipy import stats

from kerasreg.checks import InvalidInput
from kerasreg.experiments.noise.record import NoiseComparison
from tests.helpers.noise_comparisons import noise_comparison


def test_the_strength_is_chosen_by_validation_though_another_is_better_on_test():
    record = noise_comparison()
    assert record.chosen("dropout", 100) == 0.5
    test = {strength: record.values("dropout", strength, 100).mean() for strength in (0.1, 0.5)}
    assert test[0.1] < test[0.5]


def test_of_strengths_with_equal_validation_error_the_weakest_is_chosen():
    assert noise_comparison().chosen("noise_std", 100) == 0.2


def test_the_comparison_is_the_paired_t_interval_of_the_fresh_runs():
    record = noise_comparison()
    row = record.comparisons()[0]
    without = [run.test["error"] for run in record.runs if run.method == "none" and run.fresh]
    with_it = [run.test["error"] for run in record.runs if run.method == "dropout" and run.fresh]
    oracle = stats.ttest_rel(with_it, without)
    assert (row["method"], row["strength"]) == ("dropout", 0.5)
    assert [row["low"], row["high"]] == pytest.approx(list(oracle.confidence_interval(0.95)))
    family = oracle.confidence_interval(1 - 0.05 / 2)  # two comparisons: two methods at one size
    assert [row["family_low"], row["family_high"]] == pytest.approx(list(family))


def test_the_sentences_say_what_the_intervals_show():
    assert noise_comparison().summary().split("\n") == [
        "dropout 0.5, size 100: lower test error than with none (difference -3.0 percentage points, 95 % "
        "interval -4.5 to -1.5, 4 fresh repeats).",
        "noise_std 0.2, size 100: no difference shown in test error (difference +0.0 percentage points, 95 % "
        "interval -2.9 to +2.9, 4 fresh repeats).",
        "Each strength was chosen on validation data of other networks. 1 of 2 95 % intervals exclude 0; by "
        "chance alone, 0.1 would on average. After Bonferroni's correction, which widens the intervals so "
        "that all of them hold together, 1 of 2 exclude 0.",
    ]


def test_a_pair_that_diverged_leaves_no_comparison():
    record = noise_comparison(diverged=True)
    assert record.summary().startswith(
        "dropout 0.5, size 100: no comparison, in 1 of 4 pairs a network diverged or was interrupted."
    )
    assert math.isnan(record.comparisons()[0]["mean"])


def test_the_record_survives_json_with_what_is_not_finite():
    record = noise_comparison(diverged=True)
    again = NoiseComparison.from_dict(json.loads(json.dumps(record.to_dict(), allow_nan=False)))
    assert again.to_dict() == record.to_dict()
    assert sum(math.isnan(run.test["error"]) for run in again.runs) == 1


def test_the_table_has_one_row_for_each_network():
    record = noise_comparison()
    table = record.to_frame()
    assert len(table) == len(record.runs)
    assert list(table["test_error"]) == [run.test["error"] for run in record.runs]


def test_a_record_without_its_baseline_is_refused():
    record = noise_comparison()
    runs = tuple(run for run in record.runs if run.method != "none")
    with pytest.raises(InvalidInput) as caught:
        NoiseComparison(**{**vars(record), "runs": runs})
    assert str(caught.value) == 'There is nothing to compare with: no run has the method "none".'
