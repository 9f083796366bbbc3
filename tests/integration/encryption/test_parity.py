"""Values that PyMongo has encrypted, and that it is to decrypt: byte for byte, with keys that either has made."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterator
from typing import Any

import bson
import pytest
from bson.code import Code
from bson.decimal128 import Decimal128
from bson.int64 import Int64
from bson.objectid import ObjectId
from bson.regex import Regex
from bson.timestamp import Timestamp
from tests.integration.encryption.drivers import FACES, Cipher, pymongo_cipher

import petiole.bson
from petiole.local import LocalServer

RANDOM = "AEAD_AES_256_CBC_HMAC_SHA_512-Random"
DETERMINISTIC = "AEAD_AES_256_CBC_HMAC_SHA_512-Deterministic"
MOMENT = datetime.datetime(2024, 2, 29, 12, 30, 15, 123000)
FINDABLE = [
    5,
    Int64(1 << 40),
    "text, and ünïcode",
    b"bytes",
    bson.Binary(b"more", 128),
    ObjectId("5f0000000000000000000001"),
    MOMENT,
    Regex("^a", "i"),
    Timestamp(5, 6),
    Code("f()"),
]
ONLY_HIDDEN = [1.5, True, {"a": [1, {"b": None}]}, [1, "two"], Decimal128("1.50")]
FACE_NAMES = sorted(FACES)
REPRESENTATIONS = [3, 4, 5, 6]
"""PyMongo's numbers: the legacy one of Python, the standard one, those of Java and C#."""


def ours(value: Any) -> Any:
    """The same value of petiole's own."""
    return petiole.bson.decode(bson.encode({"v": value}))["v"]


def binary(value: Any) -> tuple[bytes, int]:
    return bytes(value), value.subtype


@pytest.fixture(params=FACE_NAMES)
def ciphers(request: pytest.FixtureRequest, replica_set: LocalServer) -> Iterator[tuple[Cipher, Cipher]]:
    """PyMongo's and one of petiole's."""
    with pymongo_cipher(replica_set.uri) as theirs, FACES[request.param](replica_set.uri) as mine:
        yield theirs, mine


def test_equal_values_become_equal_bytes(ciphers: tuple[Cipher, Cipher]) -> None:
    theirs, mine = ciphers
    for maker in (theirs, mine):
        key = maker.create_data_key("local")
        for value in FINDABLE:
            one = theirs.encrypt(value, DETERMINISTIC, theirs.binary(key, 4))
            other = mine.encrypt(ours(value), DETERMINISTIC, mine.binary(key, 4))
            assert binary(other) == binary(one), value


def test_either_reads_what_the_other_has_encrypted(ciphers: tuple[Cipher, Cipher]) -> None:
    theirs, mine = ciphers
    for maker in (theirs, mine):
        key = maker.create_data_key("local")
        for value in FINDABLE + ONLY_HIDDEN:
            one = theirs.encrypt(value, RANDOM, theirs.binary(key, 4))
            assert mine.decrypt(mine.binary(one, 6)) == ours(value)
            other = mine.encrypt(ours(value), RANDOM, mine.binary(key, 4))
            assert theirs.decrypt(theirs.binary(other, 6)) == value


def test_keys_by_their_other_names(ciphers: tuple[Cipher, Cipher]) -> None:
    theirs, mine = ciphers
    name = uuid.uuid4().hex
    key = theirs.create_data_key("local", key_alt_names=[name], key_material=bytes(range(96)))
    encrypted = mine.encrypt(5, DETERMINISTIC, key_alt_name=name)
    assert binary(encrypted) == binary(theirs.encrypt(5, DETERMINISTIC, key))
    assert bytes(mine.get_key_by_alt_name(name).raw) == theirs.get_key(key).raw
    assert mine.add_key_alt_name(mine.binary(key, 4), "another")["keyAltNames"] == [name]
    assert theirs.remove_key_alt_name(key, name)["keyAltNames"] == [name, "another"]
    assert mine.remove_key_alt_name(mine.binary(key, 4), "another")["keyAltNames"] == ["another"]
    assert "keyAltNames" not in theirs.get_key(key)
    assert mine.delete_key(mine.binary(key, 4)).deleted_count == 1
    assert theirs.get_key(key) is None


def test_a_key_that_was_encrypted_anew(ciphers: tuple[Cipher, Cipher]) -> None:
    theirs, mine = ciphers
    key = theirs.create_data_key("local")
    encrypted = theirs.encrypt("before", RANDOM, key)
    before = theirs.get_key(key)
    updated = mine.rewrap_many_data_key({"_id": mine.binary(key, 4)}, "local").bulk_write_result
    assert (updated.matched_count, updated.modified_count) == (1, 1)
    after = theirs.get_key(key)
    assert after["keyMaterial"] != before["keyMaterial"]
    assert after["updateDate"] > before["updateDate"]
    assert theirs.rewrap_many_data_key({"_id": key}).bulk_write_result.modified_count == 1
    assert mine.decrypt(mine.binary(encrypted, 6)) == "before"
    assert mine.rewrap_many_data_key({"_id": 5}).bulk_write_result is None


