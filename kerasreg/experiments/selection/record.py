"""Inner and outer scores of candidates, and the optimism of choosing by the inner ones."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasreg.checks import InvalidInput, check_one_of, check_whole_number
from kerasreg.intervals import resampled_interval
from kerasreg.records.record import ExperimentRecord
from kerasreg.records.table import as_table

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Interval = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class NestedSelection(ExperimentRecord):
    """Scores of k candidates on inner splits, by which one is chosen, and on the outer splits.

    All intervals are 95 % corrected resampled t intervals. They are made for scores; gaps depend on each
    other less, so that the intervals of gaps are usually too wide, and "not shown" is weak. Outer splits
    whose networks did not all finish training are left out.

    Args:
        metric: Name of the metric.
        mode: `"min"` or `"max"`: whether lower or higher is better.
        candidates: Names of the k candidates.
        inner: Score of each inner split for each outer split and candidate, shape (n, k, m); NaN where the
            training was interrupted, as in `outer`.
        outer: Score of each candidate on each outer split, trained on all rows of the inner splits, shape
            (n, k). The outer rows are in none of the inner splits. n is at least 2.
        train_rows: Training rows of each outer split, n numbers.
        validation_rows: Rows that each outer network was scored on, n numbers.
    """

    metric: str
    mode: str
    candidates: tuple[str, ...]
    inner: tuple[tuple[tuple[float, ...], ...], ...]
    outer: tuple[tuple[float, ...], ...]
    train_rows: tuple[int, ...]
    validation_rows: tuple[int, ...]

    def __post_init__(self) -> None:
        check_one_of("mode", self.mode, ("min", "max"))
        if len(self.outer) < 2:
            raise InvalidInput(f"The intervals need at least two outer splits; received {len(self.outer)}.")
        wanted = (len(self.train_rows), len(self.candidates))
        shapes = {(len(rows), len(row)) for rows in (self.inner, self.outer) for row in rows}
        if shapes != {wanted} or len(self.validation_rows) != wanted[0]:
            raise InvalidInput(
                f"inner and outer must have one row for each of {wanted[0]} outer splits and one entry for "
                f"each of {wanted[1]} candidates; received the shapes {sorted(shapes)}."
            )

    @property
    def finished(self) -> np.ndarray:
        """Which outer splits have all their scores, shape (n,)."""
        inner = [all(math.isfinite(score) for scores in row for score in scores) for row in self.inner]
        return np.array(inner) & np.isfinite(self.outer).all(axis=1)

    @property
    def inner_means(self) -> np.ndarray:
        """Score by which each candidate is chosen, shape (n, k); NaN for splits that did not finish."""
        means = np.array([[sum(scores) / len(scores) for scores in row] for row in self.inner])
        return np.where(self.finished[:, None], means, np.nan)

    @property
    def chosen(self) -> np.ndarray:
        """Index of the candidate with the best inner score, of equals the first, shape (n,)."""
        return (self.inner_means * (1 if self.mode == "max" else -1)).argmax(axis=1)

    @property
    def always_the_same(self) -> bool:
        """Whether all outer splits chose the same candidate."""
        return len(np.unique(self.chosen[self.finished])) == 1

    @property
    def gaps(self) -> np.ndarray:
        """How much better each inner score is than the outer one, shape (n, k).

        Better is positive for either mode. For a candidate that was not chosen it is noise, and the cost
        of training the inner networks on fewer rows.
        """
        gaps = self.inner_means - np.array(self.outer)
        return gaps if self.mode == "max" else -gaps

    @property
    def optimism_of_each(self) -> np.ndarray:
        """Gap of the chosen candidate, shape (n,)."""
        return np.take_along_axis(self.gaps, self.chosen[:, None], axis=1)[:, 0]

    def optimism(self) -> tuple[float, Interval]:
        """Returns the mean gap of the chosen candidate: how optimistic its inner score is."""
        return self._mean(self.optimism_of_each)

    @property
    def gap_without_choice_of_each(self) -> np.ndarray:
        """Expected gap of the chosen candidate if the choice had no effect, shape (n,).

        It is the mean gap of all candidates on this outer split, since some splits are harder than others,
        plus how much the gap of the chosen candidate exceeds that mean over all n splits, since fewer rows
        cost some candidates more than others.
        """
        mean = self.gaps.mean(axis=1, keepdims=True)
        # This split is included: over complete folds the luck of the rows cancels out only in the sum over
        # all of them, and the mean over the others would contain the luck of this one with opposite sign.
        own = (self.gaps - mean)[self.finished]
        expected = mean + (own.mean(axis=0) if len(own) else np.nan)
        return np.take_along_axis(expected, self.chosen[:, None], axis=1)[:, 0]

    def gap_without_choice(self) -> tuple[float, Interval]:
        """Returns the mean expected gap of the chosen candidates if the choice had no effect."""
        return self._mean(self.gap_without_choice_of_each)

    def optimism_by_choice(self) -> tuple[float, Interval]:
        """Returns the optimism minus the gap without a choice: the part that the choice alone adds.

        It is unbiased for luck of the rows if outer and inner splits are complete k-folds with equal parts,
        once or repeated. For luck that is independent between splits, such as that of training, it is too
        small, (n - 1) / n of the true value, since the luck of the chosen candidate is part of the mean
        that is subtracted.

        If `always_the_same`, the mean is 0 by construction, whatever the choice did.
        """
        return self._mean(self.optimism_of_each - self.gap_without_choice_of_each)

    def nested_score(self) -> tuple[float, Interval]:
        """Returns the mean outer score of the chosen candidates: the estimate for the whole procedure."""
        return self._mean(np.take_along_axis(np.array(self.outer), self.chosen[:, None], axis=1)[:, 0])

    def optimism_of_first(self, count: int) -> tuple[float, Interval]:
        """Returns `optimism_by_choice` as if only the first `count` candidates had been tried.

        Args:
            count: 1 to k.
        """
        return self.first(count).optimism_by_choice()

    def first(self, count: int) -> "NestedSelection":
        """Returns the record as if only the first `count` candidates had been tried.

        Args:
            count: 1 to k.
        """
        check_whole_number("count", count)
        if count > len(self.candidates):
            raise InvalidInput(
                f"count must be at most {len(self.candidates)}, the number of candidates; received {count}."
            )
        return replace(
            self,
            candidates=self.candidates[:count],
            inner=tuple(row[:count] for row in self.inner),
            outer=tuple(row[:count] for row in self.outer),
        )

    def _mean(self, values: np.ndarray) -> tuple[float, Interval]:
        """Returns the mean over the outer splits and its 95 % corrected resampled t interval, or NaN."""
        values = values[self.finished]
        if len(values) < 2:
            return math.nan, (math.nan, math.nan)
        train, validation = (max(1, round(np.mean(n))) for n in (self.train_rows, self.validation_rows))
        mean, _, interval = resampled_interval(values, num_train=train, num_validation=validation)
        return mean, interval

    def sentences(self) -> Iterator[str]:
        """Yields whether the choice was optimistic, the figures and the conditions."""
        count = int(self.finished.sum())
        if count < 2:
            outer = f"{count} of {len(self.outer)} outer splits finished"
            yield f"Nothing can be said: {outer}, and at least 2 are needed."
            return
        choice = self.optimism_by_choice()
        low, high = choice[1]
        if self.always_the_same:
            yield (
                f"All outer splits chose {self.candidates[self.chosen[self.finished][0]]!r}, so the optimism "
                "of the choice cannot be told from the gap of that candidate."
            )
        elif low > 0:
            yield f"The choice made its own score look better than it is, by {_told(choice)}."
        elif high < 0:
            worse = _told((-choice[0], (-high, -low)))
            yield f"The choice made its own score look worse than it is, by {worse}, which luck alone can do."
        else:
            yield f"No optimism of the choice is shown: {_told(choice)}."
        yield (
            f"The chosen candidates score {_told(self.nested_score())} on the outer splits; their inner "
            f"scores are better by {_told(self.optimism())}."
        )
        yield (
            f"{self.metric.replace('_', ' ')} of the best of {len(self.candidates)} candidates by inner "
            f"cross-validation on {count} outer splits. Brackets: corrected 95 % intervals."
        )

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draws the optimism of the choice against the number of candidates.

        Candidates are added in the order given.

        Args:
            ax: Axes to draw in; a new figure if `None`.

        Returns:
            The Axes: number of candidates against the optimism, with its corrected 95 % interval, usually too
            wide, as a band. An open dot is 0 by construction, since all splits chose the same candidate.

        Raises:
            InvalidInput: If fewer than two outer splits finished.
        """
        from kerasreg.experiments.selection.plot import draw_optimism

        return draw_optimism(self, ax)

    def to_frame(self) -> Any:
        """Returns one row for each outer split and candidate: a DataFrame with pandas, plain rows without."""
        means, chosen, finished = self.inner_means, self.chosen, self.finished
        return as_table(
            [
                {
                    "outer_split": n,
                    "candidate": name,
                    "inner": float(means[n, k]),
                    "outer": self.outer[n][k],
                    "chosen": bool(finished[n] and chosen[n] == k),
                }
                for n in range(len(self.outer))
                for k, name in enumerate(self.candidates)
            ]
        )


def _told(measured: tuple[float, Interval]) -> str:
    value, (low, high) = measured
    return f"{value:.3g} ({low:.3g} to {high:.3g})"
