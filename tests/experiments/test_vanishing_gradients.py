import re
from dataclasses import replace

import keras
import numpy as np
import pytest
import tensorflow as tf
from sklearn.dummy import DummyClassifier

from kerasreg import Regularization, build_mlp
from kerasreg.checks import InvalidInput
from kerasreg.experiments import depth_gradients, draw_kernels
from kerasreg.experiments.vanishing_gradients import experiment
from kerasreg.population import batch_order
from kerasreg.population.schedule.training_job import never_begun
from kerasreg.records import PopulationHistory
from kerasreg.seeds import derive_seed
from tests.helpers.small import small_digits, small_regression

DIGITS = small_digits()


class Builder:
    """Builds networks for the digits, and keeps them with what it was called with."""

    def __init__(self, rate=0.1):
        self.rate = rate
        self.calls, self.models = [], []

    def __call__(self, depth, *, activation, normalization, seed):
        self.calls.append((depth, activation, normalization, seed))
        model = build_mlp(
            (8, 8, 1),
            10,
            units=(6,) * depth,
            activation=activation,
            regularization=Regularization(normalization=normalization),
            optimizer="sgd",
            learning_rate=self.rate,
            seed=seed,
        )
        self.models.append(model)
        return model


KINDS = {
    "activations": ["sigmoid"],
    "normalizations": ["batch"],
    "initializers": ["he_normal", "small_normal"],
}


@pytest.fixture(scope="module")
def trained():
    build = Builder()
    options = {"epochs": (1, 3), "gradient_rows": 50, "repeats": 2, "seed": 3}
    return depth_gradients(build, DIGITS, (2,), **KINDS, **options), build


def norms_by_keras(model):
    with tf.GradientTape() as tape:
        outputs = model(DIGITS.x_train[:50], training=True)
        loss = model.compute_loss(y=DIGITS.y_train[:50], y_pred=outputs)
    kernels = [layer.kernel for layer in model.layers if isinstance(layer, keras.layers.Dense)]
    return [float(tf.norm(gradient)) for gradient in tape.gradient(loss, [k.value for k in kernels])]


def test_norms_and_errors_are_those_of_a_keras_model_trained_by_fit_on_the_same_batches(trained):
    record = trained[0]
    seed = derive_seed(3, "depth", "weights", 1)
    model = draw_kernels(
        Builder()(2, activation="sigmoid", normalization="batch", seed=seed), "he_normal", seed=seed
    )
    order = batch_order(len(DIGITS.x_train), 3, seed=derive_seed(3, "depth", "order", 1))
    found = record.layer_norms((2, "sigmoid", "batch", "he_normal"))[1]
    # Single precision, through three epochs of training.
    copy = keras.models.clone_model(model)
    for place, epoch in enumerate((0, 1, 2, 3)):
        if epoch != 2:
            weights = model.get_weights()
            copy.set_weights(weights)
            copy.compile(optimizer="sgd", loss=model.loss)
            np.testing.assert_allclose(found[min(place, 2)], norms_by_keras(copy), rtol=2e-3)
        if epoch < 3:
            for first in range(0, len(order[epoch]), 32):
                rows = order[epoch][first : first + 32]
                model.train_on_batch(DIGITS.x_train[rows], DIGITS.y_train[rows])
    for part in ("train", "validation"):
        labels = np.argmax(model(getattr(DIGITS, f"x_{part}")), axis=1)
        expected = np.mean(labels != getattr(DIGITS, f"y_{part}"))
        # A row on the border of two classes may fall either way.
        assert record.errors((2, "sigmoid", "batch", "he_normal"), part)[1] == pytest.approx(
            expected, abs=0.02
        )


def test_networks_of_one_repeat_begin_alike_and_the_record_says_what_was_trained(trained):
    record, build = trained
    seeds = [seed for *_, seed in build.calls]
    assert seeds[0] == seeds[2] != seeds[1] == seeds[3]
    assert [call[:3] for call in build.calls] == [(2, "sigmoid", "batch")] * 4
    assert (record.data, record.train_rows, record.validation_rows) == ("small digits", 140, 60)
    assert (record.depths, record.epochs) == ((2,), (0, 1, 3))
    assert record.norms.shape == (1, 1, 1, 2, 2, 3, 3)
    assert record.settings == {
        "batch_size": 32,
        "gradient_rows": 50,
        "learning_rate": pytest.approx(0.1),
        "seed": 3,
    }


def test_networks_that_diverge_are_nan_from_then_on():
    record = depth_gradients(Builder(rate=1e38), DIGITS, (2,), **KINDS, epochs=(1, 2), repeats=2)
    assert np.isfinite(record.norms[..., 0, :]).all()
    assert np.isnan(record.norms[..., 1:, :]).all()
    assert np.isnan(record.train_error).all()
    assert np.isnan(record.validation_error).all()


