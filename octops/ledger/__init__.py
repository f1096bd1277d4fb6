"""The ledger: what happened, on an orphan branch that is moved only by compare-and-swap."""
