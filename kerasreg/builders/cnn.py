"""Convolutional networks for small pictures."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import keras

from kerasreg.augmentation import Augmentation
from kerasreg.builders.arguments import (
    check_activation,
    check_augmentation,
    check_picture_shape,
    check_regularization,
    check_sizes,
)
from kerasreg.builders.compiling import compile_classifier, make_optimizer
from kerasreg.builders.parts import Parts
from kerasreg.checks import InvalidInput, check_one_of, check_whole_number
from kerasreg.regularization import Regularization


@dataclass(frozen=True)
class ConvolutionBlock:
    """One convolution with its activation, and the pooling that follows.

    Args:
        filters: Number of filters, at least 1.
        kernel_size: Height and width of each filter in pixels, at least 1. The picture is padded with
            zeros, so that a convolution leaves its size as it is.
        pooling: `"max"`, `"average"` or `None` for none.
        pool_size: Height and width of the pooled squares in pixels, at least 1; the picture becomes that
            many times smaller, rounded down.

    Raises:
        InvalidInput: If a value is outside its range.
    """

    filters: int
    kernel_size: int = 3
    pooling: str | None = "max"
    pool_size: int = 2

    def __post_init__(self) -> None:
        for name in ("filters", "kernel_size", "pool_size"):
            object.__setattr__(self, name, check_whole_number(name, getattr(self, name)))
        check_one_of("pooling", self.pooling, ("max", "average", None))

    def to_dict(self) -> dict[str, Any]:
        """Returns the block as JSON can hold it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "ConvolutionBlock":
        """Makes the block that `to_dict` returned.

        Raises:
            InvalidInput: If a name is unknown, `filters` is missing, or a value is outside its range.
        """
        unknown = sorted(set(values) - set(cls.__dataclass_fields__))
        if unknown or "filters" not in values:
            raise InvalidInput(
                "A convolution block has filters and may have kernel_size, pooling and pool_size; "
                f"received {dict(values)!r}."
            )
        return cls(**values)


