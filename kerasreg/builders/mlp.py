"""Multilayer perceptrons, for classes and for numbers."""

from collections.abc import Sequence
from typing import Any

import keras

from kerasreg.augmentation import Augmentation
from kerasreg.builders.arguments import (
    check_activation,
    check_input_shape,
    check_regularization,
    check_sizes,
)
from kerasreg.builders.compiling import compile_classifier, compile_regressor, make_optimizer
from kerasreg.builders.parts import Parts
from kerasreg.checks import InvalidInput, check_whole_number
from kerasreg.layers import Standardization
from kerasreg.regularization import Regularization


def build_mlp(
    input_shape: Sequence[int],
    num_classes: int | None,
    *,
    units: Sequence[int] = (128,),
    activation: str = "relu",
    regularization: Regularization | dict[str, Any] | None = None,
    standardize_input: bool = False,
    standardize_target: bool = False,
    output_units: int = 1,
    optimizer: str | keras.optimizers.Optimizer = "adam",
    learning_rate: float = 1e-3,
    seed: int = 0,
) -> keras.Model:
    """Builds a compiled multilayer perceptron.

    Its layers, by name: `standardize_input` if asked for, `input_noise`, `flatten`; for each hidden layer
    `hidden_1`, `hidden_1_normalization` if asked for, `hidden_1_activation`, `hidden_1_dropout`; `output`;
    `standardize_target` if asked for.

    Where the regularizers act: `noise_std` on the input (after it is standardized); `l1`, `l2` and
    `proximal_l1` on all kernels; `dropconnect` and `max_norm` on the kernels of the hidden layers;
    `normalization` between a hidden layer's linear part and its activation; `dropout` after each hidden
    layer's activation; `label_smoothing` on the labels.

    Args:
        input_shape: Shape of one example; it is flattened.
        num_classes: Number of classes, at least 2, for integer labels; the output is logits. `None` for
            regression, with linear outputs.
        units: Units of each hidden layer; `()` makes a linear model, which has no hidden layer to
            regularize.
        activation: Name of a Keras activation for the hidden layers.
        regularization: A `Regularization` or its `to_dict()`; `None` for none. In regression it must not
            smooth labels, and its `noise_std` is at most 1.
        standardize_input: Whether to begin with a `kerasreg.layers.Standardization`, which centers and
            scales each feature as scikit-learn's `StandardScaler` does, for features in units of their
            own. It does nothing until it has seen the training rows:
            `model.get_layer("standardize_input").adapt(x_train)`, before the first `fit`, `evaluate` or
            `predict`, because Keras compiles its numbers into those.
        standardize_target: Whether to train regression on standardized targets and still predict in
            their own units. The network ends with a `kerasreg.layers.Standardization(invert=True)`, and the
            loss is `StandardizedMeanSquaredError`: weights, learning rates and penalties then mean the same
            whatever the units. A target that does not vary in the training rows is only centered. The layer
            does nothing until it has seen the training targets, one column for each output:
            `model.get_layer("standardize_target").adapt(y_train.reshape(len(y_train), -1))`, before the
            first `fit`, `evaluate` or `predict`.
        output_units: Number of outputs in regression.
        optimizer: `"adam"`, `"adamw"` (with Keras' weight decay of 0.004), `"sgd"`, `"rmsprop"`, or a
            Keras optimizer, which is copied.
        learning_rate: Above 0. Ignored if `optimizer` is a Keras optimizer.
        seed: Seed of the initial weights, dropout and noise, a whole number >= 0.

    Returns:
        A Keras model compiled with metrics `accuracy` and `cross_entropy` for classes, or `mse` for numbers
        (and `standardized_mse` for several that are standardized), none of which includes penalties.

    Raises:
        InvalidInput: If an argument cannot be used.

    Example:
    >>> model = build_mlp((8, 8, 1), 10, units=(32,), regularization=Regularization(l2=1e-4, dropout=0.3))
    >>> model.output_shape
    (None, 10)
    >>> tanh_network = build_mlp((1,), None, units=(20,), activation="tanh")
    >>> tanh_network.count_params()
    61
    """
    shape = check_input_shape(input_shape)
    regularization = check_regularization(regularization, classification=num_classes is not None)
    optimizer = make_optimizer(optimizer, learning_rate, regularization)
    parts = Parts(
        regularization=regularization,
        activation=check_activation("activation", activation),
        seed=seed,
    )
    if num_classes is None:
        outputs = check_whole_number("output_units", output_units)
    else:
        outputs = check_whole_number("num_classes", num_classes, minimum=2)
        if standardize_target:
            raise InvalidInput(
                f"standardize_target is for regression, and this network tells {outputs} classes apart. "
                "Leave it out."
            )

    layers = [Standardization(name="standardize_input")] if standardize_input else []
    layers += parts.input_layers(Augmentation())
    layers.append(keras.layers.Flatten(name="flatten"))
    for number, size in enumerate(check_sizes("units", units, what="hidden layer"), start=1):
        layers += parts.hidden_dense(f"hidden_{number}", size)
    layers.append(parts.output_dense("output", outputs))
    target = None
    if standardize_target:
        target = Standardization(invert=True, name="standardize_target")
        layers.append(target)

    model = keras.Sequential([keras.Input(shape), *layers], name="mlp")
    if num_classes is None:
        return compile_regressor(model, optimizer, standardized_by=target)
    return compile_classifier(model, optimizer, label_smoothing=regularization.label_smoothing)
