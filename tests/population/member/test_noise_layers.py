"""The masks and the noise of members have their rates, and come from their seeds alone."""

import keras
import numpy as np
from keras import layers

from kerasreg.layers import DropConnectDense
from kerasreg.population import fit_population
from tests.helpers.populations import assert_same_weights, classes, fit_together, glorot, sequential, split_of


def test_masks_are_those_of_the_seed():
    """Equal networks and batches: what differs comes from the seed of the dropout alone."""

    def net(seed):
        return sequential(
            (8,),
            layers.Dropout(0.5, seed=seed),
            layers.Dense(3, kernel_initializer=glorot(1)),
        )

    models = [net(1), net(1), net(2)]
    fit_together(models, classes(), epochs=2)
    first, same, other = (model.get_weights() for model in models)
    assert_same_weights(first, same, rtol=0, atol=0)
    assert np.abs(first[0] - other[0]).max() > 1e-3


def test_a_training_continued_from_its_weights_draws_the_masks_of_the_later_epochs():
    """Plain SGD remembers nothing, so that 3 epochs are 1 and then 2."""

    def net():
        layer = layers.Dense(3, kernel_initializer=glorot(1))
        return sequential((8,), layers.Dropout(0.5, seed=1), layer, optimizer=keras.optimizers.SGD(0.1))

    whole, parts = net(), net()
    fit_together([whole], classes(), epochs=3)
    fit_together([parts], classes(), epochs=1)
    history = fit_together([parts], classes(), epochs=3, initial_epoch=1)
    assert_same_weights(parts.get_weights(), whole.get_weights())
    assert len(history[0].history) == 2
    assert (history[0].initial_epoch, history[0].to_row()["epochs"]) == (1, 2)


INPUTS = 3000


def revealed(layer, *, rank=1):
    """Trains one step on one row of ones and returns the values that the output layer saw.

    Its weights begin at 0, its targets are 1, and the gradient of the squared error is -2 times its inputs.
    """
    shape = (INPUTS,) if rank == 1 else (2, 2, INPUTS)
    net = [layer, layers.Flatten()] if rank > 1 else [layer]
    if not isinstance(layer, layers.Dense):
        net.append(layers.Dense(1, kernel_initializer="zeros"))
    return sequential(shape, *net, loss="mse", optimizer=keras.optimizers.SGD(0.5))


def one_row_of_ones(shape):
    x = np.stack([np.ones(shape), np.zeros(shape)]).astype(np.float32)
    return split_of(x, np.ones((2, 1), np.float32), train=1, validation=0)


def kernels_after_a_step(models, shape):
    history = fit_population(models, one_row_of_ones(shape), epochs=1, batch_size=4)
    assert [member.best_epoch for member in history] == [0] * len(models)
    return [
        next(layer.kernel.numpy() for layer in model.layers if hasattr(layer, "kernel")) for model in models
    ]


RATES = (0.0, 0.2, 0.7)


def assert_dropped(kernel, rate):
    """Values are 0 with probability `rate`, within 5 standard errors, or 1 / (1 - rate)."""
    dropped = kernel == 0
    assert abs(dropped.mean() - rate) <= 5 * (rate * (1 - rate) / kernel.size) ** 0.5
    np.testing.assert_allclose(kernel[~dropped], 1 / (1 - rate), rtol=1e-5)


def test_dropout_drops_at_each_members_rate():
    models = [revealed(layers.Dropout(rate, seed=1)) for rate in RATES]
    for kernel, rate in zip(kernels_after_a_step(models, (INPUTS,)), RATES, strict=True):
        assert_dropped(kernel, rate)


def test_dropconnect_drops_at_each_members_rate():
    models = [revealed(DropConnectDense(1, rate=rate, seed=1, kernel_initializer="zeros")) for rate in RATES]
    for kernel, rate in zip(kernels_after_a_step(models, (INPUTS,)), RATES, strict=True):
        assert_dropped(kernel, rate)


def test_spatial_dropout_drops_whole_channels():
    models = [revealed(layers.SpatialDropout2D(rate, seed=1), rank=3) for rate in RATES]
    for kernel, rate in zip(kernels_after_a_step(models, (2, 2, INPUTS)), RATES, strict=True):
        pixels = kernel.reshape(4, INPUTS)
        assert (pixels == pixels[0]).all()
        assert_dropped(pixels[0], rate)


def assert_normal(kernel, deviation):
    """Mean 1 and the deviation given, within 5 standard errors."""
    assert abs(kernel.mean() - 1) < 5 * deviation / INPUTS**0.5
    assert abs(kernel.std() / deviation - 1) < 5 / (2 * INPUTS) ** 0.5


def test_noise_has_each_members_deviation():
    deviations = (0.1, 0.5)
    models = [revealed(layers.GaussianNoise(deviation, seed=1)) for deviation in deviations]
    for kernel, deviation in zip(kernels_after_a_step(models, (INPUTS,)), deviations, strict=True):
        assert_normal(kernel, deviation)


def test_gaussian_dropout_has_the_deviation_of_its_rate():
    rates = (0.1, 0.5)
    models = [revealed(layers.GaussianDropout(rate, seed=1)) for rate in rates]
    for kernel, rate in zip(kernels_after_a_step(models, (INPUTS,)), rates, strict=True):
        assert_normal(kernel, (rate / (1 - rate)) ** 0.5)
