"""Is A better than B?"""

import time
from collections.abc import Callable, Mapping, Sequence
from itertools import combinations

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
from kerasreg.experiments.running import built
from kerasreg.population import evaluate_population, fit_population
from kerasreg.population.stack import read_member
from kerasreg.records import Split
from kerasreg.records.comparison import Comparison
from kerasreg.records.given import check_splits
from kerasreg.records.majority import majority_error
from kerasreg.records.paired_differences import METRICS
from kerasreg.seeds import derive_seed

Build = Callable[..., keras.Model]


def compare(
    builds: Mapping[str, Build],
    splits: Sequence[Split],
    *,
    num_repeats: int = 1,
    epochs: int = 30,
    batch_size: int = 32,
    patience: int | None = None,
    metric: str | None = None,
    part: str = "validation",
    divisions: str = "auto",
    same_seeds: bool = True,
    margin: float | None = None,
    confidence: float = 0.95,
    seed: int = 0,
    progress: bool = False,
) -> Comparison:
    """Trains configurations on the same divisions with the same seeds, and tests their differences.

    The question: is A better than B, or was it luck? Luck is in the division of the rows, the initial
    weights and the order of the rows. Both get the same, and what is tested is their difference on each
    division. Folds and repeated divisions of one data set share rows, so that their differences are not
    independent and Student's test finds too much: there the corrected resampled t-test is used. The
    p-values of several pairs are adjusted by Holm's method.

    What is compared is the mean over the repeats on each division. On one division it is each repeat,
    and the answer holds for that division alone. It holds for the epochs given, too: a regularizer that
    slows training is behind first, and may not be later. For chronological divisions the correction is a
    makeshift: it was derived for random ones with training parts of one size.

    Args:
        builds: By name, two or more functions that build a compiled model from a seed: `build(seed=3)`.
        splits: The divisions, such as `kerasreg.data.monte_carlo(split, 10)`, `k_fold(split, 10)`, or
            independent draws; or one, with several repeats.
        num_repeats: Networks of each configuration on each division, from different seeds.
        epochs: Epochs to train.
        batch_size: Rows in a batch.
        patience: Epochs without improvement of the validation loss, free of penalties, after which a network
            stops and goes back to its best epoch. On the validation part the score is then that of the
            luckiest epoch, in every configuration. With `None` all epochs are trained, and the last counts.
        metric: `"accuracy"`, `"cross_entropy"` or `"mse"`, one that all models have; by default the first
            of these that they have.
        part: What is scored: `"validation"`, or `"test"` of independent divisions or of one.
        divisions: `"resampled"` where divisions share rows, `"independent"` where they do not; `"auto"` looks
            whether any training or scored row occurs in two of them. Draws from a pool so large that
            few rows meet may be called independent.
        same_seeds: Whether the networks that are compared have one seed. Without, a configuration can be
            compared with itself: a difference that is shown there is a false one.
        margin: The smallest difference worth having, in the metric's units, above 0: within it
            configurations are equivalent (two one-sided tests).
        confidence: How often intervals are meant to hold the true difference, in (0, 1). A difference is
            shown where its adjusted p-value is below 1 - confidence.
        seed: Seed of the whole.
        progress: Whether to show a bar.

    Returns:
        Every score, and methods for what they show: `summary()`, `pair("A", "B")`, `pairs_to_frame()`.

    Raises:
        InvalidInput: If an argument cannot be used.
        KeyboardInterrupt: After Ctrl-C, because networks that stopped early would be compared unfairly.

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
    check_whole_number("num_repeats", num_repeats, maximum=MAX_REPEATS)
    check_one_of("part", part, ("validation", "test"))
    check_fraction("confidence", confidence)
    if margin is not None:
        check_number("margin", margin, exclusive_minimum=True)
    if len(builds) < 2:
        raise InvalidInput(f"builds must have at least two configurations; received {tuple(builds)!r}.")
    if not splits or len(splits) == num_repeats == 1:
        raise InvalidInput(
            f"A comparison needs at least two divisions, or two repeats on one; received {len(splits)} and "
            f"num_repeats {num_repeats}."
        )
    if any(len(getattr(split, f"x_{part}")) == 0 for split in splits):
        raise InvalidInput(f"part is {part!r}, and a division has no {part} rows to score.")
    design, overlap = _design(splits, part, divisions)
    models, data, seeds = [], [], []
    for name, build in builds.items():
        for division, split in enumerate(splits):
            for repeat in range(num_repeats):
                own = () if same_seeds else (name,)
                member = derive_seed(seed, "comparison", division, repeat, *own)
                models.append(built(build, seed=member, called=f"builds[{name!r}]"))
                data.append(split)
                seeds.append(derive_seed(member, "order"))
    metric = _metric(models[:: len(splits) * num_repeats], metric)
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
    if history.interrupted:
        raise KeyboardInterrupt
    shape = (len(builds), len(splits), num_repeats)
    scores, chosen = np.full(len(models), np.nan), np.zeros(len(models), dtype=int)
    for index, member in enumerate(history):
        if not member.diverged:
            chosen[index] = member.best_epoch if patience is not None else len(member.history)
            if part == "validation":
                scores[index] = member.history.metrics[f"val_{metric}"][chosen[index] - 1]
    if part == "test":
        found = np.array([metrics[metric] for metrics in evaluate_population(models, data)])
        scores = np.where(chosen > 0, found, np.nan)
    scores, chosen = scores.reshape(shape), chosen.reshape(shape)
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
        majority_error=majority_error(splits, part),
    )


def _metric(models: Sequence[keras.Model], metric: str | None) -> str:
    """Returns the metric to compare, one that every model has; before hours of training, not after."""
    had = [sorted(read_member(model).objective.metrics) for model in models]
    common = tuple(name for name in METRICS if all(name in names for names in had))
    if not common:
        raise InvalidInput(
            f"The configurations can be compared by {', '.join(METRICS)}, and have none of these in common; "
            f"they have {had}. Compile them with one metric of these names."
        )
    return check_one_of("metric", common[0] if metric is None else metric, common)


def _design(splits: Sequence[Split], part: str, divisions: str) -> tuple[str, float]:
    """Returns what kind of divisions these are, and which fraction of the training rows two of them share."""
    check_one_of("divisions", divisions, ("auto", "resampled", "independent"))
    if len(splits) == 1:
        if divisions != "auto":
            raise InvalidInput(f"divisions must be 'auto' where there is only one; received {divisions!r}.")
        return "seeds", 0.0
    # By content, because the rows of independent draws are often numbered alike.
    train = [_rows(split.x_train) for split in splits]
    scored = [_rows(getattr(split, f"x_{part}")) for split in splits]
    shared = [len(one & other) / min(len(one), len(other)) for one, other in combinations(train, 2)]
    if divisions == "auto":
        used = [one | other for one, other in zip(train, scored, strict=True)]
        meet = any(one & other for one, other in combinations(used, 2))
        divisions = "resampled" if meet else "independent"
    if divisions == "resampled" and part == "test":
        raise InvalidInput(
            "part is 'test', and the divisions share rows: the corrected test scores each division on rows "
            "of its own. Take part='validation', or say divisions='independent' if the training rows are."
        )
    return divisions, float(np.mean(shared))


def _rows(x: np.ndarray) -> set[int]:
    return {hash(row.tobytes()) for row in x}
