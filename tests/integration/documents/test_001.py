"""The documentation of the 3.x client, 000 and 001: what `tests/integration/legacy` does not try already.

That folder has the attributes and methods of the client; here are its constructor, option by option, and the notes.
"""

from __future__ import annotations

import ssl
import warnings
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote_plus

import pytest
from tests.integration.documents.test_004 import OPTIONS, Read, shown

from petiole import ReadPreference, WriteConcern
from petiole.bson import SON
from petiole.bson.codec_options import CodecOptions, TypeRegistry
from petiole.errors import ConfigurationError, InvalidName, InvalidOperation, OperationFailure
from petiole.legacy import Database, MongoClient
from petiole.legacy.errors import ConnectionFailure
from petiole.local import LocalServer
from petiole.read_concern import ReadConcern

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
NEWER = {"maxConnecting", "timeoutMS", "serverMonitoringMode", "unicode_decode_error_handler"}
OF_3 = [one for one in OPTIONS if one[0] not in NEWER]


def made(*args: Any, **kwargs: Any) -> MongoClient:
    return MongoClient(*args, **{"connect": False, **kwargs})


@pytest.mark.parametrize(("name", "value", "read", "default"), OF_3, ids=lambda one: str(one)[:24])
def test_option(name: str, value: Any, read: Read, default: Any) -> None:
    wanted = value / 1000 if name.endswith("MS") and name != "wTimeoutMS" else value
    wanted, default = (4, 3) if name == "uuidRepresentation" else (wanted, default)  # pythonLegacy
    assert read(made().options) == default
    assert read(made(**{name: value}).options) == wanted
    assert read(made(f"mongodb://a/?{name}={shown(value)}").options) == wanted


def test_parameters_by_position() -> None:
    """(host, port, document_class, tz_aware, connect, type_registry)"""
    registry = TypeRegistry(fallback_encoder=str)
    client = MongoClient("a", 1, SON, True, False, registry)
    assert repr(client).startswith(
        "MongoClient(host=['a:1'], document_class=petiole.bson.son.SON, tz_aware=True, connect=False"
    )
    assert client.codec_options.type_registry == registry
    assert (MongoClient.HOST, MongoClient.PORT) == ("localhost", 27017)


def test_names_as_of_000() -> None:
    client = made(
        "a", 1, document_class=SON, tz_aware=True, maxPoolSize=5, socketTimeoutMS=1000, connectTimeoutMS=2000,
        serverSelectionTimeoutMS=3000, waitQueueTimeoutMS=4000, waitQueueMultiple=2, socketKeepAlive=False, w=2,
        wtimeout=5, j=True, replicaSet="rs", read_preference=ReadPreference.NEAREST, ssl=True,
        ssl_cert_reqs=ssl.CERT_NONE, ssl_match_hostname=False,
    )  # fmt: skip
    pool = client.options.pool_options
    assert (pool.max_pool_size, pool.socket_timeout, pool.connect_timeout) == (5, 1, 2)
    assert (pool.wait_queue_timeout, pool.max_waiting, pool.keep_alive) == (4, 10, False)
    assert client.server_selection_timeout == 3
    assert client.write_concern.document == {"w": 2, "wtimeout": 5, "j": True}
    assert (client.options.replica_set_name, client.read_preference) == ("rs", ReadPreference.NEAREST)
    assert pool.tls is not None
    assert (pool.tls.allow_invalid_certificates, pool.tls.allow_invalid_hostnames) == (True, True)


def seeds(client: MongoClient) -> set[Any]:
    return set(client.topology_description.server_descriptions())


def test_the_last_of_several_connection_strings_counts() -> None:
    """ "the last database, username, and password present will be used\""""
    client = made(["mongodb://u:p@a/x", "mongodb://v:q@b/y"])
    credentials: Any = client.options.pool_options.credentials
    assert seeds(client) == {("a", 27017), ("b", 27017)}
    assert client.get_default_database().name == "y"
    assert (credentials.username, credentials.password, credentials.source) == ("v", "q", "y")
    mixed = made(["mongodb://u:p@a/x?w=1", "mongodb://b/?w=2", "c:5"])
    credentials = mixed.options.pool_options.credentials
    assert seeds(mixed) == {("a", 27017), ("b", 27017), ("c", 5)}
    assert (mixed.get_default_database().name, credentials.username) == ("x", "u")
    assert mixed.write_concern == WriteConcern(2)


def test_hosts_and_escapes() -> None:
    user, password, path = "a:b/c+d", "p@", "/tmp/mongodb-27017.sock"
    uri = f"mongodb://{quote_plus(user)}:{quote_plus(password)}@{quote_plus(path)}"
    client = made(uri)
    credentials: Any = client.options.pool_options.credentials
    assert (credentials.username, credentials.password) == (user, password)
    assert seeds(client) == {(path, None)}
    assert seeds(made("[::1]")) == {("::1", 27017)}
    assert seeds(made("a:5", 6)) == {("a", 5)}
    with pytest.raises(ConfigurationError):
        made("mongodb://a,b", directConnection=True)


