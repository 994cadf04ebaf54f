"""Arguments of a wrong type are refused in a sentence, whichever function they are given to."""

from contextlib import suppress
from dataclasses import replace
from functools import partial

import keras
import keras_tuner
import numpy as np
import pytest

from kerasreg import build_mlp, data, experiments, fit_population, tune
from kerasreg import population as populations
from kerasreg.checks import InvalidInput
from kerasreg.population import trainer
from kerasreg.records import Split
from kerasreg.tune import population_tuner, searching
from tests.helpers.populations import classes, net, numbers, sequential, table

WRONG = (None, 5, "x", object(), np.array([1.0, 2.0]))


class Reached(Exception):
    """Training would begin here."""


def stop(*arguments, **options):
    raise Reached


def network(units=2, seed=0):
    return sequential((8,), keras.layers.Dense(int(units), "tanh"), keras.layers.Dense(3))


def regularized(units=(2,), regularization=None, seed=0):
    return build_mlp((8,), 3, units=units, regularization=regularization, seed=seed)


def with_test():
    return replace(
        classes(), x_test=table()[:6] + 9, y_test=np.arange(6) % 3, test_indices=np.arange(900, 906)
    )


def tuner(folder):
    objective = keras_tuner.Objective("val_cross_entropy", "min")
    oracle = keras_tuner.oracles.RandomSearchOracle(objective, max_trials=2, seed=1)
    return tune.PopulationTuner(oracle, tune.MLPHyperModel.for_split(classes()), directory=folder)


