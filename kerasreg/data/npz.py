"""Arrays from `.npz` files, read without ever unpickling."""

import io
import math
import os
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from kerasreg.checks import InvalidInput, check_one_of, check_whole_number
from kerasreg.files import readable_file
from kerasreg.records import Split

ACCEPTED = "x and y, or x_train and y_train; besides these x_validation, y_validation, x_test and y_test"
ACCEPTED_ALONE = "x, or x_train; besides these x_validation and x_test"
NPY_START = b"\x93NUMPY"
WHAT = "an .npz file, as numpy.savez writes it"
MAX_BYTES = 2_000_000_000
OWN_PARTS = ("x_validation", "y_validation", "x_test", "y_test")


def load_npz(
    path: str | os.PathLike,
    *,
    validation_fraction: float = 0.3,
    test_fraction: float = 0.2,
    train_size: int | None = None,
    task: str = "classification",
    drop_duplicates: bool = False,
    max_bytes: int = MAX_BYTES,
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
        max_bytes: The most bytes that the arrays may take up once they are unpacked. The file says how many
            before it is read; more are refused, as they may fill the memory.
        seed: Seed of the draws, which are stratified for classification.

    Returns:
        A `Split` named as the file is, without `.npz`.

    Raises:
        InvalidInput: If the file cannot be read or its arrays cannot be used; the message says why.
    """
    check_one_of("task", task, ("classification", "regression", "autoencoder"))
    path = readable_file(path, WHAT)
    autoencoder = task == "autoencoder"
    in_file = names_in_npz(path)
    accepted = ACCEPTED_ALONE if autoencoder else ACCEPTED
    known = {"x", "y", "x_train", "y_train", *OWN_PARTS}
    plain, train = (
        {f"x{ending}", *([] if autoencoder else [f"y{ending}"])} <= set(in_file) for ending in ("", "_train")
    )
    unknown = set(in_file) - known | set(in_file) & ({"x_train", "y_train"} if plain else {"x", "y"})
    if plain == train or unknown:
        found = ", ".join(sorted(in_file)) or "no array"
        raise InvalidInput(f"{path} holds {found}; accepted are {accepted}.")
    wanted = [name for name in in_file if not (autoencoder and name.startswith("y"))]
    arrays = read_npz(path, wanted, max_bytes=max_bytes)
    if autoencoder:
        arrays |= {f"y{name[1:]}": np.arange(len(x)) for name, x in arrays.items()}
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


def names_in_npz(path: str | os.PathLike) -> list[str]:
    """Returns the names of the arrays in an `.npz` file, of which it reads the directory alone.

    Raises:
        InvalidInput: If there is no such file, or it is no `.npz` file.
    """
    path = readable_file(path, WHAT)
    with _opened(path) as archive:
        return [name.removesuffix(".npy") for name in archive.namelist()]


def read_npz(
    path: str | os.PathLike, names: Iterable[str] | None = None, *, max_bytes: int = MAX_BYTES
) -> dict[str, np.ndarray]:
    """Reads arrays of an `.npz` file, and refuses pickled objects.

    Args:
        path: The file.
        names: The arrays to read, or `None` for all.
        max_bytes: The most bytes that these may take up once they are unpacked.

    Returns:
        Each array by its name in the file.

    Raises:
        InvalidInput: If there is no such file, or it is corrupt, truncated, pickled, too large, or no `.npz`
            file at all.
    """
    path = readable_file(path, WHAT)
    check_whole_number("max_bytes", max_bytes)
    with _opened(path) as archive:
        members = [
            member
            for member in archive.infolist()
            if names is None or member.filename.removesuffix(".npy") in names
        ]
        size = sum(member.file_size for member in members)
        if size > max_bytes:
            raise InvalidInput(
                f"The arrays in {path} take up {size / 1e9:.3g} GB once they are unpacked, more than the "
                f"limit of {max_bytes / 1e9:g} GB. Give fewer rows; or, if the memory has room for several "
                f"times as much, raise the limit: max_bytes={size}, in the command --max-data-size "
                f"{math.ceil(size / 1e8) / 10:g}."
            )
        # Whole members, so that their check sums are compared before a byte is made sense of.
        return {
            member.filename.removesuffix(".npy"): _array(path, member.filename, archive.read(member))
            for member in members
        }


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """Opens an archive, and says in one sentence why it or what is read in it cannot be read."""
    try:
        _check_archive(path)
        with zipfile.ZipFile(path) as archive:
            yield archive
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
