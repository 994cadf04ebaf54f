"""A batch of trials trained: as populations in compiled programs, or one network after another."""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import NamedTuple

import keras
import keras_tuner

from kerasreg.checks import in_words
from kerasreg.population import FitFailed, UnusableMetric, compile_ahead, fit_one, fit_population
from kerasreg.population.schedule.dispatch import Run
from kerasreg.population.schedule.interrupts import ctrl_c_calls
from kerasreg.records import MemberHistory, TrialRecord
from kerasreg.tune.jobs import Plan, TrialJob, record_of

# What ends a search, instead of failing one trial of it
FATAL = (keras_tuner.errors.FatalError, UnusableMetric)


class OutOfTimeError(Exception):
    """The time budget ran out while a batch was under way."""


class Listener:
    """Who is told of what has been trained, in the main thread; the subclasses do something with it."""

    def member_done(self, job: TrialJob, number: int, member: MemberHistory, model: keras.Model) -> None:
        """Called as soon as a network is trained; it has the weights of its best epoch."""

    def epochs_done(self, count: int) -> None:
        """Called now and then with the number of epochs of networks trained together since."""

    def trial_done(self, record: TrialRecord, models: list[keras.Model]) -> None:
        """Called as soon as the last network of a trial is trained, or the trial has failed."""

    def out_of_time(self) -> bool:
        """Says whether to give up before the next network that would be trained by itself."""
        return False


def train(jobs: Iterable[TrialJob], plan: Plan, listener: Listener, *, expected: int | None = None) -> None:
    """Trains every network of every trial; a failure is recorded, not raised.

    Args:
        jobs: The trials. Each is taken when the networks of the one before it have been built.
        plan: What they have in common.
        listener: Who is told.
        expected: How many there are, if that is known: a program can be compiled for them before
            they are all built.

    Raises:
        UnusableMetric: If a network does not report the metric that is the score.
        OutOfTimeError: If `listener.out_of_time()` was true between two networks trained by themselves.
        KeyboardInterrupt: On Ctrl-C; what was not reported by then is lost.
    """
    ledger = _Ledger(plan, listener)
    if plan.engine == "fit":
        _one_by_one(jobs, plan, ledger)
    else:
        _as_populations(jobs, plan, ledger, expected)


def _one_by_one(jobs: Iterable[TrialJob], plan: Plan, ledger: "_Ledger") -> None:
    for job in jobs:
        for number, split in enumerate(plan.splits):
            if ledger.listener.out_of_time():
                raise OutOfTimeError
            try:
                model, ran = job.build(number), Run()
                with ctrl_c_calls(partial(ran.interrupt, model)):
                    member = fit_one(
                        model,
                        split,
                        epochs=job.epochs,
                        initial_epoch=job.initial_epoch,
                        batch_size=job.batch_size,
                        patience=plan.patience,
                        monitor=plan.monitor,
                        mode=plan.mode,
                        seed=plan.seeds[number],
                    )
            except FATAL:
                raise
            except Exception as cause:  # whatever one configuration does must not end the search
                ledger.failed(job, cause)
                break
            if ran.interrupted:
                raise KeyboardInterrupt
            ledger.member_done(_Network(job, number, model), member)


def _as_populations(jobs: Iterable[TrialJob], plan: Plan, ledger: "_Ledger", expected: int | None) -> None:
    groups: dict[tuple, list[_Network]] = {}
    compiling = None
    try:
        for job in jobs:
            try:
                networks = [_Network(job, number, job.build(number)) for number in range(len(plan.splits))]
            except FATAL:
                raise
            except Exception as cause:
                ledger.failed(job, cause)
            else:
                # the trainer itself divides them by architecture, into programs that run side by side
                group = groups.setdefault((job.batch_size, job.initial_epoch, job.epochs), [])
                if expected and compiling is None and _alike(group, networks):
                    compiling = compile_ahead(
                        networks[0].model,
                        plan.splits,
                        count=expected * len(plan.splits),
                        batch_size=job.batch_size,
                        monitor=plan.monitor,
                        mode=plan.mode,
                    )
                group.extend(networks)
        for group in groups.values():
            _train_group(group, plan, ledger)
    finally:
        if compiling is not None:
            compiling.join()  # a process must not end while it compiles


