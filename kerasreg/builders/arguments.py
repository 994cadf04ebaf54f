"""The checks that the builders share."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import keras
import numpy as np

from kerasreg.augmentation import Augmentation, augmentation_layers, augmented, check_picture
from kerasreg.checks import InvalidInput, check_whole_number, shown
from kerasreg.regularization import Regularization


def check_input_shape(input_shape: Sequence[int]) -> tuple[int, ...]:
    """Returns the shape of one example as a tuple of ints.

    Raises:
        InvalidInput: If it is no list of whole numbers of at least 1.
    """
    try:
        shape = tuple(check_whole_number("size", size) for size in _entries(input_shape))
    except (InvalidInput, TypeError):
        shape = ()
    if not shape:
        raise InvalidInput(
            "input_shape must be the shape of one example, whole numbers of at least 1 such as "
            f"(64,) or (28, 28, 1); received {shown(input_shape)}."
        )
    return shape


def check_picture_shape(input_shape: Sequence[int]) -> tuple[int, int, int]:
    """Returns the shape of one picture as (height, width, channels).

    Raises:
        InvalidInput: If it has another number of axes, or Keras is set to pictures with channels first.
    """
    if keras.config.image_data_format() != "channels_last":
        raise InvalidInput(
            f"Keras is set to image_data_format {keras.config.image_data_format()!r}, and kerasreg's "
            "networks take pictures of shape (height, width, channels); call "
            'keras.config.set_image_data_format("channels_last").'
        )
    shape = check_input_shape(input_shape)
    if len(shape) != 3:
        raise InvalidInput(
            f"input_shape must be (height, width, channels); received {shape}. Pictures of one color "
            "have 1 channel: x[..., None] adds it."
        )
    return shape


def check_sizes(name: str, sizes: Iterable[int], *, what: str) -> tuple[int, ...]:
    """Returns `sizes` as a tuple of ints.

    Args:
        name: The argument's name.
        sizes: Whole numbers of at least 1.
        what: What each number is for, such as `"hidden layer"`.

    Raises:
        InvalidInput: If it is no list of whole numbers of at least 1.
    """
    try:
        return tuple(check_whole_number(name, size) for size in _entries(sizes))
    except (InvalidInput, TypeError):
        raise InvalidInput(
            f"{name} must be whole numbers of at least 1, one for each {what}, such as (128, 64); "
            f"received {shown(sizes)}."
        ) from None


def _entries(values: Iterable[int]) -> Iterable[int]:
    if isinstance(values, str | Mapping):
        raise TypeError
    return values


def check_activation(name: str, activation: str) -> str:
    """Returns `activation`, or raises `InvalidInput` unless Keras has an activation of that name."""
    try:
        if not isinstance(activation, str):
            raise ValueError
        keras.activations.get(activation)
    except ValueError:
        raise InvalidInput(
            f"{name} must be the name of a Keras activation, such as 'relu', 'tanh' or 'linear'; "
            f"received {shown(activation)}."
        ) from None
    return activation


def check_regularization(
    regularization: Regularization | dict[str, Any] | None, *, classification: bool
) -> Regularization:
    """Returns what the builders accept as a `Regularization`.

    Args:
        regularization: A `Regularization`, what its `to_dict` returned, or `None` for no regularization.
        classification: Whether there are labels to smooth.

    Raises:
        InvalidInput: If it is none of these, or holds a value that cannot be used.
    """
    if regularization is None:
        regularization = Regularization()
    elif isinstance(regularization, dict):
        regularization = Regularization.from_dict(regularization)
    if not isinstance(regularization, Regularization):
        raise InvalidInput(
            "regularization must be a Regularization, such as Regularization(l2=1e-4); "
            f"received {shown(regularization)}."
        )
    if regularization.label_smoothing and not classification:
        raise InvalidInput(
            "label_smoothing acts on class labels, and this network predicts numbers; received "
            f"{regularization.label_smoothing:g}. Leave it at 0."
        )
    if regularization.noise_std > 1:
        raise InvalidInput(
            f"noise_std must be at most 1 in a network; received {regularization.noise_std:g}. Scale the "
            "inputs to about 1 first: standardize_input=True of build_mlp does it for tables."
        )
    return regularization


def check_augmentation(
    augmentation: Augmentation | dict[str, float] | keras.Layer | None, input_shape: tuple[int, ...]
) -> Augmentation | keras.Layer:
    """Returns what the builders accept as an `Augmentation`, or a layer of the user's own.

    Args:
        augmentation: An `Augmentation`, what its `to_dict` returned, a Keras layer, or `None` for none.
        input_shape: Shape of one example, which must be a picture if there is any augmentation.

    Raises:
        InvalidInput: If it is none of these, there is no picture to distort, or a layer makes something else
            than pictures in [0, 1] of two pictures that it is tried on.
    """
    if isinstance(augmentation, keras.Layer):
        _try_layer(augmentation, input_shape)
        return augmentation
    if augmentation is None:
        augmentation = Augmentation()
    elif isinstance(augmentation, dict):
        augmentation = Augmentation.from_dict(augmentation)
    if not isinstance(augmentation, Augmentation):
        raise InvalidInput(
            "augmentation must be an Augmentation, such as Augmentation(translation=0.1), or a Keras layer; "
            f"received {shown(augmentation)}. A function goes through kerasreg.augmentation.augmented_split."
        )
    augmentation.check_suits(input_shape)
    return augmentation


def _try_layer(layer: keras.Layer, shape: tuple[int, ...]) -> None:
    """Sends two pictures through a layer made like this one, as in training, and checks what comes out."""
    check_picture(shape)
    (own,) = augmentation_layers(layer, seed=0)
    augmented(np.linspace(0, 1, 2 * math.prod(shape), dtype="float32").reshape(2, *shape), own)
