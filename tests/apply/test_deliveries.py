"""Destinations that are out of order: each ends as it should, and none of them relabels a run."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pytest

from tests.apply.rude import Answer, Got, Rude, Script, later, rude_receiver
from tests.apply.world import KEY, MORNING, NOW, World, slot, world
from tests.kit import ROOT, Outcome, clean_environment

BUSY = Answer(status=503)
OFTEN = 4
"""How often a delivery is tried at the most."""
HANG = Answer(seconds=10)


def busy(retry_after: str, status: int = 429) -> Answer:
    return Answer(status=status, headers={"Retry-After": retry_after})


@dataclass(frozen=True, slots=True)
class Case:
    """What one webhook answers, and what must become of the delivery to it."""

    script: Script
    status: str
    requests: int
    error: str = ""
    longest: float = 15.0
    """Seconds between the first and the last request."""
    least: float = 0.0
    """Seconds between two requests."""
    guarantee: str = "at_least_once"
    timeout: float = 20.0


CASES: dict[str, Case] = {
    "taken": Case([Answer()], "delivered", 1),
    "busy-three-times": Case([BUSY, BUSY, BUSY, Answer(status=200)], "delivered", 4),
    "broken-once": Case([Answer(status=500), Answer()], "delivered", 2),
    "bad-gateway-once": Case([Answer(status=502), Answer()], "delivered", 2),
    "broken-for-ever": Case([Answer(status=500, body=b"no <db>")], "failed", OFTEN, "500 Internal Server Error"),
    "gateway-timeout-for-ever": Case([Answer(status=504)], "unknown", OFTEN, "504 Gateway Timeout"),
    "cut-off-for-ever": Case([Answer(status=0)], "unknown", OFTEN, "broke the connection off"),
    "cut-off-once": Case([Answer(status=0), Answer()], "delivered", 2),
    "wait-a-second": Case([busy("2"), Answer()], "delivered", 2, least=1.9),
    "wait-by-date": Case([later(3), Answer()], "delivered", 2, least=1.5),
    "wait-by-a-date-gone-by": Case([later(-3600), Answer()], "delivered", 2, longest=1),
    "wait-nonsense": Case([busy("soon"), busy("-5"), busy("1e9"), Answer()], "delivered", 4),
    "wait-nothing": Case([busy(""), busy("0"), Answer()], "delivered", 3),
    "unavailable-with-a-time": Case([busy("1", 503), Answer()], "delivered", 2, least=0.9),
    "bad-request": Case([Answer(status=400)], "failed", 1, "400 Bad Request"),
    "no-credentials": Case([Answer(status=401)], "failed", 1, "401 Unauthorized"),
    "forbidden": Case([Answer(status=403, body=b"key expired")], "failed", 1, "key expired"),
    "not-there": Case([Answer(status=404)], "failed", 1, "404 Not Found"),
    "not-acceptable": Case([Answer(status=422)], "failed", 1, "422"),
    "moved": Case([Answer(status=302, headers={"Location": "/elsewhere"})], "failed", 1, "redirects are not followed"),
    "hangs": Case([HANG], "unknown", OFTEN, "did not answer within 3 s", timeout=3),
    "hangs-once": Case([HANG, Answer()], "delivered", 2, timeout=3),
    "once-busy": Case([BUSY, Answer()], "failed", 1, "503", guarantee="at_most_once"),
    "once-hangs": Case([HANG, Answer()], "unknown", 1, "did not answer", guarantee="at_most_once", timeout=3),
    "once-cut-off": Case([Answer(status=0), Answer()], "unknown", 1, guarantee="at_most_once"),
}
REFUSED = "refused"
"""Nobody listens there."""
MIXED = "mixed"
"""One destination that works beside one that does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    made: World
    rude: Rude
    first: Outcome
    second: Outcome
    """The apply after it."""
    requests: dict[str, list[Got]]
    """Those of the first apply."""

    def delivery(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self.made.record(slot(name))["deliveries"][0]
        return found


def _destination(url: str, guarantee: str = "at_least_once", timeout: float = 20) -> str:
    return f'{{type: webhook, url: "{url}", guarantee: {guarantee}, timeout_seconds: {timeout}}}'


def _task(*destinations: str) -> str:
    return f"prompt: Tell.\nschedule: {MORNING}\ndestinations: [{', '.join(destinations)}]\n"


def _free_port() -> int:
    with socket.socket() as it:
        it.bind(("127.0.0.1", 0))
        return int(it.getsockname()[1])


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Week]:
    """All cases in one apply, side by side: most of it is waiting."""
    port = _free_port()
    with rude_receiver() as rude:
        rude.script |= {name: case.script for name, case in CASES.items()} | {"down": [BUSY]}
        files = {
            f"tasks/{name}.yaml": _task(_destination(rude.url(name), it.guarantee, it.timeout))
            for name, it in CASES.items()
        }
        files[f"tasks/{REFUSED}.yaml"] = _task(_destination(f"http://127.0.0.1:{port}/x"))
        files[f"tasks/{MIXED}.yaml"] = _task(_destination(rude.url("down")), _destination(rude.url("up")))
        more = "parallelism: 40\n"
        with world(tmp_path_factory.mktemp("week"), files, more=more) as made:
            settings = (made.project.root / "octops.yaml").read_text()
            allowed = f'["127.0.0.1:{rude.port}", "127.0.0.1:{port}", '
            made.commit({"octops.yaml": settings.replace('allow: ["', f'allow: {allowed}"')}, at="2026-03-01T12:30:00Z")
            first = made.apply()
            requests = {path: list(got) for path, got in rude.got.items()}
            second = made.apply(now="2026-03-02T09:47Z")
            yield Week(made=made, rude=rude, first=first, second=second, requests=requests)


