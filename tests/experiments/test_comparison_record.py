import json
import math

import numpy as np
import pytest
from scipy import stats

from kerasreg.checks import InvalidInput
from kerasreg.experiments import Comparison
from kerasreg.experiments.comparison.paired_test import t_test
from tests.helpers.comparisons import SCORES, comparison


def test_what_is_compared_is_the_mean_over_the_repeats_of_each_split():
    record = comparison()
    assert record.by_split("A") == pytest.approx([0.91, 0.94, 0.89, 0.93])
    pair = record.pair("B", "A")
    assert pair.differences == pytest.approx([0.03, 0.025, 0.03, 0.03])
    assert (pair.first, pair.second, pair.num_pairs) == ("B", "A", 3)


def test_on_one_split_the_repeats_are_compared_without_correction():
    random = np.random.default_rng(0)
    scores = {name: [random.normal(0.9, 0.01, 6).tolist()] for name in "AB"}
    pair = comparison(scores, design="seeds").pair("A", "B")
    expected = stats.ttest_rel(scores["A"][0], scores["B"][0])
    assert pair.p_adjusted == pytest.approx(expected.pvalue, rel=1e-9)  # both in double precision


def test_independent_splits_have_scipys_paired_t_test():
    record = comparison(design="independent")
    expected = stats.ttest_rel(record.by_split("A"), record.by_split("C"))
    assert record.pair("A", "C").p_value == pytest.approx(expected.pvalue, rel=1e-9)


def test_the_correction_takes_scored_rows_over_training_rows_of_all_splits():
    record = comparison(num_train=[80, 81, 80, 79], num_scored=[20, 19, 20, 21])
    pair = record.pair("C", "A")
    assert pair.p_value == pytest.approx(t_test(pair.mean, pair.sd, 4, ratio=80 / 320), rel=1e-12)


def test_p_values_are_adjusted_for_every_pair():
    record = comparison()
    pairs = record.pairs()
    assert [(pair.first, pair.second) for pair in pairs] == [("A", "B"), ("A", "C"), ("B", "C")]
    raw = sorted(pair.p_value for pair in pairs)
    smallest = min(pair.p_adjusted for pair in pairs)
    assert smallest == pytest.approx(3 * raw[0])
    assert all(pair.p_adjusted >= pair.p_value for pair in pairs)


def test_a_pair_turned_round_says_the_same():
    record = comparison(margin=0.02)
    one, other = record.pair("A", "B"), record.pair("B", "A")
    assert (one.decision, other.decision) == ("worse", "better")
    assert one.mean == -other.mean
    assert one.interval == pytest.approx((-other.interval[1], -other.interval[0]))
    assert (one.p_adjusted, one.p_margin_adjusted) == (other.p_adjusted, other.p_margin_adjusted)


def test_the_summary_has_a_verdict_for_every_pair():
    record = comparison()
    assert record.summary().split("\n") == [pair.verdict() for pair in record.pairs()]
    assert record.summary().startswith("B is better than A: A minus B is -2.87 percentage points")


def test_a_diverged_training_spoils_its_own_pairs_only():
    scores = json.loads(json.dumps(SCORES))
    scores["C"][1][0] = math.inf
    decisions = [pair.decision for pair in comparison(scores).pairs()]
    assert decisions == ["worse", "not comparable", "not comparable"]


def test_the_record_goes_through_json_whole():
    scores = json.loads(json.dumps(SCORES))
    scores["C"][1][0] = math.nan
    record = comparison(scores, margin=0.01, patience=3, seconds=1.5)
    text = json.dumps(record.to_dict(), allow_nan=False)
    again = Comparison.from_dict(json.loads(text))
    assert math.isnan(again.scores["C"][1][0])
    assert json.dumps(again.to_dict()) == text
    assert again.summary() == record.summary()


def test_the_tables_have_a_row_for_each_network_and_for_each_pair():
    record = comparison()
    frame = record.to_frame()
    assert len(frame) == 24
    assert frame.iloc[3].to_dict() == {
        "configuration": "A",
        "split": 2,
        "repeat": 2,
        "accuracy": 0.94,
        "epoch": 5,
    }
    pairs = record.pairs_to_frame()
    assert list(pairs["decision"]) == [pair.decision for pair in record.pairs()]
    assert list(pairs["low"]) == [pair.interval[0] for pair in record.pairs()]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"scores": {"A": SCORES["A"]}},
            "A comparison needs at least two configurations; received ('A',).",
        ),
        (
            {"scores": {"A": SCORES["A"], "B": SCORES["B"][:3]}},
            "All configurations must have equally many scores on each of 4 splits; received "
            "{'A': [2, 2, 2, 2], 'B': [2, 2, 2]}.",
        ),
        (
            {"scores": {"A": [[0.1]], "B": [[0.2]]}, "design": "seeds"},
            "A comparison needs several splits, or several seeds on one split and the design 'seeds'; "
            "received 1 x 1 scores and the design 'seeds'.",
        ),
        (
            {"design": "seeds"},
            "A comparison needs several splits, or several seeds on one split and the design 'seeds'; "
            "received 4 x 2 scores and the design 'seeds'.",
        ),
        ({"part": "train"}, "part must be one of 'validation', 'test'; received 'train'."),
    ],
)
def test_scores_that_cannot_be_compared_are_refused(options, message):
    with pytest.raises(InvalidInput) as error:
        comparison(**options)
    assert str(error.value) == message


def test_a_pair_is_of_two_configurations_that_there_are():
    with pytest.raises(InvalidInput) as error:
        comparison().pair("A", "D")
    assert str(error.value) == "name must be one of 'A', 'B', 'C'; received 'D'."
    with pytest.raises(InvalidInput) as error:
        comparison().pair("A", "A")
    assert str(error.value) == "A pair needs two different configurations; received 'A' twice."
