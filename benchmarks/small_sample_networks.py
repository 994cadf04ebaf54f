"""The networks for small samples of MNIST: what is compared, how they are chosen, trained and tested."""

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import keras
import numpy as np
from scipy.special import softmax

from benchmarks.small_sample_results import WITH, WITHOUT, DrawResult
from benchmarks.small_sample_straightening import KEPT, straightened
from kerasreg import Regularization, Split, build_cnn, fit_population, load_mnist_subset
from kerasreg.augmentation import Augmentation
from kerasreg.experiments.last_scores import Task, last_scores
from kerasreg.population.schedule.batches import steps_per_epoch
from kerasreg.seeds import derive_seed

BLOCKS = ((24, 5, "average", 2), (48, 5, "average", 2), (96, 3, "average", 2))
BATCH_SIZE, LEARNING_RATE, DROPOUT, LABEL_SMOOTHING = 32, 3e-3, 0.5, 0.1
VALIDATION_FRACTION = 0.2
CHOOSE_BY = "cross_entropy"
MEMBERS = 3  # networks of one draw and arm
AT_ONCE = 500  # test pictures

# Epochs, for the choice and afterwards, by the number of images and the arm
EPOCHS = {
    300: {WITHOUT: 30, WITH: 55},
    1000: {WITHOUT: 25, WITH: 45},
    2000: {WITHOUT: 25, WITH: 40},
    5000: {WITHOUT: 15, WITH: 30},
}

# Draws that are trained together, and lost together if the machine stops: those of few images are short
DRAWS_AT_ONCE = {300: 10, 1000: 2, 2000: 1, 5000: 1}


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


def choose(
    splits: Sequence[Split], arm: str, *, epochs: int, seeds: Sequence[int]
) -> list[dict[Candidate, float]]:
    """Returns, for each draw, every candidate's validation cross-entropy after the last epoch.

    Args:
        splits: The draws, of which the train parts are trained on. Their test parts are not looked at.
        arm: Whose candidates.
        epochs: Epochs that each is trained.
        seeds: Seed of each draw's networks, which begin with the same weights.
    """
    steps = _steps(len(splits[0].x_train), epochs)
    tasks = [
        Task(network=(candidate, derive_seed(seed, "choice")), split=split)
        for split, seed in zip(splits, seeds, strict=True)
        for candidate in CANDIDATES[arm]
    ]
    found = last_scores(
        lambda key: network(*key, steps=steps),
        tasks,
        epochs=epochs,
        batch_size=BATCH_SIZE,
        metric=CHOOSE_BY,
    )
    of_draws = np.reshape(found.scores, (len(splits), -1)).tolist()
    return [dict(zip(CANDIDATES[arm], own, strict=True)) for own in of_draws]


def run_draws(size: int, draws: Sequence[int], arm: str, x_test: np.ndarray) -> list[DrawResult]:
    """Chooses within each draw, trains on the whole of each and tests.

    The draws' networks are trained together, which compiles their programs once.

    Args:
        size: Images in a draw.
        draws: Their numbers.
        arm: `"without"` or `"with"` augmentation.
        x_test: The test images, straightened.

    Raises:
        KeyboardInterrupt: If someone pressed Ctrl-C.
    """
    began = time.perf_counter()
    epochs = EPOCHS[size][arm]
    splits = [sample(size, draw, x_test) for draw in draws]
    validation = choose(splits, arm, epochs=epochs, seeds=draws)
    chosen = [min(scores, key=scores.__getitem__) for scores in validation]
    members = [(place, member) for place in range(len(draws)) for member in range(MEMBERS)]
    models = [
        network(chosen[place], derive_seed(draws[place], "member", member), steps=_steps(size, epochs))
        for place, member in members
    ]
    wholes = [split.redrawn(np.arange(size), np.arange(0)) for split in splits]
    history = fit_population(
        models, [wholes[place] for place, _ in members], epochs=epochs, batch_size=BATCH_SIZE
    )
    if history.interrupted:
        raise KeyboardInterrupt
    measured = network(CANDIDATES[WITHOUT][0], 0, steps=1)
    tested = [
        errors_of(models[MEMBERS * place :][:MEMBERS], measured, x_test, splits[place].y_test)
        for place in range(len(draws))
    ]
    seconds = round((time.perf_counter() - began) / len(draws), 2)
    return [
        DrawResult(
            size=size,
            draw=draw,
            arm=arm,
            validation={candidate.name: score for candidate, score in validation[place].items()},
            chosen=chosen[place].name,
            errors=tested[place][0],
            ensemble_error=tested[place][1],
            seconds=seconds,
        )
        for place, draw in enumerate(draws)
    ]


def errors_of(
    models: Sequence[keras.Model], measured: keras.Model, x: np.ndarray, y: np.ndarray
) -> tuple[list[float], float]:
    """Returns the error of each network and that of the mean of their probabilities, in percent.

    Args:
        models: The networks.
        measured: One of the same shape, which takes the weights of each in turn: `predict` compiles a
            function for every network that it is called on.
        x: The test images, straightened.
        y: Their labels.
    """
    probabilities = []
    for model in models:
        measured.set_weights(model.get_weights())
        logits = measured.predict(x, batch_size=AT_ONCE, verbose=0)
        probabilities.append(softmax(logits.astype(float), axis=1))
    return [_error(own, y) for own in probabilities], _error(np.mean(probabilities, axis=0), y)


def _error(probabilities: np.ndarray, labels: np.ndarray) -> float:
    return 100 * float(np.mean(probabilities.argmax(axis=1) != labels))


def _steps(rows: int, epochs: int) -> int:
    return epochs * steps_per_epoch(rows, BATCH_SIZE)
