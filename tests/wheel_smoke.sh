#!/usr/bin/env bash
# Builds the sdist and the wheel, installs the wheel into a new environment, and uses it in an empty folder.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset PYTHONPATH

.venv/bin/python -m hatchling build -d "$work/dist" >/dev/null
mkdir "$work/unpacked"
tar -xzf "$work"/dist/octops-*.tar.gz -C "$work/unpacked" --strip-components=1
test -f "$work/unpacked/schemas/task.schema.json"
test -f "$work/unpacked/examples/octops.yaml"

"$root/.venv/bin/python" -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check "$work"/dist/octops-*.whl

mkdir "$work/empty" && cd "$work/empty"
octops="$work/venv/bin/octops"
"$octops" --version
"$octops" schema task | grep -q '"\$schema"'
"$octops" init >/dev/null
"$octops" validate
"$octops" plan --now 2026-03-02T08:00Z >/dev/null
if "$octops" -C /nonexistent plan 2>/dev/null; then echo "a missing directory was accepted" >&2; exit 1; fi
"$work/venv/bin/python" - <<'PY'
import octops
print("the front door opens:", octops.load(".").project.tasks.keys() == {"weekly-digest"})
PY
echo "wheel smoke test passed"
