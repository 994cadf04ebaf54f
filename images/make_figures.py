"""Draws the figure of the README: `python images/make_figures.py kerasreg-tune/results.json`."""

import json
import sys
from pathlib import Path

from matplotlib.figure import Figure

from kerasreg.plotting import plot_learning_curves, plot_search, plot_test_scores
from kerasreg.records import SearchResult


def search_picture(result: SearchResult) -> Figure:
    """Returns the README's picture: a search, its best networks, and what they are worth on test data."""
    figure = Figure(figsize=(13, 3.9), layout="constrained", dpi=110)
    axes = figure.subplots(1, 3)
    plot_search(result, ax=axes[0])
    plot_learning_curves(result, num_trials=2, ax=axes[1])
    plot_test_scores(result, ax=axes[2], metric=result.objective["name"])
    for ax, title in zip(axes, ("Search", "Best networks", "The winner, afresh"), strict=True):
        ax.set_title(title, loc="left", pad=34)
    return figure


if __name__ == "__main__":
    record = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    search_picture(SearchResult.from_dict(record)).savefig(Path(__file__).with_name("search.png"))
