"""Weights of a linear network trained from 0, compared with the formula and with ridge."""

from collections.abc import Callable, Sequence

import keras
import numpy as np

from kerasreg.checks import InvalidInput, check_flag, check_list, check_numbers, check_whole_number
from kerasreg.experiments.early_stopping_theory.quadratic import (
    checked_rate,
    descent_factors,
    eigen,
    ridge_path,
    share,
)
from kerasreg.experiments.early_stopping_theory.record import LinearNetworkEquivalence
from kerasreg.experiments.running import built
from kerasreg.population import fit_population
from kerasreg.records import Split
from kerasreg.records.content import duplicate_groups
from kerasreg.records.given import check_splits

EPOCHS = tuple(2**power for power in range(13))  # 1 to 4096


def linear_network_equivalence(
    build: Callable[..., keras.Model],
    splits: Split | Sequence[Split],
    *,
    epochs: Sequence[int] = EPOCHS,
    learning_rate: float | None = None,
    seed: int = 0,
    progress: bool = False,
) -> LinearNetworkEquivalence:
    """Trains linear networks from 0 and compares their weights with the formula and with ridge.

    Is early stopping a squared weight penalty?

    One dense layer with the mean squared error is a quadratic: its Hessian is 2/n XᵀX. An epoch here is one
    batch of all rows, so that plain SGD is gradient descent and epochs are steps. The ridge weights are
    computed; their penalty includes the bias, since gradient descent from 0 shrinks it as well.

    Twenty data sets of thirty rows take about twenty seconds, half of it compilation.

    Args:
        build: Function `build(learning_rate=..., seed=...)` that returns a compiled Keras model of one linear
            dense layer with one output, plain SGD and mean squared error. Its initial weights are set to 0.
        splits: Data sets for regression with one number of features. Intervals need fresh data for each.
            With validation rows, the best epoch and the best ridge penalty are chosen on them and
            compared on the test rows.
        epochs: Numbers of epochs to record, each at least 1.
        learning_rate: Learning rate μ for all, below 2 / λ_max of each; by default 0.1 / λ_max of each data
            set.
        seed: Seed to pass to `build`.
        progress: Whether to show a progress bar for each stretch between two recorded epochs.

    Returns:
        Weights of the network, the formula and ridge after each recorded number of epochs. NaN for epochs
        that a network did not reach because it diverged or was interrupted by Ctrl-C.

    Raises:
        InvalidInput: If gradient descent would diverge at a learning rate, or the model is not of this kind.

    Reference:
        See `kerasreg.experiments.early_stopping_theory.quadratic`.

    Example:
    >>> from kerasreg import build_mlp
    >>> from kerasreg.data import noisy_parabola
    >>> def build(**given):
    ...     return build_mlp((1,), None, units=(), optimizer="sgd", **given)
    >>> splits = [noisy_parabola(30, seed=seed) for seed in range(2)]
    >>> equivalence = linear_network_equivalence(build, splits, epochs=(1, 5, 10))
    >>> bool(equivalence.formula_error.max() < 1e-5)
    True
    """
    splits = check_splits("splits", splits)
    epochs = check_list("epochs", epochs, "numbers of epochs")
    steps = np.unique([check_whole_number("Each of epochs", number) for number in epochs])
    if not splits or not len(steps):
        raise InvalidInput("linear_network_equivalence needs at least one Split and one number of epochs.")
    for split in splits:
        if split.num_classes is not None:
            raise InvalidInput(
                f"The quadratic model is for regression, and {split.name!r} has {split.num_classes} classes. "
                'Give data for regression, such as Split.from_arrays(x, y, task="regression").'
            )
    bias = _checked_bias(built(build, learning_rate=1e-3, seed=seed), splits[0])
    quadratics = [least_squares_quadratic(split.x_train, split.y_train, bias=bias) for split in splits]
    largest = [eigen(hessian)[0][0] for hessian, _ in quadratics]
    rates = [checked_rate(0.1 / top if learning_rate is None else learning_rate, top) for top in largest]
    models = [build(learning_rate=rate, seed=seed) for rate in rates]
    for model, rate in zip(models, rates, strict=True):
        taken = float(model.optimizer.learning_rate)
        if not np.isclose(taken, rate, rtol=1e-6):  # Keras keeps it in single precision
            raise InvalidInput(
                f"build must use the learning_rate it is given; its optimizer has {taken:g} for {rate:g}."
            )
        model.set_weights([np.zeros_like(values) for values in model.get_weights()])
    network, interrupted = _trained(models, splits, steps, progress)
    found = [
        _compared(split, steps, rate, *quadratic, weights, bias)
        for split, rate, quadratic, weights in zip(splits, rates, quadratics, network, strict=True)
    ]
    rows = [np.column_stack([_design(split.x_train, False), split.y_train]) for split in splits]
    return LinearNetworkEquivalence(
        steps=steps,
        learning_rates=np.array(rates),
        optima=np.array([optimum for _, optimum in quadratics]),
        network=network,
        independent=not _share_rows(rows),
        interrupted=interrupted,
        **{name: np.array([numbers[name] for numbers in found]) for name in found[0]},
    )


