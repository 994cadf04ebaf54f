"""Arrays from `.npz` files, read without ever unpickling."""

import io
import os
import zipfile
from pathlib import Path

import numpy as np

from kerasreg.checks import InvalidInput, check_one_of
from kerasreg.records import Split

ACCEPTED = "x and y, or x_train and y_train; besides these x_validation, y_validation, x_test and y_test"
ACCEPTED_ALONE = "x, or x_train; besides these x_validation and x_test"
NPY_START = b"\x93NUMPY"
OWN_PARTS = ("x_validation", "y_validation", "x_test", "y_test")


def load_npz(
    path: str | os.PathLike,
    *,
    validation_fraction: float = 0.3,
    test_fraction: float = 0.2,
    train_size: int | None = None,
    task: str = "classification",
    drop_duplicates: bool = False,
    seed: int = 0,
) -> Split:
    """Returns your own data from a file that `numpy.savez` or `savez_compressed` wrote.

    The file holds `x` and `y` (or `x_train` and `y_train`) and, where you have divided the data
    yourself, `x_validation` and `y_validation`, `x_test` and `y_test`. `Split.from_arrays` says which
    shapes they may have and how they are converted.

    Args:
        path: The file.
        validation_fraction: Fraction of what is not test that becomes validation, in (0, 1), where the
            file has no validation part.
        test_fraction: Fraction of all rows that becomes test, in (0, 1), where the file has no test part.
        train_size: How many rows the train and the validation part hold together, or `None` for all.
        task: `"classification"`, `"regression"`, or `"autoencoder"`, where each row is its own target and
            the file needs no y.
        drop_duplicates: Whether to keep only the first of rows with exactly the same content.
        seed: Seed of the draws, which are stratified for classification.

    Returns:
        A `Split` named as the file is, without `.npz`.

    Raises:
        InvalidInput: If the file cannot be read or its arrays cannot be used; the message says why.
    """
    check_one_of("task", task, ("classification", "regression", "autoencoder"))
    path = Path(path).expanduser()
    arrays = read_npz(path)
    in_file = list(arrays)
    autoencoder = task == "autoencoder"
    if autoencoder:
        arrays |= {f"y{name[1:]}": np.zeros(x.shape[:1]) for name, x in arrays.items() if name[:1] == "x"}
    plain, train = {"x", "y"} <= set(arrays), {"x_train", "y_train"} <= set(arrays)
    unknown = sorted(set(arrays) - set(OWN_PARTS) - ({"x", "y"} if plain else {"x_train", "y_train"}))
    if plain == train or unknown:
        found = ", ".join(sorted(in_file)) or "no array"
        accepted = ACCEPTED_ALONE if autoencoder else ACCEPTED
        raise InvalidInput(f"{path} holds {found}; accepted are {accepted}.")
    split = Split.from_arrays(
        arrays["x" if plain else "x_train"],
        arrays["y" if plain else "y_train"],
        **{key: arrays[key] for key in OWN_PARTS if key in arrays},
        validation_fraction=validation_fraction,
        test_fraction=test_fraction,
        train_size=train_size,
        task="regression" if autoencoder else task,
        drop_duplicates=drop_duplicates,
        name=path.stem,
        seed=seed,
    )
    return split.as_autoencoder() if autoencoder else split


def read_npz(path: str | os.PathLike) -> dict[str, np.ndarray]:
    """Reads every array of an `.npz` file, and refuses pickled objects.

    Args:
        path: The file.

    Returns:
        Each array by its name in the file.

    Raises:
        InvalidInput: If there is no such file, or it is corrupt, truncated, pickled, too large for the
            memory, or no `.npz` file at all.
    """
    path = Path(path).expanduser()
    if path.is_dir():
        raise InvalidInput(f"{path} is a folder; give the .npz file itself.")
    if not path.exists():
        raise InvalidInput(f"There is no file {path}; give an .npz file, as numpy.savez writes it.")
    if not path.is_file():
        raise InvalidInput(f"{path} is no ordinary file; give an .npz file.")
    try:
        _check_archive(path)
        with zipfile.ZipFile(path) as archive:
            # Whole members, so that their check sums are compared before a byte is made sense of.
            return {
                name.removesuffix(".npy"): _array(path, name, archive.read(name))
                for name in archive.namelist()
            }
    except InvalidInput:
        raise
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror or error}.") from error
    except MemoryError as error:
        raise InvalidInput(f"{path} does not fit into the memory; give a file of fewer rows.") from error
    except Exception as error:  # zipfile has a dozen kinds for a broken archive, and zlib its own
        raise InvalidInput(f"{path} is corrupt or encrypted; copy or write it again.") from error


def _check_archive(path: Path) -> None:
    if zipfile.is_zipfile(path):
        return
    with path.open("rb") as file:
        start = file.read(6)
    if not start:
        raise InvalidInput(f"{path} is empty; copy or write it again.")
    if start.startswith(b"PK\x03\x04"):
        raise InvalidInput(f"{path} is truncated: its end is missing; copy or write it again.")
    if start == NPY_START:
        raise InvalidInput(
            f"{path} holds a single array, as numpy.save writes it; write x and y with "
            "numpy.savez(path, x=x, y=y)."
        )
    if start[:1] == b"\x80":
        raise InvalidInput(
            f"{path} is a pickle, which can run any code when it is read and is never read here; write "
            "the arrays with numpy.savez(path, x=x, y=y)."
        )
    raise InvalidInput(f"{path} is no .npz file; write one with numpy.savez(path, x=x, y=y).")


def _array(path: Path, name: str, content: bytes) -> np.ndarray:
    key = name.removesuffix(".npy")
    if not content.startswith(NPY_START):
        raise InvalidInput(f"{key} in {path} is no array; write the file with numpy.savez(path, x=x, y=y).")
    try:
        return np.lib.format.read_array(io.BytesIO(content), allow_pickle=False)
    except MemoryError:
        raise
    except Exception as error:  # a header that is no Python literal fails in several ways
        if "allow_pickle" in str(error):
            raise InvalidInput(
                f"{key} in {path} holds pickled Python objects, which can run any code when they are read "
                "and are never read here; write plain arrays of numbers."
            ) from error
        raise InvalidInput(f"{key} in {path} is corrupt; copy or write the file again.") from error
