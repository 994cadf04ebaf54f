"""The files of a KerasTuner project: written whole, and rebuilt from each other where they are damaged.

KerasTuner truncates a file before it writes it, and reads no project of which one file is cut short. Here
every file takes the place of the old one in one step; what an earlier version or a disk has left
damaged is made again from the others.
"""

import json
import shutil
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import keras_tuner
from keras_tuner.engine.trial import Trial, TrialStatus

from kerasreg.checks import InvalidInput
from kerasreg.files import PARTIAL, write_atomically
from kerasreg.tune.checkpoints import HISTORY
from kerasreg.tune.folder import HOLDER, LOCK, held

UNREADABLE = (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError)
ENDED = (TrialStatus.COMPLETED, TrialStatus.FAILED)


def write_whole(oracle: keras_tuner.Oracle) -> None:
    """Lets an oracle write its own file and its trials' so that a kill leaves the old one or the new one."""

    def save() -> None:
        text = json.dumps(oracle.get_state())
        write_atomically(oracle._get_oracle_fname(), text)
        oracle.known_text = text

    def save_trial(trial: Trial) -> None:
        folder = Path(oracle._get_trial_dir(trial.trial_id))
        write_atomically(folder / "trial.json", json.dumps(trial.get_state()))

    oracle.save, oracle._save_trial = save, save_trial


@contextmanager
def opened(folder: Path, *, overwrite: bool) -> Iterator[bool]:
    """Keeps other processes out of a project while a tuner reads it, and discards it if it is to.

    Args:
        folder: The project's folder, which need not exist.
        overwrite: Whether to discard what it holds.

    Yields:
        Whether the project may be written to: one that another process searches is only looked at.

    Raises:
        InvalidInput: If it is to be discarded and another process searches it.
    """
    with ExitStack() as stack:
        try:
            if folder.exists():
                stack.enter_context(held(folder))
        except InvalidInput:
            if overwrite:
                raise
            yield False
            return
        if overwrite and folder.exists():
            for path in folder.iterdir():
                if path.name not in (LOCK, HOLDER):
                    shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
        elif trials_in(folder):
            # KerasTuner takes a project without this file, which holds nothing, for a new one
            write_atomically(folder / "tuner0.json", "{}")
        yield True


def is_known(oracle: keras_tuner.Oracle) -> bool:
    """Says whether the project is as this oracle read or wrote it last."""
    path = Path(oracle._get_oracle_fname())
    return not path.exists() or path.read_text(encoding="utf-8") == getattr(oracle, "known_text", None)


def trials_in(folder: Path) -> list[Path]:
    """Returns the folders of a project's trials that hold anything, in the order of their numbers.

    What a process was writing when it was killed counts for nothing: such a trial had not begun.
    """
    return sorted(path for path in folder.glob("trial_*") if path.is_dir() and not _is_bare(path))


def _is_bare(folder: Path) -> bool:
    return all(path.match(PARTIAL) for path in folder.iterdir())


def reload_oracle(oracle: keras_tuner.Oracle, populate: Callable[[], None], *, write: bool) -> None:
    """Reads a project, rebuilding what is damaged, with a warning.

    Args:
        oracle: An oracle that has proposed nothing yet.
        populate: Fills in its search space, as for a new project.
        write: Whether to write what was rebuilt; not while another process writes.
    """
    folder = Path(oracle._project_dir)
    if write:
        for leftover in folder.rglob(PARTIAL):
            leftover.unlink()
    fresh, damaged = oracle.get_state(), {}
    for path in trials_in(folder):
        trial_id = path.name.removeprefix("trial_")
        try:
            trial = Trial.from_state(json.loads((path / "trial.json").read_text(encoding="utf-8")))
            if trial.trial_id != trial_id or not isinstance(trial.hyperparameters.values, dict):
                raise ValueError(f"it is that of trial {trial.trial_id!r}")
            oracle.trials[trial_id] = trial
        except UNREADABLE as cause:
            damaged[path] = cause
    try:
        state = json.loads((folder / "oracle.json").read_text(encoding="utf-8"))
        for name, value in fresh.items():
            for kind in (list, dict):
                if isinstance(value, kind) and not isinstance(state[name], kind):
                    raise ValueError(f"its {name} is {state[name]!r}")
        names = state["ongoing_trials"].items()
        state["ongoing_trials"] = {worker: name for worker, name in names if name in oracle.trials}
        oracle.set_state(state)
        _forget_unannounced(oracle)
    except UNREADABLE as cause:
        oracle.set_state(fresh)
        populate()
        _rebuild(oracle)
        _warn(folder / "oracle.json", cause, "it was rebuilt from its trials")
    for path, cause in damaged.items():
        trial = _from_history(oracle, path)
        oracle.trials[trial.trial_id] = trial
        how = "rebuilt from its history" if trial.status == TrialStatus.COMPLETED else "counted as failed"
        _warn(path / "trial.json", cause, f"the trial was {how}")
        if write:
            oracle._save_trial(trial)
    oracle.trials = dict(sorted(oracle.trials.items()))
    _mend(oracle)
    if write:
        oracle.save()


