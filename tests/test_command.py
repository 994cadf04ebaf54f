"""The command says what is wrong in one sentence, and does what the README says."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

import kerasreg
from kerasreg.tune.__main__ import main, parser
from kerasreg.tune.loading import load
from kerasreg.tune.spaces import DEFAULT_SEARCH_OVER

KNOBS = (
    "size, l1, l2, dropout, dropconnect, noise, normalization, max_norm, learning_rate, batch_size, "
    "label_smoothing"
)


def run_command(*arguments, folder, **options):
    """Runs the command as a user does, in `folder`."""
    command = [sys.executable, "-m", "kerasreg.tune", *map(str, arguments)]
    environment = {name: value for name, value in os.environ.items() if name != "TF_CPP_MIN_LOG_LEVEL"}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, **options
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["rnn"], "model must be one of 'mlp', 'cnn', 'autoencoder'; received 'rnn'."),
        (
            ["--tuner", "annealing"],
            "tuner must be one of 'random', 'grid', 'bayesian', 'hyperband'; received 'annealing'.",
        ),
        (["--engine", "jet"], "engine must be one of 'population', 'fit'; received 'jet'."),
        (
            ["--data", "imagenet"],
            "--data must be digits, mnist, the path of an .npz file, or that of a picture (.png, .jpg, "
            ".jpeg, .webp, .bmp, .tif, .tiff, .gif); received 'imagenet'.",
        ),
        (
            ["--data", "none.npz"],
            "There is no file none.npz; give an .npz file, as numpy.savez writes it.",
        ),
        (
            ["--data", "wing.png"],
            "A picture is for the autoencoder, which rebuilds its patches: the other networks need labels. "
            "Received --data wing.png and the model 'mlp'.",
        ),
        (
            ["autoencoder", "--data", "none.JPG"],
            "There is no file none.JPG; give a picture, such as a PNG or JPEG file.",
        ),
        (["--patch-size", "4"], "--patch-size is for pictures; received --data digits. Leave it out."),
        (
            ["--task", "regression"],
            "--task and --drop-duplicates are for .npz files; received --data digits. Leave them out.",
        ),
        (["--max-trials", "0"], "max_trials must be a whole number of at least 1; received 0."),
        (["--epochs", "-1"], "epochs must be a whole number of at least 1; received -1."),
        (["--patience", "0"], "patience must be a whole number of at least 1; received 0."),
        (["--folds", "0"], "folds must be a whole number of at least 1; received 0."),
        (["--repeats", "0"], "repeats must be a whole number of at least 1; received 0."),
        (["--train-size", "0"], "train_size must be a whole number of at least 1; received 0."),
        (["--seed", "-1"], "seed must be a whole number of at least 0; received -1."),
        (["--time-budget", "0"], "time_budget must be a number above 0; received 0.0."),
        (["--time-budget", "nan"], "time_budget must be a number above 0; received nan."),
        (
            ["--search-over", "l2,weights"],
            f"search_over received weights; a search of the mlp can be over {KNOBS}.",
        ),
        (
            ["--search-over", ""],
            f"search_over received nothing; a search of the mlp can be over {KNOBS}.",
        ),
        (
            ["--objective", "mse"],
            "The objective of classification must be cross_entropy or accuracy; received 'mse'.",
        ),
        (["--task", "ranking"], "task must be one of 'classification', 'regression'; received 'ranking'."),
    ],
)
def test_bad_usage_is_one_sentence_and_status_2(arguments, message, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    assert capsys.readouterr().err == f"kerasreg.tune: {message}\n"
    assert list(tmp_path.iterdir()) == []


def labels(count=40):
    return np.arange(count) % 2


POINTS = np.arange(120.0).reshape(40, 3)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        (
            {"x": np.where(POINTS == 7, np.nan, POINTS), "y": labels()},
            "x holds NaN or infinite values in rows 2; all values must be finite in single precision. "
            "Remove or repair these rows.",
        ),
        (
            {"x": POINTS, "y": labels() * 1.0},
            "y must be integer labels; received float64. Convert labels with y.astype(int), or say "
            'task="regression" if they are numbers to predict.',
        ),
        (
            {"x": POINTS, "y": labels() - 1},
            "The smallest label is -1; labels must count the classes from 0. Number them with "
            "np.unique(y, return_inverse=True)[1].",
        ),
        (
            {"x": np.array([[1, "a"]] * 40, dtype=object), "y": labels()},
            "x in points.npz holds pickled Python objects, which can run any code when they are read and are "
            "never read here; write plain arrays of numbers.",
        ),
    ],
    ids=["nan", "float labels", "negative labels", "pickled"],
)
def test_a_bad_file_is_one_sentence_and_status_2(arrays, message, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.savez("points.npz", **arrays)
    assert main(["--data", "points.npz"]) == 2
    assert capsys.readouterr().err == f"kerasreg.tune: {message}\n"


def test_a_truncated_file_is_one_sentence_and_status_2(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.savez("points.npz", x=POINTS, y=labels())
    whole = (tmp_path / "points.npz").read_bytes()
    (tmp_path / "points.npz").write_bytes(whole[: len(whole) // 2])
    assert main(["--data", "points.npz"]) == 2
    assert capsys.readouterr().err == (
        "kerasreg.tune: points.npz is truncated: its end is missing; copy or write it again.\n"
    )


def noisy_picture(path, shape=(32, 48)):
    """Writes a picture of noise, of whose patches no two are equal."""
    pixels = np.random.default_rng(0).integers(0, 256, size=(*shape, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)


@pytest.mark.parametrize(
    ("content", "arguments", "message"),
    [
        (
            b"no picture",
            [],
            "wing.png is no picture that Pillow knows; give a PNG or JPEG file, or save the picture as one.",
        ),
        (None, ["--patch-size", "0"], "--patch-size must be a whole number of at least 1; received 0."),
        (
            None,
            ["--train-size", "5000"],
            "train_size must be at most 14, the number of rows to train on; received 5000.",
        ),
    ],
    ids=["no picture", "patches of nothing", "too few patches"],
)
def test_a_picture_that_cannot_be_used_is_one_sentence_and_status_2(
    content, arguments, message, capsys, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    if content is None:
        noisy_picture("wing.png")
    else:
        (tmp_path / "wing.png").write_bytes(content)
    assert main(["autoencoder", "--data", "wing.png", *arguments]) == 2
    assert capsys.readouterr().err == f"kerasreg.tune: {message}\n"


def test_the_patches_of_a_picture_are_what_the_code_in_the_report_makes(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    noisy_picture("wing.png")
    arguments = ["autoencoder", "--data", "wing.png", "--patch-size", "4", "--train-size", "30"]
    split, code, picture = load(parser().parse_args(arguments))
    again = eval(code, {"patches_split": kerasreg.patches_split})
    assert split.input_shape == (4, 4, 3)
    assert len(split.x_train) == 30
    assert split.name == again.name == "wing.png in patches"
    for part in ("train", "validation", "test"):
        assert np.array_equal(getattr(split, f"x_{part}"), getattr(again, f"x_{part}"))
    assert np.array_equal(picture, np.asarray(Image.open("wing.png"), dtype=np.float32) / 255)


def test_a_large_picture_is_scaled_down_with_a_word_about_it(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    noisy_picture("wing.png", (300, 600))
    # What is wrong with the time is said when the data have been read.
    assert main(["autoencoder", "--data", "wing.png", "--time-budget", "0"]) == 2
    printed = capsys.readouterr()
    assert printed.err == (
        "kerasreg.tune: wing.png was scaled down from 300 x 600 to 256 x 512 pixels. In Python, "
        "read_picture(..., largest=None) keeps all of it.\n"
        "kerasreg.tune: time_budget must be a number above 0; received 0.0.\n"
    )
    assert "test rows of shape (8, 8, 3)" in printed.out


def test_more_folds_than_images_of_a_class_are_refused(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["--train-size", "40", "--folds", "10"]) == 2
    assert capsys.readouterr().err == (
        "kerasreg.tune: Class 0 has 4 rows that are not test, fewer than the 10 folds; every fold needs a "
        "row of every class. Take fewer folds or more rows.\n"
    )


def test_a_train_size_above_the_data_is_refused(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["--train-size", "5000"]) == 2
    assert capsys.readouterr().err == (
        "kerasreg.tune: train_size must be at most 1437, the number of rows that are not test; "
        "received 5000.\n"
    )


@pytest.mark.parametrize(
    "arguments", [["--epochs", "many"], ["--no-such-option"], ["mlp", "cnn"], ["--max-tri", "3"]]
)
def test_what_argparse_refuses_has_status_2_too(arguments, capsys):
    with pytest.raises(SystemExit) as exit_:
        main(arguments)
    assert exit_.value.code == 2
    assert "python -m kerasreg.tune: error: " in capsys.readouterr().err


def test_the_help_names_every_option(capsys):
    with pytest.raises(SystemExit) as exit_:
        main(["--help"])
    assert exit_.value.code == 0
    text = capsys.readouterr().out
    options = (
        "--data --train-size --tuner --engine --max-trials --epochs --patience --folds --repeats "
        "--search-over --time-budget --seed --output-dir --overwrite --quiet --objective --task "
        "--drop-duplicates --patch-size"
    )
    assert [option for option in options.split() if option not in text] == []
    knobs = ",".join(DEFAULT_SEARCH_OVER["autoencoder"])
    assert f"(default: size,l1,l2,dropout; autoencoder: {knobs})" in " ".join(text.split())


def test_a_whole_run_on_a_users_file_prints_the_answer_and_no_noise(tmp_path, capsys, monkeypatch):
    """Two kinds of points that a line divides, in so few epochs that TensorFlow would advise on retracing."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 3)) * [1, 100, 0.01]  # features of very different scale
    np.savez(tmp_path / "points.npz", x=x, y=(x[:, 0] + x[:, 1] / 100 > 0).astype(int))
    arguments = ["--data", "points.npz", "--max-trials", 2, "--epochs", 3, "--search-over", "l2"]
    done = run_command(*arguments, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert "trial 2 of 2: cross_entropy" in done.stdout
    assert "Report: kerasreg-tune/report.html" in done.stdout
    record = json.loads((tmp_path / "kerasreg-tune" / "results.json").read_text())
    assert record["test"]["mean"] > 0.7
    assert record["command"] == (
        "python -m kerasreg.tune --data points.npz --max-trials 2 --epochs 3 --search-over l2"
    )
    quiet = run_command(*arguments, "--quiet", folder=tmp_path)  # the same search: nothing to train
    assert quiet.stderr == ""
    answer, report = quiet.stdout.splitlines()
    assert answer.startswith("A multilayer perceptron with l2 = ")
    assert report == "Report: kerasreg-tune/report.html"
    monkeypatch.chdir(tmp_path)
    assert main([*map(str, arguments), "--seed", "1"]) == 2
    assert capsys.readouterr().err.startswith(
        "kerasreg.tune: 'kerasreg-tune' holds another search: seed was 0 and is now 1;"
    )


def test_a_search_that_fails_has_status_1_and_no_traceback(capsys, monkeypatch, tmp_path):
    from kerasreg.population import single

    def fail(*arguments, **options):
        raise RuntimeError("no luck")

    monkeypatch.setattr(single.keras.Model, "fit", fail)
    monkeypatch.chdir(tmp_path)
    assert main(["--max-trials", "2", "--engine", "fit"]) == 1
    assert capsys.readouterr().err == (
        "kerasreg.tune: All 2 trials failed, the last one with: RuntimeError: no luck "
        "Every cause stands in 'kerasreg-tune/results.json'.\n"
    )


def test_a_full_disk_has_status_1_and_keeps_what_was_finished(capsys, monkeypatch, tmp_path):
    import errno

    from kerasreg.tune import store

    written = []

    def full_after_one(path, content):
        written.append(path)
        if len(written) > 2:  # trials.csv and results.json of the two trials, which end together
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        path.write_text(content)

    monkeypatch.setattr(store, "write_atomically", full_after_one)
    monkeypatch.chdir(tmp_path)
    assert main(["--max-trials", "2", "--epochs", "1", "--search-over", "l2"]) == 1
    assert capsys.readouterr().err == (
        "kerasreg.tune: A file could not be written or read ([Errno 28] No space left on device: "
        "'kerasreg-tune/trials.csv'). Finished trials are kept in 'kerasreg-tune'; once this is mended, "
        "the same command goes on from there.\n"
    )
    assert len(json.loads((tmp_path / "kerasreg-tune" / "results.json").read_text())["trials"]) == 2


def test_ctrl_c_says_how_to_go_on(capsys, monkeypatch, tmp_path):
    from kerasreg.tune import searching

    def interrupt(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(searching, "run_trials", interrupt)
    monkeypatch.chdir(tmp_path)
    assert main([]) == 130
    assert capsys.readouterr().err == (
        "kerasreg.tune: Interrupted. Finished trials are kept in 'kerasreg-tune'; the same command goes on "
        "from there.\n"
    )
