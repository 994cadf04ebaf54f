"""A `results.json` that was damaged or edited is read rightly, or refused in one sentence."""

import copy
import json
import math
import random
from contextlib import suppress

import jsonschema
import pytest

from kerasreg.checks import InvalidInput
from kerasreg.records import SearchResult
from kerasreg.records.results_file import digest, schema
from kerasreg.report import write_report
from kerasreg.tune.store import ResultStore, json_of
from tests.helpers.autoencoder_results import autoencoder_search
from tests.helpers.search_results import all_failed, digits_search, under_way


@pytest.mark.parametrize("search", [digits_search, under_way, all_failed, autoencoder_search])
def test_what_a_search_writes_fits_the_published_schema_and_comes_back(search, tmp_path):
    (tmp_path / "results.json").write_text(json_of(search()))
    record = json.loads((tmp_path / "results.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema())
    jsonschema.validate(record, schema())
    assert json_of(SearchResult.load(tmp_path)) == json_of(search())


def edited(record, *path, value):
    """The record with another value at a place."""
    record = copy.deepcopy(record)
    inner = record
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return record


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("seed",), "0", "seed must be a whole number; received '0'."),
        (("trials", 3, "score"), "low", "trials[3].score must be a number or null; received 'low'."),
        (("trials", 3, "score"), None, "trials[3].score is null; a completed trial has a number."),
        (
            ("trials", 0, "history", 0, "val_cross_entropy", 2),
            10**400,
            "trials[0].history[0].val_cross_entropy[2] must be at most 1e+39; received ",
        ),
        (("trials", 1, "trial_id"), "1", "trials[1].trial_id is '1'; another trial has this number already."),
        (("trials", 0, "best_epoch"), [900], "trials[0].best_epoch[0] is 900; it must be from 1 to "),
        (("trials", 0, "scores"), [0.1, 0.2], "trials[0] is a trial with 2 scores, 1 best_epoch, 1 history;"),
        (("winner", "trial_id"), "99", "winner.trial_id is '99'; it must be that of a completed trial."),
        (("stopped_by",), "me", 'stopped_by must be "max_trials", "time_budget", "space_exhausted" or null;'),
        (("test", "scores"), [0.9], "test.scores is 1 numbers; there are 5 retrained networks."),
        (
            ("test", "classes", "confusion", 2),
            [1, 2],
            "test.classes.confusion[2] is 2 entries; the data have 10 classes.",
        ),
        (("data", "code"), "f(", "data.code is 'f('; it must be a Python expression."),
        (("data", "input_shape"), [], "data.input_shape must be a list of at least 1; received []."),
    ],
)
def test_the_sentence_names_the_place_what_is_there_and_what_is_accepted(path, value, message):
    with pytest.raises(InvalidInput) as error:
        SearchResult.from_dict(edited(digits_search().to_dict(), *path, value=value))
    assert str(error.value).startswith(message)


def test_an_edited_value_is_noticed_and_the_sentence_says_how_to_go_on(tmp_path):
    path = tmp_path / "results.json"
    path.write_text(json_of(digits_search()).replace('"seed": 0,', '"seed": 1,', 1))
    with pytest.raises(InvalidInput) as error:
        SearchResult.load(path)
    assert str(error.value) == (
        f"'{path}' cannot be read as a search result: It was edited after it was written: its digest does "
        'not match its content. Restore the file as it was; to use it as it is, remove its line "digest".'
    )
    with pytest.raises(InvalidInput, match="It was edited after it was written"):
        ResultStore(tmp_path).open(digits_search(), overwrite=False)
    record = json.loads(path.read_text())
    del record["digest"]
    assert SearchResult.from_dict(record).seed == 1


def test_the_digest_survives_another_program_that_writes_the_same_json():
    """JavaScript writes 1.0 as 1, and others sort the keys."""
    record = json.loads(json_of(digits_search()))

    def rewritten(value):
        if isinstance(value, float) and value == int(value):
            return int(value)
        if isinstance(value, dict):
            return {name: rewritten(value[name]) for name in sorted(value)}
        return [rewritten(entry) for entry in value] if isinstance(value, list) else value

    assert digest(rewritten(record)) == record["digest"]
    SearchResult.from_dict(rewritten(record))


def test_a_file_that_is_missing_is_told(tmp_path):
    with pytest.raises(InvalidInput) as error:
        SearchResult.load(tmp_path / "none.json")
    assert str(error.value) == (
        f"'{tmp_path}/none.json' cannot be read as a search result: No such file or directory"
    )


VALUES = [
    None,
    math.nan,
    math.inf,
    -1,
    0,
    1.5,
    1e308,
    -1e300,
    1e-320,
    10**400,
    2**63,
    "",
    "x",
    "0",
    "00",
    True,
]
VALUES += ["\udcff\0<b>", [], {}, [[]], {"a": 1}, [None]]


def places(value, path=()):
    """Every place of a record."""
    yield path
    if isinstance(value, dict):
        for name, entry in value.items():
            yield from places(entry, (*path, name))
    if isinstance(value, list):
        for number, entry in enumerate(value):
            yield from places(entry, (*path, number))


def edit(record, rng):
    """One random edit of a record: a key deleted, a type changed, two entries swapped, a number made huge."""
    by_depth = {}
    for path in places(record):
        by_depth.setdefault((len(path), path[:1]), []).append(path)
    path = rng.choice(by_depth[rng.choice([key for key in by_depth if key[0]])])
    inner = record
    for key in path[:-1]:
        inner = inner[key]
    kind = rng.randrange(4)
    if kind == 0:
        del inner[path[-1]]
    elif kind == 1 and len(inner) > 1:
        other = rng.choice(list(inner) if isinstance(inner, dict) else range(len(inner)))
        inner[path[-1]], inner[other] = inner[other], inner[path[-1]]
    elif kind == 2 and isinstance(inner, list):
        inner.append(copy.deepcopy(inner[path[-1]]))
    else:
        inner[path[-1]] = rng.choice(VALUES)


SEARCHES = pytest.mark.parametrize("search", [digits_search, autoencoder_search, under_way])


def edited_results(search, tmp_path, count):
    """The results of so many edited files that were accepted."""
    whole, rng = json.loads(json_of(search())), random.Random(search.__name__)
    del whole["digest"]  # as one who means the edit would
    for _ in range(count):
        record = copy.deepcopy(whole)
        edit(record, rng)
        (tmp_path / "results.json").write_text(json.dumps(record))
        with suppress(InvalidInput):
            yield ResultStore(tmp_path).open(search(), overwrite=False)


@SEARCHES
def test_random_edits_are_refused_in_a_sentence_or_do_no_harm(search, tmp_path):
    accepted = list(edited_results(search, tmp_path, 30))
    for result in accepted:
        result.to_frame()
        json_of(result)
    assert accepted


@pytest.mark.slow
@SEARCHES
def test_what_is_accepted_of_random_edits_has_a_report(search, tmp_path):
    for result in list(edited_results(search, tmp_path, 30))[:2]:
        write_report(result, tmp_path)
