import ast
import re
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from kerasreg.checks import InvalidInput
from kerasreg.records import Reconstructions, SearchResult
from kerasreg.report import snippet, write_report
from kerasreg.report.numbers import count, duration, interval, listed, metric, number, percent, setting
from kerasreg.report.sentences import answer, facts, finite_rows, measured, optimism, regularized
from tests.search_results import all_failed, autoencoder_search, digits_search, under_way

VOID = {"meta", "img", "br", "link"}


class Page(HTMLParser):
    """Reads a page and fails where its tags do not close in order."""

    def __init__(self, path: Path):
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict]] = []
        self.texts: dict[str, list[str]] = {}
        self.feed(path.read_text(encoding="utf-8"))
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        """Opens the tag."""
        self.tags.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        """Closes the tag that was opened last."""
        assert self.open.pop() == tag

    def handle_data(self, data):
        """Keeps the text by the tag around it."""
        if self.open:
            self.texts.setdefault(self.open[-1], []).append(data)

    def named(self, tag: str) -> list[dict]:
        """The attributes of each such tag."""
        return [attributes for name, attributes in self.tags if name == tag]


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


@pytest.fixture(scope="module")
def digits_page(tmp_path_factory) -> Page:
    return Page(write_report(digits_search(), tmp_path_factory.mktemp("digits")))


def test_the_page_has_its_sections_in_order_the_answer_first(digits_page):
    assert digits_page.texts["h2"] == [
        "The winner: trial 9",
        "Leaderboard",
        "How the best trials learned",
        "Score against each hyperparameter",
        "What the search promised, and what the test says",
        "How it was measured",
        "To repeat it",
    ]
    assert digits_page.texts["p"][0] == answer(digits_search())


def test_the_page_needs_nothing_from_outside(tmp_path):
    path = write_report(digits_search(), tmp_path)
    page = Page(path)
    assert all(image["src"].startswith("data:image/png;base64,") for image in page.named("img"))
    assert not page.named("link")
    assert not page.named("a")
    assert [script for script in page.named("script") if script] == []
    outside = re.findall(
        r"(?:https?:)?//[\w.]+|url\(|@import", re.sub(r"base64,[\w+/=]+", "", path.read_text())
    )
    assert outside == []


