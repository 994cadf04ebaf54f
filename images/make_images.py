"""Draws the project's own pictures into this folder: `python -m images.make_images`."""

import json
from pathlib import Path

import numpy as np
from PIL import Image

from images import beach, butterfly, crowd, knitting, sea, stripes

PICTURES = {
    "beach": beach.draw,
    "butterfly": butterfly.draw,
    "crowd": crowd.draw,
    "knitting": knitting.draw,
    "sea": lambda: sea.draw()[0],
    "stripes": stripes.draw,
}


def as_bytes(picture: np.ndarray) -> np.ndarray:
    """Returns a picture in [0, 1] as 8-bit numbers."""
    return np.round(picture * 255).astype(np.uint8)


def make_images(folder: Path) -> None:
    """Draws every picture, and what is known of the sea: its ships and its slick."""
    for name, draw in PICTURES.items():
        Image.fromarray(as_bytes(draw())).save(folder / f"{name}.png", optimize=True)
    _, slick, ships = sea.draw()
    Image.fromarray(slick).save(folder / "sea_slick.png", optimize=True)
    truth = {"ships": ships.tolist(), "meaning": "row and column of each ship's centre, in pixels from 0"}
    (folder / "sea.json").write_text(json.dumps(truth) + "\n", encoding="utf-8")


if __name__ == "__main__":
    make_images(Path(__file__).parent)
