"""Where results go: one file per type."""
