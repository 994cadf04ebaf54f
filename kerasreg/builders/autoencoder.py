"""Autoencoders: networks that give back their input through a narrow layer."""

import math
from collections.abc import Sequence
from typing import Any

import keras

from kerasreg.augmentation import Augmentation
from kerasreg.builders.arguments import (
    check_activation,
    check_augmentation,
    check_input_shape,
    check_picture_shape,
    check_regularization,
    check_sizes,
)
from kerasreg.builders.compiling import compile_regressor, make_optimizer
from kerasreg.builders.parts import Parts
from kerasreg.checks import InvalidInput, check_one_of, check_whole_number
from kerasreg.regularization import Regularization

KINDS = ("dense", "convolutional", "linear")
KERNEL_SIZE = 3


def build_autoencoder(
    input_shape: Sequence[int],
    *,
    kind: str = "dense",
    bottleneck: int = 16,
    units: Sequence[int] = (128,),
    filters: Sequence[int] = (16, 32),
    activation: str = "relu",
    output_activation: str = "sigmoid",
    regularization: Regularization | dict[str, Any] | None = None,
    augmentation: Augmentation | dict[str, float] | keras.Layer | None = None,
    optimizer: str | keras.optimizers.Optimizer = "adam",
    learning_rate: float = 1e-3,
    seed: int = 0,
) -> keras.Model:
    """Builds a compiled autoencoder: train it with `model.fit(x, x)`.

    The code is the output of the layer `bottleneck`, which is linear in every kind (Hinton and
    Salakhutdinov, Science 2006): `keras.Model(model.inputs, model.get_layer("bottleneck").output)` is
    the encoder. The kinds, with their layers by name after the distortions and `input_noise`:

    - `"dense"`: `flatten`, `encoder_1`, ... as in `units`, `bottleneck`, `decoder_1`, ... the same in
      reverse, `output`, `output_reshape`, `output_activation`.
    - `"convolutional"`: `encoder_1`, ... convolutions that halve the picture (rounded up), `flatten`,
      `flatten_dropout`, `bottleneck`, `decoder_dense`, `decoder_reshape`, then the mirror image:
      `decoder_1_upsampling`, `decoder_1_cropping` where a size was odd, `decoder_1`, ...; the last
      upsampling leads to `output`, a convolution, and `output_activation`. Upsampling and then convolving
      leaves no checkerboard (Odena et al., Distill 2016).
    - `"linear"`: `flatten`, `bottleneck`, `bottleneck_dropout`, `output`, `output_reshape`, without any
      activation; at its best it spans the principal components (Baldi and Hornik 1989).

    Each hidden layer has its `_activation`, and a `_normalization` if asked for; the dense ones end in a
    `_dropout`.

    Where the regularizers act: `noise_std` on the input, with the clean input as target (a denoising
    autoencoder, Vincent et al. 2008); `l1`, `l2` and `proximal_l1` on all kernels; `dropconnect` on the
    hidden dense layers and the bottleneck; `max_norm` on these and on the hidden convolutions;
    `normalization` between the linear part and the activation of the hidden layers; `dropout` after each
    hidden dense layer's activation, after `flatten` in the convolutional kind, and after the bottleneck
    in the linear kind only, which has no other hidden layer (Cavazza et al. 2018).

    Args:
        input_shape: Shape of one example; (height, width, channels) for the convolutional kind.
        kind: `"dense"`, `"convolutional"` or `"linear"`.
        bottleneck: Number of units of the code, at least 1.
        units: Units of the encoder's hidden layers in the dense kind; may be `()`. Else ignored.
        filters: Filters of the encoder's 3 x 3 convolutions in the convolutional kind, at least one. Else
            ignored.
        activation: Name of a Keras activation for the hidden layers. Ignored in the linear kind.
        output_activation: Name of the activation of the output: `"sigmoid"` for values in [0, 1],
            `"linear"` for others. Ignored in the linear kind.
        regularization: A `Regularization` or its `to_dict()`; `None` for none. It must not smooth labels.
        augmentation: For pictures: an `Augmentation`, its `to_dict()`, or a Keras layer of your own, of which
            a new one is made; `None` for none. The target stays the unchanged picture, so the network learns
            to undo the changes: keep them small.
        optimizer: `"adam"`, `"adamw"` (with Keras' weight decay of 0.004), `"sgd"`, `"rmsprop"`, or a
            Keras optimizer, which is copied.
        learning_rate: Above 0. Ignored if `optimizer` is a Keras optimizer.
        seed: Seed of the initial weights, dropout, noise and distortions, a whole number >= 0.

    Returns:
        A Keras model compiled with the loss and the metric `mse`, the latter without penalties.

    Raises:
        InvalidInput: If an argument cannot be used.

    Example:
    >>> model = build_autoencoder((28, 28, 1), kind="convolutional", bottleneck=8)
    >>> encoder = keras.Model(model.inputs, model.get_layer("bottleneck").output)
    >>> encoder.output_shape, model.output_shape
    ((None, 8), (None, 28, 28, 1))
    """
    check_one_of("kind", kind, KINDS)
    shape = check_picture_shape(input_shape) if kind == "convolutional" else check_input_shape(input_shape)
    bottleneck = check_whole_number("bottleneck", bottleneck)
    regularization = check_regularization(regularization, classification=False)
    output_activation = check_activation("output_activation", output_activation)
    optimizer = make_optimizer(optimizer, learning_rate, regularization)
    parts = Parts(
        regularization=regularization,
        activation=check_activation("activation", activation),
        seed=seed,
    )
    layers = parts.input_layers(check_augmentation(augmentation, shape))
    if kind == "dense":
        layers += _dense_layers(parts, shape, bottleneck, check_sizes("units", units, what="hidden layer"))
    elif kind == "convolutional":
        layers += _convolutional_layers(parts, shape, bottleneck, _check_filters(filters))
    else:
        layers += _linear_layers(parts, shape, bottleneck)
    if kind != "linear":
        layers.append(keras.layers.Activation(output_activation, name="output_activation"))
    model = keras.Sequential([keras.Input(shape), *layers], name="autoencoder")
    return compile_regressor(model, optimizer)


