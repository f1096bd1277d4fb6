from __future__ import annotations

import pytest

from octops.errors import Diagnostic, Location, Severity
from octops.report.diagnostics import counts, diagnostics_json, diagnostics_text, validation_json
from tests.golden import check_golden
from tests.report.samples import warning

STYLE = Diagnostic(
    code="unknown-skill",
    summary="task `weekly-report` uses skill `writing-stile`, which does not exist",
    detail="did you mean `writing-style`? skills are the Markdown files under skills/",
    location=Location(filename="tasks/weekly-report.yaml", line=9, column=5, end_line=9, end_column=18),
    snippet="  - writing-stile",
)
MANY = (
    STYLE,
    warning(),
    Diagnostic(
        code="open-quote",
        summary="the text that starts here has no end",
        location=Location(filename="tasks/weekly-report.yaml", line=1200, column=7, end_line=1203, end_column=2),
        snippet="name: 'Weekly",
    ),
    Diagnostic(
        severity=Severity.NOTE,
        code="wide",
        summary="tabs and wide characters",
        location=Location(filename="tasks/名前.yaml", line=2, column=6, end_line=2, end_column=8),
        snippet="\t名前: 値段",
    ),
    Diagnostic(code="no-project", summary="there is no octops.yaml", detail="run `octops init`\nor use `-C DIR`"),
    Diagnostic(code="no-snippet", summary="not UTF-8", location=Location(filename="tasks/a.yaml")),
)


def test_one_error_looks_as_the_design_says() -> None:
    assert diagnostics_text([STYLE]) == (
        "error[unknown-skill]: task `weekly-report` uses skill `writing-stile`, which does not exist\n"
        " --> tasks/weekly-report.yaml:9:5\n"
        "  |\n"
        "9 |   - writing-stile\n"
        "  |     ^^^^^^^^^^^^^\n"
        "  = help: did you mean `writing-style`? skills are the Markdown files under skills/\n"
        "\n"
        "1 error\n"
    )


def test_many_are_shown_by_file_and_line_and_counted() -> None:
    check_golden("report/diagnostics.txt", diagnostics_text(MANY))


def test_on_a_terminal_they_are_coloured() -> None:
    check_golden("report/diagnostics-color.txt", diagnostics_text([STYLE, warning()], color=True))


def test_the_order_they_come_in_does_not_matter() -> None:
    assert diagnostics_text(MANY) == diagnostics_text(MANY[::-1])
    assert diagnostics_json(MANY) == diagnostics_json(MANY[::-1])


def test_nothing_wrong_is_no_text() -> None:
    assert diagnostics_text([]) == ""


def test_only_kinds_there_are_are_counted() -> None:
    warnings = [warning()] * 1_000
    assert counts([*warnings, STYLE]) == "1 error, 1,000 warnings"


def test_a_source_line_is_as_wide_as_it_may_be() -> None:
    long = Diagnostic(
        code="long",
        summary="long",
        location=Location(filename="a", line=1, column=500, end_line=1, end_column=505),
        snippet="x" * 1_000,
    )
    assert max(len(line) for line in diagnostics_text([long], width=40).splitlines()) <= 40 + len("1 | ……")


def test_programs_get_what_terraform_gives_them() -> None:
    assert diagnostics_json([STYLE]) == [
        {
            "severity": "error",
            "code": "unknown-skill",
            "summary": STYLE.summary,
            "detail": STYLE.detail,
            "range": {
                "filename": "tasks/weekly-report.yaml",
                "start": {"line": 9, "column": 5},
                "end": {"line": 9, "column": 18},
            },
            "snippet": "  - writing-stile",
        }
    ]


def test_without_a_place_there_is_no_range() -> None:
    (document,) = diagnostics_json([Diagnostic(code="no-project", summary="there is no octops.yaml")])
    assert document == {"severity": "error", "code": "no-project", "summary": "there is no octops.yaml", "detail": ""}


@pytest.mark.parametrize(
    ("diagnostics", "valid", "errors", "warnings"), [((), True, 0, 0), ((warning(),), True, 0, 1), (MANY, False, 4, 1)]
)
def test_validate_says_whether_and_how_many(
    diagnostics: tuple[Diagnostic, ...], valid: bool, errors: int, warnings: int
) -> None:
    document = validation_json(diagnostics)
    assert (document["valid"], document["error_count"], document["warning_count"]) == (valid, errors, warnings)
    assert document["diagnostics"] == diagnostics_json(diagnostics)