def test_the_constructor_does_not_wait() -> None:
    client = MongoClient("localhost", 1, serverSelectionTimeoutMS=20)
    assert client.nodes == frozenset()
    with pytest.raises(ConnectionFailure):  # "The ismaster command is cheap and does not require auth."
        client.admin.command("ismaster")
    for attribute in (
        "address",
        "is_primary",
        "is_mongos",
        "max_bson_size",
        "max_message_size",
        "max_write_batch_size",
    ):
        with pytest.raises(ConnectionFailure):
            getattr(client, attribute)
    assert client.primary is None
    assert client.secondaries == client.arbiters == set()
    client.close()


@pytest.mark.parametrize(
    "name", ["alive", "start_request", "in_request", "end_request", "copy_database", "disconnect"]
)
def test_what_3_0_removed_is_the_name_of_a_database(name: str) -> None:
    assert isinstance(getattr(made(), name), Database)


@pytest.mark.parametrize("name", ["codec_options", "read_preference", "write_concern", "read_concern"])
def test_read_only_attributes(name: str) -> None:
    with pytest.raises(AttributeError):
        setattr(made(), name, None)


def test_options_of_databases() -> None:
    client = made("mongodb://host/my_database")
    given: dict[str, Any] = {
        "codec_options": CodecOptions(tz_aware=True),
        "read_preference": ReadPreference.SECONDARY,
        "write_concern": WriteConcern(2),
        "read_concern": ReadConcern("majority"),
    }
    for database in (
        client.get_database(**given),
        client.get_default_database(**given),
        client.get_database("my_database", **given),
    ):
        assert database.name == "my_database"
        assert {name: getattr(database, name) for name in given} == given
    assert made().get_default_database("other").name == "other"
    with pytest.raises(InvalidName):
        _ = client["a.b"]


# On a server.


@pytest.fixture
def client(replica_set: LocalServer) -> Iterator[MongoClient]:
    with MongoClient(replica_set.uri) as client:
        yield client
        client.drop_database("document_001")


def _place(client: MongoClient) -> Any:
    return client.address


def test_members_of_a_replica_set(client: MongoClient, replica_set: LocalServer) -> None:
    assert client.address == client.primary == replica_set.address
    assert client.nodes == {replica_set.address}


def test_watch(client: MongoClient) -> None:
    with client.watch(
        [{"$match": {"operationType": "insert"}}], "updateLookup", max_await_time_ms=1
    ) as stream:
        client.document_001.things.insert({"_id": 1})
        assert next(stream)["fullDocument"] == {"_id": 1}
        token = stream.resume_token
    client.document_001.things.insert({"_id": 2})
    again_from: list[dict[str, Any]] = [{"resume_after": token}, {"start_after": token}]
    for options in again_from:
        with client.watch(batch_size=5, **options) as again:
            assert next(again)["fullDocument"] == {"_id": 2}


def test_sessions(client: MongoClient) -> None:
    with client.start_session(causal_consistency=True) as session:
        assert client.server_info(session=session)["ok"] == 1
        client.document_001.things.insert_one({"_id": 1}, session=session)
        assert "document_001" in client.list_database_names(session=session)
        assert "document_001" in {
            one["name"] for one in client.list_databases(session=session, nameOnly=True)
        }
        with MongoClient(*_place(client)) as other, pytest.raises(InvalidOperation):
            other.document_001.things.find_one(
                session=session
            )  # It "may only be used with the MongoClient" of its.
        client.drop_database(client.document_001, session=session)
        assert "document_001" not in client.database_names(session=session)
    with pytest.raises(TypeError, match="name_or_database must be an instance of"):
        client.drop_database(5)  # type: ignore[arg-type]


def test_the_write_concern_is_applied_to_drop_database(client: MongoClient) -> None:
    with (
        MongoClient(*_place(client), w=5, wtimeout=50) as strict,
        pytest.raises(OperationFailure, match="Not enough data-bearing nodes"),
    ):
        strict.drop_database("document_001_w")


def test_unacknowledged_writes(client: MongoClient) -> None:
    with MongoClient(*_place(client), w=0) as careless:
        assert careless.document_001.things.insert_one({"_id": 1}).acknowledged is False


def test_every_deprecated_option_says_so(tmp_path: Any) -> None:
    file = tmp_path / "some.pem"
    file.write_text("")
    old: dict[str, Any] = {"wtimeout": 1, "j": True, "ssl_cert_reqs": ssl.CERT_NONE, "ssl_match_hostname": True,
                           "socketKeepAlive": True, "waitQueueMultiple": 1}  # fmt: skip
    for name, value in old.items():
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            made(**{name: value, "ssl": True} if name.startswith("ssl") else {name: value})
        assert any(name in str(one.message) for one in caught), name
