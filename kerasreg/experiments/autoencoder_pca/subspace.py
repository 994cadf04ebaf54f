"""Linear autoencoders against PCA: error and principal angles."""

from collections.abc import Callable, Sequence

import keras
import numpy as np
from scipy.linalg import subspace_angles

from kerasreg.checks import MAX_REPEATS, InvalidInput, check_whole_number
from kerasreg.experiments.autoencoder_pca.components import components_of, errors_by_number
from kerasreg.experiments.autoencoder_pca.preparing import (
    as_target,
    check_network,
    checked_bottlenecks,
)
from kerasreg.experiments.autoencoder_pca.subspace_record import PrincipalSubspace
from kerasreg.experiments.running import built, final_errors
from kerasreg.population import fit_population
from kerasreg.records import Split
from kerasreg.seeds import derive_seed


def principal_subspace(
    build: Callable[..., keras.Model],
    split: Split,
    bottlenecks: Sequence[int] = (2, 4, 8, 16, 32),
    *,
    repeats: int = 5,
    epochs: int = 1500,
    batch_size: int | None = None,
    seed: int = 0,
    progress: bool = False,
) -> PrincipalSubspace:
    """Trains linear autoencoders and compares them with the principal components of the same rows.

    An autoencoder without activations can do no better than PCA with as many components, and every local
    minimum of its error is global. Does gradient descent reach it? The error is compared with PCA's, and
    the span of the decoder with the leading components by their principal angles. The data are not centered;
    biases do that. The bottleneck units may be any basis of the subspace.

    Repeats have different initial weights and the same rows. A step uses all training rows by default: with
    small batches the last steps still fluctuate, and the error stays above PCA's.

    Args:
        build: Function `build(bottleneck, seed=...)` that returns a compiled linear autoencoder with layers
            `bottleneck` and `output`, as `build_autoencoder(kind="linear")` does. Let the learning rate
            decay to 0 over `epochs` steps; where variances are similar, Adam with a `beta_2` of 0.95
            comes much closer than with the usual 0.999.
        split: The data; labels and validation rows are not used.
        bottlenecks: Bottleneck units, ascending; fewer than the components with nonzero variance.
        repeats: Networks of each bottleneck, at least 1; an interval needs 2.
        epochs: Training epochs, at least 1.
        batch_size: Rows per batch; all training rows if `None`.
        seed: Seed of the initial weights and of the order of rows, a whole number >= 0.
        progress: Whether to show a progress bar.

    Returns:
        Mean squared errors of every network and of PCA, and the principal angles; NaN for a network that
        diverged or was interrupted by Ctrl-C.

    Raises:
        InvalidInput: If an argument is not accepted, or `build` returns another kind of network.
        UnstackableModel: If `fit_population` does not support a network.

    Reference:
        Baldi and Hornik, Neural Networks and Principal Component Analysis: Learning from Examples Without
        Local Minima, Neural Networks 2, 1989. Bourlard and Kamp, Auto-Association by Multilayer Perceptrons
        and Singular Value Decomposition, Biological Cybernetics 59, 1988.

    Example:
    >>> from kerasreg import build_autoencoder, load_digits_split
    >>> def build(bottleneck, seed):
    ...     schedule = keras.optimizers.schedules.CosineDecay(0.02, decay_steps=300)
    ...     adam = keras.optimizers.Adam(schedule, beta_1=0.95, beta_2=0.95)
    ...     return build_autoencoder((8, 8, 1), kind="linear", bottleneck=bottleneck,
    ...                              optimizer=adam, seed=seed)
    >>> found = principal_subspace(build, load_digits_split(100), (2,), repeats=2, epochs=300)
    >>> bool(found.ratio("train").max() < 1.01)
    True
    """
    check_whole_number("seed", seed, minimum=0)
    check_whole_number("repeats", repeats, maximum=MAX_REPEATS)
    data = as_target(split)
    pca = components_of(data)
    numbers = checked_bottlenecks(bottlenecks, pca)
    models = [
        check_network(
            built(build, number, seed=derive_seed(seed, "subspace", "weights", repeat)),
            bottleneck=number,
            split=data,
        )
        for number in numbers
        for repeat in range(repeats)
    ]
    for model in models[::repeats]:
        _check_linear(model)
    history = fit_population(
        models,
        data,
        epochs=epochs,
        batch_size=len(data.x_train) if batch_size is None else batch_size,
        seeds=[derive_seed(seed, "subspace", "order", repeat) for _ in numbers for repeat in range(repeats)],
        restore_best_weights=False,
        progress=progress,
    )
    places = np.array(numbers) - 1
    shape = (len(numbers), repeats)
    errors = {
        part: final_errors(models, data, part, "mse", history).reshape(shape) for part in ("train", "test")
    }
    angles = [
        _angles(model, pca.components_) if np.isfinite(error) else np.full(number, np.nan)
        for model, error, number in zip(
            models, errors["train"].ravel(), np.repeat(numbers, repeats), strict=True
        )
    ]
    return PrincipalSubspace(
        data=data.name,
        bottlenecks=numbers,
        train_rows=len(data.x_train),
        test_rows=len(data.x_test),
        train_mse=errors["train"],
        test_mse=errors["test"],
        pca_train_mse=errors_by_number(pca, data.x_train)[places],
        pca_test_mse=errors_by_number(pca, data.x_test)[places],
        angles=tuple(np.array(angles[first : first + repeats]) for first in range(0, len(models), repeats)),
        variances=pca.explained_variance_,
        stop_reason=history.stop_reason.reshape(shape),
        settings={"epochs": epochs, "batch_size": batch_size, "seed": seed},
        seconds=history.seconds,
        interrupted=history.interrupted,
    )


def _check_linear(model: keras.Model) -> None:
    dense = [layer for layer in model.layers if layer.weights]
    names = [layer.name for layer in dense]
    if names != ["bottleneck", "output"] or any(
        getattr(layer, "activation", None) is not keras.activations.linear
        for layer in model.layers
        if hasattr(layer, "activation")
    ):
        raise InvalidInput(
            "build must return a linear autoencoder, whose only layers with weights are 'bottleneck' and "
            "'output', as build_autoencoder(kind='linear') does; received one with "
            f"{', '.join(map(repr, names)) or 'none'}."
        )


def _angles(model: keras.Model, components: np.ndarray) -> np.ndarray:
    """Returns the principal angles between the decoder's span and the leading components, in degrees."""
    decoder = keras.ops.convert_to_numpy(model.get_layer("output").kernel).astype(float)
    return np.degrees(subspace_angles(decoder.T, components[: len(decoder)].T))
