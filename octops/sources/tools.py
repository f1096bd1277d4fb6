"""All tools of a run as the model may use them: changes with what is promised whatever the source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from octops.model.ids import SourceId, Value
from octops.model.run import ErrorKind, RunFailed, ToolResult, ToolSpec
from octops.rules.tools import is_declared
from octops.sources.arguments import Arguments, offered_schema
from octops.sources.held import Held
from octops.sources.names import offered_names
from octops.sources.opening import Tool
from octops.sources.text import cut, shortened

_MOST_TOOLS: Final = 128
"""What the strictest providers take in one request."""
_LONGEST_DESCRIPTION: Final = 4000
_LONGEST_ERROR: Final = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedTool:
    held: Held
    tool: str
    """The name its source knows it by."""
    spec: ToolSpec
    arguments: Arguments
    withheld: bool = False
    """The task may prefetch from it; a model is not told of it and cannot call it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedSources:
    """Keeps the promise of `Tools` for all sources together."""

    offered: Mapping[str, OfferedTool]
    notes: tuple[str, ...]
    """Sentences: optional sources that could not be opened, and tools that could not be offered."""
    result_bytes: int

    @property
    def specs(self) -> tuple[ToolSpec, ...]:
        return tuple(offered.spec for offered in self.offered.values() if not offered.withheld)

    @property
    def withheld(self) -> tuple[str, ...]:
        """The declared tools a model is not offered here."""
        return tuple(name for name, offered in self.offered.items() if offered.withheld)

    async def call(self, name: str, arguments: Mapping[str, Value]) -> ToolResult:
        """A call of the model."""
        return self._unknown(name) if name in self.withheld else await self._call(name, arguments)

    async def _call(self, name: str, arguments: Mapping[str, Value]) -> ToolResult:
        offered = self.offered.get(name)
        # Asked again here, so that no way of offering tools can let one through that is not declared.
        if offered is None or not is_declared(offered.held.source, offered.tool):
            return self._unknown(name)
        plain = _plain(arguments)
        if wrong := offered.arguments.complaints(plain):
            sentences = "\n".join((f"`{name}` was not called, its arguments are wrong:", *wrong))
            return ToolResult(text=sentences, is_error=True)
        result = await offered.held.call(offered.tool, plain)
        return ToolResult(text=cut(result.text, self.result_bytes), is_error=result.is_error)

    async def call_of(self, source: SourceId, tool: str, arguments: Mapping[str, Value]) -> ToolResult:
        """A call in the words of a task's file, which name the source and the source's own name of the tool."""
        for name, offered in self.offered.items():
            if (offered.held.source.id, offered.tool) == (source, tool):
                return await self._call(name, arguments)
        return self._unknown(f"{source}__{tool}")

    def _unknown(self, name: str) -> ToolResult:
        there_are = ", ".join(spec.name for spec in self.specs) or "none"
        text = f"there is no tool `{shortened(name, 100)}`; the tools are: {there_are}"
        return ToolResult(text=shortened(text, _LONGEST_ERROR), is_error=True)


def offer(held: Sequence[Held], notes: tuple[str, ...], result_bytes: int, *, read_only: bool = False) -> OpenedSources:
    """The declared tools of open sources, in the order of the sources and, within one, of its own list.

    With `read_only` a model gets only those that promise to change nothing.
    """
    said = list(notes)
    tools = {str(one.source.id): _declared_tools(one, said) for one in held}
    by_id = {str(one.source.id): one for one in held}
    offered = {
        name: _offered(name, by_id[source], tools[source][tool], read_only=read_only)
        for name, (source, tool) in offered_names({source: tuple(own) for source, own in tools.items()}).items()
    }
    if len(offered) > _MOST_TOOLS:
        raise RunFailed(
            ErrorKind.CONFIG,
            f"the sources offer {len(offered)} tools, more than the {_MOST_TOOLS} a model can be given",
            hint="choose tools with `tools: {allow: […]}` in the source's file",
        )
    return OpenedSources(offered=offered, notes=tuple(said), result_bytes=result_bytes)


def _declared_tools(held: Held, notes: list[str]) -> dict[str, Tool]:
    """By name; of two tools with one name the first counts. Adds notes on what is missing."""
    source = held.source
    tools: dict[str, Tool] = {}
    for tool in held.ready.result().tools:
        if not is_declared(source, tool.name) or tool.name in tools:
            continue
        schema = offered_schema(tool.schema)
        if schema is None:
            name = shortened(tool.name, 100)
            notes.append(f"tool `{name}` of source `{source.id}` is left out: its schema is too long")
        else:
            tools[tool.name] = replace(tool, schema=schema)
    if not tools:
        notes.append(f"source `{source.id}` offers no tool that its `tools` patterns allow")
    return tools


def _offered(name: str, held: Held, tool: Tool, *, read_only: bool) -> OfferedTool:
    return OfferedTool(
        held=held,
        tool=tool.name,
        spec=ToolSpec(name=name, description=shortened(tool.description, _LONGEST_DESCRIPTION), schema=tool.schema),
        arguments=Arguments(tool.schema),
        withheld=read_only and not tool.read_only,
    )


def _plain(value: Any) -> Any:
    """The mappings and sequences of files and models as the dicts and lists that JSON libraries want."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
