import re

import keras
import numpy as np
import pytest
from sklearn.metrics import accuracy_score

from kerasreg import Augmentation
from kerasreg.augmentation import RandomNoise, augmentation_layers
from kerasreg.checks import InvalidInput
from kerasreg.data import nested_subsets
from kerasreg.experiments import augmentation_gain
from kerasreg.records import Split
from tests.helpers.interrupted import interrupted_after
from tests.helpers.small import small_digits


def darker(pictures):
    return pictures / 2


def draw(size: int, seed: int) -> Split:
    """So many rows besides the test part, some of them for validation."""
    (split,) = nested_subsets(small_digits(), (size - 60,), seed=seed)
    return split


class Builder:
    """Builds small networks, and keeps them with what it was called with."""

    def __init__(self):
        self.calls, self.models = [], []

    def __call__(self, augmentation, seed):
        self.calls.append((augmentation, seed))
        self.models.append(network(augmentation, seed))
        return self.models[-1]


def network(augmentation, seed):
    """A single layer, compiled sooner than convolutions, and in one program with noise and without."""
    changes = [RandomNoise(0.0)] if augmentation is None else augmentation_layers(augmentation, seed=seed)
    weights = keras.layers.Dense(10, kernel_initializer=keras.initializers.GlorotUniform(seed))
    model = keras.Sequential([keras.Input((8, 8, 1)), *changes, keras.layers.Flatten(), weights])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.01), loss, metrics=["accuracy"])
    return model


NOISY = Augmentation(noise=0.1)


@pytest.fixture(scope="module")
def gained():
    build = Builder()
    changes = {"noisy": NOISY, "darker": darker}
    record = augmentation_gain(
        build, draw, (80,), changes, repeats=2, updates=4, copies=1, batch_size=80, seed=3
    )
    return record, build


def test_the_errors_are_those_of_scikit_learn_for_the_trained_networks(gained):
    record, build = gained
    split = small_digits()
    assert 0.8 < record.majority_error < 1  # ten classes of about as many rows
    for place, cell in enumerate(np.ndindex(3, 1, 2)):
        labels = np.argmax(build.models[place](split.x_test, training=False), axis=1)
        # Accuracies are kept in single precision.
        assert record.test_error[cell] == pytest.approx(1 - accuracy_score(split.y_test, labels), abs=1e-6)


def test_networks_of_one_repeat_share_their_seed_and_a_function_changes_the_rows_instead(gained):
    calls = gained[1].calls[:6]
    assert [augmentation for augmentation, _ in calls] == [None] * 2 + [NOISY] * 2 + [None] * 2
    seeds = np.array([seed for _, seed in calls]).reshape(3, 2)
    assert len(np.unique(seeds[:, 0])) == len(np.unique(seeds[:, 1])) == 1
    assert seeds[0, 0] != seeds[0, 1]


def test_the_record_says_what_was_trained(gained):
    record = gained[0]
    assert (record.data, record.metric) == ("small digits", "error_rate")
    assert (record.train_rows, record.test_rows) == ((80,), (50,))
    assert record.strategies == ("none", "noisy", "darker")
    assert record.strengths == {"none": {}, "noisy": {"noise": 0.1}, "darker": "darker"}
    assert record.settings == {"updates": 4, "batch_size": 80, "copies": 1, "seed": 3}


def test_after_ctrl_c_a_network_that_had_not_finished_has_no_error(monkeypatch):
    monkeypatch.setattr("kerasreg.experiments.augmentation.experiment.fit_population", interrupted_after(1))
    record = augmentation_gain(network, draw, (80,), {"noisy": NOISY}, repeats=1, updates=1)
    assert record.interrupted
    assert np.isnan(record.test_error).ravel().tolist() == [False, True]
    assert record.summary().splitlines()[1].endswith("no comparison, a network diverged or was interrupted.")


def careless(augmentation, seed):
    return network(augmentation, seed + (augmentation is not None))


def without_accuracy(augmentation, seed):
    model = network(augmentation, seed)
    model.compile(optimizer=keras.optimizers.SGD(0.01), loss=model.loss)
    return model


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (
            {"sizes": (120, 80)},
            "sizes must be a list of one or more ascending whole numbers of at least 1; received (120, 80).",
        ),
        (
            {"augmentations": {}},
            "augmentations must hold one or more by name, none of them called 'none'; received {}.",
        ),
        (
            {"augmentations": {"none": NOISY}},
            "augmentations must hold one or more by name, none of them called 'none'; received {'none': "
            "Augmentation(noise=0.1)}.",
        ),
        (
            {"augmentations": [NOISY]},
            "augmentations must hold one or more by name, none of them called 'none'; received "
            "[Augmentation(noise=0.1)].",
        ),
        (
            {"draw": "digits"},
            "draw must be a function that returns a Split, draw(size, seed=...); received 'digits'.",
        ),
        (
            {"draw": lambda size: size},
            "draw is called as draw(80, seed=...), and does not take that: got an unexpected keyword "
            "argument 'seed'.",
        ),
        (
            {"draw": lambda size, seed: size},
            "draw must return a Split with test rows; received 80 for size 80.",
        ),
        (
            {"build": careless},
            "build gave other initial weights for noisy than for none with the same seed. A paired "
            "comparison needs networks that start alike: let build derive the initial weights from its seed "
            "alone.",
        ),
        (
            {"build": without_accuracy},
            "All networks must be compiled with the metric 'accuracy'; they have cross_entropy.",
        ),
        ({"repeats": 0}, "repeats must be a whole number of at least 1; received 0."),
        ({"updates": 0}, "updates must be a whole number of at least 1; received 0."),
    ],
)
def test_what_cannot_be_used_is_refused(changed, message):
    arguments = {"build": network, "draw": draw, "sizes": (80,), "augmentations": {"noisy": NOISY}}
    with pytest.raises(InvalidInput, match=f"^{re.escape(message)}$"):
        augmentation_gain(**arguments | {"repeats": 1, "updates": 1} | changed)
