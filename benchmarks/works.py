"""The works that `benchmarks.search_speed` times: the same trials by KerasTuner and by populations."""

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass

import keras
import keras_tuner
import numpy as np

from kerasreg import Regularization, Split, build_cnn, build_mlp, load_digits_split, load_mnist_subset
from kerasreg.data import repeated_k_fold
from kerasreg.intervals import mean_interval
from kerasreg.population import fit_population
from kerasreg.tune import PopulationTuner

EPOCHS, BATCH_SIZE, SEED = 30, 32, 1
OBJECTIVE = keras_tuner.Objective("val_accuracy", "max")


@dataclass(frozen=True)
class Work:
    """A search, and how many of its trials each side makes.

    Args:
        name: Its key in the JSON line.
        title: What it is.
        split: The data.
        build: The network of a trial.
        trials: Trials of the population's search.
        goal: How many times faster the population is to be.
        quick: Trials of the population's search when there is little time; 0 to leave it out.
    """

    name: str
    title: str
    split: Split
    build: Callable[[keras_tuner.HyperParameters], keras.Model]
    trials: int
    goal: int
    quick: int = 64


@dataclass(frozen=True)
class Outcome:
    """What one side took, and the best validation accuracy of each trial, by its number."""

    seconds: float
    scores: dict[int, float]
    values: dict[int, dict]

    @property
    def seconds_per_trial(self) -> float:
        """Everything from the call to the returned result, divided among the trials."""
        return self.seconds / len(self.scores)


def regularization(hp: keras_tuner.HyperParameters) -> Regularization:
    """Returns what all searches vary."""
    return Regularization(
        l2=hp.Float("l2", 1e-6, 1e-2, sampling="log"), dropout=hp.Float("dropout", 0.0, 0.6)
    )


def works() -> list[Work]:
    """Returns the searches; MNIST as 1,000 images to train on and 250 to validate by."""
    digits = load_digits_split(seed=0)
    mnist = load_mnist_subset(train_size=1250, validation_fraction=0.2, seed=0)

    def mlp(split: Split, *units: int) -> Callable[[keras_tuner.HyperParameters], keras.Model]:
        return lambda hp: build_mlp(split.input_shape, 10, units=units, regularization=regularization(hp))

    def sizes(hp: keras_tuner.HyperParameters) -> keras.Model:
        layers = hp.Int("num_layers", 1, 3)
        units = [hp.Int(f"units_{layer}", 32, 256, step=32) for layer in range(layers)]
        return build_mlp(mnist.input_shape, 10, units=units, regularization=regularization(hp))

    def cnn(hp: keras_tuner.HyperParameters) -> keras.Model:
        return build_cnn(
            mnist.input_shape,
            10,
            blocks=[(16, 3), (32, 3)],
            dense_units=(),
            regularization=regularization(hp),
        )

    return [
        Work("mlp_digits", "MLP 64-128-10, 1,006 digits", digits, mlp(digits, 128), 64, 60),
        Work("mlp_mnist", "MLP 784-128-10, 1,000 of MNIST", mnist, mlp(mnist, 128), 64, 40),
        Work("mlp_mnist_sizes", "MLP of 1-3 layers of 32-256, 1,000 of MNIST", mnist, sizes, 64, 20, quick=0),
        Work("cnn_mnist", "CNN 16-32 3x3, 1,000 of MNIST", mnist, cnn, 16, 4, quick=6),
    ]


def by_keras_tuner(work: Work, trials: int) -> Outcome:
    """Searches with KerasTuner's own RandomSearch, which calls `fit` for one trial after another."""
    split = work.split
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        tuner = keras_tuner.RandomSearch(
            work.build, OBJECTIVE, max_trials=trials, seed=SEED, directory=folder, project_name="fit"
        )
        tuner.search(
            split.x_train,
            split.y_train,
            validation_data=(split.x_validation, split.y_validation),
            epochs=EPOCHS,
            batch_size=BATCH_SIZE,
            verbose=0,
        )
        return _outcome(tuner, time.perf_counter() - began)


def by_population(work: Work, trials: int) -> Outcome:
    """Searches the same trials with PopulationTuner."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        oracle = keras_tuner.oracles.RandomSearchOracle(OBJECTIVE, max_trials=trials, seed=SEED)
        tuner = PopulationTuner(oracle, work.build, directory=folder, project_name="population")
        tuner.search(work.split, epochs=EPOCHS, batch_size=BATCH_SIZE)
        return _outcome(tuner, time.perf_counter() - began)


def _outcome(tuner: keras_tuner.Tuner, seconds: float) -> Outcome:
    trials = {int(trial.trial_id): trial for trial in tuner.oracle.trials.values()}
    return Outcome(
        seconds=seconds,
        scores={number: trial.score for number, trial in trials.items()},
        values={number: trial.hyperparameters.values for number, trial in trials.items()},
    )


def fold_network(seed: int) -> keras.Model:
    """Returns the network of the cross-validation: 64-128-10 with dropout and L2."""
    return build_mlp(
        (8, 8, 1), 10, units=(128,), regularization=Regularization(l2=1e-4, dropout=0.3), seed=seed
    )


def cross_validation_by_fit(folds: list[Split]) -> Outcome:
    """Calls `fit` for one fold after another."""
    began = time.perf_counter()
    scores = {}
    for number, fold in enumerate(folds):
        history = fold_network(number).fit(
            fold.x_train,
            fold.y_train,
            validation_data=(fold.x_validation, fold.y_validation),
            epochs=EPOCHS,
            batch_size=BATCH_SIZE,
            verbose=0,
        )
        scores[number] = max(history.history["val_accuracy"])
    return Outcome(time.perf_counter() - began, scores, {})


def cross_validation_by_population(folds: list[Split]) -> Outcome:
    """Trains all folds as one population."""
    began = time.perf_counter()
    models = [fold_network(number) for number in range(len(folds))]
    history = fit_population(models, folds, epochs=EPOCHS, batch_size=BATCH_SIZE, monitor="val_accuracy")
    scores = {number: member.score for number, member in enumerate(history)}
    return Outcome(time.perf_counter() - began, scores, {})


def ten_folds_five_times() -> list[Split]:
    """Returns the 50 divisions of the digits."""
    return repeated_k_fold(load_digits_split(seed=0), 10, 5, seed=SEED)


def paired_difference(population: Outcome, fit: Outcome) -> str:
    """Returns the mean difference of the validation accuracies of the trials both made, in words.

    Raises:
        AssertionError: If the two sides did not try the same hyperparameters.
    """
    common = sorted(set(population.scores) & set(fit.scores))
    for trial in common:
        assert population.values.get(trial) == fit.values.get(trial), trial
    differences = np.array([population.scores[trial] - fit.scores[trial] for trial in common])
    mean, sd, interval = mean_interval(differences)
    if interval is None:
        return f"{mean:+.4f} in one trial"
    low, high = interval
    return f"{mean:+.4f} (SD {sd:.4f}, 95 % interval {low:+.4f} to {high:+.4f}, {len(common)} pairs)"
