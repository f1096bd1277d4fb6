"""What octops asks GitHub's GraphQL API for is in the schema that GitHub publishes."""

from __future__ import annotations

import subprocess

import pytest

from octops.platforms.github_query import MOST_PAGES, query_of
from tests.peers.installed import npm

JUDGE = """
import { readFileSync } from "node:fs";
const { validate } = await import(process.argv[1]);
console.log(validate(readFileSync(0, "utf8")).map((it) => it.message).join("\\n"));
"""


@pytest.fixture(scope="session")
def schema() -> str:
    return (npm("@octokit/graphql-schema") / "index.js").as_uri()


def objections(schema: str, query: str) -> str:
    command = ["node", "--input-type=module", "--eval", JUDGE, "--", schema]
    done = subprocess.run(command, input=query, capture_output=True, text=True, check=True, timeout=60)
    return done.stdout.strip()


@pytest.mark.parametrize("pages", [2, MOST_PAGES])
def test_the_query_for_comments_is_one_that_github_answers(schema: str, pages: int) -> None:
    assert objections(schema, query_of(pages)) == ""


def test_a_query_for_what_there_is_not_is_objected_to(schema: str) -> None:
    assert "offset" in objections(schema, query_of(2).replace("skip:", "offset:"))
