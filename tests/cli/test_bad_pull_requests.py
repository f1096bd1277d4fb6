"""Pull requests nobody wishes for, as `octops plan --base` tells of them: correct, bounded and inert, or refused."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.apply import warm
from tests.cli.inert import LIMIT, acting_in_annotations, acting_in_markdown, acting_on_a_terminal
from tests.kit import SMALL_PROJECT, GitProject, Outcome, git_project
from tests.platforms.servers import Fault, github, gitlab

NOW = "2026-03-02T08:47Z"
TASK = str(SMALL_PROJECT["tasks/daily-digest.yaml"])
SETTINGS = str(SMALL_PROJECT["octops.yaml"])
SELF_RELIANT = "prompt: Say it.\nmodel: anthropic/claude-sonnet-4-5\nschedule: {frequency: daily, at: '18:00'}\n"
MANY = 1_000

Edit = Callable[[GitProject], object]


@dataclass(frozen=True)
class Case:
    """What a branch does to a project, and what is told of it."""

    name: str
    edit: Edit
    says: tuple[str, ...]
    """Words of the Markdown."""
    code: int = 0
    annotated: tuple[str, ...] = ()
    """Words of the annotations."""
    files: tuple[tuple[str, str], ...] = ()
    """Files of the base, beside or instead of the small project's."""


def plan(project: GitProject, format_: str, base: str = "base") -> Outcome:
    return warm.octops(project.root, ("plan", f"--base={base}", "--format", format_, "--now", NOW), {})


def branch(folder: Path, edit: Edit, files: tuple[tuple[str, str], ...] = ()) -> GitProject:
    """A commit on `change`, made of the small project on `base`."""
    project = git_project(folder, {**SMALL_PROJECT, **dict(files)})
    project.git("branch", "base")
    project.git("switch", "-q", "-c", "change")
    edit(project)
    project.commit()
    return project


def write(files: dict[str, str]) -> Edit:
    return lambda project: project.write(dict(files))


def remove(*paths: str) -> Edit:
    return lambda project: [(project.root / path).unlink() for path in paths]


def rename_all(project: GitProject) -> None:
    for task in sorted((project.root / "tasks").iterdir()):
        task.rename(task.with_name(f"new-{task.name}"))


def thousand(project: GitProject) -> None:
    hook = "destinations: [{{type: webhook, url: 'https://host-{0}.example.com/x'}}]\n"
    project.write({f"tasks/t{at:04}.yaml": f"prompt: Do {at}.\n{hook.format(at)}" for at in range(MANY)})
    source = "type: mcp\ntransport: stdio\ncommand: rm\nargs: ['-rf', build]\n"
    project.write({"tasks/zz.yaml": "prompt: x\nsources: [clean]\n", "sources/clean.yaml": source})


def rename_a_thousand(project: GitProject) -> None:
    (project.root / "tasks").rename(project.root / "old")
    for task in sorted((project.root / "old").iterdir()):
        project.write({f"tasks/new-{task.name}": task.read_bytes()})
        task.unlink()


