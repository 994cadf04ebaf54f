"""What choosing by a score does to that score."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from kerasreg.checks import InvalidInput, check_one_of, check_whole_number
from kerasreg.intervals import resampled_interval
from kerasreg.records.table import as_json, as_table

Interval = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class NestedSelection:
    """Scores of k candidates, on inner divisions to choose by and on outer ones to see what was chosen.

    Every interval is the 95 % corrected resampled t interval. It is made for scores and only borrowed for
    gaps, which hang together less from division to division: there it is usually too wide, so that "not
    shown" is weak.

    Args:
        metric: What was measured.
        mode: `"min"` if less of it is better, `"max"` if more is.
        candidates: Their names, k of them.
        inner: For each outer division and candidate the score of each inner division, shape (n, k, m).
        outer: The score of each candidate on each outer division, trained on all rows that the inner ones
            divide, shape (n, k). The outer rows are in none of the inner divisions. n is at least 2.
        train_rows: Rows that the outer networks were trained on, n numbers.
        validation_rows: Rows that they were scored on, n numbers.
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
            raise InvalidInput(
                f"The intervals need at least two outer divisions; received {len(self.outer)}."
            )
        wanted = (len(self.train_rows), len(self.candidates))
        shapes = {(len(rows), len(row)) for rows in (self.inner, self.outer) for row in rows}
        if shapes != {wanted} or len(self.validation_rows) != wanted[0]:
            raise InvalidInput(
                f"inner and outer must have one row for each of {wanted[0]} outer divisions and one entry "
                f"for each of {wanted[1]} candidates; received the shapes {sorted(shapes)}."
            )

    @property
    def inner_means(self) -> np.ndarray:
        """The score that each candidate is chosen by, shape (n, k)."""
        return np.array([[sum(scores) / len(scores) for scores in row] for row in self.inner])

    @property
    def chosen(self) -> np.ndarray:
        """The index of the candidate with the best inner score, of equals the first, shape (n,)."""
        return (self.inner_means * (1 if self.mode == "max" else -1)).argmax(axis=1)

    @property
    def always_the_same(self) -> bool:
        """Whether every outer division chose the same candidate."""
        return len(np.unique(self.chosen)) == 1

    @property
    def gaps(self) -> np.ndarray:
        """By how much each inner score is better than the outer one, shape (n, k).

        Better is positive whatever the mode. For a candidate that nobody chose it is noise, and
        what training on fewer rows costs the inner networks.
        """
        gaps = self.inner_means - np.array(self.outer)
        return gaps if self.mode == "max" else -gaps

    @property
    def optimism_of_each(self) -> np.ndarray:
        """The gap of the chosen candidate, shape (n,)."""
        return np.take_along_axis(self.gaps, self.chosen[:, None], axis=1)[:, 0]

    def optimism(self) -> tuple[float, Interval]:
        """Returns the mean gap of the chosen candidate: how much too good its own score is."""
        return self._mean(self.optimism_of_each)

    @property
    def gap_without_choice_of_each(self) -> np.ndarray:
        """The gap to expect of the chosen candidate if the choice did not matter, shape (n,).

        The mean gap of all candidates on this outer division, for some divisions are harder than others;
        and by how much the chosen candidate's gap exceeds that mean over all n divisions, for fewer rows
        cost one candidate more than another.
        """
        mean = self.gaps.mean(axis=1, keepdims=True)
        # This division counts too: over complete folds the luck of the rows cancels out only in the sum of
        # all, and the mean over the others would have the luck of this one with its sign turned.
        expected = mean + (self.gaps - mean).mean(axis=0)
        return np.take_along_axis(expected, self.chosen[:, None], axis=1)[:, 0]

    def gap_without_choice(self) -> tuple[float, Interval]:
        """Returns what the gap of the chosen candidates is where it does not matter who was chosen."""
        return self._mean(self.gap_without_choice_of_each)

    def optimism_by_choice(self) -> tuple[float, Interval]:
        """Returns the optimism less the gap without a choice: what the choice alone adds.

        Luck of the rows: without bias where outer and inner divisions are complete k-folds with equal parts,
        once or repeated. Luck that is independent from division to division, such as that of training, or of
        rows in independent divisions: too small, at (n - 1) / n of the truth, for the chosen candidate's
        own luck is a part of the mean that is taken off.

        If `always_the_same`, the mean is 0 by construction, whatever the choice did.
        """
        return self._mean(self.optimism_of_each - self.gap_without_choice_of_each)

    def nested_score(self) -> tuple[float, Interval]:
        """Returns the mean outer score of what was chosen: the estimate for the whole procedure."""
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
        return NestedSelection(
            metric=self.metric,
            mode=self.mode,
            candidates=self.candidates[:count],
            inner=tuple(row[:count] for row in self.inner),
            outer=tuple(row[:count] for row in self.outer),
            train_rows=self.train_rows,
            validation_rows=self.validation_rows,
        )

    def _mean(self, values: np.ndarray) -> tuple[float, Interval]:
        """Returns the mean over the outer divisions and its 95 % corrected resampled t interval.

        The interval is borrowed: its correction is for scores, and for gaps it is usually too wide.
        """
        train, validation = (max(1, round(np.mean(n))) for n in (self.train_rows, self.validation_rows))
        mean, _, interval = resampled_interval(values, num_train=train, num_validation=validation)
        return mean, interval

    def summary(self) -> str:
        """Returns what the numbers show, in sentences that hold for whatever they are."""
        name = self.metric.replace("_", " ")
        choice = self.optimism_by_choice()
        told = (
            f"The best of {len(self.candidates)} by inner cross-validation scores "
            f"{_told(self.nested_score())} in {name} on the {len(self.outer)} outer divisions (in brackets: "
            f"corrected 95 % intervals). Its inner score was better than that by {_told(self.optimism())}"
        )
        if self.always_the_same:
            return (
                f"{told}. Every outer division chose {self.candidates[self.chosen[0]]!r}, so what the choice "
                "added cannot be told from that candidate's own gap."
            )
        verdict = "no optimism by the choice shown"
        if choice[1][0] > 0:
            verdict = "the choice made its own score look better than it is"
        elif choice[1][1] < 0:
            verdict = "the choice made its own score look worse than it is, which luck alone can do"
        return f"{told}, of which the choice made {_told(choice)}: {verdict}."

    def to_dict(self) -> dict[str, Any]:
        """Returns the record as JSON can hold it."""
        return as_json(self)

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> "NestedSelection":
        """Makes the record that `to_dict` wrote."""
        return cls(**{key: _tuples(value) for key, value in record.items()})

    def to_frame(self) -> Any:
        """Returns one row for each outer division and candidate: a DataFrame, or plain rows."""
        means, chosen = self.inner_means, self.chosen
        return as_table(
            [
                {
                    "outer_division": n,
                    "candidate": name,
                    "inner": float(means[n, k]),
                    "outer": self.outer[n][k],
                    "chosen": bool(chosen[n] == k),
                }
                for n in range(len(self.outer))
                for k, name in enumerate(self.candidates)
            ]
        )


def _told(measured: tuple[float, Interval]) -> str:
    value, (low, high) = measured
    return f"{value:.3g} ({low:.3g} to {high:.3g})"


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list | tuple) else value
