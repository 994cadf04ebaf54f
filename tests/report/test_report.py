import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from kerasreg.records import Reconstructions, SearchResult
from kerasreg.report import write_report
from kerasreg.report.sentences import answer
from tests.helpers.autoencoder_results import autoencoder_search
from tests.helpers.report_pages import Page, plain
from tests.helpers.search_results import all_failed, digits_search, under_way


@pytest.fixture(scope="module")
def digits_page(tmp_path_factory) -> Page:
    return Page(write_report(digits_search(), tmp_path_factory.mktemp("digits")))


def test_the_page_has_its_sections_in_order_the_answer_first(digits_page):
    assert digits_page.texts["h2"] == [
        "The winner: trial 10",
        "Leaderboard",
        "How the best trials learned",
        "Score against each hyperparameter",
        "What the search promised, and what the test says",
        "Class by class",
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
    assert len(boxes) == len(digits_page.named("table")) == 5
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
    """A search of an autoencoder that kept three gray test pictures."""
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
    assert page.named("img")[-2]["alt"] == (
        "3 test patches above, and below each what the network rebuilds of it."
    )
    assert (tmp_path / "figures" / "picture.png").exists()


def test_the_leaderboard_has_ten_trials_best_first_and_the_failed_one_beneath(digits_page):
    result = digits_search()
    identifiers = [trial.trial_id for trial in result.ranked()[:10]]
    body = digits_page.texts["td"]
    assert [body[body.index("10") + 9 * row] for row in range(10)] == identifiers
    assert (
        "Trial 5: The loss became NaN in epoch 3: the learning rate is too large for this network."
        in (digits_page.texts["li"])
    )
    assert [row for row in digits_page.named("tr") if row.get("class") == "marked"] == [{"class": "marked"}]


def test_the_winner_table_tells_what_was_searched_and_what_was_fixed(tmp_path):
    """The ranges are the search's own, not the extremes of the few values that it drew."""
    text = write_report(digits_search(), tmp_path).read_text()
    assert '<tr><th scope="row">units</th><td>128</td><td>32, 64, 128 or 256</td></tr>' in text
    assert "</td><td>1e-6 to 0.01 (logarithmic)</td></tr>" in text
    assert "</td><td>0 to 0.6</td></tr>" in text
    assert "</td><td>1 to 3</td></tr>" in text
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
            "The search is under way: 7 of 12 trials have ended. The best so far is trial 4, with a "
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
    result = digits_search(test=None, retraining=(), score_gaps=None)
    page = Page(write_report(result, tmp_path))
    assert page.texts["p"][0] == (
        "The search chose trial 10, a multilayer perceptron with l2 = 1.94e-5, dropout 0.357 and batch "
        "normalization. It is being retrained with fresh seeds; there is no test result yet."
    )
    assert "What the search promised, and what the test says" not in page.texts["h2"]


def test_a_report_from_the_json_is_the_same_report(tmp_path):
    for result in (digits_search(folds=3), autoencoder_search(), pictured(), under_way(), all_failed()):
        first = write_report(result, tmp_path / "a").read_bytes()
        again = SearchResult.from_dict(result.to_dict())
        assert write_report(again, tmp_path / "b").read_bytes() == first


def in_a_fresh_interpreter(code: str) -> str:
    command = [sys.executable, "-W", "ignore", "-c", code]
    root = Path(__file__).parents[2]
    return subprocess.run(command, capture_output=True, text=True, check=True, cwd=root).stdout.strip()


def test_report_and_plots_load_neither_keras_nor_tensorflow():
    code = "import sys, kerasreg.report; print([n for n in ('keras', 'tensorflow') if n in sys.modules])"
    assert in_a_fresh_interpreter(code) == "[]"


def test_the_report_leaves_the_global_figures_of_matplotlib_alone(tmp_path):
    code = (
        "import sys\nfrom kerasreg.report import write_report\n"
        "from tests.helpers.search_results import digits_search\n"
        f"write_report(digits_search(), {str(tmp_path)!r})\nprint('matplotlib.pyplot' in sys.modules)"
    )
    assert in_a_fresh_interpreter(code) == "False"


def test_a_fresh_network_that_diverged_leaves_no_test_result(tmp_path):
    finished = autoencoder_search()
    test = finished.test | {"mean": None, "sd": None, "interval_95": None}
    diverged = replace(finished, test=test, score_gaps=None)
    page = write_report(diverged, tmp_path).read_text()
    assert "there is no test result to rely on" in page
    assert "None" not in page.split("<script")[0]
