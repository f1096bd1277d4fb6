"""All that a run can touch."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretUse:
    """A secret by name, and where its value goes (`host api.example.com`, `command npx`)."""

    name: str
    goes_to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Effects:
    """Everything a run can touch. Every tuple is sorted and free of repeats."""

    models: tuple[str, ...] = ()
    """litellm ids, the fallbacks included."""
    tools: tuple[str, ...] = ()
    """`source: pattern`, `source: !pattern` for what is denied, `source: tool (prefetch) {arguments}`."""
    hosts: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    """Repository files: `source: glob`, `source: !glob` for what is excluded."""
    secrets: tuple[SecretUse, ...] = ()
    recipients: tuple[str, ...] = ()
    """`destination: address`."""
    caps: tuple[str, ...] = ()
    """`turns 20`, `cost $0.50` …"""