def test_the_policy_of_the_page_admits_its_own_script_and_no_other(digits_page):
    import base64
    import hashlib

    policy = digits_page.named("meta")[2]["content"]
    script = digits_page.texts["script"][0].encode()
    digest = base64.b64encode(hashlib.sha256(script).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'; img-src data:;")


def test_every_picture_has_words_for_those_who_do_not_see_it(digits_page):
    texts = [image["alt"] for image in digits_page.named("img")]
    assert len(texts) == 2 + 5 + 2
    assert len(set(texts)) == len(texts)
    assert "Validation cross-entropy of each trial against l2." in texts


def test_every_table_scrolls_in_a_box_of_its_own(digits_page):
    boxes = [box for box in digits_page.named("div") if box.get("class") == "scroll"]
    assert len(boxes) == len(digits_page.named("table")) == 4
    assert all(box["tabindex"] == "0" and box["aria-label"] for box in boxes)


def test_the_pictures_lie_beside_the_page_as_png_files(tmp_path):
    write_report(digits_search(), tmp_path / "new" / "folder")
    folder = tmp_path / "new" / "folder"
    assert sorted(path.name for path in folder.iterdir()) == ["figures", "report.html"]
    names = ["learning_curves", "search", "test_accuracy", "test_cross_entropy"]
    names += [f"score_by_{name}" for name in ("num_layers", "units", "l2", "dropout", "normalization")]
    assert sorted(path.stem for path in (folder / "figures").iterdir()) == sorted(names)
    for path in (folder / "figures").iterdir():
        with Image.open(path) as image:
            assert image.format == "PNG"
            assert image.size == (800, 640)


def pictured(**whole) -> SearchResult:
    """A search of an autoencoder that kept three grey test pictures."""
    originals = np.arange(48).reshape(3, 4, 4, 1) / 48
    return replace(
        autoencoder_search(),
        reconstructions=Reconstructions(originals=originals, rebuilt=originals / 2, **whole),
    )


def test_the_report_of_an_autoencoder_shows_originals_and_reconstructions(tmp_path):
    page = Page(write_report(pictured(), tmp_path))
    assert page.texts["h2"][-3:] == ["Originals and reconstructions", "How it was measured", "To repeat it"]
    assert (tmp_path / "figures" / "reconstructions.png").exists()
    assert not (tmp_path / "figures" / "picture.png").exists()
    shown = page.named("img")[-1]
    assert shown["alt"] == "3 test images above, and below each what the network rebuilds of it."
    with Image.open(tmp_path / "figures" / "reconstructions.png") as image:
        assert image.size == pytest.approx([2 * int(shown["width"]), 2 * int(shown["height"])], abs=1)


def test_the_report_of_a_picture_shows_it_whole(tmp_path):
    picture = np.zeros((4, 6, 3), dtype=np.uint8)
    page = Page(write_report(pictured(picture=picture, picture_rebuilt=picture), tmp_path))
    assert page.named("img")[-1]["alt"] == (
        "The whole picture on the left, and on the right what the network rebuilds of it."
    )
    assert (tmp_path / "figures" / "picture.png").exists()


def test_the_leaderboard_has_ten_trials_best_first_and_the_failed_one_beneath(digits_page):
    result = digits_search()
    identifiers = [trial.trial_id for trial in result.ranked()[:10]]
    body = digits_page.texts["td"]
    assert [body[body.index("9") + 9 * row] for row in range(10)] == identifiers
    assert (
        "Trial 4: The loss became NaN in epoch 3: the learning rate is too large for this network."
        in (digits_page.texts["li"])
    )
    assert [row for row in digits_page.named("tr") if row.get("class") == "marked"] == [{"class": "marked"}]


def test_the_winner_table_tells_what_was_tried_and_what_was_fixed(tmp_path):
    text = write_report(digits_search(), tmp_path).read_text()
    assert '<tr><th scope="row">units</th><td>128</td><td>32 to 256</td></tr>' in text
    assert '<tr><th scope="row">learning_rate</th><td>0.001</td><td>fixed</td></tr>' in text


def test_a_hostile_name_is_text_wherever_it_appears(tmp_path):
    hostile = '<script>alert(1)</script>"><img src=x onerror=alert(2)> & $\\frac$'
    result = digits_search(command=f"python -m kerasreg.tune --data '{hostile}'")
    trials = [
        replace(trial, hyperparameters={**trial.hyperparameters, hostile: f"{hostile}{trial.trial_id}"})
        for trial in result.trials
    ]
    trials[4] = replace(trials[4], error=hostile)
    result = replace(
        result,
        data=result.data | {"name": hostile, "code": None},
        trials=tuple(trials),
        versions={hostile: hostile},
        settings=result.settings | {"search_over": [hostile]},
    )
    page = Page(write_report(result, tmp_path))
    assert len(page.named("script")) == 1
    assert not [image for image in page.named("img") if "onerror" in image or image["src"] == "x"]
    assert f"{hostile}: tuning a multilayer perceptron" in "".join(page.texts["h1"])
    assert any(hostile in image["alt"] for image in page.named("img"))


@pytest.mark.parametrize(
    ("search", "sentence", "headings"),
    [
        (
            under_way,
            "The search is under way: 7 of 12 trials have ended. The best so far is trial 3, with a "
            "validation cross-entropy of 0.110. There is no test result yet: the test data are used once, "
            "at the end.",
            [
                "Leaderboard",
                "How the best trials learned",
                "Score against each hyperparameter",
                "How it was measured",
                "To repeat it",
            ],
        ),
        (
            all_failed,
            "The search found no network: 3 trials ended, and none was completed. The causes stand below.",
            ["The trials", "How it was measured", "To repeat it"],
        ),
        (
            lambda: replace(under_way(), trials=()),
            "The search is under way: 0 of 12 trials have ended. "
            "There is no test result yet: the test data are used once, at the end.",
            ["How it was measured", "To repeat it"],
        ),
    ],
)
def test_a_search_without_a_winner_has_a_report_too(tmp_path, search, sentence, headings):
    page = Page(write_report(search(), tmp_path))
    assert plain(page.texts["p"][0]) == sentence
    assert page.texts["h2"] == headings


def test_a_winner_that_is_not_tested_yet_has_a_report_too(tmp_path):
    result = digits_search(test=None, retraining=(), selection_optimism=None)
    page = Page(write_report(result, tmp_path))
    assert page.texts["p"][0] == (
        "The search chose trial 9, a multilayer perceptron with l2 = 1.94e-5, dropout 0.357 and batch "
        "normalization. It is being retrained with fresh seeds; there is no test result yet."
    )
    assert "What the search promised, and what the test says" not in page.texts["h2"]


def test_a_report_from_the_json_is_the_same_report(tmp_path):
    for result in (digits_search(folds=3), autoencoder_search(), pictured(), under_way(), all_failed()):
        first = write_report(result, tmp_path / "a").read_bytes()
        again = SearchResult.from_dict(result.to_dict())
        assert write_report(again, tmp_path / "b").read_bytes() == first


def test_the_answer_of_a_classifier_counts_in_percent():
    assert plain(answer(digits_search())) == (
        "A multilayer perceptron with l2 = 1.94e-5, dropout 0.357 and batch normalization classifies "
        "97.1 % of the 360 test images correctly (95 % interval 96.9 to 97.3 % over 5 fresh seeds)."
    )


def test_the_answer_of_an_autoencoder_is_its_error():
    assert plain(answer(autoencoder_search())) == (
        "An autoencoder with input noise 0.206 rebuilds the 10,000 test images with a mean squared error of "
        "0.0150 (95 % interval 0.0138 to 0.0163 over 5 fresh seeds)."
    )


def test_one_fresh_seed_has_no_interval_and_says_so():
    result = digits_search()
    test = result.test | {"scores": result.test["scores"][:1], "interval_95": None, "sd": None}
    result = replace(result, test=test, retraining=result.retraining[:1])
    assert plain(answer(result)).endswith("correctly (one network, 1 fresh seed).")
    assert not any("Student" in step for step in measured(result))


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


@pytest.mark.parametrize(
    ("objective", "gap", "ending"),
    [
        (
            "cross_entropy",
            0.0123,
            "The search promised too much by 0.0123: this is the selection optimism, "
            "the price of keeping the best epoch of the best of 11 trials.",
        ),
        ("cross_entropy", 0.0, "the search promised neither too much nor too little."),
        ("accuracy", 0.004, "The search promised too much by 0.4 percentage points"),
        (
            "accuracy",
            -0.004,
            "better by 0.4 percentage points: the search did not promise too much "
            "(no selection optimism shown).",
        ),
    ],
)
def test_the_selection_optimism_has_its_sign_in_words(objective, gap, ending):
    result = digits_search(objective=objective, selection_optimism=gap)
    assert ending in plain(optimism(result))


def test_an_optimism_that_is_no_number_is_explained():
    assert optimism(digits_search(selection_optimism=float("nan"))) == (
        "No selection optimism is given: in the search the winner was trained for fewer epochs than "
        "afterwards, or one of its fresh networks diverged."
    )
    assert optimism(under_way()) is None


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


@pytest.mark.parametrize(("objective", "sign"), [("cross_entropy", 1), ("accuracy", -1)])
def test_the_test_value_beside_the_search_score_is_the_mean_over_the_seeds(objective, sign):
    result = digits_search(objective=objective)
    tested = sum(run["test"][objective] for run in result.retraining) / 5
    assert sign * (tested - result.winner["score"]) == pytest.approx(result.selection_optimism)
    assert f"on test data it has {metric(objective, tested)} on average" in optimism(result)


def test_the_finite_test_set_has_a_sentence_of_its_own():
    assert plain(finite_rows(digits_search())) == (
        "More seeds would narrow the interval above, not this one: 360 test images leave the true accuracy "
        "anywhere from 95.4 to 98.2 % (Wilson's 95 % interval)."
    )
    assert finite_rows(autoencoder_search()) is None
    assert finite_rows(under_way()) is None


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


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (3.14159e-5, "3.14e-5"),
        (0.03, "0.03"),
        (26122, "26,122"),
        (1234.5, "1,234"),
        (2.5e7, "2.5e7"),
    ],
)
def test_numbers_have_three_significant_digits(value, text):
    assert number(value) == text


