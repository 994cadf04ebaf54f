"""The networks of a trial: one for each fold of each repeat, the same data and seeds in every trial."""

from collections.abc import Mapping, Sequence
from typing import Any

import keras

from kerasreg.checks import MAX_REPEATS, InvalidInput, check_whole_number
from kerasreg.data import repeated_k_fold
from kerasreg.records import Split
from kerasreg.seeds import derive_seed
from kerasreg.tune.hypermodels import RegularizedHyperModel
from kerasreg.tune.jobs import Plan, TrialJob
from kerasreg.tune.settings import SearchSettings


def member_splits(split: Split, *, folds: int, repeats: int, seed: int) -> list[Split]:
    """Returns the data of each member of a trial: the folds of each repeat, the same for all trials.

    Without folds, every repeat has the split as it is and differs in its seed alone.

    Raises:
        InvalidInput: If there is nothing to validate on, or too little for so many folds.
    """
    check_whole_number("folds", folds, maximum=MAX_REPEATS)
    check_whole_number("repeats", repeats, maximum=MAX_REPEATS)
    if folds == 1 and len(split.x_validation) == 0:
        raise InvalidInput(
            "The split has no validation part to choose by; give one, or search with folds of at least 2."
        )
    if folds == 1:
        return [split] * repeats
    return repeated_k_fold(split, folds, repeats, seed=derive_seed(seed, "folds"))


def member_seeds(count: int, *, seed: int) -> list[int]:
    """Returns the seed of each member, the same for all trials, so that they are compared in pairs."""
    return [derive_seed(seed, "member", number) for number in range(count)]


def plan_for(splits: Sequence[Split], seeds: Sequence[int], settings: SearchSettings) -> Plan:
    """Returns how these members are trained under the settings of a search."""
    return Plan(
        splits=splits,
        seeds=seeds,
        monitor=settings.monitor,
        mode=settings.direction,
        patience=settings.patience,
        engine=settings.engine,
    )


def job_for(
    trial_id: str,
    hypermodel: RegularizedHyperModel,
    values: Mapping[str, Any],
    plan: Plan,
    settings: SearchSettings,
) -> TrialJob:
    """Returns a trial of these hyperparameter values, its members' networks from their own seeds.

    A trial that Hyperband promotes is trained from its first epoch, as the winner will be when it is
    retrained; so its score is that of a training one can repeat.
    """

    def build(number: int) -> keras.Model:
        return network_of(hypermodel, values, plan.splits[number], seed=plan.seeds[number])

    return TrialJob(
        trial_id=trial_id,
        values=dict(values),
        build=build,
        batch_size=values["batch_size"],
        epochs=values.get("tuner/epochs", settings.epochs),
    )


def network_of(
    hypermodel: RegularizedHyperModel, values: Mapping[str, Any], split: Split, *, seed: int
) -> keras.Model:
    """Returns the untrained network of these hyperparameter values, ready for the rows of `split`."""
    model = hypermodel.build_from(values, seed=seed)
    hypermodel.prepare(model, split.x_train, split.y_train)
    return model
