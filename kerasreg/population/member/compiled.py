"""The optimizer, loss and metrics that a model was compiled with, for one output."""

from dataclasses import dataclass
from typing import Any

import keras

from kerasreg.population.member.part import UnstackableModel


@dataclass(frozen=True, kw_only=True)
class Compiled:
    """The arguments of `compile` that matter to training.

    Args:
        loss: What was given for the only output: text, a function, a class or an object.
        metrics: The same of each metric, in Keras' order.
        optimizer: The optimizer.
    """

    loss: Any
    metrics: tuple[Any, ...]
    optimizer: keras.Optimizer


def compiled_of(model: keras.Model) -> Compiled:
    """Reads what a model with one output was compiled with.

    The model's own record of it, not `get_compile_config()`: a configuration cannot hold a closure, and does
    not tell a function from another one of that name.

    Raises:
        UnstackableModel: If the model is not compiled, or with weights of losses or metrics, or with a number
            of losses other than one.
    """
    record = getattr(model, "_compile_config", None)
    if getattr(model, "optimizer", None) is None or record is None:
        raise UnstackableModel(
            f"The model {model.name!r} is not compiled; call its compile() first.", what="not compiled"
        )
    given = record.config
    weights = given.get("loss_weights")
    if weights is not None and any(weight != 1 for weight in keras.tree.flatten(weights)):
        raise UnstackableModel(
            "The model is compiled with loss_weights, which a population cannot train.", what="loss_weights"
        )
    if given.get("weighted_metrics"):
        raise UnstackableModel(
            "The model is compiled with weighted_metrics, which a population cannot train.",
            what="weighted_metrics",
        )
    loss = given.get("loss")
    names = getattr(model, "output_names", None)  # a Sequential model has none
    if isinstance(loss, dict) and list(loss) != names:
        raise UnstackableModel(
            f"The loss is given for the outputs {sorted(map(str, loss))}, and the model's are named {names}.",
            what="a loss by another name than the output's",
        )
    losses = keras.tree.flatten(loss)
    if len(losses) != 1 or losses[0] is None:
        raise UnstackableModel(
            f"The model must be compiled with one loss; received {loss!r}.", what="not one loss"
        )
    metrics = given.get("metrics")
    return Compiled(
        loss=losses[0],
        metrics=() if not metrics else tuple(keras.tree.flatten(metrics)),
        optimizer=model.optimizer,
    )
