"""What was spent is counted, whatever became of the run it was spent on and of the task it was spent for."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.apply.world import KEY, MORNING, NOW, World, slot, world
from tests.kit import PATIENCE, ROOT, clean_environment
from tests.modelserver import Act, Call, Hang, Say

RUN = slot("digest")
READS = Say(
    calls=(Call(name="docs__read_file", arguments={"path": "a.md"}),), input_tokens=400_000, output_tokens=50_000
)
"""A turn of half a dollar: it is paid before its tool is called."""
FILES = {
    "tasks/digest.yaml": f"prompt: Tell the news.\nschedule: {MORNING}\nsources: [docs]\nlimits: {{tokens: 5000000}}\n",
    "sources/docs.yaml": "type: local\npath: docs\n",
    "docs/a.md": "A.\n",
}


@pytest.fixture
def made(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path, FILES) as made:
        yield made


def interrupted(made: World, *arguments: str, acts: tuple[Act, ...] = (READS, Hang())) -> str:
    """An apply that is ended by SIGTERM when the model was asked for its last act, and hangs; what it printed."""
    before = len(made.server.journal)
    made.models.say("default", *acts)
    command = [sys.executable, "-m", "octops", *(arguments or ("apply", "--auto-approve")), "--now", NOW]
    environment = clean_environment(made.project.root.parent / "home", PYTHONPATH=str(ROOT), TEST_KEY=KEY)
    process = subprocess.Popen(
        command, cwd=made.project.root, env=environment, stderr=subprocess.DEVNULL, stdout=subprocess.PIPE
    )
    for _ in range(1200):
        if len(made.server.journal) >= before + len(acts):
            break
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    made.models.acts.clear()
    return out.decode()


def budget(made: World, usd: str) -> None:
    text = (made.project.root / "octops.yaml").read_text()
    made.commit({"octops.yaml": text + f"budget: {{day_usd: {usd}}}\n"}, at="2026-03-01T14:00:00Z")


def test_turns_that_were_paid_before_an_interruption_are_counted_and_told(made: World) -> None:
    interrupted(made)
    assert (made.open_claims(), made.records()) == ([], {})
    assert made.heads()["digest"]["spent_usd"] == {"2026-03-02": 0.5}

    assert made.apply().code == 0
    record = made.record(RUN)
    assert (record["status"], record["attempt"]) == ("completed", 1)
    assert record["earlier_usage"] == {"input_tokens": 400_000, "output_tokens": 50_000, "cost_usd": 0.5}
    assert record["usage"]["input_tokens"] == 10
    head = made.heads()["digest"]
    assert head["spent_usd"]["2026-03-02"] == pytest.approx(0.5 + record["usage"]["cost_usd"])
    assert "cut_off" not in head
    assert "by attempts that were cut off" in made.octops("show", RUN).out
    costs = json.loads(made.octops("cost", "--since", "2026-03-01", "--now", NOW, "--format", "json").out)
    assert costs["total"]["cost_usd"] == pytest.approx(0.5 + record["usage"]["cost_usd"])


def test_a_budget_that_an_interrupted_run_has_used_up_starts_nothing_more(made: World) -> None:
    interrupted(made)
    budget(made, "0.5")
    outcome = made.apply()
    assert "warning[budget-spent]" in outcome.err
    assert (outcome.code, made.records(), len(made.server.journal)) == (0, {}, 2)


@pytest.mark.slow
def test_a_run_that_was_interrupted_again_and_again_tells_of_all_of_it(made: World) -> None:
    for _ in range(3):
        interrupted(made)
    assert made.apply().code == 0
    assert made.record(RUN)["earlier_usage"]["cost_usd"] == 1.5
    assert made.heads()["digest"]["spent_usd"]["2026-03-02"] == pytest.approx(1.5, abs=0.01)


def test_an_interruption_before_anything_was_paid_leaves_no_trace(made: World) -> None:
    interrupted(made, acts=(Hang(),))
    head = made.heads()["digest"]
    assert ("spent_usd" in head, "cut_off" in head, made.open_claims()) == (False, False, [])


def test_a_run_that_was_asked_for_is_not_forgotten_when_the_apply_that_does_it_is_interrupted(made: World) -> None:
    asked = made.octops("run", "digest", "--name", "later", "--no-wait", "--now", NOW)
    assert asked.code == 0, asked.err
    (made.project.root / "tasks/digest.yaml").write_text(FILES["tasks/digest.yaml"].replace("schedule", "# schedule"))
    made.project.commit(at="2026-03-01T15:00:00Z")
    interrupted(made)
    (claim,) = [json.loads(made.ledger_text(path)) for path in made.open_claims()]
    assert (claim["run"], claim["attempt"]) == ("digest@later", 0)
    assert "digest@later" in made.octops("plan", "--now", NOW).out
    assert made.apply().code == 0
    record = made.record("digest@later")
    assert (record["status"], record["attempt"], record["earlier_usage"]["cost_usd"]) == ("completed", 1, 0.5)


def test_a_run_by_hand_that_was_interrupted_is_not_asked_for_any_more_but_paid_for(made: World) -> None:
    said = interrupted(made, "run", "digest", "--name", "now")
    assert "digest@now was interrupted: without an answer it was given back" in said
    assert (made.open_claims(), made.heads()["digest"]["spent_usd"]) == ([], {"2026-03-02": 0.5})


def test_what_a_pruned_task_has_spent_still_counts_for_the_budget(made: World) -> None:
    made.models.acts["default"] = [Say(text="ok", input_tokens=1_000_000, output_tokens=0)]
    assert made.apply().code == 0
    other = f"prompt: Other.\nschedule: {MORNING.replace('08:00', '08:30')}\n"
    (made.project.root / "tasks/digest.yaml").unlink()
    made.commit({"tasks/other.yaml": other}, at="2026-03-02T08:00:00Z")
    budget(made, "1")
    assert made.apply("--prune", "--only", "definitions").code == 0
    assert sorted(made.heads()) == ["other"]
    outcome = made.apply()
    assert "the budget `day_usd` of $1.00 is used up: $1.00 are spent" in outcome.err
    assert (len(made.server.journal), list(made.records())) == (1, [RUN])
    assert made.apply(now="2026-03-03T09:00Z").code == 0
    assert len(made.records()) > 1


def test_a_task_that_comes_back_after_it_was_pruned_does_not_get_its_money_back(made: World) -> None:
    made.models.acts["default"] = [Say(text="ok", input_tokens=1_000_000, output_tokens=0)]
    assert made.apply().code == 0
    text = (made.project.root / "tasks/digest.yaml").read_text()
    (made.project.root / "tasks/digest.yaml").unlink()
    made.commit({"tasks/other.yaml": "prompt: Other.\n"}, at="2026-03-02T08:10:00Z")
    assert made.apply("--prune").code == 0
    made.commit({"tasks/digest.yaml": text}, at="2026-03-02T08:20:00Z")
    budget(made, "1")
    assert "is used up" in made.apply().err
