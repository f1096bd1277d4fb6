"""`octops preview`: what the changed tasks of a branch would say, and that nothing comes of it."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.apply.week import tool_texts
from tests.apply.world import KEY, MORNING, Files, World, world
from tests.kit import ROOT, Outcome, clean_environment
from tests.modelserver import Act, Asked, Call, Fault, Hang, Say

DESK = Path(__file__).parent / "servers" / "desk.py"
LATER = "2026-03-02T09:30Z"


def task(prompt: str, keys: str = "") -> str:
    return f"prompt: {prompt}\nschedule: {MORNING}\n{keys}"


TOOLS = "model: tools\nsources: [desk, notes]\nprefetch: [{source: desk, tool: order, arguments: {what: tea}}]\n"
SHAPE = "output: {format: json}\nmodel: shaped\n"
BEFORE = {
    "digest": task("Say how it is.", "model: digest\ndestinations: [{type: file, path: out.md}]\n"),
    "shaped": task("Count.", SHAPE),
    "same": task("Say it.", "model: same\n"),
    "tools": task("Look.", TOOLS),
    "early": task("Early."),
    "gone": task("Gone."),
    "asked": "prompt: Read <<url>>.\nparameters: {url: {description: A page, required: true}}\n",
    "off": task("Off.", "status: paused\n"),
    "untouched": task("Untouched."),
}
AFTER = {
    "digest": BEFORE["digest"].replace("how it is.", "how it is on <<scheduled_date>> as <<run_id>>."),
    "shaped": BEFORE["shaped"].replace("Count.", "Count twice."),
    "same": BEFORE["same"].replace("Say it.", "Say it again."),
    "tools": BEFORE["tools"].replace("Look.", "Look well."),
    "early": BEFORE["early"].replace("08:00", "07:00").replace("Early.", "Early.\ntags: [a]"),
    "asked": BEFORE["asked"].replace("Read", "Read all of"),
    "off": BEFORE["off"].replace("Off.", "Off for now."),
    "fresh": "prompt: New on <<current_date>> as <<run_id>>.\nmodel: fresh\n",
    "breaks": "prompt: Break.\nmodel: breaks\nretry: {attempts: 1}\n",
}
MODELS = dict.fromkeys(("digest", "shaped", "same", "tools", "fresh", "breaks"), "")
NEW = "It is fine.\n```\n</details> @everyone\n::error::x\n" + f"The key is {KEY}."


@dataclass
class Branch:
    made: World
    log: Path
    before: str
    markdown: Outcome
    json: Outcome

    @property
    def previews(self) -> dict[str, dict[str, Any]]:
        return {it["task"]: it for it in json.loads(self.json.out)["previews"]}

    def row(self, id_: str) -> str:
        (row,) = [line for line in self.markdown.out.splitlines() if line.startswith(f"| `{id_}` |")]
        return row

    def section(self, id_: str) -> str:
        return self.markdown.out.split(f"\n#### `{id_}`\n")[1].split("\n#### `")[0]


def files(log: Path, tasks: dict[str, str]) -> Files:
    stdio = f'type: mcp\ntransport: stdio\ncommand: "{sys.executable}"\nargs: ["{DESK}", "{log}"]\n'
    sources = {"sources/desk.yaml": stdio, "sources/notes.yaml": "type: local\ninclude: ['*.md']\n"}
    return {**sources, "notes.md": "Notes.\n", **{f"tasks/{name}.yaml": text for name, text in tasks.items()}}


def tries_every_tool(asked: Asked) -> Act:
    if tool_texts(asked):
        return Say(text="Still tidy.")
    return Say(calls=(Call(name="desk__look"), Call(name="desk__clear"), Call(name="desk__order")))


def start_branch(made: World, tasks: dict[str, str], *, gone: tuple[str, ...] = ()) -> None:
    made.project.git("switch", "-q", "-c", "change")
    for name in gone:
        (made.project.root / f"tasks/{name}.yaml").unlink()
    made.commit({f"tasks/{name}.yaml": text for name, text in tasks.items()}, push=False)


def preview(made: World, *arguments: str, base: str = "main", now: str = LATER, **more: str) -> Outcome:
    return made.octops("preview", "--base", base, "--now", now, *arguments, **more)


def ledger(made: World) -> str:
    """Every byte of every version, and of every other branch and tag where it stands."""
    return made.whole_ledger() + made.git("for-each-ref")


@pytest.fixture(scope="module")
def branch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Branch]:
    folder = tmp_path_factory.mktemp("preview")
    log = folder / "log"
    with world(folder, files(log, BEFORE), models=MODELS) as made:
        made.models.acts = {
            "digest": [Say(text="All was well.\nNo news.")],
            "shaped": [Say(text='{"count": 1}')],
            "same": [Say(text="The same.")],
            "tools": [Say(text="Tidy.")],
        }
        assert made.apply().code == 0
        made.models.acts |= {
            "digest": [Say(text=NEW, input_tokens=120, output_tokens=40)],
            "shaped": [Say(text='```json\n{"count": 2, "of": ["a"]}\n```')],
            "tools": tries_every_tool,
            "breaks": [Fault(status=400, message="no such thing")],
        }
        start_branch(made, AFTER, gone=("gone",))
        (made.project.root / "out.md").unlink(missing_ok=True)
        log.unlink()
        before = ledger(made)
        made.server.journal.clear()
        as_markdown = preview(made)
        yield Branch(made, log, before, as_markdown, preview(made, "--format", "json"))


def test_a_changed_task_answers_beside_its_last_recorded_answer(branch: Branch) -> None:
    text = branch.section("digest")
    assert "The new answer:\n\n````markdown\nIt is fine.\n```\n" in text
    assert "<code>digest&#64;20260302T080000Z</code>, 2026-03-02 08:47 UTC</summary>" in text
    assert "```markdown\nAll was well.\nNo news.\n```" in text
    assert "diff\n@@ -1,2 +1,5 @@\n-All was well.\n-No news.\n+It is fine.\n" in text


def test_tokens_and_cost_are_told_for_each_task_and_for_all(branch: Branch) -> None:
    assert branch.row("digest") == "| `digest` | `prompt` | completed | 160 | $0.0002 |"
    assert "Used 180 tokens in and 70 out, $0.0003, under a cap of $0.50." in branch.markdown.out
    assert json.loads(branch.json.out)["usage"] == {
        "input_tokens": 180,
        "output_tokens": 70,
        "cost_usd": pytest.approx(0.00032),
    }


def test_the_variables_are_those_of_the_latest_slot_and_a_task_without_one_runs_as_preview(branch: Branch) -> None:
    said = {name: str(branch.made.asked(name)[0].body["messages"][-1]["content"]) for name in ("digest", "fresh")}
    assert said["digest"] == "Say how it is on 2026-03-02 as digest@20260302T080000Z."
    assert said["fresh"] == "New on 2026-03-02 as fresh@preview."
    assert branch.previews["digest"]["scheduled_at"] == "2026-03-02T08:00:00Z"


def test_json_answers_are_shown_a_key_a_line(branch: Branch) -> None:
    text = branch.section("shaped")
    assert '```json\n{\n  "count": 2,\n  "of": [\n    "a"\n  ]\n}\n```' in text
    assert '+  "count": 2,\n' in text
    assert branch.previews["shaped"]["last"]["text"] == '{"count": 1}'


def test_an_answer_that_stays_the_same_is_said_once(branch: Branch) -> None:
    text = branch.section("same")
    assert text.count("The same.") == 1
    assert "says the same" in text


def test_a_new_task_has_nothing_to_set_beside_its_answer(branch: Branch) -> None:
    assert "No completed run of this task is recorded" in branch.section("fresh")
    assert branch.previews["fresh"]["last"] is None


def test_a_paused_task_is_asked_too(branch: Branch) -> None:
    assert branch.previews["off"]["status"] == "completed"


@pytest.mark.parametrize(
    ("id_", "reason"),
    [
        ("early", "only its schedule and tags changed"),
        ("gone", "it is deleted"),
        ("asked", "it needs `--param url=…`"),
    ],
)
def test_what_is_not_run_is_told_with_the_reason(branch: Branch, id_: str, reason: str) -> None:
    assert (branch.previews[id_]["status"], branch.previews[id_]["reason"]) == ("not_run", reason)
    assert "not run" in branch.row(id_)


def test_a_task_the_branch_does_not_touch_is_not_named(branch: Branch) -> None:
    assert "untouched" not in branch.markdown.out
    assert list(branch.previews) == sorted({*AFTER, "gone"})


def test_the_model_gets_only_tools_that_promise_to_change_nothing(branch: Branch) -> None:
    first, second = branch.made.asked("tools")[:2]
    offered = [tool["function"]["name"] for tool in first.body["tools"]]
    assert offered == ["desk__look", "notes__list_files", "notes__read_file", "notes__search_files"]
    looked, *refused = tool_texts(second)
    assert looked == "The desk is tidy."
    assert all("there is no tool `desk__" in text for text in refused)
    assert "they do not promise to change nothing: `desk__clear`, `desk__order`." in branch.section("tools")
    assert branch.previews["tools"]["withheld_tools"] == ["desk__clear", "desk__order"]


def test_what_is_prefetched_is_called_as_the_file_says_and_nothing_else_is(branch: Branch) -> None:
    assert branch.log.read_text() == "order tea\n" * 2
    assert "ordered tea" in str(branch.made.asked("tools")[0].body["messages"][-1]["content"])


def test_a_failing_run_is_told_with_its_kind_and_the_others_go_on(branch: Branch) -> None:
    assert (branch.markdown.code, branch.json.code) == (3, 3)
    assert "**Failed** (model): " in branch.section("breaks")
    assert branch.previews["breaks"]["error"]["kind"] == "model"
    assert branch.markdown.out.splitlines()[1] == "### Preview: 7 of 10 tasks run, 1 failed."


def test_nothing_is_recorded_and_nothing_is_delivered(branch: Branch) -> None:
    assert ledger(branch.made) == branch.before
    assert not (branch.made.project.root / "out.md").exists()
    assert branch.made.project.git("status", "--porcelain") == ""


def test_no_key_is_printed(branch: Branch) -> None:
    both = branch.markdown.out + branch.markdown.err + branch.json.out + branch.json.err
    assert (KEY in both, "The key is [redacted]." in branch.markdown.out) == (False, True)


def test_nothing_that_a_model_says_acts_in_a_comment_or_a_log(branch: Branch) -> None:
    from markdown_it import MarkdownIt

    tokens = MarkdownIt("commonmark").enable("table").parse(branch.markdown.out)
    outside = [token.content for token in tokens if token.type != "fence"]
    assert not any("@everyone" in text for text in outside)
    assert re.search(r"^\s*::", branch.markdown.out, re.MULTILINE) is None


def test_only_the_chosen_tasks_are_run_and_an_unchanged_one_says_so(branch: Branch) -> None:
    asked = len(branch.made.server.journal)
    outcome = preview(branch.made, "--task", "same", "--task", "untouched", "--format", "json")
    found = {it["task"]: (it["status"], it["reason"]) for it in json.loads(outcome.out)["previews"]}
    assert found == {"same": ("completed", ""), "untouched": ("not_run", "it has not changed")}
    assert (outcome.code, len(branch.made.server.journal)) == (0, asked + 1)


def test_parameters_reach_the_tasks_that_declare_them(branch: Branch) -> None:
    outcome = preview(branch.made, "--task", "asked", "--task", "same", "--param", "url=https://a.example")
    assert outcome.code == 0, outcome.err
    assert branch.made.asked("default")[-1].body["messages"][-1]["content"] == "Read all of https://a.example."


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--task", "sam"), "unknown-task"),
        (("--param", "colour=red"), "unknown-parameter"),
        (("--base", "nowhere"), "unknown-revision"),
        (("--max-cost", "-1"), ""),
        (("--max-cost", "nan"), ""),
        (("--max-cost", "inf"), ""),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_is_asked(
    branch: Branch, arguments: tuple[str, ...], code: str
) -> None:
    asked = len(branch.made.server.journal)
    outcome = preview(branch.made, *arguments)
    assert (outcome.code, len(branch.made.server.journal)) == (1, asked), outcome.err
    assert f"error[{code}]" in outcome.err if code else "--max-cost" in outcome.err


def test_without_a_key_nothing_is_run(branch: Branch) -> None:
    outcome = preview(branch.made, key="")
    assert (outcome.code, outcome.out) == (1, "")
    assert "error[no-key]" in outcome.err


def test_under_a_cap_that_is_too_small_nothing_is_asked_or_opened_and_the_cap_is_named(branch: Branch) -> None:
    asked, orders = len(branch.made.server.journal), branch.log.read_text()
    outcome = preview(branch.made, "--task", "tools", "--max-cost", "0.0001")
    assert (outcome.code, len(branch.made.server.journal), branch.log.read_text()) == (0, asked, orders)
    plain = outcome.out.replace("\\", "").replace("&#8203;", "")
    assert "not run: the --max-cost of $0.0001 leaves $0.0001, and the next model call needs at least $0." in plain


def test_the_cap_holds_for_all_tasks_together(branch: Branch) -> None:
    branch.made.models.acts["digest"] = [Say(text="Dear.", input_tokens=10, output_tokens=400)]
    outcome = preview(branch.made, "--task", "digest", "--task", "same", "--max-cost", "0.0009", "--format", "json")
    found = {it["task"]: it["status"] for it in json.loads(outcome.out)["previews"]}
    assert found == {"digest": "completed", "same": "not_run"}
    assert json.loads(outcome.out)["usage"]["cost_usd"] <= 0.0009


@pytest.fixture
def small(tmp_path: Path) -> Iterator[World]:
    """A remote, and a branch that changes one prompt."""
    with world(tmp_path, {"tasks/digest.yaml": BEFORE["untouched"]}, models={"odd": ""}, remote=True) as made:
        assert made.apply().code == 0
        start_branch(made, {"digest": AFTER["off"].replace("status: paused\n", "")})
        yield made


def test_the_ledger_of_a_remote_is_read_and_stays_as_it_is(small: World) -> None:
    before = ledger(small)
    outcome = preview(small)
    assert outcome.code == 0, outcome.err
    assert "says the same" in outcome.out
    assert ledger(small) == before


def test_the_last_answer_is_the_newest_completed_one_also_under_an_earlier_name(small: World) -> None:
    small.project.git("switch", "-q", "main")
    small.models.acts["default"] = [Fault(status=400)]
    assert small.apply(now="2026-03-03T08:30Z").code == 3
    small.models.acts["default"] = [Say(text="Another.")]
    small.project.git("switch", "-q", "change")
    moved = small.settings(models={"odd": ""}, more="moved: [{from: digest, to: daily}]\n")
    small.project.git("mv", "tasks/digest.yaml", "tasks/daily.yaml")
    small.commit({"octops.yaml": moved}, push=False)
    outcome = preview(small, "--format", "json", now="2026-03-03T09:00Z")
    (found,) = json.loads(outcome.out)["previews"]
    assert (found["task"], found["moved_from"], found["text"]) == ("daily", "digest", "Another.")
    assert (found["last"]["run"], found["last"]["text"]) == ("digest@20260302T080000Z", "All is well.")


def test_what_came_before_is_judged_from_the_slot_though_that_was_run_since(small: World) -> None:
    small.project.git("switch", "-q", "main")
    assert small.apply(now="2026-03-03T08:30Z").code == 0
    small.project.git("switch", "-q", "change")
    small.commit({"tasks/digest.yaml": task("Since <<previous_run_at>>, <<window_start>>.")}, push=False)
    assert preview(small, now="2026-03-03T09:00Z").code == 0
    said = small.server.journal[-1].body["messages"][-1]["content"]
    assert said == "Since 2026-03-02T08:00:00+00:00, 2026-03-02T08:00:00+00:00."


def test_an_interruption_keeps_what_was_answered_before(small: World) -> None:
    small.models.acts["odd"] = [Hang()]
    small.commit({"tasks/later.yaml": "prompt: x\nmodel: odd\n"}, push=False)
    environment = clean_environment(small.project.root.parent / "home", PYTHONPATH=str(ROOT), TEST_KEY=KEY)
    command = [sys.executable, "-m", "octops", "preview", "--base", "main", "--now", LATER, "--format", "json"]
    process = subprocess.Popen(command, cwd=small.project.root, env=environment, stdout=-1, stderr=-1)
    deadline = time.monotonic() + 60
    while not small.asked("odd") and time.monotonic() < deadline:
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=30)
    told = {it["task"]: (it["status"], it["reason"]) for it in json.loads(out)["previews"]}
    assert (process.returncode, told) == (
        130,
        {"digest": ("completed", ""), "later": ("not_run", "the preview was interrupted")},
    )


def test_without_changes_there_is_nothing_to_ask(small: World) -> None:
    asked = len(small.server.journal)
    outcome = preview(small, base="HEAD", key="")
    assert (outcome.code, len(small.server.journal)) == (0, asked)
    assert outcome.out.startswith("<!-- octops-preview -->\nNo changes. octops compared")


def test_a_model_without_a_known_price_fails_under_the_cap_as_under_an_apply(small: World) -> None:
    settings = small.settings({"odd": f'model: openai/odd-9, api_base: "{small.server.openai_base}", price: null'})
    small.commit({"octops.yaml": settings.replace(", price: null", ""), "tasks/digest.yaml": "prompt: x\nmodel: odd\n"})
    outcome = preview(small)
    assert outcome.code == 3, outcome.out + outcome.err
    assert "price of" in outcome.out


def test_files_with_mistakes_are_told_as_a_plan_tells_them(small: World) -> None:
    small.project.write({"tasks/digest.yaml": "prompt: x\nskills: [nothing]\n"})
    outcome = preview(small)
    assert outcome.code == 1
    assert outcome.out.startswith("<!-- octops-preview -->\n### This cannot be planned: 1 error")
    assert "error[unknown-skill]" in outcome.err


def test_a_shallow_clone_is_enough(small: World, tmp_path: Path) -> None:
    small.project.git("push", "-q", "origin", "change")
    shallow = tmp_path / "shallow"
    small.project.git("clone", "-q", "--depth=1", "--branch=change", f"file://{small.remote}", str(shallow))
    small.project.git("-C", str(shallow), "fetch", "-q", "--depth=1", "origin", "main:refs/remotes/origin/main")
    outcome = preview(small, "-C", str(shallow), base="origin/main")
    assert outcome.code == 0, outcome.err
    assert "Preview: 1 of 1 task run." in outcome.out


def test_a_ledger_out_of_reach_is_an_error_unless_it_is_not_asked_for(small: World) -> None:
    small.project.git("remote", "set-url", "origin", str(small.project.root.parent / "nowhere.git"))
    assert preview(small).code == 1
    assert preview(small, "--refresh=false").code == 0


def job(folder: Path, made: World, *, head: str, event: str = "pull_request", **more: str) -> dict[str, str]:
    """A job of `ada/reports`, which lies where the remote does, for a pull request from the repository `head`."""
    payload = {
        "repository": {"full_name": "ada/reports", "default_branch": "main", "fork": False},
        "pull_request": {"head": {"repo": {"full_name": head}}},
    }
    (folder / "event.json").write_text(json.dumps(payload))
    return {
        "GITHUB_ACTIONS": "true",
        "GITHUB_EVENT_NAME": event,
        "GITHUB_EVENT_PATH": str(folder / "event.json"),
        "GITHUB_REPOSITORY": "ada/reports",
        "GITHUB_SERVER_URL": str(folder),
        "GITHUB_STEP_SUMMARY": str(folder / "summary.md"),
        "GITHUB_OUTPUT": str(folder / "outputs"),
        **more,
    }


@pytest.fixture
def home(small: World, tmp_path: Path) -> World:
    """The remote lies where the job's repository does."""
    (tmp_path / "ada").mkdir()
    (tmp_path / "ada/reports.git").symlink_to(tmp_path / "remote.git")
    small.project.git("remote", "set-url", "origin", str(tmp_path / "ada/reports.git"))
    return small


