"""Groups of members that share a program."""

from collections import defaultdict, deque
from collections.abc import Hashable

from kerasreg.population.devices import workers_at_once
from kerasreg.population.program.device_data import Pool
from kerasreg.population.program.program import Program, Watch
from kerasreg.population.program.zero_inputs import columns_of
from kerasreg.population.schedule import chunks
from kerasreg.population.schedule.training_job import Job
from kerasreg.population.schedule.workers import Group, program_for

VALIDATION_BATCH = 256  # rows that are validated at once, at most


def groups_of(
    jobs: list[Job], pool: Pool, watch: Watch | None, members_per_program: int | None
) -> list[Group]:
    """Divides the members into groups that share a program, those with the most steps first."""
    validation_batch = _validation_batch(max(len(job.validation) for job in jobs))
    alike: dict[Hashable, list[Job]] = defaultdict(list)
    for job in jobs:
        partial = len(job.train) % job.batch_size > 0
        batches = -(-len(job.validation) // validation_batch)
        alike[(job.member.architecture, job.steps, batches, partial)].append(job)
    side_by_side = workers_at_once()
    groups = []
    fed_data = None  # which inputs are fed is the data's matter, so one copy serves all groups
    for (architecture, _, batches, partial), company in alike.items():
        for places in chunks.width_groups(
            [job.member for job in company], [(job.epochs - job.epoch) * job.steps for job in company]
        ):
            chosen = [company[place] for place in places]
            members = [job.member for job in chosen]
            nonzero = frozenset(
                name for member in members for name, value in member.hyperparameters.items() if value
            )
            watched = watch if batches else None
            program = program_for(
                (architecture, nonzero, watched, partial),
                lambda member=members[0], nonzero=nonzero, watched=watched, partial=partial: Program(
                    member, nonzero=nonzero, watch=watched, partial=partial
                ),
            )
            columns = columns_of(members, nonzero, pool.data)
            if columns is not None and fed_data is None:
                fed_data = columns.select(pool.data)
            widest = max(members, key=chunks.weights_of)
            size = min(members_per_program or len(chosen), len(chosen))
            if members_per_program is None:
                size = chunks.members_per_program(
                    widest, len(chosen), batch_size=chosen[0].batch_size, side_by_side=side_by_side
                )
            groups.append(
                Group(
                    program=program,
                    size=size,
                    data=pool.data if columns is None else fed_data,
                    columns=columns,
                    shapes=chunks.common_shapes(members),
                    validation_batch=validation_batch,
                    waiting=deque(chosen),
                )
            )
    return sorted(groups, key=lambda group: -len(group.waiting) * group.waiting[0].steps)


def _validation_batch(rows: int) -> int:
    """Returns how many rows to validate at once, so that the batches are about equal."""
    batches = max(1, -(-rows // VALIDATION_BATCH))
    return max(1, -(-rows // batches))
