"""Populations of networks, trained in compiled programs."""

import hashlib
import queue
import time
import warnings
from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass

import keras
import numpy as np

from kerasreg.checks import InvalidInput, check_number, check_one_of, check_whole_number
from kerasreg.population import chunks
from kerasreg.population.jobs import Job
from kerasreg.population.objectives import UNPENALISED
from kerasreg.population.parts import UnstackableModel
from kerasreg.population.pool import Pool, pool_of
from kerasreg.population.program import Program, Watch
from kerasreg.population.progress import EpochBar
from kerasreg.population.single import fit_one
from kerasreg.population.stack import Member, read_member
from kerasreg.population.workers import Group, Workers, program_for
from kerasreg.records import Split
from kerasreg.records.population_history import MemberHistory, PopulationHistory

VALIDATION_BATCH = 256  # rows that are validated at once, at most

MemberDone = Callable[[int, MemberHistory], None]


def fit_population(
    models: Sequence[keras.Model],
    data: Split | Sequence[Split],
    *,
    epochs: int,
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
) -> PopulationHistory:
    """Trains many compiled Keras models at once, each as `model.fit` would train it alone.

    Members of one architecture, equal in layers and options, train in one compiled program, an epoch at a
    call. They may differ in weights, seeds, data and in every number: learning rate, l1, l2, max-norm,
    the rates of dropout, DropConnect and noise, label smoothing, the strength of augmentation; and in the
    width of hidden dense layers, where activations are 0 at 0. Several architectures in one call
    make several programs. Afterwards each model has its trained weights and is an ordinary Keras model;
    its optimizer is as it was, and a later training starts it afresh.

    What a member comes to depends on its own weights, seeds and data, to rounding never on its
    company. Its random numbers are not those that Keras would draw from the same seeds.

    Args:
        models: Compiled models, trained in place.
        data: One `Split` for all, or one for each model; its train part to train on, its validation part
            to choose the best epoch by. Rows that several splits share are held once.
        epochs: The epoch to end with at the latest, counted from 1.
        batch_size: Rows in a batch; the last one of an epoch may be smaller.
        patience: Epochs without improvement after which a member stops, or `None` to train them all.
        monitor: The validation metric that decides which epoch is best; by default the loss without
            penalties and smoothing: `"val_cross_entropy"`, `"val_binary_cross_entropy"`, `"val_mse"` or `"val_mae"`.
        mode: `"min"`, `"max"`, or `"auto"`: `"max"` for a metric whose name ends in "accuracy".
        min_delta: The smallest change of the metric that counts as an improvement, at least 0.
        seeds: The seed of each member's order of rows, a whole number >= 0; by default derived from its
            initial weights, so that equal models see equal batches.
        initial_epoch: The epoch to begin with, counted from 0, for models that go on training.
        restore_best_weights: Whether models end with the weights of their best epoch, or of their last.
            A member that never improved keeps the weights it began with.
        fallback: Whether to train models that cannot share a program one by one, with a warning.
        members_per_program: How many train in one program at once; by default as many as the processor's
            cache and the memory hold.
        progress: Whether to show a bar.
        member_done: Called with a model's index and record as soon as it has its final weights.

    Returns:
        How each training went. After Ctrl-C the epoch under way is finished, every model gets its
        best weights so far, and the history is marked as interrupted.

    Raises:
        InvalidInput: If an argument cannot be used.
        UnstackableModel: If a layer, loss, optimizer or option is not covered, without `fallback`.

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
    models, splits = list(models), _one_each(models, data)
    check_whole_number("epochs", epochs)
    check_whole_number("batch_size", batch_size)
    check_whole_number("initial_epoch", initial_epoch, minimum=0)
    check_number("min_delta", min_delta)
    check_one_of("mode", mode, ("auto", "min", "max"))
    if patience is not None:
        check_whole_number("patience", patience)
    if members_per_program is not None:
        check_whole_number("members_per_program", members_per_program)
    if initial_epoch >= epochs:
        raise InvalidInput(f"epochs must be above initial_epoch; received {epochs} and {initial_epoch}.")
    seeds = _seeds_of(models, seeds)
    validated = [len(split.x_validation) > 0 for split in splits]
    if patience is not None and not all(validated):
        raise InvalidInput("patience needs a validation part in every split, and one has none.")

    members, refused = _read(models, fallback=fallback)
    monitor = monitor or _default_monitor(models, members) if any(validated) else None
    if mode == "auto":
        mode = "max" if monitor and monitor.endswith("accuracy") else "min"
    watch = Watch(metric=monitor.removeprefix("val_"), mode=mode, min_delta=min_delta) if monitor else None
    records: dict[int, MemberHistory] = {}

    bar = EpochBar((epochs - initial_epoch) * len(models), mode=mode, shown=progress)

    def done(index: int, record: MemberHistory) -> None:
        records[index] = record
        bar.member_done(record, left=epochs - initial_epoch - len(record.history))
        if member_done is not None:
            member_done(index, record)

    with bar:
        run = _Run(programs=0, compile_seconds=0.0, interrupted=False)
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
                    epochs=epochs,
                    patience=patience,
                )
                for place, (index, member) in enumerate(members.items())
            ]
            groups = _groups(jobs, watch, members_per_program)
            run = _train(groups, jobs, pool, bar, done, restore_best_weights=restore_best_weights)
        for index in refused:
            if run.interrupted:
                break
            try:
                record = fit_one(
                    models[index],
                    splits[index],
                    epochs=epochs,
                    batch_size=batch_size,
                    patience=patience,
                    monitor=monitor,
                    mode=mode,
                    seed=seeds[index],
                )
            except KeyboardInterrupt:
                run.interrupted = True
                break
            bar.epochs_done(len(record.history))
            done(index, record)
    if len(records) < len(models):
        for index in set(range(len(models))) - set(records):
            records[index] = _never_begun("population" if index in members else "fit")
    return PopulationHistory(
        members=tuple(records[index] for index in range(len(models))),
        monitor=monitor,
        mode=mode,
        seconds=time.perf_counter() - began,
        interrupted=run.interrupted,
        programs=run.programs,
        compile_seconds=run.compile_seconds,
    )


@dataclass
class _Run:
    programs: int
    compile_seconds: float
    interrupted: bool


def architecture(model: keras.Model) -> Hashable:
    """Returns what models must have in common to train in one program, as a value to compare.

    Raises:
        UnstackableModel: If the model cannot be trained as part of a population.
    """
    return read_member(model).architecture


def seed_of_weights(model: keras.Model) -> int:
    """Returns a seed in [0, 2**31) that depends on a model's weights alone."""
    digest = hashlib.blake2b(digest_size=8)
    for variable in model.trainable_variables:
        digest.update(np.ascontiguousarray(keras.ops.convert_to_numpy(variable)).data)
    return int.from_bytes(digest.digest(), "little") % 2**31


