"""Slots of a compiled program, which members take and leave while it runs."""

import time
from collections.abc import Callable, Hashable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from kerasreg.population.member.member import Name
from kerasreg.population.program.program import EPOCHS_PER_CALL, Program
from kerasreg.population.program.stacked_arrays import Tensors, key_of, stacked
from kerasreg.population.program.zero_inputs import Columns
from kerasreg.population.schedule.training_job import Job, in_batches

_WORST = {"min": np.inf, "max": -np.inf}


class Slots:
    """The state of P members that train together.

    A slot whose member has finished goes on computing until another member takes it; its results are
    not used.

    Args:
        program: The program.
        size: Number of slots, P.
        shapes: Shape of every variable and constant, wide enough for all members to come.
        data: `x` and `y` on the device, addressed by the members' rows.
        columns: Which inputs are in it, or `None` for all.
        validation_batch: How many rows are validated at once.
    """

    def __init__(
        self,
        program: Program,
        size: int,
        *,
        shapes: dict[Name, tuple[int, ...]],
        data: Tensors,
        columns: Columns | None,
        validation_batch: int,
    ) -> None:
        self.program, self.shapes, self.data, self.columns = program, shapes, data, columns
        self.validation_batch = validation_batch
        self.jobs: list[Job | None] = [None] * size
        self.state: dict[str, Any] = {}
        self.constants: dict[str, Any] = {}
        self.member: dict[str, Any] = {}

    @property
    def active(self) -> list[tuple[int, Job]]:
        """The places that train, and who is in them."""
        return [
            (place, job) for place, job in enumerate(self.jobs) if job is not None and job.stop_reason is None
        ]

    def seat(self, jobs: Sequence[Job]) -> None:
        """Gives members places that are free; the first ones decide what stands in those left empty."""
        free = [place for place, job in enumerate(self.jobs) if job is None or job.stop_reason]
        places = dict(zip(free, jobs, strict=False))
        if not self.state:  # an empty place repeats the first member, whose numbers are sound
            places |= dict.fromkeys(free[len(jobs) :], jobs[0])
        fresh = self._fresh_state(list(places.values()))
        taken = list(places)
        if self.state:
            _put(self.state, fresh["state"], taken)
            _put(self.constants, fresh["constants"], taken)
            self.member = {name: np.array(block) for name, block in self.member.items()}
            for name, block in fresh["member"].items():
                self.member[name][:, taken] = block
        else:
            self.state, self.constants, self.member = fresh["state"], fresh["constants"], fresh["member"]
        for place, job in zip(free, jobs, strict=False):
            self.jobs[place] = job
        self._settle()

    def _settle(self) -> None:
        """Puts on the device what stays as it is until someone else is seated."""
        self.constants = {name: tf.constant(block) for name, block in self.constants.items()}
        self.member = {name: tf.constant(block) for name, block in self.member.items()}
        stand_in = next(job for job in self.jobs if job is not None)
        held = [(job or stand_in).validation for job in self.jobs]
        self.validation = tf.constant(
            np.stack(_once(held, id, lambda rows: in_batches(rows, self.validation_batch)))
        )

    def _fresh_state(self, jobs: list[Job]) -> dict[str, Any]:
        members = [job.member for job in jobs]
        weights = self._stack([member.arrays("trainable") for member in members])
        if self.columns is not None:
            weights = self.columns.divide(weights)
        moving_statistics = self._stack([member.arrays("moving_statistics") for member in members])
        state_names = self.program.optimizer.state_names
        state: dict[str, Any] = {
            "weights": weights,
            "moving_statistics": moving_statistics,
            "optimizer": {
                key: {name: np.zeros_like(block) for name in state_names} for key, block in weights.items()
            },
        }
        if self.program.watch is not None:
            state["best"] = {key: block.copy() for key, block in {**weights, **moving_statistics}.items()}
            state["score"] = np.full(len(jobs), _WORST[self.program.watch.mode], np.float32)
        return {
            "state": state,
            "constants": self._stack([member.arrays("constants") for member in members]),
            "member": self.program.member_arrays(members),
        }

    def _stack(self, arrays: list[dict[Name, np.ndarray]]) -> dict[str, np.ndarray]:
        return stacked(arrays, self.shapes)

    def trace(self) -> None:
        """Does what is Python's work of compiling the program."""
        self.program.epochs.get_concrete_function(
            self.state, self.constants, self.member, self.data, self._plan(1)
        )

    def run_epochs(self, most: int) -> float:
        """Trains everyone for some epochs, takes them down, and returns the seconds each one took.

        There are no more of them than each member is certain to have left, so that none is in vain.

        Args:
            most: How many epochs at most.
        """
        began = time.perf_counter()
        active = self.active
        epochs = min(most, EPOCHS_PER_CALL, *(job.certain_epochs() for _, job in active))
        state, values, improved = self.program.epochs(
            self.state, self.constants, self.member, self.data, self._plan(epochs)
        )
        self.state, values, improved = state, values.numpy(), improved.numpy()
        seconds = (time.perf_counter() - began) / epochs
        names = self.program.history_names(validated=self.validation.shape[1] > 0)
        watch = self.program.watch
        scored = names.index(f"val_{watch.metric}") if watch is not None else None
        for place, job in active:
            for of_epoch, better in zip(values[:epochs, :, place].tolist(), improved[:, place], strict=False):
                job.record(
                    dict(zip(names, of_epoch, strict=True)),
                    score=float("nan") if scored is None else of_epoch[scored],
                    improved=bool(better),
                )
                if job.stop_reason is not None:
                    break
        return seconds

    def _plan(self, epochs: int) -> dict[str, Any]:
        """Returns the rows, learning rates and counts of the coming epochs."""
        active = dict(self.active)
        stand_in = next(iter(active.values()))
        jobs = [active.get(place, stand_in) for place in range(len(self.jobs))]
        shape = (len(jobs), stand_in.steps, stand_in.batch_size)
        order = np.zeros((EPOCHS_PER_CALL, *shape), np.int32)
        rates = np.zeros((EPOCHS_PER_CALL, *shape[:2]), np.float32)
        for ahead in range(epochs):
            order[ahead] = _once(
                jobs,
                lambda job: (job.seed, job.epoch, id(job.train)),
                lambda job, ahead=ahead: job.order(ahead),
            )
            rates[ahead] = _once(jobs, id, lambda job, ahead=ahead: job.rates(ahead))
        return {
            "order": order,
            "rates": rates,
            "epochs": np.int32(epochs),
            "steps": np.array([job.epoch * job.steps for job in jobs], np.int32),
            "counts": np.array([job.updates for job in jobs], np.int32),
            "validation": self.validation,
            "alive": np.array([place in active for place in range(len(self.jobs))]),
        }

    def signature(self, size: int | None = None) -> tuple:
        """Returns what the program is compiled for, with these places or with so many."""
        job = next(job for job in self.jobs if job is not None)
        batches = in_batches(job.validation, self.validation_batch).shape
        data = tuple(tuple(array.shape) for array in self.data.values())
        return (size or len(self.jobs), tuple(self.shapes.values()), job.steps, job.batch_size, batches, data)

    def weights(self, place: int, *, best: bool) -> dict[Name, np.ndarray]:
        """Returns the weights and moving statistics of the member in a slot: the best ones if kept."""
        last = {**self.state["weights"], **self.state["moving_statistics"]}
        kept = self.state.get("best", last) if best else last
        member = self.jobs[place].member
        own = {key: np.asarray(block)[place].copy() for key, block in kept.items()}
        if self.columns is not None:
            own = self.columns.join(own, member.arrays("trainable")[self.columns.kernel])
        names = [name for what in ("trainable", "moving_statistics") for name, _ in member.variables(what)]
        return {name: own[key_of(name)] for name in names}

    def leave(self, place: int) -> Job:
        """Frees a place and returns who was in it."""
        job, self.jobs[place] = self.jobs[place], None
        return job

    def shrunk(self, size: int) -> "Slots":
        """Returns fewer places with those who still train, their state as it is."""
        smaller = Slots(
            self.program,
            size,
            shapes=self.shapes,
            data=self.data,
            columns=self.columns,
            validation_batch=self.validation_batch,
        )
        active = self.active
        chosen = [place for place, _ in active]
        chosen += [chosen[0]] * (size - len(chosen))
        smaller.jobs = [job for _, job in active] + [None] * (size - len(active))
        smaller.state = _taken(self.state, chosen)
        smaller.constants = _taken(self.constants, chosen)
        smaller.member = {name: np.asarray(block)[:, chosen] for name, block in self.member.items()}
        smaller._settle()
        return smaller


def _once(items: list, key: Callable[[Any], Hashable], make: Callable[[Any], np.ndarray]) -> list[np.ndarray]:
    """Returns what is made of each item, making it once for all that have one key."""
    made: dict[Hashable, np.ndarray] = {}
    for item in items:
        if key(item) not in made:
            made[key(item)] = make(item)
    return [made[key(item)] for item in items]


def _taken(tree: Any, places: list[int]) -> Any:
    if isinstance(tree, dict):
        return {name: _taken(branch, places) for name, branch in tree.items()}
    return np.asarray(tree)[places]


def _put(tree: dict[str, Any], fresh: dict[str, Any], places: list[int]) -> None:
    """Writes fresh values into some places of every array of a tree."""
    for name, branch in fresh.items():
        if isinstance(branch, dict):
            _put(tree[name], branch, places)
        else:
            block = np.array(tree[name])
            block[places] = branch
            tree[name] = block
