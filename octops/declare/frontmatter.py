"""Where the YAML of a Markdown file ends and its body begins."""

from __future__ import annotations

from dataclasses import dataclass

from octops.declare.yamlfile import YamlError, YamlProblem


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontMatter:
    """The two halves of a Markdown file. A line `n` of `yaml` is line `n + yaml_line - 1` of the file."""

    yaml: str
    yaml_line: int
    body: str
    body_line: int


def split(text: str) -> FrontMatter:
    """Split at the two `---` lines; without the first everything is body, without the second it is a YamlError.

    The body keeps every character but one blank line right after the front matter.
    """
    first = text.partition("\n")[0]
    if first.rstrip(" \t") != "---":
        return FrontMatter(yaml="", yaml_line=1, body=text, body_line=1)
    start = len(first) + 1
    line, here = 2, start
    while here < len(text):
        end = text.find("\n", here)
        end = len(text) if end < 0 else end
        if text.startswith("---", here) and not text[here + 3 : end].strip(" \t"):
            return _halves(text, start, here, end + 1, line + 1)
        here, line = end + 1, line + 1
    raise YamlError(
        YamlProblem(
            code="unclosed-front-matter",
            summary="the front matter has no end",
            detail="write a line `---` after the last key; the text below it is the body",
            line=1,
            column=1,
            end_line=1,
            end_column=4,
        )
    )


def _halves(text: str, start: int, end: int, body: int, body_line: int) -> FrontMatter:
    blank = text.find("\n", body)
    if blank >= 0 and not text[body:blank].strip(" \t"):
        body, body_line = blank + 1, body_line + 1
    return FrontMatter(yaml=text[start:end], yaml_line=2, body=text[body:], body_line=body_line)