CASES = [
    Case(
        name="a merge conflict in a task",
        edit=write({"tasks/daily-digest.yaml": "<<<<<<< ours\nprompt: a\n=======\nprompt: b\n>>>>>>> theirs\n"}),
        code=1,
        says=("### This cannot be planned: 1 error", "error[merge-conflict]", "tasks/daily-digest.yaml:1:1"),
        annotated=("::error file=tasks/daily-digest.yaml,line=1,col=1,endLine=1,title=merge-conflict::",),
    ),
    Case(
        name="octops.yaml deleted, which tasks need",
        edit=remove("octops.yaml"),
        code=1,
        says=("### This cannot be planned: 2 errors", "error[missing-model]", "error[unknown-variable]"),
        annotated=("title=missing-model::", "title=unknown-variable::"),
    ),
    Case(
        name="octops.yaml deleted, which no task needs",
        edit=remove("octops.yaml"),
        says=("octops\\.yaml is deleted", "`budget.day_usd` was `5` and is `not set`", "updated: `timezone`"),
        annotated=("::warning title=settings-deleted::octops.yaml is deleted",),
        files=(("tasks/daily-digest.yaml", SELF_RELIANT), ("octops.yaml", SETTINGS + "budget: {day_usd: 5}\n")),
    ),
    Case(
        name="a budget raised, which no task shows",
        edit=write({"octops.yaml": SETTINGS + "budget: {month_usd: 5000}\nrecords: {branch: elsewhere}\n"}),
        says=(
            "No changes.",
            "`budget.month_usd` was `5` and is `5000`",
            "`records.branch` was `octops/runs` and is `elsewhere`",
        ),
        annotated=("title=settings-changed::",),
        files=(("octops.yaml", SETTINGS + "budget: {month_usd: 5}\n"),),
    ),
    Case(
        name="every task renamed",
        edit=rename_all,
        says=(
            "### Plan: 2 to add, 0 to change, 2 to destroy.",
            "add `{from: daily-digest, to: new-daily-digest}` to the list `moved` in octops",
            "add `{from: other, to: new-other}` to the list `moved` in octops",
        ),
        annotated=("::notice file=tasks/new-other.yaml,line=1,col=1,endLine=1,title=maybe-renamed::",),
        files=(("tasks/other.yaml", "prompt: Something else.\n"),),
    ),
    Case(
        name="workflows edited",
        edit=write(
            {
                ".github/workflows/octops-apply.yml": "on: pull_request_target\n",
                ".github/workflows/`a` @everyone ![x](y).yml": "on: push\n",
                ".gitlab-ci.yml": "a: b\n",
                ".github/CODEOWNERS": "* @ada\n",
            }
        ),
        says=(
            "No changes.",
            "- workflow files are edited\\: `.github/workflows/'a' @everyone ![x](y).yml`\\, ",
            "\\, `.github/workflows/octops-apply.yml`\\, `.gitlab-ci.yml`\\;",
        ),
        annotated=("::warning title=workflows-edited::workflow files are edited: ",),
        files=((".github/workflows/octops-apply.yml", "on: push\n"),),
    ),
    Case(
        name="a workflow deleted beside a task added",
        edit=lambda project: (remove(".gitlab-ci.yml")(project), project.write({"tasks/new.yaml": "prompt: x\n"})),
        says=("### Plan: 1 to add", "workflow files are edited\\: `.gitlab-ci.yml`"),
        annotated=("title=workflows-edited::",),
        files=((".gitlab-ci.yml", "a: b\n"),),
    ),
    Case(
        name="a thousand tasks added",
        edit=thousand,
        says=(
            "### Plan: 1,001 to add",
            "- `task.t0000`: new recipient `t0000-1: https://host-0.example.com/x`",
            "`task.t0002` and 998 more tasks: new host `api.anthropic.com`",
            "- `task.zz`: new command `rm -rf build`",
            " more things to look at did not fit",
            " more changed tasks did not fit into this comment.",
        ),
        annotated=("title=look-at-this::task `zz`: ", "; new command rm -rf build; ", " warnings more: "),
    ),
    Case(
        name="a thousand tasks renamed",
        edit=rename_a_thousand,
        says=(
            "### Plan: 1,001 to add, 0 to change, 1,001 to destroy.",
            "add `{from: daily-digest, to: new-daily-digest}` to the list `moved`",
            " more notes did not fit into this comment.",
        ),
        annotated=(" notes more: ",),
        files=tuple((f"tasks/t{at:04}.yaml", f"prompt: Do {at} of many.\n") for at in range(MANY)),
    ),
]

WORDS = {
    "fences": "``` ```` `````\n```\n</details>\n```",
    "a mention": "@everyone @ada @org/team #1",
    "html": "<img src=x onerror=alert(1)> </code></summary></details><script>alert(1)</script>",
    "links": "]() ](x) [a](javascript:alert(1)) ![p](https://evil.example/p.png) <https://evil.example> www.e.example",
    "workflow commands": "::set-output name=a::b\n::error::x\n##[command]rm\n ::warning::y",
    "colours": "\x1b[31mred\x1b]0;title\x07 \x9b1m",
    "a right-to-left override": "abc \u202edcba\u202c",
    "tables and headings": "| a | b |\n# heading\n---\n> quote",
}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_bad_pull_request_is_told_right_bounded_and_inert(tmp_path: Path, case: Case) -> None:
    project = branch(tmp_path, case.edit, case.files)
    started = time.monotonic()
    told, annotated = plan(project, "markdown"), plan(project, "github")
    assert time.monotonic() - started < 60
    assert (told.code, annotated.code) == (case.code, case.code), told.err
    assert [words for words in case.says if words not in told.out] == []
    assert [words for words in case.annotated if words not in annotated.out] == []
    assert len(told.out.encode("utf-16-le")) // 2 <= LIMIT
    assert acting_in_markdown(told.out) == []
    assert acting_in_annotations(annotated.out) == []
    assert "Traceback" not in told.err + annotated.err


