"""Penalty paths: small trained ones, which several files look at, and paths made by hand."""

from dataclasses import replace
from functools import cache

import keras

from kerasreg import build_mlp, load_digits_split
from kerasreg.experiments import penalty_path
from kerasreg.experiments.penalties.record import PenaltyPath, PenaltyRun

STRENGTH, UNITS = 0.02, 6
DIGITS = load_digits_split(100)
# Each validation label is wrong, so that the weaker the penalty, the surer of the wrong digit, and the worse.
SPLIT = replace(DIGITS, y_validation=(DIGITS.y_validation + 1) % 10)

DATA = {
    "name": "digits", "input_shape": [8, 8, 1], "num_classes": 10,
    "train_rows": 70, "validation_rows": 30, "test_rows": 360,
}  # fmt: skip


def build(**options) -> keras.Model:
    """A network for `SPLIT`."""
    return build_mlp(SPLIT.input_shape, 10, optimizer="sgd", learning_rate=0.3, **options)


@cache
def digits_path(penalty: str) -> tuple[PenaltyPath, list[keras.Model]]:
    """A path of one strength and three repeats, and its networks: those of the path, then the fresh."""
    models = []

    def kept(**options) -> keras.Model:
        models.append(build(**options))
        return models[-1]

    path = penalty_path(
        kept, SPLIT, [STRENGTH], penalty=penalty, units=(UNITS,), repeats=3, epochs=40, near_zero=0.01
    )
    return path, models


def made_path(validation, test, *, penalty: str = "l2", units=(4,), fingerprint: str = "") -> PenaltyPath:
    """A path of strengths 0, 0.1, 0.2 ... with the errors given, one row for each strength.

    Its fresh runs have these errors too.
    """
    runs = [
        PenaltyRun(
            strength=place / 10,
            repeat=repeat,
            seed=repeat,
            errors={"train": 0.1, "validation": validation[place][repeat], "test": test[place][repeat]},
            accuracies={},
            norm=1.0 + place,
            num_weights=10,
            zeros={"hidden_1": 2, "output": 1},
            num_near_zero=5,
            incoming=((1.0, 1.0, 0.0, 1.0),),
            outgoing=((1.0, 0.0, 1.0, 1.0),),
            magnitudes={"hidden_1": (1, *[0] * 99), "output": (0, 6, *[0] * 98)},
        )
        for place in range(len(validation))
        for repeat in range(len(validation[0]))
    ]
    return PenaltyPath(
        penalty=penalty, metric="mse", units=units, near_zero=0.001, biases=False, data=DATA,
        fingerprint=fingerprint, epochs=1, batch_size=32, seconds=1.0, runs=tuple(runs),
        fresh=tuple(replace(run, seed=run.seed + 100) for run in runs),
    )  # fmt: skip
