import re

import keras
import numpy as np
import pytest

from kerasreg.builders import build_mlp
from kerasreg.checks import InvalidInput
from kerasreg.regularization import Regularization
from tests.helpers.networks import digits, evaluated


def names(model: keras.Model) -> list[str]:
    return [layer.name for layer in model.layers]


def test_its_layers_have_regular_names():
    assert names(build_mlp((64,), 10, units=(8, 4))) == [
        "input_noise",
        "flatten",
        "hidden_1",
        "hidden_1_activation",
        "hidden_1_dropout",
        "hidden_2",
        "hidden_2_activation",
        "hidden_2_dropout",
        "output",
    ]


def test_its_sizes_are_what_was_asked_for():
    model = build_mlp((8, 8, 1), 10, units=[20, 30])
    assert [w.shape for w in model.get_weights()] == [(64, 20), (20,), (20, 30), (30,), (30, 10), (10,)]
    assert model.output_shape == (None, 10)


def test_it_computes_what_numpy_computes():
    model = build_mlp((5,), 3, units=(4,), activation="tanh")
    x = np.random.default_rng(0).normal(size=(6, 5)).astype("float32")
    kernel, bias, output_kernel, output_bias = model.get_weights()
    expected = np.tanh(x @ kernel + bias) @ output_kernel + output_bias
    np.testing.assert_allclose(model(x), expected, rtol=1e-5, atol=1e-6)


def test_without_hidden_layers_it_is_linear():
    model = build_mlp((5,), 3, units=())
    assert names(model) == ["input_noise", "flatten", "output"]


def test_classification_has_accuracy_and_cross_entropy_of_logits():
    model = build_mlp((64,), 10)
    x, y = digits()
    x = x[:50].reshape(50, 64)
    result = evaluated(model, x, y[:50])
    logits = model.predict(x, verbose=0).astype(float)
    log_probabilities = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    assert set(result) == {"loss", "accuracy", "cross_entropy"}
    assert result["accuracy"] == pytest.approx((logits.argmax(axis=1) == y[:50]).mean())
    assert result["cross_entropy"] == pytest.approx(
        -log_probabilities[np.arange(50), y[:50]].mean(), rel=1e-5
    )
    assert type(model.loss) is keras.losses.SparseCategoricalCrossentropy


@pytest.mark.parametrize("shape", [(7,), (7, 1)])
def test_regression_has_the_mean_squared_error_for_targets_of_either_shape(shape):
    model = build_mlp((1,), None, units=(20,), activation="tanh")
    x, y = np.linspace(-1, 1, 7)[:, None], np.linspace(0, 2, 7)
    result = evaluated(model, x, y.reshape(shape))
    expected = ((model.predict(x, verbose=0)[:, 0] - y) ** 2).mean()
    assert set(result) == {"loss", "mse"}
    assert result["mse"] == pytest.approx(expected, rel=1e-5)
    assert result["loss"] == pytest.approx(expected, rel=1e-5)


def test_regression_may_have_several_outputs():
    assert build_mlp((3,), None, output_units=4).output_shape == (None, 4)


def test_it_learns_the_digits():
    x, y = digits()
    model = build_mlp((8, 8, 1), 10, units=(64,), learning_rate=3e-3)
    model.fit(x[:1000], y[:1000], epochs=12, batch_size=32, shuffle=False, verbose=0)
    assert model.evaluate(x[1000:], y[1000:], verbose=0, return_dict=True)["accuracy"] > 0.9


def test_it_learns_the_digits_with_every_knob_on():
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
    model = build_mlp((8, 8, 1), 10, units=(64,), regularization=knobs, learning_rate=3e-3)
    model.fit(x[:1000], y[:1000], epochs=12, batch_size=32, shuffle=False, verbose=0)
    assert model.evaluate(x[1000:], y[1000:], verbose=0, return_dict=True)["accuracy"] > 0.9


def test_the_tanh_network_learns_a_parabola():
    x = np.random.default_rng(0).uniform(-1, 1, size=(512, 1))
    model = build_mlp((1,), None, units=(20,), activation="tanh", learning_rate=0.02)
    model.fit(x, x[:, 0] ** 2, epochs=50, batch_size=32, shuffle=False, verbose=0)
    # the best straight line leaves 0.09
    assert model.evaluate(x, x[:, 0] ** 2, verbose=0, return_dict=True)["mse"] < 0.002


