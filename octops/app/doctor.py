"""Whether this clone, with these rights, can write the ledger, and what is wrong with it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from octops.app.records import unread_ledger
from octops.app.workspace import Workspace
from octops.errors import Diagnostic
from octops.ledger.doctor import examine
from octops.model.project import Settings
from octops.report.doctor import Examined

_CURES = {
    "push-refused": "let this account push the branch: in GitHub Actions `permissions: contents: write`, and no rule "
    "or protection for the branch's name; or name another branch under `records.branch`",
    "remote-credentials": "give git a credential that may push: in CI the token of the checkout, else a credential "
    "helper or an ssh key",
    "remote-unreachable": "see that `git ls-remote` works here, or keep the ledger in this clone alone with "
    "`records: {push: false}`",
    "git-timeout": "see that `git ls-remote` answers here",
}


def examine_ledger(workspace: Workspace, settings: Settings, now: datetime, *, write: bool = False) -> Examined:
    """Goes through a push without making it, and changes nothing; or with `write` makes one that changes nothing."""
    ledger = unread_ledger(workspace, settings)
    findings = examine(ledger, now, write=write)
    return Examined(
        branch=ledger.branch.name,
        where=ledger.branch.where,
        tip=ledger.tip,
        written=write,
        findings=tuple(_with_cure(finding) for finding in findings),
    )


def _with_cure(finding: Diagnostic) -> Diagnostic:
    cure = _CURES.get(finding.code)
    if cure is None:
        return finding
    said = f"git said: {finding.detail}" if finding.detail else ""
    return replace(finding, detail="\n".join(filter(None, (cure, said))))
