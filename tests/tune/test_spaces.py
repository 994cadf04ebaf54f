"""The spaces name what they vary, and refuse what they do not know."""

import keras_tuner
import pytest

from kerasreg.checks import InvalidInput
from kerasreg.tune.spaces import (
    DEFAULT_SEARCH_OVER,
    FIXED,
    SPACES,
    OneOf,
    Real,
    Whole,
    fixed_values,
    searched_ranges,
)


def test_size_switches_on_every_hyperparameter_of_size():
    assert list(searched_ranges("mlp", ["size", "l2"])) == ["num_layers", "units", "l2"]


@pytest.mark.parametrize("model", SPACES)
def test_every_hyperparameter_has_a_value_when_fixed(model):
    searched = searched_ranges(model, SPACES[model])
    assert set(searched) <= set(FIXED[model])
    assert not set(searched) & set(fixed_values(model, searched))


def test_each_model_is_searched_over_knobs_of_its_own_by_default():
    assert set(DEFAULT_SEARCH_OVER) == set(SPACES)
    for model, knobs in DEFAULT_SEARCH_OVER.items():
        assert searched_ranges(model, knobs)


def test_own_ranges_and_values_take_the_place_of_the_built_in_ones():
    ranges = searched_ranges("mlp", ["l2"], {"l2": OneOf((0.0, 0.1))})
    assert ranges == {"l2": OneOf((0.0, 0.1))}
    assert fixed_values("mlp", ranges, {"units": 7})["units"] == 7


@pytest.mark.parametrize(
    ("span", "kind"),
    [(Real(1e-6, 1e-2, log=True), float), (Whole(1, 3), int), (OneOf((16, 32)), int)],
)
def test_a_range_registers_itself_and_draws_within_its_bounds(span, kind):
    hp = keras_tuner.HyperParameters()
    value = span.register(hp, "knob")
    assert isinstance(value, kind)
    assert [space.name for space in hp.space] == ["knob"]
    low, high = (min(span.values), max(span.values)) if isinstance(span, OneOf) else (span.low, span.high)
    draws = [hp.space[0].random_sample(seed) for seed in range(200)]
    assert low <= min(draws) < max(draws) <= high


def test_a_logarithmic_range_draws_evenly_by_decade():
    hp = keras_tuner.HyperParameters()
    Real(1e-6, 1e-2, log=True).register(hp, "l2")
    draws = [hp.space[0].random_sample(seed) for seed in range(400)]
    below = sum(draw < 1e-4 for draw in draws)
    assert 160 <= below <= 240  # half of 400, four standard deviations either way


@pytest.mark.parametrize(
    ("names", "received"),
    [(["l2", "weights"], "weights"), ([], "nothing"), (["augmentation"], "augmentation")],
)
def test_unknown_knobs_are_named(names, received):
    with pytest.raises(InvalidInput) as error:
        searched_ranges("mlp", names)
    assert str(error.value) == (
        f"search_over received {received}; a search of the mlp can be over size, l1, l2, dropout, "
        "dropconnect, noise, normalization, max_norm, learning_rate, batch_size, label_smoothing."
    )


def test_knobs_may_be_one_text():
    assert searched_ranges("mlp", "size, l2") == searched_ranges("mlp", ["size", "l2"])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Real(0.1, 0.01), "The high end of a range must be a number above 0.1; received 0.01."),
        (
            lambda: Real(0.0, 1.0, log=True),
            "The low end of a range must be a number of at least 2.22507e-308; received 0.0.",
        ),
        (lambda: Whole(3, 1), "The high end of a range must be a whole number of at least 3; received 1."),
        (
            lambda: OneOf((None, "batch")),
            "OneOf takes one or more values of one kind: whole numbers, numbers, names or truth values; "
            "received (None, 'batch').",
        ),
    ],
)
def test_impossible_ranges_are_refused(make, message):
    with pytest.raises(InvalidInput) as error:
        make()
    assert str(error.value) == message


def test_a_range_for_what_is_not_searched_is_refused():
    with pytest.raises(InvalidInput) as error:
        searched_ranges("mlp", ["l2"], {"dropout": Real(0, 0.5)})
    assert str(error.value) == (
        "space has a range for 'dropout', which is not searched over; this search is over l2. "
        "Switch it on in search_over."
    )


def test_a_value_for_what_is_searched_is_refused():
    with pytest.raises(InvalidInput) as error:
        fixed_values("autoencoder", searched_ranges("autoencoder", SPACES["autoencoder"]), {"l2": 0.1})
    assert str(error.value) == (
        "fixed has a value for 'l2'; what can be fixed in this search is kind, bottleneck."
    )
