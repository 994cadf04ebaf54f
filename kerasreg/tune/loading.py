"""The data that the command's options name."""

import argparse
import math
from pathlib import Path

import numpy as np

from kerasreg.checks import InvalidInput, check_number, check_one_of, check_whole_number
from kerasreg.records import Split

PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff", ".gif")
PATCH_SIZE = 8


def load(options: argparse.Namespace) -> tuple[Split, str, np.ndarray | None]:
    """Returns the data that `--data` names, the Python call that loads it, and the picture if it is one."""
    from kerasreg import data

    check_one_of("task", options.task, ("classification", "regression"))
    own_file = options.data.endswith(".npz")
    picture = None
    if not options.data.lower().endswith(PICTURES) and options.patch_size is not None:
        raise InvalidInput(f"--patch-size is for pictures; received --data {options.data}. Leave it out.")
    if not own_file and (options.task != "classification" or options.drop_duplicates):
        raise InvalidInput(
            "--task and --drop-duplicates are for .npz files; received "
            f"--data {options.data}. Leave them out."
        )
    if not own_file and options.max_data_size is not None:
        raise InvalidInput(
            f"--max-data-size is for .npz files; received --data {options.data}. Leave it out."
        )
    if not options.data.lower().endswith(PICTURES) and options.max_pixels is not None:
        raise InvalidInput(f"--max-pixels is for pictures; received --data {options.data}. Leave it out.")
    arguments = {"seed": options.seed}
    if options.train_size is not None:
        arguments["train_size"] = options.train_size
    if options.data == "digits":
        name, path = "load_digits_split", None
    elif options.data == "mnist":
        name, path = "load_mnist_subset", None
    elif own_file:
        name, path = "load_npz", options.data
        # an autoencoder looks at x alone, whatever y holds
        task = "autoencoder" if options.model == "autoencoder" else options.task
        if task != "classification":
            arguments["task"] = task
        if options.drop_duplicates:
            arguments["drop_duplicates"] = True
        if options.max_data_size is not None:
            gigabytes = check_number("--max-data-size", options.max_data_size, exclusive_minimum=True)
            arguments["max_bytes"] = math.ceil(gigabytes * 1e9)
    elif options.data.lower().endswith(PICTURES):
        if options.model != "autoencoder":
            raise InvalidInput(
                "A picture is for the autoencoder, which rebuilds its patches: the other networks need "
                f"labels. Received --data {options.data} and the model {options.model!r}."
            )
        name, path = "patches_split", options.data
        size = PATCH_SIZE if options.patch_size is None else options.patch_size
        arguments["size"] = check_whole_number("--patch-size", size)
        limit = {} if options.max_pixels is None else {"max_pixels": options.max_pixels}
        picture = data.read_picture(path, **limit)
        # Equal patches, of a plain sky, could come to both sides when the winner's data are divided anew.
        arguments["drop_duplicates"] = True
        arguments["name"] = f"{Path(path).name} in patches"
    else:
        raise InvalidInput(
            "--data must be digits, mnist, the path of an .npz file, or that of a picture "
            f"({', '.join(PICTURES)}); received {options.data!r}."
        )
    shown = [repr(path)] if path else []
    shown += [f"{key}={value!r}" for key, value in arguments.items()]
    source = path if picture is None else picture
    split = getattr(data, name)(*([] if source is None else [source]), **arguments)
    return split, f"{name}({', '.join(shown)})", picture
