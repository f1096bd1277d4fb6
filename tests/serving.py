"""A server on loopback, in a thread of its own for as long as a block lasts."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def serving(server: http.server.ThreadingHTTPServer) -> Iterator[int]:
    """Gives its port. At the end it listens no more; an answer that hangs holds nobody up."""
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
