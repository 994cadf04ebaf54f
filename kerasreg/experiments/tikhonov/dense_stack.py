"""Stacked dense networks, trained with a penalty on the gradient of their output."""

import keras
import numpy as np
import tensorflow as tf

from kerasreg.checks import InvalidInput
from kerasreg.records import Split

# Layers that pass vectors through when nothing is random
_INERT = (keras.layers.InputLayer, keras.layers.GaussianNoise, keras.layers.Dropout, keras.layers.Flatten)


class DenseStack:
    """Dense networks of one architecture, stacked: weights (P, ...), activations (P, rows, features).

    Args:
        models: Compiled models; their weights are copied.

    Raises:
        InvalidInput: If they have a layer or a regularizer that this class does not compute.
    """

    def __init__(self, models: list[keras.Model]) -> None:
        self.layers = [layer for layer in models[0].layers if not isinstance(layer, _INERT)]
        for layer in models[0].layers:
            if type(layer) not in (keras.layers.Dense, keras.layers.Activation, *_INERT):
                raise _refused(f"received a {type(layer).__name__} layer, {layer.name!r}.")
            options = ("kernel_regularizer", "bias_regularizer", "kernel_constraint", "bias_constraint")
            if getattr(layer, "rate", 0) or any(getattr(layer, name, None) for name in options):
                raise _refused(f"the layer {layer.name!r} is regularized.")
        if models[0].output_shape != (None, 1):
            raise _refused(f"received outputs of shape {models[0].output_shape}.")
        self.weights = [
            keras.Variable(np.stack([keras.ops.convert_to_numpy(weight) for weight in company]))
            for company in zip(*(model.trainable_variables for model in models), strict=True)
        ]
        self.optimizer = type(models[0].optimizer).from_config(models[0].optimizer.get_config())

    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        """Returns the outputs, (P, rows), for inputs of shape (P, rows, inputs)."""
        weights = iter(self.weights)
        for layer in self.layers:
            if isinstance(layer, keras.layers.Dense):
                x = tf.matmul(x, next(weights))
                if layer.use_bias:
                    x += next(weights)[:, None, :]
            x = layer.activation(x)
        return x[..., 0]

    def with_gradient(self, x: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Returns the outputs, (P, rows), and the squared lengths of their gradients, (P, rows)."""
        with tf.GradientTape() as tape:
            tape.watch(x)
            outputs = self(x)
        # Rows do not mix, so the gradient of their sum has the gradient of each.
        gradient = tape.gradient(outputs, x)
        return outputs, tf.reduce_sum(gradient**2, axis=-1)

    def fit(self, splits: list[Split], noise_stds: np.ndarray, *, steps: int) -> bool:
        """Makes full-batch steps on the mean squared error plus s² times the mean squared gradient.

        Returns:
            Whether all steps were made; Ctrl-C ends them early.
        """
        x = tf.constant(np.stack([split.x_train for split in splits]))
        y = tf.constant(np.stack([split.y_train for split in splits]))
        self.optimizer.build(self.weights)

        @tf.function(jit_compile=True, autograph=False)
        def step() -> None:
            with tf.GradientTape() as tape:
                outputs, squared = self.with_gradient(x)
                losses = tf.reduce_mean((outputs - y) ** 2 + noise_stds[:, None] ** 2 * squared, axis=1)
                loss = tf.reduce_sum(losses)
            variables = [weight.value for weight in self.weights]
            self.optimizer.apply(tape.gradient(loss, variables), self.weights)

        try:
            for _ in range(steps):
                step()
        except KeyboardInterrupt:
            return False
        return True


def _refused(what: str) -> InvalidInput:
    return InvalidInput(
        "build must return a network of Dense, Activation and GaussianNoise layers and Dropout of rate 0, "
        f"with one output and no regularizer but the one it is given; {what}"
    )
