"""The prebuilt messages of the floor: `benchmarks.floor`."""

import struct

import bson
from benchmarks.floor import address, cursor_id, message


def test_a_message_is_an_op_msg_with_one_body() -> None:
    built = message({"ping": 1, "$db": "admin"})
    length, _, _, op_code, flags, kind = struct.unpack_from("<iiiiIB", built)
    assert (length, op_code, flags, kind) == (len(built), 2013, 0, 0)
    assert bson.decode(built[21:]) == {"ping": 1, "$db": "admin"}


def test_documents_go_into_a_sequence_of_their_own() -> None:
    document = bson.encode({"a": 1})
    body = bson.encode({"insert": "c"})
    built = message({"insert": "c"}, ("documents", [{"a": 1}, {"a": 1}]))
    kind, size = struct.unpack_from("<Bi", built, 21 + len(body))
    assert kind == 1
    assert size == len(built) - 21 - len(body) - 1
    assert built.endswith(b"documents\0" + document * 2)


def test_the_cursor_id_is_read_behind_the_batch() -> None:
    batch = [{"id": 7}] * 3
    reply = bson.encode({"cursor": {"firstBatch": batch, "id": bson.Int64(2**40), "ns": "d.c"}, "ok": 1.0})
    assert cursor_id(memoryview(reply)) == 2**40


def test_the_address_of_a_uri() -> None:
    assert address("mongodb://127.0.0.1:27018/?a=b") == ("127.0.0.1", 27018)
    assert address("mongodb://localhost") == ("localhost", 27017)
