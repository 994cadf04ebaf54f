"""Metrics that a model reports while it trains, and whether smaller or larger values are better."""

import inspect
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import keras

from kerasreg.checks import InvalidInput
from kerasreg.population.member import objectives
from kerasreg.population.member.objectives import FAMILIES, loss_of
from kerasreg.records import Split

# Methods by which a model of one's own can report other metrics than it was compiled with
_REPORTING = ("train_step", "test_step", "compute_metrics", "get_metrics_result")


class UnusableMetric(InvalidInput):
    """A metric cannot be what models are judged by: one lacks it, or is said to be better the wrong way."""


@dataclass(frozen=True)
class Reported:
    """What a model reports beside its loss.

    Args:
        metrics: Keras' metrics by the name that they have in a history.
        complete: Whether these are all. Where the steps are the model's own, only training shows.
    """

    metrics: dict[str, keras.metrics.Metric]
    complete: bool

    def check(self, monitor: str, model: keras.Model) -> None:
        """Raises `UnusableMetric` if it is certain that the model will not report a validation metric."""
        if self.complete:
            check_reports(model, monitor, ("val_loss", *(f"val_{name}" for name in self.metrics)))

    def named_for(self, monitor: str) -> dict[str, str]:
        """Returns what the metrics are to be called so that one of them is `monitor`, by their names.

        A metric without a name, such as `keras.metrics.AUC()`, is `auc` in the first model of a process and
        `auc_1` in the next. Where a monitor is missing, the metrics are called as in the first model.

        Args:
            monitor: A metric's name in a history.

        Returns:
            Names in a history by the names of this model, those of the validation part among them; empty
            where nothing has to be called otherwise.
        """
        numbered: dict[str, list[tuple[int, str]]] = defaultdict(list)
        for name, metric in self.metrics.items():
            plain, _, number = name.rpartition("_")
            of_class = type(metric).__name__.lower()
            if number.isdecimal() and plain.replace("_", "") == of_class:
                numbered[plain].append((int(number), name))
            elif name.replace("_", "") == of_class:
                numbered[name].append((0, name))
        first = {
            name: f"{plain}_{place}" if place else plain
            for plain, found in numbered.items()
            for place, (_, name) in enumerate(sorted(found))
        }
        wanted = monitor.removeprefix("val_")
        if wanted in self.metrics or wanted not in first.values():
            return {}
        return {before + name: before + given for before in ("", "val_") for name, given in first.items()}

    def called(self, names: Mapping[str, str]) -> "Reported":
        """Returns the same metrics by the names that `named_for` gave."""
        return replace(self, metrics={names.get(name, name): metric for name, metric in self.metrics.items()})


def check_reports(model: keras.Model, monitor: str, names: Iterable[str]) -> None:
    """Raises `UnusableMetric` unless `monitor` is among the names of a model's validation metrics."""
    names = [name for name in names if name.startswith("val_")]
    if monitor not in names:
        raise UnusableMetric(
            f"{monitor!r} is no validation metric of the model {model.name!r}, which reports "
            f"{', '.join(names) or 'none'}. Choose by one of these, or compile the model with the metric."
        )


def reported_by(model: keras.Model, split: Split) -> Reported:
    """Returns what a compiled model will report when it trains on `split`, without training it.

    Args:
        model: A compiled model, which is left as it is but for being built.
        split: The data.
    """
    own = any(inspect.getattr_static(type(model), name) is not _of_keras(name) for name in _REPORTING)
    metrics = {metric.name: metric for metric in model.metrics if _is_one(metric)}
    complete = not own
    # Keras makes metrics of names and functions at the first batch; the model's own are not touched here,
    # as building them would build its optimizer too
    compiled = getattr(model, "_compile_metrics", None)
    if compiled is not None:
        try:
            built = type(compiled)(
                compiled._user_metrics,
                compiled._user_weighted_metrics,
                output_names=getattr(compiled, "output_names", None),
            )
            y = split.y_train
            built.build(keras.KerasTensor((None, *y.shape[1:]), dtype=str(y.dtype)), _output_of(model, split))
        except Exception:  # what is wrong with it, Keras says when it trains
            complete = False
        else:
            metrics |= {metric.name: metric for metric in built.metrics}
    unpenalized = unpenalized_metric(model)
    if unpenalized is not None:
        metrics.setdefault(unpenalized.name, unpenalized)
    return Reported(metrics, complete)


