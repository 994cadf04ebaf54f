"""The strengths of an augmentation: their ranges, and the record of them."""

import pytest

from kerasreg import build_cnn
from kerasreg.augmentation import (
    Augmentation,
)
from tests.helpers.refusing import refused
from tests.helpers.strengths import EVERYTHING, GEOMETRY, VALUES


def test_scaling_multiplies_every_strength():
    half = Augmentation(**EVERYTHING | {"erasing": 0.8}).scaled(0.5)
    assert half.to_dict() == pytest.approx(
        {name: value / 2 for name, value in EVERYTHING.items()} | {"erasing": 0.4}
    )
    assert Augmentation(**EVERYTHING).scaled(0) == Augmentation()


def test_it_survives_a_round_trip_through_a_dict_of_what_is_switched_on():
    augmentation = Augmentation(**GEOMETRY)
    assert augmentation.to_dict() == GEOMETRY
    assert Augmentation.from_dict(augmentation.to_dict()) == augmentation
    assert Augmentation().to_dict() == {}
    assert repr(Augmentation(zoom=0.1, hue=5)) == "Augmentation(zoom=0.1, hue=5.0)"


@pytest.mark.parametrize("name", ["translation", "shear", "zoom", "elastic"])
@pytest.mark.parametrize("value", [1.0, -0.1])
def test_a_fraction_outside_its_range_is_refused(name, value):
    refused(
        f"{name} must be a number of at least 0 and below 1; received {value}.",
        lambda: Augmentation(**{name: value}),
    )


@pytest.mark.parametrize("name", ["rotation", "hue"])
def test_degrees_outside_their_range_are_refused(name):
    refused(f"{name} must be a number of at least 0; received -1.", lambda: Augmentation(**{name: -1}))
    refused(
        f"{name} must be a number of degrees from 0 to 180; received 190.",
        lambda: Augmentation(**{name: 190}),
    )


@pytest.mark.parametrize("name", [*VALUES, "saturation", "channel_permutation", "palette"])
def test_numbers_above_1_are_refused(name):
    assert getattr(Augmentation(**{name: 1}), name) == 1
    refused(f"{name} must be a number from 0 to 1; received 1.5.", lambda: Augmentation(**{name: 1.5}))


def test_colors_need_three_channels_and_all_of_it_needs_pictures():
    Augmentation(**EVERYTHING).check_suits((8, 8, 3))
    Augmentation(**GEOMETRY | VALUES).check_suits((8, 8, 1))
    Augmentation().check_suits((64,))
    refused(
        "augmentation by hue and palette needs pictures of 3 channels: red, green and blue; received "
        "input_shape (8, 8, 1). Leave it at 0.",
        lambda: build_cnn((8, 8, 1), 10, augmentation=Augmentation(hue=10, palette=0.1, noise=0.1)),
    )
    refused(
        "augmentation needs pictures of shape (height, width, channels); received input_shape (64,). "
        "Leave it at None.",
        lambda: Augmentation(noise=0.1).check_suits((64,)),
    )


def test_a_scale_that_cannot_be_is_refused():
    refused("strength must be a number of at least 0; received -1.", lambda: Augmentation().scaled(-1))
    refused(
        "zoom must be a number of at least 0 and below 1; received 1.5.",
        lambda: Augmentation(zoom=0.5).scaled(3),
    )


def test_an_unknown_distortion_is_refused():
    names = (
        "translation, rotation, shear, zoom, elastic, brightness, contrast, saturation, hue, "
        "channel_permutation, palette, noise, erasing"
    )
    refused(
        f"Augmentation has no flip; it has {names}.",
        lambda: Augmentation.from_dict({"flip": 0.1, "zoom": 0.1}),
    )
