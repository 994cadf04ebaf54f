"""Networks made by a function of the user's."""

from collections.abc import Callable
from typing import Any

import keras

from kerasreg.checks import InvalidInput, check_takes, shown


def built(
    build: Callable[..., keras.Model], *arguments: Any, called: str = "build", **options: Any
) -> keras.Model:
    """Returns the network that a user's function makes, or says in a sentence why it makes none.

    Args:
        build: The function.
        *arguments: What it is called with.
        called: What the sentence calls the function.
        **options: What it is called with by name.

    Raises:
        InvalidInput: If it is no function, does not take these arguments, or returns something else. What it
            raises itself goes through.
    """
    if not callable(build) or isinstance(build, keras.Layer):
        received = f"the model {build.name!r}" if isinstance(build, keras.Model) else shown(build)
        raise InvalidInput(
            f"{called} must be a function that makes a new network at every call; received {received}."
        )
    values = [*map(shown, arguments), *(f"{name}={shown(value)}" for name, value in options.items())]
    call = f"{called}({', '.join(values)})"
    check_takes(called, build, call, *arguments, **options)
    network = build(*arguments, **options)
    if not isinstance(network, keras.Model):
        raise InvalidInput(
            f"{called} must return a compiled Keras model; called as {call}, it returned {shown(network)}."
        )
    return network
