from __future__ import annotations

import pytest

from octops.tokens import estimate_tokens


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 0),
        ("a", 1),
        ("four", 1),
        ("fives", 2),
        ("x" * 4000, 1000),
        ("日本語", 3),
        ("한국어", 3),
        ("日本😀", 4),
        ("。", 1),
        ("😀😀", 4),
        ("Привет", 2),
        ("é", 1),
        ("日本語 text", 3 + 2),
    ],
)
def test_the_script_decides_how_many_characters_make_a_token(text: str, expected: int) -> None:
    assert estimate_tokens(text) == expected


# Counted with the o200k and the cl100k tokenizer; an estimate has to serve both.
@pytest.mark.parametrize(
    ("text", "o200k", "cl100k"),
    [
        ("Compile the key updates of the week and group them by team. Name who did what, and what comes next.", 23, 23),
        ("def deliver(self, result: Result) -> Proof:\n    return Proof(text=str(self._post(result)))\n", 21, 21),
        ('{"run": "daily@20260302T080000Z", "status": "completed", "tokens": [12, 345, 6789]}', 33, 33),
        ("Fassen Sie die wichtigsten Änderungen der Woche zusammen und nennen Sie die Verantwortlichen.", 16, 21),
        ("今週の主な変更点をチームごとにまとめてください。", 17, 23),
        ("请按团队汇总本周的主要更新。", 11, 15),
        ("Составьте список основных изменений недели по командам.", 12, 19),
        ("😀🎉🚀", 5, 8),
    ],
)
def test_ordinary_texts_are_estimated_within_a_half(text: str, o200k: int, cl100k: int) -> None:
    middle = (o200k + cl100k) / 2
    assert middle * 0.5 <= estimate_tokens(text) <= middle * 1.5


def test_a_longer_text_never_has_fewer_tokens() -> None:
    text = "Ärger im 東京 office 😀 и дома"
    counts = [estimate_tokens(text[:end]) for end in range(len(text) + 1)]
    assert counts == sorted(counts)
