import numpy as np
import pytest

from kerasreg.experiments import NestedSelection
from tests.helpers.drawn import line


def test_optimism_is_drawn_against_the_number_of_candidates(ax):
    rng = np.random.default_rng(0)
    result = NestedSelection(
        metric="mse",
        mode="min",
        candidates=("a", "b", "c"),
        inner=tuple(tuple(map(tuple, row)) for row in rng.normal(size=(6, 3, 2)).tolist()),
        outer=tuple(map(tuple, rng.normal(size=(6, 3)).tolist())),
        train_rows=(10,) * 6,
        validation_rows=(5,) * 6,
    )
    result.plot(ax)
    drawn = line(ax, "optimism of the choice")
    assert list(drawn.get_xdata()) == [2, 3]
    assert drawn.get_ydata() == pytest.approx([result.optimism_of_first(n)[0] for n in (2, 3)])
    assert (ax.get_xlabel(), ax.get_ylabel()) == (
        "candidates to choose from",
        "optimism: mean squared error",
    )


def test_an_optimism_of_zero_by_construction_has_an_open_dot(ax):
    rng = np.random.default_rng(0)
    inner = rng.normal(size=(6, 3, 2)) + np.array([0, 50, 0])[:, None]
    inner[:3, 2] -= 50
    result = NestedSelection(
        metric="mse",
        mode="min",
        candidates=("a", "b", "c"),
        inner=tuple(tuple(map(tuple, row)) for row in inner.tolist()),
        outer=tuple(map(tuple, rng.normal(size=(6, 3)).tolist())),
        train_rows=(10,) * 6,
        validation_rows=(5,) * 6,
    )
    result.plot(ax)
    dot = line(ax, "same candidate in all splits")
    assert list(dot.get_xdata()) == [2]  # "a" of "a" and "b"; with "c" half of them choose "c"
    assert list(dot.get_ydata()) == pytest.approx([0])
    assert dot.get_markerfacecolor() == "white"
