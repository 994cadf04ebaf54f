"""The folder of a search: `results.json` and `trials.csv`, whole at every moment."""

import csv
import io
import json
import threading
import weakref
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from kerasreg.checks import InvalidInput
from kerasreg.files import PARTIAL, write_atomically
from kerasreg.records import SearchResult
from kerasreg.records.results_file import digest
from kerasreg.tune.folder import output_folder

RESULTS = "results.json"
TRIALS = "trials.csv"
MODEL = "best.keras"
_DRAWN = ("learning_curves", "search", "score_by_*", "test_*", "reconstructions", "picture")

# Of many trials that end at once each would write the whole file again, and the last one counts.
SECONDS_TO_GATHER = 0.3


_open: weakref.WeakSet = weakref.WeakSet()


class ResultStore:
    """Keeps a search's result in a folder.

    Every file is replaced whole, so that whenever the process is killed the folder holds the result as it
    was: `save` writes at once, `offer` within a third of a second and beside the training.

    Args:
        directory: The folder; it is made if it is missing.

    Raises:
        InvalidInput: If the folder cannot be written to.
    """

    def __init__(self, directory: str | Path) -> None:
        self.directory = output_folder(directory)
        for leftover in self.directory.glob(PARTIAL):  # of a process that was killed while writing
            leftover.unlink()
        self._lock = threading.RLock()
        self._offered: SearchResult | None = None
        self._timer: threading.Timer | None = None
        self._failure: Exception | None = None
        _open.add(self)

    def open(self, fresh: SearchResult, *, overwrite: bool) -> SearchResult:
        """Returns the result to go on from: the stored one of the same search, or `fresh`.

        Args:
            fresh: The search to be run, without trials.
            overwrite: Whether to discard what is stored.

        Raises:
            InvalidInput: If the folder holds another search, or a `results.json` that cannot be read.
        """
        path = self.directory / RESULTS
        if not path.exists():
            return fresh
        if overwrite:
            self._discard()
            return fresh
        try:
            stored = SearchResult.load(path)
        except InvalidInput as cause:
            raise InvalidInput(
                f"{cause} Name another output directory, or pass --overwrite to discard it."
            ) from cause
        changed = differences(identity(stored), identity(fresh))
        if changed:
            raise InvalidInput(
                f"{str(self.directory)!r} holds another search: {'; '.join(changed)}. "
                "Name another output directory, or pass --overwrite to discard it."
            )
        return replace(stored, command=fresh.command)

    def _discard(self) -> None:
        """Removes the files a search writes, so that none of the old stands beside the new."""
        drawn = [f"figures/{name}.png" for name in _DRAWN]
        for pattern in (RESULTS, TRIALS, MODEL, "report.html", *drawn):
            for path in self.directory.glob(pattern):
                path.unlink()

    def offer(self, result: SearchResult) -> None:
        """Has the result written soon, unless a later one is offered or saved before.

        Raises:
            Exception: Why an earlier offer could not be written; `flush` tries it again with this one.
        """
        with self._lock:
            self._offered = result
            failure, self._failure = self._failure, None
            if failure is not None:
                raise failure
            if self._timer is None:
                self._timer = threading.Timer(SECONDS_TO_GATHER, self._write_offered)
                self._timer.daemon = True
                self._timer.start()

    def flush(self) -> None:
        """Writes what was offered and is not written yet.

        Raises:
            OSError: If it cannot be written.
        """
        with self._lock:
            self._failure = None  # whatever it was, the latest offer holds all that the earlier ones held
            if self._offered is not None:
                self.save(self._offered)

    def save(self, result: SearchResult) -> None:
        """Writes `results.json` and `trials.csv`, each whole or not at all.

        Raises:
            OSError: If they cannot be written.
        """
        with self._lock:
            self._offered = None
            write_atomically(self.directory / TRIALS, csv_of([trial.to_row() for trial in result.trials]))
            write_atomically(self.directory / RESULTS, json_of(result))

    def _write_offered(self) -> None:
        with self._lock:
            self._timer = None
            offered = self._offered
            try:
                if offered is not None:
                    self.save(offered)
            except Exception as failure:  # nobody is listening in the timer's thread
                self._offered, self._failure = offered, failure


def flush_all() -> None:
    """Writes what was offered to any store: the process ends now."""
    for store in list(_open):
        with suppress(Exception):
            store.flush()


def trials_in(directory: str | Path) -> int:
    """Returns how many finished trials a folder keeps."""
    try:
        record = json.loads((Path(directory).expanduser() / RESULTS).read_text(encoding="utf-8"))
        return len(record["trials"])
    except (OSError, ValueError, RuntimeError, KeyError, TypeError):
        return 0


def json_of(result: SearchResult) -> str:
    """Returns a result as `results.json` holds it, a line for each field, trial and retraining."""
    record = result.to_dict()
    record = {"format_version": record["format_version"], "digest": digest(record)} | record
    lines = []
    for name, value in record.items():
        if isinstance(value, list) and value:
            entries = ",\n  ".join(json.dumps(entry, allow_nan=False) for entry in value)
            text = f"[\n  {entries}\n ]"
        else:
            text = json.dumps(value, allow_nan=False)
        lines.append(f' "{name}": {text}')
    return "{\n" + ",\n".join(lines) + "\n}\n"


def identity(result: SearchResult) -> dict[str, Any]:
    """Returns what makes a search the one it is, flat, by telling names."""
    record = result.to_dict()
    return {
        "seed": record["seed"],
        **{f"data {name}": value for name, value in record["data"].items()},
        **record["settings"],
    }


def differences(stored: dict[str, Any], wanted: dict[str, Any]) -> list[str]:
    """Returns in words where two identities differ."""
    return [
        f"{name} was {stored.get(name)!r} and is now {wanted.get(name)!r}"
        for name in wanted | stored
        if stored.get(name) != wanted.get(name)
    ]


def csv_of(rows: list[dict[str, Any]]) -> str:
    """Returns rows as CSV text, with the columns of all of them in order of first appearance."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
