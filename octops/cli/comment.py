"""`octops comment`: put the plan of a pull request into its one comment, edited in place."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import click

from octops.app.commenting import (
    Address,
    Text,
    address,
    client_of,
    find_pull_request,
    given_text,
    marker_of,
    planned_text,
    post,
)
from octops.app.workspace import open_workspace
from octops.cli.options import chosen_directory, clock, directory_option, now_option
from octops.cli.output import show_diagnostics, write
from octops.errors import Exit, OctopsError, UsageError
from octops.platforms.client import PlatformError
from octops.platforms.comments import Done, Posted
from octops.report.escape import terminal

EXAMPLES = """\b
Examples:
  octops comment                                  in a job of the pull request: everything is known
  octops comment --pr 12 --repo ada/reports --base origin/main
  octops comment --pr 12 --file plan.md           what `octops plan --format markdown` wrote
  octops comment --file preview.md                what `octops preview` wrote, as a comment of its own

\b
The token is read from GITHUB_TOKEN, or from GITLAB_TOKEN or CI_JOB_TOKEN. Started by `workflow_run`, it looks
for the open pull request of that commit; name the commit with --ref, so that the branch is only read.
"""


@click.command("comment", epilog=EXAMPLES)
@click.option("--pr", "number", type=click.IntRange(min=1), default=None, metavar="N", help="The pull request.")
@click.option("--repo", "repository", default=None, metavar="OWNER/NAME", help="Its repository [what the CI says].")
@click.option("--platform", type=click.Choice(["github", "gitlab"]), default=None, help="[what the CI says]")
@click.option("--base", metavar="REV", default=None, help="Compare with this [the branch to merge into, on origin].")
@click.option("--ref", metavar="REV", default=None, help="Plan the files of a commit instead of the work tree.")
@click.option("--file", "file", metavar="FILE", default=None, help="Post this text, as it is; `-` reads stdin.")
@click.option("--quiet-if-unchanged", is_flag=True, help="Begin no comment when nothing would change.")
@now_option
@directory_option
@click.pass_context
def command(
    ctx: click.Context,
    number: int | None,
    repository: str | None,
    platform: str | None,
    base: str | None,
    ref: str | None,
    file: str | None,
    quiet_if_unchanged: bool,
    now: datetime | None,
    subdirectory: str | None,
) -> int:
    """Post the plan as the comment of a pull request; the next time the same comment is edited."""
    if file is not None and (base is not None or ref is not None):
        raise UsageError("`--file` is a text that is ready: it takes no `--base` and no `--ref`")
    workspace = open_workspace(chosen_directory(ctx, subdirectory))
    where = address(os.environ, platform=platform, repository=repository, number=number)
    given = None if file is None else _read(file)
    marker = marker_of(workspace, given or "")

    def text_for(branch: str) -> Text:
        if given is not None:
            return given_text(given, marker, file="stdin" if file == "-" else file or "", quiet=quiet_if_unchanged)
        return planned_text(workspace, clock(now), marker, base=base or _base(branch), ref=ref)

    text = text_for(where.target) if base or given is not None or where.target else None
    with client_of(where) as client:
        try:
            found = find_pull_request(client, where, base_needed=text is None)
            if found is None:
                write(f"no open pull request has `{terminal(where.commit[:12])}` as its newest commit: nothing to say")
                return Exit.DONE
            text = text or text_for(found.base)
            posted = post(client, where, found.number, text, marker, quiet=quiet_if_unchanged)
        except PlatformError as error:
            show_diagnostics(error.diagnostics)
            _save_for_later(text, where, text_for)
            return Exit.ERROR
    write(_told(posted, where, found.number))
    return Exit.DONE


def _save_for_later(text: Text | None, where: Address, text_for: Callable[[str], Text]) -> None:
    """What would have been posted; where the platform did not tell what to compare with, the likely text."""
    guessed = text is None
    if text is None:
        try:
            text = text_for(where.likely)
        except OctopsError:
            return
    sys.stderr.write(f"the text of the comment is in {terminal(str(_save(text.body)))}\n")
    if guessed:
        sys.stderr.write(f"it compares with `origin/{terminal(where.likely)}`: the platform did not tell the branch\n")


def _told(posted: Posted, where: Address, number: int) -> str:
    if posted.done is Done.NOTHING:
        return "nothing would change, and there is no comment: none was begun"
    place = terminal(posted.url) if posted.url else f"{terminal(where.repository)}, number {number}"
    return f"comment {posted.done.value}: {place}"


def _base(branch: str) -> str:
    if not branch:
        raise UsageError("it is not known what to compare with", detail="name it, for example `--base origin/main`")
    return f"origin/{branch}"


def _read(file: str) -> str:
    try:
        return sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read `{file}`: {error}", code="no-such-file") from error


def _save(body: str) -> Path:
    """A new file outside the checkout: what a pull request put there is not written through."""
    folder = os.environ.get("RUNNER_TEMP") or None
    with tempfile.NamedTemporaryFile(
        "w", prefix="octops-comment-", suffix=".md", dir=folder, delete=False, encoding="utf-8"
    ) as saved:
        saved.write(body)
    return Path(saved.name)
