from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from octops import __version__
from octops.ci.templates import FILES, Facts, minutes, workflows
from tests.kit import ROOT, SMALL_PROJECT, GitProject, git_project

WORKFLOWS = [
    ".github/workflows/octops-apply.yml",
    ".github/workflows/octops-comment.yml",
    ".github/workflows/octops-plan.yml",
]


def texts(project: GitProject) -> dict[str, str]:
    return {path: (project.root / path).read_text() for path in WORKFLOWS}


def test_github_gets_a_plan_a_comment_and_a_timer(project: GitProject) -> None:
    outcome = project.octops("init", "--ci", "github")
    assert outcome.code == 0, outcome.err
    assert all(f"created  {path}" in outcome.out for path in WORKFLOWS)
    assert all(yaml.safe_load(text)["permissions"] == {} for text in texts(project).values())


def test_what_is_there_stays(project: GitProject) -> None:
    project.write({WORKFLOWS[0]: "mine\n"})
    outcome = project.octops("init", "--ci", "github")
    assert f"kept     {WORKFLOWS[0]}" in outcome.out
    assert texts(project)[WORKFLOWS[0]] == "mine\n"


def test_the_keys_the_tasks_need_are_handed_over_by_name(project: GitProject) -> None:
    project.octops("init", "--ci", "github")
    written = texts(project)
    assert "ANTHROPIC_API_KEY: ${{ secrets.ANTHROPIC_API_KEY }}" in written[WORKFLOWS[0]]
    assert not any("secrets." in written[path] for path in WORKFLOWS[1:])


def with_secrets(*names: str) -> dict[str, str]:
    """A project with one webhook for each, signed with the secret of that name."""
    hooks = {
        f"destinations/hook-{number}.yaml": f"type: webhook\nurl: https://hooks.example.com/\nsecret: {{env: {name}}}\n"
        for number, name in enumerate(names)
    }
    ids = ", ".join(f"hook-{number}" for number in range(len(names)))
    text = str(SMALL_PROJECT["tasks/daily-digest.yaml"])
    task = re.sub(r"(?m)^destinations: .*$", f"destinations: [{ids}]", text)
    assert task != text
    return {**SMALL_PROJECT, **hooks, "tasks/daily-digest.yaml": task}


def test_a_secret_may_have_any_name_the_script_has_a_use_for(tmp_path: Path) -> None:
    names = ("TOKEN", "TASK", "PARAMETERS", "SHARDS", "REPOSITORY", "GITHUB_TOKEN")
    project = git_project(tmp_path, with_secrets(*names))
    assert project.octops("init", "--ci", "github").code == 0
    (job,) = yaml.safe_load(texts(project)[WORKFLOWS[0]])["jobs"].values()
    (given,) = [step["env"] for step in job["steps"] if "env" in step]
    assert {name: given[name] for name in names} == {name: f"${{{{ secrets.{name} }}}}" for name in names}
    assert all(name in names or name.startswith("OCTOPS_") for name in given.keys() - {"ANTHROPIC_API_KEY"})
    manifest = project.octops("init", "--ci", "kubernetes").out
    assert re.findall(r"- name: ([A-Z_]+)\n", manifest) == ["OCTOPS_SHARDS", "HOME", "OCTOPS_REPOSITORY"]


@pytest.mark.parametrize(
    ("system", "name"),
    [
        ("github", "GITHUB_PAT"),
        ("github", "github_pat"),
        ("github", "GIT_CONFIG_COUNT"),
        ("github", "HOME"),
        ("github", "OCTOPS_TOKEN"),
        ("gitlab", "OCTOPS_PUSH_TOKEN"),
        ("kubernetes", "PATH"),
        ("kubernetes", "HOME"),
        ("kubernetes", "OCTOPS_SHARDS"),
    ],
)
def test_a_name_no_secret_can_have_is_refused_before_anything_is_written(
    tmp_path: Path, system: str, name: str
) -> None:
    project = git_project(tmp_path, with_secrets(name, "TEAM_SECRET"))
    outcome = project.octops("init", "--ci", system)
    assert (outcome.code, outcome.out) == (1, "")
    assert f"no secret can be called `{name}`" in outcome.err
    assert f"rename it where `{{env: {name}}}` stands" in outcome.err
    assert "keeps that name for itself" in outcome.err
    assert "TEAM_SECRET" not in outcome.err
    assert project.git("status", "--porcelain") == ""


