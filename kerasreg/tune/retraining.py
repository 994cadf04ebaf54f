"""The winner built anew: fresh seeds, fresh splits, and the one look at the test part."""

import math
import time
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import keras
import numpy as np

from kerasreg.checks import SearchFailed
from kerasreg.data import hold_out
from kerasreg.files import write_atomically
from kerasreg.intervals import mean_interval, wilson_interval
from kerasreg.population import without_retracing_advice
from kerasreg.records import SearchResult, Split, TrialRecord
from kerasreg.records.table import nan_for_none
from kerasreg.seeds import derive_seed
from kerasreg.tune.hypermodels import RegularizedHyperModel
from kerasreg.tune.members import fit_member, in_words
from kerasreg.tune.progress import Progress
from kerasreg.tune.settings import SearchSettings
from kerasreg.tune.store import MODEL, ResultStore


def retrain_winner(
    result: SearchResult,
    hypermodel: RegularizedHyperModel,
    split: Split,
    settings: SearchSettings,
    store: ResultStore,
    progress: Progress,
) -> SearchResult:
    """Trains the best trial's configuration with fresh seeds and scores each network on test, once.

    For each seed the train and validation rows are divided anew, so that the numbers carry the
    variation of the division too. Each network is recorded as soon as it is trained; the one with the
    best validation score is kept as `best.keras`.

    Args:
        result: A search that has ended.
        hypermodel: What builds the networks.
        split: The data.
        settings: The settings of the search.
        store: Where the result is kept.
        progress: Who is told.

    Returns:
        The result with `winner`, `retraining`, `test` and `selection_optimism`.

    Raises:
        SearchFailed: If a network cannot be built or trained.
    """
    best = result.ranked()[0]
    values = best.values
    winner = {
        "trial_id": best.trial_id,
        "score": best.score,
        "hyperparameters": values,
        "builder": f"build_{settings.model}",
        "arguments": hypermodel.arguments(values),
        "batch_size": values["batch_size"],
    }
    if not (store.directory / MODEL).exists():  # someone took it away: the same seeds make it again
        result = replace(result, retraining=(), test=None)
    progress.retraining_begins(settings.fresh_seeds, len(result.retraining))
    for number in range(len(result.retraining), settings.fresh_seeds):
        began = time.monotonic()
        seed = derive_seed(result.seed, "fresh", number)
        try:
            fresh = fresh_split(split, settings, seed=seed)
            model, member = fit_member(hypermodel, values, fresh, settings, seed=seed)
            with without_retracing_advice():
                test = model.evaluate(
                    split.x_test, split.y_test, batch_size=1024, verbose=0, return_dict=True
                )
        except Exception as cause:
            raise SearchFailed(
                f"The winner, trial {best.trial_id}, could not be retrained: {in_words(cause)} "
                f"The trials are kept in {str(store.directory)!r}; the same search goes on from there."
            ) from cause
        entry = {
            "seed": seed,
            "validation_score": member.score,
            "best_epoch": member.best_epoch,
            "history": member.history.metrics,
            "test": test,
            "seconds": time.monotonic() - began,
        }
        if better_than_all(member.score, result.retraining, settings.direction):
            save_model(model, store)
        result = replace(
            result,
            winner=winner | {"num_parameters": model.count_params()},
            retraining=(*result.retraining, entry),
        )
        store.save(result)
        progress.retraining_done(entry)
    if result.test is None:
        result = replace(
            result,
            test=summarize_test(result.retraining, settings, num_rows=len(split.x_test)),
            selection_optimism=selection_optimism(best, result.retraining, settings),
            seconds={
                **result.seconds,
                "retraining": sum(entry["seconds"] for entry in result.retraining),
            },
        )
        store.save(result)
    return result


def fresh_split(split: Split, settings: SearchSettings, *, seed: int) -> Split:
    """Returns the data with as many validation rows as in the search, drawn anew."""
    development = len(split.x_train) + len(split.x_validation)
    rows = len(split.x_validation) if settings.folds == 1 else development / settings.folds
    return hold_out(split, validation_fraction=rows / development, seed=seed)


def better_than_all(score: float, others: tuple[dict[str, Any], ...], direction: str) -> bool:
    """Says whether a validation score beats those of the networks before it, or is the first."""
    known = [nan_for_none(entry["validation_score"]) for entry in others]
    sign = 1 if direction == "min" else -1
    return not known or all(math.isnan(other) or sign * score < sign * other for other in known)


def save_model(model: keras.Model, store: ResultStore) -> None:
    """Writes `best.keras`, whole or not at all."""
    with TemporaryDirectory(prefix="kerasreg-") as folder:
        path = Path(folder) / MODEL
        model.save(path)
        write_atomically(store.directory / MODEL, path.read_bytes())


def summarize_test(
    retraining: tuple[dict[str, Any], ...], settings: SearchSettings, *, num_rows: int
) -> dict[str, Any]:
    """Returns the test result over the fresh seeds: scores, mean, SD and the two intervals."""
    metric = "mse" if settings.objective == "mse" else "accuracy"
    scores = [nan_for_none(entry["test"][metric]) for entry in retraining]
    if all(map(math.isfinite, scores)):
        mean, sd, interval = mean_interval(scores)
    else:  # a mean over those that did not diverge would flatter
        mean, sd, interval = None, None, None
    rows_interval = wilson_interval(mean, num_rows) if metric == "accuracy" else None
    return {
        "metric": metric,
        "scores": scores,
        "mean": mean,
        "sd": sd,
        "interval_95": interval,
        "rows_interval_95": rows_interval,
    }


def selection_optimism(
    best: TrialRecord, retraining: tuple[dict[str, Any], ...], settings: SearchSettings
) -> float | None:
    """Returns how much better the winner's search score was than the same metric on test data.

    The score won against others on the same validation rows, so part of it is luck; the test rows
    took part in no choice. Rows of the fresh validation parts took part in the search, which is why
    the gap is taken to the test part and not to them. There is none if a fresh network diverged,
    or if the winner was trained for fewer epochs in the search, as in Hyperband's early rounds.
    """
    if best.hyperparameters.get("tuner/epochs", settings.epochs) < settings.epochs:
        return None
    fresh = float(np.mean([nan_for_none(entry["test"][settings.objective]) for entry in retraining]))
    if not math.isfinite(fresh):
        return None
    return fresh - best.score if settings.direction == "min" else best.score - fresh
