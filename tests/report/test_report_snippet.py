"""The snippet of a report is code that builds the winner again."""

import ast
from dataclasses import replace

import pytest

from kerasreg.checks import InvalidInput
from kerasreg.report import snippet
from tests.helpers.autoencoder_results import autoencoder_search
from tests.helpers.search_results import digits_search, under_way


def test_the_snippet_of_a_classifier_is_whole():
    result = digits_search()
    arguments = result.winner["arguments"] | {"regularization": {"l2": 1e-4, "dropout": 0.1 + 0.2}}
    assert snippet(replace(result, winner=result.winner | {"arguments": arguments})) == (
        "from kerasreg import Regularization, build_mlp, early_stopping, load_digits_split\n"
        "\n"
        "split = load_digits_split(train_size=1000, seed=0)\n"
        "\n"
        "model = build_mlp(\n"
        "    split.input_shape,\n"
        "    split.num_classes,\n"
        "    units=[128, 128, 128],\n"
        "    regularization=Regularization(l2=0.0001, dropout=0.30000000000000004),\n"
        "    learning_rate=0.001,\n"
        ")\n"
        "\n"
        "model.fit(\n"
        "    split.x_train,\n"
        "    split.y_train,\n"
        "    validation_data=(split.x_validation, split.y_validation),\n"
        "    epochs=60,\n"
        "    batch_size=32,\n"
        '    callbacks=[early_stopping(8, monitor="val_cross_entropy")],\n'
        ")\n"
        "print(model.evaluate(split.x_test, split.y_test, return_dict=True))\n"
    )


def code_of(arguments: dict, *, builder: str = "build_mlp", **settings) -> str:
    result = digits_search()
    winner = result.winner | {"arguments": arguments, "builder": builder}
    code = snippet(replace(result, winner=winner, settings=result.settings | settings))
    ast.parse(code)
    return code


def test_the_snippet_of_a_cnn_has_its_blocks_and_augmentation():
    blocks = [{"filters": 16 * 2**k, "kernel_size": 3, "pooling": "max", "pool_size": 2} for k in range(2)]
    arguments = {"blocks": blocks, "dense_units": [64], "augmentation": {"zoom": 0.1}, "regularization": {}}
    code = code_of(arguments, builder="build_cnn", model="cnn")
    assert code.startswith(
        "from kerasreg import Augmentation, build_cnn, early_stopping, load_digits_split\n"
    )
    assert "    augmentation=Augmentation(zoom=0.1),\n" in code
    calls = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call)]
    call = next(call for call in calls if getattr(call.func, "id", None) == "build_cnn")
    read = {keyword.arg: keyword.value for keyword in call.keywords}
    assert ast.literal_eval(read["blocks"]) == blocks
    assert "regularization" not in read


def test_many_knobs_stand_one_a_line():
    code = code_of({"regularization": {"l1": 1.2345678912345e-7, "l2": 2.3456789123456e-5, "dropout": 1 / 3}})
    assert "    regularization=Regularization(\n        l1=1.2345678912345e-07,\n" in code
    assert "        dropout=0.3333333333333333,\n    ),\n" in code


def test_the_snippet_standardizes_the_input_before_training():
    code = code_of({"units": [8], "standardize_input": True})
    adapt = 'model.get_layer("standardize_input").adapt(split.x_train)\n'
    assert code.index("standardize_input=True") < code.index(adapt) < code.index("model.fit(")
    assert "adapt" not in code_of({"units": [8]})


def test_the_snippet_standardizes_targets_in_columns():
    one = code_of({"units": [8], "standardize_target": True})
    assert 'model.get_layer("standardize_target").adapt(split.y_train.reshape(-1, 1))\n' in one
    two = code_of({"units": [8], "standardize_target": True, "output_units": 2})
    assert 'model.get_layer("standardize_target").adapt(split.y_train)\n' in two


def test_the_snippet_without_patience_stops_nothing_early():
    assert "early_stopping" not in code_of({"units": [8]}, patience=None)


def test_the_snippet_of_an_autoencoder_makes_its_inputs_its_targets():
    code = snippet(autoencoder_search())
    ast.parse(code)
    assert "split = load_mnist_subset(train_size=1000, seed=3)\nsplit = split.as_autoencoder()\n" in code
    assert "build_autoencoder(\n    split.input_shape,\n    kind='dense',\n" in code
    assert "num_classes" not in code
    assert "augmentation" not in code
    assert 'monitor="val_mse"' in code


def test_the_snippet_says_where_an_own_split_goes():
    result = digits_search()
    code = snippet(replace(result, data=result.data | {"code": None}))
    ast.parse(code)
    assert "\nsplit = ...  # the Split you searched on\n" in code
    assert code.startswith("from kerasreg import Regularization, build_mlp, early_stopping\n")


def test_a_search_without_a_winner_has_no_snippet():
    with pytest.raises(
        InvalidInput, match=r"^The search has no winner yet, so there is no network to rebuild\.$"
    ):
        snippet(under_way())
