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
# # Convolution, and the networks that are made of it
#
# A convolution slides a small table of numbers over a picture. It blurs, it finds edges, it counts ships;
# and a network that learns its tables from examples reads digits. This notebook asks, one after another:
#
# 1. What does a convolution do to a picture?
# 2. Can a filter count ships, and outline an oil slick?
# 3. What does it save to convolve, where one could connect everything with everything?
# 4. What does a small network learn?
# 5. How did famous networks grow?
# 6. On few digits, is a convolutional network better than one without, and what do changed pictures add?
# 7. Why is it hard to train a deep network?
#
# It follows the second half of Deremble and Tantet, *Neural network regularization and deep learning*
# (course notes, LMD/IPSL, Paris). Where luck plays a part, every comparison is made with several
# networks, and has an interval. The whole notebook takes two to three minutes.

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
from scipy import signal

from kerasreg import (
    Augmentation,
    Regularization,
    build_cnn,
    build_mlp,
    load_digits_split,
    load_mnist_subset,
    plot_augmentations,
)
from kerasreg.builders import cnn_preset
from kerasreg.checks import InvalidInput
from kerasreg.claims import claim
from kerasreg.color import to_gray
from kerasreg.data import own_picture, photograph, sea_truth
from kerasreg.experiments import (
    chain_gradients,
    commute,
    compare,
    compare_filters,
    depth_gradients,
    feature_maps,
    filter_picture,
    layer_parameters,
    parameter_table,
    pooling_example,
    ship_counting,
)

try:
    load = load_mnist_subset
    split = load(2000, seed=0)
except InvalidInput as reason:
    load = load_digits_split
    split = load(1430, seed=0)
    print(f"MNIST is not to be had here, so scikit-learn's smaller digits stand in for it. ({reason})")
    print("They are easier: read what the text says of errors as said of MNIST. And they are few: draws")
    print("of them share many of their rows, so that the intervals over draws are too narrow.")
split

# %% [markdown]
# ## 1. What does a convolution do to a picture?
#
# A color picture holds three numbers for each pixel. Filters take one: the gray level, a weighted mean.
# Eyes see green as brighter than red, and blue as the darkest, and so are the weights (ITU-R BT.601):

# %%
picture = photograph("china", largest=320)
gray = to_gray(picture)
figure, axes = plt.subplots(1, 2, figsize=(8, 2.8), layout="constrained")
axes[0].imshow(picture)
axes[1].imshow(gray, cmap="gray")
for ax in axes:
    ax.set_axis_off()
dict(zip(("red", "green", "blue"), to_gray(np.eye(3)).tolist(), strict=True))

# %% [markdown]
# A convolution gives each pixel the weighted sum of the pixels around it. The weights are the *kernel*. It
# is turned round by 180 degrees before it is laid on the picture:
#
# $$(p * k)_{ij} = \sum_{a,b} k_{ab}\, p_{i-a,\,j-b}$$
#
# So a picture of a single white pixel becomes the kernel itself. What is called a convolution in networks
# leaves the turning out. It is a cross-correlation, and shows the kernel turned round:

# %%
point = np.zeros((5, 5))
point[2, 2] = 1
numbers = np.arange(1.0, 10.0).reshape(3, 3)
print(filter_picture(point, numbers)[1:4, 1:4])
in_networks = keras.ops.conv(point[None, :, :, None], numbers[:, :, None, None], padding="same")
print(keras.ops.convert_to_numpy(in_networks)[0, 1:4, 1:4, 0])

# %% [markdown]
# For a network the turning is all the same, because it learns its kernels anyway. With the kernel turned
# round beforehand, a Keras `Conv2D` and `scipy.ndimage.convolve` must give the same. Do they? Eight
# filters, each by both libraries:

# %%
filters = compare_filters(picture, data="china")
filters.plot_filtered()
print(filters.summary())

# %% [markdown]
# They do: no pixel differs by more than rounding to single precision explains. (Red is above zero, blue
# below.)
#
# - A **box** replaces each pixel by the mean of its neighborhood. The larger the box, the stronger the
#   blur.
# - The **Laplace** kernel compares a pixel with its four neighbors. It is zero wherever the picture is
#   flat, and wherever it rises evenly; what is left are thin lines, roofs and leaves.
# - **Sharpen** is the picture minus its Laplacian.
# - **Sobel x** subtracts the left from the right, and so answers to upright edges, **Sobel y** to level
#   ones. The length of the vector of both, the magnitude, answers to edges in any direction.

