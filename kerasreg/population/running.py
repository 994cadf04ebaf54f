"""The threads of a training, and the one that tells of it."""

from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass

import numpy as np

from kerasreg.population.devices import workers_at_once
from kerasreg.population.jobs import Job
from kerasreg.population.pool import Pool
from kerasreg.population.quiet import without_retracing_advice
from kerasreg.population.stack import Name
from kerasreg.population.workers import Group, Workers
from kerasreg.records import MemberHistory

MemberDone = Callable[[int, MemberHistory], None]


@dataclass
class Run:
    """How a training went as a whole.

    Args:
        programs: How many programs were compiled.
        compile_seconds: How long that took.
        interrupted: Whether someone pressed Ctrl-C.
    """

    programs: int = 0
    compile_seconds: float = 0.0
    interrupted: bool = False


def run(
    groups: list[Group],
    jobs: list[Job],
    pool: Pool,
    done: MemberDone,
    epochs_done: Callable[[int], None],
    *,
    best: bool,
) -> Run:
    """Trains all groups; models are written to, and others told, in this thread.

    Args:
        groups: Who is to be trained.
        jobs: All of them.
        pool: The data.
        done: Told of every member that has its final weights.
        epochs_done: Told how many epochs were trained.
        best: Whether these are its best or its last.
    """
    results: deque[tuple[Job, dict[Name, np.ndarray]]] = deque()
    epochs: deque[int] = deque()
    workers = Workers(
        groups,
        pool,
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

    interrupted = False
    threads = min(workers_at_once(), len(jobs))
    with (
        without_retracing_advice(),  # a program is traced once for each size it runs in, as it must
        ThreadPoolExecutor(threads, thread_name_prefix="kerasreg") as executor,
    ):
        futures = [executor.submit(workers.work) for _ in range(threads)]
        try:
            while wait(futures, timeout=0.05).not_done:
                hand_on()
            hand_on()
        except KeyboardInterrupt:
            interrupted = True
        finally:
            workers.stop.set()
    hand_on()
    for future in futures:
        future.result()
    return Run(workers.programs, workers.compile_seconds, interrupted)