once = {"epochs": 1, "batch_size": 32, "seed": 0, "progress": False}
CALLS = {
    "Split.from_arrays": lambda: (
        Split.from_arrays,
        {
            **{"x": classes().x_train, "y": classes().y_train, "x_test": None, "y_test": None},
            **{"validation_fraction": 0.3, "train_size": None, "task": "classification"},
            **{"num_classes": None, "drop_duplicates": False, "seed": 0},
        },
    ),
    "k_fold": lambda: (data.k_fold, {"split": classes(), "num_folds": 2, "seed": 0}),
    "hold_out": lambda: (data.hold_out, {"split": classes(), "validation_fraction": 0.3, "seed": 0}),
    "monte_carlo": lambda: (data.monte_carlo, {"split": classes(), "num_repeats": 2, "seed": 0}),
    "chronological": lambda: (data.chronological, {"split": numbers(), "num_folds": 2}),
    "nested_subsets": lambda: (data.nested_subsets, {"split": classes(), "sizes": [10, 20], "seed": 0}),
    "fit_population": lambda: (
        fit_population,
        {
            **{"models": [net()], "data": classes(), "epochs": 1, "batch_size": 32, "patience": None},
            **{"monitor": None, "mode": "auto", "min_delta": 0.0, "seeds": None, "initial_epoch": 0},
            **{"restore_best_weights": True, "fallback": False, "members_per_program": None},
            **{"progress": False, "member_done": None, "epochs_done": None},
        },
    ),
    "evaluate_population": lambda: (
        populations.evaluate_population,
        {"models": [net()], "data": classes(), "part": "train", "batch_size": 32},
    ),
    "predict_population": lambda: (
        populations.predict_population,
        {"models": [net()], "x": classes().x_train, "batch_size": 32},
    ),
    "differentiate_population": lambda: (
        populations.differentiate_population,
        {"models": [net()], "x": classes().x_train, "y": classes().y_train},
    ),
    "batch_order": lambda: (populations.batch_order, {"num_rows": 5, "epochs": 2, "seed": 0}),
    "compare": lambda: (
        experiments.compare,
        {
            **{"builds": {"a": network, "b": network}, "splits": [classes(), classes(train=30)], **once},
            **{"repeats": 1, "patience": None, "metric": None, "part": "validation"},
            **{"design": "auto", "same_seeds": True, "margin": None, "confidence": 0.95},
        },
    ),
    "cross_validate": lambda: (
        experiments.cross_validate,
        {"build": network, "folds": data.k_fold(classes(), 2), "metric": None, **once},
    ),
    "compare_estimators": lambda: (
        experiments.compare_estimators,
        {
            **{"build": network, "draw": lambda seed: with_test(), "schemes": {"a": data.hold_out}},
            **{"data_sets": 1, "metric": None, "at_once": 8, **once},
        },
    ),
    "nested_selection": lambda: (
        experiments.nested_selection,
        {
            **{"build": network, "candidates": {"a": 1, "b": 2}},
            **{"split": classes(), "divide": partial(data.k_fold, num_folds=2), "inner": None},
            **{"repeats": 1, "metric": None, "at_once": 8, **once},
        },
    ),
    "duplicate_harm": lambda: (
        experiments.duplicate_harm,
        {
            **{"build": network, "split": with_test(), "groups": np.arange(52), "num_folds": 2},
            **{"repeats": 1, "metric": None, "at_once": 8, **once},
        },
    ),
    "capacity_grid": lambda: (
        experiments.capacity_grid,
        {
            **{"build": network, "splits": [with_test()]},
            **{"sizes": (2,), "repeats": 1, "patience": None, **once},
        },
    ),
    "overtraining": lambda: (
        experiments.overtraining,
        {"build": network, "data": with_test(), "repeats": 3, "irreducible_error": None, **once},
    ),
    "penalty_path": lambda: (
        experiments.penalty_path,
        {
            **{"build": regularized, "split": with_test(), "strengths": (0.1,), "penalty": "l2"},
            **{"units": (2,), "repeats": 1, "near_zero": 1e-3, "penalize_biases": False, **once},
        },
    ),
    "with_penalized_biases": lambda: (experiments.with_penalized_biases, {"model": net()}),
    "least_squares_quadratic": lambda: (
        experiments.least_squares_quadratic,
        {"x": np.eye(3), "y": np.ones(3), "bias": True},
    ),
    "quadratic_descent": lambda: (
        experiments.quadratic_descent,
        {"hessian": np.eye(2), "optimum": np.ones(2), "learning_rate": 0.1, "steps": 3},
    ),
    "ridge_path": lambda: (
        experiments.ridge_path,
        {"hessian": np.eye(2), "optimum": np.ones(2), "alphas": [0.1]},
    ),
    "stopping_by": lambda: (
        experiments.stopping_by,
        {"curve": [1.0, 0.5], "patience": 1, "min_delta": 0.0, "mode": "min"},
    ),
    "Real": lambda: (tune.Real, {"low": 0.1, "high": 1.0, "log": False}),
    "OneOf": lambda: (tune.OneOf, {"values": (1, 2)}),
    "search": lambda: (
        tune.search,
        {
            **{"model": "mlp", "split": classes(), "tuner": "random", "engine": "population"},
            **{"objective": None, "max_trials": 2, "epochs": 1, "patience": None, "folds": 1, "repeats": 1},
            **{"search_over": None, "space": None, "fixed": None, "fresh_seeds": 1, "time_budget": None},
            **{"directory": None, "overwrite": True, "seed": 0, "progress": None, "command": None},
            **{"data_code": None, "picture": None},
        },
    ),
    "PopulationTuner.search": lambda: (
        lambda folder, **options: tuner(folder).search(**options),
        {
            **{"folder": None, "split": classes(), "epochs": 1, "batch_size": 32, "patience": None},
            **{"folds": 1, "repeats": None, "trials_at_once": None, "verbose": 0},
        },
    ),
}


MANY_NETWORKS = (
    "compare",
    "nested_selection",
    "overtraining",
    "penalty_path",
    "capacity_grid",
    "cross_validate",
)


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=pytest.mark.slow) if name in MANY_NETWORKS else name for name in CALLS],
)
def test_an_argument_of_a_wrong_type_is_refused_in_a_sentence_or_used(name, monkeypatch, tmp_path):
    monkeypatch.setattr(trainer, "run", stop)
    monkeypatch.setattr(searching, "run_trials", stop)
    monkeypatch.setattr(population_tuner, "train", stop)
    monkeypatch.setattr(keras.Model, "fit", stop)
    monkeypatch.chdir(tmp_path)
    function, given = CALLS[name]()
    for folder in {"directory", "folder"} & given.keys():
        given[folder] = tmp_path / "out"
    refused = []
    with suppress(Reached):
        function(**given)
    for argument in given.keys() - {"folder"}:
        for value in WRONG:
            try:
                function(**(given | {argument: value}))
            except Reached:
                pass
            except InvalidInput as error:
                refused.append(str(error))
            except Exception as error:
                raise AssertionError(f"{name}({argument}={value!r}) raised {error!r}") from error
    assert len(refused) >= len(given)
    assert all(sentence.endswith(".") for sentence in refused)
