"""One network of the search by `fit_one`, against `model.fit` on the same arrays."""

import os
import statistics
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras

from benchmarks.environment import describe_environment
from kerasreg import Regularization, Split, build_mlp, early_stopping, load_digits_split
from kerasreg.population import fit_one

EPOCHS, BATCH_SIZE, RUNS = 30, 32, 5


def network(split: Split, seed: int) -> keras.Model:
    """Returns the network that both train: 64-128-128-10 with dropout and L2."""
    regularization = Regularization(l2=1e-4, dropout=0.3)
    return build_mlp(
        split.input_shape, split.num_classes, units=(128, 128), regularization=regularization, seed=seed
    )


def by_fit_one(split: Split, seed: int) -> float:
    """Trains by `fit_one` and returns the validation accuracy at the end."""
    member = fit_one(network(split, seed), split, epochs=EPOCHS, batch_size=BATCH_SIZE, seed=seed)
    return member.history.metrics["val_accuracy"][-1]


def by_fit(split: Split, seed: int) -> float:
    """Trains by `model.fit` and returns the validation accuracy at the end."""
    history = network(split, seed).fit(
        split.x_train,
        split.y_train,
        validation_data=(split.x_validation, split.y_validation),
        epochs=EPOCHS,
        batch_size=BATCH_SIZE,
        callbacks=[early_stopping(EPOCHS)],
        verbose=0,
    )
    return history.history["val_accuracy"][-1]


def main() -> None:
    """Runs both in turn and prints the seconds, the accuracies and the ratio."""
    split = load_digits_split()
    ways = {"fit_one": by_fit_one, "model.fit": by_fit}
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    accuracies: dict[str, list[float]] = {name: [] for name in ways}
    for run in range(RUNS + 1):
        for name, way in ways.items():
            began = time.perf_counter()
            accuracy = way(split, seed=run)
            if run:  # the first run starts TensorFlow's threads
                seconds[name].append(time.perf_counter() - began)
                accuracies[name].append(accuracy)
    print(describe_environment())
    print(f"64-128-128-10 on {len(split.x_train)} digits, {EPOCHS} epochs, batches of {BATCH_SIZE}")
    for name in ways:
        print(
            f"{name:10} median {statistics.median(seconds[name]):.2f} s of {RUNS} runs, "
            f"mean validation accuracy {statistics.mean(accuracies[name]):.4f}"
        )
    ratios = [b / a for a, b in zip(seconds["fit_one"], seconds["model.fit"], strict=True)]
    print(f"fit_one is {statistics.median(ratios):.1f} times faster ({min(ratios):.1f} to {max(ratios):.1f})")


if __name__ == "__main__":
    main()
