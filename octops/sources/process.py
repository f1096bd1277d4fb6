"""A child process that speaks in lines: bounded in what it may say, and ended with everything it started."""

from __future__ import annotations

import asyncio
import os
import signal
from collections import deque
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager, suppress
from typing import Final

from octops.sources.command import Command

LONGEST_LINE: Final = 16 * 1024 * 1024
MOST_OUTPUT: Final = 512 * 1024 * 1024
_QUEUED: Final = 1024 * 1024
_STDERR_TAIL: Final = 4096
_STDERR_AT_FULL_SPEED: Final = 1024 * 1024
_STDERR_PAUSE_SECONDS: Final = 0.02
_GRACE_SECONDS: Final = 2.0
_LAST_WORDS_SECONDS: Final = 0.5
_STDOUT: Final = 1
_STDERR: Final = 2


@asynccontextmanager
async def running(command: Command) -> AsyncIterator[Child]:
    """Starts a process in a group of its own. Leaving ends the group within seconds, also when cancelled.

    Raises OSError when it cannot be started.
    """
    loop = asyncio.get_running_loop()
    _, child = await loop.subprocess_exec(
        Child,
        *command.argv,
        env=dict(command.environment),
        cwd=command.folder,
        start_new_session=True,
    )
    try:
        yield child
    finally:
        await uninterrupted(child.stop())


async def uninterrupted(work: Awaitable[None]) -> None:
    """Lets bounded work come to its end; a cancellation that arrives meanwhile is raised after it."""
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        raise cancelled
    task.result()