def _one_each(models: Sequence[keras.Model], data: Split | Sequence[Split]) -> list[Split]:
    if not len(models):
        raise InvalidInput("fit_population needs at least one model; received none.")
    splits = [data] * len(models) if isinstance(data, Split) else list(data)
    if len(splits) != len(models) or not all(isinstance(split, Split) for split in splits):
        raise InvalidInput(
            f"data must be one Split or one for each of the {len(models)} models; received {len(splits)} of "
            f"{sorted({type(split).__name__ for split in splits})}."
        )
    shapes = {(split.input_shape, split.output_shape) for split in splits}
    if len(shapes) > 1:
        raise InvalidInput(f"All splits must have rows of one shape; received {sorted(map(str, shapes))}.")
    return splits


def _seeds_of(models: list[keras.Model], seeds: Sequence[int] | None) -> list[int]:
    if seeds is None:
        return [seed_of_weights(model) for model in models]
    if len(seeds) != len(models):
        raise InvalidInput(
            f"seeds must hold one seed for each of {len(models)} models; received {len(seeds)}."
        )
    return [check_whole_number("seeds", seed, minimum=0) for seed in seeds]


def _read(models: list[keras.Model], *, fallback: bool) -> tuple[dict[int, Member], list[int]]:
    """Returns the members by index, and the indices of the models that cannot be members."""
    if len({id(model) for model in models}) < len(models):
        raise InvalidInput("The same model stands several times among the models; build one for each member.")
    members: dict[int, Member] = {}
    refused: dict[int, UnstackableModel] = {}
    for index, model in enumerate(models):
        try:
            members[index] = read_member(model)
        except UnstackableModel as cause:
            if not fallback:
                raise
            refused[index] = cause
    if refused:
        warnings.warn(
            f"{len(refused)} of {len(models)} models are trained one by one with fit: "
            f"{next(iter(refused.values()))}",
            stacklevel=3,
        )
    return members, list(refused)


