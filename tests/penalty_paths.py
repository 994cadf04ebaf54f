"""Penalty paths made by hand."""

from kerasreg.records.penalties import PenaltyPath, PenaltyRun

DATA = {
    "name": "digits", "input_shape": [8, 8, 1], "num_classes": 10,
    "train_rows": 70, "validation_rows": 30, "test_rows": 360,
}  # fmt: skip


def made_path(validation, test, *, penalty: str = "l2", units=(4,), fingerprint: str = "") -> PenaltyPath:
    """A path of strengths 0, 0.1, 0.2 ... with the errors given, one row for each strength."""
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
    )  # fmt: skip