def test_what_was_to_come_after_ctrl_c_is_nan(monkeypatch):
    def interrupted(models, split, **_):
        first, *others = [never_begun("population") for _ in models]
        members = (first, *(replace(other, stop_reason="epochs") for other in others))
        return PopulationHistory(
            members=members,
            monitor=None,
            mode="min",
            seconds=0.5,
            interrupted=True,
            programs=0,
            compile_seconds=0.0,
        )

    monkeypatch.setattr(experiment, "fit_population", interrupted)
    record = depth_gradients(Builder(), DIGITS, (1,), **KINDS, epochs=(1, 2, 3), repeats=2)
    assert np.isfinite(record.norms[..., 0, :]).all()
    # The first network was cut short, the others had reached the first recorded epoch.
    assert np.isnan(record.norms[..., 1:, :]).all(axis=(-1, -2)).ravel().tolist() == [
        True,
        False,
        False,
        False,
    ]
    assert np.isnan(record.norms[..., 2:, :]).all()
    assert record.interrupted
    assert np.isnan([record.train_error, record.validation_error]).all()
    assert record.seconds == 0.5


def with_adam(depth, *, seed, **_):
    return build_mlp((8, 8, 1), 10, units=(4,) * depth, seed=seed)


def with_momentum(depth, *, seed, **_):
    return build_mlp((8, 8, 1), 10, units=(4,), optimizer=keras.optimizers.SGD(0.1, momentum=0.9), seed=seed)


def too_shallow(depth, *, seed, **_):
    return build_mlp((8, 8, 1), 10, units=(4,), optimizer="sgd", seed=seed)


def without_accuracy(depth, *, seed, **_):
    model = too_shallow(depth, seed=seed)
    model.compile(optimizer="sgd", loss=model.loss)
    return model


NO_MEMORY = (
    "build must compile its networks with keras.optimizers.SGD without momentum; received {}. The state of "
    "another optimizer would be lost at each recorded epoch."
)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (
            {"depths": (2, 1)},
            "depths must be a list of one or more ascending whole numbers of at least 1; received (2, 1).",
        ),
        (
            {"activations": "relu"},
            "activations must be a list of one or more different names; received 'relu'.",
        ),
        (
            {"epochs": 20},
            "epochs must be a list of one or more ascending whole numbers of at least 1; received 20.",
        ),
        (
            {"normalizations": None},
            "normalizations must be a list of one or more different names; received None.",
        ),
        (
            {"normalizations": [None, None]},
            "normalizations must be a list of one or more different names; received [None, None].",
        ),
        (
            {"activations": [["relu"]]},
            "activations must be a list of one or more different names; received [['relu']].",
        ),
        (
            {"initializers": ["lecun"]},
            "initializer must be one of 'small_normal', 'standard_normal', 'glorot_uniform', 'he_normal'; "
            "received 'lecun'.",
        ),
        ({"repeats": 0}, "repeats must be a whole number of at least 1; received 0."),
        ({"seed": -1}, "seed must be a whole number of at least 0; received -1."),
        (
            {"split": "digits"},
            "split must be a Split; received 'digits'. Make one of your arrays with Split.from_arrays(x, y).",
        ),
        (
            {"split": small_regression()},
            "The data must have classes and validation rows; 'small regression' has numbers and "
            f"{len(small_regression().x_validation)} rows.",
        ),
        (
            {
                "split": replace(
                    DIGITS,
                    x_validation=DIGITS.x_validation[:0],
                    y_validation=DIGITS.y_validation[:0],
                    validation_indices=DIGITS.validation_indices[:0],
                )
            },
            "The data must have classes and validation rows; 'small digits' has classes and 0 rows.",
        ),
        ({"build": with_adam}, NO_MEMORY.format("Adam")),
        ({"build": with_momentum}, NO_MEMORY.format("SGD with momentum 0.9")),
        (
            {"build": too_shallow, "depths": (2,)},
            "build(2, ...) must return 2 hidden Dense layers and an output layer; received 2 Dense layers.",
        ),
        (
            {"build": without_accuracy},
            "All networks must be compiled with the metric 'accuracy'; they have cross_entropy.",
        ),
    ],
)
def test_what_cannot_be_used_is_refused(changed, message):
    kinds = {"activations": ["relu"], "normalizations": [None], "initializers": ["he_normal"]}
    arguments = {"build": Builder(), "split": DIGITS, "depths": (1,), "repeats": 1, **kinds} | changed
    with pytest.raises(InvalidInput, match=f"^{re.escape(message)}$"):
        depth_gradients(**arguments)


def test_beside_the_errors_stands_that_of_the_most_frequent_class(trained):
    dummy = DummyClassifier(strategy="most_frequent").fit(DIGITS.x_development, DIGITS.y_development)
    error = 1 - dummy.score(DIGITS.x_validation, DIGITS.y_validation)
    assert trained[0].majority_error == pytest.approx(error)
    assert f"has an error of {100 * error:.1f} %." in trained[0].summary()
