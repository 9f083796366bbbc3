"""A bank whose transfers are transactions, while primaries are killed and deposed and connections cut.

`python -m tests.faults.bank --seconds 300` goes on for that long. Afterwards the sum of the accounts is what it was,
the balances are those that the book of transfers makes, and the book has every transfer that was acknowledged once,
no other but those in doubt. PyMongo reads the books, so that petiole does not bear witness for itself.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from inspect import isawaitable
from typing import Any

import pymongo
from tests.integration.waiting import eventually

from petiole import AsyncMongoClient, MongoClient
from petiole._native import run
from petiole.errors import DuplicateKeyError, PyMongoError
from petiole.local import LocalServer
from petiole.write_concern import WriteConcern

Document = dict[str, Any]
Say = Callable[[str], None]

ACCOUNTS, BALANCE = 12, 100
PATIENCE = 60.0
_OPTIONS: Document = {"w": "majority", "serverSelectionTimeoutMS": 12_000, "appname": "bank"}
_CUT = {"closeConnection": True}
_DEPOSED = {"errorCode": 10107}
_LATE = {"writeConcernError": {"code": 64, "errmsg": "waiting for replication timed out"}}
_FAILURES: tuple[tuple[str, Document], ...] = (
    ("commitTransaction", _CUT),
    ("update", _CUT),
    ("commitTransaction", _DEPOSED),
    ("insert", {"errorCode": 112}),
    ("abortTransaction", _CUT),
    ("commitTransaction", _LATE),
)
_MOST_COMMITS = 3


class Teller:
    """A thread or a task that makes one transfer after the other, and knows what came of each."""

    def __init__(self, name: str, client: Any, stop: threading.Event) -> None:
        self._name = name
        self._client = client
        self._accounts = client.bank.accounts
        self._book = client.bank.book
        self._stop = stop
        self._random = random.Random(name)
        self.acknowledged: set[str] = set()
        self.in_doubt: set[str] = set()
        self.outcomes: Counter[str] = Counter()
        self.wrong: list[str] = []

    async def work(self) -> None:
        """Transfer until told to stop."""
        session = self._client.start_session()
        for number in itertools.count():
            if self._stop.is_set():
                break
            await self._transfer(session, f"{self._name}/{number}")
        await _done(session.end_session())

    async def _transfer(self, session: Any, name: str) -> None:
        giver, taker = self._random.sample(range(ACCOUNTS), 2)
        amount = self._random.randrange(1, 10)
        entry = {"_id": name, "from": giver, "to": taker, "amount": amount}

        async def transact(session: Any) -> None:
            for account, change in ((giver, -amount), (taker, amount)):
                await _done(
                    self._accounts.update_one(
                        {"_id": account}, {"$inc": {"balance": change}}, session=session
                    )
                )
            await _done(self._book.insert_one(dict(entry), session=session))

        self.in_doubt.add(name)
        try:
            if self._random.random() < 0.5:
                await self._convenient(session, transact)
            else:
                await self._by_hand(session, transact)
        except DuplicateKeyError as error:  # Each entry is made by one transfer.
            self.wrong.append(f"applied twice: {name}: {error}")
        except PyMongoError as error:
            self.outcomes[type(error).__name__] += 1
        else:
            self.acknowledged.add(name)
            self.outcomes["ok"] += 1

    async def _convenient(self, session: Any, transact: Callable[[Any], Any]) -> None:
        if isinstance(self._client, AsyncMongoClient):
            await session.with_transaction(transact)
        else:
            session.with_transaction(lambda session: run(transact(session)))

    async def _by_hand(self, session: Any, transact: Callable[[Any], Any]) -> None:
        """As an application that knows only the labels: a commit in doubt is repeated, the rest given up."""
        await _done(session.start_transaction())
        try:
            await transact(session)
        except BaseException:
            await _done(session.abort_transaction())
            raise
        for attempt in itertools.count(1):
            try:
                await _done(session.commit_transaction())
                break
            except PyMongoError as error:
                if not error.has_error_label("UnknownTransactionCommitResult") or attempt == _MOST_COMMITS:
                    raise


async def _done(answer: Any) -> Any:
    """What either face's method returns."""
    return await answer if isawaitable(answer) else answer