# %% tags=["claim"]
level, slope = np.tile(np.arange(9.0), (9, 1)), np.add.outer(np.arange(9.0), 2 * np.arange(9.0))
claim(
    lambda: all(filters.equal(kernel) for kernel in filters.kernels),
    "SciPy and Keras give the same result but for rounding",
)
claim(
    lambda: (
        np.diff([filters.result(kernel, "reflect").std() for kernel in ("box_3", "box_7", "box_15")]) < 0
    ).all(),
    "the larger the box, the stronger the blur",
)
claim(
    lambda: np.abs(filter_picture(slope, "laplace")[1:-1, 1:-1]).max() < 1e-12,
    "the Laplacian is zero where the picture rises evenly",
)
claim(
    lambda: np.allclose(
        filters.result("sharpen"), filters.picture - filters.result("laplace"), rtol=1e-7, atol=1e-12
    ),
    "sharpening is the picture minus its Laplacian",
)
for kernel, changing in {"sobel_y": level, "sobel_x": level.T}.items():
    claim(
        lambda: (
            (filter_picture(changing, kernel)[1:-1, 1:-1] == 0).all()
            and (filter_picture(changing.T, kernel)[1:-1, 1:-1] != 0).all()
        ),
        f"{kernel} answers to edges in one direction only",
    )

# %% [markdown]
# ### What stands outside the picture?
#
# At the border the kernel asks for pixels that are not there. Somebody has to say what they are: zeros
# (`constant`, what networks call "same" padding), the nearest pixel, the picture mirrored with its edge
# pixels twice (`reflect`) or once (`mirror`), or the other side of the picture (`wrap`). The upper left
# corner, blurred by a box of 15 pixels:

# %%
axes = filters.plot_boundaries(kernel="box_15")

# %% [markdown]
# Zeros darken the border. `wrap` brings in what is on the other side. The three in the middle look alike
# here, because the sky is even. From the frame on, seven pixels further in, where the kernel no longer
# reaches the border, all are the same but for rounding.

# %% tags=["claim"]
blurred = {boundary: filters.result("box_15", boundary)[:7].mean() for boundary in filters.boundaries}
claim(
    lambda: filters.boundary_difference("box_15", interior=True).max() < 1e-12,
    "seven pixels further in, all are the same but for rounding",
)
claim(
    lambda: filters.boundary_difference("box_15", interior=False)[1:].min() > 0.1,
    "at the border the rules differ",
)
claim(
    lambda: min(blurred, key=blurred.get) == "constant",
    "zeros outside the picture darken its border",
)

# %% [markdown]
# ### Does the order matter?
#
# First blur, then Laplace; or first Laplace, then blur; or once, with one kernel that is both of them
# convolved with each other:

# %%
orders = commute(picture, "box_5", "laplace", data="china")
orders.plot()
print(orders.summary())

# %% [markdown]
# Away from the border it makes no difference, as the corner on the right shows, and one kernel does the work
# of two. That is convenient for filters, and bad news for networks: two convolutions in a row can do no more
# than a single one with a larger kernel. A network needs something between them that is not linear.

# %% tags=["claim"]
claim(lambda: orders.equal, "away from the border both orders and the joined kernel agree")
claim(lambda: orders.differences(interior=False)["other order"] > 0.01, "at the border the two orders differ")

# %% [markdown]
# ## 2. Can a filter count ships?
#
# The course's exercise is a satellite picture of the oil slick of the Deepwater Horizon, with ships around
# it. Here is a sea that the project has drawn itself, so that the truth is known. Count the ships before
# you read on.

# %%
sea = own_picture("sea")
ships, slick = sea_truth()
figure, ax = plt.subplots(figsize=(6, 4), layout="constrained")
ax.imshow(sea)
ax.set_axis_off()
# %% [markdown]
# A ship is small and bright, so the Laplacian should be far below zero there. The package's first way,
# `"laplace"`, blurs twice against the noise, takes the Laplacian, and calls a ship what lies lower than
# noise gets. Its threshold comes from the picture (median and median deviation), never from the truth.
# Scored against the truth, and beside it the second way, explained below:

# %%
counting = ship_counting(sea, ships, slick, repeats=5)
figure, axes = plt.subplots(1, 2, figsize=(12, 4.4), layout="constrained")
for ax, method in zip(axes, ("laplace", "spots"), strict=True):
    counting.plot_ships(ax, method=method)
    ax.set_xlabel(method)

# %% [markdown]
# The Laplacian answers to *every* bright bend: it takes the edge of the slick for ships. The other way,
# `"spots"`, asks for something that no linear filter can: it cuts the blurred picture at many levels, and a
# ship is a small piece that stands out over many of them. The edge of the slick hangs on the slick, and so
# is no small piece.
#
# The slick is the largest piece brighter than Otsu's threshold, which parts the gray levels into the two
# classes with the most variance between them. How much noise does all this bear? Two measures tell. F1 is
# the harmonic mean of two shares: of the ships that were found, and of the finds that are ships. The overlap
# is the number of pixels in both outlines over the number in either.

# %%
counting.plot_scores()
print(counting.summary())

# %% [markdown]
# With more noise the Laplacian's false ships become fewer again: its threshold rises with the noise, until
# the edge of the slick no longer reaches it.

# %% tags=["claim"]
false = counting.num_false("laplace").mean(axis=1)
claim(
    lambda: (counting.num_matched("spots")[0] == len(ships)).all(),
    "with the least noise, spots finds every ship",
)
claim(
    lambda: (counting.num_false("spots")[0] == 0).all(), "with the least noise, spots finds nothing but ships"
)
claim(
    lambda: (counting.num_false("laplace")[0] > len(ships)).all(),
    "with the least noise, the Laplacian takes much for ships that is none",
)
claim(
    lambda: false[-1] < 0.5 * false.max(),
    "with the most noise, the Laplacian's false ships are fewer than at their worst",
    whole_run=True,
)
claim(lambda: (counting.overlap[0] > 0.95).all(), "the slick is outlined almost exactly")

# %% [markdown]
# ## 3. What does it save to convolve?
#
# A dense layer connects every pixel with every unit. A convolution has two ideas instead: a unit sees only
# a small neighborhood, and all places share the same weights. For a digit of MNIST and for a photograph:

# %%
small, large = layer_parameters((28, 28, 1), 16), layer_parameters((224, 224, 3), 64)
print(small.summary())
print(large.summary())

# %% [markdown]
# The convolution has the same number of parameters for a stamp as for a poster. And what it has learned in
# one place it knows in all.

# %% tags=["claim"]
claim(
    lambda: (
        build_cnn((28, 28, 1), 10, blocks=((16, 3),), dense_units=()).get_layer("conv_1").count_params()
        == layer_parameters((224, 224, 1), 16).convolution
    ),
    "a convolution has the same number of parameters for a stamp as for a poster",
)
claim(
    lambda: large.dense > 1e6 * large.convolution,
    "for the photograph, a dense layer has more than a million times as many parameters as the convolution",
)

# %% [markdown]
# ## 4. What does a small network learn?
#
# Two convolutions, each followed by ReLU, which is the nonlinear part, and by a pooling; then a dense
# layer. What does pooling do? It makes the picture smaller: of each square of 2 by 2 pixels it keeps the
# largest, or the mean.

# %%
pooling = pooling_example(split.x_test[0])
pooling.plot()
print(pooling.summary())

# %%
shape, num_classes = split.input_shape, split.num_classes
blocks = ((8, 5), (16, 3))  # filters and the size of their kernels; each followed by max pooling
network = build_cnn(shape, num_classes, blocks=blocks, dense_units=(32,), seed=0)
before = feature_maps(network, split.x_test[:1])
network.fit(split.x_train, split.y_train, epochs=12, batch_size=32, verbose=0)
accuracy = network.evaluate(split.x_test, split.y_test, verbose=0, return_dict=True)["accuracy"]
print(f"{len(split.x_train):,} training images, {100 * accuracy:.1f} % of the test images right")

# %% [markdown]
# Its first kernels, which lie on the picture itself, before the training (above) and after it (below). Red
# weights are above zero, blue ones below. Each row has its own scale of colors.

# %%
maps = feature_maps(network, split.x_test[:100], labels=[f"a {label}" for label in split.y_test[:100]])
figure, axes = plt.subplots(2, blocks[0][0], figsize=(8, 2.4), layout="constrained", squeeze=False)
for row, record in zip(axes, (before, maps), strict=True):
    record.plot_kernels(row)
