"""The winner built anew: fresh seeds, fresh splits, and the one look at the test part."""

import math
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import keras
import numpy as np

from kerasreg.checks import SearchFailed, in_words
from kerasreg.data import hold_out
from kerasreg.files import write_atomically
from kerasreg.population import without_retracing_advice
from kerasreg.records import MemberHistory, SearchResult, Split, TrialRecord
from kerasreg.records.table import nan_for_none
from kerasreg.seeds import derive_seed
from kerasreg.tune.hypermodels import RegularizedHyperModel
from kerasreg.tune.jobs import TrialJob
from kerasreg.tune.members import job_for, plan_for
from kerasreg.tune.pca_mark import pca_mark
from kerasreg.tune.progress import Progress
from kerasreg.tune.reconstructing import reconstructions_of
from kerasreg.tune.regression_marks import (
    MOST_SQUARES,
    errors_of,
    regression_marks,
    squared_errors,
    summarize_errors,
)
from kerasreg.tune.scratch import scratch_folder
from kerasreg.tune.settings import SearchSettings
from kerasreg.tune.store import MODEL, ResultStore
from kerasreg.tune.tested import row_results, score_gaps, summarize_test
from kerasreg.tune.training import Listener, train

ROW_BY_ROW = ("row_results", "row_squares")


def retrain_winner(
    result: SearchResult,
    hypermodel: RegularizedHyperModel,
    split: Split,
    settings: SearchSettings,
    store: ResultStore,
    progress: Progress,
    *,
    picture: np.ndarray | None = None,
) -> SearchResult:
    """Trains the best trial's configuration with fresh seeds and scores each network on test, once.

    For each seed the train and validation rows are divided anew, so that the numbers carry the
    variation of the division too. All are trained together where the settings say so. Each network is
    recorded as soon as it is trained; the one with the best validation score is kept as `best.keras`.

    Args:
        result: A search that has ended.
        hypermodel: What builds the networks.
        split: The data.
        settings: The settings of the search.
        store: Where the result is kept.
        progress: Who is told.
        picture: The picture whose patches the data are, to be rebuilt for the report, or `None`.

    Returns:
        The result with `winner`, `retraining`, `test`, `score_gaps` and, for an autoencoder of
        pictures, `reconstructions`.

    Raises:
        SearchFailed: If a network cannot be built or trained.
    """
    best = result.ranked()[0]
    if not (store.directory / MODEL).exists():  # someone took it away: the same seeds make it again
        result = replace(result, retraining=(), test=None, score_gaps=None, reconstructions=None)
    progress.retraining_begins(settings.fresh_seeds, len(result.retraining))
    done = [entry["seed"] for entry in result.retraining]
    fresh = [derive_seed(result.seed, "fresh", number) for number in range(settings.fresh_seeds)]
    missing = [seed for seed in fresh if seed not in done]
    if missing:
        splits = [fresh_split(split, settings, seed=seed) for seed in missing]
        plan = plan_for(splits, missing, settings)
        job = job_for(best.trial_id, hypermodel, best.values, plan, settings)
        arguments = hypermodel.arguments(best.values)
        examiner = _Examiner(result, best, arguments, split, missing, fresh, store, progress, picture)
        train([job], plan, examiner)
        result = examiner.result
    if result.test is None:
        test = summarize_test(result.retraining, settings, split)
        if settings.model == "autoencoder":
            splits = [fresh_split(split, settings, seed=seed) for seed in fresh]
            test["pca"] = pca_mark(splits, best.values["bottleneck"])
        elif split.num_classes is None:
            splits = [fresh_split(split, settings, seed=seed) for seed in fresh]
            rows = np.array([entry["row_results"] for entry in result.retraining], dtype=float)
            test |= summarize_errors(result.retraining, split)
            test["baselines"] = regression_marks(splits, rows, metric=test["metric"])
        result = replace(
            result,
            test=test,
            score_gaps=score_gaps(best, result.retraining, settings),
            # what they made of each row is in the summary, in a few numbers
            retraining=tuple(
                {name: value for name, value in entry.items() if name not in ROW_BY_ROW}
                for entry in result.retraining
            ),
            seconds={
                **result.seconds,
                "retraining": sum(entry["seconds"] for entry in result.retraining),
            },
        )
        store.save(result)
    return result


