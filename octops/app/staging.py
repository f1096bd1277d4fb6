"""One run staged: the model and its tools are asked for real, and nothing is claimed, recorded or delivered."""

from __future__ import annotations

from dataclasses import replace

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
