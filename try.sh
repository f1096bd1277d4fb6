#!/bin/sh
# From a clone to the demo: a Python environment in .venv, octops and the runtime of local models in it, two real runs.
# Every command is shown before it runs, nothing is written outside this folder and the user's caches, and an
# environment that could not be finished is removed. What is given to this script is given to `octops demo`.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
venv=$here/.venv
unfinished=
ticking=

say() { printf '\n=== %s\n' "$*" >&2; }

show() {
    printf '+ %s\n' "$*" >&2
    "$@"
}

refuse() { # message, what to do
    printf 'error: %s\n  = help: %s\n' "$1" "$2" >&2
    exit 1
}

# pip is silent while it unpacks and compiles, which takes longest.
tick() {
    seconds=0
    while sleep 10 >/dev/null 2>&1; do
        seconds=$((seconds + 10))
        echo "  pip is at work, $seconds s" >&2
    done
}

quiet() {
    if [ -n "$ticking" ]; then kill "$ticking" 2>/dev/null || true; fi
    ticking=
}

clean() {
    quiet
    if [ -n "$unfinished" ]; then
        rm -rf "$venv"
        echo "the unfinished .venv was removed" >&2
    fi
}
trap clean EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

fits() { "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 15))' 2>/dev/null; }

python=
for candidate in python3 python3.14 python3.13 python3.12 python3.11; do
    if fits "$candidate"; then
        python=$candidate
        break
    fi
done

if [ -z "$python" ]; then
    found=$(python3 --version 2>/dev/null) || found='no Python 3'
    refuse "octops needs Python 3.11, 3.12, 3.13 or 3.14, and there is $found here" \
        "install one of them, such as \`apt-get install python3.11 python3.11-venv\`, and give the command again"
fi
command -v git >/dev/null || refuse "\`git\` was not found" "install git, such as \`apt-get install git\`"

if [ -e "$venv" ] && ! fits "$venv/bin/python"; then
    refuse "$venv is there, and holds no Python that octops can use" 'remove it or move it away; it is made anew'
fi

say "1 of 3: a Python environment in .venv ($("$python" --version))"
if [ -e "$venv" ]; then
    echo 'there is one already' >&2
else
    "$python" -c 'import ensurepip, venv' 2>/dev/null ||
        refuse "$python cannot make environments" "install its venv module, such as \`apt-get install python3-venv\`"
    unfinished=1
    show "$python" -m venv "$venv" ||
        refuse "the environment could not be made" 'what is wrong stands above; give the command again after that'
fi

say '2 of 3: octops and what it needs, as uv.lock pins it, from the package index that pip is configured for'
"$venv/bin/python" -c '
import sys, tomllib
for package in tomllib.load(open(sys.argv[1], "rb"))["package"]:
    if "registry" in package["source"]:
        print(package["name"] + "==" + package["version"])
' "$here/uv.lock" >"$venv/pinned.txt"
tick &
ticking=$!
show "$venv/bin/python" -m pip install --disable-pip-version-check --no-input \
    --constraint "$venv/pinned.txt" --editable "${here}[local]" ||
    refuse 'pip could not install octops' \
        'what is wrong stands above: pip needs a way to a package index (PIP_INDEX_URL names another one) and 600 MB of disk'
unfinished=
quiet

say '3 of 3: octops demo'
show "$venv/bin/octops" demo --yes "$@"
