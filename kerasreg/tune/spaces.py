"""The search spaces, as data: which values each hyperparameter may take, and its value when fixed."""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kerasreg.checks import (
    LONGEST,
    InvalidInput,
    check_flag,
    check_list,
    check_mapping,
    check_number,
    check_whole_number,
    shown,
)
from kerasreg.records.table import as_python

if TYPE_CHECKING:  # the command's help reads this file and must not wait for TensorFlow
    from collections.abc import Iterable, Mapping

    import keras_tuner


@dataclass(frozen=True)
class Real:
    """Any number from `low` to `high`, drawn evenly, or evenly in its logarithm if `log`."""

    low: float
    high: float
    log: bool = False

    def __post_init__(self) -> None:
        minimum = sys.float_info.min if check_flag("log", self.log) else -math.inf
        low = check_number("The low end of a range", self.low, minimum=minimum)
        high = check_number("The high end of a range", self.high, minimum=low, exclusive_minimum=True)
        object.__setattr__(self, "low", low)
        object.__setattr__(self, "high", high)

    def register(self, hp: keras_tuner.HyperParameters, name: str) -> float:
        """Declares the hyperparameter and returns its value in this trial."""
        sampling = "log" if self.log else "linear"
        return hp.Float(name, self.low, self.high, sampling=sampling)


@dataclass(frozen=True)
class Whole:
    """Any whole number from `low` to `high`, both included."""

    low: int
    high: int

    def __post_init__(self) -> None:
        low = check_whole_number("The low end of a range", self.low, minimum=0)
        high = check_whole_number("The high end of a range", self.high, minimum=low)
        object.__setattr__(self, "low", low)
        object.__setattr__(self, "high", high)

    def register(self, hp: keras_tuner.HyperParameters, name: str) -> int:
        """Declares the hyperparameter and returns its value in this trial."""
        return hp.Int(name, self.low, self.high)


@dataclass(frozen=True)
class OneOf:
    """One of `values`, in their order where they are numbers."""

    values: tuple

    def __post_init__(self) -> None:
        values = tuple(check_list("values", self.values, "values of one kind"))
        object.__setattr__(self, "values", as_python(values))
        kinds = {type(value) for value in self.values}
        if len(kinds) != 1 or not kinds <= {int, float, str, bool}:
            raise InvalidInput(
                "OneOf takes one or more values of one kind: whole numbers, numbers, names or truth values; "
                f"received {self.values!r}."
            )

    def register(self, hp: keras_tuner.HyperParameters, name: str) -> Any:
        """Declares the hyperparameter and returns its value in this trial."""
        return hp.Choice(name, list(self.values))


Range = Real | Whole | OneOf

# What `search_over` may name: each knob, the hyperparameters it switches on, and where they range.
_SHARED: dict[str, dict[str, Range]] = {
    "l1": {"l1": Real(1e-7, 1e-3, log=True)},
    "l2": {"l2": Real(1e-6, 1e-2, log=True)},
    "dropout": {"dropout": Real(0.0, 0.6)},
    "dropconnect": {"dropconnect": Real(0.0, 0.6)},
    "noise": {"noise_std": Real(0.0, 0.4)},
    "normalization": {"normalization": OneOf(("none", "batch", "layer"))},
    "max_norm": {"max_norm": Real(0.5, 8.0, log=True)},
    "learning_rate": {"learning_rate": Real(2e-4, 2e-2, log=True)},
    "batch_size": {"batch_size": OneOf((16, 32, 64, 128))},
}
_LABELS = {"label_smoothing": {"label_smoothing": Real(0.0, 0.3)}}
_PICTURES = {"augmentation": {"augmentation": Real(0.0, 2.0)}}

SPACES: dict[str, dict[str, dict[str, Range]]] = {
    "mlp": {
        "size": {"num_layers": Whole(1, 3), "units": OneOf((32, 64, 128, 256))},
        **_SHARED,
        **_LABELS,
    },
    "cnn": {
        "size": {
            "num_blocks": Whole(1, 3),
            "filters": OneOf((8, 16, 32)),
            "dense_units": OneOf((32, 64, 128)),
        },
        **_SHARED,
        **_LABELS,
        **_PICTURES,
    },
    # Its error is a mean over the numbers of a row, ten to a hundred times less than a cross-entropy: so
    # must the penalty be.
    "autoencoder": {
        "size": {"num_layers": Whole(1, 2), "units": OneOf((64, 128, 256))},
        **_SHARED,
        "l2": {"l2": Real(1e-7, 3e-5, log=True)},
        "learning_rate": {"learning_rate": Real(5e-4, 5e-3, log=True)},
        # Digits, white on black, are rebuilt best through a sigmoid; the patches of a soft picture are not.
        "output": {"output_activation": OneOf(("sigmoid", "linear"))},
        **_PICTURES,
    },
}

