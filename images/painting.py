"""What the pictures are painted with: noise, colors and soft edges, on arrays alone."""

from collections.abc import Sequence

import numpy as np
from scipy.ndimage import gaussian_filter

Size = tuple[int, int]


def grid(size: Size) -> tuple[np.ndarray, np.ndarray]:
    """Returns the row and the column of each pixel, both of shape (height, width)."""
    rows, columns = np.mgrid[: size[0], : size[1]].astype(float)
    return rows, columns


def noise(size: Size, smoothness: float | Sequence[float], seed: int) -> np.ndarray:
    """Returns smooth noise of mean 0 and standard deviation 1.

    Args:
        size: Height and width.
        smoothness: Standard deviation of the Gaussian filter in pixels; one for rows and one for columns
            stretch the noise.
        seed: Seed of the noise.
    """
    values = gaussian_filter(np.random.default_rng(seed).normal(size=size), smoothness, mode="wrap")
    return (values - values.mean()) / values.std()


def clouds(size: Size, smoothness: float, seed: int, *, octaves: int = 5) -> np.ndarray:
    """Returns noise whose details are half as large and half as strong from octave to octave."""
    layers = [noise(size, smoothness / 2**octave, seed + octave) / 2**octave for octave in range(octaves)]
    return sum(layers) / 1.15


def color(code: str) -> np.ndarray:
    """Returns "#rrggbb" as three numbers in [0, 1]."""
    return np.array([int(code[first : first + 2], 16) for first in (1, 3, 5)]) / 255


def ramp(values: np.ndarray, stops: dict[float, str]) -> np.ndarray:
    """Returns the color of each value, between those of the stops on its sides; shape (..., 3)."""
    colors = np.array([color(code) for code in stops.values()])
    return np.stack([np.interp(values, list(stops), channel) for channel in colors.T], axis=-1)


def inside(distance: np.ndarray, softness: float = 1.0) -> np.ndarray:
    """Returns 1 where a distance from an edge is negative and 0 where positive, over a soft border."""
    return np.clip(0.5 - distance / softness, 0, 1)


def paint(picture: np.ndarray, shade: np.ndarray | str, cover: np.ndarray) -> None:
    """Lays a color over a picture, in place.

    Args:
        picture: Shape (height, width, 3).
        shade: Shape (3,) or (height, width, 3), or "#rrggbb".
        cover: How much of it, in [0, 1], shape (height, width).
    """
    shade = color(shade) if isinstance(shade, str) else shade
    picture += cover[..., np.newaxis] * (shade - picture)


def ellipse(
    rows: np.ndarray, columns: np.ndarray, center: Sequence[float], radii: Sequence[float], turn: float = 0.0
) -> np.ndarray:
    """Returns about how far each pixel lies outside an ellipse, in pixels; negative inside.

    Args:
        rows: The pixels' rows.
        columns: The pixels' columns.
        center: Its row and column.
        radii: Its half-axes, along the rows and along the columns before it is turned.
        turn: By how much it is turned, in radians.
    """
    down, right = rows - center[0], columns - center[1]
    along = down * np.cos(turn) - right * np.sin(turn)
    across = down * np.sin(turn) + right * np.cos(turn)
    return (np.hypot(along / radii[0], across / radii[1]) - 1) * min(radii)
