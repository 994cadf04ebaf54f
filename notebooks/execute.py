"""Executes the notebooks, whose text is kept in scripts beside them, and writes them with their outputs.

`python notebooks/execute.py [NAME ...]` makes NAME.ipynb from NAME.py, and every claim in it must hold. With
`--fast`, which is for every change, it executes them with the substitutions of `fast.toml`; every claim must
hold that is not marked `whole_run=True`; nothing is written, and each notebook must have the cells of its
script.
"""

import argparse
import os
import re
import sys
import time
import tomllib
from pathlib import Path

import jupytext
import nbclient
import nbformat

FOLDER = Path(__file__).resolve().parent
LOG = re.compile(
    r"[IWE]\d{4} \d\d:|WARNING: All log messages before absl|To enable the following instructions:"
)
SECONDS_AT_MOST = 180  # for a notebook, as its readers are promised


def script(name: str) -> nbformat.NotebookNode:
    """Returns the notebook that a script describes, without outputs."""
    return jupytext.read(FOLDER / f"{name}.py")


def fast(name: str) -> nbformat.NotebookNode:
    """Returns the notebook with its substitutions made.

    Raises:
        SystemExit: If a substitution is not found exactly once, or the notebook has no claims.
    """
    notebook = script(name)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    if not any("claim" in cell.metadata.get("tags", []) for cell in code):
        sys.exit(f'{name}.py has no cell tagged "claim"; a notebook checks what it says.')
    for old, new in tomllib.loads((FOLDER / "fast.toml").read_text(encoding="utf-8"))[name].items():
        found = sum(cell.source.count(old) for cell in code)
        if found != 1:
            sys.exit(
                f"fast.toml replaces {old!r} in {name}.py, and it is found {found} times; it must be once."
            )
        for cell in code:
            cell.source = cell.source.replace(old, new)
    return notebook


def check_pair(name: str) -> None:
    """Checks that a notebook has the cells of its script.

    Raises:
        SystemExit: If it has not.
    """
    written = nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)
    kinds_and_texts = [
        [(cell.cell_type, cell.source) for cell in notebook.cells] for notebook in (script(name), written)
    ]
    if kinds_and_texts[0] != kinds_and_texts[1]:
        sys.exit(f"{name}.ipynb is not {name}.py executed; run python notebooks/execute.py {name}.")


def execute(notebook: nbformat.NotebookNode, run: str) -> float:
    """Executes a notebook in place and returns the seconds it took.

    Args:
        notebook: The notebook.
        run: `"whole"`, where each of its claims must hold, or `"shortened"`.
    """
    os.environ["KERASREG_CHECK_CLAIMS"] = run  # which the kernel inherits
    began = time.perf_counter()
    nbclient.NotebookClient(
        notebook,
        timeout=900,
        kernel_name="python3",
        record_timing=False,
        resources={"metadata": {"path": FOLDER}},
    ).execute()
    return time.perf_counter() - began


def without_logs(notebook: nbformat.NotebookNode) -> None:
    """Takes away what TensorFlow logs when it starts, other on every machine; warnings stay."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.get("name") == "stderr":
                output.text = "".join(line for line in output.text.splitlines(True) if not LOG.match(line))
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if output.get("text", "kept").strip()]


def write(name: str, notebook: nbformat.NotebookNode) -> None:
    """Writes an executed notebook.

    Raises:
        SystemExit: If an output names a folder of this machine.
    """
    text = nbformat.writes(notebook) + "\n"
    for private in (str(Path.home()), sys.prefix, str(FOLDER.parent)):
        if len(private) > 1 and private in "".join(str(cell.get("outputs", "")) for cell in notebook.cells):
            sys.exit(f"An output of {name}.py names the folder {private}.")
    (FOLDER / f"{name}.ipynb").write_text(text, encoding="utf-8")


def main() -> None:
    """Executes the notebooks that the command line names, by default all of them."""
    names = sorted(path.stem for path in FOLDER.glob("*.py") if path.stem != Path(__file__).stem)
    parser = argparse.ArgumentParser(description="Executes the notebooks.")
    parser.add_argument("names", nargs="*", metavar="NAME", choices=[*names, []], help=", ".join(names))
    parser.add_argument(
        "--fast", action="store_true", help="with the substitutions of fast.toml, writing nothing"
    )
    arguments = parser.parse_args()
    for name in arguments.names or names:
        notebook = fast(name) if arguments.fast else script(name)
        if arguments.fast:
            check_pair(name)
        seconds = execute(notebook, "shortened" if arguments.fast else "whole")
        print(f"{name}: {seconds:.0f} s")
        if not arguments.fast:
            without_logs(notebook)
            write(name, notebook)
            if seconds > SECONDS_AT_MOST:
                sys.exit(f"{name} took longer than the {SECONDS_AT_MOST} s that its readers are promised.")


if __name__ == "__main__":
    main()
