"""The options of the programs people call models by: changes when one of them gets an option with a value."""

from __future__ import annotations

from collections.abc import Mapping

PROMPT = frozenset(("-p", "--prompt", "--print", "-t", "--text", "-q", "--query"))
"""What is followed by the prompt, where the program has no other meaning for it."""
MODEL = frozenset(("-m", "--model"))
_SYSTEM = frozenset(("--system", "--append-system-prompt", "--system-prompt"))
_VALUED: Mapping[str, str] = {
    "": "--output-format --input-format --max-turns --mcp-config --permission-mode -o --option --max-tokens"
    " --temperature -r --role -f --file -a --attachment --config --cwd -C --template",
    "llm": "-d --database -q --query -T --tool --functions --cl --chain-limit --schema --schema-multi --fragment"
    " --sf --system-fragment -t --template --cid --conversation --key --save",
    "claude": "--fallback-model --system-prompt-file --append-system-prompt-file --allowedTools --allowed-tools"
    " --disallowedTools --disallowed-tools --tools --permission-prompt-tool --max-budget-usd --session-id --resume"
    " --settings --setting-sources --add-dir --agents --agent --json-schema --betas --plugin-dir --effort -n --name",
    "codex": "-c -i --image -s --sandbox -p --profile --cd --ask-for-approval --add-dir --output-schema"
    " --output-last-message --color --enable --disable --local-provider",
    "openai": "-k --api-key -b --api-base --organization -t -M -P --top_p -n --n --stop -g --message -p --proxy",
    "sgpt": "--top-p --chat --repl",
    "gemini": "--sandbox-image --approval-mode -e --extensions --include-directories --allowed-tools"
    " --allowed-mcp-server-names --resume",
    "ollama": "--format --keepalive --dimensions",
    "aichat": "-s --session --agent -R --rag --macro",
    "mods": "--api -x --http-proxy --format-as -t --title -c --continue -s --show -R --max-retries --temp --topp"
    " --topk --stop --word-wrap",
    "fabric": "-p --pattern -t -T --topp -v --variable --context --session -u --scrape_url -y --youtube --output"
    " -V --vendor -q --scrape_question -g --language --strategy",
    "goose": "-i --instructions -n --name --recipe --params --with-extension --with-builtin --with-remote-extension"
    " --provider --path",
    "copilot": "--allow-tool --deny-tool --add-dir --log-level --log-dir --additional-mcp-config --agent --resume",
}
"""Options that are followed by a word of their own, as their documentation says; under the empty name: everywhere."""
_FLAGS: Mapping[str, str] = {
    "sgpt": "-c -s",
    "gemini": "-a",
    "mods": "-f -p -q -r -C",
    "fabric": "-r",
    "goose": "-r -q",
}
"""Options that stand alone, though they are followed by a word elsewhere."""
_OF_LLM = {"-o": 2, "--option": 2, "-p": 2, "--param": 2, "--at": 2, "--attachment-type": 2}


def is_system(program: str, flag: str) -> bool:
    """Whether the option gives the system prompt."""
    return flag in _SYSTEM or (program == "llm" and flag == "-s") or (program == "aichat" and flag == "--prompt")


def words_after(program: str, flag: str) -> int:
    """How many words belong to an option that is neither the prompt nor the model."""
    if program == "llm" and flag in _OF_LLM:
        return _OF_LLM[flag]
    if flag in _FLAGS.get(program, "").split():
        return 0
    return 1 if flag in f"{_VALUED['']} {_VALUED.get(program, '')}".split() else 0
