"""The search: propose, train, record, choose on validation, retrain afresh, test once."""

import hashlib
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import keras_tuner
import numpy as np

from kerasreg import __version__
from kerasreg.checks import InvalidInput, SearchFailed, check_number, check_whole_number
from kerasreg.records import SearchResult, Split, TrialRecord
from kerasreg.records.table import as_json
from kerasreg.report import write_report
from kerasreg.tune.hypermodels import HYPERMODELS, RegularizedHyperModel
from kerasreg.tune.members import OutOfTimeError, member_splits, run_trial
from kerasreg.tune.progress import Progress
from kerasreg.tune.retraining import fresh_split, retrain_winner
from kerasreg.tune.settings import SearchSettings, default_objective
from kerasreg.tune.spaces import DEFAULT_SEARCH_OVER, Range
from kerasreg.tune.store import ResultStore
from kerasreg.tune.tuners import oracle_for


def search(
    model: str,
    split: Split,
    *,
    tuner: str = "random",
    objective: str | None = None,
    max_trials: int | None = None,
    epochs: int = 50,
    patience: int = 8,
    folds: int = 1,
    repeats: int = 1,
    search_over: str | Iterable[str] = DEFAULT_SEARCH_OVER,
    space: Mapping[str, Range] | None = None,
    fixed: Mapping[str, Any] | None = None,
    fresh_seeds: int = 5,
    time_budget: float | None = None,
    directory: str | Path = "kerasreg-tune",
    overwrite: bool = False,
    seed: int = 0,
    progress: Progress | None = None,
    command: str | None = None,
    data_code: str | None = None,
) -> SearchResult:
    """Finds a well-regularized network and measures it honestly.

    Trials are chosen between by their score: the objective on validation data at each network's best
    epoch, unpenalised. The winner is then built anew and trained with fresh seeds on the train and
    validation rows divided anew, and only these networks see the test part, once each.

    Everything is kept in `directory`: `results.json` and `trials.csv` after every trial, and at the
    end `best.keras`, `report.html` and `figures/`. The same call on the same directory goes on where
    it stopped.

    Args:
        model: `"mlp"`, `"cnn"` or `"autoencoder"`.
        split: The data. The autoencoder takes its inputs as its targets.
        tuner: `"random"`, `"grid"`, `"bayesian"` or `"hyperband"`.
        objective: `"cross_entropy"` (the default for classes) or `"accuracy"`; `"mse"` otherwise.
        max_trials: The most configurations to try; by default 10, and 90 of Hyperband's shorter ones.
        epochs: The most epochs to train a network.
        patience: Epochs without improvement of the objective after which training stops.
        folds: 1 to validate on the split's validation part; k for the mean over k folds of the train
            and validation rows together.
        repeats: Times each configuration is trained, with different seeds and different folds.
        search_over: Names of the knobs to vary; see `kerasreg.tune.spaces.SPACES`.
        space: Other ranges than the built-in ones, by hyperparameter name.
        fixed: Other values for what is not varied, by hyperparameter name.
        fresh_seeds: How often the winner is retrained for the test.
        time_budget: Seconds after which no further network of the search is trained, or `None`. The
            first trial is always finished, and the winner is always retrained. The same call with more
            time or none goes on with the search, and then retrains and tests its winner.
        directory: Where the results go.
        overwrite: Whether to discard the results there, also of this search, and begin anew.
        seed: Decides every random number of the search, also 0.
        progress: Who is told how it goes; nobody by default.
        command: What to type to repeat the search, for the report.
        data_code: The Python call that makes `split`, for the report's snippet.

    Returns:
        The result, as `results.json` holds it.

    Raises:
        InvalidInput: If an argument is wrong, before anything is trained.
        SearchFailed: If no trial could be completed.
    """
    if not isinstance(split, Split):
        raise InvalidInput(
            f"search needs the data as a Split; received {type(split).__name__}. Make one of your arrays "
            "with Split.from_arrays(x, y)."
        )
    if model == "autoencoder":
        split = split.as_autoencoder()
    settings = SearchSettings(
        model=model,
        tuner=tuner,
        objective=objective or default_objective(split),
        max_trials=max_trials,
        epochs=epochs,
        patience=patience,
        folds=folds,
        repeats=repeats,
        search_over=search_over,
        space=dict(space or {}),
        fixed=dict(fixed or {}),
        fresh_seeds=fresh_seeds,
    )
    settings.check_suits(split)
    check_whole_number("seed", seed, minimum=0)
    if time_budget is not None:
        check_number("time_budget", time_budget, exclusive_minimum=True)
    progress = progress or Progress()
    hypermodel = HYPERMODELS[model].for_split(
        split, search_over=settings.search_over, space=settings.space, fixed=settings.fixed, seed=seed
    )
    splits = member_splits(split, settings, seed=seed)
    check_trainable(hypermodel, split, settings)
    store = ResultStore(directory)
    result = store.open(
        SearchResult(
            command=command or settings.as_call(seed=seed),
            seed=seed,
            versions=versions(),
            data={**split.describe(), "fingerprint": fingerprint(split), "code": data_code},
            objective={"name": settings.objective, "direction": settings.direction},
            settings=settings.to_dict(),
        ),
        overwrite=overwrite,
    )
    if result.stopped_by == "time_budget":
        result = replace(
            result, stopped_by=None, winner=None, retraining=(), test=None, selection_optimism=None
        )
    with progress:
        progress.search_begins(settings, result)
        if result.stopped_by is None:
            result = _run_trials(
                result, hypermodel, splits, settings, store, progress, deadline_after(time_budget)
            )
        if not result.ranked():
            write_report(result, store.directory)
            raise SearchFailed(
                f"All {len(result.trials)} trials failed, the last one with: {result.trials[-1].error} "
                f"Every cause stands in {str(store.directory / 'results.json')!r}."
            )
        result = retrain_winner(result, hypermodel, split, settings, store, progress)
    write_report(result, store.directory)
    return result


