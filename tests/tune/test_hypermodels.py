"""The hypermodels build what the builders build, and work with KerasTuner's own tuners."""

import json

import keras
import keras_tuner
import numpy as np
import pytest

from kerasreg import Regularization, build_mlp
from kerasreg.checks import InvalidInput
from kerasreg.tune import AutoencoderHyperModel, CNNHyperModel, MLPHyperModel
from kerasreg.tune.hypermodels import HYPERMODELS
from kerasreg.tune.spaces import SPACES, OneOf
from tests.helpers.small import small_digits, small_regression, small_table


def test_a_trial_builds_what_the_builder_builds():
    hypermodel = MLPHyperModel(
        (8, 8, 1), 10, search_over=["l2"], fixed={"units": 16, "num_layers": 2, "dropout": 0.25}, seed=4
    )
    hp = keras_tuner.HyperParameters()
    hp.Fixed("l2", 0.003)
    built = hypermodel.build(hp)
    by_hand = build_mlp(
        (8, 8, 1), 10, units=(16, 16), regularization=Regularization(l2=0.003, dropout=0.25), seed=4
    )
    assert [type(layer) for layer in built.layers] == [type(layer) for layer in by_hand.layers]
    for ours, theirs in zip(built.get_weights(), by_hand.get_weights(), strict=True):
        assert np.array_equal(ours, theirs)
    assert built.get_layer("hidden_1").kernel_regularizer.l2 == pytest.approx(0.003)


@pytest.mark.parametrize("model", HYPERMODELS)
def test_every_knob_at_once_builds_and_its_arguments_survive_json(model):
    classes = None if model == "autoencoder" else 10
    hypermodel = HYPERMODELS[model]((8, 8, 1), classes, search_over=SPACES[model])
    hp = keras_tuner.HyperParameters()
    hypermodel.build(hp)  # registers
    rng = np.random.default_rng(0)
    for space in hp.space:
        hp.values[space.name] = space.random_sample(int(rng.integers(1000)))
    values = hypermodel.values(hp)
    arguments = hypermodel.arguments(values)
    assert json.loads(json.dumps(arguments)) == arguments
    assert isinstance(hypermodel.build_from(values, seed=1), keras.Model)


def test_a_small_picture_bounds_the_number_of_blocks():
    hypermodel = CNNHyperModel((4, 4, 1), 10, search_over=["l2"], fixed={"num_blocks": 3})
    arguments = hypermodel.arguments(hypermodel.values(keras_tuner.HyperParameters()))
    assert [block["filters"] for block in arguments["blocks"]] == [16, 32]


def test_features_are_standardized_by_the_training_rows_alone():
    split = small_regression()
    hypermodel = MLPHyperModel.for_split(split, search_over=["l2"])
    model = hypermodel.build(keras_tuner.HyperParameters())
    hypermodel.prepare(model, split.x_train)
    given = model.get_layer("standardize_input")(split.x_train).numpy()
    np.testing.assert_allclose(given.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(given.std(axis=0), 1, atol=1e-5)


@pytest.mark.slow
def test_features_are_standardized_in_kerastuners_own_search_too():
    split = small_table()
    hypermodel = MLPHyperModel.for_split(split, search_over=["l2"])
    hp = keras_tuner.HyperParameters()
    model = hypermodel.build(hp)
    hypermodel.fit(hp, model, split.x_train, split.y_train, epochs=1, verbose=0)
    np.testing.assert_allclose(
        model.get_layer("standardize_input").mean[0], split.x_train.mean(axis=0), rtol=1e-4, atol=1e-4
    )


def test_an_autoencoder_of_data_outside_0_to_1_has_a_linear_output():
    for search_over in (["l2"], None):
        hypermodel = AutoencoderHyperModel.for_split(small_table().as_autoencoder(), search_over=search_over)
        hp = keras_tuner.HyperParameters()
        assert hypermodel.arguments(hypermodel.values(hp))["output_activation"] == "linear"
        assert "output_activation" not in hp.values


@pytest.mark.parametrize("search_over", ["output", ["size", "output"]])
def test_the_output_is_not_chosen_for_data_outside_0_to_1(search_over):
    split = small_table().as_autoencoder()
    with pytest.raises(InvalidInput) as refusal:
        AutoencoderHyperModel.for_split(split, search_over=search_over)
    assert str(refusal.value) == (
        "search_over has output, which chooses for data in [0, 1]; the training rows go from "
        f"{split.x_train.min():g} to {split.x_train.max():g}, and the outputs are linear. Leave it out."
    )


def test_of_pictures_an_autoencoder_has_either_output():
    hypermodel = AutoencoderHyperModel((8, 8, 1), None)
    hp = keras_tuner.HyperParameters()
    hypermodel.build(hp)
    assert hp.space[-1].name == "output_activation"
    for output in ("sigmoid", "linear"):
        hp.values["output_activation"] = output
        assert hypermodel.build(hp).get_layer("output_activation").activation.__name__ == output


def test_pictures_are_not_standardized():
    names = [layer.name for layer in MLPHyperModel((8, 8, 1), 10).build(keras_tuner.HyperParameters()).layers]
    assert "standardize_input" not in names


def test_the_autoencoder_gives_back_the_shape_it_takes():
    model = AutoencoderHyperModel((8, 8, 1), None).build(keras_tuner.HyperParameters())
    assert model.output_shape == (None, 8, 8, 1)


def test_a_fixed_value_out_of_range_is_refused_when_it_is_built():
    with pytest.raises(InvalidInput) as error:
        MLPHyperModel((4,), 3, search_over=["l2"], fixed={"dropout": 1.5}).build(
            keras_tuner.HyperParameters()
        )
    assert str(error.value) == "dropout must be a number of at least 0 and below 1; received 1.5."


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Skipping variable loading for optimizer")  # KerasTuner loads weights only
def test_kerastuners_own_random_search_runs_it(tmp_path):
    """The trial's batch size reaches `fit`, and KerasTuner finds a best network."""
    split = small_digits()
    seen = []

    class Watching(MLPHyperModel):
        def fit(self, hp, model, *args, **kwargs):
            history = super().fit(hp, model, *args, **kwargs)
            seen.append((hp.get("batch_size"), history.params["steps"]))
            return history

    hypermodel = Watching.for_split(
        split, search_over=["batch_size"], space={"batch_size": OneOf((20, 70))}, fixed={"units": 16}
    )
    tuner = keras_tuner.RandomSearch(
        hypermodel,
        objective=keras_tuner.Objective("val_cross_entropy", "min"),
        max_trials=2,
        seed=1,
        directory=tmp_path,
    )
    tuner.search(
        split.x_train,
        split.y_train,
        validation_data=(split.x_validation, split.y_validation),
        epochs=1,
        verbose=0,
    )
    assert sorted(seen) == [(20, 7), (70, 2)]  # 140 rows
    best = tuner.get_best_models()[0]
    assert best.predict(split.x_test, verbose=0).shape == (len(split.x_test), 10)
