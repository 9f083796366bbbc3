"""The zone that the tests of Initial DNS Seedlist Discovery ask for, on a name server of their own."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from tests.integration.dns_server import DnsServer, serving

DOMAIN = "test.build.10gen.cc"
LOCALHOST = f"localhost.{DOMAIN}"
SRV: dict[str, list[tuple[str, int]]] = {
    "test1": [(LOCALHOST, 27017), (LOCALHOST, 27018)],
    "test2": [(LOCALHOST, 27018), (LOCALHOST, 27019)],
    "test12": [("localhost.build.10gen.cc", 27017)],
    "test13": [(DOMAIN, 27017)],
    "test14": [("localhost.not-test.build.10gen.cc", 27017)],
    "test15": [("localhost.test.not-build.10gen.cc", 27017)],
    "test16": [("localhost.test.build.not-10gen.cc", 27017)],
    "test17": [("localhost.test.build.10gen.not-cc", 27017)],
    "test18": [(f"localhost.sub.{DOMAIN}", 27017)],
    "test19": [("localhost.evil.build.10gen.cc", 27017), (LOCALHOST, 27017)],
    "test23": [(LOCALHOST, 8000)],
    "test24": [(LOCALHOST, 8000)],
}
SRV |= {f"test{number}": [(LOCALHOST, 27017)] for number in (3, 5, 6, 7, 8, 10, 11, 20, 21)}
TXT: dict[str, list[str | list[str]]] = {
    "test5": ["replicaSet=repl0&authSource=thisDB"],
    "test6": ["replicaSet=repl0", "authSource=otherDB"],
    "test7": ["ssl=false"],
    "test8": ["authSource"],
    "test10": ["socketTimeoutMS=500"],
    "test11": [["replicaS", "et=rep", "l0"]],
    "test20": ["loadBalanced=true"],
    "test21": ["loadBalanced=false"],
    "test24": ["loadBalanced=true"],
}


@contextlib.contextmanager
def serving_zone() -> Iterator[DnsServer]:
    """The name server with the zone, which dnspython asks meanwhile."""
    with serving() as server:
        for name, targets in SRV.items():
            server.srv(f"{name}.{DOMAIN}", *targets)
        server.srv(f"test22.{DOMAIN}", (LOCALHOST, 27017), (LOCALHOST, 27018), service="customname")
        for name, records in TXT.items():
            server.txt(f"{name}.{DOMAIN}", *records)
        yield server
