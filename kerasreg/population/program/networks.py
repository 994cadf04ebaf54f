"""Forward pass, loss, evaluation and gradients of P networks of one architecture."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import tensorflow as tf

from kerasreg.population.member.input_dtype import as_input
from kerasreg.population.member.member import INPUT, SCALE, Member, Name
from kerasreg.population.member.part import UNFED, Stage
from kerasreg.population.member.penalties import penalty
from kerasreg.population.program.stacked_arrays import Tensors, key_of, take


class Networks:
    """What the members of an architecture compute.

    Nothing here knows data, weights or hyperparameters: they are arguments.

    Args:
        template: A member of the architecture.
        nonzero: Hyperparameters that are nonzero for some member; computations of the others are left out.
    """

    by_xla = False  # whether all is compiled

    def __init__(self, template: Member, *, nonzero: frozenset[Name]) -> None:
        # what is kept must not keep the template's variables, whose names are all it needs
        self.parts = tuple(
            replace(
                part,
                trainable=dict.fromkeys(part.trainable),
                moving_statistics=dict.fromkeys(part.moving_statistics),
            )
            for part in template.parts
        )
        self.graph, self.input_dtype = template.graph, template.input_dtype
        self.objective = template.objective
        self.hyperparameter_names = list(template.hyperparameters)
        self.key_positions = list(template.keys)
        self.nonzero = nonzero
        self.metrics = ("loss", *self.objective.metrics)
        # called a few times, which is not worth a compilation
        self.predict = tf.function(self._predict, autograph=False)
        self.evaluate = tf.function(self._evaluate, autograph=False)

    def member_arrays(self, members: Sequence[Member]) -> dict[str, np.ndarray]:
        """Returns the members' hyperparameters and random keys, each of shape (count, P)."""
        hyperparameters = [
            [member.hyperparameters[name] for member in members] for name in self.hyperparameter_names
        ]
        keys = [[member.keys[position] for member in members] for position in self.key_positions]
        return {
            "hyperparameters": np.array(hyperparameters, np.float32),
            "keys": np.array(keys, np.uint32).reshape(-1, len(members)),
        }

    def _forward(
        self,
        values: Tensors,
        member: Tensors,
        inputs: tf.Tensor,
        *,
        training: bool,
        steps: tf.Tensor | None = None,
        row_weights: tf.Tensor | None = None,
    ) -> tuple[tf.Tensor, Tensors]:
        """Returns the network's output and the new moving statistics.

        Args:
            values: Trainable variables, moving statistics and constants by `key_of`.
            member: `hyperparameters` of shape (count, P) and `keys` of shape (count, P).
            inputs: Shape (P, batch, ...).
            training: Whether this is a training step.
            steps: How many steps each member has made, shape (P,).
            row_weights: Shape (P, batch), or `None` if all rows are real.
        """
        outputs, moving_statistics = {INPUT: as_input(inputs, self.input_dtype)}, {}
        for position, part in enumerate(self.parts):
            names = [*part.trainable, *part.moving_statistics, *part.constants]
            stage = Stage(
                weights={name: values[key_of((position, name))] for name in names},
                hyperparameters={
                    name: self._hyperparameter(member, (position, name)) for name in part.hyperparameters
                },
                nonzero=frozenset(name for place, name in self.nonzero if place == position),
                training=training,
                compiled=self.by_xla,
                keys=member["keys"][self.key_positions.index(position)] if part.seed is not None else None,
                steps=steps,
                row_weights=row_weights,
            )
            outputs[position] = part.apply(stage, *(outputs[place] for place in self.graph[position]))
            moving_statistics |= {key_of((position, name)): value for name, value in stage.updates.items()}
        return outputs[len(self.parts) - 1], moving_statistics

    def _hyperparameter(self, member: Tensors, name: Name) -> tf.Tensor:
        return member["hyperparameters"][self.hyperparameter_names.index(name)]

    def _penalty_factors(self, member: Tensors, name: Name) -> list[tf.Tensor | None]:
        position, variable = name
        asked = [(position, f"{variable} l1"), (position, f"{variable} l2")]
        return [self._hyperparameter(member, key) if key in self.nonzero else None for key in asked]

    def _penalties(self, values: Tensors, member: Tensors) -> tf.Tensor:
        """Returns the sum of each member's weight penalties, shape (P,)."""
        total = tf.zeros(member["hyperparameters"].shape[1])
        for position, part in enumerate(self.parts):
            for name in part.trainable:  # Keras does not penalize what is frozen
                factors = self._penalty_factors(member, (position, name))
                if any(factor is not None for factor in factors):
                    key = key_of((position, name))
                    for weight in (values[key], values.get(key + UNFED)):
                        total += 0.0 if weight is None else penalty(weight, *factors)
        return total

    def _values(
        self,
        values: Tensors,
        member: Tensors,
        y: tf.Tensor,
        predictions: tf.Tensor,
        row_weights: tf.Tensor | None,
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Returns the sums over the rows of the unpenalized loss and of the metrics.

        Returns:
            Two tensors, of shape (P,) and (metrics, P).
        """
        smoothing = (INPUT, "label_smoothing")
        given = self._hyperparameter(member, smoothing) if smoothing in self.nonzero else None
        scale = values.get(key_of(SCALE))
        loss = self.objective.losses(y, predictions, given, scale)
        rows = self.objective.measured(y, predictions, scale)
        if row_weights is not None:
            loss, rows = loss * row_weights, [each * row_weights for each in rows]
        return tf.reduce_sum(loss, axis=1), tf.stack([tf.reduce_sum(each, axis=1) for each in rows])

    def _evaluate(self, values: Tensors, member: Tensors, data: Tensors, order: tf.Tensor) -> tf.Tensor:
        """Returns the loss and the metrics over rows of the data, (1 + metrics, P).

        Args:
            values: Trainable variables, moving statistics and constants by `key_of`.
            member: As for `Program.epochs`.
            data: As for `Program.epochs`.
            order: (P, batches, batch), the rows, -1 to fill up.
        """

        def body(step: tf.Tensor, sums: tf.Tensor) -> tuple:
            x, y, row_weights, _ = take(data, order[:, step], partial=True)
            predictions, _ = self._forward(values, member, x, training=False)
            loss, more = self._values(values, member, y, predictions, row_weights)
            return step + 1, sums + tf.concat([loss[None], more], axis=0)

        sums = tf.zeros((len(self.metrics), order.shape[0]))
        _, sums = tf.while_loop(lambda step, *_: step < order.shape[1], body, (tf.constant(0), sums))
        means = sums / tf.reduce_sum(tf.cast(order >= 0, tf.float32), axis=(1, 2))
        return tf.concat([means[:1] + self._penalties(values, member), means[1:]], axis=0)

    def gradients(self, values: Tensors, member: Tensors, x: tf.Tensor, y: tf.Tensor) -> Tensors:
        """Returns the gradient of each member's loss, penalties included, in one batch of training.

        Args:
            values: Trainable variables, moving statistics and constants by `key_of`.
            member: As for `Program.epochs`.
            x: Each member's rows, (P, rows, ...).
            y: Their labels or targets, (P, rows, ...).

        Returns:
            For each trainable variable an array of its shape, (P, ...), by `key_of`.
        """
        names = [(position, name) for position, part in enumerate(self.parts) for name in part.trainable]
        weights = {key: tf.convert_to_tensor(values[key]) for key in map(key_of, names)}
        with tf.GradientTape() as tape:
            tape.watch(weights)
            watched = {**values, **weights}
            first_step = tf.zeros(x.shape[0], tf.int32)
            predictions, _ = self._forward(watched, member, x, training=True, steps=first_step)
            loss, _ = self._values(watched, member, y, predictions, None)
            # over the members, whose gradients do not meet
            total = tf.reduce_sum(loss / x.shape[1] + self._penalties(watched, member))
        return tape.gradient(total, weights, unconnected_gradients=tf.UnconnectedGradients.ZERO)

    def _predict(self, values: Tensors, member: Tensors, x: tf.Tensor) -> tf.Tensor:
        """Returns every member's output for the same rows, shape (P, rows, ...)."""
        members = member["hyperparameters"].shape[1]
        inputs = tf.broadcast_to(x[None], (members, *x.shape))
        return self._forward(values, member, inputs, training=False)[0]
