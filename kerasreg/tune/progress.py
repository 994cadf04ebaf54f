"""Who is told how a search goes: nobody, a bar on a terminal, or lines in a log."""

from types import TracebackType
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from kerasreg.records import SearchResult, TrialRecord
from kerasreg.report.numbers import count
from kerasreg.tune.settings import SearchSettings


class Progress:
    """Tells nobody. The subclasses say the same things aloud."""

    def __enter__(self) -> "Progress":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Ends what is shown."""

    def search_begins(self, settings: SearchSettings, result: SearchResult) -> None:
        """Called once, with what an earlier run left."""

    def batch_begins(self, trials: int) -> None:
        """Called before the first network of so many trials that are trained together."""

    def member_done(self) -> None:
        """Called after each network of a trial."""

    def epochs_done(self, count: int) -> None:
        """Called now and then with the number of epochs of networks trained together since."""

    def trial_done(self, trial: TrialRecord, result: SearchResult) -> None:
        """Called when a trial has been recorded."""

    def retraining_begins(self, fresh_seeds: int, done: int) -> None:
        """Called before the winner's first retraining."""

    def retraining_done(self, entry: dict[str, Any]) -> None:
        """Called after each retraining."""


class LineProgress(Progress):
    """Prints a line for each trial and each retraining, for logs and pipes.

    Args:
        console: Where to print.
    """

    def __init__(self, console: Console) -> None:
        self.console = console
        self.max_trials = 0

    def search_begins(self, settings: SearchSettings, result: SearchResult) -> None:
        """Says what an earlier run left, if anything."""
        self.max_trials = settings.max_trials
        if result.trials:
            self._say(f"resuming after {count(len(result.trials), 'finished trial')}")

    def batch_begins(self, trials: int) -> None:
        """Says how many trials are under way, since all may end at once."""
        if trials > 1:
            self._say(f"training {trials} trials together")

    def trial_done(self, trial: TrialRecord, result: SearchResult) -> None:
        """Says the trial's score, the best so far, and how many trials have ended."""
        ended = f"{len(result.trials)} of {self.max_trials} ended"
        self._say(f"trial {trial.trial_id}: {outcome(trial, result)} ({trial.seconds:.1f} s), {ended}")

    def retraining_begins(self, fresh_seeds: int, done: int) -> None:
        """Says that the search is over."""
        if done < fresh_seeds:
            self._say(f"retraining the winner with {fresh_seeds} fresh seeds")

    def _say(self, line: str) -> None:
        self.console.print(line, soft_wrap=True, highlight=False, markup=False)


class BarProgress(Progress):
    """Shows one bar over all networks to train, with the time left and the best score so far.

    Args:
        console: The terminal.
    """

    def __init__(self, console: Console) -> None:
        self.bar = Bar(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed:.0f}/{task.total:.0f} networks{task.fields[epochs]}"),
            TimeRemainingColumn(),
            TextColumn("{task.fields[best]}"),
            console=console,
            transient=True,
        )
        self.members = 1
        self.epochs = 0
        self.task = self.bar.add_task("searching", total=1, best="", epochs="")

    def __enter__(self) -> "BarProgress":
        self.bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Takes the bar off the screen."""
        self.bar.stop()

    def search_begins(self, settings: SearchSettings, result: SearchResult) -> None:
        """Sets the bar's length: every network of the search and the retrainings."""
        self.members = settings.folds * settings.repeats
        total = settings.max_trials * self.members + settings.fresh_seeds
        done = len(result.trials) * self.members
        self.bar.update(self.task, total=total, completed=done, best=best_so_far(result))

    def member_done(self) -> None:
        """Moves the bar by one network."""
        self.bar.advance(self.task)

    def epochs_done(self, count: int) -> None:
        """Counts epochs: of many networks trained together, none may have finished for a while."""
        self.epochs += count
        self.bar.update(self.task, epochs=f", {self.epochs} epochs")

    def trial_done(self, trial: TrialRecord, result: SearchResult) -> None:
        """Shows the best score so far, and a failure; a failed trial's untrained networks count as done."""
        if trial.score is None:
            failure = f"trial {trial.trial_id} failed: {trial.error}"
            self.bar.console.print(failure, soft_wrap=True, highlight=False, markup=False)
        completed = len(result.trials) * self.members
        self.bar.update(self.task, completed=completed, best=best_so_far(result))

    def retraining_begins(self, fresh_seeds: int, done: int) -> None:
        """Counts only the retrainings from here, since the search may have ended early."""
        self.bar.update(self.task, description="retraining the winner", total=fresh_seeds, completed=done)

    def retraining_done(self, entry: dict[str, Any]) -> None:
        """Moves the bar by one network."""
        self.bar.advance(self.task)


def best_so_far(result: SearchResult) -> str:
    """Returns the best score in words, or nothing before there is one."""
    ranked = result.ranked()
    return f"best {result.objective['name']} {ranked[0].score:.4f}" if ranked else ""


def outcome(trial: TrialRecord, result: SearchResult) -> str:
    """Returns in words how a trial ended, and the best score so far."""
    if trial.score is None:
        return f"failed: {trial.error}"
    return f"{result.objective['name']} {trial.score:.4f}, {best_so_far(result)}"


def progress_on(console: Console) -> Progress:
    """Returns a bar where the console is a terminal or a notebook, and lines elsewhere."""
    if console.is_terminal or console.is_jupyter:
        return BarProgress(console)
    return LineProgress(console)
