"""Every knob, in the networks of every builder."""

import keras
import numpy as np
import pytest

from kerasreg.layers import DropConnectDense
from kerasreg.regularization import Regularization
from tests.helpers.networks import (
    BUILDERS,
    EVERY_BUILDER_AND_KNOB,
    KNOBS,
    NUMBERS_ALONE,
    applies,
    batch_for,
    evaluated,
    kernels,
    train_a_step,
)

every_builder = pytest.mark.parametrize("builder", BUILDERS)
every_knob = pytest.mark.parametrize(("builder", "knob"), EVERY_BUILDER_AND_KNOB)


def build(builder: str, *, seed: int = 0, optimizer: object = "adam", **knobs) -> keras.Model:
    return BUILDERS[builder](regularization=Regularization(**knobs), seed=seed, optimizer=optimizer)


def output(model: keras.Model, x: np.ndarray, *, training: bool = False) -> np.ndarray:
    return keras.ops.convert_to_numpy(model(x, training=training))


def hidden_kernels(model: keras.Model) -> dict[str, np.ndarray]:
    return {name: kernel for name, kernel in kernels(model).items() if name != "output"}


def norms(kernel: np.ndarray) -> np.ndarray:
    """The norm of the weights coming into each unit or filter, which is the kernel's last axis."""
    return np.sqrt((kernel.astype(float) ** 2).reshape(-1, kernel.shape[-1]).sum(axis=0))


@every_builder
@pytest.mark.parametrize("knobs", [{"l1": 0.02}, {"l2": 0.03}, {"l1": 0.02, "l2": 0.03}])
def test_the_penalty_is_the_sum_over_all_kernels_and_no_bias(builder, knobs):
    model = build(builder, **knobs)
    for layer in model.layers:
        if hasattr(layer, "bias"):
            layer.bias.assign(keras.ops.ones_like(layer.bias))
    weights = np.concatenate([kernel.ravel() for kernel in kernels(model).values()]).astype(float)
    expected = knobs.get("l1", 0) * abs(weights).sum() + knobs.get("l2", 0) * (weights**2).sum()
    assert float(sum(model.losses)) == pytest.approx(expected, rel=1e-5)


@every_builder
def test_the_loss_is_penalized_and_the_metric_is_not(builder):
    model = build(builder, l1=0.02, l2=0.03)
    x, y = batch_for(builder)
    result = evaluated(model, x, y)
    metric = "mse" if "autoencoder" in builder else "cross_entropy"
    assert result["loss"] - result[metric] == pytest.approx(float(sum(model.losses)), rel=1e-4)
    plain = evaluated(build(builder), x, y)
    assert result[metric] == pytest.approx(plain[metric], rel=1e-6)


@every_builder
def test_without_a_penalty_no_kernel_has_a_regularizer(builder):
    assert build(builder).losses == []


@every_builder
@pytest.mark.parametrize("knob", ["dropout", "dropconnect", "noise_std"])
def test_what_is_random_acts_while_training_only(builder, knob):
    x, _ = batch_for(builder)
    model = build(builder, **{knob: KNOBS[knob]})
    np.testing.assert_array_equal(output(model, x), output(build(builder), x))
    assert not np.array_equal(output(model, x, training=True), output(model, x))


@every_builder
def test_dropout_layers_drop_at_the_rate_and_follow_every_hidden_dense_layer(builder):
    expected = {
        "mlp": ["hidden_1", "hidden_2"],
        "cnn": ["flatten", "hidden_1"],
        "dense autoencoder": ["encoder_1", "decoder_1"],
        "convolutional autoencoder": ["flatten", "decoder_dense"],
        "linear autoencoder": ["bottleneck"],
    }[builder]
    layers = [
        layer for layer in build(builder, dropout=0.3).layers if isinstance(layer, keras.layers.Dropout)
    ]
    assert [layer.name for layer in layers] == [f"{name}_dropout" for name in expected]
    for layer in layers:
        dropped = output(layer, np.ones((200, 50), "float32"), training=True) == 0
        assert dropped.mean() == pytest.approx(0.3, abs=0.025)  # 5 standard errors


@every_builder
def test_dropconnect_stands_in_for_the_hidden_dense_layers_alone(builder):
    model = build(builder, dropconnect=0.3)
    expected = {
        "mlp": ["hidden_1", "hidden_2"],
        "cnn": ["hidden_1"],
        "dense autoencoder": ["encoder_1", "bottleneck", "decoder_1"],
        "convolutional autoencoder": ["bottleneck", "decoder_dense"],
        "linear autoencoder": ["bottleneck"],
    }[builder]
    layers = [layer for layer in model.layers if isinstance(layer, DropConnectDense)]
    assert [layer.name for layer in layers] == expected
    assert {layer.rate for layer in layers} == {0.3}


@every_builder
def test_the_noise_on_the_input_has_its_standard_deviation(builder):
    model = build(builder, noise_std=0.2)
    x = np.full((500, 8, 8, 1), 3.0, "float32")
    noise = output(model.get_layer("input_noise"), x, training=True) - 3
    assert model.layers[0].name == "input_noise"
    assert noise.std() == pytest.approx(0.2, rel=0.02)  # 32,000 draws: 5 standard errors
    assert noise.mean() == pytest.approx(0, abs=0.006)


