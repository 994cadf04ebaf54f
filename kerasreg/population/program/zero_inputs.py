"""Inputs that are zero in every row, as at the borders of images, left out of the matrix products.

The weights from such an input add nothing to any unit, and their gradient is that of their penalty alone. Of
1,250 images of MNIST 167 of 784 pixels are so, and the training of an MLP on them takes a tenth less time.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from kerasreg.population.member.member import INPUT, Member, Name
from kerasreg.population.member.part import UNFED
from kerasreg.population.program.stacked_arrays import Tensors, key_of

WORTH = 1 / 16  # of the inputs: with fewer, another way to compute them is not worth having


@dataclass(frozen=True, kw_only=True)
class Columns:
    """Which inputs of a first dense layer are fed.

    Args:
        kernel: The layer's kernel.
        fed: The inputs that are not zero in some row.
        unfed: The others.
        penalized: Whether the weights of the others change in training.
    """

    kernel: Name
    fed: np.ndarray
    unfed: np.ndarray
    penalized: bool

    def select(self, data: Tensors) -> Tensors:
        """Returns the data with the fed inputs alone, `x` of shape (rows, fed)."""
        rows = tf.reshape(data["x"], (len(data["x"]), -1))
        return {**data, "x": tf.gather(rows, self.fed, axis=1)}

    def divide(self, weights: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Divides the kernel of P members, by `key_of`, in the weights of fed inputs and of the others."""
        key = key_of(self.kernel)
        parts = {key: weights[key][:, self.fed]}
        if self.penalized:
            parts[key + UNFED] = weights[key][:, self.unfed]
        return {**weights, **parts}

    def join(self, weights: dict[str, np.ndarray], initial: np.ndarray) -> dict[str, np.ndarray]:
        """Puts a member's divided kernel together again.

        Args:
            weights: One member's weights by `key_of`.
            initial: Its kernel before training, whose width may be less.
        """
        key = key_of(self.kernel)
        whole = np.zeros((len(initial), weights[key].shape[-1]), np.float32)
        whole[:, : initial.shape[1]] = initial
        whole[self.fed] = weights[key]
        if self.penalized:
            whole[self.unfed] = weights[key + UNFED]
        return {**weights, key: whole}


def columns_of(members: Sequence[Member], nonzero: Collection[Name], data: Tensors) -> Columns | None:
    """Returns which inputs are fed, or `None` if nearly all are, or if the network asks for them all.

    Args:
        members: Members of one architecture.
        nonzero: Hyperparameters that are nonzero for some of them.
        data: `x` and `y`; where there is no `y`, the inputs are the targets.
    """
    first, parts = members[0], members[0].parts
    kernel = next(((at, "kernel") for at, part in enumerate(parts) if part.kind[0] == "dense"), None)
    if kernel is None or "y" not in data:
        return None
    position, _ = kernel
    in_a_row = all(first.graph[at] == (at - 1,) for at in range(position + 1))
    read = [place for inputs in first.graph for place in inputs if place < position]
    passed = all(
        part.passes_inputs is not None and not any((at, name) in nonzero for name in part.passes_inputs)
        for at, part in enumerate(parts[:position])
    )
    flat = len(first.output_shapes[position - 1] if position else first.input_shape) == 1
    asked = any((position, name) in nonzero for name in ("kernel max_norm", "dropconnect"))
    if asked or not (in_a_row and len(read) == position + 1 and passed and flat):
        return None
    if "kernel" not in parts[position].trainable:
        return None
    rows = data["x"].numpy().reshape(len(data["x"]), -1)
    fed = (rows != 0).any(axis=0)
    if not fed.any() or 1 - fed.mean() < WORTH:
        return None
    kernel_changes = ((position, f"kernel {what}") for what in ("l1", "l2", "proximal_l1"))
    changes = (*kernel_changes, (INPUT, "weight_decay"))
    return Columns(
        kernel=kernel,
        fed=np.flatnonzero(fed),
        unfed=np.flatnonzero(~fed),
        penalized=any(name in nonzero for name in changes),
    )
