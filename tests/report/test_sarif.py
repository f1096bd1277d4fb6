from __future__ import annotations

from dataclasses import replace

from octops.errors import Diagnostic, Location, Severity
from octops.report.sarif import LIMIT, sarif
from tests.report.samples import HOSTILE, hostile_diagnostic, warning


def test_a_diagnostic_is_a_result_with_its_rule_level_and_region() -> None:
    (run,) = sarif([warning()], version="1.2.3")["runs"]
    assert run["tool"]["driver"] == {"name": "octops", "version": "1.2.3", "rules": [{"id": "text-not-variable"}]}
    (result,) = run["results"]
    assert (result["ruleId"], result["ruleIndex"], result["level"]) == ("text-not-variable", 0, "warning")
    assert result["message"]["text"].splitlines()[-1] == "write `<<organization_name>>`"
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "tasks/daily-digest.yaml"
    assert place["region"] == {"startLine": 3, "startColumn": 7, "endLine": 3, "endColumn": 28}


def test_errors_come_first_and_share_their_rule() -> None:
    two = [Diagnostic(severity=Severity.WARNING, code="b", summary="x"), Diagnostic(code="z", summary="y")] * 2
    (run,) = sarif(two)["runs"]
    assert [(it["level"], it["ruleIndex"]) for it in run["results"]] == [("error", 1)] * 2 + [("warning", 0)] * 2


def test_without_a_place_there_is_no_location() -> None:
    assert "locations" not in sarif([Diagnostic(code="a", summary="b")])["runs"][0]["results"][0]


def test_a_file_name_cannot_change_what_the_address_means() -> None:
    odd = replace(warning(), location=Location(filename="tasks/a#b?c%41 d.yaml"))
    uri = sarif([odd])["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == "tasks/a%23b%3Fc%2541%20d.yaml"


def test_hostile_words_stay_data() -> None:
    (result,) = sarif([hostile_diagnostic()])["runs"][0]["results"]
    assert result["message"]["text"] == f"{HOSTILE}\n{HOSTILE}"


def test_there_are_no_more_results_than_a_reader_takes() -> None:
    assert len(sarif([warning()] * (LIMIT + 1))["runs"][0]["results"]) == LIMIT


def test_nothing_wrong_is_a_run_without_results() -> None:
    assert sarif([])["runs"][0]["results"] == []
