"""A member as a client meets it: one coroutine per connection, which reads commands and answers in OP_MSG.

Owns: what each command does and says, and how a member in trouble misbehaves. May not: decide who is primary.
"""

from __future__ import annotations

from typing import Any

from tests.simulation.feed import COLLECTION, Feed
from tests.simulation.network import End, Link, Network
from tests.simulation.oplog import Entry
from tests.simulation.replica_set import NAME, Member, ReplicaSet, Trouble
from tests.simulation.scheduler import Signal
from tests.simulation.transactions import ENDINGS, TRANSIENT, Refused, Transactions
from tests.simulation.wire import EXHAUST_ALLOWED, Request, reply_bytes, whole_message

from petiole.bson.int64 import Int64
from petiole.bson.objectid import ObjectId
from petiole.bson.timestamp import Timestamp

Document = dict[str, Any]

NOT_PRIMARY = 10107
NOT_PRIMARY_NO_SECONDARY_OK = 13435
INTERRUPTED = 11602
TRANSACTION_TOO_OLD = 225
EXCEEDED_TIME_LIMIT = 262
OVERLOADED = 462
_LONGEST_READ = 3.0
"""Seconds that a read waits for what its session has seen elsewhere."""
WRITES = frozenset({"insert", "update"})
OPERATIONS = WRITES | ENDINGS | {"find", "getMore", "aggregate"}
_EFFECTIVE = WRITES | {"commitTransaction"}
RETRYABLE = frozenset({6, 7, 89, 91, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436})


class Cut(Exception):
    """The connection is not to be used any more."""


