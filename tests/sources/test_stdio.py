from __future__ import annotations

import asyncio
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from octops.model.run import ErrorKind, RunFailed
from octops.sources.opened import open_sources
from tests.kit import PATIENCE, ROOT, SOON
from tests.sources.kit import SERVERS, alive, link, started, stdio, surroundings, write

pytestmark = pytest.mark.anyio


@pytest.fixture
def pids(tmp_path: Path) -> Path:
    return tmp_path / "pids"


async def refused(source: object, root: Path, **keys: object) -> RunFailed:
    with pytest.raises(RunFailed) as caught:
        async with open_sources([source], surroundings(root, **keys)):  # type: ignore[list-item]
            pass
    return caught.value


@pytest.mark.parametrize(
    ("mood", "words"),
    [
        ("exits", "its process ended with exit 1, while connecting; stderr: cannot find the configuration"),
        ("silent", "no answer within 1 s, while connecting"),
        ("deaf", "no answer within 1 s, while connecting"),
        ("garbage", "what it prints on stdout is not MCP"),
        ("endless line", "it said more than 16 MiB in one message"),
        ("endless list", "its list of tools does not end"),
    ],
)
async def test_a_server_that_does_not_open_ends_the_run_and_leaves_no_process(
    mood: str, words: str, pids: Path, tmp_path: Path
) -> None:
    error = await refused(stdio(mood, pids, timeout_seconds=1 if "no answer" in words else 20), tmp_path)
    assert (error.failure.kind, words in str(error), alive(pids)) == (ErrorKind.SOURCE, True, []), str(error)
    assert str(error).startswith("source `web` could not be opened: ")


async def test_a_command_with_its_arguments_in_it_is_told_where_they_belong(pids: Path, tmp_path: Path) -> None:
    error = await refused(stdio("good", pids, config={"command": "npx foo"}), tmp_path)
    assert error.failure.hint == "write the arguments into `args`: `command: npx` and `args: [foo]`"


async def test_a_key_of_several_lines_stays_secret_when_the_last_lines_are_told(pids: Path, tmp_path: Path) -> None:
    key = "-----BEGIN KEY-----\nc2VjcmV0\nbGluZXM=\n-----END KEY-----"
    told = stdio("tells its key", pids, config={"env": {"FROB_KEY": {"env": "FROB_KEY"}}})
    assert str(await refused(told, tmp_path, secrets={"FROB_KEY": key})).endswith("stderr: bad key: / [redacted]")


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"command": "npx foo"}, "the command `npx foo` was not found on PATH"),
        ({"command": "no-such-program"}, "the command `no-such-program` was not found on PATH"),
        ({"command": "./nothing.sh"}, "`./nothing.sh` is not a program"),
        ({"command": "./text.sh"}, "`./text.sh` is not a program"),
        ({"cwd": "../.."}, "`cwd` leaves the repository: `../..`"),
        ({"cwd": "out"}, "`cwd` leaves the repository: `out`"),
        ({"cwd": "nowhere"}, "`cwd` is not a folder: `nowhere`"),
        ({"env": {"TOKEN": {"env": "MY_TOKEN"}}}, "the environment variable `MY_TOKEN` is not set"),
    ],
)
async def test_a_command_that_cannot_be_started_is_said_before_it_is(
    config: dict[str, object], words: str, pids: Path, tmp_path: Path
) -> None:
    root = write(tmp_path / "root", {"text.sh": ""})
    link(root / "out", tmp_path)
    error = await refused(stdio("good", pids, config=config), root)
    assert (words in str(error), started(pids)) == (True, False)


@pytest.mark.parametrize(
    ("mood", "words"),
    [
        ("dies", "source `web` is gone: its process ended with exit 7; stderr: out of cheese"),
        ("huge", "source `web` is gone: it said more than 16 MiB in one message"),
    ],
)
async def test_a_server_that_dies_in_a_call_is_news_for_the_model_then_and_ever_after(
    mood: str, words: str, pids: Path, tmp_path: Path
) -> None:
    async with open_sources([stdio(mood, pids)], surroundings(tmp_path)) as opened:
        first = await opened.call("web__say", {})
        started = time.monotonic()
        second = await opened.call("web__say", {})
        quick = time.monotonic() - started < SOON
    assert (first.is_error, words in first.text, second, quick, alive(pids)) == (True, True, first, True, [])


@pytest.mark.parametrize("mood", ["hangs", "drips"])
async def test_a_call_that_takes_too_long_is_given_up_in_time(mood: str, pids: Path, tmp_path: Path) -> None:
    async with open_sources([stdio(mood, pids, timeout_seconds=3)], surroundings(tmp_path)) as opened:
        started = time.monotonic()
        result = await opened.call("web__say", {})
        seconds = time.monotonic() - started
    assert (result.is_error, result.text, alive(pids)) == (True, "`say` did not answer within 3 s", [])
    assert seconds < SOON


