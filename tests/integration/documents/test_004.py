"""The documentation of today's client, from its first line to its last, on both faces and on PyMongo.

Options are looked up, on petiole and on PyMongo, by what the document calls them, as keywords and in a connection
string; what it says of attributes and methods is tried on a replica set.
"""

from __future__ import annotations

import asyncio
import inspect
import ssl
from collections.abc import Awaitable, Callable, Iterator
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote_plus

import pymongo
import pymongo.driver_info
import pymongo.server_api
import pytest

import petiole
import petiole.driver_info
import petiole.server_api
from petiole import bson as our_bson
from petiole.errors import (
    ConfigurationError,
    ConnectionFailure,
    DuplicateKeyError,
    InvalidName,
    InvalidOperation,
    InvalidURI,
    OperationFailure,
)
from petiole.local import LocalServer

FACES = ["MongoClient", "AsyncMongoClient"]
CLIENTS = [getattr(package, face) for package in (petiole, pymongo) for face in FACES]


Read = Callable[[Any], Any]
OPTIONS: list[tuple[str, Any, Read, Any]] = [
    # The name, a value, where to read it, and the default that the document gives.
    ("directConnection", True, lambda o: bool(o.direct_connection), False),
    ("maxPoolSize", 7, lambda o: o.pool_options.max_pool_size, 100),
    ("minPoolSize", 3, lambda o: o.pool_options.min_pool_size, 0),
    ("maxIdleTimeMS", 1500, lambda o: o.pool_options.max_idle_time_seconds, None),
    ("maxConnecting", 4, lambda o: o.pool_options.max_connecting, 2),
    ("timeoutMS", 2500, lambda o: o.timeout, None),
    ("socketTimeoutMS", 1250, lambda o: o.pool_options.socket_timeout, None),
    ("connectTimeoutMS", 750, lambda o: o.pool_options.connect_timeout, 20.0),
    ("serverSelectionTimeoutMS", 1500, lambda o: o.server_selection_timeout, 30),
    ("waitQueueTimeoutMS", 1500, lambda o: o.pool_options.wait_queue_timeout, None),
    ("heartbeatFrequencyMS", 2000, lambda o: o.heartbeat_frequency, 10),
    ("serverMonitoringMode", "poll", lambda o: o.server_monitoring_mode, "auto"),
    ("appname", "leaf", lambda o: o.pool_options.appname, None),
    ("retryWrites", False, lambda o: o.retry_writes, True),
    ("retryReads", False, lambda o: o.retry_reads, True),
    ("uuidRepresentation", "standard", lambda o: int(o.codec_options.uuid_representation), 0),
    ("unicode_decode_error_handler", "replace", lambda o: o.codec_options.unicode_decode_error_handler, "strict"),
    ("w", 2, lambda o: o.write_concern.document.get("w"), None),
    ("w", "majority", lambda o: o.write_concern.document.get("w"), None),
    ("wTimeoutMS", 500, lambda o: o.write_concern.document.get("wtimeout"), None),
    ("journal", True, lambda o: o.write_concern.document.get("j"), None),
    ("fsync", True, lambda o: o.write_concern.document.get("fsync"), None),
    ("replicaSet", "rs", lambda o: o.replica_set_name, None),
    ("readPreference", "secondary", lambda o: o.read_preference.mongos_mode, "primary"),
    ("readPreference", "secondaryPreferred", lambda o: o.read_preference.mongos_mode, "primary"),
    ("readPreference", "primaryPreferred", lambda o: o.read_preference.mongos_mode, "primary"),
    ("readPreference", "nearest", lambda o: o.read_preference.mongos_mode, "primary"),
    ("readConcernLevel", "majority", lambda o: o.read_concern.level, None),
]  # fmt: skip


