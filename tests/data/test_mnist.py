import hashlib
import inspect

import keras
import numpy as np
import pytest

from kerasreg.checks import InvalidInput
from kerasreg.data import load_mnist_subset, mnist

PARTS = ("train", "validation", "test")
REAL_ORIGIN = mnist.ORIGIN  # the tests change the address, so that none of them needs a network


@pytest.fixture(scope="module")
def made_up():
    """Arrays of MNIST's names, shapes and types, with noise for digits."""
    random = np.random.default_rng(0)
    arrays = {}
    for part, rows in (("train", 60_000), ("test", 10_000)):
        images = np.zeros((rows, 28 * 28), dtype=np.uint8)
        images[:, :16] = random.integers(0, 256, (rows, 16), dtype=np.uint8)
        arrays |= {
            f"x_{part}": images.reshape(rows, 28, 28),
            f"y_{part}": (np.arange(rows) % 10).astype("u1"),
        }
    return arrays


@pytest.fixture(scope="module")
def made_up_file(made_up, tmp_path_factory):
    """An archive that has everything of MNIST's but the digits."""
    path = tmp_path_factory.mktemp("mnist") / "mnist.npz"
    np.savez(path, **made_up)
    return path


@pytest.fixture(autouse=True)
def nothing_around(monkeypatch, tmp_path):
    """No folder of data, an empty Keras cache, and no network."""
    monkeypatch.delenv("KERASREG_DATA_DIR", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    (tmp_path / "keras").mkdir()
    monkeypatch.setattr(mnist, "ORIGIN", (tmp_path / "no_such_file").as_uri())


def message_of(**options):
    with pytest.raises(InvalidInput) as error:
        load_mnist_subset(**options)
    return str(error.value)


def test_a_thousand_real_digits_with_their_labels_and_all_official_test_images(mnist_file):
    split = load_mnist_subset(path=mnist_file)
    assert repr(split) == (
        "Split('mnist': 700 train, 300 validation, 10000 test rows of shape (28, 28, 1), 10 classes)"
    )
    with np.load(mnist_file, allow_pickle=False) as source:
        images = np.concatenate([source["x_train"], source["x_test"]])
        labels = np.concatenate([source["y_train"], source["y_test"]])
    for part in PARTS:
        rows = getattr(split, f"{part}_indices")
        scaled = images[rows][..., np.newaxis].astype(np.float32) / np.float32(255)
        np.testing.assert_array_equal(getattr(split, f"x_{part}"), scaled)
        np.testing.assert_array_equal(getattr(split, f"y_{part}"), labels[rows])
    np.testing.assert_array_equal(split.test_indices, np.arange(60_000, 70_000))
    assert split.development_indices.max() < 60_000
    shares = np.bincount(labels[:60_000]) / 60_000
    assert np.abs(np.bincount(split.y_development) - 1000 * shares).max() <= 1


def test_images_are_single_precision_in_0_to_1_and_labels_are_integers(made_up_file):
    split = load_mnist_subset(path=made_up_file)
    assert split.x_train.dtype == np.float32
    assert split.y_train.dtype == np.int64
    assert (split.x_test.min(), split.x_test.max()) == (0.0, 1.0)


def test_all_sixty_thousand_may_be_taken(made_up_file):
    split = load_mnist_subset(60_000, validation_fraction=0.1, path=made_up_file)
    assert (len(split.x_train), len(split.x_validation)) == (54_000, 6_000)
    assert sorted(split.development_indices) == list(range(60_000))
    assert len(load_mnist_subset(None, path=made_up_file).development_indices) == 60_000


def test_one_image_less_than_all_may_be_taken(made_up_file):
    assert len(load_mnist_subset(59_999, path=made_up_file).development_indices) == 59_999


def test_images_of_a_smaller_size_are_among_those_of_a_larger_one(made_up_file):
    small, large = (load_mnist_subset(size, seed=2, path=made_up_file) for size in (300, 1000))
    assert set(small.development_indices) < set(large.development_indices)
    other = load_mnist_subset(300, seed=3, path=made_up_file)
    assert set(small.development_indices) != set(other.development_indices)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"train_size": 60_001},
            "train_size must be at most 60000, the number of rows that are not test; received 60001.",
        ),
        ({"train_size": 0}, "train_size must be a whole number of at least 1; received 0."),
        (
            {"train_size": 30},
            "The validation part would hold 9 of 30 rows, for 10 classes; a stratified draw needs at least "
            "one row a class in it and in the rest. Take more rows or another fraction.",
        ),
        (
            {"validation_fraction": 0},
            "validation_fraction must be a number above 0 and below 1; received 0.",
        ),
    ],
)
def test_arguments_outside_their_range_are_refused(made_up_file, options, message):
    assert message_of(path=made_up_file, **options) == message


def test_arguments_are_checked_before_a_file_is_looked_for():
    assert message_of(train_size=-1) == "train_size must be a whole number of at least 1; received -1."
    assert message_of(validation_fraction=2) == (
        "validation_fraction must be a number above 0 and below 1; received 2."
    )


def test_a_path_may_be_the_folder(made_up_file):
    assert len(load_mnist_subset(100, path=str(made_up_file.parent)).x_test) == 10_000


