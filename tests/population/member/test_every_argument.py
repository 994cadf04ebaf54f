"""No argument of a Keras class is ignored: it is read, to Keras' own result, or refused."""

import inspect

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from kerasreg.losses import SmoothedSparseCategoricalCrossentropy, StandardizedMeanSquaredError
from kerasreg.population import evaluate_population
from kerasreg.population.member.compiled import compiled_of
from kerasreg.population.member.member import READERS, read_member
from kerasreg.population.member.objectives import per_example, read_objective
from kerasreg.population.member.optimizers import read_optimizer, update
from kerasreg.population.member.part import UnstackableModel
from kerasreg.proximal import ProximalL1, proximal
from tests.helpers.populations import sequential, split_of

# What a class needs to be made at all
REQUIRED = {
    "activation": "tanh",
    "factor": 0.1,
    "filters": 2,
    "height_factor": 0.1,
    "kernel_size": 3,
    "rate": 0.1,
    "scale": 2.0,
    "stddev": 0.1,
    "strength": 0.1,
    "target_shape": (-1,),
    "units": 3,
    "variance": [2.0],
    "width_factor": 0.1,
}
# A value of each argument that is not its default
OTHER = {
    "activation": "relu",
    "activity_regularizer": "l2",
    "alpha": 0.5,
    "amsgrad": True,
    "autocast": False,
    "axis": 1,
    "beta_1": 0.5,
    "beta_2": 0.5,
    "center": False,
    "centered": True,
    "clipnorm": 1.0,
    "clipvalue": 1.0,
    "cropping": 1,
    "data_format": "channels_first",
    "dilation_rate": 2,
    "dtype": "float64",
    "ema_momentum": 0.5,
    "ema_overwrite_frequency": 2,
    "epsilon": 0.1,
    "factor": 0.2,
    "fill_mode": "wrap",
    "fill_value": 0.5,
    "filters": 3,
    "from_logits": True,
    "global_clipnorm": 1.0,
    "gradient_accumulation_steps": 2,
    "groups": 2,
    "height_factor": 0.2,
    "ignore_class": 0,
    "interpolation": "bilinear",
    "invert": True,
    "keepdims": True,
    "kernel_size": 2,
    "l1": 0.3,
    "l2": 0.3,
    "label_smoothing": 0.3,
    "learning_rate": 0.3,
    "lora_rank": 1,
    "loss_scale_factor": 2.0,
    "max_norm": 0.3,
    "max_value": 0.3,
    "mean": 0.5,
    "momentum": 0.5,
    "negative_slope": 0.5,
    "nesterov": True,
    "noise_shape": (None, 1),
    "offset": 0.5,
    "output_padding": 0,
    "padding": "same",
    "pool_size": 3,
    "rate": 0.2,
    "reduction": "sum",
    "renorm": True,
    "renorm_clipping": {"rmax": 2.0},
    "renorm_momentum": 0.5,
    "rho": 0.5,
    "rms_scaling": True,  # of Keras 3.10
    "scale": 0.5,
    "seed": 7,
    "shared_axes": [1],
    "size": 3,
    "stddev": 0.2,
    "strength": 0.2,
    "strides": 2,
    "synchronized": True,
    "target_shape": (2, -1),
    "threshold": 0.3,
    "trainable": False,
    "units": 4,
    "use_bias": False,
    "use_ema": True,
    "value_range": (0.1, 2),
    "variance": 2.0,
    "weight_decay": 0.3,
    "width_factor": 0.2,
}
# Where a class takes something else of that name, or its default is the value above
OF_CLASS = {
    ("BatchNormalization", "scale"): False,
    ("LayerNormalization", "scale"): False,
    ("RandomTranslation", "interpolation"): "nearest",
    ("RandomRotation", "interpolation"): "nearest",
    ("RandomZoom", "interpolation"): "nearest",
    ("MaxPooling2D", "strides"): 1,
    ("AveragePooling2D", "strides"): 1,
    ("RandomErasing", "scale"): (0.1, 0.2),
    ("RandomErasing", "fill_value"): 0.5,
    ("StandardizedMeanSquaredError", "variance"): [3.0],
    ("ZeroPadding2D", "padding"): 2,
}
# What has no effect of its own: lora_alpha needs lora_rank, quantization_config says what the dtype policy
# does, bounding boxes are no pictures, and a pooling layer sets its mode itself
NO_EFFECT = {"name", "lora_alpha", "quantization_config", "bounding_box_format", "pool_mode"}
COMMON = ("dtype", "trainable", "activity_regularizer")


def arguments_of(kind):
    """All arguments of a class, and those with defaults of the bases that it hands the rest to."""
    found, own = {}, next(base for base in kind.__mro__ if "__init__" in vars(base))
    for base in reversed(kind.__mro__):
        if "__init__" in vars(base) and base not in (object, layers.Layer):
            parameters = list(inspect.signature(base.__init__).parameters.values())[1:]
            found |= {
                each.name: each.default
                for each in parameters
                if each.kind not in (each.VAR_POSITIONAL, each.VAR_KEYWORD)
                and (base is own or each.default is not each.empty)
            }
    return {name: default for name, default in found.items() if name not in NO_EFFECT}


