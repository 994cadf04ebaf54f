"""A Keras model read as a member of a population, and its trained weights written back."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from itertools import pairwise

import keras
import numpy as np

from kerasreg.checks import InvalidInput
from kerasreg.layers import DropConnectDense, Standardization
from kerasreg.population.kernels.random_numbers import layer_key
from kerasreg.population.member import augmentation_layers, dense_layers, image_layers, noise_layers
from kerasreg.population.member.compiled import compiled_of
from kerasreg.population.member.input_dtype import read_input_dtype
from kerasreg.population.member.objectives import Objective, read_objective
from kerasreg.population.member.optimizers import Optimizer, read_optimizer
from kerasreg.population.member.options import check_options
from kerasreg.population.member.part import ONE_BY_ONE, Part, UnstackableModel, refuse, require
from kerasreg.proximal import NO_STEP

Name = tuple[int, str]  # a part's position and a name within it
_STEPS = ("train_step", "test_step", "predict_step", "compute_loss", "compute_metrics", "call", "fit")
INPUT = -1  # the position that stands for the network's input
SCALE = (INPUT, "target scale")  # the name of what the loss divides errors by

READERS: dict[type[keras.Layer], Callable[..., Part]] = {
    keras.layers.Dense: dense_layers.read_dense,
    DropConnectDense: dense_layers.read_dense,
    keras.layers.Activation: dense_layers.read_activation,
    keras.layers.ReLU: dense_layers.read_by_config,
    keras.layers.LeakyReLU: dense_layers.read_by_config,
    keras.layers.ELU: dense_layers.read_by_config,
    keras.layers.Softmax: dense_layers.read_by_config,
    keras.layers.PReLU: dense_layers.read_prelu,
    keras.layers.Flatten: dense_layers.read_flatten,
    keras.layers.Reshape: dense_layers.read_reshape,
    keras.layers.Rescaling: dense_layers.read_rescaling,
    keras.layers.Normalization: dense_layers.read_normalization,
    Standardization: dense_layers.read_normalization,
    keras.layers.Add: dense_layers.read_merge,
    keras.layers.Subtract: dense_layers.read_merge,
    keras.layers.Multiply: dense_layers.read_merge,
    keras.layers.Average: dense_layers.read_merge,
    keras.layers.Concatenate: dense_layers.read_merge,
    keras.layers.Dropout: noise_layers.read_dropout,
    keras.layers.SpatialDropout2D: noise_layers.read_dropout,
    keras.layers.GaussianNoise: noise_layers.read_gaussian_noise,
    keras.layers.GaussianDropout: noise_layers.read_gaussian_dropout,
    keras.layers.BatchNormalization: noise_layers.read_batch_normalization,
    keras.layers.LayerNormalization: noise_layers.read_layer_normalization,
    keras.layers.Conv2D: image_layers.read_convolution,
    keras.layers.Conv2DTranspose: image_layers.read_convolution,
    keras.layers.MaxPooling2D: image_layers.read_pooling,
    keras.layers.AveragePooling2D: image_layers.read_pooling,
    keras.layers.GlobalMaxPooling2D: image_layers.read_global_pooling,
    keras.layers.GlobalAveragePooling2D: image_layers.read_global_pooling,
    keras.layers.UpSampling2D: image_layers.read_upsampling,
    keras.layers.Cropping2D: image_layers.read_cropping,
    keras.layers.ZeroPadding2D: image_layers.read_zero_padding,
    keras.layers.RandomTranslation: augmentation_layers.read_translation,
    keras.layers.RandomRotation: augmentation_layers.read_rotation,
    keras.layers.RandomZoom: augmentation_layers.read_zoom,
    keras.layers.RandomBrightness: augmentation_layers.read_brightness,
    keras.layers.RandomContrast: augmentation_layers.read_contrast,
    keras.layers.RandomSaturation: augmentation_layers.read_saturation,
    keras.layers.RandomHue: augmentation_layers.read_hue,
    keras.layers.RandomErasing: augmentation_layers.read_erasing,
    **dict.fromkeys(augmentation_layers.OWN, augmentation_layers.read_own),
}


@dataclass(frozen=True, kw_only=True)
class Member:
    """One network as the population trainer needs it.

    Args:
        model: The Keras model that it was read from.
        parts: Its layers in the order of computation.
        graph: For each part the positions of its inputs; `INPUT` is the network's input.
        input_shape: Shape of one example.
        input_dtype: What the model casts its inputs to.
        output_shapes: Shape of what each part makes of one example.
        objective: Its loss and metrics.
        optimizer: Its optimizer.
        epsilon: Keras' own while it was read, which layers, losses and constraints divide by.
    """

    model: keras.Model
    parts: tuple[Part, ...]
    graph: tuple[tuple[int, ...], ...]
    input_shape: tuple[int, ...]
    input_dtype: str
    output_shapes: tuple[tuple[int, ...], ...]
    objective: Objective
    optimizer: Optimizer
    epsilon: float

    @cached_property
    def architecture(self) -> Hashable:
        """What members must have in common to train together; the widths of hidden layers are not in it."""
        shapes = tuple(
            (name, tuple(self._fixed_shape(*name, variable.shape)))
            for what in ("trainable", "constants")
            for name, variable in self.variables(what)
        )
        kinds = tuple(part.kind for part in self.parts)
        read = (self.graph, kinds, shapes, self.objective.kind, self.optimizer.kind)
        return (self.input_shape, self.input_dtype, self.epsilon, *read)

    def _fixed_shape(self, position: int, name: str, shape: tuple[int, ...]) -> list[int | None]:
        """Returns a variable's shape with `None` for the axes that follow a free width."""
        free, fixed = self.free_widths, list(shape)
        if position == INPUT:
            return fixed
        dense = self.parts[position].kind[0] == "dense"
        before = [place for place in range(position) if self.parts[place].kind[0] == "dense"]
        if before and before[-1] in free and not (dense and name == "bias"):
            fixed[0] = None
        if dense and position in free:
            fixed[-1] = None
        return fixed

    @cached_property
    def free_widths(self) -> tuple[int, ...]:
        """The positions of dense layers that can be filled up with idle units.

        Their units are hidden, and everything up to the next dense layer leaves a zero where it is.
        """
        dense = [position for position, part in enumerate(self.parts) if part.kind[0] == "dense"]
        if any(inputs != (position - 1,) for position, inputs in enumerate(self.graph)):
            return ()  # not in a row
        return tuple(
            first
            for first, second in pairwise(dense)
            if all(part.keeps_zeros for part in self.parts[first:second])
        )

    def variables(self, what: str) -> list[tuple[Name, keras.Variable]]:
        """Returns the `"trainable"` variables, the `"moving_statistics"` or the `"constants"` of all parts.

        What the loss divides errors by is a constant of no part, under `SCALE`.
        """
        of_loss = what == "constants" and self.objective.scale is not None
        return [
            *(
                ((position, name), variable)
                for position, part in enumerate(self.parts)
                for name, variable in getattr(part, what).items()
            ),
            *([(SCALE, self.objective.scale)] if of_loss else []),
        ]

    def arrays(self, what: str) -> dict[Name, np.ndarray]:
        """Returns the values of `variables(what)`."""
        return {name: keras.ops.convert_to_numpy(variable) for name, variable in self.variables(what)}

    @cached_property
    def hyperparameters(self) -> dict[Name, float]:
        """Values that may differ between the members of a program, by name."""
        of_parts = {
            (position, name): value
            for position, part in enumerate(self.parts)
            for name, value in part.hyperparameters.items()
        }
        of_optimizer = {(INPUT, name): value for name, value in self.optimizer.hyperparameters.items()}
        return {**of_parts, **of_optimizer, (INPUT, "label_smoothing"): self.objective.label_smoothing}

    @cached_property
    def keys(self) -> dict[int, int]:
        """The random key of each part that draws numbers, by position."""
        return {
            position: layer_key(part.seed, "layer", position)
            for position, part in enumerate(self.parts)
            if part.seed is not None
        }

    def write(self, values: Mapping[Name, np.ndarray]) -> None:
        """Gives the Keras model trained weights and moving statistics, cut to its own shapes."""
        for name, variable in [*self.variables("trainable"), *self.variables("moving_statistics")]:
            own = tuple(slice(0, size) for size in variable.shape)
            variable.assign(values[name][own])


