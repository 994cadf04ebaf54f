"""The parts that networks are made of, each with its regularizers."""

from dataclasses import dataclass
from typing import Any

import keras

from kerasreg.augmentation import Augmentation, augmentation_layers
from kerasreg.layers import DropConnectDense
from kerasreg.proximal import ProximalL1
from kerasreg.regularization import Regularization
from kerasreg.seeds import derive_seed

# How much of its moving mean and variance a batch normalization keeps at each step. Keras' 0.99 needs
# hundreds of steps before inference has seen the data; on a small data set, that is dozens of epochs in
# which validation measures the initial zeros and ones.
BATCH_MOMENTUM = 0.9


@dataclass(frozen=True, kw_only=True)
class Parts:
    """Makes the layers of one network.

    Where the regularizers act, and which layers are there, is decided here for all builders:

    - GaussianNoise and Dropout layers are always present, at rate 0 too, where Keras does nothing.
      Networks that differ only in numbers have the same layers, and can train as one population.
    - DropConnectDense stands in for Dense only where it drops weights, and normalization layers and
      `ProximalL1` are there only when asked for, so that a plain saved model loads without kerasreg.
    - Each layer draws from a seed derived from its own name, so that switching a regularizer on or off
      leaves the initial weights as they were. Biases are kept under a normalization, which
      makes them idle, for the same reason.

    Args:
        regularization: What keeps the network from fitting noise.
        activation: Name of the activation of the hidden layers.
        seed: Seed of everything random in the network, a whole number >= 0.
    """

    regularization: Regularization
    activation: str
    seed: int

    def input_layers(self, augmentation: Augmentation | keras.Layer) -> list[keras.Layer]:
        """Returns the random changes of a picture, if any, and then the noise on the input."""
        name = "input_noise"
        noise = keras.layers.GaussianNoise(
            self.regularization.noise_std, seed=derive_seed(self.seed, name), name=name
        )
        return [*augmentation_layers(augmentation, seed=self.seed), noise]

    def hidden_dense(self, name: str, units: int) -> list[keras.Layer]:
        """Returns a hidden layer: the linear part, a normalization if any, the activation, dropout.

        Their names are `name`, `name_normalization`, `name_activation` and `name_dropout`.
        """
        return [
            self.linear(name, units),
            *self._normalization(name),
            keras.layers.Activation(self.activation, name=f"{name}_activation"),
            self.dropout(name),
        ]

    def linear(self, name: str, units: int) -> keras.Layer:
        """Returns the linear part of a hidden layer, with the DropConnect and the bound on its weights."""
        options = self._options(name) | {"kernel_constraint": self._constraint(incoming_axes=[0])}
        if self.regularization.dropconnect:
            return DropConnectDense(
                units,
                rate=self.regularization.dropconnect,
                seed=derive_seed(self.seed, name, "dropconnect"),
                **options,
            )
        return keras.layers.Dense(units, **options)

    def output_dense(self, name: str, units: int) -> keras.Layer:
        """Returns a linear layer with nothing but the penalties on its weights."""
        return keras.layers.Dense(units, **self._options(name))

    def hidden_convolution(
        self, name: str, filters: int, kernel_size: int, *, strides: int = 1
    ) -> list[keras.Layer]:
        """Returns a convolution, a normalization if any, and the activation.

        Their names are `name`, `name_normalization` and `name_activation`. The layer normalization runs
        over the channels of each pixel.
        """
        convolution = keras.layers.Conv2D(
            filters,
            kernel_size,
            strides=strides,
            padding="same",
            **self._options(name) | {"kernel_constraint": self._constraint(incoming_axes=[0, 1, 2])},
        )
        activation = keras.layers.Activation(self.activation, name=f"{name}_activation")
        return [convolution, *self._normalization(name), activation]

    def output_convolution(self, name: str, filters: int, kernel_size: int) -> keras.Layer:
        """Returns a linear convolution with nothing but the penalties on its weights."""
        return keras.layers.Conv2D(filters, kernel_size, padding="same", **self._options(name))

    def dropout(self, name: str) -> keras.Layer:
        """Returns the dropout that follows the layer called `name`, named `name_dropout`."""
        name = f"{name}_dropout"
        return keras.layers.Dropout(self.regularization.dropout, seed=derive_seed(self.seed, name), name=name)

    def _options(self, name: str) -> dict[str, Any]:
        l1, l2, proximal_l1 = (getattr(self.regularization, name) for name in ("l1", "l2", "proximal_l1"))
        return {
            "name": name,
            "kernel_initializer": keras.initializers.GlorotUniform(derive_seed(self.seed, name)),
            "kernel_regularizer": keras.regularizers.L1L2(l1=l1, l2=l2) if l1 or l2 else None,
            "kernel_constraint": ProximalL1(proximal_l1) if proximal_l1 else None,
        }

    def _constraint(self, *, incoming_axes: list[int]) -> keras.constraints.Constraint | None:
        max_norm, proximal_l1 = self.regularization.max_norm, self.regularization.proximal_l1
        if proximal_l1:
            return ProximalL1(proximal_l1, max_norm=max_norm, axis=incoming_axes)
        return None if max_norm is None else keras.constraints.MaxNorm(max_norm, axis=incoming_axes)

    def _normalization(self, name: str) -> list[keras.Layer]:
        name = f"{name}_normalization"
        if self.regularization.normalization == "batch":
            return [keras.layers.BatchNormalization(momentum=BATCH_MOMENTUM, name=name)]
        if self.regularization.normalization == "layer":
            return [keras.layers.LayerNormalization(name=name)]
        return []
