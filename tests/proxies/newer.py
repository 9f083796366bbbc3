"""A proxy that makes the only member of a replica set look like a server of MongoDB 8.2, in two things that it lacks.

It answers `bulkWrite` itself, by the commands that a server of 6.0 has, one for each operation, and takes `rawData`
out of what it passes on. So this carries what drivers make of the command and of its replies; what a real server would
say of it at its limits is left to scripted ones. Fail points for `bulkWrite` become those of the commands that stand
for it.
"""

from __future__ import annotations

import asyncio
import itertools
import struct
from collections.abc import Mapping
from typing import Any

from tests.proxies.guise import read_message
from tests.proxies.tcp import Address, Link, Proxy

from petiole.bson import Int64, decode, decode_all, encode

_HEADER = struct.Struct("<iiii")
_MESSAGE = 2013
_MORE_TO_COME = 1 << 1
_STANDING_IN = ("insert", "update", "delete", "findAndModify")
_PASSED_ON = ("lsid", "$clusterTime", "txnNumber", "autocommit", "comment", "apiVersion", "maxTimeMS")
_UPDATE = ("multi", "upsert", "arrayFilters", "hint", "collation")
_COUNTS = ("nErrors", "nInserted", "nUpserted", "nMatched", "nModified", "nDeleted")


