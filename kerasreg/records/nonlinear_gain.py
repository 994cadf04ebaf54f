"""What nonlinear autoencoders lose of unseen pictures, and what PCA loses of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from kerasreg.checks import check_one_of, check_shape
from kerasreg.intervals import mean_interval
from kerasreg.records.table import as_json, as_table

PARTS = ("train", "validation", "test")


@dataclass(frozen=True, eq=False, kw_only=True)
class NonlinearGain:
    """Errors of autoencoders of several bottlenecks, and of PCA on the same rows.

    Arrays have shape (bottlenecks, repeats) if nothing else is said. A repeat has one seed and one draw
    of the data.

    Args:
        data: Name of the data set.
        bottlenecks: Numbers of units of the code, ascending.
        num_parameters: Trained weights of a network of each, biases included.
        train_rows: Rows that networks and PCA were fitted to.
        validation_rows: Rows by which the networks stopped.
        test_rows: Rows that nothing was fitted to or chosen by.
        fresh_data: Whether each repeat drew its rows afresh; if not, all have the same rows.
        train_mse: Mean squared error of each network on the training rows; NaN if the training diverged or
            was interrupted, as in the next two.
        validation_mse: The same on the validation rows.
        test_mse: The same on the test rows.
        pca_by_number: PCA's test error with 1, 2, … components, shape (repeats, components).
        pca_within_range: PCA's test error with as many components as each bottleneck has units, what it
            rebuilds cut off where the training rows' range ends.
        best_epoch: Epoch of the least validation error, counted from 1; 0 if there is none.
        stop_reason: Why each training ended, as `MemberHistory` has it.
        settings: `epochs`, `batch_size`, `patience` and `seed`.
        seconds: Seconds of training.
    """

    data: str
    bottlenecks: tuple[int, ...]
    num_parameters: tuple[int, ...]
    train_rows: int
    validation_rows: int
    test_rows: int
    fresh_data: bool
    train_mse: np.ndarray
    validation_mse: np.ndarray
    test_mse: np.ndarray
    pca_by_number: np.ndarray
    pca_within_range: np.ndarray
    best_epoch: np.ndarray
    stop_reason: np.ndarray
    settings: dict[str, Any]
    seconds: float

    def __post_init__(self) -> None:
        shape = (len(self.bottlenecks), self.test_mse.shape[-1])
        for name in (*(f"{part}_mse" for part in PARTS), "pca_within_range", "best_epoch", "stop_reason"):
            check_shape(name, getattr(self, name), shape, "(bottlenecks, repeats)")

    @property
    def repeats(self) -> int:
        """Networks of each bottleneck."""
        return self.test_mse.shape[1]

    @property
    def pca_test_mse(self) -> np.ndarray:
        """PCA's test error with as many components as each bottleneck has units."""
        return self.pca_by_number[:, np.array(self.bottlenecks) - 1].T

    @property
    def saved(self) -> np.ndarray:
        """The fraction of PCA's test error that each network does without; below 0 if it has more."""
        return 1 - self.test_mse / self.pca_test_mse

    def means(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Returns the mean test error of each bottleneck and the ends of its 95 % interval, (bottlenecks,).

        NaN where no training came to its end, and for the ends where only one did.
        """
        found = np.full((3, len(self.bottlenecks)), np.nan)
        for place in range(len(self.bottlenecks)):
            mean, ends = self._interval(place, self.test_mse)
            if mean is not None:
                found[:, place] = mean, *(ends or (np.nan, np.nan))
        return found[0], found[1], found[2]

    @property
    def components_needed(self) -> np.ndarray:
        """The least number of components whose test error is no more than each network's.

        NaN where no number is enough, or the training did not come to its end.
        """
        needed = np.full(self.test_mse.shape, np.nan)
        for place, repeat in zip(*np.nonzero(np.isfinite(self.test_mse)), strict=True):
            enough = np.flatnonzero(self.pca_by_number[repeat] <= self.test_mse[place, repeat])
            if len(enough):
                needed[place, repeat] = enough[0] + 1
        return needed

    def verdict(self, bottleneck: int) -> str:
        """Returns what the paired differences show: `"less"`, `"more"`, `"not shown"` or `"not compared"`.

        `"less"` if the 95 % interval of the mean of `saved` is above 0, `"more"` if it is below.

        Raises:
            InvalidInput: If there is no such bottleneck.
        """
        ends = self._interval(self._place(bottleneck), self.saved)[1]
        if ends is None:
            return "not compared"
        return "less" if ends[0] > 0 else "more" if ends[1] < 0 else "not shown"

    def summary(self) -> str:
        """Returns what the numbers show, a sentence for each bottleneck, and how they came about."""
        return "\n".join(self._sentences())

    def _sentences(self) -> Iterator[str]:
        for place, number in enumerate(self.bottlenecks):
            before = f"With {number} number{'s' * (number > 1)} a picture"
            mean, ends = self._interval(place, self.test_mse)
            if mean is None:
                yield f"{before} no training came to its end."
                continue
            whole = np.isfinite(self.test_mse[place])
            told = (
                f"{before} the autoencoder's test error is {mean:.3g} and PCA's "
                f"{self.pca_test_mse[place][whole].mean():.3g}: "
            )
            saved, ends = self._interval(place, self.saved)
            told += {
                "less": f"{_percent(saved)} less",
                "more": f"{_percent(-saved)} more",
                "not shown": f"no difference shown, {_percent(saved)} less on average",
                "not compared": "one repeat alone, which shows no difference",
            }[self.verdict(number)]
            if ends is not None:
                low, high = ends
                told += f" (95 % interval of what it saves {100 * low:.3g} to {100 * high:.3g} %)"
            yield told + f". {self._needed(place)}"
        yield (
            "PCA's own test error, cut off to the range of the data, is "
            + ", ".join(f"{mean:.3g}" for mean in self.pca_within_range.mean(axis=1))
            + ": this much of a saving is the range that the network's output may have."
        )
        drawn = "rows, initial weights and order" if self.fresh_data else "initial weights and order"
        same = "" if self.fresh_data else ", for the same rows"
        yield (
            f"Repeats: {self.repeats}; each draws {drawn} afresh{same}. Both were fitted to "
            f"{self.train_rows:,} rows and measured on {self.test_rows:,}; the networks alone used "
            f"{self.validation_rows:,} more, to stop by. Each interval is for its own bottleneck."
        )

    def _needed(self, place: int) -> str:
        needed = self.components_needed[place]
        needed = needed[np.isfinite(needed)]
        if not len(needed):
            return "No number of components comes to so little."
        span = (
            f"{needed.min():.0f}"
            if needed.min() == needed.max()
            else f"{needed.min():.0f} to {needed.max():.0f}"
        )
        return f"PCA needs {span} component{'s' * int(needed.max() > 1)} for an error no larger."

    def _place(self, bottleneck: int) -> int:
        return self.bottlenecks.index(check_one_of("bottleneck", bottleneck, self.bottlenecks))

    def _interval(self, place: int, values: np.ndarray) -> tuple[float | None, tuple[float, float] | None]:
        """Returns the mean of a bottleneck's finite values and its interval, None where there is none."""
        finite = values[place][np.isfinite(values[place])]
        if not len(finite):
            return None, None
        mean, _, ends = mean_interval(finite)
        return mean, ends

    def to_dict(self) -> dict[str, Any]:
        """Returns the record as JSON can hold it; a number that is not finite becomes None."""
        return as_json(self)

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> "NonlinearGain":
        """Makes the record that `to_dict` wrote, NaN where it has None."""
        numbers = (*(f"{part}_mse" for part in PARTS), "pca_by_number", "pca_within_range")
        arrays = {name: np.array(record[name], dtype=float) for name in numbers}
        arrays |= {name: np.array(record[name]) for name in ("best_epoch", "stop_reason")}
        tuples = {name: tuple(record[name]) for name in ("bottlenecks", "num_parameters")}
        return cls(**{**record, **tuples, **arrays})

    def to_frame(self) -> Any:
        """Returns one row for each network: a DataFrame with pandas, plain rows without."""
        return as_table(
            [
                {
                    "bottleneck": self.bottlenecks[place],
                    "parameters": self.num_parameters[place],
                    "repeat": repeat,
                    **{f"{part}_mse": float(getattr(self, f"{part}_mse")[place, repeat]) for part in PARTS},
                    "pca_test_mse": float(self.pca_test_mse[place, repeat]),
                    "pca_within_range": float(self.pca_within_range[place, repeat]),
                    "saved": float(self.saved[place, repeat]),
                    "components_needed": float(self.components_needed[place, repeat]),
                    "best_epoch": int(self.best_epoch[place, repeat]),
                    "stop_reason": str(self.stop_reason[place, repeat]),
                }
                for place, repeat in np.ndindex(self.test_mse.shape)
            ]
        )


def _percent(fraction: float) -> str:
    return f"{100 * fraction:.3g} %"
