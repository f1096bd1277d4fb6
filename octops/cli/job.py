"""What a job of GitHub Actions gets beside stdout: masks, a summary, outputs, annotations. Elsewhere nothing happens.

https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from octops.app.wishes import Applied
    from octops.errors import Diagnostic
    from octops.model.plan import Plan
    from octops.report.preview import Previewed

SUMMARY_BYTES = 1024 * 1024
"""GitHub refuses the summaries of a step beyond this."""


def in_github() -> bool:
    return os.environ.get("GITHUB_ACTIONS") == "true"


@contextmanager
def foreign_text(secrets_by_name: Callable[[], Mapping[str, str]]) -> Iterator[None]:
    """While answers, tools and servers may be quoted, the log takes no commands; the secrets are masked first.

    The secrets are asked for in a job only.
    """
    if not in_github():
        yield
        return
    import secrets

    token = secrets.token_hex(16)
    _say("".join(_masks(secrets_by_name().values())) + f"::stop-commands::{token}\n")
    try:
        yield
    finally:
        _say(f"::{token}::\n")


def _say(commands: str) -> None:
    """On stderr, which the runner reads like stdout: there it is in nobody's way."""
    sys.stdout.flush()
    sys.stderr.write(commands)
    sys.stderr.flush()


def _masks(values: Iterable[str]) -> Iterator[str]:
    if not _read_by_the_runner():
        return
    for value in values:
        # The runner masks line by line; short lines would blot out ordinary words.
        for line in dict.fromkeys((value, *value.splitlines())):
            if len(line.strip()) >= 4:
                yield f"::add-mask::{line.replace('%', '%25').replace(chr(13), '%0D').replace(chr(10), '%0A')}\n"


def _read_by_the_runner() -> bool:
    """Whether stderr leads to the runner and to nobody else: a mask that lands in a file is a secret in a file."""
    try:
        out, err = os.fstat(sys.stdout.fileno()), os.fstat(sys.stderr.fileno())
    except (OSError, ValueError):
        return False
    return stat.S_ISFIFO(err.st_mode) and (out.st_dev, out.st_ino) != (err.st_dev, err.st_ino)


def tell_plan(plan: Plan) -> None:
    """The plan as the job's summary and as outputs."""
    if not in_github():
        return
    from octops.model.plan import RunAction
    from octops.report.plan_markdown import plan_markdown
    from octops.report.summary import plan_line, runs_line

    due = sum(run.action in (RunAction.RUN, RunAction.RESUME) for run in plan.runs)
    _add_summary(plan_markdown(plan))
    _set_outputs(
        {
            "changes": str(len(plan.changes)),
            "due": str(due),
            "failed": "0",
            "summary": " ".join(filter(None, (plan_line(plan), runs_line(plan)))),
        }
    )


def tell_failure(diagnostics: Sequence[Diagnostic]) -> None:
    """Why there is no plan as the job's summary and as outputs."""
    if not in_github():
        return
    from octops.report.failure_markdown import failure_markdown

    _add_summary(failure_markdown(diagnostics))
    tell_checked(diagnostics)


def tell_matrix(matrix: str, shards: int) -> None:
    """The matrix as an output, and how many jobs it starts: GitHub takes one of none for a mistake."""
    if in_github():
        _set_outputs({"matrix": matrix, "shards": str(shards)})


def tell_preview(previewed: Previewed) -> None:
    """The answers as the job's summary, and how many there are as outputs."""
    if not in_github():
        return
    from octops.report.preview import preview_line
    from octops.report.preview_markdown import preview_markdown

    _add_summary(preview_markdown(previewed))
    _set_outputs(
        {
            "changes": str(len(previewed.previews)),
            "due": str(len(previewed.answers)),
            "failed": str(previewed.failed),
            "summary": preview_line(previewed),
        }
    )


def tell_applied(applied: Applied) -> None:
    """What was done as the job's summary, as outputs, and as annotations."""
    if not in_github():
        return
    from octops.report.applied import conclusion
    from octops.report.applied_markdown import applied_diagnostics, applied_markdown
    from octops.report.github import annotations

    told = applied_diagnostics(applied)
    records = applied.carried.records if applied.carried else ()
    _add_summary(applied_markdown(applied))
    _set_outputs(
        {
            "changes": str(len(applied.definitions)),
            "due": str(len(records)),
            "failed": str(len(told)),
            "summary": conclusion(applied),
        }
    )
    _say(annotations(told))


def tell_checked(diagnostics: Iterable[Diagnostic]) -> None:
    """What `validate` found, or what keeps `plan` from planning, as outputs."""
    if not in_github():
        return
    from octops.errors import Severity
    from octops.report.diagnostics import counts

    found = list(diagnostics)
    failed = sum(it.severity is Severity.ERROR for it in found)
    _set_outputs({"failed": str(failed), "summary": counts(found) or "The configuration is valid."})


def _add_summary(text: str) -> None:
    _append("GITHUB_STEP_SUMMARY", f"{text}\n", limit=SUMMARY_BYTES)


def _set_outputs(outputs: Mapping[str, str]) -> None:
    # Every value is one line of our own numbers and words.
    _append("GITHUB_OUTPUT", "".join(f"{name}={' '.join(text.split())}\n" for name, text in outputs.items()))


def _append(variable: str, text: str, *, limit: int | None = None) -> None:
    """Nothing of what was done is lost with the file: a failure to write it is told and no more."""
    path = os.environ.get(variable)
    if not path:
        return
    try:
        size = Path(path).stat().st_size if Path(path).exists() else 0
        if limit is None or size + len(text.encode()) <= limit:
            with Path(path).open("a", encoding="utf-8", newline="\n") as file:
                file.write(text)
    except OSError as error:
        sys.stderr.write(f"cannot write to {variable}: {error.strerror}\n")