def test_metrics_keep_their_zeros_so_that_columns_compare():
    assert [metric("mse", value) for value in (0.11, 0.0918, 2.0, 123.4)] == [
        "0.110",
        "0.0918",
        "2.00",
        "123",
    ]
    assert plain(metric("accuracy", 0.9786)) == "97.9 %"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.42, "0.4 s"),
        (9.96, "10 s"),
        (52.3, "52 s"),
        (59.7, "1 min"),
        (200, "3 min 20 s"),
        (3900, "1 h 5 min"),
    ],
)
def test_times_are_told_as_people_tell_them(seconds, text):
    assert plain(duration(seconds)) == text


def test_words_and_lists_are_plain():
    assert plain(percent(1.0)) == "100.0 %"
    assert plain(interval("accuracy", [0.974, 0.984])) == "97.4 to 98.4 %"
    assert [count(1, "trial"), count(1000, "trial")] == ["1 trial", "1,000 trials"]
    assert [listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"])] == ["a", "a and b", "a, b and c"]
    values = (True, None, "batch", [128, 64], 0.5, {}, {"l2": 1e-4}, 0)
    words = ["yes", "none", "batch", "128, 64", "0.5", "none", "l2: 0.0001", "0"]
    assert [setting(value) for value in values] == words


def test_the_snippet_of_a_classifier_is_whole():
    result = digits_search()
    arguments = result.winner["arguments"] | {"regularization": {"l2": 1e-4, "dropout": 0.1 + 0.2}}
    assert snippet(replace(result, winner=result.winner | {"arguments": arguments})) == (
        "from kerasreg import Regularization, build_mlp, early_stopping, load_digits_split\n"
        "\n"
        "split = load_digits_split(train_size=1000, seed=0)\n"
        "\n"
        "model = build_mlp(\n"
        "    split.input_shape,\n"
        "    split.num_classes,\n"
        "    units=[128, 128, 128],\n"
        "    regularization=Regularization(l2=0.0001, dropout=0.30000000000000004),\n"
        "    learning_rate=0.001,\n"
        ")\n"
        "\n"
        "model.fit(\n"
        "    split.x_train,\n"
        "    split.y_train,\n"
        "    validation_data=(split.x_validation, split.y_validation),\n"
        "    epochs=60,\n"
        "    batch_size=32,\n"
        '    callbacks=[early_stopping(8, monitor="val_cross_entropy")],\n'
        ")\n"
        "print(model.evaluate(split.x_test, split.y_test, return_dict=True))\n"
    )


def code_of(arguments: dict, *, builder: str = "build_mlp", **settings) -> str:
    result = digits_search()
    winner = result.winner | {"arguments": arguments, "builder": builder}
    code = snippet(replace(result, winner=winner, settings=result.settings | settings))
    ast.parse(code)
    return code


def test_the_snippet_of_a_cnn_has_its_blocks_and_augmentation():
    blocks = [{"filters": 16 * 2**k, "kernel_size": 3, "pooling": "max", "pool_size": 2} for k in range(2)]
    arguments = {"blocks": blocks, "dense_units": [64], "augmentation": {"zoom": 0.1}, "regularization": {}}
    code = code_of(arguments, builder="build_cnn", model="cnn")
    assert code.startswith(
        "from kerasreg import Augmentation, build_cnn, early_stopping, load_digits_split\n"
    )
    assert "    augmentation=Augmentation(zoom=0.1),\n" in code
    calls = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call)]
    call = next(call for call in calls if getattr(call.func, "id", None) == "build_cnn")
    read = {keyword.arg: keyword.value for keyword in call.keywords}
    assert ast.literal_eval(read["blocks"]) == blocks
    assert "regularization" not in read


