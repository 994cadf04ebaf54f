"""Error curves that were trained too long, and what rules of stopping would have made of them."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from kerasreg.checks import InvalidInput, check_one_of
from kerasreg.intervals import limits_of, mean_interval
from kerasreg.records.patience_replay import counted, in_words, num_choosing, spelled
from kerasreg.records.table import as_json, as_table, nan_for_none

CURVE_PARTS = ("train", "validation", "test")


@dataclass(frozen=True, kw_only=True)
class Overtraining:
    """Train, validation and test error of several networks, epoch by epoch, none of them stopped.

    Networks whose training diverged stay in `curves`, as NaN from where they ended, and are left out of
    all means.

    Args:
        name: What the data set is called.
        metric: The metric that is the error by default, a name in the curves: `"mse"`, `"cross_entropy"`.
        curves: By part (`"train"`, `"test"` and, where there were such rows, `"validation"`), then by
            metric: nested lists of shape (repeats, epochs), at least three repeats. The train part is as
            Keras reports it: the mean over the batches of an epoch, each before its update.
        modes: By metric, `"min"` if less of it is better, `"max"` if more is.
        num_rows: By part, how many rows it has.
        batch_size: Rows in a batch.
        fresh_data: Whether each repeat drew data of its own; otherwise all share one `Split`.
        irreducible_error: The error that no model can go below on average, in units of `metric`, or `None`.
        twin_difference: The largest difference of the training metric between the two trainings of one
            network, of which one gave the test and one the validation curve; `None` without validation.
        seed: The seed of all that was random.
        seconds: How long it took.

    Raises:
        InvalidInput: If the curves are not of one shape, or of fewer than three repeats.
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
        """Returns 1 for a metric of which less is better, -1 for one of which more is."""
        return 1 if self.modes[metric or self.metric] == "min" else -1

    @property
    def shape(self) -> tuple[int, int]:
        """The number of repeats and of epochs."""
        return np.shape(self.curves["test"][self.metric])

    @property
    def updates_per_epoch(self) -> int:
        """How often an epoch changes the weights."""
        return -(-self.num_rows["train"] // self.batch_size)

    @property
    def finished(self) -> list[int]:
        """The repeats, counted from 0, that did not diverge.

        Raises:
            InvalidInput: If there are fewer than three: one to choose an epoch, two to judge it.
        """
        stacked = [np.asarray(curve, float) for part in self.curves.values() for curve in part.values()]
        repeats = np.flatnonzero(np.isfinite(stacked).all(axis=(0, 2))).tolist()
        if len(repeats) < 3:
            raise InvalidInput(
                f"{self.shape[0] - len(repeats)} of {self.shape[0]} trainings diverged, and at least three "
                "must not. Lower the learning rate."
            )
        return repeats

    def curve(self, part: str, metric: str | None = None) -> np.ndarray:
        """Returns a metric of the repeats that finished, shape (len(finished), epochs).

        Args:
            part: `"train"`, `"validation"` or `"test"`.
            metric: A name in `curves[part]`; by default `self.metric`.

        Raises:
            InvalidInput: If there is no such part or metric, or fewer than three repeats finished.
        """
        check_one_of("part", part, tuple(self.curves))
        metric = check_one_of("metric", metric or self.metric, tuple(self.curves[part]))
        return np.asarray(self.curves[part][metric], dtype=float)[self.finished]

    def band(self, part: str, metric: str | None = None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Returns the mean over the repeats and the ends of its 95 % interval, each of shape (epochs,).

        Each epoch has its interval for itself: that all of them hold together is less certain.
        """
        limits = limits_of(metric or self.metric)
        of_epochs = [mean_interval(values, limits=limits) for values in self.curve(part, metric).T]
        ends = np.array([interval for _, _, interval in of_epochs])
        return np.array([mean for mean, _, _ in of_epochs]), ends[:, 0], ends[:, 1]

    def optimum(self, metric: str | None = None) -> tuple[int, float]:
        """Returns the epoch, counted from 1, where the mean test error is best, and that mean."""
        mean = self.curve("test", metric).mean(axis=0)
        position = int((self.sign(metric) * mean).argmin())
        return position + 1, float(mean[position])

    def optima(self, metric: str | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Returns each finished repeat's own best epoch, counted from 1, and its test error there."""
        curves = self.curve("test", metric)
        positions = (self.sign(metric) * curves).argmin(axis=1)
        return positions + 1, curves[np.arange(len(curves)), positions]

    def harm(self, metric: str | None = None) -> tuple[int, np.ndarray]:
        """Returns an epoch that the first third of the networks chose, and how much worse the others ended.

        Returns:
            The epoch, counted from 1, where the mean test error of those first is best; for each of the
            others its error at the last epoch against that epoch, above 0 where training on did harm.
        """
        curves = self.sign(metric) * self.curve("test", metric)
        first = num_choosing(len(curves))
        best = int(curves[:first].mean(axis=0).argmin())
        return best + 1, curves[first:, -1] - curves[first:, best]

    def summary(self, metric: str | None = None) -> str:
        """Returns what was found, in sentences with 95 % intervals."""
        metric = metric or self.metric
        epochs, finished = self.shape[1], self.finished
        best, _ = self.optimum(metric)
        own, _ = self.optima(metric)
        test = self.curve("test", metric)
        chosen, of_each = self.harm(metric)
        harm = mean_interval(of_each)
        low, high = harm[2]
        verdict = (
            "training on did harm on average"
            if low > 0
            else "training on did good on average"
            if high < 0
            else "no harm of training on is shown on average"
        )
        same = "one and the same data, for which alone this holds"
        data = "another draw of the data" if self.fresh_data else same
        sentences = [
            f"{len(finished)} networks on {self.name} ({self.num_rows['train']} training rows), each with "
            f"other initial weights and {data}. In brackets are 95 % intervals over the networks.",
            f"Their mean test {in_words(metric)} is best at epoch {best} of {epochs}, where it is "
            f"{spelled(mean_interval(test[:, best - 1]))}, flattered by the choice; their own best epochs "
            f"are {own.min()} to {own.max()}.",
            f"At the last epoch it is {spelled(mean_interval(test[:, -1]))}.",
            f"From epoch {chosen}, the best of the first {len(finished) - len(of_each)}, to the last the "
            f"other {len(of_each)} got worse by {spelled(harm)}: {verdict}.",
            f"{counted(of_each > 0, 'ended worse')}.",
        ]
        if best == epochs:
            sentences.append("The best epoch is the last one recorded, so the optimum may lie beyond it.")
        if self.irreducible_error is not None and metric == self.metric:
            sentences.append(f"The irreducible error is {self.irreducible_error:.3g}.")
        if len(finished) < self.shape[0]:
            sentences.append(f"Left out: {self.shape[0] - len(finished)} that diverged.")
        return " ".join(sentences)

    def to_dict(self) -> dict[str, Any]:
        """Returns the record as JSON can hold it; a number that is not finite becomes None."""
        return as_json(self)

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> "Overtraining":
        """Makes the record that `to_dict` wrote, NaN where it has None."""
        curves = {
            part: {
                name: [[nan_for_none(value) for value in curve] for curve in curves]
                for name, curves in metrics.items()
            }
            for part, metrics in record["curves"].items()
        }
        return cls(**{**record, "curves": curves})

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