@pytest.mark.parametrize("face", FACE_NAMES)
@pytest.mark.parametrize("representation", REPRESENTATIONS)
def test_uuids(replica_set: LocalServer, face: str, representation: int) -> None:
    value = uuid.UUID("00112233-4455-6677-8899-aabbccddeeff")
    with (
        pymongo_cipher(replica_set.uri, uuid_representation=representation) as theirs,
        FACES[face](replica_set.uri, uuid_representation=representation) as mine,
    ):
        key = theirs.create_data_key("local")
        one = theirs.encrypt(value, DETERMINISTIC, key)
        other = mine.encrypt(value, DETERMINISTIC, uuid.UUID(bytes=bytes(key)))
        assert binary(one) == binary(other)
        assert theirs.decrypt(theirs.binary(other, 6)) == mine.decrypt(mine.binary(one, 6)) == value


@pytest.mark.parametrize("face", FACE_NAMES)
def test_codec_options(replica_set: LocalServer, face: str) -> None:
    options = {"tz_aware": True, "tzinfo": datetime.timezone(datetime.timedelta(hours=2))}
    with (
        pymongo_cipher(replica_set.uri, **options) as theirs,
        FACES[face](replica_set.uri, **options) as mine,
    ):
        key = theirs.create_data_key("local")
        encrypted = theirs.encrypt(MOMENT, DETERMINISTIC, key)
        found, wanted = mine.decrypt(mine.binary(encrypted, 6)), theirs.decrypt(encrypted)
        assert (found, found.utcoffset()) == (wanted, wanted.utcoffset())


@pytest.mark.parametrize("face", FACE_NAMES)
@pytest.mark.parametrize("kind", ["son.SON", "raw_bson.RawBSONDocument"])
def test_classes_of_documents(replica_set: LocalServer, face: str, kind: str) -> None:
    module, _, name = kind.partition(".")

    def of(package: Any) -> Any:
        return getattr(getattr(package, module), name)

    with (
        pymongo_cipher(replica_set.uri, document_class=of(bson)) as theirs,
        FACES[face](replica_set.uri, document_class=of(petiole.bson)) as mine,
    ):
        key = theirs.create_data_key("local")
        encrypted = theirs.encrypt({"a": {"b": 1}}, RANDOM, key)
        assert type(theirs.decrypt(encrypted)) is of(bson)
        found = mine.decrypt(mine.binary(encrypted, 6))
        assert type(found) is of(petiole.bson)
        assert found == {"a": {"b": 1}} or found["a"]["b"] == 1


def test_expressions(ciphers: tuple[Cipher, Cipher]) -> None:
    theirs, mine = ciphers
    key = theirs.create_data_key("local")
    bounds = {"min": 0, "max": 100, "sparsity": 1, "trim_factor": 1}
    match = {"$and": [{"age": {"$gt": 20}}, {"age": {"$lt": 30}}]}
    aggregate = {"$and": [{"$gte": ["$age", 20]}, {"$lte": ["$age", 30]}]}
    for expression in (match, aggregate):
        found = [
            each.encrypt_expression(
                expression,
                "Range",
                each.binary(key, 4),
                query_type="range",
                contention_factor=0,
                range_opts=each.options.RangeOpts(**bounds),
            )
            for each in (theirs, mine)
        ]
        shapes = [shape(one) for one in found]
        assert shapes[0] == shapes[1]


def test_indexed_values(ciphers: tuple[Cipher, Cipher]) -> None:
    theirs, mine = ciphers
    key = theirs.create_data_key("local")
    for algorithm, options in (
        ("Unindexed", {}),
        ("Indexed", {"contention_factor": 4}),
        ("Indexed", {"contention_factor": 0, "query_type": "equality"}),
    ):
        one, other = (each.encrypt("text", algorithm, each.binary(key, 4), **options) for each in ciphers)
        assert (other.subtype, other[0]) == (one.subtype, one[0])
    hidden = theirs.encrypt("text", "Unindexed", key)
    assert mine.decrypt(mine.binary(hidden, 6)) == "text"


def shape(value: Any) -> Any:
    """What an encrypted expression looks like, whatever the random bytes in it."""
    if isinstance(value, dict):
        return {name: shape(one) for name, one in value.items()}
    if isinstance(value, list):
        return [shape(one) for one in value]
    return (value.subtype, value[0]) if hasattr(value, "subtype") else value