def build_cnn(
    input_shape: Sequence[int],
    num_classes: int,
    *,
    blocks: Iterable[ConvolutionBlock | Sequence | Mapping[str, Any]] = (
        ConvolutionBlock(16),
        ConvolutionBlock(32),
    ),
    dense_units: Sequence[int] = (64,),
    activation: str = "relu",
    regularization: Regularization | dict[str, Any] | None = None,
    augmentation: Augmentation | dict[str, float] | keras.Layer | None = None,
    optimizer: str | keras.optimizers.Optimizer = "adam",
    learning_rate: float = 1e-3,
    seed: int = 0,
) -> keras.Model:
    """Builds a compiled convolutional network for classification.

    Its layers, by name: the distortions of `augmentation_layers`, `input_noise`; for each block
    `conv_1`, `conv_1_normalization` if asked for, `conv_1_activation`, `conv_1_pooling` if any; `flatten`,
    `flatten_dropout`; for each dense layer `hidden_1`, `hidden_1_normalization` if asked for,
    `hidden_1_activation`, `hidden_1_dropout`; `output`.

    Where the regularizers act: `noise_std` on the input, after the distortions; `l1`, `l2` and
    `proximal_l1` on all kernels; `max_norm` on the kernels of the convolutions and hidden dense layers,
    bounding the weights that come into each filter or unit; `dropconnect` on the hidden dense layers;
    `normalization` between the linear part and the activation of convolutions and hidden dense layers;
    `dropout` after `flatten` and after each hidden dense layer's activation; `label_smoothing` on the
    labels.

    Args:
        input_shape: (height, width, channels) of one picture.
        num_classes: Number of classes, at least 2; labels are integers, the output is logits.
        blocks: The convolutions in order: `ConvolutionBlock`s, or their fields as tuples or dicts, such
            as `(16, 3, "max", 2)`.
        dense_units: Units of each hidden dense layer; may be `()`.
        activation: Name of a Keras activation for the hidden layers.
        regularization: A `Regularization` or its `to_dict()`; `None` for none.
        augmentation: An `Augmentation`, its `to_dict()`, or a Keras layer of your own, of which a new one is
            made; `None` for none. Active while training only.
        optimizer: `"adam"`, `"adamw"` (with Keras' weight decay of 0.004), `"sgd"`, `"rmsprop"`, or a
            Keras optimizer, which is copied.
        learning_rate: Above 0. Ignored if `optimizer` is a Keras optimizer.
        seed: Seed of the initial weights, dropout, noise and distortions, a whole number >= 0.

    Returns:
        A Keras model compiled with the metrics `accuracy` and `cross_entropy`, the latter without
        penalties and smoothing.

    Raises:
        InvalidInput: If an argument cannot be used, or pooling leaves nothing of the picture.

    Example:
    >>> model = build_cnn((28, 28, 1), 10, augmentation=Augmentation(translation=0.1))
    >>> model.get_layer("flatten").output.shape
    (None, 1568)
    """
    shape = check_picture_shape(input_shape)
    num_classes = check_whole_number("num_classes", num_classes, minimum=2)
    regularization = check_regularization(regularization, classification=True)
    optimizer = make_optimizer(optimizer, learning_rate, regularization)
    parts = Parts(
        regularization=regularization,
        activation=check_activation("activation", activation),
        seed=seed,
    )
    blocks = _convolution_blocks(blocks)
    _check_pooling(shape, blocks)

    layers = parts.input_layers(check_augmentation(augmentation, shape))
    for number, block in enumerate(blocks, start=1):
        name = f"conv_{number}"
        layers += parts.hidden_convolution(name, block.filters, block.kernel_size)
        if block.pooling is not None:
            kinds = {"max": keras.layers.MaxPooling2D, "average": keras.layers.AveragePooling2D}
            layers.append(kinds[block.pooling](block.pool_size, name=f"{name}_pooling"))
    layers += [keras.layers.Flatten(name="flatten"), parts.dropout("flatten")]
    for number, size in enumerate(check_sizes("dense_units", dense_units, what="dense layer"), start=1):
        layers += parts.hidden_dense(f"hidden_{number}", size)
    layers.append(parts.output_dense("output", num_classes))

    model = keras.Sequential([keras.Input(shape), *layers], name="cnn")
    return compile_classifier(model, optimizer, label_smoothing=regularization.label_smoothing)


def _convolution_blocks(blocks: Any) -> list[ConvolutionBlock]:
    if isinstance(blocks, Iterable) and not isinstance(blocks, str | Mapping):
        return [_convolution_block(block) for block in blocks]
    raise InvalidInput(
        f"blocks must be a list of convolution blocks, such as [ConvolutionBlock(16)]; received {blocks!r}."
    )


def _convolution_block(block: Any) -> ConvolutionBlock:
    if isinstance(block, ConvolutionBlock):
        return block
    if isinstance(block, Mapping):
        return ConvolutionBlock.from_dict(block)
    if isinstance(block, tuple | list) and 1 <= len(block) <= 4:
        return ConvolutionBlock(*block)
    raise InvalidInput(
        "A convolution block must be a ConvolutionBlock, a dict of its fields, or a tuple "
        f"(filters, kernel_size, pooling, pool_size); received {block!r}."
    )


def _check_pooling(shape: tuple[int, int, int], blocks: list[ConvolutionBlock]) -> None:
    height, width = shape[:2]
    for number, block in enumerate(blocks, start=1):
        if block.pooling is None:
            continue
        if min(height, width) < block.pool_size:
            raise InvalidInput(
                f"Block {number} pools squares of {block.pool_size} x {block.pool_size} pixels, but only "
                f"{height} x {width} of the picture of {shape[0]} x {shape[1]} are left there. Use fewer "
                "blocks, or pooling=None in some."
            )
        height, width = height // block.pool_size, width // block.pool_size
