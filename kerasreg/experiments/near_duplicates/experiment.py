"""Cross-validation with and without near-duplicates in both parts of a fold."""

from collections.abc import Callable, Sequence

import keras
import numpy as np
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from kerasreg.checks import MAX_REPEATS, InvalidInput, check_whole_number
from kerasreg.experiments.last_scores import AT_ONCE, Task, fold_scores, last_scores
from kerasreg.experiments.near_duplicates.record import DuplicateHarm
from kerasreg.experiments.running import built
from kerasreg.population.member.reported_metrics import modes_of
from kerasreg.records import Split
from kerasreg.records.given import check_split
from kerasreg.records.majority import majority_error
from kerasreg.seeds import derive_seed


def duplicate_harm(
    build: Callable[..., keras.Model],
    split: Split,
    groups: Sequence[int],
    *,
    epochs: int,
    num_folds: int = 5,
    repeats: int = 3,
    batch_size: int = 32,
    metric: str | None = None,
    seed: int = 0,
    at_once: int = AT_ONCE,
    progress: bool = False,
) -> DuplicateHarm:
    """Cross-validates once regardless of near-duplicates and once with each group in one part.

    How optimistic is a score if near-duplicates of validation rows are in the training part? Both methods
    have the same number of folds, the same networks, and stratified classes. They are compared with the
    network trained on all development rows and scored on the test part, which must not contain
    near-duplicates of them. The two methods are not paired by fold, as their folds validate different rows.

    Args:
        build: Function `build(seed=...)` that returns a compiled model.
        split: Data set with near-duplicates among its development rows; a `Split` itself refuses exact
            duplicates across its parts.
        groups: Number of the group of each row of `split.x_development`, which near-duplicates share.
        epochs: Number of epochs; networks are scored after the last.
        num_folds: Number of folds, at least 2.
        repeats: Number of times to draw the folds afresh, at least 1.
        batch_size: Rows per batch.
        metric: Metric to score by; by default the loss without penalties and smoothing.
        seed: Seed of the folds and networks.
        at_once: Number of models to hold in memory at a time.
        progress: Whether to show progress bars.

    Returns:
        The scores of both methods and on the test part, with the difference and its interval; NaN for
        networks that were interrupted by Ctrl-C.

    Raises:
        InvalidInput: If an argument is not accepted, or the training of a network diverged.

    Reference:
        Kaufman, Rosset, Perlich and Stitelman, Leakage in Data Mining: Formulation, Detection, and
        Avoidance, ACM TKDD 6, 2012.

    Example:
    >>> import numpy as np
    >>> from functools import partial
    >>> from kerasreg import Split, build_mlp
    >>> rng = np.random.default_rng(0)
    >>> x, y = np.repeat(rng.normal(size=(20, 2)), 3, axis=0), np.repeat(rng.normal(size=20), 3)
    >>> x += rng.normal(0, 0.01, size=x.shape)  # three rows of each kind
    >>> test = {"x_test": rng.normal(size=(50, 2)), "y_test": rng.normal(size=50)}
    >>> split = Split.from_arrays(x, y, task="regression", **test)
    >>> build = partial(build_mlp, (2,), None, units=(4,))
    >>> harm = duplicate_harm(build, split, split.development_indices // 3, epochs=2, num_folds=3, repeats=1)
    >>> len(harm.across.scores), len(harm.grouped.scores)
    (3, 3)
    """
    seed = check_whole_number("seed", seed, minimum=0)
    check_whole_number("repeats", repeats, maximum=MAX_REPEATS)
    check_whole_number("num_folds", num_folds, minimum=2)
    groups = _checked_groups(groups, check_split("split", split), num_folds)
    labels = np.zeros(len(groups), int) if split.num_classes is None else split.y_development
    counts = np.bincount(labels)
    if counts[counts > 0].min() < num_folds:
        raise InvalidInput(
            f"A class has {counts[counts > 0].min()} development rows, fewer than the {num_folds} folds. Use "
            "fewer folds or more rows."
        )
    across, grouped, truths = [], [], []
    whole = split.redrawn(np.arange(len(groups)), np.arange(0))
    for repeat in range(repeats):
        network = derive_seed(seed, "network", repeat)
        options = {
            "n_splits": num_folds,
            "shuffle": True,
            "random_state": derive_seed(seed, "folds", repeat),
        }
        for splitter, tasks in ((StratifiedKFold, across), (StratifiedGroupKFold, grouped)):
            for train, validation in splitter(**options).split(labels, labels, groups=_for(splitter, groups)):
                tasks.append(Task(network, split.redrawn(train, validation)))
        truths.append(Task(network, whole, "test"))
    modes = modes_of(built(build, seed=seed), split)
    found = last_scores(
        lambda network: built(build, seed=network),
        [*across, *grouped, *truths],
        epochs=epochs,
        batch_size=batch_size,
        metric=metric,
        at_once=at_once,
        progress=progress,
    )
    ends = np.cumsum([len(across), len(grouped)])
    parts = np.split(found.scores, ends)
    return DuplicateHarm(
        across=fold_scores(found.metric, parts[0].tolist(), [task.split for task in across]),
        grouped=fold_scores(found.metric, parts[1].tolist(), [task.split for task in grouped]),
        truths=tuple(parts[2].tolist()),
        mode=modes[found.metric],
        groups=len(np.unique(groups)),
        rows=len(groups),
        interrupted=found.interrupted,
        majority_error=majority_error([split]) if found.metric == "accuracy" else None,
    )


def _for(splitter: type, groups: np.ndarray) -> np.ndarray | None:
    """Returns the groups for a splitter that uses them; scikit-learn warns of groups it ignores."""
    return groups if splitter is StratifiedGroupKFold else None


def _checked_groups(groups: Sequence[int], split: Split, num_folds: int) -> np.ndarray:
    groups = np.asarray(groups)
    if groups.shape != (len(split.x_development),):
        raise InvalidInput(
            f"groups must hold one number for each of the {len(split.x_development)} rows of x_development; "
            f"received the shape {groups.shape}."
        )
    if len(np.unique(groups)) < num_folds:
        raise InvalidInput(
            f"{num_folds} folds need at least {num_folds} groups; there are {len(np.unique(groups))}. Use "
            "fewer folds."
        )
    if not len(split.x_test):
        raise InvalidInput("The data set has no test rows to measure the true error on. Give it a test part.")
    return groups
