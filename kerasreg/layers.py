"""Keras layers that Keras lacks."""

from typing import Any

import keras
import numpy as np

from kerasreg.checks import check_number


@keras.saving.register_keras_serializable(package="kerasreg")
class DropConnectDense(keras.layers.Dense):
    """A dense layer that trains with random weights switched off.

    At each training step every weight of the kernel is set to zero with probability `rate`, and the
    others are divided by `1 - rate` ("inverted" scaling, as in Keras' Dropout), so that each sum is
    unchanged on average. At inference all weights are used as they are.

    Two things differ from the paper, both for speed and plainness:

    - One mask is drawn for each step and shared by the examples of the batch. Wan et al. draw one for each
      example, which takes batch size x inputs x units random numbers and as many
      multiplications that no matrix product can share. The gradient of a step has the same mean and more
      variance. Merity et al. share the mask in the same way.
    - The bias is never dropped: it is no connection between units, and no other penalty here touches it.

    At inference the paper samples from a Gaussian fitted to the layer's input; using the mean weights
    instead is what Dropout does, and needs no random numbers.

    Args:
        units: Number of units, at least 1.
        rate: Fraction of the weights dropped at each training step, in [0, 1).
        activation: As in `keras.layers.Dense`.
        seed: Seed of the masks, a whole number, or `None` for a random one.
        **kwargs: Everything else that `keras.layers.Dense` takes.

    Input shape:
        (batch, ..., inputs).

    Output shape:
        (batch, ..., units).

    Raises:
        InvalidInput: If `rate` is outside its range.

    Reference:
        Wan et al., "Regularization of Neural Networks using DropConnect", ICML 2013.
        Merity et al., "Regularizing and Optimizing LSTM Language Models", ICLR 2018, section 2.

    Example:
    >>> layer = DropConnectDense(10, rate=0.5, activation="relu", seed=0)
    >>> tuple(layer(keras.ops.ones((32, 64)), training=True).shape)
    (32, 10)
    """

    def __init__(
        self,
        units: int,
        *,
        rate: float,
        activation: str | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(units, activation=activation, **kwargs)
        self.rate = check_number("rate", rate, below=1.0)
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Returns the layer's output, with weights dropped only if `training`."""
        kernel = self.kernel
        if training and self.rate > 0:
            kernel = keras.random.dropout(kernel, self.rate, seed=self.seed_generator)
        outputs = keras.ops.matmul(inputs, kernel)
        if self.bias is not None:
            outputs = keras.ops.add(outputs, self.bias)
        return self.activation(outputs)

    def get_config(self) -> dict[str, Any]:
        """Returns what makes the same layer again."""
        return super().get_config() | {"rate": self.rate, "seed": self.seed}


@keras.saving.register_keras_serializable(package="kerasreg")
class Standardization(keras.layers.Normalization):
    """A `keras.layers.Normalization` that leaves features constant in its data at their own scale.

    Keras divides a feature that `adapt` found constant by its epsilon, 1e-7: a column of zeros that holds a
    single 1 in the test rows becomes 10,000,000 there. Here such a feature is only centered, as in
    scikit-learn's `StandardScaler`. Everything else is as in `keras.layers.Normalization`.

    Input shape:
        (batch, ..., features).

    Output shape:
        That of the input.

    Reference:
        Chan, Golub & LeVeque, Algorithms for Computing the Sample Variance, The American Statistician 37,
        1983: the error bound by which scikit-learn, and this layer, call a variance zero.

    Example:
    >>> layer = Standardization()
    >>> layer.adapt(np.array([[1.0, 0.0], [3.0, 0.0]], dtype=np.float32))
    >>> layer(np.array([[5.0, 1.0]], dtype=np.float32)).numpy().tolist()
    [[3.0, 1.0]]
    """

    def adapt(self, data: Any) -> None:
        """Takes the mean and variance of each feature from the training rows, in double precision.

        Args:
            data: Rows of shape (n, ..., features): an array or tensor, or batches of them, such as a
                `tf.data.Dataset`, whose first entry is taken where a batch has several. Batches are
                collected in memory.
        """
        if not hasattr(data, "shape"):
            batches = (batch[0] if isinstance(batch, tuple | list) else batch for batch in data)
            data = np.concatenate([keras.ops.convert_to_numpy(batch) for batch in batches])
        # first as the network will see it, so that what is constant in single precision is found to be
        rows = keras.ops.convert_to_numpy(data).astype(self.variable_dtype).astype(np.float64)
        super().adapt(rows)
        mean, variance = (
            keras.ops.convert_to_numpy(moment).astype(np.float64)
            for moment in (self.adapt_mean, self.adapt_variance)
        )
        count, resolution = rows.size / max(1, mean.size), np.finfo(np.float64).eps
        bound = count * resolution * variance + (count * mean * resolution) ** 2
        self.adapt_variance.assign(np.where(variance <= bound, 1.0, variance))
        self.finalize_state()
