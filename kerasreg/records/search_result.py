"""What a search found: every trial, the winner, and its test result."""

import json
import os
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np

from kerasreg.checks import InvalidInput, shown
from kerasreg.records import results_file
from kerasreg.records.reconstructions import Reconstructions
from kerasreg.records.table import as_json, as_table, nan_for_none

FORMAT_VERSION = 2


@dataclass(frozen=True, kw_only=True)
class TrialRecord:
    """One hyperparameter configuration of a search and how it fared.

    `scores`, `best_epoch` and `history` have one entry for each member, that is for each fold and
    repeat: the folds of the first repeat, then those of the second, and so on.

    Args:
        trial_id: The trial's number in the search, counted from 1, as text; what `PopulationTuner` writes has
            KerasTuner's.
        status: `"completed"` or `"failed"`.
        hyperparameters: Value by name, the searched ones and the fixed ones.
        score: Mean of `scores`, or `None` for a failed trial.
        scores: The objective on validation data at each member's best epoch.
        best_epoch: The epoch of each member's score, counted from 1.
        history: For each member, the metrics by name, one value an epoch.
        seconds: The trial's share of the time on the clock; those of all trials add up to no more than it.
        error: Why it failed, or `None`.
    """

    trial_id: str
    status: str
    hyperparameters: dict[str, Any]
    score: float | None = None
    scores: list[float] = field(default_factory=list)
    best_epoch: list[int] = field(default_factory=list)
    history: list[dict[str, list[float]]] = field(default_factory=list)
    seconds: float = 0.0
    error: str | None = None

    @property
    def values(self) -> dict[str, Any]:
        """The hyperparameters without what Hyperband notes among them, under "tuner/…", to find its way."""
        return {name: value for name, value in self.hyperparameters.items() if not name.startswith("tuner/")}

    def to_row(self) -> dict[str, Any]:
        """Returns the trial without its curves, each hyperparameter a column of its own."""
        several = self.score is not None and len(self.scores) > 1
        return {
            "trial_id": self.trial_id,
            "status": self.status,
            "score": self.score,
            "score_sd": float(np.std(self.scores, ddof=1)) if several else None,
            "best_epoch": float(np.mean(self.best_epoch)) if self.best_epoch else None,
            "seconds": self.seconds,
            "error": self.error,
            **self.hyperparameters,
        }


