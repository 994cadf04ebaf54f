"""The winner of a search as Python code."""

import ast
from typing import Any

from kerasreg.checks import InvalidInput
from kerasreg.records import SearchResult
from kerasreg.regularization import Regularization


def snippet(result: SearchResult) -> str:
    """Writes the Python code that rebuilds, trains and tests the winner of a search.

    The code runs in a fresh interpreter; where the search was given a `Split` that no call makes, its
    first line says where to put it.

    Args:
        result: A search that has a winner.

    Returns:
        The code, which imports from `kerasreg` only.

    Raises:
        InvalidInput: If the search has no winner.
    """
    winner, settings = result.winner, result.settings
    if winner is None:
        raise InvalidInput("The search has no winner yet, so there is no network to rebuild.")
    arguments = dict(winner["arguments"])
    used = {winner["builder"]}
    shapes = ["split.input_shape"]
    if settings["model"] != "autoencoder":
        shapes.append("split.num_classes")
    lines = [f"    {shape}," for shape in shapes]
    for name, value in arguments.items():
        code = _argument(name, value, used)
        if code is not None:
            lines.append(f"    {name}={code},")
    build = [f"model = {winner['builder']}(", *lines, ")"]
    if arguments.get("standardize_input"):
        build.append('model.get_layer("standardize_input").adapt(split.x_train)')
    if arguments.get("standardize_target"):
        columns = "split.y_train" if arguments.get("output_units", 1) > 1 else "split.y_train.reshape(-1, 1)"
        build.append(f'model.get_layer("standardize_target").adapt({columns})')
    fit = [
        "model.fit(",
        "    split.x_train,",
        "    split.y_train,",
        "    validation_data=(split.x_validation, split.y_validation),",
        f"    epochs={settings['epochs']!r},",
        f"    batch_size={winner['batch_size']!r},",
    ]
    if settings.get("patience") is not None:
        used.add("early_stopping")
        monitor = f"val_{result.objective['name']}"
        fit.append(f'    callbacks=[early_stopping({settings["patience"]!r}, monitor="{monitor}")],')
    fit += [")", "print(model.evaluate(split.x_test, split.y_test, return_dict=True))"]
    return "\n".join([*_imports_and_data(result, used), "", *build, "", *fit]) + "\n"


def _imports_and_data(result: SearchResult, used: set[str]) -> list[str]:
    """Returns the lines that import what the code uses and load the data."""
    code = result.data.get("code")
    if code is None:
        load = ["split = ...  # the Split you searched on"]
    else:
        load = [f"split = {code}"]
        used = used | {node.id for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)}
    if result.settings["model"] == "autoencoder":
        load.append("split = split.as_autoencoder()")
    return [f"from kerasreg import {', '.join(sorted(used))}", "", *load]


def _argument(name: str, value: Any, used: set[str]) -> str | None:
    """Returns the code of a builder's argument, or `None` if it is switched off; notes what it uses."""
    if name == "regularization":
        value = Regularization.from_dict(value or {}).active()
    if name in ("regularization", "augmentation"):
        if not value:
            return None
        used.add(name.capitalize())
        knobs = [f"{key}={entry!r}" for key, entry in value.items()]
        short = f"{name.capitalize()}({', '.join(knobs)})"
        if len(short) <= 70:
            return short
        return "\n".join([f"{name.capitalize()}(", *(f"        {knob}," for knob in knobs), "    )"])
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "\n".join(["[", *(f"        {entry!r}," for entry in value), "    ]"])
    return repr(value)
