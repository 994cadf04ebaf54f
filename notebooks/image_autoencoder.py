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
# # An autoencoder that changes a picture's palette
#
# An autoencoder is a network whose target is its own input. It has to send the input through a narrow
# layer, and so it has to find out what its training pictures have in common. This notebook trains one on a
# *single* picture and then shows it others. It may give them back as they are; or it may redraw everything
# in the colors of the one picture it knows. It asks, one after another:
#
# 1. What does a network see of a picture?
# 2. What do ten weights make of other pictures, after they have seen one?
# 3. What makes a network redraw others in its own colors, and what makes it give back theirs: the number
#    of neurons, the number of training samples, augmentation?
# 4. What has all this to do with principal components, and what do hidden layers add?
# 5. The homework: your own pictures, in another one's palette.
#
# It follows the practical example `images_simple_mlp_autoencoder` of Z. Petříčková's course *Neural
# Networks 1*, lecture 9, at the Czech Technical University in Prague. Here every comparison is made with
# several networks and has an interval. They are trained together in one compiled program, so that the whole
# notebook takes two to three minutes.

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

import keras
import matplotlib.pyplot as plt
import numpy as np

from kerasreg import (
    Augmentation,
    Regularization,
    build_autoencoder,
    load_digits_split,
    load_mnist_subset,
    patches_split,
    plot_augmentations,
    read_picture,
    recolor,
)
from kerasreg.augmentation import augmented
from kerasreg.checks import InvalidInput
from kerasreg.claims import claim
from kerasreg.color import palette_distance, to_lab
from kerasreg.data import own_picture, photograph, pixels_split
from kerasreg.experiments import latent_map, nonlinear_gain, palette_experiment, principal_subspace
from kerasreg.intervals import mean_interval
from kerasreg.patches import patches_of, picture_of

plt.rcParams["figure.dpi"] = 72  # photographs make a notebook large

# %% [markdown]
# ## 1. What does a network see of a picture?
#
# Four pictures: two drawn by this project (`images/make_images.py`), and two photographs that come with
# scikit-learn. They are small, so that nobody has to wait. The beach is the one to train on.

# %%
beach = own_picture("beach", largest=96)
others = {
    "china": photograph("china", largest=96),
    "flower": photograph("flower", largest=96),
    "crowd": own_picture("crowd", largest=96),
}
pictures = {"beach": beach, **others}

figure, axes = plt.subplots(1, len(pictures), figsize=(11, 2.4), layout="constrained")
for ax, (name, picture) in zip(axes, pictures.items(), strict=True):
    ax.imshow(picture)
    ax.set_title(f"{name}, {picture.shape[0]} x {picture.shape[1]}", fontsize="small")
    ax.axis("off")

# %% [markdown]
# A network of this kind never sees the whole. It sees rows of numbers. A row may be a **pixel**, three
# numbers: red, green and blue, each from 0 to 1. Or it may be a **patch**, a small square: 4 x 4 pixels are
# 48 numbers. Thousands of such rows are in one small picture, so one picture is a data set.

# %%
pixels = pixels_split(beach)
patches = patches_split(beach, 4, stride=2)
for split in (pixels, patches):
    print(f"{split.name}: {len(split.x_train):,} rows of {split.input_shape} to train on,", end=" ")
    print(f"{len(split.x_validation):,} for validation, {len(split.x_test):,} for the test")

# %% [markdown]
# Neighbors in a picture are nearly equal. If they were dealt to train and validation like cards,
# validation would measure memory. So these parts are *blocks* of the picture, and no pixel is in two parts.
# Equal rows that would stand in two parts are left out; the name says how many.
#
# Patches that cross the border of two parts are left out as well. Some patches of the beach, each of which
# overlaps its neighbors by half, enlarged. And back again: where patches overlap they are averaged.

# %%
cut = patches_of(beach, 4, stride=2)
again = picture_of(cut, beach.shape, stride=2)

