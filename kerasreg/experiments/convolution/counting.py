"""Ships counted in noisier and noisier pictures, against the truth."""

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
from kerasreg.experiments.convolution.ships import find_ships, outline_slick
from kerasreg.filters import gray_picture
from kerasreg.records.sea_scores import SeaScores
from kerasreg.records.ships import WAYS, ShipCounting
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

    The question: does a filter and a threshold from the picture itself find what is there, and how much noise
    does that bear? Both ways of `find_ships` see the same noise, so that they are compared in pairs.

    A ship that was found is a true one if it is within the tolerance of one, each of which counts once: as
    many pairs as possible, and of these the nearest.

    Args:
        picture: Grey levels, or colours in [0, 1] that are made grey first.
        ships: The true (row, column) of each ship, shape (ships, 2), at least one.
        slick: Which pixels the slick truly covers, booleans of shape (height, width), at least one.
        noise: Standard deviations of the Gaussian noise that is added to each grey level, ascending, at least
            0.
        repeats: Draws of each noise.
        tolerance: How far from a true ship, in pixels, one may be found.
        seed: Seed of the noise, a whole number >= 0.
        data: What the picture is called.

    Returns:
        What was found, matched with the truth.

    Raises:
        InvalidInput: If an argument cannot be used.

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
    grey = gray_picture(picture)
    ships, slick = _truth(ships, slick, grey.shape)
    check_whole_number("repeats", repeats, maximum=MAX_REPEATS)
    check_whole_number("seed", seed, minimum=0)
    check_number("tolerance", tolerance)
    strengths = [check_number("noise", strength) for strength in entries(noise)]
    if not strengths or sorted(set(strengths)) != strengths:
        raise InvalidInput(f"noise must be a list of one or more ascending numbers; received {shown(noise)}.")
    found: dict[str, list] = {way: [] for way in WAYS}
    overlaps = np.empty((len(strengths), repeats))
    outlines = []
    for place, strength in enumerate(strengths):
        for way in WAYS:
            found[way].append([])
        for repeat in range(repeats):
            if strength == 0 and repeat:  # the same picture again
                overlaps[place, repeat] = overlaps[place, 0]
                for way in WAYS:
                    found[way][-1].append(found[way][-1][0])
                continue
            # Repeat r has one draw, which the strengths only scale.
            generator = np.random.default_rng(derive_seed(seed, "ships", repeat))
            noisy = grey + strength * generator.normal(size=grey.shape)
            for way in WAYS:
                found[way][-1].append(_found(noisy, way, ships, tolerance))
            outline = outline_slick(noisy)
            overlaps[place, repeat] = _overlap(outline, slick)
            if repeat == 0:
                outlines.append(outline)
    return ShipCounting(
        data=data,
        picture=grey,
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

    The question: does what finds the ships of one sea find those of others, which it was not made for? Of 20
    seas drawn like the project's own from the seeds 1 to 20, with 17 ships each, `"spots"` found all ships
    and nothing else in each; `"laplace"` found 16.9 and took 31 other places for ships; the slick's outline
    overlapped by 0.96.

    Args:
        seas: For each its picture, the true ships and the true slick, as `ship_counting` takes them. In a
            clone of the project `images.sea.draw` draws as many as one likes, of a seed each.
        tolerance: How far from a true ship, in pixels, one may be found.
        data: What the seas are called.

    Returns:
        What was found in each, by both ways of `find_ships`, which are compared in pairs.

    Raises:
        InvalidInput: If there is no sea, or an argument cannot be used.

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
    matched: dict[str, list[int]] = {way: [] for way in WAYS}
    false: dict[str, list[int]] = {way: [] for way in WAYS}
    for sea in seas:
        if not isinstance(sea, Sequence) or len(sea) != 3:
            received = f"{len(sea)} in a" if isinstance(sea, Sequence) else "one of type"
            raise InvalidInput(
                "Each of seas must hold three things, its picture, the true ships and the true slick; "
                f"received {received} {type(sea).__name__}."
            )
        picture, true_ships, true_slick = sea
        grey = gray_picture(picture)
        places, slick = _truth(true_ships, true_slick, grey.shape)
        ships.append(len(places))
        for way in WAYS:
            partners = _found(grey, way, places, tolerance)[:, 2]
            matched[way].append(int((partners >= 0).sum()))
            false[way].append(int((partners < 0).sum()))
        overlaps.append(_overlap(outline_slick(grey), slick))
    if not ships:
        raise InvalidInput("seas must hold at least one picture with its ships and its slick; received none.")
    return SeaScores(
        data=data,
        ships=np.array(ships),
        matched={way: np.array(counts) for way, counts in matched.items()},
        false={way: np.array(counts) for way, counts in false.items()},
        overlap=np.array(overlaps),
        settings={"tolerance": tolerance},
        seconds=time.perf_counter() - began,
    )


def matches(found: np.ndarray, ships: np.ndarray, tolerance: float) -> np.ndarray:
    """Returns for each place that was found the number of the ship it is, or -1.

    Args:
        found: (row, column) of each, shape (n, 2).
        ships: (row, column) of the true ships, shape (m, 2).
        tolerance: How far apart the two of a pair may be, in pixels.

    Returns:
        Whole numbers of shape (n,); no ship stands twice. There are as many pairs as possible, and of all
        such choices this one has the least sum of distances.
    """
    distances = cdist(found, ships)
    # A pair that is too far apart costs more than all the others together can.
    costs = np.where(distances <= tolerance, distances, (tolerance + 1) * (min(distances.shape) + 1))
    rows, columns = linear_sum_assignment(costs)
    near = distances[rows, columns] <= tolerance
    partners = np.full(len(found), -1)
    partners[rows[near]] = columns[near]
    return partners


def _found(picture: np.ndarray, way: str, ships: np.ndarray, tolerance: float) -> np.ndarray:
    """Returns row and column of each place that was found and the number of its ship or -1, shape (n, 3)."""
    places = find_ships(picture, way)
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
