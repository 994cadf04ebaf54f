"""The metrics of one training run, per step or per epoch."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from kerasreg.checks import InvalidInput, check_one_of
from kerasreg.records.table import as_json, as_table, nan_for_none


@dataclass(frozen=True, kw_only=True)
class TrainingHistory:
    """What one network's metrics were as it trained.

    Args:
        unit: What one entry stands for, `"step"` or `"epoch"`.
        metrics: By name, one value for each step or epoch, all of one length.
    """

    unit: str
    metrics: dict[str, list[float]]

    def __post_init__(self) -> None:
        check_one_of("unit", self.unit, ("step", "epoch"))
        lengths = {name: len(values) for name, values in self.metrics.items()}
        if len(set(lengths.values())) > 1:
            raise InvalidInput(f"All metrics must have one length; received {lengths}.")

    def __len__(self) -> int:
        return len(next(iter(self.metrics.values()), []))

    def best(self, metric: str, *, mode: str = "min") -> tuple[int, float]:
        """Returns the first best step or epoch, counted from 1, and the metric's value there.

        Args:
            metric: A name in `metrics`.
            mode: `"min"` if less is better, `"max"` if more is.

        Raises:
            InvalidInput: If there is no such metric, or it was never finite.
        """
        check_one_of("metric", metric, tuple(self.metrics))
        check_one_of("mode", mode, ("min", "max"))
        values = np.array(self.metrics[metric], dtype=float)
        finite = np.isfinite(values)
        if not finite.any():
            raise InvalidInput(f"{metric} has no best {self.unit}: it was finite in none of {len(self)}.")
        loss = np.where(finite, values if mode == "min" else -values, np.inf)
        position = int(loss.argmin())
        return position + 1, float(values[position])

    def to_dict(self) -> dict[str, Any]:
        """Returns the record as JSON can hold it; a metric that is not finite becomes None."""
        return {"unit": self.unit, "metrics": as_json(self.metrics)}

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> "TrainingHistory":
        """Makes the record that `to_dict` wrote, NaN where it has None."""
        metrics = {
            name: [nan_for_none(value) for value in values] for name, values in record["metrics"].items()
        }
        return cls(unit=record["unit"], metrics=metrics)

    def to_frame(self) -> Any:
        """Returns one row for each step or epoch: a DataFrame with pandas, plain rows without."""
        return as_table(
            [
                {self.unit: number + 1} | {name: values[number] for name, values in self.metrics.items()}
                for number in range(len(self))
            ]
        )
