"""Worker threads: train groups of members, and refill or shrink their slots as members finish."""

import threading
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from kerasreg.population.member.member import Name
from kerasreg.population.program.program import Program
from kerasreg.population.program.stacked_arrays import Tensors
from kerasreg.population.program.zero_inputs import Columns
from kerasreg.population.schedule.chunks import SIZES
from kerasreg.population.schedule.shared_clock import SharedClock
from kerasreg.population.schedule.slots import Slots
from kerasreg.population.schedule.training_job import Job

Finished = Callable[[Job, dict[Name, np.ndarray]], None]

KEPT_PROGRAMS = 64
CALL_SECONDS = 0.25  # about how long a call may take, so that a bar moves and Ctrl-C is heard
_programs: OrderedDict[tuple, Program] = OrderedDict()
_programs_lock = threading.Lock()


@dataclass
class Group:
    """Members that share a program.

    Args:
        program: Their program.
        size: Members that train in it at once.
        data: `x` and `y` on the device, addressed by the members' rows.
        columns: Which inputs are in it, or `None` for all.
        shapes: The shapes that hold all their variables.
        validation_batch: How many rows are validated at once.
        waiting: Members that have not started.
    """

    program: Program
    size: int
    data: Tensors
    columns: Columns | None
    shapes: dict[Name, tuple[int, ...]]
    validation_batch: int
    waiting: deque[Job]

    def next_jobs(self, most: int) -> list[Job]:
        """Removes the next members from the queue, `most` at most."""
        return [self.waiting.popleft() for _ in range(min(most, len(self.waiting)))]

    def slots(self) -> Slots:
        """Returns empty slots for its members."""
        return Slots(
            self.program,
            self.size,
            shapes=self.shapes,
            data=self.data,
            columns=self.columns,
            validation_batch=self.validation_batch,
        )


def program_for(key: tuple, make: Callable[[], Program]) -> Program:
    """Returns the program of this key, the one made before if it is still kept."""
    with _programs_lock:
        if key not in _programs:
            _programs[key] = make()
            while len(_programs) > KEPT_PROGRAMS:
                _programs.popitem(last=False)
        _programs.move_to_end(key)
        return _programs[key]


def first_epoch(slots: Slots) -> tuple[float, bool]:
    """Runs an epoch while nobody else calls the program, for which it may have to be compiled.

    Returns:
        The seconds it took, and whether the program was compiled.
    """
    program, signature = slots.program, slots.signature()
    with program.compiling:
        fresh = signature not in program.compiled
        seconds = slots.run_epochs(1)
        program.compiled.setdefault(signature, seconds)
    return seconds, fresh


class Workers:
    """Trains groups of members in several threads.

    Args:
        groups: Members to train.
        best: Whether members end with their best weights, or with their last.
        finished: Called in a worker's thread with each member that has finished, and its weights.
        epochs_done: Called in a worker's thread after each call, with the epochs that all members made in it.
    """

    def __init__(
        self,
        groups: list[Group],
        *,
        best: bool,
        finished: Finished,
        epochs_done: Callable[[int], None],
    ) -> None:
        self.groups, self.best = groups, best
        self.finished, self.epochs_done = finished, epochs_done
        self.stop = threading.Event()
        self.lock = threading.Lock()
        self.programs, self.compile_seconds = 0, 0.0
        self.clock = SharedClock()

    def work(self) -> None:
        """Trains members until none is waiting, or `stop` is set."""
        while not self.stop.is_set():
            with self.lock:
                waiting = [group for group in self.groups if group.waiting]
                if not waiting:
                    return
                # one whose program is ready or free to be compiled, rather than wait for another worker
                group = next((group for group in waiting if not group.program.compiling.locked()), waiting[0])
                jobs = group.next_jobs(group.size)
            self._train(group, jobs)

    def _train(self, group: Group, jobs: list[Job]) -> None:
        slots = group.slots()
        slots.seat(jobs)
        seconds = CALL_SECONDS  # of an epoch, as long as it is not known: one at a call
        while slots.active:
            seconds = self._call(slots, most=max(1, int(CALL_SECONDS / seconds)))
            self._let_go(slots)
            if self.stop.is_set():
                break
            self._refill(group, slots)
            slots = self._compacted(slots, seconds)
        for place, job in slots.active:
            self.finished(job, slots.weights(place, best=self.best))

    def _call(self, slots: Slots, *, most: int) -> float:
        """Runs some epochs, alone if the program must be compiled for it; returns the seconds of each.

        The members share the time, that of compiling or of waiting for it included.
        """
        active = [job for _, job in slots.active]
        before = sum(job.epoch for job in active)
        share = self.clock.begin()
        if slots.signature() in slots.program.compiled:
            seconds = slots.run_epochs(most)
        else:
            seconds, fresh = first_epoch(slots)
            if fresh:
                with self.lock:
                    self.programs += 1
                    self.compile_seconds += seconds
        share = self.clock.end(share) / len(active)  # all of them make the same epochs in a call
        for job in active:
            job.seconds += share
        self.epochs_done(sum(job.epoch for job in active) - before)
        return seconds

    def _let_go(self, slots: Slots) -> None:
        for place, job in enumerate(slots.jobs):
            if job is not None and job.stop_reason:
                weights = slots.weights(place, best=self.best)
                self.finished(slots.leave(place), weights)

    def _refill(self, group: Group, slots: Slots) -> None:
        """Seats those who wait once a quarter of the places is free: each seating copies the whole state."""
        free = len(slots.jobs) - len(slots.active)
        if free * 4 < len(slots.jobs):
            return
        with self.lock:
            jobs = group.next_jobs(free)
        if jobs:
            slots.seat(jobs)

    def _compacted(self, slots: Slots, seconds: float) -> Slots:
        """Returns fewer places if that pays for its compilation in the epochs that are certain to come."""
        active = [job for _, job in slots.active]
        if not active:
            return slots
        size = next((size for size in SIZES if size >= len(active)), len(active))
        if size > len(slots.jobs) // 2:
            return slots
        saved = seconds * (1 - size / len(slots.jobs)) * max(job.certain_epochs() for job in active)
        compiled = slots.program.compiled
        price = 0.0 if slots.signature(size) in compiled else max(compiled.values())
        return slots.shrunk(size) if saved > price else slots
