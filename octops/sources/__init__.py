"""Where data comes from: one file per type, each turning its keys into tools."""
