import re
from functools import partial, wraps

import keras
import pytest

from kerasreg import build_mlp
from kerasreg.checks import InvalidInput
from kerasreg.experiments.running import built

MODEL = build_mlp((3,), 2, units=(4,))


def wide(units, *, seed):
    return build_mlp((3,), 2, units=(units,), seed=seed)


def test_a_function_is_called_with_what_it_is_given():
    network = built(wide, 7, seed=1)
    assert network.output_shape == (None, 2)
    assert built(partial(build_mlp, (3,), 2), units=(7,), seed=1).count_params() == network.count_params()


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (None, "build must be a function that makes a new network at every call; received None."),
        (MODEL, "build must be a function that makes a new network at every call; received the model 'mlp'."),
        (
            lambda units: MODEL,
            "build is called as build(4, seed=2), and does not take that: got an unexpected keyword argument "
            "'seed'.",
        ),
        (
            lambda units, seed: [0.5] * 90,
            "build must return a compiled Keras model; called as build(4, seed=2), it returned "
            "[0.5, 0.5, 0.5, 0.5, 0.5, 0.5, ...].",
        ),
        (
            lambda units, seed: None,
            "build must return a compiled Keras model; called as build(4, seed=2), it returned None.",
        ),
    ],
)
def test_what_makes_no_network_is_refused_in_a_sentence(build, message):
    with pytest.raises(InvalidInput, match=f"^{re.escape(message)}$"):
        built(build, 4, seed=2)


def test_a_wrapper_takes_what_it_says_itself():
    @wraps(build_mlp)
    def wrapped(units, seed):
        return wide(units, seed=seed)

    assert built(wrapped, 4, seed=2).output_shape == (None, 2)


def test_the_function_has_the_name_it_is_given():
    with pytest.raises(InvalidInput, match=r"^builds\['mine'\] is called as builds\['mine'\]\(seed=2\), and"):
        built(wide, seed=2, called="builds['mine']")


def test_an_error_inside_the_function_is_its_own():
    def broken(units, seed):
        raise TypeError("mine")

    with pytest.raises(TypeError, match=r"^mine$"):
        built(broken, 4, seed=2)


def test_a_class_of_models_is_a_function_too():
    class Own(keras.Sequential):
        def __init__(self, seed):
            super().__init__([keras.layers.Dense(1)])

    assert isinstance(built(Own, seed=0), Own)