def _alike(before: Sequence["_Network"], networks: Sequence["_Network"]) -> bool:
    """Says whether the second trial of a group has networks of the first one's shapes."""
    if len(before) != len(networks):
        return False
    first, second = (
        [tuple(variable.shape) for variable in trial[0].model.variables] for trial in (before, networks)
    )
    return first == second


def _train_group(group: list["_Network"], plan: Plan, ledger: "_Ledger") -> None:
    job = group[0].job
    try:
        history = fit_population(
            [network.model for network in group],
            [plan.splits[network.number] for network in group],
            seeds=[plan.seeds[network.number] for network in group],
            epochs=job.epochs,
            initial_epoch=job.initial_epoch,
            batch_size=job.batch_size,
            patience=plan.patience,
            monitor=plan.monitor,
            mode=plan.mode,
            fallback=True,
            member_done=lambda index, member: ledger.member_done(group[index], member),
            epochs_done=ledger.listener.epochs_done,
        )
    except UnusableMetric:
        raise
    except FitFailed as failure:  # all others are trained
        ledger.reraise()
        for index, cause in failure.causes.items():
            if group[index].job.trial_id not in ledger.ended:
                ledger.failed(group[index].job, cause)
        return
    except Exception as cause:
        ledger.reraise()
        jobs = {network.job.trial_id: network.job for network in group}
        left = [job for trial_id, job in jobs.items() if trial_id not in ledger.ended]
        if len(jobs) == 1:
            for job in left:
                ledger.failed(job, cause)
            return
        for half in (left[: len(left) // 2], left[len(left) // 2 :]):
            for job in half:  # one of them is to blame, and the others are trained again without it
                ledger.trained.pop(job.trial_id, None)
            _as_populations(half, plan, ledger, len(half))
        return
    ledger.reraise()
    if history.interrupted:
        raise KeyboardInterrupt


class _Network(NamedTuple):
    """A network to train: the trial and the number of the member, and its model."""

    job: TrialJob
    number: int
    model: keras.Model


class _Ledger:
    """Gathers the members of each trial until it is whole."""

    def __init__(self, plan: Plan, listener: Listener) -> None:
        self.plan, self.listener = plan, listener
        self.trained: dict[str, dict[int, tuple[keras.Model, MemberHistory]]] = {}
        self.ended: set[str] = set()
        self.raised: BaseException | None = None

    def member_done(self, network: _Network, member: MemberHistory) -> None:
        """Notes a trained network."""
        if member.stop_reason == "interrupted" or self.raised is not None:
            return
        job, number, model = network
        try:
            self.listener.member_done(job, number, member, model)
            trained = self.trained.setdefault(job.trial_id, {})
            trained[number] = (model, member)
            if len(trained) == len(self.plan.splits):
                del self.trained[job.trial_id]
                self.ended.add(job.trial_id)
                models, members = zip(*(trained[number] for number in sorted(trained)), strict=True)
                self.listener.trial_done(record_of(job, members), list(models))
        except BaseException as cause:  # not the training's fault, whoever catches it on the way
            self.raised = cause
            raise

    def failed(self, job: TrialJob, cause: Exception) -> None:
        """Notes a trial that cannot be trained."""
        trained = self.trained.pop(job.trial_id, {})
        members = [trained[number][1] for number in sorted(trained)]
        self.ended.add(job.trial_id)
        self.listener.trial_done(record_of(job, members, error=in_words(cause)), [])

    def reraise(self) -> None:
        """Raises what a listener raised."""
        if self.raised is not None:
            raise self.raised
