"""What a `results.json` must hold to be read: its JSON Schema, its digest, and what a schema cannot say."""

import ast
import hashlib
import json
import re
from collections.abc import Iterator
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

from kerasreg.checks import InvalidInput, shown

SCHEMA = "results.schema.json"
_PACKAGE = Path(__file__).parents[1]
_WORDS = {
    "object": "an object",
    "array": "a list",
    "string": "a string",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "null": "null",
}
_LARGEST_EXACT = 2**53


def schema() -> dict[str, Any]:
    """Returns the JSON Schema of `results.json`."""
    inside = _PACKAGE / "docs" / SCHEMA  # in an installed package; a clone has it beside the package
    path = inside if inside.exists() else _PACKAGE.parent / "docs" / SCHEMA
    return json.loads(path.read_text(encoding="utf-8"))


def digest(record: dict[str, Any]) -> str:
    """Returns the SHA-256 of a record without its `digest`, in a form that survives other JSON programs.

    The order of keys, white space and the way a number is written (`1`, `1.0`, `1e0`) do not change it.

    Args:
        record: What `results.json` holds: JSON's own types, without NaN and infinity.
    """
    content = {name: value for name, value in record.items() if name != "digest"}
    text = json.dumps(_plain(content), sort_keys=True, separators=(",", ":"), allow_nan=False)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def _plain(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer() and abs(value) <= _LARGEST_EXACT:
        return int(value)
    if isinstance(value, dict):
        return {name: _plain(entry) for name, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    return value


def check(record: dict[str, Any]) -> None:
    """Raises `InvalidInput`, naming the place, unless a record is what `results.json` may hold.

    Args:
        record: JSON's own types, without NaN and infinity.

    Raises:
        InvalidInput: If it does not fit the schema, its parts contradict each other, or it was edited
            after its digest was taken.
    """
    errors = list(islice(_validator().iter_errors(record), 100))
    if errors:
        raise InvalidInput(_sentence(min(errors, key=lambda error: len(error.absolute_path))))
    for place, wrong, accepted in _contradictions(record):
        raise InvalidInput(f"{place} is {wrong}; {accepted}.")
    if "digest" in record and record["digest"] != digest(record):
        raise InvalidInput(
            "It was edited after it was written: its digest does not match its content. Restore the file "
            'as it was; to use it as it is, remove its line "digest".'
        )


@cache
def _validator() -> Any:
    import jsonschema  # a tenth of a second, which only who reads a file needs to wait

    # "items" of plain numbers are most of a file; descending into each of them would take seconds
    described = schema()
    base = jsonschema.Draft202012Validator
    number = described["$defs"]["value"]
    low, high = number["minimum"], number["maximum"]

    def items(validator: Any, expected: Any, instance: Any, whole: Any) -> Iterator[Any]:
        numbers = expected in ({"$ref": "#/$defs/value"}, {"$ref": "#/$defs/number"})
        plain = numbers and isinstance(instance, list)
        if plain and all(type(entry) is float and low <= entry <= high for entry in instance):
            return
        yield from base.VALIDATORS["items"](validator, expected, instance, whole)

    return jsonschema.validators.extend(base, {"items": items})(described)


def _sentence(error: Any) -> str:
    """Returns what is wrong at one place: the place, what is there, and what is accepted."""
    place = error.json_path.removeprefix("$").removeprefix(".") or "the file"
    expected = error.validator_value
    if error.validator == "required":
        missing = ", ".join(name for name in expected if name not in error.instance)
        return f"{place} lacks {missing}."
    accepted = {
        "type": lambda: _one_of([_WORDS[name] for name in _listed(expected)]),
        "enum": lambda: _one_of([json.dumps(value) for value in expected]),
        "const": lambda: json.dumps(expected),
        "minimum": lambda: f"at least {expected:,}",
        "exclusiveMinimum": lambda: f"above {expected:,}",
        "maximum": lambda: f"at most {expected:,}",
        "minItems": lambda: f"a list of at least {expected}",
        "maxItems": lambda: f"a list of at most {expected}",
    }[error.validator]()
    return f"{place} must be {accepted}; received {shown(error.instance)}."


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def _one_of(words: list[str]) -> str:
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _contradictions(record: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yields the contradictions of a record: the place, what is there, what is accepted."""
    yield from _of_data(record["data"])
    name = record["objective"]["name"]
    known: dict[str, dict] = {}
    for number, trial in enumerate(record["trials"]):
        place = f"trials[{number}]"
        if trial["trial_id"] in known:
            yield f"{place}.trial_id", repr(trial["trial_id"]), "another trial has this number already"
        known[trial["trial_id"]] = trial
        yield from _of_trial(place, trial, name)
    for number, run in enumerate(record["retraining"]):
        place = f"retraining[{number}]"
        diverged = run["validation_score"] is None
        yield from _of_curves(f"{place}.history", run["history"], run["best_epoch"], name, diverged)
        if name not in run["test"]:
            yield f"{place}.test", shown(run["test"]), f"it must have the objective, {name}"
    yield from _of_winner(record, known)


def _of_data(data: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    if data.get("code") is not None:
        try:
            ast.parse(data["code"], mode="eval")
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            yield "data.code", shown(data["code"]), "it must be a Python expression"


def _of_trial(place: str, trial: dict[str, Any], name: str) -> Iterator[tuple[str, str, str]]:
    completed = trial["status"] == "completed"
    if completed and trial["score"] is None:
        yield f"{place}.score", "null", "a completed trial has a number"
    if not completed:
        if trial["score"] is not None:
            yield f"{place}.score", shown(trial["score"]), "a failed trial has null"
        return
    sizes = {part: len(trial[part]) for part in ("scores", "best_epoch", "history")}
    if len(set(sizes.values())) > 1 or not trial["scores"]:
        lengths = ", ".join(f"{size} {part}" for part, size in sizes.items())
        yield place, f"a trial with {lengths}", "each member of a completed trial has one of each"
    for member, (history, epoch) in enumerate(zip(trial["history"], trial["best_epoch"], strict=True)):
        yield from _of_curves(f"{place}.history[{member}]", history, epoch, name, False)


def _of_curves(
    place: str, curves: dict[str, list], epoch: int, name: str, diverged: bool
) -> Iterator[tuple[str, str, str]]:
    """Yields what is wrong with the curves of a network and with its best epoch."""
    lengths = {len(values) for values in curves.values()}
    if len(lengths) != 1:
        yield place, f"curves of {len(lengths)} lengths", "all must have one value an epoch"
    for metric in (name, f"val_{name}"):
        if metric not in curves:
            yield place, f"without {metric}", "it must have the objective in training and validation"
    last = max(lengths, default=0)
    if not (0 if diverged else 1) <= epoch <= last:
        yield re.sub(r"history", "best_epoch", place), str(epoch), f"it must be from 1 to {last}"


def _of_winner(record: dict[str, Any], trials: dict[str, dict]) -> Iterator[tuple[str, str, str]]:
    winner, test, runs = record["winner"], record["test"], record["retraining"]
    if winner is None:
        for part in ("test", "retraining"):
            if record[part]:
                yield "winner", "null", f"there is a {part}, which needs a winner"
        return
    chosen = trials.get(winner["trial_id"])
    if chosen is None or chosen["status"] != "completed":
        yield "winner.trial_id", repr(winner["trial_id"]), "it must be that of a completed trial"
    if winner["builder"] != f"build_{record['settings']['model']}":
        yield "winner.builder", repr(winner["builder"]), f"the model is {record['settings']['model']!r}"
    if test is None:
        return
    if len(test["scores"]) != len(runs):
        yield "test.scores", f"{len(test['scores'])} numbers", f"there are {len(runs)} retrained networks"
    for number, run in enumerate(runs):
        if test["metric"] not in run["test"]:
            yield f"retraining[{number}].test", shown(run["test"]), f"it must have {test['metric']}"
    yield from _of_classes(test.get("classes"), record["data"]["num_classes"])
    if test.get("pca") is not None and len(test["pca"]["scores"]) != len(runs):
        yield "test.pca.scores", f"{len(test['pca']['scores'])} numbers", f"there are {len(runs)} networks"


def _of_classes(classes: dict[str, Any] | None, count: int | None) -> Iterator[tuple[str, str, str]]:
    if classes is None:
        return
    lengths = {part: len(classes[part] or ()) for part in ("rows", "recall", "predicted")}
    confusion = classes["confusion"]
    if confusion is not None:
        lengths["confusion"] = len(confusion)
        lengths |= {f"confusion[{number}]": len(row) for number, row in enumerate(confusion)}
    for part, length in lengths.items():
        if length != count:
            yield f"test.classes.{part}", f"{length} entries", f"the data have {count} classes"
