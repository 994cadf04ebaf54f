# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Regularization of a neural network, on few digits
#
# A network with more weights than examples can learn its examples by heart. What is then left of its skill on
# digits it has not seen, and what helps? This notebook takes a few hundred digits of MNIST and asks, one
# after another:
#
# 1. How large should the network be, for how many examples?
# 2. When should training stop?
# 3. What do L2 and L1 penalties do to errors and weights?
# 4. Do dropout and noise help?
# 5. Is A better than B, or was it luck?
# 6. How well do we know the error at all?
#
# Every answer comes from several networks, with an interval: one network trained once proves little. The
# networks of a question are trained together in one compiled program, so that the whole notebook takes
# two to three minutes.

# %%
import importlib
import importlib.util
import subprocess
import sys
from pathlib import Path

# Nothing is done here where kerasreg is installed. A notebook that is opened alone, as in Colab, installs it
# from a wheel (kerasreg-….whl) or a zip of the project that you upload beside it, or from a clone.
ADDRESS = ""  # what pip can install it from, once there is such a place

if getattr(importlib.util.find_spec("kerasreg"), "origin", None) is None:
    files = [str(path) for pattern in ("kerasreg*.whl", "kerasreg*.zip") for path in Path().glob(pattern)]
    clones = [place for place in ("..", "kerasreg", ".") if Path(place, "pyproject.toml").exists()]
    sources = [*files, *(str(Path(place).resolve()) for place in clones), *([ADDRESS] if ADDRESS else [])]
    if not sources:
        raise SystemExit(
            "kerasreg is neither installed nor here. To go on:\n"
            "1. upload kerasreg's wheel (kerasreg-….whl) or a zip of the project beside this notebook;\n"
            "2. run this cell again."
        )
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", sources[0]], check=True)
    importlib.invalidate_caches()
    sys.modules.pop("kerasreg", None)

# %%
from functools import partial

import matplotlib.pyplot as plt
import numpy as np
from scipy.stats import t

from kerasreg import Regularization, build_mlp, load_digits_split, load_mnist_subset
from kerasreg.checks import InvalidInput
from kerasreg.claims import claim
from kerasreg.data import k_fold, monte_carlo, nested_subsets
from kerasreg.experiments import (
    capacity_grid,
    compare,
    cross_validate,
    noise_in_the_network,
    overtraining,
    penalty_path,
    replay_patience,
)
from kerasreg.intervals import mean_interval

try:
    load = load_mnist_subset
    split = load(400, seed=0)
except InvalidInput as reason:
    load = load_digits_split
    split = load(400, seed=0)
    print(f"MNIST is not to be had here, so scikit-learn's smaller digits stand in for it. ({reason})")
    print("They are easier: read what the text says of epochs as said of MNIST. And they are few: draws")
    print("of them share most of their rows, so that the intervals over draws are too narrow.")
split

# %% [markdown]
# `split` holds three parts. The network learns from the train part; whatever we choose, we choose by the
# validation part; the test part is for the last word and is never chosen by. 400 is the number of train and
# validation images together.

# %%
figure, axes = plt.subplots(2, 8, figsize=(8, 2.2), layout="constrained")
for ax, picture, label in zip(axes.flat, split.x_train, split.y_train, strict=False):
    ax.imshow(picture[..., 0], cmap="gray_r")
    ax.set_title(label, fontsize="small")
    ax.axis("off")

# %% [markdown]
# ## 1. How large a network, for how many examples?
#
# The network has one hidden layer of ReLU units. We train it with 2 to 256 units on 50 to 1,000 examples,
# each combination on several draws of the data and initial weights, without any regularization, for equally
# many epochs.


# %%
def network(size, seed):
    return build_mlp(split.input_shape, split.num_classes, units=(size,), seed=seed)


def subsets(repeat):
    return nested_subsets(load(1430, seed=repeat), (50, 200, 1000))


grid = capacity_grid(network, subsets, (2, 8, 32, 256), repeats=5, epochs=80)

figure, axes = plt.subplots(1, 2, figsize=(11, 4.4), layout="constrained")
grid.plot_by_size(axes[0])
grid.plot_map(axes[1])
print(grid.summary())

# %% [markdown]
# The training error (dashed) falls to zero as soon as the network is large enough to learn its examples by
# heart. The textbook curve would now let the test error rise again. Look whether it does: for networks
# trained like this one, often far more weights than examples do little harm, and what lowers the error is
# more data.
#
# The lecture has bounds for how many examples make an error rate ε sure. Baum and Haussler (1989) prove, for
# threshold units and ε up to 1/8, that of the order of (w/ε) log(h/ε) examples *suffice* for w weights and h
# units, whatever the problem, if at most ε/2 of them are misclassified; that so many are *needed* is not what
# they say. The rule of ten examples for a weight is w/ε at ε = 0.1. Beside them, the number with which this
# grid reached ε = 1/8:

# %%
grid.bounds(error=0.125)

