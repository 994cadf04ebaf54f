"""Callbacks that stop training in time and record how it went."""

from typing import Any

import keras

from kerasreg.checks import InvalidInput, check_number, check_one_of, check_whole_number
from kerasreg.records import TrainingHistory


def early_stopping(
    patience: int,
    *,
    monitor: str = "val_cross_entropy",
    mode: str = "auto",
    min_delta: float = 0.0,
    start_from_epoch: int = 0,
) -> keras.callbacks.EarlyStopping:
    """Returns Keras' own EarlyStopping, set up to keep the best epoch's weights.

    The default monitors the unpenalized cross-entropy of the validation data. Keras' `val_loss`
    includes the weight penalties and the label smoothing, so it can fall while the predictions get worse.

    Args:
        patience: How many epochs without improvement to wait, at least 1.
        monitor: The metric that decides. Regression and autoencoders use `"val_mse"`.
        mode: `"min"` if less is better, `"max"` if more is; with `"auto"` Keras asks the metric itself when
            training begins, and refuses one that does not say.
        min_delta: The smallest change that counts as an improvement, at least 0.
        start_from_epoch: How many epochs to wait before looking at the metric. The weights of these
            epochs are never restored.

    Raises:
        InvalidInput: If a value is outside its range.

    Reference:
        Prechelt, "Early Stopping - But When?", in Neural Networks: Tricks of the Trade, 1998.

    Example:
    >>> early_stopping(10, monitor="val_accuracy").patience
    10
    """
    check_one_of("mode", mode, ("auto", "min", "max"))
    if not isinstance(monitor, str) or not monitor:
        raise InvalidInput(
            f"monitor must be the name of a metric, such as 'val_cross_entropy'; received {monitor!r}."
        )
    return keras.callbacks.EarlyStopping(
        monitor=monitor,
        mode=mode,
        patience=check_whole_number("patience", patience),
        min_delta=check_number("min_delta", min_delta),
        start_from_epoch=check_whole_number("start_from_epoch", start_from_epoch, minimum=0),
        restore_best_weights=True,
    )


class MetricRecorder(keras.callbacks.Callback):
    """Records the metrics of one `fit`, step by step or epoch by epoch.

    Within an epoch Keras reports each metric averaged over the steps so far. With `unit="step"` this
    callback records each step's own value instead, for every metric that is a mean (the loss,
    `accuracy`, `cross_entropy`, `mse`); any other metric is recorded as Keras reports it.

    Args:
        unit: `"epoch"`, with the validation metrics, or `"step"`, without them.

    Raises:
        InvalidInput: If `unit` is neither.

    Example:
    >>> recorder = MetricRecorder("step")
    >>> len(recorder.history)
    0
    """

    def __init__(self, unit: str = "epoch") -> None:
        super().__init__()
        self.unit = check_one_of("unit", unit, ("epoch", "step"))
        self._rows: list[dict[str, float]] = []
        self._sums: dict[str, tuple[float, float]] = {}

    @property
    def history(self) -> TrainingHistory:
        """The metrics of the latest `fit`; NaN where a metric was not computed."""
        names = dict.fromkeys(name for row in self._rows for name in row)
        metrics = {name: [row.get(name, float("nan")) for row in self._rows] for name in names}
        return TrainingHistory(unit=self.unit, metrics=metrics)

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Starts a new record."""
        self._rows = []

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Forgets the sums of the epoch before, as Keras does."""
        self._sums = {}

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Records a step."""
        if self.unit == "step":
            row = {name: float(value) for name, value in (logs or {}).items()}
            self._rows.append(row | self._values_of_the_step())

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Records an epoch."""
        if self.unit == "epoch":
            self._rows.append({name: float(value) for name, value in (logs or {}).items()})

    def _values_of_the_step(self) -> dict[str, float]:
        values = {}
        for metric in self._means():
            total, count = float(metric.total), float(metric.count)
            total_before, count_before = self._sums.get(metric.name, (0.0, 0.0))
            self._sums[metric.name] = (total, count)
            if count > count_before:
                values[metric.name] = (total - total_before) / (count - count_before)
        return values

    def _means(self) -> list[keras.metrics.Mean]:
        # Keras bundles the compiled metrics in one metric that holds them
        metrics = [part for metric in self.model.metrics for part in getattr(metric, "metrics", [metric])]
        return [metric for metric in metrics if isinstance(metric, keras.metrics.Mean)]
