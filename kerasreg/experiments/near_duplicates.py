"""How much too good does a score look when near-duplicates stand on both sides of the division?"""

from collections.abc import Callable, Sequence

import keras
import numpy as np
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from kerasreg.checks import MAX_REPEATS, InvalidInput, check_whole_number
from kerasreg.experiments.last_scores import AT_ONCE, Task, last_scores
from kerasreg.experiments.running import built
from kerasreg.population.reported import modes_of
from kerasreg.records import Split
from kerasreg.records.duplicate_harm import DuplicateHarm
from kerasreg.records.fold_scores import FoldScores
from kerasreg.records.given import check_split
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
    """Cross-validates once without regard to near-duplicates and once with each group on one side.

    Both ways have as many folds, the same networks, and classes in equal parts where there are classes.
    Beside them stands the truth: the network trained on all development rows, scored on the test part,
    which must hold no near-duplicates of them. The two ways are not paired by fold, for their folds
    validate different rows.

    Args:
        build: Called with `seed=`; returns a compiled model.
        split: The data set, near-duplicates among its development rows; a `Split` itself refuses exact
            duplicates across its parts.
        groups: For each row of `split.x_development` a number that near-duplicates share.
        epochs: Epochs that each network is trained; it is scored after the last.
        num_folds: Number of folds, at least 2.
        repeats: How often to divide afresh, at least 1.
        batch_size: Rows in a batch.
        metric: What to score by; by default the loss without penalties and smoothing.
        seed: Seed of the divisions and networks.
        at_once: How many models to hold in memory at a time.
        progress: Whether to show bars.

    Returns:
        The scores of both ways and the truths, with the difference and its interval.

    Raises:
        InvalidInput: If an argument cannot be used, or a training ended in numbers that are not finite.

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
            f"A class has {counts[counts > 0].min()} rows that are not test, fewer than the {num_folds} "
            "folds. Take fewer folds or more rows."
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
    metric, scores = last_scores(
        lambda network: built(build, seed=network),
        [*across, *grouped, *truths],
        epochs=epochs,
        batch_size=batch_size,
        metric=metric,
        at_once=at_once,
        progress=progress,
    )
    ends = np.cumsum([len(across), len(grouped)])
    parts = [scores[: ends[0]], scores[ends[0] : ends[1]], scores[ends[1] :]]
    return DuplicateHarm(
        across=_fold_scores(metric, parts[0], across),
        grouped=_fold_scores(metric, parts[1], grouped),
        truths=tuple(parts[2]),
        mode=modes[metric],
        groups=len(np.unique(groups)),
        rows=len(groups),
    )


def _for(splitter: type, groups: np.ndarray) -> np.ndarray | None:
    """Returns what the splitter takes: scikit-learn warns of groups that it will not look at."""
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
            f"{num_folds} folds need at least {num_folds} groups; there are {len(np.unique(groups))}. Take "
            "fewer folds."
        )
    if not len(split.x_test):
        raise InvalidInput("The data set has no test rows to measure the truth on. Give it a test part.")
    return groups


def _fold_scores(metric: str, scores: list[float], tasks: list[Task]) -> FoldScores:
    return FoldScores(
        metric=metric,
        scores=tuple(scores),
        train_rows=tuple(len(task.split.x_train) for task in tasks),
        validation_rows=tuple(len(task.split.x_validation) for task in tasks),
    )
