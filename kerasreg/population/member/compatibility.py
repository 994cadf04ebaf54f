"""Checks that a model's output, its loss and the data fit together."""

from collections.abc import Callable, Mapping
from typing import Any

import keras
import numpy as np

from kerasreg.checks import InvalidInput
from kerasreg.population.member.compiled import compiled_of
from kerasreg.population.member.member import Member
from kerasreg.population.member.objectives import read_loss
from kerasreg.population.member.part import UnstackableModel
from kerasreg.records import Split

# Activations whose values are probabilities, and others that a categorical cross-entropy divides by their sum
_SHARES = {"softmax", "sigmoid", "hard_sigmoid", "sparse_sigmoid", "sparsemax"}
_POSITIVE = _SHARES | {"relu", "relu6", "softplus", "squareplus", "exponential"}
_PASSING = (keras.layers.Flatten, keras.layers.Reshape, keras.layers.Dropout)


def check_suits(member: Member, split: Split, seen: set | None = None) -> None:
    """Raises `InvalidInput` where a member does not take or give what its data holds.

    Args:
        member: The member.
        split: Its data.
        seen: As for `check_loss_suits`.
    """
    if member.input_shape != split.input_shape:
        raise InvalidInput(
            f"The model {member.model.name!r} takes inputs of shape {member.input_shape}, but the data "
            f"{split.name!r} has rows of shape {split.input_shape}."
        )
    outputs = member.output_shapes[-1] if member.output_shapes else member.input_shape
    if member.objective.family == "sparse":
        suits = split.num_classes is not None and outputs[-1] >= split.num_classes
    else:  # a single output may stand for a number without an axis of its own
        suits = outputs == split.output_shape or outputs == (*split.output_shape, 1)
    if not suits:
        given = "numbers" if split.num_classes is None else f"labels of {split.num_classes} classes"
        raise InvalidInput(
            f"The model {member.model.name!r} gives outputs of shape {outputs} with a loss of the kind "
            f"{member.objective.family!r}, but the data {split.name!r} has {given} of shape "
            f"{split.output_shape}."
        )
    check_loss_suits(member.model, split, seen)


def check_targets(member: Member, y: np.ndarray, seen: set | None = None) -> None:
    """Raises `InvalidInput` where targets outside of a split are none of a member's output and loss.

    Args:
        member: The member.
        y: Labels or targets of shape (n, ...).
        seen: As for `check_loss_suits`; all calls that share it have the same targets.
    """
    outputs = member.output_shapes[-1] if member.output_shapes else member.input_shape
    family, rows = member.objective.family, y.shape[1:]
    wanted = outputs[:-1] if family == "sparse" else outputs
    suits = rows == wanted or (rows == (*wanted, 1) if family == "sparse" else (*rows, 1) == wanted)
    if not suits:
        raise InvalidInput(
            f"The model {member.model.name!r} gives outputs of shape {outputs} with a loss of the kind "
            f"{family!r}, for targets of shape {wanted} a row; received y of shape {y.shape}."
        )
    key, seen = (family, outputs[-1] if outputs else 1), seen if seen is not None else set()
    if key not in seen and (problem := _problem_of_targets(family, outputs, y)) is not None:
        raise InvalidInput(f"The model {member.model.name!r} {problem}")
    seen.add(key)


def check_loss_suits(model: keras.Model, split: Split, seen: set | None = None) -> None:
    """Raises `InvalidInput` where a model's loss is undefined for its last activation or for the targets.

    Keras computes a number all the same, which means nothing. What cannot be told, as of a loss or layer of
    one's own, passes.

    Args:
        model: A compiled model.
        split: Its data.
        seen: What has been checked in earlier calls, so that models which share their data share the check.
    """
    try:
        family, options = read_loss(compiled_of(model).loss)
        outputs = tuple(model.outputs[0].shape)
    except (UnstackableModel, AttributeError, TypeError):
        return
    problem = _problem_of_output(model, family, options, outputs)
    key, seen = (id(split), family, outputs[-1]), seen if seen is not None else set()
    if problem is None and key not in seen:
        parts = (split.y_train, split.y_validation)
        problem = next(filter(None, (_problem_of_targets(family, outputs, y) for y in parts)), None)
        seen.add(key)
    if problem is not None:
        raise InvalidInput(f"The model {model.name!r} {problem}")


def _problem_of_output(
    model: keras.Model, family: str, options: Mapping[str, Any], outputs: tuple[int | None, ...]
) -> str | None:
    if family not in ("sparse", "categorical", "binary"):
        return None
    name = "binary_crossentropy" if family == "binary" else f"{family}_categorical_crossentropy"
    name = name.replace("categorical_categorical", "categorical")
    if family != "binary" and outputs[-1] == 1:
        return (
            f"has one output with {name}, which is constant for one class. Use binary_crossentropy, or one "
            "output for each class."
        )
    activation = _last_activation(model)
    accepted = _SHARES if family == "binary" else _POSITIVE
    if options.get("from_logits") or activation is None or activation in accepted:
        return None
    wanted = "sigmoid" if family == "binary" else "softmax"
    return (
        f"ends with the activation {activation!r}, but its {name} takes probabilities. End it with "
        f"{wanted!r}, or compile it with from_logits=True."
    )


def _problem_of_targets(family: str, outputs: tuple[int | None, ...], y: np.ndarray) -> str | None:
    y = np.asarray(y)
    if not y.size or y.dtype.kind not in "biuf":
        return None
    low, high = y.min(), y.max()
    if family == "sparse":
        if low < 0 or high >= outputs[-1] or np.any(y != np.floor(y)):
            return (
                f"has {outputs[-1]} outputs for the labels 0 to {outputs[-1] - 1}; received labels from "
                f"{low:g} to {high:g}."
            )
    elif family in ("binary", "categorical") and not 0 <= low <= high <= 1:
        classes = (
            " For classes, use one output each with sparse_categorical_crossentropy."
            if family == "binary" and outputs[-1] == 1
            else ""
        )
        return (
            f"has a {family} cross-entropy, for targets from 0 to 1; received {low:g} to {high:g}.{classes}"
        )
    elif family == "categorical" and not np.allclose(y.sum(axis=-1), 1, atol=1e-3):
        return (
            "has a categorical cross-entropy, for classes of which each row has one; received rows whose "
            "targets do not add up to 1. For several labels a row, use 'sigmoid' and binary_crossentropy."
        )
    return None


def _last_activation(model: keras.Model) -> str | None:
    """Returns the name of the activation that makes the output, or `None` if it is not Keras' own."""
    if not isinstance(model, keras.Sequential) and type(model).__name__ != "Functional":
        return None
    layer = next((each for each in reversed(model.layers) if not isinstance(each, _PASSING)), None)
    if isinstance(layer, keras.layers.Softmax):
        return "softmax"
    function: Callable | None = getattr(layer, "activation", None)
    name = getattr(function, "__name__", "")
    return name if function is not None and getattr(keras.activations, name, None) is function else None