def _of_keras(name: str) -> object:
    return inspect.getattr_static(keras.Model, name)


def _is_one(metric: keras.metrics.Metric) -> bool:
    return metric.name not in ("loss", "compile_metrics")


def _output_of(model: keras.Model, split: Split) -> keras.KerasTensor:
    outputs = getattr(model, "outputs", None) if model.built else None
    if outputs:
        return outputs[0] if len(outputs) == 1 else outputs
    return model(keras.KerasTensor((None, *split.input_shape), dtype=str(split.x_train.dtype)))


def unpenalized_metric(model: keras.Model) -> keras.metrics.Metric | None:
    """Returns a metric that is the model's loss without penalties and smoothing, or `None`.

    It is what a population reports of each member, under the same name.
    """
    found = _loss_of(model)
    if found is None:
        return None
    family, loss = found
    name = unpenalized_name(model)
    plain = keras.losses.MeanSquaredError if name == "mse" else FAMILIES[family].loss
    known = inspect.signature(plain).parameters
    options = {option: value for option, value in loss.get_config().items() if option in known}
    if "label_smoothing" in options:
        options["label_smoothing"] = 0.0
    each = plain.from_config({**options, "reduction": "none"})
    metric = keras.metrics.MeanMetricWrapper(lambda y, predictions: each(y, predictions), name=name)
    metric._direction = "down"
    return metric


def unpenalized_name(model: keras.Model) -> str | None:
    """Returns what the model's loss is called without penalties and smoothing.

    `None` where the loss is none of those that populations know, or the model's own affair.
    """
    found = _loss_of(model)
    if found is None:
        return None
    family, loss = found
    return objectives.unpenalized_name(family, getattr(loss, "scale", None))


def _loss_of(model: keras.Model) -> tuple[str, keras.losses.Loss] | None:
    """Returns the family and the loss that a model of one output was compiled with, if it is known."""
    given = keras.tree.flatten(getattr(model, "loss", None))
    return loss_of(given[0]) if len(given) == 1 else None


def direction_of(metric: keras.metrics.Metric) -> str | None:
    """Returns `"min"` or `"max"` by what Keras says of a metric, `None` where it says nothing.

    Of a function, such as `keras.metrics.binary_accuracy`, it says nothing; the class of that name counts.
    """
    direction = getattr(metric, "_direction", None)
    function = getattr(metric, "_fn", None)
    name = getattr(function, "__name__", "")
    if direction is None and name and getattr(keras.metrics, name, None) is function:
        direction = getattr(keras.metrics.get(name), "_direction", None)
    return {"up": "max", "down": "min"}.get(direction)


def mode_for(monitor: str, mode: str, reported: Iterable[Reported]) -> str:
    """Returns `mode`, or which way a metric is better where it is `"auto"`.

    Args:
        monitor: The metric's name in a history.
        mode: `"min"`, `"max"` or `"auto"`.
        reported: What the models report, as far as it is asked for.

    Raises:
        InvalidInput: If Keras does not know it.
    """
    name = monitor.removeprefix("val_")
    if mode != "auto":
        return mode
    if name == "loss":
        return "min"
    for one in reported:
        found = direction_of(one.metrics[name]) if name in one.metrics else None
        if found is not None:
            return found
    raise InvalidInput(
        f"Keras does not say whether less or more of the metric {monitor!r} is better; give mode as 'min' or "
        "'max'."
    )


def modes_of(model: keras.Model, split: Split) -> dict[str, str]:
    """Returns `"min"` or `"max"` for the loss and for each metric that a compiled model reports.

    Args:
        model: A compiled model.
        split: The data it will train on.

    Raises:
        InvalidInput: If Keras does not know it of one.
    """
    reported = reported_by(model, split)
    return {name: mode_for(name, "auto", [reported]) for name in ("loss", *reported.metrics)}
