"""The places where a project is reviewed: one file per platform."""
