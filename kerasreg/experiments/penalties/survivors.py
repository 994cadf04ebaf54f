"""Small networks with as many units as survived a penalty, compared with the penalized networks."""

import time
from collections.abc import Callable

import keras

from kerasreg.checks import InvalidInput
from kerasreg.experiments.penalties.record import PenaltyPath
from kerasreg.experiments.penalties.survivors_record import SurvivorComparison, SurvivorPair
from kerasreg.experiments.running import built, final_errors
from kerasreg.population import fit_population
from kerasreg.records import Split
from kerasreg.records.fingerprints import split_fingerprint
from kerasreg.records.given import check_split
from kerasreg.regularization import Regularization


def compare_survivors(
    build: Callable[..., keras.Model],
    split: Split,
    path: PenaltyPath,
    *,
    strength: float | None = None,
    epochs: int | None = None,
    batch_size: int | None = None,
    progress: bool = False,
) -> SurvivorComparison:
    """Trains small networks with as many units as survived, and compares them with the penalized ones.

    A penalty switches hidden units off. Does a small network with as many units as survived do as well? Each
    small network is trained from scratch, without a penalty, on the same rows in the same order as its
    penalized partner. If validation chose the strength, the partner is one of the path's fresh networks,
    which had no part in the choice. Initial weights differ: the interval of the difference is over these
    and the orders of rows, on the same data.

    The small network lacks both the penalty and the other units. The comparison shows whether both together
    make a difference, not which of them does.

    Args:
        build: Function `build(units=..., regularization=..., seed=...)`, as for `penalty_path`.
        split: The data set that the path was trained on, with test rows.
        path: Result of `penalty_path`.
        strength: One of the path's strengths; by default the one that validation chose.
        epochs: Training epochs, by default the path's.
        batch_size: Rows per batch, by default the path's; with another one the two differ in that too.
        progress: Whether to show a progress bar.

    Returns:
        The pairs; the error of a small network that diverged or was interrupted by Ctrl-C is NaN.

    Raises:
        InvalidInput: If there are no test rows, the split is another one (or another draw of the same
            data set), a penalized network did not finish, or no unit of a layer survived.

    Reference:
        Petříčková, Neural Networks 1, lecture 9 (Czech Technical University in Prague). Han et al.,
        Learning both Weights and Connections for Efficient Neural Networks, NeurIPS 2015.

    Example:
    >>> from functools import partial
    >>> from kerasreg import build_mlp, load_digits_split
    >>> from kerasreg.experiments import penalty_path
    >>> split = load_digits_split(200)
    >>> build = partial(build_mlp, split.input_shape, split.num_classes, optimizer="sgd", learning_rate=0.3)
    >>> path = penalty_path(build, split, [0.01], penalty="proximal_l1", units=(8,), repeats=2, epochs=3)
    >>> len(compare_survivors(build, split, path).pairs)
    2
    """
    began = time.perf_counter()
    if not len(check_split("split", split).x_test):
        raise InvalidInput("The split must have test rows, on which the networks are compared; it has none.")
    if split.describe() != path.data:
        raise InvalidInput(
            f"The split must be the one of the path, {path.data}; received {split.describe()}."
        )
    if split_fingerprint(split) != path.fingerprint:
        raise InvalidInput(
            f"The split must be the one of the path; received {split.name!r} in the same shapes, but with "
            "other rows or another order of them. Draw it as the path's was drawn, with the same seed."
        )
    strength = path.best() if strength is None else strength
    runs = path.of_strength(strength, fresh=True) or path.of_strength(strength)
    unfinished = sum(not run.finished for run in runs)
    if unfinished:
        raise InvalidInput(
            f"At strength {strength:g}, {unfinished} of {len(runs)} networks diverged or were interrupted, "
            "so their surviving units cannot be counted. Take another strength, or train with a lower "
            "learning rate."
        )
    sizes = [run.survivors(path.near_zero) for run in runs]
    if any(0 in size for size in sizes):
        raise InvalidInput(
            f"At strength {strength:g} no unit of some hidden layer survived, and a layer needs at least "
            "one. Take a lower strength."
        )
    models = [
        built(build, units=size, regularization=Regularization(), seed=run.seed)
        for run, size in zip(runs, sizes, strict=True)
    ]
    history = fit_population(
        models,
        split,
        epochs=path.epochs if epochs is None else epochs,
        batch_size=path.batch_size if batch_size is None else batch_size,
        seeds=[run.seed for run in runs],
        restore_best_weights=False,
        progress=progress,
    )
    errors = final_errors(models, split, "test", path.metric, history)
    large = build(units=path.units, regularization=Regularization(), seed=0)
    return SurvivorComparison(
        penalty=path.penalty,
        strength=strength,
        metric=path.metric,
        units=path.units,
        num_params=large.count_params(),
        seconds=time.perf_counter() - began,
        pairs=tuple(
            SurvivorPair(
                repeat=run.repeat,
                seed=run.seed,
                units=size,
                num_params=model.count_params(),
                penalized=run.errors["test"],
                small=float(error),
            )
            for run, size, model, error in zip(runs, sizes, models, errors, strict=True)
        ),
        interrupted=history.interrupted,
    )
