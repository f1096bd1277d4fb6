"""Plans and diagnostics that the tests of the reporters share: an ordinary one, a hostile one, a large one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from octops.errors import Diagnostic, Location, Severity
from octops.model.history import Definition
from octops.model.ids import TaskId, Value
from octops.model.plan import (
    Change,
    ChangeAction,
    Effects,
    Estimate,
    Plan,
    PlannedRun,
    RunAction,
    SecretUse,
    Upcoming,
)
from octops.model.task import TaskStatus

NOW = datetime(2026, 3, 2, 8, 47, tzinfo=UTC)
REVISION = "3f2c1a90b7e64d5f8a1c2b3d4e5f60718293a4b5"
LEDGER = "8e1d0c9b8a7f6e5d4c3b2a190817263544536271"

EFFECTS = Effects(
    models=("anthropic/claude-sonnet-4-5",),
    tools=("changelog: *",),
    hosts=("api.anthropic.com", "hooks.example.com"),
    reads=("docs/**/*.md",),
    secrets=(SecretUse(name="ANTHROPIC_API_KEY", goes_to="host api.anthropic.com"),),
    recipients=("team: https://hooks.example.com/team",),
    caps=("cost $0.50", "turns 20"),
)
ESTIMATE = Estimate(
    input_tokens=1_200, output_tokens=500, cost_usd=0.0111, runs_per_month=30, month_usd=0.333, basis="text"
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def definition(hash_: str = "a" * 64, *, texts: dict[str, str] | None = None, **document: Value) -> Definition:
    texts = texts or {"prompt": "Compile the updates.\nGroup them by team.\n"}
    return Definition(
        hash=hash_, facets={}, document={"prompt": texts.get("prompt", ""), "timezone": "UTC", **document}, texts=texts
    )


def create(task: str = "daily-digest") -> Change:
    return Change(
        task=TaskId(task),
        action=ChangeAction.CREATE,
        after=definition(
            name="Daily digest",
            model="default",
            schedule={"frequency": "daily", "at": ["18:00"]},
            timezone="Europe/Berlin",
            destinations=["team"],
        ),
        effects=EFFECTS,
        new_effects=EFFECTS,
        estimate=ESTIMATE,
    )


def update() -> Change:
    before = "Write the weekly report.\n\nStart with the numbers.\nBe brief.\n"
    after = "Write the weekly report.\n\nStart with the risks.\nThen the numbers.\nBe brief.\n"
    skill = "Write short sentences.\n"
    return Change(
        task=TaskId("weekly-report"),
        action=ChangeAction.UPDATE,
        before=definition(
            "b" * 64, texts={"prompt": before, "skill:style": skill}, model="default", timezone="Asia/Tokyo"
        ),
        after=definition(
            "c" * 64,
            texts={"prompt": after, "skill:style": skill + "Never use the passive voice.\n"},
            model="fast",
            timezone="Asia/Tokyo",
            tags=["weekly"],
        ),
        modified=("prompt", "model", "sources", "skills", "tags"),
        effects=EFFECTS,
        new_effects=Effects(hosts=("hooks.example.com",), recipients=("team: https://hooks.example.com/team",)),
        estimate=replace(ESTIMATE, month_usd=12.5, basis="ledger"),
        estimate_before=replace(ESTIMATE, month_usd=2.0),
    )


def delete(task: str = "old-report") -> Change:
    return Change(
        task=TaskId(task),
        action=ChangeAction.DELETE,
        before=definition("d" * 64, model="default", tags=["old"]),
        reason="not_declared",
        estimate_before=replace(ESTIMATE, month_usd=1.0),
    )


def run(task: str = "daily-digest", slot: str = "2026-03-02T08:00", **more: object) -> PlannedRun:
    given: dict[str, object] = {
        "task": TaskId(task),
        "scheduled_at": at(slot),
        "due_at": at(slot),
        "action": RunAction.RUN,
        "reason": "due",
        "lateness_seconds": int((NOW - at(slot)).total_seconds()),
    }
    return PlannedRun(**{**given, **more})  # type: ignore[arg-type]


def warning() -> Diagnostic:
    return Diagnostic(
        severity=Severity.WARNING,
        code="text-not-variable",
        summary="`{{organization_name}}` is text, not a variable",
        detail="write `<<organization_name>>`",
        location=Location(filename="tasks/daily-digest.yaml", line=3, column=7, end_line=3, end_column=28),
        snippet="  Hi, {{organization_name}}",
    )


def plan() -> Plan:
    """One of everything, seen against the ledger."""
    missed = tuple(at(f"2026-02-{day}T08:00") for day in (25, 26, 27, 28))
    return Plan(
        changes=(create(), delete(), update()),
        runs=(
            run(slot="2026-02-28T08:00", action=RunAction.SKIP, reason="superseded", covers=missed),
            run(
                reason="late",
                effects=EFFECTS,
                estimate=ESTIMATE,
                is_catch_up=True,
                window_start=at("2026-03-01T08:00"),
            ),
            run(
                task="weekly-report",
                slot="2026-03-02T08:45",
                effects=EFFECTS,
                estimate=replace(ESTIMATE, cost_usd=None),
            ),
            run(task="weekly-report", slot="2026-03-02T08:46", action=RunAction.BLOCKED, reason="overlap"),
        ),
        upcoming=(
            Upcoming(
                task=TaskId("daily-digest"),
                timezone="Europe/Berlin",
                slots=(at("2026-03-02T17:00"), at("2026-03-03T17:00")),
            ),
            Upcoming(task=TaskId("once-only"), timezone="UTC", slots=(), status=TaskStatus.COMPLETED),
            Upcoming(task=TaskId("weekly-report"), timezone="Asia/Tokyo", slots=(at("2026-03-08T23:30"),)),
        ),
        revision=REVISION,
        dirty=True,
        ledger=LEDGER,
        as_of=NOW,
        tzdata="2026a",
        diagnostics=(warning(),),
        unchanged=7,
        activations={TaskId("weekly-report"): at("2026-02-01T00:00"), TaskId("daily-digest"): NOW},
    )


def compared() -> Plan:
    """The same changes, seen between two commits."""
    return replace(plan(), base="0b7c1e0d5b7a4c3f8e6d1a2b3c4d5e6f70819203", ledger="", runs=(), dirty=False)


HOSTILE = (
    "\x1b[31mred\x1b]0;title\x07\x9b1m\r\n"
    "::set-output name=a::b\n \u00a0\u2003::error::x\n\u2028::warning::y\x0b::notice::z\x85::debug::d\n"
    "##[command]rm -rf /\n##vso[task.setvariable variable=a]b\n"
    "@everyone @octocat @org/team #1 org/repo#2 GH-3 !4\n"
    "<img src=x onerror=alert(1)> <script>alert(1)</script> </details></summary></code><!-- x\n"
    "![p](https://evil.example/p.png) [l](javascript:alert(1)) ](x) ]() <https://evil.example> "
    "https://evil.example www.evil.example a@evil.example\n"
    "``` ```` ~~~ ` `` \n```\n</details>\n````````\n[r]: https://evil.example\n"
    "| a | b \\| c \\\\| d |\n# heading\n> quote\n- list\n---\n"
    "\u202eRTL\u202c \u2066iso\u2069 z\u200bw \U000e0041 \ud800 \x00 &lt;img&gt; &#60;img&#62; **b** $x$ *i*"
)
"""Everything that acts somewhere, in one text."""


def hostile_diagnostic(severity: Severity = Severity.ERROR) -> Diagnostic:
    return Diagnostic(
        severity=severity,
        code=HOSTILE,
        summary=HOSTILE,
        detail=HOSTILE,
        location=Location(filename=HOSTILE, line=2, column=3, end_line=2, end_column=40),
        snippet=HOSTILE,
    )


def hostile_plan(text: str = HOSTILE) -> Plan:
    """`text` in every place of a plan where a text can stand."""
    task = TaskId(text)
    effects = Effects(**dict.fromkeys(("models", "tools", "hosts", "commands", "reads", "recipients", "caps"), (text,)))
    effects = replace(effects, secrets=(SecretUse(name=text, goes_to=text),))
    estimate = replace(ESTIMATE, basis=text)
    before = definition(texts={"prompt": "x", text: text + "old"}, **{text: text, "name": text})
    before = replace(before, referred={f"destination:{text}": text})
    after = definition(texts={"prompt": text, text: text}, **{text: {text: [text]}, "name": "y" + text})
    after = replace(after, referred={f"destination:{text}": f"new {text}", f"source:{text}": f"all {text}"})
    change = Change(
        task=task,
        action=ChangeAction.UPDATE,
        before=before,
        after=after,
        reason=text,
        modified=(text, "name", "sources"),
        moved_from=task,
        effects=effects,
        new_effects=effects,
        estimate=estimate,
        estimate_before=replace(estimate, month_usd=100.0),
    )
    other = replace(change, task=TaskId(text + "2"))
    slot = run(reason=text, effects=effects, estimate=estimate, covers=(NOW, NOW + timedelta(hours=1)))
    named = replace(slot, task=task, scheduled_at=None, name=text)
    return Plan(
        changes=(change, other, replace(create(), task=task), replace(delete(), task=task)),
        runs=(*(replace(slot, task=task, action=action) for action in RunAction), named),
        upcoming=(Upcoming(task=task, timezone="UTC", slots=(NOW,)),),
        revision=text,
        ledger=text,
        tzdata=text,
        as_of=NOW,
        diagnostics=tuple(hostile_diagnostic(severity) for severity in Severity),
    )


def large_plan(number: int = 10_000) -> Plan:
    """As many changed tasks, each with a long prompt of its own and a slot that is due."""
    prompt = "".join(f"Line {line} of the prompt, with some words in it.\n" for line in range(20))
    changes = tuple(
        replace(
            update(),
            task=TaskId(f"task-{at:05}"),
            before=definition(texts={"prompt": prompt + f"Task {at}.\n"}),
            after=definition(texts={"prompt": prompt + f"Task {at}, in short.\n"}),
        )
        for at in range(number)
    )
    return Plan(
        changes=changes,
        runs=tuple(run(task=change.task, effects=EFFECTS, estimate=ESTIMATE) for change in changes),
        upcoming=tuple(Upcoming(task=change.task, timezone="Europe/Berlin", slots=(NOW,) * 3) for change in changes),
        as_of=NOW,
    )