def _dense_layers(
    parts: Parts, shape: tuple[int, ...], bottleneck: int, units: tuple[int, ...]
) -> list[keras.Layer]:
    layers = [keras.layers.Flatten(name="flatten")]
    for number, size in enumerate(units, start=1):
        layers += parts.hidden_dense(f"encoder_{number}", size)
    layers.append(parts.linear("bottleneck", bottleneck))
    for number, size in enumerate(reversed(units), start=1):
        layers += parts.hidden_dense(f"decoder_{number}", size)
    return [*layers, *_output_layers(parts, shape)]


def _linear_layers(parts: Parts, shape: tuple[int, ...], bottleneck: int) -> list[keras.Layer]:
    if parts.regularization.normalization is not None:
        raise InvalidInput(
            "normalization acts on hidden layers that have an activation, and a linear autoencoder has "
            f"none; received {parts.regularization.normalization!r}. Leave it at None."
        )
    return [
        keras.layers.Flatten(name="flatten"),
        parts.linear("bottleneck", bottleneck),
        parts.dropout("bottleneck"),
        *_output_layers(parts, shape),
    ]


def _output_layers(parts: Parts, shape: tuple[int, ...]) -> list[keras.Layer]:
    return [
        parts.output_dense("output", math.prod(shape)),
        keras.layers.Reshape(shape, name="output_reshape"),
    ]


def _convolutional_layers(
    parts: Parts, shape: tuple[int, int, int], bottleneck: int, filters: tuple[int, ...]
) -> list[keras.Layer]:
    layers, sizes = [], [shape[:2]]
    for number, count in enumerate(filters, start=1):
        layers += parts.hidden_convolution(f"encoder_{number}", count, KERNEL_SIZE, strides=2)
        height, width = sizes[-1]
        sizes.append(((height + 1) // 2, (width + 1) // 2))
    smallest = (*sizes[-1], filters[-1])
    layers += [
        keras.layers.Flatten(name="flatten"),
        parts.dropout("flatten"),
        parts.linear("bottleneck", bottleneck),
        *parts.hidden_dense("decoder_dense", math.prod(smallest)),
        keras.layers.Reshape(smallest, name="decoder_reshape"),
    ]
    for number in range(1, len(filters) + 1):
        name = f"decoder_{number}"
        layers.append(keras.layers.UpSampling2D(2, name=f"{name}_upsampling"))
        (height, width), (rows, columns) = sizes[-number - 1], sizes[-number]
        excess = (2 * rows - height, 2 * columns - width)
        if any(excess):
            cropping = ((0, excess[0]), (0, excess[1]))
            layers.append(keras.layers.Cropping2D(cropping, name=f"{name}_cropping"))
        if number < len(filters):
            layers += parts.hidden_convolution(name, filters[-number - 1], KERNEL_SIZE)
    return [*layers, parts.output_convolution("output", shape[2], KERNEL_SIZE)]


def _check_filters(filters: Sequence[int]) -> tuple[int, ...]:
    counts = check_sizes("filters", filters, what="convolution")
    if not counts:
        raise InvalidInput(
            "filters is empty, but a convolutional autoencoder needs at least one convolution; "
            "give filters such as (16, 32), or kind='dense'."
        )
    return counts
