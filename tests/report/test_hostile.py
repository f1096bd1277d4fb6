"""What comes from files acts nowhere: one hostile text in every place of a plan, through every reporter."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Iterator

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from octops.app.wishes import Applied
from octops.errors import OctopsError, Severity
from octops.model.ids import DestinationId, RunId, TaskId
from octops.model.run import Delivery, DeliveryStatus, ErrorKind, Failure, Message, Record, RunStatus
from octops.report.applied_markdown import applied_markdown
from octops.report.diagnostics import diagnostics_text, validation_json
from octops.report.escape import json_text, terminal_lines
from octops.report.failure_markdown import failure_markdown
from octops.report.github import annotations, plan_annotations
from octops.report.junit import junit
from octops.report.plan_json import plan_json
from octops.report.plan_markdown import plan_markdown
from octops.report.plan_text import plan_text
from octops.report.render import Rendering, render_json, render_text
from octops.report.sarif import sarif
from octops.report.slots import Firing, slots_json, slots_text
from octops.run.runner import Carried
from tests.report.samples import HOSTILE, NOW, hostile_diagnostic, hostile_plan

RENDERING = Rendering(
    task=TaskId(HOSTILE),
    model=HOSTILE,
    messages=(Message(role=HOSTILE, text=HOSTILE),),
    skills=(HOSTILE,),
    tools=(HOSTILE,),
)
FIRING = Firing(task=TaskId(HOSTILE), timezone="UTC", scheduled_at=NOW)
DIAGNOSTICS = [hostile_diagnostic(severity) for severity in Severity]
HOSTILE_APPLIED = Applied(
    carried=Carried(
        records=(
            Record(
                run=RunId(HOSTILE),
                task=TaskId(HOSTILE),
                scheduled_at=NOW,
                finished_at=NOW,
                status=RunStatus.FAILED,
                failure=Failure(kind=ErrorKind.MODEL, message=HOSTILE, hint=HOSTILE),
                deliveries=(
                    Delivery(
                        destination=DestinationId(HOSTILE),
                        recipient=HOSTILE,
                        id="d",
                        status=DeliveryStatus.FAILED,
                        error=HOSTILE,
                    ),
                ),
            ),
        ),
        not_started=(RunId(HOSTILE),),
        broken=((RunId(HOSTILE), OctopsError(hostile_diagnostic())),),
    )
)

TEXTS: dict[str, Callable[[], str]] = {
    "plan": lambda: plan_text(hostile_plan()),
    "diagnostics": lambda: diagnostics_text(DIAGNOSTICS),
    "slots": lambda: slots_text([FIRING]),
    "render": lambda: render_text(RENDERING),
    "markdown": lambda: plan_markdown(hostile_plan()),
    "failure": lambda: failure_markdown(DIAGNOSTICS),
    "applied": lambda: applied_markdown(HOSTILE_APPLIED),
    "sarif": lambda: json_text(sarif(DIAGNOSTICS)),
    "junit": lambda: junit(DIAGNOSTICS),
    "plan json": lambda: json_text(plan_json(hostile_plan())),
    "validation json": lambda: json_text(validation_json(DIAGNOSTICS)),
    "slots json": lambda: json_text(slots_json([FIRING])),
    "render json": lambda: json_text(render_json(RENDERING)),
}
ANNOTATIONS: dict[str, Callable[[], str]] = {
    "annotations": lambda: annotations(DIAGNOSTICS),
    "plan annotations": lambda: plan_annotations(hostile_plan()),
}
COLOURED: dict[str, Callable[[], str]] = {
    "plan": lambda: plan_text(hostile_plan(), color=True),
    "diagnostics": lambda: diagnostics_text(DIAGNOSTICS, color=True),
    "render": lambda: render_text(RENDERING, color=True),
}


@pytest.mark.parametrize("report", [*TEXTS.values(), *ANNOTATIONS.values()], ids=[*TEXTS, *ANNOTATIONS])
def test_nothing_acts_on_a_terminal(report: Callable[[], str]) -> None:
    text = report()
    assert terminal_lines(text) == text
    text.encode("utf-8")


@pytest.mark.parametrize("report", COLOURED.values(), ids=COLOURED)
def test_the_only_escape_sequences_are_our_colours(report: Callable[[], str]) -> None:
    text = re.sub(r"\x1b\[(?:0|1|2|3[1-6]|1;3[1-6])m", "", report())
    assert terminal_lines(text) == text


@pytest.mark.parametrize(
    "report", [*TEXTS.values(), *COLOURED.values()], ids=[*TEXTS, *(f"{it} color" for it in COLOURED)]
)
def test_nothing_is_a_command_in_a_log(report: Callable[[], str]) -> None:
    lines = re.split(r"[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]", report())
    assert [line for line in lines if line.strip().startswith("::") or re.search(r"##\w*\[", line)] == []


@pytest.mark.parametrize("report", ANNOTATIONS.values(), ids=ANNOTATIONS)
def test_an_annotation_is_exactly_the_commands_we_wrote(report: Callable[[], str]) -> None:
    ours = re.compile(r"::(?:error|warning|notice) (?:[a-zA-Z]+=[^,:\s][^,:]*)(?:,[a-zA-Z]+=[^,:]*)*::[^\r\n]*")
    lines = report().splitlines()
    assert [line for line in lines if not ours.fullmatch(line) or re.search(r"##\w*\[", line)] == []
    listed = [part for line in lines for part in line.split("::")[1].split(" ", 1)[1].split(",")]
    assert {part.partition("=")[0] for part in listed} <= {"file", "line", "col", "endLine", "title"}


def test_json_still_means_what_the_files_say() -> None:
    assert json.loads(json_text(plan_json(hostile_plan())))["resource_changes"][0]["name"] == HOSTILE


def test_a_plan_lists_no_line_that_a_text_made_up() -> None:
    text = plan_text(hostile_plan("x\nPlan: 0 to add, 0 to change, 0 to destroy.\nNo changes."))
    assert [line for line in text.splitlines() if line.startswith(("Plan: 0", "No changes"))] == []


_CODE = r"<code>[^<>@`\n]*</code>"
OUR_BLOCK = re.compile(
    rf"<!-- octops-plan -->\n|</details>\n"
    rf"|<details><summary>{_CODE}(?: and [0-9,]+ more tasks?)?: {_CODE}(?: \(new\))?</summary>\n"
)
LINKS = re.compile(r"(?<!\w)[@#!~%&$][\w\"\[]|://|www\.|\bGH-\d", re.IGNORECASE)


def tokens(text: str) -> Iterator[Token]:
    """Every token that could act: neither code nor what stands in a `<code>` element, where nobody looks for links."""
    for token in MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text):
        yield token
        in_code = False
        for child in token.children or ():
            if child.type == "html_inline" and child.content in ("<code>", "</code>"):
                in_code = child.content == "<code>"
            elif not in_code or child.type not in ("text", "text_special"):
                yield child


def cells(text: str) -> list[int]:
    """How many cells each row of each table has."""
    return [line.count("|") - 1 for line in text.splitlines() if line.startswith("| ")]


@pytest.mark.parametrize("write", [lambda: failure_markdown(DIAGNOSTICS), lambda: applied_markdown(HOSTILE_APPLIED)])
def test_other_markdown_holds_none_either(write: Callable[[], str]) -> None:
    found = list(tokens(write()))
    words = [re.sub(r"\$[0-9,.]+", "", token.content) for token in found if token.type == "text"]
    assert {token.type for token in found} & {"image", "link_open", "s_open", "em_open", "html_inline"} == set()
    assert {token.content for token in found if token.type == "html_block"} <= {"<!-- octops-plan -->\n"}
    assert [word for word in words if LINKS.search(word)] == []


@pytest.mark.parametrize("text", [HOSTILE, *HOSTILE.splitlines(), HOSTILE[::-1]], ids=itertools.count())
def test_a_comment_holds_no_image_link_html_or_mention_of_theirs(text: str) -> None:
    found = list(tokens(plan_markdown(hostile_plan(text))))
    blocks = [token.content for token in found if token.type == "html_block"]
    words = [re.sub(r"\$[0-9,.]+", "", token.content) for token in found if token.type == "text"]
    assert {token.type for token in found} & {"image", "link_open", "s_open", "em_open", "html_inline"} == set()
    assert [block for block in blocks if not OUR_BLOCK.fullmatch(block)] == []
    assert [word for word in words if LINKS.search(word)] == []


@pytest.mark.parametrize("text", [HOSTILE, *HOSTILE.splitlines(), "a | b", "\\", "a\\|", "`|`"], ids=itertools.count())
def test_a_comment_keeps_its_shape(text: str) -> None:
    ours, plain = plan_markdown(hostile_plan(text)), plan_markdown(hostile_plan("plain"))
    assert _shape(ours) == _shape(plain)
    assert cells(ours) == cells(plain)


def _shape(text: str) -> list[str]:
    return [
        token.type
        for token in MarkdownIt("commonmark").enable("table").parse(text)
        if token.type not in ("inline", "text")
    ]
