"""How often the branch may be moved: the push budget."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from octops.model.project import Records

_MINUTE = 60.0
_SPACING = 2.0
_LOCAL = 0.5
"""Without a remote nobody needs to be spared; but a commit costs four git processes, however much is in it."""
_GITHUB = 6
"""What github.com recommends as the most in a minute."""


@dataclass(slots=True)
class Pace:
    """At most `per_minute` pushes in any minute, and `spacing` seconds between two; the first goes at once."""

    spacing: float = _SPACING
    per_minute: int | None = None
    sleep: Callable[[float], None] = time.sleep
    monotonic: Callable[[], float] = time.monotonic
    _pushes: deque[float] = field(default_factory=deque)

    @classmethod
    def of(cls, records: Records, host: str, *, remote: bool) -> Pace:
        """As octops.yaml says, else as the remote's host deserves. Without a remote commits are only grouped.

        More pushes in a minute than the usual spacing has room for come closer together.
        """
        if not remote:
            return cls(spacing=_LOCAL)
        wanted = records.pushes_per_minute
        if wanted is not None:
            return cls(spacing=min(_SPACING, _MINUTE / wanted), per_minute=wanted)
        return cls(per_minute=_GITHUB if host == "github.com" or host.endswith(".github.com") else None)

    def left(self) -> float:
        """Seconds until the next push may start."""
        now = self.monotonic()
        while self._pushes and now - self._pushes[0] >= _MINUTE:
            self._pushes.popleft()
        waits = [0.0]
        if self._pushes:
            waits.append(self._pushes[-1] + self.spacing - now)
        if self.per_minute is not None and len(self._pushes) >= self.per_minute:
            waits.append(self._pushes[-self.per_minute] + _MINUTE - now)
        return max(waits)

    def push(self) -> None:
        """Note that a push starts now."""
        self._pushes.append(self.monotonic())
