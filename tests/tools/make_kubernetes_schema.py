"""Writes tests/ci/kubernetes_cronjob.schema.json: what Kubernetes publishes about a CronJob, without the descriptions.

    python tests/tools/make_kubernetes_schema.py FOLDER

FOLDER holds the strict JSON Schemas of one version of the API, `cronjob-batch-v1.json` and `_definitions.json`, as the
package kubernetes-validate carries them (Apache-2.0). Run it for a newer version, and review the difference like code.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parents[1] / "ci" / "kubernetes_cronjob.schema.json"
WORDS = ("description", "x-kubernetes")


def bare(schema: Any, *, names: bool = False) -> Any:
    """The schema without prose; `names`: the keys are names of properties, and all of them stay."""
    if isinstance(schema, list):
        return [bare(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {key: value for key, value in schema.items() if names or not key.startswith(WORDS)}
    if not names and "$ref" in kept:
        kept["$ref"] = f"#/$defs/{name_of(kept['$ref'])}"
    return {key: bare(value, names=not names and key == "properties") for key, value in kept.items()}


def name_of(reference: str) -> str:
    return reference.rpartition("/")[2]


def referred(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        if isinstance(schema.get("$ref"), str):
            yield name_of(schema["$ref"])
        for value in schema.values():
            yield from referred(value)
    elif isinstance(schema, list):
        for item in schema:
            yield from referred(item)


def needed(schema: Any, definitions: Mapping[str, Any]) -> set[str]:
    found: set[str] = set()
    waiting = set(referred(schema))
    while waiting:
        found |= waiting
        waiting = {name for one in waiting for name in referred(definitions[one])} - found
    return found


def main() -> None:
    folder = Path(sys.argv[1])
    schema = json.loads((folder / "cronjob-batch-v1.json").read_text(encoding="utf-8"))
    definitions = json.loads((folder / "_definitions.json").read_text(encoding="utf-8"))["$defs"]
    # A definition a line: a difference between two versions can be read.
    lines = [f'"$comment": {json.dumps(f"Kubernetes {folder.name}")}']
    lines += [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in bare(schema).items()]
    listed = (
        f"{json.dumps(name)}: {json.dumps(bare(definitions[name]))}" for name in sorted(needed(schema, definitions))
    )
    lines.append('"$defs": {\n' + ",\n".join(listed) + "\n}")
    TARGET.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
