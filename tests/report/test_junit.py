from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

from octops.errors import Diagnostic, Severity
from octops.report.junit import PROJECT, junit
from tests.report.samples import hostile_diagnostic, warning


def cases(text: str) -> dict[str, list[str]]:
    """The tags inside each case, by its name."""
    suite = ElementTree.fromstring(text)[0]
    return {case.attrib["name"]: [inside.tag for inside in case] for case in suite}


def test_nothing_wrong_is_one_good_case() -> None:
    text = junit([])
    assert cases(text) == {PROJECT: []}
    assert ElementTree.fromstring(text).attrib == {"name": "octops", "tests": "1", "failures": "0", "errors": "0"}


def test_each_file_is_a_case_that_fails_by_its_errors() -> None:
    wrong = replace(warning(), severity=Severity.ERROR)
    other = replace(warning(), location=replace(warning().location, filename="skills/a.md"))  # type: ignore[type-var]
    assert cases(junit([wrong, warning(), other, Diagnostic(code="a", summary="b")])) == {
        "tasks/daily-digest.yaml": ["failure", "system-out"],
        "skills/a.md": ["system-out"],
        PROJECT: ["failure"],
    }


def test_with_strict_a_warning_fails_too() -> None:
    assert cases(junit([warning()], strict=True)) == {"tasks/daily-digest.yaml": ["failure"]}


def test_a_failure_says_what_the_terminal_says() -> None:
    failure = ElementTree.fromstring(junit([warning()], strict=True)).find(".//failure")
    assert failure is not None
    assert "--> tasks/daily-digest.yaml:3:7" in (failure.text or "")
    assert failure.attrib["message"] == warning().summary


def test_hostile_words_leave_the_document_whole() -> None:
    assert len(cases(junit([hostile_diagnostic(severity) for severity in Severity]))) == 1
