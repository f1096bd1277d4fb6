from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.apply.week import Week, week


@pytest.fixture(scope="session")
def applied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Week]:
    """The week, applied once for all tests that only look at it."""
    with week(tmp_path_factory.mktemp("week")) as made:
        yield made
