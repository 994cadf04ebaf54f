"""Deep networks: how large is the gradient in each layer, and does it hurt where it is small?"""

from collections.abc import Callable, Sequence
from itertools import product

import keras
import numpy as np

from kerasreg.checks import InvalidInput, check_ascending, check_whole_number, entries, shown
from kerasreg.experiments.running import built
from kerasreg.experiments.vanishing_gradients.kernels import dense_layers, draw_kernels
from kerasreg.population import (
    differentiate_population,
    evaluate_population,
    fit_population,
)
from kerasreg.population.stack import read_member
from kerasreg.records import Split
from kerasreg.records.depth_gradients import DepthGradients
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
    """Trains networks of several depths and records the norm of each layer's gradient on the way.

    The question: in which deep networks do the first layers get a smaller gradient than the last,
    what do batch normalization and better initial weights change, and are errors larger for it?

    Repeat r of all networks of one depth and one way of drawing weights begins with the same weights, and
    repeat r of all has the same order of rows, so that they are compared in pairs. All train at the learning
    rate that `build` gives them, for equally many epochs: what another rate would do is another question.

    The defaults are 270 networks of 18 architectures: with layers of 32 units and 700 digits about 160
    seconds of processor time, so one to two minutes on two cores.

    Args:
        build: Makes a network that is compiled with SGD without momentum, so that training in stretches is
            training at once, and with the metric `accuracy`: `build(depth, activation=..., normalization=...,
            seed=...)`. Its kernels are then drawn anew by `initializers`.
        split: Data for classification with a validation part.
        depths: Numbers of hidden layers, ascending.
        activations: Names of activations that `build` knows.
        normalizations: `None` for none, or names that `build` knows.
        initializers: How kernels are drawn, as `draw_kernels` knows it.
        epochs: After which epochs gradients are recorded, ascending; the last one ends the training. They
            are recorded before training too.
        batch_size: Rows in a batch.
        gradient_rows: Rows of the training part, the first ones, whose gradient is recorded: as one batch,
            the same for all. A batch normalization uses the mean and variance of this batch.
        repeats: How many networks of each kind, at least 1; an interval takes 2.
        seed: Seed of initial weights and of the order of rows, a whole number >= 0.
        progress: Whether to show a bar for each stretch between two recorded epochs.

    Returns:
        The Euclidean norm of the loss's gradient in each kernel, biases left out; and error rates after
        the training, on all training rows and on the validation rows. NaN for networks that diverged,
        or were interrupted by Ctrl-C.

    Raises:
        InvalidInput: If an argument cannot be used.
        UnstackableModel: If `fit_population` does not cover a network.

    Reference:
        See `kerasreg.experiments.vanishing_gradients` and `draw_kernels`; for batch normalization Ioffe and
        Szegedy, ICML 2015.

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
        listed = entries(chosen)
        named = all(isinstance(each, str | None) for each in listed)
        if not listed or not named or len(set(listed)) < len(listed):
            raise InvalidInput(
                f"{name} must be a list of one or more different names; received {shown(chosen)}."
            )
    for name, number in {"gradient_rows": gradient_rows, "repeats": repeats}.items():
        check_whole_number(name, number)
    check_whole_number("seed", seed, minimum=0)
    if not isinstance(split, Split):
        raise InvalidInput(f"split must be a Split; received {shown(split)}.")
    if split.num_classes is None or not len(split.x_validation):
        raise InvalidInput(
            f"The data must have classes and validation rows; {split.name!r} has "
            f"{'numbers' if split.num_classes is None else 'classes'} and {len(split.x_validation)} rows."
        )

    models, order_seeds = [], []
    for depth, activation, normalization, initializer, repeat in product(
        depths, *choices.values(), range(repeats)
    ):
        own_seed = derive_seed(seed, "depth", "weights", repeat)
        model = built(build, depth, activation=activation, normalization=normalization, seed=own_seed)
        _check_network(model, depth)
        models.append(draw_kernels(model, initializer, seed=own_seed))
        order_seeds.append(derive_seed(seed, "depth", "order", repeat))
    x, y = split.x_train[:gradient_rows], split.y_train[:gradient_rows]
    norms = [_kernel_norms(models, x, y, most=depths[-1] + 1)]
    # A metric that is missing is better noticed before the training than after.
    _check_metric(models[0])
    seconds, lost = 0.0, np.zeros(len(models), bool)
    for before, after in zip((0, *epochs[:-1]), epochs, strict=True):
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
        lost |= [member.stop_reason != "epochs" for member in history]
        found = _kernel_norms(models, x, y, most=depths[-1] + 1)
        norms.append(np.where(lost[:, None], np.nan, found))
        if history.interrupted:  # everything that was to come is NaN
            norms += [np.full_like(found, np.nan)] * (len(epochs) + 1 - len(norms))
            break
    shape = (len(depths), *(len(chosen) for chosen in choices.values()), repeats)
    trained = evaluate_population(models, split, "train")
    accuracies = {
        "train_error": [metrics["accuracy"] for metrics in trained],
        "validation_error": [
            member.history.metrics["val_accuracy"][-1] if len(member.history) else np.nan
            for member in history
        ],
    }
    return DepthGradients(
        data=split.name,
        train_rows=len(split.x_train),
        validation_rows=len(split.x_validation),
        depths=depths,
        **{name: tuple(chosen) for name, chosen in choices.items()},
        epochs=(0, *epochs),
        norms=np.stack(norms, axis=1).reshape(*shape, len(epochs) + 1, -1),
        **{
            name: np.where(lost, np.nan, 1 - np.array(values)).reshape(shape)
            for name, values in accuracies.items()
        },
        settings={
            "batch_size": batch_size,
            "gradient_rows": len(x),
            "learning_rate": float(models[0].optimizer.learning_rate),
            "seed": seed,
        },
        seconds=seconds,
    )


def _check_network(model: keras.Model, depth: int) -> None:
    optimizer = getattr(model, "optimizer", None)
    if type(optimizer) is not keras.optimizers.SGD or optimizer.momentum:
        momentum = f" with momentum {optimizer.momentum:g}" if hasattr(optimizer, "momentum") else ""
        raise InvalidInput(
            "build must compile its networks with keras.optimizers.SGD without momentum; received "
            f"{type(optimizer).__name__}{momentum}. "
            "An optimizer that remembers would forget at each recorded epoch."
        )
    layers = len(dense_layers(model))
    if layers != depth + 1:
        raise InvalidInput(
            f"build({depth}, ...) must return {depth} hidden Dense layers and one of outputs; received "
            f"{layers} in all."
        )


def _kernel_norms(models: list[keras.Model], x: np.ndarray, y: np.ndarray, *, most: int) -> np.ndarray:
    """Returns the norm of the gradient in each dense layer's kernel, NaN after the last, (models, most)."""
    norms = np.full((len(models), most), np.nan)
    for row, (model, gradients) in enumerate(
        zip(models, differentiate_population(models, x, y), strict=True)
    ):
        place = {id(variable): index for index, variable in enumerate(model.trainable_variables)}
        for column, layer in enumerate(dense_layers(model)):
            # Double precision, where the squares of small gradients are not yet 0.
            norms[row, column] = np.linalg.norm(gradients[place[id(layer.kernel)]].astype(float))
    return np.where(np.isfinite(norms), norms, np.nan)


def _check_metric(model: keras.Model) -> None:
    known = read_member(model).objective.metrics
    if "accuracy" not in known:
        raise InvalidInput(
            f"The networks must be compiled with the metric 'accuracy'; they have {', '.join(known)}."
        )
