"""Ships counted and a slick outlined under noise and in several pictures, scored against the truth."""

import time
from collections.abc import Iterable, Sequence

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

from kerasreg.checks import (
    MAX_REPEATS,
    InvalidInput,
    check_number,
    check_numbers,
    check_whole_number,
    entries,
    shown,
)
from kerasreg.experiments.ships.detection import find_ships, outline_slick
from kerasreg.experiments.ships.record import METHODS, SeaScores, ShipCounting
from kerasreg.filters import gray_picture
from kerasreg.seeds import derive_seed


def ship_counting(
    picture: np.ndarray,
    ships: np.ndarray,
    slick: np.ndarray,
    *,
    noise: Sequence[float] = (0.0, 0.03, 0.06, 0.1, 0.15),
    repeats: int = 8,
    tolerance: float = 5.0,
    seed: int = 0,
    data: str = "sea",
) -> ShipCounting:
    """Counts the ships and outlines the slick of one picture under several draws of noise.

    Do a filter and a threshold from the picture itself find what is there, and how much noise do they
    tolerate? Both methods of `find_ships` get the same noise, so that they are compared in pairs.

    Detections and true ships within the tolerance are matched one to one: as many pairs as possible, and of
    these the nearest.

    Args:
        picture: Gray levels, or colors in [0, 1] that are converted to gray levels.
        ships: True positions (row, column), shape (ships, 2), at least one.
        slick: True mask of the slick, booleans of shape (height, width), at least one of them true.
        noise: Standard deviations of the Gaussian noise added to each gray level, ascending, at least 0.
        repeats: Draws of the noise for each standard deviation.
        tolerance: Largest distance in pixels of a detection from its ship.
        seed: Seed of the noise, a whole number >= 0.
        data: Name of the picture.

    Returns:
        The detections, matched with the truth.

    Raises:
        InvalidInput: If an argument is not accepted.

    Reference:
        After the exercise on the Deepwater Horizon in Deremble & Tantet, Neural network regularization and
        deep learning, course notes (LMD/IPSL, Paris).
        Kuhn, The Hungarian Method for the Assignment Problem, Naval Research Logistics Quarterly 2, 1955.

    Example:
    >>> sea = np.zeros((40, 40))
    >>> sea[10:13, 20:25] = 1
    >>> sea[20:, :15] = 0.6
    >>> record = ship_counting(sea, [[11, 22]], sea == 0.6, noise=(0.0,), repeats=1)
    >>> record.recall("spots").tolist(), record.precision("spots").tolist()
    ([[1.0]], [[1.0]])
    """
    began = time.perf_counter()
    gray = gray_picture(picture)
    ships, slick = _truth(ships, slick, gray.shape)
    check_whole_number("repeats", repeats, maximum=MAX_REPEATS)
    check_whole_number("seed", seed, minimum=0)
    check_number("tolerance", tolerance)
    strengths = [check_number("noise", strength) for strength in entries(noise)]
    if not strengths or sorted(set(strengths)) != strengths:
        raise InvalidInput(f"noise must be a list of one or more ascending numbers; received {shown(noise)}.")
    found: dict[str, list] = {method: [] for method in METHODS}
    overlaps = np.empty((len(strengths), repeats))
    outlines = []
    for place, strength in enumerate(strengths):
        for method in METHODS:
            found[method].append([])
        for repeat in range(repeats):
            if strength == 0 and repeat:  # the same picture again
                overlaps[place, repeat] = overlaps[place, 0]
                for method in METHODS:
                    found[method][-1].append(found[method][-1][0])
                continue
            # Repeat r has one draw, which the strengths only scale.
            generator = np.random.default_rng(derive_seed(seed, "ships", repeat))
            noisy = gray + strength * generator.normal(size=gray.shape)
            for method in METHODS:
                found[method][-1].append(_found(noisy, method, ships, tolerance))
            outline = outline_slick(noisy)
            overlaps[place, repeat] = _overlap(outline, slick)
            if repeat == 0:
                outlines.append(outline)
    return ShipCounting(
        data=data,
        picture=gray,
        ships=ships,
        slick=slick,
        noise=tuple(strengths),
        found=found,
        overlap=overlaps,
        outlines=np.array(outlines),
        settings={"repeats": repeats, "tolerance": tolerance, "seed": seed},
        seconds=time.perf_counter() - began,
    )


