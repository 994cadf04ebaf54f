"""Weight penalties and norm constraints: read from a layer, applied to all members."""

from functools import partial

import keras
import tensorflow as tf

from kerasreg.population.member.options import check_options
from kerasreg.population.member.part import along_members, refuse
from kerasreg.proximal import ProximalL1

# What is read of each penalty and constraint
_PENALTIES: dict[type, tuple[str, ...]] = {
    keras.regularizers.L1: ("l1",),
    keras.regularizers.L2: ("l2",),
    keras.regularizers.L1L2: ("l1", "l2"),
}
_CONSTRAINTS: dict[type, tuple[str, ...]] = {
    keras.constraints.MaxNorm: ("max_value", "axis"),
    ProximalL1: ("strength", "max_norm", "axis"),
}


def penalties_and_bounds(layer: keras.Layer, **axes: tuple[int, ...]) -> tuple[dict, dict[str, float]]:
    """Returns how a layer's variables are penalized and bounded.

    Args:
        layer: A Keras layer.
        **axes: Its variables by attribute name, each with the axes over which a bound on its norm would
            be taken, so that members with and without one are alike.

    Returns:
        The axes of the bounds by name, and the hyperparameters `"<name> l1"`, `"<name> l2"`,
        `"<name> proximal_l1"` and `"<name> max_norm"` (0 for no bound).

    Raises:
        UnstackableModel: If a regularizer is not L1, L2 or both, or a constraint neither `MaxNorm` nor
            `ProximalL1`.
    """
    hyperparameters = {}
    refusal = partial(refuse, layer)
    for name in axes:
        # what Keras goes by: an option assigned to a built layer has no effect, one of a variable has
        variable = getattr(layer, name, None)
        regularizer = getattr(variable, "regularizer", None)
        if regularizer is not None:
            if type(regularizer) not in _PENALTIES:
                raise refusal(f"has a {name} regularizer that is neither L1 nor L2")
            check_options(regularizer, _PENALTIES[type(regularizer)], refusal)
        for letter in ("l1", "l2"):
            hyperparameters[f"{name} {letter}"] = float(getattr(regularizer, letter, 0.0))
        constraint = getattr(variable, "constraint", None)
        if constraint is not None:
            if type(constraint) not in _CONSTRAINTS:
                raise refusal(f"has a {name} constraint that is neither MaxNorm nor ProximalL1")
            check_options(constraint, _CONSTRAINTS[type(constraint)], refusal)
        proximal = isinstance(constraint, ProximalL1)
        hyperparameters[f"{name} proximal_l1"] = constraint.strength if proximal else 0.0
        bound = getattr(constraint, "max_norm" if proximal else "max_value", None)
        if bound is not None:
            axis = constraint.axis
            axes[name] = tuple(axis) if isinstance(axis, list | tuple) else (axis,)
        hyperparameters[f"{name} max_norm"] = float(bound or 0.0)
    return axes, hyperparameters


def penalty(weight: tf.Tensor, l1: tf.Tensor | None, l2: tf.Tensor | None) -> tf.Tensor:
    """Returns l1 * sum |w| + l2 * sum w**2 for each member, shape (P,); `None` stands for zeros.

    XLA adds up the numbers of a row one by one, but columns as whole vectors: of an MLP's training with L2,
    sums over rows would be a quarter.

    Args:
        weight: Shape (P, ...).
        l1: Shape (P,), or `None`.
        l2: Shape (P,), or `None`.
    """
    columns = tf.reshape(weight, (weight.shape[0], -1, weight.shape[-1]))
    total = tf.zeros((weight.shape[0], weight.shape[-1]))
    if l1 is not None:
        total += l1[:, None] * tf.reduce_sum(tf.abs(columns), axis=1)
    if l2 is not None:
        total += l2[:, None] * tf.reduce_sum(tf.square(columns), axis=1)
    return tf.reduce_sum(total, axis=1)


def penalty_gradient(weight: tf.Tensor, l1: tf.Tensor | None, l2: tf.Tensor | None) -> tf.Tensor | float:
    """Returns the gradient of `penalty` by the weight; 0 where the weight is, as Keras has it."""
    rank = len(weight.shape)
    gradient = 0.0
    if l1 is not None:
        gradient += along_members(l1, rank) * tf.sign(weight)
    if l2 is not None:
        gradient += 2 * along_members(l2, rank) * weight
    return gradient


def bounded(weight: tf.Tensor, largest: tf.Tensor, axes: tuple[int, ...]) -> tf.Tensor:
    """Returns the weight with no norm above `largest`, as `keras.constraints.MaxNorm` does it.

    Args:
        weight: Shape (P, ...).
        largest: Shape (P,); 0 for no bound.
        axes: The axes of one member's weight over which the norm is taken.
    """
    rank = len(weight.shape)
    bound = along_members(largest, rank)
    own_axes = [axis % (rank - 1) + 1 for axis in axes]
    norms = tf.sqrt(tf.reduce_sum(tf.square(weight), own_axes, keepdims=True))
    scaled = weight * (tf.minimum(norms, bound) / (keras.config.epsilon() + norms))
    return tf.where(bound == 0, weight, scaled)
