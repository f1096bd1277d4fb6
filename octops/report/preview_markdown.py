"""A preview as the comment of a pull request: a table, then each new answer beside the last recorded one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from octops.model.plan import ChangeAction
from octops.model.run import Record
from octops.report.comment import PREVIEW_MARKER, Comment
from octops.report.diff import unified_diff
from octops.report.escape import code, fence, html_code, markdown_sentence
from octops.report.plan_markdown import LIMIT
from octops.report.preview import Preview, Previewed, PreviewStatus, answer_text, preview_line
from octops.report.show import usage_words
from octops.report.words import count, local_time, money

ROOM = LIMIT - 300
"""A longer first line, which tells two projects of a repository apart, must fit too."""
_RESERVE = 500
"""Kept free for the sentences that say what was left out."""
_HEAD = 2_500
"""What a section takes beside its texts, and more."""
MAX_TEXT = 15_000
_FEWEST = 200
_LANGUAGES = {"markdown": "markdown", "json": "json"}


def preview_markdown(previewed: Previewed, *, limit: int = ROOM) -> str:
    """At most `limit` characters; what does not fit is counted in a sentence, never cut in the middle."""
    comment = Comment(limit)
    comment.add(f"{PREVIEW_MARKER}\n")
    if not previewed.previews:
        comment.add(f"{preview_line(previewed)} {_compared(previewed)} There is nothing to preview.\n")
        return comment.text()
    comment.add(f"### {preview_line(previewed)}\n\n{_intro(previewed)}\n")
    head = "\n| task | what changed | outcome | tokens | cost |\n| --- | --- | --- | --- | --- |\n"
    left_out = comment.add_rows(head, map(_row, previewed.previews), share=0.4, reserve=_RESERVE)
    if left_out:
        comment.add(f"\n{count(left_out, 'more changed task')} did not fit into this comment.\n")
    _add_answers(comment, [preview for preview in previewed.previews if preview.answer], limit)
    return comment.text()


def _intro(previewed: Previewed) -> str:
    usage = previewed.usage
    cost = "a cost that is not known" if usage.cost_usd is None else money(usage.cost_usd)
    return (
        f"Staged at {local_time(previewed.as_of, 'UTC')}: nothing was delivered, nothing was recorded.  \n"
        f"Used {count(usage.input_tokens, 'token')} in and {usage.output_tokens:,} out, {cost}, "
        f"under a cap of {money(previewed.max_cost_usd)}.  \n{_compared(previewed)}"
    )


def _compared(previewed: Previewed) -> str:
    revision = code(previewed.revision[:12]) if previewed.revision else "files outside any commit"
    dirty = " and changes not committed yet" if previewed.dirty else ""
    return f"octops compared {revision}{dirty} with {code(previewed.base[:12])}."


def _row(preview: Preview) -> str:
    usage = preview.answer.usage if preview.answer else None
    tokens = f"{usage.input_tokens + usage.output_tokens:,}" if usage else ""
    cost = money(usage.cost_usd) if usage else ""
    return f"| {code(preview.task)} | {_changed(preview)} | {_outcome(preview)} | {tokens} | {cost} |\n"


def _changed(preview: Preview) -> str:
    moved = f"renamed from {code(preview.moved_from)}" if preview.moved_from else ""
    verbs = {ChangeAction.CREATE: "new", ChangeAction.DELETE: "deleted"}
    return ", ".join(filter(None, (moved, verbs.get(preview.action, ""), *map(code, preview.modified))))


def _outcome(preview: Preview) -> str:
    if preview.status is PreviewStatus.NOT_RUN:
        return f"not run: {markdown_sentence(preview.reason)}"
    return "**failed**" if preview.status is PreviewStatus.FAILED else "completed"


def _add_answers(comment: Comment, previews: list[Preview], limit: int) -> None:
    for at, preview in enumerate(previews):
        # Three texts each: the new one, the last one, what differs. What the first do not use is for the others.
        room = (limit - len(comment.text()) - _RESERVE) // (len(previews) - at)
        most = max(_FEWEST, min(MAX_TEXT, (room - _HEAD) // 3))
        # Some characters count twice.
        if not any(comment.add(_section(preview, size), reserve=_RESERVE) for size in (most, most // 2, _FEWEST)):
            left = count(len(previews) - at, "answer")
            comment.add(f"\nCut here: {left} more did not fit; `octops preview --task ID` shows those of one task.\n")
            return


def _section(preview: Preview, limit: int) -> str:
    return "\n".join(
        ("", f"#### {code(preview.task)}", "", *_facts(preview), *_failure(preview), *_texts(preview, limit))
    )


def _facts(preview: Preview) -> Iterator[str]:
    answer = preview.answer
    assert answer is not None
    slot = f"As of {local_time(preview.scheduled_at, preview.timezone)}" if preview.scheduled_at else "As of now"
    model = f", answered by {code(answer.model)}" if answer.model else ""
    yield f"{slot}{model}: {usage_words(answer.usage)}."
    if preview.withheld:
        tools = _listed(preview.withheld)
        yield f"\nNot offered to the model, since they do not promise to change nothing: {tools}."
    yield from (f"\n{markdown_sentence(note)}." for note in preview.notes[:5])


def _listed(names: tuple[str, ...]) -> str:
    more = f" and {count(len(names) - 10, 'more tool')}" if len(names) > 10 else ""
    return ", ".join(map(code, names[:10])) + more


def _failure(preview: Preview) -> Iterable[str]:
    failure = preview.answer.failure if preview.answer else None
    if failure is None:
        return ()
    hint = f" Help: {markdown_sentence(failure.hint[:500])}." if failure.hint else ""
    return (
        f"\n**Failed** ({failure.kind.value.replace('_', ' ')}): {markdown_sentence(failure.message[:1_000])}.{hint}",
    )


def _texts(preview: Preview, limit: int) -> Iterator[str]:
    answer, last = preview.answer, preview.last
    assert answer is not None
    now = answer_text(answer.text, answer.data, preview.format)
    if not now.strip():
        yield "\nThere is no answer.\n"
    else:
        said = "What it said before it failed" if answer.failure else "The new answer"
        yield f"\n{said}:\n\n{_fenced(now, preview.format, limit)}"
    if last is None:
        yield "No completed run of this task is recorded: there is nothing to set beside it.\n"
        return
    before = answer_text(last.text, last.data, last.format)
    if before.strip() == now.strip():
        yield f"The last recorded answer, {_recorded(last, preview.timezone)}, says the same.\n"
        return
    yield _unfolding(f"The last recorded answer: {_recorded(last, preview.timezone)}", before, last.format, limit)
    if now.strip():
        diff = "".join(f"{line}\n" for line in unified_diff(before, now))
        yield _unfolding("What differs", diff, "diff", limit)


def _recorded(record: Record, zone: str) -> str:
    return f"{html_code(record.run)}, {local_time(record.finished_at, zone)}"


def _unfolding(title: str, text: str, language: str, limit: int) -> str:
    return f"<details><summary>{title}</summary>\n\n{_fenced(text, language, limit)}\n</details>\n"


def _fenced(text: str, format_: str, limit: int) -> str:
    return fence(text, "diff" if format_ == "diff" else _LANGUAGES.get(format_, "text"), limit=limit)
