import numpy as np
import pytest
from matplotlib.figure import Figure

from kerasreg.experiments import SeaScores, ShipCounting

PICTURE = np.random.default_rng(0).uniform(size=(12, 16))


def axes(count):
    return list(Figure(layout="constrained").subplots(1, count, squeeze=False)[0])


def drawn(ax):
    return ax.images[0].get_array()


def counting():
    slick = PICTURE > 0.8
    right, wrong = np.array([[3.0, 4.0, 1.0]]), np.array([[3.0, 4.0, 1.0], [6.0, 7.0, -1.0]])
    return ShipCounting(
        data="noise",
        picture=PICTURE,
        ships=np.array([[9.0, 2.0], [3.0, 5.0]]),
        slick=slick,
        noise=(0.0, 0.1),
        found={"spots": [[right, right], [right, wrong]], "laplace": [[wrong, wrong], [wrong, wrong]]},
        overlap=np.array([[0.9, 0.9], [0.7, 0.8]]),
        outlines=np.stack([slick, slick]),
        settings={"repeats": 2, "tolerance": 5.0, "seed": 0},
        seconds=1.0,
    )


def test_ships_that_were_found_missed_and_imagined_are_told_apart():
    ax = counting().plot_ships(axes(1)[0], method="laplace", noise=0.1)
    places = {line.get_label(): line.get_xydata().tolist() for line in ax.lines}
    assert places["ship found (1)"] == [[4, 3]]  # column, row
    assert places["false detection (1)"] == [[7, 6]]
    assert places["ship missed (1)"] == [[2, 9]]
    np.testing.assert_array_equal(drawn(ax), PICTURE)


def test_the_scores_are_drawn_against_the_noise_with_bands():
    left, right = counting().plot_scores(axes(2))
    assert [line.get_label() for line in left.lines] == ["spots", "laplace"]
    # One of two ships found: F1 is 2/3, and 1/2 with a false one beside it.
    np.testing.assert_allclose(left.lines[0].get_ydata(), [2 / 3, (2 / 3 + 1 / 2) / 2])
    np.testing.assert_allclose(right.lines[0].get_ydata(), [0.9, 0.75])
    band = right.collections[0].get_paths()[0].vertices[:, 1]
    assert band.min() == pytest.approx(0.75 - 12.706 * 0.05, abs=1e-4)  # Student's t of two repeats
    assert band.max() == 1  # no overlap is above it


def test_each_sea_is_a_point_beside_the_mean():
    counts = {"spots": np.array([2, 1, 2]), "laplace": np.array([1, 0, 1])}
    record = SeaScores(
        data="seas",
        ships=np.array([2, 2, 2]),
        matched=counts,
        false=dict.fromkeys(counts, np.array([0, 0, 1])),
        overlap=np.array([0.9, 0.8, 1.0]),
        settings={"tolerance": 5.0},
        seconds=1.0,
    )
    ax = record.plot(axes(1)[0])
    points = [line.get_ydata() for line in ax.lines if line.get_alpha()]
    values = (record.f1("spots"), record.f1("laplace"), record.overlap)
    for found, expected in zip(points, values, strict=True):
        np.testing.assert_array_equal(found, expected)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["sea", "mean, 95 % interval"]