def least_squares_quadratic(
    x: np.ndarray, y: np.ndarray, *, bias: bool = True
) -> tuple[np.ndarray, np.ndarray]:
    """Returns the Hessian of a linear network's mean squared error, and its optimum.

    Args:
        x: Inputs, shape (n, ...); each row is flattened.
        y: Targets, shape (n,) or (n, 1).
        bias: Whether the network has a bias, which becomes the last weight.

    Returns:
        The Hessian 2/n XᵀX, shape (d, d), where X has a last column of ones for the bias; and the weights of
        least error, shape (d,), the shortest if there are several.

    Raises:
        InvalidInput: If `x` and `y` have different numbers of rows, or rows have several targets.
    """
    x, targets = check_numbers("x", x), check_numbers("y", y).astype(float)
    rows = _design(x, check_flag("bias", bias)) if x.ndim else np.empty(0)
    if targets.ndim == 0 or targets.size != len(rows) or len(targets) != len(rows) or not len(rows):
        raise InvalidInput(
            "A linear network of one output needs one target for each row, at least one row; received "
            f"x of shape {np.shape(x)} and y of shape {np.shape(y)}."
        )
    optimum = np.linalg.lstsq(rows, targets.ravel(), rcond=None)[0]
    return 2 / len(rows) * rows.T @ rows, optimum


def _trained(
    models: list[keras.Model], splits: list[Split], steps: np.ndarray, progress: bool
) -> tuple[np.ndarray, bool]:
    """Returns the weights after each number of epochs, shape (models, steps, d), and if Ctrl-C ended it."""
    rows = max(len(split.x_train) for split in splits)
    finished = np.ones(len(models), bool)
    weights = np.full((len(models), len(steps), models[0].count_params()), np.nan)
    for column, (before, after) in enumerate(zip([0, *steps[:-1]], steps, strict=True)):
        # Plain SGD has no state, so training in stretches equals training at once.
        history = fit_population(
            models,
            splits,
            initial_epoch=int(before),
            epochs=int(after),
            batch_size=rows,
            restore_best_weights=False,
            progress=progress,
        )
        finished &= history.finished
        for row in np.flatnonzero(finished):
            weights[row, column] = np.concatenate([w.ravel() for w in models[row].get_weights()])
        if history.interrupted:
            break
    return weights, history.interrupted


