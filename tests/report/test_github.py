from __future__ import annotations

from dataclasses import replace

from octops.errors import Diagnostic, Location, Severity
from octops.model.ids import TaskId
from octops.model.plan import Effects, Plan
from octops.report.github import LIMIT, MAX_MESSAGE, annotations, plan_annotations
from tests.golden import check_golden
from tests.report.samples import NOW, compared, create, large_plan, plan, warning


def error(number: int, severity: Severity = Severity.ERROR) -> Diagnostic:
    place = Location(filename="tasks/a.yaml", line=number, column=3, end_line=number, end_column=9)
    return Diagnostic(severity=severity, code="bad", summary=f"problem {number}", location=place)


def test_a_diagnostic_is_one_command_on_its_line() -> None:
    assert annotations([replace(error(7), detail="write: a, b")]) == (
        "::error file=tasks/a.yaml,line=7,col=3,endLine=7,title=bad::problem 7%0Awrite: a, b\n"
    )


def test_over_several_lines_there_is_no_column() -> None:
    place = Location(filename="a", line=1, column=3, end_line=4, end_column=1)
    assert "file=a,line=1,endLine=4,title=bad::" in annotations([replace(error(1), location=place)])


def test_without_a_place_only_the_title_is_given() -> None:
    assert annotations([Diagnostic(code="bad", summary="problem")]) == "::error title=bad::problem\n"


def test_errors_come_first_then_files_and_lines() -> None:
    shown = annotations([error(1, Severity.NOTE), error(1, Severity.WARNING), error(2), error(1)])
    assert [line.split(" ")[0] + line[-2:] for line in shown.splitlines()] == [
        "::error 1",
        "::error 2",
        "::warning 1",
        "::notice 1",
    ]


def test_more_than_ten_are_nine_and_one_notice_that_counts_the_rest() -> None:
    many = [error(number, severity) for number in range(1, 14) for severity in Severity]
    lines = annotations(many).splitlines()
    assert len(lines) == LIMIT
    assert all(line.startswith("::error ") for line in lines[:-1])
    assert lines[-1].startswith("::notice title=octops::4 errors and 13 warnings and 13 notes more: ")


def test_exactly_ten_need_no_counting() -> None:
    lines = annotations([error(number) for number in range(1, 11)]).splitlines()
    assert [line.split(" ")[0] for line in lines] == ["::error"] * 10


def test_a_message_has_an_end() -> None:
    assert len(annotations([Diagnostic(code="bad", summary="x" * 1_000_000)])) < MAX_MESSAGE + 100


def test_nothing_wrong_is_no_annotation() -> None:
    assert annotations([]) == ""


def test_a_plan_annotates_what_needs_eyes_and_its_sums() -> None:
    check_golden("report/plan-github.txt", plan_annotations(plan()))


def test_a_plan_of_two_commits_says_nothing_of_runs() -> None:
    assert "Runs:" not in plan_annotations(compared())


def test_a_large_plan_has_few_annotations() -> None:
    assert len(plan_annotations(large_plan(100)).splitlines()) == LIMIT + 1


def test_what_needs_eyes_is_told_on_the_line_that_changed() -> None:
    place = Location(filename="examples/tasks/weekly-report.yaml", line=4, end_line=4)
    shown = plan_annotations(plan(), {TaskId("weekly-report"): place})
    assert "::warning file=examples/tasks/weekly-report.yaml,line=4,col=1,endLine=4,title=look-at-this::" in shown


def test_the_diagnostics_of_a_plan_are_annotated_too() -> None:
    assert annotations([warning()]).strip() in plan_annotations(plan()).splitlines()


def test_between_them_the_first_annotations_show_every_kind_of_what_needs_eyes() -> None:
    many = [replace(create(f"t{at:03}"), new_effects=Effects(hosts=("a.example.com",))) for at in range(100)]
    rare = replace(create("zz"), new_effects=Effects(commands=("rm -rf build",)))
    lines = plan_annotations(Plan(as_of=NOW, changes=(*many, rare))).splitlines()
    assert "task `t000`" in lines[0]
    assert "task `zz`: new command rm -rf build" in lines[1]