@pytest.mark.parametrize("place", ["prompt", "name", "skill", "destination", "variable", "file name"])
@pytest.mark.parametrize("words", WORDS.values(), ids=WORDS)
def test_hostile_words_act_nowhere(tmp_path: Path, words: str, place: str) -> None:
    project = branch(tmp_path, lambda project: project.write(_with(words, place)))
    told, annotated, shown = (plan(project, format_) for format_ in ("markdown", "github", "text"))
    assert told.code == annotated.code == shown.code
    assert told.code == (0 if " ".join(words.split()).isprintable() and place != "file name" else told.code), told.err
    assert len(told.out) > 100
    assert acting_in_markdown(told.out) == []
    assert acting_in_annotations(annotated.out) == []
    assert acting_on_a_terminal(shown.out + shown.err + told.err) == []
    assert "Traceback" not in told.err + annotated.err + shown.err


def _with(words: str, place: str) -> dict[str, str | bytes]:
    one_line = " ".join(words.split())
    match place:
        case "prompt":
            return {"tasks/new.yaml": json.dumps({"prompt": words}, ensure_ascii=False)}
        case "name":
            return {"tasks/new.yaml": json.dumps({"prompt": "x", "name": one_line}, ensure_ascii=False)}
        case "skill":
            text = f"---\nname: bad\ndescription: {json.dumps(one_line, ensure_ascii=False)}\n---\n{words}\n"
            return {"skills/bad.md": text, "tasks/new.yaml": "prompt: x\nskills: [bad]\n"}
        case "destination":
            # An empty name in a path is refused: it would never come into a plan.
            page = {"type": "file", "path": f"pages/{one_line.replace('//', '/')}.md", "label": one_line}
            task = "prompt: x\ndestinations: [bad]\n"
            return {"destinations/bad.yaml": json.dumps(page, ensure_ascii=False), "tasks/new.yaml": task}
        case "variable":
            variables = {"organization_name": words}
            settings = SETTINGS.replace("  organization_name: Example Ltd\n", "").replace("variables:\n", "")
            return {"octops.yaml": f"{settings}variables: {json.dumps(variables, ensure_ascii=False)}\n"}
        case _:
            return {f"tasks/{one_line.replace('/', '')}.yaml": "prompt: x\n"}


@pytest.mark.parametrize("base", ["origin/main", "no such", "--upload-pack=x", "`@everyone` <img>", "main..base"])
@pytest.mark.parametrize("format_", ["text", "markdown", "github"])
def test_a_base_that_does_not_exist_is_an_error_that_says_so(project: GitProject, base: str, format_: str) -> None:
    outcome = plan(project, format_, base)
    assert outcome.code == 1
    assert "there is no revision" in outcome.err + outcome.out
    assert acting_in_markdown(outcome.out) == [] or format_ == "github"


def test_a_base_of_the_remote_that_is_not_here_is_fetched_first(project: GitProject) -> None:
    assert "  = help: fetch it first: `git fetch origin main`\n" in plan(project, "text", "origin/main").err


@pytest.fixture
def shallow(tmp_path: Path) -> GitProject:
    """A clone without the commit where the branch left; on `main` another task was added since then."""
    project = git_project(tmp_path, SMALL_PROJECT)
    project.git("switch", "-q", "-c", "change")
    for words in ("product", "person"):
        project.write({"tasks/daily-digest.yaml": TASK.replace("by team", f"by {words}")}).commit()
    project.git("switch", "-q", "main")
    for name in ("one", "two"):
        project.write({f"tasks/{name}.yaml": f"prompt: Say {name}.\n"}).commit()
    project.git("switch", "-q", "change")
    clone = tmp_path / "clone"
    project.git("clone", "-q", "--depth=2", "--no-single-branch", project.root.as_uri(), str(clone))
    return GitProject(clone)


def test_a_shallow_clone_without_the_merge_base_is_warned_of_first(shallow: GitProject) -> None:
    told, annotated = plan(shallow, "markdown", "origin/main"), plan(shallow, "github", "origin/main")
    assert told.code == annotated.code == 0
    first = told.out[told.out.index("Look at these first") :].splitlines()[2]
    assert "compared with its tip instead" in first
    assert "`git fetch --unshallow`" in first
    assert annotated.out.startswith("::warning title=no-merge-base::")
    assert acting_in_markdown(told.out) == acting_in_annotations(annotated.out) == []


def test_with_the_whole_history_what_main_gained_is_no_part_of_the_branch(shallow: GitProject) -> None:
    shallow.git("fetch", "-q", "--unshallow")
    told = plan(shallow, "markdown", "origin/main")
    assert "### Plan: 0 to add, 1 to change, 0 to destroy." in told.out
    assert "merge" not in told.out


def test_histories_with_nothing_in_common_are_compared_and_it_is_said(project: GitProject) -> None:
    project.git("checkout", "-q", "--orphan", "base")
    project.commit()
    project.git("switch", "-q", "main")
    told = plan(project, "markdown")
    assert told.code == 0
    assert "`base` and this branch have no commit in common" in told.out