figure = plt.figure(figsize=(11, 2.3), layout="constrained")
left, right = figure.subfigures(1, 2, width_ratios=(3, 1))
for ax, patch in zip(left.subplots(3, 12).flat, cut[:: max(1, len(cut) // 36)], strict=False):
    ax.imshow(patch)
    ax.axis("off")
ax = right.subplots()
ax.imshow(again)
ax.set_title(f"put together from {len(cut):,} patches", fontsize="small")
ax.set_axis_off()

# %% tags=["claim"]
claim(
    lambda: np.allclose(again, beach, rtol=1e-7, atol=1e-6), "the patches of a picture make the picture again"
)
claim(lambda: np.prod(patches.input_shape) == 48, "a patch of 4 x 4 pixels has 48 numbers")

# %% [markdown]
# ## 2. Ten weights
#
# The smallest autoencoder of pixels: three numbers go in, *one* neuron stands in the middle, and three
# numbers come out. The input is the target: `model.fit(x, x)`. All pixels of the beach are taken, for what
# counts here is what the network makes of other pictures. A little L2 keeps the weights small.


# %%
def smallest_network():
    return build_autoencoder(
        (1, 1, 3), bottleneck=1, units=(), regularization=Regularization(l2=3e-4), learning_rate=0.01, seed=0
    )


x = patches_of(beach, 1)
model = smallest_network()
history = model.fit(x, x, batch_size=64, epochs=15, verbose=0)
errors = history.history["mse"]
print(f"{model.count_params()} weights; mean squared error {errors[0]:.4f} in the first epoch, ", end="")
print(f"{errors[-1]:.4f} in the last")

# %% [markdown]
# It has never seen anything but a beach. What does it make of the other pictures? Each is taken apart into
# pixels, goes through the network, and is put together again.

# %%
redrawn = {
    name: picture_of(model.predict(patches_of(picture, 1), batch_size=1024, verbose=0), picture.shape)
    for name, picture in pictures.items()
}
figure, axes = plt.subplots(2, len(pictures), figsize=(11, 4.3), layout="constrained")
for column, name in zip(axes.T, pictures, strict=True):
    for ax, picture in zip(column, (pictures[name], redrawn[name]), strict=True):
        ax.imshow(picture)
        ax.axis("off")
    column[0].set_title(name, fontsize="small")

# %% [markdown]
# The beach comes back, though not in all its colors; and everything else is sand and sea, too. Why? The
# neuron leaves each pixel *one* number, and from this number alone the network makes three. So whatever
# goes in, the colors that come out lie on a single curve through the space of all colors, and training
# has laid this curve through the colors of the beach.
#
# It can be seen. Colors are drawn here in CIELAB, a space in which equal distances look about equally
# large: lightness upwards, from blue to yellow to the right. (The third direction, from green to red, does
# not fit on the page.)

# %%
figure, axes = plt.subplots(1, 4, figsize=(11, 3.2), layout="constrained", sharex=True, sharey=True)
shown = {
    "the beach's colors": beach,
    "after the network": redrawn["beach"],
    "china's colors": pictures["china"],
    "china after the network": redrawn["china"],
}
axes[0].set_ylabel("L*: lightness")
for ax, (title, picture) in zip(axes, shown.items(), strict=True):
    lightness, _, yellow = to_lab(picture).reshape(-1, 3).T
    ax.scatter(yellow, lightness, s=4, c=picture.reshape(-1, 3), rasterized=True)
    ax.set_title(title, fontsize="small")
    ax.set_xlabel("b*: from blue to yellow")
    ax.set_facecolor("#e8e8e8")  # white sand would not be seen on white

# %% [markdown]
# Such a cloud is what we mean by a picture's **palette**: which colors there are, and how many of each,
# wherever they are in the picture. How far two palettes lie apart can be measured by what it costs to move
# one cloud into the other (`palette_distance`, a Wasserstein distance in CIELAB; a distance of about 2.3
# between two colors is just noticeable). So, whose palette did each picture come out in?

# %%
for name in others:
    to_own = palette_distance(redrawn[name], pictures[name])
    to_beach = palette_distance(redrawn[name], beach)
    print(f"{name}, redrawn: {to_own:.1f} from its own palette, {to_beach:.1f} from the beach's")

# %% [markdown]
# All three are nearer to the beach's palette than to their own, the flower only just. Its colors are the
# beach's, but not how many there are of each: most of it has become sea, whereas most of the beach is sand.


# %% tags=["claim"]
def straightness(picture):  # before the sigmoid, all outputs of a single neuron lie on a straight line
    colors = picture.reshape(-1, 3).astype(float)
    logits = np.log(colors) - np.log1p(-colors)
    spread = np.linalg.svd(logits - logits.mean(axis=0), compute_uv=False)
    return spread[1] / spread[0]


claim(lambda: model.count_params() == 10, "the network has ten weights")
claim(lambda: errors[-1] < 0.5 * errors[0], "the network learns", whole_run=True)
for name in others:
    claim(
        lambda: straightness(redrawn[name]) < 1e-3,
        f"the colors of the redrawn picture of {name} lie on a single curve",
    )
    claim(
        lambda: palette_distance(redrawn[name], beach) < palette_distance(redrawn[name], pictures[name]),
        f"{name} redrawn is nearer to the beach's palette than to its own",
        whole_run=True,
    )

# %% [markdown]
# ## 3. Whose colors come out?
#
# One network shows what can happen. Now the experiment: what does it depend on? Three things are varied.
#
# - **Neurons** in the narrow layer. More of them leave more of the input. The networks see patches of 4 x 4
#   pixels here, and have a hidden layer of 32 tanh units on either side of the narrow one.
# - **Training samples**: how many different patches of the beach there are to learn from.
# - **Augmentation**: half of the patches have their colors changed at random, each in its own way. What
#   must be given back is the changed patch. The network cannot rely on sand and sea any more.
#
# Look at the augmentation before it is used:

# %%
colors = Augmentation(channel_permutation=0.5, palette=0.7)
figure = plot_augmentations(
    beach,
    {
        "channels in a new order": Augmentation(channel_permutation=1.0),
        "a random palette": Augmentation(palette=0.7),
        "both, as used below": colors,
    },
)

# %% [markdown]
# Each combination is trained with five draws of patches, initial weights and orders of rows. All networks
# make equally many updates on equally large batches: one with fewer patches sees each of them more often.


# %%
def network(neurons, seed):
    return build_autoencoder(
        (4, 4, 3), bottleneck=neurons, units=(32,), activation="tanh", learning_rate=0.01, seed=seed
    )


record = palette_experiment(
    network,
    beach,
    others,
    train_sizes=(8, 64, 512),
    units=(1, 2, 4, 16),
    strategies={"no augmentation": None, "augmented colors": colors},
    repeats=5,
    updates=1500,
    training_name="beach",
)
sheet = record.plot_sheet(picture=next(iter(others)))

# %% [markdown]
# Look at the first row, then down a column, then at the lower half. Where do the beach's colors end? The
# measure is where the palette of the output lies on the way from the source's own, -1, to the beach's, +1.
# At 0 it is as far from one as from the other. Bands are 95 % intervals over the five repeats, for the mean
# of the three pictures:

# %%
record.plot_curves()
record.plot_curves(measure="error")
record.plot_curves(measure="training_error")
print(record.summary())

# %% [markdown]
# What the numbers bear out:
#
# - Few samples and no augmentation: on average over the numbers of neurons, the palette is nearer to the
#   beach's.
# - 512 patches and no augmentation: with two neurons or more the palette is now nearer to the source's own.
#   With a single one it is still nearer to the beach's.
# - With augmentation and two neurons or more it is nearer to the source's own even from eight patches. Then
#   more patches change little, for the colors come from the augmentation. Nearer does not mean near: with
#   two neurons parts of the picture come out in colors that it has nowhere. Two numbers are too few for all
#   colors.
# - The error on pictures that no network has seen is lower with 16 neurons than with one, lower with
#   augmentation, and, where there is none, lower with 512 patches than with 8.
# - On the beach itself (the last figure, whose scale is another) the error is smaller throughout. With 512
#   patches and up to four neurons it is higher with augmentation than without: the few numbers have to do for
#   all colors then.
#
# A palette is not everything. A network may have the right colors in the wrong places, or be blurred;
# hence the errors. And these are the averages of three pictures and one training picture: exercise
# 3 takes another.

# %% tags=["claim"]
_, low, high = record.means("shift")
fewest, most = record.train_sizes[0], record.train_sizes[-1]
shifts, errors_elsewhere = (
    {(row["factor"], row["strategy"]): row for row in record.effects(measure)}
    for measure in ("shift", "error")
)


def place_of(strategy):
    return record.strategies.index(strategy)


plain, changed = "no augmentation", "augmented colors"
claim(
    lambda: mean_interval(record.values("shift")[0, :, place_of(plain)].mean(axis=0))[2][0] > 0,
    f"with {fewest} patches and no augmentation, the palette is nearer to the beach's on average over the "
    "numbers of neurons",
    whole_run=True,
)
claim(
    lambda: (high[-1, 1:, place_of(plain)] < 0).all(),
    f"with {most} patches and two neurons or more, the palette is nearer to the source's own",
    whole_run=True,
)
claim(
    lambda: low[-1, 0, place_of(plain)] > 0,
    f"with {most} patches and a single neuron, the palette is still nearer to the beach's",
    whole_run=True,
)
claim(
    lambda: (high[:, 1:, place_of(changed)] < 0).all(),
    "with augmentation and two neurons or more, the palette is nearer to the source's own",
    whole_run=True,
)
claim(
    lambda: abs(shifts["train_size", changed]["mean"]) < 0.2,
    "with augmentation, more patches change little",
    whole_run=True,
)
claim(
    lambda: (
        all(row["high"] < 0 for (factor, _), row in errors_elsewhere.items() if factor == "units")
        and "units" in {factor for factor, _ in errors_elsewhere}
    ),
    "the error on pictures that no network has seen is lower with the most neurons than with the fewest",
    whole_run=True,
)
claim(
    lambda: errors_elsewhere["strategy", None]["high"] < 0,
    "the error on pictures that no network has seen is lower with augmentation",
    whole_run=True,
)
claim(
    lambda: errors_elsewhere["train_size", plain]["high"] < 0,
    f"without augmentation, that error is lower with {most} patches than with {fewest}",
    whole_run=True,
)
on_beach = record.values("training_error")
claim(
    lambda: (on_beach.mean(axis=-1) < 0.6 * record.values("error").mean(axis=-1)).all(),
    "the error on the beach itself is smaller throughout",
    whole_run=True,
)
for place, neurons in enumerate(record.units[:3]):
    claim(
        lambda: (
            mean_interval(on_beach[-1, place, place_of(changed)] - on_beach[-1, place, place_of(plain)])[2][0]
            > 0
        ),
        f"with {most} patches and units={neurons}, the error on the beach is higher with augmentation",
        whole_run=True,
    )

# %% [markdown]
# ## 4. Principal components, and what hidden layers add
#
# Take all activations away, and the autoencoder is two matrices, one after the other. The best it can do is
# known: it is principal component analysis (PCA) with as many components as the narrow layer has neurons,
# and every minimum of its error is the global one (Baldi and Hornik, 1989). Does training come there?
# Handwritten digits of 8 x 8 pixels serve as pictures now, whole ones.


# %%
def linear_network(neurons, seed):
    steps = keras.optimizers.schedules.CosineDecay(0.02, decay_steps=600)
    adam = keras.optimizers.Adam(steps, beta_1=0.95, beta_2=0.95)
    return build_autoencoder((8, 8, 1), kind="linear", bottleneck=neurons, optimizer=adam, seed=seed)


digits = load_digits_split(seed=0)
linear = principal_subspace(linear_network, digits, (2, 4, 8, 16), repeats=3, epochs=600)

figure, axes = plt.subplots(1, 2, figsize=(13, 4.2), layout="constrained")
linear.plot_errors(axes[0])
linear.plot_angles(axes[1])
print(linear.summary())

# %% [markdown]
# The errors are those of PCA. But the neurons are not the components: they are any basis of the same
# subspace. So subspaces are compared, by the largest angle between them. It is small where the last
# component taken has clearly more variance than the first one left out, with 2 and 4 units. With 8 and 16
# there is little variance left in either, and so little difference between them: the error hardly changes
# as the subspace turns, and training is slow to find the last bit of the way. With 2,400 epochs instead of
# 600 every one of these angles came below a thousandth of a degree.

# %% tags=["claim"]
distinct = linear.variance_ratio > 1.15  # the last component taken by the first one left out
claim(
    lambda: linear.ratio("train").max() < 1.001,
    "the errors are those of PCA, within a thousandth",
    whole_run=True,
)
claim(
    lambda: linear.largest_angle[distinct].max() < 1,
    "the angle is small where the last component taken has clearly more variance than the next",
    whole_run=True,
)
claim(
    lambda: linear.largest_angle[~distinct].mean(axis=1).min() > 10 * linear.largest_angle[distinct].max(),
    "the angle is larger where there is little difference between the two",
    whole_run=True,
)

# %% [markdown]
# And with hidden layers? The code has as many numbers as before, but encoder and decoder may bend. They
# stop by the validation part, and both are judged on test digits that neither has seen.


# %%
def bent_network(neurons, seed, shape=(8, 8, 1), units=(128,)):
    return build_autoencoder(shape, units=units, bottleneck=neurons, learning_rate=0.003, seed=seed)


gain = nonlinear_gain(bent_network, digits, (2, 4, 8, 16, 32), repeats=4, epochs=200)
gain.plot()
print(gain.summary())

# %% [markdown]
# Where the code is narrow, a bent surface fits the digits better than a flat one: PCA needs clearly more
# numbers for the same error. At 32 of 64 numbers the gain is gone. PCA has little left to lose there, and
# it finds its subspace exactly, whereas a network has to be trained.

# %% tags=["claim"]
for needed, number in zip(gain.components_needed, gain.bottlenecks, strict=True):
    if number <= 16:
        claim(
            lambda: gain.verdict(number) == "less" and (needed > 1.25 * number).all(),
            f"for {number} numbers a bent surface fits better, and PCA needs clearly more for the same error",
            whole_run=True,
        )
claim(lambda: gain.verdict(32) != "less", "at 32 numbers the gain is gone", whole_run=True)

# %% [markdown]
# Is it so with larger pictures too? Handwritten digits of MNIST, 28 x 28 pixels, are used if they are to be
# had.

# %%
try:
    handwritten = load_mnist_subset(1430, seed=0)
except InvalidInput as reason:
    handwritten = load_digits_split(1430, seed=0)
    print(f"MNIST is not to be had here, so scikit-learn's smaller digits stand in for it. ({reason})")

larger = nonlinear_gain(
    partial(bent_network, shape=handwritten.input_shape), handwritten, (2, 8, 32), repeats=3, epochs=100
)
larger.plot()
print(larger.summary())

# %% tags=["claim"]
for number in larger.bottlenecks:
    if handwritten.name == "mnist" or number < 32:
        claim(
            lambda: larger.verdict(number) == "less",
            f"with hidden layers the error is smaller for {number} numbers here too",
            whole_run=True,
        )
claim(
    lambda: (larger.pca_within_range - larger.test_mse)[larger.bottlenecks.index(32)].mean() <= 0,
    "for 32 numbers, PCA cut off between black and white loses no more than the network does",
    whole_run=True,
)

# %% [markdown]
# Few numbers go further with hidden layers here too. But look at the last but one line for 32: the network's
# output lies between black and white by construction. PCA's would too if it were cut off there, and would
# then lose no more than the network does.
#
# Two numbers a picture can be drawn. Each test picture is a point on a map; its class, which no network was
# told, gives the color.

# %%
latent = latent_map(
    lambda seed: bent_network(2, seed, shape=handwritten.input_shape, units=(128, 64)),
    handwritten,
    repeats=4,
    epochs=150,
    patience=20,
)
latent.plot_map()
latent.plot_grid()
print(latent.summary())

# %% [markdown]
# The second figure turns the question round: it draws what the decoder makes of evenly spaced points of the
# map. Look where PCA's map fades from one digit into another, and what lies between two digits on the
# autoencoder's. (The network drawn is the one of four with the least validation error. Hinton and
# Salakhutdinov, 2006, figure 3, compared such maps for a deeper network.)

# %% tags=["claim"]
claim(
    lambda: mean_interval(latent.accuracy)[2][0] > latent.pca_accuracy,
    "the autoencoder's map keeps the classes better apart than PCA's",
    whole_run=True,
)
claim(
    lambda: (latent.test_mse < latent.pca_test_mse).all(),
    "the autoencoder loses less than PCA of pictures that it has not seen",
    whole_run=True,
)

# %% [markdown]
# ## 5. Homework: your picture in another palette
#
# Alter the palette of a picture of your own strongly, by an autoencoder that has seen another picture only.
# Write an augmentation of your own, and say what it changed: distances of palettes are printed with each
# result.
#
# Put the paths of your pictures here: first the one to redraw, then the one whose palette it shall have. In
# Colab set `upload` to `True` instead and run the cell: it asks for the one, then for the other. Then run the
# cells below again. For what you do not give, scikit-learn's china and the project's butterfly stand in.

# %%
my_pictures = []  # such as ["holiday.jpg", "painting.png"]
upload = False

if upload and "google.colab" not in sys.modules:
    print("This is not Colab: put the paths into my_pictures instead.")
elif upload:
    from google.colab import files

    for role in ("the picture to redraw", "the picture whose palette it shall have"):
        print(f"Choose {role}:")
        my_pictures += list(files.upload())[:1]
standing_in = [photograph("china", largest=256), own_picture("butterfly")]
image, training_image = [*my_pictures, *standing_in[len(my_pictures) :]][:2]

# %% [markdown]
# `recolor` is all of the above in one call: it reads both pictures (of any kind, upright, scaled down if
# large), trains on the second, redraws the first and returns it. How many neurons? By default it suggests a
# number from the input's size, the square root of how many numbers a row has: 2 for the 3 numbers of a
# pixel, 7 for the 48 of a patch of 4 x 4 pixels. Beside them, a single neuron:

# %%
settings = {
    "a pixel, 1 neuron": {"units": 1},
    "a pixel, 2 neurons (suggested)": {},
    "a 4 x 4 patch, 1 neuron": {"patch_size": 4, "units": 1},
    "a 4 x 4 patch, 7 neurons (suggested)": {"patch_size": 4},
}
results = {name: recolor(image, training_image, **options) for name, options in settings.items()}


def tell_palettes(name, result):
    redrawn, own, trained_on = map(read_picture, (result, image, training_image))
    to_own, to_training = palette_distance(redrawn, own), palette_distance(redrawn, trained_on)
    print(f"{name}: {to_own:.1f} from its own palette, {to_training:.1f} from the training picture's")


for name, result in results.items():
    tell_palettes(name, result)
figure, axes = plt.subplots(1, len(results), figsize=(12, 2.5), layout="constrained", squeeze=False)
for ax, (name, result) in zip(axes[0], results.items(), strict=True):
    ax.imshow(result)
    ax.set_title(name, fontsize="small")
    ax.axis("off")

# %% [markdown]
# For the pictures that stand in, a single neuron takes the palette over, for pixels and for patches: the
# result is nearer to the training picture's. With the number suggested it is nearer to its own palette, and
# yet the network has changed it.

# %% [markdown]
# Now an augmentation of your own. It is a function from pictures to pictures: it gets an array of shape (n,
# height, width, 3) with values in [0, 1], and returns one of the same shape and range. If it has a
# parameter `seed`, it gets one, and the result can be repeated. This one makes each patch lighter or
# darker by a gamma curve, as picture editors do. Replace it.


# %%
def my_augmentation(pictures, seed):
    random = np.random.default_rng(seed)
    gamma = random.uniform(0.4, 2.5, size=(len(pictures), 1, 1, 1))
    return pictures**gamma


figure = plot_augmentations(beach, {"mine": my_augmentation})

# %% [markdown]
# What comes back is checked. If a function leaves the range, an error says so before anything is trained:

# %%
try:
    augmented(beach[np.newaxis], lambda pictures: pictures + 0.5)
except InvalidInput as reason:
    print(reason)

# %% [markdown]
# The homework, then. Original, result and a figure of both beside the training picture are saved in the
# folder `recolored`; in Colab you find it in the list of files. What did your augmentation change? Compare
# the two lines.

# %%
result = recolor(image, training_image, units=1, augmentation=my_augmentation, directory="recolored")
tell_palettes("without my augmentation", results["a pixel, 1 neuron"])
tell_palettes("with it", result)
figure, ax = plt.subplots(figsize=(11, 3.6), layout="constrained")
ax.imshow(plt.imread("recolored/figure.png"))
ax.set_axis_off()


# %% tags=["claim"]
if not my_pictures:
    own, trained_on = read_picture(image), read_picture(training_image)
    for name, result in results.items():
        to_own, to_training = (
            palette_distance(read_picture(result), palette) for palette in (own, trained_on)
        )
        claim(
            lambda: (to_training < to_own) == ("1 neuron" in name),
            f"{name}: a single neuron takes the palette over, and the number suggested does not",
            whole_run=True,
        )
        claim(lambda: to_own > 10, f"{name}: the network has changed the picture's palette", whole_run=True)

# %% [markdown]
# ## Exercises
#
# 1. How many weights has an autoencoder of 4 x 4 patches with one neuron and no hidden layer? And with 48
#    neurons: could it then give back every patch exactly?
# 2. Train the ten weights on `pixels.x_train`, and compare their errors on it and on `pixels.x_validation`.
#    What went wrong, and is it overfitting?
# 3. The crowd has many more colors than the beach. Guess: are 64 of its patches better to train on, for
#    china and the flower, with four neurons and no augmentation?
# 4. Mirrored patches are an augmentation too. Do they bring a picture's own colors back?
# 5. Why do the neurons of a linear autoencoder not have to be the principal components, though its error is
#    the same?
#
# ## Solutions
#
# Try first. The answers open by a click.

# %% [markdown]
# <details> <summary>Solution 1</summary>
#
# 48 weights lead to the neuron, 48 lead on, and there are 1 + 48 biases: 145. With 48 neurons nothing is
# narrow any more, and the network comes close to every patch. It is still not exact: what comes out is the
# sigmoid of a linear function, which is not the identity. With `output_activation="linear"` it could be.
#
# </details>

# %% cellView="form" jupyter={"source_hidden": true, "outputs_hidden": true}
# @title Solution 1, computed
small = build_autoencoder((4, 4, 3), bottleneck=1, units=())
small.count_params()

# %% [markdown]
# <details> <summary>Solution 2</summary>
#
# The validation error is several times as large as the training error. Ten weights and thousands of pixels:
# this is not overfitting. The parts are blocks of the picture, few and large, and in this draw little of
# the sea is in the train part: the network knows sand, and is asked about the sea. It is the same as with
# the other pictures. Other seeds of `pixels_split` draw other blocks.
#
# </details>

# %% cellView="form" jupyter={"source_hidden": true, "outputs_hidden": true}
# @title Solution 2, computed
on_blocks = smallest_network()
on_blocks.fit(pixels.x_train, pixels.x_train, batch_size=64, epochs=15, verbose=0)
blue_share, mse = {}, {}
for part in ("train", "validation"):
    rows = getattr(pixels, f"x_{part}")
    mse[part] = on_blocks.evaluate(rows, rows, batch_size=1024, verbose=0, return_dict=True)["mse"]
    blue_share[part] = (rows[..., 2] > rows[..., 0]).mean()
    print(
        f"{part}: error {mse[part]:.4f}, {100 * blue_share[part]:.0f} % of the pixels have more blue than red"
    )

# %% tags=["claim"]
claim(lambda: small.count_params() == 145, "the network has 145 parameters")
claim(
    lambda: mse["validation"] > 3 * mse["train"],
    "the validation error is several times as large as the training error",
    whole_run=True,
)
claim(lambda: blue_share["train"] < 0.25 < blue_share["validation"], "little of the sea is in the train part")

# %% [markdown]
# <details> <summary>Solution 3</summary>
#
# No difference is shown: six repeats leave room for a little less error and for a little more, so that the
# crowd's many colors are not shown to help. (The networks have the same initial weights and orders for both
# pictures, so the differences are paired by repeat.)
#
# </details>

# %% cellView="form" jupyter={"source_hidden": true, "outputs_hidden": true}
# @title Solution 3, computed
unseen = {name: pictures[name] for name in ("china", "flower")}
by_training = {
    name: palette_experiment(
        network,
        pictures[name],
        unseen,
        train_sizes=(64,),
        units=(4,),
        strategies={"no augmentation": None},
        training_name=name,
        repeats=6,
    ).values("error")[0, 0, 0]
    for name in ("beach", "crowd")
}
difference, _, ends = mean_interval(by_training["crowd"] - by_training["beach"])
low, high = ends or (float("-inf"), float("inf"))  # a single repeat shows nothing
print(f"error after the crowd less that after the beach: {difference:+.3f} ({low:+.3f} to {high:+.3f})")

# %% tags=["claim"]
claim(lambda: low < 0 < high, "no difference is shown", whole_run=True)

# %% [markdown]
# <details> <summary>Solution 4</summary>
#
# Hardly, for a mirrored patch has the colors that it had. Geometry teaches structure; colors are taught
# by changes of color. (Any Keras layer can be a strategy.)
#
# </details>

# %% cellView="form" jupyter={"source_hidden": true, "outputs_hidden": true}
# @title Solution 4, computed
mirrored = palette_experiment(
    network,
    beach,
    others,
    train_sizes=(8,),
    units=(4,),
    strategies={
        "no augmentation": None,
        "mirrored": keras.layers.RandomFlip(),
        "augmented colors": colors,
    },
    training_name="beach",
    repeats=6,
)
for effect in mirrored.effects():
    if effect["factor"] == "strategy":
        print(f"{effect['of']}: {effect['mean']:+.2f} ({effect['low']:+.2f} to {effect['high']:+.2f})")

# %% tags=["claim"]
by_strategy = {row["of"]: row for row in mirrored.effects() if row["factor"] == "strategy"}
claim(
    lambda: by_strategy["augmented colors"]["high"] < 0,
    "changed colors bring a picture's own colors back",
    whole_run=True,
)
claim(
    lambda: by_strategy["augmented colors"]["mean"] < by_strategy["mirrored"]["mean"] - 0.4,
    "mirrored patches hardly do, compared with them",
    whole_run=True,
)

# %% [markdown]
# <details> <summary>Solution 5</summary>
#
# Put any invertible matrix behind the encoder and its inverse before the decoder: the output is the same,
# and the neurons are different. The error fixes the subspace, not a basis of it.
#
# </details>