@pytest.mark.parametrize("name", CASES)
def test_a_delivery_ends_as_the_other_side_left_it(week: Week, name: str) -> None:
    case, delivery = CASES[name], week.delivery(name)
    assert (delivery["status"], len(week.requests[name])) == (case.status, case.requests), delivery
    assert delivery["attempts"] == case.requests
    assert case.error in delivery.get("error", "")
    assert bool(delivery.get("error")) == (case.status != "delivered")


@pytest.mark.parametrize("name", CASES)
def test_all_attempts_at_one_delivery_carry_one_id_and_one_body(week: Week, name: str) -> None:
    got = week.requests[name]
    assert {it.id for it in got} == {week.delivery(name)["id"]}
    assert len({str(it.body["data"] if "data" in it.body else it.body["run"]) for it in got}) == 1


@pytest.mark.parametrize("name", CASES)
def test_nobody_is_asked_again_sooner_than_he_said_nor_kept_waiting_for_long(week: Week, name: str) -> None:
    case, times = CASES[name], [it.at for it in week.requests[name]]
    assert all(later - earlier >= case.least for earlier, later in pairwise(times))
    assert times[-1] - times[0] <= case.longest + 5 * case.requests


@pytest.mark.parametrize("name", [*CASES, REFUSED, MIXED])
def test_whatever_becomes_of_the_delivery_the_run_is_what_it_was(week: Week, name: str) -> None:
    record = week.made.record(slot(name))
    assert (record["status"], record["text"], record.get("failure")) == ("completed", "All is well.", None)
    assert len(week.made.server.journal) == len(CASES) + 2


def test_a_peer_nobody_listens_at_surely_got_nothing(week: Week) -> None:
    delivery = week.delivery(REFUSED)
    assert (delivery["status"], delivery["attempts"]) == ("failed", OFTEN)
    assert "could not be connected to" in delivery["error"]


def test_a_destination_that_is_down_keeps_no_other_from_its_result(week: Week) -> None:
    deliveries = {it["recipient"].rpartition("/")[2]: it for it in week.made.record(slot(MIXED))["deliveries"]}
    assert {name: it["status"] for name, it in deliveries.items()} == {"down": "failed", "up": "delivered"}
    assert len(week.requests["up"]) == 1


def test_what_did_not_arrive_is_said_and_is_exit_3(week: Week) -> None:
    lost = sum(case.status != "delivered" for case in CASES.values()) + 2
    assert week.first.code == 3
    assert f"Runs: {len(CASES) + 2} completed, 0 failed" in week.first.out
    assert f"Deliveries not arrived: {lost}." in week.first.out
    assert f"{slot('forbidden')}: delivery to" in week.first.err


def test_what_was_given_up_stays_so_and_the_next_apply_sends_nothing(week: Week) -> None:
    """The record stands: whoever wants it sent again finds the answer there."""
    assert (week.second.code, "No changes." in week.second.out) == (0, True), week.second.out
    assert {path: len(got) for path, got in week.rude.got.items()} == {
        path: len(got) for path, got in week.requests.items()
    }
    assert week.made.open_claims() == []


def test_the_time_that_is_signed_is_the_real_one_whatever_the_clock_of_the_command_is(week: Week) -> None:
    """Receivers refuse what is minutes old."""
    assert abs(week.requests["taken"][0].timestamp - time.time()) < 600


def test_a_peer_that_asks_for_a_long_wait_can_be_left_and_is_gone_on_with_later(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """It may make us wait two minutes between attempts, not a day; who will not wait interrupts, and loses nothing."""
    with rude_receiver() as rude, world(tmp_path_factory.mktemp("long"), {}) as made:
        rude.script["slow"] = [busy("86400"), Answer()]
        settings = (made.project.root / "octops.yaml").read_text()
        allowed = settings.replace('allow: ["', f'allow: ["127.0.0.1:{rude.port}", "')
        made.commit({"octops.yaml": allowed, "tasks/slow.yaml": _task(_destination(rude.url("slow")))})
        command = [sys.executable, "-m", "octops", "apply", "--auto-approve", "--now", NOW]
        environment = clean_environment(made.project.root.parent / "home", PYTHONPATH=str(ROOT), TEST_KEY=KEY)
        process = subprocess.Popen(command, cwd=made.project.root, env=environment, stderr=subprocess.DEVNULL)
        for _ in range(1200):
            if rude.got.get("slow"):
                break
            time.sleep(0.05)
        time.sleep(1.5)
        assert len(rude.got["slow"]) == 1
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 130
        assert len(made.open_claims()) == 1
        outcome = made.apply()
        assert outcome.code == 0, outcome.err
        assert made.record(slot("slow"))["deliveries"][0]["status"] == "delivered"
        assert len({it.id for it in rude.got["slow"]}) == 1
        assert (len(rude.got["slow"]), len(made.server.journal)) == (2, 1)