def allow_forks(made: World) -> None:
    made.project.git("switch", "-q", "main")
    made.commit({"octops.yaml": made.settings(models={"odd": ""}, more="preview: {forks: true}\n")})
    made.project.git("switch", "-q", "change")


def test_in_a_job_of_the_repositorys_own_pull_request_it_runs_and_tells_the_job(home: World, tmp_path: Path) -> None:
    outcome = preview(home, **job(tmp_path, home, head="ada/reports"))
    assert outcome.code == 0, outcome.err
    outputs = dict(line.split("=", 1) for line in (tmp_path / "outputs").read_text().splitlines())
    assert outputs == {"changes": "1", "due": "1", "failed": "0", "summary": "Preview: 1 of 1 task run."}
    assert (tmp_path / "summary.md").read_text().strip() == outcome.out.strip()


@pytest.mark.parametrize("event", ["pull_request", "pull_request_target"])
def test_a_fork_is_refused_before_anything_is_started(home: World, tmp_path: Path, event: str) -> None:
    asked = len(home.server.journal)
    outcome = preview(home, **job(tmp_path, home, head="mallory/reports", event=event))
    assert (outcome.code, outcome.out, len(home.server.journal)) == (1, "", asked)
    assert "error[fork]" in outcome.err


def test_a_fork_cannot_let_itself_in(home: World, tmp_path: Path) -> None:
    home.commit({"octops.yaml": home.settings(models={"odd": ""}, more="preview: {forks: true}\n")}, push=False)
    assert preview(home, **job(tmp_path, home, head="mallory/reports")).code == 1


def test_the_default_branch_can_let_forks_in(home: World, tmp_path: Path) -> None:
    allow_forks(home)
    outcome = preview(home, **job(tmp_path, home, head="mallory/reports"))
    assert outcome.code == 0, outcome.err


def test_the_default_branch_of_the_fork_that_was_checked_out_has_no_say(home: World, tmp_path: Path) -> None:
    allow_forks(home)
    environment = job(tmp_path, home, head="mallory/reports", GITHUB_REPOSITORY="ada/original")
    assert preview(home, **environment).code == 1