class Bank:
    """The tellers of both faces on one replica set."""

    def __init__(self, server: LocalServer, threads: int, tasks: int) -> None:
        self._server = server
        self._stop = threading.Event()
        self._client = MongoClient[Document](server.uri, **_OPTIONS)
        self._client.bank.accounts.insert_many([{"_id": n, "balance": BALANCE} for n in range(ACCOUNTS)])
        self._client.bank.create_collection("book")
        self.tellers = [Teller(f"thread-{n}", self._client, self._stop) for n in range(threads)]
        self._threads = [threading.Thread(target=run, args=(teller.work(),)) for teller in self.tellers]
        ready = threading.Event()
        self._threads.append(threading.Thread(target=lambda: asyncio.run(self._serve(tasks, ready))))
        for thread in self._threads:
            thread.start()
        ready.wait()

    async def _serve(self, tasks: int, ready: threading.Event) -> None:
        async with AsyncMongoClient[Document](self._server.uri, **_OPTIONS) as client:
            tellers = [Teller(f"task-{n}", client, self._stop) for n in range(tasks)]
            self.tellers += tellers
            ready.set()
            await asyncio.gather(*(teller.work() for teller in tellers))

    def goes_on(self) -> bool:
        """Whether every teller makes another transfer."""
        before = {id(teller): len(teller.acknowledged) for teller in self.tellers}
        return eventually(
            lambda: all(len(teller.acknowledged) > before[id(teller)] for teller in self.tellers), PATIENCE
        )

    def close(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()
        self._client.close()

    def audit(self) -> list[str]:
        """What is wrong with the books."""
        with pymongo.MongoClient[Document](self._server.uri, readConcernLevel="majority") as client:
            balances = {found["_id"]: found["balance"] for found in client.bank.accounts.find()}
            book = list(client.bank.book.find())
        wrong = [f"{teller}" for one in self.tellers for teller in one.wrong]
        expected = dict.fromkeys(range(ACCOUNTS), BALANCE)
        for entry in book:
            expected[entry["from"]] -= entry["amount"]
            expected[entry["to"]] += entry["amount"]
        if sum(balances.values()) != ACCOUNTS * BALANCE:
            wrong.append(f"the sum is {sum(balances.values())}")
        if balances != expected:
            wrong.append(f"the balances are {balances}, the book makes {expected}")
        names = {entry["_id"] for entry in book}
        acknowledged = set[str]().union(*(teller.acknowledged for teller in self.tellers))
        known = set[str]().union(*(teller.in_doubt for teller in self.tellers))
        if lost := acknowledged - names:
            wrong.append(f"acknowledged, but not in the book: {sorted(lost)}")
        if strange := names - known:
            wrong.append(f"in the book, but nobody made them: {sorted(strange)}")
        return wrong


def torment(rounds: int, seconds: float, say: Say, *, threads: int = 4, tasks: int = 12) -> list[str]:
    """Run the bank through so many rounds of faults, and for so long; what was found wrong."""
    end = time.monotonic() + seconds
    with LocalServer(replica_set=3) as server:
        bank = Bank(server, threads, tasks)
        try:
            for number in itertools.count(1):
                if number > rounds and time.monotonic() > end:
                    break
                for fault in (_fail_commands, _depose, _kill):
                    assert bank.goes_on(), "the bank has come to a halt"
                    fault(server)
                say(f"round {number}: {sum(len(teller.acknowledged) for teller in bank.tellers)} transfers")
            assert bank.goes_on(), "the bank has come to a halt"
        finally:
            bank.close()
        outcomes: Counter[str] = Counter()
        for teller in bank.tellers:
            outcomes.update(teller.outcomes)
        say(", ".join(f"{count} {what}" for what, count in outcomes.most_common()))
        return bank.audit()


def _directly(server: LocalServer) -> pymongo.MongoClient[Document]:
    return pymongo.MongoClient[Document](*server.primary().address, directConnection=True)


def _fail_commands(server: LocalServer) -> None:
    """Let some of the bank's commands fail, one kind after the other."""
    with _directly(server) as primary:
        for name, how in _FAILURES:
            data = {"failCommands": [name], "appName": "bank", **how}
            counted = primary.admin.command("configureFailPoint", "failCommand", mode={"times": 6}, data=data)
            primary.admin.command(
                {"waitForFailPoint": "failCommand", "timesEntered": counted["count"] + 3, "maxTimeMS": 30_000}
            )
        primary.admin.command("configureFailPoint", "failCommand", mode="off")


def _depose(server: LocalServer) -> None:
    """Let the primary step down without waiting for anything."""
    with _directly(server) as primary:
        primary.admin.command("replSetStepDown", 5, force=True)


def _kill(server: LocalServer) -> None:
    """kill -9 of the primary, which comes back when another has been elected."""
    primary = server.primary()
    primary.kill()
    server.primary()
    primary.start()
    concern = WriteConcern("majority")
    with MongoClient[Document](server.uri) as client:
        # All three have to follow, so that the next one can be spared.
        everyone = client.bank.get_collection("probe", write_concern=WriteConcern(3, wtimeout=60_000))
        everyone.insert_one({})
        client.bank.get_collection("probe", write_concern=concern).drop()


def main() -> int:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.bank", description=__doc__)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=0)
    parser.add_argument("--threads", type=int, default=8)
    parser.add_argument("--tasks", type=int, default=50)
    arguments = parser.parse_args()
    wrong = torment(
        arguments.rounds,
        arguments.seconds,
        lambda line: print(line, flush=True),
        threads=arguments.threads,
        tasks=arguments.tasks,
    )
    for line in wrong:
        print(line)
    print(f"wrong: {len(wrong) or 'nothing'}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
