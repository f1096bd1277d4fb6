from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from markdown_it import MarkdownIt

from octops.errors import Severity
from octops.model.ids import RunId, TaskId
from octops.model.plan import ChangeAction
from octops.model.run import Answer, ErrorKind, Failure, Record, RunStatus, Usage
from octops.report.escape import json_text, terminal_lines
from octops.report.preview import Preview, Previewed, preview_json, preview_line
from octops.report.preview_markdown import ROOM, preview_markdown
from tests.golden import check_golden
from tests.report.samples import HOSTILE, LEDGER, NOW, REVISION, hostile_diagnostic

USAGE = Usage(input_tokens=1_200, output_tokens=500, cost_usd=0.0111)
OLD = "# The week\n\n- Two releases.\n- One bug.\n"
NEW = "# The week\n\n- One bug, which is mended.\n- Two releases.\n"


def record(task: str = "weekly-report", text: str = OLD, format_: str = "markdown", data: object = None) -> Record:
    return Record(
        run=RunId(f"{task}@20260223T080000Z"),
        task=TaskId(task),
        scheduled_at=NOW - timedelta(days=7, minutes=47),
        status=RunStatus.COMPLETED,
        finished_at=NOW - timedelta(days=7),
        text=text,
        format=format_,
        data=data,  # type: ignore[arg-type]
    )


def ran(task: str = "weekly-report", text: str = NEW, last: Record | None = None) -> Preview:
    return Preview(
        task=TaskId(task),
        modified=("prompt", "skills"),
        run=RunId(f"{task}@20260302T080000Z"),
        scheduled_at=NOW - timedelta(minutes=47),
        timezone="Europe/Berlin",
        answer=Answer(text=text, usage=USAGE, model="claude-sonnet-4-5"),
        last=last,
    )


def previewed(*previews: Preview) -> Previewed:
    return Previewed(previews=previews, revision=REVISION, base=LEDGER, as_of=NOW, max_cost_usd=0.5)


def failed(kind: ErrorKind = ErrorKind.INVALID_OUTPUT, text: str = "no json") -> Preview:
    failure = Failure(kind=kind, message="the answer is not JSON", hint="show an example in the `prompt`")
    answer = Answer(text=text, usage=replace(USAGE, cost_usd=None), failure=failure)
    return replace(ran("triage", last=None), answer=answer, format="json")


ALL = previewed(
    Preview(task=TaskId("daily-digest"), modified=("schedule",), reason="only its schedule changed"),
    replace(
        ran("labels", '{"label": "bug"}', record("labels", '{"label":"idea"}', "json", {"label": "idea"})),
        answer=Answer(text='{"label": "bug"}', data={"label": "bug"}, usage=USAGE, model="gpt-5"),
        format="json",
        moved_from=TaskId("tags"),
        withheld=("tracker__close_issue", "tracker__label"),
        notes=("source `wiki` could not be opened: no answer; it is optional, the run goes on without it",),
    ),
    Preview(task=TaskId("old-report"), action=ChangeAction.DELETE, reason="it is deleted"),
    replace(
        ran("release-notes", "Nothing new."), action=ChangeAction.CREATE, modified=(), scheduled_at=None, timezone="UTC"
    ),
    ran("same", OLD, record("same")),
    failed(),
    ran(last=record()),
)


def test_a_comment_of_everything_that_can_become_of_a_changed_task() -> None:
    check_golden("report/preview.md", preview_markdown(ALL))


def test_the_same_as_json() -> None:
    check_golden("report/preview.json", json_text(preview_json(ALL)))


def test_without_a_change_it_is_one_line() -> None:
    text = preview_markdown(previewed())
    assert text == (
        "<!-- octops-preview -->\n"
        "No changes. octops compared `3f2c1a90b7e6` with `8e1d0c9b8a7f`. There is nothing to preview.\n"
    )


@pytest.mark.parametrize(
    ("previews", "line"),
    [
        ((), "No changes."),
        ((ran(),), "Preview: 1 of 1 task run."),
        ((ran(), replace(ran("b"), answer=None, reason="x")), "Preview: 1 of 2 tasks run."),
        ((failed(), ran()), "Preview: 2 of 2 tasks run, 1 failed."),
    ],
)
def test_the_first_line_counts(previews: tuple[Preview, ...], line: str) -> None:
    assert preview_line(previewed(*previews)) == line


def test_an_unknown_cost_makes_the_sum_unknown() -> None:
    text = preview_markdown(previewed(failed(), ran()))
    assert "a cost that is not known, under a cap of $0.50" in text
    assert "| **failed** | 1,700 | unknown |" in text


