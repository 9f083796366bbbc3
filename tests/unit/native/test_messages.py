"""Requests as bytes: `op_msg`, `op_msg_batch` at its limits, `op_msg_parts`, `compress`.

They are read back with PyMongo's bson.
"""

from __future__ import annotations

import struct
from collections import OrderedDict
from typing import Any

import bson
import pytest

from petiole._native import compress, op_msg, op_msg_batch, op_msg_parts, parse_reply
from petiole.bson import SON, ObjectId
from petiole.bson.codec_options import DEFAULT_CODEC_OPTIONS, CodecOptions, TypeRegistry
from petiole.bson.errors import InvalidDocument
from petiole.bson.raw_bson import RawBSONDocument
from petiole.errors import DocumentTooLarge, ProtocolError

CODEC = DEFAULT_CODEC_OPTIONS._codec
LSID = b"\x02lsid\x00\x02\x00\x00\x00x\x00"
BIG = 1 << 30


def header(message: bytes) -> tuple[int, int, int, int, int]:
    """Length, request id, response to, opcode, flags."""
    length, request, response, opcode, flags = struct.unpack_from("<iiiiI", message)
    return length, request, response, opcode, flags


def sections(message: bytes) -> tuple[dict[str, Any], dict[str, list[dict[str, Any]]]]:
    """The body, and the document sequences by their names; written without the module under test."""
    body: dict[str, Any] = {}
    sequences: dict[str, list[dict[str, Any]]] = {}
    position = 20
    while position < len(message):
        kind = message[position]
        (size,) = struct.unpack_from("<i", message, position + 1)
        content = message[position + 1 : position + 1 + size]
        assert len(content) == size
        if kind == 0:
            body = bson.decode(content)
        else:
            name, _, documents = content[4:].partition(b"\x00")
            sequences[name.decode()] = bson.decode_all(documents)
        position += 1 + size
    assert position == len(message)
    return body, sequences


def batch(documents: Any, **changes: Any) -> tuple[bytes, int]:
    """`op_msg_batch` by keywords."""
    given = {"start": 0, "ids": None, "count": BIG, "message": BIG, "size": BIG, "fragments": b""} | changes
    return op_msg_batch(
        CODEC,
        0,
        {"insert": "c"},
        "db",
        given["fragments"],
        "documents",
        documents,
        given["start"],
        given["ids"],
        given["count"],
        given["message"],
        given["size"],
    )


# One body.


def test_a_message() -> None:
    message = op_msg(CODEC, 0, {"ping": 1, "a": {"b": [1]}}, "admin", LSID)
    length, request, response, opcode, flags = header(message)
    assert (length, response, opcode, flags) == (len(message), 0, 2013, 0)
    assert sections(message) == ({"ping": 1, "a": {"b": [1]}, "$db": "admin", "lsid": "x"}, {})
    assert list(sections(message)[0]) == ["ping", "a", "$db", "lsid"]
    following = header(op_msg(CODEC, 1 << 16, {"ping": 1}, "admin", b""))
    assert following[1] > request
    assert following[4] == 1 << 16


def test_the_order_of_a_body_is_kept_whatever_it_is() -> None:
    pairs = [("find", "c"), ("_id", 1), ("z", 1), ("a", 2)]
    for kind in (dict, SON, OrderedDict):
        body, _ = sections(op_msg(CODEC, 0, kind(pairs), "db", b""))
        assert list(body.items()) == [*pairs, ("$db", "db")]


@pytest.mark.parametrize("database", ["d", "päth", "x" * 300])
def test_database_names(database: str) -> None:
    assert sections(op_msg(CODEC, 0, {"ping": 1}, database, b""))[0]["$db"] == database


@pytest.mark.parametrize("key", ["a\x00b", 3, b"a", None])
def test_keys_that_cannot_be(key: Any) -> None:
    with pytest.raises(InvalidDocument):
        op_msg(CODEC, 0, {"ping": 1, key: 1}, "db", b"")


def test_a_value_that_cannot_be_encoded() -> None:
    with pytest.raises(InvalidDocument, match="cannot encode object"):
        op_msg(CODEC, 0, {"find": "c", "filter": {"a": object()}}, "db", b"")


def test_a_body_that_its_own_values_change() -> None:
    body: dict[str, Any] = {"find": "c", "odd": object(), **{f"k{i}": i for i in range(50)}}

    def fallback(value: Any) -> int:
        for index in range(50):
            del body[f"k{index}"]
            body[f"n{index}"] = index
        return 1

    codec = CodecOptions(type_registry=TypeRegistry(fallback_encoder=fallback))._codec
    sections(op_msg(codec, 0, body, "db", b""))


# Document sequences.


def test_all_in_one() -> None:
    message, end = batch([{"_id": 1}, {"_id": 2, "a": "x"}], fragments=LSID)
    assert end == 2
    assert header(message)[0] == len(message)
    assert sections(message) == (
        {"insert": "c", "$db": "db", "lsid": "x"},
        {"documents": [{"_id": 1}, {"_id": 2, "a": "x"}]},
    )