change = np.linalg.norm(maps.kernels - before.kernels) / np.linalg.norm(before.kernels)
print(f"Training changed the kernels by {100 * change:.0f} % of their norm.")

# %% [markdown]
# They are no textbook filters. But neighboring weights have become more alike: noise has turned into
# patches, some of them red on one side and blue on the other, as Sobel's would be. (This is a single network;
# another seed learns other kernels.) What such kernels make of a digit tells more:

# %%
maps.plot_maps()
print(maps.summary())

# %% [markdown]
# In the first maps the digit is still to be read. Some show all of it, thicker or blurred; others mostly
# some of its strokes, or an edge. Each pooling halves height and width, so that the maps tell less exactly
# *where* something is. The dense layer goes by the last ones. (Of each stage the first eight maps are drawn;
# each has its own gray levels.)

# %% tags=["claim"]
claim(lambda: (pooling.maximum >= pooling.average).all(), "the largest of a square is at least its mean")
claim(lambda: abs(pooling.average.mean() - pooling.picture.mean()) < 1e-6, "average pooling keeps the mean")
if split.name == "mnist":
    steps = [np.diff(record.kernels, axis=0).std() / record.kernels.std() for record in (before, maps)]
    claim(
        lambda: accuracy > 0.9,
        "the small network has more than 90 % of the test images right",
        whole_run=True,
    )
    claim(lambda: steps[1] < 0.9 * steps[0], "training makes neighboring weights more alike", whole_run=True)

# %% [markdown]
# ## 5. How did famous networks grow?
#
# Three networks in the style of famous ones, scaled to 28 by 28 pixels: LeNet-5 (LeCun and others, 1998),
# AlexNet (Krizhevsky and others, 2012), VGG (Simonyan and Zisserman, 2015).

# %%
tables = {
    name: parameter_table(build_cnn((28, 28, 1), 10, **cnn_preset(name)), name=name)
    for name in ("lenet", "alexnet", "vgg")
}
figure, axes = plt.subplots(1, len(tables), figsize=(13, 4), layout="constrained", squeeze=False)
for ax, table in zip(axes[0], tables.values(), strict=True):
    table.plot(ax)
for table in tables.values():
    print(table.summary())

# %%
tables["vgg"].to_frame()

# %% [markdown]
# In each of the three the layer with the most parameters is the dense one (orange) after the last pooling.
# LeNet has nearly all of its parameters in dense layers, the other two about half. VGG's convolutions (blue)
# have small kernels, two layers in a row: together they see 5 by 5 pixels, with 18 weights for each pair of
# channels where one kernel of that size has 25, and with a nonlinearity more.

# %% tags=["claim"]
claim(lambda: tables["lenet"].share("Dense") > 0.95, "LeNet has nearly all of its parameters in dense layers")
claim(
    lambda: all(0.4 < tables[name].share("Dense") < 0.6 for name in ("alexnet", "vgg")),
    "AlexNet and VGG have about half of their parameters in dense layers",
)
for name, table in tables.items():
    claim(
        lambda: max(table.layers, key=lambda row: row.parameters).kind == "Dense",
        f"the layer of {name} with the most parameters is a dense one",
    )
claim(
    lambda: signal.convolve2d(np.ones((3, 3)), np.ones((3, 3))).shape == (5, 5),
    "two kernels of 3 by 3, one after the other, see 5 by 5 pixels",
)

# %% [markdown]
# ## 6. On few digits, is a convolutional network better?
#
# Three hundred training images. A dense network of 128 units; a convolutional network like that of section
# 4; and the same with *changed* pictures: in every epoch each digit is shifted, turned, sheared and zoomed
# a little, at random, so that the network never sees the same one twice.

# %%
affine = Augmentation(translation=0.08, rotation=10, shear=0.15, zoom=0.1)
figure = plot_augmentations(split, {"affine": affine}, draws=8)

# %% [markdown]
# Each kind is trained on the same five draws of 300 images, from seeds in common, for equally many updates,
# and scored on 450 others. The difference on each draw is what counts. Nothing was chosen by these 450: the
# strengths are the package's own for digits.