# %% tags=["claim"]
test, train = grid.means("test")[0], grid.means("train")[0]
fewest, most = grid.sizes[0], grid.sizes[-1]
claim(lambda: (train[-1] < 0.01).all(), f"{most} units learn their examples by heart", whole_run=True)
claim(
    lambda: (test[-1] <= test.min(axis=0) + 0.01).all(),
    f"{most} units, with far more weights than examples, do little harm",
    whole_run=True,
)
claim(lambda: (test[:, 0] > test[:, -1]).all(), "more examples help a network of every size", whole_run=True)
claim(
    lambda: grid.difference(fewest, most, train_rows=grid.train_rows[-1])[1][0] > 0,
    f"with the most examples, the error of {fewest} units is shown to be larger than that of {most}",
    whole_run=True,
)
claim(
    lambda: test[0, -1] > test[-1, -1],
    f"with the most examples, {fewest} units have a larger error on average than {most}",
)


# %% [markdown]
# ## 2. When should training stop?
#
# The network is trained far too long, and its test error is watched at every epoch. No network is stopped by
# it; the sentences below choose an epoch with some of the networks and judge it on the others.
# %%
def regularized(regularization, seed, units=(64,)):
    return build_mlp(
        split.input_shape, split.num_classes, units=units, regularization=regularization, seed=seed
    )


record = overtraining(partial(regularized, None), partial(load, 400), epochs=60, repeats=9)
figure, axes = plt.subplots(1, 2, figsize=(11, 4.2), layout="constrained")
record.plot(axes[0])
record.plot(axes[1], metric="accuracy")
print(record.summary())
print(record.summary("accuracy"))

# %% [markdown]
# Two measures, two answers. The cross-entropy has its minimum well before the end: later the network becomes
# too sure of its mistakes. The accuracy may go on rising or stay where it is, because it does not ask how
# sure the network was.
#
# Early stopping keeps the weights of the best epoch on the *validation* part, and gives up after `patience`
# epochs without improvement. What would each patience have chosen, and what did waiting cost? The curves are
# recorded, so no network has to be trained for the answer:

# %%
replay = replay_patience(record, patience=(1, 2, 5, 10, 20), min_delta=(0.0, 0.01))
replay.plot()
print(replay.summary())

# %% tags=["claim"]
if split.name == "mnist":
    claim(
        lambda: record.optimum()[0] < 0.75 * record.shape[1],
        "the cross-entropy has its minimum well before the end",
        whole_run=True,
    )
    claim(
        lambda: record.harm()[1].mean() > 0,
        "training on to the end raises the cross-entropy",
        whole_run=True,
    )

# %% [markdown]
# ## 3. L2 and L1
#
# A penalty on the weights is added to the loss: $\alpha \sum w^2$ for L2, $\alpha \sum |w|$ for L1. How do
# the errors change with $\alpha$, and what becomes of the weights?

# %%
paths = {
    penalty: penalty_path(
        partial(build_mlp, split.input_shape, split.num_classes),
        split,
        strengths,
        penalty=penalty,
        units=(64,),
        repeats=5,
        epochs=100,
    )
    for penalty, strengths in {"l2": (1e-4, 1e-3, 1e-2, 1e-1), "l1": (1e-5, 1e-4, 1e-3, 1e-2)}.items()
}
figure, axes = plt.subplots(1, len(paths), figsize=(11, 4.2), layout="constrained", squeeze=False)
for ax, path in zip(axes[0], paths.values(), strict=True):
    path.plot(ax)
for path in paths.values():
    print(path.summary())

# %% [markdown]
# Both make the weights smaller. L1 should make many of them exactly zero, but a step along its gradient jumps
# over zero and back again. A *soft threshold* after each update stops at zero: `proximal_l1`.

# %%
sparse = penalty_path(
    partial(build_mlp, split.input_shape, split.num_classes, optimizer="sgd", learning_rate=0.2),
    split,
    (1e-4, 1e-3, 3e-3),
    penalty="proximal_l1",
    units=(64,),
    repeats=5,
    epochs=100,
)
figure, axes = plt.subplots(1, 2, figsize=(11, 4.2), layout="constrained")
sparse.plot(axes[0], quantity="zeros")
sparse.plot(axes[1], quantity="units")
print(sparse.summary())

# %% tags=["claim"]
for penalty, path in paths.items():
    norms = path.values("norm").mean(axis=1)
    claim(lambda: norms[-1] < norms[0], f"the strongest {penalty} penalty makes the weights smaller")
claim(
    lambda: (paths["l1"].values("share_zero") < 0.01).all(),
    "a step along the gradient of L1 makes hardly any weight exactly zero",
)
claim(
    lambda: (sparse.values("share_zero")[-1] > 0.5).all(),
    "the strongest soft threshold makes most weights exactly zero",
)

# %% [markdown]
# ## 4. Dropout and noise
#
# Dropout switches off units at random while the network learns; input noise shifts the pixels. Each is tried
# at three strengths; the validation part chooses one; and networks on *fresh* data and weights then tell what
# it gained. Without the second step the best of three strengths would look better than it is.

