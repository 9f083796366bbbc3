"""Makes the entities of a test.

Follows: unified-test-format, "entity". What kind of thing each entity is, and its name, goes to `entities`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from tests.spec.unified.context import Context
from tests.spec.unified.entities import BucketEntity, ClientEntity, SessionEntity
from tests.spec.unified.events import Observer
from tests.spec.unified.options import convert, snake_case

HEARTBEAT_MS = 100
"""How often a client of a test checks its servers, unless the test says so itself."""
SELECTION_MS = 15_000
"""A test that finds no server need not wait as long as an application would."""

TEXT_LENGTH = 10_000
"""How much of a command a trace has: all of it, since the tests parse it."""


async def create(context: Context, entities: Iterable[Mapping[str, Any]]) -> None:
    for entity in entities:
        (kind, specification), *_ = entity.items()
        await _CREATORS[kind](context, specification)


async def _client(context: Context, specification: Mapping[str, Any]) -> None:
    observer = Observer(specification)
    for stored in specification.get("storeEventsAsEntities", ()):
        observer.store(stored["events"], context.entities.value(stored["id"], []))
    options = _client_options(context, specification)
    if _needs_listener(context, specification):
        options["event_listeners"] = [observer.listener(context.driver)]
    if "observeTracingMessages" in specification:
        options["tracing"] = _tracing(specification["observeTracingMessages"])
    if "autoEncryptOpts" in specification:
        options["auto_encryption_opts"] = context.deployment.encryption.automatic(
            context.face, specification["autoEncryptOpts"]
        )
    several = bool(specification.get("useMultipleMongoses"))
    client = context.face.client(_uri(context, options, several=several), **options)
    context.entities.add(specification["id"], "client", ClientEntity(specification["id"], client, observer))
    await _connect(context, client)
    if "awaitMinPoolSizeMS" in specification:
        await _await_pool(context, observer, options["minPoolSize"], specification["awaitMinPoolSizeMS"])
    elif options.get("timeoutMS"):
        await _warm_up(context, client, observer)


def _tracing(observed: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "enabled": True,
        "query_text_max_length": TEXT_LENGTH if observed.get("enableCommandPayload") else 0,
    }


async def _connect(context: Context, client: Any) -> None:
    """Begin monitoring, as a blocking client does when it is made; PyMongo's other one waits to be asked."""
    if hasattr(type(client), "aconnect"):
        await client.aconnect()


def _needs_listener(context: Context, specification: Mapping[str, Any]) -> bool:
    names = ("observeEvents", "storeEventsAsEntities", "awaitMinPoolSizeMS", "observeLogMessages")
    return context.observes_checkouts or any(name in specification for name in names)


def _client_options(context: Context, specification: Mapping[str, Any]) -> dict[str, Any]:
    options = dict(specification.get("uriOptions", {}))
    lower = {name.lower() for name in options}
    if "heartbeatfrequencyms" not in lower:
        options["heartbeatFrequencyMS"] = HEARTBEAT_MS
    if "serverselectiontimeoutms" not in lower:
        options["serverSelectionTimeoutMS"] = SELECTION_MS
    if "serverApi" in specification:
        api = {snake_case(name): value for name, value in specification["serverApi"].items()}
        options["server_api"] = context.driver.module("server_api").ServerApi(**api)
    return options


def _uri(context: Context, options: Mapping[str, Any], *, several: bool) -> str:
    """The URI of the deployment; a direct connection has one host and no set (unified-test-format, "uriOptions")."""
    if not options.get("directConnection"):
        return context.deployment.uri_of_several if several else context.deployment.uri
    parts = urlsplit(context.deployment.uri)
    query = urlencode([(name, value) for name, value in parse_qsl(parts.query) if name != "replicaSet"])
    credentials, at, hosts = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=credentials + at + hosts.split(",")[0], query=query))


async def _warm_up(context: Context, client: Any, observer: Observer) -> None:
    """Let a client have a connection before its time runs: the tests' milliseconds are for commands."""
    with context.driver.timeout(10_000):
        await context.face.resolve(client.admin.command("ping"))
    observer.forget()


async def _await_pool(context: Context, observer: Observer, size: int, milliseconds: int) -> None:
    """Wait for the pools to have their minimum; what happened until then is not the test's."""
    for _ in range(milliseconds // 10):
        if observer.count("connectionReadyEvent") >= size:
            break
        await context.face.sleep(0.01)
    else:
        raise AssertionError(f"the pool has not had {size} connections after {milliseconds} ms")
    observer.forget()


async def _database(context: Context, specification: Mapping[str, Any]) -> None:
    client = context.client(specification["client"]).client
    options = _options(context, specification.get("databaseOptions", {}))
    database = client.get_database(specification["databaseName"], **options)
    context.entities.add(specification["id"], "database", database)


async def _collection(context: Context, specification: Mapping[str, Any]) -> None:
    database = context.entities.get(specification["database"], "database")
    options = _options(context, specification.get("collectionOptions", {}))
    collection = database.get_collection(specification["collectionName"], **options)
    context.entities.add(specification["id"], "collection", collection)


def _options(context: Context, options: Mapping[str, Any]) -> dict[str, Any]:
    return {snake_case(name): convert(context.driver, name, value) for name, value in options.items()}


async def _session(context: Context, specification: Mapping[str, Any]) -> None:
    client = context.client(specification["client"])
    options = _options(context, specification.get("sessionOptions", {}))
    if "snapshot_time" in options:
        options["snapshot_time"] = context.entities.get(options["snapshot_time"], "value")
    session = await context.face.resolve(client.client.start_session(**options))
    context.entities.add(specification["id"], "session", SessionEntity(session, client))


async def _bucket(context: Context, specification: Mapping[str, Any]) -> None:
    database = context.entities.get(specification["database"], "database")
    options = specification.get("bucketOptions", {})
    values = {_BUCKET[name]: convert(context.driver, name, value) for name, value in options.items()}
    bucket = context.face.bucket(database, **values)
    entity = BucketEntity(bucket, database, options.get("bucketName", "fs"))
    context.entities.add(specification["id"], "bucket", entity)


_BUCKET = {
    "bucketName": "bucket_name",
    "chunkSizeBytes": "chunk_size_bytes",
    "readPreference": "read_preference",
    "writeConcern": "write_concern",
}


async def _thread(context: Context, specification: Mapping[str, Any]) -> None:
    context.entities.add(specification["id"], "thread", context.face.worker())


async def _client_encryption(context: Context, specification: Mapping[str, Any]) -> None:
    options = specification["clientEncryptionOpts"]
    client = context.client(options["keyVaultClient"]).client
    entity = context.deployment.encryption.explicit(context.face, client, options)
    context.entities.add(specification["id"], "clientEncryption", entity)


_CREATORS: dict[str, Callable[[Context, Mapping[str, Any]], Awaitable[None]]] = {
    "client": _client,
    "database": _database,
    "collection": _collection,
    "session": _session,
    "bucket": _bucket,
    "thread": _thread,
    "clientEncryption": _client_encryption,
}
