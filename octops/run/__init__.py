"""One planned run → one record."""
