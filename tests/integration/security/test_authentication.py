"""Users and passwords on a real server, by both faces."""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote_plus

import pymongo
import pytest
from pymongo.errors import OperationFailure as RefusedByPyMongo
from tests.integration.parity.wiretap import Request, Wiretap
from tests.integration.security.conftest import PASSWORD, SCRAM, USERS, Face, Secured

from petiole import monitoring
from petiole.errors import ConfigurationError, NetworkTimeout, OperationFailure, ServerSelectionTimeoutError
from petiole.local import LocalServer
from petiole.server_api import ServerApi

MECHANISM_OPTIONS = ("", *(f"authMechanism={name}" for name in SCRAM))


class Everything(Wiretap):
    """A wiretap that keeps the handshakes too."""

    def __init__(self, target: tuple[str, int]) -> None:
        super().__init__(target)
        self.seen: list[Request] = []

    def note(self, request: Request) -> None:
        self.seen.append(request)

    def names(self) -> list[str]:
        """The commands seen, without the monitors' (which say hello more than once, and never speculate)."""
        mine = [one for one in self.seen if not is_hello(one) or "speculativeAuthenticate" in one]
        return [next(iter(one)) for one in mine if next(iter(one)) != "endSessions"]


def is_hello(request: Request) -> bool:
    return next(iter(request)) in ("isMaster", "hello")


@pytest.fixture
def tap(secured: Secured) -> Iterator[Everything]:
    with Everything(secured.address) as tap:
        yield tap


def who(client: Any) -> list[dict[str, str]]:
    """As whom a client's connection has authenticated."""
    status = client.admin.command("connectionStatus")
    found: list[dict[str, str]] = status["authInfo"]["authenticatedUsers"]
    return found


def refusal(client: Any) -> OperationFailure:
    with pytest.raises(OperationFailure) as caught:
        client.app.things.find_one()
    return caught.value


@pytest.mark.parametrize("query", MECHANISM_OPTIONS)
@pytest.mark.parametrize("user", USERS)
def test_right_password(face: Face, secured: Secured, user: str, query: str) -> None:
    client = face.client(secured.uri(f"{user}:{PASSWORD}", query))
    wanted = query.partition("=")[2]
    if wanted and wanted not in USERS[user]:
        assert refusal(client).code == 18
        return
    assert who(client) == [{"user": user, "db": "admin"}]
    assert client.app.things.find_one() is None


@pytest.mark.parametrize("query", MECHANISM_OPTIONS)
@pytest.mark.parametrize("user", [*USERS, "nobody"])
def test_wrong_password(face: Face, secured: Secured, user: str, query: str) -> None:
    uri = secured.uri(f"{user}:pen", query)
    with (
        pymongo.MongoClient[dict[str, Any]](uri) as other,
        pytest.raises(RefusedByPyMongo) as its,
    ):
        other.app.things.find_one()
    client = face.client(uri)
    for _ in range(2):  # The refusal is not turned into a timeout of server selection, however often.
        error = refusal(client)
        assert type(error) is OperationFailure
        assert error.code == its.value.code == 18
        assert words(error) == words(its.value) == "Authentication failed., full error: "
        assert error.details is not None
        for name in ("ok", "errmsg", "code", "codeName"):
            assert error.details[name] == (its.value.details or {})[name]


def words(error: Exception) -> str:
    """An error's text up to the server's reply, which on a replica set says the time."""
    return str(error).partition("{")[0]


def test_a_client_of_other_credentials_is_not_disturbed(face: Face, secured: Secured) -> None:
    good, bad = (face.client(secured.uri(f"both:{password}")) for password in (PASSWORD, "wrong"))
    for _ in range(3):
        assert good.app.things.find_one() is None
        assert refusal(bad).code == 18


def test_writes_are_refused_alike(face: Face, secured: Secured) -> None:
    client = face.client(secured.uri("both:wrong"))
    with pytest.raises(OperationFailure) as caught:
        client.app.things.insert_one({})
    assert caught.value.code == 18
    with pytest.raises(OperationFailure):
        client.app.things.insert_many([{}, {}])


def test_without_credentials(face: Face, secured: Secured) -> None:
    error = refusal(face.client(secured.uri()))
    assert error.code == 13  # Unauthorized: the connection stands, but may do nothing.


