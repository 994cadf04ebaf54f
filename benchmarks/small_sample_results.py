"""What the small samples of MNIST came to: kept draw by draw, and put beside the published figures."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from kerasreg.checks import InvalidInput
from kerasreg.files import write_atomically
from kerasreg.intervals import mean_interval

# Bruna and Mallat, Invariant Scattering Convolution Networks, PAMI 2013, Table 4: the best of its columns,
# scattering of second order with PCA. One number each, without augmentation; the draw is not told.
PUBLISHED = {300: 4.7, 1000: 2.3, 2000: 1.3, 5000: 1.03}
WITHOUT, WITH = "without", "with"
ARMS = (WITHOUT, WITH)


@dataclass(frozen=True, kw_only=True)
class DrawResult:
    """What one draw of so many images came to.

    Args:
        size: Images in the draw, those to choose by included.
        draw: Its number, which is its seed.
        arm: `"without"` augmentation or `"with"` it.
        validation: Validation cross-entropy of each candidate, by its name.
        chosen: The candidate with the lowest.
        errors: Test error of each network of the chosen candidate, in percent.
        ensemble_error: Test error of the mean of their probabilities, in percent.
        seconds: Seconds on the clock for the choice, the training and the test.
    """

    size: int
    draw: int
    arm: str
    validation: Mapping[str, float]
    chosen: str
    errors: Sequence[float]
    ensemble_error: float
    seconds: float

    @property
    def mean_error(self) -> float:
        """What a single network of this draw makes on average, in percent."""
        return float(np.mean(self.errors))

    def __str__(self) -> str:
        return (
            f"draw {self.draw}, {self.arm:7} augmentation: {self.chosen}; test error {self.mean_error:.2f} % "
            f"each, {self.ensemble_error:.2f} % together; {self.seconds:.0f} s"
        )


@dataclass
class Results:
    """All that was computed, in a file that a later run goes on from.

    Args:
        path: The file, whether it is there yet or not.
        settings: What the numbers were made with, as JSON can hold it.
        done: One result for each draw and arm.
    """

    path: Path
    settings: Mapping[str, Any]
    done: list[DrawResult] = field(default_factory=list)

    @classmethod
    def at(cls, path: Path, settings: Mapping[str, Any]) -> "Results":
        """Reads the results at a path, or begins with none where there is no file.

        Raises:
            InvalidInput: If the file holds something else, or numbers made with other settings, or its folder
                is not there.
        """
        if not path.parent.is_dir():
            raise InvalidInput(f"There is no folder {path.parent} for --output. Make it, or give another.")
        settings = json.loads(json.dumps(settings))  # as they come back: tuples are lists in JSON
        if not path.exists():
            return cls(path, settings)
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            kept = dict(content["settings"])
            done = [DrawResult(**result) for result in content["results"]]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InvalidInput(
                f"{path} does not hold results of this benchmark ({type(error).__name__}: {error}). Give "
                "another --output, or delete the file."
            ) from error
        if kept != settings:
            names = sorted(set(kept) | set(settings))
            other = ", ".join(name for name in names if kept.get(name) != settings.get(name))
            raise InvalidInput(
                f"The results in {path} were made with other settings ({other}), and would not compare. Give "
                "another --output, or delete the file."
            )
        return cls(path, settings, done)

    def has(self, size: int, draw: int, arm: str) -> bool:
        """Says whether an arm of a draw is there."""
        return any((result.size, result.draw, result.arm) == (size, draw, arm) for result in self.done)

    def add(self, result: DrawResult) -> None:
        """Takes one arm of one draw, and writes the file."""
        self.done.append(result)
        content = {"settings": self.settings, "results": [vars(result) for result in self.done]}
        write_atomically(self.path, json.dumps(content, indent=1) + "\n")

    def of(self, size: int, arm: str) -> list[DrawResult]:
        """Returns the draws of one size and arm, in order."""
        chosen = [result for result in self.done if (result.size, result.arm) == (size, arm)]
        return sorted(chosen, key=lambda result: result.draw)


def mark_of(size: int, arm: str) -> float:
    """Returns the figure to be below: the published one, or with augmentation half of it, in percent."""
    return PUBLISHED[size] / (1 if arm == WITHOUT else 2)


def verdict(mark: float, interval: tuple[float, float] | None) -> str:
    """Says on which side of a mark an interval lies."""
    if interval is None:
        return "one draw"
    low, high = interval
    if high < mark:
        return "below"
    return "above" if low > mark else "not told apart"


def table(results: Results, sizes: Sequence[int]) -> str:
    """Returns the table in Markdown: single networks and ensembles, without and with augmentation."""
    columns = (
        "N",
        "augmentation",
        "networks",
        "draws",
        "test error, %",
        "SD",
        "95 % interval",
        "mark, %",
        "side",
    )
    lines = ["| " + " | ".join(columns) + " |", "|---" * len(columns) + "|"]
    for size in sizes:
        for arm in ARMS:
            draws = results.of(size, arm)
            if draws:
                count = len(draws[0].errors)
                single = [result.mean_error for result in draws]
                together = [result.ensemble_error for result in draws]
                lines.append(_row(size, arm, "one", single))
                lines.append(_row(size, arm, f"{count} averaged", together))
    return "\n".join(lines)


def _row(size: int, arm: str, networks: str, errors: Sequence[float]) -> str:
    mean, sd, interval = mean_interval(errors)
    mark = mark_of(size, arm)
    spread = "-" if sd is None else f"{sd:.2f}"
    ends = "-" if interval is None else f"{interval[0]:.2f} to {interval[1]:.2f}"
    cells = (f"{size:,}", arm, networks, len(errors), f"{mean:.2f}", spread, ends, f"{mark:.3g}")
    return "| " + " | ".join(map(str, cells)) + f" | {verdict(mark, interval)} |"
