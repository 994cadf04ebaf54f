"""Was the large network needed, or would one of the units that the penalty left have done?"""

import math
import time
from collections.abc import Callable

import keras

from kerasreg.checks import InvalidInput
from kerasreg.experiments.running import built
from kerasreg.population import evaluate_population, fit_population
from kerasreg.records import Split
from kerasreg.records.fingerprints import split_fingerprint
from kerasreg.records.given import check_split
from kerasreg.records.penalties import PenaltyPath
from kerasreg.records.survivors import SurvivorComparison, SurvivorPair
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
    """Trains small networks with as many units as survived, and compares them with the penalised ones.

    A penalty switches hidden units off. Is a network that had only the survivors from the start as good
    as the penalised one? Each small network is trained from scratch, without a penalty, on the same rows in
    the same order as the penalised network whose survivors it has. Where validation chose the strength, that
    network is one of the path's fresh ones, which had no part in the choice. Initial weights are its own: the
    interval of the difference is over these and the orders of rows, on the same data.

    The small network lacks the penalty as well as the units. What the comparison shows is whether the two
    together made a difference, not which of them did.

    Args:
        build: As in `penalty_path`: called as `build(units=..., regularization=..., seed=...)`.
        split: The data set that the path was trained on, with test rows.
        path: What `penalty_path` returned.
        strength: One of the path's strengths; by default the one that validation chose.
        epochs: Epochs to train, by default as many as the path's.
        batch_size: Rows in a batch, by default as many as the path's; with others the two differ in that too.
        progress: Whether to show a bar.

    Returns:
        The pairs, and a verdict, which may be that no difference is shown.

    Raises:
        InvalidInput: If there are no test rows, the split is another one (be it another draw of the same
            data set), a penalised network diverged, or no unit of a layer survived.
        KeyboardInterrupt: After Ctrl-C.

    Reference:
        Petříčková, Neural Networks 1, lecture 9 (Czech Technical University in Prague). Han et al.,
        Learning both Weights and Connections for Efficient Neural Networks, NeurIPS 2015.

    Example:
    >>> from functools import partial
    >>> from kerasreg import build_mlp, load_digits_split
    >>> from kerasreg.experiments.penalties import penalty_path
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
    diverged = sum(run.diverged for run in runs)
    if diverged:
        raise InvalidInput(
            f"At strength {strength:g}, {diverged} of {len(runs)} networks diverged, and of such a "
            "network no unit can be said to have survived. Take another strength, or train with a lower "
            "learning rate."
        )
    sizes = [run.survivors(path.near_zero) for run in runs]
    if any(0 in size for size in sizes):
        raise InvalidInput(
            f"At strength {strength:g} no unit of some hidden layer survived, and a network cannot have a "
            "layer of none. Take a lower strength."
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
    if history.interrupted:  # networks that were trained for less time are no comparison
        raise KeyboardInterrupt
    results = evaluate_population(models, split)
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
                penalised=run.errors.get("test", math.nan),
                small=result[path.metric],
            )
            for run, size, model, result in zip(runs, sizes, models, results, strict=True)
        ),
    )
