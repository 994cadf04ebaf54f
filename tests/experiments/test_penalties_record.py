"""The record of a penalty path says what its networks show."""

import json
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from kerasreg.checks import InvalidInput
from kerasreg.experiments.penalties.record import PenaltyPath, paired_sentence
from kerasreg.experiments.penalties.survivors_record import SurvivorComparison, SurvivorPair
from tests.helpers.penalty_paths import digits_path, made_path


def test_a_path_goes_through_json_and_comes_back_equal():
    path, _ = digits_path("proximal_l1")
    again = PenaltyPath.from_dict(json.loads(json.dumps(path.to_dict())))
    assert again == path
    assert list(again.to_frame()["fresh"]) == [False] * 6 + [True] * len(path.fresh)


def test_bands_are_students_intervals_and_nan_where_a_network_diverged():
    values = [[1.0, 1.2, 1.5], [0.5, 0.7, np.nan]]
    mean, low, high = made_path(values, values).band("validation_mse")
    expected = stats.t.interval(0.95, 2, np.mean(values[0]), stats.sem(values[0]))
    np.testing.assert_allclose([low[0], high[0]], expected)
    assert mean[0] == pytest.approx(np.mean(values[0]))
    assert np.isnan([mean[1], low[1], high[1]]).all()


def test_the_summary_tells_a_difference_from_none():
    validation = [[1.0, 1.1], [0.5, 0.6]]
    better, unclear = [[1.0, 1.1], [0.50, 0.61]], [[1.0, 1.1], [0.5, 1.3]]
    assert made_path(validation, better).summary().split("\n") == [
        "Choose l2 = 0.1: lowest mean validation mean squared error of 2 strengths.",
        "Lower test mean squared error for fresh networks with the penalty than for those without (mean "
        "difference -0.495, 95 % interval -0.559 to -0.431, 2 pairs on the same data).",
        "At that strength, on average, 30 % of the weights are exactly zero, 50 % are at most 0.001 in "
        "magnitude, and 2 of 4 hidden units survive.",
    ]
    assert "No difference shown in test mean squared error" in made_path(validation, unclear).summary()
    assert "test" not in made_path(validation[::-1], better).summary()  # no penalty was best
    third = [*validation, [np.nan, 0.1]]
    assert made_path(third, third).summary().endswith("2 of 12 networks diverged or were interrupted.")


def test_the_summary_compares_the_fresh_networks_alone():
    validation, chosen_by, fresh = (
        [[1.0, 1.1], [0.5, 0.6]],
        [[1.0, 1.1], [0.5, 0.6]],
        [[1.0, 1.1], [2.0, 2.1]],
    )
    path = replace(made_path(validation, chosen_by), fresh=made_path(validation, fresh).fresh)
    assert "Higher test mean squared error for fresh networks with the penalty" in path.summary()


def test_a_sentence_says_so_where_nothing_can_be_shown():
    kinds = ("small networks", "large ones")
    assert paired_sentence("test error", kinds, [0.5, np.nan], "mse") == (
        "No comparison of small networks with large ones: a network diverged or was interrupted."
    )
    assert paired_sentence("test error", kinds, [0.5], "cross_entropy") == (
        "No difference shown in test error between small networks and large ones: one pair only (mean "
        "difference 0.5 nats)."
    )
    assert paired_sentence("test error", kinds, [0.5, 0.51], "mse").startswith("Higher test error for small")


def test_where_every_strength_diverged_none_is_the_best_and_the_summary_says_so():
    values = [[np.nan, 1.0]]
    path = replace(made_path(values, values), interrupted=True)
    with pytest.raises(InvalidInput) as error:
        path.best()
    assert str(error.value) == (
        "No strength can be chosen: at each, some network diverged or was interrupted. If they diverged, "
        "train with a lower learning rate."
    )
    assert path.summary().split("\n") == [
        "Interrupted: networks that had not finished training are left out.",
        "No strength of l2 can be chosen by validation error.",
        "2 of 4 networks diverged or were interrupted.",
    ]


def test_the_weights_of_a_network_that_did_not_finish_are_not_counted():
    path = made_path([[np.nan, 1.0]], [[1.0, 1.0]])
    assert np.isnan(path.values("share_zero")[0]).tolist() == [True, False]
    assert np.isnan(path.values("surviving_units_1")[0]).tolist() == [True, False]


@pytest.mark.parametrize(
    ("small", "verdict"),
    [
        (
            [0.5, 0.61],
            "Lower test mean squared error for small networks without a penalty than for penalized networks "
            "(mean difference -0.495, 95 % interval -0.559 to -0.431, 2 pairs on the same data).",
        ),
        (
            [1.5, 0.75],
            "No difference shown in test mean squared error between small networks without a penalty and "
            "penalized networks (mean difference 0.075, 95 % interval -5.33 to 5.48, 2 pairs on the same "
            "data).",
        ),
        (
            [np.nan, 0.9],
            "No comparison of small networks without a penalty with penalized networks: a network diverged "
            "or was interrupted.",
        ),
    ],
)
def test_the_verdict_on_survivors_is_what_the_pairs_show(small, verdict):
    pairs = [
        SurvivorPair(repeat=place, seed=place, units=(2 + place,), num_params=5, penalized=large, small=error)
        for place, (large, error) in enumerate(zip([1.0, 1.1], small, strict=True))
    ]
    found = SurvivorComparison(
        penalty="l1", strength=0.1, metric="mse", units=(8,), num_params=25, seconds=1.0, pairs=tuple(pairs)
    )
    assert found.summary().split("\n") == [
        verdict,
        "With l1 = 0.1, 2 to 3 of 8 hidden units survive; the small networks have as many and are trained "
        "from scratch.",
    ]
