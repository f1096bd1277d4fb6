"""A shell command → the model it calls and with what: changes with the programs people call models by."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from octops.importers.crontab_options import MODEL, PROMPT, is_system, words_after
from octops.importers.draft import Gathering, env_name
from octops.importers.keys import key_in, looks_like_a_key, takes_a_key

_PROVIDERS = {
    "llm": "",
    "claude": "anthropic",
    "codex": "openai",
    "openai": "openai",
    "sgpt": "openai",
    "chatgpt": "openai",
    "gemini": "gemini",
    "ollama": "ollama",
    "aichat": "",
    "mods": "",
    "fabric": "",
    "goose": "",
    "copilot": "",
}
_VERBS = frozenset(("prompt", "exec", "run", "chat", "e", "suggest", "api", "chat.completions.create"))
_BEFORE = frozenset(("timeout", "nice", "ionice", "env", "time", "nohup", "chronic", "sudo", "exec", "flock"))
_ARGUMENT = re.compile(r"-[\w=.-]{1,60}|[\d.]+[smhd]?|/[\w./-]{1,200}")
_USERS = frozenset(("root", "ubuntu", "admin", "deploy", "app", "node", "www-data", "ec2-user"))
"""Whose name may stand before a command, in the crontab of the system."""
UNCLOSED = "a quote on it is not closed: close it, or take the line out"
_JOINTS = frozenset((";", "&&", "||", "|", "&", "(", ")"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call of a model on a command line."""

    program: str
    provider: str
    prompt: str
    model: str = ""


def call_in(command: str, place: str, gathering: Gathering) -> Call | None:
    """The first call of a model in the command; what the shell does around it is told, and why there is none."""
    try:
        reader = shlex.shlex(command[:20_000], posix=True, punctuation_chars="();<>|&")
        reader.whitespace_split = True
        reader.commenters = ""
        words = list(reader)
    except ValueError:
        gathering.leave(place, UNCLOSED)
        return None
    parts = _parts(words)
    for number, part in enumerate(parts):
        start = _start(part, place, gathering)
        if start is not None:
            _around(parts, number, place, gathering)
            return _call(part, start, place, gathering)
    gathering.leave(place, "it calls no language model: it stays in cron")
    return None


def _parts(words: Sequence[str]) -> list[list[str]]:
    parts: list[list[str]] = [[]]
    for word in words:
        if word in _JOINTS:
            parts.append([])
        else:
            parts[-1].append(word)
    return [part for part in parts if part]


def _start(part: Sequence[str], place: str, gathering: Gathering) -> int | None:
    """Where the program stands: behind assignments, `timeout 60` and, in the system's crontab, a user's name."""
    settings = []
    before = False
    for number, word in enumerate(part[:8]):
        if assigned := re.match(r"([A-Za-z_]\w*)=", word):
            settings.append(assigned[1])
        elif _program(word) in _PROVIDERS:
            for name in settings:
                gathering.set(env_name(name), f"it stood on {place} of the crontab")
            return number
        elif _program(word) in _BEFORE:
            before = True
        elif not (before and _ARGUMENT.fullmatch(word)) and not (number == 0 and word in _USERS):
            return None
    return None


def _program(word: str) -> str:
    return word.rpartition("/")[2]


def _around(parts: Sequence[Sequence[str]], number: int, place: str, gathering: Gathering) -> None:
    for other, part in enumerate(parts):
        if other < number and _program(part[0]) != "cd":
            said = f"`{_program(part[0])[:40]}` ran before it: what it gave the model belongs into a source"
            gathering.leave(place, said)
        elif other > number:
            said = f"`{_program(part[0])[:40]}` took the answer: write a destination for it"
            gathering.leave(place, said)


def _call(part: Sequence[str], start: int, place: str, gathering: Gathering) -> Call:
    program = _program(part[start])
    given = _Given()
    words = iter(part[start + 1 :])
    for word in words:
        if set(word) <= set("<>&") or re.fullmatch(r"\d?[<>]+&?\d?", word):
            _redirected(word, next(words, ""), place, gathering)
        elif word.startswith("-"):
            _option(word, words, given, program, place, gathering)
        elif not re.fullmatch(r"\d", word):
            _say(word, given, place, gathering)
    prompts, model = given.prompts, given.model
    while prompts and prompts[0] in _VERBS:
        prompts = prompts[1:]
    if program == "ollama" and prompts and not model:
        model, prompts = prompts[0], prompts[1:]
    text = "\n\n".join([*([given.system] if given.system else []), " ".join(prompts)]).strip()
    return Call(program=program, provider=_PROVIDERS[program], prompt=text, model=model)


@dataclass(slots=True)
class _Given:
    """What the words of a call have said so far."""

    prompts: list[str] = field(default_factory=list)
    system: str = ""
    model: str = ""


def _option(word: str, words: Iterator[str], given: _Given, program: str, place: str, gathering: Gathering) -> None:
    flag, sign, value = word.partition("=")
    follow = 0 if sign else words_after(program, flag)
    if flag in MODEL:
        given.model = value if sign else next(words, "")
    elif is_system(program, flag):
        given.system = _without_keys(value if sign else next(words, ""), place, gathering)
    elif flag in PROMPT and not words_after(program, flag):
        if sign:
            _say(value, given, place, gathering)
    else:
        name = "" if looks_like_a_key(flag) else f" `{flag[:40]}`"
        gathering.leave(place, f"the option{name} of `{program}` has no place")
        # An option nobody here knows, but whose name is that of a key, is followed by one.
        for _ in range(follow or (not sign and takes_a_key(flag))):
            next(words, "")


def _say(word: str, given: _Given, place: str, gathering: Gathering) -> None:
    if not re.search(r"\s", word) and key_in(word) is not None:
        gathering.leave(place, "a word that may be a key was taken out")
    else:
        given.prompts.append(_without_keys(word, place, gathering))


def _without_keys(text: str, place: str, gathering: Gathering) -> str:
    """A prompt without the words in it that may be keys."""
    pieces = re.split(r"(\s+)", text)
    for number, piece in enumerate(pieces):
        if looks_like_a_key(piece):
            gathering.leave(place, "a word of the prompt that may be a key was taken out")
            pieces[number] = "[key removed]"
    return "".join(pieces)


def _redirected(sign: str, file: str, place: str, gathering: Gathering) -> None:
    if "<" in sign:
        gathering.leave(place, f"it reads `{file[:60]}`: make a source of type `local` for it")
    elif not file.startswith("/dev/") and not file.isdigit():
        gathering.leave(place, f"the answer went to `{file[:60]}`: write a destination of type `file`")
