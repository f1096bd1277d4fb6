"""The matrix of docs/ci.md: two jobs that take the place of the one in octops-apply.yml."""

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
from octops.ci.templates import Facts, workflows
from tests.kit import ROOT, GitProject

APPLY = ".github/workflows/octops-apply.yml"


def example() -> str:
    text = (ROOT / "docs/ci.md").read_text(encoding="utf-8")
    found = re.search(r"<!-- matrix -->\n```yaml\n(.*?)```\n", text, re.DOTALL)
    assert found is not None
    return found[1]


def jobs() -> dict[str, Any]:
    document: dict[str, dict[str, Any]] = yaml.safe_load(example())
    return document["jobs"]


def replaced() -> str:
    """The workflow `init` writes with the example's jobs in it."""
    written = workflows("github", Facts(version=__version__))[APPLY]
    # The choice of one task goes with the step that ran it.
    head = re.sub(r"  workflow_dispatch:\n(    .*\n)+", "  workflow_dispatch:\n", written.partition("\njobs:\n")[0])
    return f"{head}\n{example()}"


def scripts(job: str) -> str:
    return "\n".join(step.get("run", "") for step in jobs()[job]["steps"])


def test_the_matrix_is_what_the_plan_prints_and_each_job_applies_its_shard() -> None:
    plan, apply = jobs()["plan"], jobs()["apply"]
    assert plan["outputs"] == {
        "matrix": "${{ steps.plan.outputs.matrix }}",
        "shards": "${{ steps.plan.outputs.shards }}",
    }
    assert apply["strategy"]["matrix"] == "${{ fromJSON(needs.plan.outputs.matrix) }}"
    assert apply["steps"][-1]["env"]["OCTOPS_SHARD"] == "${{ matrix.shard }}"
    assert "octops plan --matrix 4\n" in scripts("plan")
    assert '--shard "$OCTOPS_SHARD"\n' in scripts("apply")


def test_an_empty_matrix_starts_nothing_and_a_failure_ends_no_other_shard() -> None:
    apply = jobs()["apply"]
    assert apply["if"] == "${{ needs.plan.outputs.shards != '0' }}"
    assert apply["strategy"]["fail-fast"] is False
    assert "concurrency" not in apply


def test_the_plan_can_write_nothing_and_has_no_key() -> None:
    assert jobs()["plan"]["permissions"] == {"contents": "read"}
    assert "environment" not in jobs()["plan"]
    assert "secrets." not in str(jobs()["plan"])


def test_its_actions_are_those_of_the_written_workflow() -> None:
    used = set(re.findall(r"uses: (.+)", example()))
    assert used == set(re.findall(r"uses: (.+)", workflows("github", Facts(version=__version__))[APPLY]))


def test_zizmor_finds_nothing(project: GitProject) -> None:
    zizmor = shutil.which("zizmor", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
    if zizmor is None:
        pytest.skip("zizmor is not installed: it comes with the extra `dev`")
    project.write({APPLY: replaced()})
    done = subprocess.run(
        [zizmor, "--offline", "--persona=auditor", "--no-progress", str(project.root / APPLY)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
