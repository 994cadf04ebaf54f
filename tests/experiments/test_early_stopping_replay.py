import json

import numpy as np
import pytest
from scipy import stats

from kerasreg.checks import InvalidInput
from kerasreg.experiments import Overtraining, PatienceReplay, replay_patience
from tests.helpers.overtrained import bowls, keras_stopping, record_of


def with_validation(test, validation, **more):
    """A record with a validation curve, and of each part an accuracy that mirrors its error."""
    parts = {"train": np.asarray(test) / 2, "validation": np.asarray(validation), "test": np.asarray(test)}
    curves = {part: {"mse": each.tolist(), "accuracy": (1 - each).tolist()} for part, each in parts.items()}
    return record_of(test, curves=curves, modes={"mse": "min", "accuracy": "max"}, **more)


@pytest.fixture(scope="module")
def record():
    """Eight networks whose validation error is the test error with noise of its own."""
    test = bowls(repeats=8, epochs=40, noise=0.02)
    noise = np.random.default_rng(1).normal(0, 0.05, size=test.shape)
    return with_validation(test, test + noise)


@pytest.fixture(scope="module")
def replay(record):
    monitors = ("val_mse", "val_accuracy", "mse")
    return replay_patience(record, patience=(1, 3, 9, 27), min_delta=(0.0, 0.1), monitors=monitors)


def test_every_rule_is_replayed_on_every_network(record, replay):
    assert len(replay.rules) == 3 * 2 * 4
    for rule in replay.rules:
        part, name = (
            ("validation", rule.monitor[4:]) if rule.monitor.startswith("val_") else ("train", rule.monitor)
        )
        for network in range(8):
            chosen, trained, stopped = keras_stopping(
                record.curves[part][name][network],
                patience=rule.patience,
                min_delta=rule.min_delta,
                mode="max" if name == "accuracy" else "min",
            )
            assert rule.chosen_epochs[network] == chosen
            assert rule.trained_epochs[network] == trained
            assert rule.stopped[network] == stopped
            test = record.curves["test"]["mse"][network]
            assert rule.regrets[network] == pytest.approx(test[chosen - 1] - min(test))
            assert rule.regrets[network] >= 0


def test_a_monitor_that_mirrors_another_decides_alike(replay):
    """1 - mse is best where mse is; min_delta of 0 has no rounding to disagree on but that of the mirror."""
    found = {(rule.monitor, rule.min_delta, rule.patience): rule.chosen_epochs for rule in replay.rules}
    for patience in (1, 3, 9, 27):
        assert found["val_mse", 0.0, patience] == found["val_accuracy", 0.0, patience]


def test_regret_may_be_counted_in_another_metric(record):
    replay = replay_patience(record, patience=(3,), metric="accuracy")
    accuracy = np.array(record.curves["test"]["accuracy"])
    (rule,) = replay.rules
    at_chosen = accuracy[np.arange(8), np.subtract(rule.chosen_epochs, 1)]
    assert rule.monitor == "val_mse"
    assert rule.regrets == pytest.approx(accuracy.max(axis=1) - at_chosen)
    assert replay.regrets_at_end == pytest.approx(accuracy.max(axis=1) - accuracy[:, -1])


def test_waiting_longer_never_trains_less(replay):
    for monitor in replay.monitors:
        _, cost = replay.grid(monitor)
        assert (np.diff(cost, axis=1) >= 0).all()


def test_the_grid_holds_the_means_in_order(replay):
    regret, cost = replay.grid("val_accuracy")
    assert regret.shape == cost.shape == (2, 4)
    (rule,) = [
        rule
        for rule in replay.rules
        if (rule.monitor, rule.min_delta, rule.patience) == ("val_accuracy", 0.1, 9)
    ]
    assert regret[1, 2] == pytest.approx(np.mean(rule.regrets))
    assert cost[1, 2] == pytest.approx(np.mean(rule.trained_epochs))


def test_the_best_rule_has_the_least_mean_regret_and_of_equals_the_least_cost(replay):
    least = min(np.mean(rule.regrets) for rule in replay.rules)
    equals = [rule for rule in replay.rules if np.mean(rule.regrets) == least]
    assert replay.best() in equals
    assert replay.best().mean_cost == min(rule.mean_cost for rule in equals)


def test_the_cheapest_rule_alike_is_the_cheapest_that_scipys_paired_test_does_not_reject(replay):
    best = replay.best()
    alike = []
    for rule in replay.rules:
        difference = np.subtract(rule.regrets, best.regrets)
        if not difference.any():
            alike.append(rule)
            continue
        two_sided = stats.ttest_rel(rule.regrets, best.regrets).pvalue
        if difference.mean() <= 0 or two_sided >= 0.05:
            alike.append(rule)
    assert replay.cheapest_alike().mean_cost == min(rule.mean_cost for rule in alike)
    assert len(alike) < len(replay.rules)


