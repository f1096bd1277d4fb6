"""The formats `octops import` knows: adding one is one module and one line here."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from octops.importers.crontab import import_crontab
from octops.importers.draft import Imported
from octops.importers.mcp_client import import_client
from octops.importers.mcp_run import import_task
from octops.importers.zero_ct import import_tasks

FORMATS: Mapping[str, Callable[[str, str], Imported]] = {
    "0ct": import_tasks,
    "mcp.run": import_task,
    "mcp": import_client,
    "cron": import_crontab,
}
"""Name → (text, file name) → what it brings. Raises ImportRefused when the text is not of the format."""
