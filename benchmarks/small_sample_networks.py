"""The networks for small samples of MNIST: what is compared, how they are chosen, trained and tested."""

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import keras
import numpy as np

from benchmarks.small_sample_results import WITH, WITHOUT, DrawResult
from benchmarks.small_sample_straightening import KEPT, straightened
from kerasreg import Regularization, Split, build_cnn, fit_population, load_mnist_subset
from kerasreg.augmentation import Augmentation
from kerasreg.population.batches import steps_per_epoch
from kerasreg.population.last_scores import Task, last_scores
from kerasreg.seeds import derive_seed

BLOCKS = ((24, 5, "max", 2), (48, 5, "max", 2))
BATCH_SIZE, LEARNING_RATE, DROPOUT, LABEL_SMOOTHING = 32, 3e-3, 0.5, 0.1
VALIDATION_FRACTION = 0.2
CHOOSE_BY = "cross_entropy"
MEMBERS = 3  # networks of one draw and arm
AT_ONCE = 500  # test pictures

# Epochs, for the choice and afterwards, by the number of images and the arm
EPOCHS = {
    300: {WITHOUT: 40, WITH: 70},
    1000: {WITHOUT: 30, WITH: 50},
    2000: {WITHOUT: 25, WITH: 45},
    5000: {WITHOUT: 20, WITH: 35},
}


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A configuration to choose from.

    Args:
        decay: How far weight decay alone would take a weight in the whole training: to exp(-decay) of what it
            was. So stated, one value serves for any number of steps.
        augmentation: The distortions.

    Reference:
        Wang and Aitchison, How to set AdamW's weight decay as you scale model and dataset size, ICML 2025:
        the best time scale of the decay, counted in epochs, is about the same for all sizes.
    """

    decay: float
    augmentation: Augmentation

    @property
    def name(self) -> str:
        """What tells it from the others."""
        distortions = {name: value for name, value in self.augmentation.to_dict().items() if value}
        return ", ".join(f"{name} {value:g}" for name, value in {"decay": self.decay, **distortions}.items())


NONE, AFFINE = Augmentation(), Augmentation(translation=0.07, rotation=8, zoom=0.15)
CANDIDATES = {
    WITHOUT: (Candidate(decay=1.2, augmentation=NONE), Candidate(decay=2.4, augmentation=NONE)),
    WITH: (Candidate(decay=1.0, augmentation=AFFINE), Candidate(decay=2.0, augmentation=AFFINE)),
}


def settings() -> dict[str, Any]:
    """Returns all that the numbers depend on, for the file of results."""
    return {
        "blocks": BLOCKS,
        "batch_size": BATCH_SIZE,
        "learning_rate": LEARNING_RATE,
        "dropout": DROPOUT,
        "label_smoothing": LABEL_SMOOTHING,
        "validation_fraction": VALIDATION_FRACTION,
        "choose_by": CHOOSE_BY,
        "members": MEMBERS,
        "epochs": {str(size): epochs for size, epochs in EPOCHS.items()},
        "candidates": {
            arm: [asdict(candidate) for candidate in candidates] for arm, candidates in CANDIDATES.items()
        },
    }


def sample(size: int, draw: int, x_test: np.ndarray | None = None) -> Split:
    """Returns so many straightened training images of MNIST, and the official test images.

    Args:
        size: Images in the draw; a fifth of them is the validation part.
        draw: Number of the draw, which is its seed.
        x_test: The test images, straightened before; `None` to straighten them now.
    """
    split = load_mnist_subset(train_size=size, validation_fraction=VALIDATION_FRACTION, seed=draw)
    return replace(
        split,
        x_train=straightened(split.x_train),
        x_validation=straightened(split.x_validation),
        x_test=straightened(split.x_test) if x_test is None else x_test,
    )


def network(candidate: Candidate, seed: int, *, steps: int) -> keras.Model:
    """Returns an untrained network.

    Args:
        candidate: Its configuration.
        seed: Seed of everything random in it.
        steps: Updates in the whole training, along which the learning rate falls to 0 as a cosine.
    """
    schedule = keras.optimizers.schedules.CosineDecay(LEARNING_RATE, steps)
    # AdamW takes this times the learning rate off each weight at a step; the mean rate is half of the first
    weight_decay = candidate.decay / (LEARNING_RATE / 2 * steps)
    return build_cnn(
        (KEPT, KEPT, 1),
        10,
        blocks=BLOCKS,
        dense_units=(),
        regularization=Regularization(
            dropout=DROPOUT, label_smoothing=LABEL_SMOOTHING, normalization="batch"
        ),
        augmentation=candidate.augmentation,
        optimizer=keras.optimizers.AdamW(schedule, weight_decay=weight_decay),
        seed=seed,
    )


def choose(split: Split, arm: str, *, epochs: int, seed: int) -> dict[Candidate, float]:
    """Returns each candidate's validation cross-entropy after the last epoch.

    Args:
        split: The draw, of which the train part is trained on. Its test part is not looked at.
        arm: Whose candidates.
        epochs: Epochs that each is trained.
        seed: Seed of the networks, which begin with the same weights.
    """
    steps = _steps(len(split.x_train), epochs)
    tasks = [
        Task(network=(candidate, derive_seed(seed, "choice")), split=split) for candidate in CANDIDATES[arm]
    ]
    _, scores = last_scores(
        lambda key: network(*key, steps=steps),
        tasks,
        epochs=epochs,
        batch_size=BATCH_SIZE,
        metric=CHOOSE_BY,
    )
    return dict(zip(CANDIDATES[arm], scores, strict=True))


def run_draw(size: int, draw: int, arm: str, x_test: np.ndarray) -> DrawResult:
    """Chooses, trains on the whole draw and tests.

    Args:
        size: Images in the draw.
        draw: Its number.
        arm: `"without"` or `"with"` augmentation.
        x_test: The test images, straightened.

    Raises:
        KeyboardInterrupt: If someone pressed Ctrl-C.
    """
    began = time.perf_counter()
    split, epochs = sample(size, draw, x_test), EPOCHS[size][arm]
    validation = choose(split, arm, epochs=epochs, seed=draw)
    chosen = min(validation, key=validation.__getitem__)
    whole = split.redrawn(np.arange(size), np.arange(0))
    models = [
        network(chosen, derive_seed(draw, "member", member), steps=_steps(size, epochs))
        for member in range(MEMBERS)
    ]
    history = fit_population(models, whole, epochs=epochs, batch_size=BATCH_SIZE)
    if history.interrupted:
        raise KeyboardInterrupt
    errors, ensemble_error = errors_of(models, split.x_test, split.y_test)
    return DrawResult(
        size=size,
        draw=draw,
        arm=arm,
        validation={candidate.name: score for candidate, score in validation.items()},
        chosen=chosen.name,
        errors=errors,
        ensemble_error=ensemble_error,
        seconds=round(time.perf_counter() - began, 2),
    )


def errors_of(models: Sequence[keras.Model], x: np.ndarray, y: np.ndarray) -> tuple[list[float], float]:
    """Returns the error of each network and that of the mean of their probabilities, in percent."""
    probabilities = [_probabilities(model, x) for model in models]
    return [_error(own, y) for own in probabilities], _error(np.mean(probabilities, axis=0), y)


def _probabilities(model: keras.Model, pictures: np.ndarray) -> np.ndarray:
    # called, not by `predict`, which would compile a function for each of hundreds of networks
    parts = [
        keras.ops.softmax(model(pictures[first : first + AT_ONCE], training=False))
        for first in range(0, len(pictures), AT_ONCE)
    ]
    return np.concatenate([keras.ops.convert_to_numpy(part) for part in parts])


def _error(probabilities: np.ndarray, labels: np.ndarray) -> float:
    return 100 * float(np.mean(probabilities.argmax(axis=1) != labels))


def _steps(rows: int, epochs: int) -> int:
    return epochs * steps_per_epoch(rows, BATCH_SIZE)
