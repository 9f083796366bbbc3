"""What one driver writes the other reads: values that are encrypted explicitly, and automatically."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from tests.integration.encryption.prose.conftest import DETERMINISTIC, PROVIDERS, RANDOM, Side, emptied
from tests.integration.parity.adapter import Loop
from tests.kms.estate import Estate, masters_of_the_specification

from petiole.local import LocalServer

NAMES = ("pymongo", "blocking", "asyncio")
MASTERS = masters_of_the_specification()


class Pair(NamedTuple):
    """Who writes and who reads."""

    writer: Side
    reader: Side


@pytest.fixture(
    params=[(one, other) for one in NAMES for other in NAMES if one != other and "pymongo" in (one, other)],
    ids="-".join,
)
def pair(
    request: pytest.FixtureRequest, replica_set: LocalServer, estate: Estate, analyser_uri: str
) -> Iterator[Pair]:
    """PyMongo and one of petiole's faces, either way."""
    sides = [
        Side(
            "pymongo" if name == "pymongo" else "petiole",
            Loop() if name == "asyncio" else None,
            replica_set,
            estate,
            analyser_uri,
        )
        for name in request.param
    ]
    yield Pair(*sides)
    for side in sides:
        side.close()


def values(side: Side) -> list[Any]:
    """Values of many types, by the classes of that driver."""
    bson = side.bson()
    return [
        *("text", 1, bson.Int64(1), datetime.datetime(2020, 1, 2, 3, 4, 5), b"bytes"),
        *(bson.ObjectId("0" * 24), bson.Timestamp(1, 2), bson.Regex("a.b", "i"), bson.Code("x")),
    ]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_explicitly(pair: Pair, provider: str) -> None:
    client = emptied(pair.writer)
    written = pair.writer.explicit(client)
    key = written.create_data_key(provider, MASTERS[provider], key_alt_names=["name"])
    read = pair.reader.explicit(pair.reader.client())
    for mine, theirs in zip(values(pair.writer), values(pair.reader), strict=True):
        fixed = written.encrypt(mine, DETERMINISTIC, key_id=key)
        assert read.decrypt(pair.reader.binary(bytes(fixed), 6)) == theirs
        assert bytes(read.encrypt(theirs, DETERMINISTIC, key_alt_name="name")) == bytes(fixed)
    for value in (1.5, True, [1, "two"], {"three": [3]}):
        free = written.encrypt(value, RANDOM, key_alt_name="name")
        assert read.decrypt(pair.reader.binary(bytes(free), 6)) == value


@pytest.mark.parametrize("provider", PROVIDERS)
def test_automatically(pair: Pair, provider: str) -> None:
    client = emptied(pair.writer)
    key = pair.writer.explicit(client).create_data_key(provider, MASTERS[provider])
    found = {"keyId": [key], "bsonType": "string", "algorithm": DETERMINISTIC}
    hidden = {"keyId": [key], "algorithm": RANDOM}
    schema = {
        "bsonType": "object",
        "properties": {"name": {"encrypt": found}, "more": {"encrypt": hidden}},
    }
    client["db"].create_collection("coll", validator={"$jsonSchema": schema})
    document = {"_id": 1, "name": "Ada", "more": {"born": 1815, "with": ["Babbage"]}}
    pair.writer.encrypted()["db"]["coll"].insert_one(dict(document))
    stored = client["db"]["coll"].find_one({"_id": 1})
    assert [stored["name"].subtype, stored["more"].subtype] == [6, 6]
    things = pair.reader.encrypted()["db"]["coll"]
    assert things.find_one({"name": "Ada"}) == document
    things.update_one({"name": "Ada"}, {"$set": {"name": "Grace"}})
    assert pair.writer.encrypted()["db"]["coll"].find({"name": "Grace"}).to_list() == [
        {**document, "name": "Grace"}
    ]
    assert pair.reader.encrypted(bypass_auto_encryption=True)["db"]["coll"].find_one({})["name"] == "Grace"


@pytest.mark.parametrize("algorithm", ["Indexed", "Unindexed"])
def test_payloads_of_queryable_encryption(pair: Pair, algorithm: str) -> None:
    client = emptied(pair.writer)
    written = pair.writer.explicit(client, "local")
    key = written.create_data_key("local")
    contention = {"contention_factor": 0} if algorithm == "Indexed" else {}
    payload = written.encrypt("text", algorithm, key_id=key, **contention)
    read = pair.reader.explicit(pair.reader.client(), "local")
    assert read.decrypt(pair.reader.binary(bytes(payload), 6)) == "text"
