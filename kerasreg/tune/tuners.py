"""KerasTuner's search strategies, set up so that a seed decides everything they propose."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import keras_tuner
from sklearn.exceptions import ConvergenceWarning

from kerasreg.seeds import derive_seed
from kerasreg.tune.hypermodels import RegularizedHyperModel
from kerasreg.tune.scratch import scratch_folder
from kerasreg.tune.settings import SearchSettings


@contextmanager
def oracle_for(
    hypermodel: RegularizedHyperModel, settings: SearchSettings, *, seed: int
) -> Iterator[keras_tuner.Oracle]:
    """Gives the KerasTuner oracle that proposes the trials, its search space filled in.

    KerasTuner keeps files of its own, which a kill can leave half-written and from which it does not
    restore the state of its random numbers. They go to a temporary folder here: what is to last
    stands in `results.json`, and an oracle that is told the same scores proposes the same trials.

    Args:
        hypermodel: What is searched over.
        settings: The strategy and its bounds.
        seed: The seed of the search.
    """
    objective = keras_tuner.Objective(settings.monitor, settings.direction)
    common = {
        "objective": objective,
        "seed": derive_seed(seed, "oracle"),
        # a failed trial is recorded and the search goes on; KerasTuner would stop at the third
        "max_consecutive_failed_trials": settings.max_trials + 1,
    }
    if settings.tuner == "random":
        oracle = keras_tuner.oracles.RandomSearchOracle(max_trials=settings.max_trials, **common)
    elif settings.tuner == "grid":
        oracle = keras_tuner.oracles.GridSearchOracle(max_trials=settings.max_trials, **common)
    elif settings.tuner == "bayesian":
        oracle = keras_tuner.oracles.BayesianOptimizationOracle(
            max_trials=settings.max_trials,
            # KerasTuner's own 3 a dimension can be more than all trials, and then nothing is modelled
            num_initial_points=max(3, min(3 * len(hypermodel.ranges), settings.max_trials // 3)),
            **common,
        )
    else:
        oracle = keras_tuner.oracles.HyperbandOracle(max_epochs=settings.epochs, **common)
        oracle.max_trials = settings.max_trials  # it takes no bound on the trials, but keeps to one
    oracle.verbose = 0
    with scratch_folder() as folder, quiet():
        # the Tuner's constructor finds the hyperparameters by building the hypermodel
        keras_tuner.Tuner(oracle, hypermodel, directory=str(folder), project_name="search")
        yield oracle


@contextmanager
def quiet() -> Iterator[None]:
    """Silences what KerasTuner warns of and no user can act on."""
    with warnings.catch_warnings():
        # threading.currentThread, in KerasTuner's lock
        warnings.filterwarnings("ignore", category=DeprecationWarning, module="keras_tuner")
        # the Gaussian process of Bayesian search on few or equal scores
        warnings.filterwarnings("ignore", category=ConvergenceWarning)
        yield