def test_a_run_that_failed_without_a_word_says_so() -> None:
    text = preview_markdown(previewed(failed(ErrorKind.SOURCE, "")))
    assert "**Failed** (source): the answer is not JSON. Help: show an example in the `prompt`." in text
    assert "There is no answer." in text


def test_data_that_is_nested_too_deep_is_shown_as_the_model_wrote_it() -> None:
    deep: object = []
    for _ in range(5_000):
        deep = [deep]
    answer = Answer(text="[[[…]]]", data=deep, usage=USAGE)  # type: ignore[arg-type]
    assert "[[[…]]]" in preview_markdown(previewed(replace(ran(), answer=answer, format="json")))


LONG = [
    previewed(*(ran(f"t{at}", f"{at}\n" + "line\n" * 5_000, record(f"t{at}", "old\n" * 5_000)) for at in range(number)))
    for number in (1, 2, 7, 40, 700)
]
WIDE = [
    previewed(*(ran(f"t{at}", "👍" * 40_000, record(f"t{at}", "👎" * 40_000)) for at in range(number)))
    for number in (1, 3)
]
TICKS = previewed(*(ran(f"t{at}", "`" * 9_000, record(f"t{at}", "~" * 9_000)) for at in range(5)))
CONTROLS = previewed(ran("a", "\x1b" * 30_000, record("a", "\U000e0041" * 30_000)), ran("b"))


@pytest.mark.parametrize("limit", [1_500, 3_000, 10_000, ROOM])
@pytest.mark.parametrize("sample", [ALL, *LONG, *WIDE, TICKS, CONTROLS])
def test_a_comment_is_never_too_long_and_never_broken(sample: Previewed, limit: int) -> None:
    text = preview_markdown(sample, limit=limit)
    assert len(text.encode("utf-16-le")) // 2 <= limit
    assert text.count("<details>") == text.count("</details>")
    left_out = "Cut here: " in text
    sections = text.count("\n#### ")
    assert left_out == (sections < len(sample.answers))


@pytest.mark.parametrize("sample", [*LONG[:3], *WIDE, CONTROLS, TICKS])
def test_each_of_a_few_long_answers_is_shown_in_part(sample: Previewed) -> None:
    text = preview_markdown(sample)
    assert text.count("\n#### ") == len(sample.answers)
    assert "more characters are not shown" in text


def hostile(text: str = HOSTILE) -> Previewed:
    failure = Failure(kind=ErrorKind.MODEL, message=text, hint=text)
    told = Preview(
        task=TaskId(text),
        modified=(text, text),
        moved_from=TaskId(text),
        reason=text,
        run=RunId(text),
        scheduled_at=NOW,
        answer=Answer(text=text, data={text: [text]}, usage=USAGE, model=text, failure=failure),
        format=text,
        withheld=(text,) * 12,
        notes=(text,) * 9,
        last=replace(record(text, text + "!"), run=RunId(text), format=text),
    )
    done = replace(told, answer=replace(told.answer, failure=None), format="json")  # type: ignore[type-var]
    return replace(
        previewed(replace(told, answer=None), told, done),
        revision=text,
        base=text,
        diagnostics=(hostile_diagnostic(Severity.WARNING),),
    )


WRITTEN: dict[str, Callable[[], str]] = {
    "markdown": lambda: preview_markdown(hostile()),
    "json": lambda: json_text(preview_json(hostile())),
}


@pytest.mark.parametrize("write", WRITTEN.values(), ids=WRITTEN)
def test_nothing_acts_on_a_terminal_or_in_a_log(write: Callable[[], str]) -> None:
    import re

    text = write()
    assert terminal_lines(text) == text
    lines = re.split(r"[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]", text)
    assert [line for line in lines if line.strip().startswith("::") or re.search(r"##\w*\[", line)] == []


@pytest.mark.parametrize("text", [HOSTILE, *filter(None, HOSTILE.splitlines()), "a | b", "\\", "`|`", "`"])
def test_no_text_changes_the_shape_of_the_comment_or_acts_in_it(text: str) -> None:
    ours, plain = preview_markdown(hostile(text)), preview_markdown(hostile("plain"))
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])

    def blocks(written: str) -> list[str]:
        return [token.type for token in parser.parse(written) if token.type not in ("inline", "text")]

    assert blocks(ours) == blocks(plain)
    inline = {child.type for token in parser.parse(ours) for child in token.children or ()}
    assert inline & {"image", "link_open", "s_open", "em_open"} == set()
