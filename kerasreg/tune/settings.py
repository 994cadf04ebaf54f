"""What decides the result of a search, checked before anything is trained."""

import math
from dataclasses import asdict, dataclass, field
from typing import Any

from kerasreg.checks import MAX_EPOCHS, MAX_REPEATS, InvalidInput, check_one_of, check_whole_number
from kerasreg.records import Split
from kerasreg.records.table import as_python
from kerasreg.tune.spaces import DEFAULT_SEARCH_OVER, SPACES, Range, knobs_of, searched_ranges

# How many trials each strategy makes if not told. Hyperband's first trials are a few epochs long: it makes
# as many as a pass through its brackets takes, if that is more, which it is from 81 epochs on.
DEFAULT_TRIALS = {"random": 10, "grid": 10, "bayesian": 10, "hyperband": 90}
TUNERS = tuple(DEFAULT_TRIALS)
# An autoencoder's error falls for long after a classifier's has begun to rise.
DEFAULT_EPOCHS = {"mlp": 50, "cnn": 50, "autoencoder": 200}
DEFAULT_PATIENCE = {"mlp": 8, "cnn": 8, "autoencoder": 15}
MAX_TRIALS = 1_000_000
ENGINES = ("population", "fit")
DIRECTIONS = {"cross_entropy": "min", "accuracy": "max", "mse": "min", "standardized_mse": "min"}


