"""`fit_population`: networks trained in compiled programs."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import keras

from kerasreg.checks import InvalidInput, in_words
from kerasreg.population.member.compatibility import check_loss_suits, check_suits
from kerasreg.population.program.device_data import pool_of
from kerasreg.population.program.program import Watch
from kerasreg.population.schedule.dispatch import MemberDone, Run, run
from kerasreg.population.schedule.grouping import groups_of
from kerasreg.population.schedule.interrupts import ctrl_c_calls
from kerasreg.population.schedule.progress_bar import EpochBar
from kerasreg.population.schedule.training_job import Job, never_begun
from kerasreg.population.single_fit import check_single, fit_one
from kerasreg.population.trainer_arguments import (
    check_options,
    chosen_by,
    epochs_of,
    models_of,
    one_each,
    read_members,
    seeds_of,
)
from kerasreg.records import MemberHistory, PopulationHistory, Split


class FitFailed(RuntimeError):
    """Models that are trained one by one failed in `model.fit`, after all others were trained.

    Args:
        models: All models.
        causes: What was raised, by the index of the model.
    """

    def __init__(self, models: Sequence[keras.Model], causes: dict[int, Exception]) -> None:
        self.causes = causes
        index, cause = next(iter(causes.items()))
        more = f", and {len(causes) - 1} others neither" if len(causes) > 1 else ""
        super().__init__(
            f"The model {models[index].name!r} cannot be trained with fit ({in_words(cause)}){more}."
        )
        self.__cause__ = cause


def fit_population(
    models: Sequence[keras.Model],
    data: Split | Sequence[Split],
    *,
    epochs: int | Sequence[int],
    batch_size: int = 32,
    patience: int | None = None,
    monitor: str | None = None,
    mode: str = "auto",
    min_delta: float = 0.0,
    seeds: Sequence[int] | None = None,
    initial_epoch: int = 0,
    restore_best_weights: bool = True,
    fallback: bool = False,
    members_per_program: int | None = None,
    progress: bool = False,
    member_done: MemberDone | None = None,
    epochs_done: Callable[[int], None] | None = None,
) -> PopulationHistory:
    """Trains many compiled Keras models at once, each as `model.fit` would train it alone.

    Members with the same layers and options train in one compiled program. They may differ in weights,
    seeds, data and numeric hyperparameters (learning rate, L1, L2, proximal L1, max-norm, the rates of
    dropout, DropConnect and noise, label smoothing, augmentation strengths), and in the units of hidden
    dense layers whose activation is 0 at 0. Other architectures in the same call get programs of their own.
    Afterwards each model has its trained weights and is an ordinary Keras model; its optimizer is
    unchanged, and a later training starts it afresh.

    A member's result depends only on its own weights, seed and data; who it is trained with changes it by
    rounding at most. Its random numbers are not those that Keras would draw from the same seeds.

    Args:
        models: Compiled models, trained in place.
        data: One `Split` for all, or one for each model; its train part to train on, its validation part
            to choose the best epoch. Rows that several splits share are stored once.
        epochs: Last epoch, counted from 1: one number for all models, or one for each.
        batch_size: Rows per batch; the last batch of an epoch may be smaller.
        patience: Epochs without improvement after which a member stops, or `None` to train all epochs.
        monitor: Validation metric that decides which epoch is best; by default the loss without
            penalties and smoothing: `"val_cross_entropy"`, `"val_binary_cross_entropy"`, `"val_mse"` or
            `"val_mae"`. Metrics without a name, which Keras numbers, may be called as in the first model
            of a process: `"val_auc"` is the `auc_1` of the second one, and their records say `auc`.
        mode: `"min"`, `"max"`, or `"auto"` for Keras' direction of the metric.
        min_delta: Smallest change of the metric that counts as an improvement, at least 0.
        seeds: Seed of each member's row order, an integer >= 0; by default derived from its
            initial weights, so that equal models see equal batches.
        initial_epoch: Epoch to start at, counted from 0, for models whose training continues.
        restore_best_weights: Whether models end with the weights of their best epoch, or of their last.
            A member that never improved keeps its initial weights.
        fallback: Whether to train models that cannot share a program one by one, with a warning.
        members_per_program: Members that train in one program at once; by default as many as fit the CPU
            cache and the memory.
        progress: Whether to show a progress bar.
        member_done: Function called with a model's index and record as soon as it has its final weights.
        epochs_done: Function called a few times a second with the epochs trained since, summed over members.

    Returns:
        The record of each model's training. After Ctrl-C the current epoch is finished, every model gets its
        best weights so far, and the record is marked as interrupted.

    Raises:
        InvalidInput: If an argument cannot be used.
        UnstackableModel: If a layer, loss, optimizer or option is not covered, without `fallback`.
        UnusableMetric: If a model does not report the metric to choose by.
        FitFailed: If `model.fit` fails for a model that is trained by itself; all others have been trained.

    Example:
    >>> from kerasreg import Regularization, build_mlp, load_digits_split
    >>> split = load_digits_split()
    >>> models = [
    ...     build_mlp((8, 8, 1), 10, units=(16,), regularization=Regularization(dropout=rate))
    ...     for rate in (0.0, 0.2, 0.4)
    ... ]
    >>> history = fit_population(models, split, epochs=2)
    >>> [len(member.history) for member in history]
    [2, 2, 2]
    """
    began = time.perf_counter()
    models = models_of(models)
    splits = one_each(models, data)
    ends = epochs_of(models, epochs)
    check_options(
        batch_size=batch_size,
        counts={"patience": patience, "members_per_program": members_per_program},
        initial_epoch=initial_epoch,
        min_delta=min_delta,
        mode=mode,
        monitor=monitor,
        flags={"restore_best_weights": restore_best_weights, "fallback": fallback, "progress": progress},
        functions={"member_done": member_done, "epochs_done": epochs_done},
    )
    if initial_epoch >= min(ends):
        raise InvalidInput(f"epochs must be above initial_epoch; received {min(ends)} and {initial_epoch}.")
    seeds = seeds_of(models, seeds)
    validated = [len(split.x_validation) > 0 for split in splits]
    for name, given in {"patience": patience, "monitor": monitor}.items():
        if given is not None and not all(validated):
            raise InvalidInput(f"{name} needs a validation part in every split, and one has none.")
    members, refused = read_members(models, fallback=fallback)
    seen: set = set()
    for index, member in members.items():
        check_suits(member, splits[index], seen)
    for index in refused:
        check_single(models[index])
        check_loss_suits(models[index], splits[index], seen)
    names: dict[int, dict[str, str]] = {}
    if any(validated):
        monitor, mode, names = chosen_by(monitor, mode, models, splits, members)
    elif mode == "auto":
        mode = "min"  # there is nothing to choose by
    watch = Watch(metric=monitor.removeprefix("val_"), mode=mode, min_delta=min_delta) if monitor else None
    records: dict[int, MemberHistory] = {}
    bar = EpochBar(sum(ends) - initial_epoch * len(models), mode=mode, shown=progress)

    def done(index: int, record: MemberHistory) -> None:
        records[index] = record
        bar.member_done(record, left=ends[index] - initial_epoch - len(record.history))
        if member_done is not None:
            member_done(index, record)

    def advanced(count: int) -> None:
        bar.epochs_done(count)
        if epochs_done is not None:
            epochs_done(count)

    ran = Run()
    with bar:
        if members:
            pool = pool_of([splits[index] for index in members])
            jobs = [
                Job(
                    index=index,
                    member=member,
                    train=pool.train[place],
                    validation=pool.validation[place],
                    seed=seeds[index],
                    batch_size=batch_size,
                    epoch=initial_epoch,
                    epochs=ends[index],
                    patience=patience,
                )
                for place, (index, member) in enumerate(members.items())
            ]
            groups = groups_of(jobs, pool, watch, members_per_program)
            ran = run(groups, jobs, done, advanced, best=restore_best_weights)
        failed: dict[int, Exception] = {}
        for index in refused:
            if ran.interrupted:
                break
            try:
                record = _fit_alone(
                    models[index],
                    splits[index],
                    ran,
                    names.get(index, {}),
                    epochs=ends[index],
                    batch_size=batch_size,
                    patience=patience,
                    monitor=monitor if validated[index] else None,
                    mode=mode,
                    min_delta=min_delta,
                    seed=seeds[index],
                    initial_epoch=initial_epoch,
                    restore_best_weights=restore_best_weights,
                )
            except InvalidInput:
                raise
            except Exception as cause:  # raised once all other models are trained
                failed[index] = cause
                continue
            advanced(len(record.history))
            done(index, record)
    if failed:
        raise FitFailed(models, failed)
    return PopulationHistory(
        members=tuple(
            records.get(index) or never_begun("population" if index in members else "fit")
            for index in range(len(models))
        ),
        monitor=monitor,
        mode=mode,
        seconds=time.perf_counter() - began,
        interrupted=ran.interrupted,
        programs=ran.programs,
        compile_seconds=ran.compile_seconds,
    )


def _fit_alone(
    model: keras.Model,
    split: Split,
    ran: Run,
    names: Mapping[str, str],
    *,
    monitor: str | None,
    **options: Any,
) -> MemberHistory:
    """Trains one model with `fit_one`, and returns its record under the names that the population uses.

    Args:
        model: The model.
        split: Its data.
        ran: The training as a whole, which Ctrl-C marks as interrupted.
        names: The population's name of each metric by the name that the model gives it.
        monitor: The population's name of the monitored metric, or `None`.
        **options: As for `fit_one`.
    """
    own_name = {called: name for name, called in names.items()}.get(monitor, monitor)
    with ctrl_c_calls(partial(ran.interrupt, model)):
        record = fit_one(model, split, monitor=own_name, **options)
    if ran.interrupted:
        record = replace(record, stop_reason="interrupted")
    metrics = {names.get(name, name): values for name, values in record.history.metrics.items()}
    return replace(record, history=replace(record.history, metrics=metrics))