def _compared(
    split: Split,
    steps: np.ndarray,
    rate: float,
    hessian: np.ndarray,
    optimum: np.ndarray,
    network: np.ndarray,
    bias: bool,
) -> dict[str, np.ndarray]:
    """Returns the fields of the record for one data set."""
    eigenvalues, eigenvectors = eigen(hessian)
    alphas = 1 / (steps * rate)
    formula = descent_factors(steps, rate, eigenvalues) * (eigenvectors.T @ optimum) @ eigenvectors.T
    ridge = ridge_path(hessian, optimum, alphas)
    return {
        "eigenvalues": eigenvalues,
        "alphas": alphas,
        "formula": formula,
        "ridge": ridge,
        "formula_error": share(network - formula, formula),
        "distance": share(network - ridge, ridge),
        "validation_mse": _errors(network, split.x_validation, split.y_validation, bias),
        "ridge_validation_mse": _errors(ridge, split.x_validation, split.y_validation, bias),
        "test_mse": _errors(network, split.x_test, split.y_test, bias),
        "ridge_test_mse": _errors(ridge, split.x_test, split.y_test, bias),
    }


def _errors(path: np.ndarray, x: np.ndarray, y: np.ndarray, bias: bool) -> np.ndarray:
    """Returns the mean squared error of each row of weights, shape (n,); NaN without rows."""
    if not len(x):
        return np.full(len(path), np.nan)
    residuals = _design(x, bias) @ path.T - np.asarray(y, dtype=float).reshape(-1, 1)
    return np.mean(residuals**2, axis=0)


def _checked_bias(model: keras.Model, split: Split) -> bool:
    """Returns whether the network has a bias; raises unless its training is plain gradient descent."""
    shapes = [values.shape for values in model.get_weights()]
    kernel = (int(np.prod(split.input_shape)), 1)
    optimizer = model.optimizer
    loss = getattr(model.loss, "name", model.loss)
    wrong = None
    if shapes not in ([kernel], [kernel, (1,)]):
        wrong = f"has weights of shapes {shapes} for inputs of shape {split.input_shape}"
    elif type(optimizer) is not keras.optimizers.SGD or any(
        getattr(optimizer, name) for name in ("momentum", "weight_decay", "clipnorm", "clipvalue")
    ):
        wrong = f"trains with {type(optimizer).__name__}, or with momentum, weight decay or clipping"
    elif isinstance(optimizer.get_config()["learning_rate"], dict):
        wrong = "has a schedule of learning rates"
    elif loss not in ("mse", "mean_squared_error"):
        wrong = f"has the loss {loss!r}"
    else:
        probe = [np.linspace(-2, 1.5, values.size).reshape(values.shape) for values in model.get_weights()]
        model.set_weights(probe)
        x = split.x_train[:100]
        expected = _design(x, len(probe) == 2) @ np.concatenate([values.ravel() for values in probe])
        predicted = np.asarray(keras.ops.convert_to_numpy(model(x, training=True)), dtype=float).ravel()
        # Single precision: the sum of a few hundred products.
        if not np.allclose(predicted, expected, rtol=1e-4, atol=1e-4 * np.abs(expected).max()):
            wrong = "does not predict the kernel times the inputs plus the bias"
        elif sum(float(penalty) for penalty in model.losses):
            wrong = "has a penalty on its weights"
    if wrong:
        raise InvalidInput(
            "build must return one linear Dense layer with one output, the mean squared error and SGD "
            f"without momentum; its model {wrong}. build_mlp(shape, None, units=(), optimizer='sgd', ...) "
            "makes one."
        )
    return len(shapes) == 2


def _design(x: np.ndarray, bias: bool) -> np.ndarray:
    """Returns the inputs as rows in double precision, with a last column of ones if there is a bias."""
    rows = np.asarray(x, dtype=float).reshape(len(x), -1)
    return np.column_stack([rows, np.ones(len(rows))]) if bias else rows


def _share_rows(data_sets: list[np.ndarray]) -> bool:
    """Returns whether two data sets have a row in common."""
    owner = np.repeat(np.arange(len(data_sets)), [len(rows) for rows in data_sets])
    return any(len(set(owner[group])) > 1 for group in duplicate_groups(*data_sets))
