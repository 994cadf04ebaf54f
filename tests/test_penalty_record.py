"""The record of a penalty path says what its networks show."""

import json
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from kerasreg.checks import InvalidInput
from kerasreg.records.penalties import PenaltyPath
from kerasreg.records.penalty_sentences import paired_sentence
from tests.penalty_paths import digits_path, made_path


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
    assert made_path(validation, better).summary() == (
        "Of 2 strengths of l2, 0.1 had the least mean validation mean squared error. In networks from fresh "
        "seeds the test mean squared error with it, less that without, was -0.495 (95 % interval -0.559 to "
        "-0.431, 2 pairs on the same data): it is lower. At that strength 30 % of the weights were exactly "
        "zero, 50 % at most 0.001 in magnitude, and 2 of 4 hidden units survived, on average."
    )
    assert "2 pairs on the same data): no difference shown." in made_path(validation, unclear).summary()
    assert "test" not in made_path(validation[::-1], better).summary()  # no penalty was best
    third = [*validation, [np.nan, 0.1]]
    assert made_path(third, third).summary().endswith(" 1 of 6 networks diverged.")


def test_the_summary_compares_the_fresh_networks_alone():
    validation, chosen_by, fresh = (
        [[1.0, 1.1], [0.5, 0.6]],
        [[1.0, 1.1], [0.5, 0.6]],
        [[1.0, 1.1], [2.0, 2.1]],
    )
    path = replace(made_path(validation, chosen_by), fresh=made_path(validation, fresh).fresh)
    assert "less that without, was 1 (95 % interval 1 to 1, 2 pairs on the same data): it is higher." in (
        path.summary()
    )


def test_a_sentence_says_so_where_nothing_can_be_shown():
    assert paired_sentence("It", [0.5, np.nan], "mse") == "It cannot be told, because a network diverged."
    assert paired_sentence("It", [0.5], "cross_entropy") == (
        "It was 0.5 nats in the one pair there is, which shows nothing by itself."
    )
    assert paired_sentence("It", [0.5, 0.51], "mse").endswith("it is higher.")


def test_where_every_strength_diverged_none_is_the_best():
    values = [[np.nan, 1.0]]
    with pytest.raises(InvalidInput) as error:
        made_path(values, values).best()
    message = "At every strength some network diverged; train with a lower learning rate."
    assert str(error.value) == message
