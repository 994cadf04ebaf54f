"""One compiled program: an epoch of P members at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import tensorflow as tf

from kerasreg.population.objectives import per_example
from kerasreg.population.optimizers import update
from kerasreg.population.parts import Stage, along_members
from kerasreg.population.stack import INPUT, Member, Name
from kerasreg.population.weights import bounded, penalty, penalty_gradient

Tensors = dict[str, tf.Tensor]


@dataclass(frozen=True, kw_only=True)
class Watch:
    """By what the best epoch is told: one of the metrics on validation data.

    Args:
        metric: Its name without `val_`.
        mode: `"min"` or `"max"`.
        min_delta: The smallest change that counts, at least 0.
    """

    metric: str
    mode: str
    min_delta: float


class Program:
    """Trains P members for one epoch at a call.

    Args:
        template: A member of the architecture.
        nonzero: The numbers that are not zero for some member; the rest is left out of the program.
        watch: What the best weights are kept by, or `None` to keep none.
        partial: Whether some batch is not full.

    The program knows no data and no hyperparameters: they are arguments of `epoch`, so that
    TensorFlow compiles it once for each set of shapes.
    """

    def __init__(
        self, template: Member, *, nonzero: frozenset[Name], watch: Watch | None, partial: bool
    ) -> None:
        # a kept program must not keep the template's variables, whose names are all it needs
        self.parts = tuple(
            replace(part, trainable=dict.fromkeys(part.trainable), moments=dict.fromkeys(part.moments))
            for part in template.parts
        )
        self.graph = template.graph
        self.objective, self.optimizer = template.objective, template.optimizer
        self.number_names = list(template.numbers)
        self.key_positions = list(template.keys)
        self.nonzero, self.watch, self.partial = nonzero, watch, partial
        self.metrics = ("loss", *self.objective.metrics)
        self.compiled: dict[tuple, float] = {}  # seconds of the first call, by signature
        self.epoch = tf.function(self._epoch, jit_compile=True, autograph=False)
        # called a few times, which is not worth the compilation
        self.predict = tf.function(self._predict, autograph=False)
        self.evaluate = tf.function(self._evaluate, autograph=False)

    def member_arrays(self, members: Sequence[Member]) -> dict[str, np.ndarray]:
        """Returns the members' numbers and random keys, each of shape (count, P)."""
        numbers = [[member.numbers[name] for member in members] for name in self.number_names]
        keys = [[member.keys[position] for member in members] for position in self.key_positions]
        return {
            "numbers": np.array(numbers, np.float32),
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
        """Returns the network's output and the new moments.

        Args:
            values: Trainable variables, moments and constants by `key_of`.
            member: `numbers` of shape (count, P) and `keys` of shape (count, P).
            inputs: Shape (P, batch, ...).
            training: Whether this is a training step.
            steps: How many steps each member has made, shape (P,).
            row_weights: Shape (P, batch), or `None` if all rows are real.
        """
        outputs, moments = {INPUT: inputs}, {}
        for position, part in enumerate(self.parts):
            names = [*part.trainable, *part.moments, *part.constants]
            stage = Stage(
                weights={name: values[key_of((position, name))] for name in names},
                numbers={name: self._number(member, (position, name)) for name in part.numbers},
                nonzero=frozenset(name for place, name in self.nonzero if place == position),
                training=training,
                keys=member["keys"][self.key_positions.index(position)] if part.seed is not None else None,
                steps=steps,
                row_weights=row_weights,
            )
            outputs[position] = part.apply(stage, *(outputs[place] for place in self.graph[position]))
            moments |= {key_of((position, name)): value for name, value in stage.updates.items()}
        return outputs[len(self.parts) - 1], moments

    def _number(self, member: Tensors, name: Name) -> tf.Tensor:
        return member["numbers"][self.number_names.index(name)]

    def _penalty_numbers(self, member: Tensors, name: Name) -> list[tf.Tensor | None]:
        position, variable = name
        asked = [(position, f"{variable} l1"), (position, f"{variable} l2")]
        return [self._number(member, number) if number in self.nonzero else None for number in asked]

    def _penalties(self, values: Tensors, member: Tensors) -> tf.Tensor:
        """Returns the sum of each member's weight penalties, shape (P,)."""
        total = tf.zeros(member["numbers"].shape[1])
        for key, weight in values.items():
            factors = self._penalty_numbers(member, name_of(key))
            if any(factor is not None for factor in factors):
                total += penalty(weight, *factors)
        return total

    def _values(
        self, member: Tensors, y: tf.Tensor, predictions: tf.Tensor, row_weights: tf.Tensor | None
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Returns the sums over the rows of the unpenalised loss and of the metrics.

        Returns:
            Two tensors, of shape (P,) and (metrics, P).
        """
        smoothing = (INPUT, "label_smoothing")
        given = self._number(member, smoothing) if smoothing in self.nonzero else None
        loss = self.objective.losses(y, predictions, given)
        rows = [per_example(function, y, predictions) for function in self.objective.metrics.values()]
        if row_weights is not None:
            loss, rows = loss * row_weights, [values * row_weights for values in rows]
        return tf.reduce_sum(loss, axis=1), tf.stack([tf.reduce_sum(values, axis=1) for values in rows])

    def _step(
        self, state: dict[str, Any], constants: Tensors, member: Tensors, data: Tensors, batch: Tensors
    ) -> tuple[dict[str, Any], tf.Tensor]:
        """Makes one update; returns the new state and the sums over the batch, (1 + metrics, P)."""
        x, y, row_weights, rows = take(data, batch["rows"], self.partial)
        weights = state["weights"]
        with tf.GradientTape() as tape:
            tape.watch(weights)
            values = {**weights, **state["moments"], **constants}
            predictions, moments = self._forward(
                values, member, x, training=True, steps=batch["steps"], row_weights=row_weights
            )
            loss, sums = self._values(member, y, predictions, row_weights)
            mean_loss = tf.reduce_sum(loss / rows)  # over the members, whose gradients do not meet
        gradients = tape.gradient(mean_loss, weights, unconnected_gradients=tf.UnconnectedGradients.ZERO)
        penalised = loss + rows * self._penalties(weights, member)
        state = {**state, "moments": {**state["moments"], **moments}}
        state |= self._updated(state, gradients, member, batch)
        return state, tf.concat([penalised[None], sums], axis=0)

    def _updated(
        self, state: dict[str, Any], gradients: Tensors, member: Tensors, batch: Tensors
    ) -> dict[str, Any]:
        """Returns the weights after one update, and what the optimizer remembers."""
        new_weights, new_slots = {}, {}
        for key, weight in state["weights"].items():
            position, variable = name_of(key)
            rank = len(weight.shape)
            gradient = gradients[key]
            factors = self._penalty_numbers(member, (position, variable))
            gradient += penalty_gradient(weight, *factors)
            weight, new_slots[key] = update(
                self.optimizer.kind,
                weight,
                gradient,
                state["slots"][key],
                rate=along_members(batch["rates"], rank),
                count=along_members(batch["counts"], rank),
                numbers={
                    name: along_members(self._number(member, (INPUT, name)), rank)
                    for name in self.optimizer.numbers
                    if name != "weight_decay" or (INPUT, name) in self.nonzero
                },
            )
            bound = (position, f"{variable} max_norm")
            if bound in self.nonzero:
                weight = bounded(weight, self._number(member, bound), self.parts[position].bounds[variable])
            new_weights[key] = weight
        return {"weights": new_weights, "slots": new_slots}

    def _epoch(
        self, state: dict[str, Any], constants: Tensors, member: Tensors, data: Tensors, plan: Tensors
    ) -> tuple[dict[str, Any], tf.Tensor, tf.Tensor]:
        """Trains for one epoch and validates.

        Args:
            state: `weights`, `moments`, `slots`, and with a watch `best` and `score`.
            constants: Arrays that stay as they are, by `key_of`.
            member: `numbers` (count, P) and `keys` (count, P).
            data: `x` of shape (rows, ...) and `y` of shape (rows, ...).
            plan: `order` (P, steps, batch), the rows in turn, -1 to fill up; `rates` (P, steps);
                `steps` (P,) and `counts` (P,), the steps and the updates before this epoch; `validation`
                (P, batches, batch), as `order`; `alive` (P,), False for members whose best
                weights must stay.

        Returns:
            The new state; the values of `history_names`, (count, P); and which members improved, bool (P,).
        """
        order = plan["order"]
        trained, sums = {name: state[name] for name in ("weights", "moments", "slots")}, None
        sums = tf.zeros((len(self.metrics), order.shape[0]))

        def body(step: tf.Tensor, trained: dict[str, Any], sums: tf.Tensor) -> tuple:
            batch = {
                "rows": order[:, step],
                "rates": plan["rates"][:, step],
                "steps": plan["steps"] + step,
                "counts": tf.cast(plan["counts"] + step, tf.float32),
            }
            trained, more = self._step(trained, constants, member, data, batch)
            return step + 1, trained, sums + more

        _, trained, sums = tf.while_loop(
            lambda step, *_: step < order.shape[1], body, (tf.constant(0), trained, sums)
        )
        state = {**state, **trained}
        rows = tf.reduce_sum(tf.cast(order >= 0, tf.float32), axis=(1, 2))
        values = dict(zip(self.metrics, tf.unstack(sums / rows), strict=True))
        improved = tf.zeros_like(plan["alive"])
        if plan["validation"].shape[1]:
            values |= self._validated(state, constants, member, data, plan["validation"])
            if self.watch is not None:
                improved = self._improved(state["score"], values, plan["alive"])
                state = self._best_kept(state, values, improved)
        return state, tf.stack(list(values.values())), improved

    def history_names(self, *, validated: bool) -> list[str]:
        """Returns the names of the values that `epoch` gives, in their order."""
        return [*self.metrics, *(f"val_{name}" for name in self.metrics if validated)]

    def _validated(
        self, state: dict[str, Any], constants: Tensors, member: Tensors, data: Tensors, order: tf.Tensor
    ) -> Tensors:
        values = {**state["weights"], **state["moments"], **constants}
        means = tf.unstack(self._evaluate(values, member, data, order))
        return {f"val_{name}": value for name, value in zip(self.metrics, means, strict=True)}

    def _evaluate(self, values: Tensors, member: Tensors, data: Tensors, order: tf.Tensor) -> tf.Tensor:
        """Returns the loss and the metrics over rows of the data, (1 + metrics, P).

        Args:
            values: Trainable variables, moments and constants by `key_of`.
            member: As for `epoch`.
            data: As for `epoch`.
            order: (P, batches, batch), the rows, -1 to fill up.
        """

        def body(step: tf.Tensor, sums: tf.Tensor) -> tuple:
            x, y, row_weights, _ = take(data, order[:, step], partial=True)
            predictions, _ = self._forward(values, member, x, training=False)
            loss, more = self._values(member, y, predictions, row_weights)
            return step + 1, sums + tf.concat([loss[None], more], axis=0)

        sums = tf.zeros((len(self.metrics), order.shape[0]))
        _, sums = tf.while_loop(lambda step, *_: step < order.shape[1], body, (tf.constant(0), sums))
        means = sums / tf.reduce_sum(tf.cast(order >= 0, tf.float32), axis=(1, 2))
        return tf.concat([means[:1] + self._penalties(values, member), means[1:]], axis=0)

    def _improved(self, best: tf.Tensor, values: Tensors, alive: tf.Tensor) -> tf.Tensor:
        """Says which members have a better score than ever, as Keras' EarlyStopping does."""
        score, margin = values[f"val_{self.watch.metric}"], self.watch.min_delta
        better = score + margin < best if self.watch.mode == "min" else score - margin > best
        return better & alive & tf.math.is_finite(values["loss"])

    def _best_kept(self, state: dict[str, Any], values: Tensors, improved: tf.Tensor) -> dict[str, Any]:
        current = {**state["weights"], **state["moments"]}
        best = {
            key: tf.where(along_members(improved, len(value.shape)), value, state["best"][key])
            for key, value in current.items()
        }
        score = tf.where(improved, values[f"val_{self.watch.metric}"], state["score"])
        return {**state, "best": best, "score": score}

    def _predict(self, values: Tensors, member: Tensors, x: tf.Tensor) -> tf.Tensor:
        """Returns every member's output for the same rows, shape (P, rows, ...)."""
        members = member["numbers"].shape[1]
        inputs = tf.broadcast_to(x[None], (members, *x.shape))
        return self._forward(values, member, inputs, training=False)[0]


def take(
    data: Tensors, order: tf.Tensor, partial: bool
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor | None, tf.Tensor | float]:
    """Returns each member's rows of a batch, their weights and their number.

    Args:
        data: `x` and `y`, and no `y` where the inputs are the targets.
        order: Positions in the data, (P, batch); -1 for no row.
        partial: Whether some position may be -1.
    """
    found = tf.maximum(order, 0) if partial else order
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
