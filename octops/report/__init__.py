"""Values in, text out: plans, runs and diagnostics for terminals, comments, logs and programs. Nothing here prints."""