class Newer(Proxy):
    """Stands before the member, at one address, which the set then seems to have."""

    def __init__(self, target: Address) -> None:
        super().__init__(target)
        self._numbers = itertools.count(1 << 30)
        self._awaited: dict[int, asyncio.Future[dict[str, Any]]] = {}
        """Replies to the proxy's own commands."""

    async def forward(self, link: Link, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry requests, and answer those that the member would not understand."""
        while True:
            header, rest = await read_message(reader)
            if header[3] != _MESSAGE:
                link.asked.add(header[1])  # The first greeting may be in the old form.
                writer.write(_HEADER.pack(len(rest) + 16, *header[1:]) + rest)
                continue
            flags, body, sequences = parts(rest)
            name = next(iter(body))
            if name == "bulkWrite":
                reply = await self._bulk(writer, body, sequences)
                if not flags & _MORE_TO_COME:
                    link.client[1].write(_packed(reply, next(self._numbers), header[1]))
                continue
            if name in {"hello", "ismaster", "isMaster", "buildInfo", "buildinfo"}:
                link.asked.add(header[1])
            if name == "configureFailPoint" or "rawData" in body:
                body.pop("rawData", None)
                _fail_for_it(body)
                document = encode(body)
                size = int.from_bytes(rest[5:9], "little")
                rest = rest[:5] + document + rest[5 + size :]
            writer.write(_HEADER.pack(len(rest) + 16, *header[1:]) + rest)
            await writer.drain()

    async def return_(self, link: Link, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry replies, with those that say who and how old the member is rewritten."""
        while True:
            header, rest = await read_message(reader)
            waiting = self._awaited.pop(header[2], None)
            if waiting is not None:
                waiting.set_result(parts(rest)[1])
                continue
            if header[2] in link.asked:
                link.asked.discard(header[2])
                place = 5 if header[3] == _MESSAGE else 20
                if header[3] == _MESSAGE and rest[0] & _MORE_TO_COME:
                    link.asked.add(header[1])
                said: dict[str, Any] = decode(rest[place:])
                self._disguise(said)
                rest = rest[:place] + encode(said)
            writer.write(_HEADER.pack(len(rest) + 16, *header[1:]) + rest)
            await writer.drain()

    def _disguise(self, reply: dict[str, Any]) -> None:
        if "versionArray" in reply:
            reply |= {"version": "8.2.0", "versionArray": [8, 2, 0, 0]}
        address = f"{self.address[0]}:{self.address[1]}"
        changed = {"maxWireVersion": 27, "hosts": [address], "me": address, "primary": address}
        reply |= {name: value for name, value in changed.items() if name in reply}

    async def _run(self, writer: asyncio.StreamWriter, body: dict[str, Any]) -> dict[str, Any]:
        number = next(self._numbers)
        waiting = self._awaited[number] = asyncio.get_running_loop().create_future()
        writer.write(_packed(body, number))
        await writer.drain()
        reply: dict[str, Any] = await waiting
        return reply

    async def _bulk(
        self, writer: asyncio.StreamWriter, body: dict[str, Any], sequences: Mapping[str, list[Any]]
    ) -> dict[str, Any]:
        """Run the operations one by one, and put the replies together."""
        results: list[dict[str, Any]] = []
        counts: dict[str, int] = dict.fromkeys(_COUNTS, 0)
        rest: dict[str, Any] = {}
        for index, operation in enumerate(sequences["ops"]):
            command = _command(body, operation, sequences["nsInfo"], index)
            reply = await self._run(writer, command)
            if not reply["ok"]:
                return reply
            rest |= {name: reply[name] for name in _AROUND if name in reply}
            result = _result(index, operation, reply, counts)
            if not result["ok"] or not body["errorsOnly"]:
                results.append(result)
            if body["ordered"] and not result["ok"]:
                break
        cursor = {"id": Int64(0), "firstBatch": results, "ns": "admin.$cmd.bulkWrite"}
        return {"cursor": cursor, **counts, **rest, "ok": 1.0}


_AROUND = ("writeConcernError", "errorLabels", "$clusterTime", "operationTime", "recoveryToken")


def parts(rest: bytes) -> tuple[int, dict[str, Any], dict[str, list[Any]]]:
    """Flags, body and document sequences of an OP_MSG."""
    size = int.from_bytes(rest[5:9], "little")
    body, place = decode(rest[5 : 5 + size]), 5 + size
    sequences: dict[str, list[Any]] = {}
    while place < len(rest):
        size = int.from_bytes(rest[place + 1 : place + 5], "little")
        end = rest.index(b"\0", place + 5)
        sequences[rest[place + 5 : end].decode()] = decode_all(rest[end + 1 : place + 1 + size])
        place += 1 + size
    return int.from_bytes(rest[:4], "little"), body, sequences


def _packed(body: dict[str, Any], number: int, response: int = 0) -> bytes:
    payload = struct.pack("<iB", 0, 0) + encode(body)
    return _HEADER.pack(16 + len(payload), number, response, _MESSAGE) + payload


def _fail_for_it(body: dict[str, Any]) -> None:
    data = body.get("data")
    if isinstance(data, dict) and "bulkWrite" in data.get("failCommands", ()):
        data["failCommands"] = [
            *(name for name in data["failCommands"] if name != "bulkWrite"),
            *_STANDING_IN,
        ]


def _command(
    body: Mapping[str, Any], operation: dict[str, Any], spaces: list[Any], index: int
) -> dict[str, Any]:
    """The command that stands for one operation; its number in the command keeps a repetition from being run again."""
    kind = next(iter(operation))
    database, _, name = spaces[operation[kind]]["ns"].partition(".")
    made = _BUILDERS[kind](name, operation)
    if kind != "delete" and "bypassDocumentValidation" in body:
        made["bypassDocumentValidation"] = body["bypassDocumentValidation"]
    if kind != "insert" and "let" in body:
        made["let"] = body["let"]
    made |= {field: body[field] for field in _PASSED_ON if field in body}
    if "txnNumber" in body:
        made["stmtId"] = index
    if index == 0:
        made |= {field: body[field] for field in ("startTransaction", "readConcern") if field in body}
    if body.get("writeConcern", {}).get("w") != 0 and "writeConcern" in body:
        made["writeConcern"] = body["writeConcern"]
    return made | {"$db": database}


def _insert(name: str, operation: dict[str, Any]) -> dict[str, Any]:
    return {"insert": name, "documents": [operation["document"]]}


def _update(name: str, operation: dict[str, Any]) -> dict[str, Any]:
    options = {field: operation[field] for field in _UPDATE if field in operation}
    if "sort" not in operation:
        return {
            "update": name,
            "updates": [{"q": operation["filter"], "u": operation["updateMods"], **options}],
        }
    del options["multi"]
    change = {"query": operation["filter"], "update": operation["updateMods"], "sort": operation["sort"]}
    return {"findAndModify": name, **change, **options}


def _delete(name: str, operation: dict[str, Any]) -> dict[str, Any]:
    options = {field: operation[field] for field in ("hint", "collation") if field in operation}
    limit = 0 if operation["multi"] else 1
    return {"delete": name, "deletes": [{"q": operation["filter"], "limit": limit, **options}]}


_BUILDERS = {"insert": _insert, "update": _update, "delete": _delete}


def _result(
    index: int, operation: Mapping[str, Any], reply: Mapping[str, Any], counts: dict[str, int]
) -> dict[str, Any]:
    """What the cursor says of one operation; adds it to the counts."""
    for error in reply.get("writeErrors", ()):
        counts["nErrors"] += 1
        found = {name: error[name] for name in ("code", "errmsg", "errInfo") if name in error}
        return {"ok": 0.0, "idx": index, **found, "n": 0}
    kind = next(iter(operation))
    done = reply.get("n", reply.get("lastErrorObject", {}).get("n", 0))
    result: dict[str, Any] = {"ok": 1.0, "idx": index, "n": done}
    if kind != "update":
        counts["nInserted" if kind == "insert" else "nDeleted"] += done
        return result
    result["nModified"] = reply.get("nModified", done)
    counts["nModified"] += result["nModified"]
    for upserted in reply.get("upserted", ()):
        result["upserted"] = {"_id": upserted["_id"]}
        counts["nUpserted"] += 1
        return result
    counts["nMatched"] += done
    return result