def needed(kind):
    return {
        name: REQUIRED[name]
        for name, default in arguments_of(kind).items()
        if default is inspect.Parameter.empty and name in REQUIRED
    }


def other(kind, name):
    if (kind.__name__, name) in OF_CLASS:
        return OF_CLASS[kind.__name__, name]
    for ending, value in {
        "initializer": keras.initializers.RandomUniform(0.1, 0.9, seed=3),
        "regularizer": keras.regularizers.L1(0.3),
        "constraint": keras.constraints.MaxNorm(0.3),
    }.items():
        if name.endswith(ending):
            return value
    return OTHER[name]


def layer_of(kind, **options):
    special = {"AveragePooling2D": {"pool_size": 2}, "RandomErasing": {"fill_value": 0.0}}
    defaults = needed(kind) | special.get(kind.__name__, {})
    if kind.__name__.startswith("Random") and "value_range" in arguments_of(kind):
        defaults |= {"value_range": (0, 1)}
    if "fill_mode" in arguments_of(kind):
        defaults |= {"fill_mode": "constant"}
    if kind.__name__ in ("Normalization", "Standardization"):
        defaults |= {"mean": 0.1, "variance": 4.0}
    if "seed" in arguments_of(kind):
        defaults |= {"seed": 1}
    return kind(**(defaults | options))


def network_of(layer, units=3):
    merging = isinstance(layer, layers.Add | layers.Subtract | layers.Multiply | layers.Average)
    merging = merging or isinstance(layer, layers.Concatenate)
    pictures = "2D" in type(layer).__name__ or "Random" in type(layer).__name__
    inputs = keras.Input((6, 6, 3) if pictures else (4, 6))
    start = layers.Dense(2, kernel_initializer=keras.initializers.GlorotUniform(4))(inputs)
    middle = layer([start, layers.ReLU()(start)]) if merging else layer(inputs if pictures else start)
    outputs = layers.Dense(units, kernel_initializer=keras.initializers.GlorotUniform(5))(
        layers.Flatten()(middle)
    )
    model = keras.Model(inputs, outputs)
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True), run_eagerly=True)
    return model


def reading(model):
    """All that training can depend on, for comparison."""
    member = read_member(model)
    arrays = {
        name: values.tolist()
        for what in ("trainable", "moving_statistics", "constants")
        for name, values in member.arrays(what).items()
    }
    return member.architecture, member.hyperparameters, member.keys, arrays, member.output_shapes


def is_changed_or_refused(kind, name, plain):
    """Says whether an argument is read, and asserts that where it is, the loss is Keras'."""
    keras.utils.set_random_seed(0)
    try:
        model = network_of(layer_of(kind, **{name: other(kind, name)}))
    except (ValueError, TypeError, NotImplementedError):
        return True  # Keras itself does not make it
    try:
        changed = reading(model)
    except UnstackableModel:
        return True
    if changed[0] != plain[0] or name.endswith("regularizer"):  # else only numbers that an update uses
        rng = np.random.default_rng(0)
        x, y = rng.random((4, *model.input_shape[1:]), np.float32), np.arange(4) % 3
        (found,) = evaluate_population([model], split_of(x, y, train=4, validation=0), "train")
        assert found["loss"] == pytest.approx(float(model.test_on_batch(x, y)), rel=1e-5), name
    return plain != changed


@pytest.fixture
def eagerly():
    tf.config.run_functions_eagerly(True)  # tracing takes longer than the few rows
    yield
    tf.config.run_functions_eagerly(False)


@pytest.mark.slow
@pytest.mark.parametrize("kind", READERS, ids=lambda kind: kind.__name__)
def test_no_argument_of_a_layer_is_ignored(kind, eagerly):
    keras.utils.set_random_seed(0)
    plain = reading(network_of(layer_of(kind)))
    names = {**arguments_of(kind), **dict.fromkeys(COMMON)}
    ignored = [name for name in names if not is_changed_or_refused(kind, name, plain)]
    if not layer_of(kind).weights and not network_of(layer_of(kind)).layers[-3].weights:
        ignored = [name for name in ignored if name != "trainable"]  # nothing that could be frozen
    assert not ignored


def public(module, base):
    found = {thing for thing in vars(module).values() if inspect.isclass(thing) and issubclass(thing, base)}
    return sorted(found - {base}, key=lambda kind: kind.__name__)


def made(kind, **options):
    try:
        return kind(**(needed(kind) | options))
    except (TypeError, ValueError):
        return None  # takes what is no single value, such as the metrics that need a function


DATA = {
    "sparse": (np.array([0, 1, 2, 1]), 3),
    "categorical": (np.eye(3, dtype=np.float32)[[0, 1, 2, 1]], 3),
    "other": (np.float32([[0.0], [1.0], [0.3], [1.0]]), 1),
}


def data_for(kind):
    name = kind.__name__.lower()
    return DATA["sparse" if "sparse" in name else "categorical" if "categorical" in name else "other"]


