"""What the changed tasks of a branch would say: run staged, one after the other, under one cap."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from octops.app.planning import Planned
from octops.app.preview_choice import choose
from octops.app.workspace import Loaded, Workspace
from octops.model.history import History
from octops.model.ids import TaskId, run_id
from octops.model.run import ErrorKind, Record, RunFailed
from octops.model.task import Task
from octops.report.preview import Preview, Previewed

if TYPE_CHECKING:
    from octops.app.site import Tell
    from octops.errors import Diagnostic
    from octops.ledger.ledger import Ledger
    from octops.model.plan import Plan
    from octops.run.attempt import Order
    from octops.run.budget import Allowance
    from octops.run.site import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a person asked for. Without `tasks`, every changed one."""

    tasks: tuple[str, ...] = ()
    parameters: Mapping[str, str] = field(default_factory=dict)
    max_cost_usd: float
    refresh: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What is known before anything is spent: `previews` tells of every changed task, `orders` of those to be run."""

    planned: Planned
    max_cost_usd: float
    previews: Mapping[TaskId, Preview]
    orders: tuple[Order, ...] = ()
    last: Mapping[TaskId, Record] = field(default_factory=dict)


def prepare(workspace: Workspace, plan: Plan, loaded: Loaded, wanted: Wanted) -> Prepared:
    """`plan` compares two commits, `loaded` is the whole project of the newer one.

    Raises for tasks and parameters that do not exist, for a ledger that cannot be read, and when no key is set.
    """
    project = loaded.project
    previews = choose(project, plan.changes, wanted.tasks, wanted.parameters, plan.as_of)
    running = [preview for preview in previews.values() if not preview.reason]
    planned = Planned(plan=plan, loaded=loaded, history=History(), ledger=None)
    if not running:
        return Prepared(planned=planned, max_cost_usd=wanted.max_cost_usd, previews=previews)
    ledger, history, found = _past(workspace, loaded, wanted, plan.as_of)
    planned = replace(
        planned, plan=replace(plan, diagnostics=(*plan.diagnostics, *found)), history=history, ledger=ledger
    )
    orders = tuple(_order(planned, preview, wanted.parameters) for preview in running)
    _check_keys(planned, orders)
    last = _last(ledger, history, running)
    return Prepared(planned=planned, max_cost_usd=wanted.max_cost_usd, previews=previews, orders=orders, last=last)


class Staging:
    """Fills `previewed` while it goes on, so that an interruption can still be told truthfully."""

    def __init__(self, prepared: Prepared) -> None:
        self._prepared = prepared
        self._previews = dict(prepared.previews)
        for order in prepared.orders:
            self._note(order, reason="the preview was interrupted")

    @property
    def previewed(self) -> Previewed:
        plan = self._prepared.planned.plan
        return Previewed(
            previews=tuple(self._previews.values()),
            revision=plan.revision,
            dirty=plan.dirty,
            base=plan.base,
            as_of=plan.as_of,
            max_cost_usd=self._prepared.max_cost_usd,
            diagnostics=plan.diagnostics,
        )

    async def run(self, workspace: Workspace, clock: Callable[[], datetime], tell: Tell) -> None:
        """In turn, so that what one run leaves of the cap is known when the next one begins."""
        from octops.run.llm import close

        site = _site(workspace, self._prepared, clock, tell)
        try:
            for order in self._prepared.orders:
                await self._one(order, site)
        finally:
            await close()

    async def _one(self, order: Order, site: Site) -> None:
        from octops.app.staging import staged

        allowance = _allowance(order.task, site)
        if allowance is not None and (reason := _too_dear(order, site, allowance)):
            self._note(order, reason=reason)
            return
        attempted = await staged(order, site)
        answer, failure = attempted.answer, attempted.answer.failure
        if allowance is not None and failure and failure.kind is ErrorKind.BUDGET and not answer.turns:
            self._note(order, reason=failure.message)
            return
        preview = replace(
            self._prepared.previews[order.task.id],
            answer=answer,
            withheld=attempted.withheld,
            notes=attempted.notes,
            last=_redacted(self._prepared.last.get(order.task.id), site),
        )
        self._previews[order.task.id] = preview

    def _note(self, order: Order, *, reason: str) -> None:
        self._previews[order.task.id] = replace(self._prepared.previews[order.task.id], reason=reason)


def _past(
    workspace: Workspace, loaded: Loaded, wanted: Wanted, now: datetime
) -> tuple[Ledger, History, tuple[Diagnostic, ...]]:
    from octops.app.records import open_ledger
    from octops.ledger.history import read_history

    ledger = open_ledger(workspace, loaded.project.settings, refresh=wanted.refresh)
    remembered = read_history(ledger, now)
    return ledger, remembered.history, remembered.diagnostics


def _order(planned: Planned, preview: Preview, parameters: Mapping[str, str]) -> Order:
    from octops.run.attempt import Order
    from octops.schedule.slots import previous_slot

    task, slot = planned.loaded.project.tasks[preview.task], preview.scheduled_at
    return Order(
        run=preview.run or run_id(task.id, slot or ""),
        task=task,
        scheduled_at=slot,
        window_start=previous_slot(task.schedule, preview.timezone, slot) if task.schedule and slot else None,
        parameters={name: text for name, text in parameters.items() if name in task.parameters},
    )


def _check_keys(planned: Planned, orders: Iterable[Order]) -> None:
    from octops.app.wishes import check_keys
    from octops.run.errand import Errand

    check_keys(planned, [Errand(run=it.run, task=it.task, scheduled_at=None, parameters={}) for it in orders])


def _last(ledger: Ledger, history: History, previews: Sequence[Preview]) -> dict[TaskId, Record]:
    """The newest completed run of each task, under the name it had before where it has none under the new one."""
    from octops.ledger.records import newest_completed

    ids = [id_ for it in previews for id_ in (it.task, it.moved_from) if id_ is not None]
    found = newest_completed(ledger, [id_ for id_ in ids if id_ in history.heads])
    either = {it.task: found.get(it.task) or found.get(it.moved_from or it.task) for it in previews}
    return {task: record for task, record in either.items() if record is not None}


def _redacted(record: Record | None, site: Site) -> Record | None:
    """The ledger may be older than a secret."""
    if record is None:
        return None
    return replace(record, text=site.redactor.text(record.text), data=site.redactor.value(record.data))


def _site(workspace: Workspace, prepared: Prepared, clock: Callable[[], datetime], tell: Tell) -> Site:
    from octops.app.site import make_site

    planned = prepared.planned
    site = make_site(
        workspace,
        planned.loaded.project,
        planned.history,
        clock,
        tell,
        writer=None,
        max_cost_usd=prepared.max_cost_usd,
    )
    before = dict(_previous_runs(prepared.orders, site.last_runs))
    return replace(site, sources=replace(site.sources, read_only=True), last_runs=before)


def _previous_runs(orders: Iterable[Order], last_runs: Mapping[TaskId, datetime]) -> Iterator[tuple[TaskId, datetime]]:
    """What `previous_run_at` was at the slot, which may have been run since."""
    for order in orders:
        last, slot = last_runs.get(order.task.id), order.scheduled_at
        if last is not None and (slot is None or last < slot):
            yield order.task.id, last
        elif last is not None and order.window_start is not None:
            yield order.task.id, order.window_start


def _allowance(task: Task, site: Site) -> Allowance | None:
    """None where a price is not known: then the run fails by itself, before anything is opened, as under an apply."""
    from octops.plan.closure import model_chain

    name = site.project.model_of(task)
    try:
        return site.budget.run(name, model_chain(name, site.project), task.limits.cost_usd)
    except RunFailed:
        return None


def _too_dear(order: Order, site: Site, allowance: Allowance) -> str:
    """Why not even the first question fits under the caps, before any source is opened; empty when it may."""
    from octops.run.attempt import variables_of
    from octops.run.budget import FEWEST_TOKENS
    from octops.run.prompt import messages
    from octops.template import TemplateError
    from octops.tokens import estimate_tokens

    try:
        spoken = messages(site.project, order.task, variables_of(order, site))
        allowance.reserve(sum(estimate_tokens(message.text) for message in spoken), FEWEST_TOKENS)
    except TemplateError:
        return ""
    except RunFailed as refused:
        return refused.failure.message
    allowance.settle(None)
    return ""
