"""What somebody probably meant: changes with how forgiving suggestions are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

_MANY = 200
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
        # Comparing a word with each of ten thousand takes a tenth of a second, and there may be as many mistakes.
        index = _by_what_is_left(choices)
        choices = frozenset(index[rest] for rest in _what_is_left(folded) if rest in index)
    by_folded = {_folded(choice): choice for choice in sorted(choices, reverse=True)}
    match = get_close_matches(folded, sorted(by_folded), n=1, cutoff=0.67)
    return by_folded[match[0]] if match else ""


@lru_cache(maxsize=4)
def _by_what_is_left(choices: frozenset[str]) -> Mapping[str, str]:
    """Two words with a slip between them are the same once each has lost a letter, at most."""
    ordered = sorted(choices, reverse=True)
    return {rest: choice for choice in ordered for rest in _what_is_left(_folded(choice))}


def _what_is_left(word: str) -> tuple[str, ...]:
    return (word, *(word[:n] + word[n + 1 :] for n in range(len(word))))


def _folded(word: str) -> str:
    return word.lower().replace("_", "-").replace(" ", "-")
