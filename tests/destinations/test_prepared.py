from __future__ import annotations

import re

import pytest

from octops.destinations.prepared import delivery_id, prepare, recipients
from octops.destinations.table import TYPES
from octops.model.project import Destination
from octops.model.run import DeliveryError
from octops.schemas import schema
from tests.destinations.peers import destination, surroundings

WEBHOOK = destination("webhook", url={"env": "URL"}, host="hooks.example.com", secret={"env": "KEY"})
EMAIL = destination(
    "email", "at_most_once", to=["ada@example.com", "bob@example.com"], from_="o@example.com", host="mx.example.com"
)
FILE = destination("file", path="reports/<<scheduled_date>>.md")


@pytest.mark.parametrize(
    ("declared", "named"),
    [
        (WEBHOOK, ("$URL",)),
        (destination("webhook", url="https://hooks.example.com/a"), ("https://hooks.example.com/a",)),
        (EMAIL, ("ada@example.com", "bob@example.com")),
        (destination("email", to="ada@example.com"), ("ada@example.com",)),
        (FILE, ("reports/<<scheduled_date>>.md",)),
    ],
    ids=lambda value: "",
)
def test_recipients_are_named_as_in_the_file_and_need_no_secret(declared: Destination, named: tuple[str, ...]) -> None:
    assert recipients(declared) == named


@pytest.mark.parametrize("declared", [WEBHOOK, EMAIL, FILE], ids=lambda value: value.type)
def test_there_is_one_outlet_for_each_recipient(declared: Destination) -> None:
    outlets = prepare(declared, surroundings(URL="https://hooks.example.com/a", KEY="whsec_MfKQ"))
    assert tuple(outlet.recipient for outlet in outlets) == recipients(declared)
    assert {outlet.guarantee for outlet in outlets} == {declared.guarantee}


def test_all_missing_secrets_are_named_at_once() -> None:
    with pytest.raises(DeliveryError) as refused:
        prepare(WEBHOOK, surroundings())
    assert str(refused.value) == "the environment variables `URL`, `KEY` are not set"
    assert not refused.value.retryable


def test_an_empty_secret_is_a_missing_one() -> None:
    with pytest.raises(DeliveryError, match="variable `KEY` is not set"):
        prepare(WEBHOOK, surroundings(URL="https://hooks.example.com/a", KEY="\n"))


def test_no_secret_shows_in_what_is_prepared() -> None:
    outlets = prepare(WEBHOOK, surroundings(URL="https://hooks.example.com/s3cr3t", KEY="whsec_MfKQ"))
    assert not re.search("s3cr3t|MfKQ", repr(outlets))


@pytest.mark.parametrize("name", ["slack", "sms", "github", "apprise"])
def test_a_type_of_a_later_version_says_so(name: str) -> None:
    with pytest.raises(DeliveryError, match=f"destination type `{name}` is not available yet in this version"):
        recipients(destination(name))
    with pytest.raises(DeliveryError, match=f"destination type `{name}` is not available yet in this version"):
        prepare(destination(name), surroundings())


def test_the_table_holds_types_of_the_schema_and_their_keys() -> None:
    branches = schema("destination")["$defs"]
    shared = {"type", "label", "guarantee"}
    for name, kind in TYPES.items():
        keys = {key.rstrip("_") for key in kind.__slots__} - {"surroundings"}  # type: ignore[attr-defined]
        assert keys == set(branches[name]["properties"]) - shared


def test_a_delivery_id_is_the_same_for_ever() -> None:
    assert delivery_id("digest@20260302T080000Z", "team", "ada@example.com") == "dlv_f6c280b22cff5bb334ada180d23a9923"


def test_delivery_ids_differ_by_run_destination_and_recipient() -> None:
    words = [("a", "b", "c"), ("a2", "b", "c"), ("a", "b2", "c"), ("a", "b", "c2"), ("ab", "", "c"), ("a", "bc", "")]
    assert len({delivery_id(*three) for three in words}) == len(words)
