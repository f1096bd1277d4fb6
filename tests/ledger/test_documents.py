from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from octops.errors import Diagnostic, GitError
from octops.ledger.codec import Corrupt, decode, encode
from octops.ledger.documents import Claim, Phase, read_document, read_marker
from octops.model.history import Head, Samples
from octops.model.run import (
    DeliveryStatus,
    ErrorKind,
    Failure,
    Message,
    Provenance,
    Record,
    Reply,
    ToolCall,
    ToolResult,
    ToolUse,
    Turn,
    Usage,
)
from tests.ledger.kit import NOW, SLOT, claim, definition, delivery, record

CALL = ToolCall(id="1", name="s__t", arguments={"a": [1, None, {"b": 1.5}]}, raw="{}")
FULL = record(
    covers=(SLOT - timedelta(days=1),),
    reason="x",
    usage=Usage(input_tokens=1, output_tokens=2, cost_usd=None),
    messages=(Message(role="user", text="hello"),),
    turns=(
        Turn(
            reply=Reply(text="", tool_calls=(CALL,), usage=Usage(cost_usd=0.5)),
            uses=(ToolUse(call=CALL, result=ToolResult(text="no", is_error=True), seconds=0.25),),
            seconds=1.5,
        ),
    ),
    data={"a": [1, "b", None, True]},
    parameters={"k": "v"},
    deliveries=(delivery(status=DeliveryStatus.DELIVERED, updated_at=NOW, guarantee=""),),
    failure=Failure(kind=ErrorKind.MODEL, message="m", hint="h"),
    provenance=Provenance(revision="r", dirty=True, skill_hashes={"s": "h"}),
)
HEAD = Head(
    definition=definition(),
    activated_at=NOW,
    settled_until=SLOT,
    settled=(NOW,),
    failures=2,
    samples=Samples(input_tokens=(1,), output_tokens=(2,), cost_usd=(None,)),
    spent_usd={"2026-03-02": 0.5},
)


@pytest.mark.parametrize(
    "noun",
    [FULL, record(), HEAD, claim(), replace(claim(), answer=FULL, phase=Phase.DELIVERING)],
    ids=lambda n: n.__class__.__name__,
)
def test_what_is_written_reads_back_the_same(noun: Record | Head | Claim) -> None:
    assert decode(type(noun), encode(noun)) == noun


def test_equal_nouns_are_equal_bytes_with_sorted_keys_and_a_line_end() -> None:
    content = encode(FULL)

    assert content == encode(replace(FULL))
    assert content.endswith(b"}\n")
    assert list(json.loads(content)) == sorted(json.loads(content))


def test_an_unknown_cost_stays_unknown() -> None:
    assert decode(Record, encode(FULL)).usage.cost_usd is None


def test_an_empty_value_that_is_not_the_default_is_kept() -> None:
    assert decode(Record, encode(FULL)).deliveries[0].guarantee == ""


def test_a_number_json_has_no_word_for_is_unknown() -> None:
    infinite = record(usage=Usage(cost_usd=float("inf")))

    assert decode(Record, encode(infinite)).usage.cost_usd is None


def test_half_a_surrogate_from_a_model_is_written_all_the_same() -> None:
    assert decode(Record, encode(record(text="a\ud800b"))).text == "a?b"


def test_keys_of_a_newer_octops_are_passed_over() -> None:
    known = json.loads(encode(claim()))

    assert decode(Claim, json.dumps({**known, "colour": "blue"}).encode()) == claim()


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"nonce": None}, "`nonce`"),
        ({"nonce": 1}, "`nonce`"),
        ({"attempt": "1"}, "`attempt`"),
        ({"attempt": True}, "`attempt`"),
        ({"lease_until": "soon"}, "`lease_until`"),
        ({"lease_until": "2026-03-02T08:00:00"}, "no zone"),
        ({"phase": "asleep"}, "`phase`"),
        ({"answer": []}, "`answer`"),
        ({"answer": {"deliveries": {}}}, "`answer`"),
        ({"parameters": []}, "`parameters`"),
    ],
)
def test_a_wrong_value_is_named(changes: dict[str, object], says: str) -> None:
    known = json.loads(encode(claim()))

    with pytest.raises(Corrupt, match=says):
        decode(Claim, json.dumps({**known, **changes}).encode())


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b"[" * 100_000, b"{}"])
def test_a_corrupt_file_is_a_diagnostic_that_names_it(content: bytes) -> None:
    found = read_document(Claim, "open/a--x.json", content)

    assert isinstance(found, Diagnostic)
    assert found.code == "corrupt-ledger-file"
    assert "`open/a--x.json`" in found.summary


def test_a_newer_format_is_refused() -> None:
    with pytest.raises(GitError) as raised:
        read_marker(b'{"format": 2, "lineage": "x"}')
    assert raised.value.diagnostics[0].code == "newer-ledger"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "it holds no `octops-ledger.json`"),
        (b"", "its `octops-ledger.json` cannot be read: "),
        (b"{}", "its `octops-ledger.json` cannot be read: `format` is missing"),
        (b"[]", "its `octops-ledger.json` cannot be read: "),
    ],
)
def test_a_branch_without_a_marker_is_no_ledger(content: bytes | None, said: str) -> None:
    with pytest.raises(GitError) as raised:
        read_marker(content)
    (told,) = raised.value.diagnostics
    assert told.code == "not-a-ledger"
    assert said in told.summary
    assert "restore that file from the branch's history" in told.detail
    assert "name another branch" in told.detail


@pytest.mark.parametrize("instant", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"])
def test_a_time_that_no_calendar_holds_is_corrupt(instant: str) -> None:
    content = encode(claim()).decode().replace("2026-03-02T08:00:00Z", instant)

    assert isinstance(read_document(Claim, "open/x.json", content.encode()), Diagnostic)


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
def test_a_number_that_json_does_not_know_is_corrupt(word: str) -> None:
    content = encode(HEAD).decode().replace("0.5", word)

    assert isinstance(read_document(Head, "tasks/x.json", content.encode()), Diagnostic)


def test_a_claim_that_says_it_is_answered_and_holds_no_answer_is_planned_as_not_answered() -> None:
    assert replace(claim(), phase=Phase.ANSWERED).open_run.phase == "claimed"
    assert replace(claim(), phase=Phase.ANSWERED, answer=record()).open_run.phase == "answered"
