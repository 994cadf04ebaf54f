"""How near linear autoencoders came to the principal components."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from kerasreg.checks import check_one_of, check_shape
from kerasreg.intervals import mean_interval
from kerasreg.records.table import as_json, as_table

PARTS = ("train", "test")


@dataclass(frozen=True, eq=False, kw_only=True)
class PrincipalSubspace:
    """Errors of linear autoencoders and of PCA, and the angles between what they span.

    Args:
        data: Name of the data set.
        bottlenecks: Numbers of units of the code, ascending.
        train_rows: Rows that both were fitted to.
        test_rows: Rows that neither has seen.
        train_mse: Mean squared error of each network on the training rows, shape (bottlenecks, repeats);
            NaN if the training diverged or was interrupted.
        test_mse: The same on the test rows.
        pca_train_mse: PCA's error with as many components, shape (bottlenecks,).
        pca_test_mse: The same on the test rows.
        angles: For each bottleneck the principal angles between the decoder's span and the leading
            components, in degrees, the largest first, shape (repeats, bottleneck); NaN as above.
        variances: Variance of the training rows along each component, descending.
        stop_reason: Why each training ended, as `MemberHistory` has it, shape (bottlenecks, repeats).
        settings: `epochs`, `batch_size` (`None` for all rows) and `seed`.
        seconds: Seconds of training.
    """

    data: str
    bottlenecks: tuple[int, ...]
    train_rows: int
    test_rows: int
    train_mse: np.ndarray
    test_mse: np.ndarray
    pca_train_mse: np.ndarray
    pca_test_mse: np.ndarray
    angles: tuple[np.ndarray, ...]
    variances: np.ndarray
    stop_reason: np.ndarray
    settings: dict[str, Any]
    seconds: float

    def __post_init__(self) -> None:
        shape = (len(self.bottlenecks), self.train_mse.shape[-1])
        for name in ("train_mse", "test_mse", "stop_reason"):
            check_shape(name, getattr(self, name), shape, "(bottlenecks, repeats)")

    @property
    def repeats(self) -> int:
        """Networks of each bottleneck."""
        return self.train_mse.shape[1]

    @property
    def largest_angle(self) -> np.ndarray:
        """The largest principal angle of each network in degrees, shape (bottlenecks, repeats)."""
        return np.array([angles[:, 0] for angles in self.angles])

    @property
    def variance_ratio(self) -> np.ndarray:
        """The variance along the last component taken over that along the first left out, (bottlenecks,).

        Near 1 the two are nearly as good as one another: the subspace may then turn with hardly any
        change of the error. NaN where no component is left out.
        """
        after = np.append(self.variances, np.nan)
        return np.array([after[number - 1] / after[number] for number in self.bottlenecks])

    def ratio(self, part: str = "test") -> np.ndarray:
        """Returns each network's error divided by PCA's on the `"train"` or `"test"` rows.

        On the training rows it is at least 1 but for rounding: no linear map of that rank does better
        (Eckart and Young, Psychometrika 1, 1936). On the test rows it may be either side of 1.
        """
        check_one_of("part", part, PARTS)
        return getattr(self, f"{part}_mse") / getattr(self, f"pca_{part}_mse")[:, np.newaxis]

    def summary(self) -> str:
        """Returns how near they came, a sentence for each bottleneck."""
        return "\n".join(self._sentences())

    def _sentences(self) -> Iterator[str]:
        for place, number in enumerate(self.bottlenecks):
            ratio = self.ratio("train")[place]
            whole = ratio[np.isfinite(ratio)]
            units = f"With {number} unit{'s' * (number > 1)}"
            if not len(whole):
                yield f"{units} no training came to its end."
                continue
            test = self.ratio("test")[place][np.isfinite(ratio)]
            angle = self.largest_angle[place][np.isfinite(ratio)]
            yield (
                f"{units} the linear autoencoder's error differs from PCA's by {_told(whole - 1)} on the "
                f"training rows and by {_told(test - 1)} on the test rows; the largest principal angle is "
                f"{angle.mean():.2g} degrees on average and {angle.max():.2g} at most, where the variance "
                f"along the last component taken is {self.variance_ratio[place]:.3g} times the next one's."
            )
        excess = self.ratio("train") - 1
        if np.isfinite(excess).any():
            yield (
                f"Over all {np.isfinite(excess).sum()} networks whose training came to its end, the error on "
                f"the training rows is above PCA's by at most {100 * max(np.nanmax(excess), 0):.2g} %. The "
                f"intervals are over {self.repeats} initial weights, for the same rows."
            )

    def to_dict(self) -> dict[str, Any]:
        """Returns the record as JSON can hold it; a number that is not finite becomes None."""
        return as_json(self)

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> "PrincipalSubspace":
        """Makes the record that `to_dict` wrote, NaN where it has None."""
        numbers = ("train_mse", "test_mse", "pca_train_mse", "pca_test_mse", "variances")
        arrays: dict[str, Any] = {name: np.array(record[name], dtype=float) for name in numbers}
        arrays["angles"] = tuple(np.array(angles, dtype=float) for angles in record["angles"])
        arrays["stop_reason"] = np.array(record["stop_reason"])
        return cls(**{**record, "bottlenecks": tuple(record["bottlenecks"]), **arrays})

    def to_frame(self) -> Any:
        """Returns one row for each network: a DataFrame with pandas, plain rows without."""
        return as_table(
            [
                {
                    "bottleneck": self.bottlenecks[place],
                    "repeat": repeat,
                    **{f"{part}_mse": float(getattr(self, f"{part}_mse")[place, repeat]) for part in PARTS},
                    **{f"pca_{part}_mse": float(getattr(self, f"pca_{part}_mse")[place]) for part in PARTS},
                    **{f"{part}_ratio": float(self.ratio(part)[place, repeat]) for part in PARTS},
                    "largest_angle": float(self.largest_angle[place, repeat]),
                    "stop_reason": str(self.stop_reason[place, repeat]),
                }
                for place, repeat in np.ndindex(self.train_mse.shape)
            ]
        )


def _told(excess: np.ndarray) -> str:
    mean, _, ends = mean_interval(100 * excess)
    interval = "" if ends is None else f" (95 % interval {ends[0]:+.2g} to {ends[1]:+.2g} %)"
    return f"{mean:+.2g} %{interval}"
