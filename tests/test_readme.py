"""The examples, command lines and links of the README and the other pages work as they stand."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
PAGES = [README, *sorted((ROOT / "docs").glob("*.md"))]
LINKING = [*PAGES, ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", ROOT / "benchmarks" / "README.md"]

TEXT = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
# An example that two pages show is run once; the one for Colab reads the results of a search.
BLOCKS = [
    block
    for block in dict.fromkeys(re.findall(r"```python\n(.*?)```", TEXT, flags=re.DOTALL))
    if 'SearchResult.load("kerasreg-tune")' not in block
]


def test_the_pages_have_the_examples_that_are_run_here():
    assert len(BLOCKS) == 5


def test_the_readme_shows_an_example_of_about_ten_lines():
    (shown,) = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert len(shown.splitlines()) <= 11
    assert shown in BLOCKS


@pytest.mark.parametrize(
    "block", BLOCKS, ids=["populations", "laboratory", "pictures", "builders", "KerasTuner by hand"]
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

    lines = re.findall(
        r"^(?:\$ |!|\.venv/bin/)?python -m kerasreg\.tune ?(.*)$|`(?:python -m kerasreg\.tune|…) ?(.*?)`",
        TEXT,
        flags=re.MULTILINE,
    )
    assert len(lines) >= 12
    for line in map("".join, lines):
        if "--help" not in line:
            parser().parse_args(line.split())


@pytest.mark.parametrize("page", LINKING, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_relative_link_leads_to_a_file_and_a_heading(page):
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            path, _, anchor = target.partition("#")
            linked = page.parent / path if path else page
            assert linked.exists(), target
            if anchor:
                assert anchor in anchors(linked), target


def test_every_file_that_contributing_names_exists():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = re.findall(r"`([\w*]+/[\w./*]*)`", text)
    assert len(named) > 20
    for name in named:
        rooms = (ROOT, ROOT / "kerasreg", ROOT / "kerasreg" / "population")
        assert "NAME" in name or any(list(room.glob(name.rstrip("/"))) for room in rooms), name


def anchors(page: Path) -> set[str]:
    """Returns the anchors that GitHub gives the headings of a page."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", LINKING, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_row_of_a_table_has_as_many_cells_as_its_heading(page):
    table: list[int] = []
    for line in page.read_text(encoding="utf-8").splitlines():
        if line.startswith("|"):
            table.append(len(re.findall(r"(?<!\\)\|", line)) - 1)
            assert table[-1] == table[0], line
        else:
            table = []
