"""Files of a commit → Project, or every diagnostic at once."""
