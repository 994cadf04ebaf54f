"""A crowd of colors: people from behind and above, row by row."""

from collections.abc import Sequence

import numpy as np

from images.painting import clouds, color, ellipse, grid, inside, paint

SIZE = (256, 256)
CLOTHES = (
    "#e63946", "#f3722c", "#f9c74f", "#90be6d", "#2a9d8f", "#118ab2", "#3a56b0", "#7b2cbf",
    "#f15bb5", "#f1faee", "#22223b", "#9c6644", "#c1121f", "#80ed99", "#48cae4", "#ffafcc",
)  # fmt: skip
HAIR = ("#1b1412", "#2d1e17", "#4e3325", "#7a5230", "#b9874a", "#d9b77e", "#8a8580", "#7d2f1a")
SKIN = ("#f2cfb3", "#dfae86", "#bf8256", "#8f5a38", "#633c26")


def draw() -> np.ndarray:
    """Draws the crowd, shape (256, 256, 3), in [0, 1]."""
    random = np.random.default_rng(11)
    picture = np.tile(color("#3b3f4a"), (*SIZE, 1))
    places = grid(SIZE)
    row = -6.0
    while row < SIZE[0] + 26:
        near = 0.62 + 0.75 * np.clip(row / SIZE[0], 0, 1)  # the nearer, the larger
        column = random.uniform(-14, 0)
        while column < SIZE[1] + 14:
            center = (row + random.normal(0, 1.6 * near), column)
            _person(picture, places, center, near * random.uniform(0.9, 1.1), random)
            column += 19 * near * random.uniform(0.85, 1.2)
        row += 12.5 * near
    haze = np.linspace(0.22, 0, SIZE[0])[:, np.newaxis] * np.ones(SIZE)
    paint(picture, "#f6e7d0", haze)
    return np.clip(picture * (1 + 0.03 * clouds(SIZE, 60, 12)[..., np.newaxis]), 0, 1)


def _person(
    picture: np.ndarray,
    places: tuple[np.ndarray, np.ndarray],
    center: Sequence[float],
    scale: float,
    random: np.random.Generator,
) -> None:
    """Paints shoulders and a head with its hair; later people stand before earlier ones."""
    reach = int(24 * scale)
    top, left = int(max(0, center[0] - reach)), int(max(0, center[1] - reach))
    window = np.s_[top : int(max(0, center[0] + reach)), left : int(max(0, center[1] + reach))]
    rows, columns = (array[window] for array in places)
    if rows.size == 0:
        return
    part = picture[window]
    light = 1 - 0.28 * np.clip((columns - center[1]) / (9 * scale), -1, 1)[..., np.newaxis]
    shoulders = (center[0] + 13 * scale, center[1])
    paint(part, "#15161c", 0.45 * inside(ellipse(rows, columns, shoulders, (13 * scale, 11.5 * scale)), 4))
    cloth = color(random.choice(CLOTHES))
    body = inside(ellipse(rows, columns, shoulders, (12 * scale, 9.6 * scale)), 1.3)
    paint(part, np.clip(cloth * light, 0, 1), body)
    if random.random() < 0.3:
        stripes = np.sin((rows - center[0]) * 2.1 / scale) > 0
        paint(part, np.clip(color(random.choice(CLOTHES)) * light, 0, 1), body * stripes)
    skin = color(random.choice(SKIN))
    neck = ellipse(rows, columns, (center[0] + 3.5 * scale, center[1]), (4 * scale, 2.6 * scale))
    paint(part, skin * 0.82, inside(neck, 1.2))
    head = ellipse(rows, columns, (center[0] - 1.6 * scale, center[1]), (5.6 * scale, 4.7 * scale))
    paint(part, np.clip(skin * light, 0, 1), inside(head, 1.2))
    hair = color(random.choice(HAIR)) if random.random() < 0.82 else color(random.choice(CLOTHES))
    cap = ellipse(rows, columns, (center[0] - 3.0 * scale, center[1]), (5.0 * scale, 5.1 * scale))
    paint(part, np.clip(hair * light, 0, 1), inside(cap, 1.2))
