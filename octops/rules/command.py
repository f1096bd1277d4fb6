"""What a program is called: changes with what people write where only its name belongs."""

from __future__ import annotations

from octops.rules.refusal import Refusal


def spaced_command(command: str) -> Refusal | None:
    """For a name with a space in it, which nearly always is a name with its arguments."""
    program, _, rest = command.strip().partition(" ")
    if not rest:
        return None
    arguments = ", ".join(f'"{word}"' if not word.replace("-", "").isalnum() else word for word in rest.split())
    return Refusal(
        code="spaced-command",
        what=f"`command` is the name of one program, and `{command}` has a space in it",
        cure=f"write the arguments into `args`: `command: {program}` and `args: [{arguments}]`",
        at=("command",),
    )
