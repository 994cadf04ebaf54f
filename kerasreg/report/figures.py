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
    plot_rebuilt_picture,
    plot_reconstructions,
    plot_search,
    plot_test_scores,
)
from kerasreg.records import SearchResult
from kerasreg.report.naming import rows_word
from kerasreg.report.numbers import count, plural

INCHES = (4.0, 3.2)  # small enough that its letters can be read on a phone
LARGEST = (8.0, 6.4)  # of pictures side by side
DOTS_PER_INCH = 200
CSS_PIXELS_PER_INCH = 100


@dataclass(frozen=True)
class Picture:
    """A PNG, the name of its file, its size on the page in CSS pixels, what it shows and what to look at.

    There is no caption where that is plain.
    """

    file_name: str
    png: bytes
    size: tuple[int, int]
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
            "the band its 95\N{NO-BREAK SPACE}% interval over the seeds"
            + (", on test data for new data too." if metric == result.test["metric"] else "."),
        )
        for metric in metrics
    ]


def reconstruction_pictures(result: SearchResult) -> list[Picture]:
    """Returns what the best fresh autoencoder makes of pictures, if the data are pictures."""
    found = result.reconstructions
    if found is None:
        return []
    number, word = len(found.originals), rows_word(result)
    strip = _draw(
        "reconstructions",
        lambda ax: plot_reconstructions(found, ax=ax),
        f"{count(number, f'test {word}')} above, and below each what the network rebuilds of it.",
        f"Test {plural(word)}, evenly spaced through the test part and not otherwise chosen, and what the "
        "fresh network with the best validation score rebuilds of them.",
        around=(0.67, 0.43),
    )
    if found.picture is None:
        return [strip]
    whole = _draw(
        "picture",
        lambda ax: plot_rebuilt_picture(found, ax=ax),
        "The whole picture on the left, and on the right what the network rebuilds of it.",
        "The whole picture, scaled down, and what the same network rebuilds of it, patch by patch; it was "
        "trained on some of these patches. Patches overlap by half and are averaged.",
        around=(0.09, 0.27),
    )
    return [strip, whole]


def _draw(
    name: str,
    plot: Callable[[Axes], Axes],
    alt: str,
    caption: str,
    *,
    around: tuple[float, float] | None = None,
) -> Picture:
    """Draws a plot; one of an image as large as it may be, with so many inches around it for words."""
    figure = Figure(figsize=INCHES, layout="constrained")
    ax = plot(figure.subplots())
    if around is not None:
        rows, columns = ax.images[0].get_array().shape[:2]
        across, down = (most - words for most, words in zip(LARGEST, around, strict=True))
        inch = min(across / columns, down / rows)
        figure.set_size_inches(columns * inch + around[0], rows * inch + around[1])
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=DOTS_PER_INCH)
    width, height = (round(CSS_PIXELS_PER_INCH * length) for length in figure.get_size_inches())
    return Picture(f"{name}.png", buffer.getvalue(), (width, height), alt, caption)
