"""Searches of digits as they would have been recorded, made up without training anything."""

from dataclasses import replace
from typing import Any

import numpy as np

from kerasreg.crossed_intervals import accuracy_interval
from kerasreg.records import SearchResult, TrialRecord

DIGITS = {
    "name": "digits",
    "input_shape": [8, 8],
    "num_classes": 10,
    "train_rows": 1006,
    "validation_rows": 431,
    "test_rows": 360,
    "code": "load_digits_split(train_size=1000, seed=0)",
}
SETTINGS = {
    "model": "mlp",
    "tuner": "random",
    "max_trials": 12,
    "epochs": 60,
    "patience": 8,
    "folds": 1,
    "repeats": 1,
    "search_over": ["size", "l2", "dropout", "normalization"],
    "space": {
        "num_layers": {"kind": "Whole", "low": 1, "high": 3},
        "units": {"kind": "OneOf", "values": [32, 64, 128, 256]},
        "l2": {"kind": "Real", "low": 1e-6, "high": 0.01, "log": True},
        "dropout": {"kind": "Real", "low": 0.0, "high": 0.6, "log": False},
        "normalization": {"kind": "OneOf", "values": ["none", "batch", "layer"]},
    },
    "fresh_seeds": 5,
}
VERSIONS = {"kerasreg": "0.1.0", "keras": "3.15.1", "tensorflow": "2.21.0", "numpy": "2.4.1"}


def curves(best: float, *, seed: int, metrics: tuple[str, ...], patience: int = 8) -> tuple[dict, int]:
    """A history whose first metric is lowest (or highest, for accuracy) at `best`, and that epoch."""
    rng = np.random.default_rng(seed)
    best_epoch = int(rng.integers(14, 34))
    epochs = np.arange(1, best_epoch + patience + 1)
    history: dict[str, Any] = {}
    for metric in ("loss", *metrics):
        target = {"accuracy": 1 - best / 4, "loss": best * 1.4}.get(metric, best)
        start = 0.3 if metric == "accuracy" else max(2.2, 30 * best)
        start = start if metric != "mse" else 0.2
        fall = np.exp(-epochs / best_epoch * 5)
        validation = target + (start - target) * fall + 0.03 * target * rng.random(len(epochs))
        validation += 0.004 * target * np.maximum(epochs - best_epoch, 0)
        training = target * (0.6 if metric != "accuracy" else 1.01) + (start - target) * fall * 0.9
        if metric == "accuracy":
            validation, training = np.minimum(validation, target), np.minimum(training, 1.0)
        else:
            validation = np.maximum(validation, target * 1.002)
        validation[best_epoch - 1] = target
        history[metric] = training.tolist()
        history[f"val_{metric}"] = validation.tolist()
    return history, best_epoch


def digits_search(*, folds: int = 1, objective: str = "cross_entropy", **changes: Any) -> SearchResult:
    """A finished random search of an MLP on the digits: 12 trials, the fifth of them failed."""
    rng = np.random.default_rng(0)
    metrics = ("cross_entropy", "accuracy")
    trials = []
    for number in range(12):
        hyperparameters = {
            "num_layers": int(rng.integers(1, 4)),
            "units": int(rng.choice([32, 64, 128, 256])),
            "l2": float(10 ** rng.uniform(-6, -2)),
            "dropout": float(rng.uniform(0, 0.6)),
            "normalization": str(rng.choice(["none", "batch", "layer"])),
            "l1": 0.0,
            "dropconnect": 0.0,
            "learning_rate": 0.001,
            "batch_size": 32,
        }
        if number == 4:
            error = "The loss became NaN in epoch 3: the learning rate is too large for this network."
            trials.append(
                TrialRecord(
                    trial_id="5",
                    status="failed",
                    hyperparameters=hyperparameters,
                    seconds=1.25,
                    error=error,
                )
            )
            continue
        level = 0.07 + 0.02 * (np.log10(hyperparameters["l2"]) + 4.5) ** 2 + 0.05 * rng.random()
        runs = [
            curves(level * (1 + 0.15 * fold), seed=100 * number + fold, metrics=metrics)
            for fold in range(folds)
        ]
        scores = [history[f"val_{objective}"][epoch - 1] for history, epoch in runs]
        trials.append(
            TrialRecord(
                trial_id=str(number + 1),
                status="completed",
                hyperparameters=hyperparameters,
                score=float(np.mean(scores)),
                scores=scores,
                best_epoch=[epoch for _, epoch in runs],
                history=[history for history, _ in runs],
                seconds=3.5 + number / 10,
            )
        )
    searching = SearchResult(
        command="python -m kerasreg.tune mlp --data digits --train-size 1000 --max-trials 12 --seed 0",
        seed=0,
        versions=VERSIONS,
        data=DIGITS,
        objective={"name": objective, "direction": "max" if objective == "accuracy" else "min"},
        settings=SETTINGS | {"folds": folds},
        trials=tuple(trials),
        seconds={"search": 46.3},
        stopped_by="max_trials",
    )
    best = searching.ranked()[0]
    arguments = {
        "units": [best.hyperparameters["units"]] * best.hyperparameters["num_layers"],
        "regularization": {"l2": best.hyperparameters["l2"], "dropout": best.hyperparameters["dropout"]},
        "learning_rate": 0.001,
    }
    if best.hyperparameters["normalization"] != "none":
        arguments["regularization"]["normalization"] = best.hyperparameters["normalization"]
    return replace(finished(searching, "build_mlp", arguments, metrics), **changes)


