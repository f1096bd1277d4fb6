from __future__ import annotations

from pathlib import Path

import pytest

from octops.importers.draft import ImportRefused
from tests.importers.world import brought, everything, project_in, told

LINE = '0 7 * * 1-5 llm -m gpt-4o-mini "Say the news"\n'


def test_a_line_becomes_a_paused_draft(tmp_path: Path) -> None:
    brought(tmp_path, "cron", f"CRON_TZ=Europe/Berlin\n# Morning news\n{LINE}")
    task = project_in(tmp_path).tasks["morning-news"]  # type: ignore[index]
    assert (task.name, task.prompt, task.model) == ("Morning news", "Say the news\n", "openai/gpt-4o-mini")
    assert (task.status, task.timezone) == ("paused", "Europe/Berlin")
    assert task.schedule is not None
    assert task.schedule.cron == "0 7 * * 1-5"


@pytest.mark.parametrize(
    ("command", "prompt"),
    [
        ("claude -p 'Check the logs'", "Check the logs"),
        ("claude -p 'Check' --output-format json --model sonnet", "Check"),
        ("/usr/local/bin/llm 'a b' 'c'", "a b c"),
        ("llm -s 'Be short' 'Say x'", "Be short\n\nSay x"),
        ("llm --system='Be short' 'Say x'", "Be short\n\nSay x"),
        ("codex exec 'Fix it'", "Fix it"),
        ("ollama run llama3.2 'Say hi'", "Say hi"),
        ("cd /srv && timeout 60 nice gemini -p 'Say hi'", "Say hi"),
        ("root claude -p 'Say hi'", "Say hi"),
        ("FOO=1 llm 'Say hi'", "Say hi"),
        (r"llm 'at 50\% off'", "at 50% off"),
        ('llm "on $(date +\\%F)"', "on <<current_date>>"),
        ("llm 'keep <<this>>'", "keep \\<<this>>"),
        ("llm --schema 'a,b' -o temperature 0 -p name value 'nine'", "nine"),
        ("llm -c --key 'my own' 'nine'", "nine"),
        ("claude --append-system-prompt 'Be short' --resume abc -p 'four'", "Be short\n\nfour"),
        ("codex exec -s read-only -p work -c model=x 'Fix it'", "Fix it"),
        ("openai api chat.completions.create -m gpt-4o -g user 'Say hi'", "Say hi"),
        ("fabric -p summarize 'Say hi'", "Say hi"),
        ("goose run -t 'Say hi' --name x", "Say hi"),
    ],
)
def test_the_prompt_is_found_whatever_stands_around_it(tmp_path: Path, command: str, prompt: str) -> None:
    brought(tmp_path, "cron", f"@daily {command}\n")
    (task,) = project_in(tmp_path).tasks.values()
    assert task.prompt == f"{prompt}\n"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("0 5 * * * /usr/bin/backup.sh", "line 2: it calls no language model"),
        ("0 5 * * * echo llm", "line 2: it calls no language model"),
        ("not a line", "line 2: it is no line of a crontab"),
        ("@reboot llm 'x'", "`@reboot` is no time"),
        ("0 5 31 2 * llm 'x'", "line 2"),
        ("@daily cat a.md | llm 'x'", "`cat` ran before it"),
        ("@daily llm 'x' | mail a@b.c", "`mail` took the answer"),
        ("@daily llm 'x' >> /tmp/out.md", "the answer went to `/tmp/out.md`"),
        ("@daily llm 'x' < notes.md", "it reads `notes.md`"),
        ("@daily llm 'x $HOME'", "`$HOME` was filled in by the shell"),
        ("@daily llm", "gets no prompt"),
        ("@daily llm 'x' --verbose", "the option `--verbose`"),
        ("@daily llm 'x", "line 2: a quote on it is not closed"),
        ("@daily claude -p 'sum up' %input line", "line 2: what stands after `%` was given to the program as input"),
        ("MAILTO=a@b.c", "`MAILTO` has no place"),
        ("@daily llm 'x'", "names no model"),
        ("@daily llm 'y'", "cron used its machine's time zone"),
    ],
)
def test_what_does_not_come_along_is_told_with_its_line(tmp_path: Path, line: str, said: str) -> None:
    found = brought(tmp_path, "cron", f"{LINE}{line}\n")
    assert said in told(found)
    project_in(tmp_path)


def test_keys_stay_behind(tmp_path: Path) -> None:
    text = f"OPENAI_API_KEY=sk-proj-kjh34kjh5kj34h5kjh\n@daily MY_TOKEN=kjh34kjh5 llm 'x'\n{LINE}"
    found = brought(tmp_path, "cron", text)
    assert "kjh34kjh5" not in everything(tmp_path, found)
    assert {"OPENAI_API_KEY", "MY_TOKEN"} <= {note.place for note in found.to_set}


KEY = "8f14e45fceea167a5a36dedd4bea2543"


@pytest.mark.parametrize(
    "command",
    [
        f'llm --key {KEY} "Say hi"',
        f"claude --api-key {KEY} -p 'Say hi'",
        f"claude --api-key={KEY} -p 'Say hi'",
        f"claude --unheard-of {KEY} -p 'Say hi'",
        f"llm -{KEY} 'Say hi'",
        f"llm {KEY} 'Say hi'",
        f"llm 'Say hi' -m {KEY}",
        f"llm 'Say hi' API_KEY={KEY}",
        f"llm 'Say hi {KEY}'",
        f"llm -s 'Use {KEY}' 'Say hi'",
    ],
)
def test_a_word_that_may_be_a_key_is_in_no_prompt_and_in_no_name(tmp_path: Path, command: str) -> None:
    found = brought(tmp_path, "cron", f"@daily {command}\n")
    (id_,) = project_in(tmp_path).tasks
    assert KEY not in f"{id_} {everything(tmp_path, found)}"
    assert "line 1: " in told(found)


def test_a_comment_with_a_key_names_no_task(tmp_path: Path) -> None:
    found = brought(tmp_path, "cron", f"# with {KEY}\n@daily llm 'Say hi'\n")
    assert [*project_in(tmp_path).tasks] == ["say-hi"]
    assert KEY not in everything(tmp_path, found)


def test_a_crontab_whose_only_line_has_an_open_quote_is_refused_for_that(tmp_path: Path) -> None:
    with pytest.raises(ImportRefused, match="a quote on line 1 of the crontab is not closed"):
        brought(tmp_path, "cron", '@daily llm "a\n')


@pytest.mark.parametrize("text", ["", "# only\n", "0 5 * * * backup\n", "\x00\n", "{}"])
def test_a_crontab_without_a_model_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ImportRefused):
        brought(tmp_path, "cron", text)