def test_all_names_no_secret_can_have_are_told_at_once(tmp_path: Path) -> None:
    project = git_project(tmp_path, with_secrets("GITHUB_PAT", "PATH"))
    outcome = project.octops("init", "--ci", "github")
    assert re.findall(r"--> (\S+)", outcome.err) == ["destinations/hook-0.yaml:3:15", "destinations/hook-1.yaml:3:15"]
    assert ("`GITHUB_PAT`" in outcome.err, "`PATH`" in outcome.err) == (True, True)


def test_only_the_timer_may_write_contents_and_only_the_comment_pull_requests(project: GitProject) -> None:
    project.octops("init", "--ci", "github")
    rights = [next(iter(yaml.safe_load(text)["jobs"].values()))["permissions"] for text in texts(project).values()]
    assert rights == [{"contents": "write"}, {"contents": "read", "pull-requests": "write"}, {"contents": "read"}]


def test_a_project_in_a_folder_has_its_workflows_at_the_top(tmp_path: Path) -> None:
    inside = git_project(tmp_path, {f"my reports/{name}": text for name, text in SMALL_PROJECT.items()})
    inside.octops("init", "-C", "my reports", "--ci", "github")
    assert "octops -C 'my reports' apply" in texts(inside)[WORKFLOWS[0]]


def test_the_default_branch_is_the_remotes(project: GitProject) -> None:
    project.git("update-ref", "refs/remotes/origin/trunk", "HEAD")
    project.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/trunk")
    project.octops("init", "--ci", "github")
    assert yaml.safe_load(texts(project)[WORKFLOWS[0]])[True]["push"] == {"branches": ["trunk"]}


def test_gitlab_is_told_to_include_ours_when_it_has_its_own(project: GitProject) -> None:
    project.write({".gitlab-ci.yml": "stages: [test]\n"})
    outcome = project.octops("init", "--ci", "gitlab")
    assert "include: [{local: .gitlab/octops.yml}]" in outcome.out
    jobs = yaml.safe_load((project.root / ".gitlab/octops.yml").read_text())
    assert {"octops-plan", "octops-apply"} <= jobs.keys()
    # Where `stages` are listed there are no others, and what is in none of them is an error of the whole pipeline.
    assert "if it lists `stages`, the stages `test` and `deploy`" in outcome.out
    assert {job["stage"] for job in jobs.values() if "stage" in job} == {"test", "deploy"}


def test_gitlab_without_a_file_of_its_own_needs_no_advice_about_stages(project: GitProject) -> None:
    assert "stages" not in project.octops("init", "--ci", "gitlab").out


def test_a_gitlab_server_is_pushed_to_at_the_port_it_has(project: GitProject) -> None:
    project.octops("init", "--ci", "gitlab")
    jobs = yaml.safe_load((project.root / ".gitlab/octops.yml").read_text())
    assert any("@$CI_SERVER_HOST:$CI_SERVER_PORT/$CI_PROJECT_PATH.git" in it for it in jobs["octops-apply"]["script"])


def test_kubernetes_is_printed_and_nothing_is_written(project: GitProject) -> None:
    project.git("remote", "add", "origin", "https://ada:hunter22@git.example.com/ada/reports.git")
    outcome = project.octops("init", "--ci", "kubernetes")
    manifest = yaml.safe_load(outcome.out)
    assert (manifest["apiVersion"], manifest["kind"]) == ("batch/v1", "CronJob")
    assert manifest["spec"]["jobTemplate"]["spec"]["completionMode"] == "Indexed"
    assert "https://git.example.com/ada/reports.git" in outcome.out
    assert "hunter22" not in outcome.out
    assert project.git("status", "--porcelain") == ""


