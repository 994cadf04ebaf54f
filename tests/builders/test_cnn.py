import json
import re
from functools import partial

import keras
import numpy as np
import pytest

from kerasreg.augmentation import Augmentation
from kerasreg.builders import ConvolutionBlock, build_autoencoder, build_cnn
from kerasreg.checks import InvalidInput
from kerasreg.regularization import Regularization
from tests.helpers.networks import digits


def refusal(message: str):
    return pytest.raises(InvalidInput, match=f"^{re.escape(message)}$")


def test_its_layers_have_regular_names():
    model = build_cnn((8, 8, 1), 10, blocks=[(4,), (6, 3, None)], augmentation=Augmentation(zoom=0.1))
    assert [layer.name for layer in model.layers] == [
        "random_zoom",
        "input_noise",
        "conv_1",
        "conv_1_activation",
        "conv_1_pooling",
        "conv_2",
        "conv_2_activation",
        "flatten",
        "flatten_dropout",
        "hidden_1",
        "hidden_1_activation",
        "hidden_1_dropout",
        "output",
    ]


def test_convolutions_keep_the_size_and_pooling_divides_it():
    blocks = [ConvolutionBlock(4, kernel_size=5), ConvolutionBlock(6, pooling="average", pool_size=3)]
    model = build_cnn((28, 20, 3), 7, blocks=blocks, dense_units=())
    shapes = {layer.name: tuple(layer.output.shape[1:]) for layer in model.layers}
    assert shapes["conv_1"] == (28, 20, 4)
    assert shapes["conv_1_pooling"] == (14, 10, 4)
    assert shapes["conv_2_pooling"] == (4, 3, 6)
    assert shapes["output"] == (7,)
    assert model.get_layer("conv_1").kernel.shape == (5, 5, 3, 4)
    assert isinstance(model.get_layer("conv_1_pooling"), keras.layers.MaxPooling2D)
    assert isinstance(model.get_layer("conv_2_pooling"), keras.layers.AveragePooling2D)


def test_without_blocks_it_is_a_perceptron_on_the_pixels():
    model = build_cnn((8, 8, 1), 10, blocks=[])
    assert model.get_layer("hidden_1").kernel.shape == (64, 64)


def test_blocks_are_the_same_as_objects_tuples_and_the_dicts_of_a_json_file():
    block = ConvolutionBlock(4, 5, "average", 3)
    forms = [block, (4, 5, "average", 3), json.loads(json.dumps(block.to_dict()))]
    for form in forms:
        model = build_cnn((8, 8, 1), 10, blocks=[form])
        assert model.get_layer("conv_1").kernel.shape == (5, 5, 1, 4)
        assert model.get_layer("conv_1_pooling").pool_size == (3, 3)
        assert isinstance(model.get_layer("conv_1_pooling"), keras.layers.AveragePooling2D)
    assert ConvolutionBlock.from_dict(block.to_dict()) == block


def test_augmentation_may_be_a_dict_and_acts_while_training_only():
    x = digits()[0][:5]
    augmentation = Augmentation(translation=0.2, elastic=0.05)
    model = build_cnn((8, 8, 1), 10, augmentation=augmentation.to_dict())
    plain = build_cnn((8, 8, 1), 10)
    np.testing.assert_array_equal(model(x, training=False), plain(x, training=False))
    assert not np.array_equal(model(x, training=True), plain(x, training=True))


def test_it_learns_the_digits():
    x, y = digits()
    model = build_cnn((8, 8, 1), 10, learning_rate=0.01)
    model.fit(x[:1000], y[:1000], epochs=12, batch_size=32, shuffle=False, verbose=0)
    assert model.evaluate(x[1000:], y[1000:], verbose=0, return_dict=True)["accuracy"] > 0.9


