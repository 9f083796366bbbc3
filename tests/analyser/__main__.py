"""A stand-in for mongocryptd: `python -m tests.analyser`, with the arguments that drivers give to mongocryptd.

It marks what is to be encrypted in find, aggregate, count, distinct, insert, update, delete, findAndModify and in
explain of these, and checks create, collMod and createIndexes; by JSON schemas (`encrypt`, `encryptMetadata`) and, for
fields that are not indexed or indexed for equality, by encryptedFields.

What it cannot do: ranges and parts of texts; the bulkWrite command; expressions that mention encrypted fields, under
other names or computed; the checks that a server makes of a schema beside `encrypt`. What has only been run with it has
not been run with MongoDB's own analyser, which knows more and may word its errors differently.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from tests.analyser.server import LOOKS, Server


def main() -> None:
    parser = argparse.ArgumentParser(prog="mongocryptd", description="A stand-in for mongocryptd.")
    parser.add_argument("--port", type=int, default=27020)
    parser.add_argument("--bind_ip", default="127.0.0.1")
    parser.add_argument("--idleShutdownTimeoutSecs", type=float, default=60)
    parser.add_argument("--pidfilepath", type=Path)
    parser.add_argument("--looks", choices=list(LOOKS), default="8.2", help="of what server it says to be")
    # What else drivers may pass is about logs.
    arguments, _ = parser.parse_known_args()
    server = Server((arguments.bind_ip, arguments.port), arguments.idleShutdownTimeoutSecs, arguments.looks)
    if arguments.pidfilepath is not None:
        arguments.pidfilepath.write_text(f"{os.getpid()}\n")
    server.serve()


if __name__ == "__main__":
    main()
