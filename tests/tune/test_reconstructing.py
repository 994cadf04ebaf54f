"""What a search keeps of an autoencoder's pictures."""

import json
import re

import keras
import numpy as np
import pytest

from kerasreg import Split
from kerasreg.checks import InvalidInput
from kerasreg.records import Reconstructions, SearchResult
from kerasreg.records.table import as_json
from kerasreg.tune import search
from kerasreg.tune.reconstructing import check_picture, reconstructions_of


def patches(shape=(4, 4, 3), rows=20):
    """Rows of noise as the split of an autoencoder, six of them for test."""
    x = np.random.default_rng(0).random((rows, *shape), dtype=np.float32)
    parts = {"train": slice(0, 10), "validation": slice(10, 14), "test": slice(14, rows)}
    arrays = {f"{letter}_{part}": x[places] for part, places in parts.items() for letter in "xy"}
    indices = {f"{part}_indices": np.arange(rows)[places] for part, places in parts.items()}
    return Split(name="noise", num_classes=None, **arrays, **indices)


def halving(shape=(4, 4, 3)):
    """A network that halves every number, of which it is known what it makes of a picture."""
    return keras.Sequential([keras.Input(shape), keras.layers.Rescaling(0.5)])


def picture(height=10, width=14):
    return np.random.default_rng(1).random((height, width, 3), dtype=np.float32)


def test_the_whole_test_part_is_kept_where_it_is_small():
    split = patches()
    found = reconstructions_of(halving(), split)
    # Four decimals are kept.
    assert found.originals == pytest.approx(split.x_test, abs=1e-4)
    assert found.rebuilt == pytest.approx(split.x_test / 2, abs=1e-4)
    assert found.mse == pytest.approx(np.mean(split.x_test**2, axis=(1, 2, 3)) / 4, abs=1e-4)
    assert found.picture is None
    assert found.picture_rebuilt is None


def test_of_many_test_rows_eight_are_kept_evenly_spaced():
    split = patches(rows=14 + 71)
    found = reconstructions_of(halving(), split)
    assert found.originals == pytest.approx(split.x_test[::10], abs=1e-4)


def test_a_picture_of_a_size_that_patches_do_not_divide_is_rebuilt_whole():
    whole = picture()
    found = reconstructions_of(halving(), patches(), whole)
    # Eight bits are kept, so that half a step is lost.
    assert found.picture == pytest.approx(255 * whole, abs=0.51)
    assert found.picture_rebuilt == pytest.approx(255 * whole / 2, abs=0.51)
    assert found.picture.dtype == np.uint8


def test_a_large_picture_is_kept_at_160_pixels():
    found = reconstructions_of(halving(), patches(), picture(200, 320))
    assert found.picture.shape == found.picture_rebuilt.shape == (100, 160, 3)


@pytest.mark.parametrize("shape", [(6,), (4, 4, 2), (120, 120, 3)], ids=["row", "two channels", "large"])
def test_nothing_is_kept_of_what_cannot_be_shown(shape):
    assert reconstructions_of(halving(shape), patches(shape)) is None


def test_nothing_is_kept_of_a_network_that_diverged():
    network = keras.Sequential([keras.Input((4, 4, 3)), keras.layers.Rescaling(np.nan)])
    assert reconstructions_of(network, patches()) is None


def test_the_record_goes_through_json():
    found = reconstructions_of(halving(), patches(), picture())
    again = Reconstructions.from_dict(json.loads(json.dumps(as_json(found))))
    for name in ("originals", "rebuilt", "picture", "picture_rebuilt"):
        assert np.array_equal(getattr(again, name), getattr(found, name))
    without = reconstructions_of(halving(), patches())
    assert Reconstructions.from_dict(as_json(without)).picture is None


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (
            {"rebuilt": np.zeros((2, 4, 4, 1))},
            "originals and rebuilt must have one shape, (n, height, width, channels) with 1 or 3 channels; "
            "received (2, 4, 4, 3) and (2, 4, 4, 1).",
        ),
        (
            {"picture": np.zeros((9, 9, 3), np.uint8)},
            "picture and picture_rebuilt must have one shape; received (9, 9, 3) and None.",
        ),
    ],
)
def test_shapes_that_do_not_agree_are_refused(changed, message):
    whole = {"originals": np.zeros((2, 4, 4, 3)), "rebuilt": np.zeros((2, 4, 4, 3))}
    with pytest.raises(InvalidInput, match=f"^{re.escape(message)}$"):
        Reconstructions(**whole | changed)


@pytest.mark.parametrize(
    ("model", "shape", "size"),
    [("mlp", (4, 4, 3), 10), ("autoencoder", (4, 4, 1), 10), ("autoencoder", (4, 4, 3), 3)],
)
def test_a_picture_that_the_data_are_no_patches_of_is_refused(model, shape, size):
    message = (
        "picture is for an autoencoder of its square patches; received a picture of shape "
        f"({size}, {size}, 3), the model {model!r} and data of shape {shape}. Leave it out."
    )
    with pytest.raises(InvalidInput, match=f"^{re.escape(message)}$"):
        check_picture(picture(size, size), patches(shape), model=model)
    check_picture(None, patches(shape), model=model)


@pytest.mark.slow
def test_a_search_of_a_picture_keeps_it_with_what_the_winner_makes_of_it(tmp_path):
    size = {"num_layers": 1, "units": 8, "bottleneck": 4}
    options = {"max_trials": 1, "epochs": 1, "fresh_seeds": 1, "fixed": size}
    result = search(
        "autoencoder", patches(), search_over="l2", directory=tmp_path, picture=picture(), **options
    )
    found = result.reconstructions
    assert result.test["pca"]["components"] == 4
    assert len(result.test["pca"]["scores"]) == 1
    best = keras.models.load_model(tmp_path / "best.keras")
    expected = keras.ops.convert_to_numpy(best(patches().x_test))
    assert found.rebuilt == pytest.approx(expected, abs=1e-4)
    assert found.picture_rebuilt.shape == (10, 14, 3)
    stored = json.loads((tmp_path / "results.json").read_text())
    assert SearchResult.from_dict(stored).reconstructions.rebuilt == pytest.approx(expected, abs=1e-4)
    assert (tmp_path / "figures" / "picture.png").exists()