def test_a_path_without_mnist_is_an_error_even_if_it_lies_elsewhere(made_up_file, tmp_path, monkeypatch):
    monkeypatch.setenv("KERASREG_DATA_DIR", str(made_up_file.parent))
    assert message_of(path=tmp_path / "other.npz") == (
        f"There is no file {tmp_path / 'other.npz'}; give the file mnist.npz that Keras downloads, or the "
        "folder that holds it."
    )
    assert message_of(path=tmp_path) == (
        f"There is no file {tmp_path / 'mnist.npz'}; give the file mnist.npz that Keras downloads, or the "
        "folder that holds it."
    )


def test_the_folder_of_the_environment_comes_before_the_cache_of_keras(made_up_file, tmp_path, monkeypatch):
    cached = tmp_path / "keras" / "datasets" / "mnist.npz"
    cached.parent.mkdir()
    cached.write_bytes(b"broken")
    assert message_of() == f"{cached} is no .npz file; write one with numpy.savez(path, x=x, y=y)."
    monkeypatch.setenv("KERASREG_DATA_DIR", str(made_up_file.parent))
    assert len(load_mnist_subset(100).x_test) == 10_000


def test_a_folder_of_the_environment_without_the_file_is_passed_over(made_up_file, tmp_path, monkeypatch):
    (tmp_path / "keras" / "datasets").mkdir()
    (tmp_path / "keras" / "datasets" / "mnist.npz").symlink_to(made_up_file)
    monkeypatch.setenv("KERASREG_DATA_DIR", str(tmp_path))
    assert len(load_mnist_subset(100).x_test) == 10_000


def test_keras_downloads_into_its_cache_what_is_found_nowhere(made_up_file, tmp_path, monkeypatch):
    monkeypatch.setattr(mnist, "ORIGIN", made_up_file.as_uri())
    monkeypatch.setattr(mnist, "SHA256", hashlib.sha256(made_up_file.read_bytes()).hexdigest())
    assert len(load_mnist_subset(100).x_test) == 10_000
    assert (tmp_path / "keras" / "datasets" / "mnist.npz").is_file()


def test_a_download_that_is_not_mnist_is_refused(made_up_file, monkeypatch):
    monkeypatch.setattr(mnist, "ORIGIN", made_up_file.as_uri())
    assert message_of().startswith(
        "MNIST was found nowhere, and downloading it failed (Incomplete or corrupted"
    )


def test_the_address_and_check_sum_are_those_of_keras(monkeypatch):
    module = inspect.getmodule(keras.datasets.mnist.load_data)
    asked = {}
    monkeypatch.setattr(module, "get_file", lambda **options: asked.update(options) or "no_such_file")
    with pytest.raises(FileNotFoundError):
        keras.datasets.mnist.load_data()
    assert asked == {"fname": "mnist.npz", "origin": REAL_ORIGIN, "file_hash": mnist.SHA256}


def test_without_a_file_and_a_network_the_three_ways_are_named(tmp_path):
    origin = mnist.ORIGIN
    message = message_of()
    cause = message.partition("failed (")[2].partition("). There")[0]
    assert cause.startswith(f"URL fetch failure on {origin}: ")
    assert message == (
        f"MNIST was found nowhere, and downloading it failed ({cause}). There are three ways: give path=, "
        "the file mnist.npz or the folder that holds it; set KERASREG_DATA_DIR to that folder; or load it "
        f"once with a network, and Keras keeps it in {tmp_path / 'keras' / 'datasets'}."
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"x_test": None, "y_test": None},
            "it misses x_test, y_test; it holds x_train, y_train. The file that Keras downloads has x_train, "
            "y_train, x_test and y_test.",
        ),
        (
            {"x_test": np.zeros((9_999, 28, 28), np.uint8)},
            "x_test must have shape (10000, 28, 28) and uint8; received shape (9999, 28, 28) and uint8. For "
            "other data use load_npz.",
        ),
        (
            {"y_train": np.zeros(60_000, np.int64)},
            "y_train must have shape (60000,) and uint8; received shape (60000,) and int64. For other data "
            "use load_npz.",
        ),
        (
            {"y_test": np.zeros(10_000, np.uint8)},
            "y_test must hold the labels 0 to 9, each of them.",
        ),
    ],
)
def test_other_arrays_are_not_mnist(made_up, tmp_path, change, message):
    path = tmp_path / "mnist.npz"
    arrays = {key: array for key, array in (made_up | change).items() if array is not None}
    np.savez(path, **arrays)
    assert message_of(path=path) == f"{path} is not MNIST: {message}"


def test_a_truncated_download_is_refused(made_up_file, tmp_path):
    path = tmp_path / "mnist.npz"
    path.write_bytes(made_up_file.read_bytes()[:1_000_000])
    assert message_of(path=path) == f"{path} is truncated: its end is missing; copy or write it again."


def test_pickled_arrays_are_refused(made_up, tmp_path):
    path = tmp_path / "mnist.npz"
    np.savez(path, **(made_up | {"y_test": np.array([{}], dtype=object)}))
    assert message_of(path=path) == (
        f"y_test in {path} holds pickled Python objects, which can run any code when they are read and are "
        "never read here; write plain arrays of numbers."
    )
