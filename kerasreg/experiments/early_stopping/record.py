"""Error curves of networks that were trained too long."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasreg.checks import InvalidInput, check_one_of
from kerasreg.intervals import exact_interval, limits_of, mean_interval
from kerasreg.records.record import ExperimentRecord
from kerasreg.records.table import as_table

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MIN_FINISHED = 3  # one network chooses an epoch or a rule, and two judge it


@dataclass(frozen=True, kw_only=True)
class Overtraining(ExperimentRecord):
    """Training, validation and test error of several networks at every epoch, without early stopping.

    Networks that did not finish training have NaN in `curves`, and are left out of all statistics.

    Args:
        name: Name of the data set.
        metric: Metric that is the error by default, a name in the curves: `"mse"`, `"cross_entropy"`.
        curves: By part (`"train"`, `"test"` and, if there are such rows, `"validation"`), then by metric:
            nested lists of shape (repeats, epochs), at least three repeats. The training part is as Keras
            reports it: the mean over the batches of an epoch, each before its update.
        modes: `"min"` or `"max"` for each metric: whether lower or higher is better.
        num_rows: Number of rows of each part.
        batch_size: Rows per batch.
        fresh_data: Whether each repeat drew its own data; otherwise all share one `Split`.
        irreducible_error: Error that no model can go below on average, in units of `metric`, or `None`.
        twin_difference: Largest difference of the training metric between the two trainings of one
            network, one of which gave the test and one the validation curve; `None` without validation.
        seed: Seed of everything that was random.
        seconds: Seconds that the experiment took.

    Raises:
        InvalidInput: If the curves do not all have one shape, or there are fewer than three repeats.
    """

    name: str
    metric: str
    curves: dict[str, dict[str, list[list[float]]]]
    modes: dict[str, str]
    num_rows: dict[str, int]
    batch_size: int
    fresh_data: bool
    irreducible_error: float | None
    twin_difference: float | None
    seed: int
    seconds: float

    def __post_init__(self) -> None:
        shapes = {np.shape(curve) for metrics in self.curves.values() for curve in metrics.values()}
        if len(shapes) != 1 or len(shape := next(iter(shapes))) != 2 or shape[0] < 3 or shape[1] < 1:
            raise InvalidInput(
                "All curves must have one shape (repeats, epochs) with at least three repeats; received "
                f"{sorted(shapes)}."
            )
        for part in ("train", "test"):
            check_one_of("metric", self.metric, tuple(self.curves.get(part, ())))
        for metric in self.curves["test"]:
            check_one_of(f"The mode of {metric}", self.modes.get(metric), ("min", "max"))

    def sign(self, metric: str | None = None) -> int:
        """Returns 1 for a metric whose lower values are better, -1 if higher values are."""
        return 1 if self.modes[metric or self.metric] == "min" else -1

    @property
    def shape(self) -> tuple[int, int]:
        """Numbers of repeats and of epochs."""
        return np.shape(self.curves["test"][self.metric])

    @property
    def updates_per_epoch(self) -> int:
        """Number of updates in an epoch."""
        return -(-self.num_rows["train"] // self.batch_size)

    @property
    def finished(self) -> list[int]:
        """Repeats, counted from 0, whose networks finished training."""
        stacked = [np.asarray(curve, float) for part in self.curves.values() for curve in part.values()]
        return np.flatnonzero(np.isfinite(stacked).all(axis=(0, 2))).tolist()

    def curve(self, part: str, metric: str | None = None) -> np.ndarray:
        """Returns a metric of the repeats that finished, shape (len(finished), epochs).

        Args:
            part: `"train"`, `"validation"` or `"test"`.
            metric: Name in `curves[part]`; by default `self.metric`.

        Raises:
            InvalidInput: If there is no such part or metric, or fewer than three networks finished.
        """
        check_one_of("part", part, tuple(self.curves))
        metric = check_one_of("metric", metric or self.metric, tuple(self.curves[part]))
        if len(self.finished) < MIN_FINISHED:
            raise InvalidInput(f"{self._too_few()} If the others diverged, lower the learning rate.")
        return np.asarray(self.curves[part][metric], dtype=float)[self.finished]

    def band(self, part: str, metric: str | None = None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Returns the mean over the repeats and the ends of its 95 % interval, each of shape (epochs,).

        The intervals are for each epoch alone; that all of them hold at once is less certain.
        """
        limits = limits_of(metric or self.metric)
        of_epochs = [mean_interval(values, limits=limits) for values in self.curve(part, metric).T]
        ends = np.array([interval for _, _, interval in of_epochs])
        return np.array([mean for mean, _, _ in of_epochs]), ends[:, 0], ends[:, 1]

    def optimum(self, metric: str | None = None) -> tuple[int, float]:
        """Returns the epoch with the best mean test error, counted from 1, and that mean."""
        mean = self.curve("test", metric).mean(axis=0)
        position = int((self.sign(metric) * mean).argmin())
        return position + 1, float(mean[position])

    def optima(self, metric: str | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Returns each finished repeat's own best epoch, counted from 1, and its test error there."""
        curves = self.curve("test", metric)
        positions = (self.sign(metric) * curves).argmin(axis=1)
        return positions + 1, curves[np.arange(len(curves)), positions]

    def harm(self, metric: str | None = None) -> tuple[int, np.ndarray]:
        """Returns an epoch chosen on the first third of the networks, and how much worse the others ended.

        Returns:
            The epoch, counted from 1, with the best mean test error of the first third; and for each of the
            others how much worse its last epoch is than that epoch, above 0 where further training did
            harm.
        """
        curves = self.sign(metric) * self.curve("test", metric)
        first = num_choosing(len(curves))
        best = int(curves[:first].mean(axis=0).argmin())
        return best + 1, curves[first:, -1] - curves[first:, best]

    def summary(self, metric: str | None = None) -> str:
        """Returns the verdict, its figures with 95 % intervals, and the conditions.

        Args:
            metric: Metric of the test part; by default `self.metric`.
        """
        return self._summary_of(self.sentences(metric))

    def sentences(self, metric: str | None = None) -> Iterator[str]:
        """Yields the lines of the summary, the verdict first."""
        metric = metric or self.metric
        epochs, num_finished = self.shape[1], len(self.finished)
        if num_finished < MIN_FINISHED:
            yield f"Nothing can be said: {self._too_few()}"
            return
        chosen, harm = self.harm(metric)
        low, high = mean_interval(harm)[2]
        name = metric_words(metric)
        start = f"from epoch {chosen} to epoch {epochs} the test {name} got"
        if high < 0:
            yield f"Further training did good: {start} better by {spelled(-harm)} on average."
        else:
            verdict = "Further training did harm" if low > 0 else "No effect of further training is shown"
            yield f"{verdict}: {start} worse by {spelled(harm)} on average."
        yield f"{counted(harm > 0, 'networks ended worse')}."
        best, _ = self.optimum(metric)
        test, limits = self.curve("test", metric), limits_of(metric)
        at_best, at_end = (spelled(test[:, epoch], limits) for epoch in (best - 1, -1))
        yield (
            f"The test {name}, averaged over all {num_finished} networks, is best at epoch {best}: "
            f"{at_best}, which is optimistic, as the epoch was chosen on it. At the last epoch it is "
            f"{at_end}."
        )
        own, _ = self.optima(metric)
        yield f"The best epochs of single networks range from {own.min()} to {own.max()}."
        if best == epochs:
            yield "The best epoch is the last one, so the optimum may lie beyond it."
        if self.irreducible_error is not None and metric == self.metric:
            yield f"The irreducible error is {self.irreducible_error:.3g}."
        data = "draw of the data" if self.fresh_data else "order of the same rows, to which this is limited"
        yield (
            f"{num_finished} networks on {self.name} ({self.num_rows['train']} training rows), each with its "
            f"own initial weights and {data}. The first {num_finished - len(harm)} chose epoch {chosen}, the "
            f"other {len(harm)} judge it. Brackets: 95 % intervals over the networks."
        )
        left_out = self.shape[0] - num_finished
        if left_out and not self.interrupted:  # after Ctrl-C the summary opens with it
            yield f"{left_out} of {self.shape[0]} networks diverged and are left out."

    def _too_few(self) -> str:
        return (
            f"{len(self.finished)} of {self.shape[0]} networks finished training, and at least "
            f"{MIN_FINISHED} are needed."
        )

    def plot(self, ax: "Axes | None" = None, *, metric: str | None = None) -> "Axes":
        """Draws the mean error of each part against the epoch, with its 95 % interval as a band.

        Args:
            ax: Axes to draw in; a new figure if `None`.
            metric: Metric to draw; by default `self.metric`.

        Returns:
            The Axes: a line and a band for each part, a star at the optimum of the mean test error, a dot at
            the optimum of each network, and a dashed line at the irreducible error.

        Raises:
            InvalidInput: If there is no such metric, or fewer than three networks finished.
        """
        from kerasreg.experiments.early_stopping.plot import draw_curves

        return draw_curves(self, ax, metric=metric)

    def to_frame(self) -> Any:
        """Returns one row for each repeat and epoch: a DataFrame with pandas, plain rows without."""
        columns = {
            f"{part}_{name}": curves
            for part, metrics in self.curves.items()
            for name, curves in metrics.items()
        }
        repeats, epochs = self.shape
        return as_table(
            [
                {"repeat": repeat, "epoch": epoch + 1}
                | {name: curves[repeat][epoch] for name, curves in columns.items()}
                for repeat in range(repeats)
                for epoch in range(epochs)
            ]
        )


def num_choosing(num_networks: int) -> int:
    """Returns how many of the networks choose an epoch or a rule, so that the rest can judge it.

    A choice is optimistic for the networks it was made on. Judging each network by a choice of all others
    (leave-one-out) makes the differences depend on each other: on pure noise their 95 % interval missed 0
    three times as often as it should. With a choice of the first third the rest stay independent.
    """
    return max(1, num_networks // 3)


def metric_words(metric: str) -> str:
    """Returns the name of a metric in sentences, with its unit."""
    names = {"cross_entropy": "cross-entropy in nats", "mse": "mean squared error"}
    return names.get(metric, metric.replace("_", " "))


def spelled(values: np.ndarray, limits: tuple[float, float] = (-np.inf, np.inf)) -> str:
    """Returns the mean of several values with its 95 % interval, as "mean [low, high]"."""
    mean, _, (low, high) = mean_interval(values, limits=limits)
    return f"{mean:.3g} [{low:.3g}, {high:.3g}]"


def counted(true: np.ndarray, what: str) -> str:
    """Returns for how many networks something is true, with its exact interval, and whether for most.

    A few networks with large values can dominate a mean; they cannot dominate this count.
    """
    count, num_networks = int(true.sum()), len(true)
    low, high = exact_interval(count, num_networks)
    verdict = "most do" if low > 0.5 else "most do not" if high < 0.5 else "whether most do is not shown"
    share = f"95 % interval {100 * low:.0f} to {100 * high:.0f} % of all such networks"
    return f"{count} of {num_networks} {what} ({share}): {verdict}"
