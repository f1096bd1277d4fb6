"""How a `file` destination commits: through the ledger's writer on its branch, by compare-and-swap on any other."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from datetime import datetime

from octops.app.workspace import Workspace
from octops.destinations.surroundings import CommitRequest
from octops.errors import GitError
from octops.ledger.files import Put
from octops.ledger.writer import Writer
from octops.model.project import Records
from octops.repository.commits import Draft

_TRIES = 8


class Committer:
    """`commit` gives the id of a commit that holds the file; asked twice, the second changes nothing."""

    def __init__(
        self, workspace: Workspace, records: Records, writer: Writer | None, clock: Callable[[], datetime]
    ) -> None:
        self._workspace = workspace
        self._records = records
        self._writer = writer
        self._clock = clock

    async def commit(self, request: CommitRequest) -> str:
        if request.branch == self._records.branch and self._writer is not None:
            (written,) = self._writer.submit(Put(path=request.path, content=request.content))
            await asyncio.wrap_future(written)
            return f"{request.branch}:{request.path}"
        return await asyncio.to_thread(self._commit_elsewhere, request)

    def _commit_elsewhere(self, request: CommitRequest) -> str:
        repository = self._workspace.repository
        if repository is None:
            raise GitError("there is no git repository to commit to", code="no-repository")
        branch = repository.branch(request.branch, push=self._records.push)
        for attempt in range(_TRIES):
            tip = branch.fetch()
            found = branch.entries(tip, [request.path])
            if found and branch.contents([found[0].blob])[found[0].blob] == request.content:
                return tip
            draft = Draft(
                parent=tip,
                files={request.path: request.content},
                message=request.message,
                committed_at=self._clock(),
                identity=branch.identity,
            )
            commit = branch.build(draft)
            if branch.move(tip, commit):
                return commit
            time.sleep(0.1 * 2**attempt * random.SystemRandom().random())
        raise GitError(f"`{request.branch}` could not be moved: others were always faster", code="branch-busy")
