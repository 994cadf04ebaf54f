import json
import re

import numpy as np
import pytest
from scipy.stats import t

from kerasreg.checks import InvalidInput
from kerasreg.experiments import PaletteExperiment
from tests.helpers.palette_records import palette_record


def test_the_shift_is_minus_1_at_the_sources_palette_and_1_at_the_training_pictures():
    record = palette_record(1)
    assert record.shift[:, 0, :, 0, 0].tolist() == [[1, -1], [0, -1]]
    same = palette_record(1, palettes_apart=np.array([0.0, 20.0]))
    assert np.isnan(same.shift[..., 0]).all()
    assert np.isfinite(same.shift[..., 1]).all()


def test_means_have_students_intervals_over_the_repeats():
    record = palette_record()
    values = record.values("error", picture="wood")[0, 0, 0]
    mean, low, high = (each[0, 0, 0] for each in record.means("error", picture="wood"))
    ends = t.interval(0.95, 2, values.mean(), values.std(ddof=1) / np.sqrt(3))
    assert (mean, low, high) == pytest.approx((values.mean(), *ends))
    assert record.values("error")[0, 0, 0] == pytest.approx(record.error[0, 0, 0].mean(axis=-1))
    assert np.isnan(palette_record(1).means("shift")[1]).all()


def test_effects_are_differences_of_the_same_repeats_averaged_over_the_other_settings():
    record = palette_record()
    effects = {(row["factor"], row["strategy"]): row for row in record.effects("shift")}
    differences = (record.shift[:, :, 1] - record.shift[:, :, 0]).mean(axis=(0, 1, 3))
    row = effects["strategy", None]
    assert (row["of"], row["with"]) == ("augmented", "plain")
    expected = t.interval(0.95, 2, differences.mean(), differences.std(ddof=1) / np.sqrt(3))
    assert (row["mean"], row["low"], row["high"]) == pytest.approx((differences.mean(), *expected))
    # Half of the way less, and a shift is twice the way, as it goes from -1 to 1.
    assert effects["train_size", "plain"]["mean"] == pytest.approx(-np.mean([0.9, 1, 0.9]))
    assert effects["units", "plain"]["mean"] == 0
    assert len(effects) == 5


def test_the_summary_says_whose_palette_comes_out_and_what_made_the_difference():
    lines = palette_record().summary().split("\n")
    assert lines[:3] == [
        "Palette of the output, from -1 (the source's own) to 1 (that of beach), mean over 2 pictures not "
        "seen in training:",
        "plain, 8 patches: 1 unit +0.87 (+0.58 to +1.15), nearer to the training picture's; 4 units +0.87 "
        "(+0.58 to +1.15), nearer to the training picture's.",
        "plain, 64 patches: 1 unit -0.07 (-0.21 to +0.08), undecided; 4 units -0.07 (-0.21 to +0.08), "
        "undecided.",
    ]
    assert lines[5:8] == [
        "augmented minus plain: palette nearer to the source's own, -1.40 (95 % interval -1.62 to -1.18).",
        "plain, 64 minus 8 patches: palette nearer to the source's own, -0.93 (95 % interval -1.08 to "
        "-0.79).",
        "plain, 4 minus 1 units: no difference in the palette shown, +0.00 (95 % interval +0.00 to +0.00).",
    ]
    assert lines[10] == (
        "augmented minus plain: lower mean squared error on unseen pictures, -0.11 (95 % interval -0.12 to "
        "-0.089)."
    )
    assert lines[-1] == (
        "3 repeats, each with its own patches, augmentation, initial weights and order of rows. Comparisons "
        "are for these pictures, paired by repeat and averaged over the other settings; each has its own "
        "95 % interval, so about one in twenty shows a difference where there is none."
    )


def test_a_single_repeat_and_trainings_that_diverged_decide_nothing():
    lines = palette_record(1).summary().split("\n")
    assert lines[1] == "plain, 8 patches: 1 unit +1.00, undecided; 4 units +1.00, undecided."
    assert lines[5] == (
        "augmented minus plain: no difference in the palette shown; too few repeats in which all networks "
        "finished."
    )
    nothing = np.full((2, 2, 2, 3, 2), np.nan)
    lines = palette_record(to_source=nothing).summary().split("\n")
    assert lines[1] == "plain, 8 patches: 1 unit not known; 4 units not known."


def test_a_training_picture_without_a_name_is_the_training_picture():
    record = palette_record()
    originals = {"training picture": record.originals["beach"], **record.originals}
    redrawn = {"training picture": record.redrawn["beach"], **record.redrawn}
    unnamed = palette_record(training_name="training picture", originals=originals, redrawn=redrawn)
    assert unnamed.summary().startswith(
        "Palette of the output, from -1 (the source's own) to 1 (that of the training picture), mean over"
    )


def test_the_record_goes_through_json_and_comes_back():
    record = palette_record()
    record.error[0, 0, 0, 0] = np.nan
    again = PaletteExperiment.from_dict(json.loads(json.dumps(record.to_dict(), allow_nan=False)))
    for name in ("error", "training_error", "to_source", "to_training", "palettes_apart"):
        np.testing.assert_array_equal(getattr(again, name), getattr(record, name))
    for name in ("beach", "sea", "wood"):
        np.testing.assert_array_equal(again.redrawn[name], record.redrawn[name])
        assert again.originals[name].dtype == again.redrawn[name].dtype == np.uint8
    assert again.to_dict() == record.to_dict()


def test_the_table_has_a_row_for_each_network_and_picture():
    record = palette_record()
    frame = record.to_frame()
    assert len(frame) == 2 * 2 * 2 * 3 * 2
    found = frame.query("train_size == 64 and units == 4 and strategy == 'plain' and repeat == 1")
    assert found["picture"].tolist() == ["sea", "wood"]
    assert found["to_source"].tolist() == [5, 10]
    assert found["shift"].tolist() == [0, 0]
    assert found["parameters"].tolist() == [243, 243]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: palette_record(to_source=np.zeros((2, 2, 2, 3))),
            "to_source must have shape (2, 2, 2, 3, 2), which is (numbers of patches, units, strategies, "
            "repeats, pictures); received (2, 2, 2, 3).",
        ),
        (
            lambda: palette_record(units=(1,)),
            "training_error must have shape (2, 1, 2, 3), which is (numbers of patches, units, strategies, "
            "repeats); received (2, 2, 2, 3).",
        ),
        (
            lambda: palette_record().means("mse"),
            "measure must be one of 'shift', 'error', 'training_error', 'to_source', 'to_training'; received "
            "'mse'.",
        ),
        (
            lambda: palette_record().means("shift", picture="beach"),
            "picture must be one of 'sea', 'wood'; received 'beach'.",
        ),
    ],
)
def test_what_the_record_does_not_have_is_refused(call, message):
    with pytest.raises(InvalidInput, match=f"^{re.escape(message)}$"):
        call()
