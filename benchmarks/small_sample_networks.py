"""The networks for small samples of MNIST: what is compared, how they are chosen, trained and tested."""

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import keras
import numpy as np

from benchmarks.small_sample_results import ARMS, WITH, WITHOUT, DrawResult
from benchmarks.small_sample_straightening import KEPT, straightened
from kerasreg import Regularization, Split, build_cnn, fit_population, load_mnist_subset
from kerasreg.augmentation import Augmentation
from kerasreg.data import monte_carlo
from kerasreg.population.last_scores import Task, last_scores
from kerasreg.seeds import derive_seed

BLOCKS = ((32, 5, "max", 2), (64, 5, "max", 2))
BATCH_SIZE, LEARNING_RATE, WEIGHT_DECAY, LABEL_SMOOTHING = 32, 4e-3, 0.1, 0.1
VALIDATION_FRACTION = 0.2
CHOOSE_BY = "cross_entropy"
MEMBERS = 4  # networks of one draw and arm
AT_ONCE = 500  # test pictures


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How the networks of one number of images are trained.

    Args:
        epochs: Epochs, for the choice and afterwards.
        divisions: On how many random divisions each candidate is validated.
    """

    epochs: int
    divisions: int


PLANS = {
    300: Plan(epochs=40, divisions=2),
    1000: Plan(epochs=30, divisions=1),
    2000: Plan(epochs=25, divisions=1),
    5000: Plan(epochs=20, divisions=1),
}


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A configuration to choose from.

    Args:
        arm: `"without"` or `"with"` augmentation.
        dropout: Fraction of the last layer's inputs that is dropped.
        strength: How strong the distortions are; 0 for none.
    """

    arm: str
    dropout: float
    strength: float = 0.0

    @property
    def name(self) -> str:
        """What tells it from the others of its arm."""
        return f"dropout {self.dropout:g}" if self.arm == WITHOUT else f"distortions x {self.strength:g}"

    @property
    def augmentation(self) -> Augmentation:
        """The distortions: moved, turned, resized and bent."""
        return Augmentation(translation=0.06, rotation=6, zoom=0.1, elastic=0.04).scaled(self.strength)


CANDIDATES = (
    Candidate(arm=WITHOUT, dropout=0.5),
    Candidate(arm=WITHOUT, dropout=0.7),
    Candidate(arm=WITH, dropout=0.5, strength=0.6),
    Candidate(arm=WITH, dropout=0.5, strength=1.2),
)


def settings() -> dict[str, Any]:
    """Returns all that the numbers depend on, for the file of results."""
    return {
        "blocks": BLOCKS,
        "batch_size": BATCH_SIZE,
        "learning_rate": LEARNING_RATE,
        "weight_decay": WEIGHT_DECAY,
        "label_smoothing": LABEL_SMOOTHING,
        "validation_fraction": VALIDATION_FRACTION,
        "choose_by": CHOOSE_BY,
        "members": MEMBERS,
        "plans": {str(size): asdict(plan) for size, plan in PLANS.items()},
        "candidates": [asdict(candidate) | candidate.augmentation.to_dict() for candidate in CANDIDATES],
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
    regularization = Regularization(
        dropout=candidate.dropout, label_smoothing=LABEL_SMOOTHING, normalization="batch"
    )
    schedule = keras.optimizers.schedules.CosineDecay(LEARNING_RATE, steps)
    return build_cnn(
        (KEPT, KEPT, 1),
        10,
        blocks=BLOCKS,
        dense_units=(),
        regularization=regularization,
        augmentation=candidate.augmentation,
        optimizer=keras.optimizers.AdamW(schedule, weight_decay=WEIGHT_DECAY),
        seed=seed,
    )


def choose(split: Split, plan: Plan, seed: int) -> dict[Candidate, float]:
    """Returns each candidate's validation cross-entropy after the last epoch, a mean over divisions.

    Args:
        split: The draw; its test part is not looked at.
        plan: How to train.
        seed: Seed of the divisions and the networks; candidates share both.
    """
    divisions = monte_carlo(split, plan.divisions, validation_fraction=VALIDATION_FRACTION, seed=seed)
    steps = _steps(len(divisions[0].x_train), plan)
    tasks = [
        Task(network=(candidate, derive_seed(seed, "choice", number)), split=division)
        for candidate in CANDIDATES
        for number, division in enumerate(divisions)
    ]
    _, scores = last_scores(
        lambda key: network(*key, steps=steps),
        tasks,
        epochs=plan.epochs,
        batch_size=BATCH_SIZE,
        metric=CHOOSE_BY,
    )
    means = np.reshape(scores, (len(CANDIDATES), -1)).mean(axis=1)
    return dict(zip(CANDIDATES, means.tolist(), strict=True))


def run_draw(size: int, draw: int, x_test: np.ndarray) -> list[DrawResult]:
    """Chooses, trains on the whole draw and tests, without augmentation and with it.

    Raises:
        KeyboardInterrupt: If someone pressed Ctrl-C.
    """
    began = time.perf_counter()
    split, plan = sample(size, draw, x_test), PLANS[size]
    scores = choose(split, plan, draw)
    chosen = [min((own for own in CANDIDATES if own.arm == arm), key=scores.__getitem__) for arm in ARMS]
    whole = split.redrawn(np.arange(size), np.arange(0))
    models = [
        network(candidate, derive_seed(draw, "member", member), steps=_steps(size, plan))
        for candidate in chosen
        for member in range(MEMBERS)
    ]
    history = fit_population(models, whole, epochs=plan.epochs, batch_size=BATCH_SIZE)
    if history.interrupted:
        raise KeyboardInterrupt
    tested = [test_errors(models[first : first + MEMBERS], split) for first in range(0, len(models), MEMBERS)]
    seconds = (time.perf_counter() - began) / len(chosen)
    return [
        DrawResult(
            size=size,
            draw=draw,
            arm=candidate.arm,
            validation={own.name: score for own, score in scores.items() if own.arm == candidate.arm},
            chosen=candidate.name,
            errors=errors,
            ensemble_error=together,
            seconds=round(seconds, 2),
        )
        for candidate, (errors, together) in zip(chosen, tested, strict=True)
    ]


def test_errors(models: Sequence[keras.Model], split: Split) -> tuple[list[float], float]:
    """Returns the test error of each network and of the mean of their probabilities, in percent."""
    probabilities = [_probabilities(model, split.x_test) for model in models]
    return [_error(one, split.y_test) for one in probabilities], _error(
        np.mean(probabilities, axis=0), split.y_test
    )


def _probabilities(model: keras.Model, pictures: np.ndarray) -> np.ndarray:
    # called, not by `predict`, which would compile a function for each of hundreds of networks
    parts = [
        keras.ops.softmax(model(pictures[first : first + AT_ONCE], training=False))
        for first in range(0, len(pictures), AT_ONCE)
    ]
    return np.concatenate([keras.ops.convert_to_numpy(part) for part in parts])


def _error(probabilities: np.ndarray, labels: np.ndarray) -> float:
    return 100 * float(np.mean(probabilities.argmax(axis=1) != labels))


def _steps(rows: int, plan: Plan) -> int:
    return plan.epochs * -(-rows // BATCH_SIZE)