# %%
noise = noise_in_the_network(
    regularized,
    lambda size, seed: load(size, seed=seed),
    sizes=(400,),
    strengths={"dropout": (0.2, 0.4, 0.6), "noise_std": (0.1, 0.2, 0.4)},
    repeats=8,
    updates=540,
)
noise.plot()
print(noise.summary())

# %% [markdown]
# ## 5. Is A better than B?
#
# Four configurations on the same ten splits of the data, with the same seeds: what counts is the difference
# on each split. The splits share examples, so the interval is that of the corrected resampled t-test (Nadeau
# and Bengio, 2003), and the p-values of the six pairs are adjusted together (Holm's method).
# "No difference shown" is an answer.

# %%
configurations = {
    "none": Regularization(),
    "L2": Regularization(l2=1e-3),
    "dropout": Regularization(dropout=0.4),
    "both": Regularization(l2=1e-3, dropout=0.4),
}
comparison = compare(
    {name: partial(regularized, knobs) for name, knobs in configurations.items()},
    monte_carlo(split, 10, validation_fraction=0.3, seed=1),
    epochs=60,
    metric="cross_entropy",
)
comparison.plot()
print(comparison.summary())

# %% [markdown]
# ## 6. How well do we know the error?
#
# One validation part of 120 images gives one number. Ten folds give ten, and every image is used to validate
# once.

# %%
folds = cross_validate(partial(regularized, configurations["both"]), k_fold(split, 10, seed=0), epochs=60)
print(folds.summary())
low, high = folds.interval("student")
print(f"Student's interval: {low:.4f} to {high:.4f}")

# %% [markdown]
# Student's interval takes the ten folds for independent. They are not, for any two share most of their
# training images, and the corrected interval is wider.

# %% tags=["claim"]
claim(
    lambda: np.ptp(folds.interval("corrected")) > np.ptp(folds.interval("student")),
    "the corrected interval is wider than Student's",
)

# %% [markdown]
# ## Exercises
#
# 1. Repeat section 1 with early stopping (`patience=10`). Which sizes does it change, and in which
#    direction?
# 2. In section 2, take three and a half times as many images. Where is the optimum now, in epochs and in
#    updates? Does training on do less harm?
# 3. Compare "dropout" with itself, from other seeds (`same_seeds=False`). What does the verdict have to be?
# 4. Independent scores would make the mean of ten folds √10 times as sure as one. As how many independent
#    folds does each interval count the ten?
#
# ## Solutions

# %%
# 1: the seeds and draws are the same, so each difference is between the same networks, stopped and not. What
# patience watches is the cross-entropy, which has its minimum early; the error rate may go on falling.
stopped = capacity_grid(
    network, subsets, grid.sizes, repeats=grid.repeats, epochs=grid.settings["epochs"], patience=10
)
for size, of_size in zip(grid.sizes, stopped.test_error - grid.test_error, strict=True):
    for rows, differences in zip(grid.train_rows, of_size, strict=True):
        mean, _, ends = mean_interval(differences)
        low, high = ends or (float("-inf"), float("inf"))  # a single repeat shows nothing
        verdict = "lower" if high < 0 else "higher" if low > 0 else "no difference shown"
        points = f"{100 * mean:+.1f} points ({100 * low:+.1f} to {100 * high:+.1f})"
        print(f"size {size}, {rows} rows: {points}, {verdict}")

# %%
# 2: an epoch has more updates now, so the optimum comes after fewer epochs and more updates; and training on
# need not do less harm, for it too goes on for more updates
more = overtraining(partial(regularized, None), partial(load, 1430), epochs=60, repeats=4)
print(more.summary())

# %% tags=["claim"]
epochs_before, epochs_now = record.optimum()[0], more.optimum()[0]
if split.name == "mnist":
    claim(
        lambda: epochs_now < epochs_before,
        "with more examples the optimum comes after fewer epochs",
        whole_run=True,
    )
    claim(
        lambda: epochs_now * more.updates_per_epoch > epochs_before * record.updates_per_epoch,
        "with more examples the optimum comes after more updates",
        whole_run=True,
    )

# %%
# 3: whatever it measures, no difference must be shown, but for one time in twenty
same = partial(regularized, configurations["dropout"])
print(
    compare(
        {"dropout": same, "dropout again": same},
        monte_carlo(split, 10, validation_fraction=0.3, seed=1),
        epochs=60,
        metric="cross_entropy",
        same_seeds=False,
    ).summary()
)

# %%
# 4: Student's counts ten, the corrected one 1 / (1/10 + validation rows / training rows), less than five
for kind in ("student", "corrected"):
    standard_error = (folds.interval(kind)[1] - folds.mean) / t.ppf(0.975, len(folds.scores) - 1)
    print(f"{kind}: {(folds.sd / standard_error) ** 2:.1f}")
folds.to_frame()
