"""Start of the worker threads and dispatch of their results."""

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass

import keras
import numpy as np

from kerasreg.population.devices import workers_at_once
from kerasreg.population.member.member import Name
from kerasreg.population.schedule.interrupts import ctrl_c_calls
from kerasreg.population.schedule.training_job import Job
from kerasreg.population.schedule.workers import Group, Workers
from kerasreg.population.tensorflow_logging import without_retracing_advice
from kerasreg.records import MemberHistory

MemberDone = Callable[[int, MemberHistory], None]


@dataclass
class Run:
    """Totals of one training.

    Args:
        programs: Number of programs that were compiled.
        compile_seconds: Seconds that their compilation took.
        interrupted: Whether Ctrl-C was pressed.
    """

    programs: int = 0
    compile_seconds: float = 0.0
    interrupted: bool = False

    def interrupt(self, model: keras.Model) -> None:
        """Lets a model that Keras trains stop after its epoch, with its best weights."""
        self.interrupted = model.stop_training = True


def run(
    groups: list[Group],
    jobs: list[Job],
    done: MemberDone,
    epochs_done: Callable[[int], None],
    *,
    best: bool,
) -> Run:
    """Trains all groups in worker threads; weights are written and callbacks called in this thread.

    Args:
        groups: Members to train, by program.
        jobs: All members.
        done: Function called with the index and record of each member that has its final weights.
        epochs_done: Function called with the number of epochs trained since.
        best: Whether members end with their best weights, or with their last.
    """
    results: deque[tuple[Job, dict[Name, np.ndarray]]] = deque()
    epochs: deque[int] = deque()
    workers = Workers(
        groups,
        best=best,
        finished=lambda job, weights: results.append((job, weights)),
        epochs_done=epochs.append,
    )

    def hand_on() -> None:
        while epochs:
            epochs_done(epochs.popleft())
        while results:
            job, weights = results[0]  # taken away when it is written, so that Ctrl-C loses none
            job.member.write(weights)
            results.popleft()
            done(job.index, job.history())

    interrupted = threading.Event()
    threads = min(workers_at_once(), len(jobs))

    def interrupt() -> None:
        interrupted.set()
        workers.stop.set()

    executor = ThreadPoolExecutor(threads, thread_name_prefix="kerasreg")
    patient = True
    # a program is traced once for each size it runs in, as it must
    with without_retracing_advice(), ctrl_c_calls(interrupt):
        try:
            try:
                futures = [executor.submit(workers.work) for _ in range(threads)]
                while wait(futures, timeout=0.05).not_done:
                    hand_on()
                    if any(future.done() and future.exception() for future in futures):
                        break  # the others stop, and it is raised below
                hand_on()
            except KeyboardInterrupt:  # from who is told, or where signals are not to be had
                if interrupted.is_set():
                    raise
                interrupt()
            finally:
                workers.stop.set()
            wait(futures)
        except KeyboardInterrupt:  # pressed again: neither an epoch nor a compilation is waited for
            patient = False
            raise
        finally:
            executor.shutdown(wait=patient, cancel_futures=True)
    hand_on()
    for future in futures:
        future.result()
    return Run(workers.programs, workers.compile_seconds, interrupted.is_set())