@every_builder
@pytest.mark.parametrize("max_norm", [None, 0.5])
def test_proximal_l1_moves_all_kernels_and_no_bias_towards_zero_after_a_step(builder, max_norm):
    x, y = batch_for(builder)
    options = {"optimizer": keras.optimizers.SGD(0.5), "seed": 0}
    free = BUILDERS[builder](**options)
    proximal = build(builder, proximal_l1=0.1, max_norm=max_norm, optimizer=keras.optimizers.SGD(0.5))
    for model in (free, proximal):
        train_a_step(model, x, y)
    for name, kernel in kernels(free).items():
        expected = np.maximum(kernel - 0.05, 0) + np.minimum(kernel + 0.05, 0)
        assert 0 < (expected == 0).mean() < 1, name
        if max_norm and name != "output":
            expected *= np.minimum(norms(expected), max_norm) / norms(expected)
        np.testing.assert_allclose(kernels(proximal)[name], expected, rtol=1e-5, atol=1e-6)
    for one, other in zip(free.weights, proximal.weights, strict=True):
        if one.name == "bias":
            np.testing.assert_array_equal(one.numpy(), other.numpy())


@every_builder
def test_max_norm_bounds_the_weights_into_each_hidden_unit_after_a_step(builder):
    x, y = batch_for(builder)
    options = {"optimizer": keras.optimizers.SGD(10.0), "seed": 0}
    free = BUILDERS[builder](**options)
    bound = BUILDERS[builder](regularization=Regularization(max_norm=0.5), **options)
    for model in (free, bound):
        model.run_eagerly = True
        model.train_on_batch(x, y)
    for name, kernel in hidden_kernels(bound).items():
        assert norms(kernel).max() <= 0.5 + 1e-5, name
        assert norms(kernels(free)[name]).max() > 0.5, name
        # a unit that was within the bound has moved as it would have without
        within = norms(kernels(free)[name]) < 0.5
        np.testing.assert_allclose(
            kernel[..., within], kernels(free)[name][..., within], rtol=1e-4, atol=1e-6
        )
    np.testing.assert_allclose(kernels(bound)["output"], kernels(free)["output"], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("builder", [name for name in BUILDERS if applies(name, "normalization")])
@pytest.mark.parametrize(
    ("kind", "layer"),
    [("batch", keras.layers.BatchNormalization), ("layer", keras.layers.LayerNormalization)],
)
def test_the_normalization_stands_between_each_hidden_linear_part_and_its_activation(builder, kind, layer):
    layers = build(builder, normalization=kind).layers
    names = [layer.name for layer in layers]
    hidden = [
        name.removesuffix("_activation")
        for name in names
        if name.endswith("_activation") and name != "output_activation"
    ]
    assert hidden
    for name in hidden:
        first = names.index(name)
        assert names[first : first + 3] == [name, f"{name}_normalization", f"{name}_activation"]
        assert type(layers[first + 1]) is layer
    assert sum(isinstance(one, layer) for one in layers) == len(hidden)


@pytest.mark.parametrize("builder", ["mlp", "cnn"])
def test_label_smoothing_is_in_the_loss_and_not_in_the_metric(builder):
    x, y = batch_for(builder)
    result = evaluated(build(builder, label_smoothing=0.1), x, y)
    logits = output(build(builder), x)
    oracle = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1)
    assert result["loss"] == pytest.approx(float(oracle(np.eye(10)[y], logits)), rel=1e-5)
    plain = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    assert result["cross_entropy"] == pytest.approx(float(plain(y, logits)), rel=1e-5)


@every_knob
def test_a_knob_leaves_the_initial_weights_as_they_were(builder, knob):
    plain, regularized = kernels(build(builder)), kernels(build(builder, **{knob: KNOBS[knob]}))
    assert plain.keys() == regularized.keys()
    for name in plain:
        np.testing.assert_array_equal(plain[name], regularized[name])


@every_builder
def test_networks_that_differ_in_numbers_alone_have_the_same_layers(builder):
    def architecture(model):
        return [(type(layer), layer.name) for layer in model.layers]

    numbers = {knob: KNOBS[knob] for knob in NUMBERS_ALONE if applies(builder, knob)}
    assert architecture(build(builder, **numbers)) == architecture(build(builder))


@every_builder
def test_a_plain_network_needs_nothing_of_kerasreg_to_be_loaded(builder):
    assert "kerasreg" not in build(builder).to_json() + str(build(builder).get_compile_config())


@every_builder
def test_the_same_seed_gives_the_same_weights_and_another_gives_others(builder):
    first, again, other = (kernels(build(builder, seed=seed)) for seed in (5, 5, 6))
    for name in first:
        np.testing.assert_array_equal(first[name], again[name])
        assert not np.array_equal(first[name], other[name])


@every_builder
def test_the_same_seed_gives_the_same_masks_and_noise(builder):
    x, _ = batch_for(builder)
    knobs = {"dropout": 0.3, "dropconnect": 0.3, "noise_std": 0.2}
    first, again = (output(build(builder, seed=5, **knobs), x, training=True) for _ in range(2))
    np.testing.assert_array_equal(first, again)


@every_builder
def test_every_layer_draws_from_a_seed_of_its_own(builder):
    model = build(builder, dropout=0.3, dropconnect=0.3, noise_std=0.2)
    seeds = [layer.seed for layer in model.layers if hasattr(layer, "seed")]
    seeds += [layer.kernel_initializer.seed for layer in model.layers if hasattr(layer, "kernel_initializer")]
    assert len(set(seeds)) == len(seeds)
    assert all(isinstance(seed, int) for seed in seeds)
