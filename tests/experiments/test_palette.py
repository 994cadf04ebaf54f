import re
from types import SimpleNamespace

import numpy as np
import pytest

from kerasreg import build_autoencoder
from kerasreg.checks import InvalidInput
from kerasreg.color import palette_distance
from kerasreg.experiments import palette_experiment
from kerasreg.patches import patches_of, picture_of

GENERATOR = np.random.default_rng(0)
# Two palettes that do not meet: reds and blues of every brightness.
REDS, BLUES = (GENERATOR.random((9, 11, 1)) * color for color in ((1.0, 0.3, 0.2), (0.1, 0.3, 1.0)))
TALL = np.concatenate([REDS, BLUES])


class Builder:
    """Builds autoencoders of patches, and keeps them with what it was called with."""

    def __init__(self):
        self.calls, self.models = [], []

    def __call__(self, units, seed):
        self.calls.append((units, seed))
        options = {"bottleneck": units, "units": (), "learning_rate": 0.01, "seed": seed}
        self.models.append(build_autoencoder((2, 2, 3), **options))
        return self.models[-1]


def negative(pictures):
    return 1 - pictures


@pytest.fixture(scope="module")
def trained():
    build = Builder()
    record = palette_experiment(
        build,
        REDS,
        {"blues": BLUES, "both": TALL},
        train_sizes=(2, 8),
        units=(1, 3),
        strategies={"plain": None, "negative": negative},
        patch_size=2,
        repeats=2,
        updates=60,
        batch_size=8,
        training_name="reds",
        seed=3,
    )
    return record, build


def test_errors_and_distances_are_those_of_what_each_network_predicts(trained):
    record, build = trained
    settings = list(np.ndindex(2, 2, 2, 2))
    for place in (0, 6, 15):
        for number, picture in enumerate((BLUES, TALL)):
            patches = build.models[place](patches_of(picture, 2).astype("float32")).numpy()
            output = picture_of(patches, picture.shape)
            cell = (*settings[place], number)
            # Both are in single precision.
            assert record.error[cell] == pytest.approx(np.mean((output - picture) ** 2), rel=1e-4)
            assert record.to_source[cell] == pytest.approx(palette_distance(output, picture), rel=1e-4)
            assert record.to_training[cell] == pytest.approx(palette_distance(output, REDS), rel=1e-4)
        output = picture_of(build.models[place](patches_of(REDS, 2).astype("float32")).numpy(), REDS.shape)
        expected = np.mean((output - REDS) ** 2)
        assert record.training_error[settings[place]] == pytest.approx(expected, rel=1e-4)
    assert record.palettes_apart.tolist() == [palette_distance(each, REDS) for each in (BLUES, TALL)]


def test_networks_of_one_repeat_share_their_seed_and_repeats_do_not(trained):
    seeds = np.array([seed for _, seed in trained[1].calls]).reshape(2, 2, 2, 2)
    assert len(np.unique(seeds[..., 0])) == len(np.unique(seeds[..., 1])) == 1
    assert seeds[0, 0, 0, 0] != seeds[0, 0, 0, 1]
    assert [units for units, _ in trained[1].calls] == [1] * 4 + [3] * 4 + [1] * 4 + [3] * 4


def test_the_record_says_what_was_trained_and_keeps_small_pictures(trained):
    record = trained[0]
    assert (record.training_name, record.pictures) == ("reds", ("blues", "both"))
    assert (record.train_sizes, record.units) == ((2, 8), (1, 3))
    assert record.strategies == ("plain", "negative")
    assert record.num_parameters == (12 + 1 + 12 + 12, 3 * 12 + 3 + 3 * 12 + 12)
    assert record.settings == {"patch_size": 2, "updates": 60, "batch_size": 8, "seed": 3}
    assert record.redrawn["both"].shape == (2, 2, 2, *TALL.shape)
    np.testing.assert_array_equal(record.originals["reds"], np.round(255 * REDS))
    assert (np.abs(record.shift) <= 1).all()


def test_pictures_are_redrawn_in_the_only_colors_a_network_has_seen(trained):
    # Reds and blues differ in hue alone, and one unit that was trained on reds can only tell how bright.
    record = trained[0]
    assert record.values("shift", picture="blues")[:, 0, 0].min() > 0.3
    assert record.to_training[:, 0, 0, :, 0].max() < 0.5 * record.palettes_apart[0]


