"""What can never work, whoever meets it first: the check of the files, or the run."""
