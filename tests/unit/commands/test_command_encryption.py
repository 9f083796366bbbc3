"""Commands as one document, and back (Client Side Encryption, "Size limits for Write Commands")."""

from __future__ import annotations

from typing import Any

import bson
import pytest

from petiole._commands.base import Command, Limits
from petiole._commands.delete import Delete
from petiole._commands.encryption import decrypted, encrypted, note_sent, whole
from petiole._commands.find import Find
from petiole._commands.insert import Insert
from petiole._commands.raw_data import with_raw_data
from petiole._native import op_msg_parts, parse_reply
from petiole.bson.codec_options import DEFAULT_CODEC_OPTIONS
from petiole.bson.int64 import Int64

CODEC = DEFAULT_CODEC_OPTIONS._codec


def insert(documents: list[Any], kind: type[Insert] = Insert) -> Insert:
    command = kind("t", {"insert": "c", "ordered": True}, CODEC)
    command.documents = documents
    return command


def shown(command: Command) -> dict[str, Any]:
    """The whole document that is sent."""
    _, body, sequences = op_msg_parts(command.message(0, b"", Limits()))
    document: dict[str, Any] = bson.decode(body)
    for name, documents in sequences:
        document[name] = bson.decode_all(documents)
    return document


def test_a_command_is_its_body() -> None:
    body = {"find": "c", "filter": {"a": 1}}
    assert bson.decode(whole(Find("t", body, CODEC))) == body


def test_a_batch_is_its_body_with_an_array() -> None:
    documents = [{"_id": n} for n in range(12)]
    command = insert(documents)
    assert bson.decode(whole(command)) == {"insert": "c", "ordered": True, "documents": documents}
    assert command.ids == list(range(12))
    assert command.end == 12


def test_ids_are_made_once() -> None:
    command = insert([{}, {}])
    first, second = whole(command), whole(command)
    assert first == second
    assert len(command.ids) == 2


@pytest.mark.parametrize(
    ("sizes", "end"),
    [
        ([2097152 - 2000, 2097152 - 2000], 1),
        ([1000, 1000, 2097152], 2),
        ([5_000_000, 10], 1),
        ([1_000_000, 1_000_000, 1_000_000], 2),
        ([17_000_000], 1),
    ],
)
def test_where_a_batch_ends(sizes: list[int], end: int) -> None:
    command = insert([{"_id": n, "a": "x" * size} for n, size in enumerate(sizes)])
    assert len(bson.decode(whole(command))["documents"]) == end
    assert command.end == end
    assert len(command.ids) == end


def test_the_next_part_begins_where_the_last_one_ended() -> None:
    command = insert([{"_id": n, "a": "x" * 2_000_000} for n in range(3)])
    for n in range(3):
        command.start = n
        assert [document["_id"] for document in bson.decode(whole(command))["documents"]] == [n]
    assert command.ids == [0, 1, 2]


def test_what_comes_back_is_sent_in_its_place() -> None:
    command = insert([{"_id": 1, "a": 5}])
    command.concern = b"\x10x\x00\x01\x00\x00\x00"
    whole(command)
    document = {
        "insert": "c",
        "ordered": True,
        "documents": [{"_id": 1, "a": 7}],
        "more": Int64(1),
        "$db": "t",
    }
    sent = encrypted(command, bson.encode({**document, "more": bson.Int64(1)}))
    assert shown(sent) == {
        "insert": "c",
        "ordered": True,
        "more": 1,
        "$db": "t",
        "documents": [{"_id": 1, "a": 7}],
    }
    assert type(sent).__mro__[1] is Insert
    assert sent.concern == command.concern
    assert sent.retry is command.retry
    assert command.documents == [{"_id": 1, "a": 5}]


def test_documents_that_grow_beyond_the_limit_are_the_servers_to_refuse() -> None:
    command = insert([{"_id": 1}])
    whole(command)
    sent = encrypted(command, bson.encode({"insert": "c", "documents": [{"_id": 1, "a": "x" * 16_777_300}]}))
    assert len(sent.message(0, b"", Limits())) > 16_777_300


def test_what_does_not_fit_into_the_message_is_left_for_the_next() -> None:
    command = insert([{"_id": n} for n in range(3)])
    whole(command)
    grown = [{"_id": n, "a": "x" * 1000} for n in range(3)]
    sent = encrypted(command, bson.encode({"insert": "c", "documents": grown}))
    sent.message(0, b"", Limits(max_message_size=2500))
    note_sent(command, sent)
    assert command.end == 2
    assert command.ids == [0, 1]


def test_other_kinds_of_a_command_stay_what_they_are() -> None:
    command = insert([{"_id": 1}], with_raw_data(Insert, True))
    sent = encrypted(command, whole(command))
    _, body, _ = op_msg_parts(sent.message(0, b"", Limits(max_wire_version=27)))
    assert bson.decode(body)["rawData"] is True
    delete = Delete("t", {"delete": "c"}, CODEC)
    delete.documents = [{"q": {}, "limit": 1}]
    assert shown(encrypted(delete, whole(delete)))["deletes"] == [{"q": {}, "limit": 1}]


def test_a_reply_may_be_put_in_the_place_of_another() -> None:
    def message(body: dict[str, Any], flags: int) -> bytes:
        payload = flags.to_bytes(4, "little") + b"\x00" + bson.encode(body)
        header = [16 + len(payload), 1, 99, 2013]
        return b"".join(part.to_bytes(4, "little") for part in header) + payload

    for flags in (0, 2):
        reply = parse_reply(message({"ok": 1, "cursor": {"id": 1, "ns": "a.b", "firstBatch": []}}, flags))
        made = decrypted(
            reply, bson.encode({"ok": 1, "cursor": {"id": 2, "ns": "a.b", "firstBatch": [{"a": 1}]}})
        )
        assert (made.response_to, made.more_to_come) == (99, flags == 2)
        assert made.first(CODEC) == {"a": 1}
