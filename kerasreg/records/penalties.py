"""What a penalty on the weights did to networks of dense layers, over its strength."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from kerasreg.checks import InvalidInput, check_one_of
from kerasreg.intervals import mean_interval
from kerasreg.records.penalty_sentences import WORDS, paired_sentence
from kerasreg.records.table import as_json, as_table, nan_for_none

PENALTIES = ("l2", "l1", "proximal_l1")
PARTS = ("train", "validation", "test")
# The bins in which magnitudes are counted, ten to a decade; smaller ones are in the first, larger in the last
MAGNITUDE_EDGES = np.logspace(-8, 2, 101)


@dataclass(frozen=True, kw_only=True)
class PenaltyRun:
    """One trained network.

    Args:
        strength: The factor of the penalty.
        repeat: Which of the repeats, from 0; runs of one repeat began with the same weights.
        seed: Seed of its initial weights and of its order of rows.
        errors: The unpenalised metric by part, `"train"`, `"validation"`, `"test"`; NaN if it diverged.
        accuracies: The accuracy by part for classes, empty for numbers.
        norm: Euclidean norm of all kernels together.
        num_weights: Number of weights in the kernels.
        zeros: By layer, how many weights of the kernel are exactly zero.
        num_near_zero: How many of all are at most `near_zero` of the path in magnitude, zeros included.
        incoming: For each hidden layer, the largest magnitude of the weights into each unit.
        outgoing: For each hidden layer, the largest magnitude of the weights out of each unit.
        magnitudes: By layer, how many weights of the kernel have a magnitude in each bin of
            `MAGNITUDE_EDGES`; the zeros are in none.
    """

    strength: float
    repeat: int
    seed: int
    errors: dict[str, float]
    accuracies: dict[str, float]
    norm: float
    num_weights: int
    zeros: dict[str, int]
    num_near_zero: int
    incoming: tuple[tuple[float, ...], ...]
    outgoing: tuple[tuple[float, ...], ...]
    magnitudes: dict[str, tuple[int, ...]]

    @property
    def diverged(self) -> bool:
        """Whether an error or a weight is not finite."""
        return not np.isfinite([self.norm, *self.errors.values()]).all()

    def survivors(self, near_zero: float) -> tuple[int, ...]:
        """Returns how many units of each hidden layer survived.

        A unit survived if some weight into it and some weight out of it is above `near_zero` in magnitude.
        One without the former gives the same for every input, one without the latter gives to nobody: the
        network does without either, once the constant is in the biases that follow.
        """
        pairs = zip(self.incoming, self.outgoing, strict=True)
        return tuple(
            int(((np.array(into) > near_zero) & (np.array(out) > near_zero)).sum()) for into, out in pairs
        )

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> "PenaltyRun":
        """Makes the record that `as_json` wrote, NaN where it has None."""
        changed = {
            name: {key: nan_for_none(value) for key, value in record[name].items()}
            for name in ("errors", "accuracies")
        }
        changed["norm"] = nan_for_none(record["norm"])
        for name in ("incoming", "outgoing"):
            changed[name] = tuple(tuple(nan_for_none(value) for value in layer) for layer in record[name])
        changed["magnitudes"] = {layer: tuple(counts) for layer, counts in record["magnitudes"].items()}
        return cls(**{**record, **changed})


@dataclass(frozen=True, kw_only=True)
class PenaltyPath:
    """Networks trained with a penalty of several strengths, each several times.

    Args:
        penalty: `"l2"`, `"l1"` or `"proximal_l1"`.
        metric: The unpenalised metric in `errors`: `"cross_entropy"` or `"mse"`.
        units: Units of the hidden layers.
        near_zero: The magnitude up to which a weight counts as near zero.
        biases: Whether the biases were penalised too.
        data: What the data set was, from `Split.describe`.
        fingerprint: Which rows it held, from `split_fingerprint`.
        epochs: Epochs that each network was trained.
        batch_size: Rows in a batch.
        seconds: Seconds it took.
        runs: The networks: all repeats of the first strength, then of the second, ...
        fresh: Networks from other seeds, trained after the choice, of no penalty and of the strength that
            validation chose among `runs`; empty where it could not choose, or chose no penalty.
    """

    penalty: str
    metric: str
    units: tuple[int, ...]
    near_zero: float
    biases: bool
    data: dict[str, Any]
    fingerprint: str
    epochs: int
    batch_size: int
    seconds: float
    runs: tuple[PenaltyRun, ...]
    fresh: tuple[PenaltyRun, ...]

    def __post_init__(self) -> None:
        check_one_of("penalty", self.penalty, PENALTIES)
        check_one_of("metric", self.metric, tuple(WORDS))

    @property
    def strengths(self) -> tuple[float, ...]:
        """The strengths in rising order, 0 first."""
        return tuple(sorted({run.strength for run in self.runs}))

    def of_strength(self, strength: float, *, fresh: bool = False) -> list[PenaltyRun]:
        """Returns the runs of one strength, in the order of their repeats.

        Args:
            strength: One of `strengths`.
            fresh: Whether to return the fresh ones, of which there are none for most strengths.

        Raises:
            InvalidInput: If there is no such strength.
        """
        check_one_of("strength", strength, self.strengths)
        runs = [run for run in (self.fresh if fresh else self.runs) if run.strength == strength]
        return sorted(runs, key=lambda run: run.repeat)

    def row(self, run: PenaltyRun) -> dict[str, Any]:
        """Returns every number of a run that has one value."""
        survivors = run.survivors(self.near_zero)
        return {
            "strength": run.strength,
            "repeat": run.repeat,
            **{f"{part}_{self.metric}": run.errors[part] for part in PARTS if part in run.errors},
            **{f"{part}_accuracy": value for part, value in run.accuracies.items()},
            "norm": run.norm,
            "share_zero": sum(run.zeros.values()) / run.num_weights,
            "share_near_zero": run.num_near_zero / run.num_weights,
            "surviving_units": sum(survivors),
            **{f"surviving_units_{number}": count for number, count in enumerate(survivors, start=1)},
        }

    def values(self, quantity: str) -> np.ndarray:
        """Returns a quantity of `to_frame` for each run, shape (strengths, repeats).

        Raises:
            InvalidInput: If there is no such quantity.
        """
        rows = [[self.row(run) for run in self.of_strength(strength)] for strength in self.strengths]
        check_one_of("quantity", quantity, tuple(rows[0][0])[2:])
        return np.array([[row[quantity] for row in strength] for strength in rows], dtype=float)

    def band(self, quantity: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Returns a quantity's mean at each strength and the ends of its 95 % interval, each (strengths,).

        The interval is Student's, for networks of other initial weights and orders of rows on the same
        data; it says nothing about other data. All is NaN where a run diverged, the ends where there is
        one repeat only.
        """
        means, ends = [], []
        for values in self.values(quantity):
            mean, interval = math.nan, None
            if np.isfinite(values).all():
                mean, _, interval = mean_interval(values)
            means.append(mean)
            ends.append(interval or (math.nan, math.nan))
        low, high = np.array(ends, dtype=float).T
        return np.array(means), low, high

    @property
    def can_choose(self) -> bool:
        """Whether `best` can choose a strength."""
        has_rows = "validation" in self.runs[0].errors
        return has_rows and bool(np.isfinite(self.band(f"validation_{self.metric}")[0]).any())

    def best(self) -> float:
        """Returns the strength with the least mean error on validation data; of equals the least.

        Raises:
            InvalidInput: If some network of every strength diverged, or there were no validation rows.
        """
        if "validation" not in self.runs[0].errors:
            raise InvalidInput("The split had no validation rows, by which a strength could be chosen.")
        if not self.can_choose:
            raise InvalidInput("At every strength some network diverged; train with a lower learning rate.")
        return self.strengths[int(np.nanargmin(self.band(f"validation_{self.metric}")[0]))]

    def summary(self) -> str:
        """Returns in a few sentences what the penalty did, at the strength that validation chose.

        Raises:
            InvalidInput: If validation cannot choose one, as `best` says.
        """
        words = WORDS[self.metric]
        best, place = self.best(), self.strengths.index(self.best())
        text = f"Of {len(self.strengths)} strengths of {self.penalty}, {best:g} had the least mean "
        text += f"validation {words}."
        if best and self.fresh and "test" in self.runs[0].errors:
            with_it, without = (
                np.array([run.errors["test"] for run in self.of_strength(strength, fresh=True)])
                for strength in (best, 0.0)
            )
            text += " " + paired_sentence(
                f"In networks from fresh seeds the test {words} with it, less that without,",
                with_it - without,
                self.metric,
            )
        shares = {name: self.band(name)[0][place] for name in ("share_zero", "share_near_zero")}
        units = self.band("surviving_units")[0][place]
        text += (
            f" At that strength {100 * shares['share_zero']:.3g} % of the weights were exactly zero, "
            f"{100 * shares['share_near_zero']:.3g} % at most {self.near_zero:g} in magnitude, and "
            f"{units:.3g} of {sum(self.units)} hidden units survived, on average."
        )
        diverged = sum(run.diverged for run in self.runs)
        return text + (f" {diverged} of {len(self.runs)} networks diverged." if diverged else "")

    def to_dict(self) -> dict[str, Any]:
        """Returns the record as JSON can hold it; a number that is not finite becomes None."""
        return as_json(self)

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> "PenaltyPath":
        """Makes the record that `to_dict` wrote."""
        runs = {name: tuple(map(PenaltyRun.from_dict, record[name])) for name in ("runs", "fresh")}
        return cls(**{**record, "units": tuple(record["units"]), **runs})

    def to_frame(self) -> Any:
        """Returns one row for each network, the fresh ones last: a DataFrame with pandas, else rows."""
        kinds = {False: self.runs, True: self.fresh}
        return as_table([self.row(run) | {"fresh": kind} for kind, runs in kinds.items() for run in runs])