def _run_trials(
    result: SearchResult,
    hypermodel: RegularizedHyperModel,
    splits: list[Split],
    settings: SearchSettings,
    store: ResultStore,
    progress: Progress,
    past_deadline: Callable[[], bool],
) -> SearchResult:
    """Runs the search to its end, taking from `result` the trials that it has already."""
    stored = list(result.trials)
    trials: list[TrialRecord] = []

    def out_of_time() -> bool:
        return bool(trials) and past_deadline()

    with oracle_for(hypermodel, settings, seed=result.seed) as oracle:
        while True:
            known = len(trials) < len(stored)
            if not known and out_of_time():
                stopped_by = "time_budget"
                break
            trial = oracle.create_trial("kerasreg")
            if trial.status == "STOPPED":
                stopped_by = "max_trials" if len(trials) >= settings.max_trials else "space_exhausted"
                break
            # the oracle's values hold what Hyperband notes of its brackets, too
            values = hypermodel.values(trial.hyperparameters) | trial.hyperparameters.values
            if known:
                record = stored[len(trials)]
                if record.trial_id != trial.trial_id or record.hyperparameters != as_json(values):
                    raise InvalidInput(
                        f"The search in {str(store.directory)!r} cannot be resumed: its trial "
                        f"{record.trial_id} is not the one this version of the libraries proposes. "
                        "Name another output directory, or pass --overwrite to discard it."
                    )
            else:
                progress.trial_begins(trial.trial_id)
                try:
                    record = run_trial(
                        trial.trial_id,
                        hypermodel,
                        values,
                        splits,
                        settings,
                        seed=result.seed,
                        member_done=progress.member_done,
                        out_of_time=out_of_time,
                    )
                except OutOfTimeError:
                    stopped_by = "time_budget"
                    break
            trials.append(record)
            if not known:
                result = replace(
                    result,
                    trials=tuple(trials),
                    seconds={"search": sum(trial.seconds for trial in trials)},
                )
                store.save(result)
                progress.trial_done(record, result)
            if record.score is None:
                trial.status = "FAILED"
                trial.message = record.error
            else:
                oracle.update_trial(trial.trial_id, {settings.monitor: record.score})
                trial.status = "COMPLETED"
            oracle.end_trial(trial)
    result = replace(result, stopped_by=stopped_by)
    store.save(result)
    return result


def check_trainable(hypermodel: RegularizedHyperModel, split: Split, settings: SearchSettings) -> None:
    """Raises `InvalidInput` for what would only come to light in the first trial, or after the last."""
    hp = keras_tuner.HyperParameters()
    hypermodel.build(hp)
    check_whole_number("batch_size", hypermodel.values(hp)["batch_size"])
    fresh_split(split, settings, seed=0)


def deadline_after(seconds: float | None) -> Callable[[], bool]:
    """Returns what says whether `seconds` have passed since now; never if `None`."""
    end = time.monotonic() + (seconds if seconds is not None else float("inf"))
    return lambda: time.monotonic() > end


def versions() -> dict[str, str]:
    """Returns the version of every library that the numbers depend on."""
    libraries = ("tensorflow", "keras", "keras-tuner", "numpy", "scikit-learn", "scipy")
    return {"kerasreg": __version__, **{name: version(name) for name in libraries}}


def fingerprint(split: Split) -> str:
    """Returns a SHA-256 over all rows of a split, so that changed data is not taken for the same."""
    digest = hashlib.sha256()
    for part in ("train", "validation", "test"):
        for array in (getattr(split, f"x_{part}"), getattr(split, f"y_{part}")):
            digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()
