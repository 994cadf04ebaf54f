"""Many trials from an oracle at once, and their results back to it.

KerasTuner's oracles give each of several workers a trial of its own; here one process asks in the name of
many. All trials of a batch are reported before the next batch is asked for, so what an oracle proposes
depends on the scores and on the size of the batches, not on the order in which trials end.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

import keras_tuner
import numpy as np
from keras_tuner.engine.trial import Trial, TrialStatus

from kerasreg.records import TrialRecord
from kerasreg.records.table import as_python

# Oracles whose proposals are the same however many are asked for at once. Every other one learns from the
# scores: of such an oracle few are asked at once, so that it has something to learn from.
INDIFFERENT = (
    keras_tuner.oracles.RandomSearchOracle,
    keras_tuner.oracles.GridSearchOracle,
    keras_tuner.oracles.HyperbandOracle,
)
LEARNING_BATCH = 4
NETWORKS_AT_ONCE = 128


def learns(oracle: keras_tuner.Oracle) -> bool:
    """Says whether what an oracle proposes depends on how many trials it is asked for at once."""
    return not isinstance(oracle, INDIFFERENT)


def batch_size_for(oracle: keras_tuner.Oracle, *, members: int) -> int:
    """Returns how many trials of so many networks each to ask for at once."""
    return LEARNING_BATCH if learns(oracle) else max(1, NETWORKS_AT_ONCE // members)


class Batch:
    """The next trials to train, asked for one after another.

    Trials that were asked for before and have not ended, as after Ctrl-C, come first and are to be trained
    again. They are still in the hands of workers, who would be given the same ones for ever.

    An oracle may propose NumPy's numbers, as Bayesian search does; here they become Python's.

    There are fewer than `at_most` where the oracle must see results first, as Hyperband at the end of a
    round.

    Args:
        oracle: The oracle.
        at_most: How many to ask for.
    """

    def __init__(self, oracle: keras_tuner.Oracle, at_most: int) -> None:
        self.oracle, self.at_most = oracle, at_most
        self.is_last = False

    def __iter__(self) -> Iterator[Trial]:
        """Yields the trials; once they have been, `is_last` says whether there will be others."""
        oracle = self.oracle
        batch: list[Trial] = []
        for trial in list(oracle.ongoing_trials.values())[: self.at_most]:
            batch.append(trial)
            yield _in_python(trial)
        while len(batch) < self.at_most and not (batch and round_is_given(oracle)):
            worker = next(
                name for name in map("worker {}".format, count()) if name not in oracle.ongoing_trials
            )
            trial = oracle.create_trial(worker)
            if trial.status == TrialStatus.IDLE and batch and look_on(oracle, batch[-1]):
                trial = oracle.create_trial(worker)
            self.is_last = trial.status == TrialStatus.STOPPED
            if trial.status in (TrialStatus.STOPPED, TrialStatus.IDLE):
                return
            batch.append(trial)
            yield _in_python(trial)

    @property
    def expected(self) -> int | None:
        """How many there will be if nothing fails, or `None` if the oracle decides by what it has seen."""
        if isinstance(self.oracle, keras_tuner.oracles.HyperbandOracle):
            return None
        ended = len(self.oracle.trials) - len(self.oracle.ongoing_trials)
        return min(self.at_most, (self.oracle.max_trials or math.inf) - ended)


def _in_python(trial: Trial) -> Trial:
    """Returns a trial with the values that its oracle proposes as Python's numbers and texts."""
    trial.hyperparameters.values = as_python(trial.hyperparameters.values)
    return trial


def ask(oracle: keras_tuner.Oracle, at_most: int) -> tuple[list[Trial], bool]:
    """Returns the trials of a batch, and whether they are the last."""
    batch = Batch(oracle, at_most)
    return list(batch), batch.is_last


def report(oracle: keras_tuner.Oracle, trial: Trial, record: TrialRecord) -> None:
    """Tells the oracle the metrics of a trial at its best epochs, their mean over its members.

    The trial has its status and message then, and is ready for `oracle.end_trial`.
    """
    if record.score is None:
        trial.status = TrialStatus.INVALID  # the oracle makes it FAILED, or tries it again
        trial.message = record.error
        return
    positions = [epoch - 1 for epoch in record.best_epoch]
    metrics = {
        name: float(np.mean([member[name][at] for member, at in zip(record.history, positions, strict=True)]))
        for name in record.history[0]
    }
    oracle.update_trial(trial.trial_id, metrics, step=int(np.mean(positions)))
    trial.status = TrialStatus.COMPLETED


@contextmanager
def failures_in_order(oracle: keras_tuner.Oracle) -> Iterator[None]:
    """Lets failures in a row be counted in the order of the trials.

    KerasTuner gives up after three failed trials in a row. In a batch those that fail end first, and would
    stand in a row though others stand between them.

    Raises:
        RuntimeError: From KerasTuner, if so many have failed in a row.
    """
    limit, before = oracle.max_consecutive_failed_trials, len(oracle.end_order)
    oracle.max_consecutive_failed_trials = float("inf")
    try:
        yield
    finally:
        oracle.max_consecutive_failed_trials = limit
        oracle.end_order[before:] = sorted(oracle.end_order[before:], key=oracle.start_order.index)
    oracle._check_consecutive_failures()


def round_is_given(oracle: keras_tuner.Oracle) -> bool:
    """Says whether Hyperband must see results before it can go on with its bracket.

    Asked for more it would begin another bracket, and leave too few trials for promotions in this one
    where their number is bounded.
    """
    if not isinstance(oracle, keras_tuner.oracles.HyperbandOracle):
        return False
    for bracket in oracle._brackets:
        rounds = bracket["rounds"]
        sizes = [oracle._get_size(bracket["bracket_num"], number) for number in range(len(rounds))]
        if len(rounds[0]) < sizes[0]:
            return False
        for number in range(1, len(rounds)):
            promoted = [entry["past_id"] for entry in rounds[number]]
            waiting = [entry["id"] for entry in rounds[number - 1] if entry["id"] not in promoted]
            ready = sum(oracle.trials[name].status == TrialStatus.COMPLETED for name in waiting)
            if ready > sizes[number - 1] - sizes[number]:
                return False
    return True


def look_on(oracle: keras_tuner.Oracle, trial: Trial) -> bool:
    """Lets a grid search go on from a trial that has not ended, as KerasTuner does from its first.

    Returns:
        Whether the oracle is a grid, and is worth asking again.
    """
    if not isinstance(oracle, keras_tuner.oracles.GridSearchOracle):
        return False
    oracle._populate_next.append(trial.trial_id)
    return True


def restore_grid(oracle: keras_tuner.Oracle) -> None:
    """Gives a reloaded grid search its place in the grid, which KerasTuner does not save."""
    if isinstance(oracle, keras_tuner.oracles.GridSearchOracle) and oracle.start_order:
        for trial_id in oracle.start_order:
            if trial_id not in oracle._ordered_ids._data_to_index:
                oracle._ordered_ids.insert(trial_id)
        oracle._populate_next.append(oracle.start_order[-1])
