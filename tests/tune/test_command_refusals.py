"""The command says what is wrong in one sentence."""

import numpy as np
import pytest

from kerasreg.tune.__main__ import main

KNOBS = (
    "size, l1, l2, dropout, dropconnect, noise, normalization, max_norm, learning_rate, batch_size, "
    "label_smoothing"
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
        (
            ["--max-data-size", "3"],
            "--max-data-size is for .npz files; received --data digits. Leave it out.",
        ),
        (["--max-pixels", "9"], "--max-pixels is for pictures; received --data digits. Leave it out."),
        (["--max-trials", "0"], "max_trials must be a whole number of at least 1; received 0."),
        (["--epochs", "-1"], "epochs must be a whole number of at least 1; received -1."),
        (
            ["--epochs", "1" + "0" * 320],
            "epochs must be at most 1,000,000; received 100000000000000000...0000000000000000000.",
        ),
        (
            ["--tuner", "hyperband", "--epochs", "1" + "0" * 18],
            "epochs must be at most 1,000,000; received 1000000000000000000.",
        ),
        (
            ["--patience", "1" + "0" * 320],
            "patience must be at most 1,000,000; received 100000000000000000...0000000000000000000.",
        ),
        (
            ["--seed", "1" + "0" * 320],
            "seed must be at most 18,446,744,073,709,551,615; received "
            "100000000000000000...0000000000000000000.",
        ),
        (["--max-trials", "1000000001"], "max_trials must be at most 1,000,000; received 1000000001."),
        (["--repeats", "1000000000"], "repeats must be at most 10,000; received 1000000000."),
        (["--folds", "1000000000"], "folds must be at most 10,000; received 1000000000."),
        (
            ["--folds", "200", "--repeats", "200"],
            "folds times repeats, the networks of each trial, must be at most 10,000; received 200 folds and "
            "200 repeats.",
        ),
        (
            ["--folds", "5000"],
            "5000 folds need at least 5000 rows that are not test; there are 1437. Take fewer folds or more "
            "rows.",
        ),
        (
            ["--train-size", "1" + "0" * 18],
            "train_size must be at most 1437, the number of rows that are not test; received "
            "1000000000000000000.",
        ),
        (["--time-budget", "inf"], "time_budget must be a number above 0; received inf."),
        (["--time-budget", "1e400"], "time_budget must be a number above 0; received inf."),
        (
            ["--data", "~no-such-user/a.npz"],
            "~no-such-user/a.npz names the home folder of a user that this computer lacks.",
        ),
        (
            ["autoencoder", "--data", "~no-such-user/a.png"],
            "~no-such-user/a.png names the home folder of a user that this computer lacks.",
        ),
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
            ["--search-over", "x" * 5000],
            f"search_over received {'x' * 120}…; a search of the mlp can be over {KNOBS}.",
        ),
        (
            ["--train-size", "1" + "0" * 320],
            "train_size must be at most 1437, the number of rows that are not test; received "
            "100000000000000000...0000000000000000000.",
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
