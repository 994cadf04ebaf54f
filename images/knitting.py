"""Knitting: stitches of wool after a chart, seen closely."""

from collections.abc import Sequence

import numpy as np

from images.painting import clouds, color, ellipse, grid, inside, noise, paint

SIZE = (256, 256)
STITCH = (14, 16)  # rows and columns of pixels
WOOL = {".": "#8e1f2f", "o": "#f3e6cf", "x": "#1f4d3f", "+": "#d99a3a"}
CHART = (
    "................",
    "x.x.x.x.x.x.x.x.",
    ".x.x.x.x.x.x.x.x",
    "................",
    "o.....oo.....o.o",
    ".o.o.o..o.o.o...",
    "..ooo....ooo....",
    ".o.+.o..o.+.o...",
    "..ooo....ooo....",
    ".o.o.o..o.o.o...",
    "o.....oo.....o.o",
    "................",
    "+++.+++.+++.+++.",
    ".+...+...+...+..",
    "oooooooooooooooo",
    "xoxoxoxoxoxoxoxo",
    "oxoxoxoxoxoxoxox",
    "oooooooooooooooo",
    ".+...+...+...+..",
)


def draw() -> np.ndarray:
    """Draws the knitting, shape (256, 256, 3), in [0, 1]."""
    rows, columns = grid(SIZE)
    down = rows + 1.3 * noise(SIZE, 26, 1)  # no knitter's rows are quite straight
    right = columns + 1.3 * noise(SIZE, 26, 2)
    picture = np.tile(color("#2a0a12"), (*SIZE, 1))
    random = np.random.default_rng(3)
    for line in range(-1, SIZE[0] // STITCH[0] + 2):
        for place in range(SIZE[1] // STITCH[1] + 1):
            wool = color(WOOL[CHART[line % len(CHART)][place % len(CHART[0])]])
            wool = wool * random.uniform(0.92, 1.06)
            for side in (-1, 1):
                _leg(picture, down, right, ((line + 0.5) * STITCH[0], (place + 0.5) * STITCH[1]), side, wool)
    fibres = 0.02 * noise(SIZE, (0.9, 0.5), 4) + 0.025 * clouds(SIZE, 40, 5)
    return np.clip(picture * (1 + 1.6 * fibres[..., np.newaxis]), 0, 1)


def _leg(
    picture: np.ndarray,
    rows: np.ndarray,
    columns: np.ndarray,
    center: Sequence[float],
    side: int,
    wool: np.ndarray,
) -> None:
    """Paints one half of a stitch: a plump strand that leans inwards, its twist and its shadow."""
    top, left = int(max(0, center[0] - 16)), int(max(0, center[1] - 16))
    window = np.s_[top : top + 34, left : left + 34]
    rows, columns = rows[window], columns[window]
    if rows.size == 0:
        return
    middle = (center[0], center[1] + side * 3.9)
    lean = side * 0.42
    edge = ellipse(rows, columns, middle, (10.2, 4.3), lean)
    along = (rows - middle[0]) * np.cos(lean) - (columns - middle[1]) * np.sin(lean)
    across = (rows - middle[0]) * np.sin(lean) + (columns - middle[1]) * np.cos(lean)
    round_ = np.sqrt(np.clip(1 - (across / 4.6) ** 2, 0, 1))
    light = 0.50 + 0.50 * round_ - 0.05 * across / 4.3 + 0.07 * np.sin(1.7 * along + side * 1.1 * across)
    light = light * np.clip(1.05 - (along / 14) ** 2, 0.5, 1)
    paint(picture[window], np.clip(wool * light[..., np.newaxis], 0, 1), inside(edge, 1.4))
