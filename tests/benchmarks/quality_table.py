"""The quality benchmark's answers and scores → the table that stands in docs/local-models.md."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tests.benchmarks.quality_cases import Case
from tests.benchmarks.quality_rules import Counted, Said, Score, score

HEADINGS = (
    "task",
    "model",
    "completed",
    "shape kept",
    "right",
    "facts kept",
    "invented something",
    "no fault found",
    "seconds",
    "tokens/s",
)


def quality_table(
    models: Sequence[str],
    chosen: Sequence[Case],
    results: Mapping[str, Mapping[str, Any]],
    key: Callable[[str, Case], str],
) -> str:
    """Markdown; a row for each task and model that has answers. Seconds and tokens/s are the measuring machine's."""
    rows = [HEADINGS, tuple("---" for _ in HEADINGS)]
    for task in dict.fromkeys(case.task for case in chosen):
        for model in models:
            mine = [case for case in chosen if case.task == task and key(model, case) in results]
            answered = [(case, results[key(model, case)]) for case in mine]
            if answered:
                rows.append(_row(task, model, answered))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _row(task: str, model: str, answered: Sequence[tuple[Case, Mapping[str, Any]]]) -> tuple[str, ...]:
    scores = [score(case, said(kept)) for case, kept in answered]
    seconds = sum(kept["seconds"] for _, kept in answered)
    written = sum(kept["output_tokens"] for _, kept in answered)
    return (
        task,
        model.rpartition("/")[2],
        _of(sum(it.completed for it in scores), len(scores)),
        _of(sum(it.shape for it in scores), len(scores)),
        ", ".join(f"{name} {_of(*_sum([it.right.get(name, (0, 0)) for it in scores]))}" for name in _names(scores)),
        _of(*_sum([it.facts for it in scores])),
        _of(sum(bool(it.invented) for it in scores), len(scores)),
        _of(sum(it.flawless for it in scores), len(scores)),
        f"{seconds / len(scores):.0f}",
        f"{written / seconds:.1f}" if seconds else "-",
    )


def said(kept: Mapping[str, Any]) -> Said:
    return Said(completed=not kept["failure"], text=kept["text"], data=kept["data"])


def _names(scores: Sequence[Score]) -> list[str]:
    return list(dict.fromkeys(name for it in scores for name in it.right))


def _sum(counts: Sequence[Counted]) -> Counted:
    return sum(good for good, _ in counts), sum(of for _, of in counts)


def _of(good: int, of: int) -> str:
    return f"{good}/{of}"