def test_many_knobs_stand_one_a_line():
    code = code_of({"regularization": {"l1": 1.2345678912345e-7, "l2": 2.3456789123456e-5, "dropout": 1 / 3}})
    assert "    regularization=Regularization(\n        l1=1.2345678912345e-07,\n" in code
    assert "        dropout=0.3333333333333333,\n    ),\n" in code


def test_the_snippet_standardizes_the_input_before_training():
    code = code_of({"units": [8], "standardize_input": True})
    adapt = 'model.get_layer("standardize_input").adapt(split.x_train)\n'
    assert code.index("standardize_input=True") < code.index(adapt) < code.index("model.fit(")
    assert "adapt" not in code_of({"units": [8]})


def test_the_snippet_without_patience_stops_nothing_early():
    assert "early_stopping" not in code_of({"units": [8]}, patience=None)


def test_the_snippet_of_an_autoencoder_makes_its_inputs_its_targets():
    code = snippet(autoencoder_search())
    ast.parse(code)
    assert "split = load_mnist_subset(train_size=1000, seed=3)\nsplit = split.as_autoencoder()\n" in code
    assert "build_autoencoder(\n    split.input_shape,\n    kind='dense',\n" in code
    assert "num_classes" not in code
    assert "augmentation" not in code
    assert 'monitor="val_mse"' in code


