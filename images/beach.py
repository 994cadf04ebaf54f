"""A beach from above: waves, wet and dry sand, parasols and towels."""

import numpy as np

from images.painting import clouds, ellipse, grid, inside, noise, paint, ramp

SIZE = (256, 384)
BRIGHT = ("#e4572e", "#f3b61f", "#2e86ab", "#f5f0e6", "#d81159", "#6ba292")


def draw() -> np.ndarray:
    """Draws the beach, shape (256, 384, 3), in [0, 1]."""
    rows, columns = grid(SIZE)
    shore = (
        112
        - 0.16 * columns
        + 10 * np.sin(columns / 43)
        + 5 * np.sin(columns / 17 + 1)
        + 3 * clouds(SIZE, 14, 1)
    )
    beyond = rows - shore  # pixels from the water's edge, positive on land
    picture = ramp(
        beyond + 5 * clouds(SIZE, 18, 2) * (beyond < 0),
        {-150: "#0b6e8a", -95: "#1492a6", -55: "#3bbdbf", -22: "#8fdcd0", -4: "#cfeee2",
         0: "#b08f63", 16: "#c4a272", 34: "#e3c793", 90: "#efd9ab", 170: "#f4e3bd"},
    )  # fmt: skip
    ripples = np.sin(beyond / 3.1 + 1.8 * noise(SIZE, 9, 3)) * np.clip(-beyond / 60, 0, 1)
    picture += (0.022 * ripples)[..., np.newaxis]
    grains = (0.012 * noise(SIZE, 0.7, 4) + 0.016 * clouds(SIZE, 12, 5)) * (beyond > 0)
    picture += grains[..., np.newaxis]
    for offset, width, strength in ((-2, 3.2, 0.95), (-20, 2.4, 0.75), (-43, 1.8, 0.5)):
        _foam(picture, beyond - offset, width, strength, seed=20 - offset)
    _people(picture, rows, columns, beyond)
    return np.clip(picture, 0, 1)


def _foam(picture: np.ndarray, distance: np.ndarray, width: float, strength: float, seed: int) -> None:
    """Paints the white of a wave, which is torn into lace towards the sea."""
    lace = noise(SIZE, 2.2, seed) + 0.6 * noise(SIZE, 9, seed + 1)
    edge = np.abs(distance + 2 * lace) - width * (1.1 + 0.5 * noise(SIZE, 13, seed + 2))
    paint(picture, "#fdfdf8", strength * inside(edge, 3))
    veil = np.exp(np.clip(distance, None, 0) / 7) * (distance < 0) * np.clip(0.3 + 0.4 * lace, 0, 1)
    paint(picture, "#f4fbf6", 0.6 * strength * veil)


def _people(picture: np.ndarray, rows: np.ndarray, columns: np.ndarray, beyond: np.ndarray) -> None:
    """Paints towels and parasols on the dry sand, each with its shadow."""
    random = np.random.default_rng(6)
    places: list[np.ndarray] = []
    candidates = random.permutation(
        np.argwhere((beyond > 46) & (rows < 244) & (columns > 10) & (columns < 374))
    )
    for place in candidates:
        if len(places) < 26 and all(np.hypot(*(place - other)) > 27 for other in places):
            places.append(place)
    for number, (row, column) in enumerate(places):
        first, second = random.choice(len(BRIGHT), 2, replace=False)
        if number % 2:
            _towel(
                picture, rows - row, columns - column, random.uniform(0, np.pi), BRIGHT[first], BRIGHT[second]
            )
        else:
            _parasol(picture, rows - row, columns - column, random.uniform(8, 10.5), BRIGHT[first])


def _parasol(picture: np.ndarray, down: np.ndarray, right: np.ndarray, radius: float, shade: str) -> None:
    shadow = ellipse(down, right, (5, 6), (radius, radius))
    paint(picture, "#7d6240", 0.45 * inside(shadow, 4))
    edge = ellipse(down, right, (0, 0), (radius, radius))
    slices = np.sin(4 * np.arctan2(down, right)) > 0
    paint(picture, shade, inside(edge, 1.5))
    paint(picture, "#fbf7ee", inside(edge, 1.5) * slices)
    paint(picture, "#20150c", 0.16 * inside(edge, 1.5) * np.clip((down + right) / (2 * radius) + 0.3, 0, 1))
    paint(picture, "#fffdf5", inside(ellipse(down, right, (0, 0), (1.4, 1.4)), 1.2))


def _towel(
    picture: np.ndarray, down: np.ndarray, right: np.ndarray, turn: float, shade: str, stripe: str
) -> None:
    along = down * np.cos(turn) - right * np.sin(turn)
    across = down * np.sin(turn) + right * np.cos(turn)
    edge = np.maximum(np.abs(along) - 8.5, np.abs(across) - 4)
    paint(
        picture, "#7d6240", 0.35 * inside(np.maximum(np.abs(along - 0.6) - 9, np.abs(across - 0.8) - 4.4), 2)
    )
    paint(picture, shade, inside(edge, 1.2))
    paint(picture, stripe, inside(edge, 1.2) * inside(np.abs(np.abs(along) - 5.5) - 1.1, 1))
