"""Draws the figures of the README and docs: `python images/make_figures.py kerasreg-tune/results.json`."""

import json
import sys
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from kerasreg import recolor
from kerasreg.data import own_picture, photograph
from kerasreg.plotting import plot_learning_curves, plot_recolored, plot_search, plot_test_scores
from kerasreg.plotting.recolored import axes_of_one_height
from kerasreg.records import SearchResult


def search_picture(result: SearchResult) -> Figure:
    """Returns a search, its best networks, and what they are worth on test data."""
    figure = Figure(figsize=(13, 3.9), layout="constrained", dpi=110)
    axes = figure.subplots(1, 3)
    plot_search(result, ax=axes[0])
    plot_learning_curves(result, num_trials=2, ax=axes[1])
    plot_test_scores(result, ax=axes[2], metric=result.objective["name"])
    for ax, title in zip(axes, ("Search", "Best networks", "The winner, afresh"), strict=True):
        ax.set_title(title, loc="left", pad=34)
    return figure


def recolored_picture() -> Figure:
    """Returns a photograph beside what a network made of it that has seen a butterfly's wing only."""
    original, wing = photograph("china"), own_picture("butterfly")
    redrawn = np.asarray(recolor(original, wing, units=1), dtype=np.float32) / 255
    figure = Figure(layout="constrained", dpi=80)
    shown = (original, wing, redrawn)
    plot_recolored(*shown, axes_of_one_height(figure, shown))
    return figure


if __name__ == "__main__":
    record = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    folder = Path(__file__).parent
    search_picture(SearchResult.from_dict(record)).savefig(folder / "search.png")
    recolored_picture().savefig(folder / "recolored.jpg", bbox_inches="tight")
