from __future__ import annotations

from octops.model.ids import DestinationId, RunId
from octops.model.run import Answer, ErrorKind, Failure, Usage
from octops.report.staged import Wanted, staged_json, staged_text

RUN = RunId("digest@tried")
TO = (
    Wanted(destination=DestinationId("disk"), type="file", recipient="reports/<<scheduled_date>>.md"),
    Wanted(destination=DestinationId("team"), type="email", recipient="ada@example.com"),
)


def test_it_is_told_who_would_get_the_answer_and_where() -> None:
    usage = Usage(input_tokens=10, output_tokens=5, cost_usd=0.001)
    assert staged_text(RUN, Answer(text="All is well.\n", usage=usage), TO).split("\n") == [
        "digest@tried staged: nothing was delivered, nothing was recorded",
        "",
        "  All is well.",
        "",
        "would be delivered to disk (file: reports/<<scheduled_date>>.md)",
        "would be delivered to team (email: ada@example.com)",
        "15 tokens, $0.0010",
        "",
    ]


def test_a_run_without_an_answer_leaves_no_gap_for_it() -> None:
    failure = Failure(kind=ErrorKind.SOURCE, message="source `s` could not be opened", hint="see it")
    lines = staged_text(RUN, Answer(text="", failure=failure), ()).split("\n")
    assert lines[1:4] == ["", "failed (source): source `s` could not be opened", "  help: see it"]


def test_a_recipient_cannot_write_to_the_terminal() -> None:
    wanted = Wanted(destination=DestinationId("d"), type="file", recipient="a\x1b[2Jb")
    assert "\x1b" not in staged_text(RUN, Answer(text="x"), (wanted,))


def test_json_names_every_recipient() -> None:
    document = staged_json(RUN, Answer(text="x"), TO)
    assert document["destinations"] == ["disk", "team"]
    assert document["deliveries"][1] == {"destination": "team", "recipient": "ada@example.com"}
