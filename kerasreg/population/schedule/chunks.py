"""Chunk sizes: which widths share a program, and how many members train in it at once."""

import math
from collections.abc import Sequence

import numpy as np

from kerasreg.population.devices import cache_bytes, memory_bytes, on_cpu
from kerasreg.population.member.member import Member, Name

# Measured on two cores (python -m benchmarks.search_speed): what a program costs to compile, and what a
# member costs in each step, by the number of its weights. Only their ratios decide anything.
COMPILE_SECONDS = 2.0
SECONDS_PER_STEP = 15e-6
SECONDS_PER_WEIGHT = 1.5e-9

# Sizes a program may have: few, so that one compiled before will do
SIZES = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256)

CACHE_SHARE = 0.75  # of the last-level cache, for the state and activations of all who train at a time
STATE_BYTES = 2 * 2**20  # of a program: with less its steps are mostly overhead, with more nothing is gained
FEWEST = 2  # members of a program whose state is larger than that, if the cache holds them
MEMORY_SHARE = 0.25  # of the memory, for their state and activations
GPU_BYTES = 2 * 2**30  # for the same on a GPU, whose memory TensorFlow does not tell; the smallest have 4 GiB


def members_per_program(member: Member, count: int, *, batch_size: int, side_by_side: int) -> int:
    """Returns how many members of one shape train in a program at once.

    The update streams every weight and its optimizer state through memory, which is
    several times slower once it leaves the cache.

    Args:
        member: A member of the widest shape.
        count: How many there are.
        batch_size: Rows in a batch.
        side_by_side: How many programs run at a time.
    """
    weights = weights_of(member)
    state = 4 * max(1, weights) * (2 + len(member.optimizer.state_names))
    activations = 4 * batch_size * activation_size(member)
    memory = MEMORY_SHARE * memory_bytes() if on_cpu() else GPU_BYTES
    room = memory / side_by_side / (2 * state + 4 * activations)
    if on_cpu():
        cached = CACHE_SHARE * cache_bytes() / side_by_side / (state + activations)
        room = min(room, cached, max(FEWEST, STATE_BYTES / state))
    largest = max(size for size in SIZES if size <= max(1.0, room))
    rounds = math.ceil(count / (side_by_side * largest))
    needed = math.ceil(count / (side_by_side * rounds))
    return next((size for size in SIZES if size >= needed), needed)


def weights_of(member: Member) -> int:
    """Returns the number of a member's trainable weights."""
    return sum(math.prod(variable.shape) for _, variable in member.variables("trainable"))


def activation_size(member: Member) -> int:
    """Returns the approximate number of activations of one example, im2col patches included."""
    return sum(
        math.prod(shape) * (9 if part.kind[0] == "convolution" else 1)
        for part, shape in zip(member.parts, member.output_shapes, strict=True)
    )


def width_groups(members: Sequence[Member], steps: Sequence[int]) -> list[list[int]]:
    """Divides members of one architecture into groups of similar width, each with one program.

    A narrower member is padded with idle units, which cost time at every step; another program costs its
    compilation. Members sorted by size are cut where the sum of both is smallest. A search of 32 MLPs with
    one to three layers of 32 to 256 units then has 3 programs instead of 18 with one for each width, and
    took 34 seconds instead of 96.

    Args:
        members: The members.
        steps: How many updates each is to make at most.

    Returns:
        The positions of the members of each group.
    """
    order = sorted(range(len(members)), key=lambda place: weights_of(members[place]))
    shapes = np.array(
        [[size for shape in shapes_of(members[place]).values() for size in shape] for place in order]
    )
    splits = np.cumsum([len(shape) for shape in shapes_of(members[0]).values()])[:-1]
    best = [0.0] + [math.inf] * len(order)
    cut = [0] * (len(order) + 1)
    for end in range(1, len(order) + 1):
        widest, work = np.zeros(shapes.shape[1], int), 0
        for start in range(end - 1, -1, -1):
            widest = np.maximum(widest, shapes[start])
            work += steps[order[start]]
            weights = sum(int(np.prod(shape)) for shape in np.split(widest, splits))
            cost = COMPILE_SECONDS + work * (SECONDS_PER_STEP + SECONDS_PER_WEIGHT * weights)
            if best[start] + cost < best[end]:
                best[end], cut[end] = best[start] + cost, start
    groups, end = [], len(order)
    while end:
        groups.append([order[place] for place in range(cut[end], end)])
        end = cut[end]
    return groups[::-1]


def shapes_of(member: Member) -> dict[Name, tuple[int, ...]]:
    """Returns the shape of each of a member's variables and constants."""
    return {
        name: tuple(array.shape)
        for what in ("trainable", "moving_statistics", "constants")
        for name, array in member.variables(what)
    }


def common_shapes(members: Sequence[Member]) -> dict[Name, tuple[int, ...]]:
    """Returns the smallest shapes that hold every member's variables."""
    every = [shapes_of(member) for member in members]
    return {name: tuple(map(max, *(shapes[name] for shapes in every), every[0][name])) for name in every[0]}
