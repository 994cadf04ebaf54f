"""A made-up sea whose ships and slick are known."""

import numpy as np

ROWS, COLUMNS = np.mgrid[:100, :100]
SHIPS = np.array([[12, 15], [20, 80], [70, 20], [82, 84], [50, 52]])  # the last one on the slick
SLICK = np.hypot(ROWS - 48, (COLUMNS - 50) / 1.3) < 20


def sea(noise=0.0, *, ships=SHIPS):
    """Swell, a slick with a sharp edge, and white ships of 3 x 6 pixels."""
    picture = 0.25 + 0.03 * np.sin(ROWS / 3) + 0.3 * SLICK
    for row, column in ships:
        picture[row - 1 : row + 2, column - 3 : column + 3] = 0.95
    return picture + noise * np.random.default_rng(0).normal(size=picture.shape)
