"""One trial: a configuration trained once for each fold and repeat."""

import re
import time
from collections.abc import Callable, Mapping
from typing import Any

import keras
import numpy as np

from kerasreg.data import repeated_k_fold
from kerasreg.population import fit_one
from kerasreg.records import MemberHistory, Split, TrialRecord
from kerasreg.seeds import derive_seed
from kerasreg.tune.hypermodels import RegularizedHyperModel
from kerasreg.tune.settings import SearchSettings


class OutOfTimeError(Exception):
    """The time budget ran out while a trial was under way."""


def member_splits(split: Split, settings: SearchSettings, *, seed: int) -> list[Split]:
    """Returns the data of each member of a trial: the folds of each repeat, the same for all trials.

    Without folds, every repeat has the split as it is and differs in its seed alone.
    """
    if settings.folds == 1:
        return [split] * settings.repeats
    return repeated_k_fold(split, settings.folds, settings.repeats, seed=derive_seed(seed, "folds"))


def fit_member(
    hypermodel: RegularizedHyperModel,
    values: Mapping[str, Any],
    split: Split,
    settings: SearchSettings,
    *,
    seed: int,
) -> tuple[keras.Model, MemberHistory]:
    """Builds the network of these hyperparameter values and trains it on `split`."""
    model = hypermodel.build_from(values, seed=seed)
    hypermodel.prepare(model, split.x_train)
    member = fit_one(
        model,
        split,
        epochs=values.get("tuner/epochs", settings.epochs),
        batch_size=values["batch_size"],
        patience=settings.patience,
        monitor=settings.monitor,
        mode=settings.direction,
        seed=seed,
    )
    return model, member


def run_trial(
    trial_id: str,
    hypermodel: RegularizedHyperModel,
    values: dict[str, Any],
    splits: list[Split],
    settings: SearchSettings,
    *,
    seed: int,
    member_done: Callable[[], None],
    out_of_time: Callable[[], bool],
) -> TrialRecord:
    """Trains a configuration on each of `splits`; a failure is recorded, not raised.

    The members' seeds are the same in every trial, so that trials are compared in pairs.

    Args:
        trial_id: The trial's number.
        hypermodel: What builds the networks.
        values: Value of every hyperparameter.
        splits: What `member_splits` returned.
        settings: The settings of the search.
        seed: The seed of the search.
        member_done: Called after each member.
        out_of_time: Says whether to give the trial up before its next member.

    Raises:
        OutOfTimeError: If `out_of_time()` was true before the last member.
    """
    began = time.monotonic()
    fitted: list[MemberHistory] = []
    error = None
    for number, split in enumerate(splits):
        if number and out_of_time():
            raise OutOfTimeError
        try:
            member_seed = derive_seed(seed, "member", number)
            _, member = fit_member(hypermodel, values, split, settings, seed=member_seed)
        except Exception as cause:  # whatever one configuration does must not end the search
            error = in_words(cause)
            break
        fitted.append(member)
        if member.diverged:
            error = f"The loss became NaN or infinite in epoch {len(member.history) or 1}."
            break
        member_done()
    return TrialRecord(
        trial_id=trial_id,
        status="failed" if error else "completed",
        hyperparameters=values,
        score=None if error else float(np.mean([member.score for member in fitted])),
        scores=[member.score for member in fitted],
        best_epoch=[member.best_epoch for member in fitted],
        history=[member.history.metrics for member in fitted],
        seconds=time.monotonic() - began,
        error=error,
    )


def in_words(cause: Exception) -> str:
    """Returns the kind and the first line of an error, without the names TensorFlow gives its nodes."""
    text = re.sub(r"^({{.*?}} )+", "", str(cause).strip()) or "no message"
    return f"{type(cause).__name__}: {text.splitlines()[0][:300]}"
