"""A search of an autoencoder as it would have been recorded, made up without training anything."""

import numpy as np

from kerasreg.records import SearchResult, TrialRecord
from tests.helpers.search_results import SETTINGS, VERSIONS, curves, finished


def autoencoder_search() -> SearchResult:
    """A finished search of a dense autoencoder on MNIST by its mean squared error."""
    rng = np.random.default_rng(1)
    trials = []
    for number in range(10):
        hyperparameters = {
            "units": int(rng.choice([64, 128, 256])),
            "l1": [0.0, float(10 ** rng.uniform(-7, -4))][number % 3 > 0],
            "noise_std": float(rng.uniform(0, 0.4)),
            "kind": "dense",
            "bottleneck": 16,
            "learning_rate": 0.001,
            "batch_size": 64,
        }
        history, epoch = curves(0.011 + 0.01 * rng.random(), seed=number, metrics=("mse",))
        score = history["val_mse"][epoch - 1]
        trials.append(
            TrialRecord(
                trial_id=str(number + 1),
                status="completed",
                hyperparameters=hyperparameters,
                score=score,
                scores=[score],
                best_epoch=[epoch],
                history=[history],
                seconds=12.0,
            )
        )
    searching = SearchResult(
        command="python -m kerasreg.tune autoencoder --data mnist --train-size 1000",
        seed=3,
        versions=VERSIONS,
        data={
            "name": "MNIST",
            "input_shape": [28, 28],
            "num_classes": None,
            "train_rows": 700,
            "validation_rows": 300,
            "test_rows": 10000,
            "code": "load_mnist_subset(train_size=1000, seed=3)",
        },
        objective={"name": "mse", "direction": "min"},
        settings=SETTINGS
        | {"model": "autoencoder", "search_over": ["size", "l1", "noise"], "tuner": "bayesian"},
        trials=tuple(trials),
        seconds={"search": 200.4},
        stopped_by="time_budget",
    )
    best = searching.ranked()[0].hyperparameters
    arguments = {
        "kind": "dense",
        "bottleneck": 16,
        "units": [best["units"]],
        "regularization": {"noise_std": best["noise_std"]},
        "learning_rate": 0.001,
        "augmentation": None,
    }
    return finished(searching, "build_autoencoder", arguments, ("mse",))
