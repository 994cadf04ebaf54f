"""What rules of early stopping would have chosen on recorded curves, at what cost and regret."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from kerasreg.checks import InvalidInput, check_one_of
from kerasreg.intervals import exact_interval, mean_interval
from kerasreg.records.table import as_json, as_table


def num_choosing(num_networks: int) -> int:
    """Returns how many of the networks choose, so that the rest can judge.

    What was chosen with a network's own error flatters itself on it, and where each is judged by a choice of
    all the others, as in leaving one out, the differences depend on each other: on mere noise their interval
    missed 0 three times as often as it says. A choice of the first third leaves the rest independent.
    """
    return max(1, num_networks // 3)


def in_words(metric: str) -> str:
    """Returns what sentences call a metric, with its unit."""
    names = {"cross_entropy": "cross-entropy in nats", "mse": "mean squared error"}
    return names.get(metric, metric.replace("_", " "))


def spelled(interval: tuple[float, float | None, tuple[float, float] | None]) -> str:
    """Returns what `mean_interval` gave as "mean [low, high]"."""
    mean, _, (low, high) = interval
    return f"{mean:.3g} [{low:.3g}, {high:.3g}]"


def counted(true: np.ndarray, what: str) -> str:
    """Returns of how many networks something is true, with its exact interval, and whether of most.

    A mean over networks may hang on a few that fare very badly; this does not.
    """
    count, num_networks = int(true.sum()), len(true)
    low, high = exact_interval(count, num_networks)
    verdict = "most do" if low > 0.5 else "most do not" if high < 0.5 else "whether most do is not shown"
    share = f"95 % interval {100 * low:.0f} to {100 * high:.0f} % of all such networks"
    return f"{count} of {num_networks} {what} ({share}): {verdict}"


@dataclass(frozen=True, kw_only=True)
class StoppingRule:
    """What one rule would have done with each network.

    Args:
        monitor: The metric that is watched, by Keras' name for it.
        min_delta: The smallest change that counts as an improvement.
        patience: Epochs without improvement after which training stops.
        chosen_epochs: For each network the epoch, counted from 1, whose weights it would have kept.
        trained_epochs: For each network the epochs it would have trained, the cost.
        stopped: For each network whether the rule would have stopped it; if not, the record ended first, and
            a longer training might have cost more and chosen another epoch.
        regrets: For each network the test error at the chosen epoch above the least of its own test
            curve. Never below 0.
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
        """The mean of the regrets."""
        return float(np.mean(self.regrets))

    @property
    def mean_cost(self) -> float:
        """The mean of the trained epochs."""
        return float(np.mean(self.trained_epochs))

    def __str__(self) -> str:
        return f"monitor {self.monitor}, patience {self.patience}, min_delta {self.min_delta:g}"