class _Examiner(Listener):
    """Scores each fresh network on the test part as soon as it is trained, and keeps the best one."""

    def __init__(
        self,
        result: SearchResult,
        best: TrialRecord,
        arguments: dict[str, Any],
        split: Split,
        seeds: list[int],
        order: list[int],
        store: ResultStore,
        progress: Progress,
        picture: np.ndarray | None,
    ) -> None:
        self.result, self.best, self.split = result, best, split
        self.seeds, self.order = seeds, order
        self.store, self.progress, self.picture = store, progress, picture
        self.winner = {
            "trial_id": best.trial_id,
            "score": best.score,
            "hyperparameters": best.values,
            "builder": f"build_{result.settings['model']}",
            "arguments": arguments,
            "batch_size": best.values["batch_size"],
        }

    def member_done(self, job: TrialJob, number: int, member: MemberHistory, model: keras.Model) -> None:
        """Records a fresh network."""
        began = time.monotonic()
        by_target: dict[str, list[float]] = {}
        split, objective = self.split, self.result.objective["name"]
        try:
            with without_retracing_advice():
                test = model.evaluate(
                    split.x_test, split.y_test, batch_size=1024, verbose=0, return_dict=True
                )
            if split.num_classes is None and self.result.settings["model"] != "autoencoder":
                squares = squared_errors(model, split)
                test |= errors_of(squares, split)
                scale = model.loss.scale if objective == "standardized_mse" else 1.0
                rows = np.mean(squares / np.square(scale), axis=1).tolist()
                if squares.shape[1] > 1 and squares.size <= MOST_SQUARES:
                    by_target = {"row_squares": squares.reshape(-1).tolist()}
            else:
                with without_retracing_advice():
                    rows = row_results(model, split.x_test, split.y_test, num_classes=split.num_classes)
        except Exception as cause:
            raise self._failure(in_words(cause)) from cause
        entry = {
            "seed": self.seeds[number],
            "validation_score": member.score,
            "best_epoch": member.best_epoch,
            "history": member.history.metrics,
            "test": test,
            "row_results": rows,
            **by_target,
            "seconds": member.seconds + time.monotonic() - began,
        }
        if self.split.num_classes is not None:  # the rows' own count, free of single precision
            test["accuracy"] = float(np.mean(np.equal(rows, self.split.y_test)))
        entries = sorted((*self.result.retraining, entry), key=lambda one: self.order.index(one["seed"]))
        if best_of(entries, self.result.objective["direction"]) is entry:
            save_model(model, self.store)
            if self.result.settings["model"] == "autoencoder":
                pictures = reconstructions_of(model, self.split, self.picture)
                self.result = replace(self.result, reconstructions=pictures)
        winner = self.winner | {"num_parameters": model.count_params()}
        self.result = replace(self.result, winner=winner, retraining=tuple(entries))
        self.store.save(self.result)
        self.progress.retraining_done(entry)

    def trial_done(self, record: TrialRecord, models: list[keras.Model]) -> None:
        """Says what went wrong, if a network could not be built or trained."""
        if not models:
            raise self._failure(record.error)

    def _failure(self, words: str) -> SearchFailed:
        return SearchFailed(
            f"The winner, trial {self.best.trial_id}, could not be retrained: {words} The trials are kept "
            f"in {str(self.store.directory)!r}; the same search goes on from there."
        )


def fresh_split(split: Split, settings: SearchSettings, *, seed: int) -> Split:
    """Returns the data with as many validation rows as in the search, drawn anew."""
    development = len(split.x_train) + len(split.x_validation)
    rows = len(split.x_validation) if settings.folds == 1 else development / settings.folds
    return hold_out(split, validation_fraction=rows / development, seed=seed)


def best_of(entries: Sequence[dict[str, Any]], direction: str) -> dict[str, Any]:
    """Returns the entry with the best validation score; of equals, or if all diverged, the first."""
    sign = 1 if direction == "min" else -1

    def loss(entry: dict[str, Any]) -> float:
        score = nan_for_none(entry["validation_score"])
        return sign * score if math.isfinite(score) else math.inf

    return min(entries, key=loss)


def save_model(model: keras.Model, store: ResultStore) -> None:
    """Writes `best.keras`, whole or not at all."""
    if not model.optimizer.built:  # Keras warns on loading a trained network without its optimizer's numbers
        model.optimizer.build(model.trainable_variables)
    with scratch_folder() as folder:
        path = folder / MODEL
        model.save(path)
        write_atomically(store.directory / MODEL, path.read_bytes())
