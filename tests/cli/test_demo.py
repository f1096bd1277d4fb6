"""`octops demo` with a model server on loopback standing in for the model; everything else is real."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from octops.app.demonstrating import TASKS, Asked, example_files, schema_files, with_model
from octops.declare.file import Files, SourceFile, blob_id
from octops.declare.load import declare
from octops.plan.effects import effects
from tests.kit import ROOT, GitProject, Outcome, clean_environment
from tests.modelserver import Asked as Request
from tests.modelserver import Call, Fault, Hang, ModelServer, Say

TRIAGE = '{"sender": "Mira", "topic": "boarding", "urgent": true, "summary": "25 booked, 20 on the pass"}'


def answer(request: Request) -> Say:
    if "support message" not in str(request.body["messages"]):
        return Say(text="## New\n- bicycles\x1b[2J", input_tokens=374, output_tokens=20)
    called = any(message["role"] == "tool" for message in request.body["messages"])
    if not called:
        return Say(calls=(Call(name="inbox__read_file", arguments={"path": "latest.md"}),))
    return Say(text=TRIAGE, input_tokens=333, output_tokens=58)


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer(answer) as server:
        yield server


@pytest.fixture
def here(tmp_path: Path) -> GitProject:
    """An ordinary folder: the demo neither needs a repository nor touches one."""
    root = tmp_path / "here"
    root.mkdir()
    return GitProject(root)


def demo(here: GitProject, server: ModelServer, *arguments: str, **environment: str) -> Outcome:
    return here.octops(
        "demo", "--model", "openai/gpt-5-mini", "--api-base", server.openai_base, *arguments, **environment
    )


def test_it_plans_runs_records_and_shows_a_changed_prompt(here: GitProject, server: ModelServer) -> None:
    outcome = demo(here, server)

    assert outcome.code == 0, outcome.err
    told = re.findall(r"^(\d)\. ", outcome.out, re.MULTILINE)
    assert told == ["1", "2", "3", "4", "5"]
    for text in (
        "Runs: 2 due (2 late), 0 missed, 0 blocked.",
        '"sender": "Mira"',
        "    - bicycles\\x1b[2J",
        "octops/runs on ",
        "will be updated in-place (modified: prompt)",
    ):
        assert text in outcome.out
    assert re.search(r"record  runs/\d{4}/\d\d/\d\d/support-triage--\d{8}T\d{6}Z\.json", outcome.out)
    assert "calls inbox__read_file" in outcome.err
    assert list(here.root.iterdir()) == []


def test_it_needs_no_git_identity_and_no_home(here: GitProject, server: ModelServer, tmp_path: Path) -> None:
    given = clean_environment(tmp_path / "home", PYTHONPATH=str(ROOT), HOME="/proc/nobody")
    environment = {name: value for name, value in given.items() if not name.startswith("GIT_")}
    words = ["demo", "--model", "openai/gpt-5-mini", "--api-base", server.openai_base]
    done = subprocess.run(
        [sys.executable, "-m", "octops", *words], cwd=here.root, env=environment, capture_output=True, check=False
    )
    assert (done.returncode, done.stdout.count(b"  record  runs/")) == (0, 2), done.stderr.decode()


def test_the_model_can_be_named_by_the_environment(here: GitProject) -> None:
    outcome = here.octops("demo", OCTOPS_DEMO_MODEL="local/gpt-9")
    assert (outcome.code, "there is no local model `local/gpt-9`" in outcome.err) == (1, True)


def test_the_scratch_repository_is_gone_afterwards(here: GitProject, server: ModelServer, tmp_path: Path) -> None:
    folder = tmp_path / "tmp"
    folder.mkdir()
    assert demo(here, server, TMPDIR=str(folder)).code == 0
    assert list(folder.iterdir()) == []


def test_keep_leaves_a_repository_in_which_every_command_works(here: GitProject, server: ModelServer) -> None:
    outcome = demo(here, server, "--keep", "harbour")

    assert outcome.code == 0, outcome.err
    project = GitProject(here.root / "harbour/project")
    commit = re.findall(r"commit  ([0-9a-f]{40})", outcome.out)[0]
    assert project.git("ls-remote", "origin", "refs/heads/octops/runs").startswith(commit)
    assert project.octops("validate", "--strict").code == 0
    assert TRIAGE in project.octops("show", "support-triage").out
    assert "modified: prompt" in project.octops("plan").out
    assert project.git("status", "--porcelain") == f"M tasks/{TASKS[0]}.yaml"
    assert len(project.git("log", "--format=%H", "main").split()) == 2


@pytest.mark.parametrize("there", ["file", "full"])
def test_a_folder_that_is_not_empty_stays_as_it_is(here: GitProject, server: ModelServer, there: str) -> None:
    path = "harbour" if there == "file" else "harbour/mine.txt"
    here.write({path: "mine"})
    outcome = demo(here, server, "--keep", "harbour")

    assert outcome.code == 1
    assert "is not an empty folder" in outcome.err
    assert (here.root / path).read_text() == "mine"
    assert server.journal == []


def test_a_model_without_its_key_is_refused_and_nothing_is_left(here: GitProject) -> None:
    outcome = here.octops("demo", "--model", "openai/gpt-5-mini", "--keep", "new/harbour")

    assert outcome.code == 1
    assert "`OPENAI_API_KEY` is not set" in outcome.err
    assert list(here.root.iterdir()) == []


def test_an_empty_folder_that_was_there_is_empty_again(here: GitProject) -> None:
    (here.root / "harbour").mkdir()
    here.octops("demo", "--model", "openai/gpt-5-mini", "--keep", "harbour")
    assert list((here.root / "harbour").iterdir()) == []


def test_a_run_that_fails_is_recorded_and_told(here: GitProject) -> None:
    with ModelServer(otherwise=Fault(status=400, message="no such model")) as server:
        outcome = demo(here, server)

    assert outcome.code == 3
    assert "failed (model): " in outcome.out
    assert "record  runs/" in outcome.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--model", "local/gpt-9"], "there is no local model `local/gpt-9`"),
        (["--model", "a model"], "is not a model id"),
        (["--model", "nobody/knows-this"], "the price of `nobody/knows-this` is not known"),
        (["--model", "openai/gpt-5-mini", "--api-base", "localhost"], "is not the address of a model server"),
    ],
)
def test_what_cannot_be_asked_is_refused_before_anything_is_made(
    here: GitProject, arguments: list[str], said: str
) -> None:
    outcome = here.octops("demo", *arguments, "--keep", "harbour")

    assert outcome.code == 1
    assert said in outcome.err
    assert list(here.root.iterdir()) == []


def test_without_git_it_says_so(here: GitProject, server: ModelServer, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    outcome = demo(here, server, PATH=str(tmp_path / "bin"))

    assert outcome.code == 1
    assert "`git` was not found" in outcome.err
    assert "install git" in outcome.err


@pytest.mark.skipif(os.geteuid() == 0, reason="root can write anywhere")
def test_a_folder_that_cannot_be_written_is_said(here: GitProject, server: ModelServer) -> None:
    (here.root / "closed").mkdir(mode=0o500)
    outcome = demo(here, server, "--keep", "closed/harbour")

    assert outcome.code == 1
    assert "cannot be written" in outcome.err


def test_without_a_temporary_folder_it_says_what_to_do(here: GitProject, server: ModelServer) -> None:
    outcome = demo(here, server, "--keep", "/proc/harbour")

    assert outcome.code == 1
    assert "cannot be written" in outcome.err
    assert "Traceback" not in outcome.err


def test_nothing_is_pulled_without_a_yes(here: GitProject) -> None:
    """Without a model it is the recommended local one, and a pull is asked for; here nobody can say yes."""
    pytest.importorskip("xllamacpp", reason="the extra `local` is not installed")
    outcome = here.octops("demo", "--keep", "harbour")

    assert outcome.code == 1
    assert "local/qwen2.5-coder-1.5b" in outcome.err
    assert list(here.root.iterdir()) == []


def read(files: dict[str, str]) -> Files:
    contents = {path: text.encode() for path, text in files.items()}
    return Files(tuple(SourceFile(path, content, blob_id(content)) for path, content in contents.items()))


def test_its_tasks_write_files_and_need_nothing_but_a_model() -> None:
    asked = Asked(model="local/qwen2.5-coder-0.5b")
    files = {path: text for path, text in example_files().items() if path.split("/")[0] not in ("inbox", "log")}
    project = declare(read({**files, "octops.yaml": with_model(files["octops.yaml"], asked)})).project

    for id_ in TASKS:
        task = project.tasks[id_]  # type: ignore[index]
        reached = effects(task, project)
        assert (reached.hosts, reached.secrets, reached.commands) == ((), (), ())
        assert reached.models == ("local/qwen2.5-coder-0.5b",)


def test_a_known_price_is_not_talked_away() -> None:
    settings = example_files()["octops.yaml"]
    assert "price" not in with_model(settings, Asked(model="openai/gpt-5-mini", api_base="http://localhost:1/v1"))
    assert "price" in with_model(settings, Asked(model="mine", api_base="http://localhost:1/v1"))


def test_every_file_still_leads_editors_to_its_schema() -> None:
    for path, text in example_files().items():
        if found := re.search(r"\$schema=(\S+)", text):
            assert os.path.normpath(Path(path).parent / found[1]) in schema_files()


def test_an_interrupt_leaves_nothing_behind(here: GitProject, tmp_path: Path) -> None:
    (tmp_path / "tmp").mkdir()
    environment = clean_environment(tmp_path / "home", PYTHONPATH=str(ROOT), TMPDIR=str(tmp_path / "tmp"))
    with ModelServer(otherwise=Hang()) as server:
        process = subprocess.Popen(
            [sys.executable, "-m", "octops", "demo", "--model", "openai/gpt-5-mini", "--api-base", server.openai_base],
            cwd=here.root,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        give_up_at = time.monotonic() + 60
        while not server.journal and time.monotonic() < give_up_at:
            time.sleep(0.05)
        assert server.journal, "the model was never asked"
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)

    assert (process.returncode, b"Traceback" in said) == (130, False)
    assert list((tmp_path / "tmp").glob("octops-demo-*")) == []
