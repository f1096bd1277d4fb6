"""Git, and nothing else: revisions, trees, blobs, compare-and-swap. `Repository` is the way in."""

from octops.repository.checkout import Repository

__all__ = ["Repository"]
