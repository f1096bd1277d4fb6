from __future__ import annotations

import json
import math
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from types import MappingProxyType
from typing import Any

import pytest

from octops.ledger.codec import Corrupt, decode, encode


class Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True, slots=True, kw_only=True)
class Inner:
    number: int
    ratio: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outer:
    name: str
    colour: Colour = Colour.RED
    at: datetime = datetime(2026, 3, 2, 8, tzinfo=UTC)
    inner: Inner | None = None
    inners: tuple[Inner, ...] = ()
    words: Mapping[str, str] = field(default_factory=dict)
    ratios: Mapping[str, float] = field(default_factory=dict)
    any: Any = None
    flag: bool = True
    level: int = 3


def plain(value: Any) -> Any:
    """Any JSON value, made at random from a seed."""
    seeded = random.Random(value)
    texts = ["", "a", 'ü\n\t"\\', "\u2028", "\ud83d", "<b>", "10"]

    def made(depth: int) -> Any:
        kind = seeded.randrange(8 if depth else 6)
        if kind == 6:
            return [made(depth - 1) for _ in range(seeded.randrange(4))]
        if kind == 7:
            return {seeded.choice(texts) + str(number): made(depth - 1) for number in range(seeded.randrange(4))}
        return (None, True, False, seeded.randrange(-(10**20), 10**20), seeded.uniform(-1, 1e20), seeded.choice(texts))[
            kind
        ]

    return made(4)


@pytest.mark.parametrize("seed", range(200))
def test_a_document_is_what_the_json_library_writes_sorted_and_indented(seed: int) -> None:
    value = plain(seed)

    written = encode(Outer(name="x", any={"kept": value}))

    expected = {
        "any": {"kept": value},
        "at": "2026-03-02T08:00:00Z",
        "colour": "red",
        "flag": True,
        "level": 3,
        "name": "x",
    }
    text = json.dumps(expected, sort_keys=True, ensure_ascii=False, indent=2)
    assert written == text.encode(errors="replace") + b"\n"


def test_what_is_empty_by_default_is_left_out_and_nothing_else() -> None:
    written = json.loads(encode(Outer(name="", flag=False, level=0)))

    assert written == {"name": "", "at": "2026-03-02T08:00:00Z", "colour": "red", "flag": False, "level": 0}


def test_a_noun_comes_back_as_it_was() -> None:
    noun = Outer(
        name="x",
        at=datetime(2026, 3, 2, 9, 30, 1, 500, tzinfo=UTC),
        inner=Inner(number=1, ratio=0.5),
        inners=(Inner(number=2), Inner(number=-3, ratio=1e-9)),
        words={"b": "2", "a": "1"},
        ratios={"a": 0.25},
        any=[1, {"x": None}],
    )

    assert decode(Outer, encode(noun)) == noun


def test_instants_are_written_in_utc_and_any_mapping_like_a_dict() -> None:
    summer = timezone(timedelta(hours=2))
    noun = Outer(name="x", at=datetime(2026, 7, 1, 10, tzinfo=summer), words=MappingProxyType({"a": "1"}))

    assert encode(noun) == encode(Outer(name="x", at=datetime(2026, 7, 1, 8, tzinfo=UTC), words={"a": "1"}))


def test_a_number_json_has_no_word_for_is_not_known() -> None:
    assert json.loads(encode(Inner(number=1, ratio=math.inf))) == {"number": 1, "ratio": None}


def test_a_whole_number_is_taken_where_a_fraction_may_stand() -> None:
    read = decode(Outer, b'{"name": "x", "ratios": {"a": 1, "b": 0.5}, "inner": {"number": 1, "ratio": 2}}')

    assert read.ratios == {"a": 1.0, "b": 0.5}
    assert all(isinstance(ratio, float) for ratio in read.ratios.values())
    assert read.inner is not None
    assert isinstance(read.inner.ratio, float)


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"name": 1}, "`name`"),
        ({"name": "x", "level": True}, "`level`"),
        ({"name": "x", "flag": 1}, "`flag`"),
        ({"name": "x", "words": {"a": 1}}, "`words`"),
        ({"name": "x", "words": {"a": "1", "b": None}}, "`words`"),
        ({"name": "x", "ratios": {"a": True}}, "`ratios`"),
        ({"name": "x", "inner": {"number": "1"}}, "`inner`: `number`"),
        ({"name": "x", "inners": [{"number": 1}, {}]}, "`inners`: `number` is missing"),
        ({"flag": True}, "`name` is missing"),
    ],
)
def test_a_value_of_the_wrong_kind_is_named(document: object, said: str) -> None:
    with pytest.raises(Corrupt, match=said):
        decode(Outer, json.dumps(document).encode())


def test_something_that_is_no_noun_is_not_written_down() -> None:
    with pytest.raises(TypeError, match="object"):
        encode(Outer(name="x", any=object()))
