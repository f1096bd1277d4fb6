"""The file: a result committed to a branch of the repository."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from octops.destinations.surroundings import CommitRequest, Surroundings
from octops.destinations.words import body, one_line
from octops.errors import GitError
from octops.model.ids import Value
from octops.model.run import DeliveryError, Proof, Result
from octops.rules.paths import file_refusal
from octops.template import TemplateError, render

_STRUCTURE = re.compile(r"[/\\]|^\.+")


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """The folders are those of the file that declares it: a `/` or a leading dot in a variable becomes `-`."""

    path: str
    surroundings: Surroundings = field(repr=False)
    branch: str = ""
    timeout_seconds: float | None = None
    """None: as long as the commit takes. Commits are collected and pushed at intervals."""

    recipient_key: ClassVar[str] = "path"
    takes_failures: ClassVar[bool] = False

    async def deliver(self, result: Result) -> Proof:
        """The proof is the commit's id. A second delivery of the same result changes nothing."""
        request = self._request(result)
        try:
            async with asyncio.timeout(self.timeout_seconds):
                commit = await self.surroundings.commit(request)
        except TimeoutError as error:
            message = f"`{request.path}` was not committed within {self.timeout_seconds:g} s"
            raise DeliveryError(message, retryable=True, certain=False) from error
        except GitError as error:
            message = f"`{request.path}` could not be committed to `{request.branch}`: {error}"
            raise DeliveryError(message, retryable=True, certain=False) from error
        return Proof(text=commit)

    def _request(self, result: Result) -> CommitRequest:
        text = body(result)
        return CommitRequest(
            branch=self.branch or self.surroundings.records_branch,
            path=self._path(result),
            content=(text if text.endswith("\n") else f"{text}\n").encode("utf-8", "replace"),
            message=f"{one_line(result.task_name, 60)}: {result.run}\n\nOctops-Delivery: {result.delivery_id}\n",
        )

    def _path(self, result: Result) -> str:
        names = {name: _name(value) for name, value in result.variables.items()}
        try:
            path = render(self.path, {"task_name": _name(result.task_name), **names})
        except TemplateError as error:
            raise DeliveryError(f"`path` has no text in this run: {error}", retryable=False) from error
        if refused := file_refusal(path, self.branch, self.surroundings.records_branch):
            raise DeliveryError(str(refused), retryable=False)
        return path


def _name(value: Value) -> Value:
    """A value as it may stand in a path: it adds no folder, and hides none."""
    match value:
        case str():
            return _STRUCTURE.sub("-", value)
        case Mapping():
            return {key: _name(entry) for key, entry in value.items()}
        case Sequence():
            return [_name(entry) for entry in value]
        case _:
            return value
