"""Keras' optimizers for a population: update formulas with hyperparameters for each member."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from kerasreg.population.member.options import check_options
from kerasreg.population.member.part import ONE_BY_ONE, UnstackableModel
from kerasreg.proximal import PROXIMAL, gathered

State = dict[str, tf.Tensor]

_HYPERPARAMETERS = {
    "Adam": ("beta_1", "beta_2", "epsilon"),
    "AdamW": ("beta_1", "beta_2", "epsilon"),
    "SGD": ("momentum",),
    "RMSprop": ("rho", "momentum", "epsilon"),
}
_PLAIN = {made.__name__: kind.__name__ for kind, made in PROXIMAL.items()}  # update weights alike


@dataclass(frozen=True, kw_only=True)
class Optimizer:
    """The optimizer of one member.

    Args:
        kind: What two members must have in common to share a program.
        hyperparameters: Its hyperparameters by name, without the learning rate; `weight_decay` is 0 for none.
        state_names: Names of the state variables kept for each weight, such as Adam's moments.
        proximal: Whether it was made by `proximal`, and can train weights under `ProximalL1`.
        learning_rates: Gives the learning rates of update steps, counted from 0: takes and returns
            arrays of one shape.
    """

    kind: Hashable
    hyperparameters: Mapping[str, float]
    state_names: tuple[str, ...]
    proximal: bool
    learning_rates: Callable[[np.ndarray], np.ndarray]


def read_optimizer(optimizer: keras.Optimizer) -> Optimizer:
    """Reads a Keras optimizer.

    Raises:
        UnstackableModel: If it, its schedule or one of its options is not covered.
    """
    name = type(optimizer).__name__
    proximal = type(optimizer).__module__ == "kerasreg.proximal" and name in _PLAIN
    name = _PLAIN[name] if proximal else name
    if name not in _HYPERPARAMETERS or not (proximal or type(optimizer) is getattr(keras.optimizers, name)):
        raise UnstackableModel(
            f"The optimizer {name} cannot train a population; it can be {', '.join(_HYPERPARAMETERS)}. "
            f"{ONE_BY_ONE}",
            what=name,
        )
    excluded = ("_exclude_from_weight_decay", "_exclude_from_weight_decay_pattern")
    if any(getattr(optimizer, attribute, None) for attribute in excluded):  # its configuration does not say
        raise UnstackableModel(
            f"The optimizer excludes weights from weight decay, which a population cannot do. {ONE_BY_ONE}",
            what="weights without decay",
        )
    covered = (*_HYPERPARAMETERS[name], "learning_rate", "weight_decay", "nesterov", "centered")
    check_options(
        optimizer,
        covered,
        lambda reason: UnstackableModel(f"The optimizer {reason}. {ONE_BY_ONE}", what=name),
    )
    options = optimizer.get_config()
    hyperparameters = {key: float(options[key]) for key in _HYPERPARAMETERS[name]}
    hyperparameters["weight_decay"] = float(options.get("weight_decay") or 0.0)
    flags = (bool(options.get("nesterov")), bool(options.get("centered")))
    state_names = {"SGD": ("momentum",), "RMSprop": ("square", "momentum", *(["mean"] if flags[1] else []))}
    return Optimizer(
        kind=("Adam" if name == "AdamW" else name, *flags),
        hyperparameters=hyperparameters,
        proximal=proximal,
        state_names=state_names.get(name, ("mean", "square")),
        learning_rates=_learning_rates(options["learning_rate"]),
    )


def _learning_rates(given: Any) -> Callable[[np.ndarray], np.ndarray]:
    if isinstance(given, int | float):
        return lambda steps: np.full(np.shape(steps), given, np.float32)
    is_keras = isinstance(given, Mapping) and given.get("module") == "keras.optimizers.schedules"
    name = given.get("class_name") if isinstance(given, Mapping) else given
    if not is_keras or name not in ("CosineDecay", "ExponentialDecay"):
        raise UnstackableModel(
            f"The learning rate schedule {name} is not covered by populations; it can be a constant, "
            f"CosineDecay or ExponentialDecay. {ONE_BY_ONE}",
            what=str(name),
        )
    options = dict(given["config"])
    warmup_target, warmup_steps = options.pop("warmup_target", None), options.pop("warmup_steps", 0)
    first = options["initial_learning_rate"]
    if warmup_target is None:
        warmup_steps = 0
    else:
        options["initial_learning_rate"] = warmup_target
    schedule = getattr(keras.optimizers.schedules, name)(**options)

    def rates(steps: np.ndarray) -> np.ndarray:
        after = keras.ops.convert_to_numpy(schedule(np.maximum(steps - warmup_steps, 0).astype(np.float32)))
        if not warmup_steps:
            return after
        warming = first + (warmup_target - first) * steps / warmup_steps
        return np.where(steps < warmup_steps, warming, after).astype(np.float32)

    return rates


def update(
    kind: tuple,
    weight: tf.Tensor,
    gradient: tf.Tensor,
    state: State,
    *,
    rate: tf.Tensor,
    count: tf.Tensor,
    hyperparameters: Mapping[str, tf.Tensor],
) -> tuple[tf.Tensor, State]:
    """Returns a weight of all members after one update, and the optimizer's new state.

    The formulas are those of `update_step` in Keras' optimizers.

    Args:
        kind: The optimizer's kind.
        weight: Shape (P, ...).
        gradient: The same shape.
        state: Its state variables, by name, each of the same shape.
        rate: Learning rates, shaped to multiply the weight.
        count: How many updates each member has had, the same shape, float32.
        hyperparameters: The optimizer's hyperparameters by name, each of the same shape.
    """
    name, nesterov, centered = kind
    if "weight_decay" in hyperparameters:
        weight -= weight * hyperparameters["weight_decay"] * rate
    if name == "Adam":
        mean = state["mean"] + (gradient - state["mean"]) * (1 - hyperparameters["beta_1"])
        square = state["square"] + (tf.square(gradient) - state["square"]) * (1 - hyperparameters["beta_2"])
        done = count + 1
        size = rate * tf.sqrt(1 - hyperparameters["beta_2"] ** done) / (1 - hyperparameters["beta_1"] ** done)
        step = mean * size / (tf.sqrt(square) + hyperparameters["epsilon"])
        return weight - step, {"mean": mean, "square": square}
    if name == "SGD":
        momentum = state["momentum"] * hyperparameters["momentum"] - gradient * rate
        if nesterov:
            return weight + momentum * hyperparameters["momentum"] - gradient * rate, {"momentum": momentum}
        return weight + momentum, {"momentum": momentum}
    rho = hyperparameters["rho"]
    new_state = {"square": rho * state["square"] + (1 - rho) * tf.square(gradient)}
    denominator = new_state["square"] + hyperparameters["epsilon"]
    if centered:
        new_state["mean"] = rho * state["mean"] + (1 - rho) * gradient
        denominator -= tf.square(new_state["mean"])
    step = rate * gradient * tf.math.rsqrt(denominator)
    new_state["momentum"] = hyperparameters["momentum"] * state["momentum"] + step
    return weight - new_state["momentum"], new_state


def step_per_gradient(
    kind: tuple, state: State, *, rate: tf.Tensor, count: tf.Tensor, hyperparameters: Mapping[str, tf.Tensor]
) -> tf.Tensor:
    """Returns how far `update` moved each weight per unit of a lasting gradient, as `proximal` tells it.

    Args:
        kind: The optimizer's kind.
        state: Its state variables after the update.
        rate: As for `update`.
        count: As for `update`.
        hyperparameters: As for `update`.
    """
    name, nesterov, centered = kind
    if name == "Adam":
        unbiased = tf.sqrt(1 - hyperparameters["beta_2"] ** (count + 1))
        return rate * unbiased / (tf.sqrt(state["square"]) + hyperparameters["epsilon"])
    if name == "SGD":
        return rate * gathered(hyperparameters["momentum"], count + 1 + nesterov)
    square = state["square"] - tf.square(state["mean"]) if centered else state["square"]
    scale = tf.math.rsqrt(square + hyperparameters["epsilon"])
    return rate * scale * gathered(hyperparameters["momentum"], count + 1)