def test_the_rule_that_the_first_choose_is_judged_on_the_others(replay):
    """A third of eight networks are two."""
    rule, regrets, gains = replay.chosen_ahead()
    assert sum(rule.regrets[:2]) == min(sum(each.regrets[:2]) for each in replay.rules)
    assert regrets.tolist() == rule.regrets[2:]
    assert gains == pytest.approx(np.subtract(replay.regrets_at_end, rule.regrets)[2:])


def test_networks_that_diverged_are_left_out(record):
    curves = json.loads(json.dumps(record.curves))
    curves["test"]["mse"][2][-1] = float("nan")
    cut = Overtraining(**{**vars(record), "curves": curves})
    replay = replay_patience(cut, patience=(3,))
    assert replay.repeats == [0, 1, 3, 4, 5, 6, 7]
    assert len(replay.rules[0].regrets) == 7


def test_the_summary_has_every_number():
    test = bowls(repeats=4, noise=0)
    replay = replay_patience(with_validation(test, test), patience=(3, 100))
    assert replay.summary().splitlines() == [
        "Early stopping helps: the mean regret is 0 [0, 0], 4 [4, 4] lower than without stopping.",
        "3 of 3 networks have a lower regret (95 % interval 29 to 100 % of all such networks): whether most "
        "do is not shown.",
        "Without stopping the mean regret of all networks is 4 [4, 4].",
        "Lowest mean regret: monitor val_mse, patience 3, min_delta 0 with 0 and 13 epochs, which is "
        "optimistic, as the rule was chosen on it.",
        "Cheapest rule not shown to be worse: monitor val_mse, patience 3, min_delta 0 with 0 [0, 0] and "
        "13 epochs.",
        "1 of the rules did not stop every network within the recorded epochs.",
        "2 rules on 4 networks on made up. The first 1 chose monitor val_mse, patience 3, min_delta 0, the "
        "other 3 judge it. Regret is how much worse the test mean squared error is than at the best of each "
        "network's own 30 epochs. Brackets: 95 % intervals over the networks.",
    ]


def test_rules_that_make_no_difference_are_said_to_make_none():
    test = bowls(repeats=4, lowest=30, noise=0)
    replay = replay_patience(with_validation(test, test), patience=(3,))
    assert replay.summary().startswith("No effect of early stopping is shown: ")


def test_a_rule_that_stops_too_soon_is_said_to_do_harm():
    test = bowls(repeats=4, lowest=30)
    test[:, 1] += 5
    test[:, 2] += 6
    replay = replay_patience(with_validation(test, test), patience=(2,))
    assert replay.summary().startswith("Early stopping does harm: ")


def test_the_record_goes_through_json(replay):
    assert PatienceReplay.from_dict(json.loads(json.dumps(replay.to_dict()))) == replay


def test_the_table_has_a_row_for_each_rule_and_network(replay):
    frame = replay.to_frame()
    assert len(frame) == 24 * 8
    means = frame.groupby(["monitor", "min_delta", "patience"])["regret"].mean()
    assert means["val_mse", 0.1, 9] == pytest.approx(replay.grid("val_mse")[0][1, 2])


WRONG = {
    "patience 0": ({"patience": (0,)}, "Each patience must be a whole number of at least 1; received 0."),
    "negative min_delta": (
        {"min_delta": (-0.1,)},
        "Each min_delta must be a number of at least 0; received -0.1.",
    ),
    "no patience": ({"patience": ()}, "patience must hold one or more different values; received []."),
    "a patience twice": (
        {"patience": (2, 2)},
        "patience must hold one or more different values; received [2, 2].",
    ),
    "unknown monitor": (
        {"monitors": "val_loss"},
        "Each monitor must be one of 'val_mse', 'val_accuracy', 'mse', 'accuracy'; received 'val_loss'.",
    ),
    "unknown metric": (
        {"metric": "loss"},
        "metric must be one of 'mse', 'accuracy'; received 'loss'.",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_used_is_refused(record, name):
    options, message = WRONG[name]
    with pytest.raises(InvalidInput) as error:
        replay_patience(record, **options)
    assert str(error.value) == message


def test_a_record_without_validation_has_only_the_training_part_to_stop_by():
    record = record_of(bowls())
    with pytest.raises(InvalidInput) as error:
        replay_patience(record)
    assert str(error.value) == (
        "The record has no validation curves to monitor. Pass overtraining data with a validation part, or "
        "name monitors of the training part: mse."
    )
    assert replay_patience(record, patience=2, monitors="mse").monitors == ("mse",)


def test_a_replay_needs_rules_and_three_networks(replay):
    with pytest.raises(InvalidInput) as error:
        PatienceReplay(
            name="x", metric="mse", epochs=3, repeats=[0], rules=replay.rules, regrets_at_end=[0.1]
        )
    assert str(error.value) == (
        "A replay needs at least one rule, and at least 3 repeats with a regret for each; received 24 rules "
        "and [1, 8] repeats."
    )