class Server:
    """Answers for all members."""

    def __init__(self, network: Network, replica_set: ReplicaSet, static: int) -> None:
        self._scheduler = network.scheduler
        self._random = network.random
        self._set = replica_set
        self._static = [{"_id": number} for number in range(static)]
        """The documents of the collection that nobody changes."""
        self._cursors = 0
        self._transactions = {member: Transactions(member) for member in replica_set.members}
        self.ended: set[bytes] = set()
        """Server sessions that the client has said to be over."""
        self.sessions: set[bytes] = set()
        network.accept = self.accept

    def accept(self, link: Link) -> None:
        """Begin to serve a new connection."""
        member = self._set.member_of(link.host)
        self._scheduler.spawn(_Peer(self, member, link).serve(), member.home, f"serve {link.number}")

    def crash(self, member: Member, network: Network) -> None:
        """End a member's process, and all connections to it."""
        member.crash()
        for task in self._scheduler.tasks_at(member.home):
            if task.name != "tick":
                task.cancel()
        for link in network.links_to(member.host):
            link.cut()

    # Commands. Each returns the reply without what all replies have.

    async def run(self, member: Member, request: Request) -> Document:
        """Carry a command out."""
        name = request.name
        if "autocommit" in request.body:
            return await self._in_transaction(member, request)
        if name in WRITES:
            return await self._write(member, request)
        if name == "find":
            return await self._find(member, request)
        if name == "aggregate":
            return self._watch(member, request)
        if name == "getMore":
            return await self._get_more(member, request)
        if name == "killCursors":
            killed = [found for found in request.body["cursors"] if member.cursors.pop(found, None)]
            return {"ok": 1, "cursorsKilled": killed}
        if name == "endSessions":
            self.ended |= {bytes(entry["id"]) for entry in request.body["endSessions"]}
            return {"ok": 1}
        return failure(59, f"no such command: {name!r}")

    def remember_session(self, request: Request) -> None:
        """Keep in mind that a server session is in use."""
        session = request.body.get("lsid")
        if session is not None and request.name != "endSessions":
            self.sessions.add(bytes(session["id"]))

    async def _write(self, member: Member, request: Request) -> Document:
        if not member.is_primary:
            return failure(NOT_PRIMARY, "not primary")
        term, body, log = member.term, request.body, member.log
        session = bytes(body["lsid"]["id"]) if "lsid" in body else None
        transaction = body.get("txnNumber")
        keys = {_key(request, statement) for statement in request.documents}
        while self._transactions[member].holds(keys, session, transaction):
            await self._scheduler.sleep(0.01)
            if not member.is_primary or member.term != term:
                return failure(INTERRUPTED, "operation was interrupted")
        done: set[int] = set()
        if session is not None and transaction is not None:
            known, statements = log.store.records.get(session, (-1, set()))
            if transaction < known:
                return failure(TRANSACTION_TOO_OLD, f"transaction {transaction} is older than {known}")
            done = set(statements) if transaction == known else set()
        count, errors = 0, []
        for number, statement in enumerate(request.documents):
            if number not in done:
                entry = _entry(term, request, statement, (session, transaction, number))
                if not entry.increment and entry.key in log.store.events:
                    errors.append({"index": number, "code": 11000, "errmsg": f"duplicate key {entry.key}"})
                    break
                member.write(entry)
            count += 1
        reply: Document = {"ok": 1, "n": count}
        if request.name == "update":
            reply["nModified"] = count
        if errors:
            reply["writeErrors"] = errors
        if body.get("writeConcern", {}).get("w") == "majority":
            reply |= await self._majority(member, term, len(log.entries))
        return reply

    async def _in_transaction(self, member: Member, request: Request) -> Document:
        if not member.is_primary:
            return failure(NOT_PRIMARY, "not primary")
        body, transactions, term = request.body, self._transactions[member], member.term
        try:
            if request.name == "commitTransaction":
                position = transactions.commit(request)
                if body.get("writeConcern", {}).get("w") == "majority":
                    return {"ok": 1} | await self._majority(member, term, position)
                return {"ok": 1}
            if request.name == "abortTransaction":
                transactions.abort(request)
                return {"ok": 1}
            if request.name in WRITES:
                return self._write_in_transaction(member, request)
            pending = transactions.enter(request).entries
            return await self._find(member, request, {entry.key: entry.tag for entry in pending})
        except Refused as refused:
            return failure(refused.code, str(refused))

    def _write_in_transaction(self, member: Member, request: Request) -> Document:
        origin = bytes(request.body["lsid"]["id"]), request.body["txnNumber"], 0
        entries = [_entry(member.term, request, statement, origin) for statement in request.documents]
        reply = self._transactions[member].write(request, entries)
        if request.name == "update":
            reply["nModified"] = reply["n"]
        return reply

    async def _majority(self, member: Member, term: int, position: int) -> Document:
        """Wait until a majority has it; what the reply says if that cannot be."""
        process = member.process
        while member.log.committed < position:
            await member.changed()
            if not member.is_primary or member.term != term or member.process != process:
                if self._random.random() < 0.5:
                    return failure(INTERRUPTED, "operation was interrupted")
                return {"writeConcernError": {"code": INTERRUPTED, "errmsg": "operation was interrupted"}}
        return {}

    async def _find(
        self, member: Member, request: Request, pending: dict[Any, str] | None = None
    ) -> Document:
        body = request.body
        after = body.get("readConcern", {}).get("afterClusterTime")
        patience = self._scheduler.now + _LONGEST_READ
        while after is not None and after > logical_time(member):
            if self._scheduler.now >= patience:
                return failure(EXCEEDED_TIME_LIMIT, "failed on purpose: what is to be read does not arrive")
            await member.changed(patience)
        if not _readable(member, body):
            return failure(NOT_PRIMARY_NO_SECONDARY_OK, "not primary and secondaryOk=false")
        documents = self._documents(member, body["find"])
        if body["find"] == "events":
            documents += [{"_id": key, "tag": tag} for key, tag in (pending or {}).items()]
        if body.get("filter"):
            documents = [document for document in documents if document["_id"] == body["filter"]["_id"]]
        limit = abs(body.get("limit", 0))
        if limit:
            documents = documents[:limit]
        size = body.get("batchSize", 101)
        rest = [] if body.get("singleBatch") else documents[size:]
        self._cursors += bool(rest)
        found = self._cursors if rest else 0
        if rest:
            member.cursors[found] = (rest, request.tag)
        namespace = f"{body['$db']}.{body['find']}"
        return {"ok": 1, "cursor": _cursor(found, namespace, "firstBatch", documents[:size], request.tag)}

    def _documents(self, member: Member, collection: str) -> list[Document]:
        store = member.log.store
        if collection == "events":
            return [{"_id": key, "tag": tag} for key, tag in store.events.items()]
        if collection == "counters":
            return [{"_id": key, "n": value} for key, value in store.counters.items()]
        return self._static

    def _watch(self, member: Member, request: Request) -> Document:
        """Open a change stream: no other pipeline is known."""
        body = request.body
        if not _readable(member, body):
            return failure(NOT_PRIMARY_NO_SECONDARY_OK, "not primary and secondaryOk=false")
        feed = Feed(member, body["pipeline"][0]["$changeStream"])
        self._cursors += 1
        member.cursors[self._cursors] = (feed, request.tag)
        documents, token = feed.batch(member, body)
        namespace = f"{body['$db']}.{body['aggregate']}"
        cursor = _cursor(self._cursors, namespace, "firstBatch", documents, request.tag)
        return {"ok": 1, "cursor": {**cursor, "postBatchResumeToken": token}}

    async def _get_more(self, member: Member, request: Request) -> Document:
        body = request.body
        found: int = body["getMore"]
        namespace = f"{body['$db']}.{body['collection']}"
        if found in member.cursors and isinstance(member.cursors[found][0], Feed):
            await member.cursors[found][0].news(member, body)
        if found not in member.cursors:
            return failure(43, f"cursor id {found} not found")
        documents, tag = member.cursors[found]
        if isinstance(documents, Feed):
            events, token = documents.batch(member, body)
            cursor = _cursor(found, namespace, "nextBatch", events, tag)
            return {"ok": 1, "cursor": {**cursor, "postBatchResumeToken": token}}
        size = body.get("batchSize", 101)
        if len(documents) > size:
            member.cursors[found] = (documents[size:], tag)
        else:
            del member.cursors[found]
        left = found if found in member.cursors else 0
        return {"ok": 1, "cursor": _cursor(left, namespace, "nextBatch", documents[:size], tag)}

    # What every reply has.

    def finished(self, member: Member, request: Request, reply: Document) -> Document:
        """A reply with times and labels, and with what it truly answers, for the checks."""
        code = reply.get("code", reply.get("writeConcernError", {}).get("code"))
        labels = []
        ends, inside = request.name in ENDINGS, "autocommit" in request.body
        retryable = request.name in WRITES and "txnNumber" in request.body and not inside
        if (retryable or ends) and code in RETRYABLE:
            labels.append("RetryableWriteError")
        if inside and (code in TRANSIENT or (code in RETRYABLE and not ends)):
            labels.append("TransientTransactionError")
        if request.name == "getMore" and request.body["collection"] == COLLECTION and code in RETRYABLE:
            labels.append("ResumableChangeStreamError")
        if labels:
            reply["errorLabels"] = [*reply.get("errorLabels", ()), *labels]
        if code in (NOT_PRIMARY, NOT_PRIMARY_NO_SECONDARY_OK, INTERRUPTED, 189):
            reply["topologyVersion"] = topology_version(member)
        reply["answers"] = request.id
        newest = max(logical_time(other) for other in self._set.members)
        reply["$clusterTime"] = {"clusterTime": newest, "signature": {"hash": b"\0" * 20, "keyId": Int64(0)}}
        reply["operationTime"] = logical_time(member)
        return reply


