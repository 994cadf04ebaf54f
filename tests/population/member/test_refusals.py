"""What no population trains as Keras would is refused by name."""

import keras
import pytest
from keras import layers

from kerasreg.population.member.member import read_member
from kerasreg.population.member.part import UnstackableModel
from tests.helpers.populations import compiled_model, sequential

ADVICE = (
    ", which a population cannot train. Change it, or pass fallback=True to train such models one by one."
)


class Custom(layers.Layer):
    def call(self, inputs):
        return inputs


def custom_activation(values):
    return values


REFUSED = [
    (lambda: Custom(), "is of a kind that cannot be stacked"),
    (lambda: layers.UnitNormalization(), "is of a kind that cannot be stacked"),
    (
        lambda: layers.Dense(2, custom_activation),
        f"has the activation {custom_activation!r}, which is not one of Keras' functions",
    ),
    (
        lambda: layers.Dense(2, "threshold"),
        "has the activation 'threshold', which does not turn each value into one",
    ),
    (
        lambda: layers.Dense(2, kernel_regularizer="orthogonal_regularizer"),
        "has a kernel regularizer that is neither L1 nor L2",
    ),
    (
        lambda: layers.Dense(2, kernel_regularizer=lambda kernel: 0.0),  # of which Keras would warn
        "has a kernel regularizer that is neither L1 nor L2",
    ),
    (
        lambda: layers.Dense(2, bias_constraint="non_neg"),
        "has a bias constraint that is neither MaxNorm nor ProximalL1",
    ),
    (lambda: layers.Dense(2, activity_regularizer="l2"), "has an activity regularizer"),
    (lambda: layers.Activation("relu", activity_regularizer="l2"), "has an activity regularizer"),
    (
        lambda: layers.Dense(2, dtype="float64"),
        "has compute_dtype='float64' where a population needs 'float32'",
    ),
    (
        lambda: layers.Dropout(0.5, noise_shape=(None, 8)),
        "has noise_shape=(None, 8) where a population needs None",
    ),
    (lambda: layers.Rescaling([2.0] * 8), "has a scale or offset that is not a single number"),
]


PICTURES_REFUSED = [
    (
        lambda: layers.Conv2D(2, 3, dilation_rate=2),
        "has dilation_rate=(2, 2) where a population needs (1, 1)",
    ),
    (lambda: layers.Conv2D(2, 3, groups=2), "has groups=2 where a population needs 1"),
    (
        lambda: layers.Conv2DTranspose(2, 3, strides=2, output_padding=1),
        "has output_padding=(1, 1) where a population needs None",
    ),
    (lambda: layers.BatchNormalization(axis=1), "normalizes along axis 1 instead of the last one"),
    (lambda: layers.LayerNormalization(axis=(1, 2)), "normalizes along axis [1, 2] instead of the last one"),
    (lambda: layers.Softmax(axis=1), "has axis=1 where a population needs -1"),
    (
        lambda: layers.UpSampling2D(2, interpolation="bilinear"),
        "has interpolation='bilinear' where a population needs 'nearest'",
    ),
    (lambda: layers.RandomRotation(0.1), "has fill_mode='reflect' where a population needs 'constant'"),
    (
        lambda: layers.RandomZoom(0.1, fill_mode="constant", interpolation="nearest"),
        "has interpolation='nearest' where a population needs 'bilinear'",
    ),
    (lambda: layers.RandomFlip(), "is of a kind that cannot be stacked"),
]


@pytest.mark.parametrize(
    ("make", "what"),
    REFUSED + PICTURES_REFUSED,
    ids=lambda value: value[:40] if isinstance(value, str) else "",
)
def test_a_layer_that_is_not_covered_is_refused_by_name(make, what):
    layer = make()
    shape = (6, 6, 2) if (make, what) in PICTURES_REFUSED else (8,)
    with pytest.raises(UnstackableModel) as error:
        read_member(sequential(shape, layer, layers.Flatten(), layers.Dense(3)))
    assert str(error.value) == f"The layer {layer.name!r} ({type(layer).__name__}) {what}{ADVICE}"