def read_member(model: keras.Model) -> Member:
    """Reads a compiled Keras model.

    Args:
        model: A Sequential or functional model with one input and one output, built and compiled.

    Raises:
        UnstackableModel: If a layer, the loss, the optimizer or one of their options is not covered.
        InvalidInput: If weights are under `ProximalL1`, and the optimizer was not made by `proximal`.
    """
    try:
        return _read_member(model)
    except InvalidInput:
        raise
    except Exception as cause:  # what Keras or a class of one's own raises when it is asked what it is
        raise UnstackableModel(
            f"The model {getattr(model, 'name', model)!r} cannot be read as a member of a population: "
            f"{type(cause).__name__}: {cause}. {ONE_BY_ONE}",
            what=type(model).__name__,
        ) from cause


def _read_member(model: keras.Model) -> Member:
    # by name, because Keras' Functional is not public, and a subclass may train in a way of its own
    keras_own = type(model).__module__.split(".")[0] == "keras"
    if not keras_own or type(model).__name__ not in ("Sequential", "Functional"):
        raise UnstackableModel(
            f"A population trains Sequential and functional Keras models; received {type(model).__name__}.",
            what=type(model).__name__,
        )
    own = [name for name in _STEPS if name in vars(model)]
    if own:
        raise UnstackableModel(
            f"The model {model.name!r} has a {own[0]} of its own, which a population would not call. "
            f"{ONE_BY_ONE}",
            what=f"a {own[0]} of its own",
        )
    if not model.built or not model.inputs or len(model.inputs) > 1 or len(model.outputs) > 1:
        raise UnstackableModel(
            f"The model {model.name!r} must be built and have one input and one output; begin it with "
            "keras.Input.",
            what="not built, or several inputs or outputs",
        )
    if keras.config.floatx() != "float32":
        raise UnstackableModel(
            f"keras.config.floatx() is {keras.config.floatx()!r}, and a population trains in float32. Call "
            "keras.config.set_floatx('float32') before the models are built.",
            what=f"floatx {keras.config.floatx()}",
        )
    compiled = compiled_of(model)
    input_shape = tuple(model.inputs[0].shape[1:])
    if None in input_shape:
        raise UnstackableModel(
            f"The model {model.name!r} takes inputs of any size, {input_shape}; fix the size.",
            what="inputs of any size",
        )
    layers = [layer for layer in model.layers if not isinstance(layer, keras.layers.InputLayer)]
    outputs = [_output_of(layer) for layer in layers]
    if isinstance(model, keras.Sequential):
        graph = tuple((position - 1,) for position in range(len(layers)))
    else:
        graph = _graph(model, layers, outputs)
    parts, optimizer = tuple(_read_part(layer) for layer in layers), read_optimizer(compiled.optimizer)
    if not optimizer.proximal:
        trainable = ((part, f"{name} proximal_l1") for part in parts for name in part.trainable)
        if any(part.hyperparameters.get(name) for part, name in trainable):
            raise InvalidInput(NO_STEP)
    return Member(
        model=model,
        parts=parts,
        graph=graph,
        input_shape=input_shape,
        input_dtype=read_input_dtype(model, layers),
        output_shapes=tuple(tuple(output.shape[1:]) for output in outputs),
        objective=read_objective(compiled, tuple(model.outputs[0].shape)),
        optimizer=optimizer,
        epsilon=keras.config.epsilon(),
    )


