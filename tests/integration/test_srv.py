"""Clients by ``mongodb+srv://``, on both faces: a local name server names the hosts of a real replica set."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import dns.rcode
import pymongo
import pytest
from pymongo.errors import ConfigurationError as TheirConfigurationError
from pymongo.uri_parser import parse_uri as pymongo_parse_uri
from tests.integration.dns_server import DnsServer, serving
from tests.integration.security.conftest import Face
from tests.integration.waiting import eventually

from petiole.asynchronous.mongo_client import AsyncMongoClient
from petiole.errors import ConfigurationError, InvalidOperation, ServerSelectionTimeoutError
from petiole.local import LocalServer
from petiole.mongo_client import MongoClient

NAME = "db.cluster.test"
URI = f"mongodb+srv://{NAME}/?tls=false"
SECRET = "kept-to-oneself"


@pytest.fixture(params=["blocking", "asyncio"])
def face(request: pytest.FixtureRequest) -> Iterator[Face]:
    made = Face(request.param)
    yield made
    made.close()


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Iterator[DnsServer]:
    """The name server; all hosts under `cluster.test` are this machine."""
    system: Callable[..., Any] = socket.getaddrinfo

    def getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
        return system("127.0.0.1" if str(host).endswith(".cluster.test") else host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    with serving() as server:
        yield server


@pytest.fixture
def named(names: DnsServer, replica_set: LocalServer) -> DnsServer:
    """The same, when it names the replica set."""
    names.srv(NAME, ("a.cluster.test", replica_set.address[1]))
    return names


def ask(face: Face, uri: str, **options: Any) -> Any:
    """A client of that name, after its first operation."""
    client = face.client(uri, **options)
    assert client.admin.command("ping")["ok"] == 1
    return client


def plain(text: str) -> str:
    """A text without what differs from one run to the next."""
    return re.sub(r"\d+\.\d+ seconds|@\d+", "~", text)


def test_a_replica_set_is_found_by_its_name(face: Face, named: DnsServer, replica_set: LocalServer) -> None:
    client = ask(face, URI)
    assert client.nodes == {replica_set.address}, "what the member itself is called"
    client.srv.things.insert_one({"_id": 1})
    assert client.srv.things.find_one({"_id": 1}) == {"_id": 1}
    client.drop_database("srv")
    assert named.asked == [(f"_mongodb._tcp.{NAME}", "SRV"), (NAME, "TXT")]


def test_the_txt_record_sets_options(face: Face, named: DnsServer, replica_set: LocalServer) -> None:
    set_name = pymongo_parse_uri(replica_set.uri)["options"]["replicaSet"]
    named.txt(NAME, [f"replicaSet={set_name}", "&authSource=there"])
    client = ask(face, URI)
    assert client.options.replica_set_name == set_name
    assert client.topology_description.replica_set_name == set_name
    assert client.primary == replica_set.address
    assert "authsource='there'" in repr(client)


def test_options_of_the_string_and_keywords_win(face: Face, named: DnsServer) -> None:
    named.txt(NAME, "replicaSet=wrong&authSource=wrong")
    client = face.client(
        f"mongodb+srv://u:{SECRET}@{NAME}/?tls=false&authSource=mine",
        replicaSet="own",
        serverSelectionTimeoutMS=1,
    )
    with pytest.raises(ServerSelectionTimeoutError) as caught:
        client.admin.command("ping")
    assert client.options.replica_set_name == "own"
    assert client.options.pool_options.credentials.source == "mine"
    assert SECRET not in f"{client!r}{caught.value!r}"


def test_tls_is_the_default(face: Face, named: DnsServer) -> None:
    client = face.client(f"mongodb+srv://{NAME}/", serverSelectionTimeoutMS=500)
    with pytest.raises(ServerSelectionTimeoutError, match=r"SSL|TLS"):
        client.admin.command("ping")


def prepare_error(server: DnsServer, fault: str) -> None:
    host = ("a.cluster.test", 27017)
    if fault == "refused":
        server.refusal = dns.rcode.SERVFAIL
    elif fault == "silent":
        server.silent = True
    elif fault == "empty":
        server.remove(NAME)
    elif fault == "foreign":
        server.srv(NAME, host, ("a.evil.test", 27017))
    elif fault == "balanced":
        server.srv(NAME, host, ("b.cluster.test", 27017))
        server.txt(NAME, "loadBalanced=true")
    elif fault != "missing":
        server.srv(NAME, host)
        server.txt(NAME, *{"two": ("authSource=a", "authSource=b")}.get(fault, (fault,)))


FAULTS = ["missing", "empty", "refused", "silent", "foreign", "two", "tls=false", "authSource", "balanced"]


@pytest.mark.parametrize("fault", FAULTS)
def test_errors_are_pymongos(face: Face, names: DnsServer, fault: str) -> None:
    prepare_error(names, fault)
    patience = 200 if fault == "silent" else 20_000  # Who is to hear an answer must not give up before.
    uri = f"mongodb+srv://u:{SECRET}@{NAME}/?connectTimeoutMS={patience}"
    with pytest.raises(TheirConfigurationError) as theirs:
        pymongo.MongoClient(uri)
    with pytest.raises(ConfigurationError) as ours:
        ask(face, uri)
    assert type(ours.value).__name__ == type(theirs.value).__name__
    assert plain(str(ours.value)) == plain(str(theirs.value))
    assert SECRET not in repr(ours.value)


def test_the_constructors_wait_as_pymongos_do(names: DnsServer) -> None:
    with pytest.raises(ConfigurationError, match="does not exist"):
        MongoClient(URI)
    asked = len(names.asked)
    with MongoClient(URI, connect=False) as client:
        assert repr(client).startswith(f"MongoClient(host='mongodb+srv://{NAME}', ")
        assert client.nodes == frozenset()
    AsyncMongoClient(URI)
    assert len(names.asked) == asked


def test_identity_stays(named: DnsServer) -> None:
    named.txt(NAME, "authSource=x")
    theirs: pymongo.MongoClient[Any] = pymongo.MongoClient(URI)
    with (
        MongoClient(URI, connect=False) as client,
        MongoClient(URI) as other,
        closing(theirs),
    ):
        before = hash(client)
        client.admin.command("ping")
        assert hash(client) == before == hash(other)
        assert client == other
        assert client.eq_props() == theirs.eq_props()
        assert MongoClient(f"{URI}&srvServiceName=own", connect=False) != client


def test_one_question_serves_all_threads(named: DnsServer) -> None:
    with MongoClient(URI, connect=False) as client, ThreadPoolExecutor(8) as threads:
        replies = list(threads.map(lambda _: client.admin.command("ping"), range(8)))
    assert [reply["ok"] for reply in replies] == [1] * 8
    assert len(named.asked) == 2


def test_one_question_serves_all_tasks_and_one_failure_fails_them(names: DnsServer) -> None:
    async def main() -> list[Any]:
        async with closing_client(URI) as client:
            pings = [client.admin.command("ping") for _ in range(20)]
            return list(await asyncio.gather(*pings, return_exceptions=True))

    outcomes = asyncio.run(main())
    assert {type(outcome) for outcome in outcomes} == {ConfigurationError}
    assert len({str(outcome) for outcome in outcomes}) == 1
    assert len(names.asked) == 1


class closing_client:
    """An asyncio client that has not been connected, closed in the end."""

    def __init__(self, uri: str, **options: Any) -> None:
        self._client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(uri, **options)

    async def __aenter__(self) -> AsyncMongoClient[dict[str, Any]]:
        return self._client

    async def __aexit__(self, *exc: object) -> None:
        await self._client.close()


def test_a_loop_goes_on_while_the_dns_is_silent(names: DnsServer) -> None:
    names.silent = True

    async def main() -> float:
        longest = 0.0
        async with closing_client(URI, connectTimeoutMS=500) as client:
            asking = asyncio.create_task(client.aconnect())
            while not asking.done():
                before = time.monotonic()
                await asyncio.sleep(0.01)
                longest = max(longest, time.monotonic() - before)
            with pytest.raises(ConfigurationError, match="lifetime expired"):
                await asking
        return longest

    assert asyncio.run(main()) < 0.3


def test_a_cancelled_task_leaves_its_turn_to_the_next(named: DnsServer) -> None:
    named.silent = True

    async def main() -> Any:
        async with closing_client(URI) as client:
            first = asyncio.create_task(client.aconnect())
            await asyncio.sleep(0.1)
            second = asyncio.create_task(client.admin.command("ping"))
            await asyncio.sleep(0.1)
            named.silent = False
            first.cancel()
            return await second

    assert asyncio.run(main())["ok"] == 1


def test_the_deadline_of_an_operation_holds(face: Face, names: DnsServer) -> None:
    names.silent = True
    client = face.client(URI, timeoutMS=200, connect=False)
    started = time.monotonic()
    with pytest.raises(ServerSelectionTimeoutError, match=rf"DNS did not answer.*{NAME}"):
        client.admin.command("ping")
    assert time.monotonic() - started < 2


def test_after_a_failure_the_next_operation_tries_again(
    face: Face, names: DnsServer, replica_set: LocalServer
) -> None:
    client = face.client(URI, connect=False)
    with pytest.raises(ConfigurationError):
        client.admin.command("ping")
    names.srv(NAME, ("a.cluster.test", replica_set.address[1]))
    assert client.admin.command("ping")["ok"] == 1


def test_a_closed_client_asks_nothing(face: Face, named: DnsServer) -> None:
    client = face.client(URI, connect=False)
    client.close()
    with pytest.raises(InvalidOperation, match="after close"):
        client.admin.command("ping")
    assert named.asked == []


def test_some_of_many_hosts_are_chosen(names: DnsServer) -> None:
    hosts = [(f"host{number:03}-with-a-long-name.cluster.test", 27017) for number in range(60)]
    names.srv(NAME, *hosts)
    chosen = set()
    for _ in range(20):
        with MongoClient(f"{URI}&srvMaxHosts=2", serverSelectionTimeoutMS=1) as client:
            seeds = list(client.topology_description.server_descriptions())
        assert len(seeds) == 2
        assert set(seeds) <= set(hosts)
        chosen.update(seeds)
    assert len(chosen) > 10


def test_an_answer_too_long_for_udp_comes_by_tcp(names: DnsServer) -> None:
    hosts = {(f"host{number:03}-with-a-long-name.cluster.test", 27017) for number in range(60)}
    names.srv(NAME, *hosts)
    with MongoClient(URI) as client:
        assert set(client.topology_description.server_descriptions()) == hosts
    assert names.asked.count((f"_mongodb._tcp.{NAME}", "SRV")) == 2


def test_another_service_and_other_hosts(face: Face, names: DnsServer, replica_set: LocalServer) -> None:
    names.srv(NAME, replica_set.address, service="own")
    asked: list[str] = []

    def validator(host: str) -> bool:
        asked.append(host)
        return True

    ask(face, f"{URI}&srvServiceName=own", srv_host_validator=validator)
    assert asked[0] == "127.0.0.1"


@pytest.mark.parametrize("side", ["blocking", "asyncio"])
def test_parse_uri_asks_the_dns(names: DnsServer, side: str) -> None:
    from petiole.asynchronous import uri_parser as for_asyncio
    from petiole.uri_parser import parse_uri as for_threads

    def parse_uri(uri: str) -> Any:
        return for_threads(uri) if side == "blocking" else asyncio.run(for_asyncio.parse_uri(uri))

    names.srv(NAME, ("A.cluster.test", 27017), ("b.cluster.test", 27018))
    names.txt(NAME, "replicaSet=rs")
    uri = f"mongodb+srv://u:p@{NAME}/base"
    ours, theirs = parse_uri(uri), pymongo_parse_uri(uri)
    for parsed in (ours, theirs):
        parsed["nodelist"].sort()
    assert ours == theirs
    with pytest.raises(ConfigurationError, match="does not exist"):
        parse_uri("mongodb+srv://nothing.cluster.test")


def test_few_programs_import_dnspython() -> None:
    code = (
        "import sys, petiole; petiole.MongoClient('h', connect=False); "
        "petiole.MongoClient('mongodb+srv://a.b.c', connect=False); print('dns' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "False\n"


def in_child(work: Callable[[], bool]) -> int:
    """How a forked child ends in which `work` has to come true within seconds."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    status = 1
    try:
        signal.alarm(10)
        status = 0 if work() else 2
    finally:
        os._exit(status)


def test_a_forked_child_resolves_by_itself(named: DnsServer) -> None:
    with MongoClient(URI, connect=False) as client, ThreadPoolExecutor(1) as threads:
        named.silent = True
        pinging = threads.submit(client.admin.command, "ping")
        assert eventually(lambda: bool(named.asked))
        answering = threading.Timer(0.5, setattr, [named, "silent", False])
        answering.start()
        assert in_child(lambda: client.admin.command("ping")["ok"] == 1) == 0
        assert pinging.result(10)["ok"] == 1
        assert in_child(lambda: client.admin.command("ping")["ok"] == 1) == 0


def test_closing_ends_everything_while_the_dns_is_silent(names: DnsServer) -> None:
    names.silent = True
    with (
        ThreadPoolExecutor(1) as threads,
        closing(MongoClient(URI, connect=False, connectTimeoutMS=300)) as client,
    ):
        pinging = threads.submit(client.admin.command, "ping")
        time.sleep(0.1)
        client.close()
        with pytest.raises((ConfigurationError, InvalidOperation)):
            pinging.result(5)
