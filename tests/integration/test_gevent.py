"""The blocking client under gevent: its sockets, locks and background thread become cooperative by monkey-patching."""

from __future__ import annotations

import json
import subprocess
import sys

from petiole.local import LocalServer

PROGRAM = """
from gevent import monkey
monkey.patch_all()

import json, sys
import gevent
from petiole import MongoClient

SLOW = {"$where": "sleep(300) || true"}
client = MongoClient(sys.argv[1], serverSelectionTimeoutMS=10_000)
things = client.gevent.things
things.insert_one({"_id": 1})
turns = busiest = 0


def watch():
    global turns, busiest
    while True:
        gevent.sleep(0.001)
        turns += 1
        busiest = max(busiest, 0, *(server.in_use for server in client._engine.topology.servers))


gevent.spawn(watch)
readers = [gevent.spawn(things.find_one, SLOW) for _ in range(8)]
gevent.joinall(readers, raise_error=True)
late = gevent.spawn(things.find_one, SLOW)
gevent.sleep(0.1)
late.kill()
print(json.dumps({
    "found": [reader.value for reader in readers],
    "turns": turns,
    "busiest": busiest,
    "after": things.find_one({"_id": 1}),
}))
things.drop()
client.close()
"""


def test_greenlets_share_a_client(standalone: LocalServer) -> None:
    command = [sys.executable, "-c", PROGRAM, standalone.uri]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (ran.returncode, ran.stderr) == (0, "")
    told = json.loads(ran.stdout)
    assert told["found"] == [{"_id": 1}] * 8
    assert told["turns"] > 10, "a greenlet that waits for a reply keeps the others from running"
    assert told["busiest"] > 1
    assert told["after"] == {"_id": 1}
