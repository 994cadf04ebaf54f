"""Comparison of configurations trained on the same splits with the same seeds."""

import time
from collections.abc import Callable, Mapping, Sequence
from itertools import combinations, product

import keras
import numpy as np

from kerasreg.checks import (
    MAX_REPEATS,
    InvalidInput,
    check_flag,
    check_fraction,
    check_mapping,
    check_number,
    check_one_of,
    check_whole_number,
)
from kerasreg.experiments.comparison.pair import METRICS
from kerasreg.experiments.comparison.record import Comparison
from kerasreg.experiments.running import built, common_metric, final_scores
from kerasreg.population import fit_population
from kerasreg.records import Split
from kerasreg.records.given import check_splits
from kerasreg.records.majority import majority_error
from kerasreg.seeds import derive_seed


def compare(
    builds: Mapping[str, Callable[..., keras.Model]],
    splits: Sequence[Split],
    *,
    repeats: int = 1,
    epochs: int = 30,
    batch_size: int = 32,
    patience: int | None = None,
    metric: str | None = None,
    part: str = "validation",
    design: str = "auto",
    same_seeds: bool = True,
    margin: float | None = None,
    confidence: float = 0.95,
    seed: int = 0,
    progress: bool = False,
) -> Comparison:
    """Trains configurations on the same splits with the same seeds, and tests their differences.

    Is A better than B, or was it luck? The rows of a split, the initial weights and the order of the rows
    are random. All configurations get the same ones, and the difference is tested split by split. Folds
    and repeated splits of one data set share rows, so their differences are not independent and Student's
    test is too confident: the corrected resampled t-test takes this into account. The p-values of
    several pairs are adjusted with Holm's method, which limits the chance of even one false difference.

    A configuration's score on a split is its mean over the repeats. With a single split the repeats are
    compared, and the answer holds for that split alone. It also holds for the given epochs only: a
    regularizer that slows training down may be behind at first and not later. The correction was derived
    for random splits with training parts of one size; for chronological splits it is an approximation.

    Args:
        builds: Two or more functions by name, each called as `build(seed=3)`; returns a compiled model.
        splits: Splits such as `kerasreg.data.monte_carlo(split, 10)`, `k_fold(split, 10)` or independent
            draws; or a single `Split`, with several repeats.
        repeats: Networks of each configuration on each split, with different seeds.
        epochs: Maximum number of epochs.
        batch_size: Rows per batch.
        patience: Epochs without improvement of the unpenalized validation loss after which a network stops
            and restores its best epoch. Its validation score is then that of its best epoch, for every
            configuration alike. With `None` all epochs are trained and the last one is scored.
        metric: `"accuracy"`, `"cross_entropy"` or `"mse"`; by default the first of these that all models are
            compiled with.
        part: Part to score: `"validation"`, or `"test"` for independent splits or a single one.
        design: `"resampled"` if the splits share rows, `"independent"` if they do not; `"auto"` checks
            whether any training or scored row occurs in two of them. Draws from a pool so large that they
            share few rows may be called independent.
        same_seeds: Whether the compared networks have the same seed. Without it a configuration can be
            compared with itself, where any difference shown is a false one.
        margin: Smallest difference that matters, in units of the metric, above 0. Configurations whose
            difference is shown to be smaller are equivalent (two one-sided tests).
        confidence: Confidence level of the intervals, in (0, 1). A difference is shown where its adjusted
            p-value is below 1 - confidence.
        seed: Seed of the initial weights and of the order of rows.
        progress: Whether to show a progress bar.

    Returns:
        All scores; NaN for a network that diverged or was interrupted by Ctrl-C. `summary()`,
        `pair("A", "B")` and `pairs_to_frame()` say what they show.

    Raises:
        InvalidInput: If an argument is not accepted.

    Reference:
        Nadeau and Bengio, Inference for the Generalization Error, Machine Learning 52, 2003, section 4.1.
        Holm, A Simple Sequentially Rejective Multiple Test Procedure, Scandinavian Journal of Statistics
        6, 1979. Schuirmann, A Comparison of the Two One-Sided Tests Procedure, Journal of Pharmacokinetics
        and Biopharmaceutics 15, 1987.

    Example:
    >>> from functools import partial
    >>> from kerasreg import build_mlp, load_digits_split
    >>> from kerasreg.data import monte_carlo
    >>> builds = {name: partial(build_mlp, (8, 8, 1), 10, units=(units,))
    ...           for name, units in {"narrow": 2, "wide": 32}.items()}
    >>> comparison = compare(builds, monte_carlo(load_digits_split(), 3), epochs=5)
    >>> comparison.pair("wide", "narrow").decision
    'better'
    """
    began = time.perf_counter()
    splits = check_splits("splits", splits)
    check_mapping("builds", builds, "functions that build a network, by name")
    check_flag("same_seeds", same_seeds)
    check_whole_number("repeats", repeats, maximum=MAX_REPEATS)
    check_one_of("part", part, ("validation", "test"))
    check_fraction("confidence", confidence)
    if margin is not None:
        check_number("margin", margin, exclusive_minimum=True)
    if len(builds) < 2:
        raise InvalidInput(f"builds must have at least two configurations; received {tuple(builds)!r}.")
    if not splits or len(splits) == repeats == 1:
        raise InvalidInput(
            f"A comparison needs at least two splits, or one split and two repeats; received {len(splits)} "
            f"and repeats={repeats}."
        )
    if any(len(getattr(split, f"x_{part}")) == 0 for split in splits):
        raise InvalidInput(f"part is {part!r}, and a split has no {part} rows to score.")
    design, overlap = _design(splits, part, design)
    models, data, seeds = [], [], []
    for name, (number, split), repeat in product(builds, enumerate(splits), range(repeats)):
        own = () if same_seeds else (name,)
        member = derive_seed(seed, "comparison", number, repeat, *own)
        models.append(built(builds[name], seed=member, called=f"builds[{name!r}]"))
        data.append(split)
        seeds.append(derive_seed(member, "order"))
    metric = common_metric(models[:: len(splits) * repeats], METRICS, metric)
    history = fit_population(
        models,
        data,
        epochs=epochs,
        batch_size=batch_size,
        patience=patience,
        seeds=seeds,
        restore_best_weights=patience is not None,
        progress=progress,
    )
    shape = (len(builds), len(splits), repeats)
    at_best = patience is not None
    scores = final_scores(models, data, part, metric, history, at_best=at_best).reshape(shape)
    last_epoch = history.best_epoch if at_best else np.array([len(member.history) for member in history])
    chosen = np.where(history.finished, last_epoch, 0).reshape(shape)
    num_scored = np.array([len(getattr(split, f"x_{part}")) for split in splits])
    if metric == "accuracy":  # hits over rows once more, without the rounding of single precision
        scores = np.round(scores * num_scored[:, np.newaxis]) / num_scored[:, np.newaxis]
    return Comparison(
        scores=dict(zip(builds, scores.tolist(), strict=True)),
        metric=metric,
        part=part,
        design=design,
        overlap=overlap,
        num_train=[len(split.x_train) for split in splits],
        num_scored=num_scored.tolist(),
        chosen_epochs=dict(zip(builds, chosen.tolist(), strict=True)),
        same_seeds=same_seeds,
        seed=seed,
        epochs=epochs,
        patience=patience,
        margin=margin,
        confidence=confidence,
        seconds=time.perf_counter() - began,
        interrupted=history.interrupted,
        majority_error=majority_error(splits, part) if metric == "accuracy" else None,
    )


def _design(splits: Sequence[Split], part: str, design: str) -> tuple[str, float]:
    """Returns the design of the comparison, and the mean fraction of training rows that two splits share."""
    check_one_of("design", design, ("auto", "resampled", "independent"))
    if len(splits) == 1:
        if design != "auto":
            raise InvalidInput(f"design must be 'auto' with a single split; received {design!r}.")
        return "seeds", 0.0
    # By content, because the rows of independent draws are often numbered alike.
    train = [_rows(split.x_train) for split in splits]
    scored = [_rows(getattr(split, f"x_{part}")) for split in splits]
    shared = [len(one & other) / min(len(one), len(other)) for one, other in combinations(train, 2)]
    if design == "auto":
        used = [one | other for one, other in zip(train, scored, strict=True)]
        meet = any(one & other for one, other in combinations(used, 2))
        design = "resampled" if meet else "independent"
    if design == "resampled" and part == "test":
        raise InvalidInput(
            "part is 'test', and the splits share rows: the corrected test scores each split on rows of its "
            "own. Use part='validation', or design='independent' if the training rows are."
        )
    return design, float(np.mean(shared))


def _rows(x: np.ndarray) -> set[int]:
    return {hash(row.tobytes()) for row in x}
