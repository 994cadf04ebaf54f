"""The compiled training program: forward pass, gradients, updates and validation of P members."""

import threading
from dataclasses import dataclass
from typing import Any

import tensorflow as tf

from kerasreg.population.member.member import INPUT, Member, Name
from kerasreg.population.member.optimizers import step_per_gradient, update
from kerasreg.population.member.part import UNFED, along_members
from kerasreg.population.member.penalties import bounded, penalty_gradient
from kerasreg.population.program.networks import Networks
from kerasreg.population.program.stacked_arrays import Tensors, name_of, take
from kerasreg.proximal import soft_threshold


@dataclass(frozen=True, kw_only=True)
class Watch:
    """The validation metric that decides which epoch is best.

    Args:
        metric: Its name without `val_`.
        mode: `"min"` or `"max"`.
        min_delta: Smallest change that counts as an improvement, at least 0.
    """

    metric: str
    mode: str
    min_delta: float


EPOCHS_PER_CALL = 8  # at most: calls cost a few milliseconds, which is as much as an epoch of small networks


class Program(Networks):
    """Trains P members for some epochs at a call.

    TensorFlow compiles it once for each set of shapes; data and hyperparameters are arguments of `epochs`.

    Args:
        template: A member of the architecture.
        nonzero: Hyperparameters that are nonzero for some member; computations of the others are left out.
        watch: What the best weights are kept by, or `None` to keep none.
        partial: Whether some batch is not full.
    """

    by_xla = True

    def __init__(
        self, template: Member, *, nonzero: frozenset[Name], watch: Watch | None, partial: bool
    ) -> None:
        super().__init__(template, nonzero=nonzero)
        self.optimizer = template.optimizer
        self.watch, self.partial = watch, partial
        self.compiled: dict[tuple, float] = {}  # seconds of the first call, by signature
        self.compiling = threading.Lock()  # held during a first call
        self.epochs = tf.function(self._epochs, jit_compile=True, autograph=False)

    def _step(
        self, state: dict[str, Any], constants: Tensors, member: Tensors, data: Tensors, batch: Tensors
    ) -> tuple[dict[str, Any], tf.Tensor]:
        """Makes one update; returns the new state and the sums over the batch, (1 + metrics, P)."""
        x, y, row_weights, rows = take(data, batch["rows"], self.partial)
        weights = state["weights"]
        with tf.GradientTape() as tape:
            tape.watch(weights)
            values = {**weights, **state["moving_statistics"], **constants}
            predictions, moving_statistics = self._forward(
                values, member, x, training=True, steps=batch["steps"], row_weights=row_weights
            )
            loss, sums = self._values(values, member, y, predictions, row_weights)
            mean_loss = tf.reduce_sum(loss / rows)  # over the members, whose gradients do not meet
        gradients = tape.gradient(mean_loss, weights, unconnected_gradients=tf.UnconnectedGradients.ZERO)
        penalties = self._penalties(weights, member)
        penalized = loss + rows * penalties
        # The update is made to wait for the penalties. XLA would copy all weights at every step if they
        # could still be read after it, which cost a tenth of an MLP's training with L2.
        batch = {**batch, "rates": batch["rates"] + 0.0 * penalties}
        state = {**state, "moving_statistics": {**state["moving_statistics"], **moving_statistics}}
        state |= self._updated(state, gradients, member, batch)
        return state, tf.concat([penalized[None], sums], axis=0)

    def _updated(
        self, state: dict[str, Any], gradients: Tensors, member: Tensors, batch: Tensors
    ) -> dict[str, Any]:
        """Returns the weights and the optimizer's state after one update."""
        new_weights, optimizer_state = {}, {}
        for key, weight in state["weights"].items():
            position, variable = name_of(key.removesuffix(UNFED))
            rank = len(weight.shape)
            gradient = gradients[key]
            factors = self._penalty_factors(member, (position, variable))
            gradient += penalty_gradient(weight, *factors)
            options = {
                "rate": along_members(batch["rates"], rank),
                "count": along_members(batch["counts"], rank),
                "hyperparameters": {
                    name: along_members(self._hyperparameter(member, (INPUT, name)), rank)
                    for name in self.optimizer.hyperparameters
                    if name != "weight_decay" or (INPUT, name) in self.nonzero
                },
            }
            kind = self.optimizer.kind
            weight, optimizer_state[key] = update(kind, weight, gradient, state["optimizer"][key], **options)
            strength, bound = (position, f"{variable} proximal_l1"), (position, f"{variable} max_norm")
            if strength in self.nonzero:
                step = step_per_gradient(kind, optimizer_state[key], **options)
                weight = soft_threshold(
                    weight, step * along_members(self._hyperparameter(member, strength), rank)
                )
            if bound in self.nonzero:
                weight = bounded(
                    weight, self._hyperparameter(member, bound), self.parts[position].bounds[variable]
                )
            new_weights[key] = weight
        return {"weights": new_weights, "optimizer": optimizer_state}

    def _epochs(
        self, state: dict[str, Any], constants: Tensors, member: Tensors, data: Tensors, plan: Tensors
    ) -> tuple[dict[str, Any], tf.Tensor, tf.Tensor]:
        """Trains and validates for a number of epochs.

        Args:
            state: `weights`, `moving_statistics`, `optimizer`, and with a watch `best` and `score`.
            constants: Arrays that stay as they are, by `key_of`.
            member: `hyperparameters` (count, P) and `keys` (count, P).
            data: `x` of shape (rows, ...) and `y` of shape (rows, ...).
            plan: `order` (E, P, steps, batch), the rows of each epoch in turn, -1 to fill up; `rates`
                (E, P, steps), the learning rates; `epochs` (), how many of the E epochs to train;
                `steps` (P,) and `counts` (P,), the steps and the updates made before; `validation`
                (P, batches, batch), as `order`; `alive` (P,), False for members whose best weights must
                stay as they are.

        Returns:
            The new state; the values of `history_names`, (E, count, P); and which members improved, bool
            (E, P). What belongs to epochs that were not trained is 0.
        """
        most, members, steps = plan["order"].shape[:3]
        names = self.history_names(validated=plan["validation"].shape[1] > 0)

        def body(epoch: tf.Tensor, state: dict[str, Any], alive: tf.Tensor, *told: tf.Tensor) -> tuple:
            now = {
                "order": plan["order"][epoch],
                "rates": plan["rates"][epoch],
                "steps": plan["steps"] + epoch * steps,
                "counts": plan["counts"] + epoch * steps,
                "validation": plan["validation"],
                "alive": alive,
            }
            state, values, improved = self._epoch(state, constants, member, data, now)
            told = [
                tf.tensor_scatter_nd_update(whole, [[epoch]], new[None])
                for whole, new in zip(told, (values, improved), strict=True)
            ]
            return epoch + 1, state, alive & tf.math.is_finite(values[0]), *told

        begin = (
            tf.constant(0),
            state,
            plan["alive"],
            tf.zeros((most, len(names), members)),
            tf.zeros((most, members), tf.bool),
        )
        _, state, _, values, improved = tf.while_loop(lambda epoch, *_: epoch < plan["epochs"], body, begin)
        return state, values, improved

    def _epoch(
        self, state: dict[str, Any], constants: Tensors, member: Tensors, data: Tensors, plan: Tensors
    ) -> tuple[dict[str, Any], tf.Tensor, tf.Tensor]:
        """Trains and validates for one epoch; takes and gives what `_epochs` does, without its first axis."""
        order = plan["order"]
        trained = {name: state[name] for name in ("weights", "moving_statistics", "optimizer")}
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
        # TensorFlow asks of every variable of the loop around this one whether that loop leaves it as it was,
        # and reads this one's body anew for each that might: 0.2 s for an MLP. A reshape answers at once.
        trained = tf.nest.map_structure(lambda tensor: tf.reshape(tensor, tensor.shape), trained)
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
        """Returns the names of the values that `epochs` gives, in their order."""
        return [*self.metrics, *(f"val_{name}" for name in self.metrics if validated)]

    def _validated(
        self, state: dict[str, Any], constants: Tensors, member: Tensors, data: Tensors, order: tf.Tensor
    ) -> Tensors:
        values = {**state["weights"], **state["moving_statistics"], **constants}
        means = tf.unstack(self._evaluate(values, member, data, order))
        return {f"val_{name}": value for name, value in zip(self.metrics, means, strict=True)}

    def _improved(self, best: tf.Tensor, values: Tensors, alive: tf.Tensor) -> tf.Tensor:
        """Says which members have a better score than ever, as Keras' EarlyStopping does."""
        score, margin = values[f"val_{self.watch.metric}"], self.watch.min_delta
        better = score + margin < best if self.watch.mode == "min" else score - margin > best
        return better & alive & tf.math.is_finite(values["loss"])

    def _best_kept(self, state: dict[str, Any], values: Tensors, improved: tf.Tensor) -> dict[str, Any]:
        current = {**state["weights"], **state["moving_statistics"]}
        best = {
            key: tf.where(along_members(improved, len(value.shape)), value, state["best"][key])
            for key, value in current.items()
        }
        score = tf.where(improved, values[f"val_{self.watch.metric}"], state["score"])
        return {**state, "best": best, "score": score}
