"""Secrets never appear in anything octops writes, prints or sends, whoever says them."""

from __future__ import annotations

import pytest

from tests.apply.week import SPELLINGS, Week, tool_texts
from tests.apply.world import KEY, slot


def test_the_model_said_the_secret_in_every_way(applied: Week) -> None:
    (told,) = tool_texts(applied.made.asked("leaks")[1])
    assert all(spelling in told for spelling in SPELLINGS.values())
    assert applied.made.record(slot("leaks"))["text"].count("[redacted]") == len(SPELLINGS)


@pytest.mark.parametrize("secret", [*SPELLINGS.values(), KEY], ids=[*SPELLINGS, "key"])
def test_a_secret_is_in_nothing_that_is_kept_printed_or_sent(applied: Week, secret: str) -> None:
    sent = b"".join(body for _, _, body in applied.made.hook.got).decode()
    printed = "".join((applied.first.out, applied.first.err, applied.second.out, applied.second.err))
    assert secret not in applied.made.whole_ledger()
    assert secret not in sent
    assert secret not in printed


def test_the_key_of_the_model_is_taken_out_of_its_answer(applied: Week) -> None:
    assert applied.made.record(slot("adds", day=3))["text"] == "My key is [redacted]."


def test_what_the_model_passes_to_a_tool_is_told_without_secrets(applied: Week) -> None:
    assert f"{slot('leaks')}: calls calculator__add" in applied.first.err
    assert "plain [redacted]" in applied.first.err