# %%
cnn = partial(build_cnn, shape, num_classes, blocks=blocks, dense_units=(64,))
comparison = compare(
    {
        "CNN, changed pictures": partial(cnn, augmentation=affine),
        "CNN": cnn,
        "MLP": partial(build_mlp, shape, num_classes, units=(128,)),
    },
    [load(750, validation_fraction=0.6, seed=draw) for draw in range(5)],
    epochs=40,
    design="independent",  # draws from 60,000 images, of which few are drawn twice
)
comparison.plot()
for name in comparison.names:
    print(f"{name}: {100 * (1 - comparison.by_split(name).mean()):.1f} % error")
print(comparison.summary())

# %% tags=["claim"]
if split.name == "mnist":
    for better, worse in (("CNN", "MLP"), ("CNN, changed pictures", "CNN")):
        claim(
            lambda: comparison.pair(better, worse).decision == "better",
            f'"{better}" is better than "{worse}"',
            whole_run=True,
        )

# %% [markdown]
# Sharing weights is a kind of knowledge: a stroke is a stroke wherever it is. So are changed pictures: a
# five that leans is a five. Both stand in for examples that we do not have.

# %% [markdown]
# ## 7. Why is it hard to train a deep network?
#
# The deepest network of section 5, VGG, has nine layers with weights. What becomes of the gradient on its way
# back through so many? The course looks at the simplest deep network, a chain of five single neurons with
# sigmoids, $a_l = s(z_l)$ with $z_l = w_l a_{l-1} + b_l$, and the error $C = \frac12 (a_5 - y)^2$. The
# chain rule gives
#
# $$\frac{\partial C}{\partial b_5} = (a_5 - y)\, s'(z_5)$$
# $$\frac{\partial C}{\partial b_l} = \frac{\partial C}{\partial b_{l+1}}\, w_{l+1}\, s'(z_l), \qquad
# \frac{\partial C}{\partial w_l} = a_{l-1}\, \frac{\partial C}{\partial b_l}$$
#
# Each layer on the way back multiplies by $w\, s'(z)$. The derivative of the sigmoid is at most 1/4, so
# with weights of about 1 the gradient falls by a factor of four or more for each layer (Hochreiter, 1991;
# Bengio and others, 1994; Nielsen, 2015, chapter 5). Fifty chains, trained by gradient descent with the
# rate 0.01, their weights and biases drawn from N(0, 1):

# %%
chain = chain_gradients(5, activation="sigmoid", learning_rate=1e-2, iterations=1000, repeats=50)
figure, axes = plt.subplots(1, 2, figsize=(12, 4.4), layout="constrained")
chain.plot(axes[0])
chain.plot(axes[1], what="weight_gradients")
print(chain.summary())

# %% [markdown]
# From the last neuron (light) to the first (dark) the gradient falls by orders of magnitude, and every one
# lies below its bound (dashed, on the left). After a thousand iterations the first neuron has hardly moved.
# Is it the sigmoid's fault? The slope of tanh and of ReLU is up to 1:

# %%
chains = {
    activation: chain_gradients(5, activation=activation, repeats=50)
    for activation in ("sigmoid", "tanh", "relu")
}
for activation in ("tanh", "relu"):
    print(chains[activation].summary())

# %% [markdown]
# tanh does better, and yet its gradient falls by a factor of hundreds. Most chains of ReLUs pass on no
# gradient at all: one neuron below zero, and everything before it gets exactly 0. A network has many units
# in a layer, so that some are always on.

# %% tags=["claim"]
means = chain.magnitudes()[0][0]
moved = np.abs(chain.biases[:, -1] - chain.biases[:, 0]).mean(axis=0)


def median_ratio(activation):
    return np.nanmedian(chains[activation].ratios[:, 0])


claim(
    lambda: (np.abs(chain.bias_gradients) <= chain.bounds * (1 + 1e-12)).all(),
    "every gradient lies below its bound",
)
claim(lambda: (means[:-1] < means[1:]).all(), "each neuron has a smaller gradient than the one after it")
claim(
    lambda: means[0] < 1e-2 * means[-1],
    "from the last neuron to the first the gradient falls by orders of magnitude",
)
claim(lambda: moved[0] < 0.1 * moved[-1], "the first neuron hardly moves")
claim(lambda: median_ratio("sigmoid") < 0.2 * median_ratio("tanh"), "tanh does better than the sigmoid")
claim(lambda: median_ratio("tanh") < 0.01, "with tanh the gradient falls by a factor of hundreds")
claim(
    lambda: (chains["relu"].bias_gradients[:, 0, 0] == 0).mean() > 0.5,
    "most chains of ReLUs pass on no gradient at all",
)

