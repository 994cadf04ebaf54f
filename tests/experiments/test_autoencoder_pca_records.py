import json
import re

import numpy as np
import pytest
from scipy import stats

from kerasreg.checks import InvalidInput
from tests.helpers.pca_records import gain, latent, subspace


@pytest.mark.parametrize("make", [subspace, gain, latent])
def test_a_record_goes_through_json(make):
    record = json.loads(json.dumps(make().to_dict(), allow_nan=False))
    again = type(make()).from_dict(record)
    assert again.to_dict() == record
    assert again.summary() == make().summary()


def test_a_table_has_a_row_for_each_network_or_picture():
    assert list(subspace().to_frame()["train_ratio"]) == pytest.approx([1.01, 1.02, 1.03, 1, 1, 1])
    assert list(gain().to_frame()["saved"][:3]) == pytest.approx([0.51, 0.5, 0.49])
    assert list(latent().to_frame()["component_1"]) == [0, -2, -4, -6, -8, -10]


def test_the_summary_of_a_subspace_gives_its_excess_and_angles():
    verdict, first, second, last = subspace().summary().split("\n")
    assert verdict == "Training error exceeds PCA's by at most 3 % in 6 of 6 networks that finished training."
    low, high = stats.t.interval(0.95, 2, loc=2, scale=stats.sem([1, 2, 3]))
    interval = f"+2 % (95 % interval {low:+.2g} to {high:+.2g} %)"
    assert first == (
        f"1 unit: error minus PCA's {interval} on training rows, {interval} on test rows; largest principal "
        "angle 3 degrees on average, at most 6; the last component kept has 1.5 times the variance of the "
        "next."
    )
    assert second.startswith("2 units: ")
    assert last == "Intervals are over 3 initial weights, for the same rows."


def test_networks_that_diverged_are_left_out_of_the_sentences():
    whole = subspace()
    lost = np.where(np.arange(6).reshape(2, 3) < 3, np.nan, whole.train_mse)
    verdict, first, *_ = subspace(train_mse=lost).summary().split("\n")
    assert "3 of 6 networks that finished" in verdict
    assert first == "1 unit: no network finished training."
    none = np.full((2, 3), np.nan)
    assert subspace(train_mse=none, interrupted=True).summary().startswith("Interrupted")


def test_the_verdict_is_by_the_interval_of_what_is_saved():
    found = gain()
    assert [found.verdict(number) for number in (1, 2, 3)] == ["less", "not shown", "more"]


def test_the_components_needed_are_the_first_with_an_error_no_larger():
    # 0.8 * (0.49, 0.5, 0.51) against 0.8, 0.4, 0.2, 0.1, 0: 0.4 itself is enough for the last two.
    assert gain().components_needed[0].tolist() == [3, 2, 2]
    beyond = gain(pca_by_number=np.ones((3, 5)))
    assert np.isnan(beyond.components_needed[0]).all()


def test_the_sentences_say_lower_higher_or_no_difference():
    lines = gain().summary().split("\n")
    assert lines[0].startswith(
        "1 bottleneck unit: lower test error than PCA; 0.4 against 0.8, difference -50 % (95 % interval -"
    )
    assert lines[0].endswith("PCA needs 2 to 3 components for that error.")
    assert "no difference from PCA shown; " in lines[1]
    assert "higher test error than PCA; " in lines[2]
    lost = gain(test_mse=np.full((3, 3), np.nan)).summary().split("\n")
    assert lost[0] == "1 bottleneck unit: no network finished training."
    one = gain(
        **{
            name: getattr(gain(), name)[:, :1]
            for name in (
                "train_mse",
                "validation_mse",
                "test_mse",
                "pca_within_range",
                "best_epoch",
                "stop_reason",
            )
        },
        pca_by_number=gain().pca_by_number[:1],
    )
    assert "no difference from PCA shown, one repeat has no interval" in one.summary()


def test_the_means_of_a_gain_are_students_over_the_repeats():
    mean, low, high = gain().means()
    values = gain().test_mse[1]
    assert mean[1] == pytest.approx(values.mean())
    assert (low[1], high[1]) == pytest.approx(stats.t.interval(0.95, 2, values.mean(), stats.sem(values)))


@pytest.mark.parametrize(
    ("of_pca", "sentence"),
    [
        (0.5, "The autoencoder's map separates the classes better than PCA's."),
        (0.95, "PCA's map separates the classes better than the autoencoder's."),
        (0.82, "No difference between the maps shown in how well they separate the classes."),
    ],
)
def test_the_maps_are_compared_by_the_interval(of_pca, sentence):
    assert latent(pca_accuracy=of_pca).summary().split("\n")[0] == sentence


def test_one_network_shows_no_difference_between_the_maps():
    alone = latent(
        accuracy=np.array([0.9]), test_mse=np.array([0.2]), validation_mse=np.array([0.2]), shown=0
    )
    assert alone.summary().startswith("No difference between the maps shown: one network has no interval.")


@pytest.mark.parametrize(
    ("make", "changed", "message"),
    [
        (
            subspace,
            {"test_mse": np.zeros((3, 2))},
            "test_mse must have shape (2, 3), which is (bottlenecks, repeats); received (3, 2).",
        ),
        (
            gain,
            {"train_mse": np.zeros((3, 2))},
            "train_mse must have shape (3, 3), which is (bottlenecks, repeats); received (3, 2).",
        ),
        (
            latent,
            {"codes": np.zeros((6, 3))},
            "codes must have shape (6, 2), which is (images, 2); received (6, 3).",
        ),
    ],
)
def test_arrays_of_another_shape_are_refused(make, changed, message):
    with pytest.raises(InvalidInput, match=f"^{re.escape(message)}$"):
        make(**changed)
