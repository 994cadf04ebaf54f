"""The pictures of the report, each drawn once for the page and for its own file."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from kerasreg.plotting import (
    METRICS,
    plot_hyperparameter,
    plot_learning_curves,
    plot_search,
    plot_test_scores,
)
from kerasreg.records import SearchResult

INCHES = (4.0, 3.2)  # small enough that its letters can be read on a phone
DOTS_PER_INCH = 200
CSS_PIXELS = (400, 320)


@dataclass(frozen=True)
class Picture:
    """A PNG, the name of its file, what it shows, and what to look at in it (nothing, if that is plain)."""

    file_name: str
    png: bytes
    alt: str
    caption: str


def course_pictures(result: SearchResult) -> list[Picture]:
    """Returns the learning curves and the course of the search, if a trial is completed."""
    best = result.ranked()
    if not best:
        return []
    metric = METRICS[result.objective["name"]][0]
    drawn = min(5, len(best))
    several = len(best[0].scores) > 1
    curves = (
        f"Learning curves of the best {drawn} trials, by {metric}. A dot is the chosen epoch. Training "
        "values are taken while dropout and noise act, so they can be worse than the validation's."
    )
    if several:
        curves += " Bands reach from the lowest to the highest network of a trial."
    return [
        _draw(
            "learning_curves",
            lambda ax: plot_learning_curves(result, ax=ax),
            f"Training and validation {metric} by epoch for the best {drawn} trials; the best of them is "
            f"trial {best[0].trial_id}.",
            curves,
        ),
        _draw(
            "search",
            lambda ax: plot_search(result, ax=ax),
            f"Validation {metric} of each trial in order, and the best so far; it ends at trial "
            f"{best[0].trial_id}.",
            "The course of the search. If the best still gets better at the end, more trials may pay.",
        ),
    ]


def hyperparameter_pictures(result: SearchResult) -> list[Picture]:
    """Returns one picture for each hyperparameter that varied, if a trial is completed."""
    if not result.ranked():
        return []
    metric = METRICS[result.objective["name"]][0]
    return [
        _draw(
            f"score_by_{quote(name, safe='')}",
            lambda ax, name=name: plot_hyperparameter(result, name, ax=ax),
            f"Validation {metric} of each trial against {name}.",
            "",
        )
        for name in result.varied()
    ]


def test_pictures(result: SearchResult) -> list[Picture]:
    """Returns the winner's fresh scores beside the search's, in the test's metric and the objective's."""
    if result.test is None:
        return []
    metrics = dict.fromkeys([result.test["metric"], result.objective["name"]])
    return [
        _draw(
            f"test_{metric}",
            lambda ax, metric=metric: plot_test_scores(result, ax=ax, metric=metric),
            f"{METRICS[metric][0].capitalize()} of the winner in the search, and of {len(result.retraining)} "
            "fresh seeds on validation and test data.",
            f"{METRICS[metric][0].capitalize()} of the winner. Each dot is one network, the line their mean, "
            "the band its 95\N{NO-BREAK SPACE}% interval over the seeds.",
        )
        for metric in metrics
    ]


def _draw(name: str, plot: Callable[[Axes], Axes], alt: str, caption: str) -> Picture:
    figure = Figure(figsize=INCHES, layout="constrained")
    plot(figure.subplots())
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=DOTS_PER_INCH)
    return Picture(f"{name}.png", buffer.getvalue(), alt, caption)
