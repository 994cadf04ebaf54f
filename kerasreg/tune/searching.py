"""The search: propose, train, record, choose on validation, retrain afresh, test once."""

import ast
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import keras_tuner
import numpy as np

from kerasreg import __version__
from kerasreg.checks import (
    MAX_SEED,
    InvalidInput,
    SearchFailed,
    UnusualData,
    check_flag,
    check_mapping,
    check_number,
    check_one_of,
    check_text,
    check_whole_number,
    shown,
)
from kerasreg.records import SearchResult, Split
from kerasreg.records.fingerprints import split_fingerprint
from kerasreg.records.given import check_split
from kerasreg.records.oddities import oddities
from kerasreg.report import write_report
from kerasreg.tune.folder import held, output_folder
from kerasreg.tune.hypermodels import HYPERMODELS, AutoencoderHyperModel, RegularizedHyperModel
from kerasreg.tune.members import member_splits
from kerasreg.tune.progress import Progress
from kerasreg.tune.reconstructing import check_picture
from kerasreg.tune.retraining import fresh_split, retrain_winner
from kerasreg.tune.running import run_trials
from kerasreg.tune.settings import SearchSettings, default_objective
from kerasreg.tune.spaces import Range
from kerasreg.tune.store import ResultStore


def search(
    model: str,
    split: Split,
    *,
    tuner: str = "random",
    engine: str = "population",
    objective: str | None = None,
    max_trials: int | None = None,
    epochs: int | None = None,
    patience: int | None = None,
    folds: int = 1,
    repeats: int = 1,
    search_over: str | Iterable[str] | None = None,
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
    picture: np.ndarray | None = None,
) -> SearchResult:
    """Finds a well-regularized network and measures it honestly.

    Trials are chosen between by their score: the objective on validation data at each network's best
    epoch, unpenalized. The winner is then built anew and trained with fresh seeds on the train and
    validation rows divided anew, and only these networks see the test part, once each.

    Everything is kept in `directory`: `results.json` and `trials.csv` as the trials end, and at the
    end `best.keras`, `report.html` and `figures/`. The same call on the same directory goes on where
    it stopped.

    TensorFlow keeps every program that it has compiled until the process ends, so that a long search
    grows, by about 9 MB for each trial by `fit` and up to 22 MB for each architecture of a population. A
    warning says so once it has grown by 1.5 GB; the command bounds its memory by itself, on Linux.

    Args:
        model: `"mlp"`, `"cnn"` or `"autoencoder"`.
        split: The data. The autoencoder takes its inputs as its targets.
        tuner: `"random"`, `"grid"`, `"bayesian"` or `"hyperband"`.
        engine: `"population"` trains many networks at once in one compiled program; `"fit"` trains them one
            by one with `model.fit`. In a random or grid search both try the same configurations with the
            same seeds and batches; the random numbers of dropout and noise differ, and so the scores, which
            the other tuners go on from.
        objective: `"cross_entropy"` (the default for classes) or `"accuracy"`; `"mse"` otherwise, and of
            several targets `"standardized_mse"` (their default), which counts all alike whatever their units.
        max_trials: The most configurations to try; by default 10, and of Hyperband's shorter ones a pass
            through its brackets, or 90 if that is more.
        epochs: The most epochs to train a network; by default 50, and 200 of an autoencoder.
        patience: Epochs without improvement of the objective after which training stops; by default 8, and
            15 of an autoencoder.
        folds: 1 to validate on the split's validation part; k for the mean over k folds of the train
            and validation rows together.
        repeats: Times each configuration is trained, with different seeds and different folds.
        search_over: Names of the knobs to vary, of `kerasreg.tune.SPACES[model]`; by default
            `kerasreg.tune.DEFAULT_SEARCH_OVER[model]`.
        space: Other ranges than the built-in ones, by hyperparameter name.
        fixed: Other values for what is not varied, by hyperparameter name.
        fresh_seeds: How often the winner is retrained for the test.
        time_budget: Seconds after which no further trial of the search begins, or `None`. As many trials
            begin together as the time has room for at the pace so far; they are finished, and the winner
            is always retrained. The same call with more time or none goes on with the search, and then
            retrains and tests its winner.
        directory: Where the results go.
        overwrite: Whether to discard the results there, also of this search, and begin anew.
        seed: Decides every random number of the search, also 0.
        progress: Who is told how it goes; nobody by default.
        command: What to type to repeat the search, for the report.
        data_code: The Python call that makes `split`, for the report's snippet.
        picture: For an autoencoder of a picture's patches, the whole picture, of shape (height, width, 3) in
            [0, 1]: the report shows what the winner makes of it.

    Returns:
        The result, as `results.json` holds it.

    Raises:
        InvalidInput: If an argument is wrong, before anything is trained.
        SearchFailed: If no trial could be completed.

    Warns:
        UnusualData: Of what in the data may not be as you think; the report says it too.
    """
    check_split("split", split)
    check_one_of("model", model, tuple(HYPERMODELS))
    check_flag("overwrite", overwrite)
    for name, text in {"objective": objective, "command": command}.items():
        if text is not None:
            check_text(name, text)
    if progress is not None and not isinstance(progress, Progress):
        raise InvalidInput(
            f"progress must be a kerasreg.tune.progress.Progress, or None; received {shown(progress)}."
        )
    if model == "autoencoder":
        split = split.as_autoencoder()
        search_over = AutoencoderHyperModel.default_search_over(split) if search_over is None else search_over
    settings = SearchSettings(
        model=model,
        tuner=tuner,
        engine=engine,
        objective=default_objective(model, split) if objective is None else objective,
        max_trials=max_trials,
        epochs=epochs,
        patience=patience,
        folds=folds,
        repeats=repeats,
        search_over=search_over,
        space={} if space is None else dict(check_mapping("space", space, "ranges by hyperparameter name")),
        fixed={} if fixed is None else dict(check_mapping("fixed", fixed, "values by hyperparameter name")),
        fresh_seeds=fresh_seeds,
    )
    settings.check_suits(split)
    check_code(data_code)
    check_picture(picture, split, model=model)
    seed = check_whole_number("seed", seed, minimum=0, maximum=MAX_SEED)
    if time_budget is not None:
        check_number("time_budget", time_budget, exclusive_minimum=True)
    progress = progress or Progress()
    hypermodel = HYPERMODELS[model].for_split(
        split, search_over=settings.search_over, space=settings.space, fixed=settings.fixed, seed=seed
    )
    splits = member_splits(split, folds=folds, repeats=repeats, seed=seed)
    check_trainable(hypermodel, split, settings)
    notes = oddities(split)
    for note in notes:
        warnings.warn(note, UnusualData, stacklevel=2)
    folder = output_folder(directory)
    with held(folder):
        store = ResultStore(folder)
        result = store.open(
            SearchResult(
                command=command or settings.as_call(seed=seed),
                seed=seed,
                versions=versions(),
                data={
                    **split.describe(),
                    "fingerprint": split_fingerprint(split),
                    "code": data_code,
                    **({"notes": notes} if notes else {}),
                },
                objective={"name": settings.objective, "direction": settings.direction},
                settings=settings.to_dict(),
            ),
            overwrite=overwrite,
        )
        if result.stopped_by == "time_budget":
            result = replace(
                result,
                stopped_by=None,
                winner=None,
                retraining=(),
                test=None,
                score_gaps=None,
                reconstructions=None,
            )
        with progress:
            progress.search_begins(settings, result)
            if result.stopped_by is None:
                result = run_trials(result, hypermodel, splits, settings, store, progress, time_budget)
            if not result.ranked():
                write_report(result, store.directory)
                raise SearchFailed(
                    f"All {len(result.trials)} trials failed, the last one with: {result.trials[-1].error} "
                    f"Every cause stands in {str(store.directory / 'results.json')!r}."
                )
            result = retrain_winner(result, hypermodel, split, settings, store, progress, picture=picture)
        write_report(result, store.directory)
        return result


def check_code(code: str | None) -> None:
    """Raises `InvalidInput` for what the report's snippet could not hold."""
    try:
        if code is not None:
            ast.parse(code, mode="eval")
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError) as cause:
        raise InvalidInput(
            'data_code must be the Python call that makes the split, such as "load_digits_split(seed=0)"; '
            f"received {shown(code)}."
        ) from cause


def check_trainable(hypermodel: RegularizedHyperModel, split: Split, settings: SearchSettings) -> None:
    """Raises `InvalidInput` for what would only come to light in the first trial, or after the last."""
    hp = keras_tuner.HyperParameters()
    hypermodel.build(hp)
    check_whole_number("batch_size", hypermodel.values(hp)["batch_size"])
    fresh_split(split, settings, seed=0)


def versions() -> dict[str, str]:
    """Returns the version of every library that the numbers depend on."""
    libraries = ("tensorflow", "keras", "keras-tuner", "numpy", "scikit-learn", "scipy")
    return {"kerasreg": __version__, **{name: version(name) for name in libraries}}
