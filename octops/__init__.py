"""AI tasks as code: plan and run scheduled tasks that live as files in a git repository."""

__version__ = "0.1.0"
