"""The error of always predicting the most frequent class stands beside the errors of networks."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier

from kerasreg import load_digits_split
from kerasreg.records import Split
from kerasreg.records.fold_scores import FoldScores
from kerasreg.records.majority import majority_error
from kerasreg.records.record import ExperimentRecord
from tests.helpers.augmentation_gains import some_gain
from tests.helpers.comparisons import comparison
from tests.helpers.small import small_digits, small_regression

SENTENCE = "Always predicting the most frequent class has an error of 12.5 %."


def dummy_error(split: Split, part: str = "test") -> float:
    known = np.concatenate([split.y_train, split.y_validation])
    dummy = DummyClassifier(strategy="most_frequent").fit(np.zeros((len(known), 1)), known)
    labels = getattr(split, f"y_{part}")
    return 1 - dummy.score(np.zeros((len(labels), 1)), labels)


@pytest.mark.parametrize("part", ["validation", "test"])
def test_it_is_scikit_learns_dummys_in_the_mean_over_the_splits(part):
    splits = [small_digits(), small_digits(120), load_digits_split(400)]
    expected = np.mean([dummy_error(split, part) for split in splits])
    assert majority_error(splits, part) == pytest.approx(expected)


def test_numbers_have_no_most_frequent_class_and_no_rows_no_error():
    digits = small_digits()
    assert majority_error([small_regression()]) is None
    empty = {"x_test": digits.x_test[:0], "y_test": digits.y_test[:0], "test_indices": np.arange(0)}
    assert majority_error([digits, replace(digits, **empty)]) is None


class Told(ExperimentRecord):
    def sentences(self):
        return ["A verdict."]


def test_summaries_say_it_where_there_is_one():
    assert Told(majority_error=0.125).summary() == f"A verdict.\n{SENTENCE}"
    assert Told().summary() == "A verdict."
    folds = FoldScores(
        metric="accuracy", scores=(0.9, 0.8), train_rows=(9, 9), validation_rows=(9, 9), majority_error=0.125
    )
    assert folds.summary().endswith(SENTENCE)
    assert FoldScores.from_dict(folds.to_dict()) == folds
    assert comparison(majority_error=0.125).summary().endswith(SENTENCE)
    assert SENTENCE in some_gain(majority_error=0.125).summary()