class Child(asyncio.SubprocessProtocol):
    """The process as asyncio tells of it. What nobody reads yet stays in the pipe, and the process waits."""

    def __init__(self) -> None:
        self._lines: deque[bytes] = deque()
        self._unfinished: list[bytes] = []
        self._unfinished_size = 0
        self._queued = 0
        self._read = 0
        self._paused = False
        self._over = False
        self._group_over = False
        self._failure = ""
        self._news = asyncio.Event()
        self._exited = asyncio.Event()
        self._writable = asyncio.Event()
        self._writable.set()
        self._stderr = b""
        self._stderr_read = 0

    @property
    def over(self) -> bool:
        """No further line will be said or heard."""
        return self._over

    @property
    def stderr(self) -> str:
        """The end of what was written to stderr, from the start of a line where there is one."""
        tail = self._stderr.decode(errors="replace")
        return (tail.partition("\n")[2] or tail if self._stderr_read > _STDERR_TAIL else tail).strip()

    async def next_line(self) -> bytes | None:
        """The next line of stdout without its end; None when there will be none."""
        while not self._lines:
            if self._over:
                return None
            self._news.clear()
            await self._news.wait()
        line = self._lines.popleft()
        self._queued -= len(line)
        if self._paused and self._queued < _QUEUED:
            self._paused = False
            self._pipe(_STDOUT).resume_reading()
        return line

    async def write(self, line: bytes) -> None:
        """Puts a line into stdin. Waits while the process does not read; one that is gone hears nothing."""
        await self._writable.wait()
        if not self._over:
            self._stdin().write(line)

    async def ending(self) -> str:
        """Why there is nothing more to hear, in words; waits a moment for the process to be gone."""
        if not self._failure:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._exited.wait(), _LAST_WORDS_SECONDS)
        code = self._transport.get_returncode()
        if self._failure or code is None:
            return self._failure or "its process closed its output"
        return f"its process was killed by {_signal_name(-code)}" if code < 0 else f"its process ended with exit {code}"

    def fail(self, why: str) -> None:
        """Ends the process at once, for something no server may do."""
        self._failure = self._failure or why
        self._lines.clear()
        self._unfinished.clear()
        self._end()
        self._signal(signal.SIGKILL)

    async def stop(self) -> None:
        """Closes stdin and waits 2 s; then SIGTERM to the group and 2 s; then SIGKILL."""
        try:
            self._discard()
            self._stdin().close()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._exited.wait(), _GRACE_SECONDS)
            self._signal(signal.SIGTERM)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._group_is_empty(), _GRACE_SECONDS)
        finally:
            self._signal(signal.SIGKILL)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._exited.wait(), _GRACE_SECONDS)
            if self._stdin().get_write_buffer_size():
                self._stdin().abort()
            self._transport.close()
            # The pipes are closed in the loop's next round.
            await asyncio.sleep(0)

    async def _group_is_empty(self) -> None:
        await self._exited.wait()
        # Nobody tells when the last of a group goes.
        while self._signal(0):  # noqa: ASYNC110
            await asyncio.sleep(0.02)

    def _signal(self, number: int) -> bool:
        """Whether there still was anybody in the group to get it. An empty group's number may become another's."""
        if not self._group_over:
            try:
                os.killpg(self._transport.get_pid(), number)
            except (ProcessLookupError, PermissionError):
                self._group_over = True
        return not self._group_over

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.SubprocessTransport)
        self._transport = transport

    def pipe_data_received(self, fd: int, data: bytes | str) -> None:
        assert isinstance(data, bytes)
        if fd == _STDERR:
            self._hear_stderr(data)
        elif not self._over:
            self._hear(data)

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:
        if fd == _STDOUT:
            self._end()
        elif fd != _STDERR:
            self._writable.set()
            self._end_soon()

    def process_exited(self) -> None:
        self._exited.set()
        # Something it started may hold the pipe open: that is not waited for.
        self._end_soon()

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    def _hear(self, octets: bytes) -> None:
        self._read += len(octets)
        *ends, rest = octets.split(b"\n")
        for end in ends:
            line = b"".join((*self._unfinished, end))
            self._unfinished.clear()
            self._unfinished_size = 0
            if line.strip():
                self._lines.append(line)
                self._queued += len(line)
        self._unfinished.append(rest)
        self._unfinished_size += len(rest)
        if self._unfinished_size > LONGEST_LINE:
            self.fail(f"it said more than {LONGEST_LINE >> 20} MiB in one message")
        elif self._read > MOST_OUTPUT:
            self.fail(f"it said more than {MOST_OUTPUT >> 20} MiB")
        elif self._queued >= _QUEUED and not self._paused:
            self._paused = True
            self._pipe(_STDOUT).pause_reading()
        self._news.set()

    def _hear_stderr(self, octets: bytes) -> None:
        self._stderr = (self._stderr + octets)[-_STDERR_TAIL:]
        self._stderr_read += len(octets)
        if self._stderr_read > _STDERR_AT_FULL_SPEED and (pipe := self._transport.get_pipe_transport(_STDERR)):
            # Who floods is read slowly, so that the others are not held up; it is never left waiting for good.
            assert isinstance(pipe, asyncio.ReadTransport)
            pipe.pause_reading()
            asyncio.get_running_loop().call_later(_STDERR_PAUSE_SECONDS, _resume, pipe)

    def _discard(self) -> None:
        """What is said from now on is read and dropped, so that a process with more to say can come to its end."""
        self._end()
        self._lines.clear()
        if self._paused:
            self._paused = False
            self._pipe(_STDOUT).resume_reading()

    def _end_soon(self) -> None:
        asyncio.get_running_loop().call_later(_LAST_WORDS_SECONDS, self._end)

    def _end(self) -> None:
        self._over = True
        self._writable.set()
        self._news.set()

    def _pipe(self, fd: int) -> asyncio.ReadTransport:
        pipe = self._transport.get_pipe_transport(fd)
        assert isinstance(pipe, asyncio.ReadTransport)
        return pipe

    def _stdin(self) -> asyncio.WriteTransport:
        pipe = self._transport.get_pipe_transport(0)
        assert isinstance(pipe, asyncio.WriteTransport)
        return pipe


def _resume(pipe: asyncio.ReadTransport) -> None:
    if not pipe.is_closing():
        pipe.resume_reading()


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
