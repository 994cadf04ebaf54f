"""Ships and the slick are found in a filtered picture."""

import numpy as np
import pytest
from scipy.ndimage import binary_dilation

from kerasreg.data import own_picture, sea_truth
from kerasreg.experiments import find_ships, outline_slick
from kerasreg.experiments.ships.experiment import matches
from tests.helpers.refusing import refused
from tests.helpers.seas import SHIPS, SLICK, sea


@pytest.mark.parametrize("noise", [0.0, 0.03, 0.08])
def test_every_ship_is_found_and_nothing_else(noise):
    found = find_ships(sea(noise))
    assert len(found) == len(SHIPS)
    # A hull has its middle half a pixel left of its place here; noise moves it by less than a pixel.
    assert sorted(matches(found, SHIPS, 1.5)) == [0, 1, 2, 3, 4]


def test_the_laplacian_alone_takes_the_edge_of_the_slick_for_ships():
    found = find_ships(sea(0.03), "laplace")
    partners = matches(found, SHIPS, 4)
    assert set(partners) >= {0, 1, 2, 3}
    edge = binary_dilation(SLICK, iterations=4) ^ SLICK | (SLICK & binary_dilation(~SLICK, iterations=4))
    false = found[partners < 0].round().astype(int)
    assert len(false) > 5
    assert edge[tuple(false.T)].all()


def test_a_brighter_or_a_darker_print_of_the_picture_gives_the_same_ships():
    expected = find_ships(sea(0.03))
    # Cut at the same levels but for rounding.
    np.testing.assert_allclose(find_ships(0.2 * sea(0.03) + 0.7), expected, atol=1e-6)


def test_a_picture_without_anything_has_no_ships():
    assert find_ships(np.full((30, 30), 0.4)).shape == (0, 2)
    assert find_ships(np.full((30, 30), 0.4), "laplace").shape == (0, 2)


def test_a_piece_that_is_larger_than_a_ship_is_none():
    island = sea(ships=SHIPS[:2])
    island[65:80, 10:25] = 0.95
    assert sorted(matches(find_ships(island), SHIPS, 2)) == [0, 1]
    assert len(find_ships(island, max_pixels=300)) == 3


def test_all_ships_of_the_projects_own_sea_are_found_and_its_slick_outlined():
    picture, (ships, slick) = own_picture("sea"), sea_truth()
    partners = matches(find_ships(picture), ships, 5)
    assert sorted(partners) == list(range(len(ships)))
    outline = outline_slick(picture)
    assert (outline & slick).sum() > 0.95 * (outline | slick).sum()


def test_the_slick_is_outlined_to_its_edge_and_its_ship_is_no_hole():
    outline = outline_slick(sea(0.03))
    # A blur over three pixels and noise leave the edge uncertain by one pixel on either side.
    assert not (outline & ~binary_dilation(SLICK, iterations=2)).any()
    assert not (~outline & ~binary_dilation(~SLICK, iterations=2)).any()
    dark = outline_slick(1 - sea(0.03), dark=True)
    np.testing.assert_array_equal(dark, outline)


def test_pairs_are_as_many_as_can_be_even_where_the_nearest_is_anothers():
    found, ships = np.array([[0.0, 0.0], [0.0, 4.0], [50.0, 50.0]]), np.array([[0.0, 3.0], [0.0, 8.0]])
    assert list(matches(found, ships, 4.5)) == [0, 1, -1]
    assert list(matches(found, ships, 2)) == [-1, 0, -1]
    assert list(matches(np.empty((0, 2)), ships, 2)) == []


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: find_ships(sea(), "eye"), "method must be one of 'spots', 'laplace'; received 'eye'."),
        (
            lambda: find_ships(sea(), blur=2),
            "The size of a box must be an odd number of pixels of at least 1, so that it has a center; "
            "received 2.",
        ),
        (
            lambda: outline_slick(np.ones((5, 5))),
            "All pixels have the same gray level, so there is no slick to outline.",
        ),
    ],
)
def test_what_cannot_be_used_is_refused(call, message):
    refused(message, call)