class _Peer:
    """One connection to one member."""

    def __init__(self, server: Server, member: Member, link: Link) -> None:
        self._server = server
        self._set = member.set
        self._scheduler = member.set.scheduler
        self._random = member.set.random
        self._member = member
        self._link = link

    async def serve(self) -> None:
        """Answer until the connection ends."""
        end = self._link.server
        try:
            while True:
                request = Request(await self._read(end))
                await self._answer(request)
        except Cut:
            self._link.cut()
        except ConnectionError:
            self._link.hang_up(end)

    async def _read(self, end: End) -> bytes:
        while True:
            message = whole_message(end.buffer)
            if message is not None:
                return message
            if end.error is not None:
                raise end.error
            signal = end.signal = Signal()
            await signal

    async def _answer(self, request: Request) -> None:
        if request.name in ("hello", "isMaster"):
            await self._hello(request)
            return
        if self._link.client.error is None:  # Else it is an echo of what the client has given up.
            self._server.remember_session(request)
        trouble = self._trouble(request.name)
        about = request.tag or request.body.get("cursors", "")
        self._set.note("%s: %s %s on %r", self._member.host.name, request.name, about, self._link)
        if trouble is not None:
            self._set.note("%s: trouble %s %d", self._member.host.name, trouble.kind, trouble.code)
        while True:
            reply = await self._reply(request, trouble)
            streams = request.name == "getMore" and bool(request.flags & EXHAUST_ALLOWED)
            streams = streams and reply["ok"] == 1 and reply["cursor"]["id"] != 0
            if request.acknowledged:
                self._say(request, self._server.finished(self._member, request, reply), trouble, streams)
            if not streams:
                return
            if self._link.server.error is not None:
                raise self._link.server.error
            await self._scheduler.sleep(0.001)

    def _trouble(self, name: str) -> Trouble | None:
        troubles = self._member.troubles
        for trouble in troubles:
            if name in trouble.names:
                troubles.remove(trouble)
                return trouble
        return None

    async def _reply(self, request: Request, trouble: Trouble | None) -> Document:
        kind = "" if trouble is None else trouble.kind
        if kind == "refuse":
            return self._refusal()
        if trouble is not None and kind == "fail before":
            return failure(trouble.code, "failed on purpose")
        if kind == "cut before":
            raise Cut
        if kind == "stall":
            await self._scheduler.sleep(0.5 + 3.0 * self._random.random())
        reply = await self._server.run(self._member, request)
        if kind == "cut after":
            raise Cut
        if trouble is not None and reply["ok"] and kind == "fail after" and request.name in _EFFECTIVE:
            return failure(trouble.code, "failed on purpose, with effect")
        if trouble is not None and reply["ok"] and kind == "concern" and request.name in _EFFECTIVE:
            reply["writeConcernError"] = {"code": trouble.code, "errmsg": "failed on purpose"}
        return reply

    def _refusal(self) -> Document:
        """What an overloaded member says to a command that it has not even looked at."""
        reply = failure(OVERLOADED, "failed on purpose: too much to do")
        reply["errorLabels"] = ["SystemOverloadedError", "RetryableError"]
        if self._random.random() < 0.3:
            reply["baseBackoffMS"] = self._random.randrange(100)
        return reply

    def _say(self, request: Request, reply: Document, trouble: Trouble | None, streams: bool) -> None:
        kind = "" if trouble is None else trouble.kind
        if kind == "misdirect":
            reply["answers"] += 1_000_000
        message = reply_bytes(reply, reply["answers"], more_to_come=streams)
        if kind == "garble":
            message = message[:16] + bytes(byte ^ 0x55 for byte in message[16:])
        elif kind == "oversize":
            message = (1 << 30).to_bytes(4, "little") + message[4:]
        elif kind == "cut within":
            self._link.cut_after = self._random.randrange(1, len(message))
        elif kind == "trickle":
            self._link.trickles = True
        elif kind == "mute":
            self._link.mute = True
        self._link.send(self._link.client, message)
        if kind == "repeat" and not request.flags & EXHAUST_ALLOWED:  # In a stream nobody could tell.
            self._link.soiled = True
            self._link.send(self._link.client, message)

    async def _hello(self, request: Request) -> None:
        member, body = self._member, request.body
        streaming = bool(request.flags & EXHAUST_ALLOWED)
        wanted = body.get("topologyVersion")
        while True:
            if member.lies == "flip":
                await self._scheduler.sleep(0.05)
                member.version += 1
            elif wanted is not None:
                await self._news(wanted, body["maxAwaitTimeMS"] / 1000)
            reply = hello(member)
            streams = streaming and wanted is not None and "topologyVersion" in reply
            self._link.send(self._link.client, reply_bytes(reply, request.id, more_to_come=streams))
            if not streams:
                return
            wanted = reply["topologyVersion"]
            if self._link.server.error is not None:
                raise self._link.server.error

    async def _news(self, seen: Document, patience: float) -> None:
        """Wait until hello would say something else than the client has seen."""
        member, until = self._member, self._scheduler.now + patience
        while seen == topology_version(member) and await member.changed(until):
            pass


