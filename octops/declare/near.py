"""What somebody probably meant: changes with how forgiving suggestions are."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

_MANY = 1000
_SHOWN = 12


def nearest(word: str, choices: Iterable[str]) -> str:
    """The one of `choices` that `word` was probably meant to be, or empty."""
    return _nearest(word[:100], frozenset(choices))


def choice_text(word: str, choices: Iterable[str]) -> str:
    """The sentence that helps, up to the next one: the nearest choice, else all of them when they are few."""
    known = frozenset(choices)
    if near := nearest(word, known):
        return f"did you mean `{near}`? "
    if 0 < len(known) <= _SHOWN:
        return f"there is {', '.join(f'`{choice}`' for choice in sorted(known))}; "
    return ""


@lru_cache(maxsize=1024)
def _nearest(word: str, choices: frozenset[str]) -> str:
    from difflib import get_close_matches

    folded = _folded(word)
    if len(choices) > _MANY:
        # Comparing with every one of ten thousand ids takes a tenth of a second for each mistake.
        choices = frozenset(
            choice for choice in choices if choice[:1] == folded[:1] and abs(len(choice) - len(word)) < 4
        )
    by_folded = {_folded(choice): choice for choice in sorted(choices, reverse=True)}
    match = get_close_matches(folded, sorted(by_folded), n=1, cutoff=0.67)
    return by_folded[match[0]] if match else ""


def _folded(word: str) -> str:
    return word.lower().replace("_", "-").replace(" ", "-")