@pytest.mark.slow
def test_it_learns_the_digits_with_every_knob_and_distortion_on():
    x, y = digits()
    knobs = Regularization(
        l1=1e-5,
        l2=1e-4,
        dropout=0.1,
        dropconnect=0.1,
        noise_std=0.1,
        normalization="batch",
        label_smoothing=0.1,
        max_norm=3,
    )
    augmentation = Augmentation(translation=0.05, rotation=8, zoom=0.05, elastic=0.03)
    model = build_cnn((8, 8, 1), 10, regularization=knobs, augmentation=augmentation, learning_rate=0.01)
    model.fit(x[:1000], y[:1000], epochs=12, batch_size=32, shuffle=False, verbose=0)
    assert model.evaluate(x[1000:], y[1000:], verbose=0, return_dict=True)["accuracy"] > 0.9


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"input_shape": (64,)},
            "input_shape must be (height, width, channels); received (64,). Pictures of one color have "
            "1 channel: x[..., None] adds it.",
        ),
        (
            {"input_shape": (8, 8)},
            "input_shape must be (height, width, channels); received (8, 8). Pictures of one color have "
            "1 channel: x[..., None] adds it.",
        ),
        ({"num_classes": None}, "num_classes must be a whole number of at least 2; received None."),
        (
            {"blocks": 16},
            "blocks must be a list of convolution blocks, such as [ConvolutionBlock(16)]; received 16.",
        ),
        (
            {"blocks": {"filters": 16}},
            "blocks must be a list of convolution blocks, such as [ConvolutionBlock(16)]; "
            "received {'filters': 16}.",
        ),
        (
            {"blocks": [16, 32]},
            "A convolution block must be a ConvolutionBlock, a dict of its fields, or a tuple "
            "(filters, kernel_size, pooling, pool_size); received 16.",
        ),
        (
            {"blocks": [(1, 2, "max", 2, 5)]},
            "A convolution block must be a ConvolutionBlock, a dict of its fields, or a tuple "
            "(filters, kernel_size, pooling, pool_size); received (1, 2, 'max', 2, 5).",
        ),
        (
            {"blocks": [{"filter": 16}]},
            "A convolution block has filters and may have kernel_size, pooling and pool_size; "
            "received {'filter': 16}.",
        ),
        ({"blocks": [(0,)]}, "filters must be a whole number of at least 1; received 0."),
        (
            {"blocks": [(4, 3, "min")]},
            "pooling must be one of 'max', 'average', None; received 'min'.",
        ),
        (
            {"blocks": [(4,)] * 4},
            "Block 4 pools squares of 2 x 2 pixels, but only 1 x 1 of the picture of 8 x 8 are left "
            "there. Use fewer blocks, or pooling=None in some.",
        ),
        (
            {"dense_units": (0,)},
            "dense_units must be whole numbers of at least 1, one for each dense layer, such as "
            "(128, 64); received (0,).",
        ),
        (
            {"augmentation": 0.5},
            "augmentation must be an Augmentation, such as Augmentation(translation=0.1), or a Keras layer; "
            "received 0.5. A function goes through kerasreg.augmentation.augmented_split.",
        ),
    ],
)
def test_an_argument_that_cannot_be_used_is_refused(arguments, message):
    with refusal(message):
        build_cnn(**{"input_shape": (8, 8, 1), "num_classes": 10} | arguments)


def test_a_block_outside_its_range_is_refused():
    with refusal("kernel_size must be a whole number of at least 1; received 0."):
        ConvolutionBlock(4, kernel_size=0)
    with refusal("pool_size must be a whole number of at least 1; received 1.5."):
        ConvolutionBlock(4, pool_size=1.5)


def test_channels_first_are_refused(monkeypatch):
    monkeypatch.setattr(keras.config, "image_data_format", lambda: "channels_first")
    for build in (partial(build_cnn, num_classes=3), partial(build_autoencoder, kind="convolutional")):
        with refusal(
            "Keras is set to image_data_format 'channels_first', and kerasreg's networks take pictures of "
            'shape (height, width, channels); call keras.config.set_image_data_format("channels_last").'
        ):
            build((8, 8, 1))
