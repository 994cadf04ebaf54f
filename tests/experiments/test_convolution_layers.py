import json
import re

import keras
import numpy as np
import pytest
from scipy.ndimage import correlate

from kerasreg.builders import build_cnn
from kerasreg.checks import InvalidInput
from kerasreg.experiments import (
    FeatureMaps,
    LayerParameters,
    ParameterTable,
    PoolingExample,
    feature_maps,
    layer_parameters,
    parameter_table,
    pooling_example,
)
from kerasreg.regularization import Regularization
from tests.helpers.refusing import refused

PICTURES = np.random.default_rng(0).uniform(size=(3, 8, 8, 1)).astype(np.float32)


@pytest.mark.parametrize(("shape", "filters", "size"), [((6, 5, 3), 4, 3), ((4, 4, 1), 2, 5)])
def test_the_counts_are_those_of_keras_layers(shape, filters, size):
    counts = layer_parameters(shape, filters, size)
    convolution = keras.Sequential([keras.Input(shape), keras.layers.Conv2D(filters, size, padding="same")])
    assert counts.convolution == convolution.count_params()
    outputs = int(np.prod(convolution.output_shape[1:]))
    dense = [
        keras.Sequential(
            [keras.Input(shape), keras.layers.Flatten(), keras.layers.Dense(units)]
        ).count_params()
        for units in (outputs, filters)
    ]
    assert [counts.dense, counts.dense_with_as_many_units] == dense


def test_the_counts_are_told_in_sentences_and_survive_json():
    counts = layer_parameters((28, 28, 1), 16)
    assert counts.summary() == (
        "A convolution of 16 filters of 3 x 3 on 28 x 28 x 1 has 160 parameters, whatever the height and "
        "width.\nA dense layer with as many outputs has 9,847,040, 61,544 times as many; one with 16 outputs "
        "has 12,560."
    )
    assert LayerParameters.from_dict(json.loads(json.dumps(counts.to_dict()))) == counts


@pytest.fixture(scope="module")
def network():
    return build_cnn(
        (8, 8, 1),
        10,
        blocks=[(4, 3, "average"), (5, 3, None)],
        dense_units=(6,),
        regularization=Regularization(normalization="batch"),
        seed=1,
    )


def test_the_rows_of_a_table_sum_to_what_keras_counts(network):
    table = parameter_table(network)
    assert table.total == network.count_params()
    moving = 2 * (4 + 5 + 6)  # of the batch normalizations, which are not trained
    assert table.trainable == table.total - moving
    shapes = {row.layer: row.output_shape for row in table.layers}
    assert shapes["conv_1_pooling"] == (4, 4, 4)
    assert shapes["output"] == (10,)
    dense = sum(row.parameters for row in table.layers if row.layer in ("hidden_1", "output"))
    assert table.share("Dense") == dense / table.total
    assert table.summary().startswith(
        f"cnn has {table.total:,} parameters, {table.trainable:,} of them trainable."
    )
    assert ParameterTable.from_dict(json.loads(json.dumps(table.to_dict()))) == table
    assert list(table.to_frame()["output_shape"])[-1] == "10"


def test_a_share_is_of_a_kind_by_name(network):
    refused(
        'kind must be the name of a class of layers, such as "Dense"; received 3.',
        lambda: parameter_table(network).share(3),
    )


def test_dense_layers_with_dropconnect_are_counted_among_the_dense_ones():
    table = parameter_table(
        build_cnn((8, 8, 1), 10, blocks=[(2, 3)], regularization=Regularization(dropconnect=0.5))
    )
    assert {row.kind for row in table.layers} >= {"Dense", "DropConnectDense"}
    assert table.share("Dense") + table.share("Conv2D") == pytest.approx(1)


def test_a_model_without_parameters_has_a_table_too():
    table = parameter_table(keras.Sequential([keras.Input((4,)), keras.layers.ReLU()], name="none"))
    assert table.summary() == "none has 0 parameters, 0 of them trainable."


def test_the_maps_are_those_computed_by_scipy_step_by_step():
    model = build_cnn((8, 8, 1), 10, blocks=[(3, 3, "average")], seed=1)
    record = feature_maps(model, PICTURES)
    assert list(record.maps) == ["conv_1", "conv_1_pooling"]
    for place in range(3):
        for number in range(3):
            kernel = record.kernels[:, :, 0, number]
            expected = np.maximum(correlate(PICTURES[place, :, :, 0], kernel, mode="constant"), 0)
            # Nine products of at most about 1, in single precision.
            np.testing.assert_allclose(record.of("conv_1", place)[number], expected, atol=1e-6)
            pooled = expected.reshape(4, 2, 4, 2).mean(axis=(1, 3))
            np.testing.assert_allclose(record.of("conv_1_pooling", place)[number], pooled, atol=1e-6)


