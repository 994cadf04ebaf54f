import re

import keras
import numpy as np
import pytest
from sklearn.decomposition import PCA

from kerasreg.augmentation import Augmentation
from kerasreg.builders import build_autoencoder
from kerasreg.checks import InvalidInput
from kerasreg.regularization import Regularization
from tests.helpers.networks import digits, evaluated

KINDS = ["dense", "convolutional", "linear"]


def names(model: keras.Model) -> list[str]:
    return [layer.name for layer in model.layers]


def test_the_layers_of_the_dense_kind_are_mirrored_and_have_regular_names():
    model = build_autoencoder((8, 8, 1), units=(20, 12), bottleneck=5)
    assert names(model) == [
        "input_noise",
        "flatten",
        *(f"encoder_1{part}" for part in ("", "_activation", "_dropout")),
        *(f"encoder_2{part}" for part in ("", "_activation", "_dropout")),
        "bottleneck",
        *(f"decoder_1{part}" for part in ("", "_activation", "_dropout")),
        *(f"decoder_2{part}" for part in ("", "_activation", "_dropout")),
        "output",
        "output_reshape",
        "output_activation",
    ]
    sizes = [layer.units for layer in model.layers if isinstance(layer, keras.layers.Dense)]
    assert sizes == [20, 12, 5, 12, 20, 64]


def test_the_layers_of_the_convolutional_kind_are_mirrored_and_have_regular_names():
    model = build_autoencoder((8, 8, 1), kind="convolutional", filters=(3, 4))
    assert names(model) == [
        "input_noise",
        "encoder_1",
        "encoder_1_activation",
        "encoder_2",
        "encoder_2_activation",
        "flatten",
        "flatten_dropout",
        "bottleneck",
        "decoder_dense",
        "decoder_dense_activation",
        "decoder_dense_dropout",
        "decoder_reshape",
        "decoder_1_upsampling",
        "decoder_1",
        "decoder_1_activation",
        "decoder_2_upsampling",
        "output",
        "output_activation",
    ]
    shapes = {layer.name: tuple(layer.output.shape[1:]) for layer in model.layers}
    assert (shapes["encoder_1"], shapes["decoder_2_upsampling"]) == ((4, 4, 3), (8, 8, 3))
    assert (shapes["encoder_2"], shapes["decoder_reshape"]) == ((2, 2, 4), (2, 2, 4))


def test_the_linear_kind_has_no_activation_at_all():
    model = build_autoencoder((8, 8, 1), kind="linear", bottleneck=5)
    assert names(model) == [
        "input_noise",
        "flatten",
        "bottleneck",
        "bottleneck_dropout",
        "output",
        "output_reshape",
    ]
    x = digits()[0][:7]
    kernel, bias, output_kernel, output_bias = model.get_weights()
    expected = (x.reshape(7, 64) @ kernel + bias) @ output_kernel + output_bias
    np.testing.assert_allclose(model(x), expected.reshape(x.shape), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_the_encoder_ends_in_a_linear_layer_called_bottleneck(kind):
    model = build_autoencoder((8, 8, 1), kind=kind, bottleneck=5)
    encoder = keras.Model(model.inputs, model.get_layer("bottleneck").output)
    codes = encoder.predict(digits()[0][:20], verbose=0)
    assert codes.shape == (20, 5)
    assert codes.min() < 0 < codes.max()


@pytest.mark.parametrize(("shape", "kind"), [((30,), "dense"), ((5, 6), "linear"), ((6, 5, 3), "dense")])
def test_the_output_has_the_shape_of_the_input(shape, kind):
    assert build_autoencoder(shape, kind=kind).output_shape == (None, *shape)


@pytest.mark.parametrize("shape", [(28, 28, 1), (7, 9, 3), (1, 5, 1), (8, 8, 1)])
@pytest.mark.parametrize("filters", [(2,), (2, 3, 4)])
def test_odd_pictures_keep_their_size_in_the_convolutional_kind(shape, filters):
    model = build_autoencoder(shape, kind="convolutional", filters=filters)
    assert model.output_shape == (None, *shape)


def test_the_output_is_in_the_range_of_its_activation():
    x = digits()[0][:20]
    for activation, lowest in (("sigmoid", 0), ("tanh", -1)):
        result = build_autoencoder((8, 8, 1), output_activation=activation).predict(x, verbose=0)
        assert result.min() >= lowest
        assert result.max() <= 1
    assert build_autoencoder((8, 8, 1), output_activation="linear").predict(x, verbose=0).min() < 0


@pytest.mark.parametrize("kind", KINDS)
def test_the_metric_is_the_mean_squared_error_of_all_pixels(kind):
    x = digits()[0][:40]
    model = build_autoencoder((8, 8, 1), kind=kind)
    result = evaluated(model, x, x, batch_size=10)
    assert set(result) == {"loss", "mse"}
    expected = ((model.predict(x, verbose=0) - x) ** 2).mean()
    assert result["mse"] == pytest.approx(expected, rel=1e-5)
    assert result["loss"] == pytest.approx(expected, rel=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "epochs", "bar"), [("dense", 10, 0.03), ("convolutional", 15, 0.04)])
