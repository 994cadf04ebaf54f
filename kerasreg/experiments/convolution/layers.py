"""How many parameters layers have, and what the layers of a trained network do."""

from collections.abc import Sequence

import keras
import numpy as np

from kerasreg.checks import InvalidInput, check_numbers, check_whole_number, entries, shown
from kerasreg.experiments.convolution.kernels import grey_picture
from kerasreg.records.feature_maps import FeatureMaps, PoolingExample
from kerasreg.records.layer_parameters import LayerParameters, LayerRow, ParameterTable

_POOLING = (
    keras.layers.MaxPooling2D,
    keras.layers.AveragePooling2D,
    keras.layers.GlobalMaxPooling2D,
    keras.layers.GlobalAveragePooling2D,
)
_BELONGING = (  # what makes one stage together with the convolution before it
    keras.layers.Activation,
    keras.layers.ReLU,
    keras.layers.BatchNormalization,
    keras.layers.LayerNormalization,
)


def layer_parameters(input_shape: Sequence[int], filters: int, kernel_size: int = 3) -> LayerParameters:
    """Counts the parameters of a convolution and of dense layers on the same pictures.

    The question: what does it save that all places of a picture share their weights?

    Args:
        input_shape: (height, width, channels) of one picture.
        filters: Filters of the convolution, at least 1.
        kernel_size: Height and width of each filter in pixels, at least 1.

    Returns:
        The three counts.

    Raises:
        InvalidInput: If an argument is no whole number of at least 1.

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
        model: A Sequential or functional Keras model that is built.
        name: What the network is called; its own name if `None`.

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
        trained=sum(int(np.prod(weight.shape)) for weight in model.trainable_weights),
    )


def feature_maps(
    model: keras.Model, pictures: np.ndarray, *, labels: Sequence[object] | None = None
) -> FeatureMaps:
    """Takes the first kernels of a network, and its maps of some pictures after each convolution and pooling.

    The question: what do the filters look like that training found, and what is left of a picture from layer
    to layer?

    Args:
        model: A trained network whose layers follow one another, such as `build_cnn` makes.
        pictures: Shape (pictures, height, width, channels), at least one.
        labels: What each is called, such as its class; its number if `None`.

    Returns:
        Kernels and maps. Dropout and noise are off, as in `predict`.

    Raises:
        InvalidInput: If the model is not built, has no `Conv2D`, or the pictures do not suit it.

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
        elif isinstance(layer, _BELONGING) and stage is not None:
            stages[stage] = output
        else:
            stage = None
            if isinstance(layer, _POOLING) and len(output.shape) == 4:
                stages[layer.name] = output
    if kernels is None:
        raise InvalidInput(f"The model {model.name!r} has no Conv2D layer, and so no kernels to show.")
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
    """Makes a picture smaller by Keras' max pooling and by its average pooling.

    Args:
        picture: Grey levels, or colours in [0, 1] that are made grey first: see
            `kerasreg.experiments.convolution.kernels.grey_picture`.
        size: Height and width in pixels of the squares that become one pixel, at least 1. What does not fill
            a square at the right and at the bottom is left out.

    Returns:
        The picture and both results in single precision.

    Raises:
        InvalidInput: If an argument cannot be used, or the picture is smaller than a square.

    Example:
    >>> pooling_example(np.array([[1.0, 2.0], [3.0, 6.0]])).average.tolist()
    [[3.0]]
    """
    grey = grey_picture(picture).astype(np.float32)
    if min(grey.shape) < check_whole_number("size", size):
        raise InvalidInput(
            f"The picture of {grey.shape[0]} x {grey.shape[1]} pixels is smaller than one square of {size} x "
            f"{size}; take a smaller size."
        )
    pooled = [
        keras.ops.convert_to_numpy(layer(size)(grey[None, :, :, None]))[0, :, :, 0]
        for layer in (keras.layers.MaxPooling2D, keras.layers.AveragePooling2D)
    ]
    return PoolingExample(picture=grey, size=size, largest=pooled[0], average=pooled[1])


def _outputs(model: keras.Model) -> list[tuple[keras.Layer, keras.KerasTensor]]:
    """Returns a model's layers with their outputs, the inputs left out."""
    if not getattr(model, "inputs", None):
        raise InvalidInput(
            "model must be a Sequential or functional Keras model that is built, as its layers' outputs are "
            f"not known otherwise; received {type(model).__name__}."
        )
    layers = [layer for layer in model.layers if not isinstance(layer, keras.layers.InputLayer)]
    return [(layer, layer.output) for layer in layers]
