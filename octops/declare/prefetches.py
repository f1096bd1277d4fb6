"""Whether what a task prefetches can be called: changes with what is known of a source's tools without opening it."""

from __future__ import annotations

from collections.abc import Iterator

from octops.declare.known import DeclaredTask, Known
from octops.declare.located import At, Key, Pointer, Problem
from octops.declare.near import choice_text
from octops.model.task import Prefetch
from octops.rules.tools import FILE_TOOLS, arguments_of, is_declared, needed_arguments


def prefetch_problems(declared: DeclaredTask, known: Known) -> Iterator[Problem]:
    """Tools that a source does not have or does not allow, and arguments that do not fit them."""
    for index, call in enumerate(declared.task.prefetch):
        source = known.sources.get(call.source)
        if source is None or call.source not in declared.task.sources:
            continue
        at: Pointer = ("prefetch", index)
        if source.type == "local" and call.tool not in FILE_TOOLS:
            yield _unknown_tool(call, at)
        elif not is_declared(source, call.tool):
            yield Problem(
                code="tool-not-allowed",
                summary=f"source `{source.id}` does not allow its tool `{call.tool}`, which is prefetched",
                detail=f"let `tools` in {source.path} allow it, or prefetch with another tool",
                place=At(path=(*at, "tool")),
            )
        elif source.type == "local":
            yield from _arguments(call, at)


def _unknown_tool(call: Prefetch, at: Pointer) -> Problem:
    return Problem(
        code="unknown-tool",
        summary=f"source `{call.source}` has no tool `{call.tool}`",
        detail=f"{choice_text(call.tool, FILE_TOOLS)}these are the tools of every `local` source",
        place=At(path=(*at, "tool")),
    )


def _arguments(call: Prefetch, at: Pointer) -> Iterator[Problem]:
    taken = arguments_of(call.tool)
    for name in call.arguments:
        if name not in taken:
            yield Problem(
                code="unknown-argument",
                summary=f"tool `{call.tool}` takes no argument `{name}`",
                detail=f"{choice_text(name, taken)}these are the arguments of `{call.tool}`",
                place=Key(path=(*at, "arguments", name)),
            )
    for name in needed_arguments(call.tool):
        if name not in call.arguments:
            yield Problem(
                code="missing-argument",
                summary=f"tool `{call.tool}` of source `{call.source}` needs the argument `{name}`",
                detail=f"add `arguments: {{{name}: …}}`",
                place=At(path=at),
            )