# %% [markdown]
# A chain is not a network. So: real networks of 1 and of 5 hidden layers of 32 units, on scikit-learn's
# digits, trained by plain gradient descent on batches; sigmoid, tanh and ReLU; without and with batch
# normalization (Ioffe and Szegedy, 2015); their first weights either small, drawn from N(0, 0.01²) without
# a thought of how many inputs a layer has, or of Glorot's variance, 2 / (inputs + outputs), which is Keras'
# default (Glorot and Bengio, 2010). Five networks of each kind, with seeds in common.

# %%
digits = load_digits_split(1000)


def deep(depth, *, activation, normalization, seed):
    return build_mlp(
        digits.input_shape,
        digits.num_classes,
        units=(32,) * depth,
        activation=activation,
        regularization=Regularization(normalization=normalization),
        optimizer="sgd",
        learning_rate=0.1,
        seed=seed,
    )


gradients = depth_gradients(
    deep, digits, (1, 5), initializers=("small_normal", "glorot_uniform"), epochs=(20,), repeats=5
)
gradients.plot_layers()
print(gradients.summary())
# %% [markdown]
# Each panel is a kind of network with 5 hidden layers; layer 1 is the first, layer 6 the outputs. A line
# that rises to the right is a gradient that vanishes on its way back. Norms of exactly 0 have no place on a
# logarithmic axis, and are left out. Does it hurt? The error after 20 epochs, against the gradient that the
# first layer had before training; a point is a network:

# %%
figure, axes = plt.subplots(1, 2, figsize=(12, 4.8), layout="constrained", sharey=True)
gradients.plot_errors(axes[0], part="train")
gradients.plot_errors(axes[1])
fewest, most = gradients.depths[0], gradients.depths[-1]
for _, *kind in gradients.kinds(most):
    shallow, deepest = (gradients.errors((depth, *kind), "train").mean() for depth in (fewest, most))
    name = f"{kind[0]}, {kind[1] or 'no'} normalization, {kind[2]}"
    layers = f"{fewest} layer{'s' * (fewest > 1)}"
    print(f"{name}: training error {100 * shallow:.1f} % with {layers}, {100 * deepest:.1f} % with {most}")

# %% [markdown]
# - The deep **sigmoid** network begins with a gradient in its first layer that is a tiny fraction of that
#   in its last, as the chain does, and it learns nothing in twenty epochs. No way of drawing the weights
#   tried here saves it.
# - **tanh** with Glorot's weights keeps the gradient about as large in all layers, and five layers learn
#   their examples no worse than one.
# - **Small weights** without normalization make the gradient vanish for tanh and ReLU too, though before
#   training no line rises: it is as tiny in the last hidden layer as in the first. A ratio of layers alone
#   would not tell.
# - **Batch normalization** rescues the deep sigmoid network with Glorot's weights: it brings the signal of
#   each layer back to a size that the next one can use. With small weights it does so in part only, and
#   about half of the examples are still wrong after twenty epochs: Keras adds 0.001 to the variance before
#   it divides by it, and here the variance is smaller than that.
#
# All this is for one learning rate, 0.1, and twenty epochs. `gradients.comparisons()` has the interval of
# each comparison.


# %% tags=["claim"]
def kind_of(activation, initializer, *, normalization=None, depth=most):
    return depth, activation, normalization, initializer


def training_errors(*kind, **options):
    return gradients.errors(kind_of(*kind, **options), "train")


claim(
    lambda: (gradients.ratios(kind_of("sigmoid", "glorot_uniform")) < 1e-2).all(),
    "the gradient of the deep sigmoid network vanishes",
    whole_run=True,
)
for initializer in ("glorot_uniform", "small_normal"):
    claim(
        lambda: (training_errors("sigmoid", initializer) > 0.8).all(),
        f"the deep sigmoid network learns nothing from {initializer} weights",
        whole_run=True,
    )