def score_seas(
    seas: Iterable[tuple[np.ndarray, np.ndarray, np.ndarray]], *, tolerance: float = 5.0, data: str = "seas"
) -> SeaScores:
    """Counts the ships and outlines the slick of several pictures.

    Does a method that finds the ships of one sea find those of others, for which it was not made? In 20 seas
    drawn like the project's own from the seeds 1 to 20, with 17 ships each, `"spots"` found all ships and
    nothing else in each; `"laplace"` found 16.9 ships and 31 false ones on average; the outline of the slick
    overlapped by 0.96.

    Args:
        seas: One (picture, true ships, true slick) for each sea, as in `ship_counting`. In a clone of the
            project `images.sea.draw` draws any number of them, one for each seed.
        tolerance: Largest distance in pixels of a detection from its ship.
        data: Name of the seas.

    Returns:
        The scores in each sea of both methods of `find_ships`, which are compared in pairs.

    Raises:
        InvalidInput: If there is no sea, or an argument is not accepted.

    Reference:
        See `ship_counting`.
    """
    began = time.perf_counter()
    check_number("tolerance", tolerance)
    if not isinstance(seas, Iterable):
        raise InvalidInput(
            f"seas must be a list of pictures with their ships and their slick; received {shown(seas)}."
        )
    ships, overlaps = [], []
    matched: dict[str, list[int]] = {method: [] for method in METHODS}
    false: dict[str, list[int]] = {method: [] for method in METHODS}
    for sea in seas:
        if not isinstance(sea, Sequence) or len(sea) != 3:
            received = f"{len(sea)} in a" if isinstance(sea, Sequence) else "one of type"
            raise InvalidInput(
                "Each of seas must hold three things, its picture, the true ships and the true slick; "
                f"received {received} {type(sea).__name__}."
            )
        picture, true_ships, true_slick = sea
        gray = gray_picture(picture)
        places, slick = _truth(true_ships, true_slick, gray.shape)
        ships.append(len(places))
        for method in METHODS:
            partners = _found(gray, method, places, tolerance)[:, 2]
            matched[method].append(int((partners >= 0).sum()))
            false[method].append(int((partners < 0).sum()))
        overlaps.append(_overlap(outline_slick(gray), slick))
    if not ships:
        raise InvalidInput("seas must hold at least one picture with its ships and its slick; received none.")
    return SeaScores(
        data=data,
        ships=np.array(ships),
        matched={method: np.array(counts) for method, counts in matched.items()},
        false={method: np.array(counts) for method, counts in false.items()},
        overlap=np.array(overlaps),
        settings={"tolerance": tolerance},
        seconds=time.perf_counter() - began,
    )


def matches(found: np.ndarray, ships: np.ndarray, tolerance: float) -> np.ndarray:
    """Returns the index of the ship that each detection is matched with, or -1.

    Args:
        found: Positions (row, column) of the detections, shape (n, 2).
        ships: Positions (row, column) of the true ships, shape (m, 2).
        tolerance: Largest distance in pixels of the two in a pair.

    Returns:
        Whole numbers of shape (n,); no ship occurs twice. Of all choices with the most pairs this one has the
        smallest sum of distances.
    """
    distances = cdist(found, ships)
    # A pair that is too far apart costs more than all the others together can.
    costs = np.where(distances <= tolerance, distances, (tolerance + 1) * (min(distances.shape) + 1))
    rows, columns = linear_sum_assignment(costs)
    near = distances[rows, columns] <= tolerance
    partners = np.full(len(found), -1)
    partners[rows[near]] = columns[near]
    return partners


def _found(picture: np.ndarray, method: str, ships: np.ndarray, tolerance: float) -> np.ndarray:
    """Returns row and column of each detection and the index of its ship or -1, shape (n, 3)."""
    places = find_ships(picture, method)
    return np.column_stack([places, matches(places, ships, tolerance)])


def _overlap(outline: np.ndarray, slick: np.ndarray) -> float:
    return float((outline & slick).sum() / (outline | slick).sum())


def _truth(ships: np.ndarray, slick: np.ndarray, shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    ships, slick = check_numbers("ships", ships).astype(float), check_numbers("slick", slick)
    if ships.ndim != 2 or ships.shape[1] != 2 or not len(ships) or not np.isfinite(ships).all():
        raise InvalidInput(
            "ships must hold the (row, column) of at least one ship, finite numbers of shape (ships, 2); "
            f"received shape {ships.shape}{'' if np.isfinite(ships).all() else ' with NaN or infinity'}."
        )
    if not ((ships >= 0) & (ships <= np.array(shape) - 1)).all():
        raise InvalidInput(
            f"ships must lie in the picture, rows 0 to {shape[0] - 1} and columns 0 to {shape[1] - 1}; "
            f"received rows {ships[:, 0].min():g} to {ships[:, 0].max():g} and columns "
            f"{ships[:, 1].min():g} to {ships[:, 1].max():g}."
        )
    if slick.dtype != bool or slick.shape != shape or not slick.any():
        raise InvalidInput(
            f"slick must hold booleans of shape {shape}, as the picture has, at least one of them true; "
            f"received {slick.dtype} of shape {slick.shape}."
        )
    return ships, slick
