from __future__ import annotations

from datetime import UTC, datetime
from random import Random

import pytest

from octops.run.retry import LONGEST_WAIT, retry_after_seconds, wait_seconds

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        (" 0.5 ", 0.5),
        ("0", 0.0),
        ("Mon, 02 Mar 2026 08:01:30 GMT", 90.0),
        ("Mon, 02 Mar 2026 07:00:00 GMT", 0.0),
        ("Mon, 02 Mar 2026 08:01:30", 90.0),
        ("9" * 300, 1e9),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 1e9),
        (None, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1e3", None),
        ("nan", None),
        ("\u0667", None),
        ("Mon, 99 Foo 2026", None),
        ("1" * 5000, None),
    ],
)
def test_retry_after_is_read_as_seconds_or_a_date_and_nonsense_is_ignored(
    header: str | None, seconds: float | None
) -> None:
    assert retry_after_seconds(header, NOW) == seconds


def test_waits_are_jittered_over_the_whole_doubling_range() -> None:
    assert [wait_seconds(attempt, None, lambda: 1.0) for attempt in (1, 2, 3, 4)] == [1.0, 2.0, 4.0, 8.0]
    assert [wait_seconds(attempt, None, lambda: 0.0) for attempt in (1, 2, 3)] == [0.0, 0.0, 0.0]


def test_no_wait_of_our_own_is_longer_than_a_minute() -> None:
    random = Random(1).random
    assert max(wait_seconds(attempt, None, random) for attempt in range(1, 2000)) <= LONGEST_WAIT


def test_a_provider_that_names_a_wait_is_never_asked_earlier() -> None:
    random = Random(2).random
    assert all(120 <= wait_seconds(attempt, 120, random) <= 121 for attempt in range(1, 50))
