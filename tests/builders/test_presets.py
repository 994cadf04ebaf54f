import json
import re

import keras
import numpy as np
import pytest

from kerasreg.builders import build_cnn
from kerasreg.builders.presets import PRESETS, cnn_preset
from kerasreg.checks import InvalidInput
from kerasreg.population.member.compatibility import check_suits
from kerasreg.population.member.member import read_member
from tests.helpers.small import small_digits


def dense(inputs, *units):
    """Parameters of dense layers after one another."""
    return sum((first + 1) * second for first, second in zip((inputs, *units), units, strict=False))


def convolutions(size, *filters):
    return sum((size**2 * first + 1) * second for first, second in zip((1, *filters), filters, strict=False))


def test_the_parameters_are_those_counted_by_hand():
    expected = {
        "lenet": convolutions(5, 6, 16) + dense(7 * 7 * 16, 120, 84, 10),
        "alexnet": convolutions(5, 24, 64)
        + (9 * 64 + 1) * 96
        + (9 * 96 + 1) * 96
        + (9 * 96 + 1) * 64
        + dense(3 * 3 * 64, 256, 256, 10),
        "vgg": convolutions(3, 16, 16, 32, 32, 64, 64) + dense(3 * 3 * 64, 128, 128, 10),
    }
    for name in PRESETS:
        assert build_cnn((28, 28, 1), 10, **cnn_preset(name)).count_params() == expected[name]


def test_lenet_has_its_own_activation_and_pooling_and_the_others_drop_out():
    lenet = build_cnn((28, 28, 1), 10, **cnn_preset("lenet"))
    assert isinstance(lenet.get_layer("conv_1_pooling"), keras.layers.AveragePooling2D)
    assert lenet.get_layer("hidden_1_activation").activation is keras.activations.tanh
    assert lenet.get_layer("hidden_1_dropout").rate == 0
    for name in ("alexnet", "vgg"):
        model = build_cnn((28, 28, 1), 10, **cnn_preset(name))
        assert model.get_layer("hidden_1_dropout").rate == 0.5
        assert isinstance(model.get_layer("conv_2_pooling"), keras.layers.MaxPooling2D)


@pytest.mark.parametrize("name", PRESETS)
def test_json_holds_a_preset_and_changing_one_leaves_the_next_as_it_was(name):
    preset = cnn_preset(name)
    assert json.loads(json.dumps(preset)) == preset
    preset["dense_units"].append(3)
    preset["blocks"][0]["filters"] = 1
    preset.setdefault("regularization", {})["dropout"] = 0.9
    assert cnn_preset(name) != preset
    assert cnn_preset(name) == cnn_preset(name)


@pytest.mark.parametrize("shape", [(4, 4, 1), (8, 8, 1), (32, 32, 3), (9, 40, 3)])
@pytest.mark.parametrize("name", PRESETS)
def test_smaller_pictures_have_fewer_poolings_and_at_least_two_pixels_left(name, shape):
    preset = cnn_preset(name, shape)
    pooled = sum(block["pooling"] is not None for block in preset["blocks"])
    most = {"lenet": 2, "alexnet": 3, "vgg": 3}[name]
    assert pooled == min(most, int(np.log2(min(shape[:2]))) - 1)
    assert min(build_cnn(shape, 10, **preset).get_layer("flatten").input.shape[1:3]) >= 2


@pytest.mark.parametrize("name", PRESETS)
def test_each_trains_an_epoch_and_suits_a_population(name):
    split, model = small_digits(100), build_cnn((8, 8, 1), 10, **cnn_preset(name, (8, 8, 1)))
    check_suits(read_member(model), split)  # refuses what populations do not cover, without a compilation
    model.run_eagerly = True  # one epoch is not worth a compilation either
    before = [weight.copy() for weight in model.get_weights()]
    history = model.fit(split.x_train, split.y_train, batch_size=len(split.x_train), verbose=0)
    assert np.isfinite(history.history["loss"]).all()
    for old, new in zip(before, model.get_weights(), strict=True):
        assert not np.array_equal(old, new)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("resnet",), "name must be one of 'lenet', 'alexnet', 'vgg'; received 'resnet'."),
        (
            ("vgg", (3, 9, 1)),
            "The presets need pictures of at least 4 x 4 pixels; received 3 x 9. Give build_cnn blocks of "
            "your own.",
        ),
    ],
)
def test_what_cannot_be_used_is_refused(arguments, message):
    with pytest.raises(InvalidInput, match=f"^{re.escape(message)}$"):
        cnn_preset(*arguments)
