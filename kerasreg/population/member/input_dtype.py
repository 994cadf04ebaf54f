"""The dtype that a model casts its inputs to."""

import keras
import tensorflow as tf

from kerasreg.layers import DropConnectDense, Standardization
from kerasreg.population.member.part import UnstackableModel, refuse

# Layers that make floats of whole numbers before they compute, or do not compute
_TAKE_WHOLE_NUMBERS = (
    keras.layers.Flatten,
    keras.layers.Reshape,
    keras.layers.Rescaling,
    keras.layers.Normalization,
    Standardization,
    keras.layers.Dense,
    DropConnectDense,
)


def read_input_dtype(model: keras.Model, layers: list[keras.Layer]) -> str:
    """Returns the dtype of a model's input, such as "uint8".

    Raises:
        UnstackableModel: If it is sparse or no number, or if a layer would compute with whole numbers.
    """
    entry = model.inputs[0]
    dtype = keras.backend.standardize_dtype(entry.dtype)
    if getattr(entry, "sparse", False) or getattr(entry, "ragged", False):
        raise UnstackableModel(
            f"The model {model.name!r} takes sparse or ragged inputs; a population dense ones.",
            what="sparse or ragged inputs",
        )
    if not (dtype == "bool" or dtype.startswith(("float", "bfloat", "int", "uint"))):
        raise UnstackableModel(
            f"The model {model.name!r} takes inputs of dtype {dtype!r}; a population numbers.",
            what=f"inputs of dtype {dtype}",
        )
    for layer in layers if dtype != "float32" else ():
        inputs = layer.input if isinstance(layer.input, list | tuple) else [layer.input]
        received = {keras.backend.standardize_dtype(tensor.dtype) for tensor in inputs} - {"float32"}
        whole = any("float" not in each for each in received)
        covered = type(layer) in _TAKE_WHOLE_NUMBERS if whole else layer.autocast
        if received and not covered:
            raise refuse(layer, f"computes with the {dtype} of keras.Input")
    if layers and keras.backend.standardize_dtype(layers[-1].output.dtype) != "float32":
        raise refuse(layers[-1], f"returns the {dtype} of keras.Input")
    return dtype


def as_input(rows: tf.Tensor, dtype: str) -> tf.Tensor:
    """Returns float32 rows with the values that the input's dtype leaves of them."""
    if dtype in ("float32", "float64"):
        return rows
    return tf.cast(tf.cast(rows, dtype), tf.float32)
