import numpy as np
import pytest
from scipy import stats

from tests.helpers.overtrained import bowls, record_of
from tests.helpers.refusing import refused


def test_the_optimum_is_that_of_the_mean_and_each_network_has_its_own():
    test = bowls(noise=0)
    test[0] = np.roll(test[0], 3)
    record = record_of(test)
    assert record.optimum()[0] == int(test.mean(axis=0).argmin()) + 1
    epochs, errors = record.optima()
    assert epochs.tolist() == [13, 10, 10, 10, 10, 10]
    assert errors == pytest.approx([1.0] * 6)


def test_of_accuracy_more_is_better():
    accuracy = 2 - bowls(noise=0)
    curves = {part: {"hits": accuracy.tolist()} for part in ("train", "test")}  # whatever it is called
    record = record_of(accuracy, curves=curves, metric="hits", modes={"hits": "max"})
    assert record.optimum() == (10, 1.0)
    epoch, harm = record.harm()
    assert epoch == 10
    assert harm == pytest.approx([4.0] * 4)  # 0.01 * 20^2


def test_the_band_is_scipys_t_interval_of_each_epoch():
    test = bowls()
    mean, low, high = record_of(test).band("test")
    ends = stats.t.interval(0.95, 5, loc=test.mean(axis=0), scale=stats.sem(test))
    # SciPy's t quantile is iterative
    np.testing.assert_allclose([mean, low, high], [test.mean(axis=0), *ends], rtol=1e-9)


def test_harm_is_measured_where_others_have_their_optimum():
    test = bowls(repeats=7, noise=0.3)
    best = int(np.argmin((test[0] + test[1]) / 2))
    epoch, harm = record_of(test).harm()
    assert epoch == best + 1
    assert harm == pytest.approx(test[2:, -1] - test[2:, best])


def test_curves_of_mere_noise_show_no_harm_as_often_as_the_interval_says():
    """An optimum chosen with a network's own error would find harm in every one of these."""
    random = np.random.default_rng(0)
    records = [record_of(random.normal(1, 0.1, size=(8, 20))) for _ in range(300)]
    found = [record.summary().count("did harm") + record.summary().count("did good") for record in records]
    assert np.mean(found) == pytest.approx(0.05, abs=0.04)  # three standard errors of 300 tries


VERDICTS = {
    "Further training did harm": bowls(),
    "Further training did good": np.vstack([bowls(2), 3 - bowls(4)]),  # the first two mislead
    "No effect of further training is shown": bowls(lowest=30)
    + np.linspace(-1, 1, 6)[:, None] * np.eye(30)[-1],
}


@pytest.mark.parametrize("verdict", VERDICTS)
def test_the_summary_says_what_scipys_t_test_says(verdict):
    record = record_of(VERDICTS[verdict])
    _, harm = record.harm()
    low, high = stats.ttest_1samp(harm, 0).confidence_interval()
    assert {"harm": low > 0, "good": high < 0, "shown": low <= 0 <= high}[verdict.split()[-1]]
    assert record.summary().startswith(f"{verdict}: ")


def test_the_summary_has_every_number():
    record = record_of(bowls(noise=0), irreducible_error=0.04)
    assert record.summary().splitlines() == [
        "Further training did harm: from epoch 10 to epoch 30 the test mean squared error got worse by "
        "4 [4, 4] on average.",
        "4 of 4 networks ended worse (95 % interval 40 to 100 % of all such networks): whether most do is "
        "not shown.",
        "The test mean squared error, averaged over all 6 networks, is best at epoch 10: 1 [1, 1], which is "
        "optimistic, as the epoch was chosen on it. At the last epoch it is 5 [5, 5].",
        "The best epochs of single networks range from 10 to 10.",
        "The irreducible error is 0.04.",
        "6 networks on made up (10 training rows), each with its own initial weights and draw of the data. "
        "The first 2 chose epoch 10, the other 4 judge it. Brackets: 95 % intervals over the networks.",
    ]


def test_an_optimum_at_the_end_is_said_to_be_open():
    text = record_of(bowls(lowest=30, noise=0)).summary()
    assert "The best epoch is the last one, so the optimum may lie beyond it." in text
    assert "0 of 4 networks ended worse (95 % interval 0 to 60 % of all such networks)" in text


WRONG = {
    "unequal curves": (
        lambda: record_of(bowls(), curves={"train": {"mse": [[1.0]]}, "test": {"mse": [[1.0], [2.0]]}}),
        "All curves must have one shape (repeats, epochs) with at least three repeats; received "
        "[(1, 1), (2, 1)].",
    ),
    "all diverged": (
        lambda: record_of([[1.0, np.nan], [1.0, np.inf], [1.0, 1.0], [1.0, 1.0]]).curve("test"),
        "2 of 4 networks finished training, and at least 3 are needed. If the others diverged, lower the "
        "learning rate.",
    ),
    "unknown part": (
        lambda: record_of(bowls()).curve("validation"),
        "part must be one of 'train', 'test'; received 'validation'.",
    ),
    "unknown metric": (
        lambda: record_of(bowls()).curve("test", "mae"),
        "metric must be one of 'mse'; received 'mae'.",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_used_is_refused(name):
    call, message = WRONG[name]
    refused(message, call)
