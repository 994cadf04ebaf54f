"""Parameters of layers, and kernels and feature maps of a trained network."""

from collections.abc import Sequence

import keras
import numpy as np

from kerasreg.checks import InvalidInput, check_numbers, check_whole_number, entries, shown
from kerasreg.experiments.convolution.layers_record import (
    FeatureMaps,
    LayerParameters,
    LayerRow,
    ParameterTable,
    PoolingExample,
)
from kerasreg.filters import gray_picture

_POOLING = (
    keras.layers.MaxPooling2D,
    keras.layers.AveragePooling2D,
    keras.layers.GlobalMaxPooling2D,
    keras.layers.GlobalAveragePooling2D,
)
_SAME_STAGE = (  # layers that form one stage with the convolution before them
    keras.layers.Activation,
    keras.layers.ReLU,
    keras.layers.BatchNormalization,
    keras.layers.LayerNormalization,
)


def layer_parameters(input_shape: Sequence[int], filters: int, kernel_size: int = 3) -> LayerParameters:
    """Counts the parameters of a convolution and of dense layers on the same pictures.

    How many parameters does a convolution save by sharing its weights between all positions?

    Args:
        input_shape: Shape (height, width, channels) of one picture.
        filters: Filters of the convolution, at least 1.
        kernel_size: Height and width of each filter in pixels, at least 1.

    Returns:
        The three counts.

    Raises:
        InvalidInput: If an argument is not a whole number of at least 1.

    Reference:
        Goodfellow, Bengio and Courville, Deep Learning, MIT Press 2016, section 9.2 (parameter sharing).

    Example:
    >>> counts = layer_parameters((28, 28, 1), 16)
    >>> counts.convolution, counts.dense
    (160, 9847040)
    """
    sizes = entries(input_shape)
    if len(sizes) != 3:
        raise InvalidInput(f"input_shape must be (height, width, channels); received {shown(input_shape)}.")
    height, width, channels = (check_whole_number("input_shape", size) for size in sizes)
    return LayerParameters(
        input_shape=(height, width, channels),
        filters=check_whole_number("filters", filters),
        kernel_size=check_whole_number("kernel_size", kernel_size),
    )


def parameter_table(model: keras.Model, *, name: str | None = None) -> ParameterTable:
    """Lists the layers of a network with their output shapes and parameters.

    Args:
        model: Sequential or functional Keras model that is built.
        name: Name of the network in the table; that of the model if `None`.

    Returns:
        One row for each layer; their parameters sum to `model.count_params()`.

    Raises:
        InvalidInput: If the model is of another kind, or not built.
    """
    outputs = _outputs(model)
    return ParameterTable(
        model=name or model.name,
        layers=tuple(
            LayerRow(
                layer=layer.name,
                kind=type(layer).__name__,
                output_shape=tuple(output.shape[1:]),
                parameters=int(layer.count_params()),
            )
            for layer, output in outputs
        ),
        trainable=sum(int(np.prod(weight.shape)) for weight in model.trainable_weights),
    )


def feature_maps(
    model: keras.Model, pictures: np.ndarray, *, labels: Sequence[object] | None = None
) -> FeatureMaps:
    """Returns the first kernels of a network and its feature maps of some pictures.

    What do the trained filters look like, and what remains of a picture from layer to layer?

    Args:
        model: Trained network whose layers follow one another, as from `build_cnn`.
        pictures: Pictures, shape (pictures, height, width, channels), at least one.
        labels: Name of each picture, such as its class; its index if `None`.

    Returns:
        The kernels, and the maps after each convolution and each pooling. Dropout and noise are off, as in
        `predict`.

    Raises:
        InvalidInput: If the model is not built, has no `Conv2D`, or does not take the pictures.

    Reference:
        Zeiler and Fergus, Visualizing and Understanding Convolutional Networks, ECCV 2014.
    """
    stages: dict[str, keras.KerasTensor] = {}
    kernels, stage = None, None
    for layer, output in _outputs(model):
        if isinstance(layer, keras.layers.Conv2D):
            kernels = layer.kernel if kernels is None else kernels
            stage = layer.name
            stages[stage] = output
        elif isinstance(layer, _SAME_STAGE) and stage is not None:
            stages[stage] = output
        else:
            stage = None
            if isinstance(layer, _POOLING) and len(output.shape) == 4:
                stages[layer.name] = output
    if kernels is None:
        raise InvalidInput(f"The model {model.name!r} has no Conv2D layer, so it has no kernels to show.")
    pictures = check_numbers("pictures", pictures).astype(np.float32)
    expected = tuple(model.input_shape[1:])
    if pictures.ndim != 4 or pictures.shape[1:] != expected or not len(pictures):
        raise InvalidInput(
            f"pictures must have shape (pictures, {', '.join(map(str, expected))}), at least one of them; "
            f"received {pictures.shape}."
        )
    names = tuple(map(str, range(len(pictures)) if labels is None else entries(labels)))
    if len(names) != len(pictures):
        raise InvalidInput(
            f"labels must be a list with one for each of {len(pictures)} pictures; received {shown(labels)}."
        )
    outputs = keras.Model(model.inputs[0], list(stages.values()))(pictures, training=False)
    return FeatureMaps(
        model=model.name,
        pictures=pictures,
        labels=names,
        kernels=keras.ops.convert_to_numpy(kernels),
        maps={name: keras.ops.convert_to_numpy(output) for name, output in zip(stages, outputs, strict=True)},
    )


def pooling_example(picture: np.ndarray, size: int = 2) -> PoolingExample:
    """Reduces a picture by Keras' max pooling and by its average pooling.

    Args:
        picture: Gray levels, or colors in [0, 1] that are converted to gray levels: see
            `kerasreg.filters.gray_picture`.
        size: Height and width in pixels of the squares that become one pixel, at least 1. Pixels at the right
            and at the bottom that do not fill a square are left out.

    Returns:
        The picture and both results in single precision.

    Raises:
        InvalidInput: If an argument is not accepted, or the picture is smaller than a square.

    Example:
    >>> pooling_example(np.array([[1.0, 2.0], [3.0, 6.0]])).average.tolist()
    [[3.0]]
    """
    gray = gray_picture(picture).astype(np.float32)
    if min(gray.shape) < check_whole_number("size", size):
        raise InvalidInput(
            f"The picture of {gray.shape[0]} x {gray.shape[1]} pixels is smaller than one square of {size} x "
            f"{size}; take a smaller size."
        )
    pooled = [
        keras.ops.convert_to_numpy(layer(size)(gray[None, :, :, None]))[0, :, :, 0]
        for layer in (keras.layers.MaxPooling2D, keras.layers.AveragePooling2D)
    ]
    return PoolingExample(picture=gray, size=size, maximum=pooled[0], average=pooled[1])


def _outputs(model: keras.Model) -> list[tuple[keras.Layer, keras.KerasTensor]]:
    """Returns the layers of a model with their outputs, without the input layers."""
    if not getattr(model, "inputs", None):
        raise InvalidInput(
            "model must be a Sequential or functional Keras model that is built: otherwise the outputs of "
            f"its layers are not known; received {type(model).__name__}."
        )
    layers = [layer for layer in model.layers if not isinstance(layer, keras.layers.InputLayer)]
    return [(layer, layer.output) for layer in layers]
