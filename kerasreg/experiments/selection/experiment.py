"""Nested cross-validation, which measures the optimism of the score of the best candidate."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import keras
import numpy as np

from kerasreg.checks import MAX_REPEATS, InvalidInput, check_mapping, check_takes, check_whole_number
from kerasreg.experiments.last_scores import AT_ONCE, Task, last_scores
from kerasreg.experiments.running import built
from kerasreg.experiments.selection.record import NestedSelection
from kerasreg.population.member.reported_metrics import modes_of
from kerasreg.records import Split
from kerasreg.records.given import check_split, check_splits
from kerasreg.records.majority import majority_error
from kerasreg.seeds import derive_seed


def nested_selection(
    build: Callable[..., keras.Model],
    candidates: Mapping[str, Any],
    split: Split,
    divide: Callable[..., Sequence[Split]],
    *,
    epochs: int,
    inner: Callable[..., Sequence[Split]] | None = None,
    repeats: int = 3,
    batch_size: int = 32,
    metric: str | None = None,
    seed: int = 0,
    at_once: int = AT_ONCE,
    progress: bool = False,
) -> NestedSelection:
    """Chooses among candidates by inner cross-validation and scores the chosen one on outer rows.

    Each outer split of the development rows holds out rows that the choice never sees. The rest is split
    again; the score of a candidate is its mean over these inner splits, and the best candidate is chosen.
    The optimism is how much better that score is than the score of the chosen candidate on the outer rows,
    after training on all the rest. The choice is not to blame for all of it: inner networks train on
    fewer rows, which makes their scores worse. The gaps of all candidates, and of the same candidate over
    all outer splits, contain that part too, and `optimism_by_choice` subtracts it. It is made for complete
    k-folds as outer splits. The test part is not used.

    Args:
        build: Function `build(candidate, seed=...)` that returns a compiled model.
        candidates: Candidates by name, such as `{"l2 = 0": 0.0, "l2 = 0.01": 0.01}`.
        split: Data set.
        divide: Function `divide(split, seed=...)` that returns the outer splits, such as
            `functools.partial(kerasreg.data.k_fold, num_folds=5)`.
        epochs: Number of epochs; networks are scored after the last.
        inner: Function that returns the inner splits; by default `divide`.
        repeats: Number of times to split the data set afresh, at least 1.
        batch_size: Rows per batch.
        metric: Metric to score by; by default the loss without penalties and smoothing.
        seed: Seed of the splits and networks. All candidates of a repeat have the same seed.
        at_once: Number of models to hold in memory at a time.
        progress: Whether to show progress bars.

    Returns:
        All inner and outer scores, with the optimism and its interval, which is usually too wide; NaN for
        networks that were interrupted by Ctrl-C.

    Raises:
        InvalidInput: If an argument is not accepted, or the training of a network diverged.

    Reference:
        Varma and Simon, Bias in Error Estimation When Using Cross-Validation for Model Selection, BMC
        Bioinformatics 7, 2006. Cawley and Talbot, On Over-fitting in Model Selection and Subsequent
        Selection Bias in Performance Evaluation, JMLR 11, 2010.

    Example:
    >>> from functools import partial
    >>> from kerasreg import Regularization, build_mlp, noisy_parabola
    >>> from kerasreg.data import k_fold
    >>> def build(l2, *, seed):
    ...     return build_mlp((1,), None, units=(4,), regularization=Regularization(l2=l2), seed=seed)
    >>> result = nested_selection(
    ...     build, {"none": 0.0, "some": 0.1}, noisy_parabola(12), partial(k_fold, num_folds=2), epochs=2
    ... )
    >>> result.inner_means.shape
    (6, 2)
    """
    seed = check_whole_number("seed", seed, minimum=0)
    check_whole_number("repeats", repeats, maximum=MAX_REPEATS)
    check_split("split", split)
    check_mapping("candidates", candidates, "values by name")
    if len(candidates) < 2:
        raise InvalidInput(f"A choice needs at least two candidates; received {len(candidates)}.")
    inner = divide if inner is None else inner
    for name, function in {"divide": divide, "inner": inner}.items():
        check_takes(name, function, f"{name}(split, seed=...)", split, seed=seed)
    rounds: list[tuple[Split, list[Split], int]] = []
    for repeat in range(repeats):
        network = derive_seed(seed, "network", repeat)
        divided = divide(split, seed=derive_seed(seed, "outer", repeat))
        for number, outer in enumerate(check_splits("What divide returns", divided)):
            inside = inner(_of_train(outer), seed=derive_seed(seed, "inner", repeat, number))
            rounds.append((outer, check_splits("What inner returns", inside), network))
    if len(rounds) < 2:
        raise InvalidInput(
            f"An interval needs at least two outer splits; received {len(rounds)}. Use more repeats or folds."
        )
    tasks = [
        Task((name, network), fold)
        for outer, inside, network in rounds
        for fold in (outer, *inside)
        for name in candidates
    ]
    modes = modes_of(built(build, next(iter(candidates.values())), seed=seed), split)
    found = last_scores(
        lambda key: built(build, candidates[key[0]], seed=key[1]),
        tasks,
        epochs=epochs,
        batch_size=batch_size,
        metric=metric,
        at_once=at_once,
        progress=progress,
    )
    rest = iter(found.scores)
    inner_scores, outer_scores = [], []
    for _, inside, _ in rounds:
        table = np.array([[next(rest) for _ in candidates] for _ in range(1 + len(inside))])
        outer_scores.append(tuple(table[0].tolist()))
        inner_scores.append(tuple(map(tuple, table[1:].T.tolist())))
    return NestedSelection(
        metric=found.metric,
        mode=modes[found.metric],
        candidates=tuple(candidates),
        inner=tuple(inner_scores),
        outer=tuple(outer_scores),
        train_rows=tuple(len(outer.x_train) for outer, _, _ in rounds),
        validation_rows=tuple(len(outer.x_validation) for outer, _, _ in rounds),
        interrupted=found.interrupted,
        majority_error=(
            majority_error((outer for outer, _, _ in rounds), "validation")
            if found.metric == "accuracy"
            else None
        ),
    )


def _of_train(outer: Split) -> Split:
    """Returns a data set with the training part of an outer split alone."""
    empty = {
        f"{name}_{part}" if name != "indices" else f"{part}_indices": array[:0].copy()
        for part in ("validation", "test")
        for name, array in (("x", outer.x_train), ("y", outer.y_train), ("indices", outer.train_indices))
    }
    return replace(outer, **empty)
