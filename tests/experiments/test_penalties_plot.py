"""The pictures of a penalty path show the numbers of its record."""

import numpy as np
import pytest

from kerasreg.checks import InvalidInput
from kerasreg.experiments.penalties.survivors_record import SurvivorComparison, SurvivorPair
from tests.helpers.penalty_paths import made_path

VALIDATION, TEST = [[1.0, 1.1], [0.5, 0.6], [0.7, 0.9]], [[1.2, 1.1], [0.4, 0.6], [0.8, 0.9]]


@pytest.fixture
def path():
    return made_path(VALIDATION, TEST)


def lines(ax) -> dict[str, np.ndarray]:
    return {line.get_label(): np.asarray(line.get_ydata(), dtype=float) for line in ax.lines}


def test_errors_are_drawn_as_means_with_bands_and_the_chosen_strength(ax, path):
    path.plot(ax)
    drawn = lines(ax)
    assert list(drawn) == ["training", "validation", "test", "chosen by validation"]
    np.testing.assert_allclose(drawn["validation"], np.mean(VALIDATION, axis=1))
    np.testing.assert_allclose(drawn["test"], np.mean(TEST, axis=1))
    assert ax.lines[-1].get_xdata()[0] == 0.1  # where validation is least
    low, high = path.band("test_mse")[1:]
    heights = ax.collections[2].get_paths()[0].vertices[:, 1]
    assert {*low.round(9), *high.round(9)} <= {*heights.round(9)}
    assert ax.get_ylabel() == "mean squared error"


def test_no_penalty_stands_at_the_left_of_a_logarithmic_axis(ax, path):
    path.plot(ax)
    assert ax.get_xscale() == "log"
    assert [label.get_text() for label in ax.get_xticklabels()] == ["0", "0.1", "0.2"]
    places = ax.lines[0].get_xdata()
    assert places[0] < places[1] == 0.1
    assert ax.get_xlabel() == "strength of L2"


@pytest.mark.parametrize(
    ("quantity", "label", "expected"),
    [
        ("norm", "norm", [1, 2, 3]),
        ("zeros", "exactly zero", [0.3] * 3),
        ("zeros", "at most 0.001", [0.5] * 3),
        ("units", "surviving", [2] * 3),
    ],
)
def test_norms_zeros_and_units_are_those_of_the_record(ax, path, quantity, label, expected):
    path.plot(ax, quantity=quantity)
    np.testing.assert_allclose(lines(ax)[label], expected)
    assert (
        ax.get_ylabel()
        == {
            "norm": "Euclidean norm of all weights",
            "zeros": "share of the weights",
            "units": "surviving hidden units, of 4",
        }[quantity]
    )


def test_a_strength_at_which_a_network_diverged_is_a_gap(ax):
    made_path(VALIDATION, [*TEST[:2], [np.nan, 1.0]]).plot(ax)
    assert np.isnan(lines(ax)["test"]).tolist() == [False, False, True]


@pytest.mark.parametrize(
    ("layer", "share", "zeros"), [("hidden_1", 1 / 3, "66.7"), ("output", 6 / 7, "14.3")]
)
def test_magnitudes_are_shares_of_all_the_weights_of_a_layer(ax, path, layer, share, zeros):
    path.plot_magnitudes(layer, ax)
    assert [patch.get_label() for patch in ax.patches] == [
        f"{strength} ({zeros} % zero)" for strength in ("0", "0.1", "0.2")
    ]
    for patch in ax.patches:
        values = patch.get_data().values
        assert values[0] == values.sum() == pytest.approx(share)
    assert ax.get_xlabel() == f"magnitude of a weight of {layer}"


def test_survivors_are_drawn_pair_by_pair_with_their_means_and_the_interval(ax):
    pairs = [
        SurvivorPair(repeat=place, seed=place, units=(2 + place,), num_params=5, penalized=large, small=small)
        for place, (large, small) in enumerate([(1.0, 0.5), (1.1, 0.61)])
    ]
    comparison = SurvivorComparison(
        penalty="l1", strength=0.1, metric="mse", units=(8,), num_params=25, seconds=1.0, pairs=tuple(pairs)
    )
    assert comparison.plot(ax) is ax
    drawn = [list(line.get_ydata()) for line in ax.lines]
    assert drawn == [[1.0, 0.5], [1.1, 0.61], pytest.approx([1.05, 0.555])]
    assert [label.get_text() for label in ax.get_xticklabels()] == [
        "L1, 0.1,\n8 units",
        "no penalty,\n2 to 3 units",
    ]
    assert ax.get_title() == "difference -0.495, 95 % interval -0.559 to -0.431"
    assert ax.get_ylabel() == "test mean squared error"


def test_what_the_record_does_not_have_is_refused(ax, path):
    with pytest.raises(InvalidInput) as error:
        path.plot(ax, quantity="size")
    message = "quantity must be one of 'error', 'norm', 'zeros', 'units'; received 'size'."
    assert str(error.value) == message
    with pytest.raises(InvalidInput) as error:
        path.plot_magnitudes("hidden_2", ax)
    assert str(error.value) == "layer must be one of 'hidden_1', 'output'; received 'hidden_2'."