def test_no_documents() -> None:
    message, end = batch([])
    assert (sections(message)[1], end) == ({"documents": []}, 0)
    message, end = batch([{}], start=1)
    assert (sections(message)[1], end) == ({"documents": []}, 1)


@pytest.mark.parametrize("kind", [list, tuple])
def test_sequences_of_documents(kind: Any) -> None:
    assert batch(kind([{"_id": 1}]))[1] == 1


@pytest.mark.parametrize("count", [1, 2, 3, 4, 9, 10, 11])
def test_the_count_is_kept_to(count: int) -> None:
    documents = [{"_id": i} for i in range(10)]
    found, start = [], 0
    while start < 10:
        message, end = batch(documents, start=start, count=count)
        assert end == min(start + count, 10)
        found += sections(message)[1]["documents"]
        start = end
    assert found == documents


def test_the_messages_size_is_kept_to_the_byte() -> None:
    documents = [{"_id": i, "a": "x" * i} for i in range(40)]
    whole = len(batch(documents)[0])
    assert batch(documents, message=whole)[1] == 40
    assert batch(documents, message=whole - 1)[1] == 39
    for limit in range(100, whole + 1, 37):
        message, end = batch(documents, message=limit)
        assert len(message) <= limit or end == 1
        assert sections(message)[1]["documents"] == documents[:end]
        if end < 40:
            assert len(message) + len(bson.encode(documents[end])) > limit


def test_one_document_is_sent_even_if_the_message_gets_too_long() -> None:
    message, end = batch([{"_id": 1, "a": "x" * 100}, {"_id": 2}], message=50)
    assert end == 1
    assert len(message) > 50


def test_a_documents_size_is_kept_to_the_byte() -> None:
    document = {"_id": 1, "a": "x" * 100}
    size = len(bson.encode(document))
    assert batch([document], ids=[], size=size)[1] == 1
    with pytest.raises(DocumentTooLarge, match=rf"\({size} bytes\).*up to {size - 1} bytes"):
        batch([document], ids=[], size=size - 1)


def test_statements_may_exceed_it_by_what_servers_allow() -> None:
    document: dict[str, Any] = {"q": {}, "u": {"a": "x" * 20_000}}
    size = len(bson.encode(document))
    assert batch([document], size=size - 16 * 1024)[1] == 1
    with pytest.raises(DocumentTooLarge):
        batch([document], size=size - 16 * 1024 - 1)


def test_a_document_that_is_too_large_further_on() -> None:
    documents = [{"_id": 1}, {"_id": 2, "a": "x" * 100}]
    with pytest.raises(DocumentTooLarge):
        batch(documents, ids=[], size=50)


def test_ids_are_made_and_collected() -> None:
    documents: list[Any] = [
        {"_id": "own"},
        {"a": 1},
        SON([("b", 2)]),
        OrderedDict(c=3),
        {"d": 4, "_id": None},
    ]
    ids: list[Any] = ["from before"]
    message, end = batch(documents, ids=ids)
    assert end == 5
    assert ids[:2] == ["from before", "own"]
    assert [document["_id"] for document in documents] == ids[1:]
    assert all(isinstance(made, ObjectId) for made in ids[2:5])
    assert ids[5] is None
    sent = sections(message)[1]["documents"]
    assert [str(document["_id"]) for document in sent] == [str(found) for found in ids[1:]]
    assert all(next(iter(document)) == "_id" for document in sent)


def test_without_ids_documents_are_left_alone() -> None:
    document: dict[str, Any] = {"a": 1}
    batch([document])
    assert document == {"a": 1}


def test_raw_documents_are_sent_as_they_are() -> None:
    raw = bson.encode({"a": 1})
    ids: list[Any] = []
    message, _ = batch([RawBSONDocument(raw)], ids=ids)
    assert sections(message)[1]["documents"] == [{"a": 1}]
    assert ids == [None]


def test_ids_of_documents_that_wait_for_the_next_message_are_not_collected() -> None:
    documents = [{"_id": i, "a": "x" * 50} for i in range(4)]
    ids: list[Any] = []
    limit = len(batch(documents[:3])[0])
    end = batch(documents, ids=ids, message=limit)[1]
    assert (end, ids) == (3, [0, 1, 2])


def test_every_document_keeps_its_id_from_try_to_try() -> None:
    document: dict[str, Any] = {"a": 1}
    first: list[Any] = []
    second: list[Any] = []
    batch([document], ids=first)
    batch([document], ids=second)
    assert first == second


@pytest.mark.parametrize("documents", [[1], [None], [{"a": object()}], [{1: 2}]])
def test_documents_that_cannot_be_encoded(documents: Any) -> None:
    with pytest.raises((InvalidDocument, TypeError)):
        batch(documents)