@dataclass(frozen=True, kw_only=True)
class SearchResult:
    """A search, finished or under way; `results.json` is this, and a digest of it.

    Args:
        format_version: The version of this format.
        command: What to type to run the same search again.
        seed: The seed of the search.
        versions: Version by package name.
        data: The facts of the data set, as `Split.describe` gives them.
        objective: `{"name": ..., "direction": "min" | "max"}`: the validation metric a score is.
        settings: Everything else that decides the result: model, tuner, epochs, patience, folds, …
        trials: The trials in the order they were proposed.
        winner: `None` until the search has ended; then `trial_id`, `score`, `hyperparameters`,
            `builder` and `arguments` (the `build_*` call that makes it), `batch_size` and
            `num_parameters`.
        retraining: One entry for each fresh seed: `seed`, `validation_score`, `best_epoch`,
            `history` and `test`, the test metrics by name. Until all are tested there is also `row_results`:
            the class predicted of each test row, or its squared error; and of several targets `row_squares`.
        test: `None` until the winner has been retrained; then `metric`, `scores` (one a fresh seed),
            `mean`, `sd` (over the seeds) and `interval_95`, which holds for new rows and new seeds
            together. Of accuracies also `rows_by_seeds_right`, how many test rows 0, 1, … of the networks
            classified correctly, and `classes`: by class the test `rows`, the `recall` (mean over the
            networks), how often it was `predicted` and the `confusion` (counts of the networks together, by
            true and predicted class; `None` for more than 100 classes), and `majority`, the `class` that is
            most frequent in training and validation, with the test `accuracy` of always predicting it. Of
            errors also `mean_squares`, what the interval is computed from. Of an autoencoder also `pca`,
            what PCA with as many numbers a row comes to: `components`, `scores` (one a fresh seed, fitted
            to the same training rows) and `mean`, or `None` where it would lose nothing. Of regression also
            `rmse`, `r2` and, of several targets, `rmse_by_target`, each with `scores`, `mean` and
            `interval_95` for new rows and new seeds; and `baselines`, what needs no network.
        score_gaps: `None` until then; the two steps from the search's score to the test, in the objective's
            units: `validation_minus_search`, from the winner's search score to the mean validation score of
            the fresh networks, and `test_minus_validation`, from there to their mean test value. Each has a
            `difference` and an `interval_95` (`None` without a spread), or is `None` where a network
            diverged or, the first, the winner was trained for fewer epochs in the search.
        reconstructions: Of an autoencoder of pictures, a few test pictures and what the best fresh network,
            by its validation score, makes of them; `None` for other searches, and until one is trained.
        seconds: Seconds by stage: `search`, `retraining`.
        stopped_by: Why the search ended: `"max_trials"`, `"time_budget"`, `"space_exhausted"`,
            or `None` while it is under way.
    """

    format_version: int = FORMAT_VERSION
    command: str
    seed: int
    versions: dict[str, str]
    data: dict[str, Any]
    objective: dict[str, str]
    settings: dict[str, Any]
    trials: tuple[TrialRecord, ...] = ()
    winner: dict[str, Any] | None = None
    retraining: tuple[dict[str, Any], ...] = ()
    test: dict[str, Any] | None = None
    score_gaps: dict[str, Any] | None = None
    reconstructions: Reconstructions | None = None
    seconds: dict[str, float] = field(default_factory=dict)
    stopped_by: str | None = None

    def ranked(self) -> list[TrialRecord]:
        """Returns the completed trials, best first; of equals the earlier one first."""
        completed = [trial for trial in self.trials if trial.score is not None]
        sign = 1 if self.objective["direction"] == "min" else -1
        return sorted(completed, key=lambda trial: sign * trial.score)

    @property
    def selection_optimism(self) -> float | None:
        """How much better the winning score was than the fresh networks' validation scores, where shown.

        In the objective's units, positive; `None` where the interval of the difference holds 0, so that it
        may be luck, and where there is none.
        """
        gap = (self.score_gaps or {}).get("validation_minus_search")
        if gap is None or gap["interval_95"] is None:
            return None
        sign = 1 if self.objective["direction"] == "min" else -1
        worst = min(sign * end for end in gap["interval_95"])
        return sign * gap["difference"] if worst > 0 else None

    def varied(self) -> list[str]:
        """Returns the hyperparameters that had more than one value in the search, in their own order."""
        tried: dict[str, list] = {}
        for trial in self.trials:
            for name, value in trial.values.items():
                tried.setdefault(name, []).append(value)
        return [name for name, values in tried.items() if any(value != values[0] for value in values)]

    def to_dict(self) -> dict[str, Any]:
        """Returns the record as `results.json` holds it."""
        return as_json(self)

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> "SearchResult":
        """Makes the record that `to_dict` wrote, or that was read from `results.json`.

        Fields that this version does not know are passed over.

        Raises:
            InvalidInput: If it is of another format version, does not fit the schema
                (`docs/results.schema.json`), contradicts itself, or was edited since it was written.
        """
        record = as_json(record)
        if not isinstance(record, dict):
            raise InvalidInput(f"A search result must be an object; received {shown(record)}.")
        version = record.get("format_version")
        if version != FORMAT_VERSION:
            raise InvalidInput(
                f"The search result has format version {version!r}; this kerasreg reads version "
                f"{FORMAT_VERSION}. Read it with the kerasreg that wrote it, or search again."
            )
        results_file.check(record)
        known = {name.name: record[name.name] for name in fields(cls)}
        known["trials"] = tuple(_trial_from(trial) for trial in record["trials"])
        known["retraining"] = tuple(record["retraining"])
        if known["reconstructions"] is not None:
            try:
                known["reconstructions"] = Reconstructions.from_dict(known["reconstructions"])
            except ValueError as cause:  # InvalidInput is one, and so is what NumPy says of uneven rows
                raise InvalidInput(f"reconstructions must hold pictures of one size ({cause}).") from cause
        return cls(**known)

    @classmethod
    def load(cls, path: str | os.PathLike) -> "SearchResult":
        """Reads a `results.json`, or that of a search's folder.

        Raises:
            InvalidInput: If there is none, or it cannot be read as a search result.
        """
        path = Path(path)
        path = path / "results.json" if path.is_dir() else path
        try:
            # NaN is no JSON, but Python and others write it
            record = json.loads(path.read_text(encoding="utf-8"), parse_constant=lambda name: None)
            return cls.from_dict(record)
        except (ValueError, OSError, RecursionError) as cause:
            words = cause.strerror if isinstance(cause, OSError) else str(cause)
            raise InvalidInput(f"{str(path)!r} cannot be read as a search result: {words}") from cause

    def _repr_html_(self) -> str:
        """Returns the report in a frame of its own, as a notebook shows a search."""
        from kerasreg.report import report_in_frame  # the drawing code, on first use

        return report_in_frame(self)

    def to_frame(self) -> Any:
        """Returns one row for each trial: a DataFrame with pandas, plain rows without."""
        return as_table([trial.to_row() for trial in self.trials])


def _trial_from(record: dict[str, Any]) -> TrialRecord:
    known = {name.name: record[name.name] for name in fields(TrialRecord)}
    # JSON has no NaN, which a network that diverged leaves among its scores and in its curves
    known["scores"] = [nan_for_none(score) for score in known["scores"]]
    known["history"] = [
        {name: [nan_for_none(value) for value in values] for name, values in member.items()}
        for member in known["history"]
    ]
    return TrialRecord(**known)
