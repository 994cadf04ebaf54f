"""Progress bar over the epochs of a population."""

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from kerasreg.records import MemberHistory


class EpochBar:
    """Shows the epochs of all members that are done, the time left and the best score so far.

    Args:
        epochs: Epochs of all members together, if none stops early.
        mode: `"min"` if a smaller score is better, `"max"` if a larger one is.
        shown: Whether to show anything.
    """

    def __init__(self, epochs: int, *, mode: str, shown: bool) -> None:
        self.bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed:.0f}/{task.total:.0f} epochs"),
            TimeRemainingColumn(),
            TextColumn("{task.fields[best]}"),
            console=Console(stderr=True),
            transient=True,
            disable=not shown,
        )
        self.task = self.bar.add_task("training", total=epochs, best="")
        self.better = min if mode == "min" else max
        self.best: float | None = None

    def __enter__(self) -> "EpochBar":
        self.bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Takes the bar off the screen."""
        self.bar.stop()

    def epochs_done(self, count: int) -> None:
        """Moves the bar."""
        self.bar.advance(self.task, count)

    def member_done(self, member: MemberHistory, *, left: int) -> None:
        """Counts the epochs that a member did not need, and shows its score if it is the best."""
        if member.score == member.score:  # not NaN
            self.best = member.score if self.best is None else self.better(self.best, member.score)
            self.bar.update(self.task, best=f"best {self.best:.4f}")
        self.bar.advance(self.task, left)
