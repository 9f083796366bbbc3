"""An encrypted client in a forked child: its own connections, and its own handle of libmongocrypt's."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.unit.engine.encrypted_rig import CLEAR, EncryptedRig
from tests.unit.engine.sides import Threads

ROOT = Path(__file__).parents[3]

PROGRAM = """
import os, sys
from petiole import MongoClient
from petiole.encryption_options import AutoEncryptionOpts

server, analyser, clear = sys.argv[1:]
schema = {"bsonType": "object", "properties": {"secret": {"encrypt": {}}}}
options = AutoEncryptionOpts(
    {"local": {"key": bytes(range(96))}}, "keys.data", schema_map={"t.c": schema},
    mongocryptd_uri=analyser, mongocryptd_bypass_spawn=True,
)
client = MongoClient(server, auto_encryption_opts=options)
client.t.c.insert_one({"_id": "parent", "secret": clear})
pid = os.fork()
if not pid:
    code = 1
    try:
        client.t.c.insert_one({"_id": "child", "secret": clear})
        client.close()
        code = 0
    finally:
        os._exit(code)
assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
client.t.c.insert_one({"_id": "parent again", "secret": clear})
client.close()
"""


def test_parent_and_child_both_go_on() -> None:
    side = Threads()
    rig = EncryptedRig(side)
    try:
        uris = [f"mongodb://{rig.server.address}/?replicaSet=rs", f"mongodb://{rig.analyser.address}"]
        ran = subprocess.run(
            [sys.executable, "-W", "error::ResourceWarning", "-c", PROGRAM, *uris, CLEAR],
            capture_output=True,
            text=True,
            timeout=60,
            cwd=ROOT,
        )
        assert ran.stderr == ""
        assert ran.returncode == 0
        ids = [sent["documents"][0]["_id"] for sent in rig.sent("insert")]
        assert ids == ["parent", "child", "parent again"]
        assert not rig.sent_in_clear()
    finally:
        rig.close()
        side.close()
