"""What was found of ships and the slick is scored against the truth."""

import json

import numpy as np
import pytest

from images import sea as drawn_sea
from kerasreg.experiments import SeaScores, ShipCounting, score_seas, ship_counting
from tests.helpers.refusing import refused
from tests.helpers.seas import SHIPS, SLICK, sea


@pytest.fixture(scope="module")
def counted():
    return ship_counting(sea(), SHIPS, SLICK, noise=(0.0, 0.05), repeats=3, seed=1)


def test_the_scores_are_those_counted_by_hand():
    found = [[[[12, 15, 0], [20, 80, 1], [1, 1, -1], [2, 2, -1]]], [[[12, 15, 0]]]]
    nothing = [[np.empty((0, 3)).tolist()]] * 2
    record = ShipCounting.from_dict(
        {
            "data": "by hand",
            "picture": sea().tolist(),
            "ships": SHIPS.tolist(),
            "slick": SLICK.tolist(),
            "noise": [0.0, 0.1],
            "found": {"spots": found, "laplace": nothing},
            "overlap": [[1.0], [0.5]],
            "outlines": [SLICK.tolist()] * 2,
            "settings": {"repeats": 1, "tolerance": 5.0, "seed": 0},
            "seconds": 1.0,
        }
    )
    np.testing.assert_allclose(record.recall("spots"), [[2 / 5], [1 / 5]])
    np.testing.assert_allclose(record.precision("spots"), [[1 / 2], [1]])
    np.testing.assert_allclose(record.f1("spots"), [[2 * 0.4 * 0.5 / 0.9], [2 * 0.2 / 1.2]])
    assert np.isnan(record.precision("laplace")).all()
    assert (record.f1("laplace") == 0).all()
    assert record.summary() == (
        "Noise 0, 5 ships: spots found 2 and 2 false; laplace found 0 and 0 false. Overlap of the slick's "
        "outline: 1.000.\n"
        "Noise 0.1, 5 ships: spots found 1 and 0 false; laplace found 0 and 0 false. Overlap of the slick's "
        "outline: 0.500."
    )


def test_the_study_finds_the_ships_and_repeats_with_its_seed(counted):
    assert (counted.recall("spots") == 1).all()
    assert (counted.num_false("spots") == 0).all()
    assert (counted.overlap > 0.9).all()
    again = ship_counting(sea(), SHIPS, SLICK, noise=(0.05,), repeats=2, seed=1)
    for repeat in range(2):
        np.testing.assert_array_equal(again.found["laplace"][0][repeat], counted.found["laplace"][1][repeat])
    other = ship_counting(sea(), SHIPS, SLICK, noise=(0.05,), repeats=1, seed=2)
    assert not np.array_equal(other.found["spots"][0][0], counted.found["spots"][1][0])


def test_the_methods_are_compared_in_pairs_and_without_noise_not_at_all(counted):
    without, noisy = counted.scores()
    assert np.isnan(without["f1_difference_low"])
    differences = counted.f1("spots")[1] - counted.f1("laplace")[1]
    assert noisy["f1_difference"] == pytest.approx(differences.mean())
    lines = counted.summary().split("\n")
    assert "F1 of spots" not in lines[0]
    assert "ships: F1 of spots minus F1 of laplace: higher, " in lines[1]
    assert lines[2] == (
        "The intervals are over 3 draws of the noise on this one picture, and say nothing about others."
    )


def test_the_record_survives_json_and_has_a_row_for_each_draw(counted):
    again = ShipCounting.from_dict(json.loads(json.dumps(counted.to_dict())))
    assert again.to_dict() == counted.to_dict()
    assert again.summary() == counted.summary()
    frame = counted.to_frame()
    assert len(frame) == 2 * 2 * 3
    assert list(frame["matched"][:6]) == [5] * 6


@pytest.fixture(scope="module")
def seas():
    few = SHIPS[:2]
    return score_seas([(sea(), SHIPS, SLICK), (sea(0.03, ships=few), SHIPS[[0, 1, 4]], SLICK)])


