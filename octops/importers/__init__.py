"""What other programs keep their tasks in → drafts of our files: one module per format, one line in the table."""
