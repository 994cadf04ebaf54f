"""What the README shows runs as it stands."""

import re
from pathlib import Path

import pytest

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
BLOCKS = [
    block
    for block in re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    if "kerasreg import" in block
]


def test_the_readme_has_the_examples_that_are_run_here():
    assert len(BLOCKS) == 5


@pytest.mark.parametrize(
    "block", BLOCKS, ids=["builders", "populations", "KerasTuner by hand", "laboratory", "pictures"]
)
def test_an_example_runs(block, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    made = {}
    exec(block, made)
    if "model" in made:
        measured = made["model"].evaluate(
            made["split"].x_test, made["split"].y_test, verbose=0, return_dict=True
        )
        assert measured["accuracy"] > 0.95
        assert "cross_entropy" in capsys.readouterr().out
    elif "models" in made:
        assert len(made["history"]) == len(made["models"]) == 24
        assert made["history"][made["history"].best()].to_row()["val_accuracy"] > 0.95
    elif "comparison" in made:
        assert capsys.readouterr().out == made["comparison"].summary() + "\n"
        assert made["comparison"].by_split("dropout").shape == (10,)
    elif "recolor" in made:
        assert sorted(path.name for path in (tmp_path / "recolored").iterdir()) == [
            "figure.png",
            "original.png",
            "recolored.png",
        ]
    else:
        assert {hp.name for hp in made["tuner"].oracle.get_space().space} == {
            "num_layers",
            "units",
            "l2",
            "dropout",
        }


def test_every_command_line_is_one_the_command_takes():
    from kerasreg.tune.__main__ import parser

    lines = re.findall(r"^(?:\$ )?python -m kerasreg\.tune ?(.*)$", README, flags=re.MULTILINE)
    assert len(lines) >= 4
    for line in lines:
        if "--help" not in line:
            parser().parse_args(line.split())