def test_a_stage_is_a_convolution_with_its_normalization_and_activation_and_noise_is_off(network):
    noisy = build_cnn(
        (8, 8, 1),
        10,
        blocks=[(4, 3, "average"), (5, 3, None)],
        regularization=Regularization(noise_std=0.5, dropout=0.5),
        seed=1,
    )
    for model in (network, noisy):
        record = feature_maps(model, PICTURES, labels=("a", "b", "c"))
        assert list(record.maps) == ["conv_1", "conv_1_pooling", "conv_2"]
        last = keras.Model(model.inputs[0], model.get_layer("conv_2_activation").output)
        np.testing.assert_array_equal(record.maps["conv_2"], last(PICTURES, training=False))
        assert (record.maps["conv_2"] >= 0).all()
    assert record.labels == ("a", "b", "c")


def test_maps_that_are_silent_are_counted_and_the_record_survives_json():
    maps = np.stack([np.zeros((2, 2, 2)), [[[1, 0], [0, 2]], [[0, 0], [0, 3]]]], axis=-1)
    record = FeatureMaps(
        model="two",
        pictures=PICTURES[:2],
        labels=("0", "1"),
        kernels=np.ones((3, 3, 1, 2)),
        maps={"conv_1": maps},
    )
    assert record.summary() == (
        "conv_1: 2 maps of 2 x 2; 81 % of the values are 0; number of maps that are 0 everywhere in all 2 "
        "pictures: 1."
    )
    again = FeatureMaps.from_dict(json.loads(json.dumps(record.to_dict())))
    assert again.to_dict() == record.to_dict()
    assert list(record.to_frame()["silent_maps"]) == [1]


@pytest.mark.parametrize("size", [1, 2, 3])
def test_pooling_reduces_blocks_as_numpy_does(size):
    picture = np.random.default_rng(1).uniform(size=(7, 9))
    record = pooling_example(picture, size)
    rows, columns = 7 // size, 9 // size
    blocks = picture[: rows * size, : columns * size].reshape(rows, size, columns, size)
    np.testing.assert_allclose(record.maximum, blocks.max(axis=(1, 3)), rtol=1e-6)  # single precision
    np.testing.assert_allclose(record.average, blocks.mean(axis=(1, 3)), rtol=1e-6)
    again = PoolingExample.from_dict(json.loads(json.dumps(record.to_dict())))
    assert again.summary() == record.summary()
    assert record.summary().startswith(f"7 x 9 pixels become {rows} x {columns}.")


class Unbuilt(keras.Model):
    def call(self, inputs):
        return inputs


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda network: layer_parameters((28, 28), 4),
            "input_shape must be (height, width, channels); received (28, 28).",
        ),
        (
            lambda network: layer_parameters(28, 3),
            "input_shape must be (height, width, channels); received 28.",
        ),
        (
            lambda network: layer_parameters([[1], [1, 2]], 3),
            "input_shape must be (height, width, channels); received [[1], [1, 2]].",
        ),
        (
            lambda network: layer_parameters((28, 28, 1), 0),
            "filters must be a whole number of at least 1; received 0.",
        ),
        (
            lambda network: parameter_table(keras.Sequential([keras.layers.Dense(3)])),
            "model must be a Sequential or functional Keras model that is built: otherwise the outputs of "
            "its layers are not known; received Sequential.",
        ),
        (
            lambda network: feature_maps(Unbuilt(), PICTURES),
            "model must be a Sequential or functional Keras model that is built: otherwise the outputs of "
            "its layers are not known; received Unbuilt.",
        ),
        (
            lambda network: feature_maps(
                keras.Sequential([keras.Input((4,)), keras.layers.ReLU()], name="a"), [1]
            ),
            "The model 'a' has no Conv2D layer, so it has no kernels to show.",
        ),
        (
            lambda network: feature_maps(network, PICTURES[0]),
            "pictures must have shape (pictures, 8, 8, 1), at least one of them; received (8, 8, 1).",
        ),
        (
            lambda network: feature_maps(network, PICTURES, labels=[1]),
            "labels must be a list with one for each of 3 pictures; received [1].",
        ),
        (
            lambda network: feature_maps(network, PICTURES, labels=3),
            "labels must be a list with one for each of 3 pictures; received 3.",
        ),
        (
            lambda network: pooling_example(np.ones((3, 9)), 4),
            "The picture of 3 x 9 pixels is smaller than one square of 4 x 4; take a smaller size.",
        ),
    ],
)
def test_what_cannot_be_used_is_refused(call, message, network):
    with pytest.raises(InvalidInput, match=f"^{re.escape(message)}$"):
        call(network)
