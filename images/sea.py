"""The sea from above: an oil slick and ships, each of them known.

After the exercise on the Deepwater Horizon in the course by Deremble & Tantet: count the ships, outline
the slick.
"""

from collections.abc import Sequence

import numpy as np
from scipy.ndimage import distance_transform_edt, label

from images.painting import clouds, ellipse, grid, inside, noise, paint, ramp

SIZE = (256, 384)
SHIPS_ON_SLICK, SHIPS_NEAR_SLICK, SHIPS_ELSEWHERE = 2, 6, 9
APART = 16  # pixels between two ships, and
MARGIN = 9  # between a ship and the picture's edge, at least
SEED = 20_100_420
# How oil looks as it gets thicker: silver, a trace of the rainbow, then metal and bronze.
FILM = {
    0.0: "#8fa9ad",
    0.18: "#b9c6c8",
    0.30: "#c9b8c9",
    0.38: "#d8cba6",
    0.48: "#a9c0b4",
    0.62: "#b3ada4",
    1.0: "#9c8a76",
}


def draw(seed: int = SEED) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draws a sea.

    Args:
        seed: Of everything in it; the default is the sea that is kept as `sea.png`.

    Returns:
        The picture, shape (256, 384, 3), in [0, 1]; the slick, booleans of shape (256, 384); the ships'
        centers, shape (17, 2), as (row, column).
    """
    rows, columns = grid(SIZE)
    depth = 0.55 * (columns / SIZE[1] - rows / SIZE[0]) + 0.22 * clouds(SIZE, 48, seed)
    picture = ramp(depth, {-0.8: "#04222f", -0.3: "#07374a", 0.1: "#0c4f5e", 0.5: "#14696d", 0.9: "#1f7f78"})
    thickness, across = _oil(rows, columns, seed)
    slick = _largest(thickness > 0)
    sheen = inside(-thickness * 22, 4) * slick
    swell = np.sin((rows * 0.85 + columns * 0.45) / 1.9 + 1.4 * noise(SIZE, 14, seed + 40))
    swell *= 0.012 * (1 + 0.5 * noise(SIZE, 22, seed + 41))
    roughness = swell + 0.009 * noise(SIZE, (0.6, 1.1), seed + 42)
    picture += (roughness * (1 - 0.8 * sheen))[..., np.newaxis]  # oil calms the waves
    streaks = np.sin(9 * across + 1.7 * clouds(SIZE, 16, seed + 50))
    film = 0.9 * thickness + 0.13 * streaks + 0.07 * clouds(SIZE, 9, seed + 60)
    paint(picture, ramp(film, FILM), sheen * np.clip(0.80 + 0.10 * streaks, 0, 1))
    ships = _places(slick, seed)
    random = np.random.default_rng(seed + 200)
    for center in ships:
        _ship(picture, rows, columns, center, random)
    return np.clip(picture, 0, 1), slick, ships


def _oil(rows: np.ndarray, columns: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Returns how thick the oil of a winding band is, negative outside, and where across the band."""
    down = rows + 13 * clouds(SIZE, 34, seed + 10) + 5 * clouds(SIZE, 11, seed + 12)
    right = columns + 13 * clouds(SIZE, 34, seed + 20) + 5 * clouds(SIZE, 11, seed + 22)
    position = (right - 62) / 230
    spine = 150 - 62 * np.sin(2.6 * position - 0.2) + 26 * np.sin(6.5 * position)
    width = 9 + 30 * np.exp(-(((position - 0.42) / 0.30) ** 2)) + 4 * noise(SIZE, 9, seed + 30)
    ends = np.clip(np.minimum(position + 0.02, 1.02 - position) * 8, -1, 1)
    across = (down - spine) / width
    return ends - np.abs(across), across


def _largest(mask: np.ndarray) -> np.ndarray:
    pieces, _ = label(mask)
    return pieces == 1 + np.argmax(np.bincount(pieces.ravel())[1:])


def _places(slick: np.ndarray, seed: int) -> np.ndarray:
    """Draws where the ships are: some on the slick, some close to it, some far away."""
    random = np.random.default_rng(seed + 100)
    off, deep = distance_transform_edt(~slick), distance_transform_edt(slick)
    zones = [
        (deep > 6, SHIPS_ON_SLICK),
        ((off > 4) & (off < 13), SHIPS_NEAR_SLICK),
        (off > 22, SHIPS_ELSEWHERE),
    ]
    places = []
    for zone, wanted in zones:
        candidates = np.argwhere(zone)
        candidates = candidates[
            (candidates >= MARGIN).all(axis=1) & (candidates < np.array(SIZE) - MARGIN).all(axis=1)
        ]
        found = 0
        for place in random.permutation(candidates):
            if all(np.hypot(*(place - other)) >= APART for other in places):
                places.append(place)
                found += 1
            if found == wanted:
                break
    return np.array(places)


def _ship(
    picture: np.ndarray,
    rows: np.ndarray,
    columns: np.ndarray,
    center: Sequence[float],
    random: np.random.Generator,
) -> None:
    """Paints a bright hull of about 7 x 3 pixels, and its wake."""
    course = random.uniform(0, 2 * np.pi)
    ahead = (rows - center[0]) * np.cos(course) - (columns - center[1]) * np.sin(course)
    aside = (rows - center[0]) * np.sin(course) + (columns - center[1]) * np.cos(course)
    astern = np.clip(-ahead - 3, 0, None)
    wake = np.exp(-np.abs(np.abs(aside) - 0.16 * astern) / 0.8) * np.exp(-astern / 7) * (astern > 0)
    paint(picture, "#d5ebe6", 0.30 * wake)
    hull = ellipse(rows, columns, center, (random.uniform(3.0, 4.0), random.uniform(1.4, 1.8)), course)
    paint(picture, "#fffdf4", inside(hull, 1.6))
