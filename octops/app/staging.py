"""One run staged: the model and its tools are asked for real, and nothing is claimed, recorded or delivered."""

from __future__ import annotations

from dataclasses import replace

from octops.model.project import Project
from octops.model.run import Answer
from octops.model.task import Task
from octops.report.staged import Wanted
from octops.run.attempt import Attempted, Order, attempt
from octops.run.site import Site


async def staged(order: Order, site: Site) -> Attempted:
    """What came of it, with no secret in what may be shown. Call `octops.run.llm.close` after the last one."""
    from octops.run.recording import Tidy

    attempted = await attempt(order, site, lambda event: site.tell(order.run, event))
    answer, tidy = attempted.answer, Tidy(site.redactor)
    return replace(
        attempted,
        answer=replace(
            answer,
            text=site.redactor.text(answer.text),
            data=site.redactor.value(answer.data),
            turns=tuple(map(tidy.turn, answer.turns)),
            model=tidy.name(answer.model),
            failure=tidy.failure(answer.failure),
        ),
        messages=tuple(map(tidy.message, attempted.messages)),
        withheld=tuple(map(tidy.name, attempted.withheld)),
        notes=tuple(map(tidy.text, attempted.notes)),
    )


def wanted_deliveries(task: Task, project: Project, answer: Answer) -> tuple[Wanted, ...]:
    """Where the answer would go: of a failed run, only to what takes failures."""
    from octops.run.delivering import wanted_recipients

    return tuple(
        Wanted(destination=id_, type=destination.type, recipient=recipient)
        for id_ in task.destinations
        for destination in [project.destinations[id_]]
        for recipient in wanted_recipients(destination, failed=answer.failure is not None)
    )
