"""Epochs, costs and regrets of early stopping rules, replayed on recorded curves."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasreg.checks import InvalidInput, check_one_of
from kerasreg.experiments.early_stopping.record import (
    MIN_FINISHED,
    counted,
    metric_words,
    num_choosing,
    spelled,
)
from kerasreg.intervals import mean_interval
from kerasreg.records.record import ExperimentRecord
from kerasreg.records.table import as_table

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NOT_NEGATIVE = (0.0, np.inf)  # a regret's range


@dataclass(frozen=True, kw_only=True)
class StoppingRule:
    """Outcome of one early stopping rule for each network.

    Args:
        monitor: Name of the metric that the rule monitors, as in Keras.
        min_delta: Smallest change of it that counts as an improvement.
        patience: Epochs without improvement after which training stops.
        chosen_epochs: Epoch whose weights each network keeps, counted from 1.
        trained_epochs: Number of epochs trained, the cost.
        stopped: Whether the rule stopped the network; if not, the record ended first, and a longer training
            might have cost more and chosen another epoch.
        regrets: How much worse the test error of each network is at its chosen epoch than at the best epoch
            of its own test curve. Never below 0.
    """

    monitor: str
    min_delta: float
    patience: int
    chosen_epochs: list[int]
    trained_epochs: list[int]
    stopped: list[bool]
    regrets: list[float]

    @property
    def mean_regret(self) -> float:
        """Mean of the regrets."""
        return float(np.mean(self.regrets))

    @property
    def mean_cost(self) -> float:
        """Mean number of trained epochs."""
        return float(np.mean(self.trained_epochs))

    def __str__(self) -> str:
        return f"monitor {self.monitor}, patience {self.patience}, min_delta {self.min_delta:g}"


@dataclass(frozen=True, kw_only=True)
class PatienceReplay(ExperimentRecord):
    """Early stopping rules, replayed on the curves of networks that were never stopped.

    Args:
        name: Name of the data set.
        metric: Metric of the test part in which regret is measured.
        epochs: Number of recorded epochs.
        repeats: Repeats of the record that were replayed, counted from 0; at least three.
        rules: All combinations: monitors first, then min_delta, then patience.
        regrets_at_end: Regret of the last epoch of each network, without stopping.
    """

    name: str
    metric: str
    epochs: int
    repeats: list[int]
    rules: tuple[StoppingRule, ...]
    regrets_at_end: list[float]

    def __post_init__(self) -> None:
        lengths = {len(self.repeats), len(self.regrets_at_end), *(len(rule.regrets) for rule in self.rules)}
        if len(lengths) != 1 or len(self.repeats) < MIN_FINISHED or not self.rules:
            raise InvalidInput(
                f"A replay needs at least one rule, and at least {MIN_FINISHED} repeats with a regret for "
                f"each; received {len(self.rules)} rules and {sorted(lengths)} repeats."
            )

    @property
    def monitors(self) -> tuple[str, ...]:
        """Monitors, in the order given."""
        return tuple(dict.fromkeys(rule.monitor for rule in self.rules))

    @property
    def min_deltas(self) -> tuple[float, ...]:
        """Values of min_delta, in the order given."""
        return tuple(dict.fromkeys(rule.min_delta for rule in self.rules))

    @property
    def patiences(self) -> tuple[int, ...]:
        """Values of patience, in the order given."""
        return tuple(dict.fromkeys(rule.patience for rule in self.rules))

    def grid(self, monitor: str) -> tuple[np.ndarray, np.ndarray]:
        """Returns mean regret and mean cost in epochs, each of shape (min_deltas, patiences).

        Raises:
            InvalidInput: If no rule monitors it.
        """
        check_one_of("monitor", monitor, self.monitors)
        rules = [rule for rule in self.rules if rule.monitor == monitor]
        shape = len(self.min_deltas), len(self.patiences)
        regret = np.array([rule.mean_regret for rule in rules]).reshape(shape)
        return regret, np.array([rule.mean_cost for rule in rules]).reshape(shape)

    def best(self) -> StoppingRule:
        """Returns the rule with the lowest mean regret; of equals the cheapest.

        It was chosen on these networks, so its regret on others is likely to be higher.
        """
        return min(self.rules, key=lambda rule: (rule.mean_regret, rule.mean_cost))

    def cheapest_alike(self) -> StoppingRule:
        """Returns the cheapest rule whose regret is not shown to be higher than that of `best()`.

        It is shown where the 95 % interval of the paired difference lies above 0, without adjustment for the
        number of rules. With few networks little is shown, and the rule is cheap for that reason.
        """
        best = np.array(self.best().regrets)
        alike = [rule for rule in self.rules if mean_interval(np.array(rule.regrets) - best)[2][0] <= 0]
        return min(alike, key=lambda rule: (rule.mean_cost, rule.mean_regret))

    def chosen_ahead(self) -> tuple[StoppingRule, np.ndarray, np.ndarray]:
        """Returns the rule that is best on the first third of the networks, and its effect on the others.

        Returns:
            The rule; the regrets of the other networks; and their improvement over training without early
            stopping. Both arrays have shape (repeats - choosing,).
        """
        first = num_choosing(len(self.repeats))
        rule = min(self.rules, key=lambda rule: (np.mean(rule.regrets[:first]), rule.mean_cost))
        regrets = np.array(rule.regrets[first:])
        return rule, regrets, np.array(self.regrets_at_end[first:]) - regrets

    def sentences(self) -> Iterator[str]:
        """Yields the lines of the summary, the verdict first, with 95 % intervals."""
        rule, regrets, gains = self.chosen_ahead()
        low, high = mean_interval(gains)[2]
        start = f"the mean regret is {spelled(regrets, NOT_NEGATIVE)}"
        if high < 0:
            yield f"Early stopping does harm: {start}, {spelled(-gains)} higher than without stopping."
        else:
            verdict = "Early stopping helps" if low > 0 else "No effect of early stopping is shown"
            yield f"{verdict}: {start}, {spelled(gains)} lower than without stopping."
        yield f"{counted(gains > 0, 'networks have a lower regret')}."
        at_end = spelled(self.regrets_at_end, NOT_NEGATIVE)
        yield f"Without stopping the mean regret of all networks is {at_end}."
        best, cheap = self.best(), self.cheapest_alike()
        yield (
            f"Lowest mean regret: {best} with {best.mean_regret:.3g} and {best.mean_cost:.0f} epochs, which "
            "is optimistic, as the rule was chosen on it."
        )
        yield (
            f"Cheapest rule not shown to be worse: {cheap} with {spelled(cheap.regrets, NOT_NEGATIVE)} and "
            f"{cheap.mean_cost:.0f} epochs."
        )
        unstopped = sum(not all(rule.stopped) for rule in self.rules)
        if unstopped:
            yield f"{unstopped} of the rules did not stop every network within the recorded epochs."
        yield (
            f"{len(self.rules)} rule{'s' if len(self.rules) > 1 else ''} on {len(self.repeats)} networks on "
            f"{self.name}. The first {len(self.repeats) - len(regrets)} chose {rule}, the other "
            f"{len(regrets)} judge it. Regret is how much worse the test {metric_words(self.metric)} is than "
            f"at the best of each network's own {self.epochs} epochs. Brackets: 95 % intervals over the "
            "networks."
        )

    def plot(
        self, axes: "Sequence[Axes] | None" = None, *, monitor: str | None = None
    ) -> "tuple[Axes, Axes]":
        """Draws the mean regret of each patience and min_delta, and beside it the mean cost.

        Args:
            axes: Two Axes to draw in, regret first; a new figure if `None`.
            monitor: Monitor whose rules are drawn; by default the first.

        Returns:
            The two Axes: patience against min_delta, with the means over the networks in the cells. A plus
            after a cost marks rules that did not stop every network before the record ended. A frame marks
            the lowest regret of this monitor in both.

        Raises:
            InvalidInput: If no rule has the monitor, or `axes` are not two.
        """
        from kerasreg.experiments.early_stopping.plot import draw_patience

        return draw_patience(self, axes, monitor=monitor)

    def to_frame(self) -> Any:
        """Returns one row for each rule and network: a DataFrame with pandas, plain rows without."""
        return as_table(
            [
                {
                    "monitor": rule.monitor,
                    "min_delta": rule.min_delta,
                    "patience": rule.patience,
                    "repeat": repeat,
                    "chosen_epoch": rule.chosen_epochs[place],
                    "trained_epochs": rule.trained_epochs[place],
                    "stopped": rule.stopped[place],
                    "regret": rule.regrets[place],
                }
                for rule in self.rules
                for place, repeat in enumerate(self.repeats)
            ]
        )