def test_standardizing_does_nothing_until_it_has_seen_the_training_rows():
    x = np.random.default_rng(0).normal([5, -3, 100], [1, 2, 50], size=(200, 3)).astype("float32")
    model, plain = build_mlp((3,), 4, standardize_input=True), build_mlp((3,), 4)
    assert names(model) == ["standardize_input", *names(plain)]
    np.testing.assert_array_equal(model(x), plain(x))
    model.get_layer("standardize_input").adapt(x)
    standardized = (x - x.mean(axis=0)) / x.std(axis=0)
    np.testing.assert_allclose(model(x), plain(standardized), rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("optimizer", ["adam", "adamw", "sgd", "rmsprop"])
def test_optimizers_are_known_by_name_and_take_the_learning_rate(optimizer):
    made = build_mlp((3,), 2, optimizer=optimizer, learning_rate=0.02).optimizer
    assert type(made).__name__.lower() == optimizer
    assert float(made.learning_rate) == pytest.approx(0.02)


def test_an_optimizer_of_the_users_is_copied_and_keeps_its_learning_rate():
    mine = keras.optimizers.SGD(0.5, momentum=0.9, nesterov=True)
    models = [build_mlp((3,), 2, optimizer=mine, learning_rate=0.02) for _ in range(2)]
    for model in models:
        model.fit(np.zeros((4, 3)), np.zeros(4, int), verbose=0)
        assert model.optimizer is not mine
        assert model.optimizer.get_config() == mine.get_config()
    assert not mine.built


def test_a_learning_rate_schedule_of_the_users_is_kept():
    schedule = keras.optimizers.schedules.CosineDecay(0.1, 10)
    model = build_mlp((3,), 2, optimizer=keras.optimizers.Adam(schedule))
    model.fit(np.zeros((4, 3)), np.zeros(4, int), epochs=5, verbose=0)
    assert float(model.optimizer.learning_rate) == pytest.approx(0.05)


def test_regularization_may_be_the_dict_of_a_json_file():
    knobs = Regularization(l2=0.1, dropout=0.2)
    model = build_mlp((3,), 2, regularization=knobs.to_dict())
    assert model.get_layer("hidden_1_dropout").rate == 0.2


SHAPE_MESSAGE = (
    "input_shape must be the shape of one example, whole numbers of at least 1 such as "
    "(64,) or (28, 28, 1); received {}."
)
UNITS_MESSAGE = (
    "units must be whole numbers of at least 1, one for each hidden layer, such as (128, 64); received {}."
)
ACTIVATION_MESSAGE = (
    "activation must be the name of a Keras activation, such as 'relu', 'tanh' or 'linear'; received {}."
)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"input_shape": 64}, SHAPE_MESSAGE.format("64")),
        ({"input_shape": (0,)}, SHAPE_MESSAGE.format("(0,)")),
        ({"input_shape": ()}, SHAPE_MESSAGE.format("()")),
        ({"input_shape": (None, 3)}, SHAPE_MESSAGE.format("(None, 3)")),
        ({"input_shape": "64"}, SHAPE_MESSAGE.format("'64'")),
        ({"num_classes": 1}, "num_classes must be a whole number of at least 2; received 1."),
        ({"num_classes": 2.5}, "num_classes must be a whole number of at least 2; received 2.5."),
        ({"units": 128}, UNITS_MESSAGE.format("128")),
        ({"units": (128, 0)}, UNITS_MESSAGE.format("(128, 0)")),
        ({"units": (12.5,)}, UNITS_MESSAGE.format("(12.5,)")),
        ({"units": "64"}, UNITS_MESSAGE.format("'64'")),
        ({"activation": "rellu"}, ACTIVATION_MESSAGE.format("'rellu'")),
        ({"activation": None}, ACTIVATION_MESSAGE.format("None")),
        (
            {"num_classes": None, "output_units": 0},
            "output_units must be a whole number of at least 1; received 0.",
        ),
        (
            {"optimizer": "adamm"},
            "optimizer must be one of 'adam', 'adamw', 'sgd', 'rmsprop' or a Keras optimizer; "
            "received 'adamm'.",
        ),
        ({"learning_rate": 0}, "learning_rate must be a number above 0; received 0."),
        ({"seed": -1}, "seed must be a whole number of at least 0; received -1."),
        (
            {"regularization": 0.1},
            "regularization must be a Regularization, such as Regularization(l2=1e-4); received 0.1.",
        ),
        (
            {"num_classes": None, "regularization": Regularization(label_smoothing=0.1)},
            "label_smoothing acts on class labels, and this network predicts numbers; received 0.1. "
            "Leave it at 0.",
        ),
        (
            {"regularization": Regularization(noise_std=1.5)},
            "noise_std must be at most 1 in a network; received 1.5. Scale the inputs to about 1 first: "
            "standardize_input=True of build_mlp does it for tables.",
        ),
    ],
)
def test_an_argument_that_cannot_be_used_is_refused(arguments, message):
    with pytest.raises(InvalidInput, match=f"^{re.escape(message)}$"):
        build_mlp(**{"input_shape": (64,), "num_classes": 10} | arguments)