NAMES = ["us:er@h/o?s&t=#[]%", "a=b,c", "=2C=3D", "Ünïcödé ♥", "\u2168", "a b+c", 'quo"te\\$']


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("mechanism", SCRAM)
def test_special_characters(face: Face, secured: Secured, name: str, mechanism: str) -> None:
    user, password = f"{name} {mechanism} {face.name}", f"{name}♥,=pw"
    secured.create(user, password, "admin", mechanism)
    encoded = f"{quote_plus(user)}:{quote_plus(password)}"
    assert who(face.client(secured.uri(encoded)))[0]["user"] == user
    by_keyword = face.client(secured.uri(), username=user, password=password, authMechanism=mechanism)
    assert who(by_keyword)[0]["user"] == user


@pytest.mark.parametrize(
    ("stored", "typed"),
    [
        ("IX", "\u2168"),
        ("\u2168", "IX"),
        ("I\u00adX", "IX"),
        ("a b", "a\u00a0b"),
        ("p\u200bq", "p q"),
        ("p\u200bq", "p\u200bq"),
        ("\u06271\u0628", "\u06271\u0628"),
    ],
)
def test_passwords_are_prepared_as_the_server_prepares_them(
    face: Face, secured: Secured, stored: str, typed: str
) -> None:
    user = f"prepared {stored!a} {typed!a} {face.name}"
    secured.create(user, stored, "admin", "SCRAM-SHA-256")
    assert who(face.client(secured.uri(), username=user, password=typed))


def test_a_password_that_no_user_can_have(face: Face, secured: Secured) -> None:
    client = face.client(secured.uri(), username="sha256", password="bell\u0007")
    with pytest.raises(ConfigurationError, match="SASLprep: failed prohibited character check"):
        client.app.things.find_one()
    other = face.client(secured.uri(), username="sha256", password=PASSWORD)
    assert other.app.things.find_one() is None


def test_source(face: Face, secured: Secured) -> None:
    user = f"local {face.name}"
    secured.create(user, PASSWORD, "app")
    userinfo = f"{quote_plus(user)}:{PASSWORD}"
    expected = [{"user": user, "db": "app"}]
    assert who(face.client(secured.uri(userinfo, path="app"))) == expected
    assert who(face.client(secured.uri(userinfo, "authSource=app"))) == expected
    assert who(face.client(secured.uri(userinfo, "authSource=app", path="other"))) == expected
    assert who(face.client(secured.uri(userinfo, path="other"), authSource="app")) == expected
    for query, path in (("", ""), ("", "other"), ("authSource=admin", "app")):
        assert refusal(face.client(secured.uri(userinfo, query, path))).code == 18


# Round trips.


@pytest.mark.parametrize(
    ("user", "query", "commands"),
    [
        ("both", "", ["isMaster", "saslContinue", "find"]),
        ("sha256", "", ["isMaster", "saslContinue", "find"]),
        ("both", "authMechanism=SCRAM-SHA-256", ["isMaster", "saslContinue", "find"]),
        ("both", "authMechanism=SCRAM-SHA-1", ["isMaster", "saslContinue", "find"]),
        # The guess was wrong: nothing is lost but the guess.
        ("sha1", "", ["isMaster", "saslStart", "saslContinue", "find"]),
    ],
)
def test_the_conversation_begins_in_the_handshake(
    face: Face, tap: Everything, user: str, query: str, commands: list[str]
) -> None:
    host, port = tap.address
    uri = f"mongodb://{user}:{PASSWORD}@{host}:{port}/?directConnection=true&{query}".rstrip("&")
    face.client(uri).app.things.find_one()
    assert tap.names() == commands


def test_monitors_do_not_authenticate(face: Face, secured: Secured, tap: Everything) -> None:
    host, port = tap.address
    before = secured.counts("SCRAM-SHA-256")["authenticate"]["received"]
    client = face.client(
        f"mongodb://both:{PASSWORD}@{host}:{port}/?directConnection=true", heartbeatFrequencyMS=500
    )
    client.app.things.find_one()
    deadline = time.monotonic() + 20
    while sum(map(is_hello, tap.seen)) < 4 and time.monotonic() < deadline:
        time.sleep(0.05)
    hellos = [one for one in tap.seen if is_hello(one)]
    assert len(hellos) >= 4
    assert sum("speculativeAuthenticate" in one for one in hellos) == 1
    assert sum("saslSupportedMechs" in one for one in hellos) == 1
    assert secured.counts("SCRAM-SHA-256")["authenticate"]["received"] == before + 1


