"""The publisher's hub: one file over HTTP, going on where an earlier download stopped."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from octops.local.fetching import SourceFailed, Step, Tell
from octops.local.weights import Weights

if TYPE_CHECKING:
    import httpx

_TRIES: Final = 4


def fetch(weights: Weights, draft: Path, tell: Tell) -> None:
    """A download that is cut goes on as long as each try brings something new."""
    import httpx

    with httpx.Client(follow_redirects=True, timeout=httpx.Timeout(30, connect=5)) as client:
        for attempt in range(1, _TRIES + 1):
            before = _size(draft)
            if before == weights.size:
                return
            try:
                _append(client, weights, draft, before, tell)
            except httpx.HTTPError as error:
                if attempt == _TRIES or _size(draft) == before:
                    reached = isinstance(error, httpx.RemoteProtocolError | httpx.ReadError | httpx.ReadTimeout)
                    what = "broke off" if reached else "cannot be reached"
                    raise SourceFailed(f"the publisher's hub {what} ({_words(error)})") from error
    if _size(draft) != weights.size:
        raise SourceFailed("the publisher's hub sends less than the file")


def _append(client: httpx.Client, weights: Weights, draft: Path, have: int, tell: Tell) -> None:
    tell(Step(source="hub", done=have))
    headers = {"Accept-Encoding": "identity", **({"Range": f"bytes={have}-"} if have else {})}
    with client.stream("GET", weights.url, headers=headers) as response:
        if response.status_code not in (200, 206):
            raise SourceFailed(f"the publisher's hub answered {response.status_code}")
        goes_on = response.headers.get("Content-Range", "").startswith(f"bytes {have}-")
        with draft.open("ab" if response.status_code == 206 and goes_on else "wb") as file:
            for block in response.iter_raw():
                file.write(block)
                if file.tell() > weights.size:
                    file.truncate(0)
                    raise SourceFailed("the publisher's hub sends another file", wrong_hash=True)
                tell(Step(source="hub", done=file.tell()))


def _words(error: httpx.HTTPError) -> str:
    return " ".join(str(error).split())[:160] or type(error).__name__


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