def test_it_learns_to_give_back_unseen_digits(kind, epochs, bar):
    x, _ = digits()
    model = build_autoencoder((8, 8, 1), kind=kind, learning_rate=3e-3)
    model.fit(x[:1000], x[:1000], epochs=epochs, batch_size=32, shuffle=False, verbose=0)
    error = model.evaluate(x[1000:], x[1000:], verbose=0, return_dict=True)["mse"]
    mean_picture = ((x[1000:] - x[:1000].mean(axis=0)) ** 2).mean()
    assert error < bar < mean_picture / 1.5


def test_the_linear_kind_comes_close_to_the_principal_components_and_never_below():
    x, _ = digits()
    rows = x.reshape(len(x), -1)
    components = PCA(8).fit(rows)
    best = ((components.inverse_transform(components.transform(rows)) - rows) ** 2).mean()
    model = build_autoencoder((8, 8, 1), kind="linear", bottleneck=8, learning_rate=0.01)
    model.fit(x, x, epochs=20, batch_size=64, shuffle=False, verbose=0)
    error = model.evaluate(x, x, verbose=0, return_dict=True)["mse"]
    assert best * (1 - 1e-5) <= error < 1.1 * best


def test_noise_is_on_the_input_and_not_on_the_target():
    x = digits()[0][:64]
    model = build_autoencoder((8, 8, 1), regularization=Regularization(noise_std=0.5))
    model.optimizer.learning_rate = 0.0
    noisy = model.fit(x, x, batch_size=64, verbose=0).history["mse"][0]
    clean = ((model.predict(x, verbose=0) - x) ** 2).mean()
    assert noisy != clean
    assert abs(noisy - clean) < 0.1 * 0.5**2  # noise on the target would add its whole variance


def test_augmentation_distorts_the_input_of_pictures():
    model = build_autoencoder((8, 8, 1), augmentation=Augmentation(translation=0.1))
    assert names(model)[:2] == ["random_translation", "input_noise"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"kind": "deep"},
            "kind must be one of 'dense', 'convolutional', 'linear'; received 'deep'.",
        ),
        ({"bottleneck": 0}, "bottleneck must be a whole number of at least 1; received 0."),
        (
            {"units": 64},
            "units must be whole numbers of at least 1, one for each hidden layer, such as (128, 64); "
            "received 64.",
        ),
        (
            {"kind": "convolutional", "filters": (0,)},
            "filters must be whole numbers of at least 1, one for each convolution, such as (128, 64); "
            "received (0,).",
        ),
        (
            {"kind": "convolutional", "filters": ()},
            "filters is empty, but a convolutional autoencoder needs at least one convolution; give "
            "filters such as (16, 32), or kind='dense'.",
        ),
        (
            {"kind": "convolutional", "input_shape": (64,)},
            "input_shape must be (height, width, channels); received (64,). Pictures of one color have "
            "1 channel: x[..., None] adds it.",
        ),
        (
            {"output_activation": "sigmoidal"},
            "output_activation must be the name of a Keras activation, such as 'relu', 'tanh' or "
            "'linear'; received 'sigmoidal'.",
        ),
        (
            {"regularization": Regularization(label_smoothing=0.1)},
            "label_smoothing acts on class labels, and this network predicts numbers; received 0.1. "
            "Leave it at 0.",
        ),
        (
            {"kind": "linear", "regularization": Regularization(normalization="batch")},
            "normalization acts on hidden layers that have an activation, and a linear autoencoder has "
            "none; received 'batch'. Leave it at None.",
        ),
        (
            {"input_shape": (64,), "augmentation": Augmentation(zoom=0.1)},
            "augmentation needs pictures of shape (height, width, channels); received input_shape (64,). "
            "Leave it at None.",
        ),
    ],
)
def test_an_argument_that_cannot_be_used_is_refused(arguments, message):
    with pytest.raises(InvalidInput, match=f"^{re.escape(message)}$"):
        build_autoencoder(**{"input_shape": (8, 8, 1)} | arguments)