def test_the_snippet_says_where_an_own_split_goes():
    result = digits_search()
    code = snippet(replace(result, data=result.data | {"code": None}))
    ast.parse(code)
    assert "\nsplit = ...  # the Split you searched on\n" in code
    assert code.startswith("from kerasreg import Regularization, build_mlp, early_stopping\n")


def test_a_search_without_a_winner_has_no_snippet():
    with pytest.raises(
        InvalidInput, match=r"^The search has no winner yet, so there is no network to rebuild\.$"
    ):
        snippet(under_way())


def in_a_fresh_interpreter(code: str) -> str:
    command = [sys.executable, "-W", "ignore", "-c", code]
    root = Path(__file__).parents[1]
    return subprocess.run(command, capture_output=True, text=True, check=True, cwd=root).stdout.strip()


def test_report_and_plots_load_neither_keras_nor_tensorflow():
    code = "import sys, kerasreg.report; print([n for n in ('keras', 'tensorflow') if n in sys.modules])"
    assert in_a_fresh_interpreter(code) == "[]"


def test_the_report_leaves_the_global_figures_of_matplotlib_alone(tmp_path):
    code = (
        "import sys\nfrom kerasreg.report import write_report\n"
        "from tests.search_results import digits_search\n"
        f"write_report(digits_search(), {str(tmp_path)!r})\nprint('matplotlib.pyplot' in sys.modules)"
    )
    assert in_a_fresh_interpreter(code) == "False"


def test_a_fresh_network_that_diverged_leaves_no_test_result(tmp_path):
    finished = autoencoder_search()
    test = finished.test | {"mean": None, "sd": None, "interval_95": None}
    diverged = replace(finished, test=test, selection_optimism=None)
    page = write_report(diverged, tmp_path).read_text()
    assert "there is no test result to rely on" in page
    assert "None" not in page.split("<script")[0]
