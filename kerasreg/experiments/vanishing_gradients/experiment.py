"""Gradient norms by layer in deep networks, and their errors."""

from collections.abc import Callable, Sequence
from itertools import product

import keras
import numpy as np

from kerasreg.checks import InvalidInput, check_ascending, check_whole_number, entries, shown
from kerasreg.experiments.running import built, common_metric, measured
from kerasreg.experiments.vanishing_gradients.kernels import dense_layers, draw_kernels
from kerasreg.experiments.vanishing_gradients.record import DepthGradients
from kerasreg.population import differentiate_population, fit_population
from kerasreg.records import Split
from kerasreg.records.given import check_split
from kerasreg.records.majority import majority_error
from kerasreg.seeds import derive_seed


def depth_gradients(
    build: Callable[..., keras.Model],
    split: Split,
    depths: Sequence[int] = (1, 4, 8),
    *,
    activations: Sequence[str] = ("sigmoid", "tanh", "relu"),
    normalizations: Sequence[str | None] = (None, "batch"),
    initializers: Sequence[str] = ("small_normal", "glorot_uniform", "he_normal"),
    epochs: Sequence[int] = (1, 5, 20),
    batch_size: int = 32,
    gradient_rows: int = 256,
    repeats: int = 5,
    seed: int = 0,
    progress: bool = False,
) -> DepthGradients:
    """Trains networks of several depths and records the gradient norm in each layer along the way.

    In which deep networks do the first layers get a smaller gradient than the last? What do batch
    normalization and better initial weights change, and are errors larger where gradients vanish?

    Repeat r has the same order of rows for all networks, and the same initial weights for those of one depth
    and initializer, so that they are compared in pairs. All train for the same number of epochs at
    the learning rate that `build` sets; another rate may change the answer.

    The defaults are 270 networks of 18 architectures: with layers of 32 units and 700 digits about 160
    seconds of processor time, one to two minutes on two cores.

    Args:
        build: Function `build(depth, activation=..., normalization=..., seed=...)` that returns a network
            compiled with the metric `accuracy` and with SGD without momentum, so that training in
            stretches equals training at once. Its kernels are then drawn anew by `initializers`.
        split: Data for classification with a validation part.
        depths: Numbers of hidden layers, ascending.
        activations: Names of activations to pass to `build`.
        normalizations: Names of normalizations to pass to `build`; `None` for none.
        initializers: Initializers of the kernels, as in `draw_kernels`.
        epochs: Epochs after which gradients are recorded, ascending; the last one ends the training. They
            are recorded before training as well.
        batch_size: Rows per batch.
        gradient_rows: Number of training rows, the first ones, over which the gradient is taken, as one
            batch. Batch normalization uses the mean and variance of this batch.
        repeats: Networks of each kind, at least 1; an interval needs 2.
        seed: Seed of the initial weights and of the order of rows, a whole number >= 0.
        progress: Whether to show a progress bar for each stretch between two recorded epochs.

    Returns:
        The Euclidean norm of the gradient of the loss with respect to each kernel, biases left out, and the
        error rates after training on all training rows and on the validation rows. NaN for networks
        that diverged or were interrupted by Ctrl-C.

    Raises:
        InvalidInput: If an argument is not accepted.
        UnstackableModel: If `fit_population` does not support a network.

    Reference:
        See `kerasreg.experiments.vanishing_gradients.chain` and `draw_kernels`; for batch normalization Ioffe
        and Szegedy, ICML 2015.

    Example:
        def build(depth, *, activation, normalization, seed):
            normalized = Regularization(normalization=normalization)
            options = {"optimizer": "sgd", "learning_rate": 0.1, "regularization": normalized}
            units = (32,) * depth
            return build_mlp((8, 8, 1), 10, units=units, activation=activation, seed=seed, **options)

        record = depth_gradients(build, load_digits_split(1000))
        print(record.summary())
    """
    depths, epochs = check_ascending("depths", depths), check_ascending("epochs", epochs)
    choices = {"activations": activations, "normalizations": normalizations, "initializers": initializers}
    for name, chosen in choices.items():
        _check_names(name, chosen)
    for name, number in {"gradient_rows": gradient_rows, "repeats": repeats}.items():
        check_whole_number(name, number)
    check_whole_number("seed", seed, minimum=0)
    _check_data(split)

    models, order_seeds = [], []
    for depth, activation, normalization, initializer, repeat in product(
        depths, *choices.values(), range(repeats)
    ):
        own_seed = derive_seed(seed, "depth", "weights", repeat)
        model = built(build, depth, activation=activation, normalization=normalization, seed=own_seed)
        _check_network(model, depth)
        models.append(draw_kernels(model, initializer, seed=own_seed))
        order_seeds.append(derive_seed(seed, "depth", "order", repeat))
    common_metric(models[:1], ["accuracy"])
    x, y = split.x_train[:gradient_rows], split.y_train[:gradient_rows]
    norms = np.full((len(models), len(epochs) + 1, depths[-1] + 1), np.nan)
    norms[:, 0] = _kernel_norms(models, x, y, most=depths[-1] + 1)
    seconds, finished = 0.0, np.ones(len(models), bool)
    for column, (before, after) in enumerate(zip((0, *epochs[:-1]), epochs, strict=True), start=1):
        history = fit_population(
            models,
            split,
            initial_epoch=before,
            epochs=after,
            batch_size=batch_size,
            seeds=order_seeds,
            restore_best_weights=False,
            progress=progress,
        )
        seconds += history.seconds
        finished &= history.finished
        norms[finished, column] = _kernel_norms(models, x, y, most=depths[-1] + 1)[finished]
        if history.interrupted:
            finished &= after == epochs[-1]
            break
    shape = (len(depths), *(len(chosen) for chosen in choices.values()), repeats)
    train_error = np.where(finished, measured(models, split, "train", "accuracy"), np.nan)
    validation_error = np.where(finished, 1 - history.final("val_accuracy"), np.nan)
    return DepthGradients(
        data=split.name,
        train_rows=len(split.x_train),
        validation_rows=len(split.x_validation),
        depths=depths,
        **{name: tuple(chosen) for name, chosen in choices.items()},
        epochs=(0, *epochs),
        norms=norms.reshape(*shape, *norms.shape[1:]),
        train_error=train_error.reshape(shape),
        validation_error=validation_error.reshape(shape),
        settings={
            "batch_size": batch_size,
            "gradient_rows": len(x),
            "learning_rate": float(models[0].optimizer.learning_rate),
            "seed": seed,
        },
        seconds=seconds,
        interrupted=history.interrupted,
        majority_error=majority_error([split], "validation"),
    )