def shown(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


@pytest.mark.parametrize(
    "kind", CLIENTS, ids=lambda kind: f"{kind.__module__.partition('.')[0]}-{kind.__name__}"
)
@pytest.mark.parametrize(("name", "value", "read", "default"), OPTIONS, ids=lambda one: str(one)[:24])
def test_option(kind: Any, name: str, value: Any, read: Read, default: Any) -> None:
    wanted = value / 1000 if name.endswith("MS") and name != "wTimeoutMS" else value
    wanted = 4 if name == "uuidRepresentation" else wanted
    assert read(kind(connect=False).options) == default
    assert read(kind(connect=False, **{name: value}).options) == wanted
    if "_" not in name:
        by_uri = f"mongodb://a/?{name}={shown(value)}"
        assert read(kind(by_uri, connect=False).options) == wanted
        # "If the same option is passed in a URI and as a keyword parameter the keyword parameter takes precedence."
        other = {"readPreference": "nearest", "replicaSet": "other", "directConnection": False}.get(name)
        if other is not None and other != value:
            assert read(kind(by_uri, connect=False, **{name: other}).options) in (other, other)


@pytest.fixture(params=FACES)
def kind(request: pytest.FixtureRequest) -> Any:
    return getattr(petiole, request.param)


def made(kind: Any, *args: Any, **kwargs: Any) -> Any:
    return kind(*args, **{"connect": False, **kwargs})


# host, port and the notes on them


def test_host_and_port(kind: Any) -> None:
    name = kind.__name__
    assert repr(made(kind)).startswith(
        f"{name}(host=['localhost:27017'], document_class=dict, tz_aware=False, connect="
    )
    assert seeds(made(kind, "a", 1)) == {("a", 1)}
    assert seeds(made(kind, ["a:5", "b"], 6)) == {("a", 5), ("b", 6)}  # "will override the port parameter"
    assert seeds(made(kind, "mongodb://a:7,b/", 8)) == {("a", 7), ("b", 8)}
    assert seeds(made(kind, "[::1]:9")) == {("::1", 9)}
    assert seeds(made(kind, ["c", "mongodb://a,b"])) == {("a", 27017), ("b", 27017), ("c", 27017)}
    with pytest.raises(TypeError, match="port must be an instance of int"):
        made(kind, "a", "1")


def seeds(client: Any) -> set[Any]:
    return set(client.topology_description.server_descriptions())


def test_no_more_than_one_uri(kind: Any) -> None:
    with pytest.raises(ConfigurationError, match="must not contain multiple MongoDB URIs"):
        made(kind, ["mongodb://a/x", "mongodb://b/y"])


def test_percent_encoded_names(kind: Any) -> None:
    user, password, host = "a:b/c+d@e", "p:/+@", "h"
    uri = f"mongodb://{quote_plus(user)}:{quote_plus(password)}@{host}"
    credentials = made(kind, uri).options.pool_options.credentials
    assert (credentials.username, credentials.password) == (user, password)
    with pytest.raises((InvalidURI, ValueError), match="must be escaped according to RFC 3986"):
        made(kind, f"mongodb://{user}:{password}@{host}")
    plain = made(kind, username="user name", password="pass/word").options.pool_options.credentials
    assert (plain.username, plain.password, plain.source) == ("user name", "pass/word", "admin")


def test_unix_domain_sockets(kind: Any) -> None:
    path = "/tmp/mongodb-27017.sock"
    assert seeds(made(kind, f"mongodb://{quote_plus(path)}")) == {(path, None)}
    with pytest.raises(InvalidURI):  # "But not when passed as a simple hostname".
        made(kind, path)


def test_direct_connection_takes_one_host(kind: Any) -> None:
    with pytest.raises(ConfigurationError, match="directConnection"):
        made(kind, ["a", "b"], directConnection=True)
    with pytest.raises(ConfigurationError, match="directConnection"):
        made(kind, "mongodb+srv://a.example.com/?directConnection=true")


def test_srv(kind: Any) -> None:
    with pytest.raises((ConfigurationError, InvalidURI), match="must include one, and only one, hostname"):
        made(kind, "mongodb+srv://a.b.c,d.e.f")
    for by_keyword in ({}, {"srvMaxHosts": 2}):
        with pytest.raises(ConfigurationError, match="only allowed with 'mongodb\\+srv://' URIs"):
            made(kind, "mongodb://a" if by_keyword else "mongodb://a/?srvMaxHosts=2", **by_keyword)
    client = made(kind, "mongodb+srv://example.com/?srvServiceName=customname")
    assert "example.com" in repr(client)


def test_the_constructor_does_not_wait(kind: Any) -> None:
    """ "no longer raises ConnectionFailure if they are unavailable": the first operation does."""
    client = kind("localhost", 1, serverSelectionTimeoutMS=50)

    async def ask() -> None:
        await settled(client.admin.command("ping"))

    with pytest.raises(ConnectionFailure):
        asyncio.run(ask())
    asyncio.run(closed(client))


async def settled(value: Any) -> Any:
    return await value if inspect.isawaitable(value) else value


async def closed(client: Any) -> None:
    await settled(client.close())


def test_document_class_tz_aware_and_type_registry(kind: Any) -> None:
    from petiole.bson.codec_options import TypeRegistry

    registry = TypeRegistry(fallback_encoder=str)
    codec = made(kind, document_class=our_bson.SON, tz_aware=True, type_registry=registry).codec_options
    assert (codec.document_class, codec.tz_aware, codec.type_registry) == (our_bson.SON, True, registry)
    assert made(kind).codec_options.document_class is dict


@pytest.mark.parametrize("text", ["DATETIME", "DATETIME_MS", "DATETIME_AUTO", "DATETIME_CLAMP"])
def test_datetime_conversion(kind: Any, text: str) -> None:
    """In capitals, as PyMongo itself takes them; the document has small letters."""
    wanted = our_bson.DatetimeConversion[text]
    assert made(kind, datetime_conversion=text).codec_options.datetime_conversion == wanted
    assert made(kind).codec_options.datetime_conversion == our_bson.DatetimeConversion.DATETIME


@pytest.mark.parametrize("value", [0, None])
def test_no_limit_for_a_pool(kind: Any, value: Any) -> None:
    theirs = getattr(pymongo, kind.__name__)(
        connect=False, maxPoolSize=value
    ).options.pool_options.max_pool_size
    assert made(kind, maxPoolSize=value).options.pool_options.max_pool_size == theirs


@pytest.mark.parametrize("name", ["timeoutMS", "socketTimeoutMS", "connectTimeoutMS"])
@pytest.mark.parametrize("value", [0, None])
def test_no_timeout(kind: Any, name: str, value: Any) -> None:
    """ "0 or None means no timeout.\""""
    ours, theirs = (
        client(connect=False, **{name: value}).options for client in (kind, getattr(pymongo, kind.__name__))
    )
    reads: list[Read] = [
        lambda o: o.timeout,
        lambda o: o.pool_options.socket_timeout,
        lambda o: o.pool_options.connect_timeout,
    ]
    for read in reads:
        assert read(ours) == read(theirs)


@pytest.mark.parametrize("level", range(-1, 10))
def test_zlib_compression_level(kind: Any, level: int) -> None:
    assert made(kind, compressors="zlib", zlibCompressionLevel=level) is not None
    with pytest.raises(ValueError, match=r"zlibCompressionLevel|between"):
        made(kind, compressors="zlib", zlibCompressionLevel=10)


def test_bad_values(kind: Any) -> None:
    theirs = getattr(pymongo, kind.__name__)
    bad: list[dict[str, Any]] = [
        {"heartbeatFrequencyMS": 1}, {"maxPoolSize": -1}, {"minPoolSize": 5, "maxPoolSize": 2}, {"appname": "x" * 200},
        {"readPreference": "best"}, {"serverMonitoringMode": "x"}, {"uuidRepresentation": "x"}, {"w": -1},
        {"maxStalenessSeconds": 5, "readPreference": "nearest"}, {"journal": True, "fsync": True}, {"retryWrites": "x"},
        {"authMechanism": "x"}, {"tls": True, "ssl": False}, {"waitQueueMultiple": 2}, {"socketKeepAlive": True},
        {"tlsInsecure": True, "tlsAllowInvalidCertificates": True}, {"tlsCAFile": "/nowhere"}, {"unknown": 1},
        {"replicaSet": 5}, {"event_listeners": [1]}, {"driver": 1}, {"server_selector": 1}, {"type_registry": 1},
        {"server_api": 1}, {"datetime_conversion": "x"}, {"readConcernLevel": 5}, {"maxConnecting": 0},
    ]  # fmt: skip
    for options in bad:
        outcomes = []
        for client in (kind, theirs):
            try:
                outcomes.append(client(connect=False, **options) and "made")
            except Exception as error:
                outcomes.append(type(error).__name__)
        assert outcomes[0] == outcomes[1], options


def test_read_preference_tags_and_staleness(kind: Any) -> None:
    uri = "mongodb://a/?readPreference=secondary&readPreferenceTags=dc:ny,rack:1&readPreferenceTags="
    preference = made(kind, uri, maxStalenessSeconds=90).read_preference
    assert preference.tag_sets == [{"dc": "ny", "rack": "1"}, {}]
    assert preference.max_staleness == 90
    assert made(kind).read_preference.max_staleness == -1


def test_authentication(kind: Any) -> None:
    assert made(kind, "mongodb://u:p@a/x").options.pool_options.credentials.source == "x"
    assert made(kind, "mongodb://u:p@a/x", authSource="y").options.pool_options.credentials.source == "y"
    credentials = made(
        kind,
        username="u",
        authMechanism="GSSAPI",
        authMechanismProperties={"SERVICE_NAME": "leaf"},
    ).options.pool_options.credentials
    assert (credentials.mechanism, credentials.source) == ("GSSAPI", "$external")
    from pymongo.auth import MECHANISMS as THEIRS

    from petiole.auth import MECHANISMS

    assert MECHANISMS == THEIRS


def test_tls(kind: Any) -> None:
    insecure = made(kind, tls=True, tlsInsecure=True).options.pool_options.tls
    assert (insecure.allow_invalid_certificates, insecure.allow_invalid_hostnames) == (True, True)
    assert made(kind, ssl=True).options.pool_options.tls is not None
    assert made(kind).options.pool_options.tls is None
    assert (
        made(kind, tlsAllowInvalidHostnames=False).options.pool_options.tls is not None
    )  # It "implies tls=True".
    for name in ("tlsCAFile", "tlsCertificateKeyFile", "tlsCRLFile"):
        with pytest.raises((FileNotFoundError, ssl.SSLError, ConfigurationError)):
            made(kind, **{name: "/nowhere"})


def test_server_api_and_driver(kind: Any) -> None:
    api = petiole.server_api.ServerApi("1")
    assert made(kind, server_api=api).options.pool_options.server_api == api
    info = petiole.driver_info.DriverInfo("leaf", "1", "tree")
    assert made(kind, driver=info).options.pool_options.driver == info


@pytest.mark.parametrize("name", ["__my_database__", "_x"])
def test_names_with_leading_underscores(kind: Any, name: str) -> None:
    client = made(kind)
    assert client[name].name == name
    with pytest.raises(AttributeError, match=name):
        getattr(client, name)


def test_databases(kind: Any) -> None:
    client = made(kind)
    assert repr(client.test_database).startswith(
        f"{client.db.__class__.__name__}({kind.__name__}(host=['localhost:27017']"
    )
    assert client["test-database"].name == "test-database"
    for bad in ("", "a b", "a.b", "a/b", "a$b"):
        with pytest.raises(InvalidName):
            client[bad]
    named = made(kind, "mongodb://host/my_database")
    assert named.get_default_database().name == named.get_database().name == "my_database"
    assert client.get_default_database("other").name == "other"
    with pytest.raises(ConfigurationError, match="No default database"):
        client.get_default_database()
    from petiole import ReadPreference

    assert repr(client.test.read_preference) == "Primary()"
    second = client.get_database("test", read_preference=ReadPreference.SECONDARY)
    assert repr(second.read_preference).startswith("Secondary(tag_sets=None")


def test_removed_methods_are_names_of_databases(kind: Any) -> None:
    """What 4.0 removed, and `alive`, `disconnect`, `copy_database`, `start_request` of before."""
    client = made(kind)
    for name in ("fsync", "unlock", "is_locked", "database_names", "close_cursor", "alive", "disconnect",
                 "copy_database", "start_request", "in_request", "end_request"):  # fmt: skip
        assert getattr(client, name).name == name


# What needs a server.


@pytest.fixture(params=FACES)
def run(request: pytest.FixtureRequest, replica_set: LocalServer) -> Iterator[Callable[..., Any]]:
    """Runs `work(client)`, whose awaited results may be plain values."""

    def run(work: Callable[[Any], Awaitable[Any]], **options: Any) -> Any:
        async def whole() -> Any:
            client = getattr(petiole, request.param)(replica_set.uri, **options)
            try:
                return await work(client)
            finally:
                await closed(client)

        return asyncio.run(whole())

    yield run
    with petiole.MongoClient(
        replica_set.uri
    ) as janitor:  # The test's own client may not wait for the end of it.
        janitor.drop_database("documents")


def test_attributes(run: Callable[..., Any], replica_set: LocalServer) -> None:
    async def work(client: Any) -> None:
        await settled(client.admin.command("ping"))
        found = SimpleNamespace(
            address=await settled(client.address),
            primary=await settled(client.primary),
            secondaries=await settled(client.secondaries),
            arbiters=await settled(client.arbiters),
            is_primary=await settled(client.is_primary),
            is_mongos=await settled(client.is_mongos),
        )
        assert found.address == found.primary == replica_set.address
        assert (found.secondaries, found.arbiters) == (set(), set())
        assert (found.is_primary, found.is_mongos) == (True, False)
        assert client.nodes == {replica_set.address}
        description = client.topology_description
        assert description.topology_type_name == "ReplicaSetWithPrimary"
        assert repr(description).startswith("<TopologyDescription id: ")
        assert isinstance(client.codec_options, our_bson.CodecOptions)
        assert client.options.local_threshold_ms == 15
        for name in ("codec_options", "read_preference", "write_concern", "read_concern", "options"):
            with pytest.raises(AttributeError):
                setattr(client, name, None)

    run(work)


def test_methods(run: Callable[..., Any]) -> None:
    async def work(client: Any) -> None:
        await settled(client.documents.things.insert_one({"_id": 1}))
        async with _session(client) as session:
            assert "documents" in await settled(client.list_database_names(session=session, comment="why"))
            assert (await settled(client.server_info(session=session)))["ok"] == 1
            cursor = await settled(client.list_databases(session=session, comment="why", nameOnly=True))
            assert {"name": "documents"} in await settled(cursor.to_list())
        await settled(client.drop_database(client.documents, comment="why"))
        assert "documents" not in await settled(client.list_database_names())
        with pytest.raises(TypeError, match="name_or_database must be an instance of"):
            await settled(client.drop_database(5))

    run(work)


def _session(client: Any) -> Any:
    session = client.start_session(causal_consistency=True, snapshot=False)
    return session if hasattr(session, "__aenter__") else _Blocking(session)


class _Blocking:
    """A session of the blocking face, for `async with`."""

    def __init__(self, session: Any) -> None:
        self._session = session

    async def __aenter__(self) -> Any:
        return self._session.__enter__()

    async def __aexit__(self, *exc: Any) -> None:
        self._session.__exit__(*exc)


def test_watch(run: Callable[..., Any]) -> None:
    async def work(client: Any) -> None:
        stream = await settled(
            client.watch(
                [{"$match": {"operationType": "insert"}}],
                full_document="updateLookup",
                max_await_time_ms=1,
                batch_size=5,
                collation={"locale": "en"},
                comment="why",
            )
        )
        await settled(client.documents.things.insert_one({"_id": 1}))
        change = await settled(stream.next())
        assert change["fullDocument"] == {"_id": 1}
        token = stream.resume_token
        await settled(stream.close())
        await settled(client.documents.other.insert_one({"_id": 2}))
        for options in ({"resume_after": token}, {"start_after": token}):
            again = await settled(client.watch(max_await_time_ms=1, **options))
            assert (await settled(again.next()))["fullDocument"] == {"_id": 2}
            await settled(again.close())

    run(work)


def test_write_concern_of_drop_database(run: Callable[..., Any]) -> None:
    """ "The write_concern of this client is automatically applied to this operation.\""""

    async def work(client: Any) -> None:
        with pytest.raises(OperationFailure, match="Not enough data-bearing nodes"):
            await settled(client.drop_database("documents_w"))

    run(work_with(work), w=1)


def work_with(work: Callable[[Any], Awaitable[None]]) -> Callable[[Any], Awaitable[None]]:
    async def whole(client: Any) -> None:
        strict = type(client)(*await settled(client.address), w=5, wTimeoutMS=50)
        try:
            await work(strict)
        finally:
            await closed(strict)

    return whole


def test_unacknowledged_writes(run: Callable[..., Any]) -> None:
    async def work(client: Any) -> None:
        assert (await settled(client.documents.things.insert_one({"_id": 1}))).acknowledged is False

    run(work, w=0)


def test_appname_is_seen_by_the_server(run: Callable[..., Any]) -> None:
    async def work(client: Any) -> None:
        found = await settled(client.admin.aggregate([{"$currentOp": {}}, {"$match": {"appName": "leaf"}}]))
        assert await settled(found.to_list())

    run(work, appname="leaf")


def test_server_selector_is_asked(run: Callable[..., Any]) -> None:
    asked: list[int] = []

    def selector(servers: list[Any]) -> list[Any]:
        asked.append(len(servers))
        return servers

    async def work(client: Any) -> None:
        await settled(client.admin.command("ping"))
        assert asked

    run(work, server_selector=selector)


def test_errors_of_credentials_come_with_the_first_operation(run: Callable[..., Any]) -> None:
    async def work(client: Any) -> None:
        with pytest.raises(OperationFailure, match="Authentication failed"):
            await settled(client.documents.things.find_one())

    async def whole(client: Any) -> None:
        other = type(client)(*await settled(client.address), username="nobody", password="x")
        try:
            await work(other)
        finally:
            await closed(other)

    run(whole)


def test_once_closed_the_client_cannot_be_used_again(run: Callable[..., Any]) -> None:
    async def work(client: Any) -> None:
        other = type(client)(*await settled(client.address))
        await settled(other.admin.command("ping"))
        await closed(other)
        with pytest.raises(InvalidOperation, match="after close"):
            await settled(other.admin.command("ping"))
        await closed(other)

    run(work)


def test_bulk_write_requires_8(run: Callable[..., Any]) -> None:
    async def work(client: Any) -> None:
        from petiole import InsertOne

        with pytest.raises(InvalidOperation, match=r"requires MongoDB server version 8\.0\+"):
            await settled(client.bulk_write(models=[InsertOne(namespace="db.test", document={"y": 2})]))

    run(work)


def test_duplicate_keys_are_errors(run: Callable[..., Any]) -> None:
    async def work(client: Any) -> None:
        await settled(client.documents.things.insert_one({"_id": 1}))
        with pytest.raises(DuplicateKeyError):
            await settled(client.documents.things.insert_one({"_id": 1}))

    run(work)
