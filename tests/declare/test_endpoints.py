from __future__ import annotations

import pytest

from octops.declare.file import Files, SourceFile, blob_id
from octops.declare.load import check_files


def found(address: str, allow: str = "") -> list[str]:
    text = (
        "version: 1\n"
        f'models: {{default: {{model: openai/own, api_base: "{address}", api_key: {{env: KEY}}}}}}\n'
        f"network: {{allow: [{allow}]}}\n"
    )
    content = text.encode()
    files = Files((SourceFile("octops.yaml", content, blob_id(content)),), ())
    return [f"{it.code}: {it.summary}; {it.detail}" for it in check_files(files, {"octops.yaml"})]


@pytest.mark.parametrize(
    "address",
    ["http://llm.internal:8000/v1", "http://10.0.0.7", "http://127.0.0.1.example.com", "http://[fd00::1]:80/v1"],
)
def test_a_model_is_not_asked_unprotected_beyond_this_machine(address: str) -> None:
    (problem,) = found(address)
    assert problem.startswith("plain-http: the prompts and the key of model `default` would go to")
    assert "`network.allow`" in problem


@pytest.mark.parametrize(
    "address",
    [
        "https://llm.example.com/v1",
        "http://localhost:11434",
        "http://127.0.0.1:8080/v1",
        "http://[::1]:8080/v1",
        "HTTP://localhost",
    ],
)
def test_a_protected_address_and_this_machine_are_let_through(address: str) -> None:
    assert [it for it in found(address) if it.startswith("plain-http")] == []


@pytest.mark.parametrize("allow", ["llm.internal", '"llm.internal:8000"', '"LLM.internal:8000"'])
def test_a_host_that_is_allowed_may_be_asked_so(allow: str) -> None:
    assert found("http://llm.internal:8000/v1", allow) == []


def test_another_port_of_an_allowed_host_is_another_place() -> None:
    assert len(found("http://llm.internal:8000/v1", '"llm.internal:80"')) == 1


def test_what_to_allow_is_named_as_it_is_written() -> None:
    (problem,) = found("http://[FD00::1]/v1")
    assert problem.endswith("use https, or add `[fd00::1]:80` to `network.allow`")
