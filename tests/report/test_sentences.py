"""The sentences of a report are true and plain."""

from dataclasses import replace

import numpy as np
import pytest

from kerasreg.records import Reconstructions, SearchResult
from kerasreg.report.sentences import (
    against_pca,
    answer,
    facts,
    measured,
    regularized,
)
from tests.helpers.autoencoder_results import autoencoder_search
from tests.helpers.report_pages import plain
from tests.helpers.search_results import digits_search, under_way


def test_the_answer_of_a_classifier_counts_in_percent():
    assert plain(answer(digits_search())) == (
        "A multilayer perceptron with l2 = 1.94e-5, dropout 0.357 and batch normalization classifies "
        "97.1 % of the 360 test images correctly (95 % interval 95.0 to 98.5 % for new images and new seeds; "
        "mean of 5 networks). Always predicting class 3, the most frequent one, classifies 10.0 % correctly."
    )


def test_the_answer_of_an_autoencoder_is_its_error():
    assert plain(answer(autoencoder_search())) == (
        "An autoencoder with input noise 0.206 rebuilds the 10,000 test images with a mean squared error of "
        "0.0150 (95 % interval 0.0138 to 0.0163 for new images and new seeds; mean of 5 networks)."
    )


def against(*, scores, pca) -> SearchResult:
    """A search of an autoencoder whose fresh networks, and PCA, have these test errors."""
    result = autoencoder_search()
    mark = {"components": 16, "scores": pca, "mean": sum(pca) / len(pca)}
    return replace(result, test=result.test | {"scores": scores, "pca": mark})


@pytest.mark.parametrize(
    ("scores", "found"),
    [
        # Half as much, and a little more or less of it; Student's t over 2 degrees of freedom is 4.303.
        ([0.0049, 0.005, 0.0051], "50.0 % less (95 % interval 47.5 to 52.5 % over 3 fresh seeds, in pairs)"),
        ([0.0199, 0.02, 0.0201], "100.0 % more (95 % interval 97.5 to 102.5 % over 3 fresh seeds, in pairs)"),
        (
            [0.008, 0.009, 0.011],
            "6.7 % less on average, which shows no difference (95 % interval -31.3 to 44.6 % over 3 fresh "
            "seeds, in pairs)",
        ),
        (
            [0.012, 0.011, 0.009],
            "6.7 % more on average, which shows no difference (95 % interval -31.3 to 44.6 % over 3 fresh "
            "seeds, in pairs)",
        ),
        ([0.0075], "25.0 % less (one network, without an interval)"),
    ],
)
def test_pca_is_the_mark_an_autoencoder_has_to_beat(scores, found):
    assert plain(against_pca(against(scores=scores, pca=[0.01] * len(scores)))) == (
        "The mark to beat: PCA with 16 components, fitted to the same training images, rebuilds the test "
        f"images with a mean squared error of 0.0100. The network's is {found}."
    )


def test_networks_and_pca_are_compared_in_pairs():
    """Each network loses a tenth less than the PCA of its own rows, whatever the rows."""
    pca = [0.01, 0.02, 0.04]
    found = plain(against_pca(against(scores=[0.9 * score for score in pca], pca=pca)))
    assert found.endswith("10.0 % less (95 % interval 10.0 to 10.0 % over 3 fresh seeds, in pairs).")


def test_there_is_no_mark_in_older_results_nor_for_other_networks_nor_where_one_diverged():
    result = against(scores=[0.1], pca=[0.1])
    for without in (
        under_way(),
        digits_search(),
        autoencoder_search(),
        replace(result, test=result.test | {"pca": None}),
        replace(result, test=result.test | {"mean": None}),
    ):
        assert against_pca(without) is None


def test_the_patches_of_a_picture_are_called_patches():
    result = autoencoder_search()
    by_code = replace(result, data=result.data | {"code": "patches_split('wing.png', seed=3, size=8)"})
    picture = np.zeros((4, 6, 3), dtype=np.uint8)
    rows = np.zeros((1, 4, 4, 3))
    found = Reconstructions(originals=rows, rebuilt=rows, picture=picture, picture_rebuilt=picture)
    for cut in (by_code, replace(result, reconstructions=found)):
        assert "rebuilds the 10,000 test patches with" in answer(cut)
        assert ", patches of 28" in dict(facts(cut))["Data"]


def test_the_interval_of_one_fresh_seed_says_that_it_is_for_new_rows_alone():
    result = digits_search()
    test = result.test | {"scores": result.test["scores"][:1], "interval_95": [0.95, 0.99], "sd": None}
    result = replace(result, test=test, retraining=result.retraining[:1])
    assert "(95 % interval 95.0 to 99.0 % for new images; one network, so not for new seeds)" in plain(
        answer(result)
    )
    assert "The interval says what other images would change. One seed says nothing of others." in measured(
        result
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({}, "without regularization"),
        ({"regularization": {"l2": 0.0, "dropout": 0.0}, "augmentation": None}, "without regularization"),
        ({"regularization": {"dropout": 0.25}}, "with dropout 0.25"),
        ({"regularization": {"normalization": "layer"}}, "with layer normalization"),
        (
            {"regularization": {"max_norm": 2.0, "label_smoothing": 0.1}, "augmentation": {"zoom": 0.1}},
            "with label smoothing 0.1, max norm 2 and augmentation",
        ),
    ],
)
def test_the_winner_is_described_by_the_knobs_that_are_on(arguments, words):
    result = digits_search()
    assert regularized(replace(result, winner=result.winner | {"arguments": arguments})) == words


def test_the_facts_tell_data_trials_and_times():
    result = digits_search()
    result = replace(result, data=result.data | {"input_shape": [8, 8, 1]})
    assert [(word, plain(value)) for word, value in facts(result)] == [
        ("Data", "digits, images of 8 \N{MULTIPLICATION SIGN} 8: 1,006 train, 431 validation, 360 test"),
        ("Trials", "12, of which 1 failed"),
        ("Time", "search 46 s, retraining 9.6 s"),
        ("The search", "random search; all the trials it was given are done"),
    ]


def test_what_hyperband_writes_among_the_hyperparameters_is_not_one_of_them():
    result = digits_search()
    trials = [
        replace(trial, hyperparameters=trial.hyperparameters | {"tuner/bracket": number})
        for number, trial in enumerate(result.trials)
    ]
    assert replace(result, trials=tuple(trials)).varied() == result.varied()


def test_the_steps_name_folds_repeats_and_patience():
    result = digits_search(folds=3)
    result = replace(result, settings=result.settings | {"repeats": 2})
    assert measured(result)[0] == (
        "Each trial trained 6 networks (3 folds and 2 repeats) for at most 60 epochs, stopped after 8 epochs "
        "without improvement. Its score is their mean validation cross-entropy at the best epoch, without "
        "the weight penalties."
    )
    result = replace(result, settings=result.settings | {"folds": 1, "repeats": 1, "patience": None})
    assert measured(result)[0].startswith(
        "Each trial trained one network for at most 60 epochs. Its score is its "
    )