def objective(outputs, loss, metrics=()):
    model = sequential((2,), layers.Dense(outputs), loss=loss, metrics=list(metrics))
    return read_objective(compiled_of(model), model.outputs[0].shape)


OWN_LOSSES = [SmoothedSparseCategoricalCrossentropy, StandardizedMeanSquaredError]


@pytest.mark.parametrize(
    "kind", public(keras.losses, keras.Loss) + OWN_LOSSES, ids=lambda kind: kind.__name__
)
def test_no_argument_of_a_loss_is_ignored(kind):
    y, outputs = data_for(kind)
    predictions = np.random.default_rng(0).dirichlet(np.ones(3), 4).astype(np.float32)[:, :outputs]
    for name in [None, *(name for name in arguments_of(kind) if name in OTHER)]:
        loss = made(kind, **({} if name is None else {name: other(kind, name)}))
        if loss is None:
            continue
        try:
            read = objective(outputs, loss)
        except UnstackableModel:
            continue
        assert not set(arguments_of(kind)) - set(OTHER), "arguments that no test gives a value"
        smoothing = tf.constant([read.label_smoothing], tf.float32) if read.label_smoothing else None
        scale = None if read.scale is None else tf.constant(read.scale[None])
        found = read.losses(tf.constant(y[None]), tf.constant(predictions[None]), smoothing, scale)
        assert float(np.mean(found)) == pytest.approx(float(loss(y, predictions)), rel=1e-5), name


@pytest.mark.parametrize("kind", public(keras.metrics, keras.Metric), ids=lambda kind: kind.__name__)
def test_no_argument_of_a_metric_is_ignored(kind):
    y, outputs = data_for(kind)
    predictions = np.random.default_rng(0).dirichlet(np.ones(3), 4).astype(np.float32)[:, :outputs]
    loss = {3: "sparse_categorical_crossentropy", 1: "mse"}[outputs]
    for name in [None, *(name for name in arguments_of(kind) if name in OTHER)]:
        metric = made(kind, **({} if name is None else {name: other(kind, name)}))
        if metric is None:
            continue
        try:
            read = objective(outputs, loss, [metric])
        except UnstackableModel:
            continue
        assert not set(arguments_of(kind)) - set(OTHER), "arguments that no test gives a value"
        metric.update_state(y, predictions)
        found = per_example(read.metrics[metric.name], tf.constant(y[None]), tf.constant(predictions[None]))
        assert float(np.mean(found)) == pytest.approx(float(metric.result()), rel=1e-5), name


@pytest.mark.parametrize("kind", public(keras.optimizers, keras.Optimizer), ids=lambda kind: kind.__name__)
def test_no_argument_of_an_optimizer_is_ignored(kind):
    start, gradient = np.float32([1.0, -2.0]), np.float32([0.5, 1e-3])
    for name in [None, *(name for name in arguments_of(kind) if name in OTHER)]:
        try:
            optimizer = kind(**({} if name is None else {name: other(kind, name)}))
        except (TypeError, ValueError):
            continue  # Keras itself does not make it
        try:
            read = read_optimizer(optimizer)
        except UnstackableModel:
            continue
        assert not set(arguments_of(kind)) - set(OTHER), "arguments that no test gives a value"
        variable = keras.Variable(start)
        weight, state = tf.constant(start), dict.fromkeys(read.state_names, tf.zeros(2))
        for step in range(3):
            optimizer.apply([tf.constant(gradient)], [variable])
            weight, state = update(
                read.kind,
                weight,
                tf.constant(gradient),
                state,
                rate=tf.constant(read.learning_rates(np.array([step]))),
                count=tf.constant([float(step)]),
                hyperparameters={key: tf.constant([value]) for key, value in read.hyperparameters.items()},
            )
        # the moves; 1 - beta_2 is exact to 1e-5
        np.testing.assert_allclose(weight - start, variable.numpy() - start, rtol=3e-5, err_msg=str(name))


WEIGHTS = [
    *((kind, "kernel_regularizer") for kind in public(keras.regularizers, keras.Regularizer)),
    *((kind, "kernel_constraint") for kind in public(keras.constraints, keras.constraints.Constraint)),
    (ProximalL1, "kernel_constraint"),
]


@pytest.mark.parametrize(("kind", "option"), WEIGHTS, ids=lambda value: getattr(value, "__name__", ""))
def test_no_argument_of_a_penalty_or_bound_is_ignored(kind, option):
    def read(**arguments):
        thing = kind(**({"strength": 0.1} if kind is ProximalL1 else {}) | arguments)
        optimizer = proximal(keras.optimizers.SGD(0.1))
        model = sequential((4,), layers.Dense(3, **{option: thing}), loss="mse", optimizer=optimizer)
        member = read_member(model)
        return member.hyperparameters, member.architecture

    try:
        plain = read()
    except UnstackableModel:
        return
    for name in arguments_of(kind):
        more = {"max_norm": 0.3} if (kind, name) == (ProximalL1, "axis") else {}
        assert read(**{name: OTHER[name]}, **more) != (read(**more) if more else plain), name
