"""Ships that were counted, and slicks that were outlined, in several pictures of the sea."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from kerasreg.checks import check_one_of
from kerasreg.records.ships import WAYS, f1_of, means, measured_of, sentences
from kerasreg.records.table import as_json, as_table


@dataclass(frozen=True, eq=False, kw_only=True)
class SeaScores:
    """What was found in each of several seas, scored against the truth.

    Args:
        data: What the seas are called.
        ships: How many there truly are in each, shape (seas,).
        matched: By way, `"spots"` or `"laplace"`: how many of them were found, shape (seas,).
        false: By way: how many that were found are no ships, shape (seas,).
        overlap: Of the slick's outline with the true one: pixels in both over pixels in either, (seas,).
        settings: `tolerance` (pixels).
        seconds: Seconds from the call to its end.
    """

    data: str
    ships: np.ndarray
    matched: dict[str, np.ndarray]
    false: dict[str, np.ndarray]
    overlap: np.ndarray
    settings: dict[str, Any]
    seconds: float

    def num_matched(self, way: str) -> np.ndarray:
        """Returns how many of the true ships were found in each sea, shape (seas,)."""
        return self.matched[check_one_of("way", way, WAYS)]

    def num_false(self, way: str) -> np.ndarray:
        """Returns how many that were found are no ships, shape (seas,)."""
        return self.false[check_one_of("way", way, WAYS)]

    def f1(self, way: str) -> np.ndarray:
        """Returns the harmonic mean of recall and precision in each sea, shape (seas,); 0 for no ship."""
        return f1_of(self.num_matched(way), self.num_false(way), self.ships)

    def scores(self) -> dict[str, float]:
        """Returns means over the seas, and with `_low` and `_high` the ends of their 95 % intervals.

        They are `matched_WAY`, `false_WAY` and `f1_WAY` for each way, `f1_difference`, that of spots less
        that of laplace on the same sea, and `overlap`. The ends are cut at what is possible, and NaN for one
        sea.
        """
        return means(measured_of(self), ships=self.ships.mean())

    def summary(self) -> str:
        """Returns what the numbers show, in a few sentences."""
        count = len(self.ships)
        seas = f"{count} seas" if count > 1 else "1 sea"
        least, most = self.ships.min(), self.ships.max()
        ships = f"{least}" if least == most else f"{least} to {most}"
        perfect = {way: int((self.f1(way) == 1).sum()) for way in WAYS}
        told = " and ".join(f"by {way} in {perfect[way]}" for way in WAYS)
        return (
            f"{seas} with {ships} ships each, on average: {sentences(self.scores())} All ships and nothing "
            f"else were found {told} of {seas}; the least overlap is {self.overlap.min():.3f}."
        )

    def to_dict(self) -> dict[str, Any]:
        """Returns the record as JSON can hold it."""
        return as_json(self)

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> "SeaScores":
        """Makes the record that `to_dict` wrote."""
        counts = {
            name: {way: np.array(values, dtype=int) for way, values in record[name].items()}
            for name in ("matched", "false")
        }
        ships, overlap = np.array(record["ships"], dtype=int), np.array(record["overlap"], dtype=float)
        return cls(**{**record, "ships": ships, "overlap": overlap, **counts})

    def to_frame(self) -> Any:
        """Returns one row for each way and sea: a DataFrame with pandas, plain rows without."""
        return as_table(
            [
                {
                    "way": way,
                    "sea": sea,
                    "ships": int(self.ships[sea]),
                    "matched": int(self.matched[way][sea]),
                    "false": int(self.false[way][sea]),
                    "f1": float(self.f1(way)[sea]),
                    "slick_overlap": float(self.overlap[sea]),
                }
                for way in WAYS
                for sea in range(len(self.ships))
            ]
        )
