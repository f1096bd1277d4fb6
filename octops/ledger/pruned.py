"""What tasks had spent that have no head any more: budgets still count it."""

from __future__ import annotations

from collections.abc import Mapping

from octops.ledger.documents import Pruned, encode, read_document
from octops.ledger.heads import newest_days
from octops.ledger.layout import PRUNED


def kept(spent_usd: Mapping[str, float], files: Mapping[str, bytes]) -> dict[str, bytes | None]:
    """The file that keeps these sums by day beside those before; nothing where there is nothing to keep."""
    if not any(spent_usd.values()):
        return {}
    found = read_document(Pruned, PRUNED, files[PRUNED]) if PRUNED in files else None
    before = found.spent_usd if isinstance(found, Pruned) else {}
    return {PRUNED: encode(Pruned(spent_usd=newest_days(before, spent_usd)))}
