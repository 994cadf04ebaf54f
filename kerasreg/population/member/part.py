"""One layer of a member, what it can use in a training step, and the errors for layers that are refused."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from kerasreg.checks import InvalidInput
from kerasreg.population.kernels.random_numbers import keep_mask, normal, uniform

ONE_BY_ONE = "Pass fallback=True to train such models one by one."
CHANGE_OR_ONE_BY_ONE = "Change it, or pass fallback=True to train such models one by one."
UNFED = " unfed"  # ends the name of a kernel's part that no input feeds


class UnstackableModel(InvalidInput):
    """A model has a layer, loss or option that cannot be trained as a member of a population.

    Args:
        message: What is wrong and what to do.
        what: What stands against it, in a word or two, so that many models can be counted by it.
    """

    def __init__(self, message: str, *, what: str) -> None:
        super().__init__(message)
        self.what = what

    @property
    def reason(self) -> str:
        """The message without the advice to train such models one by one, for who does so."""
        return str(self).removesuffix(CHANGE_OR_ONE_BY_ONE).removesuffix(ONE_BY_ONE).rstrip()


@dataclass(frozen=True, kw_only=True)
class Part:
    """One layer of one member.

    Args:
        kind: Everything about the layer that is compiled into a program; members whose parts have equal
            kinds can share one. The width of a hidden dense layer is not part of it.
        apply: Computes the layer for all members: takes a `Stage` and the inputs, each of shape
            (P, batch, ...). It may depend on `kind` alone.
        hyperparameters: Values that may differ between the members of one program.
        trainable: Trainable variables, by name.
        moving_statistics: Variables that training updates without a gradient, such as BatchNormalization's
            moving mean and variance, by name.
        constants: Arrays that training does not change, by name.
        bounds: For each trainable variable the axes over which a bound on its norm is taken.
        seed: Seed of the layer's random numbers, or `None`.
        keeps_zeros: Whether a unit that is always zero stays so, whatever the others are; if so,
            zeros can stand in for the units that a narrower member lacks.
        passes_inputs: Hyperparameters that must be zero for the part to pass each input on separately and in
            order, zeros as zeros; `None` if it does something else.
    """

    kind: tuple[Hashable, ...]
    apply: Callable[..., tf.Tensor]
    hyperparameters: Mapping[str, float] = field(default_factory=dict)
    trainable: Mapping[str, keras.Variable] = field(default_factory=dict)
    moving_statistics: Mapping[str, keras.Variable] = field(default_factory=dict)
    constants: Mapping[str, np.ndarray] = field(default_factory=dict)
    bounds: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    seed: int | None = None
    keeps_zeros: bool = False
    passes_inputs: tuple[str, ...] | None = None


@dataclass
class Stage:
    """Inputs of a part's `apply` in one step of a program.

    Args:
        weights: The layer's trainable variables, moving statistics and constants by name, each (P, ...).
        hyperparameters: The layer's hyperparameters by name, each of shape (P,).
        nonzero: Names of the hyperparameters that are nonzero for some member; others need no computation.
        training: Whether this is a training step.
        compiled: Whether XLA compiles the program, so that its operations are not run one by one.
        keys: The layer's random keys, uint32 of shape (P,).
        steps: How many training steps each member has made, int32 of shape (P,).
        row_weights: 1 for real rows and 0 for those that pad a smaller batch, float32 of
            shape (P, batch), or `None` where all are real.
        updates: Receives the new values of moving statistics by name.
    """

    weights: Mapping[str, tf.Tensor]
    hyperparameters: Mapping[str, tf.Tensor]
    nonzero: frozenset[str]
    training: bool
    compiled: bool = True
    keys: tf.Tensor | None = None
    steps: tf.Tensor | None = None
    row_weights: tf.Tensor | None = None
    updates: dict[str, tf.Tensor] = field(default_factory=dict)

    @property
    def by_library(self) -> bool:
        """Whether TensorFlow's own operations are the fastest: one by one, and not to be differentiated."""
        return not (self.compiled or self.training)

    def hyperparameter(self, name: str, rank: int) -> tf.Tensor:
        """Returns a hyperparameter of each member, shaped to multiply a tensor of `rank` axes."""
        return along_members(self.hyperparameters[name], rank)

    def keep(self, rate: str, rows: int, elements: int) -> tf.Tensor:
        """Draws which values are kept, bool of shape (P, rows, elements)."""
        return keep_mask(self.keys, self.steps, self.hyperparameters[rate], rows=rows, elements=elements)

    def normal_like(self, tensor: tf.Tensor) -> tf.Tensor:
        """Draws a standard normal value for each of a tensor of shape (P, batch, ...)."""
        rows, elements = tensor.shape[1], int(np.prod(tensor.shape[2:]))
        return tf.reshape(normal(self.keys, self.steps, rows=rows, elements=elements), tf.shape(tensor))

    def uniform(self, rows: int, elements: int) -> tf.Tensor:
        """Draws from [0, 1), shape (P, rows, elements)."""
        return uniform(self.keys, self.steps, rows=rows, elements=elements)


def along_members(vector: tf.Tensor, rank: int) -> tf.Tensor:
    """Returns a tensor of shape (P,) as one of shape (P, 1, ...) with `rank` axes."""
    return tf.reshape(vector, (-1, *[1] * (rank - 1)))


def refuse(layer: keras.Layer, what: str) -> UnstackableModel:
    """Returns the error that says why a layer cannot be trained as part of a population."""
    return UnstackableModel(
        f"The layer {layer.name!r} ({type(layer).__name__}) {what}, which a population cannot train. "
        f"{CHANGE_OR_ONE_BY_ONE}",
        what=type(layer).__name__,
    )


def require(layer: keras.Layer, **wanted: Any) -> None:
    """Raises `UnstackableModel` if an option of a layer, by attribute name, has another value."""
    for name, value in wanted.items():
        received = getattr(layer, name, value)
        if received != value:
            raise refuse(layer, f"has {name}={received!r} where a population needs {value!r}")


def variables_of(layer: keras.Layer, *names: str) -> dict[str, keras.Variable]:
    """Returns those of a layer's variables that it has, by attribute name."""
    found = {name: getattr(layer, name, None) for name in names}
    return {name: variable for name, variable in found.items() if variable is not None}


def seed_of(layer: keras.Layer) -> int:
    """Returns the seed that a layer was given, or the one that Keras drew for it."""
    if layer.seed is not None:
        return int(layer.seed)
    generator = getattr(layer, "seed_generator", None) or getattr(layer, "generator", None)
    return int(keras.ops.convert_to_numpy(generator.state)[0]) if generator is not None else 0
