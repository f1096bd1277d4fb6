"""One style for YAML: text → tree with comments → the same values, written the one way."""