def shared():
    inputs, layer = keras.Input((4,)), layers.Dense(4, name="twice")
    return compiled_model(keras.Model(inputs, layer(layer(inputs)), name="net"))


def half_frozen():
    model = sequential((4,), layers.Dense(3, name="half"))
    model.layers[0].bias.trainable = False
    return model


def cut_short():
    inputs = keras.Input((4,))
    middle = layers.Dense(3, name="middle")(inputs)
    end = layers.Dense(3, name="end")(middle)
    model = keras.Model(inputs, [middle, end], name="net")
    return compiled_model(model, loss="mse")


def two_inputs():
    inputs = [keras.Input((4,)), keras.Input((4,))]
    return compiled_model(keras.Model(inputs, layers.Add()(inputs), name="net"), loss="mse")


def operation():
    inputs = keras.Input((4,))
    return compiled_model(keras.Model(inputs, layers.Dense(3, name="end")(inputs * 2.0), name="net"))


class Subclass(keras.Model):
    pass


def subclass():
    inputs = keras.Input((4,))
    return compiled_model(Subclass(inputs, layers.Dense(3)(inputs)))


def not_compiled():
    return keras.Sequential([keras.Input((4,)), layers.Dense(3)], name="net")


def not_built():
    model = keras.Sequential([layers.Dense(3)], name="net")
    return compiled_model(model)


def undecayed():
    optimizer = keras.optimizers.AdamW()
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    return sequential((4,), layers.Dense(3), optimizer=optimizer)


INPUTS = "The model 'net' must be built and have one input and one output; begin it with keras.Input."


MODELS_REFUSED = [
    (shared, "The output of the model 'net' is not that of its last layer."),
    (half_frozen, f"The layer 'half' (Dense) has 'bias' frozen and other weights not{ADVICE}"),
    (cut_short, INPUTS),
    (two_inputs, INPUTS),
    (not_built, INPUTS),
    (operation, f"The layer 'end' (Dense) takes something else than the output of a layer before it{ADVICE}"),
    (subclass, "A population trains Sequential and functional Keras models; received Subclass."),
    (not_compiled, "The model 'net' is not compiled; call its compile() first."),
    (
        undecayed,
        "The optimizer excludes weights from weight decay, which a population cannot do. Pass "
        "fallback=True to train such models one by one.",
    ),
]


@pytest.mark.parametrize(
    ("make", "message"), MODELS_REFUSED, ids=lambda value: getattr(value, "__name__", "")
)
def test_a_model_that_is_not_covered_is_refused(make, message):
    model = make()
    with pytest.raises(UnstackableModel) as error:
        read_member(model)
    assert str(error.value) == message


def test_tensors_of_different_shapes_are_not_joined():
    inputs = keras.Input((4,))
    pair = [layers.Dense(2)(inputs), layers.Dense(1)(inputs)]
    model = compiled_model(keras.Model(inputs, layers.Dense(3)(layers.Add(name="join")(pair))))
    with pytest.raises(UnstackableModel) as error:
        read_member(model)
    shapes = "['(None, 1)', '(None, 2)']"
    assert str(error.value) == f"The layer 'join' (Add) joins tensors of different shapes, {shapes}{ADVICE}"


def test_a_picture_is_not_joined_along_its_rows():
    inputs = keras.Input((4, 4, 1))
    model = keras.Model(
        inputs, layers.Dense(3)(layers.Flatten()(layers.Concatenate(axis=1, name="j")([inputs, inputs])))
    )
    with pytest.raises(UnstackableModel) as error:
        read_member(compiled_model(model))
    assert (
        str(error.value) == f"The layer 'j' (Concatenate) joins along axis 1 instead of the last one{ADVICE}"
    )


def test_inputs_of_any_size_are_refused():
    inputs = keras.Input((None, None, 1))
    outputs = layers.Dense(3)(layers.GlobalAveragePooling2D()(layers.Conv2D(2, 3)(inputs)))
    with pytest.raises(UnstackableModel) as error:
        read_member(compiled_model(keras.Model(inputs, outputs, name="net")))
    assert str(error.value) == "The model 'net' takes inputs of any size, (None, None, 1); fix the size."
