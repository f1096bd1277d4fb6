"""docs/security.md claims nothing without a proof: every test it names is there, and its links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.kit import ROOT

PAGE = ROOT / "docs/security.md"
TEXT = PAGE.read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", TEXT)))
ROWS = [line for line in TEXT.splitlines() if line.startswith("|") and not line.startswith("|---")]


@pytest.mark.parametrize(("path", "test"), NAMED, ids=lambda part: part.rpartition("/")[2])
def test_every_proof_it_names_is_there(path: str, test: str) -> None:
    text = (ROOT / path).read_text(encoding="utf-8")
    assert re.search(rf"(?m)^(?:async )?def {test}\(" if test else r"(?m)^(?:async )?def test_", text)


def test_every_row_of_a_table_with_proofs_has_one() -> None:
    without: list[str] = []
    proofs = False
    for line in TEXT.splitlines():
        if not line.startswith("|"):
            proofs = False
        elif line.endswith("| proof |"):
            proofs = True
        elif proofs and not line.startswith("|---") and "`tests/" not in line.rpartition(" | ")[2]:
            without.append(line)
    assert len(ROWS) > 40
    assert without == []


@pytest.mark.parametrize("page", [PAGE, ROOT / ".github/SECURITY.md"], ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    places = {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in re.findall(r"(?m)^#+ (.*)$", text)}
    links = re.findall(r"\]\(([^)]+)\)", text)
    assert links
    # The private advisory is a page of the platform, not a file.
    files = [link for link in links if "security/advisories" not in link and not link.startswith("#")]
    assert [link for link in files if not (page.parent / link.partition("#")[0]).is_file()] == []
    assert [link for link in links if link.startswith("#") and link[1:] not in places] == []
