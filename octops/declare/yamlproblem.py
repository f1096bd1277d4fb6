"""What is wrong in a YAML text, as data."""

from __future__ import annotations

from dataclasses import dataclass

from octops.errors import Diagnostic, OctopsError
from octops.model.ids import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class YamlProblem:
    """One thing wrong in a text. Lines and columns count from 1, in characters; the end is exclusive."""

    code: str
    summary: str
    detail: str = ""
    line: int = 1
    column: int = 1
    end_line: int = 1
    end_column: int = 1


class YamlError(OctopsError):
    """A text that is not the YAML octops reads.

    `problems` are in the order of the text. `value` is what could be read all the same, so that more mistakes can be
    found in it; None after a syntax error, which ends the reading.
    """

    def __init__(self, *problems: YamlProblem, value: Value = None) -> None:
        super().__init__(*(Diagnostic(code=p.code, summary=p.summary, detail=p.detail) for p in problems))
        self.problems = problems
        self.value = value

    @property
    def problem(self) -> YamlProblem:
        return self.problems[0]