def cloned_from(project: GitProject) -> str:
    manifest = yaml.safe_load(project.octops("init", "--ci", "kubernetes").out)
    (container,) = manifest["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    return next(str(it["value"]) for it in container["env"] if it["name"] == "OCTOPS_REPOSITORY")


@pytest.mark.parametrize(
    ("remote", "address"),
    [
        ("git@github.com:ada/repo.git", "https://github.com/ada/repo.git"),
        ("git@gitlab.example.com:group/sub/repo.git", "https://gitlab.example.com/group/sub/repo.git"),
        ("ssh://git@github.com/ada/repo.git", "https://github.com/ada/repo.git"),
        ("https://ada:hunter22@example.com:8443/ada/repo", "https://example.com:8443/ada/repo"),
    ],
)
def test_kubernetes_clones_over_https_the_one_way_it_has_a_credential_for(
    project: GitProject, remote: str, address: str
) -> None:
    project.git("remote", "add", "origin", remote)
    assert cloned_from(project) == address
    assert project.octops("init", "--ci", "kubernetes").err == ""


@pytest.mark.parametrize(
    "remote",
    [
        "",
        "../repo.git",
        "/srv/git/repo.git",
        "file:///srv/git/repo.git",
        "ssh://git@git.example.com:2222/ada/repo.git",
        "git@git.example.com:2222/ada/repo.git:",
        "git@work:ada/repo.git",
        "git@git.example.com:/srv/git/repo.git",
        "git@git.example.com:~ada/repo.git",
        "ada@git.example.com:repo.git",
        "ssh://ada@git.example.com/repo.git",
        "git@ssh.dev.azure.com:v3/ada/project/repo",
        "C:\\git\\repo",
    ],
)
def test_a_remote_that_tells_no_https_address_leaves_a_place_to_fill_in_and_says_so(
    project: GitProject, remote: str
) -> None:
    if remote:
        project.git("remote", "add", "origin", remote)
    assert cloned_from(project) == "https://example.com/owner/name.git"
    told = project.octops("init", "--ci", "kubernetes").err
    assert "warning[no-address]" in told
    assert remote.rpartition("@")[2] in told
    assert "in the place of `https://example.com/owner/name.git`" in told


def test_outside_git_there_is_no_place_for_workflows(tmp_path: Path) -> None:
    plain = GitProject(tmp_path / "plain")
    plain.write(SMALL_PROJECT)
    outcome = plain.octops("init", "--ci", "github")
    assert outcome.code == 1
    assert "needs a git repository" in outcome.err


def test_a_repository_ticks_at_minutes_of_its_own_and_never_when_everybody_does() -> None:
    chosen = [minutes(f"https://github.com/ada/{number}") for number in range(500)]
    assert len(set(chosen)) == 29
    assert not any({int(it) for it in pair.split(",")} & {0, 30} for pair in chosen)
    assert minutes("x") == minutes("x")


@pytest.mark.parametrize("system", FILES)
def test_no_place_is_left_open_and_no_word_is_read_twice(system: str) -> None:
    facts = Facts(version=__version__, folder="@BRANCH@", branch="a: b #c", repository="@KEYS@", keys=("A", "B"))
    for text in workflows(system, facts).values():
        assert set(re.findall(r"@[A-Z]+@", text)) <= {"@BRANCH@", "@KEYS@"}
        yaml.safe_load(text)


@pytest.mark.parametrize("where", ["ours", "written"])
def test_zizmor_finds_nothing(project: GitProject, where: str) -> None:
    # Beside this Python, which need not be on the PATH.
    zizmor = shutil.which("zizmor", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
    if zizmor is None:
        pytest.skip("zizmor is not installed: it comes with the extra `dev`")
    inputs = [ROOT / ".github/workflows", ROOT / "action.yml"]
    if where == "written":
        project.octops("init", "--ci", "github")
        inputs = [project.root / ".github/workflows"]
    done = subprocess.run(
        [zizmor, "--offline", "--persona=auditor", "--no-progress", *map(str, inputs)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", sorted((ROOT / ".github/workflows").glob("*.yml")), ids=lambda path: path.name)
def test_every_action_is_pinned_and_every_job_has_a_time_limit(path: Path) -> None:
    text = path.read_text()
    used = re.findall(r"uses: (\S+)", text)
    assert [it for it in used if it != "./" and not re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", it)] == []
    assert all("timeout-minutes" in job for job in yaml.safe_load(text)["jobs"].values())


def test_the_action_knows_every_output_that_octops_writes() -> None:
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    assert action["outputs"].keys() == {"changes", "due", "failed", "summary", "matrix", "shards"}
    assert action["runs"]["using"] == "composite"


@pytest.mark.parametrize("where", ["ours", "written"])
def test_a_task_that_a_person_asks_for_waits_in_no_line_where_the_next_tick_would_take_its_place(
    project: GitProject, where: str
) -> None:
    # GitHub cancels what waits in a group when something newer comes, also without `cancel-in-progress`.
    project.octops("init", "--ci", "github")
    root = ROOT if where == "ours" else project.root
    concurrency = yaml.safe_load((root / WORKFLOWS[0]).read_text())["concurrency"]
    assert concurrency == {
        "group": "octops-apply${{ inputs.task && format('-{0}', github.run_id) || '' }}",
        "cancel-in-progress": False,
    }


def called(folder: Path, script: str, **environment: str) -> list[str]:
    """What a step's script calls octops with."""
    octops = folder / "octops-environment/bin/octops"
    octops.parent.mkdir(parents=True)
    octops.write_text('#!/bin/sh\nfor word in "$@"; do printf "%s\\n" "$word"; done\n')
    octops.chmod(0o755)
    paths = f"{octops.parent}:/usr/bin:/bin"
    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", script],
        env={"PATH": paths, "RUNNER_TEMP": str(folder), "GITHUB_SERVER_URL": "https://github.com", **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()


def step(document: dict[str, Any], name: str) -> str:
    return next(str(it["run"]) for it in document["steps"] if it.get("name") == name)


def test_the_action_hands_each_line_over_as_one_argument(tmp_path: Path) -> None:
    script = step(yaml.safe_load((ROOT / "action.yml").read_text())["runs"], "octops")
    given = "--base\n$(touch /tmp/x) `id` ; a b\n\n--format\nmarkdown\n"
    said = called(tmp_path, script, OCTOPS_COMMAND="plan", OCTOPS_DIRECTORY="a b", OCTOPS_ARGUMENTS=given)
    assert said == ["-C", "a b", "plan", "--base", "$(touch /tmp/x) `id` ; a b", "--format", "markdown"]


def test_the_action_hands_a_shard_over(tmp_path: Path) -> None:
    script = step(yaml.safe_load((ROOT / "action.yml").read_text())["runs"], "octops")
    environment = {"OCTOPS_COMMAND": "apply", "OCTOPS_DIRECTORY": ".", "OCTOPS_ARGUMENTS": "--auto-approve"}
    said = called(tmp_path, script, OCTOPS_SHARD="2/4; id", **environment)
    assert said == ["-C", ".", "apply", "--auto-approve", "--shard=2/4; id"]


ODD = "my: proj #1 $(id) 'x'"


def test_gitlab_calls_octops_in_a_folder_of_any_name(tmp_path: Path) -> None:
    (text,) = [it for path, it in workflows("gitlab", Facts(version="1", folder=ODD)).items() if "octops" in path]
    jobs = yaml.safe_load(text)
    scripts = [line for job in jobs.values() if "script" in job for line in job["script"]]
    assert all(isinstance(line, str) for line in scripts)
    ours = [line for line in scripts if "octops -C" in line]
    said = called(tmp_path, "\n".join(line for line in ours if "junit" not in line), GITLAB_TOKEN="t")
    assert [it for at, it in enumerate(said) if said[at - 1] == "-C"] == [ODD] * 3
    assert [word for word in said if word in ("plan", "comment", "apply")] == ["plan", "comment", "apply"]


@pytest.mark.parametrize(
    ("task", "parameters", "arguments"),
    [
        ("", "", ["apply", "--auto-approve", "--deadline", "40m"]),
        ("asked", "", ["run", "--name", "github-7", "--", "asked"]),
        (
            "--help",
            "url=https://a.example/?x=1;y=2; tone=very kind",
            [
                *(
                    "run",
                    "--name",
                    "github-7",
                    "--param",
                    "url=https://a.example/?x=1;y=2",
                    "--param",
                    "tone=very kind",
                ),
                *("--", "--help"),
            ],
        ),
    ],
)
def test_the_timer_applies_and_a_person_runs_one_task(
    tmp_path: Path, project: GitProject, task: str, parameters: str, arguments: list[str]
) -> None:
    project.octops("init", "--ci", "github")
    jobs = yaml.safe_load(texts(project)[WORKFLOWS[0]])["jobs"]
    script = step(jobs["apply"], "Run what is due, or one task")
    given = {"OCTOPS_TASK": task, "OCTOPS_PARAMETERS": parameters, "OCTOPS_TOKEN": "t"}
    assert called(tmp_path, script, **given, GITHUB_RUN_ID="7") == arguments
