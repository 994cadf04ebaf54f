"""Replay of early stopping rules on recorded curves."""

from collections.abc import Sequence

import numpy as np

from kerasreg.checks import InvalidInput, check_number, check_numbers, check_one_of, check_whole_number
from kerasreg.experiments.early_stopping.record import Overtraining
from kerasreg.experiments.early_stopping.replay_record import PatienceReplay, StoppingRule


def replay_patience(
    record: Overtraining,
    *,
    patience: Sequence[int] = (1, 2, 5, 10, 20, 50, 100),
    min_delta: Sequence[float] = (0.0,),
    monitors: Sequence[str] | None = None,
    metric: str | None = None,
) -> PatienceReplay:
    """Replays early stopping rules on recorded curves, without training.

    How many epochs should one wait, for which improvement, of which metric? A rule keeps the weights of the
    best epoch before it stops, as `keras.callbacks.EarlyStopping` does with `restore_best_weights`. The
    answer holds for this data, network and learning rate.

    Args:
        record: Result of `overtraining`. Networks that did not finish training are left out.
        patience: Epochs without improvement to wait, each at least 1.
        min_delta: Smallest changes that count as an improvement, each at least 0, in units of the monitor.
        monitors: Metrics to monitor, by Keras' names: `"val_mse"`, `"val_accuracy"`, or `"mse"` for the
            training part. By default the record's metric on the validation part.
        metric: Metric of the test part in which regret is measured; by default the record's.

    Returns:
        The chosen epoch, the trained epochs and the regret for every rule and network.

    Raises:
        InvalidInput: If an argument is not accepted, or fewer than three networks finished training.

    Reference:
        Prechelt, "Early Stopping - But When?", in Neural Networks: Tricks of the Trade, 1998.

    Example:
    >>> from functools import partial
    >>> from kerasreg import build_mlp, noisy_parabola
    >>> from kerasreg.experiments import overtraining
    >>> from kerasreg.data import hold_out
    >>> network = partial(build_mlp, (1,), None, units=(20,), activation="tanh", learning_rate=0.01)
    >>> draw = lambda seed: hold_out(noisy_parabola(20, seed=seed), validation_fraction=0.5, seed=seed)
    >>> record = overtraining(network, draw, epochs=20, repeats=3)
    >>> replay = replay_patience(record, patience=(2, 5))
    >>> [rule.patience for rule in replay.rules]
    [2, 5]
    """
    patience = [check_whole_number("Each patience", each) for each in _given("patience", patience)]
    min_delta = [check_number("Each min_delta", each) for each in _given("min_delta", min_delta)]
    metric = check_one_of("metric", metric or record.metric, tuple(record.curves["test"]))
    parts = {"val_": "validation", "": "train"}
    watchable = {
        before + name: (part, name) for before, part in parts.items() for name in record.curves.get(part, ())
    }
    if monitors is None:
        if "validation" not in record.curves:
            raise InvalidInput(
                "The record has no validation curves to monitor. Pass overtraining data with a validation "
                f"part, or name monitors of the training part: {', '.join(watchable)}."
            )
        monitors = (f"val_{record.metric}",)
    test = record.sign(metric) * record.curve("test", metric)
    least, networks = test.min(axis=1), np.arange(len(test))
    rules = []
    for monitor in _given("monitors", monitors):
        part, name = watchable[check_one_of("Each monitor", monitor, tuple(watchable))]
        curves = record.curve(part, name)
        for delta in min_delta:
            for wait in patience:
                outcomes = [
                    stopping_by(c, patience=wait, min_delta=delta, mode=record.modes[name]) for c in curves
                ]
                chosen, trained, stopped = (list(column) for column in zip(*outcomes, strict=True))
                regrets = test[networks, np.subtract(chosen, 1)] - least
                rule = StoppingRule(
                    monitor=monitor,
                    min_delta=delta,
                    patience=wait,
                    chosen_epochs=chosen,
                    trained_epochs=trained,
                    stopped=stopped,
                    regrets=regrets.tolist(),
                )
                rules.append(rule)
    return PatienceReplay(
        name=record.name,
        metric=metric,
        epochs=record.shape[1],
        repeats=record.finished,
        rules=tuple(rules),
        regrets_at_end=(test[:, -1] - least).tolist(),
        interrupted=record.interrupted,
    )


def stopping_by(
    curve: Sequence[float], *, patience: int, min_delta: float = 0.0, mode: str = "min"
) -> tuple[int, int, bool]:
    """Returns the result of `keras.callbacks.EarlyStopping` on the curve of its monitor.

    Args:
        curve: Monitored metric, one value for each epoch, at least one.
        patience: Epochs without improvement after which training stops, at least 1.
        min_delta: Smallest change that counts as an improvement, at least 0.
        mode: `"min"` if lower is better, `"max"` if higher is.

    Returns:
        The epoch whose weights it restores and the last epoch it trains, both counted from 1; and whether it
        stopped, or the curve ended first.

    Raises:
        InvalidInput: If an argument is outside its range.

    Example:
    >>> stopping_by([0.5, 0.3, 0.4, 0.35, 0.1], patience=2)
    (2, 4, True)
    """
    check_whole_number("patience", patience)
    check_number("min_delta", min_delta)
    check_one_of("mode", mode, ("min", "max"))
    values = check_numbers("curve", curve).astype(float)
    if values.ndim != 1 or len(values) == 0:
        raise InvalidInput(
            f"curve must hold one value for each epoch; received an array of shape {values.shape}."
        )
    # Keras adds in double and compares in single precision; a replay must do the same to agree on ties
    sign = 1 if mode == "min" else -1
    values, enough = (sign * values).astype(np.float32), (sign * values + min_delta).astype(np.float32)
    best = 0
    for epoch in range(1, len(values)):
        if enough[epoch] < values[best]:
            best = epoch
        elif epoch - best >= patience:
            return best + 1, epoch + 1, True
    return best + 1, len(values), False


def _given(name: str, values: Sequence) -> list:
    """Returns the values as a list, or raises `InvalidInput` if there are none or duplicates."""
    values = (
        [values] if isinstance(values, str) or not isinstance(values, Sequence | np.ndarray) else [*values]
    )
    if not values or len(set(values)) < len(values):
        raise InvalidInput(f"{name} must hold one or more different values; received {values}.")
    return values