def _output_of(layer: keras.Layer) -> keras.KerasTensor:
    try:
        return layer.output
    except (AttributeError, ValueError) as cause:  # Keras cannot say which of several
        raise refuse(layer, "is used more than once") from cause


def _graph(
    model: keras.Model, layers: list[keras.Layer], outputs: list[keras.KerasTensor]
) -> tuple[tuple[int, ...], ...]:
    """Returns the inputs of each layer of a functional model, by position."""
    place = {id(model.inputs[0]): INPUT}
    graph = []
    for position, (layer, output) in enumerate(zip(layers, outputs, strict=True)):
        inputs = layer.input if isinstance(layer.input, list | tuple) else [layer.input]
        if any(id(tensor) not in place for tensor in inputs):
            raise refuse(layer, "takes something else than the output of a layer before it")
        graph.append(tuple(place[id(tensor)] for tensor in inputs))
        place[id(output)] = position
    if place.get(id(model.outputs[0])) != len(layers) - 1:
        raise UnstackableModel(
            f"The output of the model {model.name!r} is not that of its last layer.",
            what="an output that is not the last layer's",
        )
    return tuple(graph)


def _read_part(layer: keras.Layer) -> Part:
    reader = READERS.get(type(layer))
    if reader is None:
        raise refuse(layer, "is of a kind that cannot be stacked")
    if "call" in vars(layer):
        raise refuse(layer, "has a call of its own")
    require(layer, compute_dtype="float32", variable_dtype="float32", quantization_mode=None)
    if getattr(layer, "activity_regularizer", None) is not None:
        raise refuse(layer, "has an activity regularizer")
    check_options(layer, reader.covered, partial(refuse, layer))
    part = reader(layer)
    read = {id(variable) for variable in part.trainable.values()}
    if any(id(variable) not in read for variable in layer.trainable_variables):
        raise refuse(layer, "trains weights that are not its own kind's, as LoRA does")
    frozen = [name for name, variable in part.trainable.items() if not variable.trainable]
    if frozen and len(frozen) < len(part.trainable):
        raise refuse(layer, f"has {frozen[0]!r} frozen and other weights not")
    if frozen:
        constants = {name: keras.ops.convert_to_numpy(variable) for name, variable in part.trainable.items()}
        return replace(
            part, trainable={}, constants={**part.constants, **constants}, kind=(*part.kind, "frozen")
        )
    return part