def test_nothing_of_the_password_is_sent(face: Face, tap: Everything) -> None:
    host, port = tap.address
    face.client(f"mongodb://both:{PASSWORD}@{host}:{port}/?directConnection=true").app.things.find_one()
    face.client(f"mongodb://sha1:{PASSWORD}@{host}:{port}/?directConnection=true").app.things.find_one()
    digest = hashlib.md5(f"sha1:mongo:{PASSWORD}".encode()).hexdigest()
    for request in tap.seen:
        assert PASSWORD not in str(request)
        assert digest not in str(request)


def test_keys_are_derived_once(face: Face, secured: Secured, monkeypatch: pytest.MonkeyPatch) -> None:
    derived: list[int] = []
    original = hashlib.pbkdf2_hmac

    def counting(name: str, password: bytes, salt: bytes, iterations: int, dklen: int | None = None) -> bytes:
        derived.append(threading.get_ident())
        return original(name, password, salt, iterations, dklen)

    monkeypatch.setattr(hashlib, "pbkdf2_hmac", counting)
    before = secured.counts("SCRAM-SHA-256")["authenticate"]["successful"]
    client = face.client(secured.uri(f"both:{PASSWORD}"), maxIdleTimeMS=1)
    for _ in range(4):
        client.app.things.find_one()
        time.sleep(0.01)
    assert secured.counts("SCRAM-SHA-256")["authenticate"]["successful"] == before + 4
    assert len(derived) == 1
    # On asyncio on a thread of its own: it takes milliseconds, in which the loop serves others.
    assert (derived[0] == threading.get_ident()) is (face.name == "blocking")


def test_the_stable_api(face: Face) -> None:
    """It goes with the commands of authentication too: this server takes none without it."""
    with LocalServer(auth=True) as server:
        (address, credentials) = (server.address, server.credentials)
        assert credentials is not None
        with pymongo.MongoClient[dict[str, Any]](server.uri) as admin:
            admin.admin.command("setParameter", 1, requireApiVersion=True)
        for mechanism in ("DEFAULT", *SCRAM):
            client = face.client(
                f"mongodb://{address[0]}:{address[1]}",
                username=credentials.username,
                password=credentials.password,
                authMechanism=mechanism,
                server_api=ServerApi("1", strict=True),
            )
            assert client.app.things.find_one() is None


# Failures on the way.


def fail(secured: Secured, command: str, **how: Any) -> None:
    secured.admin.admin.command(
        "configureFailPoint",
        "failCommand",
        mode={"times": 1},
        data={"failCommands": [command], "appName": "failing", **how},
    )


@pytest.mark.parametrize("how", [{"closeConnection": True}, {"errorCode": 91}])
@pytest.mark.parametrize("operation", ["find", "insert"])
def test_an_authentication_that_breaks_is_tried_again(
    face: Face, secured: Secured, operation: str, how: dict[str, Any]
) -> None:
    uri = secured.uri(f"both:{PASSWORD}", "appName=failing").replace(
        "directConnection=true", "replicaSet=petiole"
    )
    client = face.client(uri)
    fail(secured, "saslContinue", **how)
    if operation == "find":
        assert client.app.things.find_one({"_id": "none"}) is None
    else:
        assert client.app.retried.insert_one({}).acknowledged


def test_an_authentication_that_hangs(face: Face, secured: Secured) -> None:
    client = face.client(
        secured.uri(f"both:{PASSWORD}", "appName=failing"), connectTimeoutMS=400, retryReads=False
    )
    fail(secured, "saslContinue", blockConnection=True, blockTimeMS=3000)
    started = time.monotonic()
    with pytest.raises(NetworkTimeout):
        client.app.things.find_one()
    assert time.monotonic() - started < 2.5
    assert client.app.things.find_one() is None


# Secrets.


SECRET = "5ecret-Pas5word"


