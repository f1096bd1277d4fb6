"""Ready workflows for CI systems, as text with `@NAME@` in the places that differ from project to project."""
