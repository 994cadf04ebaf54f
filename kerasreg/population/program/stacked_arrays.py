"""Arrays of many members stacked into one, and batches gathered from the data by row."""

from collections.abc import Mapping

import numpy as np
import tensorflow as tf

from kerasreg.population.member.member import Name

Tensors = dict[str, tf.Tensor]


def take(
    data: Tensors, order: tf.Tensor, partial: bool
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor | None, tf.Tensor | float]:
    """Returns each member's rows of a batch, their weights and their number.

    Args:
        data: `x` and `y`, and no `y` where the inputs are the targets.
        order: Positions in the data, (P, batch); -1 for no row.
        partial: Whether some position may be -1.
    """
    # what fills up a batch is the member's own row: one of another's data might be infinite to it
    found = tf.where(order >= 0, order, order[:, :1]) if partial else order
    x = tf.gather(data["x"], found)
    y = tf.gather(data["y"], found) if "y" in data else x
    if not partial:
        return x, y, None, float(order.shape[1])
    row_weights = tf.cast(order >= 0, tf.float32)
    return x, y, row_weights, tf.reduce_sum(row_weights, axis=1)


def key_of(name: Name) -> str:
    """Returns the key of a variable in a program's state."""
    return f"{name[0]}/{name[1]}"


def name_of(key: str) -> Name:
    """Returns the position and name that `key_of` wrote."""
    position, name = key.split("/")
    return int(position), name


def stacked(
    arrays: list[Mapping[Name, np.ndarray]], shapes: Mapping[Name, tuple[int, ...]]
) -> dict[str, np.ndarray]:
    """Stacks the arrays of P members by `key_of`, each filled up with zeros to a common shape."""
    result = {}
    for name, shape in ((name, shapes[name]) for name in arrays[0]):
        block = np.zeros((len(arrays), *shape), np.float32)
        for member, values in enumerate(arrays):
            block[(member, *(slice(0, size) for size in values[name].shape))] = values[name]
        result[key_of(name)] = block
    return result
