"""The settings of a search are checked before anything is trained."""

import ast
import json

import keras_tuner
import numpy as np
import pytest

from kerasreg.checks import InvalidInput
from kerasreg.tune.settings import SearchSettings, default_objective, hyperband_brackets
from kerasreg.tune.spaces import DEFAULT_SEARCH_OVER, OneOf, Real
from tests.helpers.small import small_digits, small_regression


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"model": "rnn"}, "model must be one of 'mlp', 'cnn', 'autoencoder'; received 'rnn'."),
        (
            {"tuner": "annealing"},
            "tuner must be one of 'random', 'grid', 'bayesian', 'hyperband'; received 'annealing'.",
        ),
        ({"max_trials": 0}, "max_trials must be a whole number of at least 1; received 0."),
        ({"epochs": -5}, "epochs must be a whole number of at least 1; received -5."),
        ({"patience": 0}, "patience must be a whole number of at least 1; received 0."),
        ({"folds": 2.5}, "folds must be a whole number of at least 1; received 2.5."),
        ({"repeats": 0}, "repeats must be a whole number of at least 1; received 0."),
        ({"fresh_seeds": 0}, "fresh_seeds must be a whole number of at least 1; received 0."),
    ],
)
def test_wrong_values_are_refused(wrong, message):
    with pytest.raises(InvalidInput) as error:
        SearchSettings(**{"model": "mlp", **wrong})
    assert str(error.value) == message


def test_numpys_numbers_are_taken_as_pythons():
    given = {"max_trials": 7, "epochs": 5, "patience": 3, "folds": 2, "repeats": 4, "fresh_seeds": 6}
    made = SearchSettings(
        model="mlp",
        **{name: np.int64(value) for name, value in given.items()},
        search_over=["l2"],
        space={"l2": Real(np.float64(0.1), np.float64(0.5))},
        fixed={"units": np.int64(16), "dropout": np.float64(0.25)},
    ).to_dict()
    assert json.loads(json.dumps(made)) | {"search_over": ["l2"]} == made
    assert {type(made[name]) for name in given} == {int}
    assert [type(value) for value in made["fixed"].values()] == [int, float]
    assert {type(value) for name, value in made["space"]["l2"].items() if name in ("low", "high")} == {float}


def test_the_objective_must_suit_the_task():
    with pytest.raises(InvalidInput) as error:
        SearchSettings(model="mlp", objective="mse").check_suits(small_digits())
    assert str(error.value) == (
        "The objective of classification must be cross_entropy or accuracy; received 'mse'."
    )
    with pytest.raises(InvalidInput) as error:
        SearchSettings(model="mlp", objective="accuracy").check_suits(small_regression())
    assert str(error.value) == (
        "The objective of regression and autoencoders must be mse; received 'accuracy'."
    )


def test_what_is_for_classes_is_refused_for_regression():
    with pytest.raises(InvalidInput) as error:
        SearchSettings(model="cnn", objective="mse").check_suits(small_regression())
    assert str(error.value) == "The cnn is for classes; search the mlp for regression."
    settings = SearchSettings(model="mlp", objective="mse", search_over="l2,label_smoothing")
    with pytest.raises(InvalidInput) as error:
        settings.check_suits(small_regression())
    assert str(error.value) == "label_smoothing is for classes; leave it out of search_over for regression."


def test_what_is_not_given_is_the_models_own():
    mlp, autoencoder = (SearchSettings(model=model) for model in ("mlp", "autoencoder"))
    assert (mlp.epochs, mlp.patience, mlp.search_over) == (50, 8, ("size", "l1", "l2", "dropout"))
    assert autoencoder.epochs > mlp.epochs
    assert autoencoder.search_over == DEFAULT_SEARCH_OVER["autoencoder"]
    given = SearchSettings(model="autoencoder", epochs=9, patience=2, search_over="l1")
    assert (given.epochs, given.patience, given.search_over) == (9, 2, ("l1",))


@pytest.mark.parametrize("epochs", [2, 3, 9, 50, 100])
def test_hyperbands_trials_are_as_many_as_kerastuner_makes(epochs):
    """The oracle is KerasTuner's own."""
    objective = keras_tuner.Objective("val_mse", "min")
    oracle = keras_tuner.oracles.HyperbandOracle(objective=objective, max_epochs=epochs, seed=1)
    most = oracle._brackets[0]["bracket_num"]
    assert hyperband_brackets(epochs) == [
        [oracle._get_size(bracket, number) for number in range(bracket + 1)]
        for bracket in range(most, -1, -1)
    ]


def test_hyperband_makes_a_pass_or_90_trials_by_default():
    trials = [SearchSettings(model="mlp", tuner="hyperband", epochs=n).max_trials for n in (1, 50, 100)]
    assert trials == [90, 90, 254]
    assert SearchSettings(model="autoencoder", tuner="hyperband").max_trials == 254


def test_the_default_objective_is_unpenalized():
    assert default_objective("mlp", small_digits()) == "cross_entropy"
    assert default_objective("mlp", small_regression()) == "mse"
    assert default_objective("mlp", small_regression(targets=2)) == "standardized_mse"
    assert default_objective("autoencoder", small_digits().as_autoencoder()) == "mse"


def test_the_settings_are_written_as_the_call_that_has_them():
    settings = SearchSettings(model="mlp", folds=3, space={"units": OneOf((8, 16))}, fixed={"l1": 0.1})
    call = settings.as_call(seed=4)
    assert call == (
        "kerasreg.tune.search('mlp', split, tuner='random', objective='cross_entropy', folds=3, "
        "space={'units': OneOf(values=(8, 16))}, fixed={'l1': 0.1}, seed=4)"
    )
    ast.parse(call)


def test_the_record_has_the_range_of_all_that_is_searched_built_in_or_given():
    settings = SearchSettings(model="mlp", search_over="size,l2", space={"units": OneOf((8, 16))})
    assert settings.to_dict()["space"] == {
        "num_layers": {"kind": "Whole", "low": 1, "high": 3},
        "units": {"kind": "OneOf", "values": (8, 16)},
        "l2": {"kind": "Real", "low": 1e-6, "high": 1e-2, "log": True},
    }