claim(
    lambda: (training_errors("sigmoid", "glorot_uniform", normalization="batch") < 0.2).all(),
    "batch normalization rescues the deep sigmoid network with Glorot's weights",
    whole_run=True,
)
claim(
    lambda: 0.3 < training_errors("sigmoid", "small_normal", normalization="batch").mean() < 0.7,
    "with small weights, batch normalization leaves about half of the examples wrong",
    whole_run=True,
)
claim(
    lambda: (np.abs(np.log(gradients.ratios(kind_of("tanh", "glorot_uniform")))) < np.log(5)).all(),
    "tanh with Glorot's weights keeps the gradient about as large in all layers",
    whole_run=True,
)
claim(
    lambda: (
        training_errors("tanh", "glorot_uniform").mean()
        < training_errors("tanh", "glorot_uniform", depth=fewest).mean() + 0.01
    ),
    "with tanh and Glorot's weights, the deep network learns its examples no worse than the shallow one",
    whole_run=True,
)
for activation in ("tanh", "relu"):
    tiny = kind_of(activation, "small_normal")
    claim(
        lambda: (gradients.depth_ratios(tiny) < 1e-3).all(),
        f"small weights make the gradient vanish for {activation}",
        whole_run=True,
    )
    claim(
        lambda: (gradients.ratios(tiny) > 0.05).all(),
        f"with small weights and {activation} the gradient of the last hidden layer is as tiny",
        whole_run=True,
    )
    claim(
        lambda: (gradients.errors(tiny, "train") > 0.8).all(),
        f"with small weights and {activation} nothing is learned",
        whole_run=True,
    )

# %% [markdown]
# ## Exercises
#
# 1. *Unsharp masking* adds to a picture what a blur took from it: $p + (p - p * b)$ with a box $b$ of 3 by
#    3. Which single kernel does that? Check it.
# 2. Blur by a box of 3 three times over. Which kernel is that at once, and of which famous curve does it
#    remind you?
# 3. How much noise do the ships bear? Add noise with a standard deviation of 0.2 and 0.3.
# 4. The preset `lenet` pools by means, where today's networks take the largest. How many parameters change?
# 5. Give all neurons of the chain the weight 20 and the bias -10, so that $z = 0$ where the neuron before
#    says 1/2 and the slope there is the steepest. Does the gradient still vanish?
# 6. For ReLU, He and others (2015) draw weights with variance 2 / inputs. What does that change in five
#    layers, before training and after?
#
# ## Solutions
#
# <details><summary>1: open</summary>
#
# Convolution is linear, and the picture itself is the convolution with a single 1 in the middle. So the
# kernel is $2\delta - b$: -1/9 everywhere, and 2 - 1/9 in the middle.
#
# </details>

# %% cellView="form" jupyter={"source_hidden": true, "outputs_hidden": true}
# @title Solution 1, computed
twice = np.zeros((3, 3))
twice[1, 1] = 2
at_once = filter_picture(picture, twice - np.full((3, 3), 1 / 9))
step_by_step = 2 * filters.picture - filters.result("box_3")
print(f"greatest difference: {np.abs(at_once - step_by_step).max():.1e}")

# %% [markdown]
# <details><summary>2: open</summary>
#
# The kernels convolved with each other: 7 by 7 pixels, a hill that is highest in the middle. By the central
# limit theorem, the more boxes, the nearer it comes to the bell of a normal distribution. Each box adds a
# variance of (3² - 1)/12 = 2/3 along rows and along columns, so that three make 2.
#
# </details>

# %% cellView="form" jupyter={"source_hidden": true, "outputs_hidden": true}
# @title Solution 2, computed
box = np.full((3, 3), 1 / 9)
hill = signal.convolve2d(signal.convolve2d(box, box), box)
bell = np.exp(-(np.arange(-3, 4) ** 2) / 4)
print("middle row:     ", (hill[3] / hill[3].sum()).round(3))
print("normal, variance 2:", (bell / bell.sum()).round(3))

# %% [markdown]
# <details><summary>3: open</summary>
#
# With 0.2 `spots` loses hardly a ship; with 0.3 it loses some, `laplace` most of them, and the outline of
# the slick begins to fail as well.
#
# </details>

# %% cellView="form" jupyter={"source_hidden": true, "outputs_hidden": true}
# @title Solution 3, computed
noisy = ship_counting(sea, ships, slick, noise=(0.2, 0.3), repeats=5)
print(noisy.summary())

