"""A butterfly's wing with its eye spot, close enough to see the scales."""

import numpy as np

from images.painting import clouds, ellipse, grid, inside, noise, paint, ramp

SIZE = (256, 256)
EYE = (108, 140)  # row and column of its center
ROOT = (292, -36)  # where the veins start, outside the picture


def draw() -> np.ndarray:
    """Draws the wing, shape (256, 256, 3), in [0, 1]."""
    rows, columns = grid(SIZE)
    down = rows + 6 * noise(SIZE, 36, 1)
    right = columns + 6 * noise(SIZE, 36, 2)
    reach = np.hypot(down - ROOT[0], right - ROOT[1])
    angle = np.arctan2(ROOT[0] - down, right - ROOT[1])
    picture = ramp(
        reach + 9 * clouds(SIZE, 22, 3),
        {40: "#3a1410", 120: "#7a2413", 190: "#b4421a", 255: "#c9551d", 300: "#8c2f17", 345: "#4a1812"},
    )
    _margin(picture, reach, angle)
    for number in range(9):
        vein = np.abs(angle - (0.12 + 0.172 * number) - 0.00022 * (reach - 150)) * reach
        paint(picture, "#2a0f0e", 0.75 * inside(vein - 1.1, 2.4))
    _eye(picture, rows + 1.5 * noise(SIZE, 20, 5), columns + 1.5 * noise(SIZE, 20, 6))
    return np.clip(picture * _scales(reach, angle)[..., np.newaxis], 0, 1)


def _margin(picture: np.ndarray, reach: np.ndarray, angle: np.ndarray) -> None:
    """Paints the dark border, scalloped between the veins, with a row of pale spots."""
    scallop = 7 * np.abs(np.sin((angle - 0.12) * np.pi / 0.172))
    paint(picture, "#1d0d12", 0.93 * inside(330 - scallop - reach, 10))
    spot = (np.mod(angle - 0.206, 0.172) - 0.086) * reach
    paint(picture, "#f0d9a8", 0.9 * inside(np.hypot(spot, reach - 352) - 7, 3))


def _eye(picture: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> None:
    """Paints the eye spot from its outer ring inwards."""
    for radii, shade, softness in (
        ((66, 60), "#e8b04a", 9),
        ((58, 52), "#1a0d14", 5),
        ((49, 43), "#f3cf6b", 5),
        ((42, 36), "#22122a", 4),
    ):
        paint(picture, shade, inside(ellipse(rows, columns, EYE, radii, 0.5), softness))
    pupil = ellipse(rows, columns, (EYE[0] + 2, EYE[1] - 2), (33, 28), 0.5)
    shimmer = 1 + pupil / 28 + 0.10 * noise(SIZE, 9, 7)
    blue = ramp(shimmer, {0.0: "#0d0b26", 0.35: "#27348f", 0.7: "#3f74d1", 0.9: "#8fb6ec", 1.0: "#2b2a63"})
    paint(picture, blue, inside(pupil, 4))
    for row, column, radius in ((-13, 11, 6.5), (-2, 17, 3.6), (6, 18, 2.2)):
        paint(
            picture,
            "#f7f4ff",
            0.95 * inside(ellipse(rows, columns, (EYE[0] + row, EYE[1] + column), (radius, radius)), 3),
        )


def _scales(reach: np.ndarray, angle: np.ndarray) -> np.ndarray:
    """Returns the light on rows of overlapping scales, as tiles lie on a roof."""
    row = np.floor(reach / 4.5)
    along = reach / 4.5 - row
    across = angle * 260 / 4.2 + 0.5 * np.mod(row, 2)
    bulge = 2 * np.abs(np.mod(across, 1) - 0.5)
    return 0.86 + 0.22 * along - 0.10 * bulge**3 + 0.03 * noise(SIZE, 0.8, 8)