def test_a_network_that_diverged_or_was_interrupted_has_no_numbers(monkeypatch):
    history = SimpleNamespace(finished=np.array([True, False, False]), interrupted=True)
    made = [BLUES, np.full(BLUES.shape, np.nan), BLUES]
    monkeypatch.setattr("kerasreg.experiments.palette.experiment.fit_population", lambda *_, **__: history)
    monkeypatch.setattr("kerasreg.experiments.palette.experiment.redrawn", lambda *_: made)
    options = {"train_sizes": [2], "units": [1], "strategies": {"plain": None}, "patch_size": 2}
    record = palette_experiment(Builder(), REDS, {"blues": BLUES}, repeats=3, updates=1, **options)
    assert record.shift.ravel().tolist() == pytest.approx([-1, np.nan, np.nan], nan_ok=True)
    for name in ("error", "training_error", "to_source", "to_training"):
        assert np.isfinite(getattr(record, name).ravel()).tolist() == [True, False, False]
    assert record.summary().startswith("Interrupted: ")


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (
            {"others": {}},
            "others must be a dict of one or more by name, such as {'name': ...}; received none.",
        ),
        (
            {"others": [BLUES]},
            "others must be a dict of one or more by name, such as {'name': ...}; received a list.",
        ),
        (
            {"strategies": {}},
            "strategies must be a dict of one or more by name, such as {'name': ...}; received none.",
        ),
        (
            {"training_picture": "sand.png"},
            "The picture 'training picture' must be an array of numbers; received 'sand.png'. "
            "kerasreg.read_picture reads one from any picture file.",
        ),
        ({"training_name": ["sand"]}, "training_name must be text; received ['sand']."),
        (
            {"others": {"training picture": BLUES}},
            "One of others has the training picture's name, 'training picture'; rename one.",
        ),
        (
            {"others": {"blues": BLUES[0]}},
            "The picture 'blues' must have shape (height, width, 3); received shape (11, 3).",
        ),
        (
            {"others": {"blues": BLUES[..., :2]}},
            "The picture 'blues' must have shape (height, width, 3); received shape (9, 11, 2).",
        ),
        (
            {"others": {"blues": 255 * REDS}},
            f"The picture 'blues' must have values in [0, 1]; received {255 * REDS.min():g} to "
            f"{255 * REDS.max():g}. kerasreg.read_picture reads one from any picture file.",
        ),
        (
            {"patch_size": 3},
            "build must return an autoencoder of patches of shape (3, 3, 3); received one from shape "
            "(2, 2, 3) to (2, 2, 3). Let it take the patch_size of the experiment, 3.",
        ),
        (
            {"others": {"blues": BLUES[:1]}},
            "Patches of 2 x 2 pixels do not fit into a picture of 1 x 11; take a smaller patch or a larger "
            "picture.",
        ),
        (
            {"train_sizes": (8, 200)},
            "200 patches to train on cannot be drawn: the training picture has 80 of 2 x 2 pixels. Take "
            "fewer of them, or a larger picture.",
        ),
        (
            {"train_sizes": (8, 2)},
            "train_sizes must be a list of one or more ascending whole numbers of at least 1; received "
            "(8, 2).",
        ),
        (
            {"units": (0, 1)},
            "units must be a list of one or more ascending whole numbers of at least 1; received (0, 1).",
        ),
        ({"repeats": 0}, "repeats must be a whole number of at least 1; received 0."),
        ({"updates": 0}, "updates must be a whole number of at least 1; received 0."),
        ({"seed": -1}, "seed must be a whole number of at least 0; received -1."),
    ],
)
def test_what_cannot_be_used_is_refused(changed, message):
    arguments = {
        "build": Builder(),
        "training_picture": REDS,
        "others": {"blues": BLUES},
        "train_sizes": (2,),
        "units": (1,),
        "patch_size": 2,
        "repeats": 1,
        "updates": 1,
    } | changed
    with pytest.raises(InvalidInput, match=f"^{re.escape(message)}$"):
        palette_experiment(**arguments)