@pytest.mark.parametrize("documents", [1, None, iter([{"a": 1}])])
def test_what_is_no_sequence(documents: Any) -> None:
    with pytest.raises(TypeError):
        batch(documents)


def test_a_list_that_its_own_documents_shorten() -> None:
    documents: list[Any] = [{"_id": index, "odd": object()} for index in range(5)]

    def fallback(value: Any) -> int:
        del documents[1:]
        return 1

    codec = CodecOptions(type_registry=TypeRegistry(fallback_encoder=fallback))._codec
    with pytest.raises(IndexError):
        op_msg_batch(codec, 0, {"insert": "c"}, "db", b"", "documents", documents, 0, None, BIG, BIG, BIG)


# Parts.


def test_messages_share_no_bytes_whatever_came_before() -> None:
    """The buffer of a message is used for the next; one may be made while another is being made."""
    inner: list[bytes] = []

    class Other:
        pass

    def encode(value: Any) -> Any:
        inner.append(batch([{"inner": "y" * 100}])[0])
        return "of the application"

    codec = CodecOptions(type_registry=TypeRegistry(fallback_encoder=encode))._codec
    for size in (10, 100_000, 10, 9_000_000, 10):
        documents: list[dict[str, Any]] = [{"a": "x" * size, "b": Other()}, {"c": 1}]
        outer, end = op_msg_batch(
            codec, 0, {"insert": "c"}, "db", b"", "documents", documents, 0, None, BIG, BIG, BIG
        )
        expected = [{"a": "x" * size, "b": "of the application"}, {"c": 1}]
        assert (sections(outer)[1], end) == ({"documents": expected}, 2)
        assert sections(inner[-1])[1] == {"documents": [{"inner": "y" * 100}]}
        with pytest.raises(InvalidDocument):
            batch([{"a": "z" * size}, {"b": object()}])


def test_parts() -> None:
    message, _ = batch([{"_id": 1}, {"_id": 2}], fragments=LSID)
    request, body, sequences = op_msg_parts(message)
    assert request == header(message)[1]
    assert bson.decode(body) == {"insert": "c", "$db": "db", "lsid": "x"}
    assert [(name, bson.decode_all(data)) for name, data in sequences] == [
        ("documents", [{"_id": 1}, {"_id": 2}])
    ]
    assert op_msg_parts(op_msg(CODEC, 0, {"ping": 1}, "db", b""))[2] == []


def test_parts_of_every_truncation() -> None:
    message, _ = batch([{"_id": 1}, {"_id": 2}], fragments=LSID)
    complete = []
    for end in range(len(message)):
        with pytest.raises(ProtocolError):
            op_msg_parts(message[:end])
        try:
            op_msg_parts(struct.pack("<i", end) + message[4:end])
        except ProtocolError:
            continue
        complete.append(end)
    body_size = len(op_msg_parts(message)[1])
    assert complete == [21 + body_size]  # The sequence may be missing, but nothing less than all of it.


# Compression.


@pytest.mark.parametrize(("name", "number"), [("snappy", 1), ("zlib", 2), ("zstd", 3)])
@pytest.mark.parametrize("size", [0, 1, 1_000, 300_000])
def test_what_is_compressed_can_be_read_again(name: str, number: int, size: int) -> None:
    message = op_msg(CODEC, 0, {"ping": 1, "a": "x" * size}, "db", b"")
    packed = compress(name, -1, message)
    length, request, response, opcode, original = header(packed)
    assert (length, request, response, opcode, original) == (len(packed), header(message)[1], 0, 2012, 2013)
    assert struct.unpack_from("<iB", packed, 20) == (len(message) - 16, number)
    assert len(packed) < len(message) or size < 1_000
    assert parse_reply(packed).document(CODEC) == {"ping": 1, "a": "x" * size, "$db": "db"}


@pytest.mark.parametrize("level", [-1, 0, 1, 6, 9])
def test_levels_of_zlib(level: int) -> None:
    message = op_msg(CODEC, 0, {"a": "x" * 1000}, "db", b"")
    assert parse_reply(compress("zlib", level, message)).document(CODEC)["a"] == "x" * 1000


@pytest.mark.parametrize("arguments", [("lzma", -1, b"x" * 40), ("zlib", -1, b""), ("zstd", -1, b"x" * 15)])
def test_what_cannot_be_compressed(arguments: Any) -> None:
    with pytest.raises(ProtocolError):
        compress(*arguments)


@pytest.mark.parametrize("level", [-1000, 10, 1000])
def test_levels_that_are_none_do_no_harm(level: int) -> None:
    message = op_msg(CODEC, 0, {"a": 1}, "db", b"")
    try:
        packed = compress("zlib", level, message)
    except ProtocolError:
        return
    assert parse_reply(packed).document(CODEC) == {"a": 1, "$db": "db"}
