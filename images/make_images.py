"""Draws the project's own pictures: `python images/make_images.py [FOLDER]`, by default into this folder."""

import json
import sys
from pathlib import Path

import numpy as np
from PIL import Image

if not __package__:  # run as a script, which finds its own folder only
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from images import beach, butterfly, crowd, knitting, sea, stripes

PICTURES = {  # beside the sea, of which more is known
    "beach": beach.draw,
    "butterfly": butterfly.draw,
    "crowd": crowd.draw,
    "knitting": knitting.draw,
    "stripes": stripes.draw,
}


def as_bytes(picture: np.ndarray) -> np.ndarray:
    """Returns a picture in [0, 1] as 8-bit numbers."""
    return np.round(picture * 255).astype(np.uint8)


def make_images(folder: Path) -> None:
    """Draws every picture, and what is known of the sea: its ships and its slick."""
    picture, slick, ships = sea.draw()
    pictures = {name: draw() for name, draw in PICTURES.items()} | {"sea": picture}
    for name, drawn in pictures.items():
        Image.fromarray(as_bytes(drawn)).save(folder / f"{name}.png", optimize=True)
    Image.fromarray(slick).save(folder / "sea_slick.png", optimize=True)
    truth = {"ships": ships.tolist(), "meaning": "row and column of each ship's center, in pixels from 0"}
    (folder / "sea.json").write_text(json.dumps(truth) + "\n", encoding="utf-8")


if __name__ == "__main__":
    make_images(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