def _default_monitor(models: list[keras.Model], members: dict[int, Member]) -> str:
    families = {member.objective.family for member in members.values()}
    if len({UNPENALISED[family] for family in families}) > 1:
        raise InvalidInput(
            "The models have losses of different kinds; name the metric to choose by as monitor."
        )
    if families:
        return f"val_{UNPENALISED[families.pop()]}"
    return "val_loss"


def _never_begun(way: str) -> MemberHistory:
    from kerasreg.records import TrainingHistory

    return MemberHistory(
        score=float("nan"),
        best_epoch=0,
        history=TrainingHistory(unit="epoch", metrics={}),
        stop_reason="interrupted",
        seconds=0.0,
        way=way,
    )


def _groups(jobs: list[Job], watch: Watch | None, members_per_program: int | None) -> list[Group]:
    """Divides the members into groups that share a program, the most work first."""
    validation_batch = _validation_batch(max(len(job.validation) for job in jobs))
    alike: dict[Hashable, list[Job]] = defaultdict(list)
    for job in jobs:
        partial = len(job.train) % job.batch_size > 0
        batches = -(-len(job.validation) // validation_batch)
        alike[(job.member.architecture, job.steps, batches, partial)].append(job)
    side_by_side = chunks.workers()
    groups = []
    for (architecture, _, batches, partial), company in alike.items():
        for places in chunks.width_groups(
            [job.member for job in company], [(job.epochs - job.epoch) * job.steps for job in company]
        ):
            chosen = [company[place] for place in places]
            members = [job.member for job in chosen]
            nonzero = frozenset(
                name for member in members for name, number in member.numbers.items() if number
            )
            watched = watch if batches else None
            program = program_for(
                (architecture, nonzero, watched, partial),
                lambda member=members[0], nonzero=nonzero, watched=watched, partial=partial: Program(
                    member, nonzero=nonzero, watch=watched, partial=partial
                ),
            )
            widest = max(members, key=chunks.weights_of)
            size = members_per_program or chunks.members_per_program(
                widest, len(chosen), batch_size=chosen[0].batch_size, side_by_side=side_by_side
            )
            groups.append(
                Group(
                    program=program,
                    size=size,
                    shapes=chunks.common_shapes(members),
                    validation_batch=validation_batch,
                    waiting=deque(chosen),
                )
            )
    return sorted(groups, key=lambda group: -len(group.waiting))


def _validation_batch(rows: int) -> int:
    batches = max(1, -(-rows // VALIDATION_BATCH))
    return max(1, -(-rows // batches))


def _train(
    groups: list[Group],
    jobs: list[Job],
    pool: Pool,
    bar: EpochBar,
    done: MemberDone,
    *,
    restore_best_weights: bool,
) -> _Run:
    """Runs the workers; the models are written to, and others told, in this thread."""
    results: queue.SimpleQueue = queue.SimpleQueue()
    workers = Workers(
        groups,
        pool,
        best=restore_best_weights,
        finished=lambda job, weights: results.put((job, weights)),
        epoch_done=lambda count: results.put((None, count)),
    )

    def hand_on() -> None:
        while not results.empty():
            job, what = results.get()
            if job is None:
                bar.epochs_done(what)
            else:
                job.member.write(what)
                done(job.index, job.history())

    interrupted = False
    threads = min(chunks.workers(), len(jobs))
    with ThreadPoolExecutor(threads, thread_name_prefix="kerasreg") as executor:
        futures = [executor.submit(workers.work) for _ in range(threads)]
        try:
            while wait(futures, timeout=0.05).not_done:
                hand_on()
        except KeyboardInterrupt:
            interrupted = True
        except BaseException:
            workers.stop.set()
            raise
        workers.stop.set()
    hand_on()
    for future in futures:
        future.result()
    return _Run(programs=workers.programs, compile_seconds=workers.compile_seconds, interrupted=interrupted)
