"""A tree → lines of YAML: changes with the style itself."""

from __future__ import annotations

from octops.declare.style.nodes import Container, Entry, Node, Scalar
from octops.declare.style.scalars import as_block, in_line, key_text

WIDTH = 120
"""A list or mapping in brackets that does not fit is written in lines."""


def document(node: Node, header: list[str], end: list[str]) -> list[str]:
    """The lines of a whole document: `header` above the first key, `end` below the last value."""
    if isinstance(node, Container):
        lines = _block(node, "") if node.entries else ["{}" if node.mapping else "[]", *_commented(node.end, "")]
    else:
        lines = [in_line(node)]
    while end and not end[-1]:
        end = end[:-1]
    above = _commented(header, "", first=True)
    if above and above[-1] and lines[0].startswith("#"):
        above.append("")
    return [*above, *lines, *_commented(end, "")]


def take_header(node: Node) -> list[str]:
    """The comment lines above the first key, up to the last blank line; call it before keys change places."""
    if not isinstance(node, Container) or not node.entries:
        return []
    first = node.entries[0]
    blanks = [place for place, text in enumerate(first.before) if not text]
    cut = blanks[-1] + 1 if blanks else len(first.before)
    header, first.before = first.before[:cut], first.before[cut:]
    return header


def _block(container: Container, pad: str) -> list[str]:
    lines: list[str] = []
    for number, entry in enumerate(container.entries):
        lines += _commented(entry.before, pad, first=number == 0)
        lines += _pair(entry, pad) if container.mapping else _item(entry, pad)
    return lines + _commented(container.end, pad)


def _commented(texts: list[str], pad: str, *, first: bool = False) -> list[str]:
    """Comment lines, with at most one blank line between two, and none above the first."""
    lines: list[str] = []
    for text in texts:
        if text or (lines[-1:] != [""] and (lines or not first)):
            lines.append(pad + text if text else "")
    return lines


def _pair(entry: Entry, pad: str) -> list[str]:
    head = f"{pad}{key_text(entry.key or Scalar(''))}:"
    value = entry.value
    if isinstance(value, Container):
        inline = _in_brackets(value, len(head) + 1)
        if inline is None:
            return [_beside(head, entry.after), *_block(value, pad + "  ")]
        return [_beside(f"{head} {inline}", entry.after)]
    return _with_scalar(head, value or Scalar(""), entry.after, pad + "  ")


def _item(entry: Entry, pad: str) -> list[str]:
    head = f"{pad}-"
    value = entry.value
    if not isinstance(value, Container):
        return _with_scalar(head, value or Scalar(""), entry.after, pad + "  ")
    inline = _in_brackets(value, len(head) + 1)
    if inline is not None:
        return [_beside(f"{head} {inline}", entry.after)]
    lines = _block(value, pad + "  ")
    above = next(place for place, line in enumerate(lines) if line and not line.lstrip().startswith("#"))
    comments = [pad + line.strip() if line else "" for line in lines[:above]]
    said = [pad + entry.after] if entry.after else []
    return [*said, *comments, f"{head} {lines[above][len(pad) + 2 :]}", *lines[above + 1 :]]


def _with_scalar(head: str, scalar: Scalar, after: str, pad: str) -> list[str]:
    block = as_block(scalar)
    comment = scalar.header_comment or after
    above = [pad[2:] + after] if scalar.header_comment and after else []
    if block is None:
        return [*above, _beside(f"{head} {in_line(scalar)}".rstrip(" "), comment)]
    header, lines = block
    return [*above, _beside(f"{head} {header}", comment), *(pad + line if line else "" for line in lines)]


def _beside(line: str, comment: str) -> str:
    return f"{line}  {comment}" if comment else line


def _in_brackets(container: Container, column: int) -> str | None:
    """On one line, or None: in the source it is not, or it holds a comment, or it is too wide."""
    if not container.entries and not container.end:
        return "{}" if container.mapping else "[]"
    text = _brackets(container) if container.inline else None
    return text if text is not None and column + len(text) <= WIDTH else None


def _brackets(container: Container) -> str | None:
    if container.end or any(entry.before or entry.after for entry in container.entries):
        return None
    pieces = []
    for entry in container.entries:
        value = _bracketed(entry.value)
        if value is None:
            return None
        pieces.append(f"{key_text(entry.key)}: {value}" if entry.key else value)
    return f"{{{', '.join(pieces)}}}" if container.mapping else f"[{', '.join(pieces)}]"


def _bracketed(value: Node | None) -> str | None:
    if isinstance(value, Container):
        return _brackets(value) if value.entries else "{}" if value.mapping else "[]"
    if value is None or value.style in ("|", ">"):
        return None
    return in_line(value) or "null"
