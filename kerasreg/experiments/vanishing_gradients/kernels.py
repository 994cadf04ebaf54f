"""Initial weights of dense layers, drawn in ways that are better and worse for depth."""

import keras

from kerasreg.checks import InvalidInput, check_one_of, shown
from kerasreg.records.depth_gradients import INITIALIZERS
from kerasreg.seeds import derive_seed


def draw_kernels(model: keras.Model, initializer: str, *, seed: int) -> keras.Model:
    """Draws the kernels of a model's dense layers anew, in place; biases and other weights stay.

    Args:
        model: A built model.
        initializer: One of
            `"small_normal"`, N(0, 0.01²), and `"standard_normal"`, N(0, 1), which do not know how
            many inputs a layer has;
            `"glorot_uniform"`, of variance 2 / (inputs + outputs) (Glorot and Bengio 2010), Keras'
            default;
            `"he_normal"`, of variance 2 / inputs, which keeps the variance of the signal through layers
            of ReLU (He et al. 2015).
        seed: Seed of the draws, a whole number >= 0; each layer's is derived from it and the layer's name.
            Of one seed `"glorot_uniform"` draws what `kerasreg.build_mlp` does.

    Returns:
        The model.

    Raises:
        InvalidInput: If the initializer is none of these, or the model has no dense layer.

    Reference:
        Glorot and Bengio, Understanding the Difficulty of Training Deep Feedforward Neural Networks,
        AISTATS 2010.
        He, Zhang, Ren and Sun, Delving Deep into Rectifiers, ICCV 2015.
    """
    check_one_of("initializer", initializer, INITIALIZERS)
    for layer in dense_layers(model):
        own_seed = derive_seed(seed, layer.name)
        draw = {
            "small_normal": keras.initializers.RandomNormal(stddev=0.01, seed=own_seed),
            "standard_normal": keras.initializers.RandomNormal(stddev=1.0, seed=own_seed),
            "glorot_uniform": keras.initializers.GlorotUniform(own_seed),
            "he_normal": keras.initializers.HeNormal(own_seed),
        }[initializer]
        layer.kernel.assign(draw(layer.kernel.shape))
    return model


def dense_layers(model: keras.Model) -> list[keras.layers.Dense]:
    """Returns a model's dense layers from the input on, or raises `InvalidInput` if it has none."""
    if not isinstance(model, keras.Model):
        raise InvalidInput(f"model must be a Keras model; received {shown(model)}.")
    found = [layer for layer in model.layers if isinstance(layer, keras.layers.Dense)]
    if not found:
        raise InvalidInput(f"The model {model.name!r} has no Dense layer, whose kernel could be looked at.")
    return found