def _check_names(name: str, chosen: object) -> None:
    listed = entries(chosen)
    named = all(isinstance(each, str | None) for each in listed)
    if not listed or not named or len(set(listed)) < len(listed):
        raise InvalidInput(f"{name} must be a list of one or more different names; received {shown(chosen)}.")


def _check_data(split: object) -> None:
    check_split("split", split)
    if split.num_classes is None or not len(split.x_validation):
        raise InvalidInput(
            f"The data must have classes and validation rows; {split.name!r} has "
            f"{'numbers' if split.num_classes is None else 'classes'} and {len(split.x_validation)} rows."
        )


def _check_network(model: keras.Model, depth: int) -> None:
    optimizer = getattr(model, "optimizer", None)
    if type(optimizer) is not keras.optimizers.SGD or optimizer.momentum:
        momentum = f" with momentum {optimizer.momentum:g}" if hasattr(optimizer, "momentum") else ""
        raise InvalidInput(
            "build must compile its networks with keras.optimizers.SGD without momentum; received "
            f"{type(optimizer).__name__}{momentum}. "
            "The state of another optimizer would be lost at each recorded epoch."
        )
    layers = len(dense_layers(model))
    if layers != depth + 1:
        raise InvalidInput(
            f"build({depth}, ...) must return {depth} hidden Dense layers and an output layer; received "
            f"{layers} Dense layers."
        )


def _kernel_norms(models: list[keras.Model], x: np.ndarray, y: np.ndarray, *, most: int) -> np.ndarray:
    """Returns the gradient norm of each dense layer's kernel, then NaN, shape (models, most)."""
    norms = np.full((len(models), most), np.nan)
    for row, (model, gradients) in enumerate(
        zip(models, differentiate_population(models, x, y), strict=True)
    ):
        place = {id(variable): index for index, variable in enumerate(model.trainable_variables)}
        for column, layer in enumerate(dense_layers(model)):
            # In double precision the squares of small gradients are not yet 0.
            norms[row, column] = np.linalg.norm(gradients[place[id(layer.kernel)]].astype(float))
    return np.where(np.isfinite(norms), norms, np.nan)
