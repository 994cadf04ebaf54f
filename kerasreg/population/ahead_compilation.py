"""Compilation of a population's program while its models are still being built."""

import threading
from collections.abc import Sequence
from contextlib import suppress

import keras

from kerasreg.checks import InvalidInput
from kerasreg.population.member.compatibility import check_suits
from kerasreg.population.member.member import read_member
from kerasreg.population.program.device_data import pool_of
from kerasreg.population.program.program import Watch
from kerasreg.population.schedule.grouping import groups_of
from kerasreg.population.schedule.slots import Slots
from kerasreg.population.schedule.training_job import Job
from kerasreg.population.schedule.workers import first_epoch
from kerasreg.population.trainer_arguments import check_monitor
from kerasreg.records import Split


def compile_ahead(
    model: keras.Model,
    splits: Sequence[Split],
    *,
    count: int,
    batch_size: int,
    monitor: str,
    mode: str,
) -> threading.Thread:
    """Starts to compile a population's program when only its first model is built.

    Tracing is Python work, as building models is, and is done before this returns; the rest of the
    compilation runs while the other models are built. It assumes that they differ from this one only in
    hyperparameters; if they do not, a second or two is lost.

    Args:
        model: The first model, which is left as it is.
        splits: The data of a trial's members.
        count: Number of models there will be.
        batch_size: Rows per batch.
        monitor: Validation metric that decides which epoch is best.
        mode: `"min"` or `"max"`.

    Returns:
        The thread that compiles; join it before the process ends.
    """
    fresh: list[Slots] = []
    with suppress(InvalidInput):  # what is wrong is said when the population is trained
        member = read_member(model)
        check_suits(member, splits[0])
        check_monitor(monitor, [member])
        pool = pool_of(splits)
        jobs = [
            Job(
                index=index,
                member=member,
                train=pool.train[index % len(splits)],
                validation=pool.validation[index % len(splits)],
                seed=0,
                batch_size=batch_size,
                epoch=0,
                epochs=1,
                patience=None,
            )
            for index in range(count)
        ]
        watch = Watch(metric=monitor.removeprefix("val_"), mode=mode, min_delta=0.0)
        for group in groups_of(jobs, pool, watch, None):
            slots = group.slots()
            slots.seat(group.next_jobs(group.size))
            if slots.signature() not in group.program.compiled:
                slots.trace()
                fresh.append(slots)

    def compile_programs() -> None:
        for slots in fresh:
            first_epoch(slots)

    thread = threading.Thread(target=compile_programs, name="kerasreg-compiles", daemon=True)
    thread.start()
    return thread