def hello(member: Member) -> Document:
    """A hello reply, with whatever the member lies at the moment."""
    hosts = [other.address for other in member.set.members if other is not member.set.left_out]
    primary = member.is_primary or member.lies == "primary"
    if member.lies == "flip":
        primary = member.version % 2 == 0
    reply: Document = {
        "helloOk": True,
        "isWritablePrimary": primary,
        "secondary": not primary and member.lies != "recovering",
        "topologyVersion": topology_version(member),
        "setName": NAME,
        "setVersion": 1,
        "hosts": hosts,
        "me": member.address,
        "maxBsonObjectSize": 16 * 1024 * 1024,
        "maxMessageSizeBytes": 48_000_000,
        "maxWriteBatchSize": 100_000,
        "logicalSessionTimeoutMinutes": 30,
        "minWireVersion": 0,
        "maxWireVersion": 17,
        "ok": 1,
    }
    if primary:
        reply["electionId"] = ObjectId(bytes.fromhex(f"7fffffff{member.term:016x}"))
    if member.primary is not None:
        reply["primary"] = member.primary.address
    _lie(member, reply)
    return reply


def _lie(member: Member, reply: Document) -> None:
    if member.lies == "hosts":
        reply["hosts"] = [*reply["hosts"], f"nowhere:{member.number}"]
    elif member.lies == "name":
        reply["setName"] = "another"
    elif member.lies == "error":
        del reply["topologyVersion"]
        reply |= {"ok": 0, "code": 8000, "errmsg": "failed on purpose"}
    elif member.lies == "polled":
        del reply["topologyVersion"]