# %% tags=["claim"]
recall = {method: noisy.recall(method).mean(axis=1) for method in ("spots", "laplace")}
claim(lambda: recall["spots"][0] > 0.85, "with the lesser noise, spots loses hardly a ship (at most 15 %)")
claim(
    lambda: recall["spots"][-1] < recall["spots"][0] - 0.05,
    "with the greater noise, spots loses some ships",
    whole_run=True,
)
claim(
    lambda: recall["laplace"][-1] < 0.5,
    "with the greater noise, the Laplacian loses most ships",
    whole_run=True,
)
claim(
    lambda: noisy.overlap[-1].mean() < noisy.overlap[0].mean() - 0.05,
    "with the greater noise, the outline of the slick begins to fail",
    whole_run=True,
)

# %% [markdown]
# <details><summary>4: open</summary>
#
# None: neither kind of pooling has weights in Keras. (In the LeNet-5 of 1998 each map's pooling had two, a
# factor and a bias.)
#
# </details>

# %% cellView="form" jupyter={"source_hidden": true, "outputs_hidden": true}
# @title Solution 4, computed
lenet = cnn_preset("lenet")
largest = [block | {"pooling": "max"} for block in lenet["blocks"]]
build_cnn((28, 28, 1), 10, **lenet | {"blocks": largest}).count_params() - tables["lenet"].total

# %% [markdown]
# <details><summary>5: open</summary>
#
# With $w = 20$ and a slope of 1/4 each layer on the way back multiplies by 5: the gradient *explodes*, to
# 625 times that of the last neuron. It does so only where every $z$ is near 0, which is why the input is
# 1/2 here. And it is no better: one step of gradient descent goes so far that the sigmoids end where they
# are flat. There the gradient vanishes, and a thousand iterations later the error is what it was. (The
# target is 1/4 here: 0 or 1, where the sigmoid is flat, would be hit by luck.)
#
# </details>

# %% cellView="form" jupyter={"source_hidden": true, "outputs_hidden": true}
# @title Solution 5, computed
steep = chain_gradients(5, weights=20.0, biases=-10.0, x=0.5, y=0.25, iterations=1000)
print(steep.summary())

# %% tags=["claim"]
claim(
    lambda: abs(steep.ratios[0, 0] - 5**4) < 1e-6,
    "at first the gradient explodes to 625 times that of the last neuron",
)
claim(lambda: steep.ratios[0, -1] < 1e-3, "after training the gradient vanishes")
claim(
    lambda: steep.errors[0, -1] > 0.99 * steep.errors[0, 0], "after training the error is what it was before"
)

# %% [markdown]
# <details><summary>6: open</summary>
#
# Half of ReLU's inputs are cut off, so that Glorot's weights halve the variance of the signal in each layer
# of equal width. He's double the variance of the weights, and the gradient of the first layer before
# training is larger for it. No difference in the errors after twenty epochs is shown.
#
# </details>

# %% cellView="form" jupyter={"source_hidden": true, "outputs_hidden": true}
# @title Solution 6, computed
kinds = {"activations": ("relu",), "normalizations": (None,), "initializers": ("glorot_uniform", "he_normal")}
by_he = depth_gradients(deep, digits, (5,), epochs=(20,), repeats=5, **kinds)
glorot, he = by_he.kinds(by_he.depths[-1])
for kind in (glorot, he):
    norms = by_he.layer_norms(kind)[:, 0, 0]
    print(
        f"{kind[-1]}: gradient norm in the first layer before training {norms.min():.2g} to {norms.max():.2g}"
    )
print(by_he.summary())
for row in by_he.comparisons():
    if row["measure"] == "error":
        ends = f"{100 * row['low']:+.1f} to {100 * row['high']:+.1f}"
        print(f"difference of the validation error: {100 * row['mean']:+.1f} points ({ends})")

# %% tags=["claim"]
claim(
    lambda: (by_he.layer_norms(he)[:, 0, 0] > by_he.layer_norms(glorot)[:, 0, 0]).all(),
    "with He's weights the gradient of the first layer is larger before training",
)
claim(
    lambda: by_he.difference(he, glorot)[1][0] < 0 < by_he.difference(he, glorot)[1][1],
    "no difference in the errors after training is shown",
    whole_run=True,
)