def _forget_unannounced(oracle: keras_tuner.Oracle) -> None:
    """Drops the trial whose file a kill let through and the oracle's not; the oracle proposes it again."""
    oracle.trials = {
        name: trial
        for name, trial in oracle.trials.items()
        if name in oracle.start_order or trial.status in ENDED
    }


def _warn(path: Path, cause: Exception, then: str) -> None:
    warnings.warn(f"{str(path)!r} could not be read ({type(cause).__name__}: {cause}); {then}.", stacklevel=6)


def _from_history(oracle: keras_tuner.Oracle, folder: Path) -> Trial:
    """Returns a trial whose own file is damaged, as its history tells of it, or as failed."""
    trial = Trial(oracle.get_space(), trial_id=folder.name.removeprefix("trial_"), status=TrialStatus.FAILED)
    trial.message = "Its trial.json was damaged."
    try:
        record = json.loads((folder / HISTORY).read_text(encoding="utf-8"))
        values, score = dict(record["hyperparameters"]), float(record["score"])
        name = oracle.objective.name
        trial.metrics.register(name, direction=oracle.objective.direction)
        trial.metrics.update(name, score, step=int(record["best_epoch"][0]) - 1)
    except UNREADABLE:  # it failed, or had not ended
        return trial
    trial.hyperparameters.values, trial.score = values, score
    trial.status, trial.message = TrialStatus.COMPLETED, None
    return trial


def _mend(oracle: keras_tuner.Oracle) -> None:
    """Makes an oracle's lists agree with its trials, of which a kill may have kept a later state."""
    known = oracle.trials
    oracle.start_order = [name for name in oracle.start_order if name in known]
    oracle.start_order += [name for name in known if name not in oracle.start_order]
    ended = [name for name in oracle.start_order if known[name].status in ENDED]
    oracle.end_order = [name for name in oracle.end_order if name in ended]
    oracle.end_order += [name for name in ended if name not in oracle.end_order]
    oracle._retry_queue = [name for name in oracle._retry_queue if name in known and name not in ended]
    ongoing = {name: trial for name, trial in oracle.ongoing_trials.items() if trial.trial_id not in ended}
    begun = {*ended, *oracle._retry_queue, *(trial.trial_id for trial in ongoing.values())}
    workers = (name for name in map("worker {}".format, count()) if name not in ongoing)
    ongoing |= {next(workers): known[name] for name in oracle.start_order if name not in begun}
    oracle.ongoing_trials = ongoing
    for name in oracle.start_order:
        oracle._record_values(known[name])


def _rebuild(oracle: keras_tuner.Oracle) -> None:
    """Gives an oracle back what it had told its file, from its trials."""
    for name, trial in sorted(oracle.trials.items()):
        oracle.update_space(trial.hyperparameters)
        oracle._run_times[name] = int(trial.status in ENDED)
        # each value was drawn with a seed of its own
        values = trial.hyperparameters.values
        if "tuner/trial_id" not in values:
            oracle._seed_state += sum(not key.startswith("tuner/") for key in values)
        if trial.status == TrialStatus.INVALID:
            oracle._retry_queue.append(name)
    if isinstance(oracle, keras_tuner.oracles.HyperbandOracle):
        _rebuild_brackets(oracle)


def _rebuild_brackets(oracle: keras_tuner.oracles.HyperbandOracle) -> None:
    """Gives Hyperband back its brackets, by the notes that it leaves among its trials' values."""
    brackets: list[dict[str, Any]] = []
    home: dict[str, dict[str, Any]] = {}
    for name, trial in sorted(oracle.trials.items()):
        values = trial.hyperparameters.values
        past, number = values.get("tuner/trial_id"), values.get("tuner/bracket", 0)
        if past is None:
            last = next((one for one in reversed(brackets) if one["bracket_num"] == number), None)
            if last is None or len(last["rounds"][0]) >= oracle._get_size(number, 0):
                rounds: list[list] = [[] for _ in range(oracle._get_num_rounds(number))]
                last = {"bracket_num": number, "rounds": rounds}
                brackets.append(last)
            home[name], position = last, 0
        elif past in home:
            home[name], position = home[past], values.get("tuner/round", 0)
        else:
            continue
        home[name]["rounds"][position].append({"past_id": past, "id": name})
    if brackets:
        largest = brackets[0]["bracket_num"]
        oracle._brackets = brackets
        oracle._current_bracket = brackets[-1]["bracket_num"]
        oracle._current_iteration = sum(one["bracket_num"] == largest for one in brackets) - 1
