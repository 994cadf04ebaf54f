"""Initial kernels of dense layers, by initializers that suit deep networks more or less."""

import keras

from kerasreg.checks import InvalidInput, check_one_of, shown
from kerasreg.experiments.vanishing_gradients.record import INITIALIZERS
from kerasreg.seeds import derive_seed


def draw_kernels(model: keras.Model, initializer: str, *, seed: int) -> keras.Model:
    """Draws new kernels for the dense layers of a model, in place; biases and other weights stay.

    Args:
        model: Built Keras model.
        initializer: One of
            `"small_normal"`, N(0, 0.01²), and `"standard_normal"`, N(0, 1), whatever the number of inputs;
            `"glorot_uniform"`, with variance 2 / (inputs + outputs) (Glorot and Bengio 2010), Keras'
            default;
            `"he_normal"`, with variance 2 / inputs, which keeps the variance of the signal through layers
            with ReLU (He et al. 2015).
        seed: Seed of the draws, a whole number >= 0; each layer's seed is derived from it and the layer's
            name. `"glorot_uniform"` draws the same kernels as `kerasreg.build_mlp` with this seed.

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
    """Returns the dense layers of a model from the input on, or raises `InvalidInput` if it has none."""
    if not isinstance(model, keras.Model):
        raise InvalidInput(f"model must be a Keras model; received {shown(model)}.")
    found = [layer for layer in model.layers if isinstance(layer, keras.layers.Dense)]
    if not found:
        raise InvalidInput(f"The model {model.name!r} has no Dense layer.")
    return found