def test_each_sea_is_scored_against_its_own_truth(seas):
    assert list(seas.ships) == [5, 3]
    assert list(seas.num_matched("spots")) == [5, 2]
    assert list(seas.num_false("spots")) == [0, 0]
    np.testing.assert_allclose(seas.f1("spots"), [1, 2 * 2 / (3 + 2)])
    assert (seas.num_false("laplace") > 0).all()
    alone = ship_counting(sea(), SHIPS, SLICK, noise=(0.0,), repeats=1)
    assert seas.overlap[0] == alone.overlap[0, 0]
    assert seas.f1("laplace")[0] == alone.f1("laplace")[0, 0]


def test_the_scores_of_seas_are_told_with_their_intervals_and_survive_json(seas):
    scores = seas.scores()
    assert (scores["matched_spots"], scores["f1_spots_high"]) == (3.5, 1)  # cut: no F1 is above 1
    told = seas.summary()
    first, second = told.splitlines()
    assert first == (
        "All ships and nothing else were found by spots in 1 and by laplace in 0 of 2 seas with 3 to 5 ships "
        "each."
    )
    assert "spots found 3.5 (95 % interval 0.0 to 4.0) and 0 false; laplace found " in second
    assert second.endswith(f" Lowest overlap: {seas.overlap.min():.3f}.")
    again = SeaScores.from_dict(json.loads(json.dumps(seas.to_dict())))
    assert again.to_dict() == seas.to_dict()
    assert again.summary() == told
    assert list(seas.to_frame()["matched"][:2]) == [5, 2]


def test_the_ships_of_a_sea_that_the_methods_were_not_made_for_are_found():
    picture, slick, ships = drawn_sea.draw(seed=1)
    record = score_seas([(picture, ships, slick)])
    assert record.f1("spots") == 1
    assert record.f1("laplace") < 0.8
    assert record.overlap > 0.9
    assert np.isnan(record.scores()["f1_spots_low"])  # of one sea


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: ship_counting(sea(), [], SLICK),
            "ships must hold the (row, column) of at least one ship, finite numbers of shape (ships, 2); "
            "received shape (0,).",
        ),
        (
            lambda: ship_counting(sea(), [[1, np.nan]], SLICK),
            "ships must hold the (row, column) of at least one ship, finite numbers of shape (ships, 2); "
            "received shape (1, 2) with NaN or infinity.",
        ),
        (
            lambda: ship_counting(sea(), [[12, 15], [15, 120]], SLICK),
            "ships must lie in the picture, rows 0 to 99 and columns 0 to 99; received rows 12 to 15 and "
            "columns 15 to 120.",
        ),
        (
            lambda: score_seas((sea(), SHIPS, SLICK)),
            "Each of seas must hold three things, its picture, the true ships and the true slick; received "
            "one of type ndarray.",
        ),
        (
            lambda: score_seas(None),
            "seas must be a list of pictures with their ships and their slick; received None.",
        ),
        (
            lambda: score_seas([(sea(), SHIPS)]),
            "Each of seas must hold three things, its picture, the true ships and the true slick; received "
            "2 in a tuple.",
        ),
        (
            lambda: score_seas([]),
            "seas must hold at least one picture with its ships and its slick; received none.",
        ),
        (
            lambda: ship_counting(sea(), SHIPS, SLICK[:50]),
            "slick must hold booleans of shape (100, 100), as the picture has, at least one of them true; "
            "received bool of shape (50, 100).",
        ),
        (
            lambda: ship_counting(sea(), SHIPS, SLICK, noise=(0.1, 0.0)),
            "noise must be a list of one or more ascending numbers; received (0.1, 0.0).",
        ),
        (
            lambda: ship_counting(sea(), SHIPS, SLICK, noise=0.1),
            "noise must be a list of one or more ascending numbers; received 0.1.",
        ),
    ],
)
def test_what_cannot_be_used_is_refused(call, message):
    refused(message, call)