def logical_time(member: Member) -> Timestamp:
    """What a member has written down, as a time: that of a member which has more is later."""
    return Timestamp(*member.log.position)


def topology_version(member: Member) -> Document:
    """By this a client tells older news from newer."""
    process = ObjectId(bytes.fromhex(f"{member.number:08x}{member.process:016x}"))
    return {"processId": process, "counter": Int64(member.version)}


def _readable(member: Member, body: Document) -> bool:
    """Whether the member answers a read with that read preference."""
    preference = body.get("$readPreference", {}).get("mode", "primary")
    return member.is_primary or (preference != "primary" and member.primary is not None)


def failure(code: int, message: str) -> Document:
    """An error reply."""
    return {"ok": 0, "code": code, "errmsg": message}


def _cursor(found: int, namespace: str, batch: str, documents: list[Document], tag: str) -> Document:
    asked = [{**document, "asked": tag} for document in documents]
    return {"id": Int64(found), "ns": namespace, batch: asked}


def _key(request: Request, statement: Document) -> tuple[str, Any]:
    if request.name == "insert":
        return "events", statement["_id"]
    return "counters", statement["q"]["_id"]


def _entry(
    term: int, request: Request, statement: Document, origin: tuple[bytes | None, int | None, int]
) -> Entry:
    session, transaction, number = origin
    collection, key = _key(request, statement)
    increment = statement["u"]["$inc"]["n"] if request.name == "update" else 0
    return Entry(term, request.tag, collection, key, increment, session, transaction, number)
