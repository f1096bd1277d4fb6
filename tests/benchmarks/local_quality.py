"""How good a local model's answers are on the example's tasks: `python tests/benchmarks/local_quality.py --help`.

Every input of `inputs/` takes the place of the file that the example's task reads, or gives its parameters; then the
task runs as `octops run TASK --staged` runs it: the same prompt, skills, prefetch, schema, check and repair turn. The
answers are kept in `--out`, and judged by the rules of `quality_rules.py` each time the table is printed, so a run that
was stopped goes on where it was, and a better rule needs no new answers. An answer is asked for anew when the task or
the input has changed. Only the time limit is not the example's: a busy machine is no fault of the model.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from octops.app.demonstrating import Asked, example_files, with_model  # noqa: E402
from octops.app.starting_run import stage, want  # noqa: E402
from octops.app.workspace import open_workspace  # noqa: E402
from octops.local.model import LocalModel  # noqa: E402
from octops.local.weights import PREFIX, table  # noqa: E402
from octops.model.events import Answered, RunEvent  # noqa: E402
from octops.model.ids import RunId  # noqa: E402
from octops.model.project import ModelAlias  # noqa: E402
from tests.benchmarks.quality_cases import TASKS, Case, cases  # noqa: E402
from tests.benchmarks.quality_table import quality_table  # noqa: E402

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
LIMIT = ("seconds: 300", "seconds: 3600")
Results = dict[str, dict[str, Any]]


def main() -> None:
    options = _options()
    chosen = [case for task in options.task or TASKS for case in cases(task, options.part)[: options.limit]]
    results: Results = json.loads(options.out.read_text(encoding="utf-8")) if options.out.exists() else {}
    for model in () if options.score_only else options.model or list(table()):
        with tempfile.TemporaryDirectory(prefix="octops-quality-") as folder:
            for case, kept in _answers(Path(folder), f"{PREFIX}{model}", chosen, results):
                results[_key(f"{PREFIX}{model}", case)] = kept
                _write(options.out, results)
                print(f"{model} {case.task} {case.id}: {kept['seconds']:.0f} s {kept['failure']}", file=sys.stderr)
    print(quality_table([f"{PREFIX}{model}" for model in options.model or table()], chosen, results, _key))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--model", action="append", choices=list(table()), help="may be repeated [all]")
    parser.add_argument("--task", action="append", choices=TASKS, help="may be repeated [all]")
    parser.add_argument("--limit", type=int, default=None, metavar="N", help="only the first N inputs of each task")
    part = parser.add_mutually_exclusive_group()
    part.add_argument(
        "--practice", dest="part", action="store_const", const="practice", help="the inputs for trying out a prompt"
    )
    part.add_argument(
        "--held-out", dest="part", action="store_const", const="held_out", help="the inputs no prompt was tuned on"
    )
    parser.set_defaults(part="inputs")
    parser.add_argument("--score-only", action="store_true", help="ask no model: judge the answers that are kept")
    parser.add_argument("--out", type=Path, default=Path("local_quality.json"), help="the answers [%(default)s]")
    return parser.parse_args()


def _key(model: str, case: Case) -> str:
    return f"{model} {case.task} {case.id}"


def _write(path: Path, results: Results) -> None:
    draft = path.with_name(f"{path.name}.draft")
    draft.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    draft.replace(path)


def _answers(
    folder: Path, model: str, chosen: Sequence[Case], results: Results
) -> Iterator[tuple[Case, dict[str, Any]]]:
    """The answers that are not in `results` yet, one after another, by a model that is loaded once."""
    files = dict(example_files())
    files["octops.yaml"] = with_model(files["octops.yaml"], Asked(model=model)).replace(*LIMIT)
    _put(folder, files)
    for case in chosen:
        _put(folder, {**files, **case.files})
        question = _question(folder, case)
        if results.get(_key(model, case), {}).get("question") == question:
            continue
        asyncio.run(LocalModel(ModelAlias(model=model)).load())
        yield case, {"question": question, **_answer(folder, case)}


def _put(folder: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")


def _question(folder: Path, case: Case) -> str:
    """Changes with anything that could change the answer: the prompt, its skills, the shape, the input."""
    wanted = want(open_workspace(folder), case.task, case.id, case.parameters, NOW)
    task, skills = wanted.task, wanted.planned.loaded.project.skills
    texts = [task.prompt, *(skills[skill].text for skill in task.skills)]
    whole = json.dumps([texts, task.output.format, task.output.schema, case.digest], default=dict)
    return hashlib.sha256(whole.encode()).hexdigest()[:16]


def _answer(folder: Path, case: Case) -> dict[str, Any]:
    workspace = open_workspace(folder)
    wanted = want(workspace, case.task, case.id, case.parameters, NOW)
    seconds: list[float] = []

    def tell(_: RunId, event: RunEvent) -> None:
        if isinstance(event, Answered):
            seconds.append(event.turn.seconds)

    answer = asyncio.run(stage(workspace, wanted, lambda: NOW, tell))
    return {
        "text": answer.text,
        "data": answer.data,
        "failure": f"{answer.failure.kind.value}: {answer.failure.message}" if answer.failure else "",
        "turns": len(seconds),
        "seconds": round(sum(seconds), 2),
        "input_tokens": answer.usage.input_tokens,
        "output_tokens": answer.usage.output_tokens,
    }


if __name__ == "__main__":
    main()