@dataclass(frozen=True, kw_only=True)
class PatienceReplay:
    """Rules of early stopping, replayed on one record of networks that were never stopped.

    Args:
        name: What the data set is called.
        metric: The metric of the test part that regret is counted in.
        epochs: How many epochs were recorded.
        repeats: The repeats of the record that were replayed, counted from 0; at least three.
        rules: Every combination, monitors first, then min_delta, then patience.
        regrets_at_end: For each network the regret of its last epoch: no stopping at all.
    """

    name: str
    metric: str
    epochs: int
    repeats: list[int]
    rules: tuple[StoppingRule, ...]
    regrets_at_end: list[float]

    def __post_init__(self) -> None:
        lengths = {len(self.repeats), len(self.regrets_at_end), *(len(rule.regrets) for rule in self.rules)}
        if len(lengths) != 1 or len(self.repeats) < 3 or not self.rules:
            raise InvalidInput(
                "A replay needs at least one rule, and three repeats or more with a regret for each; "
                f"received {len(self.rules)} rules and {sorted(lengths)} repeats."
            )

    @property
    def monitors(self) -> tuple[str, ...]:
        """The monitors, in the order given."""
        return tuple(dict.fromkeys(rule.monitor for rule in self.rules))

    @property
    def min_deltas(self) -> tuple[float, ...]:
        """The values of min_delta, in the order given."""
        return tuple(dict.fromkeys(rule.min_delta for rule in self.rules))

    @property
    def patiences(self) -> tuple[int, ...]:
        """The values of patience, in the order given."""
        return tuple(dict.fromkeys(rule.patience for rule in self.rules))

    def grid(self, monitor: str) -> tuple[np.ndarray, np.ndarray]:
        """Returns mean regret and mean cost in epochs, each of shape (min_deltas, patiences).

        Raises:
            InvalidInput: If no rule watches `monitor`.
        """
        check_one_of("monitor", monitor, self.monitors)
        rules = [rule for rule in self.rules if rule.monitor == monitor]
        shape = len(self.min_deltas), len(self.patiences)
        regret = np.array([rule.mean_regret for rule in rules]).reshape(shape)
        return regret, np.array([rule.mean_cost for rule in rules]).reshape(shape)

    def best(self) -> StoppingRule:
        """Returns the rule of the least mean regret, of equals the cheapest.

        It was chosen on these networks, so its regret on others is likely to be higher.
        """
        return min(self.rules, key=lambda rule: (rule.mean_regret, rule.mean_cost))

    def cheapest_alike(self) -> StoppingRule:
        """Returns the cheapest rule whose regret is not shown to be higher than that of `best()`.

        Shown is a paired difference whose 95 % interval lies above 0, with no allowance for how many rules
        are compared. With few networks little is shown, and the rule is cheap for that reason.
        """
        best = np.array(self.best().regrets)
        alike = [rule for rule in self.rules if mean_interval(np.array(rule.regrets) - best)[2][0] <= 0]
        return min(alike, key=lambda rule: (rule.mean_cost, rule.mean_regret))

    def chosen_ahead(self) -> tuple[StoppingRule, np.ndarray, np.ndarray]:
        """Returns the rule that is best on the first third of the networks, and how the others fare with it.

        Returns:
            The rule; the regrets of the other networks; what these are less than without stopping. Both
            arrays of shape (repeats - choosing,).
        """
        first = num_choosing(len(self.repeats))
        rule = min(self.rules, key=lambda rule: (np.mean(rule.regrets[:first]), rule.mean_cost))
        regrets = np.array(rule.regrets[first:])
        return rule, regrets, np.array(self.regrets_at_end[first:]) - regrets

    def summary(self) -> str:
        """Returns what was found, in sentences with 95 % intervals."""
        ahead, regrets, gains = self.chosen_ahead()
        gain = mean_interval(gains)
        low, high = gain[2]
        verdict = "no difference on average is shown"
        if low > 0 or high < 0:
            verdict = f"stopping early {'helps' if low > 0 else 'does harm'} on average"
        best, cheap = self.best(), self.cheapest_alike()
        sentences = [
            f"{len(self.rules)} rule{'s' if len(self.rules) > 1 else ''} on {len(self.repeats)} networks on "
            f"{self.name}; regret is by how much the test {in_words(self.metric)} is worse than at the best "
            f"of each network's own {self.epochs} epochs. In brackets are 95 % intervals over the networks.",
            f"Without stopping it is {spelled(mean_interval(self.regrets_at_end))}.",
            f"With the rule that is best on the first third, {len(self.repeats) - len(regrets)} ({ahead}), "
            f"the other {len(regrets)} have {spelled(mean_interval(regrets))}, less than without stopping by "
            f"{spelled(gain)}: {verdict}. {counted(gains > 0, 'have less')}.",
            f"The least mean regret, {best.mean_regret:.3g}, which flatters as the choice was made on it, "
            f"has {best}; it trains {best.mean_cost:.0f} epochs.",
            f"The cheapest rule that is not shown to be worse has {cheap}: {cheap.mean_cost:.0f} epochs, "
            f"regret {spelled(mean_interval(cheap.regrets))}.",
        ]
        unstopped = sum(not all(rule.stopped) for rule in self.rules)
        if unstopped:
            sentences.append(f"{unstopped} of the rules would not have stopped every network by then.")
        return " ".join(sentences)

    def to_dict(self) -> dict[str, Any]:
        """Returns the record as JSON can hold it."""
        return as_json(self)

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> "PatienceReplay":
        """Makes the record that `to_dict` wrote."""
        return cls(**{**record, "rules": tuple(StoppingRule(**rule) for rule in record["rules"])})

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
