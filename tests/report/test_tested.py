"""The sentences about the test are true: no cause that is not shown, no accuracy without its mark."""

from dataclasses import replace

import pytest

from kerasreg.records import SearchResult
from kerasreg.report.tested import class_rows, majority, never_predicted, recall, search_and_test
from tests.helpers.autoencoder_results import autoencoder_search
from tests.helpers.report_pages import plain
from tests.helpers.search_results import digits_search, under_way


def rare_class(**changes) -> SearchResult:
    """A search whose networks find none of 2 positives among 74 test rows."""
    classes = {
        "rows": [72, 2],
        "recall": [1.0, 0.0],
        "predicted": [370, 0],
        "confusion": [[360, 0], [10, 0]],
        "majority": {"class": 0, "accuracy": 72 / 74},
    }
    result = digits_search()
    test = result.test | {"mean": 72 / 74, "interval_95": [0.905, 0.996], "classes": classes | changes}
    return replace(result, test=test)


def test_beside_an_accuracy_stands_that_of_the_most_frequent_class():
    always = "Always predicting class 0, the most frequent one, classifies 97.3 % correctly"
    result = rare_class()
    assert plain(majority(result)) == f"{always}: the network is not shown to do better."
    better = replace(result, test=result.test | {"interval_95": [0.98, 0.99]})
    assert plain(majority(better)) == f"{always}."
    worse = replace(result, test=result.test | {"interval_95": [0.9, 0.97]})
    assert plain(majority(worse)) == f"{always}: the network does worse."


def test_a_class_that_is_never_predicted_is_a_warning():
    assert never_predicted(rare_class()) == (
        "Warning: none of the 5 networks ever predicts class 1 (2 test images)."
    )
    one = rare_class()
    one = replace(one, test=one.test | {"scores": [0.97]})
    assert never_predicted(one) == "Warning: the network never predicts class 1 (2 test images)."
    assert never_predicted(rare_class(rows=[74, 0])) is None
    assert never_predicted(digits_search()) is None


def test_recall_names_each_of_a_few_classes_and_the_ends_of_many():
    assert plain(recall(rare_class())) == (
        "Recall, the share of a class that is found: 100.0 % of class 0 (72 test images) and 0.0 % of "
        "class 1 (2 test images)."
    )
    assert plain(recall(digits_search())) == (
        "Recall, the share of a class that is found, goes from 71.1 % of class 8 (36 test images) to 100.0 % "
        "of class 0 (36 test images)."
    )


def test_the_table_of_classes_says_what_each_is_taken_for():
    rows = [tuple(map(plain, row)) for row in class_rows(digits_search())]
    assert rows[7:9] == [("7", "36", "100.0 %", ""), ("8", "36", "71.1 %", "class 1 (28.9 %)")]


def test_what_has_no_classes_or_no_test_has_no_sentence_about_them():
    for result in (autoencoder_search(), under_way()):
        assert majority(result) is recall(result) is never_predicted(result) is None
        assert class_rows(result) == []
    assert search_and_test(under_way()) is None


def apart(chosen, rows, *, objective="cross_entropy", of_choice=(0.0, 0.0), of_rows=(0.0, 0.0)):
    """Returns the sentence for these two steps and their intervals."""
    result = digits_search(objective=objective)
    retraining = [run | {"test": run["test"] | {objective: 0.0751}} for run in result.retraining]
    gaps = {
        "validation_minus_search": {"difference": chosen, "interval_95": list(of_choice)},
        "test_minus_validation": {"difference": rows, "interval_95": list(of_rows)},
    }
    winner = result.winner | {"score": 0.0751 - chosen - rows}
    return plain(
        search_and_test(replace(result, winner=winner, retraining=tuple(retraining), score_gaps=gaps))
    )


def test_the_test_is_put_beside_the_searchs_score_in_two_steps():
    assert apart(0.01, 0.0032, of_choice=(-0.002, 0.022), of_rows=(-0.001, 0.0074)) == (
        "Test cross-entropy is 0.0132 above the search's validation score (0.0751 and 0.0619). The fresh "
        "networks' validation cross-entropy is 0.0100 above that score (95 % interval -0.00200 to +0.0220), "
        "which shows no selection optimism. Their test cross-entropy is 0.00320 above their validation "
        "cross-entropy (95 % interval -0.00100 to +0.00740), which shows no difference."
    )


@pytest.mark.parametrize(
    ("objective", "ends", "worse"),
    [
        ("cross_entropy", (0.01, 0.03), True),
        ("cross_entropy", (-0.03, -0.01), False),
        ("accuracy", (0.01, 0.03), False),
        ("accuracy", (-0.03, -0.01), True),
    ],
)
def test_a_cause_is_named_where_its_interval_leaves_out_0_and_only_there(objective, ends, worse):
    middle = sum(ends) / 2
    chosen = apart(middle, 0.0, objective=objective, of_choice=ends)
    assert (": selection optimism, since the best of 11 trials was chosen" in chosen) == worse
    assert (": the score did not promise too much" in chosen) != worse
    rows = apart(0.0, middle, objective=objective, of_rows=ends)
    assert (": the test images are harder, or keeping the best epoch flattered" in rows) == worse
    assert (": these test images are easier" in rows) != worse
    assert "selection optimism, since" not in rows


def test_accuracies_are_apart_by_percentage_points():
    sentence = apart(-0.004, 0.0, objective="accuracy", of_choice=(-0.01, 0.002))
    assert "Test accuracy is 0.4 percentage points below the search's validation score" in sentence
    assert "(95 % interval -1.0 to +0.2 points), which shows no selection optimism." in sentence


def test_a_shorter_training_in_the_search_is_not_compared():
    result = digits_search()
    gaps = result.score_gaps | {"validation_minus_search": None}
    sentence = search_and_test(replace(result, score_gaps=gaps))
    assert sentence.startswith("The search's score, 0.0878, is of a shorter training and is not compared")
    assert "optimism" not in sentence


def test_networks_that_diverged_are_not_compared():
    gaps = {"validation_minus_search": None, "test_minus_validation": None}
    assert search_and_test(digits_search(score_gaps=gaps)) == (
        "One of the fresh networks diverged: their cross-entropy is not compared with the search's."
    )
