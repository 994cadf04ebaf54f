from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from benchmarks.small_sample_results import DrawResult, Results, mark_of, table, verdict
from benchmarks.small_sample_straightening import KEPT, straightened
from kerasreg.checks import InvalidInput

SETTINGS = {"blocks": ((32, 5),), "epochs": 40}


def result(draw: int, arm: str, errors: list[float], ensemble_error: float = 1.0) -> DrawResult:
    return DrawResult(
        size=300,
        draw=draw,
        arm=arm,
        validation={"decay 1.2": 0.3},
        chosen="decay 1.2",
        errors=errors,
        ensemble_error=ensemble_error,
        seconds=2.0,
    )


def test_a_later_run_finds_every_draw_that_was_finished(tmp_path: Path):
    path = tmp_path / "results.json"
    results = Results.at(path, SETTINGS)
    results.add(result(0, "without", [4.0, 5.0]))
    results.add(result(0, "with", [3.0, 4.0]))
    again = Results.at(path, SETTINGS)
    assert again.done == results.done
    assert again.has(300, 0, "with")
    assert not again.has(300, 1, "with")
    assert not again.has(1000, 0, "with")


def test_numbers_made_with_other_settings_are_not_gone_on_from(tmp_path: Path):
    path = tmp_path / "results.json"
    Results.at(path, SETTINGS).add(result(0, "with", [4.0]))
    with pytest.raises(InvalidInput) as error:
        Results.at(path, SETTINGS | {"epochs": 41, "members": 4})
    assert str(error.value) == (
        f"The results in {path} were made with other settings (epochs, members), and would not compare. Give "
        "another --output, or delete the file."
    )


def test_a_file_of_something_else_is_refused(tmp_path: Path):
    path = tmp_path / "results.json"
    path.write_text('{"accuracy": 1}')
    with pytest.raises(InvalidInput) as error:
        Results.at(path, SETTINGS)
    assert str(error.value) == (
        f"{path} does not hold results of this benchmark (KeyError: 'settings'). Give another --output, or "
        "delete the file."
    )


def test_a_missing_folder_is_told_before_anything_is_computed(tmp_path: Path):
    with pytest.raises(InvalidInput) as error:
        Results.at(tmp_path / "none" / "results.json", SETTINGS)
    assert str(error.value) == (
        f"There is no folder {tmp_path / 'none'} for --output. Make it, or give another."
    )


def test_with_augmentation_the_mark_is_half_of_the_published_figure():
    assert [mark_of(size, "with") / mark_of(size, "without") for size in (300, 1000, 2000, 5000)] == [0.5] * 4


@pytest.mark.parametrize(
    ("interval", "side"),
    [((3.0, 4.0), "below"), ((5.0, 6.0), "above"), ((4.0, 5.0), "not told apart"), (None, "one draw")],
)
def test_a_mark_is_met_only_where_the_whole_interval_is_below_it(interval, side):
    assert verdict(4.7, interval) == side


def test_a_row_of_the_table_is_the_mean_over_draws_of_the_mean_over_networks(tmp_path: Path):
    results = Results.at(tmp_path / "results.json", SETTINGS)
    errors = [(4.0, 5.0), (3.0, 3.5), (3.8, 4.0)]
    for draw, pair in enumerate(errors):
        results.add(result(draw, "without", list(pair)))
    low, high = stats.t.interval(0.95, 2, loc=np.mean(errors), scale=stats.sem(np.mean(errors, axis=1)))
    row = table(results, [300, 1000]).splitlines()[2]
    sd = np.std(np.mean(errors, axis=1), ddof=1)
    assert row == (
        f"| 300 | without | one | 3 | {np.mean(errors):.2f} | {sd:.2f} | {low:.2f} to {high:.2f} | 4.7 | "
        f"{verdict(4.7, (low, high))} |"
    )


def stroke(slope: float, columns_across: float = 0.0) -> np.ndarray:
    """Returns a straight stroke, its column following from its row by a slope, shape (1, 28, 28, 1)."""
    rows, columns = np.mgrid[:28, :28]
    distance = columns - 13.5 - columns_across - slope * (rows - 13.5)
    picture = np.exp(-0.5 * distance**2) * (abs(rows - 13.5) < 8)
    return picture.astype(np.float32)[None, ..., None]


def moments(picture: np.ndarray) -> tuple[float, float, float]:
    """Returns the row and the column of the center of mass, and the covariance of rows and columns."""
    rows, columns = np.mgrid[: picture.shape[0], : picture.shape[1]]
    weights = picture.ravel()
    covariance = np.cov(rows.ravel(), columns.ravel(), aweights=weights, bias=True)[0, 1]
    return np.average(rows.ravel(), weights=weights), np.average(columns.ravel(), weights=weights), covariance


@pytest.mark.parametrize("slope", [-0.4, 0.0, 0.3])
def test_a_slanting_stroke_becomes_upright_in_the_middle(slope):
    (picture,) = straightened(stroke(slope, columns_across=1.3))[..., 0]
    row, column, covariance = moments(picture)
    # reading between pixels blurs, and blurs evenly only on average: hundredths of a pixel are left
    assert (row, column) == pytest.approx([(KEPT - 1) / 2] * 2, abs=0.02)
    assert covariance == pytest.approx(0, abs=0.05)


def test_a_slant_makes_no_difference_to_a_straightened_stroke():
    upright, slanting = stroke(0.0), stroke(0.35)
    before = np.abs(upright - slanting).sum()
    after = np.abs(straightened(upright) - straightened(slanting)).sum()
    assert after < 0.15 * before  # what is left is the blur of reading between pixels


def test_a_picture_of_a_single_row_is_moved_and_not_slanted():
    picture = np.zeros((1, 28, 28, 1), np.float32)
    picture[0, 3, 5:12] = 1
    moved = straightened(picture)[0, ..., 0]
    assert moved.sum() == pytest.approx(7, abs=1e-4)
    assert moments(moved)[:2] == pytest.approx([(KEPT - 1) / 2] * 2, abs=1e-4)