NOTHING_ELSE: dict[str, str] = {}
A_SKILL = {"skills/more.md": "---\nname: more\ndescription: More\n---\nBe kind.\n"}


@pytest.mark.parametrize("beside", [NOTHING_ELSE, A_SKILL], ids=["only tasks differ", "every file is read"])
def test_a_branch_that_mends_a_broken_base_shows_only_what_it_mends(tmp_path: Path, beside: dict[str, str]) -> None:
    mended = write({"tasks/bad.yaml": "prompt: x\n", **beside})
    told = plan(branch(tmp_path, mended, (("tasks/bad.yaml", "promt: x\n"),)), "markdown")
    assert told.code == 0
    assert "### Plan: 1 to add, 0 to change, 0 to destroy." in told.out
    assert "the files at `base` are not valid" in told.out


@pytest.mark.parametrize("beside", [NOTHING_ELSE, A_SKILL], ids=["only tasks differ", "every file is read"])
def test_a_warning_that_was_there_before_is_not_told_again(tmp_path: Path, beside: dict[str, str]) -> None:
    """`validate`, and the plan without `--base`, tell of it."""
    old = ("tasks/warned.yaml", "prompt: Hi {{organization_name}}\n")
    edited = write({"tasks/new.yaml": "prompt: Hello {{organization_name}}\n", **beside})
    told = plan(branch(tmp_path, edited, (old,)), "markdown").out
    assert "`tasks/new.yaml:1`" in told
    assert "warned" not in told


def test_a_skill_that_is_deleted_under_tasks_that_stayed_is_an_error(tmp_path: Path) -> None:
    project = branch(tmp_path, remove("skills/writing-style/SKILL.md"))
    assert "error[unknown-skill]: task `daily-digest` uses skill `writing-style`" in plan(project, "markdown").out


def test_a_task_whose_id_another_file_has_is_an_error_though_that_file_stayed(tmp_path: Path) -> None:
    project = branch(tmp_path, write({"tasks/more/daily-digest.yaml": "prompt: x\n"}))
    outcome = plan(project, "markdown")
    assert outcome.code == 1
    assert "error[duplicate-id]" in outcome.out


def test_quiet_is_not_silent_about_workflows(tmp_path: Path) -> None:
    project = branch(tmp_path, write({".github/workflows/a.yml": "on: push\n"}))
    arguments = ("--base", "base", "--quiet-if-unchanged", "--format", "markdown", "--now", NOW)
    assert "workflow files are edited" in project.octops("plan", *arguments).out


def test_workflows_are_seen_from_a_project_below_the_top_too(tmp_path: Path) -> None:
    project = git_project(tmp_path, {f"reports/{name}": text for name, text in SMALL_PROJECT.items()})
    project.git("branch", "base")
    project.write({".github/workflows/a.yml": "on: push\n"}).commit()
    told = project.octops("-C", "reports", "plan", "--base", "base", "--format", "markdown", "--now", NOW)
    assert "workflow files are edited\\: `.github/workflows/a.yml`" in told.out


@pytest.mark.parametrize("platform", [github, gitlab], ids=["github", "gitlab"])
@pytest.mark.parametrize("status", [429, 503])
def test_a_platform_that_stays_unwell_was_asked_again_and_the_text_is_kept(
    tmp_path: Path, platform: Callable[..., object], status: int
) -> None:
    project = branch(tmp_path, write({"tasks/new.yaml": "prompt: x\n"}))
    with platform() as server:  # type: ignore[attr-defined]
        server.faults = [Fault(status, {"retry-after": "0"}) for _ in range(20)]
        outcome = project.octops(
            *("comment", "--pr", "12", "--base", "base", "--now", NOW, "--repo", "ada/reports"),
            *("--platform", platform.__name__),
            GITHUB_TOKEN=server.token,
            GITLAB_TOKEN=server.token,
            GITHUB_API_URL=server.url,
            CI_API_V4_URL=server.url,
            RUNNER_TEMP=str(tmp_path),
        )
        attempts = 20 - len(server.faults)
    assert outcome.code == 1
    assert attempts > 1
    assert str(status) in outcome.err
    (kept,) = re.findall(r"the text of the comment is in (\S+)", outcome.err)
    assert "### Plan: 1 to add" in Path(kept).read_text()
    assert server.token not in outcome.err + outcome.out


def test_a_task_that_reads_the_same_is_no_change_and_counted_with_those_that_were_not_read(tmp_path: Path) -> None:
    edited = write({"tasks/daily-digest.yaml": f"# a comment\n{TASK}"})
    project = branch(tmp_path, edited, (("tasks/other.yaml", "prompt: x\n"),))
    assert "No changes. 2 tasks are the same at both commits.\n" in plan(project, "text").out