def finished(
    searching: SearchResult, builder: str, arguments: dict[str, Any], metrics: tuple[str, ...]
) -> SearchResult:
    """The search with its best trial as the winner, retrained with five fresh seeds and tested."""
    best = searching.ranked()[0]
    minimised = {metric: best.history[0][f"val_{metric}"][best.best_epoch[0] - 1] for metric in metrics}
    level = minimised[metrics[0]]
    retraining = []
    for seed in range(5):
        history, epoch = curves(level * (1.1 + 0.05 * seed), seed=9000 + seed, metrics=metrics)
        tested = {metric: history[f"val_{metric}"][epoch - 1] for metric in metrics}
        tested = {
            metric: round(value * 360) / 360 - 1 / 360 if metric == "accuracy" else value * 1.03
            for metric, value in tested.items()
        }
        retraining.append(
            {
                "seed": 1000 + seed,
                "validation_score": history[f"val_{searching.objective['name']}"][epoch - 1],
                "best_epoch": epoch,
                "history": history,
                "test": tested,
            }
        )
    metric = metrics[-1]
    scores = [run["test"][metric] for run in retraining]
    mean, sd = float(np.mean(scores)), float(np.std(scores, ddof=1))
    half = 2.776 * sd / np.sqrt(5)
    test = {
        "metric": metric,
        "scores": scores,
        "mean": mean,
        "sd": sd,
        "interval_95": [mean - half, mean + half],
    }
    if metric == "accuracy":
        test |= counted(scores)
    objective = searching.objective["name"]
    validation = np.mean([run["validation_score"] for run in retraining])
    chosen = float(validation) - best.score
    rows = float(np.mean([run["test"][objective] for run in retraining]) - validation)
    return replace(
        searching,
        winner={
            "trial_id": best.trial_id,
            "score": best.score,
            "hyperparameters": best.hyperparameters,
            "builder": builder,
            "arguments": arguments,
            "batch_size": best.hyperparameters["batch_size"],
            "num_parameters": 26122,
        },
        retraining=tuple(retraining),
        test=test,
        score_gaps={
            "validation_minus_search": {"difference": chosen, "interval_95": [chosen - 0.01, chosen + 0.01]},
            "test_minus_validation": {"difference": rows, "interval_95": [rows - 0.001, rows + 0.001]},
        },
        seconds=searching.seconds | {"retraining": 9.6},
    )


def counted(scores: list[float]) -> dict[str, Any]:
    """Counts of 360 test rows, 36 a class: all that is wrong is of class 8 and taken for class 1.

    The networks err on the same rows, the better ones on some of them.
    """
    right = np.array([np.arange(360) < round(360 * score) for score in scores])
    counts = np.bincount(right.sum(axis=0), minlength=len(scores) + 1).tolist()
    wrong = int((~right).sum())
    total = 36 * len(scores)
    confusion = np.diag([total] * 10)
    confusion[8, 8] -= wrong
    confusion[8, 1] = wrong
    return {
        "interval_95": list(accuracy_interval(right.sum(axis=1), counts)),
        "rows_by_seeds_right": counts,
        "classes": {
            "rows": [36] * 10,
            "recall": (np.diag(confusion) / total).tolist(),
            "predicted": confusion.sum(axis=0).tolist(),
            "confusion": confusion.tolist(),
            "majority": {"class": 3, "accuracy": 0.1},
        },
    }


def under_way() -> SearchResult:
    """The digits search after seven trials: no winner, no test."""
    whole = digits_search()
    return replace(
        whole,
        trials=whole.trials[:7],
        winner=None,
        retraining=(),
        test=None,
        score_gaps=None,
        stopped_by=None,
        seconds={"search": 25.1},
    )


def all_failed() -> SearchResult:
    """A search that ended with every trial failed."""
    trials = [
        TrialRecord(
            trial_id=str(number + 1),
            status="failed",
            hyperparameters={"l2": 10.0**number, "units": 64},
            seconds=0.4,
            error=f"The loss became NaN in epoch {number + 1}.",
        )
        for number in range(3)
    ]
    return replace(under_way(), trials=tuple(trials), stopped_by="max_trials")
