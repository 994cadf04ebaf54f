"""Flat stripes: ten colors without any texture, so that the palette is known to the last pixel."""

import numpy as np

from images.painting import color

SIZE = (256, 256)
COLORS = (
    "#2b1b4d", "#6d2e8c", "#b84a9c", "#f07ba8", "#ffc2b4",
    "#fff1d6", "#bfe8d0", "#4fc1b0", "#1f7d94", "#17415f",
)  # fmt: skip
WIDTHS = (5, 11, 19, 7, 14, 3, 23, 9)


def draw() -> np.ndarray:
    """Draws the stripes, shape (256, 256, 3), in [0, 1]."""
    random = np.random.default_rng(7)
    numbers: list[int] = []
    while len(numbers) < SIZE[1]:
        choices = [number for number in range(len(COLORS)) if not numbers or number != numbers[-1]]
        numbers += [int(random.choice(choices))] * int(random.choice(WIDTHS))
    row = np.array([color(code) for code in COLORS])[numbers[: SIZE[1]]]
    return np.tile(row, (SIZE[0], 1, 1))
