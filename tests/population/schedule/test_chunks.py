"""How a population is cut, against brute force and by rule."""

import itertools
import math

import keras
import pytest
from keras import layers

from kerasreg.population.member.member import read_member
from kerasreg.population.schedule import chunks
from tests.helpers.populations import sequential


def member(*widths):
    hidden = [layers.Dense(width, "relu") for width in widths]
    return read_member(sequential((8,), *hidden, layers.Dense(3)))


def cost(company, steps):
    """The time of a program for these members, as the constants have it."""
    shapes = chunks.common_shapes(company)
    weights = sum(math.prod(shape) for shape in shapes.values())
    work = sum(steps) * (chunks.SECONDS_PER_STEP + chunks.SECONDS_PER_WEIGHT * weights)
    return chunks.COMPILE_SECONDS + work


def divisions(places):
    """Every way to divide places into groups."""
    if not places:
        yield []
        return
    first, *others = places
    for count in range(len(others) + 1):
        for company in itertools.combinations(others, count):
            left = [place for place in others if place not in company]
            for rest in divisions(left):
                yield [[first, *company], *rest]


@pytest.mark.parametrize("steps", [100, 30_000, 1_000_000])
def test_width_groups_cost_the_least_of_all_divisions(steps):
    members = [member(width) for width in (400, 4, 5, 390, 60, 64)]
    counts = [steps, steps, 2 * steps, steps, steps, steps]
    groups = chunks.width_groups(members, counts)
    assert sorted(itertools.chain(*groups)) == list(range(6))

    def total(division):
        return sum(
            cost([members[place] for place in part], [counts[place] for place in part]) for part in division
        )

    assert total(groups) == pytest.approx(min(map(total, divisions(list(range(6))))), rel=1e-9)


def test_short_trainings_share_a_program_and_long_ones_do_not():
    members = [member(width) for width in (4, 400)]
    assert len(chunks.width_groups(members, [10, 10])) == 1
    assert len(chunks.width_groups(members, [10**8, 10**8])) == 2


def test_members_of_one_width_are_never_parted():
    members = [member(6) for _ in range(4)]
    assert chunks.width_groups(members, [10**9] * 4) == [[0, 1, 2, 3]]


def test_common_shapes_hold_every_member():
    shapes = chunks.common_shapes([member(4, 9), member(6, 2)])
    assert sorted(shapes.values()) == sorted([(8, 6), (6,), (6, 9), (9,), (9, 3), (3,)])
    assert chunks.common_shapes([member(4)]) == chunks.shapes_of(member(4))


def machine(monkeypatch, *, cache, memory, cpu=True):
    monkeypatch.setattr(chunks, "cache_bytes", lambda: cache)
    monkeypatch.setattr(chunks, "memory_bytes", lambda: memory)
    monkeypatch.setattr(chunks, "on_cpu", lambda: cpu)


def sizes(monkeypatch, **where):
    machine(monkeypatch, **where)
    return chunks.members_per_program(member(64), 256, batch_size=32, side_by_side=2)


@pytest.mark.parametrize("what", ["cache", "memory"])
def test_more_room_never_means_fewer_members(monkeypatch, what):
    room = {"cache": 2**30, "memory": 2**36}
    found = [sizes(monkeypatch, **(room | {what: 2**power})) for power in range(12, 34, 2)]
    assert found == sorted(found)
    assert found[0] < found[-1]
    assert set(found) <= set(chunks.SIZES)


def test_no_more_places_than_members_need(monkeypatch):
    machine(monkeypatch, cache=2**30, memory=2**36)
    for count in range(1, 40):
        size = chunks.members_per_program(member(4), count, batch_size=8, side_by_side=1)
        assert size == next(known for known in chunks.SIZES if known >= count)


def test_one_fits_on_a_processor_however_small_its_cache(monkeypatch):
    assert sizes(monkeypatch, cache=1, memory=2**36) == 1
    assert sizes(monkeypatch, cache=1, memory=1) == 1


def test_a_gpu_knows_no_cache(monkeypatch):
    assert sizes(monkeypatch, cache=1, memory=2**36, cpu=False) > 2


def test_weights_and_activations_are_counted():
    network = member(6)
    assert chunks.weights_of(network) == network.model.count_params()
    assert chunks.activation_size(network) == 6 + 3
    pictures = read_member(
        sequential(
            (6, 6, 1),
            layers.Conv2D(2, 3),
            layers.Flatten(),
            layers.Dense(3),
            optimizer=keras.optimizers.SGD(),
        )
    )
    assert chunks.activation_size(pictures) == 9 * (4 * 4 * 2) + 32 + 3