@pytest.mark.parametrize(
    ("mood", "said", "is_error"),
    [
        ("greets", "hello", False),
        ("floods stderr", "hello", False),
        ("slow pattern", "hello", False),
        ("asks", "Sampling not supported", False),
        ("nonsense", "its answer is not what MCP says an answer is", True),
    ],
)
async def test_an_odd_server_is_still_of_use(
    mood: str, said: str, is_error: bool, pids: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    async with open_sources([stdio(mood, pids)], surroundings(tmp_path)) as opened:
        result = await opened.call("web__say", {})
    assert (result.text, result.is_error, alive(pids)) == (said, is_error, [])
    assert capfd.readouterr() == ("", "")


async def test_a_large_result_is_read_in_no_time_and_cut(pids: Path, tmp_path: Path) -> None:
    async with open_sources([stdio("large", pids)], surroundings(tmp_path)) as opened:
        started = time.process_time()
        result = await opened.call("web__say", {})
        seconds = time.process_time() - started
    assert result.text.endswith("\n[cut off here: 102400 of 8388608 bytes are shown; ask for less]")
    assert (len(result.text) < 103_000, seconds < 2) == (True, True)


async def test_a_hundred_megabytes_do_not_fill_the_memory(pids: Path, tmp_path: Path) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    async with open_sources([stdio("huge", pids)], surroundings(tmp_path)) as opened:
        await opened.call("web__say", {})
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024


async def test_what_ignores_a_polite_end_is_killed(pids: Path, tmp_path: Path) -> None:
    async with open_sources([stdio("stubborn", pids)], surroundings(tmp_path)):
        running = alive(pids)
        started = time.monotonic()
    assert (len(running), alive(pids), 3 < time.monotonic() - started < SOON) == (1, [], True)


async def test_what_goes_on_after_its_input_ended_is_asked_to_end(pids: Path, tmp_path: Path) -> None:
    async with open_sources([stdio("polite", pids)], surroundings(tmp_path)):
        pass
    assert (alive(pids), started(pids.with_name("pids.bye"))) == ([], True)


async def test_what_a_server_started_ends_with_it(pids: Path, tmp_path: Path) -> None:
    async with open_sources([stdio("parent", pids)], surroundings(tmp_path)):
        running = alive(pids)
    assert (len(running), alive(pids)) == (2, [])


async def test_a_cancelled_run_leaves_no_process(pids: Path, tmp_path: Path) -> None:
    opened = asyncio.Event()

    async def run() -> None:
        async with open_sources([stdio("stubborn", pids)], surroundings(tmp_path)):
            opened.set()
            await asyncio.sleep(600)

    task = asyncio.create_task(run())
    await asyncio.wait_for(opened.wait(), PATIENCE)
    running = alive(pids)
    task.cancel()
    await asyncio.sleep(0.5)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (len(running), alive(pids)) == (1, [])


async def test_a_cancelled_call_returns_at_once(pids: Path, tmp_path: Path) -> None:
    async with open_sources([stdio("hangs", pids)], surroundings(tmp_path)) as opened:
        started = time.monotonic()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(opened.call("web__say", {}), 0.3)
        assert time.monotonic() - started < SOON


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent is gone")
def test_a_killed_octops_leaves_no_server_behind(pids: Path, tmp_path: Path) -> None:
    script = f"""
import asyncio, sys
from pathlib import Path
from octops.sources.opened import open_sources
from tests.sources.kit import stdio, surroundings
async def run():
    async with open_sources([stdio("stubborn", Path({str(pids)!r}))], surroundings(Path({str(tmp_path)!r}))):
        print("open", flush=True)
        await asyncio.sleep(600)
asyncio.run(run())
"""
    # The home of the server stays behind then: in a folder that the tests clear away.
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    octops = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, env=environment, stdout=subprocess.PIPE)
    assert octops.stdout is not None
    octops.stdout.readline()
    running = alive(pids)
    octops.send_signal(signal.SIGKILL)
    octops.communicate()
    deadline = time.monotonic() + SOON
    while alive(pids) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert (len(running), alive(pids)) == (1, [])


async def test_all_servers_start_at_the_same_time(tmp_path: Path) -> None:
    sources = [stdio("silent", tmp_path / f"pids{n}", id=f"s{n}", timeout_seconds=3, optional=True) for n in range(8)]
    started = time.monotonic()
    async with open_sources(sources, surroundings(tmp_path)) as opened:
        seconds = time.monotonic() - started
    assert (len(opened.notes), seconds < SOON) == (8, True)


async def test_a_failing_source_ends_the_others_at_once(tmp_path: Path) -> None:
    slow = stdio("stubborn", tmp_path / "slow", id="slow")
    error = await refused_all([slow, stdio("exits", tmp_path / "exits", id="bad")], tmp_path)
    assert (str(error).startswith("source `bad` could not be opened"), alive(tmp_path / "slow")) == (True, [])


async def refused_all(sources: list[object], root: Path) -> RunFailed:
    with pytest.raises(RunFailed) as caught:
        async with open_sources(sources, surroundings(root)):  # type: ignore[arg-type]
            pass
    return caught.value


def test_the_servers_of_these_tests_are_there() -> None:
    assert sorted(path.name for path in SERVERS.glob("*.py")) == ["raw.py", "real.py"]
