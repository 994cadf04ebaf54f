"""The package's networks as KerasTuner hypermodels."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import keras
import keras_tuner
import numpy as np

from kerasreg.augmentation import Augmentation
from kerasreg.builders import build_autoencoder, build_cnn, build_mlp
from kerasreg.checks import InvalidInput
from kerasreg.records import Split
from kerasreg.regularization import Regularization
from kerasreg.tune.spaces import DEFAULT_SEARCH_OVER, Range, fixed_values, knobs_of, searched_ranges

# What augmentation strength 1 means: the usual distortions of handwritten digits (Simard et al. 2003
# use up to 15 degrees and 15 % of scale).
AUGMENTATION = Augmentation(translation=0.08, rotation=10.0, zoom=0.1)

_KNOBS = ("l1", "l2", "dropout", "dropconnect", "noise_std", "label_smoothing")


class RegularizedHyperModel(keras_tuner.HyperModel):
    """A builder whose arguments are hyperparameters; works with every KerasTuner tuner.

    Args:
        input_shape: Shape of one example.
        num_classes: Number of classes, or `None` for regression and autoencoders.
        search_over: Names of the knobs to search over; the others stay fixed. `None` for what a search is
            over by default.
        space: Other ranges than the built-in ones, by hyperparameter name.
        fixed: Other values than the built-in ones, by the name of a hyperparameter not searched over.
        seed: Seed of the initial weights and of dropout in every network built.

    Raises:
        InvalidInput: If a name is unknown. A fixed value out of its range is refused when a network is built.
    """

    model: str
    builder: Callable[..., keras.Model]

    def __init__(
        self,
        input_shape: tuple[int, ...],
        num_classes: int | None,
        *,
        search_over: str | Iterable[str] | None = None,
        space: Mapping[str, Range] | None = None,
        fixed: Mapping[str, Any] | None = None,
        seed: int = 0,
    ) -> None:
        super().__init__()
        self.input_shape = tuple(input_shape)
        self.num_classes = num_classes
        if search_over is None:
            search_over = DEFAULT_SEARCH_OVER[self.model]
        self.ranges = searched_ranges(self.model, search_over, space)
        self.fixed = fixed_values(self.model, self.ranges, fixed)
        self.seed = seed

    @classmethod
    def for_split(cls, split: Split, **options: Any) -> "RegularizedHyperModel":
        """Returns the hypermodel whose networks take and give what `split` holds."""
        return cls(split.input_shape, split.num_classes, **options)

    def values(self, hp: keras_tuner.HyperParameters) -> dict[str, Any]:
        """Declares what is searched over and returns every hyperparameter's value in this trial."""
        return {**{name: span.register(hp, name) for name, span in self.ranges.items()}, **self.fixed}

    def arguments(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Returns the builder's arguments for these hyperparameter values, as JSON can hold them."""
        raise NotImplementedError

    def build_from(self, values: Mapping[str, Any], *, seed: int) -> keras.Model:
        """Returns the compiled network of these hyperparameter values."""
        return type(self).builder(*self._shapes(), **self.arguments(values), seed=seed)

    def build(self, hp: keras_tuner.HyperParameters) -> keras.Model:
        """Returns the compiled network of a trial, as KerasTuner asks for it."""
        return self.build_from(self.values(hp), seed=self.seed)

    def fit(
        self, hp: keras_tuner.HyperParameters, model: keras.Model, *args: Any, **kwargs: Any
    ) -> keras.callbacks.History:
        """Trains a trial's network at the trial's batch size, as KerasTuner asks for it.

        Rows of features and targets given as arrays are what they are standardized by.
        """
        x = args[0] if args else kwargs.get("x")
        y = args[1] if len(args) > 1 else kwargs.get("y")
        if isinstance(x, np.ndarray):
            self.prepare(model, x, y if isinstance(y, np.ndarray) else None)
        return model.fit(*args, **{"batch_size": self.values(hp)["batch_size"], **kwargs})

    def prepare(self, model: keras.Model, x_train: np.ndarray, y_train: np.ndarray | None = None) -> None:
        """Takes from the training rows, and from them alone, what the network must know beforehand."""

    def _shapes(self) -> tuple:
        return (self.input_shape, self.num_classes)


class MLPHyperModel(RegularizedHyperModel):
    """`build_mlp` over the number of layers, their width, and every regularization knob.

    Rows of features, and the targets of regression, are standardized inside the network by the training rows
    of each fold: it takes and gives numbers in their own units. Pictures, which are in [0, 1] already, are
    not standardized.
    """

    model = "mlp"
    builder = build_mlp

    def __init__(self, *args: Any, output_units: int = 1, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.output_units = output_units

    @classmethod
    def for_split(cls, split: Split, **options: Any) -> "MLPHyperModel":
        """Returns the hypermodel whose networks take and give what `split` holds."""
        outputs = int(np.prod(split.output_shape))
        return cls(split.input_shape, split.num_classes, output_units=outputs, **options)

    def arguments(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Returns the arguments of `build_mlp`."""
        arguments = {"units": [values["units"]] * values["num_layers"], **shared_arguments(values)}
        if len(self.input_shape) == 1:
            arguments["standardize_input"] = True
        if self.num_classes is None:
            arguments["standardize_target"] = True
            if self.output_units > 1:
                arguments["output_units"] = self.output_units
        return arguments

    def prepare(self, model: keras.Model, x_train: np.ndarray, y_train: np.ndarray | None = None) -> None:
        """Sets the means and variances that rows of features and targets are standardized by."""
        if len(self.input_shape) == 1:
            model.get_layer("standardize_input").adapt(x_train)
        if self.num_classes is None and y_train is not None:
            model.get_layer("standardize_target").adapt(y_train.reshape(len(y_train), -1).astype(float))


class CNNHyperModel(RegularizedHyperModel):
    """`build_cnn` over the number of blocks, filters, dense units, and every regularization knob.

    Each block halves the picture and has twice the filters of the one before; there are never more
    blocks than the picture can be halved.
    """

    model = "cnn"
    builder = build_cnn

    def arguments(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Returns the arguments of `build_cnn`."""
        halvings = min(self.input_shape[:2]).bit_length() - 1
        return {
            "blocks": [
                {
                    "filters": values["filters"] * 2**block,
                    "kernel_size": values["kernel_size"],
                    "pooling": "max",
                    "pool_size": 2,
                }
                for block in range(min(values["num_blocks"], halvings))
            ],
            "dense_units": [values["dense_units"]],
            **augmentation_arguments(values),
            **shared_arguments(values),
        }


class AutoencoderHyperModel(RegularizedHyperModel):
    """`build_autoencoder` over the encoder's depth and width and every regularization knob.

    What `for_split` finds outside [0, 1], where no sigmoid gets, is rebuilt by linear outputs.
    """

    model = "autoencoder"
    builder = build_autoencoder

    @classmethod
    def for_split(cls, split: Split, **options: Any) -> "AutoencoderHyperModel":
        """Returns the hypermodel whose networks take and give what `split` holds.

        Raises:
            InvalidInput: If it is to choose the output for data outside [0, 1].
        """
        if options.get("search_over") is None:
            options["search_over"] = cls.default_search_over(split)
        if not _in_unit_interval(split):
            if "output" in knobs_of(options["search_over"]):
                raise InvalidInput(
                    "search_over has output, which chooses for data in [0, 1]; the training rows go from "
                    f"{split.x_train.min():g} to {split.x_train.max():g}, and the outputs are linear. Leave "
                    "it out."
                )
            options["fixed"] = {"output_activation": "linear", **(options.get("fixed") or {})}
        return cls(split.input_shape, None, **options)

    @classmethod
    def default_search_over(cls, split: Split) -> tuple[str, ...]:
        """Returns the knobs of a search that names none: outputs are chosen for data in [0, 1] alone."""
        knobs = DEFAULT_SEARCH_OVER[cls.model]
        return knobs if _in_unit_interval(split) else tuple(knob for knob in knobs if knob != "output")

    def arguments(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Returns the arguments of `build_autoencoder`."""
        return {
            "kind": values["kind"],
            "bottleneck": values["bottleneck"],
            "units": [values["units"]] * values["num_layers"],
            "output_activation": values["output_activation"],
            **augmentation_arguments(values),
            **shared_arguments(values),
        }

    def _shapes(self) -> tuple:
        return (self.input_shape,)


HYPERMODELS: dict[str, type[RegularizedHyperModel]] = {
    kind.model: kind for kind in (MLPHyperModel, CNNHyperModel, AutoencoderHyperModel)
}


def _in_unit_interval(split: Split) -> bool:
    return bool(split.x_train.min() >= 0 and split.x_train.max() <= 1)


def shared_arguments(values: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the arguments every builder has: what regularizes, and the learning rate."""
    knobs = {name: values[name] for name in _KNOBS if name in values}
    knobs["normalization"] = None if values["normalization"] == "none" else values["normalization"]
    knobs["max_norm"] = values["max_norm"]
    return {
        "regularization": Regularization(**knobs).active(),
        "learning_rate": values["learning_rate"],
    }


def augmentation_arguments(values: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the augmentation at the trial's strength, or nothing at strength 0."""
    if values["augmentation"] == 0:
        return {}
    return {"augmentation": AUGMENTATION.scaled(values["augmentation"]).to_dict()}
