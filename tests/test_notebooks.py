"""The notebooks' own machinery; `make notebooks` executes them."""

import ast
import importlib.util
from pathlib import Path

import pytest

pytest.importorskip("jupytext", reason="needs the extra notebooks: pip install '.[notebooks]'")
nbclient = pytest.importorskip("nbclient", reason="needs the extra notebooks: pip install '.[notebooks]'")
nbformat = pytest.importorskip("nbformat", reason="needs the extra notebooks: pip install '.[notebooks]'")

FOLDER = Path(__file__).parent.parent / "notebooks"
SCRIPT = """# %% [markdown]
# A title

# %%
repeats = 5
print(repeats)

# %% tags=["claim"]
from kerasreg.claims import claim

claim(lambda: repeats < 4, "fewer than four are enough")
claim(lambda: repeats == 5, "all five are here", whole_run=True)
"""


@pytest.fixture
def machinery(tmp_path, monkeypatch):
    spec = importlib.util.spec_from_file_location("execute", FOLDER / "execute.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "FOLDER", tmp_path)
    (tmp_path / "small.py").write_text(SCRIPT, encoding="utf-8")
    (tmp_path / "fast.toml").write_text('[small]\n"repeats = 5" = "repeats = 2"\n', encoding="utf-8")
    return module


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.ipynb")), ids=lambda path: path.stem)
def test_a_notebook_has_the_cells_of_its_script_and_its_outputs(path, machinery, monkeypatch):
    monkeypatch.setattr(machinery, "FOLDER", FOLDER)
    machinery.check_pair(path.stem)
    assert '"output_type": "execute_result"' in path.read_text(encoding="utf-8")


@pytest.fixture
def execute_fast(machinery, monkeypatch):
    """Runs `execute.py --fast small` in this process."""
    monkeypatch.setenv("KERASREG_CHECK_CLAIMS", "")  # put back as it was
    monkeypatch.setenv("PYTHONPATH", str(FOLDER.parent))
    monkeypatch.setattr("sys.argv", ["execute.py", "--fast", "small"])
    machinery.write("small", machinery.script("small"))
    return machinery.main


def test_the_shortened_notebook_has_its_substitutions(machinery):
    cells = machinery.fast("small").cells
    assert [cell.source for cell in cells[:2]] == ["A title", "repeats = 2\nprint(repeats)"]
    assert len(cells) == 3


def test_the_shortened_run_passes_where_only_claims_for_the_whole_run_do_not_hold(execute_fast, capsys):
    execute_fast()
    assert capsys.readouterr().out.startswith("small: ")


def test_a_false_claim_fails_the_shortened_run(execute_fast, machinery):
    (machinery.FOLDER / "fast.toml").write_text('[small]\n"repeats = 5" = "repeats = 4"\n', encoding="utf-8")
    with pytest.raises(nbclient.exceptions.CellExecutionError, match="does not hold: fewer than four"):
        execute_fast()


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.ipynb")), ids=lambda path: path.stem)
def test_no_reader_is_stopped_by_an_assertion(path):
    cells = nbformat.read(path, as_version=4).cells
    assert not [cell.source for cell in cells if cell.cell_type == "code" and "assert" in cell.source]


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.ipynb")), ids=lambda path: path.stem)
def test_what_a_claim_looks_up_is_looked_up_where_its_absence_stops_no_reader(path):
    calls = [
        node
        for cell in nbformat.read(path, as_version=4).cells
        if "claim" in cell.metadata.get("tags", [])
        for node in ast.walk(ast.parse(cell.source))
        if isinstance(node, ast.Call) and getattr(node.func, "id", None) == "claim"
    ]
    assert calls
    assert all(isinstance(call.args[0], ast.Lambda) for call in calls)


@pytest.mark.parametrize(("text", "found"), [("repeats = 7", 0), ("repeats", 4)])
def test_a_substitution_that_is_not_found_once_is_an_error(machinery, text, found):
    (machinery.FOLDER / "fast.toml").write_text(f'[small]\n"{text}" = "x"\n', encoding="utf-8")
    with pytest.raises(SystemExit) as error:
        machinery.fast("small")
    assert str(error.value) == (
        f"fast.toml replaces '{text}' in small.py, and it is found {found} times; it must be once."
    )


def test_a_notebook_without_claims_is_an_error(machinery):
    script = machinery.FOLDER / "small.py"
    script.write_text(SCRIPT.replace(' tags=["claim"]', ""), encoding="utf-8")
    with pytest.raises(SystemExit) as error:
        machinery.fast("small")
    assert str(error.value) == 'small.py has no cell tagged "claim"; a notebook checks what it says.'


def test_a_notebook_that_is_not_its_script_executed_is_an_error(machinery):
    machinery.write("small", machinery.script("small"))
    machinery.check_pair("small")
    script = machinery.FOLDER / "small.py"
    script.write_text(SCRIPT.replace("print(repeats)", "print(2 * repeats)"), encoding="utf-8")
    with pytest.raises(SystemExit) as error:
        machinery.check_pair("small")
    assert str(error.value) == (
        "small.ipynb is not small.py executed; run python notebooks/execute.py small."
    )


def test_an_output_that_names_a_folder_of_the_machine_is_not_written(machinery):
    notebook = machinery.script("small")
    notebook.cells[1].outputs = [nbformat.v4.new_output("stream", text=f"saved in {Path.home()}")]
    with pytest.raises(SystemExit) as error:
        machinery.write("small", notebook)
    assert str(error.value) == f"An output of small.py names the folder {Path.home()}."
