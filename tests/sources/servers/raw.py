"""A server in plain Python that is what its first argument says, mostly evil. Writes its process id to the second."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

mood, pid_file = sys.argv[1:3]
tools = [{"name": "say", "inputSchema": {"type": "object"}}]
with Path(pid_file).open("a") as file:
    file.write(f"{os.getpid()}\n")


def say(value):
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


if mood == "exits":
    sys.exit("cannot find the configuration\nset FROB_HOME")
if mood == "tells its key":
    sys.exit(f"bad key:\n{os.environ['FROB_KEY']}")
if mood == "silent":
    time.sleep(600)
if mood == "stubborn":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
if mood == "polite":
    signal.signal(signal.SIGTERM, lambda *_: (Path(pid_file + ".bye").write_text("bye"), os._exit(0)))
if mood == "garbage":
    while True:
        print("not json " * 100)
if mood == "greets":
    print("Welcome to the server!\n\n{}")
if mood == "endless line":
    while True:
        sys.stdout.write("x" * 65536)
if mood == "floods stderr":
    for _ in range(3000):
        sys.stderr.write("noise " * 200 + "\n")
    sys.stderr.write("the last line\n")
    sys.stderr.flush()
if mood == "parent":
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], stdin=subprocess.DEVNULL)
    with Path(pid_file).open("a") as file:
        file.write(f"{child.pid}\n")
if mood == "many":
    tools = [{"name": f"t{n}", "inputSchema": {"type": "object"}} for n in range(200)]
if mood == "odd":
    names = ["a.b", "a/b", "a_b", "x" * 100, "a_b"]
    tools = [{"name": name, "description": name, "inputSchema": {"type": "object"}} for name in names]
    tools.append({"name": "huge", "inputSchema": {"type": "object", "title": "x" * 70000}})
if mood == "slow pattern":
    tools[0]["outputSchema"] = {"type": "object", "properties": {"x": {"type": "string", "pattern": "^(a+)+$"}}}

for line in sys.stdin:
    if mood == "deaf":
        continue
    message = json.loads(line)
    if "id" not in message:
        continue
    answer = {"jsonrpc": "2.0", "id": message["id"]}
    match message.get("method"):
        case "initialize":
            about = {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}}}
            say({**answer, "result": {**about, "serverInfo": {"name": "raw", "version": "1"}}})
        case "tools/list":
            page = {"nextCursor": "again"} if mood == "endless list" else {}
            say({**answer, "result": {"tools": tools, **page}})
        case "tools/call":
            text = "hello"
            if mood == "dies":
                sys.stderr.write("out of cheese\n")
                sys.stderr.flush()
                os._exit(7)
            if mood == "hangs":
                time.sleep(600)
            if mood == "huge":
                text = "x" * (100 * 1024 * 1024)
            if mood == "large":
                text = "x" * (8 * 1024 * 1024)
            if mood == "asks":
                say(
                    {
                        "jsonrpc": "2.0",
                        "id": "q",
                        "method": "sampling/createMessage",
                        "params": {"messages": [], "maxTokens": 1},
                    }
                )
                text = json.loads(sys.stdin.readline())["error"]["message"]
            if mood == "drips":
                for letter in json.dumps(answer):
                    sys.stdout.write(letter)
                    sys.stdout.flush()
                    time.sleep(1)
            result = {"content": [{"type": "text", "text": text}]}
            if mood == "slow pattern":
                result["structuredContent"] = {"x": "a" * 40 + "!"}
            if mood == "nonsense":
                result = {"content": 7}
            say({**answer, "result": result})
        case _:
            say({**answer, "error": {"code": -32601, "message": "no such method"}})
if mood in ("stubborn", "polite"):
    time.sleep(600)
