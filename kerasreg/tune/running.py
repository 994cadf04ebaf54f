"""The trials of a search: asked for, trained, recorded, and reported back to the oracle."""

import math
import time
from dataclasses import replace

import keras

from kerasreg.checks import InvalidInput
from kerasreg.records import MemberHistory, SearchResult, Split, TrialRecord
from kerasreg.records.table import as_json
from kerasreg.tune.asking import ask, batch_size_for, learns, report
from kerasreg.tune.hypermodels import RegularizedHyperModel
from kerasreg.tune.jobs import Plan, TrialJob
from kerasreg.tune.members import job_for, member_seeds, plan_for
from kerasreg.tune.memory import Memory, memory_of_search
from kerasreg.tune.progress import Progress
from kerasreg.tune.settings import SearchSettings
from kerasreg.tune.store import ResultStore
from kerasreg.tune.training import Listener, OutOfTimeError, train
from kerasreg.tune.tuners import oracle_for

FIRST_NETWORKS_IN_A_HURRY = 4
PROMOTED = "tuner/trial_id"  # where Hyperband notes which trial a promoted one was before


def run_trials(
    result: SearchResult,
    hypermodel: RegularizedHyperModel,
    splits: list[Split],
    settings: SearchSettings,
    store: ResultStore,
    progress: Progress,
    time_budget: float | None = None,
) -> SearchResult:
    """Runs the search to its end, taking from `result` the trials that it has already.

    Where an oracle learns from the scores it is asked for the same batches of trials in every run, with
    either engine and whatever the time budget, so that it proposes the same ones whether the scores are new
    or recorded.

    Returns:
        The result with all trials in the order they were proposed.

    Raises:
        FreshProcessNeeded: If the command's process has grown too large; what is trained is recorded.
    """
    plan = plan_for(splits, member_seeds(len(splits), seed=result.seed), settings)
    clock = _Clock(time_budget, members=len(splits))
    memory = memory_of_search()
    one_by_one = settings.engine == "fit"
    recorder = _Recorder(result, store, progress, clock, memory if one_by_one else None)
    stopped_by = None
    with oracle_for(hypermodel, settings, seed=result.seed) as oracle:
        try:
            while stopped_by is None:
                at_most = batch_size_for(oracle, members=len(splits))
                if not learns(oracle):
                    at_most = clock.at_most(at_most)
                batch, is_last = ask(oracle, at_most)
                jobs = []
                for trial in batch:
                    # the oracle's values hold what Hyperband notes of its brackets, too
                    values = hypermodel.values(trial.hyperparameters) | trial.hyperparameters.values
                    if PROMOTED in values:
                        values[PROMOTED] = number_of(values[PROMOTED])
                    number = number_of(trial.trial_id)
                    if not recorder.knows(number, values):
                        jobs.append(job_for(number, hypermodel, values, plan, settings))
                try:
                    recorder.train(jobs, plan)
                except OutOfTimeError:
                    stopped_by = "time_budget"
                    break
                for trial in batch:
                    report(oracle, trial, recorder.records[number_of(trial.trial_id)])
                    oracle.end_trial(trial)
                if jobs and not is_last and not one_by_one:
                    memory.check()
                if is_last:
                    enough = len(recorder.records) >= settings.max_trials
                    stopped_by = "max_trials" if enough else "space_exhausted"
        finally:
            store.flush()
    result = replace(recorder.result, stopped_by=stopped_by)
    store.save(result)
    return result


def number_of(trial_id: str) -> str:
    """Returns a trial's number, counted from 1, as it stands wherever a search tells of it.

    KerasTuner counts from 0 and fills up with zeros, by how many trials there may be.
    """
    return str(int(trial_id) + 1)


class _Clock:
    """How many trials the time budget has room for, at the pace so far.

    Args:
        time_budget: Seconds, or `None`.
        members: Networks of a trial.
    """

    def __init__(self, time_budget: float | None, *, members: int) -> None:
        self.began = time.monotonic()
        self.budget = math.inf if time_budget is None else time_budget
        self.members = members
        self.trained = 0

    @property
    def seconds(self) -> float:
        """Seconds since the search began, or was resumed."""
        return time.monotonic() - self.began

    def at_most(self, limit: int) -> int:
        """Returns how many trials to begin, at least 1 and at most `limit`."""
        if math.isinf(self.budget):
            return limit
        if not self.trained:
            return min(limit, max(1, FIRST_NETWORKS_IN_A_HURRY // self.members))
        pace = self.seconds / self.trained
        return max(1, min(limit, int((self.budget - self.seconds) / pace)))


class _Recorder(Listener):
    """Puts every trial into the result as soon as it has ended, and checks the memory if it has to."""

    def __init__(
        self,
        result: SearchResult,
        store: ResultStore,
        progress: Progress,
        clock: _Clock,
        memory: Memory | None,
    ) -> None:
        self.result, self.store, self.progress, self.clock = result, store, progress, clock
        self.memory = memory
        self.records = {record.trial_id: record for record in result.trials}
        self.seconds_before = result.seconds.get("search", 0.0)

    def knows(self, number: str, values: dict) -> bool:
        """Says whether a trial is recorded already.

        Raises:
            InvalidInput: If another one is recorded under its number.
        """
        record = self.records.get(number)
        if record is not None and record.hyperparameters != as_json(values):
            raise InvalidInput(
                f"The search in {str(self.store.directory)!r} cannot be resumed: its trial "
                f"{record.trial_id} is not the one this version of the libraries proposes. "
                "Name another output directory, or pass --overwrite to discard it."
            )
        return record is not None

    def train(self, jobs: list[TrialJob], plan: Plan) -> None:
        """Trains what is not recorded.

        Raises:
            OutOfTimeError: If the time is up, and at least one trial is recorded.
        """
        if not jobs:
            return
        if self.out_of_time():
            raise OutOfTimeError
        self.progress.batch_begins(len(jobs))
        train(jobs, plan, self, expected=len(jobs))

    def member_done(self, job: TrialJob, number: int, member: MemberHistory, model: keras.Model) -> None:
        """Moves the progress on."""
        self.progress.member_done()

    def epochs_done(self, count: int) -> None:
        """Says that networks are being trained."""
        self.progress.epochs_done(count)

    def trial_done(self, record: TrialRecord, models: list[keras.Model]) -> None:
        """Records a trial."""
        self.clock.trained += 1
        self.records[record.trial_id] = record
        self.result = replace(
            self.result,
            trials=tuple(self.records[trial_id] for trial_id in sorted(self.records, key=int)),
            seconds={"search": self.seconds_before + self.clock.seconds},
        )
        self.store.offer(self.result)
        self.progress.trial_done(record, self.result)
        if self.memory is not None:
            self.memory.check()

    def out_of_time(self) -> bool:
        """Says whether the time is up; never before the first trial has ended."""
        return bool(self.records) and self.clock.seconds > self.clock.budget