# The value of each hyperparameter that is not searched over.
_SHARED_FIXED = {
    "l1": 0.0,
    "l2": 0.0,
    "dropout": 0.0,
    "dropconnect": 0.0,
    "noise_std": 0.0,
    "normalization": "none",
    "max_norm": None,
    "learning_rate": 1e-3,
    "batch_size": 32,
}
FIXED: dict[str, dict[str, Any]] = {
    "mlp": {**_SHARED_FIXED, "num_layers": 2, "units": 128, "label_smoothing": 0.0},
    "cnn": {
        **_SHARED_FIXED,
        "num_blocks": 2,
        "filters": 16,
        "kernel_size": 5,
        "dense_units": 64,
        "normalization": "batch",
        "label_smoothing": 0.0,
        "augmentation": 0.0,
    },
    # The bottleneck is what an autoencoder is asked to do, not a setting to tune: the widest always
    # has the smallest error.
    "autoencoder": {
        **_SHARED_FIXED,
        "num_layers": 1,
        "units": 128,
        "learning_rate": 2e-3,
        "augmentation": 0.0,
        "kind": "dense",
        "bottleneck": 16,
        "output_activation": "sigmoid",
    },
}

# What is varied if nothing is named. An autoencoder that is to lose less than PCA must fit its rows closely:
# dropout and L1 keep it from that.
DEFAULT_SEARCH_OVER = {
    "mlp": ("size", "l1", "l2", "dropout"),
    "cnn": ("size", "l1", "l2", "dropout"),
    "autoencoder": ("size", "l2", "learning_rate", "output"),
}


def knobs_of(search_over: str | Iterable[str]) -> list[str]:
    """Returns the names in `search_over`, which may be one text with commas between them."""
    if isinstance(search_over, str):
        return [name.strip() for name in search_over.split(",") if name.strip()]
    return check_list("search_over", search_over, "names of what to vary")


def searched_ranges(
    model: str, search_over: str | Iterable[str], space: Mapping[str, Range] | None = None
) -> dict[str, Range]:
    """Returns the hyperparameters that a search varies, and their ranges.

    Args:
        model: `"mlp"`, `"cnn"` or `"autoencoder"`.
        search_over: Names of knobs, one by one or in one text with commas between them; each switches on
            the hyperparameters it stands for: `"size"`, `"l1"`, `"l2"`, … (the keys of `SPACES[model]`).
        space: Other ranges, by hyperparameter name, in the place of the built-in ones.

    Raises:
        InvalidInput: If a name is unknown, or nothing is named.
    """
    knobs = SPACES[model]
    names = knobs_of(search_over)
    unknown = [
        name if isinstance(name, str) else shown(name)
        for name in names
        if not (isinstance(name, str) and name in knobs)
    ]
    if unknown or not names:
        received = ", ".join(unknown) or "nothing"
        if len(received) > LONGEST:
            received = f"{received[:LONGEST]}…"
        raise InvalidInput(
            f"search_over received {received}; a search of the {model} can be over {', '.join(knobs)}."
        )
    ranges = {name: span for knob in names for name, span in knobs[knob].items()}
    space = check_mapping("space", space, "ranges by hyperparameter name") if space is not None else {}
    for name, span in space.items():
        if name not in ranges:
            raise InvalidInput(
                f"space has a range for {name!r}, which is not searched over; this search is over "
                f"{', '.join(ranges)}. Switch it on in search_over."
            )
        if not isinstance(span, Range):
            raise InvalidInput(
                f"The range of {name} must be a Real, a Whole or a OneOf of kerasreg.tune; received {span!r}."
            )
        ranges[name] = span
    return ranges


def fixed_values(
    model: str, ranges: Mapping[str, Range], fixed: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Returns the value of every hyperparameter that is not searched over.

    Args:
        model: `"mlp"`, `"cnn"` or `"autoencoder"`.
        ranges: What `searched_ranges` returned.
        fixed: Other values, by hyperparameter name, in the place of the built-in ones.

    Raises:
        InvalidInput: If a name is unknown or is searched over.
    """
    values = {name: value for name, value in FIXED[model].items() if name not in ranges}
    fixed = check_mapping("fixed", fixed, "values by hyperparameter name") if fixed is not None else {}
    for name, value in fixed.items():
        if name not in values:
            raise InvalidInput(
                f"fixed has a value for {name!r}; what can be fixed in this search is {', '.join(values)}."
            )
        values[name] = as_python(value)
    return values
