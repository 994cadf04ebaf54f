"""Every network of the builders is saved and loaded without losing anything."""

import keras
import numpy as np
import pytest

from kerasreg.augmentation import Augmentation
from kerasreg.builders import build_cnn, build_mlp
from kerasreg.regularization import Regularization
from tests.helpers.networks import BUILDERS, EVERY_BUILDER_AND_KNOB, KNOBS, SHAPE, batch_for, train_a_step
from tests.helpers.strengths import EVERYTHING


def assert_nothing_is_lost(model: keras.Model, x: np.ndarray, y: np.ndarray, folder) -> None:
    """Saves after a step, loads, compares, and takes another step with both."""
    train_a_step(model, x, y)
    model.save(folder / "model.keras")
    loaded = keras.saving.load_model(folder / "model.keras", safe_mode=True)
    np.testing.assert_array_equal(model(x, training=False), loaded(x, training=False))
    assert loaded.get_compile_config() == model.get_compile_config()
    pairs = list(zip(model.variables, loaded.variables, strict=True))
    for state, fresh_state in pairs:
        if state.name == "seed_generator_state":  # Keras does not save how far the random numbers went
            assert state.numpy()[0] == fresh_state.numpy()[0]
            state.assign(fresh_state)
    for one in (model, loaded):
        train_a_step(one, x, y)  # equal only if moments, penalties, masks and noise are alike
    for one, other in pairs:
        np.testing.assert_array_equal(one.numpy(), other.numpy(), err_msg=one.path)


@pytest.mark.parametrize("builder", BUILDERS)
def test_a_plain_network_is_saved_and_loaded(builder, tmp_path):
    assert_nothing_is_lost(BUILDERS[builder](), *batch_for(builder), tmp_path)


@pytest.mark.parametrize(("builder", "knob"), EVERY_BUILDER_AND_KNOB)
def test_a_network_with_a_knob_is_saved_and_loaded(builder, knob, tmp_path):
    model = BUILDERS[builder](regularization=Regularization(**{knob: KNOBS[knob]}))
    assert_nothing_is_lost(model, *batch_for(builder), tmp_path)


def test_a_network_with_every_change_of_pictures_is_saved_and_loaded(tmp_path):
    x, y = batch_for("cnn")
    model = build_cnn((8, 8, 3), 10, blocks=[(3,)], augmentation=Augmentation(**EVERYTHING))
    assert_nothing_is_lost(model, np.repeat(x, 3, axis=-1), y, tmp_path)


@pytest.mark.parametrize("optimizer", ["adam", "adamw", "sgd", "rmsprop"])
def test_a_network_with_each_optimizer_is_saved_and_loaded(optimizer, tmp_path):
    assert_nothing_is_lost(build_mlp(SHAPE, 10, optimizer=optimizer), *batch_for("mlp"), tmp_path)


def test_a_network_with_every_knob_is_saved_and_loaded(tmp_path):
    model = build_cnn(
        SHAPE,
        10,
        regularization=Regularization(**KNOBS | {"normalization": "layer"}),
        augmentation=Augmentation(translation=0.1, rotation=10, zoom=0.1, elastic=0.05),
    )
    assert_nothing_is_lost(model, *batch_for("cnn"), tmp_path)


@pytest.mark.parametrize("adapted", [False, True])
def test_a_network_that_standardizes_its_input_is_saved_and_loaded(adapted, tmp_path):
    model = build_mlp(SHAPE, 10, standardize_input=True)
    x, y = batch_for("mlp")
    if adapted:
        model.get_layer("standardize_input").adapt(x)
    assert_nothing_is_lost(model, x, y, tmp_path)