@dataclass(frozen=True, kw_only=True)
class SearchSettings:
    """The settings of a search; two searches with the same settings, data and seed are the same.

    `kerasreg.tune.search` says what each one means.

    Raises:
        InvalidInput: If a value is unknown or out of its range.
    """

    model: str
    tuner: str = "random"
    engine: str = "population"
    objective: str = "cross_entropy"
    max_trials: int | None = None
    epochs: int | None = None
    patience: int | None = None
    folds: int = 1
    repeats: int = 1
    search_over: str | tuple[str, ...] | None = None
    space: dict[str, Range] = field(default_factory=dict)
    fixed: dict[str, Any] = field(default_factory=dict)
    fresh_seeds: int = 5

    def __post_init__(self) -> None:
        check_one_of("model", self.model, tuple(SPACES))
        check_one_of("tuner", self.tuner, TUNERS)
        check_one_of("engine", self.engine, ENGINES)
        self._set_default("epochs", DEFAULT_EPOCHS[self.model])
        self._set_default("patience", DEFAULT_PATIENCE[self.model])
        self._set_default("search_over", DEFAULT_SEARCH_OVER[self.model])
        brackets = hyperband_brackets(check_whole_number("epochs", self.epochs, maximum=MAX_EPOCHS))
        a_pass = sum(map(sum, brackets)) if self.tuner == "hyperband" else 0
        self._set_default("max_trials", min(MAX_TRIALS, max(DEFAULT_TRIALS[self.tuner], a_pass)))
        check_whole_number("max_trials", self.max_trials, maximum=MAX_TRIALS)
        check_whole_number("patience", self.patience, maximum=MAX_EPOCHS)
        for name in ("folds", "repeats", "fresh_seeds"):
            check_whole_number(name, getattr(self, name), maximum=MAX_REPEATS)
        if self.folds * self.repeats > MAX_REPEATS:
            raise InvalidInput(
                f"folds times repeats, the networks of each trial, must be at most {MAX_REPEATS:,}; received "
                f"{self.folds:,} folds and {self.repeats:,} repeats."
            )
        for name in ("max_trials", "epochs", "patience", "folds", "repeats", "fresh_seeds"):
            object.__setattr__(self, name, int(getattr(self, name)))  # NumPy's whole numbers
        object.__setattr__(self, "fixed", as_python(self.fixed))
        object.__setattr__(self, "search_over", tuple(knobs_of(self.search_over)))
        searched_ranges(self.model, self.search_over, self.space)
        if self.tuner == "hyperband" and self.max_trials <= brackets[0][0]:
            raise InvalidInput(
                f"Hyperband begins with {brackets[0][0]} short trials where epochs is {self.epochs}, and "
                f"needs more to promote the best of them; received max_trials {self.max_trials}. "
                "Allow more trials or fewer epochs, or take another tuner."
            )

    def _set_default(self, name: str, default: Any) -> None:
        if getattr(self, name) is None:
            object.__setattr__(self, name, default)

    @property
    def direction(self) -> str:
        """`"min"` if less of the objective is better, `"max"` if more is."""
        return DIRECTIONS[self.objective]

    @property
    def monitor(self) -> str:
        """The objective as Keras names it on validation data."""
        return f"val_{self.objective}"

    def check_suits(self, split: Split) -> None:
        """Raises `InvalidInput` where the objective or the network does not suit the data."""
        if split.num_classes is not None:
            accepted = ("cross_entropy", "accuracy")
        else:
            accepted = ("standardized_mse", "mse") if several_targets(self.model, split) else ("mse",)
        if self.objective not in accepted:
            kind = "regression and autoencoders" if split.num_classes is None else "classification"
            raise InvalidInput(
                f"The objective of {kind} must be {' or '.join(accepted)}; received {self.objective!r}."
            )
        if split.num_classes is None and self.model == "cnn":
            raise InvalidInput("The cnn is for classes; search the mlp for regression.")
        if split.num_classes is None and "label_smoothing" in searched_ranges(self.model, self.search_over):
            raise InvalidInput("label_smoothing is for classes; leave it out of search_over for regression.")
        if self.model == "mlp" and len(split.output_shape) > 1:
            raise InvalidInput(
                "The mlp gives one row of numbers for each input; received targets of shape "
                f"{split.output_shape}. Flatten them with y.reshape(len(y), -1)."
            )

    def to_dict(self) -> dict[str, Any]:
        """Returns the settings as JSON can hold them, with the range of everything that is searched."""
        ranges = searched_ranges(self.model, self.search_over, self.space)
        return {
            **{name: value for name, value in asdict(self).items() if name != "space"},
            "search_over": list(self.search_over),
            "space": {name: {"kind": type(span).__name__, **asdict(span)} for name, span in ranges.items()},
        }

    def as_call(self, *, seed: int) -> str:
        """Returns the call of `kerasreg.tune.search` that has these settings, without those left alone."""
        standard = SearchSettings(model=self.model, tuner=self.tuner, objective=self.objective)
        changed = [
            f"{name}={getattr(self, name)!r}"
            for name in self.__dataclass_fields__
            if name not in ("model", "tuner", "objective") and getattr(self, name) != getattr(standard, name)
        ]
        named = [f"tuner={self.tuner!r}", f"objective={self.objective!r}", *changed, f"seed={seed}"]
        return f"kerasreg.tune.search({self.model!r}, split, {', '.join(named)})"


def hyperband_brackets(epochs: int, *, factor: int = 3) -> list[list[int]]:
    """Returns how many trials the rounds of each bracket of KerasTuner's Hyperband have, in its order.

    Li et al., Hyperband, JMLR 2018, algorithm 1, with KerasTuner's way of rounding.
    """
    promotions = 0
    while factor ** (promotions + 1) <= epochs:
        promotions += 1
    budget = math.ceil(1 + math.log(epochs, factor))
    return [
        [math.ceil(budget / (bracket + 1) * factor**left) for left in range(bracket, -1, -1)]
        for bracket in range(promotions, -1, -1)
    ]


def default_objective(model: str, split: Split) -> str:
    """Returns the objective a search has when none is named."""
    if split.num_classes is not None:
        return "cross_entropy"
    return "standardized_mse" if several_targets(model, split) else "mse"


def several_targets(model: str, split: Split) -> bool:
    """Says whether a regression has targets of several units; the numbers of an autoencoder have one."""
    return model != "autoencoder" and split.num_classes is None and math.prod(split.output_shape) > 1
