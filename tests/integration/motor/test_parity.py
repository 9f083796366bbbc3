"""The same lines on Motor and on petiole, with the same outcome."""

from __future__ import annotations

import asyncio
import copy
import inspect
import io
import re
import textwrap
from pathlib import Path
from typing import Any

import pytest
from tests.integration.motor.sides import OURS, THEIRS, Side

from petiole.local import LocalServer

_TEXT = Path(__file__).with_name("snippets.txt").read_text()
SNIPPETS = {part.partition("\n")[0]: part.partition("\n")[2] for part in _TEXT.split("## ")[1:]}
"""Bodies of coroutine functions, with `client`, `db`, `c` (documents `_id` 0 to 4), and `m`, a driver's names."""


def _told(value: Any) -> Any:
    """An outcome, comparable across packages."""
    if isinstance(value, BaseException):
        return type(value).__name__, _text(str(value))
    return _text(repr(value))


def _text(text: str) -> str:
    text = re.sub(r"\b(petiole\.motor|petiole|pymongo|motor|synchronous|asynchronous)\.", "", text)
    text = re.sub(r"Async(?=(Collection|Database|MongoClient|ChangeStream|GridOut|GridIn)\b)", "", text)
    text = re.sub(r"0x[0-9a-f]+|ObjectId\('[0-9a-f]+'\)|\d{5,}", "N", text)
    text = re.sub(r"Timestamp\(.*?\)|datetime\(.*?\)|version='.*?'|, full error: .*|, Timeout: .*", "", text)
    return text.replace('"', "'")


async def _run(side: Side, uri: str, name: str) -> Any:
    m = side.names()
    client = m.Client(uri)
    db = client["motor_parity"]
    await db.things.drop()
    await db.things.insert_many([{"_id": n} for n in range(5)])
    scope: dict[str, Any] = {
        **{module.__name__: module for module in (asyncio, copy, inspect, io, re)},
        "m": m,
        "side": side,
        "client": client,
        "db": db,
        "c": db.things,
        "kind": lambda value: type(value).__name__,
    }
    exec(f"async def snippet():\n{textwrap.indent(SNIPPETS[name], '    ')}", scope)
    try:
        return await scope["snippet"]()
    except Exception as error:
        return error
    finally:
        client.close()


@pytest.mark.parametrize("name", SNIPPETS)
@pytest.mark.parametrize(("ours", "theirs"), list(zip(OURS, THEIRS, strict=True)), ids=["asyncio", "tornado"])
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_snippet(name: str, ours: Side, theirs: Side, replica_set: LocalServer) -> None:
    one = _told(ours.run(lambda: _run(ours, replica_set.uri, name)))
    other = _told(theirs.run(lambda: _run(theirs, replica_set.uri, name)))
    assert one == other
