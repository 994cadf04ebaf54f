"""What a tuner keeps in its trials' folders: every history, and the weights of the best few trials."""

import json
import math
from collections.abc import Sequence
from pathlib import Path

import keras
import keras_tuner
import numpy as np

from kerasreg.checks import check_whole_number
from kerasreg.files import write_atomically
from kerasreg.records import TrialRecord
from kerasreg.records.table import as_json

HISTORY = "history.json"
WEIGHTS = "checkpoint.weights.h5"  # where KerasTuner looks for them


class Checkpoints:
    """Keeps the weights of the best trials, and deletes those of the others as better ones end.

    A trial's weights are those of its best member. Under Hyperband the weights of every trial and member
    that may still be promoted are kept besides.

    Args:
        project: The tuner's folder.
        oracle: Who proposes the trials, and knows the scores of those that have ended.
        keep: How many trials' weights to keep.
    """

    def __init__(self, project: str | Path, oracle: keras_tuner.Oracle, *, keep: int) -> None:
        self.project, self.oracle = Path(project), oracle
        self.keep = check_whole_number("keep_checkpoints", keep, minimum=0)
        self.promotes = isinstance(oracle, keras_tuner.oracles.HyperbandOracle)
        self.scores = {
            trial.trial_id: trial.score for trial in oracle.trials.values() if trial.status == "COMPLETED"
        }

    def add(self, record: TrialRecord, models: Sequence[keras.Model]) -> None:
        """Writes the history of a trial, and the weights of its networks if they are worth keeping."""
        folder = self.folder(record.trial_id)
        write_atomically(folder / HISTORY, json.dumps(as_json(record), allow_nan=False))
        if record.score is None:
            return
        self.scores[record.trial_id] = record.score
        kept = self.kept()
        if record.trial_id in kept:
            best = int(np.argmin([self._loss(score) for score in record.scores]))
            models[best].save_weights(folder / WEIGHTS)
            write_atomically(folder / "build_config.json", json.dumps(models[best].get_build_config()))
            if self.promotes and len(models) > 1:
                for number, model in enumerate(models):
                    model.save_weights(folder / f"member_{number}.weights.h5")
        self.prune(kept)

    def load(self, model: keras.Model, trial_id: str, number: int) -> None:
        """Puts the weights of a trial's member into a network of the same architecture."""
        member = self.folder(trial_id) / f"member_{number}.weights.h5"
        model.load_weights(member if member.exists() else self.folder(trial_id) / WEIGHTS)

    def kept(self, *, finished: bool = False) -> set[str]:
        """Returns the trials whose weights are kept, once the search has finished or before."""
        kept = set(sorted(self.scores, key=lambda trial_id: self._loss(self.scores[trial_id]))[: self.keep])
        if self.promotes and not finished:
            rounds = [entries for bracket in self.oracle._brackets for entries in bracket["rounds"]]
            kept |= {entry["id"] for entries in rounds for entry in entries}
        return kept

    def prune(self, kept: set[str]) -> None:
        """Deletes the weights of every trial but these."""
        for trial_id in self.scores.keys() - kept:
            for file in self.folder(trial_id).glob("*.weights.h5"):
                file.unlink()

    def folder(self, trial_id: str) -> Path:
        """Returns the folder of a trial."""
        return self.project / f"trial_{trial_id}"

    def _loss(self, score: float) -> float:
        sign = 1 if self.oracle.objective.direction == "min" else -1
        return sign * score if math.isfinite(score) else math.inf