def test_no_credentials_in_texts(
    face: Face, secured: Secured, caplog: pytest.LogCaptureFixture, closed_port: int
) -> None:
    caplog.set_level(logging.DEBUG)
    user = f"discreet {face.name}"
    secured.create(user, SECRET)
    client = face.client(secured.uri(), username=user, password=SECRET)
    client.app.things.find_one()
    bad = face.client(secured.uri(), username=user, password=f"not {SECRET}")
    texts = [repr(client), str(client), repr(client.options.pool_options.credentials), str(refusal(bad))]
    unreachable = face.client(
        f"mongodb://{quote_plus(user)}:{SECRET}@127.0.0.1:{closed_port}", serverSelectionTimeoutMS=50
    )
    with pytest.raises(ServerSelectionTimeoutError) as caught:
        unreachable.app.things.find_one()
    texts += [str(caught.value), repr(caught.value), caplog.text]
    for text in texts:
        assert SECRET not in text


class Listener:
    """Remembers all events of its kind as texts."""

    def __init__(self, seen: list[str]) -> None:
        self.seen = seen

    def note(self, event: Any) -> None:
        names = {name for name in dir(event) if not name.startswith("__")}
        self.seen.append(f"{event!r} {[(name, getattr(event, name)) for name in sorted(names)]}")


def everybody(seen: list[str]) -> list[Any]:
    """Listeners of every kind."""
    kinds = (
        monitoring.CommandListener,
        monitoring.ServerHeartbeatListener,
        monitoring.ConnectionPoolListener,
        monitoring.ServerListener,
        monitoring.TopologyListener,
    )
    made = []
    for kind in kinds:
        methods = {name: Listener.note for name in dir(kind) if not name.startswith("_")}
        made.append(type(f"Every{kind.__name__}", (Listener, kind), methods)(seen))
    return made


def test_no_credentials_in_events_and_logs(
    face: Face, secured: Secured, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither passwords nor proofs of them."""
    caplog.set_level(logging.DEBUG)
    user, seen = f"watched {face.name}", list[str]()
    secured.create(user, SECRET)
    secured.admin.admin.command("grantRolesToUser", user, roles=["root"])
    options = {"username": user, "event_listeners": everybody(seen), "maxIdleTimeMS": 1}
    client = face.client(secured.uri(), password=SECRET, **options)
    for mechanism in SCRAM:
        face.client(secured.uri(), password=SECRET, authMechanism=mechanism, **options).app.things.find_one()
    client.admin.command("createUser", f"{user} 2", pwd=SECRET, roles=[])
    client.admin.command("updateUser", f"{user} 2", pwd=f"{SECRET} 2")
    refusal(face.client(secured.uri(), password=f"not {SECRET}", **options))
    with pytest.raises(OperationFailure):
        client.admin.command("createUser", f"{user} 2", pwd=SECRET, roles=[])
    texts = [*seen, caplog.text]
    assert sum("createUser" in text for text in texts) >= 4  # Those commands are there, without their bodies.
    for text in texts:
        for secret in (SECRET, "speculativeAuthenticate", "saslContinue': ", "'payload'"):
            assert secret not in text


def test_what_a_connection_remembers_of_the_handshake(secured: Secured) -> None:
    face = Face("blocking")
    client = face.client(secured.uri(f"both:{PASSWORD}"))
    client.app.things.find_one()
    (server,) = client._engine.topology.servers
    connection = next(iter(server.pools.values())).take()
    assert connection is not None
    assert connection.hello["ok"] == 1
    assert "speculativeAuthenticate" not in connection.hello
    connection.close()
    face.close()


# Mechanisms that are refused before anything is sent.


def test_the_removed_mechanism(secured: Secured) -> None:
    with pytest.raises(ValueError, match="SCRAM-SHA-256") as caught:
        Face("blocking").client(secured.uri(f"both:{PASSWORD}"), authMechanism="MONGODB-CR")
    assert "authMechanism" in str(caught.value)
    assert PASSWORD not in str(caught.value)


def test_plain_against_a_server_without_it(face: Face, secured: Secured) -> None:
    error = refusal(face.client(secured.uri(f"both:{PASSWORD}", "authMechanism=PLAIN&authSource=$external")))
    assert error.code == 334  # MechanismUnavailable


def test_configuration_errors(secured: Secured) -> None:
    face = Face("blocking")
    with pytest.raises(ConfigurationError, match="password is required"):
        face.client(secured.uri("both"))
    with pytest.raises(ConfigurationError, match="requires a username"):
        face.client(secured.uri("", "authMechanism=SCRAM-SHA-256"))
