"""What training costs beside what the machine could do."""

import resource
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import keras_tuner
import numpy as np
import tensorflow as tf

from benchmarks.works import BATCH_SIZE, Work
from kerasreg import Regularization, Split, build_mlp, load_mnist_subset
from kerasreg.population import fit_population

MEMBERS, EPOCHS = 16, 20


def network(seed: int) -> object:
    """Returns the MLP 784-128-10."""
    regularization = Regularization(l2=1e-4, dropout=0.3)
    return build_mlp((28, 28, 1), 10, units=(128,), regularization=regularization, seed=seed)


def without_validation(split: Split) -> Split:
    """Returns the training rows alone."""
    rows = len(split.x_train)
    return split.redrawn(np.arange(rows), np.arange(0))


def matrix_rate() -> float:
    """Returns how many floating-point operations a second a large matrix product makes."""
    matrix = tf.random.stateless_normal((2048, 2048), seed=(0, 0))
    best = float("inf")
    for _ in range(6):
        began = time.perf_counter()
        tf.matmul(matrix, matrix).numpy()
        best = min(best, time.perf_counter() - began)
    return 2 * 2048**3 / best


def milliseconds_per_epoch(split: Split, members: int) -> float:
    """Returns what an epoch of one member costs once the program is compiled, the best of three."""
    models = [network(seed) for seed in range(members)]
    fit_population(models, split, epochs=1, batch_size=BATCH_SIZE)
    best = float("inf")
    for _ in range(3):
        history = fit_population(models, split, epochs=EPOCHS, batch_size=BATCH_SIZE)
        best = min(best, history.seconds - history.compile_seconds)
    return 1000 * best / EPOCHS / members


def print_arithmetic(split: Split) -> None:
    """Prints the training time as a multiple of the arithmetic's."""
    split = without_validation(split)
    rate = matrix_rate()
    # forward, and the gradients by weights and, but for the first layer, by inputs
    operations = 2 * len(split.x_train) * (2 * 784 * 128 + 3 * 128 * 10)
    arithmetic = 1000 * operations / rate
    spent = milliseconds_per_epoch(split, MEMBERS)
    print(
        f"matrix products at {rate / 1e9:.0f} GFLOP/s; MLP 784-128-10, {MEMBERS} members: {spent:.2f} ms "
        f"an epoch and member without validation, {spent / arithmetic:.1f} times the arithmetic's "
        f"{arithmetic:.2f} ms (goal 2)"
    )


def print_compilation(searches: list[Work]) -> None:
    """Prints what one member of each work waits for its program."""
    for work in searches:
        model = work.build(keras_tuner.HyperParameters())
        history = fit_population([model], work.split, epochs=1, batch_size=24)
        print(f"compilation for {work.title}: {history.compile_seconds:.1f} s")


def print_memory() -> None:
    """Prints the largest memory of a process, a fresh one for each size of the population."""
    for members in (1, 4, 16, 64, 256):
        command = [sys.executable, "-m", "benchmarks.machine", str(members)]
        finished = subprocess.run(command, check=True, capture_output=True, text=True)
        print(f"memory with {members} members: {finished.stdout.strip()} MiB at most")


def peak_memory(members: int) -> int:
    """Returns the most MiB that this process has had after it has trained so many members."""
    split = load_mnist_subset(train_size=1250, validation_fraction=0.2, seed=0)
    fit_population([network(seed) for seed in range(members)], split, epochs=2, batch_size=BATCH_SIZE)
    # Linux' own count of this process; getrusage's would begin with what the parent had when it was forked
    status = Path("/proc/self/status")
    if status.exists():
        (line,) = (line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) // 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def print_pytorch(split: Split) -> None:
    """Prints what PyTorch's hand-written loop takes for one network, where PyTorch is installed."""
    if find_spec("torch") is None:
        print("PyTorch is not installed, so its loop is not timed")
        return
    import torch

    x = torch.tensor(split.x_train.reshape(len(split.x_train), -1))
    y = torch.tensor(split.y_train, dtype=torch.long)
    model = torch.nn.Sequential(
        torch.nn.Linear(784, 128), torch.nn.ReLU(), torch.nn.Dropout(0.3), torch.nn.Linear(128, 10)
    )
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, weight_decay=1e-4, fused=True)
    began = time.perf_counter()
    for _ in range(EPOCHS):
        for rows in torch.randperm(len(x)).split(BATCH_SIZE):
            optimizer.zero_grad(set_to_none=True)
            torch.nn.functional.cross_entropy(model(x[rows]), y[rows]).backward()
            optimizer.step()
    spent = 1000 * (time.perf_counter() - began) / EPOCHS
    print(f"PyTorch {torch.__version__}, one network in a hand-written loop: {spent:.1f} ms an epoch")


if __name__ == "__main__":
    print(peak_memory(int(sys.argv[1])))
