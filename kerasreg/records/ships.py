"""Ships that were counted in a picture of the sea, and the slick that was outlined."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from kerasreg.checks import check_one_of
from kerasreg.intervals import mean_interval
from kerasreg.records.table import as_json, as_table

WAYS = ("spots", "laplace")


@dataclass(frozen=True, eq=False, kw_only=True)
class ShipCounting:
    """What was found in one picture of the sea, under several draws of noise.

    Args:
        data: What the picture is called.
        picture: Grey levels without the noise, shape (height, width).
        ships: (row, column) of the true ships, shape (ships, 2).
        slick: Which pixels the slick truly covers, booleans of shape (height, width).
        noise: Standard deviations of the noise, ascending.
        found: By way, `"spots"` or `"laplace"`, for each noise and repeat an array of shape (n, 3): row,
            column, and the number of the true ship it is, counted from 0, or -1 if it is none. Repeat r has
            the same noise for both ways, and but for its strength in every row.
        overlap: Of the slick's outline with the true one: pixels in both over pixels in either, shape (noise,
            repeats).
        outlines: The outline of the first repeat, booleans of shape (noise, height, width).
        settings: `repeats`, `tolerance` (pixels) and `seed`.
        seconds: Seconds from the call to its end.
    """

    data: str
    picture: np.ndarray
    ships: np.ndarray
    slick: np.ndarray
    noise: tuple[float, ...]
    found: dict[str, list[list[np.ndarray]]]
    overlap: np.ndarray
    outlines: np.ndarray
    settings: dict[str, Any]
    seconds: float

    def num_matched(self, way: str) -> np.ndarray:
        """Returns how many of the true ships were found, shape (noise, repeats)."""
        return np.array([[int((each[:, 2] >= 0).sum()) for each in row] for row in self._found(way)])

    def num_false(self, way: str) -> np.ndarray:
        """Returns how many that were found are no ships, shape (noise, repeats)."""
        return np.array([[int((each[:, 2] < 0).sum()) for each in row] for row in self._found(way)])

    def recall(self, way: str) -> np.ndarray:
        """Returns the share of the true ships that were found, shape (noise, repeats)."""
        return self.num_matched(way) / len(self.ships)

    def precision(self, way: str) -> np.ndarray:
        """Returns the share of what was found that are ships, shape (noise, repeats); NaN for nothing."""
        matched, false = self.num_matched(way), self.num_false(way)
        with np.errstate(invalid="ignore"):
            return matched / (matched + false)

    def f1(self, way: str) -> np.ndarray:
        """Returns the harmonic mean of recall and precision, shape (noise, repeats); 0 for no ship."""
        return f1_of(self.num_matched(way), self.num_false(way), len(self.ships))

    def scores(self) -> list[dict[str, Any]]:
        """Returns one row for each noise: means over the repeats and the ends of their 95 % intervals.

        Each has `noise`, and with `_low` and `_high` for each way `matched_WAY`, `false_WAY` and `f1_WAY`;
        `f1_difference`, that of spots less that of laplace on the same noise; and `overlap`. The ends are cut
        at what is possible, and NaN for one repeat and where there is no noise to vary.
        """
        measured = measured_of(self)
        return [
            {"noise": strength}
            | means(
                {name: each[place] for name, each in measured.items()},
                ships=len(self.ships),
                intervals=strength > 0,
            )
            for place, strength in enumerate(self.noise)
        ]

    def summary(self) -> str:
        """Returns what the numbers show, two or three sentences for each noise."""
        lines = [
            f"Noise {row['noise']:g}, {len(self.ships)} ships: {sentences(row)}" for row in self.scores()
        ]
        repeats = self.overlap.shape[1]
        if repeats > 1 and self.noise[-1] > 0:
            lines.append(
                f"The intervals are over {repeats} draws of the noise on this one picture, and say nothing "
                "of others."
            )
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """Returns the record as JSON can hold it."""
        return as_json(self)

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> "ShipCounting":
        """Makes the record that `to_dict` wrote."""
        found = {
            way: [[np.array(each, dtype=float).reshape(-1, 3) for each in row] for row in rows]
            for way, rows in record["found"].items()
        }
        arrays = {name: np.array(record[name], dtype=float) for name in ("picture", "ships", "overlap")}
        arrays |= {name: np.array(record[name], dtype=bool) for name in ("slick", "outlines")}
        return cls(**{**record, "noise": tuple(record["noise"]), "found": found, **arrays})

    def to_frame(self) -> Any:
        """Returns one row for each way, noise and repeat: a DataFrame with pandas, plain rows without."""
        return as_table(
            [
                {
                    "way": way,
                    "noise": strength,
                    "repeat": repeat,
                    "ships": len(self.ships),
                    "matched": int(self.num_matched(way)[place, repeat]),
                    "false": int(self.num_false(way)[place, repeat]),
                    "recall": float(self.recall(way)[place, repeat]),
                    "precision": float(self.precision(way)[place, repeat]),
                    "f1": float(self.f1(way)[place, repeat]),
                    "slick_overlap": float(self.overlap[place, repeat]),
                }
                for way in WAYS
                for place, strength in enumerate(self.noise)
                for repeat in range(self.overlap.shape[1])
            ]
        )

    def _found(self, way: str) -> list[list[np.ndarray]]:
        return self.found[check_one_of("way", way, WAYS)]


def f1_of(matched: np.ndarray, false: np.ndarray, ships: np.ndarray | int) -> np.ndarray:
    """Returns the harmonic mean of recall and precision, 0 for no ship, of the shape of the counts."""
    return 2 * matched / (ships + matched + false)


def measured_of(record: Any) -> dict[str, np.ndarray]:
    """Returns what is averaged of ships and slick, by name: the counts, F1, its difference, the overlap."""
    measured = {
        f"{name}_{way}": values(way)
        for way in WAYS
        for name, values in (("matched", record.num_matched), ("false", record.num_false), ("f1", record.f1))
    }
    measured["f1_difference"] = record.f1("spots") - record.f1("laplace")
    return measured | {"overlap": record.overlap}


def means(measured: dict[str, np.ndarray], *, ships: float, intervals: bool = True) -> dict[str, float]:
    """Returns the mean of each, and with `_low` and `_high` the ends of its interval, or NaN without one.

    Args:
        measured: What `measured_of` returned, or a part of it.
        ships: How many can be matched at most, on average.
        intervals: Whether the values vary by chance, so that they have an interval.
    """
    possible = {"matched": (0, ships), "false": (0, np.inf)}  # F1 and the overlap are shares
    row: dict[str, float] = {}
    for name, values in measured.items():
        mean, _, ends = mean_interval(values)
        low, high = ends if ends and intervals else (np.nan, np.nan)
        least, most = possible.get(name.split("_")[0], (-1 if name == "f1_difference" else 0, 1))
        row |= {name: mean, f"{name}_low": np.maximum(low, least), f"{name}_high": np.minimum(high, most)}
    return row


def sentences(row: dict[str, Any]) -> str:
    """Returns what the means of ships and slick show; whether they are over noise or pictures is not said."""
    ways = [
        f"{way} found {_told(row, f'matched_{way}', 1)}, and falsely {_told(row, f'false_{way}', 1)}"
        for way in WAYS
    ]
    text = f"{'; '.join(ways)}."
    low, high = row["f1_difference_low"], row["f1_difference_high"]
    if not np.isnan(low):
        verdict = "higher" if low > 0 else "lower" if high < 0 else "no difference shown"
        text += f" F1 of spots less that of laplace: {verdict}, {_told(row, 'f1_difference', 2)}."
    return f"{text} The slick's outline overlaps by {_told(row, 'overlap', 3)}."


def _told(row: dict[str, Any], name: str, digits: int) -> str:
    mean, low, high = row[name], row[f"{name}_low"], row[f"{name}_high"]
    if np.isnan(low) or low == high:
        whole = digits == 1 and mean == round(mean)  # a number of ships
        return f"{mean:.{0 if whole else digits}f}"
    return f"{mean:.{digits}f} (95 % interval {low:.{digits}f} to {high:.{digits}f})"
