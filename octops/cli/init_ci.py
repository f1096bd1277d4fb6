"""What `octops init --ci` writes, prints and advises: changes with what a CI system needs by hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from octops.app.starting_ci import draft_ci, init_ci
from octops.app.workspace import open_workspace
from octops.cli.output import show_diagnostics, write
from octops.report.escape import terminal

_NEXT = {
    "github": (
        "create the environment `octops` (Settings > Environments), let it deploy from the default branch only,",
        "and put the keys of the models, sources and destinations into it",
        "commit the workflows on the default branch: the comment and the timer start there",
    ),
    "gitlab": (
        "set the variables that .gitlab/octops.yml names (Settings > CI/CD)",
        "add a pipeline schedule (Build > Pipeline schedules) with the minutes it names",
    ),
}


def write_workflows(directory: Path, system: str) -> None:
    workspace = open_workspace(directory)
    if system == "kubernetes":
        drafted = draft_ci(workspace, system)
        show_diagnostics(drafted.diagnostics)
        write("".join(drafted.files.values()))
        return
    outcome = init_ci(workspace, system)
    lines = [f"created  {terminal(path)}" for path in outcome.written]
    lines += [f"kept     {terminal(path)} (it was there before)" for path in outcome.kept]
    write("\n".join([*lines, "", "Next:", *(f"  {line}" for line in _next(system, outcome.kept))]))


def _next(system: str, kept: Sequence[str]) -> Sequence[str]:
    if ".gitlab-ci.yml" in kept:
        return (
            "add `include: [{local: .gitlab/octops.yml}]` to .gitlab-ci.yml,",
            "and, if it lists `stages`, the stages `test` and `deploy`, which the jobs of octops are in",
            *_NEXT[system],
        )
    return _NEXT[system]
